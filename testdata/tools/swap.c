/* SPDX-License-Identifier: MIT */
/*
 * swap A B exchanges two names in one step, so that an attacker's link stands
 * where a directory stood and there is never neither: rename(2),
 * RENAME_EXCHANGE.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int n, char **arguments)
{
	if (n != 3) {
		fputs("usage: swap A B\n", stderr);
		return EXIT_FAILURE;
	}
	if (syscall(SYS_renameat2, AT_FDCWD, arguments[1], AT_FDCWD,
		    arguments[2], RENAME_EXCHANGE) < 0) {
		fprintf(stderr, "swap: cannot swap '%s' and '%s': %s\n",
			arguments[1], arguments[2], strerror(errno));
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}
