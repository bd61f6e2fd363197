/* SPDX-License-Identifier: MIT */
/* Against real servers of git. */
#include "lib/host/linux/git/fetch.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/host/linux/process/child.h"
#include "lib/host/linux/servers.h"
#include "lib/host/linux/trust/trusted.h"
#include "lib/host/linux/git/clone.h"
#include "lib/test.h"

/* One fetch into a quarantine of its own. */
struct trial_of {
	const char *server, *kind; /* "good", "ok" */
	const char *name;          /* of the machine; NULL: 127.0.0.1 */
	const char *branch;
	enum fetched what;
	const char *ca, *known_hosts, *key; /* files of the folder */
	int64_t seconds;
	uint64_t most;
	int clone;
	const char *have;
	/* what came of it */
	bool good;
	char tip[OBJECT_HEX + 1];
	enum fetched is_of;
	char because[512];
	size_t packs;
	int64_t took; /* milliseconds */
};

static void load(struct buf *b, const char *name, unsigned not_theirs)
{
	AUTO_DIAGS struct diags d = { 0 };
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	ck_assert_msg(trusted_read(path, not_theirs, b, &d), "%s",
		      d.n ? d.v[0].text : "");
}

static int open_folder(const char *name)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	mkdir(path, 0700);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	return fd;
}

static size_t count_packs(int home)
{
	int fd = openat(home, "objects/pack", O_RDONLY | O_DIRECTORY);
	DIR *all = fdopendir(fd);
	const struct dirent *e;
	size_t n = 0;

	while ((e = readdir(all)))
		n += strstr(e->d_name, ".pack") || strstr(e->d_name, ".idx");
	closedir(all);
	return n;
}

static void try(struct trial_of *t)
{
	AUTO_DIAGS struct diags d = { 0 };
	AUTO_BUF struct buf known = { 0 };
	AUTO_BUF struct buf sorted = { 0 };
	AUTO_BUF struct buf key = { 0 };
	AUTO_FD int at = open_folder("state");
	AUTO_FD int home = -1;
	bool is_https = strcmp(t->server, "ssh") != 0;
	struct arena a = { 0 };
	char ca[256], url[512];
	struct fetch f = { .name = t->branch ? t->branch : "main",
			   .what = t->what,
			   .is_https = is_https,
			   .ca_file = is_https ? ca : NULL,
			   .clone = t->clone ? t->clone : -1,
			   .have = t->have,
			   .seconds = t->seconds,
			   .most = t->most };
	const char *machine = t->name ? t->name : "127.0.0.1", *because;

	snprintf(ca, sizeof(ca), "%s/%s", folder, t->ca ? t->ca : "ca.pem");
	if (is_https) {
		snprintf(url, sizeof(url), "https://%s:%s/%s/world.git",
			 machine, value_of(t->server), t->kind);
	} else {
		snprintf(url, sizeof(url), "ssh://root@%s:%s%s/world.git",
			 machine, value_of("ssh"), folder);
		load(&known, t->known_hosts ? t->known_hosts : "known",
		     TRUSTED_TO_WRITE);
		ck_assert(known_hosts_sort(&known, &sorted, &d));
		load(&key, t->key ? t->key : "client", TRUSTED_TO_READ);
		f.ssh_key = &key;
	}
	f.url = url;
	home = quarantine_make(at, &sorted, &d);
	ck_assert_msg(home >= 0, "%s", d.n ? d.v[0].text : "");
	f.home = home;
	t->took = child_now();
	t->good = fetch_run(&f, t->tip, &t->is_of, &because, &a);
	t->took = child_now() - t->took;
	snprintf(t->because, sizeof(t->because), "%s",
		 t->good || !because ? "" : because);
	t->packs = count_packs(home);
	if (!t->clone)
		ck_assert_msg(quarantine_remove(at, &d), "%s",
			      d.n ? d.v[0].text : "");
	arena_release(&a);
}

static void fetches(struct trial_of t)
{
	try(&t);
	ck_assert_msg(t.good, "%s/%s: %s", t.server, t.kind ? t.kind : "",
		      t.because);
	ck_assert_str_eq(t.tip, value_of("second"));
	ck_assert_uint_eq(t.packs, 2);
}

static void fails(struct trial_of t, const char *because)
{
	try(&t);
	ck_assert_msg(!t.good, "%s/%s", t.server, t.kind ? t.kind : "");
	ck_assert_msg(strstr(t.because, because), "%s/%s: '%s', not '%s'",
		      t.server, t.kind ? t.kind : "", t.because, because);
	/* a server that answers is not waited for */
	if (!t.seconds)
		ck_assert_int_lt(t.took, 20000);
}

START_TEST(fetches_over_https)
{
	fetches((struct trial_of){ .server = "good", .kind = "ok" });
	fetches((struct trial_of){
		.server = "good", .kind = "ok", .name = "localhost" });
	fetches((struct trial_of){ .server = "tls12", .kind = "ok" });
}
END_TEST

START_TEST(talks_to_no_other_server)
{
	static const char certificate[] = "certificate is refused";

	fails((struct trial_of){ .server = "expired", .kind = "ok" },
	      certificate);
	fails((struct trial_of){ .server = "self", .kind = "ok" }, certificate);
	fails((struct trial_of){ .server = "name", .kind = "ok" }, certificate);
	/* of one whom the system, or nobody, trusts */
	fails((struct trial_of){ .server = "good",
				 .kind = "ok",
				 .ca = "self.pem" },
	      certificate);
	fails((struct trial_of){ .server = "tls10", .kind = "ok" },
	      "no safe connection");
	fails((struct trial_of){ .server = "tls11", .kind = "ok" },
	      "no safe connection");
	fails((struct trial_of){ .server = "good", .kind = "redirect" },
	      "redirect");
	fails((struct trial_of){ .server = "good", .kind = "password" },
	      "password");
	fails((struct trial_of){ .server = "good",
				 .kind = "ok",
				 .branch = "other" },
	      "no such branch");
	fails((struct trial_of){ .server = "good",
				 .kind = "ok",
				 .name = "no-such-name.invalid" },
	      "cannot find the server");
}
END_TEST

START_TEST(takes_no_broken_pack)
{
	static const struct {
		const char *kind, *because;
	} broken[] = {
		{ "half", "early EOF" },
		{ "wrong", "zlib" },
		/* 2^32 - 1 objects: more than there is memory for, or than
		 * are taken, whichever is seen first */
		{ "many", "" },
	};

	for (size_t i = 0; i < COUNT(broken); i++) {
		struct trial_of t = { .server = "good",
				      .kind = broken[i].kind };

		fails(t, broken[i].because);
		try(&t);
		ck_assert_uint_eq(t.packs, 0);
	}
}
END_TEST

START_TEST(takes_no_more_than_its_share)
{
	/* ends by its size, long before its time */
	fails((struct trial_of){ .server = "good",
				 .kind = "endless",
				 .most = 32 * 1024 * 1024 },
	      "more than is taken");
	fails((struct trial_of){ .server = "good",
				 .kind = "advertise",
				 .most = 32 * 1024 * 1024 },
	      "more than is taken");
	fails((struct trial_of){ .server = "good", .kind = "ok", .most = 2000 },
	      "more than is taken");
}
END_TEST

START_TEST(waits_no_longer_than_its_time)
{
	struct trial_of t = { .server = "good", .kind = "slow", .seconds = 2 };

	try(&t);
	ck_assert(!t.good);
	ck_assert_str_eq(t.because, "it took more than 2 seconds");
	ck_assert_int_lt(t.took, 5000);
}
END_TEST

static bool is_told(void *context)
{
	(void)context;
	return true;
}

START_TEST(stops_when_told)
{
	AUTO_DIAGS struct diags d = { 0 };
	AUTO_FD int at = open_folder("state");
	AUTO_FD int home = quarantine_make(at, NULL, &d);
	struct arena a = { 0 };
	char url[256], ca[256], tip[OBJECT_HEX + 1];
	const char *because = "";
	const struct fetch f = { .url = url,
				 .name = "main",
				 .is_https = true,
				 .ca_file = ca,
				 .home = home,
				 .clone = -1,
				 .stopped = is_told };

	snprintf(url, sizeof(url), "https://127.0.0.1:%s/slow/world.git",
		 value_of("good"));
	snprintf(ca, sizeof(ca), "%s/ca.pem", folder);
	ck_assert(!fetch_run(&f, tip, NULL, &because, &a));
	ck_assert_ptr_null(because);
	ck_assert(quarantine_remove(at, &d));
	arena_release(&a);
}
END_TEST

START_TEST(fetches_over_ssh)
{
	if (geteuid() != 0)
		return;
	fetches((struct trial_of){ .server = "ssh" });
	fetches((struct trial_of){ .server = "ssh", .known_hosts = "hashed" });
	fetches((struct trial_of){ .server = "ssh",
				   .known_hosts = "known_ecdsa" });
}
END_TEST

START_TEST(talks_to_no_other_server_over_ssh)
{
	static const char key[] = "not the one in known_hosts";

	if (geteuid() != 0)
		return;
	fails((struct trial_of){ .server = "ssh",
				 .known_hosts = "changed_hosts" },
	      key);
	fails((struct trial_of){ .server = "ssh", .known_hosts = "unknown" },
	      key);
	fails((struct trial_of){ .server = "ssh", .known_hosts = ".gitconfig" },
	      key);
	fails((struct trial_of){ .server = "ssh", .key = "other" },
	      "does not let this host's key in");
}
END_TEST

START_TEST(sorts_known_hosts)
{
	AUTO_DIAGS struct diags d = { 0 };
	AUTO_BUF struct buf all = { 0 };
	AUTO_BUF struct buf out = { 0 };

	buf_puts(&all, "# said ssh-ed25519 \n"
		       "a ssh-rsa AAAA\n"
		       "a ecdsa-sha2-nistp256 BBBB\n\n"
		       "|1|x=|y= ssh-ed25519 CCCC c");
	ck_assert(known_hosts_sort(&all, &out, &d));
	ck_assert_str_eq(buf_text(&out), "|1|x=|y= ssh-ed25519 CCCC c\n"
					 "a ecdsa-sha2-nistp256 BBBB\n");
	buf_puts(&all, "\n@revoked a ssh-ed25519 CCCC\n");
	ck_assert(!known_hosts_sort(&all, &out, &d));
}
END_TEST

/* What is there is not sent again, and what was taken is a repository. */
START_TEST(keeps_what_it_takes)
{
	AUTO_DIAGS struct diags d = { 0 };
	AUTO_FD int state = open_folder("state");
	AUTO_FD int quarantine = -1;
	struct trial_of t = { .server = "good", .kind = "ok" };
	struct arena a = { 0 };
	struct clone v;
	char command[512], third[OBJECT_HEX + 1];

	ck_assert(clone_open(&v, state, folder, CLONE_WORLD, true, &a, &d));
	ck_assert_str_eq(v.last, "");
	t.clone = v.folder;
	try(&t);
	ck_assert_msg(t.good, "%s", t.because);
	quarantine = openat(state, "fetched", O_RDONLY | O_DIRECTORY);
	ck_assert(clone_take(&v, quarantine, false, &d));
	ck_assert(clone_point(&v, t.tip, &d));
	clone_close(&v);
	ck_assert(clone_open(&v, state, folder, CLONE_WORLD, false, &a, &d));
	ck_assert_str_eq(v.last, t.tip);

	/* nothing new */
	t.have = v.last;
	t.clone = v.folder;
	try(&t);
	ck_assert_msg(t.good, "%s", t.because);
	ck_assert_uint_eq(t.packs, 0);

	/* one commit more */
	servers_commit("signer now main three", third);
	try(&t);
	ck_assert_msg(t.good, "%s", t.because);
	ck_assert_str_eq(t.tip, third);
	ck_assert_uint_eq(t.packs, 2);
	close(quarantine);
	quarantine = openat(state, "fetched", O_RDONLY | O_DIRECTORY);
	ck_assert(clone_take(&v, quarantine, false, &d));
	ck_assert(clone_point(&v, t.tip, &d));
	snprintf(command, sizeof(command),
		 "cd %s/state/world.git && git fsck --full --strict && "
		 "git log --format=%%s world | wc -l | grep -qx 3",
		 folder);
	ck_assert_int_eq(system(command), 0);
	clone_close(&v);
	ck_assert(quarantine_remove(state, &d));
	arena_release(&a);
}
END_TEST

static bool has_name(int at, const char *id, const char *name)
{
	AUTO_FD int fd = openat(at, "packed-refs", O_RDONLY | O_CLOEXEC);
	static char text[64 * 1024];
	char line[128];
	ssize_t n = read(fd, text, sizeof(text) - 1);

	ck_assert_int_gt(n, 0);
	text[n] = '\0';
	snprintf(line, sizeof(line), "%s %s\n", id, name);
	return strstr(text, line) != NULL;
}

START_TEST(remembers_the_newest_names)
{
	static const char one[] = "1111111111111111111111111111111111111111";
	static const char two[] = "2222222222222222222222222222222222222222";
	AUTO_DIAGS struct diags d = { 0 };
	AUTO_FD int state = open_folder("names");
	struct arena a = { 0 };
	struct clone v;
	char name[16];

	ck_assert(clone_open(&v, state, folder, "n.git", true, &a, &d));
	ck_assert(clone_name(&v, one, "v1", true, two, false, &d));
	ck_assert(has_name(v.folder, two, "refs/tags/v1"));
	/* it is a branch now */
	ck_assert(clone_name(&v, one, "v1", false, one, false, &d));
	ck_assert(!has_name(v.folder, two, "refs/tags/v1"));
	ck_assert(has_name(v.folder, one, "refs/heads/v1"));
	ck_assert(clone_name(&v, two, NULL, false, NULL, false, &d));
	ck_assert(has_name(v.folder, one, "refs/heads/v1"));
	clone_close(&v);
	ck_assert(clone_open(&v, state, folder, "n.git", false, &a, &d));
	ck_assert_str_eq(v.last, two);
	for (int i = 0; i < 70; i++) {
		snprintf(name, sizeof(name), "b%d", i);
		ck_assert(clone_name(&v, one, name, false, two, false, &d));
	}
	ck_assert(!has_name(v.folder, one, "refs/heads/v1"));
	ck_assert(has_name(v.folder, two, "refs/heads/b69"));
	ck_assert(has_name(v.folder, two, "refs/heads/b20"));
	ck_assert(clone_name(&v, one, "only", false, one, true, &d));
	ck_assert(has_name(v.folder, one, "refs/heads/only"));
	ck_assert(!has_name(v.folder, two, "refs/heads/b69"));
	clone_close(&v);
	arena_release(&a);
}
END_TEST

static void start_servers(void)
{
	START_SERVERS;
}

int main(void)
{
	Suite *suite = suite_create("fetch");
	TCase *tcase = tcase_create("fetch");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tcase, 120);
	tcase_add_unchecked_fixture(tcase, start_servers, stop_servers);
	tcase_add_test(tcase, fetches_over_https);
	tcase_add_test(tcase, talks_to_no_other_server);
	tcase_add_test(tcase, takes_no_broken_pack);
	tcase_add_test(tcase, takes_no_more_than_its_share);
	tcase_add_test(tcase, waits_no_longer_than_its_time);
	tcase_add_test(tcase, stops_when_told);
	tcase_add_test(tcase, fetches_over_ssh);
	tcase_add_test(tcase, talks_to_no_other_server_over_ssh);
	tcase_add_test(tcase, sorts_known_hosts);
	tcase_add_test(tcase, keeps_what_it_takes);
	tcase_add_test(tcase, remembers_the_newest_names);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
