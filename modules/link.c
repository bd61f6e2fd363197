/* SPDX-License-Identifier: MIT */
/* link: a symbolic link. */
#include <string.h>

#include "modules/parts/beneath.h"
#include "modules/parts/rows.h"

struct link {
	struct record r;
	const char *path;
	int ensure;
	const char *type;
	const char *target;
	bool force;
	struct node node;
	struct takes below;
};

enum row { PATH, ENSURE, TYPE, TARGET, FORCE, BELOW, ROWS };

#define AT(member) offsetof(struct link, member)

static const struct attr attrs[ROWS] = {
	[PATH] = { .name = "path",
		   .kind = &kind_path,
		   .flags = ATTR_NAME | ATTR_PATH,
		   .offset = AT(path),
		   .doc = "Its absolute path." },
	ROW_ENSURE(AT(ensure)),
	ROW_TYPE(AT(type), "link"),
	[TARGET] = { .name = "target",
		     .kind = &kind_target,
		     .flags = ATTR_STATE | ATTR_REQUIRED_THERE,
		     .offset = AT(target),
		     .doc = "What it points to, as it is written into the "
			    "link: absolute, or relative to its folder." },
	[FORCE] = { .name = "force",
		    .kind = &kind_bool,
		    .flags = ATTR_MANNER,
		    .offset = AT(force),
		    .fallback = "false",
		    .doc = "Whether a file, directory or special file in its "
			   "place is removed, and all that is in it: the "
			   "plan lists that, and counts it as removals." },
	ROW_BELOW(AT(below)),
};

static bool check(void *record, struct arena *a, struct diags *d)
{
	const struct link *want = record;

	(void)a;
	if (want->ensure == PRESENT && !(want->r.set & BIT(TARGET)))
		return diag_error(d, "'target' is missing");
	if (want->ensure == ABSENT && path_is_protected(want->path))
		return diag_error(d, "'%s' is never removed", want->path);
	return true;
}

/* What the target names, links on the way left aside. */
static void target_path(const struct link *want, struct buf *b)
{
	const char *name = want->target;

	if (*name != '/' && path_parent(want->path) > 1)
		buf_add(b, want->path, path_parent(want->path));
	while (*name) {
		size_t n = strcspn(name, "/");
		const char *last = strrchr(buf_text(b), '/');

		if (n == 2 && memcmp(name, "..", 2) == 0)
			b->size = last ? (size_t)(last - b->text) : 0;
		else if (n > 1 || (n == 1 && *name != '.'))
			buf_printf(b, "/%.*s", (int)n, name);
		if (b->text)
			b->text[b->size] = '\0';
		name += n + strspn(name + n, "/");
	}
	if (!b->size)
		buf_putc(b, '/');
}

/* The link may point at what another resource makes: that comes first, so
 * that nobody sees it dangle, and what is reached by the link has a place. */
static void edges(const void *record, struct edges *e)
{
	const struct link *want = record;
	AUTO_BUF struct buf target = { 0 };

	edges_after_path(e, want->path, false, "its folder");
	if (want->ensure == ABSENT)
		return;
	target_path(want, &target);
	if (!path_below(target.text, want->path, true))
		edges_after_path(e, target.text, true, "its target");
}

static bool observe(const struct host *h, const void *want_record,
		    void *have_record, struct arena *a, struct diags *d)
{
	const struct link *want = want_record;
	struct link *have = have_record;

	if (!host_look(h, want->path, &have->node, d))
		return false;
	have->r.set = BIT(ENSURE);
	have->ensure = have->node.type == NODE_ABSENT ? ABSENT : PRESENT;
	beneath_none(&have->r, BELOW, &have->below);
	if (have->node.type == NODE_UNKNOWN) {
		rows_unknown(&have->r, ENSURE, BELOW, have->node.because);
		return true;
	}
	if (have->node.type == NODE_ABSENT)
		return true;
	have->r.set |= BIT(TYPE);
	have->type = node_type_name(have->node.type);
	if (have->node.type == NODE_DIRECTORY && want->force)
		return beneath_look(h, want->path, &have->node, &have->r, BELOW,
				    &have->below, a, d);
	if (have->node.type != NODE_LINK)
		return true;
	have->r.set |= BIT(TARGET);
	return host_read_link(h, want->path, a, &have->target, d);
}

static bool apply(struct host *h, const struct step *step, struct arena *a,
		  struct diags *d)
{
	const struct link *want = step->want, *have = step->have;
	bool other =
		have->node.type != NODE_ABSENT && have->node.type != NODE_LINK;

	(void)a;
	if (other && !want->force)
		return diag_error(
			d,
			"'%s' is a %s; it is replaced or removed only "
			"with 'force'",
			want->path, node_type_name(have->node.type));
	if (!beneath_may_go(want->path, &have->below, true, d))
		return false;
	if (want->ensure == ABSENT)
		return host_remove(h, want->path, want->force, true,
				   &have->node, d);
	return host_make_link(h, want->path, want->target, &have->node,
			      want->force, d);
}

static const struct node *stands(const struct step *step)
{
	const struct link *have = step->have;

	return step->differ & (BIT(ENSURE) | BIT(TYPE))
		       ? beneath_stands(&have->node)
		       : NULL;
}

static const struct takes *takes(const struct step *step)
{
	const struct link *have = step->have;

	return &have->below;
}

const struct module link_module = {
	.name = "link",
	.summary = "A symbolic link.",
	.example = "\"link:/etc/nginx/sites-enabled/shop\": {\n"
		   "  \"target\": \"../sites-available/shop\"\n"
		   "},\n"
		   "\"link:/etc/nginx/sites-enabled/default\": {\n"
		   "  \"ensure\": \"absent\"\n"
		   "}\n",
	.size = sizeof(struct link),
	.attrs = attrs,
	.nattrs = ROWS,
	.check = check,
	.edges = edges,
	.observe = observe,
	.apply = apply,
	.takes = takes,
	.stands = stands,
};
