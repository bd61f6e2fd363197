/* SPDX-License-Identifier: MIT */
#include "lib/text/value.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"

/* The n bytes of a step, as the key that they stand for. */
static void decode(struct buf *key, const char *step, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (step[i] == '~' && i + 1 < n)
			buf_putc(key, step[++i] == '1' ? '/' : '~');
		else
			buf_putc(key, step[i]);
	}
}

static json_t *element_at(json_t *list, const char *text)
{
	char *end;
	unsigned long i = strtoul(text, &end, 10);

	return *text >= '0' && *text <= '9' && !*end ? json_array_get(list, i)
						     : NULL;
}

json_t *value_at(json_t *root, const char *pointer)
{
	while (root && *pointer == '/') {
		AUTO_BUF struct buf key = { 0 };
		size_t n = strcspn(++pointer, "/");

		decode(&key, pointer, n);
		root = json_is_array(root)
			       ? element_at(root, buf_text(&key))
			       : json_object_get(root, buf_text(&key));
		pointer += n;
	}
	return root;
}

json_t *value_everywhere(json_t *root, const char *pointer)
{
	static const char rules[] = "/rules/";
	const char *rest;
	json_t *all, *rule, *value;
	size_t i;

	if (strncmp(pointer, rules, sizeof(rules) - 1) != 0)
		return json_incref(value_at(root, pointer));
	rest = pointer + sizeof(rules) - 1;
	rest += strcspn(rest, "/");
	all = json_array();
	json_array_foreach (json_object_get(root, "rules"), i, rule) {
		value = value_at(rule, rest);
		if (value)
			json_array_append(all, value);
	}
	if (json_array_size(all))
		return all;
	json_decref(all);
	return NULL;
}

static bool is_text(const json_t *value, const char *text)
{
	return json_is_string(value) &&
	       strcmp(json_string_value(value), text) == 0;
}

bool value_has(const json_t *list, const char *text)
{
	const json_t *item, *inner;
	size_t i, j;

	json_array_foreach (list, i, item) {
		if (is_text(item, text))
			return true;
		json_array_foreach (item, j, inner)
			if (is_text(inner, text))
				return true;
	}
	return false;
}
