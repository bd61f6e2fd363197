/* SPDX-License-Identifier: MIT */
/*
 * Each attribute of each type changed alone: unless the type's table says that
 * it is the manner of managing alone (ATTR_MANNER), it is no change that
 * nothing on the host follows from.
 */
#include "lib/review/review.h"

#include "lib/manifest/reading_test.h"
#include "lib/module.h"

static struct reading_world old, new;
static struct diags diags;
static json_t *found;

#define KEY(c)                                                         \
	"'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" c "ABAgMEBQYHCAkKCww" \
	"NDg8QERITFBUWFxgZGhscHR4f'"
#define SHA(c) "'" c c c c c c c c "'"

/* What a resource of the type has beside what is changed. */
static const struct {
	const char *type, *name, *rest;
} bases[] = {
	{ "apt_repository", "x",
	  "'uris':'https://a/','suites':'s','components':'main'" },
	{ "archive", "/opt/a",
	  "'source':'https://a/t.tar','sha256':" SHA("01234567") },
	{ "authorized_key", "x", "'user':'ada','key':" KEY("A") },
	{ "block", "x", "'path':'/f','content':'x\\n'" },
	{ "cron", "x", "'schedule':'@daily','command':'x'" },
	{ "directory", "/d", "" },
	{ "exec", "x", "'command':['x']" },
	{ "file", "/f", "" },
	{ "git", "/srv/g", "'repository':'https://a/g','revision':'v1'" },
	{ "group", "x", "" },
	{ "host_entry", "x", "'ip':'10.0.0.1'" },
	{ "hostname", "x", "" },
	{ "ini", "x", "'path':'/f','section':'s','key':'k','value':'v'" },
	{ "json", "x", "'path':'/f','pointer':'/p','value':1" },
	{ "kernel_module", "x", "" },
	{ "line", "x", "'path':'/f','line':'x'" },
	{ "link", "/l", "'target':'x'" },
	{ "mount", "/m", "'device':'d','fstype':'ext4'" },
	{ "package", "x", "" },
	{ "service", "x", "" },
	{ "sysctl", "net.a", "'value':1" },
	{ "timezone", "Europe/Paris", "" },
	{ "user", "x", "" },
};

/* Values of an attribute; an old one of NULL: it is not given. */
struct values {
	const char *type; /* "*": of all that have it */
	const char *attribute, *before, *after;
	const char *rest; /* beside that; or NULL: see bases */
};

static const struct values values[] = {
	{ "link", "ensure", NULL, "'absent'", NULL },
	{ "cron", "ensure", NULL, "'absent'", NULL },
	{ "apt_repository", "ensure", NULL, "'absent'", NULL },
	{ "kernel_module", "ensure", NULL, "'blacklisted'", NULL },
	{ "mount", "ensure", NULL, "'absent'", NULL },
	{ "package", "ensure", NULL, "'absent'", NULL },
	{ "package", "ensure", NULL, "'latest'", NULL },
	{ "package", "ensure", NULL, "'1.1'", NULL },
	{ "package", "ensure", "'1.0'", "'1.1'", NULL },
	{ "package", "ensure", "'1.1'", "'absent'", NULL },
	{ "package", "ensure", "'absent'", "'purged'", NULL },
	{ "package", "ensure", "'absent'", "'present'", NULL },
	{ "service", "ensure", NULL, "'running'", NULL },
	{ "sysctl", "ensure", NULL, "'absent'", NULL },
	{ "*", "ensure", NULL, "'absent'", NULL },

	{ "directory", "path", "'/d'", "'/e'", NULL },
	{ "authorized_key", "path", NULL, "'/e'", NULL },
	{ "*", "path", "'/f'", "'/g'", NULL },
	{ "user", "name", NULL, "'y'", NULL },
	{ "hostname", "name", NULL, "'y'", NULL },
	{ "*", "name", NULL, "'y'", NULL },
	{ "ini", "key", "'k'", "'l'", NULL },
	{ "authorized_key", "key", KEY("A"), KEY("B"), NULL },
	{ "sysctl", "key", NULL, "'net.b'", NULL },
	{ "timezone", "zone", NULL, "'Europe/Rome'", NULL },
	{ "archive", "target", NULL, "'/opt/b'", NULL },

	{ "apt_repository", "types", NULL, "'deb-src'", NULL },
	{ "apt_repository", "uris", "'https://a/'", "'https://b/'", NULL },
	{ "apt_repository", "suites", "'s'", "'t'", NULL },
	{ "apt_repository", "components", "'main'", "'other'", NULL },
	{ "apt_repository", "architectures", NULL, "'arm64'", NULL },
	{ "apt_repository", "signed_by", NULL, "'/k'", NULL },

	{ "archive", "source", "'https://a/t.tar'", "'https://b/t.tar'", NULL },
	{ "archive", "sha256", SHA("01234567"), SHA("76543210"), NULL },
	{ "archive", "strip_components", NULL, "1", NULL },
	{ "archive", "creates", NULL, "'/opt/a/x'", NULL },
	{ "archive", "max_mib", NULL, "1", NULL },
	{ "*", "ignore", NULL, "['x']", NULL },
	{ "*", "ca_file", NULL, "'/ca'", NULL },
	{ "*", "ssh_key", NULL, "'/k'", NULL },
	{ "*", "known_hosts", NULL, "'/k'", NULL },
	{ "git", "repository", "'https://a/g'", "'https://b/g'", NULL },
	{ "git", "revision", "'v1'", "'v2'", NULL },

	{ "authorized_key", "user", "'ada'", "'bob'", NULL },
	{ "authorized_key", "options", NULL, "['no-pty']", NULL },
	{ "mount", "options", NULL, "'ro'", NULL },
	{ "kernel_module", "options", NULL, "'a=1'", NULL },
	{ "kernel_module", "options", "'a=1'", "[]", NULL },
	{ "mount", "device", "'d'", "'e'", NULL },
	{ "mount", "fstype", "'ext4'", "'xfs'", NULL },
	{ "mount", "dump", NULL, "1", NULL },
	{ "mount", "pass", NULL, "1", NULL },
	{ "host_entry", "ip", "'10.0.0.1'", "'10.0.0.2'", NULL },
	{ "host_entry", "aliases", NULL, "['z']", NULL },

	{ "block", "content", "'x\\n'", "'y\\n'", NULL },
	{ "block", "marker", NULL, "'# {mark} m'", NULL },
	{ "line", "line", "'x'", "'y'", NULL },
	{ "line", "match", NULL, "'^x'", NULL },
	{ "ini", "section", "'s'", "'t'", NULL },
	{ "ini", "value", "'v'", "'w'", NULL },
	{ "json", "pointer", "'/p'", "'/q'", NULL },
	{ "json", "value", "1", "2", NULL },
	{ "sysctl", "value", "1", "2", NULL },
	{ "*", "insert_after", NULL, "'^x'", NULL },
	{ "*", "insert_before", NULL, "'^x'", NULL },
	{ "*", "create", NULL, "true", NULL },

	{ "*", "user", NULL, "'ada'", NULL },
	{ "cron", "command", "'x'", "'y'", NULL },
	{ "cron", "schedule", "'@daily'", "'@hourly'", NULL },
	{ "*", "env", NULL, "{'A':'b'}", NULL },

	{ "directory", "source", NULL, "'files'", NULL },
	{ "directory", "file_mode", NULL, "'0600'", "'recurse':true" },
	{ "directory", "recurse", NULL, "true", NULL },
	{ "directory", "purge", NULL, "true", NULL },
	{ "file", "content", "'x'", "'y'", NULL },
	{ "file", "source", "'files/f'", "'files/g'", NULL },
	{ "file", "template", "'files/f'", "'files/g'", NULL },
	{ "file", "replace", "false", "true", NULL },
	{ "*", "owner", NULL, "'root'", NULL },
	{ "*", "mode", "'0600'", "'0644'", NULL },
	{ "link", "target", "'x'", "'y'", NULL },

	{ "exec", "command", "['x']", "['y']", NULL },
	{ "exec", "shell", "false", "true", "'command':'x'" },
	{ "exec", "cwd", NULL, "'/c'", NULL },
	{ "exec", "umask", NULL, "'077'", NULL },
	{ "exec", "creates", NULL, "'/c'", NULL },
	{ "exec", "onlyif", NULL, "['y']", NULL },
	{ "exec", "unless", NULL, "['y']", NULL },
	{ "exec", "refreshonly", NULL, "true", NULL },
	{ "exec", "returns", NULL, "[1]", NULL },
	{ "exec", "stdin", NULL, "'x'", NULL },
	{ "exec", "tries", NULL, "2", NULL },
	{ "exec", "try_sleep", NULL, "'1s'", NULL },

	{ "group", "members", NULL, "['ada']", NULL },
	{ "user", "groups", NULL, "['a']", NULL },
	{ "*", "membership", NULL, "'inclusive'", NULL },
	{ "*", "gid", NULL, "100", NULL },
	{ "*", "uid", NULL, "100", NULL },
	{ "*", "system", NULL, "true", NULL },
	{ "user", "home", NULL, "'/h'", NULL },
	{ "user", "manage_home", NULL, "true", "'home':'/h'" },
	{ "user", "shell", NULL, "'/bin/sh'", NULL },
	{ "user", "comment", NULL, "'x'", NULL },
	{ "user", "password_hash", NULL, "'*'", NULL },
	{ "user", "locked", NULL, "true", NULL },
	{ "user", "expires", NULL, "'2030-01-01'", NULL },
	{ "*", "group", NULL, "'root'", NULL },

	{ "package", "hold", NULL, "true", NULL },
	{ "package", "provider", NULL, "'apt'", NULL },
	{ "package", "install_options", NULL, "['--no-install-recommends']",
	  NULL },
	{ "service", "enable", NULL, "true", NULL },
	{ "service", "on_refresh", NULL, "'reload'", NULL },
	{ "service", "check", NULL, "['x']", NULL },
	{ "*", "persist", NULL, "false", NULL },

	{ "*", "backup", NULL, "false", NULL },
	{ "*", "force", NULL, "true", NULL },
	{ "*", "timeout", NULL, "'9s'", NULL },
	{ "*", "validate", NULL, "['x', '%']", NULL },
	{ "*", "validate_timeout", NULL, "'9s'", NULL },
};

static void put_world(struct reading_world *w)
{
	world_put(w, "converge.json", "{'version': 1}");
	world_put(w, "hosts/h.json",
		  "{'version': 1, 'host': 'h', 'roles': ['r']}");
	world_put(w, "files/f", "f");
	world_put(w, "files/g", "g");
}

static void end(void)
{
	json_decref(found);
	diags_release(&diags);
	world_end(&old);
	world_end(&new);
	found = NULL;
	diags = (struct diags){ 0 };
	old = (struct reading_world){ 0 };
	new = (struct reading_world){ 0 };
}

/* What of "'a':1,'b':2" is not of that attribute, so that it can be given. */
static const char *without(struct arena *a, const char *rest,
			   const char *attribute)
{
	char *json = arena_printf(a, "{%s}", rest), *bare;
	AUTO_FREE char *text = NULL;
	json_error_t error;
	json_t *all;

	for (char *at = json; *at; at++)
		*at = *at == '\'' ? '"' : *at;
	all = json_loads(json, 0, &error);
	ck_assert_msg(all != NULL, "%s: %s", json, error.text);
	json_object_del(all, attribute);
	text = json_dumps(all, JSON_COMPACT);
	bare = arena_strdup(a, text + 1);
	bare[strlen(bare) - 1] = '\0';
	json_decref(all);
	return bare;
}

static void put_resource(struct reading_world *w, const char *type,
			 const char *name, const char *rest,
			 const char *attribute, const char *value)
{
	struct arena *a = &w->arena;

	rest = without(a, rest, attribute);
	world_put(w, "roles/r.json",
		  arena_printf(a, "{'resources':{'%s:%s':{%s%s%s%s%s%s}}}",
			       type, name, rest, *rest && value ? "," : "",
			       value ? "'" : "", value ? attribute : "",
			       value ? "':" : "", value ? value : ""));
}

static const char *rest_of(const char *type, const char **name)
{
	for (size_t i = 0; i < COUNT(bases); i++)
		if (strcmp(bases[i].type, type) == 0) {
			*name = bases[i].name;
			return bases[i].rest;
		}
	ck_abort_msg("what has a %s? Add it to bases", type);
	return NULL;
}

/* "update", or "none" when nothing is told; "wrong: ..." */
static const char *action_of(const char *id)
{
	json_t *groups = json_object_get(found, "groups"), *group, *j;
	const char *text;
	size_t i;

	ck_assert_ptr_nonnull(found);
	group = json_array_get(groups, 0);
	j = json_array_get(json_object_get(group, "findings"), 0);
	text = json_string_value(json_object_get(j, "text"));
	if (text)
		return text;
	json_array_foreach (json_object_get(group, "changes"), i, j)
		if (strcmp(json_string_value(json_object_get(j, "id")), id) ==
		    0)
			return json_string_value(json_object_get(j, "action"));
	return "none";
}

static void change_alone(const struct module *m, const struct attr *attr,
			 const struct values *v)
{
	struct strings names = { 0 };
	const char *name, *rest = rest_of(m->name, &name), *action;
	bool manner = (attr->flags & ATTR_MANNER) != 0;

	rest = v->rest ? v->rest : rest;
	put_world(&old);
	put_world(&new);
	put_resource(&old, m->name, name, rest, attr->name, v->before);
	put_resource(&new, m->name, name, rest, attr->name, v->after);
	found = review_share(&(struct review){ .old = &old.world.tree,
					       .new = &new.world.tree,
					       .fact_names = &names,
					       .shares = 1 },
			     &diags);
	action = action_of(arena_printf(&old.arena, "%s:%s", m->name, name));
	ck_assert_msg(manner ? strcmp(action, "manage") == 0
			     : strcmp(action, "manage") != 0 &&
				       (strcmp(action, "create") == 0 ||
					strcmp(action, "update") == 0 ||
					strcmp(action, "remove") == 0 ||
					strcmp(action, "unknown") == 0),
		      "%s: %s from %s to %s: %s", m->name, attr->name,
		      v->before ? v->before : "none", v->after, action);
	end();
}

START_TEST(each_attribute_that_changes_alone_shows)
{
	size_t tried = 0;

	for (const struct module *const *m = modules; *m; m++) {
		for (size_t i = 0; i < (*m)->nattrs; i++) {
			const struct attr *attr = &(*m)->attrs[i];
			bool any = attr->flags & ATTR_INTERNAL, own = false;

			for (size_t k = 0; k < COUNT(values); k++) {
				const struct values *v = &values[k];
				bool its = strcmp(v->type, (*m)->name) == 0;

				if (any && attr->flags & ATTR_INTERNAL)
					break;
				if (strcmp(v->attribute, attr->name) != 0 ||
				    (!its && (own || *v->type != '*')))
					continue;
				change_alone(*m, attr, v);
				own |= its;
				any = true;
				tried++;
				if (!its)
					break;
			}
			ck_assert_msg(any,
				      "how does '%s' of %s change? Add it to "
				      "values",
				      attr->name, (*m)->name);
		}
	}
	ck_assert_uint_ge(tried, COUNT(values));
}
END_TEST

TEST_SUITE("attributes", each_attribute_that_changes_alone_shows)
