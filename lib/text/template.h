/* SPDX-License-Identifier: MIT */
/*
 * Mustache templates (https://github.com/mustache/spec, v1.3: interpolation,
 * sections, inverted sections, comments, set delimiters, partials) over a
 * scope. No HTML escaping: {{x}} and {{{x}}} are the same. A name that is not
 * defined is an error with its place, but in a section or an inverted section,
 * where it means "no".
 */
#ifndef CONVERGE_TEXT_TEMPLATE_H
#define CONVERGE_TEXT_TEMPLATE_H

#include "lib/base/buf.h"
#include "lib/base/diag.h"
#include "lib/text/scope.h"

/* Gives the text of the partial *name, which becomes the file's for places;
 * false: there is none. */
typedef bool template_partial(void *context, const char **name,
			      const char **text, size_t *size);

/* Appends the rendered template to out. name is the file's, for places. */
bool template_render(const char *name, const char *text, size_t size,
		     const struct scope *, template_partial *partial,
		     void *context, struct buf *out, struct diags *);

#endif
