/* SPDX-License-Identifier: MIT */
/*
 * Whose ground a folder is. Root's ground is what only root can change the
 * names of, all the way down from the host's root. A folder that another user
 * X owns begins X's ground: all below it must be X's too, for whatever else
 * lies there X could have moved there. "Root" is uid 0, and the user this
 * process ran as when the host was opened: without privileges it can harm
 * nobody but that user.
 *
 * A folder of root that others may write to, and that is not sticky, is not
 * passed: they could swap any name in it between two looks. In a sticky one
 * (/tmp) they can only add names; so what root owns in it may be passed, and
 * what another owns begins that one's ground, but no link in it is followed.
 * A folder of X, on X's ground, is passed whatever its mode: all is done as X
 * there, so whoever X lets in can harm none but X. Root's group is trusted as
 * root is, since its members are as good as root on most hosts; but where there
 * is an access control list, the group's mode is that of all whom it names
 * (acl(5)), so that they may write too.
 */
#include "lib/host/linux/files/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "lib/base/path.h"

enum {
	FOLDERS_MAX = 24, /* descriptors kept open */
	LINKS_MAX = 8,    /* passed in one walk */
	ENTRIES_SIZE = 32 * 1024
};

/* A folder that was walked to, and what the walk found about it. */
struct folder {
	struct buf path; /* as asked for; "" for the root */
	struct buf real; /* the same without links */
	int fd;          /* O_PATH; -1: the slot is free */
	uint64_t used;   /* the cache's clock when it last was */
	bool own;        /* root's ground */
	bool safe;       /* and none but root can add or change names */
	int links;       /* passed on the way, as asked for */
	uid_t owner;
	gid_t group;
	uint64_t device, inode, mount;
};

struct walk_cache {
	uid_t user; /* this process's own, counted as root */
	gid_t group;
	uint64_t clock;
	struct folder root;
	struct folder folders[FOLDERS_MAX];
};

struct walk {
	const struct linux_host *host;
	struct diags *diags;
	const struct folder *at; /* how far it came */
	struct buf path;         /* what to walk; links passed are replaced */
	size_t done;             /* bytes of path that led to at */
	int links;
};

enum step { STEP_ON, STEP_ABSENT, STEP_REFUSED };

static bool inspect(int fd, struct statx *s)
{
	return statx(fd, "", AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW,
		     STATX_BASIC_STATS | STATX_MNT_ID, s) == 0;
}

static bool is_own(const struct walk_cache *c, uid_t user)
{
	return user == 0 || user == c->user;
}

/* A process without privileges is the only member of its group that matters
 * to it as root is of gid 0: with umask 002 (pam_umask(8)) every folder it
 * makes is writable by that group. */
static bool is_own_group(const struct walk_cache *c, gid_t group)
{
	return group == 0 || (c->user != 0 && group == c->group);
}

bool walk_has_list(int fd)
{
	AUTO_FD int folder =
		openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	/* What cannot be told is not trusted. */
	return folder < 0 ||
	       fgetxattr(folder, "system.posix_acl_access", NULL, 0) > 0;
}

static bool others_write(const struct walk_cache *c, int fd,
			 const struct statx *s)
{
	return (s->stx_mode & S_IWOTH) ||
	       ((s->stx_mode & S_IWGRP) &&
		(!is_own_group(c, s->stx_gid) || walk_has_list(fd)));
}

static void folder_note(struct folder *f, const struct statx *s)
{
	f->device = makedev(s->stx_dev_major, s->stx_dev_minor);
	f->inode = s->stx_ino;
	/* Linux before 5.8 does not tell the mount: its device is next best. */
	f->mount = s->stx_mask & STATX_MNT_ID ? s->stx_mnt_id : f->device;
}

bool walk_init(struct linux_host *h, struct diags *d)
{
	struct walk_cache *c = arena_new(&h->arena, struct walk_cache);
	struct statx s;

	for (size_t i = 0; i < FOLDERS_MAX; i++)
		c->folders[i].fd = -1;
	c->user = geteuid();
	c->group = getegid();
	if (!inspect(h->root_fd, &s))
		return diag_errno(d, errno, "cannot look at '%s'",
				  h->options.root);
	c->root = (struct folder){
		.fd = h->root_fd,
		/* Whoever owns it, and whatever its mode: it was chosen. */
		.own = true,
		.safe = !others_write(c, h->root_fd, &s),
		.owner = c->user,
		.group = c->group,
	};
	folder_note(&c->root, &s);
	h->cache = c;
	return true;
}

static void folder_drop(struct folder *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
	f->used = 0;
}

void walk_forget(const struct linux_host *h)
{
	struct statx s;

	/* the root's mode may be what was changed */
	if (inspect(h->root_fd, &s))
		h->cache->root.safe = !others_write(h->cache, h->root_fd, &s);
	for (size_t i = 0; i < FOLDERS_MAX; i++)
		folder_drop(&h->cache->folders[i]);
	accounts_forget(h);
}

void walk_release(struct linux_host *h)
{
	if (!h->cache)
		return;
	for (size_t i = 0; i < FOLDERS_MAX; i++) {
		struct folder *f = &h->cache->folders[i];

		folder_drop(f);
		buf_release(&f->path);
		buf_release(&f->real);
	}
	h->cache = NULL;
}

/* Whether path is the folder's or leads below it. */
static bool folder_leads(const struct folder *f, const char *path, size_t n)
{
	size_t size = f->path.size;

	return f->fd >= 0 && size <= n && (size == n || path[size] == '/') &&
	       (size == 0 || memcmp(f->path.text, path, size) == 0);
}

/* The folder of the cache that is nearest to path, from above. */
static struct folder *folder_nearest(struct walk_cache *c, const char *path,
				     size_t n)
{
	struct folder *best = &c->root;

	for (size_t i = 0; i < FOLDERS_MAX; i++) {
		struct folder *f = &c->folders[i];

		if (f->path.size > best->path.size && folder_leads(f, path, n))
			best = f;
	}
	best->used = ++c->clock;
	return best;
}

/* A free slot, or that of the folder that was not used for longest. */
static struct folder *folder_slot(struct walk_cache *c)
{
	struct folder *oldest = &c->folders[0];

	for (size_t i = 1; i < FOLDERS_MAX; i++)
		if (c->folders[i].used < oldest->used)
			oldest = &c->folders[i];
	folder_drop(oldest);
	return oldest;
}

static void set_path(struct buf *b, const char *path, size_t n)
{
	buf_clear(b);
	buf_add(b, path, n);
}

static void set_below(struct buf *b, const struct buf *parent, const char *name)
{
	set_path(b, buf_text(parent), parent->size);
	buf_putc(b, '/');
	buf_puts(b, name);
}

/* Keeps the folder; its paths are to be set, in what the slot had for them. */
static struct folder *folder_keep(struct walk_cache *c, struct folder f)
{
	struct folder *slot = folder_slot(c);

	f.path = slot->path;
	f.real = slot->real;
	f.used = ++c->clock;
	*slot = f;
	return slot;
}

/* Keeps at under the path asked for as well, when a link led there, so that
 * the next file in that folder costs no walk. Only a saving: may fail. */
static void folder_alias(struct walk_cache *c, const struct folder *at,
			 const char *path, size_t n, int links)
{
	struct folder f = *at;
	struct folder *slot;

	f.links = links;
	f.fd = openat(at->fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (f.fd < 0)
		return;
	slot = folder_keep(c, f);
	set_path(&slot->path, path, n);
	set_path(&slot->real, buf_text(&at->real), at->real.size);
}

/* The path of name in the folder come to, for a diagnostic. Names of owners
 * are looked up after this: that may walk, and end what at points to. */
static const char *where(const struct walk *w, const char *name)
{
	return arena_printf(&w->diags->arena, "%s/%s", buf_text(&w->at->real),
			    name);
}

static const char *owner_name(const struct walk *w, uid_t user)
{
	return accounts_user_name(w->host, user, &w->diags->arena);
}

static enum step refuse_errno(const struct walk *w, const char *name, int error)
{
	if (error == ENOENT || error == ENOTDIR)
		return STEP_ABSENT;
	diag_errno(w->diags, error, "cannot open '%s'", where(w, name));
	return STEP_REFUSED;
}

static enum step refuse_owner(const struct walk *w, const char *name,
			      uid_t owner)
{
	uid_t ground = w->at->owner;
	const char *path = where(w, name);
	const char *has = owner_name(w, owner);

	diag_error(w->diags, "'%s' is a folder that %s owns, in one of %s",
		   path, has, owner_name(w, ground));
	diag_hint(w->diags, "give '%s' and the folder that it is in one owner",
		  path);
	return STEP_REFUSED;
}

static enum step refuse_mode(const struct walk *w, const char *name,
			     const struct statx *s)
{
	const char *path = where(w, name);
	const char *owner = owner_name(w, s->stx_uid);

	if (s->stx_mode & S_IWOTH)
		diag_error(w->diags,
			   "'%s' is a folder that %s owns and all may write to",
			   path, owner);
	else if (is_own_group(w->host->cache, s->stx_gid))
		diag_error(w->diags,
			   "'%s' is a folder that %s owns and others may write "
			   "to, by its access control list",
			   path, owner);
	else
		diag_error(w->diags,
			   "'%s' is a folder that %s owns and group %s may "
			   "write to",
			   path, owner,
			   accounts_group_name(w->host, s->stx_gid,
					       &w->diags->arena));
	diag_hint(w->diags, "chmod %s '%s'",
		  s->stx_mode & S_IWOTH ? "go-w" : "g-w", path);
	return STEP_REFUSED;
}

static enum step refuse_links(const struct walk *w, const char *path)
{
	diag_error(w->diags, "'%s' leads through more than %d links", path,
		   LINKS_MAX);
	return STEP_REFUSED;
}

static enum step refuse_link(const struct walk *w, const char *name,
			     uid_t owner)
{
	const struct folder *at = w->at;
	bool planted = !is_own(w->host->cache, owner);
	bool own = at->own;
	uid_t ground = at->owner;
	const char *path = where(w, name);
	const char *has = owner_name(w, owner);

	if (planted)
		diag_error(w->diags, "'%s' is a link that %s owns", path, has);
	else if (!own)
		diag_error(w->diags,
			   "'%s' is a link that %s owns, in a folder of %s",
			   path, has, owner_name(w, ground));
	else
		diag_error(w->diags,
			   "'%s' is a link that %s owns, in a folder that "
			   "others may write to",
			   path, has);
	diag_hint(w->diags, "write a path without links");
	return STEP_REFUSED;
}

/* Goes on with what the cache has of the path. */
static void walk_start(struct walk *w)
{
	w->at = folder_nearest(w->host->cache, w->path.text, w->path.size);
	w->done = w->at->path.size;
	w->links += w->at->links;
}

/* Replaces all that was walked by the path start and, below it, more. */
static void walk_again(struct walk *w, const char *start, size_t n,
		       const char *more)
{
	struct buf path = { 0 };

	buf_add(&path, start, n);
	buf_putc(&path, '/');
	buf_puts(&path, more);
	buf_puts(&path, w->path.text + w->done);
	buf_release(&w->path);
	w->path = path;
	walk_start(w);
}

/* To the parent of where the links led; that of the root is the root. */
static void walk_up(struct walk *w)
{
	const struct buf *real = &w->at->real;

	walk_again(w, buf_text(real), real->size ? path_parent(real->text) : 0,
		   "");
}

/* On through the link fd, with its target walked from scratch. */
static enum step walk_link(struct walk *w, const char *name, int fd)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(fd, "", target, sizeof(target));

	if (n < 0)
		return refuse_errno(w, name, errno);
	if ((size_t)n >= sizeof(target))
		return refuse_errno(w, name, ENAMETOOLONG);
	target[n] = '\0';
	if (w->links++ == LINKS_MAX)
		return refuse_links(w, where(w, name));
	walk_again(w, buf_text(&w->at->real),
		   target[0] == '/' ? 0 : w->at->real.size, target);
	/* Those that the cache spares count as well. */
	return w->links > LINKS_MAX ? refuse_links(w, buf_text(&w->at->path))
				    : STEP_ON;
}

/* At a name that is no folder: only a link leads further. */
static enum step walk_other(struct walk *w, const char *name)
{
	AUTO_FD int fd =
		openat(w->at->fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct statx s;

	if (fd < 0 || !inspect(fd, &s))
		return refuse_errno(w, name, errno);
	if (S_ISDIR(s.stx_mode)) {
		diag_error(w->diags, "'%s' changed while it was looked at",
			   where(w, name));
		return STEP_REFUSED;
	}
	if (!S_ISLNK(s.stx_mode))
		return STEP_ABSENT;
	if (!w->at->safe || !is_own(w->host->cache, s.stx_uid))
		return refuse_link(w, name, s.stx_uid);
	return walk_link(w, name, fd);
}

/* Whether the folder name, of state s, may be passed, and whose ground it is:
 * see the top of this file. */
static enum step walk_ground(const struct walk *w, const char *name,
			     const struct statx *s, struct folder *f)
{
	const struct walk_cache *c = w->host->cache;

	f->own = w->at->own && is_own(c, s->stx_uid);
	f->owner = f->own ? c->user : s->stx_uid;
	f->group = f->own ? c->group : s->stx_gid;
	if (!w->at->own && s->stx_uid != w->at->owner)
		return refuse_owner(w, name, s->stx_uid);
	if (!f->own)
		return STEP_ON;
	f->safe = !others_write(c, f->fd, s);
	if (!f->safe && !(s->stx_mode & S_ISVTX))
		return refuse_mode(w, name, s);
	return STEP_ON;
}

static enum step walk_down(struct walk *w, const char *name)
{
	struct folder f = { .fd = openat(w->at->fd, name,
					 O_PATH | O_DIRECTORY | O_NOFOLLOW |
						 O_CLOEXEC) };
	struct folder *kept;
	struct statx s;
	enum step step;

	if (f.fd < 0)
		return errno == ENOTDIR ? walk_other(w, name)
					: refuse_errno(w, name, errno);
	step = inspect(f.fd, &s) ? walk_ground(w, name, &s, &f)
				 : refuse_errno(w, name, errno);
	if (step != STEP_ON) {
		close(f.fd);
		return step;
	}
	folder_note(&f, &s);
	f.links = w->at->links;
	kept = folder_keep(w->host->cache, f);
	set_below(&kept->path, &w->at->path, name);
	set_below(&kept->real, &w->at->real, name);
	w->at = kept;
	return STEP_ON;
}

/* One component, which is done bytes into the path and n bytes long. */
static enum step walk_step(struct walk *w, size_t n)
{
	char name[NAME_MAX + 1];

	if (n > NAME_MAX) {
		diag_errno(w->diags, ENAMETOOLONG,
			   "cannot open a folder in "
			   "'%s/'",
			   buf_text(&w->at->real));
		return STEP_REFUSED;
	}
	memcpy(name, w->path.text + w->done, n);
	name[n] = '\0';
	w->done += n;
	if (strcmp(name, ".") == 0)
		return STEP_ON;
	if (strcmp(name, "..") != 0)
		return walk_down(w, name);
	walk_up(w);
	return STEP_ON;
}

static enum step walk_all(struct walk *w)
{
	walk_start(w);
	for (;;) {
		enum step step;
		size_t n;

		w->done += strspn(w->path.text + w->done, "/");
		n = strcspn(w->path.text + w->done, "/");
		if (n == 0)
			return STEP_ON;
		step = walk_step(w, n);
		if (step != STEP_ON)
			return step;
	}
}

/* Absolute, and no component empty, "." or "..": all that callers may ask for
 * (path_wrong), once more, for here it would lead out of the root. */
static bool is_plain(const char *path)
{
	if (strcmp(path, "/") == 0)
		return true;
	if (path[0] != '/')
		return false;
	while (*path) {
		size_t n = strcspn(++path, "/");

		if (n == 0 || (n == 1 && path[0] == '.') ||
		    (n == 2 && path[0] == '.' && path[1] == '.'))
			return false;
		path += n;
	}
	return true;
}

static void walked_set(struct walked *out, const struct folder *f)
{
	out->fd = f->fd;
	out->owner = f->owner;
	out->group = f->group;
	out->own = f->own;
	out->safe = f->own && f->safe;
	out->real = buf_text(&f->real);
	out->device = f->device;
	out->inode = f->inode;
	out->mount = f->mount;
}

/* The walk itself, where the cache has not all of it. */
static bool walk_far(const struct linux_host *h, const char *path, size_t n,
		     struct walked *out, struct diags *d)
{
	struct walk w = { .host = h, .diags = d };
	enum step step;

	buf_add(&w.path, path, n);
	step = walk_all(&w);
	if (step == STEP_ON) {
		walked_set(out, w.at);
		if (w.links != w.at->links)
			folder_alias(h->cache, w.at, path, n, w.links);
	}
	buf_release(&w.path);
	return step != STEP_REFUSED;
}

bool walk_parent(const struct linux_host *h, const char *path,
		 struct walked *out, struct diags *d)
{
	const struct folder *f;
	size_t n;

	*out = (struct walked){ .fd = -1 };
	if (!is_plain(path))
		return diag_error(d,
				  "'%s' is not an absolute path without "
				  "empty, '.' and '..' components",
				  path);
	out->name = path_name(path);
	n = path_parent(path);
	if (n == 1)
		n = 0;
	f = folder_nearest(h->cache, path, n);
	if (f->path.size != n)
		return walk_far(h, path, n, out, d);
	walked_set(out, f);
	return true;
}

const char *walk_real(const struct walked *w, struct arena *a)
{
	return arena_printf(a, "%s/%s", w->real ? w->real : "", w->name);
}

static enum node_type type_of(mode_t mode)
{
	static const struct {
		mode_t format;
		enum node_type type;
	} types[] = {
		{ S_IFREG, NODE_FILE },
		{ S_IFDIR, NODE_DIRECTORY },
		{ S_IFLNK, NODE_LINK },
		{ S_IFIFO, NODE_FIFO },
		{ S_IFSOCK, NODE_SOCKET },
		{ S_IFCHR, NODE_CHARACTER_DEVICE },
		{ S_IFBLK, NODE_BLOCK_DEVICE },
	};

	for (size_t i = 0; i < COUNT(types); i++)
		if ((mode & S_IFMT) == types[i].format)
			return types[i].type;
	return NODE_UNKNOWN;
}

/* Some file systems store any time that a user asks for (utimensat(2)). */
static int64_t nanoseconds(const struct statx_timestamp *t)
{
	const int64_t second = 1000000000;

	if (t->tv_sec >= INT64_MAX / second)
		return INT64_MAX;
	if (t->tv_sec <= INT64_MIN / second)
		return INT64_MIN;
	return t->tv_sec * second + t->tv_nsec;
}

/* statx(2) tells of a bind mount too, whose device is the same. Linux
 * before 5.8 does not: then the change that meets the mount fails. */
int walk_stat(int fd, const char *name, struct node *n)
{
	const int flags = AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | AT_NO_AUTOMOUNT;
	struct statx s;

	*n = (struct node){ 0 };
	if (statx(fd, name, flags, STATX_BASIC_STATS, &s) < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
	*n = (struct node){
		.type = type_of(s.stx_mode),
		.mode = s.stx_mode & 07777,
		.uid = s.stx_uid,
		.gid = s.stx_gid,
		.size = s.stx_size,
		.device = makedev(s.stx_dev_major, s.stx_dev_minor),
		.inode = s.stx_ino,
		.links = s.stx_nlink,
		.mtime = nanoseconds(&s.stx_mtime),
		.ctime = nanoseconds(&s.stx_ctime),
		.mounted = s.stx_attributes & STATX_ATTR_MOUNT_ROOT,
		.immutable = s.stx_attributes & STATX_ATTR_IMMUTABLE,
		.append_only = s.stx_attributes & STATX_ATTR_APPEND,
	};
	if (n->type == NODE_UNKNOWN)
		n->because = "its type is not known";
	return 0;
}

static void add_names(const char *entries, size_t n, struct arena *a,
		      struct strings *names)
{
	for (size_t at = 0; at < n;) {
		const struct dirent64 *e =
			(const struct dirent64 *)(const void *)(entries + at);

		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			strings_add(names, a, arena_strdup(a, e->d_name));
		at += e->d_reclen;
	}
}

int walk_names(int fd, struct arena *a, struct strings *names)
{
	_Alignas(struct dirent64) char entries[ENTRIES_SIZE];

	/* Not readdir(3): it wants fcntl(2), and memory for each folder. */
	for (;;) {
		ssize_t n = getdents64(fd, entries, sizeof(entries));

		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		add_names(entries, (size_t)n, a, names);
	}
	strings_sort(names);
	return 0;
}
