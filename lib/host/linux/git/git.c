/* SPDX-License-Identifier: MIT */
#include "lib/host/linux/git/git.h"

#include <dlfcn.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/text/escape.h"

static const char library[] = "libgit2.so." LIBGIT2_SOVERSION;

static bool find(void *handle, const char *name, void *function)
{
	void *found = dlsym(handle, name);

	memcpy(function, &found, sizeof(found));
	return found != NULL;
}

/* No configuration of anybody counts; objects are what their names say. */
static bool set_up(const struct git *git)
{
	static const int levels[] = { GIT_CONFIG_LEVEL_SYSTEM,
				      GIT_CONFIG_LEVEL_XDG,
				      GIT_CONFIG_LEVEL_GLOBAL,
				      GIT_CONFIG_LEVEL_PROGRAMDATA };

	for (size_t i = 0; i < COUNT(levels); i++)
		if (git->git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, levels[i],
					  "") < 0)
			return false;
	return git->git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION,
				     1) >= 0;
}

const struct git *git_load(struct diags *d)
{
	static struct git git;
	static void *handle;
	bool found = true;

	if (handle)
		return &git;
	handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
	if (!handle) {
		diag_error(d, "cannot load libgit2: %s", dlerror());
		diag_hint(d, "install the package of %s", library);
		return NULL;
	}
#define FIND(name) found = found && find(handle, #name, &git.name);
	GIT_FUNCTIONS(FIND)
	if (found && git.git_libgit2_init() > 0 && set_up(&git))
		return &git;
	diag_error(d, "libgit2 is not one that can be used");
	dlclose(handle);
	handle = NULL;
	return NULL;
}

const char *git_reason(const struct git *git, struct arena *a)
{
	const git_error *e = git->git_error_last();
	AUTO_BUF struct buf safe = { 0 };
	const char *text = e && e->message ? e->message : "it does not say why";

	size_t n = strnlen(text, 1000);

	/* what the other end's git says is lines */
	while (n && text[n - 1] == '\n')
		n--;
	escape_text(&safe, text, n, false);
	return arena_strdup(a, buf_text(&safe));
}

const char *git_objects_of(int folder, struct arena *a)
{
	return arena_printf(a, "/proc/self/fd/%d/objects", folder);
}
