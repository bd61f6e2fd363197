/* SPDX-License-Identifier: MIT */
/* The first byte is a part of the old mode, the rest is the text of a mode. */
#include "lib/base/mode.h"

#include <stdlib.h>
#include <string.h>

#define CHECK(holds)             \
	do {                     \
		if (!(holds))    \
			abort(); \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* '=' without copies and X: what it makes does not depend on what was there. */
static bool only_assigns(const struct mode *mode)
{
	for (size_t i = 0; i < mode->n; i++) {
		const struct mode_clause *c = &mode->clauses[i];

		if (c->op != '=' || c->copy || c->exec_if)
			return false;
	}
	return true;
}

static void check_apply(const struct mode *mode, uint32_t have, bool directory)
{
	uint32_t want = mode_apply(mode, have, directory);
	struct mode again;
	char text[8];

	CHECK(want <= 07777);
	CHECK(want == mode_apply(mode, have | 0100000, directory));
	if (only_assigns(mode))
		CHECK(mode_apply(mode, want, directory) == want);
	CHECK(!mode_parse(mode_text(want, text), &again));
	CHECK(again.n == 0 && again.octal == want);
}

static void check_clauses(const struct mode *mode)
{
	CHECK(mode->n <= MODE_CLAUSES);
	for (size_t i = 0; i < mode->n; i++) {
		CHECK(strchr("=+-", mode->clauses[i].op));
		CHECK(mode->clauses[i].who && mode->clauses[i].who <= 07777);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mode mode;
	char text[256];

	if (size < 1 || size > sizeof(text))
		return 0;
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	if (mode_parse(text, &mode))
		return 0;
	check_clauses(&mode);
	for (uint32_t high = 0; high <= 017; high++) {
		check_apply(&mode, high << 8 | data[0], false);
		check_apply(&mode, high << 8 | data[0], true);
	}
	return 0;
}
