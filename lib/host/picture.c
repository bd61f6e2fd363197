/* SPDX-License-Identifier: MIT */
#include "lib/host/picture.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/path.h"

/* path_resolution(7) has a limit too; the real host follows no more either. */
enum { LINKS_MAX = 8 };
/* Of what a user makes in a folder of his that has root's group. */
enum { NO_GROUP = 65534 };
enum { INODE_KEY = 40 };

/*
 * A folder that was walked to, and whose ground it is. The rules are those of
 * the real host (linux/walk.c), for what the picture has changed on the way:
 * the base can refuse only what it knows.
 */
struct folder {
	struct picture_node *node; /* NULL: there is none */
	bool direct; /* by nothing of the picture's: the base gets there too */
	const char *veil; /* see struct picture_node; or NULL */
	bool own;         /* root's ground */
	bool safe;        /* and none but root can add or change names */
	uint32_t owner;   /* whose ground it is */
	uint32_t group;   /* of what is made there */
};

/* Where a path leads. */
struct spot {
	struct folder folder;
	struct picture_node *node; /* what the picture has there, or NULL */
	const char *path;          /* canonical; valid until the next walk */
	const char *behind; /* by which the base is asked for what is there;
			     * NULL: it has no say */
};

static struct picture *picture_of(const struct host *h)
{
	return ((const struct picture_host *)(const void *)h)->picture;
}

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

static void forget_folders(struct picture *p)
{
	arena_release(&p->folder_arena);
	p->folders = (struct map){ 0 };
}

static struct picture_node *node_new(struct picture *p, const char *path,
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

static const char *join(struct picture *p, const struct picture_node *folder,
			const char *name, size_t n)
{
	buf_clear(&p->path);
	if (folder->parent)
		buf_puts(&p->path, folder->path);
	buf_putc(&p->path, '/');
	buf_add(&p->path, name, n);
	return buf_text(&p->path);
}

static bool is_unknown(const struct picture_node *n)
{
	return n && n->known && n->node.type == NODE_UNKNOWN;
}

/* What the picture itself says of the spot: nothing more is behind it. */
static struct node own_word(const struct spot *s)
{
	if (s->node && s->node->known)
		return s->node->node;
	if (is_unknown(s->folder.node))
		return s->folder.node->node;
	if (s->folder.veil)
		return (struct node){ .type = NODE_UNKNOWN,
				      .because = s->folder.veil };
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

static bool spot_look(const struct picture *p, const struct spot *s,
		      struct node *n, struct diags *d)
{
	*n = own_word(s);
	if (!s->behind || (s->node && s->node->known))
		return true;
	if (!host_look(p->base, s->behind, n, d))
		return false;
	share_perms(p, n);
	return true;
}

/* Tells all names of the file at the spot that it is as n now. */
static bool tell_other_names(struct picture *p, const struct spot *s,
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

/*
 * asked is the path that was given, so that the base walks it too and refuses
 * what it would refuse of an apply; the canonical one where only the picture
 * knows the way.
 */
static void spot_below(struct picture *p, struct folder folder,
		       const char *name, size_t n, const char *asked,
		       struct spot *s)
{
	*s = (struct spot){ .folder = folder };
	s->path = join(p, folder.node, name, n);
	s->node = map_getn(&p->nodes, s->path, p->path.size);
	if (!folder.node->bare && !folder.veil && !(s->node && s->node->own))
		s->behind = folder.direct && asked ? asked : s->path;
}

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

/* The group of what is made in the folder n (inode(7), S_ISGID). */
static uint32_t group_below(const struct walk *w, const struct node *n)
{
	if (n->mode & 02000)
		return n->gid;
	if (w->at.own)
		return w->root.uid ? w->root.gid : 0;
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
	const char *target = s->node ? s->node->target : NULL;

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
	into->known = into->own = into->bare = true;
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
	if (host_look(p->base, join(p, folder, "converge", 8), &ignored, &d))
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
		into = node_new(w->picture, s->path, w->at.node);
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

static bool walk(struct picture *p, const char *path, size_t n,
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
	if (!walk(p, path, n, f, d))
		return false;
	if (!f->node)
		return true;
	map_put(&p->folders, &p->folder_arena,
		arena_strndup(&p->folder_arena, path, n),
		arena_memdup(&p->folder_arena, f, sizeof(*f)));
	return true;
}

static bool resolve(struct picture *p, const char *path, struct spot *s,
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

/* For what only looks: an unwritten picture costs nothing. */
static bool find(const struct host *h, const char *path, struct spot *s,
		 struct diags *d)
{
	struct picture *p = picture_of(h);

	if (p->written)
		return resolve(p, path, s, d);
	*s = (struct spot){ .behind = path };
	return true;
}

bool picture_look(const struct host *h, const char *path, struct node *n,
		  struct diags *d)
{
	struct spot s;

	return find(h, path, &s, d) && spot_look(picture_of(h), &s, n, d);
}

/* Says that path is not what was expected, in the words of the real host. */
static bool wrong_type(const char *path, const struct node *n,
		       enum node_type expected, const char *verb,
		       struct diags *d)
{
	if (n->type == NODE_ABSENT)
		return diag_errno(d, ENOENT, "cannot %s '%s'", verb, path);
	if (n->type == NODE_UNKNOWN)
		return diag_error(d, "cannot %s '%s': %s", verb, path,
				  n->because);
	return diag_error(d, "'%s' is a %s, not a %s", path,
			  node_type_name(n->type), node_type_name(expected));
}

bool picture_read_link(const struct host *h, const char *path, struct arena *a,
		       const char **target, struct diags *d)
{
	struct picture *p = picture_of(h);
	struct node have;
	struct spot s;

	if (!find(h, path, &s, d))
		return false;
	if (s.behind)
		return host_read_link(p->base, s.behind, a, target, d);
	have = own_word(&s);
	if (have.type != NODE_LINK)
		return wrong_type(path, &have, NODE_LINK, "read", d);
	*target = arena_strdup(a, s.node->target);
	return true;
}

static bool list_base(struct picture *p, const char *path,
		      const struct picture_node *folder, struct arena *a,
		      struct strings *names, struct diags *d)
{
	struct strings all = { 0 };

	if (!host_list(p->base, path, a, &all, d))
		return false;
	for (size_t i = 0; i < all.n; i++) {
		const char *at = join(p, folder, all.v[i], strlen(all.v[i]));
		const struct picture_node *n =
			map_getn(&p->nodes, at, p->path.size);

		if (!n || !n->known)
			strings_add(names, a, all.v[i]);
	}
	return true;
}

static void list_own(const struct picture_node *folder, struct arena *a,
		     struct strings *names)
{
	for (const struct picture_node *n = folder->first; n; n = n->next)
		if (n->known && n->node.type != NODE_ABSENT)
			strings_add(names, a,
				    arena_strdup(a, path_name(n->path)));
}

bool picture_list(const struct host *h, const char *path, struct arena *a,
		  struct strings *names, struct diags *d)
{
	struct picture *p = picture_of(h);
	struct node have;
	struct spot s;

	*names = (struct strings){ 0 };
	if (!find(h, path, &s, d))
		return false;
	if (s.behind && !s.node)
		return host_list(p->base, s.behind, a, names, d);
	if (!spot_look(p, &s, &have, d))
		return false;
	if (have.type != NODE_DIRECTORY)
		return wrong_type(path, &have, NODE_DIRECTORY, "list", d);
	if (s.behind && !list_base(p, s.behind, s.node, a, names, d))
		return false;
	list_own(s.node, a, names);
	strings_sort(names);
	return true;
}

static bool is_open(const struct content *c)
{
	return c->bytes || c->tree;
}

static bool is_hollow(const struct content *c)
{
	return !is_open(c) && !c->has_digest;
}

static bool match_digests(const struct content *have,
			  const struct content *want, enum match *m,
			  struct diags *d)
{
	struct content x = *have, y = *want;

	if (!content_digest(&x, d) || !content_digest(&y, d))
		return false;
	*m = memcmp(x.digest, y.digest, DIGEST_SIZE) ? MATCH_DIFFERENT
						     : MATCH_SAME;
	return true;
}

static bool content_match(const struct content *have,
			  const struct content *want, enum match *m,
			  struct diags *d)
{
	*m = MATCH_DIFFERENT;
	if (have->size != want->size)
		return true;
	*m = MATCH_UNKNOWN;
	if (is_hollow(have) || is_hollow(want))
		return true;
	*m = MATCH_SAME;
	if (have->tree && have->tree == want->tree &&
	    strcmp(have->path, want->path) == 0)
		return true;
	if (!have->bytes || !want->bytes)
		return match_digests(have, want, m, d);
	if (memcmp(have->bytes, want->bytes, (size_t)have->size) != 0)
		*m = MATCH_DIFFERENT;
	return true;
}

bool picture_compare(const struct host *h, const char *path,
		     const struct content *c, enum match *m, struct diags *d)
{
	struct picture *p = picture_of(h);
	struct node have;
	struct spot s;

	*m = MATCH_UNKNOWN;
	if (!find(h, path, &s, d))
		return false;
	if (s.behind)
		return host_compare(p->base, s.behind, c, m, d);
	have = own_word(&s);
	if (have.type == NODE_FILE)
		return content_match(&s.node->content, c, m, d);
	if (have.type == NODE_ABSENT && !is_hollow(c))
		*m = MATCH_DIFFERENT;
	return have.type == NODE_ABSENT || have.type == NODE_UNKNOWN ||
	       wrong_type(path, &have, NODE_FILE, "open", d);
}

bool picture_read(const struct host *h, const char *path, size_t limit,
		  struct buf *out, bool *whole, struct diags *d)
{
	struct picture *p = picture_of(h);
	struct node have;
	struct spot s;

	*whole = false;
	if (!find(h, path, &s, d))
		return false;
	if (s.behind)
		return host_read(p->base, s.behind, limit, out, whole, d);
	have = own_word(&s);
	if (have.type == NODE_UNKNOWN)
		return false;
	if (have.type != NODE_FILE)
		return wrong_type(path, &have, NODE_FILE, "read", d);
	return is_open(&s.node->content) &&
	       content_read(&s.node->content, limit, out, whole, d);
}

bool picture_digest(const struct host *h, const char *path, struct content *c,
		    struct diags *d)
{
	struct picture *p = picture_of(h);
	struct node have;
	struct spot s;

	*c = (struct content){ 0 };
	if (!find(h, path, &s, d))
		return false;
	if (s.behind)
		return host_digest(p->base, s.behind, c, d);
	have = own_word(&s);
	if (have.type == NODE_UNKNOWN)
		return true;
	if (have.type != NODE_FILE)
		return wrong_type(path, &have, NODE_FILE, "read", d);
	if (is_open(&s.node->content) && !content_digest(&s.node->content, d))
		return false;
	c->size = s.node->content.size;
	c->has_digest = s.node->content.has_digest;
	memcpy(c->digest, s.node->content.digest, DIGEST_SIZE);
	return true;
}

/* What stands at a path that is about to be written. */
static bool stand(struct host *h, const char *path, struct spot *s,
		  struct node *have, struct diags *d)
{
	struct picture *p = picture_of(h);

	return resolve(p, path, s, d) && spot_look(p, s, have, d);
}

static bool has_folder(const struct host *h, const char *path,
		       const struct spot *s, struct diags *d)
{
	AUTO(arena_release) struct arena a = { 0 };
	const char *folder;
	struct node n;

	if (s->folder.node)
		return true;
	folder = arena_strndup(&a, path, path_parent(path));
	if (!picture_look(h, folder, &n, d))
		return false;
	if (n.type == NODE_ABSENT || n.type == NODE_LINK)
		return diag_error(d, "the folder '%s' does not exist", folder);
	return diag_error(d, "'%s' is not a directory", folder);
}

/* On root's ground what is new is root's, on another's that one's. */
static void new_owner(const struct spot *s, struct node *n)
{
	n->uid = s->folder.owner;
	n->gid = s->folder.group;
}

static void set(struct node *n, const struct perms *perms)
{
	if (perms->set & PERM_MODE)
		n->mode = perms->mode & 07777;
	if (perms->set & PERM_UID)
		n->uid = perms->uid;
	if (perms->set & PERM_GID)
		n->gid = perms->gid;
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

/* Puts node at the spot, in place of have and all below it. */
static struct picture_node *put(struct picture *p, const struct spot *s,
				const struct node *have,
				const struct node *node)
{
	static const struct node absent = { .type = NODE_ABSENT };
	struct picture_node *n = s->node;

	if (have->type == NODE_DIRECTORY || have->type == NODE_LINK ||
	    have->type == NODE_UNKNOWN)
		forget_folders(p);
	if (!n)
		n = node_new(p, s->path, s->folder.node);
	bury(n, node->type == NODE_UNKNOWN ? node : &absent);
	n->known = n->own = n->bare = true;
	n->node = *node;
	n->target = NULL;
	n->content = (struct content){ 0 };
	p->written = true;
	return n;
}

/* As a user, nobody can give a file to another (chown(2)). */
static bool ground_allows(const struct host *h, const char *path,
			  const struct spot *s, const struct perms *perms,
			  struct diags *d)
{
	const char *owner;

	if (!s->folder.node || s->folder.own || !(perms->set & PERM_UID) ||
	    perms->uid == s->folder.owner)
		return true;
	owner = host_user_name(h, s->folder.owner, &d->arena);
	diag_error(d, "'%.*s' belongs to %s: what is in it can be no other's",
		   (int)path_parent(path), path, owner);
	diag_hint(d, "give owner \"%s\"", owner);
	return false;
}

static bool in_the_way(const char *path, const struct node *have,
		       struct diags *d)
{
	return diag_error(d, "'%s' is a %s", path, node_type_name(have->type));
}

/* Whether have, and all below it, may go. What is mounted further down only
 * the base finds, when it is removed there. */
static bool is_removable(const struct picture *p, const char *path,
			 const struct spot *s, const struct node *have,
			 struct diags *d)
{
	struct node folder;

	if (path_is_protected(path) || path_is_protected(s->path))
		return diag_error(d, "'%s' is never removed", path);
	if (!s->behind || have->type != NODE_DIRECTORY || !have->device)
		return true;
	if (!host_look(p->base, s->folder.node->path, &folder, d))
		return false;
	return folder.device == have->device || !folder.device ||
	       diag_error(d, "'%s' is a mount point", path);
}

/* Whether have may give way to a new file or link. A link does to both, a file
 * to a file; all else only to force. */
static bool gives_way(const struct picture *p, const char *path,
		      const struct spot *s, const struct node *have,
		      enum node_type to, bool force, struct diags *d)
{
	switch (have->type) {
	case NODE_ABSENT:
	case NODE_LINK:
	case NODE_UNKNOWN:
		return true;
	case NODE_FILE:
		return to == NODE_FILE || force || in_the_way(path, have, d);
	case NODE_DIRECTORY:
		return force ? is_removable(p, path, s, have, d)
			     : in_the_way(path, have, d);
	default:
		return force || in_the_way(path, have, d);
	}
}

/* Content as the picture keeps it. */
static bool keep(struct picture *p, const struct content *c,
		 struct content *out, struct diags *d)
{
	AUTO_BUF struct buf bytes = { 0 };
	bool whole;

	*out = *c;
	out->same_as = NULL;
	if (!p->copies || !is_open(c))
		return true;
	if (!content_read(c, PICTURE_COPY_MAX, &bytes, &whole, d) ||
	    (!whole && !content_digest(out, d)))
		return false;
	out->tree = NULL;
	out->path = NULL;
	out->bytes = NULL;
	if (whole) {
		out->size = bytes.size;
		out->bytes = arena_memdup(&p->arena, buf_text(&bytes),
					  bytes.size + 1);
	}
	return true;
}

bool picture_replace(struct host *h, const struct file_write *w,
		     struct diags *d)
{
	struct picture *p = picture_of(h);
	struct node have,
		file = { .type = NODE_FILE, .mode = 0600, .links = 1 };
	struct content content;
	struct spot s;

	if (!stand(h, w->path, &s, &have, d) ||
	    !has_folder(h, w->path, &s, d) ||
	    !ground_allows(h, w->path, &s, &w->perms, d) ||
	    !gives_way(p, w->path, &s, &have, NODE_FILE, w->force, d) ||
	    !keep(p, w->content, &content, d))
		return false;
	new_owner(&s, &file);
	set(&file, &w->perms);
	file.size = content.size;
	put(p, &s, &have, &file)->content = content;
	return true;
}

bool picture_make_directory(struct host *h, const char *path,
			    const struct perms *perms, struct diags *d)
{
	struct picture *p = picture_of(h);
	struct node have;
	struct node folder = { .type = NODE_DIRECTORY,
			       .mode = 0700,
			       .links = 1 };
	struct spot s;

	if (!stand(h, path, &s, &have, d) || !has_folder(h, path, &s, d) ||
	    !ground_allows(h, path, &s, perms, d))
		return false;
	if (have.type != NODE_ABSENT && have.type != NODE_UNKNOWN)
		return in_the_way(path, &have, d);
	new_owner(&s, &folder);
	set(&folder, perms);
	put(p, &s, &have, &folder);
	return true;
}

bool picture_make_link(struct host *h, const char *path, const char *target,
		       const struct node *expect, bool force, struct diags *d)
{
	struct picture *p = picture_of(h);
	struct node have;
	struct node link = { .type = NODE_LINK,
			     .mode = 0777,
			     .size = strlen(target),
			     .links = 1 };
	struct spot s;

	(void)expect;
	if (!stand(h, path, &s, &have, d) || !has_folder(h, path, &s, d) ||
	    !gives_way(p, path, &s, &have, NODE_LINK, force, d))
		return false;
	new_owner(&s, &link);
	put(p, &s, &have, &link)->target = arena_strdup(&p->arena, target);
	return true;
}

/* A file of many names, where others can add names, may be anyone's. */
static bool may_change(const char *path, const struct spot *s,
		       const struct node *have, struct diags *d)
{
	if (have->type == NODE_LINK)
		return diag_error(d, "'%s' is a link, which has no mode", path);
	if (have->type == NODE_DIRECTORY || have->links < 2 ||
	    (s->folder.own && s->folder.safe))
		return true;
	diag_error(d,
		   "'%s' has %llu hard links, in a folder that others than "
		   "root may write to: it may be anyone's file",
		   path, (unsigned long long)have->links);
	diag_hint(d, "remove it, and let it be made anew");
	return false;
}

bool picture_set_perms(struct host *h, const char *path,
		       const struct perms *perms, const struct node *expect,
		       struct diags *d)
{
	struct picture *p = picture_of(h);
	struct picture_node *n;
	struct node have;
	struct spot s;

	(void)expect;
	if (!stand(h, path, &s, &have, d))
		return false;
	if (have.type == NODE_ABSENT)
		return diag_errno(d, ENOENT, "cannot change '%s'", path);
	if (!ground_allows(h, path, &s, perms, d) ||
	    !may_change(path, &s, &have, d))
		return false;
	if (have.type == NODE_UNKNOWN)
		return true;
	/* a folder's owner and mode decide who may pass it */
	if (have.type == NODE_DIRECTORY)
		forget_folders(p);
	n = s.node ? s.node : node_new(p, s.path, s.folder.node);
	set(&have, perms);
	have.inode = 0;
	n->node = have;
	n->known = true;
	p->written = true;
	return tell_other_names(p, &s, &have, d);
}

static bool is_empty(const struct host *h, const char *path, struct diags *d)
{
	AUTO(arena_release) struct arena a = { 0 };
	struct strings names;

	if (!picture_list(h, path, &a, &names, d))
		return false;
	return names.n == 0 ||
	       diag_error(d, "the directory '%s' is not empty", path);
}

bool picture_remove(struct host *h, const char *path, bool recursive,
		    bool backup, const struct node *expect, struct diags *d)
{
	static const struct node absent = { .type = NODE_ABSENT };
	struct picture *p = picture_of(h);
	struct node have;
	struct spot s;

	(void)backup;
	(void)expect;
	if (path_is_protected(path))
		return diag_error(d, "'%s' is never removed", path);
	if (!stand(h, path, &s, &have, d))
		return false;
	if (have.type == NODE_ABSENT)
		return true;
	if (!is_removable(p, path, &s, &have, d))
		return false;
	if (have.type == NODE_DIRECTORY && !recursive && !is_empty(h, path, d))
		return false;
	/* listing walked, and took the canonical path */
	if (!resolve(p, path, &s, d))
		return false;
	put(p, &s, &have, &absent);
	return true;
}

bool picture_commit(struct host *h, host_failed *failed, void *context,
		    struct diags *d)
{
	(void)h;
	(void)failed;
	(void)context;
	(void)d;
	return true;
}

static struct picture_node *plant(struct picture *p, const char *path,
				  struct picture_node *parent)
{
	struct picture_node *n = map_get(&p->nodes, path);

	if (!n)
		n = node_new(p, path, parent);
	if (!n->known)
		n->node = implied;
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

	if (!resolve(p, path, &s, d) || !spot_look(p, &s, &have, d))
		return false;
	if (s.folder.node && s.node != p->root &&
	    (whatever || have.type == NODE_ABSENT))
		put(p, &s, &have, &unknown);
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
