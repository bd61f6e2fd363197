/* SPDX-License-Identifier: MIT */
/* The rules of lint, one row each: check, the manual and every format that
 * explains a finding are made from the same table. */
#ifndef CONVERGE_LINT_RULES_H
#define CONVERGE_LINT_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/arena.h"

struct look;

enum lint_level { LINT_OFF, LINT_INFO, LINT_WARNING, LINT_ERROR };

struct lint_rule {
	const char *id;      /* "unused-role"; never changes */
	const char *summary; /* what it finds: one sentence */
	const char *reason;  /* why that bites, and what to do */
	const char *types;   /* of resources, between blanks; NULL: all */
	/* At most one of these: for every resource of a host, for every host,
	 * for every file of host, role or settings. */
	void (*resource)(struct look *);
	void (*host)(struct look *);
	void (*document)(struct look *);
	enum lint_level level;
	/* It says something of the world as a whole: nothing, where a part of
	 * that could not be read. */
	bool whole;
};

extern const struct lint_rule lint_rules[];
extern const size_t lint_rules_n;

/* The id under which errors are reported: of no function. */
extern const char lint_invalid[];

/* The rule of that id, or NULL. */
const struct lint_rule *lint_rule_find(const char *id);
/* The id nearest to what is none, or NULL. */
const char *lint_rule_nearest(const char *id, struct arena *);
/* "off", "info", "warning", "error"; and back: -1 when text is none, or NULL.
 */
const char *lint_level_name(enum lint_level);
int lint_level_parse(const char *text);

#endif
