/* SPDX-License-Identifier: MIT */
#include "lib/fixture_test.h"

static struct fixture f;

static const char *planned(const char *manifest, const char *host)
{
	fixture_begin(&f, manifest, host);
	fixture_plan(&f, NULL);
	return fixture_shown(&f);
}

#define PLANS(manifest, host, lines)                              \
	do {                                                      \
		ck_assert_str_eq(planned(manifest, host), lines); \
		fixture_release(&f);                              \
	} while (0)

#define REFUSES(manifest, words)                                             \
	do {                                                                 \
		f = (struct fixture){ 0 };                                   \
		ck_assert_msg(!fixture_graph(&f, manifest), "%s", manifest); \
		ck_assert_uint_eq(f.diags.n, 1);                             \
		ck_assert_msg(strstr(fixture_said(&f), words), "%s",         \
			      fixture_said(&f));                             \
		fixture_release(&f);                                         \
	} while (0)

static void becomes(const char *manifest, const char *host, const char *files)
{
	planned(manifest, host);
	ck_assert_msg(!strstr(fixture_apply(&f), "failed"), "%s",
		      fixture_said(&f));
	fixture_check_files(&f, files);
	fixture_release(&f);
	PLANS(manifest, files, "");
}

#define FILE(path, text) "'" path "': {'type': 'file', 'content': '" text "'}"
#define LINK(path, target) \
	"'" path "': {'type': 'link', 'target': '" target "'}"
#define ETC "'/etc': {'type': 'directory'}"
#define RELEASE ETC ", " FILE("/proc/sys/kernel/osrelease", "6.1.0\\n")
#define THERE(module) FILE("/sys/module/" module "/initstate", "live\\n")
#define BUILTIN                                    \
	FILE("/lib/modules/6.1.0/modules.builtin", \
	     "kernel/fs/ext4/ext4.ko\\nkernel/x/usb-storage.ko\\n")
#define HEADER(name)                                 \
	"# Managed by converge: kernel_module:" name \
	". Changes made here are "                   \
	"lost.\\n"
#define LOAD(module)                                                           \
	FILE("/etc/modules-load.d/" module ".conf", HEADER(module) module "\\" \
									  "n")
#define CONF(module, text) \
	FILE("/etc/modprobe.d/converge-" module ".conf", HEADER(module) text)

START_TEST(one_that_is_loaded_is_only_kept)
{
	PLANS("'kernel_module:dummy': {'persist': false}",
	      RELEASE ", " THERE("dummy"), "");
	becomes("'kernel_module:dummy': {}", RELEASE ", " THERE("dummy"),
		RELEASE ", " THERE("dummy") ", " LOAD("dummy"));
	becomes("'kernel_module:dummy': {'persist': false}",
		RELEASE ", " THERE("dummy") ", " LOAD("dummy"),
		RELEASE ", " THERE("dummy") ", '/etc/modules-load.d': "
					    "{'type': 'directory'}");
}
END_TEST

#define MODULES "'/sys/module': {'type': 'directory'}"

START_TEST(one_that_is_not_is_loaded)
{
	PLANS("'kernel_module:dummy': {}", RELEASE,
	      "~ kernel_module:dummy ensure persist modules-load.d");
	planned("'kernel_module:dummy': {'options': ['numdummies=2', 'x']}",
		RELEASE ", " MODULES);
	ck_assert_str_eq(fixture_apply(&f), "done kernel_module:dummy");
	fixture_check_files(&f, RELEASE
			    ", '/sys/module/dummy': {'type': 'file', "
			    "'mode': '0600', 'content': ''}, " LOAD(
				    "dummy") ", " CONF("dummy", "options dummy "
								"numdummies=2 "
								"x\\n"));
	fixture_release(&f);
}
END_TEST

START_TEST(one_that_cannot_be_loaded_is_not_kept)
{
	planned("'kernel_module:dummy': {}",
		"{'files': {" RELEASE "}, 'commands': {'modprobe -- dummy': "
		"1}}");
	ck_assert_str_eq(fixture_apply(&f), "failed kernel_module:dummy\n"
					    "'modprobe' exited with 1");
	fixture_check_files(&f, RELEASE);
	fixture_release(&f);
}
END_TEST

START_TEST(hyphens_are_underscores)
{
	PLANS("'kernel_module:br-netfilter': {'persist': false}",
	      RELEASE ", " THERE("br_netfilter"), "");
	REFUSES("'kernel_module:br-netfilter': {}, "
		"'kernel_module:br_netfilter': {}",
		"'/etc/modules-load.d/br_netfilter.conf'");
}
END_TEST

START_TEST(what_is_built_in_is_there)
{
	PLANS("'kernel_module:ext4': {'persist': false}, "
	      "'kernel_module:usb_storage': {'persist': false}",
	      RELEASE ", " BUILTIN, "");
	PLANS("'kernel_module:ext': {'persist': false}", RELEASE ", " BUILTIN,
	      "~ kernel_module:ext ensure");
	PLANS("'kernel_module:ext4': {'ensure': 'unloaded'}",
	      RELEASE ", " BUILTIN,
	      "x kernel_module:ext4 ('ext4' is built into the kernel, and "
	      "cannot be unloaded)");
	PLANS("'kernel_module:tcp_cubic': {'ensure': 'unloaded'}",
	      RELEASE ", '/sys/module/tcp_cubic': {'type': 'directory'}",
	      "x kernel_module:tcp_cubic ('tcp_cubic' is built into the "
	      "kernel, and cannot be unloaded)");
}
END_TEST

START_TEST(one_is_unloaded)
{
	PLANS("'kernel_module:dummy': {'ensure': 'unloaded'}", RELEASE, "");
	PLANS("'kernel_module:dummy': {'ensure': 'unloaded'}",
	      RELEASE ", " THERE("dummy") ", " LOAD("dummy"),
	      "~ kernel_module:dummy ensure persist");
	planned("'kernel_module:dummy': {'ensure': 'unloaded'}",
		"{'files': {" RELEASE
		", " THERE("dummy") "}, 'commands': {'rmmod -- dummy': 1}}");
	ck_assert_str_eq(fixture_apply(&f), "failed kernel_module:dummy\n"
					    "'rmmod' exited with 1");
	fixture_release(&f);
}
END_TEST

START_TEST(one_is_blacklisted)
{
	becomes("'kernel_module:pcspkr': {'ensure': 'blacklisted', 'options': "
		"'a=1'}",
		RELEASE ", " CONF("pcspkr", "options pcspkr a=1\\n"),
		RELEASE ", " CONF("pcspkr", "blacklist pcspkr\\ninstall pcspkr "
					    "/bin/false\\n"));
	PLANS("'kernel_module:pcspkr': {'ensure': 'blacklisted'}",
	      RELEASE ", " THERE("pcspkr"),
	      "~ kernel_module:pcspkr ensure configured modprobe.d");
	becomes("'kernel_module:pcspkr': {'ensure': 'unloaded'}",
		RELEASE ", " CONF("pcspkr", "blacklist pcspkr\\n"),
		RELEASE ", '/etc/modprobe.d': {'type': 'directory'}");
}
END_TEST

START_TEST(its_files_are_root_s)
{
	static const char of_load[] =
		"'/etc/modules-load.d/dummy.conf': {'type': 'file', 'mode': "
		"'0666', 'content': '# Managed by converge: "
		"kernel_module:dummy. Changes made here are lost.\\n"
		"dummy\\n'}";
	static const char of_both[] =
		"'/etc/modprobe.d/converge-dummy.conf': {'type': 'file', "
		"'uid': 1000, 'content': '# Managed by converge: "
		"kernel_module:dummy. Changes made here are lost.\\n"
		"options dummy a=1\\n'}";
	static const char want[] = "'kernel_module:dummy': {'options': 'a=1'}";
	AUTO_BUF struct buf host = { 0 };

	buf_printf(&host, ETC ", %s, %s", of_load, of_both);
	PLANS(want, buf_text(&host),
	      "~ kernel_module:dummy modules-load.d mode modprobe.d owner");
	becomes(want, buf_text(&host),
		ETC
		", " LOAD("dummy") ", " CONF("dummy", "options dummy a=1\\n"));
}
END_TEST

START_TEST(what_is_in_the_way_is_shown)
{
	struct plan_options options = { .max_disruption = -1,
					.diffs = DIFFS_UPDATES };

	fixture_begin(&f, "'kernel_module:dummy': {}",
		      ETC ", " FILE("/etc/modules-load.d/dummy.conf",
				    "dummy\\nloop\\n"));
	fixture_plan(&f, &options);
	ck_assert_uint_eq(f.plan.n, 1);
	ck_assert_ptr_nonnull(f.plan.v[0]->diff);
	ck_assert_msg(strstr(f.plan.v[0]->diff, "\n-loop\n"), "%s",
		      f.plan.v[0]->diff);
	fixture_release(&f);
	/* what is not recorded cannot be */
	PLANS("'kernel_module:dummy': {'ensure': 'unloaded'}",
	      ETC ", '/etc/modules-load.d/dummy.conf': {'type': 'file', "
		  "'size': 5}",
	      "~ kernel_module:dummy persist");
}
END_TEST

START_TEST(a_tree_has_only_files)
{
	becomes("'kernel_module:dummy': {'options': 'a=1'}", ETC,
		ETC
		", " LOAD("dummy") ", " CONF("dummy", "options dummy a=1\\n"));
}
END_TEST

START_TEST(names_and_options_are_plain)
{
	REFUSES("'kernel_module:-r': {}", "'name' must be letters");
	REFUSES("'kernel_module:a/b': {}", "'name' must be letters");
	REFUSES("'kernel_module:a': {'name': ''}", "'name' must be letters");
	REFUSES("'kernel_module:a b': {}", "'name' must be letters");
	REFUSES("'kernel_module:a': {'options': 'x y'}", "without blanks");
	REFUSES("'kernel_module:a': {'options': ['x=1\\ninstall y']}",
		"without blanks");
	REFUSES("'kernel_module:a': {'options': ['=1']}", "without blanks");
	REFUSES("'kernel_module:a': {'options': ['']}", "without blanks");
}
END_TEST

START_TEST(both_files_are_its_own)
{
	const char *host = RELEASE ", " THERE("a_b") ", " LOAD("a_b") ", " CONF(
		"a_b",
		"options a_b x=1\\n") ", " FILE("/etc/modprobe.d/y.conf",
						"") ", " FILE("/etc/"
							      "modules-load.d/"
							      "y.conf",
							      "");
	const char *module = "'kernel_module:a_b': {'options': 'x=1'}";
	AUTO_BUF struct buf b = { 0 };

	buf_printf(&b,
		   "%s, 'directory:/etc/modprobe.d': {'purge': true}, "
		   "'directory:/etc/modules-load.d': {'purge': true}",
		   module);
	PLANS(buf_text(&b), host,
	      "- file:/etc/modprobe.d/y.conf\n"
	      "- file:/etc/modules-load.d/y.conf");
}
END_TEST

#define MODULE "'kernel_module:a-b': {'options': 'x=1'}"
#define CONFIGURED "/etc/modprobe.d/converge-a_b.conf"

START_TEST(nothing_else_manages_either_file)
{
	REFUSES(MODULE ", 'file:" CONFIGURED "': {'content': ''}",
		"m.json:2:42: file:" CONFIGURED ": '" CONFIGURED
		"' is managed twice: also by 'kernel_module:a-b' at "
		"m.json:2:1");
	REFUSES("'file:" CONFIGURED "': {'content': ''}, " MODULE,
		"'" CONFIGURED "' is managed twice: also by 'file:" CONFIGURED
		"' at m.json:2:1");
	REFUSES(MODULE ", 'file:/etc/modules-load.d/a_b.conf': {}",
		"is managed twice: also by 'kernel_module:a-b' at m.json:2:1");
	REFUSES(MODULE ", 'line:x': {'path': '" CONFIGURED "', 'line': 'x'}",
		"'" CONFIGURED "' is managed in whole by 'kernel_module:a-b' "
		"at m.json:2:1, which leaves nothing to edit");
}
END_TEST

TEST_SUITE("kernel_module", one_that_is_loaded_is_only_kept,
	   one_that_is_not_is_loaded, one_that_cannot_be_loaded_is_not_kept,
	   hyphens_are_underscores, what_is_built_in_is_there, one_is_unloaded,
	   one_is_blacklisted, its_files_are_root_s,
	   what_is_in_the_way_is_shown, a_tree_has_only_files,
	   names_and_options_are_plain, both_files_are_its_own,
	   nothing_else_manages_either_file)
