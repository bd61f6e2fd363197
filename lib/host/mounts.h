/* SPDX-License-Identifier: MIT */
/*
 * What is mounted where: text as the kernel gives it in /proc/self/mountinfo
 * (proc(5)), and how it writes names that have blanks. Pure.
 */
#ifndef CONVERGE_HOST_MOUNTS_H
#define CONVERGE_HOST_MOUNTS_H

#include <stdbool.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"

struct mount {
	const char *source, *target, *type;
	const char *options; /* of the mount: "rw,nosuid" */
	const char *super;   /* of the file system: "rw,size=1024k" */
};

enum mounting {
	MOUNT_NEW,   /* what fstab(5) has for the target */
	MOUNT_AGAIN, /* with other options */
	MOUNT_GONE,  /* taken away */
};

struct mount_change {
	enum mounting what;
	struct mount mount; /* as it will be; super is not used */
};

/* A field without its escapes ("\040"), of n bytes; in the arena. */
const char *mounts_decode(const char *field, size_t n, struct arena *);
/* The field with blanks, backslashes and '#' escaped, as fstab(5) has it. */
void mounts_encode(struct buf *, const char *text);
/* What is mounted at target: the last, which hides the others. False: nothing
 * is. */
bool mounts_find(const char *mountinfo, const char *target, struct arena *,
		 struct mount *);
/* The text as it will be after the change. */
void mounts_apply(struct buf *, const char *mountinfo,
		  const struct mount_change *);

#endif
