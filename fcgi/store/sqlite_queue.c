#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "store/sqlite.h"

/*
 * One thread writes.  What waits while it commits is its next batch, so one
 * fsync serves all of it; the limit (batch_max) keeps the first of a batch from
 * waiting for too many others.
 */
#define CHECKPOINT_PAGES 1000

/* With the lock held: at most batch_max sets off the queue, or NULL. */
static struct write_set *
take_batch(struct sqlite *s)
{
	struct write_set *list = s->head;
	struct write_set **end = &s->head;
	size_t n = 0;

	while (*end != NULL && n < s->batch_max) {
		end = &(*end)->next;
		n++;
	}
	s->head = *end;
	*end = NULL;
	s->nqueued -= n;
	if (s->head == NULL)
		s->tail = &s->head;
	return n > 0 ? list : NULL;
}

/*
 * Copy the log into the file when it has grown, after the answers of the
 * batch are on their way.  A reader of an old state may stop it halfway; the
 * log grows a little then, and the next attempt goes on.
 */
static void
checkpoint(struct conn *w)
{
	int in_log = 0, copied = 0;

	if (w->wal_pages < CHECKPOINT_PAGES)
		return;
	w->wal_pages = 0;
	if (sqlite3_wal_checkpoint_v2(w->db, NULL, SQLITE_CHECKPOINT_PASSIVE,
		&in_log, &copied) != SQLITE_OK)
		log_line(LOG_LEVEL_WARN, "checkpoint failed", "reason=%s",
		    sqlite3_errmsg(w->db));
}

static int
count_pages(void *arg, sqlite3 *db, const char *name, int pages)
{
	struct conn *w = arg;

	(void)db;
	(void)name;
	w->wal_pages = pages;
	return SQLITE_OK;
}

/* With the lock held; runs without it. */
static void
run_job(struct sqlite *s)
{
	struct job *j = s->jobs;

	s->jobs = j->next;
	pthread_mutex_unlock(&s->lock);
	j->rc = j->run(s->writer, j->arg, j->e);
	pthread_mutex_lock(&s->lock);
	j->finished = true;
	pthread_cond_broadcast(&s->job_done);
}

static void *
write_loop(void *arg)
{
	struct sqlite *s = arg;

	pthread_mutex_lock(&s->lock);
	for (;;) {
		struct write_set *list = take_batch(s);

		if (list != NULL) {
			pthread_mutex_unlock(&s->lock);
			batch_write(s, list);
			checkpoint(s->writer);
			pthread_mutex_lock(&s->lock);
		} else if (s->jobs != NULL) {
			run_job(s);
		} else if (s->stopping) {
			break;
		} else {
			pthread_cond_wait(&s->work, &s->lock);
		}
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

int
queue_start(struct sqlite *s, struct err *e)
{
	sqlite3_wal_hook(s->writer->db, count_pages, s->writer);
	int rc = pthread_create(&s->thread, NULL, write_loop, s);

	if (rc != 0)
		return err_set(
		    e, ERR_UNAVAILABLE, "无法启动写入线程：%s", err_reason(rc));
	return 0;
}

void
queue_stop(struct sqlite *s)
{
	pthread_mutex_lock(&s->lock);
	s->stopping = true;
	pthread_cond_signal(&s->work);
	pthread_mutex_unlock(&s->lock);
	pthread_join(s->thread, NULL);
}

static int
refuse_reader(struct err *e)
{
	return err_set(e, ERR_LOCKED,
	    "数据正由另一进程管理，这里只能读取；请先停止它再修改");
}

int
queue_push(struct sqlite *s, struct write_set *ws, struct err *e)
{
	int rc = 0;

	if (s->writer == NULL)
		return refuse_reader(e);
	pthread_mutex_lock(&s->lock);
	if (s->nqueued >= s->queue_max) {
		rc = err_set(
		    e, ERR_UNAVAILABLE, "等待写入的请求过多，请稍后再试");
	} else {
		ws->next = NULL;
		*s->tail = ws;
		s->tail = &ws->next;
		if (s->nqueued++ == 0)
			pthread_cond_signal(&s->work);
	}
	pthread_mutex_unlock(&s->lock);
	return rc;
}

int
queue_run(struct sqlite *s,
    int (*run)(struct conn *writer, void *arg, struct err *e), void *arg,
    struct err *e)
{
	struct job *j;
	int rc;

	if (s->writer == NULL)
		return refuse_reader(e);
	j = calloc(1, sizeof(*j));
	if (j == NULL)
		abort();
	j->run = run;
	j->arg = arg;
	j->e = e;
	pthread_mutex_lock(&s->lock);
	j->next = s->jobs;
	s->jobs = j;
	pthread_cond_signal(&s->work);
	while (!j->finished)
		pthread_cond_wait(&s->job_done, &s->lock);
	pthread_mutex_unlock(&s->lock);
	rc = j->rc;
	free(j);
	return rc;
}
