/* SPDX-License-Identifier: MIT */
/* The whole way of a world to a host, against a real server of git. */
#include "lib/origin/origin.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "lib/host/linux/servers.h"

/* A host with its folder, and what it remembers as the store does. */
struct host_of {
	struct arena arena;
	struct diags diags;
	char path[256]; /* of the folder */
	int state;
	struct world_record last;
	char last_commit[OBJECT_HEX + 1];
	struct origin_options options;
	struct origin origin;
	bool good;
};

static void shell(const char *command)
{
	ck_assert_msg(system(command) == 0, "%s", command);
}

static void put(struct host_of *h, const char *name, const char *text)
{
	char *path = arena_printf(&h->arena, "%s/root%s", h->path, name);
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	ck_assert_int_eq(fclose(file), 0);
	ck_assert_int_eq(chmod(path, 0644), 0);
}

static void write_agent(struct host_of *h, const char *port, const char *more)
{
	put(h, AGENT_FILE,
	    arena_printf(&h->arena,
			 "{\"version\": 1, \"ca_file\": "
			 "\"/etc/converge/ca.pem\", "
			 "\"url\": \"https://127.0.0.1:%s/ok/world.git\"%s}",
			 port, more));
}

static void set_up(struct host_of *h)
{
	static int nth;

	*h = (struct host_of){ .origin = ORIGIN_NONE };
	snprintf(h->path, sizeof(h->path), "%s/host%d-%d", folder,
		 (int)getpid(), ++nth);
	shell(arena_printf(&h->arena,
			   "mkdir -p -m 755 %s/root/etc/converge && "
			   "mkdir -m 700 %s/state && cp %s/ca.pem "
			   "%s/root/etc/converge/ && cp %s/signers "
			   "%s/root/etc/converge/allowed_signers && "
			   "chmod 644 %s/root/etc/converge/*",
			   h->path, h->path, folder, h->path, folder, h->path,
			   h->path));
	write_agent(h, value_of("good"), "");
	h->state = open(arena_printf(&h->arena, "%s/state", h->path),
			O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(h->state, 0);
	h->options = (struct origin_options){
		.root = arena_printf(&h->arena, "%s/root", h->path),
		.state = h->state,
		.path = arena_printf(&h->arena, "%s/state", h->path),
		.keeps = true,
		.last = &h->last,
	};
}

static void release_origin(struct host_of *h)
{
	origin_release(&h->origin, &h->diags);
	diags_release(&h->diags);
}

static void tear_down(struct host_of *h)
{
	release_origin(h);
	close(h->state);
	arena_release(&h->arena);
}

/* One run: what it takes it remembers. */
static void get(struct host_of *h)
{
	release_origin(h);
	h->options.now = h->options.now ? h->options.now : time(NULL);
	h->good = origin_get(&h->options, &h->origin, &h->arena, &h->diags);
	ck_assert(h->good == !h->diags.errors);
	if (!h->good || !h->options.keeps)
		return;
	memcpy(h->last_commit, h->origin.commit, OBJECT_HEX + 1);
	h->last = (struct world_record){ h->last_commit, h->origin.time, 0 };
	ck_assert(origin_keep(&h->options, &h->origin, &h->arena, &h->diags));
}

static const char *first_of(const struct host_of *h)
{
	return h->diags.n ? h->diags.v[0].text : "";
}

static void takes(struct host_of *h, const char *commit)
{
	get(h);
	ck_assert_msg(h->good, "%s", first_of(h));
	ck_assert_msg(h->diags.n == 0, "%s", first_of(h));
	ck_assert_str_eq(h->origin.commit, commit);
	ck_assert(h->origin.is_newest);
	ck_assert_str_eq(h->origin.who, "alice@example");
	shell(arena_printf(&h->arena,
			   "git -c safe.directory=* -C %s cat-file -e "
			   "%s:motd",
			   h->origin.repository, commit));
	/* no trace of the way */
	shell(arena_printf(&h->arena,
			   "test \"$(ls %s/state)\" = world.git || "
			   "! ls %s/state | grep -q .",
			   h->path, h->path));
}

static void keeps(struct host_of *h, const char *commit, const char *because)
{
	get(h);
	ck_assert_msg(h->good, "%s", first_of(h));
	ck_assert_uint_ge(h->diags.n, 1);
	ck_assert_msg(strstr(first_of(h), because), "%s", first_of(h));
	ck_assert_str_eq(h->origin.commit, commit);
	ck_assert(!h->origin.is_newest);
}

static void refuses(struct host_of *h, const char *because)
{
	get(h);
	ck_assert(!h->good);
	ck_assert_msg(strstr(h->diags.v[h->diags.n - 1].text, because), "%s",
		      h->diags.v[h->diags.n - 1].text);
}

START_TEST(follows_its_branch)
{
	char one[OBJECT_HEX + 1], two[OBJECT_HEX + 1];
	struct host_of h;

	set_up(&h);
	servers_commit("signer now main a", one);
	takes(&h, one);
	takes(&h, one);
	servers_commit("signer now main b", two);
	takes(&h, two);
	shell(arena_printf(&h.arena,
			   "cd %s/state/world.git && git fsck --strict && "
			   "test $(cat refs/heads/world) = %s && "
			   "test $(ls objects/pack/*.pack | wc -l) = 2",
			   h.path, two));
	tear_down(&h);
}
END_TEST

START_TEST(a_plan_changes_nothing)
{
	char one[OBJECT_HEX + 1], two[OBJECT_HEX + 1], *count;
	struct host_of h;

	set_up(&h);
	servers_commit("signer now main a", one);
	count = arena_printf(&h.arena, "test $(ls %s/state | wc -l) = 0",
			     h.path);
	h.options.keeps = false;
	takes(&h, one);
	shell(count);
	h.options.keeps = true;
	takes(&h, one);
	servers_commit("signer now main b", two);
	h.options.keeps = false;
	takes(&h, two);
	shell(arena_printf(&h.arena,
			   "test $(cat %s/state/world.git/refs/heads/world) = "
			   "%s",
			   h.path, one));
	ck_assert_int_eq(access(h.origin.scratch_path, F_OK), 0);
	release_origin(&h);
	ck_assert_int_ne(access(h.origin.scratch_path, F_OK), 0);
	tear_down(&h);
}
END_TEST

START_TEST(takes_no_word_but_a_signers)
{
	static const struct {
		const char *how, *because;
	} bad[] = {
		{ "none now main x", "is not signed" },
		{ "other now main x", "is not signed by one who is trusted" },
	};
	char one[OBJECT_HEX + 1], two[OBJECT_HEX + 1];
	struct host_of h;

	set_up(&h);
	servers_commit("signer now main a", one);
	for (size_t i = 0; i < COUNT(bad); i++) {
		servers_commit(bad[i].how, two);
		/* neither at first, nor later */
		refuses(&h, bad[i].because);
		servers_commit(arena_printf(&h.arena, "as-it-is now %s x", one),
			       two);
		takes(&h, one);
		servers_commit(bad[i].how, two);
		refuses(&h, bad[i].because);
		servers_commit(arena_printf(&h.arena, "as-it-is now %s x", one),
			       two);
		takes(&h, one);
		h.last = (struct world_record){ 0 };
		shell(arena_printf(&h.arena, "rm -r %s/state/world.git",
				   h.path));
	}
	tear_down(&h);
}
END_TEST

/* What a signer signed is of no use for anything else. */
START_TEST(takes_no_signature_of_another_commit)
{
	char one[OBJECT_HEX + 1], two[OBJECT_HEX + 1];
	struct host_of h;

	set_up(&h);
	servers_commit("signer now main a", one);
	takes(&h, one);
	servers_commit("signer now main b", two);
	/* the same, and as if on top of itself */
	shell(arena_printf(&h.arena,
			   "cd %s/world.git && export HOME=%s && "
			   "git update-ref refs/heads/main $(git cat-file "
			   "commit %s | sed 's/^parent .*/parent %s/' | "
			   "git hash-object -t commit -w --stdin)",
			   folder, folder, two, two));
	refuses(&h, "is not signed by one who is trusted");
	/* a tag that is signed, in the place of a commit */
	shell(arena_printf(
		&h.arena,
		"cd %s/work && export HOME=%s && "
		"git -c user.name=A -c user.email=a tag -f -s -m t t "
		"%s && git push -q -f ../world.git t && "
		"git rev-parse t >../world.git/refs/heads/main",
		folder, folder, two));
	refuses(&h, "is not there, or damaged");
	servers_commit(arena_printf(&h.arena, "as-it-is now %s x", two), two);
	takes(&h, two);
	tear_down(&h);
}
END_TEST

START_TEST(goes_back_for_nobody)
{
	char one[OBJECT_HEX + 1], two[OBJECT_HEX + 1], three[OBJECT_HEX + 1];
	struct host_of h;

	set_up(&h);
	servers_commit("signer now main a", one);
	servers_commit("signer now main b", two);
	takes(&h, two);
	/* an older commit, a sibling, and one that has no past */
	servers_commit(arena_printf(&h.arena, "as-it-is now %s x", one), three);
	refuses(&h, "is not a descendant of");
	ck_assert_ptr_nonnull(strstr(h.diags.v[0].hint, three));
	servers_commit(arena_printf(&h.arena, "signer now %s x", one), three);
	refuses(&h, "is not a descendant of");
	servers_commit("signer now root x", three);
	refuses(&h, "is not a descendant of");
	/* the database alone, or the repository alone, is enough to know */
	h.last = (struct world_record){ 0 };
	refuses(&h, "is not a descendant of");
	h.last = (struct world_record){ two, 1, 1 };
	shell(arena_printf(&h.arena, "rm -r %s/state/world.git", h.path));
	refuses(&h, "is not a descendant of");
	ck_assert_ptr_nonnull(strstr(h.diags.v[0].text, "has lost the commit"));
	h.options.allow_rollback = "main";
	refuses(&h, "takes the whole id");
	/* but for who says so, for that one alone */
	h.options.allow_rollback = one;
	refuses(&h, "is not a descendant of");
	h.options.allow_rollback = three;
	get(&h);
	ck_assert_msg(h.good, "%s", first_of(&h));
	ck_assert_str_eq(h.origin.commit, three);
	tear_down(&h);
}
END_TEST

START_TEST(notices_a_lost_memory)
{
	char one[OBJECT_HEX + 1], two[OBJECT_HEX + 1];
	struct host_of h;

	set_up(&h);
	servers_commit("signer now main a", one);
	takes(&h, one);
	h.last = (struct world_record){ 0 };
	servers_commit("signer now main b", two);
	get(&h);
	ck_assert(h.good);
	ck_assert_ptr_nonnull(strstr(first_of(&h), "the database in"));
	ck_assert_str_eq(h.origin.commit, two);
	/* but not of both: whatever comes would be taken */
	h.last = (struct world_record){ 0 };
	shell(arena_printf(&h.arena,
			   "mv %s/state/world.git/refs/heads/world %s/ && "
			   "mkdir %s/state/world.git/refs/heads/world",
			   h.path, h.path, h.path));
	refuses(&h, "neither ");
	shell(arena_printf(&h.arena,
			   "rmdir %s/state/world.git/refs/heads/world && "
			   "mv %s/world %s/state/world.git/refs/heads/",
			   h.path, h.path, h.path));
	h.last = (struct world_record){ two, 1, 0 };
	/* objects that are gone are fetched again */
	shell(arena_printf(&h.arena, "rm -f %s/state/world.git/objects/pack/*",
			   h.path));
	get(&h);
	ck_assert_msg(h.good, "%s", first_of(&h));
	ck_assert_ptr_nonnull(strstr(first_of(&h), "is damaged"));
	ck_assert(h.origin.is_newest);
	shell(arena_printf(&h.arena, "cd %s/state/world.git && git fsck",
			   h.path));
	tear_down(&h);
}
END_TEST

START_TEST(is_not_frozen)
{
	char one[OBJECT_HEX + 1], two[OBJECT_HEX + 1];
	struct host_of h;

	set_up(&h);
	servers_commit("signer -7200 main a", one);
	takes(&h, one);
	servers_commit("signer -7100 main b", two);
	write_agent(&h, value_of("good"), ", \"max_age\": \"1h\"");
	keeps(&h, one, "stale: the newest commit, ");
	write_agent(&h, value_of("good"), ", \"max_age\": \"2h\"");
	takes(&h, two);
	servers_commit("signer 86400 main c", one);
	keeps(&h, two, "from now");
	tear_down(&h);
}
END_TEST

START_TEST(goes_on_without_its_server)
{
	char one[OBJECT_HEX + 1];
	struct host_of h;

	set_up(&h);
	servers_commit("signer -90000 main a", one);
	write_agent(&h, "1", "");
	refuses(&h, "cannot reach the server: Connection refused; and no "
		    "earlier run");
	write_agent(&h, value_of("good"), "");
	takes(&h, one);
	write_agent(&h, "1", "");
	keeps(&h, one, "which is 1 day old");
	write_agent(&h, value_of("self"), "");
	keeps(&h, one, "certificate is refused");
	h.options.keeps = false;
	keeps(&h, one, "certificate is refused");
	h.options.keeps = true;
	/* yet not with one whose signer is no signer any more */
	shell(arena_printf(&h.arena,
			   "sed 's/alice/bob/' %s/other.pub | sed 's/^/b /' "
			   "> %s/root/etc/converge/allowed_signers",
			   folder, h.path));
	refuses(&h, "which the last run took, is not signed by");
	/* nor one that is not there */
	shell(arena_printf(&h.arena,
			   "cp %s/signers %s/root/etc/converge/allowed_signers"
			   " && rm -f %s/state/world.git/objects/pack/*",
			   folder, h.path, h.path));
	refuses(&h, "which the last run took, is not there");
	tear_down(&h);
}
END_TEST

START_TEST(trusts_no_list_of_others)
{
	static const struct {
		const char *how, *because;
	} bad[] = {
		{ "chmod 664 %s", "others may write to it" },
		{ "mv %s %s.x && ln -s allowed_signers.x %s", "is a link" },
		{ "rm %s", "No such file" },
		{ ": > %s", "is not signed by one who is trusted" },
		{ "chown 1234 %s", "belongs to user 1234" },
	};
	char one[OBJECT_HEX + 1];

	servers_commit("signer now main a", one);
	for (size_t i = 0; i < COUNT(bad); i++) {
		AUTO_BUF struct buf command = { 0 };
		struct host_of h;

		if (strncmp(bad[i].how, "chown", 5) == 0 && geteuid() != 0)
			continue;
		set_up(&h);
		for (const char *at = bad[i].how; *at; at++) {
			if (at[0] == '%' && at[1] == 's') {
				buf_printf(&command,
					   "%s/root/etc/converge/"
					   "allowed_signers",
					   h.path);
				at++;
			} else {
				buf_putc(&command, *at);
			}
		}
		shell(buf_text(&command));
		refuses(&h, bad[i].because);
		tear_down(&h);
	}
}
END_TEST

static void start_servers(void)
{
	START_SERVERS;
}

int main(void)
{
	Suite *suite = suite_create("origin");
	TCase *tcase = tcase_create("origin");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tcase, 120);
	tcase_add_unchecked_fixture(tcase, start_servers, stop_servers);
	tcase_add_test(tcase, follows_its_branch);
	tcase_add_test(tcase, a_plan_changes_nothing);
	tcase_add_test(tcase, takes_no_word_but_a_signers);
	tcase_add_test(tcase, takes_no_signature_of_another_commit);
	tcase_add_test(tcase, goes_back_for_nobody);
	tcase_add_test(tcase, notices_a_lost_memory);
	tcase_add_test(tcase, is_not_frozen);
	tcase_add_test(tcase, goes_on_without_its_server);
	tcase_add_test(tcase, trusts_no_list_of_others);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
