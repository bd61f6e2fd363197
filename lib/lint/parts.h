/* SPDX-License-Identifier: MIT */
/* What the files of lint share, and nobody else. */
#ifndef CONVERGE_LINT_PARTS_H
#define CONVERGE_LINT_PARTS_H

#include "lib/lint/lint.h"
#include "lib/manifest/parts.h"

/* What a rule is given to look at. */
struct look {
	struct lint *lint;
	const struct lint_rule *rule;
	/* of a host or a resource */
	struct manifest *manifest;
	const struct catalog *catalog;
	const struct graph *graph;
	/* of a resource */
	const struct resource *res;
	const struct entry *entry;
	json_t *attributes; /* as they are in the end */
	/* of a document */
	const struct document *doc;
};

/* --- findings --- */

/* A finding at pointer, as manifest_place takes it, in the arena; NULL: the
 * same rule has one there already. */
struct lint_finding *look_find(struct look *, const char *pointer,
			       enum source_at, const char *format, ...)
	PRINTF(4, 5);
/* The same of an attribute of the resource; NULL: of the resource. */
struct lint_finding *look_attribute(struct look *, const char *attribute,
				    const char *format, ...) PRINTF(3, 4);
/* The same of a file that is no manifest, of a rule by its id. */
struct lint_finding *lint_find_file(struct lint *, const char *rule,
				    const char *path, size_t line,
				    const char *format, ...) PRINTF(5, 6);
/* Makes the mark "KIND NAME". */
void lint_mark(struct lint *, const char *kind, const char *name);
/* That mark as a finding has it. */
const char *lint_mark_name(struct lint *, const char *kind, const char *name);
/* path, in the tree, is named; '*' in it stands for anything. */
void lint_name(struct lint *, const char *path);

/* Of edited-twice: edits that remove what others of the host put there. */
void lint_undone_edits(struct look *);

/* --- what resources say --- */

/* A string, or NULL. */
const char *look_text(const struct look *, const char *attribute);
bool look_is_true(const struct look *, const char *attribute);
bool look_has(const struct look *, const char *attribute);
/* The resource as it is written, before anything is filled in; or NULL. */
json_t *look_raw(struct look *);
/* The same of the attribute, wherever it is from. */
json_t *look_raw_attribute(struct look *, const char *attribute);
/* The value that a pointer leads to, or NULL. */
json_t *lint_value(const struct documents *, const char *pointer);
/* pointer with the name of its file. */
const char *look_pointer(const struct look *, const char *pointer);
/* Whether text has a ${reference}. */
bool lint_refers(const char *text);
bool lint_listed(const char *word, const char *const list[]);

/* --- used by several files --- */

/* Whether every Debian host has that folder, and more than one package puts
 * things into it. */
bool lint_is_standard(const char *path);
/* What a string of a document looks like, if like a credential; or NULL. */
const char *lint_credential(const char *text, size_t size);

/* Whether a condition asks for nothing that only a real host knows. */
bool lint_is_certain(json_t *when);

/* --- the rules --- */

void lint_unused_roles(struct look *);
void lint_unused_vars(struct look *);
void lint_unused_files(struct lint *, const struct tree *);
void lint_uses(struct lint *, const struct document *);
void lint_uses_of_host(struct lint *, const struct manifest *);
void lint_undescribed_role(struct look *);
void lint_rule_conditions(struct look *);

void lint_shadowed_defaults(struct look *);
void lint_shadowed_vars(struct look *);
void lint_shadowed_overrides(struct look *);
void lint_deprecated(struct look *);

void lint_unmanaged_parent(struct look *);
void lint_world_writable(struct look *);
void lint_setuid(struct look *);
void lint_wide_purge(struct look *);
void lint_inside_unpacked(struct look *);
void lint_edited_twice(struct look *);
void lint_sudoers(struct look *);
void lint_unstable_device(struct look *);

void lint_exec_guard(struct look *);
void lint_shell_string(struct look *);
void lint_shell_interpolation(struct look *);
void lint_pipe_to_shell(struct look *);
void lint_cron_path(struct look *);

void lint_latest(struct look *);
void lint_http(struct look *);
void lint_unauthenticated(struct look *);
void lint_floating_revision(struct look *);

void lint_service_check(struct look *);
void lint_deaf_target(struct look *);
void lint_silent_exec(struct look *);

void lint_wider_than_secret(struct look *);
void lint_credentials(struct look *);
void lint_credential_file(struct lint *, const char *path, const char *text,
			  size_t size);
void lint_weak_hash(struct look *);
void lint_same_key(struct look *);
void lint_same_id(struct look *);

#endif
