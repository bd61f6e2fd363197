/* SPDX-License-Identifier: MIT */
/* Hosts and manifests at random, in the text of fixture_test.h. */
#ifndef CONVERGE_SNAPSHOT_RANDOM_TEST_H
#define CONVERGE_SNAPSHOT_RANDOM_TEST_H

#include "lib/fixture_test.h"

/* --- dice: xorshift64 (Marsaglia) --- */

static uint64_t dice; /* set by who rolls */

static inline unsigned roll(unsigned n)
{
	dice ^= dice << 13;
	dice ^= dice >> 7;
	dice ^= dice << 17;
	return (unsigned)((dice >> 11) % n);
}

static inline bool chance(unsigned percent)
{
	return roll(100) < percent;
}

#define PICK(list) ((list)[roll((unsigned)COUNT(list))])

static const char *const folders[] = { "/etc",     "/etc/a", "/etc/a/b", "/srv",
				       "/srv/www", "/opt",   "/opt/x" };
static const char *const names[] = { "f", "g", "h.conf", "l", "d" };
static const char *const texts[] = {
	"",       "one\\n",         "one\\ntwo\\n", "[main]\\nkey = 1\\n",
	"two\\n", "{\\'k\\': 1}\\n"
};
static const char *const modes[] = { "0644", "0640", "0600", "0755", "0444" };
static const char *const accounts[] = { "ada", "bob", "eve" };
static const char *const packages[] = { "nginx", "cron", "curl", "vim" };
static const char *const units[] = { "web", "job", "old" };

static const char *some_path(struct arena *a)
{
	return arena_printf(a, "%s/%s", PICK(folders), PICK(names));
}

/* --- a host --- */

static inline void add_member(struct buf *b, size_t *n)
{
	if ((*n)++)
		buf_puts(b, ", ");
}

static inline void add_folder(struct buf *b, const char *path, size_t *n)
{
	add_member(b, n);
	buf_printf(b, "'%s': {'type': 'directory', 'mode': '%s'}", path,
		   chance(80) ? "0755" : "0700");
}

static inline void add_node(struct buf *b, const char *path, size_t *n)
{
	add_member(b, n);
	if (chance(15))
		buf_printf(b, "'%s': {'type': 'link', 'target': '%s/%s'}", path,
			   PICK(folders), PICK(names));
	else if (chance(10))
		buf_printf(b, "'%s': {'type': 'directory'}", path);
	else
		buf_printf(b,
			   "'%s': {'type': 'file', 'content': '%s', 'mode': "
			   "'%s', 'uid': %u}",
			   path, PICK(texts), PICK(modes),
			   chance(80) ? 0 : 1000 + roll(3));
}

static inline void add_files(struct buf *b, struct arena *a)
{
	size_t n = 0;

	buf_puts(b, "'files': {");
	for (size_t i = 0; i < COUNT(folders); i++) {
		if (i && chance(20))
			continue;
		add_folder(b, folders[i], &n);
		for (size_t k = 0; k < COUNT(names); k++)
			if (chance(40))
				add_node(b,
					 arena_printf(a, "%s/%s", folders[i],
						      names[k]),
					 &n);
	}
	for (size_t i = 0; i < COUNT(units); i++) {
		add_member(b, &n);
		buf_printf(b,
			   "'/usr/lib/systemd/system/%s.service': {'type': "
			   "'file', 'content': '[Install]\\nWantedBy=x\\n'}",
			   units[i]);
	}
	add_member(b, &n);
	buf_puts(b, "'/etc/hosts': {'type': 'file', 'content': '127.0.0.1 "
		    "localhost\\n'}}");
}

static inline void add_accounts(struct buf *b)
{
	buf_puts(b, ", 'users': {'root': 0");
	for (unsigned i = 0; i < COUNT(accounts); i++)
		if (chance(60))
			buf_printf(b,
				   ", '%s': {'uid': %u, 'gid': %u, 'comment': "
				   "'', 'home': '/home/%s', 'shell': '%s', "
				   "'locked': false, 'expires': 'never', "
				   "'password': '*'}",
				   accounts[i], 1000 + i, 1000 + i, accounts[i],
				   chance(50) ? "/bin/sh" : "/bin/bash");
	buf_puts(b, "}, 'groups': {'root': {'gid': 0, 'members': []}");
	for (unsigned i = 0; i < COUNT(accounts); i++)
		buf_printf(b, ", '%s': {'gid': %u, 'members': [%s]}",
			   accounts[i], 1000 + i, chance(20) ? "'root'" : "");
	buf_puts(b, "}");
}

static inline void add_packages(struct buf *b)
{
	size_t n = 0;

	buf_puts(b, ", 'packages': {");
	for (size_t i = 0; i < COUNT(packages); i++) {
		if (chance(40))
			continue;
		add_member(b, &n);
		if (chance(60))
			buf_printf(b, "'%s': '1.%u'", packages[i], roll(3));
		else
			buf_printf(b,
				   "'%s': {'version': '1.%u', 'candidate': "
				   "'1.%u', 'hold': %s}",
				   packages[i], roll(3), 1 + roll(3),
				   chance(30) ? "true" : "false");
	}
	buf_puts(b, "}");
}

static inline void add_units(struct buf *b)
{
	size_t n = 0;

	buf_puts(b, ", 'units': {");
	for (size_t i = 0; i < COUNT(units); i++) {
		add_member(b, &n);
		buf_printf(b,
			   "'%s.service': {'active': '%s', 'enabled': "
			   "'disabled'}",
			   units[i], chance(60) ? "active" : "inactive");
	}
	buf_puts(b, "}");
}

static inline char *some_host(struct arena *a)
{
	AUTO_BUF struct buf b = { 0 };

	buf_puts(&b, "{");
	add_files(&b, a);
	add_accounts(&b);
	add_packages(&b);
	add_units(&b);
	buf_puts(&b, ", 'commands': {'check 0': 0, 'check 1': 1, 'do': 0}}");
	return arena_strdup(a, buf_text(&b));
}

/* --- a manifest --- */

static inline void add_file(struct buf *b, const char *path)
{
	buf_printf(b, "'file:%s': {", path);
	if (chance(20)) {
		buf_puts(b, "'ensure': 'absent'");
		return;
	}
	buf_printf(b, "'content': '%s'", PICK(texts));
	if (chance(50))
		buf_printf(b, ", 'mode': '%s'", PICK(modes));
	if (chance(20))
		buf_printf(b, ", 'owner': '%u'", 1000 + roll(3));
}

static inline void add_directory(struct buf *b, const char *path)
{
	buf_printf(b, "'directory:%s': {", path);
	if (chance(15))
		buf_puts(b, "'ensure': 'absent', 'force': true");
	else
		buf_printf(b, "'mode': '%s', 'purge': %s, 'force': %s",
			   chance(70) ? "0755" : "0750",
			   chance(30) && strcmp(path, "/etc") != 0 &&
					   strcmp(path, "/srv") != 0 &&
					   strcmp(path, "/opt") != 0
				   ? "true"
				   : "false",
			   chance(50) ? "true" : "false");
}

static inline void add_link(struct buf *b, const char *path)
{
	buf_printf(b, "'link:%s': {'target': '%s/%s', 'force': true", path,
		   PICK(folders), PICK(names));
}

static inline void add_edit(struct buf *b, const char *path)
{
	unsigned n = roll(9);

	switch (roll(3)) {
	case 0:
		buf_printf(b, "'line:%s#%u': {'path': '%s', 'line': 'two'",
			   path, roll(9), path);
		break;
	case 1:
		buf_printf(b,
			   "'block:%s': {'content': 'mine\\n', 'create': true",
			   path);
		break;
	default:
		buf_printf(b,
			   "'ini:%s#%u': {'path': '%s', 'section': 'main', "
			   "'key': 'key%u', 'value': '%u', 'create': true",
			   path, n, path, n, roll(3));
		break;
	}
}

static inline void add_account(struct buf *b)
{
	const char *name = PICK(accounts);

	if (chance(40))
		buf_printf(b, "'group:%s': {'gid': %u", name, 1000 + roll(5));
	else if (chance(20))
		buf_printf(b, "'user:%s': {'ensure': 'absent'", name);
	else
		buf_printf(b, "'user:%s': {'shell': '%s', 'uid': %u", name,
			   chance(50) ? "/bin/sh" : "/bin/bash",
			   1000 + roll(5));
}

static inline void add_package(struct buf *b)
{
	static const char *const states[] = { "present", "absent", "latest",
					      "1.1" };

	buf_printf(b, "'package:%s': {'ensure': '%s'", PICK(packages),
		   PICK(states));
	if (chance(20))
		buf_printf(b, ", 'hold': %s", chance(50) ? "true" : "false");
}

static inline void add_service(struct buf *b)
{
	buf_printf(b, "'service:%s': {'ensure': '%s'", PICK(units),
		   chance(70) ? "running" : "stopped");
	if (chance(50))
		buf_printf(b, ", 'enable': %s", chance(60) ? "true" : "false");
}

static inline void add_exec(struct buf *b)
{
	buf_printf(b, "'exec:e%u': {'command': ['do']", roll(5));
	switch (roll(4)) {
	case 0:
		buf_printf(b, ", 'creates': '%s/made'", PICK(folders));
		break;
	case 1:
		buf_printf(b, ", 'unless': ['check', '%u']", roll(2));
		break;
	case 2:
		buf_puts(b, ", 'refreshonly': true");
		break;
	default:
		break;
	}
}

static inline void add_small(struct buf *b)
{
	if (chance(50))
		buf_printf(b, "'host_entry:h%u': {'ip': '10.0.0.%u'", roll(3),
			   roll(3));
	else
		buf_printf(b,
			   "'cron:c%u': {'user': 'root', 'command': 'do', "
			   "'schedule': '%u * * * *'",
			   roll(3), roll(3));
}

static inline void add_resource(struct buf *b, struct arena *a)
{
	switch (roll(10)) {
	case 0:
	case 1:
	case 2:
		add_file(b, some_path(a));
		break;
	case 3:
		add_directory(b, chance(50) ? PICK(folders) : some_path(a));
		break;
	case 4:
		add_link(b, some_path(a));
		break;
	case 5:
		add_edit(b, some_path(a));
		break;
	case 6:
		if (chance(50))
			add_account(b);
		else
			add_small(b);
		break;
	case 7:
		add_package(b);
		break;
	case 8:
		add_service(b);
		break;
	default:
		add_exec(b);
		break;
	}
	if (chance(20))
		buf_printf(b, ", 'notify': 'exec:note'");
	if (chance(5))
		buf_puts(b, ", 'noop': true");
	buf_puts(b, "}");
}

/* Most of what does not fit together is left out, so that most do. */
static inline char *some_manifest(struct arena *a)
{
	AUTO_BUF struct buf b = { 0 };
	unsigned n = 1 + roll(8);

	buf_puts(&b, "'exec:note': {'command': ['do'], 'refreshonly': true}");
	for (unsigned i = 0; i < n; i++) {
		AUTO_BUF struct buf one = { 0 };
		AUTO_BUF struct buf all = { 0 };
		struct fixture f = { 0 };

		buf_puts(&one, ",\n");
		add_resource(&one, a);
		buf_puts(&all, buf_text(&b));
		buf_puts(&all, buf_text(&one));
		if (fixture_graph(&f, buf_text(&all)))
			buf_puts(&b, buf_text(&one));
		fixture_release(&f);
	}
	return arena_strdup(a, buf_text(&b));
}

#endif
