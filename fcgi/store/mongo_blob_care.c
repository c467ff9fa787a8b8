#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "store/mongo.h"

/* Chunks without a file that nobody touched for so long are left over. */
#define LEFTOVER_MS ((int64_t)3600 * 1000)

/* Call fn with each _id, or files_id, that fits the filter. */
static int
each_name(struct mongo *m, mongoc_client_t *client, const char *coll,
    const char *field, const bson_t *filter, const bson_t *opts,
    int (*fn)(void *arg, const char *name, struct err *e), void *arg,
    struct err *e)
{
	mongoc_collection_t *c = mongo_coll(m, client, coll);
	mongoc_cursor_t *cursor =
	    mongoc_collection_find_with_opts(c, filter, opts, NULL);
	const bson_t *doc, *reply;
	bson_error_t why;
	int rc = 0;

	while (rc == 0 && mongoc_cursor_next(cursor, &doc)) {
		const char *name = mongo_peek_text(doc, field);

		rc = name != NULL ? fn(arg, name, e) : 0;
	}
	if (rc == 0 && mongoc_cursor_error_document(cursor, &why, &reply))
		rc = mongo_fail(m, "blob", &why, reply, e);
	mongoc_cursor_destroy(cursor);
	mongoc_collection_destroy(c);
	return rc;
}

struct check {
	struct mongo *m;
	mongoc_client_t *client;
	struct arena arena;
	void (*tell)(void *arg, const char *line);
	void *arg;
	struct store_verdict *v;
	int64_t before; /* older chunks without a file go */
	char last[SHA256_HEX + 1];
};

static int
check_file(void *arg, const char *name, struct err *e)
{
	struct check *k = arg;

	return blob_verify(
	    &k->m->base, name, &k->arena, k->tell, k->arg, k->v, e);
}

/* Chunks of this file that are as old; a put that goes on makes them new. */
static int
remove_chunks(struct check *k, const char *name, struct err *e)
{
	mongoc_collection_t *c = mongo_coll(k->m, k->client, MONGO_CHUNKS);
	bson_t *filter = BCON_NEW("files_id", BCON_UTF8(name), "touched", "{",
	    "$lt", BCON_DATE_TIME(k->before), "}");
	bson_error_t why;
	bson_t reply;
	int rc = 0;

	if (!mongoc_collection_delete_many(c, filter, NULL, &reply, &why))
		rc = mongo_fail(k->m, "blob", &why, &reply, e);
	bson_destroy(&reply);
	bson_destroy(filter);
	mongoc_collection_destroy(c);
	return rc;
}

static int
check_chunk(void *arg, const char *name, struct err *e)
{
	struct check *k = arg;
	struct mongo_blob b = {k->m, k->client, name};
	int64_t len;
	int there;

	/* They come in the order of their files. */
	if (strcmp(name, k->last) == 0)
		return 0;
	snprintf(k->last, sizeof(k->last), "%s", name);
	there = mongo_blob_find(&b, &len, e);
	return there == 0 ? remove_chunks(k, name, e) : there < 0 ? -1 : 0;
}

int
mongo_blobs_verify(struct mongo *m, mongoc_client_t *client,
    void (*tell)(void *arg, const char *line), void *arg,
    struct store_verdict *out, struct err *e)
{
	struct check k = {.m = m, .tell = tell, .arg = arg, .v = out};
	bson_t *opts = BCON_NEW("projection", "{", "_id", BCON_INT32(1), "}");
	bson_t all = BSON_INITIALIZER;
	int rc;

	arena_init(&k.arena);
	rc = each_name(
	    m, client, MONGO_FILES, "_id", &all, opts, check_file, &k, e);
	arena_fini(&k.arena);
	bson_destroy(&all);
	bson_destroy(opts);
	return rc;
}

/* Only our own chunks say when they were touched. */
int
mongo_blobs_repair(struct mongo *m, mongoc_client_t *client, struct err *e)
{
	struct check k = {
	    .m = m, .client = client, .before = instant_now() - LEFTOVER_MS};
	bson_t *filter =
	    BCON_NEW("touched", "{", "$lt", BCON_DATE_TIME(k.before), "}");
	bson_t *opts =
	    BCON_NEW("projection", "{", "files_id", BCON_INT32(1), "}", "sort",
		"{", "files_id", BCON_INT32(1), "n", BCON_INT32(1), "}");
	int rc = each_name(m, client, MONGO_CHUNKS, "files_id", filter, opts,
	    check_chunk, &k, e);

	bson_destroy(opts);
	bson_destroy(filter);
	return rc;
}
