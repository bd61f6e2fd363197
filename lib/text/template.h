/* SPDX-License-Identifier: MIT */
/*
 * Mustache templates (https://github.com/mustache/spec, without its optional
 * modules: interpolation, sections, inverted sections, comments, set
 * delimiters, partials) over a scope. A name that is not defined, or null, is
 * an error with its place, but in a section or an inverted section, where it
 * means "no"; so is a partial that is not there. Of a
 * secret the place is noted (struct scope, cuts), and nothing is put there.
 */
#ifndef CONVERGE_TEXT_TEMPLATE_H
#define CONVERGE_TEXT_TEMPLATE_H

#include "lib/base/buf.h"
#include "lib/base/diag.h"
#include "lib/text/scope.h"

/* Gives the text of the partial *name, which becomes the file's for places.
 * False: there is none, or it has told those diags what is wrong with it,
 * whose place is the tag's. */
typedef bool template_partial(void *context, const char **name,
			      const char **text, size_t *size);

struct template_options {
	template_partial *partial; /* NULL: there are none */
	void *context;             /* the partial's */
	/* {{x}} puts entities in place of & < > " and ', as HTML wants it in
	 * text and in attributes; {{{x}}} and {{&x}} do not. */
	bool html;
};

/* Appends the rendered template to out. name is the file's, for places. */
bool template_render(const char *name, const char *text, size_t size,
		     const struct scope *, const struct template_options *,
		     struct buf *out, struct diags *);

/* Adds what the tags of a template name, in their order: values, and partials.
 * None, if it is no template. */
void template_names(const char *text, size_t size, struct arena *,
		    struct strings *values, struct strings *partials);
/* Whether the text is a template, whatever its tags name. */
bool template_check(const char *name, const char *text, size_t size,
		    struct diags *);

#endif
