/* SPDX-License-Identifier: MIT */
/* cron: a job, as a file of its own in /etc/cron.d. */
#include <stdio.h>
#include <string.h>

#include "modules/parts/managed.h"
#include "modules/parts/no_secret.h"
#include "modules/parts/perms.h"
#include "modules/parts/rows.h"
#include "modules/parts/schedule.h"

#define FOLDER "/etc/cron.d"

/* cron(8) keeps no more of a line, and says nothing (MAX_COMMAND). */
enum { COMMAND_MAX = 998, NAME_LIMIT = 200 };

struct cron {
	struct record r;
	const char *name;
	int ensure;
	const char *user, *command, *schedule;
	struct strings env;
	const char *path, *type;
	struct content content;
	struct managed_perms perms;
	struct managed file; /* in have */
};

enum row {
	NAME,
	ENSURE,
	USER,
	COMMAND,
	SCHEDULE,
	ENV,
	PATH,
	TYPE,
	CONTENT,
	MODE,
	OWNER,
	ROWS,
};

#define AT(member) offsetof(struct cron, member)

static const struct attr attrs[ROWS] = {
	[NAME] = { .name = "name",
		   .kind = &kind_text,
		   .flags = ATTR_NAME,
		   .offset = AT(name),
		   .doc = "The name of its file in /etc/cron.d: letters, "
			  "digits, '_' and '-'." },
	ROW_ENSURE(AT(ensure)),
	[USER] = { .name = "user",
		   .kind = &kind_owner,
		   .offset = AT(user),
		   .fallback = "\"root\"",
		   .doc = "The name of the user that it runs as, who must be "
			  "there." },
	[COMMAND] = { .name = "command",
		      .kind = &kind_text,
		      .flags = ATTR_REQUIRED_THERE,
		      .offset = AT(command),
		      .no_secret = NO_SECRET_IN_ARGUMENTS,
		      .doc = "The command, as cron gives it to a shell; a % "
			     "is written \\%." },
	[SCHEDULE] = { .name = "schedule",
		       .kind = &kind_text,
		       .flags = ATTR_REQUIRED_THERE,
		       .offset = AT(schedule),
		       .doc = "Minute, hour, day, month and weekday "
			      "(\"*/5 * * * *\"), or @reboot, @yearly, "
			      "@monthly, @weekly, @daily or @hourly." },
	[ENV] = { .name = "env",
		  .kind = &kind_env,
		  .offset = AT(env),
		  .no_secret = NO_SECRET_IN_ENV,
		  .doc = "Variables for the command, and what cron itself "
			 "heeds: MAILTO, SHELL, PATH." },
	ROW_ITS_PATH(AT(path)),
	ROW_TYPE(AT(type), "file"),
	ROW_ITS_CONTENT(AT(content)),
	/* from a file of others, or that they may write to, cron takes nothing
	 */
	MANAGED_ROW_MODE(MODE, AT(perms), "mode"),
	MANAGED_ROW_OWNER(OWNER, AT(perms), "owner"),
};

static bool check_name(const char *name, struct diags *d)
{
	static const char good[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "abcdefghijklmnopqrstuvwxyz0123456789_-";

	if (*name && *name != '-' && strlen(name) <= NAME_LIMIT &&
	    strspn(name, good) == strlen(name))
		return true;
	diag_error(d, "'name' must be letters, digits, '_' and '-', not '%s'",
		   name);
	if (strchr(name, '.'))
		diag_hint(d, "cron ignores files that have a dot in their "
			     "name");
	return false;
}

static bool has_control(const char *text)
{
	for (; *text; text++)
		if (((unsigned char)*text < ' ' && *text != '\t') ||
		    *text == '\x7f')
			return true;
	return false;
}

/* cron ends the command at a '%', and gives it the rest as input, unless a
 * backslash stands before it (do_command.c). */
static bool has_percent(const char *text)
{
	bool escaped = false;

	for (; *text; text++) {
		if (*text == '%' && !escaped)
			return true;
		escaped = *text == '\\' && !escaped;
	}
	return false;
}

static bool check_command(const char *command, struct diags *d)
{
	if (command[strspn(command, " \t")] == '\0')
		return diag_error(d, "'command' must not be empty");
	if (has_control(command))
		return diag_error(d, "'command' must be one line without "
				     "control characters");
	if (strlen(command) > COMMAND_MAX) {
		diag_error(d,
			   "'command' is longer than the %d bytes that "
			   "cron takes",
			   COMMAND_MAX);
		diag_hint(d, "put it into a script");
		return false;
	}
	if (!has_percent(command))
		return true;
	diag_error(d, "'command': cron ends it at the '%%', and gives it the "
		      "rest as input");
	diag_hint(d, "write \\%% (in JSON, \\\\%%)");
	return false;
}

/* cron keeps blanks at the ends of a value only in quotes, and knows no way to
 * write a quote in them (crontab(5)). */
static bool render_value(struct buf *b, const char *value)
{
	size_t n = strlen(value);
	char quote = strchr(value, '"') ? '\'' : '"';

	if (n && !strchr(" \t'\"", value[0]) && !strchr(" \t", value[n - 1])) {
		buf_puts(b, value);
		return true;
	}
	if (strchr(value, quote))
		return false;
	buf_printf(b, "%c%s%c", quote, value, quote);
	return true;
}

static bool render_variable(struct buf *b, const char *variable,
			    struct diags *d)
{
	const char *value = strchr(variable, '=') + 1;
	int n = (int)(value - variable);

	if (has_control(value) || strlen(variable) > COMMAND_MAX)
		return diag_error(d,
				  "'env': '%.*s' must be one line of at "
				  "most %d bytes, without control characters",
				  n - 1, variable, COMMAND_MAX);
	buf_printf(b, "%.*s", n, variable);
	if (!render_value(b, value))
		return diag_error(d,
				  "'env': cron cannot quote the value of "
				  "'%.*s'",
				  n - 1, variable);
	buf_putc(b, '\n');
	return true;
}

/* The line's fields, with one blank between them. */
static void render_schedule(struct buf *b, const char *text)
{
	for (text += strspn(text, " \t"); *text; text += strspn(text, " \t")) {
		size_t n = strcspn(text, " \t");

		buf_add(b, text, n);
		buf_putc(b, ' ');
		text += n;
	}
}

static bool render(struct cron *want, struct arena *a, struct diags *d)
{
	AUTO_BUF struct buf b = { 0 };

	managed_header(&b, "cron", want->name);
	for (size_t i = 0; i < want->env.n; i++)
		if (!render_variable(&b, want->env.v[i], d))
			return false;
	render_schedule(&b, want->schedule);
	buf_printf(&b, "%s %s\n", want->user,
		   want->command + strspn(want->command, " \t"));
	want->content = managed_content(&b, a);
	want->r.set |= BIT(CONTENT);
	return true;
}

static bool check(void *record, struct arena *a, struct diags *d)
{
	struct cron *want = record;

	if (!check_name(want->name, d))
		return false;
	want->path = arena_printf(a, FOLDER "/%s", want->name);
	want->r.set |= BIT(PATH);
	if (want->ensure == ABSENT)
		return true;
	if (!(want->r.set & BIT(COMMAND)))
		return diag_error(d, "'command' is missing");
	if (!(want->r.set & BIT(SCHEDULE)))
		return diag_error(d, "'schedule' is missing");
	if (strspn(want->user, "0123456789") == strlen(want->user))
		return diag_error(d, "'user' must be a name: cron takes no "
				     "numbers");
	return schedule_check(want->schedule, d) &&
	       check_command(want->command, d) && render(want, a, d);
}

static void edges(const void *record, struct edges *e)
{
	const struct cron *want = record;

	edges_after_path(e, want->path, false, "its folder");
	if (want->ensure == PRESENT)
		perms_edges(want->user, NULL, e);
}

static bool observe(const struct host *h, const void *want_record,
		    void *have_record, struct arena *a, struct diags *d)
{
	const struct cron *want = want_record;
	struct cron *have = have_record;
	struct node *node = &have->file.node;
	uint32_t uid;

	if (want->ensure == PRESENT && !perms_user(h, want->user, &uid, d))
		return false;
	if (!managed_look(h, want->path, &want->content, &have->file, d))
		return false;
	have->r.set = BIT(ENSURE);
	have->ensure = node->type == NODE_ABSENT ? ABSENT : PRESENT;
	if (node->type == NODE_UNKNOWN)
		rows_unknown(&have->r, ENSURE, ROWS, node->because);
	if (node->type == NODE_ABSENT || node->type == NODE_UNKNOWN)
		return true;
	have->r.set |= BIT(TYPE);
	have->type = node_type_name(node->type);
	managed_show(&have->file, &have->r, CONTENT, &have->content);
	return managed_show_perms(h, &have->file, true, &have->r,
				  BIT(MODE) | BIT(OWNER), &have->perms, a, d);
}

static bool apply(struct host *h, const struct step *step, struct arena *a,
		  struct diags *d)
{
	const struct cron *want = step->want, *have = step->have;

	if (want->ensure == ABSENT)
		return managed_remove(h, &have->file, d);
	return managed_folder(h, want->path, a, d) &&
	       managed_put(h, &have->file, &want->content, a, d);
}

const struct module cron_module = {
	.name = "cron",
	.summary = "A job of cron, as a file of its own in /etc/cron.d.",
	.example = "\"cron:backup\": {\n"
		   "  \"user\": \"backup\",\n"
		   "  \"schedule\": \"30 2 * * mon-fri\",\n"
		   "  \"command\": \"/usr/local/bin/backup --to "
		   "/srv/backup-$(date +\\\\%F)\",\n"
		   "  \"env\": { \"MAILTO\": \"ops@example.org\" }\n"
		   "},\n"
		   "\"cron:old-backup\": {\n"
		   "  \"ensure\": \"absent\"\n"
		   "}\n",
	.size = sizeof(struct cron),
	.attrs = attrs,
	.nattrs = ROWS,
	.check = check,
	.edges = edges,
	.observe = observe,
	.apply = apply,
	.batched = true,
	.leaf = true,
};
