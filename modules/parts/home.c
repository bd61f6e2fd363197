/* SPDX-License-Identifier: MIT */
/* The home of a user: what useradd -m, userdel -r would do, but in a folder
 * of the user never as root. */
#include <stdlib.h>
#include <string.h>

#include "modules/parts/account.h"
#include "modules/parts/tool.h"

enum { SKEL_FILE_MAX = 16 * 1024 * 1024 };

static const char skel[] = "/etc/skel";

/* A home about to be filled. */
struct home {
	struct host *host;
	const struct user *user;
	struct arena *arena;
	struct diags *diags;
	struct strings
		folders; /* of skel, still to be copied: "", "/.config" */
};

static struct perms perms_of(const struct home *to, uint32_t mode)
{
	return (struct perms){ .set = PERM_ALL,
			       .mode = mode,
			       .uid = to->user->uid,
			       .gid = to->user->gid };
}

static bool copy_file(const struct home *to, const char *from, const char *path,
		      const struct node *node)
{
	struct file_write *w = arena_new(to->arena, struct file_write);
	struct content *content = arena_new(to->arena, struct content);
	AUTO_BUF struct buf bytes = { 0 };
	size_t before = to->diags->n;
	bool whole;

	if (!host_read(to->host, from, SKEL_FILE_MAX, &bytes, &whole,
		       to->diags))
		/* a picture may not know what it holds */
		return to->diags->n == before;
	if (!whole)
		return diag_error(to->diags, "'%s' is too large for a home",
				  from);
	*content = content_of(
		arena_memdup(to->arena, buf_text(&bytes), bytes.size + 1),
		bytes.size);
	*w = (struct file_write){ .path = path,
				  .content = content,
				  .perms = perms_of(to, node->mode & 0777),
				  .expect = arena_new(to->arena, struct node) };
	return host_replace(to->host, w, to->diags);
}

static bool copy_link(const struct home *to, const char *from, const char *path)
{
	const struct node *absent = arena_new(to->arena, struct node);
	const char *target;

	return host_read_link(to->host, from, to->arena, &target, to->diags) &&
	       host_make_link(to->host, path, target, absent, false, to->diags);
}

static bool copy_folder(struct home *to, const char *below, const char *path,
			const struct node *node)
{
	struct perms perms = perms_of(to, node->mode & 0777);

	strings_add(&to->folders, to->arena, below);
	return host_make_directory(to->host, path, &perms, to->diags);
}

/* below: the path under skel. */
static bool copy_one(struct home *to, const char *below)
{
	const char *from = arena_printf(to->arena, "%s%s", skel, below);
	const char *path =
		arena_printf(to->arena, "%s%s", to->user->home, below);
	struct node node;

	if (!host_look(to->host, from, &node, to->diags))
		return false;
	switch (node.type) {
	case NODE_FILE:
		return copy_file(to, from, path, &node);
	case NODE_LINK:
		return copy_link(to, from, path);
	case NODE_DIRECTORY:
		return copy_folder(to, below, path, &node);
	default:
		return true;
	}
}

static bool copy_skel(struct home *to)
{
	struct node node;

	if (!host_look(to->host, skel, &node, to->diags))
		return false;
	if (node.type == NODE_DIRECTORY)
		strings_add(&to->folders, to->arena, "");
	for (size_t i = 0; i < to->folders.n; i++) {
		const char *folder = to->folders.v[i];
		struct strings names;

		if (!host_list(to->host,
			       arena_printf(to->arena, "%s%s", skel, folder),
			       to->arena, &names, to->diags))
			return false;
		for (size_t k = 0; k < names.n; k++)
			if (!copy_one(to, arena_printf(to->arena, "%s/%s",
						       folder, names.v[k])))
				return false;
	}
	return true;
}

/* An octal number of login.defs(5). */
static uint32_t mode_default(const struct host *h, const char *key,
			     uint32_t otherwise, struct arena *a)
{
	const char *text = account_login_default(h, key, NULL, a);
	char *end;
	unsigned long mode = text ? strtoul(text, &end, 8) : 0;

	return text && !*end ? (uint32_t)mode & 0777 : otherwise;
}

bool home_make(struct host *h, const struct user *u, struct arena *a,
	       struct diags *d)
{
	struct home to = { .host = h, .user = u, .arena = a, .diags = d };
	uint32_t mode = mode_default(
		h, "HOME_MODE", 0777 & ~mode_default(h, "UMASK", 022, a), a);
	struct perms perms = perms_of(&to, mode);

	return host_make_directory(h, u->home, &perms, d) && copy_skel(&to) &&
	       tool_commit(h, d);
}

/* Another whose home is there, or below; or NULL. */
static bool find_other(const struct host *h, const struct user *u,
		       const char **other, struct arena *a, struct diags *d)
{
	struct strings names;

	*other = NULL;
	if (!host_users(h, a, &names, d))
		return false;
	for (size_t i = 0; i < names.n && !*other; i++) {
		struct user user;
		bool there;

		if (!host_user(h, names.v[i], a, &user, &there, d))
			return false;
		if (there && strcmp(user.name, u->name) != 0 &&
		    (user.known & USER_HOME) &&
		    path_below(user.home, u->home, true))
			*other = names.v[i];
	}
	return true;
}

bool home_is_own(const struct host *h, const struct user *u, bool *there,
		 struct arena *a, struct diags *d)
{
	struct node node = { 0 };
	const char *other;

	*there = false;
	if (!(u->known & USER_HOME) || path_wrong(u->home))
		return true;
	if (!host_look(h, u->home, &node, d))
		return false;
	if (node.type == NODE_ABSENT)
		return true;
	*there = true;
	if (node.type != NODE_DIRECTORY)
		return diag_error(d, "its home '%s' is a %s", u->home,
				  node_type_name(node.type));
	if (path_is_protected(u->home))
		return diag_error(d, "its home '%s' is never removed", u->home);
	if (node.uid != u->uid)
		return diag_error(d, "its home '%s' belongs to %s", u->home,
				  host_user_name(h, node.uid, a));
	return find_other(h, u, &other, a, d) &&
	       (!other || diag_error(d, "its home '%s' has that of '%s' in it",
				     u->home, other));
}
