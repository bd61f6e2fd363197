/* SPDX-License-Identifier: MIT */
#include "lib/fixture_test.h"
#include "lib/host/recorder.h"
#include "lib/host/squeeze.h"
#include "lib/snapshot/record.h"
#include "lib/snapshot/recorded.h"

#define HEAD "'recorded': {'host': 'web-1', 'time': '2026-11-28T10:30:00Z'}"
#define ALL "'type': 'directory', 'all': true"

/* --- reading --- */

static const struct {
	const char *text, *said;
} refusals[] = {
	{ "", "s:1:1: " },
	{ "[]", "s:1:1: expected an object, not an array" },
	{ "{'files': {}}", "'s' does not say what host it was recorded of" },
	{ "{'recorded': {}, 'files': {}}", "'s' has no name of its host" },
	{ "{'recorded': {'host': '../h', 'time': '2026-11-28T10:30:00Z'}}",
	  "'s' has no name of its host" },
	{ "{'recorded': {'host': 'h'}}",
	  "'s' does not say when it was recorded" },
	{ "{'recorded': {'host': 'h', 'time': '2026-11-28'}}",
	  "'s' does not say when it was recorded" },
	{ "{'recorded': {'host': 'h', 'time': '2026-02-30T10:30:00Z'}}",
	  "'s' does not say when it was recorded" },
	{ "{'recorded': {'host': 'h', 'time': '2026-11-28T10:30:00Z', "
	  "'state': '/var/../etc'}}",
	  "'s': 'state' is no path" },
	{ "{'recorded': {'host': 'h', 'time': '2026-11-28T10:30:00Z', "
	  "'revision': 'main'}}",
	  "'s': 'revision' is no commit" },
	{ "{" HEAD "}", "a snapshot must have 'files'" },
	{ "{" HEAD ", 'files': []}", "'files' must be an object" },
	{ "{" HEAD ", 'files': {}, 'more': {}}",
	  "'more' is no part of a snapshot" },
	{ "{" HEAD ", 'files': {}, 'format': 'converge.snapshot/2'}",
	  "'format' must be \"converge.snapshot/1\"" },
	{ "{" HEAD ", 'files': {'/a/../b': {'type': 'absent'}}}",
	  "path '/a/../b' must not have '.' or '..' as a component" },
	{ "{" HEAD ", 'files': {'/a': {'type': 'file', 'size': -1}}}",
	  "'size' of '/a' must be a whole number" },
	{ "{" HEAD ", 'files': {'/a': {'type': 'absent', 'mode': '0644'}}}",
	  "'mode' of '/a' is not for what is absent" },
	{ "{" HEAD ", 'files': {'/a': {'type': 'file', 'size': 1, 'all': true}"
	  "}}",
	  "'all' of '/a' is not for a file" },
	{ "{" HEAD ", 'files': {'/a': {'type': 'absent'}, '/a/b': {'type': "
	  "'file', 'size': 1}}}",
	  "'/a' is absent, but '/a/b' lies below" },
	{ "{" HEAD ", 'files': {}, 'users': {'a': 'x'}}",
	  "'a' of 'users' must be a whole number" },
	{ "{" HEAD ", 'files': {}, 'units': {'a.service': {'active': 'up'}}}",
	  "'a.service' of 'units' can have 'active'" },
	{ "{" HEAD ", 'files': {}, 'units': {'a.service': {'older': 1}}}",
	  "'a.service' of 'units' can have 'active'" },
	{ "{" HEAD ", 'files': {}, 'packages': {'a': 1}}",
	  "'a' of 'packages' must be a version or an object" },
	{ "{" HEAD ", 'files': {}, 'settled': {'a': 1}}",
	  "'a' of 'settled' must be a string" },
	{ "{" HEAD ", 'files': {}, 'owed': {'a': []}}",
	  "'a' of 'owed' must be a string" },
	{ "{" HEAD ", 'files': {}, 'files': {}}", "duplicate key 'files'" },
};

START_TEST(what_is_no_snapshot_is_refused_with_words)
{
	for (size_t i = 0; i < COUNT(refusals); i++) {
		AUTO_FREE char *text = fixture_text(refusals[i].text);
		struct fixture f = { 0 };
		struct recorded r;
		bool ok = recorded_read(&r, text, strlen(text), "s", &f.diags);

		ck_assert_msg(!ok, "taken: %s", text);
		ck_assert_msg(strstr(fixture_said(&f), refusals[i].said),
			      "%s: %s", text, fixture_said(&f));
		recorded_release(&r);
		fixture_release(&f);
	}
}
END_TEST

/* A frame of so many zeros, or what is in front of it when it is cut. */
static void pack(struct buf *out, const char *text, size_t n)
{
	AUTO_DIAGS struct diags d = { 0 };

	ck_assert(squeeze_load(&d) && squeeze(text, n, out, &d));
}

START_TEST(a_bomb_and_what_is_cut_are_refused)
{
	const size_t size = (16U << 20) + 1;
	AUTO_FREE char *zeros = calloc(1, size);
	AUTO_BUF struct buf bomb = { 0 };
	AUTO_DIAGS struct diags d = { 0 };
	struct recorded r;

	pack(&bomb, zeros, size);
	ck_assert_uint_lt(bomb.size, 64 << 10);
	ck_assert(!recorded_read(&r, bomb.text, bomb.size, "s", &d));
	ck_assert_str_eq(d.v[0].text, "'s' comes to more than 16 MiB");
	recorded_release(&r);
	for (size_t n = 4; n < bomb.size; n += 97) {
		diags_release(&d);
		ck_assert(!recorded_read(&r, bomb.text, n, "s", &d));
		ck_assert_uint_gt(d.errors, 0);
		recorded_release(&r);
	}
}
END_TEST

START_TEST(a_signature_is_taken_off_and_only_whole)
{
	AUTO_BUF struct buf b = { 0 };
	AUTO_BUF struct buf signature = { 0 };
	const char *found = NULL;
	size_t size, n;

	pack(&b, "{}", 2);
	n = b.size;
	ck_assert_uint_eq(squeeze_signed(b.text, n, &found, &size), n);
	ck_assert_uint_eq(size, 0);
	buf_puts(&signature, "signed");
	squeeze_sign(&b, &signature);
	ck_assert_uint_eq(squeeze_signed(b.text, b.size, &found, &size), n);
	ck_assert_uint_eq(size, 6);
	ck_assert_mem_eq(found, "signed", 6);
	for (size_t i = 0; i < b.size; i++)
		ck_assert_uint_eq(squeeze_signed(b.text, i, &found, &size), i);
}
END_TEST

/* --- what is not in it --- */

static struct fixture f;
static struct recorded recorded;
static struct against against;

static const char *said(const char *snapshot, const char *manifest)
{
	AUTO_BUF struct buf b = { 0 };
	AUTO_FREE char *text = NULL;

	f = (struct fixture){ 0 };
	fixture_read(&f, manifest);
	buf_printf(&b, "{" HEAD ", %s}", snapshot);
	text = fixture_text(b.text);
	ck_assert_msg(
		recorded_read(&recorded, text, strlen(text), "s", &f.diags),
		"%s", fixture_said(&f));
	against = (struct against){ .tree = &f.tree,
				    .file = "m.json",
				    .options.max_disruption = -1 };
	ck_assert_msg(against_plan(&against, &recorded, &f.diags), "%s",
		      fixture_said(&f));
	f.plan = against.plan;
	return fixture_shown(&f);
}

static void end(void)
{
	against_release(&against);
	recorded_release(&recorded);
	fixture_release(&f);
}

static const struct {
	const char *snapshot, *manifest, *said;
} plans[] = {
	{ "'files': {}", "'file:/opt/x': {'content': '1'}",
	  "? file:/opt/x (the snapshot does not hold '/opt')" },
	{ "'files': {'/opt': {'type': 'directory'}}",
	  "'file:/opt/x': {'content': '1'}",
	  "? file:/opt/x (the snapshot does not hold '/opt/x')" },
	{ "'files': {'/opt': {" ALL "}}", "'file:/opt/x': {'content': '1'}",
	  "+ file:/opt/x" },
	{ "'files': {'/opt/x': {'type': 'absent'}}",
	  "'file:/opt/x': {'content': '1'}", "+ file:/opt/x" },
	{ "'files': {'/': {" ALL "}}", "'directory:/opt': {}",
	  "+ directory:/opt" },
	/* content by its digest, or its size */
	{ "'files': {'/a': {'type': 'file', 'size': 1, 'sha256': "
	  "'6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b'"
	  "}}",
	  "'file:/a': {'content': '1'}", "" },
	{ "'files': {'/a': {'type': 'file', 'size': 1, 'sha256': "
	  "'6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b'"
	  "}}",
	  "'file:/a': {'content': '2'}", "~ file:/a content" },
	{ "'files': {'/a': {'type': 'file', 'size': 1}}",
	  "'file:/a': {'content': '1'}",
	  "? file:/a (its content is not known)" },
	{ "'files': {'/a': {'type': 'file', 'size': 2}}",
	  "'file:/a': {'content': '1'}", "~ file:/a content" },
	{ "'files': {'/a': {'type': 'file', 'size': 1}}",
	  "'line:/a': {'path': '/a', 'line': 'x'}",
	  "? line:/a (its content is not known)" },
	/* the ways that lead there */
	{ "'files': {'/a': {'type': 'link', 'target': '/b'}, '/b': {" ALL "}}",
	  "'file:/a/x': {'content': '1'}", "+ file:/a/x" },
	{ "'files': {'/a': {'type': 'link', 'target': '/b'}}",
	  "'file:/a/x': {'content': '1'}",
	  "? file:/a/x (the snapshot does not hold '/b')" },
	/* what is in folders */
	{ "'files': {'/a': {" ALL "}, '/a/x': {'type': 'file', 'size': 1}}",
	  "'directory:/a': {'purge': true}", "- file:/a/x" },
	{ "'files': {'/a': {'type': 'directory'}}",
	  "'directory:/a': {'purge': true}",
	  "? directory:/a (what is below it: it cannot be seen)" },
	{ "'files': {'/a': {'type': 'directory'}}",
	  "'directory:/a': {'ensure': 'absent'}",
	  "? directory:/a (what is in it is not known)" },
	{ "'files': {'/a': {'type': 'directory'}}",
	  "'directory:/a': {'ensure': 'absent', 'force': true}",
	  "? directory:/a (what is in it is not known)" },
	/* commands */
	{ "'files': {}", "'exec:a': {'command': ['a']}", "~ exec:a done" },
	{ "'files': {}", "'exec:a': {'command': ['a'], 'unless': ['b']}",
	  "? exec:a (its guard 'b': a recorded host runs nothing)" },
	/* packages */
	{ "'files': {}", "'package:a': {}",
	  "? package:a (the snapshot does not say)" },
	{ "'files': {}, 'packages': {}", "'package:a': {}", "+ package:a" },
	{ "'files': {}, 'packages': {'a': '1'}", "'package:a': {}", "" },
	/* units: links say whether they are enabled, files are not read */
	{ "'files': {}, 'units': {}",
	  "'service:a': {'ensure': 'running', 'enable': true}",
	  "? service:a (the snapshot does not hold '/etc')" },
	{ "'files': {'/': {" ALL "}, '/lib/systemd/system': {" ALL "}, "
	  "'/lib/systemd/system/a.service': {'type': 'file', 'size': 9}}, "
	  "'units': {'a.service': {'active': 'active', 'install': 'disabled'}}",
	  "'service:a': {'ensure': 'running', 'enable': true}",
	  "~ service:a enable" },
	{ "'files': {'/': {" ALL "}, '/etc': {" ALL "}, '/etc/systemd': {" ALL
	  "}, '/etc/systemd/system': {" ALL
	  "}, '/etc/systemd/system/multi-user.target.wants': {" ALL
	  "}, '/etc/systemd/system/multi-user.target.wants/a.service': {"
	  "'type': 'link', 'target': '/lib/systemd/system/a.service'}, "
	  "'/lib/systemd/system': {" ALL "}, "
	  "'/lib/systemd/system/a.service': {'type': 'file', 'size': 9}}, "
	  "'units': {'a.service': {'active': 'active', 'install': 'disabled'}}",
	  "'service:a': {'ensure': 'running', 'enable': true}", "" },
	{ "'files': {'/': {" ALL "}, '/lib/systemd/system': {" ALL "}, "
	  "'/lib/systemd/system/a.service': {'type': 'file', 'size': 9}}, "
	  "'units': {'a.service': {}}",
	  "'service:a': {'enable': true}",
	  "? service:a (the content of '/lib/systemd/system/a.service' is not "
	  "known yet)" },
	{ "'files': {'/': {" ALL "}, '/lib/systemd/system': {" ALL "}, "
	  "'/lib/systemd/system/a@.service': {'type': 'file', 'size': 9}}, "
	  "'units': {'b.service': {}}",
	  "'service:a@1': {'ensure': 'running'}",
	  "? service:a@1 (the snapshot does not hold 'a@1.service')" },
	/* what was owed, and what was right */
	{ "'files': {}, 'owed': {'exec:a': 'run 7, for file:/x'}",
	  "'exec:a': {'command': ['a'], 'refreshonly': true}",
	  "! exec:a (owed since run 7, for file:/x)" },
	{ "'files': {}, 'settled': {'exec:a': '0000000000000000'}",
	  "'exec:a': {'command': ['a'], 'unless': ['b']}",
	  "? exec:a (its guard 'b': a recorded host runs nothing)" },
};

START_TEST(what_is_not_recorded_is_unknown)
{
	for (size_t i = 0; i < COUNT(plans); i++) {
		const char *have = said(plans[i].snapshot, plans[i].manifest);

		ck_assert_msg(strcmp(have, plans[i].said) == 0,
			      "%zu: %s\n%s\nsaid: %s\nnot: %s", i,
			      plans[i].snapshot, plans[i].manifest, have,
			      plans[i].said);
		end();
	}
}
END_TEST

/* --- recording --- */

/* What is recorded of a host with that manifest. */
static json_t *record(const char *host, const char *manifest, bool contents)
{
	struct fixture g;
	struct noted noted = { 0 };
	struct record_options o = { .host = "web-1",
				    .time = 1795861800,
				    .noted = &noted,
				    .contents = contents };
	struct plan_options none = { .max_disruption = -1 };
	struct host *recorder;
	json_t *json;

	fixture_begin(&g, manifest, host);
	recorder = host_recorder(g.host, &noted);
	ck_assert(plan_build(&g.plan, &g.graph, recorder, &none, &g.diags));
	o.plan = &g.plan;
	o.facts = fixture_facts(&g, "", 0);
	json = record_host(g.host, &o, &g.diags);
	ck_assert_msg(json != NULL, "%s", fixture_said(&g));
	host_close(recorder);
	noted_release(&noted);
	fixture_release(&g);
	return json;
}

static const char *file_of(json_t *snapshot, const char *path, const char *key)
{
	json_t *file =
		json_object_get(json_object_get(snapshot, "files"), path);

	return json_string_value(json_object_get(file, key));
}

#define SOME_HOST                                                         \
	"{'files': {'/etc/open': {'type': 'file', 'content': 'o'}, "      \
	"'/etc/shut': {'type': 'file', 'content': 's', 'mode': '0640'}, " \
	"'/etc/mine': {'type': 'file', 'content': 'm', 'mode': '0600'}, " \
	"'/etc/hosts': {'type': 'file', 'content': '::1 me\\n'}, "        \
	"'/etc/fstab': {'type': 'file', 'content': "                      \
	"'//s /m cifs password=x 0 0\\n'}, "                              \
	"'/lib': {'type': 'link', 'target': 'usr/lib'}, "                 \
	"'/usr/lib/f': {'type': 'file', 'content': 'f'}}, "               \
	"'users': {'root': {'uid': 0, 'password': '$6$a$hash'}}, "        \
	"'packages': {'a': {'version': '1', 'hold': true}}}"

START_TEST(what_not_all_may_read_is_not_told)
{
	json_t *s = record(SOME_HOST,
			   "'file:/etc/mine': {'content': 'm'}, "
			   "'file:/etc/open': {'content': 'o', 'sensitive': "
			   "'content'}, 'file:/lib/f': {'content': 'f'}",
			   false);
	AUTO_FREE char *text = json_dumps(s, 0);

	ck_assert_ptr_null(file_of(s, "/etc/shut", "sha256"));
	/* the world has that too */
	ck_assert_ptr_nonnull(file_of(s, "/etc/mine", "sha256"));
	ck_assert_ptr_null(file_of(s, "/etc/open", "sha256"));
	ck_assert_ptr_null(file_of(s, "/etc/open", "content"));
	ck_assert_str_eq(file_of(s, "/etc/hosts", "content"), "::1 me\n");
	ck_assert_ptr_null(file_of(s, "/etc/fstab", "content"));
	ck_assert_str_eq(file_of(s, "/lib", "target"), "usr/lib");
	ck_assert_ptr_nonnull(file_of(s, "/usr/lib/f", "sha256"));
	ck_assert_ptr_null(strstr(text, "hash"));
	json_decref(s);
}
END_TEST

START_TEST(contents_are_told_when_asked_for)
{
	json_t *s = record(SOME_HOST,
			   "'file:/etc/mine': {'content': 'm'}, "
			   "'file:/etc/hosts': {'content': 'x', 'sensitive': "
			   "true}",
			   true);

	ck_assert_str_eq(file_of(s, "/etc/open", "content"), "o");
	ck_assert_ptr_null(file_of(s, "/etc/mine", "content"));
	ck_assert_ptr_null(file_of(s, "/etc/hosts", "content"));
	ck_assert_ptr_null(file_of(s, "/etc/shut", "content"));
	json_decref(s);
}
END_TEST

START_TEST(what_is_recorded_is_the_same_each_time)
{
	json_t *a = record(SOME_HOST, "'file:/etc/mine': {}", false);
	json_t *b = record(SOME_HOST, "'file:/etc/mine': {}", false);

	ck_assert(json_equal(a, b));
	json_decref(a);
	json_decref(b);
}
END_TEST

TEST_SUITE("recorded", what_is_no_snapshot_is_refused_with_words,
	   a_bomb_and_what_is_cut_are_refused,
	   a_signature_is_taken_off_and_only_whole,
	   what_is_not_recorded_is_unknown, what_not_all_may_read_is_not_told,
	   contents_are_told_when_asked_for,
	   what_is_recorded_is_the_same_each_time)
