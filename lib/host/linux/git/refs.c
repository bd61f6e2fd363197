/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/buf.h"
#include "lib/host/linux/git/objects.h"
#include "lib/host/tree.h"

enum {
	REF_MAX = 4096,                /* bytes of a file with a reference */
	PACKED_MAX = 64 * 1024 * 1024, /* of all of them in one */
	LINKS = 5, /* references to references, as many as git follows */
	SHA256_HEX = 64,
};

enum found { FOUND, ABSENT, WRONG /* with a diagnostic */ };

/* All of the file in out. 0, or -errno. */
static int read_file(const struct objects *o, const char *name, size_t most,
		     struct buf *out)
{
	AUTO_FD int fd = openat(o->folder, name,
				O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY |
					O_CLOEXEC);
	struct reader r = { .fd = fd };
	struct stat st;
	bool whole;
	int error;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return -EINVAL;
	error = reader_all(&r, most, out, &whole);
	return error < 0 ? error : whole ? 0 : -EFBIG;
}

/* A line of packed-refs: the id, a blank and the name. */
static const char *find_packed(const char *all, const char *name, size_t *n)
{
	size_t length = strlen(name);

	for (const char *line = all; *line;
	     line += strcspn(line, "\n"), line += *line == '\n') {
		const char *blank = line + strcspn(line, " \n");

		if (*blank == ' ' && strncmp(blank + 1, name, length) == 0 &&
		    strchr("\n", blank[1 + length])) {
			*n = (size_t)(blank - line);
			return line;
		}
	}
	return NULL;
}

/* The id that n bytes of a reference say. */
static enum found take_id(const struct objects *o, const char *name,
			  const char *text, size_t n, struct arena *a,
			  git_oid *id, struct diags *d)
{
	const char *hex = arena_strndup(a, text, n);

	if (object_is_hex(hex, SHA256_HEX)) {
		objects_refuse(o, name,
			       "names its commit by SHA-256: repositories of "
			       "that kind are not read",
			       d);
		return WRONG;
	}
	if (object_is_hex(hex, OBJECT_HEX) && object_id(hex, id))
		return FOUND;
	objects_refuse(o, name, "is a reference that is damaged", d);
	return WRONG;
}

static enum found look_packed(const struct objects *o, const char *name,
			      struct arena *a, git_oid *id, struct diags *d)
{
	AUTO_BUF struct buf all = { 0 };
	const char *hex;
	size_t n;

	if (read_file(o, "packed-refs", PACKED_MAX, &all) < 0)
		return ABSENT;
	hex = find_packed(buf_text(&all), name, &n);
	return hex ? take_id(o, name, hex, n, a, id, d) : ABSENT;
}

/* "ref: refs/heads/main" leads on, as HEAD does. *last is where it ended. */
static enum found look(const struct objects *o, const char *name,
		       struct arena *a, git_oid *id, const char **last,
		       struct diags *d)
{
	for (int i = 0; i < LINKS; i++) {
		AUTO_BUF struct buf text = { 0 };
		static const char link[] = "ref: ";
		const char *target;

		*last = name;
		if (read_file(o, name, REF_MAX, &text) < 0)
			return look_packed(o, name, a, id, d);
		while (text.size && text.text[text.size - 1] == '\n')
			text.text[--text.size] = '\0';
		if (strncmp(buf_text(&text), link, sizeof(link) - 1) != 0)
			return take_id(o, name, buf_text(&text), text.size, a,
				       id, d);
		target = arena_strdup(a, text.text + sizeof(link) - 1);
		if (strncmp(target, "refs/", 5) != 0 ||
		    reference_wrong(target, strlen(target))) {
			objects_refuse(o, name, "leads to no reference", d);
			return WRONG;
		}
		name = target;
	}
	objects_refuse(o, name, "is a reference that leads on without end", d);
	return WRONG;
}

/* In one of the folders of references. */
static enum found look_in(const struct objects *o, const char *folder,
			  const char *name, struct arena *a, git_oid *id,
			  struct diags *d)
{
	const char *last;

	return look(o, arena_printf(a, "refs/%s/%s", folder, name), a, id,
		    &last, d);
}

static enum found look_both(const struct objects *o, const char *name,
			    struct arena *a, git_oid *id, struct diags *d)
{
	enum found branch, tagged;
	git_oid tag;

	branch = look_in(o, "heads", name, a, id, d);
	tagged = branch == WRONG ? WRONG : look_in(o, "tags", name, a, &tag, d);
	if (branch == WRONG || tagged == WRONG)
		return WRONG;
	if (branch == FOUND && tagged == FOUND) {
		objects_refuse(o, name, "is a branch, and a tag too", d);
		return WRONG;
	}
	if (tagged == FOUND)
		*id = tag;
	return branch == FOUND || tagged == FOUND ? FOUND : ABSENT;
}

bool refs_find(const struct objects *o, const char *name, struct arena *a,
	       git_oid *id, struct diags *d)
{
	enum found found = look_both(o, name, a, id, d);

	if (found == ABSENT)
		objects_refuse(o, name, "is neither a branch nor a tag", d);
	return found == FOUND;
}

/* --- revisions --- */

/* The first digits of an id. */
static enum found look_short(const struct objects *o, const char *hex,
			     git_oid *id, struct diags *d)
{
	char whole[OBJECT_HEX + 1];
	size_t n = strlen(hex);
	git_oid prefix;
	int error;

	if (n < OBJECT_SHORT || n > OBJECT_HEX || !object_is_hex(hex, n))
		return ABSENT;
	for (size_t i = 0; i < OBJECT_HEX; i++)
		whole[i] = i < n ? hex[i] : '0';
	if (!object_id(whole, &prefix))
		return ABSENT;
	error = git.git_odb_exists_prefix(id, o->db, &prefix, n);
	if (error == 0)
		return FOUND;
	if (error == GIT_ENOTFOUND)
		return ABSENT;
	if (error == GIT_EAMBIGUOUS)
		objects_refuse(o, hex, "is short for more than one object", d);
	else
		objects_refuse(o, hex, "cannot be looked for", d);
	return WRONG;
}

/* In the order of gitrevisions(7), but what is a branch and a tag is neither.
 */
static enum found look_base(const struct objects *o, const char *name,
			    struct arena *a, git_oid *id, const char **branch,
			    struct diags *d)
{
	static const char heads[] = "refs/heads/";
	const char *last;
	enum found found = ABSENT;

	if (object_is_hex(name, OBJECT_HEX))
		return object_id(name, id) ? FOUND : ABSENT;
	if (strcmp(name, "HEAD") == 0 || strcmp(name, "@") == 0) {
		found = look(o, "HEAD", a, id, &last, d);
		if (strncmp(last, heads, sizeof(heads) - 1) == 0)
			*branch = last + sizeof(heads) - 1;
		if (found != ABSENT)
			return found;
		objects_refuse(o, "HEAD",
			       "leads to nothing: there is no commit yet", d);
		return WRONG;
	}
	if (strncmp(name, "refs/", 5) == 0)
		found = look(o, name, a, id, &last, d);
	if (found == ABSENT)
		found = look_both(o, name, a, id, d);
	if (found == ABSENT)
		found = look_in(o, "remotes", name, a, id, d);
	return found == ABSENT ? look_short(o, name, id, d) : found;
}

/* One step back from a commit: to that parent of it. */
static bool go_back(const struct objects *o, size_t parent, git_oid *id,
		    struct diags *d)
{
	git_odb_object *object AUTO_OBJECT = NULL;
	char hex[OBJECT_HEX + 1];
	struct commit_text c;
	const char *found;

	if (!objects_commit(o, id, &object, &c, d))
		return false;
	found = commit_parent(&c, parent);
	return found ? object_id(found, id)
		     : objects_refuse(o,
				      git.git_oid_tostr(hex, sizeof(hex), id),
				      "has no such parent", d);
}

static bool go_steps(const struct objects *o, const char *at, git_oid *id,
		     struct diags *d)
{
	struct step_back step;

	while ((at = rev_step(at, &step))) {
		size_t parent = step.how == '^' ? step.n : 1;
		size_t times = step.how == '^' ? step.n != 0 : step.n;

		for (size_t i = 0; i < times; i++)
			if (!go_back(o, parent, id, d))
				return false;
	}
	return true;
}

bool refs_find_revision(const struct objects *o, const char *rev,
			struct arena *a, git_oid *id, const char **branch,
			struct diags *d)
{
	size_t n = rev_base(rev);
	const char *base = arena_strndup(a, rev, n);
	enum found found;

	*branch = NULL;
	found = look_base(o, base, a, id, branch, d);
	if (found == ABSENT)
		objects_refuse(o, base, "is no branch, tag or commit", d);
	if (rev[n])
		*branch = NULL;
	return found == FOUND && objects_peel(o, id, d) &&
	       go_steps(o, rev + n, id, d);
}
