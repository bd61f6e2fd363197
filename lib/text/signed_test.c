/* SPDX-License-Identifier: MIT */
#include "lib/text/signed.h"

#include <nettle/base64.h>
#include <string.h>

#include "lib/test.h"

#define TREE "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n"
#define AUTHOR "author A <a@example> 1600000000 +0000\n"
#define COMMITTER "committer B <b@example> 1700000000 +0100\n"
#define PGP                                                        \
	"gpgsig -----BEGIN PGP SIGNATURE-----\n \n iQ==\n =abcd\n" \
	" -----END PGP SIGNATURE-----\n"

static const char *wrong_of(const char *text)
{
	struct signed_commit c;
	const char *wrong = signed_split(&c, text, strlen(text));

	signed_release(&c);
	return wrong ? wrong : "";
}

START_TEST(takes_a_commit_apart)
{
	static const char text[] = TREE AUTHOR COMMITTER
		"encoding x\n" PGP "other y\n\ngpgsig z\n";
	struct signed_commit c;

	ck_assert_ptr_null(signed_split(&c, text, strlen(text)));
	ck_assert_str_eq(buf_text(&c.payload), TREE AUTHOR COMMITTER
			 "encoding x\nother y\n\ngpgsig z\n");
	ck_assert_str_eq(buf_text(&c.signature),
			 "-----BEGIN PGP SIGNATURE-----\n\niQ==\n=abcd\n"
			 "-----END PGP SIGNATURE-----\n");
	ck_assert_int_eq(c.type, SIGNATURE_PGP);
	ck_assert_int_eq(c.time, 1700000000);
	signed_release(&c);
}
END_TEST

START_TEST(refuses_all_but_one_signature)
{
	ck_assert_str_eq(wrong_of(TREE AUTHOR COMMITTER "\nhello\n"),
			 "is not signed");
	/* what stands in the message signs nothing */
	ck_assert_str_eq(wrong_of(TREE AUTHOR COMMITTER "\n" PGP),
			 "is not signed");
	ck_assert_str_eq(wrong_of(TREE AUTHOR COMMITTER PGP PGP "\n"),
			 "has more than one signature");
	ck_assert_str_eq(
		wrong_of(TREE AUTHOR COMMITTER PGP "gpgsig-sha256 x\n\n"),
		"has more than one signature");
	ck_assert_str_eq(
		wrong_of(TREE AUTHOR COMMITTER
			 "gpgsig -----BEGIN PGP SIGNATURE-----\n iQ==\n"
			 " -----END PGP SIGNATURE-----\n"
			 " -----BEGIN PGP SIGNATURE-----\n iQ==\n"
			 " -----END PGP SIGNATURE-----\n\n"),
		"has a signature that is not one block");
	ck_assert_str_eq(
		wrong_of(TREE AUTHOR COMMITTER
			 "gpgsig -----BEGIN PGP SIGNATURE-----\n iQ==\n"
			 " -----END PGP SIGNATURE-----\n"
			 " [GNUPG:] VALIDSIG ABCD\n\n"),
		"has a signature that is not one block");
	ck_assert_str_eq(wrong_of(TREE AUTHOR COMMITTER
				  "gpgsig [GNUPG:] VALIDSIG ABCD\n\n"),
			 "has a signature that is neither of SSH nor of PGP");
	ck_assert_str_eq(wrong_of(TREE AUTHOR COMMITTER "gpgsig\n\n"),
			 "has a signature that is neither of SSH nor of PGP");
}
END_TEST

START_TEST(refuses_a_large_signature)
{
	AUTO_BUF struct buf b = { 0 };

	buf_puts(&b, TREE AUTHOR COMMITTER
		 "gpgsig -----BEGIN PGP SIGNATURE-----\n");
	while (b.size < 1024 * 1024)
		buf_puts(&b,
			 " AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n");
	buf_puts(&b, " -----END PGP SIGNATURE-----\n\n");
	ck_assert_str_eq(wrong_of(b.text), "has a signature that is too large");
}
END_TEST

START_TEST(wants_a_whole_commit)
{
	static const char text[] = TREE AUTHOR COMMITTER PGP "\nhello\n";
	struct signed_commit c;

	ck_assert_str_eq(wrong_of(""), "is damaged");
	ck_assert_str_eq(wrong_of(TREE AUTHOR PGP "\n"), "is damaged");
	ck_assert_str_eq(wrong_of(TREE COMMITTER COMMITTER PGP "\n"),
			 "is damaged");
	ck_assert_str_eq(wrong_of(AUTHOR COMMITTER PGP "\n"), "is damaged");
	ck_assert_str_eq(wrong_of(TREE "committer x\n" PGP "\n"),
			 "has no time");
	ck_assert_str_eq(wrong_of(TREE "committer B <b> -5 +0000\n" PGP "\n"),
			 "has no time");
	ck_assert_str_eq(
		wrong_of(TREE "committer B <b> 1234567890123 +0000\n" PGP "\n"),
		"has no time");
	/* whatever it ends with, it is read to its end and no further */
	for (size_t n = 0; n < strlen(text); n++) {
		char *copy = malloc(n ? n : 1);

		memcpy(copy, text, n);
		signed_split(&c, copy, n);
		signed_release(&c);
		free(copy);
	}
}
END_TEST

/* --- of SSH --- */

static void add_string(struct buf *b, const void *bytes, size_t n)
{
	const unsigned char size[] = { 0, 0, (unsigned char)(n >> 8),
				       (unsigned char)n };

	buf_add(b, size, 4);
	buf_add(b, bytes, n);
}

static void add_text(struct buf *b, const char *text)
{
	add_string(b, text, strlen(text));
}

struct parts {
	const char *type, *space, *hash, *algorithm;
	size_t modulus; /* bytes, of RSA */
};

/* rest: of a key, what follows its type; or NULL. */
static const char *split_ssh(const struct parts *p, const struct buf *rest,
			     struct signed_commit *c)
{
	static const unsigned char modulus[1024] = { 0, 0x80 };
	AUTO_BUF struct buf key = { 0 };
	AUTO_BUF struct buf signature = { 0 };
	AUTO_BUF struct buf blob = { 0 };
	AUTO_BUF struct buf text = { 0 };
	char *base64;

	add_text(&key, p->type);
	if (p->modulus) {
		add_string(&key, "\1\0\1", 3);
		add_string(&key, modulus, p->modulus + 1);
	}
	if (rest)
		buf_add(&key, rest->text, rest->size);
	add_text(&signature, p->algorithm);
	add_text(&signature, "bytes");
	buf_add(&blob, "SSHSIG\0\0\0\1", 10);
	add_string(&blob, key.text, key.size);
	add_text(&blob, p->space);
	add_text(&blob, "");
	add_text(&blob, p->hash);
	add_string(&blob, signature.text, signature.size);
	base64 = calloc(1, BASE64_ENCODE_RAW_LENGTH(blob.size) + 1);
	base64_encode_raw(base64, blob.size, (const uint8_t *)blob.text);
	buf_printf(&text,
		   TREE AUTHOR COMMITTER
		   "gpgsig -----BEGIN SSH SIGNATURE-----\n %s\n"
		   " -----END SSH SIGNATURE-----\n\n",
		   base64);
	free(base64);
	return signed_split(c, text.text, text.size);
}

static const char *ssh_with(const struct parts *p, const struct buf *rest)
{
	struct signed_commit c;
	const char *wrong = split_ssh(p, rest, &c);

	signed_release(&c);
	return wrong ? wrong : "";
}

static const char *ssh_of(const struct parts *p)
{
	return ssh_with(p, NULL);
}

START_TEST(takes_strong_keys_of_ssh)
{
	static const struct parts good[] = {
		{ "ssh-ed25519", "git", "sha512", "ssh-ed25519", 0 },
		{ "ssh-ed25519", "git", "sha256", "ssh-ed25519", 0 },
		{ "ecdsa-sha2-nistp256", "git", "sha512", "ecdsa-sha2-nistp256",
		  0 },
		{ "ssh-rsa", "git", "sha512", "rsa-sha2-512", 256 },
		{ "ssh-rsa", "git", "sha256", "rsa-sha2-256", 256 },
	};
	static const char weak[] = "is signed by a key of RSA that is too weak";
	static const char type[] = "is signed by a key of a type that does not "
				   "count: sign with one of Ed25519";
	static const struct {
		struct parts parts;
		const char *wrong;
	} bad[] = {
		{ { "ssh-rsa", "git", "sha512", "ssh-rsa", 256 },
		  "is signed with SHA-1, which does not count (ssh-rsa): sign "
		  "with rsa-sha2-512" },
		{ { "ssh-rsa", "git", "sha512", "rsa-sha2-512", 128 }, weak },
		{ { "ssh-rsa", "git", "sha512", "rsa-sha2-512", 0 }, weak },
		{ { "ssh-dss", "git", "sha512", "ssh-dss", 0 }, type },
		{ { "ssh-ed25519", "git", "sha512", "ssh-dss", 0 },
		  "is signed with SHA-1, which does not count (ssh-dss)" },
		{ { "ssh-ed25519", "git", "sha1", "ssh-ed25519", 0 },
		  "is signed with a digest that does not count" },
		{ { "ssh-ed25519", "file", "sha512", "ssh-ed25519", 0 },
		  "has a signature that was not made for git" },
	};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ck_assert_str_eq(ssh_of(&good[i]), "");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(strncmp(ssh_of(&bad[i].parts), bad[i].wrong,
				      strlen(bad[i].wrong)) == 0,
			      "%s", ssh_of(&bad[i].parts));
}
END_TEST

/* PROTOCOL.certkeys */
static void add_certificate(struct buf *b)
{
	static const char bytes[32] = { 1 };
	AUTO_BUF struct buf authority = { 0 };
	AUTO_BUF struct buf signature = { 0 };

	add_text(&authority, "ssh-ed25519");
	add_string(&authority, bytes, sizeof(bytes));
	add_text(&signature, "ssh-ed25519");
	add_text(&signature, "bytes");
	add_text(b, "nonce");
	add_string(b, bytes, sizeof(bytes));
	buf_add(b, "\0\0\0\0\0\0\0\7\0\0\0\1", 12);
	add_text(b, "id");
	add_string(b, "\0\0\0\3ada", 7);
	buf_add(b, bytes, 16);
	for (int i = 0; i < 3; i++)
		add_text(b, "");
	add_string(b, authority.text, authority.size);
	add_string(b, signature.text, signature.size);
}

static const struct parts certificate = { "ssh-ed25519-cert-v01@openssh.com",
					  "git", "sha512", "ssh-ed25519", 0 };

START_TEST(takes_whole_certificates)
{
	static const char damaged[] =
		"is signed by a certificate that is damaged";
	struct parts of_dsa = certificate;
	AUTO_BUF struct buf whole = { 0 };
	struct buf rest;

	add_certificate(&whole);
	ck_assert_str_eq(ssh_with(&certificate, &whole), "");
	rest = whole;
	while (rest.size--)
		ck_assert_str_eq(ssh_with(&certificate, &rest), damaged);
	of_dsa.type = "ssh-dss-cert-v01@openssh.com";
	ck_assert_str_eq(ssh_with(&of_dsa, &whole),
			 "is signed by a certificate of a type that does not "
			 "count: sign with one of a key of Ed25519 or ECDSA");
	buf_putc(&whole, 'x');
	ck_assert_str_eq(ssh_with(&certificate, &whole), damaged);
}
END_TEST

START_TEST(names_the_key_of_a_certificate)
{
	static const char bytes[32] = { 1 };
	struct parts of_key = certificate;
	struct signed_commit plain, certified;
	AUTO_BUF struct buf whole = { 0 };
	AUTO_BUF struct buf key = { 0 };

	add_certificate(&whole);
	add_string(&key, bytes, sizeof(bytes));
	of_key.type = "ssh-ed25519";
	ck_assert_ptr_null(split_ssh(&of_key, &key, &plain));
	ck_assert_ptr_null(split_ssh(&certificate, &whole, &certified));
	ck_assert_uint_eq(strlen(plain.key), SIGNED_KEY - 1);
	ck_assert_str_eq(plain.key, certified.key);
	signed_release(&plain);
	signed_release(&certified);
}
END_TEST

START_TEST(refuses_what_is_no_signature_of_ssh)
{
	static const char *const bodies[] = { "", "!", "U1NIU0lH", "QUFBQQ==",
					      "U1NIU0lHAAAAAf////8=" };

	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		AUTO_BUF struct buf text = { 0 };

		buf_printf(&text,
			   TREE AUTHOR COMMITTER
			   "gpgsig -----BEGIN SSH SIGNATURE-----\n %s\n"
			   " -----END SSH SIGNATURE-----\n\n",
			   bodies[i]);
		ck_assert_str_eq(wrong_of(text.text),
				 "has a signature that is damaged");
	}
}
END_TEST

TEST_SUITE("signed", takes_a_commit_apart, refuses_all_but_one_signature,
	   refuses_a_large_signature, wants_a_whole_commit,
	   takes_strong_keys_of_ssh, takes_whole_certificates,
	   names_the_key_of_a_certificate, refuses_what_is_no_signature_of_ssh)
