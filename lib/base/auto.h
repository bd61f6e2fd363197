/* SPDX-License-Identifier: MIT */
/* The two compiler extensions that converge uses, behind names. */
#ifndef CONVERGE_BASE_AUTO_H
#define CONVERGE_BASE_AUTO_H

#include <stdlib.h>
#include <unistd.h>

#define AUTO(function) __attribute__((cleanup(function)))
#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF(nth, first) __attribute__((format(printf, nth, first)))
#define NORETURN __attribute__((noreturn))

static inline void auto_free(void *p)
{
	free(*(void **)p);
}

static inline void auto_close(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

/* free(3) and close(2) at the end of the scope. */
#define AUTO_FREE AUTO(auto_free)
#define AUTO_FD AUTO(auto_close)

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define BIT(n) (UINT64_C(1) << (n))

#endif
