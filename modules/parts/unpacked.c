/* SPDX-License-Identifier: MIT */
#include "modules/parts/unpacked.h"

#include <string.h>

#include "modules/parts/beneath.h"
#include "modules/parts/perms.h"

bool unpacked_check_ignore(const struct strings *ignore, struct diags *d)
{
	for (size_t i = 0; i < ignore->n; i++) {
		const char *name = ignore->v[i];
		const char *wrong = table_name_wrong(name, strlen(name));

		if (wrong)
			return diag_error(d, "'ignore': '%s' %s", name, wrong);
	}
	return true;
}

void unpacked_edges(const struct unpacked *want, struct edges *e)
{
	edges_after_path(e, want->path, false, "its folder");
	perms_edges(want->owner, want->group, e);
}

/* One look over the folder. */
struct survey {
	const struct host *host;
	const struct unpacked *want;
	struct unpacked_state *have;
	struct arena *arena;
	uint32_t uid, gid; /* wanted */
	size_t wrong;      /* entries that are not as they should be */
	const char *first; /* of them */
	struct diags *diags;
};

static bool is_ignored(const struct unpacked *want, const char *name)
{
	for (size_t i = 0; i < want->ignore->n; i++)
		if (strcmp(name, want->ignore->v[i]) == 0 ||
		    (strncmp(name, want->ignore->v[i],
			     strlen(want->ignore->v[i])) == 0 &&
		     name[strlen(want->ignore->v[i])] == '/'))
			return true;
	return false;
}

static bool compare_file(struct survey *s, const char *path,
			 const struct table_entry *e, const struct node *n,
			 enum match *match)
{
	struct content content = { .size = e->size, .has_digest = true };
	uint32_t mode = e->executable ? UNPACKED_PROGRAM : UNPACKED_FILE;

	*match = MATCH_DIFFERENT;
	if (n->size != e->size || n->mode != mode)
		return true;
	memcpy(content.digest, e->digest, DIGEST_SIZE);
	return host_compare(s->host, path, &content, match, s->diags);
}

static bool compare_link(struct survey *s, const char *path,
			 const struct table_entry *e, enum match *match)
{
	const char *target;

	if (!host_read_link(s->host, path, s->arena, &target, s->diags))
		return false;
	*match = strcmp(target, e->target) == 0 ? MATCH_SAME : MATCH_DIFFERENT;
	return true;
}

static void look_at_owner(struct survey *s, const struct node *n)
{
	const struct unpacked *want = s->want;

	if (want->owner && n->uid != s->uid)
		s->have->owner =
			perms_show_user(s->host, want->owner, n->uid, s->arena);
	if (want->group && n->gid != s->gid)
		s->have->group = perms_show_group(s->host, want->group, n->gid,
						  s->arena);
}

static bool compare(struct survey *s, const char *path,
		    const struct table_entry *e, enum match *match)
{
	static const enum node_type types[] = {
		[TREE_FILE] = NODE_FILE,
		[TREE_DIRECTORY] = NODE_DIRECTORY,
		[TREE_LINK] = NODE_LINK,
	};
	struct node n;

	*match = MATCH_UNKNOWN;
	if (!host_look(s->host, path, &n, s->diags))
		return false;
	if (n.type == NODE_UNKNOWN) {
		s->have->unknown = n.because;
		return true;
	}
	*match = MATCH_DIFFERENT;
	if (n.type != types[e->type])
		return true;
	look_at_owner(s, &n);
	if (e->type == TREE_FILE)
		return compare_file(s, path, e, &n, match);
	if (e->type == TREE_LINK)
		return compare_link(s, path, e, match);
	if (n.mode == UNPACKED_FOLDER)
		*match = MATCH_SAME;
	return true;
}

static bool compare_all(struct survey *s)
{
	const struct table *t = s->want->table;

	for (size_t i = 0; i < t->n; i++) {
		AUTO(arena_release) struct arena a = { 0 };
		const char *path =
			arena_printf(&a, "%s/%s", s->want->path, t->v[i].name);
		enum match match;

		if (is_ignored(s->want, t->v[i].name))
			continue;
		if (!compare(s, path, &t->v[i], &match))
			return false;
		if (match == MATCH_UNKNOWN && !s->have->unknown)
			s->have->unknown = "its content is not known";
		if (match == MATCH_DIFFERENT && !s->wrong++)
			s->first = t->v[i].name;
	}
	return true;
}

static void find_ids(struct survey *s)
{
	AUTO_DIAGS struct diags ignored = { 0 };

	/* one that is not there yet owns nothing */
	if (s->want->owner &&
	    !perms_user(s->host, s->want->owner, &s->uid, &ignored))
		s->uid = UINT32_MAX;
	if (s->want->group &&
	    !perms_group(s->host, s->want->group, &s->gid, &ignored))
		s->gid = UINT32_MAX;
}

bool unpacked_look(const struct host *h, const struct unpacked *want,
		   const struct node *node, struct unpacked_state *have,
		   struct arena *a, struct diags *d)
{
	struct survey s = {
		.host = h, .want = want, .have = have, .arena = a, .diags = d
	};

	*have = (struct unpacked_state){ .owner = want->owner,
					 .group = want->group };
	find_ids(&s);
	look_at_owner(&s, node);
	if (!compare_all(&s))
		return false;
	if (s.wrong)
		have->differs =
			arena_printf(a, "%zu of %zu entries differ, as '%s'",
				     s.wrong, want->table->n, s.first);
	return true;
}

/* --- what stands there beside it --- */

/* What a walk over the folder finds that the table has not. */
struct strays {
	const struct unpacked *want;
	struct map names; /* of the table */
	struct arena *arena;
	const char *foreign; /* the first that may not change; or NULL */
};

/* Whether it may be there as well: it is ignored, or leads to what is. */
static bool may_be_more(const struct unpacked *want, const char *name)
{
	if (is_ignored(want, name))
		return true;
	for (size_t i = 0; i < want->ignore->n; i++)
		if (path_below(want->ignore->v[i], name, false))
			return true;
	return false;
}

static bool is_of_table(void *context, const char *name)
{
	struct strays *s = context;

	if (map_get(&s->names, name))
		return true;
	if (!s->foreign && !may_be_more(s->want, name))
		s->foreign = arena_strdup(s->arena, name);
	return false;
}

/* Looks at all that is there, at any depth, and is not of the table: see
 * beneath_look. */
static bool find_strays(const struct host *h, struct strays *s,
			const struct node *node, struct record *have,
			unsigned row, struct takes *takes, struct diags *d)
{
	AUTO(arena_release) struct arena a = { 0 };
	const struct beneath_own own = { is_of_table, s };
	const struct table *t = s->want->table;

	for (size_t i = 0; i < t->n; i++)
		map_put(&s->names, &a, t->v[i].name, s);
	return beneath_look_else(h, s->want->path, node, &own, have, row, takes,
				 s->arena, d);
}

bool unpacked_look_beside(const struct host *h, const struct unpacked *want,
			  const struct node *node, bool force,
			  struct record *have, unsigned row,
			  struct takes *takes, struct arena *a, struct diags *d)
{
	struct strays s = { .want = want, .arena = a };

	if (!find_strays(h, &s, node, have, row, takes, d))
		return false;
	if (s.foreign && !force)
		beneath_none(have, row, takes);
	return true;
}

static bool find_foreign(const struct host *h, const struct unpacked *want,
			 const struct node *node, struct arena *a,
			 const char **foreign, struct diags *d)
{
	struct strays s = { .want = want, .arena = a };
	struct record have = { 0 };
	struct takes takes;

	if (!find_strays(h, &s, node, &have, 0, &takes, d))
		return false;
	*foreign = s.foreign;
	return s.foreign || !have.unknown ||
	       diag_error(d, "what is in '%s' is not known", want->path);
}

/* Whether what stands there holds nothing else, so that it may be done away
 * with without being asked for by force. done: "replaced". */
static bool may_go(const struct host *h, const struct unpacked *want,
		   const struct folder_write *w, const char *done,
		   struct arena *a, struct diags *d)
{
	const struct node *node = w->expect;
	const char *foreign;

	if (node->type == NODE_ABSENT)
		return true;
	if (node->type != NODE_DIRECTORY)
		return diag_error(d, "'%s' is a %s; it is %s only with 'force'",
				  want->path, node_type_name(node->type), done);
	if (w->unknown)
		return true;
	if (!find_foreign(h, want, node, a, &foreign, d))
		return false;
	return !foreign ||
	       diag_error(d,
			  "'%s' holds '%s', which is not of its source; it is "
			  "%s only with 'force'",
			  want->path, foreign, done);
}

static bool put(struct host *h, const struct unpacked *want,
		struct folder_write *w, struct diags *d)
{
	w->path = want->path;
	w->table = want->table;
	if (want->owner) {
		if (!perms_user(h, want->owner, &w->uid, d))
			return false;
		w->set |= PERM_UID;
	}
	if (want->group) {
		if (!perms_group(h, want->group, &w->gid, d))
			return false;
		w->set |= PERM_GID;
	}
	return host_unpack(h, w, d);
}

bool unpacked_change(struct host *h, const struct unpacked *want, bool absent,
		     bool force, struct folder_write *w, struct arena *a,
		     struct diags *d)
{
	if (!force &&
	    !may_go(h, want, w, absent ? "removed" : "replaced", a, d))
		return false;
	if (absent)
		return host_remove(h, want->path, true, w->backup, w->expect,
				   d);
	return put(h, want, w, d);
}
