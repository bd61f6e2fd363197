/* SPDX-License-Identifier: MIT */
/*
 * All hosts tell the same of packages: a tree with a database of dpkg, a
 * snapshot of it, and pictures over both; and what is changed in pictures
 * looks as it does in the snapshot.
 */
#include "lib/host/package.h"

#include <fcntl.h>
#include <ftw.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/host/host.h"
#include "lib/host/linux/linux.h"
#include "lib/test.h"

enum { HOSTS = 4 };

static char root[64];
static json_t *json;
static struct host *hosts[HOSTS];
static struct arena arena;
static struct diags diags;

static const char *const host_names[HOSTS] = { "a tree", "a snapshot",
					       "an overlay on a tree",
					       "an overlay on a snapshot" };

static const char status[] =
	"Package: dpkg\nStatus: install ok installed\nArchitecture: amd64\n"
	"Version: 1.21\n\n"
	"Package: held\nStatus: hold ok installed\nArchitecture: all\n"
	"Version: 1:2.0-1\n\n"
	"Package: left\nStatus: deinstall ok config-files\nArchitecture: "
	"amd64\nVersion: 3\n\n"
	"Package: half\nStatus: install ok half-configured\nArchitecture: "
	"amd64\nVersion: 4\n";

static const char snapshot[] =
	"{\"files\": {}, \"packages\": {\"dpkg\": \"1.21\", \"held\": "
	"{\"version\": \"1:2.0-1\", \"hold\": true}, \"left\": {\"state\": "
	"\"config-files\"}, \"half\": {\"state\": \"half-configured\", "
	"\"version\": \"4\"}}}";

static int remove_one(const char *path, const struct stat *s, int flag,
		      struct FTW *ftw)
{
	(void)s;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static void make(const char *path, const char *text)
{
	char whole[128];
	FILE *file;

	snprintf(whole, sizeof(whole), "%s%s", root, path);
	if (!text) {
		ck_assert_int_eq(mkdir(whole, 0755), 0);
		return;
	}
	file = fopen(whole, "w");
	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	ck_assert_int_eq(fclose(file), 0);
}

static void set_up(void)
{
	struct linux_options options = { .root = root, .backup_fd = -1 };

	snprintf(root, sizeof(root), "/tmp/converge-package-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(root));
	make("/var", NULL);
	make("/var/lib", NULL);
	make("/var/lib/dpkg", NULL);
	make("/var/lib/dpkg/updates", NULL);
	make("/var/lib/dpkg/status", status);
	json = json_loads(snapshot, 0, NULL);
	hosts[0] = host_linux(&options, &diags);
	hosts[1] = host_snapshot(json, &diags);
	hosts[2] = host_overlay(hosts[0]);
	hosts[3] = host_overlay(hosts[1]);
	ck_assert(hosts[0] && hosts[1]);
}

static void tear_down(void)
{
	for (size_t i = HOSTS; i-- > 0;)
		host_close(hosts[i]);
	json_decref(json);
	arena_release(&arena);
	diags_release(&diags);
	ck_assert_int_eq(nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

/* "installed 1.21 hold", from host number i. */
static const char *seen(size_t i, const char *name)
{
	struct package p;

	ck_assert_msg(host_package(hosts[i], NULL, name, &arena, &p, &diags),
		      "%s: %s", host_names[i], name);
	return arena_printf(&arena, "%s%s%s%s", package_state_name(p.state),
			    p.version ? " " : "", p.version ? p.version : "",
			    p.hold ? " hold" : "");
}

static void shows(size_t from, const char *name, const char *what)
{
	for (size_t i = from; i < HOSTS; i++)
		ck_assert_msg(strcmp(seen(i, name), what) == 0,
			      "%s: %s is %s, not %s", host_names[i], name,
			      seen(i, name), what);
}

/* In all but the tree. */
static void change(struct package_change c)
{
	for (size_t i = 1; i < HOSTS; i++)
		ck_assert(host_package_change(hosts[i], &c, &diags));
}

START_TEST(what_is_there_is_told_alike)
{
	set_up();
	shows(0, "dpkg", "installed 1.21");
	shows(0, "held", "installed 1:2.0-1 hold");
	shows(0, "left", "config-files");
	shows(0, "half", "half-configured 4");
	shows(0, "none", "absent");
	tear_down();
}
END_TEST

START_TEST(what_changes_is_told_alike)
{
	set_up();
	change((struct package_change){
		.name = "none", .wish = PACKAGE_INSTALL, .version = "5" });
	shows(1, "none", "installed 5");
	change((struct package_change){ .name = "half",
					.wish = PACKAGE_INSTALL,
					.version = "4",
					.set_hold = true,
					.hold = true });
	shows(1, "half", "installed 4 hold");
	change((struct package_change){
		.name = "dpkg", .set_hold = true, .hold = true });
	shows(1, "dpkg", "installed 1.21 hold");
	change((struct package_change){ .name = "held",
					.wish = PACKAGE_REMOVE });
	shows(1, "held", "config-files");
	change((struct package_change){ .name = "left",
					.wish = PACKAGE_PURGE });
	shows(1, "left", "absent");
	ck_assert_str_eq(seen(0, "left"), "config-files");
	tear_down();
}
END_TEST

/* What dpkg has done since it wrote the file last. */
START_TEST(the_journal_of_dpkg_counts)
{
	set_up();
	make("/var/lib/dpkg/updates/0001",
	     "Package: dpkg\nStatus: install ok unpacked\nArchitecture: amd64\n"
	     "Version: 1.22\n");
	make("/var/lib/dpkg/updates/tmp.i", "Package: xx\nStatus: install ok "
					    "installed\n");
	ck_assert_str_eq(seen(0, "dpkg"), "unpacked 1.22");
	ck_assert_str_eq(seen(0, "xx"), "absent");
	tear_down();
}
END_TEST

START_TEST(who_has_no_manager_says_so)
{
	struct package p;

	set_up();
	ck_assert(!host_package(hosts[0], "dnf", "x", &arena, &p, &diags));
	ck_assert_str_eq(diags.v[0].text, "this host has no packages of dnf");
	ck_assert(!host_package(hosts[0], "apt", "Upper", &arena, &p, &diags));
	ck_assert_str_eq(diags.v[1].text,
			 "'Upper' is no name of a package of apt");
	ck_assert_int_eq(renameat(AT_FDCWD,
				  arena_printf(&arena, "%s/var/lib/dpkg", root),
				  AT_FDCWD, arena_printf(&arena, "%s/x", root)),
			 0);
	ck_assert(!host_package(hosts[2], "apt", "x", &arena, &p, &diags));
	tear_down();
}
END_TEST

START_TEST(a_snapshot_of_packages_is_checked)
{
	static const char *const wrong[] = {
		"{\"x\": 1}",
		"{\"x\": {\"state\": \"what\"}}",
		"{\"x\": {\"hold\": \"yes\"}}",
		"{\"x\": {\"version\": 1}}",
		"{\"x\": {\"color\": \"red\"}}",
		"[]",
	};

	for (size_t i = 0; i < COUNT(wrong); i++) {
		json_t *packages = json_loads(wrong[i], 0, NULL);
		json_t *whole =
			json_pack("{s:{}, s:o}", "files", "packages", packages);

		ck_assert_msg(!host_snapshot(whole, &diags), "%s", wrong[i]);
		json_decref(whole);
	}
	diags_release(&diags);
}
END_TEST

TEST_SUITE("package", what_is_there_is_told_alike, what_changes_is_told_alike,
	   the_journal_of_dpkg_counts, who_has_no_manager_says_so,
	   a_snapshot_of_packages_is_checked)
