#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/text.h"
#include "store/bson_tree.h"
#include "store/mongo.h"

static bool
find_path(const bson_t *doc, const char *path, bson_iter_t *at)
{
	bson_iter_t iter;

	return bson_iter_init(&iter, doc) &&
	       bson_iter_find_descendant(&iter, path, at);
}

const char *
mongo_peek_text(const bson_t *doc, const char *path)
{
	bson_iter_t at;

	if (!find_path(doc, path, &at) || !BSON_ITER_HOLDS_UTF8(&at))
		return NULL;
	return bson_iter_utf8(&at, NULL);
}

int64_t
mongo_peek_int(const bson_t *doc, const char *path, int64_t dflt)
{
	bson_iter_t at;

	if (!find_path(doc, path, &at) ||
	    (!BSON_ITER_HOLDS_INT32(&at) && !BSON_ITER_HOLDS_INT64(&at)))
		return dflt;
	return bson_iter_as_int64(&at);
}

int
mongo_doc(
    const bson_t *doc, struct arena *a, struct store_doc *out, struct err *e)
{
	const char *id = mongo_peek_text(doc, "_id");
	struct buf b;
	int rc = -1;

	buf_init(&b, 0);
	if (id != NULL && bson_print(&b, doc) == 0 && buf_ok(&b)) {
		out->id = arena_strdup(a, id);
		out->rev = mongo_peek_int(doc, "rev", 0);
		out->text = arena_strndup(a, b.data, b.len);
		out->len = b.len;
		rc = 0;
	} else {
		log_line(LOG_LEVEL_ERROR, "document does not read", "id=%s",
		    id != NULL ? id : "?");
		err_set(e, ERR_INTERNAL,
		    "系统内部错误：有一条记录不是本程序写的，无法读取");
	}
	buf_fini(&b);
	return rc;
}

/*
 * The document with this id: new, or NULL with ERR_NOTFOUND or what went
 * wrong.  projection may be NULL.
 */
static bson_t *
fetch(struct mongo *m, const char *coll, const char *id,
    const bson_t *projection, struct err *e)
{
	mongoc_client_t *client = mongo_take(m, e);
	mongoc_collection_t *c;
	mongoc_cursor_t *cursor;
	bson_t *filter, *opts, *out = NULL;
	const bson_t *doc, *reply;
	bson_error_t why;

	if (client == NULL)
		return NULL;
	c = mongo_coll(m, client, coll);
	filter = BCON_NEW("_id", BCON_UTF8(id));
	opts = BCON_NEW("limit", BCON_INT64(1), "singleBatch", BCON_BOOL(true),
	    "maxTimeMS", BCON_INT64(m->timeout_ms));
	if (projection != NULL)
		BSON_APPEND_DOCUMENT(opts, "projection", projection);
	cursor = mongoc_collection_find_with_opts(c, filter, opts, NULL);
	if (mongoc_cursor_next(cursor, &doc))
		out = bson_copy(doc);
	else if (mongoc_cursor_error_document(cursor, &why, &reply))
		mongo_fail(m, "get", &why, reply, e);
	else
		err_set(e, ERR_NOTFOUND, "没有编号为“%s”的记录", id);
	mongoc_cursor_destroy(cursor);
	bson_destroy(opts);
	bson_destroy(filter);
	mongoc_collection_destroy(c);
	mongo_put(m, client);
	return out;
}

int
mongo_get(struct store *s, enum coll c, const char *id, struct arena *a,
    struct store_doc *out, struct err *e)
{
	bson_t *doc = fetch((struct mongo *)s, coll_name(c), id, NULL, e);
	int rc;

	if (doc == NULL)
		return -1;
	rc = mongo_doc(doc, a, out, e);
	bson_destroy(doc);
	return rc;
}

int
mongo_head(struct store *s, enum coll c, const char *id, struct store_head *out,
    struct err *e)
{
	bson_t *want =
	    BCON_NEW("rev", BCON_INT32(1), "createdAt", BCON_INT32(1));
	bson_t *doc = fetch((struct mongo *)s, coll_name(c), id, want, e);

	bson_destroy(want);
	if (doc == NULL)
		return -1;
	const char *at = mongo_peek_text(doc, "createdAt");

	out->rev = mongo_peek_int(doc, "rev", 0);
	snprintf(out->created_at, sizeof(out->created_at), "%s",
	    at != NULL ? at : "");
	bson_destroy(doc);
	return 0;
}

/* ---- find ---- */

static void
append_cell(bson_t *b, const char *key, const struct fact_cell *v)
{
	switch (v->type) {
	case CELL_NULL:
		BSON_APPEND_NULL(b, key);
		break;
	case CELL_INT:
		BSON_APPEND_INT64(b, key, v->n);
		break;
	case CELL_TEXT:
		BSON_APPEND_UTF8(b, key, v->s);
		break;
	}
}

/* {path: {op: value}} as item i of a list of conditions. */
static void
add_condition(bson_t *list, uint32_t *i, const char *path, const char *op,
    const struct fact_cell *v)
{
	char text[16];
	const char *key;
	bson_t item, inner;

	bson_uint32_to_string((*i)++, &key, text, sizeof(text));
	BSON_APPEND_DOCUMENT_BEGIN(list, key, &item);
	BSON_APPEND_DOCUMENT_BEGIN(&item, path, &inner);
	append_cell(&inner, op, v);
	bson_append_document_end(&item, &inner);
	bson_append_document_end(list, &item);
}

static size_t
put_character(char *out, uint32_t c)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	for (size_t i = n - 1; i > 0; i--, c >>= 6)
		out[i] = (char)(unsigned char)(0x80 | (c & 0x3f));
	out[0] = (char)(unsigned char)((0xf00U >> n & 0xf0U) | c);
	return n;
}

/*
 * The first text after all that begin with p, in the order of bytes, which is
 * that of characters; NULL when there is none.
 */
static const char *
prefix_end(const char *p, struct arena *a)
{
	size_t n = strlen(p);

	while (n > 0) {
		size_t at = n - 1;

		while (at > 0 && ((unsigned char)p[at] & 0xc0) == 0x80)
			at--;
		const char *s = p + at;
		uint32_t c = utf8_next(&s, p + n);

		if (c < 0x10FFFF) {
			char *end = arena_alloc(a, at + 5);

			memcpy(end, p, at);
			put_character(end + at, c == 0xD7FF ? 0xE000 : c + 1);
			return end;
		}
		n = at;
	}
	return NULL;
}

static void
add_filter(
    bson_t *list, uint32_t *i, const struct store_filter *f, struct arena *a)
{
	static const char *const ops[] = {[OP_EQ] = "$eq",
	    [OP_PREFIX] = "$gte",
	    [OP_GE] = "$gte",
	    [OP_LE] = "$lte"};
	struct fact_cell v = {.type = CELL_INT, .n = f->n};

	if (field_type(f->field) == FIELD_TYPE_TEXT) {
		v.type = f->text != NULL ? CELL_TEXT : CELL_NULL;
		v.s = f->text;
	}
	add_condition(list, i, field_path(f->field), ops[f->op], &v);
	if (f->op != OP_PREFIX || (v.s = prefix_end(f->text, a)) == NULL)
		return;
	add_condition(list, i, field_path(f->field), "$lt", &v);
}

/* Both at once, as item i: the value of path, and the id. */
static void
add_pair(bson_t *list, uint32_t *i, const char *path, const struct fact_cell *v,
    const char *op, const char *id)
{
	char text[16];
	const char *key;
	bson_t item, inner;

	bson_uint32_to_string((*i)++, &key, text, sizeof(text));
	BSON_APPEND_DOCUMENT_BEGIN(list, key, &item);
	append_cell(&item, path, v);
	BSON_APPEND_DOCUMENT_BEGIN(&item, "_id", &inner);
	BSON_APPEND_UTF8(&inner, op, id);
	bson_append_document_end(&item, &inner);
	bson_append_document_end(list, &item);
}

/*
 * What comes after the place in the order (sort, _id).  No value is before
 * every value, but matches no comparison with one.
 */
static void
add_after(bson_t *list, uint32_t *i, const struct store_query *q,
    const struct store_key *after)
{
	const char *than = q->desc ? "$lt" : "$gt";
	const char *path = field_path(q->sort);
	struct fact_cell id = {.type = CELL_TEXT, .s = after->id};
	struct fact_cell none = {.type = CELL_NULL};
	char text[16];
	const char *key;
	bson_t item, either;
	uint32_t n = 0;

	if (q->sort == FIELD_ID) {
		add_condition(list, i, "_id", than, &id);
		return;
	}
	bson_uint32_to_string((*i)++, &key, text, sizeof(text));
	BSON_APPEND_DOCUMENT_BEGIN(list, key, &item);
	BSON_APPEND_ARRAY_BEGIN(&item, "$or", &either);
	add_pair(&either, &n, path, &after->sort, than, after->id);
	if (after->sort.type != CELL_NULL)
		add_condition(&either, &n, path, than, &after->sort);
	if (after->sort.type != CELL_NULL && q->desc)
		add_condition(&either, &n, path, "$eq", &none);
	if (after->sort.type == CELL_NULL && !q->desc)
		add_condition(&either, &n, path, "$ne", &none);
	bson_append_array_end(&item, &either);
	bson_append_document_end(list, &item);
}

static void
make_filter(bson_t *filter, const struct store_query *q,
    const struct store_key *after, struct arena *a)
{
	uint32_t n = 0;
	bson_t all;

	if (q->nfilters == 0 && after == NULL)
		return;
	BSON_APPEND_ARRAY_BEGIN(filter, "$and", &all);
	for (size_t i = 0; i < q->nfilters; i++)
		add_filter(&all, &n, &q->filters[i], a);
	if (after != NULL)
		add_after(&all, &n, q, after);
	bson_append_array_end(filter, &all);
}

static void
make_opts(bson_t *opts, const struct mongo *m, const struct store_query *q)
{
	int32_t way = q->desc ? -1 : 1;
	bson_t sort;

	BSON_APPEND_DOCUMENT_BEGIN(opts, "sort", &sort);
	if (q->sort != FIELD_ID)
		BSON_APPEND_INT32(&sort, field_path(q->sort), way);
	BSON_APPEND_INT32(&sort, "_id", way);
	bson_append_document_end(opts, &sort);
	/* One more, to know whether there is a next page. */
	BSON_APPEND_INT64(opts, "limit", (int64_t)q->limit + 1);
	BSON_APPEND_INT64(opts, "maxTimeMS", m->timeout_ms);
}

/* The place of a document, for the next page. */
static void
keep_place(const bson_t *doc, const struct store_query *q, struct arena *a,
    const struct store_doc *d, struct store_key *last)
{
	const char *path = field_path(q->sort);
	const char *text;
	bson_iter_t at;

	last->id = d->id;
	last->sort.type = CELL_NULL;
	if (q->sort == FIELD_ID || !find_path(doc, path, &at))
		return;
	if (field_type(q->sort) == FIELD_TYPE_INT &&
	    (BSON_ITER_HOLDS_INT64(&at) || BSON_ITER_HOLDS_INT32(&at))) {
		last->sort.type = CELL_INT;
		last->sort.n = bson_iter_as_int64(&at);
	} else if ((text = mongo_peek_text(doc, path)) != NULL) {
		last->sort.type = CELL_TEXT;
		last->sort.s = arena_strdup(a, text);
	}
}

static int
read_page(struct mongo *m, mongoc_cursor_t *cursor, const struct store_query *q,
    struct arena *a, struct store_page *out, struct store_key *last,
    struct err *e)
{
	struct store_key place = {.id = NULL};
	const bson_t *doc, *reply;
	bson_error_t why;

	out->docs = arena_alloc(a, q->limit * sizeof(*out->docs));
	out->ndocs = 0;
	while (mongoc_cursor_next(cursor, &doc)) {
		if (out->ndocs == q->limit) {
			*last = place;
			return 0;
		}
		struct store_doc *d = &out->docs[out->ndocs++];

		if (mongo_doc(doc, a, d, e) < 0)
			return -1;
		if (out->ndocs == q->limit)
			keep_place(doc, q, a, d, &place);
	}
	if (mongoc_cursor_error_document(cursor, &why, &reply))
		return mongo_fail(m, "find", &why, reply, e);
	return 0;
}

int
mongo_find(struct store *s, const struct store_query *q,
    const struct store_key *after, struct arena *a, struct store_page *out,
    struct store_key *last, struct err *e)
{
	struct mongo *m = (struct mongo *)s;
	bson_t filter = BSON_INITIALIZER, opts = BSON_INITIALIZER;
	mongoc_client_t *client = mongo_take(m, e);
	mongoc_collection_t *c;
	mongoc_cursor_t *cursor;
	int rc = -1;

	if (client == NULL)
		goto out;
	make_filter(&filter, q, after, a);
	make_opts(&opts, m, q);
	c = mongo_coll(m, client, coll_name(q->coll));
	cursor = mongoc_collection_find_with_opts(c, &filter, &opts, NULL);
	rc = read_page(m, cursor, q, a, out, last, e);
	mongoc_cursor_destroy(cursor);
	mongoc_collection_destroy(c);
out:
	mongo_put(m, client);
	bson_destroy(&opts);
	bson_destroy(&filter);
	return rc;
}
