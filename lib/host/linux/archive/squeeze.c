/* SPDX-License-Identifier: MIT */
#include "lib/host/squeeze.h"

#include <dlfcn.h>
#include <stdint.h>
#include <string.h>

enum { LEVEL = 9, HEADER = 8, SKIPPED = 0x184d2a5c };
enum { TOO_SMALL = 70 /* the room for what comes out */ };

/* --- the library: its simple functions, which never change (zstd.h) --- */

static struct {
	void *handle;
	size_t (*bound)(size_t n);
	size_t (*compress)(void *to, size_t most, const void *from, size_t n,
			   int level);
	size_t (*decompress)(void *to, size_t most, const void *from, size_t n);
	unsigned long long (*content_size)(const void *from, size_t n);
	unsigned (*is_error)(size_t result);
	int (*error_code)(size_t result); /* an enum; zstd_errors.h */
	const char *(*error_name)(size_t result);
} lib;

/* Of ZSTD_getFrameContentSize: the frame does not say. */
static const unsigned long long unknown_size = (unsigned long long)-1;

static bool find(const char *name, void *function)
{
	void *found = dlsym(lib.handle, name);

	memcpy(function, &found, sizeof(found));
	return found != NULL;
}

bool squeeze_load(struct diags *d)
{
	static const char library[] = "libzstd.so.1";

	if (lib.handle)
		return true;
	lib.handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
	if (!lib.handle) {
		diag_error(d, "cannot load Zstandard: %s", dlerror());
		diag_hint(d, "install the package of %s", library);
		return false;
	}
	if (find("ZSTD_compressBound", &lib.bound) &&
	    find("ZSTD_compress", &lib.compress) &&
	    find("ZSTD_decompress", &lib.decompress) &&
	    find("ZSTD_getFrameContentSize", &lib.content_size) &&
	    find("ZSTD_isError", &lib.is_error) &&
	    find("ZSTD_getErrorCode", &lib.error_code) &&
	    find("ZSTD_getErrorName", &lib.error_name))
		return true;
	dlclose(lib.handle);
	lib.handle = NULL;
	return diag_error(d, "'%s' is not one that can be used", library);
}

bool squeeze(const void *bytes, size_t n, struct buf *out, struct diags *d)
{
	size_t most = lib.bound(n), size;

	size = lib.compress(buf_reserve(out, most), most, bytes, n, LEVEL);
	if (lib.is_error(size))
		return diag_error(d, "cannot compress: %s",
				  lib.error_name(size));
	out->size += size;
	return true;
}

bool squeeze_is(const void *bytes, size_t n)
{
	static const unsigned char zstd[4] = { 0x28, 0xb5, 0x2f, 0xfd };

	return n >= sizeof(zstd) && memcmp(bytes, zstd, sizeof(zstd)) == 0;
}

/* What a frame says of its size is not believed, but taken for a limit. */
bool unsqueeze(const void *bytes, size_t n, size_t limit, const char *name,
	       struct buf *out, struct diags *d)
{
	unsigned long long said = lib.content_size(bytes, n);
	size_t most = said == unknown_size ? limit : (size_t)said, size;

	if (most > limit)
		most = limit;
	size = lib.decompress(buf_reserve(out, most), most, bytes, n);
	if (lib.is_error(size) && most == limit &&
	    lib.error_code(size) == TOO_SMALL)
		return diag_error(d, "'%s' comes to more than %zu MiB", name,
				  limit >> 20);
	if (lib.is_error(size))
		return diag_error(d, "'%s' is damaged: %s", name,
				  lib.error_name(size));
	out->size += size;
	return true;
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
