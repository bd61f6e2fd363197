/* SPDX-License-Identifier: MIT */
/*
 * Input: a byte, the edit and whether it is to be absent; then three parts of
 * the wish and the text, with a 0xff between each. What is edited is edited
 * again, which must change nothing; and it differs from the text only where
 * the wish says so.
 */
#include <jansson.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "lib/text/edit/edit.h"

#define CHECK(holds)             \
	do {                     \
		if (!(holds))    \
			abort(); \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LINE, BLOCK, INI, JSON, HOST, EDITS };

struct input {
	int edit;
	bool absent;
	const char *part[3]; /* NULL: empty */
	struct edit_text text;
	struct arena arena;
};

static bool is_one_line(const char *text)
{
	return !text || (!text[strcspn(text, "\r\n")] &&
			 strncmp(text, "\xef\xbb\xbf", 3) != 0);
}

/* What the kinds let through. */
static bool is_wish(struct input *in)
{
	const char *const *p = in->part;
	struct block_wish block = { .marker = p[0],
				    .content = p[1] ? p[1] : "",
				    .size = p[1] ? strlen(p[1]) : 0 };
	json_t *value;

	switch (in->edit) {
	case LINE:
		return is_one_line(p[0]) && is_one_line(p[1]) &&
		       is_one_line(p[2]) && (p[0] || (in->absent && p[1])) &&
		       (!p[1] || !edit_pattern_wrong(p[1], &in->arena)) &&
		       (!p[2] || !edit_pattern_wrong(p[2], &in->arena));
	case BLOCK:
		return p[0] && is_one_line(p[0]) &&
		       !edit_block_wrong(&block, &in->arena);
	case INI:
		for (size_t i = 0; i < 3; i++)
			if (!is_one_line(p[i]))
				return false;
		return (p[0] || p[1]) && (!p[1] || p[2] || in->absent) &&
		       (!p[0] || (!strchr(p[0], ']') && !strchr(" \t", *p[0]) &&
				  !strchr(" \t", p[0][strlen(p[0]) - 1]))) &&
		       (!p[1] ||
			(!strchr(p[1], '=') && !strchr("[#; \t", *p[1]) &&
			 !strchr(" \t", p[1][strlen(p[1]) - 1])));
	case JSON:
		if (p[0] && edit_pointer_wrong(p[0]))
			return false;
		/* a manifest is UTF-8 */
		value = p[0] ? json_string(p[0]) : json_null();
		if (!value)
			return false;
		json_decref(value);
		value = p[1] ? json_loads(p[1], JSON_DECODE_ANY, NULL) : NULL;
		json_decref(value);
		return value && (p[0] || !in->absent);
	default:
		return p[0] && !edit_host_name_wrong(p[0]) &&
		       (p[1] || in->absent) &&
		       (!p[1] || !edit_address_wrong(p[1])) &&
		       (!p[2] || (!edit_host_name_wrong(p[2]) &&
				  strcasecmp(p[2], p[0]) != 0));
	}
}

static bool edit(struct input *in, const struct edit_text *t, struct edited *e,
		 struct diags *d)
{
	const char *const *p = in->part;
	struct line_wish line = { p[0], p[1], { p[2], NULL }, in->absent };
	struct block_wish block = { p[0],
				    p[1] ? p[1] : "",
				    p[1] ? strlen(p[1]) : 0,
				    { NULL, NULL },
				    in->absent };
	struct ini_wish ini = { p[0], p[1], p[2], in->absent };
	struct json_wish json = { p[0] ? p[0] : "", p[1], p[2] != NULL,
				  in->absent };
	struct strings aliases = { (const char **)(uintptr_t)&p[2], 1, 1 };
	struct host_wish host = { p[0], p[1], p[2] ? &aliases : NULL,
				  in->absent };
	struct host_found found;

	switch (in->edit) {
	case LINE:
		return edit_line(&line, t, e, d);
	case BLOCK:
		return edit_block(&block, t, e, d);
	case INI:
		return edit_ini(&ini, t, e, d);
	case JSON:
		return edit_json(&json, t, e, d);
	default:
		return edit_host(&host, t, e, &found, &in->arena, d);
	}
}

/* Whether all of part is in whole, in order. */
static bool is_left_of(const struct buf *part, const struct edit_text *whole)
{
	size_t i = 0;

	for (size_t k = 0; k < whole->size && i < part->size; k++)
		i += part->text[i] == whole->bytes[k];
	return i == part->size;
}

/* The bytes of the text that are in no common beginning or end. */
static struct edit_text lost(const struct buf *b, const struct edit_text *t)
{
	size_t most = b->size < t->size ? b->size : t->size;
	size_t head = 0, tail = 0;

	while (head < most && b->text[head] == t->bytes[head])
		head++;
	while (tail < most - head &&
	       b->text[b->size - 1 - tail] == t->bytes[t->size - 1 - tail])
		tail++;
	return (struct edit_text){ .bytes = t->bytes + head,
				   .size = t->size - head - tail };
}

/* The rest of the file is as it was. */
static void check_rest(const struct input *in, const struct edited *e)
{
	struct edit_text gone = lost(&e->out, &in->text);

	if (in->absent) {
		CHECK(is_left_of(&e->out, &in->text));
	} else if (in->edit == JSON && e->state == EDIT_MISSING) {
		/* what was in an empty object */
		for (size_t i = 0; i < gone.size; i++)
			CHECK(strchr(" \t\r\n", gone.bytes[i]));
	} else if (e->state == EDIT_MISSING) {
		CHECK(gone.size == 0);
	} else if (in->edit != INI && in->edit != HOST) {
		CHECK(gone.size <= e->old_size);
	}
}

static void run(struct input *in)
{
	AUTO_DIAGS struct diags d = { 0 };
	AUTO_EDITED struct edited e = { 0 };
	AUTO_EDITED struct edited again = { 0 };
	struct edit_text t = in->text;

	if (!edit(in, &t, &e, &d)) {
		CHECK(d.n == 1);
		return;
	}
	CHECK(d.n == 0);
	if (!e.changed)
		return;
	check_rest(in, &e);
	t.bytes = buf_text(&e.out);
	t.size = e.out.size;
	CHECK(edit(in, &t, &again, &d));
	CHECK(!again.changed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { .text = { .path = "/f" } };
	const char *at, *end;

	if (size < 1 || size > 65536)
		return 0;
	in.edit = data[0] / 2 % EDITS;
	in.absent = data[0] % 2;
	at = (const char *)data + 1;
	end = (const char *)data + size;
	for (size_t i = 0; i < 3; i++) {
		const char *stop = memchr(at, 0xff, (size_t)(end - at));

		if (!stop)
			break;
		if (stop > at)
			in.part[i] = arena_strndup(&in.arena, at,
						   (size_t)(stop - at));
		if (in.part[i] && !*in.part[i])
			in.part[i] = NULL;
		at = stop + 1;
	}
	in.text.size = (size_t)(end - at);
	in.text.bytes = arena_memdup(&in.arena, at, in.text.size);
	if (is_wish(&in))
		run(&in);
	arena_release(&in.arena);
	return 0;
}
