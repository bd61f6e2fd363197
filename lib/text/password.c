/* SPDX-License-Identifier: MIT */
#include "lib/text/password.h"

#include <string.h>

#include "lib/base/strings.h"

#define HASH64 \
	"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

/* crypt(5): what a hash begins with, and how many characters its last part,
 * the digest, has. */
static const struct {
	const char *prefix;
	size_t digest;
} methods[] = {
	{ "$y$", 43 },  { "$gy$", 43 },   { "$7$", 43 }, { "$2b$", 53 },
	{ "$2a$", 53 }, { "$2y$", 53 },   { "$6$", 86 }, { "$5$", 43 },
	{ "$1$", 22 },  { "$sha1$", 40 },
};

bool password_is_hash(const char *text)
{
	const char *digest = strrchr(text, '$');

	/* no password at all, which is not a secret */
	if (strcmp(text, "*") == 0)
		return true;
	for (const char *p = text; *p; p++)
		if (*p <= ' ' || *p > '~' || strchr(":;!*\\", *p))
			return false;
	for (size_t i = 0; i < COUNT(methods); i++) {
		size_t n = strlen(methods[i].prefix);

		if (strncmp(text, methods[i].prefix, n) != 0)
			continue;
		return digest >= text + n && digest[-1] != '$' &&
		       strspn(digest + 1, HASH64) == methods[i].digest &&
		       strlen(digest + 1) == methods[i].digest;
	}
	return false;
}
