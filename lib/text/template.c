/* SPDX-License-Identifier: MIT */
#include "lib/text/template.h"

#include <stdint.h>
#include <string.h>

#include "lib/base/map.h"
#include "lib/text/template_parse.h"

enum {
	/* Tags done, bytes of partials read and contexts searched in all: lists
	 * in lists in lists may give no output and yet take for ever. */
	MAX_STEPS = 32 * 1024 * 1024,
	MAX_PARTIALS = 32,
	MAX_FRAMES = TEMPLATE_MAX_SECTIONS + MAX_PARTIALS + 1,
	MAX_REPORTS = 100,
};

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
	const struct template_options *options;
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

	return diag_error_at(r->d, unit_place(u, token->place), "%s", what);
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
	diag_error_at(r->d, unit_place(u, token->place), "'%.*s' is %s",
		      shown(token->size), u->text + token->start, what);
	return ++r->reports < MAX_REPORTS;
}

static bool render_text(struct render *r, struct token *token)
{
	const struct unit *u = r->frames[r->n - 1].unit;

	buf_add(r->out, u->text + token->start, token->size);
	return true;
}

/* A number or a boolean has nothing to be escaped. */
static void add_html(struct buf *out, const json_t *value)
{
	static const char *const entities[] = {
		['&'] = "&amp;",  ['<'] = "&lt;",   ['>'] = "&gt;",
		['"'] = "&quot;", ['\''] = "&#39;",
	};
	const char *text = json_string_value(value);
	size_t size = json_string_length(value);

	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c < COUNT(entities) && entities[c])
			buf_puts(out, entities[c]);
		else
			buf_putc(out, text[i]);
	}
}

static bool add_value(const struct render *r, const struct token *token,
		      const json_t *value)
{
	if (!r->options->html || token->raw || !json_is_string(value))
		return scope_text(r->out, value);
	add_html(r->out, value);
	return true;
}

/* Its value is not known here: the place that it has in the text is. */
static bool render_secret(struct render *r, struct token *token,
			  const json_t *value)
{
	struct cuts *cuts = r->scope->cuts;
	const char *wrong;

	if (r->options->html && !token->raw)
		return report(r, token,
			      "a secret, which cannot be escaped: write it "
			      "as {{{...}}}");
	if (!cuts)
		return report(r, token, "a secret, which has no place here");
	wrong = secret_text(r->out, cuts, value);
	return !wrong ||
	       report(r, token,
		      arena_printf(&r->arena, "a secret, but %s", wrong));
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
	if (secret_is(value))
		return render_secret(r, token, value);
	return add_value(r, token, value) ||
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
	if (r->sections == TEMPLATE_MAX_SECTIONS)
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

	if (!indent.size || !text.size || text.size > TEMPLATE_MAX_BYTES)
		return text;
	while (at < end && b.size <= TEMPLATE_MAX_BYTES) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *next = newline ? newline + 1 : end;

		buf_add(&b, indent.at, indent.size);
		buf_add(&b, at, (size_t)(next - at));
		at = next;
	}
	return (struct span){ arena_memdup(arena, b.text, b.size), b.size };
}

/* Asks for the text of a partial; false when there is none. */
static bool read_partial(struct render *r, const struct token *token,
			 const char **name, struct span *text)
{
	const struct template_options *o = r->options;
	struct place tag = unit_place(r->frames[r->n - 1].unit, token->place);
	struct place before = r->d->place;
	size_t errors = r->d->errors;
	bool found;

	r->d->place = tag;
	found = o->partial &&
		o->partial(o->context, name, &text->at, &text->size);
	r->d->place = before;
	if (!found && r->d->errors == errors)
		diag_error_at(r->d, tag, "the partial '%.*s' is not found",
			      shown(token->size), *name);
	return found;
}

static struct unit *load_partial(struct render *r, const struct token *token,
				 const char *name, struct span indent)
{
	struct unit *u = arena_new(&r->arena, struct unit);
	struct span text = { "", 0 };

	if (!read_partial(r, token, &name, &text))
		return NULL;
	text = indented(&r->arena, indent, text);
	*u = (struct unit){ .name = name,
			    .text = text.at,
			    .size = text.size,
			    .indent = indent.size };
	if (!spend(r, token, text.size) || !unit_parse(u, &r->arena, r->d))
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
	if (r->out->size - r->before <= TEMPLATE_MAX_BYTES)
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
	if (!unit_parse(unit, &r->arena, r->d))
		return false;
	enter(r, unit, 0, unit->n, &r->partials);
	return run(r);
}

bool template_render(const char *name, const char *text, size_t size,
		     const struct scope *scope,
		     const struct template_options *options, struct buf *out,
		     struct diags *d)
{
	struct unit unit = { .name = name, .text = text, .size = size };
	struct render r = {
		.scope = scope,
		.options = options,
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
