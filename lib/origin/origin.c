/* SPDX-License-Identifier: MIT */
#include "lib/origin/origin.h"

#include <string.h>
#include <unistd.h>

#include "lib/host/bundle.h"
#include "lib/host/linux/git/fetch.h"
#include "lib/host/linux/trust/signature.h"
#include "lib/host/linux/git/tip.h"
#include "lib/host/linux/trust/trusted.h"
#include "lib/host/linux/git/clone.h"
#include "lib/origin/trust.h"

/* One run of it. */
struct getting {
	const struct origin_options *options;
	struct origin *origin;
	struct arena *arena;
	struct diags *diags;
	struct buf allowed, revoked, keyring, known_hosts, ssh_key;
	const char *ca_file;
	struct clone clone;
	int at;           /* the folder that the quarantine is in */
	int quarantine;   /* or -1 */
	const char *last; /* that an earlier run took, or NULL */
	char tip[OBJECT_HEX + 1];
	bool replaces; /* what was fetched is all there is */
	bool keeps;    /* it goes into the state folder */
};

/* --- what is trusted --- */

static const char *under(const struct getting *g, const char *path)
{
	const char *root = g->options->root;

	return root[1] ? arena_printf(g->arena, "%s%s", root, path) : path;
}

static bool read_part(struct getting *g, const char *path, unsigned not_theirs,
		      struct buf *out)
{
	return !path || trusted_read(under(g, path), not_theirs, out, g->diags);
}

static bool read_agent(struct getting *g)
{
	AUTO_BUF struct buf text = { 0 };
	const char *path = under(g, AGENT_FILE);

	if (!trusted_read(path, TRUSTED_TO_WRITE, &text, g->diags)) {
		diag_hint(g->diags, "say which manifest or world is meant, or "
				    "see converge-agent.json(5)");
		return false;
	}
	if (text.size > AGENT_MAX_BYTES)
		return diag_error(g->diags, "'%s' is too large", path);
	return agent_read(&g->origin->agent, buf_text(&text), text.size, path,
			  g->arena, g->diags);
}

/* All of it, whatever the server will turn out to be: what is wrong with one
 * is told in any run that has a server. */
static bool read_keys(struct getting *g)
{
	const struct agent *a = &g->origin->agent;
	AUTO_BUF struct buf hosts = { 0 };
	AUTO_BUF struct buf ca = { 0 };
	bool fetches = !g->options->bundle;
	bool is_ssh = fetches && a->transport == TRANSPORT_SSH;
	bool good;

	good = read_part(g, a->allowed_signers, TRUSTED_TO_WRITE, &g->allowed);
	good = read_part(g, a->revoked_keys, TRUSTED_TO_WRITE, &g->revoked) &&
	       good;
	good = read_part(g, a->gpg_keyring, TRUSTED_TO_WRITE, &g->keyring) &&
	       good;
	good = read_part(g, fetches ? a->ca_file : NULL, TRUSTED_TO_WRITE,
			 &ca) &&
	       good;
	good = read_part(g, is_ssh ? a->known_hosts : NULL, TRUSTED_TO_WRITE,
			 &hosts) &&
	       good;
	good = read_part(g, is_ssh ? a->ssh_key : NULL, TRUSTED_TO_READ,
			 &g->ssh_key) &&
	       good;
	g->ca_file = a->ca_file ? under(g, a->ca_file) : NULL;
	return good && known_hosts_sort(&hosts, &g->known_hosts, g->diags);
}

/* --- what earlier runs left --- */

/* The store is written first, so it is the newer one. */
static bool recall(struct getting *g)
{
	const struct origin_options *o = g->options;
	const char *stored = o->last ? o->last->revision : NULL;

	g->clone.folder = -1;
	if (o->state >= 0 &&
	    !clone_open(&g->clone, o->state, o->path, CLONE_WORLD, o->keeps,
			g->arena, g->diags))
		return false;
	if (!stored && g->clone.is_unread) {
		diag_error(g->diags,
			   "neither '%s' nor the database can tell which "
			   "commit the last run took",
			   g->clone.path);
		diag_hint(g->diags, "if any may come now, remove '%s'",
			  g->clone.path);
		return false;
	}
	g->last = stored ? stored : g->clone.last[0] ? g->clone.last : NULL;
	if (stored && !g->clone.last[0])
		diag_warning(g->diags,
			     "'%s/world.git' has lost the commit that the last "
			     "run took, %.12s",
			     o->path, stored);
	else if (!stored && g->clone.last[0])
		diag_warning(g->diags,
			     "the database in '%s' has lost the commit that "
			     "the last run took; '%s' has %.12s",
			     o->path, g->clone.path, g->clone.last);
	return true;
}

/* --- fetching --- */

static bool open_work(struct getting *g)
{
	struct origin *origin = g->origin;

	if (g->keeps) {
		g->at = g->options->state;
	} else {
		origin->scratch =
			scratch_make(&origin->scratch_path, g->arena, g->diags);
		g->at = origin->scratch;
	}
	return g->at >= 0;
}

static bool fetch(struct getting *g, bool all, const char **because)
{
	const struct agent *a = &g->origin->agent;
	const bool has = !all && g->clone.folder >= 0 && g->clone.last[0];
	struct fetch f = {
		.url = a->url,
		.name = a->branch,
		.is_https = a->transport == TRANSPORT_HTTPS,
		.ca_file = g->ca_file,
		.ssh_key = &g->ssh_key,
		.clone = has ? g->clone.folder : -1,
		.have = has ? g->clone.last : NULL,
		.stopped = g->options->stopped,
		.context = g->options->context,
	};

	g->replaces = !has;
	if (g->quarantine >= 0)
		close(g->quarantine);
	g->quarantine = quarantine_make(g->at, &g->known_hosts, g->diags);
	f.home = g->quarantine;
	*because = NULL;
	return f.home >= 0 && fetch_run(&f, g->tip, NULL, because, g->arena);
}

/* In full when what is there is not whole: libgit2 goes through it to say what
 * need not be sent. */
static bool fetch_any(struct getting *g, const char **because)
{
	if (fetch(g, g->clone.is_full, because))
		return true;
	if (g->replaces || !*because || !strstr(*because, "object not found"))
		return false;
	diag_warning(g->diags, "'%s' is damaged: all of it is fetched again",
		     g->clone.path);
	return fetch(g, true, because);
}

/* --- what somebody brought --- */

static bool unpack(struct getting *g)
{
	const struct origin_options *o = g->options;
	struct bundle_source source = { .path = o->bundle,
					.shown = o->shown,
					.stopped = o->stopped,
					.context = o->context };

	g->replaces =
		g->clone.is_full || g->clone.folder < 0 || !g->clone.last[0];
	g->quarantine = quarantine_make(g->at, NULL, g->diags);
	source.quarantine = g->quarantine;
	if (g->quarantine < 0 ||
	    !bundle_unpack(&source, &g->origin->bundle, g->arena, g->diags))
		return false;
	memcpy(g->tip, g->origin->bundle.commit, OBJECT_HEX + 1);
	g->origin->seen = arena_strdup(g->arena, g->tip);
	return !o->is_for || o->is_for(o->context, g->origin);
}

/* --- looking --- */

static bool look(struct getting *g, const char *commit, bool fetched,
		 struct tip *tip)
{
	const struct world_record *stored = g->options->last;
	const struct tip_question q = {
		.quarantine = fetched ? g->quarantine : -1,
		.clone = g->clone.folder,
		.tip = commit,
		.is_part =
			fetched ? g->options->bundle != NULL : g->clone.is_part,
		.last = { fetched && g->clone.last[0] ? g->clone.last : NULL,
			  fetched && stored ? stored->revision : NULL },
		.stopped = g->options->stopped,
		.context = g->options->context,
	};

	return tip_look(&q, tip, g->arena, g->diags);
}

static const char *name_of(const struct getting *g, const char *path)
{
	return path ? under(g, path) : NULL;
}

static const char *wrong_with(struct getting *g, const struct tip *tip)
{
	const struct agent *a = &g->origin->agent;
	const struct signers by = {
		.allowed = a->allowed_signers ? &g->allowed : NULL,
		.revoked = a->revoked_keys ? &g->revoked : NULL,
		.keyring = a->gpg_keyring ? &g->keyring : NULL,
		.fingerprints = &a->gpg_signers,
		.allowed_name = name_of(g, a->allowed_signers),
		.revoked_name = name_of(g, a->revoked_keys),
		.keyring_name = name_of(g, a->gpg_keyring),
	};

	return tip->wrong ? tip->wrong
			  : signature_wrong(&by, &tip->commit, &g->origin->who,
					    g->arena);
}

static void settle(struct getting *g, const char *commit, int64_t time)
{
	memcpy(g->origin->commit, commit, OBJECT_HEX + 1);
	g->origin->time = time;
}

/* It was good once. It must still be: a key may have been taken from the list,
 * and a disk forgets. */
static bool keep(struct getting *g, const char *commit)
{
	const char *wrong = "is not there any more";
	struct tip tip = { 0 };

	if (g->clone.folder >= 0) {
		if (!look(g, commit, false, &tip))
			return false;
		wrong = wrong_with(g, &tip);
		settle(g, commit, tip.commit.time);
		signed_release(&tip.commit);
	}
	g->origin->repository = g->clone.path;
	return !wrong ||
	       diag_error(g->diags, "commit %s, which the last run took, %s",
			  commit, wrong);
}

/* A run that keeps nothing has a copy of all there is. */
static bool take(struct getting *g, int64_t time)
{
	struct clone copy;
	bool good;

	settle(g, g->tip, time);
	g->origin->is_newest = true;
	g->origin->repository = g->clone.path;
	if (g->keeps)
		return clone_take(&g->clone, g->quarantine, g->replaces,
				  g->diags);
	if (!clone_open(&copy, g->at, g->origin->scratch_path, CLONE_WORLD,
			true, g->arena, g->diags))
		return false;
	g->origin->repository = copy.path;
	good = (g->replaces ||
		clone_take(&copy, g->clone.folder, false, g->diags)) &&
	       clone_take(&copy, g->quarantine, false, g->diags);
	clone_close(&copy);
	return good;
}

static bool follow(struct getting *g, const struct verdict_on *v,
		   const struct claims *c)
{
	switch (v->ruling) {
	case RULING_TAKE:
		return take(g, c->tip_time);
	case RULING_KEEP:
		diag_warning(g->diags, "%s", v->text);
		return keep(g, v->commit);
	case RULING_REFUSED:
		break;
	}
	diag_error(g->diags, "%s", v->text);
	if (v->hint)
		diag_hint(g->diags, "%s", v->hint);
	return false;
}

/* What is not whole may be so because of what was there before: then all of it
 * is fetched. */
static bool look_at_fetched(struct getting *g, struct tip *tip,
			    const char **because)
{
	if (!look(g, g->tip, true, tip))
		return false;
	if (!tip->wrong || g->replaces || !strstr(tip->wrong, "missing"))
		return true;
	signed_release(&tip->commit);
	*tip = (struct tip){ 0 };
	return fetch(g, true, because) && look(g, g->tip, true, tip);
}

static bool is_told(const struct getting *g)
{
	return g->options->stopped && g->options->stopped(g->options->context);
}

/* What there is to be decided on. Why nothing could be learnt. */
static bool obtain(struct getting *g, struct tip *tip, const char **because)
{
	*because = NULL;
	if (g->options->bundle)
		return unpack(g) && look(g, g->tip, true, tip);
	if (!fetch_any(g, because))
		return *because != NULL;
	return look_at_fetched(g, tip, because) || *because;
}

static bool decide(struct getting *g)
{
	const struct origin_options *o = g->options;
	struct tip tip = { 0 };
	const char *because;
	struct claims c = { .last = g->last,
			    .last_time = o->last && o->last->revision
						 ? o->last->time
						 : 0,
			    .max_age = g->origin->agent.max_age,
			    .now = o->now,
			    .is_given = o->bundle != NULL,
			    .allow_rollback = o->allow_rollback };
	struct verdict_on v;
	bool good;

	if (!obtain(g, &tip, &because) || is_told(g))
		return false;
	if (because) {
		c.not_fetched = arena_printf(g->arena, "cannot fetch '%s': %s",
					     g->origin->agent.url, because);
	} else {
		c.tip = g->tip;
		c.tip_time = tip.commit.time;
		c.descends = tip.descends;
		c.unsigned_because = wrong_with(g, &tip);
		if (tip.last_time)
			c.last_time = tip.last_time;
	}
	v = trust_decide(&c, g->arena);
	if (c.tip)
		g->origin->seen = arena_strdup(g->arena, c.tip);
	g->origin->because = v.because;
	good = follow(g, &v, &c);
	signed_release(&tip.commit);
	return good;
}

/* As of a folder that is named: nobody asks whose it is. */
static bool vouch(struct getting *g)
{
	g->keeps = false;
	if (!open_work(g) || !unpack(g) || !take(g, 0))
		return false;
	g->origin->is_newest = false;
	if (!g->options->review)
		diag_warning(g->diags,
			     "the signature of commit %s was not looked at: "
			     "there is no '%s' to say whose counts",
			     g->tip, under(g, AGENT_FILE));
	return true;
}

static bool is_vouched_for(const struct getting *g)
{
	return g->options->bundle &&
	       (g->options->review || !trusted_is_there(under(g, AGENT_FILE)));
}

static void release(struct getting *g)
{
	if (g->quarantine >= 0) {
		close(g->quarantine);
		quarantine_remove(g->at, g->diags);
	}
	clone_close(&g->clone);
	buf_release(&g->allowed);
	buf_release(&g->revoked);
	buf_release(&g->keyring);
	buf_release(&g->known_hosts);
	buf_release(&g->ssh_key);
}

static bool is_whole_id(const char *id)
{
	return !id || object_is_hex(id, OBJECT_HEX);
}

bool origin_get(const struct origin_options *o, struct origin *origin,
		struct arena *a, struct diags *d)
{
	struct getting g = { .options = o,
			     .origin = origin,
			     .arena = a,
			     .diags = d,
			     .clone.folder = -1,
			     .at = -1,
			     .quarantine = -1,
			     .keeps = o->keeps };
	bool good;

	*origin = (struct origin)ORIGIN_NONE;
	if (!is_whole_id(o->allow_rollback))
		return diag_error(d, "--allow-rollback takes the whole id of a "
				     "commit, of 40 hexadecimal digits");
	origin->is_asked = !is_vouched_for(&g);
	good = origin->is_asked
		       ? read_agent(&g) && read_keys(&g) && recall(&g) &&
				 open_work(&g) && decide(&g)
		       : vouch(&g);
	release(&g);
	return good;
}

bool origin_keep(const struct origin_options *o, const struct origin *origin,
		 struct arena *a, struct diags *d)
{
	struct clone v;
	bool good =
		clone_open(&v, o->state, o->path, CLONE_WORLD, true, a, d) &&
		clone_point(&v, origin->commit, d);

	clone_close(&v);
	return good;
}

void origin_release(struct origin *origin, struct diags *d)
{
	if (origin->scratch < 0)
		return;
	scratch_remove(origin->scratch, origin->scratch_path, d);
	close(origin->scratch);
	origin->scratch = -1;
}
