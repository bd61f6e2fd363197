/* SPDX-License-Identifier: MIT */
/*
 * Interfaces and addresses, from sysfs and proc(5) alone: where facts are
 * gathered no socket can be made, so getifaddrs(3) cannot be asked.
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/facts/rows.h"

enum {
	ADDRESSES_MAX = 4096,
	ROUTES_MAX = 4096,
	ROUTE_UP = 1,       /* RTF_UP */
	TEMPORARY = 0x01,   /* IFA_F_TEMPORARY: a new one every day */
	SCOPE_GLOBAL = 0x00 /* in /proc/net/if_inet6 */
};

struct route {
	const char *interface;
	uint32_t to, gateway, mask; /* in network order */
	uint32_t metric;
};

struct routes {
	struct route *v;
	size_t n;
};

/* "eth0 000200C0 00000000 0001 0 0 0 00FFFFFF 0 0 0" */
static bool read_route(char *line, struct route *r)
{
	const char *fields[8];

	for (size_t i = 0; i < COUNT(fields); i++)
		fields[i] = facts_next_field(&line);
	if (!*fields[7] || !(strtoul(fields[3], NULL, 16) & ROUTE_UP))
		return false;
	*r = (struct route){
		.interface = fields[0],
		.to = (uint32_t)strtoul(fields[1], NULL, 16),
		.gateway = (uint32_t)strtoul(fields[2], NULL, 16),
		.metric = (uint32_t)strtoul(fields[6], NULL, 10),
		.mask = (uint32_t)strtoul(fields[7], NULL, 16),
	};
	return true;
}

/* The text holds the names, and must live as long. */
static void read_routes(struct routes *routes, char *text, struct arena *a)
{
	char *line;

	facts_next_line(&text); /* the heading */
	routes->v = arena_array(a, struct route, ROUTES_MAX);
	while (routes->n < ROUTES_MAX && (line = facts_next_line(&text)))
		routes->n += read_route(line, &routes->v[routes->n]);
}

static const struct route *default_route(const struct routes *routes)
{
	const struct route *best = NULL;

	for (size_t i = 0; i < routes->n; i++) {
		const struct route *r = &routes->v[i];

		if (!r->to && !r->mask && (!best || r->metric < best->metric))
			best = r;
	}
	return best;
}

/* The interface whose network the address is in, or NULL. */
static const char *interface_of(const struct routes *routes, uint32_t address)
{
	const struct route *best = NULL;

	for (size_t i = 0; i < routes->n; i++) {
		const struct route *r = &routes->v[i];

		if (r->mask && !r->gateway && (address & r->mask) == r->to &&
		    (!best || ntohl(r->mask) > ntohl(best->mask)))
			best = r;
	}
	return best ? best->interface : NULL;
}

/* --- the interfaces --- */

static json_t *interface_named(json_t *interfaces, const char *name)
{
	json_t *row;
	size_t i;

	json_array_foreach (interfaces, i, row) {
		const char *this =
			json_string_value(json_object_get(row, "name"));

		if (name && this && strcmp(this, name) == 0)
			return row;
	}
	return NULL;
}

static json_t *interface(struct facts *f, const char *name)
{
	const char *folder = arena_printf(&f->arena, "/sys/class/net/%s", name);
	const char *mtu = facts_line(f->machine,
				     arena_printf(&f->arena, "%s/mtu", folder),
				     &f->arena);
	json_t *row = json_object();

	facts_set(row, "name", name);
	facts_set_line(row, "mac", f->machine,
		       arena_printf(&f->arena, "%s/address", folder),
		       &f->arena);
	if (mtu)
		json_object_set_new(row, "mtu",
				    json_integer(strtoll(mtu, NULL, 10)));
	json_object_set_new(row, "ipv4", json_array());
	json_object_set_new(row, "ipv6", json_array());
	return row;
}

static json_t *interfaces(struct facts *f)
{
	struct strings names = { 0 };
	json_t *list = json_array();

	facts_names(f->machine, "/sys/class/net", &f->arena, &names);
	for (size_t i = 0; i < names.n; i++)
		/* no folder: the kernel's "bonding_masters" */
		if (!facts_is(f->machine,
			      arena_printf(&f->arena, "/sys/class/net/%s",
					   names.v[i]),
			      NODE_FILE))
			json_array_append_new(list, interface(f, names.v[i]));
	return list;
}

static bool has_text(const json_t *list, const char *text)
{
	json_t *value;
	size_t i;

	json_array_foreach (list, i, value)
		if (strcmp(json_string_value(value), text) == 0)
			return true;
	return false;
}

static void add(json_t *list, const char *text)
{
	if (list && !has_text(list, text) &&
	    json_array_size(list) < ADDRESSES_MAX)
		json_array_append_new(list, json_string(text));
}

/* --- addresses --- */

static void add_ipv4(json_t *network, const struct routes *routes,
		     const char *text)
{
	const char *name;
	json_t *row;
	struct in_addr address;

	if (inet_pton(AF_INET, text, &address) != 1)
		return;
	name = interface_of(routes, address.s_addr);
	row = interface_named(json_object_get(network, "interfaces"),
			      strncmp(text, "127.", 4) == 0 ? "lo" : name);
	add(json_object_get(row, "ipv4"), text);
	if (strncmp(text, "127.", 4) != 0)
		add(json_object_get(network, "ipv4"), text);
}

/* An address is a leaf "|-- 192.0.2.2" with "/32 host LOCAL" below it. */
static void read_ipv4(json_t *network, const struct routes *routes, char *text)
{
	const char *leaf = "";
	char *line;

	while ((line = facts_next_line(&text))) {
		char *field = facts_next_field(&line);

		if (strcmp(field, "|--") == 0)
			leaf = facts_next_field(&line);
		else if (strcmp(field, "/32") == 0 &&
			 strcmp(facts_next_field(&line), "host") == 0 &&
			 strcmp(facts_next_field(&line), "LOCAL") == 0)
			add_ipv4(network, routes, leaf);
	}
}

static bool read_hex(const char *text, unsigned char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char digits[3] = { text[2 * i], 0, 0 };
		char *end;

		if (!digits[0])
			return false;
		digits[1] = text[2 * i + 1];
		bytes[i] = (unsigned char)strtoul(digits, &end, 16);
		if (end != digits + 2)
			return false;
	}
	return !text[2 * n];
}

/* "fd00...0002 04 40 00 82 eth0": address, index, prefix, scope, flags. */
static void read_ipv6_line(json_t *network, char *line)
{
	char text[INET6_ADDRSTRLEN];
	unsigned char bytes[16];
	const char *fields[6];

	for (size_t i = 0; i < COUNT(fields); i++)
		fields[i] = facts_next_field(&line);
	if (!read_hex(fields[0], bytes, sizeof(bytes)) || !*fields[5] ||
	    strtoul(fields[4], NULL, 16) & TEMPORARY ||
	    !inet_ntop(AF_INET6, bytes, text, sizeof(text)))
		return;
	add(json_object_get(
		    interface_named(json_object_get(network, "interfaces"),
				    fields[5]),
		    "ipv6"),
	    text);
	if (strtoul(fields[3], NULL, 16) == SCOPE_GLOBAL)
		add(json_object_get(network, "ipv6"), text);
}

static void set_default(json_t *network, const struct route *r)
{
	const json_t *row;
	char text[INET_ADDRSTRLEN];

	if (!r)
		return;
	facts_set(network, "interface", r->interface);
	if (r->gateway && inet_ntop(AF_INET, &r->gateway, text, sizeof(text)))
		facts_set(network, "gateway", text);
	row = interface_named(json_object_get(network, "interfaces"),
			      r->interface);
	facts_set(network, "address",
		  json_string_value(
			  json_array_get(json_object_get(row, "ipv4"), 0)));
}

json_t *fact_network(struct facts *f)
{
	AUTO_BUF struct buf table = { 0 }, trie = { 0 }, inet6 = { 0 };
	struct routes routes = { 0 };
	json_t *network;
	char *text, *line;

	if (!facts_is(f->machine, "/sys/class/net", NODE_DIRECTORY))
		return NULL;
	network = facts_table("names", "name", "interfaces", interfaces(f));
	json_object_set_new(network, "ipv4", json_array());
	json_object_set_new(network, "ipv6", json_array());
	if (facts_read(f->machine, "/proc/self/net/route", &table))
		read_routes(&routes, table.text, &f->arena);
	if (facts_read(f->machine, "/proc/self/net/fib_trie", &trie))
		read_ipv4(network, &routes, trie.text);
	text = NULL;
	if (facts_read(f->machine, "/proc/self/net/if_inet6", &inet6))
		text = inet6.text;
	while ((line = facts_next_line(&text)))
		read_ipv6_line(network, line);
	set_default(network, default_route(&routes));
	return network;
}
