/* SPDX-License-Identifier: MIT */
/* Repositories that git(1) made, read as trees: from inside, and by asking. */
#include "lib/host/commit.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "lib/base/buf.h"
#include "lib/host/repository.h"
#include "lib/test.h"

static char folder[64];
static struct arena arena;
static struct diags diags;
static struct commit commit;
static struct commit_place place;

/* Runs a script in the repository's folder. */
static void sh(const char *script)
{
	AUTO_BUF struct buf b = { 0 };

	buf_printf(&b,
		   "cd %s && export HOME=/nonexistent GIT_CONFIG_NOSYSTEM=1 "
		   "GIT_AUTHOR_DATE='1000000000 +0000' "
		   "GIT_COMMITTER_DATE='1000000000 +0000' "
		   "GIT_AUTHOR_NAME=Ada GIT_AUTHOR_EMAIL=ada@example.org "
		   "GIT_COMMITTER_NAME=Ada GIT_COMMITTER_EMAIL=a && umask 022 "
		   "&& %s",
		   folder, script);
	ck_assert_int_eq(system(b.text), 0); /* NOLINT(cert-env33-c) */
}

static void set_up(void)
{
	snprintf(folder, sizeof(folder), "/tmp/converge-commit-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert(repository_load(&diags));
	signal(SIGPIPE, SIG_IGN);
	sh("git init -q -b main . && mkdir -p d/e && echo one >d/e/a && "
	   "echo run >d/run && chmod 755 d/run && ln -s e/a d/link && "
	   "echo three >a && echo '\nfour' >d/e.b && git add . && "
	   "git commit -qm 'the subject\n\nmore'");
	place = (struct commit_place){ .repository = folder, .path = "" };
}

static void find(const char *rev)
{
	if (!commit_find(folder, rev, &arena, &commit, &diags))
		ck_abort_msg("%s", diags.v[0].text);
}

static int remove_one(const char *path, const struct stat *s, int flag,
		      struct FTW *ftw)
{
	(void)s;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static void tear_down(void)
{
	ck_assert_int_eq(nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
	arena_release(&arena);
	diags_release(&diags);
}

static struct tree *open_tree(const char *rev, const char *path)
{
	struct tree *t;

	find(rev);
	place.path = path;
	t = tree_of_commit(&place, &commit, &diags);
	ck_assert_ptr_nonnull(t);
	return t;
}

static void fails_with(const char *text)
{
	ck_assert_uint_gt(diags.n, 0);
	if (!strstr(diags.v[diags.n - 1].text, text))
		ck_abort_msg("'%s' is not in '%s'", text,
			     diags.v[diags.n - 1].text);
	diags_release(&diags);
}

static void holds(const struct tree *t, const char *path, const char *want)
{
	AUTO_BUF struct buf b = { 0 };

	if (!tree_read(t, path, 1000, &b, &diags))
		ck_abort_msg("%s: %s", path, diags.v[0].text);
	ck_assert_str_eq(buf_text(&b), want);
}

START_TEST(knows_the_commit)
{
	set_up();
	find("main");
	ck_assert_uint_eq(strlen(commit.id), OBJECT_HEX);
	ck_assert_int_eq(commit.date, 1000000000);
	ck_assert_str_eq(commit.author, "Ada <ada@example.org>");
	ck_assert_str_eq(commit.subject, "the subject");
	ck_assert_str_eq(commit.name, "main");
	find("HEAD");
	ck_assert_str_eq(commit.name, "main");
	find("HEAD^0");
	ck_assert_str_eq(commit.name, "HEAD^0");
	find(arena_strndup(&arena, commit.id, 9));
	ck_assert_ptr_null(commit.name);
	sh("git checkout -q --detach");
	find("HEAD");
	ck_assert_str_eq(commit.name, "HEAD");
	ck_assert(!commit_find(folder, "gone", &arena, &commit, &diags));
	fails_with("is no branch, tag or commit");
	tear_down();
}
END_TEST

static bool is_entry(const struct tree_entry *e, const char *name,
		     enum tree_type type, bool executable, uint64_t size)
{
	return strcmp(e->name, name) == 0 && e->type == type &&
	       e->executable == executable && e->size == size;
}

START_TEST(lists_and_opens)
{
	struct tree_entry *v, e;
	struct tree *t;
	size_t n;

	set_up();
	t = open_tree("main", "");
	ck_assert(tree_list(t, "d", &arena, &v, &n, &diags));
	ck_assert_uint_eq(n, 4);
	ck_assert(is_entry(&v[0], "e", TREE_DIRECTORY, false, 0));
	ck_assert(is_entry(&v[1], "e.b", TREE_FILE, false, 6));
	ck_assert(is_entry(&v[2], "link", TREE_LINK, false, 3));
	ck_assert_str_eq(v[2].target, "e/a");
	ck_assert(is_entry(&v[3], "run", TREE_FILE, true, 4));
	ck_assert(tree_list(t, "", &arena, &v, &n, &diags));
	ck_assert_uint_eq(n, 2);
	ck_assert(tree_entry(t, "d/e/a", &arena, &e, &diags));
	ck_assert(is_entry(&e, "a", TREE_FILE, false, 4));
	ck_assert(tree_entry(t, "d/e", &arena, &e, &diags));
	ck_assert_int_eq(e.type, TREE_DIRECTORY);
	ck_assert(tree_entry(t, "d/none", &arena, &e, &diags));
	ck_assert_int_eq(e.type, TREE_ABSENT);
	ck_assert(tree_entry(t, "none/x/y", &arena, &e, &diags));
	ck_assert_int_eq(e.type, TREE_ABSENT);
	ck_assert(tree_entry(t, "a/x", &arena, &e, &diags));
	ck_assert_int_eq(e.type, TREE_ABSENT);
	holds(t, "d/e/a", "one\n");
	holds(t, "a", "three\n");
	tree_close(t);
	t = open_tree("main", "d/e");
	holds(t, "a", "one\n");
	ck_assert(tree_list(t, "", &arena, &v, &n, &diags));
	ck_assert_uint_eq(n, 1);
	tree_close(t);
	tear_down();
}
END_TEST

START_TEST(refuses_paths)
{
	static const struct {
		const char *path, *why;
	} bad[] = {
		{ "../a", "'..'" },          { "/a", "must" },
		{ "d//e", "'//'" },          { "d/link", "is a link" },
		{ "d/link/x", "is a link" }, { "d", "is a folder" },
		{ "none", "is not there" },  { "a/b", "is not there" },
	};
	struct tree_entry *v;
	struct reader r;
	struct tree *t;
	size_t n;

	set_up();
	t = open_tree("main", "");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert(!tree_open(t, bad[i].path, &r, &diags));
		fails_with(bad[i].why);
		reader_close(&r);
	}
	ck_assert(!tree_list(t, "a", &arena, &v, &n, &diags));
	fails_with("is no folder");
	tree_close(t);
	tear_down();
}
END_TEST

START_TEST(a_commit_stays_as_it_is)
{
	struct tree_stamp before, after;
	struct tree *t;

	set_up();
	t = open_tree("main", "");
	ck_assert(tree_stamp(t, "a", &before));
	ck_assert(tree_stamp(t, "d/e/a", &after));
	ck_assert_mem_ne(&before, &after, sizeof(after));
	ck_assert(!tree_stamp(t, "d", &after));
	ck_assert(!tree_stamp(t, "none", &after));
	sh("echo other >a && git rm -q -r d && git commit -qam two");
	holds(t, "a", "three\n");
	holds(t, "d/run", "run\n");
	tree_close(t);
	t = open_tree("main", "");
	holds(t, "a", "other\n");
	ck_assert(tree_stamp(t, "a", &after));
	ck_assert_mem_ne(&before, &after, sizeof(after));
	tree_close(t);
	t = open_tree("main~1", "");
	ck_assert(tree_stamp(t, "a", &after));
	ck_assert_mem_eq(&before, &after, sizeof(after));
	tree_close(t);
	tear_down();
}
END_TEST

static bool stops;

static bool is_told(void *context)
{
	(void)context;
	return stops;
}

START_TEST(files_are_asked_for)
{
	struct tree_entry e;
	struct reader r;
	struct tree *t;

	set_up();
	find("main");
	t = tree_of_commit_outside(&place, &commit, is_told, NULL);
	for (int i = 0; i < 3; i++) {
		holds(t, "a", "three\n");
		holds(t, "d/e/a", "one\n");
	}
	ck_assert(!tree_open(t, "d/none", &r, &diags));
	fails_with("'d/none' in");
	holds(t, "a", "three\n");
	ck_assert(!tree_entry(t, "a", &arena, &e, &diags));
	fails_with("only its files");
	stops = true;
	ck_assert(!tree_open(t, "a", &r, &diags));
	fails_with("told to stop");
	stops = false;
	holds(t, "a", "three\n"); /* by another process */
	tree_close(t);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	tear_down();
}
END_TEST

START_TEST(children_read_it_themselves)
{
	struct tree_entry e;
	struct tree *t;
	int status;
	pid_t pid;

	set_up();
	find("main");
	t = tree_of_commit_outside(&place, &commit, NULL, NULL);
	pid = fork();
	if (pid == 0)
		_exit(tree_entry(t, "d/run", &arena, &e, &diags) && e.executable
			      ? 0
			      : 1);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	tree_close(t);
	tear_down();
}
END_TEST

/* As a bundle brings it: without what other hosts have. */
START_TEST(may_be_a_part)
{
	struct tree_entry *v, e;
	struct tree *t;
	size_t n;

	set_up();
	sh("mkdir hosts hosts/x files && echo 1 >hosts/a.json && "
	   "echo 2 >hosts/b.json && echo 3 >hosts/x/c.json && echo 4 >files/f "
	   "&& git add . && git commit -qm two && for f in hosts/b.json "
	   "hosts/x/c.json files/f; do o=$(git rev-parse HEAD:$f); rm -f "
	   ".git/objects/$(echo $o | cut -c 1-2)/$(echo $o | cut -c 3-); done");
	place.is_part = true;
	place.shown = "b.tar.zst";
	t = open_tree("HEAD", "");
	ck_assert(tree_list(t, "hosts", &arena, &v, &n, &diags));
	ck_assert_uint_eq(n, 2);
	ck_assert_str_eq(v[0].name, "a.json");
	ck_assert_str_eq(v[1].name, "x");
	holds(t, "hosts/a.json", "1\n");
	ck_assert(!tree_entry(t, "hosts/b.json", &arena, &e, &diags));
	fails_with("'hosts/b.json' in 'b.tar.zst at ");
	ck_assert(!tree_list(t, "hosts/x", &arena, &v, &n, &diags));
	fails_with("'hosts/x/c.json' in ");
	ck_assert(!tree_list(t, "files", &arena, &v, &n, &diags));
	fails_with("'files/f' in 'b.tar.zst at ");
	tree_close(t);
	/* of a repository nothing may be missing */
	place.is_part = false;
	t = open_tree("HEAD", "");
	ck_assert(!tree_list(t, "hosts", &arena, &v, &n, &diags));
	fails_with("is not there");
	tree_close(t);
	tear_down();
}
END_TEST

static void lies_in(const char *path, const char *where)
{
	struct commit_place at;
	const char *whole = arena_printf(&arena, "%s/%s", folder, path);

	if (!commit_locate(whole, path, &arena, &at, &diags))
		ck_abort_msg("%s: %s", path, diags.v[0].text);
	ck_assert_str_eq(at.repository, folder);
	ck_assert_str_eq(at.path, where);
}

static void lies_nowhere(const char *path, const char *why)
{
	struct commit_place at;

	ck_assert(!commit_locate(path, path, &arena, &at, &diags));
	fails_with(why);
}

START_TEST(finds_the_repository_upwards)
{
	set_up();
	lies_in("", "");
	lies_in("a", "a");
	lies_in("d/e/a", "d/e/a");
	lies_in("d/e", "d/e");
	lies_in("d/e/", "d/e");
	lies_in("d/./e/../run", "d/run");
	lies_in("gone/m.json", "gone/m.json");
	lies_nowhere(arena_printf(&arena, "%s/gone/../../x", folder), "'..'");
	lies_nowhere("/nowhere/at/all", "is in no git repository");
	ck_assert(!commit_is_bare(folder));
	ck_assert(commit_is_bare(arena_printf(&arena, "%s/.git", folder)));
	sh("mv .git real && ln -s real .git");
	lies_nowhere(arena_printf(&arena, "%s/a", folder),
		     "leads to another repository");
	tear_down();
}
END_TEST

TEST_SUITE("commit", knows_the_commit, lists_and_opens, refuses_paths,
	   a_commit_stays_as_it_is, files_are_asked_for,
	   children_read_it_themselves, may_be_a_part,
	   finds_the_repository_upwards)
