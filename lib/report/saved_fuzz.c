/* SPDX-License-Identifier: MIT */
/* The reader of saved plans: whatever it takes for one equals itself, and is
 * stale as soon as a change is gone. */
#include <stdint.h>
#include <stdlib.h>

#include "lib/report/saved.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const json_t *saved)
{
	json_t *changes = json_object_get(saved, "changes"), *less;
	struct saved_head head;
	struct diags d = { 0 };
	struct arena a = { 0 };
	bool same = saved_matches(saved, saved, &d);

	if (same == (d.errors > 0))
		abort();
	diags_release(&d);
	less = json_deep_copy(saved);
	if (same && json_array_size(changes)) {
		json_array_remove(json_object_get(less, "changes"), 0);
		if (saved_matches(saved, less, &d) || !d.errors)
			abort();
	}
	diags_release(&d);
	json_decref(less);
	saved_read_head(saved, &a, &head, &d);
	arena_release(&a);
	diags_release(&d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *saved = saved_parse((const char *)data, size);

	if (saved)
		check(saved);
	json_decref(saved);
	return 0;
}
