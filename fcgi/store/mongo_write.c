#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "store/bson_tree.h"
#include "store/mongo.h"

/* What the server takes in one batch, and a document's limit. */
#define BATCH_MAX 1000
#define DOC_MAX (16 * 1024 * 1024 - 1024)

#define LABEL_UNKNOWN "UnknownTransactionCommitResult"

int
mongo_prepare(struct store *store, struct write *w, struct err *e)
{
	(void)store;
	if (w->op == WRITE_REMOVE)
		return 0;
	bson_t *b = bson_new();

	if (bson_append_members(b, w->doc, e) < 0) {
		bson_destroy(b);
		return -1;
	}
	if (b->len > DOC_MAX) {
		bson_destroy(b);
		return err_set(e, ERR_TOOBIG, "一条记录超过16 MB，不能保存");
	}
	w->prepared = b;
	return 0;
}

void
mongo_discard(struct write *w)
{
	bson_destroy(w->prepared);
	w->prepared = NULL;
}

void
mongo_touch(struct mongo_set *s, const char *plan)
{
	if (plan == NULL)
		return;
	for (size_t i = 0; i < s->nplans; i++)
		if (strcmp(s->plans[i], plan) == 0)
			return;
	if (s->nplans == s->plans_cap) {
		const char **old = s->plans;
		size_t n = s->plans_cap == 0 ? 8 : 2 * s->plans_cap;

		s->plans = arena_alloc(&s->arena, n * sizeof(*s->plans));
		if (s->nplans > 0)
			memcpy(s->plans, old, s->nplans * sizeof(*old));
		s->plans_cap = n;
	}
	s->plans[s->nplans++] = plan;
}

const char *
mongo_plan_of(const struct write *w)
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

/* The plan of a stored document, NULL for none; arena. */
static const char *
plan_in(struct mongo_set *s, enum coll c, const bson_t *doc)
{
	enum field f = coll_plan_field(c);
	const char *plan;

	if (f == FIELD_NO_PLAN)
		return NULL;
	plan = f == FIELD__MAX ? NULL : mongo_peek_text(doc, field_path(f));
	return plan != NULL ? arena_strdup(&s->arena, plan) : "";
}

void
mongo_add_session(const struct mongo_set *s, bson_t *opts)
{
	bson_error_t why;

	if (s->session != NULL &&
	    !mongoc_client_session_append(s->session, opts, &why))
		abort(); /* a client that knows no sessions: never 4.4 */
}

static bson_t *
fields_wanted(enum coll c)
{
	enum field f = coll_plan_field(c);
	bson_t *b = BCON_NEW("rev", BCON_INT32(1), "createdAt", BCON_INT32(1));

	if (f < FIELD__MAX && f != FIELD_ID)
		BSON_APPEND_INT32(b, field_path(f), 1);
	return b;
}

enum mongo_end
mongo_look_up(struct mongo_set *s, const struct write *w, bool whole,
    struct mongo_before *out, struct err *e)
{
	mongoc_collection_t *c =
	    mongo_coll(s->m, s->client, coll_name(w->coll));
	bson_t *filter = BCON_NEW("_id", BCON_UTF8(w->id));
	bson_t *want = fields_wanted(w->coll);
	bson_t opts = BSON_INITIALIZER;
	const bson_t *doc, *reply;
	mongoc_cursor_t *cursor;
	enum mongo_end end = MONGO_DONE;
	bson_error_t why;

	*out = (struct mongo_before){.there = false, .plan = ""};
	BSON_APPEND_INT64(&opts, "limit", 1);
	BSON_APPEND_BOOL(&opts, "singleBatch", true);
	if (!whole)
		BSON_APPEND_DOCUMENT(&opts, "projection", want);
	mongo_add_session(s, &opts);
	cursor = mongoc_collection_find_with_opts(c, filter, &opts, NULL);
	if (mongoc_cursor_next(cursor, &doc)) {
		const char *at = mongo_peek_text(doc, "createdAt");

		out->there = true;
		out->rev = mongo_peek_int(doc, "rev", 0);
		snprintf(out->created_at, sizeof(out->created_at), "%s",
		    at != NULL ? at : "");
		out->plan = plan_in(s, w->coll, doc);
		out->doc = whole ? bson_copy(doc) : NULL;
	} else if (mongoc_cursor_error_document(cursor, &why, &reply)) {
		end = mongo_fail_end(s->m, "look up", &why, reply, e);
	}
	mongoc_cursor_destroy(cursor);
	bson_destroy(&opts);
	bson_destroy(want);
	bson_destroy(filter);
	mongoc_collection_destroy(c);
	return end;
}

int
mongo_refuse_existing(const struct write *w, struct err *e)
{
	return err_set(
	    e, ERR_EXISTS, "已有编号为“%s”或关键内容相同的记录", w->id);
}

int
mongo_check(
    const struct write *w, const struct mongo_before *before, struct err *e)
{
	if (write_adds(w))
		return before->there ? mongo_refuse_existing(w, e) : 0;
	if (!before->there)
		return err_set(e, ERR_NOTFOUND, "没有编号为“%s”的记录", w->id);
	if (w->rev != 0 && w->rev != before->rev)
		return err_set(e, ERR_STALE,
		    "记录“%s”已被他人修改（现为第%lld版，不是第%lld版），"
		    "请重新打开后再改",
		    w->id, (long long)before->rev, (long long)w->rev);
	return 0;
}

int
mongo_complete(struct mongo_set *s, struct write *w,
    const struct mongo_before *before, struct err *e)
{
	struct store_head head = {.rev = before->rev};

	if (w->op != WRITE_REPLACE ||
	    json_peek_int(w->doc, "rev", 0) == before->rev + 1)
		return 0;
	memcpy(head.created_at, before->created_at, sizeof(head.created_at));
	write_complete(w, &head, s->ws->now);
	mongo_discard(w);
	return mongo_prepare(&s->m->base, w, e);
}

/* ---- stamps ---- */

static void
add_bump(mongoc_bulk_operation_t *bulk, const char *plan, instant_t now)
{
	bson_t *filter = BCON_NEW("_id", BCON_UTF8(plan));
	bson_t *update = BCON_NEW("$inc", "{", "seq", BCON_INT64(1), "}",
	    "$max", "{", "at", BCON_INT64(now), "}");
	bson_t *opts = BCON_NEW("upsert", BCON_BOOL(true));
	bson_error_t why;

	if (!mongoc_bulk_operation_update_one_with_opts(
		bulk, filter, update, opts, &why))
		abort(); /* our own, well-formed */
	bson_destroy(opts);
	bson_destroy(update);
	bson_destroy(filter);
}

/* At most BATCH_MAX of the plans, from the i-th on. */
static enum mongo_end
bump_some(struct mongo_set *s, size_t i, struct err *e)
{
	mongoc_collection_t *c = mongo_coll(s->m, s->client, MONGO_STAMPS);
	enum mongo_end end = MONGO_DONE;
	bson_t opts = BSON_INITIALIZER;
	mongoc_bulk_operation_t *bulk;
	bson_error_t why;
	bson_t reply;

	mongo_add_session(s, &opts);
	bulk = mongoc_collection_create_bulk_operation_with_opts(c, &opts);
	for (size_t k = i; k < s->nplans && k < i + BATCH_MAX; k++)
		add_bump(bulk, s->plans[k], s->ws->now);
	if (mongoc_bulk_operation_execute(bulk, &reply, &why) == 0) {
		end = mongo_fail_end(s->m, "stamp", &why, &reply, e);
		/* Two that make the same stamp at once. */
		if (mongo_classify(&why, &reply) == MONGO_DUPLICATE)
			end = MONGO_AGAIN;
	}
	bson_destroy(&reply);
	mongoc_bulk_operation_destroy(bulk);
	bson_destroy(&opts);
	mongoc_collection_destroy(c);
	return end;
}

static int
compare_texts(const void *x, const void *y)
{
	const char *const *a = x;
	const char *const *b = y;

	return strcmp(*a, *b);
}

enum mongo_end
mongo_bump(struct mongo_set *s, struct err *e)
{
	enum mongo_end end = MONGO_DONE;

	/* In one order everywhere: nobody waits in a circle. */
	if (s->nplans > 1)
		qsort(s->plans, s->nplans, sizeof(*s->plans), compare_texts);
	for (size_t i = 0; i < s->nplans && end == MONGO_DONE; i += BATCH_MAX)
		end = bump_some(s, i, e);
	return end;
}

/* ---- writes in a transaction ---- */

/* The first statement of a batch that failed. */
static size_t
failed_index(const bson_t *reply)
{
	int64_t i = mongo_peek_int(reply, "writeErrors.0.index", 0);

	return i > 0 ? (size_t)i : 0;
}

/* Inserts into one collection that follow each other: n of them, from i. */
static size_t
count_inserts(const struct write_set *ws, size_t i)
{
	size_t n = 0;

	while (i + n < ws->n && n < BATCH_MAX && write_adds(&ws->v[i + n]) &&
	       ws->v[i + n].coll == ws->v[i].coll)
		n++;
	return n;
}

static enum mongo_end
insert_docs(struct mongo_set *s, size_t i, size_t n, struct err *e)
{
	struct write *w = &s->ws->v[i];
	mongoc_collection_t *c =
	    mongo_coll(s->m, s->client, coll_name(w->coll));
	const bson_t **docs = arena_alloc(&s->arena, n * sizeof(*docs));
	enum mongo_end end = MONGO_DONE;
	bson_t opts = BSON_INITIALIZER;
	bson_error_t why;
	bson_t reply;

	for (size_t k = 0; k < n; k++) {
		docs[k] = w[k].prepared;
		mongo_touch(s, mongo_plan_of(&w[k]));
	}
	mongo_add_session(s, &opts);
	BSON_APPEND_BOOL(&opts, "validate", false);
	if (!mongoc_collection_insert_many(c, docs, n, &opts, &reply, &why)) {
		s->ws->failed = i + failed_index(&reply);
		end = mongo_fail_end(s->m, "insert", &why, &reply, e);
		if (e->code == ERR_EXISTS)
			mongo_refuse_existing(&s->ws->v[s->ws->failed], e);
	}
	bson_destroy(&reply);
	bson_destroy(&opts);
	mongoc_collection_destroy(c);
	return end;
}

/*
 * The guarded write of a REPLACE or REMOVE over revision `rev` (0: any).
 * *hit: was there something to write over?  The plan it had is touched.
 */
static enum mongo_end
modify(
    struct mongo_set *s, struct write *w, int64_t rev, bool *hit, struct err *e)
{
	mongoc_collection_t *c =
	    mongo_coll(s->m, s->client, coll_name(w->coll));
	mongoc_find_and_modify_opts_t *o = mongoc_find_and_modify_opts_new();
	bson_t *query = BCON_NEW("_id", BCON_UTF8(w->id));
	bson_t *want = fields_wanted(w->coll);
	enum mongo_end end = MONGO_DONE;
	bson_t extra = BSON_INITIALIZER;
	bson_iter_t value;
	bson_error_t why;
	bson_t reply;

	if (rev != 0)
		BSON_APPEND_INT64(query, "rev", rev);
	mongo_add_session(s, &extra);
	mongoc_find_and_modify_opts_append(o, &extra);
	mongoc_find_and_modify_opts_set_fields(o, want);
	if (w->op == WRITE_REMOVE)
		mongoc_find_and_modify_opts_set_flags(
		    o, MONGOC_FIND_AND_MODIFY_REMOVE);
	else
		mongoc_find_and_modify_opts_set_update(o, w->prepared);
	*hit = false;
	if (!mongoc_collection_find_and_modify_with_opts(
		c, query, o, &reply, &why)) {
		end = mongo_fail_end(s->m, "modify", &why, &reply, e);
		if (e->code == ERR_EXISTS)
			mongo_refuse_existing(w, e);
	} else if (bson_iter_init_find(&value, &reply, "value") &&
		   BSON_ITER_HOLDS_DOCUMENT(&value)) {
		const uint8_t *data;
		uint32_t n;
		bson_t old;

		bson_iter_document(&value, &n, &data);
		*hit = bson_init_static(&old, data, n);
		if (coll_plan_field(w->coll) == FIELD_ID)
			mongo_touch(s, w->id);
		else
			mongo_touch(s, plan_in(s, w->coll, &old));
	}
	bson_destroy(&reply);
	bson_destroy(&extra);
	bson_destroy(want);
	bson_destroy(query);
	mongoc_find_and_modify_opts_destroy(o);
	mongoc_collection_destroy(c);
	return end;
}

static enum mongo_end
change_doc(struct mongo_set *s, struct write *w, struct err *e)
{
	struct mongo_before before;
	int64_t rev = w->rev;
	enum mongo_end end;
	bool hit;

	if (w->op == WRITE_REPLACE) {
		rev = json_peek_int(w->doc, "rev", 0) - 1;
		mongo_touch(s, mongo_plan_of(w));
	}
	end = modify(s, w, rev, &hit, e);
	if (end != MONGO_DONE || hit)
		return end;
	end = mongo_look_up(s, w, false, &before, e);
	if (end != MONGO_DONE)
		return end;
	if (mongo_check(w, &before, e) < 0 ||
	    mongo_complete(s, w, &before, e) < 0)
		return MONGO_FAILED;
	/* Prepared over another revision than is there, and any will do. */
	return MONGO_AGAIN;
}

static enum mongo_end
write_docs(struct mongo_set *s, struct err *e)
{
	struct write_set *ws = s->ws;
	enum mongo_end end = MONGO_DONE;
	size_t i = 0;

	while (i < ws->n && end == MONGO_DONE) {
		size_t n = count_inserts(ws, i);

		ws->failed = i;
		end = n > 0 ? insert_docs(s, i, n, e)
			    : change_doc(s, &ws->v[i], e);
		i += n > 0 ? n : 1;
	}
	return end;
}

/* A commit may be repeated: it happens once. */
static enum mongo_end
commit(struct mongo_set *s, struct err *e)
{
	int64_t until = mongo_clock_ms() + s->m->timeout_ms;
	enum mongo_end end = MONGO_DONE;
	bool unknown = false;

	do {
		bson_error_t why;
		bson_t reply;

		end = MONGO_DONE;
		if (!mongoc_client_session_commit_transaction(
			s->session, &reply, &why)) {
			end = mongo_fail_end(s->m, "commit", &why, &reply, e);
			unknown = mongoc_error_has_label(&reply, LABEL_UNKNOWN);
		}
		bson_destroy(&reply);
	} while (end != MONGO_DONE && unknown && mongo_clock_ms() < until);
	return end;
}

static mongoc_client_session_t *
start(struct mongo_set *s, struct err *e)
{
	mongoc_transaction_opt_t *o = mongoc_transaction_opts_new();
	mongoc_read_concern_t *rc = mongoc_read_concern_new();
	mongoc_client_session_t *session;
	bson_error_t why;

	mongoc_read_concern_set_level(rc, MONGOC_READ_CONCERN_LEVEL_SNAPSHOT);
	mongoc_transaction_opts_set_read_concern(o, rc);
	mongoc_transaction_opts_set_write_concern(
	    o, mongoc_uri_get_write_concern(s->m->uri));
	session = mongoc_client_start_session(s->client, NULL, &why);
	if (session == NULL) {
		mongo_fail(s->m, "session", &why, NULL, e);
	} else if (!mongoc_client_session_start_transaction(session, o, &why)) {
		mongo_fail(s->m, "transaction", &why, NULL, e);
		mongoc_client_session_destroy(session);
		session = NULL;
	}
	mongoc_read_concern_destroy(rc);
	mongoc_transaction_opts_destroy(o);
	return session;
}

enum mongo_end
mongo_write_txn(struct mongo_set *s, struct err *e)
{
	enum mongo_end end;
	bson_error_t why;

	s->nplans = 0;
	s->session = start(s, e);
	if (s->session == NULL)
		return MONGO_FAILED;
	/* First: whoever is too late shall know it soon. */
	end = mongo_link(s, e);
	if (end == MONGO_DONE)
		end = mongo_put_heads(s, e);
	if (end == MONGO_DONE)
		end = write_docs(s, e);
	/* Last: it is what others wait for. */
	if (end == MONGO_DONE)
		end = mongo_bump(s, e);
	if (end == MONGO_DONE)
		end = commit(s, e);
	else if (!mongoc_client_session_abort_transaction(s->session, &why))
		log_line(LOG_LEVEL_DEBUG, "abort", "reason=%s", why.message);
	mongoc_client_session_destroy(s->session);
	s->session = NULL;
	mongo_unlink(s);
	return end;
}
