/* SPDX-License-Identifier: MIT */
#include "lib/host/linux/process/trial.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/base/auto.h"

/* The room lies in one of the last two, which come last: what is mounted on
 * hides the scratch. */
static const char *const targets[TRIAL_COVERS] = {
	"/var/cache", "/var/lib", "/var/log", "/var/spool",
	"/var/tmp",   "/dev/shm", "/tmp",     "/run",
};

void trial_prepare(struct trial *t, const char *room, struct arena *a)
{
	*t = (struct trial){ .room = room, .scratch = "/tmp" };
	if (room)
		t->scratch = arena_printf(a, "%s/.scratch", room);
	for (size_t i = 0; i < COUNT(targets); i++) {
		struct trial_cover *c = &t->covers[t->n];

		if (strcmp(targets[i], t->scratch) == 0)
			continue;
		c->target = targets[i];
		c->upper = arena_printf(a, "%s/%zuu", t->scratch, i);
		c->work = arena_printf(a, "%s/%zuw", t->scratch, i);
		c->options =
			arena_printf(a, "lowerdir=%s,upperdir=%s,workdir=%s",
				     c->target, c->upper, c->work);
		t->n++;
	}
}

/* The upper folder is what the target will look like. */
static bool make_upper(const struct trial_cover *c)
{
	struct stat st;

	return stat(c->target, &st) == 0 && S_ISDIR(st.st_mode) &&
	       mkdir(c->upper, 0700) == 0 && mkdir(c->work, 0700) == 0 &&
	       chown(c->upper, st.st_uid, st.st_gid) == 0 &&
	       chmod(c->upper, st.st_mode & 07777) == 0;
}

static bool set_read_only(const char *path, unsigned flags, bool read_only)
{
	struct mount_attr attr = { 0 };

	if (read_only)
		attr.attr_set = MOUNT_ATTR_RDONLY;
	else
		attr.attr_clr = MOUNT_ATTR_RDONLY;
	return syscall(SYS_mount_setattr, AT_FDCWD, path, flags, &attr,
		       sizeof(attr)) == 0;
}

/* Before what is below it is mounted on. */
static bool open_room(const struct trial *t)
{
	return !t->room || (mount(t->room, t->room, NULL, MS_BIND, NULL) == 0 &&
			    mkdir(t->scratch, 0700) == 0);
}

/* All is read-only then, but for the room and the scratch. */
static bool freeze(const struct trial *t)
{
	return mount("scratch", t->scratch, "tmpfs", MS_NODEV | MS_NOSUID,
		     "size=64m,mode=1777") == 0 &&
	       set_read_only("/", AT_RECURSIVE, true) &&
	       (!t->room || set_read_only(t->room, 0, false)) &&
	       set_read_only(t->scratch, 0, false);
}

static void cover(const struct trial *t, int folders[TRIAL_COVERS], size_t *n)
{
	bool made[TRIAL_COVERS];

	for (size_t i = 0; i < t->n; i++)
		made[i] = make_upper(&t->covers[i]);
	for (size_t i = 0; i < t->n; i++) {
		const struct trial_cover *c = &t->covers[i];

		if (!made[i] || mount("overlay", c->target, "overlay",
				      MS_NODEV | MS_NOSUID, c->options) < 0)
			continue;
		folders[*n] = open(c->target, O_PATH | O_DIRECTORY | O_CLOEXEC);
		*n += folders[*n] >= 0;
	}
}

bool trial_enter(const struct trial *t, int folders[TRIAL_COVERS], size_t *n)
{
	*n = 0;
	if (unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    !open_room(t) || !freeze(t))
		return false;
	cover(t, folders, n);
	if (!t->room)
		folders[(*n)++] = open(t->scratch, O_PATH | O_CLOEXEC);
	return true;
}
