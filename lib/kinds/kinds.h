/* SPDX-License-Identifier: MIT */
/*
 * What the kinds share, and nobody else. Their fields: a string is a const
 * char *, strings are a struct strings.
 */
#ifndef CONVERGE_KINDS_KINDS_H
#define CONVERGE_KINDS_KINDS_H

#include <jansson.h>
#include <stdbool.h>

#include "lib/host/content.h"
#include "lib/kinds/attr.h"

/* "an object", "true", ... */
const char *json_type_name(const json_t *);
/* False, and says that the attribute must be what is expected. */
bool wrong_type(const struct reading *, const struct attr *,
		const char *expected, const json_t *);
/* Why text is no line of a file, to follow "'NAME' "; or NULL. */
const char *line_wrong(const char *text, size_t n);
/* A string of the manifest, or NULL with a diagnostic. */
const char *string_of(const struct reading *, const struct attr *,
		      const json_t *);
/* One string, or a list of them. */
bool read_strings(const struct reading *, const struct attr *, const json_t *,
		  const char *expected, struct strings *to);

/* For struct kind. */
bool equal_string(const void *want, const void *have);
bool equal_strings(const void *want, const void *have);
json_t *show_string(const struct attr *, const void *field);
json_t *show_strings(const struct attr *, const void *field);
void pack_string(struct pack *, const struct attr *, void *field, bool set);
void pack_string_list(struct pack *, const struct attr *, void *field,
		      bool set);
json_t *schema_string(const struct attr *);

/* Of {"secret": ...}. */
json_t *schema_secret(void);
/* The same in place of what the schema, taken over, has; unless the attribute
 * takes none. */
json_t *schema_or_secret(const struct attr *, json_t *schema);
/* A value for which secret_is. */
bool read_sealed(const struct reading *, const struct attr *, const json_t *,
		 enum spelling, struct content *);
/* A text with its secrets, which must be there. */
bool sealed_content(const struct reading *, const struct buf *text,
		    const struct cuts *, struct content *);
/* The digests of the sealed files, by path: they say nothing of the secrets. */
json_t *show_secrets(const struct content *);
void pack_content(struct pack *, const struct attr *, void *field, bool set);
json_t *schema_pattern(const char *pattern);
/* Of one, taken over, or a list of such. */
json_t *one_or_list(json_t *one);

/* A component of a path: not empty, not "." or "..", no control character.
 * Without lookahead, which not every validator has. */
#define PLAIN(not_these) "[^" not_these "/\\x00-\\x1f\\x7f-\\x9f]"
#define COMPONENT                                       \
	"(" PLAIN("\\.") PLAIN("") "*|\\." PLAIN("\\.") \
		PLAIN("") "*|\\.\\." PLAIN("") "+)"

#endif
