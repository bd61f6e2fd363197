/* SPDX-License-Identifier: MIT */
#include "lib/base/path.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "lib/base/auto.h"
#include "lib/base/utf8.h"

enum { PATH_BYTES = 4095, NAME_BYTES = 255 };

/* What these hold is the kernel's or converge's own, not a file of the host. */
static const char *const foreign[] = {
	"/dev", "/proc", "/sys", "/run/converge", "/var/run/converge",
};

/* hier(7), and the three files without which nobody can log in. */
static const char *const protected[] = {
	"/",          "/bin",        "/boot",      "/boot/efi",  "/dev",
	"/efi",       "/etc",        "/home",      "/media",     "/mnt",
	"/opt",       "/proc",       "/root",      "/run",       "/sbin",
	"/srv",       "/sys",        "/tmp",       "/usr",       "/usr/bin",
	"/usr/lib",   "/usr/lib32",  "/usr/lib64", "/usr/local", "/usr/sbin",
	"/usr/share", "/var",        "/var/cache", "/var/lib",   "/var/lock",
	"/var/log",   "/var/mail",   "/var/run",   "/var/spool", "/var/tmp",
	"/etc/group", "/etc/passwd", "/etc/shadow"
};

static const char *name_wrong(const char *name, size_t size)
{
	if (size == 0)
		return "must not hold '//' or end in '/'";
	if (strncmp(name, "..", size) == 0 && size <= 2)
		return "must not have '.' or '..' as a component";
	if (size > NAME_BYTES)
		return "must not have a component of more than 255 bytes";
	return NULL;
}

static const char *names_wrong(const char *path)
{
	for (;;) {
		size_t size = strcspn(path, "/");
		const char *wrong = name_wrong(path, size);

		if (wrong || !path[size])
			return wrong;
		path += size + 1;
	}
}

static const char *text_wrong(const char *path)
{
	size_t size = strnlen(path, PATH_BYTES + 1);
	uint32_t rune;

	if (size > PATH_BYTES)
		return "must be at most 4095 bytes long";
	for (size_t i = 0, n; i < size; i += n) {
		n = utf8_decode(path + i, size - i, &rune);
		if (!n)
			return "must be valid UTF-8";
		if (rune < 0x20 || (rune >= 0x7f && rune <= 0x9f))
			return "must not hold control characters";
	}
	return NULL;
}

const char *path_wrong(const char *path)
{
	const char *wrong = text_wrong(path);

	if (!path[0])
		return "must not be empty";
	if (path[0] != '/')
		return "must be absolute";
	if (wrong || !path[1])
		return wrong;
	return names_wrong(path + 1);
}

static bool has_git_folder(const char *path)
{
	for (;;) {
		size_t size = strcspn(path, "/");

		if (size == 4 && strncasecmp(path, ".git", size) == 0)
			return true;
		if (!path[size])
			return false;
		path += size + 1;
	}
}

const char *path_relative_wrong(const char *path)
{
	const char *wrong = text_wrong(path);

	if (!path[0])
		return "must not be empty";
	if (path[0] == '/')
		return "must be relative";
	if (!wrong)
		wrong = names_wrong(path);
	if (!wrong && has_git_folder(path))
		return "must not lead into '.git'";
	return wrong;
}

size_t path_parent_of(const char *path, size_t n)
{
	while (n && path[n - 1] != '/')
		n--;
	return n > 1 ? n - 1 : n;
}

size_t path_parent(const char *path)
{
	return path_parent_of(path, strlen(path));
}

const char *path_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

bool path_below(const char *path, const char *dir, bool or_equal)
{
	size_t size = strlen(dir);

	if (size == 0 || strncmp(path, dir, size) != 0)
		return false;
	if (!path[size])
		return or_equal;
	return dir[size - 1] == '/' || path[size] == '/';
}

bool path_is_foreign(const char *path)
{
	for (size_t i = 0; i < COUNT(foreign); i++)
		if (path_below(path, foreign[i], true))
			return true;
	return false;
}

const char *path_protected(size_t i)
{
	return i < COUNT(protected) ? protected[i] : NULL;
}

bool path_is_protected(const char *path)
{
	for (size_t i = 0; i < COUNT(protected); i++)
		if (strcmp(path, protected[i]) == 0)
			return true;
	/* /lib, /lib64, /libx32, ... */
	return strncmp(path, "/lib", 4) == 0 && !strchr(path + 1, '/');
}
