/* SPDX-License-Identifier: MIT */
#include "lib/review/content.h"

#include <string.h>

#include "lib/host/content.h"
#include "lib/review/rows.h"
#include "lib/text/difftext.h"

enum { TEXT_MAX = 1024 * 1024, ALL_LINES = 1000000 };

static const void *field(const struct attr *attr, const void *record)
{
	return (const char *)record + attr->offset;
}

static bool has_row(const struct resource *res, size_t row)
{
	const struct record *r = res->want;

	return r->set & BIT(row);
}

static bool read_content(const struct content *c, struct buf *out)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	bool whole;

	if (c->size > TEXT_MAX)
		return false;
	if (c->ncuts) {
		content_veiled(c, out);
		return true;
	}
	return content_read(c, TEXT_MAX, out, &whole, &ignored) && whole;
}

/* A string of several lines. */
static bool read_string(const struct resource *res, size_t row, struct buf *out)
{
	json_t *value = row_value(res, res->module->attrs, res->want, row);
	bool is = json_is_string(value);

	if (is)
		buf_add(out, json_string_value(value),
			json_string_length(value));
	json_decref(value);
	return is;
}

static bool read_row(const struct resource *res, size_t row, struct buf *out)
{
	const struct attr *attr;

	if (!res || !has_row(res, row))
		return true;
	if (resource_hides(res, row))
		return false;
	attr = &res->module->attrs[row];
	return row_is_content(attr) ? read_content(field(attr, res->want), out)
				    : read_string(res, row, out);
}

static bool read_both(const struct difference *d, size_t row, struct buf *old,
		      struct buf *new)
{
	buf_clear(old);
	buf_clear(new);
	return read_row(d->moved ? NULL : d->old, row, old) &&
	       read_row(d->new, row, new) &&
	       diff_is_text(buf_text(old), old->size) &&
	       diff_is_text(buf_text(new), new->size);
}

bool difference_texts(const struct difference *d, size_t *row, struct buf *old,
		      struct buf *new)
{
	const struct module *m = d->new ? d->new->module : NULL;

	if (!m || d->retyped == RETYPED_WHOLE || d->effect == EFFECT_REFRESH)
		return false;
	for (size_t i = 0; i < m->nattrs; i++) {
		bool is = row_is_content(&m->attrs[i]);

		if (!(d->rows & BIT(i)) || !row_is_told(m, i) ||
		    !read_both(d, i, old, new))
			continue;
		*row = i;
		if (is || strchr(buf_text(old), '\n') ||
		    strchr(buf_text(new), '\n'))
			return true;
	}
	return false;
}

/* --- lines that change --- */

/* Of a diff without the lines that stay; where they stood counts as little. */
static void add_marked(const char *diff, struct buf *out)
{
	for (const char *line = diff; *line;) {
		size_t n = strcspn(line, "\n");

		n += line[n] == '\n';
		if (*line == '@')
			buf_puts(out, "@\n");
		else if (*line != ' ')
			buf_add(out, line, n);
		line += n;
	}
}

void texts_changed(const struct buf *old, const struct buf *new,
		   struct buf *out)
{
	AUTO_BUF struct buf diff = { 0 };

	diff_unified(&diff, buf_text(old), old->size, buf_text(new), new->size,
		     ALL_LINES);
	add_marked(buf_text(&diff), out);
}
