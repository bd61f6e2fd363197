/* SPDX-License-Identifier: MIT */
/*
 * What a host knows of where its world comes from and whose word counts:
 * converge-agent.json(5). Text to values alone; who may have written the file
 * is its reader's to check.
 */
#ifndef CONVERGE_ORIGIN_AGENT_H
#define CONVERGE_ORIGIN_AGENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/diag.h"
#include "lib/base/strings.h"
#include "lib/text/remote.h"

#define AGENT_FILE "/etc/converge/agent.json"

enum { AGENT_MAX_BYTES = 64 * 1024 };

struct agent {
	const char *url; /* without any secret */
	enum transport transport;
	const char *branch;
	/* Whose signatures count; at least one of both. */
	const char *allowed_signers; /* path: ssh-keygen(1), or NULL */
	const char *revoked_keys;    /* path: the same, or NULL */
	const char *gpg_keyring;     /* path: gpgv(1), or NULL */
	struct strings gpg_signers;  /* 40 upper case hex digits each */
	int64_t max_age;             /* seconds; 0: any */
	const char *known_hosts;     /* path: sshd(8) */
	const char *ssh_key;         /* path of a private key */
	const char *ca_file;         /* path, or NULL: the system's */
	const char *host;            /* or NULL */
};

/*
 * All of it lives in the arena; name is how diagnostics call the file. False
 * with diagnostics, each with its place, of everything that is wrong.
 */
bool agent_read(struct agent *, const char *text, size_t size, const char *name,
		struct arena *, struct diags *);

#endif
