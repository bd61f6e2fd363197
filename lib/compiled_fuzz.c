/* SPDX-License-Identifier: MIT */
/*
 * Blocks that are nearly compiled catalogs: the input says what is changed in
 * a good one. Whatever is accepted can be used: planned, and reported.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/compiled.h"
#include "lib/plan.h"
#include "lib/report/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* --- the good one: every type, and every kind of attribute --- */

static const char text[] =
	"{\"version\": 1, \"tags\": [\"web\"], \"vars\": {\"a\": \"b\"},"
	"\"policy\": {\"max_disruption\": \"restart\","
	" \"max_removals\": \"50%\"},"
	"\"resources\": {"
	"\"directory:/d\": {\"owner\": \"root\", \"group\": \"0\","
	" \"mode\": \"u=rwX,go=\", \"file_mode\": \"0640\","
	" \"recurse\": true, \"purge\": true, \"source\": \"d\","
	" \"backup\": false, \"tags\": [\"x\", \"y\"]},"
	"\"directory:/d/gone\": {\"ensure\": \"absent\", \"force\": true},"
	"\"file:/etc/a\": {\"content\": \"a\\n\", \"mode\": \"0600\","
	" \"owner\": \"root\", \"group\": \"root\", \"replace\": false,"
	" \"validate\": [\"cat\", \"%\"], \"validate_timeout\": \"2s\","
	" \"sensitive\": \"content\", \"notify\": \"exec:e\"},"
	"\"file:/etc/s\": {\"source\": \"d/f\", \"mode\": \"g-w\"},"
	"\"file:/etc/t\": {\"template\": \"t\", \"require\": \"link:/l\","
	" \"description\": \"why\"},"
	"\"file:/etc/gone\": {\"ensure\": \"absent\", \"noop\": true},"
	"\"link:/l\": {\"target\": \"etc/a\", \"force\": true},"
	"\"link:/m\": {\"ensure\": \"absent\","
	" \"before\": [\"file:/etc/a\", \"file:/etc/s\"]},"
	"\"exec:e\": {\"command\": \"true | true\", \"shell\": true,"
	" \"cwd\": \"/etc\", \"env\": {\"A\": \"b\", \"C\": \"\"},"
	" \"user\": \"root\", \"group\": \"0\", \"umask\": \"077\","
	" \"creates\": [\"/d/made\", \"/d/too\"],"
	" \"onlyif\": [[\"test\", \"-e\", \"/\"], [\"true\"]],"
	" \"unless\": [\"false\"], \"timeout\": \"1m\","
	" \"returns\": [0, 3], \"stdin\": \"in\", \"tries\": 2,"
	" \"try_sleep\": 1, \"sensitive\": true,"
	" \"disruption\": \"reload\"},"
	"\"exec:f\": {\"command\": [\"/bin/f\"], \"refreshonly\": true,"
	" \"subscribe\": [\"directory:/d\", \"file:/etc/t\"]},"
	"\"gate:a\": {\"at\": \"/d/g\", \"sides\": [\"in\", \"out\"],"
	" \"open\": true, \"roads\": \"/d/r\", \"mode\": \"u+x\","
	" \"owner\": \"root\", \"wait\": \"5m\"}"
	"}}";

static const char gate[] =
	"{\"format\": \"converge.type/1\", \"summary\": \"A gate.\", "
	"\"refresh\": true, \"example\": {\"gate:a\": {}}, \"attributes\": {"
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
	"\"wait\": {\"type\": \"duration\", \"state\": false, \"doc\": "
	"\"W.\"}}}";

/* What is there already: some of it is right, some of it is not. */
static const char there[] =
	"{\"files\": {\"/\": {\"type\": \"directory\"},"
	"\"/d\": {\"type\": \"directory\"},"
	"\"/d/stray\": {\"type\": \"file\", \"content\": \"\"},"
	"\"/etc\": {\"type\": \"directory\"},"
	"\"/etc/a\": {\"type\": \"file\", \"content\": \"b\\n\"},"
	"\"/etc/gone\": {\"type\": \"file\", \"content\": \"\"},"
	"\"/l\": {\"type\": \"link\", \"target\": \"etc/b\"}},"
	"\"users\": {\"root\": 0}, \"groups\": {\"root\": 0},"
	"\"commands\": {\"true\": 0, \"false\": 1}}";

static bool find(const char *path, struct reader *r)
{
	static const struct {
		const char *path, *bytes;
	} files[] = { { "m.json", text },
		      { "t", "{{host}}\n" },
		      { "d/f", "f" },
		      { "modules.d/gate.json", gate } };

	*r = (struct reader){ .fd = -1 };
	for (size_t i = 0; i < COUNT(files); i++)
		if (strcmp(files[i].path, path) == 0)
			r->bytes = files[i].bytes;
	r->left = r->bytes ? strlen(r->bytes) : 0;
	return r->bytes != NULL;
}

static bool entry(const struct tree *t, const char *path, struct arena *a,
		  struct tree_entry *e, struct diags *d)
{
	struct reader r;

	(void)t;
	(void)a;
	(void)d;
	*e = (struct tree_entry){ .name = path };
	if (find(path, &r)) {
		e->type = TREE_FILE;
		e->size = r.left;
	} else if (strcmp(path, "d") == 0 || strcmp(path, "modules.d") == 0) {
		e->type = TREE_DIRECTORY;
	}
	return true;
}

static bool list(const struct tree *t, const char *path, struct arena *a,
		 struct tree_entry **v, size_t *n, struct diags *d)
{
	bool is_types = strcmp(path, "modules.d") == 0;

	(void)t;
	if (!is_types && strcmp(path, "d") != 0)
		return diag_error(d, "no folder");
	*v = arena_new(a, struct tree_entry);
	**v = (struct tree_entry){ .name = is_types ? "gate.json" : "f",
				   .type = TREE_FILE,
				   .size = is_types ? strlen(gate) : 1 };
	*n = 1;
	return true;
}

static bool open_file(const struct tree *t, const char *path, struct reader *r,
		      struct diags *d)
{
	(void)t;
	return find(path, r) || diag_error(d, "no file");
}

static void close_tree(struct tree *t)
{
	(void)t;
}

static const struct tree_ops ops = {
	.entry = entry, .list = list, .open = open_file, .close = close_tree
};
static const struct tree world = { &ops, "world" };
static const char build[] = "0123456789abcdef0123456789abcdef01234567";

static json_t *facts(void *context, const char *name, size_t size)
{
	(void)name;
	(void)size;
	return context;
}

static bool collect(void *block, const void *bytes, size_t n)
{
	buf_add(block, bytes, n);
	return true;
}

static bool make(struct buf *block)
{
	struct manifest_options o = { .host = "h", .facts = facts };
	struct inputs in = {
		.build = build, .file = "/m.json", .host = "h", .own = "/own"
	};
	struct diags d = { 0 };
	struct arena a = { 0 };
	struct manifest m;
	struct catalog c;
	struct graph g;
	struct tree *noting;
	struct pack p;
	bool made;

	in.arena = &a;
	noting = inputs_of(&in, &world);
	made = manifest_read(&m, noting, "m.json", &o, &d) &&
	       external_read(&m.types, noting, &m.arena, &d) &&
	       catalog_build(&c, &m, m.types.modules, &d) &&
	       graph_build(&g, &c, &d);
	if (made) {
		catalog_settle(&c);
		compiled_pack(&p, &g, &in);
		made = pack_write(&p, collect, block);
		pack_release(&p);
	}
	manifest_release(&m);
	tree_close(noting);
	diags_release(&d);
	arena_release(&a);
	return made;
}

/* Made once. */
static const struct buf *good(void)
{
	static struct buf block;

	if (!block.size && !make(&block))
		abort();
	return &block;
}

/* --- what is changed in it --- */

struct patches {
	const uint8_t *at;
	size_t left;
};

static size_t take(struct patches *p, size_t bytes)
{
	size_t value = 0;

	for (size_t i = 0; i < bytes && p->left; i++) {
		value |= (size_t)*p->at++ << 8 * i;
		p->left--;
	}
	return value;
}

enum { COPY = 8, WORD = 16 };

/* A byte of flags and of how many, where, and the bytes; or from where they
 * are copied: pointers look right then. */
static void patch(struct patches *p, char *block, size_t size)
{
	size_t flags = take(p, 1), n = flags % 8 + 1, to = take(p, 3), from;

	to %= size;
	if (flags & WORD)
		to -= to % 8;
	if (n > size - to)
		n = size - to;
	if (flags & COPY) {
		from = take(p, 3) % (size - n + 1);
		if (flags & WORD)
			from -= from % 8;
		memmove(block + to, block + from, n);
		return;
	}
	for (size_t i = 0; i < n; i++)
		block[to + i] = (char)take(p, 1);
}

/* The input begins with how many bytes are missing at the end. */
static char *changed(const uint8_t *data, size_t left, size_t *size)
{
	struct patches p = { data, left };
	size_t missing = take(&p, 2);
	char *block;

	*size = good()->size;
	*size -= missing < *size ? missing : *size - 1;
	block = xrealloc(NULL, *size);
	memcpy(block, good()->text, *size);
	while (p.left)
		patch(&p, block, *size);
	return block;
}

/* --- what is accepted is used --- */

static void use(const struct graph *g, const struct inputs *in, struct diags *d)
{
	json_t *json = json_loads(there, 0, NULL);
	struct host *h = host_snapshot(json, d);
	struct plan_options o = { .diffs = DIFFS_ALL, .max_disruption = -1 };
	AUTO_BUF struct buf dot = { 0 };
	struct plan plan;

	if (!h)
		abort();
	json_decref(graph_json(g));
	graph_dot(g, &dot);
	inputs_hold(in, &world);
	if (plan_build(&plan, g, h, &o, d)) {
		json_t *document = report_plan(&plan);

		report_seals(&plan, document, "key");
		json_decref(document);
	}
	host_close(h);
	json_decref(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct inputs in = { .build = build };
	struct manifest m = { 0 };
	struct catalog c;
	struct graph g;
	struct diags d = { 0 };
	size_t n;
	char *block = changed(data, size, &n);

	if (compiled_unpack(block, n, &world, &m, &c, &g, &in))
		use(&g, &in, &d);
	else if (!size)
		abort();
	manifest_release(&m);
	diags_release(&d);
	free(block);
	return 0;
}
