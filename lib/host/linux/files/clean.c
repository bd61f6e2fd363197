/* SPDX-License-Identifier: MIT */
/*
 * After a kill: the temporary names that it left. What is there is converge's
 * own, since nobody else could have guessed the name: a file staged, which
 * may have got its owner already, or what it was exchanged with. The killed
 * run may not have come to see whether that was what it expected, so it may
 * be the only one there is of an edit: a copy is kept before it goes.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lib/host/linux/packages/packages.h"

static bool is_room(const char *name)
{
	return name[0] != '.';
}

/* A folder to validate in holds a copy only; what is too large to be kept was
 * hardly edited in that moment. In a folder of X's, X must not be able to make
 * what can never be cleaned. */
static bool keep_stray(struct linux_host *h, const struct walked *w,
		       const char *path, const struct node *n,
		       struct map **kept, struct diags *d)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	struct diags *said = ground_is_foreign(w) ? &ignored : d;
	bool ok;

	*kept = NULL;
	if (is_room(w->name) ||
	    (n->type == NODE_FILE && (n->size == 0 || n->size > HOST_KEEP_MAX)))
		return true;
	ok = keep_begin(h, n->type == NODE_DIRECTORY, said) &&
	     (n->type == NODE_DIRECTORY
		      ? tree_keep(h, w, w->name, path, h->host.mark, kept, said)
		      : keep_name(h, w, w->fd, w->name, path, n, h->host.mark,
				  said)) &&
	     keep_sync(h, said);
	if (!ok)
		*kept = NULL;
	return ok || said == &ignored;
}

static bool remove_stray(struct linux_host *h, const struct walked *w,
			 const char *path, const struct node *n,
			 struct diags *d)
{
	bool shared = ground_is_shared(w);
	struct map *kept;
	struct ground g;
	int error;

	if (!keep_stray(h, w, path, n, &kept, d))
		return false;
	if (n->type == NODE_DIRECTORY)
		return tree_removable(w, w->name, path, d) &&
		       tree_remove(h, w, w->name, path, kept, d);
	if (!ground_enter(h, w, &g, d))
		return false;
	error = drop_name(w->fd, w->name, n, shared);
	ground_leave(&g);
	return error == 0 || error == -ENOENT ||
	       diag_errno(d, -error, "cannot remove '%s'", path);
}

static bool clean(struct linux_host *h, const char *path, struct diags *d)
{
	struct walked w;
	struct node n;
	int error;

	if (!ground_walk(h, path, &w, d))
		return false;
	if (w.fd < 0)
		return true;
	error = walk_stat(w.fd, w.name, &n);
	if (error < 0)
		return diag_errno(d, -error, "cannot look at '%s'", path);
	if (n.type == NODE_ABSENT)
		return true;
	if (!remove_stray(h, &w, path, &n, d))
		return false;
	/* Before its record goes: else a power cut brings it back for good. */
	error = sync_folder(w.fd);
	return error == 0 ||
	       diag_errno(d, -error, "cannot sync the folder of '%s'", path);
}

bool host_linux_clean(struct host *host, const char *directory,
		      const char *name, struct diags *d)
{
	struct linux_host *h = (struct linux_host *)(void *)host;
	AUTO_BUF struct buf path = { 0 };

	if (!is_temp_name(name))
		return diag_error(d, "'%s' is no temporary name", name);
	buf_puts(&path, strcmp(directory, "/") == 0 ? "" : directory);
	buf_putc(&path, '/');
	buf_puts(&path, name);
	return clean(h, buf_text(&path), d);
}

bool host_linux_clean_policy(struct host *host, struct diags *d)
{
	return policy_clean((struct linux_host *)(void *)host, d);
}
