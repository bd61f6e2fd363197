/* SPDX-License-Identifier: MIT */
#include "lib/base/diag.h"

#include <stdarg.h>
#include <string.h>

static const char *keep(struct diags *d, const char *text)
{
	return text ? arena_strdup(&d->arena, text) : NULL;
}

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
			       .subject = keep(d, d->subject),
			       .text = text };
	diag->place.file = keep(d, diag->place.file);
	return diag;
}

bool diag_error_at(struct diags *d, struct place place, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(d, SEVERITY_ERROR, place, arena_vprintf(&d->arena, format, args));
	va_end(args);
	return false;
}

bool diag_error(struct diags *d, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(d, SEVERITY_ERROR, (struct place){ 0 },
	    arena_vprintf(&d->arena, format, args));
	va_end(args);
	return false;
}

bool diag_errno(struct diags *d, int error, const char *format, ...)
{
	const char *text;
	va_list args;

	va_start(args, format);
	text = arena_vprintf(&d->arena, format, args);
	va_end(args);
	add(d, SEVERITY_ERROR, (struct place){ 0 },
	    arena_printf(&d->arena, "%s: %s", text, strerror(error)));
	return false;
}

void diag_warning(struct diags *d, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(d, SEVERITY_WARNING, (struct place){ 0 },
	    arena_vprintf(&d->arena, format, args));
	va_end(args);
}

void diag_hint(struct diags *d, const char *format, ...)
{
	va_list args;

	if (!d->n || d->dropped)
		return;
	va_start(args, format);
	d->v[d->n - 1].hint = arena_vprintf(&d->arena, format, args);
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
		copy->subject = keep(to, d->subject);
		copy->hint = keep(to, d->hint);
	}
	to->dropped += from->dropped;
	to->errors += from->errors - told;
}

void diags_release(struct diags *d)
{
	arena_release(&d->arena);
	*d = (struct diags){ 0 };
}
