/* SPDX-License-Identifier: MIT */
#include "modules/parts/rows.h"

const char *const row_states[] = { "present", "absent", NULL };

void rows_unknown(struct record *have, unsigned from, unsigned rows,
		  const char *because)
{
	for (unsigned i = from; i < rows; i++)
		record_unknown(have, i, because);
}
