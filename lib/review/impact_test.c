/* SPDX-License-Identifier: MIT */
/* What a change of a world in memory touches, as a document and as DOT. */
#include "lib/review/impact.h"

#include "lib/manifest/reading_test.h"
#include "lib/review/impact_dot.h"
#include "lib/review/review.h"

static struct reading_world old, new;
static struct diags diags;
static json_t *found;

static void put_both(const char *name, const char *before, const char *after)
{
	world_put(&old, name, before);
	world_put(&new, name, after);
}

static void put_hosts(void)
{
	static const char *const files[][2] = {
		{ "converge.json", "{'version': 1}" },
		{ "hosts/a.json",
		  "{'version': 1, 'host': 'a', 'roles': ['r']}" },
		{ "hosts/b.json",
		  "{'version': 1, 'host': 'b', 'roles': ['r']}" },
	};

	for (size_t i = 0; i < COUNT(files); i++)
		put_both(files[i][0], files[i][1], files[i][1]);
}

static void put_role(const char *before, const char *after)
{
	put_hosts();
	put_both("roles/r.json",
		 arena_printf(&old.arena, "{'resources': {%s}}", before),
		 arena_printf(&old.arena, "{'resources': {%s}}", after));
}

static bool look_in(size_t shares, const char *host)
{
	struct strings names = { 0 };
	struct review r = { .old = &old.world.tree,
			    .new = &new.world.tree,
			    .fact_names = &names,
			    .host = host,
			    .impact = true,
			    .shares = shares };
	json_t *v[3] = { NULL };
	bool ok = true;

	for (; r.share < shares; r.share++) {
		v[r.share] = review_share(&r, &diags);
		ok &= v[r.share] != NULL;
	}
	found = ok ? review_join(v, shares, &diags) : NULL;
	for (size_t i = 0; i < shares; i++)
		json_decref(v[i]);
	return found;
}

static bool look(const char *host)
{
	return look_in(1, host);
}

static json_t *part(const char *key)
{
	return json_object_get(
		json_array_get(json_object_get(found, "groups"), 0), key);
}

static const char *text_of(const json_t *j, const char *key)
{
	const char *text = json_string_value(json_object_get(j, key));

	return text ? text : "";
}

/* "update exec:a, dependent file:/b" */
static const char *resources(void)
{
	const char *text = "";
	json_t *res;
	size_t i;

	json_array_foreach (part("resources"), i, res)
		text = arena_printf(&old.arena, "%s%s%s %s", text,
				    i ? ", " : "",
				    text_of(res, json_object_get(res, "action")
							 ? "action"
							 : "touched"),
				    text_of(res, "id"));
	return text;
}

/* "exec:a -> exec:b (require, add)" */
static const char *edges(void)
{
	const char *text = "";
	json_t *edge;
	size_t i;

	json_array_foreach (part("edges"), i, edge)
		text = arena_printf(&old.arena, "%s%s%s -> %s (%s%s%s)", text,
				    i ? ", " : "", text_of(edge, "from"),
				    text_of(edge, "to"),
				    text_of(edge, "reason"),
				    *text_of(edge, "action") ? ", " : "",
				    text_of(edge, "action"));
	return text;
}

static json_int_t more(const char *touched)
{
	return json_integer_value(json_object_get(part("more"), touched));
}

static const char *dot(void)
{
	AUTO_BUF struct buf b = { 0 };

	impact_dot(found, &b);
	return arena_strdup(&old.arena, buf_text(&b));
}

static void end(void)
{
	json_decref(found);
	found = NULL;
	diags_release(&diags);
	world_end(&old);
	world_end(&new);
}

#define REST                                                                  \
	"'exec:n': {'command': ['n'], 'refreshonly': true, "                  \
	"'notify': 'exec:o'}, "                                               \
	"'exec:o': {'command': ['o'], 'refreshonly': true}, "                 \
	"'exec:p': {'command': ['p'], 'creates': '/p', 'require': 'exec:n'}," \
	"'exec:q': {'command': ['q'], 'creates': '/q', 'require': 'exec:p'}," \
	"'file:/other': {'content': 'x'}, "                                   \
	"'file:/before': {'content': 'x', 'before': 'file:/f'}"

START_TEST(what_comes_after_a_change_is_touched)
{
	put_role("'file:/f': {'mode': '0600', 'notify': 'exec:n'}, " REST,
		 "'file:/f': {'mode': '0644', 'notify': 'exec:n'}, " REST);
	ck_assert(look(NULL));
	ck_assert_uint_eq(json_array_size(part("hosts")), 2);
	ck_assert_str_eq(resources(),
			 "update file:/f, refresh exec:n, refresh exec:o, "
			 "dependent exec:p, dependent exec:q");
	ck_assert_str_eq(edges(), "file:/f -> exec:n (notify), "
				  "exec:n -> exec:o (notify), "
				  "exec:n -> exec:p (require), "
				  "exec:p -> exec:q (require)");
	ck_assert_ptr_null(part("more"));
	end();
}
END_TEST

START_TEST(how_it_is_managed_touches_nothing_else)
{
	put_role("'file:/f': {'backup': true, 'notify': 'exec:n'}, " REST,
		 "'file:/f': {'backup': false, 'notify': 'exec:n'}, " REST);
	ck_assert(look(NULL));
	ck_assert_str_eq(resources(), "manage file:/f");
	ck_assert_str_eq(edges(), "");
	end();
}
END_TEST

/* What a policy withholds does what it would do once it is let through. */
START_TEST(what_is_withheld_shows_what_it_would_touch)
{
	put_role("'file:/f': {'mode': '0600', 'noop': true, "
		 "'notify': 'exec:n'}, " REST,
		 "'file:/f': {'mode': '0644', 'noop': true, "
		 "'notify': 'exec:n'}, " REST);
	ck_assert(look(NULL));
	ck_assert_str_eq(resources(),
			 "update file:/f, notified exec:n, notified exec:o, "
			 "dependent exec:p, dependent exec:q");
	end();
}
END_TEST

START_TEST(edges_that_come_and_go_say_so)
{
	put_role("'exec:a': {'command': ['a'], 'creates': '/a'}, "
		 "'exec:b': {'command': ['b'], 'creates': '/b', "
		 "'require': 'exec:a'}, "
		 "'file:/gone': {'before': 'exec:b'}",
		 "'exec:a': {'command': ['a', 'x'], 'creates': '/a'}, "
		 "'exec:b': {'command': ['b', 'x'], 'creates': '/b', "
		 "'subscribe': 'exec:a'}");
	ck_assert(look(NULL));
	ck_assert_str_eq(resources(),
			 "unknown exec:a, unknown exec:b, release file:/gone");
	ck_assert_str_eq(edges(), "exec:a -> exec:b (subscribe, add), "
				  "exec:a -> exec:b (require, remove), "
				  "file:/gone -> exec:b (before, remove)");
	end();
}
END_TEST

START_TEST(what_is_linked_anew_or_no_more_is_touched)
{
	put_role(
		"'file:/f': {'content': 'x', 'notify': 'exec:n'}, " REST,
		"'file:/f': {'content': 'x', 'require': 'file:/other'}, " REST);
	ck_assert(look(NULL));
	ck_assert_str_eq(resources(), "linked exec:n, linked file:/other, "
				      "manage file:/f");
	ck_assert_str_eq(edges(), "file:/other -> file:/f (require, add), "
				  "file:/f -> exec:n (notify, remove)");
	end();
}
END_TEST

/* The second is that a service is managed otherwise and restarted. */
START_TEST(of_two_reasons_the_one_that_touches_counts)
{
	put_role("'exec:n': {'command': ['n'], 'refreshonly': true}, "
		 "'file:/f': {'mode': '0600', 'notify': 'exec:n'}, "
		 "'exec:z': {'command': ['z'], 'creates': '/z', "
		 "'require': 'exec:n'}",
		 "'exec:n': {'command': ['n'], 'refreshonly': true, "
		 "'timeout': 9}, "
		 "'file:/f': {'mode': '0644', 'notify': 'exec:n'}, "
		 "'exec:z': {'command': ['z'], 'creates': '/z', "
		 "'require': 'exec:n'}");
	ck_assert(look(NULL));
	ck_assert_ptr_nonnull(strstr(resources(), "dependent exec:z"));
	ck_assert_ptr_null(strstr(resources(), "manage exec:n"));
	end();
}
END_TEST

static const char *many(const char *mode, size_t n)
{
	const char *text = arena_printf(
		&old.arena,
		"'file:/f': {'mode': '%s'}, 'exec:0': {'command': ['x'], "
		"'creates': '/x', 'require': 'file:/f'}",
		mode);

	for (size_t i = 1; i < n; i++)
		text = arena_printf(&old.arena,
				    "%s, 'exec:%zu': {'command': ['x'], "
				    "'creates': '/x', 'require': 'exec:%zu'}",
				    text, i, i - 1);
	return text;
}

START_TEST(the_nearest_are_named_and_the_rest_counted)
{
	put_role(many("0600", 100), many("0644", 100));
	ck_assert(look(NULL));
	ck_assert_uint_eq(json_array_size(part("resources")), IMPACT_SHOWN);
	ck_assert_int_eq(more("dependent"), 101 - IMPACT_SHOWN);
	ck_assert_int_eq(more("changed"), 0);
	ck_assert_ptr_nonnull(strstr(resources(), " exec:38"));
	ck_assert_ptr_null(strstr(resources(), " exec:39"));
	ck_assert_uint_eq(json_array_size(part("edges")), IMPACT_SHOWN - 1);
	ck_assert_ptr_nonnull(
		strstr(dot(), "label=\"and 61 more: 61 that need them\""));
	end();
}
END_TEST

static const char *notifying(const char *mode, size_t n)
{
	const char *text = "'exec:n': {'command': ['n'], 'refreshonly': true}";

	for (size_t i = 0; i < n; i++)
		text = arena_printf(&old.arena,
				    "%s, 'file:/%zu': {'mode': '%s', "
				    "'notify': 'exec:n'}",
				    text, i, mode);
	return text;
}

/* Of many changes the one refresh is what the reviewer must see. */
START_TEST(what_disturbs_is_named_first)
{
	put_role(notifying("0600", 60), notifying("0644", 60));
	ck_assert(look(NULL));
	ck_assert_ptr_nonnull(strstr(resources(), "refresh exec:n"));
	ck_assert_int_eq(more("changed"), 61 - IMPACT_SHOWN);
	end();
}
END_TEST

START_TEST(one_host_can_be_asked_for)
{
	put_role("'file:/f': {'mode': '0600'}", "'file:/f': {'mode': '0644'}");
	ck_assert(look("b"));
	ck_assert_str_eq(
		text_of(json_array_get(json_object_get(found, "groups"), 0),
			"shown"),
		"b");
	ck_assert_uint_eq(json_array_size(part("hosts")), 1);
	json_decref(found);
	ck_assert(!look("c"));
	ck_assert_str_eq(diags.v[0].text,
			 "the world has no host 'c' at either revision");
	end();
}
END_TEST

/* One change, but something that needs it on one of the hosts alone. */
START_TEST(hosts_where_it_touches_others_are_named)
{
	put_role("'file:/f': {'mode': '0600'}", "'file:/f': {'mode': '0644'}");
	put_both("hosts/c.json",
		 "{'version': 1, 'host': 'c', 'roles': ['r'], 'resources': "
		 "{'exec:c': {'command': ['c'], 'creates': '/c', 'require': "
		 "'file:/f'}}}",
		 "{'version': 1, 'host': 'c', 'roles': ['r'], 'resources': "
		 "{'exec:c': {'command': ['c'], 'creates': '/c', 'require': "
		 "'file:/f'}}}");
	ck_assert(look(NULL));
	ck_assert_uint_eq(json_array_size(part("hosts")), 3);
	ck_assert_str_eq(resources(), "update file:/f");
	ck_assert_uint_eq(json_array_size(part("unlike")), 1);
	ck_assert_str_eq(json_string_value(json_array_get(part("unlike"), 0)),
			 "c");
	ck_assert_ptr_null(part("reach"));
	ck_assert_ptr_null(part("reaches"));
	ck_assert_ptr_nonnull(strstr(
		dot(), "\\ldrawn as on a; it touches others on 1 host: c\\l"));
	end();
}
END_TEST

START_TEST(in_any_number_of_shares_it_is_the_same)
{
	static const char host[] =
		"{'version': 1, 'host': '%s', 'roles': ['r'], 'resources': "
		"{'exec:%s': {'command': ['c'], 'creates': '/c', 'require': "
		"'file:/f'}}}";
	json_t *one;

	put_role("'file:/f': {'mode': '0600'}", "'file:/f': {'mode': '0644'}");
	for (const char *name = "cde"; *name; name++) {
		const char called[] = { *name, '\0' };
		const char *text = arena_printf(&old.arena, host, called,
						*name < 'e' ? "x" : called);

		put_both(arena_printf(&old.arena, "hosts/%s.json", called),
			 text, text);
	}
	ck_assert(look(NULL));
	ck_assert_uint_eq(json_array_size(part("hosts")), 5);
	ck_assert_uint_eq(json_array_size(part("unlike")), 3);
	one = found;
	for (size_t shares = 2; shares <= 3; shares++) {
		ck_assert(look_in(shares, NULL));
		ck_assert(json_equal(one, found));
		json_decref(found);
	}
	found = one;
	end();
}
END_TEST

/* Each action by a mark and a shape of its own, not by its colour alone. */
START_TEST(actions_are_told_apart_without_colour)
{
	static const char *const lines[] = {
		"label=\"+ file:/new",  "label=\"~ file:/f",
		"label=\"- file:/away", "label=\"! exec:n",
		"label=\"? exec:u",     "label=\"o file:/gone",
	};
	static const char *const shapes[] = { "rounded",       "shape=box",
					      "octagon",       "hexagon",
					      "parallelogram", "ellipse" };

	put_role("'file:/f': {'mode': '0600', 'notify': 'exec:n'}, "
		 "'file:/away': {}, 'file:/gone': {}, "
		 "'exec:n': {'command': ['n'], 'refreshonly': true}, "
		 "'exec:u': {'command': ['u']}",
		 "'file:/f': {'mode': '0644', 'notify': 'exec:n'}, "
		 "'file:/away': {'ensure': 'absent'}, 'file:/new': {}, "
		 "'exec:n': {'command': ['n'], 'refreshonly': true}, "
		 "'exec:u': {'command': ['u', 'x']}");
	ck_assert(look(NULL));
	for (size_t i = 0; i < COUNT(lines); i++) {
		const char *line = strstr(dot(), lines[i]);

		ck_assert_msg(line, "%s", lines[i]);
		line = arena_strndup(&old.arena, line, strcspn(line, "\n"));
		ck_assert_msg(strstr(line, shapes[i]), "%s", line);
	}
	end();
}
END_TEST

START_TEST(names_cannot_end_a_string_of_dot)
{
	put_role("'exec:a\\\\N\\'\\\"]; x -> y; &lt;\\u001b\\u202e<b>\\n': "
		 "{'command': ['a']}",
		 "'exec:a\\\\N\\'\\\"]; x -> y; &lt;\\u001b\\u202e<b>\\n': "
		 "{'command': ['b']}");
	ck_assert_msg(look(NULL), "%s", diags.n ? diags.v[0].text : "");
	ck_assert_msg(strstr(dot(), "label=\"? exec:a\\\\N\\\"\\\"]; x -> y; "
				    "&amp;lt;\\\\x1b\\\\xe2\\\\x80\\\\xae<b>"
				    "\\\\x0a\\n"),
		      "%s", dot());
	end();
}
END_TEST

/* It comes from a process that read what anybody wrote. */
START_TEST(any_document_is_drawn)
{
	static const char *const wrong[] = {
		"{}",
		"[]",
		"{\"groups\": [1, {}, {\"hosts\": [1, \"a\"], \"kind\": 2}]}",
		("{\"groups\": [{\"resources\": [1, {}, {\"attributes\": "
		 "[1]}], \"edges\": [1, {}], \"findings\": [1, {}, {}, {}]}]}"),
		"{\"old\": {\"revision\": \"\\\"\\\\N\"}, \"new\": 1}",
	};

	for (size_t i = 0; i < COUNT(wrong); i++) {
		const char *text;

		found = json_loads(wrong[i], 0, NULL);
		ck_assert_ptr_nonnull(found);
		text = dot();
		ck_assert_str_eq(text + strlen(text) - 2, "}\n");
		json_decref(found);
	}
	found = NULL;
	end();
}
END_TEST

START_TEST(of_many_groups_the_rest_is_counted)
{
	AUTO_BUF struct buf b = { 0 };

	buf_puts(&b, "{\"groups\": [");
	for (size_t i = 0; i < 13; i++)
		buf_printf(&b, "%s{\"hosts\": [\"h%zu\", \"x\"]}",
			   i ? ", " : "", i);
	buf_puts(&b, "]}");
	found = json_loads(buf_text(&b), 0, NULL);
	ck_assert_ptr_nonnull(strstr(dot(), "2 hosts: h9, x"));
	ck_assert_ptr_null(strstr(dot(), "h10"));
	ck_assert_ptr_nonnull(strstr(dot(), "and 3 more groups with 6 hosts"));
	end();
}
END_TEST

TEST_SUITE("impact", what_comes_after_a_change_is_touched,
	   how_it_is_managed_touches_nothing_else,
	   what_is_withheld_shows_what_it_would_touch,
	   edges_that_come_and_go_say_so,
	   what_is_linked_anew_or_no_more_is_touched,
	   of_two_reasons_the_one_that_touches_counts,
	   the_nearest_are_named_and_the_rest_counted,
	   what_disturbs_is_named_first,
	   hosts_where_it_touches_others_are_named,
	   in_any_number_of_shares_it_is_the_same, one_host_can_be_asked_for,
	   actions_are_told_apart_without_colour,
	   names_cannot_end_a_string_of_dot, any_document_is_drawn,
	   of_many_groups_the_rest_is_counted)
