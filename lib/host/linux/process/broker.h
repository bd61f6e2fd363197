/* SPDX-License-Identifier: MIT */
/*
 * Two processes for a plan. The planner reads manifests, in a sandbox in
 * which it can start nothing; the broker is its parent, and does for it the
 * what it cannot: it runs guards (each in a sandbox of its own), asks systemd
 * for its units, opens secrets to compare files with them, and saves the plan
 * under the name that was given on the command line. What the planner asks is
 * not believed: its requests have a fixed form, and every length in them is
 * checked.
 */
#ifndef CONVERGE_HOST_LINUX_PROCESS_BROKER_H
#define CONVERGE_HOST_LINUX_PROCESS_BROKER_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/host/host.h"
#include "lib/host/linux/systemd/units.h"

struct broker;

/*
 * Forks the planner; both get a handle. save is where a plan may be saved,
 * from the folder at if it is relative, or NULL. NULL with a diagnostic when
 * it fails, which only the calling process sees.
 */
struct broker *broker_start(int at, const char *save, struct diags *);
bool broker_is_planner(const struct broker *);
void broker_free(struct broker *);

/* In the planner. */

/* The descriptor that the sandbox must let it write to. */
int broker_fd(const struct broker *);
/* host_ask by way of the broker: linux_options.broker. */
bool broker_ask(struct broker *, const struct command *, struct arena *,
		struct outcome *, struct diags *);
/* units_list by way of the broker. */
bool broker_units(struct broker *, struct arena *, struct loaded_units *,
		  struct diags *);
/* units_since by way of the broker. */
bool broker_since(struct broker *, const char *id, int64_t *since,
		  struct diags *);
/* host_compare of a file that is to hold secrets, by way of the broker, which
 * alone may open them. */
bool broker_compare(struct broker *, const char *path, const struct content *,
		    enum match *, struct diags *);
/* host_same of what holds secrets, the same way. */
bool broker_same(struct broker *, const struct content *,
		 const struct content *, enum match *, struct diags *);
/* Saves bytes as the plan file: whole, 0600, synced, or not at all. */
bool broker_save(struct broker *, const void *bytes, size_t size,
		 struct diags *);

/* In the broker. */

/* The world whose secrets it opens, once the planner asks for any; NULL: there
 * is none. It outlives the broker. context is that of broker_serve. */
typedef const struct tree *broker_world(void *context);
void broker_give(struct broker *, broker_world *);

/*
 * Answers until the planner ends, and returns its wait status; with a
 * diagnostic when a signal ended it, or when it asked for what it may not.
 * When stopped (may be NULL) says so it is killed: it has changed nothing.
 * The host runs the guards: host_linux without a broker, whose own stopped
 * ends a guard that is running.
 */
int broker_serve(struct broker *, const struct host *,
		 bool (*stopped)(void *context), void *context, struct diags *);

#endif
