/* SPDX-License-Identifier: MIT */
/* Units in a picture: what was done to them, over what the base says. */
#include "lib/host/picture_spot.h"

#include <string.h>

struct picture_unit *picture_unit(struct picture *p, const char *id)
{
	struct picture_unit *unit = map_get(&p->units, id);

	if (unit)
		return unit;
	unit = arena_new(&p->arena, struct picture_unit);
	unit->id = arena_strdup(&p->arena, id);
	unit->next = p->first_unit;
	p->first_unit = unit;
	map_put(&p->units, &p->arena, unit->id, unit);
	return unit;
}

bool picture_unit_known(const struct host *h, const char *id,
			enum unit_enabled *enabled)
{
	const struct picture *p = picture_of(h);
	const struct picture_unit *unit = map_get(&p->units, id);

	if (!unit || !unit->has_enabled)
		return p->base && host_unit_known(p->base, id, enabled);
	*enabled = unit->enabled;
	return true;
}

bool picture_unit_install(const struct host *h, const char *id,
			  enum unit_enabled *install)
{
	const struct picture *p = picture_of(h);
	const struct picture_unit *unit = map_get(&p->units, id);

	if (!unit || !unit->has_install)
		return p->base && host_unit_recorded(p->base, id, install);
	*install = unit->install;
	return true;
}

bool picture_unit_state(const struct host *h, struct unit *to, struct arena *a,
			struct diags *d)
{
	const struct picture *p = picture_of(h);
	const struct picture_unit *unit = map_get(&p->units, to->id);

	to->sub = NULL;
	if (unit && unit->has_active) {
		to->loaded = true;
		to->active = unit->active;
		return true;
	}
	if (p->base)
		return host_unit_state(p->base, to, a, d);
	if (p->partial && !unit && (strchr(to->id, '@') || !p->units.n))
		to->because = arena_printf(a, "the snapshot does not hold '%s'",
					   to->id);
	to->loaded = to->enabled != UNIT_NO_FILE;
	to->active = UNIT_INACTIVE;
	return true;
}

/* The base tells of files that are still its own. */
bool picture_unit_age(const struct host *h, const struct unit *unit,
		      const struct strings *paths, struct arena *a,
		      struct unit_age *age, struct diags *d)
{
	const struct picture *p = picture_of(h);
	const struct picture_unit *mine = map_get(&p->units, unit->id);
	struct strings theirs = { 0 };

	*age = (struct unit_age){ 0 };
	if (!p->base && mine && mine->newer && strings_have(paths, mine->newer))
		*age = (struct unit_age){ mine->newer, mine->since };
	if (!p->base || (mine && mine->has_active))
		return true;
	for (size_t i = 0; i < paths->n; i++) {
		struct node n;

		if (!picture_look(h, paths->v[i], &n, d))
			return false;
		if (n.inode)
			strings_add(&theirs, a, paths->v[i]);
	}
	return host_unit_age(p->base, unit, &theirs, a, age, d);
}

static bool is_masked(const struct unit *unit)
{
	return unit->enabled == UNIT_MASKED ||
	       unit->enabled == UNIT_MASKED_RUNTIME;
}

/* A mask that is a file of the picture goes; one that was recorded is no
 * more. */
static bool unmask(struct host *h, struct picture_unit *unit, struct arena *a,
		   struct diags *d)
{
	static const char *const folders[] = { "/etc/systemd/system",
					       "/run/systemd/system" };
	struct unit now;
	bool recorded;

	unit->has_enabled = false;
	for (size_t i = 0; i < COUNT(folders); i++) {
		const char *path =
			arena_printf(a, "%s/%s", folders[i], unit->id);

		if (!host_unit_file(h, unit->id, a, &now, d))
			return false;
		if (is_masked(&now) &&
		    !picture_remove(h, path, false, false, NULL, d))
			return false;
	}
	if (!host_unit_file(h, unit->id, a, &now, d))
		return false;
	recorded = is_masked(&now) || now.enabled == UNIT_NO_FILE;
	unit->has_enabled = recorded;
	unit->enabled = recorded ? UNIT_DISABLED : now.enabled;
	return true;
}

static bool may_run(const struct unit *now, const char *id, struct diags *d)
{
	if (is_masked(now))
		return diag_error(d, "'%s' is masked", id);
	if (!now->loaded && now->enabled == UNIT_NO_FILE)
		return diag_error(d, "there is no unit '%s'", id);
	return true;
}

static bool run(struct host *h, struct picture_unit *unit,
		enum unit_active active, struct arena *a, struct diags *d)
{
	struct unit now;

	if (!host_unit_find(h, unit->id, a, &now, d) ||
	    !picture_unit_state(h, &now, a, d))
		return false;
	if (active == UNIT_ACTIVE && !now.because &&
	    !may_run(&now, unit->id, d))
		return false;
	unit->has_active = true;
	unit->active = active;
	unit->newer = NULL;
	return true;
}

/* The mask is a link in the place of a file; systemctl(1) removes none. */
static bool may_mask(const struct host *h, const char *id, struct arena *a,
		     struct diags *d)
{
	const char *path = arena_printf(a, "/etc/systemd/system/%s", id);
	struct node n;

	if (!host_look(h, path, &n, d))
		return false;
	return n.type != NODE_FILE ||
	       diag_error(d,
			  "'%s' cannot be masked: its own file is '%s', "
			  "where the mask would be",
			  id, path);
}

static bool set_enabled(struct picture_unit *unit, enum unit_enabled enabled)
{
	unit->has_enabled = true;
	unit->enabled = enabled;
	return true;
}

bool picture_unit_change(struct host *h, const struct unit_change *c,
			 struct arena *a, struct diags *d)
{
	struct picture_unit *unit = picture_unit(picture_of(h), c->name);

	switch (c->action) {
	case UNIT_START:
	case UNIT_RESTART:
	case UNIT_RELOAD:
		return run(h, unit, UNIT_ACTIVE, a, d);
	case UNIT_STOP:
		return run(h, unit, UNIT_INACTIVE, a, d);
	case UNIT_ENABLE:
		return set_enabled(unit, UNIT_ENABLED);
	case UNIT_DISABLE:
		return set_enabled(unit, UNIT_DISABLED);
	case UNIT_MASK:
		return may_mask(h, c->name, a, d) &&
		       set_enabled(unit, UNIT_MASKED);
	case UNIT_UNMASK:
		return unmask(h, unit, a, d);
	}
	return true;
}
