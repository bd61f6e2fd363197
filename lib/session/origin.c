/* SPDX-License-Identifier: MIT */
/*
 * A run without a SOURCE: it is the world that agent.json names. And one of a
 * bundle, which is asked the same.
 */
#include <string.h>
#include <time.h>

#include "lib/host/repository.h"
#include "lib/session/session.h"
#include "lib/text/escape.h"

static struct origin_options options_of(struct session *s, bool keeps,
					bool (*stopped)(void *session))
{
	return (struct origin_options){
		.root = s->root,
		.state = s->folder.fd,
		.path = s->state,
		.keeps = keeps,
		.last = &s->remembered.world,
		.allow_rollback = s->options->allow_rollback,
		.now = time(NULL),
		.stopped = stopped,
		.context = s,
	};
}

/* The database first: who reads both takes the word of either. */
bool session_keep_origin(struct session *s)
{
	const struct origin_options o = options_of(s, true, NULL);
	const struct world_record world = { s->origin.commit, s->origin.time,
					    o.now };
	const char *last = o.last->revision;

	if (!s->origin.is_newest)
		return true;
	if (last && strcmp(last, world.revision) == 0)
		return origin_keep(&o, &s->origin, &s->arena, &s->diags);
	return store_world(s->store, &world, &s->diags) &&
	       store_sync(s->store, &s->diags) &&
	       origin_keep(&o, &s->origin, &s->arena, &s->diags);
}

static void name_host(struct session *s)
{
	if (!s->options->host && s->origin.agent.host)
		s->host_name = s->origin.agent.host;
}

bool session_open_origin(struct session *s, bool keeps,
			 bool (*stopped)(void *session))
{
	const struct origin_options o = options_of(s, keeps, stopped);

	if (s->options->rev)
		return diag_error(&s->diags, "--rev goes with a SOURCE");
	if (!origin_get(&o, &s->origin, &s->arena, &s->diags))
		return false;
	name_host(s);
	return session_open_source(s, s->origin.repository, s->origin.commit);
}

bool session_may_go_back(struct session *s)
{
	return !s->options->allow_rollback || !s->options->source ||
	       s->bundle ||
	       diag_error(&s->diags,
			  "--allow-rollback goes with a bundle, or without a "
			  "SOURCE: any other is taken as it is");
}

/* Long ones come from a server, or a world. */
static const char *reason_of(struct session *s, const char *text)
{
	enum { REASON_MAX = 1000 };

	return text ? arena_strndup(&s->arena, text, strnlen(text, REASON_MAX))
		    : NULL;
}

bool session_is_followed(const struct session *s)
{
	return !s->options->source || s->origin.is_asked;
}

bool session_note_look(struct session *s, bool begins)
{
	const struct origin *o = &s->origin;
	struct look_record look = { .last = time(NULL), .revision = o->seen };

	/* an address that was not taken may have a password in it */
	if (s->bundle)
		look.source = session_name_of(s, s->bundle);
	else if (o->seen || o->because)
		look.source = o->agent.url;

	session_show_diags(s);
	if (begins) {
		look.ruling = o->because ? LOOK_KEPT : LOOK_TAKEN;
		look.reason = reason_of(s, o->because);
	} else {
		look.ruling = LOOK_REFUSED;
		look.reason = reason_of(s, s->wrong);
		if (o->commit[0])
			look.revision = o->commit;
	}
	return store_look(s->store, &look, &s->diags) &&
	       (begins || store_sync(s->store, &s->diags));
}

bool session_is_elsewhere(struct session *s)
{
	s->is_elsewhere = s->saved && !saved_is_for(s->saved, session_host(s),
						    s->root, &s->diags);
	return s->is_elsewhere;
}

/* What was asked for, of what it is of. */
static bool is_rev(const char *rev, const char *commit)
{
	return !rev || (strlen(rev) >= OBJECT_SHORT &&
			strncmp(commit, rev, strlen(rev)) == 0);
}

/* Nobody signs bundle.json: which folder of a commit is the world is for
 * agent.json to say, and a branch is read at its root. */
static bool is_where(struct session *s, const struct origin *origin)
{
	AUTO_BUF struct buf safe = { 0 };
	const char *path = origin->bundle.path;

	if (!origin->is_asked || !*path)
		return true;
	escape_text(&safe, path, strlen(path), false);
	diag_error(&s->diags,
		   "'%s' says that the world is in '%s' of its commit, which "
		   "nobody has signed",
		   s->shown, buf_text(&safe));
	diag_hint(&s->diags,
		  "where '%s' decides, the world must be all of the "
		  "commit",
		  AGENT_FILE);
	return false;
}

static bool is_for(void *context, const struct origin *origin)
{
	struct session *s = context;
	const char *commit = origin->bundle.commit;

	name_host(s);
	if (session_is_elsewhere(s))
		return false;
	if (!is_rev(s->rev, commit))
		return diag_error(&s->diags,
				  "'%s' is a bundle of commit %s, not of "
				  "'%s'",
				  s->shown, commit, s->rev);
	return is_where(s, origin) && session_is_for_host(s);
}

bool session_open_bundle(struct session *s, bool keeps, bool review,
			 bool (*stopped)(void *session))
{
	struct origin_options o = options_of(s, keeps, stopped);

	o.bundle = s->bundle;
	o.shown = s->shown;
	o.review = review;
	o.is_for = is_for;
	if (!origin_get(&o, &s->origin, &s->arena, &s->diags))
		return false;
	s->rev = s->origin.commit;
	s->place = (struct commit_place){ .repository = s->origin.repository,
					  .path = s->origin.bundle.path,
					  .shown = s->bundle,
					  .is_part = true };
	return repository_load(&s->diags);
}
