/* SPDX-License-Identifier: MIT */
/*
 * Runs a fuzz target over files and folders of inputs, for builds without
 * libFuzzer: arguments beginning with '-' are libFuzzer's and are skipped.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>

#include "lib/base/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run_file(const char *path)
{
	AUTO_BUF struct buf b = { 0 };
	FILE *f = fopen(path, "rb");
	size_t n;

	if (!f)
		return 1;
	do {
		n = fread(buf_reserve(&b, 4096), 1, 4096, f);
		b.size += n;
	} while (n);
	fclose(f);
	LLVMFuzzerTestOneInput((const uint8_t *)b.text, b.size);
	return 0;
}

static int run_folder(const char *path, size_t *count)
{
	const struct dirent *entry;
	DIR *dir = opendir(path);
	int failed = 0;

	if (!dir)
		return 1;
	while ((entry = readdir(dir))) {
		AUTO_BUF struct buf file = { 0 };

		if (entry->d_name[0] == '.')
			continue;
		buf_printf(&file, "%s/%s", path, entry->d_name);
		failed |= run_file(file.text);
		++*count;
	}
	closedir(dir);
	return failed;
}

int main(int argc, char **argv)
{
	size_t count = 0;
	int failed = 0;

	for (int i = 1; i < argc; i++)
		if (argv[i][0] != '-')
			failed |= run_folder(argv[i], &count);
	printf("%zu inputs\n", count);
	return failed || !count;
}
