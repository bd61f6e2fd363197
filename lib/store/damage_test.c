/* SPDX-License-Identifier: MIT */
/* A database that cannot be believed. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/store/fixture_test.h"

enum { NOBODY = 65534 };

static bool exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static void remove_any(const char *path)
{
	if (unlink(path) < 0)
		shell(arena_printf(&arena, "rm -rf '%s'", path));
}

static void remove_database(void)
{
	each_name("state.db", remove_any);
}

static void copy(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	struct stat st;

	ck_assert_int_eq(fstat(in, &st), 0);
	while (st.st_size > 0) {
		ssize_t n = sendfile(out, in, NULL, (size_t)st.st_size);

		ck_assert_int_gt(n, 0);
		st.st_size -= n;
	}
	close(in);
	close(out);
}

/* After damage: a reader knows all or nothing; a writer too, it goes on, and
 * at the latest the run after the next is as if nothing had been. */
static void assert_survives(const char *what)
{
	struct store *s;

	MUST(store_load(&folder, &arena, &r, &diags));
	ck_assert_msg(is_filled() || (is_empty() && r.forgotten),
		      "%s: a reader believes it", what);
	ck_assert_msg(!r.forgotten || diags.n, "%s: no warning", what);
	s = store_open(&folder, &arena, &r, &diags);
	ck_assert_msg(s != NULL, "%s: %s", what, said());
	ck_assert_msg(is_filled() || (is_empty() && r.forgotten),
		      "%s: the writer believes it", what);
	ck_assert_msg(r.forgotten == (count("state.db.damaged") > 0),
		      "%s: not moved aside", what);
	if (store_begin(s, &run, &diags) && store_owe(s, "a", "b", "c", &diags))
		store_flush(s, &diags);
	closed(s);
	s = store_open(&folder, &arena, &r, &diags);
	ck_assert_msg(s != NULL, "%s: %s", what, said());
	ck_assert_msg(store_begin(s, &run, &diags) &&
			      store_owe(s, "d", "e", "f", &diags) &&
			      store_flush(s, &diags),
		      "%s: %s", what, said());
	closed(s);
	diags_release(&diags);
	load();
	ck_assert_msg(r.ndebts >= 1 && !r.forgotten && diags.n == 0,
		      "%s: not good after it", what);
}

/* A good database to spoil again and again. */
static off_t make_good(void)
{
	struct stat st;

	fill_store(true);
	carry_over();
	copy(db(), at("good"));
	ck_assert_int_eq(stat(at("good"), &st), 0);
	return st.st_size;
}

static void put_good(void)
{
	remove_database();
	copy(at("good"), db());
}

static void assert_truncated(off_t size)
{
	char what[64];

	put_good();
	ck_assert_int_eq(truncate(db(), size), 0);
	snprintf(what, sizeof(what), "cut to %ld bytes", (long)size);
	assert_survives(what);
}

START_TEST(database_cut_anywhere_means_know_nothing)
{
	off_t size;

	set_up();
	size = make_good();
	for (off_t i = 0; i <= 100; i++)
		assert_truncated(i);
	for (off_t i = 512; i < size; i += 512)
		assert_truncated(i);
	assert_truncated(size - 1);
	tear_down();
}
END_TEST

static void spoil(const char *path, off_t where, unsigned char mask)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	unsigned char c;

	ck_assert_int_eq(pread(fd, &c, 1, where), 1);
	c ^= mask;
	ck_assert_int_eq(pwrite(fd, &c, 1, where), 1);
	close(fd);
}

/* The version is the one thing that makes a database be left alone. */
static bool is_version(off_t where)
{
	return where >= 60 && where < 64;
}

static void assert_spoiled(off_t where, unsigned char mask)
{
	char what[64];

	put_good();
	spoil(db(), where, mask);
	snprintf(what, sizeof(what), "byte %ld, mask %02x", (long)where, mask);
	assert_survives(what);
}

START_TEST(header_with_any_byte_turned_means_know_all_or_nothing)
{
	static const unsigned char masks[] = { 0x01, 0xff };

	set_up();
	make_good();
	for (off_t i = 0; i < 100; i++)
		for (size_t j = 0; j < COUNT(masks) && !is_version(i); j++)
			assert_spoiled(i, masks[j]);
	tear_down();
}
END_TEST

START_TEST(database_with_bits_turned_means_know_all_or_nothing)
{
	unsigned seed = 12345;
	off_t size;

	set_up();
	size = make_good();
	for (int i = 0; i < 300; i++) {
		off_t where;

		seed = seed * 1103515245 + 12345;
		where = (off_t)((seed >> 4) % (unsigned)size);
		if (!is_version(where))
			assert_spoiled(where,
				       (unsigned char)(1 << (seed >> 28 & 7)));
	}
	tear_down();
}
END_TEST

/* Where the rows are, a random byte seldom falls. */
START_TEST(every_byte_of_a_debt_counts)
{
	char *bytes, *found;
	struct stat st;
	int fd;

	set_up();
	make_good();
	fd = open(at("good"), O_RDONLY | O_CLOEXEC);
	ck_assert_int_eq(fstat(fd, &st), 0);
	bytes = arena_alloc(&arena, (size_t)st.st_size);
	ck_assert_int_eq(read(fd, bytes, (size_t)st.st_size), st.st_size);
	close(fd);
	found = memmem(bytes, (size_t)st.st_size, "service:nginxfile:", 18);
	ck_assert_ptr_nonnull(found);
	for (off_t i = -10; i < 60; i++)
		assert_spoiled(found - bytes + i, 0x04);
	tear_down();
}
END_TEST

/* The page that a table begins on. */
static off_t page_of(const char *table)
{
	sqlite3_stmt *row;
	sqlite3 *d;
	off_t page;

	ck_assert_int_eq(sqlite3_open(db(), &d), SQLITE_OK);
	ck_assert_int_eq(sqlite3_prepare_v2(d,
					    "SELECT rootpage FROM "
					    "sqlite_master WHERE name = ?",
					    -1, &row, NULL),
			 SQLITE_OK);
	sqlite3_bind_text(row, 1, table, -1, NULL);
	ck_assert_int_eq(sqlite3_step(row), SQLITE_ROW);
	page = (sqlite3_column_int64(row, 0) - 1) * 4096;
	sqlite3_finalize(row);
	sqlite3_close(d);
	return page;
}

/* The number of a page's rows is in its bytes 3 and 4: a row that is gone has
 * no checksum to be wrong. */
START_TEST(rows_that_vanished_are_missed)
{
	static const char *const names[] = { "owed", "intents", "created",
					     "sealed" };

	set_up();
	make_good();
	for (size_t i = 0; i < COUNT(names); i++) {
		off_t page;

		put_good();
		page = page_of(names[i]);
		put_good();
		spoil(db(), page + 4, i == 1 ? 0x01 : 0x03);
		load();
		ck_assert_msg(r.forgotten && is_empty(), "%s", names[i]);
		assert_survives(names[i]);
	}
	tear_down();
}
END_TEST

START_TEST(log_cut_or_turned_means_an_older_state)
{
	struct stat st;

	set_up();
	fill_store(true);
	carry_over();
	copy(db(), at("good"));
	closed(opened());
	sql("PRAGMA wal_autocheckpoint = 0; PRAGMA user_version");
	{
		struct store *s = opened();

		MUST(store_gone(s, "user:app", &diags));
		MUST(store_sync(s, &diags));
		MUST(store_gone(s, "file:/etc/motd", &diags));
		MUST(store_sync(s, &diags));
		closed(s);
	}
	copy(at("s/state.db-wal"), at("good-wal"));
	ck_assert_int_eq(stat(at("good-wal"), &st), 0);
	ck_assert_int_gt(st.st_size, 2 * 4096);
	for (off_t i = 0; i < st.st_size; i += 97) {
		put_good();
		copy(at("good-wal"), at("s/state.db-wal"));
		if (i % 2)
			spoil(at("s/state.db-wal"), i, 0x10);
		else
			ck_assert_int_eq(truncate(at("s/state.db-wal"), i), 0);
		load();
		ck_assert(!r.forgotten);
		ck_assert_uint_eq(r.ndebts, 2);
		ck_assert_uint_le(r.ncreations, 2);
		closed(opened());
		ck_assert_uint_eq(r.ndebts, 2);
		ck_assert(!r.forgotten);
	}
	tear_down();
}
END_TEST

START_TEST(other_things_in_its_place_are_moved_aside)
{
	static const char *const scripts[] = {
		"head -c 20000 /dev/zero > '%s'",
		"head -c 20000 /dev/urandom > '%s'",
		"echo '{\"version\": 1}' > '%s'",
		": > '%s'",
		"mkdir '%s'",
		"mkdir -p '%s/a/b'",
		"mkfifo '%s'",
		"ln -s /dev/null '%s'",
		"ln -s nowhere '%s'",
		"ln -s state.db '%s'",
		"cp '%s-x' /nowhere 2>/dev/null; mknod '%s' p",
	};

	set_up();
	for (size_t i = 0; i < COUNT(scripts); i++) {
		char *command = arena_strdup(&arena, "");
		const char *rest = scripts[i], *hit;

		while ((hit = strstr(rest, "%s"))) {
			command = arena_printf(&arena, "%s%.*s%s", command,
					       (int)(hit - rest), rest, db());
			rest = hit + 2;
		}
		remove_database();
		shell(arena_printf(&arena, "%s%s", command, rest));
		assert_survives(scripts[i]);
		ck_assert_uint_eq(count("state.db.damaged"), 1);
	}
	tear_down();
}
END_TEST

START_TEST(link_in_its_place_leaves_its_target_alone)
{
	char target[64];
	ssize_t n;

	set_up();
	fill_store(true);
	carry_over();
	ck_assert_int_eq(rename(db(), at("elsewhere")), 0);
	copy(at("elsewhere"), at("same"));
	shell(arena_printf(&arena, "rm -f '%s'*; ln -s ../elsewhere '%s'", db(),
			   db()));
	assert_survives("link");
	shell(arena_printf(&arena, "cmp '%s' '%s'", at("elsewhere"),
			   at("same")));
	ck_assert(!exists(at("elsewhere-wal")));
	/* The link itself is what was moved. */
	shell(arena_printf(&arena, "test -L '%s'/state.db.damaged-*Z",
			   at("s")));
	n = readlink(db(), target, sizeof(target));
	ck_assert_int_eq(n, -1);
	tear_down();
}
END_TEST

START_TEST(foreign_database_is_not_believed)
{
	set_up();
	make_good();
	if (geteuid() == 0) {
		put_good();
		ck_assert_int_eq(chown(db(), NOBODY, NOBODY), 0);
		load();
		ck_assert(r.forgotten && is_empty());
		assert_said("belongs to another user");
		assert_survives("foreign");
		put_good();
		closed(opened());
		ck_assert_int_eq(chown(at("s/state.db-wal"), NOBODY, NOBODY),
				 0);
		assert_survives("foreign log");
		ck_assert_uint_eq(count("state.db.damaged"), 3);
	}
	put_good();
	ck_assert_int_eq(link(db(), at("second-name")), 0);
	load();
	ck_assert(r.forgotten && is_empty());
	assert_survives("second name");
	tear_down();
}
END_TEST

START_TEST(log_without_its_database_is_not_played_into_a_new_one)
{
	set_up();
	fill_store(true);
	ck_assert(exists(at("s/state.db-wal")));
	ck_assert_int_eq(unlink(db()), 0);
	load();
	ck_assert(is_empty());
	closed(opened());
	ck_assert(is_empty() && r.forgotten);
	assert_said("parts of it are missing");
	ck_assert_uint_eq(count("state.db.damaged"), 2);
	load();
	ck_assert(is_empty() && !r.forgotten);
	tear_down();
}
END_TEST

START_TEST(what_was_moved_aside_is_never_overwritten)
{
	set_up();
	for (int i = 0; i < 5; i++) {
		fill_store(true);
		ck_assert_int_eq(truncate(db(), 100), 0);
		unlink(at("s/state.db-wal"));
		closed(opened());
		ck_assert(r.forgotten);
		unlink(at("s/state.db-shm"));
	}
	shell(arena_printf(&arena,
			   "test $(find '%s' -name 'state.db.damaged-*' -size "
			   "100c | wc -l) = 5",
			   at("s")));
	tear_down();
}
END_TEST

START_TEST(newer_version_is_refused_and_untouched)
{
	static const int versions[] = { 5, 6, 99, 9999 };
	const char *before;
	struct runs runs;

	set_up();
	make_good();
	for (size_t i = 0; i < COUNT(versions); i++) {
		put_good();
		sql(arena_printf(&arena,
				 "PRAGMA user_version = %d; CREATE TABLE new "
				 "(x); PRAGMA wal_checkpoint(TRUNCATE)",
				 versions[i]));
		before = listing();
		ck_assert(!store_load(&folder, &arena, &r, &diags));
		assert_said("a newer converge wrote it");
		ck_assert(is_empty());
		ck_assert(!store_runs(&folder, 1, &arena, &runs, &diags));
		ck_assert_str_eq(listing(), before);
		copy(db(), at("before"));
		ck_assert_ptr_null(store_open(&folder, &arena, &r, &diags));
		assert_said("a newer converge wrote it");
		ck_assert_ptr_nonnull(diags.v[diags.n - 1].hint);
		shell(arena_printf(&arena, "cmp '%s' '%s'", db(),
				   at("before")));
		ck_assert_uint_eq(count("state.db.damaged"), 0);
	}
	tear_down();
}
END_TEST

START_TEST(absurd_or_missing_version_is_damage)
{
	static const char *const versions[] = { "0", "-1", "10000",
						"2147483647" };

	set_up();
	make_good();
	for (size_t i = 0; i < COUNT(versions); i++) {
		put_good();
		sql(arena_printf(&arena, "PRAGMA user_version = %s",
				 versions[i]));
		assert_survives(versions[i]);
		ck_assert_uint_ge(count("state.db.damaged"), 1);
	}
	tear_down();
}
END_TEST

START_TEST(rows_that_were_edited_are_not_believed)
{
	static const char *const edits[] = {
		"UPDATE created SET id = 'file:/etc/motf' WHERE path NOTNULL",
		"UPDATE owed SET run = run + 1",
		"UPDATE intents SET directory = '/'",
		"UPDATE owed SET reason = NULL WHERE reason NOTNULL",
		"UPDATE world SET time = time + 1",
		"UPDATE world SET revision = 'abc'",
		"UPDATE sealed SET path = path || '2'",
		"UPDATE sealed SET resource = 'line:other'",
		"DROP TABLE intents",
		"DROP TABLE sealed",
		"DROP TABLE world",
		"DROP TABLE past",
		"ALTER TABLE looks ADD COLUMN x",
		"PRAGMA user_version = 1",
		"PRAGMA user_version = 2",
		"PRAGMA user_version = 3",
		"ALTER TABLE owed ADD COLUMN x",
		"DROP INDEX backups_run",
	};

	set_up();
	make_good();
	for (size_t i = 0; i < COUNT(edits); i++) {
		put_good();
		sql(edits[i]);
		load();
		ck_assert_msg(r.forgotten, "%s", edits[i]);
		assert_survives(edits[i]);
	}
	tear_down();
}
END_TEST

TEST_SUITE("damage", database_cut_anywhere_means_know_nothing,
	   header_with_any_byte_turned_means_know_all_or_nothing,
	   database_with_bits_turned_means_know_all_or_nothing,
	   every_byte_of_a_debt_counts, rows_that_vanished_are_missed,
	   log_cut_or_turned_means_an_older_state,
	   other_things_in_its_place_are_moved_aside,
	   link_in_its_place_leaves_its_target_alone,
	   foreign_database_is_not_believed,
	   log_without_its_database_is_not_played_into_a_new_one,
	   what_was_moved_aside_is_never_overwritten,
	   newer_version_is_refused_and_untouched,
	   absurd_or_missing_version_is_damage,
	   rows_that_were_edited_are_not_believed)
