/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "lib/catalog.h"
#include "lib/doc/doc.h"

static void flags_text(const struct attr *attr, struct buf *b)
{
	if (attr->flags & ATTR_NAME)
		buf_puts(b, ", the id's name unless given");
	if (attr->flags & ATTR_REQUIRED)
		buf_puts(b, ", required");
	if (attr->fallback)
		buf_printf(b, ", default %s", attr->fallback);
	if (attr->flags & ATTR_DEPRECATED)
		buf_puts(b, ", deprecated");
}

static void choices_text(const struct attr *attr, const char *between,
			 struct buf *b)
{
	for (size_t i = 0; attr->choices[i]; i++)
		buf_printf(b, "%s%s", i ? between : "", attr->choices[i]);
}

static void kind_text_of(const struct attr *attr, struct buf *b)
{
	if (attr->choices)
		choices_text(attr, " | ", b);
	else
		buf_puts(b, attr->kind->name);
}

/* text in lines of at most 72 columns, indented. */
static void wrap(const char *text, const char *indent, struct buf *b)
{
	size_t column = 0;

	while (*text) {
		size_t n = strcspn(text, " ");

		if (column && column + 1 + n > 68) {
			buf_putc(b, '\n');
			column = 0;
		}
		buf_puts(b, column ? " " : indent);
		buf_add(b, text, n);
		column += n + 1;
		text += n + (text[n] == ' ');
	}
	buf_putc(b, '\n');
}

static void describe_attrs(const struct attr *attrs, size_t n, struct buf *b)
{
	for (size_t i = 0; i < n; i++) {
		if (attrs[i].flags & ATTR_INTERNAL)
			continue;
		buf_printf(b, "\n  %s  (", attrs[i].name);
		kind_text_of(&attrs[i], b);
		flags_text(&attrs[i], b);
		buf_puts(b, ")\n");
		wrap(attrs[i].doc, "      ", b);
	}
}

void doc_describe(const struct module *m, struct buf *b)
{
	buf_printf(b, "%s\n\n", m->name);
	wrap(m->summary, "  ", b);
	describe_attrs(m->attrs, m->nattrs, b);
	buf_puts(b, "\nand, as every resource:\n");
	describe_attrs(common_attrs, common_attrs_n, b);
}

/* --- mdoc(7) --- */

/* A line of text: what begins like a request, or has a backslash, is not. */
static void mdoc_text(const char *text, struct buf *b)
{
	if (*text == '.' || *text == '\'')
		buf_puts(b, "\\&");
	for (; *text; text++) {
		if (*text == '\\')
			buf_puts(b, "\\e");
		else
			buf_putc(b, *text);
		/* a sentence ends a line */
		if (text[0] == '.' && text[1] == ' ') {
			buf_putc(b, '\n');
			text++;
		}
	}
	buf_putc(b, '\n');
}

static void mdoc_attrs(const struct attr *attrs, size_t n, struct buf *b)
{
	buf_puts(b, ".Bl -tag -width Ds\n");
	for (size_t i = 0; i < n; i++) {
		if (attrs[i].flags & ATTR_INTERNAL)
			continue;
		buf_printf(b, ".It Cm %s : ", attrs[i].name);
		kind_text_of(&attrs[i], b);
		buf_putc(b, '\n');
		mdoc_text(attrs[i].doc, b);
		if (attrs[i].flags & ATTR_NAME)
			buf_puts(b, "It is the id's name unless given.\n");
		if (attrs[i].flags & ATTR_REQUIRED)
			buf_puts(b, "It must be given.\n");
		if (attrs[i].fallback)
			buf_printf(b, "The default is\n.Li %s .\n",
				   attrs[i].fallback);
	}
	buf_puts(b, ".El\n");
}

static void mdoc_type(const struct module *m, struct buf *b)
{
	buf_printf(b, ".Ss %s\n", m->name);
	mdoc_text(m->summary, b);
	mdoc_attrs(m->attrs, m->nattrs, b);
}

void doc_mdoc(const struct module *const *list, struct buf *b)
{
	buf_puts(b, ".\\\" Made by: converge help --mdoc\n"
		    ".Dd November 22, 2026\n"
		    ".Dt CONVERGE-TYPES 5\n.Os\n.Sh NAME\n"
		    ".Nm converge-types\n.Nd resource types of converge\n"
		    ".Sh DESCRIPTION\nA resource is named\n"
		    ".Ar TYPE : Ns Ar NAME\n"
		    "and has the attributes of its type.\n"
		    "An attribute that is not given is not managed.\n"
		    "A list may be written as a single value.\n"
		    "Any string may hold references such as\n"
		    ".Li ${vars.x} ;\nsee\n.Xr converge.json 5 .\n");
	for (size_t i = 0; list[i]; i++)
		mdoc_type(list[i], b);
	buf_puts(b, ".Sh COMMON ATTRIBUTES\n"
		    "Every resource takes these, whatever its type.\n");
	mdoc_attrs(common_attrs, common_attrs_n, b);
	buf_puts(b, ".Sh SEE ALSO\n.Xr converge 1 ,\n.Xr converge.json 5\n");
}
