/* SPDX-License-Identifier: MIT */
/* Packages that somebody asked for, and those that are held back. */
#include "lib/capture/capture.h"

/* An installer marks all that it installs as asked for. A library that others
 * need was hardly so, nor a part of every system. */
static bool was_asked_for(const struct capture *c,
			  const struct installed_package *p)
{
	return !p->basic && !p->automatic &&
	       !(p->helps && map_get(&c->installed.needed, p->name));
}

bool capture_packages(struct capture *c)
{
	for (size_t i = 0; i < c->installed.names.n; i++) {
		const struct installed_package *p = map_get(
			&c->installed.packages, c->installed.names.v[i]);
		json_t *o;

		if (!was_asked_for(c, p) && !p->held)
			continue;
		o = json_object();
		if (p->held)
			json_object_set_new(o, "hold", json_true());
		capture_add(c, "package", p->name, o);
	}
	return true;
}
