/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "cmd/commands.h"
#include "cmd/view.h"

static json_int_t number_of(const json_t *of, const char *key)
{
	return json_integer_value(json_object_get(of, key));
}

static const char *text_of(const json_t *of, const char *key)
{
	const char *text = json_string_value(json_object_get(of, key));

	return text ? text : "";
}

/* "bundle: 2 hosts, 57 objects at 3f2c1ab "raise worker limit"; SHA-256 ...".
 */
static void print_made(struct view *v, const json_t *made)
{
	const json_t *archive = json_object_get(made, "archive");
	size_t hosts = json_array_size(json_object_get(made, "hosts"));
	AUTO_BUF struct buf b = { 0 };

	buf_printf(&b,
		   "bundle: %zu host%s at %.7s \"%s\", %" JSON_INTEGER_FORMAT
		   " objects, %" JSON_INTEGER_FORMAT " bytes\nSHA-256: %s\n",
		   hosts, hosts == 1 ? "" : "s", text_of(made, "revision"),
		   text_of(json_object_get(made, "commit"), "subject"),
		   number_of(made, "objects"), number_of(archive, "size"),
		   text_of(archive, "sha256"));
	view_print(v, &b);
}

static const char *missing(const struct invocation *in)
{
	if (!options_have(in, OPTION_REV))
		return "a bundle is of a commit: --rev is missing";
	if (!options_have(in, OPTION_OUT))
		return "--out is missing";
	if (options_have(in, OPTION_ALL) == (in->options.nnames > 0))
		return "give either hosts or --all";
	return NULL;
}

static int run(const struct invocation *in)
{
	const char *wrong = missing(in);
	json_t *made = NULL;
	struct converge_view out;
	struct view v;
	int status;

	if (wrong) {
		options_wrong(in->command, wrong, NULL);
		return CONVERGE_CANNOT_RUN;
	}
	view_init(&v, in, &out);
	status = converge_bundle(&in->options, &out, &made);
	if (made && v.json)
		view_json(&v, made, false);
	else if (made && !v.quiet)
		print_made(&v, made);
	json_decref(made);
	return view_status(&v, status);
}

const struct command bundle_command = {
	.name = "bundle",
	.operand = "[HOST...]",
	.many = true,
	.summary = "Pack all that hosts need of a world at a commit into one "
		   "file, which apply takes without a network.",
	.options = BIT(OPTION_HELP) | BIT(OPTION_REV) | BIT(OPTION_ALL) |
		   BIT(OPTION_OUT) | BIT(OPTION_WORLD) | BIT(OPTION_JSON) |
		   BIT(OPTION_QUIET),
	.run = run,
};
