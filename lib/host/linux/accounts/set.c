/* SPDX-License-Identifier: MIT */
/*
 * Changing users and groups, by shadow-utils: they hold the locks, and keep
 * passwd(5), shadow(5), group(5) and gshadow(5) consistent. In a tree they are
 * this host's own, which need nothing there, with --root. Hashes of passwords
 * go through a pipe, never into arguments.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/host/linux/accounts/accounts.h"
#include "lib/host/linux/secret/vault.h"
#include "lib/text/escape.h"

enum {
	TIMEOUT = 120000, /* milliseconds; a home may have to be moved */
	SAID_MAX = 300,
	USER_BUSY = 8, /* usermod(8), userdel(8): has processes */
};

/* A tool about to be run. */
struct tool {
	struct linux_host *host;
	struct command command;
	struct arena arena;
	const char *account;
};

static void tool_release(struct tool *t)
{
	arena_release(&t->arena);
}

static void add(struct tool *t, const char *argument)
{
	strings_add(&t->command.argv, &t->arena, argument);
}

static void add_option(struct tool *t, const char *option, const char *value)
{
	add(t, option);
	add(t, value);
}

static void add_number(struct tool *t, const char *option, int64_t value)
{
	add_option(t, option,
		   arena_printf(&t->arena, "%lld", (long long)value));
}

static void add_list(struct tool *t, const char *option,
		     const struct strings *list)
{
	add_option(t, option,
		   list->n ? strings_join(list, ",", &t->arena) : "");
}

static struct tool tool_begin(struct host *host, const char *name,
			      const char *account)
{
	struct linux_host *h = (struct linux_host *)(void *)host;
	struct tool t = { .host = h,
			  .command = { .umask = -1, .timeout = TIMEOUT },
			  .account = account };

	add(&t, name);
	if (strcmp(h->options.root, "/") != 0)
		add_option(&t, "--root", h->options.root);
	return t;
}

/* The last line that it said: that is where its error stands. */
static const char *said(const struct outcome *o, struct arena *a)
{
	AUTO_BUF struct buf safe = { 0 };
	const char *text = buf_text(&o->errors);
	size_t end = o->errors.size, from;

	while (end && text[end - 1] == '\n')
		end--;
	for (from = end;
	     from && text[from - 1] != '\n' && end - from < SAID_MAX;)
		from--;
	escape_text(&safe, text + from, end - from, false);
	return arena_strdup(a, buf_text(&safe));
}

static bool failed(const struct tool *t, const struct outcome *o,
		   struct diags *d)
{
	const char *name = t->command.argv.v[0];
	const char *words = t->command.input ? "" : said(o, &d->arena);

	switch (o->ending) {
	case ENDED_EXIT:
		if (o->code == USER_BUSY) {
			diag_error(d, "user '%s' has running processes",
				   t->account);
			diag_hint(d,
				  "end them first: loginctl terminate-user "
				  "%s",
				  t->account);
			return false;
		}
		diag_error(d, "'%s' exited with %d", name, o->code);
		break;
	case ENDED_SIGNAL:
		diag_error(d, "'%s' was killed by signal %d", name, o->code);
		break;
	case ENDED_TIMEOUT:
		diag_error(d, "'%s' took too long and was ended", name);
		break;
	case ENDED_INTERRUPTED:
		diag_error(d, "'%s' was ended because the run was told to stop",
			   name);
		break;
	default:
		diag_error(d, "'%s' could not be run: %s", name,
			   o->because ? o->because : "unknown reason");
		if (o->code == ENOENT)
			diag_hint(d, "install shadow-utils (the package "
				     "passwd)");
		return false;
	}
	if (*words)
		diag_hint(d, "it said: %s", words);
	return false;
}

static bool tool_run(struct tool *t, struct diags *d)
{
	struct outcome o = { 0 };
	bool ok;

	linux_run_outside(t->host, &t->command, &t->arena, &o);
	ok = (o.ending == ENDED_EXIT && o.code == 0) || failed(t, &o, d);
	outcome_release(&o);
	return ok;
}

/* --- users --- */

/* What useradd(8) and usermod(8) spell alike. */
static void add_parts(struct tool *t, const struct user *u, unsigned set)
{
	if (set & USER_UID)
		add_number(t, "-u", u->uid);
	if (set & USER_GID)
		add_number(t, "-g", u->gid);
	if (set & USER_COMMENT)
		add_option(t, "-c", u->comment);
	if (set & USER_HOME)
		add_option(t, "-d", u->home);
	if (set & USER_SHELL)
		add_option(t, "-s", u->shell);
	if (set & USER_GROUPS)
		add_list(t, "-G", &u->groups);
	if ((set & USER_EXPIRES) && u->expires == NEVER_EXPIRES)
		add_option(t, "-e", "");
	else if (set & USER_EXPIRES)
		add_number(t, "-e", u->expires);
}

static bool modify_user(struct host *h, const struct user_change *c,
			unsigned set, struct diags *d)
{
	AUTO(tool_release)
	struct tool t = tool_begin(h, "usermod", c->after->name);

	set &= ~(unsigned)(USER_PASSWORD | USER_LOCKED);
	if (!set)
		return true;
	add_parts(&t, c->after, set);
	if ((set & USER_HOME) && c->move_home)
		add(&t, "-m");
	add_option(&t, "--", c->after->name);
	return tool_run(&t, d);
}

static bool create_user(struct host *h, const struct user_change *c,
			struct diags *d)
{
	AUTO(tool_release)
	struct tool t = tool_begin(h, "useradd", c->after->name);

	add(&t, "-M");
	if (c->system)
		add(&t, "-r");
	add_parts(&t, c->after, c->set & ~(unsigned)USER_EXPIRES);
	add_option(&t, "--", c->after->name);
	/* useradd -r takes no expiry */
	return tool_run(&t, d) && (c->after->expires == NEVER_EXPIRES ||
				   modify_user(h, c, c->set & USER_EXPIRES, d));
}

static bool remove_user(struct host *h, const struct user_change *c,
			struct diags *d)
{
	AUTO(tool_release)
	struct tool t = tool_begin(h, "userdel", c->before->name);

	add_option(&t, "--", c->before->name);
	return tool_run(&t, d);
}

static bool lock_user(struct host *h, const struct user *u, struct diags *d)
{
	AUTO(tool_release) struct tool t = tool_begin(h, "usermod", u->name);

	add(&t, u->locked ? "-L" : "-U");
	add_option(&t, "--", u->name);
	return tool_run(&t, d);
}

/* It is opened now, and goes into the pipe from there. */
static bool set_sealed(struct tool *t, const struct user *u, struct diags *d)
{
	AUTO_LOCKED struct locked hash = { 0 }, line = { 0 };
	const char *head =
		arena_printf(&t->arena, "%s:%s", u->name, u->locked ? "!" : "");
	size_t n = strlen(head);

	if (!vault_fill(t->host, u->sealed, &hash, NULL, d) ||
	    !locked_new(&line, n + hash.size + 1, d))
		return false;
	memcpy(line.bytes, head, n);
	memcpy(line.bytes + n, hash.bytes, hash.size);
	line.bytes[n + hash.size] = '\n';
	t->command.input = line.bytes;
	t->command.input_size = n + hash.size + 1;
	return tool_run(t, d);
}

static bool set_password(struct host *h, const struct user *u, struct diags *d)
{
	AUTO(tool_release) struct tool t = tool_begin(h, "chpasswd", u->name);

	add(&t, "-e");
	if (u->sealed)
		return set_sealed(&t, u, d);
	t.command.input = arena_printf(&t.arena, "%s:%s%s\n", u->name,
				       u->locked ? "!" : "", u->password);
	t.command.input_size = strlen(t.command.input);
	return tool_run(&t, d);
}

bool linux_set_user(struct host *h, const struct user_change *c,
		    struct diags *d)
{
	if (!c->after)
		return remove_user(h, c, d);
	if (!(c->before ? modify_user(h, c, c->set, d) : create_user(h, c, d)))
		return false;
	if (c->set & USER_PASSWORD)
		return set_password(h, c->after, d);
	/* useradd(8) locks one that has no password */
	if ((c->set & USER_LOCKED) && (c->before || !c->after->locked))
		return lock_user(h, c->after, d);
	return true;
}

/* --- groups --- */

static bool set_gid(struct host *h, const struct group_change *c,
		    struct diags *d)
{
	AUTO(tool_release)
	struct tool t = tool_begin(h, c->before ? "groupmod" : "groupadd",
				   c->after->name);

	if (!c->before && c->system)
		add(&t, "-r");
	add_number(&t, "-g", c->after->gid);
	add_option(&t, "--", c->after->name);
	return tool_run(&t, d);
}

static bool set_members(struct host *h, const struct user_group *g,
			struct diags *d)
{
	AUTO(tool_release) struct tool t = tool_begin(h, "gpasswd", g->name);

	add_list(&t, "-M", &g->members);
	add_option(&t, "--", g->name);
	return tool_run(&t, d);
}

static bool remove_group(struct host *h, const struct user_group *g,
			 struct diags *d)
{
	AUTO(tool_release) struct tool t = tool_begin(h, "groupdel", g->name);

	add_option(&t, "--", g->name);
	return tool_run(&t, d);
}

bool linux_set_group(struct host *h, const struct group_change *c,
		     struct diags *d)
{
	if (!c->after)
		return remove_group(h, c->before, d);
	if ((!c->before || (c->set & GROUP_GID)) && !set_gid(h, c, d))
		return false;
	return !(c->set & GROUP_MEMBERS) ||
	       (!c->before && !c->after->members.n) ||
	       set_members(h, c->after, d);
}
