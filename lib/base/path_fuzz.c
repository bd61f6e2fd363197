/* SPDX-License-Identifier: MIT */
/* What path_wrong accepts keeps the promises of path.h. */
#include "lib/base/path.h"

#include <stdint.h>
#include <string.h>

#include "lib/base/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
	if (!good)
		abort();
}

static void check_text(const char *path)
{
	AUTO_BUF struct buf framed = { 0 };

	for (const char *p = path; *p; p++)
		check((unsigned char)*p >= 0x20 && *p != 0x7f);
	buf_printf(&framed, "%s/", path);
	check(!strstr(framed.text, "//") && !strstr(framed.text, "/./") &&
	      !strstr(framed.text, "/../"));
}

static void check_absolute(const char *path)
{
	AUTO_BUF struct buf parent = { 0 };

	check(path[0] == '/');
	if (!path[1]) {
		check(path_parent(path) == 1 && path_is_protected(path));
		return;
	}
	check(strlen(path) <= 4095);
	check_text(path);
	buf_add(&parent, path, path_parent(path));
	check(!path_wrong(parent.text));
	check(path_below(path, parent.text, false));
	check(path_below(path, "/", false) && path_below(path, path, true));
	check(!path_below(path, path, false));
	check(!path_below(parent.text, path, true));
	check(!strchr(path_name(path), '/') && path_name(path)[0]);
	check(strlen(path_name(path)) <= 255);
	/* what is in a foreign place is foreign */
	check(!path_is_foreign(parent.text) || path_is_foreign(path));
}

static void check_relative(const char *path)
{
	AUTO_BUF struct buf absolute = { 0 };

	check(path[0] != '/' && strlen(path) <= 4095);
	buf_printf(&absolute, "/%s", path);
	check_text(absolute.text);
	check(absolute.size > 4095 || !path_wrong(absolute.text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_BUF struct buf path = { 0 };

	if (memchr(data, '\0', size))
		return 0;
	buf_add(&path, data, size);
	if (!path_wrong(path.text))
		check_absolute(path.text);
	if (!path_relative_wrong(path.text))
		check_relative(path.text);
	/* these take anything */
	path_is_foreign(path.text);
	path_is_protected(path.text);
	check(path_parent(path.text) <= path.size);
	return 0;
}
