/* SPDX-License-Identifier: MIT */
/* Snapshots of this host: recorded with what a plan was made from, then packed
 * by a process that does not look into them. */
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/output.h"
#include "lib/host/linux/source/open.h"
#include "lib/host/squeeze.h"
#include "lib/host/sshsig.h"
#include "lib/session/session.h"
#include "lib/snapshot/record.h"
#include "lib/snapshot/recorded.h"

#define HOST_KEY "/etc/ssh/ssh_host_ed25519_key"

enum { SNAPSHOT_MODE = 0644 };

char *session_record(struct session *s)
{
	struct record_options o = {
		.host = session_host(s),
		.revision = s->commit.id,
		.own = session_own_path(s),
		.time = (int64_t)time(NULL),
		.facts = session_facts(s, "", 0),
		.plan = &s->plan,
		.noted = s->noted,
		.veiled = session_veiled(s),
		.contents = s->options->contents,
	};
	json_t *document;
	char *text;

	if (s->facts.wrong)
		return NULL;
	o.owed = session_owed(s, &o.nowed);
	document = record_host(s->host, &o, &s->diags);
	text = document ? json_dumps(document, JSON_COMPACT | JSON_SORT_KEYS)
			: NULL;
	json_decref(document);
	return text;
}

/* With the host's own key, which nobody else has. */
static void sign(struct session *s, struct buf *b)
{
	const char *key = arena_printf(&s->arena, "%s" HOST_KEY,
				       s->root[1] ? s->root : "");
	AUTO_BUF struct buf signature = { 0 };
	const char *wrong =
		sshsig_make(key, RECORDED_PURPOSE, b, &signature, &s->arena);

	if (wrong)
		diag_warning(&s->diags, "the snapshot is not signed: %s",
			     wrong);
	else
		squeeze_sign(b, &signature);
}

bool session_save_record(struct session *s, const void *bytes, size_t n,
			 const char *out)
{
	AUTO_BUF struct buf packed = { 0 };
	const char *path;

	if (!squeeze_load(&s->diags) || !squeeze(bytes, n, &packed, &s->diags))
		return false;
	sign(s, &packed);
	if (!out)
		return write_all(STDOUT_FILENO, packed.text, packed.size) ||
		       diag_error(&s->diags, "the snapshot could not be "
					     "written to standard output");
	path = linux_absolute(s->options->cwd, out, &s->arena, &s->diags);
	return path && linux_save(path, packed.text, packed.size, SNAPSHOT_MODE,
				  &s->diags);
}
