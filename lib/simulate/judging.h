/* SPDX-License-Identifier: MIT */
/* What the files that judge share, and nobody else. */
#ifndef CONVERGE_SIMULATE_JUDGING_H
#define CONVERGE_SIMULATE_JUDGING_H

#include "lib/simulate/simulate.h"
#include "lib/simulate/spec.h"

struct judging {
	struct simulation *simulation;
	const struct spec *spec;
	struct arena *arena;
	size_t expectations;
};

/* A failure at the place in the test, and, of a resource, at that in the
 * world. */
void judge_fail(struct judging *, const struct resource *, const char *pointer,
		enum source_at, const char *format, ...) PRINTF(5, 6);
/*
 * Compares a value with what is wanted: a plain value, or an object of
 * operators. what is how messages call it; have NULL: there is none; hidden: it
 * must not be shown.
 */
void judge_value(struct judging *, const struct resource *, const char *what,
		 const json_t *want, const json_t *have, const char *pointer,
		 bool hidden);
/* "; did you mean 'ID'?", if a resource has a name that is near; or "". */
const char *judge_near(struct judging *, const char *id);
/* The text of a content, a new reference; null: it is not known. */
json_t *content_text(const struct content *);

/* judge_host.c: what the host is in the end. */
void judge_files(struct judging *, json_t *want, const char *pointer);
void judge_packages(struct judging *, json_t *want, const char *pointer);
void judge_units(struct judging *, json_t *want, const char *pointer);

#endif
