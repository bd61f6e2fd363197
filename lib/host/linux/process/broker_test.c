/* SPDX-License-Identifier: MIT */
#include "lib/host/linux/process/broker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/host/linux/process/child.h"
#include "lib/host/linux/linux.h"
#include "lib/host/linux/process/sandbox.h"
#include "lib/host/linux/files/walk.h"
#include "lib/test.h"

static char scratch[64];
static int at;
static struct diags diags;
static struct host *host;
static struct tree *world; /* given to the broker; or NULL */

static const struct tree *give_world(void *context)
{
	ck_assert_ptr_null(context);
	return world;
}

static void set_up(void)
{
	const struct linux_options options = { .root = "/", .backup_fd = -1 };

	signal(SIGPIPE, SIG_IGN);
	snprintf(scratch, sizeof(scratch), "/tmp/converge-broker-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(scratch));
	at = open(scratch, O_PATH | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(at, 0);
	host = host_linux(&options, &diags);
	ck_assert_ptr_nonnull(host);
}

static void shell(const char *text)
{
	const char *const argv[] = { "sh", "-c", text, NULL };
	const struct child c = { .argv = argv, .cwd = scratch };
	struct arena a = { 0 };
	struct outcome o;

	child_run(&c, &a, &o);
	ck_assert_msg(o.ending == ENDED_EXIT && o.code == 0, "%s: %s", text,
		      buf_text(&o.errors));
	outcome_release(&o);
	arena_release(&a);
}

static void tear_down(void)
{
	char text[128];

	host_close(host);
	close(at);
	snprintf(text, sizeof(text), "rm -rf %s", scratch);
	shell(text);
	diags_release(&diags);
}

/*
 * In the planner, whose exit status tells; 0 is good.
 */

/* A test of Check has a file open for writing. */
static void close_writable(void)
{
	struct stat st;

	for (int fd = 3; fd < 256; fd++)
		if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
		    (fcntl(fd, F_GETFL) & O_ACCMODE) != O_RDONLY)
			close(fd);
}

static bool enter(const struct broker *b)
{
	static const char *const reads[] = { "/" };
	const int writes[] = { broker_fd(b) };
	const struct sandbox s = { .at = AT_FDCWD,
				   .reads = reads,
				   .nreads = 1,
				   .writes = writes,
				   .nwrites = 1 };
	AUTO_DIAGS struct diags d = { 0 };

	close_writable();
	return sandbox_enter(&s, &d);
}

typedef int plan(struct broker *);

/* The planner does its plan; the wait status. */
static int serve(const char *save, plan *does)
{
	struct broker *b;
	int status;

	diags_release(&diags);
	b = broker_start(at, save, &diags);
	ck_assert_msg(b != NULL, "%s", diags.n ? diags.v[0].text : "");
	if (broker_is_planner(b)) {
		status = does(b);
		broker_free(b);
		_exit(status);
	}
	broker_give(b, give_world);
	status = broker_serve(b, host, NULL, NULL, &diags);
	broker_free(b);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	return status;
}

static void succeeds(const char *save, plan *does)
{
	int status = serve(save, does);

	ck_assert_msg(status == 0, "status %#x: %s", (unsigned)status,
		      diags.n ? diags.v[0].text : "");
	ck_assert_uint_eq(diags.n, 0);
}

static void is_refused(plan *does)
{
	int status = serve(NULL, does);

	ck_assert_msg(WIFSIGNALED(status), "status %#x", (unsigned)status);
	ck_assert_uint_eq(diags.n, 1);
	ck_assert_str_eq(diags.v[0].text,
			 "the planner sent a request that is none");
}

static struct arena arena;
static struct outcome outcome;

static bool asks(const struct host *h, const char *text, struct command c)
{
	AUTO_DIAGS struct diags d = { 0 };

	outcome_release(&outcome);
	strings_add(&c.argv, &arena, "sh");
	strings_add(&c.argv, &arena, "-c");
	strings_add(&c.argv, &arena, text);
	return host_ask(h, &c, &arena, &outcome, &d) && d.n == 0;
}

static bool ended(enum ending ending, int code, const char *output)
{
	return outcome.ending == ending && outcome.code == code &&
	       strcmp(buf_text(&outcome.output), output) == 0;
}

static struct host *host_by(struct broker *b)
{
	AUTO_DIAGS struct diags d = { 0 };

	return host_linux(&(struct linux_options){ .root = "/",
						   .backup_fd = -1,
						   .broker = b },
			  &d);
}

static int ask_all(struct broker *b)
{
	struct host *h = host_by(b);
	struct command c = { .umask = 027,
			     .cwd = "/usr",
			     .input = "in\n",
			     .input_size = 3,
			     .timeout = 5000 };

	if (!h || !enter(b))
		return 1;
	strings_add(&c.env, &arena, "A=b c");
	if (!asks(h, "cat; pwd; umask; echo $A; echo err >&2; exit 3", c) ||
	    !ended(ENDED_EXIT, 3, "in\n/usr\n0027\nb c\n") ||
	    strcmp(buf_text(&outcome.errors), "err\n") != 0 || outcome.because)
		return 2;
	if (!asks(h, "kill -9 $$", (struct command){ 0 }) ||
	    !ended(ENDED_SIGNAL, 9, ""))
		return 3;
	if (!asks(h, "echo x > /tmp/converge-z", (struct command){ 0 }) ||
	    !ended(ENDED_UNKNOWN, 0, "") ||
	    strcmp(outcome.because, "the command tried to write "
				    "'/tmp/converge-z'") != 0)
		return 4;
	if (!asks(h, "sleep 9", (struct command){ .timeout = 100 }) ||
	    !ended(ENDED_TIMEOUT, 0, ""))
		return 5;
	if (!asks(h, ":", (struct command){ .user = "no-such" }) ||
	    outcome.ending != ENDED_NOT_STARTED ||
	    strcmp(outcome.because, "no such user 'no-such'") != 0)
		return 6;
	if (!asks(h, "head -c 1000000 /dev/zero; head -c 1000000 /dev/zero >&2",
		  (struct command){ .timeout = INT64_MAX, .umask = 99999 }) ||
	    outcome.output.size < 131072 || outcome.errors.size < 131072)
		return 7;
	for (int i = 0; i < 20; i++)
		if (!asks(h, "exit 0", (struct command){ 0 }) ||
		    !ended(ENDED_EXIT, 0, ""))
			return 8;
	return 0;
}

START_TEST(guards_of_a_sandboxed_planner_are_run)
{
	set_up();
	succeeds(NULL, ask_all);
	ck_assert_int_ne(access("/tmp/converge-z", F_OK), 0);
	tear_down();
}
END_TEST

static int save_plan(struct broker *b)
{
	AUTO_DIAGS struct diags d = { 0 };

	if (!enter(b))
		return 1;
	return broker_save(b, "plan\n", 5, &d) && d.n == 0 ? 0 : 2;
}

static int save_much(struct broker *b)
{
	AUTO_DIAGS struct diags d = { 0 };
	size_t size = 20 << 20;
	char *bytes = malloc(size);

	if (!bytes || !enter(b))
		return 1;
	memset(bytes, 'x', size);
	return broker_save(b, bytes, size, &d) && broker_save(b, "", 0, &d) &&
			       broker_save(b, bytes, size, &d)
		       ? 0
		       : 2;
}

START_TEST(plan_is_saved_whole)
{
	set_up();
	succeeds("p", save_plan);
	shell("[ \"$(cat p)\" = plan ] && [ $(stat -c %a p) = 600 ] && "
	      "[ \"$(ls -A)\" = p ]");
	shell("chmod 644 p; mkdir d; chmod 700 d");
	succeeds("./d/../p", save_much);
	shell("[ $(stat -c %a%s p) = 60020971520 ] && [ $(ls -A | wc -l) = 2 "
	      "]");
	succeeds("d/p", save_plan);
	shell("[ \"$(cat d/p)\" = plan ] && [ \"$(ls -A d)\" = p ]");
	tear_down();
}
END_TEST

static const char *expected;

static int save_in_vain(struct broker *b)
{
	AUTO_DIAGS struct diags d = { 0 };

	if (!enter(b) || broker_save(b, "plan\n", 5, &d))
		return 1;
	return d.n == 1 && strcmp(d.v[0].text, expected) == 0 ? 0 : 2;
}

START_TEST(plan_replaces_nothing_but_a_file)
{
	set_up();
	shell("mkdir d; mkfifo fifo; ln -s d link; ln -s /dev/null null");
	expected = "'d' is not a regular file";
	succeeds("d", save_in_vain);
	expected = "'fifo' is not a regular file";
	succeeds("fifo", save_in_vain);
	expected = "'null' is not a regular file";
	succeeds("null", save_in_vain);
	expected = "'/dev/null' is not a regular file";
	succeeds("/dev/null", save_in_vain);
	expected = "there is no plan to be saved";
	succeeds(NULL, save_in_vain);
	shell("[ \"$(echo *)\" = 'd fifo link null' ] && [ -p fifo ]");
	tear_down();
}
END_TEST

static void cannot_start(const char *save, const char *text)
{
	diags_release(&diags);
	ck_assert_ptr_null(broker_start(at, save, &diags));
	ck_assert_uint_eq(diags.n, 1);
	ck_assert_str_eq(diags.v[0].text, text);
}

START_TEST(bad_names_for_a_plan_are_refused_at_the_start)
{
	set_up();
	cannot_start("", "'' is not the name of a file");
	cannot_start("d/", "'d/' is not the name of a file");
	cannot_start("..", "'..' is not the name of a file");
	cannot_start("d/.", "'d/.' is not the name of a file");
	cannot_start("no/such", "cannot open the folder of 'no/such': No such "
				"file or directory");
	tear_down();
}
END_TEST

static int crash(struct broker *b)
{
	(void)b;
	prctl(PR_SET_DUMPABLE, 0);
	signal(SIGSEGV, SIG_DFL);
	raise(SIGSEGV);
	return 0;
}

static int exit_42(struct broker *b)
{
	(void)b;
	return 42;
}

static int close_first(struct broker *b)
{
	close(broker_fd(b));
	poll(NULL, 0, 100);
	return 7;
}

START_TEST(end_of_the_planner_is_told)
{
	int status;

	set_up();
	status = serve(NULL, crash);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
	ck_assert_uint_eq(diags.n, 1);
	ck_assert_str_eq(diags.v[0].text, "the planner was killed by signal 11 "
					  "(Segmentation fault)");
	status = serve(NULL, exit_42);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 42);
	ck_assert_uint_eq(diags.n, 0);
	status = serve(NULL, close_first);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 7);
	tear_down();
}
END_TEST

/*
 * A planner that was taken over.
 */

static struct {
	uint32_t kind, unused;
	uint64_t size;
} header;
static int64_t words[16];
static size_t nwords;

/* Sends what stands there, and waits for the end. */
static int send_it(struct broker *b)
{
	size_t n = nwords * sizeof(words[0]);
	char byte;

	if (write(broker_fd(b), &header, sizeof(header)) < 0 ||
	    (n && write(broker_fd(b), words, n) < 0))
		return 1;
	while (read(broker_fd(b), &byte, 1) > 0)
		;
	return 2;
}

static void sends(uint32_t kind, size_t n)
{
	header.kind = kind;
	header.size = n * sizeof(words[0]);
	nwords = n;
	is_refused(send_it);
}

static void sends_size(uint32_t kind, uint64_t size)
{
	header.kind = kind;
	header.size = size;
	nwords = 0;
	is_refused(send_it);
}

static void set_words(const int64_t *from, size_t n)
{
	memset(words, 0, sizeof(words));
	memcpy(words, from, n * sizeof(*from));
}

START_TEST(false_requests_end_the_planner)
{
	/* argv, env, cwd, user, group, umask, timeout, input */
	const int64_t good[] = { 0, 0, -1, -1, -1, 18, 0, -1 };

	set_up();
	sends_size(0, 0);
	sends_size(3, 8); /* units: nothing more is to be said */
	sends_size(4, 0);
	sends_size(UINT32_MAX, UINT64_MAX);
	sends_size(1, UINT64_MAX);
	sends_size(2, UINT64_MAX);
	sends_size(2, (512 << 20) + 1);
	sends_size(1, (32 << 20) + 1);
	sends_size(1, 0);
	for (size_t n = 1; n < COUNT(good); n++) {
		set_words(good, COUNT(good));
		sends(1, n);
	}
	set_words(good, COUNT(good));
	sends(1, COUNT(good) + 1); /* something follows */
	for (size_t i = 0; i < COUNT(good); i++) {
		static const int64_t bad[] = { INT64_MAX, INT64_MIN, -2,
					       INT64_MAX / 8, 1 << 30 };

		for (size_t k = 0; k < COUNT(bad); k++) {
			set_words(good, COUNT(good));
			words[i] = bad[k];
			sends(1, COUNT(good));
		}
	}
	/* an argument that is none, and one with a NUL */
	set_words((const int64_t[]){ 1, -1, 0, -1, -1, -1, 18, 0, -1 }, 9);
	sends(1, 9);
	set_words((const int64_t[]){ 1, 8, 0x6161006161616161, 0, -1, -1, -1,
				     18, 0, -1 },
		  10);
	sends(1, 10);
	tear_down();
}
END_TEST

static void open_world(void)
{
	shell("mkdir -p world/secrets; echo x >world/secrets/abcd.age");
	world = tree_of_folder(
		openat(at, "world", O_PATH | O_DIRECTORY | O_CLOEXEC), "world");
}

static void close_world(void)
{
	tree_close(world);
	world = NULL;
}

START_TEST(false_comparisons_end_the_planner)
{
	/* path, text, number of secrets, place, spelling and path of one */
	int64_t good[] = { 8, 0, 8, 0, 1, 3, 0, 16, 0, 0 };
	static const struct {
		size_t word;
		int64_t bad;
	} rows[] = { { 0, 7 },  { 0, -1 },       { 2, -1 },        { 4, 0 },
		     { 4, 2 },  { 4, -1 },       { 4, INT64_MAX }, { 5, 9 },
		     { 5, -1 }, { 6, -1 },       { 6, 4 },         { 7, 15 },
		     { 7, -1 }, { 7, INT64_MAX } };

	memcpy(&good[1], "/etc/foo", 8);
	memcpy(&good[8], "secrets/abcd.age", 16);
	set_up();
	/* no world was given */
	set_words(good, COUNT(good));
	sends(5, COUNT(good));
	open_world();
	for (size_t n = 0; n < COUNT(good); n++) {
		set_words(good, COUNT(good));
		sends(5, n);
	}
	sends(5, COUNT(good) + 1);
	for (size_t i = 0; i < COUNT(rows); i++) {
		set_words(good, COUNT(good));
		words[rows[i].word] = rows[i].bad;
		sends(5, COUNT(good));
	}
	set_words(good, COUNT(good));
	memcpy(&words[1], "etc/food", 8);
	sends(5, COUNT(good));
	set_words(good, COUNT(good));
	memcpy(&words[8], "secrets/../x.age", 16);
	sends(5, COUNT(good));
	close_world();
	tear_down();
}
END_TEST

START_TEST(false_questions_for_sameness_end_the_planner)
{
	/* a text with no secret, and one with */
	int64_t good[] = { 8, 0, 0, 8, 0, 1, 3, 0, 16, 0, 0 };
	static const struct {
		size_t word;
		int64_t bad;
	} rows[] = { { 0, 9 }, { 0, -1 }, { 2, 1 },  { 2, -1 }, { 3, -1 },
		     { 5, 2 }, { 6, 9 },  { 7, -1 }, { 7, 4 },  { 8, 15 } };

	memcpy(&good[9], "secrets/abcd.age", 16);
	set_up();
	set_words(good, COUNT(good));
	sends(6, COUNT(good));
	open_world();
	for (size_t n = 0; n < COUNT(good); n++) {
		set_words(good, COUNT(good));
		sends(6, n);
	}
	sends(6, COUNT(good) + 1);
	for (size_t i = 0; i < COUNT(rows); i++) {
		set_words(good, COUNT(good));
		words[rows[i].word] = rows[i].bad;
		sends(6, COUNT(good));
	}
	set_words(good, COUNT(good));
	memcpy(&words[9], "secrets/../x.age", 16);
	sends(6, COUNT(good));
	close_world();
	tear_down();
}
END_TEST

/* What the broker cannot open, and why, is told. */
static int compare_sealed(struct broker *b)
{
	static const struct cut cut = { 1, "secrets/abcd.age", SPELL_PLAIN };
	struct content c = content_of("ab", 2);
	AUTO_DIAGS struct diags d = { 0 };
	enum match m;

	c.cuts = &cut;
	c.ncuts = 1;
	if (broker_compare(b, "/etc/passwd", &c, &m, &d) || d.n != 1 ||
	    broker_same(b, &c, &c, &m, &d) || d.n != 2 ||
	    strcmp(d.v[0].text, d.v[1].text) != 0)
		return 1;
	return strcmp(d.v[0].text, "cannot open 'secrets/abcd.age': it is not "
				   "a sealed secret") == 0
		       ? 0
		       : 2;
}

START_TEST(secrets_are_compared_by_way_of_the_broker)
{
	set_up();
	open_world();
	succeeds(NULL, compare_sealed);
	close_world();
	tear_down();
}
END_TEST

static int send_and_read(struct broker *b)
{
	uint64_t reply[2] = { 0 };

	if (write(broker_fd(b), &header, sizeof(header)) < 0 ||
	    write(broker_fd(b), words, nwords * sizeof(words[0])) < 0)
		return 1;
	if (read(broker_fd(b), reply, sizeof(reply)) != sizeof(reply))
		return 2;
	return (uint32_t)reply[0] == 1 && reply[1] > 0 ? 0 : 3;
}

/* The control: what the false requests are made from is a true one. */
START_TEST(true_request_is_answered)
{
	set_up();
	set_words((const int64_t[]){ 0, 0, -1, -1, -1, 18, 0, -1 }, 8);
	header.kind = 1;
	header.size = 64;
	nwords = 8;
	succeeds(NULL, send_and_read);
	tear_down();
}
END_TEST

/* The same answer, or the same error, by either way. */
static int list_units(struct broker *b)
{
	AUTO_DIAGS struct diags here = { 0 };
	AUTO_DIAGS struct diags there = { 0 };
	struct loaded_units direct, asked;
	bool ok = units_list(linux_of(host), &arena, &direct, &here);

	if (broker_units(b, &arena, &asked, &there) != ok)
		return 1;
	if (ok ? asked.n == 0 : strcmp(here.v[0].text, there.v[0].text) != 0)
		return 2;
	return broker_units(b, &arena, &asked, &there) == ok ? 0 : 3;
}

START_TEST(units_come_by_way_of_the_broker)
{
	set_up();
	succeeds(NULL, list_units);
	tear_down();
}
END_TEST

static int64_t start;

static bool after_a_while(void *context)
{
	return child_now() - start > *(const int64_t *)context;
}

static int hang(struct broker *b)
{
	(void)b;
	pause();
	return 0;
}

static int close_and_hang(struct broker *b)
{
	close(broker_fd(b));
	pause();
	return 0;
}

static int send_half(struct broker *b)
{
	header.kind = 2;
	header.size = 1 << 20;
	if (write(broker_fd(b), &header, sizeof(header)) < 0)
		return 1;
	pause();
	return 0;
}

/* Asks for more than the socket holds, and takes nothing. */
static int never_read(struct broker *b)
{
	const char *const text = "head -c 1000000 /dev/zero; "
				 "head -c 1000000 /dev/zero >&2";
	char packed[512];
	size_t n = 0;
	const int64_t front[] = { 3, 2 };
	const int64_t back[] = { 0, -1, -1, -1, 18, 0, -1 };
	int64_t size = (int64_t)strlen(text);

	memcpy(packed + n, front, sizeof(front));
	n += sizeof(front);
	memcpy(packed + n, "sh", 2);
	n += 2;
	memcpy(packed + n, &(int64_t){ 2 }, 8);
	n += 8;
	memcpy(packed + n, "-c", 2);
	n += 2;
	memcpy(packed + n, &size, 8);
	n += 8;
	memcpy(packed + n, text, (size_t)size);
	n += (size_t)size;
	memcpy(packed + n, back, sizeof(back));
	n += sizeof(back);
	header.kind = 1;
	header.size = n;
	for (int i = 0; i < 8; i++)
		if (write(broker_fd(b), &header, sizeof(header)) < 0 ||
		    write(broker_fd(b), packed, n) < 0)
			return 1;
	pause();
	return 0;
}

static void is_stopped(plan *does)
{
	struct broker *b;
	int64_t wait = 500;
	int status;

	diags_release(&diags);
	b = broker_start(at, NULL, &diags);
	ck_assert_ptr_nonnull(b);
	if (broker_is_planner(b))
		_exit(does(b));
	start = child_now();
	status = broker_serve(b, host, after_a_while, &wait, &diags);
	broker_free(b);
	ck_assert_int_ge(child_now() - start, 500);
	ck_assert_int_le(child_now() - start, 3000);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	ck_assert_uint_eq(diags.n, 0);
}

START_TEST(broker_never_waits_for_the_planner_alone)
{
	set_up();
	is_stopped(hang);
	is_stopped(send_half);
	is_stopped(close_and_hang);
	is_stopped(never_read);
	tear_down();
}
END_TEST

/* The broker is killed: the planner must not stay. */
START_TEST(planner_dies_with_its_broker)
{
	int ends[2], status;
	char byte;
	pid_t pid;

	set_up();
	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		struct broker *b = broker_start(at, NULL, &diags);

		close(ends[0]);
		if (b && broker_is_planner(b)) {
			if (write(ends[1], "x", 1) != 1)
				_exit(1);
			for (;;)
				pause();
		}
		pause();
		_exit(1);
	}
	close(ends[1]);
	ck_assert_int_eq(read(ends[0], &byte, 1), 1);
	kill(pid, SIGKILL);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	/* end of file: no one holds the other end any more */
	ck_assert_int_eq(poll(&(struct pollfd){ .fd = ends[0] }, 1, 5000), 1);
	ck_assert_int_eq(read(ends[0], &byte, 1), 0);
	close(ends[0]);
	/* child_run made this process its next parent */
	while (waitpid(-1, NULL, 0) > 0)
		;
	tear_down();
}
END_TEST

static int without_broker(struct broker *b)
{
	AUTO_DIAGS struct diags d = { 0 };
	struct command c = { 0 };
	struct arena a = { 0 };
	struct outcome o;
	bool done;

	shutdown(broker_fd(b), SHUT_RDWR);
	done = broker_ask(b, &c, &a, &o, &d);
	return !done && d.n == 1 &&
			       strcmp(d.v[0].text, "the broker is gone") == 0 &&
			       !broker_save(b, "x", 1, &d)
		       ? 0
		       : 1;
}

START_TEST(planner_without_a_broker_says_so)
{
	set_up();
	succeeds(NULL, without_broker);
	tear_down();
}
END_TEST

TEST_SUITE("broker", guards_of_a_sandboxed_planner_are_run, plan_is_saved_whole,
	   plan_replaces_nothing_but_a_file,
	   bad_names_for_a_plan_are_refused_at_the_start,
	   end_of_the_planner_is_told, false_requests_end_the_planner,
	   false_comparisons_end_the_planner,
	   false_questions_for_sameness_end_the_planner,
	   secrets_are_compared_by_way_of_the_broker, true_request_is_answered,
	   units_come_by_way_of_the_broker,
	   broker_never_waits_for_the_planner_alone,
	   planner_dies_with_its_broker, planner_without_a_broker_says_so)
