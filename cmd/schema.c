/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "cmd/commands.h"
#include "cmd/view.h"

static int show(struct view *v, json_t *schema)
{
	view_json(v, schema, false);
	json_decref(schema);
	return view_status(v, CONVERGE_OK);
}

static int run_world(struct view *v, const struct invocation *in)
{
	AUTO_DIAGS struct diags d = { 0 };
	json_t *schema =
		converge_world_schema(in->options.cwd, in->operand, &d);

	view_diags(&d);
	return schema ? show(v, schema) : CONVERGE_CANNOT_RUN;
}

static int run(const struct invocation *in)
{
	AUTO_BUF struct buf b = { 0 };
	struct converge_view out;
	struct view v;
	json_t *schema;

	view_init(&v, in, &out);
	if (view_is_file(in->operand))
		return run_world(&v, in);
	schema = converge_schema(in->operand);
	if (!schema) {
		buf_puts(&b, "converge: there is no format '");
		converge_escape(&b, in->operand, strlen(in->operand), false);
		buf_puts(&b, "'; there are\n");
		for (size_t i = 0; converge_formats()[i]; i++)
			buf_printf(&b, "  %s\n", converge_formats()[i]);
		view_error(&b);
		return CONVERGE_CANNOT_RUN;
	}
	return show(&v, schema);
}

const struct command schema_command = {
	.name = "schema",
	.operand = "[FORMAT|SOURCE.json]",
	.summary = "Print the JSON Schema of a manifest, of those beside a "
		   "SOURCE that has types of its own, or of an output format "
		   "such as converge.plan/1.",
	.options = BIT(OPTION_HELP),
	.run = run,
};
