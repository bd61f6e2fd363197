/* SPDX-License-Identifier: MIT */
/* The tables of types as text for a terminal, and as a manual page. */
#include <string.h>

#include "lib/catalog.h"
#include "lib/doc/doc.h"

enum { WIDTH = 79, MARGIN = 20 };

static const struct kind condition = { .name = "condition" };
static const struct kind list_or_object = { .name = "list or object" };

const struct attr meta_attrs[] = {
	{ .name = "when",
	  .kind = &condition,
	  .doc = "The resource is there only on hosts for which this holds." },
	{ .name = "for_each",
	  .kind = &list_or_object,
	  .doc = "The resource is repeated for each member, which is "
		 "${each.key} and ${each.value} in its name and attributes." },
};
const size_t meta_attrs_n = COUNT(meta_attrs);

/* --- text --- */

void doc_wrap(const char *text, size_t column, size_t margin, struct buf *b)
{
	bool first = true;

	while (*text) {
		size_t n = strcspn(text, " ");

		if (!first && column + 1 + n > WIDTH) {
			buf_printf(b, "\n%*s", (int)margin, "");
			column = margin;
			first = true;
		}
		if (!first)
			buf_putc(b, ' ');
		column += n + !first;
		first = false;
		buf_add(b, text, n);
		text += n + (text[n] == ' ');
	}
	buf_putc(b, '\n');
}

static void choices_text(const struct attr *attr, struct buf *b)
{
	for (size_t i = 0; attr->choices[i]; i++)
		buf_printf(b, "%s%s", i ? " | " : "", attr->choices[i]);
}

static void kind_text_of(const struct attr *attr, struct buf *b)
{
	if (attr->choices)
		choices_text(attr, b);
	else
		buf_puts(b, attr->kind->name);
}

static void flags_text(const struct attr *attr, struct buf *b)
{
	if (attr->flags & ATTR_NAME)
		buf_puts(b, "; the id's name unless given");
	if (attr->flags & ATTR_REQUIRED)
		buf_puts(b, "; required");
	if (attr->flags & ATTR_REQUIRED_THERE)
		buf_puts(b, "; required unless absent");
	if (attr->fallback)
		buf_printf(b, "; default %s", attr->fallback);
	if (attr->flags & ATTR_DEPRECATED)
		buf_puts(b, "; deprecated");
}

static void describe_attrs(const struct attr *attrs, size_t n, struct buf *b)
{
	for (size_t i = 0; i < n; i++) {
		if (attrs[i].flags & ATTR_INTERNAL)
			continue;
		buf_printf(b, "  %-*s", MARGIN - 2, attrs[i].name);
		kind_text_of(&attrs[i], b);
		flags_text(&attrs[i], b);
		buf_printf(b, "\n%*s", MARGIN, "");
		doc_wrap(attrs[i].doc, MARGIN, MARGIN, b);
	}
}

static void describe_example(const char *example, struct buf *b)
{
	buf_puts(b, "\nexample:\n");
	while (*example) {
		size_t n = strcspn(example, "\n");

		buf_printf(b, "  %.*s\n", (int)n, example);
		example += n + (example[n] == '\n');
	}
}

void doc_describe(const struct module *m, struct buf *b)
{
	buf_printf(b, "%s - ", m->name);
	doc_wrap(m->summary, strlen(m->name) + 3, 0, b);
	if (m->example)
		describe_example(m->example, b);
	buf_puts(b, "\nattributes:\n");
	describe_attrs(m->attrs, m->nattrs, b);
	buf_puts(b, "\nand those of every resource:\n");
	describe_attrs(common_attrs, common_attrs_n, b);
	describe_attrs(meta_attrs, meta_attrs_n, b);
	buf_puts(b, "\nsee converge-types(5), converge.json(5)\n");
}

/* --- mdoc(7) --- */

/* See mandoc_char(7): what groff(1) would make typographic, or take for its
 * own, in what somebody may copy from the page. */
static void mdoc_literal(const char *text, size_t n, struct buf *b)
{
	static const struct {
		char c;
		const char *escape;
	} escapes[] = {
		{ '\\', "\\e" },  { '-', "\\-" },   { '\'', "\\(aq" },
		{ '`', "\\(ga" }, { '^', "\\(ha" }, { '~', "\\(ti" },
		{ '"', "\\(dq" },
	};

	if (n && *text == '.')
		buf_puts(b, "\\&");
	for (; n; n--, text++) {
		size_t i = 0;

		while (i < COUNT(escapes) && escapes[i].c != *text)
			i++;
		if (i < COUNT(escapes))
			buf_puts(b, escapes[i].escape);
		else
			buf_putc(b, *text);
	}
}

/* A word of prose; it may begin a line, where '.' and '\'' are for macros. */
static void mdoc_word(const char *text, size_t n, bool first, struct buf *b)
{
	if (first && n && (*text == '.' || *text == '\''))
		buf_puts(b, "\\&");
	for (size_t i = 0; i < n; i++) {
		bool option =
			text[i] == '-' && i + 1 < n &&
			(text[i + 1] == '-' || i == 0 || text[i - 1] == '-');

		if (text[i] == '\\')
			buf_puts(b, "\\e");
		else
			buf_puts(b, option ? "\\-" : (char[2]){ text[i] });
	}
}

void doc_mdoc_text(const char *text, struct buf *b)
{
	size_t column = 0;

	while (*text) {
		size_t n = strcspn(text, " ");
		bool ends = n && text[n - 1] == '.';

		if (column && column + 1 + n > WIDTH) {
			buf_putc(b, '\n');
			column = 0;
		}
		if (column)
			buf_putc(b, ' ');
		mdoc_word(text, n, !column, b);
		column += n + 1;
		text += n + (text[n] == ' ');
		if (ends && *text) {
			buf_putc(b, '\n');
			column = 0;
		}
	}
	buf_putc(b, '\n');
}

static void mdoc_value(const struct attr *attr, struct buf *b)
{
	buf_printf(b, ".It Cm %s : %s ", attr->name,
		   attr->choices ? "Cm" : "Ar");
	kind_text_of(attr, b);
	buf_putc(b, '\n');
}

static void mdoc_attrs(const struct attr *attrs, size_t n, struct buf *b)
{
	buf_puts(b, ".Bl -tag -width Ds\n");
	for (size_t i = 0; i < n; i++) {
		if (attrs[i].flags & ATTR_INTERNAL)
			continue;
		mdoc_value(&attrs[i], b);
		doc_mdoc_text(attrs[i].doc, b);
		if (attrs[i].flags & ATTR_NAME)
			buf_puts(b, "It is the id's name unless given.\n");
		if (attrs[i].flags & ATTR_REQUIRED)
			buf_puts(b, "It must be given.\n");
		if (attrs[i].flags & ATTR_REQUIRED_THERE)
			buf_puts(b, "It must be given unless\n.Cm ensure\n"
				    "is\n.Cm absent .\n");
		if (attrs[i].flags & ATTR_DEPRECATED)
			buf_puts(b, "It is deprecated.\n");
		if (!attrs[i].fallback)
			continue;
		buf_puts(b, "The default is\n.Li ");
		mdoc_literal(attrs[i].fallback, strlen(attrs[i].fallback), b);
		buf_puts(b, " .\n");
	}
	buf_puts(b, ".El\n");
}

static void mdoc_example(const char *example, struct buf *b)
{
	buf_puts(b, ".Pp\nFor example:\n.Bd -literal -offset indent\n");
	while (*example) {
		size_t n = strcspn(example, "\n");

		mdoc_literal(example, n, b);
		buf_putc(b, '\n');
		example += n + (example[n] == '\n');
	}
	buf_puts(b, ".Ed\n");
}

static void mdoc_type(const struct module *m, struct buf *b)
{
	buf_printf(b, ".Ss %s\n", m->name);
	doc_mdoc_text(m->summary, b);
	mdoc_attrs(m->attrs, m->nattrs, b);
	if (m->example)
		mdoc_example(m->example, b);
}

static const char head[] =
	".\\\" Made by: converge help --mdoc\n"
	".Dd November 22, 2026\n.Dt CONVERGE-TYPES 5\n.Os\n"
	".Sh NAME\n.Nm converge-types\n.Nd resource types of converge\n"
	".Sh DESCRIPTION\n"
	"A resource is one thing on a host.\n"
	"It stands in the\n.Cm resources\nof a manifest, see\n"
	".Xr converge.json 5 ,\n"
	"under its id\n.Ar TYPE : Ns Ar NAME ,\n"
	"as an object of attributes.\n"
	"An attribute that is not given is not managed.\n"
	".Pp\n"
	"The same text, a type at a time, is printed by\n"
	".Ic converge help Ar TYPE .\n";

/* One entry for each kind that attributes have. */
static const struct {
	const char *kinds, *text;
} values[] = {
	{ "path",
	  "An absolute path, of at most 4095 bytes, without empty, \".\" or "
	  "\"..\" components and without control characters. It does not end "
	  "in a slash." },
	{ "text", "A string." },
	{ "true or false", "The words true and false, without quotes." },
	{ "integer", "A number without fraction." },
	{ "mode",
	  "A string: an octal mode such as \"0644\" or \"02755\", or a "
	  "symbolic one as chmod(1) takes it, such as \"u=rw,go=r\", "
	  "\"u+x,go-w\" or \"a=rX\". A symbolic mode is relative to the mode "
	  "that is there, and never looks at the umask." },
	{ "umask", "A string of three octal digits, such as \"027\"." },
	{ "user",
	  "The name of a user, or a number, both as a string: \"www-data\", "
	  "\"33\". Under --root names are those of the tree." },
	{ "group", "The same for a group." },
	{ "file of the world",
	  "A path relative to the folder of the manifest, which it cannot "
	  "leave, neither by \"..\" nor by a link." },
	{ "folder of the world", "The same for a folder." },
	{ "template of the world",
	  "The same for a mustache template, see converge.json(5)." },
	{ "link target", "A string of one line." },
	{ "command",
	  "A list of strings: a program and its arguments. The program is an "
	  "absolute path, or a plain name that is looked for in "
	  "/usr/local/sbin, /usr/local/bin, /usr/sbin, /usr/bin, /sbin and "
	  "/bin. No shell looks at it." },
	{ "environment", "An object of strings: {\"LANG\": \"C\", \"TMPDIR\": "
			 "\"/var/tmp\"}." },
	{ "duration",
	  "From one second to 7 days: a number of seconds, or a string such "
	  "as \"90s\", \"5m\", \"2h\" or \"1d\"." },
	{ "condition",
	  "An object of names and what they must be, see converge.json(5)." },
	{ "list or object",
	  "A list or an object, or a reference to one such as "
	  "\"${vars.sites}\"." },
};

static void mdoc_values(struct buf *b)
{
	buf_puts(b, ".Sh VALUES\n"
		    "In place of any value may stand a string with a reference "
		    "such as\n.Li ${vars.name} .\n"
		    "Where\n.Dq or list\nis said,\n"
		    "one value or a list of them may be given.\n"
		    ".Bl -tag -width Ds\n");
	for (size_t i = 0; i < COUNT(values); i++) {
		buf_printf(b, ".It Ar %s\n", values[i].kinds);
		doc_mdoc_text(values[i].text, b);
	}
	buf_puts(b, ".El\n");
}

void doc_mdoc(const struct module *const *list, struct buf *b)
{
	buf_puts(b, head);
	buf_puts(b, ".Sh TYPES\n");
	for (size_t i = 0; list[i]; i++)
		mdoc_type(list[i], b);
	buf_puts(b, ".Sh COMMON ATTRIBUTES\n"
		    "Every resource takes these, whatever its type.\n");
	mdoc_attrs(common_attrs, common_attrs_n, b);
	mdoc_attrs(meta_attrs, meta_attrs_n, b);
	mdoc_values(b);
	buf_puts(b, ".Sh SEE ALSO\n.Xr converge 1 ,\n.Xr converge.json 5\n");
}
