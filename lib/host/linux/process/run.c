/* SPDX-License-Identifier: MIT */
/* Commands of a host: guards, which may only look, those that may change
 * things, and validators, which may write in one folder. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/path.h"
#include "lib/host/linux/process/broker.h"
#include "lib/host/linux/process/child.h"
#include "lib/host/linux/packages/packages.h"
#include "lib/host/linux/process/sandbox.h"
#include "lib/host/linux/process/trial.h"
#include "lib/host/linux/secret/vault.h"
#include "lib/host/linux/files/walk.h"

enum { GROUPS_MAX = 1024, PASSWD_MAX = 16 << 20, HOME_FIELD = 5 };
enum { PAUSE_STEP = 200 }; /* milliseconds until a stop is heard */

/* Plain digits of a number that is an id; the last means "no change". */
static bool parse_id(const char *text, uint32_t *id)
{
	uint64_t value = 0;
	size_t n = 0;

	for (; text[n] >= '0' && text[n] <= '9' && n < 11; n++)
		value = value * 10 + (uint64_t)(text[n] - '0');
	*id = (uint32_t)value;
	return n > 0 && text[n] == '\0' && value < UINT32_MAX;
}

/* The home folder in a line of passwd(5), if it is the user's. */
static const char *home_in_line(char *line, const char *user)
{
	size_t n = strlen(user);
	char *at = line;

	if (strncmp(line, user, n) != 0 || line[n] != ':')
		return NULL;
	for (int field = 0; at && field < HOME_FIELD; field++) {
		at = strchr(at, ':');
		at = at ? at + 1 : NULL;
	}
	if (!at)
		return NULL;
	at[strcspn(at, ":")] = '\0';
	return at;
}

static const char *find_home(const struct linux_host *h, const char *user,
			     struct arena *a)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	AUTO_BUF struct buf file = { 0 };
	bool whole;
	char *line, *next;

	if (!host_read(&h->host, "/etc/passwd", PASSWD_MAX, &file, &whole,
		       &ignored) ||
	    !file.text)
		return "/";
	for (line = file.text; *line; line = next) {
		const char *home;

		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = '\0';
		home = home_in_line(line, user);
		if (home)
			return home[0] == '/' ? arena_strdup(a, home) : "/";
	}
	return "/";
}

static bool find_group(const struct linux_host *h, const char *name, gid_t *gid)
{
	uint32_t id;

	if (!parse_id(name, &id) && !accounts_group_id(h, name, &id))
		return false;
	*gid = id;
	return true;
}

/* NULL, or what is wrong. */
static const char *find_user(const struct linux_host *h,
			     const struct command *c, struct arena *a,
			     struct child_user *u)
{
	gid_t *groups = arena_array(a, gid_t, GROUPS_MAX);
	uint32_t uid = geteuid(), gid = 0;
	bool known;

	if (!c->user || parse_id(c->user, &uid))
		u->name = accounts_user_name(h, uid, a);
	else
		u->name = c->user;
	known = accounts_user_id(h, u->name, &uid, &gid);
	if (!known && c->user && !parse_id(c->user, &uid))
		return arena_printf(a, "no such user '%s'", c->user);
	if (c->group && !find_group(h, c->group, &gid))
		return arena_printf(a, "no such group '%s'", c->group);
	if (!known && !c->group)
		return arena_printf(a, "user '%s' has no group", u->name);
	u->uid = uid;
	u->gid = gid;
	u->home = find_home(h, u->name, a);
	u->ngroups =
		c->user ? accounts_groups(h, u->name, groups, GROUPS_MAX) : 0;
	/* the given one stands in for the primary one, which comes first */
	if (c->group && u->ngroups)
		groups[0] = gid;
	u->groups = groups;
	return NULL;
}

static struct child child_of(const struct linux_host *h,
			     const struct command *c)
{
	static const char *const none[] = { NULL };
	const char *root = h->options.root;

	return (struct child){
		.argv = c->argv.n ? c->argv.v : none,
		.env = c->env.v,
		.nenv = c->env.n,
		.cwd = c->cwd,
		.has_root = root && strcmp(root, "/") != 0,
		.root_fd = h->root_fd,
		.umask = c->umask < 0 ? 022 : (mode_t)c->umask & 0777,
		.input = c->input,
		.input_size = c->input_size,
		.timeout = c->timeout,
		.grace = c->grace,
		.stopped = h->options.stopped,
		.hurried = h->options.hurried,
		.context = h->options.context,
	};
}

static void run(const struct linux_host *h, const struct command *c,
		struct child *child, struct arena *a, struct outcome *o)
{
	struct child_user user = { 0 };
	const char *wrong = NULL;

	if (c->user || c->group) {
		wrong = find_user(h, c, a, &user);
		child->user = &user;
	}
	if (wrong)
		*o = (struct outcome){ .ending = ENDED_NOT_STARTED,
				       .code = ENOENT,
				       .because = wrong };
	else
		child_run(child, a, o);
	vault_scrub(h, o);
	child->user = NULL;
}

/* What a guard says counts only if nothing was kept from it. */
static void doubt(struct outcome *o, const struct look *l, struct arena *a)
{
	if (o->ending != ENDED_EXIT && o->ending != ENDED_SIGNAL)
		return;
	if (l->tried[0])
		o->because =
			arena_printf(a, "the command tried to %s", l->tried);
	else if (o->ending == ENDED_SIGNAL && o->code == SIGSYS)
		o->because = "the command is for another kind of machine";
	else
		return;
	o->ending = ENDED_UNKNOWN;
	o->code = 0;
}

static void run_acting(const struct linux_host *h, const struct command *c,
		       const struct child *usual, struct arena *a,
		       struct outcome *o)
{
	struct child child = *usual;
	struct trial trial;
	struct validation validation = { .folder = -1, .trial = &trial };

	if (c->trial && !child.has_root) {
		trial_prepare(&trial, NULL, a);
		child.enter = validate_enter;
		child.enter_context = &validation;
	}
	run(h, c, &child, a, o);
}

bool linux_ask(const struct host *host, const struct command *c,
	       struct arena *a, struct outcome *o, struct diags *d)
{
	const struct linux_host *h = linux_of(host);
	struct child child = child_of(h, c);
	struct look look;

	*o = (struct outcome){ 0 };
	if (h->options.broker)
		return broker_ask(h->options.broker, c, a, o, d);
	child.leaves_nothing = true;
	if (h->host.acting) {
		run_acting(h, c, &child, a, o);
		units_forget(h);
		return true;
	}
	if (!look_init(&look, d))
		return false;
	child.enter = look_enter;
	child.enter_context = &look;
	child.watch = &look.watch;
	child.watched = look_watched;
	run(h, c, &child, a, o);
	doubt(o, &look, a);
	look_release(&look);
	return true;
}

/* The caller knows what makes promises: it looks at the host afterwards. */
bool linux_run(struct host *host, const struct command *c,
	       const struct strings *makes, struct arena *a, struct outcome *o,
	       struct diags *d)
{
	const struct linux_host *h = linux_of(host);
	AUTO_LOCKED struct locked plain = { 0 };
	struct child child = child_of(h, c);

	(void)makes;
	*o = (struct outcome){ 0 };
	if (c->sealed && !vault_fill(h, c->sealed, &plain, NULL, d))
		return false;
	if (c->sealed) {
		child.input = plain.bytes;
		child.input_size = plain.size;
	}
	run_acting(h, c, &child, a, o);
	walk_forget(h);
	units_forget(h);
	packages_forget(h);
	return true;
}

void linux_run_outside(struct linux_host *h, const struct command *c,
		       struct arena *a, struct outcome *o)
{
	struct child child = child_of(h, c);

	child.has_root = false;
	/* it is at its end soon, and should come to it */
	child.stopped = h->options.hurried;
	run(h, c, &child, a, o);
	walk_forget(h);
}

void linux_tool(const struct linux_host *h, const struct command *c,
		size_t keep, struct arena *a, struct outcome *o)
{
	struct child child = child_of(h, c);

	*o = (struct outcome){ 0 };
	child.keep = keep;
	run(h, c, &child, a, o);
}

bool linux_pause(struct host *host, int64_t milliseconds)
{
	const struct linux_options *o = &linux_of(host)->options;
	int64_t left = milliseconds, end = child_now() + milliseconds;

	for (; left > 0; left = end - child_now()) {
		int64_t step = left < PAUSE_STEP ? left : PAUSE_STEP;

		if (o->stopped && o->stopped(o->context))
			return false;
		/* a signal that ends it early is one to be asked about */
		nanosleep(&(struct timespec){ .tv_nsec = step * 1000000 },
			  NULL);
	}
	return !o->stopped || !o->stopped(o->context);
}

/* The folder's path as the command sees it, from inside the root. */
static const char *inside(const struct linux_host *h, const char *folder)
{
	const char *root = h->options.root;

	return root && strcmp(root, "/") != 0 && path_below(folder, root, false)
		       ? folder + strlen(root)
		       : folder;
}

bool linux_validate(struct linux_host *h, const struct command *c,
		    const char *folder, struct arena *a, struct outcome *o,
		    struct diags *d)
{
	AUTO_FD int fd =
		open(folder, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct validation validation = { .folder = fd };
	struct command command = *c;
	struct child child;
	struct trial trial;

	*o = (struct outcome){ 0 };
	if (fd < 0)
		return diag_errno(d, errno, "cannot open the folder '%s'",
				  folder);
	command.env = (struct strings){ 0 };
	for (size_t i = 0; i < c->env.n; i++)
		strings_add(&command.env, a, c->env.v[i]);
	strings_add(&command.env, a,
		    arena_printf(a, "TMPDIR=%s", inside(h, folder)));
	child = child_of(h, &command);
	child.leaves_nothing = true;
	child.enter = validate_enter;
	child.enter_context = &validation;
	/* a tree below another root is no mount of its own */
	if (!child.has_root) {
		trial_prepare(&trial, folder, a);
		validation.trial = &trial;
	}
	run(h, &command, &child, a, o);
	return true;
}
