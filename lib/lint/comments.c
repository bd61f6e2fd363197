/* SPDX-License-Identifier: MIT */
/* What the world says about lint: levels in its settings, and comments beside
 * what is found. */
#include <string.h>

#include "lib/lint/parts.h"

/* "lint: allow RULE: REASON", or "lint: allow RULE in PATH: REASON" of a file
 * that has no comments of its own. */
static const char prefix[] = "lint:", verb[] = "allow ", in[] = " in ";

static struct place place_of(const struct document *doc, const char *pointer,
			     enum source_at at)
{
	/* a place is no change of the document, but source_locate keeps an
	 * index */
	struct source *source = (struct source *)(uintptr_t)&doc->source;
	struct place place = { .file = doc->name };

	source_locate(source, pointer, at, &place);
	return place;
}

static bool unknown_rule(const char *id, struct place at, struct diags *d)
{
	AUTO(arena_release) struct arena a = { 0 };
	const char *near = lint_rule_nearest(id, &a);

	diag_error_at(d, at, "there is no rule \"%s\"%s%s%s", id,
		      near ? "; did you mean \"" : "", near ? near : "",
		      near ? "\"?" : "");
	return false;
}

static bool known_rule(const char *id, struct place at, struct diags *d)
{
	if (!lint_rule_find(id))
		return unknown_rule(id, at, d);
	return strcmp(id, lint_invalid) != 0 ||
	       diag_error_at(d, at, "an error cannot be switched off");
}

/* --- comments --- */

struct comments {
	struct lint *lint;
	const struct document *doc;
	struct diags *diags;
};

/* path NULL: what stands at pointer in this file. */
static void add_allow(struct comments *c, const char *rule, const char *path,
		      const char *pointer, struct place at)
{
	struct linted *out = c->lint->out;
	struct arena *a = c->lint->arena;

	out->allows = arena_grow(a, out->allows, out->nallows,
				 &out->allows_capacity, sizeof(*out->allows));
	at.file = arena_strdup(a, at.file);
	out->allows[out->nallows++] =
		(struct lint_allow){ arena_strdup(a, rule),
				     path ? arena_strdup(a, path)
					  : arena_printf(a, "%s#%s",
							 c->doc->name, pointer),
				     at };
}

/* One comment, at pointer, of the object at owner. */
static void read_comment(struct comments *c, const char *text,
			 const char *pointer, const char *owner,
			 struct arena *a)
{
	struct place at;
	const char *rule, *path = NULL;
	size_t n;

	if (strncmp(text, prefix, sizeof(prefix) - 1) != 0)
		return;
	text += sizeof(prefix) - 1;
	text += strspn(text, " ");
	at = place_of(c->doc, pointer, SOURCE_AT_VALUE);
	n = strncmp(text, verb, sizeof(verb) - 1) == 0 ? sizeof(verb) - 1 : 0;
	text += n;
	rule = arena_strndup(a, text, strcspn(text, ": "));
	text += strlen(rule);
	if (strncmp(text, in, sizeof(in) - 1) == 0) {
		text += sizeof(in) - 1;
		path = arena_strndup(a, text, strcspn(text, ": "));
		text += strlen(path);
	}
	text += strspn(text, ": ");
	if (!n || !*rule || !*text) {
		diag_error_at(c->diags, at,
			      "a comment for lint is \"lint: allow RULE: "
			      "REASON\"");
		return;
	}
	if (known_rule(rule, at, c->diags))
		add_allow(c, rule, path, owner, at);
}

static void read_comments(struct comments *c, const json_t *comment,
			  const char *owner, struct arena *a)
{
	const char *pointer = pointer_join(a, owner, "//");
	const json_t *item;
	size_t i;

	if (json_is_string(comment))
		read_comment(c, json_string_value(comment), pointer, owner, a);
	json_array_foreach (comment, i, item)
		if (json_is_string(item))
			read_comment(c, json_string_value(item),
				     pointer_index(a, pointer, i), owner, a);
}

/* Recursion is as deep as the text: at most SOURCE_MAX_DEPTH. */
static void look_within(struct comments *c, json_t *value, const char *pointer,
			struct arena *a)
{
	const char *key;
	json_t *member;
	size_t i;

	json_array_foreach (value, i, member)
		if (json_is_object(member) || json_is_array(member))
			look_within(c, member, pointer_index(a, pointer, i), a);
	json_object_foreach (value, key, member) {
		if (strcmp(key, "//") == 0)
			read_comments(c, member, pointer, a);
		else if (json_is_object(member) || json_is_array(member))
			look_within(c, member, pointer_join(a, pointer, key),
				    a);
	}
}

void lint_comments(struct lint *l, const struct document *doc, struct diags *d)
{
	AUTO(arena_release) struct arena a = { 0 };
	struct comments c = { l, doc, d };

	look_within(&c, doc->root, "", &a);
}

/* --- settings --- */

void lint_settings(struct lint *l, struct document *doc, struct diags *d)
{
	struct linted *out = l->out;
	const char *id;
	json_t *level;

	json_object_foreach (json_object_get(doc->root, "lint"), id, level) {
		AUTO(arena_release) struct arena a = { 0 };
		int n = lint_level_parse(json_string_value(level));

		if (strcmp(id, "//") == 0 ||
		    !known_rule(id,
				place_of(doc, pointer_join(&a, "/lint", id),
					 SOURCE_AT_KEY),
				d))
			continue;
		/* what is none is told by whoever reads the file */
		if (n < 0)
			continue;
		out->settings = arena_grow(
			l->arena, out->settings, out->nsettings,
			&out->settings_capacity, sizeof(*out->settings));
		out->settings[out->nsettings++] =
			(struct lint_setting){ lint_rule_find(id)->id, n };
	}
}
