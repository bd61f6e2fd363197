/* SPDX-License-Identifier: MIT */
/*
 * Attributes: one row each of a type's table, and the kinds of value they
 * take. The rows give parsing, defaults, comparison, JSON Schema, the manual,
 * completion, and how a value is shown.
 */
#ifndef CONVERGE_KINDS_ATTR_H
#define CONVERGE_KINDS_ATTR_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/diag.h"
#include "lib/base/pack.h"
#include "lib/base/strings.h"

struct attr;
struct scope;
struct tree;

/* What a kind needs to read a value. */
struct reading {
	struct arena *arena;       /* of the catalog */
	struct diags *diags;       /* its place is the value's */
	const struct tree *tree;   /* files beside the manifest; may be NULL */
	const struct scope *scope; /* for templates */
	bool html;                 /* they are escaped for it */
	bool check_only;           /* no value is needed: nothing is rendered */
	bool unsealed;             /* secrets need not be there */
	bool sealed;               /* they must be sealed */
};

/* How values of an attribute are read, compared and shown. */
struct kind {
	const char *name; /* for the manual: "path", "mode", ... */
	size_t size;      /* of the field */
	/* Reads a JSON value into the field; false with a diagnostic. */
	bool (*read)(const struct reading *, const struct attr *,
		     const json_t *, void *field);
	/* Whether have is as want asks; NULL: never compared. */
	bool (*equal)(const void *want, const void *have);
	/* The value for people and for JSON; a new reference. */
	json_t *(*show)(const struct attr *, const void *field);
	/* Its JSON Schema, a new reference. */
	json_t *(*schema)(const struct attr *);
	/* Walks over what the field points to, and expects a value that is set
	 * to be one; NULL: it points to nothing, and all values are right. */
	void (*pack)(struct pack *, const struct attr *, void *field, bool set);
};

extern const struct kind kind_path;     /* const char *: absolute path */
extern const struct kind kind_paths;    /* struct strings: one or more */
extern const struct kind kind_text;     /* const char * */
extern const struct kind kind_scalar;   /* const char *: text or integer */
extern const struct kind kind_texts;    /* struct strings: one or a list */
extern const struct kind kind_choice;   /* int: index into choices */
extern const struct kind kind_bool;     /* bool */
extern const struct kind kind_integer;  /* int64_t, min to max of the row */
extern const struct kind kind_mode;     /* struct mode; have: octal, and
					 * whether it is a directory's */
extern const struct kind kind_owner;    /* const char *: user name or number */
extern const struct kind kind_group;    /* const char *: group, the same */
extern const struct kind kind_account;  /* const char *: a name that useradd(8)
					 * gives */
extern const struct kind kind_accounts; /* struct strings: names of accounts,
					 * one or a list */
extern const struct kind kind_hash;     /* struct content: of a password, or a
					 * secret that is one */
extern const struct kind kind_public_key; /* const char *: type, blob and
					   * perhaps comment, of SSH */
extern const struct kind kind_date;       /* int64_t: days, or NEVER_EXPIRES */
extern const struct kind kind_content;    /* struct content: literal text */
extern const struct kind kind_source;   /* struct content: file of the world */
extern const struct kind kind_template; /* struct content: rendered */
extern const struct kind kind_tarball;  /* struct tarball: archive of the
					 * world, not yet read, or a URL */
extern const struct kind kind_repository; /* struct git_source: path or URL of
					   * one, not yet read */
extern const struct kind kind_folder;   /* const char *: folder of the world */
extern const struct kind kind_argv;     /* struct strings: a command */
extern const struct kind kind_command;  /* struct strings; or, for a shell, one
					 * string: then v[0] alone, n = 1 */
extern const struct kind kind_commands; /* struct commands: a command or a
					 * list of commands */
extern const struct kind kind_env;      /* struct strings: "NAME=value" */
extern const struct kind kind_duration; /* int64_t: milliseconds */
extern const struct kind kind_integers; /* struct integers */
extern const struct kind kind_target;   /* const char *: a link's target */
extern const struct kind kind_enable;   /* int: enum unit_enabled */
extern const struct kind kind_line;     /* const char *: text, one line */
extern const struct kind kind_secret_line;    /* struct content: the same, or
					       * with a secret */
extern const struct kind kind_secret_setting; /* struct content: of
					       * kind_setting, the same */
extern const struct kind kind_secret_json;    /* struct content: of kind_json,
					       * the same */
extern const struct kind kind_pattern;        /* const char *: extended regular
					       * expression, one line */
extern const struct kind kind_setting;        /* const char *: the same, or an
					       * integer */
extern const struct kind kind_section;        /* const char *: of an ini file */
extern const struct kind kind_key;            /* const char *: the same */
extern const struct kind kind_json;       /* const char *: any value, as JSON */
extern const struct kind kind_pointer;    /* const char *: RFC 6901 */
extern const struct kind kind_address;    /* const char *: of IPv4 or IPv6 */
extern const struct kind kind_host_name;  /* const char *: RFC 1123 */
extern const struct kind kind_host_names; /* struct strings: a set of them */
extern const struct kind kind_umask;      /* int32_t */

/* A schema, taken over, or in its place a string with a ${reference}. */
json_t *schema_or_reference(json_t *schema);

struct commands {
	struct strings *v;
	size_t n;
};

struct integers {
	int64_t *v;
	size_t n;
};

enum attr_flag {
	ATTR_NAME = 1, /* the part of the id after ':' unless given */
	ATTR_REQUIRED = 2,
	ATTR_STATE = 4,  /* compared with the host */
	ATTR_ENSURE = 8, /* a choice whose first says "there" and whose
			  * "absent" says that nothing else counts */
	ATTR_PATH = 16,  /* the path that this resource manages */
	ATTR_DEPRECATED = 32,
	ATTR_INTERNAL = 64,        /* of the type's own, not for manifests */
	ATTR_REQUIRED_THERE = 128, /* required unless ensure is "absent": for
				    * the schema and the manual; the type's
				    * check says so */
	ATTR_SENSITIVE = 256, /* no output may show it, whatever the manifest
			       * says */
	ATTR_EDITS = 512,     /* the path of a file that this resource edits, as
			       * others may */
	ATTR_GOING = 4096,    /* what goes with it: that counts also when it is
			       * to be absent */
	ATTR_SECRET = 1024,   /* it may hold a secret; in all others one is
			       * refused */
	ATTR_MANNER = 2048,   /* how the resource is managed: when it alone is
			       * another, nothing on the host is */
};

struct attr {
	const char *name;
	const struct kind *kind;
	unsigned flags;
	size_t offset;
	const char *const *choices; /* kind_choice; NULL-ended */
	const char *fallback; /* default, as JSON: "\"present\"", "true" */
	const char *doc;      /* one sentence */
	/* Why it takes no secret, and what does: said to who gives it one;
	 * NULL: that is plain. */
	const char *no_secret;
	int64_t min, max; /* kind_integer; both 0: any */
};

/*
 * Every type's record begins with this. Row i of the table is bit i.
 */
struct record {
	uint64_t set;     /* rows that have a value; in have: that are there */
	uint64_t written; /* rows that the user wrote, right or wrong */
	uint64_t unknown; /* in have: rows that cannot be known */
	uint64_t secret;  /* in want: rows whose value holds a secret */
	const char *because; /* why they cannot */
};

/* Whether the value of an attribute holds a secret. */
bool attr_is_secret(const struct attr *, const void *field);
/* Whether a file of the world begins as a sealed secret does; false also when
 * it cannot be read. */
bool secret_is_sealed(const struct tree *, const char *path);
/* Whether an ATTR_ENSURE row of the record says "absent". */
bool attr_absent(const struct attr *, const void *record);
/* Marks row as unknown. */
void record_unknown(struct record *have, unsigned row, const char *because);
/* ATTR_STATE rows set in want that have does not satisfy or cannot know. */
uint64_t record_differ(const struct attr *, size_t n, const void *want,
		       const void *have);
/* Whether two observations show the same state. */
bool record_same(const struct attr *, size_t n, const void *a, const void *b);

#endif
