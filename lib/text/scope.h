/* SPDX-License-Identifier: MIT */
/*
 * The names that ${...}, {{...}} and `when` may use: host, tags, vars, facts,
 * each. Values are borrowed.
 */
#ifndef CONVERGE_TEXT_SCOPE_H
#define CONVERGE_TEXT_SCOPE_H

#include <jansson.h>
#include <stdbool.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/strings.h"
#include "lib/text/secret.h"

struct scope {
	json_t *host; /* string */
	json_t *tags; /* array */
	json_t *vars; /* object */
	json_t *each; /* {"key": ..., "value": ...} or NULL */
	/* Facts are gathered when first asked for: an object with those that
	 * the name begins with ("os.id"; size 0: with all), borrowed. */
	json_t *(*facts)(void *context, const char *name, size_t size);
	void *context;
	/* The names at the top of facts, to tell of a slip; may be NULL. */
	const struct strings *fact_names;
	/* How many bytes references and templates may still make in all, and
	 * how many comparisons there may be: few bytes can ask for very many.
	 * NULL: any number. */
	size_t *left;
	/* Where templates note the secrets that they are to hold; NULL: there
	 * is no place for any. */
	struct cuts *cuts;
};

enum { SCOPE_MAX_MADE = 128 * 1024 * 1024 };
#define SCOPE_TOO_MUCH "references and templates make more than 128 MiB in all"

/* Takes bytes from what is left; false: there are not so many, and from now on
 * none. */
bool scope_spend(const struct scope *, size_t bytes);

/* The value of "vars.a.b", "facts.os.id", "tags", "each.key"; NULL: none.
 * A component of digits indexes an array. */
json_t *scope_get(const struct scope *, const char *name, size_t size);
/* The same below a value: "os.id" in the facts. */
json_t *scope_inside(json_t *value, const char *name, size_t size);
/* Appends a string, number or boolean as text; false: it is something else. */
bool scope_text(struct buf *, const json_t *value);
/* "a string", "a list", "null": for messages. */
const char *scope_kind(const json_t *value);

/*
 * text with every ${name} replaced; $${ stands for a literal ${. A text that
 * is one reference gives that value itself, whatever its type; else values
 * must be strings, numbers, booleans or secrets; with secrets the result is
 * such a value itself (secret.h). The result is a new reference. NULL
 * on error, with *error in the arena ("'vars.x' is not defined").
 */
json_t *scope_expand(const struct scope *, const char *text, size_t size,
		     struct arena *, const char **error);

/* Why a name stands for nothing, with the name that was likely meant, in the
 * arena: "'vars.x' is not defined". */
const char *scope_undefined(const struct scope *, const char *name, size_t size,
			    struct arena *);

/* Whether a text has a reference, and not only "$${". */
bool scope_refers(const char *text);
/*
 * What no host's values can put right in a text: how its references are
 * written, or that they name what there never is, in the arena; NULL: nothing.
 * repeated: it is of what has for_each. No value of the scope counts.
 */
const char *scope_wrong(const struct scope *, const char *text, size_t size,
			bool repeated, struct arena *);
/* Whether a name may stand for something on some host. */
bool scope_may_have(const char *name, size_t size, bool repeated);

#endif
