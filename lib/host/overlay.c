/* SPDX-License-Identifier: MIT */
/* A picture over another host: what a plan writes to. */
#include "lib/host/host.h"

#include "lib/host/picture.h"

struct overlay {
	struct picture_host host; /* first */
	const struct host *base;
};

static const struct host *base_of(const struct host *h)
{
	return ((const struct overlay *)(const void *)h)->base;
}

static bool overlay_user_id(const struct host *h, const char *name,
			    uint32_t *id)
{
	return host_user_id(base_of(h), name, id);
}

static bool overlay_group_id(const struct host *h, const char *name,
			     uint32_t *id)
{
	return host_group_id(base_of(h), name, id);
}

static const char *overlay_user_name(const struct host *h, uint32_t id,
				     struct arena *a)
{
	return host_user_name(base_of(h), id, a);
}

static const char *overlay_group_name(const struct host *h, uint32_t id,
				      struct arena *a)
{
	return host_group_name(base_of(h), id, a);
}

/* A question is put to the real host: it only looks, and no picture of files
 * could answer it. */
static bool overlay_ask(const struct host *h, const struct command *c,
			struct arena *a, struct outcome *o, struct diags *d)
{
	return host_ask(base_of(h), c, a, o, d);
}

static bool overlay_run(struct host *h, const struct command *c,
			const struct strings *makes, struct arena *a,
			struct outcome *o, struct diags *d)
{
	struct picture *p = ((struct picture_host *)(void *)h)->picture;

	(void)c;
	(void)a;
	*o = (struct outcome){ .ending = ENDED_ASSUMED };
	for (size_t i = 0; makes && i < makes->n; i++)
		if (!picture_promise(p, makes->v[i],
				     "made by a command that has not run", d))
			return false;
	return true;
}

static bool overlay_pause(struct host *h, int64_t milliseconds)
{
	(void)h;
	(void)milliseconds;
	return true;
}

static void overlay_close(struct host *h)
{
	struct overlay *o = (struct overlay *)(void *)h;

	picture_free(o->host.picture);
	free(o);
}

static const struct host_looks overlay_looks = {
	.look = picture_look,
	.read_link = picture_read_link,
	.list = picture_list,
	.compare = picture_compare,
	.read = picture_read,
	.digest = picture_digest,
	.user_id = overlay_user_id,
	.group_id = overlay_group_id,
	.user_name = overlay_user_name,
	.group_name = overlay_group_name,
	.ask = overlay_ask,
};

static const struct host_writes overlay_writes = {
	.replace = picture_replace,
	.edit = picture_replace,
	.make_directory = picture_make_directory,
	.make_link = picture_make_link,
	.set_perms = picture_set_perms,
	.remove = picture_remove,
	.run = overlay_run,
	.pause = overlay_pause,
	.commit = picture_commit,
	.close = overlay_close,
};

struct host *host_overlay(const struct host *base)
{
	struct overlay *o = xrealloc(NULL, sizeof(*o));
	struct host *h = &o->host.host;

	*o = (struct overlay){ .base = base };
	o->host.host = (struct host){ .looks = &overlay_looks,
				      .writes = &overlay_writes };
	o->host.picture = picture_new(h, base);
	return h;
}
