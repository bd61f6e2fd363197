/* SPDX-License-Identifier: MIT */
/* When a cron job runs: the first five fields of a line, or a word. */
#ifndef CONVERGE_MODULES_PARTS_SCHEDULE_H
#define CONVERGE_MODULES_PARTS_SCHEDULE_H

#include "lib/module.h"

/*
 * Whether cron(8) takes it: five fields of numbers, names, ranges, steps and
 * lists of them, or one of the words that begin with '@' (crontab(5), and
 * entry.c of Vixie cron 3.0, which most hosts run). False with a diagnostic.
 */
bool schedule_check(const char *text, struct diags *);

#endif
