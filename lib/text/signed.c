/* SPDX-License-Identifier: MIT */
#include "lib/text/signed.h"

#include <nettle/base64.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <string.h>

#include "lib/text/rsa.h"

enum { TIME_DIGITS = 12 };

/* --- headers --- */

/* One header: its name, and its value with all lines that go on with it. */
struct header {
	const char *text, *value, *end; /* end is after the last newline */
};

/* False at the empty line that ends the headers, or at the end. */
static bool next_header(const char **at, const char *end, struct header *h)
{
	const char *newline;

	if (*at == end || **at == '\n')
		return false;
	h->text = h->value = *at;
	do {
		newline = memchr(*at, '\n', (size_t)(end - *at));
		*at = newline ? newline + 1 : end;
	} while (newline && *at < end && **at == ' ');
	h->end = *at;
	while (h->value < h->end && *h->value != ' ' && *h->value != '\n')
		h->value++;
	return true;
}

static bool is_header(const struct header *h, const char *name)
{
	size_t n = strlen(name);

	return (size_t)(h->value - h->text) == n &&
	       memcmp(h->text, name, n) == 0;
}

/* "Name <mail> 1700000000 +0000": the name may have anything in it. */
static bool read_time(const struct header *h, int64_t *time)
{
	const char *at = h->end;
	int64_t seconds = 0;
	int digits = 0;

	while (at > h->value && at[-1] != '>')
		at--;
	if (at == h->value || at == h->end || *at++ != ' ')
		return false;
	for (; at < h->end && *at >= '0' && *at <= '9'; at++, digits++)
		if (digits < TIME_DIGITS)
			seconds = seconds * 10 + (*at - '0');
	*time = seconds;
	return digits > 0 && digits <= TIME_DIGITS && at < h->end && *at == ' ';
}

/* Without the blank that begins each further line. */
static void add_value(struct buf *out, const struct header *h)
{
	const char *at = h->value;

	while (at < h->end) {
		const char *newline = memchr(at, '\n', (size_t)(h->end - at));
		const char *next = newline ? newline + 1 : h->end;

		if (*at == ' ')
			at++;
		buf_add(out, at, (size_t)(next - at));
		at = next;
	}
}

/* --- what an SSH signature is made of: PROTOCOL.sshsig of OpenSSH --- */

struct bytes {
	const unsigned char *at;
	size_t left;
};

static bool read_number(struct bytes *b, size_t *n)
{
	if (b->left < 4)
		return false;
	*n = (size_t)b->at[0] << 24 | (size_t)b->at[1] << 16 |
	     (size_t)b->at[2] << 8 | b->at[3];
	b->at += 4;
	b->left -= 4;
	return true;
}

static bool read_string(struct bytes *b, struct bytes *string)
{
	size_t n;

	if (!read_number(b, &n) || n > b->left)
		return false;
	*string = (struct bytes){ b->at, n };
	b->at += n;
	b->left -= n;
	return true;
}

static bool is_string(const struct bytes *b, const char *text)
{
	return b->left == strlen(text) && memcmp(b->at, text, b->left) == 0;
}

static bool is_one_of(const struct bytes *b, const char *const *list)
{
	for (; *list; list++)
		if (is_string(b, *list))
			return true;
	return false;
}

/* RFC 8332: a key of RSA makes signatures of three kinds, the first with
 * SHA-1. */
static const char *algorithm_wrong(const struct bytes *algorithm)
{
	if (is_string(algorithm, "ssh-rsa"))
		return "is signed with SHA-1, which does not count (ssh-rsa): "
		       "sign with rsa-sha2-512, as ssh-keygen does and an old "
		       "agent may not, or with a key of Ed25519";
	if (is_string(algorithm, "ssh-dss"))
		return "is signed with SHA-1, which does not count (ssh-dss): "
		       "sign with a key of Ed25519";
	return NULL;
}

static const char *plain_wrong(struct bytes key)
{
	static const char *const types[] = {
		"ssh-ed25519",
		"ecdsa-sha2-nistp256",
		"ecdsa-sha2-nistp384",
		"ecdsa-sha2-nistp521",
		"sk-ssh-ed25519@openssh.com",
		"sk-ecdsa-sha2-nistp256@openssh.com",
		NULL,
	};
	struct bytes all = key, type;

	if (!read_string(&key, &type))
		return "has a signature that is damaged";
	if (is_one_of(&type, types))
		return NULL;
	if (!is_string(&type, "ssh-rsa"))
		return "is signed by a key of a type that does not count: sign "
		       "with one of Ed25519";
	if (rsa_bits(all.at, all.left) < RSA_BITS)
		return "is signed by a key of RSA that is too weak: sign with "
		       "one of 2048 bits or more, or of Ed25519";
	return NULL;
}

/* --- certificates: PROTOCOL.certkeys of OpenSSH --- */

enum { CERTIFICATE_USER = 1 };

static const struct certificate {
	const char *type, *plain;
	size_t parts; /* strings that the key is made of */
} certificates[] = {
	{ "ssh-ed25519-cert-v01@openssh.com", "ssh-ed25519", 1 },
	{ "ecdsa-sha2-nistp256-cert-v01@openssh.com", "ecdsa-sha2-nistp256",
	  2 },
	{ "ecdsa-sha2-nistp384-cert-v01@openssh.com", "ecdsa-sha2-nistp384",
	  2 },
	{ "ecdsa-sha2-nistp521-cert-v01@openssh.com", "ecdsa-sha2-nistp521",
	  2 },
};

static const struct certificate *certificate_of(const struct bytes *type)
{
	for (size_t i = 0; i < COUNT(certificates); i++)
		if (is_string(type, certificates[i].type))
			return &certificates[i];
	return NULL;
}

static bool skip_strings(struct bytes *b, size_t n)
{
	struct bytes skipped;

	while (n && read_string(b, &skipped))
		n--;
	return !n;
}

static bool skip_longs(struct bytes *b, size_t n)
{
	const size_t size = n * sizeof(uint64_t);

	if (b->left < size)
		return false;
	b->at += size;
	b->left -= size;
	return true;
}

/*
 * What ssh-keygen(1) does not look at when it verifies: how its authority
 * signed it, and critical options, which mean that it is not to be used where
 * they are not known. The rest it does, by what time it is now.
 */
static const char *certificate_wrong(struct bytes b,
				     const struct certificate *of)
{
	struct bytes principals, critical, authority, signature, algorithm;
	size_t type;

	if (!skip_strings(&b, 1 + of->parts) || !skip_longs(&b, 1) ||
	    !read_number(&b, &type) || !skip_strings(&b, 1) ||
	    !read_string(&b, &principals) || !skip_longs(&b, 2) ||
	    !read_string(&b, &critical) || !skip_strings(&b, 2) ||
	    !read_string(&b, &authority) || !read_string(&b, &signature) ||
	    b.left || !read_string(&signature, &algorithm))
		return "is signed by a certificate that is damaged";
	if (type != CERTIFICATE_USER)
		return "is signed by a certificate that is none of a user";
	if (!principals.left)
		return "is signed by a certificate that is for nobody: it "
		       "names no principals";
	if (critical.left)
		return "is signed by a certificate that has critical options, "
		       "of which none is for commits";
	if (plain_wrong(authority))
		return "is signed by a certificate of a key that does not "
		       "count: it must be of Ed25519, ECDSA, or RSA of 2048 "
		       "bits or more";
	if (algorithm_wrong(&algorithm))
		return "is signed by a certificate that was made with SHA-1, "
		       "which does not count: make it with -t rsa-sha2-512 of "
		       "ssh-keygen, or by a key of Ed25519";
	return NULL;
}

static bool is_certificate(const struct bytes *type)
{
	static const char end[] = "-cert-v01@openssh.com";
	const size_t n = sizeof(end) - 1;

	return type->left > n && memcmp(type->at + type->left - n, end, n) == 0;
}

static const char *key_wrong(struct bytes key)
{
	const struct certificate *of;
	struct bytes all = key, type;

	if (!read_string(&key, &type) || !is_certificate(&type))
		return plain_wrong(all);
	of = certificate_of(&type);
	return of ? certificate_wrong(key, of)
		  : "is signed by a certificate of a type that does not "
		    "count: sign with one of a key of Ed25519 or ECDSA";
}

/* The key of a certificate, as it is without one. */
static bool add_plain(struct buf *plain, struct bytes key)
{
	const struct certificate *of;
	struct bytes type, rest, nonce;

	if (!read_string(&key, &type))
		return false;
	of = certificate_of(&type);
	if (!of || !read_string(&key, &nonce))
		return false;
	rest = key;
	if (!skip_strings(&key, of->parts))
		return false;
	buf_add(plain, "\0\0", 3);
	buf_putc(plain, (char)strlen(of->plain));
	buf_puts(plain, of->plain);
	buf_add(plain, (const char *)rest.at, rest.left - key.left);
	return true;
}

static void name_key(char name[SIGNED_KEY], const struct bytes *key)
{
	AUTO_BUF struct buf plain = { 0 };
	char base64[BASE64_ENCODE_RAW_LENGTH(SHA256_DIGEST_SIZE)];
	uint8_t digest[SHA256_DIGEST_SIZE];
	struct sha256_ctx sha256;

	sha256_init(&sha256);
	if (add_plain(&plain, *key))
		sha256_update(&sha256, plain.size,
			      (const uint8_t *)buf_text(&plain));
	else
		sha256_update(&sha256, key->left, key->at);
	sha256_digest(&sha256, sizeof(digest), digest);
	base64_encode_raw(base64, sizeof(digest), digest);
	/* ssh-keygen(1) leaves out the '=' at its end */
	snprintf(name, SIGNED_KEY, "SHA256:%.*s", (int)sizeof(base64) - 1,
		 base64);
}

static const char *blob_wrong(struct bytes b, char name[SIGNED_KEY])
{
	static const char *const hashes[] = { "sha256", "sha512", NULL };
	const char *wrong;
	struct bytes key, space, reserved, hash, signature, algorithm;
	size_t version;

	if (b.left < 6 || memcmp(b.at, "SSHSIG", 6) != 0)
		return "has a signature that is damaged";
	b.at += 6;
	b.left -= 6;
	if (!read_number(&b, &version) || version != 1 ||
	    !read_string(&b, &key) || !read_string(&b, &space) ||
	    !read_string(&b, &reserved) || !read_string(&b, &hash) ||
	    !read_string(&b, &signature) || b.left ||
	    !read_string(&signature, &algorithm))
		return "has a signature that is damaged";
	name_key(name, &key);
	if (!is_string(&space, "git"))
		return "has a signature that was not made for git";
	if (!is_one_of(&hash, hashes))
		return "is signed with a digest that does not count: sign with "
		       "SHA-256 or SHA-512";
	wrong = key_wrong(key);
	return wrong ? wrong : algorithm_wrong(&algorithm);
}

static bool decode(const char *text, size_t n, struct buf *blob,
		   struct bytes *b)
{
	struct base64_decode_ctx base64;
	size_t size = BASE64_DECODE_LENGTH(n);

	base64_decode_init(&base64);
	if (!base64_decode_update(&base64, &size,
				  (uint8_t *)buf_reserve(blob, size), n,
				  text) ||
	    !base64_decode_final(&base64))
		return false;
	*b = (struct bytes){ (const unsigned char *)blob->text, size };
	return true;
}

static const char *ssh_wrong(const char *text, size_t n, char name[SIGNED_KEY])
{
	AUTO_BUF struct buf blob = { 0 };
	struct bytes b;

	return decode(text, n, &blob, &b) ? blob_wrong(b, name)
					  : "has a signature that is damaged";
}

bool signed_is_key(const char name[SIGNED_KEY], const char *base64, size_t n)
{
	AUTO_BUF struct buf blob = { 0 };
	char named[SIGNED_KEY];
	struct bytes b;

	if (n > SIGNATURE_MAX || !decode(base64, n, &blob, &b))
		return false;
	name_key(named, &b);
	return strcmp(named, name) == 0;
}

/* --- armour --- */

static const struct {
	const char *begin, *end;
	enum signature_type type;
} armours[] = {
	{ "-----BEGIN SSH SIGNATURE-----\n", "\n-----END SSH SIGNATURE-----\n",
	  SIGNATURE_SSH },
	{ "-----BEGIN PGP SIGNATURE-----\n", "\n-----END PGP SIGNATURE-----\n",
	  SIGNATURE_PGP },
};

/* One block and nothing else: what a tool skips nobody has looked at. */
static const char *armour_wrong(struct signed_commit *c)
{
	const char *text = buf_text(&c->signature);

	for (size_t i = 0; i < COUNT(armours); i++) {
		size_t n = strlen(armours[i].begin);
		size_t m = strlen(armours[i].end);
		const char *end;

		if (strncmp(text, armours[i].begin, n) != 0)
			continue;
		c->type = armours[i].type;
		end = strstr(text + n - 1, armours[i].end);
		if (!end || strlen(text) != c->signature.size ||
		    strstr(text + n, "-----BEGIN"))
			return "has a signature that is not one block";
		if (end[m] && strcmp(end + m, "\n") != 0)
			return "has a signature that is not one block";
		return c->type == SIGNATURE_PGP
			       ? NULL
			       : ssh_wrong(text + n, (size_t)(end - text) - n,
					   c->key);
	}
	return "has a signature that is neither of SSH nor of PGP";
}

const char *signed_split(struct signed_commit *c, const char *text, size_t size)
{
	const char *at = text, *end = text + size;
	size_t signatures = 0, times = 0;
	struct header h;

	*c = (struct signed_commit){ 0 };
	while (next_header(&at, end, &h)) {
		if (is_header(&h, "gpgsig")) {
			if (!signatures++ && h.end - h.value <= SIGNATURE_MAX)
				add_value(&c->signature, &h);
			continue;
		}
		if (is_header(&h, "gpgsig-sha256"))
			signatures = 2;
		if (is_header(&h, "committer")) {
			times++;
			if (!read_time(&h, &c->time))
				return "has no time";
		}
		buf_add(&c->payload, h.text, (size_t)(h.end - h.text));
	}
	buf_add(&c->payload, at, (size_t)(end - at));
	if (times != 1 || strncmp(text, "tree ", size < 5 ? size : 5) != 0)
		return "is damaged";
	if (!signatures)
		return "is not signed";
	if (signatures > 1)
		return "has more than one signature";
	if (!c->signature.size)
		return "has a signature that is too large";
	return armour_wrong(c);
}

void signed_release(struct signed_commit *c)
{
	buf_release(&c->payload);
	buf_release(&c->signature);
}
