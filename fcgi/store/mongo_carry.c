#include <stdio.h>
#include <string.h>

#include "store/mongo.h"

/* The steps of an intent, each of which may be repeated. */

/* done: how many of its writes are carried out. */
enum mongo_end
mongo_turn_intent(struct mongo_set *s, const char *id, const char *state,
    size_t done, struct err *e)
{
	mongoc_collection_t *c = mongo_coll(s->m, s->client, MONGO_INTENTS);
	bson_t *filter = BCON_NEW("_id", BCON_UTF8(id));
	bson_t *update = BCON_NEW("$set", "{", "state", BCON_UTF8(state),
	    "done", BCON_INT64((int64_t)done), "}");
	enum mongo_end end = MONGO_DONE;
	bson_error_t why;
	bson_t reply;

	if (!mongoc_collection_update_one(
		c, filter, update, NULL, &reply, &why))
		end = mongo_fail_end(s->m, "intent", &why, &reply, e);
	bson_destroy(&reply);
	bson_destroy(update);
	bson_destroy(filter);
	mongoc_collection_destroy(c);
	return end;
}

enum mongo_end
mongo_drop_intent(struct mongo_set *s, const char *id, struct err *e)
{
	mongoc_collection_t *c = mongo_coll(s->m, s->client, MONGO_INTENTS);
	bson_t *filter = BCON_NEW("_id", BCON_UTF8(id));
	enum mongo_end end = MONGO_DONE;
	bson_error_t why;
	bson_t reply;

	if (!mongoc_collection_delete_one(c, filter, NULL, &reply, &why))
		end = mongo_fail_end(s->m, "intent", &why, &reply, e);
	bson_destroy(&reply);
	bson_destroy(filter);
	mongoc_collection_destroy(c);
	return end;
}

/* One guarded write; doc NULL removes.  *hit: it changed something. */
struct guarded {
	const char *coll;
	const char *id;
	int64_t rev;       /* of what is written over; 0: nothing */
	const bson_t *doc; /* NULL: remove */
};

static enum mongo_end
put_guarded(struct mongo_set *s, const struct guarded *g, bool *hit,
    enum mongo_class *class, struct err *e)
{
	mongoc_collection_t *c = mongo_coll(s->m, s->client, g->coll);
	bson_t *filter =
	    BCON_NEW("_id", BCON_UTF8(g->id), "rev", BCON_INT64(g->rev));
	enum mongo_end end = MONGO_DONE;
	const char *counted = "insertedCount";
	bson_error_t why;
	bson_t reply;
	bool ok;

	if (g->doc == NULL) {
		ok =
		    mongoc_collection_delete_one(c, filter, NULL, &reply, &why);
		counted = "deletedCount";
	} else if (g->rev == 0) {
		ok =
		    mongoc_collection_insert_one(c, g->doc, NULL, &reply, &why);
	} else {
		ok = mongoc_collection_replace_one(
		    c, filter, g->doc, NULL, &reply, &why);
		counted = "matchedCount";
	}
	*class = ok ? MONGO_OTHER : mongo_classify(&why, &reply);
	*hit = ok && mongo_peek_int(&reply, counted, 0) > 0;
	if (!ok)
		end = mongo_fail_end(s->m, "write", &why, &reply, e);
	bson_destroy(&reply);
	bson_destroy(filter);
	mongoc_collection_destroy(c);
	return end;
}

/* ---- a stored intent, step by step ---- */

static bool
peek_doc(const bson_t *doc, const char *path, bson_t *out)
{
	bson_iter_t iter, at;
	const uint8_t *data;
	uint32_t n;

	if (!bson_iter_init(&iter, doc) ||
	    !bson_iter_find_descendant(&iter, path, &at) ||
	    !BSON_ITER_HOLDS_DOCUMENT(&at))
		return false;
	bson_iter_document(&at, &n, &data);
	return bson_init_static(out, data, n);
}

/* The i-th write of an intent; false past the last. */
struct step {
	const char *op;
	struct guarded forward;
	struct guarded back;
	bson_t doc;
	bson_t old;
};

static bool
peek_step(const bson_t *intent, size_t i, struct step *out)
{
	char path[40];
	bson_t item;

	memset(out, 0, sizeof(*out));
	snprintf(path, sizeof(path), "writes.%zu", i);
	if (!peek_doc(intent, path, &item))
		return false;
	out->op = mongo_peek_text(&item, "op");
	out->forward.coll = mongo_peek_text(&item, "coll");
	out->forward.id = mongo_peek_text(&item, "id");
	if (out->op == NULL || out->forward.coll == NULL ||
	    out->forward.id == NULL)
		return false;
	out->forward.rev = mongo_peek_int(&item, "rev", 0);
	out->back = out->forward;
	out->back.rev = 0;
	if (peek_doc(&item, "doc", &out->doc)) {
		out->forward.doc = &out->doc;
		out->back.rev = mongo_peek_int(&out->doc, "rev", 0);
	}
	if (peek_doc(&item, "old", &out->old))
		out->back.doc = &out->old;
	return true;
}

/*
 * Write all; *done of them are carried out.  *refused: the database will
 * never take the next one, or (unless some of it may be done already) somebody
 * else was there.
 */
static enum mongo_end
go_forward(struct mongo_set *s, const bson_t *intent,
    const struct mongo_intent *in, size_t *done, bool *refused, struct err *e)
{
	struct step st;

	*refused = false;
	for (*done = 0; peek_step(intent, *done, &st); (*done)++) {
		enum mongo_class class;
		enum mongo_end end;
		bool hit;

		if (mongo_clock_ms() >= in->until) {
			err_set(e, ERR_UNAVAILABLE,
			    "数据库没有及时回答，请稍后再试");
			return MONGO_FAILED;
		}
		end = put_guarded(s, &st.forward, &hit, &class, e);
		if (hit || (in->again &&
			       (end == MONGO_DONE || class == MONGO_DUPLICATE)))
			continue;
		if (s->ws != NULL && *done < s->ws->n)
			s->ws->failed = *done;
		*refused = end == MONGO_DONE || class == MONGO_DUPLICATE ||
			   class == MONGO_INVALID;
		return end == MONGO_DONE ? MONGO_AGAIN : end;
	}
	return MONGO_DONE;
}

/* Put back the first n writes, the last of them first. */
static enum mongo_end
go_back(struct mongo_set *s, const bson_t *intent, size_t n, struct err *e)
{
	enum mongo_end end = MONGO_DONE;
	struct step st;

	while (n > 0 && end == MONGO_DONE) {
		enum mongo_class class;
		bool hit;

		if (!peek_step(intent, --n, &st))
			break;
		end = put_guarded(s, &st.back, &hit, &class, e);
		if (class == MONGO_DUPLICATE)
			end = MONGO_DONE; /* it never went */
	}
	return end;
}

static enum mongo_end
bump_listed(struct mongo_set *s, const bson_t *intent, struct err *e)
{
	struct write_set stand_in = {.now = mongo_peek_int(intent, "now", 0)};
	struct write_set *kept = s->ws;
	bson_iter_t iter, at;
	enum mongo_end end;

	s->nplans = 0;
	if (bson_iter_init_find(&iter, intent, "plans") &&
	    bson_iter_recurse(&iter, &at))
		while (bson_iter_next(&at))
			if (BSON_ITER_HOLDS_UTF8(&at))
				mongo_touch(s, bson_iter_utf8(&at, NULL));
	s->ws = &stand_in;
	do {
		end = mongo_bump(s, e);
	} while (end == MONGO_AGAIN);
	s->ws = kept;
	s->nplans = 0;
	return end;
}

/* Forward, or as far as it goes and back again; *back: how many to undo. */
static enum mongo_end
try_forward(struct mongo_set *s, const bson_t *intent,
    const struct mongo_intent *in, size_t *back, bool *over, struct err *e)
{
	enum mongo_end end = go_forward(s, intent, in, back, over, e);

	if (end == MONGO_DONE) {
		*back = 0;
		*over = true;
	} else if (*over) {
		struct err other;

		err_init(&other);
		if (mongo_turn_intent(s, in->id, INTENT_BACK, *back, &other) !=
		    MONGO_DONE) {
			*e = other;
			*over = false;
		}
	}
	return end;
}

/*
 * From "go" or "back" to the end.  *over: it is gone, and the result is that
 * of the set; otherwise it stays, for later.
 */
enum mongo_end
mongo_finish_intent(struct mongo_set *s, const bson_t *intent,
    const struct mongo_intent *in, bool *over, struct err *e)
{
	size_t back = (size_t)mongo_peek_int(intent, "done", 0);
	enum mongo_end end = MONGO_DONE;
	struct err other;

	*over = true;
	err_init(&other);
	if (strcmp(mongo_peek_text(intent, "state"), INTENT_BACK) != 0)
		end = try_forward(s, intent, in, &back, over, e);
	if (!*over)
		return MONGO_FAILED;
	/* Stamps also after going back: somebody may have read the middle. */
	if (go_back(s, intent, back, &other) == MONGO_DONE &&
	    bump_listed(s, intent, &other) == MONGO_DONE &&
	    mongo_drop_intent(s, in->id, &other) == MONGO_DONE)
		return end;
	*over = false;
	*e = other;
	return MONGO_FAILED;
}
