/* SPDX-License-Identifier: MIT */
#include "lib/host/repository.h"

#include <string.h>

bool repository_is_commit(const char *revision)
{
	return object_is_hex(revision, OBJECT_HEX);
}

void git_source_pack(struct pack *p, struct git_source *r)
{
	pack_text(p, &r->path);
	pack_text(p, &r->url);
	pack_expect(p, memchr(r->commit, '\0', sizeof(r->commit)));
	pack_bool(p, &r->unread);
	pack_bool(p, &r->unfetched);
	table_pack(p, &r->table);
}
