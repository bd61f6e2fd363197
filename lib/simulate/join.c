/* SPDX-License-Identifier: MIT */
/* What the processes found, as one document. */
#include <stdlib.h>
#include <string.h>

#include "lib/host/recorded.h"
#include "lib/simulate/fleet.h"

/* A sum of everything. */
struct totals {
	json_int_t hosts, passes, kills, tests, expectations, failures, unknown,
		withheld, errors;
};

static json_int_t number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static json_int_t length(const json_t *object, const char *key)
{
	return (json_int_t)json_array_size(json_object_get(object, key));
}

static void add_host(struct totals *t, const json_t *host)
{
	const json_t *test;
	size_t i;

	t->hosts++;
	t->passes += number(host, "passes");
	t->kills += number(host, "kills");
	t->withheld += number(host, "withheld");
	t->unknown += length(host, "unknown") + length(host, "assumed");
	t->failures += length(host, "failures");
	json_array_foreach (json_object_get(host, "tests"), i, test) {
		t->tests++;
		t->expectations += number(test, "expectations");
		t->failures += length(test, "failures");
	}
}

static json_t *join_hosts(const json_t *const *shares, size_t n,
			  struct totals *t)
{
	json_t *all = json_array(), *host;
	size_t i;

	for (size_t k = 0; k < n; k++)
		json_array_foreach (json_object_get(shares[k], "hosts"), i,
				    host) {
			add_host(t, host);
			json_array_append(all, host);
		}
	return all;
}

static int by_name(const void *a, const void *b)
{
	const json_t *x = *(json_t *const *)a, *y = *(json_t *const *)b;
	const char *p = json_string_value(json_object_get(x, "host"));
	const char *q = json_string_value(json_object_get(y, "host"));

	return strcmp(p ? p : "", q ? q : "");
}

static json_t *sorted(json_t *list)
{
	AUTO(arena_release) struct arena a = { 0 };
	size_t n = json_array_size(list);
	json_t **v = arena_array(&a, json_t *, n);
	json_t *to = json_array();

	for (size_t i = 0; i < n; i++)
		v[i] = json_array_get(list, i);
	if (n)
		qsort(v, n, sizeof(json_t *), by_name);
	for (size_t i = 0; i < n; i++)
		json_array_append(to, v[i]);
	json_decref(list);
	return to;
}

/* Each once: what is wrong with a role is wrong for many hosts. */
static json_t *join_errors(const json_t *const *shares, size_t n)
{
	json_t *all = json_array(), *error, *known;
	size_t i, j;

	for (size_t k = 0; k < n; k++)
		json_array_foreach (json_object_get(shares[k], "errors"), i,
				    error) {
			bool is_new = true;

			json_array_foreach (all, j, known)
				is_new &= !json_equal(error, known);
			if (is_new)
				json_array_append(all, error);
		}
	return all;
}

static void add_unused(json_t *errors, const char *file)
{
	json_array_append_new(
		errors,
		json_pack("{s:s, s:s, s:i, s:i}", "text",
			  "no host of the world is as its 'host' and 'tags' "
			  "say",
			  "file", file, "line", 1, "column", 1));
}

/* A test that is of no host tests nothing; where a host could not be read, it
 * may be of that one. */
static void find_unused(const json_t *const *shares, size_t n, json_t *errors)
{
	const char *file;
	json_t *value;

	if (!n || json_array_size(errors) ||
	    !json_is_true(json_object_get(shares[0], "all")))
		return;
	json_object_foreach (iterable(json_object_get(shares[0], "tests")),
			     file, value) {
		bool used = false;

		for (size_t k = 0; k < n; k++)
			used |= json_is_true(json_object_get(
				json_object_get(shares[k], "tests"), file));
		if (!used)
			add_unused(errors, file);
	}
}

json_t *fleet_join(const json_t *const *shares, size_t n)
{
	struct totals t = { 0 };
	json_t *hosts = sorted(join_hosts(shares, n, &t));
	json_t *errors = join_errors(shares, n);

	find_unused(shares, n, errors);
	t.errors = (json_int_t)json_array_size(errors);
	return json_pack("{s:s, s:o, s:o, s:{s:I, s:I, s:I, s:I, s:I, s:I, "
			 "s:I, s:I, s:I}}",
			 "format", "converge.tests/1", "errors", errors,
			 "hosts", hosts, "summary", "hosts", t.hosts, "passes",
			 t.passes, "kills", t.kills, "tests", t.tests,
			 "expectations", t.expectations, "failures", t.failures,
			 "unknown", t.unknown, "withheld", t.withheld, "errors",
			 t.errors);
}
