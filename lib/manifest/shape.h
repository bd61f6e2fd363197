/* SPDX-License-Identifier: MIT */
#ifndef CONVERGE_MANIFEST_SHAPE_H
#define CONVERGE_MANIFEST_SHAPE_H

#include "lib/manifest/parts.h"

enum shape { SHAPE_HOST, SHAPE_ROLE, SHAPE_RULE, SHAPE_WORLD };

/* Whether part, which stands at pointer, has the keys that its kind takes, with
 * values such as they take. */
bool shape_check(struct manifest *, enum shape, json_t *part,
		 const char *pointer, struct diags *);
/* Whether it can be a role's: a file's below roles/. */
bool shape_is_role(const char *name);
/* The first of the vars that a rule's when names, which it must not; or NULL.
 */
const char *shape_names_vars(json_t *when);
/* What a part says of it; -1 where it says nothing, or nothing right. */
struct policy policy_of(const json_t *part);
/* Whether it has templates escaped for HTML. */
bool escapes_html(const json_t *part);

#endif
