/* SPDX-License-Identifier: MIT */
/* What a snapshot has as "packages": read, asked for, changed, told again. */
#include "lib/host/snapshot.h"

#include <string.h>

static bool check_package(const char *name, const json_t *value,
			  struct diags *d)
{
	enum package_state state;
	const char *key;
	json_t *field;

	if (json_is_string(value))
		return true;
	if (!json_is_object(value))
		return diag_error(d,
				  "'%s' of 'packages' must be a version or an "
				  "object",
				  name);
	json_object_foreach (iterable(value), key, field) {
		const char *text = json_string_value(field);
		bool good = text != NULL;

		if (strcmp(key, "state") == 0)
			good = text && package_state_parse(text, &state);
		else if (strcmp(key, "hold") == 0)
			good = json_is_boolean(field);
		else if (strcmp(key, "version") != 0 &&
			 strcmp(key, "candidate") != 0)
			return diag_error(d,
					  "'%s' of package '%s' is not known",
					  key, name);
		if (!good)
			return diag_error(d, "'%s' of package '%s' is wrong",
					  key, name);
	}
	return true;
}

bool snapshot_check_packages(const json_t *packages, struct diags *d)
{
	bool good = true;
	const char *name;
	json_t *value;

	json_object_foreach (iterable(packages), name, value) {
		good = check_package(name, value, d) && good;
	}
	return good;
}

static const json_t *find_package(const struct snapshot *s, const char *name)
{
	const json_t *changed = json_object_get(s->changed, name);

	return changed ? changed : json_object_get(s->packages, name);
}

static const char *text_in(const json_t *object, const char *key,
			   struct arena *a)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? arena_strdup(a, text) : NULL;
}

bool snapshot_package(const struct host *h, const char *provider,
		      const char *name, struct arena *a, struct package *p,
		      struct diags *d)
{
	const struct snapshot *s = const_snapshot(h);
	const json_t *json = find_package(s, name), *state;

	(void)provider;
	(void)d;
	*p = (struct package){ .state = PACKAGE_ABSENT,
			       .because = "the snapshot does not say" };
	if (!s->packages && !json)
		p->state = PACKAGE_UNKNOWN;
	if (!json)
		return true;
	p->state = PACKAGE_INSTALLED;
	if (json_is_string(json)) {
		p->version = arena_strdup(a, json_string_value(json));
		return true;
	}
	state = json_object_get(json, "state");
	if (state)
		package_state_parse(json_string_value(state), &p->state);
	p->version = text_in(json, "version", a);
	p->hold = json_is_true(json_object_get(json, "hold"));
	return true;
}

bool snapshot_package_candidate(const struct host *h, const char *provider,
				const char *name, struct arena *a,
				const char **version, const char **because,
				struct diags *d)
{
	const json_t *json = find_package(const_snapshot(h), name);

	(void)provider;
	(void)d;
	*version = text_in(json, "candidate", a);
	*because = "the snapshot does not say which version is the newest";
	return true;
}

bool snapshot_packages(const struct host *h, struct arena *a,
		       struct strings *names, bool *known, struct diags *d)
{
	const struct snapshot *s = const_snapshot(h);
	const char *name;
	json_t *package;

	(void)d;
	*known = s->packages;
	json_object_foreach (iterable(s->packages), name, package)
		strings_add(names, a, name);
	json_object_foreach (s->changed, name, package)
		if (!json_object_get(s->packages, name))
			strings_add(names, a, name);
	return true;
}

/* What it is once the change is made; a new reference. */
static json_t *package_after(const struct package *have, const char *candidate,
			     const struct package_change *c)
{
	bool hold = c->set_hold ? c->hold : have->hold;
	enum package_state state = have->state;
	const char *version = have->version;

	if (c->wish == PACKAGE_INSTALL) {
		bool keeps = state != PACKAGE_ABSENT &&
			     state != PACKAGE_CONFIG_FILES && !c->newest;

		state = PACKAGE_INSTALLED;
		if (c->version)
			version = c->version;
		else if (!keeps)
			version = candidate;
	} else if (c->wish != PACKAGE_KEEP) {
		state = c->wish == PACKAGE_PURGE ? PACKAGE_ABSENT
						 : PACKAGE_CONFIG_FILES;
		version = NULL;
		hold = false;
	}
	return json_pack("{s:s, s:b, s:s*, s:s*}", "state",
			 package_state_name(state), "hold", hold, "version",
			 version, "candidate", candidate);
}

bool snapshot_change_package(struct host *h, const struct package_change *c,
			     struct diags *d)
{
	AUTO(arena_release) struct arena a = { 0 };
	struct snapshot *s = snapshot_of(h);
	const char *candidate, *because;
	struct package have;

	if (!snapshot_package(h, c->provider, c->name, &a, &have, d) ||
	    !snapshot_package_candidate(h, c->provider, c->name, &a, &candidate,
					&because, d))
		return false;
	if (!s->changed)
		s->changed = json_object();
	set_new(s->changed, c->name, package_after(&have, candidate, c));
	return true;
}

/* In their short form where that says all. */
static json_t *show_package(const json_t *package)
{
	const char *state =
		json_string_value(json_object_get(package, "state"));
	json_t *version = json_object_get(package, "version");

	if (!json_is_object(package) || !version ||
	    json_object_get(package, "candidate") ||
	    json_is_true(json_object_get(package, "hold")) ||
	    (state && strcmp(state, "installed") != 0))
		return json_deep_copy(package);
	return json_deep_copy(version);
}

json_t *snapshot_show_packages(const struct snapshot *s)
{
	json_t *all = s->packages ? json_deep_copy(s->packages) : json_object();
	json_t *shown = json_object(), *value, *sorted;
	const char *name;

	json_object_update(all, s->changed);
	json_object_foreach (all, name, value) {
		json_t *state = json_object_get(value, "state");

		if (state && strcmp(json_string_value(state), "absent") == 0 &&
		    !json_object_get(value, "candidate"))
			continue;
		set_new(shown, name, show_package(value));
	}
	sorted = snapshot_sorted(shown);
	json_decref(shown);
	json_decref(all);
	return sorted;
}
