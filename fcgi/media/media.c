#include "media/media.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "media/child.h"

#define TIMEOUT_MS 10000
/* Who comes behind so many would wait too long: better to come again. */
#define WAITING_MAX 64

struct helper {
	struct media *media;
	pthread_t thread;
	struct child child;
};

struct media {
	char *program;
	struct helper *helpers;
	size_t nhelpers;
	size_t nthreads; /* started */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct media_job *first;
	struct media_job **end;
	size_t waiting;
	bool closing;
};

struct media *
media_new(const char *program, size_t processes)
{
	struct media *m = calloc(1, sizeof(*m));

	if (m == NULL)
		abort();
	m->program = *program != '\0' ? strdup(program) : NULL;
	m->helpers = calloc(processes, sizeof(m->helpers[0]));
	if (m->helpers == NULL || (*program != '\0' && m->program == NULL))
		abort();
	m->nhelpers = processes;
	m->end = &m->first;
	pthread_mutex_init(&m->lock, NULL);
	pthread_cond_init(&m->changed, NULL);
	return m;
}

/* NULL: there will be none any more. */
static struct media_job *
next_job(struct media *m)
{
	struct media_job *job;

	pthread_mutex_lock(&m->lock);
	while (m->first == NULL && !m->closing)
		pthread_cond_wait(&m->changed, &m->lock);
	job = m->first;
	if (job != NULL) {
		m->first = job->next;
		if (m->first == NULL)
			m->end = &m->first;
		m->waiting--;
	}
	pthread_mutex_unlock(&m->lock);
	return job;
}

static void *
work(void *arg)
{
	struct helper *h = arg;
	struct media_job *job;
	sigset_t set;

	/* A process that died is an error of write(2), not a signal. */
	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	child_init(&h->child, h->media->program);
	while ((job = next_job(h->media)) != NULL) {
		job->verdict = child_ask(
		    &h->child, job->data, job->len, TIMEOUT_MS, &job->image);
		job->done(job->arg); /* the job is gone afterwards */
	}
	child_stop(&h->child);
	return NULL;
}

/* Under the lock.  false: there is not a single one. */
static bool
start_threads(struct media *m)
{
	while (m->nthreads < m->nhelpers) {
		struct helper *h = &m->helpers[m->nthreads];

		h->media = m;
		if (pthread_create(&h->thread, NULL, work, h) != 0)
			break;
		m->nthreads++;
	}
	return m->nthreads > 0;
}

int
media_submit(struct media *m, struct media_job *job, struct err *e)
{
	bool taken = false;

	image_init(&job->image);
	job->verdict = VERDICT_NO_HELPER;
	job->next = NULL;
	pthread_mutex_lock(&m->lock);
	if (m->waiting < WAITING_MAX && start_threads(m)) {
		*m->end = job;
		m->end = &job->next;
		m->waiting++;
		taken = true;
		pthread_cond_signal(&m->changed);
	}
	pthread_mutex_unlock(&m->lock);
	if (taken)
		return 0;
	return err_set(e, ERR_UNAVAILABLE, "同时上传照片的人太多，请稍后再试");
}

void
media_free(struct media *m)
{
	if (m == NULL)
		return;
	pthread_mutex_lock(&m->lock);
	m->closing = true;
	pthread_cond_broadcast(&m->changed);
	pthread_mutex_unlock(&m->lock);
	for (size_t i = 0; i < m->nthreads; i++)
		pthread_join(m->helpers[i].thread, NULL);
	pthread_cond_destroy(&m->changed);
	pthread_mutex_destroy(&m->lock);
	free(m->helpers);
	free(m->program);
	free(m);
}
