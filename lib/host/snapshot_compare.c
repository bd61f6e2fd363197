/* SPDX-License-Identifier: MIT */
/* In what two recorded hosts differ, or what became of them. */
#include "lib/host/snapshot.h"

#include <string.h>

static const struct node absent = { .type = NODE_ABSENT };

static const struct node *node_of(const struct picture_node *n)
{
	return n && n->known && !n->passed ? &n->node : &absent;
}

static bool same_content(const struct content *a, const struct content *b)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	struct content x = *a, y = *b;

	if (a->ncuts || b->ncuts)
		return a->ncuts == b->ncuts && content_same_sealed(a, b);
	if (a->size != b->size)
		return false;
	if (a->bytes && b->bytes)
		return memcmp(a->bytes, b->bytes, (size_t)a->size) == 0;
	if ((a->bytes && !content_digest(&x, &ignored)) ||
	    (b->bytes && !content_digest(&y, &ignored)))
		return false;
	return x.has_digest == y.has_digest &&
	       (!x.has_digest || memcmp(x.digest, y.digest, DIGEST_SIZE) == 0);
}

/* What is not the same of two nodes at one path; or NULL. */
static const char *node_difference(const struct picture_node *a,
				   const struct picture_node *b)
{
	const struct node *x = node_of(a), *y = node_of(b);

	if (x->type != y->type)
		return x->type == NODE_ABSENT || y->type == NODE_ABSENT
			       ? "whether it is there"
			       : "its type";
	if (x->type == NODE_ABSENT || x->type == NODE_UNKNOWN)
		return NULL;
	if (x->mode != y->mode)
		return "its mode";
	if (x->uid != y->uid || x->gid != y->gid)
		return "its owner";
	if (x->type == NODE_LINK && strcmp(a->target, b->target) != 0)
		return "its target";
	return x->type == NODE_FILE && !same_content(&a->content, &b->content)
		       ? "its content"
		       : NULL;
}

static const char *files_difference(const struct picture *p,
				    const struct picture *q, bool there,
				    struct arena *a)
{
	for (const struct picture_node *n = picture_next(p, NULL); n;
	     n = picture_next(p, n)) {
		const struct picture_node *other = map_get(&q->nodes, n->path);
		const char *what;

		if (there && other)
			continue;
		what = node_difference(n, other);
		if (what)
			return arena_printf(a, "%s: %s", n->path, what);
	}
	return NULL;
}

static bool same_unit(const struct picture_unit *x,
		      const struct picture_unit *y)
{
	return y && x->has_active == y->has_active &&
	       x->has_enabled == y->has_enabled &&
	       (!x->has_active || x->active == y->active) &&
	       (!x->has_enabled || x->enabled == y->enabled);
}

static const char *units_difference(const struct picture *p,
				    const struct picture *q, struct arena *a)
{
	struct strings ids = { 0 };

	for (const struct picture_unit *u = p->first_unit; u; u = u->next)
		if (!same_unit(u, map_get(&q->units, u->id)))
			strings_add(&ids, a, u->id);
	strings_sort(&ids);
	return ids.n ? arena_printf(a, "unit %s", ids.v[0]) : NULL;
}

/* The key of what is not the same in two objects; takes both. */
static const char *key_difference(const char *kind, json_t *x, json_t *y,
				  struct arena *a)
{
	const char *key, *found = NULL;
	json_t *value;

	json_object_foreach (x, key, value)
		if (!found && !json_equal(value, json_object_get(y, key)))
			found = arena_printf(a, "%s %s", kind, key);
	json_object_foreach (y, key, value)
		if (!found && !json_object_get(x, key))
			found = arena_printf(a, "%s %s", kind, key);
	json_decref(x);
	json_decref(y);
	return found;
}

const char *host_snapshot_difference(const struct host *one,
				     const struct host *other, struct arena *a)
{
	const struct snapshot *s = const_snapshot(one);
	const struct snapshot *t = const_snapshot(other);
	const struct picture *p = s->host.picture, *q = t->host.picture;
	const char *found = files_difference(p, q, false, a);

	if (!found)
		found = files_difference(q, p, true, a);
	if (!found)
		found = units_difference(p, q, a);
	if (!found)
		found = units_difference(q, p, a);
	if (!found)
		found = key_difference("user", roster_users_json(&s->roster),
				       roster_users_json(&t->roster), a);
	if (!found)
		found = key_difference("group", roster_groups_json(&s->roster),
				       roster_groups_json(&t->roster), a);
	if (!found)
		found = key_difference("package", snapshot_show_packages(s),
				       snapshot_show_packages(t), a);
	return found;
}
