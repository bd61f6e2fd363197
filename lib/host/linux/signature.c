/* SPDX-License-Identifier: MIT */
#include "lib/host/linux/signature.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/base/output.h"
#include "lib/host/linux/child.h"
#include "lib/host/linux/sandbox.h"
#include "lib/text/escape.h"

enum {
	NOBODY = 65534,
	TIMEOUT = 30000, /* milliseconds */
	FILES = 3,
	PRINCIPALS = 16,
	WORD = 64, /* bytes of a keyword or fingerprint of gpgv */
};

/* --- tools --- */

/* What a tool is given to read, as descriptors that it inherits. */
struct tool_files {
	int fds[FILES];
	size_t n;
};

static void close_files(struct tool_files *f)
{
	while (f->n)
		close(f->fds[--f->n]);
}

#define AUTO_FILES AUTO(close_files)

/* Its name for the tool; NULL when it cannot be had. */
static const char *add_file(struct tool_files *f, const struct buf *content,
			    struct arena *a)
{
	int fd = memfd_create("signature", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return NULL;
	f->fds[f->n++] = fd;
	if (!write_all(fd, buf_text(content), content->size) ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW) <
		    0)
		return NULL;
	return arena_printf(a, "/proc/self/fd/%d", fd);
}

static int enter_tool(void *context)
{
	const struct tool_files *f = context;
	struct validation nothing = { .folder = -1 };

	for (size_t i = 0; i < f->n; i++)
		if (fcntl(f->fds[i], F_SETFD, 0) < 0)
			return errno;
	return validate_enter(&nothing);
}

static void run_tool(const char *const *argv, const struct buf *input,
		     struct tool_files *files, struct arena *a,
		     struct outcome *o)
{
	static const struct child_user nobody = { .name = "nobody",
						  .home = "/nonexistent",
						  .uid = NOBODY,
						  .gid = NOBODY };
	const struct child child = {
		.argv = argv,
		.user = geteuid() == 0 ? &nobody : NULL,
		.umask = 077,
		.input = buf_text(input),
		.input_size = input->size,
		.timeout = TIMEOUT,
		.leaves_nothing = true,
		.enter = enter_tool,
		.enter_context = files,
	};

	child_run(&child, a, o);
}

static bool is_good(const struct outcome *o)
{
	return o->ending == ENDED_EXIT && o->code == 0;
}

/* What the tool says, safe to be shown; its first line. */
static const char *words_of(const struct outcome *o, struct arena *a)
{
	AUTO_BUF struct buf safe = { 0 };
	const char *text = buf_text(o->errors.size ? &o->errors : &o->output);

	escape_text(&safe, text, strcspn(text, "\n"), false);
	return arena_strdup(a, buf_text(&safe));
}

static const char *not_verified(const char *tool, const struct outcome *o,
				const char *key, struct arena *a)
{
	if (o->ending == ENDED_NOT_STARTED)
		return arena_printf(a, "cannot be verified: cannot run %s: %s",
				    tool, o->because);
	if (*key)
		key = arena_printf(a, " (its signature names %s)", key);
	return arena_printf(a, "is not signed by one who is trusted%s: %s: %s",
			    key, tool, words_of(o, a));
}

/* --- ssh-keygen(1) --- */

struct ssh {
	struct tool_files files;
	const char *allowed, *signature, *revoked;
	const struct signed_commit *commit;
	struct arena *arena;
};

/* Lines: names of whom the key is, for allowed_signers. */
static const char *find_principals(struct ssh *s, struct strings *names)
{
	const char *const argv[] = { "ssh-keygen",      "-Y",
				     "find-principals", "-s",
				     s->signature,      "-f",
				     s->allowed,        NULL };
	struct buf nothing = { 0 };
	struct outcome o = { 0 };
	const char *wrong = NULL;

	run_tool(argv, &nothing, &s->files, s->arena, &o);
	if (!is_good(&o))
		wrong = not_verified("ssh-keygen", &o, s->commit->key,
				     s->arena);
	for (const char *line = buf_text(&o.output);
	     !wrong && *line && names->n < PRINCIPALS;) {
		size_t n = strcspn(line, "\n");

		if (n && *line != '-')
			strings_add(names, s->arena,
				    arena_strndup(s->arena, line, n));
		line += n + (line[n] == '\n');
	}
	outcome_release(&o);
	return wrong;
}

static const char *verify_as(struct ssh *s, const char *principal)
{
	const char *argv[] = {
		"ssh-keygen", "-Y", "verify",     "-n",
		"git",        "-f", s->allowed,   "-I",
		principal,    "-s", s->signature, s->revoked ? "-r" : NULL,
		s->revoked,   NULL
	};
	struct outcome o = { 0 };
	const char *wrong = NULL;

	run_tool(argv, &s->commit->payload, &s->files, s->arena, &o);
	if (!is_good(&o))
		wrong = not_verified("ssh-keygen", &o, s->commit->key,
				     s->arena);
	outcome_release(&o);
	return wrong;
}

static const char *ssh_wrong(const struct signers *by,
			     const struct signed_commit *c, const char **who,
			     struct arena *a)
{
	struct ssh s = { .commit = c, .arena = a };
	struct strings names = { 0 };
	const char *wrong = "cannot be verified: no memory for its signature";

	if (!by->allowed)
		return "is signed by a key of SSH, of which none is trusted";
	s.allowed = add_file(&s.files, by->allowed, a);
	s.signature = add_file(&s.files, &c->signature, a);
	s.revoked = by->revoked ? add_file(&s.files, by->revoked, a) : NULL;
	if (s.allowed && s.signature && (s.revoked || !by->revoked))
		wrong = find_principals(&s, &names);
	if (!wrong && !names.n)
		wrong = "is not signed by one who is trusted";
	for (size_t i = 0; i < names.n; i++) {
		wrong = verify_as(&s, names.v[i]);
		*who = names.v[i];
		if (!wrong)
			break;
	}
	close_files(&s.files);
	return wrong;
}

/* --- gpgv(1): doc/DETAILS of GnuPG says what its status lines mean --- */

/* Where a word of a line begins, counted from 0, and its size. */
static const char *word_of(const char *line, size_t index, size_t *n)
{
	for (;; index--) {
		line += strspn(line, " ");
		*n = strcspn(line, " \n");
		if (!index || !*n)
			return line;
		line += *n;
	}
}

static bool copy_word(const char *line, size_t index, char word[WORD])
{
	size_t n;
	const char *from = word_of(line, index, &n);

	if (!n || n >= WORD)
		return false;
	memcpy(word, from, n);
	word[n] = '\0';
	return true;
}

static const char weak_digest[] =
	"is signed with a digest that is too weak: sign with SHA-256 or "
	"SHA-512, see --digest-algo of gpg(1)";

/* Numbers of RFC 4880, 9.4: SHA-256, SHA-384, SHA-512, SHA-224. */
static bool is_strong(const char *hash)
{
	static const char *const strong[] = { "8", "9", "10", "11" };

	for (size_t i = 0; i < COUNT(strong); i++)
		if (strcmp(hash, strong[i]) == 0)
			return true;
	return false;
}

/* "ERRSIG KEY ALGORITHM HASH ..." of what it does not look at. */
static bool is_weak_error(const char *line)
{
	char word[WORD], hash[WORD];

	return copy_word(line, 1, word) && strcmp(word, "ERRSIG") == 0 &&
	       copy_word(line, 4, hash) && !is_strong(hash);
}

/* "VALIDSIG FPR DATE TIME EXPIRES VERSION 0 KEY HASH CLASS PRIMARY" */
static const char *validsig_wrong(const char *line, const struct signers *by,
				  const char **who, struct arena *a)
{
	char key[WORD], primary[WORD], hash[WORD];

	if (!copy_word(line, 2, key) || !copy_word(line, 9, hash) ||
	    !copy_word(line, 11, primary))
		return "cannot be verified: gpgv does not say by whom it is";
	if (!is_strong(hash))
		return weak_digest;
	*who = arena_strdup(a, primary);
	if (strings_have(by->fingerprints, key) ||
	    strings_have(by->fingerprints, primary))
		return NULL;
	return arena_printf(a, "is signed by a key that is not trusted: %s",
			    primary);
}

/* Nothing may be said but that it is good: a key that expired or was revoked
 * makes a VALIDSIG too. */
static const char *status_wrong(const char *text, const struct signers *by,
				const char **who, struct arena *a)
{
	static const char *const harmless[] = { "NEWSIG", "SIG_ID",
						"KEY_CONSIDERED", NULL };
	size_t good = 0, valid = 0, n;
	const char *wrong = NULL;

	for (; *text; text += n + (text[n] == '\n')) {
		char word[WORD];
		size_t i = 0;

		n = strcspn(text, "\n");
		if (!copy_word(text, 0, word) ||
		    strcmp(word, "[GNUPG:]") != 0 || !copy_word(text, 1, word))
			return "cannot be verified: gpgv says what is not "
			       "understood";
		while (harmless[i] && strcmp(word, harmless[i]) != 0)
			i++;
		if (harmless[i])
			continue;
		if (strcmp(word, "GOODSIG") == 0)
			good++;
		else if (strcmp(word, "VALIDSIG") == 0 && !valid++)
			wrong = validsig_wrong(text, by, who, a);
		else if (is_weak_error(text))
			return weak_digest;
		else
			return arena_printf(a,
					    "is not signed by one who is "
					    "trusted: gpgv says %s",
					    word);
	}
	if (good != 1 || valid != 1)
		return "is not signed by one who is trusted";
	return wrong;
}

static const char *pgp_wrong(const struct signers *by,
			     const struct signed_commit *c, const char **who,
			     struct arena *a)
{
	struct tool_files files AUTO_FILES = { 0 };
	const char *keyring, *signature, *wrong;
	struct outcome o = { 0 };

	if (!by->keyring)
		return "is signed by a key of PGP, of which none is trusted";
	keyring = add_file(&files, by->keyring, a);
	signature = add_file(&files, &c->signature, a);
	if (!keyring || !signature)
		return "cannot be verified: no memory for its signature";

	const char *const argv[] = {
		"gpgv",      "--homedir",     "/nonexistent",
		"--keyring", keyring,         "--status-fd",
		"1",         "--weak-digest", "SHA1",
		"--",        signature,       "-",
		NULL,
	};

	run_tool(argv, &c->payload, &files, a, &o);
	wrong = o.ending == ENDED_NOT_STARTED
			? not_verified("gpgv", &o, "", a)
			: status_wrong(buf_text(&o.output), by, who, a);
	if (!wrong && !is_good(&o))
		wrong = not_verified("gpgv", &o, "", a);
	outcome_release(&o);
	return wrong;
}

const char *signature_wrong(const struct signers *by,
			    const struct signed_commit *c, const char **who,
			    struct arena *a)
{
	*who = NULL;
	return c->type == SIGNATURE_SSH ? ssh_wrong(by, c, who, a)
					: pgp_wrong(by, c, who, a);
}
