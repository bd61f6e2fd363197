/* SPDX-License-Identifier: MIT */
/* A picture over another host: what a plan writes to. */
#include "lib/host/host.h"

#include "lib/base/map.h"
#include "lib/host/picture.h"
#include "lib/host/roster.h"

struct overlay {
	struct picture_host host; /* first */
	const struct host *base;
	struct roster roster; /* loaded when an account is first changed */
	struct arena arena;
	struct map packages; /* struct package by name: those that changed */
};

static const struct host *base_of(const struct host *h)
{
	return ((const struct overlay *)(const void *)h)->base;
}

/* What is predicted; or NULL: nothing was changed. */
static const struct roster *roster_of(const struct host *h)
{
	const struct roster *r =
		&((const struct overlay *)(const void *)h)->roster;

	return r->loaded ? r : NULL;
}

static bool overlay_user_id(const struct host *h, const char *name,
			    uint32_t *id)
{
	const struct roster *r = roster_of(h);
	const struct user *u = r ? roster_user(r, name) : NULL;

	if (u)
		*id = u->uid;
	return u || (!(r && roster_has_user(r, name)) &&
		     host_user_id(base_of(h), name, id));
}

static bool overlay_group_id(const struct host *h, const char *name,
			     uint32_t *id)
{
	const struct roster *r = roster_of(h);
	const struct user_group *g = r ? roster_group(r, name) : NULL;

	if (g)
		*id = g->gid;
	return g || (!(r && roster_has_group(r, name)) &&
		     host_group_id(base_of(h), name, id));
}

/* The base's name of an id may be of one who has another by now, or is gone. */
static const char *overlay_user_name(const struct host *h, uint32_t id,
				     struct arena *a)
{
	const struct roster *r = roster_of(h);
	const char *name = r ? roster_user_name(r, id) : NULL;

	if (!name)
		name = host_user_name(base_of(h), id, a);
	else
		name = arena_strdup(a, name);
	return r && roster_has_user(r, name) && !roster_user_name(r, id)
		       ? arena_printf(a, "%u", (unsigned)id)
		       : name;
}

static const char *overlay_group_name(const struct host *h, uint32_t id,
				      struct arena *a)
{
	const struct roster *r = roster_of(h);
	const char *name = r ? roster_group_name(r, id) : NULL;

	if (!name)
		name = host_group_name(base_of(h), id, a);
	else
		name = arena_strdup(a, name);
	return r && roster_has_group(r, name) && !roster_group_name(r, id)
		       ? arena_printf(a, "%u", (unsigned)id)
		       : name;
}

static bool overlay_user(const struct host *h, const char *name,
			 struct arena *a, struct user *u, bool *there,
			 struct diags *d)
{
	const struct roster *r = roster_of(h);

	if (!r)
		return host_user(base_of(h), name, a, u, there, d);
	roster_look_user(r, name, a, u, there);
	return true;
}

static bool overlay_group(const struct host *h, const char *name,
			  struct arena *a, struct user_group *g, bool *there,
			  struct diags *d)
{
	const struct roster *r = roster_of(h);

	if (!r)
		return host_group(base_of(h), name, a, g, there, d);
	roster_look_group(r, name, a, g, there);
	return true;
}

static bool overlay_users(const struct host *h, struct arena *a,
			  struct strings *names, struct diags *d)
{
	const struct roster *r = roster_of(h);

	if (!r)
		return host_users(base_of(h), a, names, d);
	roster_list_users(r, a, names);
	return true;
}

static bool overlay_groups(const struct host *h, struct arena *a,
			   struct strings *names, struct diags *d)
{
	const struct roster *r = roster_of(h);

	if (!r)
		return host_groups(base_of(h), a, names, d);
	roster_list_groups(r, a, names);
	return true;
}

static struct roster *roster_to_change(struct host *h, struct diags *d)
{
	struct overlay *o = (struct overlay *)(void *)h;

	if (o->roster.loaded || roster_load(&o->roster, o->base, d))
		return &o->roster;
	roster_release(&o->roster);
	roster_init(&o->roster);
	return NULL;
}

static bool overlay_set_user(struct host *h, const struct user_change *c,
			     struct diags *d)
{
	struct roster *r = roster_to_change(h, d);

	return r && roster_set_user(r, c, d) && picture_follow_user(h, c, d);
}

static bool overlay_set_group(struct host *h, const struct group_change *c,
			      struct diags *d)
{
	struct roster *r = roster_to_change(h, d);

	return r && roster_set_group(r, c, d);
}

/* A question is put to the real host: it only looks, and no picture of files
 * could answer it. */
static bool overlay_ask(const struct host *h, const struct command *c,
			struct arena *a, struct outcome *o, struct diags *d)
{
	return host_ask(base_of(h), c, a, o, d);
}

static bool overlay_package(const struct host *h, const char *provider,
			    const char *name, struct arena *a,
			    struct package *p, struct diags *d)
{
	const struct overlay *o = (const struct overlay *)(const void *)h;
	const struct package *changed = map_get(&o->packages, name);

	if (!changed)
		return host_package(o->base, provider, name, a, p, d);
	*p = *changed;
	return true;
}

/* Of those that a plan is made with it is the base that is asked. */
static bool overlay_packages(const struct host *h, struct arena *a,
			     struct strings *names, bool *known,
			     struct diags *d)
{
	return host_packages(base_of(h), a, names, known, d);
}

static bool overlay_units(const struct host *h, struct arena *a,
			  struct strings *ids, struct diags *d)
{
	return host_units(base_of(h), a, ids, d);
}

static bool overlay_package_candidate(const struct host *h,
				      const char *provider, const char *name,
				      struct arena *a, const char **version,
				      const char **because, struct diags *d)
{
	return host_package_candidate(base_of(h), provider, name, a, version,
				      because, d);
}

/* The version that it will have, as far as that is known before. */
static bool foresee_version(const struct overlay *o,
			    const struct package_change *c, struct package *p,
			    struct arena *a, struct diags *d)
{
	const char *because;

	p->because = "it is not installed yet";
	if (c->version)
		p->version = c->version;
	else if (c->newest)
		return host_package_candidate(o->base, c->provider, c->name, a,
					      &p->version, &because, d);
	return true;
}

static bool overlay_package_change(struct host *h,
				   const struct package_change *c,
				   struct diags *d)
{
	struct overlay *o = (struct overlay *)(void *)h;
	struct package *p = arena_new(&o->arena, struct package);

	if (!overlay_package(h, c->provider, c->name, &o->arena, p, d))
		return false;
	if (c->wish == PACKAGE_INSTALL) {
		p->state = PACKAGE_INSTALLED;
		if (!foresee_version(o, c, p, &o->arena, d))
			return false;
	} else if (c->wish != PACKAGE_KEEP) {
		p->state = c->wish == PACKAGE_PURGE ? PACKAGE_ABSENT
						    : PACKAGE_CONFIG_FILES;
		p->version = NULL;
		p->hold = false;
	}
	if (c->set_hold)
		p->hold = c->hold;
	map_put(&o->packages, &o->arena, arena_strdup(&o->arena, c->name), p);
	return true;
}

static bool overlay_runs(const struct host *h)
{
	return host_runs(base_of(h));
}

static bool overlay_run(struct host *h, const struct command *c,
			const struct strings *makes, struct arena *a,
			struct outcome *o, struct diags *d)
{
	struct picture *p = ((struct picture_host *)(void *)h)->picture;

	(void)c;
	(void)a;
	*o = (struct outcome){ .ending = ENDED_ASSUMED };
	for (size_t i = 0; makes && i < makes->n; i++)
		if (!picture_promise(p, makes->v[i],
				     "made by a command that has not run", d))
			return false;
	return true;
}

static bool overlay_pause(struct host *h, int64_t milliseconds)
{
	(void)h;
	(void)milliseconds;
	return true;
}

static void overlay_close(struct host *h)
{
	struct overlay *o = (struct overlay *)(void *)h;

	picture_free(o->host.picture);
	roster_release(&o->roster);
	arena_release(&o->arena);
	free(o);
}

static const struct host_looks overlay_looks = {
	.look = picture_look,
	.read_link = picture_read_link,
	.list = picture_list,
	.compare = picture_compare,
	.read = picture_read,
	.read_marked = picture_read_marked,
	.same = picture_same,
	.digest = picture_digest,
	.capable = picture_capable,
	.user_id = overlay_user_id,
	.group_id = overlay_group_id,
	.user_name = overlay_user_name,
	.group_name = overlay_group_name,
	.user = overlay_user,
	.group = overlay_group,
	.users = overlay_users,
	.groups = overlay_groups,
	.ask = overlay_ask,
	.unit_known = picture_unit_known,
	.unit_install = picture_unit_install,
	.unit_state = picture_unit_state,
	.package = overlay_package,
	.package_candidate = overlay_package_candidate,
	.unit_age = picture_unit_age,
	.units = overlay_units,
	.packages = overlay_packages,
	.runs = overlay_runs,
	.fetch = picture_fetch,
	.recall = picture_recall,
	.download = picture_download,
};

static const struct host_writes overlay_writes = {
	.replace = picture_replace,
	.edit = picture_replace,
	.make_directory = picture_make_directory,
	.make_link = picture_make_link,
	.set_perms = picture_set_perms,
	.remove = picture_remove,
	.set_user = overlay_set_user,
	.set_group = overlay_set_group,
	.unpack = picture_unpack,
	.run = overlay_run,
	.pause = overlay_pause,
	.unit_change = picture_unit_change,
	.package_change = overlay_package_change,
	.set_kernel = picture_set_kernel,
	.mount = picture_mount,
	.commit = picture_commit,
	.close = overlay_close,
};

struct host *host_overlay(const struct host *base)
{
	struct overlay *o = xrealloc(NULL, sizeof(*o));
	struct host *h = &o->host.host;

	*o = (struct overlay){ .base = base };
	o->host.host = (struct host){ .looks = &overlay_looks,
				      .writes = &overlay_writes };
	o->host.picture = picture_new(h, base);
	roster_init(&o->roster);
	return h;
}
