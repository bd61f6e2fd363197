/* SPDX-License-Identifier: MIT */
/* Files, folders and links of /etc that no package brought, or not like this.
 */
#include <nettle/md5.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/mode.h"
#include "lib/base/path.h"
#include "lib/base/utf8.h"
#include "lib/capture/capture.h"

enum { CONTENT_MAX = 256 << 10, FILE_MAX = 64 << 20 };

/* What programs make on every host, and other types tell of: each with all that
 * is below it. "x*" is all that begins so, "*.x/" a folder that ends so. */
static const char *const left_out[] = {
	"/etc/.pwd.lock",
	"/etc/.updated",
	"/etc/adjtime",
	"/etc/aliases.db",
	"/etc/alternatives",
	"/etc/apparmor.d/cache",
	"/etc/apparmor.d/local",
	"/etc/blkid.tab",
	"/etc/ca-certificates.conf",
	"/etc/converge",
	"/etc/dpkg/origins/default",
	"/etc/environment",
	"/etc/fstab",
	"/etc/group",
	"/etc/group-",
	"/etc/gshadow",
	"/etc/gshadow-",
	"/etc/hostname",
	"/etc/ld.so.cache",
	"/etc/localtime",
	"/etc/machine-id",
	"/etc/mtab",
	"/etc/network/run",
	"/etc/opt",
	"/etc/pam.d/common-*",
	"/etc/passwd",
	"/etc/passwd-",
	"/etc/rc0.d",
	"/etc/rc1.d",
	"/etc/rc2.d",
	"/etc/rc3.d",
	"/etc/rc4.d",
	"/etc/rc5.d",
	"/etc/rc6.d",
	"/etc/rcS.d",
	"/etc/resolv.conf",
	"/etc/security/opasswd",
	"/etc/shadow",
	"/etc/shadow-",
	"/etc/shells",
	"/etc/ssh/ssh_host_*",
	"/etc/ssl/certs",
	"/etc/ssl/private",
	"/etc/subgid",
	"/etc/subgid-",
	"/etc/subuid",
	"/etc/subuid-",
	"/etc/systemd/system/*.requires/",
	"/etc/systemd/system/*.wants/",
	"/etc/timezone",
	"/etc/udev/hwdb.bin",
};

/* What base-files and others copy from here on installation. */
static const char *const originals[] = { "/usr/share/base-files",
					 "/usr/share/libc-bin" };

static bool matches(const char *rule, const char *path)
{
	const char *star = strchr(rule, '*');
	size_t n = star ? (size_t)(star - rule) : 0;
	const char *end;

	if (!star)
		return path_below(path, rule, true);
	if (strncmp(rule, path, n) != 0)
		return false;
	if (!star[1])
		return true;
	/* "*.wants/": the folder and all in it */
	end = path + n + strcspn(path + n, "/");
	n = strlen(star + 1) - 1;
	return (size_t)(end - path) > n && memcmp(end - n, star + 1, n) == 0;
}

static bool is_left_out(const char *path)
{
	for (size_t i = 0; i < COUNT(left_out); i++)
		if (matches(left_out[i], path))
			return true;
	return false;
}

static bool is_md5(const struct buf *b, const char *hex)
{
	uint8_t digest[MD5_DIGEST_SIZE];
	char text[2 * MD5_DIGEST_SIZE + 1];
	struct md5_ctx ctx;

	md5_init(&ctx);
	md5_update(&ctx, b->size, (const uint8_t *)buf_text(b));
	md5_digest(&ctx, sizeof(digest), digest);
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(text + 2 * i, 3, "%02x", digest[i]);
	return strcmp(text, hex) == 0;
}

/* Whether it is as some package's script copied it. */
static bool is_original(struct capture *c, const char *path,
			const struct buf *content)
{
	const char *name = strrchr(path, '/') + 1;

	for (size_t i = 0; i < COUNT(originals); i++) {
		AUTO_DIAGS struct diags ignored = { 0 };
		AUTO_BUF struct buf b = { 0 };
		bool whole;

		if (host_read(
			    c->host,
			    arena_printf(c->arena, "%s/%s", originals[i], name),
			    FILE_MAX, &b, &whole, &ignored) &&
		    b.size == content->size &&
		    memcmp(buf_text(&b), buf_text(content), b.size) == 0)
			return true;
	}
	return false;
}

/* Owner, group and mode, as far as they are not what a new one has. */
static json_t *describe(struct capture *c, const struct node *n, uint32_t usual)
{
	json_t *o = json_object();
	char mode[8];

	if (n->uid)
		json_object_set_new(
			o, "owner",
			json_string(host_user_name(c->host, n->uid, c->arena)));
	if (n->gid)
		json_object_set_new(o, "group",
				    json_string(host_group_name(c->host, n->gid,
								c->arena)));
	if (n->mode != usual)
		json_object_set_new(o, "mode",
				    json_string(mode_text(n->mode, mode)));
	return o;
}

/* The captured package that brings another, or is it; NULL: none does. */
static const char *brought_by(struct capture *c, const char *package)
{
	struct strings queue = { 0 };
	struct map seen = { 0 };

	strings_add(&queue, c->arena, package);
	for (size_t i = 0; i < queue.n; i++) {
		const char *name = queue.v[i];
		const struct strings *by = map_get(&c->installed.needed, name);

		if (capture_has(c, "package", name))
			return name;
		for (size_t j = 0; by && j < by->n; j++)
			if (!map_put(&seen, c->arena, by->v[j], &queue))
				strings_add(&queue, c->arena, by->v[j]);
	}
	return NULL;
}

static void need_package(struct capture *c, const struct installed_file *from,
			 json_t *o)
{
	const struct installed_package *p =
		from ? map_get(&c->installed.packages, from->package) : NULL;
	const char *package =
		p && !p->basic ? brought_by(c, from->package) : NULL;

	if (package)
		json_object_set_new(o, "require",
				    json_string(arena_printf(
					    c->arena, "package:%s", package)));
}

static bool is_text(const struct buf *b)
{
	return !memchr(buf_text(b), '\0', b->size) &&
	       utf8_valid(buf_text(b), b->size);
}

static void add_content(struct capture *c, const char *path,
			const struct node *n, const struct buf *content,
			json_t *o)
{
	if (!(n->mode & 04))
		capture_warn(c, path,
			     "its content is left out, as not everybody may "
			     "read it; "
			     "give it a source or a secret");
	else if (content->size > CONTENT_MAX)
		capture_warn(c, path,
			     "its content is left out, as it is over 256 KiB; "
			     "give it "
			     "a source");
	else if (!is_text(content))
		capture_warn(c, path,
			     "its content is left out, as it is no UTF-8 text; "
			     "give it "
			     "a source");
	else
		json_object_set_new(
			o, "content",
			capture_text(buf_text(content), content->size));
}

static bool capture_file(struct capture *c, const char *path,
			 const struct node *n)
{
	const struct installed_file *from = installed_file(&c->installed, path);
	AUTO_BUF struct buf content = { 0 };
	bool whole;
	json_t *o;

	if (from && !from->md5)
		return true;
	if (!host_read(c->host, path, FILE_MAX, &content, &whole, c->diags))
		return false;
	if (from ? is_md5(&content, from->md5) : is_original(c, path, &content))
		return true;
	o = describe(c, n, 0644);
	add_content(c, path, n, &content, o);
	need_package(c, from, o);
	capture_add(c, "file", path, o);
	return true;
}

static bool capture_link(struct capture *c, const char *path)
{
	const char *target;

	/* of a unit: what enables or masks it, which service tells */
	if (installed_file(&c->installed, path) ||
	    path_below(path, "/etc/systemd/system", false))
		return true;
	if (!host_read_link(c->host, path, c->arena, &target, c->diags))
		return false;
	capture_add(c, "link", path,
		    json_pack("{s:o}", "target",
			      capture_text(target, strlen(target))));
	return true;
}

static bool capture_one(struct capture *c, const char *path,
			struct strings *folders)
{
	struct node n;

	if (is_left_out(path))
		return true;
	if (!host_look(c->host, path, &n, c->diags))
		return false;
	switch (n.type) {
	case NODE_FILE:
		return capture_file(c, path, &n);
	case NODE_LINK:
		return capture_link(c, path);
	case NODE_DIRECTORY:
		strings_add(folders, c->arena, path);
		if (!installed_file(&c->installed, path))
			capture_add(c, "directory", path,
				    describe(c, &n, 0755));
		return true;
	default:
		return true;
	}
}

/* A conffile that came, and is gone. */
static bool capture_removed(struct capture *c)
{
	for (size_t i = 0; i < c->installed.conffiles.n; i++) {
		const char *path = c->installed.conffiles.v[i];
		struct node n;
		json_t *o;

		if (!host_look(c->host, path, &n, c->diags))
			return false;
		if (n.type != NODE_ABSENT || is_left_out(path))
			continue;
		o = json_pack("{s:s}", "ensure", "absent");
		need_package(c, installed_file(&c->installed, path), o);
		capture_add(c, "file", path, o);
	}
	return true;
}

bool capture_files(struct capture *c)
{
	struct strings folders = { 0 };

	struct node etc;

	if (!host_look(c->host, "/etc", &etc, c->diags))
		return false;
	if (etc.type != NODE_DIRECTORY)
		return diag_error(c->diags, "this host has no folder '/etc'");
	strings_add(&folders, c->arena, "/etc");
	for (size_t i = 0; i < folders.n; i++) {
		struct strings names;

		if (!host_list(c->host, folders.v[i], c->arena, &names,
			       c->diags))
			return false;
		for (size_t j = 0; j < names.n; j++)
			if (!capture_one(c,
					 arena_printf(c->arena, "%s/%s",
						      folders.v[i], names.v[j]),
					 &folders))
				return false;
	}
	return capture_removed(c);
}
