/* SPDX-License-Identifier: MIT */
/* The single facts, and what those who gather them share. */
#ifndef CONVERGE_FACTS_ROWS_H
#define CONVERGE_FACTS_ROWS_H

#include <jansson.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/facts/facts.h"

/*
 * Each gives a new reference, or NULL: this host does not say. The tree's are
 * read below the root, the machine's from the kernel that runs.
 */
json_t *fact_hostname(struct facts *);
json_t *fact_fqdn(struct facts *);
json_t *fact_domain(struct facts *);
json_t *fact_os(struct facts *);
json_t *fact_timezone(struct facts *);
json_t *fact_package_manager(struct facts *);
json_t *fact_init(struct facts *);

json_t *fact_kernel(struct facts *);
json_t *fact_architecture(struct facts *);
json_t *fact_cpu(struct facts *);
json_t *fact_memory(struct facts *);
json_t *fact_hardware(struct facts *);
json_t *fact_virtualization(struct facts *);
json_t *fact_disks(struct facts *);
json_t *fact_mounts(struct facts *);
json_t *fact_network(struct facts *);

/* What is in facts.d: the names, and the value of one of them. */
void facts_local_names(struct facts *, struct strings *);
json_t *facts_local(struct facts *, const char *name);

/* The file's text; false: it is not there, is no file, or is too long. */
bool facts_read(const struct host *, const char *path, struct buf *);
/* Its first line without blanks around it; NULL: there is none, or it is
 * empty. */
const char *facts_line(const struct host *, const char *path, struct arena *);
/* The first line of a file as a member of object, if there is one. */
void facts_set_line(json_t *object, const char *key, const struct host *,
		    const char *path, struct arena *);
/* The names in a folder, sorted, without "." files; none on any error. */
void facts_names(const struct host *, const char *path, struct arena *,
		 struct strings *);
bool facts_is(const struct host *, const char *path, enum node_type);
/* A line of text, and the rest. NULL: there is no more. */
char *facts_next_line(char **text);
/* A field that blanks end, and the rest of the line; "": there is no more. */
char *facts_next_field(char **line);
/* text as a new reference; NULL: it is NULL, or longer than 1 KiB. */
json_t *facts_text(const char *text);
/* The same as a member of object; "": none. */
void facts_set(json_t *object, const char *key, const char *text);
/* {columns: the members called column of all rows, name: rows}; takes rows
 * over. `when` looks into a list of texts, a template walks along the rows. */
json_t *facts_table(const char *columns, const char *column, const char *name,
		    json_t *rows);
/* object, or NULL if it is empty. */
json_t *facts_or_none(json_t *object);

#endif
