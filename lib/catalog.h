/* SPDX-License-Identifier: MIT */
/*
 * The catalog stage: the manifest's resources as typed records, with defaults
 * filled in and the rules of their types checked. Pure.
 */
#ifndef CONVERGE_CATALOG_H
#define CONVERGE_CATALOG_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/kinds/attr.h"
#include "lib/base/map.h"
#include "lib/claims.h"
#include "lib/manifest.h"
#include "lib/module.h"

/* What every resource takes, whatever its type. */
struct common {
	struct record record;
	struct strings require, before, notify, subscribe;
	struct strings tags;
	struct strings sensitive; /* attribute names; "*": all */
	bool noop;
	int disruption; /* see common_attrs */
	const char *description;
};

extern const struct attr common_attrs[];
extern const size_t common_attrs_n;

struct resource {
	const char *id;   /* "file:/etc/motd" */
	const char *name; /* "/etc/motd" */
	const struct module *module;
	void *want; /* record of the module */
	struct common common;
	size_t index;        /* in the catalog, in manifest order */
	const char *pointer; /* where it stands in the manifest; or NULL */
	struct place place;  /* the same, if it is known: else line is 0;
				file NULL: the manifest's own */
	const char *role;    /* that it came from; NULL: from none */
	int max_disruption;  /* that its roles allow; -1: any */
	const struct resource *from; /* what it was made for, or NULL */
	const char *reason;          /* and why */
	json_t *each; /* of a repeated one: for templates; or NULL */
};

struct catalog {
	struct manifest *manifest; /* of which everything is borrowed */
	struct arena *arena;
	struct resource **v;
	size_t n, capacity;
	bool full; /* no more may be added: that is told of */
	struct map by_id, by_path;
	struct map by_thing;      /* while it is built: see struct module */
	struct map missed;        /* ids and paths of what has errors */
	struct resource **broken; /* those with a type */
	size_t nbroken, broken_capacity;
	struct claims claims;
	const struct module *const *modules;
	struct defaults *defaults; /* NULL: not needed yet */
	bool check_only;           /* see struct reading */
};

/* An empty one, to be filled by catalog_add with resources that are right. */
void catalog_begin(struct catalog *, struct manifest *,
		   const struct module *const *modules);
void catalog_add(struct catalog *, struct resource *);

/* False with all diagnostics; what is right is there all the same. Lives as
 * long as the manifest. */
bool catalog_build(struct catalog *, struct manifest *,
		   const struct module *const *modules, struct diags *);
/* Whether the keys of defaults are types; attributes: and what they give are
 * objects whose keys are attributes that the type takes. */
bool catalog_check_defaults(struct catalog *, json_t *defaults,
			    const char *pointer, bool attributes,
			    struct diags *);
/* Whether the id of a resource names a type, and the keys of its attributes
 * are ones that the type takes; values are not looked at. */
bool catalog_check_keys(struct catalog *, const char *id, json_t *attributes,
			const char *pointer, struct diags *);
/*
 * Tells that, and what can be said of the values of a resource that no host has
 * yet. What has a reference in it is not judged, nor what is missing, which an
 * override may give. defaults: of its role.
 */
void catalog_judge(struct catalog *, const char *id, json_t *attributes,
		   json_t *defaults, const char *pointer, struct diags *);
/* The same of attributes that others are patched with, or are defaults: null
 * takes one away. */
void catalog_judge_patch(struct catalog *, const char *id, json_t *attributes,
			 const char *pointer, struct diags *);
const struct resource *catalog_find(const struct catalog *, const char *id);
/* Whether it would be there, or might be, but for errors that are told of. */
bool catalog_misses(const struct catalog *, const char *id);
/* What manages just that path, or NULL. */
const struct resource *catalog_at(const struct catalog *, const char *path);
/* "WHAT is managed twice: also by 'file:/etc/motd' at web.json:14:5". */
const char *catalog_twice(const struct catalog *, const char *what,
			  const struct resource *other);
/* The path that a resource manages, or NULL. */
const char *resource_path(const struct resource *);
/* The path of the file that a resource edits, or NULL. */
const char *resource_edits(const struct resource *);
/* The value of the attribute that its name stands for. */
const char *resource_name(const struct resource *);
/* Whether it wants its thing not to be there. */
bool resource_absent(const struct resource *);
/* Whether a notification means anything to it. */
bool resource_heeds(const struct resource *);
/* The path of the file that it puts a secret into; NULL: it does not. */
const char *resource_seals(const struct resource *);
/* Whether the attribute of that row must not be shown. */
bool resource_hides(const struct resource *, size_t row);
/* Whether it has any such attribute. */
bool resource_hides_some(const struct resource *);
/* Whether others put secrets into the file that it edits. */
bool catalog_has_secret_beside(const struct catalog *, const struct resource *);
/* Whether what its commands say must not be shown either. */
bool resource_hushes(const struct resource *);
/* "web.json:14", counted on demand. */
struct place resource_place(const struct catalog *, const struct resource *);
/* The same as a document has it: "file", "line", and the "role" if it came
 * from one. */
json_t *resource_origin(const struct catalog *, const struct resource *);
/* Finds the places of all resources, and the digest of the manifest, whose text
 * is not needed any more then, and freed. */
void catalog_settle(struct catalog *);
/* Gives the place of the resource to those of d from number from on that have
 * none, and its id to all of them. */
void catalog_blame(const struct catalog *, struct diags *d, size_t from,
		   const struct resource *);
const struct module *module_find(const struct module *const *, const char *name,
				 size_t n);

/* What a type's mirror and expand functions fill. */
struct expansion {
	struct catalog *catalog;
	const struct resource *from;
	struct resource **v;
	size_t n, capacity;
	struct diags *diags;
	const struct host *host; /* of catalog_expand */
	bool from_host;          /* what it stands for is there already */
	bool precedes;           /* it is changed before what it is part of */
	const char *unknown;     /* why there may be more, or NULL */
	bool failed;
};

/* Resources that a directory stands for on this host, in order. They are not
 * added to the catalog. False with diagnostics. */
bool catalog_expand(struct expansion *, const struct host *);

#endif
