/* SPDX-License-Identifier: MIT */
/* Rules about commands: exec and cron. */
#include <string.h>

#include "lib/base/path.h"
#include "lib/lint/parts.h"

static const char *const shells[] = { "sh",  "bash", "dash", "ksh",
				      "zsh", "ash",  NULL };

/* The name of the program that a word runs. */
static const char *program_of(const char *word)
{
	const char *slash = strrchr(word, '/');

	return slash ? slash + 1 : word;
}

/* Of a command, as read or as written, what a shell is given to read; or NULL.
 */
static const char *shell_text(const struct look *k, const json_t *command)
{
	const char *program = json_string_value(json_array_get(command, 0)),
		   *option = json_string_value(json_array_get(command, 1));

	if (look_is_true(k, "shell") ||
	    strcmp(k->res->module->name, "cron") == 0)
		return json_string_value(command);
	if (!program || !option || *option != '-' ||
	    option[strlen(option) - 1] != 'c' ||
	    !lint_listed(program_of(program), shells))
		return NULL;
	return json_string_value(json_array_get(command, 2));
}

void lint_exec_guard(struct look *k)
{
	if (!look_has(k, "creates") && !look_has(k, "onlyif") &&
	    !look_has(k, "unless") && !look_is_true(k, "refreshonly"))
		look_attribute(k, NULL,
			       "it runs on every run: it has none of "
			       "creates, onlyif, unless, refreshonly");
}

/* Whether a value is filled into what a shell reads. */
static bool is_filled(struct look *k)
{
	const char *text = shell_text(k, look_raw_attribute(k, "command"));

	return text && lint_refers(text);
}

void lint_shell_string(struct look *k)
{
	if (look_is_true(k, "shell") && !is_filled(k))
		look_attribute(k, "command", "a shell reads this command");
}

void lint_shell_interpolation(struct look *k)
{
	struct lint_finding *f;

	if (!is_filled(k))
		return;
	f = look_attribute(k, "command",
			   "a value is filled into what a shell reads");
	if (f)
		f->hint = "give it by \"env\", and write \"$NAME\" with the "
			  "double quotes";
}

/* --- downloads that are run --- */

/* Whether a word of text at or after *at is one of the list; *at is then behind
 * it. */
static bool find_word(const char **at, const char *const list[])
{
	static const char between[] = " \t\n|&;()<>$`'\"";
	const char *text = *at;

	while (*text) {
		AUTO_BUF struct buf word = { 0 };
		size_t n = strcspn(text, between);

		buf_add(&word, text, n);
		text += n;
		if (n && lint_listed(program_of(buf_text(&word)), list)) {
			*at = text;
			return true;
		}
		text += strspn(text, between);
	}
	return false;
}

/* "curl ... | sudo sh", "wget ...; sh" is not. */
static bool is_piped(const char *text)
{
	static const char *const fetchers[] = { "curl", "wget", NULL };
	static const char *const readers[] = { "sh",     "bash",    "dash",
					       "python", "python3", "perl",
					       "sudo",   "env",     NULL };

	while (find_word(&text, fetchers)) {
		const char *pipe = text + strcspn(text, "|;\n");
		const char *after = pipe + 1, *start;

		if (*pipe != '|' || pipe[1] == '|')
			continue;
		after += strspn(after, " \t");
		start = after;
		if (find_word(&after, readers) &&
		    strcspn(start, " \t\n|;&") >= (size_t)(after - start))
			return true;
	}
	return false;
}

/* sh -c "$(curl ...)", bash <(curl ...) */
static bool is_substituted(const char *text)
{
	static const char *const begins[] = { "$(curl ", "$(wget ", "<(curl ",
					      "<(wget ", "`curl ",  "`wget " };
	const char *at = text;
	bool run = find_word(&at, shells) || strncmp(text, "eval ", 5) == 0;

	for (size_t i = 0; run && i < COUNT(begins); i++)
		if (strstr(text, begins[i]))
			return true;
	return false;
}

void lint_pipe_to_shell(struct look *k)
{
	const char *text =
		shell_text(k, json_object_get(k->attributes, "command"));

	if (text && (is_piped(text) || is_substituted(text)))
		look_attribute(k, "command", "it runs what it downloads");
}

/* --- cron --- */

/* What lies in /sbin or /usr/sbin on Debian, and is run by cron at times. */
static const char *const superuser[] = { "adduser",
					 "arp",
					 "blkid",
					 "btrfs",
					 "chpasswd",
					 "chroot",
					 "converge",
					 "debugfs",
					 "dmsetup",
					 "e2fsck",
					 "e2scrub",
					 "ethtool",
					 "exportfs",
					 "fsck",
					 "fstrim",
					 "groupadd",
					 "halt",
					 "hwclock",
					 "ifconfig",
					 "ifdown",
					 "ifup",
					 "invoke-rc.d",
					 "ip6tables",
					 "iptables",
					 "ldconfig",
					 "logrotate",
					 "losetup",
					 "lvcreate",
					 "lvs",
					 "mdadm",
					 "mke2fs",
					 "mkfs",
					 "modprobe",
					 "nft",
					 "nginx",
					 "ntpdate",
					 "poweroff",
					 "pvs",
					 "reboot",
					 "rmmod",
					 "route",
					 "runuser",
					 "service",
					 "shutdown",
					 "smartctl",
					 "sshd",
					 "swapoff",
					 "swapon",
					 "sysctl",
					 "tc",
					 "tune2fs",
					 "update-grub",
					 "update-initramfs",
					 "useradd",
					 "userdel",
					 "usermod",
					 "vgs",
					 "visudo",
					 "xfs_repair",
					 "zfs",
					 "zpool",
					 NULL };

void lint_cron_path(struct look *k)
{
	const char *text = look_text(k, "command");
	AUTO_BUF struct buf word = { 0 };

	if (!text ||
	    json_object_get(json_object_get(k->attributes, "env"), "PATH"))
		return;
	text += strspn(text, " \t");
	buf_add(&word, text, strcspn(text, " \t|;&"));
	if (lint_listed(buf_text(&word), superuser))
		look_attribute(k, "command",
			       "'%s' is in a folder of programs for root, "
			       "which cron does not look into",
			       buf_text(&word));
}
