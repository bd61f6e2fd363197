/* SPDX-License-Identifier: MIT */
/* Roles that include each other, over all roles of a world. */
#include <stdlib.h>
#include <string.h>

#include "lib/manifest/role.h"
#include "lib/manifest/shape.h"

/* What is followed in all: a world has far less, and hosts find the rest. */
enum { FOLLOWED_MAX = 10 * 1000 * 1000 };

struct include {
	struct vertex *to;
	const char *condition; /* of its rule; NULL: it always holds */
	const char *pointer;
};

struct vertex {
	const char *role;
	struct include *v;
	size_t n, capacity;
	bool done; /* it is in no circle */
};

struct circles {
	struct manifest *m;
	struct vertex *v;
	size_t n;
	struct map by_role;
	size_t steps;
	struct diags *diags;
	bool ok;
};

/* --- who includes whom --- */

/* What is not there is told where it is included. */
static void add_includes(struct circles *c, struct vertex *from,
			 const json_t *part, const char *pointer,
			 const char *condition)
{
	struct arena *a = &c->m->arena;
	const json_t *names = json_object_get(part, "include"), *item;
	size_t i;

	pointer = pointer_join(a, pointer, "include");
	json_array_foreach (names, i, item) {
		const char *role = json_string_value(item);
		struct vertex *to = role ? map_get(&c->by_role, role) : NULL;

		if (!to)
			continue;
		from->v = arena_grow(a, from->v, from->n, &from->capacity,
				     sizeof(*from->v));
		from->v[from->n++] =
			(struct include){ to, condition,
					  pointer_index(a, pointer, i) };
	}
}

static const char *condition_of(struct circles *c, const json_t *rule)
{
	const json_t *when = json_object_get(rule, "when");
	char *text = json_dumps(when, JSON_COMPACT | JSON_SORT_KEYS);
	const char *kept = text && json_object_size(when)
				   ? arena_strdup(&c->m->arena, text)
				   : NULL;

	free(text);
	return kept;
}

static void read_includes(struct circles *c, struct vertex *vertex)
{
	struct arena *a = &c->m->arena;
	const struct document *doc = documents_read(
		c->m->documents, arena_printf(a, "roles/%s.json", vertex->role),
		NULL, c->diags);
	const json_t *rule;
	const char *at;
	size_t i;

	if (!doc)
		return;
	at = arena_printf(a, "%s#", doc->name);
	add_includes(c, vertex, doc->root, at, NULL);
	at = pointer_join(a, at, "rules");
	json_array_foreach (json_object_get(doc->root, "rules"), i, rule)
		if (json_object_get(rule, "include"))
			add_includes(c, vertex, rule, pointer_index(a, at, i),
				     condition_of(c, rule));
}

static bool leads_on(const struct vertex *vertex)
{
	for (size_t i = 0; i < vertex->n; i++)
		if (!vertex->v[i].to->done)
			return true;
	return false;
}

/* Takes away what leads to no circle: of a world that is right, nearly all.
 * There and back: names often go with the order of includes. */
static void take_away(struct circles *c)
{
	bool any = true;

	for (bool back = true; any; back = !back) {
		any = false;
		for (size_t i = 0; i < c->n; i++) {
			struct vertex *vertex = &c->v[back ? c->n - 1 - i : i];

			if (vertex->done || leads_on(vertex))
				continue;
			vertex->done = any = true;
		}
	}
}

/* --- round and round --- */

/* A role that can be come to, and how. */
struct visit {
	const struct vertex *vertex;
	const char *condition; /* of the rules on the way */
	const struct visit *from;
};

/* All ways from a role, through those alone that come after it by name: so is
 * a circle found from one of its members. */
struct walk {
	struct circles *circles;
	const struct vertex *first;
	struct visit **v;
	size_t n, capacity;
	struct map seen;
};

static void tell(struct walk *w, const struct visit *last, const char *pointer)
{
	struct manifest *m = w->circles->m;
	const char *names = w->first->role;

	for (; last; last = last->from)
		names = arena_printf(&m->arena, "%s includes %s",
				     last->vertex->role, names);
	w->circles->ok = FAIL(m, w->circles->diags, pointer, SOURCE_AT_VALUE,
			      "roles include each other: %s", names);
}

static void visit(struct walk *w, const struct visit *from,
		  const struct vertex *vertex, const char *condition)
{
	struct arena *a = &w->circles->m->arena;
	const char *key = arena_printf(a, "%s\n%s", vertex->role,
				       condition ? condition : "");
	struct visit *to;

	if (map_get(&w->seen, key))
		return;
	map_put(&w->seen, a, key, w);
	to = arena_new(a, struct visit);
	*to = (struct visit){ vertex, condition, from };
	w->v = arena_grow(a, w->v, w->n, &w->capacity, sizeof(struct visit *));
	w->v[w->n++] = to;
}

/* Two rules that ask for different things may never hold together. */
static void follow(struct walk *w, const struct visit *from,
		   const struct include *include)
{
	const char *condition = include->condition;

	if (include->to->done ||
	    strcmp(include->to->role, w->first->role) < 0 ||
	    (condition && from->condition &&
	     strcmp(condition, from->condition) != 0))
		return;
	if (include->to == w->first)
		tell(w, from, include->pointer);
	else
		visit(w, from, include->to,
		      condition ? condition : from->condition);
}

static void walk_from(struct circles *c, const struct vertex *first)
{
	struct walk w = { .circles = c, .first = first };

	visit(&w, NULL, first, NULL);
	for (size_t i = 0; i < w.n; i++)
		for (size_t j = 0; j < w.v[i]->vertex->n; j++) {
			if (c->steps++ == FOLLOWED_MAX)
				return;
			follow(&w, w.v[i], &w.v[i]->vertex->v[j]);
		}
}

bool roles_check_circles(struct manifest *m, const struct strings *roles,
			 struct diags *d)
{
	struct circles c = { .m = m, .n = roles->n, .diags = d, .ok = true };

	c.v = arena_array(&m->arena, struct vertex, roles->n);
	for (size_t i = 0; i < c.n; i++) {
		c.v[i] = (struct vertex){ .role = roles->v[i] };
		map_put(&c.by_role, &m->arena, roles->v[i], &c.v[i]);
	}
	for (size_t i = 0; i < c.n; i++)
		read_includes(&c, &c.v[i]);
	take_away(&c);
	for (size_t i = 0; i < c.n && c.steps <= FOLLOWED_MAX; i++)
		if (!c.v[i].done)
			walk_from(&c, &c.v[i]);
	return c.ok;
}
