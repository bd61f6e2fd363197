/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "lib/host/linux/files/write.h"
#include "lib/host/pinned.h"

bool refused_move(const struct walked *w, const char *path, int error,
		  const char *cannot, struct diags *d)
{
	struct node folder, have;

	if ((error == EPERM || error == EBUSY) &&
	    walk_stat(w->fd, "", &folder) == 0 &&
	    walk_stat(w->fd, w->name, &have) == 0 &&
	    !pinned_moves(path, &folder, &have, d))
		return false;
	if (error == EBUSY)
		return diag_error(d, "%s '%s': it is in use, or a mount point",
				  cannot, path);
	return diag_errno(d, error, "%s '%s'", cannot, path);
}

bool refused_change(int fd, const char *path, int error, struct diags *d)
{
	struct node have;

	if (error == EPERM && walk_stat(fd, "", &have) == 0 &&
	    !pinned_changes(path, &have, d))
		return false;
	return diag_errno(d, error, "cannot set owner and mode of '%s'", path);
}
