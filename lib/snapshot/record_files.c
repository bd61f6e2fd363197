/* SPDX-License-Identifier: MIT */
/* The paths of a snapshot. */
#include <string.h>

#include "lib/base/mode.h"
#include "lib/base/path.h"
#include "lib/base/utf8.h"
#include "lib/host/recorded.h"
#include "lib/snapshot/making.h"

enum {
	LINKS_MAX = 40, /* path_resolution(7) */
	CONTENT_MAX = 256 << 10,
	DIGEST_MAX = 64 << 20,
	LISTED_MAX = 2000, /* entries of a folder that nobody asked for */
	READABLE = 0004,
};

/* A share of the network may be mounted with a password (mount.cifs(8)). */
static bool has_password(const struct buf *b)
{
	return strstr(buf_text(b), "pass") || strstr(buf_text(b), "secret");
}

static void set_content(struct making *m, struct seen *s)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	AUTO_BUF struct buf b = { 0 };
	bool whole;

	if (!host_read(m->host, s->path, CONTENT_MAX, &b, &whole, &ignored) ||
	    !whole || !utf8_valid(buf_text(&b), b.size) ||
	    (!m->options->contents && has_password(&b)))
		return;
	set_new(s->json, "content", json_stringn(buf_text(&b), b.size));
	json_object_del(s->json, "size");
	json_object_del(s->json, "sha256");
	s->told = true;
}

static void set_digest(struct making *m, struct seen *s)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	struct content c = { 0 };
	char hex[DIGEST_HEX];

	if (s->node.size > DIGEST_MAX ||
	    !host_digest(m->host, s->path, &c, &ignored) || !c.has_digest)
		return;
	set_new(s->json, "size", json_integer((json_int_t)c.size));
	set_new(s->json, "sha256", json_string(digest_hex(c.digest, hex)));
	s->told = true;
}

static bool may_tell(const struct making *m, const struct seen *s)
{
	return s->node.type == NODE_FILE && !s->told &&
	       !map_get(&m->veiled, s->path);
}

/* What types of their own edit, and has a form that everybody knows. */
static const char *const public[] = { "/etc/fstab", "/etc/hostname",
				      "/etc/hosts", "/etc/timezone" };

static bool is_public(const char *path)
{
	for (size_t i = 0; i < COUNT(public); i++)
		if (strcmp(public[i], path) == 0)
			return true;
	return false;
}

static void tell(struct making *m, struct seen *s, enum detail detail,
		 bool plain)
{
	if (!may_tell(m, s) || (!plain && !(s->node.mode & READABLE)))
		return;
	if ((detail == DETAIL_TEXT || is_public(s->path)) &&
	    (s->node.mode & READABLE))
		set_content(m, s);
	if (detail >= DETAIL_DIGEST && !s->told)
		set_digest(m, s);
}

static bool describe(struct making *m, struct seen *s)
{
	const struct node *n = &s->node;
	const char *target;
	char mode[8];

	s->json = json_pack("{s:s}", "type", node_type_name(n->type));
	set_new(m->files, s->path, s->json);
	if (n->type == NODE_ABSENT)
		return true;
	if (n->type != NODE_LINK)
		set_new(s->json, "mode", json_string(mode_text(n->mode, mode)));
	if (n->uid)
		set_new(s->json, "uid", json_integer(n->uid));
	if (n->gid)
		set_new(s->json, "gid", json_integer(n->gid));
	if (n->type == NODE_FILE)
		set_new(s->json, "size", json_integer((json_int_t)n->size));
	if (n->type == NODE_LINK) {
		if (!host_read_link(m->host, s->path, m->arena, &target,
				    m->diags))
			return false;
		set_new(s->json, "target", json_string(target));
	}
	return true;
}

/* What is at a path whose folders are no links. */
static bool see(struct making *m, const char *path, struct seen **to)
{
	struct seen *s = map_get(&m->seen, path);
	struct node n;

	*to = s;
	if (s)
		return true;
	if (!host_look(m->host, path, &n, m->diags))
		return false;
	if (n.type == NODE_UNKNOWN)
		return true;
	s = arena_new(m->arena, struct seen);
	*s = (struct seen){ .path = arena_strdup(m->arena, path), .node = n };
	map_put(&m->seen, m->arena, s->path, s);
	*to = s;
	return describe(m, s);
}

static const char *above(struct making *m, const char *path)
{
	size_t n = *path ? path_parent(path) : 0;

	return n > 1 ? arena_strndup(m->arena, path, n) : "";
}

bool record_path(struct making *m, const char *path, enum detail detail,
		 struct seen **to)
{
	const char *at = "", *rest = path;
	struct seen *s = NULL;
	size_t links = 0;

	*to = NULL;
	if (!see(m, "/", &s))
		return false;
	while (s && *(rest += strspn(rest, "/"))) {
		size_t n = strcspn(rest, "/");
		const char *name = arena_strndup(m->arena, rest, n), *target;

		rest += n;
		if (strcmp(name, ".") == 0)
			continue;
		if (strcmp(name, "..") == 0) {
			at = above(m, at);
			continue;
		}
		at = arena_printf(m->arena, "%s/%s", at, name);
		if (!see(m, at, &s))
			return false;
		if (!s || !rest[strspn(rest, "/")] ||
		    s->node.type == NODE_DIRECTORY)
			continue;
		if (s->node.type != NODE_LINK || links++ == LINKS_MAX)
			return true;
		target = json_string_value(json_object_get(s->json, "target"));
		at = above(m, at);
		if (*target == '/')
			at = "";
		rest = arena_printf(m->arena, "%s/%s", target, rest);
	}
	if (s)
		tell(m, s, detail, false);
	*to = s;
	return true;
}

/* Names that JSON cannot hold are of nothing that a manifest could touch. */
static bool list(struct making *m, struct seen *s, bool always,
		 struct strings *names)
{
	*names = (struct strings){ 0 };
	if (!s || s->node.type != NODE_DIRECTORY)
		return true;
	if (!host_list(m->host, s->path, m->arena, names, m->diags))
		return false;
	if (names->n > LISTED_MAX && !always && !s->listed) {
		*names = (struct strings){ 0 };
		return true;
	}
	if (!s->listed)
		set_new(s->json, "all", json_true());
	s->listed = true;
	return true;
}

bool record_folder(struct making *m, const char *path, size_t deep,
		   enum detail detail)
{
	struct strings folders = { 0 }, depths = { 0 };
	struct seen *s;

	if (!record_path(m, path, DETAIL_NODE, &s))
		return false;
	if (!s || s->node.type != NODE_DIRECTORY)
		return true;
	strings_add(&folders, m->arena, s->path);
	/* a string as long as the folder is deep */
	strings_add(&depths, m->arena, "");
	for (size_t i = 0; i < folders.n; i++) {
		const char *folder = folders.v[i], *depth = depths.v[i];
		struct strings names;

		if (!list(m, map_get(&m->seen, folder), false, &names))
			return false;
		for (size_t k = 0; k < names.n; k++) {
			const char *below = arena_printf(
				m->arena, "%s/%s", folder[1] ? folder : "",
				names.v[k]);

			if (path_wrong(below))
				continue;
			if (!see(m, below, &s))
				return false;
			if (!s)
				continue;
			tell(m, s, detail, false);
			if (s->node.type != NODE_DIRECTORY ||
			    strlen(depth) + 1 >= deep)
				continue;
			strings_add(&folders, m->arena, s->path);
			strings_add(&depths, m->arena,
				    arena_printf(m->arena, "%s.", depth));
		}
	}
	return true;
}

static bool is_kernel(const char *path)
{
	return path_below(path, "/proc", false) ||
	       path_below(path, "/sys", false);
}

static bool record_one(struct making *m, const struct noted_path *p)
{
	enum detail detail =
		p->read && is_kernel(p->path) ? DETAIL_TEXT : DETAIL_DIGEST;
	struct strings names;
	struct seen *s;

	if (path_wrong(p->path) && strcmp(p->path, "/") != 0)
		return true;
	if (!record_path(m, p->path, detail, &s))
		return false;
	if (s && p->plain)
		tell(m, s, DETAIL_DIGEST, true);
	if (!s || !p->listed)
		return true;
	return list(m, s, true, &names) &&
	       record_folder(m, s->path, 1, DETAIL_NODE);
}

bool record_noted(struct making *m)
{
	const struct noted *noted = m->options->noted;

	for (size_t i = 0; i < noted->order.n; i++)
		if (!record_one(m, map_get(&noted->paths, noted->order.v[i])))
			return false;
	return true;
}
