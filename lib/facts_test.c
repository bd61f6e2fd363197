/* SPDX-License-Identifier: MIT */
#include "lib/facts.h"

#include <sys/utsname.h>

#include "lib/fixture_test.h"

static struct host *h;
static json_t *snapshot, *facts;

/* Files: path, text by turns, ended by NULL. */
static void setup(const char *const *files)
{
	json_t *list = json_object();
	struct diags d = { 0 };

	for (; files[0]; files += 2)
		json_object_set_new(list, files[0],
				    json_pack("{s:s, s:s}", "type", "file",
					      "content", files[1]));
	snapshot = json_pack("{s:o}", "files", list);
	h = host_snapshot(snapshot, &d);
	ck_assert_ptr_nonnull(h);
	facts = facts_gather(h);
	diags_release(&d);
}

static void teardown(void)
{
	json_decref(facts);
	host_close(h);
	json_decref(snapshot);
}

#define SETUP(...) setup((const char *const[]){ __VA_ARGS__, NULL })

/* "os.id" as text; "-": there is none. */
static const char *fact(const char *name)
{
	const json_t *value = scope_inside(facts, name, strlen(name));

	return value ? json_string_value(value) : "-";
}

START_TEST(a_usual_release)
{
	SETUP("/etc/os-release",
	      "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n"
	      "NAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\n"
	      "VERSION=\"12 (bookworm)\"\nVERSION_CODENAME=bookworm\n"
	      "ID=debian\n");
	ck_assert_str_eq(fact("os.id"), "debian");
	ck_assert_str_eq(fact("os.version"), "12");
	ck_assert_str_eq(fact("os.codename"), "bookworm");
	ck_assert_str_eq(fact("os.name"), "Debian GNU/Linux 12 (bookworm)");
	ck_assert_uint_eq(json_array_size(scope_inside(facts, "os.like", 7)),
			  0);
	teardown();
}
END_TEST

START_TEST(quotes_of_either_kind_and_none)
{
	SETUP("/etc/os-release", "ID='a b'\nVERSION_ID=\"\"\nPRETTY_NAME=\"x\n"
				 "VERSION_CODENAME=y");
	ck_assert_str_eq(fact("os.id"), "a b");
	ck_assert_str_eq(fact("os.version"), "");
	ck_assert_str_eq(fact("os.name"), "\"x");
	ck_assert_str_eq(fact("os.codename"), "y");
	teardown();
}
END_TEST

START_TEST(names_that_begin_alike)
{
	SETUP("/etc/os-release", "#ID=no\nID_LIKE=\"rhel fedora\"\nXID=no\n\n"
				 "ID=centos\nID=second\n");
	ck_assert_str_eq(fact("os.id"), "centos");
	ck_assert_str_eq(fact("os.like.0"), "rhel");
	ck_assert_str_eq(fact("os.like.1"), "fedora");
	ck_assert_str_eq(fact("os.like.2"), "-");
	teardown();
}
END_TEST

START_TEST(the_second_place_of_a_release)
{
	SETUP("/usr/lib/os-release", "ID=arch\n");
	ck_assert_str_eq(fact("os.id"), "arch");
	teardown();
	SETUP("/usr/lib/os-release", "ID=arch\n", "/etc/os-release",
	      "ID=mine\n");
	ck_assert_str_eq(fact("os.id"), "mine");
	teardown();
}
END_TEST

START_TEST(an_empty_host_has_facts)
{
	SETUP("/x", "");
	ck_assert(json_is_object(scope_inside(facts, "os", 2)));
	ck_assert_str_eq(fact("os.id"), "-");
	ck_assert_str_ne(fact("hostname"), "-");
	ck_assert_str_ne(fact("kernel.release"), "-");
	ck_assert_str_ne(fact("architecture"), "-");
	ck_assert_ptr_null(scope_inside(facts, "memory", 6));
	ck_assert_ptr_null(scope_inside(facts, "cpu", 3));
	teardown();
}
END_TEST

START_TEST(memory_and_cpus)
{
	SETUP("/proc/meminfo", "MemTotal:        8052112 kB\nMemFree:  1 kB\n",
	      "/proc/cpuinfo",
	      "processor\t: 0\nmodel name\t: x\n\nprocessor\t: 1\n");
	ck_assert_int_eq(
		json_integer_value(scope_inside(facts, "memory.mib", 10)),
		8052112 / 1024);
	ck_assert_int_eq(
		json_integer_value(scope_inside(facts, "cpu.count", 9)), 2);
	teardown();
}
END_TEST

START_TEST(a_host_has_its_own_name)
{
	struct arena a = { 0 };
	struct utsname u;

	SETUP("/etc/hostname", "web-1\n");
	ck_assert_str_eq(fact("hostname"), "web-1");
	ck_assert_str_eq(facts_host_name(h, &a), "web-1");
	teardown();
	ck_assert_int_eq(uname(&u), 0);
	SETUP("/etc/hostname", "\n");
	ck_assert_str_eq(facts_host_name(h, &a), u.nodename);
	teardown();
	SETUP("/x", "");
	ck_assert_str_eq(facts_host_name(h, &a), u.nodename);
	teardown();
	arena_release(&a);
}
END_TEST

START_TEST(what_is_no_file_is_not_read)
{
	struct diags d = { 0 };

	snapshot = fixture_json("{'files': {'/etc/os-release': {'type': "
				"'FIFO'}, '/etc/hostname': {'type': "
				"'directory'}}}");
	h = host_snapshot(snapshot, &d);
	facts = facts_gather(h);
	ck_assert_str_eq(fact("os.id"), "-");
	ck_assert_str_ne(fact("hostname"), "-");
	ck_assert_uint_eq(d.n, 0);
	teardown();
}
END_TEST

TEST_SUITE("facts", a_usual_release, quotes_of_either_kind_and_none,
	   names_that_begin_alike, the_second_place_of_a_release,
	   an_empty_host_has_facts, memory_and_cpus, a_host_has_its_own_name,
	   what_is_no_file_is_not_read)
