#include <stdio.h>
#include <string.h>

#include "base/cfg.h"
#include "base/json.h"
#include "base/log.h"
#include "store/mongo.h"

/* A copy of a cluster is its own tools' business: mongodump knows shards. */
static int
refuse_backup(struct err *e)
{
	return err_set(e, ERR_CONFIG,
	    "MongoDB的备份和恢复请用mongodump（加--oplog）和mongorestore；"
	    "恢复之后运行 minsheng verify --repair");
}

int
mongo_backup(struct store *s, const char *path, struct err *e)
{
	(void)s;
	(void)path;
	return refuse_backup(e);
}

int
mongo_restore(
    const struct cfg *cfg, const char *path, bool force, struct err *e)
{
	(void)cfg;
	(void)path;
	(void)force;
	return refuse_backup(e);
}

/* ---- verify ---- */

struct check {
	struct mongo *m;
	mongoc_client_t *client;
	void (*tell)(void *arg, const char *line);
	void *arg;
	struct store_verdict *v;
};

static void
say_broken(struct check *k, enum coll c, const char *id)
{
	char line[256];

	k->v->broken++;
	snprintf(line, sizeof(line), "记录已损坏：%s %s", coll_name(c), id);
	k->tell(k->arg, line);
}

static int
count_fact(void *arg, const struct fact_row *row, struct err *e)
{
	struct check *k = arg;

	(void)row;
	(void)e;
	k->v->facts++;
	return 0;
}

/* Does the document read, and say what statistics need? */
static bool
is_whole(struct check *k, enum coll c, const struct store_doc *d)
{
	struct err ignored;
	json_t *doc;
	bool ok;

	err_init(&ignored);
	doc = json_read_own(d->text, d->len, &ignored);
	ok = doc != NULL && d->rev >= 1 &&
	     json_peek_str(doc, "createdAt") != NULL &&
	     json_peek_str(doc, "updatedAt") != NULL &&
	     coll_walk_facts(c, doc, count_fact, k, &ignored) == 0;
	json_decref(doc);
	return ok;
}

static int
check_coll(struct check *k, enum coll c, struct err *e)
{
	mongoc_collection_t *coll = mongo_coll(k->m, k->client, coll_name(c));
	bson_t *opts = BCON_NEW("sort", "{", "_id", BCON_INT32(1), "}");
	bson_t all = BSON_INITIALIZER;
	mongoc_cursor_t *cursor =
	    mongoc_collection_find_with_opts(coll, &all, opts, NULL);
	const bson_t *doc, *reply;
	struct store_doc d;
	struct arena a;
	struct err ignored;
	bson_error_t why;
	int rc = 0;

	arena_init(&a);
	while (mongoc_cursor_next(cursor, &doc)) {
		const char *id = mongo_peek_text(doc, "_id");

		arena_reset(&a);
		err_init(&ignored);
		k->v->documents++;
		if (mongo_doc(doc, &a, &d, &ignored) < 0 || !is_whole(k, c, &d))
			say_broken(k, c, id != NULL ? id : "?");
	}
	if (mongoc_cursor_error_document(cursor, &why, &reply))
		rc = mongo_fail(k->m, "verify", &why, reply, e);
	arena_fini(&a);
	mongoc_cursor_destroy(cursor);
	bson_destroy(&all);
	bson_destroy(opts);
	mongoc_collection_destroy(coll);
	return rc;
}

/*
 * Nothing is derived here, so there is nothing to make again; a repair
 * finishes intents, brings indexes and validators back and sets the stamps
 * beyond all that were given out, as after a restore.
 */
static int
repair_all(struct check *k, struct err *e)
{
	struct mongo_set s = {.m = k->m, .client = k->client};
	int rc;

	if (k->m->reader)
		return err_set(e, ERR_LOCKED, "这里只能读取，不能修复数据");
	arena_init(&s.arena);
	rc = mongo_recover(&s, e);
	arena_fini(&s.arena);
	if (rc < 0 || mongo_layout(k->m, k->client, e) < 0 ||
	    mongo_blobs_repair(k->m, k->client, e) < 0)
		return -1;
	return mongo_stamps_renew(k->m, k->client, e);
}

int
mongo_verify(struct store *store, bool repair,
    void (*tell)(void *arg, const char *line), void *arg,
    struct store_verdict *out, struct err *e)
{
	struct mongo *m = (struct mongo *)store;
	struct check k = {.m = m, .tell = tell, .arg = arg, .v = out};
	int rc = 0;

	k.client = mongo_take(m, e);
	if (k.client == NULL)
		return -1;
	for (enum coll c = 0; c < COLL__MAX && rc == 0; c++)
		rc = check_coll(&k, c, e);
	if (rc == 0)
		rc = mongo_blobs_verify(m, k.client, tell, arg, out, e);
	if (rc == 0 && repair)
		rc = repair_all(&k, e);
	mongo_put(m, k.client);
	return rc;
}
