/* SPDX-License-Identifier: MIT */
/*
 * A source that is a commit: it is found, and read, by processes that are
 * confined; this one knows what it is called, and asks for files' contents.
 */
#include <string.h>
#include <unistd.h>

#include "lib/base/path.h"
#include "lib/host/linux/process/confined.h"
#include "lib/host/repository.h"
#include "lib/session/session.h"
#include "lib/text/escape.h"

/* What a confined process finds. */
struct found {
	struct commit commit;
	bool is_folder;   /* what the source names, of all the commit has; */
	bool is_host;     /* or it is a host's file in a world; */
	bool is_settings; /* or the world's converge.json */
};

static void found_pack(struct pack *p, struct found *f)
{
	commit_pack(p, &f->commit);
	pack_bool(p, &f->is_folder);
	pack_bool(p, &f->is_host);
	pack_bool(p, &f->is_settings);
}

bool session_open_commit(struct session *s, const char *whole,
			 const char *shown, const char *rev)
{
	const char *wrong = rev_wrong(rev);

	if (wrong)
		return diag_error(&s->diags, "the revision '%s' %s", rev,
				  wrong);
	s->rev = rev;
	return commit_locate(whole, shown, &s->arena, &s->place, &s->diags) &&
	       repository_load(&s->diags);
}

const struct commit *session_commit(const struct session *s)
{
	return s->commit.id ? &s->commit : NULL;
}

static bool is_world(const struct tree *tree, const char *path, size_t n,
		     struct arena *a, bool *is, struct diags *d)
{
	const char *file = arena_printf(a, "%.*s%sconverge.json", (int)n, path,
					n ? "/" : "");
	struct tree_entry e;

	if (!tree_entry(tree, file, a, &e, d))
		return false;
	*is = e.type == TREE_FILE;
	return true;
}

/* The path "hosts/web-1.json" of a world: its folder is the first *n bytes. */
static bool names_host(const char *path, size_t *n)
{
	static const char folder[] = "hosts";
	size_t parent = path_parent_of(path, strlen(path));

	*n = path_parent_of(path, parent);
	return parent - *n - (*n != 0) == sizeof(folder) - 1 &&
	       memcmp(path + parent - (sizeof(folder) - 1), folder,
		      sizeof(folder) - 1) == 0;
}

/* The path of a world's settings: hosts stand beside the file. The folder is
 * the first *n bytes. */
static bool find_settings(const struct tree *tree, const char *path,
			  struct arena *a, size_t *n, bool *is, struct diags *d)
{
	struct tree_entry e = { .type = TREE_ABSENT };

	*n = path_parent_of(path, strlen(path));
	if (strcmp(path_name(path), "converge.json") == 0 &&
	    !tree_entry(tree,
			arena_printf(a, "%.*s%shosts", (int)*n, path,
				     *n ? "/" : ""),
			a, &e, d))
		return false;
	*is = e.type == TREE_DIRECTORY;
	return true;
}

/* What the source is. */
static bool look(const struct tree *tree, const char *path, struct arena *a,
		 struct found *f, struct diags *d)
{
	struct tree_entry e = { .type = TREE_DIRECTORY };
	size_t n = strlen(path);

	if (n && !tree_entry(tree, path, a, &e, d))
		return false;
	if (e.type == TREE_ABSENT)
		return diag_error(d, "there is no '%s' in '%s'", path,
				  tree->name);
	if (e.type == TREE_LINK)
		return diag_error(d,
				  "'%s' in '%s' is a link, and what it leads "
				  "to is not taken",
				  path, tree->name);
	if (e.type == TREE_FILE && names_host(path, &n))
		return is_world(tree, path, n, a, &f->is_host, d);
	if (e.type == TREE_FILE)
		return find_settings(tree, path, a, &n, &f->is_settings, d);
	return is_world(tree, path, n, a, &f->is_folder, d) &&
	       (f->is_folder ||
		diag_error(d, "there is no converge.json in '%s' of '%s'",
			   *path ? path : ".", tree->name));
}

bool session_is_for_host(struct session *s)
{
	const struct strings *hosts = &s->origin.bundle.hosts;

	return !s->bundle || !s->host || strings_have(hosts, session_host(s)) ||
	       diag_error(&s->diags, "'%s' is a bundle for %s, not for '%s'",
			  s->shown, strings_join(hosts, ", ", &s->arena),
			  session_host(s));
}

static bool find(struct session *s, struct found *f)
{
	struct commit_place all = s->place;
	struct tree *tree;
	bool ok;

	all.path = "";
	if (!session_is_for_host(s) ||
	    !commit_find(all.repository, s->rev, &s->arena, &f->commit,
			 &s->diags))
		return false;
	tree = tree_of_commit(&all, &f->commit, &s->diags);
	ok = tree && look(tree, s->place.path, &s->arena, f, &s->diags);
	tree_close(tree);
	return ok;
}

/* As a path of this machine; what it names need not be there. */
static const char *path_of(struct session *s, const char *path)
{
	const char *repository = s->place.repository;

	return arena_printf(&s->arena, "%s%s%s",
			    repository[1] ? repository : "", *path ? "/" : "",
			    path);
}

const char *session_name_of(struct session *s, const char *name)
{
	AUTO_BUF struct buf safe = { 0 };

	escape_text(&safe, name, strlen(name), false);
	return arena_strdup(&s->arena, buf_text(&safe));
}

/* The folder that paths in the manifest are relative to, and its name there: in
 * a world that is named as a whole session_path tells it. */
static void settle(struct session *s, const struct found *f)
{
	const char *path = s->place.path;
	size_t n = path_parent_of(path, strlen(path));

	s->commit = f->commit;
	if (f->is_host)
		names_host(path, &n);
	if (f->is_settings) {
		s->place.path = arena_strndup(&s->arena, path, n);
	} else if (!f->is_folder) {
		s->file = path + n + (n != 0);
		s->path = path_of(s, path);
		s->place.path = arena_strndup(&s->arena, path, n);
	}
	if (f->is_folder || f->is_host || f->is_settings)
		s->world = path_of(s, s->place.path);
	if (s->bundle) {
		s->commit.name = session_name_of(s, path_name(s->bundle));
		s->world = s->bundle;
	} else if (s->origin.repository) {
		s->commit.name = s->origin.agent.branch;
	}
	if (s->origin.agent.url)
		s->world = s->origin.agent.url;
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
	if (!ok)
		session_hand_wrong(s, out);
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

	if (!session_confined(s, tell, stopped, &fd, &status))
		return false;
	if (status != EXIT_SUCCESS) {
		session_take_wrong(s, fd);
		return false;
	}
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
