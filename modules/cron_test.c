/* SPDX-License-Identifier: MIT */
#include "lib/fixture_test.h"

#include "modules/parts/schedule.h"

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

#define HOST(files, users)                                               \
	"{'files': {" files "}, 'users': {'root': {'uid': 0, 'gid': 0, " \
	"'home': '/root'}" users "}, 'groups': {'root': {'gid': 0, "     \
	"'members': []}}}"
#define BACKUP ", 'backup': {'uid': 34, 'gid': 34, 'home': '/var/backups'}"
#define FOLDERS ETC ", '/etc/cron.d': {'type': 'directory'}"
#define ETC "'/etc': {'type': 'directory'}"

/* The file of a job that is made anew. */
static void renders(const char *attributes, const char *lines)
{
	AUTO_BUF struct buf manifest = { 0 };
	AUTO_BUF struct buf files = { 0 };
	AUTO_BUF struct buf again = { 0 };

	buf_printf(&manifest, "'cron:job': {%s}", attributes);
	buf_printf(
		&files,
		ETC
		", '/etc/cron.d/job': {'type': 'file', 'content': '# Managed "
		"by converge: cron:job. Changes made here are lost.\\n%s'}",
		lines);
	buf_printf(&again, HOST("%s", BACKUP), buf_text(&files));
	ck_assert_str_eq(planned(buf_text(&manifest), HOST(ETC, BACKUP)),
			 "+ cron:job");
	ck_assert_str_eq(fixture_apply(&f), "done cron:job");
	fixture_check_files(&f, buf_text(&files));
	fixture_release(&f);
	PLANS(buf_text(&manifest), buf_text(&again), "");
}

START_TEST(schedules)
{
	static const struct {
		const char *text, *wrong; /* NULL: it is right */
	} v[] = {
		{ "* * * * *", NULL },
		{ "*/5 0-23/2 1,15,31 jan,MAR-dec Mon-Fri", NULL },
		{ "  0\t4  * *   7 ", NULL },
		{ "59 23 31 12 sun", NULL },
		{ "0-59/59 0 1-31 1-12 0-7", NULL },
		{ "@daily", NULL },
		{ "@reboot", NULL },
		{ "@fortnightly", "'@fortnightly' is not a word" },
		{ "@Daily", "'@Daily' is not a word" },
		{ "@daily ", "'@daily ' is not a word" },
		{ "", "has 0 fields" },
		{ "*", "has 1 field;" },
		{ "* * * *", "has 4 fields" },
		{ "0 * * * * *", "has 6 fields; cron takes 5" },
		{ "60 * * * *", "minute 60 is not in 0 to 59" },
		{ "* 24 * * *", "hour 24 is not in 0 to 23" },
		{ "* * 0 * *", "day 0 is not in 1 to 31" },
		{ "* * * 13 *", "month 13 is not in 1 to 12" },
		{ "* * * 0 *", "month 0 is not in 1 to 12" },
		{ "* * * * 8", "weekday 8 is not in 0 to 7" },
		{ "99999999999999999999 * * * *", "is not in 0 to 59" },
		{ "-1 * * * *", "must be a number" },
		{ "jan * * * *", "minute 'jan' must be a number" },
		{ "* * * foo *", "name of three letters" },
		{ "* * * january *", "is not expected there" },
		{ "* * * * fri-sun", "weekday 5-0 runs backwards" },
		{ "30-10 * * * *", "minute 30-10 runs backwards" },
		{ "5/10 * * * *", "needs a range before '/'" },
		{ "*/0 * * * *", "minute 0 is not in" },
		{ "*/60 * * * *", "minute 60 is not in" },
		{ "*/ * * * *", "must be a number after '/'" },
		{ "*/x * * * *", "must be a number after '/'" },
		{ "1, * * * *", "must be a number" },
		{ ",1 * * * *", "must be a number" },
		{ "1-  * * * *", "must be a number" },
		{ "1-2-3 * * * *", "is not expected there" },
		{ "*5 * * * *", "is not expected there" },
		{ "** * * * *", "is not expected there" },
		{ "1~5 * * * *", "is not expected there" },
		{ "? * * * *", "must be a number" },
		{ "* * L * *", "must be a number" },
		{ "* * * *\n*", "has 4 fields" },
	};

	for (size_t i = 0; i < COUNT(v); i++) {
		AUTO_DIAGS struct diags d = { 0 };
		bool ok = schedule_check(v[i].text, &d);

		ck_assert_msg(ok == !v[i].wrong, "%s", v[i].text);
		ck_assert_uint_eq(d.n, v[i].wrong ? 1 : 0);
		if (v[i].wrong)
			ck_assert_msg(strstr(d.v[0].text, v[i].wrong), "%s: %s",
				      v[i].text, d.v[0].text);
	}
}
END_TEST

START_TEST(a_job_is_a_file_of_its_own)
{
	renders("'schedule': '*/5  * * *\\t*', 'command': ' run it'",
		"*/5 * * * * root run it\\n");
	renders("'schedule': '@daily', 'command': 'date +\\\\%F', 'user': "
		"'backup'",
		"@daily backup date +\\\\%F\\n");
}
END_TEST

START_TEST(variables_are_quoted_where_cron_needs_it)
{
	renders("'schedule': '@daily', 'command': 'x', 'env': {'MAILTO': '', "
		"'A': 'b c', 'B': ' b ', 'C': 'it\\'s'}",
		"MAILTO=\\\"\\\"\\nA=b c\\nB=\\\" b \\\"\\nC=it\\\"s\\n@daily "
		"root x\\n");
	REFUSES("'cron:a': {'schedule': '@daily', 'command': 'x', 'env': "
		"{'A': 'b\\nc'}}",
		"'env': 'A' must be one line");
}
END_TEST

START_TEST(names_that_cron_ignores_are_refused)
{
	REFUSES("'cron:backup.sh': {'ensure': 'absent'}",
		"not 'backup.sh' (cron ignores files that have a dot");
	REFUSES("'cron:../x': {'ensure': 'absent'}", "'name' must be letters");
	REFUSES("'cron:-x': {'ensure': 'absent'}", "'name' must be letters");
	REFUSES("'cron:a b': {'ensure': 'absent'}", "'name' must be letters");
	REFUSES("'cron:a': {'name': '', 'ensure': 'absent'}",
		"'name' must be letters");
}
END_TEST

#define JOB(attributes) "'cron:a': {'schedule': '@daily', " attributes "}"

START_TEST(commands_that_cron_would_not_run_as_written_are_refused)
{
	REFUSES(JOB("'command': 'a\\nb'"), "must be one line");
	REFUSES(JOB("'command': 'a\\u007fb'"), "must be one line");
	REFUSES(JOB("'command': ' \\t'"), "must not be empty");
	REFUSES(JOB("'command': 'date +%F'"), "cron ends it at the '%'");
	REFUSES(JOB("'command': 'date +\\\\\\\\%F'"), "cron ends it at the");
	REFUSES(JOB("'command': 'x', 'user': '1000'"), "must be a name");
	REFUSES(JOB("'command': 'x', 'user': 'a b'"), "'user' must be a name");
	REFUSES(JOB("'user': 'root'"), "'command' is missing");
	REFUSES("'cron:a': {'command': 'x'}", "'schedule' is missing");
	REFUSES("'cron:a': {'command': 'x', 'schedule': '1 2 3'}",
		"has 3 fields");
}
END_TEST

START_TEST(long_commands_are_refused)
{
	AUTO_BUF struct buf b = { 0 };

	buf_puts(&b, "'cron:a': {'schedule': '@daily', 'command': '");
	for (int i = 0; i < 999; i++)
		buf_putc(&b, 'x');
	buf_puts(&b, "'}");
	REFUSES(buf_text(&b), "longer than the 998 bytes");
}
END_TEST

START_TEST(what_differs_is_put_right)
{
	const char *job = "'cron:job': {'schedule': '@daily', 'command': 'x'}";

	PLANS(job, "'/etc/cron.d/job': {'type': 'file', 'content': ''}",
	      "~ cron:job content");
	PLANS(job,
	      "'/etc/cron.d/job': {'type': 'file', 'mode': '0664', 'content': "
	      "'# Managed by converge: cron:job. Changes made here are "
	      "lost.\\n@daily root x\\n'}",
	      "~ cron:job mode");
	PLANS(job,
	      "'/etc/cron.d/job': {'type': 'file', 'uid': 1000, 'content': "
	      "'# Managed by converge: cron:job. Changes made here are "
	      "lost.\\n@daily root x\\n'}",
	      "~ cron:job owner");
	PLANS(job, "'/etc/cron.d/job': {'type': 'link', 'target': 'x'}",
	      "~ cron:job type content");
	PLANS(job, "'/etc/cron.d/job': {'type': 'directory'}",
	      "x cron:job ('/etc/cron.d/job' is a directory)");
	PLANS("'cron:job': {'ensure': 'absent'}", "", "");
	PLANS("'cron:job': {'ensure': 'absent'}",
	      "'/etc/cron.d/job': {'type': 'file', 'content': ''}",
	      "- cron:job");
}
END_TEST

/* cron says of one that is not there no more than a line in its log. */
START_TEST(its_user_must_be_there)
{
#define OF_ADA "'cron:a': {'schedule': '@daily', 'command': 'x', 'user': 'ada'}"
#define WITH(users) HOST(FOLDERS, users)
#define ADA ", 'ada': {'uid': 1000, 'gid': 1000, 'home': '/home/ada'}"
	PLANS(OF_ADA, WITH(""),
	      "x cron:a (there is no user 'ada' on this host)");
	PLANS(OF_ADA, WITH(ADA), "+ cron:a");
	PLANS(OF_ADA ", 'user:ada': {'home': '/srv'}", WITH(""),
	      "+ user:ada\n+ cron:a");
	PLANS(OF_ADA ", 'user:ada': {'ensure': 'absent'}", WITH(ADA),
	      "- user:ada\nx cron:a (there is no user 'ada' on this host)");
	PLANS("'cron:a': {'ensure': 'absent', 'user': 'ada'}", WITH(""), "");
}
END_TEST

START_TEST(its_file_is_its_own)
{
	REFUSES(JOB("'command': 'x'") ", 'file:/etc/cron.d/a': {}",
		"'/etc/cron.d/a'");
	/* and is no stray one */
	PLANS(JOB("'command': 'x'") ", 'directory:/etc/cron.d': {'purge': "
				    "true}",
	      "'/etc/cron.d/a': {'type': 'file', 'content': ''}, "
	      "'/etc/cron.d/b': {'type': 'file', 'content': ''}",
	      "- file:/etc/cron.d/b\n~ cron:a content");
}
END_TEST

TEST_SUITE("cron", schedules, a_job_is_a_file_of_its_own,
	   variables_are_quoted_where_cron_needs_it,
	   names_that_cron_ignores_are_refused,
	   commands_that_cron_would_not_run_as_written_are_refused,
	   long_commands_are_refused, what_differs_is_put_right,
	   its_user_must_be_there, its_file_is_its_own)
