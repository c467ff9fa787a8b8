#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/log.h"
#include "store/sqlite.h"

#define LINE_MAX_BYTES 512

struct check {
	struct conn *c;
	void (*tell)(void *arg, const char *line);
	void *arg;
	struct store_verdict *v;
};

static void PRINTF(2, 3) say(struct check *k, const char *fmt, ...)
{
	char line[LINE_MAX_BYTES];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	k->tell(k->arg, line);
}

/* Pages, indexes, constraints: the engine's own opinion. */
static int
check_pages(struct check *k, struct err *e)
{
	sqlite3_stmt *st =
	    conn_stmt_text(k->c, "PRAGMA integrity_check(20)", e);
	int step;

	if (st == NULL)
		return -1;
	while ((step = sqlite3_step(st)) == SQLITE_ROW) {
		const char *line = (const char *)sqlite3_column_text(st, 0);

		if (strcmp(line, "ok") == 0)
			continue;
		k->v->broken++;
		log_line(LOG_LEVEL_ERROR, "integrity check", "reason=%s", line);
		say(k, "数据库文件的内部结构有损坏，详情见日志");
	}
	if (step != SQLITE_DONE) {
		/* So broken that the check itself cannot go on. */
		k->v->broken++;
		conn_fail(k->c, "integrity_check", e);
		say(k, "数据库文件的内部结构有损坏，检查不能完成");
		err_init(e);
	}
	sqlite3_reset(st);
	return 0;
}

/* Is what stands beside the document what the document says? */
static bool
row_fits(sqlite3_stmt *st, enum coll c, const json_t *doc)
{
	const char *id = json_peek_str(doc, "_id");
	const char *at = json_peek_str(doc, "createdAt");
	int col = SQL_FIELDS_AT - 1;

	if (id == NULL || at == NULL ||
	    json_peek_str(doc, "updatedAt") == NULL ||
	    strcmp(id, (const char *)sqlite3_column_text(st, 0)) != 0 ||
	    json_peek_int(doc, "rev", 0) != sqlite3_column_int64(st, 1) ||
	    strcmp(at, (const char *)sqlite3_column_text(st, 2)) != 0)
		return false;
	for (enum field f = FIELD_ID + 1; f < FIELD__MAX; f++) {
		if (field_coll(f) != c)
			continue;
		struct fact_cell want = field_value(f, doc);
		struct fact_cell have = conn_cell(st, col++);

		if (!cell_equal(&want, &have))
			return false;
	}
	return true;
}

/* Walks the facts of one document beside the rows that are stored. */
struct beside {
	struct check *k;
	sqlite3_stmt *lists[FACT__MAX]; /* stepped onto the row to compare */
	bool ended[FACT__MAX];
	const char *plan;
	const char *id;
	int64_t *matched; /* rows that belong to a document, for each table */
};

static int
begin_list(struct beside *b, enum fact_table t, struct err *e)
{
	sqlite3_stmt *st = conn_stmt(b->k->c, SQL_FACT_LIST, t, e);

	if (st == NULL)
		return -1;
	conn_bind_text(st, 1, b->plan);
	conn_bind_text(st, 2, b->id);
	b->lists[t] = st;
	return 0;
}

/* Go on to the next stored row of t: true when there is one. */
static bool
next_row(struct beside *b, enum fact_table t)
{
	if (b->ended[t])
		return false;
	b->ended[t] = sqlite3_step(b->lists[t]) != SQLITE_ROW;
	if (!b->ended[t])
		b->matched[t]++;
	return !b->ended[t];
}

static int
compare_row(void *arg, const struct fact_row *row, struct err *e)
{
	struct beside *b = arg;
	struct check *k = b->k;

	k->v->facts++;
	if (b->lists[row->table] == NULL && begin_list(b, row->table, e) < 0)
		return -1;
	if (!next_row(b, row->table)) {
		k->v->differences++;
		say(k, "统计数据缺少一行：%s，记录%s",
		    fact_table_name(row->table), b->id);
		return 0;
	}
	for (size_t i = 0; i < row->ncells; i++) {
		struct fact_cell have = conn_cell(b->lists[row->table], (int)i);

		if (cell_equal(&row->cells[i], &have))
			continue;
		k->v->differences++;
		say(k, "统计数据与记录不符：%s，记录%s，列%s",
		    fact_table_name(row->table), b->id,
		    fact_column_name(row->table, i));
		break;
	}
	return 0;
}

/* Rows that are stored and that the document does not give. */
static int
count_extra(struct beside *b, enum coll c, struct err *e)
{
	for (enum fact_table t = 0; t < FACT__MAX; t++) {
		if (!coll_has_facts(c, t))
			continue;
		if (b->lists[t] == NULL && begin_list(b, t, e) < 0)
			return -1;
		while (next_row(b, t)) {
			b->k->v->differences++;
			say(b->k, "统计数据多出一行：%s，记录%s",
			    fact_table_name(t), b->id);
		}
	}
	return 0;
}

static const char *
plan_of(enum coll c, const json_t *doc)
{
	enum field f = coll_plan_field(c);

	if (f == FIELD__MAX || f == FIELD_NO_PLAN)
		return "";
	struct fact_cell v = field_value(f, doc);

	return v.type == CELL_TEXT ? v.s : "";
}

static int
check_facts(struct check *k, enum coll c, const json_t *doc,
    int64_t matched[FACT__MAX], struct err *e)
{
	struct beside b = {.k = k, .matched = matched};
	int rc = -1;

	b.plan = plan_of(c, doc);
	b.id = json_peek_str(doc, "_id");
	if (coll_walk_facts(c, doc, compare_row, &b, e) < 0)
		goto out;
	rc = count_extra(&b, c, e);
out:
	for (enum fact_table t = 0; t < FACT__MAX; t++) {
		sqlite3_reset(b.lists[t]);
	}
	return rc;
}

/* The document in the row. */
static int
check_doc(struct check *k, enum coll c, sqlite3_stmt *st,
    int64_t matched[FACT__MAX], struct err *e)
{
	struct err why;
	json_t *doc;
	int rc = 0;

	err_init(&why);
	k->v->documents++;
	doc = json_read_own((const char *)sqlite3_column_text(st, 3),
	    (size_t)sqlite3_column_bytes(st, 3), &why);
	if (doc == NULL || !row_fits(st, c, doc)) {
		k->v->broken++;
		say(k, "记录已损坏：%s %s", coll_name(c),
		    (const char *)sqlite3_column_text(st, 0));
	}
	if (doc != NULL && json_peek_str(doc, "_id") != NULL)
		rc = check_facts(k, c, doc, matched, e);
	json_decref(doc);
	return rc;
}

static void
print_all(struct buf *b, enum coll c)
{
	buf_add(b, "SELECT id, rev, created_at, doc");
	for (enum field f = FIELD_ID + 1; f < FIELD__MAX; f++) {
		if (field_coll(f) != c)
			continue;
		buf_add(b, ", ");
		sql_add_field(b, f);
	}
	buf_addf(b, " FROM \"%s\" ORDER BY id", coll_name(c));
}

static int
check_coll(
    struct check *k, enum coll c, int64_t matched[FACT__MAX], struct err *e)
{
	struct buf sql;
	sqlite3_stmt *st;
	int step, rc = 0;

	buf_init(&sql, 0);
	print_all(&sql, c);
	st = conn_stmt_text(k->c, sql.data, e);
	buf_fini(&sql);
	if (st == NULL)
		return -1;
	while (rc == 0 && (step = sqlite3_step(st)) != SQLITE_DONE) {
		if (step != SQLITE_ROW) {
			/* A damaged page: count it, the rest may be whole. */
			conn_fail(k->c, "read", e);
			err_init(e);
			k->v->broken++;
			say(k, "有记录读不出来：%s", coll_name(c));
			break;
		}
		rc = check_doc(k, c, st, matched, e);
	}
	sqlite3_reset(st);
	return rc;
}

/* Rows that belong to no document at all. */
static int
check_orphans(
    struct check *k, enum fact_table t, int64_t matched, struct err *e)
{
	struct buf sql;
	sqlite3_stmt *st;
	int rc = 0;

	buf_init(&sql, 0);
	buf_addf(&sql, "SELECT count(*) FROM \"%s\"", fact_table_name(t));
	st = conn_stmt_text(k->c, sql.data, e);
	buf_fini(&sql);
	if (st == NULL)
		return -1;
	if (sqlite3_step(st) == SQLITE_ROW) {
		int64_t n = sqlite3_column_int64(st, 0) - matched;

		if (n != 0) {
			k->v->differences += n > 0 ? n : -n;
			say(k, "统计数据有%lld行不属于任何记录：%s",
			    (long long)n, fact_table_name(t));
		}
	} else {
		rc = conn_fail(k->c, "count", e);
	}
	sqlite3_reset(st);
	return rc;
}

int
verify_conn(struct conn *c, void (*tell)(void *arg, const char *line),
    void *arg, struct store_verdict *out, struct err *e)
{
	struct check k = {.c = c, .tell = tell, .arg = arg, .v = out};
	int64_t matched[FACT__MAX] = {0};
	struct err ignored;
	int rc = -1;

	if (conn_plain(c, PLAIN_BEGIN_READ, e) < 0)
		return -1;
	if (check_pages(&k, e) < 0)
		goto out;
	for (enum coll i = 0; i < COLL__MAX; i++)
		if (check_coll(&k, i, matched, e) < 0)
			goto out;
	for (enum fact_table t = 0; t < FACT__MAX; t++)
		if (check_orphans(&k, t, matched[t], e) < 0)
			goto out;
	rc = 0;
out:
	err_init(&ignored);
	if (sqlite3_get_autocommit(c->db) == 0 &&
	    conn_plain(c, PLAIN_ROLLBACK, &ignored) < 0)
		log_line(LOG_LEVEL_WARN, "snapshot not released", NULL);
	return rc;
}

/* In the writer thread: fields and facts of every document, made again. */
static int
run_repair(struct conn *w, void *arg, struct err *e)
{
	struct err ignored;
	int64_t broken = 0;

	(void)arg;
	if (conn_plain(w, PLAIN_BEGIN, e) < 0)
		return -1;
	if (facts_rebuild(w, &broken, e) == 0 && stamps_renew(w, e) == 0 &&
	    conn_plain(w, PLAIN_COMMIT, e) == 0)
		return 0;
	err_init(&ignored);
	if (sqlite3_get_autocommit(w->db) == 0 &&
	    conn_plain(w, PLAIN_ROLLBACK, &ignored) < 0)
		log_line(LOG_LEVEL_ERROR, "rollback failed", NULL);
	return -1;
}

int
sqlite_verify(struct store *store, bool repair,
    void (*tell)(void *arg, const char *line), void *arg,
    struct store_verdict *out, struct err *e)
{
	struct sqlite *s = (struct sqlite *)store;
	struct conn *c = reader_take(s, e);

	if (c == NULL)
		return -1;
	int rc = verify_conn(c, tell, arg, out, e);

	reader_put(s, c);
	if (rc == 0)
		rc = sqlite_blobs_verify(s, tell, arg, out, e);
	if (rc < 0 || !repair)
		return rc;
	if (queue_run(s, run_repair, NULL, e) < 0)
		return -1;
	cache_clear(s->cache);
	/* Every figure may be another one now. */
	c = reader_take(s, e);
	if (c == NULL)
		return -1;
	rc = stamps_load(&s->stamps, c, e);
	reader_put(s, c);
	return rc;
}
