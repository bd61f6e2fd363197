/* SPDX-License-Identifier: MIT */
/* The conditions of `when`. */
#ifndef CONVERGE_TEXT_WHEN_H
#define CONVERGE_TEXT_WHEN_H

#include <jansson.h>
#include <stdbool.h>

#include "lib/text/scope.h"

/*
 * Whether `when` holds: {"facts.os.id": ["debian","ubuntu"], "tags": "canary",
 * "facts.memory.mib": {"ge": 4096}, "not": {...}, "any": [{...}, ...]}. All
 * keys must hold; a list means any of; strings may be globs (* ? [...]); a
 * list value holds when any member matches; comparisons: eq ne lt le gt ge;
 * "//" is a comment. References in what is wanted are filled in first, those to
 * a list stand for its members.
 * False with *error set when it is malformed or names what is not defined.
 */
bool when_judge(const struct scope *, const json_t *when, struct arena *,
		bool *holds, const char **error);
/*
 * What is wrong with it on every host, in the arena; NULL: nothing. Of the
 * scope the host's name counts. repeated: it is of what has for_each.
 */
const char *when_wrong(const struct scope *, const json_t *when, bool repeated,
		       struct arena *);

#endif
