/* SPDX-License-Identifier: MIT */
#include "lib/host/mounts.h"

#include <string.h>

static bool is_octal(const char *text)
{
	return text[0] >= '0' && text[0] <= '3' && text[1] >= '0' &&
	       text[1] <= '7' && text[2] >= '0' && text[2] <= '7';
}

const char *mounts_decode(const char *field, size_t n, struct arena *a)
{
	char *copy = arena_strndup(a, field, n), *to = copy;

	for (const char *c = copy; *c; c++) {
		if (*c == '\\' && is_octal(c + 1)) {
			*to++ = (char)((c[1] - '0') * 64 + (c[2] - '0') * 8 +
				       (c[3] - '0'));
			c += 3;
		} else {
			*to++ = *c;
		}
	}
	*to = '\0';
	return copy;
}

void mounts_encode(struct buf *b, const char *text)
{
	for (; *text; text++) {
		if (strchr(" \t\n\\#", *text))
			buf_printf(b, "\\%03o", (unsigned char)*text);
		else
			buf_putc(b, *text);
	}
}

/* The next field of a line, and its length; *at is after it then. */
static const char *next_field(const char **at, size_t *n)
{
	const char *field = *at + strspn(*at, " ");

	*n = strcspn(field, " \n");
	*at = field + *n;
	return field;
}

/* "36 35 98:0 /root /target rw,noatime shared:1 - ext4 /dev/sda1 rw": the
 * fields before '-' differ in number. */
enum { FIELD_TARGET = 4, FIELD_OPTIONS = 5 };

static bool parse(const char *line, struct arena *a, struct mount *m)
{
	const char *at = line, *field;
	size_t n, i = 0;

	*m = (struct mount){ 0 };
	for (field = next_field(&at, &n); n; field = next_field(&at, &n), i++) {
		if (i == FIELD_TARGET)
			m->target = mounts_decode(field, n, a);
		if (i == FIELD_OPTIONS)
			m->options = arena_strndup(a, field, n);
		if (i > FIELD_OPTIONS && n == 1 && *field == '-')
			break;
	}
	field = next_field(&at, &n);
	m->type = mounts_decode(field, n, a);
	field = next_field(&at, &n);
	m->source = mounts_decode(field, n, a);
	field = next_field(&at, &n);
	m->super = arena_strndup(a, field, n);
	return m->target && m->options && *m->type;
}

static const char *next_line(const char *line)
{
	line += strcspn(line, "\n");
	return line + (*line == '\n');
}

/* The line of what is seen at target, or NULL. */
static const char *find_line(const char *mountinfo, const char *target)
{
	const char *found = NULL;

	for (const char *line = mountinfo; *line; line = next_line(line)) {
		AUTO(arena_release) struct arena a = { 0 };
		struct mount m;

		if (parse(line, &a, &m) && strcmp(m.target, target) == 0)
			found = line;
	}
	return found;
}

bool mounts_find(const char *mountinfo, const char *target, struct arena *a,
		 struct mount *m)
{
	const char *line = find_line(mountinfo, target);

	return line && parse(line, a, m);
}

void mounts_apply(struct buf *b, const char *mountinfo,
		  const struct mount_change *c)
{
	const char *old = c->what == MOUNT_NEW
				  ? NULL
				  : find_line(mountinfo, c->mount.target);
	size_t n = old ? (size_t)(old - mountinfo) : strlen(mountinfo);

	buf_add(b, mountinfo, n);
	if (old)
		buf_puts(b, next_line(old));
	if (c->what == MOUNT_GONE)
		return;
	if (b->size && b->text[b->size - 1] != '\n')
		buf_putc(b, '\n');
	buf_puts(b, "0 0 0:0 / ");
	mounts_encode(b, c->mount.target);
	buf_printf(b, " %s - %s ", c->mount.options, c->mount.type);
	mounts_encode(b, c->mount.source);
	buf_printf(b, " %s\n", c->mount.options);
}
