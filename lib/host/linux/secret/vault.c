/* SPDX-License-Identifier: MIT */
#include "lib/host/linux/secret/vault.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/utf8.h"
#include "lib/host/linux/secret/age.h"
#include "lib/host/linux/secret/scrub.h"
#include "lib/text/password.h"
#include "lib/text/sealed.h"

enum { JSON_BYTE = 6 }; /* "\\u0000" */

struct secret {
	const struct tree *world;
	const char *path;
	struct locked opened; /* its label, and the secret */
	size_t begins;
	struct secret *next;
};

struct vault {
	struct arena arena;
	struct secret *first;
};

struct vault *vault_new(void)
{
	struct vault *v = xrealloc(NULL, sizeof(*v));

	*v = (struct vault){ 0 };
	return v;
}

void vault_free(struct vault *v)
{
	for (struct secret *s = v->first; s; s = s->next)
		locked_release(&s->opened);
	arena_release(&v->arena);
	free(v);
}

/* --- the key --- */

/* What a stanza is of that the key opens (sshd(8), FILES). */
static const struct {
	const char *stanza, *path;
} keys[] = {
	{ "ssh-ed25519 ", "/etc/ssh/ssh_host_ed25519_key" },
	{ "ssh-rsa ", "/etc/ssh/ssh_host_rsa_key" },
};

/* Whoever else may read or change it has all that is sealed to it. */
static bool is_ours_alone(const char *path, int fd, struct diags *d)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return diag_errno(d, errno, "cannot look at '%s'", path);
	if (!S_ISREG(st.st_mode))
		return diag_error(d, "'%s' is not a file", path);
	if (st.st_uid != 0 && st.st_uid != geteuid()) {
		diag_error(d, "the key '%s' is not root's", path);
		diag_hint(d, "make a new one: others may know this one");
		return false;
	}
	if (st.st_mode & 077) {
		diag_error(d,
			   "the key '%s' has mode %04o: others than root "
			   "may read it",
			   path, (unsigned)st.st_mode & 07777);
		diag_hint(d, "chmod 0600 %s, and ask who has read it", path);
		return false;
	}
	return true;
}

/* The descriptor; -1: there is none that this process may read; -2: with a
 * diagnostic, it must not be used. */
static int open_key(const struct linux_host *h, const char *path,
		    struct diags *d)
{
	struct walked w;
	int fd;

	if (!walk_parent(h, path, &w, d))
		return -2;
	fd = w.fd < 0 ? -1
		      : openat(w.fd, w.name,
			       O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY |
				       O_CLOEXEC);
	if (fd < 0 && (w.fd < 0 || errno == ENOENT || errno == EACCES))
		return -1;
	if (fd < 0) {
		diag_errno(d, errno, "cannot read the key '%s'", path);
		return -2;
	}
	if (is_ours_alone(path, fd, d))
		return fd;
	close(fd);
	return -2;
}

static bool has_stanza(const struct strings *to, const char *type)
{
	for (size_t i = 0; i < to->n; i++)
		if (strncmp(to->v[i], type, strlen(type)) == 0)
			return true;
	return false;
}

/* The one that it is most likely sealed to. */
static const char *key_for(const struct strings *to)
{
	for (size_t i = 0; i < COUNT(keys); i++)
		if (has_stanza(to, keys[i].stanza))
			return keys[i].path;
	return keys[0].path;
}

/* By one of this host's keys: what is sealed to its RSA key may be sealed to
 * Ed25519 keys of others. */
static bool open_by_key(const struct linux_host *h, const struct strings *to,
			const struct buf *sealed, struct locked *out,
			bool *no_key, struct diags *d)
{
	bool other = false;

	for (size_t i = 0; i < COUNT(keys); i++) {
		AUTO_FD int fd = open_key(h, keys[i].path, d);
		AUTO_LOCKED struct locked key = { 0 };
		bool is_for;

		if (fd == -2)
			return false;
		other |= fd >= 0;
		if (fd < 0 || !has_stanza(to, keys[i].stanza))
			continue;
		if (!locked_read(&key, fd, AGE_MAX_KEY, "the key", d))
			return false;
		if (age_open(sealed, &key, out, &is_for, d))
			return true;
		if (is_for)
			return false;
	}
	if (other) {
		diag_error(d, "it is not sealed to a key of this host");
		return false;
	}
	if (no_key) {
		*no_key = true;
		return false;
	}
	diag_error(d, "there is no key of this host to open it with, '%s'",
		   key_for(to));
	diag_hint(d, "put it there again; or ssh-keygen -A makes another: put "
		     "its public half into 'secrets/recipients.json', and "
		     "seal the secret anew with converge secret rotate");
	return false;
}

/* --- opening --- */

static bool open_sealed(const struct linux_host *h, struct secret *s,
			const struct buf *sealed, bool *no_key, struct diags *d)
{
	AUTO(arena_release) struct arena a = { 0 };
	struct strings to;
	const char *wrong;

	if (!sealed_to(sealed->text, sealed->size, &a, &to, &wrong))
		return diag_error(d, "it %s", wrong);
	if (!open_by_key(h, &to, sealed, &s->opened, no_key, d))
		return false;
	s->begins = sealed_begins(s->opened.bytes, s->opened.size, s->path);
	if (s->begins)
		return true;
	locked_release(&s->opened);
	diag_error(d, "it was not sealed under this name");
	diag_hint(d, "seal the secret anew: a sealed file is not to be copied "
		     "or renamed");
	return false;
}

static bool read_sealed(const struct secret *s, struct buf *sealed,
			struct diags *d)
{
	buf_reserve(sealed, 1);
	return tree_read(s->world, s->path, AGE_MAX_SEALED, sealed, d);
}

static const struct secret *vault_open(const struct linux_host *h,
				       const struct tree *world,
				       const char *path, bool *no_key,
				       struct diags *d)
{
	AUTO_DIAGS struct diags why = { 0 };
	AUTO_BUF struct buf sealed = { 0 };
	struct vault *v = h->vault;
	struct secret *s;

	for (s = v->first; s; s = s->next)
		if (s->world == world && strcmp(s->path, path) == 0)
			return s;
	s = arena_new(&v->arena, struct secret);
	*s = (struct secret){ .world = world,
			      .path = arena_strdup(&v->arena, path) };
	if (read_sealed(s, &sealed, &why) &&
	    open_sealed(h, s, &sealed, no_key, &why)) {
		s->next = v->first;
		v->first = s;
		return s;
	}
	if (why.n) {
		diag_error(d, "cannot open '%s': %s", path, why.v[0].text);
		if (why.v[0].hint)
			diag_hint(d, "%s", why.v[0].hint);
	}
	return NULL;
}

/* --- using --- */

static void add(struct locked *to, const char *bytes, size_t n)
{
	if (n)
		memcpy(to->bytes + to->size, bytes, n);
	to->size += n;
}

/* A secret where it belongs. */
struct filling {
	const struct secret *secret;
	enum spelling spelling;
	const char *bytes;
	size_t n;    /* of the secret */
	size_t size; /* of what it comes to there */
};

static bool has(const struct filling *f, char c)
{
	return f->n && memchr(f->bytes, c, f->n);
}

static bool spell_line(struct filling *f, struct diags *d)
{
	if (f->n && f->bytes[f->n - 1] == '\n')
		f->n--;
	f->size = f->n;
	if (!has(f, '\n') && !has(f, '\r') && !has(f, '\0'))
		return true;
	return diag_error(d, "'%s' is not one line, as it has to be here",
			  f->secret->path);
}

/* As jansson writes it: what is found in a document is compared with it. */
static size_t escape_byte(char c, char out[JSON_BYTE])
{
	static const char plain[] = "\"\\\b\f\n\r\t", named[] = "\"\\bfnrt";
	static const char hex[] = "0123456789ABCDEF";
	const char *is = c ? strchr(plain, c) : NULL;
	unsigned char byte = (unsigned char)c;

	out[0] = c;
	if (!is && byte >= ' ')
		return 1;
	out[0] = '\\';
	if (is) {
		out[1] = named[is - plain];
		return 2;
	}
	out[1] = 'u';
	out[2] = out[3] = '0';
	out[4] = hex[byte >> 4];
	out[5] = hex[byte & 15];
	return JSON_BYTE;
}

static bool spell_json(struct filling *f, struct diags *d)
{
	char out[JSON_BYTE];

	f->size = 0;
	for (size_t i = 0; i < f->n; i++)
		f->size += escape_byte(f->bytes[i], out);
	explicit_bzero(out, sizeof(out));
	return utf8_valid(f->bytes, f->n) ||
	       diag_error(d, "'%s' is not UTF-8, as it has to be in JSON",
			  f->secret->path);
}

static bool spell(struct filling *f, const struct cut *cut, struct diags *d)
{
	f->spelling = cut->spelling;
	f->bytes = f->secret->opened.bytes + f->secret->begins;
	f->n = f->size = f->secret->opened.size - f->secret->begins;
	if (f->spelling == SPELL_LINE || f->spelling == SPELL_HASH)
		return spell_line(f, d);
	return f->spelling != SPELL_JSON || spell_json(f, d);
}

static void add_filling(struct locked *to, const struct filling *f)
{
	if (f->spelling != SPELL_JSON) {
		add(to, f->bytes, f->n);
		return;
	}
	for (size_t i = 0; i < f->n; i++)
		to->size += escape_byte(f->bytes[i], to->bytes + to->size);
}

/* What is wrong may be the password itself: it is in no message. */
static bool check_hash(const struct content *c, struct locked *out,
		       struct diags *d)
{
	AUTO_LOCKED struct locked text = { 0 };

	if (!c->ncuts || c->cuts[0].spelling != SPELL_HASH)
		return true;
	if (!locked_new(&text, out->size + 1, d))
		return false;
	memcpy(text.bytes, out->bytes, out->size);
	if (password_is_hash(text.bytes))
		return true;
	diag_error(d, "'%s' holds no hash of a password", c->cuts[0].secret);
	diag_hint(d, "seal what mkpasswd, or openssl passwd -6, makes");
	locked_release(out);
	return false;
}

bool vault_fill(const struct linux_host *h, const struct content *c,
		struct locked *out, bool *no_key, struct diags *d)
{
	AUTO(arena_release) struct arena a = { 0 };
	struct filling *v = arena_array(&a, struct filling, c->ncuts);
	size_t size = (size_t)c->size, at = 0;

	*out = (struct locked){ 0 };
	if (no_key)
		*no_key = false;
	for (size_t i = 0; i < c->ncuts; i++) {
		v[i].secret =
			vault_open(h, c->world, c->cuts[i].secret, no_key, d);
		if (!v[i].secret || !spell(&v[i], &c->cuts[i], d))
			return false;
		size += v[i].size;
	}
	if (!locked_new(out, size, d))
		return false;
	for (size_t i = 0; i < c->ncuts; i++) {
		add(out, c->bytes + at, c->cuts[i].at - at);
		add_filling(out, &v[i]);
		at = c->cuts[i].at;
	}
	add(out, c->bytes + at, (size_t)c->size - at);
	return check_hash(c, out, d);
}

void vault_scrub(const struct linux_host *h, struct outcome *o)
{
	for (const struct secret *s = h->vault->first; s; s = s->next) {
		const char *bytes = s->opened.bytes + s->begins;
		size_t n = s->opened.size - s->begins;

		scrub(&o->output, s->path, bytes, n);
		scrub(&o->errors, s->path, bytes, n);
	}
}
