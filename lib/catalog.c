/* SPDX-License-Identifier: MIT */
#include "lib/catalog.h"

#include <string.h>

#include "lib/base/path.h"
#include "lib/text/escape.h"

/* --- what every resource takes --- */

static const char *const disruptions[] = { "none",   "reload", "restart",
					   "reboot", "data",   NULL };

const char *disruption_name(enum disruption class)
{
	return disruptions[class];
}

int disruption_parse(const char *text)
{
	for (int i = 0; text && disruptions[i]; i++)
		if (strcmp(disruptions[i], text) == 0)
			return i;
	return -1;
}

static bool read_sensitive(const struct reading *r, const struct attr *attr,
			   const json_t *value, void *field)
{
	struct strings *names = field;

	*names = (struct strings){ 0 };
	if (json_is_false(value))
		return true;
	if (!json_is_true(value))
		return kind_texts.read(r, attr, value, field);
	strings_add(names, r->arena, "*");
	return true;
}

static json_t *show_sensitive(const struct attr *attr, const void *field)
{
	return kind_texts.show(attr, field);
}

static json_t *schema_sensitive(const struct attr *attr)
{
	return json_pack("{s:[{s:s}, o]}", "anyOf", "type", "boolean",
			 kind_texts.schema(attr));
}

static void pack_sensitive(struct pack *p, const struct attr *attr, void *field,
			   bool set)
{
	kind_texts.pack(p, attr, field, set);
}

static const struct kind kind_sensitive = { "true or list of attributes",
					    sizeof(struct strings),
					    read_sensitive,
					    NULL,
					    show_sensitive,
					    schema_sensitive,
					    pack_sensitive };

#define AT(member) offsetof(struct common, member)

const struct attr common_attrs[] = {
	{ .name = "require",
	  .kind = &kind_texts,
	  .offset = AT(require),
	  .doc = "Resources that must be right before this one is looked at: "
		 "an id such as \"package:nginx\", or a list." },
	{ .name = "before",
	  .kind = &kind_texts,
	  .offset = AT(before),
	  .doc = "Resources that come after this one." },
	{ .name = "notify",
	  .kind = &kind_texts,
	  .offset = AT(notify),
	  .doc = "Resources that come after this one and are refreshed, once "
		 "and last, when it changed." },
	{ .name = "subscribe",
	  .kind = &kind_texts,
	  .offset = AT(subscribe),
	  .doc = "Resources whose change refreshes this one." },
	{ .name = "noop",
	  .kind = &kind_bool,
	  .offset = AT(noop),
	  .fallback = "false",
	  .doc = "Report drift, but never change anything." },
	{ .name = "sensitive",
	  .kind = &kind_sensitive,
	  .offset = AT(sensitive),
	  .doc = "Names of attributes that no output may show, or true for "
		 "all." },
	{ .name = "disruption",
	  .kind = &kind_choice,
	  .offset = AT(disruption),
	  .choices = disruptions,
	  .doc = "How much a change of this resource disturbs, where the type "
		 "cannot know." },
	{ .name = "tags",
	  .kind = &kind_texts,
	  .offset = AT(tags),
	  .doc = "Words by which --tags picks resources." },
	{ .name = "description",
	  .kind = &kind_text,
	  .offset = AT(description),
	  .doc = "What it is for." },
};
const size_t common_attrs_n = COUNT(common_attrs);

/* Keys that an earlier stage has dealt with. */
static bool is_done(const char *key)
{
	return strcmp(key, "//") == 0 || strcmp(key, "when") == 0 ||
	       strcmp(key, "for_each") == 0;
}

/* --- records --- */

struct defaults {
	const struct module *module;
	void *record; /* NULL: nobody needed it yet */
};

const struct module *module_find(const struct module *const *list,
				 const char *name, size_t n)
{
	for (size_t i = 0; list[i]; i++)
		if (strlen(list[i]->name) == n &&
		    memcmp(list[i]->name, name, n) == 0)
			return list[i];
	return NULL;
}

static const struct attr *attr_find(const struct attr *attrs, size_t n,
				    const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(attrs[i].name, name) == 0 &&
		    !(attrs[i].flags & ATTR_INTERNAL))
			return &attrs[i];
	return NULL;
}

static bool read_default(struct catalog *c, const struct attr *attr,
			 void *record, struct diags *d)
{
	struct reading r = { .arena = c->arena, .diags = d };
	json_t *value = json_loads(attr->fallback, JSON_DECODE_ANY, NULL);

	json_array_append_new(c->manifest->owned, value);
	return attr->kind->read(&r, attr, value, (char *)record + attr->offset);
}

static void read_defaults(struct catalog *c, const struct attr *attrs, size_t n,
			  void *record, struct diags *d)
{
	struct record *r = record;

	for (size_t i = 0; i < n; i++)
		if (attrs[i].fallback && read_default(c, &attrs[i], record, d))
			r->set |= BIT(i);
}

static void prepare_defaults(struct catalog *c)
{
	const struct module *const *list = c->modules;
	size_t n = 0;

	while (list[n])
		n++;
	c->defaults = arena_array(c->arena, struct defaults, n + 1);
	for (size_t i = 0; i < n; i++)
		c->defaults[i] = (struct defaults){ list[i], NULL };
}

static void *default_record(struct catalog *c, struct defaults *of)
{
	const struct module *m = of->module;
	AUTO_DIAGS struct diags ignored = { 0 };

	if (of->record)
		return of->record;
	of->record = arena_alloc(c->arena, m->size);
	read_defaults(c, m->attrs, m->nattrs, of->record, &ignored);
	return of->record;
}

static void *new_record(struct catalog *c, const struct module *module)
{
	size_t i = 0;

	if (!c->defaults)
		prepare_defaults(c);
	while (c->defaults[i].module != module)
		i++;
	return arena_memdup(c->arena, default_record(c, &c->defaults[i]),
			    module->size);
}

static void unknown_attribute(struct catalog *c, const struct resource *res,
			      const char *key, struct diags *d)
{
	struct strings known = { 0 };
	const char *near;

	for (size_t i = 0; i < res->module->nattrs; i++)
		if (!(res->module->attrs[i].flags & ATTR_INTERNAL))
			strings_add(&known, c->arena,
				    res->module->attrs[i].name);
	for (size_t i = 0; i < common_attrs_n; i++)
		strings_add(&known, c->arena, common_attrs[i].name);
	near = strings_nearest(key, &known);
	diag_error(d, "unknown attribute \"%s\"%s%s%s", key,
		   near ? "; did you mean \"" : "", near ? near : "",
		   near ? "\"?" : "");
}

static bool read_field(struct catalog *c, const struct resource *res,
		       const struct attr *attrs, const struct attr *attr,
		       json_t *value, void *record, struct diags *d)
{
	struct scope scope = c->manifest->scope;
	struct reading reading = { .arena = c->arena,
				   .diags = d,
				   .tree = c->manifest->tree,
				   .scope = &scope,
				   .html = c->manifest->html };
	struct record *r = record;
	uint64_t bit = BIT(attr - attrs);

	scope.each = res->each;
	r->written |= bit;
	if (!(attr->flags & ATTR_SECRET) && secret_within(value))
		return diag_error(d, "'%s' takes no secret", attr->name);
	if (!attr->kind->read(&reading, attr, value,
			      (char *)record + attr->offset))
		return false;
	r->set |= bit;
	if (!attr_is_secret(attr, (char *)record + attr->offset))
		return true;
	r->secret |= bit;
	/* a template may have brought it */
	return (attr->flags & ATTR_SECRET) ||
	       diag_error(d, "'%s' takes no secret", attr->name);
}

static bool read_attribute(struct catalog *c, struct resource *res,
			   const char *key, json_t *value, struct diags *d)
{
	const struct module *module = res->module;
	const struct attr *attr = attr_find(module->attrs, module->nattrs, key);
	size_t before = d->n;
	bool ok = false, known = true;

	if (attr) {
		ok = read_field(c, res, module->attrs, attr, value, res->want,
				d);
	} else {
		attr = attr_find(common_attrs, common_attrs_n, key);
		known = attr != NULL;
		if (known)
			ok = read_field(c, res, common_attrs, attr, value,
					&res->common, d);
		else
			unknown_attribute(c, res, key, d);
	}
	if (d->n > before)
		manifest_blame(c->manifest, d, before,
			       manifest_attribute(c->manifest, res->pointer,
						  res->id, key),
			       known ? SOURCE_AT_VALUE : SOURCE_AT_KEY,
			       res->id);
	return ok;
}

/* The name of an id stands for the attribute that is marked so. */
static bool read_name(struct catalog *c, struct resource *res, struct diags *d)
{
	const struct module *module = res->module;
	const struct record *r = res->want;
	bool ok = true;

	for (size_t i = 0; i < module->nattrs; i++) {
		const struct attr *attr = &module->attrs[i];
		json_t *name;

		if (!(attr->flags & ATTR_NAME) || (r->written & BIT(i)))
			continue;
		name = json_string(res->name);
		/* what a host has below a folder may be named so */
		if (!name)
			return diag_error(d, "its name is not valid UTF-8");
		json_array_append_new(c->manifest->owned, name);
		ok &= read_field(c, res, module->attrs, attr, name, res->want,
				 d);
	}
	return ok;
}

static bool check_required(const struct resource *res, struct diags *d)
{
	const struct record *r = res->want;
	bool ok = true;

	for (size_t i = 0; i < res->module->nattrs; i++)
		if ((res->module->attrs[i].flags & ATTR_REQUIRED) &&
		    !((r->set | r->written) & BIT(i)))
			ok = diag_error(d, "'%s' is missing",
					res->module->attrs[i].name);
	return ok;
}

static bool check_sensitive(const struct resource *res, struct diags *d)
{
	const struct strings *names = &res->common.sensitive;
	bool ok = true;

	for (size_t i = 0; i < names->n; i++)
		if (strcmp(names->v[i], "*") != 0 &&
		    !attr_find(res->module->attrs, res->module->nattrs,
			       names->v[i]))
			ok = diag_error(d,
					"'sensitive' names '%s', which is not "
					"an attribute of %s",
					names->v[i], res->module->name);
	return ok;
}

/* Whether key is sensitive, before "sensitive" itself could be read. */
static bool is_sensitive(const json_t *attributes, const char *key)
{
	const json_t *names = json_object_get(attributes, "sensitive"), *item;
	const char *name = json_string_value(names);
	size_t i;

	if (json_is_true(names) || (name && strcmp(name, key) == 0))
		return true;
	json_array_foreach (names, i, item)
		if (json_is_string(item) &&
		    strcmp(json_string_value(item), key) == 0)
			return true;
	return false;
}

/* A message may quote what is wrong; that of a sensitive one must not. */
static void hush(const struct catalog *c, const char *key, size_t from,
		 struct diags *d)
{
	for (size_t i = from; i < d->n; i++) {
		const char *file = d->v[i].place.file;

		/* templates have their own places, and quote no values */
		if (!file || !manifest_is_from(c->manifest, file))
			continue;
		d->v[i].text = arena_printf(
			&d->arena,
			"'%s' is wrong; it is sensitive, so no more is said",
			key);
		d->v[i].hint = NULL;
	}
}

static bool read_attributes(struct catalog *c, struct resource *res,
			    json_t *attributes, struct diags *d)
{
	const char *key;
	json_t *value;
	size_t before;
	bool ok = true;

	json_object_foreach (attributes, key, value) {
		before = d->n;
		if (!is_done(key))
			ok &= read_attribute(c, res, key, value, d);
		if (d->n > before && is_sensitive(attributes, key))
			hush(c, key, before, d);
	}
	before = d->n;
	ok &= read_name(c, res, d);
	ok &= check_required(res, d);
	ok &= check_sensitive(res, d);
	if (ok && res->module->check)
		ok = res->module->check(res->want, c->arena, d);
	if (d->n > before)
		catalog_blame(c, d, before, res);
	return ok;
}

static const struct module *type_of(struct catalog *c, const char *id,
				    const char *pointer,
				    const struct module *const *list,
				    struct diags *d)
{
	struct strings known = { 0 };
	const char *colon = strchr(id, ':'), *near;
	const struct module *module;
	struct place place;

	if (colon && colon > id && colon[1]) {
		module = module_find(list, id, (size_t)(colon - id));
		if (module)
			return module;
	}
	place = manifest_place(c->manifest, pointer, SOURCE_AT_KEY);
	if (!colon || colon == id || !colon[1]) {
		diag_error_at(d, place,
			      "'%s' is not a resource's id: write TYPE:NAME, "
			      "such as \"file:/etc/motd\"",
			      id);
		return NULL;
	}
	for (size_t i = 0; list[i]; i++)
		strings_add(&known, c->arena, list[i]->name);
	id = arena_strndup(c->arena, id, (size_t)(colon - id));
	near = strings_nearest(id, &known);
	diag_error_at(d, place, "unknown resource type \"%s\"%s%s%s", id,
		      near ? "; did you mean \"" : "", near ? near : "",
		      near ? "\"?" : "");
	return NULL;
}

bool catalog_check_keys(struct catalog *c, const char *id, json_t *attributes,
			const char *pointer, struct diags *d)
{
	struct resource res = {
		.id = id, .module = type_of(c, id, pointer, c->modules, d)
	};
	const struct module *module = res.module;
	const char *key;
	json_t *value;
	bool ok = module != NULL;

	if (!ok)
		return false;
	json_object_foreach (attributes, key, value) {
		size_t before = d->n;

		if (is_done(key) ||
		    attr_find(module->attrs, module->nattrs, key) ||
		    attr_find(common_attrs, common_attrs_n, key))
			continue;
		unknown_attribute(c, &res, key, d);
		manifest_blame(c->manifest, d, before,
			       pointer_join(c->arena, pointer, key),
			       SOURCE_AT_KEY, id);
		ok = false;
	}
	return ok;
}

static struct resource *new_resource(struct catalog *c,
				     const struct module *module,
				     const char *id, const char *pointer)
{
	struct resource *res = arena_new(c->arena, struct resource);

	*res = (struct resource){ .id = id,
				  .name = strchr(id, ':') + 1,
				  .module = module,
				  .want = new_record(c, module),
				  .common.disruption = -1,
				  .max_disruption = -1,
				  .pointer = pointer };
	return res;
}

/* --- the catalog --- */

static const char *text_of(const struct resource *res, unsigned flag)
{
	const struct record *r = res->want;

	for (size_t i = 0; i < res->module->nattrs; i++) {
		const struct attr *attr = &res->module->attrs[i];

		if ((attr->flags & flag) && (r->set & BIT(i)))
			return *(const char *const
					 *)(const void *)((const char *)
								  res->want +
							  attr->offset);
	}
	return NULL;
}

const char *resource_path(const struct resource *res)
{
	return text_of(res, ATTR_PATH);
}

const char *resource_edits(const struct resource *res)
{
	return text_of(res, ATTR_EDITS);
}

const char *resource_name(const struct resource *res)
{
	const char *name = text_of(res, ATTR_NAME);

	return name ? name : res->name;
}

bool resource_absent(const struct resource *res)
{
	for (size_t i = 0; i < res->module->nattrs; i++)
		if (res->module->attrs[i].flags & ATTR_ENSURE)
			return attr_absent(&res->module->attrs[i], res->want);
	return false;
}

bool resource_heeds(const struct resource *res)
{
	const struct module *m = res->module;

	return m->refresh && !(m->ignores && m->ignores(res->want));
}

bool resource_hides(const struct resource *res, size_t row)
{
	const struct strings *names = &res->common.sensitive;
	const struct attr *attrs = res->module->attrs;

	if (attrs[row].flags & ATTR_SENSITIVE)
		return true;
	/* "source" and "template" are other names of "content" */
	for (size_t i = 0; i < res->module->nattrs; i++)
		if (attrs[i].offset == attrs[row].offset &&
		    strings_have(names, attrs[i].name))
			return true;
	/* what a type makes of its rows may hold any of them */
	if (names->n && (attrs[row].flags & ATTR_INTERNAL) &&
	    attrs[row].kind == &kind_content)
		return true;
	return strings_have(names, "*");
}

bool resource_hides_some(const struct resource *res)
{
	const struct record *r = res->want;

	for (size_t i = 0; i < res->module->nattrs; i++)
		if ((res->module->attrs[i].flags & ATTR_SENSITIVE) &&
		    (r->set & BIT(i)))
			return true;
	return res->common.sensitive.n > 0;
}

bool resource_hushes(const struct resource *res)
{
	const struct record *r = res->want;

	return res->common.sensitive.n > 0 || r->secret;
}

struct place resource_place(const struct catalog *c, const struct resource *res)
{
	if (res->place.line)
		return (struct place){ res->place.file ? res->place.file
						       : c->manifest->name,
				       res->place.line, res->place.column };
	return manifest_place(c->manifest, res->pointer, SOURCE_AT_KEY);
}

void catalog_settle(struct catalog *c)
{
	for (size_t i = 0; i < c->n; i++) {
		c->v[i]->place = resource_place(c, c->v[i]);
		/* the usual one is not kept again and again */
		if (c->v[i]->place.file == c->manifest->name)
			c->v[i]->place.file = NULL;
	}
	manifest_digest(c->manifest);
	manifest_forget_text(c->manifest);
}

void catalog_blame(const struct catalog *c, struct diags *d, size_t from,
		   const struct resource *res)
{
	struct place place = { 0 };

	for (size_t i = from; i < d->n; i++) {
		if (!d->v[i].subject)
			d->v[i].subject = arena_strdup(&d->arena, res->id);
		if (d->v[i].place.file)
			continue;
		if (!place.file) {
			place = resource_place(c, res);
			place.file = arena_strdup(&d->arena, place.file);
		}
		d->v[i].place = place;
	}
}

const struct resource *catalog_find(const struct catalog *c, const char *id)
{
	return map_get(&c->by_id, id);
}

const struct resource *catalog_at(const struct catalog *c, const char *path)
{
	return map_get(&c->by_path, path);
}

static void miss(struct catalog *c, const char *id)
{
	map_put(&c->missed, c->arena, id, c);
}

/* Notes an id that has errors; false. */
static bool miss_resource(struct catalog *c, struct resource *res)
{
	miss(c, res->id);
	/* what it would stand for */
	if (res->module->mirror)
		miss(c, res->name);
	c->broken = arena_grow(c->arena, c->broken, c->nbroken,
			       &c->broken_capacity, sizeof(struct resource *));
	c->broken[c->nbroken++] = res;
	return false;
}

/* Whether id may be one of those that the pattern would have made. */
static bool is_made_by(const char *id, const char *pattern)
{
	const char *reference = strstr(pattern, "${");

	return reference ? strncmp(id, pattern,
				   (size_t)(reference - pattern)) == 0
			 : strcmp(id, pattern) == 0;
}

bool catalog_misses(const struct catalog *c, const char *id)
{
	const struct strings *unread = &c->manifest->unread;
	const char *path = strchr(id, ':');

	if (map_get(&c->missed, id))
		return true;
	for (size_t n = path && path[1] == '/' ? strlen(++path) : 0; n > 1;
	     n = path_parent_of(path, n))
		if (map_getn(&c->missed, path, n))
			return true;
	/* with so many nobody asks which */
	if (unread->n > DIAGS_MAX)
		return true;
	for (size_t i = 0; i < unread->n; i++)
		if (is_made_by(id, unread->v[i]))
			return true;
	return false;
}

static bool twice(struct catalog *c, const struct resource *res,
		  const struct resource *other, const char *what,
		  struct diags *d)
{
	struct place at = resource_place(c, other);

	d->subject = res->id;
	diag_error_at(d, resource_place(c, res),
		      "%s is managed twice: also by '%s' at %s:%zu:%zu", what,
		      other->id, at.file, at.line, at.column);
	d->subject = NULL;
	return false;
}

/* Nothing may take converge's memory, or the kernel's files, from under it. */
static bool check_own(struct catalog *c, const struct resource *res,
		      struct diags *d)
{
	const char *path = text_of(res, ATTR_PATH | ATTR_EDITS);
	const char *own = c->manifest->own;
	const char *wrong = NULL;

	if (!path)
		return true;
	if (path_is_foreign(path))
		wrong = "is the kernel's or converge's own, and not managed";
	else if (own && path_below(path, own, true))
		wrong = "is converge's own state, and not managed";
	else if (own && path_below(own, path, false) && resource_absent(res))
		wrong = "holds converge's own state, and is never removed";
	else if (own && path_below(own, path, false) && res->module->leaf)
		wrong = "holds converge's own state, and is no file";
	if (!wrong)
		return true;
	d->subject = res->id;
	diag_error_at(d, resource_place(c, res), "'%s' %s", path, wrong);
	d->subject = NULL;
	return false;
}

void catalog_add(struct catalog *c, struct resource *res)
{
	const char *path = resource_path(res);

	res->index = c->n;
	c->v = arena_grow(c->arena, c->v, c->n, &c->capacity,
			  sizeof(struct resource *));
	c->v[c->n++] = res;
	map_put(&c->by_id, c->arena, res->id, res);
	if (path)
		map_put(&c->by_path, c->arena, path, res);
}

static bool add(struct catalog *c, struct resource *res, struct diags *d)
{
	const char *path = resource_path(res);
	const struct resource *other = catalog_find(c, res->id);

	if (!check_own(c, res, d))
		return false;
	if (other)
		return twice(c, res, other, "it", d);
	other = path ? catalog_at(c, path) : NULL;
	if (other)
		return twice(c, res, other,
			     arena_printf(c->arena, "'%s'", path), d);
	catalog_add(c, res);
	return true;
}

static bool read_entry(struct catalog *c, const struct entry *entry,
		       const struct module *const *list, struct diags *d)
{
	const struct module *module =
		type_of(c, entry->id, entry->pointer, list, d);
	struct resource *res;

	if (!module) {
		miss(c, entry->id);
		return false;
	}
	res = new_resource(c, module, entry->id, entry->pointer);
	res->each = entry->each;
	res->max_disruption = entry->max_disruption;
	return (read_attributes(c, res, entry->attributes, d) &&
		add(c, res, d)) ||
	       miss_resource(c, res);
}

/* --- what lies above a path must be able to hold it --- */

static bool contradicts(struct catalog *c, const struct resource *res,
			const struct resource *above, const char *why,
			struct diags *d)
{
	struct place at = resource_place(c, above);
	const char *edits = resource_edits(res);

	return diag_error_at(d, resource_place(c, res),
			     "'%s' lies below '%s', which %s (%s:%zu:%zu)",
			     edits ? edits : res->name, resource_path(above),
			     why, at.file, at.line, at.column);
}

static bool check_above(struct catalog *c, const struct resource *res,
			struct diags *d)
{
	const char *path = text_of(res, ATTR_PATH | ATTR_EDITS);

	if (!path || resource_absent(res))
		return true;
	for (size_t n = path_parent(path); n > 1; n = path_parent_of(path, n)) {
		const struct resource *above = map_getn(&c->by_path, path, n);

		if (above && resource_absent(above))
			return contradicts(c, res, above, "is to be absent", d);
		if (above && above->module->leaf)
			return contradicts(c, res, above, "is to be a file", d);
	}
	return true;
}

/* What is right in whole needs no edit, and would undo it. */
static bool check_edited(struct catalog *c, const struct resource *res,
			 struct diags *d)
{
	const char *path = resource_edits(res);
	const struct resource *other = path ? catalog_at(c, path) : NULL;
	struct place at;

	if (!other ||
	    (other->module->shares && other->module->shares(other->want)))
		return true;
	at = resource_place(c, other);
	d->subject = res->id;
	diag_error_at(d, resource_place(c, res),
		      "'%s' is managed in whole by '%s' at %s:%zu:%zu, which "
		      "leaves nothing to edit",
		      path, other->id, at.file, at.line, at.column);
	d->subject = NULL;
	return false;
}

/* --- resources that stand for others --- */

bool expansion_claims(const struct expansion *e, const char *path)
{
	const char *own = e->catalog->manifest->own;

	return claims_have(e->catalog, e->host, path) ||
	       (own &&
		(path_below(path, own, true) || path_below(own, path, true)));
}

bool expansion_edits(const struct expansion *e, const char *path)
{
	return claims_edit(e->catalog, e->host, path);
}

const void *expansion_peer(const struct expansion *e, const char *path)
{
	const struct resource *res = claims_at(e->catalog, e->host, path);

	return res && res->module == e->from->module ? res->want : NULL;
}

/* Names on the host are what they are: no rule can wish them away. */
static void take_path(struct resource *res, const char *path)
{
	struct record *r = res->want;

	for (size_t i = 0; i < res->module->nattrs; i++) {
		const struct attr *attr = &res->module->attrs[i];

		if (!(attr->flags & ATTR_PATH))
			continue;
		*(const char **)(void *)((char *)res->want + attr->offset) =
			path;
		r->set |= BIT(i);
		r->written |= BIT(i);
	}
}

static const char *shown_id(struct arena *a, const char *type, const char *name)
{
	AUTO_BUF struct buf b = { 0 };

	escape_text(&b, name, strlen(name), false);
	return arena_printf(a, "%s:%s", type, buf_text(&b));
}

void expansion_add(struct expansion *e, const char *type, const char *name,
		   json_t *attributes, const char *reason)
{
	struct catalog *c = e->catalog;
	const char *id = e->from_host
				 ? shown_id(c->arena, type, name)
				 : arena_printf(c->arena, "%s:%s", type, name);
	const struct module *module = module_find(modules, type, strlen(type));
	struct resource *res;

	json_array_append_new(c->manifest->owned, attributes);
	if (!module || catalog_find(c, id) || catalog_at(c, name))
		return;
	res = new_resource(c, module, id, e->from->pointer);
	res->place = e->from->place;
	res->from = e->from;
	res->reason = arena_strdup(c->arena, reason);
	if (e->from_host)
		take_path(res, name);
	if (!read_attributes(c, res, attributes, e->diags)) {
		e->failed = true;
		return;
	}
	res->common.noop = e->from->common.noop;
	res->common.sensitive = e->from->common.sensitive;
	res->common.tags = e->from->common.tags;
	res->common.disruption = e->from->common.disruption;
	res->max_disruption = e->from->max_disruption;
	e->v = arena_grow(c->arena, e->v, e->n, &e->capacity,
			  sizeof(struct resource *));
	e->v[e->n++] = res;
}

void expansion_precedes(struct expansion *e)
{
	e->precedes = true;
}

bool catalog_expand(struct expansion *e, const struct host *h)
{
	const struct module *module = e->from->module;

	e->from_host = true;
	e->host = h;
	if (!module->expand)
		return true;
	return module->expand(h, e->from->want, e->catalog->arena, e,
			      e->diags) &&
	       !e->failed;
}

static bool mirror(struct catalog *c, const struct resource *res,
		   struct diags *d)
{
	struct expansion e = { .catalog = c, .from = res, .diags = d };
	size_t before = d->n;
	bool ok = !c->full &&
		  res->module->mirror(res->want, c->manifest->tree, c->arena,
				      &e, d) &&
		  !e.failed;

	c->full = c->full || c->n + e.n > MANIFEST_MAX_RESOURCES;
	if (c->full && e.n)
		ok = diag_error(d,
				"more than %d resources, with what is in its "
				"'source'",
				MANIFEST_MAX_RESOURCES);
	for (size_t i = 0; i < e.n && !c->full; i++)
		ok &= add(c, e.v[i], d);
	if (!ok)
		miss(c, res->name);
	if (d->n > before)
		catalog_blame(c, d, before, res);
	return ok;
}

void catalog_begin(struct catalog *c, struct manifest *m,
		   const struct module *const *list)
{
	*c = (struct catalog){ .manifest = m,
			       .arena = &m->arena,
			       .modules = list };
}

bool catalog_build(struct catalog *c, struct manifest *m,
		   const struct module *const *list, struct diags *d)
{
	size_t n;
	bool ok = true;

	catalog_begin(c, m, list);
	for (size_t i = 0; i < m->n; i++)
		ok &= read_entry(c, &m->v[i], list, d);
	n = c->n;
	for (size_t i = 0; i < n; i++)
		if (c->v[i]->module->mirror)
			ok &= mirror(c, c->v[i], d);
	for (size_t i = 0; i < c->n; i++) {
		ok &= check_above(c, c->v[i], d);
		ok &= check_edited(c, c->v[i], d);
	}
	return ok;
}
