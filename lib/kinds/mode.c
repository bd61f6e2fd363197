/* SPDX-License-Identifier: MIT */
/* Modes and umasks. */
#include "lib/kinds/kinds.h"

#include "lib/base/mode.h"

static bool read_mode(const struct reading *r, const struct attr *attr,
		      const json_t *value, void *field)
{
	const char *text, *wrong;
	struct mode *mode = field;

	if (json_is_integer(value))
		return diag_error(
			r->diags,
			"'%s' must be a string: write \"%04" JSON_INTEGER_FORMAT
			"\", with the quotes",
			attr->name, json_integer_value(value));
	text = string_of(r, attr, value);
	if (!text)
		return false;
	wrong = mode_parse(text, mode);
	if (wrong)
		return diag_error(r->diags, "'%s' %s", attr->name, wrong);
	mode->text = mode->n ? text : NULL;
	return true;
}

/* have is what mode_apply made of it: see kind_mode in attr.h. */
static bool equal_mode(const void *want, const void *have)
{
	const struct mode *w = want, *h = have;

	return mode_apply(w, h->octal, h->is_directory) == h->octal;
}

static json_t *show_mode(const struct attr *attr, const void *field)
{
	const struct mode *m = field;
	char text[8];

	(void)attr;
	return json_string(m->text ? m->text : mode_text(m->octal, text));
}

/* See mode_parse: "go=" takes all away, "go+" says nothing. */
#define CLAUSE "[ugoa]*(=([ugo]|[rwxXst]*)|[+-]([ugo]|[rwxXst]+))+"

static json_t *schema_mode(const struct attr *attr)
{
	(void)attr;
	return schema_pattern("^([0-7]{3,4}|0[0-7]{4}|" CLAUSE "(," CLAUSE
			      ")*)$");
}

static void pack_mode(struct pack *p, const struct attr *attr, void *field,
		      bool set)
{
	struct mode *mode = field;

	(void)attr;
	(void)set;
	pack_expect(p, mode->n <= MODE_CLAUSES && mode->octal <= 07777);
	pack_bool(p, &mode->is_directory);
	for (size_t i = 0; i < MODE_CLAUSES; i++)
		pack_bool(p, &mode->clauses[i].exec_if);
	pack_text(p, &mode->text);
}

const struct kind kind_mode = { "mode",     sizeof(struct mode), read_mode,
				equal_mode, show_mode,           schema_mode,
				pack_mode };

static bool read_umask(const struct reading *r, const struct attr *attr,
		       const json_t *value, void *field)
{
	const char *text = json_string_value(value);
	struct mode mode;

	if (!text)
		return read_mode(r, attr, value, &mode);
	if (mode_parse(text, &mode) || mode.n || mode.octal > 0777)
		return diag_error(
			r->diags,
			"'%s' must be an octal string from \"000\" to "
			"\"0777\"",
			attr->name);
	*(int32_t *)field = mode.octal;
	return true;
}

static json_t *show_umask(const struct attr *attr, const void *field)
{
	char text[8];

	(void)attr;
	return json_string(
		mode_text((uint32_t) * (const int32_t *)field, text));
}

static json_t *schema_umask(const struct attr *attr)
{
	(void)attr;
	return schema_pattern("^0?[0-7]{3}$");
}

static void pack_umask(struct pack *p, const struct attr *attr, void *field,
		       bool set)
{
	const int32_t *umask = field;

	(void)attr;
	pack_expect(p, !set || (*umask >= 0 && *umask <= 0777));
}

const struct kind kind_umask = { "umask",    sizeof(int32_t), read_umask, NULL,
				 show_umask, schema_umask,    pack_umask };
