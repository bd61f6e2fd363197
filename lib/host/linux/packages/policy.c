/* SPDX-License-Identifier: MIT */
/*
 * policy-rc.d: what invoke-rc.d(8) and deb-systemd-invoke(1) ask whether a
 * script of a package may start a service (Debian policy 9.3.3.1; the answers
 * are 0: yes, 101: no). A service that the catalog manages would start with
 * the configuration of its package, before its own is there: so it waits for
 * its turn. One that runs already is left alone, or an upgrade would end it.
 *
 * The file answers for this process alone, by its number and its start time:
 * if a kill leaves it behind it allows everything, and the next run removes
 * it. A file that somebody else made is respected.
 */
#include "lib/host/linux/packages/packages.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "lib/host/linux/process/child.h"

#define POLICY "/usr/sbin/policy-rc.d"
#define MARK "#!/bin/sh\n# Made by converge, process "

enum { POLICY_MAX = 1 << 20, STAT_SIZE = 1024, ASK_TIMEOUT = 30000 };

/* The start time of a process, in clock ticks since the boot (proc(5), field
 * 22 of stat); false when there is none. */
static bool start_time(long pid, unsigned long long *ticks)
{
	char path[64], text[STAT_SIZE];
	const char *at;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
	AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);

	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return false;
	text[n] = '\0';
	/* the name, field 2, may hold anything, also blanks and ')' */
	at = strrchr(text, ')');
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	if (!at)
		return false;
	*ticks = strtoull(at, NULL, 10);
	return true;
}

static bool is_plain(const char *name)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789@._:-+\\";

	return *name && name[0] != '-' && !name[strspn(name, letters)];
}

/* systemd.unit(5): a name that says no type is that of a service. */
static const char *unit_of(const char *name, struct arena *a)
{
	static const char *const types[] = { ".service", ".socket", ".timer",
					     ".path",    ".mount",  ".target" };
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot && i < COUNT(types); i++)
		if (strcmp(dot, types[i]) == 0)
			return name;
	return arena_printf(a, "%s.service", name);
}

static bool in_a_root(const struct linux_host *h)
{
	return strcmp(h->options.root, "/") != 0;
}

static bool says(const char *line, size_t n, const char *state)
{
	return strlen(state) == n && memcmp(line, state, n) == 0;
}

/* Those of the catalog that do not run. */
static struct strings idle_services(const struct linux_host *h, struct arena *a)
{
	struct command c = { .umask = -1, .timeout = ASK_TIMEOUT };
	struct strings units = { 0 }, idle = { 0 };
	struct outcome o;
	const char *line;

	for (size_t i = 0; h->host.services && i < h->host.services->n; i++)
		if (is_plain(h->host.services->v[i]))
			strings_add(&units, a,
				    unit_of(h->host.services->v[i], a));
	if (!units.n)
		return units;
	strings_add(&c.argv, a, "systemctl");
	strings_add(&c.argv, a, "is-active");
	strings_add(&c.argv, a, "--");
	for (size_t i = 0; i < units.n; i++)
		strings_add(&c.argv, a, units.v[i]);
	linux_tool(h, &c, PACKAGES_OUTPUT, a, &o);
	/* a line a unit */
	line = buf_text(&o.output);
	for (size_t i = 0; i < units.n && *line; i++) {
		size_t n = strcspn(line, "\n");

		if (says(line, n, "inactive") || says(line, n, "failed") ||
		    says(line, n, "unknown"))
			strings_add(&idle, a, units.v[i]);
		line += n + (line[n] == '\n');
	}
	outcome_release(&o);
	return idle;
}

static const char *script(const struct linux_host *h,
			  const struct strings *units, struct arena *a)
{
	AUTO_BUF struct buf b = { 0 };
	unsigned long long ticks = 0;

	start_time(getpid(), &ticks);
	buf_printf(&b,
		   MARK "%ld, started at %llu.\n"
			"# While it lives, package scripts start none of these "
			"services: their\n"
			"# configuration comes later. Without it all is "
			"allowed, and this can go.\n"
			"alive() {\n"
			"\tread -r line 2>/dev/null </proc/%ld/stat || return "
			"1\n"
			"\tset -- ${line##*)}\n"
			"\tshift 19\n"
			"\t[ \"$1\" = %llu ]\n"
			"}\n"
			"while [ \"${1#--}\" != \"$1\" ]; do shift; done\n"
			"case $1 in\n",
		   (long)getpid(), ticks, (long)getpid(), ticks);
	for (size_t i = 0; i < units->n; i++)
		buf_printf(&b, "'%s' | '%.*s') ;;\n", units->v[i],
			   (int)(strrchr(units->v[i], '.') - units->v[i]),
			   units->v[i]);
	/* nothing that runs in a tree may be started from outside of it, where
	 * there may be no /proc to see this process in */
	buf_puts(&b, in_a_root(h) ? "*) [ -e /proc/self ] || exit 101 ;;\n"
				  : "*) exit 0 ;;\n");
	buf_puts(&b, "esac\n"
		     "case $2 in\n"
		     "*start* | *reload*) alive && exit 101 ;;\n"
		     "esac\n"
		     "exit 0\n");
	return arena_strdup(a, buf_text(&b));
}

/* Whether what stands there is ours, and of a process that is no more. */
static bool is_stale(const struct linux_host *h)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	AUTO_BUF struct buf file = { 0 };
	unsigned long long ticks, now;
	const char *at;
	char *end;
	bool whole;
	long pid;

	if (!host_read(&h->host, POLICY, POLICY_MAX, &file, &whole, &ignored) ||
	    strncmp(buf_text(&file), MARK, strlen(MARK)) != 0)
		return false;
	pid = strtol(file.text + strlen(MARK), &end, 10);
	at = strstr(end, "started at ");
	if (!at)
		return false;
	ticks = strtoull(at + strlen("started at "), NULL, 10);
	return pid == getpid() || !start_time(pid, &now) || now != ticks;
}

static bool drop(struct linux_host *h, struct diags *d)
{
	struct node n;

	return host_look(&h->host, POLICY, &n, d) &&
	       (n.type == NODE_ABSENT ||
		host_remove(&h->host, POLICY, false, false, &n, d));
}

bool policy_clean(struct linux_host *h, struct diags *d)
{
	return !is_stale(h) || drop(h, d);
}

static bool put(struct linux_host *h, const char *text, struct diags *d)
{
	struct content content = content_of(text, strlen(text));
	struct node n;
	struct file_write w = { .path = POLICY,
				.content = &content,
				.perms = { .set = PERM_MODE, .mode = 0755 },
				.expect = &n };

	if (!host_look(&h->host, POLICY, &n, d))
		return false;
	if (n.type != NODE_ABSENT)
		return true;
	if (!host_replace(&h->host, &w, d))
		return false;
	place_all(h);
	return host_look(&h->host, POLICY, &n, d) &&
	       (n.type == NODE_FILE ||
		diag_error(d, "cannot make '" POLICY "'"));
}

static bool has_folder(const struct linux_host *h, const char *path)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	struct node n;

	return host_look(&h->host, path, &n, &ignored) &&
	       n.type == NODE_DIRECTORY;
}

bool policy_begin(struct linux_host *h, struct arena *a, bool *made,
		  struct diags *d)
{
	struct strings units = { 0 };
	struct node n;

	*made = false;
	if (!policy_clean(h, d) || !host_look(&h->host, POLICY, &n, d))
		return false;
	if (n.type != NODE_ABSENT)
		return true;
	if (!has_folder(h, "/usr/sbin") ||
	    (!in_a_root(h) && !has_folder(h, "/run/systemd/system")))
		return true;
	if (!in_a_root(h))
		units = idle_services(h, a);
	if (!units.n && !in_a_root(h))
		return true;
	*made = put(h, script(h, &units, a), d);
	return *made;
}

void policy_end(struct linux_host *h)
{
	AUTO_DIAGS struct diags d = { 0 };

	/* what is left allows everything, and the next run tries again */
	drop(h, &d);
}
