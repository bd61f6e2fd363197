/* SPDX-License-Identifier: MIT */
#include "lib/host/linux/download/download.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/host/linux/process/confined.h"
#include "lib/host/linux/download/http.h"
#include "lib/host/linux/download/kept_table.h"
#include "lib/host/linux/files/walk.h"
#include "lib/text/remote.h"

/* One archive that is got. */
struct getting {
	const struct tarball_request *request;
	const struct linux_options *options;
	struct tarball *tarball;
	struct arena *arena;
	struct diags *diags;
};

static bool is_stopped(void *context)
{
	const struct linux_options *o = ((struct getting *)context)->options;

	return o->stopped && o->stopped(o->context);
}

/* --- its bytes --- */

/* A file without a name in the state folder: all of it may be too much to have
 * in memory. -1 with errno. */
static int open_nameless(const char *state)
{
	static const char name[] = "download";
	AUTO_FD int at =
		open(state, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int fd = at < 0 ? -1
			: openat(at, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (at < 0 || fd >= 0)
		return fd;
	/* not every file system has such */
	unlinkat(at, name, 0);
	fd = openat(at, name,
		    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd >= 0)
		unlinkat(at, name, 0);
	return fd;
}

/* The same file, which nobody can write to from then on. */
static int open_again(int fd)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* Always false. */
static bool cannot(struct getting *g, const char *because)
{
	return because ? diag_error(g->diags, "cannot download '%s': %s",
				    g->tarball->content.path, because)
		       : diag_error(g->diags, "the run was told to stop");
}

static bool get_bytes(struct getting *g, int fd)
{
	const struct tarball_request *r = g->request;
	const struct http_request request = { .url = r->url,
					      .ca_file = r->ca_file,
					      .redirects = HTTP_REDIRECTS,
					      .tries = HTTP_TRIES,
					      .most = r->most,
					      .timeout = r->timeout,
					      .stopped = is_stopped,
					      .context = g };
	struct http_answer answer;
	const char *because;

	if (!http_run(&request, fd, &answer, &because, g->arena))
		return cannot(g, because);
	return answer.status == 200 ||
	       cannot(g, arena_printf(g->arena, "the server says '%s'",
				      answer.line));
}

/* No one else has looked at a byte of it before. */
static bool is_right(struct getting *g, int fd)
{
	struct reader r = { .fd = fd };
	struct content *c = &g->tarball->content;
	char hex[DIGEST_HEX];
	int error =
		lseek(fd, 0, SEEK_SET) < 0 ? -errno : content_measure(c, &r);

	if (error < 0)
		return diag_errno(g->diags, -error, "cannot read '%s'",
				  c->path);
	return strcmp(digest_hex(c->digest, hex), g->request->sha256) == 0 ||
	       diag_error(g->diags, "'%s' has the SHA-256 digest %s, not %s",
			  c->path, hex, g->request->sha256);
}

static void remember(struct download *last, const struct getting *g, int fd)
{
	if (last->fd >= 0)
		close(last->fd);
	last->fd = fd;
	last->size = g->tarball->content.size;
	snprintf(last->sha256, sizeof(last->sha256), "%s", g->request->sha256);
}

/* In last; only when it is what was asked for. */
static bool download(struct getting *g, struct download *last)
{
	const char *state = g->options->state;
	AUTO_FD int fd = open_nameless(state);
	int again;

	if (fd < 0)
		return diag_errno(g->diags, errno, "cannot write to '%s'",
				  state);
	if (!get_bytes(g, fd) || !is_right(g, fd))
		return false;
	again = open_again(fd);
	if (again < 0)
		return diag_errno(g->diags, errno, "cannot open '%s' again",
				  g->tarball->content.path);
	remember(last, g, again);
	return true;
}

/* --- what is in it --- */

static int work(void *context, int out)
{
	const struct getting *g = context;
	AUTO(arena_release) struct arena a = { 0 };
	AUTO_DIAGS struct diags d = { 0 };
	struct tarball t = *g->tarball;
	struct table *copy;
	struct pack p;
	bool good;

	if (!tarball_read(&t, g->request->sha256, &a, &d))
		return confined_say(out,
				    d.n ? d.v[0].text : "it cannot be read");
	copy = pack_begin(&p, &t.table, sizeof(t.table));
	table_pack(&p, copy);
	good = !p.wrong && pack_write(&p, confined_put, &out);
	pack_release(&p);
	return good ? EXIT_SUCCESS : confined_say(out, "it cannot be told of");
}

/* The other is believed as little as what it read. */
static bool take(struct getting *g, int fd)
{
	size_t size;
	void *block = linux_map(fd, &size);
	struct table *table;
	struct pack p;

	table = block ? unpack_begin(&p, block, size, sizeof(*table)) : NULL;
	if (table)
		table_pack(&p, table);
	if (!table || !unpack_end(&p) || !table->n)
		return diag_error(g->diags, "'%s' cannot be read",
				  g->tarball->content.path);
	g->tarball->table = *table;
	return true;
}

static bool complain(struct getting *g, int fd)
{
	AUTO_BUF struct buf safe = { 0 };

	confined_reason(fd, &safe);
	return diag_error(g->diags, "%s", buf_text(&safe));
}

static bool read_table(struct getting *g)
{
	const struct confined c = { .work = work,
				    .stopped = is_stopped,
				    .context = g,
				    .seconds = 2 * TABLE_CPU,
				    .name = "the process that reads an "
					    "archive" };
	AUTO_FD int fd = -1;
	int status;

	if (!tarball_load(g->diags))
		return false;
	if (!confined_run(&c, &fd, &status, g->diags))
		return is_stopped(g) && cannot(g, NULL);
	return status == 0 ? take(g, fd) : complain(g, fd);
}

/* The next plan can tell what is there without it. */
static bool keep_table(struct getting *g)
{
	struct kept_table of = { .strip = g->tarball->strip,
				 .table = g->tarball->table };

	memcpy(of.sha256, g->request->sha256, sizeof(of.sha256));
	return kept_table_write(g->options->state, g->request->target, &of,
				g->diags);
}

bool linux_download(const struct host *host, const struct tarball_request *r,
		    struct tarball *tarball, struct arena *a, struct diags *d)
{
	const struct linux_host *h = linux_of(host);
	struct download *last = h->download;
	struct getting g = { .request = r,
			     .options = &h->options,
			     .tarball = tarball,
			     .arena = a,
			     .diags = d };
	bool is_tls, is_new;

	if (!h->options.state)
		return diag_error(d, "nothing can be downloaded without a "
				     "state folder");
	if (remote_http_wrong(r->url, &is_tls) ||
	    strlen(r->sha256) != DIGEST_HEX - 1)
		return diag_error(d, "'source' is no address");
	is_new = last->fd < 0 || strcmp(last->sha256, r->sha256) != 0;
	if (is_new && !download(&g, last))
		return false;
	tarball->is_here = true;
	tarball->fd = last->fd;
	tarball->content.size = last->size;
	/* the bytes are a better witness than what was kept of them */
	return (tarball->table.n && !is_new) ||
	       (read_table(&g) && keep_table(&g));
}

bool linux_recall(const struct host *host, const struct tarball_request *r,
		  struct tarball *tarball, struct arena *a, struct diags *d)
{
	const struct linux_host *h = linux_of(host);
	struct kept_table of;

	(void)d;
	tarball->table = (struct table){ 0 };
	tarball->had = (struct table){ 0 };
	tarball->before = NULL;
	if (!h->options.state ||
	    !kept_table_read(h->options.state, r->target, &of))
		return true;
	if (strcmp(of.sha256, r->sha256) == 0 && of.strip == tarball->strip) {
		tarball->table = of.table;
		return true;
	}
	tarball->had = of.table;
	tarball->before = arena_strdup(a, of.sha256);
	return true;
}
