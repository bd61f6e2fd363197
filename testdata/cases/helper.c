/* SPDX-License-Identifier: MIT */
/*
 * The program that cases have converge run: static, so that it works alone in
 * a root. What it does is its first argument, or its own name ("sh", say).
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static long number(const char *text)
{
	return text ? strtol(text, NULL, 10) : 0;
}

static FILE *append(const char *path)
{
	FILE *f = path ? fopen(path, "a") : NULL;

	if (!f) {
		fprintf(stderr, "helper: cannot write '%s': %s\n", path,
			strerror(errno));
		exit(120);
	}
	return f;
}

/* exit N */
static int leave(char **argv)
{
	return (int)number(argv[0]);
}

/* log FILE WORD...: adds a line */
static int log_line(char **argv)
{
	FILE *f = append(*argv++);

	for (; *argv; argv++)
		fprintf(f, "%s%s", *argv, argv[1] ? " " : "");
	fputc('\n', f);
	return fclose(f);
}

/* fail FILE N: adds a line and exits N */
static int fail(char **argv)
{
	FILE *f = append(argv[0]);

	fputs("failed\n", f);
	fclose(f);
	fprintf(stderr, "helper: cannot do it\n");
	return (int)number(argv[1]);
}

/* say TEXT N: on standard error, and exits N */
static int say(char **argv)
{
	fprintf(stderr, "%s\n", argv[0]);
	return (int)number(argv[1]);
}

/* noise N: N lines on standard output, exits 1 */
static int noise(char **argv)
{
	for (long i = 0; i < number(argv[0]); i++)
		printf("line %ld of many that say nothing much at all\n", i);
	return 1;
}

/* sleep SECONDS FILE: FILE shows that it has begun */
static int nap(char **argv)
{
	if (argv[1])
		fclose(append(argv[1]));
	sleep((unsigned)number(argv[0]));
	return 0;
}

/* stubborn SECONDS: does not let go at SIGTERM */
static int stubborn(char **argv)
{
	signal(SIGTERM, SIG_IGN);
	return nap(argv);
}

/* away SECONDS: leaves a child of its own session with its output open */
static int away(char **argv)
{
	if (fork() == 0) {
		setsid();
		sleep((unsigned)number(argv[0]));
		_exit(0);
	}
	return 0;
}

/* kill N: dies by that signal */
static int die(char **argv)
{
	raise((int)number(argv[0]));
	return 0;
}

/* crash: as a bug would */
static int crash(char **argv)
{
	(void)argv;
	__builtin_trap();
}

/* has FILE WORD: whether WORD stands in it */
static int has(char **argv)
{
	char text[4096] = "";
	FILE *f = fopen(argv[0], "r");

	if (!f)
		return 3;
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	if (strstr(text, argv[1]))
		return 0;
	fprintf(stderr, "%s is not in it\n", argv[1]);
	return 1;
}

/* nth FILE N: exits 0 at its Nth run, else 1 */
static int nth(char **argv)
{
	FILE *f = append(argv[0]);
	long n;

	fputc('.', f);
	n = ftell(f);
	fclose(f);
	return n >= number(argv[1]) ? 0 : 1;
}

/* copy FILE: standard input to it */
static int copy(char **argv)
{
	FILE *f = append(argv[0]);

	for (int c; (c = getchar()) != EOF;)
		fputc(c, f);
	return fclose(f);
}

/* show FILE: what stands in it after the first line, so that a file that begins
 * "#!/bin/helper show" prints the rest of itself */
static int show(char **argv)
{
	FILE *f = fopen(argv[0], "r");
	int c;

	if (!f)
		return 3;
	while ((c = getc(f)) != EOF && c != '\n')
		;
	while ((c = getc(f)) != EOF)
		putchar(c);
	return fclose(f);
}

/* The object after "want": in text, whose values are plain. */
static void put_want(const char *text, FILE *f)
{
	const char *want = strstr(text, "\"want\":{");
	size_t n = want ? strcspn(want, "}") : 0;

	fprintf(f, "{\"have\":%.*s}}", n ? (int)n - 7 : 1, n ? want + 7 : "{");
}

/* type FILE VERB: what a file that begins "#!/bin/helper type" answers as the
 * program of a type: what it was last told to make is what it has */
static int type(char **argv)
{
	char path[256], asked[65536];
	const char *slash = strrchr(argv[0], '/');
	FILE *f, *log;
	int c;

	snprintf(path, sizeof(path), "/var/lib/%s", slash ? slash + 1 : "");
	asked[fread(asked, 1, sizeof(asked) - 1, stdin)] = '\0';
	if (strcmp(argv[1], "observe") == 0) {
		f = fopen(path, "r");
		for (; f && (c = getc(f)) != EOF;)
			putchar(c);
		if (!f)
			puts("{\"have\":{}}");
		return f ? fclose(f) : 0;
	}
	log = append("/var/lib/log");
	fprintf(log, "%s %s", argv[1], asked);
	fclose(log);
	puts("{}");
	if (strcmp(argv[1], "apply") != 0)
		return 0;
	if (strstr(asked, "\"action\":\"remove\""))
		return remove(path) != 0;
	f = fopen(path, "w");
	put_want(asked, f);
	return fclose(f);
}

static void show_descriptors(FILE *f)
{
	for (int fd = 0; fd < 256; fd++)
		if (fd != fileno(f) && fcntl(fd, F_GETFD) >= 0)
			fprintf(f, " %d", fd);
}

/* about FILE: all that it was started with */
static int about(char **argv)
{
	FILE *f = append(argv[0]);
	char cwd[4096];
	gid_t groups[64];
	mode_t mask = umask(0);
	sigset_t blocked;

	fprintf(f, "cwd %s\numask %03o\nuser %d:%d\ngroups", getcwd(cwd, 4096),
		(unsigned)mask, (int)geteuid(), (int)getegid());
	for (int i = 0, n = getgroups(64, groups); i < n; i++)
		fprintf(f, " %d", (int)groups[i]);
	fprintf(f, "\ndescriptors");
	show_descriptors(f);
	sigprocmask(SIG_BLOCK, NULL, &blocked);
	fprintf(f, "\nblocked");
	for (int i = 1; i < 32; i++)
		if (sigismember(&blocked, i) == 1)
			fprintf(f, " %d", i);
	fputc('\n', f);
	for (char **p = environ; *p; p++)
		fprintf(f, "env %s\n", *p);
	return fclose(f);
}

/* folder PATH: makes it */
static int folder(char **argv)
{
	return mkdir(argv[0], 0755) != 0;
}

static int unix_socket(const char *path, struct sockaddr_un *address)
{
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	snprintf(address->sun_path, sizeof(address->sun_path), "%s", path);
	return socket(AF_UNIX, SOCK_STREAM, 0);
}

/* listen PATH: is a service there for a minute, or until it is ended */
static int serve(char **argv)
{
	struct sockaddr_un address;
	int fd = unix_socket(argv[0], &address);

	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(fd, 16) < 0)
		return 1;
	alarm(60);
	pause();
	return 0;
}

/* connect PATH: whether a service answers there */
static int reach(char **argv)
{
	struct sockaddr_un address;
	int fd = unix_socket(argv[0], &address);

	return connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0;
}

/* As sh: what it was told goes to /sh.log. */
static int shell(char **argv)
{
	FILE *f = append("/sh.log");

	for (; *argv; argv++)
		fprintf(f, "[%s]\n", *argv);
	return fclose(f);
}

static const struct {
	const char *name;
	int (*run)(char **argv);
} skills[] = {
	{ "exit", leave },        { "log", log_line },  { "fail", fail },
	{ "say", say },           { "noise", noise },   { "sleep", nap },
	{ "stubborn", stubborn }, { "away", away },     { "kill", die },
	{ "crash", crash },       { "has", has },       { "nth", nth },
	{ "copy", copy },         { "about", about },   { "sh", shell },
	{ "folder", folder },     { "show", show },     { "type", type },
	{ "listen", serve },      { "connect", reach },
};

int main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');
	const char *name = slash ? slash + 1 : argv[0];
	bool named = strcmp(name, "helper") != 0;

	if (!named)
		name = argc > 1 ? argv[1] : "";
	for (size_t i = 0; i < sizeof(skills) / sizeof(*skills); i++)
		if (strcmp(skills[i].name, name) == 0)
			return skills[i].run(argv + (named ? 1 : 2));
	fprintf(stderr, "helper: cannot '%s'\n", name);
	return 121;
}
