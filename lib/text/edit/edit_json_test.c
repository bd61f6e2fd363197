/* SPDX-License-Identifier: MIT */
#include "lib/text/edit/edit_test.h"

static bool edit(const void *wish, const struct edit_text *t, struct edited *e,
		 struct diags *d)
{
	return edit_json(wish, t, e, d);
}

static void put(const char *pointer, const char *value, const char *have,
		const char *want)
{
	edits(edit, &(struct json_wish){ .pointer = pointer, .value = value },
	      have, want);
}

static void drop(const char *pointer, const char *value, const char *have,
		 const char *want)
{
	edits(edit,
	      &(struct json_wish){
		      .pointer = pointer, .value = value, .absent = true },
	      have, want);
}

START_TEST(replaces_a_value)
{
	put("/a", "2", "{\"a\": 1}", "{\"a\": 2}");
	put("/a", "\"x\"", " { \"b\":[1, 2],\n\"a\" :null }\n",
	    " { \"b\":[1, 2],\n\"a\" :\"x\" }\n");
	put("/a/b", "2", "{\"a\": {\"b\": 1}, \"b\": 1}",
	    "{\"a\": {\"b\": 2}, \"b\": 1}");
	put("/l/1", "9", "{\"l\": [1, 2, 3]}", "{\"l\": [1, 9, 3]}");
	put("/a", "{\"b\":[1]}", "{\n\t\"a\": 1\n}\n",
	    "{\n\t\"a\": {\n\t\t\"b\": [\n\t\t\t1\n\t\t]\n\t}\n}\n");
	put("/a", "[1,2]", "{\"a\":1}", "{\"a\":[1,2]}");
	put("", "[1]", "{\"a\": 1}\n", "[\n  1\n]\n");
	put("/x~1y~0z", "2", "{\"x/y~z\": 1}", "{\"x/y~z\": 2}");
	put("/\xc3\xa4", "2", "{\"\\u00e4\": 1}", "{\"\\u00e4\": 2}");
	put("/", "2", "{\"\": 1}", "{\"\": 2}");
}
END_TEST

START_TEST(leaves_what_says_the_same)
{
	put("/a", "\"\xc3\xa4\"", "{\"a\":\"\\u00e4\"}", NULL);
	put("/a", "{\"x\":1,\"y\":2}", "{\"a\": {\"y\": 2, \"x\": 1}}", NULL);
	put("/a", "0.1", "{\"a\": 1e-1}", NULL);
	put("", "[]", " [ ] ", NULL);
}
END_TEST

START_TEST(adds_a_member_as_those_around_it_are)
{
	put("/b", "2", "{\"a\": 1}", "{\"a\": 1, \"b\": 2}");
	put("/b", "2", "{\"a\":1}", "{\"a\":1,\"b\":2}");
	put("/b", "2", "{\"a\":1}\n", "{\"a\":1,\"b\":2}\n");
	put("/c", "2", "{\"a\" : 1 , \"b\" : 1 }",
	    "{\"a\" : 1 , \"b\" : 1, \"c\" : 2 }");
	put("/b", "2", "{\n  \"a\": 1\n}\n", "{\n  \"a\": 1,\n  \"b\": 2\n}\n");
	put("/b", "2", "{\n\t\"a\":1\n}", "{\n\t\"a\":1,\n\t\"b\":2\n}");
	put("/b", "2", "{\r\n  \"a\": 1\r\n}",
	    "{\r\n  \"a\": 1,\r\n  \"b\": 2\r\n}");
	put("/a", "1", "{}", "{\n  \"a\": 1\n}");
	put("/a", "1", "{ }\n", "{\n  \"a\": 1\n}\n");
	put("/a/b", "1", "{\n    \"a\": {}\n}",
	    "{\n    \"a\": {\n        \"b\": 1\n    }\n}");
	put("/a/b", "1", "{\"a\":{}}", "{\"a\":{\"b\":1}}");
	put("/b/c/d", "1", "{\n  \"a\": 1\n}",
	    "{\n  \"a\": 1,\n  \"b\": {\n    \"c\": {\n      \"d\": 1\n"
	    "    }\n  }\n}");
	put("/b/0", "1", "{\"a\":1}", "{\"a\":1,\"b\":{\"0\":1}}");
	put("/b", "0.1", "{\"a\": 1}", "{\"a\": 1, \"b\": 0.1}");
	put("/b", "1e300", "{\"a\": 1}", "{\"a\": 1, \"b\": 1e300}");
}
END_TEST

START_TEST(adds_an_element)
{
	put("/l/-", "3", "{\"l\": [1, 2]}", "{\"l\": [1, 2, 3]}");
	put("/l/-", "3", "{\"l\":[1,2]}", "{\"l\":[1,2,3]}");
	put("/l/-", "2", "{\"l\": [1, 2, 3]}", NULL);
	put("/l/2", "3", "{\"l\": [1, 2]}", "{\"l\": [1, 2, 3]}");
	put("/l/-", "1", "{\"l\": []}", "{\"l\": [1]}");
	put("/l/-", "1", "{\"a\": 1}", "{\"a\": 1, \"l\": [1]}");
	put("/l/1/a", "1", "{\"l\": [0]}", "{\"l\": [0, {\"a\": 1}]}");
	put("/-", "\"b\"", "[\n  \"a\"\n]\n", "[\n  \"a\",\n  \"b\"\n]\n");
	put("/-", "1", "{\"a\": 1}", "{\"a\": 1, \"-\": 1}");
}
END_TEST

START_TEST(removes_a_member)
{
	drop("/a", NULL, "{\"a\": 1}", "{}");
	drop("/a", NULL, "{\"a\": 1, \"b\": 2}", "{ \"b\": 2}");
	drop("/b", NULL, "{\"a\": 1, \"b\": 2}", "{\"a\": 1}");
	drop("/b", NULL, "{\"a\":1,\"b\":[2,3],\"c\":3}", "{\"a\":1,\"c\":3}");
	drop("/b", NULL, "{\n  \"a\": 1,\n  \"b\": 2\n}\n",
	     "{\n  \"a\": 1\n}\n");
	drop("/a", NULL, "{\n  \"a\": 1,\n  \"b\": 2\n}\n",
	     "{\n  \"b\": 2\n}\n");
	drop("/a", NULL, "{\n  \"a\": 1\n}\n", "{}\n");
	drop("/a/b", NULL, "{\"a\": {\"b\": 1}}", "{\"a\": {}}");
	drop("/c", NULL, "{\"a\": 1}", NULL);
	drop("/a/b", NULL, "{\"a\": 1}", NULL);
	drop("/a/b/c", NULL, "{\"a\": {}}", NULL);
}
END_TEST

START_TEST(removes_all_equal_elements)
{
	drop("/l/-", "1", "{\"l\": [1, 2, 1, 3, 1]}", "{\"l\": [ 2, 3]}");
	drop("/l/-", "1", "{\"l\": [1, 1]}", "{\"l\": []}");
	drop("/l/-", "{\"a\":1}", "{\"l\":[{\"a\": 1},{\"a\":2}]}",
	     "{\"l\":[{\"a\":2}]}");
	drop("/l/-", "9", "{\"l\": [1]}", NULL);
}
END_TEST

START_TEST(makes_a_document_from_nothing)
{
	struct json_wish wish = { .pointer = "/a/b",
				  .value = "[1]",
				  .from_nothing = true };

	edits(edit, &wish, "",
	      "{\n  \"a\": {\n    \"b\": [\n      1\n    ]\n  }\n}\n");
	edits(edit, &wish, " \n",
	      "{\n  \"a\": {\n    \"b\": [\n      1\n    ]\n  }\n}\n");
	wish.pointer = "";
	edits(edit, &wish, "", "[\n  1\n]\n");
	wish.absent = true;
	edits(edit, &wish, "", NULL);
}
END_TEST

#define CANNOT "'/f' is JSON that cannot be edited here: "

static void refused(const char *pointer, const char *have, const char *words)
{
	refuses(edit, &(struct json_wish){ .pointer = pointer, .value = "1" },
		have, words);
}

START_TEST(refuses_what_is_not_json)
{
	refused("/a", "", "'/f' is not JSON: line 1, column 1: ");
	refused("/a", "{\n  // a\n}",
		"'/f' is not JSON: line 2, column 3: "
		"JSON has no comments");
	refused("/a", "{\"a\": 1,}",
		"'/f' is not JSON: line 1, column 8: "
		"trailing comma");
	refused("/a", "{\"a\": 1} x",
		"'/f' is not JSON: line 1, column 10: "
		"trailing data");
	refused("/a", "a = 1\n", "'/f' is not JSON");
	refused("/a", "\xef\xbb\xbf{}", "'/f' is not JSON");
}
END_TEST

START_TEST(refuses_what_leads_nowhere)
{
	refused("/a/b", "{\"a\": 1}",
		"'/a' of '/f' is no object: it has no 'b'");
	refused("/a", "3", "'the document' of '/f' is no object");
	refused("/l/x", "{\"l\": []}",
		"'/l' of '/f' is a list: 'x' is no index of it");
	refused("/l/01", "{\"l\": [1, 2]}", "'/l' of '/f' is a list: '01'");
	refused("/l/3", "{\"l\": [1]}",
		"'/l' of '/f' has 1 elements: '3' is beyond the next one");
	refused("/l/-/a", "{\"l\": [1]}", "'/l' of '/f' is a list: '-'");
	refused("/a", "{\"a\": 1, \"b\": 2, \"a\": 3}",
		"'/f' has the key 'a' twice");
	/* the next one would be at that index then */
	refuses(edit, &(struct json_wish){ .pointer = "/l/0", .absent = true },
		"{\"l\": [1, 2]}", "'/l' of '/f' is a list: without '0'");
}
END_TEST

START_TEST(refuses_to_nest_too_deep)
{
	AUTO_BUF struct buf pointer = { 0 };

	for (size_t i = 0; i < 65; i++)
		buf_puts(&pointer, "/a");
	refused(pointer.text, "{}", CANNOT "line 65, column ");
}
END_TEST

/* RFC 8259, 6 and 8.2: software may set limits. */
START_TEST(refuses_json_that_it_cannot_hold)
{
	refused("/a", "{\n\"b\": 36893488147419103232}",
		CANNOT "line 2, column 6: number out of range (an integer has "
		       "64 bits)");
	refused("/a", "{\"b\": 1e999}", CANNOT "line 1, column 7: number");
	refused("/a", "{\"b\": \"\\u0000\"}", CANNOT "line 1, column 8: NUL");
	refused("/a", "{\"\\ud800x\": 1}", CANNOT "line 1, column 3: half of");
	refused("/a", "{\"b\": \"\\udc00\"}", CANNOT "line 1, column 8: half");
}
END_TEST

START_TEST(knows_wrong_pointers)
{
	ck_assert_ptr_null(edit_pointer_wrong(""));
	ck_assert_ptr_null(edit_pointer_wrong("/"));
	ck_assert_ptr_null(edit_pointer_wrong("/a~0~1/b"));
	ck_assert_ptr_nonnull(edit_pointer_wrong("a"));
	ck_assert_ptr_nonnull(edit_pointer_wrong("/a~"));
	ck_assert_ptr_nonnull(edit_pointer_wrong("/a~2"));
}
END_TEST

TEST_SUITE("edit_json", replaces_a_value, leaves_what_says_the_same,
	   adds_a_member_as_those_around_it_are, adds_an_element,
	   removes_a_member, removes_all_equal_elements,
	   makes_a_document_from_nothing, refuses_what_is_not_json,
	   refuses_what_leads_nowhere, refuses_to_nest_too_deep,
	   refuses_json_that_it_cannot_hold, knows_wrong_pointers)
