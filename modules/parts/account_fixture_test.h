/* SPDX-License-Identifier: MIT */
/* What the tests of user, group and authorized_key share. */
#ifndef CONVERGE_MODULES_PARTS_ACCOUNT_FIXTURE_TEST_H
#define CONVERGE_MODULES_PARTS_ACCOUNT_FIXTURE_TEST_H

#include "lib/fixture_test.h"

#define HASH                                                               \
	"$6$abc$K4v3HcZ8yAmpRfxML6S46NCcqy9r4/KdbQpFvqSWsBf4dgySOEOo1DHJT" \
	"rmn2BsJK2aNmPN8Tfb826D2o9.z51"

/* A recorded host with these files, users and groups beside root and adm. */
#define HOST(files, users, groups)                                       \
	"{'files': {" files "}, 'users': {'root': {'uid': 0, 'gid': 0, " \
	"'home': '/root'}" users "}, 'groups': {'root': {'gid': 0, "     \
	"'members': []}, 'adm': {'gid': 4, 'members': []}" groups "}}"
#define ADA                                                                 \
	", 'ada': {'uid': 1000, 'gid': 1000, 'home': '/home/ada', 'shell':" \
	"'/bin/sh', 'comment': '', 'locked': true, 'password': '', "        \
	"'expires': 'never'}"
#define ADAS ", 'ada': {'gid': 1000, 'members': []}"
#define HOMES "'/home': {'type': 'directory'}"

static struct fixture f;

static inline const char *planned(const char *manifest, const char *host)
{
	fixture_begin(&f, manifest, host);
	fixture_plan(&f, NULL);
	return fixture_shown(&f);
}

/* A manifest on a host, and what users and groups it comes to; a second plan
 * is empty. */
static inline void becomes(const char *manifest, const char *host,
			   const char *users, const char *groups)
{
	struct plan_options none = { .max_disruption = -1 };
	struct diags ignored = { 0 };
	json_t *have, *want;
	struct plan again;
	const char *said;
	char *text;

	planned(manifest, host);
	said = fixture_apply(&f);
	have = host_snapshot_json(f.host);
	for (int i = 0; i < 2; i++) {
		const char *part = i ? "groups" : "users";

		want = fixture_json(i ? groups : users);
		text = json_dumps(json_object_get(have, part), JSON_SORT_KEYS);
		ck_assert_msg(json_equal(json_object_get(have, part), want),
			      "%s\n%s\nnot %s", said, text, i ? groups : users);
		free(text);
		json_decref(want);
	}
	json_decref(have);
	ck_assert(plan_build(&again, &f.graph, f.host, &none, &ignored));
	ck_assert_msg(again.n == 0, "%s", said);
	diags_release(&ignored);
	fixture_release(&f);
}

#define PLANS(manifest, host, lines)                              \
	do {                                                      \
		ck_assert_str_eq(planned(manifest, host), lines); \
		fixture_release(&f);                              \
	} while (0)

#define REFUSES(manifest, words)                                             \
	do {                                                                 \
		f = (struct fixture){ 0 };                                   \
		ck_assert_msg(!fixture_graph(&f, manifest), "%s", manifest); \
		ck_assert_uint_eq(f.diags.n, 1);                             \
		ck_assert_str_eq(f.diags.v[0].text, words);                  \
		fixture_release(&f);                                         \
	} while (0)

#endif
