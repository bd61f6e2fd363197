/* SPDX-License-Identifier: MIT */
/* Reading what may be written to at the same moment. */
#ifndef CONVERGE_HISTORY_READING_H
#define CONVERGE_HISTORY_READING_H

#include "lib/store/store.h"

/*
 * The newest runs, or that one (0: not), and who holds the lock (NULL: nobody).
 * One that has no end, and that nobody is at work at, is asked for again: it
 * may have begun, or ended, in between. False with a diagnostic.
 */
bool reading_runs(const struct folder *, size_t limit, int64_t run,
		  struct arena *, struct runs *, const char **holder,
		  struct diags *);

#endif
