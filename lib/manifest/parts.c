/* SPDX-License-Identifier: MIT */
/*
 * Roles are walked depth first: what one includes, and what its rules that hold
 * include, comes before it, and a role is taken once however many include it.
 */
#include "lib/manifest/parts.h"

#include <string.h>

#include "lib/manifest/shape.h"
#include "lib/text/when.h"

enum { WORDS = PARTS_MAX / 64 };

static const char settings_name[] = "converge.json";

struct role {
	const char *name;
	const char *by;      /* the pointer that it was first included by */
	bool open;           /* it is being walked */
	bool ok;             /* it could be read */
	struct part *part;   /* NULL: not yet */
	uint64_t all[WORDS]; /* bits: its part, those of its rules, and all
				that is below them */
};

static void bit_set(uint64_t *bits, size_t i)
{
	bits[i / 64] |= UINT64_C(1) << (i % 64);
}

static bool bit_is_set(const uint64_t *bits, size_t i)
{
	return bits[i / 64] >> (i % 64) & 1;
}

static void bits_add(uint64_t *to, const uint64_t *from)
{
	for (size_t i = 0; i < WORDS; i++)
		to[i] |= from[i];
}

bool part_is_below(const struct part *lower, const struct part *upper)
{
	return lower != upper && bit_is_set(upper->above, lower->index);
}

void word_take(struct arena *a, struct word **words, const struct word *said)
{
	struct word **at = words;

	while (*at) {
		if (part_is_below((*at)->part, said->part))
			*at = (*at)->next;
		else
			at = &(*at)->next;
	}
	*at = arena_memdup(a, said, sizeof(*said));
}

const struct word *word_differs(const struct word *words)
{
	const struct word *other = words->next;

	while (other && json_equal(words->value, other->value))
		other = other->next;
	return other;
}

int disruption_stricter(int a, int b)
{
	if (a < 0 || b < 0)
		return a < 0 ? b : a;
	return a < b ? a : b;
}

bool part_is_in(const struct part *part, const uint64_t *all)
{
	return bit_is_set(all, part->index);
}

const struct part *parts_host(const struct manifest *m)
{
	return m->parts[m->nparts - 1];
}

json_t *manifest_defaults(const struct manifest *m, size_t *i,
			  const char **pointer)
{
	while (*i < m->nparts) {
		const struct part *part = m->parts[(*i)++];

		/* a role's are those of its rules too */
		if (!part->defaults ||
		    (*i > 1 && part->defaults == m->parts[*i - 2]->defaults))
			continue;
		*pointer = part->defaults_at;
		return part->defaults;
	}
	return NULL;
}

/* above may be NULL: it is above nothing. */
static struct part *add_part(struct manifest *m, json_t *object,
			     const char *pointer, const char *role,
			     const uint64_t *above)
{
	struct part *part = arena_new(&m->arena, struct part);

	*part = (struct part){
		.object = object,
		.pointer = pointer,
		.role = role,
		.index = m->nparts,
		.max_disruption = policy_of(object).max_disruption,
		.above = arena_array(&m->arena, uint64_t, WORDS)
	};
	if (above)
		bits_add(part->above, above);
	bit_set(part->above, part->index);
	m->parts = arena_grow(&m->arena, m->parts, m->nparts,
			      &m->parts_capacity, sizeof(struct part *));
	m->parts[m->nparts++] = part;
	return part;
}

static struct role *find_role(const struct manifest *m, const char *name)
{
	for (size_t i = 0; i < m->nroles; i++)
		if (strcmp(m->roles[i]->name, name) == 0)
			return m->roles[i];
	return NULL;
}

bool parts_of_role(const struct manifest *m, const char *name,
		   const uint64_t **all)
{
	const struct role *role = find_role(m, name);

	*all = role ? role->all : NULL;
	return role != NULL;
}

void manifest_roles(struct manifest *m, struct strings *names)
{
	for (size_t i = 0; i < m->nroles; i++)
		strings_add(names, &m->arena, m->roles[i]->name);
}

static struct role *add_role(struct manifest *m, const char *name)
{
	struct role *role = arena_new(&m->arena, struct role);

	role->name = arena_strdup(&m->arena, name);
	role->ok = true;
	m->roles = arena_grow(&m->arena, m->roles, m->nroles,
			      &m->roles_capacity, sizeof(struct role *));
	m->roles[m->nroles++] = role;
	return role;
}

/* --- what is included --- */

/* The circle is told the same wherever one comes into it. */
static bool in_circle(struct manifest *m, const struct role *role,
		      const char *pointer, struct diags *d)
{
	struct role **v = arena_array(&m->arena, struct role *, m->nroles);
	size_t n = 0, first = 0;
	const char *names = "";
	bool within = false;

	for (size_t i = 0; i < m->nroles; i++) {
		within |= m->roles[i] == role;
		if (!within || !m->roles[i]->open)
			continue;
		if (strcmp(m->roles[i]->name,
			   v[first] ? v[first]->name : role->name) < 0)
			first = n;
		v[n++] = m->roles[i];
	}
	for (size_t i = 0; i < n; i++)
		names = arena_printf(&m->arena, "%s%s includes ", names,
				     v[(first + i) % n]->name);
	return FAIL(m, d, first ? v[first]->by : pointer, SOURCE_AT_VALUE,
		    "roles include each other: %s%s", names, v[first]->name);
}

/* The roles that the tree has, for a suggestion; folders one level deep. */
static void list_roles(struct manifest *m, const char *folder,
		       struct strings *names, bool deep)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	const char *path =
		*folder ? arena_printf(&m->arena, "roles/%s", folder) : "roles";
	struct tree_entry *v;
	size_t n;

	if (!tree_list(m->tree, path, &m->arena, &v, &n, &ignored))
		return;
	for (size_t i = 0; i < n; i++) {
		const char *name = *folder ? arena_printf(&m->arena, "%s/%s",
							  folder, v[i].name)
					   : v[i].name;
		size_t size = strlen(name);

		if (v[i].type == TREE_DIRECTORY && deep)
			list_roles(m, name, names, false);
		else if (size > 5 && strcmp(name + size - 5, ".json") == 0)
			strings_add(names, &m->arena,
				    arena_strndup(&m->arena, name, size - 5));
	}
}

bool parts_no_role(struct manifest *m, const char *name, const char *pointer,
		   struct diags *d)
{
	struct strings known = { 0 };
	const char *near;

	list_roles(m, "", &known, true);
	near = strings_nearest(name, &known);
	return FAIL(m, d, pointer, SOURCE_AT_VALUE,
		    "there is no role '%s': no file roles/%s.json%s%s%s", name,
		    name, near ? "; did you mean \"" : "", near ? near : "",
		    near ? "\"?" : "");
}

static bool walk_role(struct manifest *m, struct role *role,
		      struct document *doc, size_t depth, struct diags *d);

/* Adds what it is above to all. */
static bool include(struct manifest *m, const char *name, const char *pointer,
		    size_t depth, uint64_t *all, struct diags *d)
{
	struct role *role = find_role(m, name);
	const char *file = arena_printf(&m->arena, "roles/%s.json", name);
	struct document *doc;

	if (role && role->open)
		return in_circle(m, role, pointer, d);
	if (!role) {
		if (m->nroles == ROLES_MAX || depth > INCLUDES_DEEP)
			return FAIL(m, d, pointer, SOURCE_AT_VALUE,
				    depth > INCLUDES_DEEP
					    ? "roles include each other more "
					      "than 64 deep"
					    : "more than 1000 roles");
		if (!documents_have(m->documents, file))
			return parts_no_role(m, name, pointer, d);
		role = add_role(m, name);
		role->by = pointer;
		doc = documents_read(m->documents, file, NULL, d);
		role->ok = doc && walk_role(m, role, doc, depth, d);
	}
	bits_add(all, role->all);
	return role->ok;
}

static bool include_all(struct manifest *m, const json_t *names,
			const char *pointer, size_t depth, uint64_t *all,
			struct diags *d)
{
	const json_t *item;
	size_t i;
	bool ok = true;

	json_array_foreach (names, i, item)
		if (json_is_string(item) &&
		    shape_is_role(json_string_value(item)))
			ok &= include(m, json_string_value(item),
				      pointer_index(&m->arena, pointer, i),
				      depth, all, d);
	return ok;
}

static bool rule_holds(struct manifest *m, const json_t *rule,
		       const char *pointer, bool *holds, struct diags *d)
{
	json_t *when = json_object_get(rule, "when");
	const char *error = NULL;

	*holds = false;
	/* that was told */
	if (!json_is_object(when) || shape_names_vars(when))
		return false;
	if (when_judge(&m->scope, when, &m->arena, holds, &error))
		return true;
	pointer = pointer_join(&m->arena, pointer, "when");
	if (m->left == 0)
		return manifest_stop(m, pointer, SOURCE_AT_VALUE, error, d);
	return FAIL(m, d, pointer, SOURCE_AT_VALUE, "%s", error);
}

/* A rule that holds, while its role is walked. */
struct rule {
	json_t *object;
	const char *pointer;
	uint64_t *all;
};

static bool find_rules(struct manifest *m, json_t *root, const char *file,
		       size_t depth, struct rule **rules, size_t *n,
		       struct diags *d)
{
	const json_t *list = json_object_get(root, "rules");
	const char *base = pointer_join(&m->arena, file, "rules");
	json_t *item;
	size_t i;
	bool ok = true, holds;

	*n = 0;
	*rules = arena_array(&m->arena, struct rule, json_array_size(list));
	json_array_foreach (list, i, item) {
		struct rule rule = { item, pointer_index(&m->arena, base, i),
				     NULL };

		ok &= rule_holds(m, item, rule.pointer, &holds, d);
		if (!holds)
			continue;
		rule.all = arena_array(&m->arena, uint64_t, WORDS);
		ok &= include_all(
			m, json_object_get(item, "include"),
			pointer_join(&m->arena, rule.pointer, "include"),
			depth + 1, rule.all, d);
		(*rules)[(*n)++] = rule;
	}
	return ok;
}

static struct part *take_defaults(struct manifest *m, struct part *part,
				  const json_t *root, const char *file)
{
	part->defaults = json_object_get(root, "defaults");
	part->defaults_at = pointer_join(&m->arena, file, "defaults");
	return part;
}

/* One above the other: what the role includes, what its rules do, it, them. */
static bool walk_role(struct manifest *m, struct role *role,
		      struct document *doc, size_t depth, struct diags *d)
{
	const char *file = arena_printf(&m->arena, "%s#", doc->name);
	struct rule *rules;
	size_t n;
	bool ok;

	if (!doc->checked) {
		doc->checked = true;
		doc->right = shape_check(m, SHAPE_ROLE, doc->root, file, d);
	}
	ok = doc->right;
	role->open = true;
	/* all are above converge.json */
	bit_set(role->all, 0);
	ok &= include_all(m, json_object_get(doc->root, "include"),
			  pointer_join(&m->arena, file, "include"), depth + 1,
			  role->all, d);
	ok &= find_rules(m, doc->root, file, depth, &rules, &n, d);
	role->open = false;
	if (m->nparts + n + 2 > PARTS_MAX)
		return FAIL(m, d, file, SOURCE_AT_VALUE,
			    "more than %d roles and rules in all", PARTS_MAX);
	for (size_t i = 0; i < n; i++)
		bits_add(role->all, rules[i].all);
	role->part = take_defaults(
		m, add_part(m, doc->root, file, role->name, role->all),
		doc->root, file);
	bit_set(role->all, role->part->index);
	for (size_t i = 0; i < n; i++)
		take_defaults(m,
			      add_part(m, rules[i].object, rules[i].pointer,
				       role->name, role->part->above),
			      doc->root, file);
	for (size_t i = 1; i <= n; i++)
		bit_set(role->all, role->part->index + i);
	return ok;
}

/* --- the world and the host --- */

/* What stands on a role holds for all that the role brings. */
static void spread_policies(struct manifest *m)
{
	for (size_t i = 0; i < m->nparts; i++)
		for (size_t j = i + 1; j < m->nparts; j++)
			if (m->parts[j]->role &&
			    part_is_below(m->parts[i], m->parts[j]))
				m->parts[i]->max_disruption =
					disruption_stricter(
						m->parts[i]->max_disruption,
						m->parts[j]->max_disruption);
}

static void take_policy(struct manifest *m, const json_t *part)
{
	struct policy policy = policy_of(part);
	bool fewer = policy.removals_percent == m->policy.removals_percent &&
		     policy.max_removals < m->policy.max_removals;

	m->policy.max_disruption = disruption_stricter(m->policy.max_disruption,
						       policy.max_disruption);
	/* a count and a percentage cannot be compared: the host's own */
	if (policy.max_removals >= 0 && (m->policy.max_removals < 0 || fewer)) {
		m->policy.max_removals = policy.max_removals;
		m->policy.removals_percent = policy.removals_percent;
	}
}

static bool read_settings(struct manifest *m, struct diags *d)
{
	const char *file = arena_printf(&m->arena, "%s#", settings_name);
	struct document *doc =
		documents_read(m->documents, settings_name, NULL, d);

	if (!doc)
		return false;
	if (!doc->checked) {
		doc->checked = true;
		doc->right = shape_check(m, SHAPE_WORLD, doc->root, file, d);
	}
	add_part(m, doc->root, file, NULL, NULL);
	return doc->right;
}

bool parts_collect(struct manifest *m, struct diags *d)
{
	json_t *root = m->main->root, *tags = json_object_get(root, "tags");
	uint64_t all[WORDS] = { 0 };
	struct part *host;
	bool ok;

	ok = shape_check(m, SHAPE_HOST, root, "", d);
	if (json_is_array(tags))
		m->scope.tags = tags;
	if (m->is_world) {
		ok &= read_settings(m, d);
		ok &= include_all(m, json_object_get(root, "roles"), "/roles",
				  1, all, d);
	}
	for (size_t i = 0; i < m->nparts; i++)
		bit_set(all, i);
	host = take_defaults(m, add_part(m, root, "", NULL, all), root, "");
	/* that is the whole host's: see struct policy */
	host->max_disruption = -1;
	take_policy(m, root);
	m->html = escapes_html(root);
	if (m->nparts > 1 && m->is_world) {
		take_policy(m, m->parts[0]->object);
		m->html = escapes_html(m->parts[0]->object);
		m->parts[0]->max_disruption = -1;
	}
	spread_policies(m);
	return ok;
}

const char *entry_role(const struct entry *entry)
{
	return entry->part->role;
}
