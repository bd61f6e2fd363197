/* SPDX-License-Identifier: MIT */
#include "lib/session/world.h"

#include <string.h>

#include "lib/base/auto.h"
#include "lib/base/path.h"
#include "lib/host/linux/source/open.h"

/* The world at an absolute path, or NULL: it is none. */
static struct tree *open_world(const char *path, struct arena *a)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	struct tree *tree = linux_open_folder(path);
	struct tree_entry entry = { 0 };

	if (tree && tree_entry(tree, "converge.json", a, &entry, &ignored) &&
	    entry.type == TREE_FILE)
		return tree;
	tree_close(tree);
	return NULL;
}

const struct world_folder *world_folder_of(const char *path, struct arena *a,
					   struct tree **world)
{
	static const struct world_folder kinds[] = {
		{ "hosts", "converge.host/1", false },
		{ "roles", "converge.role/1", true },
		{ "tests", "converge.test/1", false },
		{ "approvals", NULL, true },
		{ "files", NULL, true },
		{ "modules.d", NULL, true },
		{ "secrets", NULL, true },
		{ "templates", NULL, true },
	};
	const char *folder = path, *name;

	for (size_t depth = 0; path_parent(folder) > 1; depth++) {
		folder = arena_strndup(a, folder, path_parent(folder));
		name = path_name(folder);
		for (size_t i = 0; i < COUNT(kinds); i++) {
			if (strcmp(kinds[i].name, name) != 0 ||
			    (depth && !kinds[i].deep))
				continue;
			*world = open_world(
				arena_strndup(a, folder, path_parent(folder)),
				a);
			if (*world)
				return &kinds[i];
		}
	}
	return NULL;
}
