/* SPDX-License-Identifier: MIT */
#include "lib/host/linux/packages.h"

#include <string.h>

void dnf_release(struct packages *p)
{
	(void)p;
}
static bool dnf_is_there(const struct linux_host *h)
{
	(void)h;
	return false;
}
static void dnf_forget(const struct linux_host *h)
{
	(void)h;
}
const struct package_manager dnf_manager = {
	.name = "dnf",
	.is_there = dnf_is_there,
	.forget = dnf_forget,
};
