/* SPDX-License-Identifier: MIT */
/* Secrets in the values of attributes: which may have one, and texts that may
 * be, or hold, one. */
#include "lib/kinds/kinds.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/text/escape.h"
#include "lib/text/password.h"

/* Those whose field is a struct content with cuts. */
static bool may_hold(const struct kind *kind)
{
	const struct kind *const kinds[] = {
		&kind_content,     &kind_template,       &kind_hash,
		&kind_secret_line, &kind_secret_setting, &kind_secret_json
	};

	for (size_t i = 0; i < COUNT(kinds); i++)
		if (kind == kinds[i])
			return true;
	return false;
}

bool attr_is_secret(const struct attr *attr, const void *field)
{
	const struct content *c = field;

	return may_hold(attr->kind) && c->ncuts > 0;
}

json_t *schema_secret(void)
{
	return json_pack("{s:s, s:{s:{}}, s:[s], s:b}", "type", "object",
			 "properties", "secret", "required", "secret",
			 "additionalProperties", 0);
}

json_t *schema_or_secret(const struct attr *attr, json_t *schema)
{
	return attr->flags & ATTR_SECRET ? json_pack("{s:[o, o]}", "anyOf",
						     schema, schema_secret())
					 : schema;
}

/* --- texts --- */

static bool is_known_same(const struct content *want,
			  const struct content *have)
{
	return want->same_as == have || have->same_as == want;
}

static bool is_hidden(const struct content *want, const struct content *have)
{
	return want->ncuts || have->ncuts || have->hidden;
}

static bool equal_text(const void *want, const void *have)
{
	const struct content *w = want, *h = have;

	if (is_known_same(w, h))
		return true;
	return !is_hidden(w, h) && w->bytes && h->bytes && w->size == h->size &&
	       memcmp(w->bytes, h->bytes, (size_t)w->size) == 0;
}

/* What hides something; NULL: it hides nothing. */
static json_t *show_hidden(const struct content *c)
{
	AUTO_BUF struct buf text = { 0 };

	if (c->hidden)
		return json_pack("{s:b}", "hidden", 1);
	if (!c->ncuts)
		return NULL;
	content_veiled(c, &text);
	return json_pack("{s:o, s:o}", "text", escape_json(buf_text(&text)),
			 "secrets", show_secrets(c));
}

static const struct content *shown(const void *field)
{
	const struct content *c = field;

	return c->same_as ? c->same_as : c;
}

static json_t *show_text(const struct attr *attr, const void *field)
{
	const struct content *c = shown(field);
	json_t *hidden = show_hidden(c);

	(void)attr;
	return hidden ? hidden : escape_json(c->bytes ? c->bytes : "");
}

/* --- a line, and a setting --- */

/* The rules of the plain kind hold for what is around the secret. */
static bool check_line(const struct reading *r, const struct attr *attr,
		       const struct content *c)
{
	const char *wrong = line_wrong(c->bytes, (size_t)c->size);

	return !wrong || diag_error(r->diags, "'%s' %s", attr->name, wrong);
}

static bool read_secret_line(const struct reading *r, const struct attr *attr,
			     const json_t *value, void *field)
{
	struct content *c = field;
	const char *text;

	if (secret_is(value))
		return read_sealed(r, attr, value, SPELL_LINE, c) &&
		       check_line(r, attr, c);
	text = string_of(r, attr, value);
	if (!text)
		return false;
	*c = content_of(text, strlen(text));
	return check_line(r, attr, c);
}

static json_t *schema_secret_line(const struct attr *attr)
{
	return schema_or_secret(attr, kind_line.schema(attr));
}

const struct kind kind_secret_line = { "line of text",   sizeof(struct content),
				       read_secret_line, equal_text,
				       show_text,        schema_secret_line,
				       pack_content };

static bool read_secret_setting(const struct reading *r,
				const struct attr *attr, const json_t *value,
				void *field)
{
	const char *text;

	if (secret_is(value))
		return read_secret_line(r, attr, value, field);
	if (!kind_setting.read(r, attr, value, &text))
		return false;
	*(struct content *)field = content_of(text, strlen(text));
	return true;
}

static json_t *schema_secret_setting(const struct attr *attr)
{
	return schema_or_secret(attr, kind_setting.schema(attr));
}

const struct kind kind_secret_setting = {
	"text or integer",   sizeof(struct content),
	read_secret_setting, equal_text,
	show_text,           schema_secret_setting,
	pack_content
};

/* --- a JSON value --- */

static json_t *marked(struct cuts *cuts, json_t *value, const char **wrong);

static json_t *marked_text(struct cuts *cuts, const json_t *value,
			   const char **wrong)
{
	AUTO_BUF struct buf text = { 0 };
	AUTO_BUF struct buf out = { 0 };
	size_t first = cuts->n;
	const char *why = secret_text(&text, cuts, value);

	if (!why && !secret_mark(&out, buf_text(&text), text.size,
				 cuts->v + first, cuts->n - first))
		why = "U+10FFFD cannot stand beside a secret";
	if (why)
		*wrong = why;
	return why ? NULL : json_stringn(buf_text(&out), out.size);
}

static json_t *marked_object(struct cuts *cuts, json_t *value,
			     const char **wrong)
{
	json_t *copy = json_object(), *item;
	const char *key;

	json_object_foreach (value, key, item)
		json_object_set_new(copy, key, marked(cuts, item, wrong));
	return copy;
}

static json_t *marked_list(struct cuts *cuts, json_t *value, const char **wrong)
{
	json_t *copy = json_array(), *item;
	size_t i;

	json_array_foreach (value, i, item)
		json_array_append_new(copy, marked(cuts, item, wrong));
	return copy;
}

/* A copy in which secrets are strings with marks. As deep as a manifest may
 * be: SOURCE_MAX_DEPTH. */
static json_t *marked(struct cuts *cuts, json_t *value, const char **wrong)
{
	if (secret_is(value) && secret_within(value))
		return marked_text(cuts, value, wrong);
	if (json_is_object(value))
		return marked_object(cuts, value, wrong);
	return json_is_array(value) ? marked_list(cuts, value, wrong)
				    : json_incref(value);
}

static bool read_marked(const struct reading *r, const struct attr *attr,
			const json_t *value, struct content *c)
{
	struct cuts first = { .arena = r->arena, .spelling = SPELL_JSON };
	struct cuts cuts = first;
	AUTO_BUF struct buf text = { 0 };
	const char *wrong = NULL;
	json_t *copy = marked(&first, (json_t *)(uintptr_t)value, &wrong);
	AUTO_FREE char *dump = json_dumps(copy, JSON_ENCODE_ANY | JSON_COMPACT);

	json_decref(copy);
	if (wrong || !dump)
		return diag_error(r->diags, "'%s': %s", attr->name,
				  wrong ? wrong : "it is no JSON value");
	secret_unmark(&text, &cuts, dump, strlen(dump));
	if (cuts.n != first.n)
		return diag_error(r->diags,
				  "'%s': U+10FFFD cannot stand beside a secret",
				  attr->name);
	return sealed_content(r, &text, &cuts, c);
}

static bool read_secret_json(const struct reading *r, const struct attr *attr,
			     const json_t *value, void *field)
{
	const char *text;

	if (secret_within((json_t *)(uintptr_t)value))
		return read_marked(r, attr, value, field);
	if (!kind_json.read(r, attr, value, &text))
		return false;
	*(struct content *)field = content_of(text, strlen(text));
	return true;
}

static json_t *load(const struct content *c)
{
	return c->bytes ? json_loadb(c->bytes, (size_t)c->size, JSON_DECODE_ANY,
				     NULL)
			: NULL;
}

/* The order of an object's keys says nothing (RFC 8259, 4). */
static bool equal_secret_json(const void *want, const void *have)
{
	const struct content *w = want, *h = have;
	json_t *x, *y;
	bool equal;

	if (is_known_same(w, h) || is_hidden(w, h))
		return is_known_same(w, h);
	x = load(w);
	y = load(h);
	equal = x && y && json_equal(x, y);
	json_decref(x);
	json_decref(y);
	return equal;
}

static json_t *show_secret_json(const struct attr *attr, const void *field)
{
	const struct content *c = shown(field);
	json_t *value = show_hidden(c);

	(void)attr;
	if (!value)
		value = load(c);
	return value ? value : json_null();
}

static void pack_secret_json(struct pack *p, const struct attr *attr,
			     void *field, bool set)
{
	struct content *c = field;
	json_t *value;

	pack_content(p, attr, field, set);
	if (p->out || !set || p->wrong || c->ncuts)
		return;
	value = load(c);
	pack_expect(p, value != NULL);
	json_decref(value);
}

static json_t *schema_any(const struct attr *attr)
{
	return kind_json.schema(attr);
}

const struct kind kind_secret_json = { "any value",      sizeof(struct content),
				       read_secret_json, equal_secret_json,
				       show_secret_json, schema_any,
				       pack_secret_json };

/* --- a hash of a password --- */

/* What is wrong may be the password itself: it is in no message. */
static bool read_hash(const struct reading *r, const struct attr *attr,
		      const json_t *value, void *field)
{
	const char *text;

	if (secret_is(value))
		return read_sealed(r, attr, value, SPELL_HASH, field);
	text = string_of(r, attr, value);
	if (!text)
		return false;
	*(struct content *)field = content_of(text, strlen(text));
	if (password_is_hash(text))
		return true;
	diag_error(r->diags,
		   "'%s' must be a hash as crypt(5) has it, such as \"$y$...\" "
		   "or \"$6$...\", or \"*\"; a password in plain text is "
		   "never taken",
		   attr->name);
	diag_hint(r->diags, "mkpasswd, or openssl passwd -6, makes one");
	return false;
}

static json_t *schema_hash(const struct attr *attr)
{
	return schema_or_secret(
		attr, schema_pattern("^(\\*|\\$[a-z0-9]+\\$[!-~]+)$"));
}

/* No output shows it: its rows are ATTR_SENSITIVE. */
const struct kind kind_hash = { "password hash", sizeof(struct content),
				read_hash,       equal_text,
				show_text,       schema_hash,
				pack_content };
