/* SPDX-License-Identifier: MIT */
/* What table_add takes stays inside, and is the same when it is handed over. */
#include "lib/host/table.h"

#include <stdint.h>
#include <string.h>

#include "lib/base/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
	if (!good)
		abort();
}

/* Follows text from a folder so many levels below the top: it never comes
 * above that. */
static void check_walk(const char *text, long depth)
{
	check(text[0] != '/');
	while (*text) {
		size_t n = strcspn(text, "/");

		if (n == 2 && strncmp(text, "..", 2) == 0)
			depth--;
		else if (n && !(n == 1 && *text == '.'))
			depth++;
		check(depth >= 0);
		text += n + (text[n] == '/');
	}
}

static void check_entry(const struct table *t, size_t i)
{
	const struct table_entry *e = &t->v[i];
	AUTO_BUF struct buf framed = { 0 };
	long depth = 0;

	buf_printf(&framed, "/%s/", e->name);
	check(!strstr(framed.text, "//") && !strstr(framed.text, "/../") &&
	      !strstr(framed.text, "/./"));
	for (const char *c = e->name; *c; c++) {
		check((unsigned char)*c >= 0x20 && *c != 0x7f && *c != '\\');
		depth += *c == '/';
	}
	if (e->type == TREE_LINK)
		check_walk(e->target, depth);
	for (size_t k = 0; k < i; k++)
		check(strcmp(e->name, t->v[k].name) != 0);
}

static bool append(void *context, const void *bytes, size_t n)
{
	buf_add(context, bytes, n);
	return true;
}

static void check_pack(const struct table *table)
{
	struct table top = *table, *taken;
	AUTO_BUF struct buf block = { 0 };
	struct pack p;

	table_pack(&p, pack_begin(&p, &top, sizeof(top)));
	check(!p.wrong && pack_write(&p, append, &block));
	pack_release(&p);
	taken = unpack_begin(&p, block.text, block.size, sizeof(*taken));
	check(taken != NULL);
	table_pack(&p, taken);
	check(unpack_end(&p) && taken->n == table->n);
	for (size_t i = 0; i < table->n; i++)
		check(strcmp(taken->v[i].name, table->v[i].name) == 0);
}

/* Each line is an entry: its type, its name, and behind a tab its target. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_DIAGS struct diags d = { 0 };
	AUTO(arena_release) struct arena a = { 0 };
	struct table table = { 0 };
	struct table_maker m = { .table = &table, .arena = &a };
	char *text = arena_strndup(&a, (const char *)data, size), *next;

	for (char *line = text; *line; line = next) {
		struct table_entry e = { 0 }, *added;
		char *tab;

		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = '\0';
		if (!*line)
			continue;
		e.type = *line - '0';
		e.name = line + 1;
		tab = strchr(line + 1, '\t');
		if (tab) {
			*tab = '\0';
			e.target = tab + 1;
		}
		table_add(&m, &e, &added, &d);
	}
	for (size_t i = 0; i < table.n; i++)
		check_entry(&table, i);
	check_pack(&table);
	return 0;
}
