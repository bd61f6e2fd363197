/* SPDX-License-Identifier: MIT */
/* What a snapshot has as "files": read into its picture, and told again. */
#include "lib/host/snapshot.h"

#include <string.h>

#include "lib/base/mode.h"
#include "lib/base/path.h"

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

static bool read_all(struct entry *e, const json_t *value)
{
	e->node->open = !json_is_true(value);
	return json_is_boolean(value) || entry_error(e, "all", "true or false");
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
	FOLDERS = 1 << NODE_DIRECTORY,
	THERE = ~(1 << NODE_ABSENT),
};

static const struct {
	const char *name;
	int types; /* that it is for */
	int required;
	bool (*read)(struct entry *, const json_t *);
} fields[] = {
	{ "type", ANY, ANY, read_type },
	{ "mode", THERE & ~LINKS, 0, read_mode },
	{ "uid", THERE, 0, read_uid },
	{ "gid", THERE, 0, read_gid },
	{ "content", FILES, 0, read_content },
	{ "size", FILES, 0, read_size },
	{ "sha256", FILES, 0, read_digest },
	{ "target", LINKS, LINKS, read_target },
	{ "all", FOLDERS, 0, read_all },
};

static const char *article(enum node_type type)
{
	return type == NODE_ABSENT ? "" : "a ";
}

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
					  "'%s' of '%s' is not for "
					  "%s%s",
					  key, e->path,
					  e->type == NODE_ABSENT
						  ? "what is "
						  : article(e->type),
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

	for (enum node_type t = NODE_ABSENT; text && t < NODE_UNKNOWN; t++) {
		e->type = t;
		if (strcmp(text, node_type_name(t)) == 0)
			return true;
	}
	return entry_error(e, "type",
			   "one of absent, file, directory, link, FIFO, "
			   "socket, character device, block device");
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
	e->node->open = e->picture->partial && e->type == NODE_DIRECTORY;
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
				d, "'%s' is %s%s, but '%s' lies below", n->path,
				article(n->node.type),
				node_type_name(n->node.type), n->first->path);
	return good;
}

bool snapshot_read_files(struct snapshot *s, struct diags *d)
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

/* Text that is no UTF-8 cannot be told in JSON, but its digest can. */
static void show_content(json_t *o, const struct content *c)
{
	json_t *text = c->bytes && !c->ncuts
			       ? json_stringn(c->bytes, (size_t)c->size)
			       : NULL;
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

static json_t *show_node(const struct picture *p, const struct picture_node *n)
{
	json_t *o = json_object();
	char mode[8];

	set_new(o, "type", json_string(node_type_name(n->node.type)));
	if (n->node.type == NODE_ABSENT)
		return o;
	if (p->partial && n->node.type == NODE_DIRECTORY && !n->open)
		set_new(o, "all", json_true());
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

/* Of a whole host what is not there is not told of, nor what goes without
 * saying; of a part all is told that is known. */
static bool is_told(const struct picture *p, const struct picture_node *n)
{
	if (p->partial)
		return n->known && n->node.type != NODE_UNKNOWN;
	return n->node.type != NODE_ABSENT && !is_implied(n);
}

json_t *snapshot_show_files(const struct picture *p)
{
	AUTO(arena_release) struct arena a = { 0 };
	struct strings paths = { 0 };
	json_t *files = json_object();

	for (const struct picture_node *n = picture_next(p, NULL); n;
	     n = picture_next(p, n))
		if (is_told(p, n))
			strings_add(&paths, &a, n->path);
	strings_sort(&paths);
	for (size_t i = 0; i < paths.n; i++)
		set_new(files, paths.v[i],
			show_node(p, map_get(&p->nodes, paths.v[i])));
	return files;
}
