/* SPDX-License-Identifier: MIT */
/* Running the system's own tools (useradd(8), sysctl(8), ...), and what types
 * say of commands that failed. */
#ifndef CONVERGE_MODULES_PARTS_TOOL_H
#define CONVERGE_MODULES_PARTS_TOOL_H

#include "lib/module.h"

enum { TOOL_TIMEOUT = 60000 }; /* milliseconds */

/* The edge after the program of a command, which may have no words; reason:
 * what it is for. */
void tool_edges(const struct strings *argv, const char *reason, struct edges *);
/* How a command ended: "exited with 1", "took too long and was ended". */
const char *tool_ending(const struct outcome *, struct arena *);
/* Adds the last lines of what it said as a hint: that is where errors stand. */
void tool_quote(const struct outcome *, struct diags *);
/* Runs a command that changes things and must exit 0; its diagnostic quotes
 * what it said. makes: see host_run; may be NULL. argv ends with NULL and must
 * not hold a secret. */
bool tool_run(struct host *, const char *const *argv,
	      const struct strings *makes, struct arena *, struct diags *);
/* Whether a tool did its work: exited with 0, or is taken to go well; else a
 * diagnostic that quotes it. Releases the outcome. */
bool tool_succeeded(const struct host *, const char *name, struct outcome *,
		    struct arena *, struct diags *);
/* Puts what was staged in place now; for types that are alone. */
bool tool_commit(struct host *, struct diags *);

#endif
