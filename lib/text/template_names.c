/* SPDX-License-Identifier: MIT */
#include "lib/text/template.h"

#include "lib/text/template_parse.h"

void template_names(const char *text, size_t size, struct arena *a,
		    struct strings *values, struct strings *partials)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	struct unit unit = { .name = "", .text = text, .size = size };

	if (!unit_parse(&unit, a, &ignored))
		return;
	for (size_t i = 0; i < unit.n; i++) {
		const struct token *token = &unit.tokens[i];

		if (token->kind == TOKEN_TEXT || token->kind == TOKEN_CLOSE)
			continue;
		strings_add(token->kind == TOKEN_PARTIAL ? partials : values, a,
			    arena_strndup(a, unit.text + token->start,
					  token->size));
	}
}

bool template_check(const char *name, const char *text, size_t size,
		    struct diags *d)
{
	AUTO(arena_release) struct arena a = { 0 };
	struct unit unit = { .name = name, .text = text, .size = size };

	return unit_parse(&unit, &a, d);
}
