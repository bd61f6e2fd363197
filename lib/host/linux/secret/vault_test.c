/* SPDX-License-Identifier: MIT */
/* Secrets sealed by the real age(1) to keys of the real ssh-keygen(1). */
#include "lib/host/linux/scratch.h"

#include <signal.h>
#include <stdarg.h>
#include <sys/mman.h>

#include "lib/host/linux/secret/vault.h"

#define KEY "root/etc/ssh/ssh_host_ed25519_key"
#define RSA "root/etc/ssh/ssh_host_rsa_key"

struct world {
	struct scratch *s;
	struct tree *tree;
	int folder; /* the scratch folder */
};

/* A command of the shell in the scratch folder. */
static void shell(const struct world *w, const char *format, ...) PRINTF(2, 3);

static void shell(const struct world *w, const char *format, ...)
{
	AUTO_BUF struct buf b = { 0 };
	va_list args;

	buf_printf(&b, "exec </dev/null; umask 077; cd '%s'; ", w->s->folder);
	va_start(args, format);
	buf_vprintf(&b, format, args);
	va_end(args);
	ck_assert_msg(system(b.text) == 0, "%s", b.text);
}

static struct world world_open(void)
{
	struct world w = { .s = scratch_open() };

	/* as inherit_clean does */
	signal(SIGPIPE, SIG_IGN);
	scratch_mkdir(w.s, "/etc");
	scratch_mkdir(w.s, "/etc/ssh");
	shell(&w, "ssh-keygen -q -t ed25519 -N '' -f " KEY
		  "; mkdir -p world/secrets");
	w.folder = open(w.s->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	w.tree = tree_of_folder(
		openat(w.folder, "world", O_PATH | O_DIRECTORY | O_CLOEXEC),
		"world");
	return w;
}

static void world_close(struct world *w)
{
	tree_close(w->tree);
	close(w->folder);
	scratch_close(w->s);
}

/* As NAME, under the label of LABEL: printf(1) makes the secret. */
static void seal(const struct world *w, const char *name, const char *label,
		 const char *format)
{
	shell(w,
	      "(echo 'converge-secret/1 secrets/%s.age'; printf '%s') | "
	      "age -R " KEY ".pub >world/secrets/%s.age",
	      label, format, name);
}

static struct content sealed(const struct world *w, const struct cut *cut,
			     const char *text)
{
	struct content c = content_of(text, strlen(text));

	c.world = w->tree;
	c.cuts = cut;
	c.ncuts = 1;
	return c;
}

static const struct cut cut_a = { 0, "secrets/a.age", SPELL_PLAIN };
static const struct cut middle = { 2, "secrets/a.age", SPELL_PLAIN };

static bool fill(struct world *w, struct locked *out)
{
	struct content c = sealed(w, &cut_a, "");

	return vault_fill(linux_of(w->s->host), &c, out, NULL, &w->s->diags);
}

static void assert_refused(struct world *w, const char *because)
{
	struct locked out = { 0 };

	ck_assert_msg(!fill(w, &out), "%s", because);
	ck_assert_ptr_null(out.bytes);
	ck_assert_msg(strstr(scratch_said(w->s), because), "%s",
		      scratch_said(w->s));
	diags_release(&w->s->diags);
}

START_TEST(a_secret_has_its_exact_bytes_in_their_place)
{
	struct world w = world_open();
	struct content c = sealed(&w, &middle, "u:@h\n");
	struct locked out = { 0 };

	seal(&w, "a", "a", "hunter2\\0\\377\\n");
	ck_assert(vault_fill(linux_of(w.s->host), &c, &out, NULL, &w.s->diags));
	ck_assert_uint_eq(out.size, 15);
	ck_assert_mem_eq(out.bytes, "u:hunter2\0\377\n@h\n", 15);
	locked_release(&out);
	world_close(&w);
}
END_TEST

/* What secrets/a.age of that text comes to between "u:" and "@h\n". */
static bool spelled(const char *format, enum spelling spelling, struct world *w,
		    struct locked *out)
{
	struct cut cut = { 2, "secrets/a.age", spelling };
	struct content c = sealed(w, &cut, "u:@h\n");

	seal(w, "a", "a", format);
	return vault_fill(linux_of(w->s->host), &c, out, NULL, &w->s->diags);
}

START_TEST(a_secret_is_written_as_it_has_to_be_there)
{
	static const struct {
		const char *format;
		enum spelling spelling;
		const char *written; /* or NULL: */
		const char *because;
	} rows[] = {
		{ "hunter2\\n", SPELL_LINE, "u:hunter2@h\n", NULL },
		{ "", SPELL_LINE, "u:@h\n", NULL },
		{ "a\\nb", SPELL_LINE, NULL, "is not one line" },
		{ "a\\r\\n", SPELL_LINE, NULL, "is not one line" },
		{ "a\\0b", SPELL_LINE, NULL, "is not one line" },
		{ "a\\n\\n", SPELL_LINE, NULL, "is not one line" },
		{ "\"\\\\\\b\\f\\n\\r\\t/\\1\\37\\177", SPELL_JSON,
		  "u:\\\"\\\\\\b\\f\\n\\r\\t/\\u0001\\u001F\x7f@h\n", NULL },
		{ "\\303\\244", SPELL_JSON, "u:\xc3\xa4@h\n", NULL },
		{ "\\344", SPELL_JSON, NULL, "is not UTF-8" },
		{ "a\\nb", SPELL_HASH, NULL, "is not one line" },
		{ "hunter2", SPELL_HASH, NULL, "holds no hash of a password" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct world w = world_open();
		struct locked out = { 0 };
		bool ok = spelled(rows[i].format, rows[i].spelling, &w, &out);

		ck_assert_msg(ok == !rows[i].because, "%zu", i);
		if (ok)
			ck_assert_msg(out.size == strlen(rows[i].written) &&
					      memcmp(out.bytes, rows[i].written,
						     out.size) == 0,
				      "%zu", i);
		else
			ck_assert_msg(
				strstr(scratch_said(w.s), rows[i].because),
				"%s", scratch_said(w.s));
		diags_release(&w.s->diags);
		locked_release(&out);
		world_close(&w);
	}
}
END_TEST

START_TEST(a_hash_is_one)
{
	static const char hash[] =
		"$6$abcdefgh$M/eYsB4rVXAm3ZNc88J.UD9rCKAT6FB1rahiwJCHtEndQNORC"
		"ub5qhjxn50qbqVVthkM.9HpEwtf0t.iV9uH0/";
	struct world w = world_open();
	struct cut cut = { 0, "secrets/a.age", SPELL_HASH };
	struct content whole = sealed(&w, &cut, ""),
		       ends = sealed(&w, &cut, "x");
	struct locked out = { 0 };

	seal(&w, "a", "a", hash);
	ck_assert_msg(vault_fill(linux_of(w.s->host), &whole, &out, NULL,
				 &w.s->diags),
		      "%s", scratch_said(w.s));
	ck_assert_uint_eq(out.size, strlen(hash));
	locked_release(&out);
	ck_assert(!vault_fill(linux_of(w.s->host), &ends, &out, NULL,
			      &w.s->diags));
	ck_assert_ptr_null(out.bytes);
	diags_release(&w.s->diags);
	world_close(&w);
}
END_TEST

START_TEST(texts_are_the_same_if_they_come_to_the_same)
{
	struct world w = world_open();
	struct content c = sealed(&w, &middle, "u:@h");
	struct content same = content_of("u:hunter2@h", 11);
	struct content other = content_of("u:hunter3@h", 11);
	enum match m;

	seal(&w, "a", "a", "hunter2");
	ck_assert(host_same(w.s->host, &same, &c, &m, &w.s->diags));
	ck_assert_int_eq(m, MATCH_SAME);
	ck_assert(host_same(w.s->host, &c, &other, &m, &w.s->diags));
	ck_assert_int_eq(m, MATCH_DIFFERENT);
	ck_assert(host_same(w.s->host, &same, &other, &m, &w.s->diags));
	ck_assert_int_eq(m, MATCH_DIFFERENT);
	world_close(&w);
}
END_TEST

START_TEST(an_empty_secret_and_one_of_a_mebibyte_are_secrets)
{
	struct world w = world_open();
	struct locked out = { 0 };

	seal(&w, "a", "a", "");
	ck_assert(fill(&w, &out));
	ck_assert_uint_eq(out.size, 0);
	locked_release(&out);
	world_close(&w);

	w = world_open();
	shell(&w, "(echo 'converge-secret/1 secrets/a.age'; "
		  "head -c 1048576 /dev/zero | tr '\\0' x) | "
		  "age -R " KEY ".pub >world/secrets/a.age");
	ck_assert(fill(&w, &out));
	ck_assert_uint_eq(out.size, 1048576);
	ck_assert_int_eq(out.bytes[1048575], 'x');
	locked_release(&out);
	world_close(&w);
}
END_TEST

START_TEST(a_file_is_compared_and_written_with_it)
{
	struct world w = world_open();
	struct content c = sealed(&w, &middle, "u:@h\n");
	struct node absent = { .type = NODE_ABSENT };
	const struct file_write write = { .path = "/etc/url",
					  .content = &c,
					  .perms = mode_perms(0600),
					  .expect = &absent };
	enum match m;

	seal(&w, "a", "a", "hunter2");
	scratch_put(w.s, "/etc/url", "u:hunter2@h\n", 0600);
	ck_assert(host_compare(w.s->host, "/etc/url", &c, &m, &w.s->diags));
	ck_assert_int_eq(m, MATCH_SAME);
	scratch_put(w.s, "/etc/url", "u:hunter3@h\n", 0600);
	ck_assert(host_compare(w.s->host, "/etc/url", &c, &m, &w.s->diags));
	ck_assert_int_eq(m, MATCH_DIFFERENT);
	unlinkat(w.s->root, "etc/url", 0);
	ck_assert(host_replace(w.s->host, &write, &w.s->diags));
	ck_assert(scratch_commit(w.s));
	ck_assert_uint_eq(w.s->failures, 0);
	assert_holds(w.s, "/etc/url", "u:hunter2@h\n");
	ck_assert_uint_eq(scratch_look(w.s, "/etc/url").mode, 0600);
	world_close(&w);
}
END_TEST

START_TEST(without_a_key_nothing_is_known_and_nothing_written)
{
	struct world w = world_open();
	struct linux_host *h = (struct linux_host *)w.s->host;
	struct content c = sealed(&w, &cut_a, "x");
	enum match m;

	seal(&w, "a", "a", "hunter2");
	shell(&w, "rm " KEY);
	scratch_put(w.s, "/etc/url", "hunter2x", 0600);
	h->options.writable = false;
	ck_assert(host_compare(w.s->host, "/etc/url", &c, &m, &w.s->diags));
	ck_assert_int_eq(m, MATCH_UNKNOWN);
	ck_assert(host_same(w.s->host, &c, &c, &m, &w.s->diags));
	ck_assert_int_eq(m, MATCH_UNKNOWN);
	ck_assert_uint_eq(w.s->diags.n, 0);
	h->options.writable = true;
	assert_refused(&w, "no key of this host");
	world_close(&w);
}
END_TEST

START_TEST(what_is_to_be_changed_cannot_do_without_a_key)
{
	struct world w = world_open();
	struct content c = sealed(&w, &cut_a, "x");
	struct diags *d = &w.s->diags;
	enum match m;

	seal(&w, "a", "a", "hunter2");
	shell(&w, "rm " KEY);
	scratch_put(w.s, "/etc/url", "hunter2x", 0600);
	ck_assert(!host_compare(w.s->host, "/etc/url", &c, &m, d));
	ck_assert(!host_same(w.s->host, &c, &c, &m, d));
	ck_assert_uint_eq(d->n, 2);
	for (size_t i = 0; i < d->n; i++) {
		ck_assert_ptr_nonnull(strstr(
			d->v[i].text, "'/etc/ssh/ssh_host_ed25519_key'"));
		ck_assert_ptr_nonnull(strstr(d->v[i].hint, "ssh-keygen -A"));
	}
	world_close(&w);
}
END_TEST

START_TEST(a_key_that_others_may_know_is_not_used)
{
	static const struct {
		const char *make, *because;
	} rows[] = {
		{ "chmod 0640 " KEY, "has mode 0640" },
		{ "chmod 0604 " KEY, "has mode 0604" },
		{ "rm " KEY "; mkdir " KEY, "is not a file" },
		{ "mv " KEY " k; ln -s /k " KEY, "cannot read the key" },
		{ ": >" KEY, "the key is empty" },
		{ "head -c 40000 /dev/zero >" KEY, "the key is too large" },
		{ "head -c 200 " KEY " >k; cat k >" KEY, "damaged" },
		{ "ssh-keygen -q -p -P '' -N hunter2 -f " KEY, "passphrase" },
		{ "rm " KEY "; ssh-keygen -q -t ed25519 -N '' -f " KEY,
		  "not sealed to a key of this host" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct world w = world_open();

		seal(&w, "a", "a", "hunter2");
		shell(&w, "%s", rows[i].make);
		assert_refused(&w, rows[i].because);
		world_close(&w);
	}
	if (geteuid() == 0) {
		struct world w = world_open();

		seal(&w, "a", "a", "hunter2");
		shell(&w, "chown 1000 " KEY);
		assert_refused(&w, "is not root's");
		world_close(&w);
	}
}
END_TEST

/* However it is kept, and though another host's key is of the other type. */
START_TEST(a_host_opens_with_its_rsa_key_too)
{
	static const char *const rows[] = {
		"age -R " RSA ".pub",
		"age -R " RSA ".pub -R other.pub",
		"rm " KEY "; age -R " RSA ".pub",
		"rm " KEY "; age -R " RSA ".pub -R other.pub",
		"ssh-keygen -p -m PEM -N '' -f " RSA " >log </dev/null; "
		"age -R " RSA ".pub",
		"ssh-keygen -p -m PKCS8 -N '' -f " RSA " >log </dev/null; "
		"age -R " RSA ".pub",
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct world w = world_open();
		struct locked out = { 0 };

		shell(&w,
		      "ssh-keygen -q -t rsa -b 2048 -N '' -f " RSA
		      "; ssh-keygen -q -t ed25519 -N '' -f other; "
		      "(echo 'converge-secret/1 secrets/a.age'; "
		      "printf hunter2) >plain; (%s) <plain >world/secrets/"
		      "a.age",
		      rows[i]);
		ck_assert_msg(fill(&w, &out), "%s: %s", rows[i],
			      scratch_said(w.s));
		ck_assert_uint_eq(out.size, 7);
		ck_assert_mem_eq(out.bytes, "hunter2", 7);
		locked_release(&out);
		world_close(&w);
	}
}
END_TEST

START_TEST(what_is_sealed_otherwise_is_refused)
{
	static const struct {
		const char *make, *because;
	} rows[] = {
		{ ": >%s", "is not a sealed secret" },
		{ "rm %s; truncate -s 1G %s", "larger than" },
		{ "rm %s; mkdir %s", "cannot" },
		{ "rm %s", "cannot" },
		{ "sed -i 's/ssh-ed25519/plugin-..\\/x/' %s", "not used here" },
		{ "echo x | age -R " KEY ".pub >%s", "under this name" },
		{ "age -R " KEY ".pub </dev/null >%s", "under this name" },
		{ "echo x | age -r $(age-keygen 2>/dev/null | age-keygen -y) "
		  ">%s",
		  "not sealed to a key of this host" },
	};
	struct world w = world_open();

	/* that of another secret */
	seal(&w, "a", "b", "hunter2");
	assert_refused(&w, "under this name");
	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO_BUF struct buf b = { 0 };

		for (const char *p = rows[i].make; *p; p++) {
			if (strncmp(p, "%s", 2) != 0) {
				buf_putc(&b, *p);
				continue;
			}
			buf_puts(&b, "world/secrets/a.age");
			p++;
		}
		seal(&w, "a", "a", "hunter2");
		shell(&w, "%s", b.text);
		assert_refused(&w, rows[i].because);
		shell(&w, "rm -rf world/secrets/a.age");
	}
	world_close(&w);
}
END_TEST

/* Of all prefixes, and of a bit flipped anywhere: every 5th, as each runs age
 * again, and all of the last. */
START_TEST(what_is_damaged_gives_no_part_of_it)
{
	struct world w = world_open();
	char whole[2048];
	size_t n;
	int fd;

	seal(&w, "a", "a", "hunter2");
	fd = openat(w.folder, "world/secrets/a.age", O_RDWR | O_CLOEXEC);
	n = (size_t)read(fd, whole, sizeof(whole));
	ck_assert_uint_gt(n, 200);
	for (size_t i = 0; i < n; i += i + 20 < n ? 5 : 1) {
		ck_assert_int_eq(ftruncate(fd, (off_t)i), 0);
		assert_refused(&w, "cannot open 'secrets/a.age'");
		ck_assert_int_eq(pwrite(fd, whole, n, 0), (ssize_t)n);
		whole[i] ^= 4;
		ck_assert_int_eq(pwrite(fd, whole, n, 0), (ssize_t)n);
		assert_refused(&w, "cannot open 'secrets/a.age'");
		whole[i] ^= 4;
		ck_assert_int_eq(pwrite(fd, whole, n, 0), (ssize_t)n);
	}
	close(fd);
	world_close(&w);
}
END_TEST

/* --- memory --- */

/* How often the bytes, each of them inverted, are in what this process may
 * write to. */
static size_t in_memory(const char *inverted, size_t n)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	int mem = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	char line[512], *bytes;
	size_t found = 0;

	ck_assert_ptr_nonnull(maps);
	while (fgets(line, sizeof(line), maps)) {
		char *dash;
		unsigned long from = strtoul(line, &dash, 16);
		unsigned long to = strtoul(dash + 1, NULL, 16);
		size_t size, k;

		if (!strstr(line, " rw"))
			continue;
		size = to - from;
		/* the shadow of a sanitizer */
		if (size > 1UL << 30)
			continue;
		bytes = mmap(NULL, size, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		ck_assert(bytes != MAP_FAILED);
		if (pread(mem, bytes, size, (off_t)from) == (ssize_t)size) {
			for (size_t i = 0; i + n <= size; i++) {
				for (k = 0; k < n; k++)
					if (bytes[i + k] != (char)~inverted[k])
						break;
				found += k == n;
			}
		}
		munmap(bytes, size);
	}
	close(mem);
	fclose(maps);
	return found;
}

START_TEST(it_is_in_locked_memory_alone_and_not_there_any_longer)
{
	enum { N = 24 };
	struct world w = world_open();
	struct content c = sealed(&w, &middle, "u:@h\n");
	struct node absent = { .type = NODE_ABSENT };
	const struct file_write write = { .path = "/etc/url",
					  .content = &c,
					  .perms = mode_perms(0600),
					  .expect = &absent };
	char inverted[N];
	enum match m;
	int fd;

	/* it was never in this process: it is read inverted */
	shell(&w, "head -c 18 /dev/urandom | base64 | tr -d '\\n' >plain; "
		  "(echo 'converge-secret/1 secrets/a.age'; cat plain) | "
		  "age -R " KEY ".pub >world/secrets/a.age; "
		  "perl -pe '$_ = ~$_' <plain >inverted");
	fd = openat(w.folder, "inverted", O_RDONLY | O_CLOEXEC);
	ck_assert_int_eq(read(fd, inverted, N), N);
	close(fd);
	ck_assert(host_replace(w.s->host, &write, &w.s->diags));
	ck_assert(scratch_commit(w.s));
	ck_assert(host_compare(w.s->host, "/etc/url", &c, &m, &w.s->diags));
	ck_assert_int_eq(m, MATCH_SAME);
	ck_assert_uint_eq(in_memory(inverted, N), 1);
	host_close(w.s->host);
	ck_assert_uint_eq(in_memory(inverted, N), 0);
	w.s->host = host_linux(&(struct linux_options){ .backup_fd = -1 },
			       &w.s->diags);
	world_close(&w);
}
END_TEST

START_TEST(what_programs_say_of_it_is_taken_out)
{
	struct world w = world_open();
	struct command c = { .umask = -1 };
	struct arena a = { 0 };
	struct outcome o;
	struct locked out = { 0 };

	if (geteuid() != 0) {
		world_close(&w);
		return;
	}
	seal(&w, "a", "a", "hunter2-canary");
	ck_assert(fill(&w, &out));
	locked_release(&out);
	strings_add(&c.argv, &a, "sh");
	strings_add(&c.argv, &a, "-c");
	strings_add(&c.argv, &a,
		    "echo hunter2-canary; echo hunter2-canary >&2");
	linux_run_outside((struct linux_host *)(void *)w.s->host, &c, &a, &o);
	ck_assert_str_eq(buf_text(&o.output), "<secret secrets/a.age>\n");
	ck_assert_str_eq(buf_text(&o.errors), "<secret secrets/a.age>\n");
	outcome_release(&o);
	arena_release(&a);
	world_close(&w);
}
END_TEST

TEST_SUITE("vault", a_secret_is_written_as_it_has_to_be_there, a_hash_is_one,
	   texts_are_the_same_if_they_come_to_the_same,
	   a_secret_has_its_exact_bytes_in_their_place,
	   an_empty_secret_and_one_of_a_mebibyte_are_secrets,
	   a_file_is_compared_and_written_with_it,
	   without_a_key_nothing_is_known_and_nothing_written,
	   what_is_to_be_changed_cannot_do_without_a_key,
	   a_key_that_others_may_know_is_not_used,
	   a_host_opens_with_its_rsa_key_too,
	   what_is_sealed_otherwise_is_refused,
	   what_is_damaged_gives_no_part_of_it,
	   it_is_in_locked_memory_alone_and_not_there_any_longer,
	   what_programs_say_of_it_is_taken_out)
