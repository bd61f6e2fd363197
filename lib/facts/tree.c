/* SPDX-License-Identifier: MIT */
/* Facts of the tree: under --root they are the root's. */
#include <string.h>
#include <sys/utsname.h>

#include "lib/base/path.h"
#include "lib/facts/rows.h"

const char *facts_host_name(const struct host *h, struct arena *a)
{
	const char *name = facts_line(h, "/etc/hostname", a);
	struct utsname u;

	if (name)
		return name;
	return uname(&u) == 0 ? arena_strdup(a, u.nodename) : "localhost";
}

json_t *fact_hostname(struct facts *f)
{
	return facts_text(facts_host_name(f->tree, &f->arena));
}

/* --- the whole name, without asking a server --- */

/* A name of hosts(5) that is the host's with a domain. */
static const char *whole_name(char *line, const char *name)
{
	size_t n = strlen(name);
	char *field;

	line[strcspn(line, "#")] = '\0';
	facts_next_field(&line);
	while (*(field = facts_next_field(&line)))
		if (strncmp(field, name, n) == 0 && field[n] == '.' &&
		    field[n + 1])
			return field;
	return NULL;
}

static const char *find_fqdn(struct facts *f)
{
	const char *name = facts_host_name(f->tree, &f->arena), *found = NULL;
	AUTO_BUF struct buf b = { 0 };
	char *text, *line;

	if (strchr(name, '.'))
		return name;
	if (!facts_read(f->tree, "/etc/hosts", &b))
		return NULL;
	text = b.text;
	while (!found && (line = facts_next_line(&text)))
		found = whole_name(line, name);
	return found ? arena_strdup(&f->arena, found) : NULL;
}

json_t *fact_fqdn(struct facts *f)
{
	const char *fqdn = find_fqdn(f);

	return facts_text(fqdn);
}

json_t *fact_domain(struct facts *f)
{
	const char *fqdn = find_fqdn(f);

	return fqdn ? facts_text(strchr(fqdn, '.') + 1) : NULL;
}

/* --- os-release(5) --- */

/* The value of NAME=, unquoted. */
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

json_t *fact_os(struct facts *f)
{
	static const struct {
		const char *fact, *name;
	} names[] = { { "id", "ID" },
		      { "version", "VERSION_ID" },
		      { "codename", "VERSION_CODENAME" },
		      { "variant", "VARIANT_ID" },
		      { "name", "PRETTY_NAME" } };
	AUTO_BUF struct buf b = { 0 };
	json_t *os = json_object();
	char *like;

	if (!facts_read(f->tree, "/etc/os-release", &b) &&
	    !facts_read(f->tree, "/usr/lib/os-release", &b))
		return os;
	for (size_t i = 0; i < COUNT(names); i++) {
		json_t *value = facts_text(
			release_value(buf_text(&b), names[i].name, &f->arena));

		json_object_set_new(os, names[i].fact, value);
	}
	like = release_value(buf_text(&b), "ID_LIKE", &f->arena);
	json_object_set_new(os, "like", like ? words(like) : json_array());
	return os;
}

/* --- what manages time, packages and services --- */

static const char *link_target(const struct host *h, const char *path,
			       struct arena *a)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	const char *target;

	return facts_is(h, path, NODE_LINK) &&
			       host_read_link(h, path, a, &target, &ignored)
		       ? target
		       : NULL;
}

/* localtime(5): the link says it; a file is a copy, of nobody knows what. */
json_t *fact_timezone(struct facts *f)
{
	static const char folder[] = "/zoneinfo/";
	const char *zone = link_target(f->tree, "/etc/localtime", &f->arena);

	if (zone)
		zone = strstr(zone, folder);
	if (zone)
		zone += strlen(folder);
	else
		zone = facts_line(f->tree, "/etc/timezone", &f->arena);
	return zone && *zone ? facts_text(zone) : NULL;
}

static bool has_program(const struct host *h, const char *path)
{
	return facts_is(h, path, NODE_FILE) || facts_is(h, path, NODE_LINK);
}

json_t *fact_package_manager(struct facts *f)
{
	static const struct {
		const char *path, *name;
	} programs[] = {
		{ "/usr/bin/apt-get", "apt" },
		{ "/usr/bin/dnf5", "dnf" },
		{ "/usr/bin/dnf", "dnf" },
		{ "/usr/bin/microdnf", "dnf" },
		{ "/usr/bin/yum", "yum" },
		{ "/usr/bin/zypper", "zypper" },
		{ "/usr/bin/pacman", "pacman" },
		{ "/sbin/apk", "apk" },
		{ "/usr/sbin/apk", "apk" },
		{ "/usr/bin/xbps-install", "xbps" },
	};

	for (size_t i = 0; i < COUNT(programs); i++)
		if (has_program(f->tree, programs[i].path))
			return json_string(programs[i].name);
	return json_string("none");
}

static const struct {
	const char *mark; /* a folder that is there while it runs */
	const char *name; /* as the last component of /sbin/init, too */
} inits[] = {
	{ "/run/systemd/system", "systemd" }, /* sd_booted(3) */
	{ "/run/openrc", "openrc" },
	{ "/run/runit", "runit" },
	{ "/run/dinit", "dinit" },
	{ "/run/s6", "s6" },
};

/* Nothing runs in a tree: what would, if it were started. */
static const char *init_of_tree(struct facts *f)
{
	const char *target = link_target(f->tree, "/sbin/init", &f->arena);

	if (!target)
		return NULL;
	target = path_name(target);
	for (size_t i = 0; i < COUNT(inits); i++) {
		size_t n = strlen(inits[i].name);

		if (strncmp(target, inits[i].name, n) == 0 &&
		    (!target[n] || target[n] == '-'))
			return inits[i].name;
	}
	return NULL;
}

json_t *fact_init(struct facts *f)
{
	const char *name;

	if (f->tree != f->machine) {
		name = init_of_tree(f);
		return name ? json_string(name) : NULL;
	}
	for (size_t i = 0; i < COUNT(inits); i++)
		if (facts_is(f->tree, inits[i].mark, NODE_DIRECTORY))
			return json_string(inits[i].name);
	return facts_is(f->tree, "/etc/inittab", NODE_FILE)
		       ? json_string("sysvinit")
		       : json_string("none");
}
