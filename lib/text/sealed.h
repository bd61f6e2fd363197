/* SPDX-License-Identifier: MIT */
/*
 * What a sealed file says of itself without a key: whom it is sealed to
 * (age-encryption.org/v1, "Header"). And what is sealed in it beside the
 * secret: its own path, so that it cannot be put in the place of another.
 */
#ifndef CONVERGE_TEXT_SEALED_H
#define CONVERGE_TEXT_SEALED_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/arena.h"
#include "lib/base/strings.h"

/*
 * Of every recipient a line "TYPE TAG" ("ssh-ed25519 LeLDwA"), in the arena;
 * of age's own keys "X25519" alone, which says no more. False with *wrong, to
 * follow the file's name: it is none, or is sealed in a way that converge does
 * not use.
 */
bool sealed_to(const char *bytes, size_t size, struct arena *, struct strings *,
	       const char **wrong);

/* The first line of every sealed file, and its size. */
#define SEALED_FIRST "age-encryption.org/v1\n"
enum { SEALED_FIRST_SIZE = sizeof(SEALED_FIRST) - 1 };

/* The line before the secret, with its newline. */
const char *sealed_label(struct arena *, const char *path);
/* Where the secret begins in what was sealed; 0: it was not sealed as path. */
size_t sealed_begins(const char *bytes, size_t size, const char *path);

/* The same of a public key of SSH: "ssh-ed25519 LeLDwA" of "ssh-ed25519
 * AAAA...". Of an age key: "X25519". NULL with *wrong: no recipient (one of a
 * plugin is none: age would start a program for it). */
const char *recipient_stanza(const char *recipient, struct arena *,
			     const char **wrong);

#endif
