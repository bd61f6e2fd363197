/* SPDX-License-Identifier: MIT */
/* Hashes of passwords, as crypt(5) has them. */
#ifndef CONVERGE_TEXT_PASSWORD_H
#define CONVERGE_TEXT_PASSWORD_H

#include <stdbool.h>

/* Whether text is a hash, or "*": no password at all, which is no secret. */
bool password_is_hash(const char *text);

#endif
