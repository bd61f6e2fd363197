/* SPDX-License-Identifier: MIT */
/* The tree itself: making nodes, putting them in place, going through them. */
#include "lib/host/picture_spot.h"

#include <stdlib.h>
#include <string.h>

/* A directory that nobody said more of. */
static const struct node implied = { .type = NODE_DIRECTORY,
				     .mode = 0755,
				     .links = 1 };

struct picture *picture_new(const struct host *self, const struct host *base)
{
	struct picture *p = xrealloc(NULL, sizeof(*p));

	*p = (struct picture){ .self = self, .base = base, .written = !base };
	p->root = arena_new(&p->arena, struct picture_node);
	p->root->path = "/";
	p->root->known = p->root->bare = p->root->own = !base;
	p->root->node = implied;
	map_put(&p->nodes, &p->arena, p->root->path, p->root);
	return p;
}

void picture_free(struct picture *p)
{
	if (!p)
		return;
	arena_release(&p->folder_arena);
	arena_release(&p->arena);
	buf_release(&p->path);
	free(p);
}

void picture_forget_folders(struct picture *p)
{
	arena_release(&p->folder_arena);
	p->folders = (struct map){ 0 };
}

struct picture_node *picture_node_new(struct picture *p, const char *path,
				      struct picture_node *parent)
{
	struct picture_node *n = arena_new(&p->arena, struct picture_node);

	n->path = arena_strdup(&p->arena, path);
	n->parent = parent;
	n->next = parent->first;
	parent->first = n;
	n->bare = parent->bare;
	map_put(&p->nodes, &p->arena, n->path, n);
	return n;
}

const char *picture_join(struct picture *p, const struct picture_node *folder,
			 const char *name, size_t n)
{
	buf_clear(&p->path);
	if (folder->parent)
		buf_puts(&p->path, folder->path);
	buf_putc(&p->path, '/');
	buf_add(&p->path, name, n);
	return buf_text(&p->path);
}

/* All that is known below top turns into what below says. */
static void bury(struct picture_node *top, const struct node *below)
{
	struct picture_node *n = top;

	for (;;) {
		if (n->first)
			n = n->first;
		else {
			while (n != top && !n->next)
				n = n->parent;
			if (n == top)
				return;
			n = n->next;
		}
		n->known = n->own = n->bare = true;
		n->node = *below;
	}
}

struct picture_node *picture_put(struct picture *p, const struct spot *s,
				 const struct node *have,
				 const struct node *node)
{
	static const struct node absent = { .type = NODE_ABSENT };
	struct picture_node *n = s->node;

	if (have->type == NODE_DIRECTORY || have->type == NODE_LINK ||
	    have->type == NODE_UNKNOWN)
		picture_forget_folders(p);
	if (!n)
		n = picture_node_new(p, s->path, s->folder.node);
	bury(n, node->type == NODE_UNKNOWN ? node : &absent);
	n->known = n->own = n->bare = true;
	n->open = n->passed = false;
	n->node = *node;
	n->target = NULL;
	n->content = (struct content){ 0 };
	p->written = true;
	return n;
}

static struct picture_node *plant(struct picture *p, const char *path,
				  struct picture_node *parent)
{
	struct picture_node *n = map_get(&p->nodes, path);

	if (!n)
		n = picture_node_new(p, path, parent);
	if (!n->known) {
		n->node = implied;
		n->open = p->partial;
	}
	n->known = n->own = n->bare = true;
	return n;
}

struct picture_node *picture_plant(struct picture *p, const char *path)
{
	AUTO(arena_release) struct arena a = { 0 };
	struct picture_node *n = p->root;

	for (size_t end = 1; path[end - 1]; end++) {
		end += strcspn(path + end, "/");
		if (end > 1)
			n = plant(p, arena_strndup(&a, path, end), n);
		if (!path[end])
			break;
	}
	return n;
}

struct picture_node *picture_next(const struct picture *p,
				  const struct picture_node *n)
{
	if (!n)
		return p->root;
	if (n->first)
		return n->first;
	while (n && !n->next)
		n = n->parent;
	return n ? n->next : NULL;
}

/* Marks what path leads to as unknown, unless its folder is not there. */
static bool doubt(struct picture *p, const char *path, const char *because,
		  bool whatever, struct diags *d)
{
	struct node have,
		unknown = { .type = NODE_UNKNOWN, .because = because };
	struct spot s;

	if (!spot_resolve(p, path, &s, d) || !spot_look(p, &s, &have, d))
		return false;
	if (s.folder.node && s.node != p->root &&
	    (whatever || have.type == NODE_ABSENT))
		picture_put(p, &s, &have, &unknown);
	return true;
}

bool picture_promise(struct picture *p, const char *path, const char *because,
		     struct diags *d)
{
	AUTO(arena_release) struct arena a = { 0 };

	for (size_t end = 1; path[end]; end++) {
		end += strcspn(path + end, "/");
		if (!path[end])
			break;
		if (!doubt(p, arena_strndup(&a, path, end), because, false, d))
			return false;
	}
	return doubt(p, path, because, true, d);
}
