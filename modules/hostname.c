/* SPDX-License-Identifier: MIT */
/* hostname: this host's name, now and after a boot. */
#include <string.h>

#include "modules/parts/managed.h"
#include "modules/parts/rows.h"

#define SETTING "/proc/sys/kernel/hostname"

/* HOST_NAME_MAX; a label: RFC 1123, section 2.1, and RFC 1035, 2.3.4. */
enum { HOSTNAME_MAX = 64, LABEL_MAX = 63 };

struct hostname {
	struct record r;
	const char *name;
	const char *path;
	struct content content;
	struct managed file; /* in have */
};

enum row { NAME, PATH, CONTENT, ROWS };

#define AT(member) offsetof(struct hostname, member)

static const struct attr attrs[ROWS] = {
	[NAME] = { .name = "name",
		   .kind = &kind_text,
		   .flags = ATTR_NAME | ATTR_STATE,
		   .offset = AT(name),
		   .doc = "The name, as in RFC 1123: labels of letters, digits "
			  "and '-', with dots between them." },
	[PATH] = { .name = "path",
		   .kind = &kind_path,
		   .flags = ATTR_PATH | ATTR_INTERNAL,
		   .offset = AT(path),
		   .fallback = "\"/etc/hostname\"",
		   .doc = "Its file." },
	ROW_ITS_CONTENT(AT(content)),
};

static bool is_label(const char *label, size_t n)
{
	static const char good[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "abcdefghijklmnopqrstuvwxyz0123456789-";

	return n > 0 && n <= LABEL_MAX && strspn(label, good) >= n &&
	       label[0] != '-' && label[n - 1] != '-';
}

static bool is_name(const char *name)
{
	size_t n = strlen(name);

	/* an address is no name */
	if (n > HOSTNAME_MAX || strspn(name, "0123456789.") == n)
		return false;
	for (;; name += n + 1) {
		n = strcspn(name, ".");
		if (!is_label(name, n))
			return false;
		if (!name[n])
			return true;
	}
}

static bool check(void *record, struct arena *a, struct diags *d)
{
	struct hostname *want = record;
	AUTO_BUF struct buf b = { 0 };

	if (!is_name(want->name))
		return diag_error(d,
				  "'name' must be labels of letters, digits "
				  "and '-', with dots between them, and of at "
				  "most %d bytes, not '%s'",
				  HOSTNAME_MAX, want->name);
	buf_printf(&b, "%s\n", want->name);
	want->content = managed_content(&b, a);
	want->r.set |= BIT(CONTENT);
	return true;
}

static void edges(const void *record, struct edges *e)
{
	const struct hostname *want = record;

	edges_after_path(e, want->path, false, "its folder");
}

static bool observe_name(const struct host *h, struct hostname *have,
			 struct arena *a, struct diags *d)
{
	AUTO_BUF struct buf b = { 0 };
	size_t before = d->n;
	bool whole;

	have->r.set |= BIT(NAME);
	if (!host_read(h, SETTING, (size_t)2 * HOSTNAME_MAX, &b, &whole, d)) {
		record_unknown(&have->r, NAME, "its name is not known");
		return d->n == before;
	}
	have->name =
		arena_strndup(a, buf_text(&b), strcspn(buf_text(&b), "\n"));
	return true;
}

static bool observe(const struct host *h, const void *want_record,
		    void *have_record, struct arena *a, struct diags *d)
{
	const struct hostname *want = want_record;
	struct hostname *have = have_record;

	if (!managed_look(h, want->path, &want->content, &have->file, d))
		return false;
	managed_show(&have->file, &have->r, CONTENT, &have->content);
	if (host_runs(h))
		return observe_name(h, have, a, d);
	/* a tree has no kernel that could have another */
	have->r.set |= BIT(NAME);
	have->name = want->name;
	return true;
}

static bool apply(struct host *h, const struct step *step, struct arena *a,
		  struct diags *d)
{
	const struct hostname *want = step->want, *have = step->have;

	if ((step->differ & BIT(NAME)) &&
	    !host_set_kernel(h, SETTING, want->name, d))
		return false;
	return !(step->differ & BIT(CONTENT)) ||
	       managed_put(h, &have->file, &want->content, a, d);
}

/* What the kernel had is not kept. */
static bool undoable(const struct step *step)
{
	return !(step->differ & BIT(NAME));
}

const struct module hostname_module = {
	.name = "hostname",
	.summary = "The name of this host: the kernel's, and in /etc/hostname. "
		   "Below another root only the file is managed.",
	.example = "\"hostname:web-1\": {}\n",
	.size = sizeof(struct hostname),
	.attrs = attrs,
	.nattrs = ROWS,
	.check = check,
	.edges = edges,
	.observe = observe,
	.apply = apply,
	.undoable = undoable,
	.batched = true,
	.leaf = true,
};
