/* SPDX-License-Identifier: MIT */
/*
 * Our walk over JSON text against jansson's: what jansson accepts within our
 * limits we accept, every value that it sees is found in the text, and what is
 * refused is refused once, with a place inside the text.
 */
#include <stdint.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/text/source.h"

enum {
	DECODE_ANY = JSON_DECODE_ANY | JSON_REJECT_DUPLICATES,
	DECODE_FIRST = DECODE_ANY | JSON_DISABLE_EOF_CHECK
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
	if (!good)
		abort();
}

static struct source source_of(const char *text, size_t size)
{
	return (struct source){ .name = "x", .text = text, .size = size };
}

/* Its offset; the place must exist. */
static size_t offset_of(const char *text, size_t size, struct place place)
{
	size_t at = 0;

	for (size_t line = 1; line < place.line; line++) {
		const char *end = memchr(text + at, '\n', size - at);

		check(end);
		at = (size_t)(end - text) + 1;
	}
	check(place.line && place.column && place.column - 1 <= size - at);
	check(!memchr(text + at, '\n', place.column - 1));
	return at + place.column - 1;
}

/* Refuses the text; returns at which offset. */
static size_t refused(const char *text, size_t size)
{
	struct source source = source_of(text, size);
	AUTO_DIAGS struct diags d = { 0 };
	size_t offset;

	check(!source_parse(&source, &d));
	check(d.n == 1 && d.errors == 1 && strcmp(d.v[0].place.file, "x") == 0);
	/* how it begins when only jansson knows what is wrong */
	check(strncmp(d.v[0].text, "cannot be parsed", 16) != 0);
	offset = offset_of(text, size, d.v[0].place);
	source_release(&source);
	return offset;
}

/* A container on the way to a value, and how far we are in it. */
struct level {
	json_t *json;
	void *member; /* of an object */
	size_t i;     /* in an array */
	size_t length;
};

struct tree {
	struct source *source;
	struct buf pointer;
	struct level levels[SOURCE_MAX_DEPTH];
	size_t depth;
};

static json_t *value_at(struct tree *t, enum source_at at)
{
	struct source *s = t->source;
	struct place place;
	size_t offset;

	check(source_locate(s, buf_text(&t->pointer), at, &place));
	offset = offset_of(s->text, s->size, place);
	return json_loadb(s->text + offset, s->size - offset, DECODE_FIRST,
			  NULL);
}

static void check_value(struct tree *t, json_t *value, const char *key)
{
	json_t *found = value_at(t, SOURCE_AT_VALUE);

	check(json_equal(found, value));
	json_decref(found);
	found = value_at(t, SOURCE_AT_KEY);
	check(key ? json_is_string(found) &&
			      strcmp(json_string_value(found), key) == 0
		  : json_equal(found, value));
	json_decref(found);
	if (!json_is_object(value) && !json_is_array(value))
		return;
	check(t->depth < SOURCE_MAX_DEPTH);
	t->levels[t->depth++] = (struct level){
		.json = value,
		.member = json_object_iter(value),
		.length = t->pointer.size,
	};
}

static void add_key(struct buf *pointer, const char *key)
{
	buf_putc(pointer, '/');
	for (; *key; key++) {
		if (*key == '~' || *key == '/')
			buf_puts(pointer, *key == '~' ? "~0" : "~1");
		else
			buf_putc(pointer, *key);
	}
}

/* The next value of the newest container, or back to the one around it. */
static void step(struct tree *t)
{
	struct level *l = &t->levels[t->depth - 1];
	const char *key = NULL;
	json_t *value;

	if (t->pointer.text)
		t->pointer.text[t->pointer.size = l->length] = '\0';
	if (l->member) {
		key = json_object_iter_key(l->member);
		value = json_object_iter_value(l->member);
		add_key(&t->pointer, key);
		l->member = json_object_iter_next(l->json, l->member);
		check_value(t, value, key);
	} else if (l->i < json_array_size(l->json)) {
		buf_printf(&t->pointer, "/%zu", l->i);
		check_value(t, json_array_get(l->json, l->i++), NULL);
	} else {
		t->depth--;
	}
}

static void check_places(struct source *source, json_t *root)
{
	struct tree t = { .source = source };

	check_value(&t, root, NULL);
	while (t.depth)
		step(&t);
	buf_release(&t.pointer);
}

/* Whether jansson takes it and nothing stands against it but jansson. */
static bool should_pass(const char *text, size_t size)
{
	json_t *json = json_loadb(text, size, DECODE_ANY, NULL);
	bool good = json_is_object(json);
	long depth = 0;
	bool quoted = false;

	json_decref(json);
	for (size_t i = 0; good && i < size; i++) {
		char c = text[i];

		if (c == '\0')
			good = false;
		else if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && (c == '{' || c == '['))
			good = ++depth <= SOURCE_MAX_DEPTH;
		else if (!quoted && (c == '}' || c == ']'))
			depth--;
	}
	return good;
}

/* With more behind it the text is refused there, so nothing before it is. */
static void check_trailing(const char *text, size_t size)
{
	AUTO_BUF struct buf b = { 0 };

	buf_add(&b, text, size);
	buf_puts(&b, "]");
	check(refused(b.text, b.size) == size);
}

static void check_cuts(const char *text, size_t size)
{
	size_t step_size = size < 256 ? 1 : size / 16;
	bool blank = true;

	while (size && strchr(" \t\r\n", text[size - 1]))
		size--;
	for (size_t n = 0; n < size; n += step_size) {
		for (size_t i = 0; blank && i < n; i++)
			blank = strchr(" \t\r\n", text[i]);
		/* of an empty text the beginning is what is wrong */
		check(refused(text, n) == (blank ? 0 : n));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* of its own, so that a read past its end is seen */
	AUTO_FREE char *text = xrealloc(NULL, size);
	AUTO_DIAGS struct diags d = { 0 };
	struct source source = source_of(text, size);
	json_t *json;

	if (size)
		memcpy(text, data, size);
	if (!should_pass(text, size)) {
		struct place place;

		refused(text, size);
		source_locate(&source, "/a/b/0", SOURCE_AT_VALUE, &place);
		source_release(&source);
		return 0;
	}
	json = source_parse(&source, &d);
	check(json && d.n == 0);
	check_places(&source, json);
	json_decref(json);
	source_release(&source);
	check_trailing(text, size);
	check_cuts(text, size);
	return 0;
}
