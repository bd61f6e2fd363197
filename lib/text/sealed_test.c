/* SPDX-License-Identifier: MIT */
#include "lib/text/sealed.h"

#include <string.h>

#include "lib/test.h"

static struct arena arena;

#define HEAD "age-encryption.org/v1\n"
#define ED "-> ssh-ed25519 LeLDwA c2hhcmU\nYm9keQ\n"
#define END "--- bWFj\n\x01\x02"

static bool read_header(const char *text, struct strings *to)
{
	const char *wrong = NULL;
	bool ok = sealed_to(text, strlen(text), &arena, to, &wrong);

	ck_assert(ok == !wrong || ok);
	ck_assert(ok || wrong);
	return ok;
}

START_TEST(a_header_tells_whom_it_is_sealed_to)
{
	struct strings to;

	ck_assert(read_header(
		HEAD ED "-> X25519 eA\nYQ\n-> ssh-rsa 7g5xMA\nYQ\n" END, &to));
	ck_assert_uint_eq(to.n, 3);
	ck_assert_str_eq(to.v[0], "ssh-ed25519 LeLDwA");
	ck_assert_str_eq(to.v[1], "X25519");
	ck_assert_str_eq(to.v[2], "ssh-rsa 7g5xMA");
}
END_TEST

START_TEST(a_header_that_is_cut_short_anywhere_is_none)
{
	static const char whole[] = HEAD ED END;
	struct strings to;
	const char *wrong;

	for (size_t n = 0; n < sizeof(HEAD ED "--- ") - 1; n++)
		ck_assert_msg(!sealed_to(whole, n, &arena, &to, &wrong), "%zu",
			      n);
}
END_TEST

START_TEST(other_ways_to_seal_are_refused)
{
	static const char *const bad[] = {
		"",
		"plain",
		HEAD END,
		HEAD "-> scrypt c2FsdA 18\nYQ\n" END,
		HEAD "-> plugin-../x a\nYQ\n" END,
		HEAD ED "-> yubikey a\nYQ\n" END,
		HEAD "-> ssh-ed25519\x1b[31m a\nYQ\n" END,
		"-----BEGIN AGE ENCRYPTED FILE-----\n",
	};
	struct strings to;

	for (size_t i = 0; i < COUNT(bad); i++)
		ck_assert_msg(!read_header(bad[i], &to), "%zu", i);
}
END_TEST

START_TEST(a_label_is_of_one_path_alone)
{
	const char *label = sealed_label(&arena, "secrets/a.age");
	size_t n = strlen(label);

	ck_assert_uint_eq(sealed_begins(label, n, "secrets/a.age"), n);
	ck_assert_uint_eq(sealed_begins(label, n, "secrets/b.age"), 0);
	ck_assert_uint_eq(sealed_begins(label, n, "secrets/a.ag"), 0);
	for (size_t i = 0; i < n; i++)
		ck_assert_uint_eq(sealed_begins(label, i, "secrets/a.age"), 0);
}
END_TEST

START_TEST(recipients_have_the_stanza_that_age_gives_them)
{
	const char *wrong;

	/* made by ssh-keygen(1), and the tag by age(1) */
	ck_assert_str_eq(
		recipient_stanza(
			"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIH7Xfo0V"
			"2BHF4iM+lDzLItlZGnPeo4CMfrGLuhOIqxrX a comment",
			&arena, &wrong),
		"ssh-ed25519 bSAmQQ");
	ck_assert_str_eq(
		recipient_stanza(
			"ssh-rsa "
			"AAAAB3NzaC1yc2EAAAADAQABAAABAQC1SvFil8l5/XVSMgRxwrtD"
			"XltnW/K0+y+cndmWt5tXtBNMecMZA6Uk3nUcz3pQNgoZqAQa7/"
			"Rapsf7SSbK"
			"q5s/Qb7fUNTGjBu2/"
			"wO8r82D5jX7o46808yAgPa5V9awxRssY9Djx5LzHSPs"
			"kxM7DTKOpq1ytocL5L1VXMollBhaB7CBLZNdX8DApzXFwFZeUyQ/"
			"NzxLyhA0"
			"IxI7qznOJInF7NWk4/"
			"+XFoSkwV1mCLEC47UlZar2lrHgwPKTmpNR5dK9VhwG"
			"TwUmEW4bz5MBRSAmjCZmocJL7geoC4nzF/"
			"L9WRp0DXx9uJ8tsEZgVSBmPSFi"
			"FI+KGJ2Bth5vOVbmfWaf",
			&arena, &wrong),
		"ssh-rsa 3LV0EA");
	ck_assert_str_eq(recipient_stanza("age1fpwjm3xyv7dzdjxp6yfk8ztls53a0gt4"
					  "h2339phq756w5wuau9sqvjxqp2",
					  &arena, &wrong),
			 "X25519");
}
END_TEST

START_TEST(what_is_no_recipient_is_refused)
{
	static const char *const bad[] = {
		"",
		"age1",
		"age1yubikey1qgp2v9zqx0vz7sss8vasdj8jvedhwz9rcy4xlf2r2h6",
		"age1name1hnhnkjmpgwfng3q4j5dxz9y63rpdg8mhy5qq93mwtrcsgrezfvcq",
		"AGE-PLUGIN-NAME-1XYZ",
		"ssh-ed25519",
		"ssh-ed25519 ",
		"ssh-ed25519 AAAA",
		"ssh-ed25519 !!!!!!!!!!!!",
		/* the blob of another type */
		"ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIK0wmN/Cr3JXqmLW7u+g9pTh+wyq",
		"ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY=",
		"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA\nage1name1x",
		"github:someone",
		"-R /etc/shadow",
	};
	const char *wrong;

	for (size_t i = 0; i < COUNT(bad); i++)
		ck_assert_msg(!recipient_stanza(bad[i], &arena, &wrong), "'%s'",
			      bad[i]);
}
END_TEST

/* age(1) itself takes it. */
START_TEST(a_short_key_of_rsa_is_refused)
{
	const char *wrong;

	ck_assert_ptr_null(recipient_stanza(
		"ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQCoUsebAjsaFF1IyxgHufxm"
		"acQeSRJrZwD9eE42dvnYBecjfJFw5/a79m1HFtBV3J6GVC51Q99A7xKcxPFQ"
		"F5zf7RD/XRrkWduYExY4kvdG+0XJLThD53gYf7+YV06euBffGTKoDLwjcksC"
		"oBK4fpBPiAwCBePWz0+Y3CvQhJ6jjQ==",
		&arena, &wrong));
	ck_assert_str_eq(wrong, "is a key of RSA that is too weak: it must "
				"have 2048 bits or more");
}
END_TEST

TEST_SUITE("sealed", a_header_tells_whom_it_is_sealed_to,
	   a_header_that_is_cut_short_anywhere_is_none,
	   other_ways_to_seal_are_refused, a_label_is_of_one_path_alone,
	   recipients_have_the_stanza_that_age_gives_them,
	   what_is_no_recipient_is_refused, a_short_key_of_rsa_is_refused)
