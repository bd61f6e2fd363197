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
#define BERLIN FILE("/usr/share/zoneinfo/Europe/Berlin", "TZif")
#define ZONES BERLIN ", " LINK("/usr/share/zoneinfo/UTC", "Etc/UTC")
#define LOCAL(target) LINK("/etc/localtime", target)
#define HERE "'timezone:Europe/Berlin': {}"

START_TEST(the_link_leads_to_the_zone)
{
	becomes(HERE, ZONES ", " LOCAL("/usr/share/zoneinfo/UTC"),
		ZONES ", " LOCAL("../usr/share/zoneinfo/Europe/Berlin"));
	becomes(HERE, ZONES ", '/etc': {'type': 'directory'}",
		ZONES ", " LOCAL("../usr/share/zoneinfo/Europe/Berlin"));
	/* by whatever way */
	PLANS(HERE, ZONES ", " LOCAL("/usr/share/zoneinfo/Europe/Berlin"), "");
	PLANS(HERE,
	      ZONES ", " LOCAL(".././..//usr/share/zoneinfo/Europe/Berlin"),
	      "");
	PLANS("'timezone:here': {'zone': 'UTC'}",
	      ZONES ", " LOCAL("/usr/share/zoneinfo/Europe/Berlin"),
	      "~ timezone:here zone");
}
END_TEST

START_TEST(a_link_that_leads_elsewhere_is_wrong)
{
	static const char *const targets[] = {
		"/tmp/zoneinfo/Europe/Berlin",
		"usr/share/zoneinfo/Europe/Berlin",
		"/srv/usr/share/zoneinfo/Europe/Berlin",
		"/usr/share/zoneinfo/../../../tmp/zoneinfo/Europe/Berlin",
		"/usr/share/zoneinfo/posix/Europe/Berlin",
		"Europe/Berlin",
		"..",
	};

	for (size_t i = 0; i < COUNT(targets); i++) {
		AUTO_BUF struct buf host = { 0 };

		buf_printf(&host, ZONES ", " LOCAL("%s"), targets[i]);
		becomes(HERE, buf_text(&host),
			ZONES
			", " LOCAL("../usr/share/zoneinfo/Europe/Berlin"));
	}
}
END_TEST

START_TEST(a_copy_of_a_zone_gives_way)
{
	becomes(HERE, ZONES ", " FILE("/etc/localtime", "TZif"),
		ZONES ", " LOCAL("../usr/share/zoneinfo/Europe/Berlin"));
}
END_TEST

START_TEST(debians_file_is_kept_right_where_it_is)
{
	becomes(HERE,
		ZONES ", " LOCAL("/usr/share/zoneinfo/UTC") ", " FILE(
			"/etc/timezone", "Etc/UTC\\n"),
		ZONES
		", " LOCAL("../usr/share/zoneinfo/Europe/Berlin") ", " FILE(
			"/etc/timezone", "Europe/Berlin\\n"));
}
END_TEST

START_TEST(debians_file_has_one_who_writes_it)
{
#define ITS_FILE "'file:/etc/timezone': "
	REFUSES(HERE ",\n" ITS_FILE "{'content': 'UTC\\n'}",
		"'/etc/timezone' is managed by 'file:/etc/timezone' at "
		"m.json:3:1");
	REFUSES("'link:/etc/timezone': {'target': 'x'},\n" HERE,
		"'/etc/timezone' is managed by 'link:/etc/timezone' at "
		"m.json:2:1");
	/* what it has not, or is no content, is no other's business */
	becomes(HERE ", " ITS_FILE "{'ensure': 'absent'}",
		ZONES ", " LOCAL("/usr/share/zoneinfo/UTC") ", " FILE(
			"/etc/timezone", "Etc/UTC\\n"),
		ZONES ", " LOCAL("../usr/share/zoneinfo/Europe/Berlin"));
	becomes(HERE ", " ITS_FILE "{'mode': '0644'}",
		ZONES ", " LOCAL(
			"/usr/share/zoneinfo/UTC") ", "
						   "'/etc/timezone': {'type': "
						   "'file', 'mode': '0600', "
						   "'content': "
						   "'UTC\\n'}",
		ZONES
		", " LOCAL("../usr/share/zoneinfo/Europe/Berlin") ", " FILE(
			"/etc/timezone", "Europe/Berlin\\n"));
}
END_TEST

START_TEST(a_zone_must_be_there)
{
	PLANS("'timezone:Mars/Olympus': {}", ZONES,
	      "x timezone:Mars/Olympus (there is no zone 'Mars/Olympus' on "
	      "this host)");
	PLANS("'timezone:Europe': {}", ZONES,
	      "x timezone:Europe (there is no zone 'Europe' on this host)");
	planned(HERE, "");
	ck_assert(strstr(fixture_said(&f), "(install the package tzdata)"));
	fixture_release(&f);
}
END_TEST

START_TEST(zones_lead_nowhere_else)
{
	static const char *const wrong[] = {
		"",          "/UTC",  "Europe/", "Europe//Berlin",
		"../passwd", "a.tab", "-x",      "Etc/-x",
		"a b",       "a\\nb",
	};

	for (size_t i = 0; i < COUNT(wrong); i++) {
		AUTO_BUF struct buf b = { 0 };

		buf_printf(&b, "'timezone:x': {'zone': '%s'}", wrong[i]);
		REFUSES(buf_text(&b), "'zone' must be a name");
	}
}
END_TEST

TEST_SUITE("timezone", the_link_leads_to_the_zone,
	   a_link_that_leads_elsewhere_is_wrong, a_copy_of_a_zone_gives_way,
	   debians_file_is_kept_right_where_it_is,
	   debians_file_has_one_who_writes_it, a_zone_must_be_there,
	   zones_lead_nowhere_else)
