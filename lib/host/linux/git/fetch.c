/* SPDX-License-Identifier: MIT */
#include "lib/host/linux/git/fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <nss.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/output.h"
#include "lib/host/linux/process/child.h"
#include "lib/host/linux/process/confined.h"
#include "lib/host/linux/git/git.h"
#include "lib/host/linux/git/haves.h"
#include "lib/host/linux/process/sandbox.h"
#include "lib/host/linux/git/tls.h"
#include "lib/text/escape.h"
#include "lib/text/remote.h"

enum { REASON = 2000 /* bytes */ };

/* In the process that fetches. */
struct fetching {
	const struct fetch *fetch;
	const struct git *git;
	enum fetched what;
	uint64_t most;
	int64_t deadline;
	bool overdue, key_given;
	struct arena arena;
};

/* A repository of what is at hand: no file says anything of it. */
static git_repository *make_repository(struct fetching *f, git_odb **objects)
{
	const struct fetch *o = f->fetch;
	const struct git *git = f->git;
	git_repository *repository;
	git_config *config;

	if (git->git_odb_open(objects, git_objects_of(o->home, &f->arena)) < 0)
		return NULL;
	if (o->clone >= 0 &&
	    git->git_odb_add_disk_alternate(
		    *objects, git_objects_of(o->clone, &f->arena)) < 0)
		return NULL;
	if (git->git_repository_new(&repository) < 0 ||
	    git->git_config_new(&config) < 0 ||
	    git->git_repository_set_config(repository, config) < 0 ||
	    git->git_repository_set_odb(repository, *objects) < 0 ||
	    !haves_use(git, repository, o->have, &f->arena))
		return NULL;
	return repository;
}

/* --- callbacks: no says no --- */

static int check_certificate(git_cert *certificate, int valid, const char *host,
			     void *context)
{
	const struct fetching *f = context;

	(void)host;
	/* tls.c has made sure of the other kind */
	if (f->fetch->is_https)
		return certificate->cert_type == GIT_CERT_X509 && valid
			       ? 0
			       : GIT_ECERTIFICATE;
	if (certificate->cert_type == GIT_CERT_HOSTKEY_LIBSSH2 && valid)
		return 0;
	f->git->git_error_set_str(GIT_ERROR_SSH,
				  "the server's key is not the one in "
				  "known_hosts");
	return GIT_ECERTIFICATE;
}

/* As PEM, or as ssh-keygen(1) writes it: "ssh-rsa" stands at the same place in
 * each that has no passphrase. */
static bool is_rsa(const struct buf *key)
{
	return strstr(buf_text(key), "BEGIN RSA PRIVATE KEY") ||
	       strstr(buf_text(key), "AAAAdzc2gtcn");
}

static const char *why_no_key(const struct fetch *o)
{
	if (o->is_https)
		return "the server asks for a password, which there is none of";
	if (o->ssh_key && is_rsa(o->ssh_key))
		return "the server does not let this host's key in: it is one "
		       "of RSA, for which there is only SHA-1 here; make one "
		       "of Ed25519 its 'ssh_key'";
	return "the server does not let this host's key in";
}

static int give_key(git_credential **out, const char *url, const char *user,
		    unsigned types, void *context)
{
	struct fetching *f = context;
	const struct buf *key = f->fetch->ssh_key;

	(void)url;
	if (!f->fetch->is_https && (types & GIT_CREDENTIAL_USERNAME))
		return f->git->git_credential_username_new(out, "git");
	if (!f->fetch->is_https && key && !f->key_given &&
	    (types & (GIT_CREDENTIAL_SSH_KEY | GIT_CREDENTIAL_SSH_MEMORY))) {
		f->key_given = true;
		return f->git->git_credential_ssh_key_memory_new(
			out, user ? user : "git", NULL, buf_text(key), NULL);
	}
	f->git->git_error_set_str(GIT_ERROR_NET, why_no_key(f->fetch));
	return -1;
}

static int watch_size(const git_indexer_progress *p, void *context)
{
	const struct fetching *f = context;

	if (p->received_bytes <= f->most && p->total_objects <= FETCH_OBJECTS)
		return 0;
	f->git->git_error_set_str(GIT_ERROR_NET,
				  "the server sends more than is taken");
	return -1;
}

static git_remote_callbacks callbacks_of(struct fetching *f)
{
	return (git_remote_callbacks){
		.version = GIT_REMOTE_CALLBACKS_VERSION,
		.certificate_check = check_certificate,
		.credentials = give_key,
		.transfer_progress = watch_size,
		.payload = f,
	};
}

/* --- fetching --- */

static bool connect_to(struct fetching *f, git_repository *repository,
		       git_remote **remote)
{
	const struct git *git = f->git;
	git_remote_create_options create;
	git_remote_connect_options connect;

	git->git_remote_create_options_init(&create,
					    GIT_REMOTE_CREATE_OPTIONS_VERSION);
	create.repository = repository;
	create.flags = GIT_REMOTE_CREATE_SKIP_INSTEADOF |
		       GIT_REMOTE_CREATE_SKIP_DEFAULT_FETCHSPEC;
	git->git_remote_connect_options_init(
		&connect, GIT_REMOTE_CONNECT_OPTIONS_VERSION);
	connect.callbacks = callbacks_of(f);
	connect.proxy_opts.type = GIT_PROXY_NONE;
	connect.follow_redirects = GIT_REMOTE_REDIRECT_NONE;
	return git->git_remote_create_with_opts(remote, f->fetch->url,
						&create) == 0 &&
	       git->git_remote_connect_ext(*remote, GIT_DIRECTION_FETCH,
					   &connect) == 0;
}

/* Always false. */
static bool refuse(struct fetching *f, const char *text)
{
	f->git->git_error_set_str(GIT_ERROR_REFERENCE, text);
	return false;
}

static const git_remote_head *head_of(struct fetching *f,
				      const git_remote_head **heads, size_t n,
				      const char *kind)
{
	const char *name =
		arena_printf(&f->arena, "refs/%s/%s", kind, f->fetch->name);

	for (size_t i = 0; i < n; i++)
		if (strcmp(heads[i]->name, name) == 0)
			return heads[i];
	return NULL;
}

static bool find_tip(struct fetching *f, git_remote *remote, git_oid *tip)
{
	const git_remote_head **heads, *head = NULL, *tag = NULL;
	size_t n;

	if (f->what == FETCH_COMMIT)
		return f->git->git_oid_fromstr(tip, f->fetch->name) == 0;
	if (f->git->git_remote_ls(&heads, &n, remote) < 0)
		return false;
	if (f->what != FETCH_TAG)
		head = head_of(f, heads, n, "heads");
	if (f->what != FETCH_BRANCH)
		tag = head_of(f, heads, n, "tags");
	if (head && tag)
		return refuse(f, "there is a branch and a tag of that name");
	if (head) {
		f->what = FETCH_BRANCH;
		*tip = head->oid;
	} else if (tag) {
		f->what = FETCH_TAG;
		*tip = tag->oid;
	} else {
		return refuse(f, f->what == FETCH_BRANCH
					 ? "there is no such branch"
					 : "there is no such branch or tag");
	}
	return true;
}

static bool download(struct fetching *f, git_remote *remote)
{
	static const char *const names[] = {
		[FETCH_BRANCH] = "refs/heads/", [FETCH_TAG] = "refs/tags/"
	};
	char heads[] = "+refs/heads/*:refs/remotes/all/*";
	char tags[] = "+refs/tags/*:refs/tags/*";
	char *specs[] = { heads, tags };
	git_strarray refspecs = { specs, COUNT(specs) };
	git_fetch_options o;

	if (f->what != FETCH_COMMIT) {
		specs[0] = arena_printf(&f->arena, "+%s%s:" HAVES_LAST,
					names[f->what], f->fetch->name);
		refspecs.count = 1;
	}
	f->git->git_fetch_options_init(&o, GIT_FETCH_OPTIONS_VERSION);
	o.callbacks = callbacks_of(f);
	o.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE;
	o.proxy_opts.type = GIT_PROXY_NONE;
	o.follow_redirects = GIT_REMOTE_REDIRECT_NONE;
	return f->git->git_remote_download(remote, &refspecs, &o) == 0;
}

static bool fetch(struct fetching *f, git_oid *tip)
{
	git_odb *objects;
	git_repository *repository = make_repository(f, &objects);
	git_remote *remote;

	if (!repository || !connect_to(f, repository, &remote) ||
	    !find_tip(f, remote, tip) || !download(f, remote))
		return false;
	if (f->git->git_odb_exists(objects, tip))
		return true;
	return refuse(f, f->what == FETCH_COMMIT
				 ? "the commit is in none of its branches and "
				   "tags"
				 : "the server did not send the commit");
}

/* Says an id, and what it is of, or why there is none. */
static int work(void *context, int out)
{
	struct fetching *f = context;
	char hex[OBJECT_HEX + 1];
	const char *text;
	git_oid tip;
	bool good = fetch(f, &tip);

	if (good)
		text = arena_printf(
			&f->arena, "%s%c",
			f->git->git_oid_tostr(hex, sizeof(hex), &tip),
			f->what == FETCH_TAG ? 't' : 'b');
	else
		text = git_reason(f->git, &f->arena);
	return write_all(out, text, strlen(text)) && good ? EXIT_SUCCESS
							  : EXIT_FAILURE;
}

/* --- the process --- */

static bool tell_failure(int out, struct diags *d)
{
	if (d->n)
		write_all(out, d->v[0].text, strlen(d->v[0].text));
	return false;
}

static bool confine(struct fetching *f, int out, struct diags *d)
{
	const struct fetch *o = f->fetch;
	const struct rlimit size = { f->most, f->most };
	AUTO_FD int pack =
		openat(o->home, "objects/pack",
		       O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	const int reads[] = { o->home, o->clone };
	const struct fetch_box box = {
		.folder = pack,
		.reads = reads,
		.nreads = o->clone >= 0 ? 2 : 1,
		.writes = &out,
		.nwrites = 1,
		.port = remote_port(o->url, o->is_https ? 443 : 22),
	};
	char home[64];

	if (pack < 0)
		return diag_errno(d, errno, "cannot open the quarantine");
	setrlimit(RLIMIT_FSIZE, &size);
	/* libgit2 looks for .ssh/known_hosts there, and nowhere else */
	snprintf(home, sizeof(home), "/proc/self/fd/%d", o->home);
	if (setenv("HOME", home, 1) < 0)
		return diag_errno(d, errno, "cannot set HOME");
	/* others are libraries of their own, nss(5) */
	__nss_configure_lookup("hosts", "files dns");
	if (o->is_https && !tls_use(f->git, o->ca_file, f->most, d))
		return false;
	return sandbox_enter_fetch(&box, d);
}

static bool enter(void *context, int out, struct diags *d)
{
	return confine(context, out, d) || tell_failure(out, d);
}

static bool stopped(void *context)
{
	struct fetching *f = context;

	f->overdue = child_now() > f->deadline;
	return f->overdue ||
	       (f->fetch->stopped && f->fetch->stopped(f->fetch->context));
}

static const char *text_of(int fd, struct arena *a)
{
	AUTO_BUF struct buf safe = { 0 };
	char text[REASON];
	ssize_t n = pread(fd, text, sizeof(text), 0);

	escape_text(&safe, text, n > 0 ? (size_t)n : 0, false);
	return arena_strdup(a, buf_text(&safe));
}

static bool take_id(const char *text, enum fetched asked,
		    char tip[OBJECT_HEX + 1], enum fetched *what)
{
	if (strlen(text) != OBJECT_HEX + 1 ||
	    strspn(text, "0123456789abcdef") < OBJECT_HEX)
		return false;
	memcpy(tip, text, OBJECT_HEX);
	tip[OBJECT_HEX] = '\0';
	if (what)
		*what = asked != FETCH_NAME       ? asked
			: text[OBJECT_HEX] == 't' ? FETCH_TAG
						  : FETCH_BRANCH;
	return true;
}

bool fetch_run(const struct fetch *o, char tip[OBJECT_HEX + 1],
	       enum fetched *what, const char **because, struct arena *a)
{
	AUTO_DIAGS struct diags d = { 0 };
	AUTO(arena_release) struct arena own = { 0 };
	int64_t seconds = o->seconds ? o->seconds : FETCH_SECONDS;
	struct fetching f = {
		.fetch = o,
		.git = git_load(&d),
		.what = o->what,
		.most = o->most ? o->most : FETCH_MOST,
		.deadline = child_now() + seconds * 1000,
		.arena = own,
	};
	const struct confined c = { .work = work,
				    .stopped = stopped,
				    .enter = enter,
				    .context = &f,
				    .name = "the process that fetches" };
	AUTO_FD int out = -1;
	const char *text;
	int status;

	*because = NULL;
	if (f.git && confined_run(&c, &out, &status, &d)) {
		text = text_of(out, a);
		if (status == 0 && take_id(text, o->what, tip, what))
			return true;
		*because = *text ? text : "it does not say why";
	} else if (f.overdue) {
		*because = arena_printf(a, "it took more than %lld seconds",
					(long long)seconds);
	} else if (d.n) {
		*because = arena_strdup(a, d.v[0].text);
	}
	return false;
}
