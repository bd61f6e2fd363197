/* SPDX-License-Identifier: MIT */
#include "lib/snapshot/settled.h"

#include <string.h>

#include "lib/catalog.h"
#include "lib/external/external.h"
#include "lib/host/content.h"
#include "lib/host/recorded.h"

/* What is of a file of the world that its row does not tell in whole. */
static bool is_opaque(const struct attr *attr)
{
	return attr->kind == &kind_tarball || attr->kind == &kind_repository ||
	       attr->kind == &kind_folder;
}

/* The set rows as JSON; NULL: something of it may not, or cannot, be told. */
static json_t *rows_of(const struct resource *res)
{
	const struct record *want = res->want;
	json_t *rows = json_object();

	for (size_t i = 0; i < res->module->nattrs; i++) {
		const struct attr *attr = &res->module->attrs[i];
		const void *field = (const char *)res->want + attr->offset;

		if (!(want->set & BIT(i)))
			continue;
		if (is_opaque(attr) ||
		    (resource_hides(res, i) && !attr_is_secret(attr, field))) {
			json_decref(rows);
			return NULL;
		}
		set_new(rows, attr->name, attr->kind->show(attr, field));
	}
	return rows;
}

bool settled_digest(const struct resource *res, char digest[SETTLED_SIZE])
{
	json_t *rows = rows_of(res), *whole;
	AUTO_DIAGS struct diags ignored = { 0 };
	struct content c;
	char hex[DIGEST_HEX];
	char *text;
	bool ok;

	if (!rows)
		return false;
	whole = json_pack("[s, o]", res->id, rows);
	text = json_dumps(whole, JSON_COMPACT | JSON_SORT_KEYS);
	json_decref(whole);
	if (!text)
		return false;
	c = content_of(text, strlen(text));
	ok = content_digest(&c, &ignored);
	free(text);
	if (!ok)
		return false;
	memcpy(digest, digest_hex(c.digest, hex), SETTLED_SIZE - 1);
	digest[SETTLED_SIZE - 1] = '\0';
	return true;
}

json_t *settled_json(const struct plan *plan)
{
	AUTO(arena_release) struct arena a = { 0 };
	const struct catalog *c = plan->graph->catalog;
	bool *changes = arena_array(&a, bool, c->n);
	json_t *settled = json_object();
	char digest[SETTLED_SIZE];

	for (size_t i = 0; i < plan->n; i++)
		changes[plan_index(plan->graph, plan->v[i]->res)] = true;
	for (size_t i = 0; i < c->n; i++)
		if (!changes[i] &&
		    c->v[i]->module->observe != external_observe &&
		    settled_digest(c->v[i], digest))
			set_new(settled, c->v[i]->id, json_string(digest));
	return settled;
}
