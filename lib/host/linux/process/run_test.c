/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/host/linux/process/child.h"
#include "lib/host/linux/linux.h"
#include "lib/host/linux/files/walk.h"
#include "lib/test.h"

static char scratch[64];
static struct arena arena;
static struct outcome outcome;
static struct host *host;

static void forget(void)
{
	outcome_release(&outcome);
	arena_release(&arena);
}

static void open_host(struct linux_options options)
{
	AUTO_DIAGS struct diags d = { 0 };

	options.backup_fd = -1;
	host = host_linux(&options, &d);
	ck_assert_msg(host != NULL, "%s", d.n ? d.v[0].text : "");
}

static void set_up(void)
{
	snprintf(scratch, sizeof(scratch), "/tmp/converge-run-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(scratch));
	open_host((struct linux_options){ .root = "/", .writable = true });
}

static void prepare(const char *text)
{
	const char *const argv[] = { "sh", "-c", text, NULL };
	const struct child c = { .argv = argv, .cwd = scratch, .umask = 022 };
	struct outcome o;

	child_run(&c, &arena, &o);
	ck_assert_msg(o.ending == ENDED_EXIT && o.code == 0, "%s: %s", text,
		      buf_text(&o.errors));
	outcome_release(&o);
}

static void tear_down(void)
{
	char text[128];

	forget();
	host_close(host);
	snprintf(text, sizeof(text), "rm -rf %s", scratch);
	prepare(text);
	arena_release(&arena);
}

/* sh -c text; c has the rest. */
static struct command *shell(struct command *c, const char *text)
{
	c->argv = (struct strings){ 0 };
	strings_add(&c->argv, &arena, "sh");
	strings_add(&c->argv, &arena, "-c");
	strings_add(&c->argv, &arena, text);
	if (!c->cwd)
		c->cwd = scratch;
	return c;
}

static void ask(const char *text, struct command c)
{
	AUTO_DIAGS struct diags d = { 0 };

	forget();
	ck_assert(host_ask(host, shell(&c, text), &arena, &outcome, &d));
	ck_assert_uint_eq(d.n, 0);
}

static void run(const char *text, struct command c)
{
	AUTO_DIAGS struct diags d = { 0 };

	forget();
	ck_assert(host_run(host, shell(&c, text), NULL, &arena, &outcome, &d));
	ck_assert_uint_eq(d.n, 0);
}

static void validate(const char *text, const char *folder)
{
	AUTO_DIAGS struct diags d = { 0 };
	struct linux_host *h = (struct linux_host *)(void *)host;
	struct command c = { .umask = -1 };

	forget();
	ck_assert(linux_validate(h, shell(&c, text), folder, &arena, &outcome,
				 &d));
}

static void ended(enum ending ending, int code, const char *because)
{
	ck_assert_msg(outcome.ending == ending && outcome.code == code,
		      "ending %d code %d because %s: %s%s", outcome.ending,
		      outcome.code, outcome.because ? outcome.because : "-",
		      buf_text(&outcome.output), buf_text(&outcome.errors));
	if (because)
		ck_assert_str_eq(outcome.because, because);
}

static void says(const char *text)
{
	ck_assert_str_eq(buf_text(&outcome.output), text);
}

START_TEST(guard_answers_by_its_exit_status)
{
	set_up();
	prepare("echo content > f");
	ask("test -f f", (struct command){ .umask = -1 });
	ended(ENDED_EXIT, 0, NULL);
	ask("test -f g; exit 3", (struct command){ .umask = -1 });
	ended(ENDED_EXIT, 3, NULL);
	ask("kill -TERM $$", (struct command){ .umask = -1 });
	ended(ENDED_SIGNAL, 15, "killed by signal 15 (Terminated)");
	ask("sleep 50", (struct command){ .timeout = 200, .grace = 100 });
	ended(ENDED_TIMEOUT, 0, "it ran longer than 200 ms");
	ask("cat; umask",
	    (struct command){ .umask = -1, .input = "in\n", .input_size = 3 });
	ended(ENDED_EXIT, 0, NULL);
	says("in\n0022\n");
	tear_down();
}
END_TEST

START_TEST(guard_that_tries_to_change_is_unknown)
{
	char text[128];

	set_up();
	snprintf(text, sizeof(text), "the command tried to write '%s/f'",
		 scratch);
	ask("touch f; exit 0", (struct command){ .umask = -1 });
	ended(ENDED_UNKNOWN, 0, text);
	ck_assert_int_ne(access(text, F_OK), 0);
	ask("echo x > f 2>/dev/null || kill -KILL $$",
	    (struct command){ .umask = -1 });
	ended(ENDED_UNKNOWN, 0, text);
	prepare("test ! -e f");
	tear_down();
}
END_TEST

START_TEST(what_is_no_program_is_said)
{
	AUTO_DIAGS struct diags d = { 0 };
	struct command c = { .umask = -1 };

	set_up();
	ck_assert(host_ask(host, &c, &arena, &outcome, &d));
	ended(ENDED_NOT_STARTED, ENOENT, "no program is named");
	forget();
	strings_add(&c.argv, &arena, "/no/such");
	ck_assert(host_run(host, &c, NULL, &arena, &outcome, &d));
	ended(ENDED_NOT_STARTED, ENOENT, "no such program '/no/such'");
	tear_down();
}
END_TEST

START_TEST(command_changes_things)
{
	AUTO_DIAGS struct diags d = { 0 };
	struct node node;
	const char *path;
	char long_path[128];

	set_up();
	snprintf(long_path, sizeof(long_path), "%s/d/f", scratch);
	path = long_path;
	ck_assert(host_look(host, path, &node, &d));
	ck_assert_int_eq(node.type, NODE_ABSENT);
	run("mkdir d; echo x > d/f; exit 2", (struct command){ .umask = 077 });
	ended(ENDED_EXIT, 2, NULL);
	/* what was known of the folder is known no more */
	ck_assert(host_look(host, path, &node, &d));
	ck_assert_int_eq(node.type, NODE_FILE);
	ck_assert_uint_eq(node.mode, 0600);
	run("echo x > d/g; stat -c %a d/g", (struct command){ .umask = -1 });
	says("644\n");
	tear_down();
}
END_TEST

START_TEST(command_runs_as_its_user)
{
	set_up();
	if (geteuid() != 0) {
		tear_down();
		return;
	}
	run("id -u; id -g; id -G; echo $USER $LOGNAME $HOME",
	    (struct command){ .user = "nobody", .cwd = "/", .umask = -1 });
	ended(ENDED_EXIT, 0, NULL);
	says("65534\n65534\n65534\nnobody nobody /nonexistent\n");
	run("id -u; id -g; id -G; echo $USER",
	    (struct command){ .user = "65534", .cwd = "/", .group = "4" });
	says("65534\n4\n4\nnobody\n");
	run("id -u; id -g; id -G", (struct command){ .group = "adm" });
	says("0\n4\n4\n");
	run("id -u; id -g; id -G; echo $USER $HOME",
	    (struct command){ .user = "4242", .cwd = "/", .group = "4243" });
	says("4242\n4243\n4243\n4242 /\n");
	ask("id -u; grep CapEff /proc/self/status",
	    (struct command){ .user = "nobody", .cwd = "/" });
	ended(ENDED_EXIT, 0, NULL);
	says("65534\nCapEff:\t0000000000000000\n");
	tear_down();
}
END_TEST

START_TEST(unknown_users_are_said)
{
	set_up();
	run(":", (struct command){ .user = "no-such" });
	ended(ENDED_NOT_STARTED, ENOENT, "no such user 'no-such'");
	run(":", (struct command){ .user = "-1" });
	ended(ENDED_NOT_STARTED, ENOENT, "no such user '-1'");
	run(":", (struct command){ .user = "4294967295" });
	ended(ENDED_NOT_STARTED, ENOENT, "no such user '4294967295'");
	run(":", (struct command){ .user = "4294967296" });
	ended(ENDED_NOT_STARTED, ENOENT, "no such user '4294967296'");
	run(":", (struct command){ .user = "4242" });
	ended(ENDED_NOT_STARTED, ENOENT, "user '4242' has no group");
	run(":", (struct command){ .group = "no-such" });
	ended(ENDED_NOT_STARTED, ENOENT, "no such group 'no-such'");
	run(":", (struct command){ .user = "" });
	ended(ENDED_NOT_STARTED, ENOENT, "no such user ''");
	tear_down();
}
END_TEST

/* A small tree that has a shell, id(1), and accounts of its own. */
static void make_tree(void)
{
	prepare("mkdir -p tree/etc tree/var && "
		"for p in /bin/sh /usr/bin/id; do "
		"for f in $p $(ldd $p | grep -o '/[^ ]*'); do "
		"mkdir -p tree$(dirname $f) && cp -L $f tree$f; done; done && "
		"mkdir -p tree/bin && cp -L /bin/sh tree/bin/sh && "
		"echo 'alice:x:4242:4243::/var:/bin/sh' > tree/etc/passwd && "
		"printf 'alice:x:4243:\\nteam:x:4244:bob,alice\\n' "
		"> tree/etc/group");
}

START_TEST(commands_run_inside_the_root)
{
	char root[80];

	set_up();
	if (geteuid() != 0) {
		tear_down();
		return;
	}
	make_tree();
	host_close(host);
	snprintf(root, sizeof(root), "%s/tree", scratch);
	open_host((struct linux_options){ .root = root, .writable = true });
	run("echo /*; echo $HOME; /usr/bin/id -u; /usr/bin/id -G; pwd",
	    (struct command){ .user = "alice", .cwd = "/var" });
	ended(ENDED_EXIT, 0, NULL);
	ck_assert_ptr_nonnull(strstr(buf_text(&outcome.output),
				     "\n/var\n4242\n4243 4244\n/var\n"));
	ck_assert_ptr_null(strstr(buf_text(&outcome.output), "/tmp"));
	run(":", (struct command){ .user = "nobody", .cwd = "/" });
	ended(ENDED_NOT_STARTED, ENOENT, "no such user 'nobody'");
	/* its /dev/null is a file like any other */
	ask("test -f /etc/passwd", (struct command){ .cwd = "/" });
	ended(ENDED_EXIT, 0, NULL);
	ask("echo x > /x", (struct command){ .cwd = "/" });
	ended(ENDED_UNKNOWN, 0, NULL);
	ck_assert_ptr_nonnull(strstr(outcome.because, "write '/x'"));
	prepare("test ! -e tree/x");
	tear_down();
}
END_TEST

START_TEST(validator_writes_in_its_folder_only)
{
	char text[128];

	set_up();
	prepare("mkdir v; echo new > v/f; echo old > f");
	snprintf(text, sizeof(text), "%s/v", scratch);
	validate("grep -q new v/f && echo x > v/x && echo $TMPDIR", text);
	ended(ENDED_EXIT, 0, NULL);
	ck_assert_int_eq(strncmp(buf_text(&outcome.output), text, strlen(text)),
			 0);
	validate("echo changed > f", text);
	ck_assert_int_ne(outcome.code, 0);
	validate("chown 1 v/f", text);
	ck_assert_int_ne(outcome.code, 0);
	validate("setsid sleep 98421 >/dev/null 2>&1 & sleep 0.1", text);
	ended(ENDED_EXIT, 0, NULL);
	ask("pgrep -f '^sleep 98421$'", (struct command){ .umask = -1 });
	ended(ENDED_EXIT, 1, NULL);
	prepare("grep -q old f");
	tear_down();
}
END_TEST

START_TEST(validator_without_a_folder_does_not_run)
{
	AUTO_DIAGS struct diags d = { 0 };
	struct command c = { .umask = -1 };
	char text[128];

	set_up();
	prepare("ln -s /etc l");
	snprintf(text, sizeof(text), "%s/l", scratch);
	ck_assert(!linux_validate((struct linux_host *)(void *)host,
				  shell(&c, ":"), text, &arena, &outcome, &d));
	ck_assert_uint_eq(d.n, 1);
	tear_down();
}
END_TEST

static bool always(void *context)
{
	return *(const bool *)context;
}

START_TEST(run_that_was_told_to_stop_ends_commands)
{
	bool told = true;
	int64_t start = child_now();

	set_up();
	host_close(host);
	open_host((struct linux_options){ .root = "/",
					  .writable = true,
					  .stopped = always,
					  .hurried = always,
					  .context = &told });
	run("trap '' TERM; sleep 98422; sleep 98422",
	    (struct command){ .umask = -1 });
	ended(ENDED_INTERRUPTED, 0, "the run was told to stop");
	ask("trap '' TERM; sleep 98422; sleep 98422",
	    (struct command){ .umask = -1 });
	ended(ENDED_INTERRUPTED, 0, "the run was told to stop");
	ck_assert_int_le(child_now() - start, 3000);
	told = false;
	run(":", (struct command){ .umask = -1 });
	ended(ENDED_EXIT, 0, NULL);
	tear_down();
}
END_TEST

TEST_SUITE("run", guard_answers_by_its_exit_status,
	   guard_that_tries_to_change_is_unknown, what_is_no_program_is_said,
	   command_changes_things, command_runs_as_its_user,
	   unknown_users_are_said, commands_run_inside_the_root,
	   validator_writes_in_its_folder_only,
	   validator_without_a_folder_does_not_run,
	   run_that_was_told_to_stop_ends_commands)
