/* SPDX-License-Identifier: MIT */
/* The planner's side. */
#include <string.h>

#include "lib/host/linux/process/broker_parts.h"
#include "lib/host/linux/process/broker_wire.h"

static bool exchange(const struct broker *b, enum broker_kind kind,
		     const char *request, size_t n, struct buf *reply,
		     struct diags *d)
{
	struct header header;

	if (!broker_send(b, kind, request, n) ||
	    !broker_receive(b, &header, sizeof(header)))
		return diag_error(d, "the broker is gone");
	if (header.kind != kind || header.size > REPLY_MAX ||
	    !broker_receive_body(b, (size_t)header.size, reply))
		return diag_error(d, "the broker's answer is damaged");
	return true;
}

bool broker_ask(struct broker *b, const struct command *c, struct arena *a,
		struct outcome *o, struct diags *d)
{
	AUTO_BUF struct buf request = { 0 };
	AUTO_BUF struct buf reply = { 0 };
	struct wire r;

	*o = (struct outcome){ 0 };
	wire_put_command(&request, c);
	if (request.size > ASK_MAX || c->argv.n > LIST_MAX ||
	    c->env.n > LIST_MAX)
		return diag_error(d, "the command '%s' is too large",
				  c->argv.n ? c->argv.v[0] : "");
	if (!exchange(b, KIND_ASK, request.text, request.size, &reply, d))
		return false;
	r = (struct wire){ reply.text, reply.text + reply.size, false };
	if (wire_get_outcome(&r, a, o))
		return true;
	outcome_release(o);
	return diag_error(d, "the broker's answer is damaged");
}

bool broker_units(struct broker *b, struct arena *a, struct loaded_units *to,
		  struct diags *d)
{
	AUTO_BUF struct buf reply = { 0 };
	struct wire r;
	const char *wrong;

	if (!exchange(b, KIND_UNITS, "", 0, &reply, d))
		return false;
	r = (struct wire){ reply.text, reply.text + reply.size, false };
	if (!wire_get_units(&r, a, to, &wrong))
		return diag_error(d, "the broker's answer is damaged");
	return !wrong || diag_error(d, "%s", wrong);
}

bool broker_since(struct broker *b, const char *id, int64_t *since,
		  struct diags *d)
{
	AUTO(arena_release) struct arena a = { 0 };
	AUTO_BUF struct buf request = { 0 };
	AUTO_BUF struct buf reply = { 0 };
	struct wire r;
	const char *wrong;

	wire_put_text(&request, id);
	if (!exchange(b, KIND_SINCE, request.text, request.size, &reply, d))
		return false;
	r = (struct wire){ reply.text, reply.text + reply.size, false };
	wrong = wire_get_text(&r, &a);
	*since = wire_get_number(&r, 0, INT64_MAX);
	if (!wire_is_whole(&r))
		return diag_error(d, "the broker's answer is damaged");
	return !wrong || diag_error(d, "%s", wrong);
}

/* Asks for an enum match. */
static bool ask_match(struct broker *b, enum broker_kind kind,
		      const struct buf *request, enum match *m, struct diags *d)
{
	AUTO(arena_release) struct arena a = { 0 };
	AUTO_BUF struct buf reply = { 0 };
	const char *wrong, *hint;
	struct wire r;

	if (!exchange(b, kind, request->text, request->size, &reply, d))
		return false;
	r = (struct wire){ reply.text, reply.text + reply.size, false };
	wrong = wire_get_text(&r, &a);
	hint = wire_get_text(&r, &a);
	*m = (enum match)wire_get_number(&r, MATCH_SAME, MATCH_UNKNOWN);
	if (!wire_is_whole(&r))
		return diag_error(d, "the broker's answer is damaged");
	if (!wrong)
		return true;
	diag_error(d, "%s", wrong);
	if (hint)
		diag_hint(d, "%s", hint);
	return false;
}

bool broker_compare(struct broker *b, const char *path, const struct content *c,
		    enum match *m, struct diags *d)
{
	AUTO_BUF struct buf request = { 0 };

	wire_put_text(&request, path);
	wire_put_sealed(&request, c);
	if (request.size > ASK_MAX || c->ncuts > LIST_MAX)
		return diag_error(d, "'%s' with its secrets is too large",
				  path);
	return ask_match(b, KIND_COMPARE, &request, m, d);
}

bool broker_same(struct broker *b, const struct content *x,
		 const struct content *y, enum match *m, struct diags *d)
{
	AUTO_BUF struct buf request = { 0 };

	wire_put_sealed(&request, x);
	wire_put_sealed(&request, y);
	if (request.size > ASK_MAX || x->ncuts > LIST_MAX ||
	    y->ncuts > LIST_MAX)
		return diag_error(d, "a text with its secrets is too large");
	return ask_match(b, KIND_SAME, &request, m, d);
}

bool broker_save(struct broker *b, const void *bytes, size_t size,
		 struct diags *d)
{
	AUTO_BUF struct buf reply = { 0 };

	if (size > SAVE_MAX)
		return diag_error(d, "the plan is too large to be saved");
	if (!exchange(b, KIND_SAVE, bytes, size, &reply, d))
		return false;
	buf_putc(&reply, '\0');
	return !reply.text[0] || diag_error(d, "%s", reply.text);
}
