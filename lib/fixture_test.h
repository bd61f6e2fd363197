/* SPDX-License-Identifier: MIT */
/*
 * What the tests of the stages share: a world in memory, the way from text to
 * a plan, a host that is watched, and a ledger in memory. JSON is written with
 * ' for ".
 */
#ifndef CONVERGE_FIXTURE_TEST_H
#define CONVERGE_FIXTURE_TEST_H

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "lib/apply.h"
#include "lib/compiled.h"
#include "lib/graph.h"
#include "lib/manifest.h"
#include "lib/plan.h"
#include "lib/report/report.h"
#include "lib/test.h"

/* --- JSON --- */

static inline char *fixture_text(const char *text)
{
	char *copy = strdup(text);

	for (char *at = copy; *at; at++)
		if (*at == '\'')
			*at = '"';
	return copy;
}

static inline json_t *fixture_json(const char *text)
{
	AUTO_FREE char *copy = fixture_text(text);
	json_error_t error;
	json_t *json = json_loads(copy, JSON_DECODE_ANY, &error);

	ck_assert_msg(json != NULL, "%s: %s", error.text, text);
	return json;
}

/* --- the world: files beside the manifest --- */

struct blob {
	const char *path, *text;
	bool executable;
	const char *target; /* a link */
};

static const struct blob fixture_world[] = {
	{ "files/motd", "hello\n", false, NULL },
	{ "files/app/bin/run", "#!/bin/sh\n", true, NULL },
	{ "files/app/etc/app.conf", "workers = 4\n", false, NULL },
	{ "files/app/etc/extra/more.conf", "more = yes\n", false, NULL },
	{ "files/app/current", NULL, false, "etc/app.conf" },
	{ "files/one/only", "1\n", false, NULL },
	/* every kind that a type of a world may have */
	{ "modules.d/gate.json",
	  "{\"format\": \"converge.type/1\", \"summary\": \"A gate.\", "
	  "\"effects\": \"own\", \"refresh\": true, \"timeout\": 5, "
	  "\"disruption\": \"reload\", \"example\": {\"gate:a\": {}}, "
	  "\"attributes\": {"
	  "\"name\": {\"type\": \"text\", \"name\": true, \"doc\": \"N.\"}, "
	  "\"ensure\": {\"type\": \"choice\", \"choices\": [\"present\", "
	  "\"absent\"], \"doc\": \"E.\"}, "
	  "\"at\": {\"type\": \"path\", \"managed\": true, \"doc\": \"A.\"}, "
	  "\"width\": {\"type\": \"integer\", \"min\": 1, \"max\": 9, "
	  "\"default\": 2, \"doc\": \"W.\"}, "
	  "\"sides\": {\"type\": \"texts\", \"doc\": \"S.\"}, "
	  "\"open\": {\"type\": \"bool\", \"doc\": \"O.\"}, "
	  "\"roads\": {\"type\": \"paths\", \"doc\": \"R.\"}, "
	  "\"mode\": {\"type\": \"mode\", \"doc\": \"M.\"}, "
	  "\"owner\": {\"type\": \"owner\", \"doc\": \"O.\"}, "
	  "\"group\": {\"type\": \"group\", \"doc\": \"G.\"}, "
	  "\"wait\": {\"type\": \"duration\", \"state\": false, \"doc\": "
	  "\"W.\"}}}",
	  false, NULL },
	{ "templates/motd", "{{host}} has {{vars.workers}}\n", false, NULL },
	{ "templates/each", "{{each.key}}={{each.value}}\n", false, NULL },
	{ "templates/outer", "<{{> inner}}>", false, NULL },
	{ "templates/inner", "in {{host}}", false, NULL },
	{ "templates/wrong", "{{vars.nothing}}\n", false, NULL },
};

/* From text to a plan. Zero it first. */
struct fixture {
	struct tree tree; /* first */
	char *text, *block;
	struct manifest manifest;
	struct catalog catalog;
	struct graph graph;
	struct plan plan;
	struct diags diags;
	json_t *facts, *snapshot;
	struct host *host;
};

static inline const struct blob *fixture_blob(const char *path)
{
	for (size_t i = 0; i < COUNT(fixture_world); i++)
		if (strcmp(fixture_world[i].path, path) == 0)
			return &fixture_world[i];
	return NULL;
}

static inline bool fixture_entry(const struct tree *t, const char *path,
				 struct arena *a, struct tree_entry *e,
				 struct diags *d)
{
	const struct fixture *f = (const void *)t;
	const struct blob *blob = fixture_blob(path);
	size_t n = strlen(path);

	(void)d;
	*e = (struct tree_entry){ .name = arena_strdup(a, path_name(path)) };
	if (strcmp(path, "m.json") == 0) {
		e->type = TREE_FILE;
		e->size = strlen(f->text);
	} else if (blob && blob->target) {
		e->type = TREE_LINK;
		e->target = blob->target;
	} else if (blob) {
		e->type = TREE_FILE;
		e->size = strlen(blob->text);
		e->executable = blob->executable;
	}
	for (size_t i = 0; i < COUNT(fixture_world); i++)
		if (strncmp(fixture_world[i].path, path, n) == 0 &&
		    fixture_world[i].path[n] == '/')
			e->type = TREE_DIRECTORY;
	return true;
}

static inline bool fixture_list(const struct tree *t, const char *path,
				struct arena *a, struct tree_entry **v,
				size_t *n, struct diags *d)
{
	struct strings names = { 0 };
	size_t size = strlen(path);

	for (size_t i = 0; i < COUNT(fixture_world); i++) {
		const char *at = fixture_world[i].path, *name;

		if (strncmp(at, path, size) != 0 || at[size] != '/')
			continue;
		at += size + 1;
		name = arena_strndup(a, at, strcspn(at, "/"));
		if (!strings_have(&names, name))
			strings_add(&names, a, name);
	}
	strings_sort(&names);
	*n = names.n;
	*v = arena_array(a, struct tree_entry, names.n);
	for (size_t i = 0; i < names.n; i++)
		if (!fixture_entry(t,
				   arena_printf(a, "%s/%s", path, names.v[i]),
				   a, &(*v)[i], d))
			return false;
	return true;
}

static inline bool fixture_open(const struct tree *t, const char *path,
				struct reader *r, struct diags *d)
{
	const struct fixture *f = (const void *)t;
	const struct blob *blob = fixture_blob(path);

	*r = (struct reader){ .fd = -1 };
	if (strcmp(path, "m.json") == 0)
		r->bytes = f->text;
	else if (blob)
		r->bytes = blob->text;
	if (!r->bytes)
		return diag_error(d, "no file '%s'", path);
	r->left = strlen(r->bytes);
	return true;
}

static inline void fixture_close(struct tree *t)
{
	(void)t;
}

static const struct tree_ops fixture_ops = { .entry = fixture_entry,
					     .list = fixture_list,
					     .open = fixture_open,
					     .close = fixture_close };

static inline json_t *fixture_facts(void *context, const char *name,
				    size_t size)
{
	struct fixture *f = context;

	(void)name;
	(void)size;
	if (!f->facts)
		f->facts = fixture_json("{'os': {'id': 'debian', 'version': "
					"'12'}, 'memory': {'mib': 2048}, "
					"'cpu': {'count': 2}}");
	return f->facts;
}

/* --- the stages --- */

/* text is a manifest, or what stands in its "resources". */
static inline bool fixture_read(struct fixture *f, const char *text)
{
	struct manifest_options o = { .host = "web-1",
				      .facts = fixture_facts,
				      .context = f };
	AUTO_BUF struct buf b = { 0 };

	if (text[0] == '{')
		buf_puts(&b, text);
	else
		buf_printf(&b, "{'version': 1, 'resources': {\n%s}}", text);
	f->tree = (struct tree){ &fixture_ops, "world" };
	f->text = fixture_text(buf_text(&b));
	return manifest_read(&f->manifest, &f->tree, "m.json", &o, &f->diags);
}

static inline bool fixture_catalog(struct fixture *f, const char *text)
{
	return fixture_read(f, text) &&
	       external_read(&f->manifest.types, &f->tree, &f->manifest.arena,
			     &f->diags) &&
	       catalog_build(&f->catalog, &f->manifest,
			     f->manifest.types.modules, &f->diags);
}

static inline bool fixture_graph(struct fixture *f, const char *text)
{
	return fixture_catalog(f, text) &&
	       graph_build(&f->graph, &f->catalog, &f->diags);
}

/* text is a snapshot, or what stands in its "files". */
static inline struct host *fixture_host(const char *text, json_t **json)
{
	AUTO_BUF struct buf b = { 0 };
	AUTO_DIAGS struct diags d = { 0 };
	struct host *h;

	if (text[0] == '{')
		buf_puts(&b, text);
	else
		buf_printf(&b, "{'files': {%s}}", text);
	*json = fixture_json(buf_text(&b));
	h = host_snapshot(*json, &d);
	ck_assert_msg(h != NULL, "%s: %s", d.n ? d.v[0].text : "?", text);
	return h;
}

/* All diagnostics: "m.json:1:2: subject: text (hint)", a line each. */
static inline const char *fixture_said(struct fixture *f)
{
	AUTO_BUF struct buf b = { 0 };

	for (size_t i = 0; i < f->diags.n; i++) {
		const struct diag *d = &f->diags.v[i];

		if (i)
			buf_putc(&b, '\n');
		if (d->place.file)
			buf_printf(&b, "%s:%zu:%zu: ", d->place.file,
				   d->place.line, d->place.column);
		if (d->subject)
			buf_printf(&b, "%s: ", d->subject);
		buf_puts(&b, d->text);
		if (d->hint)
			buf_printf(&b, " (%s)", d->hint);
	}
	return arena_strdup(&f->diags.arena, buf_text(&b));
}

static inline bool fixture_take(void *block, const void *bytes, size_t n)
{
	buf_add(block, bytes, n);
	return true;
}

/* To a block and back, as the catalog of every apply comes. */
static inline void fixture_compile(struct fixture *f)
{
	struct inputs in = { .build = "test",
			     .file = "/m.json",
			     .host = f->manifest.host };
	struct buf block = { 0 };
	struct pack p;

	catalog_settle(&f->catalog);
	compiled_pack(&p, &f->graph, &in);
	ck_assert(!p.wrong && pack_write(&p, fixture_take, &block));
	pack_release(&p);
	manifest_release(&f->manifest);
	f->block = block.text;
	ck_assert(compiled_unpack(block.text, block.size, &f->tree,
				  &f->manifest, &f->catalog, &f->graph, &in));
}

/* Manifest and host; both must be right. */
static inline void fixture_begin(struct fixture *f, const char *manifest,
				 const char *host)
{
	*f = (struct fixture){ 0 };
	ck_assert_msg(fixture_graph(f, manifest), "%s\n%s", fixture_said(f),
		      manifest);
	fixture_compile(f);
	f->host = fixture_host(host, &f->snapshot);
}

static inline void fixture_plan(struct fixture *f, struct plan_options *o)
{
	struct plan_options none = { .max_disruption = -1 };

	ck_assert_msg(plan_build(&f->plan, &f->graph, f->host, o ? o : &none,
				 &f->diags),
		      "%s", fixture_said(f));
}

static inline void fixture_release(struct fixture *f)
{
	host_close(f->host);
	json_decref(f->snapshot);
	manifest_release(&f->manifest);
	diags_release(&f->diags);
	json_decref(f->facts);
	free(f->text);
	free(f->block);
	*f = (struct fixture){ 0 };
}

static inline const struct resource *fixture_resource(const struct fixture *f,
						      const char *id)
{
	const struct resource *res = catalog_find(&f->catalog, id);

	ck_assert_msg(res != NULL, "no %s", id);
	return res;
}

/* The change of that resource, or its refresh; NULL: there is none. */
static inline const struct change *fixture_change(const struct fixture *f,
						  const char *id, bool refresh)
{
	for (size_t i = 0; i < f->plan.n; i++)
		if (strcmp(f->plan.v[i]->res->id, id) == 0 &&
		    f->plan.v[i]->refresh == refresh)
			return f->plan.v[i];
	return NULL;
}

/*
 * The plan, a line a change: "+ file:/a", "~ file:/b content mode", and
 * "! exec:c (why)", "? exec:d (why)", "= file:/e (withheld: why)", "x file:/f
 * (why)", "s file:/g (what failed)".
 */
static inline const char *fixture_shown(struct fixture *f)
{
	static const char marks[] = {
		[ACTION_NONE] = '.',    [ACTION_CREATE] = '+',
		[ACTION_UPDATE] = '~',  [ACTION_REMOVE] = '-',
		[ACTION_REFRESH] = '!', [ACTION_UNKNOWN] = '?',
	};
	AUTO_BUF struct buf b = { 0 };

	for (size_t i = 0; i < f->plan.n; i++) {
		const struct change *c = f->plan.v[i];
		char mark = marks[c->action];

		mark = c->withheld ? '=' : mark;
		mark = c->failed ? 'x' : mark;
		mark = c->skipped ? 's' : mark;
		buf_printf(&b, "%s%c %s", i ? "\n" : "", mark, c->res->id);
		for (size_t j = 0; mark == '~' && j < 64; j++)
			if (c->differ & BIT(j))
				buf_printf(&b, " %s",
					   c->res->module->attrs[j].name);
		if (mark == '=')
			buf_printf(&b, " (withheld: %s)", c->withheld);
		else if (mark == 'x')
			buf_printf(&b, " (%s)", c->failed);
		else if (mark == 's')
			buf_printf(&b, " (%s)", c->skipped);
		else if (c->because)
			buf_printf(&b, " (%s)", c->because);
	}
	return arena_strdup(&f->diags.arena, buf_text(&b));
}

/* Applies the plan; what comes of it, a line a change: "done file:/a",
 * "failed file:/b: why", "withheld ...". */
static inline const char *fixture_apply(struct fixture *f)
{
	struct apply_options o = { .event = NULL };
	AUTO_BUF struct buf b = { 0 };
	struct applied applied;
	size_t told = f->diags.n;

	ck_assert(apply_plan(&applied, &f->plan, f->host, &o, &f->diags));
	for (size_t i = 0; i < f->plan.n; i++)
		buf_printf(&b, "%s%s%s %s", i ? "\n" : "",
			   verdict_name(applied.verdicts[i]),
			   f->plan.v[i]->refresh ? " refresh" : "",
			   f->plan.v[i]->res->id);
	for (size_t i = told; i < f->diags.n; i++)
		buf_printf(&b, "\n%s", f->diags.v[i].text);
	return arena_strdup(&f->diags.arena, buf_text(&b));
}

/* The host's files are these. */
static inline void fixture_check_files(const struct fixture *f,
				       const char *files)
{
	json_t *json, *want, *have = host_snapshot_json(f->host);
	struct host *h = fixture_host(files, &json);
	char *wanted, *had;

	want = host_snapshot_json(h);
	wanted = json_dumps(json_object_get(want, "files"),
			    JSON_INDENT(1) | JSON_SORT_KEYS);
	had = json_dumps(json_object_get(have, "files"),
			 JSON_INDENT(1) | JSON_SORT_KEYS);
	ck_assert_msg(strcmp(wanted, had) == 0, "%s\nnot\n%s", had, wanted);
	free(wanted);
	free(had);
	json_decref(want);
	json_decref(have);
	host_close(h);
	json_decref(json);
}

/* --- a ledger in memory --- */

enum { BOOK_DEBTS = 64 };

struct book_debt {
	const char *target, *cause;
	unsigned run;
};

struct debts {
	struct book_debt v[BOOK_DEBTS];
	size_t n;
};

/* What was written, and what of it was made durable. */
struct book {
	struct arena arena;
	struct strings log; /* all that happened, in order */
	struct debts now, durable;
	unsigned run;
	size_t steps;   /* writes to the host and syncs, so far */
	size_t kill_at; /* the step before which the run is killed; 0: never */
	bool killed;
};

static inline void book_log(struct book *b, const char *what, const char *x,
			    const char *y)
{
	strings_add(&b->log, &b->arena,
		    arena_printf(&b->arena, "%s%s%s%s%s", what, x ? " " : "",
				 x ? x : "", y ? " " : "", y ? y : ""));
}

/* Whether the run lives on. */
static inline bool book_step(struct book *b)
{
	b->steps++;
	if (b->kill_at && b->steps >= b->kill_at)
		b->killed = true;
	return !b->killed;
}

static inline bool book_planned(void *context, size_t i, const struct change *c,
				struct diags *d)
{
	struct book *b = context;

	(void)i;
	(void)d;
	book_log(b, "planned", c->res->id, c->refresh ? "refresh" : NULL);
	return true;
}

static inline bool book_became(void *context, size_t i, const struct change *c,
			       struct diags *d)
{
	struct book *b = context;

	(void)i;
	(void)d;
	book_log(b, "became", c->res->id, action_name(c->action));
	return true;
}

static inline size_t debts_find(const struct debts *l, const char *target,
				const char *cause)
{
	size_t i = 0;

	while (i < l->n && (strcmp(l->v[i].target, target) != 0 ||
			    (cause && strcmp(l->v[i].cause, cause) != 0)))
		i++;
	return i;
}

static inline bool book_owes(const struct book *b, const char *target)
{
	return debts_find(&b->durable, target, NULL) < b->durable.n;
}

static inline bool book_owe(void *context, const char *target,
			    const char *cause, struct diags *d)
{
	struct book *b = context;

	(void)d;
	book_log(b, "owe", target, cause);
	if (debts_find(&b->now, target, cause) < b->now.n)
		return true;
	ck_assert_uint_lt(b->now.n, BOOK_DEBTS);
	b->now.v[b->now.n++] =
		(struct book_debt){ arena_strdup(&b->arena, target),
				    arena_strdup(&b->arena, cause), b->run };
	return true;
}

static inline void debts_drop(struct debts *l, size_t i)
{
	memmove(&l->v[i], &l->v[i + 1], (l->n - i - 1) * sizeof(l->v[0]));
	l->n--;
}

/* What an earlier run left is not this one's to forgive. */
static inline bool book_forgive(void *context, const char *target,
				const char *cause, struct diags *d)
{
	struct book *b = context;
	size_t i = debts_find(&b->now, target, cause);

	(void)d;
	book_log(b, "forgive", target, cause);
	if (i < b->now.n && b->now.v[i].run == b->run)
		debts_drop(&b->now, i);
	return true;
}

static inline bool book_paid(void *context, const char *target, struct diags *d)
{
	struct book *b = context;
	size_t i;

	(void)d;
	book_log(b, "paid", target, NULL);
	while ((i = debts_find(&b->now, target, NULL)) < b->now.n)
		debts_drop(&b->now, i);
	return true;
}

static inline bool book_ended(void *context, size_t i, enum verdict verdict,
			      const char *text, struct diags *d)
{
	struct book *b = context;

	(void)i;
	(void)text;
	(void)d;
	book_log(b, "ended", verdict_name(verdict), NULL);
	return true;
}

static inline bool book_sync(void *context, struct diags *d)
{
	struct book *b = context;

	if (!book_step(b))
		return diag_error(d, "killed");
	book_log(b, "sync", NULL, NULL);
	b->durable = b->now;
	return true;
}

static inline struct ledger book_ledger(struct book *b)
{
	return (struct ledger){ b,          book_planned, book_became,
				book_owe,   book_forgive, book_paid,
				book_ended, book_sync };
}

/* A new run knows what was durable. */
static inline void book_begin(struct book *b)
{
	b->now = b->durable;
	b->log = (struct strings){ 0 };
	b->run++;
	b->steps = b->kill_at = 0;
	b->killed = false;
}

/* What a plan is told of the debts: one line a target, as the store has it. */
static inline size_t book_owed(const struct book *b, struct owed *owed)
{
	size_t n = 0;

	for (size_t i = 0; i < b->durable.n; i++) {
		if (debts_find(&b->durable, b->durable.v[i].target, NULL) == i)
			owed[n++] =
				(struct owed){ .target = b->durable.v[i].target,
					       .since = "an earlier run",
					       .ours = true };
	}
	return n;
}

/* Where in the log a line is, from a line on; its end: nowhere. */
static inline size_t book_find(const struct book *b, const char *line,
			       size_t from)
{
	while (from < b->log.n && strcmp(b->log.v[from], line) != 0)
		from++;
	return from;
}

static inline size_t book_count(const struct book *b, const char *line)
{
	size_t n = 0;

	for (size_t i = 0; i < b->log.n; i++)
		n += strcmp(b->log.v[i], line) == 0;
	return n;
}

/* --- a host that is watched --- */

enum fault {
	FAULT_NONE,
	FAULT_REFUSED, /* the write is not made, and fails */
	FAULT_LATE,    /* it is made, and fails all the same */
};

struct watched {
	struct host host; /* first */
	struct host *inner;
	struct book *book;
	struct arena arena;
	size_t writes;    /* so far, commands among them */
	size_t fault_at;  /* which of them fails, from 1 */
	bool fault_lasts; /* and all after it */
	enum fault fault;
	size_t failed_mark; /* the change whose write failed first */
	bool failed;
	bool commit_fails;
	/* What commands and packages make that no picture knows of, by the
	 * name of each: "make:/d/a pkg:/d/l>/etc", a file and a link. */
	const char *brings;
};

static inline struct watched *watched_of(struct host *h)
{
	return (struct watched *)(void *)h;
}

static inline const struct host *inner_of(const struct host *h)
{
	return ((const struct watched *)(const void *)h)->inner;
}

/* What becomes of this write. */
static inline enum fault watch(struct watched *w, const char *what,
			       const char *path, struct diags *d)
{
	bool hit;

	if (!book_step(w->book)) {
		diag_error(d, "killed");
		return FAULT_REFUSED;
	}
	w->writes++;
	book_log(w->book, what, path, NULL);
	hit = w->fault_lasts ? w->fault_at && w->writes >= w->fault_at
			     : w->writes == w->fault_at;
	if (!hit)
		return FAULT_NONE;
	if (!w->failed)
		w->failed_mark = w->host.mark;
	w->failed = true;
	diag_error(d, "write refused (fault injected)");
	return w->fault;
}

/* call: the write on the inner host. */
#define WATCH(h, what, path, call)                                       \
	do {                                                             \
		enum fault fault_ = watch(watched_of(h), what, path, d); \
                                                                         \
		if (fault_ == FAULT_REFUSED)                             \
			return false;                                    \
		return (call) && fault_ == FAULT_NONE;                   \
	} while (0)

static inline bool watched_replace(struct host *h, const struct file_write *w,
				   struct diags *d)
{
	WATCH(h, "replace", w->path, host_replace(watched_of(h)->inner, w, d));
}

static inline bool watched_edit(struct host *h, const struct file_write *w,
				struct diags *d)
{
	WATCH(h, "edit", w->path, host_edit(watched_of(h)->inner, w, d));
}

static inline bool watched_make_directory(struct host *h, const char *path,
					  const struct perms *p,
					  struct diags *d)
{
	WATCH(h, "mkdir", path,
	      host_make_directory(watched_of(h)->inner, path, p, d));
}

static inline bool watched_make_link(struct host *h, const char *path,
				     const char *target,
				     const struct node *expect, bool force,
				     struct diags *d)
{
	WATCH(h, "symlink", path,
	      host_make_link(watched_of(h)->inner, path, target, expect, force,
			     d));
}

static inline bool watched_set_perms(struct host *h, const char *path,
				     const struct perms *p,
				     const struct node *expect, struct diags *d)
{
	WATCH(h, "perms", path,
	      host_set_perms(watched_of(h)->inner, path, p, expect, d));
}

static inline bool watched_remove(struct host *h, const char *path,
				  bool recursive, bool backup,
				  const struct node *expect, struct diags *d)
{
	WATCH(h, "remove", path,
	      host_remove(watched_of(h)->inner, path, recursive, backup, expect,
			  d));
}

static inline bool watched_set_user(struct host *h, const struct user_change *c,
				    struct diags *d)
{
	const struct user *u = c->after ? c->after : c->before;

	WATCH(h, c->after ? c->before ? "usermod" : "useradd" : "userdel",
	      u->name, host_set_user(watched_of(h)->inner, c, d));
}

static inline bool watched_set_group(struct host *h,
				     const struct group_change *c,
				     struct diags *d)
{
	const struct user_group *g = c->after ? c->after : c->before;

	WATCH(h, c->after ? c->before ? "groupmod" : "groupadd" : "groupdel",
	      g->name, host_set_group(watched_of(h)->inner, c, d));
}

/* No write of a run: nothing fails, and nothing counts. */
static inline bool watched_bring_one(struct watched *w, const char *what)
{
	const struct content content = { .bytes = "" };
	struct file_write file = { .content = &content,
				   .perms = { .set = PERM_MODE, .mode = 0644 },
				   .force = true };
	AUTO_DIAGS struct diags d = { 0 };
	const char *target = strchr(what, '>');
	struct node there;

	file.path = arena_strndup(&w->arena, what, strcspn(what, ">"));
	for (size_t i = 1; file.path[i]; i++) {
		const char *above = arena_strndup(&w->arena, file.path, i);

		if (file.path[i] == '/' &&
		    host_look(w->inner, above, &there, &d) &&
		    there.type == NODE_ABSENT)
			host_make_directory(
				w->inner, above,
				&(struct perms){ PERM_MODE, 0755, 0, 0 }, &d);
	}
	return (target ? host_make_link(w->inner, file.path, target + 1, NULL,
					true, &d)
		       : host_replace(w->inner, &file, &d)) &&
	       host_commit(w->inner, NULL, NULL, &d);
}

static inline bool watched_bring(struct watched *w, const char *name)
{
	size_t n = strlen(name);
	bool ok = true;

	for (const char *at = w->brings; at && *at;
	     at += strcspn(at, " "), at += *at == ' ')
		if (strncmp(at, name, n) == 0 && at[n] == ':')
			ok &= watched_bring_one(
				w, arena_strndup(&w->arena, at + n + 1,
						 strcspn(at + n + 1, " ")));
	ck_assert(ok);
	return ok;
}

static inline bool watched_run(struct host *h, const struct command *c,
			       const struct strings *makes, struct arena *a,
			       struct outcome *o, struct diags *d)
{
	struct watched *w = watched_of(h);

	WATCH(h, "run", strings_join(&c->argv, " ", &w->arena),
	      host_run(w->inner, c, makes, a, o, d) &&
		      watched_bring(w, strings_join(&c->argv, " ", &w->arena)));
}

static inline bool watched_set_kernel(struct host *h, const char *path,
				      const char *value, struct diags *d)
{
	struct watched *w = watched_of(h);

	WATCH(h, "set_kernel", path, host_set_kernel(w->inner, path, value, d));
}

static inline bool watched_mount(struct host *h, const struct mount_change *c,
				 struct arena *a, struct outcome *o,
				 struct diags *d)
{
	struct watched *w = watched_of(h);

	WATCH(h, "mount", c->mount.target, host_mount(w->inner, c, a, o, d));
}

static inline bool watched_pause(struct host *h, int64_t milliseconds)
{
	return host_pause(watched_of(h)->inner, milliseconds);
}

static inline bool watched_unit_change(struct host *h,
				       const struct unit_change *c,
				       struct arena *a, struct diags *d)
{
	struct watched *w = watched_of(h);

	WATCH(h, unit_action_name(c->action), arena_strdup(&w->arena, c->name),
	      host_unit_change(w->inner, c, a, d));
}

static inline bool watched_package_change(struct host *h,
					  const struct package_change *c,
					  struct diags *d)
{
	struct watched *w = watched_of(h);

	WATCH(h, "package", arena_strdup(&w->arena, c->name),
	      host_package_change(w->inner, c, d) && watched_bring(w, c->name));
}

static inline bool watched_commit(struct host *h, host_failed *failed,
				  void *context, struct diags *d)
{
	struct watched *w = watched_of(h);

	if (w->commit_fails)
		return diag_error(d, "it could not be synced");
	return host_commit(w->inner, failed, context, d);
}

static inline void watched_close(struct host *h)
{
	arena_release(&watched_of(h)->arena);
	free(h);
}

static inline bool watched_look(const struct host *h, const char *path,
				struct node *n, struct diags *d)
{
	return host_look(inner_of(h), path, n, d);
}

static inline bool watched_read_link(const struct host *h, const char *path,
				     struct arena *a, const char **target,
				     struct diags *d)
{
	return host_read_link(inner_of(h), path, a, target, d);
}

static inline bool watched_list(const struct host *h, const char *path,
				struct arena *a, struct strings *names,
				struct diags *d)
{
	return host_list(inner_of(h), path, a, names, d);
}

static inline bool watched_compare(const struct host *h, const char *path,
				   const struct content *c, enum match *m,
				   struct diags *d)
{
	return host_compare(inner_of(h), path, c, m, d);
}

static inline bool watched_read(const struct host *h, const char *path,
				size_t limit, struct buf *out, bool *whole,
				struct diags *d)
{
	return host_read(inner_of(h), path, limit, out, whole, d);
}

static inline bool watched_digest(const struct host *h, const char *path,
				  struct content *c, struct diags *d)
{
	return host_digest(inner_of(h), path, c, d);
}

static inline bool watched_user_id(const struct host *h, const char *name,
				   uint32_t *id)
{
	return host_user_id(inner_of(h), name, id);
}

static inline bool watched_group_id(const struct host *h, const char *name,
				    uint32_t *id)
{
	return host_group_id(inner_of(h), name, id);
}

static inline const char *watched_user_name(const struct host *h, uint32_t id,
					    struct arena *a)
{
	return host_user_name(inner_of(h), id, a);
}

static inline const char *watched_group_name(const struct host *h, uint32_t id,
					     struct arena *a)
{
	return host_group_name(inner_of(h), id, a);
}

static inline bool watched_user(const struct host *h, const char *name,
				struct arena *a, struct user *u, bool *there,
				struct diags *d)
{
	return host_user(inner_of(h), name, a, u, there, d);
}

static inline bool watched_group(const struct host *h, const char *name,
				 struct arena *a, struct user_group *g,
				 bool *there, struct diags *d)
{
	return host_group(inner_of(h), name, a, g, there, d);
}

static inline bool watched_users(const struct host *h, struct arena *a,
				 struct strings *names, struct diags *d)
{
	return host_users(inner_of(h), a, names, d);
}

static inline bool watched_groups(const struct host *h, struct arena *a,
				  struct strings *names, struct diags *d)
{
	return host_groups(inner_of(h), a, names, d);
}

static inline bool watched_ask(const struct host *h, const struct command *c,
			       struct arena *a, struct outcome *o,
			       struct diags *d)
{
	return host_ask(inner_of(h), c, a, o, d);
}

static inline bool watched_unit_known(const struct host *h, const char *id,
				      enum unit_enabled *enabled)
{
	return host_unit_known(inner_of(h), id, enabled);
}

static inline bool watched_unit_state(const struct host *h, struct unit *unit,
				      struct arena *a, struct diags *d)
{
	return host_unit_state(inner_of(h), unit, a, d);
}

static inline bool watched_unit_age(const struct host *h,
				    const struct unit *unit,
				    const struct strings *paths,
				    struct arena *a, struct unit_age *age,
				    struct diags *d)
{
	return host_unit_age(inner_of(h), unit, paths, a, age, d);
}

static inline bool watched_package(const struct host *h, const char *provider,
				   const char *name, struct arena *a,
				   struct package *p, struct diags *d)
{
	return host_package(inner_of(h), provider, name, a, p, d);
}

static inline bool watched_package_candidate(const struct host *h,
					     const char *provider,
					     const char *name, struct arena *a,
					     const char **version,
					     const char **because,
					     struct diags *d)
{
	return host_package_candidate(inner_of(h), provider, name, a, version,
				      because, d);
}

static inline bool watched_unit_install(const struct host *h, const char *id,
					enum unit_enabled *install)
{
	return host_unit_recorded(inner_of(h), id, install);
}

static inline bool watched_units(const struct host *h, struct arena *a,
				 struct strings *ids, struct diags *d)
{
	return host_units(inner_of(h), a, ids, d);
}

static inline bool watched_packages(const struct host *h, struct arena *a,
				    struct strings *names, bool *known,
				    struct diags *d)
{
	return host_packages(inner_of(h), a, names, known, d);
}

static inline bool watched_runs(const struct host *h)
{
	return host_runs(inner_of(h));
}

static inline bool watched_capable(const struct host *h, const char *path)
{
	return host_capable(inner_of(h), path);
}

static const struct host_looks watched_looks = {
	.look = watched_look,
	.read_link = watched_read_link,
	.list = watched_list,
	.compare = watched_compare,
	.read = watched_read,
	.digest = watched_digest,
	.capable = watched_capable,
	.user_id = watched_user_id,
	.group_id = watched_group_id,
	.user_name = watched_user_name,
	.group_name = watched_group_name,
	.user = watched_user,
	.group = watched_group,
	.users = watched_users,
	.groups = watched_groups,
	.ask = watched_ask,
	.unit_known = watched_unit_known,
	.unit_install = watched_unit_install,
	.units = watched_units,
	.packages = watched_packages,
	.unit_state = watched_unit_state,
	.unit_age = watched_unit_age,
	.runs = watched_runs,
	.package = watched_package,
	.package_candidate = watched_package_candidate,
};

static const struct host_writes watched_writes = {
	.replace = watched_replace,
	.edit = watched_edit,
	.make_directory = watched_make_directory,
	.make_link = watched_make_link,
	.set_perms = watched_set_perms,
	.remove = watched_remove,
	.set_user = watched_set_user,
	.set_group = watched_set_group,
	.run = watched_run,
	.pause = watched_pause,
	.unit_change = watched_unit_change,
	.set_kernel = watched_set_kernel,
	.mount = watched_mount,
	.package_change = watched_package_change,
	.commit = watched_commit,
	.close = watched_close,
};

/* inner is borrowed. */
static inline struct watched *watched_new(struct host *inner, struct book *b)
{
	struct watched *w = xrealloc(NULL, sizeof(*w));

	*w = (struct watched){ .host = { .looks = &watched_looks,
					 .writes = &watched_writes },
			       .inner = inner,
			       .book = b,
			       .fault = FAULT_REFUSED };
	return w;
}

#endif
