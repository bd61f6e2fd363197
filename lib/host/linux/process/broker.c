/* SPDX-License-Identifier: MIT */
#include "lib/host/linux/process/broker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/output.h"
#include "lib/base/path.h"
#include "lib/host/linux/process/child.h"
#include "lib/host/linux/process/confined.h"
#include "lib/host/linux/files/walk.h"

enum {
	TICK = 200,             /* ms between two looks at stopped */
	ASK_MAX = 32 << 20,     /* bytes of a request */
	SAVE_MAX = 512 << 20,   /* of a plan */
	SINCE_MAX = 1024,       /* of a unit's name, packed */
	REPLY_MAX = 16 << 20,   /* of an answer: output is cut before */
	LIST_MAX = 65536,       /* arguments or variables */
	TIMEOUT_MAX = 86400000, /* a day */
};

enum kind {
	KIND_ASK = 1,
	KIND_SAVE = 2,
	KIND_UNITS = 3,
	KIND_SINCE = 4,
	KIND_COMPARE = 5,
	KIND_SAME = 6
};

/* Before every message, both ways; both are the same program. */
struct header {
	uint32_t kind;
	uint32_t unused;
	uint64_t size;
};

struct broker {
	int fd;
	pid_t planner;       /* in the broker; in the planner: 0 */
	int folder;          /* of save; -1: nothing may be saved */
	const char *name;    /* in it */
	const char *path;    /* as it was given */
	broker_world *world; /* see broker_give; or NULL */
	struct arena arena;
	bool (*stopped)(void *context);
	void *context;
};

/*
 * Packing: numbers of 64 bits, and bytes after their number.
 */

static void put_number(struct buf *b, int64_t n)
{
	buf_add(b, &n, sizeof(n));
}

static void put_bytes(struct buf *b, const void *bytes, size_t n)
{
	put_number(b, (int64_t)n);
	buf_add(b, bytes, n);
}

/* NULL is told from "": its length is -1. */
static void put_text(struct buf *b, const char *text)
{
	if (text)
		put_bytes(b, text, strlen(text));
	else
		put_number(b, -1);
}

static void put_strings(struct buf *b, const struct strings *s)
{
	put_number(b, (int64_t)s->n);
	for (size_t i = 0; i < s->n; i++)
		put_text(b, s->v[i]);
}

/* Unpacking goes wrong once and for all; what comes after is zero. */
struct unpacker {
	const char *at, *end;
	bool wrong;
};

static int64_t get_number(struct unpacker *r, int64_t min, int64_t max)
{
	int64_t n = 0;

	if (r->wrong || (size_t)(r->end - r->at) < sizeof(n)) {
		r->wrong = true;
		return 0;
	}
	memcpy(&n, r->at, sizeof(n));
	r->at += sizeof(n);
	if (n < min || n > max) {
		r->wrong = true;
		return 0;
	}
	return n;
}

/* NULL for none; *n is 0 then. */
static const char *get_bytes(struct unpacker *r, size_t *n)
{
	int64_t size = get_number(r, -1, r->end - r->at);
	const char *bytes = r->at;

	*n = 0;
	if (r->wrong || size < 0)
		return NULL;
	if (size > r->end - r->at) {
		r->wrong = true;
		return NULL;
	}
	r->at += size;
	*n = (size_t)size;
	return bytes;
}

static const char *get_text(struct unpacker *r, struct arena *a)
{
	size_t n;
	const char *bytes = get_bytes(r, &n);

	if (!bytes)
		return NULL;
	if (memchr(bytes, '\0', n)) {
		r->wrong = true;
		return NULL;
	}
	return arena_strndup(a, bytes, n);
}

static void get_strings(struct unpacker *r, struct arena *a, struct strings *s)
{
	int64_t n = get_number(r, 0, LIST_MAX);

	for (int64_t i = 0; i < n && !r->wrong; i++) {
		const char *text = get_text(r, a);

		if (text)
			strings_add(s, a, text);
		else
			r->wrong = true;
	}
}

static void get_buf(struct unpacker *r, struct buf *b)
{
	size_t n;
	const char *bytes = get_bytes(r, &n);

	if (bytes)
		buf_add(b, bytes, n);
}

static bool is_whole(const struct unpacker *r)
{
	return !r->wrong && r->at == r->end;
}

static int64_t within(int64_t n, int64_t min, int64_t max)
{
	return n < min ? min : n > max ? max : n;
}

static void put_command(struct buf *b, const struct command *c)
{
	put_strings(b, &c->argv);
	put_strings(b, &c->env);
	put_text(b, c->cwd);
	put_text(b, c->user);
	put_text(b, c->group);
	put_number(b, within(c->umask, -1, 0777));
	put_number(b, within(c->timeout, 0, TIMEOUT_MAX));
	if (c->input)
		put_bytes(b, c->input, c->input_size);
	else
		put_text(b, NULL);
}

static bool get_command(struct unpacker *r, struct arena *a, struct command *c)
{
	*c = (struct command){ 0 };
	get_strings(r, a, &c->argv);
	get_strings(r, a, &c->env);
	c->cwd = get_text(r, a);
	c->user = get_text(r, a);
	c->group = get_text(r, a);
	c->umask = (int32_t)get_number(r, -1, 0777);
	c->timeout = get_number(r, 0, TIMEOUT_MAX);
	c->input = get_bytes(r, &c->input_size);
	return is_whole(r);
}

static void put_outcome(struct buf *b, const struct outcome *o)
{
	put_number(b, o->ending);
	put_number(b, o->code);
	put_text(b, o->because);
	put_bytes(b, o->output.text, o->output.size);
	put_bytes(b, o->errors.text, o->errors.size);
}

static bool get_outcome(struct unpacker *r, struct arena *a, struct outcome *o)
{
	*o = (struct outcome){ 0 };
	o->ending = (enum ending)get_number(r, ENDED_EXIT, ENDED_INTERRUPTED);
	o->code = (int)get_number(r, INT32_MIN, INT32_MAX);
	o->because = get_text(r, a);
	get_buf(r, &o->output);
	get_buf(r, &o->errors);
	return is_whole(r);
}

/* Units, or why there are none to be had. */
static void put_units(struct buf *b, const struct loaded_units *units,
		      const char *wrong)
{
	put_text(b, wrong);
	put_number(b, (int64_t)units->n);
	for (size_t i = 0; i < units->n; i++) {
		put_text(b, units->v[i].id);
		put_number(b, units->v[i].loaded);
		put_number(b, units->v[i].active);
		put_text(b, units->v[i].sub);
	}
}

static bool get_units(struct unpacker *r, struct arena *a,
		      struct loaded_units *to, const char **wrong)
{
	int64_t n;

	*to = (struct loaded_units){ 0 };
	*wrong = get_text(r, a);
	n = get_number(r, 0, LIST_MAX);
	for (int64_t i = 0; i < n && !r->wrong; i++) {
		struct loaded_unit unit = { .id = get_text(r, a) };

		unit.loaded = get_number(r, false, true);
		unit.active = (enum unit_active)get_number(
			r, 0, UNIT_ACTIVE_STATES - 1);
		unit.sub = get_text(r, a);
		r->wrong |= !unit.id || !unit.sub;
		to->v = arena_grow(a, to->v, to->n, &to->capacity,
				   sizeof(*to->v));
		to->v[to->n++] = unit;
	}
	return is_whole(r);
}

/*
 * Messages.
 */

/* The broker never waits for the planner alone. False: told to stop. */
static bool is_ready(const struct broker *b, short events)
{
	struct pollfd p = { .fd = b->fd, .events = events };

	for (;;) {
		if (b->stopped && b->stopped(b->context))
			return false;
		if (child_poll(&p, 1, TICK) > 0)
			return true;
	}
}

/* All n bytes, or false: the other side is gone, or it is time to stop. */
static bool receive(const struct broker *b, void *to, size_t n)
{
	char *at = to;

	while (n) {
		ssize_t did;

		if (b->planner && !is_ready(b, POLLIN))
			return false;
		did = read(b->fd, at, n);
		if (did == 0 || (did < 0 && errno != EINTR))
			return false;
		if (did > 0) {
			at += did;
			n -= (size_t)did;
		}
	}
	return true;
}

/* In the sandbox there is no send(2); SIGPIPE is ignored (inherit.h). */
static bool push(const struct broker *b, const char *bytes, size_t n)
{
	if (!b->planner)
		return write_all(b->fd, bytes, n);
	while (n) {
		ssize_t did;

		if (!is_ready(b, POLLOUT))
			return false;
		did = send(b->fd, bytes, n, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (did < 0 && errno != EINTR && errno != EAGAIN)
			return false;
		if (did > 0) {
			bytes += did;
			n -= (size_t)did;
		}
	}
	return true;
}

static bool transmit(const struct broker *b, enum kind kind, const char *bytes,
		     size_t n)
{
	const struct header header = { .kind = kind, .size = n };
	char packed[sizeof(header)];

	memcpy(packed, &header, sizeof(header));
	return push(b, packed, sizeof(packed)) && push(b, bytes, n);
}

/* As much as is really there, so that a false size takes no memory. */
static bool receive_body(const struct broker *b, size_t n, struct buf *body)
{
	while (n) {
		size_t part = n < (1 << 20) ? n : 1 << 20;

		if (!receive(b, buf_reserve(body, part), part))
			return false;
		body->size += part;
		n -= part;
	}
	return true;
}

/*
 * The planner's side.
 */

static bool exchange(const struct broker *b, enum kind kind,
		     const char *request, size_t n, struct buf *reply,
		     struct diags *d)
{
	struct header header;

	if (!transmit(b, kind, request, n) ||
	    !receive(b, &header, sizeof(header)))
		return diag_error(d, "the broker is gone");
	if (header.kind != kind || header.size > REPLY_MAX ||
	    !receive_body(b, (size_t)header.size, reply))
		return diag_error(d, "the broker's answer is damaged");
	return true;
}

bool broker_ask(struct broker *b, const struct command *c, struct arena *a,
		struct outcome *o, struct diags *d)
{
	AUTO_BUF struct buf request = { 0 };
	AUTO_BUF struct buf reply = { 0 };
	struct unpacker r;

	*o = (struct outcome){ 0 };
	put_command(&request, c);
	if (request.size > ASK_MAX || c->argv.n > LIST_MAX ||
	    c->env.n > LIST_MAX)
		return diag_error(d, "the command '%s' is too large",
				  c->argv.n ? c->argv.v[0] : "");
	if (!exchange(b, KIND_ASK, request.text, request.size, &reply, d))
		return false;
	r = (struct unpacker){ reply.text, reply.text + reply.size, false };
	if (get_outcome(&r, a, o))
		return true;
	outcome_release(o);
	return diag_error(d, "the broker's answer is damaged");
}

bool broker_units(struct broker *b, struct arena *a, struct loaded_units *to,
		  struct diags *d)
{
	AUTO_BUF struct buf reply = { 0 };
	struct unpacker r;
	const char *wrong;

	if (!exchange(b, KIND_UNITS, "", 0, &reply, d))
		return false;
	r = (struct unpacker){ reply.text, reply.text + reply.size, false };
	if (!get_units(&r, a, to, &wrong))
		return diag_error(d, "the broker's answer is damaged");
	return !wrong || diag_error(d, "%s", wrong);
}

bool broker_since(struct broker *b, const char *id, int64_t *since,
		  struct diags *d)
{
	AUTO(arena_release) struct arena a = { 0 };
	AUTO_BUF struct buf request = { 0 };
	AUTO_BUF struct buf reply = { 0 };
	struct unpacker r;
	const char *wrong;

	put_text(&request, id);
	if (!exchange(b, KIND_SINCE, request.text, request.size, &reply, d))
		return false;
	r = (struct unpacker){ reply.text, reply.text + reply.size, false };
	wrong = get_text(&r, &a);
	*since = get_number(&r, 0, INT64_MAX);
	if (!is_whole(&r))
		return diag_error(d, "the broker's answer is damaged");
	return !wrong || diag_error(d, "%s", wrong);
}

static void put_sealed(struct buf *b, const struct content *c)
{
	put_bytes(b, c->bytes, (size_t)c->size);
	put_number(b, (int64_t)c->ncuts);
	for (size_t i = 0; i < c->ncuts; i++) {
		put_number(b, (int64_t)c->cuts[i].at);
		put_number(b, c->cuts[i].spelling);
		put_text(b, c->cuts[i].secret);
	}
}

/* What the planner says is a secret's path is one, and lies in the world. */
static bool get_cut(struct unpacker *r, struct arena *a, int64_t *least,
		    int64_t size, struct cut *cut)
{
	*least = get_number(r, *least, size);
	cut->at = (size_t)*least;
	cut->spelling = (enum spelling)get_number(r, SPELL_PLAIN, SPELL_HASH);
	cut->secret = get_text(r, a);
	return !r->wrong && cut->secret && !secret_path_wrong(cut->secret);
}

static bool get_sealed(struct unpacker *r, struct arena *a, struct content *c)
{
	struct cut *cuts;
	int64_t least = 0;
	size_t n;

	*c = (struct content){ 0 };
	c->bytes = get_bytes(r, &n);
	c->size = n;
	c->ncuts = (size_t)get_number(r, 0, LIST_MAX);
	if (r->wrong || !c->bytes)
		return false;
	c->cuts = cuts = arena_array(a, struct cut, c->ncuts);
	for (size_t i = 0; i < c->ncuts; i++)
		if (!get_cut(r, a, &least, (int64_t)c->size, &cuts[i]))
			return false;
	return true;
}

/* Asks for an enum match. */
static bool ask_match(struct broker *b, enum kind kind,
		      const struct buf *request, enum match *m, struct diags *d)
{
	AUTO(arena_release) struct arena a = { 0 };
	AUTO_BUF struct buf reply = { 0 };
	const char *wrong, *hint;
	struct unpacker r;

	if (!exchange(b, kind, request->text, request->size, &reply, d))
		return false;
	r = (struct unpacker){ reply.text, reply.text + reply.size, false };
	wrong = get_text(&r, &a);
	hint = get_text(&r, &a);
	*m = (enum match)get_number(&r, MATCH_SAME, MATCH_UNKNOWN);
	if (!is_whole(&r))
		return diag_error(d, "the broker's answer is damaged");
	if (!wrong)
		return true;
	diag_error(d, "%s", wrong);
	if (hint)
		diag_hint(d, "%s", hint);
	return false;
}

bool broker_compare(struct broker *b, const char *path, const struct content *c,
		    enum match *m, struct diags *d)
{
	AUTO_BUF struct buf request = { 0 };

	put_text(&request, path);
	put_sealed(&request, c);
	if (request.size > ASK_MAX || c->ncuts > LIST_MAX)
		return diag_error(d, "'%s' with its secrets is too large",
				  path);
	return ask_match(b, KIND_COMPARE, &request, m, d);
}

bool broker_same(struct broker *b, const struct content *x,
		 const struct content *y, enum match *m, struct diags *d)
{
	AUTO_BUF struct buf request = { 0 };

	put_sealed(&request, x);
	put_sealed(&request, y);
	if (request.size > ASK_MAX || x->ncuts > LIST_MAX ||
	    y->ncuts > LIST_MAX)
		return diag_error(d, "a text with its secrets is too large");
	return ask_match(b, KIND_SAME, &request, m, d);
}

bool broker_save(struct broker *b, const void *bytes, size_t size,
		 struct diags *d)
{
	AUTO_BUF struct buf reply = { 0 };

	if (size > SAVE_MAX)
		return diag_error(d, "the plan is too large to be saved");
	if (!exchange(b, KIND_SAVE, bytes, size, &reply, d))
		return false;
	buf_putc(&reply, '\0');
	return !reply.text[0] || diag_error(d, "%s", reply.text);
}

/*
 * The broker's side: saving.
 */

static bool make_temporary(const struct broker *b, char name[64], int *fd)
{
	uint32_t random[3];

	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return false;
	snprintf(name, 64, ".converge-%08x%08x%08x", random[0], random[1],
		 random[2]);
	*fd = openat(b->folder, name,
		     O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC,
		     0600);
	return *fd >= 0;
}

static bool fill_and_rename(const struct broker *b, int fd, const char *name,
			    const struct buf *plan)
{
	return write_all(fd, buf_text(plan), plan->size) && fsync(fd) == 0 &&
	       renameat(b->folder, name, b->folder, b->name) == 0;
}

/* A device is not written to, and not replaced (/dev/stdout). */
static bool is_replaceable(const struct broker *b)
{
	struct stat st;

	if (fstatat(b->folder, b->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT;
	return S_ISREG(st.st_mode);
}

static bool save(const struct broker *b, const struct buf *plan,
		 struct diags *d)
{
	AUTO_FD int fd = -1;
	char name[64];
	int error;

	if (b->folder < 0)
		return diag_error(d, "there is no plan to be saved");
	if (!is_replaceable(b))
		return diag_error(d, "'%s' is not a regular file", b->path);
	if (!make_temporary(b, name, &fd))
		return diag_errno(d, errno, "cannot save '%s'", b->path);
	if (!fill_and_rename(b, fd, name, plan)) {
		error = errno;
		unlinkat(b->folder, name, 0);
		return diag_errno(d, error, "cannot save '%s'", b->path);
	}
	if (fsync(b->folder) < 0)
		return diag_errno(d, errno, "cannot sync the folder of '%s'",
				  b->path);
	return true;
}

/*
 * The broker's side: requests.
 */

static bool serve_save(const struct broker *b, const struct buf *plan)
{
	AUTO_DIAGS struct diags d = { 0 };
	const char *text = save(b, plan, &d) ? "" : d.v[0].text;

	return transmit(b, KIND_SAVE, text, strlen(text));
}

static void ask(const struct host *h, const struct command *c, struct arena *a,
		struct outcome *o)
{
	AUTO_DIAGS struct diags d = { 0 };

	if (host_ask(h, c, a, o, &d))
		return;
	o->ending = ENDED_NOT_STARTED;
	o->because = arena_strdup(a, d.n ? d.v[0].text : "it was not started");
}

static bool serve_ask(const struct broker *b, const struct host *h,
		      const struct buf *request, bool *wrong)
{
	struct unpacker r = { request->text, request->text + request->size,
			      false };
	AUTO_BUF struct buf reply = { 0 };
	struct arena a = { 0 };
	struct outcome o = { 0 };
	struct command c;
	bool done;

	*wrong = !get_command(&r, &a, &c);
	if (!*wrong) {
		ask(h, &c, &a, &o);
		put_outcome(&reply, &o);
	}
	done = !*wrong && transmit(b, KIND_ASK, reply.text, reply.size);
	outcome_release(&o);
	arena_release(&a);
	return done;
}

static bool serve_units(const struct broker *b, const struct host *h)
{
	AUTO_DIAGS struct diags d = { 0 };
	AUTO_BUF struct buf reply = { 0 };
	struct loaded_units units = { 0 };
	struct arena a = { 0 };
	bool ok = units_list(linux_of(h), &a, &units, &d);

	if (ok && units.n > LIST_MAX)
		ok = diag_error(&d, "there are more than %d units", LIST_MAX);
	if (!ok)
		units.n = 0;
	put_units(&reply, &units, ok ? NULL : d.v[0].text);
	ok = transmit(b, KIND_UNITS, reply.text, reply.size);
	arena_release(&a);
	return ok;
}

static bool since(const struct host *h, const char *id, struct arena *a,
		  int64_t *when, struct diags *d)
{
	const char *wrong, *full = unit_full_name(id, a, &wrong);

	if (full != id)
		return diag_error(d, "'%s' is not the full name of a unit", id);
	return units_since(linux_of(h), id, when, d);
}

static bool serve_since(const struct broker *b, const struct host *h,
			const struct buf *request, bool *wrong)
{
	struct unpacker r = { request->text, request->text + request->size,
			      false };
	AUTO(arena_release) struct arena a = { 0 };
	AUTO_DIAGS struct diags d = { 0 };
	AUTO_BUF struct buf reply = { 0 };
	const char *id = get_text(&r, &a);
	int64_t when = 0;

	*wrong = !id || !is_whole(&r);
	if (*wrong)
		return false;
	put_text(&reply, since(h, id, &a, &when, &d) ? NULL : d.v[0].text);
	put_number(&reply, when < 0 ? 0 : when);
	return transmit(b, KIND_SINCE, reply.text, reply.size);
}

static bool tell_match(const struct broker *b, enum kind kind, bool ok,
		       enum match m, const struct diags *d)
{
	AUTO_BUF struct buf reply = { 0 };

	put_text(&reply, ok ? NULL : d->v[0].text);
	put_text(&reply, ok ? NULL : d->v[0].hint);
	put_number(&reply, m);
	return transmit(b, kind, reply.text, reply.size);
}

static const struct tree *world_of(const struct broker *b)
{
	return b->world ? b->world(b->context) : NULL;
}

static bool serve_compare(const struct broker *b, const struct host *h,
			  const struct buf *request, bool *wrong)
{
	struct unpacker r = { request->text, request->text + request->size,
			      false };
	AUTO(arena_release) struct arena a = { 0 };
	AUTO_DIAGS struct diags d = { 0 };
	enum match m = MATCH_UNKNOWN;
	const char *path = get_text(&r, &a);
	struct content c;
	bool ok;

	*wrong = r.wrong || !path || path_wrong(path) ||
		 !get_sealed(&r, &a, &c) || !c.ncuts || !is_whole(&r) ||
		 !(c.world = world_of(b));
	if (*wrong)
		return false;
	ok = host_compare(h, path, &c, &m, &d);
	return tell_match(b, KIND_COMPARE, ok, m, &d);
}

static bool serve_same(const struct broker *b, const struct host *h,
		       const struct buf *request, bool *wrong)
{
	struct unpacker r = { request->text, request->text + request->size,
			      false };
	AUTO(arena_release) struct arena a = { 0 };
	AUTO_DIAGS struct diags d = { 0 };
	enum match m = MATCH_UNKNOWN;
	struct content x, y;
	bool ok;

	*wrong = !get_sealed(&r, &a, &x) || !get_sealed(&r, &a, &y) ||
		 !is_whole(&r) || !(x.world = y.world = world_of(b));
	if (*wrong)
		return false;
	ok = host_same(h, &x, &y, &m, &d);
	return tell_match(b, KIND_SAME, ok, m, &d);
}

/* False: that was the last; wrong: for it was none. */
static bool serve_one(const struct broker *b, const struct host *h, bool *wrong)
{
	AUTO_BUF struct buf body = { 0 };
	struct header header;

	if (!receive(b, &header, sizeof(header)))
		return false;
	*wrong = ((header.kind != KIND_ASK && header.kind != KIND_COMPARE &&
		   header.kind != KIND_SAME) ||
		  header.size > ASK_MAX) &&
		 (header.kind != KIND_SAVE || header.size > SAVE_MAX) &&
		 (header.kind != KIND_UNITS || header.size > 0) &&
		 (header.kind != KIND_SINCE || header.size > SINCE_MAX);
	if (*wrong || !receive_body(b, (size_t)header.size, &body))
		return false;
	if (header.kind == KIND_SAVE)
		return serve_save(b, &body);
	if (header.kind == KIND_UNITS)
		return serve_units(b, h);
	if (header.kind == KIND_SINCE)
		return serve_since(b, h, &body, wrong);
	if (header.kind == KIND_COMPARE)
		return serve_compare(b, h, &body, wrong);
	if (header.kind == KIND_SAME)
		return serve_same(b, h, &body, wrong);
	return serve_ask(b, h, &body, wrong);
}

int broker_serve(struct broker *b, const struct host *h,
		 bool (*stopped)(void *context), void *context, struct diags *d)
{
	bool wrong = false, told;
	int status;

	b->stopped = stopped;
	b->context = context;
	while (serve_one(b, h, &wrong))
		;
	told = stopped && stopped(context);
	status = confined_wait(b->planner, wrong || told, stopped, context);
	if (wrong)
		diag_error(d, "the planner sent a request that is none");
	else if (WIFSIGNALED(status) && !(stopped && stopped(context)))
		diag_error(d, "the planner was killed by signal %d (%s)",
			   WTERMSIG(status), strsignal(WTERMSIG(status)));
	return status;
}

/*
 * Starting.
 */

/* The folder now, as the planner is not there yet. */
static bool open_folder(struct broker *b, int at, const char *save,
			struct diags *d)
{
	const char *slash;

	b->folder = -1;
	if (!save)
		return true;
	slash = strrchr(save, '/');
	b->path = arena_strdup(&b->arena, save);
	b->name = arena_strdup(&b->arena, slash ? slash + 1 : save);
	if (!b->name[0] || strcmp(b->name, ".") == 0 ||
	    strcmp(b->name, "..") == 0)
		return diag_error(d, "'%s' is not the name of a file", save);
	b->folder =
		openat(at,
		       !slash          ? "."
		       : slash == save ? "/"
				       : arena_strndup(&b->arena, save,
						       (size_t)(slash - save)),
		       O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return b->folder >= 0 ||
	       diag_errno(d, errno, "cannot open the folder of '%s'", save);
}

/* The planner does not outlive its broker. */
static void become_planner(struct broker *b, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != parent)
		_exit(EXIT_FAILURE);
	if (b->folder >= 0)
		close(b->folder);
	b->folder = -1;
}

static bool start(struct broker *b, struct diags *d)
{
	pid_t parent = getpid();
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return diag_errno(d, errno, "cannot make a socket");
	fflush(NULL);
	b->planner = fork();
	if (b->planner < 0) {
		diag_errno(d, errno, "cannot start the planner");
		close(ends[0]);
		close(ends[1]);
		return false;
	}
	b->fd = ends[b->planner ? 0 : 1];
	close(ends[b->planner ? 1 : 0]);
	if (b->planner == 0)
		become_planner(b, parent);
	return true;
}

struct broker *broker_start(int at, const char *save, struct diags *d)
{
	struct broker *b = xrealloc(NULL, sizeof(*b));

	*b = (struct broker){ .fd = -1 };
	if (open_folder(b, at, save, d) && start(b, d))
		return b;
	broker_free(b);
	return NULL;
}

void broker_give(struct broker *b, broker_world *world)
{
	b->world = world;
}

bool broker_is_planner(const struct broker *b)
{
	return b->planner == 0;
}

int broker_fd(const struct broker *b)
{
	return b->fd;
}

void broker_free(struct broker *b)
{
	if (!b)
		return;
	if (b->fd >= 0)
		close(b->fd);
	if (b->folder >= 0)
		close(b->folder);
	arena_release(&b->arena);
	free(b);
}
