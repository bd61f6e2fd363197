/* SPDX-License-Identifier: MIT */
/* What the kernel itself is told: settings below /proc/sys. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "lib/base/path.h"
#include "lib/host/linux/files/walk.h"

/* The right file, whatever is mounted over /proc. */
static bool is_kernels(int fd)
{
	struct statfs f;

	return fstatfs(fd, &f) == 0 && f.f_type == PROC_SUPER_MAGIC;
}

static bool refused(const char *path, const char *value, int error,
		    struct diags *d)
{
	diag_errno(d, error, "the kernel does not take '%s' for '%s'", value,
		   path);
	if (error == EROFS || error == EACCES || error == EPERM)
		diag_hint(d, "a container may not change its host's kernel: "
			     "set it there");
	return false;
}

/* Some containers have their own name, and a /proc/sys that is read-only. */
static bool set_name(const char *path, const char *value, struct diags *d)
{
	if (sethostname(value, strlen(value)) < 0)
		return refused(path, value, errno, d);
	return true;
}

bool linux_set_kernel(struct host *host, const char *path, const char *value,
		      struct diags *d)
{
	const struct linux_host *h = (struct linux_host *)(void *)host;
	AUTO_BUF struct buf line = { 0 };
	struct walked w;

	if (!host_runs(host) || !path_below(path, "/proc/sys", false))
		return diag_error(d, "'%s' is no setting of this host's kernel",
				  path);
	if (strcmp(path, "/proc/sys/kernel/hostname") == 0)
		return set_name(path, value, d);
	if (!walk_parent(h, path, &w, d))
		return false;
	if (w.fd < 0)
		return diag_error(d, "the kernel has no '%s'", path);
	AUTO_FD int fd =
		openat(w.fd, w.name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return refused(path, value, errno, d);
	if (!is_kernels(fd))
		return diag_error(d, "'%s' is no setting of this host's kernel",
				  path);
	buf_printf(&line, "%s\n", value);
	/* in one call: proc(5) takes no value in parts */
	if (write(fd, line.text, line.size) != (ssize_t)line.size)
		return refused(path, value, errno, d);
	return true;
}
