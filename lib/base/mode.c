/* SPDX-License-Identifier: MIT */
#include "lib/base/mode.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/auto.h"

enum {
	SET_IDS = 06000,
	EXEC = 0111,
	ALL = 07777,
};

static const char wrong[] = "must be an octal string such as \"0644\" or "
			    "symbolic such as \"u=rw,go=r\"";
static const char too_many[] =
	"must have at most 16 clauses such as \"u=rw,go=r\"";

/* What a letter before the operator stands for: its classes' bits. */
static const struct {
	char letter;
	uint16_t bits;
} classes[] = {
	{ 'u', 04700 },
	{ 'g', 02070 },
	{ 'o', 01007 },
	{ 'a', ALL },
};

/* What one after the operator stands for, in every class. */
static const struct {
	char letter;
	uint16_t bits;
} permissions[] = {
	{ 'r', 0444 }, { 'w', 0222 },  { 'x', EXEC },
	{ 'X', 0 },    { 's', 06000 }, { 't', 01000 },
};

static bool is_octal(const char *text, size_t n)
{
	return strspn(text, "01234567") == n;
}

/*
 * Three or four digits, or five of which the first is 0. Fewer are refused: in
 * "7" or "64" digits are missing more often than meant.
 */
static const char *parse_octal(const char *text, struct mode *mode)
{
	size_t n = strlen(text);
	unsigned value = 0;

	if (n < 3 || n > 5 || (n == 5 && text[0] != '0') || !is_octal(text, n))
		return wrong;
	for (; *text; text++)
		value = value * 8 + (unsigned)(*text - '0');
	mode->octal = (uint16_t)value;
	return NULL;
}

static const char *parse_who(const char *p, uint16_t *who)
{
	size_t i;

	for (*who = 0;; p++) {
		for (i = 0; i < COUNT(classes); i++)
			if (classes[i].letter == *p)
				break;
		if (i == COUNT(classes))
			break;
		*who |= classes[i].bits;
	}
	if (!*who)
		*who = ALL;
	return p;
}

static const char *parse_letters(const char *p, struct mode_clause *clause)
{
	size_t i;

	for (;; p++) {
		for (i = 0; i < COUNT(permissions); i++)
			if (permissions[i].letter == *p)
				break;
		if (i == COUNT(permissions))
			return p;
		clause->bits |= permissions[i].bits;
		clause->exec_if |= *p == 'X';
	}
}

/* One operator and what follows it; NULL when that is nothing chmod knows. */
static const char *parse_clause(const char *p, struct mode_clause *clause)
{
	const char *letters;

	if (!*p || !strchr("=+-", *p))
		return NULL;
	clause->op = *p++;
	letters = p;
	if (*p && strchr("ugo", *p))
		clause->copy = *p++;
	else
		p = parse_letters(p, clause);
	/* "go=" takes all away; "go+" says nothing at all. */
	if (p == letters && clause->op != '=')
		return NULL;
	return p;
}

static const char *parse_symbolic(const char *p, struct mode *mode)
{
	for (;; p++) {
		uint16_t who;

		p = parse_who(p, &who);
		do {
			struct mode_clause *clause = &mode->clauses[mode->n];

			if (mode->n == MODE_CLAUSES)
				return too_many;
			p = parse_clause(p, clause);
			if (!p)
				return wrong;
			clause->who = who;
			mode->n++;
		} while (*p && *p != ',');
		if (!*p)
			return NULL;
	}
}

const char *mode_parse(const char *text, struct mode *mode)
{
	struct mode parsed = { 0 };
	const char *error;

	if (*text >= '0' && *text <= '9')
		error = parse_octal(text, &parsed);
	else
		error = parse_symbolic(text, &parsed);
	if (!error)
		*mode = parsed;
	return error;
}

static uint32_t copied(char class, uint32_t mode)
{
	unsigned shift = class == 'u' ? 6 : class == 'g' ? 3 : 0;

	return (mode >> shift & 07) * EXEC;
}

/*
 * As GNU chmod's mode_adjust: X looks at what earlier clauses left, and '='
 * leaves the set-id bits of a directory alone unless it names them, because
 * there they say how new entries inherit their group, see chmod(1).
 */
static uint32_t apply_clause(const struct mode_clause *clause, uint32_t mode,
			     bool is_directory)
{
	uint32_t keep = ~(uint32_t)clause->who;
	uint32_t bits = clause->bits;

	if (clause->copy)
		bits = copied(clause->copy, mode);
	if (clause->exec_if && (is_directory || mode & EXEC))
		bits |= EXEC;
	bits &= clause->who;
	if (clause->op == '+')
		return mode | bits;
	if (clause->op == '-')
		return mode & ~bits;
	if (is_directory)
		keep |= SET_IDS & ~bits;
	return (mode & keep) | bits;
}

uint32_t mode_apply(const struct mode *mode, uint32_t have, bool is_directory)
{
	uint32_t want = have & ALL;

	if (!mode->n)
		return mode->octal & ALL;
	for (size_t i = 0; i < mode->n; i++)
		want = apply_clause(&mode->clauses[i], want, is_directory);
	return want;
}

const char *mode_text(uint32_t mode, char buffer[8])
{
	snprintf(buffer, 8, "%04o", (unsigned)(mode & ALL));
	return buffer;
}
