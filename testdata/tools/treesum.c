/* SPDX-License-Identifier: MIT */
/*
 * treesum [-t] DIR prints what there is to tell of each thing below DIR, and
 * of DIR itself, a line each, sorted by name: two trees are alike when their
 * sums are.
 *
 *	NAME TYPE MODE UID GID SIZE LINKS CONTENT XATTRS [MTIME CTIME]
 *
 * TYPE is a letter as in find(1)'s %y. SIZE and LINKS are given for what is
 * not a directory, whose own depend on its past; for a device SIZE is
 * major:minor. CONTENT is the SHA-256 of a file or the target of a link,
 * XATTRS the SHA-256 of all extended attributes, ACLs among them. "-" stands
 * for none. Bytes that would not stand alone on a line are written \ooo.
 * What is below another mount is listed too. Exit status 1: something could
 * not be read, and so is missing or wrong in the sum.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <nettle/sha2.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "lib/base/auto.h"

enum { TARGET_MAX = 4096, XATTR_MAX = 65536, CHUNK = 65536 };
enum { HEX_SIZE = 2 * SHA256_DIGEST_SIZE + 1 };

struct names {
	char **v;
	size_t n, capacity;
};

struct sum {
	struct names names;
	struct names directories; /* of these, still to be listed */
	bool has_times, is_broken;
};

static NORETURN void out_of_memory(void)
{
	fputs("treesum: out of memory\n", stderr);
	exit(EXIT_FAILURE);
}

static void names_add(struct names *names, char *name)
{
	if (names->n == names->capacity) {
		names->capacity = names->capacity ? names->capacity * 2 : 64;
		names->v = realloc(names->v, names->capacity * sizeof(char *));
		if (!names->v)
			out_of_memory();
	}
	names->v[names->n++] = name;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void names_sort(struct names *names)
{
	if (names->n)
		qsort(names->v, names->n, sizeof(char *), compare_names);
}

static void names_release(const struct names *names)
{
	free(names->v);
}

static void sum_fail(struct sum *sum, const char *name)
{
	fprintf(stderr, "treesum: cannot read '%s': %s\n", name,
		strerror(errno));
	sum->is_broken = true;
}

static void print_escaped(const char *text)
{
	for (; *text; text++) {
		unsigned char byte = (unsigned char)*text;

		if (byte <= ' ' || byte == '\\' || byte >= 0x7f)
			printf("\\%03o", byte);
		else
			putchar(byte);
	}
}

static void hash_hex(struct sha256_ctx *hash, char hex[HEX_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	uint8_t digest[SHA256_DIGEST_SIZE];

	sha256_digest(hash, sizeof(digest), digest);
	for (size_t i = 0; i < sizeof(digest); i++) {
		hex[2 * i] = digits[digest[i] >> 4];
		hex[2 * i + 1] = digits[digest[i] & 15];
	}
	hex[HEX_SIZE - 1] = '\0';
}

static bool hash_file(const char *name, char hex[HEX_SIZE])
{
	AUTO_FD int fd = open(name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	struct sha256_ctx hash;
	uint8_t chunk[CHUNK];
	ssize_t n;

	sha256_init(&hash);
	if (fd < 0)
		return false;
	while ((n = read(fd, chunk, sizeof(chunk))) > 0)
		sha256_update(&hash, (size_t)n, chunk);
	hash_hex(&hash, hex);
	return n == 0;
}

/* The names in a listxattr(2) list, each of which ends in NUL, sorted. */
static void split_names(char *list, size_t size, struct names *names)
{
	for (char *at = list; at < list + size; at += strlen(at) + 1)
		names_add(names, at);
	names_sort(names);
}

static bool hash_xattr(struct sha256_ctx *hash, const char *name,
		       const char *xattr)
{
	static uint8_t value[XATTR_MAX];
	ssize_t size = lgetxattr(name, xattr, value, sizeof(value));

	if (size < 0)
		return false;
	sha256_update(hash, strlen(xattr) + 1, (const uint8_t *)xattr);
	sha256_update(hash, sizeof(size), (const uint8_t *)&size);
	sha256_update(hash, (size_t)size, value);
	return true;
}

static bool hash_xattrs(const char *name, char hex[HEX_SIZE])
{
	AUTO(names_release) struct names names = { 0 };
	static char list[XATTR_MAX];
	ssize_t size = llistxattr(name, list, sizeof(list));
	struct sha256_ctx hash;

	if (size < 0 && errno != ENOTSUP)
		return false;
	if (size <= 0)
		return true;
	sha256_init(&hash);
	split_names(list, (size_t)size, &names);
	for (size_t i = 0; i < names.n; i++) {
		if (!hash_xattr(&hash, name, names.v[i]))
			return false;
	}
	hash_hex(&hash, hex);
	return true;
}

static char type_letter(mode_t mode)
{
	static const struct {
		mode_t type;
		char letter;
	} types[] = {
		{ S_IFREG, 'f' }, { S_IFDIR, 'd' },  { S_IFLNK, 'l' },
		{ S_IFIFO, 'p' }, { S_IFSOCK, 's' }, { S_IFCHR, 'c' },
		{ S_IFBLK, 'b' },
	};

	for (size_t i = 0; i < COUNT(types); i++) {
		if (types[i].type == (mode & S_IFMT))
			return types[i].letter;
	}
	return '?';
}

static void print_size(const struct stat *have)
{
	if (S_ISDIR(have->st_mode))
		fputs(" - -", stdout);
	else if (S_ISCHR(have->st_mode) || S_ISBLK(have->st_mode))
		printf(" %u:%u %ju", major(have->st_rdev), minor(have->st_rdev),
		       (uintmax_t)have->st_nlink);
	else
		printf(" %jd %ju", (intmax_t)have->st_size,
		       (uintmax_t)have->st_nlink);
}

static bool print_target(const char *name)
{
	char target[TARGET_MAX + 1];
	ssize_t n = readlink(name, target, TARGET_MAX);

	if (n < 0)
		return false;
	target[n] = '\0';
	print_escaped(target);
	return true;
}

static bool print_content(const char *name, const struct stat *have)
{
	char hex[HEX_SIZE] = "-";
	bool is_read = true;

	putchar(' ');
	if (S_ISLNK(have->st_mode))
		return print_target(name);
	if (S_ISREG(have->st_mode))
		is_read = hash_file(name, hex);
	fputs(is_read ? hex : "?", stdout);
	return is_read;
}

static bool print_xattrs(const char *name)
{
	char hex[HEX_SIZE] = "-";
	bool is_read = hash_xattrs(name, hex);

	printf(" %s", is_read ? hex : "?");
	return is_read;
}

static void print_times(const struct stat *have)
{
	printf(" %jd.%09ld %jd.%09ld", (intmax_t)have->st_mtim.tv_sec,
	       have->st_mtim.tv_nsec, (intmax_t)have->st_ctim.tv_sec,
	       have->st_ctim.tv_nsec);
}

static void sum_print(struct sum *sum, const char *name)
{
	struct stat have;

	if (lstat(name, &have) < 0) {
		sum_fail(sum, name);
		return;
	}
	print_escaped(name);
	printf(" %c %04o %ju %ju", type_letter(have.st_mode),
	       (unsigned)have.st_mode & 07777, (uintmax_t)have.st_uid,
	       (uintmax_t)have.st_gid);
	print_size(&have);
	if (!print_content(name, &have))
		sum_fail(sum, name);
	if (!print_xattrs(name))
		sum_fail(sum, name);
	if (sum->has_times)
		print_times(&have);
	putchar('\n');
}

static bool is_directory(const struct dirent *entry, const char *name)
{
	struct stat have;

	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type == DT_DIR;
	return lstat(name, &have) == 0 && S_ISDIR(have.st_mode);
}

static void sum_add(struct sum *sum, const char *parent,
		    const struct dirent *entry)
{
	char *name;

	if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
		return;
	if (asprintf(&name, "%s/%s", parent, entry->d_name) < 0)
		out_of_memory();
	names_add(&sum->names, name);
	if (is_directory(entry, name))
		names_add(&sum->directories, name);
}

static void sum_list(struct sum *sum, const char *name)
{
	DIR *directory = opendir(name);
	const struct dirent *entry;

	if (!directory) {
		sum_fail(sum, name);
		return;
	}
	errno = 0;
	while ((entry = readdir(directory))) {
		sum_add(sum, name, entry);
		errno = 0;
	}
	if (errno)
		sum_fail(sum, name);
	closedir(directory);
}

static void sum_make(struct sum *sum)
{
	static char top[] = ".";

	sum_list(sum, top);
	while (sum->directories.n)
		sum_list(sum, sum->directories.v[--sum->directories.n]);
	names_sort(&sum->names);
	sum_print(sum, top);
	for (size_t i = 0; i < sum->names.n; i++)
		sum_print(sum, sum->names.v[i]);
}

static void sum_release(struct sum *sum)
{
	for (size_t i = 0; i < sum->names.n; i++)
		free(sum->names.v[i]);
	names_release(&sum->names);
	names_release(&sum->directories);
}

int main(int n, char **arguments)
{
	struct sum sum = { .has_times = n == 3 && !strcmp(arguments[1], "-t") };

	if (n != 2 + sum.has_times) {
		fputs("usage: treesum [-t] DIR\n", stderr);
		return EXIT_FAILURE;
	}
	if (chdir(arguments[n - 1]) < 0) {
		sum_fail(&sum, arguments[n - 1]);
		return EXIT_FAILURE;
	}
	sum_make(&sum);
	sum_release(&sum);
	if (fflush(stdout) || sum.is_broken)
		return EXIT_FAILURE;
	return EXIT_SUCCESS;
}
