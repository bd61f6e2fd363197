/* SPDX-License-Identifier: MIT */
#include "lib/host/linux/archive/libarchive.h"

#include "lib/host/linux/library.h"

const struct libarchive *libarchive_load(struct diags *d)
{
	static struct libarchive lib;
	static bool loaded;
	const struct library_function functions[] = {
#define FUNCTION(name) LIBRARY_FUNCTION(&lib, name),
		LIBARCHIVE_FUNCTIONS(FUNCTION)
#undef FUNCTION
	};
	const struct library library = { .name = "libarchive",
					 .file = "libarchive.so.13",
					 .package = "libarchive13",
					 .functions = functions,
					 .n = COUNT(functions) };

	loaded = loaded || library_load(&library, d);
	return loaded ? &lib : NULL;
}
