/* SPDX-License-Identifier: MIT */
/* By whom a snapshot is signed. */
#include "lib/snapshot/recorded.h"

#include "lib/host/sshsig.h"
#include "lib/secret/world.h"
#include "lib/text/source.h"

/* What converge.json says of snapshots. */
static bool wants_signed(const struct tree *world)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	AUTO_BUF struct buf text = { 0 };
	struct source source = { .name = "converge.json" };
	json_t *root;
	bool wants;

	if (!tree_read(world, source.name, SOURCE_MAX_BYTES, &text, &ignored))
		return false;
	source.text = buf_text(&text);
	source.size = text.size;
	root = source_parse(&source, &ignored);
	wants = json_is_true(
		json_object_get(json_object_get(root, "snapshots"), "signed"));
	json_decref(root);
	source_release(&source);
	return wants;
}

/* The host's key; NULL: the world has none. False with a diagnostic. */
static bool find_key(const struct tree *world, const char *host,
		     struct arena *a, const char **key, struct diags *d)
{
	const struct recipient *recipient;
	struct recipients all;
	struct tree_entry entry;

	*key = NULL;
	if (!tree_entry(world, RECIPIENTS_FILE, a, &entry, d))
		return false;
	if (entry.type == TREE_ABSENT)
		return true;
	if (!recipients_read(world, a, &all, d))
		return false;
	recipient = recipients_host(&all, host);
	*key = recipient ? recipient->key : NULL;
	return true;
}

static bool doubt(const struct recorded *r, const struct tree *world,
		  const char *text, const char *name, struct diags *d)
{
	if (wants_signed(world))
		return diag_error(d, "'%s' of '%s' %s", name, r->host, text);
	diag_warning(d, "'%s' of '%s' %s", name, r->host, text);
	return true;
}

bool recorded_trust(const struct recorded *r, const struct tree *world,
		    const char *name, struct diags *d)
{
	AUTO(arena_release) struct arena a = { 0 };
	const char *key, *wrong;

	if (!r->size)
		return doubt(r, world, "is not signed", name, d);
	if (!find_key(world, r->host, &a, &key, d))
		return false;
	if (!key)
		return doubt(r, world,
			     "is signed, but there is no key of its host "
			     "in '" RECIPIENTS_FILE "'",
			     name, d);
	wrong = sshsig_wrong(r->signature, r->size, key, RECORDED_PURPOSE,
			     r->bytes, r->n);
	return !wrong || diag_error(d, "'%s' of '%s' %s", name, r->host, wrong);
}
