/* SPDX-License-Identifier: MIT */
/*
 * Packages of a host, whatever its package manager is: what is known of one,
 * and what is to become of it. See host_package in host.h.
 */
#ifndef CONVERGE_HOST_PACKAGE_H
#define CONVERGE_HOST_PACKAGE_H

#include <stdbool.h>

#include "lib/base/strings.h"

/* From nothing to whole; what lies between was cut short (dpkg(1), "PACKAGE
 * STATES"). */
enum package_state {
	PACKAGE_ABSENT,
	PACKAGE_CONFIG_FILES, /* removed, but for its configuration */
	PACKAGE_HALF_INSTALLED,
	PACKAGE_UNPACKED,
	PACKAGE_HALF_CONFIGURED,
	PACKAGE_TRIGGERS_AWAITED,
	PACKAGE_TRIGGERS_PENDING,
	PACKAGE_INSTALLED,
	PACKAGE_UNKNOWN, /* cannot be known on this picture: see because */
};

struct package {
	enum package_state state;
	const char *version; /* NULL: there is none, or it is not known */
	bool hold;           /* kept as it is by upgrades */
	const char *because; /* why state or version is not known */
};

enum package_wish {
	PACKAGE_KEEP, /* as it is; for hold */
	PACKAGE_INSTALL,
	PACKAGE_REMOVE,
	PACKAGE_PURGE, /* with its configuration */
};

struct package_change {
	const char *name;
	const char *provider; /* "apt"; NULL: the host's own */
	enum package_wish wish;
	const char *version;           /* to install; NULL: any that is there */
	bool newest;                   /* an older one is replaced */
	bool set_hold, hold;           /* hold counts when set_hold */
	const struct strings *options; /* for the package manager; or NULL */
};

/* "installed", "half-configured", ... */
const char *package_state_name(enum package_state);
/* The state of that name in *state. */
bool package_state_parse(const char *name, enum package_state *);

#endif
