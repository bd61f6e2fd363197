/* SPDX-License-Identifier: MIT */
/* What comes out of a program: its first and last bytes. */
#include "lib/host/linux/process/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/auto.h"
#include "lib/host/linux/process/child.h"

enum { CHUNKS = 64 }; /* reads of one stream before the clock is looked at */

static void stream_add(struct stream *s, const char *bytes, size_t n)
{
	size_t room = s->first - s->head.size;
	size_t first = n < room ? n : room;

	buf_add(&s->head, bytes, first);
	bytes += first;
	n -= first;
	if (n && !s->tail)
		s->tail = xrealloc(NULL, CHILD_KEEP);
	while (n) {
		size_t at = s->beyond % CHILD_KEEP;
		size_t take = n < CHILD_KEEP - at ? n : CHILD_KEEP - at;

		memcpy(s->tail + at, bytes, take);
		s->beyond += take;
		bytes += take;
		n -= take;
	}
}

void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void stream_read(struct stream *s)
{
	char chunk[16384];

	for (int i = 0; s->fd >= 0 && i < CHUNKS; i++) {
		ssize_t n = read(s->fd, chunk, sizeof(chunk));

		if (n > 0)
			stream_add(s, chunk, (size_t)n);
		else if (n < 0 && errno == EAGAIN)
			return;
		else if (n == 0 || errno != EINTR)
			close_fd(&s->fd);
	}
}

static void add_omission(struct buf *b, size_t left_out)
{
	if (b->size && b->text[b->size - 1] != '\n')
		buf_putc(b, '\n');
	buf_printf(b, "... %zu bytes left out ...\n", left_out);
}

void stream_finish(struct stream *s, struct buf *to)
{
	close_fd(&s->fd);
	*to = s->head;
	if (s->beyond <= CHILD_KEEP) {
		buf_add(to, s->tail, s->beyond);
	} else {
		size_t at = s->beyond % CHILD_KEEP;

		add_omission(to, s->beyond - CHILD_KEEP);
		buf_add(to, s->tail + at, CHILD_KEEP - at);
		buf_add(to, s->tail, at);
	}
	free(s->tail);
}
