/* SPDX-License-Identifier: MIT */
/* Looking at a picture: struct host_looks. */
#include "lib/host/picture_spot.h"

#include <errno.h>
#include <string.h>

#include "lib/base/path.h"

bool picture_look(const struct host *h, const char *path, struct node *n,
		  struct diags *d)
{
	struct spot s;

	return spot_find(h, path, &s, d) && spot_look(picture_of(h), &s, n, d);
}

/* Says that path is not what was expected, in the words of the real host. */
static bool wrong_type(const char *path, const struct node *n,
		       enum node_type expected, const char *verb,
		       struct diags *d)
{
	if (n->type == NODE_ABSENT)
		return diag_errno(d, ENOENT, "cannot %s '%s'", verb, path);
	if (n->type == NODE_UNKNOWN)
		return diag_error(d, "cannot %s '%s': %s", verb, path,
				  n->because);
	return diag_error(d, "'%s' is a %s, not a %s", path,
			  node_type_name(n->type), node_type_name(expected));
}

bool picture_read_link(const struct host *h, const char *path, struct arena *a,
		       const char **target, struct diags *d)
{
	struct picture *p = picture_of(h);
	struct node have;
	struct spot s;

	if (!spot_find(h, path, &s, d))
		return false;
	if (s.behind)
		return host_read_link(p->base, s.behind, a, target, d);
	have = spot_own_word(p, &s);
	if (have.type != NODE_LINK)
		return wrong_type(path, &have, NODE_LINK, "read", d);
	*target = arena_strdup(a, s.node->target);
	return true;
}

static bool list_base(struct picture *p, const char *path,
		      const struct picture_node *folder, struct arena *a,
		      struct strings *names, struct diags *d)
{
	struct strings all = { 0 };

	if (!host_list(p->base, path, a, &all, d))
		return false;
	for (size_t i = 0; i < all.n; i++) {
		const char *at =
			picture_join(p, folder, all.v[i], strlen(all.v[i]));
		const struct picture_node *n =
			map_getn(&p->nodes, at, p->path.size);

		if (!n || !n->known)
			strings_add(names, a, all.v[i]);
	}
	return true;
}

static void list_own(const struct picture_node *folder, struct arena *a,
		     struct strings *names)
{
	for (const struct picture_node *n = folder->first; n; n = n->next)
		if (n->known && n->node.type != NODE_ABSENT)
			strings_add(names, a,
				    arena_strdup(a, path_name(n->path)));
}

bool picture_list(const struct host *h, const char *path, struct arena *a,
		  struct strings *names, struct diags *d)
{
	struct picture *p = picture_of(h);
	struct node have;
	struct spot s;

	*names = (struct strings){ 0 };
	if (!spot_find(h, path, &s, d))
		return false;
	if (s.behind && !s.node)
		return host_list(p->base, s.behind, a, names, d);
	if (!spot_look(p, &s, &have, d))
		return false;
	if (have.type != NODE_DIRECTORY)
		return wrong_type(path, &have, NODE_DIRECTORY, "list", d);
	if (s.behind && !list_base(p, s.behind, s.node, a, names, d))
		return false;
	if (s.node->open && !p->closed)
		return false;
	list_own(s.node, a, names);
	strings_sort(names);
	return true;
}

static bool is_hollow(const struct content *c)
{
	return !content_is_open(c) && !c->has_digest;
}

static bool match_digests(const struct content *have,
			  const struct content *want, enum match *m,
			  struct diags *d)
{
	struct content x = *have, y = *want;

	if (!content_digest(&x, d) || !content_digest(&y, d))
		return false;
	*m = memcmp(x.digest, y.digest, DIGEST_SIZE) ? MATCH_DIFFERENT
						     : MATCH_SAME;
	return true;
}

static bool content_match(const struct content *have,
			  const struct content *want, enum match *m,
			  struct diags *d)
{
	*m = MATCH_UNKNOWN;
	if (have->ncuts || want->ncuts) {
		/* what a secret comes to only the real host can tell */
		if (have->ncuts && want->ncuts &&
		    content_same_sealed(have, want))
			*m = MATCH_SAME;
		return true;
	}
	*m = MATCH_DIFFERENT;
	if (have->size != want->size)
		return true;
	*m = MATCH_UNKNOWN;
	if (is_hollow(have) || is_hollow(want))
		return true;
	*m = MATCH_SAME;
	if (have->tree && have->tree == want->tree &&
	    strcmp(have->path, want->path) == 0)
		return true;
	if (!have->bytes || !want->bytes)
		return match_digests(have, want, m, d);
	if (memcmp(have->bytes, want->bytes, (size_t)have->size) != 0)
		*m = MATCH_DIFFERENT;
	return true;
}

bool picture_compare(const struct host *h, const char *path,
		     const struct content *c, enum match *m, struct diags *d)
{
	struct picture *p = picture_of(h);
	struct node have;
	struct spot s;

	*m = MATCH_UNKNOWN;
	if (!spot_find(h, path, &s, d))
		return false;
	if (s.behind)
		return host_compare(p->base, s.behind, c, m, d);
	have = spot_own_word(p, &s);
	if (have.type == NODE_FILE)
		return content_match(&s.node->content, c, m, d);
	if (have.type == NODE_ABSENT && !is_hollow(c))
		*m = MATCH_DIFFERENT;
	return have.type == NODE_ABSENT || have.type == NODE_UNKNOWN ||
	       wrong_type(path, &have, NODE_FILE, "open", d);
}

bool picture_read(const struct host *h, const char *path, size_t limit,
		  struct buf *out, bool *whole, struct diags *d)
{
	struct picture *p = picture_of(h);
	struct node have;
	struct spot s;

	*whole = false;
	if (!spot_find(h, path, &s, d))
		return false;
	if (s.behind)
		return host_read(p->base, s.behind, limit, out, whole, d);
	have = spot_own_word(p, &s);
	if (have.type == NODE_UNKNOWN)
		return false;
	if (have.type != NODE_FILE)
		return wrong_type(path, &have, NODE_FILE, "read", d);
	return content_is_open(&s.node->content) &&
	       content_read(&s.node->content, limit, out, whole, d);
}

bool picture_read_marked(const struct host *h, const char *path, size_t limit,
			 struct buf *out, const struct tree **world,
			 bool *whole, struct diags *d)
{
	struct picture *p = picture_of(h);
	struct spot s;

	*whole = false;
	*world = NULL;
	if (!spot_find(h, path, &s, d))
		return false;
	if (s.behind)
		return host_read_marked(p->base, s.behind, limit, out, world,
					whole, d);
	if (spot_own_word(p, &s).type == NODE_FILE && s.node->content.ncuts)
		return content_marked(&s.node->content, path, limit, out, world,
				      whole, d);
	return picture_read(h, path, limit, out, whole, d);
}

bool picture_same(const struct host *h, const struct content *x,
		  const struct content *y, enum match *m, struct diags *d)
{
	const struct host *base = picture_of(h)->base;

	return base && (x->ncuts || y->ncuts) ? host_same(base, x, y, m, d)
					      : content_match(x, y, m, d);
}

bool picture_digest(const struct host *h, const char *path, struct content *c,
		    struct diags *d)
{
	struct picture *p = picture_of(h);
	struct node have;
	struct spot s;

	*c = (struct content){ 0 };
	if (!spot_find(h, path, &s, d))
		return false;
	if (s.behind)
		return host_digest(p->base, s.behind, c, d);
	have = spot_own_word(p, &s);
	if (have.type == NODE_UNKNOWN)
		return true;
	if (have.type != NODE_FILE)
		return wrong_type(path, &have, NODE_FILE, "read", d);
	if (content_is_open(&s.node->content) &&
	    !content_digest(&s.node->content, d))
		return false;
	c->size = s.node->content.size;
	c->has_digest = s.node->content.has_digest;
	memcpy(c->digest, s.node->content.digest, DIGEST_SIZE);
	return true;
}

bool picture_capable(const struct host *h, const char *path)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	struct spot s;

	return spot_find(h, path, &s, &ignored) && s.behind &&
	       picture_of(h)->base &&
	       host_capable(picture_of(h)->base, s.behind);
}

bool picture_fetch(const struct host *h, const struct git_request *r,
		   struct git_source *source, struct arena *a, struct diags *d)
{
	(void)h;
	(void)r;
	(void)a;
	(void)d;
	source->unfetched = true;
	return true;
}

bool picture_recall(const struct host *h, const struct tarball_request *r,
		    struct tarball *t, struct arena *a, struct diags *d)
{
	const struct picture *p = picture_of(h);

	t->table = (struct table){ 0 };
	t->had = (struct table){ 0 };
	t->before = NULL;
	return !p->base || host_recall(p->base, r, t, a, d);
}

bool picture_download(const struct host *h, const struct tarball_request *r,
		      struct tarball *t, struct arena *a, struct diags *d)
{
	(void)h;
	(void)r;
	(void)t;
	(void)a;
	(void)d;
	return true;
}
