/* SPDX-License-Identifier: MIT */
/* Lines of fstab(5), and the time zone. */
#include <string.h>

#include "lib/capture/capture.h"

enum { FSTAB_MAX = 1 << 20, FIELDS = 6 };

static const char fstab_path[] = "/etc/fstab";
static const char zone_path[] = "/etc/localtime";

static bool is_octal(const char *at)
{
	return at[0] >= '0' && at[0] <= '3' && at[1] >= '0' && at[1] <= '7' &&
	       at[2] >= '0' && at[2] <= '7';
}

/* Blanks and the like are written "\040". */
static const char *unescape(struct arena *a, const char *text, size_t n)
{
	char *to = arena_strndup(a, text, n), *out = to;

	for (const char *at = to; *at; at++) {
		if (*at == '\\' && is_octal(at + 1)) {
			*out++ = (char)((at[1] - '0') * 64 + (at[2] - '0') * 8 +
					(at[3] - '0'));
			at += 3;
		} else {
			*out++ = *at;
		}
	}
	*out = '\0';
	return to;
}

/* The fields of a line that is not a comment; how many there are. */
static size_t split(struct arena *a, const char *line, size_t n,
		    const char *fields[FIELDS])
{
	static const char blanks[] = " \t";
	size_t found = 0;

	for (size_t i = 0; i < n && found < FIELDS;) {
		size_t size;

		i += strspn(line + i, blanks);
		size = strcspn(line + i, " \t\n");
		if (!size || i >= n || (!found && line[i] == '#'))
			break;
		fields[found++] = unescape(a, line + i, size);
		i += size;
	}
	return found;
}

static void set(json_t *o, const char *key, const char *text)
{
	json_object_set_new(o, key, capture_text(text, strlen(text)));
}

/* Not swap, nor what the system was booted from. */
static bool add_mount(struct capture *c, const char *const fields[FIELDS],
		      size_t n)
{
	const char *path;
	struct node node;
	json_t *o;

	if (n < 3)
		return true;
	path = fields[1];
	if (path[0] != '/' || !path[1])
		return true;
	if (!host_look(c->host, path, &node, c->diags))
		return false;
	/* the mode that shows is that of what is mounted there */
	if (node.type == NODE_DIRECTORY && !capture_has(c, "directory", path))
		capture_add(c, "directory", path, json_object());
	o = json_object();
	set(o, "device", fields[0]);
	set(o, "fstype", fields[2]);
	if (n > 3)
		set(o, "options", fields[3]);
	if (n > 4 && strcmp(fields[4], "1") == 0)
		json_object_set_new(o, "dump", json_integer(1));
	if (n > 5 &&
	    (strcmp(fields[5], "1") == 0 || strcmp(fields[5], "2") == 0))
		json_object_set_new(o, "pass",
				    json_integer(fields[5][0] - '0'));
	set(o, "ensure", node.mounted ? "mounted" : "present");
	capture_add(c, "mount", path, o);
	return true;
}

bool capture_mounts(struct capture *c)
{
	AUTO_BUF struct buf b = { 0 };
	const char *line;
	struct node node;
	bool whole;

	if (!host_look(c->host, fstab_path, &node, c->diags))
		return false;
	if (node.type != NODE_FILE)
		return true;
	if (!host_read(c->host, fstab_path, FSTAB_MAX, &b, &whole, c->diags))
		return false;
	line = buf_text(&b);
	while (*line) {
		size_t n = strcspn(line, "\n");
		const char *fields[FIELDS];
		size_t found = split(c->arena, line, n, fields);

		if (!add_mount(c, fields, found))
			return false;
		line += n + (line[n] == '\n');
	}
	return true;
}

bool capture_timezone(struct capture *c)
{
	static const char folder[] = "/zoneinfo/";
	const char *target, *zone;
	struct node node;

	if (!host_look(c->host, zone_path, &node, c->diags))
		return false;
	if (node.type != NODE_LINK)
		return true;
	if (!host_read_link(c->host, zone_path, c->arena, &target, c->diags))
		return false;
	zone = strstr(target, folder);
	if (!zone)
		return true;
	zone += strlen(folder);
	/* as it is installed */
	if (strcmp(zone, "Etc/UTC") != 0)
		capture_add(c, "timezone", zone, json_object());
	return true;
}
