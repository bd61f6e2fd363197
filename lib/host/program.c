/* SPDX-License-Identifier: MIT */
#include "lib/host/program.h"

#include <string.h>

#include "lib/base/path.h"
#include "lib/text/escape.h"
#include "lib/text/source.h"

enum {
	WRITABLE = 022, /* by group and others */
	QUOTE_MAX = 600
};

static bool is_theirs(const char *path, const struct node *n, uint32_t user,
		      struct diags *d)
{
	if (n->uid != 0 && n->uid != user)
		return diag_error(d, "'%s' is not root's, so it is not trusted",
				  path);
	return !(n->mode & WRITABLE) ||
	       diag_error(d,
			  "'%s' may be written by others than its owner, so it "
			  "is not trusted",
			  path);
}

static bool look(const struct host *h, const char *path, enum node_type type,
		 uint32_t user, struct diags *d)
{
	struct node n;

	if (!host_look(h, path, &n, d))
		return false;
	if (n.type == NODE_ABSENT)
		return diag_error(d, "'%s' is not there", path);
	if (n.type != type)
		return diag_error(d, "'%s' is a %s, not a %s", path,
				  node_type_name(n.type), node_type_name(type));
	return is_theirs(path, &n, user, d);
}

bool program_is_safe(const struct host *h, const char *path, uint32_t user,
		     struct diags *d)
{
	struct arena a = { 0 };
	bool safe = true;

	/* from the top: who may rename what is on the way chooses the file */
	for (const char *at = path; safe && (at = strchr(at + 1, '/'));)
		safe = look(h, arena_strndup(&a, path, (size_t)(at - path)),
			    NODE_DIRECTORY, user, d);
	safe = safe && look(h, path, NODE_FILE, user, d);
	arena_release(&a);
	return safe;
}

/* How it ended, if not well; NULL: well. */
static const char *ended_ill(const struct outcome *o, struct arena *a)
{
	switch (o->ending) {
	case ENDED_EXIT:
		return o->code ? arena_printf(a, "exited with %d", o->code)
			       : NULL;
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

/* The end of it: that is where errors stand. */
static void quote(const struct buf *errors, struct diags *d)
{
	AUTO_BUF struct buf safe = { 0 };
	size_t n = errors->size < QUOTE_MAX ? errors->size : QUOTE_MAX;

	if (!n)
		return;
	escape_text(&safe, errors->text + errors->size - n, n, true);
	while (safe.size && safe.text[safe.size - 1] == '\n')
		safe.text[--safe.size] = '\0';
	diag_hint(d, "it said: %s", buf_text(&safe));
}

json_t *program_answer(const char *path, const struct outcome *o,
		       struct arena *a, struct diags *d)
{
	const char *ill = ended_ill(o, a);
	struct source source = { .name = path,
				 .text = buf_text(&o->output),
				 .size = o->output.size };
	json_t *answer;

	if (!ill && o->output.size > PROGRAM_ANSWER_MAX)
		ill = arena_printf(a, "printed more than %d bytes",
				   PROGRAM_ANSWER_MAX);
	if (ill) {
		diag_error(d, "'%s' %s", path, ill);
		quote(&o->errors, d);
		return NULL;
	}
	answer = source_parse(&source, d);
	source_release(&source);
	return answer;
}
