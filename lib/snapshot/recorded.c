/* SPDX-License-Identifier: MIT */
#include "lib/snapshot/recorded.h"

#include <string.h>

#include "lib/base/date.h"
#include "lib/base/path.h"
#include "lib/host/squeeze.h"
#include "lib/host/sshsig.h"
#include "lib/text/object.h"
#include "lib/text/source.h"

enum { HOST_MAX = 253 };

static const char *text_of(const json_t *head, const char *key)
{
	return json_string_value(json_object_get(head, key));
}

/* "2026-11-28T10:30:00Z" (ISO 8601), as report_time tells it. */
static bool parse_time(const char *text, int64_t *time)
{
	static const char form[] = "dddd-dd-ddTdd:dd:ddZ";
	const char *at = text;
	int64_t days;
	char day[DATE_SIZE] = "";

	if (!text || strlen(text) != sizeof(form) - 1)
		return false;
	for (size_t i = 0; form[i]; i++)
		if (form[i] == 'd' ? text[i] < '0' || text[i] > '9'
				   : text[i] != form[i])
			return false;
	memcpy(day, at, sizeof(day) - 1);
	if (!date_parse(day, &days))
		return false;
	*time = days * 86400 +
		((at[11] - '0') * 10 + at[12] - '0') * INT64_C(3600) +
		((at[14] - '0') * 10 + at[15] - '0') * INT64_C(60) +
		(at[17] - '0') * 10 + at[18] - '0';
	return true;
}

/* It names a file of a world, and is shown as it is. */
static bool is_host_name(const char *name)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz0123456789.-_";

	return name && *name && *name != '.' && *name != '-' &&
	       strlen(name) <= HOST_MAX &&
	       strspn(name, letters) == strlen(name);
}

static bool is_commit(const char *id)
{
	return id && strlen(id) == OBJECT_HEX &&
	       strspn(id, "0123456789abcdef") == OBJECT_HEX;
}

static bool read_head(struct recorded *r, const char *name, struct diags *d)
{
	const json_t *head = json_object_get(r->json, "recorded");

	if (!json_is_object(head))
		return diag_error(d,
				  "'%s' does not say what host it was "
				  "recorded of",
				  name);
	r->host = text_of(head, "host");
	r->revision = text_of(head, "revision");
	r->state = text_of(head, "state");
	if (!is_host_name(r->host))
		return diag_error(d, "'%s' has no name of its host", name);
	if (json_object_get(head, "state") &&
	    (!r->state || path_wrong(r->state)))
		return diag_error(d, "'%s': 'state' is no path", name);
	if (json_object_get(head, "revision") && !is_commit(r->revision))
		return diag_error(d, "'%s': 'revision' is no commit", name);
	return parse_time(text_of(head, "time"), &r->time) ||
	       diag_error(d, "'%s' does not say when it was recorded", name);
}

bool recorded_load(const char *bytes, size_t n, struct diags *d)
{
	const char *signature;
	size_t size;

	if (!squeeze_is(bytes, n))
		return true;
	squeeze_signed(bytes, n, &signature, &size);
	return squeeze_load(d) && (!size || sshsig_load(d));
}

static json_t *parse(const char *bytes, size_t n, const char *name,
		     struct diags *d)
{
	AUTO_BUF struct buf text = { 0 };
	struct source source = { .name = name, .text = bytes, .size = n };
	json_t *json;

	if (squeeze_is(bytes, n)) {
		if (!unsqueeze(bytes, n, SOURCE_MAX_BYTES, name, &text, d))
			return NULL;
		source.text = buf_text(&text);
		source.size = text.size;
	}
	json = source_parse(&source, d);
	source_release(&source);
	return json;
}

bool recorded_read(struct recorded *r, const char *bytes, size_t n,
		   const char *name, struct diags *d)
{
	*r = (struct recorded){ .bytes = bytes, .n = n };
	if (squeeze_is(bytes, n))
		r->n = squeeze_signed(bytes, n, &r->signature, &r->size);
	r->json = parse(bytes, r->n, name, d);
	if (!r->json || !read_head(r, name, d))
		return false;
	r->picture = host_snapshot(r->json, d);
	r->facts = json_object_get(r->json, "facts");
	return r->picture != NULL;
}

void recorded_release(struct recorded *r)
{
	host_close(r->picture);
	json_decref(r->json);
	*r = (struct recorded){ 0 };
}
