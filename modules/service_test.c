/* SPDX-License-Identifier: MIT */
#include "lib/fixture_test.h"
#include "lib/host/picture.h"

static struct fixture f;
static struct buf done; /* to the host: "start cron.service", a line each */
static struct host_writes writes;
static const struct host_writes *inner;

static bool note_change(struct host *h, const struct unit_change *c,
			struct arena *a, struct diags *d)
{
	buf_printf(&done, "%s%s %s%s", done.size ? "\n" : "",
		   unit_action_name(c->action), c->name,
		   c->runtime ? " runtime" : "");
	return inner->unit_change(h, c, a, d);
}

static bool note_run(struct host *h, const struct command *c,
		     const struct strings *makes, struct arena *a,
		     struct outcome *o, struct diags *d)
{
	AUTO(arena_release) struct arena mine = { 0 };

	buf_printf(&done, "%srun %s", done.size ? "\n" : "",
		   strings_join(&c->argv, " ", &mine));
	return inner->run(h, c, makes, a, o, d);
}

static struct host_looks looks;
static const char *newer; /* a file that it is older than */

static bool tell_age(const struct host *h, const struct unit *unit,
		     const struct strings *paths, struct arena *a,
		     struct unit_age *age, struct diags *d)
{
	(void)h;
	(void)unit;
	(void)a;
	(void)d;
	*age = (struct unit_age){ .since = 86400000000000 };
	if (newer && strings_have(paths, newer))
		age->newer = newer;
	return true;
}

/* As on a real host, where what a picture has changed has no inode. */
static bool look_real(const struct host *h, const char *path, struct node *n,
		      struct diags *d)
{
	bool ok = picture_look(h, path, n, d);

	n->inode = n->type == NODE_FILE;
	return ok;
}

static const char *planned(const char *manifest, const char *host)
{
	fixture_begin(&f, manifest, host);
	inner = f.host->writes;
	writes = *inner;
	writes.unit_change = note_change;
	writes.run = note_run;
	f.host->writes = &writes;
	looks = *f.host->looks;
	looks.unit_age = tell_age;
	looks.look = look_real;
	f.host->looks = &looks;
	buf_clear(&done);
	fixture_plan(&f, NULL);
	return fixture_shown(&f);
}

static void end(void)
{
	fixture_release(&f);
	buf_release(&done);
}

#define UNITS(units) "{'files': {}, 'units': {" units "}}"
#define CRON(active, enabled) \
	"'cron.service': {'active': '" active "', 'enabled': '" enabled "'}"
#define UNIT_FILE(path, text) \
	"'" path "': {'type': 'file', 'content': '" text "'}"
#define LINK(path, target) \
	"'" path "': {'type': 'link', 'target': '" target "'}"
#define INSTALL "[Install]\\nWantedBy=multi-user.target\\n"

#define PLANS(manifest, host, lines)                              \
	do {                                                      \
		ck_assert_str_eq(planned(manifest, host), lines); \
		end();                                            \
	} while (0)

#define DOES(manifest, host, lines, told, what)                   \
	do {                                                      \
		ck_assert_str_eq(planned(manifest, host), lines); \
		ck_assert_str_eq(fixture_apply(&f), told);        \
		ck_assert_str_eq(buf_text(&done), what);          \
		end();                                            \
	} while (0)

#define REFUSES(manifest, words)                                             \
	do {                                                                 \
		f = (struct fixture){ 0 };                                   \
		ck_assert_msg(!fixture_graph(&f, manifest), "%s", manifest); \
		ck_assert_str_eq(f.diags.v[0].text, words);                  \
		fixture_release(&f);                                         \
	} while (0)

START_TEST(what_is_as_wanted_is_left_alone)
{
	PLANS("'service:cron': {'ensure': 'running', 'enable': true}",
	      UNITS(CRON("active", "enabled")), "");
	PLANS("'service:cron.service': {'ensure': 'running'}",
	      UNITS(CRON("reloading", "disabled")), "");
	PLANS("'service:cron': {'ensure': 'stopped', 'enable': false}",
	      UNITS(CRON("failed", "static")), "");
	PLANS("'service:cron': {}", UNITS(CRON("inactive", "masked")), "");
}
END_TEST

START_TEST(it_is_started_and_stopped)
{
	DOES("'service:cron': {'ensure': 'running'}",
	     UNITS(CRON("inactive", "disabled")), "~ service:cron ensure",
	     "done service:cron", "start cron.service");
	DOES("'service:cron': {'ensure': 'running'}",
	     UNITS(CRON("activating", "disabled")), "~ service:cron ensure",
	     "done service:cron", "start cron.service");
	DOES("'service:cron': {'ensure': 'stopped'}",
	     UNITS(CRON("activating", "disabled")), "~ service:cron ensure",
	     "done service:cron", "stop cron.service");
}
END_TEST

START_TEST(it_is_enabled_before_it_is_started)
{
	DOES("'service:cron': {'ensure': 'running', 'enable': true}",
	     UNITS(CRON("failed", "disabled")), "~ service:cron ensure enable",
	     "done service:cron", "enable cron.service\nstart cron.service");
	DOES("'service:cron': {'ensure': 'stopped', 'enable': 'masked'}",
	     UNITS(CRON("active", "enabled")), "~ service:cron ensure enable",
	     "done service:cron", "stop cron.service\nmask cron.service");
	DOES("'service:cron': {'enable': false}",
	     UNITS(CRON("active", "enabled-runtime")), "~ service:cron enable",
	     "done service:cron", "disable cron.service runtime");
}
END_TEST

START_TEST(a_mask_goes_when_enable_is_given)
{
	PLANS("'service:cron': {'ensure': 'running'}",
	      UNITS(CRON("inactive", "masked")),
	      "x service:cron ('cron.service' is masked)");
	DOES("'service:cron': {'ensure': 'running', 'enable': true}",
	     UNITS(CRON("inactive", "masked-runtime")),
	     "~ service:cron ensure enable", "done service:cron",
	     "unmask cron.service runtime\nenable cron.service\n"
	     "start cron.service");
	DOES("'service:cron': {'enable': false}",
	     UNITS(CRON("inactive", "masked")), "~ service:cron enable",
	     "done service:cron", "unmask cron.service");
}
END_TEST

START_TEST(what_is_not_there_does_not_run)
{
	PLANS("'service:cron': {'ensure': 'running'}", "",
	      "x service:cron (there is no unit 'cron.service' on this host)");
	PLANS("'service:cron': {'enable': true}", "",
	      "x service:cron (there is no unit 'cron.service' on this host)");
	PLANS("'service:cron': {'ensure': 'stopped', 'enable': false}", "", "");
	DOES("'service:cron': {'enable': 'masked'}", "",
	     "~ service:cron enable", "done service:cron", "mask cron.service");
}
END_TEST

#define UNIT_PATH "/etc/systemd/system/app.service"

#define FOLDER "'/etc/systemd/system': {'type': 'directory'}"

START_TEST(its_file_may_be_planned)
{
	DOES("'service:app': {'ensure': 'running', 'enable': true}, "
	     "'file:" UNIT_PATH "': {'content': '" INSTALL "'}",
	     FOLDER, "+ file:" UNIT_PATH "\n~ service:app ensure enable",
	     "done file:" UNIT_PATH "\ndone service:app",
	     "enable app.service\nstart app.service");
	PLANS("'service:app': {'enable': true}, "
	      "'file:" UNIT_PATH "': {'content': '[Service]\\n'}",
	      FOLDER, "+ file:" UNIT_PATH);
	PLANS("'service:app': {'enable': 'masked'}, "
	      "'file:" UNIT_PATH "': {'content': ''}",
	      UNIT_FILE(UNIT_PATH, INSTALL), "~ file:" UNIT_PATH " content");
	PLANS("'service:app': {'enable': 'masked'}",
	      UNIT_FILE(UNIT_PATH, INSTALL),
	      "x service:app ('app.service' cannot be masked: its own file "
	      "is '" UNIT_PATH "', where the mask would be)");
}
END_TEST

START_TEST(it_is_stopped_before_its_file_goes)
{
	DOES("'file:" UNIT_PATH "': {'ensure': 'absent'}, "
	     "'service:app': {'ensure': 'stopped'}",
	     "{'files': {" UNIT_FILE(
		     UNIT_PATH, INSTALL) "}, 'units': "
					 "{'app.service': {'active': 'active', "
					 "'enabled': 'enabled'}}}",
	     "~ service:app ensure\n- file:" UNIT_PATH,
	     "done service:app\ndone file:" UNIT_PATH, "stop app.service");
}
END_TEST

START_TEST(drop_ins_come_first)
{
	PLANS("'service:app': {'ensure': 'running', 'require': 'file:/a'}, "
	      "'file:/a': {'content': ''}, "
	      "'file:" UNIT_PATH ".d/x.conf': {'content': ''}, "
	      "'directory:" UNIT_PATH ".d': {}, "
	      "'file:/etc/systemd/system/app.service.data': {'content': ''}",
	      UNIT_FILE(UNIT_PATH, ""),
	      "+ file:/a\n"
	      "+ directory:" UNIT_PATH ".d\n"
	      "+ file:" UNIT_PATH ".d/x.conf\n"
	      "x service:app ('app.service' is masked)\n"
	      "+ file:/etc/systemd/system/app.service.data");
}
END_TEST

#define CONF "'file:/c': {'content': 'x', 'notify': 'service:cron'}, "

START_TEST(a_notification_restarts_it)
{
	DOES(CONF "'service:cron': {'ensure': 'running'}",
	     UNITS(CRON("active", "enabled")),
	     "+ file:/c\n! service:cron (because file:/c changes)",
	     "done file:/c\ndone refresh service:cron", "restart cron.service");
	DOES(CONF "'service:cron': {'on_refresh': 'reload'}",
	     UNITS(CRON("active", "enabled")),
	     "+ file:/c\n! service:cron (because file:/c changes)",
	     "done file:/c\ndone refresh service:cron", "reload cron.service");
	DOES(CONF "'service:cron': {'on_refresh': 'none'}",
	     UNITS(CRON("active", "enabled")), "+ file:/c", "done file:/c", "");
}
END_TEST

START_TEST(what_is_just_started_is_not_restarted)
{
	DOES(CONF "'service:cron': {'ensure': 'running'}",
	     UNITS(CRON("inactive", "enabled")),
	     "+ file:/c\n~ service:cron ensure",
	     "done file:/c\ndone service:cron", "start cron.service");
	DOES(CONF "'service:cron': {'ensure': 'running', 'enable': true}",
	     UNITS(CRON("active", "disabled")),
	     "+ file:/c\n~ service:cron enable\n"
	     "! service:cron (because file:/c changes)",
	     "done file:/c\ndone service:cron\ndone refresh service:cron",
	     "enable cron.service\nrestart cron.service");
}
END_TEST

START_TEST(what_does_not_run_is_not_restarted)
{
	DOES(CONF "'service:cron': {'ensure': 'stopped'}",
	     UNITS(CRON("inactive", "enabled")), "+ file:/c", "done file:/c",
	     "");
	DOES(CONF "'service:cron': {}", UNITS(CRON("inactive", "enabled")),
	     "+ file:/c\n! service:cron (because file:/c changes)",
	     "done file:/c\ndone refresh service:cron", "");
	/* perhaps by an earlier restart, which is still owed */
	DOES(CONF "'service:cron': {}", UNITS(CRON("failed", "enabled")),
	     "+ file:/c\n! service:cron (because file:/c changes)",
	     "done file:/c\ndone refresh service:cron", "restart cron.service");
}
END_TEST

#define CHECKED(code)                               \
	"{'files': {}, 'commands': {'ok -t': " code \
	"}, 'units': {" CRON("active", "enabled") "}}"

START_TEST(a_check_that_fails_leaves_it_alone)
{
	DOES(CONF "'service:cron': {'check': ['ok', '-t']}", CHECKED("0"),
	     "+ file:/c\n! service:cron (because file:/c changes)",
	     "done file:/c\ndone refresh service:cron",
	     "run ok -t\nrestart cron.service");
	DOES(CONF "'service:cron': {'check': ['ok', '-t']}", CHECKED("1"),
	     "+ file:/c\n! service:cron (because file:/c changes)",
	     "done file:/c\nfailed refresh service:cron\n"
	     "it is left as it is: its check 'ok' exited with 1",
	     "run ok -t");
	DOES("'service:cron': {'ensure': 'stopped', 'check': ['ok', '-t']}",
	     CHECKED("1"), "~ service:cron ensure", "done service:cron",
	     "stop cron.service");
	DOES("'service:cron': {'ensure': 'running', 'enable': false, 'check': "
	     "['no']}",
	     "{'files': {}, 'commands': {'no': 2}, 'units': {" CRON(
		     "inactive", "enabled") "}}",
	     "~ service:cron ensure enable",
	     "failed service:cron\n"
	     "it is left as it is: its check 'no' exited with 2",
	     "run no");
}
END_TEST

static void shows(const char *more, const char *lines)
{
	const char *up = "{'files': {" UNIT_FILE(
		"/c", "x") "}, 'units': {" CRON("active", "enabled") "}}";
	AUTO_BUF struct buf manifest = { 0 };

	buf_printf(&manifest, CONF "'service:cron': {%s}", more);
	ck_assert_str_eq(planned(buf_text(&manifest), up), lines);
	end();
}

#define SINCE "(it runs since 1970-01-02T00:00:00Z, before /c changed)"

START_TEST(one_older_than_its_files_is_restarted)
{
	newer = "/c";
	shows("'ensure': 'running'", "~ service:cron fresh " SINCE);
	shows("'ensure': 'running', 'enable': false",
	      "~ service:cron enable fresh " SINCE);
	shows("'ensure': 'running', 'on_refresh': 'none'", "");
	shows("'ensure': 'stopped'", "~ service:cron ensure");
	shows("", "");
	/* what changes now notifies it */
	PLANS(CONF "'service:cron': {'ensure': 'running'}",
	      "{'files': {" UNIT_FILE("/c", "old") "}, 'units': {" CRON(
		      "active", "enabled") "}}",
	      "~ file:/c content\n"
	      "! service:cron (because file:/c changes)");
	newer = "/d"; /* which does not notify it */
	shows("'ensure': 'running'", "");
	newer = NULL;
}
END_TEST

static enum disruption disruption_of(const char *manifest, const char *host,
				     bool refresh)
{
	enum disruption class;

	planned(manifest, host);
	class = fixture_change(&f, "service:cron", refresh)->disruption;
	end();
	return class;
}

START_TEST(a_stop_disturbs)
{
	const char *down = UNITS(CRON("inactive", "enabled"));
	const char *up = UNITS(CRON("active", "enabled"));

	ck_assert_int_eq(disruption_of("'service:cron': {'ensure': 'running'}",
				       down, false),
			 DISRUPTION_NONE);
	ck_assert_int_eq(disruption_of("'service:cron': {'ensure': 'stopped'}",
				       up, false),
			 DISRUPTION_RESTART);
	ck_assert_int_eq(disruption_of(CONF "'service:cron': {}", up, true),
			 DISRUPTION_RESTART);
	ck_assert_int_eq(disruption_of(CONF "'service:cron': {'on_refresh': "
					    "'reload'}",
				       up, true),
			 DISRUPTION_RELOAD);
}
END_TEST

START_TEST(what_a_command_makes_is_unknown)
{
	PLANS("'exec:x': {'command': ['x'], 'creates': '" UNIT_PATH "', "
	      "'before': 'service:app'}, 'service:app': {'ensure': "
	      "'running'}",
	      "",
	      "~ exec:x done (" UNIT_PATH " is missing)\n"
	      "? service:app (made by a command that has not run)");
}
END_TEST

START_TEST(names_are_those_of_units)
{
	REFUSES("'service:x': {'name': '-H'}",
		"'name' must begin with a letter, a digit, ':', '_' or '\\'");
	REFUSES("'service:../x': {}",
		"'name' must consist of letters, digits and :-_.\\@");
	REFUSES("'service:a.service;': {}",
		"'name' must consist of letters, digits and :-_.\\@");
	REFUSES("'service:user.slice': {}",
		"'name' must be a service, socket, timer, target, path or "
		"mount");
	REFUSES("'service:getty@': {}",
		"'name' must name an instance: it is a template");
	REFUSES("'service:x': {'ensure': 'running', 'enable': 'masked'}",
		"what is masked cannot be running");
}
END_TEST

TEST_SUITE("service", what_is_as_wanted_is_left_alone,
	   it_is_started_and_stopped, it_is_enabled_before_it_is_started,
	   a_mask_goes_when_enable_is_given, what_is_not_there_does_not_run,
	   its_file_may_be_planned, it_is_stopped_before_its_file_goes,
	   drop_ins_come_first, a_notification_restarts_it,
	   what_is_just_started_is_not_restarted,
	   what_does_not_run_is_not_restarted,
	   a_check_that_fails_leaves_it_alone,
	   one_older_than_its_files_is_restarted, a_stop_disturbs,
	   what_a_command_makes_is_unknown, names_are_those_of_units)
