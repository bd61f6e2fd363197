/* SPDX-License-Identifier: MIT */
/* The document that a snapshot is: its parts found, read, and told again. */
#include "lib/host/snapshot.h"

#include <string.h>

static const char format[] = "converge.snapshot/1";

static bool check_numbers(const json_t *numbers, const char *what,
			  json_int_t max, struct diags *d)
{
	bool good = true;
	const char *name;
	json_t *value;

	json_object_foreach (iterable(numbers), name, value) {
		json_int_t n = json_integer_value(value);

		if (!*name || !json_is_integer(value) || n < 0 || n > max)
			good = diag_error(d,
					  "'%s' of '%s' must be a whole "
					  "number from 0 to "
					  "%" JSON_INTEGER_FORMAT,
					  name, what, max);
	}
	return good;
}

static bool check_texts(const json_t *texts, const char *what, struct diags *d)
{
	bool good = true;
	const char *name;
	json_t *value;

	json_object_foreach (iterable(texts), name, value)
		if (!*name || !json_is_string(value))
			good = diag_error(d, "'%s' of '%s' must be a string",
					  name, what);
	return good;
}

static int unit_word(const json_t *o, const char *key,
		     int (*parse)(const char *))
{
	return parse(json_string_value(json_object_get(o, key)));
}

/* Links in "files" tell whether it is enabled, unless it says so itself. */
static bool read_recorded(struct picture_unit *unit, const char *name,
			  const json_t *o, struct diags *d)
{
	int active = unit_word(o, "active", unit_active_parse);
	int install = unit_word(o, "install", unit_enabled_parse);
	int enabled = unit_word(o, "enabled", unit_enabled_parse);
	const json_t *older = json_object_get(o, "older");
	size_t n = (size_t)(active >= 0) + (size_t)(install >= 0) +
		   (size_t)(enabled >= 0) + (older != NULL);

	unit->newer = json_string_value(json_object_get(older, "than"));
	unit->since = json_integer_value(json_object_get(older, "since"));
	if (!json_is_object(o) || json_object_size(o) != n ||
	    (older && !unit->newer))
		return diag_error(d,
				  "'%s' of 'units' can have 'active', "
				  "'enabled', 'install' and 'older', as "
				  "systemctl shows them",
				  name);
	unit->has_active = active >= 0;
	unit->active = active < 0 ? UNIT_INACTIVE : (enum unit_active)active;
	unit->has_enabled = enabled >= 0;
	unit->enabled =
		enabled < 0 ? UNIT_DISABLED : (enum unit_enabled)enabled;
	unit->has_install = install >= 0;
	unit->install = install < 0 ? UNIT_STATIC : (enum unit_enabled)install;
	return true;
}

static bool read_unit(struct picture *p, const char *name, const json_t *o,
		      struct diags *d)
{
	AUTO(arena_release) struct arena a = { 0 };
	const char *wrong, *full = unit_full_name(name, &a, &wrong);
	int active = unit_word(o, "active", unit_active_parse);
	int enabled = unit_word(o, "enabled", unit_enabled_parse);
	struct picture_unit *unit;

	if (!full || full != name)
		return diag_error(d,
				  "'%s' of 'units' is not the full name of "
				  "a unit",
				  name);
	if (p->partial)
		return read_recorded(picture_unit(p, name), name, o, d);
	if (active < 0 || enabled < 0 || json_object_size(o) != 2)
		return diag_error(d,
				  "'%s' of 'units' must have 'active' and "
				  "'enabled', as systemctl shows them",
				  name);
	unit = picture_unit(p, name);
	unit->has_active = unit->has_enabled = true;
	unit->active = (enum unit_active)active;
	unit->enabled = (enum unit_enabled)enabled;
	return true;
}

static bool read_units(struct snapshot *s, struct diags *d)
{
	bool good = true;
	const char *name;
	json_t *json;

	json_object_foreach (iterable(s->units), name, json) {
		good = read_unit(s->host.picture, name, json, d) && good;
	}
	return good;
}

static bool check_format(const json_t *json, struct diags *d)
{
	const json_t *value = json_object_get(json, "format");
	const char *text = json_string_value(value);

	if (!value || (text && strcmp(text, format) == 0))
		return true;
	return diag_error(d, "'format' must be \"%s\"", format);
}

/* The parts of a snapshot that are objects. */
static bool find_parts(struct snapshot *s, const json_t *json, struct diags *d)
{
	const struct {
		const char *name;
		const json_t **part;
	} parts[] = {
		{ "files", &s->files },       { "users", &s->users },
		{ "groups", &s->groups },     { "commands", &s->commands },
		{ "facts", &s->facts },       { "units", &s->units },
		{ "packages", &s->packages }, { "recorded", &s->recorded },
		{ "settled", &s->settled },   { "owed", &s->owed },
	};
	bool good = true;
	const char *key;
	json_t *value;

	json_object_foreach (iterable(json), key, value) {
		size_t i = 0;

		if (strcmp(key, "format") == 0)
			continue;
		while (i < COUNT(parts) && strcmp(parts[i].name, key) != 0)
			i++;
		if (i == COUNT(parts))
			good = diag_error(d, "'%s' is no part of a snapshot",
					  key);
		else if (!json_is_object(value))
			good = diag_error(d, "'%s' must be an object", key);
		else
			*parts[i].part = value;
	}
	return good;
}

bool snapshot_read(struct snapshot *s, const json_t *json, struct diags *d)
{
	bool good;

	if (!json_is_object(json))
		return diag_error(d, "a snapshot must be an object");
	if (!check_format(json, d) || !find_parts(s, json, d))
		return false;
	if (!s->files)
		return diag_error(d, "a snapshot must have 'files'");
	if (s->recorded)
		s->host.picture->partial = s->host.picture->root->open = true;
	good = snapshot_read_files(s, d);
	good = roster_read(&s->roster, s->users, s->groups, d) && good;
	good = read_units(s, d) && good;
	good = snapshot_check_packages(s->packages, d) && good;
	good = check_texts(s->settled, "settled", d) && good;
	good = check_texts(s->owed, "owed", d) && good;
	return check_numbers(s->commands, "commands", 255, d) && good;
}

json_t *snapshot_sorted(const json_t *from)
{
	AUTO(arena_release) struct arena a = { 0 };
	struct strings keys = { 0 };
	json_t *to = json_object();
	const char *key;
	json_t *value;

	json_object_foreach (iterable(from), key, value)
		strings_add(&keys, &a, key);
	strings_sort(&keys);
	for (size_t i = 0; i < keys.n; i++)
		set_new(to, keys.v[i],
			json_deep_copy(json_object_get(from, keys.v[i])));
	return to;
}

static json_t *show_recorded(const struct picture_unit *unit)
{
	json_t *o = json_object();

	if (unit->has_active)
		set_new(o, "active",
			json_string(unit_active_name(unit->active)));
	if (unit->has_enabled)
		set_new(o, "enabled",
			json_string(unit_enabled_name(unit->enabled)));
	if (unit->has_install)
		set_new(o, "install",
			json_string(unit_enabled_name(unit->install)));
	if (unit->newer)
		set_new(o, "older",
			json_pack("{s:s, s:I}", "than", unit->newer, "since",
				  (json_int_t)unit->since));
	return o;
}

/* Those that were given, and what has become of them. */
static json_t *show_units(const struct snapshot *s)
{
	json_t *units = snapshot_sorted(s->units);
	const char *id;
	json_t *o;

	json_object_foreach (units, id, o) {
		const struct picture_unit *unit =
			map_get(&s->host.picture->units, id);

		if (s->recorded) {
			set_new(units, id, show_recorded(unit));
			continue;
		}
		set_new(o, "active",
			json_string(unit_active_name(unit->active)));
		set_new(o, "enabled",
			json_string(unit_enabled_name(unit->enabled)));
	}
	return units;
}

static void show_kept(json_t *json, const char *key, const json_t *part)
{
	if (part)
		set_new(json, key, json_deep_copy(part));
}

json_t *host_snapshot_json(const struct host *h)
{
	const struct snapshot *s = const_snapshot(h);
	json_t *json = json_object();

	set_new(json, "format", json_string(format));
	set_new(json, "files", snapshot_show_files(s->host.picture));
	if (s->users || s->roster.users.first)
		set_new(json, "users", roster_users_json(&s->roster));
	if (s->groups || s->roster.groups.first)
		set_new(json, "groups", roster_groups_json(&s->roster));
	if (s->commands)
		set_new(json, "commands", snapshot_sorted(s->commands));
	if (s->units)
		set_new(json, "units", show_units(s));
	if (s->packages || s->changed)
		set_new(json, "packages", snapshot_show_packages(s));
	show_kept(json, "facts", s->facts);
	show_kept(json, "recorded", s->recorded);
	show_kept(json, "settled", s->settled);
	show_kept(json, "owed", s->owed);
	return json;
}
