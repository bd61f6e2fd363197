/* SPDX-License-Identifier: MIT */
/* Absolute paths of managed things: text only, nothing here looks at a disk. */
#ifndef CONVERGE_BASE_PATH_H
#define CONVERGE_BASE_PATH_H

#include <stdbool.h>
#include <stddef.h>

/*
 * NULL when path is one that converge accepts: absolute, no empty, "." or
 * ".." component, no trailing '/', no control character, valid UTF-8, at most
 * 4,095 bytes with components of at most 255. Otherwise what is wrong with
 * it, to follow the attribute's name: "must be absolute".
 */
const char *path_wrong(const char *path);
/* The same for a relative path inside a world: "templates/motd". */
const char *path_relative_wrong(const char *path);
/* Length of the parent's path: 4 for "/etc/motd", 1 for "/etc" and "/". */
size_t path_parent(const char *path);
/* The same of the first n bytes, without a copy of them; 0: no '/'. */
size_t path_parent_of(const char *path, size_t n);
/* What follows the last '/': "motd". */
const char *path_name(const char *path);
/* Whether path is below, or (or_equal) is, dir. */
bool path_below(const char *path, const char *dir, bool or_equal);
/* Whether converge refuses to manage it whatever a manifest says: in /proc,
 * /sys, /dev, /run/converge. */
bool path_is_foreign(const char *path);
/* Whether it is never removed: /, /etc, /usr, /home, /var, /boot, /root, ... */
bool path_is_protected(const char *path);
/* The paths that are, one by one; NULL after the last. */
const char *path_protected(size_t i);

#endif
