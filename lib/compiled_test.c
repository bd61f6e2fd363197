/* SPDX-License-Identifier: MIT */
#include "lib/compiled.h"

#include <stdint.h>

#include "lib/fixture_test.h"

/* Every type, and every kind of attribute. */
static const char all[] =
	"{'version': 1, 'tags': ['web'], 'vars': {'workers': 4, 'v': 'x'},"
	"'policy': {'max_disruption': 'restart', 'max_removals': '25%'},"
	"'resources': {\n"
	"'directory:/srv/app': {'owner': 'root', 'group': '0',"
	" 'mode': 'u=rwX,go=', 'file_mode': '0640', 'recurse': true,"
	" 'purge': true, 'source': 'files/app', 'backup': false,"
	" 'force': true, 'tags': ['x', 'y'], 'noop': true},\n"
	"'directory:/srv/gone': {'ensure': 'absent', 'force': true},\n"
	"'directory:/srv': {'mode': '0755'},\n"
	"'file:/etc/motd': {'content': '${vars.v}\\u00e9\\n', 'owner': 'root',"
	" 'group': 'root', 'mode': '0600', 'replace': false, 'backup': false,"
	" 'validate': ['cat', '%'], 'validate_timeout': '90s',"
	" 'sensitive': ['content'], 'notify': 'exec:reload'},\n"
	"'file:/etc/empty': {'content': ''},\n"
	"'file:/etc/source': {'source': 'files/motd', 'mode': 'a+X,g-w,o=u'},\n"
	"'file:/etc/template': {'template': 'templates/motd',"
	" 'require': 'link:/etc/link', 'description': 'says why'},\n"
	"'file:/etc/${each.key}': {'for_each': {'a': 1, 'b': 2},"
	" 'template': 'templates/each'},\n"
	"'file:/etc/gone': {'ensure': 'absent'},\n"
	"'file:/etc/only': {'mode': '0444'},\n"
	"'link:/etc/link': {'target': '../srv/app', 'force': true},\n"
	"'link:/etc/no': {'ensure': 'absent',"
	" 'before': ['file:/etc/motd', 'file:/etc/source']},\n"
	"'exec:reload': {'command': 'true | true', 'shell': true,"
	" 'cwd': '/etc', 'env': {'A': 'b', 'C': ''}, 'user': 'root',"
	" 'group': '0', 'umask': '0077', 'creates': ['/srv/1', '/srv/2'],"
	" 'onlyif': [['test', '-e', '/'], ['true']], 'unless': ['false'],"
	" 'timeout': '1h', 'returns': [0, 3, 255], 'stdin': 'in\\n',"
	" 'tries': 100, 'try_sleep': 1, 'sensitive': true,"
	" 'disruption': 'reload'},\n"
	"'exec:ls': {'command': ['/bin/ls', ''], 'refreshonly': true,"
	" 'subscribe': ['directory:/srv/app', 'file:/etc/template']},\n"
	"'gate:a': {'at': '/srv/gate', 'width': 9, 'sides': ['in', 'out'],"
	" 'open': true, 'roads': ['/srv/1', '/srv/2'], 'mode': 'u=rw,go=r',"
	" 'owner': 'root', 'group': '0', 'wait': '5m',"
	" 'subscribe': 'file:/etc/motd'},\n"
	"'gate:b': {'ensure': 'absent'}\n"
	"}, 'overrides': {'file:/etc/only': {'mode': '0400'}}}";

static const char there[] =
	"'/': {'type': 'directory'}, '/srv': {'type': 'directory'},"
	"'/srv/app': {'type': 'directory'},"
	"'/srv/app/stray': {'type': 'file', 'content': ''},"
	"'/etc': {'type': 'directory'},"
	"'/etc/motd': {'type': 'file', 'content': 'old\\n'},"
	"'/etc/gone': {'type': 'file', 'content': ''}";

/* --- all that a catalog and a graph say --- */

static void describe_record(struct buf *b, const struct attr *attrs, size_t n,
			    const void *record)
{
	const struct record *r = record;

	buf_printf(b, " set %#llx written %#llx unknown %#llx %s\n",
		   (unsigned long long)r->set, (unsigned long long)r->written,
		   (unsigned long long)r->unknown,
		   r->because ? r->because : "-");
	for (size_t i = 0; i < n; i++) {
		const void *field = (const char *)record + attrs[i].offset;
		json_t *shown;
		char *text;

		if (!(r->set & BIT(i)))
			continue;
		shown = attrs[i].kind->show(&attrs[i], field);
		text = json_dumps(shown, JSON_ENCODE_ANY | JSON_COMPACT);
		buf_printf(b, "  %s %s\n", attrs[i].name, text);
		free(text);
		json_decref(shown);
	}
}

static void describe_resource(struct buf *b, const struct catalog *c,
			      const struct resource *res)
{
	struct place at = resource_place(c, res);

	buf_printf(b, "%zu %s %s %s at %s:%zu:%zu of %s from %s because %s\n",
		   res->index, res->module->name, res->id, res->name, at.file,
		   at.line, at.column, res->role ? res->role : "-",
		   res->from ? res->from->id : "-",
		   res->reason ? res->reason : "-");
	describe_record(b, common_attrs, common_attrs_n, &res->common);
	buf_printf(b, " disrupts %d\n", res->common.disruption);
	describe_record(b, res->module->attrs, res->module->nattrs, res->want);
	if (resource_path(res) && catalog_at(c, resource_path(res)) != res)
		buf_puts(b, " not by path\n");
	if (catalog_find(c, res->id) != res)
		buf_puts(b, " not by id\n");
}

static void describe_graph(struct buf *b, const struct graph *g)
{
	size_t n = g->catalog->n;

	for (size_t i = 0; i < g->n; i++)
		buf_printf(b, "%zu -> %zu %s%s%s%s\n", g->edges[i].from,
			   g->edges[i].to, g->edges[i].reason,
			   g->edges[i].notifies ? " notifies" : "",
			   g->edges[i].stated ? " stated" : "",
			   g->edges[i].loose ? " loose" : "");
	for (size_t i = 0; i <= n; i++)
		buf_printf(b, " %zu", g->first[i]);
	for (size_t i = 0; i < n; i++)
		buf_printf(b, " %zu/%zu", g->order[i], g->position[i]);
}

/* Freed by the caller. */
static char *described(const struct fixture *f)
{
	const struct manifest *m = &f->manifest;
	json_t *json = graph_json(&f->graph);
	char *text = json_dumps(json, JSON_INDENT(1));
	struct buf b = { 0 };

	ck_assert_ptr_nonnull(text);
	buf_printf(&b, "%s\nhost %s source %s digest %s own %s\n", text,
		   m->host, m->name,
		   manifest_digest((struct manifest *)(uintptr_t)m),
		   m->own ? m->own : "-");
	buf_printf(&b, "policy %d %ld %d\n", m->policy.max_disruption,
		   m->policy.max_removals, m->policy.removals_percent);
	for (size_t i = 0; i < f->catalog.n; i++)
		describe_resource(&b, &f->catalog, f->catalog.v[i]);
	describe_graph(&b, &f->graph);
	free(text);
	json_decref(json);
	return b.text;
}

/* --- blocks --- */

static struct inputs inputs(void)
{
	return (struct inputs){ .build = "b", .file = "/m.json", .host = "h" };
}

static void begin(struct fixture *f, const char *manifest)
{
	*f = (struct fixture){ 0 };
	ck_assert_msg(fixture_graph(f, manifest), "%s", fixture_said(f));
	catalog_settle(&f->catalog);
}

static void pack_into(struct buf *b, const struct fixture *f,
		      const struct inputs *in)
{
	struct pack p;

	compiled_pack(&p, &f->graph, in);
	ck_assert(!p.wrong && pack_write(&p, fixture_take, b));
	pack_release(&p);
}

/* Of a manifest; freed by the caller. What the build is called stands
 * elsewhere each time. */
static struct buf block_of(const char *manifest)
{
	static const char builds[][2] = { "b", "b" };
	static size_t count;
	struct inputs in = { .build = builds[count++ % 2],
			     .file = "/m.json",
			     .host = "h" };
	struct buf b = { 0 };
	struct fixture f;

	begin(&f, manifest);
	pack_into(&b, &f, &in);
	fixture_release(&f);
	return b;
}

static void use(struct fixture *f)
{
	struct plan_options o = { .diffs = DIFFS_ALL, .max_disruption = -1 };
	AUTO_BUF struct buf dot = { 0 };

	f->host = fixture_host(there, &f->snapshot);
	json_decref(graph_json(&f->graph));
	graph_dot(&f->graph, &dot);
	if (plan_build(&f->plan, &f->graph, f->host, &o, &f->diags))
		json_decref(report_plan(&f->plan));
}

/* Whether n bytes, in memory of just that size, are taken; then they are used,
 * to see that they can be. */
static bool is_taken(const char *bytes, size_t n, const char *build)
{
	struct fixture f = { .tree = { &fixture_ops, "world" },
			     .text = strdup("") };
	struct inputs in = { .build = build };
	bool taken;

	f.block = xrealloc(NULL, n);
	memcpy(f.block, bytes, n);
	taken = compiled_unpack(f.block, n, &f.tree, &f.manifest, &f.catalog,
				&f.graph, &in);
	if (taken)
		use(&f);
	else
		ck_assert_ptr_null(f.manifest.host);
	fixture_release(&f);
	return taken;
}

/* --- there and back --- */

static void check_same(const char *manifest)
{
	struct fixture f;
	char *before, *after;

	begin(&f, manifest);
	before = described(&f);
	fixture_compile(&f);
	after = described(&f);
	ck_assert_msg(strcmp(before, after) == 0, "%s\nis now\n%s", before,
		      after);
	free(before);
	free(after);
	fixture_release(&f);
}

START_TEST(all_is_as_it_was)
{
	check_same(all);
}
END_TEST

START_TEST(a_catalog_of_nothing)
{
	check_same("{'version': 1, 'resources': {}}");
}
END_TEST

START_TEST(one_resource)
{
	check_same("'file:/a': {'content': ''}");
}
END_TEST

START_TEST(more_than_a_chunk)
{
	AUTO_BUF struct buf b = { 0 };

	for (size_t i = 0; i < 3000; i++)
		buf_printf(&b, "%s'file:/d/%zu': {'content': '%0500zu'}",
			   i ? ",\n" : "", i, i);
	check_same(buf_text(&b));
}
END_TEST

/* Where things lay is no part of it. */
START_TEST(the_same_manifest_makes_the_same_block)
{
	struct buf a = block_of(all), b = block_of(all);

	ck_assert_uint_eq(a.size, b.size);
	ck_assert_int_eq(memcmp(a.text, b.text, a.size), 0);
	buf_release(&a);
	buf_release(&b);
}
END_TEST

START_TEST(inputs_come_back)
{
	struct input v[] = { { INPUT_OPEN, "m.json", "1 2 3" },
			     { INPUT_LIST, "d\xff", "" } };
	struct inputs in = { .build = "b",
			     .file = "/caf\xe9/m.json",
			     .host = "h",
			     .own = "/own",
			     .facts = "{}",
			     .v = v,
			     .n = 2 };
	struct fixture f;
	struct buf b = { 0 };
	struct inputs back = { .build = "b" };

	begin(&f, "'file:/a': {'content': ''}");
	pack_into(&b, &f, &in);
	manifest_release(&f.manifest);
	ck_assert(compiled_unpack(b.text, b.size, &f.tree, &f.manifest,
				  &f.catalog, &f.graph, &back));
	ck_assert_str_eq(back.file, "/caf\xe9/m.json");
	ck_assert_str_eq(back.host, "h");
	ck_assert_str_eq(back.own, "/own");
	ck_assert_str_eq(f.manifest.own, "/own");
	ck_assert_str_eq(back.facts, "{}");
	ck_assert_str_eq(back.build, "b");
	ck_assert_uint_eq(back.n, 2);
	ck_assert_int_eq(back.v[0].kind, INPUT_OPEN);
	ck_assert_str_eq(back.v[0].found, "1 2 3");
	ck_assert_str_eq(back.v[1].path, "d\xff");
	ck_assert_str_eq(back.v[1].found, "");
	fixture_release(&f);
	buf_release(&b);
}
END_TEST

/* --- blocks that are not believed --- */

START_TEST(of_another_build)
{
	static const char *const builds[] = { "", "a", "bb", "B", NULL };
	struct buf b = block_of(all);

	ck_assert(is_taken(b.text, b.size, "b"));
	for (size_t i = 0; i < COUNT(builds); i++)
		ck_assert(!is_taken(b.text, b.size, builds[i]));
	/* of another format */
	b.text[0]++;
	ck_assert(!is_taken(b.text, b.size, "b"));
	buf_release(&b);
}
END_TEST

/* One that the mark has no room for must not pass for any. */
START_TEST(of_a_build_with_a_long_name)
{
	enum { ROOM = 75 };
	char build[ROOM + 2] = "";
	struct inputs in = inputs();
	struct fixture f;
	struct buf b = { 0 };
	struct pack p;

	memset(build, '1', ROOM);
	in.build = build;
	begin(&f, "'file:/a': {'content': ''}");
	pack_into(&b, &f, &in);
	ck_assert(is_taken(b.text, b.size, build));
	build[ROOM - 1] = '2';
	ck_assert(!is_taken(b.text, b.size, build));
	build[ROOM] = '1';
	ck_assert(!is_taken(b.text, b.size, build));
	compiled_pack(&p, &f.graph, &in);
	ck_assert(p.wrong);
	pack_release(&p);
	fixture_release(&f);
	buf_release(&b);
}
END_TEST

START_TEST(truncated_at_every_length)
{
	struct buf b = block_of(all);

	/* the zeroes at its end are nobody's */
	for (size_t n = 0; n < b.size - 8; n++)
		ck_assert_msg(!is_taken(b.text, n, "b"), "%zu of %zu", n,
			      b.size);
	for (size_t n = b.size - 8; n < b.size; n++)
		is_taken(b.text, n, "b");
	buf_release(&b);
}
END_TEST

START_TEST(longer_than_it_was)
{
	struct buf b = block_of(all);

	buf_add(&b, "\0\0\0\0\0\0\0\0", 8);
	is_taken(b.text, b.size, "b");
	buf_add(&b, "x", 1);
	ck_assert(!is_taken(b.text, b.size, "b"));
	buf_release(&b);
}
END_TEST

/* Refused, or harmless. */
START_TEST(every_third_byte_changed)
{
	static const char flips[] = { '\x01', '\x02', '\x80', '\xff' };
	struct buf b = block_of(all);
	size_t taken = 0;

	for (size_t i = 0; i < b.size; i += 3) {
		char flip = flips[i / 3 % COUNT(flips)];

		b.text[i] ^= flip;
		taken += is_taken(b.text, b.size, "b");
		b.text[i] ^= flip;
	}
	ck_assert_uint_gt(taken, 0);
	ck_assert(is_taken(b.text, b.size, "b"));
	buf_release(&b);
}
END_TEST

/* --- each rule that an accepted block keeps --- */

static struct resource *resource(struct fixture *f, const char *id)
{
	return (struct resource *)(uintptr_t)fixture_resource(f, id);
}

static size_t row_of(const struct resource *res, const char *name)
{
	size_t i = 0;

	while (strcmp(res->module->attrs[i].name, name) != 0)
		ck_assert_uint_lt(++i, res->module->nattrs);
	return i;
}

/* The field of an attribute. */
static void *at(struct fixture *f, const char *id, const char *name)
{
	struct resource *res = resource(f, id);

	return (char *)res->want + res->module->attrs[row_of(res, name)].offset;
}

static void unset(struct fixture *f, const char *id, const char *name)
{
	struct resource *res = resource(f, id);
	struct record *r = res->want;

	r->set &= ~BIT(row_of(res, name));
}

static void set_byte(void *field, unsigned char value)
{
	memcpy(field, &value, 1);
}

#define SPOIL(name, ...)                    \
	static void name(struct fixture *f) \
	{                                   \
		__VA_ARGS__;                \
	}

#define RECORD(id) ((struct record *)resource(f, (id))->want)
#define TEXT(id, name) (*(const char **)at(f, (id), (name)))
#define LIST(id, name) ((struct strings *)at(f, (id), (name)))
#define MODE(id) ((struct mode *)at(f, (id), "mode"))
#define MOTD "file:/etc/motd"
#define EXEC "exec:reload"
#define EDGE (f->graph.edges[0])

SPOIL(no_path, unset(f, MOTD, "path"); TEXT(MOTD, "path") = NULL)
SPOIL(path_not_set, unset(f, MOTD, "path"))
SPOIL(path_set_to_nothing, TEXT(MOTD, "path") = NULL)
SPOIL(path_empty, TEXT(MOTD, "path") = "")
SPOIL(path_relative, TEXT(MOTD, "path") = "etc/motd")
SPOIL(path_climbs, TEXT(MOTD, "path") = "/etc/../../motd")
SPOIL(path_no_utf8, TEXT(MOTD, "path") = "/\xff")
SPOIL(cwd_relative, TEXT(EXEC, "cwd") = "x")
SPOIL(creates_relative, LIST(EXEC, "creates")->v[1] = "x")
SPOIL(creates_nothing, LIST(EXEC, "creates")->v[0] = NULL)
SPOIL(no_ensure, unset(f, MOTD, "ensure"))
SPOIL(ensure_unknown, *(int *)at(f, MOTD, "ensure") = 2)
SPOIL(ensure_negative, *(int *)at(f, MOTD, "ensure") = -1)
SPOIL(no_type, unset(f, MOTD, "type"))
SPOIL(no_target, unset(f, "link:/etc/link", "target"))
SPOIL(no_command, unset(f, EXEC, "command"))
SPOIL(command_empty, LIST(EXEC, "command")->n = 0)
SPOIL(command_of_nothing, LIST(EXEC, "command")->v[0] = NULL)
SPOIL(validate_empty, LIST(MOTD, "validate")->n = 0)
SPOIL(guard_empty, ((struct commands *)at(f, EXEC, "onlyif"))->v[0].n = 0)
SPOIL(guard_empty_and_not_set, unset(f, EXEC, "onlyif");
      ((struct commands *)at(f, EXEC, "onlyif"))->v[1].n = 0)
SPOIL(content_of_nothing,
      ((struct content *)at(f, MOTD, "content"))->bytes = NULL)
SPOIL(content_by_its_other_name, unset(f, "file:/etc/source", "content");
      ((struct content *)at(f, "file:/etc/source", "source"))->tree = NULL)
SPOIL(content_without_path,
      ((struct content *)at(f, "file:/etc/source", "source"))->path = NULL)
SPOIL(content_of_both, ((struct content *)at(f, "file:/etc/source", "source"))
			       ->bytes = "hello\n")
SPOIL(mode_of_too_many, MODE("file:/etc/source")->n = MODE_CLAUSES + 1)
SPOIL(mode_too_large, MODE(MOTD)->octal = 010000)
SPOIL(mode_of_no_bool, set_byte(&MODE(MOTD)->is_directory, 2))
SPOIL(clause_of_no_bool,
      set_byte(&MODE("file:/etc/source")->clauses[1].exec_if, 2))
SPOIL(bool_of_two, set_byte(at(f, MOTD, "backup"), 2))
SPOIL(noop_of_two, set_byte(&resource(f, MOTD)->common.noop, 255))
SPOIL(tries_none, *(int64_t *)at(f, EXEC, "tries") = 0)
SPOIL(tries_too_many, *(int64_t *)at(f, EXEC, "tries") = 101)
SPOIL(returns_too_much, ((struct integers *)at(f, EXEC, "returns"))->v[2] = 256)
SPOIL(timeout_none, *(int64_t *)at(f, EXEC, "timeout") = 0)
SPOIL(timeout_overflows, *(int64_t *)at(f, EXEC, "timeout") = INT64_MAX)
SPOIL(umask_too_large, *(int32_t *)at(f, EXEC, "umask") = 01000)
SPOIL(umask_negative, *(int32_t *)at(f, EXEC, "umask") = -1)
SPOIL(disruption_unknown, resource(f, EXEC)->common.disruption = 5)
SPOIL(disruption_negative, resource(f, MOTD)->common.disruption = -2)
SPOIL(row_unknown, RECORD("link:/etc/link")->set |= BIT(63))
SPOIL(common_row_unknown, resource(f, MOTD)->common.record.set |= BIT(40))
SPOIL(tag_of_nothing,
      resource(f, "directory:/srv/app")->common.tags.v[1] = NULL)
SPOIL(no_id, resource(f, MOTD)->id = NULL)
SPOIL(id_without_name, resource(f, MOTD)->id = "file")
SPOIL(id_no_utf8, resource(f, MOTD)->id = "file:\xc0\x80")
SPOIL(from_itself, resource(f, MOTD)->from = resource(f, MOTD))
SPOIL(from_later, resource(f, MOTD)->from = resource(f, "exec:ls"))
SPOIL(index_of_another, resource(f, MOTD)->index++)
SPOIL(no_host, f->manifest.host = NULL)
SPOIL(host_no_utf8, f->manifest.host = "\xff")
SPOIL(no_source, f->manifest.name = NULL)
SPOIL(policy_unknown, f->manifest.policy.max_disruption = 5)
SPOIL(policy_negative, f->manifest.policy.max_disruption = -2)
SPOIL(policy_of_two, set_byte(&f->manifest.policy.removals_percent, 2))
SPOIL(edge_from_outside, EDGE.from = f->catalog.n)
SPOIL(edge_to_outside, EDGE.to = f->catalog.n)
SPOIL(edge_to_another, EDGE.to = f->graph.edges[f->graph.n - 1].to)
SPOIL(edge_to_itself, EDGE.from = EDGE.to)
SPOIL(edge_without_reason, EDGE.reason = NULL)
SPOIL(edge_notifies_two, set_byte(&EDGE.notifies, 2))
SPOIL(edge_stated_two, set_byte(&EDGE.stated, 2))
SPOIL(edges_fewer, f->graph.n--)
SPOIL(first_outside, f->graph.first[1] = f->graph.n + 1)
SPOIL(first_not_zero, f->graph.first[0] = 1)
SPOIL(first_back, f->graph.first[f->catalog.n - 1] = f->graph.n;
      f->graph.first[f->catalog.n - 2] = 0)
SPOIL(order_outside, f->graph.order[0] = f->catalog.n)
SPOIL(order_of_one_twice, f->graph.order[0] = f->graph.order[1])
SPOIL(position_outside, f->graph.position[0] = f->catalog.n)
SPOIL(position_of_another, f->graph.position[0] = f->graph.position[1])

static void order_backwards(struct fixture *f)
{
	size_t n = f->catalog.n;

	for (size_t i = 0; i < n / 2; i++) {
		size_t other = f->graph.order[i];

		f->graph.order[i] = f->graph.order[n - 1 - i];
		f->graph.order[n - 1 - i] = other;
	}
	for (size_t i = 0; i < n; i++)
		f->graph.position[f->graph.order[i]] = i;
}

#define ONE(name)           \
	{                   \
#name, name \
	}

static const struct {
	const char *name;
	void (*spoil)(struct fixture *);
} rules[] = {
	ONE(no_path),
	ONE(path_not_set),
	ONE(path_set_to_nothing),
	ONE(path_empty),
	ONE(path_relative),
	ONE(path_climbs),
	ONE(path_no_utf8),
	ONE(cwd_relative),
	ONE(creates_relative),
	ONE(creates_nothing),
	ONE(no_ensure),
	ONE(ensure_unknown),
	ONE(ensure_negative),
	ONE(no_type),
	ONE(no_target),
	ONE(no_command),
	ONE(command_empty),
	ONE(command_of_nothing),
	ONE(validate_empty),
	ONE(guard_empty),
	ONE(guard_empty_and_not_set),
	ONE(content_of_nothing),
	ONE(content_by_its_other_name),
	ONE(content_without_path),
	ONE(content_of_both),
	ONE(mode_of_too_many),
	ONE(mode_too_large),
	ONE(mode_of_no_bool),
	ONE(clause_of_no_bool),
	ONE(bool_of_two),
	ONE(noop_of_two),
	ONE(tries_none),
	ONE(tries_too_many),
	ONE(returns_too_much),
	ONE(timeout_none),
	ONE(timeout_overflows),
	ONE(umask_too_large),
	ONE(umask_negative),
	ONE(disruption_unknown),
	ONE(disruption_negative),
	ONE(row_unknown),
	ONE(common_row_unknown),
	ONE(tag_of_nothing),
	ONE(no_id),
	ONE(id_without_name),
	ONE(id_no_utf8),
	ONE(from_itself),
	ONE(from_later),
	ONE(index_of_another),
	ONE(no_host),
	ONE(host_no_utf8),
	ONE(no_source),
	ONE(policy_unknown),
	ONE(policy_negative),
	ONE(policy_of_two),
	ONE(edge_from_outside),
	ONE(edge_to_outside),
	ONE(edge_to_another),
	ONE(edge_to_itself),
	ONE(edge_without_reason),
	ONE(edge_notifies_two),
	ONE(edge_stated_two),
	ONE(edges_fewer),
	ONE(first_outside),
	ONE(first_not_zero),
	ONE(first_back),
	ONE(order_outside),
	ONE(order_of_one_twice),
	ONE(order_backwards),
	ONE(position_outside),
	ONE(position_of_another),
};

/* Whether a block of what was spoilt is taken. */
static bool spoilt_is_taken(void (*spoil)(struct fixture *))
{
	struct inputs in = inputs();
	struct buf b = { 0 };
	struct fixture f;
	bool taken;

	begin(&f, all);
	spoil(&f);
	pack_into(&b, &f, &in);
	taken = is_taken(b.text, b.size, "b");
	fixture_release(&f);
	buf_release(&b);
	return taken;
}

START_TEST(each_rule)
{
	for (size_t i = 0; i < COUNT(rules); i++)
		ck_assert_msg(!spoilt_is_taken(rules[i].spoil), "%s",
			      rules[i].name);
}
END_TEST

SPOIL(not_at_all, (void)f)
SPOIL(no_target_of_none, unset(f, "link:/etc/no", "target"))
SPOIL(no_content, unset(f, "file:/etc/only", "content"))

START_TEST(what_may_be_missing)
{
	ck_assert(spoilt_is_taken(not_at_all));
	ck_assert(spoilt_is_taken(no_target_of_none));
	ck_assert(spoilt_is_taken(no_content));
}
END_TEST

START_TEST(a_type_that_nobody_knows_is_not_packed)
{
	static const struct module stranger = { .name = "stranger",
						.size = sizeof(struct record) };
	struct inputs in = inputs();
	struct fixture f;
	struct pack p;

	begin(&f, "'file:/a': {'content': ''}");
	f.catalog.v[0]->module = &stranger;
	compiled_pack(&p, &f.graph, &in);
	ck_assert(p.wrong);
	pack_release(&p);
	fixture_release(&f);
}
END_TEST

TEST_SUITE("compiled", all_is_as_it_was, a_catalog_of_nothing, one_resource,
	   more_than_a_chunk, the_same_manifest_makes_the_same_block,
	   inputs_come_back, of_another_build, of_a_build_with_a_long_name,
	   truncated_at_every_length, longer_than_it_was,
	   every_third_byte_changed, each_rule, what_may_be_missing,
	   a_type_that_nobody_knows_is_not_packed)
