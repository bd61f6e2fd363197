/* SPDX-License-Identifier: MIT */
#ifndef CONVERGE_MANIFEST_ENTRIES_H
#define CONVERGE_MANIFEST_ENTRIES_H

#include "lib/manifest/parts.h"

/* Where an attribute of a resource stands, if not with it. */
struct patch {
	const char *key, *pointer;
	const struct patch *next;
};

/* Notes that the attribute key of the resource id stands at pointer. */
void entry_patch(struct manifest *m, const char *id, const char *key,
		 const char *pointer);
/* Attributes with their references filled in, which stand at pointer or where
 * patches say; `when` and `for_each` are read as they are. NULL after errors.
 */
json_t *entry_fill(struct manifest *m, const struct scope *, json_t *attributes,
		   const char *pointer, const struct patch *patches,
		   struct diags *d);
/* Whether it can be a resource, but for its type and its attributes. */
bool entry_check(struct manifest *m, const char *id, json_t *attributes,
		 const char *pointer, struct diags *d);

#endif
