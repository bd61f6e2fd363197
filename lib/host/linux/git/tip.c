/* SPDX-License-Identifier: MIT */
#include "lib/host/linux/git/tip.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/output.h"
#include "lib/host/linux/process/confined.h"
#include "lib/host/linux/git/git.h"
#include "lib/host/repository.h"

enum {
	COMMIT_MAX = 1024 * 1024,
	TREE_MAX = 64 * 1024 * 1024,
	SECONDS = 120, /* of processor time */
	WRONG_SIZE = 256,
};

#define KEY_BYTES                                              \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" \
	"0123456789+/:"

/* What the process says: this, and the bytes of the two buffers. */
struct answer {
	bool descends;
	enum signature_type type;
	int64_t time, last_time;
	size_t payload, signature;
	char key[SIGNED_KEY];
	char wrong[WRONG_SIZE]; /* "": nothing */
};

struct looking {
	const struct tip_question *question;
	const struct git *git;
	git_odb *objects;
	git_repository *repository;
	struct arena arena;
};

/* --- in the process --- */

static bool open_all(struct looking *l)
{
	const struct tip_question *q = l->question;
	const struct git *git = l->git;
	int first = q->quarantine >= 0 ? q->quarantine : q->clone;

	if (git->git_odb_open(&l->objects, git_objects_of(first, &l->arena)) <
	    0)
		return false;
	if (first != q->clone && q->clone >= 0 &&
	    git->git_odb_add_disk_alternate(
		    l->objects, git_objects_of(q->clone, &l->arena)) < 0)
		return false;
	return git->git_repository_new(&l->repository) == 0 &&
	       git->git_repository_set_odb(l->repository, l->objects) == 0;
}

/* NULL: it is not there, of another type, too large, or damaged. */
static git_odb_object *read_object(struct looking *l, const git_oid *id,
				   git_object_t type, size_t most)
{
	git_odb_object *object;
	git_object_t found;
	size_t size;

	if (l->git->git_odb_read_header(&size, &found, l->objects, id) < 0 ||
	    found != type || size > most ||
	    l->git->git_odb_read(&object, l->objects, id) < 0)
		return NULL;
	return object;
}

/* Trees that are still to be read. */
struct todo {
	git_oid *ids;
	size_t n, capacity, entries;
};

static bool add_tree(struct looking *l, struct todo *todo, const git_oid *id)
{
	todo->ids = arena_grow(&l->arena, todo->ids, todo->n, &todo->capacity,
			       sizeof(*todo->ids));
	todo->ids[todo->n++] = *id;
	return true;
}

/* "100644 name" NUL and a raw id: on to the next one, or NULL. */
static const char *next_entry(const char *at, const char *end, bool *is_tree,
			      git_oid *id)
{
	const char *nul = memchr(at, '\0', (size_t)(end - at));

	if (!nul || end - nul <= GIT_OID_RAWSZ)
		return NULL;
	*is_tree = strncmp(at, "40000 ", 6) == 0;
	memcpy(id->id, nul + 1, GIT_OID_RAWSZ);
	return nul + 1 + GIT_OID_RAWSZ;
}

static bool has_entries(struct looking *l, struct todo *todo,
			git_odb_object *tree)
{
	const char *at = l->git->git_odb_object_data(tree);
	const char *end = at + l->git->git_odb_object_size(tree);

	while (at < end) {
		bool is_tree;
		git_oid id;

		at = next_entry(at, end, &is_tree, &id);
		if (!at || ++todo->entries > TIP_ENTRIES)
			return false;
		if (is_tree ? !add_tree(l, todo, &id)
			    : !l->git->git_odb_exists(l->objects, &id))
			return false;
	}
	return true;
}

/* Nothing but that each object is there: what is in them is for those who
 * read them. */
static bool is_whole(struct looking *l, const git_oid *root)
{
	struct todo todo = { 0 };

	add_tree(l, &todo, root);
	for (size_t i = 0; i < todo.n; i++) {
		git_odb_object *tree =
			read_object(l, &todo.ids[i], GIT_OBJECT_TREE, TREE_MAX);
		bool good = tree && has_entries(l, &todo, tree);

		if (tree)
			l->git->git_odb_object_free(tree);
		if (!good)
			return false;
	}
	return true;
}

static bool tree_of(struct looking *l, const char *text, size_t n, git_oid *id)
{
	char hex[OBJECT_HEX + 1] = "";

	if (n < 5 + OBJECT_HEX + 1 || memcmp(text, "tree ", 5) != 0)
		return false;
	memcpy(hex, text + 5, OBJECT_HEX);
	return l->git->git_oid_fromstr(id, hex) == 0;
}

static const char *look_at(struct looking *l, const git_oid *id,
			   struct signed_commit *c)
{
	git_odb_object *object =
		read_object(l, id, GIT_OBJECT_COMMIT, COMMIT_MAX);
	const char *text, *wrong;
	git_oid root;
	size_t n;

	if (!object)
		return "is not there, or damaged";
	text = l->git->git_odb_object_data(object);
	n = l->git->git_odb_object_size(object);
	wrong = signed_split(c, text, n);
	if (!wrong && (!tree_of(l, text, n, &root) ||
		       (!l->question->is_part && !is_whole(l, &root))))
		wrong = "is not whole: a file of it is missing or damaged";
	l->git->git_odb_object_free(object);
	return wrong;
}

/* What cannot be told is no. */
static bool comes_from(struct looking *l, const git_oid *tip, const char *last,
		       struct answer *answer)
{
	struct signed_commit c;
	git_odb_object *object;
	git_oid id;

	if (!last)
		return true;
	if (l->git->git_oid_fromstr(&id, last) < 0)
		return false;
	object = read_object(l, &id, GIT_OBJECT_COMMIT, COMMIT_MAX);
	if (!object)
		return false;
	(void)signed_split(&c, l->git->git_odb_object_data(object),
			   l->git->git_odb_object_size(object));
	if (c.time > answer->last_time)
		answer->last_time = c.time;
	signed_release(&c);
	l->git->git_odb_object_free(object);
	return memcmp(&id, tip, sizeof(id)) == 0 ||
	       l->git->git_graph_descendant_of(l->repository, tip, &id) == 1;
}

static int work(void *context, int out)
{
	struct looking *l = context;
	struct signed_commit c = { 0 };
	struct answer answer = { .descends = true };
	const char *wrong = "cannot be read";
	git_oid tip;

	if (open_all(l) &&
	    l->git->git_oid_fromstr(&tip, l->question->tip) == 0) {
		wrong = look_at(l, &tip, &c);
		for (size_t i = 0; i < TIP_LAST; i++)
			if (!comes_from(l, &tip, l->question->last[i], &answer))
				answer.descends = false;
	}
	answer.type = c.type;
	answer.time = c.time;
	answer.payload = c.payload.size;
	answer.signature = c.signature.size;
	memcpy(answer.key, c.key, sizeof(answer.key));
	snprintf(answer.wrong, sizeof(answer.wrong), "%s", wrong ? wrong : "");
	return write_all(out, &answer, sizeof(answer)) &&
			       write_all(out, buf_text(&c.payload),
					 c.payload.size) &&
			       write_all(out, buf_text(&c.signature),
					 c.signature.size)
		       ? EXIT_SUCCESS
		       : EXIT_FAILURE;
}

static void lost(void *context, const struct diags *d)
{
	(void)context;
	(void)d;
}

/* --- outside of it --- */

static bool stopped(void *context)
{
	const struct looking *l = context;
	const struct tip_question *q = l->question;

	return q->stopped && q->stopped(q->context);
}

/* What it says is believed no further than its form. */
static bool take(struct tip *tip, const void *bytes, size_t size,
		 struct arena *a)
{
	const char *from = (const char *)bytes + sizeof(struct answer);
	struct answer answer;

	if (size < sizeof(answer))
		return false;
	memcpy(&answer, bytes, sizeof(answer));
	size -= sizeof(answer);
	if (answer.payload > COMMIT_MAX || answer.signature > COMMIT_MAX ||
	    answer.payload + answer.signature != size ||
	    (answer.type != SIGNATURE_SSH && answer.type != SIGNATURE_PGP))
		return false;
	answer.wrong[WRONG_SIZE - 1] = '\0';
	answer.key[SIGNED_KEY - 1] = '\0';
	if (answer.key[strspn(answer.key, KEY_BYTES)])
		return false;
	*tip = (struct tip){
		.commit = { .type = answer.type, .time = answer.time },
		.wrong = answer.wrong[0] ? arena_strdup(a, answer.wrong) : NULL,
		.descends = answer.descends,
		.last_time = answer.last_time
	};
	memcpy(tip->commit.key, answer.key, sizeof(answer.key));
	buf_add(&tip->commit.payload, from, answer.payload);
	buf_add(&tip->commit.signature, from + answer.payload,
		answer.signature);
	return true;
}

bool tip_look(const struct tip_question *q, struct tip *tip, struct arena *a,
	      struct diags *d)
{
	struct looking l = { .question = q, .git = git_load(d) };
	const struct confined c = { .work = work,
				    .lost = lost,
				    .stopped = stopped,
				    .context = &l,
				    .seconds = SECONDS,
				    .name = "the process that looks at a "
					    "commit" };
	AUTO_FD int out = -1;
	size_t size;
	void *bytes;
	int status;

	if (!l.git || !confined_run(&c, &out, &status, d))
		return false;
	bytes = linux_map(out, &size);
	return (status == 0 && bytes && take(tip, bytes, size, a)) ||
	       diag_error(d, "the process that looks at a commit failed");
}
