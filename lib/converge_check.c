/* SPDX-License-Identifier: MIT */
/* The check command: processes that are confined, each with its share. */
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/facts/facts.h"
#include "lib/host/linux/confined.h"
#include "lib/report/report.h"
#include "lib/session.h"
#include "lib/text/escape.h"

enum { SHARES_MAX = 16 };

/* One process, and what it is to do. */
struct share {
	struct session *session;
	struct check check;
	pid_t child;
	int out;
	struct checked found;
};

static int work(void *context, int out)
{
	struct share *share = context;
	struct checked found;
	struct pack p;
	bool ok;

	check_run(&share->check, &share->session->arena, &found);
	checked_pack(&p, pack_begin(&p, &found, sizeof(found)));
	ok = pack_write(&p, session_write, &out);
	pack_release(&p);
	return ok ? CONVERGE_OK : CONVERGE_CANNOT_RUN;
}

static void show_lost(void *context, const struct diags *d)
{
	const struct converge_view *view =
		((struct share *)context)->session->view;

	view->diags(view->context, d);
}

static bool told_to_stop(void *context)
{
	return stop_signal(&((struct share *)context)->session->stop) != 0;
}

static struct confined confined_of(struct share *share)
{
	return (struct confined){ .work = work,
				  .lost = show_lost,
				  .stopped = told_to_stop,
				  .context = share };
}

static bool take(struct share *share)
{
	struct diags *d = &share->session->diags;
	struct confined c = confined_of(share);
	struct checked *found;
	struct pack p;
	size_t size;
	int status;
	void *block;

	if (!confined_end(&c, share->child, &status, d) ||
	    WEXITSTATUS(status) != CONVERGE_OK)
		return false;
	block = linux_map(share->out, &size);
	found = block ? unpack_begin(&p, block, size, sizeof(*found)) : NULL;
	if (found)
		checked_pack(&p, found);
	if (!found || !unpack_end(&p))
		return diag_error(d, "the process that checks gave no answer");
	share->found = *found;
	return true;
}

/* All that were started are waited for. */
static bool run_shares(struct share *v, size_t n, struct diags *d)
{
	size_t started = 0;
	bool ok = true;

	for (; started < n && ok; started++) {
		struct confined c = confined_of(&v[started]);

		ok = confined_begin(&c, &v[started].out, &v[started].child, d);
		if (!ok)
			break;
	}
	for (size_t i = 0; i < started; i++) {
		ok &= take(&v[i]);
		close(v[i].out);
	}
	return ok;
}

/* --- the document --- */

static json_t *finding_json(const struct diag *d)
{
	json_t *j =
		json_pack("{s:s}", "severity",
			  d->severity == SEVERITY_ERROR ? "error" : "warning");

	if (d->place.file)
		json_object_set_new(j, "file", escape_json(d->place.file));
	if (d->place.line) {
		json_object_set_new(j, "line",
				    json_integer((json_int_t)d->place.line));
		json_object_set_new(j, "column",
				    json_integer((json_int_t)d->place.column));
	}
	if (d->subject)
		json_object_set_new(j, "subject", escape_json(d->subject));
	json_object_set_new(j, "text", escape_json(d->text));
	if (d->hint)
		json_object_set_new(j, "hint", escape_json(d->hint));
	return j;
}

/* The same was found by another share, if both have to do with a role. */
static bool is_known(struct map *seen, struct arena *a, const struct diag *d)
{
	const char *text = arena_printf(
		a, "%s:%zu:%zu: %s", d->place.file ? d->place.file : "",
		d->place.line, d->place.column, d->text);

	return map_put(seen, a, text, seen) != NULL;
}

static json_t *document(const struct share *v, size_t n, struct arena *a)
{
	size_t hosts = 0, roles = 0, resources = 0, errors = 0, dropped = 0;
	json_t *findings = json_array();
	struct map seen = { 0 };

	for (size_t i = 0; i < n; i++) {
		const struct checked *found = &v[i].found;

		hosts += found->hosts;
		roles += found->roles;
		resources += found->resources;
		dropped += found->dropped;
		for (size_t j = 0; j < found->n; j++) {
			if (is_known(&seen, a, &found->v[j]))
				continue;
			errors += found->v[j].severity == SEVERITY_ERROR;
			json_array_append_new(findings,
					      finding_json(&found->v[j]));
		}
	}
	return json_pack("{s:s, s:o, s:{s:I, s:I, s:I, s:I, s:I, s:I}}",
			 "format", "converge.check/1", "findings", findings,
			 "summary", "hosts", (json_int_t)hosts, "roles",
			 (json_int_t)roles, "resources", (json_int_t)resources,
			 "errors", (json_int_t)errors, "warnings",
			 (json_int_t)(json_array_size(findings) - errors),
			 "more", (json_int_t)dropped);
}

static bool check(struct session *s, json_t **found)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	size_t n = s->world && processors > 1 ? (size_t)processors : 1;
	struct strings *names = arena_new(&s->arena, struct strings);
	struct share v[SHARES_MAX];

	if (n > SHARES_MAX)
		n = SHARES_MAX;
	facts_list(names, &s->arena);
	for (size_t i = 0; i < n; i++)
		v[i] = (struct share){ .session = s,
				       .check = { .tree = s->tree,
						  .is_world = s->world != NULL,
						  .file = s->file,
						  .host = s->options->host,
						  .fact_names = names,
						  .share = i,
						  .shares = n } };
	if (!run_shares(v, n, &s->diags))
		return false;
	*found = document(v, n, &s->arena);
	report_commit(*found, session_commit(s));
	if (s->commit.id && *s->place.path)
		json_object_set_new(*found, "path", escape_json(s->place.path));
	return true;
}

int converge_check(const struct converge_options *options,
		   const struct converge_view *view, json_t **found)
{
	int status = CONVERGE_CANNOT_RUN;
	struct session s;

	*found = NULL;
	if (session_begin(&s, options, view) &&
	    inherit_catch_stop(&s.stop, &s.diags) &&
	    session_open_source(&s, options->source, options->rev) &&
	    (!s.bundle || session_open_bundle(&s, false, true, NULL)) &&
	    (!s.rev || session_find_commit(&s, NULL)) && check(&s, found) &&
	    !json_integer_value(json_object_get(
		    json_object_get(*found, "summary"), "errors")))
		status = CONVERGE_OK;
	if (s.stop.signal)
		status = CONVERGE_SIGNAL + s.stop.signal;
	session_end(&s);
	return status;
}
