/* SPDX-License-Identifier: MIT */
#include "lib/host/linux/versions.h"

#include <dlfcn.h>
#include <git2.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

/* its macros that look at types take calls by a pointer for their own */
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

#include "lib/base/path.h"
#include "lib/host/linux/library.h"
#include "lib/host/repository.h"
#include "lib/host/squeeze.h"
#include "lib/host/sshsig.h"
#include "lib/host/tarball.h"

typedef void (*function)(void);

/* sqlite3_libversion, archive_version_string ("libarchive 3.6.2"),
 * ZSTD_versionString. */
static const char *read_text(function f, struct arena *a)
{
	const char *text = ((const char *(*)(void))f)();
	const char *blank = strrchr(text, ' ');

	return arena_strdup(a, blank ? blank + 1 : text);
}

/* git_libgit2_version */
static const char *read_numbers(function f, struct arena *a)
{
	int major = 0, minor = 0, patch = 0;

	((int (*)(int *, int *, int *))f)(&major, &minor, &patch);
	return arena_printf(a, "%d.%d.%d", major, minor, patch);
}

/* curl_version_info(3) */
static const char *read_curl(function f, struct arena *a)
{
	const curl_version_info_data *info = ((
		curl_version_info_data * (*)(CURLversion)) f)(CURLVERSION_NOW);

	return arena_strdup(a, info->version);
}

/* OpenSSL_version(3) */
static const char *read_openssl(function f, struct arena *a)
{
	enum { FULL_VERSION_STRING = 7 };

	return arena_strdup(a, ((const char *(*)(int))f)(FULL_VERSION_STRING));
}

/* libsystemd does not tell: what its file is called, where that is a link. */
static const char *read_file(function f, struct arena *a)
{
	char target[PATH_MAX];
	Dl_info info;
	void *at;
	ssize_t n;

	memcpy(&at, &f, sizeof(at));
	if (!dladdr(at, &info) || !info.dli_fname)
		return "of no name";
	n = readlink(info.dli_fname, target, sizeof(target));
	return path_name(n > 0 ? arena_strndup(a, target, (size_t)n)
			       : arena_strdup(a, info.dli_fname));
}

static const struct row {
	struct library library;
	const char *symbol;
	const char *(*read)(function, struct arena *);
	/* how runs load it, with all that they need of it; or NULL */
	bool (*load)(struct diags *);
} rows[] = {
	{ { .name = "sqlite",
	    .file = "libsqlite3.so.0",
	    .package = "libsqlite3-0" },
	  "sqlite3_libversion",
	  read_text,
	  NULL },
	{ { .name = "libgit2",
	    .file = "libgit2.so." LIBGIT2_SOVERSION,
	    .package = "libgit2" },
	  "git_libgit2_version",
	  read_numbers,
	  repository_load },
	{ { .name = "openssl", .file = "libcrypto.so.3", .package = "libssl3" },
	  "OpenSSL_version",
	  read_openssl,
	  sshsig_load },
	{ { .name = "libcurl", .file = "libcurl.so.4", .package = "libcurl4" },
	  "curl_version_info",
	  read_curl,
	  NULL },
	{ { .name = "libarchive",
	    .file = "libarchive.so.13",
	    .package = "libarchive13" },
	  "archive_version_string",
	  read_text,
	  tarball_load },
	{ { .name = "zstd", .file = "libzstd.so.1", .package = "libzstd1" },
	  "ZSTD_versionString",
	  read_text,
	  squeeze_load },
	{ { .name = "libsystemd",
	    .file = "libsystemd.so.0",
	    .package = "libsystemd0" },
	  "sd_bus_open_system",
	  read_file,
	  NULL },
};

static struct library_version look(const struct row *row, struct arena *a)
{
	AUTO_DIAGS struct diags d = { 0 };
	struct library_version v = { .name = row->library.name };
	function f = NULL;
	const struct library_function wanted = { row->symbol, &f };
	struct library library = row->library;

	library.functions = &wanted;
	library.n = 1;
	if (library_load(&library, &d) && (!row->load || row->load(&d)))
		v.version = row->read(f, a);
	else
		v.wrong = arena_strdup(a, d.v[0].text);
	return v;
}

const struct library_version *library_versions(struct arena *a, size_t *n)
{
	struct library_version *v =
		arena_array(a, struct library_version, COUNT(rows));

	for (*n = 0; *n < COUNT(rows); (*n)++)
		v[*n] = look(&rows[*n], a);
	return v;
}
