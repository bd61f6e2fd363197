/* SPDX-License-Identifier: MIT */
/* What the files of the catalog stage share. */
#ifndef CONVERGE_CATALOG_PARTS_H
#define CONVERGE_CATALOG_PARTS_H

#include "lib/catalog.h"

/* The type that an id names, of the list; NULL with a diagnostic. */
const struct module *catalog_type(struct catalog *, const char *id,
				  const char *pointer,
				  const struct module *const *list,
				  struct diags *);
/* Looks at the defaults of all parts of the manifest. */
bool catalog_read_defaults(struct catalog *, struct diags *);

/* A resource with its type's defaults, in the catalog's arena. */
struct resource *resource_new(struct catalog *, const struct module *,
			      const char *id, const char *pointer);
/* Fills in its attributes, and checks them by the rules of its type. */
bool resource_read(struct catalog *, struct resource *, json_t *attributes,
		   struct diags *);
/* The value of the first row with one of these flags that is set, a text; or
 * NULL. */
const char *resource_text(const struct resource *, unsigned flags);

/* Whether no other of the catalog undoes what it demands of its things. Told of
 * with the places of both. */
bool catalog_check_demands(struct catalog *, const struct resource *,
			   struct diags *);

#endif
