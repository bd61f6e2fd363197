/* SPDX-License-Identifier: MIT */
#include "lib/text/template.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/map.h"

enum {
	MAX_BYTES = 16 * 1024 * 1024, /* of a template, and of what it gives */
	/* Tags done, bytes of partials read and contexts searched in all: lists
	 * in lists in lists may give no output and yet take for ever. */
	MAX_STEPS = 32 * 1024 * 1024,
	MAX_NAME = 1024,
	MAX_DELIMITER = 16,
	MAX_SECTIONS = 64,
	MAX_PARTIALS = 32,
	MAX_FRAMES = MAX_SECTIONS + MAX_PARTIALS + 1,
	MAX_REPORTS = 100,
	SHOWN = 80, /* bytes of a name that an error shows */
};

enum token_kind {
	TOKEN_TEXT,
	TOKEN_VARIABLE,
	TOKEN_SECTION,
	TOKEN_INVERTED,
	TOKEN_CLOSE,
	TOKEN_PARTIAL,
};

/* Offsets into the unit's text. */
struct token {
	uint8_t kind;
	bool reported;        /* its error was, in an earlier pass */
	uint32_t place;       /* where its tag begins */
	uint32_t start, size; /* of the text or name */
	uint32_t close;       /* a section's end, among the tokens */
	uint32_t indent;      /* of a partial: bytes before its tag */
	struct unit *partial; /* once it was needed */
};

/* The template or a partial, with its indentation put before each line. */
struct unit {
	const char *name;
	const char *text;
	size_t size;
	size_t indent;
	struct token *tokens;
	size_t n, capacity;
};

static int shown(size_t size)
{
	return size < SHOWN ? (int)size : SHOWN;
}

static struct place place_of(const struct unit *u, size_t offset)
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

struct span {
	const char *at;
	size_t size;
};

struct parser {
	struct unit *unit;
	struct arena *arena;
	struct diags *d;
	size_t at; /* all before is in tokens */
	char open[MAX_DELIMITER + 1], close[MAX_DELIMITER + 1];
	uint32_t sections[MAX_SECTIONS]; /* that are open */
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
		return diag_error_at(p->d, place_of(p->unit, tag->start),
				     "the tag has no name");
	if (!is_name(*name))
		return diag_error_at(p->d, place_of(p->unit, tag->start),
				     "'%.*s' must be a name such as vars.name",
				     shown(name->size), name->at);
	return true;
}

static bool add_variable(struct parser *p, const struct tag *tag)
{
	if (!check_name(p, tag))
		return false;
	add_token(p, TOKEN_VARIABLE, tag->start, tag->content);
	return true;
}

static bool open_section(struct parser *p, const struct tag *tag)
{
	enum token_kind kind =
		tag->sigil == '#' ? TOKEN_SECTION : TOKEN_INVERTED;

	if (!check_name(p, tag))
		return false;
	if (p->depth == MAX_SECTIONS)
		return diag_error_at(p->d, place_of(p->unit, tag->start),
				     "sections are nested more than %d deep",
				     MAX_SECTIONS);
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
		return diag_error_at(p->d, place_of(u, tag->start),
				     "'%.*s' closes a section that is not open",
				     shown(name.size), name.at);
	open = &u->tokens[p->sections[--p->depth]];
	if (open->size != name.size ||
	    memcmp(u->text + open->start, name.at, name.size) != 0)
		return diag_error_at(
			p->d, place_of(u, tag->start),
			"'%.*s' does not close the section '%.*s' of line %zu",
			shown(name.size), name.at, shown(open->size),
			u->text + open->start, place_of(u, open->place).line);
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
		return diag_error_at(p->d, place_of(p->unit, tag->start),
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
		return diag_error_at(p->d, place_of(p->unit, tag->start),
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
		diag_error_at(p->d, place_of(u, start),
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

static bool parse(struct unit *u, struct arena *arena, struct diags *d)
{
	struct parser p = {
		.unit = u, .arena = arena, .d = d, .open = "{{", .close = "}}"
	};
	const struct token *open;

	if (u->size > MAX_BYTES)
		return diag_error_at(d, (struct place){ .file = u->name },
				     "the template is larger than 16 MiB");
	if (!parse_tags(&p))
		return false;
	if (!p.depth)
		return true;
	open = &u->tokens[p.sections[p.depth - 1]];
	return diag_error_at(d, place_of(u, open->place),
			     "the section '%.*s' is not closed",
			     shown(open->size), u->text + open->start);
}

/* A range of tokens being rendered: a unit or one pass of a section. */
struct frame {
	struct unit *unit;
	size_t *depth; /* the counter of what it is nested in */
	size_t start, at, end;
	json_t *value; /* a list to go through, or the one value */
	size_t pass, passes;
	json_t *item; /* the context of this pass; NULL: none of its own */
};

struct render {
	const struct scope *scope;
	template_partial *partial;
	void *context;
	struct arena arena;
	struct map units; /* by indentation and name */
	struct buf *out;
	size_t before; /* bytes in out that are not ours */
	struct diags *d;
	size_t steps;
	size_t reports;
	struct frame frames[MAX_FRAMES];
	size_t n, sections, partials;
};

static bool stop_at(struct render *r, const struct token *token,
		    const char *what)
{
	const struct unit *u = r->frames[r->n - 1].unit;

	return diag_error_at(r->d, place_of(u, token->place), "%s", what);
}

/* False when that was too much. */
static bool spend(struct render *r, const struct token *token, size_t steps)
{
	r->steps += steps;
	if (r->steps <= MAX_STEPS)
		return true;
	return stop_at(r, token, "the template takes too many steps");
}

static struct frame *enter(struct render *r, struct unit *unit, size_t start,
			   size_t end, size_t *depth)
{
	struct frame *f = &r->frames[r->n++];

	++*depth;
	*f = (struct frame){
		.unit = unit,
		.depth = depth,
		.start = start,
		.at = start,
		.end = end,
		.passes = 1,
	};
	return f;
}

static json_t *current_item(const struct render *r)
{
	for (size_t i = r->n; i-- > 0;)
		if (r->frames[i].item)
			return r->frames[i].item;
	return NULL;
}

/*
 * The value of a name: the innermost context that has its first word decides;
 * when none has, the scope does.
 */
static json_t *look_up(const struct render *r, const char *name, size_t size)
{
	const char *dot = memchr(name, '.', size);
	size_t first = dot ? (size_t)(dot - name) : size;

	if (size == 1 && *name == '.')
		return current_item(r);
	for (size_t i = r->n; i-- > 0;) {
		json_t *item = r->frames[i].item;

		if (json_is_object(item) && scope_inside(item, name, first))
			return scope_inside(item, name, size);
	}
	return scope_get(r->scope, name, size);
}

/* Errors that let the rest be looked at too: each tag's is told once. */
static bool report(struct render *r, struct token *token, const char *what)
{
	const struct unit *u = r->frames[r->n - 1].unit;

	if (token->reported)
		return true;
	token->reported = true;
	diag_error_at(r->d, place_of(u, token->place), "'%.*s' is %s",
		      shown(token->size), u->text + token->start, what);
	return ++r->reports < MAX_REPORTS;
}

static bool render_text(struct render *r, struct token *token)
{
	const struct unit *u = r->frames[r->n - 1].unit;

	buf_add(r->out, u->text + token->start, token->size);
	return true;
}

static bool render_variable(struct render *r, struct token *token)
{
	const struct unit *u = r->frames[r->n - 1].unit;
	const json_t *value = look_up(r, u->text + token->start, token->size);

	if (!spend(r, token, r->n))
		return false;
	if (!value)
		return report(r, token, "not defined");
	if (json_is_null(value))
		return report(r, token, "null, not text");
	if (json_is_array(value))
		return report(r, token, "a list, not text");
	return scope_text(r->out, value) ||
	       report(r, token, "an object, not text");
}

/* JSON's false and null, an empty list and what is not defined. */
static bool is_no(const json_t *value)
{
	return !value || json_is_false(value) || json_is_null(value) ||
	       (json_is_array(value) && !json_array_size(value));
}

static void set_item(struct frame *f)
{
	f->item = json_is_array(f->value) ? json_array_get(f->value, f->pass)
					  : f->value;
}

/* Renders the tokens up to its end: once, for each of a list, or not. */
static bool render_section(struct render *r, struct token *token)
{
	struct frame *f = &r->frames[r->n - 1];
	json_t *value = look_up(r, f->unit->text + token->start, token->size);
	bool inverted = token->kind == TOKEN_INVERTED;
	size_t start = f->at;

	f->at = token->close + 1;
	if (!spend(r, token, r->n))
		return false;
	if (is_no(value) != inverted)
		return true;
	if (r->sections == MAX_SECTIONS)
		return stop_at(r, token,
			       "sections are nested more than 64 deep");
	f = enter(r, f->unit, start, token->close, &r->sections);
	if (inverted)
		return true;
	f->value = value;
	f->passes = json_is_array(value) ? json_array_size(value) : 1;
	set_item(f);
	return true;
}

static bool render_close(struct render *r, struct token *token)
{
	(void)r;
	(void)token;
	return true;
}

/* Puts indent before each line of text. */
static struct span indented(struct arena *arena, struct span indent,
			    struct span text)
{
	const char *at = text.at, *end = text.at + text.size;
	AUTO_BUF struct buf b = { 0 };

	if (!indent.size || !text.size || text.size > MAX_BYTES)
		return text;
	while (at < end && b.size <= MAX_BYTES) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *next = newline ? newline + 1 : end;

		buf_add(&b, indent.at, indent.size);
		buf_add(&b, at, (size_t)(next - at));
		at = next;
	}
	return (struct span){ arena_memdup(arena, b.text, b.size), b.size };
}

static struct unit *load_partial(struct render *r, const struct token *token,
				 const char *name, struct span indent)
{
	struct unit *u = arena_new(&r->arena, struct unit);
	struct span text = { "", 0 };

	if (!r->partial ||
	    !r->partial(r->context, &name, &text.at, &text.size)) {
		diag_error_at(r->d,
			      place_of(r->frames[r->n - 1].unit, token->place),
			      "the partial '%.*s' is not found",
			      shown(token->size), name);
		return NULL;
	}
	text = indented(&r->arena, indent, text);
	*u = (struct unit){ .name = name,
			    .text = text.at,
			    .size = text.size,
			    .indent = indent.size };
	if (!spend(r, token, text.size) || !parse(u, &r->arena, r->d))
		return NULL;
	return u;
}

/* A partial is read once for each indentation that it is used with. */
static struct unit *find_partial(struct render *r, const struct token *token)
{
	const struct unit *outer = r->frames[r->n - 1].unit;
	struct span indent = { outer->text + token->place - token->indent,
			       token->indent };
	char *key =
		arena_printf(&r->arena, "%.*s%.*s", (int)indent.size, indent.at,
			     (int)token->size, outer->text + token->start);
	struct unit *u = map_get(&r->units, key);

	if (u)
		return u;
	u = load_partial(r, token, key + indent.size, indent);
	if (u)
		map_put(&r->units, &r->arena, key, u);
	return u;
}

static bool render_partial(struct render *r, struct token *token)
{
	/* the template itself is the first */
	if (r->partials > MAX_PARTIALS)
		return stop_at(r, token,
			       "partials are nested more than 32 deep");
	if (!token->partial)
		token->partial = find_partial(r, token);
	if (!token->partial)
		return false;
	enter(r, token->partial, 0, token->partial->n, &r->partials);
	return true;
}

static bool render_token(struct render *r, struct token *token)
{
	static bool (*const renderers[])(struct render *, struct token *) = {
		[TOKEN_TEXT] = render_text,
		[TOKEN_VARIABLE] = render_variable,
		[TOKEN_SECTION] = render_section,
		[TOKEN_INVERTED] = render_section,
		[TOKEN_CLOSE] = render_close,
		[TOKEN_PARTIAL] = render_partial,
	};

	if (!spend(r, token, 1) || !renderers[token->kind](r, token))
		return false;
	if (r->out->size - r->before <= MAX_BYTES)
		return true;
	return stop_at(r, token, "the output is larger than 16 MiB");
}

/* Goes on with the next of a list, or with what stands around the frame. */
static bool end_pass(struct render *r, struct frame *f)
{
	if (++f->pass == f->passes) {
		--*f->depth;
		r->n--;
		return true;
	}
	f->at = f->start;
	set_item(f);
	return spend(r, &f->unit->tokens[f->start - 1], 1);
}

static bool run(struct render *r)
{
	while (r->n) {
		struct frame *f = &r->frames[r->n - 1];

		if (f->at == f->end) {
			if (!end_pass(r, f))
				return false;
		} else if (!render_token(r, &f->unit->tokens[f->at++])) {
			return false;
		}
	}
	return !r->reports;
}

static bool render_unit(struct render *r, struct unit *unit)
{
	if (!parse(unit, &r->arena, r->d))
		return false;
	enter(r, unit, 0, unit->n, &r->partials);
	return run(r);
}

bool template_render(const char *name, const char *text, size_t size,
		     const struct scope *scope, template_partial *partial,
		     void *context, struct buf *out, struct diags *d)
{
	struct unit unit = { .name = name, .text = text, .size = size };
	struct render r = {
		.scope = scope,
		.partial = partial,
		.context = context,
		.out = out,
		.before = out->size,
		.d = d,
	};
	bool good = render_unit(&r, &unit);

	if (!good && out->text) {
		out->size = r.before;
		out->text[out->size] = '\0';
	}
	arena_release(&r.arena);
	return good;
}
