/* SPDX-License-Identifier: MIT */
/*
 * A picture with nothing behind it, read from JSON. Beside what host.h tells
 * of the format, a snapshot may hold
 *	"commands": {"test -f /x": 0}	what commands end with; the key is the
 *					argv, joined by spaces
 *	"facts": {...}			kept as it is, for whoever made it
 * and "sha256" may be left out where even a digest would tell too much: then
 * the content is unknown. Owners that are left out are root, modes 0644 and
 * 0755. A package that "packages" does not name is absent.
 *
 * It runs nothing. What is asked ends as "commands" says, or unknown. What is
 * run ends as it says, or well; one that ends well has kept its promise: what
 * it was to make is an empty file, if it was not there.
 */
#include "lib/host/host.h"

#include <jansson.h>
#include <string.h>

#include "lib/base/map.h"
#include "lib/base/mode.h"
#include "lib/base/path.h"
#include "lib/base/utf8.h"
#include "lib/host/picture.h"
#include "lib/host/roster.h"

static const char format[] = "converge.snapshot/1";

struct snapshot {
	struct picture_host host; /* first */
	size_t failing;           /* writes until they fail, from 1; 0: never */
	/* borrowed; NULL: not given */
	const json_t *files, *users, *groups, *commands, *facts, *units,
		*packages;
	struct roster roster;
	json_t *changed; /* packages that were written to; or NULL */
};

static struct snapshot *snapshot_of(struct host *h)
{
	return (struct snapshot *)(void *)h;
}

static const struct snapshot *const_snapshot(const struct host *h)
{
	return (const struct snapshot *)(const void *)h;
}

/* jansson iterates through json_t * alone, but changes nothing. */
static json_t *iterable(const json_t *json)
{
	return (json_t *)(uintptr_t)json;
}

/* Sets key, or runs out of memory. */
static void set_new(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value) < 0)
		memory_exhausted();
}

/* One of "files", while it is read. */
struct entry {
	struct picture *picture;
	const char *path;
	json_t *json;
	enum node_type type;
	struct picture_node *node;
	struct diags *diags;
};

static bool entry_error(const struct entry *e, const char *field,
			const char *must)
{
	return diag_error(e->diags, "'%s' of '%s' must be %s", field, e->path,
			  must);
}

static bool read_number(const struct entry *e, const char *name,
			const json_t *value, json_int_t max, json_int_t *out)
{
	*out = json_integer_value(value);
	if (json_is_integer(value) && *out >= 0 && *out <= max)
		return true;
	return diag_error(e->diags,
			  "'%s' of '%s' must be a whole number from 0 to "
			  "%" JSON_INTEGER_FORMAT,
			  name, e->path, max);
}

/* The highest is no user: (uid_t)-1 means none to chown(2). */
enum { ID_RESERVED = 1 };
static const json_int_t id_max = UINT32_MAX - ID_RESERVED;

static bool read_uid(struct entry *e, const json_t *value)
{
	json_int_t id;

	if (!read_number(e, "uid", value, id_max, &id))
		return false;
	e->node->node.uid = (uint32_t)id;
	return true;
}

static bool read_gid(struct entry *e, const json_t *value)
{
	json_int_t id;

	if (!read_number(e, "gid", value, id_max, &id))
		return false;
	e->node->node.gid = (uint32_t)id;
	return true;
}

static bool read_mode(struct entry *e, const json_t *value)
{
	const char *text = json_string_value(value);
	struct mode mode;

	if (!text || mode_parse(text, &mode) || mode.n)
		return entry_error(e, "mode",
				   "an octal string such as \"0644\"");
	e->node->node.mode = mode.octal;
	return true;
}

static bool read_content(struct entry *e, const json_t *value)
{
	if (!json_is_string(value))
		return entry_error(e, "content", "a string");
	e->node->content =
		content_of(json_string_value(value), json_string_length(value));
	e->node->node.size = e->node->content.size;
	return true;
}

static bool read_size(struct entry *e, const json_t *value)
{
	json_int_t size;

	if (!read_number(e, "size", value, INT64_MAX, &size))
		return false;
	e->node->node.size = e->node->content.size = (uint64_t)size;
	return true;
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

static bool read_digest(struct entry *e, const json_t *value)
{
	const char *text = json_string_value(value);
	struct content *c = &e->node->content;
	bool good = text && strlen(text) == DIGEST_HEX - 1;

	for (size_t i = 0; good && i < DIGEST_SIZE; i++) {
		int high = hex_digit(text[2 * i]);
		int low = hex_digit(text[2 * i + 1]);

		good = high >= 0 && low >= 0;
		c->digest[i] = (unsigned char)(good ? high * 16 + low : 0);
	}
	c->has_digest = good;
	return good || entry_error(e, "sha256", "64 lower-case hex digits");
}

static bool read_target(struct entry *e, const json_t *value)
{
	const char *text = json_string_value(value);

	if (!text || !*text)
		return entry_error(e, "target", "a string that is not empty");
	e->node->target = text;
	e->node->node.size = strlen(text);
	return true;
}

static bool read_type(struct entry *e, const json_t *value)
{
	(void)e;
	(void)value;
	return true;
}

enum {
	ANY = ~0,
	FILES = 1 << NODE_FILE,
	LINKS = 1 << NODE_LINK,
};

static const struct {
	const char *name;
	int types; /* that it is for */
	int required;
	bool (*read)(struct entry *, const json_t *);
} fields[] = {
	{ "type", ANY, ANY, read_type },
	{ "mode", ~LINKS, 0, read_mode },
	{ "uid", ANY, 0, read_uid },
	{ "gid", ANY, 0, read_gid },
	{ "content", FILES, 0, read_content },
	{ "size", FILES, 0, read_size },
	{ "sha256", FILES, 0, read_digest },
	{ "target", LINKS, LINKS, read_target },
};

static bool field_unknown(const struct entry *e, const char *key)
{
	AUTO(arena_release) struct arena a = { 0 };
	struct strings names = { 0 };
	const char *nearest;

	for (size_t i = 0; i < COUNT(fields); i++)
		strings_add(&names, &a, fields[i].name);
	nearest = strings_nearest(key, &names);
	if (nearest)
		return diag_error(e->diags,
				  "'%s' of '%s' is not known (did you mean "
				  "'%s'?)",
				  key, e->path, nearest);
	return diag_error(e->diags, "'%s' of '%s' is not known", key, e->path);
}

static bool entry_keys(const struct entry *e)
{
	bool good = true;
	const char *key;
	json_t *value;

	json_object_foreach (e->json, key, value) {
		size_t i = 0;

		while (i < COUNT(fields) && strcmp(fields[i].name, key) != 0)
			i++;
		if (i == COUNT(fields))
			good = field_unknown(e, key);
		else if (!(fields[i].types & (1 << e->type)))
			good = diag_error(e->diags,
					  "'%s' of '%s' is not for a "
					  "%s",
					  key, e->path,
					  node_type_name(e->type));
	}
	return good;
}

static bool entry_fields(struct entry *e)
{
	bool good = true;

	for (size_t i = 0; i < COUNT(fields); i++) {
		const json_t *value = json_object_get(e->json, fields[i].name);

		if (value)
			good = fields[i].read(e, value) && good;
		else if (fields[i].required & (1 << e->type))
			good = diag_error(e->diags, "'%s' has no '%s'", e->path,
					  fields[i].name);
	}
	return good;
}

static bool entry_content(const struct entry *e)
{
	bool content = json_object_get(e->json, "content");
	bool size = json_object_get(e->json, "size");

	if (e->type != NODE_FILE)
		return true;
	if (!content && !size)
		return diag_error(e->diags,
				  "'%s' has neither 'content' nor 'size'",
				  e->path);
	if (content && (size || json_object_get(e->json, "sha256")))
		return diag_error(e->diags,
				  "'%s' has both 'content' and what stands "
				  "for it, 'size' or 'sha256'",
				  e->path);
	return true;
}

static bool entry_type(struct entry *e)
{
	const char *text = json_string_value(json_object_get(e->json, "type"));

	for (enum node_type t = NODE_FILE; text && t < NODE_UNKNOWN; t++) {
		e->type = t;
		if (strcmp(text, node_type_name(t)) == 0)
			return true;
	}
	return entry_error(e, "type",
			   "one of file, directory, link, FIFO, socket, "
			   "character device, block device");
}

static uint32_t default_mode(enum node_type type)
{
	switch (type) {
	case NODE_DIRECTORY:
		return 0755;
	case NODE_LINK:
		return 0777;
	default:
		return 0644;
	}
}

static bool entry_read(struct entry *e)
{
	bool is_root = strcmp(e->path, "/") == 0;
	const char *wrong = is_root ? NULL : path_wrong(e->path);

	if (wrong)
		return diag_error(e->diags, "path '%s' %s", e->path, wrong);
	if (!json_is_object(e->json))
		return diag_error(e->diags, "'%s' must be an object", e->path);
	if (!entry_type(e) || !entry_keys(e) || !entry_content(e))
		return false;
	e->node = picture_plant(e->picture, e->path);
	e->node->node = (struct node){ .type = e->type,
				       .mode = default_mode(e->type),
				       .links = 1 };
	return entry_fields(e);
}

/* What lies below must lie in a directory, by its own path. */
static bool check_parents(const struct picture *p, struct diags *d)
{
	bool good = true;

	for (const struct picture_node *n = picture_next(p, NULL); n;
	     n = picture_next(p, n))
		if (n->first && n->node.type != NODE_DIRECTORY)
			good = diag_error(
				d, "'%s' is a %s, but '%s' lies below", n->path,
				node_type_name(n->node.type), n->first->path);
	return good;
}

static bool read_files(struct snapshot *s, struct diags *d)
{
	bool good = true;
	const char *path;
	json_t *json;

	json_object_foreach (iterable(s->files), path, json) {
		struct entry e = { .picture = s->host.picture,
				   .path = path,
				   .json = json,
				   .diags = d };

		good = entry_read(&e) && good;
	}
	if (s->host.picture->root->node.type != NODE_DIRECTORY)
		return diag_error(d, "'/' must be a directory");
	return check_parents(s->host.picture, d) && good;
}

static bool check_numbers(const json_t *numbers, const char *what,
			  json_int_t max, struct diags *d)
{
	bool good = true;
	const char *name;
	json_t *value;

	json_object_foreach (iterable(numbers), name, value) {
		json_int_t n = json_integer_value(value);

		if (!*name || !json_is_integer(value) || n < 0 || n > max)
			good = diag_error(d,
					  "'%s' of '%s' must be a whole "
					  "number from 0 to "
					  "%" JSON_INTEGER_FORMAT,
					  name, what, max);
	}
	return good;
}

static int unit_word(const json_t *o, const char *key,
		     int (*parse)(const char *))
{
	return parse(json_string_value(json_object_get(o, key)));
}

static bool read_unit(struct picture *p, const char *name, const json_t *o,
		      struct diags *d)
{
	AUTO(arena_release) struct arena a = { 0 };
	const char *wrong, *full = unit_full_name(name, &a, &wrong);
	int active = unit_word(o, "active", unit_active_parse);
	int enabled = unit_word(o, "enabled", unit_enabled_parse);
	struct picture_unit *unit;

	if (!full || full != name)
		return diag_error(d,
				  "'%s' of 'units' is not the full name of "
				  "a unit",
				  name);
	if (active < 0 || enabled < 0 || json_object_size(o) != 2)
		return diag_error(d,
				  "'%s' of 'units' must have 'active' and "
				  "'enabled', as systemctl shows them",
				  name);
	unit = picture_unit(p, name);
	unit->has_active = unit->has_enabled = true;
	unit->active = (enum unit_active)active;
	unit->enabled = (enum unit_enabled)enabled;
	return true;
}

static bool read_units(struct snapshot *s, struct diags *d)
{
	bool good = true;
	const char *name;
	json_t *json;

	json_object_foreach (iterable(s->units), name, json) {
		good = read_unit(s->host.picture, name, json, d) && good;
	}
	return good;
}

static bool check_format(const json_t *json, struct diags *d)
{
	const json_t *value = json_object_get(json, "format");
	const char *text = json_string_value(value);

	if (!value || (text && strcmp(text, format) == 0))
		return true;
	return diag_error(d, "'format' must be \"%s\"", format);
}

/* The parts of a snapshot that are objects. */
static bool find_parts(struct snapshot *s, const json_t *json, struct diags *d)
{
	const struct {
		const char *name;
		const json_t **part;
	} parts[] = {
		{ "files", &s->files },       { "users", &s->users },
		{ "groups", &s->groups },     { "commands", &s->commands },
		{ "facts", &s->facts },       { "units", &s->units },
		{ "packages", &s->packages },
	};
	bool good = true;
	const char *key;
	json_t *value;

	json_object_foreach (iterable(json), key, value) {
		size_t i = 0;

		if (strcmp(key, "format") == 0)
			continue;
		while (i < COUNT(parts) && strcmp(parts[i].name, key) != 0)
			i++;
		if (i == COUNT(parts))
			good = diag_error(d, "'%s' is no part of a snapshot",
					  key);
		else if (!json_is_object(value))
			good = diag_error(d, "'%s' must be an object", key);
		else
			*parts[i].part = value;
	}
	return good;
}

static bool check_package(const char *name, const json_t *value,
			  struct diags *d)
{
	enum package_state state;
	const char *key;
	json_t *field;

	if (json_is_string(value))
		return true;
	if (!json_is_object(value))
		return diag_error(d,
				  "'%s' of 'packages' must be a version or an "
				  "object",
				  name);
	json_object_foreach (iterable(value), key, field) {
		const char *text = json_string_value(field);
		bool good = text != NULL;

		if (strcmp(key, "state") == 0)
			good = text && package_state_parse(text, &state);
		else if (strcmp(key, "hold") == 0)
			good = json_is_boolean(field);
		else if (strcmp(key, "version") != 0 &&
			 strcmp(key, "candidate") != 0)
			return diag_error(d,
					  "'%s' of package '%s' is not known",
					  key, name);
		if (!good)
			return diag_error(d, "'%s' of package '%s' is wrong",
					  key, name);
	}
	return true;
}

static bool check_packages(const json_t *packages, struct diags *d)
{
	bool good = true;
	const char *name;
	json_t *value;

	json_object_foreach (iterable(packages), name, value) {
		good = check_package(name, value, d) && good;
	}
	return good;
}

static bool snapshot_read(struct snapshot *s, const json_t *json,
			  struct diags *d)
{
	bool good;

	if (!json_is_object(json))
		return diag_error(d, "a snapshot must be an object");
	if (!check_format(json, d) || !find_parts(s, json, d))
		return false;
	if (!s->files)
		return diag_error(d, "a snapshot must have 'files'");
	good = read_files(s, d);
	good = roster_read(&s->roster, s->users, s->groups, d) && good;
	good = read_units(s, d) && good;
	good = check_packages(s->packages, d) && good;
	return check_numbers(s->commands, "commands", 255, d) && good;
}

static bool snapshot_user_id(const struct host *h, const char *name,
			     uint32_t *id)
{
	const struct user *u = roster_user(&const_snapshot(h)->roster, name);

	if (u)
		*id = u->uid;
	return u;
}

static bool snapshot_group_id(const struct host *h, const char *name,
			      uint32_t *id)
{
	const struct user_group *g =
		roster_group(&const_snapshot(h)->roster, name);

	if (g)
		*id = g->gid;
	return g;
}

static const char *snapshot_user_name(const struct host *h, uint32_t id,
				      struct arena *a)
{
	const char *name = roster_user_name(&const_snapshot(h)->roster, id);

	return name ? name : arena_printf(a, "%u", id);
}

static const char *snapshot_group_name(const struct host *h, uint32_t id,
				       struct arena *a)
{
	const char *name = roster_group_name(&const_snapshot(h)->roster, id);

	return name ? name : arena_printf(a, "%u", id);
}

static bool snapshot_user(const struct host *h, const char *name,
			  struct arena *a, struct user *u, bool *there,
			  struct diags *d)
{
	(void)d;
	roster_look_user(&const_snapshot(h)->roster, name, a, u, there);
	return true;
}

static bool snapshot_group(const struct host *h, const char *name,
			   struct arena *a, struct user_group *g, bool *there,
			   struct diags *d)
{
	(void)d;
	roster_look_group(&const_snapshot(h)->roster, name, a, g, there);
	return true;
}

static bool snapshot_users(const struct host *h, struct arena *a,
			   struct strings *names, struct diags *d)
{
	(void)d;
	roster_list_users(&const_snapshot(h)->roster, a, names);
	return true;
}

static bool snapshot_groups(const struct host *h, struct arena *a,
			    struct strings *names, struct diags *d)
{
	(void)d;
	roster_list_groups(&const_snapshot(h)->roster, a, names);
	return true;
}

/* What the snapshot says that the command ends with. */
static bool find_code(const struct host *h, const struct strings *argv,
		      int *code)
{
	AUTO(arena_release) struct arena a = { 0 };
	const json_t *value = json_object_get(const_snapshot(h)->commands,
					      strings_join(argv, " ", &a));

	*code = (int)json_integer_value(value);
	return value;
}

static bool snapshot_ask(const struct host *h, const struct command *c,
			 struct arena *a, struct outcome *o, struct diags *d)
{
	(void)a;
	(void)d;
	*o = (struct outcome){ .ending = ENDED_EXIT };
	if (find_code(h, &c->argv, &o->code))
		return true;
	o->ending = ENDED_UNKNOWN;
	o->because = "a recorded host runs nothing";
	return true;
}

static const json_t *find_package(const struct snapshot *s, const char *name)
{
	const json_t *changed = json_object_get(s->changed, name);

	return changed ? changed : json_object_get(s->packages, name);
}

static const char *text_in(const json_t *object, const char *key,
			   struct arena *a)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? arena_strdup(a, text) : NULL;
}

static bool snapshot_package(const struct host *h, const char *provider,
			     const char *name, struct arena *a,
			     struct package *p, struct diags *d)
{
	const struct snapshot *s = const_snapshot(h);
	const json_t *json = find_package(s, name), *state;

	(void)provider;
	(void)d;
	*p = (struct package){ .state = PACKAGE_ABSENT,
			       .because = "the snapshot does not say" };
	if (!s->packages && !json)
		p->state = PACKAGE_UNKNOWN;
	if (!json)
		return true;
	p->state = PACKAGE_INSTALLED;
	if (json_is_string(json)) {
		p->version = arena_strdup(a, json_string_value(json));
		return true;
	}
	state = json_object_get(json, "state");
	if (state)
		package_state_parse(json_string_value(state), &p->state);
	p->version = text_in(json, "version", a);
	p->hold = json_is_true(json_object_get(json, "hold"));
	return true;
}

static bool snapshot_package_candidate(const struct host *h,
				       const char *provider, const char *name,
				       struct arena *a, const char **version,
				       const char **because, struct diags *d)
{
	const json_t *json = find_package(const_snapshot(h), name);

	(void)provider;
	(void)d;
	*version = text_in(json, "candidate", a);
	*because = "the snapshot does not say which version is the newest";
	return true;
}

/* One that was recorded with what its kernel says. */
static bool snapshot_runs(const struct host *h)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	struct node n;

	return picture_look(h, "/proc/sys", &n, &ignored) &&
	       n.type == NODE_DIRECTORY;
}

static bool may_write(struct host *h, struct diags *d)
{
	struct snapshot *s = snapshot_of(h);

	if (s->failing > 1)
		s->failing--;
	else if (s->failing == 1)
		return diag_error(d, "write refused (fault injected)");
	return true;
}

static bool accepted(const struct host *h, const struct file_write *w,
		     struct diags *d)
{
	int code;

	if (!w->validate || !find_code(h, w->validate, &code) || code == 0)
		return true;
	return diag_error(d, "'%s' refuses the new content of '%s'",
			  w->validate->v[0], w->path);
}

static bool snapshot_replace(struct host *h, const struct file_write *w,
			     struct diags *d)
{
	return may_write(h, d) && accepted(h, w, d) && picture_replace(h, w, d);
}

static bool snapshot_make_directory(struct host *h, const char *path,
				    const struct perms *p, struct diags *d)
{
	return may_write(h, d) && picture_make_directory(h, path, p, d);
}

/* JSON has no other text than UTF-8. */
static bool can_be_told(const char *path, const char *target, struct diags *d)
{
	size_t left = strlen(target);

	for (size_t n; left; target += n, left -= n) {
		uint32_t rune;

		n = utf8_decode(target, left, &rune);
		if (n == 0)
			return diag_error(d, "the target of '%s' is not UTF-8",
					  path);
	}
	return true;
}

static bool snapshot_make_link(struct host *h, const char *path,
			       const char *target, const struct node *expect,
			       bool force, struct diags *d)
{
	return may_write(h, d) && can_be_told(path, target, d) &&
	       picture_make_link(h, path, target, expect, force, d);
}

static bool snapshot_set_perms(struct host *h, const char *path,
			       const struct perms *p, const struct node *expect,
			       struct diags *d)
{
	return may_write(h, d) && picture_set_perms(h, path, p, expect, d);
}

static bool snapshot_remove(struct host *h, const char *path, bool recursive,
			    bool backup, const struct node *expect,
			    struct diags *d)
{
	return may_write(h, d) &&
	       picture_remove(h, path, recursive, backup, expect, d);
}

static bool snapshot_set_user(struct host *h, const struct user_change *c,
			      struct diags *d)
{
	return may_write(h, d) &&
	       roster_set_user(&snapshot_of(h)->roster, c, d) &&
	       picture_follow_user(h, c, d);
}

static bool snapshot_set_group(struct host *h, const struct group_change *c,
			       struct diags *d)
{
	return may_write(h, d) &&
	       roster_set_group(&snapshot_of(h)->roster, c, d);
}

static bool snapshot_unpack(struct host *h, const struct folder_write *w,
			    struct diags *d)
{
	return may_write(h, d) && picture_unpack(h, w, d);
}

static bool make_missing(struct host *h, const char *path, bool directory,
			 struct diags *d)
{
	const struct content nothing = content_of("", 0);
	const struct perms usual = { 0 };
	const struct file_write w = { .path = path, .content = &nothing };
	struct node n;

	if (!picture_look(h, path, &n, d))
		return false;
	if (n.type != NODE_ABSENT)
		return true;
	return directory ? picture_make_directory(h, path, &usual, d)
			 : picture_replace(h, &w, d);
}

static bool keep_promise(struct host *h, const char *path, struct diags *d)
{
	AUTO(arena_release) struct arena a = { 0 };

	for (size_t end = 1;; end++) {
		end += strcspn(path + end, "/");
		if (!path[end])
			return make_missing(h, path, false, d);
		if (!make_missing(h, arena_strndup(&a, path, end), true, d))
			return false;
	}
}

static bool snapshot_run(struct host *h, const struct command *c,
			 const struct strings *makes, struct arena *a,
			 struct outcome *o, struct diags *d)
{
	(void)a;
	*o = (struct outcome){ .ending = ENDED_EXIT };
	if (!may_write(h, d))
		return false;
	if (find_code(h, &c->argv, &o->code) && o->code != 0)
		return true;
	for (size_t i = 0; makes && i < makes->n; i++)
		if (!keep_promise(h, makes->v[i], d))
			return false;
	return true;
}

/* What it is once the change is made; a new reference. */
static json_t *package_after(const struct package *have, const char *candidate,
			     const struct package_change *c)
{
	bool hold = c->set_hold ? c->hold : have->hold;
	enum package_state state = have->state;
	const char *version = have->version;

	if (c->wish == PACKAGE_INSTALL) {
		bool keeps = state != PACKAGE_ABSENT &&
			     state != PACKAGE_CONFIG_FILES && !c->newest;

		state = PACKAGE_INSTALLED;
		if (c->version)
			version = c->version;
		else if (!keeps)
			version = candidate;
	} else if (c->wish != PACKAGE_KEEP) {
		state = c->wish == PACKAGE_PURGE ? PACKAGE_ABSENT
						 : PACKAGE_CONFIG_FILES;
		version = NULL;
		hold = false;
	}
	return json_pack("{s:s, s:b, s:s*, s:s*}", "state",
			 package_state_name(state), "hold", hold, "version",
			 version, "candidate", candidate);
}

static bool snapshot_package_change(struct host *h,
				    const struct package_change *c,
				    struct diags *d)
{
	AUTO(arena_release) struct arena a = { 0 };
	struct snapshot *s = snapshot_of(h);
	const char *candidate, *because;
	struct package have;

	if (!may_write(h, d) ||
	    !snapshot_package(h, c->provider, c->name, &a, &have, d) ||
	    !snapshot_package_candidate(h, c->provider, c->name, &a, &candidate,
					&because, d))
		return false;
	if (!s->changed)
		s->changed = json_object();
	set_new(s->changed, c->name, package_after(&have, candidate, c));
	return true;
}

static bool snapshot_set_kernel(struct host *h, const char *path,
				const char *value, struct diags *d)
{
	return may_write(h, d) && picture_set_kernel(h, path, value, d);
}

static bool snapshot_mount(struct host *h, const struct mount_change *c,
			   struct arena *a, struct outcome *o, struct diags *d)
{
	*o = (struct outcome){ .ending = ENDED_EXIT };
	return may_write(h, d) && picture_mount(h, c, a, o, d);
}

static bool snapshot_pause(struct host *h, int64_t milliseconds)
{
	(void)h;
	(void)milliseconds;
	return true;
}

static bool snapshot_unit_change(struct host *h, const struct unit_change *c,
				 struct arena *a, struct diags *d)
{
	return may_write(h, d) && picture_unit_change(h, c, a, d);
}

static void snapshot_close(struct host *h)
{
	picture_free(snapshot_of(h)->host.picture);
	roster_release(&snapshot_of(h)->roster);
	json_decref(snapshot_of(h)->changed);
	free(snapshot_of(h));
}

static const struct host_looks snapshot_looks = {
	.look = picture_look,
	.read_link = picture_read_link,
	.list = picture_list,
	.compare = picture_compare,
	.read = picture_read,
	.digest = picture_digest,
	.user_id = snapshot_user_id,
	.group_id = snapshot_group_id,
	.user_name = snapshot_user_name,
	.group_name = snapshot_group_name,
	.user = snapshot_user,
	.group = snapshot_group,
	.users = snapshot_users,
	.groups = snapshot_groups,
	.ask = snapshot_ask,
	.unit_known = picture_unit_known,
	.unit_state = picture_unit_state,
	.package = snapshot_package,
	.package_candidate = snapshot_package_candidate,
	.unit_age = picture_unit_age,
	.runs = snapshot_runs,
};

static const struct host_writes snapshot_writes = {
	.replace = snapshot_replace,
	.edit = snapshot_replace,
	.make_directory = snapshot_make_directory,
	.make_link = snapshot_make_link,
	.set_perms = snapshot_set_perms,
	.remove = snapshot_remove,
	.set_user = snapshot_set_user,
	.set_group = snapshot_set_group,
	.unpack = snapshot_unpack,
	.run = snapshot_run,
	.pause = snapshot_pause,
	.unit_change = snapshot_unit_change,
	.package_change = snapshot_package_change,
	.set_kernel = snapshot_set_kernel,
	.mount = snapshot_mount,
	.commit = picture_commit,
	.close = snapshot_close,
};

struct host *host_snapshot(const json_t *json, struct diags *d)
{
	struct snapshot *s = xrealloc(NULL, sizeof(*s));
	struct host *h = &s->host.host;

	*s = (struct snapshot){ 0 };
	*h = (struct host){ .looks = &snapshot_looks,
			    .writes = &snapshot_writes };
	s->host.picture = picture_new(h, NULL);
	roster_init(&s->roster);
	s->host.picture->copies = true;
	if (snapshot_read(s, json, d))
		return h;
	snapshot_close(h);
	return NULL;
}

void host_snapshot_fail(struct host *h, size_t nth)
{
	snapshot_of(h)->failing = nth;
}

/* Text that is no UTF-8 cannot be told in JSON, but its digest can. */
static void show_content(json_t *o, const struct content *c)
{
	json_t *text =
		c->bytes ? json_stringn(c->bytes, (size_t)c->size) : NULL;
	AUTO_DIAGS struct diags ignored = { 0 };
	struct content summed = *c;
	char hex[DIGEST_HEX];

	if (text) {
		set_new(o, "content", text);
		return;
	}
	set_new(o, "size", json_integer((json_int_t)c->size));
	if (c->bytes && !content_digest(&summed, &ignored))
		return;
	if (summed.has_digest)
		set_new(o, "sha256",
			json_string(digest_hex(summed.digest, hex)));
}

static json_t *show_node(const struct picture_node *n)
{
	json_t *o = json_object();
	char mode[8];

	set_new(o, "type", json_string(node_type_name(n->node.type)));
	if (n->node.type != NODE_LINK)
		set_new(o, "mode", json_string(mode_text(n->node.mode, mode)));
	set_new(o, "uid", json_integer(n->node.uid));
	set_new(o, "gid", json_integer(n->node.gid));
	if (n->node.type == NODE_FILE)
		show_content(o, &n->content);
	if (n->node.type == NODE_LINK)
		set_new(o, "target", json_string(n->target));
	return o;
}

/* Whether it would be there just so if nobody said so. */
static bool is_implied(const struct picture_node *n)
{
	const struct picture_node *child = n->first;

	if (n->node.type != NODE_DIRECTORY || n->node.mode != 0755 ||
	    n->node.uid || n->node.gid)
		return false;
	while (child && child->node.type == NODE_ABSENT)
		child = child->next;
	return child || !n->parent;
}

static json_t *show_files(const struct picture *p)
{
	AUTO(arena_release) struct arena a = { 0 };
	struct strings paths = { 0 };
	json_t *files = json_object();

	for (const struct picture_node *n = picture_next(p, NULL); n;
	     n = picture_next(p, n))
		if (n->node.type != NODE_ABSENT && !is_implied(n))
			strings_add(&paths, &a, n->path);
	strings_sort(&paths);
	for (size_t i = 0; i < paths.n; i++)
		set_new(files, paths.v[i],
			show_node(map_get(&p->nodes, paths.v[i])));
	return files;
}

static json_t *show_sorted(const json_t *from)
{
	AUTO(arena_release) struct arena a = { 0 };
	struct strings keys = { 0 };
	json_t *to = json_object();
	const char *key;
	json_t *value;

	json_object_foreach (iterable(from), key, value)
		strings_add(&keys, &a, key);
	strings_sort(&keys);
	for (size_t i = 0; i < keys.n; i++)
		set_new(to, keys.v[i],
			json_deep_copy(json_object_get(from, keys.v[i])));
	return to;
}

/* Those that were given, and what has become of them. */
static json_t *show_units(const struct snapshot *s)
{
	json_t *units = show_sorted(s->units);
	const char *id;
	json_t *o;

	json_object_foreach (units, id, o) {
		const struct picture_unit *unit =
			map_get(&s->host.picture->units, id);

		set_new(o, "active",
			json_string(unit_active_name(unit->active)));
		set_new(o, "enabled",
			json_string(unit_enabled_name(unit->enabled)));
	}
	return units;
}

/* In their short form where that says all. */
static json_t *show_package(const json_t *package)
{
	const char *state =
		json_string_value(json_object_get(package, "state"));
	json_t *version = json_object_get(package, "version");

	if (!json_is_object(package) || !version ||
	    json_object_get(package, "candidate") ||
	    json_is_true(json_object_get(package, "hold")) ||
	    (state && strcmp(state, "installed") != 0))
		return json_deep_copy(package);
	return json_deep_copy(version);
}

static json_t *show_packages(const struct snapshot *s)
{
	json_t *all = s->packages ? json_deep_copy(s->packages) : json_object();
	json_t *shown = json_object(), *value, *sorted;
	const char *name;

	json_object_update(all, s->changed);
	json_object_foreach (all, name, value) {
		json_t *state = json_object_get(value, "state");

		if (state && strcmp(json_string_value(state), "absent") == 0 &&
		    !json_object_get(value, "candidate"))
			continue;
		set_new(shown, name, show_package(value));
	}
	sorted = show_sorted(shown);
	json_decref(shown);
	json_decref(all);
	return sorted;
}

json_t *host_snapshot_json(const struct host *h)
{
	const struct snapshot *s = const_snapshot(h);
	json_t *json = json_object();

	set_new(json, "format", json_string(format));
	set_new(json, "files", show_files(s->host.picture));
	if (s->users || s->roster.users.first)
		set_new(json, "users", roster_users_json(&s->roster));
	if (s->groups || s->roster.groups.first)
		set_new(json, "groups", roster_groups_json(&s->roster));
	if (s->commands)
		set_new(json, "commands", show_sorted(s->commands));
	if (s->units)
		set_new(json, "units", show_units(s));
	if (s->packages || s->changed)
		set_new(json, "packages", show_packages(s));
	if (s->facts)
		set_new(json, "facts", json_deep_copy(s->facts));
	return json;
}
