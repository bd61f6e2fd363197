/* SPDX-License-Identifier: MIT */
/* One share of the hosts. */
#include <stdlib.h>
#include <string.h>

#include "lib/report/report.h"
#include "lib/review/impact.h"
#include "lib/review/names.h"
#include "lib/review/plans.h"
#include "lib/review/review.h"
#include "lib/secret/world.h"
#include "lib/text/escape.h"
#include "lib/text/source.h"

/* While it is done. */
struct sharing {
	const struct review *review;
	struct pair pair;
	struct arena arena; /* of names and groups */
	struct map groups;  /* by key: their documents */
	json_t *list, *added, *removed;
	size_t hosts, unchanged;
	/* of snapshots */
	size_t recorded, unsigned_ones;
	int64_t oldest;
	const char *oldest_host;
	json_t *unrecorded;
	/* of hosts that seem to be the same: those that were assumed things
	 * of, and what */
	json_t *doubtful, *assumed;
};

/* --- groups --- */

/* The hosts of the group of that key; NULL: there is none yet. */
static json_t *group_of(struct sharing *s, const char *key)
{
	return map_get(&s->groups, key);
}

static void join_group(json_t *group, const char *host)
{
	json_array_append_new(json_object_get(group, "hosts"),
			      json_string(host));
}

/* Takes the document of its first host. */
static void add_group(struct sharing *s, const char *key, const char *kind,
		      const char *host, json_t *document)
{
	json_t *group = json_pack("{s:s, s:s, s:[s], s:s}", "id", key, "kind",
				  kind, "hosts", host, "shown", host);

	json_object_update(group, document);
	json_decref(document);
	json_array_append_new(s->list, group);
	map_put(&s->groups, &s->arena, arena_strdup(&s->arena, key), group);
}

/* --- hosts that are wrong --- */

static json_t *finding(const struct diag *d)
{
	json_t *j =
		json_pack("{s:s, s:o}", "severity",
			  d->severity == SEVERITY_ERROR ? "error" : "warning",
			  "text", escape_json(d->text));

	if (d->place.file)
		json_object_set_new(j, "file", escape_json(d->place.file));
	if (d->place.line) {
		json_object_set_new(j, "line",
				    json_integer((json_int_t)d->place.line));
		json_object_set_new(j, "column",
				    json_integer((json_int_t)d->place.column));
	}
	if (d->subject)
		json_object_set_new(j, "subject", escape_json(d->subject));
	if (d->hint)
		json_object_set_new(j, "hint", escape_json(d->hint));
	return j;
}

static void add_findings(json_t *list, const struct diags *d)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->v[i].severity == SEVERITY_ERROR)
			json_array_append_new(list, finding(&d->v[i]));
}

/* Read all by itself it tells all that is wrong. */
static json_t *findings(const struct host_at *h)
{
	json_t *list = json_array();
	struct side alone;
	struct host_at again;

	side_begin(&alone, h->side->tree, h->side->fact_names);
	host_at_read(&again, &alone, h->name);
	add_findings(list, &alone.diags);
	add_findings(list, &again.diags);
	host_at_release(&again);
	side_release(&alone);
	return json_pack("{s:o}", "findings", list);
}

/* What documents that it shares have wrong goes by their names. */
static void wrong_key(struct host_at *h, const char *kind,
		      char key[CHANGE_KEY + 1])
{
	AUTO(arena_release) struct arena a = { 0 };
	AUTO_BUF struct buf words = { 0 };
	AUTO_BUF struct buf b = { 0 };
	struct strings wrong = { 0 };

	buf_puts(&words, kind);
	host_at_wrong(h, &a, &wrong);
	for (size_t i = 0; i < wrong.n; i++)
		buf_printf(&b, "%s\n", wrong.v[i]);
	for (size_t i = 0; i < h->diags.n; i++) {
		const struct diag *d = &h->diags.v[i];
		const char *file = d->place.file ? d->place.file : "";

		if (d->severity == SEVERITY_ERROR &&
		    !strings_have(&wrong, file))
			buf_printf(&b, "%s %s %s\n", file,
				   d->subject ? d->subject : "", d->text);
	}
	change_key_of(&words, &b, h->name, key);
}

static void add_wrong(struct sharing *s, struct host_at *h, const char *kind)
{
	char key[CHANGE_KEY + 1];
	json_t *group;

	wrong_key(h, kind, key);
	group = group_of(s, key);
	if (group)
		join_group(group, h->name);
	else
		add_group(s, key, kind, h->name, findings(h));
}

/* --- hosts that both have --- */

/* In "reaches" of its group stands who has the same reach. */
static void note_reach(struct sharing *s, const char *group,
		       struct host_at *old, struct host_at *new,
		       const struct comparison *c)
{
	json_t *document = group_of(s, group), *reaches, *hosts;
	char key[CHANGE_KEY + 1];

	if (!document)
		return;
	impact_key(old, new, c, key);
	reaches = json_object_get(document, "reaches");
	if (!reaches) {
		reaches = json_object();
		json_object_set_new(document, "reaches", reaches);
	}
	hosts = json_object_get(reaches, key);
	if (!hosts) {
		hosts = json_array();
		json_object_set_new(reaches, key, hosts);
	}
	json_array_append_new(hosts, json_string(new->name));
}

/* What rules asked for that nobody told: where it is otherwise, what changed
 * may be of the host. */
static void note_assumed(struct sharing *s, const struct host_at *old,
			 const struct host_at *new)
{
	json_t *all = host_at_assumed(new), *then = host_at_assumed(old);

	json_object_update_missing(all, then);
	if (json_object_size(all) && !s->review->impact) {
		json_array_append_new(s->doubtful, json_string(new->name));
		assumed_merge(s->assumed, all);
	}
	json_decref(then);
	json_decref(all);
}

static void compare_whole(struct sharing *s, struct host_at *old,
			  struct host_at *new)
{
	AUTO(arena_release) struct arena a = { 0 };
	struct comparison c;
	char key[CHANGE_KEY + 1];
	json_t *group;

	compare(&s->pair, old, new, &a, &c);
	if (!comparison_differs(&c)) {
		s->unchanged++;
		note_assumed(s, old, new);
		return;
	}
	change_key(new, &c, key);
	group = group_of(s, key);
	if (group)
		join_group(group, new->name);
	else
		add_group(s, key, "changed", new->name,
			  s->review->impact ? impact_document(old, new, &c)
					    : change_document(old, new, &c));
	if (s->review->impact)
		note_reach(s, key, old, new, &c);
}

/* One that was wrong, and is not any more, can be compared with nothing. */
static void compare_catalogs(struct sharing *s, const char *name)
{
	struct host_at old, new;

	host_at_read(&old, &s->pair.old, name);
	host_at_read(&new, &s->pair.new, name);
	if (!new.whole)
		add_wrong(s, &new, "wrong");
	else if (!old.whole)
		add_wrong(s, &old, "mended");
	else
		compare_whole(s, &old, &new);
	host_at_release(&old);
	host_at_release(&new);
}

/* --- hosts that were recorded --- */

static void take_plans(struct sharing *s, const char *name, struct plans *p)
{
	json_t *document = plans_document(p), *group;
	char key[CHANGE_KEY + 1];

	if (!document) {
		s->unchanged++;
		return;
	}
	plans_key(document, name, key);
	group = group_of(s, key);
	if (group) {
		join_group(group, name);
		json_decref(document);
	} else {
		json_object_set_new(document, "planned", json_true());
		add_group(s, key, "changed", name, document);
	}
}

/* Where there is no plan, that is for what the catalogs say; else for what the
 * host is, which is told. */
static void compare_plans(struct sharing *s, const char *name,
			  const struct recorded *r)
{
	struct plans p;

	plans_make(&p, &s->pair, r, name);
	if (p.whole_old && p.whole_new)
		take_plans(s, name, &p);
	plans_release(&p);
	if (!p.whole_old || !p.whole_new)
		compare_catalogs(s, name);
}

static void note_recorded(struct sharing *s, const char *name,
			  const struct recorded *r)
{
	if (!s->recorded++ || r->time < s->oldest ||
	    (r->time == s->oldest && names_compare(name, s->oldest_host) < 0)) {
		s->oldest = r->time;
		s->oldest_host = name;
	}
}

/* The file of its snapshot, or NULL. */
static const char *snapshot_of(struct sharing *s, const char *name)
{
	static const char *const ends[] = { ".json.zst", ".json" };
	AUTO_DIAGS struct diags ignored = { 0 };
	struct tree_entry e;

	for (size_t i = 0; s->review->snapshots && i < COUNT(ends); i++) {
		const char *file =
			arena_printf(&s->arena, "%s%s", name, ends[i]);

		if (tree_entry(s->review->snapshots, file, &s->arena, &e,
			       &ignored) &&
		    e.type == TREE_FILE)
			return file;
	}
	return NULL;
}

/* A snapshot that is wrong is as good as none, but is told of. */
static bool read_snapshot(struct sharing *s, const char *file,
			  struct recorded *r, struct buf *bytes,
			  struct diags *d)
{
	return tree_read(s->review->snapshots, file, SOURCE_MAX_BYTES, bytes,
			 d) &&
	       recorded_read(r, buf_text(bytes), bytes->size, file, d) &&
	       recorded_trust(r, s->review->old, file, d);
}

static void compare_recorded(struct sharing *s, const char *name,
			     const char *file)
{
	AUTO_DIAGS struct diags d = { 0 };
	AUTO_BUF struct buf bytes = { 0 };
	struct recorded r = { 0 };
	bool ok = read_snapshot(s, file, &r, &bytes, &d);

	if (ok && strcmp(r.host, name) != 0)
		ok = diag_error(&d, "'%s' is of another host", file);
	if (ok) {
		/* what else there is to say of it */
		s->unsigned_ones += d.n > 0;
		note_recorded(s, name, &r);
		compare_plans(s, name, &r);
	} else {
		json_array_append_new(
			s->unrecorded,
			json_pack("{s:s, s:o}", "host", name, "because",
				  escape_json(d.n ? d.v[0].text : "")));
		compare_catalogs(s, name);
	}
	recorded_release(&r);
}

static void compare_host(struct sharing *s, const char *name)
{
	const char *file;

	if (pair_same_host(&s->pair, name)) {
		s->unchanged++;
		return;
	}
	file = snapshot_of(s, name);
	if (file) {
		compare_recorded(s, name, file);
		return;
	}
	if (s->review->snapshots)
		json_array_append_new(s->unrecorded,
				      json_pack("{s:s}", "host", name));
	compare_catalogs(s, name);
}

static void add_host(struct sharing *s, const char *name)
{
	struct host_at new;

	host_at_read(&new, &s->pair.new, name);
	if (new.whole)
		json_array_append_new(s->added,
				      json_pack("{s:s, s:I}", "host", name,
						"resources",
						(json_int_t) new.catalog.n));
	else
		add_wrong(s, &new, "wrong");
	host_at_release(&new);
}

/* --- all of the share --- */

enum { HAS_OLD = 1, HAS_NEW = 2 };

/* A host that either has, and which do. */
struct both {
	const char *name;
	unsigned has;
};

static int compare_both(const void *a, const void *b)
{
	return names_compare(((const struct both *)a)->name,
			     ((const struct both *)b)->name);
}

static size_t merge_names(const struct strings *old, const struct strings *new,
			  struct both *v)
{
	size_t n = 0, kept = 0;

	for (size_t i = 0; i < old->n; i++)
		v[n++] = (struct both){ old->v[i], HAS_OLD };
	for (size_t i = 0; i < new->n; i++)
		v[n++] = (struct both){ new->v[i], HAS_NEW };
	if (n)
		qsort(v, n, sizeof(*v), compare_both);
	for (size_t i = 0; i < n; i++) {
		if (kept && strcmp(v[kept - 1].name, v[i].name) == 0)
			v[kept - 1].has |= v[i].has;
		else
			v[kept++] = v[i];
	}
	return kept;
}

static void look_at(struct sharing *s, const struct both *host)
{
	s->hosts++;
	if (host->has == HAS_OLD)
		json_array_append_new(s->removed, json_string(host->name));
	else if (host->has == HAS_NEW)
		add_host(s, host->name);
	else
		compare_host(s, host->name);
}

/* The only one that is asked for, in place of all. False with a diagnostic. */
static bool choose(struct sharing *s, struct both *v, size_t *n,
		   struct diags *d)
{
	const char *host = s->review->host, *near;
	struct strings names = { 0 };

	for (size_t i = 0; i < *n; i++) {
		if (strcmp(v[i].name, host) == 0) {
			v[0] = v[i];
			*n = 1;
			return true;
		}
		strings_add(&names, &s->arena, v[i].name);
	}
	near = strings_nearest(host, &names);
	return diag_error(d,
			  "the world has no host '%s' at either revision"
			  "%s%s%s",
			  host, near ? "; did you mean \"" : "",
			  near ? near : "", near ? "\"?" : "");
}

static bool look_at_all(struct sharing *s, struct diags *d)
{
	const struct review *r = s->review;
	struct strings old = { 0 }, new;
	struct both *v;
	size_t n;

	if ((!r->begins && !hosts_list(r->old, &s->arena, &old, d)) ||
	    !hosts_list(r->new, &s->arena, &new, d))
		return false;
	v = arena_array(&s->arena, struct both, old.n + new.n + 1);
	n = merge_names(&old, &new, v);
	if (r->host && !choose(s, v, &n, d))
		return false;
	/* by turns: those of one name are often those that change */
	for (size_t i = r->share; i < n; i += r->shares)
		look_at(s, &v[i]);
	return true;
}

static json_t *snapshots_json(struct sharing *s)
{
	json_t *j =
		json_pack("{s:I, s:I, s:O}", "planned", (json_int_t)s->recorded,
			  "unsigned", (json_int_t)s->unsigned_ones, "without",
			  s->unrecorded);

	if (s->recorded) {
		json_object_set_new(j, "host", json_string(s->oldest_host));
		report_time(j, "time", s->oldest);
	}
	return j;
}

json_t *review_share(const struct review *r, struct diags *d)
{
	struct sharing s = { .review = r,
			     .list = json_array(),
			     .added = json_array(),
			     .removed = json_array(),
			     .unrecorded = json_array(),
			     .doubtful = json_array(),
			     .assumed = json_object() };
	json_t *document = NULL;
	bool ok;

	pair_begin(&s.pair, r->old, r->new, r->fact_names);
	ok = look_at_all(&s, d);
	document = json_pack("{s:o, s:o, s:o, s:I, s:I}", "groups", s.list,
			     "added", s.added, "removed", s.removed, "hosts",
			     (json_int_t)s.hosts, "unchanged",
			     (json_int_t)s.unchanged);
	if (r->snapshots)
		json_object_set_new(document, "snapshots", snapshots_json(&s));
	if (json_array_size(s.doubtful))
		json_object_set_new(document, "assumed",
				    json_pack("{s:O, s:O}", "hosts", s.doubtful,
					      "facts", s.assumed));
	json_decref(s.unrecorded);
	json_decref(s.doubtful);
	json_decref(s.assumed);
	pair_release(&s.pair);
	arena_release(&s.arena);
	if (ok)
		return document;
	json_decref(document);
	return NULL;
}
