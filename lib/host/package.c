/* SPDX-License-Identifier: MIT */
#include "lib/host/package.h"

#include <string.h>

#include "lib/base/auto.h"

static const char *const names[] = {
	[PACKAGE_ABSENT] = "absent",
	[PACKAGE_CONFIG_FILES] = "config-files",
	[PACKAGE_HALF_INSTALLED] = "half-installed",
	[PACKAGE_UNPACKED] = "unpacked",
	[PACKAGE_HALF_CONFIGURED] = "half-configured",
	[PACKAGE_TRIGGERS_AWAITED] = "triggers-awaited",
	[PACKAGE_TRIGGERS_PENDING] = "triggers-pending",
	[PACKAGE_INSTALLED] = "installed",
};

const char *package_state_name(enum package_state state)
{
	return (size_t)state < COUNT(names) ? names[state] : "unknown";
}

bool package_state_parse(const char *name, enum package_state *state)
{
	for (size_t i = 0; i < COUNT(names); i++) {
		if (strcmp(name, names[i]) != 0)
			continue;
		*state = (enum package_state)i;
		return true;
	}
	return false;
}
