/* SPDX-License-Identifier: MIT */
/* A status file, and after the first byte 0 in it the journal. */
#include "lib/host/linux/packages/dpkg.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(holds)             \
	do {                     \
		if (!(holds))    \
			abort(); \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Each is found by its name and architecture, unless those hold a ':'. */
static void check_entry(const struct dpkg *db, const struct dpkg_entry *e)
{
	AUTO(arena_release) struct arena a = { 0 };
	const struct dpkg_entry *found;

	CHECK(e->name[0] && e->version && e->architecture);
	CHECK(strcmp(package_state_name(e->state), "unknown") != 0);
	if (strchr(e->name, ':'))
		return;
	found = dpkg_find(db,
			  arena_printf(&a, "%s:%s", e->name, e->architecture));
	CHECK(found == e);
	found = dpkg_find(db, e->name);
	CHECK(!found || strcmp(found->name, e->name) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(dpkg_release) struct dpkg db = { 0 };
	char *text = arena_strndup(&db.arena, (const char *)data, size);
	const char *nul = memchr(text, 0, size);
	size_t n = nul ? (size_t)(nul - text) : size;
	bool broken = false;

	dpkg_is_name(text);
	dpkg_is_version(text);
	dpkg_parse(&db, text, n);
	if (n < size)
		dpkg_parse(&db, text + n + 1, size - n - 1);
	for (const struct dpkg_entry *e = db.first; e; e = e->next) {
		check_entry(&db, e);
		broken |= e->state > PACKAGE_CONFIG_FILES &&
			  e->state < PACKAGE_INSTALLED;
	}
	CHECK(broken == dpkg_is_broken(&db));
	return 0;
}
