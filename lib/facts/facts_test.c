/* SPDX-License-Identifier: MIT */
#include "lib/facts/facts.h"

#include <sys/utsname.h>

#include "lib/fixture_test.h"

static struct host *h;
static json_t *snapshot, *facts;
static struct facts all;
static struct diags said;

static void gather(json_t *of)
{
	struct diags d = { 0 };

	snapshot = of;
	h = host_snapshot(snapshot, &d);
	ck_assert_ptr_nonnull(h);
	diags_release(&d);
	all = (struct facts){ .tree = h, .machine = h, .diags = &said };
	facts = facts_get(&all, "", 0);
}

/* Files: path, text by turns, ended by NULL. */
static void setup(const char *const *files)
{
	json_t *list = json_object();

	for (; files[0]; files += 2)
		json_object_set_new(list, files[0],
				    json_pack("{s:s, s:s}", "type", "file",
					      "content", files[1]));
	gather(json_pack("{s:o}", "files", list));
}

static void teardown(void)
{
	facts_release(&all);
	diags_release(&said);
	host_close(h);
	json_decref(snapshot);
}

#define SETUP(...) setup((const char *const[]){ __VA_ARGS__, NULL })

/* "os.id" as text; "-": there is none. */
static const char *fact(const char *name)
{
	const json_t *value = scope_inside(facts, name, strlen(name));

	return value ? json_string_value(value) : "-";
}

START_TEST(a_usual_release)
{
	SETUP("/etc/os-release",
	      "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n"
	      "NAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\n"
	      "VERSION=\"12 (bookworm)\"\nVERSION_CODENAME=bookworm\n"
	      "ID=debian\n");
	ck_assert_str_eq(fact("os.id"), "debian");
	ck_assert_str_eq(fact("os.version"), "12");
	ck_assert_str_eq(fact("os.codename"), "bookworm");
	ck_assert_str_eq(fact("os.name"), "Debian GNU/Linux 12 (bookworm)");
	ck_assert_uint_eq(json_array_size(scope_inside(facts, "os.like", 7)),
			  0);
	teardown();
}
END_TEST

START_TEST(quotes_of_either_kind_and_none)
{
	SETUP("/etc/os-release", "ID='a b'\nVERSION_ID=\"\"\nPRETTY_NAME=\"x\n"
				 "VERSION_CODENAME=y");
	ck_assert_str_eq(fact("os.id"), "a b");
	ck_assert_str_eq(fact("os.version"), "");
	ck_assert_str_eq(fact("os.name"), "\"x");
	ck_assert_str_eq(fact("os.codename"), "y");
	teardown();
}
END_TEST

START_TEST(names_that_begin_alike)
{
	SETUP("/etc/os-release", "#ID=no\nID_LIKE=\"rhel fedora\"\nXID=no\n\n"
				 "ID=centos\nID=second\n");
	ck_assert_str_eq(fact("os.id"), "centos");
	ck_assert_str_eq(fact("os.like.0"), "rhel");
	ck_assert_str_eq(fact("os.like.1"), "fedora");
	ck_assert_str_eq(fact("os.like.2"), "-");
	teardown();
}
END_TEST

START_TEST(the_second_place_of_a_release)
{
	SETUP("/usr/lib/os-release", "ID=arch\n");
	ck_assert_str_eq(fact("os.id"), "arch");
	teardown();
	SETUP("/usr/lib/os-release", "ID=arch\n", "/etc/os-release",
	      "ID=mine\n");
	ck_assert_str_eq(fact("os.id"), "mine");
	teardown();
}
END_TEST

START_TEST(an_empty_host_has_facts)
{
	SETUP("/x", "");
	ck_assert(json_is_object(scope_inside(facts, "os", 2)));
	ck_assert_str_eq(fact("os.id"), "-");
	ck_assert_str_ne(fact("hostname"), "-");
	ck_assert_str_ne(fact("kernel.release"), "-");
	ck_assert_str_ne(fact("architecture"), "-");
	ck_assert_ptr_null(scope_inside(facts, "memory", 6));
	ck_assert_ptr_null(scope_inside(facts, "cpu", 3));
	teardown();
}
END_TEST

START_TEST(memory_and_cpus)
{
	SETUP("/proc/meminfo", "MemTotal:        8052112 kB\nMemFree:  1 kB\n",
	      "/proc/cpuinfo",
	      "processor\t: 0\nmodel name\t: x\n\nprocessor\t: 1\n");
	ck_assert_int_eq(
		json_integer_value(scope_inside(facts, "memory.mib", 10)),
		8052112 / 1024);
	ck_assert_int_eq(
		json_integer_value(scope_inside(facts, "cpu.count", 9)), 2);
	teardown();
}
END_TEST

START_TEST(a_host_has_its_own_name)
{
	struct arena a = { 0 };
	struct utsname u;

	SETUP("/etc/hostname", "web-1\n");
	ck_assert_str_eq(fact("hostname"), "web-1");
	ck_assert_str_eq(facts_host_name(h, &a), "web-1");
	teardown();
	ck_assert_int_eq(uname(&u), 0);
	SETUP("/etc/hostname", "\n");
	ck_assert_str_eq(facts_host_name(h, &a), u.nodename);
	teardown();
	SETUP("/x", "");
	ck_assert_str_eq(facts_host_name(h, &a), u.nodename);
	teardown();
	arena_release(&a);
}
END_TEST

START_TEST(what_is_no_file_is_not_read)
{
	gather(fixture_json("{'files': {'/etc/os-release': {'type': "
			    "'FIFO'}, '/etc/hostname': {'type': "
			    "'directory'}}}"));
	ck_assert_str_eq(fact("os.id"), "-");
	ck_assert_str_ne(fact("hostname"), "-");
	ck_assert_uint_eq(said.n, 0);
	teardown();
}
END_TEST

/* What is asked for is gathered, and nothing else. */
START_TEST(one_fact_is_gathered_alone)
{
	SETUP("/etc/hostname", "web.example.org\n", "/etc/os-release",
	      "ID=debian\n");
	facts_release(&all);
	all = (struct facts){ .tree = h, .machine = h, .diags = &said };
	facts = facts_get(&all, "os.id.x", 5);
	ck_assert_str_eq(fact("os.id"), "debian");
	ck_assert_uint_eq(json_object_size(facts), 1);
	facts_get(&all, "nothing.at.all", 14);
	facts_get(&all, ".", 1);
	ck_assert_uint_eq(json_object_size(facts), 1);
	ck_assert_uint_eq(json_object_size(all.asked), 1);
	facts_get(&all, "domain", 6);
	ck_assert_str_eq(fact("domain"), "example.org");
	facts_get(&all, "memory.mib", 10);
	ck_assert(json_is_null(json_object_get(all.asked, "memory")));
	teardown();
}
END_TEST

static bool holds(const char *asked)
{
	json_t *then = fixture_json(asked);
	bool yes;

	facts_release(&all);
	all = (struct facts){ .tree = h, .machine = h, .diags = &said };
	yes = facts_hold(&all, then);
	json_decref(then);
	return yes;
}

START_TEST(what_was_asked_for_holds_or_not)
{
	SETUP("/etc/hostname", "web\n", "/etc/converge/facts.d/a.json",
	      "{\"x\": 1}");
	ck_assert(holds("{}"));
	ck_assert(holds("{'hostname': 'web', 'memory': null}"));
	ck_assert(!holds("{'hostname': 'app'}"));
	ck_assert(!holds("{'hostname': null}"));
	ck_assert(!holds("{'no.such': 1}"));
	ck_assert(holds("{'local.a': {'x': 1}, 'local.b': null}"));
	ck_assert(!holds("{'local.a': {'x': 2}}"));
	ck_assert(holds("{'local': ['a']}"));
	ck_assert(!holds("{'local': ['a', 'b']}"));
	teardown();
}
END_TEST

START_TEST(a_whole_name_is_in_hosts)
{
	static const struct {
		const char *hosts, *fqdn, *domain;
	} cases[] = {
		{ "127.0.1.1 web.example.org web\n", "web.example.org",
		  "example.org" },
		{ "127.0.1.1\tweb\tweb.a.b # web.c\n", "web.a.b", "a.b" },
		{ "# 127.0.1.1 web.no\n::1 web.x", "web.x", "x" },
		{ "127.0.1.1 webx.no web. xweb.no web\n", "-", "-" },
		{ "web.first\n", "-", "-" },
		{ "", "-", "-" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		SETUP("/etc/hostname", "web\n", "/etc/hosts", cases[i].hosts);
		ck_assert_str_eq(fact("fqdn"), cases[i].fqdn);
		ck_assert_str_eq(fact("domain"), cases[i].domain);
		teardown();
	}
}
END_TEST

START_TEST(cpus_have_cores)
{
	SETUP("/proc/cpuinfo",
	      "processor\t: 0\nmodel name\t: A  b\nphysical id\t: 0\n"
	      "core id\t\t: 0\n\nprocessor\t: 1\nmodel name\t: c\n"
	      "physical id\t: 0\ncore id\t\t: 0\n\nprocessor\t: 2\n"
	      "physical id\t: 1\ncore id\t\t: 0\n");
	ck_assert_int_eq(
		json_integer_value(scope_inside(facts, "cpu.cores", 9)), 2);
	ck_assert_int_eq(
		json_integer_value(scope_inside(facts, "cpu.sockets", 11)), 2);
	ck_assert_int_eq(
		json_integer_value(scope_inside(facts, "cpu.count", 9)), 3);
	ck_assert_str_eq(fact("cpu.model"), "A  b");
	teardown();
}
END_TEST

#define DMI "/sys/class/dmi/id/"
#define CLOCK \
	"/sys/devices/system/clocksource/clocksource0/available_clocksource"

START_TEST(virtualization_is_told_by_its_marks)
{
	static const struct {
		const char *path, *text, *more, *kind, *name;
	} cases[] = {
		{ "/x", "", "/y", "none", "none" },
		{ "/run/systemd/container", "systemd-nspawn\n", "/y",
		  "container", "systemd-nspawn" },
		{ "/.dockerenv", "", "/y", "container", "docker" },
		{ "/run/.containerenv", "", "/.dockerenv", "container",
		  "podman" },
		{ "/proc/sys/kernel/osrelease",
		  "5.15.1-microsoft-standard-WSL2\n", "/y", "container",
		  "wsl" },
		{ DMI "sys_vendor", "QEMU\n", "/y", "vm", "qemu" },
		{ DMI "product_name", "VMware7,1\n", "/y", "vm", "vmware" },
		{ DMI "product_name", "Virtual Machine\n", "/y", "vm",
		  "microsoft" },
		{ DMI "sys_vendor", "Dell Inc.\n", "/y", "none", "none" },
		{ "/sys/hypervisor/type", "xen\n", "/y", "vm", "xen" },
		{ CLOCK, "tsc kvm-clock \n", "/y", "vm", "kvm" },
		{ CLOCK, "tsc hpet acpi_pm \n", "/y", "none", "none" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		SETUP("/proc/cpuinfo", "processor\t: 0\n", cases[i].more, "",
		      cases[i].path, cases[i].text);
		ck_assert_msg(strcmp(fact("virtualization.kind"),
				     cases[i].kind) == 0 &&
				      strcmp(fact("virtualization.name"),
					     cases[i].name) == 0,
			      "%s: %s", cases[i].path, cases[i].text);
		teardown();
	}
	SETUP(DMI "sys_vendor", "QEMU\n", CLOCK, "kvm-clock tsc\n",
	      "/proc/cpuinfo", "");
	ck_assert_str_eq(fact("virtualization.name"), "kvm");
	ck_assert_str_eq(fact("hardware.vendor"), "QEMU");
	teardown();
	SETUP("/x", "");
	ck_assert_str_eq(fact("virtualization.kind"), "-");
	teardown();
}
END_TEST

static void check_json(const char *name, const char *want)
{
	json_t *value = fixture_json(want);

	ck_assert_msg(
		json_equal(scope_inside(facts, name, strlen(name)), value),
		"%s", name);
	json_decref(value);
}

START_TEST(disks_that_are_made_of_something)
{
	SETUP("/sys/block/sda/size", "4194304\n",
	      "/sys/block/sda/queue/rotational", "1\n",
	      "/sys/block/sda/device/model", "DISK 1   \n",
	      "/sys/block/nvme0n1/size", "2048\n",
	      "/sys/block/nvme0n1/queue/rotational", "0\n",
	      "/sys/block/loop0/size", "8\n");
	check_json("disks",
		   "{'names': ['nvme0n1', 'sda'], 'list': [{'name': 'nvme0n1',"
		   "'mib': 1, 'rotational': false}, {'name': 'sda', 'mib': "
		   "2048, 'rotational': true, 'model': 'DISK 1'}]}");
	teardown();
}
END_TEST

START_TEST(mounts_but_for_the_kernels)
{
	SETUP("/proc/self/mountinfo",
	      "22 27 0:21 / /proc rw,relatime - proc proc rw\n"
	      "36 35 98:0 /r /a\\040b\\134 rw,noatime master:1 shared:2 - ext4 "
	      "/dev/sda1 rw,errors=continue\n"
	      "37 35 98:0 / /srv ro - xfs /dev/sdb ro\n"
	      "broken\n1 2 3 4 5 6 - \n\n");
	check_json("mounts",
		   "{'paths': ['/a b\\\\', '/srv'], 'list': [{'path': '/a "
		   "b\\\\', 'type': 'ext4', 'source': '/dev/sda1', 'options': "
		   "['rw', 'noatime']}, {'path': '/srv', 'type': 'xfs', "
		   "'source': '/dev/sdb', 'options': ['ro']}]}");
	teardown();
}
END_TEST

static const char trie[] =
	"Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 0.0.0.0\n"
	"        /0 universe UNICAST\n     |-- 127.0.0.1\n"
	"        /32 host LOCAL\n     |-- 192.0.2.0\n"
	"        /24 link UNICAST\n     |-- 192.0.2.2\n"
	"        /32 host LOCAL\n     |-- 198.51.100.9\n"
	"        /32 host LOCAL\nLocal:\n     |-- 192.0.2.2\n"
	"        /32 host LOCAL\n     |-- no.address\n"
	"        /32 host LOCAL\n";

START_TEST(addresses_of_interfaces)
{
	SETUP("/sys/class/net/lo/address", "00:00:00:00:00:00\n",
	      "/sys/class/net/eth0/address", "02:00:00:00:00:01\n",
	      "/sys/class/net/eth0/mtu", "1500\n",
	      "/sys/class/net/bonding_masters", "\n", "/proc/self/net/fib_trie",
	      trie, "/proc/self/net/route",
	      "Iface\tDestination\tGateway\n"
	      "wlan0\t00000000\t010200C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n"
	      "eth0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
	      "eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
	      "down\t00000000\t010200C0\t0000\t0\t0\t1\t00000000\t0\t0\t0\n",
	      "/proc/self/net/if_inet6",
	      "00000000000000000000000000000001 01 80 10 80 lo\n"
	      "fd000000000000000000000000000002 04 40 00 82 eth0\n"
	      "fd000000000000000000000000000003 04 40 00 01 eth0\n"
	      "fe8000000000000000fc00fffe000001 04 40 20 80 eth0\n"
	      "fd00 04 40 00 82 eth0\nxyz\n");
	check_json("network.names", "['eth0', 'lo']");
	check_json("network.interfaces.0",
		   "{'name': 'eth0', 'mac': '02:00:00:00:00:01', 'mtu': 1500, "
		   "'ipv4': ['192.0.2.2'], 'ipv6': ['fd00::2', "
		   "'fe80::fc:ff:fe00:1']}");
	check_json("network.interfaces.1.ipv4", "['127.0.0.1']");
	check_json("network.ipv4", "['192.0.2.2', '198.51.100.9']");
	check_json("network.ipv6", "['fd00::2']");
	ck_assert_str_eq(fact("network.interface"), "eth0");
	ck_assert_str_eq(fact("network.gateway"), "192.0.2.1");
	ck_assert_str_eq(fact("network.address"), "192.0.2.2");
	teardown();
}
END_TEST

START_TEST(a_tree_has_what_it_would_start)
{
	static const struct {
		const char *target, *init;
	} cases[] = {
		{ "/lib/systemd/systemd", "systemd" },
		{ "../usr/bin/openrc-init", "openrc" },
		{ "busybox", "-" },
		{ "systemdx", "-" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		json_t *link =
			json_pack("{s:{s:{s:s, s:s}}}", "files", "/sbin/init",
				  "type", "link", "target", cases[i].target);
		struct facts tree = { .diags = &said };

		gather(link);
		tree.tree = h;
		facts = facts_get(&tree, "init", 4);
		ck_assert_str_eq(fact("init"), cases[i].init);
		facts_release(&tree);
		teardown();
	}
	SETUP("/run/systemd/system/x", "");
	ck_assert_str_eq(fact("init"), "systemd");
	teardown();
	SETUP("/etc/inittab", "");
	ck_assert_str_eq(fact("init"), "sysvinit");
	teardown();
	SETUP("/x", "");
	ck_assert_str_eq(fact("init"), "none");
	teardown();
}
END_TEST

START_TEST(hostile_values_do_no_harm)
{
	static char longest[3000];

	memset(longest, 'x', sizeof(longest) - 1);
	SETUP("/etc/os-release", "ID=\x1b[31m\nVERSION_ID=1\n",
	      DMI "sys_vendor", longest, DMI "product_name", "a\x1b[0m\n",
	      "/sys/class/net/\"${x}/mtu", "-99999999999999999999\n",
	      "/proc/self/net/route", "x\n\n\n\n", "/etc/timezone", longest,
	      "/proc/meminfo", "MemTotal:\nSwapTotal: x\n");
	ck_assert_str_eq(fact("os.id"), "\x1b[31m");
	ck_assert_str_eq(fact("os.version"), "1");
	ck_assert_str_eq(fact("hardware.vendor"), "-");
	ck_assert_str_eq(fact("hardware.product"), "a\x1b[0m");
	ck_assert_str_eq(fact("timezone"), "-");
	ck_assert_str_eq(fact("network.address"), "-");
	ck_assert_uint_eq(said.n, 0);
	teardown();
}
END_TEST

START_TEST(who_may_write_a_fact_is_trusted)
{
	static const struct {
		const char *folder, *file;
		bool good;
	} cases[] = {
		{ "'mode': '0755'", "'mode': '0644'", true },
		{ "'mode': '0755'", "'mode': '0644', 'uid': 7", true },
		{ "'mode': '0755'", "'mode': '0644', 'uid': 8", false },
		{ "'mode': '0755'", "'mode': '0664'", false },
		{ "'mode': '0755'", "'mode': '0646'", false },
		{ "'mode': '0775'", "'mode': '0644'", false },
		{ "'mode': '0755', 'uid': 8", "'mode': '0644'", false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char text[512];
		struct facts mine = { .user = 7, .diags = &said };

		snprintf(text, sizeof(text),
			 "{'files': {'/etc/converge': {'type': 'directory', "
			 "%s}, '/etc/converge/facts.d/a.json': {'type': "
			 "'file', 'content': '{}', %s}}}",
			 cases[i].folder, cases[i].file);
		gather(fixture_json(text));
		mine.tree = mine.machine = h;
		facts = facts_get(&mine, "local.a", 7);
		ck_assert_msg((scope_inside(facts, "local.a", 7) != NULL) ==
				      cases[i].good,
			      "%s", text);
		ck_assert_int_eq(mine.wrong, !cases[i].good);
		facts_release(&mine);
		teardown();
	}
}
END_TEST

TEST_SUITE("facts", a_usual_release, quotes_of_either_kind_and_none,
	   names_that_begin_alike, the_second_place_of_a_release,
	   an_empty_host_has_facts, memory_and_cpus, a_host_has_its_own_name,
	   what_is_no_file_is_not_read, one_fact_is_gathered_alone,
	   what_was_asked_for_holds_or_not, a_whole_name_is_in_hosts,
	   cpus_have_cores, virtualization_is_told_by_its_marks,
	   disks_that_are_made_of_something, mounts_but_for_the_kernels,
	   addresses_of_interfaces, a_tree_has_what_it_would_start,
	   hostile_values_do_no_harm, who_may_write_a_fact_is_trusted)
