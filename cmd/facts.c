/* SPDX-License-Identifier: MIT */
#include "cmd/commands.h"
#include "cmd/view.h"

#include <string.h>

/* "os.id = debian", a line each; lists and strings as JSON has them. */
static void print_facts(const char *prefix, json_t *facts, struct buf *b)
{
	const char *key;
	json_t *value;

	json_object_foreach (facts, key, value) {
		AUTO_BUF struct buf name = { 0 };
		char *text;

		buf_printf(&name, "%s%s", prefix, *prefix ? "." : "");
		converge_escape(&name, key, strlen(key), false);
		if (json_is_object(value)) {
			print_facts(name.text, value, b);
			continue;
		}
		text = json_dumps(value, JSON_ENCODE_ANY | JSON_ENSURE_ASCII);
		buf_printf(b, "%s = %s\n", name.text, text ? text : "null");
		free(text);
	}
}

static int run(const struct invocation *in)
{
	AUTO_BUF struct buf b = { 0 };
	json_t *facts = NULL;
	struct converge_view out;
	struct view v;
	int status;

	view_init(&v, in, &out);
	status = converge_facts(&in->options, &out, &facts);
	if (facts && v.json) {
		view_json(&v, facts, false);
	} else if (facts) {
		json_object_del(facts, "format"); /* is no fact */
		print_facts("", facts, &b);
		view_print(&v, &b);
	}
	json_decref(facts);
	return view_status(&v, status);
}

const struct command facts_command = {
	.name = "facts",
	.summary = "Print what is known of this host.",
	.options = BIT(OPTION_HELP) | BIT(OPTION_ROOT) | BIT(OPTION_JSON),
	.run = run,
};
