/* SPDX-License-Identifier: MIT */
/*
 * Renders the templates of standard input, a list of {"template": TEXT,
 * "data": ANY, "partials": {NAME: TEXT}, "html": BOOLEAN}. Standard output is
 * a list of {"text": TEXT} or {"error": TEXT, "file": NAME, "line": N,
 * "column": N}, of the first error; the template's name is "case".
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/auto.h"
#include "lib/text/template.h"

static bool find_partial(void *context, const char **name, const char **text,
			 size_t *size)
{
	const json_t *value = json_object_get(context, *name);

	*text = json_string_value(value);
	*size = json_string_length(value);
	return value != NULL;
}

static json_t *answer(bool good, const struct buf *out, const struct diags *d)
{
	if (good)
		return json_pack("{s:s%}", "text", buf_text(out), out->size);
	return json_pack("{s:s, s:s, s:I, s:I}", "error", d->v[0].text, "file",
			 d->v[0].place.file, "line",
			 (json_int_t)d->v[0].place.line, "column",
			 (json_int_t)d->v[0].place.column);
}

/* The scope has no place for bare names: the data become the context of a
 * section that the template stands in, as a partial. */
static json_t *render(const json_t *c)
{
	static const char page[] = "{{#vars.data}}{{>case}}{{/vars.data}}";
	json_t *partials = json_copy(json_object_get(c, "partials"));
	struct scope scope = { .vars = json_pack("{s:[O]}", "data",
						 json_object_get(c, "data")) };
	struct template_options options = {
		.partial = find_partial,
		.context = partials,
		.html = json_is_true(json_object_get(c, "html")),
	};
	AUTO_BUF struct buf out = { 0 };
	AUTO_DIAGS struct diags d = { 0 };
	json_t *result;
	bool good;

	json_object_set(partials, "case", json_object_get(c, "template"));
	good = template_render("page", page, strlen(page), &scope, &options,
			       &out, &d);
	result = answer(good, &out, &d);
	json_decref(scope.vars);
	json_decref(partials);
	return result;
}

int main(void)
{
	json_t *cases = json_loadf(stdin, 0, NULL), *results = json_array();
	const json_t *c;
	size_t i;

	if (!json_is_array(cases))
		return EXIT_FAILURE;
	json_array_foreach (cases, i, c)
		if (json_array_append_new(results, render(c)) != 0)
			return EXIT_FAILURE;
	json_dumpf(results, stdout, JSON_COMPACT);
	json_decref(cases);
	json_decref(results);
	return EXIT_SUCCESS;
}
