#include "api/keeper.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "api/anchor.h"
#include "api/app.h"
#include "api/idem.h"
#include "base/buf.h"
#include "base/cfg.h"
#include "base/json.h"
#include "base/log.h"
#include "http/local.h"

struct keeper {
	struct app *app;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool stopping;
	int64_t anchored; /* seq; the thread's */
};

static void
anchor(struct keeper *k)
{
	struct chain_head head;
	struct err e;

	err_init(&e);
	if (chain_head_read(k->app->store, COLL_AUDIT, &head, &e) == 0) {
		if (head.seq == k->anchored || head.seq == 0)
			return;
		if (anchor_write(k->app->cfg, &head, instant_now(), &e) == 0) {
			k->anchored = head.seq;
			return;
		}
	}
	log_line(
	    LOG_LEVEL_ERROR, "audit head not written", "detail=%s", e.detail);
}

static void
expire(struct keeper *k)
{
	struct err e;

	err_init(&e);
	if (idem_expire(k->app->store, &e) < 0)
		log_line(LOG_LEVEL_WARN, "expired answers not removed",
		    "detail=%s", e.detail);
}

static bool
is_over(struct keeper *k)
{
	bool over;

	pthread_mutex_lock(&k->lock);
	over = k->stopping;
	pthread_mutex_unlock(&k->lock);
	return over;
}

/* One page of people.  new: where the next begins; NULL: that was all. */
static char *
refresh_page(struct keeper *k, const char *cursor)
{
	struct local_request in = {.method = "POST", .local = true};
	struct buf target, out;
	const char *body;
	char *next = NULL;
	json_t *answer;
	struct err e;

	err_init(&e);
	buf_init(&target, 0);
	buf_init(&out, 0);
	buf_add(&target, "/api/v1/oa/todos:refresh?limit=20");
	if (cursor != NULL)
		buf_addf(&target, "&cursor=%s", cursor);
	in.target = target.data;
	if (local_request(k->app->http, &in, &out) == 200 &&
	    (body = strstr(out.data, "\r\n\r\n")) != NULL) {
		answer = json_read_own(body + 4, strlen(body + 4), &e);
		if (json_peek_str(answer, "nextCursor") != NULL)
			next = strdup(json_peek_str(answer, "nextCursor"));
		json_decref(answer);
	} else {
		log_line(LOG_LEVEL_WARN, "to-dos not told", NULL);
	}
	buf_fini(&target);
	buf_fini(&out);
	return next;
}

/* What waits for everybody, so that an OA hears of what has changed. */
static void
refresh_todos(struct keeper *k)
{
	char *cursor = NULL;

	if (k->app->cfg->oa_todos == 0)
		return;
	do {
		char *next = refresh_page(k, cursor);

		free(cursor);
		cursor = next;
	} while (cursor != NULL && !is_over(k));
	free(cursor);
}

/* With the lock held: wait until it is time, or over. */
static void
wait_a_while(struct keeper *k)
{
	int64_t ms = k->app->cfg->audit_anchor;
	int64_t todos = k->app->cfg->oa_todos;
	struct timespec t;

	if (todos > 0 && todos < ms)
		ms = todos;
	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += (time_t)(ms / 1000);
	t.tv_nsec += (long)(ms % 1000) * 1000000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000;
	}
	while (!k->stopping &&
	       pthread_cond_timedwait(&k->changed, &k->lock, &t) == 0)
		;
}

static void *
keep(void *arg)
{
	struct keeper *k = arg;
	bool over;

	do {
		over = is_over(k);
		anchor(k);
		expire(k);
		if (!over)
			refresh_todos(k);
		pthread_mutex_lock(&k->lock);
		if (!over)
			wait_a_while(k);
		pthread_mutex_unlock(&k->lock);
	} while (!over);
	return NULL;
}

struct keeper *
keeper_start(struct app *app, struct err *e)
{
	struct keeper *k = calloc(1, sizeof(*k));
	pthread_condattr_t attr;
	int rc;

	if (k == NULL)
		abort();
	k->app = app;
	pthread_mutex_init(&k->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&k->changed, &attr);
	pthread_condattr_destroy(&attr);
	rc = pthread_create(&k->thread, NULL, keep, k);
	if (rc == 0)
		return k;
	pthread_cond_destroy(&k->changed);
	pthread_mutex_destroy(&k->lock);
	free(k);
	err_set(e, ERR_UNAVAILABLE, "无法启动后台线程：%s", err_reason(rc));
	return NULL;
}

void
keeper_stop(struct keeper *k)
{
	if (k == NULL)
		return;
	pthread_mutex_lock(&k->lock);
	k->stopping = true;
	pthread_cond_signal(&k->changed);
	pthread_mutex_unlock(&k->lock);
	pthread_join(k->thread, NULL);
	pthread_cond_destroy(&k->changed);
	pthread_mutex_destroy(&k->lock);
	free(k);
}
