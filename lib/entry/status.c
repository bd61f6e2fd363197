/* SPDX-License-Identifier: MIT */
/*
 * The status command: reads what runs have left, and who holds the lock. It
 * takes no lock, writes nothing, and mends nothing.
 */
#include <time.h>

#include "lib/history/reading.h"
#include "lib/history/standing.h"
#include "lib/session/session.h"

enum { RUNS = 2 };

/* What was read. */
struct read {
	struct runs runs;
	struct changes current, last;
	struct looks looks, refused;
	const char *holder;
};

/* A folder that is not there has nothing, one that may not be looked into is
 * told of: see folder_open. */
static bool open_folder(struct session *s)
{
	if (!folder_open(&s->folder, s->state, false, &s->arena, &s->diags))
		return false;
	if (s->folder.fd >= 0 || !s->diags.n)
		return true;
	return diag_error(&s->diags, "how this host stands is for root to see");
}

/* The runs first: what one owes that began since then is not owed yet. */
static bool read_all(struct session *s, struct read *r)
{
	const struct folder *f = &s->folder;
	size_t warnings = s->diags.n, n;

	if (!reading_runs(f, RUNS, 0, &s->arena, &r->runs, &r->holder,
			  &s->diags))
		return false;
	/* it was not believed: once is enough to be told so */
	if (s->diags.n > warnings)
		return true;
	n = standing_at_work(&r->runs, r->holder);
	return (!n || store_changes(f, r->runs.v[0].id, &s->arena, &r->current,
				    &s->diags)) &&
	       (r->runs.n == n || store_changes(f, r->runs.v[n].id, &s->arena,
						&r->last, &s->diags)) &&
	       store_load(f, &s->arena, &s->remembered, &s->diags) &&
	       store_looks(f, 1, &s->arena, &r->looks, &s->diags) &&
	       store_refused(f, &s->arena, &r->refused, &s->diags);
}

/* NULL: it cannot be told. */
static json_t *tell(struct session *s)
{
	struct read r = { 0 };
	struct standing standing = { .state = s->state,
				     .runs = &r.runs,
				     .current = &r.current,
				     .last = &r.last,
				     .remembered = &s->remembered,
				     .now = time(NULL) };
	size_t warnings;

	if (!open_folder(s))
		return NULL;
	warnings = s->diags.n;
	if (!read_all(s, &r))
		return NULL;
	/* whatever was not believed was warned of */
	standing.is_unknown = s->diags.n > warnings;
	standing.holder = r.holder;
	standing.look = r.looks.n ? r.looks.v : NULL;
	standing.refused = r.refused.n ? r.refused.v : NULL;
	return standing_document(&standing);
}

int converge_status(const struct converge_options *options,
		    const struct converge_view *view, json_t **status)
{
	struct session s;
	bool well = false;

	*status = NULL;
	if (session_begin(&s, options, view)) {
		*status = tell(&s);
		well = json_is_true(json_object_get(*status, "well"));
	}
	session_end(&s);
	return well ? CONVERGE_OK : CONVERGE_CANNOT_RUN;
}
