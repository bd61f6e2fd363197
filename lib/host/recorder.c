/* SPDX-License-Identifier: MIT */
#include "lib/host/recorder.h"

#include <stdlib.h>
#include <string.h>

struct recorder {
	struct host host; /* first */
	const struct host *base;
	struct noted *noted;
};

static const struct recorder *recorder_of(const struct host *h)
{
	return (const struct recorder *)(const void *)h;
}

static const struct host *base_of(const struct host *h)
{
	return recorder_of(h)->base;
}

static struct noted_path *note_path(const struct host *h, const char *path)
{
	struct noted *noted = recorder_of(h)->noted;
	struct noted_path *p = map_get(&noted->paths, path);

	if (p)
		return p;
	p = arena_new(&noted->arena, struct noted_path);
	*p = (struct noted_path){ .path = arena_strdup(&noted->arena, path) };
	map_put(&noted->paths, &noted->arena, p->path, p);
	strings_add(&noted->order, &noted->arena, p->path);
	return p;
}

static void note(const struct host *h, struct map *seen, struct strings *names,
		 const char *name)
{
	struct noted *noted = recorder_of(h)->noted;
	const char *kept;

	if (map_get(seen, name))
		return;
	kept = arena_strdup(&noted->arena, name);
	map_put(seen, &noted->arena, kept, noted);
	strings_add(names, &noted->arena, kept);
}

static bool recorder_look(const struct host *h, const char *path,
			  struct node *n, struct diags *d)
{
	note_path(h, path);
	return host_look(base_of(h), path, n, d);
}

static bool recorder_read_link(const struct host *h, const char *path,
			       struct arena *a, const char **target,
			       struct diags *d)
{
	note_path(h, path);
	return host_read_link(base_of(h), path, a, target, d);
}

static bool recorder_list(const struct host *h, const char *path,
			  struct arena *a, struct strings *names,
			  struct diags *d)
{
	note_path(h, path)->listed = true;
	return host_list(base_of(h), path, a, names, d);
}

static bool recorder_compare(const struct host *h, const char *path,
			     const struct content *c, enum match *m,
			     struct diags *d)
{
	struct noted_path *p = note_path(h, path);

	if (!host_compare(base_of(h), path, c, m, d))
		return false;
	if (*m == MATCH_SAME && !c->ncuts)
		p->plain = true;
	return true;
}

static bool recorder_read(const struct host *h, const char *path, size_t limit,
			  struct buf *out, bool *whole, struct diags *d)
{
	note_path(h, path)->read = true;
	return host_read(base_of(h), path, limit, out, whole, d);
}

static bool recorder_read_marked(const struct host *h, const char *path,
				 size_t limit, struct buf *out,
				 const struct tree **world, bool *whole,
				 struct diags *d)
{
	note_path(h, path)->read = true;
	return host_read_marked(base_of(h), path, limit, out, world, whole, d);
}

static bool recorder_same(const struct host *h, const struct content *x,
			  const struct content *y, enum match *m,
			  struct diags *d)
{
	return host_same(base_of(h), x, y, m, d);
}

static bool recorder_digest(const struct host *h, const char *path,
			    struct content *c, struct diags *d)
{
	note_path(h, path);
	return host_digest(base_of(h), path, c, d);
}

static bool recorder_user_id(const struct host *h, const char *name,
			     uint32_t *id)
{
	return host_user_id(base_of(h), name, id);
}

static bool recorder_group_id(const struct host *h, const char *name,
			      uint32_t *id)
{
	return host_group_id(base_of(h), name, id);
}

static const char *recorder_user_name(const struct host *h, uint32_t id,
				      struct arena *a)
{
	return host_user_name(base_of(h), id, a);
}

static const char *recorder_group_name(const struct host *h, uint32_t id,
				       struct arena *a)
{
	return host_group_name(base_of(h), id, a);
}

static bool recorder_user(const struct host *h, const char *name,
			  struct arena *a, struct user *u, bool *there,
			  struct diags *d)
{
	return host_user(base_of(h), name, a, u, there, d);
}

static bool recorder_group(const struct host *h, const char *name,
			   struct arena *a, struct user_group *g, bool *there,
			   struct diags *d)
{
	return host_group(base_of(h), name, a, g, there, d);
}

static bool recorder_users(const struct host *h, struct arena *a,
			   struct strings *names, struct diags *d)
{
	return host_users(base_of(h), a, names, d);
}

static bool recorder_groups(const struct host *h, struct arena *a,
			    struct strings *names, struct diags *d)
{
	return host_groups(base_of(h), a, names, d);
}

static bool recorder_ask(const struct host *h, const struct command *c,
			 struct arena *a, struct outcome *o, struct diags *d)
{
	return host_ask(base_of(h), c, a, o, d);
}

static bool recorder_unit_known(const struct host *h, const char *id,
				enum unit_enabled *enabled)
{
	return host_unit_known(base_of(h), id, enabled);
}

static bool recorder_unit_install(const struct host *h, const char *id,
				  enum unit_enabled *install)
{
	return host_unit_recorded(base_of(h), id, install);
}

static bool recorder_unit_state(const struct host *h, struct unit *unit,
				struct arena *a, struct diags *d)
{
	return host_unit_state(base_of(h), unit, a, d);
}

static bool recorder_unit_age(const struct host *h, const struct unit *unit,
			      const struct strings *paths, struct arena *a,
			      struct unit_age *age, struct diags *d)
{
	struct noted *noted = recorder_of(h)->noted;
	struct unit_age *kept;

	if (!host_unit_age(base_of(h), unit, paths, a, age, d))
		return false;
	if (!age->newer)
		return true;
	kept = arena_memdup(&noted->arena, age, sizeof(*age));
	kept->newer = arena_strdup(&noted->arena, age->newer);
	map_put(&noted->ages, &noted->arena,
		arena_strdup(&noted->arena, unit->id), kept);
	return true;
}

static bool recorder_units(const struct host *h, struct arena *a,
			   struct strings *ids, struct diags *d)
{
	return host_units(base_of(h), a, ids, d);
}

static bool recorder_package(const struct host *h, const char *provider,
			     const char *name, struct arena *a,
			     struct package *p, struct diags *d)
{
	return host_package(base_of(h), provider, name, a, p, d);
}

static bool recorder_candidate(const struct host *h, const char *provider,
			       const char *name, struct arena *a,
			       const char **version, const char **because,
			       struct diags *d)
{
	struct noted *noted = recorder_of(h)->noted;

	note(h, &noted->candidates, &noted->candidate_names, name);
	return host_package_candidate(base_of(h), provider, name, a, version,
				      because, d);
}

static bool recorder_packages(const struct host *h, struct arena *a,
			      struct strings *names, bool *known,
			      struct diags *d)
{
	return host_packages(base_of(h), a, names, known, d);
}

static bool recorder_runs(const struct host *h)
{
	return host_runs(base_of(h));
}

static bool recorder_fetch(const struct host *h, const struct git_request *r,
			   struct git_source *source, struct arena *a,
			   struct diags *d)
{
	return host_fetch(base_of(h), r, source, a, d);
}

static bool recorder_recall(const struct host *h,
			    const struct tarball_request *r, struct tarball *t,
			    struct arena *a, struct diags *d)
{
	return host_recall(base_of(h), r, t, a, d);
}

static bool recorder_download(const struct host *h,
			      const struct tarball_request *r,
			      struct tarball *t, struct arena *a,
			      struct diags *d)
{
	return host_download(base_of(h), r, t, a, d);
}

static void recorder_close(struct host *h)
{
	free(h);
}

static bool recorder_capable(const struct host *h, const char *path)
{
	note_path(h, path);
	return host_capable(base_of(h), path);
}

static const struct host_looks recorder_looks = {
	.look = recorder_look,
	.read_link = recorder_read_link,
	.list = recorder_list,
	.compare = recorder_compare,
	.read = recorder_read,
	.read_marked = recorder_read_marked,
	.same = recorder_same,
	.digest = recorder_digest,
	.capable = recorder_capable,
	.user_id = recorder_user_id,
	.group_id = recorder_group_id,
	.user_name = recorder_user_name,
	.group_name = recorder_group_name,
	.user = recorder_user,
	.group = recorder_group,
	.users = recorder_users,
	.groups = recorder_groups,
	.ask = recorder_ask,
	.unit_known = recorder_unit_known,
	.unit_install = recorder_unit_install,
	.unit_state = recorder_unit_state,
	.package = recorder_package,
	.package_candidate = recorder_candidate,
	.unit_age = recorder_unit_age,
	.units = recorder_units,
	.packages = recorder_packages,
	.runs = recorder_runs,
	.fetch = recorder_fetch,
	.recall = recorder_recall,
	.download = recorder_download,
};

static const struct host_writes recorder_writes = { .close = recorder_close };

struct host *host_recorder(const struct host *base, struct noted *noted)
{
	struct recorder *r = xrealloc(NULL, sizeof(*r));

	*r = (struct recorder){ .host = { .looks = &recorder_looks,
					  .writes = &recorder_writes },
				.base = base,
				.noted = noted };
	return &r->host;
}

void noted_release(struct noted *noted)
{
	arena_release(&noted->arena);
	*noted = (struct noted){ 0 };
}
