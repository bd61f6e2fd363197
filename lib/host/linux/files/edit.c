/* SPDX-License-Identifier: MIT */
/*
 * Edits of one file by several changes: what each makes of it waits here, for
 * the next one to see, and only the last is staged and put in place, once. A
 * file is known by its folder and name, whatever links lead to it.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/host/linux/files/write.h"

enum { KEY_SIZE = 64 + 256 };

/* A name has at most 255 bytes, or the walk would have said no. */
static const char *edit_key(const struct walked *w, char key[KEY_SIZE])
{
	snprintf(key, KEY_SIZE, "%llx:%llx/%s", (unsigned long long)w->device,
		 (unsigned long long)w->inode, w->name);
	return key;
}

const struct edit *edit_at(const struct linux_host *h, const struct walked *w)
{
	char key[KEY_SIZE];

	if (!h->pending || !h->pending->edits || w->fd < 0)
		return NULL;
	return map_get(&h->pending->edited, edit_key(w, key));
}

/* What looking finds until the commit: as a picture would show it. */
static struct node shown(const struct edit *e)
{
	const struct perms *p = &e->write.perms;
	struct node n = { .type = NODE_FILE,
			  .mode = 0600,
			  .uid = e->uid,
			  .gid = e->gid,
			  .size = e->content.size,
			  .links = 1 };

	if (p->set & PERM_MODE)
		n.mode = p->mode & 07777;
	if (p->set & PERM_UID)
		n.uid = p->uid;
	if (p->set & PERM_GID)
		n.gid = p->gid;
	return n;
}

static struct edit *edit_new(struct linux_host *h, const struct file_write *w,
			     const struct walked *walked)
{
	struct pending_batch *b = batch_of(h);
	struct edit *e = arena_new(&b->arena, struct edit);
	char key[KEY_SIZE];

	/* a new file is that of whose ground it is on */
	*e = (struct edit){ .write.path = w->path,
			    .uid = walked->owner,
			    .gid = walked->own ? getegid() : walked->group,
			    .next = b->edits };
	if (w->expect)
		e->expect = *w->expect;
	b->edits = e;
	map_put(&b->edited, &b->arena,
		arena_strdup(&b->arena, edit_key(walked, key)), e);
	return e;
}

static void edit_add(struct linux_host *h, struct edit *e,
		     const struct file_write *w)
{
	e->parts = arena_grow(&h->pending->arena, e->parts, e->n, &e->capacity,
			      sizeof(*e->parts));
	e->parts[e->n++] = (struct edit_part){
		.mark = h->host.mark,
		.validate = w->validate,
		.timeout = w->validate_timeout,
	};
	e->content = *w->content;
	e->write.content = &e->content;
	e->write.perms = w->perms;
	e->write.expect = &e->expect;
	e->write.backup |= w->backup;
	if (w->validate)
		e->write.validate = w->validate;
	e->hush |= h->host.hush;
	e->shown = shown(e);
}

bool linux_edit(struct host *host, const struct file_write *w, struct diags *d)
{
	struct linux_host *h = (struct linux_host *)(void *)host;
	struct walked walked;
	struct edit *e;
	struct node new;

	if (!ground_walk(h, w->path, &walked, d))
		return false;
	e = (struct edit *)(uintptr_t)edit_at(h, &walked);
	if (!e) {
		struct node expect =
			w->expect ? *w->expect : (struct node){ 0 };

		/* what is staged there is not what was looked at */
		batch_settle(h, w->path, false);
		if (!ground_walk(h, w->path, &walked, d) ||
		    !place_allowed(&walked, w->path, &expect, false, d))
			return false;
		new = ground_new(h, &walked, NODE_FILE);
		if (!ground_allows(h, &walked, w->path, &new, &w->perms, d))
			return false;
		e = edit_new(h, w, &walked);
	}
	edit_add(h, e, w);
	return true;
}

void edit_fail(struct linux_host *h, const struct edit *e,
	       const struct diags *d)
{
	for (size_t i = 0; i < e->n; i++)
		batch_fail(h, e->parts[i].mark, d);
}

static bool is_asked_already(const struct edit *e, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (e->parts[k].validate &&
		    strings_equal(e->parts[k].validate, e->parts[i].validate))
			return true;
	return false;
}

bool edit_validate(struct linux_host *h, const struct staged *s, int fd,
		   struct diags *d)
{
	const struct edit *e = s->edit;

	for (size_t i = 0; i < e->n; i++) {
		struct staged part = *s;

		if (!e->parts[i].validate || is_asked_already(e, i))
			continue;
		part.write.validate = e->parts[i].validate;
		part.write.validate_timeout = e->parts[i].timeout;
		if (!stage_validate(h, &part, fd, d))
			return false;
	}
	return true;
}

bool edit_waits(const struct pending_batch *b, const char *path, bool below)
{
	for (const struct edit *e = b->edits; e; e = e->next)
		if (strcmp(e->write.path, path) == 0 ||
		    (below && path_below(e->write.path, path, true)))
			return true;
	return false;
}

void edits_stage(struct linux_host *h)
{
	struct pending_batch *b = h->pending;
	struct edit *e = b->edits, *first = NULL, *next;

	b->edits = NULL;
	b->edited = (struct map){ 0 };
	/* in the order in which they came */
	for (; e; e = next) {
		next = e->next;
		e->next = first;
		first = e;
	}
	for (e = first; e; e = e->next) {
		AUTO_DIAGS struct diags d = { 0 };

		if (!stage_file(h, &e->write, e, &d))
			edit_fail(h, e, &d);
	}
}
