/* SPDX-License-Identifier: MIT */
#include "lib/text/object.h"

#include <string.h>
#include <strings.h>

bool object_is_hex(const char *text, size_t n)
{
	return strspn(text, "0123456789abcdef") == n && !text[n];
}

/* --- names --- */

static const char *component_wrong(const char *name, size_t n)
{
	static const char lock[] = ".lock";
	size_t l = sizeof(lock) - 1;

	if (n == 0)
		return "has an empty component";
	if (name[0] == '.')
		return "has a component that begins with '.'";
	if (n >= l && memcmp(name + n - l, lock, l) == 0)
		return "ends in '.lock'";
	return NULL;
}

const char *reference_wrong(const char *name, size_t n)
{
	const char *wrong = NULL;

	if (n == 0)
		return "is empty";
	if (name[0] == '-')
		return "begins with '-'";
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)name[i];

		if (c <= ' ' || c == 0x7f || strchr("~^:?*[\\", c))
			return "has a character that no branch or tag may have";
		if (i && name[i - 1] == '.' && c == '.')
			return "has '..' in it";
		if (i && name[i - 1] == '@' && c == '{')
			return "asks for a log of references, which is not "
			       "read";
	}
	if (name[n - 1] == '.')
		return "ends in '.'";
	for (size_t i = 0, end; !wrong && i <= n; i = end + 1) {
		const char *slash = memchr(name + i, '/', n - i);

		end = slash ? (size_t)(slash - name) : n;
		wrong = component_wrong(name + i, end - i);
	}
	return wrong;
}

/* --- revisions --- */

size_t rev_base(const char *rev)
{
	return strcspn(rev, "~^");
}

const char *rev_step(const char *at, struct step_back *step)
{
	if (*at != '~' && *at != '^')
		return NULL;
	*step = (struct step_back){ .how = *at++, .n = 1 };
	if (*at >= '0' && *at <= '9')
		step->n = 0;
	for (; *at >= '0' && *at <= '9' && step->n <= STEPS_MAX; at++)
		step->n = step->n * 10 + (unsigned)(*at - '0');
	return at;
}

const char *rev_wrong(const char *rev)
{
	const char *at = rev + rev_base(rev);
	const char *wrong = reference_wrong(rev, (size_t)(at - rev));
	struct step_back step;

	if (wrong)
		return wrong;
	while (*at) {
		at = rev_step(at, &step);
		if (!at)
			return "is no branch, tag or commit with steps back "
			       "such as ~2 or ^1";
		if (step.n > STEPS_MAX)
			return "goes back more than 100,000 commits";
	}
	return NULL;
}

/* --- commits --- */

/* What is left of a text. */
struct rest {
	const char *at, *end;
};

/* The line that comes next, without its end; false: there is none. */
static bool line_next(struct rest *r, const char **line, size_t *n)
{
	const char *newline;

	if (r->at == r->end)
		return false;
	newline = memchr(r->at, '\n', (size_t)(r->end - r->at));
	*line = r->at;
	*n = (size_t)((newline ? newline : r->end) - r->at);
	r->at = newline ? newline + 1 : r->end;
	return true;
}

/* "WORD value": the value, or NULL. */
static const char *value_of(const char *line, size_t n, const char *word,
			    size_t *size)
{
	size_t w = strlen(word);

	if (n <= w || memcmp(line, word, w) != 0 || line[w] != ' ')
		return NULL;
	*size = n - w - 1;
	return line + w + 1;
}

static const char *hex_of(const char *line, size_t n, const char *word)
{
	size_t size;
	const char *hex = value_of(line, n, word, &size);

	if (!hex || size != OBJECT_HEX)
		return NULL;
	for (size_t i = 0; i < size; i++)
		if (!strchr("0123456789abcdef", hex[i]) || !hex[i])
			return NULL;
	return hex;
}

/* "Ada <ada@example.org> 1700000000 +0100": up to the mail's end, and the
 * number. */
static bool read_person(const char *text, size_t n, size_t *size, int64_t *date)
{
	const char *at = text + n;

	while (at > text && at[-1] != '>')
		at--;
	if (at == text)
		return false;
	*size = (size_t)(at - text);
	*date = 0;
	if (at < text + n && *at == ' ')
		at++;
	for (; at < text + n && *at >= '0' && *at <= '9'; at++) {
		if (*date > INT64_MAX / 10 - 1)
			return false;
		*date = *date * 10 + (*at - '0');
	}
	return true;
}

/* One of the lines above the message that count. */
static bool read_header(struct commit_text *c, const char *line, size_t n,
			bool *committed)
{
	const char *value;
	size_t size;
	int64_t ignored;

	value = value_of(line, n, "author", &size);
	if (value && !c->author) {
		c->author = value;
		return read_person(value, size, &c->author_size, &ignored);
	}
	value = value_of(line, n, "committer", &size);
	if (value && !*committed) {
		*committed = true;
		return read_person(value, size, &size, &c->date);
	}
	return true;
}

bool commit_read(const char *text, size_t n, struct commit_text *c)
{
	struct rest r = { text, text + n };
	bool committed = false;
	const char *line;
	size_t size;

	*c = (struct commit_text){ .subject = text + n, .message = text + n };
	if (!line_next(&r, &line, &size) ||
	    !(c->tree = hex_of(line, size, "tree")))
		return false;
	c->parents = r.at;
	while (line_next(&r, &line, &size) && size) {
		bool is_parent = hex_of(line, size, "parent") != NULL;

		if (is_parent &&
		    line != c->parents + c->nparents * (OBJECT_HEX + 8))
			return false;
		c->nparents += is_parent;
		if (!is_parent && !read_header(c, line, size, &committed))
			return false;
	}
	while (line_next(&r, &line, &size)) {
		if (!size)
			continue;
		c->subject = line;
		c->subject_size = size;
		c->message = line;
		c->message_size = (size_t)(r.end - line);
		break;
	}
	return c->author && committed;
}

const char *commit_parent(const struct commit_text *c, size_t i)
{
	return i && i <= c->nparents
		       ? c->parents + (i - 1) * (OBJECT_HEX + 8) + 7
		       : NULL;
}

/* --- trees --- */

const char *tree_item_read(struct tree_item *item, const char *at, size_t n)
{
	const char *end = at + n, *nul = n ? memchr(at, '\0', n) : NULL;

	item->mode = 0;
	for (; at < end && *at >= '0' && *at <= '7' && item->mode < 01000000;
	     at++)
		item->mode = item->mode * 8 + (unsigned)(*at - '0');
	if (at == end || *at != ' ' || !nul || nul <= at ||
	    end - nul <= OBJECT_RAW)
		return NULL;
	item->name = at + 1;
	item->id = (const unsigned char *)nul + 1;
	return nul + 1 + OBJECT_RAW;
}

/* ".git" in any spelling that some file system takes for it. */
static bool is_git(const char *name)
{
	size_t n = strcspn(name, ":");

	if (strncasecmp(name, "git~", 4) == 0)
		return true;
	while (n && strchr(". ", name[n - 1]))
		n--;
	return n == 4 && strncasecmp(name, ".git", 4) == 0;
}

const char *tree_item_wrong(const struct tree_item *item)
{
	if (strchr(item->name, '/'))
		return "has a '/' in its name";
	if (is_git(item->name))
		return "has a name that git keeps for itself";
	switch (item->mode) {
	case MODE_FOLDER:
	case MODE_FILE:
	case MODE_PROGRAM:
	case MODE_LINK:
		return NULL;
	case 0160000:
		return "is a submodule, which is not taken";
	default:
		return "is of a type or mode that is not taken";
	}
}

bool tree_item_before(const struct tree_item *a, const struct tree_item *b)
{
	size_t n = strlen(a->name), m = strlen(b->name);
	size_t least = n < m ? n : m;
	int order = memcmp(a->name, b->name, least);
	unsigned char x = (unsigned char)a->name[least],
		      y = (unsigned char)b->name[least];

	if (order)
		return order < 0;
	if (!x && a->mode == MODE_FOLDER)
		x = '/';
	if (!y && b->mode == MODE_FOLDER)
		y = '/';
	return x < y;
}
