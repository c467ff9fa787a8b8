#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/hash.h"
#include "base/log.h"
#include "store/mongo.h"

/* A set is tried again for this long when others are in its way. */
#define PATIENCE_MS 10000
#define PAUSE_MIN_MS 2
#define PAUSE_MAX_MS 100

/* How often somebody looks after intents that were left behind. */
#define DEBT_S 1

/* Longer each time, and never in step with others. */
static void
take_a_break(int tries)
{
	int64_t limit = PAUSE_MIN_MS << (tries < 6 ? tries : 6);
	uint16_t r;

	random_bytes(&r, sizeof(r));
	limit = limit < PAUSE_MAX_MS ? limit : PAUSE_MAX_MS;
	struct timespec t = {.tv_nsec = (1 + r % limit) * 1000000};

	nanosleep(&t, NULL);
}

/* ---- stripes ---- */

static void
mark(uint64_t *stripes, const char *text)
{
	if (text != NULL)
		*stripes |= 1ULL << (hash_text(text) % MONGO_STRIPES);
}

/*
 * Sets of one plan bump one stamp: in transactions all but one of them would
 * only be turned back.  They wait here instead, in this process.
 */
static uint64_t
stripes_of(const struct write_set *ws)
{
	uint64_t stripes = 0;

	for (size_t i = 0; i < ws->n; i++) {
		mark(&stripes, ws->v[i].id);
		if (ws->v[i].op != WRITE_REMOVE)
			mark(&stripes, mongo_plan_of(&ws->v[i]));
	}
	/* All that add to a chain write over its end. */
	if (mongo_has_chain(ws))
		mark(&stripes, MONGO_CHAINS);
	return stripes;
}

static void
lock_stripes(struct mongo *m, uint64_t stripes)
{
	for (size_t i = 0; i < MONGO_STRIPES; i++)
		if ((stripes >> i & 1) != 0)
			pthread_mutex_lock(&m->stripes[i]);
}

static void
unlock_stripes(struct mongo *m, uint64_t stripes)
{
	for (size_t i = 0; i < MONGO_STRIPES; i++)
		if ((stripes >> i & 1) != 0)
			pthread_mutex_unlock(&m->stripes[i]);
}

/* ---- one set ---- */

static void
write_patiently(struct mongo_set *s, struct mongo_writer *w)
{
	int64_t end = mongo_clock_ms() + PATIENCE_MS;
	struct err *e = &s->ws->e;

	for (int tries = 0;; tries++) {
		err_init(e);
		switch (s->m->transactions ? mongo_write_txn(s, e)
					   : mongo_write_intent(s, w, e)) {
		case MONGO_DONE:
			err_init(e);
			return;
		case MONGO_FAILED:
			return;
		case MONGO_AGAIN:
			break;
		}
		if (mongo_clock_ms() >= end) {
			err_set(
			    e, ERR_UNAVAILABLE, "同时修改的人太多，请稍后再试");
			return;
		}
		take_a_break(tries);
	}
}

static void
write_set(struct mongo_writer *w, struct write_set *ws)
{
	struct mongo_set s = {.m = w->m, .ws = ws};
	uint64_t stripes = stripes_of(ws);

	arena_init(&s.arena);
	if (ws->n > 0) {
		lock_stripes(w->m, stripes);
		s.client = mongo_take(w->m, &ws->e);
		if (s.client != NULL)
			write_patiently(&s, w);
		mongo_put(w->m, s.client);
		unlock_stripes(w->m, stripes);
	}
	arena_fini(&s.arena);
	for (size_t i = 0; i < ws->n; i++)
		mongo_discard(&ws->v[i]);
	/* The set may be gone as soon as done has been called. */
	ws->done(ws->arg, ws->e.code != ERR_NONE ? &ws->e : NULL);
}

/* Finish what a broken connection left of ours. */
static void
pay_debts(struct mongo *m)
{
	struct mongo_set s = {.m = m};
	struct err e;

	err_init(&e);
	arena_init(&s.arena);
	s.client = mongo_take(m, &e);
	if (s.client != NULL && mongo_recover(&s, &e) == 0) {
		pthread_mutex_lock(&m->lock);
		m->owing = false;
		pthread_mutex_unlock(&m->lock);
	}
	mongo_put(m, s.client);
	arena_fini(&s.arena);
}

/* ---- threads ---- */

/* With the lock held: the first set off the queue, or NULL. */
static struct write_set *
take_set(struct mongo *m)
{
	struct write_set *ws = m->head;

	if (ws == NULL)
		return NULL;
	m->head = ws->next;
	if (m->head == NULL)
		m->tail = &m->head;
	m->nqueued--;
	return ws;
}

/* With the lock held.  The first of the writers sees to debts. */
static void
wait_for_work(struct mongo_writer *w)
{
	struct mongo *m = w->m;
	struct timespec t;

	if (!m->owing || w != m->writers) {
		pthread_cond_wait(&m->work, &m->lock);
		return;
	}
	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_sec += DEBT_S;
	pthread_cond_timedwait(&m->work, &m->lock, &t);
}

static void *
write_loop(void *arg)
{
	struct mongo_writer *w = arg;
	struct mongo *m = w->m;

	pthread_mutex_lock(&m->lock);
	for (;;) {
		struct write_set *ws = take_set(m);

		if (ws != NULL) {
			pthread_mutex_unlock(&m->lock);
			write_set(w, ws);
			pthread_mutex_lock(&m->lock);
		} else if (m->stopping) {
			break;
		} else {
			wait_for_work(w);
		}
		if (m->owing && w == m->writers) {
			pthread_mutex_unlock(&m->lock);
			pay_debts(m);
			pthread_mutex_lock(&m->lock);
		}
	}
	pthread_mutex_unlock(&m->lock);
	return NULL;
}

int
mongo_queue_start(struct mongo *m, struct err *e)
{
	for (size_t i = 0; i < MONGO_WRITERS; i++) {
		m->writers[i].m = m;
		int rc = pthread_create(
		    &m->writers[i].thread, NULL, write_loop, &m->writers[i]);

		if (rc != 0) {
			mongo_queue_stop(m);
			return err_set(e, ERR_UNAVAILABLE,
			    "无法启动写入线程：%s", strerror(rc));
		}
		m->nwriters++;
	}
	return 0;
}

void
mongo_queue_stop(struct mongo *m)
{
	pthread_mutex_lock(&m->lock);
	m->stopping = true;
	pthread_cond_broadcast(&m->work);
	pthread_mutex_unlock(&m->lock);
	for (size_t i = 0; i < m->nwriters; i++)
		pthread_join(m->writers[i].thread, NULL);
	m->nwriters = 0;
}

int
mongo_submit(struct store *store, struct write_set *ws, struct err *e)
{
	struct mongo *m = (struct mongo *)store;
	int rc = 0;

	if (m->reader)
		return err_set(
		    e, ERR_LOCKED, "这里只能读取，不能修改；请在服务中修改");
	pthread_mutex_lock(&m->lock);
	if (m->nqueued >= m->queue_max) {
		rc = err_set(
		    e, ERR_UNAVAILABLE, "等待写入的请求过多，请稍后再试");
	} else {
		ws->next = NULL;
		*m->tail = ws;
		m->tail = &ws->next;
		m->nqueued++;
		pthread_cond_signal(&m->work);
	}
	pthread_mutex_unlock(&m->lock);
	return rc;
}
