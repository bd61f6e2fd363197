/* SPDX-License-Identifier: MIT */
/* Units of the real host: all that the manager has loaded, asked for once. */
#ifndef CONVERGE_HOST_LINUX_SYSTEMD_UNITS_H
#define CONVERGE_HOST_LINUX_SYSTEMD_UNITS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/host/host.h"

struct linux_host;

struct loaded_unit {
	const char *id;
	bool loaded; /* false: something names it, but it is not there */
	enum unit_active active;
	const char *sub;
};

struct loaded_units {
	struct loaded_unit *v;
	size_t n, capacity;
};

void units_init(struct linux_host *);
void units_release(struct linux_host *);
/* Asks again before the next answer: after a change, or a command. */
void units_forget(const struct linux_host *);
/* All units, by one call over the bus; in the arena. */
bool units_list(const struct linux_host *, struct arena *,
		struct loaded_units *, struct diags *);

/* When the unit last came to its state: nanoseconds since the epoch. */
bool units_since(const struct linux_host *, const char *id, int64_t *since,
		 struct diags *);

bool linux_unit_known(const struct host *, const char *id, enum unit_enabled *);
bool linux_unit_state(const struct host *, struct unit *, struct arena *,
		      struct diags *);
bool linux_units(const struct host *, struct arena *, struct strings *,
		 struct diags *);
bool linux_unit_age(const struct host *, const struct unit *,
		    const struct strings *paths, struct arena *,
		    struct unit_age *, struct diags *);
bool linux_unit_change(struct host *, const struct unit_change *,
		       struct arena *, struct diags *);

#endif
