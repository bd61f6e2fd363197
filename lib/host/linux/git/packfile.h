/* SPDX-License-Identifier: MIT */
/*
 * A pack of git with its index (gitformat-pack(5)), written as its objects
 * come. Nothing in it is packed: it is read once, or packed again by others.
 */
#ifndef CONVERGE_HOST_LINUX_GIT_PACKFILE_H
#define CONVERGE_HOST_LINUX_GIT_PACKFILE_H

#include <git2/types.h>
#include <nettle/sha1.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/text/object.h"

/* Its index tells places within 31 bits. */
#define PACKFILE_MOST ((uint64_t)INT32_MAX)

struct packed_object {
	unsigned char id[OBJECT_RAW];
	uint32_t sum, at;
};

struct packfile {
	int fd;
	struct arena *arena;
	struct buf out; /* what is still to be written */
	uint64_t at;
	int error; /* of errno(3), the first; EFBIG: it is too large */
	struct sha1_ctx sha;
	struct packed_object *v;
	size_t n, capacity;
	uint32_t a, b; /* the checksum of zlib (RFC 1950) */
};

/* To fd, so many objects. What goes wrong on the way packfile_end tells. */
void packfile_begin(struct packfile *, int fd, size_t objects, struct arena *);
/* An object of that many bytes, which are then added. */
void packfile_object(struct packfile *, const unsigned char id[OBJECT_RAW],
		     git_object_t type, uint64_t size);
void packfile_add(struct packfile *, const void *bytes, size_t n);
void packfile_object_end(struct packfile *);
/* The rest, and the index to another descriptor. sum is what the pack is
 * called by. False: error says why. */
bool packfile_end(struct packfile *, int index, char sum[OBJECT_HEX + 1]);
void packfile_release(struct packfile *);

#endif
