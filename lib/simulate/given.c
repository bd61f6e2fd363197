/* SPDX-License-Identifier: MIT */
#include "lib/simulate/given.h"

#include <string.h>

#include "lib/base/mode.h"
#include "lib/host/recorded.h"
#include "lib/manifest.h"

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

/* The folders above path that are not there, 0755 and root's. */
static bool make_parents(struct host *h, const char *path, struct arena *a,
			 struct diags *d)
{
	const struct perms perms = { .set = PERM_ALL, .mode = 0755 };

	for (size_t end = 1;; end++) {
		const char *folder;
		struct node n;

		end += strcspn(path + end, "/");
		if (!path[end])
			return true;
		folder = arena_strndup(a, path, end);
		if (!host_look(h, folder, &n, d))
			return false;
		if ((n.type == NODE_ABSENT || n.type == NODE_UNKNOWN) &&
		    !host_make_directory(h, folder, &perms, d))
			return false;
	}
}

static bool set_owner(const struct host *h, const json_t *file,
		      struct perms *perms, struct diags *d)
{
	const char *owner = text_of(file, "owner");
	const char *group = text_of(file, "group");

	perms->set |= PERM_UID | PERM_GID;
	if (owner && !host_user_id(h, owner, &perms->uid))
		return diag_error(d, "there is no user '%s'", owner);
	if (group && !host_group_id(h, group, &perms->gid))
		return diag_error(d, "there is no group '%s'", group);
	return true;
}

static void set_mode(const json_t *file, struct perms *perms, unsigned usual)
{
	const char *text = text_of(file, "mode");
	struct mode mode;

	perms->set |= PERM_MODE;
	perms->mode = text && !mode_parse(text, &mode) ? mode.octal : usual;
}

static bool write_file(struct host *h, const char *path, const json_t *file,
		       const struct perms *perms, struct diags *d)
{
	const char *text = json_is_string(file) ? json_string_value(file)
						: text_of(file, "content");
	const struct content content =
		content_of(text ? text : "", text ? strlen(text) : 0);
	const struct file_write w = { .path = path,
				      .content = &content,
				      .perms = *perms,
				      .force = true };

	return host_replace(h, &w, d);
}

/* What is there goes first, so that what is given can be anything. */
static bool set_file(struct host *h, const char *path, const json_t *file,
		     struct diags *d)
{
	AUTO(arena_release) struct arena a = { 0 };
	const char *ensure = text_of(file, "ensure");
	const char *target = text_of(file, "target");
	struct perms perms = { 0 };
	bool folder = ensure && strcmp(ensure, "directory") == 0;

	if (ensure && strcmp(ensure, "absent") == 0)
		return host_remove(h, path, true, false, NULL, d);
	if (!make_parents(h, path, &a, d) || !set_owner(h, file, &perms, d))
		return false;
	set_mode(file, &perms, folder ? 0755 : 0644);
	if (ensure && strcmp(ensure, "link") == 0 && !target)
		return diag_error(d, "a link must have a 'target'");
	if (folder)
		return host_remove(h, path, true, false, NULL, d) &&
		       host_make_directory(h, path, &perms, d);
	if (target)
		return host_make_link(h, path, target, NULL, true, d);
	return write_file(h, path, file, &perms, d);
}

static bool set_package(struct host *h, const char *name, const json_t *value,
			struct diags *d)
{
	const char *version = json_string_value(value);
	bool absent = strcmp(version, "absent") == 0;
	struct package_change c = { .name = name,
				    .wish = absent ? PACKAGE_PURGE
						   : PACKAGE_INSTALL };

	if (!absent && strcmp(version, "installed") != 0)
		c.version = version;
	return host_package_change(h, &c, d);
}

static bool set_unit(struct host *h, const char *name, const json_t *value,
		     struct diags *d)
{
	AUTO(arena_release) struct arena a = { 0 };
	const char *wrong, *full = unit_full_name(name, &a, &wrong);
	const char *words[] = { text_of(value, "active"),
				text_of(value, "enabled") };
	int active = unit_active_parse(words[0] ? words[0] : "inactive");
	int enabled = unit_enabled_parse(words[1] ? words[1] : "disabled");

	if (!full)
		return diag_error(d, "'%s' is no unit: it %s", name, wrong);
	if (active < 0 || enabled < 0)
		return diag_error(d, "'active' and 'enabled' must be as "
				     "systemctl(1) shows them");
	host_snapshot_unit(h, full, (enum unit_active)active,
			   (enum unit_enabled)enabled);
	return true;
}

static const struct {
	const char *key;
	bool (*set)(struct host *, const char *name, const json_t *value,
		    struct diags *);
} parts[] = {
	{ "packages", set_package },
	{ "units", set_unit },
	{ "files", set_file },
};

static bool set_part(const struct spec *spec, struct host *h, size_t part,
		     struct diags *d)
{
	AUTO(arena_release) struct arena a = { 0 };
	const char *at = pointer_join(&a, "/given", parts[part].key), *name;
	const json_t *given = json_object_get(spec->doc->root, "given");
	json_t *value;

	json_object_foreach (json_object_get(given, parts[part].key), name,
			     value) {
		bool ok;

		if (strcmp(name, "//") == 0)
			continue;
		d->place = spec_place(spec, pointer_join(&a, at, name),
				      SOURCE_AT_KEY);
		ok = parts[part].set(h, name, value, d);
		d->place = (struct place){ 0 };
		if (!ok)
			return false;
	}
	return true;
}

bool given_set(const struct spec *spec, struct host *h, struct diags *d)
{
	bool ok = true;

	for (size_t i = 0; i < COUNT(parts); i++)
		ok &= set_part(spec, h, i, d);
	return ok;
}

json_t *given_commands(const struct spec *spec, json_t *record)
{
	const json_t *given = json_object_get(spec->doc->root, "given");
	json_t *commands = json_object_get(given, "commands");
	json_t *all, *copy;

	if (!commands)
		return json_incref(record);
	copy = json_copy(record);
	all = json_copy(json_object_get(record, "commands"));
	if (!all)
		all = json_object();
	json_object_update(all, commands);
	json_object_del(all, "//");
	set_new(copy, "commands", all);
	return copy;
}
