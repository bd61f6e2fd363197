/* SPDX-License-Identifier: MIT */
/*
 * libgit2 for what fetches a world and looks at its newest commit, loaded by
 * those runs alone. Both are done by processes that can do nothing else:
 * nothing here is to be called but in one of them.
 */
#ifndef CONVERGE_HOST_LINUX_GIT_GIT_H
#define CONVERGE_HOST_LINUX_GIT_GIT_H

#include <git2.h>
#include <git2/sys/config.h>
#include <git2/sys/odb_backend.h>
#include <git2/sys/refdb_backend.h>
#include <git2/sys/refs.h>
#include <git2/sys/repository.h>
#include <git2/sys/stream.h>
#include <stdbool.h>

#include "lib/base/arena.h"
#include "lib/base/diag.h"

#define GIT_FUNCTIONS(X)                     \
	X(git_config_new)                    \
	X(git_credential_ssh_key_memory_new) \
	X(git_credential_username_new)       \
	X(git_error_last)                    \
	X(git_error_set_str)                 \
	X(git_fetch_options_init)            \
	X(git_graph_descendant_of)           \
	X(git_libgit2_init)                  \
	X(git_libgit2_opts)                  \
	X(git_odb_add_disk_alternate)        \
	X(git_odb_exists)                    \
	X(git_odb_object_data)               \
	X(git_odb_object_free)               \
	X(git_odb_object_size)               \
	X(git_odb_open)                      \
	X(git_odb_read)                      \
	X(git_odb_read_header)               \
	X(git_oid_fromstr)                   \
	X(git_oid_tostr)                     \
	X(git_refdb_init_backend)            \
	X(git_refdb_new)                     \
	X(git_refdb_set_backend)             \
	X(git_reference__alloc)              \
	X(git_remote_connect_ext)            \
	X(git_remote_connect_options_init)   \
	X(git_remote_create_options_init)    \
	X(git_remote_create_with_opts)       \
	X(git_remote_download)               \
	X(git_remote_ls)                     \
	X(git_repository_new)                \
	X(git_repository_set_config)         \
	X(git_repository_set_odb)            \
	X(git_repository_set_refdb)          \
	X(git_stream_register)

struct git {
#define GIT_DECLARE(name) __typeof__(name) *(name);
	GIT_FUNCTIONS(GIT_DECLARE)
#undef GIT_DECLARE
};

/* The library, which reads no configuration from then on; NULL with a
 * diagnostic. */
const struct git *git_load(struct diags *);
/* What it says of its newest error, safe to be shown, in the arena. */
const char *git_reason(const struct git *, struct arena *);
/* The path of a descriptor's "objects", in the arena. */
const char *git_objects_of(int folder, struct arena *);

#endif
