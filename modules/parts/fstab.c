/* SPDX-License-Identifier: MIT */
#include "modules/parts/fstab.h"

#include <stdlib.h>
#include <string.h>

#define BLANKS " \t"

enum { DEVICE, PATH, TYPE, OPTIONS, DUMP, PASS, FIELDS };

/* The fields of a line; false when it is no entry. */
static bool parse(const char *line, struct arena *a, struct fstab *entry)
{
	const char *field[FIELDS] = { "", "", "", "defaults", "0", "0" };
	const char *at = line;
	size_t i = 0;

	for (; i < FIELDS; i++) {
		size_t n;

		at += strspn(at, BLANKS);
		n = strcspn(at, BLANKS "\n");
		if (n == 0 || *at == '#')
			break;
		field[i] = mounts_decode(at, n, a);
		at += n;
	}
	at += strspn(at, BLANKS);
	*entry = (struct fstab){ .device = field[DEVICE],
				 .path = field[PATH],
				 .type = field[TYPE],
				 .options = field[OPTIONS],
				 .dump = strtol(field[DUMP], NULL, 10),
				 .pass = strtol(field[PASS], NULL, 10),
				 .comment = arena_strndup(a, at,
							  strcspn(at, "\n")) };
	return i > TYPE;
}

static size_t line_size(const char *line)
{
	size_t n = strcspn(line, "\n");

	return n + (line[n] == '\n');
}

/* Whether text is the path, however many slashes it has in a row, or at its
 * end. */
static bool is_path(const char *text, const char *path)
{
	for (; *text && *text == *path; path++)
		if (*text++ == '/')
			text += strspn(text, "/");
	return !*path && !text[strspn(text, "/")];
}

static bool is_of(const char *line, const char *path, struct arena *a,
		  struct fstab *entry)
{
	return parse(line, a, entry) && is_path(entry->path, path);
}

bool fstab_find(const char *text, const char *path, struct arena *a,
		struct fstab *entry)
{
	for (; *text; text += line_size(text))
		if (is_of(text, path, a, entry))
			return true;
	return false;
}

static void add_line(struct buf *b, const struct fstab *entry,
		     const char *comment)
{
	if (b->size && b->text[b->size - 1] != '\n')
		buf_putc(b, '\n');
	mounts_encode(b, entry->device);
	buf_putc(b, ' ');
	mounts_encode(b, entry->path);
	buf_printf(b, " %s ", entry->type);
	mounts_encode(b, entry->options);
	buf_printf(b, " %lld %lld", (long long)entry->dump,
		   (long long)entry->pass);
	if (*comment)
		buf_printf(b, " %s", comment);
	buf_putc(b, '\n');
}

void fstab_edit(struct buf *b, const char *text, const char *path,
		const struct fstab *entry)
{
	AUTO(arena_release) struct arena a = { 0 };
	struct fstab old;

	for (; *text; text += line_size(text)) {
		if (!is_of(text, path, &a, &old)) {
			buf_add(b, text, line_size(text));
			continue;
		}
		if (entry)
			add_line(b, entry, old.comment);
		entry = NULL;
	}
	if (entry)
		add_line(b, entry, "");
}
