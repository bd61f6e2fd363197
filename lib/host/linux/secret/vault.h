/* SPDX-License-Identifier: MIT */
/*
 * The secrets that this process has opened: the only place in the program
 * where they are, and they leave it in locked memory alone, to be compared,
 * written or piped at once. There is no function that makes text of one.
 *
 * The key is the host's own, of sshd(8).
 */
#ifndef CONVERGE_HOST_LINUX_SECRET_VAULT_H
#define CONVERGE_HOST_LINUX_SECRET_VAULT_H

#include <stdbool.h>

#include "lib/host/linux/secret/locked.h"
#include "lib/host/linux/files/walk.h"

/*
 * A content with its secrets in their places. False with a diagnostic when one
 * cannot be opened; or, unless no_key is NULL, without one when there is no key
 * that this process may read: then *no_key says so.
 */
bool vault_fill(const struct linux_host *, const struct content *,
		struct locked *, bool *no_key, struct diags *);
/* Puts "<secret PATH>" in place of what of opened secrets is in what a program
 * said, also as base64, hexadecimal, in a URL or in JSON. Those shorter than 6
 * bytes are left, as they might be anything. */
void vault_scrub(const struct linux_host *, struct outcome *);

struct vault *vault_new(void);
void vault_free(struct vault *);

#endif
