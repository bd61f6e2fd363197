/* SPDX-License-Identifier: MIT */
/*
 * generate KIND N [DIR] prints the same work for each contestant: N files of
 * 1 KiB below DIR (/srv/bench), 100 to a folder, DIR/d000/f00000 and on,
 *root's, 0644, and their folders, root's, 0755. The text of each file is made
 *up from its number, and holds newlines, quotes and backslashes: what every
 *format must escape.
 *
 * KIND is one of
 *	manifest    for converge
 *	tmpfiles    for systemd-tmpfiles --create
 *	cfengine    for cf-agent
 *	puppet      for puppet apply
 *	list        for floor, which see
 *
 * or a manifest of N empty files whose only weight is in their order:
 *	chain       each requires the one before
 *	star        all require the first
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/auto.h"

enum { SIZE = 1024, LINE = 64, PER_FOLDER = 100, FILES_MAX = 1000000 };

/* Where a format wants other text than the byte itself. */
struct escape {
	char byte;
	const char *text;
};

struct kind {
	const char *name;
	void (*print)(unsigned n, const char *top);
};

/*
 * Not in it: '{' and '(', since "${", "$(" and "@(" are variables to some of
 * the contestants.
 */
static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRST"
			       "UVWXYZ 0123456789 \"'\\\"'\\%$@#&;:,.-_=<>/|~";

/* The numbers of xorshift64 (Marsaglia, 2003). */
static uint64_t next_number(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Begins and ends lines with a letter: some formats trim. */
static void make_content(unsigned nth, char content[SIZE + 1])
{
	uint64_t state = (nth + 1) * UINT64_C(0x9e3779b97f4a7c15);

	for (size_t i = 0; i < SIZE; i++) {
		uint64_t number = next_number(&state) >> 32;
		size_t column = i % LINE;

		if (column == LINE - 1)
			content[i] = '\n';
		else if (column == 0 || column == LINE - 2)
			content[i] = alphabet[number % 26];
		else
			content[i] = alphabet[number % (sizeof(alphabet) - 1)];
	}
	content[SIZE] = '\0';
}

static void print_escaped(const char *text, const struct escape *escapes,
			  size_t n)
{
	for (; *text; text++) {
		size_t i = 0;

		while (i < n && escapes[i].byte != *text)
			i++;
		if (i < n)
			fputs(escapes[i].text, stdout);
		else
			putchar(*text);
	}
}

static void print_content(unsigned nth, const struct escape *escapes, size_t n)
{
	char content[SIZE + 1];

	make_content(nth, content);
	print_escaped(content, escapes, n);
}

static bool begins_folder(unsigned nth)
{
	return nth % PER_FOLDER == 0;
}

static unsigned folder_of(unsigned nth)
{
	return nth / PER_FOLDER;
}

static void print_manifest(unsigned n, const char *top)
{
	static const struct escape escapes[] = { { '"', "\\\"" },
						 { '\\', "\\\\" },
						 { '\n', "\\n" } };
	static const char folder[] = "{\"owner\":\"root\",\"mode\":\"0755\"}";

	printf("{\"version\":1,\"host\":\"bench\",\"resources\":{\n"
	       "\"directory:%s\":%s",
	       top, folder);
	for (unsigned i = 0; i < n; i++) {
		if (begins_folder(i))
			printf(",\n\"directory:%s/d%03u\":%s", top,
			       folder_of(i), folder);
		printf(",\n\"file:%s/d%03u/f%05u\":{\"owner\":\"root\","
		       "\"mode\":\"0644\",\"content\":\"",
		       top, folder_of(i), i);
		print_content(i, escapes, COUNT(escapes));
		fputs("\"}", stdout);
	}
	puts("\n}}");
}

static void print_tmpfiles(unsigned n, const char *top)
{
	static const struct escape escapes[] = { { '%', "%%" },
						 { '\\', "\\\\" },
						 { '\n', "\\n" } };

	printf("d %s 0755 root root - -\n", top);
	for (unsigned i = 0; i < n; i++) {
		if (begins_folder(i))
			printf("d %s/d%03u 0755 root root - -\n", top,
			       folder_of(i));
		printf("f+ %s/d%03u/f%05u 0644 root root - ", top, folder_of(i),
		       i);
		print_content(i, escapes, COUNT(escapes));
		putchar('\n');
	}
}

static void print_cfengine(unsigned n, const char *top)
{
	static const struct escape escapes[] = { { '"', "\\\"" },
						 { '\\', "\\\\" } };
	static const char folder[] =
		" create => \"true\", perms => bench(\"0755\");";

	printf("body common control { bundlesequence => { \"bench\" }; }\n"
	       "body perms bench(mode) { mode => \"$(mode)\"; owners => "
	       "{ \"root\" }; rxdirs => \"false\"; }\n"
	       "bundle agent bench\n{\nfiles:\n\"%s/.\"%s\n",
	       top, folder);
	for (unsigned i = 0; i < n; i++) {
		if (begins_folder(i))
			printf("\"%s/d%03u/.\"%s\n", top, folder_of(i), folder);
		printf("\"%s/d%03u/f%05u\" create => \"true\", "
		       "perms => bench(\"0644\"), content => \"",
		       top, folder_of(i), i);
		print_content(i, escapes, COUNT(escapes));
		puts("\";");
	}
	puts("}");
}

static void print_puppet(unsigned n, const char *top)
{
	static const struct escape escapes[] = { { '\'', "\\'" },
						 { '\\', "\\\\" } };
	static const char folder[] =
		"ensure => directory, owner => 'root', mode => '0755'";

	printf("file { '%s': %s }\n", top, folder);
	for (unsigned i = 0; i < n; i++) {
		if (begins_folder(i))
			printf("file { '%s/d%03u': %s }\n", top, folder_of(i),
			       folder);
		printf("file { '%s/d%03u/f%05u': ensure => file, "
		       "owner => 'root', mode => '0644', content => '",
		       top, folder_of(i), i);
		print_content(i, escapes, COUNT(escapes));
		puts("' }");
	}
}

static void print_list(unsigned n, const char *top)
{
	printf("d 0755 0 %s\n", top);
	for (unsigned i = 0; i < n; i++) {
		if (begins_folder(i))
			printf("d 0755 0 %s/d%03u\n", top, folder_of(i));
		printf("f 0644 %d %s/d%03u/f%05u\n", SIZE, top, folder_of(i),
		       i);
		print_content(i, NULL, 0);
	}
}

/* required tells which file the nth one requires. */
static void print_order(unsigned n, const char *top,
			unsigned (*required)(unsigned nth))
{
	printf("{\"version\":1,\"host\":\"bench\",\"resources\":{\n"
	       "\"directory:%s\":{}",
	       top);
	for (unsigned i = 0; i < n; i++) {
		printf(",\n\"file:%s/f%06u\":{\"content\":\"\"", top, i);
		if (i > 0)
			printf(",\"require\":\"file:%s/f%06u\"", top,
			       required(i));
		putchar('}');
	}
	puts("\n}}");
}

static unsigned former(unsigned nth)
{
	return nth - 1;
}

static unsigned first(unsigned nth)
{
	(void)nth;
	return 0;
}

static void print_chain(unsigned n, const char *top)
{
	print_order(n, top, former);
}

static void print_star(unsigned n, const char *top)
{
	print_order(n, top, first);
}

static const struct kind kinds[] = {
	{ "manifest", print_manifest }, { "tmpfiles", print_tmpfiles },
	{ "cfengine", print_cfengine }, { "puppet", print_puppet },
	{ "list", print_list },         { "chain", print_chain },
	{ "star", print_star },
};

static const struct kind *kind_find(const char *name)
{
	for (size_t i = 0; i < COUNT(kinds); i++) {
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	}
	return NULL;
}

static bool count_parse(const char *text, unsigned *n)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	if (text[0] < '0' || text[0] > '9' || *end || number > FILES_MAX)
		return false;
	*n = (unsigned)number;
	return true;
}

int main(int n, char **arguments)
{
	const struct kind *kind = n > 1 ? kind_find(arguments[1]) : NULL;
	unsigned files;

	if (n < 3 || n > 4 || !kind || !count_parse(arguments[2], &files)) {
		fputs("usage: generate manifest|tmpfiles|cfengine|puppet|list|"
		      "chain|star N [DIR]\n",
		      stderr);
		return EXIT_FAILURE;
	}
	kind->print(files, n > 3 ? arguments[3] : "/srv/bench");
	if (fflush(stdout)) {
		perror("generate");
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}
