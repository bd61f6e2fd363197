/* SPDX-License-Identifier: MIT */
/* Accounts, packages and units of a snapshot. */
#include <string.h>

#include "lib/base/path.h"
#include "lib/host/recorded.h"
#include "lib/host/roster.h"
#include "lib/snapshot/making.h"

json_t *record_accounts(struct making *m, bool groups)
{
	struct roster r;
	json_t *json = NULL;

	roster_init(&r);
	if (roster_load(&r, m->host, m->diags))
		json = groups ? roster_groups_json(&r) : roster_users_json(&r);
	roster_release(&r);
	return json;
}

/* --- packages --- */

static json_t *package_json(struct making *m, const char *name)
{
	bool asked = map_get(&m->options->noted->candidates, name);
	const char *candidate = NULL, *because;
	struct package p;
	json_t *o;

	if (!host_package(m->host, NULL, name, m->arena, &p, m->diags) ||
	    (asked && !host_package_candidate(m->host, NULL, name, m->arena,
					      &candidate, &because, m->diags)))
		return NULL;
	if (p.state == PACKAGE_UNKNOWN)
		return json_null();
	if (p.state == PACKAGE_INSTALLED && p.version && !p.hold && !candidate)
		return json_string(p.version);
	o = json_pack("{s:s, s:s*, s:s*}", "state", package_state_name(p.state),
		      "version", p.version, "candidate", candidate);
	if (p.hold)
		set_new(o, "hold", json_true());
	return o;
}

json_t *record_packages(struct making *m)
{
	const struct strings *asked = &m->options->noted->candidate_names;
	struct strings names = { 0 };
	json_t *packages;
	bool known;

	if (!host_packages(m->host, m->arena, &names, &known, m->diags) ||
	    !known)
		return NULL;
	for (size_t i = 0; i < asked->n; i++)
		if (!strings_have(&names, asked->v[i]))
			strings_add(&names, m->arena, asked->v[i]);
	strings_sort(&names);
	packages = json_object();
	for (size_t i = 0; i < names.n; i++) {
		json_t *package = package_json(m, names.v[i]);

		if (!package) {
			json_decref(packages);
			return NULL;
		}
		set_new(packages, names.v[i], package);
	}
	return packages;
}

/* --- units --- */

static void add_unit(struct making *m, json_t *units, const char *id)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	enum unit_enabled install, enabled;
	const struct unit_age *age;
	struct unit unit;
	const char *wrong;
	json_t *o;

	if (json_object_get(units, id) ||
	    unit_full_name(id, m->arena, &wrong) != id ||
	    !host_unit_find(m->host, id, m->arena, &unit, &ignored) ||
	    strcmp(unit.id, id) != 0 ||
	    !host_unit_state(m->host, &unit, m->arena, &ignored))
		return;
	o = json_object();
	if (unit.loaded)
		set_new(o, "active",
			json_string(unit_active_name(unit.active)));
	if (unit.path &&
	    host_unit_install(m->host, id, m->arena, &install, &ignored))
		set_new(o, "install", json_string(unit_enabled_name(install)));
	age = map_get(&m->options->noted->ages, id);
	if (age)
		set_new(o, "older",
			json_pack("{s:s, s:I}", "than", age->newer, "since",
				  (json_int_t)age->since));
	if (host_unit_known(m->host, id, &enabled))
		set_new(o, "enabled", json_string(unit_enabled_name(enabled)));
	set_new(units, id, o);
}

static void add_files(struct making *m, json_t *units, const char *folder)
{
	const json_t *json;
	const char *path;

	json_object_foreach (m->files, path, json)
		if (path_parent(path) == strlen(folder) &&
		    strncmp(path, folder, strlen(folder)) == 0)
			add_unit(m, units, path_name(path));
}

json_t *record_units(struct making *m)
{
	AUTO_DIAGS struct diags none = { 0 };
	struct strings ids = { 0 };
	json_t *units;

	if (!host_units(m->host, m->arena, &ids, &none))
		return NULL;
	units = json_object();
	strings_sort(&ids);
	for (size_t i = 0; i < ids.n; i++)
		add_unit(m, units, ids.v[i]);
	for (size_t i = 0; host_unit_folder(i); i++)
		add_files(m, units, host_unit_folder(i));
	return units;
}
