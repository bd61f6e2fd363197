/* SPDX-License-Identifier: MIT */
/*
 * The manifest stage: a lone manifest, or a host's file in a world with the
 * roles it includes, becomes the host's list of resources: roles merged, rules
 * chosen, `when` decided, `for_each` repeated, ${...} filled in, overrides
 * applied; each value with the place it came from.
 */
#ifndef CONVERGE_MANIFEST_H
#define CONVERGE_MANIFEST_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/base/arena.h"
#include "lib/base/diag.h"
#include "lib/base/map.h"
#include "lib/base/strings.h"
#include "lib/host/commit.h"
#include "lib/host/tree.h"
#include "lib/external/external.h"
#include "lib/manifest/documents.h"
#include "lib/text/scope.h"
#include "lib/text/source.h"

struct part;
struct role;

/* Another part that gives the same. */
struct also {
	const struct part *part;
	const struct also *next;
};

/* A resource as the manifest has it. */
struct entry {
	const char *id;          /* "file:/etc/motd", for_each done */
	json_t *attributes;      /* object; borrowed from the manifest */
	const char *pointer;     /* see manifest_place */
	json_t *each;            /* of a repeated resource, or NULL */
	const struct part *part; /* of the manifest, that it stands in */
	const struct also *also;
	int max_disruption; /* that its roles allow; -1: any */
};

/* The role that it stands in; NULL: in none. */
const char *entry_role(const struct entry *);

struct policy {
	int max_disruption; /* enum disruption; -1: any */
	long max_removals;  /* -1: not set */
	bool removals_percent;
};

struct manifest {
	const char *host;
	const char *name; /* of its file in the tree, as diagnostics have it */
	const struct tree *tree;
	const struct commit *commit; /* that the tree is of, or NULL */
	const char *own;    /* path of converge's state on the host, or NULL */
	const char *digest; /* see manifest_digest; NULL: not known yet */
	bool is_world; /* there is a converge.json: roles can be included */
	struct documents *documents; /* own_documents, or those of many hosts */
	struct documents own_documents;
	struct document *main; /* the host's file; NULL: it cannot be read */
	struct part **parts;   /* see parts.h */
	size_t nparts, parts_capacity;
	struct role **roles;
	size_t nroles, roles_capacity;
	json_t *owned; /* array of what for_each, ${} and overrides made */
	struct scope scope;
	struct entry *v;
	size_t n, capacity;
	struct map by_id;         /* of several parts: 1 + index of the entry */
	struct map patches;       /* by id: see manifest_attribute */
	struct strings unread;    /* ids, ${...} and all, that have errors */
	struct strings elsewhere; /* ids of what its `when` leaves out */
	struct policy policy;
	bool unsealed, sealed;       /* see struct manifest_options */
	bool html;                   /* templates are escaped for it */
	struct external_types types; /* of its world; see external_read */
	size_t left;                 /* see struct scope */
	bool stopped; /* a limit was passed: nothing more is read */
	struct arena arena;
};

enum { MANIFEST_MAX_RESOURCES = 100000 };

/* How to read a manifest. */
struct manifest_options {
	const char *host;   /* --host, or this host's name */
	bool host_is_given; /* by --host */
	/* See struct scope. */
	json_t *(*facts)(void *, const char *name, size_t size);
	void *context;
	const struct strings *fact_names; /* the same */
	const char *shown; /* the file as the user named it, or NULL */
	bool is_world;
	bool unsealed; /* secrets that it names need not be there */
	bool sealed;   /* they must be sealed: on a host that fails what uses
			  them, and nothing else */
	struct documents *documents; /* of the tree, to be shared; or NULL */
};

/*
 * Reads the manifest name of tree. False with diagnostics, all of them, when
 * there are errors; the manifest must be released all the same.
 */
bool manifest_read(struct manifest *, const struct tree *, const char *name,
		   const struct manifest_options *, struct diags *);
/* The same for a manifest that is not read: pointers into the documents that
 * options share have places. */
void manifest_begin(struct manifest *, const struct tree *, const char *name,
		    const struct manifest_options *);
void manifest_release(struct manifest *);
/* Whether it can be the name of a host. */
bool manifest_is_host(const char *name);

/* The SHA-256 of its text, or of all texts that it was made from, as hex
 * digits; lives as long as the manifest. */
const char *manifest_digest(struct manifest *);
/* Frees the texts: no place can be found any more, and no digest. Not where
 * they are shared. */
void manifest_forget_text(struct manifest *);
/* The names of the roles that the host includes. */
void manifest_roles(struct manifest *, struct strings *names);
/* Whether file, of a diagnostic's place, is one that it was made from. */
bool manifest_is_from(const struct manifest *, const char *file);

/* The defaults of its i-th file that has any, counted in *i, and the pointer to
 * them; NULL: there are no more. */
json_t *manifest_defaults(const struct manifest *, size_t *i,
			  const char **pointer);
/* The pointer to an attribute of the resource id, which stands at pointer: in
 * the overrides or the defaults, if they have it. */
const char *manifest_attribute(struct manifest *, const char *pointer,
			       const char *id, const char *key);
/* The keys that overrides or defaults have for the resource id, one by one; *at
 * is NULL at first. NULL: there are no more. */
const char *manifest_patched(const struct manifest *, const char *id,
			     const void **at);
/*
 * Where pointer stands, for a diagnostic. A pointer is "/vars/x" in the host's
 * own file, or "roles/web.json#/vars/x" in another (a JSON Pointer, RFC 6901,
 * as the fragment of a relative URI).
 */
struct place manifest_place(struct manifest *, const char *pointer,
			    enum source_at);
/* Gives the place of pointer to those of d from number from on that have none,
 * and the subject to all of them. pointer NULL: of the file. */
void manifest_blame(struct manifest *, struct diags *d, size_t from,
		    const char *pointer, enum source_at, const char *subject);

/* pointer "/a" and key "b/c" make "/a/b~1c" (RFC 6901). */
const char *pointer_join(struct arena *, const char *pointer, const char *key);
const char *pointer_index(struct arena *, const char *pointer, size_t i);

#endif
