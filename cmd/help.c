/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "cmd/commands.h"
#include "cmd/view.h"

static void overview(struct buf *b)
{
	const char *const *types = converge_types();
	AUTO_BUF struct buf names = { 0 };

	options_usage(NULL, b);
	buf_puts(b, "\ncommands:\n");
	for (size_t i = 0; commands[i]; i++) {
		buf_printf(b, "  %-10s ", commands[i]->name);
		options_wrap(commands[i]->summary, 13, b);
	}
	buf_puts(b, "\nresource types (converge help TYPE):\n  ");
	for (size_t i = 0; types[i]; i++)
		buf_printf(&names, "%s%s", i ? " " : "", types[i]);
	options_wrap(buf_text(&names), 2, b);
	buf_puts(b, "\nrules of lint: converge help lint\n");
	buf_puts(b, "\nsee converge(1)\n");
}

static const struct command *find(const char *name)
{
	for (size_t i = 0; commands[i]; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

/* What help is asked for; false: there is none. */
static bool topic(const struct invocation *in, struct buf *b)
{
	const struct command *command;
	bool lint = in->operand && strcmp(in->operand, "lint") == 0;

	if (options_have(in, OPTION_MDOC)) {
		if (lint)
			converge_lint_mdoc(b);
		else
			converge_types_mdoc(b);
		return true;
	}
	if (options_have(in, OPTION_COMPLETION))
		return options_completion(in->values[OPTION_COMPLETION], b);
	if (!in->operand) {
		overview(b);
		return true;
	}
	command = find(in->operand);
	if (!command)
		return converge_describe_type(in->operand, b) ||
		       converge_describe_rule(lint ? NULL : in->operand, b);
	options_help(command, b);
	return true;
}

static void unknown_topic(const char *word)
{
	const char *const *const lists[] = { options_commands(),
					     converge_types(),
					     converge_rules() };
	const char *near[COUNT(lists) + 1] = { NULL };
	AUTO_BUF struct buf b = { 0 };
	size_t n = 0;

	/* the nearest of the nearest */
	for (size_t i = 0; i < COUNT(lists); i++) {
		near[n] = converge_nearest(word, lists[i]);
		n += near[n] != NULL;
	}
	buf_puts(&b, "converge: no command, resource type or rule of lint ");
	options_unknown(&b, word, near);
	buf_putc(&b, '\n');
	view_error(&b);
}

/* What an option prints is of all, or with --mdoc of lint. */
static bool takes_topic(const struct invocation *in)
{
	bool mdoc = options_have(in, OPTION_MDOC);

	if (!in->operand || (mdoc && strcmp(in->operand, "lint") == 0) ||
	    (!mdoc && !options_have(in, OPTION_COMPLETION)))
		return true;
	return options_wrong(in->command,
			     mdoc ? "--mdoc is of all types, or of lint, not of"
				  : "--completion is of all commands, not of",
			     in->operand);
}

static int run(const struct invocation *in)
{
	AUTO_BUF struct buf b = { 0 };
	struct converge_view out;
	struct view v;

	if (!takes_topic(in))
		return CONVERGE_CANNOT_RUN;
	view_init(&v, in, &out);
	if (view_is_file(in->operand)) {
		AUTO_DIAGS struct diags d = { 0 };
		bool ok = converge_describe_file(in->options.cwd, in->operand,
						 &b, &d);

		view_print(&v, &b);
		view_diags(&d);
		return view_status(&v, ok ? CONVERGE_OK : CONVERGE_CANNOT_RUN);
	}
	if (topic(in, &b)) {
		view_print(&v, &b);
		return view_status(&v, CONVERGE_OK);
	}
	unknown_topic(in->operand);
	return CONVERGE_CANNOT_RUN;
}

const struct command help_command = {
	.name = "help",
	.operand = "[COMMAND|TYPE|RULE|FILE.json]",
	.summary = "Explain a command, a resource type or what lint finds.",
	.options = BIT(OPTION_HELP) | BIT(OPTION_MDOC) | BIT(OPTION_COMPLETION),
	.run = run,
};
