/* SPDX-License-Identifier: MIT */
/*
 * Units of systemd: what files say of them, what the manager says, and what
 * may be done to them. Part of host.h, which includes this.
 */
#ifndef CONVERGE_HOST_UNIT_H
#define CONVERGE_HOST_UNIT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/diag.h"
#include "lib/base/strings.h"

struct host;

/* As systemctl(1) shows them in "is-active". */
enum unit_active {
	UNIT_INACTIVE,
	UNIT_ACTIVE,
	UNIT_RELOADING,
	UNIT_FAILED,
	UNIT_ACTIVATING,
	UNIT_DEACTIVATING,
	UNIT_ACTIVE_STATES,
};

/* As systemctl(1) shows them in "is-enabled", in the order of that table, but
 * for the first three, which a manifest can ask for. */
enum unit_enabled {
	UNIT_DISABLED,
	UNIT_ENABLED,
	UNIT_MASKED,
	UNIT_ENABLED_RUNTIME,
	UNIT_LINKED,
	UNIT_LINKED_RUNTIME,
	UNIT_MASKED_RUNTIME,
	UNIT_STATIC,
	UNIT_INDIRECT,
	UNIT_GENERATED,
	UNIT_TRANSIENT,
	UNIT_NO_FILE, /* there is none of that name */
	UNIT_ENABLED_STATES,
};

struct unit {
	const char *id; /* its own name, where it was asked for by an alias */
	/* From its file. */
	enum unit_enabled enabled;
	const char *path; /* of the file that counts; NULL: none */
	/* From the manager. */
	bool loaded; /* the manager knows it */
	enum unit_active active;
	const char *sub; /* of its type: "running", "auto-restart", ... */
	const char
		*because; /* why it cannot be known on this picture; or NULL */
};

/* "enabled-runtime"; and back: -1 when text names none. */
const char *unit_enabled_name(enum unit_enabled);
int unit_enabled_parse(const char *text);
/* "activating"; and back. */
const char *unit_active_name(enum unit_active);
int unit_active_parse(const char *text);

enum unit_action {
	UNIT_START,
	UNIT_STOP,
	UNIT_RESTART,
	UNIT_RELOAD, /* one that cannot reload is restarted */
	UNIT_ENABLE,
	UNIT_DISABLE,
	UNIT_MASK,
	UNIT_UNMASK,
};

/* "start", "stop", ... */
const char *unit_action_name(enum unit_action);

/* How what a unit runs with compares to files that it was started with. */
struct unit_age {
	const char *newer; /* the last of them to change since; NULL: none */
	int64_t since;     /* nanoseconds since the epoch: when the unit was
			    * last started or reloaded */
};

struct unit_change {
	const char *name;
	enum unit_action action;
	bool runtime;    /* disable, unmask: what is in /run as well */
	int64_t timeout; /* milliseconds until it counts as failed */
};

enum { UNIT_NAME_MAX = 255 };

/*
 * The full name of a unit, "nginx.service" for "nginx": itself or in the
 * arena. NULL with *wrong when it cannot be one (systemd.unit(5)), or is of a
 * type that nobody starts or enables: "must ...".
 */
const char *unit_full_name(const char *name, struct arena *,
			   const char **wrong);

/*
 * What the files of the host say of the unit, as "systemctl is-enabled" does
 * it, but without a manager: id, enabled. An alias stands for what it is an
 * alias of. Only because is set when a picture cannot know. Sources:
 * systemd.unit(5), "Unit File Load Path"; systemctl(1), "is-enabled".
 */
bool host_unit_file(const struct host *, const char *name, struct arena *,
		    struct unit *, struct diags *);
/*
 * The same, without a look at the links that enable it, which may be anywhere
 * among hundreds of files: whether it has a file, and is masked. What is
 * neither not there nor masked is UNIT_DISABLED here, however it is.
 */
bool host_unit_find(const struct host *, const char *name, struct arena *,
		    struct unit *, struct diags *);
/*
 * What the unit would be if no link enabled it, by what its files ask for:
 * UNIT_DISABLED (links), UNIT_INDIRECT (those of others) or UNIT_STATIC. False
 * when it has no file of its own, or one that cannot be read.
 */
bool host_unit_install(const struct host *, const char *name, struct arena *,
		       enum unit_enabled *, struct diags *);
/* The folders that units' files are in, by turns, what counts more first; NULL
 * after the last (systemd.unit(5), "Unit File Load Path"). */
const char *host_unit_folder(size_t i);
/* Paths of the files that add to the unit's own, in "ID.d", in that of its
 * template and in that of its type; in the arena. */
bool host_unit_drop_ins(const struct host *, const char *id, struct arena *,
			struct strings *paths, struct diags *);

#endif
