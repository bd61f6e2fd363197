/* SPDX-License-Identifier: MIT */
#include "lib/facts.h"

#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "lib/text/escape.h"

enum { FACT_FILE_MAX = 256 * 1024 };

/* Facts are a courtesy: what cannot be read is not there. */
static bool read_file(const struct host *h, const char *path, struct buf *b)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	struct node node;
	bool whole;

	return host_look(h, path, &node, &ignored) && node.type == NODE_FILE &&
	       host_read(h, path, FACT_FILE_MAX, b, &whole, &ignored);
}

static const char *first_line(const struct host *h, const char *path,
			      struct arena *a)
{
	AUTO_BUF struct buf b = { 0 };

	if (!read_file(h, path, &b))
		return NULL;
	return arena_strndup(a, buf_text(&b), strcspn(buf_text(&b), "\n"));
}

const char *facts_host_name(const struct host *h, struct arena *a)
{
	const char *name = first_line(h, "/etc/hostname", a);
	struct utsname u;

	if (name && *name)
		return name;
	return uname(&u) == 0 ? arena_strdup(a, u.nodename) : "localhost";
}

/* The value of NAME= in os-release(5), unquoted. */
static char *release_value(const char *text, const char *name, struct arena *a)
{
	size_t n = strlen(name);

	for (const char *line = text; line && *line;) {
		const char *end = line + strcspn(line, "\n");

		if (strncmp(line, name, n) == 0 && line[n] == '=') {
			const char *from = line + n + 1;
			size_t size = (size_t)(end - from);

			if (size >= 2 && (*from == '"' || *from == '\'') &&
			    from[size - 1] == *from)
				return arena_strndup(a, from + 1, size - 2);
			return arena_strndup(a, from, size);
		}
		line = *end ? end + 1 : NULL;
	}
	return NULL;
}

static json_t *words(char *text)
{
	json_t *list = json_array();
	size_t n;

	for (; *text; text += n + (text[n] == ' ')) {
		n = strcspn(text, " ");
		if (n)
			json_array_append_new(list, json_stringn(text, n));
	}
	return list;
}

static json_t *os_facts(const struct host *h, struct arena *a)
{
	static const struct {
		const char *fact, *name;
	} rows[] = { { "id", "ID" },
		     { "version", "VERSION_ID" },
		     { "codename", "VERSION_CODENAME" },
		     { "name", "PRETTY_NAME" } };
	AUTO_BUF struct buf b = { 0 };
	json_t *os = json_object();
	char *like;

	if (!read_file(h, "/etc/os-release", &b) &&
	    !read_file(h, "/usr/lib/os-release", &b))
		return os;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *value =
			release_value(buf_text(&b), rows[i].name, a);

		if (value)
			json_object_set_new(os, rows[i].fact,
					    escape_json(value));
	}
	like = release_value(buf_text(&b), "ID_LIKE", a);
	json_object_set_new(os, "like", like ? words(like) : json_array());
	return os;
}

static json_t *memory_facts(const struct host *h)
{
	AUTO_BUF struct buf b = { 0 };
	const char *line;

	if (!read_file(h, "/proc/meminfo", &b))
		return NULL;
	line = strstr(buf_text(&b), "MemTotal:");
	if (!line)
		return NULL;
	return json_pack("{s:I}", "mib",
			 (json_int_t)(strtoll(line + 9, NULL, 10) / 1024));
}

static json_t *cpu_facts(const struct host *h)
{
	AUTO_BUF struct buf b = { 0 };
	json_int_t count = 0;

	if (!read_file(h, "/proc/cpuinfo", &b))
		return NULL;
	for (const char *p = buf_text(&b); (p = strstr(p, "processor\t")); p++)
		count++;
	return json_pack("{s:I}", "count", count);
}

json_t *facts_gather(const struct host *h)
{
	struct arena a = { 0 };
	json_t *facts = json_object(), *memory = memory_facts(h),
	       *cpu = cpu_facts(h);
	struct utsname u;

	json_object_set_new(facts, "hostname",
			    escape_json(facts_host_name(h, &a)));
	json_object_set_new(facts, "os", os_facts(h, &a));
	if (uname(&u) == 0) {
		json_object_set_new(facts, "kernel",
				    json_pack("{s:s}", "release", u.release));
		json_object_set_new(facts, "architecture",
				    json_string(u.machine));
	}
	if (memory)
		json_object_set_new(facts, "memory", memory);
	if (cpu)
		json_object_set_new(facts, "cpu", cpu);
	arena_release(&a);
	return facts;
}
