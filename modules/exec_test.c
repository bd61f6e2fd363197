/* SPDX-License-Identifier: MIT */
#include "lib/fixture_test.h"

static struct fixture f;
static struct book book;
static struct watched *w;
static struct applied applied;

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

#define REFUSES(manifest, lines)                                             \
	do {                                                                 \
		f = (struct fixture){ 0 };                                   \
		ck_assert_msg(!fixture_graph(&f, manifest), "%s", manifest); \
		ck_assert_str_eq(fixture_said(&f), lines);                   \
		fixture_release(&f);                                         \
	} while (0)

/* --- a host whose commands end as a test says --- */

static struct command ran; /* the last one that ran */
static struct outcome endings[4];
static size_t runs, pauses;
static bool may_pause;

static bool run(struct host *h, const struct command *c,
		const struct strings *makes, struct arena *a, struct outcome *o,
		struct diags *d)
{
	(void)h;
	(void)makes;
	(void)a;
	(void)d;
	ran = *c;
	*o = endings[runs < COUNT(endings) ? runs : COUNT(endings) - 1];
	runs++;
	return true;
}

static bool wait_a_while(struct host *h, int64_t milliseconds)
{
	(void)h;
	ck_assert_int_gt(milliseconds, 0);
	pauses++;
	return may_pause;
}

static struct outcome exits(int code)
{
	return (struct outcome){ .ending = ENDED_EXIT, .code = code };
}

/* Applies a manifest on that host; the ids of changes and how they ended. */
static const char *applies(const char *manifest)
{
	static struct host_writes writes;
	struct apply_options o = { 0 };

	planned(manifest, "");
	w = watched_new(f.host, &book);
	writes = watched_writes;
	writes.run = run;
	writes.pause = wait_a_while;
	w->host.writes = &writes;
	runs = pauses = 0;
	may_pause = true;
	ck_assert(apply_plan(&applied, &f.plan, &w->host, &o, &f.diags));
	host_close(&w->host);
	return verdict_name(applied.verdicts[0]);
}

static void end_all(struct outcome o)
{
	for (size_t i = 0; i < COUNT(endings); i++)
		endings[i] = o;
}

static void teardown(void)
{
	fixture_release(&f);
	arena_release(&book.arena);
	book = (struct book){ 0 };
}

START_TEST(a_string_is_for_a_shell)
{
	REFUSES("'exec:a': {'command': 'a b'}",
		"m.json:2:1: exec:a: 'command' must be a list of arguments "
		"(write [\"program\", \"argument\"], or add \"shell\": true)");
	REFUSES("'exec:a': {'command': ['a'], 'shell': true, 'cwd': '/'},\n"
		"'exec:b': {'command': ['a', 'b'], 'shell': true}",
		"m.json:3:1: exec:b: with 'shell', 'command' must be one "
		"string");
}
END_TEST

START_TEST(a_program_is_a_name_or_an_absolute_path)
{
	f = (struct fixture){ 0 };
	ck_assert(!fixture_graph(&f, "'exec:a': {'command': './a'}"));
	ck_assert_ptr_nonnull(strstr(f.diags.v[0].text,
				     "'command': the program must be a "
				     "plain name or an absolute path"));
	fixture_release(&f);
	PLANS("'exec:a': {'command': 'a'}, 'exec:b': {'command': ['/bin/b']}",
	      "", "~ exec:a done\n~ exec:b done");
}
END_TEST

START_TEST(creates_is_not_for_refreshes)
{
	REFUSES("'exec:a': {'command': ['a'], 'creates': '/x', 'refreshonly': "
		"true}",
		"m.json:2:1: exec:a: 'creates' has no meaning with "
		"'refreshonly'");
}
END_TEST

START_TEST(it_always_runs_unless_something_speaks_against_it)
{
	PLANS("'exec:a': {'command': ['a']}", "", "~ exec:a done");
	PLANS("'exec:a': {'command': ['a'], 'refreshonly': true}", "", "");
	PLANS("'exec:a': {'command': ['a'], 'creates': '/x'}",
	      "'/x': {'type': 'link', 'target': 'nowhere'}", "");
	PLANS("'exec:a': {'command': ['a'], 'creates': ['/x', '/y']}",
	      "'/x': {'type': 'directory'}", "~ exec:a done (/y is missing)");
}
END_TEST

START_TEST(guards)
{
	static const char host[] = "{'files': {}, 'commands': {'yes': 0, 'no': "
				   "1, 'bad': 127}}";

	PLANS("'exec:a': {'command': ['a'], 'onlyif': ['yes']}, 'exec:b': "
	      "{'command': ['b'], 'onlyif': ['no']}, 'exec:c': {'command': "
	      "['c'], 'unless': ['yes']}, 'exec:d': {'command': ['d'], "
	      "'unless': ['no']}",
	      host, "~ exec:a done\n~ exec:d done");
	PLANS("'exec:a': {'command': ['a'], 'onlyif': [['yes'], ['no']]}, "
	      "'exec:b': {'command': ['b'], 'unless': [['no'], ['yes']]}, "
	      "'exec:c': {'command': ['c'], 'unless': [['no'], ['bad']]}, "
	      "'exec:d': {'command': ['d'], 'onlyif': ['yes'], 'unless': "
	      "['yes']}, 'exec:e': {'command': ['e'], 'onlyif': ['bad']}",
	      host, "~ exec:c done");
}
END_TEST

/* A guard that is not needed is not asked. */
START_TEST(the_first_no_is_enough)
{
	PLANS("'exec:a': {'command': ['a'], 'onlyif': [['no'], ['unknown']]}, "
	      "'exec:b': {'command': ['b'], 'creates': '/x', 'onlyif': "
	      "['unknown']}, 'exec:c': {'command': ['c'], 'unless': [['yes'], "
	      "['unknown']]}",
	      "{'files': {'/x': {'type': 'file', 'content': ''}}, 'commands': "
	      "{'no': 1, 'yes': 0}}",
	      "");
}
END_TEST

static struct outcome answer;
static struct command asked;
static struct buf asked_how; /* "g g! ": in the sandbox, and without it */

static bool ask(const struct host *h, const struct command *c, struct arena *a,
		struct outcome *o, struct diags *d)
{
	(void)a;
	(void)d;
	asked = *c;
	*o = answer;
	buf_printf(&asked_how, "%s%s ", c->argv.v[0], h->acting ? "!" : "");
	return true;
}

/* A plan on a host whose guards end as answer says. */
static const char *asks(const char *manifest)
{
	static struct host_looks looks;

	fixture_begin(&f, manifest, "");
	looks = *f.host->looks;
	looks.ask = ask;
	f.host->looks = &looks;
	fixture_plan(&f, NULL);
	return fixture_shown(&f);
}

START_TEST(guards_that_do_not_end_well)
{
	static const struct {
		struct outcome outcome;
		const char *lines;
	} v[] = {
		{ { .ending = ENDED_SIGNAL, .code = 9 },
		  "x exec:a (guard 'g' was killed by signal 9)" },
		{ { .ending = ENDED_TIMEOUT },
		  "x exec:a (guard 'g' took too long and was ended)" },
		{ { .ending = ENDED_NOT_STARTED, .because = "no such program" },
		  "x exec:a (guard 'g' could not be run: no such program)" },
		{ { .ending = ENDED_INTERRUPTED },
		  "x exec:a (guard 'g' was ended because the run was told to "
		  "stop)" },
		{ { .ending = ENDED_UNKNOWN, .because = "it wrote" },
		  "? exec:a (its guard 'g': it wrote)" },
	};

	for (size_t i = 0; i < COUNT(v); i++) {
		answer = v[i].outcome;
		ck_assert_str_eq(asks("'exec:a': {'command': ['a'], 'onlyif': "
				      "['g']}"),
				 v[i].lines);
		fixture_release(&f);
	}
}
END_TEST

START_TEST(guards_run_as_the_command_does)
{
	answer = exits(1);
	asks("'exec:a': {'command': ['a'], 'onlyif': ['g', 'x'], 'cwd': "
	     "'/srv', 'user': 'app', 'group': 'www', 'env': {'A': 'b'}, "
	     "'umask': '077', 'timeout': '7s', 'stdin': 'not for guards'}");
	ck_assert_str_eq(asked.argv.v[0], "g");
	ck_assert_uint_eq(asked.argv.n, 2);
	ck_assert_str_eq(asked.cwd, "/srv");
	ck_assert_str_eq(asked.user, "app");
	ck_assert_str_eq(asked.group, "www");
	ck_assert_str_eq(asked.env.v[0], "A=b");
	ck_assert_int_eq(asked.umask, 077);
	ck_assert_int_eq(asked.timeout, 7000);
	ck_assert_ptr_null(asked.input);
	fixture_release(&f);
}
END_TEST

/* How the guards of a plan are asked that is applied at once. */
static const char *asks_now(const char *manifest, int max_disruption)
{
	static struct host_looks looks;
	struct plan_options o = { .max_disruption = max_disruption };

	fixture_begin(&f, manifest,
		      "{'files': {'/x': {'type': 'file', 'content': ''}}}");
	looks = *f.host->looks;
	looks.ask = ask;
	f.host->looks = &looks;
	o.acting = f.host;
	buf_clear(&asked_how);
	fixture_plan(&f, &o);
	ck_assert(!f.host->acting);
	return buf_text(&asked_how);
}

/* Where apply would ask them anyway, and they find what they would then. */
START_TEST(an_apply_asks_its_guards_once)
{
	static const struct {
		const char *manifest;
		int max_disruption;
		const char *how, *lines;
	} v[] = {
		{ "'exec:a': {'command': ['a'], 'unless': ['g']}, 'exec:b': "
		  "{'command': ['b'], 'unless': ['h'], 'require': 'exec:a'}",
		  -1, "g! h! ", "" },
		{ "'file:/x': {'content': ''}, 'exec:a': {'command': ['a'], "
		  "'unless': ['g'], 'require': 'file:/x'}",
		  -1, "g! ", "" },
		{ "'file:/x': {'content': 'new'}, 'exec:a': {'command': "
		  "['a'], 'unless': ['g'], 'require': 'file:/x'}",
		  -1, "",
		  "~ file:/x content\n"
		  "? exec:a (its guards until file:/x has changed)" },
		{ "'exec:a': {'command': ['a'], 'onlyif': ['g'], 'noop': true}",
		  -1, "g ", "= exec:a (withheld: noop)" },
		{ "'exec:a': {'command': ['a'], 'onlyif': ['g'], "
		  "'disruption': 'restart'}",
		  DISRUPTION_RELOAD, "g ",
		  "= exec:a (withheld: its disruption is restart, and "
		  "reload is allowed)" },
		{ "'exec:a': {'command': ['a'], 'onlyif': ['g'], "
		  "'disruption': 'restart'}",
		  DISRUPTION_RESTART, "g! ", "~ exec:a done" },
	};

	answer = exits(0);
	for (size_t i = 0; i < COUNT(v); i++) {
		ck_assert_str_eq(asks_now(v[i].manifest, v[i].max_disruption),
				 v[i].how);
		ck_assert_str_eq(fixture_shown(&f), v[i].lines);
		fixture_release(&f);
	}
	buf_release(&asked_how);
}
END_TEST

START_TEST(the_command_is_as_written)
{
	end_all(exits(0));
	ck_assert_str_eq(
		applies("'exec:a': {'command': ['a', '', 'b c'], 'cwd': "
			"'/srv', 'user': 'app', 'group': '33', 'env': {'A': "
			"'b', 'C': ''}, 'umask': '027', 'timeout': '1h', "
			"'stdin': 'in\\n'}"),
		"done");
	ck_assert_uint_eq(ran.argv.n, 3);
	ck_assert_str_eq(ran.argv.v[2], "b c");
	ck_assert_str_eq(ran.cwd, "/srv");
	ck_assert_str_eq(ran.user, "app");
	ck_assert_str_eq(ran.group, "33");
	ck_assert_str_eq(ran.env.v[1], "C=");
	ck_assert_int_eq(ran.umask, 027);
	ck_assert_int_eq(ran.timeout, 3600 * 1000);
	ck_assert_uint_eq(ran.input_size, 3);
	ck_assert_mem_eq(ran.input, "in\n", 3);
	teardown();
}
END_TEST

START_TEST(what_is_not_said_has_a_default)
{
	end_all(exits(0));
	ck_assert_str_eq(applies("'exec:a': {'command': ['a']}"), "done");
	ck_assert_str_eq(ran.cwd, "/");
	ck_assert_ptr_null(ran.user);
	ck_assert_ptr_null(ran.group);
	ck_assert_uint_eq(ran.env.n, 0);
	ck_assert_int_eq(ran.umask, 022);
	ck_assert_int_eq(ran.timeout, 5 * 60 * 1000);
	ck_assert_ptr_null(ran.input);
	ck_assert_uint_eq(ran.input_size, 0);
	teardown();
}
END_TEST

START_TEST(codes_that_mean_success)
{
	static const struct {
		const char *returns;
		int code;
		const char *verdict;
	} v[] = {
		{ "0", 0, "done" },       { "0", 1, "failed" },
		{ "[0, 2]", 2, "done" },  { "[0, 2]", 1, "failed" },
		{ "3", 3, "done" },       { "3", 0, "failed" },
		{ "[255]", 255, "done" },
	};
	AUTO_BUF struct buf b = { 0 };

	for (size_t i = 0; i < COUNT(v); i++) {
		buf_clear(&b);
		buf_printf(&b, "'exec:a': {'command': ['a'], 'returns': %s}",
			   v[i].returns);
		end_all(exits(v[i].code));
		ck_assert_msg(strcmp(applies(b.text), v[i].verdict) == 0,
			      "%s: %d", v[i].returns, v[i].code);
		teardown();
	}
}
END_TEST

START_TEST(endings_that_are_failures)
{
	static const struct {
		struct outcome outcome;
		const char *text;
	} v[] = {
		{ { .ending = ENDED_EXIT, .code = 7 }, "'a' exited with 7" },
		{ { .ending = ENDED_SIGNAL, .code = 11 },
		  "'a' was killed by signal 11" },
		{ { .ending = ENDED_TIMEOUT },
		  "'a' took too long and was ended" },
		{ { .ending = ENDED_NOT_STARTED, .because = "no 'a'" },
		  "'a' could not be run: no 'a'" },
		{ { .ending = ENDED_UNKNOWN, .because = "it is lost" },
		  "'a' could not be run: it is lost" },
	};

	for (size_t i = 0; i < COUNT(v); i++) {
		end_all(v[i].outcome);
		ck_assert_str_eq(applies("'exec:a': {'command': ['a']}"),
				 "failed");
		ck_assert_str_eq(f.diags.v[0].text, v[i].text);
		teardown();
	}
}
END_TEST

/* --- tries --- */

START_TEST(one_success_in_some_tries_is_enough)
{
	end_all(exits(1));
	endings[2] = exits(0);
	ck_assert_str_eq(applies("'exec:a': {'command': ['a'], 'tries': 4}"),
			 "done");
	ck_assert_uint_eq(runs, 3);
	ck_assert_uint_eq(pauses, 2);
	ck_assert_uint_eq(f.diags.n, 0);
	teardown();
}
END_TEST

START_TEST(all_tries_fail)
{
	end_all(exits(1));
	ck_assert_str_eq(applies("'exec:a': {'command': ['a'], 'tries': 3}"),
			 "failed");
	ck_assert_uint_eq(runs, 3);
	ck_assert_uint_eq(pauses, 2);
	ck_assert_uint_eq(f.diags.n, 1);
	teardown();
}
END_TEST

START_TEST(no_more_tries_when_the_run_is_to_stop)
{
	end_all((struct outcome){ .ending = ENDED_INTERRUPTED });
	ck_assert_str_eq(applies("'exec:a': {'command': ['a'], 'tries': 5}"),
			 "failed");
	ck_assert_uint_eq(runs, 1);
	ck_assert_uint_eq(pauses, 0);
	teardown();
}
END_TEST

START_TEST(a_picture_does_not_try_and_wait)
{
	PLANS("'exec:a': {'command': ['a'], 'tries': 100, 'try_sleep': '1d', "
	      "'returns': 9}",
	      "", "~ exec:a done");
}
END_TEST

/* --- what it said --- */

static struct outcome saying(const char *output, const char *errors)
{
	struct outcome o = { .ending = ENDED_EXIT, .code = 1 };

	if (output)
		buf_puts(&o.output, output);
	if (errors)
		buf_puts(&o.errors, errors);
	return o;
}

static const char *hint(const char *output, const char *errors)
{
	endings[0] = saying(output, errors);
	ck_assert_str_eq(applies("'exec:a': {'command': ['a']}"), "failed");
	return f.diags.v[0].hint ? f.diags.v[0].hint : "";
}

START_TEST(what_a_command_said_is_a_hint)
{
	ck_assert_str_eq(hint(NULL, NULL), "");
	teardown();
	ck_assert_str_eq(hint("out\n", NULL), "it said: out");
	teardown();
	ck_assert_str_eq(hint("out", "err\nmore\n\n"), "it said: err\nmore");
	teardown();
	ck_assert_str_eq(hint("\x1b[31mred", NULL), "it said: \\x1b[31mred");
	teardown();
}
END_TEST

START_TEST(only_the_end_of_it_is_shown)
{
	AUTO_BUF struct buf b = { 0 };
	const char *shown;

	for (int i = 0; i < 1000; i++)
		buf_printf(&b, "%d\n", i);
	shown = hint(b.text, NULL);
	ck_assert_uint_lt(strlen(shown), 700);
	ck_assert_str_eq(shown + strlen(shown) - 3, "999");
	ck_assert_ptr_null(strstr(shown, "\n100\n"));
	teardown();
}
END_TEST

/* --- refreshes --- */

START_TEST(a_refresh_runs_the_command)
{
	end_all(exits(0));
	applies("'file:/a': {'notify': 'exec:x'}, 'exec:x': {'command': "
		"['x', 'y'], 'refreshonly': true}");
	ck_assert_uint_eq(runs, 1);
	ck_assert_str_eq(ran.argv.v[1], "y");
	ck_assert_int_eq(applied.verdicts[1], VERDICT_DONE);
	teardown();
}
END_TEST

START_TEST(a_refresh_does_not_ask_whether_it_was_made)
{
	static const char manifest[] =
		"'file:/a': {'notify': 'exec:x'}, 'exec:x': {'command': ['x'],"
		" 'creates': '/y'}";

	PLANS(manifest, "'/y': {'type': 'file', 'content': ''}",
	      "+ file:/a\n! exec:x (because file:/a changes)");
}
END_TEST

START_TEST(a_refresh_that_fails_says_so)
{
	end_all(exits(3));
	applies("'file:/a': {'notify': 'exec:x'}, 'exec:x': {'command': "
		"['x'], 'refreshonly': true}");
	ck_assert_int_eq(applied.verdicts[1], VERDICT_FAILED);
	ck_assert_str_eq(f.diags.v[0].text, "'x' exited with 3");
	ck_assert_str_eq(f.diags.v[0].subject, "exec:x");
	teardown();
}
END_TEST

TEST_SUITE("exec", a_string_is_for_a_shell,
	   a_program_is_a_name_or_an_absolute_path,
	   creates_is_not_for_refreshes,
	   it_always_runs_unless_something_speaks_against_it, guards,
	   the_first_no_is_enough, guards_that_do_not_end_well,
	   guards_run_as_the_command_does, an_apply_asks_its_guards_once,
	   the_command_is_as_written, what_is_not_said_has_a_default,
	   codes_that_mean_success, endings_that_are_failures,
	   one_success_in_some_tries_is_enough, all_tries_fail,
	   no_more_tries_when_the_run_is_to_stop,
	   a_picture_does_not_try_and_wait, what_a_command_said_is_a_hint,
	   only_the_end_of_it_is_shown, a_refresh_runs_the_command,
	   a_refresh_does_not_ask_whether_it_was_made,
	   a_refresh_that_fails_says_so)
