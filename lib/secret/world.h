/* SPDX-License-Identifier: MIT */
/*
 * What a world says of its secrets, as text that can be reviewed: the public
 * keys (secrets/recipients.json), and whom each is for (secrets/NAME.age.json).
 */
#ifndef CONVERGE_SECRET_WORLD_H
#define CONVERGE_SECRET_WORLD_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/arena.h"
#include "lib/base/diag.h"
#include "lib/base/strings.h"
#include "lib/host/tree.h"

#define RECIPIENTS_FILE "secrets/recipients.json"

/* Who may be able to open secrets. */
struct recipient {
	const char *name;
	const char *key;    /* as age(1) takes it */
	const char *stanza; /* what a header says of it: see sealed.h */
	bool is_host;       /* else a person, to whom everything is sealed */
};

struct recipients {
	struct recipient *v;
	size_t n, capacity;
};

/* All in the arena. */
bool recipients_read(const struct tree *world, struct arena *,
		     struct recipients *, struct diags *);
const struct recipient *recipients_host(const struct recipients *,
					const char *name);

/* The paths of all secrets, sorted; and of what else lies beside them. */
bool secrets_list(const struct tree *world, struct arena *,
		  struct strings *secrets, struct strings *others,
		  struct diags *);
/* "db", "db.age" and "secrets/db.age" as the last, "web/db" as
 * "secrets/web/db.age"; NULL with a diagnostic. */
const char *secret_named(const char *name, struct arena *, struct diags *);

/* Whom a secret is for, as it is written: hosts, and "role:NAME". */
bool audience_read(const struct tree *world, const char *secret, struct arena *,
		   struct strings *, struct diags *);
/* The text of a new secrets/NAME.age.json: what it has beside "for" stays. */
bool audience_write(const struct tree *world, const char *secret,
		    const struct strings *, struct buf *, struct diags *);

/* The names of all hosts that the world has a manifest of, sorted; also of one
 * that is no file, so that reading it says so. */
bool hosts_list(const struct tree *world, struct arena *, struct strings *,
		struct diags *);

#endif
