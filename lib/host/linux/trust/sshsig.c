/* SPDX-License-Identifier: MIT */
#include "lib/host/sshsig.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <nettle/base64.h>
#include <nettle/sha2.h>
#include <openssl/evp.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/base/output.h"
#include "lib/host/linux/process/child.h"
#include "lib/host/linux/process/sandbox.h"
#include "lib/host/linux/trust/trusted.h"
#include "lib/text/escape.h"

enum {
	NOBODY = 65534,
	TIMEOUT = 30000, /* milliseconds */
	KEY_SIZE = 32,
	SIGNATURE_SIZE = 64,
	BLOB_MAX = 4096,
	VERSION = 1,
};

/* --- the library --- */

#define FUNCTIONS(X)            \
	X(EVP_DigestVerify)     \
	X(EVP_DigestVerifyInit) \
	X(EVP_MD_CTX_free)      \
	X(EVP_MD_CTX_new)       \
	X(EVP_PKEY_free)        \
	X(EVP_PKEY_new_raw_public_key)

#define DECLARE(name) __typeof__(name) *(name);
static struct {
	void *handle;
	FUNCTIONS(DECLARE)
} lib;

static bool find(const char *name, void *function)
{
	void *found = dlsym(lib.handle, name);

	memcpy(function, &found, sizeof(found));
	return found != NULL;
}

bool sshsig_load(struct diags *d)
{
	static const char library[] = "libcrypto.so.3";
	bool found = true;

	if (lib.handle)
		return true;
	lib.handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
	if (!lib.handle) {
		diag_error(d, "cannot load OpenSSL: %s", dlerror());
		diag_hint(d, "install the package of %s", library);
		return false;
	}
#define FIND(name) found = found && find(#name, &lib.name);
	FUNCTIONS(FIND)
	if (found)
		return true;
	dlclose(lib.handle);
	lib.handle = NULL;
	return diag_error(d, "OpenSSL is not one that can be used");
}

/* Whether the key made the signature of those bytes. */
static bool is_good(const unsigned char *key, const unsigned char *signature,
		    const struct buf *bytes)
{
	EVP_PKEY *public = lib.EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519,
							   NULL, key, KEY_SIZE);
	EVP_MD_CTX *context = lib.EVP_MD_CTX_new();
	bool good = public && context &&
		    lib.EVP_DigestVerifyInit(context, NULL, NULL, NULL,
					     public) == 1 &&
		    lib.EVP_DigestVerify(context, signature, SIGNATURE_SIZE,
					 (const void *)buf_text(bytes),
					 bytes->size) == 1;

	lib.EVP_MD_CTX_free(context);
	lib.EVP_PKEY_free(public);
	return good;
}

/* --- the form --- */

struct bytes {
	const unsigned char *at;
	size_t left;
};

static bool take(struct bytes *b, size_t n, struct bytes *part)
{
	if (n > b->left)
		return false;
	*part = (struct bytes){ b->at, n };
	b->at += n;
	b->left -= n;
	return true;
}

static bool take_number(struct bytes *b, size_t *n)
{
	struct bytes four;

	if (!take(b, 4, &four))
		return false;
	*n = (size_t)four.at[0] << 24 | (size_t)four.at[1] << 16 |
	     (size_t)four.at[2] << 8 | four.at[3];
	return true;
}

static bool take_string(struct bytes *b, struct bytes *string)
{
	size_t n;

	return take_number(b, &n) && take(b, n, string);
}

static bool is_text(const struct bytes *b, const char *text)
{
	return b->left == strlen(text) && memcmp(b->at, text, b->left) == 0;
}

/* "ssh-ed25519" and so many bytes, and nothing else. */
static bool take_ed25519(struct bytes blob, size_t size, struct bytes *raw)
{
	struct bytes type;

	return take_string(&blob, &type) && is_text(&type, "ssh-ed25519") &&
	       take_string(&blob, raw) && raw->left == size && !blob.left;
}

/* Base64, with white space in it, of at most BLOB_MAX bytes. */
static bool decode(const char *text, size_t n, unsigned char blob[BLOB_MAX],
		   struct bytes *out)
{
	struct base64_decode_ctx context;
	size_t size = BLOB_MAX;

	base64_decode_init(&context);
	if (BASE64_DECODE_LENGTH(n) > BLOB_MAX ||
	    !base64_decode_update(&context, &size, blob, n, text) ||
	    !base64_decode_final(&context))
		return false;
	*out = (struct bytes){ blob, size };
	return true;
}

static bool take_armour(const char *text, size_t n,
			unsigned char blob[BLOB_MAX], struct bytes *out)
{
	static const char begin[] = "-----BEGIN SSH SIGNATURE-----\n";
	static const char end[] = "-----END SSH SIGNATURE-----\n";
	const size_t head = sizeof(begin) - 1, tail = sizeof(end) - 1;

	return n > head + tail && memcmp(text, begin, head) == 0 &&
	       memcmp(text + n - tail, end, tail) == 0 &&
	       decode(text + head, n - head - tail, blob, out);
}

struct signature {
	struct bytes key, purpose, reserved, hash, raw;
};

static bool take_signature(struct bytes b, struct signature *s)
{
	struct bytes magic, key, made;
	size_t version;

	return take(&b, 6, &magic) && is_text(&magic, "SSHSIG") &&
	       take_number(&b, &version) && version == VERSION &&
	       take_string(&b, &key) && take_ed25519(key, KEY_SIZE, &s->key) &&
	       take_string(&b, &s->purpose) && take_string(&b, &s->reserved) &&
	       take_string(&b, &s->hash) && take_string(&b, &made) &&
	       take_ed25519(made, SIGNATURE_SIZE, &s->raw) && !b.left;
}

static void put_string(struct buf *b, const void *bytes, size_t n)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		buf_putc(b, (char)(n >> shift & 0xff));
	buf_add(b, bytes, n);
}

/* What the key itself signs. */
static bool put_signed(struct buf *b, const struct signature *s,
		       const void *message, size_t n)
{
	uint8_t digest[SHA512_DIGEST_SIZE];
	struct sha512_ctx sha512;
	struct sha256_ctx sha256;
	size_t size;

	if (is_text(&s->hash, "sha512")) {
		size = SHA512_DIGEST_SIZE;
		sha512_init(&sha512);
		sha512_update(&sha512, n, message);
		sha512_digest(&sha512, size, digest);
	} else if (is_text(&s->hash, "sha256")) {
		size = SHA256_DIGEST_SIZE;
		sha256_init(&sha256);
		sha256_update(&sha256, n, message);
		sha256_digest(&sha256, size, digest);
	} else {
		return false;
	}
	buf_puts(b, "SSHSIG");
	put_string(b, s->purpose.at, s->purpose.left);
	put_string(b, s->reserved.at, s->reserved.left);
	put_string(b, s->hash.at, s->hash.left);
	put_string(b, digest, size);
	return true;
}

/* --- checking --- */

static bool take_key(const char *key, unsigned char blob[BLOB_MAX],
		     struct bytes *raw)
{
	static const char type[] = "ssh-ed25519 ";
	struct bytes all;

	if (strncmp(key, type, sizeof(type) - 1) != 0)
		return false;
	key += sizeof(type) - 1;
	return decode(key, strcspn(key, " "), blob, &all) &&
	       take_ed25519(all, KEY_SIZE, raw);
}

const char *sshsig_wrong(const char *text, size_t size, const char *key,
			 const char *purpose, const void *message, size_t n)
{
	unsigned char blob[BLOB_MAX], key_blob[BLOB_MAX];
	AUTO_BUF struct buf made = { 0 };
	struct bytes armour, expected;
	struct signature s;

	if (!take_key(key, key_blob, &expected))
		return "cannot be checked: the host's key is not of the type "
		       "ssh-ed25519";
	if (!take_armour(text, size, blob, &armour) ||
	    !take_signature(armour, &s))
		return "has a signature that is none of ssh-keygen with a key "
		       "of the type ssh-ed25519";
	if (memcmp(s.key.at, expected.at, KEY_SIZE) != 0)
		return "is signed with another key than the host's";
	if (!is_text(&s.purpose, purpose))
		return "has a signature that was made for something else";
	if (!put_signed(&made, &s, message, n))
		return "has a signature of a digest that is not known";
	return is_good(s.key.at, s.raw.at, &made)
		       ? NULL
		       : "is not what its host signed";
}

/* --- making --- */

static int enter(void *context)
{
	struct validation nothing = { .folder = -1 };

	if (fcntl(*(const int *)context, F_SETFD, 0) < 0)
		return errno;
	return validate_enter(&nothing);
}

static const char *run(int key, const char *purpose, const struct buf *message,
		       struct buf *signature, struct arena *a)
{
	static const struct child_user nobody = { .name = "nobody",
						  .home = "/nonexistent",
						  .uid = NOBODY,
						  .gid = NOBODY };
	const char *path = arena_printf(a, "/proc/self/fd/%d", key);
	const char *const argv[] = { "ssh-keygen", "-q", "-Y",    "sign", "-f",
				     path,         "-n", purpose, NULL };
	const struct child child = {
		.argv = argv,
		.user = geteuid() == 0 ? &nobody : NULL,
		.umask = 077,
		.input = buf_text(message),
		.input_size = message->size,
		.timeout = TIMEOUT,
		.leaves_nothing = true,
		.enter = enter,
		.enter_context = &key,
	};
	AUTO_BUF struct buf safe = { 0 };
	struct outcome o = { 0 };
	const char *wrong = NULL;

	child_run(&child, a, &o);
	if (o.ending == ENDED_EXIT && o.code == 0 && o.output.size) {
		buf_add(signature, buf_text(&o.output), o.output.size);
	} else if (o.ending == ENDED_NOT_STARTED) {
		wrong = arena_printf(a, "cannot run ssh-keygen: %s", o.because);
	} else {
		escape_text(&safe, buf_text(&o.errors),
			    strcspn(buf_text(&o.errors), "\r\n"), false);
		wrong = arena_printf(a, "ssh-keygen: %s", buf_text(&safe));
	}
	outcome_release(&o);
	return wrong;
}

const char *sshsig_make(const char *path, const char *purpose,
			const struct buf *message, struct buf *signature,
			struct arena *a)
{
	AUTO_FD int fd = memfd_create("key", MFD_CLOEXEC);
	AUTO_DIAGS struct diags d = { 0 };
	AUTO(buf_wipe) struct buf key = { 0 };

	/* it does not grow, which would leave a part of it behind */
	buf_reserve(&key, TRUSTED_MAX);
	if (!trusted_read(path, TRUSTED_TO_READ, &key, &d))
		return arena_strdup(a, d.v[0].text);
	if (fd < 0 || !write_all(fd, buf_text(&key), key.size))
		return "there is no memory for its key";
	return run(fd, purpose, message, signature, a);
}
