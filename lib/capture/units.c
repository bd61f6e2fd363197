/* SPDX-License-Identifier: MIT */
/*
 * Units that somebody enabled, disabled or masked, and those of packages and
 * files that are captured too.
 */
#include <string.h>

#include "lib/capture/capture.h"

static const char local_path[] = "/etc/systemd/system";
/* deb-systemd-helper(1p): what packages enabled as they were installed. */
static const char helper_path[] = "/var/lib/systemd/deb-systemd-helper-enabled";

/* The units there are to look at, and those that packages enabled. */
struct finding {
	struct capture *capture;
	struct map seen, enabled;
	struct strings units;
};

static bool ends(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n > m && strcmp(text + n - m, end) == 0;
}

static bool is_unit(const char *name)
{
	static const char *const types[] = { ".service", ".socket", ".timer",
					     ".path" };

	/* a template, or an instance, such as "getty@tty1", is none itself */
	for (size_t i = 0; i < COUNT(types); i++)
		if (ends(name, types[i]))
			return !strchr(name, '@');
	return false;
}

static void note(struct finding *f, const char *name)
{
	struct arena *a = f->capture->arena;

	if (is_unit(name) &&
	    !map_put(&f->seen, a, name, (void *)(uintptr_t)name))
		strings_add(&f->units, a, name);
}

static bool list(struct capture *c, const char *path, struct strings *names)
{
	struct node node;

	*names = (struct strings){ 0 };
	if (!host_look(c->host, path, &node, c->diags))
		return false;
	return node.type != NODE_DIRECTORY ||
	       host_list(c->host, path, c->arena, names, c->diags);
}

static bool find_inside(struct finding *f, const char *folder)
{
	struct capture *c = f->capture;
	struct strings names;

	if (!list(c, arena_printf(c->arena, "%s/%s", local_path, folder),
		  &names))
		return false;
	for (size_t i = 0; i < names.n; i++)
		note(f, names.v[i]);
	return true;
}

/* The units that files and links of the administrator's folder speak of. */
static bool find_local(struct finding *f)
{
	struct strings names;

	if (!list(f->capture, local_path, &names))
		return false;
	for (size_t i = 0; i < names.n; i++) {
		note(f, names.v[i]);
		if ((ends(names.v[i], ".wants") ||
		     ends(names.v[i], ".requires")) &&
		    !find_inside(f, names.v[i]))
			return false;
	}
	return true;
}

/* "cron.service.dsh-also" */
static bool find_enabled(struct finding *f)
{
	static const char end[] = ".dsh-also";
	struct arena *a = f->capture->arena;
	struct strings names;

	if (!list(f->capture, helper_path, &names))
		return false;
	for (size_t i = 0; i < names.n; i++) {
		const char *name;

		if (!ends(names.v[i], end))
			continue;
		name = arena_strndup(a, names.v[i],
				     strlen(names.v[i]) - strlen(end));
		map_put(&f->enabled, a, name, (void *)(uintptr_t)name);
		note(f, name);
	}
	return true;
}

/* The captured resource that brings its file, or NULL. */
static const char *brought_by(struct capture *c, const char *id)
{
	static const char *const folders[] = { "/lib/systemd/system",
					       "/usr/lib/systemd/system" };
	const char *local = arena_printf(c->arena, "%s/%s", local_path, id);

	if (capture_has(c, "file", local))
		return arena_printf(c->arena, "file:%s", local);
	for (size_t i = 0; i < COUNT(folders); i++) {
		const struct installed_file *f = installed_file(
			&c->installed,
			arena_printf(c->arena, "%s/%s", folders[i], id));

		if (f && capture_has(c, "package", f->package))
			return arena_printf(c->arena, "package:%s", f->package);
	}
	return NULL;
}

/* Without a manager nothing is known of what runs. */
static bool runs(struct capture *c, struct unit *unit)
{
	AUTO_DIAGS struct diags ignored = { 0 };

	return ends(unit->id, ".service") && unit->enabled == UNIT_ENABLED &&
	       host_unit_state(c->host, unit, c->arena, &ignored) &&
	       !unit->because && unit->active == UNIT_ACTIVE && unit->sub &&
	       strcmp(unit->sub, "running") == 0;
}

/* "nginx" is nginx.service. */
static const char *name_of(struct capture *c, const char *id)
{
	size_t n = strlen(id);

	return arena_strndup(c->arena, id, ends(id, ".service") ? n - 8 : n);
}

static void add_unit(struct capture *c, struct unit *unit, bool usual)
{
	const char *from = brought_by(c, unit->id);
	bool enabled = unit->enabled == UNIT_ENABLED;
	bool masked = unit->enabled == UNIT_MASKED;
	json_t *o;

	if (enabled == usual && !from && !masked)
		return;
	if (!enabled && !masked && unit->enabled != UNIT_DISABLED)
		return;
	o = json_pack("{s:o}", "enable",
		      masked ? json_string("masked") : json_boolean(enabled));
	if (runs(c, unit))
		json_object_set_new(o, "ensure", json_string("running"));
	if (from)
		json_object_set_new(o, "require", json_string(from));
	capture_add(c, "service", name_of(c, unit->id), o);
}

bool capture_units(struct capture *c)
{
	struct finding f = { .capture = c };

	if (!find_local(&f) || !find_enabled(&f))
		return false;
	strings_sort(&f.units);
	for (size_t i = 0; i < f.units.n; i++) {
		struct unit unit = { 0 };

		if (!host_unit_file(c->host, f.units.v[i], c->arena, &unit,
				    c->diags))
			return false;
		/* an alias is told of by its own name */
		if (!unit.because && unit.enabled != UNIT_NO_FILE &&
		    strcmp(unit.id, f.units.v[i]) == 0)
			add_unit(c, &unit, map_get(&f.enabled, unit.id));
	}
	return true;
}
