/* SPDX-License-Identifier: MIT */
#include "cmd/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/commands.h"
#include "cmd/view.h"

enum { HELP_WIDTH = 79, HELP_MARGIN = 31, COMMANDS_MAX = 64 };

static const char *const colors[] = { "auto", "always", "never", NULL };
static const char *const disruptions[] = { "none",   "reload", "restart",
					   "reboot", "data",   NULL };

const struct option_row option_rows[OPTIONS] = {
	[OPTION_HELP] = { "--help", "-h", NULL, .help = "Show this help." },
	[OPTION_REV] = { "--rev", NULL, "REV",
			 .help = "Read SOURCE as it is in this branch, tag or "
				 "commit of its git repository." },
	[OPTION_HOST] = { "--host", NULL, "NAME",
			  .help = "Be this host, default: its own name; for "
				  "check and test: this alone, default: all." },
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
			     .help = "Show the content of new files too, and "
				     "the commits of changes." },
	[OPTION_ONLY] = { "--only", NULL, "ID", .many = true,
			  .help = "Only this resource and what it needs; may "
				  "be given again." },
	[OPTION_TAGS] = { "--tags", NULL, "TAG", .many = true,
			  .help = "Only resources with this tag, and what they "
				  "need; may be given again." },
	[OPTION_OUT] = { "--out", NULL, "FILE",
			 .help = "Save the plan or the bundle for apply FILE, "
				 "or the snapshot." },
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
	[OPTION_ALLOW_ROLLBACK] = { "--allow-rollback", NULL, "COMMIT",
				    .help = "Without SOURCE, or of a bundle: "
					    "take this commit, though it does "
					    "not come from the last one." },
	/* its words are the command's */
	[OPTION_FORMAT] = { "--format", NULL, "FORMAT", .help = "Print" },
	[OPTION_MDOC] = { "--mdoc", NULL, NULL,
			  .help = "Print converge-types(5), or with lint "
				  "converge-lint(7), in mdoc." },
	[OPTION_TO] = { "--to", NULL, "WHOM", .many = true,
			.help = "Seal to this host, or those of role:NAME; may "
				"be given again." },
	[OPTION_IDENTITY] = { "--identity", "-i", "FILE",
			      .help = "Open with this key, of age-keygen or "
				      "ssh-keygen." },
	[OPTION_WORLD] = { "--world", NULL, "DIR",
			   .help = "The folder of the world; default: the "
				   "current one." },
	[OPTION_ALL] = { "--all", NULL, NULL, .help = "For all hosts." },
	[OPTION_SNAPSHOTS] = { "--snapshots", NULL, "DIR",
			       .help = "Take the snapshots of hosts there "
				       "(NAME.json.zst)." },
	[OPTION_THOROUGH] = { "--thorough", NULL, NULL,
			      .help = "Kill every run at every step, not at "
				      "some." },
	[OPTION_EXACT] = { "--exact", NULL, NULL,
			   .help = "Compare with OLD itself, not with what "
				   "both come from." },
	[OPTION_MAX_BYTES] = { "--max-bytes", NULL, "N",
			       .help = "Print no more than that, cut between "
				       "hunks; 65000 for markdown." },
	[OPTION_AGAINST] = { "--against", NULL, "FILE",
			     .help = "Plan against this snapshot of a host "
				     "instead of this host." },
	[OPTION_SNAPSHOT] = { "--snapshot", NULL, "FILE",
			      .help = "Leave a snapshot of the host there, as "
				      "it is after the run." },
	[OPTION_CONTENTS] = { "--contents", NULL, NULL,
			      .help = "Record contents of files too, if all "
				      "may "
				      "read them and they hold no secret." },
	[OPTION_CHECK] = { "--check", NULL, NULL,
			   .help = "Write nothing; name what is not laid out "
				   "so, and exit 2." },
	[OPTION_DIFF] = { "--diff", NULL, NULL,
			  .help = "The same, with what would change in it." },
	[OPTION_LINES] = { "--lines", "-n", "N",
			   .help = "The newest N, or all; default 20, or all "
				   "with --since." },
	[OPTION_SINCE] = { "--since", NULL, "TIME",
			   .help = "From then on: 12h, 7d, 2026-11-28 or "
				   "2026-11-28T09:30." },
	[OPTION_CHANGED_SINCE] = { "--changed-since", NULL, "OLD",
				   .help = "Of what changes since this "
					   "revision, and what that touches, "
					   "on all hosts." },
	[OPTION_COMPLETION] = { "--completion", NULL, "SHELL",
				.words = completion_shells,
				.help = "Print completion for bash, zsh or "
					"fish." },
};

bool options_have(const struct invocation *in, enum option option)
{
	return in->values[option] != NULL;
}

const char *const *options_words(const struct command *c, size_t option)
{
	return option == OPTION_FORMAT ? c->formats : option_rows[option].words;
}

/* --- usage and help --- */

bool options_take(const struct command *c, size_t option)
{
	return (c->options >> option) & 1;
}

void options_usage(const struct command *c, struct buf *b)
{
	if (!c) {
		buf_puts(b, "usage: converge COMMAND [SOURCE] [options]\n");
		return;
	}
	buf_printf(b, "usage: converge %s", c->name);
	for (size_t i = 0; c->verbs && c->verbs[i]; i++)
		buf_printf(b, "%s%s", i ? "|" : " ", c->verbs[i]);
	if (c->subject)
		buf_printf(b, " %s", c->subject);
	buf_printf(b, "%s%s [options]\n", c->operand ? " " : "",
		   c->operand ? c->operand : "");
}

void options_wrap(const char *text, size_t margin, struct buf *b)
{
	size_t column = margin;

	while (*text) {
		size_t n = strcspn(text, " ");

		if (column > margin && column + 1 + n > HELP_WIDTH) {
			buf_printf(b, "\n%*s", (int)margin, "");
			column = margin;
		}
		if (column > margin) {
			buf_putc(b, ' ');
			column++;
		}
		buf_add(b, text, n);
		column += n;
		text += n + (text[n] == ' ');
	}
	buf_putc(b, '\n');
}

/* " dot, json or svg" */
static void put_words(const char *const *word, struct buf *b)
{
	for (size_t i = 0; word[i]; i++)
		buf_printf(b, "%s%s",
			   !i            ? " "
			   : word[i + 1] ? ", "
					 : " or ",
			   word[i]);
}

void options_help_of(const struct command *c, size_t option, struct buf *b)
{
	buf_puts(b, option_rows[option].help);
	if (option != OPTION_FORMAT)
		return;
	put_words(options_words(c, option), b);
	buf_putc(b, '.');
}

static void help_option(const struct command *c, size_t option, struct buf *b)
{
	const struct option_row *row = &option_rows[option];
	AUTO_BUF struct buf left = { 0 }, help = { 0 };

	if (row->letter)
		buf_printf(&left, "%s, ", row->letter);
	buf_puts(&left, row->name);
	if (row->argument)
		buf_printf(&left, row->optional ? "[=%s]" : " %s",
			   row->argument);
	buf_printf(b, "  %-*s ", HELP_MARGIN - 3, left.text);
	options_help_of(c, option, &help);
	options_wrap(buf_text(&help), HELP_MARGIN, b);
}

void options_help(const struct command *c, struct buf *b)
{
	options_usage(c, b);
	options_wrap(c->summary, 0, b);
	buf_puts(b, "\noptions:\n");
	for (size_t i = 0; i < OPTIONS; i++)
		if (options_take(c, i))
			help_option(c, i, b);
	buf_printf(b, "\nsee converge(1)\n");
}

/* --- parsing --- */

static void put_word(struct buf *b, const char *word)
{
	buf_putc(b, '\'');
	converge_escape(b, word, strlen(word) < 200 ? strlen(word) : 200,
			false);
	buf_putc(b, '\'');
}

void options_unknown(struct buf *b, const char *word,
		     const char *const *candidates)
{
	const char *near = converge_nearest(word, candidates);

	put_word(b, word);
	if (near)
		buf_printf(b, "; did you mean '%s'?", near);
}

static bool tell_wrong(const struct command *c, struct buf *b)
{
	buf_putc(b, '\n');
	options_usage(c, b);
	view_error(b);
	return false;
}

bool options_wrong(const struct command *c, const char *text, const char *word)
{
	AUTO_BUF struct buf b = { 0 };

	buf_printf(&b, "converge: %s", text);
	if (word) {
		buf_putc(&b, ' ');
		put_word(&b, word);
	}
	return tell_wrong(c, &b);
}

/* The same, with what may have been meant. */
static bool unknown(const struct command *c, const char *text, const char *word,
		    const char *const *candidates)
{
	AUTO_BUF struct buf b = { 0 };

	buf_printf(&b, "converge: %s ", text);
	options_unknown(&b, word, candidates);
	return tell_wrong(c, &b);
}

/* Dashes do not make names alike, nor does an argument tell them apart. */
static bool unknown_option(const struct command *c, const char *word)
{
	const char *names[OPTIONS + 1] = { NULL }, *near = NULL;
	AUTO_BUF struct buf b = { 0 }, name = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < OPTIONS; i++)
		if (options_take(c, i))
			names[n++] = option_rows[i].name + 2;
	if (word[1] == '-') {
		buf_add(&name, word + 2, strcspn(word + 2, "="));
		near = converge_nearest(buf_text(&name), names);
	}
	buf_puts(&b, "converge: unknown option ");
	put_word(&b, word);
	if (near)
		buf_printf(&b, "; did you mean '--%s'?", near);
	return tell_wrong(c, &b);
}

/* "--color takes auto, always or never, not 'blue'" */
static bool wrong_value(const struct command *c, size_t option,
			const char *value)
{
	const char *const *word = options_words(c, option);
	AUTO_BUF struct buf b = { 0 };

	buf_printf(&b, "converge: %s takes", option_rows[option].name);
	put_words(word, &b);
	buf_puts(&b, ", not ");
	put_word(&b, value);
	return tell_wrong(c, &b);
}

const char *const *options_commands(void)
{
	static const char *names[COMMANDS_MAX + 1];

	for (size_t i = 0; i < COMMANDS_MAX && commands[i]; i++)
		names[i] = commands[i]->name;
	return names;
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

		if (!options_take(c, (size_t)i))
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
	const char *const *word = options_words(in->command, (size_t)option);

	if (in->values[option] && !row->many &&
	    !(option == OPTION_HOST && in->command->hosts))
		return options_wrong(in->command, "given twice:", row->name);
	if (row->argument && !row->optional && !*value)
		return options_wrong(in->command,
				     "an argument is missing after", row->name);
	while (word && *word && strcmp(*word, value) != 0)
		word++;
	if (word && !*word)
		return wrong_value(in->command, (size_t)option, value);
	in->values[option] = value;
	if (option == OPTION_ONLY)
		add(&in->only, &in->options.nonly, value);
	if (option == OPTION_HOST)
		add(&in->hosts, &in->options.nhosts, value);
	if (option == OPTION_TAGS)
		add(&in->tags, &in->options.ntags, value);
	if (option == OPTION_TO)
		add(&in->to, &in->options.nto, value);
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
		return unknown_option(in->command, word);
	row = &option_rows[option];
	if (row->argument && word[n] == '=' && !word[n + 1])
		return options_wrong(in->command,
				     "an argument is missing after", row->name);
	if (!row->argument && word[n] == '=')
		return options_wrong(in->command,
				     "it takes no argument:", row->name);
	if (!row->argument || word[n] == '=' || row->optional)
		return set_option(in, option,
				  word[n] == '=' ? word + n + 1 : "");
	if (*i + 1 >= argc)
		return options_wrong(in->command,
				     "an argument is missing after", row->name);
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
	return options_wrong(in->command,
			     "a time must be seconds, or such as 5m or 2h, not",
			     text);
}

/* False, and says so: one of its options would be ignored. */
static bool go_together(const struct invocation *in)
{
	static const struct {
		const struct command *command;
		enum option option, other;
		bool needed; /* it goes with the other alone, or without it */
	} pairs[] = {
		{ &plan_command, OPTION_OUT, OPTION_AGAINST, false },
		{ &apply_command, OPTION_SNAPSHOT, OPTION_DRY_RUN, false },
		{ &apply_command, OPTION_CONTENTS, OPTION_SNAPSHOT, true },
		{ &help_command, OPTION_MDOC, OPTION_COMPLETION, false },
	};
	const char *format = in->values[OPTION_FORMAT];

	for (size_t i = 0; i < COUNT(pairs); i++) {
		AUTO_BUF struct buf text = { 0 };

		if (pairs[i].command != in->command ||
		    !options_have(in, pairs[i].option) ||
		    options_have(in, pairs[i].other) == pairs[i].needed)
			continue;
		buf_printf(&text, "it %s with %s:",
			   pairs[i].needed ? "goes" : "does not go",
			   option_rows[pairs[i].other].name);
		return options_wrong(in->command, text.text,
				     option_rows[pairs[i].option].name);
	}
	if (options_have(in, OPTION_JSON) && format &&
	    strcmp(format, "json") != 0)
		return options_wrong(in->command,
				     "--json does not go with --format",
				     format);
	return true;
}

static bool fill_in(struct invocation *in)
{
	struct converge_options *o = &in->options;

	o->command = in->command->name;
	o->source = in->operand;
	o->id = in->subject;
	o->rev = in->values[OPTION_REV];
	o->host = in->values[OPTION_HOST];
	o->root = in->values[OPTION_ROOT];
	o->state = in->values[OPTION_STATE_DIR];
	o->out = in->values[OPTION_OUT];
	o->only = in->only;
	o->tags = in->tags;
	o->to = in->to;
	o->names = in->names;
	o->hosts = in->hosts;
	o->all = options_have(in, OPTION_ALL);
	o->check = options_have(in, OPTION_CHECK);
	o->diff = options_have(in, OPTION_DIFF);
	o->snapshots = in->values[OPTION_SNAPSHOTS];
	o->thorough = options_have(in, OPTION_THOROUGH);
	o->exact = options_have(in, OPTION_EXACT);
	o->world = in->values[OPTION_WORLD];
	o->snapshot = in->values[OPTION_SNAPSHOT];
	o->contents = options_have(in, OPTION_CONTENTS);
	o->against = in->values[OPTION_AGAINST];
	o->identity = in->values[OPTION_IDENTITY];
	o->max_disruption = in->values[OPTION_MAX_DISRUPTION];
	o->all_diffs = options_have(in, OPTION_VERBOSE) ||
		       options_have(in, OPTION_JSON);
	o->traces = o->all_diffs;
	o->allow_rollback = in->values[OPTION_ALLOW_ROLLBACK];
	o->no_diffs = options_have(in, OPTION_QUIET);
	o->detailed = options_have(in, OPTION_DETAILED_EXITCODE);
	o->wait = options_have(in, OPTION_WAIT) ? -1 : 0;
	o->deadline = 30 * 60 * 1000;
	return go_together(in) && parse_time(in, OPTION_WAIT, &o->wait) &&
	       parse_time(in, OPTION_DEADLINE, &o->deadline);
}

static const char *find_verb(const struct command *c, const char *word)
{
	for (size_t i = 0; c->verbs[i]; i++)
		if (strcmp(c->verbs[i], word) == 0)
			return c->verbs[i];
	return NULL;
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
		} else if (in->command->verbs && !in->verb) {
			in->verb = find_verb(in->command, word);
			if (!in->verb)
				return unknown(in->command, "unknown word",
					       word, in->command->verbs);
		} else if (in->command->many && *word) {
			add(&in->names, &in->options.nnames, word);
		} else if (in->command->subject && !in->subject && *word) {
			in->subject = word;
		} else if (!in->command->operand || in->operand || !*word) {
			return options_wrong(in->command, "unexpected argument",
					     word);
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
		return unknown(NULL, "unknown command", name,
			       options_commands());
	if (!parse_words(in, argc, argv) || !fill_in(in))
		return false;
	if (in->command->verbs && !in->verb && !options_have(in, OPTION_HELP))
		return options_wrong(in->command, "what to do is missing",
				     NULL);
	if (in->command->subject && !in->subject &&
	    !options_have(in, OPTION_HELP))
		return options_wrong(in->command, in->command->missing, NULL);
	if (in->command->operand && in->command->operand[0] != '[' &&
	    !in->operand && !options_have(in, OPTION_HELP))
		return options_wrong(in->command, "SOURCE is missing", NULL);
	return true;
}

void options_release(struct invocation *in)
{
	free(in->only);
	free(in->hosts);
	free(in->tags);
	free(in->to);
	free(in->names);
}
