/* SPDX-License-Identifier: MIT */
#include "lib/history/logged.h"

#include <stdlib.h>

#include "lib/converge.h"
#include "lib/report/report.h"
#include "lib/text/escape.h"

void logged_text(json_t *object, const char *key, const char *text)
{
	if (text)
		json_object_set_new(object, key, escape_json(text));
}

void logged_time(json_t *object, const char *key, int64_t time)
{
	if (time > 0)
		report_time(object, key, time);
}

static void set_number(json_t *object, const char *key, int64_t value)
{
	json_object_set_new(object, key, json_integer(value));
}

const char *logged_result(const struct run_record *r, bool is_running)
{
	if (is_running)
		return "running";
	if (!r->ended)
		return "interrupted";
	switch (r->code) {
	case CONVERGE_OK:
	case CONVERGE_DRIFT: /* with --detailed-exitcode */
		return "ok";
	case CONVERGE_WITHHELD:
		return "withheld";
	default:
		return r->code > CONVERGE_SIGNAL ? "stopped" : "failed";
	}
}

static json_t *summary(const struct run_counts *c)
{
	json_t *j = json_object();

	set_number(j, "created", c->created);
	set_number(j, "updated", c->updated);
	set_number(j, "removed", c->removed);
	set_number(j, "refreshed", c->refreshed);
	set_number(j, "failed", c->failed);
	set_number(j, "withheld", c->withheld);
	set_number(j, "unchanged", c->unchanged);
	return j;
}

json_t *logged_run(const struct run_record *r, bool is_running)
{
	json_t *j = json_object();

	set_number(j, "run", r->id);
	logged_text(j, "host", r->host);
	logged_text(j, "source", r->source);
	logged_text(j, "revision", r->revision);
	logged_text(j, "command", r->command);
	logged_time(j, "started", r->started);
	logged_text(j, "result", logged_result(r, is_running));
	if (!r->ended)
		return j;
	logged_time(j, "finished", r->finished);
	/* a clock may have been set back */
	set_number(j, "seconds",
		   r->started >= 0 && r->finished > r->started
			   ? r->finished - r->started
			   : 0);
	set_number(j, "exit", r->code);
	json_object_set_new(j, "summary", summary(&r->counts));
	return j;
}

static int compare_change(const void *key, const void *element)
{
	const int64_t *id = key;
	const struct past_record *past = element;

	return (*id > past->change) - (*id < past->change);
}

static void set_past(json_t *j, const struct pasts *pasts, int64_t id)
{
	const struct past_record *past =
		pasts->n ? bsearch(&id, pasts->v, pasts->n, sizeof(*pasts->v),
				   compare_change)
			 : NULL;
	json_t *commit;

	if (!past)
		return;
	commit = json_object();
	logged_text(commit, "commit", past->revision);
	logged_time(commit, "date", past->date);
	logged_text(commit, "author", past->author);
	logged_text(commit, "subject", past->subject);
	json_object_set_new(j, "commit", commit);
}

/* What is no object of objects was not written by converge. */
static json_t *attributes(const char *text)
{
	json_t *all =
		text ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;
	const char *name;
	json_t *value;
	bool good = json_is_object(all);

	json_object_foreach (all, name, value)
		good &= json_is_object(value);
	if (good)
		return all;
	json_decref(all);
	return json_object();
}

json_t *logged_change(const struct change_record *c, const struct pasts *pasts)
{
	json_t *j = json_object();

	logged_text(j, "id", c->resource);
	logged_text(j, "action", c->action);
	json_object_set_new(j, "attributes", attributes(c->attributes));
	logged_text(j, "change", c->digest);
	logged_text(j, "result", change_result(c));
	logged_text(j, "reason", c->reason);
	set_past(j, pasts, c->id);
	return j;
}

json_t *logged_look(const struct look_record *l)
{
	json_t *j = json_object();

	logged_text(j, "source", l->source);
	logged_text(j, "ruling", ruling_of_look_name(l->ruling));
	logged_text(j, "revision", l->revision);
	logged_text(j, "reason", l->reason);
	logged_time(j, "first", l->first);
	logged_time(j, "last", l->last);
	set_number(j, "times", l->times);
	return j;
}
