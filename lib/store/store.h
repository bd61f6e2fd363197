/* SPDX-License-Identifier: MIT */
/*
 * What one run leaves for the next, in "state.db" of the state folder: runs
 * and their changes, refreshes that are owed, temporary names that a kill
 * leaves behind, what converge created and what it replaced, and which files
 * it put secrets into.
 *
 * The store is written under the folder's lock by one process. What is written
 * is kept together until store_sync, which makes it last, all or nothing; a
 * kill or a power cut leaves what the last sync made. A database that cannot
 * be believed is moved aside, said so, and means "know nothing". Whoever only
 * wants to look needs no lock, holds up nobody and writes nothing.
 */
#ifndef CONVERGE_STORE_STORE_H
#define CONVERGE_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/diag.h"
#include "lib/store/folder.h"

/* The newest that are kept of each; older ones go as new ones come. */
enum { STORE_RUNS = 20000, STORE_CHANGES = 50000, STORE_LOOKS = 1000 };

/* A refresh of target that cause (an id) asked for and that was not done. */
struct debt {
	const char *target, *cause;
	const char *reason;
	int64_t run;        /* that first owed it */
	const char *source; /* of that run; NULL: it is too long ago */
	bool is_commit;     /* and that was one */
};

/* A temporary name that a run announced and did not take back. */
struct leftover {
	const char *directory, *name;
	int64_t run;
};

/* A resource that converge created. */
struct creation {
	const char *id;
	const char *path; /* or NULL */
	int64_t run;
};

/* A file that a resource put a secret into, or was to: what may be left of it
 * must not be shown, whatever the file is to hold now. */
struct sealing {
	const char *path, *resource; /* by which it can be told again */
};

/* The commit that a run took its world from. */
struct world_record {
	const char *revision;
	int64_t time;  /* of its making; seconds since the epoch */
	int64_t taken; /* when it was last the newest there was */
};

/* What a plan must know of earlier runs. Sorted by target and cause, by
 * directory and name, by id, by path and resource. */
struct remembered {
	struct debt *debts;
	size_t ndebts;
	struct leftover *leftovers;
	size_t nleftovers;
	struct creation *creations;
	size_t ncreations;
	struct sealing *sealed;
	size_t nsealed;
	bool knows_sealed;         /* those are all, of any run */
	struct world_record world; /* revision NULL: there was none */
	int64_t last_run;          /* 0: there was none */
	bool killed;               /* the last run did not come to its end */
	bool forgotten; /* there was more, but it cannot be believed */
};

struct run_counts {
	int64_t created, updated, removed, refreshed, failed, withheld,
		unchanged;
};

struct run_record {
	int64_t id; /* from 1, growing */
	const char *host, *source;
	const char *revision; /* or digest of the source; or NULL */
	const char *command;
	int64_t pid, started; /* seconds since the epoch */
	/* Set by the end of the run; without one it was killed, or runs. */
	bool ended;
	int64_t finished;
	int code; /* exit code */
	struct run_counts counts;
};

enum result {
	RESULT_PLANNED, /* written before the act; after a kill it stays */
	RESULT_DONE,
	RESULT_UNCHANGED, /* at its turn there was nothing to do */
	RESULT_FAILED,
	RESULT_SKIPPED, /* what it requires failed */
	RESULT_WITHHELD,
};

struct change_record {
	int64_t id, run;
	const char *resource, *action;
	const char *digest;     /* the change's id, hex; or NULL */
	const char *attributes; /* JSON text, or NULL */
	enum result result;
	const char *reason; /* why it failed, was skipped, ...; or NULL */
};

/* What stood at path before a change replaced it. */
struct backup {
	int64_t id, run;
	const char *resource, *path;
	const char *type;   /* "file" or "link" */
	const char *digest; /* of a file: SHA-256, hex: its name in backup/ */
	const char *target; /* of a link */
	int64_t mode, uid, gid, size, mtime; /* mtime in nanoseconds */
	int64_t time;                        /* seconds since the epoch */
};

/* Which commit had last changed a resource when a run changed it. */
struct past_record {
	int64_t change; /* its id */
	const char *revision;
	int64_t date; /* seconds since the epoch */
	const char *author, *subject;
};

enum ruling_of_look {
	LOOK_TAKEN,   /* it is the newest there is, and is followed */
	LOOK_KEPT,    /* a run went on with what an earlier one took */
	LOOK_REFUSED, /* nothing was done */
};

/*
 * A look at where the world comes from, when it is the host that knows
 * (converge-agent.json(5)). The same that is seen again is the same look.
 */
struct look_record {
	int64_t id;
	int64_t first, last; /* seconds since the epoch; when it was so */
	int64_t times;
	const char *source; /* its URL; NULL: that was not known */
	enum ruling_of_look ruling;
	const char *revision; /* what was there, or NULL */
	const char *reason;   /* why it was not followed, or NULL */
};

struct runs {
	struct run_record *v;
	size_t n, capacity;
};

struct changes {
	struct change_record *v;
	size_t n, capacity;
};

struct backups {
	struct backup *v;
	size_t n, capacity;
};

struct pasts {
	struct past_record *v;
	size_t n, capacity;
};

struct looks {
	struct look_record *v;
	size_t n, capacity;
};

const char *result_name(enum result);
/* Whether the run ended before its turn came: nothing was the reason. */
bool change_is_left(const struct change_record *);
/* The name of its result, or "left". */
const char *change_result(const struct change_record *);
const char *ruling_of_look_name(enum ruling_of_look);

/*
 * Looks, without the lock; not in a process that has the store open for writing
 * (closing a file drops the locks that SQLite holds on it: fcntl(2)). No
 * database, or no folder, is an empty one. One that
 * cannot be believed gives a warning and nothing (forgotten). False with a
 * diagnostic when it cannot be read, or a newer converge wrote it.
 */
bool store_load(const struct folder *, struct arena *, struct remembered *,
		struct diags *);
/* The newest runs, newest first. */
bool store_runs(const struct folder *, size_t limit, struct arena *,
		struct runs *, struct diags *);
/* That run alone, or none, if it is too long ago. */
bool store_run_of(const struct folder *, int64_t id, struct arena *,
		  struct runs *, struct diags *);
/* What a run changed, in the order of its doing. */
bool store_changes(const struct folder *, int64_t run, struct arena *,
		   struct changes *, struct diags *);
/* The newest changes of one resource, newest first. */
bool store_changes_of(const struct folder *, const char *resource, size_t limit,
		      struct arena *, struct changes *, struct diags *);
/* What a run replaced, in the order of its doing. */
bool store_backups(const struct folder *, int64_t run, struct arena *,
		   struct backups *, struct diags *);
/* The commits of changes, from that id on, as far as they are known. */
bool store_pasts(const struct folder *, int64_t change, struct arena *,
		 struct pasts *, struct diags *);
/* The newest looks, newest first. */
bool store_looks(const struct folder *, size_t limit, struct arena *,
		 struct looks *, struct diags *);
/* The newest of them that was refused, or none. */
bool store_refused(const struct folder *, struct arena *, struct looks *,
		   struct diags *);

struct store;

/*
 * Opens it for writing, and makes it when there is none; the folder's lock must
 * be held, and the folder stays open. What is remembered is loaded on the way,
 * as by store_load. A database that cannot be believed is moved to
 * "state.db.damaged-TIME" with a warning, and a new one made; one of a newer
 * converge is refused and left alone. NULL with a diagnostic on failure.
 */
struct store *store_open(const struct folder *, struct arena *,
			 struct remembered *, struct diags *);
/*
 * Drops what was not synced or flushed, and closes. A database that proved
 * damaged on the way is moved aside. NULL is allowed. Not for a forked child,
 * which must leave the store alone.
 */
void store_close(struct store *, struct diags *);

/*
 * Makes all that was written last: on the disk when it returns true. Once one
 * of the functions below has returned false, all do: whoever cannot write down
 * what it is about to do must not do it.
 */
bool store_sync(struct store *, struct diags *);
/* As store_sync, but does not wait for the disk: a power cut may take it back.
 * For the end of a run that changed nothing. */
bool store_flush(struct store *, struct diags *);

/* Begins a run; what follows belongs to it. Its id and end are not read. */
bool store_begin(struct store *, const struct run_record *, struct diags *);
/* The id of the run that was begun. */
int64_t store_run(const struct store *);
/* Ends it; drops runs and changes that are too old to keep. */
bool store_end(struct store *, int64_t finished, int code,
	       const struct run_counts *, struct diags *);

/* Notes a change; its id and run are not read. *id names it for
 * store_outcome, which says what became of it. */
bool store_change(struct store *, const struct change_record *, int64_t *id,
		  struct diags *);
/* What it came to be at its turn, as far as that is not what was noted: its
 * action, digest and attributes. */
bool store_became(struct store *, int64_t id, const struct change_record *,
		  struct diags *);
bool store_outcome(struct store *, int64_t id, enum result, const char *reason,
		   struct diags *);
/* Which commit a change that was noted comes from. */
bool store_past(struct store *, const struct past_record *, struct diags *);

/* Whether a write has failed, and its diagnostic said so: all others do. */
bool store_failed(const struct store *);

/* A refresh is owed; one that is owed already stays as it is. */
bool store_owe(struct store *, const char *target, const char *cause,
	       const char *reason, struct diags *);
/* The target was refreshed: nobody owes it anything more. */
bool store_paid(struct store *, const char *target, struct diags *);
/* What cause asked for in this run is not wanted any more. What an earlier
 * run left owed stays so. */
bool store_forgive(struct store *, const char *target, const char *cause,
		   struct diags *);

/* What an earlier run left owed, if it still is, is owed since this one. */
bool store_adopt(struct store *, const struct debt *, struct diags *);

/* A temporary name that is about to come into being. */
bool store_intend(struct store *, const char *directory, const char *name,
		  struct diags *);
/* It is gone. */
bool store_cleaned(struct store *, const char *directory, const char *name,
		   struct diags *);
/* All that this run intended is gone, or became what it was to be. */
bool store_settled(struct store *, struct diags *);

/* converge created a resource; path may be NULL. */
bool store_created(struct store *, const char *id, const char *path,
		   struct diags *);
/* It is gone, or is not converge's any more. */
bool store_gone(struct store *, const char *id, struct diags *);

/* A resource is about to put a secret into the file at path. */
bool store_sealed(struct store *, const char *path, const char *resource,
		  struct diags *);
/* That file is gone, or was made anew without one. */
bool store_unsealed(struct store *, const char *path, struct diags *);

/* The world is now that of this commit. */
bool store_world(struct store *, const struct world_record *, struct diags *);

/* What came of looking where the world comes from; its id, first and times are
 * not read. Belongs to no run. */
bool store_look(struct store *, const struct look_record *, struct diags *);

/* Something is about to be replaced; its id and run are not read. */
bool store_backup(struct store *, const struct backup *, struct diags *);

#endif
