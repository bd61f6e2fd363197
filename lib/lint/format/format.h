/* SPDX-License-Identifier: MIT */
/*
 * What check found ("converge.check/1") as others read it: code review sites,
 * CI systems, editors. Text from the world is escaped as for a terminal
 * (escape.h) before it is escaped as the format asks. Pure; the same findings
 * give the same bytes.
 */
#ifndef CONVERGE_LINT_FORMAT_FORMAT_H
#define CONVERGE_LINT_FORMAT_FORMAT_H

#include <jansson.h>
#include <stdbool.h>

#include "lib/base/buf.h"

/* SARIF 2.1.0 (OASIS, "Static Analysis Results Interchange Format"), a new
 * reference. Of more than SARIF_MAX findings the worst are there, and how many
 * are not. */
json_t *format_sarif(const json_t *found);
/* That many GitHub takes. */
enum { SARIF_MAX = 25000 };
/* The report of GitLab's code quality: of CodeClimate's issues the members that
 * GitLab reads; a new reference. */
json_t *format_gitlab(const json_t *found);
/* JUnit XML as Jenkins and GitLab read it: a file is a suite, a finding a case
 * that failed. */
void format_junit(const json_t *found, struct buf *);
/* XML as checkstyle writes it. */
void format_checkstyle(const json_t *found, struct buf *);
/* Workflow commands of GitHub Actions, the worst first. What is appended is to
 * be obeyed: it must reach the log as it is. */
void format_github(const json_t *found, struct buf *);

/* --- for the formats alone --- */

/* The findings, one by one: "error", "warning" and "info" are their severities.
 */
#define FINDINGS(found) json_object_get(found, "findings")
const char *format_text(const json_t *finding, const char *key);
size_t format_number(const json_t *finding, const char *key);
/* Where it is; "converge" when it is nowhere. */
const char *format_file(const json_t *finding);
bool format_same_file(const json_t *, const json_t *);
/* Appends the subject and the text, escaped as for a terminal. */
void format_message(const json_t *finding, struct buf *);
/* A text of it, escaped as for a terminal, as a JSON string. */
json_t *format_clean(const char *text);

#endif
