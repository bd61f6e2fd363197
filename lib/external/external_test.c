/* SPDX-License-Identifier: MIT */
#include "lib/external/external.h"

#include "lib/fixture_test.h"

/* --- a host on which a program says what it is told to --- */

static struct {
	enum ending ending;
	const char *says, *errors; /* on standard output and error */
	char verb[16], asked[4096];
	uint32_t uid, mode; /* of the program */
	unsigned runs;
} program;

static bool look(const struct host *h, const char *path, struct node *n,
		 struct diags *d)
{
	bool is_program = strcmp(path, "/etc/converge/modules.d/gate") == 0;

	(void)h;
	(void)d;
	*n = (struct node){ .type = is_program ? NODE_FILE : NODE_DIRECTORY,
			    .mode = 0755 };
	if (is_program) {
		n->uid = program.uid;
		n->mode = program.mode;
	}
	return true;
}

static bool answer(const struct command *c, struct outcome *o)
{
	ck_assert_str_eq(c->argv.v[0], "/etc/converge/modules.d/gate");
	ck_assert_uint_eq(c->argv.n, 2);
	ck_assert_int_eq(c->timeout, 5000);
	ck_assert_uint_eq(c->input_size, strlen(c->input));
	snprintf(program.verb, sizeof(program.verb), "%s", c->argv.v[1]);
	snprintf(program.asked, sizeof(program.asked), "%s", c->input);
	program.runs++;
	*o = (struct outcome){ .ending = program.ending,
			       .because = "so it is" };
	buf_puts(&o->output, program.says);
	buf_puts(&o->errors, program.errors);
	return true;
}

static bool ask(const struct host *h, const struct command *c, struct arena *a,
		struct outcome *o, struct diags *d)
{
	(void)h;
	(void)a;
	(void)d;
	return answer(c, o);
}

static bool run(struct host *h, const struct command *c,
		const struct strings *makes, struct arena *a, struct outcome *o,
		struct diags *d)
{
	(void)h;
	(void)a;
	(void)d;
	ck_assert_ptr_null(makes);
	return answer(c, o);
}

static const struct host_looks looks = { .look = look, .ask = ask };
static const struct host_writes writes = { .run = run };
static struct host host;
static struct fixture f;
static const struct resource *res;
static void *have;

/* attributes: of gate:a, with ' for " */
static void begin(const char *attributes, const char *says)
{
	AUTO_BUF struct buf b = { 0 };

	buf_printf(&b, "'gate:a': {%s}", attributes);
	f = (struct fixture){ 0 };
	ck_assert_msg(fixture_graph(&f, buf_text(&b)), "%s", fixture_said(&f));
	res = f.catalog.v[0];
	host = (struct host){ .looks = &looks, .writes = &writes };
	memset(&program, 0, sizeof(program));
	program.says = says;
	program.errors = "";
	program.mode = 0755;
}

static bool observe(void)
{
	have = arena_alloc(&f.manifest.arena, res->module->size);
	return res->module->observe(&host, res->want, have, &f.manifest.arena,
				    &f.diags);
}

/* "width,sides": what differs. */
static const char *differing(void)
{
	static char text[256];
	uint64_t differ = record_differ(res->module->attrs, res->module->nattrs,
					res->want, have);

	text[0] = '\0';
	for (size_t i = 0; i < res->module->nattrs; i++)
		if (differ & BIT(i))
			snprintf(text + strlen(text),
				 sizeof(text) - strlen(text), "%s%s",
				 text[0] ? "," : "",
				 res->module->attrs[i].name);
	return text;
}

static void check(const char *attributes, char *says, const char *differ)
{
	char *quote = says;

	while ((quote = strchr(quote, '\'')))
		*quote = '"';
	begin(attributes, says);
	ck_assert_msg(observe(), "%s", fixture_said(&f));
	ck_assert_msg(strcmp(differing(), differ) == 0, "%s: %s", says,
		      differing());
	fixture_release(&f);
}

#define CHECK(attributes, says, differ) \
	check(attributes, (char[]){ says }, differ)

START_TEST(what_the_host_has_is_compared)
{
	CHECK("'width': 3", "{'have': {'width': 3}}", "");
	CHECK("'width': 3", "{'have': {'width': 4}}", "width");
	/* 2 by default */
	CHECK("", "{'have': {'open': true}}", "width");
	CHECK("'sides': ['a', 'b']",
	      "{'have': {'width': 2, 'sides': ['a', "
	      "'b']}}",
	      "");
	CHECK("'sides': ['a', 'b']", "{'have': {'width': 2, 'sides': 'a'}}",
	      "sides");
	CHECK("'mode': 'u=rw,go=r'", "{'have': {'width': 2, 'mode': '0644'}}",
	      "");
	CHECK("'mode': 'u=rw,go=r'", "{'have': {'width': 2, 'mode': '0600'}}",
	      "mode");
	CHECK("'open': false, 'at': '/a', 'roads': '/b', 'owner': 'x', "
	      "'group': 'y'",
	      "{'have': {'width': 2, 'open': false, 'at': '/a', 'roads': "
	      "['/b'], 'owner': 'x', 'group': 'y'}}",
	      "");
	/* not compared, so need not be told */
	CHECK("'wait': '5m'", "{'have': {'width': 2}}", "");
}
END_TEST

START_TEST(nothing_at_all_is_absent)
{
	CHECK("'ensure': 'absent', 'width': 3", "{'have': {}}", "");
	CHECK("'width': 3", "{'have': {}}", "ensure,width");
	CHECK("'ensure': 'absent'", "{'have': {'width': 2}}", "ensure");
	CHECK("'ensure': 'absent'", "{'have': {'ensure': 'absent'}}", "");
	/* what cannot be told may well be there */
	CHECK("'ensure': 'absent'", "{'unknown': {'ensure': 'so'}}", "ensure");
}
END_TEST

START_TEST(it_is_asked_by_its_input_alone)
{
	begin("'width': 3, 'sides': ['it\\\"s', '\\n'], 'wait': '2m', "
	      "'mode': '0644'",
	      "{\"have\": {}}");
	ck_assert(observe());
	ck_assert_str_eq(program.verb, "observe");
	ck_assert_str_eq(program.asked,
			 "{\"want\":{\"name\":\"a\",\"ensure\":\"present\","
			 "\"width\":3,\"sides\":[\"it\\\"s\",\"\\n\"],"
			 "\"mode\":\"0644\",\"wait\":\"120s\"}}\n");
	fixture_release(&f);
}
END_TEST

static bool apply(enum action action, uint64_t differ)
{
	struct step step = { res->want, have, differ, action };

	return res->module->apply(&host, &step, &f.manifest.arena, &f.diags);
}

START_TEST(it_is_told_what_to_do)
{
	begin("'width': 3", "{\"have\": {\"width\": 4}}");
	ck_assert(observe());
	program.says = "{}";
	ck_assert(apply(ACTION_UPDATE,
			record_differ(res->module->attrs, res->module->nattrs,
				      res->want, have)));
	ck_assert_str_eq(program.verb, "apply");
	ck_assert_str_eq(program.asked,
			 "{\"action\":\"update\",\"differ\":[\"width\"],"
			 "\"want\":{\"name\":\"a\",\"ensure\":\"present\","
			 "\"width\":3},\"have\":{\"ensure\":\"present\","
			 "\"width\":4}}\n");
	program.says = "{\"error\": \"no\"}";
	ck_assert(!apply(ACTION_CREATE, 0));
	ck_assert_ptr_nonnull(strstr(program.asked, "\"create\""));
	ck_assert_str_eq(f.diags.v[0].text,
			 "'/etc/converge/modules.d/gate': no");
	program.says = "{}";
	ck_assert(res->module->refresh(&host, res->want, &f.manifest.arena,
				       &f.diags));
	ck_assert_str_eq(program.verb, "refresh");
	fixture_release(&f);
}
END_TEST

/* As a plan does, when nothing is known of what is there. */
START_TEST(a_picture_runs_nothing)
{
	begin("'width': 3", "");
	program.ending = ENDED_ASSUMED;
	have = NULL;
	ck_assert(apply(ACTION_UNKNOWN, 0));
	ck_assert_uint_eq(f.diags.n, 0);
	fixture_release(&f);
}
END_TEST

START_TEST(what_a_program_tried_makes_all_unknown)
{
	begin("'width': 3", "{\"have\": {\"width\": 3}}");
	program.ending = ENDED_UNKNOWN;
	ck_assert(observe());
	ck_assert_str_eq(differing(), "ensure,width");
	ck_assert_ptr_nonnull(
		strstr(((struct record *)have)->because, "so it is"));
	fixture_release(&f);
}
END_TEST

START_TEST(answers_that_are_none)
{
	static const char *const says[] = {
		"",
		"{}",
		"[]",
		"{\"have\": []}",
		"{\"have\": {}, \"x\": 1}",
		"{\"have\": {\"x\": 1}}",
		"{\"have\": {\"\": 1}}",
		"{\"have\": {\"width\": 10}}",
		"{\"have\": {\"width\": null}}",
		"{\"have\": {\"at\": \"../x\"}}",
		"{\"have\": {\"ensure\": \"there\"}}",
		"{\"have\": {\"width\": 3, \"width\": 3}}",
		"{\"unknown\": {\"width\": 1}}",
		"{\"unknown\": {\"x\": \"y\"}}",
		"{\"have\": {}} ",
		"{\"have\": {}}x",
	};

	for (size_t i = 0; i < COUNT(says); i++) {
		bool good = strcmp(says[i], "{\"have\": {}} ") == 0;

		begin("'width': 3", says[i]);
		ck_assert_msg(observe() == good, "%s", says[i]);
		ck_assert_msg((f.diags.n > 0) == !good, "%s", says[i]);
		fixture_release(&f);
	}
}
END_TEST

START_TEST(a_program_of_others_is_not_run)
{
	static const struct {
		uint32_t uid, mode;
	} cases[] = { { 1, 0755 }, { 0, 0775 }, { 0, 0757 } };

	for (size_t i = 0; i < COUNT(cases); i++) {
		begin("'width': 3", "{\"have\": {}}");
		program.uid = cases[i].uid;
		program.mode = cases[i].mode;
		ck_assert(!observe());
		ck_assert(!apply(ACTION_UPDATE, 0));
		ck_assert(!res->module->refresh(&host, res->want,
						&f.manifest.arena, &f.diags));
		ck_assert_uint_eq(program.runs, 0);
		fixture_release(&f);
	}
}
END_TEST

START_TEST(errors_are_quoted_unless_they_may_tell_too_much)
{
	begin("'width': 3", "");
	program.ending = ENDED_SIGNAL;
	program.errors = "why \x1b[31m\n";
	ck_assert(!observe());
	ck_assert_str_eq(f.diags.v[0].hint, "it said: why \\x1b[31m");
	host.hush = true;
	ck_assert(!observe());
	ck_assert_uint_eq(f.diags.n, 2);
	ck_assert_ptr_null(f.diags.v[1].hint);
	ck_assert_ptr_nonnull(strstr(f.diags.v[1].text, "sensitive"));
	fixture_release(&f);
}
END_TEST

START_TEST(what_it_names_comes_first)
{
	f = (struct fixture){ 0 };
	ck_assert(fixture_graph(
		&f, "'gate:a': {'at': '/srv/gate'}, 'directory:/srv': {}, "
		    "'file:/etc/converge/modules.d/gate': {'source': "
		    "'files/motd', 'mode': '0755'}"));
	for (size_t i = 1; i < 3; i++)
		ck_assert_uint_lt(f.graph.position[i], f.graph.position[0]);
	fixture_release(&f);
}
END_TEST

START_TEST(a_managed_path_is_managed_once)
{
	f = (struct fixture){ 0 };
	ck_assert(!fixture_graph(&f, "'gate:a': {'at': '/srv/gate'}, "
				     "'file:/srv/gate': {'content': ''}"));
	ck_assert_ptr_nonnull(strstr(fixture_said(&f), "managed twice"));
	fixture_release(&f);
}
END_TEST

TEST_SUITE("external", what_the_host_has_is_compared, nothing_at_all_is_absent,
	   it_is_asked_by_its_input_alone, it_is_told_what_to_do,
	   a_picture_runs_nothing, what_a_program_tried_makes_all_unknown,
	   answers_that_are_none, a_program_of_others_is_not_run,
	   errors_are_quoted_unless_they_may_tell_too_much,
	   what_it_names_comes_first, a_managed_path_is_managed_once)
