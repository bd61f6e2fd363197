/* SPDX-License-Identifier: MIT */
/*
 * The history command: past runs, the changes of one, or those of a resource.
 * As status, it takes no lock and writes nothing.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/history/moment.h"
#include "lib/history/logged.h"
#include "lib/history/reading.h"
#include "lib/history/standing.h"
#include "lib/host/linux/terminal.h"
#include "lib/session/session.h"
#include "lib/text/escape.h"

struct telling {
	struct session *session;
	int64_t since;
	size_t most;
	const char *holder; /* of the lock; NULL: nobody */
	size_t warnings;    /* before the store was asked for anything */
	json_t *document;
};

static bool is_run(const char *text)
{
	return *text && !text[strspn(text, "0123456789")];
}

static json_t *run_json(const struct telling *t, const struct run_record *r)
{
	return logged_run(r, standing_is_at_work(r, t->holder));
}

/* What is not believed is warned of, and then not there. */
static bool is_believed(const struct telling *t)
{
	return t->session->diags.n == t->warnings;
}

/* --- all runs --- */

/* The newest runs and refusals by turns, as they began; *i and *j are how many
 * of them are in it. */
static void pick(const struct telling *t, const struct runs *runs,
		 const struct looks *looks, size_t *i, size_t *j)
{
	*i = *j = 0;
	while (*i + *j < t->most) {
		const struct run_record *r = *i < runs->n ? &runs->v[*i] : NULL;
		const struct look_record *l =
			*j < looks->n ? &looks->v[*j] : NULL;

		if (l && (!r || l->first >= r->started)) {
			if (l->last < t->since)
				return;
			++*j;
		} else if (r && r->started >= t->since) {
			++*i;
		} else {
			return;
		}
	}
}

static void keep_refused(struct looks *looks)
{
	size_t n = 0;

	for (size_t i = 0; i < looks->n; i++)
		if (looks->v[i].ruling == LOOK_REFUSED)
			looks->v[n++] = looks->v[i];
	looks->n = n;
}

static bool tell_runs(struct telling *t)
{
	struct session *s = t->session;
	json_t *list = json_array(), *refused = json_array();
	struct looks looks;
	struct runs runs;
	size_t nruns, nlooks;

	json_object_set_new(t->document, "runs", list);
	json_object_set_new(t->document, "refused", refused);
	if (!reading_runs(&s->folder, t->most, 0, &s->arena, &runs, &t->holder,
			  &s->diags) ||
	    !is_believed(t) ||
	    !store_looks(&s->folder, STORE_LOOKS, &s->arena, &looks, &s->diags))
		return false;
	keep_refused(&looks);
	pick(t, &runs, &looks, &nruns, &nlooks);
	for (size_t i = 0; i < nruns; i++)
		json_array_append_new(list, run_json(t, &runs.v[i]));
	for (size_t i = 0; i < nlooks; i++)
		json_array_append_new(refused, logged_look(&looks.v[i]));
	return is_believed(t);
}

/* --- changes --- */

static bool tell_changes(struct telling *t, const struct changes *changes,
			 const struct runs *runs)
{
	struct session *s = t->session;
	json_t *list = json_array();
	struct pasts pasts = { 0 };
	int64_t first = INT64_MAX;

	json_object_set_new(t->document, "changes", list);
	for (size_t i = 0; i < changes->n; i++)
		if (changes->v[i].id < first)
			first = changes->v[i].id;
	if (changes->n &&
	    !store_pasts(&s->folder, first, &s->arena, &pasts, &s->diags))
		return false;
	for (size_t i = 0, r = 0; i < changes->n; i++) {
		const struct change_record *c = &changes->v[i];
		json_t *j = logged_change(c, &pasts);

		json_array_append_new(list, j);
		json_object_set_new(j, "run", json_integer(c->run));
		/* both have the newest first */
		while (runs && r < runs->n && runs->v[r].id > c->run)
			r++;
		if (!runs || r == runs->n || runs->v[r].id != c->run)
			continue;
		logged_time(j, "time", runs->v[r].started);
		logged_text(j, "revision", runs->v[r].revision);
	}
	return true;
}

static bool tell_run(struct telling *t, const char *number)
{
	int64_t id = strtoll(number, NULL, 10);
	struct session *s = t->session;
	json_t *list = json_array();
	struct changes changes;
	struct runs runs = { 0 };

	json_object_set_new(t->document, "runs", list);
	if (id > 0 && !reading_runs(&s->folder, 1, id, &s->arena, &runs,
				    &t->holder, &s->diags))
		return false;
	if (!runs.n && is_believed(t))
		return diag_error(&s->diags, "no run %s is on record", number);
	if (!runs.n)
		return false;
	json_array_append_new(list, run_json(t, &runs.v[0]));
	return store_changes(&s->folder, id, &s->arena, &changes, &s->diags) &&
	       tell_changes(t, &changes, NULL) && is_believed(t);
}

/* The runs from the first that is needed on: their numbers have no gaps. */
static bool runs_of(struct session *s, const struct changes *changes,
		    struct runs *runs)
{
	struct runs newest;
	int64_t first, n = 0;

	*runs = (struct runs){ 0 };
	if (!changes->n)
		return true;
	if (!store_runs(&s->folder, 1, &s->arena, &newest, &s->diags))
		return false;
	first = changes->v[changes->n - 1].run;
	if (newest.n && first > 0 && newest.v[0].id > first)
		n = newest.v[0].id - first;
	return store_runs(&s->folder, (size_t)n + 1, &s->arena, runs,
			  &s->diags);
}

/* What is older goes. */
static void cut(const struct telling *t, struct changes *changes,
		const struct runs *runs)
{
	size_t n = 0;

	while (n < runs->n && runs->v[n].started >= t->since)
		n++;
	if (n == runs->n)
		return;
	for (size_t i = 0; i < changes->n; i++)
		if (changes->v[i].run <= runs->v[n].id)
			changes->n = i;
}

static bool tell_resource(struct telling *t, const char *id)
{
	struct session *s = t->session;
	struct changes changes;
	struct runs runs;

	logged_text(t->document, "id", id);
	if (!store_changes_of(&s->folder, id, t->most, &s->arena, &changes,
			      &s->diags) ||
	    !runs_of(s, &changes, &runs))
		return false;
	cut(t, &changes, &runs);
	if (!tell_changes(t, &changes, &runs) || !is_believed(t))
		return false;
	if (!changes.n)
		diag_warning(&s->diags, "no change of '%s' is on record", id);
	return true;
}

/* --- the whole --- */

static bool parse(struct telling *t, const struct converge_options *o)
{
	t->most = o->most ? o->most : SIZE_MAX;
	t->since = INT64_MIN;
	if (!o->since || moment_parse(o->since, time(NULL), &t->since))
		return true;
	diag_error(&t->session->diags, "'%s' is no moment to begin at",
		   o->since);
	diag_hint(&t->session->diags,
		  "such as 12h, 7d, 2026-11-28 or 2026-11-28T09:30");
	return false;
}

static bool tell(struct telling *t, const char *what)
{
	struct session *s = t->session;

	if (!folder_open(&s->folder, s->state, false, &s->arena, &s->diags))
		return false;
	if (s->folder.fd < 0 && s->diags.n)
		return diag_error(&s->diags,
				  "what runs did here is for root to see");
	t->warnings = s->diags.n;
	if (!what)
		return tell_runs(t);
	return is_run(what) ? tell_run(t, what) : tell_resource(t, what);
}

int converge_history(const struct converge_options *options,
		     const struct converge_view *view, json_t **history)
{
	struct session s;
	struct telling t = { .session = &s };
	bool good = false;

	*history = NULL;
	if (session_begin(&s, options, view) && parse(&t, options)) {
		t.document = json_pack("{s:s}", "format", "converge.history/1");
		good = tell(&t, options->id);
		if (good)
			*history = json_incref(t.document);
		json_decref(t.document);
	}
	session_end(&s);
	return good ? CONVERGE_OK : CONVERGE_CANNOT_RUN;
}

void converge_time(const char *time, struct buf *b)
{
	if (!moment_here(time, b))
		escape_text(b, time, strlen(time), false);
}

size_t converge_columns(void)
{
	return linux_columns(STDOUT_FILENO);
}
