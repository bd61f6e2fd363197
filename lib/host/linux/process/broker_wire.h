/* SPDX-License-Identifier: MIT */
/*
 * What planner and broker tell each other, packed: numbers of 64 bits, and
 * bytes after their number. What the planner sends is not believed: every
 * length and every value is checked.
 */
#ifndef CONVERGE_HOST_LINUX_PROCESS_BROKER_WIRE_H
#define CONVERGE_HOST_LINUX_PROCESS_BROKER_WIRE_H

#include <stdint.h>

#include "lib/host/host.h"
#include "lib/host/linux/systemd/units.h"

enum {
	LIST_MAX = 65536,       /* arguments or variables */
	TIMEOUT_MAX = 86400000, /* a day */
};

/* Unpacking goes wrong once and for all; what comes after is zero. Bytes stay
 * where they are packed. */
struct wire {
	const char *at, *end;
	bool wrong;
};

void wire_put_number(struct buf *, int64_t n);
/* NULL is told from "". */
void wire_put_text(struct buf *, const char *text);
void wire_put_command(struct buf *, const struct command *);
void wire_put_outcome(struct buf *, const struct outcome *);
/* Units, or why there are none to be had. */
void wire_put_units(struct buf *, const struct loaded_units *,
		    const char *wrong);
/* A content that holds secrets: their paths in the world, not what they are. */
void wire_put_sealed(struct buf *, const struct content *);

int64_t wire_get_number(struct wire *, int64_t min, int64_t max);
const char *wire_get_text(struct wire *, struct arena *);
/* Whether all went well, and nothing is left. */
bool wire_is_whole(const struct wire *);
/* False: it is damaged. What was unpacked is to be released all the same. */
bool wire_get_command(struct wire *, struct arena *, struct command *);
bool wire_get_outcome(struct wire *, struct arena *, struct outcome *);
bool wire_get_units(struct wire *, struct arena *, struct loaded_units *,
		    const char **wrong);
bool wire_get_sealed(struct wire *, struct arena *, struct content *);

#endif
