/* SPDX-License-Identifier: MIT */
/* Looking, without the lock, at what may be written to meanwhile. */
#include "lib/store/database.h"

#include <string.h>
#include <time.h>

enum { LOOKS = 50 };

bool refuse_newer(const struct folder *f, const char *why, struct diags *d)
{
	diag_error(d, "will not use '%s/" DATABASE "': %s", f->path, why);
	diag_hint(d, "run the newer converge");
	return false;
}

static enum verdict look_once(const struct folder *f, struct view *v,
			      const struct asking *asking)
{
	enum verdict is;

	is = view_judge(v, sqlite_look(v->api, f->fd, DATABASE, &v->db));
	if (is == GOOD)
		is = view_set_up(v);
	if (is == GOOD)
		is = asking->ask(v, asking);
	v->api->close_v2(v->db);
	v->db = NULL;
	return is;
}

static void pause_a_little(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 10 * 1000 * 1000 }, NULL);
}

/* Again while a writer changes what was looked at. */
static enum verdict look(const struct folder *f, struct view *v,
			 const struct asking *asking)
{
	enum verdict is = TROUBLE;

	for (int i = 0; i < LOOKS; i++) {
		struct sqlite_mark before, after;

		sqlite_mark(f->fd, DATABASE, &before);
		is = look_once(f, v, asking);
		sqlite_mark(f->fd, DATABASE, &after);
		if (memcmp(&before, &after, sizeof(before)) == 0)
			return is;
		pause_a_little();
	}
	v->why = "it is being written to all the time";
	return TROUBLE;
}

static void disbelieve(const struct folder *f, const char *why, struct diags *d)
{
	diag_warning(d,
		     "cannot believe '%s/" DATABASE "': %s; what earlier runs "
		     "left to do is not known",
		     f->path, why);
}

bool look_into(const struct folder *f, struct arena *a,
	       const struct asking *asking, bool *forgotten, struct diags *d)
{
	struct view v = { .arena = a };
	enum verdict is = DAMAGED;
	bool there;
	int error;

	if (f->fd < 0)
		return true;
	v.why = parts_wrong(f, &there, &error);
	if (error)
		return diag_errno(d, error, "cannot read '%s/" DATABASE "'",
				  f->path);
	if (!there)
		return true;
	if (!v.why) {
		v.api = sqlite_load(d);
		if (!v.api)
			return false;
		is = look(f, &v, asking);
	}
	if (is == GOOD)
		return true;
	if (is == NEWER)
		return refuse_newer(f, v.why, d);
	if (is == TROUBLE)
		return diag_error(d, "cannot read '%s/" DATABASE "': %s",
				  f->path, v.why);
	*forgotten = true;
	disbelieve(f, v.why, d);
	return true;
}
