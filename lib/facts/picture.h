/* SPDX-License-Identifier: MIT */
#ifndef CONVERGE_FACTS_PICTURE_H
#define CONVERGE_FACTS_PICTURE_H

#include <jansson.h>

/*
 * The facts of a host that nobody looks at: those of a small Debian 12 machine
 * of that name, with what the world says of all hosts over them, and over that
 * what the host's file says of it. Both are objects, in which "os.id" stands
 * for {"os": {"id": ...}}; or NULL. A new reference.
 */
json_t *facts_picture(json_t *world, const char *host, json_t *own);
/* Of those what the world and the host's file say, and nothing else. */
json_t *facts_told(json_t *world, json_t *own);

/* Lays one such object over facts, in place. */
void facts_lay_over(json_t *facts, json_t *over);

#endif
