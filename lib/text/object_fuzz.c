/* SPDX-License-Identifier: MIT */
/*
 * Input: a byte that says what it is, and a revision, a commit or a tree.
 * Whatever is taken lies within the input, and is as the header says.
 */
#include "lib/text/object.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(holds)             \
	do {                     \
		if (!(holds))    \
			abort(); \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_within(const char *at, size_t n, const char *text, size_t size)
{
	return at >= text && n <= size && at - text <= (ptrdiff_t)(size - n);
}

static void check_hex(const char *hex, const char *text, size_t size)
{
	CHECK(is_within(hex, OBJECT_HEX, text, size));
	for (size_t i = 0; i < OBJECT_HEX; i++)
		CHECK(hex[i] && strchr("0123456789abcdef", hex[i]));
}

static void fuzz_commit(const char *text, size_t size)
{
	struct commit_text c;

	if (!commit_read(text, size, &c))
		return;
	check_hex(c.tree, text, size);
	for (size_t i = 1; i <= c.nparents; i++)
		check_hex(commit_parent(&c, i), text, size);
	CHECK(!commit_parent(&c, 0) && !commit_parent(&c, c.nparents + 1));
	CHECK(c.author_size && is_within(c.author, c.author_size, text, size));
	CHECK(c.author[c.author_size - 1] == '>');
	CHECK(is_within(c.subject, c.subject_size, text, size));
	CHECK(c.date >= 0 && !memchr(c.subject, '\n', c.subject_size));
}

static void fuzz_tree(const char *text, size_t size)
{
	const char *at = text, *end = text + size;
	struct tree_item item, last = { 0 };

	while (at && at < end) {
		const char *next =
			tree_item_read(&item, at, (size_t)(end - at));

		if (!next)
			return;
		CHECK(next > at && next <= end);
		CHECK(is_within(item.name, strlen(item.name) + 1, at,
				(size_t)(next - at)));
		CHECK((const char *)item.id + OBJECT_RAW == next);
		if (!tree_item_wrong(&item))
			CHECK(!strchr(item.name, '/') && item.mode);
		CHECK(!tree_item_before(&item, &item));
		if (last.name && tree_item_before(&last, &item))
			CHECK(!tree_item_before(&item, &last));
		last = item;
		at = next;
	}
}

static void fuzz_revision(const char *text, size_t size)
{
	char *rev = malloc(size + 1);
	struct step_back step;
	const char *at;

	CHECK(rev);
	memcpy(rev, text, size);
	rev[size] = '\0';
	if (!rev_wrong(rev)) {
		CHECK(rev[0] != '-' && !strstr(rev, "..") && rev_base(rev));
		at = rev + rev_base(rev);
		while ((at = rev_step(at, &step)))
			CHECK(step.n <= STEPS_MAX && at <= rev + strlen(rev));
	}
	free(rev);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* a copy with nothing behind it, so that a step too far is seen */
	char *text = size > 1 ? malloc(size - 1) : NULL;

	if (!text)
		return 0;
	memcpy(text, data + 1, size - 1);
	if (data[0] == 'c')
		fuzz_commit(text, size - 1);
	else if (data[0] == 't')
		fuzz_tree(text, size - 1);
	else
		fuzz_revision(text, size - 1);
	free(text);
	return 0;
}
