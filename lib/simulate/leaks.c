/* SPDX-License-Identifier: MIT */
/*
 * No output may show what is sensitive. Of secrets the simulation knows
 * nothing; what a manifest says is sensitive it knows, and looks for in all
 * that a plan and an apply say of the resource.
 */
#include "lib/simulate/simulate.h"

#include <stdlib.h>
#include <string.h>

#include "lib/report/report.h"

/* Shorter ones are words that stand anywhere. */
enum { SECRET_MIN = 8, CONTENT_MAX = 64 * 1024 };

static bool has(const char *text, const char *needle, size_t n)
{
	AUTO(arena_release) struct arena a = { 0 };

	return n >= SECRET_MIN && strstr(text, arena_strndup(&a, needle, n));
}

/* Whether shown has a line of what is hidden. */
static bool shows_line(const char *shown, const char *hidden)
{
	for (const char *at = hidden; *at;) {
		size_t n = strcspn(at, "\n");

		if (has(shown, at, n))
			return true;
		at += n + (at[n] == '\n');
	}
	return false;
}

static bool shows_content(const char *shown, const struct content *c)
{
	AUTO_BUF struct buf text = { 0 };
	AUTO_DIAGS struct diags ignored = { 0 };
	bool whole;

	return (c->bytes || c->tree) && !c->ncuts &&
	       content_read(c, CONTENT_MAX, &text, &whole, &ignored) && whole &&
	       shows_line(shown, buf_text(&text));
}

static bool shows_value(const char *shown, const struct attr *attr,
			const void *field)
{
	json_t *value = attr->kind->show(attr, field);
	const json_t *item;
	size_t i;
	bool found = false;

	if (json_is_string(value))
		found = shows_line(shown, json_string_value(value));
	json_array_foreach (value, i, item)
		found |= json_is_string(item) &&
			 shows_line(shown, json_string_value(item));
	json_decref(value);
	return found;
}

static bool is_content(const struct kind *kind)
{
	return kind == &kind_content || kind == &kind_source ||
	       kind == &kind_template;
}

static void check_row(struct simulation *s, const struct resource *res,
		      size_t row, const char *shown)
{
	const struct attr *attr = &res->module->attrs[row];
	const void *field = (const char *)res->want + attr->offset;
	const struct record *want = res->want;

	if (!(want->set & BIT(row)) || !resource_hides(res, row) ||
	    (attr->flags & (ATTR_NAME | ATTR_INTERNAL)))
		return;
	if (is_content(attr->kind) ? shows_content(shown, field)
				   : shows_value(shown, attr, field))
		simulate_fail(s, "secret", res,
			      "the plan shows its '%s', which is sensitive",
			      attr->name);
}

static void check_change(struct simulation *s, const struct change *c)
{
	json_t *told = report_change(&s->against.plan, c);
	char *shown = json_dumps(told, JSON_ENCODE_ANY);

	for (size_t i = 0; i < c->res->module->nattrs; i++)
		check_row(s, c->res, i, shown);
	free(shown);
	json_decref(told);
}

void simulate_leaks(struct simulation *s)
{
	const struct plan *plan = &s->against.plan;

	for (size_t i = 0; i < plan->n; i++)
		if (resource_hides_some(plan->v[i]->res))
			check_change(s, plan->v[i]);
}
