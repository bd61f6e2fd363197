/* SPDX-License-Identifier: MIT */
/*
 * Input: a bundle.json. What is refused is refused with a reason in the file;
 * what is taken is as its rules say, and comes back when it is written.
 */
#include "lib/text/bundle.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/path.h"
#include "lib/text/object.h"

#define CHECK(holds)             \
	do {                     \
		if (!(holds))    \
			abort(); \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_hex(const char *hex, size_t n)
{
	CHECK(hex && strlen(hex) == n && strspn(hex, "0123456789abcdef") == n);
}

static void check_head(const struct bundle_head *head)
{
	check_hex(head->commit, OBJECT_HEX);
	check_hex(head->sha256, BUNDLE_DIGEST);
	CHECK(head->path && (!*head->path || !path_relative_wrong(head->path)));
	CHECK(head->hosts.n);
	for (size_t i = 0; i < head->hosts.n; i++) {
		CHECK(!bundle_host_wrong(head->hosts.v[i]));
		CHECK(!i || strcmp(head->hosts.v[i - 1], head->hosts.v[i]) < 0);
	}
}

static void check_same(const struct bundle_head *a, const struct bundle_head *b)
{
	CHECK(strcmp(a->commit, b->commit) == 0);
	CHECK(strcmp(a->path, b->path) == 0);
	CHECK(strcmp(a->sha256, b->sha256) == 0);
	CHECK(a->objects == b->objects && strings_equal(&a->hosts, &b->hosts));
}

static void check_again(const struct bundle_head *head, struct arena *a,
			struct diags *d)
{
	json_t *j = bundle_head_json(head);
	char *text = json_dumps(j, 0);
	struct bundle_head again;

	CHECK(text &&
	      bundle_head_read(&again, text, strlen(text), "again", a, d));
	check_same(head, &again);
	free(text);
	json_decref(j);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(arena_release) struct arena a = { 0 };
	AUTO_DIAGS struct diags d = { 0 };
	struct bundle_head head;
	/* a copy with nothing behind it, so that a step too far is seen */
	char *text = malloc(size ? size : 1);

	CHECK(text);
	if (size)
		memcpy(text, data, size);
	if (bundle_head_read(&head, text, size, "bundle.json", &a, &d)) {
		CHECK(!d.errors);
		check_head(&head);
		check_again(&head, &a, &d);
	} else {
		CHECK(d.errors && d.v[0].text);
	}
	free(text);
	return 0;
}
