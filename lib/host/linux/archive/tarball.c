/* SPDX-License-Identifier: MIT */
#include "lib/host/tarball.h"

#include <errno.h>
#include <locale.h>
#include <nettle/sha2.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/crc32.h"
#include "lib/base/output.h"
#include "lib/host/linux/archive/libarchive.h"
#include "lib/text/escape.h"

enum { BLOCK = 64 * 1024 };

/* --- the library --- */

static const struct libarchive *lib;
/* Whether there was need of it while it was not there. */
static bool wanted;

bool tarball_load(struct diags *d)
{
	lib = libarchive_load(d);
	return lib != NULL;
}

bool tarball_is_wanted(void)
{
	return wanted && !lib;
}

/* --- reading --- */

/* An archive being read. */
struct scan {
	const struct tarball *of;
	struct archive *archive;
	struct table_maker maker;
	int fd;                /* of the archive itself, */
	const char *memory;    /* or where it is in memory if that is -1 */
	tarball_each_fn *each; /* takes contents; NULL: they are digested */
	void *context;
	char *block;
	uint64_t bytes; /* that came of it */
	uint64_t most;  /* that may come of it */
	clock_t end;    /* of the processor time that it may take */
	struct diags *diags;
};

/* Says what is wrong with the entry of that name, or with all. */
static bool refuse(const struct scan *s, const char *name, const char *why)
{
	AUTO_BUF struct buf safe = { 0 };

	if (!name)
		return diag_error(s->diags, "'%s' %s", s->of->content.path,
				  why);
	escape_text(&safe, name, strlen(name), false);
	return diag_error(s->diags, "'%s': its entry '%s' %s",
			  s->of->content.path, buf_text(&safe), why);
}

static bool broken(const struct scan *s)
{
	AUTO_BUF struct buf safe = { 0 };
	const char *text = lib->archive_error_string(s->archive);

	text = text ? text : "it cannot be read";
	escape_text(&safe, text, strlen(text), false);
	return diag_error(s->diags, "'%s' is no whole archive: %s",
			  s->of->content.path, buf_text(&safe));
}

/* n bytes of it, or fewer at its end. */
static ssize_t read_at(const struct scan *s, void *bytes, size_t n, off_t from)
{
	uint64_t left = s->of->content.size - (uint64_t)from;

	if (s->fd >= 0)
		return pread(s->fd, bytes, n, from);
	if (from < 0 || (uint64_t)from > s->of->content.size)
		return -1;
	n = n < left ? n : (size_t)left;
	if (!s->memory)
		return n ? -1 : 0;
	memcpy(bytes, s->memory + from, n);
	return (ssize_t)n;
}

/* Counts bytes that came of it, against what a bomb would do. */
static bool count(struct scan *s, const char *name, size_t n)
{
	s->bytes += n;
	if (s->bytes > s->most)
		return refuse(s, name, "makes it larger than 4 GiB");
	if (s->bytes > TABLE_FREE &&
	    s->bytes / TABLE_RATIO > s->of->content.size)
		return refuse(
			s, name,
			"comes to more than 200 times what it is packed in");
	return clock() < s->end ||
	       refuse(s, name, "takes more than a minute to unpack");
}

/* The bytes of a file: as many as its header says. */
static bool drain(struct scan *s, const char *name, struct table_entry *e)
{
	struct sha256_ctx sha;
	uint64_t left = e->size;
	la_ssize_t n;

	sha256_init(&sha);
	while ((n = lib->archive_read_data(s->archive, s->block, BLOCK)) > 0) {
		if ((uint64_t)n > left)
			return refuse(s, name, "is larger than it says");
		left -= (uint64_t)n;
		if (!count(s, name, (size_t)n))
			return false;
		if (!s->each)
			sha256_update(&sha, (size_t)n,
				      (const uint8_t *)s->block);
		else if (!s->each(s->context, e, s->block, (size_t)n, s->diags))
			return false;
	}
	if (n < 0)
		return broken(s);
	sha256_digest(&sha, DIGEST_SIZE, e->digest);
	return left == 0 || refuse(s, name, "is smaller than it says");
}

/* What stays of a name: without "./" before and '/' behind it, and without the
 * components that are stripped. "" when nothing does. */
static const char *shorten(const struct scan *s, const char *name)
{
	size_t n;
	char *text;

	while (name[0] == '.' && name[1] == '/')
		name += 2 + strspn(name + 2, "/");
	text = arena_strdup(s->maker.arena, name);
	n = strlen(text);
	if (n > 1 && text[n - 1] == '/')
		text[n - 1] = '\0';
	if (strcmp(text, ".") == 0)
		return "";
	for (int64_t i = 0; i < s->of->strip && *text && *text != '/'; i++) {
		text += strcspn(text, "/");
		text += *text == '/';
	}
	return text;
}

static bool link_hard(struct scan *s, const char *name, struct table_entry *e,
		      const char *target)
{
	const struct table_entry *of =
		table_find(&s->maker, shorten(s, target));

	if (table_name_wrong(target, strlen(target)) || !of ||
	    of->type != TREE_FILE)
		return refuse(s, name,
			      "is a hard link to what is no earlier file");
	e->type = TREE_FILE;
	e->size = of->size;
	e->executable = of->executable;
	e->copy = of->copy ? of->copy : (size_t)(of - s->maker.table->v) + 1;
	memcpy(e->digest, of->digest, DIGEST_SIZE);
	return true;
}

static bool describe_file(struct scan *s, struct archive_entry *from,
			  const char *name, struct table_entry *e)
{
	la_int64_t size = lib->archive_entry_size(from);

	if (!lib->archive_entry_size_is_set(from) || size < 0)
		return refuse(s, name, "does not say how large it is");
	e->type = TREE_FILE;
	e->size = (uint64_t)size;
	e->executable = lib->archive_entry_mode(from) & 0111;
	return true;
}

static const char *type_name(mode_t type)
{
	switch (type) {
	case AE_IFCHR:
		return "is a character device";
	case AE_IFBLK:
		return "is a block device";
	case AE_IFIFO:
		return "is a FIFO";
	case AE_IFSOCK:
		return "is a socket";
	default:
		return "is of a type that is not known";
	}
}

static bool describe(struct scan *s, struct archive_entry *from,
		     const char *name, struct table_entry *e)
{
	const char *hard = lib->archive_entry_hardlink(from);
	mode_t type = lib->archive_entry_filetype(from);

	if (hard)
		return link_hard(s, name, e, hard);
	switch (type) {
	case AE_IFREG:
		return describe_file(s, from, name, e);
	case AE_IFDIR:
		e->type = TREE_DIRECTORY;
		return true;
	case AE_IFLNK:
		e->type = TREE_LINK;
		e->target = lib->archive_entry_symlink(from);
		return e->target || refuse(s, name, "is a link to nowhere");
	default:
		return refuse(s, name, type_name(type));
	}
}

/* The whole name is looked at, also what is stripped of it. */
static bool check_name(const struct scan *s, const char *name)
{
	const char *plain = name, *wrong;
	size_t n;

	while (plain[0] == '.' && plain[1] == '/')
		plain += 2 + strspn(plain + 2, "/");
	n = strlen(plain);
	if (n > 1 && plain[n - 1] == '/')
		n--;
	if (plain != name && n == 0)
		return true;
	if (n == 1 && plain[0] == '.')
		return true;
	wrong = table_name_wrong(plain, n);
	return !wrong || refuse(s, name, wrong);
}

static bool take(struct scan *s, struct archive_entry *from)
{
	const char *name = lib->archive_entry_pathname(from);
	struct table_entry e = { 0 }, *added;

	if (!name)
		return refuse(s, NULL, "has an entry without a name");
	if (!check_name(s, name))
		return false;
	e.name = shorten(s, name);
	if (!describe(s, from, name, &e))
		return false;
	if (!*e.name)
		return e.type != TREE_FILE || s->of->strip ||
		       refuse(s, name, "is the whole of it");
	if (!table_add(&s->maker, &e, &added, s->diags))
		return false;
	return !added || added->type != TREE_FILE || added->copy ||
	       drain(s, name, added);
}

static bool take_all(struct scan *s)
{
	struct archive_entry *entry;
	int r;

	while ((r = lib->archive_read_next_header(s->archive, &entry)) ==
	       ARCHIVE_OK) {
		if (!count(s, NULL, 0) || !take(s, entry))
			return false;
	}
	if (r != ARCHIVE_EOF)
		return broken(s);
	return s->maker.table->n || refuse(s, NULL, "has nothing in it");
}

/* --- the file that it is in --- */

typedef int support(struct archive *);

static bool open_as(struct scan *s, support *format)
{
	struct archive *a = lib->archive_read_new();

	if (!a)
		memory_exhausted();
	s->archive = a;
	s->bytes = 0;
	return (s->fd < 0 || lseek(s->fd, 0, SEEK_SET) == 0) &&
	       lib->archive_read_support_filter_gzip(a) >= ARCHIVE_WARN &&
	       lib->archive_read_support_filter_xz(a) >= ARCHIVE_WARN &&
	       lib->archive_read_support_filter_bzip2(a) >= ARCHIVE_WARN &&
	       lib->archive_read_support_filter_zstd(a) >= ARCHIVE_WARN &&
	       format(a) >= ARCHIVE_WARN &&
	       (s->fd < 0 ? lib->archive_read_open_memory(a, s->memory,
							  s->of->content.size)
			  : lib->archive_read_open_fd(a, s->fd, BLOCK)) ==
		       ARCHIVE_OK;
}

static void scan_close(struct scan *s)
{
	lib->archive_read_free(s->archive);
	s->archive = NULL;
}

static uint32_t little(const unsigned char *bytes)
{
	return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 |
	       (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

/* What is inside of the packing, before anybody makes sense of it. */
struct raw {
	uint64_t size;
	uint64_t used; /* without zeros at its end */
	uint32_t sum;
	bool gzip;
};

static void raw_add(struct raw *r, const char *bytes, size_t n)
{
	size_t used = n;

	while (used && !bytes[used - 1])
		used--;
	if (used)
		r->used = r->size + used;
	r->size += n;
	if (r->gzip)
		r->sum = crc32_add(r->sum, bytes, n);
}

/* That all of the file was it: gzip ends with a checksum, which libarchive does
 * not look at, and a size. */
static bool ends_well(const struct scan *s, const struct raw *r)
{
	unsigned char end[8];

	return !r->gzip ||
	       (read_at(s, end, sizeof(end),
			(off_t)s->of->content.size - (off_t)sizeof(end)) ==
			(ssize_t)sizeof(end) &&
		little(end) == r->sum && little(end + 4) == (uint32_t)r->size);
}

static bool unpack_raw(struct scan *s, struct raw *r)
{
	struct archive_entry *entry;
	la_ssize_t n;

	*r = (struct raw){ 0 };
	/* what is no archive may be large, and names take room too */
	s->most = TABLE_BYTES + TABLE_BYTES / 4;
	if (!open_as(s, lib->archive_read_support_format_raw) ||
	    lib->archive_read_next_header(s->archive, &entry) != ARCHIVE_OK)
		return broken(s);
	r->gzip =
		lib->archive_filter_code(s->archive, 0) == ARCHIVE_FILTER_GZIP;
	while ((n = lib->archive_read_data(s->archive, s->block, BLOCK)) > 0) {
		raw_add(r, s->block, (size_t)n);
		if (!count(s, NULL, (size_t)n))
			return false;
	}
	if (n < 0)
		return broken(s);
	return ends_well(s, r) || refuse(s, NULL, "does not end as gzip says");
}

/* Once whole, and only then as the archive that it is said to be. */
static bool scan_tar(struct scan *s)
{
	struct raw raw = { 0 };
	bool ok = s->each || unpack_raw(s, &raw);

	if (!s->each)
		scan_close(s);
	if (!ok)
		return false;
	s->most = TABLE_BYTES;
	ok = open_as(s, lib->archive_read_support_format_tar) ? take_all(s)
							      : broken(s);
	if (ok && (uint64_t)lib->archive_filter_bytes(s->archive, 0) < raw.used)
		ok = refuse(s, NULL, "goes on behind its end");
	scan_close(s);
	return ok;
}

enum { ZIP_END = 22, ZIP_COMMENT = 20 };

/* The end record, with its comment, is the end of the file. (APPNOTE.TXT,
 * 4.3.16). */
static bool zip_ends(const struct scan *s)
{
	const unsigned char *at = (const unsigned char *)s->block;
	off_t from = (off_t)s->of->content.size - BLOCK;
	ssize_t n = read_at(s, s->block, BLOCK, from < 0 ? 0 : from);

	for (ssize_t i = 0; i + ZIP_END <= n; i++)
		if (memcmp(at + i, "PK\5\6", 4) == 0 &&
		    i + ZIP_END + at[i + ZIP_COMMENT] +
				    256 * at[i + ZIP_COMMENT + 1] ==
			    n)
			return true;
	return refuse(s, NULL, "goes on behind its end, or has none");
}

static bool scan_zip(struct scan *s)
{
	bool ok;

	s->most = TABLE_BYTES;
	if (!zip_ends(s))
		return false;
	ok = open_as(s, lib->archive_read_support_format_zip) ? take_all(s)
							      : broken(s);
	scan_close(s);
	return ok;
}

/* Names that are not ASCII are lost without such a locale. It is made in the
 * sandbox: what it maps would be unmapped on the way in. */
static bool scan_open(struct scan *s)
{
	locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	locale_t before = uselocale(utf8);
	char magic[2] = "";
	bool ok;

	s->end = clock() + (clock_t)TABLE_CPU * CLOCKS_PER_SEC;
	s->block = xrealloc(NULL, BLOCK);
	ok = read_at(s, magic, sizeof(magic), 0) == (ssize_t)sizeof(magic) &&
	     memcmp(magic, "PK", sizeof(magic)) == 0;
	ok = ok ? scan_zip(s) : scan_tar(s);
	free(s->block);
	uselocale(before);
	if (utf8)
		freelocale(utf8);
	return ok;
}

static bool is_digest(const struct tarball *t, const char *sha256,
		      struct diags *d)
{
	char hex[DIGEST_HEX];

	if (!sha256 || strcmp(digest_hex(t->content.digest, hex), sha256) == 0)
		return true;
	return diag_error(d, "'%s' has the SHA-256 digest %s, not %s",
			  t->content.path, hex, sha256);
}

/* What was downloaded, from its start; the descriptor stays the caller's. */
static bool open_here(const struct tarball *t, struct reader *r,
		      struct diags *d)
{
	*r = (struct reader){ .fd = t->fd };
	if (!t->is_here)
		return diag_error(d, "'%s' is not downloaded", t->content.path);
	return lseek(t->fd, 0, SEEK_SET) == 0 ||
	       diag_errno(d, errno, "cannot read '%s'", t->content.path);
}

/* One reader for the digest and for what is unpacked. */
static bool scan(struct tarball *t, struct table *table, tarball_each_fn *each,
		 void *context, const char *sha256, struct arena *a,
		 struct diags *d)
{
	struct scan s = { .of = t,
			  .maker = { .table = table, .arena = a },
			  .each = each,
			  .context = context,
			  .diags = d };
	struct reader r;
	bool ok = false;
	int error;

	if (!(t->url ? open_here(t, &r, d) : content_open(&t->content, &r, d)))
		return false;
	s.fd = r.fd;
	s.memory = r.bytes;
	error = content_measure(&t->content, &r);
	if (error < 0)
		diag_errno(d, -error, "cannot read '%s'", t->content.path);
	else if (is_digest(t, sha256, d))
		ok = scan_open(&s);
	if (!t->url)
		reader_close(&r);
	return ok;
}

bool tarball_read(struct tarball *t, const char *sha256, struct arena *a,
		  struct diags *d)
{
	t->table = (struct table){ 0 };
	t->unread = !lib;
	wanted |= t->unread;
	return t->unread || scan(t, &t->table, NULL, NULL, sha256, a, d);
}

bool tarball_each(const struct tarball *t, tarball_each_fn *each, void *context,
		  struct diags *d)
{
	AUTO(arena_release) struct arena a = { 0 };
	struct tarball copy = *t;
	struct table table = { 0 };

	return lib && scan(&copy, &table, each, context, NULL, &a, d);
}

static bool hand_over(void *context, const struct table_entry *e,
		      const void *bytes, size_t n, struct diags *d)
{
	(void)e;
	return write_all(*(const int *)context, bytes, n) ||
	       diag_errno(d, errno, "cannot hand over");
}

bool tarball_pour(const struct tarball *t, int out, struct diags *d)
{
	return tarball_each(t, hand_over, &out, d);
}
