/* SPDX-License-Identifier: MIT */
/* sysctl: a setting of the kernel, now and after a boot. */
#include <stdio.h>
#include <string.h>

#include "modules/parts/kernel.h"
#include "modules/parts/managed.h"
#include "modules/parts/no_secret.h"
#include "modules/parts/rows.h"

#define FILES "/etc/sysctl.d/99-converge-"
#define KERNEL "/proc/sys/"

enum { VALUE_MAX = 4096, KEY_MAX = 200 };

struct sysctl {
	struct record r;
	const char *key;
	int ensure;
	const char *value;
	bool persist, force;
	const char *setting; /* path below /proc/sys */
	const char *path;    /* of its file */
	struct content content;
	struct managed_perms perms;
	bool runs;           /* in have: there is a kernel to set */
	struct managed file; /* in have */
};

enum row {
	KEY,
	ENSURE,
	VALUE,
	PERSIST,
	FORCE,
	SETTING,
	PATH,
	CONTENT,
	MODE,
	OWNER,
	ROWS
};

#define AT(member) offsetof(struct sysctl, member)
#define OF_FILE (BIT(CONTENT) | BIT(MODE) | BIT(OWNER))

static const struct attr attrs[ROWS] = {
	[KEY] = { .name = "key",
		  .kind = &kind_text,
		  .flags = ATTR_NAME,
		  .offset = AT(key),
		  .doc = "The name of the setting, with dots or slashes: "
			 "\"net.ipv4.ip_forward\", "
			 "\"net/ipv4/conf/eth0.100/forwarding\"." },
	[ENSURE] = { .name = "ensure",
		     .kind = &kind_choice,
		     .flags = ATTR_STATE | ATTR_ENSURE,
		     .offset = AT(ensure),
		     .choices = row_states,
		     .fallback = "\"present\"",
		     .doc = "Whether it is set; absent removes its file and "
			    "leaves the kernel as it is." },
	[VALUE] = { .name = "value",
		    .kind = &kind_scalar,
		    .flags = ATTR_STATE | ATTR_REQUIRED_THERE,
		    .offset = AT(value),
		    .no_secret = NO_SECRET_IN_KERNEL,
		    .doc = "Its value, as the kernel shows it; blanks between "
			   "numbers count as one." },
	[PERSIST] = { .name = "persist",
		      .kind = &kind_bool,
		      .flags = ATTR_STATE,
		      .offset = AT(persist),
		      .fallback = "true",
		      .doc = "Whether a file of its own in /etc/sysctl.d sets "
			     "it at each boot." },
	[FORCE] = { .name = "force",
		    .kind = &kind_bool,
		    .flags = ATTR_MANNER,
		    .offset = AT(force),
		    .fallback = "false",
		    .doc = "Whether kernel.core_pattern may name a program "
			   "(\"|/path\"), which the kernel runs as root." },
	[SETTING] = { .name = "setting",
		      .kind = &kind_path,
		      .flags = ATTR_INTERNAL,
		      .offset = AT(setting),
		      .doc = "Where the kernel has it." },
	ROW_ITS_PATH(AT(path)),
	ROW_ITS_CONTENT(AT(content)),
	MANAGED_ROW_MODE(MODE, AT(perms), "mode"),
	MANAGED_ROW_OWNER(OWNER, AT(perms), "owner"),
};

#define LOWER "abcdefghijklmnopqrstuvwxyz0123456789_"
#define ANY LOWER "ABCDEFGHIJKLMNOPQRSTUVWXYZ:@+-"

/* Components of letters, digits and little else, two at least: none is empty,
 * none is "..". */
static bool is_key(const char *key)
{
	size_t n = strspn(key, LOWER), parts = 1;

	if (n == 0 || strlen(key) > KEY_MAX)
		return false;
	for (; key[n]; parts++) {
		size_t more;

		if (key[n] != '.' && key[n] != '/')
			return false;
		more = strspn(key + n + 1, ANY);
		if (more == 0 || key[n + 1] == '-')
			return false;
		n += 1 + more;
	}
	return parts > 1;
}

/*
 * The key with its components parted by slashes, so that one may hold a dot:
 * the first separator says which of the two it is (sysctl(8)).
 */
static const char *key_path(const char *key, struct arena *a)
{
	bool dots = key[strcspn(key, "./")] == '.';
	char *path = arena_strdup(a, key);

	for (char *c = path; dots && *c; c++) {
		if (*c == '.')
			*c = '/';
		else if (*c == '/')
			*c = '.';
	}
	return path;
}

static const char *swap(const char *text, char from, char to, struct arena *a)
{
	char *copy = arena_strdup(a, text);

	for (char *c = copy; *c; c++)
		if (*c == from)
			*c = to;
	return copy;
}

/* A copy without blanks at the ends, and with one between words. */
static const char *squeeze(const char *text, struct arena *a)
{
	char *copy = arena_strdup(a, text), *to = copy;

	for (text += strspn(text, " \t\n"); *text;
	     text += strspn(text, " \t\n")) {
		size_t n = strcspn(text, " \t\n");

		if (to > copy)
			*to++ = ' ';
		memcpy(to, text, n);
		to += n;
		text += n;
	}
	*to = '\0';
	return copy;
}

static bool check_value(const struct sysctl *want, struct diags *d)
{
	for (const char *c = want->value; *c; c++)
		if (((unsigned char)*c < ' ' && *c != '\t') || *c == '\x7f')
			return diag_error(d, "'value' must be one line without "
					     "control characters");
	if (strlen(want->value) > VALUE_MAX)
		return diag_error(d, "'value' is longer than %d bytes",
				  VALUE_MAX);
	if (!want->value[strspn(want->value, " \t")])
		return diag_error(d, "'value' must not be empty");
	if (strchr(want->value, '|') && !want->force &&
	    strcmp(want->setting, KERNEL "kernel/core_pattern") == 0) {
		diag_error(d, "'value' names a program, which the kernel would "
			      "run as root at each crash");
		diag_hint(d, "add \"force\": true if that is wanted");
		return false;
	}
	return true;
}

/* What sysctl.d(5) reads: dots between components, a slash for a dot in one. */
static void render(struct sysctl *want, const char *path, struct arena *a)
{
	AUTO_BUF struct buf b = { 0 };

	managed_header(&b, "sysctl", want->key);
	for (; *path; path++)
		buf_putc(&b, *path == '/' ? '.' : *path == '.' ? '/' : *path);
	buf_printf(&b, " = %s\n", want->value);
	want->content = managed_content(&b, a);
	want->r.set |= BIT(CONTENT);
}

static bool check(void *record, struct arena *a, struct diags *d)
{
	struct sysctl *want = record;
	const char *path;

	if (!is_key(want->key)) {
		diag_error(d,
			   "'key' must be a name such as "
			   "\"net.ipv4.ip_forward\", not '%s'",
			   want->key);
		return false;
	}
	path = key_path(want->key, a);
	if (strstr(path, "/.") || path[0] == '.')
		return diag_error(d,
				  "'key' must be a name such as "
				  "\"net.ipv4.ip_forward\", not '%s'",
				  want->key);
	want->setting = arena_printf(a, KERNEL "%s", path);
	want->path = arena_printf(a, FILES "%s.conf", swap(path, '/', '.', a));
	want->r.set |= BIT(SETTING) | BIT(PATH);
	if (want->ensure == ABSENT)
		return true;
	if (!(want->r.set & BIT(VALUE)))
		return diag_error(d, "'value' is missing");
	if (!check_value(want, d))
		return false;
	want->value = squeeze(want->value, a);
	if (want->persist)
		render(want, path, a);
	return true;
}

static void edges(const void *record, struct edges *e)
{
	const struct sysctl *want = record;
	const char *module = kernel_module_of(want->setting);
	char id[80];

	edges_after_path(e, want->path, false, "its folder");
	if (!module || want->ensure == ABSENT)
		return;
	snprintf(id, sizeof(id), "kernel_module:%s", module);
	edges_after(e, id, "the module that has it");
}

static bool no_such(const struct sysctl *want, struct diags *d)
{
	diag_error(d, "the kernel has no setting '%s'", want->key);
	diag_hint(d, "it may be of a module that is not loaded: see the type "
		     "kernel_module");
	return false;
}

/* What the kernel has now. */
static bool observe_value(const struct host *h, const struct sysctl *want,
			  struct sysctl *have, struct arena *a, struct diags *d)
{
	AUTO_BUF struct buf b = { 0 };
	size_t before = d->n;
	struct node node;
	bool whole;

	if (!host_look(h, want->setting, &node, d))
		return false;
	if (node.type == NODE_ABSENT || node.type == NODE_DIRECTORY)
		return no_such(want, d);
	if (node.type == NODE_UNKNOWN) {
		record_unknown(&have->r, VALUE, node.because);
		return true;
	}
	if (!host_read(h, want->setting, VALUE_MAX, &b, &whole, d)) {
		record_unknown(&have->r, VALUE, "its value is not known");
		return d->n == before;
	}
	have->r.set |= BIT(VALUE);
	have->value = squeeze(buf_text(&b), a);
	return true;
}

static void observe_file(const struct sysctl *want, struct sysctl *have)
{
	const struct managed *file = &have->file;

	have->r.set |= BIT(PERSIST);
	have->persist = file->node.type != NODE_ABSENT;
	managed_show(file, &have->r, CONTENT, &have->content);
	if (file->node.type != NODE_UNKNOWN)
		return;
	record_unknown(&have->r, PERSIST, file->node.because);
	if (want->ensure == ABSENT)
		record_unknown(&have->r, ENSURE, file->node.because);
}

static bool observe(const struct host *h, const void *want_record,
		    void *have_record, struct arena *a, struct diags *d)
{
	const struct sysctl *want = want_record;
	struct sysctl *have = have_record;

	if (!managed_look(h, want->path, &want->content, &have->file, d))
		return false;
	have->runs = host_runs(h);
	have->r.set = BIT(ENSURE);
	/* to whom a value is wanted it is there as soon as the kernel has it */
	have->ensure = have->file.node.type != NODE_ABSENT ||
				       (have->runs && want->ensure == PRESENT)
			       ? PRESENT
			       : ABSENT;
	observe_file(want, have);
	if (!managed_show_perms(h, &have->file, want->persist, &have->r,
				BIT(MODE) | BIT(OWNER), &have->perms, a, d))
		return false;
	if (want->ensure == ABSENT)
		return true;
	if (have->runs)
		return observe_value(h, want, have, a, d);
	/* a tree has no kernel whose value could be another */
	have->r.set |= BIT(VALUE);
	have->value = want->value;
	if (!want->persist)
		have->ensure = PRESENT;
	return true;
}

/* The kernel may round a value, or show it in other words. */
static bool set_value(struct host *h, const struct sysctl *want,
		      struct arena *a, struct diags *d)
{
	struct sysctl now = { 0 };

	if (!host_set_kernel(h, want->setting, want->value, d) ||
	    !observe_value(h, want, &now, a, d))
		return false;
	if (!now.value || strcmp(now.value, want->value) == 0)
		return true;
	diag_error(d, "the kernel made '%s' of '%s'", now.value, want->value);
	diag_hint(d, "give the value that the kernel shows");
	return false;
}

/* The kernel is asked first: what it does not take must not come back at each
 * boot. After a kill in between the next run finds that the file differs. */
static bool apply(struct host *h, const struct step *step, struct arena *a,
		  struct diags *d)
{
	const struct sysctl *want = step->want, *have = step->have;

	if (want->ensure == ABSENT)
		return managed_remove(h, &have->file, d);
	if ((step->differ & BIT(VALUE)) && !set_value(h, want, a, d))
		return false;
	if (!want->persist)
		return managed_remove(h, &have->file, d);
	return !(step->differ & (BIT(ENSURE) | BIT(PERSIST) | OF_FILE)) ||
	       (managed_folder(h, want->path, a, d) &&
		managed_put(h, &have->file, &want->content, a, d));
}

/* What the kernel had is not kept. */
static bool undoable(const struct step *step)
{
	return !(step->differ & BIT(VALUE));
}

static const char *because(const struct step *step, struct arena *a)
{
	const struct sysctl *have = step->have;

	(void)a;
	return have->runs ? NULL : "only its file: no kernel runs this tree";
}

const struct module sysctl_module = {
	.name = "sysctl",
	.summary = "A setting of the kernel, below /proc/sys: its value now "
		   "and after each boot. Below another root only its file is "
		   "managed.",
	.example = "\"sysctl:net.ipv4.ip_forward\": {\n"
		   "  \"value\": 1\n"
		   "},\n"
		   "\"sysctl:net.ipv4.tcp_rmem\": {\n"
		   "  \"value\": \"4096 131072 6291456\"\n"
		   "},\n"
		   "\"sysctl:vm.swappiness\": {\n"
		   "  \"ensure\": \"absent\"\n"
		   "}\n",
	.size = sizeof(struct sysctl),
	.attrs = attrs,
	.nattrs = ROWS,
	.check = check,
	.edges = edges,
	.observe = observe,
	.apply = apply,
	.undoable = undoable,
	.because = because,
	.batched = true,
	.leaf = true,
};
