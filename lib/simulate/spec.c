/* SPDX-License-Identifier: MIT */
/* Reading: the keys that a test takes, and what their values must be. */
#include "lib/simulate/reading.h"

#include <fnmatch.h>
#include <string.h>

#include "lib/base/auto.h"
#include "lib/base/mode.h"
#include "lib/base/path.h"
#include "lib/host/host.h"
#include "lib/manifest.h"
#include "lib/text/edit/edit.h"

static const char folder[] = "tests", suffix[] = ".json";

static const char *name_of(const char *pointer)
{
	return strrchr(pointer, '/') + 1;
}

bool spec_keys_fit(struct reading_spec *r, json_t *object, const char *pointer,
		   const struct key *keys, size_t n)
{
	struct strings known = { 0 };
	const char *key, *near;
	json_t *value;
	bool ok = true;

	if (!json_is_object(object))
		return WRONG(r, pointer, SOURCE_AT_VALUE,
			     "'%s' must be an object", name_of(pointer));
	for (size_t i = 0; i < n; i++)
		strings_add(&known, r->arena, keys[i].name);
	json_object_foreach (object, key, value) {
		const char *at = pointer_join(r->arena, pointer, key);
		size_t i = 0;

		if (strcmp(key, "//") == 0)
			continue;
		while (i < n && strcmp(keys[i].name, key) != 0)
			i++;
		near = i == n ? strings_nearest(key, &known) : NULL;
		if (i == n)
			ok = WRONG(r, at, SOURCE_AT_KEY,
				   "unknown key \"%s\"%s%s%s", key,
				   near ? "; did you mean \"" : "",
				   near ? near : "", near ? "\"?" : "");
		else if (keys[i].fits)
			ok &= keys[i].fits(r, value, at);
	}
	return ok;
}

/* An object of any keys, whose values all fit. */
bool spec_each_fits(struct reading_spec *r, json_t *object, const char *pointer,
		    fits *each)
{
	const char *key;
	json_t *value;
	bool ok = true;

	if (!json_is_object(object))
		return WRONG(r, pointer, SOURCE_AT_VALUE,
			     "'%s' must be an object", name_of(pointer));
	json_object_foreach (object, key, value)
		if (strcmp(key, "//") != 0)
			ok &= each(r, value,
				   pointer_join(r->arena, pointer, key));
	return ok;
}

static bool fits_version(struct reading_spec *r, json_t *value,
			 const char *pointer)
{
	return (json_is_integer(value) && json_integer_value(value) == 1) ||
	       WRONG(r, pointer, SOURCE_AT_VALUE,
		     "'version' must be 1, the only one that this converge "
		     "knows");
}

bool spec_fits_text(struct reading_spec *r, json_t *value, const char *pointer)
{
	return json_is_string(value) ||
	       WRONG(r, pointer, SOURCE_AT_VALUE, "'%s' must be a string",
		     name_of(pointer));
}

bool spec_fits_bool(struct reading_spec *r, json_t *value, const char *pointer)
{
	return json_is_boolean(value) ||
	       WRONG(r, pointer, SOURCE_AT_VALUE, "'%s' must be true or false",
		     name_of(pointer));
}

static bool is_texts(const json_t *value)
{
	const json_t *item;
	size_t i;

	if (json_is_string(value))
		return true;
	json_array_foreach (value, i, item)
		if (!json_is_string(item))
			return false;
	return json_is_array(value);
}

static bool fits_texts(struct reading_spec *r, json_t *value,
		       const char *pointer)
{
	return is_texts(value) ||
	       WRONG(r, pointer, SOURCE_AT_VALUE,
		     "'%s' must be a string or a list of strings",
		     name_of(pointer));
}

static bool fits_facts(struct reading_spec *r, json_t *value,
		       const char *pointer)
{
	return json_is_object(value) ||
	       WRONG(r, pointer, SOURCE_AT_VALUE, "'facts' must be an object");
}

/* --- values to compare with --- */

static bool fits_pattern(struct reading_spec *r, json_t *value,
			 const char *pointer)
{
	const char *text = json_string_value(value), *wrong;

	if (!text)
		return spec_fits_text(r, value, pointer);
	wrong = edit_pattern_wrong(text, r->arena);
	return !wrong ||
	       WRONG(r, pointer, SOURCE_AT_VALUE, "'matches' %s", wrong);
}

static const struct key operators[] = {
	{ "is", NULL },
	{ "contains", fits_texts },
	{ "lacks", fits_texts },
	{ "matches", fits_pattern },
};

static bool fits_matcher(struct reading_spec *r, json_t *value,
			 const char *pointer)
{
	if (!json_is_object(value))
		return true;
	if (json_object_size(value))
		return spec_keys_fit(r, value, pointer, operators,
				     COUNT(operators));
	return WRONG(r, pointer, SOURCE_AT_VALUE,
		     "'%s' must say what to compare with: is, contains, lacks "
		     "or matches",
		     name_of(pointer));
}

bool spec_is_word(const json_t *value, const char *const *words, size_t n)
{
	const char *text = json_string_value(value);

	for (size_t i = 0; text && i < n; i++)
		if (strcmp(words[i], text) == 0)
			return true;
	return false;
}

static bool fits_resource(struct reading_spec *r, json_t *value,
			  const char *pointer)
{
	static const char *const words[] = { "present", "absent" };

	if (spec_is_word(value, words, COUNT(words)))
		return true;
	if (json_is_object(value))
		return spec_each_fits(r, value, pointer, fits_matcher);
	return WRONG(r, pointer, SOURCE_AT_VALUE,
		     "it must be \"present\", \"absent\" or an object of "
		     "attributes");
}

static bool fits_resources(struct reading_spec *r, json_t *value,
			   const char *pointer)
{
	const char *id;
	json_t *item;
	bool ok = true;

	json_object_foreach (value, id, item)
		if (strcmp(id, "//") != 0 && !strchr(id, ':'))
			ok = WRONG(r, pointer_join(r->arena, pointer, id),
				   SOURCE_AT_KEY,
				   "'%s' is no resource's id, as "
				   "\"file:/etc/motd\" is",
				   id);
	return spec_each_fits(r, value, pointer, fits_resource) && ok;
}

bool spec_fits_paths(struct reading_spec *r, json_t *value, const char *pointer)
{
	const char *path, *wrong;
	json_t *item;
	bool ok = true;

	json_object_foreach (value, path, item) {
		wrong = path_wrong(path);
		if (strcmp(path, "//") != 0 && wrong)
			ok = WRONG(r, pointer_join(r->arena, pointer, path),
				   SOURCE_AT_KEY, "path '%s' %s", path, wrong);
	}
	return ok;
}

/* The plain value that a matcher asks for; NULL: it does not. */
static const char *plain(const json_t *matcher)
{
	return json_string_value(json_is_object(matcher)
					 ? json_object_get(matcher, "is")
					 : matcher);
}

/* As it is shown of a file: else it never is so. */
static bool fits_shown_mode(struct reading_spec *r, json_t *value,
			    const char *pointer)
{
	const char *want = plain(value);
	struct mode mode;
	char text[8];

	if (!fits_matcher(r, value, pointer))
		return false;
	if (!want && json_is_object(value) && !json_object_get(value, "is"))
		return true;
	return (want && !mode_parse(want, &mode) && !mode.n &&
		strcmp(mode_text(mode.octal, text), want) == 0) ||
	       WRONG(r, pointer, SOURCE_AT_VALUE,
		     "'mode' must be four octal digits, such as \"0644\"");
}

static bool fits_type(struct reading_spec *r, json_t *value,
		      const char *pointer)
{
	const char *want = plain(value);
	bool known =
		!want && json_is_object(value) && !json_object_get(value, "is");

	for (int i = NODE_FILE; want && i < NODE_UNKNOWN; i++)
		known |= strcmp(node_type_name((enum node_type)i), want) == 0;
	return fits_matcher(r, value, pointer) &&
	       (known || WRONG(r, pointer, SOURCE_AT_VALUE,
			       "'type' must be file, directory or link"));
}

static const struct key file_keys[] = {
	{ "content", fits_matcher }, { "mode", fits_shown_mode },
	{ "owner", fits_matcher },   { "group", fits_matcher },
	{ "type", fits_type },       { "target", fits_matcher },
};

static bool fits_file(struct reading_spec *r, json_t *value,
		      const char *pointer)
{
	static const char *const words[] = { "present", "absent" };

	if (spec_is_word(value, words, COUNT(words)))
		return true;
	if (json_is_object(value))
		return spec_keys_fit(r, value, pointer, file_keys,
				     COUNT(file_keys));
	return WRONG(r, pointer, SOURCE_AT_VALUE,
		     "it must be \"present\", \"absent\" or an object of "
		     "content, mode, owner, group, type and target");
}

static bool fits_files(struct reading_spec *r, json_t *value,
		       const char *pointer)
{
	bool ok = spec_each_fits(r, value, pointer, fits_file);

	return spec_fits_paths(r, value, pointer) && ok;
}

static bool fits_package(struct reading_spec *r, json_t *value,
			 const char *pointer)
{
	const char *text = json_string_value(value);

	return (text && *text) ||
	       WRONG(r, pointer, SOURCE_AT_VALUE,
		     "it must be a version, installed or absent");
}

bool spec_fits_packages(struct reading_spec *r, json_t *value,
			const char *pointer)
{
	return spec_each_fits(r, value, pointer, fits_package);
}

/* One of the words of systemctl(1). */
static bool fits_state(struct reading_spec *r, json_t *value,
		       const char *pointer, const struct strings *known)
{
	const char *text = json_string_value(value), *near;

	if (!text)
		return spec_fits_text(r, value, pointer);
	if (strings_have(known, text))
		return true;
	near = strings_nearest(text, known);
	return WRONG(r, pointer, SOURCE_AT_VALUE,
		     "'%s' is none of the words that systemctl(1) has for "
		     "'%s'%s%s%s",
		     text, name_of(pointer), near ? "; did you mean '" : "",
		     near ? near : "", near ? "'?" : "");
}

static bool fits_active(struct reading_spec *r, json_t *value,
			const char *pointer)
{
	struct strings known = { 0 };

	for (int i = 0; i < UNIT_ACTIVE_STATES; i++)
		strings_add(&known, r->arena,
			    unit_active_name((enum unit_active)i));
	return fits_state(r, value, pointer, &known);
}

static bool fits_enabled(struct reading_spec *r, json_t *value,
			 const char *pointer)
{
	struct strings known = { 0 };

	for (int i = 0; i < UNIT_ENABLED_STATES; i++)
		strings_add(&known, r->arena,
			    unit_enabled_name((enum unit_enabled)i));
	return fits_state(r, value, pointer, &known);
}

static const struct key unit_keys[] = {
	{ "active", fits_active },
	{ "enabled", fits_enabled },
};

static bool fits_unit(struct reading_spec *r, json_t *value,
		      const char *pointer)
{
	return spec_keys_fit(r, value, pointer, unit_keys, COUNT(unit_keys));
}

bool spec_fits_units(struct reading_spec *r, json_t *value, const char *pointer)
{
	const char *name, *wrong;
	json_t *item;
	bool ok = spec_each_fits(r, value, pointer, fits_unit);

	json_object_foreach (value, name, item)
		if (strcmp(name, "//") != 0 &&
		    !unit_full_name(name, r->arena, &wrong))
			ok = WRONG(r, pointer_join(r->arena, pointer, name),
				   SOURCE_AT_KEY, "'%s' is no unit: it %s",
				   name, wrong);
	return ok;
}

static bool fits_action(struct reading_spec *r, json_t *value,
			const char *pointer)
{
	static const char *const words[] = { "create", "update", "remove",
					     "unknown", "none" };

	return spec_is_word(value, words, COUNT(words)) ||
	       WRONG(r, pointer, SOURCE_AT_VALUE,
		     "it must be create, update, remove, unknown or none");
}

static bool fits_changes(struct reading_spec *r, json_t *value,
			 const char *pointer)
{
	if (is_texts(value))
		return true;
	if (json_is_object(value))
		return spec_each_fits(r, value, pointer, fits_action);
	return WRONG(r, pointer, SOURCE_AT_VALUE,
		     "'changes' must be a list of ids, or an object of ids and "
		     "actions");
}

static bool fits_refreshes(struct reading_spec *r, json_t *value,
			   const char *pointer)
{
	if (is_texts(value))
		return true;
	if (json_is_object(value))
		return spec_each_fits(r, value, pointer, spec_fits_bool);
	return WRONG(r, pointer, SOURCE_AT_VALUE,
		     "'refreshes' must be a list of ids, or an object of ids "
		     "and true or false");
}

static bool fits_count(struct reading_spec *r, json_t *value,
		       const char *pointer)
{
	return is_texts(value) ||
	       (json_is_integer(value) && json_integer_value(value) >= 0) ||
	       WRONG(r, pointer, SOURCE_AT_VALUE,
		     "'%s' must be a list of ids, or how many there are",
		     name_of(pointer));
}

/* --- what is expected --- */

static const struct key expect_keys[] = {
	{ "resources", fits_resources },    { "files", fits_files },
	{ "packages", spec_fits_packages }, { "units", spec_fits_units },
	{ "changes", fits_changes },        { "refreshes", fits_refreshes },
	{ "withheld", fits_count },         { "unknown", fits_count },
	{ "unchanged", spec_fits_bool },
};

static bool fits_expect(struct reading_spec *r, json_t *value,
			const char *pointer)
{
	bool ok = spec_keys_fit(r, value, pointer, expect_keys,
				COUNT(expect_keys));
	size_t n = json_object_size(value);

	if (ok && (!n || (n == 1 && json_object_get(value, "//"))))
		ok = WRONG(r, pointer, SOURCE_AT_VALUE,
			   "'expect' expects nothing");
	return ok;
}

/* --- a whole one --- */

static const struct key keys[] = {
	{ "version", fits_version },
	{ "$schema", spec_fits_text },
	{ "description", spec_fits_text },
	{ "host", fits_texts },
	{ "tags", fits_texts },
	{ "facts", fits_facts },
	{ "given", spec_fits_given },
	{ "expect", fits_expect },
};

static bool is_there(struct reading_spec *r, const char *key, const char *hint)
{
	if (json_object_get(r->spec->doc->root, key))
		return true;
	WRONG(r, "", SOURCE_AT_VALUE, "'%s' is missing", key);
	diag_hint(r->diags, "%s", hint);
	return false;
}

static bool check(const struct spec *spec, struct arena *a, struct diags *d)
{
	struct reading_spec r = { spec, a, d };
	bool ok = spec_keys_fit(&r, spec->doc->root, "", keys, COUNT(keys));

	ok &= is_there(&r, "version", "add \"version\": 1");
	return is_there(&r, "expect", "say what must be so") && ok;
}

struct place spec_place(const struct spec *spec, const char *pointer,
			enum source_at at)
{
	struct place place = { .file = spec->file };

	source_locate(&spec->doc->source, pointer, at, &place);
	return place;
}

bool spec_glob(const char *glob, const char *text)
{
	return fnmatch(glob, text, 0) == 0;
}

static bool any_matches(const json_t *globs, const char *text)
{
	const json_t *item;
	size_t i;

	if (json_is_string(globs))
		return spec_glob(json_string_value(globs), text);
	json_array_foreach (globs, i, item)
		if (json_is_string(item) &&
		    spec_glob(json_string_value(item), text))
			return true;
	return false;
}

bool spec_is_for(const struct spec *spec, const char *host, const json_t *tags)
{
	const json_t *hosts = json_object_get(spec->doc->root, "host");
	const json_t *wanted = json_object_get(spec->doc->root, "tags");
	const json_t *tag;
	size_t i;

	if (hosts && !any_matches(hosts, host))
		return false;
	json_array_foreach (tags, i, tag)
		if (json_is_string(tag) &&
		    any_matches(wanted, json_string_value(tag)))
			return true;
	return !wanted;
}

bool specs_read(struct specs *specs, struct documents *documents,
		struct arena *a, struct diags *d)
{
	struct tree_entry *v = NULL;
	size_t n = 0, end = sizeof(suffix) - 1;
	bool ok = true;

	*specs = (struct specs){ 0 };
	if (!documents_have(documents, folder))
		return true;
	if (!tree_list(documents->tree, folder, a, &v, &n, d))
		return false;
	specs->v = arena_array(a, struct spec, n);
	for (size_t i = 0; i < n; i++) {
		struct spec *spec = &specs->v[specs->n];
		size_t size = strlen(v[i].name);

		if (size <= end || strcmp(v[i].name + size - end, suffix) != 0)
			continue;
		spec->file = arena_printf(a, "%s/%s", folder, v[i].name);
		spec->doc = documents_read(documents, spec->file, NULL, d);
		spec->right = spec->doc && check(spec, a, d);
		ok &= spec->right;
		specs->n += spec->doc != NULL;
	}
	return ok;
}
