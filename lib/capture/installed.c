/* SPDX-License-Identifier: MIT */
#include "lib/capture/installed.h"

#include <string.h>

static const char status_path[] = "/var/lib/dpkg/status";
static const char info_path[] = "/var/lib/dpkg/info";

enum {
	STATUS_MAX = 256 << 20,
	LIST_MAX = 64 << 20,
	MD5_HEX = 32,
};

/* The next line of text, without its end; moves on. NULL: there is none. */
static const char *next_line(const char **text, size_t *n)
{
	const char *line = *text;

	if (!*line)
		return NULL;
	*n = strcspn(line, "\n");
	*text = line + *n + (line[*n] == '\n');
	return line;
}

static bool below_etc(const char *path, size_t n)
{
	return n > 5 && memcmp(path, "/etc/", 5) == 0;
}

static struct installed_file *add(struct installed *in, struct arena *a,
				  const char *path, const char *package)
{
	struct installed_file *f = map_get(&in->files, path);

	if (f)
		return f;
	f = arena_new(a, struct installed_file);
	*f = (struct installed_file){ .path = path, .package = package };
	map_put(&in->files, a, path, f);
	return f;
}

/* "libc6:amd64.list" */
static const char *package_of(const char *name, struct arena *a)
{
	size_t n = strlen(name);

	if (n <= 5 || strcmp(name + n - 5, ".list") != 0)
		return NULL;
	return arena_strndup(a, name,
			     strcspn(name, ":") < n - 5 ? strcspn(name, ":")
							: n - 5);
}

static bool read_list(struct installed *in, const struct host *h,
		      const char *name, const char *package, struct arena *a,
		      struct diags *d)
{
	const char *path = arena_printf(a, "%s/%s", info_path, name);
	AUTO_BUF struct buf b = { 0 };
	const char *at, *line;
	bool whole;
	size_t n;

	if (!host_read(h, path, LIST_MAX, &b, &whole, d))
		return false;
	at = buf_text(&b);
	while ((line = next_line(&at, &n)))
		if (below_etc(line, n))
			add(in, a, arena_strndup(a, line, n), package);
	return true;
}

static bool read_lists(struct installed *in, const struct host *h,
		       struct arena *a, struct diags *d)
{
	struct strings names;
	struct node node;

	if (!host_look(h, info_path, &node, d))
		return false;
	if (node.type != NODE_DIRECTORY)
		return true;
	if (!host_list(h, info_path, a, &names, d))
		return false;
	for (size_t i = 0; i < names.n; i++) {
		const char *package = package_of(names.v[i], a);

		if (package && !read_list(in, h, names.v[i], package, a, d))
			return false;
	}
	return true;
}

/* " /etc/motd.d/x 68b329da9893e34099c7d8ad5cb9c940": the file as it came.
 * What is marked "obsolete" or "remove-on-upgrade" came with an older one. */
static void read_conffile(struct installed *in, struct arena *a,
			  const char *line, size_t n, const char *package)
{
	const char *path = line + 1;
	size_t size = n > 1 ? strcspn(path, " \n") : 0;
	const char *md5 = path + size + 1;
	struct installed_file *f;

	if (!below_etc(path, size) || n != 1 + size + 1 + MD5_HEX)
		return;
	f = add(in, a, arena_strndup(a, path, size), package);
	f->package = package;
	f->md5 = arena_strndup(a, md5, MD5_HEX);
	strings_add(&in->conffiles, a, f->path);
}

static const char *value_of(const char *line, size_t n, const char *field)
{
	size_t size = strlen(field);

	return n > size && memcmp(line, field, size) == 0 ? line + size : NULL;
}

/* deb-control(5): fields, and lines that go on with a space. */
static void read_status(struct installed *in, const char *text, struct arena *a)
{
	const char *line, *value, *package = NULL;
	bool installed = false, conffiles = false;
	size_t n;

	while ((line = next_line(&text, &n))) {
		if (n == 0) {
			package = NULL;
			installed = false;
		}
		if (conffiles && n && *line == ' ' && package && installed) {
			read_conffile(in, a, line, n, package);
			continue;
		}
		conffiles = n == 10 && memcmp(line, "Conffiles:", n) == 0;
		value = value_of(line, n, "Package: ");
		if (value)
			package = arena_strndup(a, value,
						n - (size_t)(value - line));
		value = value_of(line, n, "Status: ");
		if (value)
			installed =
				strncmp(line + n - 10, " installed", 10) == 0;
	}
}

bool installed_read(struct installed *in, const struct host *h, struct arena *a,
		    struct diags *d)
{
	AUTO_BUF struct buf b = { 0 };
	struct node node;
	bool whole;

	*in = (struct installed){ 0 };
	if (!host_look(h, status_path, &node, d))
		return false;
	if (node.type == NODE_ABSENT)
		return true;
	if (!host_read(h, status_path, STATUS_MAX, &b, &whole, d))
		return false;
	if (!whole)
		return diag_error(d, "'%s' is too large", status_path);
	read_status(in, buf_text(&b), a);
	strings_sort(&in->conffiles);
	return read_lists(in, h, a, d);
}

const struct installed_file *installed_file(const struct installed *in,
					    const char *path)
{
	return map_get(&in->files, path);
}
