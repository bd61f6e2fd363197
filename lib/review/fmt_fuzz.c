/* SPDX-License-Identifier: MIT */
/*
 * Input: a text. What is taken is laid out once and for all: the same again
 * stays as it is, says the same as the text, and keeps the order of all keys
 * but those that the manual orders. What is refused is left alone.
 */
#include "lib/review/fmt.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/text/layout.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
	if (!good)
		abort();
}

static json_t *parse(const struct buf *b)
{
	json_t *json =
		json_loadb(b->text, b->size, JSON_REJECT_DUPLICATES, NULL);

	check(json != NULL);
	return json;
}

static bool format(const char *text, size_t size, struct buf *out)
{
	struct source source = { .name = "x", .text = text, .size = size };
	AUTO_DIAGS struct diags d = { 0 };
	bool ok = fmt_text(&source, out, &d);

	check(ok ? d.n == 0 : d.n == 1 && out->size == 0);
	source_release(&source);
	return ok;
}

/* Its keys and values one after the other, as they stand there. */
static void in_order(const char *text, size_t size, struct buf *out)
{
	json_t *json = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
	char *dump = json_dumps(json, JSON_COMPACT);

	check(dump != NULL);
	buf_puts(out, dump);
	free(dump);
	json_decref(json);
}

/* Without the manual's order: all keys stay where they are. */
static void check_layout(const char *text, size_t size)
{
	AUTO_BUF struct buf out = { 0 }, before = { 0 }, after = { 0 };

	check(layout_text(text, size, &out));
	in_order(text, size, &before);
	in_order(out.text, out.size, &after);
	check(before.size == after.size &&
	      memcmp(before.text, after.text, after.size) == 0);
}

static void check_lines(const struct buf *b)
{
	check(b->size && b->text[b->size - 1] == '\n');
	for (size_t i = 0; i < b->size; i++) {
		unsigned char c = (unsigned char)b->text[i];

		check(c == '\n' || (c >= ' ' && c != 0x7f));
		check(c != '\n' || i == 0 || b->text[i - 1] != ' ');
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* of its own, so that a read past its end is seen */
	AUTO_FREE char *text = xrealloc(NULL, size);
	AUTO_BUF struct buf once = { 0 }, twice = { 0 };
	struct buf input = { .text = text, .size = size };
	json_t *before, *after;

	if (size)
		memcpy(text, data, size);
	if (!format(text, size, &once))
		return 0;
	check(format(once.text, once.size, &twice));
	check(once.size == twice.size &&
	      memcmp(once.text, twice.text, once.size) == 0);
	before = parse(&input);
	after = parse(&once);
	check(json_equal(before, after));
	json_decref(before);
	json_decref(after);
	check_lines(&once);
	check_layout(text, size);
	return 0;
}
