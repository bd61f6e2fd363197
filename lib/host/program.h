/* SPDX-License-Identifier: MIT */
/*
 * Programs of the host's own, which root put in a folder of converge's
 * configuration and which answer in JSON: those of facts and of types.
 */
#ifndef CONVERGE_HOST_PROGRAM_H
#define CONVERGE_HOST_PROGRAM_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/host/host.h"

enum { PROGRAM_ANSWER_MAX = 64 * 1024 /* bytes of JSON */ };

/*
 * Whether only root, or user, can change the file at path or put another one
 * in its place: it and every folder above are theirs, writable by no group and
 * no others, and no links. False with a diagnostic; also when it is no file.
 */
bool program_is_safe(const struct host *, const char *path, uint32_t user,
		     struct diags *);

/* What a program that has ended said, an object; a new reference. NULL with a
 * diagnostic, that quotes its errors, when it ended ill or said something
 * else. */
struct json_t *program_answer(const char *path, const struct outcome *,
			      struct arena *, struct diags *);

#endif
