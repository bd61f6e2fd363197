/* SPDX-License-Identifier: MIT */
#include "lib/host/linux/systemd/units.h"

#include <string.h>
#include <time.h>

#include "lib/base/map.h"
#include "lib/host/linux/process/broker.h"
#include "lib/host/linux/systemd/bus.h"
#include "lib/host/linux/process/child.h"
#include "lib/host/linux/files/walk.h"
#include "lib/text/escape.h"

enum {
	SETTLE = 500,         /* ms that a program must outlive its start */
	TOOL_TIMEOUT = 90000, /* of systemctl(1) and journalctl(1) */
	QUOTE_MAX = 1200,
};

struct units {
	int64_t booted, begun; /* nanoseconds since the epoch: this host, this
				* run */
	bool fresh;  /* nothing was changed since they were asked for */
	bool acting; /* as the host was then */
	struct arena arena;
	struct map by_id;
	struct bus *bus; /* NULL: not opened yet */
};

static int64_t clock_now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void units_init(struct linux_host *h)
{
	h->units = arena_new(&h->arena, struct units);
	h->units->begun = clock_now(CLOCK_REALTIME);
	h->units->booted = h->units->begun - clock_now(CLOCK_BOOTTIME);
}

void units_release(struct linux_host *h)
{
	bus_close(h->units->bus);
	arena_release(&h->units->arena);
}

void units_forget(const struct linux_host *h)
{
	h->units->fresh = false;
}

static bool is_tree(const struct linux_host *h)
{
	return strcmp(h->options.root, "/") != 0;
}

static struct bus *bus_of(const struct linux_host *h, struct diags *d)
{
	if (!h->units->bus)
		h->units->bus = bus_open(d);
	return h->units->bus;
}

/* A connection that is lost is made anew by the next call. */
static bool lost(const struct linux_host *h)
{
	bus_close(h->units->bus);
	h->units->bus = NULL;
	return false;
}

bool units_list(const struct linux_host *h, struct arena *a,
		struct loaded_units *to, struct diags *d)
{
	struct bus *bus;

	if (h->options.broker)
		return broker_units(h->options.broker, a, to, d);
	if (is_tree(h))
		return diag_error(d, "nothing runs under --root: only "
				     "'enable' can be managed there");
	bus = bus_of(h, d);
	return bus && (bus_list(bus, a, to, d) || lost(h));
}

static bool load(const struct linux_host *h, struct diags *d)
{
	struct units *u = h->units;
	struct loaded_units all = { 0 };

	if (u->fresh && u->acting == h->host.acting)
		return true;
	arena_release(&u->arena);
	u->by_id = (struct map){ 0 };
	u->fresh = false;
	if (!units_list(h, &u->arena, &all, d))
		return false;
	for (size_t i = 0; i < all.n; i++)
		map_put(&u->by_id, &u->arena, all.v[i].id, &all.v[i]);
	u->fresh = true;
	u->acting = h->host.acting;
	return true;
}

bool linux_unit_known(const struct host *h, const char *id,
		      enum unit_enabled *enabled)
{
	(void)h;
	(void)id;
	*enabled = UNIT_NO_FILE;
	return false;
}

/* What the manager has not loaded does not run. */
bool linux_unit_state(const struct host *host, struct unit *unit,
		      struct arena *a, struct diags *d)
{
	const struct linux_host *h = linux_of(host);
	const struct loaded_unit *found;

	if (!load(h, d))
		return false;
	found = map_get(&h->units->by_id, unit->id);
	unit->loaded = found && found->loaded;
	unit->active = found ? found->active : UNIT_INACTIVE;
	unit->sub = found ? arena_strdup(a, found->sub) : NULL;
	return true;
}

bool linux_units(const struct host *host, struct arena *a, struct strings *ids,
		 struct diags *d)
{
	struct loaded_units all = { 0 };

	if (!units_list(linux_of(host), a, &all, d))
		return false;
	for (size_t i = 0; i < all.n; i++)
		if (all.v[i].loaded)
			strings_add(ids, a, all.v[i].id);
	return true;
}

bool units_since(const struct linux_host *h, const char *id, int64_t *since,
		 struct diags *d)
{
	AUTO(arena_release) struct arena a = { 0 };
	struct bus_properties p;
	const char *object;
	struct bus *bus;

	if (h->options.broker)
		return broker_since(h->options.broker, id, since, d);
	bus = bus_of(h, d);
	if (!bus)
		return false;
	if (!bus_unit(bus, id, &a, &object, d) ||
	    !bus_properties(bus, object, &a, &p, d))
		return lost(h);
	*since = (int64_t)(p.changed < INT64_MAX / 1000 ? p.changed * 1000 : 0);
	return true;
}

/*
 * The last of the files to be changed that a unit could be older than: none is
 * older than the host, and what is changed from now on is no news. Times of
 * files may lag behind the clock.
 */
static bool find_newest(const struct linux_host *h, const struct strings *paths,
			const char **newest, int64_t *mtime, struct diags *d)
{
	const int64_t lag = 1000000000;

	*newest = NULL;
	*mtime = h->units->booted;
	for (size_t i = 0; i < paths->n; i++) {
		struct node n;

		if (!host_look(&h->host, paths->v[i], &n, d))
			return false;
		if ((n.type == NODE_FILE || n.type == NODE_LINK) &&
		    n.mtime > *mtime && n.mtime < h->units->begun - lag) {
			*newest = paths->v[i];
			*mtime = n.mtime;
		}
	}
	return true;
}

bool linux_unit_age(const struct host *host, const struct unit *unit,
		    const struct strings *paths, struct arena *a,
		    struct unit_age *age, struct diags *d)
{
	const struct linux_host *h = linux_of(host);
	const char *newest;
	int64_t mtime;

	*age = (struct unit_age){ 0 };
	if (!find_newest(h, paths, &newest, &mtime, d))
		return false;
	if (!newest)
		return true;
	if (!units_since(h, unit->id, &age->since, d))
		return false;
	if (age->since && mtime > age->since)
		age->newer = arena_strdup(a, newest);
	return true;
}

/* --- files of units: systemctl(1) --- */

static void add_words(struct strings *to, struct arena *a,
		      const char *const *words)
{
	for (; *words; words++)
		strings_add(to, a, *words);
}

static void quote(struct diags *d, const char *what, const struct buf *b)
{
	AUTO_BUF struct buf safe = { 0 };
	size_t from = b->size > QUOTE_MAX ? b->size - QUOTE_MAX : 0;
	const char *line =
		from ? memchr(b->text + from, '\n', QUOTE_MAX - 1) : NULL;

	if (!b->size)
		return;
	if (line)
		from = (size_t)(line + 1 - b->text);
	escape_text(&safe, b->text + from, b->size - from, true);
	while (safe.size && safe.text[safe.size - 1] == '\n')
		safe.text[--safe.size] = '\0';
	diag_hint(d, "%s: %s", what, buf_text(&safe));
}

/* The tree's own, inside of it, where no manager can be asked. */
static bool systemctl(struct linux_host *h, const struct unit_change *c,
		      bool runtime, struct arena *a, struct diags *d)
{
	const char *verb = unit_action_name(c->action);
	const char *const words[] = { "systemctl", verb, NULL };
	struct command command = { .umask = -1, .timeout = TOOL_TIMEOUT };
	struct outcome o = { 0 };
	bool ok;

	add_words(&command.argv, a, words);
	if (runtime)
		strings_add(&command.argv, a, "--runtime");
	strings_add(&command.argv, a, "--");
	strings_add(&command.argv, a, c->name);
	if (is_tree(h))
		strings_add(&command.env, a, "SYSTEMD_OFFLINE=1");
	if (!linux_run(&h->host, &command, NULL, a, &o, d))
		return false;
	ok = o.ending == ENDED_EXIT && o.code == 0;
	if (!ok && o.ending == ENDED_NOT_STARTED)
		diag_error(d, "cannot %s '%s': systemctl: %s", verb, c->name,
			   o.because);
	else if (!ok)
		diag_error(d, "'systemctl %s %s' failed", verb, c->name);
	if (!ok)
		quote(d, "it said", o.errors.size ? &o.errors : &o.output);
	outcome_release(&o);
	return ok;
}

/* --- jobs --- */

static const char *method_of(enum unit_action action)
{
	switch (action) {
	case UNIT_STOP:
		return "StopUnit";
	case UNIT_RESTART:
		return "RestartUnit";
	case UNIT_RELOAD:
		return "ReloadOrRestartUnit";
	default:
		return "StartUnit";
	}
}

/* What the unit, and systemd about it, has said since it was last started. */
static void quote_journal(struct linux_host *h, const struct unit_change *c,
			  const struct bus_properties *p, struct arena *a,
			  struct diags *d)
{
	static const char *const sync[] = { "journalctl", "--sync", NULL };
	static const char *const show[] = { "journalctl", "--quiet",
					    "--no-pager", "--output=cat",
					    "--lines=10", NULL };
	struct command command = { .umask = -1, .timeout = TOOL_TIMEOUT };
	AUTO_DIAGS struct diags ignored = { 0 };
	struct outcome o = { 0 };

	if (h->host.hush)
		return;
	add_words(&command.argv, a, sync);
	linux_run(&h->host, &command, NULL, a, &o, &ignored);
	outcome_release(&o);
	command.argv = (struct strings){ 0 };
	add_words(&command.argv, a, show);
	strings_add(&command.argv, a, arena_printf(a, "--unit=%s", c->name));
	strings_add(&command.argv, a,
		    arena_printf(a, "--since=@%llu.%06llu",
				 (unsigned long long)(p->left_rest / 1000000),
				 (unsigned long long)(p->left_rest % 1000000)));
	if (linux_run(&h->host, &command, NULL, a, &o, &ignored) &&
	    o.ending == ENDED_EXIT)
		quote(d, "its journal ends with", &o.output);
	outcome_release(&o);
}

static bool is_service(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && strcmp(dot, ".service") == 0;
}

/* Why a unit does not run after a job that should have started it. */
static const char *why_down(const struct unit_change *c,
			    const struct bus_properties *p, struct arena *a)
{
	if (p->result && strcmp(p->result, "success") != 0)
		return arena_printf(a, "%s", p->result);
	if (is_service(c->name) && p->type && strcmp(p->type, "oneshot") == 0)
		return "it is a oneshot that does not remain after it exits: "
		       "do not manage whether it is running";
	return arena_printf(a, "it is %s (%s)", unit_active_name(p->active),
			    p->sub ? p->sub : "?");
}

static bool is_up(enum unit_active active)
{
	return active == UNIT_ACTIVE || active == UNIT_RELOADING;
}

/* systemd knows of a program of these types no more than that it was started
 * (systemd.service(5), "Type="). */
static bool may_die_at_once(const struct unit_change *c,
			    const struct bus_properties *p)
{
	return is_service(c->name) && p->type &&
	       (strcmp(p->type, "simple") == 0 ||
		strcmp(p->type, "exec") == 0 || strcmp(p->type, "idle") == 0);
}

/* A unit that was started, and whose job is done. */
static bool outlives(struct linux_host *h, const struct unit_change *c,
		     const char *object, struct arena *a, struct diags *d)
{
	struct bus *bus = h->units->bus;
	struct bus_properties p;

	if (!bus_properties(bus, object, a, &p, d))
		return lost(h);
	if (is_up(p.active) && may_die_at_once(c, &p)) {
		linux_pause(&h->host, SETTLE);
		if (!bus_properties(bus, object, a, &p, d))
			return lost(h);
	}
	if (is_up(p.active) && p.restarts == 0)
		return true;
	if (p.restarts)
		diag_error(d,
			   "'%s' does not stay up: systemd has started it "
			   "again already",
			   c->name);
	else
		diag_error(d, "'%s' does not run after its %s: %s", c->name,
			   unit_action_name(c->action), why_down(c, &p, a));
	quote_journal(h, c, &p, a, d);
	return false;
}

static bool job_failed(struct linux_host *h, const struct unit_change *c,
		       const char *object, const char *result, struct arena *a,
		       struct diags *d)
{
	struct bus_properties p = { 0 };
	AUTO_DIAGS struct diags ignored = { 0 };
	const char *verb = unit_action_name(c->action);

	bus_properties(h->units->bus, object, a, &p, &ignored);
	if (!result)
		diag_error(d,
			   "the %s of '%s' has not come to its end: it is %s "
			   "(%s), and systemd goes on with it",
			   verb, c->name, unit_active_name(p.active),
			   p.sub ? p.sub : "?");
	else if (p.result && strcmp(p.result, "success") != 0)
		diag_error(d, "cannot %s '%s': %s (%s)", verb, c->name, result,
			   p.result);
	else
		diag_error(d, "cannot %s '%s': %s", verb, c->name, result);
	quote_journal(h, c, &p, a, d);
	return false;
}

static bool is_same_file(const struct linux_host *h, const char *a,
			 const char *b)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	struct node x, y;

	return strcmp(a, b) == 0 || (host_look(&h->host, a, &x, &ignored) &&
				     host_look(&h->host, b, &y, &ignored) &&
				     x.inode && node_same(&x, &y));
}

static bool is_among(const struct linux_host *h, const char *path,
		     const struct strings *paths)
{
	for (size_t i = 0; i < paths->n; i++)
		if (is_same_file(h, path, paths->v[i]))
			return true;
	return false;
}

/*
 * Whether other files count by now than those that were read. NeedDaemonReload
 * tells when one of these has changed, but knows nothing of a new file in a
 * place that comes first, or of the first one in a new folder of drop-ins.
 */
static bool is_stale(const struct linux_host *h, const char *id,
		     const struct bus_properties *p, struct arena *a)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	struct strings drop_ins;
	struct unit unit;

	if (p->need_reload)
		return true;
	if (!host_unit_find(&h->host, id, a, &unit, &ignored) ||
	    !host_unit_drop_ins(&h->host, id, a, &drop_ins, &ignored))
		return false;
	if (unit.path && p->path && p->path[0] &&
	    !is_same_file(h, unit.path, p->path))
		return true;
	for (size_t i = 0; i < drop_ins.n; i++)
		if (!is_among(h, drop_ins.v[i], &p->drop_ins))
			return true;
	return false;
}

/* Files that were changed are read anew, and a count of failed starts does not
 * stand in the way of one more. */
static bool prepare(const struct linux_host *h, struct bus *bus,
		    const struct unit_change *c, struct arena *a,
		    const char **object, struct diags *d)
{
	struct bus_properties p;

	if (!bus_unit(bus, c->name, a, object, d) ||
	    !bus_properties(bus, *object, a, &p, d))
		return false;
	if (is_stale(h, c->name, &p, a) && !bus_reload(bus, d))
		return false;
	return p.active != UNIT_FAILED || c->action == UNIT_STOP ||
	       bus_reset(bus, c->name, d);
}

static bool run_job(struct linux_host *h, const struct unit_change *c,
		    struct arena *a, struct diags *d)
{
	const struct bus_wait wait = { .timeout = c->timeout,
				       .stopped = h->options.stopped,
				       .context = h->options.context };
	struct bus *bus = bus_of(h, d);
	const char *object, *result;

	if (!bus)
		return false;
	if (!prepare(h, bus, c, a, &object, d) ||
	    !bus_job(bus, method_of(c->action), c->name, &wait, a, &result, d))
		return lost(h);
	if (!result ||
	    (strcmp(result, "done") != 0 && strcmp(result, "skipped") != 0))
		return job_failed(h, c, object, result, a, d);
	return c->action == UNIT_STOP || outlives(h, c, object, a, d);
}

bool linux_unit_change(struct host *host, const struct unit_change *c,
		       struct arena *a, struct diags *d)
{
	struct linux_host *h = (struct linux_host *)(void *)host;
	bool ok;

	switch (c->action) {
	case UNIT_START:
	case UNIT_STOP:
	case UNIT_RESTART:
	case UNIT_RELOAD:
		ok = is_tree(h) ? diag_error(d, "nothing runs under --root")
				: run_job(h, c, a, d);
		break;
	default:
		ok = systemctl(h, c, false, a, d) &&
		     (!c->runtime || systemctl(h, c, true, a, d));
	}
	units_forget(h);
	return ok;
}
