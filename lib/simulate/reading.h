/* SPDX-License-Identifier: MIT */
/* What the files that read tests share, and nobody else. */
#ifndef CONVERGE_SIMULATE_READING_H
#define CONVERGE_SIMULATE_READING_H

#include "lib/simulate/spec.h"

struct reading_spec {
	const struct spec *spec;
	struct arena *arena;
	struct diags *diags;
};

#define WRONG(r, pointer, at, ...)                                        \
	diag_error_at((r)->diags, spec_place((r)->spec, (pointer), (at)), \
		      __VA_ARGS__)

/* Whether a value is one of its kind; false with diagnostics, all of them. */
typedef bool fits(struct reading_spec *, json_t *, const char *pointer);

struct key {
	const char *name;
	fits *fits; /* NULL: anything does */
};

/* An object of these keys alone. */
bool spec_keys_fit(struct reading_spec *, json_t *object, const char *pointer,
		   const struct key *keys, size_t n);
/* An object of any keys, whose values all fit. */
bool spec_each_fits(struct reading_spec *, json_t *object, const char *pointer,
		    fits *each);
bool spec_is_word(const json_t *value, const char *const *words, size_t n);

fits spec_fits_text, spec_fits_bool;
/* The keys of what is an object. */
fits spec_fits_paths;
fits spec_fits_packages, spec_fits_units;
/* spec_given.c */
fits spec_fits_given;

#endif
