/* SPDX-License-Identifier: MIT */
/* Rules about where things come from. */
#include <string.h>

#include "lib/lint/parts.h"

void lint_latest(struct look *k)
{
	const char *ensure = look_text(k, "ensure");

	if (ensure && strcmp(ensure, "latest") == 0)
		look_attribute(k, "ensure",
			       "it changes whenever the archive has a newer "
			       "version");
}

/* The i-th string of a list, or of one that stands for a list. */
static const char *item(const json_t *value, size_t i)
{
	if (json_is_string(value))
		return i ? NULL : json_string_value(value);
	return json_string_value(json_array_get(value, i));
}

static bool is_plain(const char *url)
{
	return strncmp(url, "http://", 7) == 0 ||
	       strncmp(url, "ftp://", 6) == 0;
}

/* Of this host itself. */
static bool is_near(const char *url)
{
	static const char *const hosts[] = { "localhost", "127.", "[::1]" };
	const char *host = strstr(url, "://") + 3;

	for (size_t i = 0; i < COUNT(hosts); i++)
		if (strncmp(host, hosts[i], strlen(hosts[i])) == 0)
			return true;
	return false;
}

static void look_at_repository(struct look *k)
{
	const json_t *uris = json_object_get(k->attributes, "uris");
	const char *uri;

	if (look_has(k, "signed_by") || resource_absent(k->res))
		return;
	for (size_t i = 0; (uri = item(uris, i)); i++)
		if (is_plain(uri) && !is_near(uri))
			look_attribute(k, "uris",
				       "no 'signed_by' says which key vouches "
				       "for what comes from there");
}

static void look_at_fetch(struct look *k)
{
	static const char *const fetchers[] = { "curl", "wget", "/usr/bin/curl",
						"/usr/bin/wget", NULL };
	const json_t *command = json_object_get(k->attributes, "command");
	const char *word = json_string_value(json_array_get(command, 0));

	if (!word || !lint_listed(word, fetchers))
		return;
	for (size_t i = 1; (word = item(command, i)); i++)
		if (is_plain(word) && !is_near(word))
			look_attribute(k, "command",
				       "nothing vouches for what it fetches");
}

void lint_http(struct look *k)
{
	if (strcmp(k->res->module->name, "exec") == 0)
		look_at_fetch(k);
	else
		look_at_repository(k);
}

void lint_unauthenticated(struct look *k)
{
	/* apt-get(8), dnf(8), rpm(8) */
	static const char *const options[] = { "--allow-unauthenticated",
					       "--allow-insecure-repositories",
					       "--force-yes",
					       "--nogpgcheck",
					       "--nosignature",
					       "--no-gpg-checks",
					       NULL };
	const json_t *command = json_object_get(k->attributes, "command");
	const char *word;

	for (size_t i = 0; (word = item(command, i)); i++)
		if (lint_listed(word, options))
			look_attribute(k, "command",
				       "'%s' installs what nobody signed",
				       word);
}

void lint_floating_revision(struct look *k)
{
	static const char *const branches[] = {
		"HEAD",   "develop", "devel",   "edge",    "latest",
		"main",   "master",  "next",    "nightly", "production",
		"stable", "staging", "testing", "trunk",   NULL
	};
	const char *revision = look_text(k, "revision");

	if (!revision || resource_absent(k->res))
		return;
	if (lint_listed(revision, branches) ||
	    strncmp(revision, "refs/heads/", 11) == 0 ||
	    strncmp(revision, "origin/", 7) == 0)
		look_attribute(k, "revision",
			       "'%s' is a branch: it is another commit "
			       "tomorrow",
			       revision);
}
