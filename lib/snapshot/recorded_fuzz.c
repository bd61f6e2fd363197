/* SPDX-License-Identifier: MIT */
/*
 * The reader of snapshots: what it refuses it says why. Whatever it takes a
 * manifest of many types can be planned against, twice the same; and told
 * again it is taken again, and plans the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/manifest/world_test.h"
#include "lib/report/report.h"
#include "lib/snapshot/recorded.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char manifest[] =
	"{\"version\":1,\"resources\":{"
	"\"file:/etc/a\":{\"content\":\"x\",\"owner\":\"ada\"},"
	"\"file:/opt/b\":{\"ensure\":\"absent\"},"
	"\"link:/etc/l\":{\"target\":\"a\",\"force\":true},"
	"\"directory:/etc/d\":{\"purge\":true,\"recurse\":true,\"mode\":"
	"\"0700\"},"
	"\"directory:/srv/e\":{\"ensure\":\"absent\"},"
	"\"line:/etc/f\":{\"path\":\"/etc/f\",\"line\":\"y\"},"
	"\"user:ada\":{\"shell\":\"/bin/sh\",\"groups\":[\"www\"]},"
	"\"group:www\":{\"gid\":33},"
	"\"authorized_key:k\":{\"user\":\"ada\",\"key\":\"ssh-ed25519 "
	"AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"
	"\"},"
	"\"package:nginx\":{\"ensure\":\"latest\"},"
	"\"service:web\":{\"ensure\":\"running\",\"enable\":true},"
	"\"exec:e\":{\"command\":[\"a\"],\"unless\":[\"b\"],\"creates\":"
	"\"/opt/c\"},"
	"\"cron:c\":{\"user\":\"root\",\"command\":\"a\",\"schedule\":"
	"\"@daily\"},"
	"\"host_entry:h\":{\"ip\":\"10.0.0.1\"},"
	"\"mount:/mnt\":{\"device\":\"tmpfs\",\"fstype\":\"tmpfs\"},"
	"\"sysctl:net.ipv4.ip_forward\":{\"value\":1},"
	"\"timezone:Etc/UTC\":{}}}";

static const struct world world = {
	.tree = { &world_ops, "world" },
	.files = { { "m.json", manifest, sizeof(manifest) - 1 } },
	.n = 1,
};

/* What a plan says, as text to be freed; NULL: there is none. */
static char *plan(const struct recorded *r)
{
	struct against a = { .tree = &world.tree,
			     .file = "m.json",
			     .options.max_disruption = -1 };
	AUTO_DIAGS struct diags d = { 0 };
	json_t *document;
	char *text = NULL;

	if (against_plan(&a, r, &d)) {
		document = report_plan(&a.plan);
		text = json_dumps(document, JSON_SORT_KEYS);
		json_decref(document);
	} else if (!d.errors) {
		abort();
	}
	against_release(&a);
	return text;
}

static bool is_same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static void check(const struct recorded *r)
{
	json_t *json = host_snapshot_json(r->picture);
	AUTO_FREE char *told = json_dumps(json, 0);
	AUTO_FREE char *first = plan(r);
	AUTO_FREE char *again = plan(r);
	AUTO_FREE char *third = NULL;
	AUTO_DIAGS struct diags d = { 0 };
	struct recorded copy;

	json_decref(json);
	if (!is_same(first, again) || !told ||
	    !recorded_read(&copy, told, strlen(told), "again", &d))
		abort();
	third = plan(&copy);
	if (!is_same(first, third))
		abort();
	recorded_release(&copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_DIAGS struct diags d = { 0 };
	const char *bytes = (const char *)data;
	struct recorded r;

	if (!recorded_load(bytes, size, &d))
		return 0;
	if (recorded_read(&r, bytes, size, "snapshot", &d))
		check(&r);
	else if (!d.errors)
		abort();
	recorded_release(&r);
	return 0;
}
