/* SPDX-License-Identifier: MIT */
/*
 * What a repository on another machine has now. It is fetched into a clone in
 * the state folder, by a process that can do nothing else; another, which can
 * do nothing but read, says what the commit holds. All of that must be whole
 * before the clone knows it by a name.
 */
#include "lib/host/linux/git/remote.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/path.h"
#include "lib/host/linux/git/clone.h"
#include "lib/host/linux/process/confined.h"
#include "lib/host/linux/git/fetch.h"
#include "lib/host/linux/linux.h"
#include "lib/host/linux/trust/trusted.h"
#include "lib/host/linux/files/walk.h"
#include "lib/text/remote.h"

#define CLONE_MOST ((uint64_t)FETCH_MOST * 2) /* bytes */

enum { FOLDER = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };

/* What this run has fetched: a second look asks nobody. */
struct remote {
	const struct git_request *request;
	struct git_source source;
	struct remote *next;
};

/* One fetch. */
struct getting {
	const struct git_request *request;
	const struct linux_options *options;
	struct git_source *source;
	struct arena *arena;
	struct diags *diags;
	int at;         /* the folder of all clones; or -1 */
	int quarantine; /* or -1 */
	struct clone clone;
	const char *sought; /* there */
	struct buf known_hosts, ssh_key;
	enum transport transport;
	bool replaces; /* what was fetched is all there is */
	char tip[OBJECT_HEX + 1];
	enum fetched what;
};

static bool is_stopped(void *context)
{
	const struct linux_options *o = ((struct getting *)context)->options;

	return o->stopped && o->stopped(o->context);
}

/* --- looking at what is there --- */

static int work(void *context, int out)
{
	const struct getting *g = context;
	AUTO(arena_release) struct arena a = { 0 };
	AUTO_DIAGS struct diags d = { 0 };
	struct git_source found = { .path = g->clone.path }, *copy;
	struct pack p;
	bool good;

	if (!repository_scan(&found, g->sought, &a, &d))
		return confined_say(out,
				    d.n ? d.v[0].text : "it cannot be read");
	copy = pack_begin(&p, &found, sizeof(found));
	git_source_pack(&p, copy);
	good = !p.wrong && pack_write(&p, confined_put, &out);
	pack_release(&p);
	return good ? EXIT_SUCCESS : confined_say(out, "it cannot be told of");
}

/* The other is believed as little as what it read. */
static bool take(struct getting *g, int fd)
{
	size_t size;
	void *block = linux_map(fd, &size);
	struct git_source *found;
	struct pack p;

	found = block ? unpack_begin(&p, block, size, sizeof(*found)) : NULL;
	if (found)
		git_source_pack(&p, found);
	if (!found || !unpack_end(&p))
		return diag_error(g->diags, "what was fetched cannot be read");
	g->source->path = g->clone.path;
	g->source->table = found->table;
	memcpy(g->source->commit, found->commit, sizeof(found->commit));
	g->source->unread = g->source->unfetched = false;
	return true;
}

static bool complain(struct getting *g, int fd)
{
	AUTO_BUF struct buf safe = { 0 };

	confined_reason(fd, &safe);
	return diag_error(g->diags, "what '%s' has cannot be used: %s",
			  g->request->url, buf_text(&safe));
}

/* What the clone has of a revision. False with a diagnostic, but not when the
 * run was told to stop. */
static bool look(struct getting *g, const char *revision)
{
	const struct confined c = { .work = work,
				    .stopped = is_stopped,
				    .context = g,
				    .seconds = TABLE_CPU,
				    .name = "the process that reads a "
					    "repository" };
	AUTO_FD int fd = -1;
	int status;

	g->sought = revision;
	if (!confined_run(&c, &fd, &status, g->diags))
		return false;
	return status == 0 ? take(g, fd) : complain(g, fd);
}

static bool has(struct getting *g, const char *revision)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	struct diags *all = g->diags;
	bool found;

	g->diags = &ignored;
	found = look(g, revision);
	g->diags = all;
	return found;
}

/* --- fetching --- */

static bool open_folder(struct getting *g)
{
	static const char name[] = "git";
	const char *state = g->options->state;
	AUTO_FD int fd = open(state, FOLDER);

	if (fd < 0 || (mkdirat(fd, name, 0700) < 0 && errno != EEXIST))
		return diag_errno(g->diags, errno, "cannot use '%s'", state);
	g->at = openat(fd, name, FOLDER);
	return g->at >= 0 ||
	       diag_errno(g->diags, errno, "cannot open '%s/%s'", state, name);
}

static bool open_clone(struct getting *g)
{
	const char *path =
		repository_clone(g->options->state, g->request->url, g->arena);
	size_t n = path_parent(path);

	return open_folder(g) &&
	       clone_open(&g->clone, g->at, arena_strndup(g->arena, path, n),
			  path_name(path), true, g->arena, g->diags);
}

static bool read_keys(struct getting *g)
{
	const struct git_request *r = g->request;
	AUTO_BUF struct buf hosts = { 0 };
	AUTO_BUF struct buf ca = { 0 };

	if (remote_wrong(r->url, &g->transport))
		return diag_error(g->diags, "'repository' is no address");
	if (g->transport == TRANSPORT_HTTPS)
		return !r->ca_file || trusted_read(r->ca_file, TRUSTED_TO_WRITE,
						   &ca, g->diags);
	return trusted_read(r->known_hosts, TRUSTED_TO_WRITE, &hosts,
			    g->diags) &&
	       known_hosts_sort(&hosts, &g->known_hosts, g->diags) &&
	       trusted_read(r->ssh_key, TRUSTED_TO_READ, &g->ssh_key, g->diags);
}

static bool told_to_stop(struct getting *g)
{
	return diag_error(g->diags, "the run was told to stop");
}

static bool fetch(struct getting *g, bool all)
{
	const struct git_request *r = g->request;
	const bool some = !all && g->clone.last[0];
	const char *because = NULL;
	struct fetch f = {
		.url = r->url,
		.name = r->revision,
		.what = repository_is_commit(r->revision) ? FETCH_COMMIT
							  : FETCH_NAME,
		.is_https = g->transport == TRANSPORT_HTTPS,
		.ca_file = r->ca_file,
		.ssh_key = &g->ssh_key,
		.clone = some ? g->clone.folder : -1,
		.have = some ? g->clone.last : NULL,
		.seconds = (r->timeout + 999) / 1000,
		.stopped = is_stopped,
		.context = g,
	};

	g->replaces = !some;
	if (g->quarantine >= 0)
		close(g->quarantine);
	g->quarantine = quarantine_make(g->at, &g->known_hosts, g->diags);
	f.home = g->quarantine;
	if (f.home < 0)
		return false;
	if (fetch_run(&f, g->tip, &g->what, &because, g->arena))
		return clone_take(&g->clone, g->quarantine, g->replaces,
				  g->diags);
	return because ? diag_error(g->diags, "cannot fetch '%s': %s", r->url,
				    because)
		       : told_to_stop(g);
}

/* Of a clone that is damaged nothing is built upon. */
static bool fetch_whole(struct getting *g)
{
	AUTO_DIAGS struct diags first = { 0 };
	struct diags *all = g->diags;
	bool good;

	g->diags = &first;
	good = fetch(g, g->clone.is_full || g->clone.bytes > CLONE_MOST);
	if (good)
		good = look(g, g->tip);
	else if (!first.n || !strstr(first.v[0].text, "object not found"))
		g->replaces = true;
	g->diags = all;
	if (!good && !g->replaces && !is_stopped(g))
		return fetch(g, true) && look(g, g->tip);
	diags_append(all, &first);
	return good;
}

/* --- what is known by now --- */

static bool name(struct getting *g)
{
	return clone_name(&g->clone, g->source->commit,
			  g->what == FETCH_COMMIT ? NULL : g->request->revision,
			  g->what == FETCH_TAG, g->tip, g->replaces, g->diags);
}

static bool get(struct getting *g)
{
	const char *revision = g->request->revision;

	if (!repository_load(g->diags) || !open_clone(g))
		return false;
	if (repository_is_commit(revision) && has(g, revision))
		return true;
	return read_keys(g) && fetch_whole(g) && name(g);
}

static void release(struct getting *g)
{
	if (g->quarantine >= 0) {
		close(g->quarantine);
		quarantine_remove(g->at, g->diags);
	}
	clone_close(&g->clone);
	if (g->at >= 0)
		close(g->at);
	buf_release(&g->known_hosts);
	buf_wipe(&g->ssh_key);
}

static const struct remote *find(const struct linux_host *h,
				 const struct git_request *r)
{
	const struct remote *at = h->remotes->first;

	while (at && (strcmp(at->request->url, r->url) != 0 ||
		      strcmp(at->request->revision, r->revision) != 0))
		at = at->next;
	return at;
}

static void remember(const struct linux_host *h, const struct git_request *r,
		     const struct git_source *source)
{
	struct arena *a = &h->remotes->arena;
	struct git_request copy = { .url = arena_strdup(a, r->url),
				    .revision = arena_strdup(a, r->revision) };
	struct remote *new = arena_new(a, struct remote);

	new->request = arena_memdup(a, &copy, sizeof(copy));
	new->source = *source;
	new->source.path = arena_strdup(a, source->path);
	new->next = h->remotes->first;
	h->remotes->first = new;
}

bool linux_fetch(const struct host *host, const struct git_request *r,
		 struct git_source *source, struct arena *a, struct diags *d)
{
	const struct linux_host *h = linux_of(host);
	const struct remote *known = find(h, r);
	struct getting g = { .request = r,
			     .options = &h->options,
			     .source = source,
			     .arena = a,
			     .diags = d,
			     .at = -1,
			     .quarantine = -1,
			     .clone.folder = -1 };
	bool good;

	if (known) {
		*source = known->source;
		return true;
	}
	source->unfetched = true;
	if (!h->options.state)
		return true;
	good = get(&g);
	release(&g);
	if (good)
		remember(h, r, source);
	return good;
}

bool remote_tidy(const char *state, const struct strings *urls, int64_t since,
		 struct diags *d)
{
	AUTO(arena_release) struct arena a = { 0 };
	AUTO_FD int at = open(arena_printf(&a, "%s/git", state), FOLDER);
	struct strings names = { 0 };

	if (at < 0)
		return errno == ENOENT ||
		       diag_errno(d, errno, "cannot open '%s/git'", state);
	for (size_t i = 0; i < urls->n; i++)
		strings_add(&names, &a,
			    path_name(repository_clone(state, urls->v[i], &a)));
	return clone_tidy(at, &names, since, d);
}
