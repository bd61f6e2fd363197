/* SPDX-License-Identifier: MIT */
#include "lib/facts/picture.h"

#include <string.h>

#include "lib/base/arena.h"

/* As `converge facts` prints them. */
static const char debian[] =
	"{\"os\":{\"id\":\"debian\",\"version\":\"12\","
	"\"codename\":\"bookworm\","
	"\"name\":\"Debian GNU/Linux 12 (bookworm)\",\"like\":[]},"
	"\"timezone\":\"Etc/UTC\",\"package_manager\":\"apt\","
	"\"init\":\"systemd\","
	"\"kernel\":{\"name\":\"Linux\",\"release\":\"6.1.0-28-amd64\","
	"\"version\":\"#1 SMP PREEMPT_DYNAMIC Debian 6.1.119-1\"},"
	"\"architecture\":\"x86_64\","
	"\"cpu\":{\"count\":2,\"model\":\"generic\",\"sockets\":1,"
	"\"cores\":2},"
	"\"memory\":{\"mib\":4096,\"swap_mib\":0},"
	"\"hardware\":{\"uefi\":true},"
	"\"virtualization\":{\"kind\":\"vm\",\"name\":\"kvm\"},"
	"\"disks\":{\"names\":[\"vda\"],\"list\":[{\"name\":\"vda\","
	"\"mib\":20480,\"rotational\":false}]},"
	"\"mounts\":{\"paths\":[\"/\"],\"list\":[{\"path\":\"/\","
	"\"type\":\"ext4\",\"source\":\"/dev/vda1\","
	"\"options\":[\"rw\",\"relatime\"]}]},"
	"\"network\":{\"names\":[\"ens3\",\"lo\"],\"interfaces\":["
	"{\"name\":\"ens3\",\"mac\":\"52:54:00:00:00:01\",\"mtu\":1500,"
	"\"ipv4\":[\"192.0.2.10\"],\"ipv6\":[\"2001:db8::10\"]},"
	"{\"name\":\"lo\",\"mac\":\"00:00:00:00:00:00\",\"mtu\":65536,"
	"\"ipv4\":[\"127.0.0.1\"],\"ipv6\":[\"::1\"]}],"
	"\"ipv4\":[\"192.0.2.10\"],\"ipv6\":[\"2001:db8::10\"],"
	"\"interface\":\"ens3\",\"gateway\":\"192.0.2.1\","
	"\"address\":\"192.0.2.10\"}}";

enum { DOTS_MAX = 64 };

/* Sets "a.b.c" in the object, with objects on the way; takes value. */
static void set_dotted(json_t *object, const char *name, json_t *value)
{
	AUTO(arena_release) struct arena a = { 0 };
	size_t n, dots = 0;

	for (; name[n = strcspn(name, ".")]; name += n + 1) {
		const char *key = arena_strndup(&a, name, n);
		json_t *inner = json_object_get(object, key);

		/* what is deeper could not be freed: that is done by recursion
		 */
		if (++dots > DOTS_MAX) {
			json_decref(value);
			return;
		}
		if (!json_is_object(inner)) {
			inner = json_object();
			json_object_set_new(object, key, inner);
		}
		object = inner;
	}
	json_object_set_new(object, name, value);
}

/* Recursion is as deep as the text: at most SOURCE_MAX_DEPTH. */
void facts_lay_over(json_t *facts, json_t *over)
{
	const char *key;
	json_t *value;

	json_object_foreach (over, key, value) {
		json_t *known = json_object_get(facts, key);

		if (strcmp(key, "//") == 0)
			continue;
		if (json_is_object(known) && json_is_object(value))
			facts_lay_over(known, value);
		else
			/* what is laid over it must not change the world's */
			set_dotted(facts, key, json_deep_copy(value));
	}
}

json_t *facts_picture(json_t *world, const char *host, json_t *own)
{
	json_t *facts = json_loads(debian, 0, NULL);

	json_object_set_new(facts, "hostname", json_string(host));
	json_object_set_new(facts, "fqdn", json_string(host));
	facts_lay_over(facts, world);
	facts_lay_over(facts, own);
	return facts;
}

json_t *facts_told(json_t *world, json_t *own)
{
	json_t *facts = json_object();

	facts_lay_over(facts, world);
	facts_lay_over(facts, own);
	return facts;
}
