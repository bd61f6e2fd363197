/* SPDX-License-Identifier: MIT */
/*
 * simulated WORLD HOST [SNAPSHOT]: the host of a world, from that snapshot (a
 * file of the current folder) or an empty Debian, is converged in simulation as
 * by "converge test". Standard output is {"done": [...], "snapshot": ...}: the
 * changes that were made, and a "converge.snapshot/1" of what came of them,
 * which nobody has signed.
 */
#include <fcntl.h>
#include <stdio.h>
#include <time.h>

#include "lib/facts/picture.h"
#include "lib/report/report.h"
#include "lib/simulate/debian.h"
#include "lib/simulate/simulate.h"
#include "lib/snapshot/record.h"

/* What it is made with. */
struct maker {
	const char *host, *file;
	struct tree *tree;
	struct arena arena;
	struct documents documents;
	struct diags diags;
	struct buf bytes; /* of a snapshot */
	json_t *facts;    /* of what is imagined; owned */
	struct recorded record;
	struct simulation simulation;
};

/* An empty Debian, with what the world says of it. */
static bool imagine(struct maker *m)
{
	struct recorded *r = &m->record;
	struct document *world = documents_read(&m->documents, "converge.json",
						NULL, &m->diags),
			*host = documents_read(&m->documents, m->file, NULL,
					       &m->diags);

	if (!world || !host)
		return false;
	m->facts = facts_picture(json_object_get(world->root, "facts"), m->host,
				 json_object_get(host->root, "facts"));
	r->facts = m->facts;
	r->host = m->host;
	r->json = debian_picture(m->host);
	r->picture = host_snapshot(r->json, &m->diags);
	return r->picture;
}

static bool load(struct maker *m, const char *snapshot)
{
	struct tree *here =
		tree_of_folder(open(".", O_RDONLY | O_DIRECTORY), ".");
	bool ok = tree_read(here, snapshot, SOURCE_MAX_BYTES, &m->bytes,
			    &m->diags) &&
		  recorded_read(&m->record, buf_text(&m->bytes), m->bytes.size,
				snapshot, &m->diags);

	tree_close(here);
	return ok;
}

/* As apply reports them. */
static json_t *done(const struct pass *p)
{
	json_t *list = json_array();

	for (size_t i = 0; i < p->plan->n; i++)
		if (p->applied.verdicts[i] == VERDICT_DONE)
			json_array_append_new(
				list, report_change(p->plan, p->plan->v[i]));
	return list;
}

/* What is there, by the road that a host's own snapshot is made by. */
static json_t *record(struct maker *m)
{
	struct simulation *s = &m->simulation;
	struct noted noted = { 0 };
	struct host *recorder = host_recorder(m->record.picture, &noted);
	const struct record_options o = { .host = m->host,
					  .own = "/var/lib/converge",
					  .time = (int64_t)time(NULL),
					  .facts = m->record.facts,
					  .plan = &s->second,
					  .noted = &noted,
					  .contents = true };
	json_t *json = NULL;

	if (pass_plan(s, &s->second, recorder, &s->tally, &m->diags))
		json = record_host(m->record.picture, &o, &m->diags);
	host_close(recorder);
	noted_release(&noted);
	return json;
}

static json_t *converge(struct maker *m)
{
	struct simulation *s = &m->simulation;
	json_t *changes, *snapshot;

	s->record = &m->record;
	s->against = (struct against){ .tree = m->tree,
				       .file = m->file,
				       .is_world = true,
				       .host = m->host,
				       .documents = &m->documents };
	if (!simulate_plan(s, &m->diags))
		return NULL;
	simulate_apply(s);
	changes = done(&s->first);
	snapshot = json_array_size(s->failures) ? NULL : record(m);
	if (snapshot)
		return json_pack("{s:o, s:o}", "done", changes, "snapshot",
				 snapshot);
	json_decref(changes);
	return NULL;
}

static void tell(const struct maker *m)
{
	for (size_t i = 0; i < m->diags.n; i++)
		fprintf(stderr, "%s: %s\n", m->host, m->diags.v[i].text);
	if (m->simulation.failures)
		json_dumpf(m->simulation.failures, stderr, JSON_INDENT(1));
}

static void maker_release(struct maker *m)
{
	simulate_release(&m->simulation);
	recorded_release(&m->record);
	json_decref(m->facts);
	buf_release(&m->bytes);
	documents_release(&m->documents);
	tree_close(m->tree);
	diags_release(&m->diags);
	arena_release(&m->arena);
}

int main(int argc, char **argv)
{
	struct maker m = { 0 };
	int folder = argc >= 3 ? open(argv[1], O_RDONLY | O_DIRECTORY) : -1;
	json_t *json = NULL;

	if (folder < 0) {
		fprintf(stderr, "usage: simulated WORLD HOST [SNAPSHOT]\n");
		return 1;
	}
	m.host = argv[2];
	m.file = arena_printf(&m.arena, "hosts/%s.json", m.host);
	m.tree = tree_of_folder(folder, argv[1]);
	documents_begin(&m.documents, m.tree);
	if (argc > 3 ? load(&m, argv[3]) : imagine(&m))
		json = converge(&m);
	if (json)
		json_dumpf(json, stdout, JSON_COMPACT | JSON_SORT_KEYS);
	else
		tell(&m);
	maker_release(&m);
	json_decref(json);
	return json ? 0 : 1;
}
