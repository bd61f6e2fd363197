/* SPDX-License-Identifier: MIT */
/* With the real tools, and keys made for it and thrown away. */
#include "lib/host/linux/trust/signature.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/host/linux/trust/trusted.h"
#include "lib/test.h"

static char folder[] = "/tmp/signature-XXXXXX";

static const char make[] =
	"set -eu; cd \"$1\"; exec >log 2>&1\n"
	"for k in good other old rsa sha1; do\n"
	" t=ed25519; b=256; case $k in rsa) t=rsa; b=2048;; esac\n"
	" ssh-keygen -q -t $t -b $b -N '' -C $k -f $k; done\n"
	"printf 'tree 1\\ncommitter A <a> 1700000000 +0000\\n\\none\\n' >one\n"
	"printf 'tree 2\\ncommitter A <a> 1700000000 +0000\\n\\ntwo\\n' >two\n"
	"for k in good other old rsa; do\n"
	" ssh-keygen -q -Y sign -n git -f $k <one >one.$k; done\n"
	"ssh-keygen -q -Y sign -n file -f good <one >one.file\n"
	"{ echo \"alice@example,al@example $(cat good.pub)\"\n"
	"  echo \"rsa@example $(cat rsa.pub)\"\n"
	"  echo \"old@example valid-before=\\\"20200101\\\" $(cat old.pub)\"\n"
	"} >signers\n"
	"echo \"alice@example namespaces=\\\"file\\\" $(cat good.pub)\" "
	">space\n"
	"ssh-keygen -q -k -f revoked good.pub\n"
	"cert() { n=$1; ca=$2; shift 2; cp $k $k$n; cp $k.pub $k$n.pub\n"
	" ssh-keygen -q -s $ca -I id \"$@\" $k$n.pub\n"
	" ssh-keygen -q -Y sign -n git -f $k$n-cert.pub <one "
	">one.$k.$n; }\n"
	"unset SSH_AUTH_SOCK\n"
	"ssh-keygen -q -t ecdsa -N '' -C ec -f ec\n"
	"ssh-keygen -q -t rsa -b 1024 -N '' -C weak -f weak\n"
	"k=ec cert good other -n eve@example\n"
	"k=rsa cert good other -n eve@example\n"
	"k=good\n"
	"cert cert other -z 7 -n carl@else,eve@example\n"
	"cert rsaca rsa -n eve@example\n"
	"cert weakca weak -n eve@example\n"
	"cert sha1ca rsa -t ssh-rsa -n eve@example\n"
	"cert else other -n carl@else\n"
	"cert nobody other\n"
	"cert host other -h -n eve@example\n"
	"cert old other -n eve@example -V 20200101:20200201\n"
	"cert new other -n eve@example -V 29990101:29990201\n"
	"cert command other -n eve@example -O force-command=true\n"
	"cert own good -n eve@example\n"
	"{ echo \"*@example cert-authority,namespaces=\\\"git\\\" "
	"$(cat other.pub)\"\n"
	"  for k in rsa weak; do echo \"*@example cert-authority "
	"$(cat $k.pub)\"; done; } >authorities\n"
	"echo \"*@example cert-authority,namespaces=\\\"file\\\" "
	"$(cat other.pub)\" >authorities.file\n"
	"echo \"*@example $(cat other.pub)\" >authorities.none\n"
	"{ echo \"# $(cat good.pub)\"\n"
	"  echo \"a@x,b@x namespaces=\\\"file\\\" $(cat good.pub)\"\n"
	"  echo \"o@x $(cat other.pub)\"\n"
	"  echo \"c@x valid-before=\\\"20200101\\\" $(cat good.pub)\"\n"
	"  echo \"*@y cert-authority $(cat good.pub)\"\n"
	"} >lines.bad\n"
	"n=0; for to in 'g@x' '!g@x,h@x,i@x' '\"h@x,j x\"' '*@x'; do\n"
	"  n=$((n + 1)); cp lines.bad lines.$n\n"
	"  echo \"  $to namespaces=\\\"file,git\\\" $(cat good.pub)\" "
	">>lines.$n; done\n"
	"tr '\\n' '\\r' <good.pub >flat; echo >>flat; cat other.pub >>flat\n"
	"echo garbage >garbage; printf 'SSHKRL\\n\\0garbage' >krl\n"
	"ssh-keygen -l -f good | cut -d ' ' -f 2 >good.key\n"
	"ssh-keygen -l -f old | cut -d ' ' -f 2 >old.key\n"
	"cp other.pub revoked.ca; echo serial: 7 >serial\n"
	"ssh-keygen -q -k -f revoked.serial -s other.pub serial\n"
	"mkdir -m 700 gnupg; export GNUPGHOME=$PWD/gnupg\n"
	"key() { gpg --batch -q --passphrase '' \"$@\"; }\n"
	"key --quick-gen-key '[GNUPG:] VALIDSIG good' ed25519 sign never\n"
	"key --quick-gen-key other ed25519 sign never\n"
	"key --faked-system-time 20200101T000000 --quick-gen-key expired "
	"ed25519 sign 1d\n"
	"key --quick-gen-key revoked ed25519 sign never\n"
	"key --quick-gen-key sha1 rsa2048 sign never\n"
	"for k in good other revoked; do\n"
	" key -u \"$k\" --armor --detach-sign <one >one.pgp.$k; done\n"
	"key --faked-system-time 20200101T010000 -u expired --armor "
	"--detach-sign <one >one.pgp.expired\n"
	"key -u sha1 --digest-algo SHA1 --cert-digest-algo SHA1 "
	"--allow-weak-digest-algos --armor --detach-sign <one >one.pgp.sha1\n"
	"for k in good other expired revoked sha1; do\n"
	" gpg --batch --with-colons --list-keys $k | "
	"sed -n 's/^fpr:*\\([0-9A-F]*\\):$/\\1/p' | head -1 >$k.fpr; done\n"
	"gpg --batch --export other >keyring.other\n"
	"key -u good --sig-notation a@b.example=c --sig-policy-url "
	"https://a.example --armor --detach-sign <one >one.pgp.notation\n"
	"key -u good --sig-notation '!a@b.example=c' --armor --detach-sign "
	"<one >one.pgp.critical\n"
	"sed 's/^:---/---/' gnupg/openpgp-revocs.d/$(cat revoked.fpr).rev | "
	"gpg --batch -q --import\n"
	"gpg --batch --export >keyring\n"
	"gpg --batch --armor --export >keyring.armoured\n"
	"gpgconf --kill all\n";

static void set_up(void)
{
	char command[256];
	FILE *script;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(command, sizeof(command), "bash -s %s", folder);
	script = popen(command, "w");
	ck_assert_ptr_nonnull(script);
	fputs(make, script);
	ck_assert_msg(pclose(script) == 0, "see %s/log", folder);
}

static void tear_down(void)
{
	char command[256];

	snprintf(command, sizeof(command), "rm -rf %s", folder);
	ck_assert_int_eq(system(command), 0);
}

static void load(struct buf *b, const char *name)
{
	AUTO_DIAGS struct diags d = { 0 };
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	ck_assert_msg(trusted_read(path, TRUSTED_TO_WRITE, b, &d), "%s",
		      d.n ? d.v[0].text : "");
}

struct trial_of {
	const char *payload, *signature;
	const char *allowed, *revoked;
	const char *keyring, *fingerprint; /* the latter a file with one */
	const char *want;                  /* what is wrong; NULL: nothing */
	const char *who;
	bool whole;        /* what signed_split says of it counts, too */
	const char *names; /* a file with the key that want tells of, too */
};

/* As a commit has it: the signature behind its headers. */
static const char *split(const struct trial_of *t, struct signed_commit *c)
{
	AUTO_BUF struct buf payload = { 0 };
	AUTO_BUF struct buf signature = { 0 };
	AUTO_BUF struct buf text = { 0 };
	const char *wrong, *at, *message;

	load(&payload, t->payload);
	load(&signature, t->signature);
	message = strstr(buf_text(&payload), "\n\n") + 1;
	buf_add(&text, payload.text, (size_t)(message - payload.text));
	buf_puts(&text, "gpgsig ");
	for (at = buf_text(&signature); *at; at++) {
		buf_putc(&text, *at);
		if (*at == '\n' && at[1])
			buf_putc(&text, ' ');
	}
	buf_puts(&text, message);
	wrong = signed_split(c, text.text, text.size);
	if (t->whole)
		return wrong;
	/* whatever it is, the tools are asked of it */
	buf_clear(&c->payload);
	buf_clear(&c->signature);
	load(&c->payload, t->payload);
	load(&c->signature, t->signature);
	c->type = strstr(buf_text(&c->signature), "PGP") ? SIGNATURE_PGP
							 : SIGNATURE_SSH;
	return NULL;
}

static void try(const struct trial_of *t)
{
	AUTO_BUF struct buf allowed = { 0 };
	AUTO_BUF struct buf revoked = { 0 };
	AUTO_BUF struct buf keyring = { 0 };
	AUTO_BUF struct buf fingerprint = { 0 };
	struct strings fingerprints = { 0 };
	struct signers by = { .fingerprints = &fingerprints };
	struct signed_commit c;
	struct arena a = { 0 };
	const char *wrong, *who;

	if (t->allowed) {
		load(&allowed, t->allowed);
		by.allowed = &allowed;
		by.allowed_name = t->allowed;
	}
	if (t->revoked) {
		load(&revoked, t->revoked);
		by.revoked = &revoked;
		by.revoked_name = t->revoked;
	}
	if (t->keyring) {
		load(&keyring, t->keyring);
		by.keyring = &keyring;
		by.keyring_name = t->keyring;
	}
	if (t->fingerprint) {
		load(&fingerprint, t->fingerprint);
		fingerprint.text[--fingerprint.size] = '\0';
		strings_add(&fingerprints, &a, fingerprint.text);
	}
	wrong = split(t, &c);
	if (!wrong)
		wrong = signature_wrong(&by, &c, &who, &a);
	if (t->want)
		ck_assert_msg(wrong && strstr(wrong, t->want),
			      "%s: '%s', not '%s'", t->signature,
			      wrong ? wrong : "", t->want);
	else
		ck_assert_msg(!wrong, "%s: '%s'", t->signature, wrong);
	if (t->names) {
		AUTO_BUF struct buf key = { 0 };

		load(&key, t->names);
		key.text[--key.size] = '\0';
		ck_assert_msg(strstr(wrong, key.text) != NULL, "%s", wrong);
	}
	/* neither a name that only the tool knows, nor what ends its line */
	if (wrong)
		ck_assert_msg(!strstr(wrong, "/proc") && !strchr(wrong, '\\'),
			      "%s", wrong);
	if (t->who)
		ck_assert_str_eq(who, t->who);
	signed_release(&c);
	arena_release(&a);
}

#define NOT "is not signed by one who is trusted"

START_TEST(believes_those_who_are_named)
{
	static const struct trial_of good[] = {
		{ "one", "one.good", "signers", .who = "alice@example" },
		{ "one", "one.rsa", "signers", .who = "rsa@example" },
		{ "one", "one.pgp.good", .keyring = "keyring",
		  .fingerprint = "good.fpr" },
		{ "one", "one.pgp.notation", .keyring = "keyring",
		  .fingerprint = "good.fpr" },
	};

	for (size_t i = 0; i < COUNT(good); i++)
		try(&good[i]);
}
END_TEST

START_TEST(looks_at_each_line_of_a_key)
{
	static const struct trial_of trials[] = {
		{ "one", "one.good", "lines.1", .who = "g@x" },
		{ "one", "one.good", "lines.2", .who = "h@x" },
		{ "one", "one.good", "lines.3", .who = "h@x" },
		{ "one", "one.good", "lines.4", .who = "a@x" },
		{ "one", "one.good.own", "lines.1", .want = NOT },
		{ "one", "one.good", "lines.bad", .want = "lines.bad:2: key" },
		{ "one", "one.file", "lines.1", .want = NOT },
		{ "two", "one.good", "lines.1", .want = NOT },
		{ "one", "one.old", "lines.1", .want = NOT },
		{ "one", "one.good", "lines.1", .revoked = "revoked",
		  .want = NOT },
	};

	for (size_t i = 0; i < COUNT(trials); i++)
		try(&trials[i]);
}
END_TEST

START_TEST(says_what_is_wrong)
{
	static const struct trial_of trials[] = {
		{ "one", "one.old", "signers",
		  .want = "): ssh-keygen: signers:3: key has expired",
		  .names = "old.key" },
		{ "one", "one.good", "signers", "revoked",
		  .want = NOT " (its signature names ", .names = "good.key" },
		{ "one", "one.good", "signers", "revoked",
		  .want = "): 'revoked' revokes it" },
		{ "one", "one.good", "signers", "flat",
		  .want = "): 'flat' revokes it" },
		{ "one", "one.good", "signers", "garbage",
		  .want = "'garbage' cannot be read: it is no list of keys" },
		{ "one", "one.good", "signers", "krl",
		  .want = "'krl' cannot be read: Invalid KRL file krl: " },
		{ "one", "one.good.cert", "authorities", "revoked.ca",
		  .want = "'revoked.ca' revokes who made its certificate" },
		/* what is wrong otherwise is so whatever is revoked */
		{ "two", "one.good", "signers", "garbage",
		  .want = "ssh-keygen: " },
		{ "one", "one.pgp.good", .keyring = "keyring.other",
		  .fingerprint = "good.fpr",
		  .want = "): its key is not in 'keyring.other': gpgv says "
			  "ERRSIG",
		  .names = "good.fpr" },
		{ "one", "one.pgp.good", .keyring = "keyring.armoured",
		  .fingerprint = "good.fpr",
		  .want = "'keyring.armoured' is armoured, which gpgv" },
		{ "one", "one.pgp.expired", .keyring = "keyring",
		  .fingerprint = "expired.fpr",
		  .want = "): its key has expired: gpgv says KEYEXPIRED",
		  .names = "expired.fpr" },
		{ "one", "one.pgp.revoked", .keyring = "keyring",
		  .fingerprint = "revoked.fpr",
		  .want = "): its key is revoked: gpgv says REVKEYSIG",
		  .names = "revoked.fpr" },
		{ "two", "one.pgp.good", .keyring = "keyring",
		  .fingerprint = "good.fpr",
		  .want = "): it is not a signature of this commit: gpgv says "
			  "BADSIG",
		  .names = "good.fpr" },
		{ "one", "one.pgp.critical", .keyring = "keyring",
		  .fingerprint = "good.fpr", .want = "BADSIG" },
	};

	for (size_t i = 0; i < COUNT(trials); i++)
		try(&trials[i]);
}
END_TEST

START_TEST(believes_certificates_of_an_authority)
{
	static const char list[] = "authorities";
	static const struct trial_of trials[] = {
		{ "one", "one.good.cert", list, .who = "eve@example" },
		{ "one", "one.ec.good", list, .who = "eve@example" },
		{ "one", "one.good.rsaca", list, .who = "eve@example" },
		/* of another commit, person, purpose, time */
		{ "two", "one.good.cert", list, .want = NOT },
		{ "one", "one.good.else", list, .want = NOT },
		{ "one", "one.good.cert", "authorities.file", .want = NOT },
		{ "one", "one.good.old", list, .want = NOT },
		{ "one", "one.good.new", list, .want = NOT },
		/* not of an authority, or of none that counts */
		{ "one", "one.good.cert", "signers", .want = NOT },
		{ "one", "one.good.cert", "authorities.none", .want = NOT },
		{ "one", "one.good.own", list, .want = NOT },
		{ "one", "one.other", list, .want = NOT },
		{ "one", "one.good.weakca", list, .want = "2048 bits" },
		{ "one", "one.good.sha1ca", list, .want = "made with SHA-1" },
		/* taken back: its key, its authority's key */
		{ "one", "one.good.cert", list, "revoked", .want = NOT },
		{ "one", "one.good.cert", list, "revoked.ca",
		  .want = "cannot be verified: " },
		{ "one", "one.good.cert", list, "revoked.serial", .want = NOT },
		{ "one", "one.ec.good", list, .revoked = "revoked.serial" },
		/* not of these */
		{ "one", "one.rsa.good", list, .want = "of a type that does" },
		{ "one", "one.good.nobody", list, .want = "names no princip" },
		{ "one", "one.good.host", list, .want = "none of a user" },
		{ "one", "one.good.command", list, .want = "critical opt" },
	};

	for (size_t i = 0; i < COUNT(trials); i++) {
		struct trial_of t = trials[i];

		t.whole = true;
		try(&t);
	}
}
END_TEST

START_TEST(believes_nobody_else)
{
	static const struct trial_of bad[] = {
		/* of another commit */
		{ "two", "one.good", "signers", .want = NOT },
		{ "two", "one.pgp.good", .keyring = "keyring",
		  .fingerprint = "good.fpr", .want = "gpgv says BADSIG" },
		/* a key that is not known, or was */
		{ "one", "one.other", "signers", .want = NOT },
		{ "one", "one.old", "signers", .want = NOT },
		{ "one", "one.good", "signers", "revoked", .want = NOT },
		{ "one", "one.pgp.expired", .keyring = "keyring",
		  .fingerprint = "expired.fpr", .want = "EXP" },
		{ "one", "one.pgp.revoked", .keyring = "keyring",
		  .fingerprint = "revoked.fpr", .want = "REVKEYSIG" },
		/* in the keyring, and not among those that count */
		{ "one", "one.pgp.other", .keyring = "keyring",
		  .fingerprint = "good.fpr", .want = "is not trusted: " },
		/* not for this */
		{ "one", "one.file", "signers", .want = NOT },
		{ "one", "one.good", "space", .want = NOT },
		{ "one", "one.pgp.sha1", .keyring = "keyring",
		  .fingerprint = "sha1.fpr", .want = "sign with SHA-256" },
		/* nobody is named */
		{ "one", "one.good", "", .want = "none is" },
		{ "one", "one.good", .keyring = "keyring",
		  .fingerprint = "good.fpr", .want = "none is trusted" },
		{ "one", "one.pgp.good", "signers", .want = "none is trusted" },
		{ "one", "one.pgp.good", .keyring = "signers",
		  .fingerprint = "good.fpr", .want = "trusted" },
		/* neither is a signature */
		{ "one", "two", "signers", .want = NOT },
	};

	for (size_t i = 0; i < COUNT(bad); i++) {
		struct trial_of t = bad[i];

		if (t.allowed && !*t.allowed)
			t.allowed = NULL;
		try(&t);
	}
}
END_TEST

START_TEST(believes_no_empty_list)
{
	const struct buf empty = { 0 };
	const struct signers by = { .allowed = &empty };
	struct signed_commit c = { .type = SIGNATURE_SSH };
	struct arena a = { 0 };
	const char *who;

	load(&c.payload, "one");
	load(&c.signature, "one.good");
	ck_assert_ptr_nonnull(signature_wrong(&by, &c, &who, &a));
	signed_release(&c);
	arena_release(&a);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("signature");
	TCase *tcase = tcase_create("signature");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tcase, 120);
	tcase_add_unchecked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, believes_those_who_are_named);
	tcase_add_test(tcase, looks_at_each_line_of_a_key);
	tcase_add_test(tcase, says_what_is_wrong);
	tcase_add_test(tcase, believes_certificates_of_an_authority);
	tcase_add_test(tcase, believes_nobody_else);
	tcase_add_test(tcase, believes_no_empty_list);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
