/* SPDX-License-Identifier: MIT */
#include "lib/report/saved.h"

#include <string.h>

#include "lib/base/buf.h"

static const char format[] = "converge.plan/1";

/* Not as a manifest is read, whose limits a plan of it may pass. */
json_t *saved_parse(const char *text, size_t size)
{
	json_t *j = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
	const char *found = json_string_value(json_object_get(j, "format"));

	if (found && strcmp(found, format) == 0)
		return j;
	json_decref(j);
	return NULL;
}

const char *saved_key(const json_t *saved)
{
	return json_string_value(json_object_get(saved, "key"));
}

/* --- the terms --- */

static json_t *list_json(const struct strings *list)
{
	json_t *j = json_array();

	for (size_t i = 0; i < list->n; i++)
		json_array_append_new(j, json_string(list->v[i]));
	return j;
}

json_t *saved_terms_json(const struct terms *t)
{
	json_t *j = json_pack("{s:s, s:o, s:o}", "root", t->root, "only",
			      list_json(&t->only), "tags", list_json(&t->tags));

	if (t->max_disruption)
		json_object_set_new(j, "max_disruption",
				    json_string(t->max_disruption));
	return j;
}

static bool read_list(const json_t *list, struct arena *a, struct strings *out)
{
	const json_t *item;
	size_t i;

	json_array_foreach (list, i, item) {
		if (!json_is_string(item))
			return false;
		strings_add(out, a, json_string_value(item));
	}
	return json_is_array(list);
}

static bool read_terms(const json_t *terms, struct arena *a, struct terms *t)
{
	*t = (struct terms){
		.root = json_string_value(json_object_get(terms, "root")),
		.max_disruption = json_string_value(
			json_object_get(terms, "max_disruption")),
	};
	return t->root &&
	       read_list(json_object_get(terms, "only"), a, &t->only) &&
	       read_list(json_object_get(terms, "tags"), a, &t->tags);
}

bool saved_read_head(const json_t *saved, struct arena *a,
		     struct saved_head *head, struct diags *d)
{
	*head = (struct saved_head){
		.path = json_string_value(json_object_get(saved, "path")),
		.revision =
			json_string_value(json_object_get(saved, "revision")),
		.host = json_string_value(json_object_get(saved, "host")),
	};
	if (!head->path || head->path[0] != '/')
		return diag_error(d, "the saved plan does not say what it was "
				     "made from");
	if (head->host &&
	    read_terms(json_object_get(saved, "terms"), a, &head->terms))
		return true;
	return diag_error(d, "the saved plan does not say what it was made "
			     "with");
}

void saved_pack_head(struct pack *p, struct saved_head *head)
{
	pack_expect(p, head->path && head->host && head->terms.root);
	pack_text(p, &head->path);
	pack_text(p, &head->revision);
	pack_text(p, &head->host);
	pack_text(p, &head->terms.root);
	pack_strings(p, &head->terms.only);
	pack_strings(p, &head->terms.tags);
	pack_text(p, &head->terms.max_disruption);
}

bool saved_is_for(const struct saved_head *head, const char *host,
		  const char *root, struct diags *d)
{
	if (strcmp(head->host, host) != 0)
		return diag_error(d, "the plan is stale: it is for another "
				     "host");
	if (strcmp(head->terms.root, root) == 0)
		return true;
	return diag_error(d, "the plan is stale: it is for '%s', not for '%s'",
			  head->terms.root, root);
}

/* --- the changes --- */

static bool same_value(const json_t *a, const json_t *b, const char *key)
{
	const json_t *x = json_object_get(a, key), *y = json_object_get(b, key);

	return x == y || json_equal(x, y);
}

/* What a change is, but for what is only there for people. */
static bool same_change(const json_t *a, const json_t *b)
{
	static const char *const keys[] = {
		"id",      "action", "change", "attributes", "withheld",
		"skipped", "failed", "seal",   "stands"
	};

	for (size_t i = 0; i < COUNT(keys); i++)
		if (!same_value(a, b, keys[i]))
			return false;
	return true;
}

static const char *id_of(const json_t *change)
{
	const char *id = json_string_value(json_object_get(change, "id"));

	return id ? id : "a change";
}

static json_t *secrets_of(const json_t *change, const char *attribute)
{
	const json_t *all = json_object_get(change, "attributes");
	const json_t *after =
		json_object_get(json_object_get(all, attribute), "after");

	return json_object_get(after, "secrets");
}

/* The first of the secrets that both have, sealed otherwise; or NULL. */
static const char *resealed(const json_t *was, const json_t *is)
{
	json_t *all = json_object_get(was, "attributes"), *value, *digest;
	const char *name, *path;

	json_object_foreach (all, name, value)
		json_object_foreach (secrets_of(was, name), path, digest) {
			const json_t *now =
				json_object_get(secrets_of(is, name), path);

			if (now && !json_equal(digest, now))
				return path;
		}
	return NULL;
}

static void name_one(struct diags *d, const json_t *was, const json_t *is)
{
	const char *secret = resealed(was, is);

	if (!is)
		diag_error(d, "the plan is stale: %s need not change any more",
			   id_of(was));
	else if (!was)
		diag_error(d, "the plan is stale: %s must change now",
			   id_of(is));
	else if (json_object_get(is, "failed") &&
		 !json_object_get(was, "failed"))
		diag_error(d, "the plan is stale: %s would fail now",
			   id_of(is));
	else if (secret)
		diag_error(
			d,
			"the plan is stale: the secret '%s' of %s was sealed "
			"anew since",
			secret, id_of(was));
	else
		diag_error(d, "the plan is stale: %s is not as it was",
			   id_of(was));
}

/* A resource may have a change and a refresh. */
static void key_of(const json_t *change, struct buf *b)
{
	const char *id = json_string_value(json_object_get(change, "id"));

	buf_clear(b);
	buf_printf(b, "%s%s", json_object_get(change, "causes") ? "!" : "",
		   id ? id : "");
}

/* Changes by what they are of, the first of each: a new reference. */
static json_t *index_changes(const json_t *changes)
{
	AUTO_BUF struct buf key = { 0 };
	json_t *index = json_object(), *item;
	size_t i;

	json_array_foreach (changes, i, item) {
		key_of(item, &key);
		if (!json_object_get(index, buf_text(&key)))
			json_object_set(index, buf_text(&key), item);
	}
	return index;
}

static const json_t *find(const json_t *index, const json_t *like)
{
	AUTO_BUF struct buf key = { 0 };

	key_of(like, &key);
	return json_object_get(index, buf_text(&key));
}

/* The changes of both plans, by what they are of. */
struct both {
	json_t *before, *after;
	json_t *moved; /* the ids of those that differ */
};

/* A refresh may have become a change of its resource, or the other way round:
 * that is one thing that moved, not two. NULL: it has not. */
static const json_t *find_other(const json_t *index, const json_t *not_in,
				const json_t *change)
{
	AUTO_BUF struct buf key = { 0 };
	bool refresh = json_object_get(change, "causes") != NULL;

	buf_printf(&key, "%s%s", refresh ? "" : "!", id_of(change));
	return json_object_get(not_in, buf_text(&key))
		       ? NULL
		       : json_object_get(index, buf_text(&key));
}

static bool any_moved(const struct both *b, const json_t *change)
{
	const json_t *causes = json_object_get(change, "causes"), *cause;
	size_t i;

	json_array_foreach (causes, i, cause)
		if (json_is_string(cause) &&
		    json_object_get(b->moved, json_string_value(cause)))
			return true;
	return false;
}

/* Whether it differs for another that does: that is named, and this is not. */
static bool follows(const struct both *b, const json_t *was, const json_t *is)
{
	return !same_value(was, is, "skipped") || any_moved(b, was) ||
	       any_moved(b, is);
}

/* Calls f for each that differs, in the order of the plan that was saved; then
 * for those that are new. */
static void each_moved(struct both *b, const json_t *was, const json_t *is,
		       void (*f)(struct both *, const json_t *was,
				 const json_t *is, struct diags *),
		       struct diags *d)
{
	const json_t *item, *other;
	size_t i;

	json_array_foreach (was, i, item) {
		other = find(b->after, item);
		if (!other)
			other = find_other(b->after, b->before, item);
		if (!other || !same_change(item, other))
			f(b, item, other, d);
	}
	json_array_foreach (is, i, item)
		if (!find(b->before, item) &&
		    !find_other(b->before, b->after, item))
			f(b, NULL, item, d);
}

static void note_moved(struct both *b, const json_t *was, const json_t *is,
		       struct diags *d)
{
	(void)d;
	json_object_set_new(b->moved, id_of(was ? was : is), json_true());
}

static void name_cause(struct both *b, const json_t *was, const json_t *is,
		       struct diags *d)
{
	if (!follows(b, was, is))
		name_one(d, was, is);
}

static void name_any(struct both *b, const json_t *was, const json_t *is,
		     struct diags *d)
{
	(void)b;
	name_one(d, was, is);
}

/* Says what moved, but for what follows from that. */
static void name_moved(const json_t *was, const json_t *is, struct diags *d)
{
	struct both b = { index_changes(was), index_changes(is),
			  json_object() };
	size_t errors = d->errors;

	each_moved(&b, was, is, note_moved, d);
	each_moved(&b, was, is, name_cause, d);
	if (d->errors == errors)
		each_moved(&b, was, is, name_any, d);
	json_decref(b.before);
	json_decref(b.after);
	json_decref(b.moved);
}

/* The usual case first: both have the same changes in the same order. */
static bool compare_changes(const json_t *was, const json_t *is,
			    struct diags *d)
{
	const json_t *item;
	bool ok = json_array_size(was) == json_array_size(is);
	size_t i;

	json_array_foreach (was, i, item)
		ok = ok && same_change(item, json_array_get(is, i));
	if (ok)
		return true;
	name_moved(was, is, d);
	return false;
}

bool saved_matches(const json_t *saved, const json_t *now, struct diags *d)
{
	static const struct {
		const char *key, *text;
	} same[] = {
		{ "host", "the plan is stale: it is for another host" },
		{ "digest",
		  "the plan is stale: the manifest has changed since" },
	};

	for (size_t i = 0; i < COUNT(same); i++) {
		const json_t *was = json_object_get(saved, same[i].key);

		if (!was || !json_equal(was, json_object_get(now, same[i].key)))
			return diag_error(d, "%s", same[i].text);
	}
	if (compare_changes(json_object_get(saved, "changes"),
			    json_object_get(now, "changes"), d))
		return true;
	if (!d->errors)
		diag_error(d, "the plan is stale: its order is another now");
	return false;
}
