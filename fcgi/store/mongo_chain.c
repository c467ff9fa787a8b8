#include <assert.h>
#include <string.h>

#include "base/log.h"
#include "store/mongo.h"

/*
 * The end of each chain is a document of its own, {_id: collection, rev: the
 * last number, hash}: who adds to the chain writes over the revision that was
 * read, in the same set, so two never stand behind the same document.
 */

bool
mongo_has_chain(const struct write_set *ws)
{
	for (size_t i = 0; i < ws->n; i++)
		if (coll_chain_field(ws->v[i].coll) != FIELD__MAX)
			return true;
	return false;
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

/* The chain of a collection, read when it is first asked for. */
static enum mongo_end
find_chain(
    struct mongo_set *s, enum coll c, struct mongo_chain **out, struct err *e)
{
	for (size_t i = 0; i < s->nchains; i++)
		if (s->chains[i].coll == c) {
			*out = &s->chains[i];
			return MONGO_DONE;
		}
	assert(s->nchains < MONGO_CHAINS_MAX);
	*out = &s->chains[s->nchains++];
	**out = (struct mongo_chain){.coll = c};
	return read_head(s, *out, e);
}

static enum mongo_end
link_one(struct mongo_set *s, struct write *w, struct err *e)
{
	struct mongo_chain *k;
	struct chain_link link;
	enum mongo_end end = find_chain(s, w->coll, &k, e);

	if (end != MONGO_DONE)
		return end;
	if (w->op != WRITE_APPEND) {
		follow(k, w);
		return MONGO_DONE;
	}
	chain_append(&k->head, w->digest, &link);
	chain_put(w->doc, &link);
	mongo_discard(w);
	return mongo_prepare(&s->m->base, w, e) < 0 ? MONGO_FAILED : MONGO_DONE;
}

void
mongo_unlink(struct mongo_set *s)
{
	for (size_t i = 0; i < s->nchains; i++) {
		bson_destroy(s->chains[i].old);
		bson_destroy(s->chains[i].doc);
	}
	s->nchains = 0;
}

enum mongo_end
mongo_link(struct mongo_set *s, struct err *e)
{
	enum mongo_end end = MONGO_DONE;

	mongo_unlink(s);
	for (size_t i = 0; i < s->ws->n && end == MONGO_DONE; i++) {
		struct write *w = &s->ws->v[i];

		if (coll_chain_field(w->coll) == FIELD__MAX)
			continue;
		s->ws->failed = i;
		end = link_one(s, w, e);
	}
	for (size_t i = 0; i < s->nchains; i++) {
		struct mongo_chain *k = &s->chains[i];

		k->doc = BCON_NEW("_id", BCON_UTF8(coll_name(k->coll)), "rev",
		    BCON_INT64(k->head.seq), "hash", BCON_UTF8(k->head.hash));
	}
	return end;
}

static enum mongo_end
put_head(struct mongo_set *s, const struct mongo_chain *k, struct err *e)
{
	mongoc_collection_t *c = mongo_coll(s->m, s->client, MONGO_CHAINS);
	bson_t *filter = BCON_NEW(
	    "_id", BCON_UTF8(coll_name(k->coll)), "rev", BCON_INT64(k->rev));
	enum mongo_end end = MONGO_DONE;
	bson_t opts = BSON_INITIALIZER;
	bson_error_t why;
	bson_t reply;
	bool ok;

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
mongo_put_heads(struct mongo_set *s, struct err *e)
{
	enum mongo_end end = MONGO_DONE;

	for (size_t i = 0; i < s->nchains && end == MONGO_DONE; i++)
		if (s->chains[i].rev != s->chains[i].head.seq)
			end = put_head(s, &s->chains[i], e);
	return end;
}

enum mongo_end
mongo_look_at_heads(struct mongo_set *s, struct err *e)
{
	enum mongo_end end = MONGO_DONE;

	for (size_t i = 0; i < s->nchains && end == MONGO_DONE; i++) {
		const struct mongo_chain *k = &s->chains[i];
		struct mongo_chain now = {.coll = k->coll};

		end = read_head(s, &now, e);
		if (end == MONGO_DONE &&
		    (now.rev != k->rev ||
			(now.old != NULL) != (k->old != NULL)))
			end = MONGO_AGAIN;
		bson_destroy(now.old);
	}
	return end;
}
