/* SPDX-License-Identifier: MIT */
/* From JSON to records: types, attributes, defaults. */
#include <string.h>

#include "lib/catalog/parts.h"
#include "lib/manifest/parts.h"

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

static bool no_secret(const struct attr *attr, struct diags *d)
{
	diag_error(d, "'%s' takes no secret", attr->name);
	if (attr->no_secret)
		diag_hint(d, "%s", attr->no_secret);
	return false;
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
				   .html = c->manifest->html,
				   .check_only = c->check_only,
				   .unsealed = c->manifest->unsealed,
				   .sealed = c->manifest->sealed };
	struct record *r = record;
	uint64_t bit = BIT(attr - attrs);

	scope.each = res->each;
	r->written |= bit;
	if (!(attr->flags & ATTR_SECRET) && secret_within(value))
		return no_secret(attr, d);
	if (!attr->kind->read(&reading, attr, value,
			      (char *)record + attr->offset))
		return false;
	r->set |= bit;
	if (!attr_is_secret(attr, (char *)record + attr->offset))
		return true;
	r->secret |= bit;
	/* a template may have brought it */
	return (attr->flags & ATTR_SECRET) || no_secret(attr, d);
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

/* What an override takes away is one of its attributes all the same. */
static bool check_taken(struct catalog *c, const struct resource *res,
			json_t *attributes, struct diags *d)
{
	const struct module *m = res->module;
	struct strings told = { 0 };
	const void *at = NULL;
	const char *key;
	bool ok = true;

	while ((key = manifest_patched(c->manifest, res->id, &at))) {
		size_t before = d->n;

		if (json_object_get(attributes, key) ||
		    strings_have(&told, key) ||
		    attr_find(m->attrs, m->nattrs, key) ||
		    attr_find(common_attrs, common_attrs_n, key))
			continue;
		ok = false;
		strings_add(&told, c->arena, key);
		unknown_attribute(c, res, key, d);
		manifest_blame(c->manifest, d, before,
			       manifest_attribute(c->manifest, res->pointer,
						  res->id, key),
			       SOURCE_AT_KEY, res->id);
	}
	return ok;
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

bool resource_read(struct catalog *c, struct resource *res, json_t *attributes,
		   struct diags *d)
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
	ok &= check_taken(c, res, attributes, d);
	ok &= check_required(res, d);
	ok &= check_sensitive(res, d);
	if (ok && res->module->check)
		ok = res->module->check(res->want, c->arena, d);
	if (d->n > before)
		catalog_blame(c, d, before, res);
	return ok;
}

static void unknown_type(struct catalog *c, const char *type,
			 const char *pointer, struct diags *d)
{
	struct strings known = { 0 };
	const char *near;

	for (size_t i = 0; c->modules[i]; i++)
		strings_add(&known, c->arena, c->modules[i]->name);
	near = strings_nearest(type, &known);
	diag_error_at(d, manifest_place(c->manifest, pointer, SOURCE_AT_KEY),
		      "unknown resource type \"%s\"%s%s%s", type,
		      near ? "; did you mean \"" : "", near ? near : "",
		      near ? "\"?" : "");
}

const struct module *catalog_type(struct catalog *c, const char *id,
				  const char *pointer,
				  const struct module *const *list,
				  struct diags *d)
{
	const char *colon = strchr(id, ':');
	const struct module *module;

	if (colon && colon > id && colon[1]) {
		module = module_find(list, id, (size_t)(colon - id));
		if (module)
			return module;
	}
	if (!colon || colon == id || !colon[1]) {
		diag_error_at(
			d, manifest_place(c->manifest, pointer, SOURCE_AT_KEY),
			"'%s' is not a resource's id: write TYPE:NAME, "
			"such as \"file:/etc/motd\"",
			id);
		return NULL;
	}
	unknown_type(c, arena_strndup(c->arena, id, (size_t)(colon - id)),
		     pointer, d);
	return NULL;
}

bool catalog_check_keys(struct catalog *c, const char *id, json_t *attributes,
			const char *pointer, struct diags *d)
{
	struct resource res = {
		.id = id, .module = catalog_type(c, id, pointer, c->modules, d)
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

/* --- without a host --- */

/* false: nothing is known of it, or it is wrong. */
static bool judge_value(struct catalog *c, struct resource *res,
			const char *key, json_t *value, struct diags *d)
{
	const struct module *m = res->module;

	return !manifest_has_reference(value) &&
	       (attr_find(m->attrs, m->nattrs, key) ||
		attr_find(common_attrs, common_attrs_n, key)) &&
	       read_attribute(c, res, key, value, d);
}

/* Whether all values are known and right. */
static bool judge_values(struct catalog *c, struct resource *res,
			 json_t *attributes, bool is_patch, struct diags *d)
{
	const char *key;
	json_t *value;
	bool whole = true;

	json_object_foreach (attributes, key, value) {
		size_t before = d->n;

		if (is_done(key) || (is_patch && json_is_null(value)))
			continue;
		whole &= judge_value(c, res, key, value, d);
		if (d->n > before && is_sensitive(attributes, key))
			hush(c, key, before, d);
	}
	return whole;
}

/* Those that the resource does not have itself, which are told where they
 * stand. */
static bool judge_defaults(struct catalog *c, struct resource *res,
			   json_t *attributes, json_t *defaults)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	const char *key;
	json_t *value;
	bool whole = true;

	json_object_foreach (json_object_get(defaults, res->module->name), key,
			     value)
		if (!is_done(key) && !json_object_get(attributes, key))
			whole &= judge_value(c, res, key, value, &ignored);
	return whole;
}

static bool has_required(const struct resource *res)
{
	const struct record *r = res->want;
	unsigned flags = ATTR_REQUIRED;

	if (!resource_absent(res))
		flags |= ATTR_REQUIRED_THERE;
	for (size_t i = 0; i < res->module->nattrs; i++)
		if ((res->module->attrs[i].flags & flags) && !(r->set & BIT(i)))
			return false;
	return true;
}

/* The type may come from a reference: then nothing is known. */
static bool has_type(const char *id)
{
	const char *reference = strstr(id, "${");

	return !reference || reference > id + strcspn(id, ":");
}

void catalog_judge_patch(struct catalog *c, const char *id, json_t *attributes,
			 const char *pointer, struct diags *d)
{
	const struct module *module;

	if (!has_type(id))
		return;
	catalog_check_keys(c, id, attributes, pointer, d);
	module = module_find(c->modules, id, strcspn(id, ":"));
	if (module)
		judge_values(c, resource_new(c, module, id, pointer),
			     attributes, true, d);
}

void catalog_judge(struct catalog *c, const char *id, json_t *attributes,
		   json_t *defaults, const char *pointer, struct diags *d)
{
	const struct module *module;
	struct resource *res;
	size_t before;
	bool whole;

	if (!has_type(id))
		return;
	module = catalog_type(c, id, pointer, c->modules, d);
	if (!module)
		return;
	whole = catalog_check_keys(c, id, attributes, pointer, d);
	res = resource_new(c, module, id, pointer);
	whole &= judge_values(c, res, attributes, false, d);
	before = d->n;
	whole &= !strstr(id, "${") && read_name(c, res, d);
	whole &= check_sensitive(res, d);
	whole &= judge_defaults(c, res, attributes, defaults);
	if (whole && has_required(res) && module->check)
		module->check(res->want, c->arena, d);
	if (d->n > before)
		catalog_blame(c, d, before, res);
}

bool catalog_check_defaults(struct catalog *c, json_t *defaults,
			    const char *pointer, bool attributes,
			    struct diags *d)
{
	const char *type;
	json_t *value;
	bool ok = true;

	json_object_foreach (defaults, type, value) {
		const char *at = pointer_join(c->arena, pointer, type);

		if (strcmp(type, "//") == 0)
			continue;
		if (!module_find(c->modules, type, strlen(type))) {
			unknown_type(c, type, at, d);
			ok = false;
		} else if (attributes) {
			ok &= catalog_check_keys(
				c, arena_printf(c->arena, "%s:*", type), value,
				at, d);
		}
	}
	return ok;
}

bool catalog_read_defaults(struct catalog *c, struct diags *d)
{
	const char *pointer;
	json_t *defaults;
	size_t i = 0;
	bool ok = true;

	while ((defaults = manifest_defaults(c->manifest, &i, &pointer)))
		ok &= catalog_check_defaults(c, defaults, pointer, false, d);
	return ok;
}

struct resource *resource_new(struct catalog *c, const struct module *module,
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
