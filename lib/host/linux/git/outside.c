/* SPDX-License-Identifier: MIT */
/*
 * Files of a commit for the process that changes the host, which must not read
 * what anybody may have written into a repository: a process that is confined
 * is asked for them by path, over one pipe, and answers over another.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "lib/base/output.h"
#include "lib/host/commit.h"
#include "lib/host/linux/process/child.h"
#include "lib/host/linux/process/confined.h"
#include "lib/host/repository.h"

enum {
	TICK = 200,              /* milliseconds between two looks at stopped */
	SECONDS = 10 * TABLE_CPU /* of processor time, for all files */
};

/* What an answer begins with; size bytes follow: the file's, or words. */
struct answer {
	uint32_t good;
	uint32_t size;
};

/* The process that reads. */
struct reading {
	bool is_running;
	int ask, answer; /* ends of two pipes */
	pid_t child;
};

struct outside {
	struct tree tree; /* first: a struct tree * is one of these */
	const struct commit_place *place;
	const struct commit *commit;
	bool (*stopped)(void *context);
	void *context;
	pid_t owner; /* that must not read */
	struct reading *reading;
	struct tree **inside; /* of a process that may, once it was opened */
	struct arena *arena;
};

static const struct outside *outside_of(const struct tree *t)
{
	return (const struct outside *)(const void *)t;
}

/* --- the one that reads --- */

static bool read_whole(int fd, void *bytes, size_t n)
{
	char *at = bytes;

	while (n) {
		ssize_t got = read(fd, at, n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		at += got;
		n -= (size_t)got;
	}
	return true;
}

static bool answer(int out, bool good, const void *bytes, size_t n)
{
	const struct answer head = { .good = good, .size = (uint32_t)n };

	return write_all(out, &head, sizeof(head)) && write_all(out, bytes, n);
}

static bool answer_path(const struct tree *tree, const char *path, int out)
{
	AUTO_DIAGS struct diags d = { 0 };
	struct reader r;
	bool ok;

	if (!tree || !tree_open(tree, path, &r, &d)) {
		const char *why = d.n ? d.v[0].text : "it cannot be read";

		return answer(out, false, why, strlen(why));
	}
	ok = answer(out, true, r.bytes, r.left);
	reader_close(&r);
	return ok;
}

struct serving {
	const struct outside *of;
	int asked;  /* the end that is read */
	int asking; /* the other one, which must not stay open here */
};

/* Each question is a path with its NUL, after its size. */
static int serve(void *context, int out)
{
	const struct serving *s = context;
	AUTO_DIAGS struct diags d = { 0 };
	struct tree *tree = tree_of_commit(s->of->place, s->of->commit, &d);
	char path[PATH_MAX];
	uint32_t n;

	close(s->asking);
	while (read_whole(s->asked, &n, sizeof(n))) {
		if (n < 1 || n > sizeof(path) ||
		    !read_whole(s->asked, path, n) || path[n - 1] ||
		    !answer_path(tree, path, out))
			break;
	}
	tree_close(tree);
	return 0;
}

/* Its end of the pipe closes, which tells as much. */
static void lost(void *context, const struct diags *d)
{
	(void)context;
	(void)d;
}

/* --- the one that asks --- */

static bool begin(const struct outside *o, struct diags *d)
{
	struct reading *r = o->reading;
	struct serving s = { .of = o };
	const struct confined c = {
		.work = serve, .lost = lost, .context = &s, .seconds = SECONDS
	};
	int ends[2];

	if (r->is_running)
		return true;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return diag_errno(d, errno, "cannot make a pipe");
	s.asked = ends[0];
	s.asking = r->ask = ends[1];
	r->is_running = confined_stream(&c, &r->answer, &r->child, d);
	close(ends[0]);
	if (!r->is_running)
		close(ends[1]);
	return r->is_running;
}

static void end(struct reading *r)
{
	if (!r->is_running)
		return;
	close(r->ask);
	close(r->answer);
	confined_wait(r->child, true, NULL, NULL);
	r->is_running = false;
}

static bool is_stopped(const struct outside *o)
{
	return o->stopped && o->stopped(o->context);
}

/* n bytes of the answer, unless the run is told to stop. */
static bool take(const struct outside *o, void *bytes, size_t n)
{
	struct pollfd p = { .fd = o->reading->answer, .events = POLLIN };
	char *at = bytes;

	while (n) {
		int ready = child_poll(&p, 1, TICK);
		ssize_t got;

		if (is_stopped(o))
			return false;
		if (ready <= 0)
			continue;
		got = read(p.fd, at, n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		at += got;
		n -= (size_t)got;
	}
	return true;
}

static bool ask(const struct outside *o, const char *path, struct answer *head)
{
	uint32_t n = (uint32_t)strlen(path) + 1;

	return n <= PATH_MAX && write_all(o->reading->ask, &n, sizeof(n)) &&
	       write_all(o->reading->ask, path, n) &&
	       take(o, head, sizeof(*head)) && head->size <= REPOSITORY_FILE;
}

/* The words of a process that is not believed stay words: they are escaped
 * where they are shown. */
static bool refused(const char *text, size_t n, struct diags *d)
{
	return diag_error(d, "%.*s", (int)strnlen(text, n), text);
}

static bool outside_open(const struct tree *t, const char *path,
			 struct reader *r, struct diags *d)
{
	const struct outside *o = outside_of(t);
	struct answer head;
	char *bytes = NULL;

	*r = (struct reader){ .fd = -1 };
	if (!begin(o, d))
		return false;
	if (ask(o, path, &head)) {
		bytes = xrealloc(NULL, head.size + (size_t)1);
		if (take(o, bytes, head.size)) {
			*r = (struct reader){ .fd = -1,
					      .bytes = bytes,
					      .left = head.size,
					      .held = bytes,
					      .release = free };
			if (head.good)
				return true;
			refused(bytes, head.size, d);
			reader_close(r);
			return false;
		}
	}
	free(bytes);
	end(o->reading);
	if (is_stopped(o))
		return diag_error(d, "the run was told to stop");
	return diag_error(d, "the process that reads '%s' has ended", t->name);
}

/* --- as a tree --- */

/* The tree itself, in a process that may read it; NULL with a diagnostic. */
static const struct tree *inside(const struct outside *o, struct diags *d)
{
	if (getpid() == o->owner) {
		diag_error(d, "only its files can be read in '%s'",
			   o->tree.name);
		return NULL;
	}
	if (!*o->inside)
		*o->inside = tree_of_commit(o->place, o->commit, d);
	return *o->inside;
}

static bool pass_entry(const struct tree *t, const char *path, struct arena *a,
		       struct tree_entry *e, struct diags *d)
{
	const struct tree *in = inside(outside_of(t), d);

	return in && tree_entry(in, path, a, e, d);
}

static bool pass_list(const struct tree *t, const char *path, struct arena *a,
		      struct tree_entry **v, size_t *n, struct diags *d)
{
	const struct tree *in = inside(outside_of(t), d);

	return in && tree_list(in, path, a, v, n, d);
}

static bool pass_stamp(const struct tree *t, const char *path,
		       struct tree_stamp *stamp)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	const struct tree *in = inside(outside_of(t), &ignored);

	return in && tree_stamp(in, path, stamp);
}

static bool pass_open(const struct tree *t, const char *path, struct reader *r,
		      struct diags *d)
{
	const struct tree *in;

	if (getpid() == outside_of(t)->owner)
		return outside_open(t, path, r, d);
	*r = (struct reader){ .fd = -1 };
	in = inside(outside_of(t), d);
	return in && tree_open(in, path, r, d);
}

static void outside_close(struct tree *t)
{
	struct outside *o = (struct outside *)(void *)t;

	if (getpid() == o->owner)
		end(o->reading);
	tree_close(*o->inside);
	arena_release(o->arena);
	free(o->arena);
	free(o);
}

struct tree *tree_of_commit_outside(const struct commit_place *place,
				    const struct commit *commit,
				    bool (*stopped)(void *context),
				    void *context)
{
	static const struct tree_ops ops = {
		.entry = pass_entry,
		.list = pass_list,
		.open = pass_open,
		.stamp = pass_stamp,
		.close = outside_close,
	};
	struct outside *o = xrealloc(NULL, sizeof(*o));
	struct arena *a = xrealloc(NULL, sizeof(*a));

	*a = (struct arena){ 0 };
	*o = (struct outside){ .tree = { .ops = &ops },
			       .place = place,
			       .commit = commit,
			       .stopped = stopped,
			       .context = context,
			       .owner = getpid(),
			       .reading = arena_new(a, struct reading),
			       .inside = arena_new(a, struct tree *),
			       .arena = a };
	o->tree.name = arena_printf(a, "%s at %.*s", place->repository,
				    COMMIT_SHORT, commit->id);
	return &o->tree;
}
