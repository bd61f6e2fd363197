/* SPDX-License-Identifier: MIT */
#include "lib/claims.h"

#include <string.h>

#include "lib/base/path.h"
#include "lib/catalog.h"

/* As many as the hosts follow: see host/linux/walk.c. */
enum { LINKS_MAX = 8 };

/* A path on its way to where it leads. */
struct way {
	struct catalog *catalog;
	const struct host *host; /* NULL: of none */
	struct buf at;           /* canonical so far */
	const char *rest;        /* still to be walked */
	struct strings *passed;  /* gets links on the way; or NULL */
	unsigned links;          /* followed so far */
};

static void way_release(struct way *w)
{
	buf_release(&w->at);
}

static const char *target_of(const struct resource *res)
{
	const struct record *r = res->want;

	for (size_t i = 0; i < res->module->nattrs; i++)
		if (res->module->attrs[i].kind == &kind_target &&
		    (r->set & BIT(i)))
			return *(const char *const
					 *)(const void *)((const char *)
								  res->want +
							  res->module->attrs[i]
								  .offset);
	return "";
}

/* What manages a path that is canonical. */
static const struct resource *manager_of(const struct catalog *c,
					 const char *path)
{
	const struct resource *res = catalog_at(c, path);

	return res ? res : map_get(&c->claims.others, path);
}

/* Where the link at the path leads: as the manifest will have it, else as the
 * host has it; "" when it is no link. */
static const char *look_link(const struct way *w, const char *path)
{
	const struct resource *res = manager_of(w->catalog, path);
	AUTO_DIAGS struct diags ignored = { 0 };
	const char *target;
	struct node node;

	if (res && !resource_absent(res))
		return target_of(res);
	if (w->host && host_look(w->host, path, &node, &ignored) &&
	    node.type == NODE_LINK &&
	    host_read_link(w->host, path, w->catalog->arena, &target, &ignored))
		return target;
	return "";
}

static const char *link_at(struct way *w)
{
	struct map *links = &w->catalog->claims.links;
	struct arena *a = w->catalog->arena;
	const char *path = buf_text(&w->at);
	const char *target = map_get(links, path);

	if (target)
		return target;
	path = arena_strdup(a, path);
	target = look_link(w, path);
	map_put(links, a, path, (void *)(uintptr_t)target);
	return target;
}

static void way_up(struct way *w)
{
	while (w->at.size && w->at.text[--w->at.size] != '/')
		;
	if (w->at.text)
		w->at.text[w->at.size] = '\0';
}

static void follow(struct way *w, const char *target)
{
	struct arena *a = w->catalog->arena;

	w->links++;
	if (w->passed)
		strings_add(w->passed, a, arena_strdup(a, buf_text(&w->at)));
	if (*target == '/')
		buf_clear(&w->at);
	else
		way_up(w);
	w->rest = arena_printf(a, "%s/%s", target, w->rest);
}

static void way_step(struct way *w)
{
	size_t n = strcspn(w->rest, "/");
	const char *name = w->rest, *target;

	w->rest += n + strspn(w->rest + n, "/");
	if (n == 0 || (n == 1 && *name == '.'))
		return;
	if (n == 2 && memcmp(name, "..", 2) == 0) {
		way_up(w);
		return;
	}
	buf_putc(&w->at, '/');
	buf_add(&w->at, name, n);
	/* the last component is the thing itself */
	if (!*w->rest || w->links == LINKS_MAX)
		return;
	target = link_at(w);
	if (*target)
		follow(w, target);
}

static void way_walk(struct way *w, const char *path)
{
	w->rest = path;
	w->links = 0;
	buf_clear(&w->at);
	while (*w->rest)
		way_step(w);
}

static const char *add_path(struct way *w, const char *path)
{
	struct claims *claims = &w->catalog->claims;
	struct arena *a = w->catalog->arena;
	const char *real;

	way_walk(w, path);
	real = arena_strdup(a, buf_text(&w->at));
	strings_add(&claims->paths, a, real);
	return real;
}

/* What a command creates is no stray. */
static void add_promises(struct way *w, const struct resource *res)
{
	const struct record *r = res->want;

	for (size_t i = 0; i < res->module->nattrs; i++) {
		const struct attr *attr = &res->module->attrs[i];
		const struct strings *paths =
			(const void *)((const char *)res->want + attr->offset);

		if (attr->kind != &kind_paths || !(r->set & BIT(i)))
			continue;
		for (size_t j = 0; j < paths->n; j++)
			strings_add(&w->catalog->claims.promises,
				    w->catalog->arena,
				    add_path(w, paths->v[j]));
	}
}

/* --- what a resource has beside its path --- */

/* What was read back from a disk may lack any row. */
static void add_one(struct strings *to, const struct owned *o, const char *path)
{
	if (path)
		strings_add(to, o->arena, path);
}

void owned_file(struct owned *o, const char *path)
{
	add_one(&o->files, o, path);
}

void owned_edit(struct owned *o, const char *path)
{
	add_one(&o->edits, o, path);
}

void owned_folder(struct owned *o, const char *path)
{
	add_one(&o->folders, o, path);
}

struct owned claims_owned(const struct resource *res, const struct host *h,
			  struct arena *a)
{
	struct owned o = { .arena = a };

	if (res->module->owns)
		res->module->owns(h, res->want, a, &o);
	return o;
}

static void add_owned(struct way *w, const struct resource *res)
{
	struct arena *a = w->catalog->arena;
	const struct owned o = claims_owned(res, w->host, a);

	for (size_t i = 0; i < o.files.n; i++)
		add_path(w, o.files.v[i]);
	for (size_t i = 0; i < o.edits.n; i++)
		add_path(w, o.edits.v[i]);
	for (size_t i = 0; i < o.folders.n; i++)
		strings_add(&w->catalog->claims.folders, a,
			    add_path(w, o.folders.v[i]));
}

/* Adds where the paths of a resource lead. Whether that was not known yet, and
 * may be on the way of others. */
static bool add_resource(struct way *w, struct resource *res)
{
	const char *path = resource_path(res), *real;

	add_promises(w, res);
	add_owned(w, res);
	if (resource_edits(res))
		add_path(w, resource_edits(res));
	if (!path)
		return false;
	real = add_path(w, path);
	return strcmp(path, real) != 0 &&
	       map_put(&w->catalog->claims.others, w->catalog->arena, real,
		       res) != res;
}

/* Where all managed paths lead: by links, whose own paths may do so too. */
static void prepare(struct way *w)
{
	struct catalog *c = w->catalog;
	bool more = true;

	for (unsigned i = 0; more && i <= LINKS_MAX; i++) {
		more = false;
		c->claims.links = (struct map){ 0 };
		c->claims.paths = (struct strings){ 0 };
		c->claims.promises = (struct strings){ 0 };
		c->claims.folders = (struct strings){ 0 };
		w->passed = &c->claims.paths;
		for (size_t j = 0; j < c->n; j++)
			more |= add_resource(w, c->v[j]);
	}
	strings_sort(&c->claims.paths);
	strings_sort(&c->claims.promises);
	strings_sort(&c->claims.folders);
	w->passed = NULL;
	c->claims.ready = true;
}

void claims_forget(struct catalog *c)
{
	c->claims = (struct claims){ 0 };
}

/* The first that does not sort before text, or NULL. */
static const char *first_from(const struct strings *sorted, const char *text)
{
	size_t low = 0, high = sorted->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(sorted->v[middle], text) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < sorted->n ? sorted->v[low] : NULL;
}

static void find(struct way *w, const char *path)
{
	if (!w->catalog->claims.ready)
		prepare(w);
	way_walk(w, path);
}

const struct resource *claims_at(struct catalog *c, const struct host *h,
				 const char *path)
{
	AUTO(way_release) struct way w = { .catalog = c, .host = h };

	find(&w, path);
	return manager_of(c, buf_text(&w.at));
}

/* Whether the path that was walked, or anything below it, is among them. */
static bool is_among(const struct strings *sorted, struct way *w)
{
	const char *first = first_from(sorted, buf_text(&w->at));

	if (!first)
		return false;
	if (strcmp(first, buf_text(&w->at)) == 0)
		return true;
	buf_putc(&w->at, '/');
	first = first_from(sorted, w->at.text);
	return first && strncmp(first, w->at.text, w->at.size) == 0;
}

bool claims_have(struct catalog *c, const struct host *h, const char *path)
{
	AUTO(way_release) struct way w = { .catalog = c, .host = h };

	find(&w, path);
	return is_among(&c->claims.paths, &w);
}

bool claims_promise(struct catalog *c, const struct host *h, const char *path)
{
	AUTO(way_release) struct way w = { .catalog = c, .host = h };

	find(&w, path);
	return is_among(&c->claims.promises, &w);
}

bool claims_folder(struct catalog *c, const struct host *h, const char *path)
{
	AUTO(way_release) struct way w = { .catalog = c, .host = h };
	const char *first;

	find(&w, path);
	first = first_from(&c->claims.folders, buf_text(&w.at));
	return first && strcmp(first, buf_text(&w.at)) == 0;
}

/* --- one thing by two paths --- */

/* What it manages or edits, or NULL. */
static const char *path_of(const struct resource *res)
{
	const char *path = resource_path(res);

	return path ? path : resource_edits(res);
}

static bool has_links(const struct catalog *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (*target_of(c->v[i]))
			return true;
	return false;
}

/* Most hosts have no link on the way of anything: each folder is walked to
 * once. */
static bool is_any_led(struct way *w)
{
	AUTO(arena_release) struct arena a = { 0 };
	const struct catalog *c = w->catalog;
	struct map seen = { 0 };

	for (size_t i = 0; i < c->n; i++) {
		const char *path = path_of(c->v[i]);
		size_t n = path ? path_parent(path) : 0;

		if (n < 2 || map_getn(&seen, path, n))
			continue;
		map_put(&seen, &a, arena_strndup(&a, path, n), w);
		way_walk(w, path);
		if (strcmp(buf_text(&w->at), path) != 0)
			return true;
	}
	return false;
}

/* Where the path of a resource leads, if elsewhere; or NULL. What the host
 * refuses to follow leads nowhere: who planted a link on the way of one
 * resource must not stop another. */
static const char *led_to(struct way *w, const struct resource *res)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	const char *path = path_of(res);
	struct node node;

	if (!path || path_parent(path) < 2)
		return NULL;
	way_walk(w, path);
	if (strcmp(buf_text(&w->at), path) == 0 ||
	    (w->host && !host_look(w->host, path, &node, &ignored)))
		return NULL;
	return arena_strdup(w->catalog->arena, buf_text(&w->at));
}

static void pair(struct rival *v, const struct resource *res,
		 const struct resource *other)
{
	v[res->index].other = other;
	if (!v[other->index].other)
		v[other->index].other = res;
}

static bool is_shared(const struct resource *res)
{
	return res->module->shares && res->module->shares(res->want);
}

static void find_rivals(struct way *w, struct rival *v)
{
	AUTO(arena_release) struct arena a = { 0 };
	const struct catalog *c = w->catalog;
	const struct resource *other;
	struct map led = { 0 }; /* those whose paths lead there */

	for (size_t i = 0; i < c->n; i++) {
		v[i].at = led_to(w, c->v[i]);
		if (!v[i].at || !resource_path(c->v[i]))
			continue;
		other = catalog_at(c, v[i].at);
		if (!other)
			other = map_get(&led, v[i].at);
		if (other)
			pair(v, c->v[i], other);
		else
			map_put(&led, &a, v[i].at, c->v[i]);
	}
	for (size_t i = 0; i < c->n; i++) {
		const char *path = resource_edits(c->v[i]);

		if (!path)
			continue;
		other = v[i].at ? catalog_at(c, v[i].at) : NULL;
		if (!other)
			other = map_get(&led, v[i].at ? v[i].at : path);
		/* of what meets by one path is told already */
		if (other && !is_shared(other) && catalog_at(c, path) != other)
			pair(v, c->v[i], other);
	}
}

struct rival *claims_rivals(struct catalog *c, const struct host *h)
{
	AUTO(way_release) struct way w = { .catalog = c, .host = h };
	struct rival *v = NULL;

	if ((h || has_links(c)) && is_any_led(&w)) {
		prepare(&w);
		v = arena_array(c->arena, struct rival, c->n);
		find_rivals(&w, v);
	}
	/* links may lead elsewhere when next somebody asks */
	claims_forget(c);
	return v;
}

const char *claims_told(const struct catalog *c, const struct resource *res,
			const struct rival *rival)
{
	const char *what = arena_printf(c->arena, "'%s'", path_of(res));

	if (rival->at)
		what = arena_printf(c->arena, "%s leads to '%s', which", what,
				    rival->at);
	return catalog_twice(c, what, rival->other);
}
