/* SPDX-License-Identifier: MIT */
/* What a change does to hosts, for people: group by group. */
#include <string.h>

#include "cmd/view.h"

enum { NAMES_SHOWN = 12 /* or runs of them */, VALUE_SHOWN = 200 /* bytes */ };

static json_int_t count(const json_t *j, const char *key)
{
	return json_integer_value(json_object_get(j, key));
}

static const char *plural(json_int_t n)
{
	return n == 1 ? "" : "s";
}

static void escape(struct buf *b, const char *text)
{
	converge_escape(b, text, strlen(text), false);
}

/* --- a group --- */

static const char *kind_words(const json_t *group)
{
	const char *kind = view_string(group, "kind");

	if (strcmp(kind, "wrong") == 0)
		return " wrong";
	return strcmp(kind, "mended") == 0 ? " wrong before, and not now" : "";
}

void view_diff_hosts(const json_t *group, size_t most, struct buf *b)
{
	const json_t *hosts = json_object_get(group, "hosts");
	json_int_t n = (json_int_t)json_array_size(hosts);

	buf_printf(b, "%" JSON_INTEGER_FORMAT " host%s%s: ", n, plural(n),
		   kind_words(group));
	converge_names(hosts, most, b);
}

/* " (3 restarts, 1 reload)" */
static void add_refreshes(const json_t *counts, struct buf *b)
{
	static const struct {
		const char *key, *word;
	} kinds[] = { { "restarts", "restart" }, { "reloads", "reload" } };
	const char *between = " (";

	for (size_t i = 0; i < COUNT(kinds); i++) {
		json_int_t n = count(counts, kinds[i].key);

		if (!n)
			continue;
		buf_printf(b, "%s%" JSON_INTEGER_FORMAT " %s%s", between, n,
			   kinds[i].word, plural(n));
		between = ", ";
	}
	if (*between == ',')
		buf_putc(b, ')');
}

/* False: there is nothing to count. */
static bool add_counts(const json_t *counts, struct buf *b)
{
	static const struct {
		const char *key, *words;
	} parts[] = {
		{ "create", "to create" },
		{ "update", "to change" },
		{ "remove", "to remove" },
		{ "refresh", "to refresh" },
		{ "unknown", "unknown" },
		{ "withheld", "withheld" },
		{ "failed", "failed" },
		{ "manage", "managed otherwise" },
		{ "release", "managed no more" },
	};
	const char *between = "";

	for (size_t i = 0; i < COUNT(parts); i++) {
		json_int_t n = count(counts, parts[i].key);

		if (!n)
			continue;
		buf_printf(b, "%s%" JSON_INTEGER_FORMAT " %s", between, n,
			   parts[i].words);
		between = ", ";
		if (strcmp(parts[i].key, "refresh") == 0)
			add_refreshes(counts, b);
	}
	return *between != '\0';
}

void view_diff_counts(const json_t *group, struct buf *b)
{
	const json_t *counts = json_object_get(group, "summary");

	if (!counts)
		return;
	if (!add_counts(counts, b))
		buf_puts(b, "no resource changes");
	buf_printf(b, ". Disruption: %s", view_string(counts, "disruption"));
}

static void add_policies(const json_t *list, struct buf *b)
{
	const json_t *p;
	size_t i;

	json_array_foreach (list, i, p) {
		const char *before = view_string(p, "before"),
			   *after = view_string(p, "after");
		json_int_t n = count(p, "resources");

		buf_printf(
			b, "    policy: %s %s -> %s", view_string(p, "policy"),
			before ? before : "not set", after ? after : "not set");
		if (n)
			buf_printf(b,
				   ", of %" JSON_INTEGER_FORMAT " resource%s",
				   n, plural(n));
		buf_putc(b, '\n');
	}
}

/* Facts that nobody told, after such words. */
static void add_assumed(const json_t *assumed, const char *between,
			struct buf *b)
{
	const char *name;
	json_t *value;

	json_object_foreach ((json_t *)(uintptr_t)assumed, name, value) {
		char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);

		buf_puts(b, between);
		escape(b, name);
		buf_puts(b, " is ");
		escape(b,
		       json_is_string(value) ? json_string_value(value) : text);
		free(text);
		between = ", ";
	}
	if (json_object_size(assumed))
		buf_putc(b, '\n');
}

/* What differs from a plan whatever the revision. */
static void add_due(const json_t *group, struct buf *b)
{
	json_int_t due = count(group, "due");
	const json_t *change;
	size_t i;

	if (due)
		buf_printf(b,
			   "    %" JSON_INTEGER_FORMAT " change%s due anyway\n",
			   due, due == 1 ? " is" : "s are");
	json_array_foreach (json_object_get(group, "dropped"), i, change) {
		buf_puts(b, "    no more due: ");
		escape(b, view_string(change, "id"));
		buf_putc(b, '\n');
	}
}

void view_diff_notes(const json_t *group, struct buf *b)
{
	const json_t *commit;
	size_t i;

	json_array_foreach (json_object_get(group, "commits"), i, commit) {
		buf_puts(b, "    by ");
		view_text_past(commit, b);
		buf_putc(b, '\n');
	}
	add_due(group, b);
	add_policies(json_object_get(group, "policies"), b);
	if (json_is_true(json_object_get(group, "reordered")))
		buf_puts(b, "    resources are looked at in another order\n");
	add_assumed(json_object_get(group, "assumed"), "    assumed: ", b);
}

void view_diff_findings(const json_t *group, struct buf *b)
{
	const json_t *finding;
	size_t i;

	json_array_foreach (json_object_get(group, "findings"), i, finding) {
		struct diag d = {
			.severity = SEVERITY_ERROR,
			.place = { view_string(finding, "file"),
				   (size_t)count(finding, "line"),
				   (size_t)count(finding, "column") },
			.subject = view_string(finding, "subject"),
			.text = view_string(finding, "text"),
			.hint = view_string(finding, "hint"),
		};

		buf_puts(b, "    ");
		view_diag(&d, b);
	}
}

/* In few words; lists as JSON. False: there are none. */
static bool add_value(const json_t *value, const json_t *other, struct buf *b)
{
	AUTO_FREE char *text =
		json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
	const char *word = text;

	if (!text || json_is_object(value) || strlen(text) > VALUE_SHOWN)
		return false;
	if (view_text_quoted(value, other, b))
		return true;
	if (json_is_string(value) && json_string_length(value))
		word = json_string_value(value);
	escape(b, json_is_null(value) ? "none" : word);
	return true;
}

/* What differs where that alone does not tell whether anything changes. */
static void add_values(const json_t *change, struct buf *b)
{
	json_t *all = json_object_get(change, "attributes"), *value;
	const char *name;

	json_object_foreach (all, name, value) {
		const json_t *was = json_object_get(value, "before"),
			     *will = json_object_get(value, "after");
		AUTO_BUF struct buf before = { 0 };
		AUTO_BUF struct buf after = { 0 };

		buf_puts(b, "    ");
		escape(b, name);
		if (add_value(was, will, &before) &&
		    add_value(will, was, &after))
			buf_printf(b, " %s -> %s", before.text, after.text);
		buf_putc(b, '\n');
	}
}

/* What a new file holds is shown to those who want to see it all; and a commit
 * that is the only one of the group is told with that. */
void view_diff_change(const struct view *v, const json_t *group,
		      const json_t *change, struct buf *b)
{
	json_t *shown = json_deep_copy(change);

	if (!v->verbose && strcmp(view_string(change, "action"), "create") == 0)
		json_object_del(shown, "diff");
	if (json_array_size(json_object_get(group, "commits")) < 2)
		json_object_del(json_object_get(shown, "origin"), "commit");
	view_text_change(v, shown, b);
	if (strcmp(view_string(change, "action"), "unknown") == 0 &&
	    !json_is_true(json_object_get(group, "planned")))
		add_values(change, b);
	json_decref(shown);
}

/* --- the rest --- */

static json_t *names_of(const json_t *added)
{
	json_t *names = json_array();
	const json_t *one;
	size_t i;

	json_array_foreach (added, i, one)
		json_array_append(names, json_object_get(one, "host"));
	return names;
}

void view_diff_added(const json_t *document, size_t most, struct buf *b)
{
	const json_t *added = json_object_get(document, "added"), *one;
	json_int_t resources = 0, n = (json_int_t)json_array_size(added);
	json_t *names = names_of(added);
	size_t i;

	json_array_foreach (added, i, one)
		resources += count(one, "resources");
	if (n) {
		buf_printf(b, "%" JSON_INTEGER_FORMAT " new host%s: ", n,
			   plural(n));
		converge_names(names, most, b);
		buf_printf(b, "; %" JSON_INTEGER_FORMAT " resource%s\n",
			   resources, plural(resources));
	}
	json_decref(names);
}

void view_diff_removed(const json_t *document, size_t most, struct buf *b)
{
	const json_t *removed = json_object_get(document, "removed");
	json_int_t n = (json_int_t)json_array_size(removed);

	if (!n)
		return;
	buf_printf(b,
		   "%" JSON_INTEGER_FORMAT " host%s gone from the world: ", n,
		   plural(n));
	converge_names(removed, most, b);
	buf_puts(b, "; what they are stays\n");
}

void view_diff_snapshots(const json_t *document, size_t most, struct buf *b)
{
	const json_t *s = json_object_get(document, "snapshots"),
		     *without = json_object_get(s, "without");
	json_int_t n = count(s, "planned"), others = count(s, "unsigned");
	json_t *names;

	if (!s)
		return;
	buf_printf(b, "planned for %" JSON_INTEGER_FORMAT " snapshot%s", n,
		   plural(n));
	if (n)
		buf_printf(b, ", the oldest of %s (%s)", view_string(s, "time"),
			   view_string(s, "host"));
	if (others)
		buf_printf(b, "; %" JSON_INTEGER_FORMAT " not signed", others);
	if (json_array_size(without)) {
		names = names_of(without);
		buf_puts(b, "; by their catalogs alone: ");
		converge_names(names, most, b);
		json_decref(names);
	}
	buf_putc(b, '\n');
}

/* Of hosts that would change if those are otherwise. */
void view_diff_assumed(const json_t *document, size_t most, struct buf *b)
{
	const json_t *assumed = json_object_get(document, "assumed"),
		     *hosts = json_object_get(assumed, "hosts");
	json_int_t n = (json_int_t)json_array_size(hosts);

	if (!n)
		return;
	buf_printf(b, "%" JSON_INTEGER_FORMAT " unchanged host%s: ", n,
		   plural(n));
	converge_names(hosts, most, b);
	add_assumed(json_object_get(assumed, "facts"), "; assumed: ", b);
}

/* Why a snapshot that is there does not count. */
static void add_unread(const json_t *document, struct buf *b)
{
	const json_t *s = json_object_get(document, "snapshots"), *one;
	size_t i;

	json_array_foreach (json_object_get(s, "without"), i, one) {
		if (!view_string(one, "because"))
			continue;
		buf_puts(b, "    ");
		escape(b, view_string(one, "because"));
		buf_putc(b, '\n');
	}
}

void view_diff_summary(const json_t *document, struct buf *b)
{
	static const struct {
		const char *key, *words;
	} parts[] = {
		{ "added", "new" },
		{ "removed", "gone" },
		{ "wrong", "wrong" },
		{ "mended", "wrong before" },
	};
	const json_t *s = json_object_get(document, "summary");
	json_int_t changed = count(s, "changed"), groups = 0;
	const json_t *group;
	size_t i;

	json_array_foreach (json_object_get(document, "groups"), i, group)
		groups += strcmp(view_string(group, "kind"), "changed") == 0;
	buf_printf(b,
		   "diff: %" JSON_INTEGER_FORMAT " of %" JSON_INTEGER_FORMAT
		   " host%s change%s",
		   changed, count(s, "hosts"), plural(count(s, "hosts")),
		   changed == 1 ? "s" : "");
	if (groups)
		buf_printf(b, " in %" JSON_INTEGER_FORMAT " group%s", groups,
			   plural(groups));
	for (i = 0; i < COUNT(parts); i++)
		if (count(s, parts[i].key))
			buf_printf(b, ", %" JSON_INTEGER_FORMAT " %s",
				   count(s, parts[i].key), parts[i].words);
	buf_printf(b, "; %" JSON_INTEGER_FORMAT " unchanged. ",
		   count(s, "unchanged"));
	if (add_counts(json_object_get(s, "totals"), b))
		buf_puts(b, ". ");
	buf_printf(b, "Disruption: %s\n", view_string(s, "disruption"));
}

/* --- as text --- */

static void add_head(const json_t *document, struct buf *b)
{
	const json_t *asked = json_object_get(document, "asked"),
		     *new = json_object_get(document, "new");

	buf_puts(b, "from ");
	view_text_commit(json_object_get(document, "old"), b);
	if (asked) {
		buf_puts(b, ", which it has in common with ");
		view_text_commit(asked, b);
	}
	buf_puts(b, json_is_true(json_object_get(new, "work_tree"))
			    ? "\nto the work tree at "
			    : "\nto ");
	view_text_commit(new, b);
	buf_putc(b, '\n');
}

static void add_group(const struct view *v, const json_t *group, struct buf *b)
{
	const json_t *change;
	size_t i;

	buf_putc(b, '\n');
	view_diff_hosts(group, v->verbose ? 0 : NAMES_SHOWN, b);
	buf_putc(b, '\n');
	if (json_object_get(group, "summary")) {
		buf_puts(b, "    ");
		view_diff_counts(group, b);
		buf_putc(b, '\n');
	}
	view_diff_notes(group, b);
	view_diff_findings(group, b);
	json_array_foreach (json_object_get(group, "changes"), i, change)
		view_diff_change(v, group, change, b);
}

void view_diff_text(struct view *v, const json_t *document)
{
	const json_t *group;
	AUTO_BUF struct buf b = { 0 };
	size_t i, most = v->verbose ? 0 : NAMES_SHOWN;

	if (!v->quiet) {
		add_head(document, &b);
		json_array_foreach (json_object_get(document, "groups"), i,
				    group) {
			add_group(v, group, &b);
			view_print(v, &b);
			buf_clear(&b);
		}
		if (i)
			buf_putc(&b, '\n');
		view_diff_added(document, most, &b);
		view_diff_removed(document, most, &b);
		view_diff_snapshots(document, most, &b);
		add_unread(document, &b);
		view_diff_assumed(document, most, &b);
	}
	view_diff_summary(document, &b);
	view_print(v, &b);
}
