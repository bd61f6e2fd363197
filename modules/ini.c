/* SPDX-License-Identifier: MIT */
/* ini: a key of a section of a file of sections. */
#include <string.h>

#include "modules/parts/edit.h"

struct ini {
	struct edit edit; /* first */
	const char *section, *key;
	struct content value; /* no bytes: not given */
};

enum row {
	PATH,
	SECTION,
	KEY,
	VALUE,
	ENSURE,
	CREATE,
	BACKUP,
	VALIDATE,
	TIMEOUT,
	ROWS,
};

#define AT(member) offsetof(struct ini, member)

static const struct attr attrs[ROWS] = {
	EDIT_ROW_PATH,
	[SECTION] = { .name = "section",
		      .kind = &kind_section,
		      .offset = AT(section),
		      .doc = "The section, without its brackets; a key without "
			     "one is before the first." },
	[KEY] = { .name = "key",
		  .kind = &kind_key,
		  .offset = AT(key),
		  .doc = "The key; without one the section itself is meant." },
	[VALUE] = { .name = "value",
		    .kind = &kind_secret_setting,
		    .flags = ATTR_STATE | ATTR_SECRET,
		    .offset = AT(value),
		    .doc = "Its value: all that follows the \"=\"; or a "
			   "secret." },
	EDIT_ROW_ENSURE,
	EDIT_ROW_CREATE,
	EDIT_ROWS_WRITE,
};

static bool check(void *record, struct arena *a, struct diags *d)
{
	const struct ini *want = record;

	(void)a;
	if (!want->section && !want->key)
		return diag_error(d, "'section' or 'key' is missing");
	if (want->key && !want->value.bytes && want->edit.ensure == PRESENT)
		return diag_error(d, "'value' is missing");
	if (want->value.bytes && !want->key)
		return diag_error(d, "'value' needs 'key'");
	return edit_check(&want->edit, d);
}

static uint64_t place(const void *record)
{
	(void)record;
	return BIT(PATH) | BIT(SECTION) | BIT(KEY);
}

static bool make(const void *record, const struct content *value,
		 const struct edit_text *t, struct edited *e, struct diags *d)
{
	const struct ini *want = record;
	struct ini_wish wish = { .section = want->section,
				 .key = want->key,
				 .value = value->bytes,
				 .absent = want->edit.ensure == ABSENT };

	return edit_ini(&wish, t, e, d);
}

/* It is there more than once, or without a "=". */
static bool is_written_otherwise(const struct edited *found,
				 const struct ini *want)
{
	return found->state == EDIT_OTHER && want->value.bytes && found->old &&
	       strlen(found->old) == found->old_size &&
	       strcmp(found->old, want->value.bytes) == 0;
}

static bool observe(const struct host *h, const void *want_record,
		    void *have_record, struct arena *a, struct diags *d)
{
	static const struct edit_type type = { make, BIT(ENSURE) | BIT(VALUE) };
	const struct ini *want = want_record;
	struct ini *have = have_record;
	struct edited found;
	bool known;

	if (!edit_observe(h, &want->edit, &have->edit, &type, &want->value,
			  &found, &known, a, d))
		return false;
	if (!known)
		return true;
	have->value = edit_found_text(&found, &want->value, a);
	if (is_written_otherwise(&found, want)) {
		const char *text =
			arena_printf(a, "%s (written otherwise)", found.old);

		have->value.bytes = text;
		have->value.size = strlen(text);
	}
	if (found.state == EDIT_MISSING ||
	    (!have->value.bytes && !want->value.bytes))
		have->edit.r.set &= ~BIT(VALUE);
	return true;
}

const struct module ini_module = {
	.name = "ini",
	.summary = "A key of a file that is made of \"[section]\" and \"key = "
		   "value\" lines. Comments, spacing and the rest of the file "
		   "are left as they are; all edits of one file are written at "
		   "once.",
	.example = "\"ini:journal size\": {\n"
		   "  \"path\": \"/etc/systemd/journald.conf\",\n"
		   "  \"section\": \"Journal\",\n"
		   "  \"key\": \"SystemMaxUse\",\n"
		   "  \"value\": \"500M\"\n"
		   "}\n",
	.size = sizeof(struct ini),
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
};
