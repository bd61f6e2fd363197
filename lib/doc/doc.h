/* SPDX-License-Identifier: MIT */
/* The tables of types and formats, as JSON Schema, manual and help. */
#ifndef CONVERGE_DOC_DOC_H
#define CONVERGE_DOC_DOC_H

#include "lib/module.h"

/* JSON Schema (draft 7) of a manifest, a new reference. */
json_t *doc_manifest_schema(const struct module *const *);
/* Of an output format such as "converge.plan/1"; NULL: there is none. */
json_t *doc_format_schema(const char *format);
/* The reference of a type as text. */
void doc_describe(const struct module *, struct buf *);
/* converge-types(5) in mdoc(7). */
void doc_mdoc(const struct module *const *, struct buf *);

#endif
