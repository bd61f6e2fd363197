/* SPDX-License-Identifier: MIT */
/*
 * The snapshot command: the planner records what it plans with; this process
 * compresses, signs and saves what it gave, and does not look into it.
 */
#include <unistd.h>

#include "lib/host/linux/process/confined.h"
#include "lib/host/recorder.h"
#include "lib/session/session.h"

static bool save(struct session *s, const char *out)
{
	size_t size;
	const void *bytes = linux_map(s->record, &size);

	return bytes ? session_save_record(s, bytes, size, out)
		     : diag_error(&s->diags, "there is no snapshot");
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
		s.saves = options->out;
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
