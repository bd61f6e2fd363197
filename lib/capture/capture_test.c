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
	json_object_set_new(files, "/etc",
			    json_pack("{s:s}", "type", "directory"));
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
	ck_assert_msg(manifest, "%s", diags.n ? diags.v[0].text : "");
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
			 "{" OWNER ",\"content\":\"b\\n\","
			 "\"require\":\"package:web\"}");
	ck_assert_str_eq(resource("file:/etc/web/c"), "-");
	ck_assert_str_eq(resource("file:/etc/web/gone"),
			 "{\"ensure\":\"absent\",\"require\":\"package:web\"}");
	ck_assert_str_eq(resource("file:/etc/web/old"), "-");
	ck_assert_str_eq(resource("directory:/etc/web"), "-");
	ck_assert_str_ne(resource("file:/etc/left"), "-");
	end();
}
END_TEST

START_TEST(packages_that_were_asked_for)
{
	begin();
	file("/var/lib/dpkg/status",
	     "Package: web\nStatus: hold ok installed\n"
	     "Depends: libweb (>= 1), a:any | mta\nPre-Depends: core\n\n"
	     "Package: libweb\nStatus: install ok installed\nSection: libs\n\n"
	     "Package: libalone\nStatus: install ok installed\nSection: "
	     "libs\n\n"
	     "Package: a\nStatus: install ok installed\n\n"
	     "Package: b\nStatus: install ok installed\n\n"
	     "Package: core\nStatus: install ok installed\n"
	     "Priority: required\n\n"
	     "Package: base\nStatus: install ok installed\nEssential: yes\n\n"
	     "Package: gone\nStatus: deinstall ok config-files\n",
	     "0644");
	file("/var/lib/apt/extended_states",
	     "Package: b\nArchitecture: amd64\nAuto-Installed: 1\n\n"
	     "Package: a\nArchitecture: amd64\nAuto-Installed: 0\n",
	     "0644");
	capture();
	ck_assert_str_eq(resource("package:web"), "{\"hold\":true}");
	ck_assert_str_eq(resource("package:libweb"), "-");
	ck_assert_str_eq(resource("package:libalone"), "{}");
	ck_assert_str_eq(resource("package:a"), "{}");
	ck_assert_str_eq(resource("package:b"), "-");
	ck_assert_str_eq(resource("package:core"), "-");
	ck_assert_str_eq(resource("package:base"), "-");
	ck_assert_str_eq(resource("package:gone"), "-");
	end();
}
END_TEST

START_TEST(accounts_that_no_package_made)
{
	begin();
	json_object_set_new(snapshot, "users",
			    json_pack("{s:i, s:i, s:i, s:i, s:i, s:i}", "root",
				      0, "www-data", 33, "svc", 200, "daemond",
				      201, "alice", 1000, "nobody", 65534));
	json_object_set_new(snapshot, "groups",
			    json_pack("{s:i, s:i, s:i, s:i}", "root", 0, "svc",
				      200, "daemond", 201, "staff2", 1001));
	file("/var/lib/dpkg/info/d.postinst",
	     "#!/bin/sh\nadduser --system daemond\necho svc-like\n", "0755");
	file("/var/lib/dpkg/info/e.postinst", "#!/bin/sh\necho svc\n", "0755");
	capture();
	ck_assert_ptr_nonnull(strstr(resource("user:svc"), "\"uid\":200"));
	ck_assert_ptr_nonnull(strstr(resource("user:svc"), "\"system\":true"));
	ck_assert_ptr_nonnull(strstr(resource("user:alice"), "\"uid\":1000"));
	ck_assert_ptr_null(strstr(resource("user:alice"), "system"));
	ck_assert_str_eq(resource("user:daemond"), "-");
	ck_assert_str_eq(resource("user:www-data"), "-");
	ck_assert_str_eq(resource("user:root"), "-");
	ck_assert_str_eq(resource("user:nobody"), "-");
	ck_assert_str_eq(resource("group:svc"),
			 "{\"gid\":200,\"system\":true}");
	ck_assert_str_eq(resource("group:staff2"), "{\"gid\":1001}");
	ck_assert_str_eq(resource("group:daemond"), "-");
	end();
}
END_TEST

static void unit(const char *name, const char *wanted_by)
{
	file(arena_printf(&arena, "/lib/systemd/system/%s", name),
	     "[Install]\nWantedBy=multi-user.target\n", "0644");
	if (wanted_by)
		json_object_set_new(
			files,
			arena_printf(&arena, "/etc/systemd/system/%s.wants/%s",
				     wanted_by, name),
			json_pack(
				"{s:s, s:o}", "type", "link", "target",
				json_sprintf("/lib/systemd/system/%s", name)));
}

START_TEST(units_that_somebody_touched)
{
	static const char helper[] =
		"/var/lib/systemd/deb-systemd-helper-enabled";

	begin();
	unit("usual.service", "multi-user.target");
	unit("by-hand.service", "multi-user.target");
	unit("off.timer", NULL);
	unit("dead.service", NULL);
	file(arena_printf(&arena, "%s/usual.service.dsh-also", helper), "",
	     "0644");
	file(arena_printf(&arena, "%s/off.timer.dsh-also", helper), "", "0644");
	json_object_set_new(
		files, "/etc/systemd/system/dead.service",
		json_pack("{s:s, s:s}", "type", "link", "target", "/dev/null"));
	file("/etc/systemd/system/own.service",
	     "[Service]\nExecStart=/x\n"
	     "[Install]\nWantedBy=a.target\n",
	     "0644");
	capture();
	ck_assert_str_eq(resource("service:usual"), "-");
	ck_assert_str_eq(resource("service:by-hand"), "{\"enable\":true}");
	ck_assert_str_eq(resource("service:off.timer"), "{\"enable\":false}");
	ck_assert_str_eq(resource("service:dead"), "{\"enable\":\"masked\"}");
	ck_assert_str_eq(resource("service:own"),
			 "{\"enable\":false,\"require\":"
			 "\"file:/etc/systemd/system/own.service\"}");
	ck_assert_str_eq(resource("link:/etc/systemd/system/dead.service"),
			 "-");
	end();
}
END_TEST

START_TEST(mounts_and_the_time_zone)
{
	begin();
	file("/etc/fstab",
	     "# <file system> <mount point>\n"
	     "UUID=1 / ext4 errors=remount-ro 0 1\n"
	     "UUID=2 none swap sw 0 0\n"
	     "  /dev/sdb1\t/srv/my\\040data xfs noatime 1 2\n"
	     "tmpfs /mnt tmpfs\n"
	     "broken\n",
	     "0644");
	json_object_set_new(files, "/etc/localtime",
			    json_pack("{s:s, s:s}", "type", "link", "target",
				      "/usr/share/zoneinfo/Europe/Berlin"));
	capture();
	ck_assert_str_eq(resource("mount:/"), "-");
	ck_assert_str_eq(resource("mount:none"), "-");
	ck_assert_str_eq(resource("mount:/srv/my data"),
			 "{\"device\":\"/dev/sdb1\",\"fstype\":\"xfs\","
			 "\"options\":\"noatime\",\"dump\":1,\"pass\":2,"
			 "\"ensure\":\"present\"}");
	ck_assert_str_eq(resource("mount:/mnt"),
			 "{\"device\":\"tmpfs\",\"fstype\":\"tmpfs\","
			 "\"ensure\":\"present\"}");
	ck_assert_str_eq(resource("timezone:Europe/Berlin"), "{}");
	ck_assert_str_eq(resource("file:/etc/fstab"), "-");
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
	   packages_that_were_asked_for, accounts_that_no_package_made,
	   units_that_somebody_touched, mounts_and_the_time_zone,
	   what_scripts_of_packages_copied)
