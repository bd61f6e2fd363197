/* SPDX-License-Identifier: MIT */
/*
 * A command that must accept new content before it takes its place. It sees a
 * copy, under the file's own name, in a folder that only root may enter.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/host/linux/files/write.h"

enum { WORDS_MAX = 2000, TRIES = 3 };

/* A fresh folder; path is within the host. */
struct room {
	const char *path;
	int parent, fd;
	struct node node;
};

/* Every argument with "%" replaced by the path of the copy. */
static void arguments(struct strings *argv, struct arena *a,
		      const struct strings *validate, const char *path)
{
	for (size_t i = 0; i < validate->n; i++) {
		AUTO_BUF struct buf text = { 0 };

		for (const char *p = validate->v[i]; *p; p++) {
			if (*p == '%')
				buf_puts(&text, path);
			else
				buf_putc(&text, *p);
		}
		strings_add(argv, a, arena_strdup(a, buf_text(&text)));
	}
}

/* A line of what it said; the copy that it saw is the file to who reads it. */
static void add_line(struct buf *out, const char *line, size_t n,
		     const char *copy, const char *path)
{
	size_t size = strlen(copy);

	while (n && strchr(" \t\r", line[n - 1]))
		n--;
	for (; n && (*line == ' ' || *line == '\t'); line++)
		n--;
	if (n && out->size)
		buf_puts(out, "; ");
	while (n) {
		bool is_copy = n >= size && memcmp(line, copy, size) == 0;
		size_t step = is_copy ? size : 1;

		if (is_copy)
			buf_puts(out, path);
		else
			buf_putc(out, *line == '\t' ? ' ' : *line);
		line += step;
		n -= step;
	}
}

static void add_lines(struct buf *out, const struct buf *said, const char *copy,
		      const char *path)
{
	const char *text = buf_text(said);
	size_t left = said->size < WORDS_MAX ? said->size : WORDS_MAX;

	while (left) {
		const char *end = memchr(text, '\n', left);
		size_t n = end ? (size_t)(end - text) : left;

		add_line(out, text, n, copy, path);
		n += end != NULL;
		text += n;
		left -= n;
	}
}

/* What it said, in one line, in the order that helps: errors before output. */
static const char *words(const struct outcome *o, const char *copy,
			 const char *path, struct arena *a)
{
	AUTO_BUF struct buf text = { 0 };

	add_lines(&text, &o->errors, copy, path);
	add_lines(&text, &o->output, copy, path);
	return arena_strndup(a, buf_text(&text),
			     strnlen(buf_text(&text), WORDS_MAX));
}

static bool refuse(const char *path, const char *copy,
		   const struct strings *argv, const struct outcome *o,
		   bool hush, struct diags *d)
{
	const char *said = hush ? "" : words(o, copy, path, &d->arena);
	const char *how;

	switch (o->ending) {
	case ENDED_EXIT:
		how = arena_printf(&d->arena, "exit status %d", o->code);
		break;
	case ENDED_SIGNAL:
		how = arena_printf(&d->arena, "killed by signal %d", o->code);
		break;
	case ENDED_TIMEOUT:
		how = "timed out";
		break;
	case ENDED_INTERRUPTED:
		how = "interrupted";
		break;
	default:
		how = o->because ? o->because : "its answer is not known";
	}
	/* what is to be run has a name */
	return diag_error(
		d, "'%s' does not accept the new '%s' (%s)%s%s",
		/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference) */
		argv->v[0], path, how, *said ? ": " : "", said);
}

static bool ask(struct linux_host *h, const struct staged *s,
		const struct room *room, struct diags *d)
{
	const struct file_write *w = &s->write;
	struct command c = { .umask = -1, .timeout = w->validate_timeout };
	struct outcome o = { 0 };
	struct arena a = { 0 };
	const char *root = h->options.root;
	const char *copy =
		arena_printf(&a, "%s/%s", room->path, path_name(w->path));
	bool ok;

	arguments(&c.argv, &a, w->validate, copy);
	ok = linux_validate(h, &c,
			    arena_printf(&a, "%s%s",
					 strcmp(root, "/") == 0 ? "" : root,
					 room->path),
			    &a, &o, d);
	if (ok && (o.ending != ENDED_EXIT || o.code != 0))
		ok = refuse(w->path, copy, &c.argv, &o, s->hush, d);
	outcome_release(&o);
	arena_release(&a);
	return ok;
}

/* The copy has the new file's owner and mode, as some validators look at
 * them; but no set-id bits, and its owner can read it. */
static bool copy_in(struct linux_host *h, const struct staged *s, int from,
		    const struct room *room, struct diags *d)
{
	AUTO_FD int fd =
		openat(room->fd, path_name(s->write.path),
		       O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC, 0);
	struct node n = { 0 };
	int error = fd < 0 ? -errno : stage_copy(h, from, fd, s->size);

	if (error == 0)
		error = walk_stat(from, "", &n);
	if (error == 0 && fchown(fd, n.uid, n.gid) < 0)
		error = -errno;
	if (error == 0 && fchmod(fd, (n.mode & 0777) | 0400) < 0)
		error = -errno;
	return error == 0 ||
	       diag_errno(d, -error, "cannot copy '%s' to validate it",
			  s->write.path);
}

/* A name for the folder, told of once a commit, for that costs a sync; in
 * /run, which a reboot clears, where there is one. */
static const char *room_name(struct linux_host *h, struct diags *d)
{
	struct pending_batch *b = batch_of(h);
	char name[TEMP_SIZE];
	struct walked w;
	const char *path;

	if (b->validate_folder)
		return b->validate_folder;
	if (!temp_name("converge-validate-", name, d))
		return NULL;
	path = arena_printf(&b->arena, "/run/%s", name);
	if (!walk_parent(h, path, &w, d))
		return NULL;
	if (w.fd < 0)
		path = arena_printf(&b->arena, "/tmp/%s", name);
	if (!batch_intend(h, path, name, d) || !batch_intended(h, d))
		return NULL;
	b->validate_folder = path;
	return path;
}

static int room_make(const struct room *room)
{
	mode_t mask = umask(077);
	int r = mkdirat(room->parent, path_name(room->path), 0700);
	int error = r < 0 ? -errno : 0;

	umask(mask);
	return error;
}

static bool room_open(struct linux_host *h, struct room *room, struct diags *d)
{
	struct walked w;
	int error = -EEXIST;

	for (int i = 0; i < TRIES && error == -EEXIST; i++) {
		room->path = room_name(h, d);
		if (!room->path || !walk_parent(h, room->path, &w, d))
			return false;
		if (w.fd < 0)
			return diag_error(d, "there is neither '/run' nor "
					     "'/tmp' to validate in");
		/* Of its own: the next walk ends what w borrows. */
		if (room->parent >= 0)
			close(room->parent);
		room->parent =
			openat(w.fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
		error = room->parent < 0 ? -errno : room_make(room);
		/* Somebody saw the name of the last one, and took it. */
		if (error == -EEXIST)
			batch_of(h)->validate_folder = NULL;
	}
	if (error == 0)
		room->fd =
			openat(room->parent, path_name(room->path),
			       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (error == 0 && room->fd < 0)
		error = -errno;
	return error == 0 ||
	       diag_errno(d, -error, "cannot make a folder to validate in");
}

/* When it cannot be removed the change fails: then the next run tries. */
static bool room_close(struct linux_host *h, struct room *room, struct diags *d)
{
	struct walked w;
	bool ok = true;

	if (room->fd >= 0)
		ok = walk_parent(h, room->path, &w, d) &&
		     (w.fd < 0 ||
		      tree_remove(h, &w, w.name, room->path, NULL, d));
	if (room->fd >= 0)
		close(room->fd);
	if (room->parent >= 0)
		close(room->parent);
	return ok;
}

bool stage_validate(struct linux_host *h, const struct staged *s, int fd,
		    struct diags *d)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	struct room room = { .parent = -1, .fd = -1 };
	bool ok = room_open(h, &room, d) && copy_in(h, s, fd, &room, d) &&
		  ask(h, s, &room, d);

	return room_close(h, &room, ok ? d : &ignored) && ok;
}
