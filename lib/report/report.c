/* SPDX-License-Identifier: MIT */
#include "lib/report/report.h"

#include <nettle/hmac.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/date.h"
#include "lib/host/history.h"
#include "lib/text/escape.h"

const char *action_name(enum action action)
{
	static const char *const names[] = {
		[ACTION_NONE] = "none",       [ACTION_CREATE] = "create",
		[ACTION_UPDATE] = "update",   [ACTION_REMOVE] = "remove",
		[ACTION_REFRESH] = "refresh", [ACTION_UNKNOWN] = "unknown",
	};

	return names[action];
}

static const void *field(const struct attr *attr, const void *record)
{
	return (const char *)record + attr->offset;
}

/* Whether its values say nothing of what is in a file. */
static bool is_of_no_content(const struct attr *attr)
{
	const struct kind *const kinds[] = { &kind_choice, &kind_bool,
					     &kind_mode, &kind_owner,
					     &kind_group };

	for (size_t i = 0; i < COUNT(kinds); i++)
		if (attr->kind == kinds[i])
			return true;
	return false;
}

static json_t *value_before(const struct change *c, size_t row)
{
	const struct attr *attr = &c->res->module->attrs[row];
	const struct record *have = c->have;

	if (!(have->set & BIT(row)) || (have->unknown & BIT(row)))
		return json_null();
	if (c->veiled && !is_of_no_content(attr))
		return json_pack("{s:b}", "hidden", 1);
	return attr->kind->show(attr, field(attr, c->have));
}

/* A symbolic mode is shown as what it comes to. */
static json_t *value_after(const struct change *c, size_t row)
{
	const struct attr *attr = &c->res->module->attrs[row];
	const struct record *have = c->have;
	const struct mode *want = field(attr, c->res->want);
	const struct mode *before = field(attr, c->have);
	char text[8];

	if (attr->kind == &kind_mode && (have->set & BIT(row)))
		return json_string(mode_text(
			mode_apply(want, before->octal, before->is_directory),
			text));
	return attr->kind->show(attr, field(attr, c->res->want));
}

static json_t *attributes(const struct change *c)
{
	json_t *all = json_object();

	for (size_t i = 0; c->have && i < c->res->module->nattrs; i++) {
		const char *name = c->res->module->attrs[i].name;

		if (!(c->differ & BIT(i)))
			continue;
		if (resource_hides(c->res, i))
			json_object_set_new(all, name,
					    json_pack("{s:b}", "sensitive", 1));
		else
			json_object_set_new(all, name,
					    json_pack("{s:o, s:o}", "before",
						      value_before(c, i),
						      "after",
						      value_after(c, i)));
	}
	return all;
}

static void digest_text(const char *text, size_t size, char hex[DIGEST_HEX])
{
	unsigned char digest[DIGEST_SIZE];
	struct sha256_ctx context;

	sha256_init(&context);
	sha256_update(&context, size, (const uint8_t *)text);
	sha256_digest(&context, sizeof(digest), digest);
	digest_hex(digest, hex);
}

/* Rows of a record that are set: those that are hidden, or all others. */
static json_t *values(const struct resource *res, const void *record,
		      bool hidden)
{
	const struct record *r = record;
	json_t *all = json_object();

	for (size_t i = 0; r && i < res->module->nattrs; i++) {
		const struct attr *attr = &res->module->attrs[i];

		if ((r->set & BIT(i)) && resource_hides(res, i) == hidden)
			json_object_set_new(
				all, attr->name,
				attr->kind->show(attr, field(attr, record)));
	}
	return all;
}

/*
 * A digest of what changes, from what to what, without the host. Of hidden
 * values it must not depend: they could be guessed from it. What a command
 * does is all that is said of it.
 */
static void change_id(const struct change *c, json_t *what, char id[17])
{
	json_t *command = c->res->module->opaque
				  ? values(c->res, c->res->want, false)
				  : json_null();
	json_t *whole = json_pack("[s, s, O, o]", c->res->id,
				  action_name(c->action), what, command);
	char *text = json_dumps(whole, JSON_COMPACT | JSON_SORT_KEYS);
	char hex[DIGEST_HEX];

	digest_text(text, strlen(text), hex);
	memcpy(id, hex, 16);
	id[16] = '\0';
	free(text);
	json_decref(whole);
}

static void set_text(json_t *object, const char *key, const char *text)
{
	if (text)
		json_object_set_new(object, key, escape_json(text));
}

enum { DAY = 24 * 60 * 60, LAST_DAY = 2932896 /* 9999-12-31 */ };

void report_time(json_t *object, const char *key, int64_t time)
{
	char day[DATE_SIZE], text[DATE_SIZE + 16];
	int second = (int)(time % DAY);

	if (time / DAY > LAST_DAY)
		return;
	date_text(time / DAY, day);
	snprintf(text, sizeof(text), "%sT%02d:%02d:%02dZ", day, second / 3600,
		 second / 60 % 60, second % 60);
	json_object_set_new(object, key, json_string(text));
}

void report_past(json_t *object, const struct past *past)
{
	static const char *const bounds[] = {
		[SINCE_END] = "end",
		[SINCE_LIMIT] = "limit",
	};
	json_t *tickets = json_array();

	for (size_t i = 0; i < past->tickets.n; i++)
		json_array_append_new(tickets, json_string(past->tickets.v[i]));
	set_text(object, "commit", past->commit.id);
	report_time(object, "date", past->commit.date);
	set_text(object, "author", past->commit.author);
	set_text(object, "subject", past->commit.subject);
	json_object_set_new(object, "tickets", tickets);
	if (past->since != SINCE_COMMIT)
		set_text(object, "bound", bounds[past->since]);
}

static json_t *causes(const struct change *c)
{
	json_t *list = json_array();

	for (size_t i = 0; i < c->ncauses; i++)
		json_array_append_new(list, json_string(c->causes[i]->res->id));
	return list;
}

json_t *report_change(const struct plan *plan, const struct change *c)
{
	json_t *j, *what = attributes(c);
	char id[17];

	change_id(c, what, id);
	j = json_pack("{s:s, s:s, s:o, s:o, s:s, s:s, s:b}", "id", c->res->id,
		      "action", action_name(c->action), "attributes", what,
		      "origin", resource_origin(plan->graph->catalog, c->res),
		      "change", id, "disruption",
		      disruption_name(c->disruption), "undoable", c->undoable);
	if (c->past)
		report_past(json_object_get(j, "origin"), c->past);
	set_text(j, "because", c->because);
	set_text(j, "reason", c->res->reason);
	set_text(j, "diff", c->diff);
	set_text(j, "withheld", c->withheld);
	set_text(j, "failed", c->failed);
	set_text(j, "skipped", c->skipped);
	set_text(j, "owed", c->owed);
	if (c->refresh)
		json_object_set_new(j, "causes", causes(c));
	return j;
}

enum column {
	CREATE,
	UPDATE,
	REMOVE,
	REFRESH,
	UNKNOWN,
	WITHHELD,
	UNCHANGED,
	FAILED,
	COLUMNS,
};

static const char *const columns[COLUMNS] = {
	"create",  "update",   "remove",    "refresh",
	"unknown", "withheld", "unchanged", "failed",
};

static enum column column_of(const struct change *c)
{
	static const enum column by_action[] = {
		[ACTION_NONE] = UNCHANGED,  [ACTION_CREATE] = CREATE,
		[ACTION_UPDATE] = UPDATE,   [ACTION_REMOVE] = REMOVE,
		[ACTION_REFRESH] = REFRESH, [ACTION_UNKNOWN] = UNKNOWN,
	};

	if (c->failed || c->skipped)
		return FAILED;
	return c->withheld ? WITHHELD : by_action[c->action];
}

static bool is_made(const struct change *c)
{
	return column_of(c) == UPDATE || column_of(c) == REMOVE;
}

static json_t *summary_json(const size_t counts[COLUMNS], enum disruption worst)
{
	json_t *j = json_object();

	for (size_t i = 0; i < COLUMNS; i++)
		json_object_set_new(j, columns[i],
				    json_integer((json_int_t)counts[i]));
	json_object_set_new(j, "disruption",
			    json_string(disruption_name(worst)));
	return j;
}

json_t *report_head(const struct plan *plan)
{
	const struct manifest *m = plan->graph->catalog->manifest;
	json_t *head = json_pack("{s:s, s:s, s:s}", "format", "converge.plan/1",
				 "host", m->host, "source", m->name);

	report_commit(head, m->commit);
	return head;
}

void report_commit(json_t *head, const struct commit *c)
{
	json_t *commit;

	if (!c)
		return;
	commit = json_object();
	report_time(commit, "date", c->date);
	set_text(commit, "author", c->author);
	set_text(commit, "subject", c->subject);
	set_text(commit, "name", c->name);
	json_object_set_new(head, "revision", json_string(c->id));
	json_object_set_new(head, "commit", commit);
}

json_t *report_summary(const struct plan *plan)
{
	size_t counts[COLUMNS] = { [UNCHANGED] = plan->unchanged };
	enum disruption worst = DISRUPTION_NONE;

	for (size_t i = 0; i < plan->n; i++) {
		const struct change *c = plan->v[i];

		counts[column_of(c)]++;
		if (is_made(c))
			counts[REMOVE] += c->takes;
		if (!c->withheld && c->disruption > worst)
			worst = c->disruption;
	}
	return summary_json(counts, worst);
}

json_t *report_plan(const struct plan *plan)
{
	json_t *j = report_head(plan), *changes = json_array();
	const char *digest = manifest_digest(plan->graph->catalog->manifest);

	json_object_set_new(j, "digest", json_string(digest));
	for (size_t i = 0; i < plan->n; i++)
		json_array_append_new(changes, report_change(plan, plan->v[i]));
	json_object_set_new(j, "summary", report_summary(plan));
	json_object_set_new(j, "changes", changes);
	return j;
}

/* Of what a change hides, or NULL: it hides nothing. */
static json_t *seal(const struct change *c, const char *key)
{
	json_t *hidden = json_pack("[o, o]", values(c->res, c->res->want, true),
				   values(c->res, c->have, true));
	char *text = json_dumps(hidden, JSON_COMPACT | JSON_SORT_KEYS);
	unsigned char digest[DIGEST_SIZE];
	struct hmac_sha256_ctx context;
	char hex[DIGEST_HEX];

	hmac_sha256_set_key(&context, strlen(key), (const uint8_t *)key);
	hmac_sha256_update(&context, strlen(text), (const uint8_t *)text);
	hmac_sha256_digest(&context, sizeof(digest), digest);
	free(text);
	json_decref(hidden);
	return json_string(digest_hex(digest, hex));
}

/* That it was not written to since: see struct module's stands. */
static json_t *stands(const struct change *c)
{
	const struct step step = { c->res->want, c->have, c->differ,
				   c->action };
	const struct node *node = c->res->module->stands && c->have
					  ? c->res->module->stands(&step)
					  : NULL;

	return node ? json_pack("[I, I, I]", (json_int_t)node->inode,
				(json_int_t)node->size, (json_int_t)node->mtime)
		    : NULL;
}

void report_seals(const struct plan *plan, json_t *document, const char *key)
{
	json_t *changes = json_object_get(document, "changes");

	for (size_t i = 0; i < plan->n; i++) {
		json_t *change = json_array_get(changes, i);

		if (resource_hides_some(plan->v[i]->res))
			json_object_set_new(change, "seal",
					    seal(plan->v[i], key));
		json_object_set_new(change, "stands", stands(plan->v[i]));
	}
}

json_t *report_event(const struct plan *plan, const struct change *c,
		     enum verdict verdict, const char *text)
{
	json_t *j = report_change(plan, c);

	json_object_set_new(j, "format", json_string("converge.event/1"));
	json_object_set_new(j, "event", json_string("change"));
	json_object_set_new(j, "result", json_string(verdict_name(verdict)));
	set_text(j, "text", text);
	return j;
}

json_t *report_end(const struct plan *plan, const struct applied *applied,
		   int status)
{
	const size_t *verdicts = applied->counts, *done = applied->done;
	const size_t unchanged = plan->unchanged + verdicts[VERDICT_UNCHANGED];
	json_t *summary =
		json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
			  "created", (json_int_t)done[ACTION_CREATE], "updated",
			  (json_int_t)done[ACTION_UPDATE], "removed",
			  (json_int_t)done[ACTION_REMOVE], "refreshed",
			  (json_int_t)done[ACTION_REFRESH], "failed",
			  (json_int_t)verdicts[VERDICT_FAILED], "skipped",
			  (json_int_t)verdicts[VERDICT_SKIPPED], "withheld",
			  (json_int_t)verdicts[VERDICT_WITHHELD], "left",
			  (json_int_t)verdicts[VERDICT_LEFT], "unchanged",
			  (json_int_t)unchanged);

	return json_pack("{s:s, s:s, s:s, s:o, s:i}", "format",
			 "converge.event/1", "event", "end", "host",
			 plan->graph->catalog->manifest->host, "summary",
			 summary, "exit", status);
}
