/* SPDX-License-Identifier: MIT */
/* mount: a line of /etc/fstab, and what is mounted there now. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "modules/parts/fstab.h"
#include "modules/parts/managed.h"
#include "modules/parts/tool.h"

#define FSTAB "/etc/fstab"
#define MOUNTINFO "/proc/self/mountinfo"

enum { MOUNTED, PRESENT, UNMOUNTED, ABSENT };
enum {
	TEXT_MAX = 16 * 1024 * 1024,
	FIELD_MAX = 1000,
	VALIDATE_TIMEOUT = 60000, /* milliseconds */
};

struct mountpoint {
	struct record r;
	const char *path;
	int ensure;
	const char *device, *fstype;
	struct strings options;
	int64_t dump, pass;
	bool live;        /* what is mounted is what is wanted */
	const char *file; /* fstab */
	/* in have */
	bool runs;        /* there is a kernel that mounts */
	struct node node; /* of fstab */
	const char *text; /* of fstab */
	bool in_fstab, is_mounted;
	struct fstab line;
	struct mount mount;
};

enum row {
	PATH,
	ENSURE,
	DEVICE,
	FSTYPE,
	OPTIONS,
	DUMP,
	PASS,
	LIVE,
	FILE_ROW,
	ROWS,
};

static const char *const states[] = { "mounted", "present", "unmounted",
				      "absent", NULL };

#define AT(member) offsetof(struct mountpoint, member)

static const struct attr attrs[ROWS] = {
	[PATH] = { .name = "path",
		   .kind = &kind_path,
		   .flags = ATTR_NAME,
		   .offset = AT(path),
		   .doc = "The folder that it is mounted on, which must be "
			  "there." },
	[ENSURE] = { .name = "ensure",
		     .kind = &kind_choice,
		     .flags = ATTR_STATE | ATTR_ENSURE,
		     .offset = AT(ensure),
		     .choices = states,
		     .fallback = "\"mounted\"",
		     .doc = "In /etc/fstab and mounted; present: in "
			    "/etc/fstab, mounted or not; unmounted: in "
			    "/etc/fstab, and not mounted; absent: neither." },
	[DEVICE] = { .name = "device",
		     .kind = &kind_text,
		     .flags = ATTR_STATE | ATTR_REQUIRED_THERE,
		     .offset = AT(device),
		     .no_secret = "all users can read fstab(5), and what is "
				  "mounted: name a file that holds it, such as "
				  "credentials=FILE of mount.cifs(8)",
		     .doc = "What is mounted: \"/dev/sdb1\", \"UUID=...\", "
			    "\"server:/export\", \"tmpfs\"." },
	[FSTYPE] = { .name = "fstype",
		     .kind = &kind_text,
		     .flags = ATTR_STATE | ATTR_REQUIRED_THERE,
		     .offset = AT(fstype),
		     .doc = "The type of its file system, \"none\" for a "
			    "folder that is bound." },
	[OPTIONS] = { .name = "options",
		      .kind = &kind_texts,
		      .flags = ATTR_STATE,
		      .offset = AT(options),
		      .no_secret = "all users can read fstab(5), and what is "
				   "mounted: name a file that holds it, such "
				   "as credentials=FILE of mount.cifs(8)",
		      .doc = "Its options, as a list or with commas; "
			     "\"defaults\" when it is new, or the list is "
			     "empty." },
	[DUMP] = { .name = "dump",
		   .kind = &kind_integer,
		   .flags = ATTR_STATE,
		   .offset = AT(dump),
		   .min = 0,
		   .max = 1,
		   .doc = "Whether dump(8) heeds it; 0 when it is new." },
	[PASS] = { .name = "pass",
		   .kind = &kind_integer,
		   .flags = ATTR_STATE,
		   .offset = AT(pass),
		   .min = 0,
		   .max = 9,
		   .doc = "In which pass fsck(8) checks it at boot; 0 when it "
			  "is new: never." },
	[LIVE] = { .name = "live",
		   .kind = &kind_bool,
		   .flags = ATTR_STATE | ATTR_INTERNAL,
		   .offset = AT(live),
		   .doc = "Whether what is mounted is what is wanted." },
	[FILE_ROW] = { .name = "file",
		       .kind = &kind_path,
		       .flags = ATTR_EDITS | ATTR_INTERNAL,
		       .offset = AT(file),
		       .fallback = "\"" FSTAB "\"",
		       .doc = "The file that its line is in." },
};

/* --- what is right --- */

static bool check_field(const char *name, const char *text, struct diags *d)
{
	if (!*text || *text == '-' || strlen(text) > FIELD_MAX)
		return diag_error(d,
				  "'%s' must be 1 to %d bytes that do not "
				  "begin with '-'",
				  name, FIELD_MAX);
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == '\x7f')
			return diag_error(d,
					  "'%s' must have no control "
					  "characters",
					  name);
	return true;
}

static bool check_type(const char *type, struct diags *d)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyz"
				   "0123456789_.-";

	if (*type == '\0' || *type == '-' || *type == '.' ||
	    strspn(type, good) != strlen(type) || strlen(type) > 64)
		return diag_error(d,
				  "'fstype' must be a type of file system, "
				  "not '%s'",
				  type);
	if (strncmp(type, "fuse.", 5) != 0 && strcmp(type, "fuse") != 0)
		return true;
	diag_error(d, "'fstype' must not be '%s'", type);
	diag_hint(d, "mount(8) gives such a type to a shell; let a unit of "
		     "systemd run the program");
	return false;
}

/* A single string may have commas; what comes in a list is one option each,
 * so that a value put into one adds no other. */
static bool split_options(struct strings *options, struct arena *a,
			  struct diags *d)
{
	struct strings all = { 0 };
	bool single = options->n == 1;

	if (!options->n)
		strings_add(&all, a, "defaults");
	for (size_t i = 0; i < options->n; i++) {
		const char *at = options->v[i];

		if (!single && strchr(at, ','))
			return diag_error(d,
					  "'options' is a list: '%s' must "
					  "have no ','",
					  at);
		for (;; at++) {
			size_t n = strcspn(at, ",");
			const char *one = arena_strndup(a, at, n);

			if (!check_field("options", one, d))
				return false;
			strings_add(&all, a, one);
			at += n;
			if (!*at)
				break;
		}
	}
	*options = all;
	return true;
}

/* The kernel's own file systems, and the folders no host runs without. */
static bool check_path(const struct mountpoint *want, struct diags *d)
{
	static const char *const kept[] = { "/etc", "/usr", "/var", "/proc",
					    "/sys", "/dev", "/run" };

	if (strcmp(want->path, "/") == 0)
		return diag_error(d, "'/' is mounted by the boot, and not "
				     "managed");
	if (path_below(want->path, "/proc", false) ||
	    path_below(want->path, "/run/converge", true))
		return diag_error(d,
				  "'path' '%s' is the kernel's or "
				  "converge's own, and not managed",
				  want->path);
	for (size_t i = 0; i < COUNT(kept); i++)
		if (strcmp(want->path, kept[i]) == 0 &&
		    (want->ensure == ABSENT || want->ensure == UNMOUNTED))
			return diag_error(d, "'%s' is never unmounted",
					  want->path);
	return true;
}

static bool check(void *record, struct arena *a, struct diags *d)
{
	struct mountpoint *want = record;

	if (!check_path(want, d))
		return false;
	if (want->ensure == ABSENT)
		return true;
	if (!(want->r.set & BIT(DEVICE)))
		return diag_error(d, "'device' is missing");
	if (!(want->r.set & BIT(FSTYPE)))
		return diag_error(d, "'fstype' is missing");
	want->live = true;
	if (want->ensure == MOUNTED)
		want->r.set |= BIT(LIVE);
	return check_field("device", want->device, d) &&
	       check_type(want->fstype, d) &&
	       (!(want->r.set & BIT(OPTIONS)) ||
		split_options(&want->options, a, d));
}

/* What is on another mount comes after it, and goes before it. */
static void edges_of_mounts(struct edges *e, const char *path, bool away)
{
	char id[4200];

	if (path[0] != '/')
		return;
	for (size_t n = path_parent(path); n > 1; n = path_parent_of(path, n)) {
		snprintf(id, sizeof(id), "mount:%.*s", (int)n, path);
		if (away)
			edges_before(e, id, "it is on it");
		else
			edges_after(e, id, "it is on it");
	}
}

static void edges(const void *record, struct edges *e)
{
	const struct mountpoint *want = record;
	bool away = want->ensure == ABSENT || want->ensure == UNMOUNTED;

	edges_after_path(e, FSTAB, true, "its file");
	edges_of_mounts(e, want->path, away);
	if (want->ensure == ABSENT)
		return;
	edges_of_mounts(e, want->device, away);
	edges_after_path(e, want->path, true, "its folder");
	if (want->device[0] == '/' && !path_wrong(want->device))
		edges_after_path(e, want->device, true, "what is mounted");
	if (want->ensure == MOUNTED)
		edges_before_below(e, want->path, "it is on what is mounted");
}

/* --- what is there --- */

static bool observe_fstab(const struct host *h, const struct mountpoint *want,
			  struct mountpoint *have, struct arena *a,
			  struct diags *d)
{
	AUTO_BUF struct buf b = { 0 };
	size_t before = d->n;
	bool whole;

	have->text = "";
	if (!host_look(h, FSTAB, &have->node, d))
		return false;
	if (have->node.type == NODE_ABSENT)
		return true;
	if (!host_read(h, FSTAB, TEXT_MAX, &b, &whole, d)) {
		for (unsigned i = ENSURE; i <= PASS; i++)
			record_unknown(&have->r, i,
				       "what " FSTAB " holds is not known");
		return d->n == before;
	}
	if (!whole || memchr(buf_text(&b), '\0', b.size))
		return diag_error(d, "'" FSTAB "' is too large, or no text");
	have->text = arena_strndup(a, buf_text(&b), b.size);
	have->in_fstab = fstab_find(have->text, want->path, a, &have->line);
	return true;
}

static bool observe_mount(const struct host *h, const struct mountpoint *want,
			  struct mountpoint *have, struct arena *a,
			  struct diags *d)
{
	AUTO_BUF struct buf b = { 0 };
	size_t before = d->n;
	bool whole;

	if (!host_read(h, MOUNTINFO, TEXT_MAX, &b, &whole, d)) {
		record_unknown(&have->r, ENSURE,
			       "what is mounted is not "
			       "known");
		return d->n == before;
	}
	have->is_mounted =
		mounts_find(buf_text(&b), want->path, a, &have->mount);
	return true;
}

/* Options that are not the kernel's, or say nothing that it would show. */
static bool is_silent(const char *option)
{
	static const char *const silent[] = {
		"defaults", "auto",  "noauto", "user",    "nouser",
		"users",    "owner", "group",  "nofail",  "_netdev",
		"bind",     "rbind", "loop",   "remount",
	};

	if (strncasecmp(option, "x-", 2) == 0 ||
	    strncmp(option, "comment=", 8) == 0)
		return true;
	for (size_t i = 0; i < COUNT(silent); i++)
		if (strcmp(option, silent[i]) == 0)
			return true;
	return false;
}

/* The value of key (n bytes) among options with commas, or NULL; "" for one
 * without a value. */
static const char *find_option(const char *options, const char *key, size_t n,
			       size_t *size)
{
	for (;;) {
		size_t m = strcspn(options, ",");

		if (m >= n && memcmp(options, key, n) == 0 &&
		    (m == n || options[n] == '=')) {
			*size = m > n ? m - n - 1 : 0;
			return options + n + (m > n);
		}
		if (!options[m])
			return NULL;
		options += m + 1;
	}
}

static bool has_flag(const struct mount *m, const char *flag)
{
	size_t n = strlen(flag), size;

	return find_option(m->options, flag, n, &size) ||
	       find_option(m->super, flag, n, &size);
}

/* "64m" as bytes, "0700" as octal digits; false: neither. */
static bool read_amount(const char *text, size_t n, bool octal, uint64_t *value)
{
	static const char units[] = "kmgt";
	const char *unit;
	char *end;
	char copy[32];

	if (n == 0 || n >= sizeof(copy))
		return false;
	memcpy(copy, text, n);
	copy[n] = '\0';
	if (strspn(copy, "0123456789") == 0)
		return false;
	*value = strtoull(copy, &end, octal ? 8 : 10);
	unit = *end ? strchr(units, *end | ' ') : NULL;
	if (unit && !octal)
		*value <<= 10 * (unit - units + 1);
	return !*end || (unit && !octal && !end[1]);
}

/* A kernel shows a value in its own way, or not at all: only a number that is
 * another counts. */
static bool same_value(const struct mount *m, const char *option, size_t key)
{
	const char *want = option + key + 1;
	bool octal = strncmp(option, "mode=", 5) == 0 ||
		     strstr(option, "mask=") != NULL;
	size_t size;
	const char *have = find_option(m->super, option, key, &size);
	uint64_t x, y;

	return !have || !read_amount(want, strlen(want), octal, &x) ||
	       !read_amount(have, size, octal, &y) || x == y;
}

/* Whether the mount is as the option says, as far as the kernel tells. */
static bool is_heeded(const struct mount *m, const char *option)
{
	static const char *const opposites[][2] = {
		{ "rw", "ro" },
		{ "exec", "noexec" },
		{ "suid", "nosuid" },
		{ "dev", "nodev" },
		{ "async", "sync" },
		{ "atime", "noatime" },
		{ "norelatime", "relatime" },
		{ "diratime", "nodiratime" },
	};
	static const char *const flags[] = { "ro",        "noexec",  "nosuid",
					     "nodev",     "sync",    "noatime",
					     "relatime",  "dirsync", "lazytime",
					     "nodiratime" };
	size_t key = strcspn(option, "=");

	if (is_silent(option))
		return true;
	for (size_t i = 0; i < COUNT(opposites); i++)
		if (strcmp(option, opposites[i][0]) == 0)
			return !has_flag(m, opposites[i][1]);
	for (size_t i = 0; i < COUNT(flags); i++)
		if (strcmp(option, flags[i]) == 0)
			return has_flag(m, flags[i]);
	return !option[key] || same_value(m, option, key);
}

/* A device by one of its names, as /dev has it: links followed once, for
 * /dev/disk/by-uuid/... and /dev/vg/lv lead to where the device is. */
static const char *resolve_device(const struct host *h, const char *device,
				  struct arena *a)
{
	static const char *const tags[][2] = {
		{ "UUID=", "/dev/disk/by-uuid/" },
		{ "LABEL=", "/dev/disk/by-label/" },
		{ "PARTUUID=", "/dev/disk/by-partuuid/" },
		{ "PARTLABEL=", "/dev/disk/by-partlabel/" },
		{ "ID=", "/dev/disk/by-id/" },
	};
	AUTO_DIAGS struct diags ignored = { 0 };
	const char *path = device, *target;
	struct node node;

	for (size_t i = 0; i < COUNT(tags); i++)
		if (strncmp(device, tags[i][0], strlen(tags[i][0])) == 0)
			path = arena_printf(a, "%s%s", tags[i][1],
					    device + strlen(tags[i][0]));
	if (strncmp(path, "/dev/", 5) != 0 || path_wrong(path) ||
	    !host_look(h, path, &node, &ignored))
		return NULL;
	if (node.type != NODE_LINK)
		return node.type == NODE_ABSENT ? NULL : path;
	if (!host_read_link(h, path, a, &target, &ignored))
		return NULL;
	return arena_printf(a, "/dev/%s", path_name(target));
}

/* Whether it is known that another device is mounted there. */
static bool is_other(const struct host *h, const struct mountpoint *want,
		     const struct mount *m, struct arena *a)
{
	const char *x = resolve_device(h, want->device, a);
	const char *y = resolve_device(h, m->source, a);

	/* a folder that is bound is told by its device */
	if (strings_have(&want->options, "bind") ||
	    strings_have(&want->options, "rbind"))
		return false;
	return (x && y && strcmp(x, y) != 0) ||
	       (strcmp(want->fstype, m->type) != 0 &&
		strcmp(want->fstype, "auto") != 0 &&
		strcmp(want->fstype, "none") != 0);
}

static bool is_live(const struct mountpoint *want, const struct mount *m)
{
	for (size_t i = 0; i < want->options.n; i++)
		if (!is_heeded(m, want->options.v[i]))
			return false;
	return true;
}

static int state_of(const struct mountpoint *want,
		    const struct mountpoint *have)
{
	bool live = have->is_mounted;

	if (!have->runs)
		live = have->in_fstab && want->ensure == MOUNTED;
	if (want->ensure == PRESENT && have->in_fstab)
		return PRESENT;
	if (want->ensure == PRESENT || (!have->in_fstab && !live))
		return ABSENT;
	return live ? MOUNTED : UNMOUNTED;
}

static void show_line(struct mountpoint *have, struct arena *a)
{
	const struct fstab *line = &have->line;

	if (!have->in_fstab)
		return;
	have->r.set |= BIT(DEVICE) | BIT(FSTYPE) | BIT(OPTIONS) | BIT(DUMP) |
		       BIT(PASS);
	have->device = line->device;
	have->fstype = line->type;
	have->dump = line->dump;
	have->pass = line->pass;
	for (const char *at = line->options;; at++) {
		size_t n = strcspn(at, ",");

		strings_add(&have->options, a, arena_strndup(a, at, n));
		at += n;
		if (!*at)
			return;
	}
}

static bool observe(const struct host *h, const void *want_record,
		    void *have_record, struct arena *a, struct diags *d)
{
	const struct mountpoint *want = want_record;
	struct mountpoint *have = have_record;

	have->runs = host_runs(h);
	if (!observe_fstab(h, want, have, a, d) ||
	    (have->runs && !observe_mount(h, want, have, a, d)))
		return false;
	have->r.set |= BIT(ENSURE) | BIT(LIVE);
	have->ensure = state_of(want, have);
	/* what is not mounted yet will be as wanted */
	have->live = !have->is_mounted || want->ensure != MOUNTED ||
		     (!is_other(h, want, &have->mount, a) &&
		      is_live(want, &have->mount));
	show_line(have, a);
	return true;
}

/* --- changing it --- */

static const char *options_text(const struct mountpoint *want,
				const struct mountpoint *have, struct arena *a)
{
	if (want->r.set & BIT(OPTIONS))
		return strings_join(&want->options, ",", a);
	return have->in_fstab ? have->line.options : "defaults";
}

/* Whether findmnt(8) finds no fault with fstab as it is. */
static bool is_verified(const struct host *h, struct arena *a)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	struct command command = { .umask = -1,
				   .timeout = VALIDATE_TIMEOUT,
				   .trial = true };
	struct outcome o = { 0 };
	bool ok;

	strings_add(&command.argv, a, "findmnt");
	strings_add(&command.argv, a, "--verify");
	ok = host_ask(h, &command, a, &o, &ignored) && o.ending == ENDED_EXIT &&
	     o.code == 0;
	outcome_release(&o);
	return ok;
}

/*
 * The new file must find favour too; but not where the old one has faults
 * already, or there is no findmnt, for then it says nothing about the change.
 */
static const struct strings *validator(const struct host *h,
				       const struct mountpoint *want,
				       const struct mountpoint *have,
				       struct arena *a)
{
	static const char *const argv[] = { "findmnt", "--verify", "--tab-file",
					    "%" };
	struct strings *words = arena_new(a, struct strings);

	if (want->ensure == ABSENT || !have->runs || !h->acting ||
	    !is_verified(h, a))
		return NULL;
	for (size_t i = 0; i < COUNT(argv); i++)
		strings_add(words, a, argv[i]);
	return words;
}

static bool write_fstab(struct host *h, const struct mountpoint *want,
			const struct mountpoint *have, struct arena *a,
			struct diags *d)
{
	const struct fstab line = {
		.device = want->device,
		.path = want->path,
		.type = want->fstype,
		.options = options_text(want, have, a),
		.dump = want->r.set & BIT(DUMP) ? want->dump : have->line.dump,
		.pass = want->r.set & BIT(PASS) ? want->pass : have->line.pass,
	};
	struct file_write *write = arena_new(a, struct file_write);
	struct content *content = arena_new(a, struct content);
	AUTO_BUF struct buf b = { 0 };

	fstab_edit(&b, have->text, want->path,
		   want->ensure == ABSENT ? NULL : &line);
	*content = managed_content(&b, a);
	*write = (struct file_write){
		.path = FSTAB,
		.content = content,
		.perms = { .set = PERM_MODE, .mode = 0644 },
		.expect = arena_memdup(a, &have->node, sizeof(have->node)),
		.backup = true,
		.validate = validator(h, want, have, a),
		.validate_timeout = VALIDATE_TIMEOUT,
	};
	if (have->node.type == NODE_FILE)
		write->perms = (struct perms){ .set = PERM_ALL,
					       .mode = have->node.mode,
					       .uid = have->node.uid,
					       .gid = have->node.gid };
	return host_replace(h, write, d) && tool_commit(h, d);
}

static bool change(struct host *h, const struct mountpoint *want,
		   const struct mountpoint *have, enum mounting what,
		   struct arena *a, struct diags *d)
{
	const struct mount_change c = {
		.what = what,
		.mount = { .source = want->device,
			   .target = want->path,
			   .type = want->fstype,
			   .options = options_text(want, have, a) },
	};
	struct outcome o = { 0 };

	if (!host_mount(h, &c, a, &o, d)) {
		outcome_release(&o);
		return false;
	}
	return tool_succeeded(h, what == MOUNT_GONE ? "umount" : "mount", &o, a,
			      d);
}

static bool mount_it(struct host *h, const struct mountpoint *want,
		     const struct mountpoint *have, struct arena *a,
		     struct diags *d)
{
	if (!have->is_mounted)
		return change(h, want, have, MOUNT_NEW, a, d);
	if (have->live)
		return true;
	if (!is_other(h, want, &have->mount, a))
		return change(h, want, have, MOUNT_AGAIN, a, d);
	diag_error(d, "'%s' is mounted there, of type %s", have->mount.source,
		   have->mount.type);
	diag_hint(d, "unmount it first");
	return false;
}

/* fstab first: mount(8) reads it, and what a kill leaves undone the next run
 * finds. What is to be absent is unmounted before it is forgotten. */
static bool apply(struct host *h, const struct step *step, struct arena *a,
		  struct diags *d)
{
	const struct mountpoint *want = step->want, *have = step->have;
	const uint64_t fields = BIT(DEVICE) | BIT(FSTYPE) | BIT(OPTIONS) |
				BIT(DUMP) | BIT(PASS);
	bool away = want->ensure == ABSENT || want->ensure == UNMOUNTED;

	if (have->runs && have->is_mounted && away &&
	    !change(h, want, have, MOUNT_GONE, a, d))
		return false;
	if (want->ensure == ABSENT ? have->in_fstab
				   : !have->in_fstab || (step->differ & fields))
		if (!write_fstab(h, want, have, a, d))
			return false;
	return !have->runs || want->ensure != MOUNTED ||
	       mount_it(h, want, have, a, d);
}

static bool undoable(const struct step *step)
{
	const struct mountpoint *have = step->have;

	return !have->runs;
}

static const char *because(const struct step *step, struct arena *a)
{
	const struct mountpoint *want = step->want, *have = step->have;

	if (!have->runs)
		return want->ensure == MOUNTED || want->ensure == UNMOUNTED
			       ? "only in /etc/fstab: nothing is mounted below "
				 "another root"
			       : NULL;
	if (step->differ & BIT(LIVE))
		return arena_printf(a, "it is mounted with %s",
				    have->mount.options);
	return NULL;
}

/* Who works on what is unmounted has to stop. */
static enum disruption disruption(const struct step *step)
{
	const struct mountpoint *want = step->want, *have = step->have;
	bool away = want->ensure == ABSENT || want->ensure == UNMOUNTED;

	return away && (!have || have->is_mounted || have->ensure == MOUNTED)
		       ? DISRUPTION_RESTART
		       : DISRUPTION_NONE;
}

const struct module mount_module = {
	.name = "mount",
	.summary = "A file system: its line in /etc/fstab, whose other lines "
		   "stay as they are, and whether it is mounted. Below another "
		   "root only the line is managed.",
	.example = "\"directory:/srv/data\": {},\n"
		   "\"mount:/srv/data\": {\n"
		   "  \"device\": \"UUID=2f3c8e0a-6d2b-4f1e-9a55-"
		   "0c1d2e3f4a5b\",\n"
		   "  \"fstype\": \"ext4\",\n"
		   "  \"options\": [\"noatime\", \"nodev\"],\n"
		   "  \"pass\": 2\n"
		   "},\n"
		   "\"mount:/mnt/old\": {\n"
		   "  \"ensure\": \"absent\"\n"
		   "}\n",
	.size = sizeof(struct mountpoint),
	.attrs = attrs,
	.nattrs = ROWS,
	.check = check,
	.edges = edges,
	.observe = observe,
	.apply = apply,
	.undoable = undoable,
	.because = because,
	.disruption = disruption,
	.alone = true,
};
