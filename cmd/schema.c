/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "cmd/commands.h"
#include "cmd/view.h"

static int run(const struct invocation *in)
{
	json_t *schema = converge_schema(in->operand);
	AUTO_BUF struct buf b = { 0 };
	struct converge_view out;
	struct view v;

	view_init(&v, in, &out);
	if (!schema) {
		buf_puts(&b, "converge: there is no format '");
		converge_escape(&b, in->operand, strlen(in->operand), false);
		buf_puts(&b, "'; there are\n");
		for (size_t i = 0; converge_formats()[i]; i++)
			buf_printf(&b, "  %s\n", converge_formats()[i]);
		view_error(&b);
		return CONVERGE_CANNOT_RUN;
	}
	view_json(&v, schema, false);
	json_decref(schema);
	return view_status(&v, CONVERGE_OK);
}

const struct command schema_command = {
	.name = "schema",
	.operand = "[FORMAT]",
	.summary = "Print the JSON Schema of a manifest, or of an output "
		   "format such as converge.plan/1.",
	.options = BIT(OPTION_HELP),
	.run = run,
};
