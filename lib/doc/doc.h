/* SPDX-License-Identifier: MIT */
/* The tables of types and formats, as JSON Schema, manual and help. */
#ifndef CONVERGE_DOC_DOC_H
#define CONVERGE_DOC_DOC_H

#include "lib/module.h"

/* What every resource takes and an earlier stage than the catalog deals with:
 * for the documentation, of kinds that have a name and nothing else. */
extern const struct attr meta_attrs[];
extern const size_t meta_attrs_n;

/* JSON Schema (draft 7) of a manifest, a new reference. */
json_t *doc_manifest_schema(const struct module *const *);
/* Of an output format such as "converge.plan/1"; NULL: there is none. */
json_t *doc_format_schema(const char *format);
/* The names of all output formats, NULL-ended. */
const char *const *doc_formats(void);
/* The reference of a type as text. */
void doc_describe(const struct module *, struct buf *);
/* converge-types(5) in mdoc(7). */
void doc_mdoc(const struct module *const *, struct buf *);

#endif
