#include <assert.h>
#include <string.h>

#include "base/log.h"
#include "store/mongo.h"

/*
 * The end of each chain is a document of its own, {_id: collection, rev: the
 * last number, hash}: who adds to the chain writes over the revision that was
 * read, in the same set, so two never stand behind the same document.
 */

/* The collection whose chain a set adds to; COLL__MAX for none. */
static enum coll
chain_of(const struct write_set *ws)
{
	for (size_t i = 0; i < ws->n; i++)
		if (coll_chain_field(ws->v[i].coll) != FIELD__MAX)
			return ws->v[i].coll;
	return COLL__MAX;
}

bool
mongo_has_chain(const struct write_set *ws)
{
	return chain_of(ws) != COLL__MAX;
}

/* One document: new, NULL when there is none. */
static enum mongo_end
find_one(struct mongo_set *s, const char *name, const bson_t *filter,
    const char *sort, bson_t **out, struct err *e)
{
	mongoc_collection_t *c = mongo_coll(s->m, s->client, name);
	bson_t opts = BSON_INITIALIZER, order;
	enum mongo_end end = MONGO_DONE;
	const bson_t *doc, *reply;
	mongoc_cursor_t *cursor;
	bson_error_t why;

	*out = NULL;
	BSON_APPEND_INT64(&opts, "limit", 1);
	BSON_APPEND_BOOL(&opts, "singleBatch", true);
	if (sort != NULL) {
		BSON_APPEND_DOCUMENT_BEGIN(&opts, "sort", &order);
		BSON_APPEND_INT32(&order, sort, -1);
		bson_append_document_end(&opts, &order);
	}
	mongo_add_session(s, &opts);
	cursor = mongoc_collection_find_with_opts(c, filter, &opts, NULL);
	if (mongoc_cursor_next(cursor, &doc))
		*out = bson_copy(doc);
	else if (mongoc_cursor_error_document(cursor, &why, &reply))
		end = mongo_fail_end(s->m, "chain", &why, reply, e);
	mongoc_cursor_destroy(cursor);
	bson_destroy(&opts);
	mongoc_collection_destroy(c);
	return end;
}

/* What a stored document says; a damaged one is verification's to tell. */
static void
head_of(struct chain_head *head, const bson_t *doc, const char *seq)
{
	const char *hash = mongo_peek_text(doc, "hash");

	chain_head_init(head);
	head->seq = mongo_peek_int(doc, seq, 0);
	if (hash != NULL && strlen(hash) == SHA256_HEX)
		memcpy(head->hash, hash, sizeof(head->hash));
	else
		log_line(LOG_LEVEL_ERROR, "chain damaged", "at=%lld",
		    (long long)head->seq);
}

/* The chain's end; where nobody wrote it down, its last document. */
static enum mongo_end
read_head(struct mongo_set *s, struct mongo_chain *k, struct err *e)
{
	const char *name = coll_name(k->coll);
	bson_t *filter = BCON_NEW("_id", BCON_UTF8(name));
	bson_t all = BSON_INITIALIZER;
	bson_t *last = NULL;
	enum mongo_end end;

	chain_head_init(&k->head);
	end = find_one(s, MONGO_CHAINS, filter, NULL, &k->old, e);
	bson_destroy(filter);
	if (end != MONGO_DONE)
		return end;
	if (k->old != NULL) {
		head_of(&k->head, k->old, "rev");
		k->rev = k->head.seq;
		return MONGO_DONE;
	}
	end = find_one(
	    s, name, &all, field_path(coll_chain_field(k->coll)), &last, e);
	if (last != NULL)
		head_of(&k->head, last, "seq");
	bson_destroy(last);
	return end;
}

/* Documents of another store bring their places with them. */
static void
follow(struct mongo_chain *k, const struct write *w)
{
	struct chain_head at;

	if (chain_head_of(&at, w->doc) && at.seq > k->head.seq)
		k->head = at;
}

static int
link_one(struct mongo_set *s, struct write *w, struct err *e)
{
	struct chain_link link;

	chain_append(&s->chain.head, w->digest, &link);
	chain_put(w->doc, &link);
	mongo_discard(w);
	return mongo_prepare(&s->m->base, w, e);
}

void
mongo_unlink(struct mongo_set *s)
{
	bson_destroy(s->chain.old);
	bson_destroy(s->chain.doc);
	s->chain = (struct mongo_chain){.coll = COLL__MAX};
}

enum mongo_end
mongo_link(struct mongo_set *s, struct err *e)
{
	struct mongo_chain *k = &s->chain;
	enum mongo_end end;

	mongo_unlink(s);
	k->coll = chain_of(s->ws);
	if (k->coll == COLL__MAX)
		return MONGO_DONE;
	end = read_head(s, k, e);
	for (size_t i = 0; i < s->ws->n && end == MONGO_DONE; i++) {
		struct write *w = &s->ws->v[i];

		if (coll_chain_field(w->coll) == FIELD__MAX)
			continue;
		assert(w->coll == k->coll);
		s->ws->failed = i;
		if (w->op != WRITE_APPEND)
			follow(k, w);
		else if (link_one(s, w, e) < 0)
			end = MONGO_FAILED;
	}
	k->doc = BCON_NEW("_id", BCON_UTF8(coll_name(k->coll)), "rev",
	    BCON_INT64(k->head.seq), "hash", BCON_UTF8(k->head.hash));
	return end;
}

enum mongo_end
mongo_put_head(struct mongo_set *s, struct err *e)
{
	const struct mongo_chain *k = &s->chain;
	mongoc_collection_t *c;
	enum mongo_end end = MONGO_DONE;
	bson_t opts = BSON_INITIALIZER;
	bson_error_t why;
	bson_t *filter;
	bson_t reply;
	bool ok;

	if (k->coll == COLL__MAX || k->rev == k->head.seq)
		return MONGO_DONE;
	c = mongo_coll(s->m, s->client, MONGO_CHAINS);
	filter = BCON_NEW(
	    "_id", BCON_UTF8(coll_name(k->coll)), "rev", BCON_INT64(k->rev));
	mongo_add_session(s, &opts);
	ok = k->old == NULL
		 ? mongoc_collection_insert_one(c, k->doc, &opts, &reply, &why)
		 : mongoc_collection_replace_one(
		       c, filter, k->doc, &opts, &reply, &why);
	if (!ok) {
		end = mongo_fail_end(s->m, "chain", &why, &reply, e);
		/* Two that begin the chain at once. */
		if (mongo_classify(&why, &reply) == MONGO_DUPLICATE)
			end = MONGO_AGAIN;
	} else if (k->old != NULL &&
		   mongo_peek_int(&reply, "matchedCount", 0) == 0) {
		end = MONGO_AGAIN;
	}
	bson_destroy(&reply);
	bson_destroy(filter);
	bson_destroy(&opts);
	mongoc_collection_destroy(c);
	return end;
}

enum mongo_end
mongo_look_at_head(struct mongo_set *s, struct err *e)
{
	struct mongo_chain now = {.coll = s->chain.coll};
	enum mongo_end end;

	if (now.coll == COLL__MAX)
		return MONGO_DONE;
	end = read_head(s, &now, e);
	if (end == MONGO_DONE &&
	    (now.rev != s->chain.rev ||
		(now.old != NULL) != (s->chain.old != NULL)))
		end = MONGO_AGAIN;
	bson_destroy(now.old);
	return end;
}
