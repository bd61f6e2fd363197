/* SPDX-License-Identifier: MIT */
/*
 * A growing string. A zeroed struct is an empty one; text is always ended by
 * a NUL that size does not count, once anything was added.
 */
#ifndef CONVERGE_BASE_BUF_H
#define CONVERGE_BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>

#include "lib/base/auto.h"

struct buf {
	char *text;
	size_t size, capacity;
};

void buf_add(struct buf *, const void *bytes, size_t n);
void buf_puts(struct buf *, const char *text);
void buf_putc(struct buf *, char c);
void buf_printf(struct buf *, const char *format, ...) PRINTF(2, 3);
void buf_vprintf(struct buf *, const char *format, va_list) PRINTF(2, 0);
/* Room for n more bytes; returns where they go. The caller adds to size. */
char *buf_reserve(struct buf *, size_t n);
/* "" when nothing was added. */
const char *buf_text(const struct buf *);
void buf_clear(struct buf *);
void buf_release(struct buf *);
/* Releases it, and leaves nothing of what it held in memory. */
void buf_wipe(struct buf *);

#define AUTO_BUF AUTO(buf_release)

#endif
