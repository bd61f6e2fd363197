/* SPDX-License-Identifier: MIT */
/*
 * Where a run has its catalog from: it is as the last apply kept it, or a
 * process that can do nothing else reads the manifest and makes it anew.
 */
#include <string.h>
#include <unistd.h>

#include "lib/compiled.h"
#include "lib/facts/rows.h"
#include "lib/host/linux/process/confined.h"
#include "lib/session/session.h"
#include "lib/store/cache.h"

enum { ROUNDS_MAX = 100 };

static char *asked_text(struct session *s)
{
	return s->facts.asked ? json_dumps(s->facts.asked,
					   JSON_COMPACT | JSON_SORT_KEYS)
			      : NULL;
}

/* --- as it was kept --- */

static bool is_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool has_facts(struct session *s, const char *facts)
{
	json_t *asked;
	bool same;

	if (!facts)
		return true;
	asked = json_loads(facts, 0, NULL);
	same = asked && session_facts_hold(s, asked);
	json_decref(asked);
	return same;
}

/* The same commit holds the same for ever. */
static const char *commit_key(struct session *s)
{
	if (!s->commit.id)
		return NULL;
	return arena_printf(&s->arena, "%s %s", s->commit.id, s->place.path);
}

/* The facts come last: once gathered they count as asked for, and a manifest
 * that has changed may not ask any more. */
static bool still_holds(struct session *s, const struct inputs *in)
{
	return is_text(in->file, session_path(s)) &&
	       is_text(in->commit, commit_key(s)) &&
	       is_text(in->host, session_host(s)) &&
	       is_text(in->own, session_own_path(s)) &&
	       inputs_hold(in, s->tree) && has_facts(s, in->facts);
}

/* Whether the block is a catalog, and is taken. */
static bool take(struct session *s, void *block, size_t size, struct inputs *in)
{
	in->build = linux_build();
	if (!compiled_unpack(block, size, s->tree, &s->manifest, &s->catalog,
			     &s->graph, in))
		return false;
	s->manifest.commit = session_commit(s);
	return true;
}

bool session_recall(struct session *s)
{
	struct inputs in = { 0 };
	void *block = NULL;
	size_t size;

	if (s->cache >= 0 && linux_build())
		block = linux_map(s->cache, &size);
	if (block && cache_is_whole(block, &size) &&
	    take(s, block, size, &in) && still_holds(s, &in))
		return true;
	manifest_release(&s->manifest);
	return false;
}

/* --- made anew --- */

/* What is told of in diagnostics would not be told of the next time. */
static bool may_be_kept(const struct session *s, const struct inputs *in)
{
	return !in->fresh && !s->diags.n && linux_build() &&
	       !repository_was_read();
}

/* In the sandbox. The exit status says whether the catalog may be kept, or that
 * it cannot be made without facts for which programs must be run, or without a
 * library that only a process outside can load. */
enum {
	MADE = 0,
	MADE_FOR_ONCE = 10,
	WANTS_FACTS = 11,
	WANTS_LIBRARY = 12,
	NOT_MADE = CONVERGE_CANNOT_RUN,
};

/* What was found wrong without them means nothing. */
static int want_facts(struct session *s, int out)
{
	const char *names = strings_join(&s->facts.pending, "\n", &s->arena);

	diags_release(&s->diags);
	return session_write(&out, names, strlen(names)) ? WANTS_FACTS
							 : NOT_MADE;
}

static int hand_over(struct session *s, struct inputs *in, int out)
{
	AUTO_FREE char *facts = asked_text(s);
	int status = may_be_kept(s, in) ? MADE : MADE_FOR_ONCE;
	struct pack p;

	in->facts = facts;
	catalog_settle(&s->catalog);
	compiled_pack(&p, &s->graph, in);
	if (p.wrong || !pack_write(&p, session_write, &out)) {
		diag_error(&s->diags, "the catalog cannot be handed over");
		status = NOT_MADE;
	}
	pack_release(&p);
	return status;
}

bool session_read_confined(struct session *s, int out, int *status)
{
	bool is_made;

	s->facts.confined = true;
	is_made = session_read(s);
	*status = NOT_MADE;
	if (s->facts.pending.n) {
		*status = want_facts(s, out);
	} else if (is_made && session_wants()) {
		diags_release(&s->diags);
		*status = WANTS_LIBRARY;
	} else {
		return is_made;
	}
	return false;
}

static int make(void *context, int out)
{
	struct session *s = context;
	struct inputs in = { .build = linux_build(),
			     .file = session_path(s),
			     .commit = commit_key(s),
			     .host = session_host(s),
			     .own = session_own_path(s),
			     .arena = &s->arena };
	int status;
	bool is_read;

	if (!in.commit)
		s->tree = inputs_of(&in, s->tree);
	is_read = session_read_confined(s, out, &status);
	if (is_read)
		status = hand_over(s, &in, out);
	session_show_diags(s);
	if (!is_read && status == NOT_MADE)
		session_hand_wrong(s, out);
	return status;
}

/* The names are not believed: whatever they are, what is run is a program that
 * root put in place for facts. */
static bool gather_facts(struct session *s, int fd)
{
	char *text, *line;
	size_t size;
	void *bytes = linux_map(fd, &size);

	if (!bytes)
		return diag_error(&s->diags, "the process that reads the "
					     "manifest wants facts, but none");
	text = arena_strndup(&s->arena, bytes, size);
	while ((line = facts_next_line(&text)))
		session_facts(s, line, strlen(line));
	return !s->facts.wrong;
}

/* Each round knows more facts, or has what it wants to be loaded; the number of
 * programs bounds it. */
bool session_make(struct session *s, int (*work)(void *session, int out),
		  bool (*stopped)(void *session), int *fd, int *status)
{
	for (size_t round = 0; round < ROUNDS_MAX; round++) {
		bool ok = true;

		if (!session_confined(s, work, stopped, fd, status))
			return false;
		if (*status == WANTS_FACTS)
			ok = gather_facts(s, *fd);
		else if (*status == WANTS_LIBRARY)
			ok = session_load(s);
		else
			return true;
		if (!ok)
			return false;
		close(*fd);
		*fd = -1;
	}
	return diag_error(&s->diags, "the manifest asks for facts without end");
}

bool session_compile(struct session *s, bool (*stopped)(void *context))
{
	AUTO_FD int fd = -1;
	struct inputs in;
	void *block;
	size_t size;
	int status;

	if (!session_make(s, make, stopped, &fd, &status))
		return false;
	if (status != MADE && status != MADE_FOR_ONCE) {
		session_take_wrong(s, fd);
		return false;
	}
	block = linux_map(fd, &size);
	/* before it is used: in use it is written to */
	if (block && status == MADE)
		cache_keep(&s->folder, block, size);
	return (block && take(s, block, size, &in)) ||
	       diag_error(&s->diags, "the process that reads the manifest "
				     "gave a catalog that is none");
}
