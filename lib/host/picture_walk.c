/* SPDX-License-Identifier: MIT */
/* The way to a folder, component by component, and who may pass it. */
#include "lib/host/picture_spot.h"

#include <string.h>

/* path_resolution(7) has a limit too; the real host follows no more either. */
enum { LINKS_MAX = 8 };
/* Of what a user makes in a folder of his that has root's group. */
enum { NO_GROUP = 65534 };

/* On the way to a folder, component by component. */
struct walk {
	struct picture *picture;
	struct node root;
	struct folder at;
	bool changed;       /* it passed a folder that the picture changed */
	unsigned links;     /* followed so far */
	const char *rest;   /* still to be walked */
	struct arena arena; /* of rest */
	struct diags *diags;
};

static void walk_release(struct walk *w)
{
	arena_release(&w->arena);
}

/* An unprivileged converge works in a tree that is its user's, who is to it
 * what root is to the others. */
static bool is_own(const struct walk *w, uint32_t user)
{
	return user == 0 || user == w->root.uid;
}

static bool others_write(const struct walk *w, const struct node *n)
{
	bool own_group =
		n->gid == 0 || (w->root.uid != 0 && n->gid == w->root.gid);

	return (n->mode & 0002) || ((n->mode & 0020) && !own_group);
}

/* The group of what is made in the folder n: the writer's own on his ground,
 * else as X makes it (inode(7), S_ISGID). */
static uint32_t group_below(const struct walk *w, const struct node *n)
{
	if (w->at.own)
		return w->root.uid ? w->root.gid : 0;
	if (n->mode & 02000)
		return n->gid;
	return n->gid ? n->gid : NO_GROUP;
}

static void walk_start(struct walk *w)
{
	w->at.node = w->picture->root;
	w->at.veil = NULL;
	w->at.own = true;
	w->at.safe = !others_write(w, &w->root);
	w->at.owner = w->root.uid;
	w->at.group = group_below(w, &w->root);
}

static const char *user(const struct walk *w, uint32_t id)
{
	return host_user_name(w->picture->self, id, &w->diags->arena);
}

static bool refuse_owner(const struct walk *w, const char *path,
			 const struct node *n)
{
	diag_error(w->diags, "'%s' is a folder that %s owns, in one of %s",
		   path, user(w, n->uid), user(w, w->at.owner));
	diag_hint(w->diags, "give '%s' and the folder that it is in one owner",
		  path);
	return false;
}

static bool refuse_mode(const struct walk *w, const char *path,
			const struct node *n)
{
	bool all = n->mode & 0002;

	diag_error(w->diags,
		   "'%s' is a folder that %s owns and %s may write to", path,
		   user(w, n->uid), all ? "all" : "its group");
	diag_hint(w->diags, "chmod %s '%s'", all ? "go-w" : "g-w", path);
	return false;
}

static bool refuse_link(const struct walk *w, const char *path,
			const struct node *n)
{
	if (!is_own(w, n->uid))
		diag_error(w->diags, "'%s' is a link that %s owns", path,
			   user(w, n->uid));
	else if (!w->at.own)
		diag_error(w->diags,
			   "'%s' is a link that %s owns, in a folder of %s",
			   path, user(w, n->uid), user(w, w->at.owner));
	else
		diag_error(w->diags,
			   "'%s' is a link that %s owns, in a folder that "
			   "others may write to",
			   path, user(w, n->uid));
	diag_hint(w->diags, "write the path that the link leads to instead");
	return false;
}

/* Whether the folder n may be passed, and whose ground it is then. */
static bool walk_ground(struct walk *w, const char *path, const struct node *n)
{
	struct folder *f = &w->at;

	if (!f->own && n->uid != f->owner)
		return refuse_owner(w, path, n);
	f->own = f->own && is_own(w, n->uid);
	f->safe = f->own && !others_write(w, n);
	f->owner = f->own ? w->root.uid : n->uid;
	f->group = group_below(w, n);
	return !f->own || f->safe || (n->mode & 01000) ||
	       refuse_mode(w, path, n);
}

static bool walk_link(struct walk *w, const struct spot *s,
		      const struct node *n)
{
	const char *target = s->node ? s->node->target : "";

	if (!w->at.safe || !is_own(w, n->uid))
		return refuse_link(w, s->path, n);
	if (w->links++ == LINKS_MAX)
		return diag_error(w->diags,
				  "'%s' leads through more than %d links",
				  s->path, LINKS_MAX);
	if (s->behind && !host_read_link(w->picture->base, s->behind, &w->arena,
					 &target, w->diags))
		return false;
	if (target[0] == '/')
		walk_start(w);
	w->rest = arena_printf(&w->arena, "%s/%s", target, w->rest);
	return true;
}

/* Below what is not known all is unknown, and may be a folder. */
static void walk_unknown(struct picture_node *into, const struct node *n)
{
	if (into->known)
		return;
	into->known = into->own = into->bare = into->passed = true;
	into->node = *n;
}

/* Asks the base for any name in a folder that the picture has changed. */
static void probe(struct picture *p, struct picture_node *folder)
{
	AUTO_DIAGS struct diags d = { 0 };
	struct node ignored;

	if (folder->probed)
		return;
	folder->probed = true;
	if (host_look(p->base, picture_join(p, folder, "converge", 8), &ignored,
		      &d))
		return;
	folder->veil = arena_strdup(&p->arena,
				    d.n ? d.v[0].text : "it cannot be passed");
}

static bool walk_enter(struct walk *w, const struct spot *s,
		       const struct node *n)
{
	struct picture_node *into = s->node;

	if (n->type == NODE_DIRECTORY && !walk_ground(w, s->path, n))
		return false;
	if (!into)
		into = picture_node_new(w->picture, s->path, w->at.node);
	if (n->type == NODE_UNKNOWN)
		walk_unknown(into, n);
	w->at.node = into;
	w->at.direct = w->at.direct && !into->bare;
	w->at.veil = NULL;
	if (into->known && !into->bare) {
		w->changed = true;
		probe(w->picture, into);
		w->at.veil = into->veil;
	}
	return true;
}

static bool walk_into(struct walk *w, const char *name, size_t n)
{
	struct node have;
	struct spot s;

	spot_below(w->picture, w->at, name, n, NULL, &s);
	if (!spot_look(w->picture, &s, &have, w->diags))
		return false;
	if (have.type == NODE_DIRECTORY || have.type == NODE_UNKNOWN)
		return walk_enter(w, &s, &have);
	w->at.direct = w->at.direct && !(s.node && s.node->known);
	if (have.type == NODE_LINK)
		return walk_link(w, &s, &have);
	w->at.node = NULL;
	return true;
}

/* To the parent of where the links led; that of the root is the root. */
static void walk_up(struct walk *w)
{
	const struct picture_node *parent = w->at.node->parent;

	walk_start(w);
	if (parent)
		w->rest =
			arena_printf(&w->arena, "%s/%s", parent->path, w->rest);
}

static bool walk_step(struct walk *w)
{
	const char *name = w->rest;
	size_t n = strcspn(name, "/");

	w->rest = name + n + strspn(name + n, "/");
	if (n == 0 || (n == 1 && name[0] == '.'))
		return true;
	if (n != 2 || memcmp(name, "..", 2) != 0)
		return walk_into(w, name, n);
	walk_up(w);
	return true;
}

/*
 * The base may refuse to walk through the last folder or through a link: then
 * so does the picture, unless it changed a folder on the way.
 */
static bool base_agrees(struct walk *w, const char *path, struct folder *f)
{
	AUTO_DIAGS struct diags d = { 0 };
	struct node ignored;

	if (host_look(w->picture->base, path, &ignored, &d))
		return true;
	f->direct = false;
	if (!w->changed)
		diags_append(w->diags, &d);
	return w->changed;
}

bool picture_walk(struct picture *p, const char *path, size_t n,
		  struct folder *f, struct diags *d)
{
	AUTO(walk_release) struct walk w = { .picture = p, .diags = d };
	struct spot root = { .node = p->root,
			     .behind = p->root->known ? NULL : "/" };

	if (!spot_look(p, &root, &w.root, d))
		return false;
	w.at.direct = p->base;
	walk_start(&w);
	w.rest = arena_strndup(&w.arena, path, n);
	while (w.at.node && *w.rest)
		if (!walk_step(&w))
			return false;
	*f = w.at;
	return !f->node || !f->direct || base_agrees(&w, path, f);
}
