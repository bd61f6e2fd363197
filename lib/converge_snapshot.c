/* SPDX-License-Identifier: MIT */
/*
 * The snapshot command: the planner records what it plans with; this process
 * compresses, signs and saves what it gave, and does not look into it.
 */
#include <string.h>
#include <unistd.h>

#include "lib/base/output.h"
#include "lib/host/linux/confined.h"
#include "lib/host/linux/open.h"
#include "lib/host/squeeze.h"
#include "lib/host/sshsig.h"
#include "lib/session.h"
#include "lib/snapshot/record.h"
#include "lib/snapshot/recorded.h"

#define HOST_KEY "/etc/ssh/ssh_host_ed25519_key"

enum { SNAPSHOT_MODE = 0644 };

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

static bool save(struct session *s, const char *out)
{
	AUTO_BUF struct buf packed = { 0 };
	const char *path;
	size_t size;
	const void *bytes = linux_map(s->record, &size);

	if (!bytes)
		return diag_error(&s->diags, "there is no snapshot");
	if (!squeeze_load(&s->diags) ||
	    !squeeze(bytes, size, &packed, &s->diags))
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

int converge_snapshot(const struct converge_options *options,
		      const struct converge_view *view)
{
	struct converge_options planning = *options;
	int status = CONVERGE_CANNOT_RUN;
	struct noted noted = { 0 };
	struct session s;

	planning.out = NULL; /* is not where the plan goes */
	if (session_begin(&s, &planning, view)) {
		s.noted = &noted;
		s.record = linux_memory("snapshot", &s.diags);
		if (s.record >= 0)
			status = session_open_and_plan(&s);
		if (status == CONVERGE_OK && !s.is_planner &&
		    !save(&s, options->out))
			status = CONVERGE_CANNOT_RUN;
		if (s.record >= 0)
			close(s.record);
	}
	session_end(&s);
	noted_release(&noted);
	return status;
}
