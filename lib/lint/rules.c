/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "lib/base/strings.h"
#include "lib/lint/parts.h"

const char lint_invalid[] = "invalid";

#define INFO .level = LINT_INFO
#define WARNING .level = LINT_WARNING

const struct lint_rule lint_rules[] = {
	/* first, and of no function */
	{ .id = lint_invalid,
	  .level = LINT_ERROR,
	  .summary = "What a host cannot be converged with: an error.",
	  .reason = "A run with it changes nothing and exits with 1. It can "
		    "be neither switched off nor allowed." },

	/* --- what nothing has a use for --- */
	{ .id = "unused-role",
	  WARNING,
	  .summary = "A role that no host and no other role includes.",
	  .reason = "It is kept right by nobody, and comes back by a slip. "
		    "Include it, or remove its file: its history has it.",
	  .document = lint_unused_roles,
	  .whole = true },
	{ .id = "unused-var",
	  WARNING,
	  .summary = "A var that no manifest and no template names.",
	  .reason = "Whoever changes it waits for an effect that does not "
		    "come; often it is the slip of another name. Remove it, "
		    "or name it where it was meant.",
	  .document = lint_unused_vars,
	  .whole = true },
	{ .id = "unused-file",
	  WARNING,
	  .summary = "A file in files, templates or secrets that no manifest "
		     "names, and no template as its partial.",
	  .reason = "It looks as if it were on hosts, and is not; an unused "
		    "secret can leak all the same. Remove it. Files whose "
		    "names begin with a dot or with README are left alone, "
		    "and so are secrets/recipients.json and the "
		    "NAME.age.json of a secret.",
	  .whole = true },
	{ .id = "unused-allow",
	  WARNING,
	  .summary = "A comment that allows what is not found there.",
	  .reason = "It would hide the next finding, which nobody has "
		    "looked at. Remove it.",
	  .whole = true },
	{ .id = "rule-never-holds",
	  WARNING,
	  .summary = "A rule of a role that asks for host and tags alone, "
		     "and holds for none of the role's hosts.",
	  .reason = "Most often a tag is spelled differently on the hosts, "
		    "which then go without what the rule has for them. "
		    "Correct it, or remove it. Rules that ask for facts are "
		    "left alone: check knows no facts of real hosts.",
	  .document = lint_rule_conditions,
	  .whole = true },
	{ .id = "undescribed-role",
	  INFO,
	  .summary = "A role without a description.",
	  .reason = "Who reads a host's list of roles at night has no time "
		    "to read the roles. Say in one sentence what it is for.",
	  .document = lint_undescribed_role },

	/* --- the tests of a world --- */
	{ .id = "unknown-in-test",
	  .level = LINT_ERROR,
	  .summary = "A host, a tag, a fact or a resource that a test names, "
		     "and that there is not: of a resource, on none of the "
		     "hosts that the test is of.",
	  .reason = "Most often it is a slip, and the test fails, or tests "
		    "less than it says: that what is not there does not "
		    "change is always so. Correct it. Resources that depend "
		    "on facts are left alone: check knows no facts of real "
		    "hosts.",
	  .whole = true },
	{ .id = "unused-test",
	  WARNING,
	  .summary = "A test whose host and tags no host of the world "
		     "matches.",
	  .reason = "What it says must stay so is looked at on no host. "
		    "Correct it, or remove it with what it was for.",
	  .whole = true },
	{ .id = "empty-test",
	  WARNING,
	  .summary = "A part of a test that gives nothing, or expects "
		     "nothing.",
	  .reason = "It looks as if something were tested there. Say what, "
		    "or leave it out." },

	/* --- values that change nothing --- */
	{ .id = "shadowed-default",
	  WARNING,
	  .summary = "An attribute that has the value which the defaults "
		     "beside it give.",
	  .reason = "When the default changes, this one resource stays "
		    "behind. Leave the attribute out.",
	  .document = lint_shadowed_defaults },
	{ .id = "shadowed-var",
	  WARNING,
	  .summary = "A var that has the value which it would have without "
		     "being set there, on every host.",
	  .reason = "It says twice what is decided once: when the included "
		    "role changes its value, this copy hides the change. "
		    "Leave it out.",
	  .host = lint_shadowed_vars },
	{ .id = "idle-override",
	  WARNING,
	  .summary = "An override that gives an attribute the value that it "
		     "has without it, on every host.",
	  .reason = "Readers look for a difference that is not there, and a "
		    "later change of the resource is hidden by it. Remove "
		    "the override.",
	  .host = lint_shadowed_overrides },
	{ .id = "deprecated-attribute",
	  WARNING,
	  .summary = "An attribute that its type keeps for old manifests "
		     "alone.",
	  .reason = "A later version will refuse it, on the day of an "
		    "upgrade. The manual of the type says what takes its "
		    "place.",
	  .resource = lint_deprecated },

	/* --- files --- */
	{ .id = "unmanaged-parent",
	  WARNING,
	  .summary = "A path in a folder that no resource manages, that is "
		     "none of the folders of every system, and that no "
		     "package or command before it could bring.",
	  .reason = "On a new host the folder is not there, and the resource "
		    "fails; on old ones it has whatever owner and mode it "
		    "was once given. Manage the folder, or require the "
		    "package that brings it.",
	  .types = "file directory link line block ini json archive git",
	  .resource = lint_unmanaged_parent },
	{ .id = "world-writable",
	  WARNING,
	  .summary = "A mode that lets everybody write, without the sticky "
		     "bit of a folder such as /tmp.",
	  .reason = "Any account, also that of a service that was broken "
		    "into, can replace what root reads or runs there. Take "
		    "the bit away, or give the folder mode 1777.",
	  .types = "file directory",
	  .resource = lint_world_writable },
	{ .id = "setuid-without-reason",
	  WARNING,
	  .summary = "A file with a set-user-id or set-group-id bit and "
		     "neither a description nor a comment.",
	  .reason = "Such a program hands its owner's rights to whoever "
		    "runs it. Where it has to be, say why in its "
		    "description; elsewhere prefer sudo or a capability.",
	  .types = "file",
	  .resource = lint_setuid },
	{ .id = "wide-purge",
	  WARNING,
	  .summary = "A purge of a folder into which packages and "
		     "administrators put files too.",
	  .reason = "It removes what packages need, on every run again, and "
		    "the next package that is installed breaks. Purge a "
		    "folder that is wholly yours, or remove files by name.",
	  .types = "directory",
	  .resource = lint_wide_purge },
	{ .id = "inside-unpacked",
	  WARNING,
	  .summary = "A resource in the folder of an archive or a git that "
		     "does not ignore it.",
	  .reason = "What the archive or the commit has by that name is put "
		    "back, and changed again, on every run; and what it has "
		    "not keeps the next one from being unpacked. Give its "
		    "name to 'ignore'.",
	  .types = "file directory link line block ini json",
	  .resource = lint_inside_unpacked },
	{ .id = "edited-twice",
	  WARNING,
	  .summary = "Two resources of one host that edit the same key or "
		     "line of a file, or a JSON value and a part of it, "
		     "or of which one removes what the other puts there.",
	  .reason = "The later one undoes the earlier one, on every run, "
		    "and what depends on them restarts each time. Keep one, "
		    "and make the other an override of it.",
	  .host = lint_edited_twice },
	{ .id = "unchecked-sudoers",
	  WARNING,
	  .summary = "A file of sudoers(5) that is not validated.",
	  .reason = "One wrong line, and sudo refuses everybody, also those "
		    "who would repair it. Give it \"validate\": [\"visudo\", "
		    "\"-c\", \"-f\", \"%\"].",
	  .types = "file line block",
	  .resource = lint_sudoers },
	{ .id = "unstable-device",
	  WARNING,
	  .summary = "A mount of a device by a name that the kernel gives "
		     "out in order of arrival.",
	  .reason = "After a reboot or a new disk /dev/sdb is another one, "
		    "which is then mounted in its place, or fails the boot. "
		    "Name it by UUID=, LABEL= or /dev/disk.",
	  .types = "mount",
	  .resource = lint_unstable_device },

	/* --- commands --- */
	{ .id = "exec-without-guard",
	  WARNING,
	  .summary = "An exec without creates, onlyif, unless or "
		     "refreshonly.",
	  .reason = "It runs on every run: no plan of the host is ever "
		    "empty, and drift drowns in it. Say when there is "
		    "nothing to do.",
	  .types = "exec",
	  .resource = lint_exec_guard },
	{ .id = "shell-string",
	  INFO,
	  .summary = "An exec that has a shell read its command.",
	  .reason = "A shell splits, expands and ignores what fails in the "
		    "middle of a pipe. A list of words needs no quoting; "
		    "what needs a shell is better off in a script of its "
		    "own.",
	  .types = "exec",
	  .resource = lint_shell_string },
	{ .id = "shell-interpolation",
	  WARNING,
	  .summary = "A value that is filled into the text of a shell "
		     "command.",
	  .reason = "A blank, a quote or a semicolon in the value becomes "
		    "part of the program, which root runs. Give the value "
		    "by \"env\" and write \"$NAME\", with the double quotes, "
		    "or do without the shell.",
	  .types = "exec",
	  .resource = lint_shell_interpolation },
	{ .id = "pipe-to-shell",
	  WARNING,
	  .summary = "A command that runs what it has just downloaded.",
	  .reason = "Whoever holds that server, or breaks the connection in "
		    "the middle, decides what root runs. Keep the script in "
		    "the world, or install a signed package.",
	  .types = "exec cron",
	  .resource = lint_pipe_to_shell },
	{ .id = "cron-path",
	  WARNING,
	  .summary = "A cron command whose program is in a folder that cron "
		     "does not look into.",
	  .reason = "cron's PATH is /usr/bin:/bin: what works in a login "
		    "shell is not found at night. Write the whole path, or "
		    "set PATH in env.",
	  .types = "cron",
	  .resource = lint_cron_path },

	/* --- where things come from --- */
	{ .id = "latest-without-window",
	  WARNING,
	  .summary = "A package that is to be of the latest version, "
		     "whenever there is one.",
	  .reason = "The archive decides when it changes, on all hosts in "
		    "the same hour and without review, and services restart "
		    "with it. Pin a version, or leave upgrades to "
		    "unattended-upgrades.",
	  .types = "package",
	  .resource = lint_latest },
	{ .id = "http-without-digest",
	  WARNING,
	  .summary = "Something fetched by plain http or ftp that no key "
		     "and no digest vouches for.",
	  .reason = "Anybody on the way can put another thing in its place. "
		    "Give an apt_repository its signed_by; fetch by https, "
		    "or keep the file in the world as an archive.",
	  .types = "apt_repository exec",
	  .resource = lint_http },
	{ .id = "unauthenticated-packages",
	  WARNING,
	  .summary = "A command that has a package manager install what "
		     "nobody signed.",
	  .reason = "A package's scripts run as root. Name the key by "
		    "signed_by of the apt_repository in its place.",
	  .types = "exec",
	  .resource = lint_unauthenticated },
	{ .id = "floating-revision",
	  WARNING,
	  .summary = "A git checkout of a branch, not of a commit or tag.",
	  .reason = "Hosts change when somebody pushes to that repository, "
		    "each at another time, and no commit of this world says "
		    "which had what. Name a tag, or the commit's whole id.",
	  .types = "git",
	  .resource = lint_floating_revision },

	/* --- services --- */
	{ .id = "service-without-check",
	  WARNING,
	  .summary = "A service that restarts for a changed file although "
		     "its program could check that first, and nobody asks "
		     "it to.",
	  .reason = "A slip in the file takes the service down on every "
		    "host that gets it. Give the service its \"check\", or "
		    "the file its \"validate\".",
	  .types = "service",
	  .resource = lint_service_check },
	{ .id = "orphan-notification",
	  WARNING,
	  .summary = "A notification to a resource that does nothing when "
		     "it is notified.",
	  .reason = "Whoever wrote it waits for a restart that does not "
		    "come. Notify the service, or say require or before "
		    "where only the order is meant.",
	  .resource = lint_deaf_target },
	{ .id = "unnotified-exec",
	  WARNING,
	  .summary = "An exec that is refreshonly, and that nothing "
		     "notifies on any host.",
	  .reason = "It never runs. Notify it from what it is to follow, or "
		    "remove it.",
	  .types = "exec",
	  .resource = lint_silent_exec },

	/* --- credentials and accounts --- */
	{ .id = "mode-wider-than-secret",
	  WARNING,
	  .summary = "A file with a secret or sensitive content that "
		     "everybody on the host may read.",
	  .reason = "What is sealed in the world is open on the host, to "
		    "any account. Take the mode 0600, or 0640 with the "
		    "group that needs it.",
	  .types = "file line block ini json",
	  .resource = lint_wider_than_secret },
	{ .id = "plain-credential",
	  WARNING,
	  .summary = "What looks like a password, token or private key in "
		     "clear text.",
	  .reason = "Everybody who can read the repository has it, for as "
		    "long as its history is kept. Give out a new one, and "
		    "seal that with converge secret.",
	  .document = lint_credentials },
	{ .id = "weak-password-hash",
	  WARNING,
	  .summary = "A password hash of a method that is guessed in hours.",
	  .reason = "Who reads the repository has the password soon after. "
		    "Make a new one with mkpasswd -m yescrypt or "
		    "sha512crypt.",
	  .types = "user",
	  .resource = lint_weak_hash },
	{ .id = "same-key",
	  INFO,
	  .summary = "One SSH key for several accounts of a host.",
	  .reason = "Who leaves keeps the way in by the other account, and "
		    "the log does not tell who came. Give each person one "
		    "account, and sudo.",
	  .host = lint_same_key },
	{ .id = "same-number",
	  WARNING,
	  .summary = "Two users or two groups of a host with one number.",
	  .reason = "To the kernel they are the same: each owns the other's "
		    "files and may kill its processes. Give one of them "
		    "another number.",
	  .host = lint_same_id },
};
const size_t lint_rules_n = COUNT(lint_rules);

const struct lint_rule *lint_rule_find(const char *id)
{
	for (size_t i = 0; i < lint_rules_n; i++)
		if (strcmp(lint_rules[i].id, id) == 0)
			return &lint_rules[i];
	return NULL;
}

const char *lint_rule_nearest(const char *id, struct arena *a)
{
	struct strings known = { 0 };

	for (size_t i = 0; i < lint_rules_n; i++)
		strings_add(&known, a, lint_rules[i].id);
	return strings_nearest(id, &known);
}

static const char *const levels[] = { [LINT_OFF] = "off",
				      [LINT_INFO] = "info",
				      [LINT_WARNING] = "warning",
				      [LINT_ERROR] = "error" };

const char *lint_level_name(enum lint_level level)
{
	return levels[level];
}

int lint_level_parse(const char *text)
{
	for (size_t i = 0; text && i < COUNT(levels); i++)
		if (strcmp(levels[i], text) == 0)
			return (int)i;
	return -1;
}
