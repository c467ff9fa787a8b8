#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "store/mongo.h"

/*
 * A set on a server without transactions.  An intent is one document that
 * holds the whole set and, through a unique index over its `keys`, everything
 * the set touches: whoever inserted it is alone with these documents.
 *
 *   look at what is stored -> insert the intent ("new") -> look again ->
 *   "go" -> write one after the other -> bump the stamps -> remove the intent
 *
 * Until "go" nothing has been written: an intent that is found then is
 * dropped.  From "go" on it is carried to its end, by its owner or by whoever
 * finds it, because each step may be repeated: writes are guarded by the
 * revision they replace.  When the database refuses one of the writes, the
 * intent turns to "back" and what was written is put back as it was.
 */
/* An owner on another machine is taken for dead after this. */
#define LEASE_MS 60000
/* ... and gives up by itself long before. */
#define OWNER_MS 20000

#define INTENT_MAX (16 * 1024 * 1024 - 1024)

/* ---- who owns it ---- */

static bool
is_in_flight(struct mongo *m, const char *id)
{
	bool found = false;

	pthread_mutex_lock(&m->lock);
	for (size_t i = 0; i < MONGO_WRITERS; i++)
		found = found || strcmp(m->writers[i].intent, id) == 0;
	pthread_mutex_unlock(&m->lock);
	return found;
}

static void
set_in_flight(struct mongo_writer *w, const char *id)
{
	pthread_mutex_lock(&w->m->lock);
	snprintf(w->intent, sizeof(w->intent), "%s", id);
	pthread_mutex_unlock(&w->m->lock);
}

/* May the intent be finished by us? */
static bool
is_abandoned(struct mongo *m, const bson_t *doc)
{
	const char *owner = mongo_peek_text(doc, "owner");
	const char *id = mongo_peek_text(doc, "_id");
	int64_t age = instant_now() - mongo_peek_int(doc, "at", 0);

	if (owner == NULL || id == NULL)
		return false;
	if (strcmp(owner, m->owner) == 0)
		return !is_in_flight(m, id);
	return mongo_owner_is_dead(owner) || age > LEASE_MS;
}

/* ---- the document ---- */

static const char *const op_names[] = {
    [WRITE_INSERT] = "insert",
    [WRITE_REPLACE] = "replace",
    [WRITE_REMOVE] = "remove",
    [WRITE_APPEND] = "append",
};

static void
add_key(bson_t *keys, uint32_t *n, const char *coll, const char *path,
    const char *value)
{
	char text[16], buf[512];
	const char *key;

	bson_uint32_to_string((*n)++, &key, text, sizeof(text));
	snprintf(buf, sizeof(buf), "%s/%s/%s", coll, path, value);
	BSON_APPEND_UTF8(keys, key, buf);
}

/* What the set must be alone with: ids, and values that must be unique. */
static void
add_keys(bson_t *keys, const struct write_set *ws)
{
	uint32_t n = 0;

	for (size_t i = 0; i < ws->n; i++) {
		const struct write *w = &ws->v[i];

		add_key(keys, &n, coll_name(w->coll), "_id", w->id);
		for (enum field f = FIELD_ID + 1; f < FIELD__MAX; f++) {
			struct fact_cell v;

			if (field_coll(f) != w->coll || w->op == WRITE_REMOVE ||
			    (field_flags(f) & FIELD_UNIQUE) == 0)
				continue;
			v = field_value(f, w->doc);
			if (v.type == CELL_TEXT)
				add_key(keys, &n, coll_name(w->coll),
				    field_path(f), v.s);
		}
	}
	if (mongo_has_chain(ws))
		add_key(keys, &n, MONGO_CHAINS, "_id", "");
}

/* The end of a chain, as write i. */
static void
add_head(bson_t *list, const struct mongo_chain *k, size_t i)
{
	char text[16];
	const char *key;
	bson_t item;

	bson_uint32_to_string((uint32_t)i, &key, text, sizeof(text));
	BSON_APPEND_DOCUMENT_BEGIN(list, key, &item);
	BSON_APPEND_UTF8(&item, "op", "head");
	BSON_APPEND_UTF8(&item, "coll", MONGO_CHAINS);
	BSON_APPEND_UTF8(&item, "id", coll_name(k->coll));
	BSON_APPEND_INT64(&item, "rev", k->rev);
	BSON_APPEND_DOCUMENT(&item, "doc", k->doc);
	if (k->old != NULL)
		BSON_APPEND_DOCUMENT(&item, "old", k->old);
	bson_append_document_end(list, &item);
}

static void
add_heads(bson_t *list, const struct mongo_set *s)
{
	size_t n = s->ws->n;

	for (size_t i = 0; i < s->nchains; i++)
		if (s->chains[i].rev != s->chains[i].head.seq)
			add_head(list, &s->chains[i], n++);
}

static void
add_writes(
    bson_t *list, const struct write_set *ws, const struct mongo_before *before)
{
	for (size_t i = 0; i < ws->n; i++) {
		const struct write *w = &ws->v[i];
		char text[16];
		const char *key;
		bson_t item;

		bson_uint32_to_string((uint32_t)i, &key, text, sizeof(text));
		BSON_APPEND_DOCUMENT_BEGIN(list, key, &item);
		BSON_APPEND_UTF8(&item, "op", op_names[w->op]);
		BSON_APPEND_UTF8(&item, "coll", coll_name(w->coll));
		BSON_APPEND_UTF8(&item, "id", w->id);
		BSON_APPEND_INT64(&item, "rev", before[i].rev);
		if (w->op != WRITE_REMOVE)
			BSON_APPEND_DOCUMENT(&item, "doc", w->prepared);
		if (before[i].doc != NULL)
			BSON_APPEND_DOCUMENT(&item, "old", before[i].doc);
		bson_append_document_end(list, &item);
	}
}

/* Does it take more than one step, so that others may come between? */
static bool
has_steps(const struct write_set *ws)
{
	return ws->n > 1 || mongo_has_chain(ws);
}

/* new */
static bson_t *
make_intent(const struct mongo_set *s, const struct mongo_intent *in,
    const struct mongo_before *before)
{
	bson_t *b = BCON_NEW("_id", BCON_UTF8(in->id), "state",
	    BCON_UTF8(has_steps(s->ws) ? INTENT_NEW : INTENT_GO), "owner",
	    BCON_UTF8(s->m->owner), "at", BCON_INT64(instant_now()), "now",
	    BCON_INT64(s->ws->now));
	bson_t list;

	BSON_APPEND_ARRAY_BEGIN(b, "keys", &list);
	add_keys(&list, s->ws);
	bson_append_array_end(b, &list);
	BSON_APPEND_ARRAY_BEGIN(b, "plans", &list);
	for (size_t i = 0; i < s->nplans; i++) {
		char text[16];
		const char *key;

		bson_uint32_to_string((uint32_t)i, &key, text, sizeof(text));
		BSON_APPEND_UTF8(&list, key, s->plans[i]);
	}
	bson_append_array_end(b, &list);
	BSON_APPEND_ARRAY_BEGIN(b, "writes", &list);
	add_writes(&list, s->ws, before);
	add_heads(&list, s);
	bson_append_array_end(b, &list);
	return b;
}

static enum mongo_end
insert_intent(struct mongo_set *s, const bson_t *doc, bool *busy, struct err *e)
{
	mongoc_collection_t *c = mongo_coll(s->m, s->client, MONGO_INTENTS);
	enum mongo_end end = MONGO_DONE;
	bson_error_t why;
	bson_t reply;

	*busy = false;
	if (!mongoc_collection_insert_one(c, doc, NULL, &reply, &why)) {
		*busy = mongo_classify(&why, &reply) == MONGO_DUPLICATE;
		end = mongo_fail_end(s->m, "intent", &why, &reply, e);
	}
	bson_destroy(&reply);
	mongoc_collection_destroy(c);
	return end;
}

/* ---- a new set ---- */

static void
free_before(struct mongo_before *before, size_t n)
{
	for (size_t i = 0; i < n; i++)
		bson_destroy(before[i].doc);
}

/* Look at everything the set touches; the first that does not fit ends it. */
static enum mongo_end
look_at_all(struct mongo_set *s, struct mongo_before *before, struct err *e)
{
	s->nplans = 0;
	for (size_t i = 0; i < s->ws->n; i++) {
		struct write *w = &s->ws->v[i];
		enum mongo_end end;

		s->ws->failed = i;
		end = mongo_look_up(s, w, true, &before[i], e);
		if (end != MONGO_DONE)
			return end;
		if (mongo_check(w, &before[i], e) < 0 ||
		    mongo_complete(s, w, &before[i], e) < 0)
			return MONGO_FAILED;
		if (!write_adds(w))
			mongo_touch(s, before[i].plan);
		if (w->op != WRITE_REMOVE)
			mongo_touch(s, mongo_plan_of(w));
	}
	return MONGO_DONE;
}

/* Now that nobody else may write here: is everything still as it was? */
static enum mongo_end
look_again(
    struct mongo_set *s, const struct mongo_before *before, struct err *e)
{
	for (size_t i = 0; i < s->ws->n; i++) {
		struct mongo_before now;
		enum mongo_end end =
		    mongo_look_up(s, &s->ws->v[i], false, &now, e);

		if (end != MONGO_DONE)
			return end;
		if (now.there != before[i].there || now.rev != before[i].rev)
			return MONGO_AGAIN;
	}
	return mongo_look_at_heads(s, e);
}

/* From the inserted intent on; *over as in finish. */
static enum mongo_end
carry_out(struct mongo_set *s, const bson_t *doc, struct mongo_intent *in,
    const struct mongo_before *before, bool *over, struct err *e)
{
	enum mongo_end end;

	*over = false;
	if (has_steps(s->ws)) {
		end = look_again(s, before, e);
		if (end == MONGO_AGAIN) {
			*over = mongo_drop_intent(s, in->id, e) == MONGO_DONE;
			return *over ? MONGO_AGAIN : MONGO_FAILED;
		}
		if (end != MONGO_DONE)
			return end;
		end = mongo_turn_intent(s, in->id, INTENT_GO, 0, e);
		if (end != MONGO_DONE)
			return end;
	}
	return mongo_finish_intent(s, doc, in, over, e);
}

/* Somebody has to come back to it. */
static void
leave_behind(struct mongo *m)
{
	pthread_mutex_lock(&m->lock);
	m->owing = true;
	pthread_cond_broadcast(&m->work);
	pthread_mutex_unlock(&m->lock);
}

enum mongo_end
mongo_write_intent(struct mongo_set *s, struct mongo_writer *w, struct err *e)
{
	struct mongo_before *before =
	    arena_alloc(&s->arena, s->ws->n * sizeof(*before));
	struct mongo_intent in = {.until = mongo_clock_ms() + OWNER_MS};
	bson_t *doc = NULL;
	enum mongo_end end = look_at_all(s, before, e);
	bool busy, over = true;

	if (end == MONGO_DONE)
		end = mongo_link(s, e);
	if (end != MONGO_DONE)
		goto out;
	uuid_random(in.id);
	set_in_flight(w, in.id);
	doc = make_intent(s, &in, before);
	if (doc->len > INTENT_MAX) {
		err_set(e, ERR_TOOBIG,
		    "一次写入的内容过多：数据库没有事务，合计不能超过16 MB");
		end = MONGO_FAILED;
		goto out;
	}
	end = insert_intent(s, doc, &busy, e);
	if (busy)
		end = mongo_recover(s, e) < 0 ? MONGO_FAILED : MONGO_AGAIN;
	else if (end == MONGO_DONE)
		end = carry_out(s, doc, &in, before, &over, e);
	else
		over = false;
out:
	set_in_flight(w, "");
	if (!over) {
		leave_behind(s->m);
		end = MONGO_FAILED;
	}
	bson_destroy(doc);
	mongo_unlink(s);
	free_before(before, s->ws->n);
	return end;
}

/* ---- what was left ---- */

static int
recover_one(struct mongo_set *s, const bson_t *doc, struct err *e)
{
	struct mongo_intent in = {
	    .until = mongo_clock_ms() + OWNER_MS, .again = true};
	const char *state = mongo_peek_text(doc, "state");
	bool over = true;

	snprintf(in.id, sizeof(in.id), "%s", mongo_peek_text(doc, "_id"));
	log_line(LOG_LEVEL_WARN, "finishing what was left half done",
	    "intent=%s state=%s", in.id, state != NULL ? state : "?");
	if (state == NULL || strcmp(state, INTENT_NEW) == 0)
		over = mongo_drop_intent(s, in.id, e) == MONGO_DONE;
	else
		mongo_finish_intent(s, doc, &in, &over, e);
	if (over)
		return 0;
	log_line(LOG_LEVEL_ERROR, "not finished", "intent=%s", in.id);
	/* One that cannot be finished does not stop the others. */
	return e->code == ERR_UNAVAILABLE ? -1 : 0;
}

int
mongo_recover(struct mongo_set *s, struct err *e)
{
	mongoc_collection_t *c = mongo_coll(s->m, s->client, MONGO_INTENTS);
	bson_t *opts = BCON_NEW("sort", "{", "at", BCON_INT32(1), "}",
	    "maxTimeMS", BCON_INT64(s->m->timeout_ms));
	bson_t all = BSON_INITIALIZER;
	mongoc_cursor_t *cursor =
	    mongoc_collection_find_with_opts(c, &all, opts, NULL);
	const bson_t *doc, *reply;
	bson_error_t why;
	int rc = 0;

	while (rc == 0 && mongoc_cursor_next(cursor, &doc))
		if (is_abandoned(s->m, doc))
			rc = recover_one(s, doc, e);
	if (rc == 0 && mongoc_cursor_error_document(cursor, &why, &reply))
		rc = mongo_fail(s->m, "intents", &why, reply, e);
	mongoc_cursor_destroy(cursor);
	bson_destroy(&all);
	bson_destroy(opts);
	mongoc_collection_destroy(c);
	return rc;
}
