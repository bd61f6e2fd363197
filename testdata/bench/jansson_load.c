/* SPDX-License-Identifier: MIT */
/*
 * jansson_load [FILE] loads a JSON file and frees it again: what any program
 * that reads its manifest with Jansson pays first. Without FILE it only
 * starts.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

int main(int n, char **arguments)
{
	json_error_t error;
	json_t *json;

	if (n < 2)
		return EXIT_SUCCESS;
	json = json_load_file(arguments[1], 0, &error);
	if (!json) {
		fprintf(stderr, "%s:%d:%d: %s\n", arguments[1], error.line,
			error.column, error.text);
		return EXIT_FAILURE;
	}
	json_decref(json);
	return EXIT_SUCCESS;
}
