/* SPDX-License-Identifier: MIT */
#ifndef CONVERGE_HOST_LINUX_GIT_REMOTE_H
#define CONVERGE_HOST_LINUX_GIT_REMOTE_H

#include "lib/base/arena.h"
#include "lib/host/host.h"

/* What a run has fetched. */
struct remotes {
	struct arena arena;
	struct remote *first;
};

/* host_fetch */
bool linux_fetch(const struct host *, const struct git_request *,
		 struct git_source *, struct arena *, struct diags *);

/* Removes clones in the state folder, but for those of the URLs and those that
 * were used since that time (of time(2)). */
bool remote_tidy(const char *state, const struct strings *urls, int64_t since,
		 struct diags *);

#endif
