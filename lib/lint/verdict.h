/* SPDX-License-Identifier: MIT */
/* What the findings of several processes come to, together. Pure. */
#ifndef CONVERGE_LINT_VERDICT_H
#define CONVERGE_LINT_VERDICT_H

#include "lib/lint/lint.h"

struct lint_verdict {
	const struct lint_finding *finding;
	enum lint_level level; /* never off */
};

struct lint_verdicts {
	struct lint_verdict *v;
	size_t n, capacity;
	size_t allowed; /* findings that a comment allows */
	size_t dropped;
};

/* Of n shares, in their order. broken: there are errors, or only a part was
 * looked at, so that nothing can be said of the world as a whole. Lives in the
 * arena, and as long as the shares. */
void lint_judge(struct linted *const *shares, size_t n, bool broken,
		struct arena *, struct lint_verdicts *);

/* Whether all of text is as the pattern, in which '*' is any bytes. */
bool lint_is_like(const char *pattern, const char *text);

#endif
