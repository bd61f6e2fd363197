/* SPDX-License-Identifier: MIT */
#include "lib/compiled.h"

#include <stdint.h>
#include <string.h>

enum { MARK = 96 };

/* What the block begins with. */
struct compiled {
	char mark[MARK]; /* the format, and the build that its structures are of
			  */
	struct inputs inputs;
	const char *host, *source, *digest;
	struct policy policy;
	struct external_types types;
	struct resource *resources;
	struct edge *edges;
	size_t *first, *order, *position;
	size_t n, nedges;
};

/* False: there is no room for such a build. */
static bool make_mark(char mark[MARK], const char *build)
{
	static const char format[] = "converge.compiled/1 ";
	size_t n = build ? strlen(build) : 0;

	memset(mark, 0, MARK);
	memcpy(mark, format, sizeof(format));
	if (n > MARK - sizeof(format))
		return false;
	memcpy(mark + sizeof(format) - 1, build ? build : "", n);
	return true;
}

/* --- records --- */

/* All rows of the same field: "source" is another name of "content". */
static uint64_t rows_of_field(const struct attr *attrs, size_t n, size_t row)
{
	uint64_t rows = 0;

	for (size_t i = 0; i < n; i++)
		if (attrs[i].offset == attrs[row].offset)
			rows |= BIT(i);
	return rows;
}

static void pack_record(struct pack *p, const struct attr *attrs, size_t n,
			void *record)
{
	struct record *r = record;

	pack_expect(p, n >= 64 || r->set >> n == 0);
	r->unknown = r->secret = 0;
	r->because = NULL;
	for (size_t i = 0; i < n; i++) {
		uint64_t rows = rows_of_field(attrs, n, i);

		/* once, with the first of them */
		if (attrs[i].kind->pack && !(rows & (BIT(i) - 1)))
			attrs[i].kind->pack(p, &attrs[i],
					    (char *)record + attrs[i].offset,
					    r->set & rows);
		if (!p->out && !p->wrong &&
		    attr_is_secret(&attrs[i], (char *)record + attrs[i].offset))
			r->secret |= rows & r->set;
	}
}

/* What every record of the type has, its functions take for granted. */
static bool is_whole(const struct module *m, const void *record)
{
	const struct record *r = record;
	uint64_t needed = 0, there = 0;
	bool absent = false;

	for (size_t i = 0; i < m->nattrs; i++) {
		unsigned flags = m->attrs[i].flags;

		if (m->attrs[i].fallback ||
		    (flags & (ATTR_NAME | ATTR_REQUIRED)))
			needed |= BIT(i);
		if (flags & ATTR_REQUIRED_THERE)
			there |= BIT(i);
	}
	if (needed & ~r->set)
		return false;
	for (size_t i = 0; i < m->nattrs; i++)
		absent |= (m->attrs[i].flags & ATTR_ENSURE) &&
			  attr_absent(&m->attrs[i], record);
	return absent || !(there & ~r->set);
}

/* --- resources: indexes take the place of pointers --- */

static size_t module_index(const struct module *const *list,
			   const struct module *module)
{
	size_t i = 0;

	while (list[i] && list[i] != module)
		i++;
	return i;
}

static void put_index(void *pointer, size_t index)
{
	uintptr_t value = index;

	memcpy(pointer, &value, sizeof(value));
}

static size_t get_index(const void *pointer)
{
	uintptr_t value;

	memcpy(&value, pointer, sizeof(value));
	return value;
}

static void pack_module(struct pack *p, struct resource *res,
			const struct module *const *list)
{
	size_t n = module_index(list, NULL), i;

	if (p->out) {
		i = module_index(list, res->module);
		p->wrong |= i == n;
		put_index(&res->module, i);
		return;
	}
	i = get_index(&res->module);
	pack_expect(p, i < n);
	res->module = list[i < n ? i : 0];
}

/* What it stands for comes before it in the catalog. */
static void pack_from(struct pack *p, struct resource *res, size_t index,
		      const struct resource *all)
{
	size_t from;

	if (!res->from)
		return;
	if (p->out) {
		put_index(&res->from, res->from->index + 1);
		return;
	}
	from = get_index(&res->from);
	pack_expect(p, from <= index);
	res->from = from <= index ? &all[from - 1] : NULL;
}

static const char *name_of(const char *id)
{
	const char *colon = id ? strchr(id, ':') : NULL;

	return colon ? colon + 1 : NULL;
}

static bool is_class(int max_disruption)
{
	return max_disruption >= -1 && max_disruption <= DISRUPTION_DATA;
}

/* The module of a copy is an index by now, so it is told. */
static void pack_resource(struct pack *p, struct resource *res,
			  const struct module *module)
{
	void *want;

	pack_text(p, &res->id);
	res->name = p->out || p->wrong ? NULL : name_of(res->id);
	pack_expect(p, res->name);
	pack_text(p, &res->reason);
	res->pointer = NULL;
	pack_text(p, &res->place.file);
	pack_text(p, &res->role);
	pack_expect(p, is_class(res->max_disruption));
	res->each = NULL;
	pack_record(p, common_attrs, common_attrs_n, &res->common);
	want = pack_array(p, &res->want, 1, module->size);
	if (!want)
		return;
	pack_record(p, module->attrs, module->nattrs, want);
	if (!p->out && !p->wrong)
		pack_expect(p, is_whole(module, want));
}

static void pack_resources(struct pack *p, struct compiled *top,
			   const struct catalog *c)
{
	struct resource *v = pack_array(p, &top->resources, top->n, sizeof(*v));

	for (size_t i = 0; v && i < top->n && !p->wrong; i++) {
		const struct module *module;

		pack_module(p, &v[i], c ? c->modules : top->types.modules);
		module = c ? c->v[i]->module : v[i].module;
		pack_from(p, &v[i], i, v);
		pack_expect(p, v[i].index == i);
		pack_resource(p, &v[i], module);
	}
}

/* --- the graph --- */

static void pack_edges(struct pack *p, struct compiled *top)
{
	struct edge *v = pack_array(p, &top->edges, top->nedges, sizeof(*v));

	for (size_t i = 0; v && i < top->nedges && !p->wrong; i++) {
		pack_expect(p, v[i].from < top->n && v[i].to < top->n &&
				       v[i].reason);
		pack_bool(p, &v[i].notifies);
		pack_bool(p, &v[i].stated);
		pack_bool(p, &v[i].weak);
		pack_bool(p, &v[i].loose);
		pack_text(p, &v[i].reason);
		v[i].pointer = NULL;
	}
}

static void pack_indexes(struct pack *p, size_t **indexes, size_t n,
			 size_t limit)
{
	const size_t *v = pack_array(p, indexes, n, sizeof(*v));

	for (size_t i = 0; v && i < n; i++)
		pack_expect(p, v[i] < limit);
}

/* Edges lead to what they are listed under, and forward in the order. */
static bool is_graph(const struct compiled *top)
{
	if (top->first[0] != 0 || top->first[top->n] != top->nedges)
		return false;
	for (size_t i = 0; i < top->n; i++) {
		if (top->order[top->position[i]] != i ||
		    top->first[i] > top->first[i + 1])
			return false;
		for (size_t e = top->first[i]; e < top->first[i + 1]; e++)
			if (top->edges[e].to != i ||
			    top->position[top->edges[e].from] >=
				    top->position[i])
				return false;
	}
	return true;
}

/* types: the arena of those that are made, on the way in */
static void pack_top(struct pack *p, struct compiled *top,
		     const struct catalog *c, struct arena *types)
{
	inputs_pack(p, &top->inputs);
	pack_text(p, &top->host);
	pack_text(p, &top->source);
	pack_text(p, &top->digest);
	pack_expect(p, top->host && top->source && top->digest);
	pack_expect(p, top->n <= SIZE_MAX - 2);
	pack_expect(p, is_class(top->policy.max_disruption));
	pack_bool(p, &top->policy.removals_percent);
	external_pack(p, &top->types, types);
	pack_resources(p, top, c);
	pack_edges(p, top);
	pack_indexes(p, &top->first, top->n + 1, top->nedges + 1);
	pack_indexes(p, &top->order, top->n, top->n);
	pack_indexes(p, &top->position, top->n, top->n);
	if (!p->out && !p->wrong)
		pack_expect(p, is_graph(top));
}

/* The catalog has its resources one by one, the block in a row. */
static struct resource *in_a_row(const struct catalog *c)
{
	struct resource *v = xrealloc(NULL, c->n * sizeof(*v));

	for (size_t i = 0; i < c->n; i++)
		v[i] = *c->v[i];
	return v;
}

void compiled_pack(struct pack *p, const struct graph *g,
		   const struct inputs *inputs)
{
	const struct catalog *c = g->catalog;
	AUTO_FREE struct resource *resources = in_a_row(c);
	struct compiled top = { .inputs = *inputs,
				.host = c->manifest->host,
				.source = c->manifest->name,
				.digest = manifest_digest(c->manifest),
				.policy = c->manifest->policy,
				.types = c->manifest->types,
				.resources = resources,
				.edges = g->edges,
				.first = g->first,
				.order = g->order,
				.position = g->position,
				.n = c->n,
				.nedges = g->n };
	bool marked = make_mark(top.mark, inputs->build);

	/* the mark says it; a pointer of this process is nobody's business */
	top.inputs.build = NULL;
	pack_top(p, pack_begin(p, &top, sizeof(top)), c, NULL);
	p->wrong |= !marked;
}

/* --- the way in --- */

static void take_manifest(struct manifest *m, const struct compiled *top,
			  struct arena types, const struct tree *tree)
{
	*m = (struct manifest){ .host = top->host,
				.name = top->source,
				.digest = top->digest,
				.policy = top->policy,
				.tree = tree,
				.own = top->inputs.own,
				.types = top->types,
				.arena = types,
				.owned = json_array() };
}

static void take_catalog(struct catalog *c, const struct compiled *top,
			 struct manifest *m)
{
	catalog_begin(c, m, m->types.modules);
	for (size_t i = 0; i < top->n; i++)
		catalog_add(c, &top->resources[i]);
}

static void take_graph(struct graph *g, const struct compiled *top,
		       const struct catalog *c)
{
	*g = (struct graph){ .catalog = c,
			     .edges = top->edges,
			     .n = top->nedges,
			     .capacity = top->nedges,
			     .first = top->first,
			     .order = top->order,
			     .position = top->position };
}

bool compiled_unpack(void *block, size_t size, const struct tree *tree,
		     struct manifest *m, struct catalog *c, struct graph *g,
		     struct inputs *inputs)
{
	struct arena types = { 0 };
	struct pack p;
	struct compiled *top = unpack_begin(&p, block, size, sizeof(*top));
	char mark[MARK];

	if (!make_mark(mark, inputs->build) || !top ||
	    memcmp(top->mark, mark, MARK) != 0)
		return false;
	p.tree = tree;
	top->inputs.build = NULL;
	pack_top(&p, top, NULL, &types);
	if (!unpack_end(&p)) {
		arena_release(&types);
		return false;
	}
	top->inputs.build = inputs->build;
	*inputs = top->inputs;
	take_manifest(m, top, types, tree);
	take_catalog(c, top, m);
	take_graph(g, top, c);
	return true;
}
