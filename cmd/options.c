/* SPDX-License-Identifier: MIT */
#include "cmd/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/view.h"

static const char *const colors[] = { "auto", "always", "never", NULL };
static const char *const shells[] = { "bash", "zsh", "fish", NULL };
static const char *const formats[] = { "dot", "json", "svg", NULL };
static const char *const disruptions[] = { "none",   "reload", "restart",
					   "reboot", "data",   NULL };

const struct option_row option_rows[OPTIONS] = {
	[OPTION_HELP] = { "--help", "-h", NULL, .help = "Show this help." },
	[OPTION_HOST] = { "--host", NULL, "NAME",
			  .help = "Be this host; default: its own name." },
	[OPTION_ROOT] = { "--root", NULL, "DIR",
			  .help = "Converge the tree under DIR instead of /." },
	[OPTION_STATE_DIR] = { "--state-dir", NULL, "DIR",
			       .help = "Keep state there; default: "
				       "/var/lib/converge under the root." },
	[OPTION_JSON] = { "--json", NULL, NULL,
			  .help = "Print JSON instead of text." },
	[OPTION_COLOR] = { "--color", NULL, "WHEN", .words = colors,
			   .help = "Colour: auto, always or never." },
	[OPTION_QUIET] = { "--quiet", "-q", NULL,
			   .help = "Print the summary alone." },
	[OPTION_VERBOSE] = { "--verbose", "-v", NULL,
			     .help = "Show the content of new files too." },
	[OPTION_ONLY] = { "--only", NULL, "ID", .many = true,
			  .help = "Only this resource and what it needs; may "
				  "be given again." },
	[OPTION_TAGS] = { "--tags", NULL, "TAG", .many = true,
			  .help = "Only resources with this tag, and what they "
				  "need; may be given again." },
	[OPTION_OUT] = { "--out", NULL, "FILE",
			 .help = "Save the plan, for apply FILE." },
	[OPTION_DRY_RUN] = { "--dry-run", "-n", NULL,
			     .help = "Say what would be done; the same as "
				     "plan." },
	[OPTION_WAIT] = { "--wait", NULL, "TIME", .optional = true,
			  .help = "Wait for another run to end, at most TIME "
				  "(30, 5m); default: exit 75 at once." },
	[OPTION_DEADLINE] = { "--deadline", NULL, "TIME",
			      .help = "End the run after TIME; default 30m." },
	[OPTION_MAX_DISRUPTION] = { "--max-disruption", NULL, "CLASS",
				    .words = disruptions,
				    .help = "Withhold changes that disturb "
					    "more: none, reload, restart, "
					    "reboot, data." },
	[OPTION_DETAILED_EXITCODE] = { "--detailed-exitcode", NULL, NULL,
				       .help = "Exit 2 also when something was "
					       "changed and all is well." },
	[OPTION_FORMAT] = { "--format", NULL, "FORMAT", .words = formats,
			    .help = "Print dot, json or svg." },
	[OPTION_MDOC] = { "--mdoc", NULL, NULL,
			  .help = "Print converge-types(5), in mdoc." },
	[OPTION_COMPLETION] = { "--completion", NULL, "SHELL", .words = shells,
				.help = "Print completion for bash, zsh or "
					"fish." },
};

bool options_have(const struct invocation *in, enum option option)
{
	return in->values[option] != NULL;
}

/* --- usage and help --- */

static bool takes(const struct command *c, size_t option)
{
	return (c->options >> option) & 1;
}

void options_usage(const struct command *c, struct buf *b)
{
	if (!c) {
		buf_puts(b, "usage: converge COMMAND [SOURCE] [options]\n");
		return;
	}
	buf_printf(b, "usage: converge %s%s%s [options]\n", c->name,
		   c->operand ? " " : "", c->operand ? c->operand : "");
}

static void help_option(const struct option_row *row, struct buf *b)
{
	AUTO_BUF struct buf left = { 0 };

	if (row->letter)
		buf_printf(&left, "%s, ", row->letter);
	buf_puts(&left, row->name);
	if (row->argument)
		buf_printf(&left, row->optional ? "[=%s]" : " %s",
			   row->argument);
	buf_printf(b, "  %-28s %s\n", left.text, row->help);
}

void options_help(const struct command *c, struct buf *b)
{
	options_usage(c, b);
	buf_printf(b, "%s\n\noptions:\n", c->summary);
	for (size_t i = 0; i < OPTIONS; i++)
		if (takes(c, i))
			help_option(&option_rows[i], b);
	buf_printf(b, "\nsee converge(1)\n");
}

/* --- completion --- */

static void words(const struct option_row *row, struct buf *b)
{
	for (size_t i = 0; row->words && row->words[i]; i++)
		buf_printf(b, "%s%s", i ? " " : "", row->words[i]);
}

static void complete_bash(struct buf *b)
{
	buf_puts(b, "# bash completion for converge(1)\n_converge() {\n"
		    "\tlocal cur=${COMP_WORDS[COMP_CWORD]} "
		    "prev=${COMP_WORDS[COMP_CWORD-1]} words=\n"
		    "\tcase $prev in\n");
	for (size_t i = 0; i < OPTIONS; i++) {
		if (!option_rows[i].words)
			continue;
		buf_printf(b, "\t%s) COMPREPLY=($(compgen -W '",
			   option_rows[i].name);
		words(&option_rows[i], b);
		buf_puts(b, "' -- \"$cur\")); return ;;\n");
	}
	buf_puts(b, "\tesac\n\tcase ${COMP_WORDS[1]} in\n");
	for (size_t i = 0; commands[i]; i++) {
		buf_printf(b, "\t%s) words='", commands[i]->name);
		for (size_t j = 0; j < OPTIONS; j++)
			if (takes(commands[i], j))
				buf_printf(b, "%s ", option_rows[j].name);
		buf_puts(b, "' ;;\n");
	}
	buf_puts(b, "\tesac\n\tif [ \"$COMP_CWORD\" = 1 ]; then\n\t\twords='");
	for (size_t i = 0; commands[i]; i++)
		buf_printf(b, "%s ", commands[i]->name);
	buf_puts(b, "'\n\telif [ \"${cur:0:1}\" != - ]; then\n"
		    "\t\tCOMPREPLY=($(compgen -f -- \"$cur\"))\n\t\treturn\n"
		    "\tfi\n\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
		    "}\ncomplete -o filenames -F _converge converge\n");
}

static void complete_zsh(struct buf *b)
{
	buf_puts(b, "#compdef converge\n# zsh completion for converge(1)\n"
		    "if (( CURRENT == 2 )); then\n\tlocal -a commands=(\n");
	for (size_t i = 0; commands[i]; i++)
		buf_printf(b, "\t\t'%s:%s'\n", commands[i]->name,
			   commands[i]->summary);
	buf_puts(b, "\t)\n\t_describe command commands\n\treturn\nfi\n"
		    "local command=$words[2]\nshift words\n(( CURRENT-- ))\n"
		    "case $command in\n");
	for (size_t i = 0; commands[i]; i++) {
		buf_printf(b, "%s) _arguments", commands[i]->name);
		for (size_t j = 0; j < OPTIONS; j++) {
			const struct option_row *row = &option_rows[j];

			if (!takes(commands[i], j))
				continue;
			buf_printf(b, " \\\n\t'%s%s[%s]", row->many ? "*" : "",
				   row->name, row->help);
			if (row->argument && !row->optional)
				buf_printf(b, ":%s:", row->argument);
			if (row->words) {
				buf_putc(b, '(');
				words(row, b);
				buf_putc(b, ')');
			}
			buf_putc(b, '\'');
		}
		buf_puts(b, " \\\n\t'*:file:_files' ;;\n");
	}
	buf_puts(b, "esac\n");
}

static void complete_fish(struct buf *b)
{
	buf_puts(b, "# fish completion for converge(1)\n");
	for (size_t i = 0; commands[i]; i++)
		buf_printf(b,
			   "complete -c converge -n __fish_use_subcommand -f "
			   "-a %s -d '%s'\n",
			   commands[i]->name, commands[i]->summary);
	for (size_t i = 0; commands[i]; i++) {
		for (size_t j = 0; j < OPTIONS; j++) {
			const struct option_row *row = &option_rows[j];

			if (!takes(commands[i], j))
				continue;
			buf_printf(b,
				   "complete -c converge -n "
				   "'__fish_seen_subcommand_from %s' -l %s",
				   commands[i]->name, row->name + 2);
			if (row->letter)
				buf_printf(b, " -s %s", row->letter + 1);
			if (row->argument && !row->optional)
				buf_puts(b, " -r");
			if (row->words) {
				buf_puts(b, " -f -a '");
				words(row, b);
				buf_putc(b, '\'');
			}
			buf_printf(b, " -d '%s'\n", row->help);
		}
	}
}

bool options_completion(const char *shell, struct buf *b)
{
	static void (*const print[])(struct buf *) = {
		complete_bash,
		complete_zsh,
		complete_fish,
	};

	for (size_t i = 0; shells[i]; i++) {
		if (strcmp(shells[i], shell) != 0)
			continue;
		print[i](b);
		return true;
	}
	return false;
}

/* --- parsing --- */

static bool wrong(const struct command *c, const char *text, const char *word)
{
	AUTO_BUF struct buf b = { 0 };

	buf_printf(&b, "converge: %s", text);
	if (word) {
		buf_puts(&b, " '");
		converge_escape(&b, word,
				strlen(word) < 200 ? strlen(word) : 200, false);
		buf_putc(&b, '\'');
	}
	buf_putc(&b, '\n');
	options_usage(c, &b);
	view_error(&b);
	return false;
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; commands[i]; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

static int find_option(const struct command *c, const char *word, size_t n)
{
	for (int i = 0; i < OPTIONS; i++) {
		const struct option_row *row = &option_rows[i];

		if (!takes(c, (size_t)i))
			continue;
		if (strlen(row->name) == n && memcmp(row->name, word, n) == 0)
			return i;
		if (row->letter && n == 2 && memcmp(row->letter, word, 2) == 0)
			return i;
	}
	return -1;
}

static void add(const char ***list, size_t *n, const char *value)
{
	*list = xrealloc(*list, (*n + 1) * sizeof(char *));
	(*list)[(*n)++] = value;
}

static bool set_option(struct invocation *in, int option, const char *value)
{
	const struct option_row *row = &option_rows[option];
	const char *const *word = row->words;

	if (in->values[option] && !row->many)
		return wrong(in->command, "given twice:", row->name);
	if (row->argument && !row->optional && !*value)
		return wrong(in->command, "an argument is missing after",
			     row->name);
	while (word && *word && strcmp(*word, value) != 0)
		word++;
	if (word && !*word)
		return wrong(in->command, "not a value that it takes:", value);
	in->values[option] = value;
	if (option == OPTION_ONLY)
		add(&in->only, &in->options.nonly, value);
	if (option == OPTION_TAGS)
		add(&in->tags, &in->options.ntags, value);
	return true;
}

/* An option at argv[*i]; its argument may be the next word. */
static bool parse_option(struct invocation *in, int argc, char **argv, int *i)
{
	const char *word = argv[*i], *equals = strchr(word, '=');
	size_t n = equals && word[1] == '-' ? (size_t)(equals - word)
					    : strlen(word);
	int option = find_option(in->command, word, n);
	const struct option_row *row;

	if (option < 0)
		return wrong(in->command, "unknown option", word);
	row = &option_rows[option];
	if (!row->argument && word[n] == '=')
		return wrong(in->command, "it takes no argument:", row->name);
	if (!row->argument || word[n] == '=' || row->optional)
		return set_option(in, option,
				  word[n] == '=' ? word + n + 1 : "");
	if (*i + 1 >= argc)
		return wrong(in->command, "an argument is missing after",
			     row->name);
	return set_option(in, option, argv[++*i]);
}

static bool parse_time(struct invocation *in, enum option option,
		       int64_t *milliseconds)
{
	static const struct {
		const char *unit;
		int64_t factor;
	} units[] = { { "", 1 }, { "s", 1 }, { "m", 60 }, { "h", 3600 } };
	const char *text = in->values[option];
	char *end;
	long n;

	if (!text || !*text)
		return true;
	n = strtol(text, &end, 10);
	for (size_t i = 0; i < COUNT(units); i++) {
		if (strcmp(end, units[i].unit) != 0 || end == text || n < 1 ||
		    n > 604800)
			continue;
		*milliseconds = n * units[i].factor * 1000;
		return true;
	}
	return wrong(in->command,
		     "a time must be seconds, or such as 5m or 2h, not", text);
}

static bool fill_in(struct invocation *in)
{
	struct converge_options *o = &in->options;

	o->command = in->command->name;
	o->source = in->operand;
	o->host = in->values[OPTION_HOST];
	o->root = in->values[OPTION_ROOT];
	o->state = in->values[OPTION_STATE_DIR];
	o->out = in->values[OPTION_OUT];
	o->only = in->only;
	o->tags = in->tags;
	o->max_disruption = in->values[OPTION_MAX_DISRUPTION];
	o->all_diffs = options_have(in, OPTION_VERBOSE) ||
		       options_have(in, OPTION_JSON);
	o->no_diffs = options_have(in, OPTION_QUIET);
	o->detailed = options_have(in, OPTION_DETAILED_EXITCODE);
	o->wait = options_have(in, OPTION_WAIT) ? -1 : 0;
	o->deadline = 30 * 60 * 1000;
	return parse_time(in, OPTION_WAIT, &o->wait) &&
	       parse_time(in, OPTION_DEADLINE, &o->deadline);
}

static bool parse_words(struct invocation *in, int argc, char **argv)
{
	bool operands = false;

	for (int i = 2; i < argc; i++) {
		const char *word = argv[i];

		if (!operands && strcmp(word, "--") == 0) {
			operands = true;
		} else if (!operands && word[0] == '-' && word[1]) {
			if (!parse_option(in, argc, argv, &i))
				return false;
		} else if (!in->command->operand || in->operand || !*word) {
			return wrong(in->command, "unexpected argument", word);
		} else {
			in->operand = word;
		}
	}
	return true;
}

bool options_parse(int argc, char **argv, struct invocation *in)
{
	const char *name = argc > 1 ? argv[1] : "help";

	*in = (struct invocation){ .options.cwd = -1 };
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		name = "help";
	if (strcmp(name, "--version") == 0)
		name = "version";
	in->command = find_command(name);
	if (!in->command)
		return wrong(NULL, "unknown command", name);
	if (!parse_words(in, argc, argv) || !fill_in(in))
		return false;
	if (in->command->operand && in->command->operand[0] != '[' &&
	    !in->operand && !options_have(in, OPTION_HELP))
		return wrong(in->command, "SOURCE is missing", NULL);
	return true;
}

void options_release(struct invocation *in)
{
	free(in->only);
	free(in->tags);
}
