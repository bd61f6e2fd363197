/* SPDX-License-Identifier: MIT */
#include "lib/origin/trust.h"

#include <inttypes.h>
#include <string.h>

const char *trust_age(int64_t seconds, struct arena *a)
{
	static const struct {
		const char *name;
		int64_t seconds;
	} units[] = { { "day", 86400 },
		      { "hour", 3600 },
		      { "minute", 60 },
		      { "second", 1 } };
	size_t i = 0;
	int64_t n;

	if (seconds < 0)
		seconds = 0;
	while (i + 1 < COUNT(units) && seconds < units[i].seconds)
		i++;
	n = seconds / units[i].seconds;
	return arena_printf(a, "%" PRId64 " %s%s", n, units[i].name,
			    n == 1 ? "" : "s");
}

static struct verdict_on refuse(const char *text, const char *hint)
{
	return (struct verdict_on){ RULING_REFUSED, NULL, text, hint, text };
}

static const char *short_of(const char *id, struct arena *a)
{
	return arena_strndup(a, id, 12);
}

/* On with the last one, if there is one; why begins a sentence. */
static struct verdict_on keep(const struct claims *c, const char *why,
			      struct arena *a)
{
	const char *age;

	if (c->is_given)
		return refuse(why, NULL);
	if (!c->last)
		return refuse(arena_printf(a,
					   "%s; and no earlier run took a "
					   "commit to go on with",
					   why),
			      NULL);
	age = c->last_time ? trust_age(c->now - c->last_time, a)
			   : "not known how";
	return (struct verdict_on){
		RULING_KEEP, c->last,
		arena_printf(a, "%s; going on with commit %s, which is %s old",
			     why, short_of(c->last, a), age),
		NULL, why
	};
}

static struct verdict_on refuse_rollback(const struct claims *c,
					 struct arena *a)
{
	return refuse(arena_printf(a,
				   "commit %s is not a descendant of %s, which "
				   "the last run took: %s",
				   short_of(c->tip, a), short_of(c->last, a),
				   c->is_given ? "it goes back, or does not "
						 "tell what it comes from"
					       : "the branch was set back or "
						 "rewritten"),
		      arena_printf(a,
				   "if that is meant, say "
				   "--allow-rollback=%s",
				   c->tip));
}

struct verdict_on trust_decide(const struct claims *c, struct arena *a)
{
	int64_t age = c->now - c->tip_time;

	if (!c->tip)
		return keep(c, c->not_fetched, a);
	if (c->unsigned_because)
		return refuse(arena_printf(a, "commit %s %s", c->tip,
					   c->unsigned_because),
			      NULL);
	if (!c->descends &&
	    !(c->allow_rollback && strcmp(c->allow_rollback, c->tip) == 0))
		return refuse_rollback(c, a);
	if (age < -TRUST_SKEW)
		return keep(c,
			    arena_printf(a,
					 "commit %s was made %s from now: its "
					 "clock is wrong, or this one",
					 short_of(c->tip, a),
					 trust_age(-age, a)),
			    a);
	if (c->max_age && age > c->max_age)
		return keep(c,
			    arena_printf(a,
					 "stale: %s, %s, is %s old, more than "
					 "max_age allows",
					 c->is_given ? "the commit given"
						     : "the newest commit",
					 short_of(c->tip, a),
					 trust_age(age, a)),
			    a);
	return (struct verdict_on){ RULING_TAKE, c->tip, NULL, NULL, NULL };
}
