/* SPDX-License-Identifier: MIT */
/* Writing in a picture: struct host_writes. */
#include "lib/host/picture_spot.h"

#include <errno.h>
#include <string.h>

#include "lib/base/path.h"
#include "lib/host/account.h"
#include "lib/host/owning.h"
#include "lib/host/pinned.h"

/* What stands at a path that is about to be written. */
static bool stand(struct host *h, const char *path, struct spot *s,
		  struct node *have, struct diags *d)
{
	struct picture *p = picture_of(h);

	return spot_resolve(p, path, s, d) && spot_look(p, s, have, d);
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

/* Without an account a user has the folder's group, unless that is root's. */
static bool is_in_group(const struct host *h, const struct folder *f,
			uint32_t gid)
{
	AUTO(arena_release) struct arena a = { 0 };
	AUTO_DIAGS struct diags ignored = { 0 };
	struct user u;
	bool there;

	if (!host_user(h, host_user_name(h, f->owner, &a), &a, &u, &there,
		       &ignored) ||
	    !there || u.uid != f->owner)
		return gid && gid == f->group;
	if (u.gid == gid || !(u.known & USER_GROUPS))
		return true;
	for (size_t i = 0; i < u.groups.n; i++) {
		uint32_t id;

		if (host_group_id(h, u.groups.v[i], &id) && id == gid)
			return true;
	}
	return false;
}

/* What the real host refuses there, where it is this user (owning.h). */
static bool ground_allows(const struct host *h, const char *path,
			  const struct spot *s, const struct node *have,
			  const struct perms *perms, struct diags *d)
{
	struct owning o = { .path = path,
			    .owner = s->folder.owner,
			    .have = have,
			    .perms = perms,
			    .member = true };

	if (!s->folder.node || s->folder.own || have->type == NODE_UNKNOWN)
		return true;
	if (owning_asks_group(have, perms))
		o.member =
			is_in_group(h, &s->folder, owning_group(have, perms));
	return owning_allows(h, &o, d);
}

/* Of what is replaced there a copy is kept only if the ground's owner may read
 * it (linux/backup.c). */
static bool may_keep(const struct host *h, const struct file_write *w,
		     const struct spot *s, const struct node *have,
		     struct diags *d)
{
	const struct folder *f = &s->folder;
	const char *owner;

	if (w->backup && !host_keeps(w->path, have, d))
		return false;
	if (!w->backup || have->type != NODE_FILE || f->own ||
	    have->uid == f->owner || (have->mode & 04) ||
	    ((have->mode & 040) && is_in_group(h, f, have->gid)))
		return true;
	owner = host_user_name(h, f->owner, &d->arena);
	diag_error(d, "cannot keep a copy of '%s': %s may not read it", w->path,
		   owner);
	diag_hint(d, "if it is to be %s's: chown -h %s '%s'", owner, owner,
		  w->path);
	return false;
}

static bool in_the_way(const char *path, const struct node *have,
		       struct diags *d)
{
	return diag_error(d, "'%s' is a %s", path, node_type_name(have->type));
}

/* The folder as it is on the base, which is as it was in the picture too: what
 * pins names is nothing that a plan changes. */
static struct node base_folder(const struct picture *p, const struct spot *s)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	struct node folder = { 0 };

	if (s->behind && s->folder.node &&
	    !host_look(p->base, s->folder.node->path, &folder, &ignored))
		folder = (struct node){ 0 };
	return folder;
}

/* Whether the kernel lets have go from its name, or something new be made. */
static bool is_free(const struct picture *p, const char *path,
		    const struct spot *s, const struct node *have,
		    struct diags *d)
{
	struct node folder = base_folder(p, s);

	return pinned_moves(path, &folder, have, d) &&
	       (have->type != NODE_DIRECTORY || !have->device ||
		!folder.device || folder.device == have->device ||
		diag_error(d, "'%s' is a mount point", path));
}

/* Whether have may go. What is mounted further down is found by who asks for
 * it (modules/parts/beneath.c), or when it is removed there. */
static bool is_removable(const struct picture *p, const char *path,
			 const struct spot *s, const struct node *have,
			 struct diags *d)
{
	if (path_is_protected(path) || path_is_protected(s->path))
		return diag_error(d, "'%s' is never removed", path);
	return is_free(p, path, s, have, d);
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
		return is_free(p, path, s, have, d);
	case NODE_FILE:
		if (to == NODE_FILE)
			return is_free(p, path, s, have, d);
		break;
	case NODE_DIRECTORY:
		return force ? is_removable(p, path, s, have, d)
			     : in_the_way(path, have, d);
	default:
		break;
	}
	return force ? is_free(p, path, s, have, d) : in_the_way(path, have, d);
}

/* Content as the picture keeps it. */
static bool keep(struct picture *p, const struct content *c,
		 struct content *out, struct diags *d)
{
	AUTO_BUF struct buf bytes = { 0 };
	bool whole;

	*out = *c;
	out->same_as = NULL;
	if (!p->copies || !content_is_open(c))
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

	if (!stand(h, w->path, &s, &have, d) || !has_folder(h, w->path, &s, d))
		return false;
	new_owner(&s, &file);
	if (!ground_allows(h, w->path, &s, &file, &w->perms, d) ||
	    !gives_way(p, w->path, &s, &have, NODE_FILE, w->force, d) ||
	    !may_keep(h, w, &s, &have, d) || !keep(p, w->content, &content, d))
		return false;
	set(&file, &w->perms);
	file.size = content.size;
	picture_put(p, &s, &have, &file)->content = content;
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

	if (!stand(h, path, &s, &have, d) || !has_folder(h, path, &s, d))
		return false;
	new_owner(&s, &folder);
	if (!ground_allows(h, path, &s, &folder, perms, d))
		return false;
	if (have.type != NODE_ABSENT && have.type != NODE_UNKNOWN)
		return in_the_way(path, &have, d);
	if (!is_free(p, path, &s, &have, d))
		return false;
	set(&folder, perms);
	picture_put(p, &s, &have, &folder);
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
	    !gives_way(p, path, &s, &have, NODE_LINK, force, d) ||
	    !host_keeps(path, &have, d))
		return false;
	new_owner(&s, &link);
	picture_put(p, &s, &have, &link)->target =
		arena_strdup(&p->arena, target);
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

static bool set_perms(struct host *h, const char *path,
		      const struct perms *perms, bool as_ground,
		      struct diags *d)
{
	struct picture *p = picture_of(h);
	struct picture_node *n;
	struct node have;
	struct spot s;

	if (!stand(h, path, &s, &have, d))
		return false;
	if (have.type == NODE_ABSENT)
		return diag_errno(d, ENOENT, "cannot change '%s'", path);
	if (!may_change(path, &s, &have, d) ||
	    !pinned_changes(path, &have, d) ||
	    (as_ground && !ground_allows(h, path, &s, &have, perms, d)))
		return false;
	if (have.type == NODE_UNKNOWN)
		return true;
	/* a folder's owner and mode decide who may pass it */
	if (have.type == NODE_DIRECTORY)
		picture_forget_folders(p);
	n = s.node ? s.node : picture_node_new(p, s.path, s.folder.node);
	set(&have, perms);
	have.inode = 0;
	n->node = have;
	n->known = true;
	p->written = true;
	return spot_tell_other_names(p, &s, &have, d);
}

bool picture_set_perms(struct host *h, const char *path,
		       const struct perms *perms, const struct node *expect,
		       struct diags *d)
{
	(void)expect;
	return set_perms(h, path, perms, true, d);
}

bool picture_own(struct host *h, const char *path, const struct perms *perms,
		 struct diags *d)
{
	return set_perms(h, path, perms, false, d);
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

	(void)expect;
	if (path_is_protected(path))
		return diag_error(d, "'%s' is never removed", path);
	if (!stand(h, path, &s, &have, d))
		return false;
	if (have.type == NODE_ABSENT)
		return true;
	if (!is_removable(p, path, &s, &have, d) ||
	    (backup && !host_keeps(path, &have, d)))
		return false;
	if (have.type == NODE_DIRECTORY && !recursive && !is_empty(h, path, d))
		return false;
	/* listing walked, and took the canonical path */
	if (!spot_resolve(p, path, &s, d))
		return false;
	picture_put(p, &s, &have, &absent);
	return true;
}

bool picture_set_kernel(struct host *h, const char *path, const char *value,
			struct diags *d)
{
	struct picture *p = picture_of(h);
	struct node have;
	struct spot s;
	char *line;

	if (!stand(h, path, &s, &have, d))
		return false;
	if (have.type != NODE_FILE && have.type != NODE_UNKNOWN)
		return diag_error(d, "the kernel has no '%s'", path);
	line = arena_printf(&p->arena, "%s\n", value);
	have.inode = 0;
	picture_put(p, &s, &have, &have)->content =
		content_of(line, strlen(line));
	return true;
}

static bool unpack_entry(struct host *h, const struct folder_write *w,
			 const struct table_entry *e, struct diags *d)
{
	AUTO(arena_release) struct arena a = { 0 };
	const char *path = arena_printf(&a, "%s/%s", w->path, e->name);
	const struct content content = { .size = e->size, .has_digest = true };
	struct content *c = arena_memdup(&a, &content, sizeof(content));
	struct file_write file = {
		.path = path,
		.content = c,
		.perms = { .set = w->set | PERM_MODE,
			   .mode = e->executable ? UNPACKED_PROGRAM
						 : UNPACKED_FILE,
			   .uid = w->uid,
			   .gid = w->gid },
	};

	memcpy(c->digest, e->digest, DIGEST_SIZE);
	if (e->type == TREE_LINK)
		return picture_make_link(h, path, e->target, NULL, false, d);
	if (e->type == TREE_FILE)
		return picture_replace(h, &file, d);
	file.perms.mode = UNPACKED_FOLDER;
	return picture_make_directory(h, path, &file.perms, d);
}

bool picture_unpack(struct host *h, const struct folder_write *w,
		    struct diags *d)
{
	const struct perms perms = { .set = w->set | PERM_MODE,
				     .mode = UNPACKED_FOLDER,
				     .uid = w->uid,
				     .gid = w->gid };

	if (w->unknown)
		return picture_promise(
			((struct picture_host *)(void *)h)->picture, w->path,
			w->unknown, d);
	if (!picture_remove(h, w->path, true, w->backup, w->expect, d) ||
	    !picture_make_directory(h, w->path, &perms, d))
		return false;
	for (size_t i = 0; i < w->table->n; i++)
		if (!unpack_entry(h, w, &w->table->v[i], d))
			return false;
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
