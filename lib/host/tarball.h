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
	/* Of the archive itself: a file of the world; of one on a server no
	 * more than a path, which is its URL as it may be shown. */
	struct content content;
	int64_t strip; /* leading components of names that go */
	struct table table;
	bool unread;     /* the library is not there: the table is not known */
	const char *url; /* of the server; NULL: it is in the world */
	const char *before; /* the digest of what was unpacked last in place of
			     * it, as hex digits; NULL: nobody knows */
	struct table had;   /* and what that holds */
	bool is_here;       /* it was downloaded: */
	int fd;             /* borrowed */
};

/* What is asked of an archive on a server. */
struct tarball_request {
	const char
		*target; /* where it is unpacked, by which it is remembered */
	const char *url;
	const char *sha256;  /* that it must have, as 64 hex digits */
	const char *ca_file; /* of this machine; NULL: what the system trusts */
	uint64_t most;       /* bytes that it may have */
	int64_t timeout;     /* milliseconds */
};

/* Loads the library; to be done before the process is confined. */
bool tarball_load(struct diags *);
/* Whether a table was asked for while the library was not there. */
bool tarball_is_wanted(void);
/*
 * Fills in size, digest and table. sha256 is what the digest must be, as 64
 * hex digits, or NULL; it is compared before the first byte is looked into.
 * What is on a server must be here.
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
