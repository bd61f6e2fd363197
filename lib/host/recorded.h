/* SPDX-License-Identifier: MIT */
/* What those share that read a recorded host from JSON and tell it again. */
#ifndef CONVERGE_HOST_RECORDED_H
#define CONVERGE_HOST_RECORDED_H

#include <jansson.h>
#include <stdint.h>

#include "lib/base/arena.h"

/* jansson iterates through json_t * alone, but changes nothing. */
static inline json_t *iterable(const json_t *json)
{
	return (json_t *)(uintptr_t)json;
}

/* Sets key, or runs out of memory. Takes the value over. */
static inline void set_new(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value) < 0)
		memory_exhausted();
}

#endif
