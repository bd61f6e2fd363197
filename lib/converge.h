/* SPDX-License-Identifier: MIT */
/*
 * libconverge for callers: all that cmd/ includes. Each function does one
 * command's work and gives documents to a view; none prints, none exits.
 */
#ifndef CONVERGE_H
#define CONVERGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/diag.h"

/* Exit statuses; 2 + 4 is both. 128 + n: ended by signal n. */
enum {
	CONVERGE_OK = 0,
	CONVERGE_CANNOT_RUN = 1,
	CONVERGE_DRIFT = 2,
	CONVERGE_WITHHELD = 3,
	CONVERGE_FAILED = 4,
	CONVERGE_STALE = 5,
	CONVERGE_BUSY = 75,
	CONVERGE_SIGNAL = 128,
};

/* The status of what came to this one, and then failed. */
static inline int converge_failed(int status)
{
	if (status == CONVERGE_OK || status == CONVERGE_WITHHELD)
		return CONVERGE_FAILED;
	return status == CONVERGE_DRIFT ? CONVERGE_DRIFT | CONVERGE_FAILED
					: status;
}

struct converge_options {
	const char *command; /* as the lock and the history shall say it */
	/* A manifest; for apply also a saved plan; NULL: what agent.json names.
	 */
	const char *source;
	const char *rev; /* of the repository that source is in, or NULL */
	const char *allow_rollback; /* of agent.json's: a commit, or NULL */
	const char *host;           /* NULL: this host's name */
	const char *root;           /* NULL: "/" */
	const char *state;          /* NULL: <root>/var/lib/converge */
	const char *out;            /* where to save it, or NULL */
	const char *const *only;
	size_t nonly;
	const char *const *tags;
	size_t ntags;
	const char *max_disruption; /* or NULL */
	int64_t wait;     /* for the lock, milliseconds; 0: not, -1: for ever */
	int64_t deadline; /* of the run, milliseconds */
	/* of secret, whose source is the name of one */
	const char *world;    /* its folder; NULL: the current one */
	const char *identity; /* the key to open with; or NULL */
	const char *const *to;
	size_t nto;
	/* of bundle, whose world and out are those above */
	const char *const *names; /* of hosts, or; of fmt: paths */
	size_t nnames;
	const char *id;       /* why: of a resource; history: or a run; NULL */
	size_t most;          /* history: so many; 0: all */
	const char *since;    /* history: see moment_parse; or NULL */
	const char *against;  /* plan: a snapshot in place of this host; NULL */
	const char *snapshot; /* apply: where one goes, or NULL */
	const char *snapshots; /* the folder of those of hosts; or NULL */
	/* of test */
	const char *const *hosts; /* --host, which may be given again */
	size_t nhosts;
	/* of diff, whose world is that above */
	const char *old, *new; /* revisions; new NULL: the work tree */
	int cwd;               /* O_PATH folder of relative paths, or -1 */
	bool all_diffs;        /* also of new files */
	bool no_diffs;
	bool traces;   /* which commits changes come from */
	bool detailed; /* apply: 2 when something was changed */
	bool all;      /* bundle, why: all hosts */
	bool contents; /* snapshot: of files are in it */
	/* fmt: nothing is written; with diff, what would change is told */
	bool check, diff;
	bool thorough; /* test: runs are killed at every step */
	/* diff: compared with old itself, not with what both come from */
	bool exact;
};

/* Where documents go. Each json is borrowed for the call. */
struct converge_view {
	void *context;
	/* A plan as one document; NULL: it comes piece by piece, so that a
	 * large one never stands in memory: its head, each change (unless that
	 * is NULL too), and the summary. */
	void (*plan)(void *context, const json_t *plan);
	void (*plan_head)(void *context, const json_t *head);
	void (*plan_change)(void *context, const json_t *change);
	void (*plan_summary)(void *context, const json_t *summary);
	void (*event)(void *context, const json_t *event);
	void (*diags)(void *context, const struct diags *);
};

/* First in main: see lib/host/linux/process/inherit.h. cwd is for the options.
 */
bool converge_start(int *cwd, struct diags *);

/* The exit status. What plan gives is one "converge.plan/1". */
int converge_plan(const struct converge_options *,
		  const struct converge_view *);
/* The plan of the recorded host that options name as against: nothing else is
 * looked at but SOURCE. */
int converge_against(const struct converge_options *,
		     const struct converge_view *);
/* Records this host: a "converge.snapshot/1" in the file out, or on standard
 * output. */
int converge_snapshot(const struct converge_options *,
		      const struct converge_view *);
/* Events ("converge.event/1"), one for each change and one at the end. */
int converge_apply(const struct converge_options *,
		   const struct converge_view *);
/* The facts of this host, a new reference in *facts. */
int converge_facts(const struct converge_options *,
		   const struct converge_view *, json_t **facts);
/* A manifest of what this host is, a new reference in *manifest. */
int converge_capture(const struct converge_options *,
		     const struct converge_view *, json_t **manifest);
/* The graph of a manifest: as a document, and if dot is not NULL as DOT. */
int converge_graph(const struct converge_options *,
		   const struct converge_view *, json_t **graph,
		   struct buf *dot);

/* How this host stands: a "converge.status/1", a new reference in *status;
 * NULL: that cannot be told. CONVERGE_OK only if all is well. */
int converge_status(const struct converge_options *,
		    const struct converge_view *, json_t **status);
/* What runs did here: a "converge.history/1", a new reference in *history;
 * NULL: that cannot be told. */
int converge_history(const struct converge_options *,
		     const struct converge_view *, json_t **history);

/* Where a resource comes from: a "converge.why/1"; of all hosts of a world a
 * "converge.origins/1", if that is asked for, or if this machine is none of
 * them. A new reference in *why. */
int converge_why(const struct converge_options *, const struct converge_view *,
		 json_t **why);

/* Seals what is on standard input as a secret of a world. */
int converge_secret_seal(const struct converge_options *,
			 const struct converge_view *);
/* Seals secrets anew, to those who they are for now. */
int converge_secret_rotate(const struct converge_options *,
			   const struct converge_view *);
/* Says, as diagnostics, what is wrong with the secrets of a world. */
int converge_secret_check(const struct converge_options *,
			  const struct converge_view *);
/* Who can open which: a "converge.secrets/1", a new reference in *table. */
int converge_secret_who(const struct converge_options *,
			const struct converge_view *, json_t **table);

/* Packs what hosts need of a world: a "converge.bundle/1" of it, a new
 * reference in *made. */
int converge_bundle(const struct converge_options *,
		    const struct converge_view *, json_t **made);

/* Has Graphviz' dot(1) draw it; false, with a diagnostic, if it is not there.
 */
bool converge_draw(const struct buf *dot, struct buf *svg, struct diags *);

/* What is wrong with a world or a manifest, as "converge.check/1", a new
 * reference in *found; NULL: it could not be looked at. */
int converge_check(const struct converge_options *,
		   const struct converge_view *, json_t **found);

/* What a change of a world does to its hosts: a "converge.diff/1", a new
 * reference in *diff; NULL: it could not be told. */
int converge_diff(const struct converge_options *, const struct converge_view *,
		  json_t **diff);

/* The same as a graph of what the change touches: a "converge.impact/1", a new
 * reference in *impact, and in DOT. Of options->host alone, if that is given.
 * NULL: it could not be told. */
int converge_impact(const struct converge_options *,
		    const struct converge_view *, json_t **impact,
		    struct buf *dot);

/* What check found as others read it, appended: "sarif", "junit", "gitlab",
 * "github" or "checkstyle". A review system obeys what "github" gives; all that
 * is from the world is escaped in it. */
void converge_check_format(const json_t *found, const char *format,
			   struct buf *);
/* The rules of lint: all as converge-lint(7) in mdoc(7); for people one, or if
 * id is NULL a list of all; false: there is no such rule. */
void converge_lint_mdoc(struct buf *);
bool converge_describe_rule(const char *id, struct buf *);

/*
 * Puts the documents that names have, or all of a world, into their one layout:
 * a "converge.fmt/1" of those that were not in it, a new reference in *found;
 * NULL: something is wrong, and nothing was written. Of "-", standard input,
 * nothing is written either: it is appended to laid.
 */
int converge_fmt(const struct converge_options *, const struct converge_view *,
		 json_t **found, struct buf *laid);

/* Converges the hosts of a world in simulation: a "converge.tests/1", a new
 * reference in *tests; NULL: it could not be done. */
int converge_test(const struct converge_options *, const struct converge_view *,
		  json_t **tests);
/* The same for JUnit: a suite a host. */
void converge_test_junit(const json_t *tests, struct buf *);

/* The names of all resource types, NULL-ended. */
const char *const *converge_types(void);
/* The names of the formats of what is read, such as "converge.role/1", and of
 * what is printed, such as "converge.plan/1"; NULL-ended. */
const char *const *converge_formats(void);
/* JSON Schema (draft 7) of a format; NULL: there is no such. A new reference.
 */
json_t *converge_schema(const char *format);
/* The same of the file at path, with the types of its world: of the kind that
 * its place there says, else of a lone manifest. It need not be there. NULL
 * with diagnostics, also where that kind has none. */
json_t *converge_file_schema(int cwd, const char *path, struct diags *);
/* The ids of the rules of lint, NULL-ended. */
const char *const *converge_rules(void);
/* The one of those, NULL-ended, that is nearest to word, if it is near enough
 * to be a slip; or NULL. */
const char *converge_nearest(const char *word, const char *const *candidates);
/* The reference of a type, for people; false: no such type. */
bool converge_describe_type(const char *type, struct buf *);
/* The same of a type of a world, by its file; false with diagnostics. */
bool converge_describe_file(int cwd, const char *path, struct buf *,
			    struct diags *);
/* converge-types(5) in mdoc(7). */
void converge_types_mdoc(struct buf *);
/* "0.1.0" and the versions of the libraries, all of which are loaded for it: a
 * "converge.version/1", a new reference. */
json_t *converge_version(void);

/* Names of hosts, a list of strings in their order, in few words: see
 * lib/review/names.h. */
void converge_names(const json_t *names, size_t most, struct buf *);
/* A time of a document, "2026-11-28T09:30:00Z", as clocks here show it: see
 * lib/history/moment.h. What is none is escaped. */
void converge_time(const char *time, struct buf *);
/* How many columns the terminal has that standard output is; 0: it is none. */
size_t converge_columns(void);
/* Text from outside, safe for a terminal: see lib/text/escape.h. */
void converge_escape(struct buf *, const char *text, size_t size,
		     bool multiline);

#endif
