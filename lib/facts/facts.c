/* SPDX-License-Identifier: MIT */
#include "lib/facts/facts.h"

#include <string.h>

#include "lib/facts/rows.h"
#include "lib/text/escape.h"

enum {
	FILE_MAX = 4 * 1024 * 1024, /* proc(5) tells of every processor */
	TEXT_MAX = 1024,
	NAMES_MAX = 4096,
	PART_MAX = 128,
};

static const struct row {
	const char *name;
	json_t *(*gather)(struct facts *);
} rows[] = {
	{ "hostname", fact_hostname },
	{ "fqdn", fact_fqdn },
	{ "domain", fact_domain },
	{ "os", fact_os },
	{ "timezone", fact_timezone },
	{ "package_manager", fact_package_manager },
	{ "init", fact_init },
	{ "kernel", fact_kernel },
	{ "architecture", fact_architecture },
	{ "cpu", fact_cpu },
	{ "memory", fact_memory },
	{ "hardware", fact_hardware },
	{ "virtualization", fact_virtualization },
	{ "disks", fact_disks },
	{ "mounts", fact_mounts },
	{ "network", fact_network },
};

/* --- shared --- */

/* Facts are a courtesy: what cannot be read is not there. */
bool facts_read(const struct host *h, const char *path, struct buf *b)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	struct node node;
	bool whole;

	return host_look(h, path, &node, &ignored) && node.type == NODE_FILE &&
	       host_read(h, path, FILE_MAX, b, &whole, &ignored) && whole;
}

const char *facts_line(const struct host *h, const char *path, struct arena *a)
{
	static const char blanks[] = " \t\r";
	AUTO_BUF struct buf b = { 0 };
	const char *from;
	size_t n;

	if (!facts_read(h, path, &b))
		return NULL;
	from = buf_text(&b) + strspn(buf_text(&b), blanks);
	n = strcspn(from, "\n");
	while (n && strchr(blanks, from[n - 1]))
		n--;
	return n ? arena_strndup(a, from, n) : NULL;
}

void facts_names(const struct host *h, const char *path, struct arena *a,
		 struct strings *names)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	struct strings all = { 0 };

	if (!facts_is(h, path, NODE_DIRECTORY) ||
	    !host_list(h, path, a, &all, &ignored))
		return;
	for (size_t i = 0; i < all.n && names->n < NAMES_MAX; i++)
		if (all.v[i][0] != '.')
			strings_add(names, a, all.v[i]);
}

bool facts_is(const struct host *h, const char *path, enum node_type type)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	struct node node;

	return host_look(h, path, &node, &ignored) && node.type == type;
}

char *facts_next_line(char **text)
{
	char *line = *text, *end;

	if (!line || !*line)
		return NULL;
	end = line + strcspn(line, "\n");
	*text = *end ? end + 1 : end;
	*end = '\0';
	return line;
}

char *facts_next_field(char **line)
{
	static const char blanks[] = " \t\r";
	char *field = *line + strspn(*line, blanks);
	char *end = field + strcspn(field, blanks);

	*line = *end ? end + 1 : end;
	*end = '\0';
	return field;
}

json_t *facts_text(const char *text)
{
	return text && strlen(text) <= TEXT_MAX ? escape_json(text) : NULL;
}

void facts_set(json_t *object, const char *key, const char *text)
{
	if (text && *text)
		json_object_set_new(object, key, facts_text(text));
}

void facts_set_line(json_t *object, const char *key, const struct host *h,
		    const char *path, struct arena *a)
{
	facts_set(object, key, facts_line(h, path, a));
}

json_t *facts_table(const char *columns, const char *column, const char *name,
		    json_t *list)
{
	json_t *texts = json_array(), *row;
	size_t i;

	json_array_foreach (list, i, row)
		json_array_append(texts, json_object_get(row, column));
	return json_pack("{s:o, s:o}", columns, texts, name, list);
}

json_t *facts_or_none(json_t *object)
{
	if (json_object_size(object))
		return object;
	json_decref(object);
	return NULL;
}

/* --- asking --- */

static void note(struct facts *f, const char *name, json_t *value)
{
	json_object_set_new(f->asked, name,
			    value ? json_incref(value) : json_null());
}

static bool is_asked(const struct facts *f, const char *name)
{
	return json_object_get(f->asked, name) != NULL;
}

static void ask_row(struct facts *f, const struct row *row)
{
	json_t *value;

	if (is_asked(f, row->name))
		return;
	value = row->gather(f);
	note(f, row->name, value);
	if (value)
		json_object_set_new(f->known, row->name, value);
}

static void ask_rows(struct facts *f, const char *name)
{
	for (size_t i = 0; i < COUNT(rows); i++)
		if (!name || strcmp(rows[i].name, name) == 0)
			ask_row(f, &rows[i]);
}

static json_t *local_of(struct facts *f)
{
	json_t *local = json_object_get(f->known, "local");

	if (!local)
		json_object_set_new(f->known, "local", local = json_object());
	return local;
}

/* What waits for a program is asked for again. */
static void ask_local(struct facts *f, const char *name)
{
	const char *whole = arena_printf(&f->arena, "local.%s", name);
	size_t pending = f->pending.n;
	json_t *local = local_of(f), *value;

	if (is_asked(f, whole) || strings_have(&f->pending, whole))
		return;
	value = facts_local(f, name);
	if (f->pending.n > pending)
		return;
	note(f, whole, value);
	if (value)
		json_object_set_new(local, name, value);
}

static void ask_all_local(struct facts *f)
{
	struct strings names = { 0 };
	json_t *list;

	if (is_asked(f, "local"))
		return;
	list = json_array();
	facts_local_names(f, &names);
	local_of(f);
	for (size_t i = 0; i < names.n; i++) {
		ask_local(f, names.v[i]);
		json_array_append_new(list, json_string(names.v[i]));
	}
	json_object_set_new(f->asked, "local", list);
}

/* The first part of a dotted name, which it is stepped over; "": it is empty
 * or longer than any fact's. */
static void take_part(const char **at, const char *end, char *part)
{
	const char *dot = memchr(*at, '.', (size_t)(end - *at));
	size_t n = (size_t)((dot ? dot : end) - *at);

	part[0] = '\0';
	if (n < PART_MAX)
		strncat(part, *at, n);
	*at = dot ? dot + 1 : end;
}

json_t *facts_get(struct facts *f, const char *name, size_t size)
{
	const char *end = name + size;
	char part[PART_MAX];

	if (!f->known) {
		f->known = json_object();
		f->asked = json_object();
	}
	if (!size) {
		ask_rows(f, NULL);
		ask_all_local(f);
		return f->known;
	}
	take_part(&name, end, part);
	if (strcmp(part, "local") != 0) {
		ask_rows(f, part);
	} else if (name < end) {
		take_part(&name, end, part);
		ask_local(f, part);
	} else {
		ask_all_local(f);
	}
	return f->known;
}

bool facts_hold(struct facts *f, const json_t *asked)
{
	json_t *then = (json_t *)(uintptr_t)asked; /* for jansson's iterators */

	for (void *i = json_object_iter(then); i;
	     i = json_object_iter_next(then, i)) {
		const char *name = json_object_iter_key(i);

		facts_get(f, name, strlen(name));
		if (!json_equal(json_object_get(f->asked, name),
				json_object_iter_value(i)))
			return false;
	}
	return !f->wrong;
}

void facts_list(struct strings *names, struct arena *a)
{
	for (size_t i = 0; i < COUNT(rows); i++)
		strings_add(names, a, rows[i].name);
	strings_add(names, a, "local");
}

void facts_release(struct facts *f)
{
	json_decref(f->known);
	json_decref(f->asked);
	arena_release(&f->arena);
	*f = (struct facts){ 0 };
}
