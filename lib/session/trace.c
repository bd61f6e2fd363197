/* SPDX-License-Identifier: MIT */
/* Which commits the changes of a plan come from. */
#include <string.h>
#include <unistd.h>

#include "lib/host/linux/process/confined.h"
#include "lib/provenance.h"
#include "lib/session/session.h"

/* What a confined process finds, by index in the plan. */
struct traced {
	struct past *v; /* of one without an id nothing is known */
	size_t n;
};

static bool can_be(const struct session *s)
{
	return s->plan.n && s->commit.id;
}

/* What was kept of a catalog does not tell what it was made from. */
static bool trace(struct session *s, struct diags *d)
{
	struct manifest again = { 0 }, *m = &s->manifest;
	bool ok = true;

	if (!m->main) {
		m = &again;
		ok = session_read_manifest(s, m, d);
	}
	ok = ok && provenance_of_plan(&s->plan, m, &s->place, &s->commit,
				      &s->arena, d);
	if (m == &again)
		manifest_release(m);
	return ok;
}

static void tell(struct session *s, const struct diags *wrong)
{
	diag_warning(&s->diags, "the history of the changes is not known%s%s",
		     wrong->n ? ": " : "", wrong->n ? wrong->v[0].text : "");
}

void session_trace_here(struct session *s)
{
	AUTO_DIAGS struct diags wrong = { 0 };

	if (s->options->traces && can_be(s) && !trace(s, &wrong))
		tell(s, &wrong);
}

/* --- by another process --- */

static void traced_pack(struct pack *p, struct traced *t)
{
	struct past *v = pack_array(p, &t->v, t->n, sizeof(*v));

	for (size_t i = 0; v && i < t->n && !p->wrong; i++) {
		if (!v[i].commit.id)
			continue;
		commit_pack(p, &v[i].commit);
		pack_strings(p, &v[i].tickets);
		pack_expect(p, v[i].since <= SINCE_LIMIT);
	}
}

static int work(void *context, int out)
{
	AUTO_DIAGS struct diags wrong = { 0 };
	struct session *s = context;
	struct traced t = { .n = s->plan.n };
	struct pack p;
	bool ok;

	s->facts.confined = true;
	if (!trace(s, &wrong)) {
		tell(s, &wrong);
		session_show_diags(s);
		return EXIT_FAILURE;
	}
	t.v = arena_array(&s->arena, struct past, t.n);
	for (size_t i = 0; i < t.n; i++)
		if (s->plan.v[i]->past)
			t.v[i] = *s->plan.v[i]->past;
	traced_pack(&p, pack_begin(&p, &t, sizeof(t)));
	ok = pack_write(&p, session_write, &out);
	pack_release(&p);
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

static bool take(struct session *s, int fd)
{
	struct traced *t;
	struct pack p;
	size_t size;
	void *block = linux_map(fd, &size);

	t = block ? unpack_begin(&p, block, size, sizeof(*t)) : NULL;
	if (t)
		traced_pack(&p, t);
	if (!t || !unpack_end(&p) || t->n != s->plan.n)
		return false;
	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].commit.id)
			s->plan.v[i]->past = &t->v[i];
	return true;
}

void session_trace(struct session *s, bool (*stopped)(void *session))
{
	AUTO_FD int fd = -1;
	int status;

	/* of what the host follows a record is kept */
	if (s->options->source && !s->options->traces)
		return;
	if (!can_be(s) || !session_confined(s, work, stopped, &fd, &status))
		return;
	if (status == EXIT_SUCCESS && !take(s, fd))
		tell(s, &(struct diags){ 0 });
}
