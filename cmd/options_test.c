/* SPDX-License-Identifier: MIT */
#include "cmd/options.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cmd/commands.h"
#include "lib/test.h"

/* As in main.c. */
const struct command *const commands[] = {
	&plan_command,   &apply_command,  &facts_command,   &check_command,
	&fmt_command,    &graph_command,  &diff_command,    &test_command,
	&secret_command, &bundle_command, &status_command,  &history_command,
	&schema_command, &help_command,   &version_command, NULL,
};

enum { WORDS = 16, SAID = 4096 };

static struct invocation in;
static char said[SAID]; /* on standard error */

/* Parses words that are separated by one space; "" is written ''. */
static bool parse(const char *line)
{
	static char text[512];
	char *argv[WORDS] = { text }, *rest = text, *word;
	int argc = 0, kept = dup(STDERR_FILENO);
	int fd = memfd_create("stderr", MFD_CLOEXEC);
	ssize_t n;
	bool ok;

	options_release(&in);
	snprintf(text, sizeof(text), "%s", line);
	while ((word = strsep(&rest, " "))) {
		ck_assert_int_lt(argc, WORDS);
		argv[argc++] = strcmp(word, "''") == 0 ? word + 2 : word;
	}
	ck_assert_int_ge(dup2(fd, STDERR_FILENO), 0);
	ok = options_parse(argc, argv, &in);
	dup2(kept, STDERR_FILENO);
	close(kept);
	n = pread(fd, said, sizeof(said) - 1, 0);
	said[n < 0 ? 0 : n] = '\0';
	close(fd);
	ck_assert(ok == !*said);
	return ok;
}

static void end(void)
{
	options_release(&in);
	in = (struct invocation){ 0 };
}

#define REFUSES(line, text)                   \
	do {                                  \
		ck_assert(!parse(line));      \
		ck_assert_str_eq(said, text); \
		end();                        \
	} while (0)

#define USAGE(command) "usage: converge " command " [options]\n"

START_TEST(commands_are_known_by_name)
{
	for (size_t i = 0; commands[i]; i++) {
		char line[64];

		snprintf(line, sizeof(line), "converge %s%s%s",
			 commands[i]->name, commands[i]->verbs ? " seal" : "",
			 commands[i]->operand ? " x" : "");
		ck_assert_msg(parse(line), "%s", said);
		ck_assert_ptr_eq(in.command, commands[i]);
		ck_assert_str_eq(in.options.command, commands[i]->name);
		end();
	}
}
END_TEST

START_TEST(nothing_at_all_is_help)
{
	ck_assert(parse("converge"));
	ck_assert_str_eq(in.command->name, "help");
	ck_assert(parse("converge -h"));
	ck_assert_str_eq(in.command->name, "help");
	ck_assert(parse("converge --help"));
	ck_assert_str_eq(in.command->name, "help");
	ck_assert(parse("converge --version"));
	ck_assert_str_eq(in.command->name, "version");
	end();
}
END_TEST

START_TEST(what_is_no_command)
{
	REFUSES("converge paln x", "converge: unknown command 'paln'; "
				   "did you mean 'plan'?\n"
				   "usage: converge COMMAND [SOURCE] "
				   "[options]\n");
	REFUSES("converge --json", "converge: unknown command '--json'\n"
				   "usage: converge COMMAND [SOURCE] "
				   "[options]\n");
	REFUSES("converge ''", "converge: unknown command ''\n"
			       "usage: converge COMMAND [SOURCE] [options]\n");
}
END_TEST

START_TEST(defaults)
{
	ck_assert(parse("converge apply m.json"));
	ck_assert_str_eq(in.options.source, "m.json");
	ck_assert_ptr_null(in.options.host);
	ck_assert_ptr_null(in.options.root);
	ck_assert_ptr_null(in.options.state);
	ck_assert_ptr_null(in.options.max_disruption);
	ck_assert_uint_eq(in.options.nonly, 0);
	ck_assert_int_eq(in.options.wait, 0);
	ck_assert_int_eq(in.options.deadline, 30 * 60 * 1000);
	ck_assert(!in.options.detailed);
	ck_assert(!in.options.all_diffs);
	ck_assert(!in.options.no_diffs);
	ck_assert_int_eq(in.options.cwd, -1);
	end();
}
END_TEST

START_TEST(options_in_any_order_and_spelling)
{
	ck_assert(parse("converge plan --host web-1 m.json --root=/r "
			"--state-dir s --out=p"));
	ck_assert_str_eq(in.options.source, "m.json");
	ck_assert_str_eq(in.options.host, "web-1");
	ck_assert_str_eq(in.options.root, "/r");
	ck_assert_str_eq(in.options.state, "s");
	ck_assert_str_eq(in.options.out, "p");
	ck_assert(parse("converge plan -v -q m.json"));
	ck_assert(in.options.all_diffs);
	ck_assert(in.options.no_diffs);
	end();
}
END_TEST

START_TEST(a_value_may_look_like_an_option)
{
	ck_assert(parse("converge plan --host -x --root=--y m.json"));
	ck_assert_str_eq(in.options.host, "-x");
	ck_assert_str_eq(in.options.root, "--y");
	ck_assert(parse("converge plan --root=a=b m.json"));
	ck_assert_str_eq(in.options.root, "a=b");
	end();
}
END_TEST

START_TEST(after_two_dashes_all_are_operands)
{
	ck_assert(parse("converge plan -- --json"));
	ck_assert_str_eq(in.options.source, "--json");
	ck_assert(!options_have(&in, OPTION_JSON));
	ck_assert(parse("converge plan -"));
	ck_assert_str_eq(in.options.source, "-");
	end();
}
END_TEST

START_TEST(some_may_be_given_again)
{
	ck_assert(parse("converge plan m --only file:/a --tags x --only=b "
			"--only c"));
	ck_assert_uint_eq(in.options.nonly, 3);
	ck_assert_str_eq(in.options.only[0], "file:/a");
	ck_assert_str_eq(in.options.only[2], "c");
	ck_assert_uint_eq(in.options.ntags, 1);
	ck_assert_str_eq(in.options.tags[0], "x");
	end();
	REFUSES("converge plan m --host a --host b",
		"converge: given twice: '--host'\n" USAGE("plan [SOURCE]"));
	REFUSES("converge plan m -q --quiet",
		"converge: given twice: '--quiet'\n" USAGE("plan [SOURCE]"));
}
END_TEST

START_TEST(some_operands_may_be_many)
{
	ck_assert(parse("converge bundle a --rev x b -- --c"));
	ck_assert_uint_eq(in.options.nnames, 3);
	ck_assert_str_eq(in.options.names[0], "a");
	ck_assert_str_eq(in.options.names[1], "b");
	ck_assert_str_eq(in.options.names[2], "--c");
	ck_assert_ptr_null(in.options.source);
	ck_assert(!in.options.all);
	ck_assert(parse("converge bundle --all"));
	ck_assert_uint_eq(in.options.nnames, 0);
	ck_assert(in.options.all);
	REFUSES("converge bundle ''",
		"converge: unexpected argument ''\n" USAGE("bundle [HOST...]"));
	end();
}
END_TEST

START_TEST(what_is_missing)
{
	REFUSES("converge check",
		"converge: SOURCE is missing\n" USAGE("check SOURCE"));
	ck_assert(parse("converge plan"));
	ck_assert_ptr_null(in.options.source);
	/* with --changed-since there is a default */
	ck_assert(parse("converge graph --changed-since main"));
	ck_assert_ptr_null(in.options.source);
	ck_assert_str_eq(in.values[OPTION_CHANGED_SINCE], "main");
	end();
	REFUSES("converge plan m --host",
		"converge: an argument is missing "
		"after '--host'\n" USAGE("plan [SOURCE]"));
	REFUSES("converge plan m --host=",
		"converge: an argument is missing "
		"after '--host'\n" USAGE("plan [SOURCE]"));
	REFUSES("converge plan m --root ''",
		"converge: an argument is missing "
		"after '--root'\n" USAGE("plan [SOURCE]"));
	ck_assert(parse("converge plan --help"));
	end();
}
END_TEST

START_TEST(what_is_too_much)
{
	REFUSES("converge plan a b",
		"converge: unexpected argument 'b'\n" USAGE("plan [SOURCE]"));
	REFUSES("converge version a",
		"converge: unexpected argument 'a'\n" USAGE("version"));
	REFUSES("converge plan ''",
		"converge: unexpected argument ''\n" USAGE("plan [SOURCE]"));
	REFUSES("converge plan m --json=yes",
		"converge: it takes no argument: "
		"'--json'\n" USAGE("plan [SOURCE]"));
}
END_TEST

START_TEST(what_is_no_option)
{
	REFUSES("converge plan m --jsno",
		"converge: unknown option '--jsno'; did you mean "
		"'--json'?\n" USAGE("plan [SOURCE]"));
	REFUSES("converge plan m -x",
		"converge: unknown option '-x'\n" USAGE("plan [SOURCE]"));
	REFUSES("converge plan m -qv",
		"converge: unknown option '-qv'\n" USAGE("plan [SOURCE]"));
	ck_assert(parse("converge plan m --"));
	end();
}
END_TEST

START_TEST(a_word_comes_before_the_operand)
{
	ck_assert(parse("converge secret -i k seal db --to a --to role:b"));
	ck_assert_str_eq(in.verb, "seal");
	ck_assert_str_eq(in.operand, "db");
	ck_assert_uint_eq(in.options.nto, 2);
	ck_assert_str_eq(in.options.to[1], "role:b");
	ck_assert_str_eq(in.options.identity, "k");
	end();
	ck_assert(parse("converge secret who"));
	ck_assert_ptr_null(in.operand);
	end();
	REFUSES("converge secret",
		"converge: what to do is missing\n" USAGE(
			"secret seal|rotate|check|who [NAME]"));
	REFUSES("converge secret db seal",
		"converge: unknown word 'db'\n" USAGE(
			"secret seal|rotate|check|who [NAME]"));
	REFUSES("converge secret chekc",
		"converge: unknown word 'chekc'; did you mean 'check'?\n" USAGE(
			"secret seal|rotate|check|who [NAME]"));
}
END_TEST

START_TEST(options_belong_to_commands)
{
	REFUSES("converge plan m --wait", "converge: unknown option "
					  "'--wait'\n" USAGE("plan [SOURCE]"));
	REFUSES("converge version --host h", "converge: unknown option "
					     "'--host'\n" USAGE("version"));
	ck_assert(parse("converge apply m --wait"));
	end();
}
END_TEST

START_TEST(values_that_are_words)
{
	ck_assert(parse("converge apply m --max-disruption reload --color "
			"never"));
	ck_assert_str_eq(in.options.max_disruption, "reload");
	end();
	REFUSES("converge apply m --max-disruption much",
		"converge: --max-disruption takes none, reload, restart, "
		"reboot or data, not 'much'\n" USAGE("apply [SOURCE]"));
	REFUSES("converge apply m --color=Always",
		"converge: --color takes auto, always or never, not "
		"'Always'\n" USAGE("apply [SOURCE]"));
}
END_TEST

START_TEST(times)
{
	static const struct {
		const char *text;
		int64_t seconds;
	} v[] = {
		{ "30", 30 },   { "30s", 30 }, { "5m", 300 },
		{ "2h", 7200 }, { "1", 1 },
	};
	static const char *const bad[] = {
		"0",   "-5",     "5x",
		"m",   "5 ",     "1.5",
		"5ms", "604801", "99999999999999999999"
	};
	char line[128];

	for (size_t i = 0; i < COUNT(v); i++) {
		snprintf(line, sizeof(line),
			 "converge apply m --deadline %s --wait=%s", v[i].text,
			 v[i].text);
		ck_assert_msg(parse(line), "%s", line);
		ck_assert_int_eq(in.options.deadline, v[i].seconds * 1000);
		ck_assert_int_eq(in.options.wait, v[i].seconds * 1000);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		snprintf(line, sizeof(line), "converge apply m --deadline=%s",
			 bad[i]);
		if (strchr(bad[i], ' '))
			continue;
		ck_assert_msg(!parse(line), "%s", line);
		ck_assert_ptr_nonnull(strstr(said, "a time must be seconds"));
	}
	end();
}
END_TEST

START_TEST(wait_takes_its_time_only_with_an_equals_sign)
{
	ck_assert(parse("converge apply m --wait"));
	ck_assert_int_eq(in.options.wait, -1);
	ck_assert(parse("converge apply --wait m"));
	ck_assert_int_eq(in.options.wait, -1);
	ck_assert_str_eq(in.options.source, "m");
	ck_assert(parse("converge apply m --wait=5m"));
	ck_assert_int_eq(in.options.wait, 300000);
	end();
	REFUSES("converge apply m --wait=",
		"converge: an argument is missing after '--wait'\n" USAGE(
			"apply [SOURCE]"));
}
END_TEST

START_TEST(what_is_printed_back_is_escaped)
{
	ck_assert(!parse("converge \x1b[2J"));
	ck_assert_ptr_nonnull(strstr(said, "'\\x1b[2J'"));
	end();
}
END_TEST

START_TEST(lines_are_wrapped)
{
	AUTO_BUF struct buf b = { 0 };

	options_wrap("one", 4, &b);
	ck_assert_str_eq(buf_text(&b), "one\n");
	buf_clear(&b);
	options_wrap("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		     "aaaaaaaaaaaaaaaa bbbbbbb c",
		     4, &b);
	ck_assert_str_eq(buf_text(&b),
			 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
			 "aaaaaaaaaaaaaaaaaaaaa\n    bbbbbbb c\n");
}
END_TEST

/* No line of help is longer than a terminal. */
START_TEST(help_fits_a_terminal)
{
	for (size_t i = 0; commands[i]; i++) {
		AUTO_BUF struct buf b = { 0 };

		options_help(commands[i], &b);
		for (const char *at = b.text; *at; at += strcspn(at, "\n") + 1)
			ck_assert_msg(strcspn(at, "\n") <= 79, "%.100s", at);
		ck_assert_ptr_nonnull(strstr(b.text, commands[i]->name));
	}
}
END_TEST

/* "--all" is not told by "--allow-rollback". */
static bool tells(const char *text, const char *option)
{
	size_t n = strlen(option);

	while ((text = strstr(text, option)) &&
	       strspn(text + n, "-abcdefghijklmnopqrstuvwxyz"))
		text += n;
	return text != NULL;
}

START_TEST(help_tells_every_option_of_a_command)
{
	for (size_t i = 0; commands[i]; i++) {
		AUTO_BUF struct buf b = { 0 };

		options_help(commands[i], &b);
		for (size_t j = 0; j < OPTIONS; j++)
			ck_assert_msg(
				tells(b.text, option_rows[j].name) ==
					(bool)((commands[i]->options >> j) & 1),
				"%s of %s", option_rows[j].name,
				commands[i]->name);
	}
}
END_TEST

START_TEST(completions)
{
	static const char *const shells[] = { "bash", "zsh", "fish" };

	for (size_t i = 0; i < COUNT(shells); i++) {
		AUTO_BUF struct buf b = { 0 };

		ck_assert(options_completion(shells[i], &b));
		for (size_t j = 0; commands[j]; j++)
			ck_assert_msg(strstr(b.text, commands[j]->name) != NULL,
				      "%s in %s", commands[j]->name, shells[i]);
		for (size_t j = 0; j < OPTIONS; j++)
			ck_assert_msg(
				strstr(b.text, option_rows[j].name + 2) != NULL,
				"%s in %s", option_rows[j].name, shells[i]);
	}
	ck_assert(!options_completion("csh", &(struct buf){ 0 }));
	ck_assert(!options_completion("", &(struct buf){ 0 }));
}
END_TEST

START_TEST(commands_that_take_a_format_have_some)
{
	for (size_t i = 0; commands[i]; i++)
		ck_assert_int_eq((commands[i]->options >> OPTION_FORMAT) & 1,
				 commands[i]->formats &&
					 commands[i]->formats[0]);
}
END_TEST

START_TEST(a_letter_is_of_the_command)
{
	ck_assert(parse("converge history -n 3"));
	ck_assert_str_eq(in.values[OPTION_LINES], "3");
	ck_assert_ptr_null(in.values[OPTION_DRY_RUN]);
	ck_assert_ptr_null(in.operand);
	ck_assert(parse("converge history -n 3 file:/etc/motd"));
	ck_assert_str_eq(in.operand, "file:/etc/motd");
	ck_assert(parse("converge apply -n m"));
	ck_assert(options_have(&in, OPTION_DRY_RUN));
	ck_assert_str_eq(in.operand, "m");
	end();
}
END_TEST

START_TEST(a_host_may_be_named_again_where_many_are_meant)
{
	ck_assert(parse("converge test --host a --host=b"));
	ck_assert_uint_eq(in.options.nhosts, 2);
	ck_assert_str_eq(in.options.hosts[0], "a");
	ck_assert_str_eq(in.options.hosts[1], "b");
	end();
	REFUSES("converge plan --host a --host=b",
		"converge: given twice: '--host'\n"
		"usage: converge plan [SOURCE] [options]\n");
}
END_TEST

/* Whether a command takes both. */
static bool are_of_one(size_t a, size_t b)
{
	for (size_t i = 0; commands[i]; i++)
		if ((commands[i]->options >> a) & (commands[i]->options >> b) &
		    1)
			return true;
	return false;
}

START_TEST(rows_are_whole)
{
	for (size_t i = 0; i < OPTIONS; i++) {
		const struct option_row *row = &option_rows[i];

		ck_assert(row->name && strncmp(row->name, "--", 2) == 0);
		ck_assert(row->help && *row->help);
		ck_assert(!row->letter || strlen(row->letter) == 2);
		ck_assert(!row->words || row->argument);
		for (size_t j = 0; j < i; j++) {
			ck_assert_str_ne(row->name, option_rows[j].name);
			ck_assert(!row->letter || !option_rows[j].letter ||
				  strcmp(row->letter, option_rows[j].letter) !=
					  0 ||
				  !are_of_one(i, j));
		}
	}
}
END_TEST

TEST_SUITE("options", commands_are_known_by_name, nothing_at_all_is_help,
	   what_is_no_command, defaults, options_in_any_order_and_spelling,
	   a_value_may_look_like_an_option, after_two_dashes_all_are_operands,
	   some_may_be_given_again, some_operands_may_be_many, what_is_missing,
	   what_is_too_much, what_is_no_option, a_word_comes_before_the_operand,
	   options_belong_to_commands, values_that_are_words, times,
	   wait_takes_its_time_only_with_an_equals_sign,
	   what_is_printed_back_is_escaped, lines_are_wrapped,
	   help_fits_a_terminal, help_tells_every_option_of_a_command,
	   completions, rows_are_whole, a_letter_is_of_the_command,
	   commands_that_take_a_format_have_some,
	   a_host_may_be_named_again_where_many_are_meant)
