/* SPDX-License-Identifier: MIT */
#include "cmd/view.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool write_all(int fd, const char *text, size_t n)
{
	while (n) {
		ssize_t written = write(fd, text, n);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return false;
		text += written;
		n -= (size_t)written;
	}
	return true;
}

/* Whether text goes on as the rest of "##[", "##vso[" or "##teamcity[" does. */
static bool ends_command(const char *text)
{
	return text[strspn(text, "abcdefghijklmnopqrstuvwxyz")] == '[';
}

/*
 * Systems that run jobs obey what stands in a job's log: "::name" where a line
 * begins, after blanks of any script (GitHub, Gitea), and "##name[" anywhere
 * (Azure, TeamCity). A file's content must not speak to them through a diff.
 */
static void disarm(struct buf *out, const char *text, const char *sharp)
{
	bool begins = true; /* no printable ASCII since the line began */

	for (const char *p = text; *p; p++) {
		if (begins && p[0] == ':' && p[1] == ':') {
			buf_puts(out, "\\x3a");
		} else if (p[0] == '#' && p[1] == '#' && ends_command(p + 2)) {
			buf_puts(out, sharp);
		} else if (*p == '\x7f') {
			/* of JSON: texts have none */
			buf_puts(out, "\\u007f");
		} else {
			buf_putc(out, *p);
		}
		begins = *p == '\n' || (begins && (*p <= ' ' || *p > '~'));
	}
}

static bool is_armed(const char *text)
{
	return strstr(text, "::") || strstr(text, "##");
}

void view_disarm(struct buf *b)
{
	struct buf safe = { 0 };

	if (!is_armed(buf_text(b)))
		return;
	disarm(&safe, buf_text(b), "\\x23");
	buf_release(b);
	*b = safe;
}

static bool write_text(int fd, const struct buf *b)
{
	AUTO_BUF struct buf safe = { 0 };

	if (is_armed(buf_text(b))) {
		disarm(&safe, buf_text(b), "\\x23");
		b = &safe;
	}
	return write_all(fd, buf_text(b), b->size);
}

void view_print(struct view *v, const struct buf *b)
{
	if (!write_text(STDOUT_FILENO, b))
		v->lost = true;
}

void view_bytes(struct view *v, const struct buf *b)
{
	if (!write_all(STDOUT_FILENO, buf_text(b), b->size))
		v->lost = true;
}

void view_error(const struct buf *b)
{
	/* there is nowhere left to say that this failed */
	(void)write_text(STDERR_FILENO, b);
}

void view_json(struct view *v, const json_t *json, bool one_line)
{
	AUTO_BUF struct buf b = { 0 };
	char *text = json_dumps(
		json,
		JSON_ENSURE_ASCII | (one_line ? JSON_COMPACT : JSON_INDENT(2)));

	disarm(&b, text ? text : "null", "\\u0023");
	buf_putc(&b, '\n');
	free(text);
	view_print(v, &b);
}

static void show_json(void *context, const json_t *document)
{
	view_json(context, document, false);
}

static void show_head(void *context, const json_t *head)
{
	struct view *v = context;

	if (!v->quiet)
		view_text_head(head, &v->out);
}

/* In large pieces: a plan may have 100,000 lines. */
static void flush(struct view *v, size_t least)
{
	if (v->out.size < least)
		return;
	view_print(v, &v->out);
	buf_clear(&v->out);
}

static void show_change(void *context, const json_t *change)
{
	struct view *v = context;

	view_text_change(v, change, &v->out);
	flush(v, 64 * 1024);
}

static void show_summary(void *context, const json_t *summary)
{
	struct view *v = context;

	view_text_summary(summary, &v->out);
	flush(v, 0);
	buf_release(&v->out);
}

static void show_event(void *context, const json_t *event)
{
	AUTO_BUF struct buf b = { 0 };
	struct view *v = context;

	if (v->json) {
		view_json(v, event, true);
		return;
	}
	view_text_event(v, event, &b);
	view_print(v, &b);
}

static void escape(struct buf *b, const char *text, bool multiline)
{
	converge_escape(b, text, strlen(text), multiline);
}

void view_diag(const struct diag *d, struct buf *b)
{
	if (d->place.file) {
		escape(b, d->place.file, false);
		if (d->place.line)
			buf_printf(b, ":%zu:%zu", d->place.line,
				   d->place.column);
		buf_puts(b, ": ");
	} else {
		buf_puts(b, "converge: ");
	}
	if (d->severity == SEVERITY_WARNING)
		buf_puts(b, "warning: ");
	if (d->severity == SEVERITY_INFO)
		buf_puts(b, "info: ");
	if (d->subject) {
		escape(b, d->subject, false);
		buf_puts(b, ": ");
	}
	escape(b, d->text, false);
	buf_putc(b, '\n');
	if (d->hint) {
		buf_puts(b, "  hint: ");
		for (const char *p = d->hint; *p;) {
			size_t n = strcspn(p, "\n");

			converge_escape(b, p, n, false);
			buf_puts(b, p[n] ? "\n        " : "\n");
			p += n + (p[n] != '\0');
		}
		if (b->text[b->size - 1] != '\n')
			buf_putc(b, '\n');
	}
}

bool view_is_file(const char *operand)
{
	size_t n = operand ? strlen(operand) : 0;

	return n > 5 && strcmp(operand + n - 5, ".json") == 0;
}

void view_diags(const struct diags *d)
{
	AUTO_BUF struct buf b = { 0 };

	for (size_t i = 0; i < d->n; i++)
		view_diag(&d->v[i], &b);
	if (d->dropped)
		buf_printf(&b, "converge: and %zu more\n", d->dropped);
	view_error(&b);
}

static void show_diags(void *context, const struct diags *d)
{
	(void)context;
	view_diags(d);
}

static bool wants_color(const struct invocation *in)
{
	const char *when = in->values[OPTION_COLOR], *term;

	if (when && strcmp(when, "auto") != 0)
		return strcmp(when, "always") == 0;
	term = getenv("TERM");
	return isatty(STDOUT_FILENO) && !getenv("NO_COLOR") &&
	       !(term && strcmp(term, "dumb") == 0);
}

const char *view_string(const json_t *document, const char *key)
{
	return json_string_value(json_object_get(document, key));
}

void view_put(struct buf *b, const char *before, const char *text)
{
	if (!text)
		return;
	buf_puts(b, before);
	converge_escape(b, text, strlen(text), false);
}

void view_init(struct view *v, const struct invocation *in,
	       struct converge_view *out)
{
	*v = (struct view){ .json = options_have(in, OPTION_JSON),
			    .quiet = options_have(in, OPTION_QUIET),
			    .verbose = options_have(in, OPTION_VERBOSE),
			    .color = wants_color(in) };
	*out = (struct converge_view){ .context = v,
				       .event = show_event,
				       .diags = show_diags };
	if (v->json) {
		out->plan = show_json;
		return;
	}
	out->plan_head = show_head;
	out->plan_change = v->quiet ? NULL : show_change;
	out->plan_summary = show_summary;
}

int view_status(struct view *v, int status)
{
	static const char message[] = "converge: the report could not be "
				      "written to standard output\n";

	if (!v->lost)
		return status;
	(void)write_all(STDERR_FILENO, message, sizeof(message) - 1);
	return converge_failed(status);
}
