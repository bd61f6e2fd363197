/* SPDX-License-Identifier: MIT */
#include "lib/host/linux/packages/dpkg.h"

#include <string.h>

#include "lib/base/buf.h"
#include "lib/test.h"

static struct dpkg db;

static void parse(const char *text)
{
	size_t n = strlen(text);

	dpkg_parse(&db, arena_strndup(&db.arena, text, n), n);
}

static const char *version(const char *name)
{
	const struct dpkg_entry *e = dpkg_find(&db, name);

	return e ? e->version : "none";
}

static enum package_state state(const char *name)
{
	const struct dpkg_entry *e = dpkg_find(&db, name);

	ck_assert_msg(e != NULL, "%s", name);
	return e->state;
}

#define STANZA(name, status, version)                             \
	"Package: " name "\nStatus: " status "\nArchitecture: "   \
	"amd64\nVersion: " version "\nDescription: x\n Package: " \
	"none\n\n"

START_TEST(a_stanza_is_a_package)
{
	parse(STANZA("dpkg", "install ok installed", "1.21.22")
		      STANZA("apt", "hold ok installed", "2.6.1")
			      STANZA("x", "deinstall ok config-files", "1"));
	ck_assert_str_eq(version("dpkg"), "1.21.22");
	ck_assert_int_eq(state("dpkg"), PACKAGE_INSTALLED);
	ck_assert(!dpkg_find(&db, "dpkg")->hold);
	ck_assert(dpkg_find(&db, "apt")->hold);
	ck_assert_int_eq(state("x"), PACKAGE_CONFIG_FILES);
	ck_assert_ptr_null(dpkg_find(&db, "none"));
	ck_assert_str_eq(dpkg_native(&db), "amd64");
	ck_assert(!dpkg_is_broken(&db));
	dpkg_release(&db);
}
END_TEST

START_TEST(all_states_are_known)
{
	static const struct {
		const char *status;
		enum package_state state;
	} states[] = {
		{ "unknown ok not-installed", PACKAGE_ABSENT },
		{ "deinstall ok config-files", PACKAGE_CONFIG_FILES },
		{ "install ok half-installed", PACKAGE_HALF_INSTALLED },
		{ "install ok unpacked", PACKAGE_UNPACKED },
		{ "install ok half-configured", PACKAGE_HALF_CONFIGURED },
		{ "install ok triggers-awaited", PACKAGE_TRIGGERS_AWAITED },
		{ "install ok triggers-pending", PACKAGE_TRIGGERS_PENDING },
		{ "install ok installed", PACKAGE_INSTALLED },
		{ "install reinstreq half-configured", PACKAGE_HALF_INSTALLED },
		{ "install ok what", PACKAGE_ABSENT },
		{ "install", PACKAGE_ABSENT },
		{ "", PACKAGE_ABSENT },
	};

	for (size_t i = 0; i < COUNT(states); i++) {
		AUTO_BUF struct buf b = { 0 };

		buf_printf(&b, "Package: p\nStatus: %s\n", states[i].status);
		parse(buf_text(&b));
		ck_assert_msg(state("p") == states[i].state, "%s",
			      states[i].status);
		ck_assert_int_eq(dpkg_is_broken(&db),
				 states[i].state > PACKAGE_CONFIG_FILES &&
					 states[i].state < PACKAGE_INSTALLED);
	}
	dpkg_release(&db);
}
END_TEST

START_TEST(the_native_one_is_meant)
{
	parse(STANZA("dpkg", "install ok installed",
		     "1") "Package: libc6\nStatus: install ok "
			  "installed\nArchitecture: "
			  "i386\nVersion: 2\n\n" STANZA(
				  "libc6", "install ok installed",
				  "3") "Package: doc\nStatus: "
				       "install ok "
				       "installed\nArchitecture: "
				       "all\nVersion: 4\n\n"
				       "Package: wine32\nStatus: "
				       "install ok "
				       "installed\nArchitecture: "
				       "i386\nVersion: 5\n");
	ck_assert_str_eq(version("libc6"), "3");
	ck_assert_str_eq(version("libc6:i386"), "2");
	ck_assert_str_eq(version("libc6:amd64"), "3");
	ck_assert_str_eq(version("libc6:arm64"), "none");
	ck_assert_str_eq(version("doc"), "4");
	ck_assert_str_eq(version("wine32"), "none");
	ck_assert_str_eq(version("wine32:i386"), "5");
	dpkg_release(&db);
}
END_TEST

START_TEST(without_a_native_one_any_will_do)
{
	parse("Package: p\nStatus: unknown ok not-installed\nArchitecture: "
	      "amd64\n\nPackage: p\nStatus: install ok installed\n"
	      "Architecture: i386\nVersion: 2\n");
	ck_assert_str_eq(version("p"), "2");
	dpkg_release(&db);
}
END_TEST

START_TEST(a_later_stanza_counts)
{
	parse(STANZA("p", "install ok installed", "1"));
	parse(STANZA("p", "install ok half-configured", "2"));
	ck_assert_str_eq(version("p"), "2");
	ck_assert(dpkg_is_broken(&db));
	parse(STANZA("p", "install ok installed", "2"));
	ck_assert(!dpkg_is_broken(&db));
	dpkg_release(&db);
}
END_TEST

START_TEST(what_is_no_stanza_is_passed_over)
{
	parse("\n\n\nStatus: install ok installed\n\nPackage:\nStatus: install "
	      "ok installed\n\nPackage: a\n\nPackage: b\nStatus: install ok "
	      "installed\nVersion: 1");
	ck_assert_ptr_null(dpkg_find(&db, ""));
	ck_assert_ptr_null(dpkg_find(&db, "a"));
	/* cut off in the middle of a line */
	ck_assert_str_eq(version("b"), "");
	parse("Package:\tq \nStatus:  install ok installed  \nVersion:1\n");
	ck_assert_str_eq(version("q"), "1");
	parse("");
	dpkg_release(&db);
}
END_TEST

START_TEST(names_are_those_of_the_policy)
{
	static const char *const right[] = {
		"g++", "libc6:i386", "a1",
		"0ad", "python3.11", "xx:kfreebsd-amd64"
	};
	static const char *const wrong[] = { "",     "a",    "A1",    "-y",
					     "a_b",  "a1-",  "a1:",   "+a",
					     "a b",  "a1:-", "a1:a-", "a1:a:b",
					     "a1=2", "a1/x", "a1:A",  "a\n1" };

	for (size_t i = 0; i < COUNT(right); i++)
		ck_assert_msg(dpkg_is_name(right[i]), "%s", right[i]);
	for (size_t i = 0; i < COUNT(wrong); i++)
		ck_assert_msg(!dpkg_is_name(wrong[i]), "%s", wrong[i]);
	ck_assert(dpkg_is_version("1:2.3+dfsg-4~bpo12+1"));
	ck_assert(!dpkg_is_version("x1"));
	ck_assert(!dpkg_is_version("1_2"));
	ck_assert(!dpkg_is_version("1 2"));
	ck_assert(!dpkg_is_version(""));
	dpkg_release(&db);
}
END_TEST

TEST_SUITE("dpkg", a_stanza_is_a_package, all_states_are_known,
	   the_native_one_is_meant, without_a_native_one_any_will_do,
	   a_later_stanza_counts, what_is_no_stanza_is_passed_over,
	   names_are_those_of_the_policy)
