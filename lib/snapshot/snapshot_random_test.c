/* SPDX-License-Identifier: MIT */
/*
 * Plans against snapshots are the truth, on random hosts and manifests. For
 * each: a host is recorded by the road that its own plan takes, with one
 * manifest, and a plan is made against the record, with that or with another.
 *
 * 1. What the plan says the host's own plan says too; what it does not know it
 *    calls unknown, and nothing else comes of that but what is unknown, or
 *    waits.
 * 2. Applied to the recorded host, the plan comes true line by line, and of
 *    what is known nothing is left for a second.
 * 3. Applied to the host itself it comes true as well; and against a snapshot
 *    of what the host is then nothing is to be done.
 *
 * CONVERGE_RANDOM=N	how many (400); 10,000 are a sweep
 * CONVERGE_FIRST=N	the first of them (0)
 * CONVERGE_SEED=N	others
 * CONVERGE_ONLY=N	that one alone, which is shown
 */
#include "lib/fixture_test.h"
#include "lib/host/recorder.h"
#include "lib/snapshot/random_test.h"
#include "lib/snapshot/record.h"
#include "lib/snapshot/recorded.h"

enum { COUNT_USUAL = 400, CONTROLS = 150 };

/* --- what is compared --- */

/* A change as one line, with all that a plan says of it but the diff. */
struct line {
	const char *key;  /* id, and whether it is a refresh */
	const char *text; /* NULL: it is not known */
	const char *rest; /* the same without what is replaced, and the id */
	bool blind;       /* which is not known */
	bool skipped;     /* what it needs has failed */
	const char *from; /* what it is a part of, or NULL */
};

struct lines {
	struct line *v;
	size_t n;
};

static bool is_unknown(const struct change *c)
{
	return c->action == ACTION_UNKNOWN;
}

/* A refresh that only what is unknown asks for, or what waits for it. */
static bool hangs_on_unknown(const struct change *c)
{
	for (size_t i = 0; c->refresh && i < c->ncauses; i++)
		if (is_unknown(c->causes[i]))
			return true;
	return c->withheld && strncmp(c->withheld, "it waits for", 12) == 0;
}

/* Whether the digest of what a change replaces is not known; takes it out. */
static bool take_before(json_t *change)
{
	json_t *content = json_object_get(json_object_get(change, "attributes"),
					  "content");
	const char *digest = json_string_value(
		json_object_get(json_object_get(content, "before"), "sha256"));
	bool blind = digest && !*digest;

	json_object_del(content, "before");
	json_object_del(change, "change");
	return blind;
}

static const char *text_of(const json_t *json, struct arena *a)
{
	AUTO_FREE char *text = json_dumps(json, JSON_SORT_KEYS);

	return arena_strdup(a, text);
}

static struct lines lines_of(const struct plan *plan, struct arena *a)
{
	struct lines l = { .v = arena_array(a, struct line, plan->n),
			   .n = plan->n };

	for (size_t i = 0; i < plan->n; i++) {
		const struct change *c = plan->v[i];
		json_t *j = report_change(plan, c);

		json_object_del(j, "diff");
		if (c->failed)
			json_object_set_new(j, "failed", json_true());
		l.v[i].key = arena_printf(a, "%s%s", c->res->id,
					  c->refresh ? " refresh" : "");
		l.v[i].skipped = c->skipped != NULL;
		l.v[i].from = c->res->from ? c->res->from->id : NULL;
		if (!is_unknown(c) && !hangs_on_unknown(c)) {
			l.v[i].text = text_of(j, a);
			l.v[i].blind = take_before(j);
			l.v[i].rest = text_of(j, a);
		}
		json_decref(j);
	}
	return l;
}

static const struct line *find(const struct lines *l, const char *key)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->v[i].key, key) == 0)
			return &l->v[i];
	return NULL;
}

/* --- one case --- */

struct tally {
	size_t cases, lines, known, unknown, settled;
};

struct trial {
	unsigned number;
	struct arena arena;
	const char *host, *before, *after; /* texts: the host, manifests */
	struct fixture f; /* the manifest after, and the host itself */
	struct tally *tally;
	const char *wrong; /* NULL: all is well */
};

static bool blame(struct trial *t, const char *what, const char *about)
{
	if (!t->wrong)
		t->wrong = arena_printf(&t->arena, "%s: %s", what, about);
	return false;
}

/* What the host's own road leaves: its record, when that manifest was applied
 * or planned. */
static json_t *record(const char *manifest, const char *host, struct trial *t)
{
	struct fixture f;
	struct noted noted = { 0 };
	struct record_options o = { .host = "web-1",
				    .own = "/state",
				    .time = 1700000000,
				    .noted = &noted };
	struct plan_options none = { .max_disruption = -1 };
	struct host *recorder;
	json_t *json;

	fixture_begin(&f, manifest, host);
	recorder = host_recorder(f.host, &noted);
	ck_assert(plan_build(&f.plan, &f.graph, recorder, &none, &f.diags));
	diags_release(&f.diags);
	o.plan = &f.plan;
	o.facts = fixture_facts(&f, "", 0);
	json = record_host(f.host, &o, &f.diags);
	if (!json)
		blame(t, "cannot be recorded", fixture_said(&f));
	host_close(recorder);
	noted_release(&noted);
	fixture_release(&f);
	return json;
}

/* A snapshot that was read, and the plan against it. */
struct review {
	struct fixture f; /* for its tree alone */
	char *text;
	struct recorded recorded;
	struct against against;
	struct diags diags;
};

static bool review_begin(struct review *r, struct trial *t, json_t *snapshot,
			 const char *manifest)
{
	*r = (struct review){ .text = json_dumps(snapshot, 0) };
	fixture_read(&r->f, manifest);
	if (!recorded_read(&r->recorded, r->text, strlen(r->text), "s",
			   &r->diags))
		return blame(t, "cannot be read", r->diags.v[0].text);
	r->against = (struct against){ .tree = &r->f.tree,
				       .file = "m.json",
				       .options.max_disruption = -1 };
	if (!against_plan(&r->against, &r->recorded, &r->diags))
		return blame(t, "cannot be planned", r->diags.v[0].text);
	return true;
}

static void review_end(struct review *r)
{
	against_release(&r->against);
	recorded_release(&r->recorded);
	diags_release(&r->diags);
	fixture_release(&r->f);
	free(r->text);
}

/* Whether there is something that the plan does not know which comes first. */
static bool knows_all(const struct lines *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (!l->v[i].text)
			return false;
	return true;
}

static bool is_same(const struct line *truth, const struct line *said)
{
	return said->blind ? strcmp(truth->rest, said->rest) == 0
			   : strcmp(truth->text, said->text) == 0;
}

static bool is_below_unknown(const struct line *l, const struct lines *said)
{
	for (size_t i = 0; l->from && i < said->n; i++)
		if (!said->v[i].text && strcmp(said->v[i].key, l->from) == 0)
			return true;
	return false;
}

/* 1: what is said is so. */
static void compare(struct trial *t, const struct lines *truth,
		    const struct lines *said)
{
	bool all = knows_all(said) && knows_all(truth);

	for (size_t i = 0; i < said->n; i++) {
		const struct line *so = find(truth, said->v[i].key);

		t->tally->lines++;
		t->tally->known += said->v[i].text != NULL;
		t->tally->unknown += !said->v[i].text;
		if (!said->v[i].text)
			continue;
		if (!so)
			blame(t, "said, and not so", said->v[i].text);
		else if (so->text && !is_same(so, &said->v[i]) &&
			 !(so->skipped && !knows_all(said)))
			blame(t, "not so",
			      arena_printf(&t->arena, "%s\nbut\n%s",
					   said->v[i].text, so->text));
	}
	for (size_t i = 0; i < truth->n; i++)
		if (!find(said, truth->v[i].key) &&
		    !(truth->v[i].skipped && !knows_all(said)) &&
		    !is_below_unknown(&truth->v[i], said))
			blame(t, "not said",
			      truth->v[i].text ? truth->v[i].text
					       : truth->v[i].key);
	if (!all || truth->n != said->n)
		return;
	for (size_t i = 0; i < truth->n; i++)
		if (strcmp(truth->v[i].key, said->v[i].key) != 0)
			blame(t, "in another order", truth->v[i].key);
}

/* Whether a plan has a line that is known and is made. */
static const char *left_of(const struct plan *plan, bool unknown_too)
{
	for (size_t i = 0; i < plan->n; i++) {
		const struct change *c = plan->v[i];
		bool always = strncmp(c->res->id, "exec:", 5) == 0;

		if (!c->withheld && !c->failed && !c->skipped && !always &&
		    !hangs_on_unknown(c) && (unknown_too || !is_unknown(c)))
			return c->res->id;
	}
	return NULL;
}

static const char *verdict_wrong(const struct plan *plan,
				 const struct applied *applied, size_t i)
{
	const struct change *c = plan->v[i];
	enum verdict v = applied->verdicts[i];

	if (is_unknown(c) || hangs_on_unknown(c))
		return NULL;
	if (c->withheld)
		return v == VERDICT_WITHHELD ? NULL : "was not withheld";
	if (c->failed || c->skipped)
		return NULL;
	return v == VERDICT_DONE ? NULL : "was not done";
}

/* Which version is the newest is recorded only where somebody had asked: then
 * nobody can tell whether it is installed now. */
static bool is_newest(const struct resource *res, const struct diags *d)
{
	return strncmp(res->id, "package:", 8) == 0 && d->n &&
	       strstr(d->v[0].text, "still differs after the change: version");
}

/* Applied to that host, every line that is known comes true. False: something
 * failed that nobody could know before, and took others with it. */
static bool come_true(struct trial *t, const struct plan *plan, struct host *h,
		      const char *where)
{
	struct apply_options o = { .event = NULL };
	AUTO_DIAGS struct diags d = { 0 };
	struct applied applied;

	if (!apply_plan(&applied, plan, h, &o, &d))
		return blame(t, where, "cannot be applied");
	for (size_t i = 0; i < plan->n; i++)
		if (applied.verdicts[i] == VERDICT_FAILED &&
		    (is_unknown(plan->v[i]) || is_newest(plan->v[i]->res, &d)))
			return false;
	for (size_t i = 0; i < plan->n; i++) {
		const char *wrong = verdict_wrong(plan, &applied, i);

		if (wrong)
			blame(t, where,
			      arena_printf(&t->arena, "%s %s (%s): %s",
					   plan->v[i]->res->id, wrong,
					   verdict_name(applied.verdicts[i]),
					   d.n ? d.v[0].text : ""));
	}
	return true;
}

/* 2: on the recorded host. */
static void try_recorded(struct trial *t, struct review *r)
{
	struct against second = { .tree = &r->f.tree,
				  .file = "m.json",
				  .options.max_disruption = -1 };
	AUTO_DIAGS struct diags d = { 0 };
	const char *left;

	if (r->against.plan.failed)
		return;
	if (come_true(t, &r->against.plan, r->recorded.picture,
		      "on the recorded host") &&
	    against_plan(&second, &r->recorded, &d)) {
		left = left_of(&second.plan, false);
		if (left && !second.plan.failed)
			blame(t, "the recorded host has left", left);
	}
	against_release(&second);
}

/* 3: on the host itself, and against what it is then. */
static void try_host(struct trial *t)
{
	struct review again;
	json_t *now, *snapshot;
	struct fixture f;
	char *text;
	const char *left;

	if (t->f.plan.failed)
		return;
	if (!come_true(t, &t->f.plan, t->f.host, "on the host"))
		return;
	now = host_snapshot_json(t->f.host);
	text = json_dumps(now, 0);
	json_decref(now);
	fixture_begin(&f, t->after, text);
	fixture_plan(&f, NULL);
	left = left_of(&f.plan, false);
	if (left && !f.plan.failed)
		blame(t, "the host has left", left);
	snapshot = record(t->after, text, t);
	free(text);
	if (snapshot && review_begin(&again, t, snapshot, t->after)) {
		left = left_of(&again.against.plan, true);
		if (left && !f.plan.failed && !left_of(&f.plan, true))
			blame(t, "against a snapshot of it there is left",
			      left);
		t->tally->settled += !left;
	}
	if (snapshot)
		review_end(&again);
	json_decref(snapshot);
	fixture_release(&f);
}

/* spoil breaks something; or NULL. */
static void run(struct trial *t, void (*spoil)(struct trial *, json_t *))
{
	json_t *snapshot = record(t->before, t->host, t);
	struct lines truth, said;
	struct review r;

	fixture_begin(&t->f, t->after, t->host);
	if (spoil)
		spoil(t, snapshot);
	fixture_plan(&t->f, NULL);
	if (snapshot && review_begin(&r, t, snapshot, t->after)) {
		truth = lines_of(&t->f.plan, &t->arena);
		said = lines_of(&r.against.plan, &t->arena);
		compare(t, &truth, &said);
		try_recorded(t, &r);
		try_host(t);
	}
	if (snapshot)
		review_end(&r);
	json_decref(snapshot);
	t->tally->cases++;
}

static unsigned number_of(const char *name, unsigned usual)
{
	const char *text = getenv(name);

	return text ? (unsigned)strtoul(text, NULL, 10) : usual;
}

static void begin(struct trial *t, unsigned number, struct tally *tally)
{
	*t = (struct trial){ .number = number, .tally = tally };
	dice = ((uint64_t)number_of("CONVERGE_SEED", 1) << 32 | number) *
		       UINT64_C(0x9e3779b97f4a7c15) +
	       1;
	for (int i = 0; i < 8; i++)
		roll(2);
	t->host = some_host(&t->arena);
	t->before = some_manifest(&t->arena);
	t->after = chance(50) ? t->before : some_manifest(&t->arena);
}

static void end(struct trial *t)
{
	fixture_release(&t->f);
	arena_release(&t->arena);
}

START_TEST(plans_against_snapshots_are_the_truth)
{
	unsigned n = number_of("CONVERGE_RANDOM", COUNT_USUAL);
	unsigned first = number_of("CONVERGE_FIRST", 0);
	unsigned only = number_of("CONVERGE_ONLY", UINT32_MAX);
	struct tally tally = { 0 };

	for (unsigned i = first; i < first + n; i++) {
		struct trial t;

		if (only != UINT32_MAX && i != only)
			continue;
		begin(&t, i, &tally);
		run(&t, NULL);
		ck_assert_msg(!t.wrong, "%u: %s\n%s\n%s\n%s", i, t.wrong,
			      t.host, t.before, t.after);
		end(&t);
	}
	printf("%zu cases, %zu lines: %zu known, %zu unknown; %zu at rest\n",
	       tally.cases, tally.lines, tally.known, tally.unknown,
	       tally.settled);
	/* it is no truth to know nothing */
	if (tally.cases >= COUNT_USUAL)
		ck_assert_uint_gt(tally.known, 2 * tally.unknown);
}
END_TEST

/* --- controls: what is broken is found --- */

static struct module broken;

static bool do_nothing(struct host *h, const struct step *step, struct arena *a,
		       struct diags *d)
{
	(void)h;
	(void)step;
	(void)a;
	(void)d;
	return true;
}

/* A type that says that it has changed a file, and has not. */
static void break_module(struct trial *t, json_t *snapshot)
{
	(void)snapshot;
	for (size_t i = 0; i < t->f.catalog.n; i++) {
		struct resource *res = t->f.catalog.v[i];

		if (strcmp(res->module->name, "file") != 0)
			continue;
		broken = *res->module;
		broken.apply = do_nothing;
		res->module = &broken;
	}
}

/* A record that has another mode than the host. */
static void break_mode(struct trial *t, json_t *snapshot)
{
	const char *path;
	json_t *file;

	(void)t;
	json_object_foreach (json_object_get(snapshot, "files"), path, file)
		if (json_object_get(file, "sha256"))
			json_object_set_new(file, "mode", json_string("0777"));
}

/* A record that lost a file, and says that there is none. */
static void break_absence(struct trial *t, json_t *snapshot)
{
	json_t *files = json_object_get(snapshot, "files"), *file;
	const char *path;
	void *next;

	(void)t;
	json_object_foreach_safe(files, next, path,
				 file) if (json_object_get(file, "sha256"))
		json_object_del(files, path);
}

static size_t found(void (*spoil)(struct trial *, json_t *))
{
	struct tally tally = { 0 };
	size_t n = 0;

	for (unsigned i = 0; i < CONTROLS; i++) {
		struct trial t;

		begin(&t, i, &tally);
		run(&t, spoil);
		n += t.wrong != NULL;
		end(&t);
	}
	return n;
}

START_TEST(what_is_broken_is_found)
{
	size_t module = found(break_module), mode = found(break_mode),
	       absence = found(break_absence);

	printf("of %d: %zu with a broken type, %zu with wrong modes, %zu "
	       "with files missing\n",
	       CONTROLS, module, mode, absence);
	ck_assert_uint_ge(module, 5);
	ck_assert_uint_ge(mode, 5);
	ck_assert_uint_ge(absence, 5);
}
END_TEST

TEST_SUITE("snapshots at random", plans_against_snapshots_are_the_truth,
	   what_is_broken_is_found)
