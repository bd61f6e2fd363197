/* SPDX-License-Identifier: MIT */
/* Completion of the command line, made from its tables. */
#include <string.h>

#include "cmd/commands.h"

const char *const completion_shells[] = { "bash", "zsh", "fish", NULL };

static void words(const char *const *list, struct buf *b)
{
	for (size_t i = 0; list[i]; i++)
		buf_printf(b, "%s%s", i ? " " : "", list[i]);
}

/* text within single quotes of bash, zsh and fish; with specials, what of
 * it zsh's _arguments would take for its own. */
static void quoted(const char *text, const char *specials, struct buf *b)
{
	for (; *text; text++) {
		if (*text == '\'')
			buf_puts(b, "'\\'");
		else if (strchr(specials, *text))
			buf_putc(b, '\\');
		buf_putc(b, *text);
	}
}

/* What a command's operand is: words, or a file. */
static void operand_words(const struct command *c, struct buf *b)
{
	if (c->run == help_command.run) {
		for (size_t i = 0; commands[i]; i++)
			buf_printf(b, "%s ", commands[i]->name);
		buf_puts(b, "lint ");
		words(converge_types(), b);
	} else if (c->run == schema_command.run) {
		words(converge_formats(), b);
	} else if (c->verbs) {
		words(c->verbs, b);
	}
}

static bool wants_file(const struct command *c)
{
	AUTO_BUF struct buf b = { 0 };

	operand_words(c, &b);
	return c->operand && (!c->many || c->files) && !c->words && !b.size;
}

static bool wants_folder(const struct option_row *row)
{
	return row->argument && strcmp(row->argument, "DIR") == 0;
}

static bool is_file(const struct option_row *row)
{
	return row->argument && strcmp(row->argument, "FILE") == 0;
}

/* What completes the word after an option without words of its own. */
static const char *argument_kind(const struct option_row *row)
{
	if (row->optional)
		return "options";
	if (is_file(row))
		return "file";
	return wants_folder(row) ? "directory" : "none";
}

static void bash_words(const char *pattern, const char *const *list,
		       struct buf *b)
{
	buf_printf(b, "\t%s) words='", pattern);
	words(list, b);
	buf_puts(b, "' ;;\n");
}

/* Each command has formats of its own. */
static void bash_formats(struct buf *b)
{
	for (size_t i = 0; commands[i]; i++) {
		AUTO_BUF struct buf pattern = { 0 };

		if (!options_take(commands[i], OPTION_FORMAT))
			continue;
		buf_printf(&pattern, "'%s %s'", commands[i]->name,
			   option_rows[OPTION_FORMAT].name);
		bash_words(pattern.text, commands[i]->formats, b);
	}
}

static void bash_arguments(struct buf *b)
{
	buf_puts(b, "\tcase \"${COMP_WORDS[1]} $prev\" in\n");
	bash_formats(b);
	for (size_t i = 0; i < OPTIONS; i++) {
		const struct option_row *row = &option_rows[i];
		AUTO_BUF struct buf pattern = { 0 };

		if (!row->argument)
			continue;
		buf_printf(&pattern, "*' %s'", row->name);
		if (row->words)
			bash_words(pattern.text, row->words, b);
		else
			buf_printf(b, "\t%s) kind='%s' ;;\n", pattern.text,
				   argument_kind(row));
	}
	buf_puts(b, "\t*) kind=options ;;\n\tesac\n");
}

static void bash_commands(struct buf *b)
{
	buf_puts(b, "\tcase ${COMP_WORDS[1]} in\n");
	for (size_t i = 0; commands[i]; i++) {
		buf_printf(b, "\t%s)\n\t\toptions='", commands[i]->name);
		for (size_t j = 0; j < OPTIONS; j++)
			if (options_take(commands[i], j))
				buf_printf(b, "%s ", option_rows[j].name);
		buf_puts(b, "'\n\t\toperands='");
		operand_words(commands[i], b);
		buf_printf(b, "'\n\t\t%s ;;\n",
			   wants_file(commands[i]) ? "files=yes" : "files=");
	}
	buf_puts(b, "\tesac\n");
}

/* "--color=au" is three words to bash: see COMP_WORDBREAKS in bash(1). */
static void complete_bash(struct buf *b)
{
	buf_puts(b, "# bash completion for converge(1)\n_converge() {\n"
		    "\tlocal cur=${COMP_WORDS[COMP_CWORD]} "
		    "prev=${COMP_WORDS[COMP_CWORD-1]}\n"
		    "\tlocal kind='' words='' options='' operands='' files=''\n"
		    "\tif [[ $cur == = ]]; then\n\t\tcur=''\n"
		    "\telif [[ $prev == = ]]; then\n"
		    "\t\tprev=${COMP_WORDS[COMP_CWORD-2]}\n\tfi\n");
	bash_arguments(b);
	bash_commands(b);
	buf_puts(b, "\tif ((COMP_CWORD == 1)); then\n\t\twords='");
	for (size_t i = 0; commands[i]; i++)
		buf_printf(b, "%s ", commands[i]->name);
	buf_puts(b, "'\n"
		    "\telif [[ $kind == options && $cur == -* ]]; then\n"
		    "\t\twords=$options\n"
		    "\telif [[ $kind == options ]]; then\n"
		    "\t\twords=$operands kind=${files:+file}\n"
		    "\tfi\n"
		    "\tcase $kind in\n"
		    "\tdirectory) compopt -o filenames; mapfile -t COMPREPLY "
		    "< <(compgen -d -- \"$cur\") ;;\n"
		    "\tfile) compopt -o filenames; mapfile -t COMPREPLY "
		    "< <(compgen -f -- \"$cur\") ;;\n"
		    "\tnone) COMPREPLY=() ;;\n"
		    "\t*) mapfile -t COMPREPLY < <(compgen -W \"$words\" -- "
		    "\"$cur\") ;;\n"
		    "\tesac\n}\ncomplete -F _converge converge\n");
}

static void zsh_option(const struct command *c, size_t option, const char *name,
		       struct buf *b)
{
	const struct option_row *row = &option_rows[option];
	const char *const *list = options_words(c, option);
	AUTO_BUF struct buf help = { 0 };

	options_help_of(c, option, &help);
	buf_puts(b, " \\\n\t\t'");
	if (row->many)
		buf_putc(b, '*');
	else if (row->letter)
		buf_printf(b, "(%s %s)", row->letter, row->name);
	buf_puts(b, name);
	if (row->argument)
		buf_puts(b, row->optional ? "=-" : name[1] != '-' ? "+" : "=");
	buf_putc(b, '[');
	quoted(buf_text(&help), "[]:\\", b);
	buf_putc(b, ']');
	if (row->argument)
		buf_printf(b, "%s%s:", row->optional ? "::" : ":",
			   row->argument);
	if (list) {
		buf_putc(b, '(');
		words(list, b);
		buf_putc(b, ')');
	} else if (wants_folder(row)) {
		buf_puts(b, "_files -/");
	} else if (is_file(row)) {
		buf_puts(b, "_files");
	}
	buf_putc(b, '\'');
}

static void zsh_command(const struct command *c, struct buf *b)
{
	AUTO_BUF struct buf operands = { 0 };

	operand_words(c, &operands);
	buf_printf(b, "\t%s)\n\t\t_arguments", c->name);
	for (size_t i = 0; i < OPTIONS; i++) {
		const struct option_row *row = &option_rows[i];

		if (!options_take(c, i))
			continue;
		if (row->letter)
			zsh_option(c, i, row->letter, b);
		zsh_option(c, i, row->name, b);
	}
	if (c->subject)
		buf_printf(b, " \\\n\t\t'1:%s: '", c->subject);
	if (operands.size)
		buf_printf(b, " \\\n\t\t'1:what:(%s)'", operands.text);
	else if (c->words && c->operand)
		buf_printf(b, " \\\n\t\t'%d:%s: '", c->subject ? 2 : 1,
			   c->operand);
	else if (wants_file(c))
		buf_printf(b, " \\\n\t\t'%s:file:_files'",
			   c->many      ? "*"
			   : c->subject ? "2"
					: "1");
	buf_puts(b, " ;;\n");
}

/* It may lie in a folder of fpath, or be sourced. */
static void complete_zsh(struct buf *b)
{
	buf_puts(b, "#compdef converge\n# zsh completion for converge(1)\n"
		    "_converge() {\n\tlocal command\n\tlocal -a commands\n"
		    "\tif (( CURRENT == 2 )); then\n\t\tcommands=(\n");
	for (size_t i = 0; commands[i]; i++) {
		buf_printf(b, "\t\t\t'%s:", commands[i]->name);
		quoted(commands[i]->summary, "\\", b);
		buf_puts(b, "'\n");
	}
	buf_puts(b, "\t\t)\n\t\t_describe command commands\n\t\treturn\n\tfi\n"
		    "\tcommand=$words[2]\n\tshift words\n\t(( CURRENT-- ))\n"
		    "\tcase $command in\n");
	for (size_t i = 0; commands[i]; i++)
		zsh_command(commands[i], b);
	buf_puts(b, "\tesac\n}\nif [[ $funcstack[1] == _converge ]]; then\n"
		    "\t_converge \"$@\"\nelse\n\tcompdef _converge converge\n"
		    "fi\n");
}

static void fish_option(const struct command *c, size_t option, struct buf *b)
{
	const struct option_row *row = &option_rows[option];
	const char *const *list = options_words(c, option);
	AUTO_BUF struct buf help = { 0 };

	options_help_of(c, option, &help);
	buf_printf(b,
		   "complete -c converge -n '__fish_seen_subcommand_from %s' "
		   "-l %s",
		   c->name, row->name + 2);
	if (row->letter)
		buf_printf(b, " -s %s", row->letter + 1);
	if (list) {
		buf_puts(b, " -x -a '");
		words(list, b);
		buf_putc(b, '\'');
	} else if (wants_folder(row)) {
		buf_puts(b, " -x -a '(__fish_complete_directories)'");
	} else if (row->argument && !row->optional) {
		buf_puts(b, row == &option_rows[OPTION_OUT] ? " -r" : " -x");
	}
	buf_puts(b, " -d '");
	quoted(buf_text(&help), "\\", b);
	buf_puts(b, "'\n");
}

static void fish_operand(const struct command *c, struct buf *b)
{
	if (wants_file(c))
		return;
	buf_printf(b,
		   "complete -c converge -n '__fish_seen_subcommand_from %s' "
		   "-f -a '",
		   c->name);
	operand_words(c, b);
	buf_puts(b, "'\n");
}

static void complete_fish(struct buf *b)
{
	buf_puts(b, "# fish completion for converge(1)\n");
	for (size_t i = 0; commands[i]; i++) {
		buf_printf(b,
			   "complete -c converge -n __fish_use_subcommand -f "
			   "-a %s -d '",
			   commands[i]->name);
		quoted(commands[i]->summary, "\\", b);
		buf_puts(b, "'\n");
	}
	for (size_t i = 0; commands[i]; i++) {
		fish_operand(commands[i], b);
		for (size_t j = 0; j < OPTIONS; j++)
			if (options_take(commands[i], j))
				fish_option(commands[i], j, b);
	}
}

bool options_completion(const char *shell, struct buf *b)
{
	static void (*const print[])(struct buf *) = {
		complete_bash,
		complete_zsh,
		complete_fish,
	};

	for (size_t i = 0; completion_shells[i]; i++) {
		if (strcmp(completion_shells[i], shell) != 0)
			continue;
		print[i](b);
		return true;
	}
	return false;
}
