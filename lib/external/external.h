/* SPDX-License-Identifier: MIT */
/*
 * Types of resources that a world brings along: modules.d/NAME.json beside the
 * manifest says what their attributes are, the program
 * /etc/converge/modules.d/NAME of the host looks and acts. What a manifest is
 * made from is never run to read it, so the former is data; and what is run
 * as root lies where only root can write.
 */
#ifndef CONVERGE_EXTERNAL_EXTERNAL_H
#define CONVERGE_EXTERNAL_EXTERNAL_H

#include "lib/base/pack.h"
#include "lib/module.h"

#define EXTERNAL_PROGRAMS "/etc/converge/modules.d"

enum { EXTERNAL_TYPES = 64 };

/* An attribute, as the file has it. */
struct external_row {
	const char *name, *doc;
	const char *fallback; /* JSON text, or NULL */
	struct strings choices;
	int kind; /* see external_kinds in external.c */
	unsigned flags;
	int64_t min, max;
};

struct external_type {
	const char *name, *summary;
	const char *example; /* or NULL */
	struct external_row *rows;
	size_t nrows;
	int64_t timeout; /* milliseconds */
	int disruption;
	bool opaque;  /* it may change what other resources are */
	bool refresh; /* its program can be notified */
};

struct external_types {
	struct external_type *v;
	size_t n;
	/* NULL-ended: those of converge, then these */
	const struct module *const *modules;
};

/*
 * Reads the types of the world, if it has any, into the arena, where all of
 * it lives. False with all diagnostics; modules is a list all the same.
 */
bool external_read(struct external_types *, const struct tree *, struct arena *,
		   struct diags *);
/* The type that one such file says; NULL with diagnostics. */
const struct module *external_read_one(const struct tree *, const char *path,
				       struct arena *, struct diags *);
/* The type that a module is of; NULL: one of converge's own. */
const struct external_type *external_type_of(const struct module *);
/* As a part of what is packed. On the way in modules is made in the arena. */
void external_pack(struct pack *, struct external_types *, struct arena *);

/* --- between the two files of it --- */

/* A record of such a type begins with this. */
struct external_record {
	struct record r;
	const struct external *external;
};

struct external {
	struct module module;
	const struct external_type *type;
	/* Row 0 is our own: it takes the record to this structure. */
	struct attr attrs[64];
};

enum { EXTERNAL_SELF = 1 /* rows before those of the file */ };

/* Copies what a field points to into the arena: it was read from JSON that
 * does not live as long. */
void external_keep(const struct attr *, void *field, struct arena *);

/* For struct module. */
void external_edges(const void *want, struct edges *);
bool external_observe(const struct host *, const void *want, void *have,
		      struct arena *, struct diags *);
bool external_apply(struct host *, const struct step *, struct arena *,
		    struct diags *);
bool external_refresh(struct host *, const void *want, struct arena *,
		      struct diags *);
enum disruption external_disruption(const struct step *);

#endif
