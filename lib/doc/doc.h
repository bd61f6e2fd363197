/* SPDX-License-Identifier: MIT */
/* The tables of types and formats, as JSON Schema, manual and help. */
#ifndef CONVERGE_DOC_DOC_H
#define CONVERGE_DOC_DOC_H

#include "lib/module.h"

/* What every resource takes and an earlier stage than the catalog deals with:
 * for the documentation, of kinds that have a name and nothing else. */
extern const struct attr meta_attrs[];
extern const size_t meta_attrs_n;

/* JSON Schema (draft 7) of what converge reads: "converge.manifest/1" of a lone
 * manifest, "converge.host/1" and the like of the files of a world. NULL: there
 * is no such format. A new reference. */
json_t *doc_input_schema(const char *format, const struct module *const *);
/* Of these "converge.test/1", which no type has to do with. */
json_t *doc_test_schema(void);
/* The same of what it prints, such as "converge.plan/1". */
json_t *doc_output_schema(const char *format);
/* The names of them, NULL-ended. */
const char *const *doc_inputs(void);
const char *const *doc_outputs(void);
/* The reference of a type as text. */
void doc_describe(const struct module *, struct buf *);
/* converge-types(5) in mdoc(7). */
void doc_mdoc(const struct module *const *, struct buf *);

#endif
