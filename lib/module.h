/* SPDX-License-Identifier: MIT */
/*
 * What a resource type is made of, and all that modules/ include: one table
 * and a handful of functions. See DESIGN in README and modules/file.c.
 */
#ifndef CONVERGE_MODULE_H
#define CONVERGE_MODULE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/kinds/attr.h"
#include "lib/base/arena.h"
#include "lib/base/diag.h"
#include "lib/base/mode.h"
#include "lib/base/path.h"
#include "lib/base/strings.h"
#include "lib/host/host.h"
#include "lib/host/pinned.h"

/* How much a change disturbs, from nothing to what cannot be undone. */
enum disruption {
	DISRUPTION_NONE,
	DISRUPTION_RELOAD,
	DISRUPTION_RESTART,
	DISRUPTION_REBOOT,
	DISRUPTION_DATA,
};

/* "restart"; and back: -1 when text is NULL or names none. */
const char *disruption_name(enum disruption);
int disruption_parse(const char *text);

enum action {
	ACTION_NONE,
	ACTION_CREATE,
	ACTION_UPDATE,
	ACTION_REMOVE,
	ACTION_REFRESH,
	ACTION_UNKNOWN,
};

/* One resource's way from have to want: what a type's apply is given. */
struct step {
	const void *want; /* record of the type */
	const void *have; /* as observed just before */
	uint64_t differ;  /* rows that differ */
	enum action action;
};

/* What goes with a directory that is removed or replaced. */
struct takes {
	size_t entries;    /* that are below it */
	const char *text;  /* how many, and a digest of their names; or
			    * "nothing" */
	const char *list;  /* their paths, a line each, cut; NULL: none */
	const char *mount; /* one on which something is mounted, or NULL */
	/* Why one of them cannot go, or not with a copy kept, or NULL. */
	const struct diag *stays, *large;
};

/* Where a type's edges function puts the paths and ids it depends on. */
struct edges;
/* This resource comes after whatever manages id ("user:app"), if anything. */
void edges_after(struct edges *, const char *id, const char *reason);
/* The same, where id does not itself come after this resource: of a cycle such
 * an edge is the first to be left out. */
void edges_rather_after(struct edges *, const char *id, const char *reason);
/* This resource comes before whatever manages id, if anything. */
void edges_before(struct edges *, const char *id, const char *reason);
/* This resource comes after the nearest managed directory or link above path,
 * and (or_equal) after what manages path itself. */
void edges_after_path(struct edges *, const char *path, bool or_equal,
		      const char *reason);
/* This resource comes after all that manages path, or something below it, if
 * anything; and before what is to be gone from there. */
void edges_after_below(struct edges *, const char *path, const char *reason);
/* This resource comes after all of that type. */
void edges_after_type(struct edges *, const char *type, const char *reason);

/* What is managed below path comes after this resource. */
void edges_before_below(struct edges *, const char *path, const char *reason);

/* Where expand puts the resources that another stands for. */
struct expansion;
/* Whether path, or anything below it, is managed by the catalog. */
bool expansion_claims(const struct expansion *, const char *path);
/* Whether the catalog manages path itself, beyond editing it, or a command
 * creates it or something below it; not if something else below is managed. */
bool expansion_manages(const struct expansion *, const char *path);
/* Whether it is a folder whose content is another resource's own matter. */
bool expansion_spares(const struct expansion *, const char *path);
/* The record of the resource of the same type that manages path, or NULL. */
const void *expansion_peer(const struct expansion *, const char *path);
/* A resource of type with attributes (a new reference, taken over). An id that
 * the catalog has is left alone. */
void expansion_add(struct expansion *, const char *type, const char *name,
		   json_t *attributes, const char *reason);
/* They come before what they are part of, and must all succeed. */
void expansion_precedes(struct expansion *);
/* What else it stands for is not known yet, and why. */
void expansion_unknown(struct expansion *, const char *because);

/* Where a type's demands function puts what it makes of things of others. */
struct demands;
/* What is demanded of a thing (see struct module), if another has it. */
void demands_add(struct demands *, const char *thing, const char *what);
/* That no other manages what is at the path in whole: it writes that, if there
 * is any. */
void demands_add_content(struct demands *, const char *path);

/* Where owns puts what else of a host is a resource's. */
struct owned;
/* A file that it makes in whole, as if the resource were called by it. */
void owned_file(struct owned *, const char *path);
/* A file that it edits, as others may. */
void owned_edit(struct owned *, const char *path);
/* A folder whose content is its own matter: what another resource has done to
 * all that is below a folder above is not done to it. */
void owned_folder(struct owned *, const char *path);

struct module {
	const char *name;    /* "file" */
	const char *summary; /* one sentence, for the manual */
	const char *example; /* members of "resources", for the manual */
	size_t size;         /* of its record */
	const struct attr *attrs;
	size_t nattrs; /* at most 64 */
	/* Rules that span attributes. Pure. May fill in what they imply. */
	bool (*check)(void *want, struct arena *, struct diags *);
	/* Texts that no two resources of the type may both have, beside a
	 * path; what is told of is what comes before a newline. NULL: its name,
	 * if manifests may give that. Pure. */
	void (*things)(const void *want, struct arena *, struct strings *);
	/* What it makes of things that others of the catalog may have, such as
	 * members of a group; NULL: nothing. Pure. */
	void (*demands)(const void *want, struct arena *, struct demands *);
	/* What says that it would undo such a demand ("'ada' is kept out of
	 * group 'adm'"), or NULL; NULL: it undoes none. Pure. */
	const char *(*denies)(const void *want, const char *what,
			      struct arena *);
	/* What it has beside the path or the file of its rows, as far as the
	 * manifest tells, or, unless it is NULL, the host; NULL: nothing. */
	void (*owns)(const struct host *, const void *want, struct arena *,
		     struct owned *);
	/* Rows that say what it is of, where its name does not: where in a
	 * file an edit is. What is of another is another thing. NULL: no such
	 * rows. Pure. */
	uint64_t (*place)(const void *want);
	/* Rows by which it looks, in that place, for what is to give way. */
	uint64_t finds;
	/* Rows that are for what is made anew: of what is there they are not
	 * looked at. NULL: none. Pure. */
	uint64_t (*initial)(const void *want);
	/* Implied edges. Pure. */
	void (*edges)(const void *want, struct edges *);
	/* Resources that this one stands for, known from the world alone:
	 * the entries of a mirrored tree. */
	bool (*mirror)(const void *want, const struct tree *, struct arena *,
		       struct expansion *, struct diags *);
	/* The same, known from the host: what is to be purged. */
	bool (*expands)(const void *want); /* whether it may be any */
	bool (*expand)(const struct host *, const void *want, struct arena *,
		       struct expansion *, struct diags *);
	/* What is there now. Rows that are not there stay unset; a row that
	 * cannot be known is marked by record_unknown. */
	bool (*observe)(const struct host *, const void *want, void *have,
			struct arena *, struct diags *);
	/* Makes this change and no other. */
	bool (*apply)(struct host *, const struct step *, struct arena *,
		      struct diags *);
	/* What a notification asks for; NULL: nothing. */
	bool (*refresh)(struct host *, const void *want, struct arena *,
			struct diags *);
	/* Told of every path whose change notifies it, for a row of its own;
	 * NULL: it does not care. Pure. */
	void (*notified)(void *want, const char *path, struct arena *);
	/* Whether notifications mean nothing to it; NULL: never. Pure. */
	bool (*ignores)(const void *want);
	/* Whether a refresh asks first, and whether the answer is yes now;
	 * NULL: never, always. */
	bool (*guarded)(const void *want);
	bool (*agrees)(const struct host *, const void *want, bool *yes,
		       struct arena *, struct diags *);
	/* Of a refresh, and of what is unknown, there is no have, and nothing
	 * differs. NULL: none. */
	enum disruption (*disruption)(const struct step *);
	/* Whether rollback can undo it; NULL: always. */
	bool (*undoable)(const struct step *);
	/* Whether other resources may edit what is at the path that it
	 * manages; NULL: no. */
	bool (*shares)(const void *want);
	/* Whether observing runs commands, whose answers change with what
	 * earlier resources do; NULL: never. */
	bool (*asks)(const void *want);
	/* Of a type that brings: whether this change makes anything; NULL:
	 * always. */
	bool (*delivers)(const struct step *);
	/* Whether the change did what a refresh would do; NULL: always. */
	bool (*renews)(const struct step *);
	/* The content that the change replaces and the one that it makes, for
	 * the diff, where no row holds them; false: not known. NULL: no. */
	bool (*contents)(const struct step *, struct content *before,
			 struct content *after);
	/* Whether looking again after apply can show that it did its work;
	 * NULL: always. */
	bool (*verified)(const void *want);
	/* What goes with what it removes or replaces; NULL: nothing. */
	const struct takes *(*takes)(const struct step *);
	/* What it removes or replaces whose content no row has, or NULL; NULL:
	 * there is never such a thing. A directory's is what it takes. */
	const struct node *(*stands)(const struct step *);
	/* Why it is going to change, beside the rows; NULL: nothing to add. */
	const char *(*because)(const struct step *, struct arena *);
	/* Its writes may wait for the next commit. */
	bool batched;
	/* Nothing can be below the path that it manages. */
	bool leaf;
	/* Its effect on other resources is not known (it runs a command). */
	bool opaque;
	/* What it makes when it is created is not known before: files,
	 * accounts, units. What needs it is unknown until then. */
	bool brings;
	/* It makes what is not known before whenever that it is made is not:
	 * apply, on a picture, then says which paths. */
	bool foreseen;
	/* It goes first, and what it needs, as far as edges allow: so that as
	 * many as can be share one commit. */
	bool early;
	/* It acts at once on what is there: all that is staged is put in place
	 * first. */
	bool alone;
	/* The contents may be one line as a whole. */
	bool one_line;
};

/* All types, NULL-ended; made from modules/CMakeLists.txt. */
extern const struct module *const *const modules;

#endif
