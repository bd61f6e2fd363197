/* SPDX-License-Identifier: MIT */
/*
 * What a change touches, for Graphviz. What is what shows by a mark and a shape
 * as well as by its colour; those are of Okabe and Ito, "Color Universal
 * Design" (2008), which the colour-blind tell apart too.
 */
#include "lib/review/impact_dot.h"

#include <string.h>

#include "lib/base/utf8.h"
#include "lib/review/names.h"
#include "lib/text/escape.h"

enum {
	GROUPS_SHOWN = 10,
	NAMES_SHOWN = 6 /* or runs of them */,
	TEXT_SHOWN = 72 /* bytes of one text */,
	REVISION_SHOWN = 7,
	FINDINGS_SHOWN = 3,
};

#define GREEN "#009e73"
#define ORANGE "#e69f00"
#define VERMILLION "#d55e00"
#define SKY "#56b4e9"
#define BLUE "#0072b2"
#define PURPLE "#cc79a7"
#define GREY "#777777"

/* How a resource is drawn: by its action, or if it has none by how else it is
 * touched. */
static const struct look {
	const char *kind, *mark, *shape, *words, *style;
} looks[] = {
	{ "create", "+ ", "round box", "created",
	  "shape=box, style=\"rounded,filled\", color=\"" GREEN
	  "\", fillcolor=\"#d4f0e7\", penwidth=2" },
	{ "update", "~ ", "box", "changed",
	  "shape=box, style=filled, color=\"" ORANGE
	  "\", fillcolor=\"#fdf0d2\", penwidth=2" },
	{ "remove", "- ", "octagon", "removed",
	  "shape=octagon, style=filled, color=\"" VERMILLION
	  "\", fillcolor=\"#f9dfcc\", penwidth=2" },
	{ "refresh", "! ", "hexagon", "restarted, reloaded or run",
	  "shape=hexagon, style=filled, color=\"" BLUE
	  "\", fillcolor=\"#ddeffa\", penwidth=2" },
	{ "unknown", "? ", "slanted box", "unknown",
	  "shape=parallelogram, style=filled, color=\"" PURPLE
	  "\", fillcolor=\"#f7e7ef\", penwidth=2" },
	{ "manage", "~ ", "note", "managed otherwise",
	  "shape=note, color=\"" ORANGE "\"" },
	{ "release", "o ", "dashed ellipse", "managed no more",
	  "shape=ellipse, style=dashed, color=\"" VERMILLION "\"" },
	{ "notified", "", "plain hexagon", "notified",
	  "shape=hexagon, color=\"" SKY "\"" },
	{ "linked", "", "plain box", "required or notified anew, or no more",
	  "shape=box, color=\"" GREY "\"" },
	{ "dependent", "", "dashed box", "needs one of them",
	  "shape=box, style=dashed, color=\"" GREY "\"" },
};

static const char *text_of(const json_t *j, const char *key)
{
	const char *text = json_string_value(json_object_get(j, key));

	return text ? text : "";
}

static json_int_t count(const json_t *j, const char *key)
{
	return json_integer_value(json_object_get(j, key));
}

static const char *plural(json_int_t n)
{
	return n == 1 ? "" : "s";
}

static bool is(const json_t *j, const char *key, const char *value)
{
	return strcmp(text_of(j, key), value) == 0;
}

/* The last look is that of what is none of the others. */
static const struct look *look_of(const json_t *resource)
{
	const char *action = text_of(resource, "action");
	const char *kind = *action ? action : text_of(resource, "touched");
	size_t i = 0;

	while (i + 1 < COUNT(looks) && strcmp(looks[i].kind, kind) != 0)
		i++;
	return &looks[i];
}

/* Within quotes, of about that many bytes, cut between characters. */
static void add_cut(struct buf *b, const char *text, size_t most,
		    const char *end)
{
	size_t size = strlen(text), n = 0;
	AUTO_BUF struct buf head = { 0 };

	while (n < size && n < most) {
		uint32_t rune;
		size_t step = utf8_decode(text + n, size - n, &rune);

		n += step ? step : 1;
	}
	buf_add(&head, text, n);
	escape_dot(b, buf_text(&head));
	if (n < size)
		buf_puts(b, end);
}

static void add_short(struct buf *b, const char *text)
{
	add_cut(b, text, TEXT_SHOWN, "\xe2\x80\xa6");
}

/* --- names of nodes: the number of the group, and the id --- */

static void add_name(struct buf *b, size_t group, const char *id)
{
	buf_printf(b, "\"%zu ", group + 1);
	escape_dot(b, id);
	buf_putc(b, '"');
}

/* --- resources --- */

static void add_attributes(struct buf *b, const json_t *names)
{
	const json_t *name;
	size_t i;

	json_array_foreach (names, i, name) {
		buf_puts(b, i ? ", " : "\\n");
		add_short(b, json_string_value(name) ? json_string_value(name)
						     : "");
	}
}

static void add_place(struct buf *b, const json_t *origin)
{
	buf_puts(b, "\\n");
	add_short(b, text_of(origin, "file"));
	if (count(origin, "line"))
		buf_printf(b, ":%" JSON_INTEGER_FORMAT, count(origin, "line"));
	if (json_is_true(json_object_get(origin, "gone")))
		buf_puts(b, ", as it was");
}

static void add_resource(struct buf *b, size_t group, const json_t *res)
{
	const struct look *look = look_of(res);

	buf_puts(b, "\t\t");
	add_name(b, group, text_of(res, "id"));
	buf_printf(b, " [label=\"%s", look->mark);
	add_short(b, text_of(res, "id"));
	add_attributes(b, json_object_get(res, "attributes"));
	if (is(res, "action", "refresh")) {
		buf_puts(b, "\\n");
		add_short(b, is(res, "disruption", "none")
				     ? "refresh"
				     : text_of(res, "disruption"));
	}
	if (*text_of(res, "withheld")) {
		buf_puts(b, "\\nwithheld: ");
		add_short(b, text_of(res, "withheld"));
	}
	add_place(b, json_object_get(res, "origin"));
	buf_printf(b, "\", %s];\n", look->style);
}

/* --- edges --- */

static void add_edge(struct buf *b, size_t group, const json_t *edge)
{
	const bool added = is(edge, "action", "add"),
		   removed = is(edge, "action", "remove");

	buf_puts(b, "\t\t");
	add_name(b, group, text_of(edge, "from"));
	buf_puts(b, " -> ");
	add_name(b, group, text_of(edge, "to"));
	buf_printf(b, " [label=\"%s", added ? "+ " : removed ? "- " : "");
	add_short(b, text_of(edge, "reason"));
	buf_putc(b, '"');
	if (removed)
		buf_puts(b, ", style=dotted");
	else if (!json_is_true(json_object_get(edge, "stated")))
		buf_puts(b, ", style=dashed");
	if (json_is_true(json_object_get(edge, "notifies")))
		buf_puts(b, ", color=blue");
	if (added)
		buf_puts(b, ", penwidth=2");
	buf_puts(b, "];\n");
}

/* --- a group --- */

static void add_hosts(struct buf *b, const json_t *list)
{
	AUTO(arena_release) struct arena a = { 0 };
	struct strings names = { 0 };
	const json_t *name;
	size_t i;

	json_array_foreach (list, i, name)
		if (json_is_string(name))
			strings_add(&names, &a, json_string_value(name));
	escape_dot(b, names_short(&names, NAMES_SHOWN, &a));
}

/* "41 hosts wrong: web-1 … web-41" */
static void add_heading(struct buf *b, const json_t *group)
{
	const json_t *hosts = json_object_get(group, "hosts");
	json_int_t n = (json_int_t)json_array_size(hosts);

	buf_printf(b, "%" JSON_INTEGER_FORMAT " host%s%s: ", n, plural(n),
		   is(group, "kind", "wrong")    ? " wrong"
		   : is(group, "kind", "mended") ? " wrong before, and not now"
						 : "");
	add_hosts(b, hosts);
	buf_puts(b, "\\l");
}

static void add_counts(struct buf *b, const json_t *counts)
{
	const char *between = "";

	if (!counts)
		return;
	for (size_t i = 0; i < COUNT(looks); i++) {
		json_int_t n = count(counts, looks[i].kind);

		if (!n)
			continue;
		buf_printf(b, "%s%" JSON_INTEGER_FORMAT " %s", between, n,
			   looks[i].words);
		between = "; ";
	}
	if (count(counts, "withheld")) {
		buf_printf(b, "%s%" JSON_INTEGER_FORMAT " withheld", between,
			   count(counts, "withheld"));
		between = "; ";
	}
	if (!*between)
		buf_puts(b, "no resource changes");
	buf_puts(b, ". Disruption: ");
	escape_dot(b, text_of(counts, "disruption"));
	buf_puts(b, "\\l");
}

/* Hosts of a group have the change in common, and not all that hangs on it. */
static void add_unlike(struct buf *b, const json_t *group)
{
	const json_t *unlike = json_object_get(group, "unlike");
	size_t n = json_array_size(unlike);

	if (!n)
		return;
	buf_puts(b, "drawn as on ");
	add_short(b, text_of(group, "shown"));
	buf_printf(b, "; it touches others on %zu host%s: ", n,
		   n == 1 ? "" : "s");
	add_hosts(b, unlike);
	buf_puts(b, "\\l");
}

/* What is not drawn, in words. */
static void add_more(struct buf *b, size_t group, const json_t *more)
{
	static const struct {
		const char *kind, *words;
	} kinds[] = { { "changed", "changed" },
		      { "notified", "notified" },
		      { "dependent", "that need them" },
		      { "linked", "linked otherwise" } };
	const char *between = ": ";
	json_int_t n = 0;

	for (size_t i = 0; i < COUNT(kinds); i++)
		n += count(more, kinds[i].kind);
	if (!n)
		return;
	buf_printf(b,
		   "\t\t\"%zu more\" [shape=plaintext, label=\"and "
		   "%" JSON_INTEGER_FORMAT " more",
		   group + 1, n);
	for (size_t i = 0; i < COUNT(kinds); i++) {
		json_int_t some = count(more, kinds[i].kind);

		if (!some)
			continue;
		buf_printf(b, "%s%" JSON_INTEGER_FORMAT " %s", between, some,
			   kinds[i].words);
		between = ", ";
	}
	buf_puts(b, "\"];\n");
}

static void add_findings(struct buf *b, size_t group, const json_t *list)
{
	const json_t *finding;
	size_t i;

	json_array_foreach (list, i, finding) {
		if (i == FINDINGS_SHOWN)
			break;
		buf_printf(b,
			   "\t\t\"%zu wrong %zu\" [shape=plaintext, label=\"",
			   group + 1, i + 1);
		add_short(b, text_of(finding, "file"));
		if (count(finding, "line"))
			buf_printf(b, ":%" JSON_INTEGER_FORMAT,
				   count(finding, "line"));
		buf_puts(b, "\\n");
		add_short(b, text_of(finding, "text"));
		buf_puts(b, "\"];\n");
	}
	if (json_array_size(list) > FINDINGS_SHOWN)
		buf_printf(b,
			   "\t\t\"%zu more\" [shape=plaintext, label=\"and "
			   "%zu more\"];\n",
			   group + 1,
			   json_array_size(list) - (size_t)FINDINGS_SHOWN);
}

static void add_group(struct buf *b, size_t i, const json_t *group)
{
	const json_t *resources = json_object_get(group, "resources"), *item;
	size_t k;

	buf_printf(b, "\tsubgraph \"cluster %zu\" {\n\t\tlabel=\"", i + 1);
	add_heading(b, group);
	add_counts(b, json_object_get(group, "summary"));
	add_unlike(b, group);
	buf_puts(b, "\";\n");
	json_array_foreach (resources, k, item)
		add_resource(b, i, item);
	json_array_foreach (json_object_get(group, "edges"), k, item)
		add_edge(b, i, item);
	add_more(b, i, json_object_get(group, "more"));
	add_findings(b, i, json_object_get(group, "findings"));
	/* an empty cluster is not drawn */
	if (!json_array_size(resources) &&
	    !json_array_size(json_object_get(group, "findings")))
		buf_printf(b, "\t\t\"%zu none\" [style=invis];\n", i + 1);
	buf_puts(b, "\t}\n");
}

static void add_other_groups(struct buf *b, const json_t *groups)
{
	size_t hosts = 0, n = json_array_size(groups);

	if (n <= GROUPS_SHOWN)
		return;
	for (size_t i = GROUPS_SHOWN; i < n; i++)
		hosts += json_array_size(
			json_object_get(json_array_get(groups, i), "hosts"));
	n -= GROUPS_SHOWN;
	buf_printf(b,
		   "\t\"more\" [shape=plaintext, label=\"and %zu more group%s "
		   "with %zu host%s\"];\n",
		   n, n == 1 ? "" : "s", hosts, hosts == 1 ? "" : "s");
}

/* --- the whole --- */

static void add_commit(struct buf *b, const json_t *revision)
{
	const json_t *commit = json_object_get(revision, "commit");

	add_cut(b, text_of(revision, "revision"), REVISION_SHOWN, "");
	buf_puts(b, " \\\"");
	add_short(b, text_of(commit, "subject"));
	buf_puts(b, "\\\"");
}

static void add_revisions(struct buf *b, const json_t *document)
{
	const json_t *new = json_object_get(document, "new");

	buf_puts(b, "what changes from ");
	add_commit(b, json_object_get(document, "old"));
	buf_puts(b, json_is_true(json_object_get(new, "work_tree"))
			    ? "\\lto the work tree at "
			    : "\\lto ");
	add_commit(b, new);
	buf_puts(b, ", and what that touches\\l");
}

static void add_numbers(struct buf *b, const json_t *document)
{
	static const struct {
		const char *key, *words;
	} parts[] = { { "unchanged", "unchanged" },
		      { "added", "new" },
		      { "removed", "gone" } };
	const json_t *summary = json_object_get(document, "summary");
	json_int_t hosts = count(summary, "hosts");

	buf_printf(b,
		   "%" JSON_INTEGER_FORMAT " of %" JSON_INTEGER_FORMAT
		   " host%s change%s",
		   count(summary, "changed"), hosts, plural(hosts),
		   count(summary, "changed") == 1 ? "s" : "");
	for (size_t i = 0; i < COUNT(parts); i++)
		if (count(summary, parts[i].key))
			buf_printf(b, ", %" JSON_INTEGER_FORMAT " %s",
				   count(summary, parts[i].key),
				   parts[i].words);
	buf_puts(b, "\\l");
}

/* Whether a group that is drawn has one that looks so. */
static bool is_drawn(const json_t *groups, const struct look *look)
{
	const json_t *group, *res;
	size_t i, k;

	json_array_foreach (groups, i, group) {
		if (i == GROUPS_SHOWN)
			break;
		json_array_foreach (json_object_get(group, "resources"), k, res)
			if (look_of(res) == look)
				return true;
	}
	return false;
}

/* What marks and shapes mean, of those that there are. */
static void add_legend(struct buf *b, const json_t *groups)
{
	const char *between = "";

	for (size_t i = 0; i < COUNT(looks); i++) {
		if (!is_drawn(groups, &looks[i]))
			continue;
		buf_printf(b, "%s%s%s: %s", between, looks[i].mark,
			   looks[i].shape, looks[i].words);
		between = "   ";
	}
	if (*between)
		buf_puts(b, "\\l");
}

void impact_dot(const json_t *document, struct buf *b)
{
	const json_t *groups = json_object_get(document, "groups");
	size_t i, n = json_array_size(groups);

	buf_puts(b, "digraph impact {\n\trankdir=LR;\n\tlabelloc=t;\n"
		    "\tlabeljust=l;\n\tfontname=\"sans-serif\";\n"
		    "\tnode [shape=box, fontname=\"sans-serif\"];\n"
		    "\tedge [fontname=\"sans-serif\", fontsize=11];\n"
		    "\tlabel=\"");
	add_revisions(b, document);
	add_numbers(b, document);
	add_legend(b, groups);
	buf_puts(b, "\";\n");
	/* what dot(1) reads last it puts first */
	add_other_groups(b, groups);
	for (i = n < GROUPS_SHOWN ? n : GROUPS_SHOWN; i--;)
		add_group(b, i, json_array_get(groups, i));
	buf_puts(b, "}\n");
}
