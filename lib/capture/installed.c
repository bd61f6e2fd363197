/* SPDX-License-Identifier: MIT */
#include "lib/capture/installed.h"

#include <string.h>

static const char status_path[] = "/var/lib/dpkg/status";
static const char info_path[] = "/var/lib/dpkg/info";
static const char automatic_path[] = "/var/lib/apt/extended_states";
static const char sysusers_path[] = "/usr/lib/sysusers.d";

enum {
	STATUS_MAX = 256 << 20,
	LIST_MAX = 64 << 20,
	MD5_HEX = 32,
};

/* The next line of text, without its end; moves on. NULL: there is none. */
static const char *next_line(const char **text, size_t *n)
{
	const char *line = *text;

	if (!*line)
		return NULL;
	*n = strcspn(line, "\n");
	*text = line + *n + (line[*n] == '\n');
	return line;
}

static bool is_kept(const char *path, size_t n)
{
	static const char *const folders[] = { "/etc/", "/lib/systemd/system/",
					       "/usr/lib/systemd/system/" };

	for (size_t i = 0; i < COUNT(folders); i++)
		if (n > strlen(folders[i]) &&
		    memcmp(path, folders[i], strlen(folders[i])) == 0)
			return true;
	return false;
}

static struct installed_file *add(struct installed *in, struct arena *a,
				  const char *path, const char *package)
{
	struct installed_file *f = map_get(&in->files, path);

	if (f)
		return f;
	f = arena_new(a, struct installed_file);
	*f = (struct installed_file){ .path = path, .package = package };
	map_put(&in->files, a, path, f);
	return f;
}

/* "libc6:amd64.list" */
static const char *package_of(const char *name, struct arena *a)
{
	size_t n = strlen(name);

	if (n <= 5 || strcmp(name + n - 5, ".list") != 0)
		return NULL;
	return arena_strndup(a, name,
			     strcspn(name, ":") < n - 5 ? strcspn(name, ":")
							: n - 5);
}

static bool read_list(struct installed *in, const struct host *h,
		      const char *name, const char *package, struct arena *a,
		      struct diags *d)
{
	const char *path = arena_printf(a, "%s/%s", info_path, name);
	AUTO_BUF struct buf b = { 0 };
	const char *at, *line;
	bool whole;
	size_t n;

	if (!host_read(h, path, LIST_MAX, &b, &whole, d))
		return false;
	at = buf_text(&b);
	while ((line = next_line(&at, &n)))
		if (is_kept(line, n))
			add(in, a, arena_strndup(a, line, n), package);
	return true;
}

static bool is_script(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot &&
	       (strcmp(dot, ".postinst") == 0 || strcmp(dot, ".preinst") == 0);
}

/* Kept if it may make accounts. */
static bool read_script(struct installed *in, const struct host *h,
			const char *folder, const char *name, struct arena *a,
			struct diags *d)
{
	static const char *const makers[] = { "adduser", "addgroup", "useradd",
					      "groupadd" };
	const char *path = arena_printf(a, "%s/%s", folder, name);
	AUTO_BUF struct buf b = { 0 };
	bool makes = strcmp(folder, sysusers_path) == 0, whole;
	struct node node;

	if (!host_look(h, path, &node, d))
		return false;
	if (node.type != NODE_FILE)
		return true;
	if (!host_read(h, path, LIST_MAX, &b, &whole, d))
		return false;
	for (size_t i = 0; i < COUNT(makers); i++)
		makes |= strstr(buf_text(&b), makers[i]) != NULL;
	if (makes) {
		buf_puts(&in->scripts, buf_text(&b));
		buf_putc(&in->scripts, '\n');
	}
	return true;
}

static bool read_lists(struct installed *in, const struct host *h,
		       struct arena *a, struct diags *d)
{
	struct strings names;
	struct node node;

	if (!host_look(h, info_path, &node, d))
		return false;
	if (node.type != NODE_DIRECTORY)
		return true;
	if (!host_list(h, info_path, a, &names, d))
		return false;
	for (size_t i = 0; i < names.n; i++) {
		const char *package = package_of(names.v[i], a);

		if (package && !read_list(in, h, names.v[i], package, a, d))
			return false;
		if (is_script(names.v[i]) &&
		    !read_script(in, h, info_path, names.v[i], a, d))
			return false;
	}
	return true;
}

static bool read_sysusers(struct installed *in, const struct host *h,
			  struct arena *a, struct diags *d)
{
	struct strings names;
	struct node node;

	if (!host_look(h, sysusers_path, &node, d))
		return false;
	if (node.type != NODE_DIRECTORY)
		return true;
	if (!host_list(h, sysusers_path, a, &names, d))
		return false;
	for (size_t i = 0; i < names.n; i++)
		if (!read_script(in, h, sysusers_path, names.v[i], a, d))
			return false;
	return true;
}

/* " /etc/motd.d/x 68b329da9893e34099c7d8ad5cb9c940": the file as it came.
 * What is marked "obsolete" or "remove-on-upgrade" came with an older one. */
static void read_conffile(struct installed *in, struct arena *a,
			  const char *line, size_t n, const char *package)
{
	const char *path = line + 1;
	size_t size = n > 1 ? strcspn(path, " \n") : 0;
	const char *md5 = path + size + 1;
	struct installed_file *f;

	if (!is_kept(path, size) || n != 1 + size + 1 + MD5_HEX)
		return;
	f = add(in, a, arena_strndup(a, path, size), package);
	f->package = package;
	f->md5 = arena_strndup(a, md5, MD5_HEX);
	strings_add(&in->conffiles, a, f->path);
}

static const char *value_of(const char *line, size_t n, const char *field)
{
	size_t size = strlen(field);

	return n > size && memcmp(line, field, size) == 0 ? line + size : NULL;
}

/* A package of the status file as far as it was read. */
struct stanza {
	const char *name;
	const char *depends[2];
	bool installed, held, basic, helps, conffiles;
};

static const char *text_of(const char *value, const char *line, size_t n,
			   struct arena *a)
{
	return arena_strndup(a, value, n - (size_t)(value - line));
}

static bool is_value(const char *value, const char *line, size_t n,
		     const char *expected)
{
	return value && n - (size_t)(value - line) == strlen(expected) &&
	       memcmp(value, expected, strlen(expected)) == 0;
}

/* "Status: hold ok installed": what is wanted, whether well, what is. */
static void read_state(struct stanza *s, const char *value, const char *line,
		       size_t n)
{
	s->installed = n > 10 && memcmp(line + n - 10, " installed", 10) == 0;
	s->held = strncmp(value, "hold ", 5) == 0;
}

static void read_field(struct stanza *s, const char *line, size_t n,
		       struct arena *a)
{
	const char *value;

	s->conffiles = n == 10 && memcmp(line, "Conffiles:", n) == 0;
	value = value_of(line, n, "Package: ");
	if (value)
		s->name = text_of(value, line, n, a);
	value = value_of(line, n, "Status: ");
	if (value)
		read_state(s, value, line, n);
	value = value_of(line, n, "Priority: ");
	s->helps |= is_value(value, line, n, "required") ||
		    is_value(value, line, n, "important");
	value = value_of(line, n, "Section: ");
	s->helps |= is_value(value, line, n, "libs") ||
		    is_value(value, line, n, "oldlibs") ||
		    is_value(value, line, n, "perl");
	value = value_of(line, n, "Depends: ");
	if (value)
		s->depends[0] = text_of(value, line, n, a);
	value = value_of(line, n, "Pre-Depends: ");
	if (value)
		s->depends[1] = text_of(value, line, n, a);
	value = value_of(line, n, "Essential: ");
	s->basic |= is_value(value, line, n, "yes");
}

/* "libc6 (>= 2.34), default-mta | mail-transport-agent" */
static void read_depends(struct installed *in, const char *package,
			 const char *text, struct arena *a)
{
	while (*text) {
		size_t n = strcspn(text, " ,|(:");
		const char *name = arena_strndup(a, text, n);
		struct strings *by = map_get(&in->needed, name);

		if (!by) {
			by = arena_new(a, struct strings);
			map_put(&in->needed, a, name, by);
		}
		strings_add(by, a, package);
		text += n;
		if (*text == '(' || *text == ':')
			text += strcspn(text, ",|");
		text += strspn(text, " ,|");
	}
}

static void end_stanza(struct installed *in, struct stanza *s, struct arena *a)
{
	struct installed_package *p;

	if (s->name && s->installed && !map_get(&in->packages, s->name)) {
		p = arena_new(a, struct installed_package);
		*p = (struct installed_package){ .name = s->name,
						 .basic = s->basic,
						 .helps = s->helps,
						 .held = s->held };
		map_put(&in->packages, a, p->name, p);
		strings_add(&in->names, a, p->name);
		for (size_t i = 0; i < COUNT(s->depends); i++)
			if (s->depends[i])
				read_depends(in, s->name, s->depends[i], a);
	}
	*s = (struct stanza){ 0 };
}

/* deb-control(5): fields, and lines that go on with a space. */
static void read_status(struct installed *in, const char *text, struct arena *a)
{
	struct stanza s = { 0 };
	const char *line;
	size_t n;

	while ((line = next_line(&text, &n))) {
		if (n == 0)
			end_stanza(in, &s, a);
		else if (*line != ' ')
			read_field(&s, line, n, a);
		else if (s.conffiles && s.name && s.installed)
			read_conffile(in, a, line, n, s.name);
	}
	end_stanza(in, &s, a);
	strings_sort(&in->names);
	strings_sort(&in->conffiles);
}

/* apt-mark(8): what is not named there was asked for. */
static void read_automatic(struct installed *in, const char *text,
			   struct arena *a)
{
	struct installed_package *package = NULL;
	const char *line, *value;
	size_t n;

	while ((line = next_line(&text, &n))) {
		value = value_of(line, n, "Package: ");
		if (value)
			package = map_get(&in->packages,
					  text_of(value, line, n, a));
		value = value_of(line, n, "Auto-Installed: ");
		if (package && is_value(value, line, n, "1"))
			package->automatic = true;
	}
}

/* "" when it is not there. */
static bool read_text(const struct host *h, const char *path, struct buf *b,
		      struct diags *d)
{
	struct node node;
	bool whole;

	if (!host_look(h, path, &node, d))
		return false;
	if (node.type == NODE_ABSENT)
		return true;
	return host_read(h, path, STATUS_MAX, b, &whole, d) &&
	       (whole || diag_error(d, "'%s' is too large", path));
}

bool installed_read(struct installed *in, const struct host *h, struct arena *a,
		    struct diags *d)
{
	AUTO_BUF struct buf status = { 0 };
	AUTO_BUF struct buf automatic = { 0 };

	*in = (struct installed){ 0 };
	if (!read_text(h, status_path, &status, d) ||
	    !read_text(h, automatic_path, &automatic, d))
		return false;
	read_status(in, buf_text(&status), a);
	read_automatic(in, buf_text(&automatic), a);
	return read_lists(in, h, a, d) && read_sysusers(in, h, a, d);
}

static bool is_word(char c)
{
	return c == '_' || c == '-' || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool installed_account(const struct installed *in, const char *name)
{
	const char *text = buf_text(&in->scripts), *at = text;
	size_t n = strlen(name);

	for (; (at = strstr(at, name)); at++)
		if ((at == text || !is_word(at[-1])) && !is_word(at[n]))
			return true;
	return false;
}

void installed_release(struct installed *in)
{
	buf_release(&in->scripts);
}

const struct installed_file *installed_file(const struct installed *in,
					    const char *path)
{
	return map_get(&in->files, path);
}
