/* SPDX-License-Identifier: MIT */
/* A template, and after each 0xff a partial: "a", "b" and so on. */
#include "lib/text/template.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(holds)             \
	do {                     \
		if (!(holds))    \
			abort(); \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const char *text;
	size_t size;
};

/* The nth text between the 0xff. */
static bool nth(const struct input *all, size_t n, const char **text,
		size_t *size)
{
	const char *at = all->text, *end = all->text + all->size, *cut;

	while ((cut = memchr(at, 0xff, (size_t)(end - at))) && n) {
		at = cut + 1;
		n--;
	}
	*text = at;
	*size = (size_t)((cut ? cut : end) - at);
	return !n;
}

static bool find_partial(void *context, const char **name, const char **text,
			 size_t *size)
{
	char letter = **name;

	if (letter < 'a' || letter > 'z' || (*name)[1])
		return false;
	return nth(context, (size_t)(letter - 'a') + 1, text, size);
}

static void check_failed(const struct buf *out, const struct diags *d)
{
	CHECK(out->size == 4);
	CHECK(d->errors > 0);
	for (size_t i = 0; i < d->n; i++) {
		CHECK(d->v[i].place.file && d->v[i].place.line > 0);
		CHECK(d->v[i].place.column > 0);
	}
}

static bool render(const struct scope *s, struct input *input, bool html,
		   struct buf *out)
{
	struct template_options options = { .partial = find_partial,
					    .context = input,
					    .html = html };
	AUTO_DIAGS struct diags d = { 0 };
	const char *text;
	size_t size;
	bool good;

	nth(input, 0, &text, &size);
	buf_puts(out, "kept");
	good = template_render("fuzz", text, size, s, &options, out, &d);
	CHECK(memcmp(out->text, "kept", 4) == 0);
	CHECK(out->size <= 4 + 16 * 1024 * 1024);
	if (!good)
		check_failed(out, &d);
	else
		CHECK(!d.n);
	if (!strstr(arena_strndup(&d.arena, text, size), "{{") &&
	    !memchr(text, '\0', size))
		CHECK(good && out->size == size + 4 &&
		      memcmp(out->text + 4, text, size) == 0);
	return good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { (const char *)data, size };
	struct scope s = {
		.host = json_string("<{{host}}> & \"'"),
		.tags = json_pack("[s,s]", "t", "u"),
		.vars = json_pack("{s:s,s:i,s:b,s:n,s:[],s:{s:s,s:{s:f}}}", "s",
				  "a\nb", "i", 42, "y", 1, "n", "e", "o", "k",
				  "v", "p", "f", 0.5),
	};
	AUTO_BUF struct buf once = { 0 };
	AUTO_BUF struct buf again = { 0 };
	AUTO_BUF struct buf html = { 0 };

	if (size < 4096) {
		bool good = render(&s, &input, false, &once);

		CHECK(render(&s, &input, false, &again) == good);
		CHECK(once.size == again.size);
		CHECK(memcmp(once.text, again.text, once.size) == 0);
		/* what is too long may be so for its entities alone */
		if (render(&s, &input, true, &html))
			CHECK(good && html.size >= once.size);
	}
	json_decref(s.host);
	json_decref(s.tags);
	json_decref(s.vars);
	return 0;
}
