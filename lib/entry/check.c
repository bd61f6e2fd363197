/* SPDX-License-Identifier: MIT */
/* The check command: processes that are confined, each with its share. */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/facts/facts.h"
#include "lib/host/content.h"
#include "lib/host/linux/process/confined.h"
#include "lib/lint/format/format.h"
#include "lib/lint/verdict.h"
#include "lib/report/report.h"
#include "lib/session/session.h"
#include "lib/session/world.h"
#include "lib/text/escape.h"

enum { SHARES_MAX = 16, FINGERPRINT = 32 /* hex digits */ };

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

/* Errors and verdicts, as they are told. */
struct told {
	enum lint_level level;
	const char *rule, *pointer; /* pointer NULL: of an error */
	struct place place;
	const char *subject, *text, *hint;
	size_t given; /* keeps the order of what is equal */
};

struct telling {
	struct told *v;
	size_t n, capacity;
	struct map seen;
	struct arena *arena;
};

static void tell(struct telling *t, const struct told *told)
{
	t->v = arena_grow(t->arena, t->v, t->n, &t->capacity, sizeof(*t->v));
	t->v[t->n] = *told;
	t->v[t->n].given = t->n;
	t->n++;
}

/* The same was found by another share, if both have to do with a role. */
static bool is_known(struct telling *t, const struct diag *d)
{
	const char *text = arena_printf(
		t->arena, "%s:%zu:%zu: %s", d->place.file ? d->place.file : "",
		d->place.line, d->place.column, d->text);

	return map_put(&t->seen, t->arena, text, t) != NULL;
}

static void tell_errors(struct telling *t, const struct checked *found)
{
	for (size_t i = 0; i < found->n; i++) {
		const struct diag *d = &found->v[i];

		if (!is_known(t, d))
			tell(t, &(struct told){ .level = LINT_ERROR,
						.rule = lint_invalid,
						.place = d->place,
						.subject = d->subject,
						.text = d->text,
						.hint = d->hint });
	}
}

static void tell_verdicts(struct telling *t,
			  const struct lint_verdicts *verdicts)
{
	for (size_t i = 0; i < verdicts->n; i++) {
		const struct lint_finding *f = verdicts->v[i].finding;

		tell(t, &(struct told){ .level = verdicts->v[i].level,
					.rule = f->rule,
					.pointer = f->pointer,
					.place = f->place,
					.subject = f->subject,
					.text = f->text,
					.hint = f->hint });
	}
}

static int compare_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

static int compare_size(size_t a, size_t b)
{
	return (a > b) - (a < b);
}

/* By place: so it does not matter how many processes looked. */
static int compare_told(const void *a, const void *b)
{
	const struct told *x = a, *y = b;
	int order = compare_text(x->place.file, y->place.file);

	if (!order)
		order = compare_size(x->place.line, y->place.line);
	if (!order)
		order = compare_size(x->place.column, y->place.column);
	if (!order)
		order = strcmp(x->rule, y->rule);
	if (!order)
		order = strcmp(x->text, y->text);
	return order ? order : compare_size(x->given, y->given);
}

/*
 * What tells a finding from others, however lines shift: of lint its rule and
 * where in the document it is, but for the number of a rule of a role; of an
 * error what it says, but for numbers. of: how many were the same before.
 */
static const char *fingerprint(const struct told *told, struct map *seen,
			       struct arena *a)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	AUTO_BUF struct buf b = { 0 };
	struct content content;
	const char *text = told->pointer ? told->pointer : told->text;
	char hex[DIGEST_HEX];
	size_t before;

	buf_printf(&b, "%s\n", told->rule);
	if (!told->pointer)
		buf_printf(&b, "%s\n%s\n",
			   told->place.file ? told->place.file : "",
			   told->subject ? told->subject : "");
	while (*text) {
		size_t digits = strspn(text, "0123456789");
		bool drop = told->pointer ? b.size > 7 && digits &&
						    text[digits] == '/' &&
						    memcmp(b.text + b.size - 7,
							   "/rules/", 7) == 0
					  : digits != 0;

		if (drop)
			text += digits;
		else
			buf_putc(&b, *text++);
	}
	before = (size_t)(uintptr_t)map_get(seen, b.text);
	map_put(seen, a, arena_strdup(a, b.text),
		(void *)(uintptr_t)(before + 1));
	buf_printf(&b, "\n%zu", before);
	content = content_of(buf_text(&b), b.size);
	if (!content_digest(&content, &ignored))
		return "";
	return arena_strndup(a, digest_hex(content.digest, hex), FINGERPRINT);
}

static void set_text(json_t *object, const char *key, const char *text)
{
	if (text)
		json_object_set_new(object, key, escape_json(text));
}

static json_t *told_json(const struct told *told, struct map *seen,
			 struct arena *a)
{
	const struct lint_rule *rule = lint_rule_find(told->rule);
	json_t *j = json_object();

	set_text(j, "severity", lint_level_name(told->level));
	set_text(j, "rule", told->rule);
	set_text(j, "file", told->place.file);
	if (told->place.line) {
		json_object_set_new(j, "line",
				    json_integer((json_int_t)told->place.line));
		json_object_set_new(
			j, "column",
			json_integer((json_int_t)told->place.column));
	}
	set_text(j, "subject", told->subject);
	set_text(j, "text", told->text);
	set_text(j, "hint", told->hint);
	if (told->pointer && rule)
		set_text(j, "reason", rule->reason);
	set_text(j, "fingerprint", fingerprint(told, seen, a));
	return j;
}

static json_t *findings_json(struct telling *t, size_t counts[LINT_ERROR + 1])
{
	json_t *findings = json_array();
	struct map seen = { 0 };

	if (t->n)
		qsort(t->v, t->n, sizeof(*t->v), compare_told);
	for (size_t i = 0; i < t->n; i++) {
		counts[t->v[i].level]++;
		json_array_append_new(findings,
				      told_json(&t->v[i], &seen, t->arena));
	}
	return findings;
}

static void judge(struct telling *t, struct share *v, size_t n,
		  struct lint_verdicts *verdicts)
{
	struct linted *linted[SHARES_MAX];
	bool broken = false;

	for (size_t i = 0; i < n; i++) {
		linted[i] = &v[i].found.lint;
		broken |= !v[i].found.whole || v[i].found.dropped ||
			  v[i].found.n > v[i].found.ntests;
	}
	lint_judge(linted, n, broken, t->arena, verdicts);
	tell_verdicts(t, verdicts);
}

static json_t *document(struct share *v, size_t n, struct arena *a)
{
	size_t hosts = 0, roles = 0, resources = 0, dropped = 0;
	size_t counts[LINT_ERROR + 1] = { 0 };
	struct telling t = { .arena = a };
	struct lint_verdicts verdicts;
	json_t *findings;

	for (size_t i = 0; i < n; i++) {
		const struct checked *found = &v[i].found;

		hosts += found->hosts;
		roles += found->roles;
		resources += found->resources;
		dropped += found->dropped;
		tell_errors(&t, found);
	}
	judge(&t, v, n, &verdicts);
	dropped += verdicts.dropped;
	findings = findings_json(&t, counts);
	return json_pack("{s:s, s:o, s:{s:I, s:I, s:I, s:I, s:I, s:I, s:I, "
			 "s:I}}",
			 "format", "converge.check/1", "findings", findings,
			 "summary", "hosts", (json_int_t)hosts, "roles",
			 (json_int_t)roles, "resources", (json_int_t)resources,
			 "errors", (json_int_t)counts[LINT_ERROR], "warnings",
			 (json_int_t)counts[LINT_WARNING], "info",
			 (json_int_t)counts[LINT_INFO], "allowed",
			 (json_int_t)verdicts.allowed, "more",
			 (json_int_t)dropped);
}

static bool check(struct session *s, json_t **found)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	bool many = s->world && !s->file && !s->options->host;
	size_t n = many && processors > 1 ? (size_t)processors : 1;
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

/* Errors are worse than what lint has to say; info is no reason to fail. */
static int status_of(const json_t *found)
{
	const json_t *summary = json_object_get(found, "summary");

	if (json_integer_value(json_object_get(summary, "errors")))
		return CONVERGE_CANNOT_RUN;
	if (json_integer_value(json_object_get(summary, "warnings")))
		return CONVERGE_DRIFT;
	return CONVERGE_OK;
}

/* Whether the source is one that can be looked at alone: a role and a test
 * are of their world. */
static bool stands_alone(struct session *s)
{
	struct tree *world = NULL;
	const struct world_folder *folder = NULL;
	bool alone = true;

	if (s->path && !s->world && !s->rev)
		folder = world_folder_of(s->path, &s->arena, &world);
	if (folder && strcmp(folder->name, "roles") == 0)
		alone = diag_error(&s->diags,
				   "'%s' is a role of the world '%s'", s->shown,
				   world->name);
	else if (folder && strcmp(folder->name, "tests") == 0)
		alone = diag_error(&s->diags,
				   "'%s' is a test of the world '%s'", s->shown,
				   world->name);
	if (!alone)
		diag_hint(&s->diags, "converge check %s", world->name);
	tree_close(world);
	return alone;
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
	    (!s.rev || session_find_commit(&s, NULL)) && stands_alone(&s) &&
	    check(&s, found))
		status = status_of(*found);
	if (s.stop.signal)
		status = CONVERGE_SIGNAL + s.stop.signal;
	session_end(&s);
	return status;
}

/* --- as others read it --- */

static void write_json(json_t *json, struct buf *b)
{
	char *text = json_dumps(json, JSON_ENSURE_ASCII | JSON_INDENT(2));

	/* a log obeys "##[" wherever it is */
	for (const char *at = text ? text : "null"; *at; at++) {
		if (at[0] == '#' && at[1] == '#')
			buf_puts(b, "\\u0023");
		else
			buf_putc(b, *at);
	}
	buf_putc(b, '\n');
	free(text);
	json_decref(json);
}

static void write_sarif(const json_t *found, struct buf *b)
{
	write_json(format_sarif(found), b);
}

static void write_gitlab(const json_t *found, struct buf *b)
{
	write_json(format_gitlab(found), b);
}

void converge_check_format(const json_t *found, const char *format,
			   struct buf *b)
{
	static const struct {
		const char *name;
		void (*write)(const json_t *found, struct buf *);
	} formats[] = {
		{ "sarif", write_sarif },
		{ "gitlab", write_gitlab },
		{ "junit", format_junit },
		{ "checkstyle", format_checkstyle },
		{ "github", format_github },
	};

	for (size_t i = 0; i < COUNT(formats); i++)
		if (strcmp(formats[i].name, format) == 0)
			formats[i].write(found, b);
}
