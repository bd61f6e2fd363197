/* SPDX-License-Identifier: MIT */
/* A bundle becomes a pack of git: nothing else looks into the archive. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <nettle/sha2.h>

#include "lib/base/output.h"
#include "lib/host/bundle.h"
#include "lib/host/linux/process/confined.h"
#include "lib/host/linux/git/objects.h"
#include "lib/host/linux/source/open.h"
#include "lib/host/linux/git/packfile.h"
#include "lib/host/repository.h"
#include "lib/host/tarball.h"
#include "lib/text/escape.h"

enum {
	SECONDS = 5 * TABLE_CPU, /* of processor time */
	REASON = 1024,           /* bytes of why it is refused */
	OBJECT_HEADER = 32       /* bytes, "commit 1048576" and its NUL */
};

bool bundle_is(const char *path)
{
	static const unsigned char zstd[4] = { 0x28, 0xb5, 0x2f, 0xfd };
	AUTO_FD int fd =
		open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	unsigned char begin[sizeof(zstd)];

	return fd >= 0 && read(fd, begin, sizeof(begin)) == sizeof(begin) &&
	       memcmp(begin, zstd, sizeof(zstd)) == 0;
}

/* --- in the process --- */

/* What an object is that others name. */
struct named {
	git_object_t type;
};

static const struct named a_commit = { GIT_OBJECT_COMMIT };
static const struct named a_tree = { GIT_OBJECT_TREE };
static const struct named a_blob = { GIT_OBJECT_BLOB };

/* What the process finds. */
struct found {
	struct bundle_head head;
	const char *sum; /* of the pack */
};

struct reading {
	const struct bundle_source *source;
	struct tarball archive;
	int pack, index;
	struct arena *arena;
	struct found found;
	struct packfile packfile;
	struct map named; /* ids to struct named */
	struct sha256_ctx sha256;
	uint64_t objects;
	/* The member in hand. */
	const struct table_entry *entry; /* to know it by; NULL: none is */
	const char *name;
	uint64_t size;
	const struct named *is;
	struct sha1_ctx sha1;
	struct buf header;
	bool has_header;
	uint64_t left;
	struct buf text; /* of the head, a commit or a tree */
};

static bool refuse(const struct reading *r, const char *name, const char *why,
		   struct diags *d)
{
	return diag_error(d, "'%s': its entry '%s' %s", r->source->shown, name,
			  why);
}

static const char *id_of(const char *name)
{
	return name + sizeof(BUNDLE_OBJECTS);
}

static const char *hex_of(const unsigned char *id, char hex[OBJECT_HEX + 1])
{
	for (size_t i = 0; i < OBJECT_RAW; i++)
		snprintf(hex + 2 * i, 3, "%02x", id[i]);
	return hex;
}

/* What was named first counts. */
static void name(struct reading *r, const char *id, const struct named *as)
{
	if (!map_getn(&r->named, id, OBJECT_HEX))
		map_put(&r->named, r->arena,
			arena_strndup(r->arena, id, OBJECT_HEX),
			(void *)(uintptr_t)as);
}

static void name_raw(struct reading *r, const unsigned char *id,
		     const struct named *as)
{
	char hex[OBJECT_HEX + 1];

	name(r, hex_of(id, hex), as);
}

/* Of the commit that it is of, its folders too; of those before it only what
 * these come from. */
static bool name_of_commit(struct reading *r)
{
	struct commit_text c;

	if (!commit_read(r->text.text, r->text.size, &c))
		return false;
	for (size_t i = 1; i <= c.nparents; i++)
		name(r, commit_parent(&c, i), &a_commit);
	if (r->objects == 1)
		name(r, c.tree, &a_tree);
	return true;
}

static bool name_of_tree(struct reading *r)
{
	const char *at = buf_text(&r->text), *end = at + r->text.size;
	struct tree_item item;

	while (at < end) {
		at = tree_item_read(&item, at, (size_t)(end - at));
		if (!at)
			return false;
		name_raw(r, item.id,
			 item.mode == MODE_FOLDER ? &a_tree : &a_blob);
	}
	return true;
}

static bool take_head(struct reading *r, struct diags *d)
{
	const char *of =
		arena_printf(r->arena, "%s/" BUNDLE_FILE, r->source->shown);
	struct bundle_head *head = &r->found.head;

	if (!bundle_head_read(head, buf_text(&r->text), r->text.size, of,
			      r->arena, d))
		return false;
	if (head->objects > r->archive.table.n)
		return refuse(r, BUNDLE_FILE, "tells of more than there is", d);
	name(r, head->commit, &a_commit);
	packfile_begin(&r->packfile, r->pack, head->objects, r->arena);
	return true;
}

/* The id of an object is what its bytes come to. */
static bool is_id_right(struct reading *r)
{
	unsigned char sum[OBJECT_RAW];
	char hex[OBJECT_HEX + 1];

	sha1_digest(&r->sha1, OBJECT_RAW, sum);
	return strcmp(hex_of(sum, hex), id_of(r->name)) == 0;
}

static bool end_object(struct reading *r, struct diags *d)
{
	const char *at = r->name;

	if (!r->has_header || r->left)
		return refuse(r, at, "is no whole object", d);
	if (!is_id_right(r))
		return refuse(r, at, "is not what its name says", d);
	packfile_object_end(&r->packfile);
	if ((r->is->type == GIT_OBJECT_COMMIT && !name_of_commit(r)) ||
	    (r->is->type == GIT_OBJECT_TREE && !name_of_tree(r)))
		return refuse(r, at, "is damaged", d);
	return true;
}

static bool end_member(struct reading *r, struct diags *d)
{
	bool ok = !r->entry || (r->is ? end_object(r, d) : take_head(r, d));

	buf_clear(&r->text);
	buf_clear(&r->header);
	r->has_header = false;
	r->entry = NULL;
	return ok;
}

static bool begin_member(struct reading *r, const struct table_entry *e,
			 struct diags *d)
{
	r->entry = e;
	r->name = arena_strdup(r->arena, e->name);
	r->size = e->size;
	r->is = NULL;
	if (strcmp(e->name, BUNDLE_FILE) == 0)
		return true;
	r->is = map_get(&r->named, id_of(e->name));
	if (!r->is || (!r->objects && r->is->type != GIT_OBJECT_COMMIT))
		return refuse(r, e->name, "is named by none of those before it",
			      d);
	r->objects++;
	sha1_init(&r->sha1);
	return true;
}

static void raw_id(const char *hex, unsigned char id[OBJECT_RAW])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < OBJECT_RAW; i++)
		id[i] = (unsigned char)((strchr(digits, hex[2 * i]) - digits)
						<< 4 |
					(strchr(digits, hex[2 * i + 1]) -
					 digits));
}

/* "tree 123": what the object must be, and all that follows. */
static bool take_header(struct reading *r, struct diags *d)
{
	static const struct {
		git_object_t type;
		const char *word;
		uint64_t most;
	} types[] = {
		{ GIT_OBJECT_COMMIT, "commit", OBJECT_COMMIT_MAX },
		{ GIT_OBJECT_TREE, "tree", OBJECT_TREE_MAX },
		{ GIT_OBJECT_BLOB, "blob", REPOSITORY_FILE },
	};
	uint64_t size = r->size - r->header.size;
	unsigned char id[OBJECT_RAW];
	char want[OBJECT_HEADER];

	for (size_t i = 0; i < COUNT(types); i++) {
		if (types[i].type != r->is->type)
			continue;
		snprintf(want, sizeof(want), "%s %llu", types[i].word,
			 (unsigned long long)size);
		if (strcmp(buf_text(&r->header), want) != 0)
			return refuse(r, r->name,
				      "is not an object of the type and size "
				      "that it should be",
				      d);
		if (size > types[i].most)
			return refuse(r, r->name, "is too large", d);
	}
	r->has_header = true;
	r->left = size;
	raw_id(id_of(r->name), id);
	packfile_object(&r->packfile, id, r->is->type, size);
	return true;
}

/* On behind the header, if it ends here. */
static bool add_header(struct reading *r, const char **bytes, size_t *n,
		       struct diags *d)
{
	const char *nul = memchr(*bytes, '\0', *n);
	size_t take = nul ? (size_t)(nul - *bytes) + 1 : *n;

	if (r->header.size + take > OBJECT_HEADER)
		return refuse(r, r->name, "is no object", d);
	buf_add(&r->header, *bytes, take);
	*bytes += take;
	*n -= take;
	return !nul || take_header(r, d);
}

static bool add_object(struct reading *r, const char *bytes, size_t n,
		       struct diags *d)
{
	sha1_update(&r->sha1, n, (const uint8_t *)bytes);
	sha256_update(&r->sha256, n, (const uint8_t *)bytes);
	if (!r->has_header && !add_header(r, &bytes, &n, d))
		return false;
	if (n > r->left)
		return refuse(r, r->name, "is no whole object", d);
	r->left -= n;
	packfile_add(&r->packfile, bytes, n);
	if (r->is->type != GIT_OBJECT_BLOB)
		buf_add(&r->text, bytes, n);
	return true;
}

static bool take(void *context, const struct table_entry *e, const void *bytes,
		 size_t n, struct diags *d)
{
	struct reading *r = context;

	if (r->entry != e && (!end_member(r, d) || !begin_member(r, e, d)))
		return false;
	if (r->is)
		return add_object(r, bytes, n, d);
	buf_add(&r->text, bytes, n);
	return true;
}

/* What there may be in it, before anything of it is looked into. */
static bool check_members(const struct reading *r, struct diags *d)
{
	const struct table *t = &r->archive.table;
	uint64_t bytes = 0;

	if (strcmp(t->v[0].name, BUNDLE_FILE) != 0 ||
	    t->v[0].type != TREE_FILE || t->v[0].size > BUNDLE_HEAD_MAX ||
	    !t->v[0].size)
		return diag_error(d,
				  "'%s' is no bundle: it does not begin with "
				  "'" BUNDLE_FILE "'",
				  r->source->shown);
	for (size_t i = 1; i < t->n; i++) {
		const struct table_entry *e = &t->v[i];

		if (e->type == TREE_DIRECTORY &&
		    strcmp(e->name, BUNDLE_OBJECTS) == 0)
			continue;
		if (e->type != TREE_FILE || e->copy || !e->size ||
		    strncmp(e->name, BUNDLE_OBJECTS "/",
			    sizeof(BUNDLE_OBJECTS)) != 0 ||
		    !object_is_hex(id_of(e->name), OBJECT_HEX))
			return refuse(r, e->name, "is no object", d);
		bytes += e->size;
		if (bytes > BUNDLE_MOST)
			return refuse(r, e->name,
				      "makes it larger than 1.5 GiB", d);
	}
	return true;
}

static bool finish(struct reading *r, struct diags *d)
{
	const struct bundle_head *head = &r->found.head;
	unsigned char digest[DIGEST_SIZE];
	char hex[DIGEST_HEX], sum[OBJECT_HEX + 1];

	if (!end_member(r, d))
		return false;
	sha256_digest(&r->sha256, DIGEST_SIZE, digest);
	if (r->objects != head->objects ||
	    strcmp(digest_hex(digest, hex), head->sha256) != 0)
		return diag_error(d,
				  "'%s' does not hold what its '" BUNDLE_FILE
				  "' tells of",
				  r->source->shown);
	if (!packfile_end(&r->packfile, r->index, sum))
		return diag_errno(d, r->packfile.error, "cannot unpack '%s'",
				  r->source->shown);
	r->found.sum = arena_strdup(r->arena, sum);
	return true;
}

static bool read_all(struct reading *r, struct diags *d)
{
	bool ok = tarball_read(&r->archive, NULL, r->arena, d) &&
		  check_members(r, d) &&
		  tarball_each(&r->archive, take, r, d) && finish(r, d);

	packfile_release(&r->packfile);
	buf_release(&r->header);
	buf_release(&r->text);
	return ok;
}

static void found_pack(struct pack *p, struct found *f)
{
	bundle_head_pack(p, &f->head);
	pack_text(p, &f->sum);
	if (!p->out && !p->wrong)
		pack_expect(p, f->sum && object_is_hex(f->sum, OBJECT_HEX));
}

static bool write_out(void *context, const void *bytes, size_t n)
{
	return write_all(*(const int *)context, bytes, n);
}

static void tell_why(int out, const struct diags *d)
{
	AUTO_BUF struct buf b = { 0 };
	const struct diag *first = d->v;

	if (!d->n)
		return;
	if (first->place.file && first->place.line)
		buf_printf(&b, "%s:%zu:%zu: ", first->place.file,
			   first->place.line, first->place.column);
	else if (first->place.file)
		buf_printf(&b, "%s: ", first->place.file);
	buf_puts(&b, first->text);
	write_all(out, buf_text(&b), b.size);
}

static int work(void *context, int out)
{
	struct reading *r = context;
	AUTO_DIAGS struct diags d = { 0 };
	struct pack p;
	bool ok;

	if (!read_all(r, &d)) {
		tell_why(out, &d);
		return EXIT_FAILURE;
	}
	found_pack(&p, pack_begin(&p, &r->found, sizeof(r->found)));
	ok = pack_write(&p, write_out, &out);
	pack_release(&p);
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* --- outside of it --- */

static void lost(void *context, const struct diags *d)
{
	(void)context;
	(void)d;
}

static bool stopped(void *context)
{
	const struct reading *r = context;

	return r->source->stopped && r->source->stopped(r->source->context);
}

static bool say_why(const struct reading *r, int out, struct diags *d)
{
	AUTO_BUF struct buf safe = { 0 };
	char text[REASON];
	ssize_t n = pread(out, text, sizeof(text), 0);

	escape_text(&safe, text, n > 0 ? (size_t)n : 0, false);
	if (safe.size)
		return diag_error(d, "%s", buf_text(&safe));
	return diag_error(d, "'%s' cannot be unpacked", r->source->shown);
}

static bool take_found(struct reading *r, int out, struct diags *d)
{
	size_t size;
	void *block = linux_map(out, &size);
	struct found *f;
	struct pack p;

	f = block ? unpack_begin(&p, block, size, sizeof(*f)) : NULL;
	if (f)
		found_pack(&p, f);
	if (!f || !unpack_end(&p))
		return diag_error(d,
				  "the process that unpacks '%s' gave no "
				  "answer",
				  r->source->shown);
	r->found = *f;
	return true;
}

static bool run(struct reading *r, struct diags *d)
{
	const int writes[] = { r->pack, r->index };
	const struct confined c = { .work = work,
				    .lost = lost,
				    .stopped = stopped,
				    .context = r,
				    .seconds = SECONDS,
				    .writes = writes,
				    .nwrites = COUNT(writes),
				    .most = PACKFILE_MOST,
				    .name = "the process that unpacks the "
					    "bundle" };
	AUTO_FD int out = -1;
	int status;

	if (!confined_run(&c, &out, &status, d))
		return false;
	return status == 0 ? take_found(r, out, d) : say_why(r, out, d);
}

enum { MAKE = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC };

/* Under names that libgit2 does not look at until they are whole. */
static bool unpack(struct reading *r, int folder, struct diags *d)
{
	AUTO_FD int part = -1;
	static const char *const ends[] = { "pack", "idx" };
	AUTO_FD int pack = openat(folder, "new", MAKE, 0444);
	AUTO_FD int index = openat(folder, "new.index", MAKE, 0444);

	r->pack = pack;
	r->index = index;
	if (pack < 0 || index < 0)
		return diag_errno(d, errno, "cannot unpack '%s'",
				  r->source->shown);
	if (!run(r, d))
		return false;
	part = openat(folder,
		      arena_printf(r->arena, "pack-%s.promisor", r->found.sum),
		      MAKE, 0444);
	if (part < 0)
		return diag_errno(d, errno, "cannot unpack '%s'",
				  r->source->shown);
	for (size_t i = 0; i < COUNT(ends); i++) {
		const char *to = arena_printf(r->arena, "pack-%s.%s",
					      r->found.sum, ends[i]);

		if (renameat(folder, i ? "new.index" : "new", folder, to) < 0)
			return diag_errno(d, errno, "cannot unpack '%s'",
					  r->source->shown);
	}
	return true;
}

bool bundle_unpack(const struct bundle_source *source, struct bundle_head *head,
		   struct arena *a, struct diags *d)
{
	struct reading r = { .source = source,
			     .arena = a,
			     .archive.content.path =
				     strrchr(source->path, '/') + 1 };
	struct tree *beside;
	AUTO_FD int folder =
		openat(source->quarantine, "objects/pack",
		       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	bool ok;

	if (folder < 0)
		return diag_errno(d, errno, "cannot open the quarantine");
	if (!tarball_load(d))
		return false;
	beside = linux_open_beside(source->path, source->shown, d);
	if (!beside)
		return false;
	sha256_init(&r.sha256);
	r.archive.content.tree = beside;
	ok = unpack(&r, folder, d);
	*head = r.found.head;
	tree_close(beside);
	return ok;
}
