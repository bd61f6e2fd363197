/* SPDX-License-Identifier: MIT */
/*
 * The least work that could honestly be called the job: no graph, no plan, no
 * record, no defence. What a contestant takes beyond this, it spends on those.
 *
 * floor check LIST ROOT opens each file below ROOT, and compares content,
 * owner and mode. Exit status 2: something differs.
 * floor write LIST ROOT writes each file under another name, owner and mode
 * included, syncs once, renames all, and syncs each folder: after a power cut
 * every file is old or new in whole. ROOT must have the folder that the first
 * entry is in.
 *
 * LIST is what generate prints: an entry is a line "TYPE MODE SIZE PATH", TYPE
 * d for a folder, f for a file, whose SIZE bytes of content follow. Folders
 * come before what is in them. All is root's.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/auto.h"

enum { DIFFERS = 2, NAME_MAX_SIZE = 4096, CONTENT_MAX = 65536 };

struct entry {
	bool is_folder;
	mode_t mode;
	const char *path; /* below ROOT, without a leading slash */
	const char *content;
	size_t size;
};

struct list {
	char *text;
	size_t size;
	struct entry *entries;
	size_t n, capacity;
};

static NORETURN void fail(const char *what, const char *path)
{
	fprintf(stderr, "floor: cannot %s '%s': %s\n", what, path,
		strerror(errno));
	exit(EXIT_FAILURE);
}

static NORETURN void fail_list(const char *why)
{
	fprintf(stderr, "floor: bad list: %s\n", why);
	exit(EXIT_FAILURE);
}

static ssize_t read_full(int fd, char *bytes, size_t size)
{
	size_t n = 0;
	ssize_t more;

	while (n < size) {
		more = read(fd, bytes + n, size - n);
		if (more < 0)
			return -1;
		if (more == 0)
			break;
		n += (size_t)more;
	}
	return (ssize_t)n;
}

static void write_full(int fd, const struct entry *entry)
{
	size_t n = 0;
	ssize_t more;

	while (n < entry->size) {
		more = write(fd, entry->content + n, entry->size - n);
		if (more < 0)
			fail("write", entry->path);
		n += (size_t)more;
	}
}

static void list_read(struct list *list, const char *path)
{
	AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat have;

	if (fd < 0 || fstat(fd, &have) < 0)
		fail("read", path);
	list->size = (size_t)have.st_size;
	list->text = malloc(list->size + 1);
	if (!list->text ||
	    read_full(fd, list->text, list->size) != (ssize_t)list->size)
		fail("read", path);
	list->text[list->size] = '\0';
}

static struct entry *list_add(struct list *list)
{
	if (list->n == list->capacity) {
		list->capacity = list->capacity ? list->capacity * 2 : 1024;
		list->entries = realloc(list->entries,
					list->capacity * sizeof(struct entry));
		if (!list->entries)
			fail_list("out of memory");
	}
	return &list->entries[list->n++];
}

/* Parses the entry at text; returns where the next one is. */
static char *entry_parse(struct entry *entry, char *text, const char *end)
{
	char *line_end = memchr(text, '\n', (size_t)(end - text)), *at;

	if (!line_end || (text[0] != 'd' && text[0] != 'f'))
		fail_list("not an entry");
	*line_end = '\0';
	entry->is_folder = text[0] == 'd';
	entry->mode = (mode_t)strtoul(text + 1, &at, 8);
	entry->size = strtoul(at, &at, 10);
	if (at[0] != ' ' || at[1] != '/' || entry->size > CONTENT_MAX ||
	    entry->size > (size_t)(end - line_end - 1))
		fail_list("not an entry");
	entry->path = at + 2;
	entry->content = line_end + 1;
	return line_end + 1 + entry->size;
}

static void list_parse(struct list *list)
{
	const char *end = list->text + list->size;
	char *at = list->text;

	while (at < end)
		at = entry_parse(list_add(list), at, end);
}

static void list_release(const struct list *list)
{
	free(list->entries);
	free(list->text);
}

static bool is_right(const struct entry *entry, const struct stat *have)
{
	mode_t type = entry->is_folder ? S_IFDIR : S_IFREG;

	return have->st_mode == (type | entry->mode) && have->st_uid == 0;
}

static bool check_file(int root, const struct entry *entry)
{
	AUTO_FD int fd =
		openat(root, entry->path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	static char content[CONTENT_MAX];
	struct stat have;

	if (fd < 0 || fstat(fd, &have) < 0)
		return false;
	return is_right(entry, &have) && have.st_size == (off_t)entry->size &&
	       read_full(fd, content, entry->size) == (ssize_t)entry->size &&
	       !memcmp(content, entry->content, entry->size);
}

static bool check_folder(int root, const struct entry *entry)
{
	struct stat have;

	return fstatat(root, entry->path, &have, AT_SYMLINK_NOFOLLOW) == 0 &&
	       is_right(entry, &have);
}

static int list_check(const struct list *list, int root)
{
	size_t differ = 0;

	for (size_t i = 0; i < list->n; i++) {
		const struct entry *entry = &list->entries[i];

		if (!(entry->is_folder ? check_folder : check_file)(root,
								    entry))
			differ++;
	}
	if (!differ)
		return EXIT_SUCCESS;
	printf("%zu of %zu differ\n", differ, list->n);
	return DIFFERS;
}

static void make_folder(int root, const struct entry *entry)
{
	if (mkdirat(root, entry->path, entry->mode) < 0 && errno != EEXIST)
		fail("make", entry->path);
	if (fchownat(root, entry->path, 0, (gid_t)-1, 0) < 0 ||
	    fchmodat(root, entry->path, entry->mode, 0) < 0)
		fail("set", entry->path);
}

static void staged_name(const struct entry *entry, char name[NAME_MAX_SIZE])
{
	snprintf(name, NAME_MAX_SIZE, "%s.new", entry->path);
}

static void stage_file(int root, const struct entry *entry)
{
	char name[NAME_MAX_SIZE];
	AUTO_FD int fd = -1;

	staged_name(entry, name);
	fd = openat(root, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);
	if (fd < 0)
		fail("create", name);
	write_full(fd, entry);
	if (fchown(fd, 0, (gid_t)-1) < 0 || fchmod(fd, entry->mode) < 0)
		fail("set", name);
}

static void install_file(int root, const struct entry *entry)
{
	char name[NAME_MAX_SIZE];

	staged_name(entry, name);
	if (renameat(root, name, root, entry->path) < 0)
		fail("rename", name);
}

static void sync_folder(int root, const struct entry *entry)
{
	AUTO_FD int fd =
		openat(root, entry->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fsync(fd) < 0)
		fail("sync", entry->path);
}

typedef void step(int root, const struct entry *entry);

static void for_each(const struct list *list, int root, step *folder,
		     step *file)
{
	for (size_t i = 0; i < list->n; i++) {
		step *take = list->entries[i].is_folder ? folder : file;

		if (take)
			take(root, &list->entries[i]);
	}
}

static int list_write(const struct list *list, int root)
{
	for_each(list, root, make_folder, stage_file);
	if (syncfs(root) < 0)
		fail("sync", "ROOT");
	for_each(list, root, NULL, install_file);
	for_each(list, root, sync_folder, NULL);
	return EXIT_SUCCESS;
}

int main(int n, char **arguments)
{
	AUTO(list_release) struct list list = { 0 };
	bool writes = n == 4 && !strcmp(arguments[1], "write");
	AUTO_FD int root = -1;

	if (n != 4 || (!writes && strcmp(arguments[1], "check") != 0)) {
		fputs("usage: floor check|write LIST ROOT\n", stderr);
		return EXIT_FAILURE;
	}
	root = open(arguments[3], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		fail("open", arguments[3]);
	list_read(&list, arguments[2]);
	list_parse(&list);
	/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): list_release frees */
	return writes ? list_write(&list, root) : list_check(&list, root);
}
