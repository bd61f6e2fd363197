/* SPDX-License-Identifier: MIT */
/* A type of the world's own may be another at another revision. Pure. */
#ifndef CONVERGE_REVIEW_RETYPED_H
#define CONVERGE_REVIEW_RETYPED_H

#include "lib/module.h"

enum retyped {
	RETYPED_NOT,
	RETYPED_MANNER, /* how it is managed: when it alone is another, nothing
			   on the host is */
	RETYPED_STATE,  /* what of it is looked at, and how */
	RETYPED_WHOLE,  /* its rows are others: none can be compared */
};

/* How two types differ; set: the rows that either resource has. */
enum retyped retyped(const struct module *old, const struct module *new,
		     uint64_t set);

#endif
