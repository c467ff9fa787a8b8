#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "store/sqlite.h"

static void *
grow(void *p, size_t *cap, size_t need, size_t size)
{
	if (need <= *cap)
		return p;
	*cap = need > 2 * *cap ? need : 2 * *cap;
	p = realloc(p, *cap * size);
	if (p == NULL)
		abort();
	return p;
}

static int
keep_row(void *arg, const struct fact_row *row, struct err *e)
{
	struct prepared *p = arg;

	(void)e;
	p->rows = grow(p->rows, &p->rows_cap, p->nrows + 1, sizeof(*p->rows));
	p->cells = grow(p->cells, &p->cells_cap, p->ncells + row->ncells,
	    sizeof(*p->cells));
	p->rows[p->nrows].table = row->table;
	p->rows[p->nrows].first = p->ncells;
	p->rows[p->nrows].ncells = row->ncells;
	p->nrows++;
	memcpy(
	    &p->cells[p->ncells], row->cells, row->ncells * sizeof(*p->cells));
	p->ncells += row->ncells;
	return 0;
}

void
prepared_print(struct prepared *p, const json_t *doc)
{
	struct buf b;

	buf_init(&b, 0);
	json_print(&b, doc);
	free(p->text);
	p->len = b.len;
	p->text = buf_ok(&b) ? buf_take(&b) : NULL;
	buf_fini(&b);
	p->rev = json_peek_int(doc, "rev", 0);
}

void
prepared_link(struct prepared *p, const struct chain_link *link)
{
	size_t room = 2 * SHA256_HEX + TEXT_DECIMAL + 64;
	char *end;

	assert(p->len > 2 && p->text[p->len - 1] == '}');
	p->text = realloc(p->text, p->len + room);
	if (p->text == NULL)
		abort();
	end = stpcpy(p->text + p->len - 1, ",\"seq\":");
	end = text_print_decimal(end, link->seq);
	end = stpcpy(stpcpy(end, ",\"prev\":\""), link->prev);
	end = stpcpy(stpcpy(end, "\",\"hash\":\""), link->hash);
	end = stpcpy(end, "\"}");
	p->len = (size_t)(end - p->text);
}

struct prepared *
prepared_new(enum coll c, const json_t *doc, struct err *e)
{
	struct prepared *p = calloc(1, sizeof(*p));

	if (p == NULL)
		abort();
	if (coll_walk_facts(c, doc, keep_row, p, e) < 0)
		goto fail;
	prepared_print(p, doc);
	if (p->text == NULL) {
		err_set(e, ERR_TOOBIG, "一条记录超过64 MB，不能保存");
		goto fail;
	}
	return p;
fail:
	prepared_free(p);
	return NULL;
}

void
prepared_free(struct prepared *p)
{
	if (p == NULL)
		return;
	free(p->text);
	free(p->cells);
	free(p->rows);
	free(p);
}

int
facts_insert(struct conn *c, const struct prepared *p, struct err *e)
{
	int64_t seqs[FACT__MAX] = {0};

	for (size_t i = 0; i < p->nrows; i++) {
		enum fact_table t = p->rows[i].table;
		sqlite3_stmt *st = conn_stmt(c, SQL_FACT_INSERT, t, e);
		const struct fact_cell *cells = &p->cells[p->rows[i].first];
		int n = (int)p->rows[i].ncells;

		if (st == NULL)
			return -1;
		sqlite3_bind_int64(st, 1, seqs[t]++);
		for (int k = 0; k < n; k++)
			conn_bind_cell(st, k + 2, &cells[k]);
		if (conn_run(c, st, e) < 0)
			return -1;
	}
	return 0;
}

int
facts_delete(struct conn *c, enum coll coll, const char *plan, const char *id,
    struct err *e)
{
	for (enum fact_table t = 0; t < FACT__MAX; t++) {
		if (!coll_has_facts(coll, t))
			continue;
		sqlite3_stmt *st = conn_stmt(c, SQL_FACT_DELETE, t, e);

		if (st == NULL)
			return -1;
		conn_bind_text(st, 1, plan);
		conn_bind_text(st, 2, id);
		if (conn_run(c, st, e) < 0)
			return -1;
	}
	return 0;
}

void
fields_bind(sqlite3_stmt *st, enum coll c, const json_t *doc)
{
	int at = SQL_FIELDS_AT;

	for (enum field f = FIELD_ID + 1; f < FIELD__MAX; f++) {
		if (field_coll(f) != c)
			continue;
		struct fact_cell v = field_value(f, doc);

		conn_bind_cell(st, at++, &v);
	}
}

/* Make the fields and facts of one document again; its facts are gone. */
static int
rebuild_doc(struct conn *c, enum coll coll, const char *id, const json_t *doc,
    struct err *e)
{
	sqlite3_stmt *st = conn_stmt(c, SQL_REFIELD, coll, e);
	struct prepared *p = NULL;
	int rc = -1;

	if (st == NULL)
		goto out;
	conn_bind_text(st, 1, id);
	fields_bind(st, coll, doc);
	if (conn_run(c, st, e) < 0)
		goto out;
	p = prepared_new(coll, doc, e);
	if (p == NULL)
		goto out;
	rc = facts_insert(c, p, e);
out:
	prepared_free(p);
	return rc;
}

/*
 * The document after `id`: 1 with *next (arena) and *doc (new, NULL when it
 * does not read), 0 at the end.
 */
static int
next_doc(struct conn *c, enum coll coll, const char *id, struct arena *a,
    char **next, json_t **doc, struct err *e)
{
	sqlite3_stmt *st = conn_stmt(c, SQL_NEXT, coll, e);
	struct err ignored;
	int rc = 1;

	if (st == NULL)
		return -1;
	err_init(&ignored);
	conn_bind_text(st, 1, id);
	switch (sqlite3_step(st)) {
	case SQLITE_ROW:
		*next =
		    arena_strdup(a, (const char *)sqlite3_column_text(st, 0));
		*doc = json_read_own((const char *)sqlite3_column_text(st, 3),
		    (size_t)sqlite3_column_bytes(st, 3), &ignored);
		break;
	case SQLITE_DONE:
		rc = 0;
		break;
	default:
		rc = conn_fail(c, "next", e);
		break;
	}
	sqlite3_reset(st);
	return rc;
}

static int
rebuild_coll(struct conn *c, enum coll coll, int64_t *broken, struct err *e)
{
	struct arena pages[2]; /* the id before, the id now */
	char *id = NULL;
	const char *before = "";
	int rc = 1;

	arena_init(&pages[0]);
	arena_init(&pages[1]);
	for (size_t i = 0; rc == 1; i++) {
		struct arena *a = &pages[i % 2];
		json_t *doc = NULL;

		arena_reset(a);
		rc = next_doc(c, coll, before, a, &id, &doc, e);
		if (rc == 1 && doc == NULL) {
			(*broken)++;
			log_line(LOG_LEVEL_ERROR, "document does not read",
			    "coll=%s id=%s", coll_name(coll), id);
		} else if (rc == 1 && rebuild_doc(c, coll, id, doc, e) < 0) {
			rc = -1;
		}
		json_decref(doc);
		before = id;
	}
	arena_fini(&pages[0]);
	arena_fini(&pages[1]);
	return rc;
}

int
facts_rebuild(struct conn *c, int64_t *broken, struct err *e)
{
	struct buf b;
	int rc = 0;

	*broken = 0;
	buf_init(&b, 0);
	for (enum fact_table t = 0; t < FACT__MAX; t++)
		buf_addf(&b, "DELETE FROM \"%s\";", fact_table_name(t));
	rc = conn_exec(c, b.data, e);
	buf_fini(&b);
	for (enum coll i = 0; i < COLL__MAX && rc == 0; i++)
		rc = rebuild_coll(c, i, broken, e);
	return rc;
}
