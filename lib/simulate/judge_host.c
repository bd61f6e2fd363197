/* SPDX-License-Identifier: MIT */
/* What the host is in the end, against what is expected of it. */
#include "lib/simulate/judging.h"

#include <string.h>

#include "lib/base/mode.h"

enum { CONTENT_MAX = 1 << 20 };

static const struct host *host_of(const struct judging *j)
{
	return j->simulation->record->picture;
}

/* What manages or edits the path; or NULL. */
static const struct resource *maker(const struct judging *j, const char *path)
{
	const struct catalog *c = &j->simulation->against.catalog;
	const struct resource *res = catalog_at(c, path);

	for (size_t i = 0; !res && i < c->n; i++) {
		const char *edits = resource_edits(c->v[i]);

		if (edits && strcmp(edits, path) == 0)
			res = c->v[i];
	}
	return res;
}

static json_t *content_of_file(const struct judging *j, const char *path,
			       const struct node *n)
{
	AUTO_BUF struct buf text = { 0 };
	AUTO_DIAGS struct diags ignored = { 0 };
	bool whole = false;
	json_t *content = NULL;

	if (n->type == NODE_FILE &&
	    host_read(host_of(j), path, CONTENT_MAX, &text, &whole, &ignored) &&
	    whole)
		content = json_stringn(buf_text(&text), text.size);
	return content ? content : json_null();
}

static json_t *target_of(const struct judging *j, const char *path,
			 const struct node *n)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	const char *target;

	if (n->type != NODE_LINK ||
	    !host_read_link(host_of(j), path, j->arena, &target, &ignored))
		return NULL;
	return json_string(target);
}

/* What the file is in that respect, a new reference. */
static json_t *file_value(const struct judging *j, const char *path,
			  const struct node *n, const char *key)
{
	const struct host *h = host_of(j);
	char mode[8];

	if (strcmp(key, "content") == 0)
		return content_of_file(j, path, n);
	if (strcmp(key, "mode") == 0)
		return json_string(mode_text(n->mode, mode));
	if (strcmp(key, "owner") == 0)
		return json_string(host_user_name(h, n->uid, j->arena));
	if (strcmp(key, "group") == 0)
		return json_string(host_group_name(h, n->gid, j->arena));
	if (strcmp(key, "target") == 0)
		return target_of(j, path, n);
	return json_string(node_type_name(n->type));
}

static bool hides(const struct resource *res)
{
	return res && (resource_hides_some(res) ||
		       ((const struct record *)res->want)->secret);
}

static void judge_node(struct judging *j, const char *path,
		       const struct node *n, json_t *want, const char *pointer)
{
	const struct resource *res = maker(j, path);
	const char *key;
	json_t *value;

	json_object_foreach (want, key, value) {
		json_t *have;

		if (strcmp(key, "//") == 0)
			continue;
		have = file_value(j, path, n, key);
		judge_value(j, res, arena_printf(j->arena, "'%s'", key), value,
			    have, pointer_join(j->arena, pointer, key),
			    hides(res) && strcmp(key, "content") == 0);
		json_decref(have);
	}
}

static void judge_file(struct judging *j, const char *path, json_t *want,
		       const char *pointer)
{
	AUTO_DIAGS struct diags d = { 0 };
	const char *word = json_string_value(want);
	struct node n;

	j->expectations += word != NULL;
	if (!host_look(host_of(j), path, &n, &d))
		judge_fail(j, maker(j, path), pointer, SOURCE_AT_KEY,
			   "%s cannot be looked at: %s", path,
			   d.n ? d.v[0].text : "?");
	else if (n.type == NODE_UNKNOWN)
		judge_fail(j, maker(j, path), pointer, SOURCE_AT_KEY,
			   "%s is not known: %s", path, n.because);
	else if (word && strcmp(word, "absent") == 0 && n.type != NODE_ABSENT)
		judge_fail(j, maker(j, path), pointer, SOURCE_AT_KEY,
			   "%s is there, and must not be", path);
	else if (n.type == NODE_ABSENT &&
		 !(word && strcmp(word, "absent") == 0))
		judge_fail(j, maker(j, path), pointer, SOURCE_AT_KEY,
			   "%s is not there", path);
	else if (!word)
		judge_node(j, path, &n, want, pointer);
}

void judge_files(struct judging *j, json_t *want, const char *pointer)
{
	const char *path;
	json_t *value;

	json_object_foreach (want, path, value)
		if (strcmp(path, "//") != 0)
			judge_file(j, path, value,
				   pointer_join(j->arena, pointer, path));
}

static const struct resource *named(const struct judging *j, const char *type,
				    const char *name)
{
	return catalog_find(&j->simulation->against.catalog,
			    arena_printf(j->arena, "%s:%s", type, name));
}

static void judge_package(struct judging *j, const char *name, const char *want,
			  const char *pointer)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	struct package p = { 0 };
	const char *have = "not known";

	j->expectations++;
	if (host_package(host_of(j), NULL, name, j->arena, &p, &ignored) &&
	    p.state != PACKAGE_UNKNOWN)
		have = p.state == PACKAGE_ABSENT ||
				       p.state == PACKAGE_CONFIG_FILES
			       ? "absent"
		       : p.version ? p.version
				   : "installed";
	if (strcmp(have, want) != 0 &&
	    !(strcmp(want, "installed") == 0 && strcmp(have, "absent") != 0 &&
	      strcmp(have, "not known") != 0))
		judge_fail(j, named(j, "package", name), pointer,
			   SOURCE_AT_VALUE, "package %s is %s, not %s", name,
			   have, want);
}

void judge_packages(struct judging *j, json_t *want, const char *pointer)
{
	const char *name;
	json_t *value;

	json_object_foreach (want, name, value)
		if (strcmp(name, "//") != 0)
			judge_package(j, name, json_string_value(value),
				      pointer_join(j->arena, pointer, name));
}

static void judge_unit(struct judging *j, const char *name, json_t *want,
		       const char *pointer)
{
	AUTO_DIAGS struct diags d = { 0 };
	const char *wrong, *full = unit_full_name(name, j->arena, &wrong);
	const struct resource *res = named(j, "service", name);
	const char *key;
	struct unit unit;
	json_t *value;

	if (!full || !host_unit_file(host_of(j), full, j->arena, &unit, &d) ||
	    !host_unit_state(host_of(j), &unit, j->arena, &d)) {
		j->expectations++;
		judge_fail(j, res, pointer, SOURCE_AT_KEY, "unit %s: %s", name,
			   full && d.n ? d.v[0].text : wrong);
		return;
	}
	json_object_foreach (want, key, value) {
		json_t *have =
			json_string(strcmp(key, "active") == 0
					    ? unit_active_name(unit.active)
					    : unit_enabled_name(unit.enabled));

		if (strcmp(key, "//") != 0)
			judge_value(j, res, arena_printf(j->arena, "'%s'", key),
				    value, have,
				    pointer_join(j->arena, pointer, key),
				    false);
		json_decref(have);
	}
}

void judge_units(struct judging *j, json_t *want, const char *pointer)
{
	const char *name;
	json_t *value;

	json_object_foreach (want, name, value)
		if (strcmp(name, "//") != 0)
			judge_unit(j, name, value,
				   pointer_join(j->arena, pointer, name));
}
