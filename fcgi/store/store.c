#include "store/store.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/cfg.h"
#include "base/json.h"
#include "store/chain.h"
#include "store/engine.h"

static const struct store_engine *const engines[] = {
    &sqlite_engine,
    &mongodb_engine,
};

const char *
store_engine_version(size_t i)
{
	return i < sizeof(engines) / sizeof(engines[0]) ? engines[i]->version()
							: NULL;
}

/* "mongodb" serves "mongodb://..." and "mongodb+srv://..." */
static bool
engine_serves(const struct store_engine *engine, const char *store)
{
	size_t n = strlen(engine->name);

	return strncmp(engine->name, store, n) == 0 &&
	       (store[n] == '\0' || store[n] == ':' || store[n] == '+');
}

static const struct store_engine *
pick_engine(const struct cfg *cfg, struct err *e)
{
	for (size_t i = 0; i < sizeof(engines) / sizeof(engines[0]); i++)
		if (engine_serves(engines[i], cfg->store))
			return engines[i];
	/* It may hold a password. */
	err_set(e, ERR_CONFIG,
	    "store：没有这种存储，可以是sqlite或“mongodb://主机:27017/库名”");
	return NULL;
}

static struct store *
open_engine(const struct cfg *cfg, bool reader, struct err *e)
{
	const struct store_engine *engine = pick_engine(cfg, e);

	if (engine == NULL)
		return NULL;
	json_init();
	return engine->open(cfg, reader, e);
}

struct store *
store_open(const struct cfg *cfg, struct err *e)
{
	return open_engine(cfg, false, e);
}

struct store *
store_open_reader(const struct cfg *cfg, struct err *e)
{
	return open_engine(cfg, true, e);
}

void
store_close(struct store *s)
{
	if (s != NULL)
		s->engine->close(s);
}

int
store_migrate(struct store *s, struct err *e)
{
	return s->engine->migrate(s, e);
}

int
store_ping(struct store *s, struct err *e)
{
	return s->engine->ping(s, e);
}

const char *
store_describe(const struct store *s)
{
	return s->engine->describe(s);
}

/* ---- reading ---- */

int
store_get(struct store *s, enum coll c, const char *id, struct arena *a,
    struct store_doc *out, struct err *e)
{
	assert(c < COLL__MAX && id != NULL);
	return s->engine->get(s, c, id, a, out, e);
}

int
store_get_rev(
    struct store *s, enum coll c, const char *id, int64_t *rev, struct err *e)
{
	struct store_head head;

	assert(c < COLL__MAX && id != NULL);
	if (s->engine->head(s, c, id, &head, e) < 0)
		return -1;
	*rev = head.rev;
	return 0;
}

json_t *
store_get_json(struct store *s, enum coll c, const char *id, struct err *e)
{
	struct store_doc d;
	struct arena a;
	json_t *doc = NULL;

	arena_init(&a);
	if (store_get(s, c, id, &a, &d, e) == 0)
		doc = json_read_own(d.text, d.len, e);
	arena_fini(&a);
	return doc;
}

/* A field that the collection does not declare is our bug. */
static void
check_query(const struct store_query *q)
{
	assert(q->coll < COLL__MAX);
	assert(q->nfilters <= STORE_FILTERS);
	assert(q->limit >= 1 && q->limit <= STORE_LIMIT_MAX);
	assert(q->sort == FIELD_ID || field_coll(q->sort) == q->coll);
	for (size_t i = 0; i < q->nfilters; i++) {
		const struct store_filter *f = &q->filters[i];

		assert(f->field == FIELD_ID || field_coll(f->field) == q->coll);
		assert(f->op == OP_EQ || f->text != NULL ||
		       field_type(f->field) == FIELD_TYPE_INT);
		assert(f->op != OP_PREFIX ||
		       field_type(f->field) == FIELD_TYPE_TEXT);
		(void)f;
	}
	(void)q;
}

int
store_find(struct store *s, const struct store_query *q, struct arena *a,
    struct store_page *out, struct err *e)
{
	struct store_key after = {.id = NULL};
	struct store_key last = {.id = NULL};

	check_query(q);
	memset(out, 0, sizeof(*out));
	if (q->after != NULL && cursor_parse(q, q->after, a, &after, e) < 0)
		return -1;
	if (s->engine->find(
		s, q, after.id != NULL ? &after : NULL, a, out, &last, e) < 0)
		return -1;
	if (last.id != NULL)
		out->next = cursor_print(q, &last, a);
	return 0;
}

/* Parse the documents of a page onto the end of list. */
static int
push_page(json_t *list, const struct store_page *page, struct err *e)
{
	for (size_t i = 0; i < page->ndocs; i++) {
		const struct store_doc *d = &page->docs[i];
		json_t *doc = json_read_own(d->text, d->len, e);

		if (doc == NULL)
			return -1;
		json_push(list, doc);
	}
	return 0;
}

json_t *
store_find_json(
    struct store *s, const struct store_query *q, size_t max, struct err *e)
{
	struct store_query step = *q;
	struct store_page page;
	struct arena pages[2]; /* a cursor outlives the page it is for */
	json_t *list = json_array();

	arena_init(&pages[0]);
	arena_init(&pages[1]);
	step.limit = STORE_LIMIT_MAX;
	for (size_t i = 0; list != NULL; i++) {
		struct arena *a = &pages[i % 2];

		arena_reset(a);
		if (store_find(s, &step, a, &page, e) < 0 ||
		    push_page(list, &page, e) < 0)
			goto fail;
		if (json_array_size(list) > max) {
			err_set(e, ERR_TOOBIG, "结果超过%zu条，请缩小查询范围",
			    max);
			goto fail;
		}
		if (page.next == NULL)
			goto out;
		step.after = page.next;
	}
fail:
	json_decref(list);
	list = NULL;
out:
	arena_fini(&pages[0]);
	arena_fini(&pages[1]);
	return list;
}

/* ---- writing ---- */

/* Hash the content here, so that only its place is left to be hashed. */
static void
complete_append(struct write *w, instant_t now)
{
	if (w->digest == NULL)
		w->digest = malloc(SHA256_HEX + 1);
	if (w->digest == NULL)
		abort();
	chain_clear(w->doc);
	json_put_str(w->doc, "alg", CHAIN_ALG);
	write_complete(w, NULL, now);
	chain_digest(w->doc, w->digest);
}

/*
 * Make the document whole and hand it to the engine.  The stored one is
 * looked up here, in the caller's thread, because a replacement keeps its
 * createdAt; whether the revision still holds is decided by the engine.
 */
static int
prepare_write(struct store *s, struct write *w, instant_t now, struct err *e)
{
	struct store_head head;

	if (w->op == WRITE_INSERT)
		write_complete(w, NULL, now);
	if (w->op == WRITE_APPEND)
		complete_append(w, now);
	if (w->op == WRITE_REPLACE) {
		if (s->engine->head(s, w->coll, w->id, &head, e) < 0)
			return -1;
		write_complete(w, &head, now);
	}
	return s->engine->prepare(s, w, e);
}

int
store_submit(struct store *s, struct write_set *ws,
    void (*done)(void *arg, const struct err *e), void *arg, struct err *e)
{
	size_t i = 0;

	assert(done != NULL);
	err_init(&ws->e);
	ws->done = done;
	ws->arg = arg;
	ws->next = NULL;
	for (i = 0; i < ws->n; i++)
		if (prepare_write(s, &ws->v[i], ws->now, e) < 0)
			goto fail;
	if (s->engine->submit(s, ws, e) == 0)
		return 0;
	i = 0;
fail:
	ws->failed = i;
	for (size_t k = 0; k < ws->n; k++)
		s->engine->discard(&ws->v[k]);
	return -1;
}

struct waiter {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool finished;
};

static void
wake(void *arg, const struct err *e)
{
	struct waiter *w = arg;

	(void)e; /* it stands in the set */
	pthread_mutex_lock(&w->lock);
	w->finished = true;
	pthread_cond_signal(&w->changed);
	pthread_mutex_unlock(&w->lock);
}

int
store_write(struct store *s, struct write_set *ws, struct err *e)
{
	struct waiter w = {.finished = false};
	int rc = -1;

	pthread_mutex_init(&w.lock, NULL);
	pthread_cond_init(&w.changed, NULL);
	if (store_submit(s, ws, wake, &w, e) < 0)
		goto out;
	pthread_mutex_lock(&w.lock);
	while (!w.finished)
		pthread_cond_wait(&w.changed, &w.lock);
	pthread_mutex_unlock(&w.lock);
	if (ws->e.code == ERR_NONE)
		rc = 0;
	else
		*e = ws->e;
out:
	pthread_cond_destroy(&w.changed);
	pthread_mutex_destroy(&w.lock);
	return rc;
}

/* ---- statistics ---- */

int
store_stamp_get(struct store *s, const char *const *plans, size_t nplans,
    struct store_stamp *out, struct err *e)
{
	return s->engine->stamp(s, plans, nplans, out, e);
}

int
store_stats(struct store *s, const struct stats_part *part,
    const struct stats_args *args, struct arena *a, struct stats_rows *out,
    struct err *e)
{
	return s->engine->stats(s, part, args, a, out, e);
}

/* ---- care ---- */

int
store_backup(struct store *s, const char *path, struct err *e)
{
	return s->engine->backup(s, path, e);
}

int
store_restore(
    const struct cfg *cfg, const char *path, bool force, struct err *e)
{
	const struct store_engine *engine = pick_engine(cfg, e);

	if (engine == NULL)
		return -1;
	json_init();
	return engine->restore(cfg, path, force, e);
}

int
store_verify(struct store *s, bool repair,
    void (*tell)(void *arg, const char *line), void *arg,
    struct store_verdict *out, struct err *e)
{
	assert(tell != NULL);
	memset(out, 0, sizeof(*out));
	return s->engine->verify(s, repair, tell, arg, out, e);
}
