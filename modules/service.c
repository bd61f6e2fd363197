/* SPDX-License-Identifier: MIT */
/* service: a unit of systemd, running or not, now and at boot. */
#include <string.h>
#include <time.h>

#include "modules/parts/no_secret.h"
#include "modules/parts/tool.h"

struct service {
	struct record r;
	const char *name; /* in full, once it is checked */
	int ensure;
	int enable; /* enum unit_enabled */
	int on_refresh;
	struct strings check;
	int64_t timeout;
	struct strings notifiers;
	bool fresh;
	struct unit unit;    /* in have */
	struct unit_age age; /* the same */
};

enum row {
	NAME,
	ENSURE,
	ENABLE,
	ON_REFRESH,
	CHECK,
	TIMEOUT,
	NOTIFIERS,
	FRESH,
	ROWS,
};

enum { RUNNING, STOPPED };
enum { RESTART, RELOAD, NONE };

static const char *const states[] = { "running", "stopped", NULL };
static const char *const refreshes[] = { "restart", "reload", "none", NULL };

#define AT(member) offsetof(struct service, member)

static const struct attr attrs[ROWS] = {
	[NAME] = { .name = "name",
		   .kind = &kind_text,
		   .flags = ATTR_NAME,
		   .offset = AT(name),
		   .doc = "The unit: \"nginx\" is nginx.service, others are "
			  "named in full, such as \"apt-daily.timer\"." },
	[ENSURE] = { .name = "ensure",
		     .kind = &kind_choice,
		     .flags = ATTR_STATE,
		     .offset = AT(ensure),
		     .choices = states,
		     .doc = "Whether it runs now." },
	[ENABLE] = { .name = "enable",
		     .kind = &kind_enable,
		     .flags = ATTR_STATE,
		     .offset = AT(enable),
		     .doc = "Whether it is started at boot; \"masked\": it "
			    "cannot be started at all." },
	[ON_REFRESH] = { .name = "on_refresh",
			 .kind = &kind_choice,
			 .flags = ATTR_MANNER,
			 .offset = AT(on_refresh),
			 .choices = refreshes,
			 .fallback = "\"restart\"",
			 .doc = "What a notification does to it while it runs; "
				"one that cannot reload is restarted." },
	[CHECK] = { .name = "check",
		    .kind = &kind_argv,
		    .flags = ATTR_MANNER,
		    .offset = AT(check),
		    .no_secret = NO_SECRET_IN_ARGUMENTS,
		    .doc = "A command that is run before it is started, "
			   "restarted or reloaded: when it fails, the service "
			   "is left as it is, and the resource fails." },
	[TIMEOUT] = { .name = "timeout",
		      .kind = &kind_duration,
		      .flags = ATTR_MANNER,
		      .offset = AT(timeout),
		      .fallback = "\"5m\"",
		      .doc = "How long the check, and each start or stop, may "
			     "take; systemd goes on with what it has begun." },
	[NOTIFIERS] = { .name = "notifiers",
			.kind = &kind_paths,
			.flags = ATTR_INTERNAL,
			.offset = AT(notifiers),
			.doc = "Files whose changes notify it." },
	[FRESH] = { .name = "fresh",
		    .kind = &kind_bool,
		    .flags = ATTR_STATE | ATTR_INTERNAL,
		    .offset = AT(fresh),
		    .fallback = "true",
		    .doc = "Whether it was started after they changed." },
};

static bool check(void *record, struct arena *a, struct diags *d)
{
	struct service *want = record;
	const char *wrong, *full = unit_full_name(want->name, a, &wrong);

	if (!full)
		return diag_error(d, "'name' %s", wrong);
	want->name = full;
	if ((want->r.set & BIT(ENSURE)) && want->ensure == RUNNING &&
	    (want->r.set & BIT(ENABLE)) && want->enable == UNIT_MASKED)
		return diag_error(d, "what is masked cannot be running");
	return true;
}

static void edges(const void *record, struct edges *e)
{
	static const char *const folders[] = {
		"/etc/systemd/system",     "/run/systemd/system",
		"/usr/lib/systemd/system", "/usr/local/lib/systemd/system",
		"/lib/systemd/system",
	};
	const struct service *want = record;
	AUTO_BUF struct buf path = { 0 };

	for (size_t i = 0; i < COUNT(folders); i++) {
		buf_clear(&path);
		buf_printf(&path, "%s/%s", folders[i], want->name);
		edges_after_below(e, buf_text(&path), "its unit file");
		buf_puts(&path, ".d");
		edges_after_below(e, buf_text(&path), "its drop-in");
	}
	tool_edges(&want->check, "the program of its check", e);
}

static void notified(void *record, const char *path, struct arena *a)
{
	struct service *want = record;

	if (!strings_have(&want->notifiers, path))
		strings_add(&want->notifiers, a, path);
	want->r.set |= BIT(NOTIFIERS);
}

static bool ignores(const void *record)
{
	const struct service *want = record;

	return want->on_refresh == NONE ||
	       ((want->r.set & BIT(ENSURE)) && want->ensure == STOPPED);
}

static bool is_up(const struct unit *unit)
{
	return unit->active == UNIT_ACTIVE || unit->active == UNIT_RELOADING;
}

static bool is_down(const struct unit *unit)
{
	return unit->active == UNIT_INACTIVE || unit->active == UNIT_FAILED;
}

static bool is_masked(const struct unit *unit)
{
	return unit->enabled == UNIT_MASKED ||
	       unit->enabled == UNIT_MASKED_RUNTIME;
}

static bool needs_unit(const struct service *want)
{
	return ((want->r.set & BIT(ENSURE)) && want->ensure == RUNNING) ||
	       ((want->r.set & BIT(ENABLE)) && want->enable == UNIT_ENABLED);
}

static void mark_unknown(struct service *have)
{
	record_unknown(&have->r, ENSURE, have->unit.because);
	record_unknown(&have->r, ENABLE, have->unit.because);
	record_unknown(&have->r, FRESH, have->unit.because);
}

/* On its way up or down it is neither: that is never what was asked for. */
static int ensure_of(const struct service *want, const struct unit *unit)
{
	if (is_up(unit))
		return RUNNING;
	if (is_down(unit))
		return STOPPED;
	return want->ensure == RUNNING ? STOPPED : RUNNING;
}

/* Whether what it runs with is what its files say. */
static bool find_age(const struct host *h, const struct service *want,
		     struct service *have, struct arena *a, struct diags *d)
{
	have->r.set |= BIT(FRESH);
	have->fresh = true;
	if (!want->notifiers.n || ignores(want) || !(want->r.set & BIT(ENSURE)))
		return true;
	if (is_up(&have->unit) &&
	    !host_unit_age(h, &have->unit, &want->notifiers, a, &have->age, d))
		return false;
	have->fresh = !have->age.newer;
	return true;
}

/* Links are many, and looked at only where they are asked for. */
static bool look_up(const struct host *h, const struct service *want,
		    struct arena *a, struct unit *unit, struct diags *d)
{
	return want->r.set & BIT(ENABLE)
		       ? host_unit_file(h, want->name, a, unit, d)
		       : host_unit_find(h, want->name, a, unit, d);
}

static bool observe(const struct host *h, const void *want_record,
		    void *have_record, struct arena *a, struct diags *d)
{
	const struct service *want = want_record;
	struct service *have = have_record;
	struct unit *unit = &have->unit;

	if (!look_up(h, want, a, unit, d))
		return false;
	have->r.set = want->r.set & (BIT(ENSURE) | BIT(ENABLE));
	if (unit->because) {
		mark_unknown(have);
		return true;
	}
	if ((want->r.set & BIT(ENSURE)) && !host_unit_state(h, unit, a, d))
		return false;
	if (unit->because) {
		mark_unknown(have);
		return true;
	}
	if (unit->enabled == UNIT_NO_FILE && !unit->loaded && needs_unit(want))
		return diag_error(d, "there is no unit '%s' on this host",
				  want->name);
	have->ensure = ensure_of(want, unit);
	have->enable = (int)unit->enabled;
	return find_age(h, want, have, a, d);
}

static bool run_check(struct host *h, const struct service *want,
		      struct arena *a, struct diags *d)
{
	struct command command = { .argv = want->check,
				   .umask = -1,
				   .timeout = want->timeout,
				   .trial = true };
	struct outcome o = { 0 };
	bool ok;

	if (!(want->r.set & BIT(CHECK)))
		return true;
	if (!host_run(h, &command, NULL, a, &o, d)) {
		outcome_release(&o);
		return false;
	}
	ok = o.ending == ENDED_ASSUMED ||
	     (o.ending == ENDED_EXIT && o.code == 0);
	if (!ok) {
		diag_error(d, "it is left as it is: its check '%s' %s",
			   want->check.v[0], tool_ending(&o, a));
		if (!h->hush)
			tool_quote(&o, d);
	}
	outcome_release(&o);
	return ok;
}

static bool act(struct host *h, const struct service *want,
		const struct unit *unit, enum unit_action action,
		struct arena *a, struct diags *d)
{
	const struct unit_change c = {
		.name = unit->id,
		.action = action,
		.runtime = (action == UNIT_UNMASK &&
			    unit->enabled == UNIT_MASKED_RUNTIME) ||
			   (action == UNIT_DISABLE &&
			    unit->enabled == UNIT_ENABLED_RUNTIME),
		.timeout = want->timeout,
	};

	return host_unit_change(h, &c, a, d);
}

static bool set_enable(struct host *h, const struct service *want,
		       const struct unit *unit, struct arena *a,
		       struct diags *d)
{
	struct unit now = *unit;
	int enabled;

	if (want->enable == UNIT_MASKED)
		return act(h, want, unit, UNIT_MASK, a, d);
	if (is_masked(unit) && (!act(h, want, unit, UNIT_UNMASK, a, d) ||
				!host_unit_file(h, unit->id, a, &now, d)))
		return false;
	enabled = (int)now.enabled;
	if (kind_enable.equal(&want->enable, &enabled))
		return true;
	return act(h, want, &now,
		   want->enable == UNIT_ENABLED ? UNIT_ENABLE : UNIT_DISABLE, a,
		   d);
}

static bool starts(const struct step *step)
{
	const struct service *want = step->want;

	return (step->differ & BIT(ENSURE)) && want->ensure == RUNNING;
}

static bool stops(const struct step *step)
{
	const struct service *want = step->want;

	return (step->differ & BIT(ENSURE)) && want->ensure == STOPPED;
}

static bool catches_up(const struct step *step)
{
	return step->differ & BIT(FRESH);
}

static enum unit_action on_refresh(const struct service *want)
{
	return want->on_refresh == RELOAD ? UNIT_RELOAD : UNIT_RESTART;
}

static bool may_start(const struct service *want, const struct unit *unit,
		      struct diags *d)
{
	if (!is_masked(unit) || (want->r.set & BIT(ENABLE)))
		return true;
	diag_error(d, "'%s' is masked", unit->id);
	diag_hint(d, "give 'enable', true or false, to have it unmasked");
	return false;
}

static bool apply(struct host *h, const struct step *step, struct arena *a,
		  struct diags *d)
{
	const struct service *want = step->want, *have = step->have;
	const struct unit *unit = &have->unit;

	if (starts(step) && !may_start(want, unit, d))
		return false;
	if ((starts(step) || catches_up(step)) && !run_check(h, want, a, d))
		return false;
	if (stops(step) && !act(h, want, unit, UNIT_STOP, a, d))
		return false;
	if ((step->differ & BIT(ENABLE)) && !set_enable(h, want, unit, a, d))
		return false;
	if (catches_up(step))
		return act(h, want, unit, on_refresh(want), a, d);
	return !starts(step) || act(h, want, unit, UNIT_START, a, d);
}

/* A unit that is not to run, or that nobody started, is not restarted; one
 * that failed is: that may be why the refresh is still owed. */
static bool is_restarted(const struct service *want, const struct unit *unit)
{
	return unit->active != UNIT_INACTIVE ||
	       ((want->r.set & BIT(ENSURE)) && want->ensure == RUNNING);
}

static bool refresh(struct host *h, const void *record, struct arena *a,
		    struct diags *d)
{
	const struct service *want = record;
	struct unit unit;

	if (!host_unit_find(h, want->name, a, &unit, d) ||
	    !host_unit_state(h, &unit, a, d))
		return false;
	if (!is_restarted(want, &unit))
		return true;
	return run_check(h, want, a, d) &&
	       act(h, want, &unit, on_refresh(want), a, d);
}

static bool renews(const struct step *step)
{
	return starts(step) || catches_up(step);
}

/* "it runs since 2026-11-28T04:30:00Z, before /etc/app.conf changed" */
static const char *because(const struct step *step, struct arena *a)
{
	const struct service *have = step->have;
	time_t seconds = (time_t)(have->age.since / 1000000000);
	char text[32] = "?";
	struct tm tm;

	if (!catches_up(step) || !have->age.newer)
		return NULL;
	if (gmtime_r(&seconds, &tm))
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	return arena_printf(a, "it runs since %s, before %s changed", text,
			    have->age.newer);
}

static enum disruption disruption(const struct step *step)
{
	const struct service *want = step->want;

	if (step->action == ACTION_REFRESH || catches_up(step))
		return want->on_refresh == RELOAD ? DISRUPTION_RELOAD
						  : DISRUPTION_RESTART;
	if (step->action == ACTION_UNKNOWN)
		return (want->r.set & BIT(ENSURE)) && want->ensure == STOPPED
			       ? DISRUPTION_RESTART
			       : DISRUPTION_NONE;
	return stops(step) ? DISRUPTION_RESTART : DISRUPTION_NONE;
}

const struct module service_module = {
	.name = "service",
	.summary = "A unit of systemd: whether it runs, and whether it is "
		   "started at boot. Files of it that have changed are read "
		   "anew (daemon-reload) before it is started, restarted or "
		   "reloaded.",
	.example = "\"service:nginx\": {\n"
		   "  \"ensure\": \"running\",\n"
		   "  \"enable\": true,\n"
		   "  \"on_refresh\": \"reload\",\n"
		   "  \"check\": [\"nginx\", \"-t\"],\n"
		   "  \"subscribe\": \"file:/etc/nginx/nginx.conf\"\n"
		   "},\n"
		   "\"file:/etc/nginx/nginx.conf\": {\n"
		   "  \"content\": \"events {}\\n\"\n"
		   "},\n"
		   "\"service:apt-daily.timer\": {\n"
		   "  \"ensure\": \"stopped\",\n"
		   "  \"enable\": \"masked\"\n"
		   "}\n",
	.size = sizeof(struct service),
	.attrs = attrs,
	.nattrs = ROWS,
	.check = check,
	.edges = edges,
	.observe = observe,
	.apply = apply,
	.refresh = refresh,
	.ignores = ignores,
	.disruption = disruption,
	.alone = true,
	.renews = renews,
	.because = because,
	.notified = notified,
};
