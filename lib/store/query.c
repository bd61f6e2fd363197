/* SPDX-License-Identifier: MIT */
/* Asking the database, and what the answers are worth. */
#include "lib/store/database.h"

#include <stdarg.h>
#include <string.h>

/* CRC-32C (RFC 3720, appendix B.4), four bits at a time. */
static uint32_t crc_add(uint32_t crc, const void *bytes, size_t n)
{
	static const uint32_t nibble[16] = {
		0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1,
		0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d,
		0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
		0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
	};
	const unsigned char *p = bytes;

	for (size_t i = 0; i < n; i++) {
		crc ^= p[i];
		crc = crc >> 4 ^ nibble[crc & 15];
		crc = crc >> 4 ^ nibble[crc & 15];
	}
	return crc;
}

uint32_t crc_text(uint32_t crc, const char *text)
{
	return text ? crc_add(crc_add(crc, "t", 1), text, strlen(text) + 1)
		    : crc_add(crc, "n", 1);
}

uint32_t crc_int(uint32_t crc, int64_t value)
{
	unsigned char bytes[9] = { 'i' };

	for (size_t i = 0; i < 8; i++)
		bytes[i + 1] = (unsigned char)((uint64_t)value >> (8 * i));
	return crc_add(crc, bytes, sizeof(bytes));
}

/* Over the columns from..to-1 of a row. */
static uint32_t crc_row(const struct sqlite *api, sqlite3_stmt *row, int from,
			int to)
{
	uint32_t crc = UINT32_MAX;

	for (int i = from; i < to; i++)
		switch (api->column_type(row, i)) {
		case SQLITE_INTEGER:
			crc = crc_int(crc, api->column_int64(row, i));
			break;
		case SQLITE_NULL:
			crc = crc_text(crc, NULL);
			break;
		default:
			crc = crc_text(crc,
				       (const char *)api->column_text(row, i));
		}
	return crc;
}

enum verdict verdict_of(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return GOOD;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_NOMEM:
	case SQLITE_IOERR:
	case SQLITE_FULL:
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
	case SQLITE_PROTOCOL:
	case SQLITE_INTERRUPT:
	case SQLITE_TOOBIG:
	case SQLITE_CONSTRAINT:
	case SQLITE_MISUSE:
		return TROUBLE;
	default: /* no database, corrupt, a table that is not there, ... */
		return DAMAGED;
	}
}

enum verdict view_doubt(struct view *v, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	v->why = arena_vprintf(v->arena, format, args);
	va_end(args);
	return DAMAGED;
}

const char *sqlite_reason(const struct sqlite *api, sqlite3 *db,
			  struct arena *a)
{
	int rc = db ? api->extended_errcode(db) : SQLITE_NOMEM;
	int error = db ? api->system_errno(db) : 0;

	if ((rc & 0xff) == SQLITE_BUSY)
		return "another program is using it";
	if (verdict_of(rc) == TROUBLE && error &&
	    ((rc & 0xff) == SQLITE_IOERR || (rc & 0xff) == SQLITE_CANTOPEN))
		return arena_printf(a, "%s: %s", api->errstr(rc),
				    strerror(error));
	return arena_strdup(a, db ? api->errmsg(db) : api->errstr(rc));
}

enum verdict view_judge(struct view *v, int rc)
{
	enum verdict is = verdict_of(rc);

	if (is != GOOD)
		v->why = v->db ? sqlite_reason(v->api, v->db, v->arena)
			       : v->api->errstr(rc);
	return is;
}

enum verdict view_query(struct view *v, const struct query *q)
{
	const struct sqlite *api = v->api;
	enum verdict is = GOOD;
	sqlite3_stmt *row = NULL;
	int rc;

	rc = api->prepare_v2(v->db, q->sql, -1, &row, NULL);
	if (rc != SQLITE_OK)
		return view_judge(v, rc);
	/* A ? that is not there is refused, and was not meant. */
	if (q->text)
		api->bind_text(row, 1, q->text, -1, NULL);
	else
		api->bind_int64(row, 1, q->number);
	api->bind_int64(row, 2, q->limit);
	while (is == GOOD && (rc = api->step(row)) == SQLITE_ROW)
		is = q->each(v, row, q->out);
	if (is == GOOD)
		is = view_judge(v, rc);
	api->finalize(row);
	return is;
}

int64_t row_number(struct view *v, sqlite3_stmt *row, int i)
{
	return v->api->column_int64(row, i);
}

const char *row_text(struct view *v, sqlite3_stmt *row, int i)
{
	const char *t = (const char *)v->api->column_text(row, i);

	return t ? arena_strdup(v->arena, t) : NULL;
}

const char *row_some(struct view *v, sqlite3_stmt *row, int i)
{
	const char *t = row_text(v, row, i);

	return t ? t : "";
}

bool row_whole(struct view *v, sqlite3_stmt *row, int from, int to)
{
	return v->api->column_int64(row, to) == crc_row(v->api, row, from, to);
}

enum verdict read_number(struct view *v, sqlite3_stmt *row, void *out)
{
	*(int64_t *)out = row_number(v, row, 0);
	return GOOD;
}

enum verdict read_check(struct view *v, sqlite3_stmt *row, void *out)
{
	const char *said = row_some(v, row, 0);

	(void)out;
	return strcmp(said, "ok") == 0 ? GOOD : view_doubt(v, "%s", said);
}

enum verdict read_text(struct view *v, sqlite3_stmt *row, void *out)
{
	*(const char **)out = row_some(v, row, 0);
	return GOOD;
}

enum verdict view_set_up(struct view *v)
{
	const struct sqlite *api = v->api;

	api->extended_result_codes(v->db, 1);
	api->busy_timeout(v->db, BUSY_TIMEOUT);
	api->db_config(v->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	api->db_config(v->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	return view_judge(v, api->exec(v->db,
				       "PRAGMA trusted_schema = OFF;"
				       "PRAGMA cell_size_check = ON;"
				       "PRAGMA mmap_size = 0;"
				       "PRAGMA temp_store = MEMORY",
				       NULL, NULL, NULL));
}
