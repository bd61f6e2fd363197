/* SPDX-License-Identifier: MIT */
#include "lib/text/sealed.h"

#include <nettle/base64.h>
#include <nettle/sha2.h>
#include <string.h>

#include "lib/text/rsa.h"

enum { LINE_MAX_BYTES = 1024, STANZAS_MAX = 1000, TAG = 4, BLOB_MAX = 4096 };

static const char version[] = SEALED_FIRST;
static const char prefix[] = "converge-secret/1 ";

/* Types whose first argument tells who may open it, and one that does not. */
static const struct {
	const char *name;
	bool has_tag;
} types[] = {
	{ "ssh-ed25519", true },
	{ "ssh-rsa", true },
	{ "X25519", false },
};

static bool is_printable(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (text[i] < ' ' || text[i] > '~')
			return false;
	return true;
}

/* The stanza that begins with the n bytes after "-> ". */
static bool add_stanza(const char *line, size_t n, struct arena *a,
		       struct strings *to, const char **wrong)
{
	const char *text = arena_strndup(a, line, n);
	size_t word = strcspn(text, " ");

	for (size_t i = 0; i < COUNT(types); i++) {
		if (strlen(types[i].name) != word ||
		    memcmp(types[i].name, text, word) != 0)
			continue;
		if (types[i].has_tag && text[word])
			word += 1 + strcspn(text + word + 1, " ");
		strings_add(to, a, arena_strndup(a, text, word));
		return true;
	}
	*wrong = arena_printf(a,
			      "is sealed in a way that is not used here "
			      "('%.40s')",
			      text);
	return false;
}

bool sealed_to(const char *bytes, size_t size, struct arena *a,
	       struct strings *to, const char **wrong)
{
	const char *at = bytes, *end = bytes + size;
	size_t n = sizeof(version) - 1;

	*to = (struct strings){ 0 };
	*wrong = "is not a sealed secret";
	if (size < n || memcmp(at, version, n) != 0)
		return false;
	for (at += n; at < end; at += n + 1) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));

		n = newline ? (size_t)(newline - at) : LINE_MAX_BYTES;
		if (n >= LINE_MAX_BYTES || !is_printable(at, n) ||
		    to->n > STANZAS_MAX)
			return false;
		if (n >= 4 && memcmp(at, "--- ", 4) == 0)
			return to->n > 0;
		if (n >= 3 && memcmp(at, "-> ", 3) == 0 &&
		    !add_stanza(at + 3, n - 3, a, to, wrong))
			return false;
	}
	return false;
}

const char *sealed_label(struct arena *a, const char *path)
{
	return arena_printf(a, "%s%s\n", prefix, path);
}

size_t sealed_begins(const char *bytes, size_t size, const char *path)
{
	size_t head = sizeof(prefix) - 1, n = strlen(path);

	return size > head + n && memcmp(bytes, prefix, head) == 0 &&
			       memcmp(bytes + head, path, n) == 0 &&
			       bytes[head + n] == '\n'
		       ? head + n + 1
		       : 0;
}

/* --- recipients --- */

static bool is_age_key(const char *text)
{
	static const char letters[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

	return strncmp(text, "age1", 4) == 0 && strlen(text) == 62 &&
	       strspn(text + 4, letters) == 58;
}

/* The blob of a public key begins with its type (RFC 4253, 6.6). */
static bool read_blob(const char *type, const char *base64, uint8_t *blob,
		      size_t *n)
{
	size_t length = strlen(base64), word = strlen(type);
	struct base64_decode_ctx context;

	if (length < 8 || BASE64_DECODE_LENGTH(length) > BLOB_MAX)
		return false;
	base64_decode_init(&context);
	*n = BLOB_MAX;
	return base64_decode_update(&context, n, blob, length, base64) == 1 &&
	       base64_decode_final(&context) == 1 && *n > 4 + word &&
	       blob[0] == 0 && blob[1] == 0 && blob[2] == 0 &&
	       blob[3] == word && memcmp(blob + 4, type, word) == 0;
}

static const char *tagged(const char *type, const uint8_t *blob, size_t n,
			  struct arena *a)
{
	uint8_t digest[SHA256_DIGEST_SIZE];
	char tag[BASE64_ENCODE_RAW_LENGTH(TAG) + 1] = "";
	struct sha256_ctx sha;

	sha256_init(&sha);
	sha256_update(&sha, n, blob);
	sha256_digest(&sha, sizeof(digest), digest);
	base64_encode_raw(tag, TAG, digest);
	return arena_printf(a, "%s %.*s", type, (int)strcspn(tag, "="), tag);
}

const char *recipient_stanza(const char *recipient, struct arena *a,
			     const char **wrong)
{
	size_t word = strcspn(recipient, " ");
	uint8_t blob[BLOB_MAX];
	size_t n;

	if (is_age_key(recipient))
		return "X25519";
	*wrong = "must be \"ssh-ed25519 AAAA...\", \"ssh-rsa AAAA...\" or "
		 "\"age1...\"";
	if (!is_printable(recipient, strlen(recipient)))
		return NULL;
	for (size_t i = 0; i < COUNT(types); i++) {
		const char *base64;

		if (!types[i].has_tag || strlen(types[i].name) != word ||
		    memcmp(types[i].name, recipient, word) != 0 ||
		    !recipient[word])
			continue;
		/* a comment may follow */
		base64 = recipient + word + 1;
		base64 = arena_strndup(a, base64, strcspn(base64, " "));
		if (!read_blob(types[i].name, base64, blob, &n))
			continue;
		*wrong = "is a key of RSA that is too weak: it must have 2048 "
			 "bits or more";
		if (strcmp(types[i].name, "ssh-rsa") == 0 &&
		    rsa_bits(blob, n) < RSA_BITS)
			return NULL;
		return tagged(types[i].name, blob, n, a);
	}
	return NULL;
}
