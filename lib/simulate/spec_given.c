/* SPDX-License-Identifier: MIT */
/* Reading what a test gives: what its values must be, and go together. */
#include <string.h>

#include "lib/base/mode.h"
#include "lib/base/path.h"
#include "lib/manifest.h"
#include "lib/simulate/reading.h"

static bool fits_mode(struct reading_spec *r, json_t *value,
		      const char *pointer)
{
	const char *text = json_string_value(value);
	struct mode mode;

	return (text && !mode_parse(text, &mode) && !mode.n) ||
	       WRONG(r, pointer, SOURCE_AT_VALUE,
		     "'mode' must be an octal string such as \"0644\"");
}

static bool fits_ensure(struct reading_spec *r, json_t *value,
			const char *pointer)
{
	static const char *const words[] = { "file", "directory", "link",
					     "absent" };

	return spec_is_word(value, words, COUNT(words)) ||
	       WRONG(r, pointer, SOURCE_AT_VALUE,
		     "'ensure' must be file, directory, link or absent");
}

static const struct key given_file_keys[] = {
	{ "ensure", fits_ensure },    { "content", spec_fits_text },
	{ "target", spec_fits_text }, { "mode", fits_mode },
	{ "owner", spec_fits_text },  { "group", spec_fits_text },
};

/* What a given file is to be. */
static const char *given_type(const json_t *file)
{
	const char *ensure = json_string_value(json_object_get(file, "ensure"));

	if (ensure)
		return ensure;
	return json_object_get(file, "target") ? "link" : "file";
}

/* Whether all that is said of a file can be so at once. */
static bool is_possible(struct reading_spec *r, const json_t *file,
			const char *pointer)
{
	static const struct {
		const char *key, *types; /* of which it can be */
	} rows[] = {
		{ "content", "file" },
		{ "target", "link" },
		{ "mode", "file directory link" },
		{ "owner", "file directory link" },
		{ "group", "file directory link" },
	};
	const char *type = given_type(file);
	bool ok = true;

	for (size_t i = 0; i < COUNT(rows); i++)
		if (json_object_get(file, rows[i].key) &&
		    !strstr(rows[i].types, type))
			ok = WRONG(r,
				   pointer_join(r->arena, pointer, rows[i].key),
				   SOURCE_AT_KEY,
				   "it cannot have '%s': 'ensure' is %s",
				   rows[i].key, type);
	if (strcmp(type, "link") == 0 && !json_object_get(file, "target"))
		ok = WRONG(r, pointer, SOURCE_AT_VALUE,
			   "a link must have a 'target'");
	return ok;
}

static bool fits_given_file(struct reading_spec *r, json_t *value,
			    const char *pointer)
{
	return json_is_string(value) ||
	       (spec_keys_fit(r, value, pointer, given_file_keys,
			      COUNT(given_file_keys)) &&
		is_possible(r, value, pointer));
}

/* Nothing can be below what is no folder. */
static bool fits_above(struct reading_spec *r, json_t *files, const char *path,
		       const char *pointer)
{
	for (size_t n = path_parent_of(path, strlen(path)); n > 1;
	     n = path_parent_of(path, n)) {
		const char *above = arena_strndup(r->arena, path, n);
		const json_t *file = json_object_get(files, above);
		const char *type = file ? given_type(file) : "directory";

		if (strcmp(type, "file") == 0 || strcmp(type, "absent") == 0)
			return WRONG(r, pointer_join(r->arena, pointer, path),
				     SOURCE_AT_KEY,
				     "it cannot be there: '%s' above it is %s",
				     above, *type == 'f' ? "a file" : "absent");
	}
	return true;
}

static bool fits_given_files(struct reading_spec *r, json_t *value,
			     const char *pointer)
{
	const char *path;
	json_t *item;
	bool ok = spec_each_fits(r, value, pointer, fits_given_file);

	ok &= spec_fits_paths(r, value, pointer);
	json_object_foreach (value, path, item)
		if (!path_wrong(path) &&
		    strcmp(given_type(item), "absent") != 0)
			ok &= fits_above(r, value, path, pointer);
	return ok;
}

static bool fits_code(struct reading_spec *r, json_t *value,
		      const char *pointer)
{
	json_int_t code = json_integer_value(value);

	return (json_is_integer(value) && code >= 0 && code <= 255) ||
	       WRONG(r, pointer, SOURCE_AT_VALUE,
		     "it must be what the command ends with, from 0 to 255");
}

static bool fits_commands(struct reading_spec *r, json_t *value,
			  const char *pointer)
{
	return spec_each_fits(r, value, pointer, fits_code);
}

static const struct key given_keys[] = {
	{ "converged", spec_fits_bool },    { "files", fits_given_files },
	{ "packages", spec_fits_packages }, { "units", spec_fits_units },
	{ "commands", fits_commands },
};

bool spec_fits_given(struct reading_spec *r, json_t *value, const char *pointer)
{
	return spec_keys_fit(r, value, pointer, given_keys, COUNT(given_keys));
}
