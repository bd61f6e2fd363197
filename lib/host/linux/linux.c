/* SPDX-License-Identifier: MIT */
#include "lib/host/linux/download/download.h"
#include "lib/host/linux/linux.h"

#include <errno.h>
#include <fcntl.h>

#include "lib/host/linux/packages/packages.h"
#include "lib/host/linux/git/remote.h"
#include "lib/host/linux/secret/vault.h"

static void linux_close(struct host *host)
{
	struct linux_host *h = (struct linux_host *)(void *)host;

	linux_write_release(h);
	packages_release(h);
	accounts_release(h);
	units_release(h);
	walk_release(h);
	vault_free(h->vault);
	arena_release(&h->remotes->arena);
	if (h->download->fd >= 0)
		close(h->download->fd);
	close(h->root_fd);
	arena_release(&h->arena);
	free(h);
}

static const struct host_writes linux_writes = {
	.replace = linux_replace,
	.edit = linux_edit,
	.make_directory = linux_make_directory,
	.make_link = linux_make_link,
	.set_perms = linux_set_perms,
	.remove = linux_remove,
	.set_user = linux_set_user,
	.set_group = linux_set_group,
	.unpack = linux_unpack,
	.run = linux_run,
	.pause = linux_pause,
	.unit_change = linux_unit_change,
	.package_change = linux_package_change,
	.set_kernel = linux_set_kernel,
	.mount = linux_mount,
	.commit = linux_commit,
	.close = linux_close,
};

/* The host of the root fd, which it owns; the walk is not begun yet. */
static struct linux_host *linux_new(const struct linux_options *options, int fd)
{
	struct linux_host *h = xrealloc(NULL, sizeof(*h));

	*h = (struct linux_host){
		.host = { .looks = &linux_looks, .writes = &linux_writes },
		.options = *options,
		.root_fd = fd,
	};
	h->options.root =
		arena_strdup(&h->arena, options->root ? options->root : "/");
	h->packages = xrealloc(NULL, sizeof(*h->packages));
	*h->packages = (struct packages){ 0 };
	h->vault = vault_new();
	h->remotes = arena_new(&h->arena, struct remotes);
	h->download = arena_new(&h->arena, struct download);
	h->download->fd = -1;
	accounts_init(h);
	units_init(h);
	return h;
}

struct host *host_linux(const struct linux_options *options, struct diags *d)
{
	const char *root = options->root ? options->root : "/";
	struct linux_host *h;
	int fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0) {
		diag_errno(d, errno, "cannot open the host's root '%s'", root);
		return NULL;
	}
	h = linux_new(options, fd);
	if (walk_init(h, d))
		return &h->host;
	linux_close(&h->host);
	return NULL;
}
