/* SPDX-License-Identifier: MIT */
#include "lib/host/linux/systemd/bus.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include "lib/host/linux/process/child.h"

#define LIBRARY "libsystemd.so.0"

/* What libsystemd has, as far as it is needed here. */
struct api {
	int (*new)(sd_bus **);
	int (*set_address)(sd_bus *, const char *);
	int (*start)(sd_bus *);
	int (*open_system)(sd_bus **);
	sd_bus *(*flush_close_unref)(sd_bus *);
	int (*set_method_call_timeout)(sd_bus *, uint64_t);
	int (*call_method)(sd_bus *, const char *, const char *, const char *,
			   const char *, sd_bus_error *, sd_bus_message **,
			   const char *, ...);
	int (*message_read)(sd_bus_message *, const char *, ...);
	int (*message_skip)(sd_bus_message *, const char *);
	int (*message_enter_container)(sd_bus_message *, char, const char *);
	int (*message_exit_container)(sd_bus_message *);
	sd_bus_message *(*message_unref)(sd_bus_message *);
	int (*match_signal)(sd_bus *, sd_bus_slot **, const char *,
			    const char *, const char *, const char *,
			    sd_bus_message_handler_t, void *);
	sd_bus_slot *(*slot_unref)(sd_bus_slot *);
	int (*process)(sd_bus *, sd_bus_message **);
	int (*wait)(sd_bus *, uint64_t);
	void (*error_free)(sd_bus_error *);
};

#define ROW(name)                                           \
	{                                                   \
		"sd_bus_" #name, offsetof(struct api, name) \
	}

static const struct {
	const char *symbol;
	size_t offset;
} functions[] = {
	ROW(new),
	ROW(set_address),
	ROW(start),
	ROW(open_system),
	ROW(flush_close_unref),
	ROW(set_method_call_timeout),
	ROW(call_method),
	ROW(message_read),
	ROW(message_skip),
	ROW(message_enter_container),
	ROW(message_exit_container),
	ROW(message_unref),
	ROW(match_signal),
	ROW(slot_unref),
	ROW(process),
	ROW(wait),
	ROW(error_free),
};

enum {
	CALL_TIMEOUT = 90000000, /* microseconds: a reload takes its time */
	TICK = 200000,           /* until a stop is heard */
};

static const char service[] = "org.freedesktop.systemd1";
static const char manager[] = "/org/freedesktop/systemd1";
static const char manager_interface[] = "org.freedesktop.systemd1.Manager";

struct bus {
	const struct api *api;
	sd_bus *sd;
};

/* Through memory: see sqlite.c. */
static const char *fill(void *library, struct api *api)
{
	for (size_t i = 0; i < COUNT(functions); i++) {
		void *symbol = dlsym(library, functions[i].symbol);

		if (!symbol)
			return functions[i].symbol;
		memcpy((char *)api + functions[i].offset, &symbol,
		       sizeof(symbol));
	}
	return NULL;
}

static const struct api *load(struct diags *d)
{
	static struct api api;
	static void *library;
	const char *missing;

	if (library)
		return &api;
	library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
	if (!library) {
		diag_error(d,
			   "cannot load libsystemd, which units are asked for "
			   "with: %s",
			   dlerror());
		diag_hint(d, "install the package that has " LIBRARY
			     " (libsystemd0, systemd-libs)");
		return NULL;
	}
	missing = fill(library, &api);
	if (!missing)
		return &api;
	dlclose(library);
	library = NULL;
	diag_error(d, "cannot use " LIBRARY ": it has no %s", missing);
	return NULL;
}

/* As systemctl(1) does it. Where dbus is not installed there is the manager's
 * own socket all the same. */
static int connect_manager(struct bus *b)
{
	static const char own[] = "unix:path=/run/systemd/private";
	int r = -EPERM;

	if (geteuid() == 0) {
		r = b->api->new (&b->sd);
		if (r >= 0)
			r = b->api->set_address(b->sd, own);
		if (r >= 0)
			r = b->api->start(b->sd);
		if (r < 0 && b->sd)
			b->sd = b->api->flush_close_unref(b->sd);
	}
	if (r < 0)
		r = b->api->open_system(&b->sd);
	if (r >= 0)
		r = b->api->set_method_call_timeout(b->sd, CALL_TIMEOUT);
	return r;
}

/* sd_booted(3) */
static bool is_booted(void)
{
	struct stat st;

	return lstat("/run/systemd/system", &st) == 0 && S_ISDIR(st.st_mode);
}

struct bus *bus_open(struct diags *d)
{
	const struct api *api;
	struct bus *b;
	int r;

	if (!is_booted()) {
		diag_error(d, "this host is not run by systemd");
		return NULL;
	}
	api = load(d);
	if (!api)
		return NULL;
	b = xrealloc(NULL, sizeof(*b));
	*b = (struct bus){ .api = api };
	r = connect_manager(b);
	if (r >= 0)
		return b;
	diag_errno(d, -r, "cannot reach systemd over its bus");
	bus_close(b);
	return NULL;
}

void bus_close(struct bus *b)
{
	if (!b)
		return;
	if (b->sd)
		b->api->flush_close_unref(b->sd);
	free(b);
}

/* --- calls --- */

static bool call_failed(struct bus *b, int r, sd_bus_error *error,
			const char *what, struct diags *d)
{
	if (error->message)
		diag_error(d, "%s: %s", what, error->message);
	else
		diag_errno(d, -r, "%s: no answer from systemd", what);
	b->api->error_free(error);
	return false;
}

static bool damaged(int r, struct diags *d)
{
	return diag_errno(d, r < 0 ? -r : EBADMSG,
			  "the answer of systemd cannot be read");
}

static bool read_unit(struct bus *b, sd_bus_message *m, struct arena *a,
		      struct loaded_unit *unit, int *r)
{
	const char *id, *load_state, *active, *sub;
	int state;

	*r = b->api->message_read(m, "(ssssssouso)", &id, NULL, &load_state,
				  &active, &sub, NULL, NULL, NULL, NULL, NULL);
	if (*r <= 0)
		return false;
	state = unit_active_parse(active);
	*unit = (struct loaded_unit){
		.id = arena_strdup(a, id),
		.loaded = strcmp(load_state, "not-found") != 0,
		/* "maintenance" and what may come: not up, not quite down */
		.active =
			state < 0 ? UNIT_DEACTIVATING : (enum unit_active)state,
		.sub = arena_strdup(a, sub),
	};
	return true;
}

static int read_list(struct bus *b, sd_bus_message *m, struct arena *a,
		     struct loaded_units *to)
{
	struct loaded_unit unit;
	int r = b->api->message_enter_container(m, 'a', "(ssssssouso)");

	while (r >= 0 && read_unit(b, m, a, &unit, &r)) {
		to->v = arena_grow(a, to->v, to->n, &to->capacity,
				   sizeof(*to->v));
		to->v[to->n++] = unit;
	}
	return r;
}

bool bus_list(struct bus *b, struct arena *a, struct loaded_units *to,
	      struct diags *d)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	sd_bus_message *reply = NULL;
	int r;

	*to = (struct loaded_units){ 0 };
	r = b->api->call_method(b->sd, service, manager, manager_interface,
				"ListUnits", &error, &reply, NULL);
	if (r < 0)
		return call_failed(b, r, &error, "cannot list units", d);
	r = read_list(b, reply, a, to);
	b->api->message_unref(reply);
	return r >= 0 || damaged(r, d);
}

/* A method of the manager that returns nothing of use. */
static bool tell(struct bus *b, const char *method, const char *what,
		 struct diags *d)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	int r = b->api->call_method(b->sd, service, manager, manager_interface,
				    method, &error, NULL, NULL);

	return r >= 0 || call_failed(b, r, &error, what, d);
}

bool bus_reload(struct bus *b, struct diags *d)
{
	return tell(b, "Reload", "systemd cannot read its units anew", d);
}

bool bus_reset(struct bus *b, const char *unit, struct diags *d)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	int r = b->api->call_method(b->sd, service, manager, manager_interface,
				    "ResetFailedUnit", &error, NULL, "s", unit);

	return r >= 0 || call_failed(b, r, &error, unit, d);
}

/* --- jobs --- */

struct job {
	struct bus *bus;
	const char *object;
	struct arena *arena;
	const char *result;
};

static int job_removed(sd_bus_message *m, void *context, sd_bus_error *error)
{
	struct job *job = context;
	const char *object, *result;

	(void)error;
	if (job->bus->api->message_read(m, "uoss", NULL, &object, NULL,
					&result) >= 0 &&
	    job->object && strcmp(object, job->object) == 0)
		job->result = arena_strdup(job->arena, result);
	return 0;
}

static int wait_for(struct bus *b, const struct bus_wait *w,
		    const struct job *job)
{
	int64_t until = child_now() + w->timeout;
	int r = 0;

	while (!job->result && r >= 0) {
		r = b->api->process(b->sd, NULL);
		if (r != 0)
			continue;
		if (child_now() >= until ||
		    (w->stopped && w->stopped(w->context)))
			return 0;
		r = b->api->wait(b->sd, TICK);
		if (r == -EINTR)
			r = 0;
	}
	return r;
}

static bool queue(struct bus *b, const char *method, const char *unit,
		  struct job *job, struct diags *d)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	sd_bus_message *reply = NULL;
	const char *object;
	int r = b->api->call_method(b->sd, service, manager, manager_interface,
				    method, &error, &reply, "ss", unit,
				    "replace");

	if (r < 0)
		return call_failed(b, r, &error, unit, d);
	r = b->api->message_read(reply, "o", &object);
	if (r > 0)
		job->object = arena_strdup(job->arena, object);
	b->api->message_unref(reply);
	return r > 0 || damaged(r, d);
}

bool bus_job(struct bus *b, const char *method, const char *unit,
	     const struct bus_wait *w, struct arena *a, const char **result,
	     struct diags *d)
{
	struct job job = { .bus = b, .arena = a };
	sd_bus_slot *slot = NULL;
	bool ok;
	int r;

	*result = NULL;
	/* before the call, or its end could be missed; over the manager's own
	 * socket no signal has a sender */
	r = b->api->match_signal(b->sd, &slot, NULL, manager, manager_interface,
				 "JobRemoved", job_removed, &job);
	if (r < 0)
		return diag_errno(d, -r, "cannot listen to systemd");
	ok = queue(b, method, unit, &job, d);
	if (ok) {
		r = wait_for(b, w, &job);
		ok = r >= 0 || diag_errno(d, -r, "systemd does not answer");
	}
	b->api->slot_unref(slot);
	*result = job.result;
	return ok;
}

/* --- one unit --- */

bool bus_unit(struct bus *b, const char *unit, struct arena *a,
	      const char **object, struct diags *d)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	sd_bus_message *reply = NULL;
	const char *path;
	int r = b->api->call_method(b->sd, service, manager, manager_interface,
				    "LoadUnit", &error, &reply, "s", unit);

	if (r < 0)
		return call_failed(b, r, &error, unit, d);
	r = b->api->message_read(reply, "o", &path);
	if (r > 0)
		*object = arena_strdup(a, path);
	b->api->message_unref(reply);
	return r > 0 || damaged(r, d);
}

/* Reads a variant, which must be of that type. */
static int read_value(struct bus *b, sd_bus_message *m, const char *type,
		      void *to)
{
	int r = b->api->message_enter_container(m, 'v', type);

	if (r > 0)
		r = b->api->message_read(m, type, to);
	if (r == 0)
		return -EBADMSG;
	return r > 0 ? b->api->message_exit_container(m) : r;
}

static int read_drop_ins(struct bus *b, sd_bus_message *m, struct arena *a,
			 struct strings *to)
{
	const char *path;
	int r = b->api->message_enter_container(m, 'v', "as");

	if (r > 0)
		r = b->api->message_enter_container(m, 'a', "s");
	while (r > 0) {
		r = b->api->message_read(m, "s", &path);
		if (r > 0)
			strings_add(to, a, arena_strdup(a, path));
	}
	if (r >= 0)
		r = b->api->message_exit_container(m);
	return r >= 0 ? b->api->message_exit_container(m) : r;
}

static int read_property(struct bus *b, sd_bus_message *m, const char *name,
			 struct arena *a, struct bus_properties *to)
{
	const struct {
		const char *name;
		const char **to;
	} texts[] = { { "SubState", &to->sub },
		      { "FragmentPath", &to->path },
		      { "Type", &to->type },
		      { "Result", &to->result } };
	const char *text = "";
	int truth = 0, r;

	for (size_t i = 0; i < COUNT(texts); i++) {
		if (strcmp(texts[i].name, name) != 0)
			continue;
		r = read_value(b, m, "s", &text);
		if (r >= 0)
			*texts[i].to = arena_strdup(a, text);
		return r;
	}
	if (strcmp(name, "ActiveState") == 0) {
		r = read_value(b, m, "s", &text);
		truth = r >= 0 ? unit_active_parse(text) : -1;
		to->active =
			truth < 0 ? UNIT_DEACTIVATING : (enum unit_active)truth;
		return r;
	}
	if (strcmp(name, "NeedDaemonReload") == 0) {
		r = read_value(b, m, "b", &truth);
		to->need_reload = r >= 0 && truth;
		return r;
	}
	if (strcmp(name, "StateChangeTimestamp") == 0)
		return read_value(b, m, "t", &to->changed);
	if (strcmp(name, "InactiveExitTimestamp") == 0)
		return read_value(b, m, "t", &to->left_rest);
	if (strcmp(name, "DropInPaths") == 0)
		return read_drop_ins(b, m, a, &to->drop_ins);
	if (strcmp(name, "NRestarts") == 0)
		return read_value(b, m, "u", &to->restarts);
	return b->api->message_skip(m, "v");
}

static int read_properties(struct bus *b, sd_bus_message *m, struct arena *a,
			   struct bus_properties *to)
{
	const char *name;
	int r = b->api->message_enter_container(m, 'a', "{sv}");

	while (r >= 0) {
		r = b->api->message_enter_container(m, 'e', "sv");
		if (r <= 0)
			break;
		r = b->api->message_read(m, "s", &name);
		if (r >= 0)
			r = read_property(b, m, name, a, to);
		if (r >= 0)
			r = b->api->message_exit_container(m);
	}
	return r;
}

bool bus_properties(struct bus *b, const char *object, struct arena *a,
		    struct bus_properties *to, struct diags *d)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	sd_bus_message *reply = NULL;
	int r;

	*to = (struct bus_properties){ 0 };
	/* "": of all interfaces */
	r = b->api->call_method(b->sd, service, object,
				"org.freedesktop.DBus.Properties", "GetAll",
				&error, &reply, "s", "");
	if (r < 0)
		return call_failed(b, r, &error, "cannot ask for a unit", d);
	r = read_properties(b, reply, a, to);
	b->api->message_unref(reply);
	return r >= 0 || damaged(r, d);
}
