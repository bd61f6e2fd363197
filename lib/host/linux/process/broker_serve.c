/* SPDX-License-Identifier: MIT */
/* The broker's side: requests. */
#include <string.h>
#include <sys/wait.h>

#include "lib/base/path.h"
#include "lib/host/linux/files/walk.h"
#include "lib/host/linux/process/broker_parts.h"
#include "lib/host/linux/process/broker_wire.h"
#include "lib/host/linux/process/confined.h"

static bool serve_save(const struct broker *b, const struct buf *plan)
{
	AUTO_DIAGS struct diags d = { 0 };
	const char *text = broker_write_plan(b, plan, &d) ? "" : d.v[0].text;

	return broker_send(b, KIND_SAVE, text, strlen(text));
}

static void ask(const struct host *h, const struct command *c, struct arena *a,
		struct outcome *o)
{
	AUTO_DIAGS struct diags d = { 0 };

	if (host_ask(h, c, a, o, &d))
		return;
	o->ending = ENDED_NOT_STARTED;
	o->because = arena_strdup(a, d.n ? d.v[0].text : "it was not started");
}

static bool serve_ask(const struct broker *b, const struct host *h,
		      const struct buf *request, bool *wrong)
{
	struct wire r = { request->text, request->text + request->size, false };
	AUTO_BUF struct buf reply = { 0 };
	struct arena a = { 0 };
	struct outcome o = { 0 };
	struct command c;
	bool done;

	*wrong = !wire_get_command(&r, &a, &c);
	if (!*wrong) {
		ask(h, &c, &a, &o);
		wire_put_outcome(&reply, &o);
	}
	done = !*wrong && broker_send(b, KIND_ASK, reply.text, reply.size);
	outcome_release(&o);
	arena_release(&a);
	return done;
}

static bool serve_units(const struct broker *b, const struct host *h)
{
	AUTO_DIAGS struct diags d = { 0 };
	AUTO_BUF struct buf reply = { 0 };
	struct loaded_units units = { 0 };
	struct arena a = { 0 };
	bool ok = units_list(linux_of(h), &a, &units, &d);

	if (ok && units.n > LIST_MAX)
		ok = diag_error(&d, "there are more than %d units", LIST_MAX);
	if (!ok)
		units.n = 0;
	wire_put_units(&reply, &units, ok ? NULL : d.v[0].text);
	ok = broker_send(b, KIND_UNITS, reply.text, reply.size);
	arena_release(&a);
	return ok;
}

static bool since(const struct host *h, const char *id, struct arena *a,
		  int64_t *when, struct diags *d)
{
	const char *wrong, *full = unit_full_name(id, a, &wrong);

	if (full != id)
		return diag_error(d, "'%s' is not the full name of a unit", id);
	return units_since(linux_of(h), id, when, d);
}

static bool serve_since(const struct broker *b, const struct host *h,
			const struct buf *request, bool *wrong)
{
	struct wire r = { request->text, request->text + request->size, false };
	AUTO(arena_release) struct arena a = { 0 };
	AUTO_DIAGS struct diags d = { 0 };
	AUTO_BUF struct buf reply = { 0 };
	const char *id = wire_get_text(&r, &a);
	int64_t when = 0;

	*wrong = !id || !wire_is_whole(&r);
	if (*wrong)
		return false;
	wire_put_text(&reply, since(h, id, &a, &when, &d) ? NULL : d.v[0].text);
	wire_put_number(&reply, when < 0 ? 0 : when);
	return broker_send(b, KIND_SINCE, reply.text, reply.size);
}

static bool tell_match(const struct broker *b, enum broker_kind kind, bool ok,
		       enum match m, const struct diags *d)
{
	AUTO_BUF struct buf reply = { 0 };

	wire_put_text(&reply, ok ? NULL : d->v[0].text);
	wire_put_text(&reply, ok ? NULL : d->v[0].hint);
	wire_put_number(&reply, m);
	return broker_send(b, kind, reply.text, reply.size);
}

static const struct tree *world_of(const struct broker *b)
{
	return b->world ? b->world(b->context) : NULL;
}

static bool serve_compare(const struct broker *b, const struct host *h,
			  const struct buf *request, bool *wrong)
{
	struct wire r = { request->text, request->text + request->size, false };
	AUTO(arena_release) struct arena a = { 0 };
	AUTO_DIAGS struct diags d = { 0 };
	enum match m = MATCH_UNKNOWN;
	const char *path = wire_get_text(&r, &a);
	struct content c;
	bool ok;

	*wrong = r.wrong || !path || path_wrong(path) ||
		 !wire_get_sealed(&r, &a, &c) || !c.ncuts ||
		 !wire_is_whole(&r) || !(c.world = world_of(b));
	if (*wrong)
		return false;
	ok = host_compare(h, path, &c, &m, &d);
	return tell_match(b, KIND_COMPARE, ok, m, &d);
}

static bool serve_same(const struct broker *b, const struct host *h,
		       const struct buf *request, bool *wrong)
{
	struct wire r = { request->text, request->text + request->size, false };
	AUTO(arena_release) struct arena a = { 0 };
	AUTO_DIAGS struct diags d = { 0 };
	enum match m = MATCH_UNKNOWN;
	struct content x, y;
	bool ok;

	*wrong = !wire_get_sealed(&r, &a, &x) || !wire_get_sealed(&r, &a, &y) ||
		 !wire_is_whole(&r) || !(x.world = y.world = world_of(b));
	if (*wrong)
		return false;
	ok = host_same(h, &x, &y, &m, &d);
	return tell_match(b, KIND_SAME, ok, m, &d);
}

/* False: that was the last; wrong: for it was none. */
static bool serve_one(const struct broker *b, const struct host *h, bool *wrong)
{
	AUTO_BUF struct buf body = { 0 };
	struct header header;

	if (!broker_receive(b, &header, sizeof(header)))
		return false;
	*wrong = ((header.kind != KIND_ASK && header.kind != KIND_COMPARE &&
		   header.kind != KIND_SAME) ||
		  header.size > ASK_MAX) &&
		 (header.kind != KIND_SAVE || header.size > SAVE_MAX) &&
		 (header.kind != KIND_UNITS || header.size > 0) &&
		 (header.kind != KIND_SINCE || header.size > SINCE_MAX);
	if (*wrong || !broker_receive_body(b, (size_t)header.size, &body))
		return false;
	if (header.kind == KIND_SAVE)
		return serve_save(b, &body);
	if (header.kind == KIND_UNITS)
		return serve_units(b, h);
	if (header.kind == KIND_SINCE)
		return serve_since(b, h, &body, wrong);
	if (header.kind == KIND_COMPARE)
		return serve_compare(b, h, &body, wrong);
	if (header.kind == KIND_SAME)
		return serve_same(b, h, &body, wrong);
	return serve_ask(b, h, &body, wrong);
}

int broker_serve(struct broker *b, const struct host *h,
		 bool (*stopped)(void *context), void *context, struct diags *d)
{
	bool wrong = false, told;
	int status;

	b->stopped = stopped;
	b->context = context;
	while (serve_one(b, h, &wrong))
		;
	told = stopped && stopped(context);
	status = confined_wait(b->planner, wrong || told, stopped, context);
	if (wrong)
		diag_error(d, "the planner sent a request that is none");
	else if (WIFSIGNALED(status) && !(stopped && stopped(context)))
		diag_error(d, "the planner was killed by signal %d (%s)",
			   WTERMSIG(status), strsignal(WTERMSIG(status)));
	return status;
}
