/* SPDX-License-Identifier: MIT */
#include "lib/review/policies.h"

#include <string.h>

static const char *class_text(int max_disruption)
{
	return max_disruption < 0
		       ? NULL
		       : disruption_name((enum disruption)max_disruption);
}

static void add_policy(struct comparison *out, struct arena *a,
		       const struct policy_change *change)
{
	out->policies =
		arena_grow(a, out->policies, out->npolicies,
			   &out->policies_capacity, sizeof(*out->policies));
	out->policies[out->npolicies++] = *change;
}

/* Those of roles show on their resources. */
static void compare_classes(const struct catalog *old,
			    const struct catalog *new, const size_t *match,
			    struct arena *a, struct comparison *out)
{
	enum { CLASSES = DISRUPTION_DATA + 2 };
	size_t counts[CLASSES][CLASSES] = { 0 };

	for (size_t i = 0; i < new->n; i++)
		if (match[i])
			counts[old->v[match[i] - 1]->max_disruption + 1]
			      [new->v[i]->max_disruption + 1]++;
	for (int i = 0; i < CLASSES; i++)
		for (int j = 0; j < CLASSES; j++)
			if (i != j && counts[i][j])
				add_policy(out, a,
					   &(struct policy_change){
						   "max_disruption",
						   class_text(i - 1),
						   class_text(j - 1),
						   counts[i][j] });
}

static const char *removals_text(const struct policy *p, struct arena *a)
{
	return p->max_removals < 0
		       ? NULL
		       : arena_printf(a, "%ld%s", p->max_removals,
				      p->removals_percent ? "%" : "");
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

void compare_policies(const struct host_at *old_host,
		      const struct host_at *new_host, const size_t *match,
		      struct arena *a, struct comparison *out)
{
	const struct policy *old = &old_host->manifest.policy,
			    *new = &new_host->manifest.policy;
	struct policy_change change = { "max_removals", removals_text(old, a),
					removals_text(new, a), 0 };

	if (!same_text(change.old, change.new))
		add_policy(out, a, &change);
	if (old->max_disruption != new->max_disruption)
		add_policy(out, a,
			   &(struct policy_change){
				   "max_disruption",
				   class_text(old->max_disruption),
				   class_text(new->max_disruption), 0 });
	compare_classes(&old_host->catalog, &new_host->catalog, match, a, out);
}
