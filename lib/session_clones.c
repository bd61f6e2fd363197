/* SPDX-License-Identifier: MIT */
/* What of the fetched repositories a run leaves behind. */
#include <time.h>

#include "lib/host/linux/remote.h"
#include "lib/session.h"

enum { KEPT = 90 * 24 * 60 * 60 /* seconds */ };

static void note(struct session *s, const struct resource *res,
		 struct strings *urls)
{
	const struct module *m = res->module;

	for (size_t i = 0; i < m->nattrs; i++) {
		const struct git_source *source =
			(const void *)((const char *)res->want +
				       m->attrs[i].offset);

		if (m->attrs[i].kind == &kind_repository && source->url)
			strings_add(urls, &s->arena, source->url);
	}
}

bool session_tidy(struct session *s)
{
	struct strings urls = { 0 };

	for (size_t i = 0; i < s->catalog.n; i++)
		note(s, s->catalog.v[i], &urls);
	return remote_tidy(s->state, &urls, time(NULL) - KEPT, &s->diags);
}
