/* SPDX-License-Identifier: MIT */
#include "lib/base/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/arena.h"

char *buf_reserve(struct buf *b, size_t n)
{
	size_t capacity = b->capacity ? b->capacity : 128;

	if (n > SIZE_MAX / 2 - b->size)
		memory_exhausted();
	while (capacity < b->size + n + 1)
		capacity *= 2;
	if (capacity != b->capacity) {
		b->text = xrealloc(b->text, capacity);
		b->capacity = capacity;
	}
	return b->text + b->size;
}

void buf_add(struct buf *b, const void *bytes, size_t n)
{
	char *to = buf_reserve(b, n);

	if (n)
		memcpy(to, bytes, n);
	b->size += n;
	b->text[b->size] = '\0';
}

void buf_puts(struct buf *b, const char *text)
{
	buf_add(b, text, strlen(text));
}

void buf_putc(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void buf_vprintf(struct buf *b, const char *format, va_list args)
{
	va_list again;
	int n;

	va_copy(again, args);
	n = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (n < 0)
		return;
	vsnprintf(buf_reserve(b, (size_t)n), (size_t)n + 1, format, args);
	b->size += (size_t)n;
}

void buf_printf(struct buf *b, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	buf_vprintf(b, format, args);
	va_end(args);
}

const char *buf_text(const struct buf *b)
{
	return b->text ? b->text : "";
}

void buf_clear(struct buf *b)
{
	b->size = 0;
	if (b->text)
		b->text[0] = '\0';
}

void buf_wipe(struct buf *b)
{
	/* one that the compiler cannot leave out */
	void *(*const volatile fill)(void *, int, size_t) = memset;

	if (b->text)
		fill(b->text, 0, b->capacity);
	buf_release(b);
}

void buf_release(struct buf *b)
{
	free(b->text);
	*b = (struct buf){ 0 };
}
