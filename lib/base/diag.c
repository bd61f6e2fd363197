/* SPDX-License-Identifier: MIT */
#include "lib/base/diag.h"

#include <stdarg.h>
#include <string.h>

#include "lib/base/buf.h"

/* Where a character of UTF-8 begins at or before text[n]. */
static size_t begin(const char *text, size_t n)
{
	while (n && (text[n] & 0xc0) == 0x80)
		n--;
	return n;
}

const char *diag_keep(struct diags *d, const char *text)
{
	size_t size = text ? strlen(text) : 0, head, tail;

	if (size <= DIAG_MAX_TEXT)
		return text ? arena_strdup(&d->arena, text) : NULL;
	head = begin(text, DIAG_MAX_TEXT * 3 / 4);
	tail = begin(text, size - DIAG_MAX_TEXT / 4);
	return arena_printf(&d->arena, "%.*s...%s", (int)head, text,
			    text + tail);
}

static const char *keepv(struct diags *d, const char *format, va_list args)
	PRINTF(2, 0);

static const char *keepv(struct diags *d, const char *format, va_list args)
{
	AUTO_BUF struct buf b = { 0 };

	buf_vprintf(&b, format, args);
	return diag_keep(d, buf_text(&b));
}

static const char *new_text(struct diags *d, const char *format, va_list args)
	PRINTF(2, 0);

/* NULL of one that is only counted. */
static const char *new_text(struct diags *d, const char *format, va_list args)
{
	return d->n < DIAGS_MAX ? keepv(d, format, args) : NULL;
}

/* text lives in the arena. */
static struct diag *add(struct diags *d, enum severity severity,
			struct place place, const char *text)
{
	struct diag *diag;

	if (severity == SEVERITY_ERROR)
		d->errors++;
	if (d->n == DIAGS_MAX) {
		d->dropped++;
		return NULL;
	}
	d->v = arena_grow(&d->arena, d->v, d->n, &d->capacity, sizeof(*d->v));
	diag = &d->v[d->n++];
	*diag = (struct diag){ .severity = severity,
			       .place = place.file ? place : d->place,
			       .subject = diag_keep(d, d->subject),
			       .text = text };
	diag->place.file = diag_keep(d, diag->place.file);
	return diag;
}

bool diag_error_at(struct diags *d, struct place place, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(d, SEVERITY_ERROR, place, new_text(d, format, args));
	va_end(args);
	return false;
}

bool diag_error(struct diags *d, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(d, SEVERITY_ERROR, (struct place){ 0 }, new_text(d, format, args));
	va_end(args);
	return false;
}

bool diag_errno(struct diags *d, int error, const char *format, ...)
{
	const char *text;
	va_list args;

	va_start(args, format);
	text = new_text(d, format, args);
	va_end(args);
	if (text)
		text = arena_printf(&d->arena, "%s: %s", text, strerror(error));
	add(d, SEVERITY_ERROR, (struct place){ 0 }, text);
	return false;
}

void diag_warning(struct diags *d, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(d, SEVERITY_WARNING, (struct place){ 0 },
	    new_text(d, format, args));
	va_end(args);
}

void diag_hint(struct diags *d, const char *format, ...)
{
	va_list args;

	if (!d->n || d->dropped)
		return;
	va_start(args, format);
	d->v[d->n - 1].hint = keepv(d, format, args);
	va_end(args);
}

void diags_append(struct diags *to, const struct diags *from)
{
	size_t told = 0;

	for (size_t i = 0; i < from->n; i++) {
		const struct diag *d = &from->v[i];
		struct diag *copy = add(to, d->severity, d->place,
					arena_strdup(&to->arena, d->text));

		told += d->severity == SEVERITY_ERROR;
		if (!copy)
			continue;
		copy->subject = diag_keep(to, d->subject);
		copy->hint = diag_keep(to, d->hint);
	}
	to->dropped += from->dropped;
	to->errors += from->errors - told;
}

void diags_release(struct diags *d)
{
	arena_release(&d->arena);
	*d = (struct diags){ 0 };
}
