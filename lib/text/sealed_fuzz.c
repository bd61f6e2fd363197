/* SPDX-License-Identifier: MIT */
/*
 * Input: a byte that says what it is, and a sealed file, a key that it may be
 * sealed to, what was sealed, or a text with marks. What is taken is what a
 * command may be given, and marks come back.
 */
#include "lib/text/sealed.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/text/secret.h"

#define CHECK(holds)             \
	do {                     \
		if (!(holds))    \
			abort(); \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_stanza(const char *text)
{
	for (const char *p = text; *p; p++)
		if (*p < ' ' || *p > '~')
			return false;
	return strcmp(text, "X25519") == 0 ||
	       strncmp(text, "ssh-ed25519", 11) == 0 ||
	       strncmp(text, "ssh-rsa", 7) == 0;
}

static void fuzz_header(const char *text, size_t size, struct arena *a)
{
	const char *wrong = NULL;
	struct strings to, longer;
	char *more;

	if (!sealed_to(text, size, a, &to, &wrong)) {
		CHECK(wrong && *wrong);
		return;
	}
	CHECK(to.n);
	for (size_t i = 0; i < to.n; i++)
		CHECK(is_stanza(to.v[i]));
	/* what follows a header says nothing */
	more = arena_alloc(a, size + 4);
	memcpy(more, text, size);
	memcpy(more + size, "\n-> ", 4);
	CHECK(sealed_to(more, size + 4, a, &longer, &wrong));
	CHECK(strings_equal(&to, &longer));
}

static void fuzz_recipient(const char *text, size_t size, struct arena *a)
{
	const char *key = arena_strndup(a, text, size), *wrong = NULL;
	const char *stanza = recipient_stanza(key, a, &wrong);

	CHECK(stanza || (wrong && *wrong));
	if (!stanza)
		return;
	CHECK(is_stanza(stanza));
	/* one line of a file of recipients, and none of a plugin */
	CHECK(!strchr(key, '\n') && !strchr(key, '\r'));
	CHECK(strncmp(key, "age1", 4) != 0 || strcmp(stanza, "X25519") == 0);
}

static void fuzz_opened(const char *text, size_t size, struct arena *a)
{
	static const char path[] = "secrets/a.age";
	const char *label = sealed_label(a, path);
	size_t begins = sealed_begins(text, size, path), n = strlen(label);
	bool is = size >= n && memcmp(text, label, n) == 0;

	CHECK(begins == (is ? n : 0));
}

static void fuzz_marks(const char *text, size_t size, struct arena *a)
{
	struct cuts cuts = { .arena = a }, again = { .arena = a };
	AUTO_BUF struct buf plain = { 0 };
	AUTO_BUF struct buf marked = { 0 };
	AUTO_BUF struct buf out = { 0 };

	secret_unmark(&plain, &cuts, text, size);
	CHECK(plain.size <= size && (!cuts.n || secret_is_marked(text, size)));
	for (size_t i = 0; i < cuts.n; i++)
		CHECK(cuts.v[i].at <= plain.size &&
		      (!i || cuts.v[i].at >= cuts.v[i - 1].at));
	/* half a mark stays, and two halves may make one */
	if (!secret_mark(&marked, buf_text(&plain), plain.size, cuts.v, cuts.n))
		return;
	secret_unmark(&out, &again, buf_text(&marked), marked.size);
	CHECK(out.size == plain.size && again.n == cuts.n);
	CHECK(memcmp(buf_text(&out), buf_text(&plain), out.size) == 0);
	for (size_t i = 0; i < cuts.n; i++)
		CHECK(again.v[i].at == cuts.v[i].at &&
		      again.v[i].spelling == cuts.v[i].spelling &&
		      strcmp(again.v[i].secret, cuts.v[i].secret) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct {
		uint8_t letter;
		void (*fuzz)(const char *, size_t, struct arena *);
	} parts[] = { { 'h', fuzz_header },
		      { 'r', fuzz_recipient },
		      { 'o', fuzz_opened },
		      { 'm', fuzz_marks } };
	AUTO(arena_release) struct arena a = { 0 };
	char *text = size > 1 ? malloc(size - 1) : NULL;

	if (!text)
		return 0;
	/* a copy with nothing behind it, so that a step too far is seen */
	memcpy(text, data + 1, size - 1);
	for (size_t i = 0; i < COUNT(parts); i++)
		if (parts[i].letter == data[0])
			parts[i].fuzz(text, size - 1, &a);
	free(text);
	return 0;
}
