#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/log.h"
#include "store/sqlite.h"

#define BUSY_MS 2000

/* Pieces that a statement needs for a while, without malloc. */
#define LOOKASIDE_BYTES 1200
#define LOOKASIDE_SLOTS 128

/* What the engine's codes mean to the world. */
static const struct {
	int code; /* primary */
	enum err_code err;
	const char *detail;
} meanings[] = {
    {SQLITE_FULL, ERR_NOSPACE, "磁盘空间不足，数据没有保存"},
    {SQLITE_BUSY, ERR_UNAVAILABLE, "数据库正忙，请稍后再试"},
    {SQLITE_LOCKED, ERR_UNAVAILABLE, "数据库正忙，请稍后再试"},
    {SQLITE_IOERR, ERR_UNAVAILABLE, "读写磁盘时出错，请稍后再试"},
    {SQLITE_CANTOPEN, ERR_UNAVAILABLE, "数据库文件打不开"},
    {SQLITE_READONLY, ERR_UNAVAILABLE, "数据库文件不可写"},
    {SQLITE_PERM, ERR_UNAVAILABLE, "没有访问数据库文件的权限"},
    {SQLITE_CORRUPT, ERR_UNAVAILABLE, "数据库文件已损坏，请从备份恢复"},
    {SQLITE_NOTADB, ERR_UNAVAILABLE, "数据库文件已损坏，请从备份恢复"},
};

static bool
is_no_space(int system_errno)
{
	return system_errno == ENOSPC || system_errno == EDQUOT ||
	       system_errno == EFBIG;
}

/*
 * The operating system's reason.  A commit that fails does not pass it on, so
 * the file of the log is asked.
 */
static int
system_reason(struct conn *c)
{
	int sys = sqlite3_system_errno(c->db);
	sqlite3_file *log = NULL;

	if (sys != 0 ||
	    sqlite3_file_control(c->db, "main", SQLITE_FCNTL_JOURNAL_POINTER,
		&log) != SQLITE_OK ||
	    log == NULL || log->pMethods == NULL)
		return sys;
	if (log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &sys) !=
	    SQLITE_OK)
		return 0;
	return sys;
}

int
conn_fail(struct conn *c, const char *what, struct err *e)
{
	int code = sqlite3_extended_errcode(c->db);
	int sys = (code & 0xff) == SQLITE_IOERR ? system_reason(c) : 0;

	log_line(LOG_LEVEL_ERROR, "sqlite failed",
	    "what=%s code=%d errno=%d reason=%s", what, code, sys,
	    sqlite3_errmsg(c->db));
	if ((code & 0xff) == SQLITE_IOERR && is_no_space(sys))
		code = SQLITE_FULL;
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
		if (meanings[i].code == (code & 0xff))
			return err_set(
			    e, meanings[i].err, "%s", meanings[i].detail);
	return err_set(e, ERR_INTERNAL, "数据库内部错误，详情见日志");
}

/*
 * SQLite counts its memory under one lock for all connections, and nobody
 * asks.  Where somebody else in the process was first, it goes on counting.
 */
static void
stop_counting(void)
{
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

/* Neither SQL from a damaged file nor its schema may do harm. */
static int
harden(struct conn *c, struct err *e)
{
	static const int on[] = {
	    SQLITE_DBCONFIG_DEFENSIVE, SQLITE_DBCONFIG_ENABLE_FKEY};

	if (sqlite3_db_config(c->db, SQLITE_DBCONFIG_LOOKASIDE, NULL,
		LOOKASIDE_BYTES, LOOKASIDE_SLOTS) != SQLITE_OK)
		return conn_fail(c, "db_config", e);
	for (size_t i = 0; i < sizeof(on) / sizeof(on[0]); i++)
		if (sqlite3_db_config(c->db, on[i], 1, NULL) != SQLITE_OK)
			return conn_fail(c, "db_config", e);
	if (sqlite3_db_config(c->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL) !=
	    SQLITE_OK)
		return conn_fail(c, "db_config", e);
	sqlite3_busy_timeout(c->db, BUSY_MS);
	sqlite3_extended_result_codes(c->db, 1);
	return 0;
}

struct conn *
conn_open(const char *path, int flags, struct err *e)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct conn *c = calloc(1, sizeof(*c));

	if (c == NULL)
		abort();
	(void)pthread_once(&once, stop_counting);
	/* A connection is only ever used by one thread at a time. */
	if (sqlite3_open_v2(path, &c->db, flags | SQLITE_OPEN_NOMUTEX, NULL) !=
	    SQLITE_OK) {
		conn_fail(c, path, e);
		goto fail;
	}
	if (harden(c, e) < 0)
		goto fail;
	return c;
fail:
	conn_close(c);
	return NULL;
}

void
conn_close(struct conn *c)
{
	if (c == NULL)
		return;
	for (size_t k = 0; k < SQL_KIND__MAX; k++)
		for (size_t i = 0; i < SQL_SLOTS; i++)
			sqlite3_finalize(c->fixed[k][i]);
	for (size_t i = 0; i < CONN_CACHE; i++)
		sqlite3_finalize(c->cache[i].st);
	if (sqlite3_close(c->db) != SQLITE_OK)
		log_line(LOG_LEVEL_ERROR, "sqlite close failed", "reason=%s",
		    sqlite3_errmsg(c->db));
	free(c);
}

int
conn_exec(struct conn *c, const char *sql, struct err *e)
{
	if (sqlite3_exec(c->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return conn_fail(c, sql, e);
	return 0;
}

static sqlite3_stmt *
prepare(struct conn *c, const char *sql, struct err *e)
{
	sqlite3_stmt *st = NULL;

	if (sqlite3_prepare_v3(c->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &st,
		NULL) != SQLITE_OK) {
		conn_fail(c, sql, e);
		return NULL;
	}
	return st;
}

sqlite3_stmt *
conn_stmt(struct conn *c, enum sql_kind kind, size_t which, struct err *e)
{
	sqlite3_stmt **st = &c->fixed[kind][which];
	struct buf b;

	if (*st != NULL)
		return *st;
	buf_init(&b, 0);
	sql_print(&b, kind, which);
	*st = prepare(c, b.data, e);
	buf_fini(&b);
	return *st;
}

sqlite3_stmt *
conn_stmt_text(struct conn *c, const char *sql, struct err *e)
{
	uint64_t h = hash_text(sql);

	for (size_t i = 0; i < CONN_CACHE; i++) {
		struct conn_cached *k = &c->cache[i];

		if (k->st != NULL && k->hash == h &&
		    strcmp(sqlite3_sql(k->st), sql) == 0)
			return k->st;
	}
	sqlite3_stmt *st = prepare(c, sql, e);

	if (st == NULL)
		return NULL;
	struct conn_cached *k = &c->cache[c->victim];

	c->victim = (c->victim + 1) % CONN_CACHE;
	sqlite3_finalize(k->st);
	k->hash = h;
	k->st = st;
	return st;
}

int
conn_run(struct conn *c, sqlite3_stmt *st, struct err *e)
{
	int rc = 0;

	if (sqlite3_step(st) != SQLITE_DONE)
		rc = conn_fail(c, sqlite3_sql(st), e);
	sqlite3_reset(st);
	return rc;
}

int
conn_plain(struct conn *c, enum sql_plain p, struct err *e)
{
	sqlite3_stmt *st = conn_stmt(c, SQL_PLAIN, p, e);

	return st != NULL ? conn_run(c, st, e) : -1;
}

void
conn_bind_text(sqlite3_stmt *st, int at, const char *s)
{
	sqlite3_bind_text(st, at, s, -1, SQLITE_STATIC);
}

void
conn_bind_cell(sqlite3_stmt *st, int at, const struct fact_cell *v)
{
	if (v->type == CELL_TEXT)
		conn_bind_text(st, at, v->s);
	else if (v->type == CELL_INT)
		sqlite3_bind_int64(st, at, v->n);
	else
		sqlite3_bind_null(st, at);
}

struct fact_cell
conn_cell(sqlite3_stmt *st, int at)
{
	struct fact_cell v = {.type = CELL_NULL};

	switch (sqlite3_column_type(st, at)) {
	case SQLITE_INTEGER:
		v.type = CELL_INT;
		v.n = sqlite3_column_int64(st, at);
		break;
	case SQLITE_NULL:
		break;
	default:
		v.type = CELL_TEXT;
		v.s = (const char *)sqlite3_column_text(st, at);
		break;
	}
	return v;
}

bool
cell_equal(const struct fact_cell *a, const struct fact_cell *b)
{
	if (a->type != b->type)
		return false;
	if (a->type == CELL_TEXT)
		return strcmp(a->s, b->s) == 0;
	return a->type == CELL_NULL || a->n == b->n;
}
