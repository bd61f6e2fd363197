/* SPDX-License-Identifier: MIT */
#include "lib/review/fmt.h"

#include <string.h>

#include "lib/test.h"

static void laid_out(const char *text, struct buf *out)
{
	struct source source = { .name = "x.json",
				 .text = text,
				 .size = strlen(text) };
	AUTO_DIAGS struct diags d = { 0 };

	ck_assert_msg(fmt_text(&source, out, &d), "%s", d.n ? d.v[0].text : "");
	source_release(&source);
}

/* The keys of all that comes, without values that are no containers. */
static void orders(const char *text, const char *want)
{
	AUTO_BUF struct buf out = { 0 }, again = { 0 }, one_line = { 0 };

	laid_out(text, &out);
	laid_out(out.text, &again);
	ck_assert_str_eq(again.text, out.text);
	for (const char *p = out.text; *p; p++)
		if (!strchr(" \n\"", *p))
			buf_putc(&one_line, *p);
	ck_assert_str_eq(one_line.text, want);
}

START_TEST(keys_come_as_the_manual_has_them)
{
	orders("{\"resources\":{},\"vars\":{},\"host\":\"h\",\"version\":1}",
	       "{version:1,host:h,vars:{},resources:{}}");
	orders("{\"rules\":[{\"resources\":{},\"when\":{}}],"
	       "\"include\":[],\"description\":\"d\"}",
	       "{description:d,include:[],rules:[{when:{},resources:{}}]}");
	orders("{\"version\":1,\"//\":\"of "
	       "vars\",\"vars\":{},\"$schema\":\"s\"}",
	       "{$schema:s,version:1,//:ofvars,vars:{}}");
}
END_TEST

/* It may be of any format that is not known here. */
START_TEST(keys_that_the_manual_does_not_know_leave_all_as_they_are)
{
	orders("{\"resources\":{},\"expect\":1,\"version\":1}",
	       "{resources:{},expect:1,version:1}");
	orders("{\"rules\":[{\"resources\":{},\"x\":0,\"when\":{}}]}",
	       "{rules:[{resources:{},x:0,when:{}}]}");
}
END_TEST

START_TEST(attributes_come_in_the_order_of_their_type)
{
	orders("{\"resources\":{\"file:/"
	       "x\":{\"require\":\"a:b\",\"mode\":\"1\","
	       "\"when\":{},\"content\":\"c\",\"ensure\":\"present\","
	       "\"description\":\"d\"}}}",
	       "{resources:{file:/x:{description:d,when:{},ensure:present,"
	       "content:c,mode:1,require:a:b}}}");
	orders("{\"overrides\":{\"file:/x\":{\"mode\":\"1\",\"ensure\":\"a\"}},"
	       "\"defaults\":{\"file\":{\"mode\":\"1\",\"ensure\":\"a\"}}}",
	       "{defaults:{file:{ensure:a,mode:1}},"
	       "overrides:{file:/x:{ensure:a,mode:1}}}");
	orders("{\"rules\":[{\"resources\":{\"file:/x\":{\"mode\":\"1\","
	       "\"ensure\":\"a\"}}}]}",
	       "{rules:[{resources:{file:/x:{ensure:a,mode:1}}}]}");
}
END_TEST

START_TEST(attributes_of_an_unknown_type_stay_in_their_order)
{
	orders("{\"resources\":{\"own:x\":{\"z\":1,\"notify\":\"a:b\",\"a\":2,"
	       "\"for_each\":[]},\"${t}:x\":{\"z\":1,\"a\":1}}}",
	       "{resources:{own:x:{for_each:[],z:1,a:2,notify:a:b},"
	       "${t}:x:{z:1,a:1}}}");
}
END_TEST

/* Ties of the graph are broken by it; for_each goes over objects by it. */
START_TEST(what_means_something_by_its_order_keeps_it)
{
	orders("{\"vars\":{\"b\":1,\"a\":{\"z\":1,\"y\":2}},\"resources\":{"
	       "\"file:/b\":{},\"exec:a\":{\"env\":{\"B\":\"1\",\"A\":\"2\"},"
	       "\"for_each\":{\"z\":1,\"y\":2}},\"file:/a\":{}}}",
	       "{vars:{b:1,a:{z:1,y:2}},resources:{file:/b:{},exec:a:{"
	       "for_each:{z:1,y:2},env:{B:1,A:2}},file:/a:{}}}");
}
END_TEST

START_TEST(what_is_no_object_where_one_is_due_is_left_alone)
{
	orders("{\"resources\":[{\"mode\":1,\"ensure\":2}],\"rules\":{\"a\":"
	       "{\"vars\":1}},\"overrides\":null,\"defaults\":{\"file\":[1]}}",
	       "{defaults:{file:[1]},resources:[{mode:1,ensure:2}],rules:{a:"
	       "{vars:1}},overrides:null}");
	orders("{\"rules\":[1,[\"vars\"],{}]}", "{rules:[1,[vars],{}]}");
}
END_TEST

START_TEST(what_is_wrong_is_told_with_its_place)
{
	static const char text[] = "{\"a\": 1,\n \"a\": 2}";
	struct source source = { .name = "x.json",
				 .text = text,
				 .size = sizeof(text) - 1 };
	AUTO_DIAGS struct diags d = { 0 };
	AUTO_BUF struct buf out = { 0 };

	ck_assert(!fmt_text(&source, &out, &d));
	ck_assert_uint_eq(d.n, 1);
	ck_assert_uint_eq(d.v[0].place.line, 2);
	ck_assert_uint_eq(d.v[0].place.column, 2);
	ck_assert_uint_eq(out.size, 0);
	source_release(&source);
}
END_TEST

TEST_SUITE("fmt", keys_come_as_the_manual_has_them,
	   keys_that_the_manual_does_not_know_leave_all_as_they_are,
	   attributes_come_in_the_order_of_their_type,
	   attributes_of_an_unknown_type_stay_in_their_order,
	   what_means_something_by_its_order_keeps_it,
	   what_is_no_object_where_one_is_due_is_left_alone,
	   what_is_wrong_is_told_with_its_place)
