#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "store/sqlite.h"

static int
refuse_missing(const char *id, struct err *e)
{
	return err_set(e, ERR_NOTFOUND, "没有编号为“%s”的记录", id);
}

/* Step a statement that gives one row or none: 1, 0 or -1. */
static int
step_one(struct conn *c, sqlite3_stmt *st, struct err *e)
{
	switch (sqlite3_step(st)) {
	case SQLITE_ROW:
		return 1;
	case SQLITE_DONE:
		return 0;
	default:
		return conn_fail(c, sqlite3_sql(st), e);
	}
}

static void
keep_text(
    sqlite3_stmt *st, int at, struct arena *a, const char **text, size_t *len)
{
	*len = (size_t)sqlite3_column_bytes(st, at);
	*text =
	    arena_strndup(a, (const char *)sqlite3_column_text(st, at), *len);
}

static void
print_instant(char out[INSTANT_LEN + 1], const char *s)
{
	snprintf(out, INSTANT_LEN + 1, "%s", s != NULL ? s : "");
}

/* Borrowed from the row. */
static void
row_doc(sqlite3_stmt *st, struct stored *out)
{
	out->rev = sqlite3_column_int64(st, 0);
	out->text = (const char *)sqlite3_column_text(st, 1);
	out->len = (size_t)sqlite3_column_bytes(st, 1);
	print_instant(
	    out->created_at, (const char *)sqlite3_column_text(st, 2));
}

/* From the file, for the next ones as well; keep takes what is wanted. */
static int
read_doc(struct sqlite *s, enum coll c, const char *id, uint64_t gen,
    void (*keep)(const struct stored *doc, void *arg), void *arg, struct err *e)
{
	struct conn *conn = reader_take(s, e);
	struct stored doc;
	sqlite3_stmt *st;
	int rc = -1;

	if (conn == NULL)
		return -1;
	st = conn_stmt(conn, SQL_GET, c, e);
	if (st == NULL)
		goto out;
	conn_bind_text(st, 1, id);
	switch (step_one(conn, st, e)) {
	case 1:
		row_doc(st, &doc);
		keep(&doc, arg);
		cache_put(s->cache, c, id, gen, &doc);
		rc = 0;
		break;
	case 0:
		refuse_missing(id, e);
		break;
	default:
		break;
	}
	sqlite3_reset(st);
out:
	reader_put(s, conn);
	return rc;
}

static int
look_up(struct sqlite *s, enum coll c, const char *id,
    void (*keep)(const struct stored *doc, void *arg), void *arg, struct err *e)
{
	uint64_t gen = 0;
	const struct stored *doc = cache_take(s->cache, c, id, &gen);

	if (doc == NULL)
		return read_doc(s, c, id, gen, keep, arg, e);
	keep(doc, arg);
	cache_drop(doc);
	return 0;
}

struct wanted {
	struct arena *a;
	struct store_doc *doc;
};

static void
keep_doc(const struct stored *doc, void *arg)
{
	struct wanted *w = arg;

	w->doc->rev = doc->rev;
	w->doc->len = doc->len;
	w->doc->text = arena_strndup(w->a, doc->text, doc->len);
}

int
sqlite_get(struct store *store, enum coll c, const char *id, struct arena *a,
    struct store_doc *out, struct err *e)
{
	struct wanted w = {.a = a, .doc = out};

	if (look_up((struct sqlite *)store, c, id, keep_doc, &w, e) < 0)
		return -1;
	out->id = arena_strdup(a, id);
	return 0;
}

static void
keep_head(const struct stored *doc, void *arg)
{
	struct store_head *out = arg;

	out->rev = doc->rev;
	memcpy(out->created_at, doc->created_at, sizeof(out->created_at));
}

/*
 * The whole document is read when it is not in memory: it is asked for by
 * readers who hold this revision and by writers, and there will be more.
 */
int
sqlite_head(struct store *store, enum coll c, const char *id,
    struct store_head *out, struct err *e)
{
	return look_up((struct sqlite *)store, c, id, keep_head, out, e);
}

/*
 * ---- find ----
 *
 * Parameters: two for each filter (the value; the end of a prefix), then the
 * sort value and the id of the place to go on from, then the limit.
 */
#define PARAM_FILTER(i) ((int)(2 * (i)) + 1)
#define PARAM_SORT (2 * STORE_FILTERS + 1)
#define PARAM_ID (2 * STORE_FILTERS + 2)
#define PARAM_LIMIT (2 * STORE_FILTERS + 3)

static void
add_filter(struct buf *b, const struct store_filter *f, size_t i)
{
	static const char *const ops[] = {
	    [OP_EQ] = "IS", [OP_PREFIX] = ">=", [OP_GE] = ">=", [OP_LE] = "<="};
	int at = PARAM_FILTER(i);

	buf_add(b, i == 0 ? " WHERE " : " AND ");
	sql_add_field(b, f->field);
	buf_addf(b, " %s ?%d", ops[f->op], at);
	if (f->op != OP_PREFIX)
		return;
	buf_add(b, " AND ");
	sql_add_field(b, f->field);
	buf_addf(b, " < ?%d", at + 1);
}

/*
 * What comes after the place in the order (sort, id).  NULL is before every
 * value, as it is for ORDER BY.
 */
static void
add_after(
    struct buf *b, const struct store_query *q, const struct store_key *after)
{
	const char *than = q->desc ? "<" : ">";
	struct buf f;

	buf_add(b, q->nfilters == 0 ? " WHERE " : " AND ");
	if (q->sort == FIELD_ID) {
		buf_addf(b, "id %s ?%d", than, PARAM_ID);
		return;
	}
	buf_init(&f, 0);
	sql_add_field(&f, q->sort);
	if (after->sort.type != CELL_NULL && !q->desc)
		buf_addf(
		    b, "(%s, id) > (?%d, ?%d)", f.data, PARAM_SORT, PARAM_ID);
	else if (after->sort.type != CELL_NULL)
		buf_addf(b, "((%s, id) < (?%d, ?%d) OR %s IS NULL)", f.data,
		    PARAM_SORT, PARAM_ID, f.data);
	else
		buf_addf(b, "(%s IS NULL AND id %s ?%d%s%s%s)", f.data, than,
		    PARAM_ID, q->desc ? "" : " OR ", q->desc ? "" : f.data,
		    q->desc ? "" : " IS NOT NULL");
	buf_fini(&f);
}

static void
print_find(
    struct buf *b, const struct store_query *q, const struct store_key *after)
{
	const char *way = q->desc ? " DESC" : "";

	buf_add(b, "SELECT id, rev, doc, ");
	sql_add_field(b, q->sort);
	buf_addf(b, " FROM \"%s\"", coll_name(q->coll));
	for (size_t i = 0; i < q->nfilters; i++)
		add_filter(b, &q->filters[i], i);
	if (after != NULL)
		add_after(b, q, after);
	buf_add(b, " ORDER BY ");
	if (q->sort != FIELD_ID) {
		sql_add_field(b, q->sort);
		buf_addf(b, "%s, ", way);
	}
	buf_addf(b, "id%s LIMIT ?%d", way, PARAM_LIMIT);
}

/*
 * Texts that begin with p are from p up to this; a blob, which is after every
 * text, when there is no such text.
 */
static void
bind_prefix_end(sqlite3_stmt *st, int at, const char *p)
{
	size_t n = strlen(p);

	while (n > 0 && (unsigned char)p[n - 1] == 0xff)
		n--;
	if (n == 0) {
		sqlite3_bind_zeroblob(st, at, 0);
		return;
	}
	/* Compared byte by byte: it need not be UTF-8. */
	char *end = sqlite3_mprintf("%.*s", (int)n, p);

	if (end == NULL)
		return; /* bound to NULL: nothing is found */
	end[n - 1] = (char)(unsigned char)((unsigned char)end[n - 1] + 1);
	sqlite3_bind_text(st, at, end, (int)n, sqlite3_free);
}

static void
bind_find(sqlite3_stmt *st, const struct store_query *q,
    const struct store_key *after)
{
	for (size_t i = 0; i < q->nfilters; i++) {
		const struct store_filter *f = &q->filters[i];

		if (field_type(f->field) == FIELD_TYPE_INT)
			sqlite3_bind_int64(st, PARAM_FILTER(i), f->n);
		else
			conn_bind_text(st, PARAM_FILTER(i), f->text);
		if (f->op == OP_PREFIX)
			bind_prefix_end(st, PARAM_FILTER(i) + 1, f->text);
	}
	if (after != NULL) {
		conn_bind_cell(st, PARAM_SORT, &after->sort);
		conn_bind_text(st, PARAM_ID, after->id);
	}
	/* One more, to know whether there is a next page. */
	sqlite3_bind_int64(st, PARAM_LIMIT, (sqlite3_int64)q->limit + 1);
}

/* The place of the row, for the next page. */
static void
keep_place(sqlite3_stmt *st, const struct store_query *q, struct arena *a,
    const struct store_doc *d, struct store_key *last)
{
	last->id = d->id;
	last->sort.type = CELL_NULL;
	if (q->sort == FIELD_ID)
		return;
	last->sort = conn_cell(st, 3);
	if (last->sort.type == CELL_TEXT)
		last->sort.s = arena_strdup(a, last->sort.s);
}

static int
read_page(struct conn *c, sqlite3_stmt *st, const struct store_query *q,
    struct arena *a, struct store_page *out, struct store_key *last,
    struct err *e)
{
	struct store_key place = {.id = NULL};
	int step;

	out->docs = arena_alloc(a, q->limit * sizeof(*out->docs));
	out->ndocs = 0;
	while ((step = sqlite3_step(st)) == SQLITE_ROW) {
		if (out->ndocs == q->limit) {
			*last = place;
			return 0;
		}
		struct store_doc *d = &out->docs[out->ndocs++];

		d->id =
		    arena_strdup(a, (const char *)sqlite3_column_text(st, 0));
		d->rev = sqlite3_column_int64(st, 1);
		keep_text(st, 2, a, &d->text, &d->len);
		if (out->ndocs == q->limit)
			keep_place(st, q, a, d, &place);
	}
	return step == SQLITE_DONE ? 0 : conn_fail(c, "find", e);
}

int
sqlite_find(struct store *store, const struct store_query *q,
    const struct store_key *after, struct arena *a, struct store_page *out,
    struct store_key *last, struct err *e)
{
	struct sqlite *s = (struct sqlite *)store;
	struct conn *c = reader_take(s, e);
	sqlite3_stmt *st;
	struct buf sql;
	int rc = -1;

	if (c == NULL)
		return -1;
	buf_init(&sql, 0);
	print_find(&sql, q, after);
	st = conn_stmt_text(c, sql.data, e);
	if (st == NULL)
		goto out;
	bind_find(st, q, after);
	rc = read_page(c, st, q, a, out, last, e);
	sqlite3_reset(st);
	sqlite3_clear_bindings(st);
out:
	buf_fini(&sql);
	reader_put(s, c);
	return rc;
}
