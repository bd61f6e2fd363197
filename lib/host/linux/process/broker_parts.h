/* SPDX-License-Identifier: MIT */
/* The two processes of a plan: what the files of the broker share, and nobody
 * else. */
#ifndef CONVERGE_HOST_LINUX_PROCESS_BROKER_PARTS_H
#define CONVERGE_HOST_LINUX_PROCESS_BROKER_PARTS_H

#include <stdint.h>
#include <sys/types.h>

#include "lib/host/linux/process/broker.h"

enum {
	ASK_MAX = 32 << 20,   /* bytes of a request */
	SAVE_MAX = 512 << 20, /* of a plan */
	SINCE_MAX = 1024,     /* of a unit's name, packed */
	REPLY_MAX = 16 << 20, /* of an answer: output is cut before */
};

enum broker_kind {
	KIND_ASK = 1,
	KIND_SAVE = 2,
	KIND_UNITS = 3,
	KIND_SINCE = 4,
	KIND_COMPARE = 5,
	KIND_SAME = 6
};

/* Before every message, both ways; both are the same program. */
struct header {
	uint32_t kind;
	uint32_t unused;
	uint64_t size;
};

struct broker {
	int fd;
	pid_t planner;       /* in the broker; in the planner: 0 */
	int folder;          /* of save; -1: nothing may be saved */
	const char *name;    /* in it */
	const char *path;    /* as it was given */
	broker_world *world; /* see broker_give; or NULL */
	struct arena arena;
	bool (*stopped)(void *context);
	void *context;
};

/* Messages. False: the other side is gone, or it is time to stop. */
bool broker_send(const struct broker *, enum broker_kind, const char *bytes,
		 size_t n);
bool broker_receive(const struct broker *, void *to, size_t n);
/* As much as is really there, so that a false size takes no memory. */
bool broker_receive_body(const struct broker *, size_t n, struct buf *body);

/* Writes the plan file: whole, 0600, synced, or not at all. */
bool broker_write_plan(const struct broker *, const struct buf *plan,
		       struct diags *);

#endif
