/* SPDX-License-Identifier: MIT */
#include "lib/review/change.h"

#include <inttypes.h>
#include <nettle/sha2.h>
#include <stdlib.h>
#include <string.h>

#include "lib/external/external.h"
#include "lib/host/content.h"
#include "lib/provenance.h"
#include "lib/review/content.h"
#include "lib/review/rows.h"
#include "lib/text/difftext.h"
#include "lib/text/escape.h"

enum { DIFF_LINES = 400 };

/* --- one difference: its attributes --- */

static bool is_reshaped(const struct difference *d)
{
	return d->retyped == RETYPED_WHOLE;
}

/* A row of either, and what it says of it. */
static json_t *value_of(const struct difference *d, bool is_new, size_t row)
{
	const struct resource *res = is_new ? d->new : d->old;

	if (!res || (is_reshaped(d) && !is_new))
		return json_null();
	return row_value(res, res->module->attrs, res->want, row);
}

static json_t *common_value(const struct resource *res, size_t row)
{
	return res ? row_value(res, common_attrs, &res->common, row)
		   : json_null();
}

static bool is_hidden(const struct difference *d, size_t row)
{
	return resource_hides(d->new, row) ||
	       (d->old && !is_reshaped(d) && resource_hides(d->old, row));
}

/* Names of secrets' files are no secrets; their digests are for comparing. */
static json_t *attribute(json_t *before, json_t *after)
{
	return json_pack("{s:o, s:o}", "before", before, "after", after);
}

/* What of a new resource its id says already is not said again. */
static bool is_plain_name(const struct difference *d, const struct attr *attr)
{
	return (!d->old || is_reshaped(d)) && (attr->flags & ATTR_NAME);
}

/* without: a row that is shown otherwise; SIZE_MAX: none. */
static json_t *attributes(const struct difference *d, size_t without)
{
	json_t *all = json_object();

	if (!d->new || d->causes.n)
		return all;
	for (size_t i = 0; i < d->new->module->nattrs; i++) {
		const struct attr *attr = &d->new->module->attrs[i];

		if (!(d->rows & BIT(i)) || i == without ||
		    !row_is_told(d->new->module, i) || is_plain_name(d, attr))
			continue;
		json_object_set_new(all, attr->name,
				    is_hidden(d, i)
					    ? json_pack("{s:b}", "sensitive", 1)
					    : attribute(value_of(d, false, i),
							value_of(d, true, i)));
	}
	for (size_t i = 0; i < common_attrs_n; i++)
		if (d->common & BIT(i))
			json_object_set_new(all, common_attrs[i].name,
					    attribute(common_value(d->old, i),
						      common_value(d->new, i)));
	return all;
}

/* --- the key --- */

static void add_word(struct buf *b, const char *text)
{
	buf_add(b, text ? text : "", text ? strlen(text) : 0);
	buf_putc(b, '\0');
}

static void add_words(struct buf *b, const struct strings *words)
{
	for (size_t i = 0; i < words->n; i++)
		add_word(b, words->v[i]);
	buf_putc(b, '\0');
}

/* What is no host's name, whatever that is. */
static void add_kind(const struct difference *d, struct buf *words)
{
	buf_printf(words, "%s %s %" PRIx64 " %" PRIx64 "\n",
		   effect_name(d->effect), disruption_name(d->disruption),
		   d->rows, d->common);
}

static void add_difference(const struct difference *d, struct buf *b)
{
	AUTO_BUF struct buf old = { 0 };
	AUTO_BUF struct buf new = { 0 };
	size_t row = SIZE_MAX;
	json_t *what;
	char *text;

	add_word(b, d->new ? d->new->id : d->old->id);
	add_word(b, d->withheld);
	if (!d->new || d->moved || d->retyped)
		add_word(b, d->because);
	add_words(b, &d->causes);
	add_words(b, &d->secrets);
	if (difference_texts(d, &row, &old, &new)) {
		texts_changed(&old, &new, b);
		buf_putc(b, '\0');
	}
	what = attributes(d, row);
	text = json_dumps(what, JSON_COMPACT | JSON_SORT_KEYS);
	add_word(b, text);
	free(text);
	json_decref(what);
}

static bool is_of_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '_';
}

static void add_digest(struct sha256_ctx *to, const char *text, size_t n)
{
	sha256_update(to, n, (const uint8_t *)text);
}

/* A byte that no text has stands for the name. */
static void digest_without(struct sha256_ctx *to, const struct buf *b,
			   const char *name)
{
	size_t n = strlen(name), at = 0, from = 0;
	const char *text = buf_text(b), *found;

	while (at < b->size &&
	       (found = memchr(text + at, *name, b->size - at))) {
		at = (size_t)(found - text);
		if (b->size - at < n || memcmp(found, name, n) != 0 ||
		    is_of_name(text[at + n]) ||
		    (at && (is_of_name(text[at - 1]) || text[at - 1] == '.'))) {
			at++;
			continue;
		}
		add_digest(to, text + from, at - from);
		add_digest(to, "\xff", 1);
		at += n;
		from = at;
	}
	add_digest(to, text + from, b->size - from);
}

void change_key_of(const struct buf *words, const struct buf *text,
		   const char *host, char key[CHANGE_KEY + 1])
{
	unsigned char digest[DIGEST_SIZE];
	struct sha256_ctx context;
	char hex[DIGEST_HEX];

	sha256_init(&context);
	add_digest(&context, buf_text(words), words->size);
	add_digest(&context, "\0", 1);
	digest_without(&context, text, host);
	sha256_digest(&context, sizeof(digest), digest);
	memcpy(key, digest_hex(digest, hex), CHANGE_KEY);
	key[CHANGE_KEY] = '\0';
}

static void add_assumed(const struct host_at *h, struct buf *b)
{
	json_t *assumed = host_at_assumed(h);
	char *text = json_dumps(assumed, JSON_COMPACT | JSON_SORT_KEYS);

	add_word(b, text);
	free(text);
	json_decref(assumed);
}

void change_key(const struct host_at *h, const struct comparison *c,
		char key[CHANGE_KEY + 1])
{
	AUTO_BUF struct buf words = { 0 };
	AUTO_BUF struct buf text = { 0 };

	for (size_t i = 0; i < c->n; i++) {
		add_kind(&c->v[i], &words);
		add_difference(&c->v[i], &text);
	}
	for (size_t i = 0; i < c->npolicies; i++) {
		const struct policy_change *p = &c->policies[i];

		buf_printf(&words, "%s %s %s %zu\n", p->what,
			   p->old ? p->old : "-", p->new ? p->new : "-",
			   p->resources);
	}
	buf_puts(&words, c->reordered ? "reordered" : "");
	add_assumed(h, &text);
	change_key_of(&words, &text, h->name, key);
}

/* --- the document --- */

static void set_text(json_t *object, const char *key, const char *text)
{
	if (text)
		json_object_set_new(object, key, escape_json(text));
}

static void set_list(json_t *object, const char *key,
		     const struct strings *list)
{
	json_t *all = json_array();

	for (size_t i = 0; i < list->n; i++)
		json_array_append_new(all, escape_json(list->v[i]));
	json_object_set_new(object, key, all);
}

void change_trail(json_t *j, struct trails *trails, const struct resource *res)
{
	json_t *list = json_array();
	struct trail trail;

	json_object_set_new(j, "trail", list);
	if (!provenance_trail(trails, res, &trail))
		return;
	for (size_t i = 0; i < trail.n; i++) {
		const struct trail_item *item = &trail.v[i];

		if (trail_counts(item))
			json_array_append_new(
				list, json_pack("[s, s*, s*]", item->path,
						item->pointer, item->member));
	}
}

/* What is being told. */
struct telling {
	struct host_at *old, *new;
	struct trails trails;
};

static void set_origin(struct telling *t, json_t *j, const struct difference *d)
{
	const struct catalog *c = d->new ? &t->new->catalog : &t->old->catalog;
	const struct resource *res = d->new ? d->new : d->old;
	struct place at = resource_place(c, res);
	json_t *origin = json_pack("{s:I}", "line", (json_int_t)at.line);

	set_text(origin, "file", at.file);
	if (!d->new)
		json_object_set_new(origin, "gone", json_true());
	json_object_set_new(j, "origin", origin);
	set_text(j, "reason", res->reason);
	if (d->new && !d->causes.n)
		change_trail(j, &t->trails, res);
	if (d->new && d->retyped && external_type_of(d->new->module))
		json_array_append_new(json_object_get(j, "trail"),
				      json_pack("[s++]", "modules.d/",
						d->new->module->name, ".json"));
}

void change_diff(json_t *j, const struct difference *d)
{
	AUTO_BUF struct buf old = { 0 };
	AUTO_BUF struct buf new = { 0 };
	AUTO_BUF struct buf out = { 0 };
	size_t row;

	if (!difference_texts(d, &row, &old, &new))
		return;
	diff_unified(&out, buf_text(&old), old.size, buf_text(&new), new.size,
		     DIFF_LINES);
	set_text(j, "diff", buf_text(&out));
}

static json_t *difference_json(struct telling *t, const struct difference *d)
{
	json_t *j = json_pack("{s:o, s:s, s:o, s:s}", "id",
			      escape_json(d->new ? d->new->id : d->old->id),
			      "action", effect_name(d->effect), "attributes",
			      attributes(d, SIZE_MAX), "disruption",
			      disruption_name(d->disruption));

	set_origin(t, j, d);
	set_text(j, "because", d->because);
	set_text(j, "withheld", d->withheld);
	if (d->causes.n)
		set_list(j, "causes", &d->causes);
	if (d->secrets.n)
		set_list(j, "secrets", &d->secrets);
	change_diff(j, d);
	return j;
}

static json_t *policies_json(const struct comparison *c)
{
	json_t *list = json_array();

	for (size_t i = 0; i < c->npolicies; i++) {
		const struct policy_change *p = &c->policies[i];
		json_t *j = json_pack("{s:s, s:s?, s:s?}", "policy", p->what,
				      "before", p->old, "after", p->new);

		if (p->resources)
			json_object_set_new(
				j, "resources",
				json_integer((json_int_t)p->resources));
		json_array_append_new(list, j);
	}
	return list;
}

static void count(json_t *counts, const char *key)
{
	json_int_t n = json_integer_value(json_object_get(counts, key));

	json_object_set_new(counts, key, json_integer(n + 1));
}

static const char *text_of(const json_t *j, const char *key)
{
	return json_string_value(json_object_get(j, key));
}

/* As plans count: what is withheld or fails as such alone. */
static const char *column_of(const json_t *change)
{
	if (text_of(change, "failed") || text_of(change, "skipped"))
		return "failed";
	return text_of(change, "withheld") ? "withheld"
					   : text_of(change, "action");
}

json_t *change_summary(const json_t *changes)
{
	json_t *counts = json_object();
	const json_t *change;
	int worst = DISRUPTION_NONE;
	size_t i;

	for (int e = 0; e < EFFECTS; e++)
		json_object_set_new(counts, effect_name((enum effect)e),
				    json_integer(0));
	json_object_update_new(counts, json_pack("{s:i, s:i, s:i, s:i}",
						 "withheld", 0, "failed", 0,
						 "restarts", 0, "reloads", 0));
	json_array_foreach (changes, i, change) {
		int class = disruption_parse(text_of(change, "disruption"));

		count(counts, column_of(change));
		if (text_of(change, "withheld"))
			continue;
		if (class == DISRUPTION_RESTART)
			count(counts, "restarts");
		if (class == DISRUPTION_RELOAD)
			count(counts, "reloads");
		worst = class > worst ? class : worst;
	}
	set_text(counts, "disruption", disruption_name((enum disruption)worst));
	return counts;
}

json_t *change_released(struct host_at *old, const struct difference *d)
{
	struct telling t = { .old = old };

	return difference_json(&t, d);
}

json_t *change_document(struct host_at *old, struct host_at *new,
			const struct comparison *c)
{
	struct telling t = { .old = old, .new = new };
	json_t *changes = json_array(), *assumed = host_at_assumed(new);
	json_t *j = json_pack("{s:o}", "changes", changes);

	trails_begin(&t.trails, &new->manifest);
	for (size_t i = 0; i < c->n; i++)
		json_array_append_new(changes, difference_json(&t, &c->v[i]));
	json_object_set_new(j, "summary", change_summary(changes));
	if (c->npolicies)
		json_object_set_new(j, "policies", policies_json(c));
	if (c->reordered)
		json_object_set_new(j, "reordered", json_true());
	if (json_object_size(assumed))
		json_object_set(j, "assumed", assumed);
	json_decref(assumed);
	return j;
}
