/* SPDX-License-Identifier: MIT */
/*
 * TLS for libgit2, by OpenSSL: that of libgit2 itself, as Debian 12 has it,
 * takes TLS 1.0, and leaves it to its caller to mind a wrong certificate. This
 * takes 1.2 and newer, and a certificate that is right, or none at all.
 */
#ifndef CONVERGE_HOST_LINUX_GIT_TLS_H
#define CONVERGE_HOST_LINUX_GIT_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/diag.h"
#include "lib/host/linux/git/git.h"

/*
 * Has libgit2 use it in this process. ca is a file of certificates whose word
 * counts, NULL: those of the system; most is how many bytes may come through
 * one connection. To be called before the process is confined; false with a
 * diagnostic.
 */
bool tls_use(const struct git *, const char *ca, uint64_t most, struct diags *);

#endif
