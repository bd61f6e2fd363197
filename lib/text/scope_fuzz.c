/* SPDX-License-Identifier: MIT */
/*
 * The first byte says what the rest is: a text to expand, a condition, or a
 * glob and a text with a 0xff between.
 */
#include "lib/text/when.h"

#include <fnmatch.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(holds)             \
	do {                     \
		if (!(holds))    \
			abort(); \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static json_t *facts(void *context, const char *name, size_t size)
{
	(void)name;
	(void)size;
	return context;
}

static void open_scope(struct scope *s)
{
	*s = (struct scope){
		.host = json_string("web1"),
		.tags = json_pack("[s,s]", "canary", "eu"),
		.vars = json_pack("{s:s,s:i,s:f,s:b,s:n,s:[s,i],s:{s:s}}", "s",
				  "${vars.s}", "i", 42, "f", 0.5, "b", 1, "n",
				  "l", "a", 7, "o", "k", "v"),
		.each = json_pack("{s:s,s:i}", "key", "k", "value", 1),
		.facts = facts,
		.context = json_pack("{s:{s:s,s:s}}", "os", "id", "debian",
				     "version", "12.5"),
	};
}

static void close_scope(struct scope *s)
{
	json_decref(s->host);
	json_decref(s->tags);
	json_decref(s->vars);
	json_decref(s->each);
	json_decref(s->context);
}

/* Written with each ${ as $${, every text expands to itself. */
static void check_literal(const struct scope *s, const char *text, size_t size,
			  struct arena *arena)
{
	AUTO_BUF struct buf written = { 0 };
	const char *error;
	json_t *value, *same;

	for (size_t i = 0; i < size; i++) {
		if (text[i] == '$' && i + 1 < size && text[i + 1] == '{')
			buf_putc(&written, '$');
		buf_putc(&written, text[i]);
	}
	value = scope_expand(s, buf_text(&written), written.size, arena,
			     &error);
	same = json_stringn(size ? text : "", size);
	CHECK(!value == !same);
	CHECK(!value || json_equal(value, same));
	json_decref(value);
	json_decref(same);
}

static void check_expand(const struct scope *s, const char *text, size_t size,
			 struct arena *arena)
{
	const char *error;
	json_t *value = scope_expand(s, text, size, arena, &error);

	CHECK(!value == !!error);
	if (!memchr(text, '$', size) && value) {
		CHECK(json_string_length(value) == size);
		CHECK(memcmp(json_string_value(value), text, size) == 0);
	}
	json_decref(value);
	check_literal(s, text, size, arena);
}

/* It and its opposite, and any of it alone, agree; the scope has no say. */
static void check_when(const struct scope *s, const char *text, size_t size,
		       struct arena *arena)
{
	json_t *when = json_loadb(text, size, JSON_DECODE_ANY, NULL);
	json_t *denied = json_pack("{s:O?}", "not", when);
	json_t *any = json_pack("{s:[O?]}", "any", when);
	bool holds, opposite, same;
	const char *error, *again;

	if (!when)
		goto end;
	if (when_judge(s, when, arena, &holds, &error)) {
		CHECK(!error);
		if (when_judge(s, denied, arena, &opposite, &again))
			CHECK(opposite != holds);
		if (when_judge(s, any, arena, &same, &again))
			CHECK(same == holds);
	} else {
		CHECK(error && !holds);
		CHECK(!when_judge(s, denied, arena, &opposite, &again));
		CHECK(!when_judge(s, any, arena, &same, &again));
	}
end:
	json_decref(when);
	json_decref(denied);
	json_decref(any);
}

static bool is_comparable(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text >= 0x80 || strchr("[\\", *text) ||
		    strncmp(text, "${", 2) == 0)
			return false;
	return true;
}

/* Where both mean the same, the answer is that of fnmatch(3). */
static void check_glob(const char *input, size_t size, struct arena *arena)
{
	const char *cut = memchr(input, 0xff, size);
	char *pattern, *text;
	struct scope s = { 0 };
	json_t *when;
	const char *error;
	bool holds;

	if (!cut || size > 64)
		return;
	pattern = arena_strndup(arena, input, (size_t)(cut - input));
	text = arena_strndup(arena, cut + 1, (size_t)(input + size - cut - 1));
	s.host = json_string(text);
	when = json_pack("{s:s*}", "host", pattern);
	if (s.host && when && json_object_size(when) &&
	    when_judge(&s, when, arena, &holds, &error) &&
	    is_comparable(pattern) && is_comparable(text))
		CHECK(holds == (fnmatch(pattern, text, 0) == 0));
	json_decref(s.host);
	json_decref(when);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data + 1;
	struct arena arena = { 0 };
	struct scope s;

	if (!size)
		return 0;
	open_scope(&s);
	if (data[0] % 3 == 0)
		check_expand(&s, text, size - 1, &arena);
	else if (data[0] % 3 == 1)
		check_when(&s, text, size - 1, &arena);
	else
		check_glob(text, size - 1, &arena);
	close_scope(&s);
	arena_release(&arena);
	return 0;
}
