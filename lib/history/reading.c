/* SPDX-License-Identifier: MIT */
#include "lib/history/reading.h"

#include "lib/history/standing.h"

enum { LOOKS = 3 };

static bool read_once(const struct folder *f, size_t limit, int64_t run,
		      struct arena *a, struct runs *runs, struct diags *d)
{
	return run ? store_run_of(f, run, a, runs, d)
		   : store_runs(f, limit, a, runs, d);
}

bool reading_runs(const struct folder *f, size_t limit, int64_t run,
		  struct arena *a, struct runs *runs, const char **holder,
		  struct diags *d)
{
	for (int i = 0; i < LOOKS; i++) {
		*holder = NULL;
		folder_held(f, a, holder);
		if (!read_once(f, limit, run, a, runs, d))
			return false;
		if (!runs->n || runs->v[0].ended ||
		    standing_is_at_work(&runs->v[0], *holder))
			return true;
	}
	return true;
}
