#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/log.h"
#include "store/sqlite.h"

/*
 * A batch is one transaction, a set a savepoint in it: a set that fails
 * leaves no trace and does not disturb the others.
 */
struct touched {
	const char *plan; /* borrowed from sets or the arena */
	instant_t at;
	struct store_stamp stamp; /* after the commit */
};

struct batch {
	struct sqlite *s;
	struct conn *c;
	struct arena arena;
	struct touched *touched;
	size_t ntouched;
	size_t cap;
	struct chain_state chains[COLL__MAX]; /* with what is not committed */
};

/* Remember that a plan changes with this batch; NULL: none does. */
static void
touch(struct batch *b, const char *plan, instant_t at)
{
	if (plan == NULL)
		return;
	for (size_t i = 0; i < b->ntouched; i++) {
		struct touched *t = &b->touched[i];

		if (strcmp(t->plan, plan) == 0) {
			t->at = at > t->at ? at : t->at;
			return;
		}
	}
	if (b->ntouched == b->cap) {
		b->cap = b->cap == 0 ? 16 : 2 * b->cap;
		b->touched = realloc(b->touched, b->cap * sizeof(*b->touched));
		if (b->touched == NULL)
			abort();
	}
	b->touched[b->ntouched++] = (struct touched){.plan = plan, .at = at};
}

/* What is stored now: 1 with *head and *plan (arena), 0 when nothing is. */
static int
look_up(struct batch *b, const struct write *w, struct store_head *head,
    const char **plan, struct err *e)
{
	sqlite3_stmt *st = conn_stmt(b->c, SQL_HEAD, w->coll, e);
	int rc;

	if (st == NULL)
		return -1;
	conn_bind_text(st, 1, w->id);
	switch (sqlite3_step(st)) {
	case SQLITE_ROW:
		head->rev = sqlite3_column_int64(st, 0);
		snprintf(head->created_at, sizeof(head->created_at), "%s",
		    (const char *)sqlite3_column_text(st, 1));
		*plan = sqlite3_column_type(st, 2) == SQLITE_NULL
			    ? ""
			    : arena_strdup(&b->arena,
				  (const char *)sqlite3_column_text(st, 2));
		rc = 1;
		break;
	case SQLITE_DONE:
		rc = 0;
		break;
	default:
		rc = conn_fail(b->c, "head", e);
		break;
	}
	sqlite3_reset(st);
	return rc;
}

static int
refuse_existing(const struct write *w, struct err *e)
{
	return err_set(
	    e, ERR_EXISTS, "已有编号为“%s”或关键内容相同的记录", w->id);
}

/* Put the document and its fields: SQL_INSERT or SQL_UPDATE. */
static int
put_doc(
    struct batch *b, enum sql_kind kind, const struct write *w, struct err *e)
{
	const struct prepared *p = w->prepared;
	sqlite3_stmt *st = conn_stmt(b->c, kind, w->coll, e);
	int rc = 0;

	if (st == NULL)
		return -1;
	conn_bind_text(st, 1, w->id);
	sqlite3_bind_int64(st, 2, p->rev);
	conn_bind_text(st, 3, json_peek_str(w->doc, "createdAt"));
	sqlite3_bind_text(st, 4, p->text, (int)p->len, SQLITE_STATIC);
	fields_bind(st, w->coll, w->doc);
	if (sqlite3_step(st) != SQLITE_DONE) {
		int code = sqlite3_extended_errcode(b->c->db);

		if (code == SQLITE_CONSTRAINT_PRIMARYKEY ||
		    code == SQLITE_CONSTRAINT_UNIQUE)
			rc = refuse_existing(w, e);
		else
			rc = conn_fail(b->c, "put", e);
	}
	sqlite3_reset(st);
	return rc;
}

/* The plan that a document belongs to now, "" for every plan, or NULL. */
static const char *
plan_of(const struct write *w)
{
	enum field f = coll_plan_field(w->coll);

	if (f == FIELD_ID)
		return w->id;
	if (f == FIELD_NO_PLAN)
		return NULL;
	if (f == FIELD__MAX)
		return "";
	struct fact_cell v = field_value(f, w->doc);

	return v.type == CELL_TEXT ? v.s : "";
}

static int
insert_doc(struct batch *b, struct write *w, instant_t now, struct err *e)
{
	if (put_doc(b, SQL_INSERT, w, e) < 0 ||
	    facts_insert(b->c, w->prepared, e) < 0)
		return -1;
	touch(b, plan_of(w), now);
	return 0;
}

/* ---- chains ---- */

/* The end of a chain, from the file unless it is known. */
static int
find_head(struct batch *b, enum coll c, struct err *e)
{
	struct chain_state *k = &b->chains[c];
	struct err ignored;
	sqlite3_stmt *st;
	json_t *doc = NULL;
	int rc = -1;

	err_init(&ignored);
	if (k->known)
		return 0;
	st = conn_stmt(b->c, SQL_LAST, c, e);
	if (st == NULL)
		return -1;
	chain_head_init(&k->head);
	switch (sqlite3_step(st)) {
	case SQLITE_ROW:
		doc = json_read_own((const char *)sqlite3_column_text(st, 0),
		    (size_t)sqlite3_column_bytes(st, 0), &ignored);
		/* A damaged one is verification's to tell. */
		if (doc == NULL || !chain_head_of(&k->head, doc))
			k->head.seq = sqlite3_column_int64(st, 1);
		rc = 0;
		break;
	case SQLITE_DONE:
		rc = 0;
		break;
	default:
		conn_fail(b->c, "chain", e);
		break;
	}
	sqlite3_reset(st);
	json_decref(doc);
	k->known = rc == 0;
	return rc;
}

static int
append_doc(struct batch *b, struct write *w, instant_t now, struct err *e)
{
	struct chain_link link;

	if (find_head(b, w->coll, e) < 0)
		return -1;
	chain_append(&b->chains[w->coll].head, w->digest, &link);
	chain_put(w->doc, &link);
	prepared_link(w->prepared, &link);
	return insert_doc(b, w, now, e);
}

static int
replace_doc(struct batch *b, struct write *w, instant_t now,
    const struct store_head *head, const char *plan, struct err *e)
{
	struct prepared *p = w->prepared;

	if (w->rev == 0 && head->rev + 1 != p->rev) {
		/* Someone came between; any revision may be replaced. */
		write_complete(w, head, now);
		prepared_print(p, w->doc);
	}
	if (put_doc(b, SQL_UPDATE, w, e) < 0 ||
	    facts_delete(b->c, w->coll, plan, w->id, e) < 0 ||
	    facts_insert(b->c, p, e) < 0)
		return -1;
	touch(b, plan, now);
	touch(b, plan_of(w), now);
	return 0;
}

static int
remove_doc(struct batch *b, struct write *w, instant_t now, const char *plan,
    struct err *e)
{
	sqlite3_stmt *st = conn_stmt(b->c, SQL_REMOVE, w->coll, e);

	if (st == NULL)
		return -1;
	conn_bind_text(st, 1, w->id);
	if (conn_run(b->c, st, e) < 0 ||
	    facts_delete(b->c, w->coll, plan, w->id, e) < 0)
		return -1;
	touch(b, plan, now);
	return 0;
}

static int
write_one(struct batch *b, struct write *w, instant_t now, struct err *e)
{
	struct store_head head;
	const char *plan = "";

	if (w->op == WRITE_APPEND)
		return append_doc(b, w, now, e);
	if (w->op == WRITE_INSERT) {
		b->chains[w->coll].known = false; /* it may be the last */
		return insert_doc(b, w, now, e);
	}
	switch (look_up(b, w, &head, &plan, e)) {
	case 0:
		return err_set(e, ERR_NOTFOUND, "没有编号为“%s”的记录", w->id);
	case 1:
		break;
	default:
		return -1;
	}
	if (coll_plan_field(w->coll) == FIELD_NO_PLAN)
		plan = NULL;
	if (w->rev != 0 && w->rev != head.rev)
		return err_set(e, ERR_STALE,
		    "记录“%s”已被他人修改（现为第%lld版，不是第%lld版），"
		    "请重新打开后再改",
		    w->id, (long long)head.rev, (long long)w->rev);
	if (w->op == WRITE_REMOVE)
		return remove_doc(b, w, now, plan, e);
	return replace_doc(b, w, now, &head, plan, e);
}

/*
 * One set in its savepoint.  0 even when the set fails by itself (ws->e says
 * so); -1 when the transaction cannot go on.
 */
static int
write_one_set(struct batch *b, struct write_set *ws, struct err *e)
{
	struct chain_state chains[COLL__MAX];
	size_t kept = b->ntouched;
	size_t i = 0;

	memcpy(chains, b->chains, sizeof(chains));
	if (conn_plain(b->c, PLAIN_SAVE, e) < 0)
		return -1;
	while (i < ws->n && write_one(b, &ws->v[i], ws->now, &ws->e) == 0)
		i++;
	if (i == ws->n)
		return conn_plain(b->c, PLAIN_KEEP, e);
	ws->failed = i;
	/* A later instant on an older stamp may stay: it only grows. */
	b->ntouched = kept;
	memcpy(b->chains, chains, sizeof(chains));
	bool fatal = ws->e.code == ERR_NOSPACE ||
		     ws->e.code == ERR_UNAVAILABLE ||
		     sqlite3_get_autocommit(b->c->db) != 0;

	if (fatal) {
		*e = ws->e;
		return -1;
	}
	if (conn_plain(b->c, PLAIN_UNDO, e) < 0)
		return -1;
	return conn_plain(b->c, PLAIN_KEEP, e);
}

/* Bump the stamps, inside the transaction. */
static int
bump_stamps(struct batch *b, struct err *e)
{
	for (size_t i = 0; i < b->ntouched; i++) {
		struct touched *t = &b->touched[i];
		sqlite3_stmt *st =
		    conn_stmt(b->c, SQL_PLAIN, PLAIN_STAMP_BUMP, e);

		if (st == NULL)
			return -1;
		conn_bind_text(st, 1, t->plan);
		sqlite3_bind_int64(st, 2, t->at);
		if (sqlite3_step(st) != SQLITE_ROW) {
			conn_fail(b->c, "stamp", e);
			sqlite3_reset(st);
			return -1;
		}
		t->stamp.seq = sqlite3_column_int64(st, 0);
		t->stamp.at = sqlite3_column_int64(st, 1);
		int rc = sqlite3_step(st) == SQLITE_DONE
			     ? 0
			     : conn_fail(b->c, "stamp", e);

		sqlite3_reset(st);
		if (rc < 0)
			return -1;
	}
	return 0;
}

static int
write_all(struct batch *b, struct write_set *list, struct err *e)
{
	if (conn_plain(b->c, PLAIN_BEGIN, e) < 0)
		return -1;
	for (struct write_set *ws = list; ws != NULL; ws = ws->next)
		if (write_one_set(b, ws, e) < 0)
			return -1;
	if (bump_stamps(b, e) < 0)
		return -1;
	return conn_plain(b->c, PLAIN_COMMIT, e);
}

/*
 * Nothing of the batch is stored.  Sets that had failed by themselves fail
 * as well: what made them fail may have been undone.
 */
static void
fail_all(struct batch *b, struct write_set *list, const struct err *e)
{
	struct err ignored;

	err_init(&ignored);
	if (sqlite3_get_autocommit(b->c->db) == 0 &&
	    conn_plain(b->c, PLAIN_ROLLBACK, &ignored) < 0)
		log_line(LOG_LEVEL_ERROR, "rollback failed", NULL);
	for (struct write_set *ws = list; ws != NULL; ws = ws->next) {
		ws->e = *e;
		ws->failed = 0;
	}
}

/* What is kept in memory of one document is as the file is now. */
static void
settle_one(struct cache *k, const struct write *w)
{
	const struct prepared *p = w->prepared;
	struct stored doc;

	if (p == NULL) { /* removed */
		cache_settle(k, w->coll, w->id, NULL);
		return;
	}
	const char *created = json_peek_str(w->doc, "createdAt");

	doc.rev = p->rev;
	doc.text = p->text;
	doc.len = p->len;
	snprintf(doc.created_at, sizeof(doc.created_at), "%s",
	    created != NULL ? created : "");
	cache_settle(k, w->coll, w->id, &doc);
}

/* Of sets that failed by themselves everything is as it was. */
static void
settle_all(struct cache *k, const struct write_set *list)
{
	for (const struct write_set *ws = list; ws != NULL; ws = ws->next)
		for (size_t i = 0; ws->e.code == ERR_NONE && i < ws->n; i++)
			settle_one(k, &ws->v[i]);
}

/* After a commit that failed the file alone knows what it holds. */
static void
forget_all(struct cache *k, const struct write_set *list)
{
	for (const struct write_set *ws = list; ws != NULL; ws = ws->next)
		for (size_t i = 0; i < ws->n; i++)
			cache_settle(k, ws->v[i].coll, ws->v[i].id, NULL);
}

/* The set may be gone as soon as done has been called. */
static void
finish(struct write_set *list)
{
	while (list != NULL) {
		struct write_set *next = list->next;

		for (size_t i = 0; i < list->n; i++) {
			prepared_free(list->v[i].prepared);
			list->v[i].prepared = NULL;
		}
		list->done(
		    list->arg, list->e.code != ERR_NONE ? &list->e : NULL);
		list = next;
	}
}

void
batch_write(struct sqlite *s, struct write_set *list)
{
	struct batch b = {.s = s, .c = s->writer};
	struct err e;

	err_init(&e);
	arena_init(&b.arena);
	memcpy(b.chains, s->chains, sizeof(b.chains));
	/* Until the commit the file alone knows. */
	memset(s->chains, 0, sizeof(s->chains));
	if (write_all(&b, list, &e) < 0) {
		fail_all(&b, list, &e);
		forget_all(s->cache, list);
	} else {
		memcpy(s->chains, b.chains, sizeof(s->chains));
		/* Before the stamps: who knows the new one reads the new. */
		settle_all(s->cache, list);
		for (size_t i = 0; i < b.ntouched; i++)
			stamps_put(
			    &s->stamps, b.touched[i].plan, &b.touched[i].stamp);
	}
	finish(list);
	arena_fini(&b.arena);
	free(b.touched);
}
