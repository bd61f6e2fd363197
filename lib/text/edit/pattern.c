/* SPDX-License-Identifier: MIT */
/*
 * Which patterns are taken. The regcomp(3) of glibc needs time and memory
 * without bound for repetitions of repetitions, so what they come to is
 * counted first; what is no expression at all it says itself.
 */
#include <string.h>

#include "lib/text/edit/lines.h"

enum { GROUPS_MAX = 16, NESTED_MAX = 2, COPIES_MAX = 1000 };

/* An atom, or all of a group so far. */
struct part {
	unsigned nested; /* repetitions in repetitions */
	unsigned long copies;
};

struct scan {
	const char *at;
	struct part group[GROUPS_MAX];
	size_t depth;
	struct part last; /* the last atom, not in its group yet */
	bool repeated;    /* by a repetition */
};

/* Behind the bracket expression that begins here. */
static const char *skip_bracket(const char *p)
{
	p += p[1] == '^' ? 2 : 1;
	if (*p == ']')
		p++;
	for (; *p && *p != ']'; p++) {
		const char *end;
		char close[3] = { p[1], ']', '\0' };

		if (*p != '[' || !p[1] || !strchr(":.=", p[1]))
			continue;
		end = strstr(p + 2, close);
		if (end)
			p = end + 1;
	}
	return *p ? p + 1 : p;
}

/* Puts the last atom into its group. */
static void settle(struct scan *s)
{
	struct part *g = &s->group[s->depth];

	if (s->last.nested > g->nested)
		g->nested = s->last.nested;
	g->copies += s->last.copies;
	s->last = (struct part){ 0, 0 };
	s->repeated = false;
}

static void begin_atom(struct scan *s)
{
	settle(s);
	s->last.copies = 1;
}

/* Whether a repetition begins here, how often it has its atom, and its end. */
static bool is_repetition(const char *p, unsigned long *times, const char **end)
{
	*times = 1;
	*end = p + 1;
	if (*p != '{')
		return *p == '*' || *p == '+' || *p == '?';
	if (p[1] != ',' && (p[1] < '0' || p[1] > '9'))
		return false;
	for (p++; *p && *p != '}'; p++) {
		unsigned long n = 0;

		for (; *p >= '0' && *p <= '9'; p++)
			n = n < COPIES_MAX ? n * 10 + (unsigned long)(*p - '0')
					   : n;
		if (n > *times)
			*times = n;
		if (*p != ',')
			break;
	}
	*end = *p == '}' ? p + 1 : p;
	return true;
}

static const char *repeat(struct scan *s, unsigned long times)
{
	if (s->repeated)
		return "has a repetition of a repetition";
	s->repeated = true;
	s->last.copies *= times;
	if (++s->last.nested > NESTED_MAX)
		return "has repetitions that are nested too deep";
	if (s->last.copies > COPIES_MAX)
		return "repeats too much";
	return NULL;
}

/* One step; what is wrong, or NULL. */
static const char *step(struct scan *s)
{
	unsigned long times;
	const char *end;

	if (is_repetition(s->at, &times, &end)) {
		s->at = end;
		return repeat(s, times);
	}
	switch (*s->at) {
	case '\\':
		if (s->at[1] >= '1' && s->at[1] <= '9')
			return "has a back-reference, which is not taken";
		begin_atom(s);
		s->at += s->at[1] ? 2 : 1;
		return NULL;
	case '[':
		begin_atom(s);
		s->at = skip_bracket(s->at);
		return NULL;
	case '(':
		settle(s);
		s->at++;
		if (++s->depth == GROUPS_MAX)
			return "has groups that are nested too deep";
		s->group[s->depth] = (struct part){ 0, 0 };
		return NULL;
	case ')':
		settle(s);
		s->at++;
		if (!s->depth)
			return NULL;
		s->last = s->group[s->depth--];
		return NULL;
	case '|':
		settle(s);
		s->at++;
		return NULL;
	default:
		begin_atom(s);
		s->at++;
		return NULL;
	}
}

const char *edit_pattern_wrong(const char *text, struct arena *a)
{
	struct scan s = { .at = text };
	const char *wrong = NULL;
	char why[200];
	regex_t regex;
	int error;

	if (strlen(text) > EDIT_MAX_PATTERN)
		return arena_printf(a, "has more than %d bytes",
				    EDIT_MAX_PATTERN);
	while (!wrong && *s.at)
		wrong = step(&s);
	if (wrong)
		return wrong;
	error = regcomp(&regex, text, REG_EXTENDED | REG_NOSUB);
	if (error == 0) {
		regfree(&regex);
		return NULL;
	}
	regerror(error, &regex, why, sizeof(why));
	return arena_printf(a, "is no extended regular expression: %s", why);
}
