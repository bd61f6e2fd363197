/* SPDX-License-Identifier: MIT */
#include "lib/host/host.h"

const char *node_type_name(enum node_type type)
{
	static const char *const names[] = {
		[NODE_ABSENT] = "absent",
		[NODE_FILE] = "file",
		[NODE_DIRECTORY] = "directory",
		[NODE_LINK] = "link",
		[NODE_FIFO] = "FIFO",
		[NODE_SOCKET] = "socket",
		[NODE_CHARACTER_DEVICE] = "character device",
		[NODE_BLOCK_DEVICE] = "block device",
		[NODE_UNKNOWN] = "unknown",
	};

	return (size_t)type < COUNT(names) ? names[type] : "unknown";
}

/* Only these have content of their own: a directory's size and times change
 * with every name in it, those of a FIFO or device with its use. */
static bool has_content(enum node_type type)
{
	return type == NODE_FILE || type == NODE_LINK;
}

/* ctime as well: unlike mtime nobody can set it back (inode(7)). It stands for
 * the count of links too, whose changes it tells. */
bool node_same(const struct node *expected, const struct node *found)
{
	if (expected->type != found->type)
		return false;
	if (!expected->inode || !found->inode)
		return true;
	if (expected->device != found->device ||
	    expected->inode != found->inode || expected->mode != found->mode ||
	    expected->uid != found->uid || expected->gid != found->gid)
		return false;
	return !has_content(expected->type) ||
	       (expected->size == found->size &&
		expected->mtime == found->mtime &&
		expected->ctime == found->ctime);
}

bool node_unwritten(const struct node *expected, const struct node *found)
{
	if (expected->type != found->type)
		return false;
	if (!expected->inode || !found->inode)
		return true;
	return expected->inode == found->inode &&
	       expected->size == found->size && expected->mtime == found->mtime;
}

bool host_keeps(const char *path, const struct node *n, struct diags *d)
{
	if (n->type != NODE_FILE || n->size <= HOST_KEEP_MAX)
		return true;
	diag_error(d, "'%s' is larger than %d MiB: no copy of it is kept", path,
		   HOST_KEEP_MAX >> 20);
	diag_hint(d, "give \"backup\": false where the type has it, or move "
		     "the file away");
	return false;
}

void outcome_release(struct outcome *o)
{
	buf_release(&o->output);
	buf_release(&o->errors);
}
