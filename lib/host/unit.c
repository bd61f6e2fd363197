/* SPDX-License-Identifier: MIT */
/* Names of units, and what files say of them. */
#include "lib/host/unit.h"

#include <string.h>

#include "lib/base/path.h"
#include "lib/host/host.h"

enum {
	ALIASES_MAX = 8, /* and links to a file */
	UNIT_FILE_SIZE = 1 << 20,
};

static const char *const enabled_names[UNIT_ENABLED_STATES] = {
	[UNIT_DISABLED] = "disabled",
	[UNIT_ENABLED] = "enabled",
	[UNIT_MASKED] = "masked",
	[UNIT_ENABLED_RUNTIME] = "enabled-runtime",
	[UNIT_LINKED] = "linked",
	[UNIT_LINKED_RUNTIME] = "linked-runtime",
	[UNIT_MASKED_RUNTIME] = "masked-runtime",
	[UNIT_STATIC] = "static",
	[UNIT_INDIRECT] = "indirect",
	[UNIT_GENERATED] = "generated",
	[UNIT_TRANSIENT] = "transient",
	[UNIT_NO_FILE] = "not-found",
};

static const char *const active_names[UNIT_ACTIVE_STATES] = {
	[UNIT_INACTIVE] = "inactive",     [UNIT_ACTIVE] = "active",
	[UNIT_RELOADING] = "reloading",   [UNIT_FAILED] = "failed",
	[UNIT_ACTIVATING] = "activating", [UNIT_DEACTIVATING] = "deactivating",
};

static int find(const char *const *names, int n, const char *text)
{
	for (int i = 0; text && i < n; i++)
		if (strcmp(names[i], text) == 0)
			return i;
	return -1;
}

const char *unit_enabled_name(enum unit_enabled enabled)
{
	return enabled_names[enabled];
}

int unit_enabled_parse(const char *text)
{
	return find(enabled_names, UNIT_ENABLED_STATES, text);
}

const char *unit_active_name(enum unit_active active)
{
	return active_names[active];
}

int unit_active_parse(const char *text)
{
	return find(active_names, UNIT_ACTIVE_STATES, text);
}

const char *unit_action_name(enum unit_action action)
{
	static const char *const names[] = {
		[UNIT_START] = "start",     [UNIT_STOP] = "stop",
		[UNIT_RESTART] = "restart", [UNIT_RELOAD] = "reload",
		[UNIT_ENABLE] = "enable",   [UNIT_DISABLE] = "disable",
		[UNIT_MASK] = "mask",       [UNIT_UNMASK] = "unmask",
	};

	return names[action];
}

/* --- names --- */

/* What stands after the last '.', if it is a type of unit. */
static const char *type_of(const char *name)
{
	static const char *const types[] = {
		"service", "socket", "timer", "target",    "path",   "mount",
		"slice",   "scope",  "swap",  "automount", "device", NULL,
	};
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot && types[i]; i++)
		if (strcmp(dot + 1, types[i]) == 0)
			return types[i];
	return NULL;
}

/* Those that a resource can be: the others are made by the kernel, by
 * processes, or need no one to start them. */
static bool is_managed(const char *type)
{
	return strcmp(type, "service") == 0 || strcmp(type, "socket") == 0 ||
	       strcmp(type, "timer") == 0 || strcmp(type, "target") == 0 ||
	       strcmp(type, "path") == 0 || strcmp(type, "mount") == 0;
}

static const char *name_wrong(const char *name, const char *type)
{
	static const char allowed[] = "0123456789abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ:-_.\\@";
	const char *at = strchr(name, '@');
	size_t n = strlen(name);

	if (n > UNIT_NAME_MAX)
		return "must have at most 255 bytes";
	if (strspn(name, allowed) != n)
		return "must consist of letters, digits and :-_.\\@";
	if (strchr("-.@", name[0]))
		return "must begin with a letter, a digit, ':', '_' or '\\'";
	if (!is_managed(type))
		return "must be a service, socket, timer, target, path or "
		       "mount";
	if (at && at[1] == '.' && !strchr(at + 2, '.'))
		return "must name an instance: it is a template";
	return NULL;
}

const char *unit_full_name(const char *name, struct arena *a,
			   const char **wrong)
{
	const char *full = name;

	*wrong = NULL;
	if (!*name) {
		*wrong = "must not be empty";
		return NULL;
	}
	if (!type_of(name))
		full = arena_printf(a, "%s.service", name);
	*wrong = name_wrong(full, type_of(full));
	return *wrong ? NULL : full;
}

/* --- files --- */

enum place_kind { CONFIG, RUNTIME, GENERATOR, TRANSIENT, VENDOR };

/* systemd.unit(5), "Unit File Load Path", for the system manager: what comes
 * first counts. */
static const struct place_of_units {
	const char *path;
	enum place_kind kind;
} places[] = {
	{ "/etc/systemd/system.control", VENDOR },
	{ "/run/systemd/system.control", RUNTIME },
	{ "/run/systemd/transient", TRANSIENT },
	{ "/run/systemd/generator.early", GENERATOR },
	{ "/etc/systemd/system", CONFIG },
	{ "/etc/systemd/system.attached", VENDOR },
	{ "/run/systemd/system", RUNTIME },
	{ "/run/systemd/system.attached", RUNTIME },
	{ "/run/systemd/generator", GENERATOR },
	{ "/usr/local/lib/systemd/system", VENDOR },
	{ "/usr/lib/systemd/system", VENDOR },
	{ "/lib/systemd/system", VENDOR },
	{ "/run/systemd/generator.late", GENERATOR },
};

/* A search for a unit's file. */
struct search {
	const struct host *host;
	struct arena *arena;
	struct diags *diags;
	struct unit *unit;
	const struct place_of_units *place; /* where it is; NULL: nowhere */
	const char *path;
	bool linked; /* there by a link from elsewhere */
	bool masked;
};

static bool is_place(const char *folder, size_t n)
{
	for (size_t i = 0; i < COUNT(places); i++)
		if (strlen(places[i].path) == n &&
		    memcmp(places[i].path, folder, n) == 0)
			return true;
	return false;
}

/* Where a link that stands in folder leads, as text. */
static const char *target_of(struct arena *a, const char *folder,
			     const char *target)
{
	AUTO_BUF struct buf b = { 0 };

	if (*target != '/')
		buf_puts(&b, folder);
	while (*target) {
		size_t n = strcspn(target, "/");
		const char *last = strrchr(buf_text(&b), '/');

		if (n == 2 && memcmp(target, "..", 2) == 0)
			b.size = last ? (size_t)(last - b.text) : 0;
		else if (n > 1 || (n == 1 && *target != '.'))
			buf_printf(&b, "/%.*s", (int)n, target);
		if (b.text)
			b.text[b.size] = '\0';
		target += n + strspn(target + n, "/");
	}
	return arena_strdup(a, buf_text(&b));
}

static const char *join(struct search *s, const char *folder, const char *name)
{
	return arena_printf(s->arena, "%s/%s", folder, name);
}

/* What is there; what a picture cannot know is told. */
static bool look(struct search *s, const char *path, struct node *n)
{
	if (!host_look(s->host, path, n, s->diags))
		return false;
	if (n->type == NODE_UNKNOWN)
		s->unit->because = arena_strdup(s->arena, n->because);
	return true;
}

/* Follows links from path to a file; its node is absent if there is none. */
static bool follow(struct search *s, const char **path, struct node *n)
{
	const char *target;

	for (int i = 0; i < ALIASES_MAX; i++) {
		size_t folder;

		if (!look(s, *path, n))
			return false;
		if (n->type != NODE_LINK)
			return true;
		if (!host_read_link(s->host, *path, s->arena, &target,
				    s->diags))
			return false;
		folder = path_parent(*path);
		*path = target_of(s->arena,
				  arena_strndup(s->arena, *path, folder),
				  target);
	}
	*n = (struct node){ 0 };
	return true;
}

/* The link at s->path: a mask, an alias, or the way to the file. */
static bool take_link(struct search *s, const char *name, const char **alias)
{
	const char *target, *to;
	struct node n;

	if (!host_read_link(s->host, s->path, s->arena, &target, s->diags))
		return false;
	to = target_of(s->arena, s->place->path, target);
	if (strcmp(to, "/dev/null") == 0) {
		s->masked = true;
		return true;
	}
	if (strcmp(path_name(to), name) != 0 && type_of(to) &&
	    !strchr(name, '@')) {
		*alias = path_name(to);
		return true;
	}
	s->linked = !is_place(to, path_parent(to));
	s->path = to;
	if (!follow(s, &s->path, &n))
		return false;
	s->masked = n.type == NODE_FILE && n.size == 0;
	if (n.type != NODE_FILE)
		s->place = NULL;
	return true;
}

/* Looks for a file of that very name in one place after the other. */
static bool find_file(struct search *s, const char *name, const char **alias)
{
	s->place = NULL;
	for (size_t i = 0; i < COUNT(places) && !s->place; i++) {
		struct node n;

		s->path = join(s, places[i].path, name);
		if (!look(s, s->path, &n))
			return false;
		if (n.type == NODE_UNKNOWN)
			return true;
		if (n.type != NODE_FILE && n.type != NODE_LINK)
			continue;
		s->place = &places[i];
		s->masked = n.type == NODE_FILE && n.size == 0;
		if (n.type == NODE_LINK && !take_link(s, name, alias))
			return false;
	}
	return true;
}

/* "getty@.service" for "getty@tty1.service"; NULL: it is no instance. */
static const char *template_of(struct arena *a, const char *name)
{
	const char *at = strchr(name, '@'), *dot = strrchr(name, '.');

	return at ? arena_printf(a, "%.*s%s", (int)(at + 1 - name), name, dot)
		  : NULL;
}

/* Finds the file, through aliases; an instance has its template's. */
static bool find_unit(struct search *s)
{
	const char *alias;

	for (int i = 0; i < ALIASES_MAX; i++) {
		const char *template = template_of(s->arena, s->unit->id);

		alias = NULL;
		if (!find_file(s, s->unit->id, &alias))
			return false;
		if (!s->place && !s->unit->because && template &&
		    !find_file(s, template, &alias))
			return false;
		if (!alias)
			return true;
		s->unit->id = alias;
	}
	s->place = NULL;
	return true;
}

/* --- enablement --- */

/* Whether the link in folder stands for the unit: by its name, or by what it
 * leads to. */
static bool link_is_for(struct search *s, const char *folder, const char *name,
			bool by_name, bool *yes)
{
	const char *path = join(s, folder, name), *target;
	struct node n;

	if (!look(s, path, &n) || n.type != NODE_LINK)
		return n.type != NODE_LINK;
	*yes = by_name && strcmp(name, s->unit->id) == 0;
	if (*yes)
		return true;
	if (!host_read_link(s->host, path, s->arena, &target, s->diags))
		return false;
	*yes = strcmp(path_name(target), s->unit->id) == 0 &&
	       strcmp(name, s->unit->id) != 0;
	return true;
}

static bool is_link_folder(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot &&
	       (strcmp(dot, ".wants") == 0 || strcmp(dot, ".requires") == 0 ||
		strcmp(dot, ".upholds") == 0);
}

static bool names_in(struct search *s, const char *folder,
		     struct strings *names)
{
	size_t before = s->diags->n;
	struct node n;

	*names = (struct strings){ 0 };
	if (!look(s, folder, &n))
		return false;
	if (n.type != NODE_DIRECTORY ||
	    host_list(s->host, folder, s->arena, names, s->diags))
		return true;
	if (s->diags->n > before)
		return false;
	s->unit->because =
		arena_printf(s->arena, "what is in '%s' is not known", folder);
	return true;
}

static bool wanted_in(struct search *s, const char *folder, bool *yes)
{
	struct strings names;

	if (!names_in(s, folder, &names))
		return false;
	for (size_t i = 0; i < names.n && !*yes; i++)
		if (!link_is_for(s, folder, names.v[i], true, yes))
			return false;
	return true;
}

/* Links of "systemctl enable" in one place: in folders of what wants it, or
 * beside its file, by another name. */
static bool enabled_in(struct search *s, const char *place, bool *yes)
{
	struct strings names;

	*yes = false;
	if (!names_in(s, place, &names))
		return false;
	for (size_t i = 0; i < names.n && !*yes; i++) {
		bool ok =
			is_link_folder(names.v[i])
				? wanted_in(s, join(s, place, names.v[i]), yes)
			: type_of(names.v[i])
				? link_is_for(s, place, names.v[i], false, yes)
				: true;

		if (!ok)
			return false;
	}
	return true;
}

/* What an [Install] section asks for. */
struct install {
	bool rules; /* links to be made */
	bool also;
};

static void install_line(const char *line, size_t n, bool *inside,
			 struct install *to)
{
	static const struct {
		const char *key;
		bool also;
	} keys[] = {
		{ "WantedBy", false }, { "RequiredBy", false },
		{ "UpheldBy", false }, { "Alias", false },
		{ "Also", true },
	};
	size_t key = 0;

	while (n && (*line == ' ' || *line == '\t')) {
		line++;
		n--;
	}
	while (n && strchr(" \t\r", line[n - 1]))
		n--;
	if (n && *line == '[') {
		*inside = n == 9 && memcmp(line, "[Install]", n) == 0;
		return;
	}
	while (key < n && line[key] != '=' && line[key] != ' ')
		key++;
	if (!*inside || !n || line[n - 1] == '=')
		return;
	for (size_t i = 0; i < COUNT(keys); i++) {
		if (strlen(keys[i].key) != key ||
		    memcmp(keys[i].key, line, key) != 0)
			continue;
		if (keys[i].also)
			to->also = true;
		else
			to->rules = true;
	}
}

/* A recorded host has no content of files, but this. */
static bool was_recorded(struct search *s, struct install *to)
{
	enum unit_enabled known;

	if (!host_unit_recorded(s->host, s->unit->id, &known))
		return false;
	to->rules |= known == UNIT_DISABLED;
	to->also |= known == UNIT_INDIRECT;
	return true;
}

static bool read_install(struct search *s, const char *path, struct install *to)
{
	AUTO_BUF struct buf text = { 0 };
	size_t before = s->diags->n;
	bool whole, inside = false;

	if (!host_read(s->host, path, UNIT_FILE_SIZE, &text, &whole,
		       s->diags)) {
		if (s->diags->n > before)
			return false;
		if (was_recorded(s, to))
			return true;
		s->unit->because = arena_printf(
			s->arena, "the content of '%s' is not known yet", path);
		return true;
	}
	for (const char *at = buf_text(&text); *at;) {
		size_t n = strcspn(at, "\n");

		install_line(at, n, &inside, to);
		at += n + (at[n] == '\n');
	}
	return true;
}

static bool drop_ins_in(struct search *s, const char *folder,
			struct strings *paths)
{
	struct strings names;

	if (!names_in(s, folder, &names))
		return false;
	for (size_t i = 0; i < names.n; i++) {
		const char *path = join(s, folder, names.v[i]);
		size_t n = strlen(names.v[i]);

		if (n > 5 && strcmp(names.v[i] + n - 5, ".conf") == 0)
			strings_add(paths, s->arena, path);
	}
	return true;
}

static bool find_drop_ins(struct search *s, const char *unit,
			  struct strings *paths)
{
	for (size_t i = 0; unit && i < COUNT(places); i++)
		if (!drop_ins_in(s,
				 arena_printf(s->arena, "%s/%s.d",
					      places[i].path, unit),
				 paths))
			return false;
	return true;
}

static bool find_install(struct search *s, struct install *to)
{
	struct strings paths = { 0 };

	if (!read_install(s, s->path, to) ||
	    !find_drop_ins(s, s->unit->id, &paths))
		return false;
	for (size_t i = 0; i < paths.n; i++) {
		const char *path = paths.v[i];
		struct node node;

		if (!follow(s, &path, &node) ||
		    (node.type == NODE_FILE && !read_install(s, path, to)))
			return false;
	}
	return true;
}

static bool find_links(struct search *s, bool *found)
{
	bool config = false, runtime = false, other = false, yes;

	for (size_t i = 0; i < COUNT(places) && !config; i++) {
		/* what the vendor links enables instances alone */
		if (places[i].kind == VENDOR && !strchr(s->unit->id, '@'))
			continue;
		if (!enabled_in(s, places[i].path, &yes))
			return false;
		if (places[i].kind == CONFIG)
			config |= yes;
		else if (places[i].kind == VENDOR)
			other |= yes;
		else
			runtime |= yes;
	}
	*found = true;
	if (config)
		s->unit->enabled = UNIT_ENABLED;
	else if (runtime)
		s->unit->enabled = UNIT_ENABLED_RUNTIME;
	else if (other && strchr(s->unit->id, '@'))
		s->unit->enabled = UNIT_STATIC;
	else if (s->linked)
		s->unit->enabled = s->place->kind == RUNTIME
					   ? UNIT_LINKED_RUNTIME
					   : UNIT_LINKED;
	else
		*found = false;
	return true;
}

static enum unit_enabled how_masked(const struct search *s)
{
	return s->place->kind == CONFIG || s->place->kind == VENDOR
		       ? UNIT_MASKED
		       : UNIT_MASKED_RUNTIME;
}

static enum unit_enabled unlinked(const struct install *install)
{
	return install->rules  ? UNIT_DISABLED
	       : install->also ? UNIT_INDIRECT
			       : UNIT_STATIC;
}

static bool enablement(struct search *s)
{
	struct install install = { 0 };
	bool found;

	if (s->place->kind == GENERATOR)
		s->unit->enabled = UNIT_GENERATED;
	else if (s->place->kind == TRANSIENT)
		s->unit->enabled = UNIT_TRANSIENT;
	else if (!find_links(s, &found) ||
		 (!found && !find_install(s, &install)))
		return false;
	else if (!found)
		s->unit->enabled = unlinked(&install);
	return true;
}

/* --- System V --- */

/* Scripts of init.d(5) that have no unit: systemd makes one at boot, and
 * systemd-sysv-install says that it is enabled by these links. */
static bool sysv_links(struct search *s, const char *script, bool *yes)
{
	static const char *const folders[] = { "/etc/rcS.d", "/etc/rc5.d" };
	struct strings names;

	for (size_t i = 0; i < COUNT(folders); i++) {
		if (!names_in(s, folders[i], &names))
			return false;
		for (size_t k = 0; k < names.n; k++)
			*yes |= names.v[k][0] == 'S' &&
				strlen(names.v[k]) > 3 &&
				strcmp(names.v[k] + 3, script) == 0;
	}
	return true;
}

static bool find_sysv(struct search *s)
{
	const char *dot = strrchr(s->unit->id, '.'), *script;
	struct node n;
	bool yes = false;

	if (strcmp(dot, ".service") != 0)
		return true;
	script = arena_strndup(s->arena, s->unit->id,
			       (size_t)(dot - s->unit->id));
	if (!look(s, join(s, "/etc/init.d", script), &n))
		return false;
	if (n.type != NODE_FILE && n.type != NODE_LINK)
		return true;
	if (!sysv_links(s, script, &yes))
		return false;
	s->unit->enabled = yes ? UNIT_ENABLED : UNIT_DISABLED;
	return true;
}

static bool tell(const struct host *h, const char *name, bool links,
		 struct arena *a, struct unit *unit, struct diags *d)
{
	struct search s = { .host = h, .arena = a, .diags = d, .unit = unit };
	enum unit_enabled known;

	*unit = (struct unit){ .id = name, .enabled = UNIT_NO_FILE };
	if (!find_unit(&s))
		return false;
	if (unit->because)
		return true;
	if (s.place && !s.masked)
		unit->path = s.path;
	if (host_unit_known(h, unit->id, &known)) {
		unit->enabled = known;
		return true;
	}
	if (!s.place || (s.place->kind == GENERATOR && !s.masked))
		if (!find_sysv(&s))
			return false;
	if (unit->enabled != UNIT_NO_FILE || !s.place)
		return true;
	if (!s.masked && links)
		return enablement(&s);
	unit->enabled = s.masked ? how_masked(&s) : UNIT_DISABLED;
	return true;
}

bool host_unit_file(const struct host *h, const char *name, struct arena *a,
		    struct unit *unit, struct diags *d)
{
	return tell(h, name, true, a, unit, d);
}

bool host_unit_find(const struct host *h, const char *name, struct arena *a,
		    struct unit *unit, struct diags *d)
{
	return tell(h, name, false, a, unit, d);
}

bool host_unit_install(const struct host *h, const char *name, struct arena *a,
		       enum unit_enabled *enabled, struct diags *d)
{
	struct unit unit = { .id = name };
	struct search s = { .host = h, .arena = a, .diags = d, .unit = &unit };
	struct install install = { 0 };

	if (!find_unit(&s) || unit.because || !s.place || s.masked ||
	    strcmp(unit.id, name) != 0 || !find_install(&s, &install) ||
	    unit.because)
		return false;
	*enabled = unlinked(&install);
	return true;
}

const char *host_unit_folder(size_t i)
{
	return i < COUNT(places) ? places[i].path : NULL;
}

bool host_unit_drop_ins(const struct host *h, const char *id, struct arena *a,
			struct strings *paths, struct diags *d)
{
	struct unit ignored = { 0 };
	struct search s = {
		.host = h, .arena = a, .diags = d, .unit = &ignored
	};

	*paths = (struct strings){ 0 };
	return find_drop_ins(&s, id, paths) &&
	       find_drop_ins(&s, template_of(a, id), paths) &&
	       find_drop_ins(&s, type_of(id), paths);
}
