/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "cmd/commands.h"
#include "cmd/view.h"

static bool print_svg(struct view *v, const struct buf *dot)
{
	AUTO_BUF struct buf svg = { 0 };
	struct diags d = { 0 };
	bool ok = converge_draw(dot, &svg, &d);

	if (ok)
		view_print(v, &svg);
	view_diags(&d);
	diags_release(&d);
	return ok;
}

/* False, and says so: they do not go together. */
static bool check(const struct invocation *in)
{
	static const struct {
		enum option option;
		bool of_change; /* it goes with --changed-since alone, or
				   without it */
	} some[] = { { OPTION_ROOT, false }, { OPTION_EXACT, true } };
	bool of_change = options_have(in, OPTION_CHANGED_SINCE);

	for (size_t i = 0; i < COUNT(some); i++)
		if (options_have(in, some[i].option) &&
		    some[i].of_change != of_change)
			return options_wrong(
				in->command,
				of_change
					? "it does not go with --changed-since:"
					: "it goes with --changed-since:",
				option_rows[some[i].option].name);
	return in->operand || of_change ||
	       options_wrong(in->command, "SOURCE is missing", NULL);
}

/* The graph of a manifest, or of what a change touches. */
static int make(const struct invocation *in, const struct converge_view *out,
		json_t **graph, struct buf *dot)
{
	struct converge_options options = in->options;

	if (!options_have(in, OPTION_CHANGED_SINCE))
		return converge_graph(&options, out, graph, dot);
	options.old = in->values[OPTION_CHANGED_SINCE];
	options.new = options.rev;
	options.world = in->operand;
	return converge_impact(&options, out, graph, dot);
}

static int run(const struct invocation *in)
{
	const char *format = in->values[OPTION_FORMAT];
	AUTO_BUF struct buf dot = { 0 };
	json_t *graph = NULL;
	struct converge_view out;
	struct view v;
	int status;

	view_init(&v, in, &out);
	if (!check(in))
		return CONVERGE_CANNOT_RUN;
	status = make(in, &out, &graph, &dot);
	if (!graph)
		return view_status(&v, status);
	if (v.json || (format && strcmp(format, "json") == 0))
		view_json(&v, graph, false);
	else if (format && strcmp(format, "svg") == 0)
		status = print_svg(&v, &dot) ? status : CONVERGE_CANNOT_RUN;
	else
		view_print(&v, &dot);
	json_decref(graph);
	return view_status(&v, status);
}

static const char *const formats[] = { "dot", "json", "svg", NULL };

const struct command graph_command = {
	.name = "graph",
	.operand = "[SOURCE]",
	.formats = formats,
	.summary = "Print what comes before what on a host, and why, or what "
		   "a change of a world touches: as DOT, JSON or, drawn by "
		   "Graphviz, SVG.",
	.options = BIT(OPTION_HELP) | BIT(OPTION_REV) | BIT(OPTION_HOST) |
		   BIT(OPTION_ROOT) | BIT(OPTION_CHANGED_SINCE) |
		   BIT(OPTION_EXACT) | BIT(OPTION_JSON) | BIT(OPTION_FORMAT),
	.run = run,
};
