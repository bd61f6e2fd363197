/* SPDX-License-Identifier: MIT */
#include "lib/catalog.h"

#include "lib/fixture_test.h"

static struct fixture f;

static void setup(const char *manifest)
{
	f = (struct fixture){ 0 };
	ck_assert_msg(fixture_catalog(&f, manifest), "%s", fixture_said(&f));
	ck_assert_uint_eq(f.diags.n, 0);
}

#define REFUSES(manifest, lines)                                               \
	do {                                                                   \
		f = (struct fixture){ 0 };                                     \
		ck_assert_msg(!fixture_catalog(&f, manifest), "%s", manifest); \
		ck_assert_str_eq(fixture_said(&f), lines);                     \
		fixture_release(&f);                                           \
	} while (0)

static size_t row_of(const struct resource *res, const char *name)
{
	size_t i = 0;

	while (strcmp(res->module->attrs[i].name, name) != 0)
		i++;
	return i;
}

/* An attribute as it would be shown; "-": it is not set. */
static const char *value(const char *id, const char *name)
{
	const struct resource *res = fixture_resource(&f, id);
	const struct attr *attr = &res->module->attrs[row_of(res, name)];
	const struct record *r = res->want;
	json_t *shown;
	const char *text;
	char *dumped;

	if (!(r->set & BIT(row_of(res, name))))
		return "-";
	shown = attr->kind->show(attr, (const char *)res->want + attr->offset);
	dumped = json_dumps(shown, JSON_ENCODE_ANY | JSON_COMPACT);
	text = arena_strdup(&f.diags.arena, dumped);
	free(dumped);
	json_decref(shown);
	return text;
}

/* All ids, in the order of the catalog. */
static const char *ids(void)
{
	AUTO_BUF struct buf b = { 0 };

	for (size_t i = 0; i < f.catalog.n; i++) {
		ck_assert_uint_eq(f.catalog.v[i]->index, i);
		buf_printf(&b, "%s%s", i ? " " : "", f.catalog.v[i]->id);
	}
	return arena_strdup(&f.diags.arena, buf_text(&b));
}

START_TEST(resources_keep_the_order_of_the_manifest)
{
	setup("'file:/b': {}, 'link:/a': {'target': 'x'}, 'exec:c': "
	      "{'command': ['c']}, 'directory:/d': {}");
	ck_assert_str_eq(ids(), "file:/b link:/a exec:c directory:/d");
	ck_assert_str_eq(fixture_resource(&f, "exec:c")->name, "c");
	ck_assert_str_eq(fixture_resource(&f, "exec:c")->module->name, "exec");
	ck_assert_ptr_null(catalog_find(&f.catalog, "file:/none"));
	fixture_release(&f);
}
END_TEST

START_TEST(the_name_of_an_id_is_an_attribute)
{
	setup("'file:/a': {}, 'file:a name': {'path': '/b'}, 'exec:x:y': "
	      "{'command': ['c']}");
	ck_assert_str_eq(value("file:/a", "path"), "\"/a\"");
	ck_assert_str_eq(value("file:a name", "path"), "\"/b\"");
	ck_assert_str_eq(fixture_resource(&f, "exec:x:y")->name, "x:y");
	ck_assert_str_eq(resource_path(fixture_resource(&f, "file:a name")),
			 "/b");
	ck_assert_ptr_null(resource_path(fixture_resource(&f, "exec:x:y")));
	ck_assert_ptr_eq(catalog_at(&f.catalog, "/b"),
			 fixture_resource(&f, "file:a name"));
	ck_assert_ptr_null(catalog_at(&f.catalog, "/c"));
	fixture_release(&f);
}
END_TEST

START_TEST(defaults_are_filled_in_but_not_written)
{
	const struct record *r;

	setup("'file:/a': {'mode': '0600'}, 'exec:x': {'command': ['x']}");
	ck_assert_str_eq(value("file:/a", "ensure"), "\"present\"");
	ck_assert_str_eq(value("file:/a", "replace"), "true");
	ck_assert_str_eq(value("file:/a", "mode"), "\"0600\"");
	ck_assert_str_eq(value("file:/a", "owner"), "-");
	ck_assert_str_eq(value("exec:x", "timeout"), "\"300s\"");
	ck_assert_str_eq(value("exec:x", "returns"), "[0]");
	ck_assert_str_eq(value("exec:x", "umask"), "\"0022\"");
	r = fixture_resource(&f, "file:/a")->want;
	ck_assert_uint_eq(
		r->written,
		BIT(row_of(fixture_resource(&f, "file:/a"), "mode")) |
			BIT(row_of(fixture_resource(&f, "file:/a"), "path")));
	fixture_release(&f);
}
END_TEST

START_TEST(common_attributes)
{
	const struct common *c;

	setup("'file:/a': {'noop': true, 'tags': ['x', 'y'], 'disruption': "
	      "'restart', 'sensitive': true, 'description': 'd', 'require': "
	      "'file:/b', '//': 'why'}, 'file:/b': {'sensitive': false}");
	c = &fixture_resource(&f, "file:/a")->common;
	ck_assert(c->noop);
	ck_assert_uint_eq(c->tags.n, 2);
	ck_assert_int_eq(c->disruption, DISRUPTION_RESTART);
	ck_assert_str_eq(c->sensitive.v[0], "*");
	ck_assert_str_eq(c->require.v[0], "file:/b");
	ck_assert_str_eq(c->description, "d");
	c = &fixture_resource(&f, "file:/b")->common;
	ck_assert(!c->noop);
	ck_assert_int_eq(c->disruption, -1);
	ck_assert_uint_eq(c->sensitive.n, 0);
	fixture_release(&f);
}
END_TEST

START_TEST(ids_that_are_none)
{
	REFUSES("'file': {},\n':/a': {},\n'file:': {},\n'flie:/a': {},\n"
		"'zebra:/a': {}",
		"m.json:2:1: 'file' is not a resource's id: write TYPE:NAME, "
		"such as \"file:/etc/motd\"\n"
		"m.json:3:1: ':/a' is not a resource's id: write TYPE:NAME, "
		"such as \"file:/etc/motd\"\n"
		"m.json:4:1: 'file:' is not a resource's id: write TYPE:NAME, "
		"such as \"file:/etc/motd\"\n"
		"m.json:5:1: unknown resource type \"flie\"; did you mean "
		"\"file\"?\n"
		"m.json:6:1: unknown resource type \"zebra\"");
}
END_TEST

START_TEST(attributes_that_are_none)
{
	REFUSES("'file:/a': {'onwer': 'root',\n'colour': 1, 'type': 'file'},\n"
		"'link:/b': {'target': 'x', 'mode': '0777', 'nop': true}",
		"m.json:2:13: file:/a: unknown attribute \"onwer\"; did you "
		"mean \"owner\"?\n"
		"m.json:3:1: file:/a: unknown attribute \"colour\"\n"
		"m.json:3:14: file:/a: unknown attribute \"type\"\n"
		"m.json:4:28: link:/b: unknown attribute \"mode\"\n"
		"m.json:4:44: link:/b: unknown attribute \"nop\"; did you "
		"mean \"noop\"?");
}
END_TEST

START_TEST(what_is_missing_is_told_once)
{
	REFUSES("'exec:a': {},\n'exec:b': {'command': 7}",
		"m.json:2:1: exec:a: 'command' is missing\n"
		"m.json:3:23: exec:b: 'command' must be a list of strings, "
		"not an integer");
}
END_TEST

START_TEST(a_name_that_is_no_path)
{
	REFUSES("'file:a': {},\n'file:/a/': {}",
		"m.json:2:1: file:a: 'path' must be absolute\n"
		"m.json:3:1: file:/a/: 'path' must not hold '//' or end in "
		"'/'");
}
END_TEST

START_TEST(wrong_values_of_an_override_stand_there)
{
	REFUSES("{'version': 1, 'resources': {'file:/a': {'mode': '0644'}},\n"
		"'overrides': {'file:/a': {'mode': '9'}}}",
		"m.json:2:35: file:/a: 'mode' must be an octal string such as "
		"\"0644\" or symbolic such as \"u=rw,go=r\"");
}
END_TEST

START_TEST(what_is_managed_twice)
{
	REFUSES("'file:/a': {},\n'link:/a': {'target': 'x'},\n'file:b': "
		"{'path': '/a'}",
		"m.json:3:1: link:/a: '/a' is managed twice: also by "
		"'file:/a' at m.json:2:1\n"
		"m.json:4:1: file:b: '/a' is managed twice: also by 'file:/a' "
		"at m.json:2:1");
	REFUSES("'file:/${each.value}': {'for_each': ['a', 'a']}",
		"m.json:2:1: file:/a: it is managed twice: also by 'file:/a' "
		"at m.json:2:1");
}
END_TEST

START_TEST(what_is_managed_twice_by_name)
{
	REFUSES("'user:a': {},\n'user:b': {'name': 'a'},\n'user:c': {'name': "
		"'a', 'ensure': 'absent'}",
		"m.json:3:1: user:b: user 'a' is managed twice: also by "
		"'user:a' at m.json:2:1\n"
		"m.json:4:1: user:c: user 'a' is managed twice: also by "
		"'user:a' at m.json:2:1");
	REFUSES("'service:${each.value}': {'name': 'a', 'for_each': ['b', "
		"'c']}",
		"m.json:2:1: service:c: service 'a.service' is managed twice: "
		"also by 'service:b' at m.json:2:1");
	/* also of a type of the world */
	REFUSES("'gate:a': {},\n'gate:b': {'name': 'a'}",
		"m.json:3:1: gate:b: gate 'a' is managed twice: also by "
		"'gate:a' at m.json:2:1");
	/* the later is refused for its own errors: nothing is twice */
	REFUSES("'user:a': {'uid': 'x'},\n'user:b': {'name': 'a'}",
		"m.json:2:19: user:a: 'uid' must be an integer, not a string");
	setup("'user:a': {}, 'group:a': {}, 'service:a': {}, 'service:b': "
	      "{'name': 'a.timer'}, 'package:a': {}, 'package:b': {'name': "
	      "'a:i386'}, 'block:a': {'path': '/a', 'content': 'a'}, "
	      "'block:b': {'path': '/b', 'content': 'a'}");
	fixture_release(&f);
}
END_TEST

START_TEST(what_is_managed_twice_by_links)
{
	REFUSES("'link:/l': {'target': 'd'},\n'file:/l/x': {},\n'file:/d/x': "
		"{}",
		"m.json:4:1: file:/d/x: '/d/x' is managed twice: also by "
		"'file:/l/x' at m.json:3:1");
	REFUSES("'link:/l': {'target': '/k/.'},\n'link:/k': {'target': "
		"'//d/'},\n'directory:/d/x': {},\n'file:/l/x': {},\n"
		"'file:/k/x': {}",
		"m.json:5:1: file:/l/x: '/l/x' leads to '/d/x', which is "
		"managed twice: also by 'directory:/d/x' at m.json:4:1\n"
		"m.json:6:1: file:/k/x: '/k/x' leads to '/d/x', which is "
		"managed twice: also by 'directory:/d/x' at m.json:4:1");
	REFUSES("'link:/k': {'target': 'd'},\n'link:/l': {'target': 'd'},\n"
		"'file:/k/x': {},\n'file:/l/x': {}",
		"m.json:5:1: file:/l/x: '/l/x' leads to '/d/x', which is "
		"managed twice: also by 'file:/k/x' at m.json:4:1");
	REFUSES("'link:/l': {'target': 'd'},\n'file:/l/x': {'content': 'a'},"
		"\n'line:b': {'path': '/d/x', 'line': 'b'},\n'line:c': "
		"{'path': '/l/x', 'line': 'b'}",
		"m.json:5:1: line:c: '/l/x' is managed in whole by "
		"'file:/l/x' at m.json:3:1, which leaves nothing to edit\n"
		"m.json:4:1: line:b: '/d/x' is managed twice: also by "
		"'file:/l/x' at m.json:3:1");
	setup("'link:/l': {'target': 'd'}, 'line:a': {'path': '/l/x', 'line': "
	      "'a'}, 'line:b': {'path': '/d/x', 'line': 'b'}, 'file:/l/y': "
	      "{'content': 'y'}, 'file:/d/x': {'mode': '0600'}, "
	      "'directory:/d': {}, 'directory:/': {}");
	fixture_release(&f);
	/* in a circle, and to nowhere */
	setup("'link:/l': {'target': 'l'}, 'file:/l/x': {}, 'file:/m/x': {}, "
	      "'link:/m': {'target': '../..'}, 'file:/x/y': {}");
	fixture_release(&f);
}
END_TEST

START_TEST(a_folder_that_goes_holds_nothing)
{
	REFUSES("'directory:/a': {'ensure': 'absent'},\n'file:/a/b/c': {}",
		"m.json:3:1: '/a/b/c' lies below '/a', which is to be absent "
		"(m.json:2:1)");
	REFUSES("'file:/a': {},\n'directory:/a/b': {}",
		"m.json:3:1: '/a/b' lies below '/a', which is to be a file "
		"(m.json:2:1)");
	setup("'directory:/a': {'ensure': 'absent'}, 'file:/a/b': {'ensure': "
	      "'absent'}, 'file:/ab': {}");
	fixture_release(&f);
	setup("'link:/a': {'target': '/b'}, 'file:/a/b': {}");
	fixture_release(&f);
}
END_TEST

/* --- sensitive --- */

static bool hides(const char *id, const char *name)
{
	const struct resource *res = fixture_resource(&f, id);

	return resource_hides(res, row_of(res, name));
}

START_TEST(what_is_sensitive_is_hidden)
{
	setup("'file:/a': {'content': 'x', 'sensitive': 'content'}, 'file:/b': "
	      "{'sensitive': true}, 'file:/c': {}");
	ck_assert(hides("file:/a", "content"));
	ck_assert(!hides("file:/a", "mode"));
	ck_assert(hides("file:/b", "content"));
	ck_assert(hides("file:/b", "mode"));
	ck_assert(!hides("file:/c", "content"));
	fixture_release(&f);
	setup("'cron:a': {'command': 'x', 'schedule': '@daily', 'sensitive': "
	      "'command'}");
	ck_assert(hides("cron:a", "content"));
	ck_assert(!hides("cron:a", "schedule"));
	fixture_release(&f);
}
END_TEST

/* They are one thing by three names. */
START_TEST(hiding_a_source_hides_its_content)
{
	setup("'file:/a': {'source': 'files/motd', 'sensitive': ['source']}, "
	      "'file:/b': {'template': 'templates/inner', 'sensitive': "
	      "['mode', 'template']}, 'file:/c': {'source': 'files/motd', "
	      "'sensitive': 'content'}");
	ck_assert(hides("file:/a", "content"));
	ck_assert(hides("file:/b", "content"));
	ck_assert(hides("file:/b", "mode"));
	ck_assert(!hides("file:/b", "owner"));
	ck_assert(hides("file:/c", "source"));
	fixture_release(&f);
}
END_TEST

START_TEST(sensitive_names_attributes)
{
	REFUSES("'file:/a': {'sensitive': ['content', 'contents']},\n"
		"'link:/b': {'target': 'x', 'sensitive': 'noop'}",
		"m.json:2:1: file:/a: 'sensitive' names 'contents', which is "
		"not an attribute of file\n"
		"m.json:3:1: link:/b: 'sensitive' names 'noop', which is not "
		"an attribute of link");
}
END_TEST

/* --- classes of disruption --- */

START_TEST(disruptions_have_names)
{
	static const char *const names[] = { "none", "reload", "restart",
					     "reboot", "data" };

	for (int i = 0; i < 5; i++) {
		ck_assert_str_eq(disruption_name((enum disruption)i), names[i]);
		ck_assert_int_eq(disruption_parse(names[i]), i);
	}
	ck_assert_int_eq(disruption_parse("None"), -1);
	ck_assert_int_eq(disruption_parse(""), -1);
	ck_assert_int_eq(disruption_parse(NULL), -1);
}
END_TEST

START_TEST(types_are_found_by_name)
{
	ck_assert_ptr_nonnull(module_find(modules, "file:/x", 4));
	ck_assert_ptr_null(module_find(modules, "file:/x", 5));
	ck_assert_ptr_null(module_find(modules, "fil", 3));
	ck_assert_ptr_null(module_find(modules, "", 0));
}
END_TEST

/* --- copies of folders of the world --- */

START_TEST(a_mirror_is_resources)
{
	const struct resource *res;

	setup("'directory:/app': {'source': 'files/app', 'owner': 'app', "
	      "'mode': '0750', 'tags': 'x', 'noop': true}, 'file:/z': {}");
	ck_assert_str_eq(ids(), "directory:/app file:/z directory:/app/bin "
				"link:/app/current directory:/app/etc "
				"file:/app/bin/run file:/app/etc/app.conf "
				"directory:/app/etc/extra "
				"file:/app/etc/extra/more.conf");
	ck_assert_str_eq(value("directory:/app/bin", "mode"), "\"0750\"");
	ck_assert_str_eq(value("directory:/app/bin", "owner"), "\"app\"");
	ck_assert_str_eq(value("file:/app/bin/run", "mode"), "\"0755\"");
	ck_assert_str_eq(value("file:/app/etc/app.conf", "mode"), "\"0644\"");
	ck_assert_str_eq(value("link:/app/current", "target"),
			 "\"etc/app.conf\"");
	res = fixture_resource(&f, "file:/app/bin/run");
	ck_assert_str_eq(res->from->id, "directory:/app");
	ck_assert_str_eq(res->reason, "mirrored from the world");
	ck_assert(res->common.noop);
	ck_assert_str_eq(res->common.tags.v[0], "x");
	ck_assert_uint_eq(resource_place(&f.catalog, res).line, 2);
	fixture_release(&f);
}
END_TEST

START_TEST(modes_below_a_mirror)
{
	setup("'directory:/a': {'source': 'files/app', 'file_mode': '0600'}, "
	      "'directory:/b': {'source': 'files/app', 'mode': 'go='}");
	ck_assert_str_eq(value("file:/a/bin/run", "mode"), "\"0600\"");
	ck_assert_str_eq(value("directory:/a/bin", "mode"), "-");
	ck_assert_str_eq(value("file:/b/bin/run", "mode"), "\"go=\"");
	ck_assert_str_eq(value("directory:/b/bin", "mode"), "\"go=\"");
	fixture_release(&f);
}
END_TEST

START_TEST(a_mirror_leaves_to_others_what_is_theirs)
{
	setup("'directory:/app': {'source': 'files/one'}, 'link:/app/only': "
	      "{'target': 'x'}");
	ck_assert_str_eq(ids(), "directory:/app link:/app/only");
	fixture_release(&f);
}
END_TEST

START_TEST(nothing_is_mirrored_into_what_goes)
{
	setup("'directory:/app': {'source': 'files/app', 'ensure': 'absent'}");
	ck_assert_str_eq(ids(), "directory:/app");
	fixture_release(&f);
}
END_TEST

/* --- what is on the host --- */

START_TEST(an_expansion_is_not_in_the_catalog)
{
	struct expansion e = { .catalog = &f.catalog, .diags = &f.diags };
	json_t *json;
	struct host *h;

	setup("'directory:/d': {'purge': true, 'noop': true, 'sensitive': "
	      "true}, 'file:/d/keep/x': {}");
	h = fixture_host("'/d/keep/x': {'type': 'file', 'content': ''}, "
			 "'/d/keep/y': {'type': 'file', 'content': ''}, "
			 "'/d/go/z': {'type': 'file', 'content': ''}",
			 &json);
	e.from = fixture_resource(&f, "directory:/d");
	ck_assert(catalog_expand(&e, h));
	ck_assert_uint_eq(e.n, 2);
	ck_assert_str_eq(e.v[0]->id, "file:/d/go/z");
	ck_assert_str_eq(e.v[1]->id, "directory:/d/go");
	ck_assert(resource_absent(e.v[0]));
	ck_assert(e.v[0]->common.noop);
	ck_assert(resource_hides(e.v[0], 0));
	ck_assert_str_eq(e.v[0]->reason, "not managed");
	ck_assert_uint_eq(f.catalog.n, 2);
	ck_assert_ptr_null(catalog_find(&f.catalog, "file:/d/go/z"));
	host_close(h);
	json_decref(json);
	fixture_release(&f);
}
END_TEST

START_TEST(what_does_not_expand)
{
	struct expansion e = { .catalog = &f.catalog, .diags = &f.diags };
	json_t *json;
	struct host *h = fixture_host("", &json);

	setup("'file:/a': {}");
	e.from = fixture_resource(&f, "file:/a");
	ck_assert(catalog_expand(&e, h));
	ck_assert_uint_eq(e.n, 0);
	host_close(h);
	json_decref(json);
	fixture_release(&f);
}
END_TEST

START_TEST(absent_is_what_ensure_says)
{
	setup("'file:/a': {'ensure': 'absent'}, 'file:/b': {}, 'exec:x': "
	      "{'command': ['x']}");
	ck_assert(resource_absent(fixture_resource(&f, "file:/a")));
	ck_assert(!resource_absent(fixture_resource(&f, "file:/b")));
	ck_assert(!resource_absent(fixture_resource(&f, "exec:x")));
	fixture_release(&f);
}
END_TEST

START_TEST(tables_are_whole)
{
	for (size_t i = 0; modules[i]; i++) {
		const struct module *m = modules[i];

		ck_assert_uint_le(m->nattrs, 64);
		ck_assert(*m->summary && *m->example);
		for (size_t j = 0; j < m->nattrs; j++) {
			const struct attr *attr = &m->attrs[j];

			ck_assert_msg(attr->name && attr->kind && attr->doc,
				      "%s row %zu", m->name, j);
			ck_assert_uint_le(attr->offset + attr->kind->size,
					  m->size);
			/* what every resource takes has one meaning */
			for (size_t k = 0; k < common_attrs_n; k++)
				ck_assert_str_ne(attr->name,
						 common_attrs[k].name);
			if (attr->flags & ATTR_STATE)
				ck_assert(attr->kind->equal != NULL);
		}
	}
}
END_TEST

TEST_SUITE("catalog", resources_keep_the_order_of_the_manifest,
	   the_name_of_an_id_is_an_attribute,
	   defaults_are_filled_in_but_not_written, common_attributes,
	   ids_that_are_none, attributes_that_are_none,
	   what_is_missing_is_told_once, a_name_that_is_no_path,
	   wrong_values_of_an_override_stand_there, what_is_managed_twice,
	   what_is_managed_twice_by_links, what_is_managed_twice_by_name,
	   a_folder_that_goes_holds_nothing, what_is_sensitive_is_hidden,
	   hiding_a_source_hides_its_content, sensitive_names_attributes,
	   disruptions_have_names, types_are_found_by_name,
	   a_mirror_is_resources, modes_below_a_mirror,
	   a_mirror_leaves_to_others_what_is_theirs,
	   nothing_is_mirrored_into_what_goes,
	   an_expansion_is_not_in_the_catalog, what_does_not_expand,
	   absent_is_what_ensure_says, tables_are_whole)
