/* SPDX-License-Identifier: MIT */
/*
 * A picture with nothing behind it, read from JSON. Beside what host.h tells
 * of the format, a snapshot may hold
 *	"commands": {"test -f /x": 0}	what commands end with; the key is the
 *					argv, joined by spaces
 *	"facts": {...}			kept as it is, for whoever made it
 * and "sha256" may be left out where even a digest would tell too much: then
 * the content is unknown. Owners that are left out are root, modes 0644 and
 * 0755. A package that "packages" does not name is absent.
 *
 * It runs nothing. What is asked ends as "commands" says, or unknown. What is
 * run ends as it says, or well; one that ends well has kept its promise: what
 * it was to make is an empty file, if it was not there.
 */
#include "lib/host/snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/utf8.h"

static bool snapshot_user_id(const struct host *h, const char *name,
			     uint32_t *id)
{
	const struct user *u = roster_user(&const_snapshot(h)->roster, name);

	if (u)
		*id = u->uid;
	return u;
}

static bool snapshot_group_id(const struct host *h, const char *name,
			      uint32_t *id)
{
	const struct user_group *g =
		roster_group(&const_snapshot(h)->roster, name);

	if (g)
		*id = g->gid;
	return g;
}

static const char *snapshot_user_name(const struct host *h, uint32_t id,
				      struct arena *a)
{
	const char *name = roster_user_name(&const_snapshot(h)->roster, id);

	return name ? name : arena_printf(a, "%u", id);
}

static const char *snapshot_group_name(const struct host *h, uint32_t id,
				       struct arena *a)
{
	const char *name = roster_group_name(&const_snapshot(h)->roster, id);

	return name ? name : arena_printf(a, "%u", id);
}

static bool snapshot_user(const struct host *h, const char *name,
			  struct arena *a, struct user *u, bool *there,
			  struct diags *d)
{
	(void)d;
	roster_look_user(&const_snapshot(h)->roster, name, a, u, there);
	return true;
}

static bool snapshot_group(const struct host *h, const char *name,
			   struct arena *a, struct user_group *g, bool *there,
			   struct diags *d)
{
	(void)d;
	roster_look_group(&const_snapshot(h)->roster, name, a, g, there);
	return true;
}

static bool snapshot_users(const struct host *h, struct arena *a,
			   struct strings *names, struct diags *d)
{
	(void)d;
	roster_list_users(&const_snapshot(h)->roster, a, names);
	return true;
}

static bool snapshot_groups(const struct host *h, struct arena *a,
			    struct strings *names, struct diags *d)
{
	(void)d;
	roster_list_groups(&const_snapshot(h)->roster, a, names);
	return true;
}

/* What the snapshot says that the command ends with. */
static bool find_code(const struct host *h, const struct strings *argv,
		      int *code)
{
	AUTO(arena_release) struct arena a = { 0 };
	const json_t *value = json_object_get(const_snapshot(h)->commands,
					      strings_join(argv, " ", &a));

	*code = (int)json_integer_value(value);
	return value;
}

static bool snapshot_ask(const struct host *h, const struct command *c,
			 struct arena *a, struct outcome *o, struct diags *d)
{
	(void)a;
	(void)d;
	*o = (struct outcome){ .ending = ENDED_EXIT };
	if (find_code(h, &c->argv, &o->code))
		return true;
	o->ending = ENDED_UNKNOWN;
	o->because = "a recorded host runs nothing";
	return true;
}

/* One that was recorded with what its kernel says. */
static bool snapshot_runs(const struct host *h)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	struct node n;

	return picture_look(h, "/proc/sys", &n, &ignored) &&
	       n.type == NODE_DIRECTORY;
}

static bool may_write(struct host *h, struct diags *d)
{
	struct snapshot *s = snapshot_of(h);

	if (s->may && !s->may(s->context))
		return diag_error(d, "write refused");
	if (s->failing > 1)
		s->failing--;
	else if (s->failing == 1)
		return diag_error(d, "write refused (fault injected)");
	return true;
}

static bool accepted(const struct host *h, const struct file_write *w,
		     struct diags *d)
{
	int code;

	if (!w->validate || !find_code(h, w->validate, &code) || code == 0)
		return true;
	return diag_error(d, "'%s' refuses the new content of '%s'",
			  w->validate->v[0], w->path);
}

static bool snapshot_replace(struct host *h, const struct file_write *w,
			     struct diags *d)
{
	return may_write(h, d) && accepted(h, w, d) && picture_replace(h, w, d);
}

static bool snapshot_make_directory(struct host *h, const char *path,
				    const struct perms *p, struct diags *d)
{
	return may_write(h, d) && picture_make_directory(h, path, p, d);
}

/* JSON has no other text than UTF-8. */
static bool can_be_told(const char *path, const char *target, struct diags *d)
{
	size_t left = strlen(target);

	for (size_t n; left; target += n, left -= n) {
		uint32_t rune;

		n = utf8_decode(target, left, &rune);
		if (n == 0)
			return diag_error(d, "the target of '%s' is not UTF-8",
					  path);
	}
	return true;
}

static bool snapshot_make_link(struct host *h, const char *path,
			       const char *target, const struct node *expect,
			       bool force, struct diags *d)
{
	return may_write(h, d) && can_be_told(path, target, d) &&
	       picture_make_link(h, path, target, expect, force, d);
}

static bool snapshot_set_perms(struct host *h, const char *path,
			       const struct perms *p, const struct node *expect,
			       struct diags *d)
{
	return may_write(h, d) && picture_set_perms(h, path, p, expect, d);
}

static bool snapshot_remove(struct host *h, const char *path, bool recursive,
			    bool backup, const struct node *expect,
			    struct diags *d)
{
	return may_write(h, d) &&
	       picture_remove(h, path, recursive, backup, expect, d);
}

static bool snapshot_set_user(struct host *h, const struct user_change *c,
			      struct diags *d)
{
	return may_write(h, d) &&
	       roster_set_user(&snapshot_of(h)->roster, c, d) &&
	       picture_follow_user(h, c, d);
}

static bool snapshot_set_group(struct host *h, const struct group_change *c,
			       struct diags *d)
{
	return may_write(h, d) &&
	       roster_set_group(&snapshot_of(h)->roster, c, d);
}

static bool snapshot_unpack(struct host *h, const struct folder_write *w,
			    struct diags *d)
{
	return may_write(h, d) && picture_unpack(h, w, d);
}

static bool make_missing(struct host *h, const char *path, bool directory,
			 struct diags *d)
{
	const struct content nothing = content_of("", 0);
	const struct perms usual = { 0 };
	const struct file_write w = { .path = path, .content = &nothing };
	struct node n;

	if (!picture_look(h, path, &n, d))
		return false;
	if (n.type != NODE_ABSENT)
		return true;
	return directory ? picture_make_directory(h, path, &usual, d)
			 : picture_replace(h, &w, d);
}

static bool keep_promise(struct host *h, const char *path, struct diags *d)
{
	AUTO(arena_release) struct arena a = { 0 };

	for (size_t end = 1;; end++) {
		end += strcspn(path + end, "/");
		if (!path[end])
			return make_missing(h, path, false, d);
		if (!make_missing(h, arena_strndup(&a, path, end), true, d))
			return false;
	}
}

static bool snapshot_run(struct host *h, const struct command *c,
			 const struct strings *makes, struct arena *a,
			 struct outcome *o, struct diags *d)
{
	(void)a;
	*o = (struct outcome){ .ending = ENDED_EXIT };
	if (!may_write(h, d))
		return false;
	if (find_code(h, &c->argv, &o->code) && o->code != 0)
		return true;
	for (size_t i = 0; makes && i < makes->n; i++)
		if (!keep_promise(h, makes->v[i], d))
			return false;
	return true;
}

static bool snapshot_package_change(struct host *h,
				    const struct package_change *c,
				    struct diags *d)
{
	return may_write(h, d) && snapshot_change_package(h, c, d) &&
	       (c->wish != PACKAGE_INSTALL ||
		assume_brought(snapshot_of(h), d));
}

static bool snapshot_set_kernel(struct host *h, const char *path,
				const char *value, struct diags *d)
{
	return may_write(h, d) && picture_set_kernel(h, path, value, d);
}

static bool snapshot_mount(struct host *h, const struct mount_change *c,
			   struct arena *a, struct outcome *o, struct diags *d)
{
	*o = (struct outcome){ .ending = ENDED_EXIT };
	return may_write(h, d) && picture_mount(h, c, a, o, d);
}

static bool snapshot_pause(struct host *h, int64_t milliseconds)
{
	(void)h;
	(void)milliseconds;
	return true;
}

static bool snapshot_unit_change(struct host *h, const struct unit_change *c,
				 struct arena *a, struct diags *d)
{
	return may_write(h, d) && picture_unit_change(h, c, a, d);
}

static void snapshot_close(struct host *h)
{
	picture_free(snapshot_of(h)->host.picture);
	roster_release(&snapshot_of(h)->roster);
	json_decref(snapshot_of(h)->changed);
	free(snapshot_of(h));
}

static bool snapshot_units(const struct host *h, struct arena *a,
			   struct strings *ids, struct diags *d)
{
	const char *id;
	json_t *unit;

	(void)d;
	json_object_foreach (iterable(const_snapshot(h)->units), id, unit)
		strings_add(ids, a, id);
	return true;
}

static const struct host_looks snapshot_looks = {
	.look = picture_look,
	.read_link = picture_read_link,
	.list = picture_list,
	.compare = picture_compare,
	.read = picture_read,
	.read_marked = picture_read_marked,
	.same = picture_same,
	.digest = picture_digest,
	.capable = picture_capable,
	.user_id = snapshot_user_id,
	.group_id = snapshot_group_id,
	.user_name = snapshot_user_name,
	.group_name = snapshot_group_name,
	.user = snapshot_user,
	.group = snapshot_group,
	.users = snapshot_users,
	.groups = snapshot_groups,
	.ask = snapshot_ask,
	.unit_known = picture_unit_known,
	.unit_install = picture_unit_install,
	.unit_state = picture_unit_state,
	.package = snapshot_package,
	.package_candidate = snapshot_package_candidate,
	.unit_age = picture_unit_age,
	.units = snapshot_units,
	.packages = snapshot_packages,
	.runs = snapshot_runs,
	.fetch = picture_fetch,
	.recall = picture_recall,
	.download = picture_download,
};

static const struct host_writes snapshot_writes = {
	.replace = snapshot_replace,
	.edit = snapshot_replace,
	.make_directory = snapshot_make_directory,
	.make_link = snapshot_make_link,
	.set_perms = snapshot_set_perms,
	.remove = snapshot_remove,
	.set_user = snapshot_set_user,
	.set_group = snapshot_set_group,
	.unpack = snapshot_unpack,
	.run = snapshot_run,
	.pause = snapshot_pause,
	.unit_change = snapshot_unit_change,
	.package_change = snapshot_package_change,
	.set_kernel = snapshot_set_kernel,
	.mount = snapshot_mount,
	.commit = picture_commit,
	.close = snapshot_close,
};

struct host *host_snapshot(const json_t *json, struct diags *d)
{
	struct snapshot *s = xrealloc(NULL, sizeof(*s));
	struct host *h = &s->host.host;

	*s = (struct snapshot){ 0 };
	*h = (struct host){ .looks = &snapshot_looks,
			    .writes = &snapshot_writes };
	s->host.picture = picture_new(h, NULL);
	roster_init(&s->roster);
	s->host.picture->copies = true;
	if (snapshot_read(s, json, d))
		return h;
	snapshot_close(h);
	return NULL;
}

void host_snapshot_fail(struct host *h, size_t nth)
{
	snapshot_of(h)->failing = nth;
}

void host_snapshot_watch(struct host *h, bool (*may)(void *context),
			 void *context)
{
	snapshot_of(h)->may = may;
	snapshot_of(h)->context = context;
}

void host_snapshot_unit(struct host *h, const char *id, enum unit_active active,
			enum unit_enabled enabled)
{
	struct picture_unit *unit =
		picture_unit(snapshot_of(h)->host.picture, id);

	unit->has_active = unit->has_enabled = true;
	unit->active = active;
	unit->enabled = enabled;
}
