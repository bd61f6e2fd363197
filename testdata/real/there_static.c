/* SPDX-License-Identifier: MIT */
/*
 * there_static PATH...: exits 0 if all of them are there, a guard of commands.
 * Linked statically, to run in a root that has nothing else.
 */
#include <sys/stat.h>

int main(int n, char **arguments)
{
	struct stat ignored;

	for (int i = 1; i < n; i++)
		if (lstat(arguments[i], &ignored) < 0)
			return 1;
	return n < 2;
}
