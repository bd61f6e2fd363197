/* SPDX-License-Identifier: MIT */
/* What resources make of things that others manage: two that undo each other's
 * work would do so on every run. */
#include "lib/catalog/parts.h"

struct demands {
	struct catalog *catalog;
	const struct resource *res; /* of which they are */
	struct diags *diags;
	bool denied; /* the first is told of */
};

static void tell(struct demands *all, const struct resource *other,
		 const char *why)
{
	struct catalog *c = all->catalog;
	struct place at = resource_place(c, other);
	struct diags *d = all->diags;

	d->subject = all->res->id;
	diag_error_at(d, resource_place(c, all->res),
		      "%s by '%s' at %s:%zu:%zu", why, other->id, at.file,
		      at.line, at.column);
	d->subject = NULL;
	all->denied = true;
}

void demands_add(struct demands *all, const char *thing, const char *what)
{
	struct catalog *c = all->catalog;
	const struct resource *other = map_get(&c->by_thing, thing);
	const char *why = NULL;

	if (all->denied || !other || other == all->res)
		return;
	if (other->module->denies)
		why = other->module->denies(other->want, what, c->arena);
	if (why)
		tell(all, other, why);
}

void demands_add_content(struct demands *all, const char *path)
{
	struct catalog *c = all->catalog;
	const struct resource *other = catalog_at(c, path);

	if (all->denied || !other || other == all->res ||
	    resource_absent(other) ||
	    (other->module->shares && other->module->shares(other->want)))
		return;
	tell(all, other, arena_printf(c->arena, "'%s' is managed", path));
}

bool catalog_check_demands(struct catalog *c, const struct resource *res,
			   struct diags *d)
{
	struct demands all = { .catalog = c, .res = res, .diags = d };

	if (res->module->demands)
		res->module->demands(res->want, c->arena, &all);
	return !all.denied;
}
