/* SPDX-License-Identifier: MIT */
/*
 * floor_packages NAME...: the least work that tells whether packages are
 * installed: dpkg's status is read once, and each stanza looked at. Exit
 * status 1: one of them is not. See deb-control(5), dpkg-query(1).
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char status_path[] = "/var/lib/dpkg/status";
static const char installed[] = "\nStatus: install ok installed\n";

static char *read_status(void)
{
	int fd = open(status_path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	size_t n = 0;
	char *text;

	if (fd < 0 || fstat(fd, &st) < 0)
		return NULL;
	text = malloc((size_t)st.st_size + 1);
	while (text && n < (size_t)st.st_size) {
		ssize_t more = read(fd, text + n, (size_t)st.st_size - n);

		if (more <= 0)
			break;
		n += (size_t)more;
	}
	close(fd);
	if (text)
		text[n] = '\0';
	return text;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Whether the stanza, which ends with '\0', is of one of the n names. */
static int counts(const char *stanza, char **names, size_t n)
{
	size_t size;
	char name[256], *key = name;

	if (strncmp(stanza, "Package: ", 9) != 0)
		return 0;
	size = strcspn(stanza + 9, "\n");
	if (size >= sizeof(name))
		return 0;
	memcpy(name, stanza + 9, size);
	name[size] = '\0';
	return bsearch(&key, names, n, sizeof(*names), compare) &&
	       strstr(stanza, installed);
}

int main(int argc, char **argv)
{
	char *text = read_status(), *end;
	size_t n = (size_t)argc - 1, found = 0;

	if (!text) {
		perror(status_path);
		return 2;
	}
	qsort(argv + 1, n, sizeof(*argv), compare);
	for (char *at = text; *at; at = end) {
		end = strstr(at, "\n\n");
		if (end) {
			end[1] = '\0';
			end += 2;
		} else {
			end = at + strlen(at);
		}
		found += (size_t)counts(at, argv + 1, n);
	}
	free(text);
	return found < n;
}
