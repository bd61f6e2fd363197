/* SPDX-License-Identifier: MIT */
#include "lib/history/standing.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/converge.h"
#include "lib/history/logged.h"

/* --- who is at work --- */

/* "1234 2026-11-22T10:00:00Z apply", as far as it is so. */
struct holder {
	int64_t pid;
	const char *command;
	char since[32];
};

static struct holder holder_of(const char *text)
{
	struct holder h = { .command = "" };
	char *rest;
	size_t n;

	h.pid = strtol(text, &rest, 10);
	rest += strspn(rest, " ");
	n = strcspn(rest, " ");
	if (n < sizeof(h.since))
		memcpy(h.since, rest, n);
	rest += n;
	h.command = rest + strspn(rest, " ");
	return h;
}

bool standing_is_at_work(const struct run_record *r, const char *holder)
{
	return holder && !r->ended && holder_of(holder).pid == r->pid;
}

size_t standing_at_work(const struct runs *runs, const char *holder)
{
	return runs->n && standing_is_at_work(&runs->v[0], holder);
}

static bool is_done(const struct change_record *c)
{
	return c->result != RESULT_PLANNED;
}

static void set_progress(json_t *j, const struct changes *changes)
{
	const char *next = NULL;
	json_int_t done = 0;

	for (size_t i = 0; i < changes->n; i++) {
		done += is_done(&changes->v[i]);
		if (!next && !is_done(&changes->v[i]))
			next = changes->v[i].resource;
	}
	json_object_set_new(j, "changes", json_integer((json_int_t)changes->n));
	json_object_set_new(j, "done", json_integer(done));
	logged_text(j, "next", next);
}

static json_t *at_work(const struct standing *s)
{
	struct holder h = holder_of(s->holder);
	json_t *j = json_object();

	if (h.pid > 0)
		json_object_set_new(j, "pid", json_integer(h.pid));
	if (*h.since)
		logged_text(j, "since", h.since);
	logged_text(j, "command", h.command);
	if (!standing_at_work(s->runs, s->holder))
		return j;
	json_object_set_new(j, "run", json_integer(s->runs->v[0].id));
	set_progress(j, s->current);
	return j;
}

/* --- what is known of it --- */

static json_t *world(const struct standing *s)
{
	const struct world_record *w = &s->remembered->world;
	json_t *j = json_object();

	logged_text(j, "revision", w->revision);
	logged_time(j, "date", w->time);
	if (w->time > 0)
		json_object_set_new(
			j, "age",
			json_integer(s->now > w->time ? s->now - w->time : 0));
	logged_time(j, "taken", w->taken);
	return j;
}

static json_t *owed(const struct standing *s)
{
	const struct remembered *r = s->remembered;
	json_t *list = json_array(), *j;

	for (size_t i = 0; i < r->ndebts; i++) {
		const struct debt *d = &r->debts[i];

		j = json_object();
		logged_text(j, "id", d->target);
		logged_text(j, "cause", d->cause);
		json_object_set_new(j, "run", json_integer(d->run));
		json_array_append_new(list, j);
	}
	return list;
}

static json_t *changes_with(const struct changes *changes, bool failed)
{
	static const struct pasts none = { 0 };
	json_t *list = json_array();

	for (size_t i = 0; i < changes->n; i++) {
		const struct change_record *c = &changes->v[i];
		bool is_failed =
			c->result == RESULT_FAILED ||
			(c->result == RESULT_SKIPPED && !change_is_left(c));

		if (failed ? is_failed : c->result == RESULT_WITHHELD)
			json_array_append_new(list, logged_change(c, &none));
	}
	return list;
}

static json_int_t left(const struct changes *changes)
{
	json_int_t n = 0;

	for (size_t i = 0; i < changes->n; i++)
		n += change_is_left(&changes->v[i]);
	return n;
}

/* --- what is not well --- */

static void add_problem(json_t *list, const char *kind, const struct buf *b)
{
	json_t *j = json_object();

	logged_text(j, "kind", kind);
	logged_text(j, "text", buf_text(b));
	json_array_append_new(list, j);
}

static void put_failed(int64_t failed, struct buf *b)
{
	if (failed)
		buf_printf(b,
			   ": %" PRId64
			   " of its changes failed or were skipped",
			   failed);
}

/* One that no signal ended and that left something undone had no time left
 * for it. */
static void judge_run(const struct run_record *r, json_int_t nleft,
		      json_t *list)
{
	const char *result = logged_result(r, false);
	AUTO_BUF struct buf b = { 0 };

	if (strcmp(result, "ok") == 0 || strcmp(result, "withheld") == 0)
		return;
	buf_printf(&b, "run %" PRId64, r->id);
	if (strcmp(result, "interrupted") == 0)
		buf_puts(&b, " did not come to its end");
	else if (strcmp(result, "stopped") == 0)
		buf_printf(&b, " was stopped by signal %d",
			   r->code - CONVERGE_SIGNAL);
	else if (nleft)
		buf_puts(&b, " passed its deadline");
	else if (r->counts.failed)
		buf_puts(&b, " failed");
	else
		buf_printf(&b, " failed (exit %d)", r->code);
	if (nleft)
		buf_printf(&b, ", with %" JSON_INTEGER_FORMAT " left undone",
			   nleft);
	if (strcmp(result, "failed") == 0)
		put_failed(r->counts.failed, &b);
	add_problem(list, result, &b);
}

static void judge_look(const struct look_record *l, json_t *list)
{
	AUTO_BUF struct buf b = { 0 };

	if (l->ruling != LOOK_REFUSED)
		return;
	buf_puts(&b, l->reason ? l->reason : "the world was refused");
	add_problem(list, "refused", &b);
}

/* Once a target: its debts are neighbours. What the run at work has written
 * down before it does it is none, nor what one has that began just now. */
static void judge_debts(const struct standing *s, json_t *list)
{
	size_t at_work = standing_at_work(s->runs, s->holder);
	int64_t newest = s->runs->n ? s->runs->v[0].id : 0;
	const struct debt *last = NULL;

	for (size_t i = 0; i < s->remembered->ndebts; i++) {
		const struct debt *d = &s->remembered->debts[i];
		AUTO_BUF struct buf b = { 0 };

		if (d->run > newest || (at_work && d->run == newest) ||
		    (last && strcmp(last->target, d->target) == 0))
			continue;
		last = d;
		buf_printf(&b,
			   "%s is owed a refresh since run %" PRId64 ", for %s",
			   d->target, d->run, d->cause);
		add_problem(list, "owed", &b);
	}
}

static json_t *problems(const struct standing *s)
{
	size_t at_work = standing_at_work(s->runs, s->holder);
	json_t *list = json_array();
	AUTO_BUF struct buf b = { 0 };

	if (s->is_unknown) {
		buf_puts(&b, "what runs did here is not known: the database "
			     "cannot be believed");
		add_problem(list, "unknown", &b);
		return list;
	}
	if (s->runs->n > at_work) {
		judge_run(&s->runs->v[at_work], left(s->last), list);
	} else if (!s->holder && !s->look) {
		buf_puts(&b, "no run was made here yet");
		add_problem(list, "never", &b);
	}
	if (s->look)
		judge_look(s->look, list);
	judge_debts(s, list);
	return list;
}

/* --- the whole --- */

json_t *standing_document(const struct standing *s)
{
	size_t at_work_n = standing_at_work(s->runs, s->holder);
	json_t *j = json_pack("{s:s}", "format", "converge.status/1");
	json_t *wrong = problems(s);

	logged_time(j, "time", s->now);
	logged_text(j, "state", s->state);
	if (s->runs->n)
		logged_text(j, "host", s->runs->v[0].host);
	json_object_set_new(j, "well", json_boolean(!json_array_size(wrong)));
	json_object_set_new(j, "problems", wrong);
	if (s->holder)
		json_object_set_new(j, "running", at_work(s));
	if (s->runs->n > at_work_n)
		json_object_set_new(j, "last",
				    logged_run(&s->runs->v[at_work_n], false));
	if (s->remembered->world.revision)
		json_object_set_new(j, "world", world(s));
	if (s->look)
		json_object_set_new(j, "look", logged_look(s->look));
	if (s->refused)
		json_object_set_new(j, "refused", logged_look(s->refused));
	json_object_set_new(j, "owed", owed(s));
	json_object_set_new(j, "withheld", changes_with(s->last, false));
	json_object_set_new(j, "failed", changes_with(s->last, true));
	json_object_set_new(j, "left", json_integer(left(s->last)));
	return j;
}
