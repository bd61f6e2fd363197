/* SPDX-License-Identifier: MIT */
/* json: a value of a JSON document. */
#include <stdlib.h>
#include <string.h>

#include "modules/parts/edit.h"

struct json {
	struct edit edit; /* first */
	const char *pointer, *value;
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
			     "value, wherever in it." },
	[VALUE] = { .name = "value",
		    .kind = &kind_json,
		    .flags = ATTR_STATE | ATTR_REQUIRED_THERE,
		    .offset = AT(value),
		    .doc = "The value: anything that JSON has." },
	EDIT_ROW_ENSURE,
	EDIT_ROW_CREATE,
	EDIT_ROWS_WRITE,
};

static bool check(void *record, struct arena *a, struct diags *d)
{
	const struct json *want = record;
	size_t n = strlen(want->pointer);
	bool element = n > 1 && strcmp(want->pointer + n - 2, "/-") == 0;

	(void)a;
	if (!want->value && (want->edit.ensure == PRESENT || element))
		return diag_error(d, "'value' is missing");
	if (n == 0 && want->edit.ensure == ABSENT)
		return diag_error(d, "'pointer' names the whole document: "
				     "remove the file");
	return edit_check(&want->edit, d);
}

static bool make(const void *record, const struct edit_text *t,
		 struct edited *e, struct diags *d)
{
	const struct json *want = record;
	struct json_wish wish = { .pointer = want->pointer,
				  .value = want->value,
				  .from_nothing = want->edit.create ||
						  want->edit.ensure == ABSENT,
				  .absent = want->edit.ensure == ABSENT };

	return edit_json(&wish, t, e, d);
}

/* A value of the document as a value of the record is kept. */
static const char *compact(const struct edited *found, struct arena *a)
{
	json_t *value =
		json_loadb(found->old, found->old_size, JSON_DECODE_ANY, NULL);
	AUTO_FREE char *text =
		json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);

	json_decref(value);
	return text ? arena_strdup(a, text) : NULL;
}

static bool observe(const struct host *h, const void *want_record,
		    void *have_record, struct arena *a, struct diags *d)
{
	const struct json *want = want_record;
	struct json *have = have_record;
	struct edited found;
	bool known;

	if (!edit_observe(h, &want->edit, &have->edit, make,
			  BIT(ENSURE) | BIT(VALUE), &found, &known, a, d))
		return false;
	if (!known)
		return true;
	have->value = found.old ? compact(&found, a) : NULL;
	if (!have->value)
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
	.edges = edit_edges,
	.observe = observe,
	.apply = edit_apply,
	.undoable = edit_undoable,
	.batched = true,
	.contents = edit_contents,
};
