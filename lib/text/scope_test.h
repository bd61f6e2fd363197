/* SPDX-License-Identifier: MIT */
/* What the tests of names and of conditions share: a host to ask about. */
#ifndef CONVERGE_TEXT_SCOPE_TEST_H
#define CONVERGE_TEXT_SCOPE_TEST_H

#include "lib/test.h"
#include "lib/text/scope.h"

struct world {
	struct scope scope;
	json_t *facts;
	unsigned asked; /* times that facts were gathered */
	struct arena arena;
};

static inline json_t *gather(void *context, const char *name, size_t size)
{
	struct world *w = context;

	(void)name;
	(void)size;
	w->asked++;
	return w->facts;
}

static inline json_t *read_json(const char *text)
{
	json_error_t error;
	json_t *value = json_loads(text, JSON_DECODE_ANY, &error);

	ck_assert_msg(value, "%s in %s", error.text, text);
	return value;
}

static inline void set_up(struct world *w)
{
	*w = (struct world){ 0 };
	w->facts =
		read_json("{\"os\":{\"id\":\"debian\",\"version\":\"12.5\","
			  "\"like\":[]},\"memory\":{\"mib\":8192},\"load\":0.5,"
			  "\"virtual\":true,\"disk\":null,"
			  "\"nets\":[{\"name\":\"eth0\"},{\"name\":\"lo\"}],"
			  "\"sizes\":[10,20,30]}");
	w->scope = (struct scope){
		.host = json_string("web1.example.org"),
		.tags = read_json("[\"canary\",\"eu-west\"]"),
		.vars = read_json(
			"{\"name\":\"shop\",\"port\":8080,\"ratio\":0.25,"
			"\"on\":true,\"off\":false,\"none\":null,\"e\":\"\","
			"\"list\":[\"a\",\"b\",[1]],\"deep\":{\"a\":{\"b\":"
			"\"c\"}},\"0\":\"zero\",\"my-key_2\":\"k\","
			"\"tricky\":\"${vars.name}\",\"gr\xc3\xb6\xc3\x9f\":1,"
			"\"a.b\":\"dot\",\"not\":\"n\"}"),
		.each = read_json("{\"key\":\"k1\",\"value\":{\"x\":7}}"),
		.facts = gather,
		.context = w,
	};
}

static inline void tear_down(struct world *w)
{
	json_decref(w->scope.host);
	json_decref(w->scope.tags);
	json_decref(w->scope.vars);
	json_decref(w->scope.each);
	json_decref(w->facts);
	arena_release(&w->arena);
}

#define AUTO_WORLD AUTO(tear_down)

#endif
