/* SPDX-License-Identifier: MIT */
/*
 * The manager's bus, org.freedesktop.systemd1(5), by way of libsystemd, which
 * is loaded when it is first needed: a run without services does not pay for
 * it. Every function returns false with a diagnostic.
 */
#ifndef CONVERGE_HOST_LINUX_SYSTEMD_BUS_H
#define CONVERGE_HOST_LINUX_SYSTEMD_BUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/host/linux/systemd/units.h"

struct bus;

/* Root talks to the manager itself, others by way of the system's bus. NULL:
 * this host is not run by systemd, or it does not answer. */
struct bus *bus_open(struct diags *);
void bus_close(struct bus *);

/* Manager.ListUnits. */
bool bus_list(struct bus *, struct arena *, struct loaded_units *,
	      struct diags *);
/* Manager.Reload: the files of units are read anew. */
bool bus_reload(struct bus *, struct diags *);
/* Manager.ResetFailedUnit: the count of its starts begins anew. */
bool bus_reset(struct bus *, const char *unit, struct diags *);

/* How long to wait, and whether to stop waiting. */
struct bus_wait {
	int64_t timeout; /* milliseconds */
	bool (*stopped)(void *context);
	void *context;
};

/*
 * Puts a job for the unit in the manager's queue by one of its methods
 * ("StartUnit", ...), and waits for its end: *result is "done", "failed",
 * "timeout", ... as in JobRemoved, or NULL when that took too long or the run
 * was told to stop. The job goes on then.
 */
bool bus_job(struct bus *, const char *method, const char *unit,
	     const struct bus_wait *, struct arena *, const char **result,
	     struct diags *);

/* A unit's object, which is loaded if it was not; in the arena. */
bool bus_unit(struct bus *, const char *unit, struct arena *,
	      const char **object, struct diags *);

/* What is asked of a service or another unit at once. */
struct bus_properties {
	bool need_reload; /* its files have changed since they were read */
	const char *path; /* the file that was read; NULL: none */
	struct strings drop_ins;
	bool condition; /* what it depends on was there */
	enum unit_active active;
	const char *sub;
	uint64_t changed;   /* microseconds since the epoch: when it came to
			     * its state */
	uint64_t left_rest; /* microseconds since the epoch: when it was last
			     * told to start; 0: never */
	/* Of a service; else NULL, 0. */
	const char *type;   /* "simple", "oneshot", ... */
	const char *result; /* "success", "exit-code", "timeout", ... */
	uint32_t restarts;
};

bool bus_properties(struct bus *, const char *object, struct arena *,
		    struct bus_properties *, struct diags *);

#endif
