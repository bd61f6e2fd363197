/* SPDX-License-Identifier: MIT */
/* apt_repository: where apt(8) gets packages from, as deb822(5) says it in a
 * file of its own (sources.list(5)). */
#include <string.h>

#include "modules/parts/managed.h"
#include "modules/parts/rows.h"

enum { NAME_LENGTH = 200 };

struct repository {
	struct record r;
	const char *name;
	int ensure;
	struct strings types, uris, suites, components, architectures;
	const char *signed_by;
	const char *path, *type;
	struct content content;
	struct managed_perms perms;
	struct managed file; /* in have: what stands there */
};

enum row {
	NAME,
	ENSURE,
	TYPES,
	URIS,
	SUITES,
	COMPONENTS,
	ARCHITECTURES,
	SIGNED_BY,
	PATH,
	TYPE,
	CONTENT,
	MODE,
	OWNER,
	ROWS,
};

#define AT(member) offsetof(struct repository, member)

static const struct attr attrs[ROWS] = {
	[NAME] = { .name = "name",
		   .kind = &kind_text,
		   .flags = ATTR_NAME,
		   .offset = AT(name),
		   .doc = "Its name: its file is "
			  "/etc/apt/sources.list.d/NAME.sources." },
	ROW_ENSURE(AT(ensure)),
	[TYPES] = { .name = "types",
		    .kind = &kind_texts,
		    .offset = AT(types),
		    .fallback = "\"deb\"",
		    .doc = "What is taken from it: \"deb\", \"deb-src\" or "
			   "both." },
	[URIS] = { .name = "uris",
		   .kind = &kind_texts,
		   .flags = ATTR_REQUIRED_THERE,
		   .offset = AT(uris),
		   .no_secret = "all users can read sources.list(5), and apt "
				"says it: put it into a file below "
				"/etc/apt/auth.conf.d (apt_auth.conf(5))",
		   .doc = "Where it is, such as "
			  "\"https://deb.example.org/debian\"." },
	[SUITES] = { .name = "suites",
		     .kind = &kind_texts,
		     .flags = ATTR_REQUIRED_THERE,
		     .offset = AT(suites),
		     .doc = "Its suites, such as \"bookworm\"; a path that "
			    "ends in '/' has no components." },
	[COMPONENTS] = { .name = "components",
			 .kind = &kind_texts,
			 .offset = AT(components),
			 .doc = "Its components, such as \"main\"." },
	[ARCHITECTURES] = { .name = "architectures",
			    .kind = &kind_texts,
			    .offset = AT(architectures),
			    .doc = "The architectures that are taken from it; "
				   "those of the host." },
	[SIGNED_BY] = { .name = "signed_by",
			.kind = &kind_text,
			.offset = AT(signed_by),
			.doc = "The key that it is signed with: the path of a "
			       "keyring, or the key itself, as text between "
			       "its BEGIN and END lines." },
	ROW_ITS_PATH(AT(path)),
	ROW_TYPE(AT(type), "file"),
	ROW_ITS_CONTENT(AT(content)),
	MANAGED_ROW_MODE(MODE, AT(perms), "mode"),
	MANAGED_ROW_OWNER(OWNER, AT(perms), "owner"),
};

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

static bool is_made_of(const char *text, const char *characters)
{
	return *text && !text[strspn(text, characters)];
}

/* Others apt-get(8) passes over without a word. */
static bool check_name(const struct repository *want, struct diags *d)
{
	if (is_made_of(want->name, LETTERS DIGITS "_-.") &&
	    strlen(want->name) <= NAME_LENGTH && !strchr("-.", want->name[0]))
		return true;
	return diag_error(d, "'name' must be made of letters, digits and _-., "
			     "a letter or digit first");
}

static bool is_type(const char *text)
{
	return strcmp(text, "deb") == 0 || strcmp(text, "deb-src") == 0;
}

/* A scheme, then no blank and nothing that is not printed. */
static bool is_uri(const char *text)
{
	size_t n = strspn(text, LETTERS DIGITS "+.-");

	if (!n || text[n] != ':' || !text[n + 1] || !strchr(LETTERS, text[0]))
		return false;
	for (const char *p = text; *p; p++)
		if ((unsigned char)*p <= ' ' || (unsigned char)*p >= 0x7f)
			return false;
	return true;
}

static bool is_word(const char *text)
{
	return is_made_of(text, LETTERS DIGITS "_-./+~:$()=,") &&
	       text[0] != '-';
}

static bool is_architecture(const char *text)
{
	return is_made_of(text, "abcdefghijklmnopqrstuvwxyz" DIGITS "-") &&
	       text[0] != '-';
}

static bool check_words(const char *name, const struct strings *words,
			bool (*is_right)(const char *), struct diags *d)
{
	for (size_t i = 0; i < words->n; i++)
		if (!is_right(words->v[i]))
			return diag_error(d,
					  "'%s': '%s' is none, or has what a "
					  "line of sources.list(5) cannot hold",
					  name, words->v[i]);
	return true;
}

/* A suite that is a path has no components, all others have some. */
static bool check_suites(const struct repository *want, struct diags *d)
{
	for (size_t i = 0; i < want->suites.n; i++) {
		const char *suite = want->suites.v[i];
		bool is_path = *suite && suite[strlen(suite) - 1] == '/';

		if (is_path && want->components.n)
			return diag_error(d,
					  "the suite '%s' is a path, which has "
					  "no 'components'",
					  suite);
		if (!is_path && !want->components.n)
			return diag_error(d, "'components' is missing");
	}
	return true;
}

static bool is_key(const char *text)
{
	return strncmp(text, "-----BEGIN PGP PUBLIC KEY BLOCK-----\n", 37) == 0;
}

static bool check_key(const struct repository *want, struct diags *d)
{
	const char *key = want->signed_by;

	if (!(want->r.set & BIT(SIGNED_BY)))
		return true;
	if (key[0] == '/')
		return (is_word(key) && !path_wrong(key)) ||
		       diag_error(d,
				  "'signed_by': '%s' is no path that a line "
				  "of sources.list(5) can hold",
				  key);
	if (!is_key(key) ||
	    !strstr(key, "\n-----END PGP PUBLIC KEY BLOCK-----"))
		return diag_error(d, "'signed_by' must be the path of a "
				     "keyring, or a key in ASCII armor");
	for (const char *p = key; *p; p++)
		if (*p != '\n' &&
		    ((unsigned char)*p < ' ' || (unsigned char)*p >= 0x7f))
			return diag_error(d, "'signed_by' has a character that "
					     "is no ASCII armor");
	return true;
}

static bool check_there(const struct repository *want, struct diags *d)
{
	if (!want->uris.n)
		return diag_error(d, "'uris' is missing");
	if (!want->suites.n)
		return diag_error(d, "'suites' is missing");
	if (!want->types.n)
		return diag_error(d, "'types' must not be empty");
	return check_words("types", &want->types, is_type, d) &&
	       check_words("uris", &want->uris, is_uri, d) &&
	       check_words("suites", &want->suites, is_word, d) &&
	       check_words("components", &want->components, is_word, d) &&
	       check_words("architectures", &want->architectures,
			   is_architecture, d) &&
	       check_suites(want, d) && check_key(want, d);
}

static void put_field(struct buf *b, const char *name,
		      const struct strings *words)
{
	if (!words->n)
		return;
	buf_printf(b, "%s:", name);
	for (size_t i = 0; i < words->n; i++)
		buf_printf(b, " %s", words->v[i]);
	buf_putc(b, '\n');
}

/* Lines of a value that has many begin with a space; one that is empty is a
 * dot. */
static void put_key(struct buf *b, const char *key)
{
	buf_puts(b, "Signed-By:");
	if (key[0] == '/')
		buf_printf(b, " %s", key);
	buf_putc(b, '\n');
	for (const char *p = key; key[0] != '/' && *p;) {
		size_t n = strcspn(p, "\n");

		buf_printf(b, " %.*s\n", (int)(n ? n : 1), n ? p : ".");
		p += n + (p[n] == '\n');
	}
}

static void render(struct repository *want, struct arena *a)
{
	AUTO_BUF struct buf b = { 0 };

	put_field(&b, "Types", &want->types);
	put_field(&b, "URIs", &want->uris);
	put_field(&b, "Suites", &want->suites);
	put_field(&b, "Components", &want->components);
	put_field(&b, "Architectures", &want->architectures);
	if (want->r.set & BIT(SIGNED_BY))
		put_key(&b, want->signed_by);
	want->content = content_of(arena_strdup(a, buf_text(&b)), b.size);
	want->r.set |= BIT(CONTENT);
}

static bool check(void *record, struct arena *a, struct diags *d)
{
	struct repository *want = record;

	if (!check_name(want, d))
		return false;
	want->path = arena_printf(a, "/etc/apt/sources.list.d/%s.sources",
				  want->name);
	want->r.set |= BIT(PATH);
	if (want->ensure == ABSENT)
		return true;
	if (!check_there(want, d))
		return false;
	render(want, a);
	return true;
}

static void edges(const void *record, struct edges *e)
{
	const struct repository *want = record;

	edges_after_path(e, want->path, false, "its folder");
	if ((want->r.set & BIT(SIGNED_BY)) && want->signed_by[0] == '/')
		edges_after_path(e, want->signed_by, true, "its key");
}

static bool observe(const struct host *h, const void *want_record,
		    void *have_record, struct arena *a, struct diags *d)
{
	const struct repository *want = want_record;
	struct repository *have = have_record;
	struct node *node = &have->file.node;

	if (!managed_look(h, want->path, &want->content, &have->file, d))
		return false;
	have->r.set = BIT(ENSURE);
	have->ensure = node->type == NODE_ABSENT ? ABSENT : PRESENT;
	if (node->type == NODE_UNKNOWN) {
		rows_unknown(&have->r, ENSURE, ROWS, node->because);
		return true;
	}
	if (node->type == NODE_ABSENT)
		return true;
	have->r.set |= BIT(TYPE);
	have->type = node_type_name(node->type);
	managed_show(&have->file, &have->r, CONTENT, &have->content);
	return managed_show_perms(h, &have->file, true, &have->r,
				  BIT(MODE) | BIT(OWNER), &have->perms, a, d);
}

static bool apply(struct host *h, const struct step *step, struct arena *a,
		  struct diags *d)
{
	const struct repository *want = step->want, *have = step->have;

	if (want->ensure == ABSENT)
		return managed_remove(h, &have->file, d);
	return managed_put(h, &have->file, &want->content, a, d);
}

const struct module apt_repository_module = {
	.name = "apt_repository",
	.summary = "Where apt gets packages from. All packages come after it, "
		   "and the lists are fetched before they are installed.",
	.example = "\"apt_repository:docker\": {\n"
		   "  \"uris\": \"https://download.docker.com/linux/debian\",\n"
		   "  \"suites\": \"bookworm\",\n"
		   "  \"components\": \"stable\",\n"
		   "  \"signed_by\": \"/etc/apt/keyrings/docker.asc\"\n"
		   "},\n"
		   "\"file:/etc/apt/keyrings/docker.asc\": {\n"
		   "  \"source\": \"files/docker.asc\"\n"
		   "},\n"
		   "\"package:docker-ce\": {}\n",
	.size = sizeof(struct repository),
	.attrs = attrs,
	.nattrs = ROWS,
	.check = check,
	.edges = edges,
	.observe = observe,
	.apply = apply,
	.batched = true,
	.leaf = true,
};
