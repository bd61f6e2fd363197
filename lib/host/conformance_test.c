/* SPDX-License-Identifier: MIT */
/*
 * All hosts behave alike: what is written to the real one (in a tree of its
 * own) and to pictures of it looks the same afterwards, and what one refuses
 * the others refuse. This is what keeps a plan from lying.
 *
 * Where the real host fails at the commit, a picture fails at once: what
 * counts as one operation here is the write and the commit after it.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/path.h"
#include "lib/host/host.h"
#include "lib/host/linux/linux.h"
#include "lib/test.h"

/* Durability is not what is tested here, and it would cost minutes: these
 * stand in for those of the C library. */
int fsync(int fd)
{
	(void)fd;
	return 0;
}

int fdatasync(int fd)
{
	(void)fd;
	return 0;
}

int syncfs(int fd)
{
	(void)fd;
	return 0;
}

struct item {
	const char *path;
	enum node_type type;
	unsigned mode;
	const char *text; /* content or target */
	unsigned gid;     /* only given by root */
};

/* What the fixed cases begin with; items of a folder follow it. */
static const struct item host_items[] = {
	{ "/", NODE_DIRECTORY, 0755, NULL, 0 },
	{ "/etc", NODE_DIRECTORY, 0755, NULL, 0 },
	{ "/etc/motd", NODE_FILE, 0644, "hello\n", 0 },
	{ "/etc/empty", NODE_FILE, 0600, "", 0 },
	{ "/etc/suid", NODE_FILE, 04755, "#!\n", 0 },
	{ "/etc/systemd", NODE_DIRECTORY, 0755, NULL, 0 },
	{ "/etc/systemd/system", NODE_DIRECTORY, 0755, NULL, 0 },
	{ "/usr", NODE_DIRECTORY, 0755, NULL, 0 },
	{ "/usr/lib", NODE_DIRECTORY, 0755, NULL, 0 },
	{ "/usr/lib/systemd", NODE_DIRECTORY, 0755, NULL, 0 },
	{ "/usr/lib/systemd/system", NODE_DIRECTORY, 0755, NULL, 0 },
	{ "/usr/lib/systemd/system/u.service", NODE_FILE, 0644,
	  "[Install]\nWantedBy=a.target\n", 0 },
	{ "/run", NODE_DIRECTORY, 0755, NULL, 0 },
	{ "/run/pid", NODE_FILE, 0644, "1\n", 0 },
	{ "/var", NODE_DIRECTORY, 0755, NULL, 0 },
	{ "/var/run", NODE_LINK, 0777, "/run", 0 },
	{ "/var/lock", NODE_LINK, 0777, "../run", 0 },
	{ "/var/lib", NODE_DIRECTORY, 0755, NULL, 0 },
	{ "/var/lib/app", NODE_DIRECTORY, 0750, NULL, 0 },
	{ "/var/lib/app/data", NODE_FILE, 0640, "data", 0 },
	{ "/var/lib/app/sub", NODE_DIRECTORY, 0755, NULL, 0 },
	{ "/var/lib/app/sub/deep", NODE_FILE, 0644, "deep", 0 },
	{ "/tmp", NODE_DIRECTORY, 01777, NULL, 0 },
	{ "/tmp/link", NODE_LINK, 0777, "/etc", 0 },
	{ "/open", NODE_DIRECTORY, 0777, NULL, 0 },
	{ "/open/file", NODE_FILE, 0644, "any", 0 },
	{ "/staff", NODE_DIRECTORY, 02755, NULL, 50 },
	{ "/fifo", NODE_FIFO, 0600, NULL, 0 },
	{ "/dangling", NODE_LINK, 0777, "/nowhere", 0 },
	{ "/loop", NODE_LINK, 0777, "pool", 0 },
	{ "/pool", NODE_LINK, 0777, "loop", 0 },
	{ "/up", NODE_LINK, 0777, "../../var/./lib/../lib//app/", 0 },
	{ "/file", NODE_LINK, 0777, "etc/motd", 0 },
	{ "/c0", NODE_LINK, 0777, "/var", 0 },
	{ "/c1", NODE_LINK, 0777, "c0", 0 },
	{ "/c2", NODE_LINK, 0777, "c1", 0 },
	{ "/c3", NODE_LINK, 0777, "c2", 0 },
	{ "/c4", NODE_LINK, 0777, "c3", 0 },
	{ "/c5", NODE_LINK, 0777, "c4", 0 },
	{ "/c6", NODE_LINK, 0777, "c5", 0 },
	{ "/c7", NODE_LINK, 0777, "c6", 0 },
	{ "/c8", NODE_LINK, 0777, "c7", 0 },
};

/* What the random sequences begin with. */
static const struct item small_items[] = {
	{ "/", NODE_DIRECTORY, 0755, NULL, 0 },
	{ "/a", NODE_DIRECTORY, 0755, NULL, 0 },
	{ "/a/f", NODE_FILE, 0644, "one", 0 },
	{ "/a/b", NODE_DIRECTORY, 0700, NULL, 0 },
	{ "/a/b/c", NODE_FILE, 0600, "two", 0 },
	{ "/d", NODE_DIRECTORY, 0755, NULL, 0 },
	{ "/d/e", NODE_DIRECTORY, 0755, NULL, 0 },
	{ "/l", NODE_LINK, 0777, "/a", 0 },
	{ "/m", NODE_LINK, 0777, "d/e", 0 },
};

enum verb {
	WRITE,
	EDIT,
	MAKE_DIRECTORY,
	MAKE_LINK,
	SET_MODE,
	SET_OWNER,
	SET_GROUP,
	REMOVE
};

/* One change. */
struct change {
	enum verb verb;
	const char *path;
	const char *text; /* content or target */
	unsigned mode;    /* or owner, or group; 07777 + 1: not given */
	bool force;       /* or recursive */
};

enum { NO_MODE = 010000, OTHER_USER = 4242 };

enum { TREES = 2, HOSTS = 6, TOWER = 40, PUSH_EVERY = 5 };

/* The hosts that are compared, and what they stand on. */
struct bench {
	json_t *json;
	struct host *hosts[HOSTS];
	struct host *below[TOWER]; /* closed after the hosts, newest first */
	size_t nbelow;
	size_t steps;
	struct buf log; /* what was done so far */
};

static const char *const host_names[HOSTS] = {
	"the real host",
	"a snapshot",
	"an overlay on the real host",
	"an overlay on a snapshot",
	"an overlay on an overlay that made everything",
	"a tower of overlays on a snapshot",
};

static bool is_root(void)
{
	return geteuid() == 0;
}

/* --- the trees --------------------------------------------------------- */

static int drop(const char *path, const struct stat *s, int type,
		struct FTW *at)
{
	(void)s;
	(void)type;
	return at->level > 0 ? remove(path) : 0;
}

static void tree_clear(const char *root)
{
	ck_assert_int_eq(nftw(root, drop, 16, FTW_DEPTH | FTW_PHYS), 0);
}

static void item_make(int root, const struct item *i)
{
	const char *path = i->path[1] ? i->path + 1 : ".";
	size_t size = i->text ? strlen(i->text) : 0;
	int fd;

	switch (i->type) {
	case NODE_DIRECTORY:
		ck_assert(!i->path[1] || mkdirat(root, path, 0700) == 0);
		break;
	case NODE_LINK:
		ck_assert_int_eq(symlinkat(i->text, root, path), 0);
		return;
	case NODE_FIFO:
		ck_assert_int_eq(mkfifoat(root, path, 0600), 0);
		break;
	default:
		fd = openat(root, path, O_CREAT | O_EXCL | O_WRONLY, 0600);
		ck_assert_int_ge(fd, 0);
		ck_assert_int_eq(write(fd, i->text, size), (ssize_t)size);
		close(fd);
		break;
	}
	if (is_root() && i->gid)
		ck_assert_int_eq(fchownat(root, path, 0, i->gid, 0), 0);
	ck_assert_int_eq(fchmodat(root, path, i->mode, 0), 0);
}

static void tree_fill(const char *root, const struct item *items, size_t n)
{
	int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	for (size_t i = 0; i < n; i++)
		item_make(fd, &items[i]);
	close(fd);
}

static json_t *item_json(const struct item *i)
{
	json_t *o = json_pack(
		"{s:s, s:i, s:i}", "type", node_type_name(i->type), "uid",
		(int)geteuid(), "gid",
		(int)(is_root() && i->type != NODE_LINK ? i->gid : getegid()));
	char mode[16];

	ck_assert_ptr_nonnull(o);
	snprintf(mode, sizeof(mode), "%04o", i->mode);
	if (i->type != NODE_LINK)
		json_object_set_new(o, "mode", json_string(mode));
	if (i->type == NODE_FILE)
		json_object_set_new(o, "content", json_string(i->text));
	if (i->type == NODE_LINK)
		json_object_set_new(o, "target", json_string(i->text));
	return o;
}

static json_t *items_json(const struct item *items, size_t n)
{
	json_t *files = json_object();

	for (size_t i = 0; i < n; i++)
		json_object_set_new(files, items[i].path, item_json(&items[i]));
	return json_pack("{s:s, s:o}", "format", "converge.snapshot/1", "files",
			 files);
}

/* --- the hosts --------------------------------------------------------- */

static bool intend(void *context, const char *directory, const char *name,
		   struct diags *d)
{
	(void)context;
	(void)directory;
	(void)name;
	(void)d;
	return true;
}

static bool intended(void *context, struct diags *d)
{
	(void)context;
	(void)d;
	return true;
}

static struct host *open_real(const char *root, bool writable)
{
	AUTO_DIAGS struct diags d = { 0 };
	const struct linux_options o = { .root = root,
					 .writable = writable,
					 .backup_fd = -1,
					 .intend = intend,
					 .intended = intended };
	struct host *h = host_linux(&o, &d);

	ck_assert_ptr_nonnull(h);
	return h;
}

static struct host *open_snapshot(const json_t *json)
{
	AUTO_DIAGS struct diags d = { 0 };
	struct host *h = host_snapshot(json, &d);

	ck_assert_msg(h, "%s", d.n ? d.v[0].text : "no reason");
	return h;
}

static struct host *push(struct bench *b, struct host *below)
{
	ck_assert_uint_lt(b->nbelow, TOWER);
	b->below[b->nbelow++] = below;
	return host_overlay(below);
}

static void count_failure(void *context, size_t mark, const char *text)
{
	(void)mark;
	(void)text;
	++*(int *)context;
}

static char *view(const struct host *h, const char *const *paths, size_t n,
		  bool thorough);

/* Two edits before the commit: each shows at once, and the last one stays. */
static bool edit_twice(struct host *h, const struct file_write *last,
		       char **seen, struct diags *d)
{
	static const struct content first = { .bytes = "first", .size = 5 };
	AUTO_BUF struct buf text = { 0 };
	struct file_write w = *last;
	struct node n;
	bool whole;

	w.content = &first;
	w.force = false;
	if (!host_edit(h, &w, d))
		return false;
	ck_assert(host_look(h, w.path, &n, d));
	ck_assert_int_eq(n.type, NODE_FILE);
	ck_assert_uint_eq(n.size, 5);
	ck_assert(host_read(h, w.path, 100, &text, &whole, d) && whole);
	ck_assert_str_eq(buf_text(&text), "first");
	w.content = last->content;
	w.expect = &n;
	if (!host_edit(h, &w, d))
		return false;
	*seen = view(h, &w.path, 1, true);
	return true;
}

static bool change_host(struct host *h, const struct change *c, struct diags *d)
{
	AUTO_FREE char *shown = NULL;
	const struct content content = content_of(
		c->text ? c->text : "", c->text ? strlen(c->text) : 0);
	struct perms perms = { .set = c->mode == NO_MODE ? 0 : PERM_MODE,
			       .mode = c->mode & 07777 };
	struct node expect = { 0 };
	const struct file_write write = { .path = c->path,
					  .content = &content,
					  .perms = perms,
					  .expect = &expect,
					  .force = c->force };
	int failures = 0;
	bool seen = host_look(h, c->path, &expect, d);
	bool ok = false;

	switch (c->verb) {
	case WRITE:
		ok = host_replace(h, &write, d);
		break;
	case EDIT:
		ok = edit_twice(h, &write, &shown, d);
		break;
	case MAKE_DIRECTORY:
		ok = host_make_directory(h, c->path, &perms, d);
		break;
	case MAKE_LINK:
		ok = host_make_link(h, c->path, c->text, &expect, c->force, d);
		break;
	case SET_OWNER:
		perms = (struct perms){ .set = PERM_UID | PERM_GID,
					.uid = c->mode,
					.gid = c->mode };
		ok = host_set_perms(h, c->path, &perms, &expect, d);
		break;
	case SET_GROUP:
		perms = (struct perms){ .set = PERM_GID, .gid = c->mode };
		ok = host_set_perms(h, c->path, &perms, &expect, d);
		break;
	case SET_MODE:
		ok = host_set_perms(h, c->path, &perms, &expect, d);
		break;
	case REMOVE:
		ok = host_remove(h, c->path, c->force, false, &expect, d);
		break;
	}
	ck_assert(seen || !ok);
	if (!host_commit(h, count_failure, &failures, d))
		return false;
	if (shown && ok && failures == 0) {
		AUTO_FREE char *now = view(h, &c->path, 1, true);

		ck_assert_str_eq(shown, now);
	}
	return ok && failures == 0;
}

static void item_write(struct host *h, const struct item *i)
{
	AUTO_DIAGS struct diags d = { 0 };
	struct change c = { .path = i->path, .text = i->text, .mode = i->mode };
	struct perms group = { .set = PERM_GID, .gid = i->gid };
	struct node n;

	c.verb = i->type == NODE_FILE        ? WRITE
		 : i->type == NODE_DIRECTORY ? MAKE_DIRECTORY
					     : MAKE_LINK;
	if (!i->path[1] || i->type == NODE_FIFO)
		return;
	ck_assert_msg(change_host(h, &c, &d), "%s: %s", i->path,
		      d.n ? d.v[0].text : "");
	if (!is_root() || !i->gid)
		return;
	ck_assert(host_look(h, i->path, &n, &d));
	ck_assert(host_set_perms(h, i->path, &group, &n, &d));
}

/* A snapshot of nothing but what no host can make, and an overlay that makes
 * the rest. What others may write to is opened last. */
static struct host *made_by_overlay(struct bench *b, const struct item *items,
				    size_t n)
{
	json_t *json = json_pack("{s:{}}", "files");
	json_t *files = json_object_get(json, "files");
	struct host *h;

	for (size_t i = 0; i < n; i++)
		if (!items[i].path[1] || items[i].type == NODE_FIFO)
			json_object_set_new(files, items[i].path,
					    item_json(&items[i]));
	json_object_set_new(b->json, "made", json);
	h = push(b, open_snapshot(json));
	for (size_t i = 0; i < n; i++) {
		struct item item = items[i];

		if (item.type == NODE_DIRECTORY)
			item.mode = 0755, item.gid = 0;
		item_write(h, &item);
	}
	for (size_t i = 0; i < n; i++) {
		AUTO_DIAGS struct diags d = { 0 };
		const struct perms p = { .set = PERM_MODE | PERM_GID,
					 .mode = items[i].mode,
					 .gid = is_root() ? items[i].gid
							  : getegid() };

		if (items[i].type == NODE_DIRECTORY && items[i].path[1])
			ck_assert(
				host_set_perms(h, items[i].path, &p, NULL, &d));
	}
	return h;
}

/* Where the trees are; "": not made. A test that fails ends here too. */
static char roots[TREES][32];

static void roots_release(void)
{
	for (size_t i = 0; i < TREES; i++) {
		if (!roots[i][0])
			continue;
		nftw(roots[i], drop, 16, FTW_DEPTH | FTW_PHYS);
		rmdir(roots[i]);
		roots[i][0] = '\0';
	}
}

/* Ends a test that failed; Check leaves by _exit(2). */
#define REQUIRE(good, ...)                         \
	do {                                       \
		if (!(good)) {                     \
			roots_release();           \
			ck_abort_msg(__VA_ARGS__); \
		}                                  \
	} while (0)

static void roots_make(void)
{
	static const char template[] = "/tmp/conformance.XXXXXX";

	roots_release();
	atexit(roots_release);
	for (size_t i = 0; i < TREES; i++) {
		memcpy(roots[i], template, sizeof(template));
		ck_assert_ptr_nonnull(mkdtemp(roots[i]));
	}
}

/* Only the first tree is ever written to. */
static void bench_open(struct bench *b, const struct item *items, size_t n)
{
	b->json = json_object();
	json_object_set_new(b->json, "host", items_json(items, n));
	b->hosts[0] = open_real(roots[0], true);
	b->hosts[1] = open_snapshot(json_object_get(b->json, "host"));
	b->hosts[2] = push(b, open_real(roots[1], false));
	b->hosts[3] = push(b, open_snapshot(json_object_get(b->json, "host")));
	b->hosts[4] = push(b, made_by_overlay(b, items, n));
	b->hosts[5] = push(b, open_snapshot(json_object_get(b->json, "host")));
	b->steps = 0;
	buf_clear(&b->log);
}

static void bench_close(struct bench *b)
{
	for (size_t i = 0; i < HOSTS; i++)
		host_close(b->hosts[i]);
	while (b->nbelow)
		host_close(b->below[--b->nbelow]);
	json_decref(b->json);
}

/* --- what can be seen -------------------------------------------------- */

/* All contents that a change or the beginning can give a file. */
static const char *const contents[] = { "", "one", "two", "hello\n", "data" };

static void show_content(const struct host *h, const char *path,
			 struct buf *out)
{
	AUTO_DIAGS struct diags d = { 0 };
	AUTO_BUF struct buf text = { 0 };
	bool whole;

	if (host_read(h, path, 1024, &text, &whole, &d))
		buf_printf(out, " %s'%s'", whole ? "" : "part of ",
			   buf_text(&text));
}

static void show_list(const struct host *h, const char *path, struct buf *out)
{
	AUTO_DIAGS struct diags d = { 0 };
	AUTO(arena_release) struct arena a = { 0 };
	struct strings names;

	if (!host_list(h, path, &a, &names, &d))
		return;
	buf_puts(out, " [");
	for (size_t i = 0; i < names.n; i++)
		buf_printf(out, " %s", names.v[i]);
	buf_puts(out, " ]");
}

static void show_target(const struct host *h, const char *path, struct buf *out)
{
	AUTO_DIAGS struct diags d = { 0 };
	AUTO(arena_release) struct arena a = { 0 };
	const char *target;

	if (host_read_link(h, path, &a, &target, &d))
		buf_printf(out, " -> %s", target);
}

/* The other ways to look at content. */
static void show_more(const struct host *h, const char *path, struct buf *out)
{
	static const char matches[] = { [MATCH_SAME] = '=',
					[MATCH_DIFFERENT] = '!',
					[MATCH_UNKNOWN] = '?' };
	AUTO_DIAGS struct diags d = { 0 };
	AUTO_BUF struct buf text = { 0 };
	struct content digest;
	char hex[DIGEST_HEX];
	bool whole;
	enum match m;

	if (host_read(h, path, 2, &text, &whole, &d))
		buf_printf(out, " %s", whole ? "short" : "long");
	if (host_digest(h, path, &digest, &d))
		buf_printf(out, " %.8s of %llu",
			   digest.has_digest ? digest_hex(digest.digest, hex)
					     : "?",
			   (unsigned long long)digest.size);
	buf_putc(out, ' ');
	for (size_t i = 0; i < COUNT(contents); i++) {
		const struct content c =
			content_of(contents[i], strlen(contents[i]));

		buf_putc(out,
			 host_compare(h, path, &c, &m, &d) ? matches[m] : 'x');
	}
}

/* All that looking at path tells, but for what a picture cannot know: inode,
 * times, and the size of a folder. thorough: asks also what makes no sense. */
static enum node_type show(const struct host *h, const char *path,
			   bool thorough, struct buf *out)
{
	AUTO_DIAGS struct diags d = { 0 };
	struct node n;

	buf_puts(out, path);
	if (!host_look(h, path, &n, &d)) {
		buf_puts(out, " refused\n");
		return NODE_ABSENT;
	}
	buf_printf(out, " %s %04o %u:%u", node_type_name(n.type), n.mode, n.uid,
		   n.gid);
	if (n.type == NODE_FILE || n.type == NODE_LINK)
		buf_printf(out, " %llu", (unsigned long long)n.size);
	if (thorough || n.type == NODE_LINK)
		show_target(h, path, out);
	if (thorough || n.type == NODE_FILE)
		show_content(h, path, out);
	if (thorough) {
		show_list(h, path, out);
		show_more(h, path, out);
	}
	buf_putc(out, '\n');
	return n.type;
}

/* All of the host, from "/" down. */
static char *dump(const struct host *h)
{
	AUTO_DIAGS struct diags d = { 0 };
	AUTO(arena_release) struct arena a = { 0 };
	struct strings todo = { 0 };
	struct buf out = { 0 };

	strings_add(&todo, &a, "/");
	for (size_t i = 0; i < todo.n; i++) {
		const char *path = todo.v[i];
		struct strings names;

		if (show(h, path, false, &out) != NODE_DIRECTORY ||
		    !host_list(h, path, &a, &names, &d))
			continue;
		for (size_t k = 0; k < names.n; k++)
			strings_add(&todo, &a,
				    arena_printf(&a, "%s/%s",
						 path[1] ? path : "",
						 names.v[k]));
	}
	return out.text;
}

static char *view(const struct host *h, const char *const *paths, size_t n,
		  bool thorough)
{
	struct buf out = { 0 };

	for (size_t i = 0; i < n; i++)
		show(h, paths[i], thorough, &out);
	return out.text;
}

/* --- the comparison ---------------------------------------------------- */

static const char *const verbs[] = {
	[WRITE] = "write",
	[EDIT] = "edit",
	[MAKE_DIRECTORY] = "make the directory",
	[MAKE_LINK] = "make the link",
	[SET_MODE] = "set the mode of",
	[SET_OWNER] = "set the owner of",
	[SET_GROUP] = "set the group of",
	[REMOVE] = "remove",
};

static void bench_log(struct bench *b, const struct change *c, bool done)
{
	buf_printf(&b->log, "  %s %s", verbs[c->verb], c->path);
	if (c->text)
		buf_printf(&b->log, " (%s)", c->text);
	if (c->mode != NO_MODE)
		buf_printf(&b->log,
			   c->verb == SET_OWNER || c->verb == SET_GROUP
				   ? " %u"
				   : " %04o",
			   c->mode);
	buf_printf(&b->log, "%s: %s\n", c->force ? " by force" : "",
		   done ? "done" : "refused");
}

/* The same as the real host's, or the end. */
static void agree(struct bench *b, size_t i, const char *real, const char *got,
		  const char *what)
{
	REQUIRE(strcmp(real, got) == 0,
		"%s differs from %s in %s, after\n%s--- real\n%s--- here\n%s",
		host_names[i], host_names[0], what, buf_text(&b->log), real,
		got);
}

static void compare_dumps(struct bench *b)
{
	AUTO_FREE char *real = dump(b->hosts[0]);

	for (size_t i = 1; i < HOSTS; i++) {
		AUTO_FREE char *got = dump(b->hosts[i]);

		agree(b, i, real, got, "the tree");
	}
}

static void compare_views(struct bench *b, const char *const *paths, size_t n,
			  bool thorough)
{
	AUTO_FREE char *real = view(b->hosts[0], paths, n, thorough);

	for (size_t i = 1; i < HOSTS; i++) {
		AUTO_FREE char *got = view(b->hosts[i], paths, n, thorough);

		agree(b, i, real, got, "a look");
	}
}

/* Does it to all, and says whether it was done. */
static bool bench_change(struct bench *b, const struct change *c)
{
	AUTO_DIAGS struct diags real = { 0 };
	bool done = change_host(b->hosts[0], c, &real);

	bench_log(b, c, done);
	for (size_t i = 1; i < HOSTS; i++) {
		AUTO_DIAGS struct diags d = { 0 };

		REQUIRE(change_host(b->hosts[i], c, &d) == done,
			"%s %s, after\n%s  real: %s\n  here: %s", host_names[i],
			done ? "refuses" : "does it", buf_text(&b->log),
			real.n ? real.v[0].text : "", d.n ? d.v[0].text : "");
		REQUIRE(done || d.n, "%s says not why, after\n%s",
			host_names[i], buf_text(&b->log));
	}
	if (++b->steps % PUSH_EVERY == 0)
		b->hosts[5] = push(b, b->hosts[5]);
	return done;
}

/* What is below the overlays is as it was. */
static void bench_bases(struct bench *b, char *before[TOWER], size_t n)
{
	for (size_t i = 0; i < n; i++) {
		AUTO_FREE char *now = dump(b->below[i]);

		REQUIRE(strcmp(now, before[i]) == 0,
			"a base changed, after\n%s--- before\n%s--- "
			"now\n%s",
			buf_text(&b->log), before[i], now);
		free(before[i]);
	}
}

/* What files say of units is the same on all hosts. */
static void show_unit(const struct host *h, const char *name, struct buf *out)
{
	AUTO(arena_release) struct arena a = { 0 };
	AUTO_DIAGS struct diags d = { 0 };
	struct unit unit;

	if (host_unit_file(h, name, &a, &unit, &d))
		buf_printf(out, "%s is %s %s, %s\n", name, unit.id,
			   unit_enabled_name(unit.enabled),
			   unit.path ? unit.path : "nowhere");
	else
		buf_printf(out, "%s refused\n", name);
}

static char *show_units(const struct host *h)
{
	struct buf out = { 0 };

	show_unit(h, "u.service", &out);
	show_unit(h, "new.service", &out);
	show_unit(h, "other.service", &out);
	return out.text;
}

static void compare_units(struct bench *b)
{
	AUTO_FREE char *real = show_units(b->hosts[0]);

	for (size_t i = 1; i < HOSTS; i++) {
		AUTO_FREE char *got = show_units(b->hosts[i]);

		agree(b, i, real, got, "a unit");
	}
}

/* --- fixed cases ------------------------------------------------------- */

enum { CHANGES_MAX = 8 };

struct case_row {
	const char *name;
	struct {
		struct change change;
		bool done;
	} steps[CHANGES_MAX];
	const char *sees[4]; /* lines of show() that must be among the dump */
};

#define YES true
#define NO false

/* clang-format off */
#define ETC_UNITS "/etc/systemd/system/"
#define A_UNIT "[Service]\n"

static const struct case_row cases[] = {
	{ .name = "a unit", .sees = { "u.service is u.service disabled, " } },
	{ "a unit is enabled by a link",
	  { { { MAKE_DIRECTORY, ETC_UNITS "a.target.wants", NULL, 0755, 0 },
	      YES },
	    { { MAKE_LINK, ETC_UNITS "a.target.wants/u.service",
		"/usr/lib/systemd/system/u.service", NO_MODE, 0 }, YES } },
	  { "u.service is u.service enabled, " } },
	{ "a unit is masked, and its mask taken off",
	  { { { MAKE_LINK, ETC_UNITS "u.service", "/dev/null", NO_MODE, 0 },
	      YES },
	    { { REMOVE, ETC_UNITS "u.service", NULL, NO_MODE, 0 }, YES },
	    { { MAKE_LINK, ETC_UNITS "new.service", "/dev/null", NO_MODE, 0 },
	      YES } },
	  { "u.service is u.service disabled, /usr",
	    "new.service is new.service masked, nowhere" } },
	{ "a unit is made, with an alias",
	  { { { WRITE, ETC_UNITS "new.service", A_UNIT, 0644, 0 }, YES },
	    { { MAKE_LINK, ETC_UNITS "other.service", "new.service", NO_MODE,
		0 }, YES } },
	  { "new.service is new.service enabled, /etc",
	    "other.service is new.service enabled, /etc" } },
	{ .name = "nothing", .sees = { "/etc/motd file 0644 " } },
	{ "a file is made",
	  { { { WRITE, "/etc/new", "one", 0640, 0 }, YES } },
	  { "/etc/new file 0640 ", "/etc directory 0755 " } },
	{ "a file is edited",
	  { { { EDIT, "/etc/motd", "two", 0600, 0 }, YES },
	    { { EDIT, "/etc/new", "one", 0644, 0 }, YES },
	    { { EDIT, "/var/run/new", "one", NO_MODE, 0 }, YES },
	    { { EDIT, "/var/lib/app", "one", 0644, 0 }, NO },
	    { { EDIT, "/no/such", "one", 0644, 0 }, NO },
	    { { EDIT, "/fifo", "one", 0644, 0 }, NO } },
	  { "/etc/motd file 0600 ", "/etc/new file 0644 " } },
	{ "a file is replaced",
	  { { { WRITE, "/etc/motd", "two", 0600, 0 }, YES },
	    { { WRITE, "/etc/motd", "", 0644, 0 }, YES },
	    { { WRITE, "/etc/motd", "one", 0644, 0 }, YES } },
	  { "/etc/motd file 0644 " } },
	{ "a file is private until told otherwise",
	  { { { WRITE, "/etc/motd", "two", NO_MODE, 0 }, YES },
	    { { MAKE_DIRECTORY, "/etc/dir", NULL, NO_MODE, 0 }, YES } },
	  { "/etc/motd file 0600 ", "/etc/dir directory 0700 " } },
	{ "a file needs its folder",
	  { { { WRITE, "/no/such", "one", 0644, 0 }, NO },
	    { { WRITE, "/no/such/deep/one", "one", 0644, 0 }, NO },
	    { { WRITE, "/etc/motd/below", "one", 0644, 0 }, NO },
	    { { WRITE, "/dangling/below", "one", 0644, 0 }, NO },
	    { { WRITE, "/file/below", "one", 0644, 0 }, NO } },
	  { 0 } },
	{ "a link at the end is replaced, not followed",
	  { { { WRITE, "/file", "one", 0644, 0 }, YES },
	    { { WRITE, "/var/run", "two", 0644, 0 }, YES },
	    { { WRITE, "/dangling", "two", 0644, 0 }, YES },
	    { { WRITE, "/loop", "two", 0644, 0 }, YES } },
	  { "/file file 0644 ", "/etc/motd file 0644 ", "/var/run file" } },
	{ "a folder or a FIFO gives way to force alone",
	  { { { WRITE, "/var/lib/app", "one", 0644, 0 }, NO },
	    { { WRITE, "/fifo", "one", 0644, 0 }, NO },
	    { { MAKE_LINK, "/fifo", "/etc", NO_MODE, 0 }, NO },
	    { { WRITE, "/fifo", "one", 0644, 1 }, YES },
	    { { WRITE, "/var/lib/app", "one", 0644, 1 }, YES } },
	  { "/var/lib/app file 0644 ", "/fifo file 0644 " } },
	{ "what was below a replaced folder is gone",
	  { { { WRITE, "/var/lib/app", "one", 0644, 1 }, YES },
	    { { WRITE, "/var/lib/app/data", "one", 0644, 0 }, NO },
	    { { REMOVE, "/var/lib/app", NULL, NO_MODE, 0 }, YES },
	    { { MAKE_DIRECTORY, "/var/lib/app", NULL, 0755, 0 }, YES },
	    { { WRITE, "/var/lib/app/other", "two", 0644, 0 }, YES } },
	  { "/var/lib/app directory 0755 ", "/var/lib/app/other file" } },
	{ "what must stay is not replaced by force either",
	  { { { WRITE, "/etc", "one", 0644, 1 }, NO },
	    { { WRITE, "/", "one", 0644, 1 }, NO },
	    { { MAKE_LINK, "/var/lib", "/srv", NO_MODE, 1 }, NO },
	    { { REMOVE, "/", NULL, NO_MODE, 1 }, NO },
	    { { REMOVE, "/var/lib", NULL, NO_MODE, 1 }, NO },
	    { { REMOVE, "/usr/lib", NULL, NO_MODE, 1 }, NO } },
	  { 0 } },
	{ "a link to a folder is a folder on the way",
	  { { { WRITE, "/var/run/foo", "one", 0644, 0 }, YES },
	    { { WRITE, "/run/pid", "two", 0600, 0 }, YES },
	    { { WRITE, "/var/lock/bar", "data", 0644, 0 }, YES },
	    { { WRITE, "/up/data", "two", 0644, 0 }, YES } },
	  { "/run/foo file 0644 ", "/run/pid file 0600 ", "/run/bar file",
	    "/var/lib/app/data file 0644 " } },
	{ "a link made before is followed",
	  { { { MAKE_LINK, "/var/new", "../etc", NO_MODE, 0 }, YES },
	    { { WRITE, "/var/new/motd", "one", 0644, 0 }, YES },
	    { { MAKE_DIRECTORY, "/var/new/dir", NULL, 0755, 0 }, YES },
	    { { WRITE, "/var/new/dir/f", "two", 0644, 0 }, YES },
	    { { REMOVE, "/var/new/empty", NULL, NO_MODE, 0 }, YES } },
	  { "/etc/motd file 0644 ", "/etc/dir/f file" } },
	{ "a link that was turned leads elsewhere",
	  { { { WRITE, "/var/run/foo", "one", 0644, 0 }, YES },
	    { { MAKE_LINK, "/var/run", "/etc", NO_MODE, 0 }, YES },
	    { { WRITE, "/var/run/foo", "two", 0644, 0 }, YES } },
	  { "/run/foo file", "/etc/foo file", "/var/run link 0777" } },
	{ "a link that was removed leads nowhere",
	  { { { WRITE, "/var/lock/foo", "one", 0644, 0 }, YES },
	    { { REMOVE, "/var/lock", NULL, NO_MODE, 1 }, NO },
	    { { REMOVE, "/up", NULL, NO_MODE, 1 }, YES },
	    { { WRITE, "/up/foo", "one", 0644, 0 }, NO },
	    { { MAKE_DIRECTORY, "/up", NULL, 0755, 0 }, YES },
	    { { WRITE, "/up/foo", "one", 0644, 0 }, YES } },
	  { "/up directory 0755 ", "/up/foo file", "/run/foo file",
	    "/var/lib/app/data file" } },
	{ "a chain of eight links is followed, of nine is not",
	  { { { WRITE, "/c8/nine", "one", 0644, 0 }, NO },
	    { { WRITE, "/c7/eight", "one", 0644, 0 }, YES },
	    { { MAKE_LINK, "/c7", "/var", NO_MODE, 0 }, YES },
	    { { WRITE, "/c8/nine", "one", 0644, 0 }, YES },
	    { { WRITE, "/loop/x", "one", 0644, 0 }, NO } },
	  { "/var/eight file", "/var/nine file" } },
	{ "a link becomes good once its target is made",
	  { { { WRITE, "/dangling/f", "one", 0644, 0 }, NO },
	    { { MAKE_DIRECTORY, "/nowhere", NULL, 0755, 0 }, YES },
	    { { WRITE, "/dangling/f", "one", 0644, 0 }, YES },
	    { { REMOVE, "/nowhere", NULL, NO_MODE, 1 }, YES },
	    { { WRITE, "/dangling/f", "one", 0644, 0 }, NO } },
	  { 0 } },
	{ "a link is made, turned, and not put on a file unasked",
	  { { { MAKE_LINK, "/etc/l", "motd", NO_MODE, 0 }, YES },
	    { { MAKE_LINK, "/etc/l", "empty", NO_MODE, 0 }, YES },
	    { { MAKE_LINK, "/etc/motd", "empty", NO_MODE, 0 }, NO },
	    { { MAKE_LINK, "/etc/motd", "empty", NO_MODE, 1 }, YES },
	    { { MAKE_LINK, "/var/lib/app", "/etc", NO_MODE, 0 }, NO },
	    { { MAKE_LINK, "/var/lib/app", "/etc", NO_MODE, 1 }, YES },
	    { { WRITE, "/var/lib/app/x", "one", 0644, 0 }, YES },
	    { { MAKE_LINK, "/no/such", "/etc", NO_MODE, 0 }, NO } },
	  { "/etc/l link", "/etc/motd link", "/etc/x file" } },
	{ "a directory is made once, where its folder is",
	  { { { MAKE_DIRECTORY, "/srv", NULL, 0711, 0 }, YES },
	    { { MAKE_DIRECTORY, "/srv", NULL, 0711, 0 }, NO },
	    { { MAKE_DIRECTORY, "/srv/a", NULL, 02755, 0 }, YES },
	    { { MAKE_DIRECTORY, "/x/y", NULL, 0755, 0 }, NO },
	    { { MAKE_DIRECTORY, "/etc/motd", NULL, 0755, 0 }, NO },
	    { { MAKE_DIRECTORY, "/dangling", NULL, 0755, 0 }, NO },
	    { { MAKE_DIRECTORY, "/", NULL, 0755, 0 }, NO } },
	  { "/srv directory 0711 ", "/srv/a directory 2755 " } },
	{ "modes are set, and not on a link",
	  { { { SET_MODE, "/etc/motd", NULL, 0400, 0 }, YES },
	    { { SET_MODE, "/etc/suid", NULL, 0755, 0 }, YES },
	    { { SET_MODE, "/var/lib/app", NULL, 0700, 0 }, YES },
	    { { SET_MODE, "/fifo", NULL, 0622, 0 }, YES },
	    { { SET_MODE, "/file", NULL, 0600, 0 }, NO },
	    { { SET_MODE, "/nothing", NULL, 0600, 0 }, NO },
	    { { SET_MODE, "/no/thing", NULL, 0600, 0 }, NO } },
	  { "/etc/motd file 0400 ", "/var/lib/app directory 0700 ",
	    "/fifo FIFO 0622 ", "/var/lib/app/data file" } },
	{ "a changed folder keeps what is in it",
	  { { { SET_MODE, "/var/lib/app", NULL, 0700, 0 }, YES },
	    { { WRITE, "/var/lib/app/data", "one", 0600, 0 }, YES },
	    { { REMOVE, "/var/lib/app/sub/deep", NULL, NO_MODE, 0 }, YES },
	    { { SET_MODE, "/var/lib/app", NULL, 0755, 0 }, YES } },
	  { "/var/lib/app directory 0755 ", "/var/lib/app/data file 0600 ",
	    "/var/lib/app/sub directory 0755 " } },
	{ "a changed file keeps its content until it is replaced",
	  { { { SET_MODE, "/etc/motd", NULL, 0600, 0 }, YES },
	    { { SET_MODE, "/etc/motd", NULL, 0640, 0 }, YES },
	    { { WRITE, "/etc/empty", "two", 0644, 0 }, YES },
	    { { SET_MODE, "/etc/empty", NULL, 0440, 0 }, YES } },
	  { "/etc/motd file 0640 ", "/etc/empty file 0440 " } },
	{ "removing what is not there is no error",
	  { { { REMOVE, "/nothing", NULL, NO_MODE, 0 }, YES },
	    { { REMOVE, "/no/such/thing", NULL, NO_MODE, 1 }, YES },
	    { { REMOVE, "/etc/motd/x", NULL, NO_MODE, 0 }, YES },
	    { { REMOVE, "/dangling/x", NULL, NO_MODE, 0 }, YES } },
	  { 0 } },
	{ "a folder is removed when empty, or recursively",
	  { { { REMOVE, "/var/lib/app", NULL, NO_MODE, 0 }, NO },
	    { { REMOVE, "/var/lib/app/sub/deep", NULL, NO_MODE, 0 }, YES },
	    { { REMOVE, "/var/lib/app/sub", NULL, NO_MODE, 0 }, YES },
	    { { REMOVE, "/var/lib/app", NULL, NO_MODE, 0 }, NO },
	    { { REMOVE, "/var/lib/app", NULL, NO_MODE, 1 }, YES },
	    { { WRITE, "/var/lib/app/data", "one", 0644, 0 }, NO } },
	  { "/var/lib directory 0755 " } },
	{ "old names do not shine through a folder made anew",
	  { { { REMOVE, "/var/lib/app", NULL, NO_MODE, 1 }, YES },
	    { { MAKE_DIRECTORY, "/var/lib/app", NULL, 0755, 0 }, YES },
	    { { MAKE_DIRECTORY, "/var/lib/app/sub", NULL, 0700, 0 }, YES },
	    { { REMOVE, "/var/lib/app/data", NULL, NO_MODE, 0 }, YES },
	    { { REMOVE, "/var/lib/app/sub", NULL, NO_MODE, 0 }, YES },
	    { { REMOVE, "/var/lib/app", NULL, NO_MODE, 0 }, YES },
	    { { MAKE_DIRECTORY, "/var/lib/app", NULL, 0711, 0 }, YES } },
	  { "/var/lib/app directory 0711 " } },
	{ "a removed link leaves what it led to",
	  { { { REMOVE, "/file", NULL, NO_MODE, 0 }, YES },
	    { { REMOVE, "/up", NULL, NO_MODE, 0 }, YES },
	    { { REMOVE, "/fifo", NULL, NO_MODE, 0 }, YES } },
	  { "/etc/motd file", "/var/lib/app/data file" } },
	{ "a folder that all may write to is not passed",
	  { { { WRITE, "/open/file", "one", 0644, 0 }, NO },
	    { { REMOVE, "/open/file", NULL, NO_MODE, 0 }, NO },
	    { { SET_MODE, "/open/file", NULL, 0600, 0 }, NO } },
	  { "/open directory 0777 " } },
	{ "nor is one that was opened to all before",
	  { { { SET_MODE, "/var/lib/app", NULL, 0777, 0 }, YES },
	    { { WRITE, "/var/lib/app/data", "one", 0644, 0 }, NO },
	    { { WRITE, "/up/data", "one", 0644, 0 }, NO },
	    { { MAKE_DIRECTORY, "/srv", NULL, 0777, 0 }, YES },
	    { { WRITE, "/srv/x", "one", 0644, 0 }, NO },
	    { { SET_MODE, "/srv", NULL, 0755, 0 }, YES },
	    { { WRITE, "/srv/x", "one", 0644, 0 }, YES } },
	  { "/srv/x file" } },
	{ "no link in a sticky folder is followed",
	  { { { WRITE, "/tmp/link/motd", "one", 0644, 0 }, NO },
	    { { WRITE, "/tmp/mine", "one", 0600, 0 }, YES },
	    { { MAKE_DIRECTORY, "/tmp/dir", NULL, 0755, 0 }, YES },
	    { { WRITE, "/tmp/dir/x", "one", 0600, 0 }, YES },
	    { { MAKE_LINK, "/tmp/other", "/etc", NO_MODE, 0 }, YES },
	    { { WRITE, "/tmp/other/x", "one", 0600, 0 }, NO },
	    { { SET_MODE, "/tmp", NULL, 0755, 0 }, YES } },
	  { "/tmp/mine file 0600 ", "/tmp/dir/x file" } },
	{ "a set-group-id folder does not give root's things its group",
	  { { { WRITE, "/staff/f", "one", 0644, 0 }, YES },
	    { { MAKE_DIRECTORY, "/staff/d", NULL, 0755, 0 }, YES },
	    { { WRITE, "/staff/d/f", "one", 0644, 0 }, YES },
	    { { MAKE_LINK, "/staff/l", "d", NO_MODE, 0 }, YES },
	    { { MAKE_DIRECTORY, "/staff/s", NULL, 02755, 0 }, YES },
	    { { WRITE, "/staff/s/f", "one", 0644, 0 }, YES } },
	  { "/staff/f file 0644 ", "/staff/d directory 0755 " } },
};

/* Only root can give things away. */
static const struct case_row root_cases[] = {
	{ "a file is given away",
	  { { { SET_OWNER, "/etc/motd", NULL, OTHER_USER, 0 }, YES },
	    { { SET_OWNER, "/etc/suid", NULL, OTHER_USER, 0 }, YES },
	    { { WRITE, "/etc/motd", "one", 0644, 0 }, YES } },
	  { "/etc/suid file 4755 4242:4242 ", "/etc/motd file 0644 0:0 " } },
	{ "in a folder of a user what is new is the user's",
	  { { { SET_OWNER, "/var/lib/app/sub", NULL, OTHER_USER, 0 }, YES },
	    { { WRITE, "/var/lib/app/sub/new", "one", 0644, 0 }, YES },
	    { { WRITE, "/var/lib/app/sub/deep", "two", 0644, 0 }, YES },
	    { { MAKE_DIRECTORY, "/var/lib/app/sub/d", NULL, 0755, 0 }, YES },
	    { { WRITE, "/var/lib/app/sub/d/f", "two", 0644, 0 }, YES },
	    { { MAKE_LINK, "/var/lib/app/sub/l", "d", NO_MODE, 0 }, YES },
	    { { WRITE, "/var/lib/app/sub/l/f", "two", 0644, 0 }, NO },
	    { { SET_OWNER, "/var/lib/app/sub/new", NULL, 17, 0 }, NO } },
	  { "/var/lib/app/sub/new file 0644 4242:4242 ",
	    "/var/lib/app/sub/d/f file 0644 4242:4242 ",
	    "/var/lib/app/sub/l link 0777 4242:4242 " } },
	{ "what is a user's in that user's folder takes any group",
	  { { { SET_OWNER, "/var/lib/app/sub", NULL, OTHER_USER, 0 }, YES },
	    { { WRITE, "/var/lib/app/sub/f", "one", 0644, 0 }, YES },
	    { { SET_GROUP, "/var/lib/app/sub/f", NULL, 17, 0 }, YES },
	    { { SET_MODE, "/var/lib/app/sub/f", NULL, 02644, 0 }, YES } },
	  { "/var/lib/app/sub/f file 2644 4242:17 " } },
	{ "so does a folder of a user's, and what is made in it",
	  { { { SET_OWNER, "/var/lib/app/sub", NULL, OTHER_USER, 0 }, YES },
	    { { MAKE_DIRECTORY, "/var/lib/app/sub/d", NULL, 0755, 0 }, YES },
	    { { SET_GROUP, "/var/lib/app/sub/d", NULL, 0, 0 }, YES },
	    { { SET_MODE, "/var/lib/app/sub/d", NULL, 02750, 0 }, YES },
	    { { WRITE, "/var/lib/app/sub/d/f", "two", 0644, 0 }, YES },
	    { { MAKE_DIRECTORY, "/var/lib/app/sub/d/e", NULL, 02755, 0 }, YES } },
	  { "/var/lib/app/sub/d directory 2750 4242:0",
	    "/var/lib/app/sub/d/f file 0644 4242:0 ",
	    "/var/lib/app/sub/d/e directory 2755 4242:0" } },
	{ "no program runs as a group that a user is not in who may change it",
	  { { { SET_OWNER, "/var/lib/app/sub", NULL, OTHER_USER, 0 }, YES },
	    { { WRITE, "/var/lib/app/sub/own", "one", 02755, 0 }, YES },
	    { { SET_GROUP, "/var/lib/app/sub/own", NULL, 0, 0 }, NO },
	    { { WRITE, "/var/lib/app/sub/f", "one", 0755, 0 }, YES },
	    { { SET_GROUP, "/var/lib/app/sub/f", NULL, 17, 0 }, YES },
	    { { SET_MODE, "/var/lib/app/sub/f", NULL, 02755, 0 }, NO },
	    { { SET_GROUP, "/var/lib/app/sub", NULL, 17, 0 }, YES },
	    { { SET_MODE, "/var/lib/app/sub", NULL, 02755, 0 }, YES } },
	  { "/var/lib/app/sub/own file 2755 4242:4242 ",
	    "/var/lib/app/sub/f file 0755 4242:17 " } },
	{ "what is not a user's in that user's folder is left as it is",
	  { { { SET_OWNER, "/var/lib/app/sub", NULL, OTHER_USER, 0 }, YES },
	    { { SET_MODE, "/var/lib/app/sub/deep", NULL, 0600, 0 }, NO },
	    { { SET_GROUP, "/var/lib/app/sub/deep", NULL, 17, 0 }, NO },
	    { { SET_OWNER, "/var/lib/app/sub/deep", NULL, OTHER_USER, 0 }, NO } },
	  { "/var/lib/app/sub/deep file 0644 0:0 " } },
	{ "a folder of root in one of a user is not passed",
	  { { { SET_OWNER, "/var/lib/app", NULL, OTHER_USER, 0 }, YES },
	    { { WRITE, "/var/lib/app/sub/new", "one", 0644, 0 }, NO },
	    { { REMOVE, "/var/lib/app/sub/deep", NULL, NO_MODE, 0 }, NO },
	    { { WRITE, "/up/data", "one", 0644, 0 }, YES },
	    { { SET_OWNER, "/var/lib/app", NULL, 0, 0 }, YES },
	    { { WRITE, "/var/lib/app/sub/new", "one", 0644, 0 }, YES } },
	  { "/var/lib/app/data file 0644 4242:4242 " } },
	{ "a link of a user is not followed",
	  { { { MAKE_DIRECTORY, "/home", NULL, 0755, 0 }, YES },
	    { { SET_OWNER, "/home", NULL, OTHER_USER, 0 }, YES },
	    { { MAKE_LINK, "/home/l", "/etc", NO_MODE, 0 }, YES },
	    { { WRITE, "/home/l/motd", "one", 0644, 0 }, NO },
	    { { SET_OWNER, "/home", NULL, 0, 0 }, YES },
	    { { WRITE, "/home/l/motd", "one", 0644, 0 }, NO },
	    { { MAKE_LINK, "/home/l", "/var", NO_MODE, 0 }, YES },
	    { { WRITE, "/home/l/motd", "one", 0644, 0 }, YES } },
	  { "/var/motd file 0644 0:0 " } },
};
/* clang-format on */

static const char *const host_paths[] = {
	"/",           "/etc/motd",        "/no/such",
	"/etc/motd/x", "/var/run/pid",     "/var/lock/pid",
	"/var/run",    "/up/data",         "/up",
	"/loop/x",     "/dangling/x",      "/file/x",
	"/open/file",  "/tmp/link/motd",   "/up/sub/deep",
	"/c0/run/foo", "/var/lib/app/sub", "/var/lib/app/sub/l",
	"/home/l",     "/home/l/motd",     "/var/new/motd",
	"/c2/lock/x",
};

static void run_case(struct bench *b, const struct case_row *row)
{
	char *before[TOWER];
	size_t n = b->nbelow;
	AUTO_FREE char *seen = NULL;
	AUTO_FREE char *units = NULL;

	for (size_t i = 0; i < n; i++)
		before[i] = dump(b->below[i]);
	buf_printf(&b->log, "\"%s\"\n", row->name);
	compare_dumps(b);
	compare_views(b, host_paths, COUNT(host_paths), true);
	compare_units(b);
	for (size_t i = 0; i < CHANGES_MAX && row->steps[i].change.path; i++) {
		bool done = bench_change(b, &row->steps[i].change);

		REQUIRE(done == row->steps[i].done,
			"all hosts agree on what is wrong:\n%s",
			buf_text(&b->log));
		compare_dumps(b);
		compare_views(b, host_paths, COUNT(host_paths), true);
		compare_units(b);
	}
	seen = dump(b->hosts[0]);
	units = show_units(b->hosts[0]);
	for (size_t i = 0; i < COUNT(row->sees) && row->sees[i]; i++)
		REQUIRE(strstr(seen, row->sees[i]) ||
				strstr(units, row->sees[i]),
			"\"%s\" is not to be seen, after\n%s--- \n%s",
			row->sees[i], buf_text(&b->log), seen);
	bench_bases(b, before, n);
}

static void run_cases(const struct case_row *rows, size_t n)
{
	struct bench b = { 0 };

	roots_make();
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < TREES; k++) {
			tree_clear(roots[k]);
			tree_fill(roots[k], host_items, COUNT(host_items));
		}
		bench_open(&b, host_items, COUNT(host_items));
		run_case(&b, &rows[i]);
		bench_close(&b);
	}
	buf_release(&b.log);
	roots_release();
}

START_TEST(hosts_agree_on_fixed_cases)
{
	run_cases(cases, COUNT(cases));
}
END_TEST

START_TEST(hosts_agree_on_owners)
{
	if (is_root())
		run_cases(root_cases, COUNT(root_cases));
}
END_TEST

/* --- random sequences -------------------------------------------------- */

/* CONVERGE_SEQUENCES raises the number of random sequences. */
enum { SEQUENCES = 400, PARTS = 4, LENGTH = 30 };

static uint64_t sequences(void)
{
	const char *text = getenv("CONVERGE_SEQUENCES");

	return text ? strtoull(text, NULL, 10) : SEQUENCES;
}

static const char *const small_paths[] = {
	"/a",   "/a/f",   "/a/b", "/a/b/c", "/d",   "/d/e",   "/d/e/f", "/l",
	"/l/f", "/l/b/c", "/m",   "/m/f",   "/d/l", "/d/l/b", "/a/b/m", "/n",
};

static const char *const small_targets[] = {
	"/a",   "a",       "/d/e",    "e",
	"../a", "/l",      "l",       "/m",
	".",    "..",      "/n",      "d/e/f",
	"/",    "b/../..", "//d//e/", "../../../a/./b",
	"/a/b",
};

static const unsigned file_modes[] = { 0644, 0600, 04755, 0777, NO_MODE };
static const unsigned folder_modes[] = { 0755, 0755,  0755,  0700, 0711,
					 0750, 02755, 01777, 0777, NO_MODE };

struct dice {
	uint64_t state;
};

/* xorshift64 (Marsaglia, 2003). */
static size_t roll(struct dice *r, size_t sides)
{
	r->state ^= r->state << 13;
	r->state ^= r->state >> 7;
	r->state ^= r->state << 17;
	return (size_t)(r->state >> 11) % sides;
}

#define PICK(dice, array) ((array)[roll(dice, COUNT(array))])

static struct change random_change(struct dice *r)
{
	static const enum verb weights[] = {
		WRITE,          WRITE,     WRITE,     MAKE_DIRECTORY,
		MAKE_DIRECTORY, MAKE_LINK, MAKE_LINK, SET_MODE,
		SET_OWNER,      REMOVE,    REMOVE,
	};
	struct change c = { .verb = PICK(r, weights),
			    .path = PICK(r, small_paths),
			    .mode = NO_MODE };

	c.force = roll(r, 3) == 0;
	if (c.verb == WRITE) {
		c.text = PICK(r, contents);
		c.mode = PICK(r, file_modes);
		/* an edit is such a write, but for force */
		if (!c.force && strlen(c.text) == 3)
			c.verb = EDIT;
	}
	if (c.verb == MAKE_DIRECTORY || c.verb == SET_MODE)
		c.mode = PICK(r, folder_modes);
	if (c.verb == MAKE_LINK)
		c.text = PICK(r, small_targets);
	if (c.verb == SET_OWNER)
		c.mode = is_root() && roll(r, 4) == 0 ? OTHER_USER : geteuid();
	return c;
}

/*
 * What pictures cannot know is left out: what is in a folder that was closed
 * to others only now (they say so), and all that the kernel refuses to
 * another user, on whose ground root acts as that user.
 */
static bool is_fair(const struct bench *b, const struct change *c)
{
	AUTO_DIAGS struct diags d = { 0 };
	struct node n;

	if ((c->verb != SET_OWNER && c->verb != SET_MODE) ||
	    !host_look(b->hosts[0], c->path, &n, &d) ||
	    n.type != NODE_DIRECTORY)
		return true;
	return c->mode != OTHER_USER && (!(n.mode & 0022) || (n.mode & 01000));
}

static void run_sequence(struct bench *b, uint64_t seed)
{
	struct dice dice = { seed };
	char *before[TOWER];
	size_t n;

	tree_clear(roots[0]);
	tree_fill(roots[0], small_items, COUNT(small_items));
	bench_open(b, small_items, COUNT(small_items));
	n = b->nbelow;
	for (size_t i = 0; i < n; i++)
		before[i] = dump(b->below[i]);
	buf_printf(&b->log, "  seed %llx\n", (unsigned long long)seed);
	for (size_t i = 0; i < LENGTH; i++) {
		const struct change c = random_change(&dice);
		bool done;

		if (!is_fair(b, &c))
			continue;
		done = bench_change(b, &c);
		compare_dumps(b);
		if (done || i + 1 == LENGTH)
			compare_views(b, small_paths, COUNT(small_paths),
				      i + 1 == LENGTH);
	}
	bench_bases(b, before, n);
	bench_close(b);
}

static void run_sequences(uint64_t part)
{
	struct bench b = { 0 };

	roots_make();
	for (size_t i = 1; i < TREES; i++)
		tree_fill(roots[i], small_items, COUNT(small_items));
	for (uint64_t i = 0; i < sequences() / PARTS; i++)
		run_sequence(&b, (part * 1000000 + i + 1) *
					 UINT64_C(0x9e3779b97f4a7c15));
	buf_release(&b.log);
	roots_release();
}

START_TEST(hosts_agree_on_random_sequences_1)
{
	run_sequences(0);
}
END_TEST

START_TEST(hosts_agree_on_random_sequences_2)
{
	run_sequences(1);
}
END_TEST

START_TEST(hosts_agree_on_random_sequences_3)
{
	run_sequences(2);
}
END_TEST

START_TEST(hosts_agree_on_random_sequences_4)
{
	run_sequences(3);
}
END_TEST

/* --- what only a host that runs has --- */

static void has_no_kernel(struct host *h, const char *name)
{
	const struct mount_change c = { .mount = { .source = "tmpfs",
						   .target = "/var/lib/app",
						   .type = "tmpfs",
						   .options = "rw" } };
	AUTO(arena_release) struct arena a = { 0 };
	AUTO_DIAGS struct diags d = { 0 };
	struct outcome o = { 0 };

	REQUIRE(!host_runs(h), "%s runs", name);
	REQUIRE(!host_set_kernel(h, "/proc/sys/kernel/hostname", "x", &d),
		"%s has a kernel", name);
	REQUIRE(!host_set_kernel(h, "/etc/motd/x", "x", &d), "%s sets a file",
		name);
	REQUIRE(!host_mount(h, &c, &a, &o, &d), "%s mounts", name);
	REQUIRE(d.n == 3, "%s says %zu things", name, d.n);
	outcome_release(&o);
}

START_TEST(no_tree_below_another_root_has_a_kernel)
{
	struct bench b = { 0 };

	roots_make();
	bench_open(&b, host_items, COUNT(host_items));
	for (size_t i = 0; i < HOSTS; i++)
		has_no_kernel(b.hosts[i], host_names[i]);
	bench_close(&b);
	roots_release();
}
END_TEST

/* One that was recorded with its kernel, and a picture over it. */
START_TEST(a_picture_remembers_what_a_kernel_was_told)
{
	static const char text[] =
		"{\"files\": {\"/proc/sys/net/x\": {\"type\": \"file\", "
		"\"content\": \"0\\n\"}, \"/mnt\": {\"type\": "
		"\"directory\"}, \"/proc/self/mountinfo\": {\"type\": "
		"\"file\", \"content\": \"\"}}}";
	json_t *json = json_loads(text, 0, NULL);
	struct host *base = open_snapshot(json);
	struct host *hosts[] = { host_overlay(base), base };
	const struct mount_change c = { .mount = { .source = "t",
						   .target = "/mnt",
						   .type = "tmpfs",
						   .options = "rw" } };
	struct arena a = { 0 };

	for (size_t i = 0; i < COUNT(hosts); i++) {
		AUTO_DIAGS struct diags d = { 0 };
		AUTO_BUF struct buf value = { 0 };
		AUTO_BUF struct buf info = { 0 };
		struct outcome o = { 0 };
		struct mount m;
		struct node n;
		bool whole;

		ck_assert(host_runs(hosts[i]));
		ck_assert(
			host_set_kernel(hosts[i], "/proc/sys/net/x", "1", &d));
		ck_assert(host_read(hosts[i], "/proc/sys/net/x", 9, &value,
				    &whole, &d));
		ck_assert_str_eq(value.text, "1\n");
		ck_assert(
			!host_set_kernel(hosts[i], "/proc/sys/net/y", "1", &d));
		ck_assert(host_mount(hosts[i], &c, &a, &o, &d));
		ck_assert(host_read(hosts[i], "/proc/self/mountinfo", 99, &info,
				    &whole, &d));
		ck_assert(mounts_find(info.text, "/mnt", &a, &m));
		ck_assert(host_look(hosts[i], "/mnt", &n, &d) && n.mounted);
		ck_assert(host_look(hosts[i], "/mnt/x", &n, &d));
		ck_assert_int_eq(n.type, NODE_UNKNOWN);
	}
	host_close(hosts[0]);
	host_close(hosts[1]);
	arena_release(&a);
	json_decref(json);
}
END_TEST

TEST_SUITE("conformance", hosts_agree_on_fixed_cases, hosts_agree_on_owners,
	   hosts_agree_on_random_sequences_1, hosts_agree_on_random_sequences_2,
	   hosts_agree_on_random_sequences_3, hosts_agree_on_random_sequences_4,
	   no_tree_below_another_root_has_a_kernel,
	   a_picture_remembers_what_a_kernel_was_told)
