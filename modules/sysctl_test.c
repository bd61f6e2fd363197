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

#define FORWARD "/proc/sys/net/ipv4/ip_forward"
#define ETC "'/etc': {'type': 'directory'}"
#define KERNEL(path, value) \
	ETC ", '" path "': {'type': 'file', 'content': '" value "\\n'}"
#define OWN(key, line)                                                     \
	"'/etc/sysctl.d/99-converge-" key ".conf': {'type': 'file', "      \
	"'content': '# Managed by converge: sysctl:" key ". Changes made " \
	"here are lost.\\n" line "\\n'}"
#define ONE "'sysctl:net.ipv4.ip_forward': {'value': 1}"

static void becomes(const char *manifest, const char *host, const char *files)
{
	planned(manifest, host);
	ck_assert_msg(!strstr(fixture_apply(&f), "failed"), "%s",
		      fixture_said(&f));
	fixture_check_files(&f, files);
	fixture_release(&f);
	PLANS(manifest, files, "");
}

START_TEST(a_value_is_set_and_kept)
{
	PLANS(ONE, KERNEL(FORWARD, "0"),
	      "~ sysctl:net.ipv4.ip_forward value persist content");
	becomes(ONE, KERNEL(FORWARD, "0"),
		KERNEL(FORWARD, "1") ", " OWN("net.ipv4.ip_forward",
					      "net.ipv4.ip_forward = 1"));
	PLANS(ONE,
	      KERNEL(FORWARD, "0") ", " OWN("net.ipv4.ip_forward",
					    "net.ipv4.ip_forward = 1"),
	      "~ sysctl:net.ipv4.ip_forward value");
	PLANS(ONE,
	      KERNEL(FORWARD, "1") ", " OWN("net.ipv4.ip_forward",
					    "net.ipv4.ip_forward = 0"),
	      "~ sysctl:net.ipv4.ip_forward content");
}
END_TEST

START_TEST(without_persist_no_file_is_left)
{
	const char *manifest = "'sysctl:net.ipv4.ip_forward': {'value': 1, "
			       "'persist': false}";

	becomes(manifest, KERNEL(FORWARD, "0"), KERNEL(FORWARD, "1") "");
	becomes(manifest,
		KERNEL(FORWARD, "1") ", " OWN("net.ipv4.ip_forward",
					      "net.ipv4.ip_forward = 1"),
		KERNEL(FORWARD, "1") ", '/etc/sysctl.d': {'type': "
				     "'directory'}");
}
END_TEST

START_TEST(absent_takes_the_file_alone)
{
	const char *manifest = "'sysctl:net.ipv4.ip_forward': {'ensure': "
			       "'absent'}";

	PLANS(manifest, KERNEL(FORWARD, "1"), "");
	becomes(manifest,
		KERNEL(FORWARD, "1") ", " OWN("net.ipv4.ip_forward", "x"),
		KERNEL(FORWARD, "1") ", '/etc/sysctl.d': {'type': "
				     "'directory'}");
}
END_TEST

START_TEST(blanks_count_as_one)
{
	PLANS("'sysctl:net.ipv4.tcp_rmem': {'value': ' 4096  131072 6291456 ', "
	      "'persist': false}",
	      KERNEL("/proc/sys/net/ipv4/tcp_rmem", "4096\\t131072\\t6291456"),
	      "");
}
END_TEST

START_TEST(keys_have_dots_or_slashes)
{
	const char *host =
		KERNEL("/proc/sys/net/ipv4/conf/eth0.100/forwarding", "0");

	PLANS("'sysctl:net/ipv4/conf/eth0.100/forwarding': {'value': 0, "
	      "'persist': false}",
	      host, "");
	PLANS("'sysctl:net.ipv4.conf.eth0/100.forwarding': {'value': 0, "
	      "'persist': false}",
	      host, "");
	becomes("'sysctl:f': {'key': "
		"'net/ipv4/conf/eth0.100/forwarding', 'value': 1}",
		host,
		KERNEL("/proc/sys/net/ipv4/conf/eth0.100/forwarding",
		       "1") ", "
			    "'/etc/sysctl.d/99-converge-net.ipv4.conf.eth0.100."
			    "forwarding.conf': {'type': 'file', 'content': '# "
			    "Managed by converge: "
			    "sysctl:net/ipv4/conf/eth0.100/forwarding. Changes "
			    "made here are lost.\\n"
			    "net.ipv4.conf.eth0/100.forwarding = 1\\n'}");
	REFUSES("'sysctl:net/ipv4/ip_forward': {'value': 1}, " ONE,
		"ip_forward.conf'");
}
END_TEST

START_TEST(keys_that_lead_elsewhere_are_refused)
{
	static const char *const keys[] = {
		"../../etc/passwd",
		"net/ipv4/../x",
		"net..x",
		"net/./x",
		"/net/ipv4",
		"net",
		"net.",
		"net.ipv4.",
		"-w.x",
		"net.-x",
		"net.a b",
		"net.a*",
		"net.a\\nb",
		"net.conf./.x",
		"net.//.x",
		"",
	};

	for (size_t i = 0; i < COUNT(keys); i++) {
		AUTO_BUF struct buf b = { 0 };

		buf_printf(&b, "'sysctl:x': {'key': '%s', 'value': 1}",
			   keys[i]);
		REFUSES(buf_text(&b), "'key' must be a name");
	}
}
END_TEST

#define VALUE(v) "'sysctl:kernel.core_pattern': {'value': " v "}"

START_TEST(values_are_one_line)
{
	REFUSES(VALUE("''"), "'value' must not be empty");
	REFUSES(VALUE("' \\t'"), "'value' must not be empty");
	REFUSES(VALUE("'a\\nb'"), "'value' must be one line");
	REFUSES("'sysctl:kernel.core_pattern': {}", "'value' is missing");
	REFUSES(VALUE("'|/bin/x'"), "names a program");
	PLANS(VALUE("'|/bin/x', 'force': true, 'persist': false"),
	      KERNEL("/proc/sys/kernel/core_pattern", "|/bin/x"), "");
	PLANS("'sysctl:kernel.x': {'value': 'a|b', 'persist': false}",
	      KERNEL("/proc/sys/kernel/x", "a|b"), "");
}
END_TEST

START_TEST(a_setting_that_is_not_there_is_an_error)
{
	PLANS("'sysctl:net.ipv4.nothing': {'value': 1}", KERNEL(FORWARD, "0"),
	      "x sysctl:net.ipv4.nothing (the kernel has no setting "
	      "'net.ipv4.nothing')");
	PLANS("'sysctl:net.ipv4': {'value': 1}", KERNEL(FORWARD, "0"),
	      "x sysctl:net.ipv4 (the kernel has no setting 'net.ipv4')");
}
END_TEST

START_TEST(a_module_that_is_loaded_first_brings_it)
{
	PLANS("'sysctl:net.bridge.x': {'value': 1}, "
	      "'kernel_module:br_netfilter': {'persist': false}",
	      KERNEL(FORWARD, "0"),
	      "~ kernel_module:br_netfilter ensure\n? sysctl:net.bridge.x "
	      "(made by a command that has not run)");
}
END_TEST

START_TEST(its_file_is_root_s)
{
	static const char file[] =
		"'/etc/sysctl.d/99-converge-net.ipv4.ip_forward.conf': "
		"{'type': 'file', 'uid': 1000, 'mode': '0666', 'content': "
		"'# Managed by converge: sysctl:net.ipv4.ip_forward. Changes "
		"made here are lost.\\nnet.ipv4.ip_forward = 1\\n'}";
	AUTO_BUF struct buf host = { 0 };

	buf_printf(&host, KERNEL(FORWARD, "1") ", %s", file);
	PLANS(ONE, buf_text(&host), "~ sysctl:net.ipv4.ip_forward mode owner");
	becomes(ONE, buf_text(&host),
		KERNEL(FORWARD, "1") ", " OWN("net.ipv4.ip_forward",
					      "net.ipv4.ip_forward = 1"));
	PLANS("'sysctl:net.ipv4.ip_forward': {'value': 1, 'persist': false}",
	      buf_text(&host), "~ sysctl:net.ipv4.ip_forward persist");
}
END_TEST

START_TEST(a_tree_has_only_files)
{
	PLANS(ONE, "'/etc/x': {'type': 'file', 'content': ''}",
	      "+ sysctl:net.ipv4.ip_forward (only its file: no kernel runs "
	      "this tree)");
	becomes(ONE, ETC,
		OWN("net.ipv4.ip_forward", "net.ipv4.ip_forward = 1"));
	PLANS("'sysctl:net.ipv4.ip_forward': {'value': 1, 'persist': false}",
	      "", "");
}
END_TEST

TEST_SUITE("sysctl", a_value_is_set_and_kept, without_persist_no_file_is_left,
	   absent_takes_the_file_alone, blanks_count_as_one,
	   keys_have_dots_or_slashes, keys_that_lead_elsewhere_are_refused,
	   values_are_one_line, a_setting_that_is_not_there_is_an_error,
	   a_module_that_is_loaded_first_brings_it, its_file_is_root_s,
	   a_tree_has_only_files)
