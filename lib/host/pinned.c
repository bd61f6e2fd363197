/* SPDX-License-Identifier: MIT */
#include "lib/host/pinned.h"

#include <string.h>

#include "lib/base/path.h"

static bool refuse(const char *path, size_t n, const struct node *what,
		   struct diags *d)
{
	diag_error(d, "'%.*s' is %s", (int)n, path,
		   what->immutable ? "immutable" : "append-only");
	diag_hint(d, "chattr -%c '%.*s' lets it be changed",
		  what->immutable ? 'i' : 'a', (int)n, path);
	return false;
}

bool pinned_changes(const char *path, const struct node *have, struct diags *d)
{
	return (!have->immutable && !have->append_only) ||
	       refuse(path, strlen(path), have, d);
}

/* An append-only folder takes new names. */
static bool folder_lets(const char *path, const struct node *folder,
			const struct node *have, struct diags *d)
{
	size_t n = path_parent(path);

	if (!folder->immutable &&
	    (!folder->append_only || have->type == NODE_ABSENT))
		return true;
	return refuse(path, n ? n : 1, folder, d);
}

bool pinned_moves(const char *path, const struct node *folder,
		  const struct node *have, struct diags *d)
{
	if (have->mounted)
		return diag_error(d, "'%s' is a mount point", path);
	return pinned_changes(path, have, d) &&
	       folder_lets(path, folder, have, d);
}
