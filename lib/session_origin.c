/* SPDX-License-Identifier: MIT */
/* A run without a SOURCE: it is the world that agent.json names. */
#include <string.h>
#include <time.h>

#include "lib/session.h"

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
static bool keep(struct session *s, const struct origin_options *o)
{
	const struct world_record *last = o->last;
	const struct world_record world = { s->origin.commit, s->origin.time,
					    o->now };

	if (!s->origin.is_newest)
		return true;
	if (last->revision && strcmp(last->revision, world.revision) == 0)
		return origin_keep(o, &s->origin, &s->arena, &s->diags);
	return store_world(s->store, &world, &s->diags) &&
	       store_sync(s->store, &s->diags) &&
	       origin_keep(o, &s->origin, &s->arena, &s->diags);
}

bool session_open_origin(struct session *s, bool keeps,
			 bool (*stopped)(void *session))
{
	const struct origin_options o = options_of(s, keeps, stopped);

	if (s->options->rev)
		return diag_error(&s->diags, "--rev goes with a SOURCE");
	if (!origin_get(&o, &s->origin, &s->arena, &s->diags) ||
	    (keeps && !keep(s, &o)))
		return false;
	if (!s->options->host && s->origin.agent.host)
		s->host_name = s->origin.agent.host;
	return session_open_source(s, s->origin.repository, s->origin.commit);
}
