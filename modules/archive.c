/* SPDX-License-Identifier: MIT */
/* archive: a folder that holds what an archive of the world, or of a server,
 * holds. */
#include <string.h>

#include "modules/parts/beneath.h"
#include "modules/parts/rows.h"
#include "modules/parts/unpacked.h"

struct archive {
	struct record r;
	const char *target;
	int ensure;
	struct tarball source;
	const char *sha256;
	int64_t strip;
	const char *creates;
	struct strings ignore;
	const char *owner, *group;
	const char *content; /* of the target, in one word or more */
	bool force, backup;
	const char *ca_file;
	int64_t timeout, most;
	struct node node;
	struct takes below; /* in have */
};

enum row {
	TARGET,
	ENSURE,
	SOURCE,
	SHA256,
	STRIP,
	CREATES,
	IGNORE,
	OWNER,
	GROUP,
	CONTENT,
	FORCE,
	BACKUP,
	CA_FILE,
	TIMEOUT,
	MOST,
	BELOW,
	ROWS,
};

enum { DOWNLOAD_MIB = 2048 };

#define AT(member) offsetof(struct archive, member)

static const struct attr attrs[ROWS] = {
	[TARGET] = { .name = "target",
		     .kind = &kind_path,
		     .flags = ATTR_NAME | ATTR_PATH,
		     .offset = AT(target),
		     .doc = "The folder, which is the archive's alone." },
	ROW_ENSURE(AT(ensure)),
	[SOURCE] = { .name = "source",
		     .kind = &kind_tarball,
		     .flags = ATTR_REQUIRED_THERE,
		     .offset = AT(source),
		     .doc = "The file of the world that is unpacked, or "
			    "https://SERVER/PATH, without a password; http "
			    "too, as the digest tells what comes. It is tar or "
			    "zip, as it is or packed with gzip, xz, zstd or "
			    "bzip2; at most 200,000 entries and 4 GiB. What is "
			    "on a server is downloaded by an apply alone, when "
			    "there is something to unpack, and not kept; what "
			    "it holds is unknown to a plan until then. A query "
			    "in its URL is shown nowhere." },
	[SHA256] = { .name = "sha256",
		     .kind = &kind_text,
		     .offset = AT(sha256),
		     .doc = "The SHA-256 digest that the source must have, as "
			    "64 hex digits; of one on a server it must be "
			    "given." },
	[STRIP] = { .name = "strip_components",
		    .kind = &kind_integer,
		    .offset = AT(strip),
		    .fallback = "0",
		    .min = 0,
		    .max = TABLE_DEPTH,
		    .doc = "How many leading components of each name are left "
			   "out; what has no more is not unpacked." },
	[CREATES] = { .name = "creates",
		      .kind = &kind_path,
		      .offset = AT(creates),
		      .doc = "If this path is there, all is taken to be "
			     "unpacked, and is not looked at; without it every "
			     "entry is compared with the archive in every "
			     "run." },
	[IGNORE] = { .name = "ignore",
		     .kind = &kind_texts,
		     .offset = AT(ignore),
		     .doc = "Names of entries, and of folders with all in "
			    "them, that may change once they are unpacked; if "
			    "all has to be unpacked again, they are as in the "
			    "archive again." },
	[OWNER] = { .name = "owner",
		    .kind = &kind_owner,
		    .flags = ATTR_STATE,
		    .offset = AT(owner),
		    .doc = "The user that owns all of it; root's when new. "
			   "What the archive says of owners and modes is not "
			   "taken, but for who may execute a file." },
	UNPACKED_ROW_GROUP(AT(group)),
	[CONTENT] = { .name = "content",
		      .kind = &kind_text,
		      .flags = ATTR_STATE | ATTR_INTERNAL,
		      .offset = AT(content),
		      .fallback = "\"as in the archive\"",
		      .doc = "What is in it." },
	[FORCE] = { .name = "force",
		    .kind = &kind_bool,
		    .flags = ATTR_MANNER,
		    .offset = AT(force),
		    .fallback = "false",
		    .doc = "Whether what stands there gives way when it holds "
			   "more than the archive, at any depth, as another "
			   "version of it does: the folder is replaced in "
			   "whole. What goes that the archive has not the plan "
			   "lists, and counts as removals." },
	[BACKUP] = { .name = "backup",
		     .kind = &kind_bool,
		     .flags = ATTR_MANNER,
		     .offset = AT(backup),
		     .fallback = "true",
		     .doc = "Whether files that are replaced or removed are "
			    "kept in the backup store; else they are lost, "
			    "and the change of class data." },
	[CA_FILE] = { .name = "ca_file",
		      .kind = &kind_path,
		      .flags = ATTR_MANNER,
		      .offset = AT(ca_file),
		      .doc = "The certificates that an https server's must be "
			     "signed by: a file of this machine that only "
			     "root can write to; without it those that the "
			     "system trusts." },
	[TIMEOUT] = { .name = "timeout",
		      .kind = &kind_duration,
		      .flags = ATTR_MANNER,
		      .offset = AT(timeout),
		      .fallback = "\"10m\"",
		      .doc = "How long a download may take, with up to three "
			     "more tries when the connection breaks or the "
			     "server says that it cannot now, and up to five "
			     "redirects, to https alone." },
	[MOST] = { .name = "max_mib",
		   .kind = &kind_integer,
		   .flags = ATTR_MANNER,
		   .offset = AT(most),
		   .fallback = "2048",
		   .min = 1,
		   .max = DOWNLOAD_MIB,
		   .doc = "How many MiB a download may have." },
	ROW_BELOW(AT(below)),
};

static bool is_hex(const char *text)
{
	return strlen(text) == 64 &&
	       strspn(text, "0123456789abcdef") == strlen(text);
}

/* Who approves of a change approves of that archive and no other. */
static bool check_url(struct archive *want, struct arena *a, struct diags *d)
{
	if (!want->sha256) {
		diag_error(d,
			   "'sha256' is missing: what '%s' sends must be known",
			   want->source.content.path);
		diag_hint(d, "sha256sum(1) tells the digest of a file");
		return false;
	}
	want->content =
		arena_printf(a, "as in the archive %.16s", want->sha256);
	return true;
}

static bool check(void *record, struct arena *a, struct diags *d)
{
	struct archive *want = record;

	if (path_is_protected(want->target))
		return diag_error(d, "'%s' is never replaced", want->target);
	if (want->sha256 && !is_hex(want->sha256))
		return diag_error(d, "'sha256' must be 64 hex digits, in small "
				     "letters");
	if (!unpacked_check_ignore(&want->ignore, d))
		return false;
	if (!(want->r.set & BIT(SOURCE)))
		return want->ensure == ABSENT ||
		       diag_error(d, "'source' is missing");
	want->source.strip = want->strip;
	if (want->source.url)
		return check_url(want, a, d);
	return tarball_read(&want->source, want->sha256, a, d);
}

/* What of a server is wanted is in have, once it is known; until then what was
 * unpacked before tells what is its own. */
static struct unpacked unpacked_of(const struct archive *want,
				   const struct archive *have)
{
	const struct tarball *t = &have->source;

	return (struct unpacked){ .path = want->target,
				  .table = t->table.n ? &t->table : &t->had,
				  .ignore = &want->ignore,
				  .owner = want->owner,
				  .group = want->group };
}

static void owns(const struct host *h, const void *record, struct arena *a,
		 struct owned *o)
{
	const struct archive *want = record;

	(void)h;
	(void)a;
	owned_folder(o, want->target);
}

static void edges(const void *record, struct edges *e)
{
	const struct archive *want = record;
	const struct unpacked unpacked = unpacked_of(want, want);

	unpacked_edges(&unpacked, e);
	if (want->source.url && want->ca_file)
		edges_after_path(e, want->ca_file, true,
				 "the server's certificate");
}

/* --- what is there --- */

/* With creates all is taken to be there, whatever it holds. */
static bool look_created(const struct host *h, const struct archive *want,
			 struct archive *have, struct arena *a, struct diags *d)
{
	struct node n;

	if (!host_look(h, want->creates, &n, d))
		return false;
	if (n.type == NODE_UNKNOWN)
		record_unknown(&have->r, CONTENT, n.because);
	else if (n.type == NODE_ABSENT)
		have->content = arena_printf(a, "without %s", want->creates);
	return true;
}

static struct tarball_request request_of(const struct archive *want)
{
	return (struct tarball_request){ .target = want->target,
					 .url = want->source.url,
					 .sha256 = want->sha256,
					 .ca_file = want->ca_file,
					 .most = (uint64_t)want->most << 20,
					 .timeout = want->timeout };
}

static const char *until_downloaded(const struct archive *want, struct arena *a)
{
	return arena_printf(a, "until '%s' is downloaded",
			    want->source.content.path);
}

/* Whether the entries can be compared; if nothing else tells whether anything
 * is to be done, a change that is under way has a look at the archive. */
static bool find_table(const struct host *h, const struct archive *want,
		       struct archive *have, bool *known, struct arena *a,
		       struct diags *d)
{
	const struct tarball_request request = request_of(want);
	struct tarball *source = &have->source;

	*known = true;
	if (!source->url || source->table.n)
		return true;
	if (!source->before && h->acting)
		return host_download(h, &request, source, a, d);
	*known = false;
	if (!source->before)
		record_unknown(&have->r, CONTENT, until_downloaded(want, a));
	else if (strcmp(source->before, want->sha256) != 0)
		have->content = arena_printf(a, "as in the archive %.16s",
					     source->before);
	else
		have->content = "with another strip_components";
	return true;
}

static bool look_inside(const struct host *h, const struct archive *want,
			struct archive *have, struct arena *a, struct diags *d)
{
	struct unpacked unpacked;
	struct unpacked_state state;
	bool known;

	have->owner = want->owner;
	have->group = want->group;
	have->content = want->content;
	have->r.set |= BIT(CONTENT) | (want->r.set & (BIT(OWNER) | BIT(GROUP)));
	if (want->creates)
		return look_created(h, want, have, a, d);
	if (!find_table(h, want, have, &known, a, d))
		return false;
	if (!known)
		return true;
	unpacked = unpacked_of(want, have);
	if (!unpacked_look(h, &unpacked, &have->node, &state, a, d))
		return false;
	have->owner = state.owner;
	have->group = state.group;
	if (state.differs)
		have->content = state.differs;
	else if (state.unknown)
		record_unknown(&have->r, CONTENT, state.unknown);
	return true;
}

static bool look(const struct host *h, const void *want_record,
		 void *have_record, struct arena *a, struct diags *d)
{
	const struct archive *want = want_record;
	struct archive *have = have_record;
	const struct tarball_request request = request_of(want);
	struct node *node = &have->node;

	have->source = want->source;
	if (!host_look(h, want->target, node, d) ||
	    (request.url && !host_recall(h, &request, &have->source, a, d)))
		return false;
	have->r.set |= BIT(ENSURE);
	have->ensure = node->type == NODE_ABSENT ? ABSENT : PRESENT;
	if (node->type == NODE_UNKNOWN) {
		rows_unknown(&have->r, ENSURE, BELOW, node->because);
		return true;
	}
	if (node->type == NODE_ABSENT || want->ensure == ABSENT)
		return true;
	if (node->type == NODE_DIRECTORY)
		return look_inside(h, want, have, a, d);
	have->r.set |= BIT(CONTENT);
	have->content = arena_printf(a, "a %s", node_type_name(node->type));
	return true;
}

/* What goes with it, if it is going to change. */
static bool look_beside(const struct host *h, const struct archive *want,
			struct archive *have, struct arena *a, struct diags *d)
{
	const struct unpacked unpacked = unpacked_of(want, have);
	uint64_t differ = record_differ(attrs, ROWS, want, have);

	return !(differ & ~have->r.unknown) ||
	       unpacked_look_beside(h, &unpacked, &have->node, want->force,
				    &have->r, BELOW, &have->below, a, d);
}

static bool observe(const struct host *h, const void *want_record,
		    void *have_record, struct arena *a, struct diags *d)
{
	struct archive *have = have_record;

	beneath_none(&have->r, BELOW, &have->below);
	return look(h, want_record, have, a, d) &&
	       look_beside(h, want_record, have, a, d);
}

/* --- changing it --- */

/* On a picture: whether it changes is not known, nor what it holds then. */
static bool promise(struct host *h, const struct archive *want,
		    struct folder_write *w, struct arena *a, struct diags *d)
{
	w->path = want->target;
	w->unknown = until_downloaded(want, a);
	return !want->source.url || want->ensure == ABSENT ||
	       host_unpack(h, w, d);
}

static bool apply(struct host *h, const struct step *step, struct arena *a,
		  struct diags *d)
{
	const struct archive *want = step->want;
	struct folder_write *w = arena_new(a, struct folder_write);
	struct archive *have;
	struct tarball_request request;
	struct unpacked unpacked;
	bool absent = want->ensure == ABSENT;

	if (step->action == ACTION_UNKNOWN)
		return promise(h, want, w, a, d);
	have = arena_memdup(a, step->have, sizeof(*have));
	request = request_of(want);
	if (request.url && !absent &&
	    !host_download(h, &request, &have->source, a, d))
		return false;
	if (have->source.is_here)
		have->source.had = (struct table){ 0 };
	if (!absent && !have->source.table.n)
		w->unknown = until_downloaded(want, a);
	unpacked = unpacked_of(want, have);
	w->tarball = &have->source;
	w->expect = &have->node;
	w->backup = want->backup;
	return beneath_may_go(want->target, &have->below, want->backup, d) &&
	       unpacked_change(h, &unpacked, absent, want->force, w, a, d);
}

static const struct takes *takes(const struct step *step)
{
	const struct archive *have = step->have;

	return &have->below;
}

static bool undoable(const struct step *step)
{
	const struct archive *want = step->want, *have = step->have;

	return want->backup || have->node.type == NODE_ABSENT;
}

/* What is not kept is lost. */
static enum disruption disruption(const struct step *step)
{
	return step->have && !undoable(step) ? DISRUPTION_DATA
					     : DISRUPTION_NONE;
}

const struct module archive_module = {
	.name = "archive",
	.summary = "A folder with what an archive of the world, or of a "
		   "server, holds. It is downloaded by a process that can do "
		   "nothing else, unpacked beside its place by another, "
		   "checked, and put in place in whole.",
	.example = "\"archive:/opt/app\": {\n"
		   "  \"source\": \"files/app-1.2.tar.gz\",\n"
		   "  \"sha256\": "
		   "\"27689b702d63188321e9d04f7ab7390fc3cd1ede020f196781eded99"
		   "a67d9c08\",\n"
		   "  \"strip_components\": 1,\n"
		   "  \"ignore\": [\"etc/app.conf\"],\n"
		   "  \"force\": true\n"
		   "},\n"
		   "\"file:/opt/app/etc/app.conf\": {\n"
		   "  \"content\": \"workers = 4\\n\"\n"
		   "},\n"
		   "\"archive:/opt/tool\": {\n"
		   "  \"source\": \"https://example.org/tool-3.1.tar.xz\",\n"
		   "  \"sha256\": "
		   "\"f87650ededbb84ac44bd926bd2b660206d9566449810f755972ce31c"
		   "5c6297df\"\n"
		   "}\n",
	.size = sizeof(struct archive),
	.attrs = attrs,
	.nattrs = ROWS,
	.check = check,
	.owns = owns,
	.edges = edges,
	.observe = observe,
	.apply = apply,
	.takes = takes,
	.disruption = disruption,
	.undoable = undoable,
	.foreseen = true,
};
