/* SPDX-License-Identifier: MIT */
#include "lib/capture/capture.h"

#include <string.h>

#include "lib/fixture_test.h"

static json_t *snapshot, *files, *manifest;
static struct arena arena;
static struct diags diags;

static void begin(void)
{
	files = json_object();
	snapshot = json_pack("{s:o, s:{s:i}, s:{s:i}}", "files", files, "users",
			     "app", 100, "groups", "app", 200);
}

static void file(const char *path, const char *content, const char *mode)
{
	json_object_set_new(files, path,
			    json_pack("{s:s, s:s, s:s, s:i, s:i}", "type",
				      "file", "content", content, "mode", mode,
				      "uid", 100, "gid", 200));
}

static void capture(void)
{
	struct host *h = host_snapshot(snapshot, &diags);

	ck_assert_ptr_nonnull(h);
	manifest = capture_host(h, "web-1", &arena, &diags);
	ck_assert_ptr_nonnull(manifest);
	host_close(h);
}

/* The attributes of a resource as text; "-": there is none. */
static const char *resource(const char *id)
{
	json_t *o = json_object_get(json_object_get(manifest, "resources"), id);
	char *text = o ? json_dumps(o, JSON_COMPACT) : NULL;
	const char *copy = text ? arena_strdup(&arena, text) : "-";

	free(text);
	return copy;
}

static void end(void)
{
	json_decref(manifest);
	json_decref(snapshot);
	arena_release(&arena);
	diags_release(&diags);
}

#define OWNER "\"owner\":\"app\",\"group\":\"app\""

START_TEST(what_no_package_brought)
{
	begin();
	file("/etc/app.conf", "a ${b} $c\n", "0640");
	file("/etc/open.conf", "a ${b} $c\n", "0644");
	file("/etc/passwd", "", "0644");
	file("/etc/pam.d/common-auth", "", "0644");
	file("/etc/systemd/system/x.target.wants/a.service", "", "0644");
	file("/etc/systemd/system/a.service", "", "0644");
	json_object_set_new(
		files, "/etc/l",
		json_pack("{s:s, s:s}", "type", "link", "target", "app.conf"));
	file("/var/lib/x", "", "0644");
	capture();
	ck_assert_str_eq(resource("file:/etc/app.conf"),
			 "{" OWNER ",\"mode\":\"0640\"}");
	ck_assert_str_eq(resource("file:/etc/open.conf"),
			 "{" OWNER ",\"content\":\"a $${b} $c\\n\"}");
	ck_assert_str_eq(resource("link:/etc/l"), "{\"target\":\"app.conf\"}");
	ck_assert_str_eq(resource("directory:/etc/pam.d"), "{}");
	ck_assert_str_eq(resource("file:/etc/passwd"), "-");
	ck_assert_str_eq(resource("file:/etc/pam.d/common-auth"), "-");
	ck_assert_str_eq(
		resource("file:/etc/systemd/system/x.target.wants/a.service"),
		"-");
	ck_assert_str_ne(resource("file:/etc/systemd/system/a.service"), "-");
	ck_assert_str_eq(resource("file:/var/lib/x"), "-");
	ck_assert_uint_eq(diags.n, 1);
	ck_assert_str_eq(diags.v[0].subject, "/etc/app.conf");
	end();
}
END_TEST

START_TEST(what_a_package_brought_and_somebody_changed)
{
	begin();
	file("/var/lib/dpkg/status",
	     "Package: web\nStatus: install ok installed\nConffiles:\n"
	     " /etc/web/a 60b725f10c9c85c70d97880dfe8191b3\n"
	     " /etc/web/b 60b725f10c9c85c70d97880dfe8191b3\n"
	     " /etc/web/gone 60b725f10c9c85c70d97880dfe8191b3\n"
	     " /etc/web/old 60b725f10c9c85c70d97880dfe8191b3 obsolete\n"
	     "Description: a\n b\n\nPackage: left\n"
	     "Status: deinstall ok config-files\nConffiles:\n"
	     " /etc/left 60b725f10c9c85c70d97880dfe8191b3\n",
	     "0644");
	file("/var/lib/dpkg/info/web:amd64.list",
	     "/.\n/etc\n/etc/web\n/etc/web/c\n/usr/bin/web\n", "0644");
	file("/etc/web/a", "a\n", "0644");
	file("/etc/web/b", "b\n", "0644");
	file("/etc/web/c", "c\n", "0644");
	file("/etc/left", "b\n", "0644");
	capture();
	/* 60b725f1...: "a\n" */
	ck_assert_str_eq(resource("file:/etc/web/a"), "-");
	ck_assert_str_eq(resource("file:/etc/web/b"),
			 "{" OWNER ",\"content\":\"b\\n\"}");
	ck_assert_str_eq(resource("file:/etc/web/c"), "-");
	ck_assert_str_eq(resource("file:/etc/web/gone"),
			 "{\"ensure\":\"absent\"}");
	ck_assert_str_eq(resource("file:/etc/web/old"), "-");
	ck_assert_str_eq(resource("directory:/etc/web"), "-");
	ck_assert_str_ne(resource("file:/etc/left"), "-");
	end();
}
END_TEST

START_TEST(what_scripts_of_packages_copied)
{
	begin();
	file("/usr/share/base-files/motd", "hello\n", "0644");
	file("/usr/share/base-files/profile", "x\n", "0644");
	file("/etc/motd", "hello\n", "0644");
	file("/etc/profile", "y\n", "0644");
	capture();
	ck_assert_str_eq(resource("file:/etc/motd"), "-");
	ck_assert_str_ne(resource("file:/etc/profile"), "-");
	end();
}
END_TEST

TEST_SUITE("capture", what_no_package_brought,
	   what_a_package_brought_and_somebody_changed,
	   what_scripts_of_packages_copied)
