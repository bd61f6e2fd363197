/* SPDX-License-Identifier: MIT */
/*
 * Archives: tar and zip, as they are or packed with gzip, xz, zstd or bzip2
 * (libarchive(3), loaded only by runs that have one). Their bytes are what
 * anybody may have written: only processes that are confined read them, and
 * what comes of it is a table and contents that are checked again.
 */
#ifndef CONVERGE_HOST_TARBALL_H
#define CONVERGE_HOST_TARBALL_H

#include "lib/host/table.h"

struct tarball {
	struct content content; /* of the archive itself: a file of the world */
	int64_t strip;          /* leading components of names that go */
	struct table table;
	bool unread; /* the library is not there: the table is not known */
};

/* Loads the library; to be done before the process is confined. */
bool tarball_load(struct diags *);
/* Whether a table was asked for while the library was not there. */
bool tarball_is_wanted(void);
/*
 * Fills in size, digest and table. sha256 is what the digest must be, as 64
 * hex digits, or NULL; it is compared before the first byte is looked into.
 * Without the library it only sets unread, and is true. False with a diagnostic
 * that names the entry which is not taken.
 */
bool tarball_read(struct tarball *, const char *sha256, struct arena *,
		  struct diags *);
/* Gives the contents of the table's files that are no copies, in their order,
 * piece by piece; false as soon as each is. */
typedef bool tarball_each_fn(void *context, const struct table_entry *,
			     const void *bytes, size_t n, struct diags *);
bool tarball_each(const struct tarball *, tarball_each_fn *, void *context,
		  struct diags *);
/* Writes the contents of the table's files that are no copies, in their order
 * and with nothing between, to the descriptor. */
bool tarball_pour(const struct tarball *, int out, struct diags *);

#endif
