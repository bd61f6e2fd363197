/* SPDX-License-Identifier: MIT */
#include "lib/text/secret.h"

#include <string.h>

#include "lib/base/path.h"

static const char key[] = "secret", folder[] = "secrets/", suffix[] = ".age";

bool secret_is(const json_t *value)
{
	return json_object_size(value) == 1 && json_object_get(value, key);
}

/* As deep as the text of a manifest may be: SOURCE_MAX_DEPTH. */
bool secret_within(json_t *value)
{
	const json_t *own = json_object_get(value, key);
	const char *name, *path = json_string_value(own);
	json_t *item;
	size_t i;

	/* other programs have members of that name too */
	if (secret_is(value) &&
	    (json_is_array(own) ||
	     (path && strncmp(path, folder, sizeof(folder) - 1) == 0)))
		return true;
	json_object_foreach (value, name, item)
		if (secret_within(item))
			return true;
	json_array_foreach (value, i, item)
		if (secret_within(item))
			return true;
	return false;
}

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || strchr("/._-", c);
}

const char *secret_path_wrong(const char *path)
{
	const char *wrong = path_relative_wrong(path);
	size_t n = strlen(path);

	if (wrong)
		return wrong;
	if (strncmp(path, folder, sizeof(folder) - 1) != 0 ||
	    n < sizeof(folder) + sizeof(suffix) - 1 ||
	    strcmp(path + n - (sizeof(suffix) - 1), suffix) != 0)
		return "is not a secret: it must be like \"secrets/NAME.age\"";
	/* it is part of what is sealed, and of commands and tables */
	for (; *path; path++)
		if (!is_plain(*path))
			return "has characters that a secret's name may not: "
			       "it takes letters, digits, '.', '_' and '-'";
	return NULL;
}

static const char *add(struct buf *out, struct cuts *cuts, const json_t *own)
{
	const char *path = json_string_value(own), *wrong;

	if (!path)
		return "a \"secret\" must be a path such as "
		       "\"secrets/NAME.age\"";
	wrong = secret_path_wrong(path);
	if (wrong)
		return arena_printf(cuts->arena, "'%s' %s", path, wrong);
	cuts->v = arena_grow(cuts->arena, cuts->v, cuts->n, &cuts->capacity,
			     sizeof(*cuts->v));
	cuts->v[cuts->n++] =
		(struct cut){ out->size, arena_strdup(cuts->arena, path),
			      cuts->spelling };
	return NULL;
}

const char *secret_text(struct buf *out, struct cuts *cuts, const json_t *value)
{
	const json_t *own = json_object_get(value, key), *item;
	const char *wrong = NULL;
	size_t i;

	if (!json_is_array(own))
		return add(out, cuts, own);
	json_array_foreach (own, i, item) {
		if (json_is_string(item))
			buf_add(out, json_string_value(item),
				json_string_length(item));
		else if (secret_is(item))
			wrong = add(out, cuts, json_object_get(item, key));
		else
			wrong = "a list of \"secret\" must be of texts and "
				"secrets";
		if (wrong)
			return wrong;
	}
	return NULL;
}

static bool append(json_t *list, const char *text, size_t n)
{
	json_t *item = json_stringn(text, n);

	return item && json_array_append_new(list, item) == 0;
}

json_t *secret_value(const struct buf *text, const struct cuts *cuts)
{
	json_t *list = json_array();
	size_t at = 0;
	bool ok = true;

	for (size_t i = 0; i < cuts->n && ok; i++) {
		ok = append(list, buf_text(text) + at, cuts->v[i].at - at);
		json_array_append_new(
			list, json_pack("{s:s}", key, cuts->v[i].secret));
		at = cuts->v[i].at;
	}
	if (ok && append(list, buf_text(text) + at, text->size - at))
		return json_pack("{s:o}", key, list);
	json_decref(list);
	return NULL;
}

/* --- marks --- */

static const char mark[] = "\xf4\x8f\xbf\xbd"; /* U+10FFFD */
static const char spellings[] = {
	[SPELL_PLAIN] = 'p',
	[SPELL_LINE] = 'l',
	[SPELL_JSON] = 'j',
	[SPELL_HASH] = 'h',
};

enum { MARK = 4 }; /* bytes of it */

static const char *find_mark(const char *text, size_t size)
{
	for (; size >= MARK; text++, size--)
		if (*text == mark[0] && memcmp(text, mark, MARK) == 0)
			return text;
	return NULL;
}

bool secret_is_marked(const char *marked, size_t size)
{
	return find_mark(marked, size) != NULL;
}

bool secret_mark(struct buf *out, const char *text, size_t size,
		 const struct cut *cuts, size_t ncuts)
{
	size_t at = 0;

	if (find_mark(text, size))
		return false;
	for (size_t i = 0; i < ncuts; i++) {
		buf_add(out, text + at, cuts[i].at - at);
		buf_printf(out, "%s%c%s%s", mark, spellings[cuts[i].spelling],
			   cuts[i].secret, mark);
		at = cuts[i].at;
	}
	buf_add(out, text + at, size - at);
	return true;
}

static enum spelling spelling_of(char c)
{
	const char *at = memchr(spellings, c, sizeof(spellings));

	return at ? (enum spelling)(at - spellings) : SPELL_PLAIN;
}

void secret_unmark(struct buf *out, struct cuts *cuts, const char *marked,
		   size_t size)
{
	const char *end = marked + size, *from, *to;

	while ((from = find_mark(marked, (size_t)(end - marked)))) {
		buf_add(out, marked, (size_t)(from - marked));
		marked = from;
		from += MARK;
		to = find_mark(from, (size_t)(end - from));
		if (!to || to == from)
			break;
		cuts->v = arena_grow(cuts->arena, cuts->v, cuts->n,
				     &cuts->capacity, sizeof(*cuts->v));
		cuts->v[cuts->n++] =
			(struct cut){ out->size,
				      arena_strndup(cuts->arena, from + 1,
						    (size_t)(to - from) - 1),
				      spelling_of(*from) };
		marked = to + MARK;
	}
	buf_add(out, marked, (size_t)(end - marked));
}
