/* SPDX-License-Identifier: MIT */
/* What of the fetched repositories and archives a run leaves behind. */
#include <time.h>

#include "lib/host/linux/download/kept_table.h"
#include "lib/host/linux/git/remote.h"
#include "lib/session/session.h"

enum { KEPT = 90 * 24 * 60 * 60 /* seconds */ };

/* What is still named. */
struct named {
	struct strings urls;    /* of repositories */
	struct strings targets; /* of archives */
};

static void note(struct session *s, const struct resource *res,
		 struct named *named)
{
	const struct module *m = res->module;

	for (size_t i = 0; i < m->nattrs; i++) {
		const void *field =
			(const char *)res->want + m->attrs[i].offset;
		const struct git_source *repository = field;
		const struct tarball *archive = field;

		if (m->attrs[i].kind == &kind_repository && repository->url)
			strings_add(&named->urls, &s->arena, repository->url);
		if (m->attrs[i].kind == &kind_tarball && archive->url)
			strings_add(&named->targets, &s->arena,
				    resource_path(res));
	}
}

bool session_tidy(struct session *s)
{
	struct named named = { 0 };
	int64_t since = time(NULL) - KEPT;

	for (size_t i = 0; i < s->catalog.n; i++)
		note(s, s->catalog.v[i], &named);
	return remote_tidy(s->state, &named.urls, since, &s->diags) &&
	       kept_table_tidy(s->state, &named.targets, since, &s->diags);
}
