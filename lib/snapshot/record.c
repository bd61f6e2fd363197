/* SPDX-License-Identifier: MIT */
#include "lib/snapshot/record.h"

#include <string.h>

#include "lib/catalog.h"
#include "lib/host/recorded.h"
#include "lib/report/report.h"
#include "lib/snapshot/making.h"
#include "lib/snapshot/settled.h"

enum { DEEP = 32 };

/* What holds or shall hold what nobody may see: not even a digest of it. */
static void veil(struct making *m)
{
	const struct catalog *c = m->options->plan->graph->catalog;
	const struct strings *earlier = &m->options->veiled.paths;

	for (size_t i = 0; i < earlier->n; i++)
		map_put(&m->veiled, m->arena, earlier->v[i], m);
	for (size_t i = 0; i < c->n; i++) {
		const struct resource *res = c->v[i];
		const struct record *want = res->want;
		const char *path = resource_path(res);

		if (!path)
			path = resource_edits(res);
		if (path && (want->secret || resource_hides_some(res)))
			map_put(&m->veiled, m->arena, path, m);
	}
}

/* What is in the folders that the manifest is about, so that a manifest that
 * asks more of them can be planned too. */
static bool record_own_folders(struct making *m)
{
	const struct catalog *c = m->options->plan->graph->catalog;

	for (size_t i = 0; i < c->n; i++) {
		const char *path = resource_path(c->v[i]);

		if (path && !c->v[i]->module->leaf &&
		    !record_folder(m, path, 1, DETAIL_NODE))
			return false;
	}
	return true;
}

static bool record_files(struct making *m)
{
	const enum detail etc =
		m->options->contents ? DETAIL_TEXT : DETAIL_DIGEST;

	veil(m);
	if (!record_folder(m, "/", 1, DETAIL_NODE) ||
	    !record_folder(m, "/etc", DEEP, etc) || !record_noted(m) ||
	    !record_own_folders(m))
		return false;
	for (size_t i = 0; host_unit_folder(i); i++)
		if (!record_folder(m, host_unit_folder(i), 2, DETAIL_NODE))
			return false;
	return true;
}

static json_t *head(const struct record_options *o)
{
	json_t *head = json_pack("{s:s, s:s, s:s*, s:s*}", "host", o->host,
				 "version", CONVERGE_VERSION, "revision",
				 o->revision, "state", o->own);

	report_time(head, "time", o->time);
	return head;
}

static json_t *owed_json(const struct record_options *o)
{
	json_t *owed = json_object();

	for (size_t i = 0; i < o->nowed; i++)
		set_new(owed, o->owed[i].target, json_string(o->owed[i].since));
	return owed;
}

static void set_part(json_t *json, const char *name, json_t *part)
{
	if (part)
		set_new(json, name, part);
}

json_t *record_host(const struct host *h, const struct record_options *o,
		    struct diags *d)
{
	AUTO(arena_release) struct arena a = { 0 };
	struct making m = { .host = h,
			    .options = o,
			    .arena = &a,
			    .diags = d,
			    .files = json_object() };
	size_t errors = d->errors;
	json_t *json;

	if (!record_files(&m)) {
		json_decref(m.files);
		return NULL;
	}
	json = json_pack("{s:s, s:o, s:o}", "format", "converge.snapshot/1",
			 "recorded", head(o), "files", m.files);
	set_new(json, "facts", json_incref(o->facts));
	set_part(json, "users", record_accounts(&m, false));
	set_part(json, "groups", record_accounts(&m, true));
	set_part(json, "packages", record_packages(&m));
	set_part(json, "units", record_units(&m));
	set_new(json, "settled", settled_json(o->plan));
	if (o->nowed)
		set_new(json, "owed", owed_json(o));
	if (d->errors == errors)
		return json;
	json_decref(json);
	return NULL;
}
