/* SPDX-License-Identifier: MIT */
/* json: a value of a JSON document. */
#include <stdlib.h>
#include <string.h>

#include "modules/parts/edit.h"

struct json {
	struct edit edit; /* first */
	const char *pointer;
	struct content value; /* no bytes: not given */
};

enum row {
	PATH,
	POINTER,
	VALUE,
	ENSURE,
	CREATE,
	BACKUP,
	VALIDATE,
	TIMEOUT,
	ROWS,
};

#define AT(member) offsetof(struct json, member)

static const struct attr attrs[ROWS] = {
	EDIT_ROW_PATH,
	[POINTER] = { .name = "pointer",
		      .kind = &kind_pointer,
		      .flags = ATTR_REQUIRED,
		      .offset = AT(pointer),
		      .doc = "Where the value is, as a JSON Pointer (RFC "
			     "6901): "
			     "\"/log-opts/max-size\"; one that ends with "
			     "\"/-\" "
			     "is for an element of a list that is equal to the "
			     "value, wherever in it. What is missing on the "
			     "way is made as objects: a number is an index in "
			     "a list that is there, and a key elsewhere." },
	[VALUE] = { .name = "value",
		    .kind = &kind_secret_json,
		    .flags = ATTR_STATE | ATTR_REQUIRED_THERE | ATTR_SECRET,
		    .offset = AT(value),
		    .doc = "The value: anything that JSON has, with secrets in "
			   "the place of strings." },
	EDIT_ROW_ENSURE,
	EDIT_ROW_CREATE,
	EDIT_ROWS_WRITE,
};

/* Whether it is for an element of a list, wherever in it. */
static bool is_element(const struct json *want)
{
	size_t n = strlen(want->pointer);

	return n > 1 && strcmp(want->pointer + n - 2, "/-") == 0;
}

static bool check(void *record, struct arena *a, struct diags *d)
{
	const struct json *want = record;
	bool element = is_element(want);

	(void)a;
	if (!want->value.bytes && (want->edit.ensure == PRESENT || element))
		return diag_error(d, "'value' is missing");
	if (!*want->pointer && want->edit.ensure == ABSENT)
		return diag_error(d, "'pointer' names the whole document: "
				     "remove the file");
	return edit_check(&want->edit, d);
}

static uint64_t place(const void *record)
{
	return BIT(PATH) | BIT(POINTER) | (is_element(record) ? BIT(VALUE) : 0);
}

static bool make(const void *record, const struct content *value,
		 const struct edit_text *t, struct edited *e, struct diags *d)
{
	const struct json *want = record;
	struct json_wish wish = { .pointer = want->pointer,
				  .value = value->bytes,
				  .from_nothing = want->edit.create ||
						  want->edit.ensure == ABSENT,
				  .absent = want->edit.ensure == ABSENT };

	return edit_json(&wish, t, e, d);
}

/* A value of the document as a value of the record is kept. */
static void make_compact(struct content *c, struct arena *a)
{
	json_t *value =
		json_loadb(c->bytes, (size_t)c->size, JSON_DECODE_ANY, NULL);
	AUTO_FREE char *text =
		json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);

	json_decref(value);
	c->bytes = text ? arena_strdup(a, text) : NULL;
	c->size = text ? strlen(text) : 0;
}

static bool observe(const struct host *h, const void *want_record,
		    void *have_record, struct arena *a, struct diags *d)
{
	static const struct edit_type type = { make, BIT(ENSURE) | BIT(VALUE) };
	const struct json *want = want_record;
	struct json *have = have_record;
	struct edited found;
	bool known;

	if (!edit_observe(h, &want->edit, &have->edit, &type, &want->value,
			  &found, &known, a, d))
		return false;
	if (!known)
		return true;
	have->value = edit_found(&found, &want->value);
	if (have->value.bytes)
		make_compact(&have->value, a);
	if (!found.old || (!have->value.bytes && !want->value.bytes))
		have->edit.r.set &= ~BIT(VALUE);
	return true;
}

const struct module json_module = {
	.name = "json",
	.summary = "A value of a JSON document. The order, layout and spelling "
		   "of the rest are left as they are; all edits of one file "
		   "are written at once.",
	.example = "\"json:container logs\": {\n"
		   "  \"path\": \"/etc/docker/daemon.json\",\n"
		   "  \"pointer\": \"/log-opts/max-size\",\n"
		   "  \"value\": \"10m\",\n"
		   "  \"create\": true\n"
		   "}\n",
	.size = sizeof(struct json),
	.attrs = attrs,
	.nattrs = ROWS,
	.check = check,
	.place = place,
	.edges = edit_edges,
	.observe = observe,
	.apply = edit_apply,
	.disruption = edit_disruption,
	.undoable = edit_undoable,
	.batched = true,
	.contents = edit_contents,
	.one_line = true,
};
