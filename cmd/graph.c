/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "cmd/commands.h"
#include "cmd/view.h"

static int print_svg(struct view *v, const struct buf *dot)
{
	AUTO_BUF struct buf svg = { 0 };
	struct diags d = { 0 };
	bool ok = converge_draw(dot, &svg, &d);

	if (ok)
		view_print(v, &svg);
	view_diags(&d);
	diags_release(&d);
	return ok ? CONVERGE_OK : CONVERGE_CANNOT_RUN;
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
	status = converge_graph(&in->options, &out, &graph, &dot);
	if (!graph)
		return view_status(&v, status);
	if (v.json || (format && strcmp(format, "json") == 0))
		view_json(&v, graph, false);
	else if (format && strcmp(format, "svg") == 0)
		status = print_svg(&v, &dot);
	else
		view_print(&v, &dot);
	json_decref(graph);
	return view_status(&v, status);
}

static const char *const formats[] = { "dot", "json", "svg", NULL };

const struct command graph_command = {
	.name = "graph",
	.operand = "SOURCE",
	.formats = formats,
	.summary = "Print what comes before what, and why: as DOT, JSON or, "
		   "drawn by Graphviz, SVG.",
	.options = BIT(OPTION_HELP) | BIT(OPTION_REV) | BIT(OPTION_HOST) |
		   BIT(OPTION_ROOT) | BIT(OPTION_JSON) | BIT(OPTION_FORMAT),
	.run = run,
};
