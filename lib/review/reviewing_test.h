/* SPDX-License-Identifier: MIT */
/* Two revisions of a world in memory, compared; what comes of it. */
#ifndef CONVERGE_REVIEW_REVIEWING_TEST_H
#define CONVERGE_REVIEW_REVIEWING_TEST_H

#include "lib/manifest/reading_test.h"
#include "lib/review/review.h"

static struct reading_world old, new;
static struct diags diags;
static json_t *found;

static inline void put(const char *name, const char *text)
{
	world_put(&old, name, text);
	world_put(&new, name, text);
}

static inline void put_both(const char *name, const char *before,
			    const char *after)
{
	world_put(&old, name, before);
	world_put(&new, name, after);
}

static inline void put_hosts(void)
{
	put("converge.json", "{'version': 1}");
	put("hosts/a.json", "{'version': 1, 'host': 'a', 'roles': ['r']}");
	put("hosts/b.json", "{'version': 1, 'host': 'b', 'roles': ['r']}");
}

/* In so many shares, joined. */
static inline json_t *review_in(size_t shares)
{
	struct strings names = { 0 };
	json_t *v[4], *joined;

	for (size_t i = 0; i < shares; i++)
		v[i] = review_share(&(struct review){ .old = &old.world.tree,
						      .new = &new.world.tree,
						      .fact_names = &names,
						      .share = i,
						      .shares = shares },
				    &diags);
	joined = review_join(v, shares, &diags);
	for (size_t i = 0; i < shares; i++)
		json_decref(v[i]);
	return joined;
}

static inline void review(void)
{
	found = review_in(1);
	ck_assert_ptr_nonnull(found);
}

static inline json_t *group(size_t i)
{
	return json_array_get(json_object_get(found, "groups"), i);
}

static inline size_t groups(void)
{
	return json_array_size(json_object_get(found, "groups"));
}

static inline json_int_t sum(const char *key)
{
	return json_integer_value(
		json_object_get(json_object_get(found, "summary"), key));
}

/* "create file:/a, refresh exec:b" */
static inline const char *changes(size_t i)
{
	const char *text = "";
	json_t *change;
	size_t k;

	json_array_foreach (json_object_get(group(i), "changes"), k, change)
		text = arena_printf(
			&old.arena, "%s%s%s %s", text, k ? ", " : "",
			json_string_value(json_object_get(change, "action")),
			json_string_value(json_object_get(change, "id")));
	return text;
}

static inline json_t *change_of(size_t i, size_t k, const char *key)
{
	return json_object_get(
		json_array_get(json_object_get(group(i), "changes"), k), key);
}

static inline void end(void)
{
	json_decref(found);
	diags_release(&diags);
	world_end(&old);
	world_end(&new);
}

static inline const char *disruption(void)
{
	return json_string_value(json_object_get(
		json_object_get(group(0), "summary"), "disruption"));
}

static inline const char *because(size_t k)
{
	return json_string_value(change_of(0, k, "because"));
}

static inline const char *withheld(size_t k)
{
	return json_string_value(change_of(0, k, "withheld"));
}

#endif
