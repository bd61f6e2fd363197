/* SPDX-License-Identifier: MIT */
/*
 * File modes as chmod(1) takes them: octal ("0644", "4755") or symbolic
 * ("u+x,go-w", "a=rX", "u=rwx,g=u"), which is relative to what is there.
 */
#ifndef CONVERGE_BASE_MODE_H
#define CONVERGE_BASE_MODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MODE_CLAUSES = 16 };

struct mode_clause {
	char op;       /* '=', '+' or '-' */
	char copy;     /* 'u', 'g', 'o': copy their bits; 0: none */
	bool exec_if;  /* X: x for directories and what has an x */
	uint16_t who;  /* mask of the bits that this clause touches */
	uint16_t bits; /* bits named, spread over all classes */
};

struct mode {
	uint8_t n; /* clauses; 0: octal */
	uint16_t octal;
	bool is_directory; /* of an observed mode: what it is the mode of */
	const char *text;  /* as it was written; NULL: octal */
	struct mode_clause clauses[MODE_CLAUSES];
};

/* NULL, or what to write instead: "must be an octal string such as ...". */
const char *mode_parse(const char *text, struct mode *);
/* The permission bits (07777) that mode makes of have. A symbolic mode never
 * looks at the umask: a clause without u, g, o or a means a. An octal mode of
 * up to four digits sets all of 07777. */
uint32_t mode_apply(const struct mode *, uint32_t have, bool is_directory);
/* "0644", in a buffer of 8. */
const char *mode_text(uint32_t mode, char buffer[8]);

#endif
