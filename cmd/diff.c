/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "cmd/commands.h"
#include "cmd/view.h"

enum {
	MARKDOWN_BYTES = 65000, /* what GitHub takes in one comment */
	LEAST_BYTES = 1000,
	MOST_BYTES = 100000000,
};

static const char *const formats[] = { "text", "json", "markdown", NULL };

/* False, and says so: it is no number that will do. */
static bool parse_bytes(const struct invocation *in, bool markdown,
			size_t *most)
{
	const char *text = in->values[OPTION_MAX_BYTES];
	char *end;
	long n;

	*most = MARKDOWN_BYTES;
	if (!text)
		return true;
	if (!markdown)
		return options_wrong(
			in->command,
			"it goes with --format markdown:", "--max-bytes");
	n = strtol(text, &end, 10);
	if (*end || n < LEAST_BYTES || n > MOST_BYTES)
		return options_wrong(in->command,
				     "--max-bytes must be at least 1000, not",
				     text);
	*most = (size_t)n;
	return true;
}

static int run(const struct invocation *in)
{
	const char *format = in->values[OPTION_FORMAT];
	bool markdown = format && strcmp(format, "markdown") == 0;
	struct converge_options options = in->options;
	struct converge_view out;
	json_t *diff = NULL;
	struct view v;
	size_t most;
	int status;

	view_init(&v, in, &out);
	if (!parse_bytes(in, markdown, &most))
		return CONVERGE_CANNOT_RUN;
	options.old = in->subject;
	options.new = in->operand;
	status = converge_diff(&options, &out, &diff);
	if (diff && (v.json || (format && strcmp(format, "json") == 0)))
		view_json(&v, diff, false);
	else if (diff && markdown)
		view_diff_markdown(&v, diff, most);
	else if (diff)
		view_diff_text(&v, diff);
	json_decref(diff);
	return view_status(&v, status);
}

const struct command diff_command = {
	.name = "diff",
	.subject = "OLD",
	.missing = "the revision OLD is missing",
	.operand = "[NEW]",
	.words = true,
	.formats = formats,
	.summary = "Say what a change of a world does to its hosts, from one "
		   "revision to another or to the work tree; those with the "
		   "same change are one group.",
	.options = BIT(OPTION_HELP) | BIT(OPTION_WORLD) | BIT(OPTION_EXACT) |
		   BIT(OPTION_SNAPSHOTS) | BIT(OPTION_FORMAT) |
		   BIT(OPTION_MAX_BYTES) | BIT(OPTION_JSON) |
		   BIT(OPTION_COLOR) | BIT(OPTION_QUIET) | BIT(OPTION_VERBOSE),
	.run = run,
};
