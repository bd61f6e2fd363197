/* SPDX-License-Identifier: MIT */
/* Rules about files, folders and mounts. */
#include <string.h>

#include "lib/base/mode.h"
#include "lib/base/path.h"
#include "lib/lint/parts.h"

/* --- folders that every system has --- */

/* hier(7), the Filesystem Hierarchy Standard 3.0, and what the packages of
 * Debian's priority "important" and above bring; each with its own slash. */
static const char *const standard[] = { "/bin",
					"/boot",
					"/boot/grub",
					"/etc",
					"/etc/alternatives",
					"/etc/apt",
					"/etc/apt/apt.conf.d",
					"/etc/apt/auth.conf.d",
					"/etc/apt/keyrings",
					"/etc/apt/preferences.d",
					"/etc/apt/sources.list.d",
					"/etc/apt/trusted.gpg.d",
					"/etc/bash_completion.d",
					"/etc/cron.d",
					"/etc/cron.daily",
					"/etc/cron.hourly",
					"/etc/cron.monthly",
					"/etc/cron.weekly",
					"/etc/default",
					"/etc/default/grub.d",
					"/etc/dhcp",
					"/etc/dpkg",
					"/etc/dpkg/dpkg.cfg.d",
					"/etc/environment.d",
					"/etc/init.d",
					"/etc/initramfs-tools",
					"/etc/initramfs-tools/conf.d",
					"/etc/iproute2",
					"/etc/kernel",
					"/etc/kernel/postinst.d",
					"/etc/ld.so.conf.d",
					"/etc/logrotate.d",
					"/etc/modprobe.d",
					"/etc/modules-load.d",
					"/etc/network",
					"/etc/network/if-down.d",
					"/etc/network/if-post-down.d",
					"/etc/network/if-pre-up.d",
					"/etc/network/if-up.d",
					"/etc/network/interfaces.d",
					"/etc/opt",
					"/etc/pam.d",
					"/etc/pki",
					"/etc/pki/rpm-gpg",
					"/etc/profile.d",
					"/etc/security",
					"/etc/security/limits.d",
					"/etc/skel",
					"/etc/ssh",
					"/etc/ssl",
					"/etc/ssl/certs",
					"/etc/ssl/private",
					"/etc/sysctl.d",
					"/etc/systemd",
					"/etc/systemd/network",
					"/etc/systemd/system",
					"/etc/systemd/user",
					"/etc/tmpfiles.d",
					"/etc/sysconfig",
					"/etc/udev",
					"/etc/udev/rules.d",
					"/etc/update-motd.d",
					"/etc/yum.repos.d",
					"/home",
					"/lib",
					"/media",
					"/mnt",
					"/opt",
					"/root",
					"/run",
					"/sbin",
					"/srv",
					"/tmp",
					"/usr",
					"/usr/bin",
					"/usr/include",
					"/usr/lib",
					"/usr/lib/systemd",
					"/usr/lib/systemd/system",
					"/usr/libexec",
					"/usr/local",
					"/usr/local/bin",
					"/usr/local/etc",
					"/usr/local/games",
					"/usr/local/include",
					"/usr/local/lib",
					"/usr/local/libexec",
					"/usr/local/man",
					"/usr/local/sbin",
					"/usr/local/share",
					"/usr/local/src",
					"/usr/sbin",
					"/usr/share",
					"/usr/share/doc",
					"/usr/share/keyrings",
					"/usr/share/man",
					"/usr/src",
					"/var",
					"/var/backups",
					"/var/cache",
					"/var/cache/apt",
					"/var/lib",
					"/var/lib/apt",
					"/var/lib/dpkg",
					"/var/local",
					"/var/lock",
					"/var/log",
					"/var/mail",
					"/var/opt",
					"/var/run",
					"/var/spool",
					"/var/spool/cron",
					"/var/tmp",
					NULL };

/* Of those, what administrators alone, or mostly, put things into. */
static const char *const own[] = { "/etc/apt/apt.conf.d",
				   "/etc/apt/auth.conf.d",
				   "/etc/apt/keyrings",
				   "/etc/apt/preferences.d",
				   "/etc/apt/sources.list.d",
				   "/etc/apt/trusted.gpg.d",
				   "/etc/network/interfaces.d",
				   "/etc/security/limits.d",
				   "/etc/systemd/network",
				   "/etc/yum.repos.d",
				   "/usr/local/bin",
				   "/usr/local/etc",
				   "/usr/local/games",
				   "/usr/local/include",
				   "/usr/local/lib",
				   "/usr/local/libexec",
				   "/usr/local/man",
				   "/usr/local/sbin",
				   "/usr/local/share",
				   "/usr/local/src",
				   NULL };

bool lint_is_standard(const char *path)
{
	return strcmp(path, "/") == 0 || lint_listed(path, standard);
}

/* --- what brings a folder --- */

/* Whether what it does may make the folder. */
static bool may_bring(const struct resource *res, const char *folder,
		      struct arena *a)
{
	const char *type = res->module->name, *home;

	if (resource_absent(res))
		return false;
	if (strcmp(type, "user") != 0)
		return res->module->brings || res->module->opaque;
	home = arena_printf(a, "/home/%s", resource_name(res));
	return path_below(folder, home, true);
}

/* Whether anything that comes before the resource may bring the folder. */
static bool is_brought(const struct look *k, const char *folder)
{
	const struct graph *g = k->graph;
	struct arena *a = &k->manifest->arena;
	size_t n = 1, *left = arena_array(a, size_t, g->catalog->n);
	bool *seen = arena_array(a, bool, g->catalog->n);

	left[0] = k->res->index;
	seen[k->res->index] = true;
	while (n) {
		size_t at = left[--n];

		if (at != k->res->index &&
		    may_bring(g->catalog->v[at], folder, a))
			return true;
		for (size_t e = g->first[at]; e < g->first[at + 1]; e++) {
			size_t from = g->edges[e].from;

			if (seen[from])
				continue;
			seen[from] = true;
			left[n++] = from;
		}
	}
	return false;
}

/* Whether something above the folder has what is in it. */
static bool is_within(const struct catalog *c, const char *folder)
{
	const struct resource *above;

	for (size_t n = strlen(folder); n > 1; n = path_parent_of(folder, n)) {
		above = map_getn(&c->by_path, folder, n);
		if (!above || resource_absent(above))
			continue;
		if (n == strlen(folder) || above->module->brings ||
		    above->module->mirror ||
		    strcmp(above->module->name, "directory") != 0)
			return true;
	}
	return false;
}

static const char *parent_of(struct look *k)
{
	const char *path = resource_path(k->res);

	if (!path && look_is_true(k, "create"))
		path = resource_edits(k->res);
	return path && !resource_absent(k->res)
		       ? arena_strndup(&k->manifest->arena, path,
				       path_parent(path))
		       : NULL;
}

void lint_unmanaged_parent(struct look *k)
{
	const char *parent = parent_of(k);
	struct lint_finding *f;

	if (!parent || lint_is_standard(parent) ||
	    is_within(k->catalog, parent) || is_brought(k, parent))
		return;
	f = look_attribute(k, NULL, "nothing makes sure that '%s' is there",
			   parent);
	if (f)
		f->hint = "manage it as a directory, or require the package "
			  "that brings it";
}

/* --- modes --- */

/* The bits that an attribute sets for certain; 0: none. */
static uint32_t bits_of(const struct look *k, const char *attribute,
			bool is_directory)
{
	const char *text = look_text(k, attribute);
	struct mode mode;

	if (!text || mode_parse(text, &mode))
		return 0;
	return mode_apply(&mode, 0, is_directory);
}

static void look_at_writable(struct look *k, const char *attribute,
			     bool is_directory)
{
	uint32_t bits = bits_of(k, attribute, is_directory);

	if ((bits & 02) && !(is_directory && (bits & 01000)))
		look_attribute(k, attribute, "'%s' %s lets everybody write",
			       attribute, look_text(k, attribute));
}

void lint_world_writable(struct look *k)
{
	bool is_directory = strcmp(k->res->module->name, "directory") == 0;

	look_at_writable(k, "mode", is_directory);
	look_at_writable(k, "file_mode", false);
}

void lint_setuid(struct look *k)
{
	uint32_t bits = bits_of(k, "mode", false);

	if (!(bits & 06000) || k->res->common.description ||
	    json_object_get(look_raw(k), "//"))
		return;
	look_attribute(k, "mode",
		       "'mode' %s has it run with the rights of its %s",
		       look_text(k, "mode"), bits & 04000 ? "owner" : "group");
}

/* --- folders --- */

void lint_wide_purge(struct look *k)
{
	const char *path = resource_path(k->res);

	if (!path || !look_is_true(k, "purge") || resource_absent(k->res) ||
	    !lint_is_standard(path) || lint_listed(path, own))
		return;
	look_attribute(k, "purge",
		       "'purge' of '%s' removes what packages put there", path);
}

/* --- folders that are unpacked --- */

/* What it says may change in its folder; NULL: it is no such type. */
static const struct strings *ignored_by(const struct resource *res)
{
	const char *type = res->module->name;

	if (strcmp(type, "archive") != 0 && strcmp(type, "git") != 0)
		return NULL;
	for (size_t i = 0; i < res->module->nattrs; i++)
		if (strcmp(res->module->attrs[i].name, "ignore") == 0)
			return (const void *)((const char *)res->want +
					      res->module->attrs[i].offset);
	return NULL;
}

static bool is_ignored(const struct strings *names, const char *name)
{
	for (size_t i = 0; i < names->n; i++)
		if (path_below(name, names->v[i], true))
			return true;
	return false;
}

void lint_inside_unpacked(struct look *k)
{
	const char *path = resource_path(k->res);

	if (!path)
		path = resource_edits(k->res);
	for (size_t n = path ? path_parent(path) : 0; n > 1;
	     n = path_parent_of(path, n)) {
		const struct resource *other =
			map_getn(&k->catalog->by_path, path, n);
		const struct strings *names = other ? ignored_by(other) : NULL;
		struct place at;

		if (!names || resource_absent(other) ||
		    is_ignored(names, path + n + 1))
			continue;
		at = resource_place(k->catalog, other);
		look_attribute(k, NULL,
			       "it is in the folder of '%s' at %s:%zu:%zu, "
			       "which does not ignore '%s'",
			       other->id, at.file, at.line, at.column,
			       path + n + 1);
	}
}

/* --- edits --- */

static const char *shown(const struct look *k, const char *attribute)
{
	const char *text = look_text(k, attribute);

	return text ? text : "";
}

/* A JSON Pointer that ends with "/-" is for a value, of which there may be
 * others beside it. */
static const char *edited_json(struct look *k, const char *path)
{
	const char *pointer = shown(k, "pointer");
	struct arena *a = &k->manifest->arena;
	size_t n = strlen(pointer);
	AUTO_FREE char *value = NULL;

	if (n > 1 && strcmp(pointer + n - 2, "/-") == 0)
		value = json_dumps(json_object_get(k->attributes, "value"),
				   JSON_ENCODE_ANY | JSON_COMPACT |
					   JSON_SORT_KEYS);
	return arena_printf(a, "json\n%s\n%s%s%s", path, pointer,
			    value ? "\n" : "", value ? value : "");
}

/* What of the file it edits, as text; NULL: nothing that another could edit
 * too. */
static const char *edited(struct look *k)
{
	struct arena *a = &k->manifest->arena;
	const char *type = k->res->module->name, *path = resource_edits(k->res);

	if (!path)
		return NULL;
	if (strcmp(type, "ini") == 0)
		return look_text(k, "key")
			       ? arena_printf(a, "ini\n%s\n%s\n%s", path,
					      shown(k, "section"),
					      shown(k, "key"))
			       : NULL;
	if (strcmp(type, "json") == 0)
		return edited_json(k, path);
	if (strcmp(type, "line") == 0 && look_text(k, "match"))
		return arena_printf(a, "line\n%s\n%s", path, shown(k, "match"));
	if (strcmp(type, "block") == 0)
		/* without a marker its name makes one */
		return arena_printf(a, "block\n%s\n%s\n%s", path,
				    shown(k, "marker"),
				    look_text(k, "marker") ? "" : k->res->name);
	return NULL;
}

/* What edits a value that holds the one that it edits; or NULL. */
static const struct resource *edits_around(struct look *k, const char *what,
					   const struct map *seen)
{
	size_t size = strlen(shown(k, "pointer")), from;
	const struct resource *other = NULL;

	if (strcmp(k->res->module->name, "json") != 0)
		return NULL;
	from = strlen("json\n\n") + strlen(resource_edits(k->res));
	while (size && !other)
		if (what[from + --size] == '/')
			other = map_getn(seen, what, from + size);
	return other;
}

static const char *look_at_edit(struct look *k, size_t i)
{
	const struct entry *entry = &k->manifest->v[i];

	k->entry = entry;
	k->res = catalog_find(k->catalog, entry->id);
	k->attributes = entry->attributes;
	return k->res ? edited(k) : NULL;
}

void lint_edited_twice(struct look *k)
{
	struct manifest *m = k->manifest;
	const char **what = arena_array(&m->arena, const char *, m->n);
	struct map seen = { 0 };

	for (size_t i = 0; i < m->n; i++) {
		const struct resource *other;

		what[i] = look_at_edit(k, i);
		if (!what[i])
			continue;
		other = map_put(&seen, &m->arena, what[i],
				(void *)(uintptr_t)k->res);
		if (other)
			look_attribute(k, NULL,
				       "it edits the same of '%s' as '%s'",
				       resource_edits(k->res), other->id);
	}
	for (size_t i = 0; i < m->n; i++) {
		const struct resource *other;

		if (!what[i])
			continue;
		look_at_edit(k, i);
		other = edits_around(k, what[i], &seen);
		if (other)
			look_attribute(k, NULL,
				       "it edits a part of what '%s' edits of "
				       "'%s'",
				       other->id, resource_edits(k->res));
	}
	lint_undone_edits(k);
}

/* --- sudoers --- */

void lint_sudoers(struct look *k)
{
	const char *path = resource_path(k->res);

	if (!path)
		path = resource_edits(k->res);
	if (!path || resource_absent(k->res) || look_has(k, "validate") ||
	    (strcmp(path, "/etc/sudoers") != 0 &&
	     !path_below(path, "/etc/sudoers.d", false)))
		return;
	look_attribute(k, NULL, "'%s' is not validated by visudo(8)", path);
}

/* --- mounts --- */

void lint_unstable_device(struct look *k)
{
	static const char *const kinds[] = { "/dev/sd", "/dev/hd", "/dev/vd",
					     "/dev/xvd", "/dev/nvme" };
	const char *device = look_text(k, "device");

	if (!device || resource_absent(k->res))
		return;
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (strncmp(device, kinds[i], strlen(kinds[i])) == 0)
			look_attribute(k, "device",
				       "'%s' can be another device after a "
				       "reboot",
				       device);
}
