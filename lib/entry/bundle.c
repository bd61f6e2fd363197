/* SPDX-License-Identifier: MIT */
/* The bundle command: a process that is confined finds the commit, decides what
 * of it the hosts need, and writes the bundle. */
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <nettle/sha2.h>

#include "lib/host/bundle.h"
#include "lib/host/linux/process/confined.h"
#include "lib/host/linux/source/open.h"
#include "lib/host/repository.h"
#include "lib/kinds/attr.h"
#include "lib/report/report.h"
#include "lib/secret/check.h"
#include "lib/secret/fleet.h"
#include "lib/session/session.h"

enum { BUNDLE_MODE = 0644, SECONDS = 10 * TABLE_CPU, CHUNK = 64 * 1024 };

struct bundling {
	struct session session;
	struct saving saving;
	struct bundle_head head;
	struct strings without; /* files of the world that stay out */
	struct strings all;     /* hosts of the world */
};

/* --- what goes in; in the process --- */

static bool add_host(struct bundling *b, const char *name)
{
	struct session *s = &b->session;
	const char *near;

	if (!strings_have(&b->all, name)) {
		near = strings_nearest(name, &b->all);
		return diag_error(&s->diags,
				  "there is no host '%s' in '%s'%s%s%s", name,
				  s->tree->name, near ? "; did you mean '" : "",
				  near ? near : "", near ? "'?" : "");
	}
	if (!strings_have(&b->head.hosts, name))
		strings_add(&b->head.hosts, &s->arena, name);
	return true;
}

static bool find_hosts(struct bundling *b)
{
	struct session *s = &b->session;
	const struct converge_options *o = s->options;
	bool ok = hosts_list(s->tree, &s->arena, &b->all, &s->diags);

	if (!ok)
		return false;
	for (size_t i = 0; i < o->nnames; i++)
		ok &= add_host(b, o->names[i]);
	if (o->all)
		b->head.hosts = b->all;
	strings_sort(&b->head.hosts);
	return ok && (b->head.hosts.n ||
		      diag_error(&s->diags, "there are no hosts in '%s'",
				 s->tree->name));
}

static void leave_out_hosts(struct bundling *b)
{
	struct arena *a = &b->session.arena;

	for (size_t i = 0; i < b->all.n; i++)
		if (!strings_have(&b->head.hosts, b->all.v[i]))
			strings_add(
				&b->without, a,
				arena_printf(a, "hosts/%s.json", b->all.v[i]));
}

static bool opens(const struct bundling *b, const struct openers *o)
{
	for (size_t i = 0; i < b->head.hosts.n; i++)
		if (strings_have(&o->hosts, b->head.hosts.v[i]))
			return true;
	return false;
}

/* The host of the bundle that uses a secret, or NULL. */
static const char *user_of(const struct fleet *f, const char *secret)
{
	for (size_t i = 0; i < f->n; i++)
		if (strings_have(&f->v[i].secrets, secret))
			return f->v[i].host;
	return NULL;
}

/* What is used must be there, or all of the host would be refused: that it
 * cannot be opened is told of the resource that needs it. */
static void leave_out_unused(struct bundling *b, const struct strings *closed)
{
	struct session *s = &b->session;
	struct fleet fleet;

	fleet_begin(&fleet, s->tree, &s->arena);
	if (closed->n)
		fleet_read_of(&fleet, &b->head.hosts);
	for (size_t i = 0; i < closed->n; i++) {
		const char *host = user_of(&fleet, closed->v[i]);

		if (!host) {
			strings_add(&b->without, &s->arena, closed->v[i]);
			continue;
		}
		diag_warning(&s->diags,
			     "host '%s' uses '%s', and cannot open it", host,
			     closed->v[i]);
		diag_hint(&s->diags, "converge secret check tells more");
	}
}

/* What is in clear text is for nobody, and least for hosts that do not use it.
 */
static bool leave_out_unsealed(struct bundling *b, const struct strings *plain)
{
	struct session *s = &b->session;
	struct fleet fleet;
	bool ok = true;

	fleet_begin(&fleet, s->tree, &s->arena);
	if (plain->n)
		fleet_read_of(&fleet, &b->head.hosts);
	for (size_t i = 0; i < plain->n; i++) {
		const char *path = plain->v[i], *host = user_of(&fleet, path);

		strings_add(&b->without, &s->arena, path);
		if (!host) {
			diag_warning(&s->diags,
				     "'%s' is not a sealed secret: it is left "
				     "out",
				     path);
			continue;
		}
		ok = diag_error(&s->diags,
				"host '%s' uses '%s', which is not a sealed "
				"secret: it is not packed",
				host, path);
	}
	return ok;
}

/* Those that none of the hosts can open, nor uses. What is sealed, and of which
 * that cannot be told, goes in. */
static bool leave_out_closed(struct bundling *b, const struct strings *secrets)
{
	struct session *s = &b->session;
	AUTO_DIAGS struct diags ignored = { 0 };
	struct strings closed = { 0 };
	struct recipients recipients;
	struct tree_entry e;

	if (!tree_entry(s->tree, RECIPIENTS_FILE, &s->arena, &e, &s->diags))
		return false;
	if (e.type != TREE_FILE ||
	    !recipients_read(s->tree, &s->arena, &recipients, &ignored))
		return true;
	for (size_t i = 0; i < secrets->n; i++) {
		struct openers o;

		if (openers_read(s->tree, secrets->v[i], &recipients, &s->arena,
				 &o, &ignored) &&
		    !opens(b, &o))
			strings_add(&closed, &s->arena, secrets->v[i]);
	}
	leave_out_unused(b, &closed);
	return true;
}

/* What lies beside them is packed: a resource may have it as its source. */
static bool leave_out_secrets(struct bundling *b)
{
	struct session *s = &b->session;
	struct strings all, others, sealed = { 0 }, plain = { 0 };

	if (!secrets_list(s->tree, &s->arena, &all, &others, &s->diags))
		return false;
	for (size_t i = 0; i < all.n; i++)
		strings_add(secret_is_sealed(s->tree, all.v[i]) ? &sealed
								: &plain,
			    &s->arena, all.v[i]);
	for (size_t i = 0; i < others.n; i++)
		diag_warning(&s->diags,
			     "'%s' lies among secrets, and is packed in clear "
			     "text",
			     others.v[i]);
	return leave_out_unsealed(b, &plain) && leave_out_closed(b, &sealed);
}

static bool make(struct bundling *b)
{
	struct session *s = &b->session;
	const struct bundle_contents contents = { .place = &s->place,
						  .commit = &s->commit,
						  .without = &b->without };

	if (!session_find_here(s))
		return false;
	if (!s->world || s->file)
		return diag_error(&s->diags, "a bundle is of a world, not of "
					     "one manifest");
	if (!find_hosts(b))
		return false;
	leave_out_hosts(b);
	return leave_out_secrets(b) &&
	       bundle_write(&contents, &b->head, b->saving.fd, &s->arena,
			    &s->diags);
}

/* What the process finds. */
struct found {
	struct bundle_head head;
	struct commit commit;
};

static void found_pack(struct pack *p, struct found *f)
{
	bundle_head_pack(p, &f->head);
	commit_pack(p, &f->commit);
}

static int work(void *context, int out)
{
	struct bundling *b = context;
	bool ok = make(b);
	struct found f = { b->head, b->session.commit };
	struct pack p;

	if (ok) {
		found_pack(&p, pack_begin(&p, &f, sizeof(f)));
		ok = pack_write(&p, session_write, &out);
		pack_release(&p);
	}
	session_show_diags(&b->session);
	return ok ? CONVERGE_OK : CONVERGE_CANNOT_RUN;
}

/* --- outside of it --- */

static void show_lost(void *context, const struct diags *d)
{
	const struct converge_view *view =
		((struct bundling *)context)->session.view;

	view->diags(view->context, d);
}

static bool told_to_stop(void *context)
{
	return stop_signal(&((struct bundling *)context)->session.stop) != 0;
}

static bool run(struct bundling *b)
{
	struct session *s = &b->session;
	const struct confined c = { .work = work,
				    .lost = show_lost,
				    .stopped = told_to_stop,
				    .context = b,
				    .seconds = SECONDS,
				    .writes = &b->saving.fd,
				    .nwrites = 1,
				    .most = BUNDLE_MOST,
				    .name = "the process that makes the "
					    "bundle" };
	AUTO_FD int out = -1;
	struct found *f;
	struct pack p;
	size_t size;
	void *block;
	int status;

	session_show_diags(s);
	if (!confined_run(&c, &out, &status, &s->diags) ||
	    WEXITSTATUS(status) != CONVERGE_OK)
		return false;
	block = linux_map(out, &size);
	f = block ? unpack_begin(&p, block, size, sizeof(*f)) : NULL;
	if (f)
		found_pack(&p, f);
	if (!f || !unpack_end(&p))
		return diag_error(&s->diags, "the process that makes the "
					     "bundle gave no answer");
	b->head = f->head;
	s->commit = f->commit;
	return true;
}

/* Of the file, as sha256sum(1) tells it, and its size. */
static bool measure(int fd, char hex[DIGEST_HEX], uint64_t *size)
{
	unsigned char bytes[CHUNK], digest[DIGEST_SIZE];
	struct sha256_ctx sha;
	ssize_t n = 0;

	*size = 0;
	sha256_init(&sha);
	while ((n = pread(fd, bytes, sizeof(bytes), (off_t)*size)) > 0) {
		sha256_update(&sha, (size_t)n, bytes);
		*size += (uint64_t)n;
	}
	sha256_digest(&sha, DIGEST_SIZE, digest);
	digest_hex(digest, hex);
	return n == 0;
}

static bool describe(struct bundling *b, json_t **made)
{
	char hex[DIGEST_HEX];
	uint64_t size;

	if (!measure(b->saving.fd, hex, &size))
		return diag_error(&b->session.diags,
				  "the bundle cannot be read again");
	*made = bundle_head_json(&b->head);
	json_object_set_new(*made, "archive",
			    json_pack("{s:s, s:I}", "sha256", hex, "size",
				      (json_int_t)size));
	report_commit(*made, session_commit(&b->session));
	return true;
}

static bool save(struct bundling *b, json_t **made)
{
	struct session *s = &b->session;
	const char *path = linux_absolute(s->options->cwd, s->options->out,
					  &s->arena, &s->diags);
	bool ok;

	if (!path || !bundle_load(&s->diags) ||
	    !linux_save_begin(&b->saving, path, &s->arena, &s->diags))
		return false;
	ok = run(b) && describe(b, made);
	return linux_save_end(&b->saving, ok, BUNDLE_MODE, &s->diags);
}

int converge_bundle(const struct converge_options *options,
		    const struct converge_view *view, json_t **made)
{
	struct bundling b = { .saving.fd = -1 };
	int status = CONVERGE_CANNOT_RUN;
	struct session *s = &b.session;

	*made = NULL;
	if (session_begin(s, options, view) &&
	    inherit_catch_stop(&s->stop, &s->diags) &&
	    session_open_source(s, options->world ? options->world : ".",
				options->rev) &&
	    (!s->bundle || diag_error(&s->diags, "it is a bundle already")) &&
	    save(&b, made))
		status = CONVERGE_OK;
	if (s->stop.signal)
		status = CONVERGE_SIGNAL + s->stop.signal;
	if (status != CONVERGE_OK) {
		json_decref(*made);
		*made = NULL;
	}
	session_end(s);
	return status;
}
