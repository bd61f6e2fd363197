/* SPDX-License-Identifier: MIT */
/*
 * One run of the pipeline: what the stages made, in the order of their making.
 * The functions of converge.h are short walks along it.
 */
#ifndef CONVERGE_SESSION_SESSION_H
#define CONVERGE_SESSION_SESSION_H

#include "lib/apply.h"
#include "lib/converge.h"
#include "lib/facts/facts.h"
#include "lib/graph.h"
#include "lib/host/commit.h"
#include "lib/host/linux/process/inherit.h"
#include "lib/host/linux/linux.h"
#include "lib/manifest.h"
#include "lib/origin/origin.h"
#include "lib/plan.h"
#include "lib/report/saved.h"
#include "lib/store/store.h"

struct session {
	const struct converge_options *options;
	const struct converge_view *view;
	struct arena arena;
	struct diags diags;
	const char *root;
	const char *state; /* the state folder */
	const char *host_name;
	struct terms terms; /* of the options, or of the saved plan */
	struct folder folder;
	struct remembered remembered;
	struct store *store;
	int cache; /* a catalog that was kept, open for reading; or -1 */
	struct host *host;
	struct facts facts;
	struct host *machine; /* that of facts, if it is not host */
	struct tree *tree;    /* the world, or the folder of the manifest */
	const char *world;    /* its absolute path, or NULL: there is none */
	const char *file;     /* the manifest's name there; NULL: that of */
	const char *path;     /* the host; and where it is, absolute */
	const char *shown;    /* the manifest as the user named it */
	const char *saves;    /* --out as the user named it, or NULL */
	/* Of a source that is a commit; rev NULL: it is none. */
	const char *rev;
	struct commit_place place;
	struct commit commit; /* once it is found */
	const char *bundle;   /* the path of one, absolute, or NULL */
	/* Where it is from when no source is given, or a bundle. */
	struct origin origin;
	struct manifest manifest;
	struct catalog catalog;
	struct graph graph;
	struct plan plan;
	struct noted *noted; /* of a snapshot in the making; or NULL */
	int record;          /* where it goes; or -1 */
	/* Of processor time that reading the manifest may take, once it reads
	 * with libraries; 0: any. */
	unsigned seconds;
	bool is_planner; /* this is the process that makes it (broker.h) */
	/* of an apply */
	struct stop stop;
	int64_t deadline; /* on the clock of child_now */
	bool overdue;
	struct buf saved_text;          /* of the plan that is to be applied */
	const struct saved_head *saved; /* its head; NULL: there is none */
	bool is_elsewhere;              /* and it is for another host */
	int64_t *ids;                   /* of changes in the store */
	size_t nids;                    /* that there is room for */
	struct applied applied;
	size_t kept; /* contents that recovery kept */
	/* The first error that was shown, by this process or a confined one. */
	const char *wrong;
};

/* Each step: false with diagnostics. session_end frees all and shows the
 * diagnostics that nobody has seen yet. */
bool session_begin(struct session *, const struct converge_options *,
		   const struct converge_view *);
/* rev NULL: a manifest as it lies there, or what a bare repository's HEAD
 * leads to. Of a commit it is only known then where to look for it. */
bool session_open_source(struct session *, const char *path, const char *rev);
/* The same of what agent.json names; keeps: the store is open for writing, and
 * what is fetched is kept. */
bool session_open_origin(struct session *, bool keeps,
			 bool (*stopped)(void *session));
/* Whether agent.json decides what is taken: of no source, or of a bundle. */
bool session_is_followed(const struct session *);
/* Of such a run: writes down what came of that, so that status can tell it
 * later; begins: it is about to begin, else there is nothing it could do. */
bool session_note_look(struct session *, bool begins);
/* Of a source that is a bundle: unpacks it. review: nothing is made of it.
 * False with is_elsewhere when a saved plan of it is for another host. */
bool session_open_bundle(struct session *, bool keeps, bool review,
			 bool (*stopped)(void *session));
/* Of a source that was opened: whether --allow-rollback goes with it. False
 * with a diagnostic. */
bool session_may_go_back(struct session *);
/* Once what it says of this host is read: the commit of such a source is the
 * one that was taken last. True of other sources. False with a diagnostic. */
bool session_keep_origin(struct session *);
/* Whether a bundle has all for this host, once that is known; true of other
 * sources. False with a diagnostic. */
bool session_is_for_host(struct session *);
/* The part of it that is of commits; whole is the path, made absolute. */
bool session_open_commit(struct session *, const char *whole, const char *shown,
			 const char *rev);
/* Finds the commit: in this process, which is confined, or by one that is. Then
 * the tree and the file in it are known. */
bool session_find_here(struct session *);
bool session_find_commit(struct session *, bool (*stopped)(void *session));
/* A name of a file so that it can be shown. */
const char *session_name_of(struct session *, const char *name);
/* The commit, or NULL: it was not found, or the source is none. */
const struct commit *session_commit(const struct session *);
/* The absolute path of the manifest; in a world that of this host. Sets file
 * and path. */
const char *session_path(struct session *);
/* Which host this is, of the options, of agent.json once that was read, or of
 * its own word. */
const char *session_host(struct session *);
/* Whether there is a saved plan, and it is for another host or root: then with
 * a diagnostic. */
bool session_is_elsewhere(struct session *);
/* The facts that a name begins with; size 0: all. See facts_get. */
json_t *session_facts(struct session *, const char *name, size_t size);
/* See facts_hold. */
bool session_facts_hold(struct session *, const json_t *asked);
/* The state folder as a path of the host, or NULL: it lies outside. */
const char *session_own_path(const struct session *);
/*
 * The catalog and its graph, one of three ways: as they were kept, if nothing
 * has changed since (false without diagnostics: they must be made); by reading
 * the manifest in this process; or by one that is confined, and then they are
 * kept. False without diagnostics of the last: they were shown, or the run was
 * told to stop.
 */
bool session_recall(struct session *);
bool session_read(struct session *);
bool session_compile(struct session *, bool (*stopped)(void *context));
/*
 * For such a process that reads the manifest for something else: work, which
 * session_make has done by session_confined, again and again as long as it
 * wants to know more, begins with session_read_confined; when that is false,
 * *status is what it must return.
 */
bool session_make(struct session *, int (*work)(void *session, int out),
		  bool (*stopped)(void *session), int *out, int *status);
bool session_read_confined(struct session *, int out, int *status);
/* Whether the manifest that was read needs libraries that are not loaded yet:
 * then it must be read again, by a process that has them; loads both. */
bool session_wants(void);
bool session_load(struct session *);
/* Of session_read the manifest alone. False with diagnostics; it must be
 * released all the same. */
bool session_read_manifest(struct session *, struct manifest *, struct diags *);
/* acting: the host, when the plan is applied to it at once (plan.h). */
bool session_plan(struct session *, struct host *acting);
/* How it is planned, as the options say. */
struct plan_options session_plan_options(const struct session *);
/* Shows a plan; snapshot: of what it was made against, or NULL. */
void session_show_plan(const struct session *, const struct plan *,
		       json_t *snapshot);
/*
 * Finds out which commits the changes of the plan come from (struct change,
 * past), if somebody wants to know, there are any, and the source is a commit:
 * in this process, which is confined, or by one that is. What cannot be found
 * out is a warning.
 */
void session_trace_here(struct session *);
void session_trace(struct session *, bool (*stopped)(void *session));
/*
 * Has work done by a process that is confined (confined.h), which shows its
 * diagnostics itself. *out, to be closed, is what it wrote, *status its exit
 * status. False with a diagnostic, or when the run was told to stop.
 */
bool session_confined(struct session *, int (*work)(void *session, int out),
		      bool (*stopped)(void *session), int *out, int *status);
/* Removes what was fetched of repositories that the catalog has no more. */
bool session_tidy(struct session *);
/* Files into which earlier runs put what is no secret of the catalog now. */
struct veiled session_veiled(struct session *);
/* Writes down which files this run puts secrets into, and which of them have
 * none any more by a change that was made. */
bool session_note_sealed(struct session *, struct diags *);
bool session_note_made(struct session *, const struct change *, enum action,
		       struct diags *);
/* What earlier runs owe: one line a target. */
struct owed *session_owed(struct session *, size_t *n);
/* After changes were made: what a manifest that is gone left owed is owed by
 * this one from now on, if it has the target. */
bool session_adopt(struct session *);
/* This host as a snapshot, JSON to be freed, once it was planned with noted
 * set. NULL with diagnostics. */
char *session_record(struct session *);
/* Compresses and signs it, and puts it at a path, or NULL: writes it to
 * standard output. */
bool session_save_record(struct session *, const void *bytes, size_t n,
			 const char *out);
/* The plan command from the options on: opens the source, and has a planner
 * make the plan and show it, or record what it is made from. Its exit status.
 */
int session_open_and_plan(struct session *);
/* For pack_write: to the descriptor that context points to. */
bool session_write(void *context, const void *bytes, size_t n);
void session_show_diags(struct session *);
/* Has the process outside know the first error of this one, which is confined
 * and fails; and takes its word for it. Of a run that session_is_followed
 * alone. */
void session_hand_wrong(struct session *, int out);
void session_take_wrong(struct session *, int fd);
void session_end(struct session *);
/* The exit status of a plan. */
int session_plan_status(const struct plan *);

#endif
