/* SPDX-License-Identifier: MIT */
/*
 * The frame of every *_test.c: TEST_SUITE(name, test, ...) is its main.
 * Uses Check (https://libcheck.github.io/check/).
 */
#ifndef CONVERGE_TEST_H
#define CONVERGE_TEST_H

#include <check.h>
#include <stdlib.h>

#define TEST_SUITE(name, ...)                                                 \
	int main(void)                                                        \
	{                                                                     \
		const TTest *const tests[] = { __VA_ARGS__ };                 \
		Suite *suite = suite_create(name);                            \
		TCase *tcase = tcase_create(name);                            \
		SRunner *runner;                                              \
		int failed;                                                   \
                                                                              \
		tcase_set_timeout(tcase, 120);                                \
		for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) \
			tcase_add_test(tcase, tests[i]);                      \
		suite_add_tcase(suite, tcase);                                \
		runner = srunner_create(suite);                               \
		srunner_run_all(runner, CK_ENV);                              \
		failed = srunner_ntests_failed(runner);                       \
		srunner_free(runner);                                         \
		return failed ? EXIT_FAILURE : EXIT_SUCCESS;                  \
	}

#endif
