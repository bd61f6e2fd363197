/* SPDX-License-Identifier: MIT */
/* authorized_key: one line of a user's authorized_keys. */
#include <stdio.h>
#include <string.h>

#include "modules/parts/account.h"
#include "modules/parts/key_line.h"
#include "modules/parts/perms.h"
#include "modules/parts/rows.h"
#include "modules/parts/tool.h"

enum { FILE_MAX = 4 * 1024 * 1024, NEW_FILE = 0600 };

struct authorized_key {
	struct record r;
	const char *name;
	int ensure;
	const char *user;
	const char *key;
	struct strings options;
	const char *path;
	int64_t lines; /* that have the key */
	struct mode mode;
	/* in have: */
	struct user account;
	const char *file, *folder; /* folder: ~/.ssh, which may be made */
	struct node node, folder_node;
	struct content before, after; /* of the file */
};

enum row { NAME, ENSURE, USER, KEY, OPTIONS, PATH, LINES, MODE, ROWS };

#define AT(member) offsetof(struct authorized_key, member)

static const struct attr attrs[ROWS] = {
	[NAME] = { .name = "name",
		   .kind = &kind_text,
		   .flags = ATTR_NAME,
		   .offset = AT(name),
		   .doc = "What it is called; a key without a comment gets "
			  "this one." },
	ROW_ENSURE(AT(ensure)),
	[USER] = { .name = "user",
		   .kind = &kind_account,
		   .flags = ATTR_REQUIRED,
		   .offset = AT(user),
		   .doc = "Whom it lets in." },
	[KEY] = { .name = "key",
		  .kind = &kind_public_key,
		  .flags = ATTR_STATE | ATTR_REQUIRED,
		  .offset = AT(key),
		  .doc = "The public key: type, base64 and a comment. Of a "
			 "line "
			 "of the same type and base64 the comment is "
			 "replaced; more lines of it are taken away." },
	[OPTIONS] = { .name = "options",
		      .kind = &kind_texts,
		      .flags = ATTR_STATE,
		      .offset = AT(options),
		      .doc = "Options of sshd(8), such as \"no-pty\" or "
			     "\"from=\\\"10.0.0.*\\\"\"; an empty list takes "
			     "all away." },
	[PATH] = { .name = "path",
		   .kind = &kind_path,
		   .flags = ATTR_EDITS,
		   .offset = AT(path),
		   .doc = "The file, if it is not ~/.ssh/authorized_keys. A "
			  "new one is its user's, 0600; one that is there "
			  "keeps owner and mode, unless others may write to "
			  "it." },
	[LINES] = { .name = "lines",
		    .kind = &kind_integer,
		    .flags = ATTR_STATE | ATTR_INTERNAL,
		    .offset = AT(lines),
		    .fallback = "1",
		    .doc = "How many lines have its key: sshd lets in by any "
			   "of them." },
	[MODE] = { .name = "mode",
		   .kind = &kind_mode,
		   .flags = ATTR_STATE | ATTR_INTERNAL,
		   .offset = AT(mode),
		   .fallback = "\"go-w\"",
		   .doc = "The mode of the file: sshd takes no key from one "
			  "that others may write to (StrictModes)." },
};

static bool is_one_line(const char *text)
{
	for (const char *p = text; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return false;
	return true;
}

/* Each on its own, however they were written. */
static bool split_options(struct authorized_key *want, struct arena *a,
			  struct diags *d)
{
	struct strings all = { 0 };

	for (size_t i = 0; i < want->options.n; i++) {
		const char *text = want->options.v[i];
		const char *wrong =
			key_options_split(text, strlen(text), a, &all);

		if (wrong)
			return diag_error(d, "'options': '%s' %s", text, wrong);
	}
	want->options = all;
	return true;
}

static bool check(void *record, struct arena *a, struct diags *d)
{
	struct authorized_key *want = record;
	struct key_line line;

	if (!is_one_line(want->name))
		return diag_error(d, "'name' must not hold control characters");
	if (key_line_parse(want->key, strlen(want->key), &line) &&
	    !line.comment_size)
		want->key = arena_printf(a, "%.*s %s", (int)line.key_size,
					 line.key, want->name);
	return split_options(want, a, d);
}

/* Where the home is only the host knows; most are where one looks first. */
static const char *likely_path(const struct authorized_key *want, char *text,
			       size_t size)
{
	if (want->path)
		return want->path;
	snprintf(text, size, "%s/%s/.ssh/authorized_keys",
		 strcmp(want->user, "root") == 0 ? "" : "/home", want->user);
	return text;
}

/* A key has one line of a file, whatever its comment; the name is only what it
 * is called. */
static void things(const void *record, struct arena *a, struct strings *all)
{
	const struct authorized_key *want = record;
	struct key_line line;
	char text[300];

	if (key_line_parse(want->key, strlen(want->key), &line))
		strings_add(all, a,
			    arena_printf(a, "its key\n%s\n%.*s",
					 likely_path(want, text, sizeof(text)),
					 (int)line.key_size, line.key));
}

static uint64_t place(const void *record)
{
	(void)record;
	return BIT(USER) | BIT(KEY) | BIT(PATH);
}

static void edges(const void *record, struct edges *e)
{
	const struct authorized_key *want = record;
	char text[300];

	snprintf(text, sizeof(text), "user:%s", want->user);
	edges_after(e, text, "its user");
	edges_after_path(e, likely_path(want, text, sizeof(text)), true,
			 "its folder");
}

/* --- looking --- */

static struct key_line wanted_line(const struct authorized_key *want)
{
	struct key_line line;

	key_line_parse(want->key, strlen(want->key), &line);
	return line;
}

/* The line at *at, which is put after it; its newline counts. */
static size_t line_size(const char *at, const char *end, bool *newline)
{
	const char *found = memchr(at, '\n', (size_t)(end - at));

	*newline = found != NULL;
	return (size_t)((found ? found : end) - at);
}

static const char *join(const struct strings *options, struct arena *a)
{
	return options->n ? strings_join(options, ",", a) : "";
}

static void note_line(const struct key_line *line, struct authorized_key *have,
		      struct arena *a)
{
	have->ensure = PRESENT;
	have->r.set |= BIT(KEY) | BIT(OPTIONS) | BIT(LINES);
	have->key = arena_printf(a, "%.*s %.*s", (int)line->key_size, line->key,
				 (int)line->comment_size, line->comment);
	if (line->options_size)
		key_options_split(line->options, line->options_size, a,
				  &have->options);
}

/* The line as it shall be, in place of the one that is there; or NULL. */
static void write_line(const struct authorized_key *want,
		       const struct key_line *there, struct arena *a,
		       struct buf *out)
{
	struct key_line line = wanted_line(want);
	const char *options = join(&want->options, a);

	if (!(want->r.set & BIT(OPTIONS)) && there)
		options = arena_strndup(a, there->options, there->options_size);
	key_line_write(out, options, &line);
}

/* Every other line stays byte for byte. Of several with the key the first
 * stays: sshd tries one after the other, so that options of one bind nobody who
 * is let in by the next. */
static void edit(const struct authorized_key *want, const struct buf *file,
		 struct authorized_key *have, struct arena *a, struct buf *out)
{
	const char *at = buf_text(file), *end = at + file->size;
	struct key_line key = wanted_line(want), line;
	bool newline = true;

	for (size_t n; at < end; at += n + newline) {
		n = line_size(at, end, &newline);
		if (!key_line_parse(at, n, &line) || !key_same(&line, &key)) {
			buf_add(out, at, n + newline);
			continue;
		}
		if (have->lines++)
			continue;
		note_line(&line, have, a);
		if (want->ensure == PRESENT)
			write_line(want, &line, a, out);
	}
	if (have->lines || want->ensure == ABSENT)
		return;
	if (!newline)
		buf_putc(out, '\n');
	write_line(want, NULL, a, out);
}

static struct content keep(const struct buf *b, struct arena *a)
{
	return content_of(arena_memdup(a, buf_text(b), b->size + 1), b->size);
}

/*
 * Below a home its user decides what stands there: a hard link to somebody
 * else's file must not be read as root and written as theirs. node is what was
 * looked at before it was read; whatever came in between is noticed by its
 * change time, which links and renames set too (inode(7)).
 */
static bool is_theirs(const struct host *h, const struct authorized_key *have,
		      struct arena *a, struct diags *d)
{
	struct node now;

	if (have->node.links > 1)
		return diag_error(d, "'%s' has %llu hard links", have->file,
				  (unsigned long long)have->node.links);
	if (have->node.uid != 0 && have->node.uid != have->account.uid)
		return diag_error(d, "'%s' belongs to %s", have->file,
				  host_user_name(h, have->node.uid, a));
	if (!host_look(h, have->file, &now, d))
		return false;
	return node_same(&have->node, &now) ||
	       diag_error(d, "'%s' changed while it was read", have->file);
}

static bool observe_file(const struct host *h,
			 const struct authorized_key *want,
			 struct authorized_key *have, struct arena *a,
			 struct diags *d)
{
	AUTO_BUF struct buf file = { 0 };
	AUTO_BUF struct buf out = { 0 };
	size_t before = d->n;
	bool whole = true;

	if (have->node.type == NODE_FILE &&
	    !host_read(h, have->file, FILE_MAX, &file, &whole, d)) {
		record_unknown(&have->r, ENSURE, "the file is not known");
		return d->n == before;
	}
	if (!whole)
		return diag_error(d, "'%s' is too large", have->file);
	if (have->node.type == NODE_FILE && !is_theirs(h, have, a, d))
		return false;
	edit(want, &file, have, a, &out);
	have->before = keep(&file, a);
	have->after = keep(&out, a);
	return true;
}

/* Where the file is; false with a diagnostic. NULL: nobody knows. */
static bool find_file(const struct host *h, const struct authorized_key *want,
		      struct authorized_key *have, bool *there, struct arena *a,
		      struct diags *d)
{
	const char *home;

	if (!host_user(h, want->user, a, &have->account, there, d))
		return false;
	have->file = want->path;
	if (!*there || want->path || !(have->account.known & USER_HOME))
		return true;
	home = have->account.home;
	if (path_wrong(home))
		return diag_error(d, "the home of '%s' is no path: '%s'",
				  want->user, home);
	have->folder = arena_printf(a, "%s/.ssh", home[1] ? home : "");
	have->file = arena_printf(a, "%s/authorized_keys", have->folder);
	return true;
}

static void owns(const struct host *h, const void *record, struct arena *a,
		 struct owned *o)
{
	const struct authorized_key *want = record;
	struct authorized_key found = { 0 };
	AUTO_DIAGS struct diags ignored = { 0 };
	bool there;

	if (h && find_file(h, want, &found, &there, a, &ignored) && found.file)
		owned_edit(o, found.file);
}

static bool observe(const struct host *h, const void *want_record,
		    void *have_record, struct arena *a, struct diags *d)
{
	const struct authorized_key *want = want_record;
	struct authorized_key *have = have_record;
	bool there;

	have->r.set = BIT(ENSURE) | BIT(MODE);
	have->ensure = ABSENT;
	have->mode.octal = NEW_FILE;
	if (!find_file(h, want, have, &there, a, d))
		return false;
	if (!there)
		return want->ensure == ABSENT ||
		       diag_error(d, "there is no user '%s' on this host",
				  want->user);
	if (!have->file) {
		record_unknown(&have->r, ENSURE,
			       "the home of its user is not known");
		return true;
	}
	if (!host_look(h, have->file, &have->node, d))
		return false;
	if (have->node.type == NODE_UNKNOWN) {
		record_unknown(&have->r, ENSURE, have->node.because);
		return true;
	}
	if (have->node.type != NODE_ABSENT && have->node.type != NODE_FILE)
		return diag_error(d, "'%s' is a %s, not a file", have->file,
				  node_type_name(have->node.type));
	if (have->node.type == NODE_FILE)
		have->mode = perms_mode(&have->node);
	return observe_file(h, want, have, a, d);
}

/* --- changing --- */

static struct perms perms_of(const struct user *u, uint32_t mode)
{
	return (struct perms){ .set = PERM_MODE | PERM_UID |
				      (u->known & USER_GID ? PERM_GID : 0),
			       .mode = mode,
			       .uid = u->uid,
			       .gid = u->gid };
}

/* A file that is there keeps what it has, but for what the plan tells of. In a
 * home it is its user's, or nothing is done to it. */
static struct perms perms_to_keep(const struct authorized_key *want,
				  const struct authorized_key *have)
{
	const struct node *node = &have->node;

	if (node->type != NODE_FILE)
		return perms_of(&have->account, NEW_FILE);
	return (struct perms){
		.set = PERM_ALL,
		.mode = want->ensure == ABSENT
				? node->mode
				: mode_apply(&want->mode, node->mode, false),
		.uid = have->folder ? have->account.uid : node->uid,
		.gid = node->gid,
	};
}

static bool make_folder(struct host *h, const struct authorized_key *have,
			struct diags *d)
{
	const struct perms perms = perms_of(&have->account, 0700);
	struct node node;

	if (!have->folder)
		return true;
	if (!host_look(h, have->folder, &node, d))
		return false;
	return node.type != NODE_ABSENT ||
	       host_make_directory(h, have->folder, &perms, d);
}

static bool apply(struct host *h, const struct step *step, struct arena *a,
		  struct diags *d)
{
	const struct authorized_key *want = step->want, *have = step->have;
	struct file_write *w = arena_new(a, struct file_write);

	*w = (struct file_write){
		.path = have->file,
		.content = &have->after,
		.perms = perms_to_keep(want, have),
		.expect = &have->node,
		.backup = true,
	};
	return make_folder(h, have, d) && host_replace(h, w, d) &&
	       tool_commit(h, d);
}

static bool contents(const struct step *step, struct content *before,
		     struct content *after)
{
	const struct authorized_key *have = step->have;

	*before = have->before;
	*after = have->after;
	return have->file != NULL;
}

/* Of what is new no rows are shown. */
static const char *because(const struct step *step, struct arena *a)
{
	const struct authorized_key *want = step->want, *have = step->have;
	uint32_t mode = have->mode.octal;
	char before[8], after[8];

	if (step->action != ACTION_CREATE || !(step->differ & BIT(MODE)))
		return NULL;
	return arena_printf(
		a, "mode of '%s' %s -> %s", have->file, mode_text(mode, before),
		mode_text(mode_apply(&want->mode, mode, false), after));
}

const struct module authorized_key_module = {
	.name = "authorized_key",
	.summary = "A key of SSH that lets a user in: one line of its "
		   "authorized_keys. All others stay as they are.",
	.example =
		"\"authorized_key:ada@laptop\": {\n"
		"  \"user\": \"ada\",\n"
		"  \"key\": \"ssh-ed25519 "
		"AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGh"
		"scHR4f\"\n"
		"},\n"
		"\"authorized_key:backup\": {\n"
		"  \"user\": \"root\",\n"
		"  \"key\": \"ssh-ed25519 "
		"AAAAC3NzaC1lZDI1NTE5AAAAIB8eHRwbGhkYFxYVFBMSERAPDg0MCwoJCAcGBQ"
		"QDAgEA backup@vault\",\n"
		"  \"options\": [\"restrict\", \"command=\\\"/usr/bin/rrsync "
		"-ro /srv\\\"\"]\n"
		"}\n",
	.size = sizeof(struct authorized_key),
	.attrs = attrs,
	.nattrs = ROWS,
	.check = check,
	.things = things,
	.owns = owns,
	.place = place,
	.edges = edges,
	.observe = observe,
	.apply = apply,
	.contents = contents,
	.because = because,
	.alone = true,
};
