/* SPDX-License-Identifier: MIT */
#include "lib/host/squeeze.h"

#include <archive.h>
#include <archive_entry.h>
#include <dlfcn.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

enum { BLOCK = 64 * 1024, HEADER = 8, SKIPPED = 0x184d2a5c };

/* --- the library --- */

/* All of it that is used. */
#define FUNCTIONS(X)                             \
	X(archive_entry_free)                    \
	X(archive_entry_new)                     \
	X(archive_entry_set_filetype)            \
	X(archive_entry_set_pathname)            \
	X(archive_error_string)                  \
	X(archive_read_data)                     \
	X(archive_read_free)                     \
	X(archive_read_new)                      \
	X(archive_read_next_header)              \
	X(archive_read_open_memory)              \
	X(archive_read_support_filter_zstd)      \
	X(archive_read_support_format_raw)       \
	X(archive_write_add_filter_zstd)         \
	X(archive_write_close)                   \
	X(archive_write_data)                    \
	X(archive_write_free)                    \
	X(archive_write_header)                  \
	X(archive_write_new)                     \
	X(archive_write_open)                    \
	X(archive_write_set_bytes_in_last_block) \
	X(archive_write_set_filter_option)       \
	X(archive_write_set_format_raw)

#define DECLARE(name) __typeof__(name) *(name);
static struct {
	void *handle;
	FUNCTIONS(DECLARE)
} lib;

static bool find(const char *name, void *function)
{
	void *found = dlsym(lib.handle, name);

	memcpy(function, &found, sizeof(found));
	return found != NULL;
}

bool squeeze_load(struct diags *d)
{
	bool found = true;

	if (lib.handle)
		return true;
	lib.handle = dlopen("libarchive.so.13", RTLD_NOW | RTLD_LOCAL);
	if (!lib.handle) {
		diag_error(d, "cannot load libarchive: %s", dlerror());
		diag_hint(d, "install libarchive13");
		return false;
	}
#define FIND(name) found = found && find(#name, &lib.name);
	FUNCTIONS(FIND)
	if (found)
		return true;
	dlclose(lib.handle);
	lib.handle = NULL;
	return diag_error(d, "libarchive is not one that can be used");
}

/* --- in --- */

static la_ssize_t take(struct archive *a, void *out, const void *bytes,
		       size_t n)
{
	(void)a;
	buf_add(out, bytes, n);
	return (la_ssize_t)n;
}

static bool write_all_of(struct archive *a, struct archive_entry *e,
			 const void *bytes, size_t n, struct buf *out)
{
	lib.archive_entry_set_pathname(e, "data");
	lib.archive_entry_set_filetype(e, AE_IFREG);
	return lib.archive_write_add_filter_zstd(a) == ARCHIVE_OK &&
	       lib.archive_write_set_filter_option(
		       a, "zstd", "compression-level", "9") == ARCHIVE_OK &&
	       lib.archive_write_set_format_raw(a) == ARCHIVE_OK &&
	       lib.archive_write_set_bytes_in_last_block(a, 1) == ARCHIVE_OK &&
	       lib.archive_write_open(a, out, NULL, take, NULL) == ARCHIVE_OK &&
	       lib.archive_write_header(a, e) == ARCHIVE_OK &&
	       lib.archive_write_data(a, bytes, n) == (la_ssize_t)n &&
	       lib.archive_write_close(a) == ARCHIVE_OK;
}

bool squeeze(const void *bytes, size_t n, struct buf *out, struct diags *d)
{
	struct archive *a = lib.archive_write_new();
	struct archive_entry *e = lib.archive_entry_new();
	bool ok;

	if (!a || !e)
		memory_exhausted();
	ok = write_all_of(a, e, bytes, n, out) ||
	     diag_error(d, "cannot compress: %s", lib.archive_error_string(a));
	lib.archive_entry_free(e);
	lib.archive_write_free(a);
	return ok;
}

/* --- out --- */

bool squeeze_is(const void *bytes, size_t n)
{
	static const unsigned char zstd[4] = { 0x28, 0xb5, 0x2f, 0xfd };

	return n >= sizeof(zstd) && memcmp(bytes, zstd, sizeof(zstd)) == 0;
}

static bool is_broken(struct archive *a, const char *name, struct diags *d)
{
	const char *why = lib.archive_error_string(a);

	return diag_error(d, "'%s' is damaged: %s", name,
			  why ? why : "it is no frame of Zstandard");
}

static bool read_all_of(struct archive *a, size_t limit, const char *name,
			struct buf *out, struct diags *d)
{
	struct archive_entry *e;
	la_ssize_t n;

	if (lib.archive_read_next_header(a, &e) != ARCHIVE_OK)
		return is_broken(a, name, d);
	while ((n = lib.archive_read_data(a, buf_reserve(out, BLOCK), BLOCK)) >
	       0) {
		out->size += (size_t)n;
		if (out->size > limit)
			return diag_error(d, "'%s' comes to more than %zu MiB",
					  name, limit >> 20);
	}
	return n == 0 || is_broken(a, name, d);
}

bool unsqueeze(const void *bytes, size_t n, size_t limit, const char *name,
	       struct buf *out, struct diags *d)
{
	struct archive *a = lib.archive_read_new();
	bool ok;

	if (!a)
		memory_exhausted();
	ok = (lib.archive_read_support_filter_zstd(a) >= ARCHIVE_WARN &&
	      lib.archive_read_support_format_raw(a) >= ARCHIVE_WARN &&
	      lib.archive_read_open_memory(a, bytes, n) == ARCHIVE_OK) ||
	     is_broken(a, name, d);
	ok = ok && read_all_of(a, limit, name, out, d);
	lib.archive_read_free(a);
	return ok;
}

/* --- the signature --- */

static void put_little(struct buf *b, uint32_t n)
{
	for (size_t i = 0; i < 4; i++)
		buf_putc(b, (char)(n >> (8 * i) & 0xff));
}

static uint32_t little(const unsigned char *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
	       (uint32_t)at[3] << 24;
}

/* The size stands behind too, so that it is found from the end. */
void squeeze_sign(struct buf *b, const struct buf *signature)
{
	uint32_t size = (uint32_t)signature->size;

	put_little(b, SKIPPED);
	put_little(b, size + 4);
	buf_add(b, buf_text(signature), signature->size);
	put_little(b, size);
}

size_t squeeze_signed(const void *bytes, size_t n, const char **signature,
		      size_t *size)
{
	const unsigned char *at = bytes;
	size_t begin, length;

	*size = 0;
	if (n < HEADER + 4)
		return n;
	length = little(at + n - 4);
	if (length > n - HEADER - 4)
		return n;
	begin = n - 4 - length - HEADER;
	if (little(at + begin) != SKIPPED ||
	    little(at + begin + 4) != length + 4)
		return n;
	*size = length;
	*signature = (const char *)bytes + begin + HEADER;
	return begin;
}
