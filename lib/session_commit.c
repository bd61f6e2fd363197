/* SPDX-License-Identifier: MIT */
/*
 * A source that is a commit: it is found, and read, by processes that are
 * confined; this one knows what it is called, and asks for files' contents.
 */
#include <string.h>
#include <unistd.h>

#include "lib/base/path.h"
#include "lib/host/linux/confined.h"
#include "lib/host/repository.h"
#include "lib/session.h"

/* What a confined process finds. */
struct found {
	struct commit commit;
	bool is_folder; /* what the source names, of all the commit has */
};

static void found_pack(struct pack *p, struct found *f)
{
	commit_pack(p, &f->commit);
	pack_bool(p, &f->is_folder);
}

bool session_open_commit(struct session *s, const char *whole, const char *rev)
{
	const char *wrong = rev_wrong(rev);

	if (wrong)
		return diag_error(&s->diags, "the revision '%s' %s", rev,
				  wrong);
	s->rev = rev;
	return commit_locate(whole, s->shown, &s->arena, &s->place,
			     &s->diags) &&
	       repository_load(&s->diags);
}

const struct commit *session_commit(const struct session *s)
{
	return s->commit.id ? &s->commit : NULL;
}

/* Whether path, which the source names, is a folder. */
static bool look(const struct tree *tree, const char *path, struct arena *a,
		 bool *is_folder, struct diags *d)
{
	struct tree_entry e;

	*is_folder = !*path;
	if (!*path)
		return true;
	if (!tree_entry(tree, path, a, &e, d))
		return false;
	*is_folder = e.type == TREE_DIRECTORY;
	if (e.type == TREE_LINK)
		return diag_error(d,
				  "'%s' in '%s' is a link, and what it leads "
				  "to is not taken",
				  path, tree->name);
	return e.type != TREE_ABSENT ||
	       diag_error(d, "there is no '%s' in '%s'", path, tree->name);
}

static bool find(struct session *s, struct found *f)
{
	const struct commit_place all = { .repository = s->place.repository,
					  .path = "" };
	struct tree *tree;
	bool ok;

	if (!commit_find(all.repository, s->rev, &s->arena, &f->commit,
			 &s->diags))
		return false;
	tree = tree_of_commit(&all, &f->commit, &s->diags);
	ok = tree &&
	     look(tree, s->place.path, &s->arena, &f->is_folder, &s->diags);
	tree_close(tree);
	return ok;
}

/* The folder of the manifest, and its name there: of a folder it is that of
 * the host. */
static void settle(struct session *s, const struct found *f)
{
	const char *path = s->place.path;
	size_t n = path_parent_of(path, strlen(path));

	s->commit = f->commit;
	if (s->origin.repository)
		s->commit.name = s->origin.agent.branch;
	if (f->is_folder) {
		s->world = s->place.repository;
		s->file = arena_printf(&s->arena, "hosts/%s.json",
				       session_host(s));
	} else {
		s->file = path_name(path);
		s->place.path = arena_strndup(&s->arena, path, n);
	}
	s->shown = *s->place.path ? arena_printf(&s->arena, "%s/%s",
						 s->place.path, s->file)
				  : s->file;
}

bool session_find_here(struct session *s)
{
	struct found f = { 0 };

	if (!find(s, &f))
		return false;
	settle(s, &f);
	s->tree = tree_of_commit(&s->place, &s->commit, &s->diags);
	return s->tree != NULL;
}

static int tell(void *context, int out)
{
	struct session *s = context;
	struct found f = { 0 };
	bool ok = find(s, &f);
	struct pack p;

	if (ok) {
		found_pack(&p, pack_begin(&p, &f, sizeof(f)));
		ok = pack_write(&p, session_write, &out);
		pack_release(&p);
	}
	session_show_diags(s);
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

bool session_find_commit(struct session *s, bool (*stopped)(void *session))
{
	AUTO_FD int fd = -1;
	struct found *f;
	struct pack p;
	void *block;
	size_t size;
	int status;

	if (!session_confined(s, tell, stopped, &fd, &status) ||
	    status != EXIT_SUCCESS)
		return false;
	block = linux_map(fd, &size);
	f = block ? unpack_begin(&p, block, size, sizeof(*f)) : NULL;
	if (f)
		found_pack(&p, f);
	if (!f || !unpack_end(&p))
		return diag_error(&s->diags, "the process that looks for the "
					     "commit gave none");
	settle(s, f);
	s->tree = tree_of_commit_outside(&s->place, &s->commit, stopped, s);
	return true;
}
