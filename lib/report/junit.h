/* SPDX-License-Identifier: MIT */
/*
 * JUnit XML, as Jenkins and GitLab read it: suites of cases, some of which
 * failed. Text is escaped as xml.h says. Pure; the same calls give the same
 * bytes.
 */
#ifndef CONVERGE_REPORT_JUNIT_H
#define CONVERGE_REPORT_JUNIT_H

#include <stddef.h>

#include "lib/base/buf.h"

struct junit_counts {
	size_t tests, failures, errors;
};

/* Of the whole; ended by junit_end. name is converge's own. */
void junit_begin(struct buf *, const char *name, const struct junit_counts *);
void junit_end(struct buf *);
void junit_suite(struct buf *, const char *name, const struct junit_counts *);
void junit_suite_end(struct buf *);
/* One case, with its failures between begin and end. */
void junit_case(struct buf *, const char *class_name, const char *name);
/* element: "failure" or "error". body: more lines; or NULL. */
void junit_failure(struct buf *, const char *element, const char *type,
		   const char *message, const char *body);
/* What is no failure: lines. */
void junit_note(struct buf *, const char *text);
void junit_case_end(struct buf *);

#endif
