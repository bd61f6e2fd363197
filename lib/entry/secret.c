/* SPDX-License-Identifier: MIT */
/* The secret command: sealing, and what there is to say of what is sealed. */
#include <string.h>

#include "lib/base/output.h"
#include "lib/converge.h"
#include "lib/host/linux/secret/keeper.h"
#include "lib/host/linux/source/open.h"
#include "lib/secret/check.h"

enum { SEALED_MAX = 2 * 1024 * 1024, SEALED_MODE = 0644 };

struct keeping {
	const struct converge_options *options;
	const struct converge_view *view;
	struct arena arena;
	struct diags diags;
	const char *folder; /* of the world, absolute */
	struct tree *world;
	struct recipients recipients;
	struct fleet fleet;
};

static bool begin(struct keeping *k, const struct converge_options *o,
		  const struct converge_view *view)
{
	const char *shown = o->world ? o->world : ".";

	*k = (struct keeping){ .options = o, .view = view };
	k->folder = linux_absolute(o->cwd, shown, &k->arena, &k->diags);
	if (k->folder)
		k->world = linux_open_folder(k->folder);
	if (k->folder && !k->world)
		diag_error(&k->diags, "'%s' is not a folder", shown);
	if (k->world)
		fleet_begin(&k->fleet, k->world, &k->arena);
	return k->world != NULL;
}

static void end(struct keeping *k)
{
	k->view->diags(k->view->context, &k->diags);
	diags_release(&k->diags);
	tree_close(k->world);
	arena_release(&k->arena);
}

static bool save(struct keeping *k, const char *path, const struct buf *bytes)
{
	return linux_save(arena_printf(&k->arena, "%s/%s", k->folder, path),
			  buf_text(bytes), bytes->size, SEALED_MODE, &k->diags);
}

/* One a line, for age(1): those hosts, and all people. */
static bool put_recipients(struct keeping *k, const struct strings *hosts,
			   struct buf *lines)
{
	for (size_t i = 0; i < k->recipients.n; i++) {
		const struct recipient *r = &k->recipients.v[i];

		if (!r->is_host || strings_have(hosts, r->name))
			buf_printf(lines, "%s\n", r->key);
	}
	return lines->size || diag_error(&k->diags, "it would be sealed to "
						    "nobody");
}

/* --- seal --- */

/* As --to says, or as it was before. */
static bool find_audience(struct keeping *k, const char *path,
			  struct strings *to)
{
	const struct converge_options *o = k->options;

	*to = (struct strings){ 0 };
	for (size_t i = 0; i < o->nto; i++)
		if (!strings_have(to, o->to[i]))
			strings_add(to, &k->arena, o->to[i]);
	return to->n || audience_read(k->world, path, &k->arena, to, &k->diags);
}

static bool seal(struct keeping *k)
{
	AUTO_BUF struct buf lines = { 0 }, sealed = { 0 }, text = { 0 };
	struct diags *d = &k->diags;
	struct strings to, hosts;
	bool newline = false;
	const char *path = secret_named(k->options->source, &k->arena, d);

	if (!path || !recipients_read(k->world, &k->arena, &k->recipients, d) ||
	    !find_audience(k, path, &to) ||
	    !fleet_audience(&k->fleet, &to, &k->recipients, &hosts, d) ||
	    !put_recipients(k, &hosts, &lines))
		return false;
	if (keeper_is_asked())
		return diag_error(d, "a secret is taken from standard input "
				     "alone, and that is a terminal");
	if (!keeper_seal(path, &lines, &sealed, &newline, d) ||
	    !audience_write(k->world, path, &to, &text, d) ||
	    !save(k, arena_printf(&k->arena, "%s.json", path), &text) ||
	    !save(k, path, &sealed))
		return false;
	if (newline) {
		diag_warning(d, "the secret ends with a newline, which is part "
				"of it");
		diag_hint(d, "printf %%s gives it without");
	}
	return true;
}

int converge_secret_seal(const struct converge_options *o,
			 const struct converge_view *view)
{
	struct keeping k;
	bool ok = begin(&k, o, view) && seal(&k);

	end(&k);
	return ok ? CONVERGE_OK : CONVERGE_CANNOT_RUN;
}

/* --- rotate --- */

static bool reseal(struct keeping *k, const char *path,
		   const struct strings *hosts)
{
	AUTO_BUF struct buf lines = { 0 }, sealed = { 0 }, out = { 0 };
	const struct converge_options *o = k->options;
	const char *key = o->identity ? linux_absolute(o->cwd, o->identity,
						       &k->arena, &k->diags)
				      : NULL;

	if (!key)
		return o->identity ? false
				   : diag_error(&k->diags,
						"a key is needed to open it "
						"with: give --identity");
	return put_recipients(k, hosts, &lines) &&
	       tree_read(k->world, path, SEALED_MAX, &sealed, &k->diags) &&
	       keeper_reseal(path, &sealed, key, &lines, &out, &k->diags) &&
	       save(k, path, &out);
}

/* Unless it was named, what is sealed as it should be is left alone. */
static bool rotate(struct keeping *k, const char *path)
{
	struct diags *d = &k->diags;
	struct strings to, hosts;
	struct openers o;
	bool ok;

	d->place = (struct place){ .file = path };
	ok = audience_read(k->world, path, &k->arena, &to, d) &&
	     fleet_audience(&k->fleet, &to, &k->recipients, &hosts, d) &&
	     openers_read(k->world, path, &k->recipients, &k->arena, &o, d) &&
	     ((!k->options->source &&
	       openers_are(&o, &hosts, &k->recipients)) ||
	      reseal(k, path, &hosts));
	d->place = (struct place){ 0 };
	return ok;
}

static bool rotate_all(struct keeping *k)
{
	struct strings secrets = { 0 }, others;
	const char *path;
	bool ok = true;

	if (!recipients_read(k->world, &k->arena, &k->recipients, &k->diags))
		return false;
	if (k->options->source) {
		path = secret_named(k->options->source, &k->arena, &k->diags);
		return path && rotate(k, path);
	}
	if (!secrets_list(k->world, &k->arena, &secrets, &others, &k->diags))
		return false;
	for (size_t i = 0; i < secrets.n; i++)
		ok &= rotate(k, secrets.v[i]);
	return ok;
}

int converge_secret_rotate(const struct converge_options *o,
			   const struct converge_view *view)
{
	struct keeping k;
	bool ok = begin(&k, o, view) && rotate_all(&k);

	end(&k);
	return ok ? CONVERGE_OK : CONVERGE_CANNOT_RUN;
}

/* --- what there is to say --- */

int converge_secret_check(const struct converge_options *o,
			  const struct converge_view *view)
{
	int status = CONVERGE_CANNOT_RUN;
	struct keeping k;

	if (begin(&k, o, view) && secrets_check(k.world, o->source, &k.diags))
		status = k.diags.n ? CONVERGE_DRIFT : CONVERGE_OK;
	end(&k);
	return status;
}

int converge_secret_who(const struct converge_options *o,
			const struct converge_view *view, json_t **table)
{
	struct keeping k;
	bool ok;

	*table = NULL;
	if (begin(&k, o, view))
		*table = secrets_who(k.world, o->source, &k.diags);
	ok = *table && !k.diags.n;
	end(&k);
	return ok ? CONVERGE_OK : CONVERGE_CANNOT_RUN;
}
