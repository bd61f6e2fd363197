/* SPDX-License-Identifier: MIT */
/* file: a regular file, its content, owner and mode. */
#include <string.h>

#include "modules/parts/beneath.h"
#include "modules/parts/no_secret.h"
#include "modules/parts/perms.h"
#include "modules/parts/rows.h"
#include "modules/parts/tool.h"

enum { NEW_FILE = 0644, NEW_SECRET = 0600, OTHERS = 07 };

struct file {
	struct record r;
	const char *path;
	int ensure;
	const char *type;
	struct content content; /* of content, source or template */
	const char *owner, *group;
	struct mode mode;
	bool replace, backup, force;
	struct strings validate;
	int64_t timeout;
	struct node node; /* in have: what stands there */
	bool strips;      /* in have: another owner takes its capabilities */
	struct takes below;
};

enum row {
	PATH,
	ENSURE,
	TYPE,
	CONTENT,
	SOURCE,
	TEMPLATE,
	OWNER,
	GROUP,
	MODE,
	REPLACE,
	BACKUP,
	FORCE,
	VALIDATE,
	TIMEOUT,
	BELOW,
	ROWS,
};

#define AT(member) offsetof(struct file, member)

static const struct attr attrs[ROWS] = {
	[PATH] = { .name = "path",
		   .kind = &kind_path,
		   .flags = ATTR_NAME | ATTR_PATH,
		   .offset = AT(path),
		   .doc = "Its absolute path." },
	ROW_ENSURE(AT(ensure)),
	ROW_TYPE(AT(type), "file"),
	[CONTENT] = { .name = "content",
		      .kind = &kind_content,
		      .flags = ATTR_STATE | ATTR_SECRET,
		      .offset = AT(content),
		      .doc = "What it holds, as text, or a secret." },
	[SOURCE] = { .name = "source",
		     .kind = &kind_source,
		     .offset = AT(content),
		     .doc = "The file of the world that it is a copy of." },
	[TEMPLATE] = { .name = "template",
		       .kind = &kind_template,
		       .flags = ATTR_SECRET,
		       .offset = AT(content),
		       .doc = "The mustache template of the world that its "
			      "content is made from, over vars, facts, host, "
			      "tags and each." },
	[OWNER] = { .name = "owner",
		    .kind = &kind_owner,
		    .flags = ATTR_STATE,
		    .offset = AT(owner),
		    .doc = "The user that owns it; root's when new. A file "
			   "with set-id bits gets another owner or group only "
			   "together with a mode; one with capabilities loses "
			   "them, and the plan says so." },
	[GROUP] = { .name = "group",
		    .kind = &kind_group,
		    .flags = ATTR_STATE,
		    .offset = AT(group),
		    .doc = "The group that owns it; root's when new, also in "
			   "a folder with the set-gid bit." },
	[MODE] = { .name = "mode",
		   .kind = &kind_mode,
		   .flags = ATTR_STATE,
		   .offset = AT(mode),
		   .doc = "Its mode, octal (\"0644\") or symbolic "
			  "(\"u+x,go-w\"); a new file is 0644, and one "
			  "that holds a secret 0600." },
	[REPLACE] = { .name = "replace",
		      .kind = &kind_bool,
		      .offset = AT(replace),
		      .fallback = "true",
		      .doc = "Whether the content of a file that is there "
			     "already is managed too." },
	[BACKUP] = { .name = "backup",
		     .kind = &kind_bool,
		     .flags = ATTR_MANNER,
		     .offset = AT(backup),
		     .fallback = "true",
		     .doc = "Whether content that is replaced or removed is "
			    "kept in the backup store; else it is lost, and "
			    "the change of class data." },
	[FORCE] = { .name = "force",
		    .kind = &kind_bool,
		    .flags = ATTR_MANNER,
		    .offset = AT(force),
		    .fallback = "false",
		    .doc = "Whether a directory or special file in its place "
			   "is removed, and all that is in it: the plan lists "
			   "that, and counts it as removals." },
	[VALIDATE] = { .name = "validate",
		       .kind = &kind_argv,
		       .flags = ATTR_MANNER,
		       .offset = AT(validate),
		       .no_secret = NO_SECRET_IN_ARGUMENTS,
		       .doc = "A command that must accept the new content "
			      "before it is put in place; % is the new file's "
			      "path." },
	[TIMEOUT] = { .name = "validate_timeout",
		      .kind = &kind_duration,
		      .flags = ATTR_MANNER,
		      .offset = AT(timeout),
		      .fallback = "\"1m\"",
		      .doc = "How long the validator may take." },
	ROW_BELOW(AT(below)),
};

static bool check(void *record, struct arena *a, struct diags *d)
{
	struct file *want = record;
	uint64_t given =
		want->r.written & (BIT(CONTENT) | BIT(SOURCE) | BIT(TEMPLATE));
	bool percent = !want->validate.n;

	(void)a;
	if (given & (given - 1))
		return diag_error(d, "only one of 'content', 'source' and "
				     "'template' can be given");
	if (given)
		want->r.set |= BIT(CONTENT);
	/* a file that held no secret yet may be open to all */
	if (want->r.secret && !(want->r.written & BIT(MODE))) {
		want->mode = (struct mode){ .octal = NEW_SECRET };
		want->r.set |= BIT(MODE);
	}
	if (want->r.secret &&
	    (mode_apply(&want->mode, NEW_SECRET, false) & OTHERS))
		return diag_error(d, "'mode' lets others than its owner and "
				     "its group have a secret");
	for (size_t i = 0; i < want->validate.n; i++)
		percent |= strchr(want->validate.v[i], '%') != NULL;
	if (!percent)
		return diag_error(d, "'validate' must have %% where the new "
				     "file's path goes");
	if (want->ensure == ABSENT && path_is_protected(want->path))
		return diag_error(d, "'%s' is never removed", want->path);
	return true;
}

static void edges(const void *record, struct edges *e)
{
	const struct file *want = record;

	edges_after_path(e, want->path, false, "its folder");
	tool_edges(&want->validate, "the program that validates it", e);
	perms_edges(want->r.set & BIT(OWNER) ? want->owner : NULL,
		    want->r.set & BIT(GROUP) ? want->group : NULL, e);
}

static uint64_t initial(const void *record)
{
	const struct file *want = record;

	return want->replace ? 0 : BIT(CONTENT);
}

static bool observe_content(const struct host *h, const struct file *want,
			    struct file *have, struct diags *d)
{
	enum match match = MATCH_SAME;

	if (!(want->r.set & BIT(CONTENT)))
		return true;
	have->r.set |= BIT(CONTENT);
	if (want->replace &&
	    !host_compare(h, want->path, &want->content, &match, d))
		return false;
	if (match == MATCH_UNKNOWN)
		record_unknown(&have->r, CONTENT,
			       want->r.secret ? "it holds a secret that cannot "
						"be opened here"
					      : "its content is not known");
	have->content.hidden = want->r.secret;
	if (match == MATCH_DIFFERENT && !want->r.secret)
		return host_digest(h, want->path, &have->content, d);
	if (match != MATCH_DIFFERENT)
		have->content.same_as = &want->content;
	return true;
}

/* perms_show_user gives what is wanted back where that owns it. */
static bool strips(const struct host *h, const struct file *want,
		   const struct file *have)
{
	return have->node.type == NODE_FILE &&
	       (have->owner != want->owner || have->group != want->group) &&
	       host_capable(h, want->path);
}

static bool observe(const struct host *h, const void *want_record,
		    void *have_record, struct arena *a, struct diags *d)
{
	const struct file *want = want_record;
	struct file *have = have_record;
	struct node *node = &have->node;

	if (!host_look(h, want->path, node, d))
		return false;
	have->r.set = BIT(ENSURE);
	have->ensure = node->type == NODE_ABSENT ? ABSENT : PRESENT;
	beneath_none(&have->r, BELOW, &have->below);
	if (node->type == NODE_UNKNOWN) {
		rows_unknown(&have->r, ENSURE, BELOW, node->because);
		return true;
	}
	if (node->type == NODE_ABSENT)
		return true;
	have->r.set |= BIT(TYPE) | BIT(MODE) |
		       (want->r.set & (BIT(OWNER) | BIT(GROUP)));
	have->type = node_type_name(node->type);
	/* the name of an owner that nobody asks for is not worth its look-up */
	if (want->owner)
		have->owner = perms_show_user(h, want->owner, node->uid, a);
	if (want->group)
		have->group = perms_show_group(h, want->group, node->gid, a);
	have->mode = perms_mode(node);
	have->strips = strips(h, want, have);
	if (node->type == NODE_DIRECTORY && want->force)
		return beneath_look(h, want->path, node, &have->r, BELOW,
				    &have->below, a, d);
	if (node->type != NODE_FILE || want->ensure == ABSENT)
		return true;
	return observe_content(h, want, have, d);
}

/* Whether it may keep what it has of owner and mode. */
static bool may_inherit(const struct host *h, const struct file *want,
			const struct file *have, struct arena *a,
			struct diags *d)
{
	const uint64_t both = BIT(OWNER) | BIT(MODE);

	if ((want->r.set & both) == both ||
	    perms_may_inherit(h, want->path, &have->node, a, d))
		return true;
	diag_hint(d, "give 'owner' and 'mode'");
	return false;
}

static bool put(struct host *h, const struct file *want,
		const struct file *have, struct arena *a, struct diags *d)
{
	bool there = have->node.type == NODE_FILE;
	struct file_write *write = arena_new(a, struct file_write);

	if (!there && have->node.type != NODE_LINK &&
	    have->node.type != NODE_ABSENT && !want->force)
		return diag_error(
			d, "'%s' is a %s; it is replaced only with 'force'",
			want->path, node_type_name(have->node.type));
	if (!may_inherit(h, want, have, a, d))
		return false;
	*write = (struct file_write){
		.path = want->path,
		.content = &want->content,
		.expect = &have->node,
		.backup = want->backup,
		.force = want->force,
		.validate =
			want->r.set & BIT(VALIDATE) ? &want->validate : NULL,
		.validate_timeout = want->timeout,
	};
	if (!(want->r.set & BIT(CONTENT)))
		write->content =
			arena_memdup(a, &(struct content){ .bytes = "" },
				     sizeof(struct content));
	return perms_wanted(h, want->owner, want->group,
			    want->r.set & BIT(MODE) ? &want->mode : NULL,
			    there ? &have->node : NULL,
			    want->r.secret ? NEW_SECRET : NEW_FILE, false,
			    &write->perms, d) &&
	       host_replace(h, write, d);
}

static bool apply(struct host *h, const struct step *step, struct arena *a,
		  struct diags *d)
{
	const struct file *want = step->want, *have = step->have;
	struct perms perms;

	if (!beneath_may_go(want->path, &have->below, want->backup, d))
		return false;
	if (want->ensure == ABSENT) {
		if (have->node.type == NODE_DIRECTORY && !want->force)
			return diag_error(d,
					  "'%s' is a directory; it is removed "
					  "only with 'force'",
					  want->path);
		return host_remove(h, want->path, want->force, want->backup,
				   &have->node, d);
	}
	if (step->differ & (BIT(ENSURE) | BIT(TYPE) | BIT(CONTENT)))
		return put(h, want, have, a, d);
	return perms_wanted(h, want->owner, want->group,
			    want->r.set & BIT(MODE) ? &want->mode : NULL,
			    &have->node, NEW_FILE, false, &perms, d) &&
	       host_set_perms(h, want->path, &perms, &have->node, d);
}

static bool shares(const void *record)
{
	const struct file *want = record;

	return want->ensure == PRESENT &&
	       (!(want->r.set & BIT(CONTENT)) || !want->replace);
}

static const struct node *stands(const struct step *step)
{
	const struct file *have = step->have;

	return step->differ & (BIT(ENSURE) | BIT(TYPE))
		       ? beneath_stands(&have->node)
		       : NULL;
}

static const struct takes *takes(const struct step *step)
{
	const struct file *have = step->have;

	return &have->below;
}

static bool undoable(const struct step *step)
{
	const struct file *want = step->want, *have = step->have;

	return want->backup || have->node.type == NODE_ABSENT ||
	       !(step->differ & (BIT(ENSURE) | BIT(TYPE) | BIT(CONTENT)));
}

/* What is not kept is lost. */
static enum disruption disruption(const struct step *step)
{
	return step->have && !undoable(step) ? DISRUPTION_DATA
					     : DISRUPTION_NONE;
}

static const char *because(const struct step *step, struct arena *a)
{
	const struct file *want = step->want, *have = step->have;

	(void)a;
	return want->ensure == PRESENT && have->strips
		       ? "it loses its capabilities"
		       : NULL;
}

const struct module file_module = {
	.name = "file",
	.summary = "A regular file: its content, owner, group and mode. It is "
		   "replaced in whole, never written in place.",
	.example = "\"file:/etc/motd\": {\n"
		   "  \"content\": \"This is ${host}.\\n\"\n"
		   "},\n"
		   "\"file:/etc/sudoers.d/operators\": {\n"
		   "  \"source\": \"files/sudoers\",\n"
		   "  \"mode\": \"0440\",\n"
		   "  \"validate\": [\"visudo\", \"-c\", \"-f\", \"%\"]\n"
		   "},\n"
		   "\"file:/etc/nginx/nginx.conf\": {\n"
		   "  \"template\": \"templates/nginx.conf\",\n"
		   "  \"notify\": \"exec:reload nginx\"\n"
		   "},\n"
		   "\"exec:reload nginx\": {\n"
		   "  \"command\": [\"systemctl\", \"reload\", \"nginx\"],\n"
		   "  \"refreshonly\": true\n"
		   "}\n",
	.size = sizeof(struct file),
	.attrs = attrs,
	.nattrs = ROWS,
	.check = check,
	.initial = initial,
	.edges = edges,
	.observe = observe,
	.apply = apply,
	.takes = takes,
	.stands = stands,
	.disruption = disruption,
	.undoable = undoable,
	.because = because,
	.shares = shares,
	.batched = true,
	.leaf = true,
};
