/* SPDX-License-Identifier: MIT */
/* What the tests of edits share: each result is edited again, and must stay. */
#ifndef CONVERGE_TEXT_EDIT_EDIT_TEST_H
#define CONVERGE_TEXT_EDIT_EDIT_TEST_H

#include <string.h>

#include "lib/test.h"
#include "lib/text/edit/edit.h"

#define MARK "\xef\xbb\xbf" /* a byte order mark */

typedef bool edit_function(const void *wish, const struct edit_text *,
			   struct edited *, struct diags *);

static inline struct edit_text text_of(const char *bytes)
{
	return (struct edit_text){ .path = "/f",
				   .bytes = bytes,
				   .size = strlen(bytes) };
}

/* want NULL: it is as wished already. */
static inline void edits(edit_function *f, const void *wish, const char *have,
			 const char *want)
{
	struct edit_text t = text_of(have);
	AUTO_DIAGS struct diags d = { 0 };
	struct edited e, again;

	ck_assert_msg(f(wish, &t, &e, &d), "'%s': %s", have,
		      d.n ? d.v[0].text : "");
	if (!want) {
		ck_assert_msg(!e.changed, "'%s' became '%s'", have,
			      buf_text(&e.out));
		edited_release(&e);
		return;
	}
	ck_assert_msg(e.changed, "'%s' was not changed", have);
	ck_assert_str_eq(buf_text(&e.out), want);
	ck_assert_uint_eq(e.out.size, strlen(want));
	t = text_of(want);
	ck_assert(f(wish, &t, &again, &d));
	ck_assert_msg(!again.changed, "'%s' became '%s'", want,
		      buf_text(&again.out));
	edited_release(&e);
	edited_release(&again);
}

/* It is refused, in words that begin so. */
static inline void refuses(edit_function *f, const void *wish, const char *have,
			   const char *words)
{
	struct edit_text t = text_of(have);
	AUTO_DIAGS struct diags d = { 0 };
	struct edited e;

	ck_assert_msg(!f(wish, &t, &e, &d), "'%s' was taken", have);
	edited_release(&e);
	ck_assert_uint_eq(d.n, 1);
	ck_assert_msg(strncmp(d.v[0].text, words, strlen(words)) == 0, "%s",
		      d.v[0].text);
}

#endif
