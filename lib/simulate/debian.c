/* SPDX-License-Identifier: MIT */
/*
 * Debian 12 as debian-installer leaves it with nothing chosen but its standard
 * utilities: what base-passwd, base-files, systemd and the kernel have.
 */
#include "lib/simulate/debian.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/auto.h"
#include "lib/host/recorded.h"
#include "lib/host/unit.h"

static const struct {
	const char *name;
	unsigned uid, gid;
	const char *comment, *home, *shell;
} users[] = {
	{ "root", 0, 0, "root", "/root", "/bin/bash" },
	{ "daemon", 1, 1, "daemon", "/usr/sbin", "/usr/sbin/nologin" },
	{ "bin", 2, 2, "bin", "/bin", "/usr/sbin/nologin" },
	{ "sys", 3, 3, "sys", "/dev", "/usr/sbin/nologin" },
	{ "sync", 4, 65534, "sync", "/bin", "/bin/sync" },
	{ "games", 5, 60, "games", "/usr/games", "/usr/sbin/nologin" },
	{ "man", 6, 12, "man", "/var/cache/man", "/usr/sbin/nologin" },
	{ "lp", 7, 7, "lp", "/var/spool/lpd", "/usr/sbin/nologin" },
	{ "mail", 8, 8, "mail", "/var/mail", "/usr/sbin/nologin" },
	{ "news", 9, 9, "news", "/var/spool/news", "/usr/sbin/nologin" },
	{ "uucp", 10, 10, "uucp", "/var/spool/uucp", "/usr/sbin/nologin" },
	{ "proxy", 13, 13, "proxy", "/bin", "/usr/sbin/nologin" },
	{ "www-data", 33, 33, "www-data", "/var/www", "/usr/sbin/nologin" },
	{ "backup", 34, 34, "backup", "/var/backups", "/usr/sbin/nologin" },
	{ "list", 38, 38, "Mailing List Manager", "/var/list",
	  "/usr/sbin/nologin" },
	{ "irc", 39, 39, "ircd", "/run/ircd", "/usr/sbin/nologin" },
	{ "_apt", 42, 65534, "", "/nonexistent", "/usr/sbin/nologin" },
	{ "messagebus", 100, 107, "", "/nonexistent", "/usr/sbin/nologin" },
	{ "systemd-timesync", 997, 997, "systemd Time Synchronization", "/",
	  "/usr/sbin/nologin" },
	{ "systemd-network", 998, 998, "systemd Network Management", "/",
	  "/usr/sbin/nologin" },
	{ "nobody", 65534, 65534, "nobody", "/nonexistent",
	  "/usr/sbin/nologin" },
};

static const struct {
	const char *name;
	unsigned gid;
} groups[] = {
	{ "root", 0 },
	{ "daemon", 1 },
	{ "bin", 2 },
	{ "sys", 3 },
	{ "adm", 4 },
	{ "tty", 5 },
	{ "disk", 6 },
	{ "lp", 7 },
	{ "mail", 8 },
	{ "news", 9 },
	{ "uucp", 10 },
	{ "man", 12 },
	{ "proxy", 13 },
	{ "kmem", 15 },
	{ "dialout", 20 },
	{ "fax", 21 },
	{ "voice", 22 },
	{ "cdrom", 24 },
	{ "floppy", 25 },
	{ "tape", 26 },
	{ "sudo", 27 },
	{ "audio", 29 },
	{ "dip", 30 },
	{ "www-data", 33 },
	{ "backup", 34 },
	{ "operator", 37 },
	{ "list", 38 },
	{ "irc", 39 },
	{ "src", 40 },
	{ "shadow", 42 },
	{ "utmp", 43 },
	{ "video", 44 },
	{ "sasl", 45 },
	{ "plugdev", 46 },
	{ "staff", 50 },
	{ "games", 60 },
	{ "users", 100 },
	{ "netdev", 101 },
	{ "crontab", 102 },
	{ "input", 103 },
	{ "sgx", 104 },
	{ "kvm", 105 },
	{ "render", 106 },
	{ "messagebus", 107 },
	{ "systemd-timesync", 997 },
	{ "systemd-network", 998 },
	{ "systemd-journal", 999 },
	{ "nogroup", 65534 },
};

static const struct {
	const char *id;
	enum unit_active active;
	enum unit_enabled enabled;
} units[] = {
	{ "systemd-journald.service", UNIT_ACTIVE, UNIT_STATIC },
	{ "systemd-logind.service", UNIT_ACTIVE, UNIT_STATIC },
	{ "systemd-udevd.service", UNIT_ACTIVE, UNIT_STATIC },
	{ "systemd-sysctl.service", UNIT_ACTIVE, UNIT_STATIC },
	{ "systemd-modules-load.service", UNIT_ACTIVE, UNIT_STATIC },
	{ "systemd-tmpfiles-setup.service", UNIT_ACTIVE, UNIT_STATIC },
	{ "systemd-tmpfiles-clean.timer", UNIT_ACTIVE, UNIT_STATIC },
	{ "systemd-timesyncd.service", UNIT_ACTIVE, UNIT_ENABLED },
	{ "systemd-networkd.service", UNIT_INACTIVE, UNIT_DISABLED },
	{ "dbus.service", UNIT_ACTIVE, UNIT_STATIC },
	{ "dbus.socket", UNIT_ACTIVE, UNIT_STATIC },
	{ "cron.service", UNIT_ACTIVE, UNIT_ENABLED },
	{ "networking.service", UNIT_ACTIVE, UNIT_ENABLED },
	{ "nftables.service", UNIT_INACTIVE, UNIT_DISABLED },
	{ "getty@tty1.service", UNIT_ACTIVE, UNIT_ENABLED },
	{ "apt-daily.timer", UNIT_ACTIVE, UNIT_ENABLED },
	{ "apt-daily.service", UNIT_INACTIVE, UNIT_STATIC },
	{ "apt-daily-upgrade.timer", UNIT_ACTIVE, UNIT_ENABLED },
	{ "apt-daily-upgrade.service", UNIT_INACTIVE, UNIT_STATIC },
	{ "dpkg-db-backup.timer", UNIT_ACTIVE, UNIT_ENABLED },
	{ "e2scrub_all.timer", UNIT_ACTIVE, UNIT_ENABLED },
	{ "fstrim.timer", UNIT_ACTIVE, UNIT_ENABLED },
	{ "logrotate.timer", UNIT_ACTIVE, UNIT_ENABLED },
	{ "man-db.timer", UNIT_ACTIVE, UNIT_ENABLED },
	{ "multi-user.target", UNIT_ACTIVE, UNIT_STATIC },
	{ "network.target", UNIT_ACTIVE, UNIT_STATIC },
	{ "network-online.target", UNIT_ACTIVE, UNIT_STATIC },
};

/* Those of priority "required" and "important", and what they need to boot. */
static const struct {
	const char *name, *version;
} packages[] = {
	{ "adduser", "3.134" },
	{ "apt", "2.6.1" },
	{ "apt-utils", "2.6.1" },
	{ "base-files", "12.4+deb12u11" },
	{ "base-passwd", "3.6.1" },
	{ "bash", "5.2.15-2+b8" },
	{ "bash-completion", "1:2.11-6" },
	{ "bsdutils", "1:2.38.1-5+deb12u3" },
	{ "ca-certificates", "20230311" },
	{ "coreutils", "9.1-1" },
	{ "cron", "3.0pl1-162" },
	{ "cron-daemon-common", "3.0pl1-162" },
	{ "dash", "0.5.12-2" },
	{ "dbus", "1.14.10-1~deb12u1" },
	{ "debconf", "1.5.82" },
	{ "debian-archive-keyring", "2023.3+deb12u2" },
	{ "debianutils", "5.7-0.5~deb12u1" },
	{ "diffutils", "1:3.8-4" },
	{ "dmidecode", "3.4-1" },
	{ "dpkg", "1.21.22" },
	{ "e2fsprogs", "1.47.0-2" },
	{ "findutils", "4.9.0-4" },
	{ "gpgv", "2.2.40-1.1+deb12u2" },
	{ "grep", "3.8-5" },
	{ "groff-base", "1.22.4-10" },
	{ "grub-efi-amd64", "2.06-13+deb12u1" },
	{ "gzip", "1.12-1" },
	{ "hostname", "3.23+nmu1" },
	{ "ifupdown", "0.8.41" },
	{ "init", "1.65.2" },
	{ "init-system-helpers", "1.65.2" },
	{ "iproute2", "6.1.0-3" },
	{ "iputils-ping", "3:20221126-1" },
	{ "isc-dhcp-client", "4.4.3-P1-2" },
	{ "kmod", "30+20221128-1" },
	{ "less", "590-2.1~deb12u2" },
	{ "libc-bin", "2.36-9+deb12u14" },
	{ "libc6", "2.36-9+deb12u10" },
	{ "libcap2-bin", "1:2.66-4+deb12u2+b2" },
	{ "liblocale-gettext-perl", "1.07-5" },
	{ "libpam-modules", "1.5.2-6+deb12u1" },
	{ "libpam-modules-bin", "1.5.2-6+deb12u1" },
	{ "libpam-runtime", "1.5.2-6+deb12u1" },
	{ "libssl3", "3.0.15-1~deb12u1" },
	{ "libsystemd0", "252.36-1~deb12u1" },
	{ "linux-image-amd64", "6.1.119-1" },
	{ "login", "1:4.13+dfsg1-1+deb12u1" },
	{ "logrotate", "3.21.0-1" },
	{ "man-db", "2.11.2-2" },
	{ "mawk", "1.3.4.20200120-3.1" },
	{ "mount", "2.38.1-5+deb12u3" },
	{ "nano", "7.2-1+deb12u1" },
	{ "ncurses-base", "6.4-4" },
	{ "ncurses-bin", "6.4-4" },
	{ "netbase", "6.4" },
	{ "nftables", "1.0.6-2+deb12u2" },
	{ "openssl", "3.0.15-1~deb12u1" },
	{ "passwd", "1:4.13+dfsg1-1+deb12u1" },
	{ "perl", "5.36.0-7+deb12u1" },
	{ "perl-base", "5.36.0-7+deb12u2" },
	{ "procps", "2:4.0.2-3" },
	{ "sed", "4.9-1" },
	{ "sensible-utils", "0.0.17+nmu1" },
	{ "systemd", "252.39-1~deb12u2" },
	{ "systemd-sysv", "252.39-1~deb12u2" },
	{ "systemd-timesyncd", "252.36-1~deb12u1" },
	{ "sysvinit-utils", "3.06-4" },
	{ "tar", "1.34+dfsg-1.2+deb12u1" },
	{ "traceroute", "1:2.1.2-1" },
	{ "tzdata", "2025b-0+deb12u2" },
	{ "udev", "252.36-1~deb12u1" },
	{ "util-linux", "2.38.1-5+deb12u3" },
	{ "vim-common", "2:9.0.1378-2+deb12u2" },
	{ "vim-tiny", "2:9.0.1378-2" },
};

/* sysctl.d(5) */
static const struct {
	const char *key, *value;
} settings[] = {
	{ "fs.file-max", "9223372036854775807" },
	{ "fs.inotify.max_user_instances", "128" },
	{ "fs.inotify.max_user_watches", "65536" },
	{ "fs.protected_fifos", "1" },
	{ "fs.protected_hardlinks", "1" },
	{ "fs.protected_regular", "2" },
	{ "fs.protected_symlinks", "1" },
	{ "fs.suid_dumpable", "0" },
	{ "kernel.dmesg_restrict", "1" },
	{ "kernel.kptr_restrict", "0" },
	{ "kernel.osrelease", "6.1.0-28-amd64" },
	{ "kernel.panic", "0" },
	{ "kernel.pid_max", "4194304" },
	{ "kernel.randomize_va_space", "2" },
	{ "kernel.sysrq", "438" },
	{ "kernel.unprivileged_bpf_disabled", "2" },
	{ "net.core.default_qdisc", "pfifo_fast" },
	{ "net.core.netdev_max_backlog", "1000" },
	{ "net.core.rmem_max", "212992" },
	{ "net.core.somaxconn", "4096" },
	{ "net.core.wmem_max", "212992" },
	{ "net.ipv4.conf.all.accept_redirects", "0" },
	{ "net.ipv4.conf.all.accept_source_route", "0" },
	{ "net.ipv4.conf.all.log_martians", "0" },
	{ "net.ipv4.conf.all.rp_filter", "0" },
	{ "net.ipv4.conf.all.send_redirects", "1" },
	{ "net.ipv4.conf.default.accept_redirects", "1" },
	{ "net.ipv4.conf.default.rp_filter", "0" },
	{ "net.ipv4.ip_forward", "0" },
	{ "net.ipv4.ip_local_port_range", "32768\t60999" },
	{ "net.ipv4.ip_nonlocal_bind", "0" },
	{ "net.ipv4.tcp_congestion_control", "cubic" },
	{ "net.ipv4.tcp_fin_timeout", "60" },
	{ "net.ipv4.tcp_keepalive_time", "7200" },
	{ "net.ipv4.tcp_max_syn_backlog", "256" },
	{ "net.ipv4.tcp_syncookies", "1" },
	{ "net.ipv4.tcp_tw_reuse", "2" },
	{ "net.ipv6.conf.all.accept_redirects", "1" },
	{ "net.ipv6.conf.all.disable_ipv6", "0" },
	{ "net.ipv6.conf.all.forwarding", "0" },
	{ "vm.dirty_background_bytes", "0" },
	{ "vm.dirty_background_ratio", "10" },
	{ "vm.dirty_bytes", "0" },
	{ "vm.dirty_ratio", "20" },
	{ "vm.max_map_count", "65530" },
	{ "vm.min_free_kbytes", "67584" },
	{ "vm.overcommit_memory", "0" },
	{ "vm.overcommit_ratio", "50" },
	{ "vm.swappiness", "60" },
	{ "vm.vfs_cache_pressure", "100" },
};

/* Folders, 0755 and root's, of which all that is in them is told here. */
static const char *const folders[] = {
	"/boot",
	"/dev",
	"/etc/alternatives",
	"/etc/apt/apt.conf.d",
	"/etc/apt/auth.conf.d",
	"/etc/apt/keyrings",
	"/etc/apt/preferences.d",
	"/etc/apt/sources.list.d",
	"/etc/apt/trusted.gpg.d",
	"/etc/cron.d",
	"/etc/cron.daily",
	"/etc/cron.hourly",
	"/etc/cron.monthly",
	"/etc/cron.weekly",
	"/etc/default",
	"/etc/dpkg/dpkg.cfg.d",
	"/etc/init.d",
	"/etc/kernel",
	"/etc/ld.so.conf.d",
	"/etc/logrotate.d",
	"/etc/modprobe.d",
	"/etc/modules-load.d",
	"/etc/network/interfaces.d",
	"/etc/pam.d",
	"/etc/profile.d",
	"/etc/security/limits.d",
	"/etc/skel",
	"/etc/ssl/certs",
	"/etc/sysctl.d",
	"/etc/systemd/network",
	"/etc/systemd/system",
	"/etc/systemd/user",
	"/etc/sysusers.d",
	"/etc/tmpfiles.d",
	"/etc/udev/rules.d",
	"/home",
	"/media",
	"/mnt",
	"/opt",
	"/proc/sys",
	"/run/systemd/system",
	"/srv",
	"/sys/module",
	"/usr/lib/systemd/system",
	"/usr/local/bin",
	"/usr/local/etc",
	"/usr/local/lib",
	"/usr/local/sbin",
	"/usr/local/share",
	"/usr/local/src",
	"/var/backups",
	"/var/cache/apt/archives",
	"/var/lib/apt/lists",
	"/var/lib/dpkg",
	"/var/lib/systemd",
	"/var/log/apt",
};

/* The same, but only packages and the kernel know what is in them. */
static const char *const open_folders[] = {
	"/boot/grub", "/dev/disk",           "/sys/module",
	"/usr/bin",   "/usr/games",          "/usr/include",
	"/usr/lib",   "/usr/libexec",        "/usr/sbin",
	"/usr/share", "/usr/share/zoneinfo", "/usr/src",
};

static const struct {
	const char *path, *mode;
	unsigned gid;
} private_folders[] = {
	{ "/root", "0700", 0 },
	{ "/tmp", "1777", 0 },
	{ "/var/tmp", "1777", 0 },
	{ "/run/lock", "1777", 0 },
	{ "/etc/ssl/private", "0710", 0 },
	{ "/var/log/journal", "2755", 999 },
	{ "/var/mail", "2775", 8 },
	{ "/var/local", "2775", 50 },
	{ "/var/spool/cron/crontabs", "1730", 102 },
	{ "/var/cache/apt/archives/partial", "0700", 0 },
};

static const struct {
	const char *path, *target;
} links[] = {
	{ "/bin", "usr/bin" },
	{ "/sbin", "usr/sbin" },
	{ "/lib", "usr/lib" },
	{ "/lib64", "usr/lib64" },
	{ "/var/run", "/run" },
	{ "/var/lock", "/run/lock" },
	{ "/etc/localtime", "/usr/share/zoneinfo/Etc/UTC" },
	{ "/etc/mtab", "../proc/self/mounts" },
	{ "/etc/os-release", "../usr/lib/os-release" },
};

static const struct {
	const char *path, *content;
} files[] = {
	{ "/etc/debian_version", "12.8\n" },
	{ "/etc/environment", "" },
	{ "/etc/fstab", "/dev/vda1 / ext4 errors=remount-ro 0 1\n" },
	{ "/etc/host.conf", "multi on\n" },
	{ "/etc/issue", "Debian GNU/Linux 12 \\n \\l\n\n" },
	{ "/etc/issue.net", "Debian GNU/Linux 12\n" },
	{ "/etc/login.defs", "MAIL_DIR\t/var/mail\nFAILLOG_ENAB\tyes\n"
			     "LOG_UNKFAIL_ENAB\tno\nSYSLOG_SU_ENAB\tyes\n"
			     "UMASK\t\t022\nPASS_MAX_DAYS\t99999\n"
			     "PASS_MIN_DAYS\t0\nPASS_WARN_AGE\t7\n"
			     "UID_MIN\t1000\nUID_MAX\t60000\n"
			     "GID_MIN\t1000\nGID_MAX\t60000\n"
			     "USERGROUPS_ENAB\tyes\n"
			     "ENCRYPT_METHOD\tSHA512\n" },
	{ "/etc/modules", "# Modules that are loaded at boot time.\n" },
	{ "/etc/network/interfaces",
	  "source /etc/network/interfaces.d/*\n\nauto lo\n"
	  "iface lo inet loopback\n\nallow-hotplug ens3\n"
	  "iface ens3 inet dhcp\n" },
	{ "/etc/resolv.conf", "nameserver 192.0.2.1\n" },
	{ "/etc/shells", "/bin/sh\n/usr/bin/sh\n/bin/bash\n/usr/bin/bash\n"
			 "/bin/rbash\n/usr/bin/rbash\n/usr/bin/dash\n" },
	{ "/etc/sysctl.conf", "# Settings go to /etc/sysctl.d.\n" },
	{ "/etc/timezone", "Etc/UTC\n" },
	{ "/etc/apt/sources.list",
	  "deb http://deb.debian.org/debian bookworm main\n"
	  "deb http://deb.debian.org/debian-security bookworm-security main\n"
	  "deb http://deb.debian.org/debian bookworm-updates main\n" },
	{ "/proc/self/mountinfo",
	  "21 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw\n"
	  "22 21 0:20 / /proc rw shared:2 - proc proc rw\n"
	  "23 21 0:21 / /sys rw shared:3 - sysfs sysfs rw\n"
	  "24 21 0:5 / /dev rw shared:4 - devtmpfs udev rw\n"
	  "25 21 0:22 / /run rw shared:5 - tmpfs tmpfs rw\n" },
	{ "/usr/lib/os-release",
	  "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\n"
	  "VERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\n" },
};

/* That are there, with content that nobody should count on. */
static const struct {
	const char *path, *mode;
	unsigned gid;
} other_files[] = {
	{ "/etc/adduser.conf", "0644", 0 },
	{ "/etc/bash.bashrc", "0644", 0 },
	{ "/etc/crontab", "0644", 0 },
	{ "/etc/default/cron", "0644", 0 },
	{ "/etc/default/grub", "0644", 0 },
	{ "/etc/default/useradd", "0644", 0 },
	{ "/etc/deluser.conf", "0644", 0 },
	{ "/etc/group", "0644", 0 },
	{ "/etc/gshadow", "0640", 42 },
	{ "/etc/hosts.allow", "0644", 0 },
	{ "/etc/hosts.deny", "0644", 0 },
	{ "/etc/ld.so.conf", "0644", 0 },
	{ "/etc/locale.gen", "0644", 0 },
	{ "/etc/logrotate.conf", "0644", 0 },
	{ "/etc/machine-id", "0444", 0 },
	{ "/etc/nftables.conf", "0755", 0 },
	{ "/etc/nsswitch.conf", "0644", 0 },
	{ "/etc/pam.d/common-auth", "0644", 0 },
	{ "/etc/pam.d/common-password", "0644", 0 },
	{ "/etc/pam.d/common-session", "0644", 0 },
	{ "/etc/pam.d/login", "0644", 0 },
	{ "/etc/pam.d/su", "0644", 0 },
	{ "/etc/passwd", "0644", 0 },
	{ "/etc/profile", "0644", 0 },
	{ "/etc/security/limits.conf", "0644", 0 },
	{ "/etc/services", "0644", 0 },
	{ "/etc/shadow", "0640", 42 },
	{ "/etc/ssl/openssl.cnf", "0644", 0 },
	{ "/etc/systemd/journald.conf", "0644", 0 },
	{ "/etc/systemd/logind.conf", "0644", 0 },
	{ "/etc/systemd/system.conf", "0644", 0 },
	{ "/etc/systemd/timesyncd.conf", "0644", 0 },
	{ "/root/.bashrc", "0644", 0 },
	{ "/root/.profile", "0644", 0 },
	{ "/usr/share/zoneinfo/America/Chicago", "0644", 0 },
	{ "/usr/share/zoneinfo/America/Denver", "0644", 0 },
	{ "/usr/share/zoneinfo/America/Los_Angeles", "0644", 0 },
	{ "/usr/share/zoneinfo/America/New_York", "0644", 0 },
	{ "/usr/share/zoneinfo/America/Sao_Paulo", "0644", 0 },
	{ "/usr/share/zoneinfo/Asia/Kolkata", "0644", 0 },
	{ "/usr/share/zoneinfo/Asia/Shanghai", "0644", 0 },
	{ "/usr/share/zoneinfo/Asia/Singapore", "0644", 0 },
	{ "/usr/share/zoneinfo/Asia/Tokyo", "0644", 0 },
	{ "/usr/share/zoneinfo/Australia/Sydney", "0644", 0 },
	{ "/usr/share/zoneinfo/Etc/UTC", "0644", 0 },
	{ "/usr/share/zoneinfo/Europe/Amsterdam", "0644", 0 },
	{ "/usr/share/zoneinfo/Europe/Berlin", "0644", 0 },
	{ "/usr/share/zoneinfo/Europe/London", "0644", 0 },
	{ "/usr/share/zoneinfo/Europe/Madrid", "0644", 0 },
	{ "/usr/share/zoneinfo/Europe/Paris", "0644", 0 },
	{ "/usr/share/zoneinfo/Europe/Rome", "0644", 0 },
	{ "/usr/share/zoneinfo/Europe/Stockholm", "0644", 0 },
	{ "/usr/share/zoneinfo/Europe/Vienna", "0644", 0 },
	{ "/usr/share/zoneinfo/Europe/Warsaw", "0644", 0 },
	{ "/usr/share/zoneinfo/Europe/Zurich", "0644", 0 },
	{ "/usr/share/zoneinfo/UTC", "0644", 0 },
	{ "/var/lib/dpkg/status", "0644", 0 },
	{ "/var/log/dpkg.log", "0644", 0 },
};

static json_t *users_json(void)
{
	json_t *all = json_object();

	for (size_t i = 0; i < COUNT(users); i++)
		set_new(all, users[i].name,
			json_pack("{s:i, s:i, s:s, s:s, s:s, s:s, s:b, s:s}",
				  "uid", (int)users[i].uid, "gid",
				  (int)users[i].gid, "comment",
				  users[i].comment, "home", users[i].home,
				  "shell", users[i].shell, "password", "*",
				  "locked", 0, "expires", "never"));
	return all;
}

static json_t *groups_json(void)
{
	json_t *all = json_object();

	for (size_t i = 0; i < COUNT(groups); i++)
		set_new(all, groups[i].name,
			json_pack("{s:i, s:[]}", "gid", (int)groups[i].gid,
				  "members"));
	return all;
}

static json_t *units_json(void)
{
	json_t *all = json_object();

	for (size_t i = 0; i < COUNT(units); i++)
		set_new(all, units[i].id,
			json_pack("{s:s, s:s}", "active",
				  unit_active_name(units[i].active), "enabled",
				  unit_enabled_name(units[i].enabled)));
	return all;
}

static json_t *packages_json(void)
{
	json_t *all = json_object();

	for (size_t i = 0; i < COUNT(packages); i++)
		set_new(all, packages[i].name,
			json_string(packages[i].version));
	return all;
}

static void add_file(json_t *all, const char *path, const char *content)
{
	set_new(all, path,
		json_pack("{s:s, s:s}", "type", "file", "content", content));
}

static void add_folders(json_t *all)
{
	for (size_t i = 0; i < COUNT(folders); i++)
		set_new(all, folders[i],
			json_pack("{s:s}", "type", "directory"));
	for (size_t i = 0; i < COUNT(open_folders); i++)
		set_new(all, open_folders[i],
			json_pack("{s:s, s:b}", "type", "directory", "all", 0));
	for (size_t i = 0; i < COUNT(private_folders); i++)
		set_new(all, private_folders[i].path,
			json_pack("{s:s, s:s, s:i}", "type", "directory",
				  "mode", private_folders[i].mode, "gid",
				  (int)private_folders[i].gid));
}

static void add_settings(json_t *all)
{
	AUTO(arena_release) struct arena a = { 0 };

	for (size_t i = 0; i < COUNT(settings); i++) {
		char *path = arena_printf(&a, "/proc/sys/%s", settings[i].key);

		for (char *at = path + strlen("/proc/sys/"); *at; at++)
			if (*at == '.')
				*at = '/';
		add_file(all, path,
			 arena_printf(&a, "%s\n", settings[i].value));
	}
}

static json_t *files_json(const char *host)
{
	AUTO(arena_release) struct arena a = { 0 };
	json_t *all = json_object();

	add_folders(all);
	add_settings(all);
	for (size_t i = 0; i < COUNT(links); i++)
		set_new(all, links[i].path,
			json_pack("{s:s, s:s}", "type", "link", "target",
				  links[i].target));
	for (size_t i = 0; i < COUNT(files); i++)
		add_file(all, files[i].path, files[i].content);
	for (size_t i = 0; i < COUNT(other_files); i++)
		set_new(all, other_files[i].path,
			json_pack("{s:s, s:s, s:i, s:i}", "type", "file",
				  "mode", other_files[i].mode, "gid",
				  (int)other_files[i].gid, "size", 1));
	add_file(all, "/proc/sys/kernel/hostname",
		 arena_printf(&a, "%s\n", host));
	add_file(all, "/etc/hostname", arena_printf(&a, "%s\n", host));
	add_file(all, "/etc/hosts",
		 arena_printf(&a, "127.0.0.1\tlocalhost\n127.0.1.1\t%s\n",
			      host));
	return all;
}

json_t *debian_picture(const char *host)
{
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o}", "format",
			 "converge.snapshot/1", "files", files_json(host),
			 "users", users_json(), "groups", groups_json(),
			 "units", units_json(), "packages", packages_json());
}
