/* SPDX-License-Identifier: MIT */
/*
 * What converge's reader says of texts: standard input is records of a length
 * (4 bytes, the first is the least) and a text; a line for each is the value
 * that was read, or "! LINE:COLUMN MESSAGE".
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/auto.h"
#include "lib/text/source.h"

static char *next_text(size_t *size)
{
	unsigned char n[4];
	char *text;

	if (fread(n, 1, sizeof(n), stdin) != sizeof(n))
		return NULL;
	*size = n[0] | (size_t)n[1] << 8 | (size_t)n[2] << 16 |
		(size_t)n[3] << 24;
	/* just as long as it is: sanitizers see what is read beyond */
	text = malloc(*size ? *size : 1);
	if (!text || fread(text, 1, *size, stdin) != *size)
		abort();
	return text;
}

static void judge(const char *text, size_t size)
{
	struct source source = { .name = "x", .text = text, .size = size };
	AUTO_DIAGS struct diags d = { 0 };
	json_t *value = source_parse(&source, &d);
	AUTO_FREE char *shown =
		json_dumps(value, JSON_COMPACT | JSON_ENSURE_ASCII);

	if (d.n != (value ? 0 : 1))
		printf("! %zu diagnostics\n", d.n);
	else if (value)
		printf("%s\n", shown);
	else
		printf("! %zu:%zu %s\n", d.v[0].place.line, d.v[0].place.column,
		       d.v[0].text);
	json_decref(value);
	source_release(&source);
}

int main(void)
{
	char *text;
	size_t size;

	while ((text = next_text(&size))) {
		judge(text, size);
		free(text);
	}
	return EXIT_SUCCESS;
}
