/* SPDX-License-Identifier: MIT */
/* timezone: what /etc/localtime leads to, and what /etc/timezone says. */
#include <string.h>

#include "modules/parts/managed.h"

#define LOCALTIME "/etc/localtime"
#define TIMEZONE "/etc/timezone"
#define ZONES "/usr/share/zoneinfo/"

enum { ZONE_MAX = 255 };

struct timezone {
	struct record r;
	const char *zone;
	const char *path;
	struct content content; /* of /etc/timezone */
	struct node link;       /* in have */
	struct managed file;    /* in have */
};

enum row { ZONE, PATH, CONTENT, ROWS };

#define AT(member) offsetof(struct timezone, member)

static const struct attr attrs[ROWS] = {
	[ZONE] = { .name = "zone",
		   .kind = &kind_text,
		   .flags = ATTR_NAME | ATTR_STATE,
		   .offset = AT(zone),
		   .doc = "The zone, as it is named below "
			  "/usr/share/zoneinfo." },
	[PATH] = { .name = "path",
		   .kind = &kind_path,
		   .flags = ATTR_PATH | ATTR_INTERNAL,
		   .offset = AT(path),
		   .fallback = "\"" LOCALTIME "\"",
		   .doc = "Its link." },
	[CONTENT] = { .name = "file",
		      .kind = &kind_content,
		      .flags = ATTR_STATE | ATTR_INTERNAL,
		      .offset = AT(content),
		      .doc = "What /etc/timezone holds, where there is one." },
};

/* As tzdata names them: "Europe/Berlin", "Etc/GMT+5", "UTC". */
static bool is_zone(const char *zone)
{
	static const char good[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "abcdefghijklmnopqrstuvwxyz0123456789_+-";

	if (strlen(zone) > ZONE_MAX)
		return false;
	for (;; zone++) {
		size_t n = strspn(zone, good);

		if (n == 0 || zone[0] == '-' || zone[0] == '+')
			return false;
		zone += n;
		if (*zone != '/')
			return *zone == '\0';
	}
}

static bool check(void *record, struct arena *a, struct diags *d)
{
	struct timezone *want = record;
	AUTO_BUF struct buf b = { 0 };

	if (!is_zone(want->zone))
		return diag_error(d,
				  "'zone' must be a name such as "
				  "\"Europe/Berlin\" or \"UTC\", not '%s'",
				  want->zone);
	buf_printf(&b, "%s\n", want->zone);
	want->content = managed_content(&b, a);
	want->r.set |= BIT(CONTENT);
	return true;
}

static void demands(const void *record, struct arena *a, struct demands *all)
{
	(void)record;
	(void)a;
	demands_add_content(all, TIMEZONE);
}

static void edges(const void *record, struct edges *e)
{
	const struct timezone *want = record;

	edges_after_path(e, want->path, false, "its folder");
	edges_after_path(e, TIMEZONE, true, "its other file");
	edges_after(e, "package:tzdata", "it has the zones");
}

static bool has_zone(const struct host *h, const struct timezone *want,
		     struct timezone *have, struct arena *a, struct diags *d)
{
	struct node node;

	if (!host_look(h, arena_printf(a, ZONES "%s", want->zone), &node, d))
		return false;
	if (node.type == NODE_UNKNOWN)
		record_unknown(&have->r, ZONE, node.because);
	if (node.type == NODE_FILE || node.type == NODE_LINK ||
	    node.type == NODE_UNKNOWN)
		return true;
	diag_error(d, "there is no zone '%s' on this host", want->zone);
	if (host_look(h, "/usr/share/zoneinfo", &node, d) &&
	    node.type == NODE_ABSENT)
		diag_hint(d, "install the package tzdata");
	return false;
}

/* What follows the folder of all zones in the target of the link in /etc; or
 * NULL: it leads elsewhere. */
static const char *zone_of(const char *target)
{
	static const char folder[] = ZONES;
	const size_t n = sizeof(folder) - 2;
	bool from_root = *target == '/';

	for (;;) {
		target += strspn(target, "/");
		if (strncmp(target, "../", 3) == 0)
			from_root = true;
		else if (strncmp(target, "./", 2) != 0)
			break;
		target += strcspn(target, "/");
	}
	/* but for the slash that it begins with */
	if (!from_root || strncmp(target, folder + 1, n) != 0)
		return NULL;
	return target + n;
}

static bool observe_link(const struct host *h, struct timezone *have,
			 struct arena *a, struct diags *d)
{
	const char *target, *zone;

	if (!host_look(h, LOCALTIME, &have->link, d))
		return false;
	if (have->link.type == NODE_UNKNOWN)
		record_unknown(&have->r, ZONE, have->link.because);
	if (have->link.type != NODE_LINK)
		return true;
	if (!host_read_link(h, LOCALTIME, a, &target, d))
		return false;
	zone = zone_of(target);
	have->r.set |= BIT(ZONE);
	have->zone = zone ? zone : target;
	/* which could look like a zone */
	if (!zone && *target != '/')
		have->zone = arena_printf(a, "/etc/%s", target);
	return true;
}

static bool observe(const struct host *h, const void *want_record,
		    void *have_record, struct arena *a, struct diags *d)
{
	const struct timezone *want = want_record;
	struct timezone *have = have_record;

	if (!has_zone(h, want, have, a, d) || !observe_link(h, have, a, d) ||
	    !managed_look(h, TIMEZONE, &want->content, &have->file, d))
		return false;
	managed_show(&have->file, &have->r, CONTENT, &have->content);
	/* only Debian has it: who has none needs none */
	if (have->file.node.type == NODE_ABSENT) {
		have->r.set |= BIT(CONTENT);
		have->content.same_as = &want->content;
	}
	return true;
}

static bool apply(struct host *h, const struct step *step, struct arena *a,
		  struct diags *d)
{
	const struct timezone *want = step->want, *have = step->have;
	const char *target = arena_printf(a, ".." ZONES "%s", want->zone);

	/* some installers leave a copy of the zone's file there */
	if ((step->differ & BIT(ZONE)) &&
	    !host_make_link(h, LOCALTIME, target, &have->link,
			    have->link.type == NODE_FILE, d))
		return false;
	return !(step->differ & BIT(CONTENT)) ||
	       managed_put(h, &have->file, &want->content, a, d);
}

const struct module timezone_module = {
	.name = "timezone",
	.summary =
		"The time zone of this host: what /etc/localtime leads to, "
		"and what /etc/timezone says where there is one, whose content "
		"nothing else may give.",
	.example = "\"timezone:Europe/Berlin\": {}\n",
	.size = sizeof(struct timezone),
	.attrs = attrs,
	.nattrs = ROWS,
	.check = check,
	.demands = demands,
	.edges = edges,
	.observe = observe,
	.apply = apply,
	.batched = true,
	.leaf = true,
};
