/* SPDX-License-Identifier: MIT */
#include "modules/parts/managed.h"

#include "modules/parts/perms.h"

enum { NEW_MODE = 0644 };

void managed_header(struct buf *b, const char *type, const char *name)
{
	buf_printf(b,
		   "# Managed by converge: %s:%s. Changes made here are "
		   "lost.\n",
		   type, name);
}

struct content managed_content(const struct buf *b, struct arena *a)
{
	return content_of(arena_memdup(a, buf_text(b), b->size + 1), b->size);
}

bool managed_look(const struct host *h, const char *path,
		  const struct content *want, struct managed *m,
		  struct diags *d)
{
	*m = (struct managed){ .path = path, .match = MATCH_DIFFERENT };
	if (!host_look(h, path, &m->node, d))
		return false;
	if (m->node.type == NODE_UNKNOWN)
		m->match = MATCH_UNKNOWN;
	if (m->node.type != NODE_FILE)
		return true;
	if (!host_compare(h, path, want, &m->match, d))
		return false;
	m->content.same_as = m->match == MATCH_SAME ? want : NULL;
	return m->match != MATCH_DIFFERENT ||
	       host_digest(h, path, &m->content, d);
}

void managed_show(const struct managed *m, struct record *have, unsigned row,
		  struct content *content)
{
	if (m->node.type == NODE_UNKNOWN)
		record_unknown(have, row, m->node.because);
	else if (m->match == MATCH_UNKNOWN)
		record_unknown(have, row, "its content is not known");
	if (m->node.type != NODE_FILE)
		return;
	have->set |= BIT(row);
	*content = m->content;
}

/* The owner, as the row has it: whoever has the folder has what is in it. */
static bool find_owner(const struct host *h, const struct managed *m,
		       const char **owner, struct arena *a, struct diags *d)
{
	const char *folder = arena_strndup(a, m->path, path_parent(m->path));
	struct node node;

	*owner = "root";
	if (m->node.uid == 0)
		return true;
	if (!host_look(h, folder, &node, d))
		return false;
	if (node.uid != m->node.uid)
		*owner = host_user_name(h, m->node.uid, a);
	return true;
}

bool managed_show_perms(const struct host *h, const struct managed *m,
			bool wanted, struct record *have, uint64_t rows,
			struct managed_perms *perms, struct arena *a,
			struct diags *d)
{
	have->set |= rows;
	*perms = (struct managed_perms){ .owner = "root",
					 .mode.octal = NEW_MODE };
	if (!wanted || m->node.type != NODE_FILE)
		return true;
	perms->mode = perms_mode(&m->node);
	return find_owner(h, m, &perms->owner, a, d);
}

bool managed_put(struct host *h, const struct managed *m,
		 const struct content *want, struct arena *a, struct diags *d)
{
	struct file_write *write = arena_new(a, struct file_write);

	*write = (struct file_write){
		.path = m->path,
		.content = want,
		.perms = { .set = PERM_MODE, .mode = NEW_MODE },
		.expect = arena_memdup(a, &m->node, sizeof(m->node)),
		.backup = true,
	};
	return host_replace(h, write, d);
}

bool managed_remove(struct host *h, const struct managed *m, struct diags *d)
{
	return m->node.type == NODE_ABSENT ||
	       host_remove(h, m->path, false, true, &m->node, d);
}

bool managed_folder(struct host *h, const char *path, struct arena *a,
		    struct diags *d)
{
	const struct perms perms = { .set = PERM_MODE, .mode = 0755 };
	const char *folder = arena_strndup(a, path, path_parent(path));
	struct node node;

	return host_look(h, folder, &node, d) &&
	       (node.type != NODE_ABSENT ||
		host_make_directory(h, folder, &perms, d));
}
