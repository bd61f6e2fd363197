/* SPDX-License-Identifier: MIT */
/* Where a path leads, and what is there. */
#include "lib/host/picture_spot.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/path.h"

enum { INODE_KEY = 40 };

/* Whether the picture says anything of it, now that it may be closed. */
static bool is_told(const struct picture *p, const struct picture_node *n)
{
	return n && n->known && !(p->closed && n->passed);
}

static bool is_unknown(const struct picture *p, const struct picture_node *n)
{
	return is_told(p, n) && n->node.type == NODE_UNKNOWN;
}

static const char *not_held(struct picture *p, const char *path)
{
	return arena_printf(&p->arena, "the snapshot does not hold '%s'", path);
}

struct node spot_own_word(struct picture *p, const struct spot *s)
{
	if (is_told(p, s->node))
		return s->node->node;
	if (is_unknown(p, s->folder.node))
		return s->folder.node->node;
	if (s->folder.veil)
		return (struct node){ .type = NODE_UNKNOWN,
				      .because = s->folder.veil };
	if (s->folder.node && s->folder.node->open && !p->closed)
		return (struct node){ .type = NODE_UNKNOWN,
				      .because = not_held(p, s->path) };
	return (struct node){ .type = NODE_ABSENT };
}

static bool has_many_names(const struct node *n)
{
	return n->type != NODE_ABSENT && n->type != NODE_DIRECTORY &&
	       n->inode && n->links > 1;
}

static void inode_key(const struct node *n, char key[INODE_KEY])
{
	snprintf(key, INODE_KEY, "%" PRIx64 ":%" PRIx64, n->device, n->inode);
}

/* What was changed by another name of the same file. */
static void share_perms(const struct picture *p, struct node *n)
{
	const struct node *changed;
	char key[INODE_KEY];

	if (!p->linked.n || !has_many_names(n))
		return;
	inode_key(n, key);
	changed = map_get(&p->linked, key);
	if (!changed)
		return;
	n->mode = changed->mode;
	n->uid = changed->uid;
	n->gid = changed->gid;
}

bool spot_look(struct picture *p, const struct spot *s, struct node *n,
	       struct diags *d)
{
	*n = spot_own_word(p, s);
	if (!s->behind || (s->node && s->node->known))
		return true;
	if (!host_look(p->base, s->behind, n, d))
		return false;
	share_perms(p, n);
	return true;
}

bool spot_tell_other_names(struct picture *p, const struct spot *s,
			   const struct node *n, struct diags *d)
{
	struct node real;
	char key[INODE_KEY];

	if (!s->behind || n->links < 2)
		return true;
	if (!host_look(p->base, s->behind, &real, d))
		return false;
	if (!has_many_names(&real))
		return true;
	inode_key(&real, key);
	map_put(&p->linked, &p->arena, arena_strdup(&p->arena, key),
		arena_memdup(&p->arena, n, sizeof(*n)));
	return true;
}

void spot_below(struct picture *p, struct folder folder, const char *name,
		size_t n, const char *asked, struct spot *s)
{
	*s = (struct spot){ .folder = folder };
	s->path = picture_join(p, folder.node, name, n);
	s->node = map_getn(&p->nodes, s->path, p->path.size);
	if (!folder.node->bare && !folder.veil && !(s->node && s->node->own))
		s->behind = folder.direct && asked ? asked : s->path;
}

/*
 * The folder that holds path. One that is there is remembered until something
 * that a walk may have passed is taken away; one that is missing never is, so
 * that making things forgets nothing.
 */
static bool find_folder(struct picture *p, const char *path, struct folder *f,
			struct diags *d)
{
	size_t n = path_parent(path);
	const struct folder *known = map_getn(&p->folders, path, n);

	if (known) {
		*f = *known;
		return true;
	}
	if (!picture_walk(p, path, n, f, d))
		return false;
	if (!f->node)
		return true;
	map_put(&p->folders, &p->folder_arena,
		arena_strndup(&p->folder_arena, path, n),
		arena_memdup(&p->folder_arena, f, sizeof(*f)));
	return true;
}

bool spot_resolve(struct picture *p, const char *path, struct spot *s,
		  struct diags *d)
{
	const char *name = path_name(path);
	struct folder f;

	*s = (struct spot){ .path = path };
	if (!*name) {
		s->folder.node = s->node = p->root;
		s->behind = p->root->own ? NULL : path;
		return true;
	}
	if (!find_folder(p, path, &f, d))
		return false;
	if (f.node)
		spot_below(p, f, name, strlen(name), path, s);
	else if (f.direct)
		s->behind = path;
	return true;
}

bool spot_find(const struct host *h, const char *path, struct spot *s,
	       struct diags *d)
{
	struct picture *p = picture_of(h);

	if (p->written)
		return spot_resolve(p, path, s, d);
	*s = (struct spot){ .behind = path };
	return true;
}
