/* SPDX-License-Identifier: MIT */
/*
 * Archives on servers. What is downloaded has a place in the state folder, but
 * no name there, so nothing of it outlives the run; what stays is the table of
 * what was last unpacked at a target.
 */
#ifndef CONVERGE_HOST_LINUX_DOWNLOAD_DOWNLOAD_H
#define CONVERGE_HOST_LINUX_DOWNLOAD_DOWNLOAD_H

#include "lib/base/arena.h"
#include "lib/host/host.h"

/* What a run has downloaded last. */
struct download {
	char sha256[DIGEST_HEX];
	uint64_t size;
	int fd; /* open for reading alone; -1: nothing */
};

/* host_recall */
bool linux_recall(const struct host *, const struct tarball_request *,
		  struct tarball *, struct arena *, struct diags *);
/* host_download */
bool linux_download(const struct host *, const struct tarball_request *,
		    struct tarball *, struct arena *, struct diags *);

#endif
