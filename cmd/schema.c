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

static int run_file(struct view *v, const struct invocation *in)
{
	AUTO_DIAGS struct diags d = { 0 };
	json_t *schema = converge_file_schema(in->options.cwd, in->operand, &d);

	view_diags(&d);
	return schema ? show(v, schema) : CONVERGE_CANNOT_RUN;
}

static int run(const struct invocation *in)
{
	const char *format = in->operand ? in->operand : "converge.manifest/1";
	AUTO_BUF struct buf b = { 0 };
	struct converge_view out;
	struct view v;
	json_t *schema;

	view_init(&v, in, &out);
	if (view_is_file(in->operand))
		return run_file(&v, in);
	schema = converge_schema(format);
	if (!schema) {
		buf_puts(&b, "converge: there is no format '");
		converge_escape(&b, format, strlen(format), false);
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
	.operand = "[FORMAT|FILE.json]",
	.summary = "Print the JSON Schema of a manifest, of a file of a world "
		   "with the types that the world has, or of a format such as "
		   "converge.role/1, converge.agent/1 or converge.plan/1.",
	.options = BIT(OPTION_HELP),
	.run = run,
};
