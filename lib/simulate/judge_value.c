/* SPDX-License-Identifier: MIT */
/* One value against what is wanted of it, and how it is told. */
#include "lib/simulate/judging.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN_MAX = 60, CONTENT_MAX = 1 << 20 };

void judge_fail(struct judging *j, const struct resource *res,
		const char *pointer, enum source_at at, const char *format, ...)
{
	json_t *failure;
	va_list list;

	va_start(list, format);
	failure = simulate_fail(j->simulation, "expectation", res, "%s",
				arena_vprintf(j->arena, format, list));
	va_end(list);
	simulate_place(failure, spec_place(j->spec, pointer, at));
}

const char *judge_near(struct judging *j, const char *id)
{
	const struct catalog *c = &j->simulation->against.catalog;
	struct strings known = { 0 };
	const char *near;

	for (size_t i = 0; i < c->n; i++)
		strings_add(&known, j->arena, c->v[i]->id);
	near = strings_nearest(id, &known);
	return near ? arena_printf(j->arena, "; did you mean '%s'?", near) : "";
}

json_t *content_text(const struct content *c)
{
	AUTO_BUF struct buf text = { 0 };
	AUTO_DIAGS struct diags ignored = { 0 };
	bool whole;
	json_t *j;

	if (c->ncuts)
		content_veiled(c, &text);
	else if ((!c->bytes && !c->tree) ||
		 !content_read(c, CONTENT_MAX, &text, &whole, &ignored) ||
		 !whole)
		return json_null();
	j = json_stringn(buf_text(&text), text.size);
	return j ? j : json_null();
}

/* The value as JSON, cut short. */
static const char *show(struct judging *j, const json_t *value)
{
	char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_SORT_KEYS);
	const char *shown = arena_strdup(j->arena, text ? text : "?");
	size_t n = strlen(shown), end = SHOWN_MAX;

	free(text);
	if (n <= SHOWN_MAX)
		return shown;
	while (end && ((unsigned char)shown[end] & 0xc0) == 0x80)
		end--;
	return arena_printf(j->arena, "%.*s...", (int)end, shown);
}

/* A list of one is the one; numbers and their digits are the same. */
static bool same(const json_t *want, const json_t *have)
{
	if (json_equal(want, have))
		return true;
	if (json_is_array(have) && !json_is_array(want))
		return json_array_size(have) == 1 &&
		       json_equal(want, json_array_get(have, 0));
	if (json_is_array(want) && !json_is_array(have))
		return json_array_size(want) == 1 &&
		       json_equal(json_array_get(want, 0), have);
	return false;
}

/* Of a text, that part is in it; of a list, that it is one of them. */
static bool holds(const json_t *have, const char *part)
{
	const json_t *item;
	size_t i;

	if (json_is_string(have))
		return strstr(json_string_value(have), part);
	json_array_foreach (have, i, item)
		if (json_is_string(item) &&
		    strcmp(json_string_value(item), part) == 0)
			return true;
	return false;
}

static bool is_like(const json_t *have, const char *pattern)
{
	regex_t regex;
	bool yes;

	if (!json_is_string(have) ||
	    regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB | REG_NEWLINE) !=
		    0)
		return false;
	yes = regexec(&regex, json_string_value(have), 0, NULL, 0) == 0;
	regfree(&regex);
	return yes;
}

/* One comparison under way. */
struct comparing {
	struct judging *judging;
	const struct resource *res;
	const char *what;
	const json_t *have;
	const char *found; /* the value, for messages */
};

static void compare_part(struct comparing *c, const json_t *part, bool want,
			 const char *pointer)
{
	struct judging *j = c->judging;

	j->expectations++;
	if (holds(c->have, json_string_value(part)) == want)
		return;
	judge_fail(j, c->res, pointer, SOURCE_AT_VALUE,
		   want ? "%s does not contain %s: it is %s"
			: "%s contains %s: it is %s",
		   c->what, show(j, part), c->found);
}

static void compare_parts(struct comparing *c, const json_t *parts, bool want,
			  const char *pointer)
{
	const json_t *part;
	size_t i;

	if (json_is_string(parts))
		compare_part(c, parts, want, pointer);
	json_array_foreach (parts, i, part)
		compare_part(c, part, want,
			     pointer_index(c->judging->arena, pointer, i));
}

static void compare_whole(struct comparing *c, const json_t *want,
			  const char *pointer)
{
	struct judging *j = c->judging;

	j->expectations++;
	if (!same(want, c->have))
		judge_fail(j, c->res, pointer, SOURCE_AT_VALUE,
			   "%s is %s, not %s", c->what, c->found,
			   show(j, want));
}

static void compare_pattern(struct comparing *c, const json_t *pattern,
			    const char *pointer)
{
	struct judging *j = c->judging;

	j->expectations++;
	if (!is_like(c->have, json_string_value(pattern)))
		judge_fail(j, c->res, pointer, SOURCE_AT_VALUE,
			   "%s does not match %s: it is %s", c->what,
			   show(j, pattern), c->found);
}

static void compare(struct comparing *c, const char *operator,
		    const json_t * want, const char *pointer)
{
	if (strcmp(operator, "is") == 0)
		compare_whole(c, want, pointer);
	else if (strcmp(operator, "matches") == 0)
		compare_pattern(c, want, pointer);
	else
		compare_parts(c, want, strcmp(operator, "contains") == 0,
			      pointer);
}

void judge_value(struct judging *j, const struct resource *res,
		 const char *what, const json_t *want, const json_t *have,
		 const char *pointer, bool hidden)
{
	struct comparing c = { .judging = j,
			       .res = res,
			       .what = what,
			       .have = have,
			       .found =
				       hidden ? "(sensitive)" : show(j, have) };
	const char *operator;
	json_t *value;

	if (!have || json_is_null(have)) {
		j->expectations++;
		judge_fail(j, res, pointer, SOURCE_AT_VALUE,
			   have ? "%s is not known" : "%s is not set", what);
		return;
	}
	if (!json_is_object(want)) {
		compare_whole(&c, want, pointer);
		return;
	}
	json_object_foreach ((json_t *)(uintptr_t)want, operator, value)
		if (strcmp(operator, "//") != 0)
			compare(&c, operator, value,
				pointer_join(j->arena, pointer, operator));
}
