/* SPDX-License-Identifier: MIT */
#include "lib/host/linux/library.h"

#include <dlfcn.h>
#include <string.h>

bool library_load(const struct library *l, struct diags *d)
{
	void *handle = dlopen(l->file, RTLD_NOW | RTLD_LOCAL);

	if (!handle) {
		diag_error(d, "cannot load %s: %s", l->name, dlerror());
		diag_hint(d, "install %s", l->package);
		return false;
	}
	for (size_t i = 0; i < l->n; i++) {
		void *found = dlsym(handle, l->functions[i].name);

		if (found) {
			memcpy(l->functions[i].pointer, &found, sizeof(found));
			continue;
		}
		dlclose(handle);
		return diag_error(d,
				  "%s is not one that can be used: it has "
				  "no %s",
				  l->name, l->functions[i].name);
	}
	return true;
}
