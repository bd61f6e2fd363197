/* SPDX-License-Identifier: MIT */
#include "lib/simulate/debian.h"

#include <string.h>

#include "lib/host/host.h"
#include "lib/test.h"

START_TEST(it_is_a_snapshot)
{
	AUTO_DIAGS struct diags d = { 0 };
	json_t *json = debian_picture("web-1");
	struct host *h = host_snapshot(json, &d);
	struct node n;

	ck_assert_msg(h != NULL, "%s", d.n ? d.v[0].text : "?");
	ck_assert(host_look(h, "/tmp", &n, &d));
	ck_assert_uint_eq(n.mode, 01777);
	ck_assert(host_runs(h));
	host_close(h);
	json_decref(json);
}
END_TEST

START_TEST(it_has_what_a_host_has)
{
	AUTO(arena_release) struct arena a = { 0 };
	AUTO_DIAGS struct diags d = { 0 };
	json_t *json = debian_picture("web-1");
	struct host *h = host_snapshot(json, &d);
	AUTO_BUF struct buf text = { 0 };
	struct package p;
	struct unit unit;
	uint32_t id;
	bool whole;

	ck_assert(host_user_id(h, "www-data", &id) && id == 33);
	ck_assert(host_group_id(h, "shadow", &id) && id == 42);
	ck_assert(host_package(h, NULL, "systemd", &a, &p, &d));
	ck_assert_int_eq(p.state, PACKAGE_INSTALLED);
	ck_assert(host_package(h, NULL, "nginx", &a, &p, &d));
	ck_assert_int_eq(p.state, PACKAGE_ABSENT);
	ck_assert(host_unit_file(h, "cron.service", &a, &unit, &d));
	ck_assert_int_eq(unit.enabled, UNIT_ENABLED);
	ck_assert(host_unit_file(h, "nginx.service", &a, &unit, &d));
	ck_assert_int_eq(unit.enabled, UNIT_NO_FILE);
	ck_assert(host_read(h, "/etc/hostname", 100, &text, &whole, &d));
	ck_assert_str_eq(buf_text(&text), "web-1\n");
	host_close(h);
	json_decref(json);
}
END_TEST

START_TEST(what_packages_fill_is_not_known)
{
	AUTO_DIAGS struct diags d = { 0 };
	json_t *json = debian_picture("web-1");
	struct host *h = host_snapshot(json, &d);
	struct node n;

	ck_assert(host_look(h, "/usr/bin/what", &n, &d));
	ck_assert_int_eq(n.type, NODE_UNKNOWN);
	ck_assert(host_look(h, "/bin/what", &n, &d));
	ck_assert_int_eq(n.type, NODE_UNKNOWN);
	ck_assert(host_look(h, "/etc/what", &n, &d));
	ck_assert_int_eq(n.type, NODE_ABSENT);
	ck_assert(host_look(h, "/usr/local/bin/what", &n, &d));
	ck_assert_int_eq(n.type, NODE_ABSENT);
	host_close(h);
	json_decref(json);
}
END_TEST

TEST_SUITE("debian", it_is_a_snapshot, it_has_what_a_host_has,
	   what_packages_fill_is_not_known)
