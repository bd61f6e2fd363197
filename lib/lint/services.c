/* SPDX-License-Identifier: MIT */
/* Rules about services and notifications. */
#include <string.h>

#include "lib/base/path.h"
#include "lib/lint/parts.h"

/* --- programs that can check their own configuration --- */

/* Of a service: where its program's configuration is, and what checks it, as
 * the program's manual has it. What takes a whole file or none, as nft(8) does,
 * is not among them. */
static const struct {
	const char *service, *folder, *check;
} checkers[] = {
	{ "alertmanager", "/etc/prometheus", "amtool check-config FILE" },
	{ "apache2", "/etc/apache2", "apachectl configtest" },
	{ "bind9", "/etc/bind", "named-checkconf" },
	{ "caddy", "/etc/caddy", "caddy validate --config FILE" },
	{ "dnsmasq", "/etc/dnsmasq.d", "dnsmasq --test" },
	{ "dovecot", "/etc/dovecot", "doveconf -n" },
	{ "haproxy", "/etc/haproxy", "haproxy -c -f FILE" },
	{ "httpd", "/etc/httpd", "apachectl configtest" },
	{ "keepalived", "/etc/keepalived", "keepalived -t" },
	{ "lighttpd", "/etc/lighttpd", "lighttpd -tt -f FILE" },
	{ "named", "/etc/bind", "named-checkconf" },
	{ "nginx", "/etc/nginx", "nginx -t" },
	{ "postfix", "/etc/postfix", "postfix check" },
	{ "prometheus", "/etc/prometheus", "promtool check config FILE" },
	{ "rsyslog", "/etc/rsyslog.d", "rsyslogd -N1" },
	{ "squid", "/etc/squid", "squid -k parse" },
	{ "ssh", "/etc/ssh", "sshd -t" },
	{ "sshd", "/etc/ssh", "sshd -t" },
	{ "unbound", "/etc/unbound", "unbound-checkconf" },
	{ "varnish", "/etc/varnish", "varnishd -C -f FILE" },
};

static bool is_of(const char *service, const char *unit)
{
	size_t n = strlen(service);

	return strncmp(unit, service, n) == 0 &&
	       (!unit[n] || strcmp(unit + n, ".service") == 0);
}

static bool is_validated(const struct look *k, const struct resource *res)
{
	const struct record *r = res->want;

	(void)k;
	for (size_t i = 0; i < res->module->nattrs; i++)
		if (strcmp(res->module->attrs[i].name, "validate") == 0)
			return r->set & BIT(i);
	return false;
}

/* A file of the folder whose change has the service restart unchecked. */
static const struct resource *unchecked(const struct look *k,
					const char *folder)
{
	const struct graph *g = k->graph;
	size_t to = k->res->index;

	for (size_t e = g->first[to]; e < g->first[to + 1]; e++) {
		const struct resource *from = g->catalog->v[g->edges[e].from];
		const char *path = resource_path(from);

		if (!path)
			path = resource_edits(from);
		if (g->edges[e].notifies && path &&
		    path_below(path, folder, true) && !resource_absent(from) &&
		    !is_validated(k, from) &&
		    strcmp(from->module->name, "directory") != 0)
			return from;
	}
	return NULL;
}

void lint_service_check(struct look *k)
{
	const char *unit = resource_name(k->res);

	if (look_has(k, "check") || !resource_heeds(k->res))
		return;
	for (size_t i = 0; i < COUNT(checkers); i++) {
		const struct resource *from;
		struct lint_finding *f;

		if (!is_of(checkers[i].service, unit) ||
		    !(from = unchecked(k, checkers[i].folder)))
			continue;
		f = look_attribute(k, NULL,
				   "it restarts for '%s', which nothing checks "
				   "before",
				   from->id);
		if (f)
			f->hint = arena_printf(k->lint->arena,
					       "give it a \"check\": %s",
					       checkers[i].check);
		return;
	}
}

/* --- notifications --- */

static const char *id_of(const json_t *ids, size_t i)
{
	if (json_is_string(ids))
		return i ? NULL : json_string_value(ids);
	return json_string_value(json_array_get(ids, i));
}

static bool names_role(json_t *ids)
{
	const char *id;

	for (size_t i = 0; (id = id_of(ids, i)); i++)
		if (strncmp(id, "role:", 5) == 0)
			return true;
	return false;
}

void lint_deaf_target(struct look *k)
{
	const json_t *ids = json_object_get(k->attributes, "notify");
	const char *id;

	if (look_has(k, "subscribe") && !resource_heeds(k->res))
		look_attribute(k, "subscribe",
			       "a %s does nothing when it is notified",
			       k->res->module->name);
	for (size_t i = 0; (id = id_of(ids, i)); i++) {
		const struct resource *to = catalog_find(k->catalog, id);

		/* of a role, what can heed it does */
		if (to && !resource_heeds(to) &&
		    !names_role(look_raw_attribute(k, "notify")))
			look_attribute(k, "notify",
				       "'%s' does nothing when it is notified",
				       id);
	}
}

void lint_silent_exec(struct look *k)
{
	const struct graph *g = k->graph;
	size_t to = k->res->index;
	const char *pointer = look_pointer(k, k->entry->pointer);
	struct lint_finding *f;

	if (!look_is_true(k, "refreshonly"))
		return;
	for (size_t e = g->first[to]; e < g->first[to + 1]; e++)
		if (g->edges[e].notifies) {
			lint_mark(k->lint, "notified", pointer);
			return;
		}
	f = look_attribute(k, NULL, "nothing notifies it: it never runs");
	if (f)
		f->mark = lint_mark_name(k->lint, "notified", pointer);
}
