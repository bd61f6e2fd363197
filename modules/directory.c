/* SPDX-License-Identifier: MIT */
/* directory: a directory, and if asked for what is below it. */
#include <string.h>

#include "modules/parts/beneath.h"
#include "modules/parts/perms.h"
#include "modules/parts/rows.h"

enum { BELOW_MAX = 200000 };

struct directory {
	struct record r;
	const char *path;
	int ensure;
	const char *type;
	const char *owner, *group;
	struct mode mode, file_mode;
	bool recurse, purge, force, backup;
	const char *source;
	struct node node;
	struct takes below;
};

enum row {
	PATH,
	ENSURE,
	TYPE,
	OWNER,
	GROUP,
	MODE,
	FILE_MODE,
	RECURSE,
	PURGE,
	SOURCE,
	FORCE,
	BACKUP,
	BELOW,
	ROWS,
};

#define AT(member) offsetof(struct directory, member)

static const struct attr attrs[ROWS] = {
	[PATH] = { .name = "path",
		   .kind = &kind_path,
		   .flags = ATTR_NAME | ATTR_PATH,
		   .offset = AT(path),
		   .doc = "Its absolute path." },
	ROW_ENSURE(AT(ensure)),
	ROW_TYPE(AT(type), "directory"),
	[OWNER] = { .name = "owner",
		    .kind = &kind_owner,
		    .flags = ATTR_STATE,
		    .offset = AT(owner),
		    .doc = "The user that owns it; root's when new." },
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
		   .doc = "Its mode, octal (\"0755\") or symbolic; a new "
			  "directory is 0755." },
	[FILE_MODE] = { .name = "file_mode",
			.kind = &kind_mode,
			.offset = AT(file_mode),
			.doc = "The mode of files below it, with recurse or "
			       "source. Without it a symbolic mode holds for "
			       "files too, an octal one does not." },
	[RECURSE] = { .name = "recurse",
		      .kind = &kind_bool,
		      .offset = AT(recurse),
		      .fallback = "false",
		      .doc = "Whether owner, group and mode hold for all that "
			     "is below it, and purge for managed directories "
			     "below it. What another directory with recurse "
			     "has below it takes owner, group and mode from "
			     "that one. A file with set-id bits that gets "
			     "another owner or group by it loses them, and any "
			     "file its capabilities. What "
			     "is in the folder of an archive or a git, or in "
			     "the home of a user with manage_home, is theirs: "
			     "neither recurse nor purge goes in there from "
			     "above, nor removes it. As "
			     "with purge, what is brought before "
			     "it is found by apply." },
	[PURGE] = { .name = "purge",
		    .kind = &kind_bool,
		    .offset = AT(purge),
		    .fallback = "false",
		    .doc = "Whether what is in it and not managed is removed; "
			   "the plan lists it one by one. What a command "
			   "creates counts as managed, and so does what is "
			   "managed by another path that leads here, and what "
			   "a "
			   "resource makes or edits under another name, such "
			   "as the file of an authorized_key. What a "
			   "package or a command before it brings is not "
			   "known to the plan: apply finds it." },
	[SOURCE] = { .name = "source",
		     .kind = &kind_folder,
		     /* what it stands for shows by itself */
		     .flags = ATTR_MANNER,
		     .offset = AT(source),
		     .doc = "A folder of the world that it is a copy of." },
	[FORCE] = { .name = "force",
		    .kind = &kind_bool,
		    .flags = ATTR_MANNER,
		    .offset = AT(force),
		    .fallback = "false",
		    .doc = "Whether something else in its place is removed, "
			   "and, when absent, all that is in it: the plan "
			   "lists "
			   "that, and counts it as removals." },
	[BACKUP] = { .name = "backup",
		     .kind = &kind_bool,
		     .flags = ATTR_MANNER,
		     .offset = AT(backup),
		     .fallback = "true",
		     .doc = "Whether files that are removed are kept in the "
			    "backup store; else they are lost, and the change "
			    "of class data." },
	ROW_BELOW(AT(below)),
};

static bool check(void *record, struct arena *a, struct diags *d)
{
	const struct directory *want = record;

	(void)a;
	if (want->ensure == ABSENT && path_is_protected(want->path))
		return diag_error(d, "'%s' is never removed", want->path);
	if (want->purge && path_is_protected(want->path))
		return diag_error(d, "'%s' is never purged", want->path);
	return true;
}

static void edges(const void *record, struct edges *e)
{
	const struct directory *want = record;

	edges_after_path(e, want->path, false, "its folder");
	perms_edges(want->r.set & BIT(OWNER) ? want->owner : NULL,
		    want->r.set & BIT(GROUP) ? want->group : NULL, e);
}

/* Whether it can be removed depends on what is in it. */
static bool observe_below(const struct host *h, const struct directory *want,
			  struct directory *have, struct arena *a,
			  struct diags *d)
{
	struct strings names = { 0 };
	size_t before = d->n;

	if (have->node.type == NODE_DIRECTORY &&
	    !host_list(h, want->path, a, &names, d))
		record_unknown(&have->r, ENSURE, "what is in it is not known");
	return d->n == before;
}

static bool observe(const struct host *h, const void *want_record,
		    void *have_record, struct arena *a, struct diags *d)
{
	const struct directory *want = want_record;
	struct directory *have = have_record;
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
	if (want->ensure == ABSENT && !want->force &&
	    !observe_below(h, want, have, a, d))
		return false;
	have->r.set |= BIT(TYPE) | BIT(MODE) |
		       (want->r.set & (BIT(OWNER) | BIT(GROUP)));
	have->type = node_type_name(node->type);
	/* the name of an owner that nobody asks for is not worth its look-up */
	if (want->owner)
		have->owner = perms_show_user(h, want->owner, node->uid, a);
	if (want->group)
		have->group = perms_show_group(h, want->group, node->gid, a);
	have->mode = perms_mode(node);
	return want->ensure == PRESENT || !want->force ||
	       beneath_look(h, want->path, node, &have->r, BELOW, &have->below,
			    a, d);
}

static bool make(struct host *h, const struct directory *want,
		 const struct directory *have, struct diags *d)
{
	const struct mode *mode = want->r.set & BIT(MODE) ? &want->mode : NULL;
	struct perms perms;

	if (!perms_wanted(h, want->owner, want->group, mode, NULL, 0755, true,
			  &perms, d))
		return false;
	if (have->node.type != NODE_ABSENT) {
		if (!want->force)
			return diag_error(d,
					  "'%s' is a %s; it is replaced only "
					  "with 'force'",
					  want->path,
					  node_type_name(have->node.type));
		if (!host_remove(h, want->path, false, want->backup,
				 &have->node, d))
			return false;
	}
	return host_make_directory(h, want->path, &perms, d);
}

/* Then no force would help; true also when it cannot be known. */
static bool has_mount(const struct host *h, const struct directory *want,
		      const struct strings *names, struct arena *a,
		      struct diags *d)
{
	for (size_t i = 0; i < names->n; i++) {
		const char *path =
			arena_printf(a, "%s/%s", want->path, names->v[i]);
		struct node node;

		if (!host_look(h, path, &node, d))
			return true;
		if (node.mounted)
			return !diag_error(d, "'%s' has a mount in it, at '%s'",
					   want->path, path);
	}
	return false;
}

/* Without force only an empty directory goes. */
static bool may_remove(const struct host *h, const struct directory *want,
		       const struct directory *have, struct arena *a,
		       struct diags *d)
{
	struct strings names = { 0 };
	const char *what = "not empty";

	/* what is mounted there is told of by who removes it */
	if (want->force || have->node.mounted)
		return true;
	if (have->node.type != NODE_DIRECTORY) {
		what = arena_printf(a, "a %s", node_type_name(have->node.type));
	} else {
		if (!host_list(h, want->path, a, &names, d))
			return false;
		if (!names.n)
			return true;
		if (has_mount(h, want, &names, a, d))
			return false;
	}
	return diag_error(d, "'%s' is %s; it is removed only with 'force'",
			  want->path, what);
}

static bool apply(struct host *h, const struct step *step, struct arena *a,
		  struct diags *d)
{
	const struct directory *want = step->want, *have = step->have;
	struct perms perms;

	if (want->ensure == ABSENT)
		return may_remove(h, want, have, a, d) &&
		       beneath_may_go(want->path, &have->below, want->backup,
				      d) &&
		       host_remove(h, want->path, want->force, want->backup,
				   &have->node, d);
	if (step->differ & (BIT(ENSURE) | BIT(TYPE)))
		return make(h, want, have, d);
	return perms_wanted(h, want->owner, want->group,
			    want->r.set & BIT(MODE) ? &want->mode : NULL,
			    &have->node, 0755, true, &perms, d) &&
	       host_set_perms(h, want->path, &perms, &have->node, d);
}

static const struct node *stands(const struct step *step)
{
	const struct directory *have = step->have;

	return step->differ & (BIT(ENSURE) | BIT(TYPE))
		       ? beneath_stands(&have->node)
		       : NULL;
}

static const struct takes *takes(const struct step *step)
{
	const struct directory *have = step->have;

	return &have->below;
}

/* What is below it, or stands in its place, goes without a copy. */
static bool is_lost(const struct step *step)
{
	const struct directory *want = step->want, *have = step->have;
	bool goes = step->differ & (BIT(ENSURE) | BIT(TYPE));

	return have && !want->backup &&
	       (have->below.entries ||
		(goes && have->node.type != NODE_ABSENT &&
		 have->node.type != NODE_DIRECTORY));
}

static enum disruption disruption(const struct step *step)
{
	return is_lost(step) ? DISRUPTION_DATA : DISRUPTION_NONE;
}

static bool undoable(const struct step *step)
{
	return !is_lost(step);
}

/* --- what is below: a copy of a folder of the world --- */

static void set_text(json_t *object, const char *key, const char *text)
{
	if (text)
		json_object_set_new(object, key, json_string(text));
}

static void set_mode(json_t *object, const struct mode *mode)
{
	char text[8];

	json_object_set_new(
		object, "mode",
		json_string(mode->text ? mode->text
				       : mode_text(mode->octal, text)));
}

/* The mode that files below take, or NULL: see file_mode. */
static const struct mode *below_mode(const struct directory *want)
{
	if (want->r.set & BIT(FILE_MODE))
		return &want->file_mode;
	return want->r.set & BIT(MODE) && want->mode.n ? &want->mode : NULL;
}

static json_t *owned(const struct directory *want)
{
	json_t *attributes = json_object();

	set_text(attributes, "owner", want->owner);
	set_text(attributes, "group", want->group);
	return attributes;
}

static void mirror_file(const struct directory *want, const char *source,
			const char *path, bool executable, struct expansion *e)
{
	json_t *attributes = owned(want);

	set_text(attributes, "source", source);
	set_text(attributes, "mode", executable ? "0755" : "0644");
	if (below_mode(want))
		set_mode(attributes, below_mode(want));
	json_object_set_new(attributes, "force", json_boolean(want->force));
	json_object_set_new(attributes, "backup", json_boolean(want->backup));
	expansion_add(e, "file", path, attributes, "mirrored from the world");
}

static void mirror_entry(const struct directory *want, const char *source,
			 const char *path, const struct tree_entry *entry,
			 struct expansion *e)
{
	json_t *attributes;

	if (entry->type == TREE_FILE) {
		mirror_file(want, source, path, entry->executable, e);
	} else if (entry->type == TREE_LINK) {
		attributes = json_object();
		set_text(attributes, "target", entry->target);
		json_object_set_new(attributes, "force",
				    json_boolean(want->force));
		expansion_add(e, "link", path, attributes,
			      "mirrored from the world");
	} else {
		attributes = owned(want);
		if (want->r.set & BIT(MODE))
			set_mode(attributes, &want->mode);
		json_object_set_new(attributes, "purge",
				    json_boolean(want->purge));
		json_object_set_new(attributes, "force",
				    json_boolean(want->force));
		expansion_add(e, "directory", path, attributes,
			      "mirrored from the world");
	}
}

/* Folders still to be looked into: source and path by turns. */
static bool mirror(const void *record, const struct tree *tree, struct arena *a,
		   struct expansion *e, struct diags *d)
{
	const struct directory *want = record;
	struct strings todo = { 0 };
	size_t count = 0;

	if (!(want->r.set & BIT(SOURCE)) || want->ensure == ABSENT)
		return true;
	strings_add(&todo, a, want->source);
	strings_add(&todo, a, want->path);
	for (size_t i = 0; i < todo.n; i += 2) {
		struct tree_entry *v;
		size_t n;

		if (!tree_list(tree, todo.v[i], a, &v, &n, d))
			return false;
		count += n;
		if (count > BELOW_MAX)
			return diag_error(d, "more than %d entries below '%s'",
					  BELOW_MAX, want->source);
		for (size_t j = 0; j < n; j++) {
			const char *source =
				arena_printf(a, "%s/%s", todo.v[i], v[j].name);
			const char *path = arena_printf(
				a, "%s/%s", todo.v[i + 1], v[j].name);

			mirror_entry(want, source, path, &v[j], e);
			if (v[j].type != TREE_DIRECTORY)
				continue;
			strings_add(&todo, a, source);
			strings_add(&todo, a, path);
		}
	}
	return true;
}

/* --- what is below: on the host --- */

static void purge_entry(const struct directory *want, const char *path,
			enum node_type found, struct expansion *e)
{
	bool folder = found == NODE_DIRECTORY;
	/* a folder goes when all that was listed in it has gone, and nothing
	 * else is there */
	json_t *attributes =
		json_pack("{s:s, s:b, s:b}", "ensure", "absent", "force",
			  !folder, "backup", want->backup);
	const char *type = folder ? "directory" : "file";

	expansion_add(e, type, path, attributes, "not managed");
}

static void own_entry(const struct directory *want, const char *path,
		      enum node_type found, const struct mode *instead,
		      struct expansion *e)
{
	const struct mode *mode =
		found == NODE_DIRECTORY
			? (want->r.set & BIT(MODE) ? &want->mode : NULL)
			: below_mode(want);
	json_t *attributes = owned(want);

	if (instead)
		mode = instead;
	if (mode)
		set_mode(attributes, mode);
	expansion_add(e, found == NODE_DIRECTORY ? "directory" : "file", path,
		      attributes, "below it");
}

/* Paths and what stands there, folders before their content. */
struct found {
	struct strings paths;
	enum node_type *types;
	struct mode **instead; /* the mode, if not what its folder says */
	size_t capacity, ninstead;
};

static void found_add(struct found *f, struct arena *a, const char *path,
		      enum node_type type, struct mode *instead)
{
	f->instead = arena_grow(a, f->instead, f->paths.n, &f->ninstead,
				sizeof(struct mode *));
	f->instead[f->paths.n] = instead;
	f->types = arena_grow(a, f->types, f->paths.n, &f->capacity,
			      sizeof(*f->types));
	f->types[f->paths.n] = type;
	strings_add(&f->paths, a, path);
}

/* A walk over all that is below want->path, folders before their content. */
struct below {
	const struct host *host;
	const struct directory *want;
	struct arena *arena;
	struct expansion *expansion;
	struct diags *diags;
	/* A folder, and "-" if it goes, "=" if owner and mode of what is in it
	 * are another directory's, or "", by turns. */
	struct strings todo;
	struct found doomed; /* to be removed */
	struct found owned;  /* to have owner and mode */
	size_t count;
};

/* Of two directories that have recurse the nearer one counts. */
static bool recurses_itself(const struct below *b, const char *path)
{
	const struct directory *other = expansion_peer(b->expansion, path);

	return other && other->recurse && other->ensure == PRESENT;
}

/* The mode of a file that loses its set-id bits with its owner or group, as by
 * chown(1); NULL: it is no such file. */
static struct mode *without_set_id(const struct below *b,
				   const struct node *node)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	const struct directory *want = b->want;
	uint32_t uid = node->uid, gid = node->gid;
	struct mode *mode;

	if (node->type != NODE_FILE || !(node->mode & 06000) ||
	    (want->owner &&
	     !perms_user(b->host, want->owner, &uid, &ignored)) ||
	    (want->group &&
	     !perms_group(b->host, want->group, &gid, &ignored)) ||
	    (uid == node->uid && gid == node->gid))
		return NULL;
	mode = arena_new(b->arena, struct mode);
	mode->octal = (uint16_t)perms_without_set_id(below_mode(want), node);
	return mode;
}

static bool look_below(struct below *b, const char *path, char fate)
{
	bool goes = fate == '-' ||
		    (b->want->purge && !expansion_claims(b->expansion, path));
	struct node node;

	if (expansion_spares(b->expansion, path))
		return true;
	if (!host_look(b->host, path, &node, b->diags))
		return false;
	if (node.type == NODE_UNKNOWN && b->want->recurse)
		expansion_unknown(b->expansion, node.because);
	if (node.type == NODE_ABSENT || (node.type == NODE_UNKNOWN && !goes))
		return true;
	if (goes)
		found_add(&b->doomed, b->arena, path, node.type, NULL);
	else if (b->want->recurse && fate != '=' &&
		 !expansion_manages(b->expansion, path) &&
		 (node.type == NODE_DIRECTORY || node.type == NODE_FILE))
		found_add(&b->owned, b->arena, path, node.type,
			  without_set_id(b, &node));
	if (node.type != NODE_DIRECTORY || (!goes && !b->want->recurse))
		return true;
	/* what is mounted is not of this folder: no purge goes in there */
	if (node.mounted && b->want->purge)
		return true;
	if (node.inside) {
		expansion_unknown(b->expansion, node.inside);
		return true;
	}
	if (!goes && fate != '=' && recurses_itself(b, path))
		fate = '=';
	strings_add(&b->todo, b->arena, path);
	strings_add(&b->todo, b->arena, goes ? "-" : fate == '=' ? "=" : "");
	return true;
}

static bool list_below(struct below *b, const char *folder, char fate)
{
	struct strings names = { 0 };

	if (!host_list(b->host, folder, b->arena, &names, b->diags))
		return false;
	b->count += names.n;
	if (b->count > BELOW_MAX)
		return diag_error(b->diags, "more than %d entries below '%s'",
				  BELOW_MAX, b->want->path);
	for (size_t i = 0; i < names.n; i++)
		if (!look_below(b,
				arena_printf(b->arena, "%s/%s",
					     folder[1] ? folder : "",
					     names.v[i]),
				fate))
			return false;
	return true;
}

/*
 * Root's folder is given away from the inside out: root passes no folder of
 * its own in one of another's, so that whatever a run leaves half done the
 * next one can finish. All other ways lead from the outside in.
 */
static bool is_given_away(const struct host *h, const struct directory *want,
			  const struct node *node)
{
	struct diags ignored = { 0 };
	uint32_t id = 0;
	bool known = want->owner && perms_user(h, want->owner, &id, &ignored);

	diags_release(&ignored);
	return known && node->uid == 0 && id != 0;
}

static void own_all(struct below *b, bool inside_out)
{
	const struct found *f = &b->owned;

	if (inside_out)
		expansion_precedes(b->expansion);
	for (size_t k = 0; k < f->paths.n; k++) {
		size_t i = inside_out ? f->paths.n - 1 - k : k;

		own_entry(b->want, f->paths.v[i], f->types[i], f->instead[i],
			  b->expansion);
	}
}

/* Links and mounts give a folder more paths than the one that check saw. */
static bool may_purge(const struct host *h, const struct directory *want,
		      const struct node *node, struct diags *d)
{
	const char *path;

	for (size_t i = 0; want->purge && (path = path_protected(i)); i++) {
		AUTO_DIAGS struct diags ignored = { 0 };
		struct node other;

		if (host_look(h, path, &other, &ignored) && other.inode &&
		    other.inode == node->inode && other.device == node->device)
			return diag_error(d,
					  "'%s' is '%s', which is never "
					  "purged",
					  want->path, path);
	}
	return true;
}

static bool expands(const void *record)
{
	const struct directory *want = record;

	return (want->recurse || want->purge) && want->ensure == PRESENT;
}

static bool expand(const struct host *h, const void *record, struct arena *a,
		   struct expansion *e, struct diags *d)
{
	const struct directory *want = record;
	struct below b = {
		.host = h, .want = want, .arena = a, .expansion = e, .diags = d
	};
	bool whole = true;
	struct node node;

	if (!host_look(h, want->path, &node, d))
		return false;
	if (node.type == NODE_UNKNOWN || node.inside)
		expansion_unknown(e, node.inside ? node.inside : node.because);
	if (node.type != NODE_DIRECTORY || node.inside)
		return true;
	if (!may_purge(h, want, &node, d))
		return false;
	strings_add(&b.todo, a, want->path);
	strings_add(&b.todo, a, "");
	for (size_t i = 0; i < b.todo.n; i += 2) {
		char fate = b.todo.v[i + 1][0];

		if (list_below(&b, b.todo.v[i], fate))
			continue;
		whole = false;
		/* nothing is removed that was not seen in whole */
		if (fate == '-' || b.count > BELOW_MAX)
			return false;
	}
	own_all(&b, is_given_away(h, want, &node));
	/* what is in a folder goes before the folder */
	for (size_t i = b.doomed.paths.n; i-- > 0;)
		purge_entry(want, b.doomed.paths.v[i], b.doomed.types[i], e);
	return whole;
}

const struct module directory_module = {
	.name = "directory",
	.summary = "A directory: owner, group and mode, and if asked for those "
		   "of all that is below it, a copy of a folder of the world, "
		   "or nothing in it but what is managed.",
	.example = "\"directory:/srv/www\": {\n"
		   "  \"owner\": \"www-data\",\n"
		   "  \"mode\": \"0750\"\n"
		   "},\n"
		   "\"directory:/etc/profile.d\": {\n"
		   "  \"source\": \"files/profile.d\",\n"
		   "  \"purge\": true\n"
		   "},\n"
		   "\"directory:/var/lib/app\": {\n"
		   "  \"recurse\": true,\n"
		   "  \"owner\": \"app\",\n"
		   "  \"group\": \"app\",\n"
		   "  \"mode\": \"u=rwX,go=\"\n"
		   "}\n",
	.size = sizeof(struct directory),
	.attrs = attrs,
	.nattrs = ROWS,
	.check = check,
	.edges = edges,
	.mirror = mirror,
	.expands = expands,
	.expand = expand,
	.observe = observe,
	.apply = apply,
	.takes = takes,
	.stands = stands,
	.disruption = disruption,
	.undoable = undoable,
};
