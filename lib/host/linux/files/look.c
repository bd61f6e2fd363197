/* SPDX-License-Identifier: MIT */
/* Looking: each with as few system calls as it can be done, and none that a
 * sandbox for looking would refuse. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/host/linux/download/download.h"
#include "lib/host/linux/git/remote.h"
#include "lib/host/linux/process/broker.h"
#include "lib/host/linux/packages/packages.h"
#include "lib/host/linux/secret/vault.h"
#include "lib/host/linux/files/write.h"

enum {
	CHUNK = 64 * 1024,
	DIGEST_MAX = 1024 * 1024 * 1024, /* bytes of a file that is digested */
};

/* A regular file that was opened for reading. */
struct opened {
	int fd; /* -1: there is nothing at its path, or an edit */
	uint64_t size;
	const struct content *edited; /* what an edit made of it; or NULL */
};

static bool linux_look(const struct host *host, const char *path,
		       struct node *n, struct diags *d)
{
	const struct edit *e;
	struct walked w;
	int result;

	*n = (struct node){ 0 };
	if (!walk_parent(linux_of(host), path, &w, d))
		return false;
	if (w.fd < 0)
		return true;
	e = edit_at(linux_of(host), &w);
	if (e) {
		*n = e->shown;
		return true;
	}
	result = walk_stat(w.fd, w.name, n);
	return result == 0 ||
	       diag_errno(d, -result, "cannot look at '%s'", path);
}

/* Says that path is not what was expected, if it is there at all. */
static bool refuse_type(const struct walked *w, const char *path,
			const char *expected, int error, const char *verb,
			struct diags *d)
{
	struct node n = { 0 };

	if (w->fd >= 0)
		walk_stat(w->fd, w->name, &n);
	if (n.type != NODE_ABSENT &&
	    strcmp(node_type_name(n.type), expected) != 0)
		return diag_error(d, "'%s' is a %s, not a %s", path,
				  node_type_name(n.type), expected);
	return diag_errno(d, error, "cannot %s '%s'", verb, path);
}

static bool linux_read_link(const struct host *host, const char *path,
			    struct arena *a, const char **target,
			    struct diags *d)
{
	char bytes[PATH_MAX];
	struct walked w;
	ssize_t n;

	*target = NULL;
	if (!walk_parent(linux_of(host), path, &w, d))
		return false;
	if (w.fd < 0)
		return diag_errno(d, ENOENT, "cannot read '%s'", path);
	if (edit_at(linux_of(host), &w))
		return diag_error(d, "'%s' is a file, not a link", path);
	n = readlinkat(w.fd, w.name, bytes, sizeof(bytes));
	if (n < 0)
		return refuse_type(&w, path, "link", errno, "read", d);
	if ((size_t)n == sizeof(bytes))
		return diag_errno(d, ENAMETOOLONG, "cannot read '%s'", path);
	*target = arena_strndup(a, bytes, (size_t)n);
	return true;
}

static bool linux_list(const struct host *host, const char *path,
		       struct arena *a, struct strings *names, struct diags *d)
{
	struct walked w;
	int result;

	*names = (struct strings){ 0 };
	if (!walk_parent(linux_of(host), path, &w, d))
		return false;
	if (w.fd < 0)
		return diag_errno(d, ENOENT, "cannot list '%s'", path);
	AUTO_FD int fd = openat(w.fd, w.name[0] ? w.name : ".",
				O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
					O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return refuse_type(&w, path, "directory", errno, "list", d);
	result = walk_names(fd, a, names);
	return result == 0 || diag_errno(d, -result, "cannot list '%s'", path);
}

/* A hard link may be anyone's file (link(2)): where others than root make
 * names, what they could not read themselves is not read for them, for a plan
 * shows it. */
static bool is_borrowed(const struct walked *w, const struct node *n)
{
	bool others = w->own ? !w->safe : n->uid != w->owner;

	return others && n->links > 1 && !(n->mode & S_IROTH);
}

static bool refuse_borrowed(const char *path, const struct node *n,
			    struct diags *d)
{
	diag_error(d,
		   "'%s' has %llu hard links, in a folder that others than "
		   "root may write to: it may be anyone's file",
		   path, (unsigned long long)n->links);
	diag_hint(d, "remove it, and let it be made anew");
	return false;
}

/*
 * Opens the file at path. A FIFO or a lease that another process holds must
 * not make it wait (open(2), O_NONBLOCK), a terminal not become its own.
 */
static bool open_file(const struct host *host, const char *path,
		      struct opened *o, struct diags *d)
{
	const struct edit *e;
	struct walked w;
	struct node n;

	*o = (struct opened){ .fd = -1 };
	if (!walk_parent(linux_of(host), path, &w, d))
		return false;
	if (w.fd < 0)
		return true;
	e = edit_at(linux_of(host), &w);
	if (e) {
		o->edited = &e->content;
		o->size = e->content.size;
		return true;
	}
	o->fd = openat(w.fd, w.name[0] ? w.name : ".",
		       O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY |
			       O_CLOEXEC);
	if (o->fd < 0)
		return errno == ENOENT ||
		       refuse_type(&w, path, "file", errno, "open", d);
	if (walk_stat(o->fd, "", &n) == 0 && n.type == NODE_FILE &&
	    !is_borrowed(&w, &n)) {
		o->size = n.size;
		return true;
	}
	close(o->fd);
	o->fd = -1;
	if (n.type == NODE_FILE)
		return refuse_borrowed(path, &n, d);
	return diag_error(d, "'%s' is a %s, not a file", path,
			  node_type_name(n.type));
}

static struct reader reader_of(const struct opened *o)
{
	return o->edited ? (struct reader){ .fd = -1,
					    .bytes = o->edited->bytes,
					    .left = o->edited->size }
			 : (struct reader){ .fd = o->fd };
}

/* The next n bytes, or fewer at the end; or -errno. */
static long fill(struct reader *r, char *bytes, size_t n)
{
	size_t have = 0;

	while (have < n) {
		long got = reader_next(r, bytes + have, n - have);

		if (got < 0)
			return got;
		if (got == 0)
			break;
		have += (size_t)got;
	}
	return (long)have;
}

/* Whether size bytes of have are what want holds to its end; or -errno, of
 * the reader that *failed is. */
static int same_chunks(struct reader *have, struct reader *want, uint64_t size,
		       char *found, char *wanted, size_t chunk,
		       struct reader **failed)
{
	for (;;) {
		size_t most = size < chunk ? (size_t)size : chunk;
		long n, m;

		*failed = have;
		n = fill(have, found, most);
		if (n < 0)
			return (int)n;
		*failed = want;
		/* At the end one more, to see that want is at its end too. */
		m = fill(want, wanted, most ? most : 1);
		if (m < 0)
			return (int)m;
		if (n != m || memcmp(found, wanted, (size_t)n) != 0)
			return false;
		if (n == 0)
			return true;
		size -= (uint64_t)n;
	}
}

/* Nothing of what was read stays in memory: it may be secret. */
static int same_bytes(struct reader *have, struct reader *want, uint64_t size,
		      struct reader **failed)
{
	size_t chunk = size < CHUNK ? (size_t)size + 1 : CHUNK;
	AUTO_FREE char *found = xrealloc(NULL, chunk);
	AUTO_FREE char *wanted = xrealloc(NULL, chunk);
	int result =
		same_chunks(have, want, size, found, wanted, chunk, failed);

	explicit_bzero(found, chunk);
	explicit_bzero(wanted, chunk);
	return result;
}

static bool compare_bytes(const struct opened *o, const char *path,
			  const struct content *c, enum match *m,
			  struct diags *d)
{
	struct reader have = reader_of(o);
	struct reader want, *failed;
	int result;

	if (!content_open(c, &want, d))
		return false;
	result = same_bytes(&have, &want, o->size, &failed);
	reader_close(&want);
	if (result >= 0)
		*m = result ? MATCH_SAME : MATCH_DIFFERENT;
	else if (failed == &have)
		diag_errno(d, -result, "cannot read '%s'", path);
	else
		diag_errno(d, -result, "cannot read what '%s' should hold",
			   path);
	return result >= 0;
}

/* Where a plan is made there may be no key, as in CI; what is to be changed
 * cannot do without. For vault_fill. */
static bool *may_lack_key(const struct linux_host *h, bool *no_key)
{
	return h->options.writable ? NULL : no_key;
}

/* Where this process may start nothing, the broker answers. */
static bool compare_sealed(const struct linux_host *h, const struct opened *o,
			   const char *path, const struct content *c,
			   enum match *m, struct diags *d)
{
	AUTO_LOCKED struct locked plain = { 0 };
	struct content filled;
	bool no_key = false;

	if (h->options.broker)
		return broker_compare(h->options.broker, path, c, m, d);
	if (!vault_fill(h, c, &plain, may_lack_key(h, &no_key), d))
		return no_key;
	*m = MATCH_DIFFERENT;
	if ((o->fd < 0 && !o->edited) || o->size != plain.size)
		return true;
	filled = content_of(plain.bytes, plain.size);
	return compare_bytes(o, path, &filled, m, d);
}

static bool measure(const struct opened *o, const char *path, struct content *c,
		    struct diags *d)
{
	struct reader r = reader_of(o);
	int result = content_measure(c, &r);

	return result == 0 || diag_errno(d, -result, "cannot read '%s'", path);
}

static bool compare_digest(const struct opened *o, const char *path,
			   const struct content *c, enum match *m,
			   struct diags *d)
{
	struct content found = { 0 };

	if (!measure(o, path, &found, d))
		return false;
	*m = memcmp(found.digest, c->digest, DIGEST_SIZE) == 0
		     ? MATCH_SAME
		     : MATCH_DIFFERENT;
	return true;
}

static bool linux_compare(const struct host *host, const char *path,
			  const struct content *c, enum match *m,
			  struct diags *d)
{
	struct opened o;

	*m = MATCH_UNKNOWN;
	if (!open_file(host, path, &o, d))
		return false;
	AUTO_FD int fd = o.fd;

	if (c->ncuts)
		return compare_sealed(linux_of(host), &o, path, c, m, d);
	if (!c->bytes && !c->tree && !c->has_digest)
		return true;
	*m = MATCH_DIFFERENT;
	if ((fd < 0 && !o.edited) || o.size != c->size)
		return true;
	if (c->bytes || c->tree)
		return compare_bytes(&o, path, c, m, d);
	return compare_digest(&o, path, c, m, d);
}

static bool read_opened(const struct opened *o, int fd, const char *path,
			size_t limit, struct buf *out, bool *whole,
			struct diags *d)
{
	struct reader r;
	int result;

	if (fd < 0 && !o->edited)
		return diag_errno(d, ENOENT, "cannot read '%s'", path);
	if (o->size > limit)
		return true;
	r = reader_of(o);
	result = reader_all(&r, limit, out, whole);
	return result == 0 || diag_errno(d, -result, "cannot read '%s'", path);
}

static bool linux_read(const struct host *host, const char *path, size_t limit,
		       struct buf *out, bool *whole, struct diags *d)
{
	struct opened o;

	*whole = false;
	if (!open_file(host, path, &o, d))
		return false;
	AUTO_FD int fd = o.fd;

	if (o.edited && o.edited->ncuts)
		return diag_error(d,
				  "cannot read '%s': secrets are still to be "
				  "put into it",
				  path);
	return read_opened(&o, fd, path, limit, out, whole, d);
}

static bool linux_read_marked(const struct host *host, const char *path,
			      size_t limit, struct buf *out,
			      const struct tree **world, bool *whole,
			      struct diags *d)
{
	struct opened o;

	*whole = false;
	*world = NULL;
	if (!open_file(host, path, &o, d))
		return false;
	AUTO_FD int fd = o.fd;

	if (!o.edited || !o.edited->ncuts)
		return read_opened(&o, fd, path, limit, out, whole, d);
	return content_marked(o.edited, path, limit, out, world, whole, d);
}

static bool linux_same(const struct host *host, const struct content *x,
		       const struct content *y, enum match *m, struct diags *d)
{
	AUTO_LOCKED struct locked a = { 0 }, b = { 0 };
	const struct linux_host *h = linux_of(host);
	bool no_key = false;

	*m = MATCH_UNKNOWN;
	if (h->options.broker && (x->ncuts || y->ncuts))
		return broker_same(h->options.broker, x, y, m, d);
	if (!vault_fill(h, x, &a, may_lack_key(h, &no_key), d) ||
	    !vault_fill(h, y, &b, may_lack_key(h, &no_key), d))
		return no_key;
	*m = a.size == b.size && memcmp(a.bytes, b.bytes, a.size) == 0
		     ? MATCH_SAME
		     : MATCH_DIFFERENT;
	return true;
}

static bool linux_digest(const struct host *host, const char *path,
			 struct content *c, struct diags *d)
{
	struct opened o;

	*c = (struct content){ 0 };
	if (!open_file(host, path, &o, d))
		return false;
	AUTO_FD int fd = o.fd;

	if (fd < 0 && !o.edited)
		return diag_errno(d, ENOENT, "cannot read '%s'", path);
	/* Whoever owns the file decides how large it is (truncate(2)): that
	 * must not hold up the run. */
	c->size = o.size;
	return o.size > DIGEST_MAX || measure(&o, path, c, d);
}

static bool linux_capable(const struct host *host, const char *path)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	struct walked w;

	if (!walk_parent(linux_of(host), path, &w, &ignored) || w.fd < 0)
		return false;
	AUTO_FD int fd = openat(w.fd, w.name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	return fd >= 0 && has_capabilities(fd);
}

static bool linux_user_id(const struct host *host, const char *name,
			  uint32_t *id)
{
	return accounts_user_id(linux_of(host), name, id, NULL);
}

static bool linux_group_id(const struct host *host, const char *name,
			   uint32_t *id)
{
	return accounts_group_id(linux_of(host), name, id);
}

static const char *linux_user_name(const struct host *host, uint32_t id,
				   struct arena *a)
{
	return accounts_user_name(linux_of(host), id, a);
}

static const char *linux_group_name(const struct host *host, uint32_t id,
				    struct arena *a)
{
	return accounts_group_name(linux_of(host), id, a);
}

static bool linux_runs(const struct host *host)
{
	return strcmp(linux_of(host)->options.root, "/") == 0;
}

const struct host_looks linux_looks = {
	.look = linux_look,
	.read_link = linux_read_link,
	.list = linux_list,
	.compare = linux_compare,
	.read = linux_read,
	.read_marked = linux_read_marked,
	.same = linux_same,
	.digest = linux_digest,
	.capable = linux_capable,
	.user_id = linux_user_id,
	.group_id = linux_group_id,
	.user_name = linux_user_name,
	.group_name = linux_group_name,
	.user = linux_user,
	.group = linux_group,
	.users = linux_users,
	.groups = linux_groups,
	.ask = linux_ask,
	.unit_known = linux_unit_known,
	.unit_state = linux_unit_state,
	.package = linux_package,
	.package_candidate = linux_package_candidate,
	.unit_install = linux_unit_known,
	.unit_age = linux_unit_age,
	.units = linux_units,
	.packages = linux_packages,
	.runs = linux_runs,
	.fetch = linux_fetch,
	.recall = linux_recall,
	.download = linux_download,
};
