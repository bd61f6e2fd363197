/* SPDX-License-Identifier: MIT */
/* Days as shadow(5) counts them, and as people write them (ISO 8601). */
#ifndef CONVERGE_BASE_DATE_H
#define CONVERGE_BASE_DATE_H

#include <stdbool.h>
#include <stdint.h>

enum { DATE_SIZE = 11 };

/* "2027-01-31" as days since 1970-01-01, which is day 0; false: it is no day
 * from then to 9999-12-31. */
bool date_parse(const char *text, int64_t *days);
/* And back. */
const char *date_text(int64_t days, char text[DATE_SIZE]);

#endif
