/* SPDX-License-Identifier: MIT */
/* Mounting, by mount(8): it reads fstab(5) as the next boot will, and knows
 * the helpers of file systems that need more than mount(2). */
#include <string.h>

#include "lib/host/linux/files/walk.h"

enum { MOUNT_TIMEOUT = 60000 }; /* milliseconds: a server may be dead */

static bool has_option(const char *options, const char *name)
{
	size_t n = strlen(name);

	for (; *options; options += *options == ',') {
		size_t m = strcspn(options, ",");

		if (m == n && memcmp(options, name, n) == 0)
			return true;
		options += m;
	}
	return false;
}

static void arguments(struct strings *argv, const struct mount_change *c,
		      struct arena *a)
{
	bool bind = has_option(c->mount.options, "bind") ||
		    has_option(c->mount.options, "rbind");

	strings_add(argv, a, c->what == MOUNT_GONE ? "umount" : "mount");
	if (c->what == MOUNT_AGAIN) {
		strings_add(argv, a, "-o");
		strings_add(argv, a, bind ? "remount,bind" : "remount");
	}
	strings_add(argv, a, "--");
	strings_add(argv, a, c->mount.target);
}

/* mount(8) follows links; where it leads must be what a walk finds safe. */
static bool is_safe(const struct linux_host *h, const char *target,
		    struct arena *a, struct diags *d)
{
	struct walked w;
	struct node n;

	if (!walk_parent(h, target, &w, d))
		return false;
	if (w.fd < 0 || walk_stat(w.fd, w.name, &n) < 0 ||
	    n.type != NODE_DIRECTORY)
		return diag_error(d, "there is no folder '%s' to mount on",
				  target);
	if (!w.own || n.uid != w.owner)
		return diag_error(d,
				  "'%s' belongs to another user, who could "
				  "exchange it",
				  target);
	if (strcmp(walk_real(&w, a), target) == 0)
		return true;
	diag_error(d, "'%s' leads through a link", target);
	diag_hint(d, "write '%s'", walk_real(&w, a));
	return false;
}

bool linux_mount(struct host *host, const struct mount_change *c,
		 struct arena *a, struct outcome *o, struct diags *d)
{
	const struct linux_host *h = (struct linux_host *)(void *)host;
	struct command command = { .umask = -1, .timeout = MOUNT_TIMEOUT };

	*o = (struct outcome){ 0 };
	if (!host_runs(host))
		return diag_error(d, "nothing is mounted below another root");
	if (c->what == MOUNT_NEW && !is_safe(h, c->mount.target, a, d))
		return false;
	/* a folder held open keeps what it is on busy */
	walk_forget(h);
	arguments(&command.argv, c, a);
	return linux_run(host, &command, NULL, a, o, d);
}
