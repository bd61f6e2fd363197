/* SPDX-License-Identifier: MIT */
/* What is known of a host without asking its services: the first stage. */
#ifndef CONVERGE_FACTS_H
#define CONVERGE_FACTS_H

#include <jansson.h>

#include "lib/base/arena.h"
#include "lib/host/host.h"

/* The host's own name: <root>/etc/hostname, or what the kernel calls it. */
const char *facts_host_name(const struct host *, struct arena *);

/*
 * {"os": {"id", "version", "codename", "name", "like"}, "kernel": {"release"},
 * "architecture", "hostname", "memory": {"mib"}, "cpu": {"count"}}: from
 * os-release(5), proc(5), uname(2). What cannot be read is left out. A new
 * reference.
 */
json_t *facts_gather(const struct host *);

#endif
