/* SPDX-License-Identifier: MIT */
#include "lib/text/template_parse.h"

#include <stdio.h>
#include <string.h>

enum { MAX_NAME = 1024, MAX_DELIMITER = 16 };

struct place unit_place(const struct unit *u, size_t offset)
{
	struct place place = { u->name, 1, 1 };

	for (size_t i = 0; i < offset; i++, place.column++) {
		if (u->text[i] != '\n')
			continue;
		place.line++;
		place.column = 0;
	}
	if (place.column > u->indent)
		place.column -= u->indent;
	return place;
}

struct parser {
	struct unit *unit;
	struct arena *arena;
	struct diags *d;
	size_t at; /* all before is in tokens */
	char open[MAX_DELIMITER + 1], close[MAX_DELIMITER + 1];
	uint32_t sections[TEMPLATE_MAX_SECTIONS]; /* that are open */
	size_t depth;
};

/* A tag as it stands in the text. */
struct tag {
	char sigil; /* one of "#^/!>&{=", or 0 */
	size_t start, end;
	struct span content; /* without space around it */
	/* What goes with it: a whole line if it stands alone there. */
	size_t cut_start, cut_end;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_space(char c)
{
	return is_blank(c) || c == '\n' || c == '\r';
}

static bool begins(const struct unit *u, size_t at, const char *word)
{
	size_t n = strlen(word);

	return u->size - at >= n && memcmp(u->text + at, word, n) == 0;
}

/* Where word is next, at or after from; the end when it is nowhere. */
static size_t find(const struct unit *u, size_t from, const char *word)
{
	while (from < u->size) {
		const char *at =
			memchr(u->text + from, word[0], u->size - from);

		if (!at)
			break;
		from = (size_t)(at - u->text);
		if (begins(u, from, word))
			return from;
		from++;
	}
	return u->size;
}

static struct span strip(const char *text, size_t size)
{
	while (size && is_space(text[0])) {
		text++;
		size--;
	}
	while (size && is_space(text[size - 1]))
		size--;
	return (struct span){ text, size };
}

static struct token *add_token(struct parser *p, enum token_kind kind,
			       size_t place, struct span what)
{
	struct unit *u = p->unit;
	struct token *token;

	u->tokens = arena_grow(p->arena, u->tokens, u->n, &u->capacity,
			       sizeof(*u->tokens));
	token = &u->tokens[u->n++];
	*token = (struct token){
		.kind = (uint8_t)kind,
		.place = (uint32_t)place,
		.start = (uint32_t)(what.at - u->text),
		.size = (uint32_t)what.size,
	};
	return token;
}

static void add_text(struct parser *p, size_t end)
{
	if (end > p->at)
		add_token(p, TOKEN_TEXT, p->at,
			  (struct span){ p->unit->text + p->at, end - p->at });
}

/* Words of printable characters with single dots between, or one dot. */
static bool is_name(struct span name)
{
	char before = '.';

	if (name.size == 1 && name.at[0] == '.')
		return true;
	for (size_t i = 0; i < name.size; i++) {
		char c = name.at[i];

		if ((unsigned char)c <= ' ' || c == 0x7f)
			return false;
		if (c == '.' && before == '.')
			return false;
		before = c;
	}
	return before != '.' && name.size <= MAX_NAME;
}

static bool check_name(struct parser *p, const struct tag *tag)
{
	const struct span *name = &tag->content;

	if (!name->size)
		return diag_error_at(p->d, unit_place(p->unit, tag->start),
				     "the tag has no name");
	if (!is_name(*name))
		return diag_error_at(p->d, unit_place(p->unit, tag->start),
				     "'%.*s' must be a name such as vars.name",
				     shown(name->size), name->at);
	return true;
}

static bool add_variable(struct parser *p, const struct tag *tag)
{
	struct token *token;

	if (!check_name(p, tag))
		return false;
	token = add_token(p, TOKEN_VARIABLE, tag->start, tag->content);
	token->raw = tag->sigil != 0;
	return true;
}

static bool open_section(struct parser *p, const struct tag *tag)
{
	enum token_kind kind =
		tag->sigil == '#' ? TOKEN_SECTION : TOKEN_INVERTED;

	if (!check_name(p, tag))
		return false;
	if (p->depth == TEMPLATE_MAX_SECTIONS)
		return diag_error_at(p->d, unit_place(p->unit, tag->start),
				     "sections are nested more than %d deep",
				     TEMPLATE_MAX_SECTIONS);
	p->sections[p->depth++] = (uint32_t)p->unit->n;
	add_token(p, kind, tag->start, tag->content);
	return true;
}

static bool close_section(struct parser *p, const struct tag *tag)
{
	const struct unit *u = p->unit;
	struct span name = tag->content;
	struct token *open;

	if (!p->depth)
		return diag_error_at(p->d, unit_place(u, tag->start),
				     "'%.*s' closes a section that is not open",
				     shown(name.size), name.at);
	open = &u->tokens[p->sections[--p->depth]];
	if (open->size != name.size ||
	    memcmp(u->text + open->start, name.at, name.size) != 0)
		return diag_error_at(
			p->d, unit_place(u, tag->start),
			"'%.*s' does not close the section '%.*s' of line %zu",
			shown(name.size), name.at, shown(open->size),
			u->text + open->start, unit_place(u, open->place).line);
	open->close = (uint32_t)u->n;
	add_token(p, TOKEN_CLOSE, tag->start, name);
	return true;
}

static bool is_partial_name(struct span name)
{
	for (size_t i = 0; i < name.size; i++)
		if ((unsigned char)name.at[i] <= ' ' || name.at[i] == 0x7f)
			return false;
	return name.size && name.size <= MAX_NAME;
}

static bool add_partial(struct parser *p, const struct tag *tag)
{
	const struct span *name = &tag->content;
	struct token *token;

	if (!is_partial_name(*name))
		return diag_error_at(p->d, unit_place(p->unit, tag->start),
				     "'%.*s' must be the name of a partial, "
				     "without spaces",
				     shown(name->size), name->at);
	token = add_token(p, TOKEN_PARTIAL, tag->start, *name);
	token->indent = (uint32_t)(tag->start - tag->cut_start);
	return true;
}

static bool is_delimiter(struct span word)
{
	if (!word.size || word.size > MAX_DELIMITER)
		return false;
	for (size_t i = 0; i < word.size; i++)
		if (is_space(word.at[i]) || word.at[i] == '=' || !word.at[i])
			return false;
	return true;
}

static bool set_delimiters(struct parser *p, const struct tag *tag)
{
	const char *text = tag->content.at;
	size_t n = 0, size = tag->content.size;
	struct span open, close;

	while (n < size && !is_space(text[n]))
		n++;
	open = (struct span){ text, n };
	close = strip(text + n, size - n);
	if (!is_delimiter(open) || !is_delimiter(close))
		return diag_error_at(p->d, unit_place(p->unit, tag->start),
				     "'%.*s' must be two delimiters such as "
				     "'<%% %%>', of up to %d bytes without '='",
				     shown(size), text, MAX_DELIMITER);
	memcpy(p->open, open.at, open.size);
	p->open[open.size] = '\0';
	memcpy(p->close, close.at, close.size);
	p->close[close.size] = '\0';
	return true;
}

static bool skip_comment(struct parser *p, const struct tag *tag)
{
	(void)p;
	(void)tag;
	return true;
}

static const struct tag_kind {
	char sigil;
	bool alone; /* takes its line with it when nothing else is there */
	bool (*add)(struct parser *, const struct tag *);
	const char *before_close;
} tag_kinds[] = {
	{ 0, false, add_variable, "" },     { '&', false, add_variable, "" },
	{ '{', false, add_variable, "}" },  { '#', true, open_section, "" },
	{ '^', true, open_section, "" },    { '/', true, close_section, "" },
	{ '>', true, add_partial, "" },     { '!', true, skip_comment, "" },
	{ '=', true, set_delimiters, "=" },
};

static const struct tag_kind *kind_of(char sigil)
{
	for (size_t i = 1; i < COUNT(tag_kinds); i++)
		if (tag_kinds[i].sigil == sigil)
			return &tag_kinds[i];
	return &tag_kinds[0];
}

/* Widens the cut to the whole line if the tag stands alone there. */
static void cut_line(const struct unit *u, struct tag *tag)
{
	size_t start = tag->start, end = tag->end;

	while (start && is_blank(u->text[start - 1]))
		start--;
	if (start && u->text[start - 1] != '\n')
		return;
	while (end < u->size && is_blank(u->text[end]))
		end++;
	if (begins(u, end, "\r\n"))
		end += 2;
	else if (begins(u, end, "\n"))
		end++;
	else if (end < u->size)
		return;
	tag->cut_start = start;
	tag->cut_end = end;
}

/* Reads the tag whose delimiter begins at start. */
static const struct tag_kind *read_tag(struct parser *p, size_t start,
				       struct tag *tag)
{
	const struct unit *u = p->unit;
	char close[MAX_DELIMITER + 2];
	size_t at = start + strlen(p->open), end;
	const struct tag_kind *kind;

	while (at < u->size && is_space(u->text[at]))
		at++;
	kind = kind_of(at < u->size ? u->text[at] : 0);
	at += kind->sigil != 0;
	snprintf(close, sizeof(close), "%s%s", kind->before_close, p->close);
	end = find(u, at, close);
	if (end == u->size) {
		diag_error_at(p->d, unit_place(u, start),
			      "the tag is not closed: '%s' is missing", close);
		return NULL;
	}
	*tag = (struct tag){ .sigil = kind->sigil, .start = start };
	tag->content = strip(u->text + at, end - at);
	tag->cut_start = start;
	tag->cut_end = tag->end = end + strlen(close);
	if (kind->alone)
		cut_line(u, tag);
	return kind;
}

static bool parse_tags(struct parser *p)
{
	const struct unit *u = p->unit;
	size_t start;

	while ((start = find(u, p->at, p->open)) < u->size) {
		struct tag tag;
		const struct tag_kind *kind = read_tag(p, start, &tag);

		if (!kind)
			return false;
		add_text(p, tag.cut_start);
		p->at = tag.cut_end;
		if (!kind->add(p, &tag))
			return false;
	}
	add_text(p, u->size);
	return true;
}

bool unit_parse(struct unit *u, struct arena *arena, struct diags *d)
{
	struct parser p = {
		.unit = u, .arena = arena, .d = d, .open = "{{", .close = "}}"
	};
	const struct token *open;

	if (u->size > TEMPLATE_MAX_BYTES)
		return diag_error_at(d, (struct place){ .file = u->name },
				     "the template is larger than 16 MiB");
	if (!parse_tags(&p))
		return false;
	if (!p.depth)
		return true;
	open = &u->tokens[p.sections[p.depth - 1]];
	return diag_error_at(d, unit_place(u, open->place),
			     "the section '%.*s' is not closed",
			     shown(open->size), u->text + open->start);
}
