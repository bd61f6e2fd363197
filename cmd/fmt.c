/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "cmd/commands.h"
#include "cmd/view.h"

static void put_name(struct buf *b, const char *name)
{
	converge_escape(b, name, strlen(name), false);
	buf_putc(b, '\n');
}

/* As patch(1) -p1 takes it: a tab ends a name that has a blank. */
static void put_head(struct buf *b, const char *before, const char *name)
{
	buf_puts(b, before);
	if (name[0] != '/')
		buf_putc(b, '/');
	converge_escape(b, name, strlen(name), false);
	buf_puts(b, strchr(name, ' ') ? "\t\n" : "\n");
}

static void put_diff(struct buf *b, const char *name, const char *diff)
{
	put_head(b, "--- a", name);
	put_head(b, "+++ b", name);
	buf_puts(b, diff);
}

static void print_found(struct view *v, const json_t *found, bool all)
{
	AUTO_BUF struct buf b = { 0 };
	const json_t *file;
	size_t i;

	json_array_foreach (json_object_get(found, "files"), i, file) {
		const char *name = view_string(file, "file"),
			   *diff = view_string(file, "diff");

		if (diff)
			put_diff(&b, name, diff);
		else if (all ||
			 json_is_true(json_object_get(file, "rewritten")))
			put_name(&b, name);
	}
	view_print(v, &b);
}

static bool is_input(const struct invocation *in)
{
	for (size_t i = 0; i < in->options.nnames; i++)
		if (strcmp(in->names[i], "-") == 0)
			return true;
	return false;
}

static const char *wrong_with(const struct invocation *in)
{
	if (!is_input(in))
		return NULL;
	if (in->options.nnames > 1)
		return "'-' stands alone";
	if (options_have(in, OPTION_JSON) && !in->options.check &&
	    !in->options.diff)
		return "--json of '-' needs --check or --diff";
	return NULL;
}

static int run(const struct invocation *in)
{
	bool told = in->options.check || in->options.diff;
	const char *wrong = wrong_with(in);
	AUTO_BUF struct buf laid = { 0 };
	json_t *found = NULL;
	struct converge_view out;
	struct view v;
	int status;

	if (wrong) {
		options_wrong(in->command, wrong, NULL);
		return CONVERGE_CANNOT_RUN;
	}
	view_init(&v, in, &out);
	status = converge_fmt(&in->options, &out, &found, &laid);
	if (found && v.json)
		view_json(&v, found, false);
	else if (found && is_input(in) && !told)
		view_bytes(&v, &laid);
	else if (found && !v.quiet)
		print_found(&v, found, told);
	json_decref(found);
	return view_status(&v, status);
}

const struct command fmt_command = {
	.name = "fmt",
	.operand = "[PATH...]",
	.many = true,
	.files = true,
	.summary = "Put manifests, or all documents of a world, into their one "
		   "layout; of '-', print it.",
	.options = BIT(OPTION_HELP) | BIT(OPTION_CHECK) | BIT(OPTION_DIFF) |
		   BIT(OPTION_JSON) | BIT(OPTION_QUIET),
	.run = run,
};
