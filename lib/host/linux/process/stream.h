/* SPDX-License-Identifier: MIT */
/* One of the streams that a program puts out. */
#ifndef CONVERGE_HOST_LINUX_PROCESS_STREAM_H
#define CONVERGE_HOST_LINUX_PROCESS_STREAM_H

#include <stddef.h>

#include "lib/base/buf.h"

/* The first and last bytes of what comes out of a pipe. */
struct stream {
	int fd;
	size_t first; /* bytes that the head takes */
	struct buf head;
	char *tail;    /* a ring of CHILD_KEEP */
	size_t beyond; /* bytes after the head */
};

/* Reads what is there; closes fd at the end of it. */
void stream_read(struct stream *);
/* Hands what was kept to the caller. */
void stream_finish(struct stream *, struct buf *to);

/* Unless it is -1, which it is then. */
void close_fd(int *fd);

#endif
