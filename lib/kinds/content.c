/* SPDX-License-Identifier: MIT */
/* Content: text of the manifest, and files, templates, folders of the world. */
#include "lib/kinds/kinds.h"

#include <string.h>

#include "lib/base/path.h"
#include "lib/host/content.h"
#include "lib/host/repository.h"
#include "lib/host/tarball.h"
#include "lib/text/remote.h"
#include "lib/text/sealed.h"
#include "lib/text/template.h"

bool secret_is_sealed(const struct tree *world, const char *path)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	char first[SEALED_FIRST_SIZE];
	struct reader r;
	size_t size = 0;
	long n = 0;

	if (!tree_open(world, path, &r, &ignored))
		return false;
	while (size < sizeof(first) &&
	       (n = reader_next(&r, first + size, sizeof(first) - size)) > 0)
		size += (size_t)n;
	reader_close(&r);
	return size == sizeof(first) &&
	       memcmp(first, SEALED_FIRST, sizeof(first)) == 0;
}

static bool check_sealed(const struct reading *r, const char *path)
{
	if (!r->sealed || secret_is_sealed(r->tree, path))
		return true;
	diag_error(r->diags, "'%s' is not a sealed secret", path);
	diag_hint(r->diags,
		  "if it was a secret it is none any more: seal "
		  "another with: converge secret seal %s",
		  path);
	return false;
}

/* That it is there, and sealed, is all that can be said of it here. */
static bool check_secrets(const struct reading *r, const struct cuts *cuts)
{
	struct tree_entry entry;

	for (size_t i = 0; i < cuts->n && !r->unsealed; i++) {
		const char *path = cuts->v[i].secret;

		if (!r->tree)
			return diag_error(r->diags,
					  "a secret needs files beside the "
					  "manifest");
		if (!tree_entry(r->tree, path, r->arena, &entry, r->diags))
			return false;
		if (entry.type == TREE_FILE && !check_sealed(r, path))
			return false;
		if (entry.type == TREE_FILE)
			continue;
		diag_error(r->diags, "there is no secret '%s' in '%s'", path,
			   r->tree->name);
		diag_hint(r->diags, "seal it with: converge secret seal %s",
			  path);
		return false;
	}
	return true;
}

bool sealed_content(const struct reading *r, const struct buf *text,
		    const struct cuts *cuts, struct content *c)
{
	if (!check_secrets(r, cuts))
		return false;
	*c = content_of(arena_memdup(r->arena, buf_text(text), text->size + 1),
			text->size);
	c->world = cuts->n ? r->tree : NULL;
	c->cuts = cuts->v;
	c->ncuts = cuts->n;
	return true;
}

bool read_sealed(const struct reading *r, const struct attr *attr,
		 const json_t *value, enum spelling spelling,
		 struct content *field)
{
	struct cuts cuts = { .arena = r->arena, .spelling = spelling };
	AUTO_BUF struct buf text = { 0 };
	const char *wrong = secret_text(&text, &cuts, value);

	if (wrong)
		return diag_error(r->diags, "'%s': %s", attr->name, wrong);
	return sealed_content(r, &text, &cuts, field);
}

static bool read_content(const struct reading *r, const struct attr *attr,
			 const json_t *value, void *field)
{
	if (secret_is(value))
		return read_sealed(r, attr, value, SPELL_PLAIN, field);
	if (!string_of(r, attr, value))
		return false;
	*(struct content *)field =
		content_of(json_string_value(value), json_string_length(value));
	return true;
}

static bool equal_content(const void *want, const void *have)
{
	const struct content *w = want, *h = have;

	if (w->same_as == h || h->same_as == w)
		return true;
	if (w->ncuts || h->ncuts || h->hidden)
		return false;
	return w->size == h->size && w->has_digest && h->has_digest &&
	       memcmp(w->digest, h->digest, DIGEST_SIZE) == 0;
}

/* The sealed file as it is, which says nothing of what is in it. */
static json_t *show_secret(const struct content *c, const struct cut *cut)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	struct content sealed = { .tree = c->world, .path = cut->secret };
	char hex[DIGEST_HEX];

	return content_digest(&sealed, &ignored)
		       ? json_string(digest_hex(sealed.digest, hex))
		       : json_null();
}

json_t *show_secrets(const struct content *c)
{
	json_t *secrets = json_object();

	for (size_t i = 0; i < c->ncuts; i++)
		json_object_set_new(secrets, c->cuts[i].secret,
				    show_secret(c, &c->cuts[i]));
	return secrets;
}

/* A digest of the whole, or its size, would tell of the secret. */
static json_t *show_sealed(const struct content *c)
{
	AUTO_BUF struct buf text = { 0 };
	AUTO_DIAGS struct diags ignored = { 0 };
	struct content veiled;
	char hex[DIGEST_HEX] = "";

	content_veiled(c, &text);
	veiled = content_of(buf_text(&text), text.size);
	if (content_digest(&veiled, &ignored))
		digest_hex(veiled.digest, hex);
	return json_pack("{s:s, s:o}", "sha256", hex, "secrets",
			 show_secrets(c));
}

static json_t *show_content(const struct attr *attr, const void *field)
{
	struct content c = *(const struct content *)field;
	struct diags ignored = { 0 };
	char hex[DIGEST_HEX] = "";

	(void)attr;
	if (c.same_as)
		c = *c.same_as;
	if (c.hidden)
		return json_pack("{s:b}", "hidden", 1);
	if (c.ncuts)
		return show_sealed(&c);
	if (content_digest(&c, &ignored))
		digest_hex(c.digest, hex);
	diags_release(&ignored);
	return json_pack("{s:I, s:s}", "size", (json_int_t)c.size, "sha256",
			 hex);
}

/* In order, and each within the bytes. */
static void pack_cuts(struct pack *p, struct content *c)
{
	struct cut *v;
	size_t least = 0;

	pack_tree(p, &c->world);
	v = pack_array(p, &c->cuts, c->ncuts, sizeof(*v));
	pack_expect(p, !c->ncuts || (c->bytes && c->world));
	c->ncuts = v ? c->ncuts : 0;
	for (size_t i = 0; i < c->ncuts; i++) {
		pack_expect(p, v[i].at >= least && v[i].at <= c->size);
		least = v[i].at;
		pack_expect(p, v[i].spelling <= SPELL_HASH);
		pack_text(p, &v[i].secret);
		pack_expect(p, v[i].secret && (p->out || !secret_path_wrong(
								 v[i].secret)));
		if (p->wrong)
			return;
	}
}

void pack_content(struct pack *p, const struct attr *attr, void *field,
		  bool set)
{
	struct content *c = field;

	(void)attr;
	c->same_as = NULL;
	c->has_digest = false;
	c->hidden = false;
	pack_tree(p, &c->tree);
	pack_expect(p, !c->tree || (c->path && !c->bytes));
	pack_text(p, &c->path);
	pack_bytes(p, &c->bytes, c->size);
	pack_expect(p, !set || c->bytes || c->tree);
	pack_cuts(p, c);
}

static json_t *schema_content(const struct attr *attr)
{
	return schema_or_secret(attr, schema_string(attr));
}

const struct kind kind_content = { "text",       sizeof(struct content),
				   read_content, equal_content,
				   show_content, schema_content,
				   pack_content };

/* Looks at a path of the world; false, and says so, when that is not there. */
static bool look_at(const struct reading *r, const char *path,
		    enum tree_type type, struct tree_entry *entry)
{
	if (!tree_entry(r->tree, path, r->arena, entry, r->diags))
		return false;
	if (entry->type == type)
		return true;
	if (entry->type == TREE_ABSENT)
		return diag_error(r->diags, "there is no '%s' in '%s'", path,
				  r->tree->name);
	if (entry->type == TREE_LINK)
		return diag_error(r->diags,
				  "'%s' is a link, and what it leads to is not "
				  "taken",
				  path);
	return diag_error(r->diags, "'%s' is not a %s", path,
			  type == TREE_FILE ? "file" : "folder");
}

/* A path inside the world, and what stands there. */
static const char *world_path(const struct reading *r, const struct attr *attr,
			      const json_t *value, enum tree_type type,
			      struct tree_entry *entry)
{
	const char *path = string_of(r, attr, value), *wrong;

	if (!path)
		return NULL;
	wrong = path_relative_wrong(path);
	if (wrong) {
		diag_error(r->diags, "'%s' %s", attr->name, wrong);
		return NULL;
	}
	if (!r->tree) {
		diag_error(r->diags, "'%s' needs files beside the manifest",
			   attr->name);
		return NULL;
	}
	return look_at(r, path, type, entry) ? path : NULL;
}

static bool read_source(const struct reading *r, const struct attr *attr,
			const json_t *value, void *field)
{
	struct tree_entry entry;
	const char *path = world_path(r, attr, value, TREE_FILE, &entry);

	if (!path)
		return false;
	*(struct content *)field = (struct content){ .tree = r->tree,
						     .path = path,
						     .size = entry.size };
	return true;
}

static json_t *schema_world_path(const struct attr *attr)
{
	(void)attr;
	return schema_pattern("^" COMPONENT "(/" COMPONENT ")*$");
}

const struct kind kind_source = { "file of the world", sizeof(struct content),
				  read_source,         equal_content,
				  show_content,        schema_world_path,
				  pack_content };

static bool read_tarball(const struct reading *r, const struct attr *attr,
			 const json_t *value, void *field)
{
	struct tarball *t = field;
	const char *text = string_of(r, attr, value), *wrong;
	bool is_tls;

	*t = (struct tarball){ 0 };
	if (!text)
		return false;
	if (!strstr(text, "://"))
		return read_source(r, attr, value, &t->content);
	t->url = text;
	t->content.path = remote_masked(text, r->arena);
	wrong = remote_http_wrong(text, &is_tls);
	return !wrong || diag_error(r->diags, "'%s': '%s' %s", attr->name,
				    t->content.path, wrong);
}

static json_t *show_tarball(const struct attr *attr, const void *field)
{
	const struct tarball *t = field;

	(void)attr;
	return json_string(t->content.path);
}

/* Unlike other content its digest was taken, and what the table says is true
 * of that alone. */
static void pack_tarball(struct pack *p, const struct attr *attr, void *field,
			 bool set)
{
	struct tarball *t = field;
	bool digested = t->content.has_digest;
	bool is_tls;

	t->before = NULL;
	t->had = (struct table){ 0 };
	t->is_here = false;
	pack_text(p, &t->url);
	if (t->url) {
		t->content = (struct content){ .path = t->content.path };
		t->table = (struct table){ 0 };
		t->unread = false;
		pack_expect(p, p->out || !remote_http_wrong(t->url, &is_tls));
		pack_text(p, &t->content.path);
		pack_expect(p, t->content.path);
		return;
	}
	pack_content(p, attr, &t->content, set);
	t->content.has_digest = digested;
	pack_bool(p, &t->content.has_digest);
	pack_bool(p, &t->unread);
	table_pack(p, &t->table);
}

static json_t *schema_tarball(const struct attr *attr)
{
	(void)attr;
	return schema_pattern("^(" COMPONENT "(/" COMPONENT ")*|"
			      "https?://[^/@]+/.*)$");
}

const struct kind kind_tarball = { "archive",    sizeof(struct tarball),
				   read_tarball, NULL,
				   show_tarball, schema_tarball,
				   pack_tarball };

static bool read_remote(const struct reading *r, const struct attr *attr,
			const char *url, struct git_source *source)
{
	enum transport transport;
	const char *wrong = remote_wrong(url, &transport);

	*source = (struct git_source){ .url = url, .unfetched = true };
	if (!wrong)
		return true;
	diag_error(r->diags, "'%s': '%s' %s", attr->name,
		   remote_masked(url, r->arena), wrong);
	diag_hint(r->diags, "a repository on this machine is an absolute path");
	return false;
}

/* What it is must not be quoted as it is: it may have a password in it. */
static bool read_repository(const struct reading *r, const struct attr *attr,
			    const json_t *value, void *field)
{
	const char *text = string_of(r, attr, value);

	if (!text)
		return false;
	if (text[0] != '/')
		return read_remote(r, attr, text, field);
	if (path_wrong(text))
		return diag_error(r->diags,
				  "'%s' must be the absolute path of a "
				  "repository on this machine",
				  attr->name);
	*(struct git_source *)field = (struct git_source){ .path = text };
	return true;
}

static json_t *show_repository(const struct attr *attr, const void *field)
{
	const struct git_source *r = field;

	(void)attr;
	return json_string(r->url ? r->url : r->path);
}

static void pack_repository(struct pack *p, const struct attr *attr,
			    void *field, bool set)
{
	struct git_source *r = field;

	(void)attr;
	git_source_pack(p, r);
	pack_expect(p, !set || r->path || r->url);
}

static json_t *schema_repository(const struct attr *attr)
{
	(void)attr;
	return schema_pattern("^(/" COMPONENT "(/" COMPONENT ")*|"
			      "https://[^/@]+/.*|ssh://[^-/].*/.*|"
			      "[A-Za-z0-9._]+[A-Za-z0-9._-]*@[^-:/]+:[^-].*)$");
}

const struct kind kind_repository = {
	"repository",    sizeof(struct git_source), read_repository, NULL,
	show_repository, schema_repository,         pack_repository
};

enum { TEMPLATE_MAX = 4 * 1024 * 1024 };

/* {{> name}} is templates/name, wherever the tag stands. */
static bool find_partial(void *context, const char **name, const char **text,
			 size_t *size)
{
	const struct reading *r = context;
	AUTO_BUF struct buf b = { 0 };
	const char *path = arena_printf(r->arena, "templates/%s", *name);
	const char *wrong = path_relative_wrong(*name);
	struct tree_entry entry;

	if (wrong)
		return diag_error(r->diags, "the partial '%s' %s", *name,
				  wrong);
	if (!look_at(r, path, TREE_FILE, &entry) ||
	    !tree_read(r->tree, path, TEMPLATE_MAX, &b, r->diags))
		return false;
	*name = path;
	*text = arena_memdup(r->arena, buf_text(&b), b.size + 1);
	*size = b.size;
	return true;
}

static bool read_template(const struct reading *r, const struct attr *attr,
			  const json_t *value, void *field)
{
	AUTO_BUF struct buf text = { 0 };
	AUTO_BUF struct buf out = { 0 };
	struct tree_entry entry;
	const char *path = world_path(r, attr, value, TREE_FILE, &entry);
	struct reading copy = *r;
	struct template_options options = { .partial = find_partial,
					    .context = &copy,
					    .html = r->html };
	struct cuts cuts = { .arena = r->arena };
	struct scope scope = *r->scope;

	scope.cuts = &cuts;
	/* it was told when nothing was left */
	if (r->scope->left && !*r->scope->left)
		return false;
	if (!path || !tree_read(r->tree, path, TEMPLATE_MAX, &text, r->diags))
		return false;
	*(struct content *)field = content_of("", 0);
	if (r->check_only)
		return template_check(path, buf_text(&text), text.size,
				      r->diags);
	if (!template_render(path, buf_text(&text), text.size, &scope, &options,
			     &out, r->diags))
		return false;
	if (!scope_spend(r->scope, out.size))
		return diag_error(r->diags, SCOPE_TOO_MUCH);
	return sealed_content(r, &out, &cuts, field);
}

const struct kind kind_template = { "template of the world",
				    sizeof(struct content),
				    read_template,
				    equal_content,
				    show_content,
				    schema_world_path,
				    pack_content };

static bool read_folder(const struct reading *r, const struct attr *attr,
			const json_t *value, void *field)
{
	struct tree_entry entry;
	const char *path = world_path(r, attr, value, TREE_DIRECTORY, &entry);

	*(const char **)field = path;
	return path != NULL;
}

const struct kind kind_folder = {
	"folder of the world", sizeof(char *),    read_folder, NULL,
	show_string,           schema_world_path, pack_string
};
