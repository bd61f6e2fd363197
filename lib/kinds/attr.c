/* SPDX-License-Identifier: MIT */
#include "lib/kinds/attr.h"

#include <string.h>

static uint64_t state_rows(const struct attr *attrs, size_t n)
{
	uint64_t rows = 0;

	for (size_t i = 0; i < n; i++)
		if (attrs[i].flags & ATTR_STATE)
			rows |= BIT(i);
	return rows;
}

static const void *field(const struct attr *attr, const void *record)
{
	return (const char *)record + attr->offset;
}

/* When want is "absent", nothing but that counts, and what goes with it. */
static uint64_t rows_that_count(const struct attr *attrs, size_t n,
				const void *want)
{
	uint64_t rows = state_rows(attrs, n), going = 0;
	bool absent = false;

	for (size_t i = 0; i < n; i++) {
		if (attrs[i].flags & (ATTR_ENSURE | ATTR_GOING))
			going |= BIT(i);
		absent |= (attrs[i].flags & ATTR_ENSURE) &&
			  attr_absent(&attrs[i], want);
	}
	return absent ? rows & going : rows;
}

bool attr_absent(const struct attr *attr, const void *record)
{
	const int *choice = field(attr, record);

	return strcmp(attr->choices[*choice], "absent") == 0;
}

void record_unknown(struct record *have, unsigned row, const char *because)
{
	have->unknown |= BIT(row);
	have->because = because;
}

uint64_t record_differ(const struct attr *attrs, size_t n, const void *want,
		       const void *have)
{
	const struct record *w = want, *h = have;
	uint64_t rows = rows_that_count(attrs, n, want) & w->set, differ = 0;

	for (size_t i = 0; i < n; i++) {
		if (!(rows & BIT(i)))
			continue;
		if ((h->unknown & BIT(i)) || !(h->set & BIT(i)) ||
		    !attrs[i].kind->equal(field(&attrs[i], want),
					  field(&attrs[i], have)))
			differ |= BIT(i);
	}
	return differ;
}

bool record_same(const struct attr *attrs, size_t n, const void *a,
		 const void *b)
{
	const struct record *ra = a, *rb = b;
	uint64_t rows = state_rows(attrs, n);

	if ((ra->set & rows) != (rb->set & rows) || ra->unknown != rb->unknown)
		return false;
	for (size_t i = 0; i < n; i++) {
		json_t *ja, *jb;
		bool same;

		if (!(rows & ra->set & BIT(i)))
			continue;
		ja = attrs[i].kind->show(&attrs[i], field(&attrs[i], a));
		jb = attrs[i].kind->show(&attrs[i], field(&attrs[i], b));
		same = json_equal(ja, jb);
		json_decref(ja);
		json_decref(jb);
		if (!same)
			return false;
	}
	return true;
}
