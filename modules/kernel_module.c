/* SPDX-License-Identifier: MIT */
/* kernel_module: a module of the kernel, now and after a boot. */
#include <string.h>

#include "modules/parts/kernel.h"
#include "modules/parts/managed.h"
#include "modules/parts/no_secret.h"
#include "modules/parts/rows.h"
#include "modules/parts/tool.h"

enum { LOADED, UNLOADED, BLACKLISTED };
enum { NAME_LIMIT = 64, BUILTIN_MAX = 1024 * 1024, RELEASE_MAX = 256 };
enum { SHOWN_MAX = 64 * 1024 };

struct kernel_module {
	struct record r;
	const char *name;
	int ensure;
	bool persist;
	struct strings options;
	const char *module; /* the name with '_' for '-', which are equal */
	const char *path;   /* the file that stands for both */
	const char *load_path, *configured_path;
	bool configured;              /* has options, or is blacklisted */
	struct content load;          /* of /etc/modules-load.d */
	struct content configuration; /* of /etc/modprobe.d */
	struct managed_perms load_perms, configured_perms;
	/* in have */
	bool runs;    /* there is a kernel */
	bool builtin; /* it is no module there */
	struct managed load_file, configured_file;
	struct content old_load; /* what goes; no bytes: nothing to show */
};

enum row {
	NAME,
	ENSURE,
	PERSIST,
	OPTIONS,
	MODULE,
	PATH,
	LOAD_PATH,
	CONFIGURED_PATH,
	CONFIGURED,
	LOAD,
	LOAD_MODE,
	LOAD_OWNER,
	CONFIGURATION,
	CONFIGURATION_MODE,
	CONFIGURATION_OWNER,
	ROWS,
};

static const char *const states[] = { "loaded", "unloaded", "blacklisted",
				      NULL };

#define AT(member) offsetof(struct kernel_module, member)
#define OF_LOAD (BIT(LOAD) | BIT(LOAD_MODE) | BIT(LOAD_OWNER))
#define OF_CONFIGURATION                                \
	(BIT(CONFIGURATION) | BIT(CONFIGURATION_MODE) | \
	 BIT(CONFIGURATION_OWNER))

static const struct attr attrs[ROWS] = {
	[NAME] = { .name = "name",
		   .kind = &kind_text,
		   .flags = ATTR_NAME,
		   .offset = AT(name),
		   .doc = "The name of the module; - and _ are the same." },
	[ENSURE] = { .name = "ensure",
		     .kind = &kind_choice,
		     .flags = ATTR_STATE,
		     .offset = AT(ensure),
		     .choices = states,
		     .fallback = "\"loaded\"",
		     .doc = "Whether the kernel has it; a blacklisted one is "
			    "unloaded, and cannot be loaded." },
	[PERSIST] = { .name = "persist",
		      .kind = &kind_bool,
		      .flags = ATTR_STATE,
		      .offset = AT(persist),
		      .fallback = "true",
		      .doc = "Whether a loaded one is loaded at each boot, by "
			     "its file in /etc/modules-load.d." },
	[OPTIONS] = { .name = "options",
		      .kind = &kind_texts,
		      .offset = AT(options),
		      .no_secret = NO_SECRET_IN_KERNEL,
		      .doc = "Its parameters (\"name=value\"), in a file of "
			     "/etc/modprobe.d; they count when it is loaded "
			     "the next time." },
	[MODULE] = { .name = "module",
		     .kind = &kind_text,
		     .flags = ATTR_INTERNAL,
		     .offset = AT(module),
		     .doc = "Its name as the kernel spells it." },
	ROW_ITS_PATH(AT(path)),
	[LOAD_PATH] = { .name = "load_path",
			.kind = &kind_path,
			.flags = ATTR_INTERNAL,
			.offset = AT(load_path),
			.doc = "Its file in /etc/modules-load.d." },
	[CONFIGURED_PATH] = { .name = "configured_path",
			      .kind = &kind_path,
			      .flags = ATTR_INTERNAL,
			      .offset = AT(configured_path),
			      .doc = "Its file in /etc/modprobe.d." },
	[CONFIGURED] = { .name = "configured",
			 .kind = &kind_bool,
			 .flags = ATTR_STATE | ATTR_INTERNAL,
			 .offset = AT(configured),
			 .fallback = "false",
			 .doc = "Whether it has a file in /etc/modprobe.d." },
	[LOAD] = { .name = "modules-load.d",
		   .kind = &kind_content,
		   .flags = ATTR_STATE | ATTR_INTERNAL,
		   .offset = AT(load),
		   .doc = "What its file in /etc/modules-load.d holds." },
	MANAGED_ROW_MODE(LOAD_MODE, AT(load_perms), "modules-load.d mode"),
	MANAGED_ROW_OWNER(LOAD_OWNER, AT(load_perms), "modules-load.d owner"),
	[CONFIGURATION] = { .name = "modprobe.d",
			    .kind = &kind_content,
			    .flags = ATTR_STATE | ATTR_INTERNAL,
			    .offset = AT(configuration),
			    .doc = "What its file in /etc/modprobe.d holds." },
	MANAGED_ROW_MODE(CONFIGURATION_MODE, AT(configured_perms),
			 "modprobe.d mode"),
	MANAGED_ROW_OWNER(CONFIGURATION_OWNER, AT(configured_perms),
			  "modprobe.d owner"),
};

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

static bool is_name(const char *name)
{
	size_t n = strspn(name, LETTERS "0123456789_-");

	return n > 0 && n <= NAME_LIMIT && name[n] == '\0' && name[0] != '-';
}

static const char *canonical(const char *name, struct arena *a)
{
	char *copy = arena_strdup(a, name);

	for (char *c = copy; *c; c++)
		if (*c == '-')
			*c = '_';
	return copy;
}

/* modprobe.d(5) ends an option at a blank, and has no way to write one. */
static bool check_options(const struct strings *options, struct diags *d)
{
	for (size_t i = 0; i < options->n; i++) {
		const char *text = options->v[i];
		size_t n = strspn(text, LETTERS "0123456789_-.");

		for (const char *c = text; *c; c++)
			if (*c <= ' ' || *c == '\x7f' || *c == '\\')
				n = 0;
		if (n == 0 || (text[n] && text[n] != '='))
			return diag_error(d,
					  "'options' must be \"name=value\" "
					  "without blanks, not '%s'",
					  text);
	}
	return true;
}

static void render(struct kernel_module *want, struct arena *a)
{
	AUTO_BUF struct buf load = { 0 };
	AUTO_BUF struct buf configuration = { 0 };

	managed_header(&load, "kernel_module", want->name);
	managed_header(&configuration, "kernel_module", want->name);
	buf_printf(&load, "%s\n", want->module);
	if (want->ensure == BLACKLISTED)
		buf_printf(&configuration,
			   "blacklist %s\ninstall %s /bin/false\n",
			   want->module, want->module);
	else
		buf_printf(&configuration, "options %s %s\n", want->module,
			   strings_join(&want->options, " ", a));
	want->load = managed_content(&load, a);
	want->configuration = managed_content(&configuration, a);
}

static bool check(void *record, struct arena *a, struct diags *d)
{
	struct kernel_module *want = record;

	if (!is_name(want->name))
		return diag_error(d,
				  "'name' must be letters, digits, '_' and "
				  "'-', not '%s'",
				  want->name);
	if (!check_options(&want->options, d))
		return false;
	want->module = canonical(want->name, a);
	want->persist = want->persist && want->ensure == LOADED;
	want->configured = want->ensure == BLACKLISTED ||
			   (want->ensure == LOADED && want->options.n);
	want->load_path =
		arena_printf(a, "/etc/modules-load.d/%s.conf", want->module);
	want->configured_path = arena_printf(
		a, "/etc/modprobe.d/converge-%s.conf", want->module);
	want->path = want->configured && !want->persist ? want->configured_path
							: want->load_path;
	want->r.set |=
		BIT(MODULE) | BIT(PATH) | BIT(LOAD_PATH) | BIT(CONFIGURED_PATH);
	render(want, a);
	if (want->persist)
		want->r.set |= BIT(LOAD);
	if (want->configured)
		want->r.set |= BIT(CONFIGURATION);
	return true;
}

static void things(const void *record, struct arena *a, struct strings *all)
{
	const struct kernel_module *want = record;

	strings_add(all, a,
		    arena_printf(a, "kernel_module '%s'", want->module));
}

static void owns(const struct host *h, const void *record, struct arena *a,
		 struct owned *o)
{
	const struct kernel_module *want = record;

	(void)h;
	(void)a;
	/* what it does not want there it removes */
	owned_file(o, want->load_path);
	owned_file(o, want->configured_path);
}

static void edges(const void *record, struct edges *e)
{
	const struct kernel_module *want = record;

	edges_after_path(e, want->load_path, false, "its folder");
	edges_after_path(e, want->configured_path, false, "its folder");
}

/* Whether a line of modules.builtin, "kernel/fs/ext4/ext4.ko", is of it. */
static bool is_line_of(const char *line, size_t n, const char *module)
{
	const char *name = line + n;
	size_t i = 0;

	while (name > line && name[-1] != '/')
		name--;
	for (; module[i]; i++)
		if (name + i >= line + n ||
		    (name[i] == '-' ? '_' : name[i]) != module[i])
			return false;
	return (size_t)(line + n - name) == i + 3 &&
	       memcmp(name + i, ".ko", 3) == 0;
}

/* Whether the kernel was built with it, as far as its list is there. */
static bool is_builtin(const struct host *h, const char *module,
		       struct arena *a)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	AUTO_BUF struct buf release = { 0 };
	AUTO_BUF struct buf list = { 0 };
	const char *line, *path;
	bool whole;

	if (!host_read(h, "/proc/sys/kernel/osrelease", RELEASE_MAX, &release,
		       &whole, &ignored))
		return false;
	path = arena_printf(a, "/lib/modules/%.*s/modules.builtin",
			    (int)strcspn(buf_text(&release), "\n"),
			    buf_text(&release));
	if (!host_read(h, path, BUILTIN_MAX, &list, &whole, &ignored))
		return false;
	for (line = buf_text(&list); *line; line += *line == '\n') {
		size_t n = strcspn(line, "\n");

		if (is_line_of(line, n, module))
			return true;
		line += n;
	}
	return false;
}

/* A built-in one has a folder too, if it has parameters, but no state. */
static bool observe_module(const struct host *h,
			   const struct kernel_module *want,
			   struct kernel_module *have, struct arena *a,
			   struct diags *d)
{
	const char *folder = arena_printf(a, "/sys/module/%s", want->module);
	struct node node, state;

	if (!host_look(h, folder, &node, d) ||
	    !host_look(h, arena_printf(a, "%s/initstate", folder), &state, d))
		return false;
	if (node.type == NODE_UNKNOWN) {
		record_unknown(&have->r, ENSURE, node.because);
		return true;
	}
	have->builtin = node.type == NODE_DIRECTORY
				? state.type == NODE_ABSENT
				: node.type == NODE_ABSENT &&
					  is_builtin(h, want->module, a);
	have->ensure =
		node.type != NODE_ABSENT || have->builtin ? LOADED : UNLOADED;
	return true;
}

/* One that is to be blacklisted is so as soon as it is not loaded: the row
 * "configured" tells of the rest. */
static void settle(const struct kernel_module *want, struct kernel_module *have)
{
	have->r.set |= BIT(ENSURE) | BIT(PERSIST) | BIT(CONFIGURED);
	if (!have->runs ||
	    (want->ensure == BLACKLISTED && have->ensure == UNLOADED))
		have->ensure = want->ensure;
	have->persist = have->load_file.node.type != NODE_ABSENT;
	have->configured = have->configured_file.node.type != NODE_ABSENT;
	if (have->load_file.node.type == NODE_UNKNOWN)
		record_unknown(&have->r, PERSIST, have->load_file.node.because);
	if (have->configured_file.node.type == NODE_UNKNOWN)
		record_unknown(&have->r, CONFIGURED,
			       have->configured_file.node.because);
}

/* modules-load.d(5) is where people have files of their own, perhaps of more
 * than one module. */
static bool observe_old(const struct host *h, const struct kernel_module *want,
			struct kernel_module *have, struct arena *a,
			struct diags *d)
{
	AUTO_BUF struct buf b = { 0 };
	size_t before = d->n;
	bool whole = true;

	if (have->load_file.match != MATCH_DIFFERENT && want->persist)
		return true;
	if (have->load_file.node.type != NODE_FILE ||
	    have->load_file.node.size > SHOWN_MAX)
		return true;
	if (!host_read(h, want->load_path, SHOWN_MAX, &b, &whole, d))
		return d->n == before;
	if (whole)
		have->old_load = managed_content(&b, a);
	return true;
}

static bool observe(const struct host *h, const void *want_record,
		    void *have_record, struct arena *a, struct diags *d)
{
	const struct kernel_module *want = want_record;
	struct kernel_module *have = have_record;

	if (!managed_look(h, want->load_path, &want->load, &have->load_file,
			  d) ||
	    !managed_look(h, want->configured_path, &want->configuration,
			  &have->configured_file, d))
		return false;
	managed_show(&have->load_file, &have->r, LOAD, &have->load);
	managed_show(&have->configured_file, &have->r, CONFIGURATION,
		     &have->configuration);
	if (!observe_old(h, want, have, a, d) ||
	    !managed_show_perms(h, &have->load_file, want->persist, &have->r,
				BIT(LOAD_MODE) | BIT(LOAD_OWNER),
				&have->load_perms, a, d) ||
	    !managed_show_perms(
		    h, &have->configured_file, want->configured, &have->r,
		    BIT(CONFIGURATION_MODE) | BIT(CONFIGURATION_OWNER),
		    &have->configured_perms, a, d))
		return false;
	have->runs = host_runs(h);
	if (have->runs && !observe_module(h, want, have, a, d))
		return false;
	settle(want, have);
	return true;
}

static bool unload(struct host *h, const struct kernel_module *want,
		   const struct kernel_module *have, struct arena *a,
		   struct diags *d)
{
	const char *const argv[] = { "rmmod", "--", want->module, NULL };
	struct strings gone = { 0 };

	if (have->builtin)
		return diag_error(d,
				  "'%s' is built into the kernel, and cannot "
				  "be unloaded",
				  want->name);
	strings_add(&gone, a, arena_printf(a, "/sys/module/%s", want->module));
	return tool_run(h, argv, &gone, a, d);
}

static bool load(struct host *h, const struct kernel_module *want,
		 struct arena *a, struct diags *d)
{
	const char *const argv[] = { "modprobe", "--", want->module, NULL };
	const char *settings = kernel_settings_of(want->module);
	struct strings makes = { 0 };

	strings_add(&makes, a, arena_printf(a, "/sys/module/%s", want->module));
	if (settings)
		strings_add(&makes, a, settings);
	return tool_run(h, argv, &makes, a, d);
}

/* Puts the file there, or takes it away, if any of its rows differ. */
static bool keep(struct host *h, const struct step *step, uint64_t rows,
		 bool there, const struct managed *file,
		 const struct content *content, struct arena *a,
		 struct diags *d)
{
	if (!(step->differ & rows))
		return true;
	if (!there)
		return managed_remove(h, file, d);
	return managed_folder(h, file->path, a, d) &&
	       managed_put(h, file, content, a, d);
}

/*
 * Its options must be in place when it is loaded; that it is to be loaded at
 * each boot is said once it was. After a kill in between the next run finds
 * what is missing.
 */
static bool apply(struct host *h, const struct step *step, struct arena *a,
		  struct diags *d)
{
	const struct kernel_module *want = step->want, *have = step->have;

	if (!keep(h, step, BIT(CONFIGURED) | OF_CONFIGURATION, want->configured,
		  &have->configured_file, &want->configuration, a, d) ||
	    !tool_commit(h, d))
		return false;
	if ((step->differ & BIT(ENSURE)) &&
	    !(want->ensure == LOADED ? load(h, want, a, d)
				     : unload(h, want, have, a, d)))
		return false;
	return keep(h, step, BIT(PERSIST) | OF_LOAD, want->persist,
		    &have->load_file, &want->load, a, d) &&
	       tool_commit(h, d);
}

/* Two files are no one content: shown is the one that may have been somebody's.
 */
static bool contents(const struct step *step, struct content *before,
		     struct content *after)
{
	const struct kernel_module *want = step->want, *have = step->have;

	*before = have->old_load;
	*after = want->persist ? want->load : content_of("", 0);
	return before->bytes && (step->differ & (BIT(PERSIST) | BIT(LOAD)));
}

static bool undoable(const struct step *step)
{
	return !(step->differ & BIT(ENSURE));
}

const struct module kernel_module_module = {
	.name = "kernel_module",
	.summary = "A module of the kernel: loaded or not, now and after each "
		   "boot. Below another root only its files are managed.",
	.example = "\"kernel_module:br_netfilter\": {},\n"
		   "\"kernel_module:nf_conntrack\": {\n"
		   "  \"options\": \"hashsize=131072\"\n"
		   "},\n"
		   "\"kernel_module:usb-storage\": {\n"
		   "  \"ensure\": \"blacklisted\"\n"
		   "}\n",
	.size = sizeof(struct kernel_module),
	.attrs = attrs,
	.nattrs = ROWS,
	.check = check,
	.things = things,
	.owns = owns,
	.edges = edges,
	.observe = observe,
	.apply = apply,
	.undoable = undoable,
	.contents = contents,
	.leaf = true,
	.early = true,
	.alone = true,
};
