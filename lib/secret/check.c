/* SPDX-License-Identifier: MIT */
#include "lib/secret/check.h"

#include <string.h>

#include "lib/text/sealed.h"

enum { SEALED_MAX = 2 * 1024 * 1024 };

static const char anonymous[] = "X25519";

/* --- who can open it --- */

static void add_opener(const struct recipients *r, const char *stanza,
		       struct arena *a, struct openers *o)
{
	bool known = false;

	for (size_t i = 0; i < r->n; i++) {
		struct strings *names =
			r->v[i].is_host ? &o->hosts : &o->people;

		if (strcmp(r->v[i].stanza, stanza) != 0)
			continue;
		known = true;
		if (!strings_have(names, r->v[i].name))
			strings_add(names, a, r->v[i].name);
	}
	o->strangers += !known;
}

/* A header does not tell age's own keys from each other: only their number
 * can be right or wrong. */
static void add_anonymous(const struct recipients *r, size_t n, struct arena *a,
			  struct openers *o)
{
	size_t known = 0;

	for (size_t i = 0; i < r->n; i++)
		known += strcmp(r->v[i].stanza, anonymous) == 0;
	if (n >= known)
		o->strangers += n - known;
	else
		o->missing_people = known - n;
	if (known && n >= known)
		add_opener(r, anonymous, a, o);
}

bool openers_read(const struct tree *world, const char *secret,
		  const struct recipients *r, struct arena *a,
		  struct openers *o, struct diags *d)
{
	AUTO_BUF struct buf sealed = { 0 };
	struct strings stanzas;
	const char *wrong;
	size_t n = 0;

	*o = (struct openers){ 0 };
	if (!tree_read(world, secret, SEALED_MAX, &sealed, d))
		return false;
	if (!sealed_to(buf_text(&sealed), sealed.size, a, &stanzas, &wrong))
		return diag_error(d, "'%s' %s", secret, wrong);
	for (size_t i = 0; i < stanzas.n; i++) {
		if (strcmp(stanzas.v[i], anonymous) == 0)
			n++;
		else
			add_opener(r, stanzas.v[i], a, o);
	}
	add_anonymous(r, n, a, o);
	strings_sort(&o->hosts);
	strings_sort(&o->people);
	return true;
}

bool openers_are(const struct openers *o, const struct strings *hosts,
		 const struct recipients *r)
{
	size_t people = 0;

	for (size_t i = 0; i < r->n; i++)
		people += !r->v[i].is_host;
	return strings_equal(&o->hosts, hosts) && o->people.n == people &&
	       !o->strangers && !o->missing_people;
}

/* --- findings --- */

struct checking {
	const struct tree *world;
	struct arena arena;
	struct recipients recipients;
	struct strings secrets;
	const char *only; /* the one that is asked for; NULL: all */
	struct fleet fleet;
	struct diags *d;
};

#define FIND(c, at, ...) \
	diag_error_at((c)->d, (struct place){ .file = (at) }, __VA_ARGS__)

static bool uses(const struct checking *c, const char *host, const char *secret)
{
	const struct member *m = fleet_member(&c->fleet, host);

	return m && strings_have(&m->secrets, secret);
}

/* A host that it is for, with the same key as another; or NULL. */
static const char *shares_key(const struct checking *c, const char *host,
			      const struct strings *hosts)
{
	const struct recipient *r = recipients_host(&c->recipients, host);

	for (size_t i = 0; r && i < hosts->n; i++) {
		const struct recipient *other =
			recipients_host(&c->recipients, hosts->v[i]);

		if (other && strcmp(r->stanza, other->stanza) == 0)
			return other->name;
	}
	return NULL;
}

/* No sealing tells two hosts with one key from each other. */
static void check_shared(struct checking *c, const char *secret,
			 const struct strings *hosts, const struct openers *o)
{
	for (size_t i = 0; i < o->hosts.n; i++) {
		const char *host = o->hosts.v[i], *other;

		other = strings_have(hosts, host) ? NULL
						  : shares_key(c, host, hosts);
		if (!other)
			continue;
		FIND(c, secret,
		     "host '%s' can open it, and it is not for it: it has the "
		     "same key as '%s'",
		     host, other);
		diag_hint(c->d,
			  "give each host a key of its own in '" RECIPIENTS_FILE
			  "', then seal it anew: who has the old key can read "
			  "what it was");
	}
}

static void check_openers(struct checking *c, const char *secret,
			  const struct strings *hosts, const struct openers *o)
{
	size_t before;

	check_shared(c, secret, hosts, o);
	before = c->d->n;
	for (size_t i = 0; i < hosts->n; i++)
		if (!strings_have(&o->hosts, hosts->v[i]))
			FIND(c, secret,
			     "it is for host '%s', which cannot open it",
			     hosts->v[i]);
	for (size_t i = 0; i < o->hosts.n; i++)
		if (!strings_have(hosts, o->hosts.v[i]) &&
		    !shares_key(c, o->hosts.v[i], hosts))
			FIND(c, secret,
			     "host '%s' can open it, and it is not for it",
			     o->hosts.v[i]);
	if (o->strangers)
		FIND(c, secret, "%zu %s that '%s' does not have can open it",
		     o->strangers, o->strangers == 1 ? "key" : "keys",
		     RECIPIENTS_FILE);
	for (size_t i = 0; i < c->recipients.n; i++)
		if (!c->recipients.v[i].is_host &&
		    !strings_have(&o->people, c->recipients.v[i].name))
			FIND(c, secret,
			     "'%s' of the people may not be able to "
			     "open it",
			     c->recipients.v[i].name);
	if (c->d->n > before)
		diag_hint(c->d, "converge secret rotate %s -i KEY", secret);
}

/* A host that is to go, or never came, should not be able to read on. */
static void check_need(struct checking *c, const char *secret,
		       const struct strings *hosts)
{
	const struct fleet *f = &c->fleet;

	for (size_t i = 0; i < f->n; i++)
		if (strings_have(&f->v[i].secrets, secret) &&
		    !strings_have(hosts, f->v[i].host))
			FIND(c, secret,
			     "host '%s' uses it, and it is not for "
			     "it",
			     f->v[i].host);
	for (size_t i = 0; i < hosts->n; i++)
		if (!uses(c, hosts->v[i], secret))
			FIND(c, secret,
			     "it is for host '%s', which does not use it",
			     hosts->v[i]);
}

static void check_secret(struct checking *c, const char *secret)
{
	struct strings to, hosts;
	struct openers o;

	c->d->place = (struct place){ .file = secret };
	if (openers_read(c->world, secret, &c->recipients, &c->arena, &o,
			 c->d) &&
	    audience_read(c->world, secret, &c->arena, &to, c->d) &&
	    fleet_audience(&c->fleet, &to, &c->recipients, &hosts, c->d)) {
		check_openers(c, secret, &hosts, &o);
		check_need(c, secret, &hosts);
	}
	c->d->place = (struct place){ 0 };
}

static void check_host(struct checking *c, const struct member *host)
{
	struct place at = { .file = host->file };

	if (host->wrong_at.file && strcmp(host->wrong_at.file, at.file) == 0)
		at = host->wrong_at;
	if (host->wrong)
		diag_error_at(c->d, at,
			      "the secrets that it uses cannot be told: %s",
			      host->wrong);
	for (size_t i = 0; !c->only && i < host->secrets.n; i++)
		if (!strings_have(&c->secrets, host->secrets.v[i]))
			FIND(c, host->file, "it uses '%s', which is not there",
			     host->secrets.v[i]);
}

static bool choose(struct checking *c, const char *name)
{
	const char *near;

	if (!name)
		return true;
	c->only = secret_named(name, &c->arena, c->d);
	if (!c->only || strings_have(&c->secrets, c->only))
		return c->only;
	near = strings_nearest(c->only, &c->secrets);
	return diag_error(c->d, "there is no secret '%s'%s%s%s", c->only,
			  near ? "; did you mean '" : "", near ? near : "",
			  near ? "'?" : "");
}

static bool begin(struct checking *c, const char *name, struct strings *others)
{
	fleet_begin(&c->fleet, c->world, &c->arena);
	return recipients_read(c->world, &c->arena, &c->recipients, c->d) &&
	       secrets_list(c->world, &c->arena, &c->secrets, others, c->d) &&
	       choose(c, name) && fleet_read(&c->fleet, c->d);
}

static bool is_asked_for(const struct checking *c, const char *secret)
{
	return !c->only || strcmp(c->only, secret) == 0;
}

bool secrets_check(const struct tree *world, const char *name, struct diags *d)
{
	struct checking c = { .world = world, .d = d };
	struct strings others;
	bool ok = begin(&c, name, &others);

	for (size_t i = 0; ok && !c.only && i < others.n; i++)
		FIND(&c, others.v[i],
		     "it lies among secrets, and is not sealed");
	for (size_t i = 0; ok && i < c.secrets.n; i++)
		if (is_asked_for(&c, c.secrets.v[i]))
			check_secret(&c, c.secrets.v[i]);
	for (size_t i = 0; ok && i < c.fleet.n; i++)
		check_host(&c, &c.fleet.v[i]);
	arena_release(&c.arena);
	return ok;
}

/* --- the table --- */

static json_t *names(const struct strings *s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->n; i++)
		json_array_append_new(list, json_string(s->v[i]));
	return list;
}

static json_t *used_by(const struct checking *c, const char *secret)
{
	json_t *list = json_array();

	const struct fleet *f = &c->fleet;

	for (size_t i = 0; i < f->n; i++)
		if (strings_have(&f->v[i].secrets, secret))
			json_array_append_new(list, json_string(f->v[i].host));
	return list;
}

json_t *secrets_who(const struct tree *world, const char *name, struct diags *d)
{
	struct checking c = { .world = world, .d = d };
	json_t *all = json_array();
	struct strings others;
	struct openers o;
	bool begun = begin(&c, name, &others), ok = begun;

	for (size_t i = 0; begun && i < c.secrets.n; i++) {
		const char *secret = c.secrets.v[i];

		if (!is_asked_for(&c, secret))
			continue;
		if (!openers_read(world, secret, &c.recipients, &c.arena, &o,
				  d))
			ok = !c.only;
		else
			json_array_append_new(
				all,
				json_pack("{s:s, s:o, s:o, s:I, s:o}", "secret",
					  secret, "hosts", names(&o.hosts),
					  "people", names(&o.people), "unknown",
					  (json_int_t)o.strangers, "used_by",
					  used_by(&c, secret)));
	}
	arena_release(&c.arena);
	if (ok)
		return json_pack("{s:s, s:o}", "format", "converge.secrets/1",
				 "secrets", all);
	json_decref(all);
	return NULL;
}
