/* SPDX-License-Identifier: MIT */
#include "modules/parts/kernel.h"

#include <string.h>

/* Those that people set, of modules that are seldom built in. */
static const struct {
	const char *module, *folder;
} brought[] = {
	{ "br_netfilter", "/proc/sys/net/bridge" },
	{ "nf_conntrack", "/proc/sys/net/netfilter" },
	{ "ip_vs", "/proc/sys/net/ipv4/vs" },
	{ "ipv6", "/proc/sys/net/ipv6" },
	{ "sunrpc", "/proc/sys/sunrpc" },
	{ "fuse", "/proc/sys/fs/fuse" },
	{ "xfs", "/proc/sys/fs/xfs" },
};

const char *kernel_module_of(const char *path)
{
	for (size_t i = 0; i < COUNT(brought); i++)
		if (path_below(path, brought[i].folder, false))
			return brought[i].module;
	return NULL;
}

const char *kernel_settings_of(const char *module)
{
	for (size_t i = 0; i < COUNT(brought); i++)
		if (strcmp(module, brought[i].module) == 0)
			return brought[i].folder;
	return NULL;
}
