/* SPDX-License-Identifier: MIT */
/* ${...} filled in, and the limits of what may be made of few bytes. */
#include "lib/manifest/parts.h"

#include <string.h>

bool manifest_stop(struct manifest *m, const char *pointer, enum source_at at,
		   const char *why, struct diags *d)
{
	if (!m->stopped)
		FAIL(m, d, pointer, at, "%s", why);
	m->stopped = true;
	m->left = 0;
	return false;
}

bool manifest_spend(struct manifest *m, size_t bytes, const char *pointer,
		    enum source_at at, struct diags *d)
{
	return scope_spend(&m->scope, bytes) ||
	       manifest_stop(m, pointer, at, SCOPE_TOO_MUCH, d);
}

size_t manifest_nodes(json_t *value, size_t limit)
{
	size_t n = 1, i;
	const char *key;
	json_t *item;

	if (json_is_object(value)) {
		json_object_foreach (value, key, item) {
			if (n > limit)
				break;
			n += manifest_nodes(item, limit - n);
		}
	} else if (json_is_array(value)) {
		json_array_foreach (value, i, item) {
			if (n > limit)
				break;
			n += manifest_nodes(item, limit - n);
		}
	}
	return n;
}

static bool is_reference(const json_t *value)
{
	return json_is_string(value) &&
	       memchr(json_string_value(value), '$',
		      json_string_length(value)) &&
	       strstr(json_string_value(value), "${");
}

/* Recursion is as deep as the text: at most SOURCE_MAX_DEPTH. */
bool manifest_has_reference(json_t *value)
{
	const char *key;
	json_t *item;
	size_t i;

	if (json_is_object(value)) {
		json_object_foreach (value, key, item)
			if (manifest_has_reference(item))
				return true;
	} else if (json_is_array(value)) {
		json_array_foreach (value, i, item)
			if (manifest_has_reference(item))
				return true;
	}
	return is_reference(value);
}

static json_t *expand_string(struct manifest *m, const struct scope *scope,
			     const json_t *value, const char *pointer,
			     struct diags *d)
{
	const char *error = NULL;
	size_t cost;
	json_t *result =
		scope_expand(scope, json_string_value(value),
			     json_string_length(value), &m->arena, &error);

	if (!result) {
		FAIL(m, d, pointer, SOURCE_AT_VALUE, "%s", error);
		return NULL;
	}
	cost = NODE * manifest_nodes(result, m->left / NODE);
	/* a text that is one reference is shared, others are made */
	if (result->refcount == 1)
		cost += json_string_length(result);
	if (manifest_spend(m, cost, pointer, SOURCE_AT_VALUE, d))
		return result;
	json_decref(result);
	return NULL;
}

/* The same of what stands under key, or without one at i. What has no
 * reference in it is shared, and no pointers into it are made. */
static json_t *expand_item(struct manifest *m, const struct scope *scope,
			   json_t *item, const char *pointer, const char *key,
			   size_t i, struct diags *d)
{
	if (m->stopped)
		return NULL;
	if (!manifest_has_reference(item))
		return json_incref(item);
	pointer = key ? pointer_join(&m->arena, pointer, key)
		      : pointer_index(&m->arena, pointer, i);
	return manifest_expand(m, scope, item, pointer, d);
}

json_t *manifest_expand(struct manifest *m, const struct scope *scope,
			json_t *value, const char *pointer, struct diags *d)
{
	size_t n = json_object_size(value) + json_array_size(value), i;
	json_t *copy, *item, *made;
	const char *key;
	bool ok = true;

	if (!manifest_spend(m, strlen(pointer) + NODE * (1 + n), pointer,
			    SOURCE_AT_VALUE, d))
		return NULL;
	if (json_is_object(value)) {
		copy = json_object();
		json_object_foreach (value, key, item) {
			if (strcmp(key, "//") == 0)
				continue;
			made = expand_item(m, scope, item, pointer, key, 0, d);
			ok &= made && json_object_set_new(copy, key, made) == 0;
		}
	} else if (json_is_array(value)) {
		copy = json_array();
		json_array_foreach (value, i, item) {
			made = expand_item(m, scope, item, pointer, NULL, i, d);
			ok &= made && json_array_append_new(copy, made) == 0;
		}
	} else {
		return is_reference(value)
			       ? expand_string(m, scope, value, pointer, d)
			       : json_incref(value);
	}
	if (ok)
		return copy;
	json_decref(copy);
	return NULL;
}
