/* SPDX-License-Identifier: MIT */
#include "lib/secret/fleet.h"

#include <string.h>

#include "lib/catalog.h"
#include "lib/facts/picture.h"
#include "lib/kinds/attr.h"
#include "lib/manifest.h"

static const char suffix[] = ".json", settings[] = "converge.json";
static const char role[] = "role:";

void fleet_begin(struct fleet *f, const struct tree *world, struct arena *a)
{
	*f = (struct fleet){ .world = world, .arena = a };
}

/* --- one host --- */

static void add_content(struct fleet *f, const struct content *c,
			struct strings *secrets)
{
	for (size_t i = 0; i < c->ncuts; i++)
		if (!strings_have(secrets, c->cuts[i].secret))
			strings_add(secrets, f->arena,
				    arena_strdup(f->arena, c->cuts[i].secret));
}

static void add_used(struct fleet *f, const struct resource *res,
		     struct strings *secrets)
{
	const struct record *r = res->want;

	for (size_t i = 0; r->secret && i < res->module->nattrs; i++) {
		const struct attr *attr = &res->module->attrs[i];
		const void *field = (const char *)res->want + attr->offset;

		if (attr_is_secret(attr, field))
			add_content(f, field, secrets);
	}
}

static json_t *give_facts(void *context, const char *name, size_t size)
{
	(void)name;
	(void)size;
	return context;
}

/* The first thing that is wrong is told. */
static void note_wrong(struct fleet *f, struct member *m, const struct diags *d)
{
	for (size_t i = 0; i < d->n && !m->wrong; i++)
		if (d->v[i].severity == SEVERITY_ERROR) {
			m->wrong = arena_strdup(f->arena, d->v[i].text);
			m->wrong_at = d->v[i].place;
			if (m->wrong_at.file)
				m->wrong_at.file = arena_strdup(
					f->arena, m->wrong_at.file);
		}
}

static void copy_names(struct fleet *f, const struct strings *from,
		       struct strings *to)
{
	for (size_t i = 0; i < from->n; i++)
		strings_add(to, f->arena, arena_strdup(f->arena, from->v[i]));
}

static void read_uses(struct fleet *f, struct manifest *m, struct member *host,
		      struct diags *d)
{
	struct strings roles = { 0 };
	struct catalog catalog;

	manifest_roles(m, &roles);
	copy_names(f, &roles, &host->roles);
	external_read(&m->types, m->tree, &m->arena, d);
	catalog_build(&catalog, m, m->types.modules, d);
	for (size_t i = 0; i < catalog.n; i++)
		add_used(f, catalog.v[i], &host->secrets);
}

static void read_member(struct fleet *f, struct documents *documents,
			json_t *world_facts, struct member *host)
{
	AUTO_DIAGS struct diags d = { 0 };
	struct document *doc = documents_read(documents, host->file, NULL, &d);
	json_t *facts =
		facts_picture(world_facts, host->host,
			      doc ? json_object_get(doc->root, "facts") : NULL);
	struct manifest_options o = { .host = host->host,
				      .host_is_given = true,
				      .facts = give_facts,
				      .context = facts,
				      .is_world = true,
				      .unsealed = true,
				      .documents = documents };
	struct manifest m;

	host->has_roles = manifest_read(&m, f->world, host->file, &o, &d);
	if (m.main)
		read_uses(f, &m, host, &d);
	note_wrong(f, host, &d);
	manifest_release(&m);
	json_decref(facts);
	documents_drop(documents, host->file);
}

/* --- all of them --- */

void fleet_read_of(struct fleet *f, const struct strings *hosts)
{
	AUTO_DIAGS struct diags told = { 0 };
	struct documents documents;
	const struct document *doc;

	f->v = arena_array(f->arena, struct member, hosts->n + 1);
	f->n = hosts->n;
	documents_begin(&documents, f->world);
	/* what is wrong with it is wrong with each host */
	doc = documents_read(&documents, settings, NULL, &told);
	for (size_t i = 0; i < f->n; i++) {
		f->v[i] = (struct member){ .host = hosts->v[i],
					   .file = arena_printf(
						   f->arena, "hosts/%s%s",
						   hosts->v[i], suffix) };
		read_member(f, &documents,
			    doc ? json_object_get(doc->root, "facts") : NULL,
			    &f->v[i]);
	}
	documents_release(&documents);
	f->is_read = true;
}

bool fleet_read(struct fleet *f, struct diags *d)
{
	struct strings hosts = { 0 };

	if (f->is_read)
		return true;
	if (!hosts_list(f->world, f->arena, &hosts, d))
		return false;
	fleet_read_of(f, &hosts);
	return true;
}

const struct member *fleet_member(const struct fleet *f, const char *host)
{
	for (size_t i = 0; i < f->n; i++)
		if (strcmp(f->v[i].host, host) == 0)
			return &f->v[i];
	return NULL;
}

/* --- whom a secret is for --- */

static bool add_host(struct fleet *f, const char *host,
		     const struct recipients *r, struct strings *hosts,
		     struct diags *d)
{
	if (!recipients_host(r, host)) {
		diag_error(d, "host '%s' has no key in '%s'", host,
			   RECIPIENTS_FILE);
		diag_hint(d, "add its /etc/ssh/ssh_host_ed25519_key.pub "
			     "there");
		return false;
	}
	if (!strings_have(hosts, host))
		strings_add(hosts, f->arena, host);
	return true;
}

/* Of a host that cannot be read nobody knows whether it has the role. */
static bool add_role(struct fleet *f, const char *name,
		     const struct recipients *r, struct strings *hosts,
		     struct diags *d)
{
	bool ok = true, any = false;

	if (!fleet_read(f, d))
		return false;
	for (size_t i = 0; i < f->n; i++) {
		const struct member *m = &f->v[i];

		if (!m->has_roles) {
			ok = diag_error_at(d, (struct place){ .file = m->file },
					   "its roles cannot be told: %s",
					   m->wrong);
			continue;
		}
		if (!strings_have(&m->roles, name))
			continue;
		any = true;
		ok &= add_host(f, m->host, r, hosts, d);
	}
	return any || !ok ? ok
			  : diag_error(d, "no host has the role '%s'", name);
}

bool fleet_audience(struct fleet *f, const struct strings *to,
		    const struct recipients *r, struct strings *hosts,
		    struct diags *d)
{
	size_t n = sizeof(role) - 1;
	bool ok = true;

	*hosts = (struct strings){ 0 };
	for (size_t i = 0; i < to->n; i++)
		ok &= strncmp(to->v[i], role, n) == 0
			      ? add_role(f, to->v[i] + n, r, hosts, d)
			      : add_host(f, to->v[i], r, hosts, d);
	strings_sort(hosts);
	return ok;
}
