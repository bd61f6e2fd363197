/* SPDX-License-Identifier: MIT */
/* exec: a command, run when its guards say so or when it is notified. */
#include <string.h>

#include "modules/parts/no_secret.h"
#include "modules/parts/perms.h"
#include "modules/parts/tool.h"

struct exec {
	struct record r;
	struct strings command;
	bool shell;
	const char *cwd;
	struct strings env;
	const char *user, *group;
	int32_t umask;
	struct strings creates;
	struct commands onlyif, unless;
	bool refreshonly;
	int64_t timeout;
	struct integers returns;
	struct content input;
	int64_t tries, try_sleep;
	bool done;           /* nothing asks for it to run */
	const char *because; /* in have: what asks */
};

enum row {
	COMMAND,
	SHELL,
	CWD,
	ENV,
	USER,
	GROUP,
	UMASK,
	CREATES,
	ONLYIF,
	UNLESS,
	REFRESHONLY,
	TIMEOUT,
	RETURNS,
	INPUT,
	TRIES,
	TRY_SLEEP,
	DONE,
	ROWS,
};

#define AT(member) offsetof(struct exec, member)

static const struct attr attrs[ROWS] = {
	[COMMAND] = { .name = "command",
		      .kind = &kind_command,
		      .flags = ATTR_REQUIRED,
		      .offset = AT(command),
		      .no_secret = NO_SECRET_IN_COMMAND,
		      .doc = "The program and its arguments, as a list; with "
			     "shell, one string." },
	[SHELL] = { .name = "shell",
		    .kind = &kind_bool,
		    .offset = AT(shell),
		    .fallback = "false",
		    .doc = "Whether the command is a string for /bin/sh." },
	[CWD] = { .name = "cwd",
		  .kind = &kind_path,
		  .offset = AT(cwd),
		  .fallback = "\"/\"",
		  .doc = "The folder that it runs in." },
	[ENV] = { .name = "env",
		  .kind = &kind_env,
		  .offset = AT(env),
		  .no_secret = "all that the command starts inherits its "
			       "environment, and says it when it fails: give "
			       "it as 'stdin', or let the command read a file "
			       "that holds it",
		  .doc = "Variables, beside PATH, HOME, LANG, USER, LOGNAME "
			 "and "
			 "DEBIAN_FRONTEND, which it has anyway." },
	[USER] = { .name = "user",
		   .kind = &kind_owner,
		   .offset = AT(user),
		   .doc = "The user that it runs as; root." },
	[GROUP] = { .name = "group",
		    .kind = &kind_group,
		    .offset = AT(group),
		    .doc = "The group that it runs as; the user's own." },
	[UMASK] = { .name = "umask",
		    .kind = &kind_umask,
		    .offset = AT(umask),
		    .fallback = "\"022\"",
		    .doc = "Its umask." },
	[CREATES] = { .name = "creates",
		      .kind = &kind_paths,
		      .offset = AT(creates),
		      .doc = "It runs only if one of these paths is missing, "
			     "and promises to make them." },
	[ONLYIF] = { .name = "onlyif",
		     .kind = &kind_commands,
		     .offset = AT(onlyif),
		     .no_secret = NO_SECRET_IN_ARGUMENTS,
		     .doc = "It runs only if all of these commands exit 0. "
			    "They run in plan too, where they can change "
			    "nothing and reach no service." },
	[UNLESS] = { .name = "unless",
		     .kind = &kind_commands,
		     .offset = AT(unless),
		     .no_secret = NO_SECRET_IN_ARGUMENTS,
		     .doc = "It runs only if none of these commands exits 0." },
	[REFRESHONLY] = { .name = "refreshonly",
			  .kind = &kind_bool,
			  .offset = AT(refreshonly),
			  .fallback = "false",
			  .doc = "It runs only when it is notified." },
	[TIMEOUT] = { .name = "timeout",
		      .kind = &kind_duration,
		      .offset = AT(timeout),
		      .fallback = "\"5m\"",
		      .doc = "How long it may take; then its process group "
			     "is ended." },
	[RETURNS] = { .name = "returns",
		      .kind = &kind_integers,
		      .offset = AT(returns),
		      .fallback = "[0]",
		      .min = 0,
		      .max = 255,
		      .doc = "Exit codes that mean success." },
	[INPUT] = { .name = "stdin",
		    .kind = &kind_content,
		    .flags = ATTR_SECRET,
		    .offset = AT(input),
		    .doc = "Text or a secret for its standard input; none." },
	[TRIES] = { .name = "tries",
		    .kind = &kind_integer,
		    .offset = AT(tries),
		    .fallback = "1",
		    .min = 1,
		    .max = 100,
		    .doc = "How often it is tried before it has failed." },
	[TRY_SLEEP] = { .name = "try_sleep",
			.kind = &kind_duration,
			.offset = AT(try_sleep),
			.fallback = "\"5s\"",
			.doc = "The pause between tries." },
	[DONE] = { .name = "done",
		   .kind = &kind_bool,
		   .flags = ATTR_STATE | ATTR_INTERNAL,
		   .offset = AT(done),
		   .fallback = "true",
		   .doc = "Whether it has run." },
};

static bool check(void *record, struct arena *a, struct diags *d)
{
	struct exec *want = record;
	const char *text = want->command.v[0];

	/* read_command keeps a string as it is: a list has a plain first */
	if (want->shell) {
		if (want->command.n != 1)
			return diag_error(d, "with 'shell', 'command' must be "
					     "one string");
		want->command = (struct strings){ 0 };
		strings_add(&want->command, a, "/bin/sh");
		strings_add(&want->command, a, "-c");
		strings_add(&want->command, a, text);
	} else if (want->command.n == 1 && text[strcspn(text, " \t\n")]) {
		diag_error(d, "'command' must be a list of arguments");
		diag_hint(d, "write [\"program\", \"argument\"], or add "
			     "\"shell\": true");
		return false;
	} else if (text[0] != '/' && strchr(text, '/')) {
		/* what it is now may be sensitive */
		return diag_error(d, "'command': the program must be a plain "
				     "name or an absolute path");
	}
	if (want->refreshonly && (want->r.written & BIT(CREATES)))
		return diag_error(d, "'creates' has no meaning with "
				     "'refreshonly'");
	return true;
}

static void edges(const void *record, struct edges *e)
{
	const struct exec *want = record;

	if (want->cwd)
		edges_after_path(e, want->cwd, true, "its cwd");
	tool_edges(&want->command, "its program", e);
	for (size_t i = 0; i < want->onlyif.n; i++)
		tool_edges(&want->onlyif.v[i], "the program of its guard", e);
	for (size_t i = 0; i < want->unless.n; i++)
		tool_edges(&want->unless.v[i], "the program of its guard", e);
	perms_edges_as(want->r.set & BIT(USER) ? want->user : NULL,
		       want->r.set & BIT(GROUP) ? want->group : NULL, e);
	for (size_t i = 0; i < want->creates.n; i++)
		edges_after_path(e, want->creates.v[i], false,
				 "the folder of what it creates");
}

static struct command command_of(const struct exec *want,
				 const struct strings *argv)
{
	return (struct command){
		.argv = *argv,
		.env = want->env,
		.cwd = want->cwd,
		.user = want->r.set & BIT(USER) ? want->user : NULL,
		.group = want->r.set & BIT(GROUP) ? want->group : NULL,
		.umask = want->umask,
		.timeout = want->timeout,
	};
}

/* What a guard says. */
enum answer { ANSWER_YES, ANSWER_NO, ANSWER_UNKNOWN, ANSWER_ERROR };

static enum answer ask(const struct host *h, const struct exec *want,
		       const struct strings *argv, struct arena *a,
		       const char **because, struct diags *d)
{
	struct command command = command_of(want, argv);
	struct outcome outcome = { 0 };
	enum answer answer = ANSWER_ERROR;

	if (!host_ask(h, &command, a, &outcome, d)) {
		outcome_release(&outcome);
		return ANSWER_ERROR;
	}
	if (outcome.ending == ENDED_EXIT) {
		answer = outcome.code == 0 ? ANSWER_YES : ANSWER_NO;
	} else if (outcome.ending == ENDED_UNKNOWN) {
		answer = ANSWER_UNKNOWN;
		*because = arena_printf(a, "its guard '%s': %s", argv->v[0],
					outcome.because);
	} else {
		diag_error(d, "guard '%s' %s", argv->v[0],
			   tool_ending(&outcome, a));
	}
	outcome_release(&outcome);
	return answer;
}

/* Whether some path of creates is missing. */
static enum answer missing(const struct host *h, const struct exec *want,
			   struct exec *have, struct arena *a, struct diags *d)
{
	enum answer answer = want->creates.n ? ANSWER_NO : ANSWER_YES;

	for (size_t i = 0; i < want->creates.n; i++) {
		struct node node;

		if (!host_look(h, want->creates.v[i], &node, d))
			return ANSWER_ERROR;
		if (node.type == NODE_ABSENT) {
			have->because = arena_printf(a, "%s is missing",
						     want->creates.v[i]);
			return ANSWER_YES;
		}
		if (node.type == NODE_UNKNOWN) {
			have->because = node.because;
			answer = ANSWER_UNKNOWN;
		}
	}
	return answer;
}

static enum answer guards(const struct host *h, const struct exec *want,
			  struct exec *have, struct arena *a, struct diags *d)
{
	enum answer answer = ANSWER_YES;

	for (size_t i = 0; i < want->onlyif.n && answer == ANSWER_YES; i++)
		answer = ask(h, want, &want->onlyif.v[i], a, &have->because, d);
	for (size_t i = 0; i < want->unless.n && answer == ANSWER_YES; i++) {
		answer = ask(h, want, &want->unless.v[i], a, &have->because, d);
		if (answer == ANSWER_YES)
			return ANSWER_NO;
		if (answer == ANSWER_NO)
			answer = ANSWER_YES;
	}
	return answer;
}

static bool observe(const struct host *h, const void *want_record,
		    void *have_record, struct arena *a, struct diags *d)
{
	const struct exec *want = want_record;
	struct exec *have = have_record;
	enum answer answer = ANSWER_NO;

	have->r.set = BIT(DONE);
	if (!want->refreshonly)
		answer = missing(h, want, have, a, d);
	if (answer == ANSWER_YES)
		answer = guards(h, want, have, a, d);
	have->done = answer == ANSWER_NO;
	if (answer == ANSWER_UNKNOWN)
		record_unknown(&have->r, DONE, have->because);
	return answer != ANSWER_ERROR;
}

static bool guarded(const void *record)
{
	const struct exec *want = record;

	return want->onlyif.n || want->unless.n;
}

/* A guard holds for a refresh too; "creates" does not: what it names is there
 * by then, and may have to be made anew. */
static bool agrees(const struct host *h, const void *record, bool *yes,
		   struct arena *a, struct diags *d)
{
	struct exec have = { 0 };
	enum answer answer = guards(h, record, &have, a, d);

	*yes = answer == ANSWER_YES;
	if (answer == ANSWER_UNKNOWN)
		return diag_error(d, "%s", have.because);
	return answer != ANSWER_ERROR;
}

static bool succeeded(const struct exec *want, const struct outcome *o)
{
	if (o->ending == ENDED_ASSUMED)
		return true;
	for (size_t i = 0; i < want->returns.n; i++)
		if (o->ending == ENDED_EXIT && o->code == want->returns.v[i])
			return true;
	return false;
}

static bool run(struct host *h, const struct exec *want, struct arena *a,
		struct diags *d)
{
	struct command command = command_of(want, &want->command);
	struct outcome outcome = { 0 };
	bool ok = false;

	if (want->r.secret & BIT(INPUT)) {
		command.sealed = &want->input;
	} else if (want->r.set & BIT(INPUT)) {
		command.input = want->input.bytes;
		command.input_size = (size_t)want->input.size;
	}
	for (int64_t i = 0; i < want->tries && !ok; i++) {
		outcome_release(&outcome);
		if (i && !host_pause(h, want->try_sleep))
			break;
		if (!host_run(h, &command, &want->creates, a, &outcome, d)) {
			outcome_release(&outcome);
			return false;
		}
		ok = succeeded(want, &outcome);
		if (outcome.ending == ENDED_INTERRUPTED)
			break;
	}
	if (!ok) {
		diag_error(d, "'%s' %s", want->command.v[0],
			   tool_ending(&outcome, a));
		if (!h->hush)
			tool_quote(&outcome, d);
	}
	outcome_release(&outcome);
	return ok;
}

static bool apply(struct host *h, const struct step *step, struct arena *a,
		  struct diags *d)
{
	return run(h, step->want, a, d);
}

static bool refresh(struct host *h, const void *want, struct arena *a,
		    struct diags *d)
{
	return run(h, want, a, d);
}

/* A guard's answer says nothing about whether the command did its work. */
static bool verified(const void *record)
{
	const struct exec *want = record;

	return want->creates.n > 0;
}

static bool undoable(const struct step *step)
{
	(void)step;
	return false;
}

static bool asks(const void *record)
{
	const struct exec *want = record;

	return !want->refreshonly && guarded(want);
}

static const char *because(const struct step *step, struct arena *a)
{
	const struct exec *have = step->have;

	(void)a;
	return have->because;
}

const struct module exec_module = {
	.name = "exec",
	.summary = "A command. It runs when its guards ask for it, or when it "
		   "is notified.",
	.example = "\"exec:make the database\": {\n"
		   "  \"command\": [\"app-admin\", \"init\", "
		   "\"/var/lib/app/db\"],\n"
		   "  \"user\": \"app\",\n"
		   "  \"creates\": \"/var/lib/app/db\"\n"
		   "},\n"
		   "\"exec:turn swap off\": {\n"
		   "  \"command\": [\"swapoff\", \"-a\"],\n"
		   "  \"unless\": [\"grep\", \"-q\", \"^SwapTotal: *0 "
		   "kB\", \"/proc/meminfo\"]\n"
		   "},\n"
		   "\"exec:rebuild the index\": {\n"
		   "  \"command\": \"cat /etc/app.d/*.conf > "
		   "/var/cache/app.conf\",\n"
		   "  \"shell\": true,\n"
		   "  \"refreshonly\": true,\n"
		   "  \"subscribe\": \"file:/etc/app.d/main.conf\",\n"
		   "  \"timeout\": \"30s\"\n"
		   "},\n"
		   "\"file:/etc/app.d/main.conf\": {\n"
		   "  \"content\": \"workers = 4\\n\"\n"
		   "}\n",
	.size = sizeof(struct exec),
	.attrs = attrs,
	.nattrs = ROWS,
	.check = check,
	.edges = edges,
	.observe = observe,
	.apply = apply,
	.refresh = refresh,
	.guarded = guarded,
	.agrees = agrees,
	.undoable = undoable,
	.opaque = true,
	.asks = asks,
	.because = because,
	.verified = verified,
};
