/* SPDX-License-Identifier: MIT */
/* The tables of types, formats and rules, as JSON Schema, manual and help. */
#ifndef CONVERGE_DOC_DOC_H
#define CONVERGE_DOC_DOC_H

#include "lib/lint/rules.h"
#include "lib/module.h"

/* What every resource takes and an earlier stage than the catalog deals with:
 * for the documentation, of kinds that have a name and nothing else. */
extern const struct attr meta_attrs[];
extern const size_t meta_attrs_n;

/* JSON Schema (draft 7) of what converge reads: "converge.manifest/1" of a lone
 * manifest, "converge.host/1" and the like of the files of a world. NULL: there
 * is no such format. A new reference. */
json_t *doc_input_schema(const char *format, const struct module *const *);
/* "converge.agent/1", which knows no types. */
json_t *doc_agent_schema(void);
/* Of these "converge.test/1", which no type has to do with. */
json_t *doc_test_schema(void);
/* The same of what it prints, such as "converge.plan/1". */
json_t *doc_output_schema(const char *format);
/* Where a key of a manifest, a role, a rule or converge.json comes among the
 * others in the manual; false: none of them has it. */
bool doc_key_rank(const char *key, size_t *rank);
/* The names of the formats, NULL-ended. */
const char *const *doc_inputs(void);
const char *const *doc_outputs(void);
/* The reference of a type as text. */
void doc_describe(const struct module *, struct buf *);
/* converge-types(5) in mdoc(7). */
void doc_mdoc(const struct module *const *, struct buf *);
/* The rules of lint as text: all in a line each, or one with its reason. */
void doc_list_rules(struct buf *);
void doc_describe_rule(const struct lint_rule *, struct buf *);
/* converge-lint(7) in mdoc(7). */
void doc_lint_mdoc(struct buf *);

/* --- within lib/doc --- */

/* Appends text from column on, in lines that begin at margin. */
void doc_wrap(const char *text, size_t column, size_t margin, struct buf *);
/* Prose in lines of the source of mdoc(7); a sentence ends one. */
void doc_mdoc_text(const char *text, struct buf *);

#endif
