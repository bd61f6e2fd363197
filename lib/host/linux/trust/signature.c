/* SPDX-License-Identifier: MIT */
#include "lib/host/linux/trust/signature.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/base/output.h"
#include "lib/host/linux/process/child.h"
#include "lib/host/linux/process/sandbox.h"
#include "lib/text/escape.h"

enum {
	NOBODY = 65534,
	TIMEOUT = 30000, /* milliseconds */
	FILES = 3,
	PRINCIPALS = 16,
	WORD = 64, /* bytes of a keyword or fingerprint of gpgv */
};

#define OPEN_FILES "/proc/self/fd/"

/* --- tools --- */

/* What a tool is given to read, as descriptors that it inherits. */
struct tool_files {
	int fds[FILES];
	const char *paths[FILES]; /* for the tool */
	const char *names[FILES]; /* for people */
	size_t n;
};

static void close_files(struct tool_files *f)
{
	while (f->n)
		close(f->fds[--f->n]);
}

#define AUTO_FILES AUTO(close_files)

/* Its path for the tool; NULL when it cannot be had. */
static const char *add_file(struct tool_files *f, const struct buf *content,
			    const char *name, struct arena *a)
{
	size_t i = f->n;
	int fd = memfd_create("signature", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return NULL;
	f->fds[f->n++] = fd;
	f->paths[i] = arena_printf(a, OPEN_FILES "%d", fd);
	f->names[i] = name;
	if (!write_all(fd, buf_text(content), content->size) ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW) <
		    0)
		return NULL;
	return f->paths[i];
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

/* The file that a path of OPEN_FILES is of, of n bytes; or NULL. */
static const char *name_of(const struct tool_files *f, const char *path,
			   size_t n)
{
	for (size_t i = 0; i < f->n; i++)
		if (strlen(f->paths[i]) == n &&
		    memcmp(f->paths[i], path, n) == 0)
			return f->names[i];
	return NULL;
}

/* What the tool says, safe to be shown; its first line, with files called as
 * people do. */
static const char *words_of(const struct outcome *o, const struct tool_files *f,
			    struct arena *a)
{
	AUTO_BUF struct buf named = { 0 };
	AUTO_BUF struct buf safe = { 0 };
	const char *all = buf_text(o->errors.size ? &o->errors : &o->output);
	const char *text = arena_strndup(a, all, strcspn(all, "\r\n")), *at;

	while ((at = strstr(text, OPEN_FILES)) != NULL) {
		size_t n = strlen(OPEN_FILES);
		const char *name;

		n += strspn(at + n, "0123456789");
		name = name_of(f, at, n);
		buf_add(&named, text, (size_t)(at - text));
		if (name)
			buf_puts(&named, name);
		else
			buf_add(&named, at, n);
		text = at + n;
	}
	buf_puts(&named, text);
	escape_text(&safe, buf_text(&named), named.size, false);
	return arena_strdup(a, buf_text(&safe));
}

#define NOT_TRUSTED "is not signed by one who is trusted"

/* key: whom the signature names, or "". */
static const char *not_trusted(const char *key, const char *why,
			       struct arena *a)
{
	if (*key)
		key = arena_printf(a, " (its signature names %s)", key);
	return arena_printf(a, NOT_TRUSTED "%s: %s", key, why);
}

static const char *not_verified(const char *tool, const struct outcome *o,
				const struct tool_files *f, const char *key,
				struct arena *a)
{
	if (o->ending == ENDED_NOT_STARTED)
		return arena_printf(a, "cannot be verified: cannot run %s: %s",
				    tool, o->because);
	return not_trusted(
		key, arena_printf(a, "%s: %s", tool, words_of(o, f, a)), a);
}

/* --- ssh-keygen(1) --- */

struct ssh {
	struct tool_files files;
	const char *allowed, *signature, *revoked;
	const struct signers *by;
	const struct signed_commit *commit;
	struct strings names; /* that were tried, or are to be */
	bool is_revoked;      /* whatever the name */
	struct arena *arena;
};

static const char *ssh_not_verified(const struct ssh *s,
				    const struct outcome *o)
{
	return not_verified("ssh-keygen", o, &s->files, s->commit->key,
			    s->arena);
}

static void add_name(struct ssh *s, const char *name, size_t n)
{
	const char *copy = arena_strndup(s->arena, name, n);

	if (n && *name != '-' && s->names.n < PRINCIPALS &&
	    !strings_have(&s->names, copy))
		strings_add(&s->names, s->arena, copy);
}

/* Names of whom the key is, for allowed_signers: all of the first line that
 * has it, whatever else that says. */
static const char *find_principals(struct ssh *s)
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
		wrong = ssh_not_verified(s, &o);
	for (const char *line = buf_text(&o.output); !wrong && *line;) {
		size_t n = strcspn(line, "\n");

		add_name(s, line, n);
		line += n + (line[n] == '\n');
	}
	outcome_release(&o);
	return wrong;
}

/* Whether a word among n bytes is the key of the commit. */
static bool has_key(const struct ssh *s, const char *line, size_t n)
{
	static const char blanks[] = " \t\r\n";

	while (n) {
		size_t word = 0;

		while (word < n && !strchr(blanks, line[word]))
			word++;
		if (word && signed_is_key(s->commit->key, line, word))
			return true;
		word += word < n;
		line += word;
		n -= word;
	}
	return false;
}

/* The first of a line's list that is not one of whom it is not for. */
static void add_holder(struct ssh *s, const char *list)
{
	const char *end = *list == '"' ? "\",\n" : ", \t\n";

	list += *list == '"';
	while (*list == '!') {
		list += strcspn(list, end);
		list += *list == ',';
	}
	add_name(s, list, strcspn(list, end));
}

/* A name of each line that has the key: ssh-keygen(1) finds but the first, and
 * that may be for something else. Names prove nothing: it verifies by them. */
static void find_holders(struct ssh *s)
{
	const char *line = buf_text(s->by->allowed);

	while (*line) {
		size_t n = strcspn(line, "\n");
		const char *list = line + strspn(line, " \t");

		if (*list != '#' && has_key(s, line, n))
			add_holder(s, list);
		line += n + (line[n] == '\n');
	}
}

static bool verify(struct ssh *s, const char *principal, const char *revoked,
		   const char **wrong)
{
	const char *argv[] = {
		"ssh-keygen", "-Y", "verify",     "-n",
		"git",        "-f", s->allowed,   "-I",
		principal,    "-s", s->signature, revoked ? "-r" : NULL,
		revoked,      NULL
	};
	struct outcome o = { 0 };
	bool good;

	run_tool(argv, &s->commit->payload, &s->files, s->arena, &o);
	good = is_good(&o);
	if (!good && !*wrong)
		*wrong = ssh_not_verified(s, &o);
	outcome_release(&o);
	return good;
}

/* Whether the list of revoked keys is one: ssh-keygen(1) says the same of a key
 * that is in it, and of a file that it cannot read. */
static const char *list_wrong(struct ssh *s)
{
	static const char magic[] = "SSHKRL\n";
	const char *const argv[] = { "ssh-keygen", "-Q",       "-l",
				     "-f",         s->revoked, NULL };
	const struct buf *list = s->by->revoked;
	struct buf nothing = { 0 };
	struct outcome o = { 0 };
	const char *wrong = NULL;

	if (has_key(s, buf_text(list), strlen(buf_text(list))))
		return NULL;
	if (list->size < sizeof(magic) ||
	    memcmp(list->text, magic, sizeof(magic)) != 0)
		return "it is no list of keys";
	run_tool(argv, &nothing, &s->files, s->arena, &o);
	if (!is_good(&o))
		wrong = words_of(&o, &s->files, s->arena);
	outcome_release(&o);
	return wrong;
}

/* Of a signature that is good but for that list. by_authority: the authority
 * of a certificate may be in it. */
static const char *revoked_wrong(struct ssh *s, bool by_authority)
{
	const char *wrong = list_wrong(s);

	if (!wrong)
		return not_trusted(s->commit->key,
				   arena_printf(s->arena, "'%s' revokes it",
						s->by->revoked_name),
				   s->arena);
	if (by_authority)
		return arena_printf(s->arena,
				    "cannot be verified: '%s' revokes who made "
				    "its certificate, or cannot be read",
				    s->by->revoked_name);
	return arena_printf(s->arena,
			    "cannot be verified: '%s' cannot be read: %s",
			    s->by->revoked_name, wrong);
}

/* By one of those names, from that one on; certified: of a certificate, maybe.
 * wrong: what it is with the first. */
static bool verify_as(struct ssh *s, size_t from, bool certified,
		      const char **who, const char **wrong)
{
	for (size_t i = from; !s->is_revoked && i < s->names.n; i++) {
		const char *ignored = "";

		*who = s->names.v[i];
		if (verify(s, *who, s->revoked, wrong))
			return true;
		if (!s->revoked || !verify(s, *who, NULL, &ignored))
			continue;
		*wrong = revoked_wrong(s, certified);
		s->is_revoked = true;
	}
	*who = NULL;
	return false;
}

static const char *ssh_verify(struct ssh *s, const char **who)
{
	const char *wrong = NULL, *none;
	size_t tried;

	find_holders(s);
	if (verify_as(s, 0, false, who, &wrong))
		return NULL;
	if (s->is_revoked)
		return wrong;
	tried = s->names.n;
	none = find_principals(s);
	if (!none && verify_as(s, tried, true, who, &wrong))
		return NULL;
	if (wrong)
		return wrong;
	return none ? none : NOT_TRUSTED;
}

static const char *ssh_wrong(const struct signers *by,
			     const struct signed_commit *c, const char **who,
			     struct arena *a)
{
	struct ssh s = { .commit = c, .by = by, .arena = a };
	const char *wrong = "cannot be verified: no memory for its signature";

	if (!by->allowed)
		return "is signed by a key of SSH, of which none is trusted";
	s.allowed = add_file(&s.files, by->allowed, by->allowed_name, a);
	s.signature = add_file(&s.files, &c->signature, "its signature", a);
	if (by->revoked)
		s.revoked =
			add_file(&s.files, by->revoked, by->revoked_name, a);
	if (s.allowed && s.signature && (s.revoked || !by->revoked))
		wrong = ssh_verify(&s, who);
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

static bool is_named(const char *word, const char *const *list)
{
	while (*list && strcmp(word, *list) != 0)
		list++;
	return *list != NULL;
}

/* "KEY_CONSIDERED FPR FLAGS" or
 * "ERRSIG KEY ALGORITHM HASH CLASS TIME REASON FPR" */
static bool copy_key(const char *line, char key[WORD])
{
	char word[WORD];
	size_t at = 0;

	if (copy_word(line, 1, word) && strcmp(word, "KEY_CONSIDERED") == 0)
		at = 2;
	else if (strcmp(word, "ERRSIG") == 0)
		at = 8;
	return at && copy_word(line, at, key) &&
	       !key[strspn(key, "0123456789ABCDEF")];
}

/* The key that the signature names, by the first line that does. */
static const char *pgp_key(const char *text, struct arena *a)
{
	char key[WORD];

	for (size_t n; *text; text += n + (text[n] == '\n')) {
		n = strcspn(text, "\n");
		if (copy_key(text, key))
			return arena_strdup(a, key);
	}
	return "";
}

/* What gpgv(1) says in a word. */
static const char *in_words(const char *word, const struct signers *by,
			    struct arena *a)
{
	static const struct {
		const char *word, *text;
	} known[] = {
		{ "BADSIG", "it is not a signature of this commit" },
		{ "EXPKEYSIG", "its key has expired" },
		{ "KEYEXPIRED", "its key has expired" },
		{ "EXPSIG", "it has expired" },
		{ "SIGEXPIRED", "it has expired" },
		{ "REVKEYSIG", "its key is revoked" },
		{ "KEYREVOKED", "its key is revoked" },
	};

	for (size_t i = 0; i < COUNT(known); i++)
		if (strcmp(word, known[i].word) == 0)
			return known[i].text;
	if (strstr(buf_text(by->keyring), "-----BEGIN PGP PUBLIC KEY"))
		return arena_printf(a,
				    "'%s' is armoured, which gpgv does not "
				    "read: see --dearmor of gpg(1)",
				    by->keyring_name);
	return NULL;
}

/* A line that says that it is not good. */
static const char *bad_line(const char *line, const char *word, const char *key,
			    const struct signers *by, struct arena *a)
{
	static const char no_key[] = "9"; /* of ERRSIG */
	const char *text = in_words(word, by, a);
	char reason[WORD];

	if (is_weak_error(line))
		return weak_digest;
	if (!text && strcmp(word, "ERRSIG") == 0 &&
	    copy_word(line, 7, reason) && strcmp(reason, no_key) == 0)
		text = arena_printf(a, "its key is not in '%s'",
				    by->keyring_name);
	return not_trusted(key,
			   arena_printf(a, "%s%sgpgv says %s", text ? text : "",
					text ? ": " : "", word),
			   a);
}

/* Nothing may be said but that it is good, and what is beside that: a key that
 * expired or was revoked makes a VALIDSIG too. */
static const char *status_wrong(const char *text, const struct signers *by,
				const char **who, struct arena *a)
{
	static const char *const harmless[] = { "NEWSIG",
						"SIG_ID",
						"KEY_CONSIDERED",
						"NOTATION_NAME",
						"NOTATION_FLAGS",
						"NOTATION_DATA",
						"POLICY_URL",
						"VERIFICATION_COMPLIANCE_MODE",
						NULL };
	const char *key = pgp_key(text, a);
	size_t good = 0, valid = 0, n;
	const char *wrong = NULL;

	for (; *text; text += n + (text[n] == '\n')) {
		char word[WORD];

		n = strcspn(text, "\n");
		if (!copy_word(text, 0, word) ||
		    strcmp(word, "[GNUPG:]") != 0 || !copy_word(text, 1, word))
			return "cannot be verified: gpgv says what is not "
			       "understood";
		if (is_named(word, harmless))
			continue;
		if (strcmp(word, "GOODSIG") == 0)
			good++;
		else if (strcmp(word, "VALIDSIG") == 0 && !valid++)
			wrong = validsig_wrong(text, by, who, a);
		else
			return bad_line(text, word, key, by, a);
	}
	if (good != 1 || valid != 1)
		return NOT_TRUSTED;
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
	keyring = add_file(&files, by->keyring, by->keyring_name, a);
	signature = add_file(&files, &c->signature, "its signature", a);
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
			? not_verified("gpgv", &o, &files, "", a)
			: status_wrong(buf_text(&o.output), by, who, a);
	if (!wrong && !is_good(&o))
		wrong = not_verified("gpgv", &o, &files, "", a);
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
