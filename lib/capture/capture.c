/* SPDX-License-Identifier: MIT */
#include "lib/capture/capture.h"

#include <string.h>

void capture_add(struct capture *c, const char *type, const char *name,
		 json_t *attributes)
{
	json_object_set_new(c->resources,
			    arena_printf(c->arena, "%s:%s", type, name),
			    attributes);
}

bool capture_has(const struct capture *c, const char *type, const char *name)
{
	return json_object_get(c->resources,
			       arena_printf(c->arena, "%s:%s", type, name));
}

json_t *capture_text(const char *text, size_t size)
{
	AUTO_BUF struct buf b = { 0 };

	for (size_t i = 0; i < size; i++) {
		if (text[i] == '$' && i + 1 < size && text[i + 1] == '{')
			buf_putc(&b, '$');
		buf_putc(&b, text[i]);
	}
	return json_stringn(buf_text(&b), b.size);
}

void capture_warn(struct capture *c, const char *subject, const char *why)
{
	c->diags->subject = subject;
	diag_warning(c->diags, "%s", why);
	c->diags->subject = NULL;
}

json_t *capture_host(const struct host *h, const char *name, struct arena *a,
		     struct diags *d)
{
	struct capture c = {
		.host = h, .arena = a, .diags = d, .resources = json_object()
	};
	bool ok = installed_read(&c.installed, h, a, d) &&
		  capture_packages(&c) && capture_accounts(&c) &&
		  capture_files(&c) && capture_mounts(&c) &&
		  capture_timezone(&c) && capture_units(&c);

	installed_release(&c.installed);
	if (ok)
		return json_pack("{s:i, s:s, s:o}", "version", 1, "host", name,
				 "resources", c.resources);
	json_decref(c.resources);
	return NULL;
}
