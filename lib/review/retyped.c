/* SPDX-License-Identifier: MIT */
#include "lib/review/retyped.h"

#include <string.h>

#include "lib/external/external.h"

static bool same_rows(const struct module *a, const struct module *b)
{
	if (strcmp(a->name, b->name) != 0 || a->nattrs != b->nattrs)
		return false;
	for (size_t i = 0; i < a->nattrs; i++)
		if (strcmp(a->attrs[i].name, b->attrs[i].name) != 0 ||
		    a->attrs[i].kind != b->attrs[i].kind)
			return false;
	return true;
}

/* That a row is compared no more changes nothing; that it must be given has
 * been seen to. */
static bool same_flags(const struct attr *a, const struct attr *b)
{
	unsigned gone = a->flags & ~b->flags, added = b->flags & ~a->flags;

	return !(gone & ~(unsigned)(ATTR_STATE | ATTR_REQUIRED)) &&
	       !(added & ~(unsigned)ATTR_REQUIRED);
}

static bool same_manner(const struct module *a, const struct module *b)
{
	const struct external_type *x = external_type_of(a),
				   *y = external_type_of(b);

	return !x || !y ||
	       (x->timeout == y->timeout && x->disruption == y->disruption &&
		x->opaque == y->opaque && x->refresh == y->refresh);
}

enum retyped retyped(const struct module *old, const struct module *new,
		     uint64_t set)
{
	bool manner;

	if (old == new)
		return RETYPED_NOT;
	if (!same_rows(old, new))
		return RETYPED_WHOLE;
	manner = !same_manner(old, new);
	for (size_t i = 0; i < new->nattrs; i++) {
		if (!(set & BIT(i)))
			continue;
		if (!same_flags(&old->attrs[i], &new->attrs[i]))
			return RETYPED_STATE;
		manner |= (old->attrs[i].flags ^ new->attrs[i].flags) &
			  ATTR_STATE;
	}
	return manner ? RETYPED_MANNER : RETYPED_NOT;
}
