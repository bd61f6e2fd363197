/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "cmd/commands.h"
#include "cmd/view.h"

static int seal(struct view *v, const struct invocation *in,
		const struct converge_view *out)
{
	(void)v;
	if (in->options.source)
		return converge_secret_seal(&in->options, out);
	options_wrong(in->command, "NAME is missing", NULL);
	return CONVERGE_CANNOT_RUN;
}

static int rotate(struct view *v, const struct invocation *in,
		  const struct converge_view *out)
{
	(void)v;
	return converge_secret_rotate(&in->options, out);
}

static int check(struct view *v, const struct invocation *in,
		 const struct converge_view *out)
{
	(void)v;
	return converge_secret_check(&in->options, out);
}

static void put_names(const json_t *list, struct buf *b)
{
	const json_t *name;
	size_t i;

	json_array_foreach (list, i, name)
		buf_printf(b, " %s", json_string_value(name));
}

/* "secrets/db.age: web-1 web-2; people: recovery; 1 unknown key". */
static void put_row(const json_t *row, struct buf *b)
{
	const json_t *people = json_object_get(row, "people");
	json_int_t unknown =
		json_integer_value(json_object_get(row, "unknown"));

	buf_printf(b, "%s:", json_string_value(json_object_get(row, "secret")));
	put_names(json_object_get(row, "hosts"), b);
	if (json_array_size(people)) {
		buf_puts(b, "; people:");
		put_names(people, b);
	}
	if (unknown)
		buf_printf(b, "; %" JSON_INTEGER_FORMAT " unknown %s", unknown,
			   unknown == 1 ? "key" : "keys");
	buf_putc(b, '\n');
}

static int who(struct view *v, const struct invocation *in,
	       const struct converge_view *out)
{
	AUTO_BUF struct buf b = { 0 };
	json_t *table;
	int status = converge_secret_who(&in->options, out, &table);
	const json_t *row;
	size_t i;

	if (table && v->json) {
		view_json(v, table, false);
	} else if (table) {
		json_array_foreach (json_object_get(table, "secrets"), i, row)
			put_row(row, &b);
		view_print(v, &b);
	}
	json_decref(table);
	return status;
}

static const char *const names[] = { "seal", "rotate", "check", "who", NULL };

/* In the order of their names. */
static const struct {
	unsigned options; /* beside those of all */
	int (*run)(struct view *, const struct invocation *,
		   const struct converge_view *);
} verbs[] = {
	{ BIT(OPTION_TO), seal },
	{ BIT(OPTION_IDENTITY), rotate },
	{ 0, check },
	{ BIT(OPTION_JSON), who },
};

static int run(const struct invocation *in)
{
	const unsigned all = BIT(OPTION_HELP) | BIT(OPTION_WORLD);
	struct converge_view out;
	struct view v;
	size_t i = 0;

	while (strcmp(names[i], in->verb) != 0)
		i++;
	for (size_t k = 0; k < OPTIONS; k++) {
		if (!in->values[k] || ((verbs[i].options | all) >> k & 1))
			continue;
		options_wrong(in->command, "it does not take",
			      option_rows[k].name);
		return CONVERGE_CANNOT_RUN;
	}
	view_init(&v, in, &out);
	return view_status(&v, verbs[i].run(&v, in, &out));
}

const struct command secret_command = {
	.name = "secret",
	.verbs = names,
	.operand = "[NAME]",
	.summary = "Seal a secret to hosts, seal secrets anew, check them, or "
		   "tell who can open which.",
	.options = BIT(OPTION_HELP) | BIT(OPTION_WORLD) | BIT(OPTION_TO) |
		   BIT(OPTION_IDENTITY) | BIT(OPTION_JSON),
	.run = run,
};
