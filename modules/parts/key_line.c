/* SPDX-License-Identifier: MIT */
#include "modules/parts/key_line.h"

#include <string.h>

static size_t blanks(const char *text, size_t size)
{
	size_t n = 0;

	while (n < size && (text[n] == ' ' || text[n] == '\t'))
		n++;
	return n;
}

static size_t word(const char *text, size_t size)
{
	size_t n = 0;

	while (n < size && text[n] != ' ' && text[n] != '\t')
		n++;
	return n;
}

/* Options end at the first blank outside quotes; within, \" is no end. */
static size_t options_end(const char *text, size_t size)
{
	bool quoted = false;
	size_t n = 0;

	for (; n < size; n++) {
		if (text[n] == '\\' && n + 1 < size && text[n + 1] == '"')
			n++;
		else if (text[n] == '"')
			quoted = !quoted;
		else if (!quoted && (text[n] == ' ' || text[n] == '\t'))
			break;
	}
	return n < size ? n : size;
}

/* Types end in this or begin with it: "ssh-rsa", "ecdsa-sha2-nistp256",
 * "sk-ssh-ed25519@openssh.com". No option does. */
static bool is_type(const char *text, size_t size)
{
	static const char *const beginnings[] = { "ssh-", "ecdsa-sha2-",
						  "sk-ssh-", "sk-ecdsa-" };

	for (size_t i = 0; i < COUNT(beginnings); i++) {
		size_t n = strlen(beginnings[i]);

		if (size > n && memcmp(text, beginnings[i], n) == 0)
			return true;
	}
	return false;
}

/* What sshd sees of a line: no more than comes before a NUL, and a carriage
 * return at the end is no part of what it ends. */
static size_t seen(const char *line, size_t size)
{
	const char *nul = memchr(line, '\0', size);

	if (nul)
		size = (size_t)(nul - line);
	while (size && line[size - 1] == '\r')
		size--;
	return size;
}

bool key_line_parse(const char *line, size_t size, struct key_line *k)
{
	const char *end = line + seen(line, size);
	const char *at = line + blanks(line, (size_t)(end - line));
	size_t type, blob, gap;

	*k = (struct key_line){ .text = line, .size = size, .options = at };
	if (at == end || *at == '#')
		return false;
	if (!is_type(at, word(at, (size_t)(end - at)))) {
		k->options_size = options_end(at, (size_t)(end - at));
		at += k->options_size;
		at += blanks(at, (size_t)(end - at));
	}
	type = word(at, (size_t)(end - at));
	if (!is_type(at, type))
		return false;
	gap = blanks(at + type, (size_t)(end - at) - type);
	blob = word(at + type + gap, (size_t)(end - at) - type - gap);
	if (!blob)
		return false;
	k->key = at;
	k->key_size = type + gap + blob;
	at += k->key_size;
	k->comment = at + blanks(at, (size_t)(end - at));
	k->comment_size = (size_t)(end - k->comment);
	return true;
}

/* "name" or "name=\"value\""; control characters would end the line. */
static const char *option_wrong(const char *text, size_t size)
{
	size_t n = 0;
	bool quoted = false;

	while (n < size &&
	       strchr("abcdefghijklmnopqrstuvwxyz"
		      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-",
		      text[n]) &&
	       text[n])
		n++;
	if (n == 0)
		return "must not be empty, and begin with a name";
	if (n < size && text[n] != '=')
		return "must be a name, or name=\"value\"";
	for (size_t i = n; i < size; i++) {
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			return "must not hold control characters";
		if (text[i] == '\\' && i + 1 < size && text[i + 1] == '"')
			i++;
		else if (text[i] == '"')
			quoted = !quoted;
		else if (!quoted && text[i] == ' ')
			return "must have quotes around what has a blank";
	}
	return quoted ? "must have a second quote" : NULL;
}

static size_t option_end(const char *text, size_t size)
{
	bool quoted = false;
	size_t n = 0;

	for (; n < size; n++) {
		if (text[n] == '\\' && n + 1 < size && text[n + 1] == '"')
			n++;
		else if (text[n] == '"')
			quoted = !quoted;
		else if (!quoted && text[n] == ',')
			break;
	}
	return n < size ? n : size;
}

const char *key_options_split(const char *text, size_t size, struct arena *a,
			      struct strings *options)
{
	const char *end = text + size, *wrong = NULL;

	for (;;) {
		size_t n = option_end(text, (size_t)(end - text));
		const char *this = option_wrong(text, n);

		wrong = wrong ? wrong : this;
		strings_add(options, a, arena_strndup(a, text, n));
		text += n;
		if (text == end)
			return wrong;
		text++;
	}
}

/* The next character of a blob, or 0; sshd skips control characters that are
 * white space (b64_pton of OpenSSH). */
static char next_of(const char **at, const char *end)
{
	while (*at < end && strchr("\r\v\f", **at))
		++*at;
	return *at < end ? *(*at)++ : '\0';
}

static bool same_blob(const char *x, const char *x_end, const char *y,
		      const char *y_end)
{
	char c;

	do {
		c = next_of(&x, x_end);
		if (c != next_of(&y, y_end))
			return false;
	} while (c);
	return true;
}

/* The blanks between type and blob do not count. */
bool key_same(const struct key_line *x, const struct key_line *y)
{
	size_t xt = word(x->key, x->key_size), yt = word(y->key, y->key_size);
	size_t xb = xt + blanks(x->key + xt, x->key_size - xt);
	size_t yb = yt + blanks(y->key + yt, y->key_size - yt);

	return xt == yt && memcmp(x->key, y->key, xt) == 0 &&
	       same_blob(x->key + xb, x->key + x->key_size, y->key + yb,
			 y->key + y->key_size);
}

void key_line_write(struct buf *b, const char *options,
		    const struct key_line *key)
{
	if (*options)
		buf_printf(b, "%s ", options);
	buf_add(b, key->key, key->key_size);
	if (key->comment_size) {
		buf_putc(b, ' ');
		buf_add(b, key->comment, key->comment_size);
	}
	buf_putc(b, '\n');
}
