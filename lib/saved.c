/* SPDX-License-Identifier: MIT */
#include "lib/saved.h"

#include <string.h>

#include "lib/base/path.h"
#include "lib/text/source.h"

static const char format[] = "converge.plan/1";

json_t *saved_parse(const char *text, size_t size)
{
	struct source source = { .name = "plan", .text = text, .size = size };
	struct diags ignored = { 0 };
	json_t *j = source_parse(&source, &ignored);
	const char *found = json_string_value(json_object_get(j, "format"));

	source_release(&source);
	diags_release(&ignored);
	if (found && strcmp(found, format) == 0)
		return j;
	json_decref(j);
	return NULL;
}

const char *saved_path(const json_t *saved, struct diags *d)
{
	const char *path = json_string_value(json_object_get(saved, "path"));

	if (path && path[0] == '/')
		return path;
	diag_error(d, "the saved plan does not say what it was made from");
	return NULL;
}

/* What a change is, but for what is only there for people. */
static bool same_change(const json_t *a, const json_t *b)
{
	static const char *const keys[] = { "id",         "action",   "change",
					    "attributes", "withheld", "skipped",
					    "failed" };

	for (size_t i = 0; i < COUNT(keys); i++) {
		const json_t *x = json_object_get(a, keys[i]),
			     *y = json_object_get(b, keys[i]);

		if (x != y && !json_equal(x, y))
			return false;
	}
	return true;
}

static const char *id_of(const json_t *change)
{
	const char *id = json_string_value(json_object_get(change, "id"));

	return id ? id : "a change";
}

static bool moved(struct diags *d, const json_t *was, const json_t *is)
{
	if (!is)
		diag_error(d, "the plan is stale: %s need not change any more",
			   id_of(was));
	else if (!was)
		diag_error(d, "the plan is stale: %s must change now",
			   id_of(is));
	else
		diag_error(d, "the plan is stale: %s is not as it was",
			   id_of(was));
	return false;
}

static const json_t *find(const json_t *changes, const json_t *like)
{
	const json_t *item;
	size_t i;

	json_array_foreach (changes, i, item)
		if (json_equal(json_object_get(item, "id"),
			       json_object_get(like, "id")) &&
		    !json_object_get(item, "causes") ==
			    !json_object_get(like, "causes"))
			return item;
	return NULL;
}

/* The usual case first: both have the same changes in the same order. */
static bool compare_changes(const json_t *was, const json_t *is,
			    struct diags *d)
{
	const json_t *item, *other;
	bool ok = json_array_size(was) == json_array_size(is);
	size_t i;

	json_array_foreach (was, i, item)
		ok = ok && same_change(item, json_array_get(is, i));
	if (ok)
		return true;
	json_array_foreach (was, i, item) {
		other = find(is, item);
		if (!other || !same_change(item, other))
			moved(d, item, other);
	}
	json_array_foreach (is, i, item)
		if (!find(was, item))
			moved(d, NULL, item);
	return false;
}

bool saved_matches(const json_t *saved, const json_t *now, struct diags *d)
{
	static const struct {
		const char *key, *text;
	} same[] = {
		{ "host", "the plan is stale: it is for another host" },
		{ "digest",
		  "the plan is stale: the manifest has changed since" },
	};

	for (size_t i = 0; i < COUNT(same); i++) {
		const json_t *was = json_object_get(saved, same[i].key);

		if (!was || !json_equal(was, json_object_get(now, same[i].key)))
			return diag_error(d, "%s", same[i].text);
	}
	if (compare_changes(json_object_get(saved, "changes"),
			    json_object_get(now, "changes"), d))
		return true;
	if (!d->errors)
		diag_error(d, "the plan is stale: its order is another now");
	return false;
}
