/* SPDX-License-Identifier: MIT */
/* What every resource takes, whatever its type. */
#include <string.h>

#include "lib/catalog.h"

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
