/* SPDX-License-Identifier: MIT */
/* What the files of a picture share, and nobody else. */
#ifndef CONVERGE_HOST_PICTURE_SPOT_H
#define CONVERGE_HOST_PICTURE_SPOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/host/content.h"
#include "lib/host/picture.h"

/*
 * A folder that was walked to, and whose ground it is. The rules are those of
 * the real host (linux/walk.c), for what the picture has changed on the way:
 * the base can refuse only what it knows.
 */
struct folder {
	struct picture_node *node; /* NULL: there is none */
	bool direct; /* by nothing of the picture's: the base gets there too */
	const char *veil; /* see struct picture_node; or NULL */
	bool own;         /* root's ground */
	bool safe;        /* and none but root can add or change names */
	uint32_t owner;   /* whose ground it is */
	uint32_t group;   /* of what is made there */
};

/* Where a path leads. */
struct spot {
	struct folder folder;
	struct picture_node *node; /* what the picture has there, or NULL */
	const char *path;          /* canonical; valid until the next walk */
	const char *behind; /* by which the base is asked for what is there;
			     * NULL: it has no say */
};

static inline struct picture *picture_of(const struct host *h)
{
	return ((const struct picture_host *)(const void *)h)->picture;
}

static inline bool content_is_open(const struct content *c)
{
	return (c->bytes && !c->ncuts) || c->tree;
}

/* picture.c */
struct picture_node *picture_node_new(struct picture *, const char *path,
				      struct picture_node *parent);
/* The path of name (n bytes) in the folder; valid until the next. */
const char *picture_join(struct picture *, const struct picture_node *folder,
			 const char *name, size_t n);
/* After something that a walk may have passed is taken away. */
void picture_forget_folders(struct picture *);
/* Puts node at the spot, in place of have and all below it. */
struct picture_node *picture_put(struct picture *, const struct spot *,
				 const struct node *have,
				 const struct node *node);

/* picture_walk.c: the folder at path (n bytes); its node is NULL when there is
 * none. False with a diagnostic when it must not be walked to. */
bool picture_walk(struct picture *, const char *path, size_t n, struct folder *,
		  struct diags *);

/*
 * picture_spot.c: asked is the path that was given, so that the base walks it
 * too and refuses what it would refuse of an apply; the canonical one where
 * only the picture knows the way.
 */
void spot_below(struct picture *, struct folder, const char *name, size_t n,
		const char *asked, struct spot *);
bool spot_resolve(struct picture *, const char *path, struct spot *,
		  struct diags *);
/* For what only looks: an unwritten picture costs nothing. */
bool spot_find(const struct host *, const char *path, struct spot *,
	       struct diags *);
/* What the picture itself says of the spot: nothing more is behind it. */
struct node spot_own_word(struct picture *, const struct spot *);
bool spot_look(struct picture *, const struct spot *, struct node *,
	       struct diags *);
/* Tells all names of the file at the spot that it is as n now. */
bool spot_tell_other_names(struct picture *, const struct spot *,
			   const struct node *n, struct diags *);

#endif
