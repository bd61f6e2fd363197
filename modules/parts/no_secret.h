/* SPDX-License-Identifier: MIT */
/* Why attributes of several types take no secret, and what does: see no_secret
 * of struct attr. */
#ifndef CONVERGE_MODULES_PARTS_NO_SECRET_H
#define CONVERGE_MODULES_PARTS_NO_SECRET_H

#include "lib/module.h"

#define NO_SECRET_IN_ARGUMENTS                                              \
	"all users can see arguments (ps(1)): let the command read a file " \
	"that holds it"
#define NO_SECRET_IN_COMMAND                                                   \
	"all users can see arguments (ps(1)): give it as 'stdin', or let the " \
	"command read a file that holds it"
#define NO_SECRET_IN_ENV                                                     \
	"all that the command starts inherits its environment, and says it " \
	"when it fails: let it read a file that holds it"
#define NO_SECRET_IN_KERNEL "all users can read what the kernel is told here"

#endif
