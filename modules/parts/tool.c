/* SPDX-License-Identifier: MIT */
#include "modules/parts/tool.h"

#include <string.h>

#include "lib/text/escape.h"

void tool_edges(const struct strings *argv, const char *reason, struct edges *e)
{
	if (argv->n && argv->v[0][0] == '/')
		edges_after_path(e, argv->v[0], true, reason);
}

const char *tool_ending(const struct outcome *o, struct arena *a)
{
	switch (o->ending) {
	case ENDED_EXIT:
		return arena_printf(a, "exited with %d", o->code);
	case ENDED_SIGNAL:
		return arena_printf(a, "was killed by signal %d", o->code);
	case ENDED_TIMEOUT:
		return "took too long and was ended";
	case ENDED_INTERRUPTED:
		return "was ended because the run was told to stop";
	case ENDED_NOT_STARTED:
	case ENDED_UNKNOWN:
	case ENDED_ASSUMED:
		break;
	}
	return arena_printf(a, "could not be run: %s",
			    o->because ? o->because : "unknown reason");
}

enum { QUOTE_MAX = 600 };

void tool_quote(const struct outcome *o, struct diags *d)
{
	const struct buf *b = o->errors.size ? &o->errors : &o->output;
	AUTO_BUF struct buf safe = { 0 };
	size_t from = b->size > QUOTE_MAX ? b->size - QUOTE_MAX : 0;
	const char *line =
		from ? memchr(b->text + from, '\n', QUOTE_MAX - 1) : NULL;

	if (!b->size)
		return;
	if (line)
		from = (size_t)(line + 1 - b->text);
	escape_text(&safe, b->text + from, b->size - from, true);
	while (safe.size && safe.text[safe.size - 1] == '\n')
		safe.text[--safe.size] = '\0';
	diag_hint(d, "it said: %s", buf_text(&safe));
}

bool tool_succeeded(const struct host *h, const char *name, struct outcome *o,
		    struct arena *a, struct diags *d)
{
	bool ok = o->ending == ENDED_ASSUMED ||
		  (o->ending == ENDED_EXIT && o->code == 0);

	if (!ok) {
		diag_error(d, "'%s' %s", name, tool_ending(o, a));
		if (!h->hush)
			tool_quote(o, d);
	}
	outcome_release(o);
	return ok;
}

bool tool_run(struct host *h, const char *const *argv,
	      const struct strings *makes, struct arena *a, struct diags *d)
{
	struct command command = { .umask = -1, .timeout = TOOL_TIMEOUT };
	struct outcome o = { 0 };

	for (size_t i = 0; argv[i]; i++)
		strings_add(&command.argv, a, argv[i]);
	if (!host_run(h, &command, makes, a, &o, d)) {
		outcome_release(&o);
		return false;
	}
	return tool_succeeded(h, argv[0], &o, a, d);
}

static void note_failure(void *context, size_t mark, const char *text)
{
	(void)mark;
	diag_error(context, "%s", text);
}

bool tool_commit(struct host *h, struct diags *d)
{
	size_t before = d->n;

	return host_commit(h, note_failure, d, d) && d->n == before;
}
