/* SPDX-License-Identifier: MIT */
#include "lib/base/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Small ones are cleared as a whole; large ones come from mmap(2), which clears
 * them as they are touched. */
enum { FIRST_BLOCK = 2 * 1024, LARGE_BLOCK = 1024 * 1024, ALIGN = 16 };

struct arena_block {
	struct arena_block *next;
	_Alignas(ALIGN) char bytes[];
};

void memory_exhausted(void)
{
	static const char message[] = "converge: out of memory\n";

	if (write(STDERR_FILENO, message, sizeof(message) - 1) < 0)
		_exit(4);
	_exit(4);
}

void *xrealloc(void *p, size_t size)
{
	p = realloc(p, size ? size : 1);
	if (!p)
		memory_exhausted();
	return p;
}

static void add_block(struct arena *a, size_t size)
{
	struct arena_block *block;

	if (size > SIZE_MAX - sizeof(*block))
		memory_exhausted();
	block = calloc(1, sizeof(*block) + size);
	if (!block)
		memory_exhausted();
	block->next = a->blocks;
	a->blocks = block;
	a->used = 0;
	a->size = size;
}

static size_t block_size(const struct arena *a, size_t size)
{
	size_t block = a->blocks ? a->size * 4 : FIRST_BLOCK;

	if (block > LARGE_BLOCK)
		block = LARGE_BLOCK;
	return size > block ? size : block;
}

void *arena_alloc(struct arena *a, size_t size)
{
	void *p;

	if (size > SIZE_MAX - ALIGN)
		memory_exhausted();
	size = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	if (!a->blocks || a->size - a->used < size)
		add_block(a, block_size(a, size));
	p = a->blocks->bytes + a->used;
	a->used += size;
	a->total += size;
	return p;
}

void *arena_calloc(struct arena *a, size_t n, size_t size)
{
	if (size && n > SIZE_MAX / size)
		memory_exhausted();
	return arena_alloc(a, n * size);
}

void *arena_memdup(struct arena *a, const void *bytes, size_t n)
{
	void *p = arena_alloc(a, n);

	if (n)
		memcpy(p, bytes, n);
	return p;
}

char *arena_strndup(struct arena *a, const char *text, size_t n)
{
	char *p = arena_alloc(a, n + 1);

	memcpy(p, text, n);
	return p;
}

char *arena_strdup(struct arena *a, const char *text)
{
	return arena_strndup(a, text, strlen(text));
}

char *arena_vprintf(struct arena *a, const char *format, va_list args)
{
	va_list again;
	char *text;
	int n;

	va_copy(again, args);
	n = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (n < 0)
		return arena_strdup(a, format);
	text = arena_alloc(a, (size_t)n + 1);
	vsnprintf(text, (size_t)n + 1, format, args);
	return text;
}

char *arena_printf(struct arena *a, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = arena_vprintf(a, format, args);
	va_end(args);
	return text;
}

void *arena_grow(struct arena *a, void *array, size_t n, size_t *capacity,
		 size_t size)
{
	void *larger;

	if (n < *capacity)
		return array;
	*capacity = *capacity ? *capacity * 2 : 8;
	larger = arena_calloc(a, *capacity, size);
	if (n)
		memcpy(larger, array, n * size);
	return larger;
}

void arena_release(struct arena *a)
{
	struct arena_block *block = a->blocks;

	while (block) {
		struct arena_block *next = block->next;

		free(block);
		block = next;
	}
	*a = (struct arena){ 0 };
}
