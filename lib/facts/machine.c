/* SPDX-License-Identifier: MIT */
/* Facts of the machine: of the kernel that runs, whatever the root is. */
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "lib/facts/rows.h"

enum { LIST_MAX = 4096 };

json_t *fact_kernel(struct facts *f)
{
	json_t *kernel = json_object();
	struct utsname u;

	(void)f;
	if (uname(&u) == 0) {
		facts_set(kernel, "name", u.sysname);
		facts_set(kernel, "release", u.release);
		facts_set(kernel, "version", u.version);
	}
	return facts_or_none(kernel);
}

json_t *fact_architecture(struct facts *f)
{
	struct utsname u;

	(void)f;
	return uname(&u) == 0 ? facts_text(u.machine) : NULL;
}

/* --- /proc/cpuinfo, /proc/meminfo (proc(5)): "name : value" --- */

/* The value in a line, if it is that of name; else NULL. */
static char *value_of(char *line, const char *name)
{
	size_t n = strlen(name);
	char *colon = line + n;

	if (strncmp(line, name, n) != 0)
		return NULL;
	colon += strspn(colon, " \t");
	if (*colon != ':')
		return NULL;
	colon++;
	return colon + strspn(colon, " \t");
}

struct cpus {
	json_int_t count;
	const char *model;  /* of the first one */
	const char *socket; /* of this one; NULL: not told */
	json_t *sockets, *cores;
};

static void take_cpu_line(struct cpus *c, char *line, struct arena *a)
{
	char *value;

	if (value_of(line, "processor")) {
		c->count++;
		c->socket = NULL;
	} else if (!c->model && (value = value_of(line, "model name"))) {
		c->model = value;
	} else if ((value = value_of(line, "physical id"))) {
		c->socket = value;
		json_object_set_new(c->sockets, value, json_true());
	} else if (c->socket && (value = value_of(line, "core id"))) {
		json_object_set_new(c->cores,
				    arena_printf(a, "%s/%s", c->socket, value),
				    json_true());
	}
}

json_t *fact_cpu(struct facts *f)
{
	struct cpus c = { .sockets = json_object(), .cores = json_object() };
	AUTO_BUF struct buf b = { 0 };
	json_t *cpu = json_object();
	char *text, *line;

	if (facts_read(f->machine, "/proc/cpuinfo", &b)) {
		text = b.text;
		while ((line = facts_next_line(&text)))
			take_cpu_line(&c, line, &f->arena);
		json_object_set_new(cpu, "count", json_integer(c.count));
		facts_set(cpu, "model", c.model);
	}
	if (json_object_size(c.cores)) {
		json_object_set_new(
			cpu, "sockets",
			json_integer((json_int_t)json_object_size(c.sockets)));
		json_object_set_new(
			cpu, "cores",
			json_integer((json_int_t)json_object_size(c.cores)));
	}
	json_decref(c.sockets);
	json_decref(c.cores);
	return facts_or_none(cpu);
}

json_t *fact_memory(struct facts *f)
{
	AUTO_BUF struct buf b = { 0 };
	json_t *memory = json_object();
	char *text, *line, *value;

	if (facts_read(f->machine, "/proc/meminfo", &b))
		text = b.text;
	else
		text = NULL;
	while ((line = facts_next_line(&text))) {
		const char *name = NULL;

		if ((value = value_of(line, "MemTotal")))
			name = "mib";
		else if ((value = value_of(line, "SwapTotal")))
			name = "swap_mib";
		if (name)
			json_object_set_new(
				memory, name,
				json_integer(strtoll(value, NULL, 10) / 1024));
	}
	return facts_or_none(memory);
}

/* --- what it is made of --- */

#define DMI "/sys/class/dmi/id/"

/* What only root may read there (serial numbers) is left where it is. */
json_t *fact_hardware(struct facts *f)
{
	const struct host *h = f->machine;
	json_t *hardware = json_object();

	facts_set_line(hardware, "vendor", h, DMI "sys_vendor", &f->arena);
	facts_set_line(hardware, "product", h, DMI "product_name", &f->arena);
	facts_set_line(hardware, "chassis", h, DMI "chassis_type", &f->arena);
	facts_set_line(hardware, "bios", h, DMI "bios_version", &f->arena);
	if (facts_is(h, "/sys/firmware", NODE_DIRECTORY))
		json_object_set_new(
			hardware, "uefi",
			json_boolean(facts_is(h, "/sys/firmware/efi",
					      NODE_DIRECTORY)));
	return facts_or_none(hardware);
}

static const char *container(struct facts *f)
{
	const struct host *h = f->machine;
	/* as its manager says it: the container interface of systemd */
	const char *name = facts_line(h, "/run/systemd/container", &f->arena);

	if (name)
		return name;
	if (facts_is(h, "/run/.containerenv", NODE_FILE))
		return "podman";
	if (facts_is(h, "/.dockerenv", NODE_FILE))
		return "docker";
	if (facts_is(h, "/proc/vz", NODE_DIRECTORY) &&
	    !facts_is(h, "/proc/bc", NODE_DIRECTORY))
		return "openvz";
	name = facts_line(h, "/proc/sys/kernel/osrelease", &f->arena);
	return name && (strstr(name, "WSL") || strstr(name, "Microsoft"))
		       ? "wsl"
		       : NULL;
}

struct vendor {
	const char *begins; /* the text */
	const char *name;   /* as systemd-detect-virt(1) has it */
};

static const char *vendor_of(const char *text, const struct vendor *v, size_t n)
{
	for (size_t i = 0; text && i < n; i++)
		if (strncmp(text, v[i].begins, strlen(v[i].begins)) == 0)
			return v[i].name;
	return NULL;
}

static const char *vm_by_dmi(struct facts *f)
{
	static const char *const files[] = { DMI "product_name",
					     DMI "sys_vendor",
					     DMI "board_vendor",
					     DMI "bios_vendor" };
	static const struct vendor vendors[] = {
		{ "KVM", "kvm" },
		{ "OpenStack", "kvm" },
		{ "KubeVirt", "kvm" },
		{ "Amazon EC2", "amazon" },
		{ "Google Compute Engine", "google" },
		{ "QEMU", "qemu" },
		{ "VMware", "vmware" },
		{ "VMW", "vmware" },
		{ "innotek GmbH", "oracle" },
		{ "VirtualBox", "oracle" },
		{ "Xen", "xen" },
		{ "Bochs", "bochs" },
		{ "Parallels", "parallels" },
		{ "BHYVE", "bhyve" },
		{ "Virtual Machine", "microsoft" },
		{ "Hyper-V", "microsoft" },
		{ "Apple Virtualization", "apple" },
	};
	const char *found = NULL;

	for (size_t i = 0; !found && i < COUNT(files); i++)
		found = vendor_of(facts_line(f->machine, files[i], &f->arena),
				  vendors, COUNT(vendors));
	return found;
}

/* Each hypervisor brings a clock of its own. */
static const char *vm_by_clock(struct facts *f)
{
	static const struct vendor clocks[] = {
		{ "kvm-clock", "kvm" },
		{ "hyperv_clocksource", "microsoft" },
		{ "xen", "xen" },
	};
	const char *line = facts_line(f->machine,
				      "/sys/devices/system/clocksource/"
				      "clocksource0/available_clocksource",
				      &f->arena);
	char *rest = arena_strdup(&f->arena, line ? line : "");
	const char *found = NULL, *clock;

	while (!found && *(clock = facts_next_field(&rest)))
		found = vendor_of(clock, clocks, COUNT(clocks));
	return found;
}

static const char *vm(struct facts *f)
{
	const char *dmi = vm_by_dmi(f), *clock = vm_by_clock(f);
	const char *type =
		facts_line(f->machine, "/sys/hypervisor/type", &f->arena);

	/* QEMU says its own name whether or not the kernel helps it */
	if (dmi && strcmp(dmi, "qemu") == 0 && clock)
		return clock;
	if (dmi)
		return dmi;
	if (type && strcmp(type, "xen") == 0)
		return "xen";
	return clock;
}

json_t *fact_virtualization(struct facts *f)
{
	const char *name = container(f), *kind = "container";
	json_t *virtualization;

	/* without these nothing can be told */
	if (!name && !facts_is(f->machine, "/proc/cpuinfo", NODE_FILE))
		return NULL;
	if (!name) {
		name = vm(f);
		kind = "vm";
	}
	virtualization = json_object();
	facts_set(virtualization, "kind", name ? kind : "none");
	facts_set(virtualization, "name", name ? name : "none");
	return virtualization;
}

/* --- disks --- */

static bool is_made_up(const char *name)
{
	static const char *const begins[] = { "loop", "ram", "zram", "dm-",
					      "md",   "sr",  "fd",   "nbd" };

	for (size_t i = 0; i < COUNT(begins); i++)
		if (strncmp(name, begins[i], strlen(begins[i])) == 0)
			return true;
	return false;
}

static json_t *disk(struct facts *f, const char *name)
{
	const char *folder = arena_printf(&f->arena, "/sys/block/%s", name);
	const char *size = facts_line(
		f->machine, arena_printf(&f->arena, "%s/size", folder),
		&f->arena);
	const char *turns = facts_line(
		f->machine,
		arena_printf(&f->arena, "%s/queue/rotational", folder),
		&f->arena);
	json_t *disk = json_object();

	facts_set(disk, "name", name);
	/* in sectors of 512 bytes, whatever the disk's are (sysfs) */
	if (size)
		json_object_set_new(
			disk, "mib",
			json_integer(strtoll(size, NULL, 10) / 2048));
	if (turns)
		json_object_set_new(disk, "rotational",
				    json_boolean(*turns == '1'));
	facts_set_line(disk, "model", f->machine,
		       arena_printf(&f->arena, "%s/device/model", folder),
		       &f->arena);
	return disk;
}

json_t *fact_disks(struct facts *f)
{
	struct strings names = { 0 };
	json_t *list;

	if (!facts_is(f->machine, "/sys/block", NODE_DIRECTORY))
		return NULL;
	list = json_array();
	facts_names(f->machine, "/sys/block", &f->arena, &names);
	for (size_t i = 0; i < names.n; i++)
		if (!is_made_up(names.v[i]))
			json_array_append_new(list, disk(f, names.v[i]));
	return facts_table("names", "name", "list", list);
}

/* --- mounts --- */

static bool is_kernels(const char *type)
{
	static const char *const types[] = {
		"autofs",   "binfmt_misc", "bpf",        "cgroup",
		"cgroup2",  "configfs",    "debugfs",    "devpts",
		"devtmpfs", "efivarfs",    "fusectl",    "hugetlbfs",
		"mqueue",   "nsfs",        "proc",       "pstore",
		"ramfs",    "rpc_pipefs",  "securityfs", "selinuxfs",
		"sysfs",    "tracefs",
	};

	for (size_t i = 0; i < COUNT(types); i++)
		if (strcmp(types[i], type) == 0)
			return true;
	return false;
}

/* proc(5): blanks, newlines and backslashes are "\040" and the like. */
static void unescape(char *text)
{
	char *to = text;

	for (; *text; text++) {
		if (text[0] == '\\' && text[1] >= '0' && text[1] <= '3' &&
		    text[2] >= '0' && text[2] <= '7' && text[3] >= '0' &&
		    text[3] <= '7') {
			*to++ = (char)((text[1] - '0') << 6 |
				       (text[2] - '0') << 3 | (text[3] - '0'));
			text += 3;
		} else {
			*to++ = *text;
		}
	}
	*to = '\0';
}

static json_t *options(char *text)
{
	json_t *list = json_array();

	while (*text) {
		char *end = text + strcspn(text, ",");
		bool more = *end;

		*end = '\0';
		if (*text)
			json_array_append_new(list, facts_text(text));
		text = end + more;
	}
	return list;
}

/* "36 35 98:0 /root /mnt rw,noatime shared:1 - ext3 /dev/root rw" */
static json_t *mount_of(char *line)
{
	char *path, *opts, *type, *source, *field;
	json_t *mount;

	for (size_t i = 0; i < 4; i++)
		facts_next_field(&line);
	path = facts_next_field(&line);
	opts = facts_next_field(&line);
	do {
		field = facts_next_field(&line);
	} while (*field && strcmp(field, "-") != 0);
	type = facts_next_field(&line);
	source = facts_next_field(&line);
	if (!*type || is_kernels(type))
		return NULL;
	unescape(path);
	unescape(source);
	mount = json_object();
	facts_set(mount, "path", path);
	facts_set(mount, "type", type);
	facts_set(mount, "source", source);
	json_object_set_new(mount, "options", options(opts));
	return mount;
}

json_t *fact_mounts(struct facts *f)
{
	AUTO_BUF struct buf b = { 0 };
	json_t *list;
	char *text, *line;

	if (!facts_read(f->machine, "/proc/self/mountinfo", &b))
		return NULL;
	list = json_array();
	text = b.text;
	while (json_array_size(list) < LIST_MAX &&
	       (line = facts_next_line(&text))) {
		json_t *mount = mount_of(line);

		if (mount)
			json_array_append_new(list, mount);
	}
	return facts_table("paths", "path", "list", list);
}
