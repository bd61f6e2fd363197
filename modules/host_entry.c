/* SPDX-License-Identifier: MIT */
/* host_entry: a name in /etc/hosts. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "modules/parts/edit.h"

struct host_entry {
	struct edit edit; /* first */
	const char *name, *ip;
	struct strings aliases;
	const char *entry; /* how it stands in the file */
};

static const char own[] = "its own";

enum row {
	NAME,
	IP,
	ALIASES,
	ENTRY,
	PATH,
	ENSURE,
	CREATE,
	BACKUP,
	VALIDATE,
	TIMEOUT,
	ROWS,
};

#define AT(member) offsetof(struct host_entry, member)

static const struct attr attrs[ROWS] = {
	[NAME] = { .name = "name",
		   .kind = &kind_host_name,
		   .flags = ATTR_NAME,
		   .offset = AT(name),
		   .doc = "The name, which comes first in its line." },
	[IP] = { .name = "ip",
		 .kind = &kind_address,
		 .flags = ATTR_STATE | ATTR_REQUIRED_THERE,
		 .offset = AT(ip),
		 .doc = "Its address; a line for an address of the other "
			"family "
			"(IPv4, IPv6) is another entry, and is left alone. "
			"With "
			"\"ensure\": \"absent\", lines for other addresses "
			"are." },
	[ALIASES] = { .name = "aliases",
		      .kind = &kind_host_names,
		      .flags = ATTR_STATE,
		      .offset = AT(aliases),
		      .doc = "All its other names, in any order; those that "
			     "are "
			     "there stay when this is not given. None may be "
			     "the name of another entry of the family." },
	[ENTRY] = { .name = "entry",
		    .kind = &kind_text,
		    .flags = ATTR_STATE | ATTR_INTERNAL,
		    .offset = AT(entry),
		    .fallback = "\"its own\"",
		    .doc = "Whether its line is its own." },
	[PATH] = { .name = "path",
		   .kind = &kind_path,
		   .flags = ATTR_EDITS | ATTR_INTERNAL,
		   .offset = AT(edit.path),
		   .fallback = "\"/etc/hosts\"",
		   .doc = "The file that it is in." },
	EDIT_ROW_ENSURE,
	[CREATE] = { .name = "create",
		     .kind = &kind_bool,
		     .flags = ATTR_INTERNAL,
		     .offset = AT(edit.create),
		     .fallback = "true",
		     .doc = "Whether that file is made." },
	EDIT_ROWS_WRITE,
};

static bool check(void *record, struct arena *a, struct diags *d)
{
	const struct host_entry *want = record;

	(void)a;
	if (!want->ip && want->edit.ensure == PRESENT)
		return diag_error(d, "'ip' is missing");
	for (size_t i = 0; i < want->aliases.n; i++)
		if (strcasecmp(want->aliases.v[i], want->name) == 0)
			return diag_error(d, "'aliases' has the name itself");
	return edit_check(&want->edit, d);
}

/* One for the map of things: a name has one entry for each family, and may go
 * from other addresses. */
static const char *thing(const char *name, const char *what, struct arena *a)
{
	char *text = arena_strdup(a, name);

	for (char *p = text; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return arena_printf(a, "host_entry '%s'\n%s", text, what);
}

static void things(const void *record, struct arena *a, struct strings *all)
{
	const struct host_entry *want = record;
	bool there = want->edit.ensure == PRESENT;
	bool is_6 = want->ip && strchr(want->ip, ':');

	if (want->ip)
		strings_add(all, a, thing(want->name, want->ip, a));
	if (there ? !is_6 : !want->ip)
		strings_add(all, a, thing(want->name, "IPv4", a));
	if (there ? is_6 : !want->ip)
		strings_add(all, a, thing(want->name, "IPv6", a));
}

/* That no other takes its aliases away: a name that has an entry is moved to
 * that, or removed. */
static void demands(const void *record, struct arena *a, struct demands *all)
{
	const struct host_entry *want = record;

	if (want->edit.ensure == ABSENT)
		return;
	for (size_t i = 0; i < want->aliases.n; i++) {
		const char *alias = want->aliases.v[i];

		demands_add(all, thing(alias, want->ip, a), alias);
		demands_add(all,
			    thing(alias,
				  strchr(want->ip, ':') ? "IPv6" : "IPv4", a),
			    alias);
	}
}

static const char *denies(const void *record, const char *alias,
			  struct arena *a)
{
	(void)record;
	return arena_printf(a, "the alias '%s' is a name managed", alias);
}

/* What observe has edit_observe find. */
struct looking {
	struct edit edit; /* first: of the record */
	const struct host_entry *want;
	struct host_found *found;
	struct arena *arena;
};

static bool make(const void *record, const struct content *none,
		 const struct edit_text *t, struct edited *e, struct diags *d)
{
	const struct looking *l = record;
	const struct host_entry *want = l->want;
	struct host_wish wish = { .name = want->name,
				  .ip = want->ip,
				  .aliases = want->edit.r.set & BIT(ALIASES)
						     ? &want->aliases
						     : NULL,
				  .absent = want->edit.ensure == ABSENT };

	(void)none;
	return edit_host(&wish, t, e, l->found, l->arena, d);
}

/* What is not right about it, where address and aliases are. */
static const char *entry_of(const struct host_entry *want,
			    const struct host_found *found)
{
	if (found->n > 1)
		return "one of several";
	if (!found->first)
		return "another's";
	if (want->ip && edit_same_address(want->ip, found->ip) &&
	    (!(want->edit.r.set & BIT(ALIASES)) ||
	     edit_same_names(&want->aliases, &found->aliases)))
		return "repeated";
	return own;
}

static bool observe(const struct host *h, const void *want_record,
		    void *have_record, struct arena *a, struct diags *d)
{
	const struct host_entry *want = want_record;
	struct host_entry *have = have_record;
	struct host_found entry;
	static const struct edit_type type = { make, BIT(ENSURE) | BIT(IP) |
							     BIT(ALIASES) |
							     BIT(ENTRY) };
	struct looking looking = { want->edit, want, &entry, a };
	struct edited found;
	bool known;

	if (!edit_observe(h, &looking.edit, &have->edit, &type, NULL, &found,
			  &known, a, d))
		return false;
	if (!known)
		return true;
	have->ip = entry.ip;
	have->aliases = entry.aliases;
	have->entry = found.state == EDIT_OTHER ? entry_of(want, &entry) : own;
	if (found.state == EDIT_MISSING)
		have->edit.r.set &= ~(BIT(IP) | BIT(ALIASES) | BIT(ENTRY));
	return true;
}

const struct module host_entry_module = {
	.name = "host_entry",
	.summary = "A name in /etc/hosts. Comments and the other names of a "
		   "line are left as they are; all edits are written at once.",
	.example = "\"host_entry:db.example.org\": {\n"
		   "  \"ip\": \"10.0.0.5\",\n"
		   "  \"aliases\": [\"db\"]\n"
		   "}\n",
	.size = sizeof(struct host_entry),
	.attrs = attrs,
	.nattrs = ROWS,
	.check = check,
	.things = things,
	.demands = demands,
	.denies = denies,
	.edges = edit_edges,
	.observe = observe,
	.apply = edit_apply,
	.disruption = edit_disruption,
	.undoable = edit_undoable,
	.batched = true,
	.contents = edit_contents,
};
