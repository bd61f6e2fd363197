/* SPDX-License-Identifier: MIT */
#include "lib/manifest/documents.h"

#include "lib/manifest/reading_test.h"

static struct reading_world r;
static struct documents docs;

static void begin(void)
{
	world_put(&r, "roles/a.json", "{'x': 1}");
	world_put(&r, "roles/bad.json", "{'x': 1");
	documents_begin(&docs, &r.world.tree);
}

static void end(void)
{
	documents_release(&docs);
	world_end(&r);
}

START_TEST(one_is_read_once)
{
	struct document *doc;

	begin();
	doc = documents_read(&docs, "roles/a.json", NULL, &r.diags);
	ck_assert_ptr_nonnull(doc);
	ck_assert_str_eq(doc->name, "roles/a.json");
	ck_assert_str_eq(world_text(&r, doc->root), "{'x':1}");
	ck_assert_ptr_eq(documents_read(&docs, "roles/a.json", NULL, &r.diags),
			 doc);
	ck_assert_uint_eq(docs.n, 1);
	ck_assert_uint_eq(r.diags.n, 0);
	end();
}
END_TEST

START_TEST(what_is_wrong_is_told_once)
{
	begin();
	for (int i = 0; i < 2; i++)
		ck_assert_ptr_null(documents_read(&docs, "roles/bad.json", NULL,
						  &r.diags));
	ck_assert_str_eq(world_said(&r), "roles/bad.json:1:8: expected ',' or "
					 "'}', not the end of the text");
	end();
}
END_TEST

START_TEST(what_is_not_there_is_named_as_the_user_does)
{
	begin();
	ck_assert(documents_have(&docs, "roles/a.json"));
	ck_assert(documents_have(&docs, "roles"));
	ck_assert(!documents_have(&docs, "roles/no.json"));
	ck_assert_ptr_null(
		documents_read(&docs, "roles/no.json", "./no", &r.diags));
	ck_assert_ptr_null(documents_read(&docs, "roles", NULL, &r.diags));
	ck_assert_str_eq(world_said(&r),
			 "./no:0:0: there is no such file\n"
			 "roles:0:0: it is a folder, not a manifest");
	end();
}
END_TEST

START_TEST(without_texts_there_are_no_places)
{
	struct document *doc;
	struct place place = { 0 };

	begin();
	doc = documents_read(&docs, "roles/a.json", NULL, &r.diags);
	ck_assert(source_locate(&doc->source, "/x", SOURCE_AT_VALUE, &place));
	ck_assert_uint_eq(place.column, 7);
	documents_forget_texts(&docs);
	ck_assert(!source_locate(&doc->source, "/x", SOURCE_AT_VALUE, &place));
	ck_assert_ptr_nonnull(doc->root);
	documents_drop(&docs, "roles/a.json");
	ck_assert_ptr_null(doc->root);
	documents_drop(&docs, "roles/never.json");
	end();
}
END_TEST

TEST_SUITE("documents", one_is_read_once, what_is_wrong_is_told_once,
	   what_is_not_there_is_named_as_the_user_does,
	   without_texts_there_are_no_places)
