/* SPDX-License-Identifier: MIT */
/*
 * What dpkg knows: /var/lib/dpkg/status, a stanza a package (deb822(5)), and
 * the journal beside it. One fast pass that keeps the few fields that count.
 */
#ifndef CONVERGE_HOST_LINUX_PACKAGES_DPKG_H
#define CONVERGE_HOST_LINUX_PACKAGES_DPKG_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/arena.h"
#include "lib/base/map.h"
#include "lib/host/package.h"

/* One package of one architecture. */
struct dpkg_entry {
	const char *name, *version, *architecture; /* "" when not given */
	enum package_state state;
	bool hold;
	struct dpkg_entry *other; /* the same of another architecture */
	struct dpkg_entry *next;
};

struct dpkg {
	struct arena arena;
	struct map names; /* the first struct dpkg_entry of a name */
	struct dpkg_entry *first, **end;
};

/*
 * Takes in n bytes at text, which is written to, and must live as long; a
 * later stanza of the same package and architecture replaces the earlier one.
 * What is no stanza is passed over.
 */
void dpkg_parse(struct dpkg *, char *text, size_t n);
/* "libc6:i386", or "libc6": then the native one, else any that is there. NULL
 * when there is no such stanza. */
const struct dpkg_entry *dpkg_find(const struct dpkg *, const char *name);
/* The architecture of dpkg itself; "" when it is not known. */
const char *dpkg_native(const struct dpkg *);
/* Whether some package is neither whole nor gone. */
bool dpkg_is_broken(const struct dpkg *);
void dpkg_release(struct dpkg *);
/* Debian policy 5.6.1 and 5.6.7, with an architecture; but no '-' last, which
 * apt-get(8) takes for a removal. */
bool dpkg_is_name(const char *);
/* Debian policy 5.6.12. */
bool dpkg_is_version(const char *);

#endif
