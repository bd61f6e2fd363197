/* SPDX-License-Identifier: MIT */
/* git: a folder that holds what a commit of a git repository holds. */
#include "modules/parts/beneath.h"
#include "modules/parts/rows.h"
#include "modules/parts/unpacked.h"

struct git {
	struct record r;
	const char *path;
	int ensure;
	struct git_source repository;
	const char *revision;
	struct strings ignore;
	const char *user, *group;
	const char *content; /* of the path, in one word or more */
	bool force, backup;
	const char *ssh_key, *known_hosts, *ca_file;
	int64_t timeout;
	struct node node;
	struct takes below; /* in have */
};

enum row {
	PATH,
	ENSURE,
	REPOSITORY,
	REVISION,
	IGNORE,
	USER,
	GROUP,
	CONTENT,
	FORCE,
	BACKUP,
	SSH_KEY,
	KNOWN_HOSTS,
	CA_FILE,
	TIMEOUT,
	BELOW,
	ROWS,
};

static const char as_committed[] = "as in the commit";

#define AT(member) offsetof(struct git, member)

static const struct attr attrs[ROWS] = {
	[PATH] = { .name = "path",
		   .kind = &kind_path,
		   .flags = ATTR_NAME | ATTR_PATH,
		   .offset = AT(path),
		   .doc = "The folder, which is the commit's alone: it has the "
			  "files and no .git." },
	ROW_ENSURE(AT(ensure)),
	[REPOSITORY] = { .name = "repository",
			 .kind = &kind_repository,
			 .flags = ATTR_REQUIRED_THERE,
			 .offset = AT(repository),
			 .no_secret =
				 "git says it, and keeps it in the repository: "
				 "let the user have a key of SSH",
			 .doc = "https://SERVER/PATH, ssh://USER@SERVER/PATH "
				"or USER@SERVER:PATH, without a password; or "
				"the path of a repository on this machine, "
				"bare or with a .git in it, that none but root "
				"can write to (also with --root it is one of "
				"the machine itself). What is on a server is "
				"fetched by an apply alone, when its turn "
				"comes, into a clone in the state folder; a "
				"plan knows what the last apply fetched, and "
				"calls all else unknown." },
	[REVISION] = { .name = "revision",
		       .kind = &kind_text,
		       .flags = ATTR_REQUIRED_THERE,
		       .offset = AT(revision),
		       .doc = "A branch, a tag, or the 40 hex digits of a "
			      "commit; a branch or tag is looked up in every "
			      "run, on a server in every apply. A commit is "
			      "fetched once: no server can have another." },
	[IGNORE] = { .name = "ignore",
		     .kind = &kind_texts,
		     .offset = AT(ignore),
		     .doc = "Names of files, and of folders with all in them, "
			    "that may change once they are there; when another "
			    "commit comes they are as in that one." },
	[USER] = { .name = "user",
		   .kind = &kind_owner,
		   .flags = ATTR_STATE,
		   .offset = AT(user),
		   .doc = "The user that owns all of it; root's when new. In a "
			  "folder of that user it is made as that user." },
	UNPACKED_ROW_GROUP(AT(group)),
	[CONTENT] = { .name = "content",
		      .kind = &kind_text,
		      .flags = ATTR_STATE | ATTR_INTERNAL,
		      .offset = AT(content),
		      .fallback = "\"as in the commit\"",
		      .doc = "What is in it." },
	[FORCE] = { .name = "force",
		    .kind = &kind_bool,
		    .flags = ATTR_MANNER,
		    .offset = AT(force),
		    .fallback = "false",
		    .doc = "Whether what stands there gives way when it holds "
			   "more than the commit, at any depth, as another "
			   "commit does: the folder is replaced in whole. What "
			   "goes that the commit has not the plan lists, and "
			   "counts as removals." },
	[BACKUP] = { .name = "backup",
		     .kind = &kind_bool,
		     .flags = ATTR_MANNER,
		     .offset = AT(backup),
		     .fallback = "true",
		     .doc = "Whether files that are replaced are kept in the "
			    "backup store; else they are lost, and the "
			    "change of class data." },
	[SSH_KEY] = { .name = "ssh_key",
		      .kind = &kind_path,
		      .flags = ATTR_MANNER,
		      .offset = AT(ssh_key),
		      .fallback = "\"/etc/ssh/ssh_host_ed25519_key\"",
		      .doc = "The private key that opens an ssh server: a file "
			     "of this machine that only root can read, without "
			     "a passphrase." },
	[KNOWN_HOSTS] = { .name = "known_hosts",
			  .kind = &kind_path,
			  .flags = ATTR_MANNER,
			  .offset = AT(known_hosts),
			  .fallback = "\"/etc/converge/known_hosts\"",
			  .doc = "The keys of ssh servers, as sshd(8) says; a "
				 "server that has another is not talked to." },
	[CA_FILE] = { .name = "ca_file",
		      .kind = &kind_path,
		      .flags = ATTR_MANNER,
		      .offset = AT(ca_file),
		      .doc = "The certificates that an https server's must be "
			     "signed by; without it those that the system "
			     "trusts." },
	[TIMEOUT] = { .name = "timeout",
		      .kind = &kind_duration,
		      .flags = ATTR_MANNER,
		      .offset = AT(timeout),
		      .fallback = "\"2m\"",
		      .doc = "How long a fetch may take. One that fails, and "
			     "one of more than 512 MiB does, leaves what is "
			     "there as it is." },
	ROW_BELOW(AT(below)),
};

static bool check(void *record, struct arena *a, struct diags *d)
{
	struct git *want = record;
	const uint64_t both = BIT(REPOSITORY) | BIT(REVISION);
	const char *wrong =
		want->revision ? revision_wrong(want->revision) : NULL;

	if (path_is_protected(want->path))
		return diag_error(d, "'%s' is never replaced", want->path);
	if (wrong)
		return diag_error(d, "'revision' %s", wrong);
	if (!unpacked_check_ignore(&want->ignore, d))
		return false;
	if ((want->r.set & both) != both)
		return want->ensure == ABSENT ||
		       diag_error(d, "'repository' and 'revision' must be "
				     "given");
	return repository_read(&want->repository, want->revision, a, d);
}

/* What is wanted is in have, once it is fetched. */
static struct unpacked unpacked_of(const struct git *want,
				   const struct git *have)
{
	return (struct unpacked){ .path = want->path,
				  .table = &have->repository.table,
				  .ignore = &want->ignore,
				  .owner = want->user,
				  .group = want->group };
}

static void owns(const struct host *h, const void *record, struct arena *a,
		 struct owned *o)
{
	const struct git *want = record;

	(void)h;
	(void)a;
	owned_folder(o, want->path);
}

static void edges(const void *record, struct edges *e)
{
	const struct git *want = record;
	const struct unpacked unpacked = unpacked_of(want, want);

	unpacked_edges(&unpacked, e);
	if (!want->repository.url)
		return;
	edges_after_path(e, want->ssh_key, true, "the key of this host");
	edges_after_path(e, want->known_hosts, true, "the server's key");
	if (want->ca_file)
		edges_after_path(e, want->ca_file, true,
				 "the server's certificate");
}

/* A commit that is known stays what it is. */
static bool find_source(const struct host *h, const struct git *want,
			struct git_source *source, struct arena *a,
			struct diags *d)
{
	const struct git_request request = { .url = want->repository.url,
					     .revision = want->revision,
					     .ssh_key = want->ssh_key,
					     .known_hosts = want->known_hosts,
					     .ca_file = want->ca_file,
					     .timeout = want->timeout };

	*source = want->repository;
	if (!source->url ||
	    (!source->unfetched &&
	     (!h->fetches || repository_is_commit(want->revision))))
		return true;
	return host_fetch(h, &request, source, a, d);
}

static bool look_inside(const struct host *h, const struct git *want,
			struct git *have, struct arena *a, struct diags *d)
{
	const struct unpacked unpacked = unpacked_of(want, have);
	struct unpacked_state state;

	have->r.set |= want->r.set & (BIT(USER) | BIT(GROUP));
	if (!unpacked_look(h, &unpacked, &have->node, &state, a, d))
		return false;
	have->user = state.owner;
	have->group = state.group;
	have->content = state.differs ? state.differs : as_committed;
	if (!state.differs && state.unknown)
		record_unknown(&have->r, CONTENT, state.unknown);
	return true;
}

static const char *until_fetched(const struct git *want, struct arena *a)
{
	return want->repository.url
		       ? arena_printf(a, "until '%s' is fetched",
				      want->repository.url)
		       : arena_printf(a, "until '%s' is there", want->path);
}

static bool look(const struct host *h, const void *want_record,
		 void *have_record, struct arena *a, struct diags *d)
{
	const struct git *want = want_record;
	struct git *have = have_record;
	struct node *node = &have->node;

	if (!host_look(h, want->path, node, d))
		return false;
	have->r.set |= BIT(ENSURE);
	have->ensure = node->type == NODE_ABSENT ? ABSENT : PRESENT;
	if (node->type == NODE_UNKNOWN) {
		rows_unknown(&have->r, ENSURE, BELOW, node->because);
		return true;
	}
	/* what is known of it already tells what is its own */
	have->repository = want->repository;
	if (want->ensure == ABSENT)
		return true;
	if (!find_source(h, want, &have->repository, a, d))
		return false;
	if (have->repository.unfetched) {
		rows_unknown(&have->r, ENSURE, BELOW, until_fetched(want, a));
		return true;
	}
	if (node->type == NODE_ABSENT)
		return true;
	have->r.set |= BIT(CONTENT);
	if (node->type == NODE_DIRECTORY)
		return look_inside(h, want, have, a, d);
	have->content = arena_printf(a, "a %s", node_type_name(node->type));
	return true;
}

/* What goes with it, if it is going to change. */
static bool look_beside(const struct host *h, const struct git *want,
			struct git *have, struct arena *a, struct diags *d)
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
	struct git *have = have_record;

	beneath_none(&have->r, BELOW, &have->below);
	return look(h, want_record, have, a, d) &&
	       look_beside(h, want_record, have, a, d);
}

static bool apply(struct host *h, const struct step *step, struct arena *a,
		  struct diags *d)
{
	const struct git *want = step->want, *have = step->have;
	struct folder_write *w = arena_new(a, struct folder_write);
	struct unpacked unpacked;

	if (step->action == ACTION_UNKNOWN) {
		w->path = want->path;
		w->unknown = until_fetched(want, a);
		return host_unpack(h, w, d);
	}
	unpacked = unpacked_of(want, have);
	w->repository = &have->repository;
	w->expect = &have->node;
	w->backup = want->backup;
	return beneath_may_go(want->path, &have->below, want->backup, d) &&
	       unpacked_change(h, &unpacked, want->ensure == ABSENT,
			       want->force, w, a, d);
}

static const struct takes *takes(const struct step *step)
{
	const struct git *have = step->have;

	return &have->below;
}

static bool undoable(const struct step *step)
{
	const struct git *want = step->want, *have = step->have;

	return want->backup || have->node.type == NODE_ABSENT;
}

/* What is not kept is lost. */
static enum disruption disruption(const struct step *step)
{
	return step->have && !undoable(step) ? DISRUPTION_DATA
					     : DISRUPTION_NONE;
}

static const char *because(const struct step *step, struct arena *a)
{
	const struct git *want = step->want, *have = step->have;

	return want->ensure == ABSENT
		       ? NULL
		       : arena_printf(a, "%s is %.12s", want->revision,
				      have->repository.commit);
}

const struct module git_module = {
	.name = "git",
	.summary = "A folder with the files of a commit. They come straight "
		   "from the repository's objects: its configuration, hooks, "
		   "filters and submodules are not looked at. They are read by "
		   "a process that can do nothing else, checked, and put in "
		   "place in whole.",
	.example = "\"git:/srv/app\": {\n"
		   "  \"repository\": \"/srv/git/app.git\",\n"
		   "  \"revision\": \"v1.2\",\n"
		   "  \"user\": \"app\",\n"
		   "  \"force\": true\n"
		   "}\n",
	.size = sizeof(struct git),
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
	.because = because,
	.foreseen = true,
};
