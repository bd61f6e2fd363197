/* SPDX-License-Identifier: MIT */
/* A public key of SSH as sshd(8) takes it in authorized_keys: its type, its
 * blob in base64, and a comment. */
#include <nettle/base64.h>
#include <stdlib.h>
#include <string.h>

#include "lib/kinds/kinds.h"

enum { KEY_MAX = 16 * 1024, LENGTH_SIZE = 4 };

static const char *const types[] = {
	"ssh-ed25519",
	"ssh-rsa",
	"ecdsa-sha2-nistp256",
	"ecdsa-sha2-nistp384",
	"ecdsa-sha2-nistp521",
	"sk-ssh-ed25519@openssh.com",
	"sk-ecdsa-sha2-nistp256@openssh.com",
	"ssh-dss",
	"ssh-ed25519-cert-v01@openssh.com",
	"ssh-rsa-cert-v01@openssh.com",
};

static bool is_type(const char *text, size_t n)
{
	for (size_t i = 0; i < COUNT(types); i++)
		if (strlen(types[i]) == n && memcmp(types[i], text, n) == 0)
			return true;
	return false;
}

/* The blob begins with its type, as a string (RFC 4253, 6.6). */
static bool names_type(const uint8_t *blob, size_t size, const char *type,
		       size_t n)
{
	return size > LENGTH_SIZE + n && blob[0] == 0 && blob[1] == 0 &&
	       blob[2] == n >> 8 && blob[3] == (n & 0xff) &&
	       memcmp(blob + LENGTH_SIZE, type, n) == 0;
}

static bool is_certificate(const char *type, size_t n)
{
	static const char end[] = "-cert-v01@openssh.com";

	return n >= sizeof(end) &&
	       memcmp(type + n - (sizeof(end) - 1), end, sizeof(end) - 1) == 0;
}

static size_t length_at(const uint8_t *p)
{
	return (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 |
	       p[3];
}

/* The type, and at least one more string (RFC 4251, 5), to the very end. A
 * certificate has numbers between. */
static bool is_whole(const uint8_t *blob, size_t size)
{
	size_t strings = 0, at = 0;

	for (; size - at >= LENGTH_SIZE; strings++) {
		size_t n = length_at(blob + at);

		at += LENGTH_SIZE;
		if (n > size - at)
			return false;
		at += n;
	}
	return at == size && strings > 1;
}

static bool decodes(const char *text, size_t n, const char *type,
		    size_t type_size)
{
	AUTO_FREE uint8_t *blob = xrealloc(NULL, BASE64_DECODE_LENGTH(n) + 1);
	size_t size = BASE64_DECODE_LENGTH(n);
	struct base64_decode_ctx context;

	base64_decode_init(&context);
	return base64_decode_update(&context, &size, blob, n, text) &&
	       base64_decode_final(&context) &&
	       names_type(blob, size, type, type_size) &&
	       (is_certificate(type, type_size) || is_whole(blob, size));
}

/* NULL, or what is wrong. */
static const char *key_wrong(const char *text)
{
	size_t type = strcspn(text, " "), blob;

	if (strlen(text) > KEY_MAX)
		return "is too long";
	for (const char *p = text; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return "must be one line without control characters";
	if (strstr(text, "PRIVATE KEY"))
		return "must be the public key, not the private one";
	if (!is_type(text, type) || !text[type])
		return "must be a public key such as \"ssh-ed25519 AAAA... "
		       "comment\"; options have an attribute of their own";
	blob = strcspn(text + type + 1, " ");
	if (!decodes(text + type + 1, blob, text, type))
		return "is damaged: what follows the type is no key of that "
		       "type";
	return NULL;
}

/* It is not quoted: somebody may have taken the private one. */
static bool read_key(const struct reading *r, const struct attr *attr,
		     const json_t *value, void *field)
{
	const char *text = string_of(r, attr, value), *wrong;

	if (!text)
		return false;
	*(const char **)field = text;
	wrong = key_wrong(text);
	return !wrong || diag_error(r->diags, "'%s' %s", attr->name, wrong);
}

static json_t *schema_key(const struct attr *attr)
{
	(void)attr;
	return schema_pattern("^[a-z0-9@.-]+ [A-Za-z0-9+/]+=*( .*)?$");
}

const struct kind kind_public_key = { "public key", sizeof(char *), read_key,
				      equal_string, show_string,    schema_key,
				      pack_string };
