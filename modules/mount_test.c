/* SPDX-License-Identifier: MIT */
#include "lib/fixture_test.h"

static struct fixture f;

static const char *planned(const char *manifest, const char *host)
{
	fixture_begin(&f, manifest, host);
	fixture_plan(&f, NULL);
	return fixture_shown(&f);
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
		ck_assert_msg(strstr(fixture_said(&f), words), "%s",         \
			      fixture_said(&f));                             \
		fixture_release(&f);                                         \
	} while (0)

static void becomes(const char *manifest, const char *host, const char *files)
{
	planned(manifest, host);
	ck_assert_msg(!strstr(fixture_apply(&f), "failed"), "%s",
		      fixture_said(&f));
	fixture_check_files(&f, files);
	fixture_release(&f);
	PLANS(manifest, files, "");
}

#define FILE(path, text) "'" path "': {'type': 'file', 'content': '" text "'}"
#define LINK(path, target) \
	"'" path "': {'type': 'link', 'target': '" target "'}"
#define BASE                                                    \
	"'/etc': {'type': 'directory'}, '/proc/sys': {'type': " \
	"'directory'}, '/srv/data': {'type': 'directory'}"
#define FSTAB(text) FILE("/etc/fstab", text)
#define INFO(text)                   \
	FILE("/proc/self/mountinfo", \
	     "1 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw\\n" text)
#define TMPFS "'mount:/srv/data': {'device': 'tmpfs', 'fstype': 'tmpfs', "
#define LIVE(options) \
	"0 0 0:0 / /srv/data " options " - tmpfs tmpfs " options "\\n"

START_TEST(it_is_written_down_and_mounted)
{
	becomes(TMPFS "'options': 'size=1m,nosuid'}", BASE ", " INFO(""),
		BASE ", " FSTAB("tmpfs /srv/data tmpfs size=1m,nosuid 0 "
				"0\\n") ", " INFO(LIVE("size=1m,nosuid")));
	becomes(TMPFS "'options': ['ro', 'x-y=z'], 'dump': 1, 'pass': 2}",
		BASE ", " FSTAB("# mine") ", " INFO(""),
		BASE ", " FSTAB("# mine\\ntmpfs /srv/data tmpfs ro,x-y=z 1 "
				"2\\n") ", " INFO(LIVE("ro,x-y=z")));
}
END_TEST

START_TEST(other_lines_stay_as_they_are)
{
	const char *manifest = TMPFS "'ensure': 'present'}";

	becomes(manifest,
		BASE ", " FSTAB("# a\\n\\n\\tUUID=1  /\\text4 defaults\\n"
				"x /srv/data ext4 ro 0 2\\nnone swap swap "
				"sw\\ny /srv/data xfs\\nend") ", " INFO(""),
		BASE ", " FSTAB("# a\\n\\n\\tUUID=1  /\\text4 defaults\\n"
				"tmpfs /srv/data tmpfs ro 0 2\\nnone swap swap "
				"sw\\nend") ", " INFO(""));
	becomes("'mount:/srv/data': {'ensure': 'absent'}",
		BASE ", " FSTAB(
			"a /b c\\nx /srv/data ext4 ro\\nd /e f") ", " INFO(""),
		BASE ", " FSTAB("a /b c\\nd /e f") ", " INFO(""));
}
END_TEST

START_TEST(slashes_make_no_other_path)
{
	becomes("'mount:/srv/data': {'ensure': 'absent'}",
		BASE ", " FSTAB("x /srv/data/ ext4\\ny //srv///data "
				"xfs\\nz /srv/data2 xfs\\nz /srv/dat xfs\\nz "
				"/srv/data/x xfs\\n") ", " INFO(""),
		BASE ", " FSTAB("z /srv/data2 xfs\\nz /srv/dat xfs\\nz "
				"/srv/data/x xfs\\n") ", " INFO(""));
	becomes(TMPFS "'ensure': 'present'}",
		BASE ", " FSTAB("x /srv/data/ tmpfs ro\\n") ", " INFO(""),
		BASE
		", " FSTAB("tmpfs /srv/data tmpfs ro 0 0\\n") ", " INFO(""));
}
END_TEST

START_TEST(a_comment_stays_with_its_line)
{
	const char *manifest = TMPFS "'ensure': 'present', 'pass': 2}";

	becomes(manifest,
		BASE ", " FSTAB("x /srv/data tmpfs ro 0 1  # the # disk "
				"\\nend") ", " INFO(""),
		BASE ", " FSTAB("tmpfs /srv/data tmpfs ro 0 2 # the # disk "
				"\\nend") ", " INFO(""));
	becomes(manifest,
		BASE ", " FSTAB("x /srv/data tmpfs\\t#ro") ", " INFO(""),
		BASE ", " FSTAB("tmpfs /srv/data tmpfs defaults 0 2 "
				"#ro\\n") ", " INFO(""));
	becomes(manifest,
		BASE ", " FSTAB("x /srv/data tmpfs ro 0 1 \\n") ", " INFO(""),
		BASE
		", " FSTAB("tmpfs /srv/data tmpfs ro 0 2\\n") ", " INFO(""));
}
END_TEST

START_TEST(blanks_are_escaped)
{
	becomes("'mount:/srv/my data': {'device': '/dev/my\\\\disk', "
		"'fstype': 'ext4', 'ensure': 'present'}",
		BASE ", " INFO(""),
		BASE ", " FSTAB("/dev/my\\\\134disk /srv/my\\\\040data ext4 "
				"defaults 0 0\\n") ", " INFO(""));
}
END_TEST

START_TEST(what_is_given_is_compared)
{
	const char *host = BASE ", " FSTAB("tmpfs /srv/data tmpfs rw 0 "
					   "0\\n") ", " INFO(LIVE("rw"));

	PLANS(TMPFS "'dump': 0}", host, "");
	PLANS(TMPFS "'options': 'rw'}", host, "");
	PLANS(TMPFS "'options': []}", host, "~ mount:/srv/data options");
	becomes(TMPFS "'options': []}", host,
		BASE ", " FSTAB("tmpfs /srv/data tmpfs defaults 0 "
				"0\\n") ", " INFO(LIVE("rw")));
	PLANS(TMPFS "'dump': 1, 'pass': 1}", host,
	      "~ mount:/srv/data dump pass");
	PLANS("'mount:/srv/data': {'device': 'other', 'fstype': 'tmpfs'}", host,
	      "~ mount:/srv/data device");
}
END_TEST

#define WITH(options) TMPFS "'options': '" options "'}"
#define SHOWN(line, options)                          \
	BASE ", " FSTAB("tmpfs /srv/data tmpfs " line \
			" 0 0\\n") ", " INFO(LIVE(options))

START_TEST(what_the_kernel_shows_counts)
{
	PLANS(WITH("noatime,nodev"), SHOWN("noatime,nodev", "rw,nodev,noatime"),
	      "");
	PLANS(WITH("noatime"), SHOWN("noatime", "rw,relatime"),
	      "~ mount:/srv/data live (it is mounted with rw,relatime)");
	PLANS(WITH("exec"), SHOWN("exec", "rw,noexec"),
	      "~ mount:/srv/data live (it is mounted with rw,noexec)");
	PLANS(WITH("size=64m"), SHOWN("size=64m", "rw,size=65536k"), "");
	PLANS(WITH("size=32m"), SHOWN("size=32m", "rw,size=65536k"),
	      "~ mount:/srv/data live (it is mounted with rw,size=65536k)");
	PLANS(WITH("mode=0750"), SHOWN("mode=0750", "rw,mode=750"), "");
	PLANS(WITH("mode=0700"), SHOWN("mode=0700", "rw,mode=750"),
	      "~ mount:/srv/data live (it is mounted with rw,mode=750)");
	/* of what it does not show nothing is known */
	PLANS(WITH("defaults,nofail,x-a.b=c,_netdev,huge=never,size=50%"),
	      SHOWN("defaults,nofail,x-a.b=c,_netdev,huge=never,size=50%",
		    "rw,size=7k"),
	      "");
	becomes(WITH("noatime"), SHOWN("defaults", "rw"),
		SHOWN("noatime", "noatime"));
}
END_TEST

START_TEST(another_one_there_is_not_hidden)
{
	PLANS("'mount:/srv/data': {'device': '/dev/sdb1', 'fstype': 'ext4'}",
	      BASE ", " INFO(LIVE("rw")),
	      "x mount:/srv/data ('tmpfs' is mounted there, of type tmpfs)");
	PLANS("'mount:/srv/data': {'device': 'UUID=1-2', 'fstype': 'ext4'}",
	      BASE ", " LINK("/dev/disk/by-uuid/1-2", "../../sdb1") ", " FILE(
		      "/dev/sdb1",
		      "") ", " FILE("/dev/sdc1",
				    "") ", " FSTAB("UUID=1-2 /srv/data ext4 "
						   "defaults 0 0\\n") ", " INFO("2 1 8:2 / /srv/data rw - ext4 /dev/sdc1 "
										"rw\\n"),
	      "x mount:/srv/data ('/dev/sdc1' is mounted there, of type "
	      "ext4)");
	PLANS("'mount:/srv/data': {'device': 'UUID=1-2', 'fstype': 'ext4'}",
	      BASE ", " LINK("/dev/disk/by-uuid/1-2", "../../sdb1") ", " FILE(
		      "/dev/sdb1",
		      "") ", " FSTAB("UUID=1-2 /srv/data ext4 defaults 0 "
				     "0\\n") ", " INFO("2 1 8:2 / /srv/data "
						       "rw - ext4 /dev/sdb1 "
						       "rw\\n"),
	      "");
}
END_TEST

START_TEST(the_states)
{
	const char *line = BASE ", " FSTAB(
		"tmpfs /srv/data tmpfs defaults 0 0\\n") ", " INFO("");
	const char *both = SHOWN("defaults", "rw");
	const char *none = BASE ", " INFO("");

	PLANS(TMPFS "'ensure': 'present'}", none, "+ mount:/srv/data");
	PLANS(TMPFS "'ensure': 'present'}", line, "");
	PLANS(TMPFS "'ensure': 'present'}", both, "");
	PLANS(TMPFS "'ensure': 'mounted'}", line, "~ mount:/srv/data ensure");
	PLANS(TMPFS "'ensure': 'mounted'}", both, "");
	PLANS(TMPFS "'ensure': 'unmounted'}", none, "+ mount:/srv/data");
	PLANS(TMPFS "'ensure': 'unmounted'}", line, "");
	becomes(TMPFS "'ensure': 'unmounted'}", both, line);
	PLANS(TMPFS "'ensure': 'absent'}", none, "");
	becomes(TMPFS "'ensure': 'absent'}", both,
		BASE ", " FSTAB("") ", " INFO(""));
	becomes(TMPFS "'ensure': 'absent'}", BASE ", " INFO(LIVE("rw")), none);
}
END_TEST

START_TEST(what_is_on_it_comes_after_and_is_unknown)
{
	PLANS("'file:/srv/data/f': {'content': 'x'}, " TMPFS
	      "'options': 'ro'}, 'directory:/srv/data': {'mode': '0755'}",
	      BASE ", " INFO(""),
	      "+ mount:/srv/data\n? file:/srv/data/f (it is on what is not "
	      "mounted yet)");
	/* one on the other, and gone in the other order */
	PLANS("'mount:/srv/data/b': {'ensure': 'absent'}, "
	      "'mount:/srv/data': {'ensure': 'absent'}",
	      SHOWN("rw", "rw"), "- mount:/srv/data");
	PLANS("'mount:/srv/data': {'ensure': 'absent'}, "
	      "'mount:/srv/data/b': {'ensure': 'absent'}",
	      BASE ", '/srv/data/b': {'type': 'directory'}, " INFO(
		      LIVE("rw") "0 0 0:0 / /srv/data/b rw - tmpfs t "
				 "rw\\n"),
	      "- mount:/srv/data/b\n- mount:/srv/data");
}
END_TEST

START_TEST(its_folder_must_be_there)
{
	PLANS("'mount:/srv/none': {'device': 'tmpfs', 'fstype': 'tmpfs'}",
	      BASE ", " INFO(""),
	      "x mount:/srv/none (there is no folder '/srv/none' to mount on)");
	PLANS("'mount:/srv/none': {'device': 'tmpfs', 'fstype': 'tmpfs'}, "
	      "'directory:/srv/none': {}",
	      BASE ", " INFO(""), "+ directory:/srv/none\n+ mount:/srv/none");
}
END_TEST

START_TEST(a_tree_has_only_the_line)
{
	becomes(TMPFS "'options': 'rw'}", "'/etc': {'type': 'directory'}",
		FSTAB("tmpfs /srv/data tmpfs rw 0 0\\n"));
	becomes("'mount:/srv/data': {'ensure': 'absent'}",
		FSTAB("tmpfs /srv/data tmpfs rw 0 0\\n"), FSTAB(""));
}
END_TEST

#define DEVICE(device) "'mount:/a': {'device': '" device "', 'fstype': 'ext4'}"
#define TYPE(type) "'mount:/a': {'device': 'x', 'fstype': '" type "'}"
#define OPTIONS(options) \
	"'mount:/a': {'device': 'x', 'fstype': 'y', 'options': " options "}"

START_TEST(what_would_be_more_than_a_mount_is_refused)
{
	REFUSES(DEVICE("-o"), "'device' must be 1 to");
	REFUSES(DEVICE(""), "'device' must be 1 to");
	REFUSES(DEVICE("a\\nb"), "'device' must have no control");
	REFUSES(TYPE("fuse.evil"), "'fstype' must not be 'fuse.evil'");
	REFUSES(TYPE("-x"), "'fstype' must be a type");
	REFUSES(TYPE("a,b"), "'fstype' must be a type");
	REFUSES(TYPE(""), "'fstype' must be a type");
	REFUSES(OPTIONS("['a', 'b,suid']"), "'b,suid' must have no ','");
	REFUSES(OPTIONS("'a,,b'"), "'options' must be 1 to");
	REFUSES(OPTIONS("'a,-b'"), "'options' must be 1 to");
	REFUSES(OPTIONS("'a\\tb'"), "'options' must have no control");
	REFUSES("'mount:/a': {'device': 'x'}", "'fstype' is missing");
	REFUSES("'mount:/a': {'fstype': 'x'}", "'device' is missing");
	REFUSES("'mount:/proc/x': {'ensure': 'absent'}", "and not managed");
	REFUSES("'mount:/': {'device': 'x', 'fstype': 'y'}", "not managed");
	REFUSES("'mount:/usr': {'ensure': 'absent'}", "is never unmounted");
	REFUSES("'mount:a': {'ensure': 'absent'}", "must be absolute");
	/* a file that is given in whole has no place for a line of its own */
	REFUSES("'mount:/a': {'ensure': 'absent'}, 'file:/etc/fstab': "
		"{'content': ''}",
		"/etc/fstab");
}
END_TEST

TEST_SUITE("mount", it_is_written_down_and_mounted,
	   other_lines_stay_as_they_are, slashes_make_no_other_path,
	   a_comment_stays_with_its_line, blanks_are_escaped,
	   what_is_given_is_compared, what_the_kernel_shows_counts,
	   another_one_there_is_not_hidden, the_states,
	   what_is_on_it_comes_after_and_is_unknown, its_folder_must_be_there,
	   a_tree_has_only_the_line, what_would_be_more_than_a_mount_is_refused)
