/* SPDX-License-Identifier: MIT */
/* Modules of the kernel, and the settings that come with some of them. */
#ifndef CONVERGE_MODULES_PARTS_KERNEL_H
#define CONVERGE_MODULES_PARTS_KERNEL_H

#include "lib/module.h"

/* The module that brings the settings below the folder of /proc/sys that path
 * is in, or NULL: "br_netfilter" for "/proc/sys/net/bridge/x". */
const char *kernel_module_of(const char *path);
/* The folder of /proc/sys that a module brings, or NULL. */
const char *kernel_settings_of(const char *module);

#endif
