#include <string.h>
#include <time.h>

#include "store/mongo.h"

/*
 * Blobs are files of GridFS that any driver reads; _id and filename are the
 * hash.  Chunks are written first and the entry of the file last, so what is
 * broken off in the middle is no file.  Every put writes its chunks whole over
 * what is there: equal puts at once write the same.
 */
#define CHUNK_BYTES ((size_t)255 * 1024)

#define ATTEMPTS 20
#define PAUSE_MS 20L

int
mongo_blob_find(const struct mongo_blob *b, int64_t *len, struct err *e)
{
	mongoc_collection_t *c = mongo_coll(b->m, b->client, MONGO_FILES);
	bson_t *filter = BCON_NEW("_id", BCON_UTF8(b->sha256));
	bson_t *opts = BCON_NEW("limit", BCON_INT64(1), "singleBatch",
	    BCON_BOOL(true), "maxTimeMS", BCON_INT64(b->m->timeout_ms));
	mongoc_read_concern_t *concern = mongoc_read_concern_new();
	mongoc_cursor_t *cursor;
	const bson_t *doc, *reply;
	bson_error_t why;
	int rc = 0;

	/* Whatever the address says: what is there is durable. */
	mongoc_read_concern_set_level(
	    concern, MONGOC_READ_CONCERN_LEVEL_MAJORITY);
	mongoc_read_concern_append(concern, opts);
	cursor = mongoc_collection_find_with_opts(c, filter, opts, NULL);
	if (mongoc_cursor_next(cursor, &doc)) {
		*len = mongo_peek_int(doc, "length", -1);
		rc = 1;
	} else if (mongoc_cursor_error_document(cursor, &why, &reply)) {
		rc = mongo_fail(b->m, "blob", &why, reply, e);
	}
	mongoc_cursor_destroy(cursor);
	mongoc_read_concern_destroy(concern);
	bson_destroy(opts);
	bson_destroy(filter);
	mongoc_collection_destroy(c);
	return rc;
}

/* ---- put ---- */

static void
add_chunk(mongoc_bulk_operation_t *bulk, const struct mongo_blob *b, int32_t n,
    const uint8_t *p, size_t len)
{
	bson_t *which, *chunk, *opts;

	which = BCON_NEW("files_id", BCON_UTF8(b->sha256), "n", BCON_INT32(n));
	chunk = BCON_NEW("files_id", BCON_UTF8(b->sha256), "n", BCON_INT32(n),
	    "data", BCON_BIN(BSON_SUBTYPE_BINARY, p, (uint32_t)len), "touched",
	    BCON_DATE_TIME(instant_now()));
	opts = BCON_NEW("upsert", BCON_BOOL(true));
	/* A replacement without operators is always taken. */
	mongoc_bulk_operation_replace_one_with_opts(
	    bulk, which, chunk, opts, NULL);
	bson_destroy(opts);
	bson_destroy(chunk);
	bson_destroy(which);
}

static enum mongo_end
end_of(const struct mongo_blob *b, const bson_error_t *why, const bson_t *reply,
    struct err *e)
{
	enum mongo_class c = mongo_classify(why, reply);

	mongo_fail(b->m, "blob", why, reply, e);
	return c == MONGO_DUPLICATE || c == MONGO_CONFLICT ? MONGO_AGAIN
							   : MONGO_FAILED;
}

static enum mongo_end
put_chunks(
    const struct mongo_blob *b, const uint8_t *p, size_t len, struct err *e)
{
	mongoc_collection_t *c = mongo_coll(b->m, b->client, MONGO_CHUNKS);
	mongoc_bulk_operation_t *bulk =
	    mongoc_collection_create_bulk_operation_with_opts(c, NULL);
	enum mongo_end end = MONGO_DONE;
	bson_error_t why;
	bson_t reply;
	int32_t n = 0;

	for (size_t at = 0; at < len; at += CHUNK_BYTES)
		add_chunk(bulk, b, n++, p + at,
		    len - at < CHUNK_BYTES ? len - at : CHUNK_BYTES);
	if (n > 0) {
		if (mongoc_bulk_operation_execute(bulk, &reply, &why) == 0)
			end = end_of(b, &why, &reply, e);
		bson_destroy(&reply);
	}
	mongoc_bulk_operation_destroy(bulk);
	mongoc_collection_destroy(c);
	return end;
}

static enum mongo_end
put_entry(const struct mongo_blob *b, size_t len, struct err *e)
{
	mongoc_collection_t *c = mongo_coll(b->m, b->client, MONGO_FILES);
	bson_t *entry = BCON_NEW("_id", BCON_UTF8(b->sha256), "length",
	    BCON_INT64((int64_t)len), "chunkSize",
	    BCON_INT32((int32_t)CHUNK_BYTES), "uploadDate",
	    BCON_DATE_TIME(instant_now()), "filename", BCON_UTF8(b->sha256));
	enum mongo_end end = MONGO_DONE;
	bson_error_t why;
	bson_t reply;

	if (!mongoc_collection_insert_one(c, entry, NULL, &reply, &why))
		end = end_of(b, &why, &reply, e);
	bson_destroy(&reply);
	bson_destroy(entry);
	mongoc_collection_destroy(c);
	return end;
}

static enum mongo_end
try_put(const struct mongo_blob *b, const void *data, size_t len, struct err *e)
{
	int64_t stored;
	enum mongo_end end;
	int there = mongo_blob_find(b, &stored, e);

	if (there != 0)
		return there > 0 ? MONGO_DONE : MONGO_FAILED;
	end = put_chunks(b, data, len, e);
	return end == MONGO_DONE ? put_entry(b, len, e) : end;
}

int
mongo_blob_put(struct store *store, const char *sha256, const void *data,
    size_t len, struct err *e)
{
	struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000};
	struct mongo_blob b = {.m = (struct mongo *)store, .sha256 = sha256};
	enum mongo_end end = MONGO_AGAIN;

	if (b.m->reader)
		return err_set(e, ERR_LOCKED, "这里只能读取，不能保存附件");
	b.client = mongo_take(b.m, e);
	if (b.client == NULL)
		return -1;
	for (int i = 0; i < ATTEMPTS && end == MONGO_AGAIN; i++) {
		if (i > 0)
			nanosleep(&pause, NULL);
		err_init(e);
		end = try_put(&b, data, len, e);
	}
	mongo_put(b.m, b.client);
	if (end == MONGO_AGAIN)
		err_set(e, ERR_UNAVAILABLE, "附件暂时无法保存，请稍后再试");
	return end == MONGO_DONE ? 0 : -1;
}

/* ---- get ---- */

/* Does the chunk go on where the bytes end?  Then they end later. */
static bool
take_chunk(
    const bson_t *chunk, int64_t n, uint8_t *data, size_t len, size_t *got)
{
	bson_iter_t iter;
	const uint8_t *p;
	uint32_t more;

	if (mongo_peek_int(chunk, "n", -1) != n ||
	    !bson_iter_init_find(&iter, chunk, "data") ||
	    !BSON_ITER_HOLDS_BINARY(&iter))
		return false;
	bson_iter_binary(&iter, NULL, &more, &p);
	if (more > len - *got)
		return false;
	memcpy(data + *got, p, more);
	*got += more;
	return true;
}

static int
read_chunks(
    const struct mongo_blob *b, uint8_t *data, size_t len, struct err *e)
{
	mongoc_collection_t *c = mongo_coll(b->m, b->client, MONGO_CHUNKS);
	bson_t *filter = BCON_NEW("files_id", BCON_UTF8(b->sha256));
	bson_t *opts = BCON_NEW("sort", "{", "n", BCON_INT32(1), "}",
	    "maxTimeMS", BCON_INT64(b->m->timeout_ms));
	mongoc_cursor_t *cursor =
	    mongoc_collection_find_with_opts(c, filter, opts, NULL);
	const bson_t *chunk, *reply;
	bson_error_t why;
	size_t got = 0;
	bool whole = true;
	int rc = 0;

	for (int64_t n = 0; whole && mongoc_cursor_next(cursor, &chunk); n++)
		whole = take_chunk(chunk, n, data, len, &got);
	if (mongoc_cursor_error_document(cursor, &why, &reply))
		rc = mongo_fail(b->m, "blob", &why, reply, e);
	else if (!whole || got != len)
		rc = blob_damaged(b->sha256, e);
	mongoc_cursor_destroy(cursor);
	bson_destroy(opts);
	bson_destroy(filter);
	mongoc_collection_destroy(c);
	return rc;
}

int
mongo_blob_get(struct store *store, const char *sha256, struct arena *a,
    const void **data, size_t *len, struct err *e)
{
	struct mongo_blob b = {.m = (struct mongo *)store, .sha256 = sha256};
	int64_t n = 0;
	int rc = -1, there;

	b.client = mongo_take(b.m, e);
	if (b.client == NULL)
		return -1;
	there = mongo_blob_find(&b, &n, e);
	if (there == 0)
		err_set(e, ERR_NOTFOUND, "没有这个附件");
	if (there > 0 && (n < 0 || n > STORE_BLOB_MAX))
		blob_damaged(sha256, e);
	else if (there > 0) {
		uint8_t *bytes = arena_alloc(a, (size_t)n + 1);

		rc = read_chunks(&b, bytes, (size_t)n, e);
		*data = bytes;
		*len = (size_t)n;
	}
	mongo_put(b.m, b.client);
	return rc;
}
