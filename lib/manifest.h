/* SPDX-License-Identifier: MIT */
/*
 * The manifest stage: one JSON file becomes the host's list of resources, with
 * `when` decided, `for_each` repeated, ${...} filled in and overrides applied.
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
#include "lib/external.h"
#include "lib/text/scope.h"
#include "lib/text/source.h"

/* A resource as the manifest has it. */
struct entry {
	const char *id;      /* "file:/etc/motd", for_each done */
	json_t *attributes;  /* object; borrowed from the manifest */
	const char *pointer; /* "/resources/file:~1etc~1motd" in the source */
	json_t *each;        /* of a repeated resource, or NULL */
};

struct policy {
	int max_disruption; /* enum disruption; -1: any */
	long max_removals;  /* -1: not set */
	bool removals_percent;
};

struct manifest {
	const char *host;
	struct source source;
	const struct tree *tree;
	const struct commit *commit; /* that the tree is of, or NULL */
	const char *own;    /* path of converge's state on the host, or NULL */
	const char *digest; /* see manifest_digest; NULL: not known yet */
	json_t *root;       /* owned */
	json_t *owned;      /* array of what for_each, ${} and overrides made */
	struct scope scope;
	struct entry *v;
	size_t n, capacity;
	struct strings unread; /* ids, ${...} and all, that have errors */
	struct policy policy;
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
};

/*
 * Reads the manifest name of tree. False with diagnostics, all of them, when
 * there are errors; the manifest must be released all the same.
 */
bool manifest_read(struct manifest *, const struct tree *, const char *name,
		   const struct manifest_options *, struct diags *);
void manifest_release(struct manifest *);

/* The SHA-256 of its text, as hex digits; lives as long as the manifest. */
const char *manifest_digest(struct manifest *);
/* Frees the text: no place can be found any more, and no digest. */
void manifest_forget_text(struct manifest *);

/* The pointer to an attribute of the resource id, which stands at pointer: in
 * the overrides, if they have it. */
const char *manifest_attribute(struct manifest *, const char *pointer,
			       const char *id, const char *key);
/* Where pointer stands, for a diagnostic. */
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
