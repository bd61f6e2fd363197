/* SPDX-License-Identifier: MIT */
/* libarchive(3), loaded by those runs alone that have an archive or make one.
 */
#ifndef CONVERGE_HOST_LINUX_ARCHIVE_LIBARCHIVE_H
#define CONVERGE_HOST_LINUX_ARCHIVE_LIBARCHIVE_H

#include <archive.h>
#include <archive_entry.h>

#include "lib/base/diag.h"

/* All of it that is used. */
#define LIBARCHIVE_FUNCTIONS(X)                  \
	X(archive_entry_clear)                   \
	X(archive_entry_filetype)                \
	X(archive_entry_free)                    \
	X(archive_entry_hardlink)                \
	X(archive_entry_mode)                    \
	X(archive_entry_new)                     \
	X(archive_entry_pathname)                \
	X(archive_entry_set_filetype)            \
	X(archive_entry_set_mtime)               \
	X(archive_entry_set_pathname)            \
	X(archive_entry_set_perm)                \
	X(archive_entry_set_size)                \
	X(archive_entry_size)                    \
	X(archive_entry_size_is_set)             \
	X(archive_entry_symlink)                 \
	X(archive_error_string)                  \
	X(archive_filter_bytes)                  \
	X(archive_filter_code)                   \
	X(archive_read_data)                     \
	X(archive_read_free)                     \
	X(archive_read_new)                      \
	X(archive_read_next_header)              \
	X(archive_read_open_fd)                  \
	X(archive_read_open_memory)              \
	X(archive_read_support_filter_bzip2)     \
	X(archive_read_support_filter_gzip)      \
	X(archive_read_support_filter_xz)        \
	X(archive_read_support_filter_zstd)      \
	X(archive_read_support_format_raw)       \
	X(archive_read_support_format_tar)       \
	X(archive_read_support_format_zip)       \
	X(archive_write_add_filter_zstd)         \
	X(archive_write_close)                   \
	X(archive_write_data)                    \
	X(archive_write_free)                    \
	X(archive_write_header)                  \
	X(archive_write_new)                     \
	X(archive_write_open_fd)                 \
	X(archive_write_set_bytes_in_last_block) \
	X(archive_write_set_filter_option)       \
	X(archive_write_set_format_ustar)

struct libarchive {
#define LIBARCHIVE_DECLARE(name) __typeof__(name) *(name);
	LIBARCHIVE_FUNCTIONS(LIBARCHIVE_DECLARE)
#undef LIBARCHIVE_DECLARE
};

/* The library, which stays loaded; NULL with a diagnostic. To be called before
 * the process is confined. */
const struct libarchive *libarchive_load(struct diags *);

#endif
