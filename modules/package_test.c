/* SPDX-License-Identifier: MIT */
#include "lib/fixture_test.h"

static struct fixture f;

static const char *planned(const char *manifest, const char *packages)
{
	AUTO_BUF struct buf host = { 0 };

	buf_printf(&host, "{'files': {}, 'packages': {%s}}", packages);
	fixture_begin(&f, manifest, buf_text(&host));
	fixture_plan(&f, NULL);
	return fixture_shown(&f);
}

/* What the host says of its packages afterwards, sorted, on one line. */
static const char *packages(void)
{
	json_t *json = host_snapshot_json(f.host);
	char *text = json_dumps(json_object_get(json, "packages"),
				JSON_COMPACT | JSON_SORT_KEYS);
	const char *kept = arena_strdup(&f.diags.arena, text);

	for (char *at = (char *)(uintptr_t)kept; *at; at++)
		if (*at == '"')
			*at = '\'';
	free(text);
	json_decref(json);
	return kept;
}

/* And a second plan has nothing to do. */
static void becomes(const char *manifest, const char *before, const char *plan,
		    const char *after)
{
	ck_assert_str_eq(planned(manifest, before), plan);
	fixture_apply(&f);
	ck_assert_str_eq(packages(), after);
	fixture_plan(&f, NULL);
	ck_assert_uint_eq(f.plan.n, 0);
	fixture_release(&f);
}

#define PLANS(manifest, host, lines)                              \
	do {                                                      \
		ck_assert_str_eq(planned(manifest, host), lines); \
		fixture_release(&f);                              \
	} while (0)

static void refuses(const char *manifest, const char *words)
{
	f = (struct fixture){ 0 };
	ck_assert_msg(!fixture_graph(&f, manifest), "%s", manifest);
	ck_assert_msg(strstr(fixture_said(&f), words) != NULL, "%s: %s",
		      manifest, fixture_said(&f));
	fixture_release(&f);
}

START_TEST(names_are_names)
{
	static const char *const wrong[] = {
		"-y",    "--force-yes", "a;reboot", "../x.deb", "a b",
		"a=1",   "a/stable",    "a*",       "^a",       "~ninstalled",
		"?name", "a\\nb",       "+a",       ".a",       "a\\u00e9",
	};
	AUTO_BUF struct buf b = { 0 };

	for (size_t i = 0; i < COUNT(wrong); i++) {
		buf_clear(&b);
		buf_printf(&b, "'package:%s': {}", wrong[i]);
		refuses(buf_text(&b), "'name' must be a package's name");
	}
	refuses("'package:x': {'name': ''}", "'name' must be");
	PLANS("'package:g++': {}, 'package:libc6:i386': {}, "
	      "'package:python3.11': {}, 'package:NetworkManager': {}",
	      "",
	      "+ package:g++\n+ package:libc6:i386\n+ package:python3.11\n"
	      "+ package:NetworkManager");
}
END_TEST

START_TEST(ensure_is_a_word_or_a_version)
{
	refuses("'package:x': {'ensure': 'absnet'}", "did you mean 'absent'?");
	refuses("'package:x': {'ensure': '-1'}", "or a version, not '-1'");
	refuses("'package:x': {'ensure': '1 -y'}", "or a version");
	refuses("'package:x': {'ensure': ''}", "or a version");
	refuses("'package:x': {'ensure': 1}", "must be a string");
	refuses("'package:x': {'ensure': 'absent', 'hold': true}",
		"'hold' has no meaning");
	refuses("'package:x': {'ensure': 'purged', 'hold': false}",
		"'hold' has no meaning");
}
END_TEST

START_TEST(options_run_nothing)
{
	static const char *const wrong[] = {
		"install",
		"-",
		"--",
		"-oDPkg::Pre-Invoke::=reboot",
		"-qo",
		"-o",
		"-c",
		"-cx",
		"--option=Dir=x",
		"--config-file=/tmp/x",
		"--force-yes",
		"--allow-unauthenticated",
		"--nogpgcheck",
		"--setopt=x=y",
		"--seto=x=y",
		"--a\\nb",
	};
	AUTO_BUF struct buf b = { 0 };

	for (size_t i = 0; i < COUNT(wrong); i++) {
		buf_clear(&b);
		buf_printf(&b, "'package:x': {'install_options': '%s'}",
			   wrong[i]);
		refuses(buf_text(&b), "'install_options': '");
	}
	PLANS("'package:x': {'install_options': ['--no-install-recommends', "
	      "'--target-release=sid', '-V']}",
	      "", "+ package:x");
}
END_TEST

START_TEST(it_comes_and_goes)
{
	becomes("'package:x': {}", "", "+ package:x",
		"{'x':{'hold':false,'state':'installed'}}");
	becomes("'package:x': {}", "'x': {'state': 'absent', 'candidate': '2'}",
		"+ package:x",
		"{'x':{'candidate':'2','hold':false,'state':'installed',"
		"'version':'2'}}");
	PLANS("'package:x': {}", "'x': '1'", "");
	becomes("'package:x': {'ensure': 'absent'}", "'x': '1'", "- package:x",
		"{'x':{'hold':false,'state':'config-files'}}");
	PLANS("'package:x': {'ensure': 'absent'}",
	      "'x': {'state': 'config-files'}", "");
	PLANS("'package:x': {'ensure': 'purged'}", "", "");
	becomes("'package:x': {'ensure': 'purged'}",
		"'x': {'state': 'config-files'}, 'y': '1'", "- package:x",
		"{'y':'1'}");
	becomes("'package:x': {}", "'x': {'state': 'config-files'}",
		"+ package:x", "{'x':{'hold':false,'state':'installed'}}");
}
END_TEST

START_TEST(a_version_is_that_version)
{
	becomes("'package:x': {'ensure': '1.0'}", "",
		"+ package:x (version 1.0)", "{'x':'1.0'}");
	becomes("'package:x': {'ensure': '1.0'}", "'x': '2.0'",
		"~ package:x version", "{'x':'1.0'}");
	PLANS("'package:x': {'ensure': '1.0'}", "'x': '1.0'", "");
	PLANS("'package:x': {'ensure': '1.0'}", "'x': {'state': 'installed'}",
	      "? package:x (the snapshot does not say)");
}
END_TEST

START_TEST(the_latest_is_asked_for)
{
	becomes("'package:x': {'ensure': 'latest'}",
		"'x': {'version': '1', 'candidate': '2'}",
		"~ package:x version (2 is there)",
		"{'x':{'candidate':'2','hold':false,'state':'installed',"
		"'version':'2'}}");
	PLANS("'package:x': {'ensure': 'latest'}",
	      "'x': {'version': '2', 'candidate': '2'}", "");
	PLANS("'package:x': {'ensure': 'latest'}", "", "+ package:x");
	PLANS("'package:x': {'ensure': 'latest'}", "'x': '1'",
	      "? package:x (the snapshot does not say which version is the "
	      "newest)");
}
END_TEST

START_TEST(what_is_on_hold_stays)
{
	becomes("'package:x': {'hold': true}", "'x': '1'", "~ package:x hold",
		"{'x':{'hold':true,'state':'installed','version':'1'}}");
	becomes("'package:x': {'hold': true}", "", "+ package:x",
		"{'x':{'hold':true,'state':'installed'}}");
	becomes("'package:x': {'hold': false}",
		"'x': {'version': '1', 'hold': true}", "~ package:x hold",
		"{'x':'1'}");
	PLANS("'package:x': {}", "'x': {'version': '1', 'hold': true}", "");
	PLANS("'package:x': {'ensure': '2'}",
	      "'x': {'version': '1', 'hold': true}",
	      "x package:x ('x' is on hold at 1)");
	PLANS("'package:x': {'ensure': 'absent'}",
	      "'x': {'version': '1', 'hold': true}",
	      "x package:x ('x' is on hold at 1)");
	becomes("'package:x': {'ensure': '2', 'hold': true}",
		"'x': {'version': '1', 'hold': true}", "~ package:x version",
		"{'x':{'hold':true,'state':'installed','version':'2'}}");
}
END_TEST

START_TEST(what_was_cut_short_is_mended)
{
	static const char *const states[] = { "half-installed", "unpacked",
					      "half-configured",
					      "triggers-awaited",
					      "triggers-pending" };
	AUTO_BUF struct buf b = { 0 };

	for (size_t i = 0; i < COUNT(states); i++) {
		buf_clear(&b);
		buf_printf(&b, "'x': {'version': '1', 'state': '%s'}",
			   states[i]);
		becomes("'package:x': {}", buf_text(&b), "~ package:x state",
			"{'x':'1'}");
		PLANS("'package:x': {'ensure': 'absent'}", buf_text(&b),
		      "- package:x");
	}
}
END_TEST

START_TEST(what_is_not_recorded_is_unknown)
{
	fixture_begin(&f, "'package:x': {}", "{'files': {}}");
	fixture_plan(&f, NULL);
	ck_assert_str_eq(fixture_shown(&f),
			 "? package:x (the snapshot does not say)");
	fixture_release(&f);
}
END_TEST

static void disturbs(const char *manifest, const char *host,
		     enum disruption want, bool undoable)
{
	planned(manifest, host);
	ck_assert_int_eq(f.plan.v[0]->disruption, want);
	ck_assert_int_eq(f.plan.v[0]->undoable, undoable);
	fixture_release(&f);
}

START_TEST(changes_disturb_as_they_do)
{
	disturbs("'package:x': {}", "", DISRUPTION_NONE, true);
	disturbs("'package:x': {'hold': true}", "'x': '1'", DISRUPTION_NONE,
		 true);
	disturbs("'package:x': {'ensure': '2'}", "'x': '1'", DISRUPTION_RESTART,
		 false);
	disturbs("'package:x': {}", "'x': {'state': 'unpacked'}",
		 DISRUPTION_RESTART, false);
	disturbs("'package:x': {'ensure': 'absent'}", "'x': '1'",
		 DISRUPTION_RESTART, false);
	disturbs("'package:x': {'ensure': 'purged'}", "'x': '1'",
		 DISRUPTION_DATA, false);
}
END_TEST

START_TEST(it_comes_after_all_repositories)
{
	PLANS("'package:x': {}, 'apt_repository:r': {'uris': 'https://r.test', "
	      "'suites': 'a', 'components': 'b', 'require': 'directory:/d'}, "
	      "'directory:/d': {}, "
	      "'directory:/etc/apt/sources.list.d': {}, 'directory:/etc/apt': "
	      "{}, 'directory:/etc': {}",
	      "",
	      "+ directory:/d\n+ directory:/etc\n+ directory:/etc/apt\n"
	      "+ directory:/etc/apt/sources.list.d\n+ apt_repository:r\n"
	      "+ package:x");
	/* but for what the repository itself needs */
	PLANS("'package:x': {}, 'apt_repository:r': {'ensure': 'absent', "
	      "'require': 'package:x'}",
	      "",
	      "+ package:x\n"
	      "? apt_repository:r (until package:x is installed)");
}
END_TEST

TEST_SUITE("package", names_are_names, ensure_is_a_word_or_a_version,
	   options_run_nothing, it_comes_and_goes, a_version_is_that_version,
	   the_latest_is_asked_for, what_is_on_hold_stays,
	   what_was_cut_short_is_mended, what_is_not_recorded_is_unknown,
	   changes_disturb_as_they_do, it_comes_after_all_repositories)
