/*
 * Submissions inside one process, without a web server: what the program
 * itself spends on a durable PUT while others are under way.
 *
 *	puts FILE COUNT [--data=... and other settings]
 *
 * sends the first COUNT lines of FILE (writes.py: path, who asks, body), 64
 * at a time, and prints the CPU time and the time of one of them.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "api/app.h"
#include "base/cfg.h"
#include "base/json_pool.h"
#include "http/server.h"
#include "store/store.h"

#define TOGETHER 64

static struct {
	FILE *lines;
	long left;
	long answered;
	long failed;
	long under_way;
	/* requests that can go on, from the store's thread */
	pthread_mutex_t lock;
	pthread_cond_t due_now;
	struct req *due;
	struct req **due_end;
} run = {
    .lock = PTHREAD_MUTEX_INITIALIZER,
    .due_now = PTHREAD_COND_INITIALIZER,
    .due_end = &run.due,
};

static double
clock_us_of(clockid_t which)
{
	struct timespec t;

	clock_gettime(which, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* ---- requests ---- */

static void
on_wake(void *arg, struct req *r)
{
	(void)arg;
	r->next = NULL;
	pthread_mutex_lock(&run.lock);
	if (run.due == NULL)
		pthread_cond_signal(&run.due_now);
	*run.due_end = r;
	run.due_end = &r->next;
	pthread_mutex_unlock(&run.lock);
}

static void
on_finish(struct req *r)
{
	if (r->res.status != 201 && run.failed++ == 0)
		fprintf(stderr, "%d %.*s\n", r->res.status,
		    (int)r->res.body.len, r->res.body.data);
	run.answered++;
	run.under_way--;
}

/* false: no more lines. */
static bool
send_next(struct http *h, struct req *r)
{
	static char *line;
	static size_t room;
	char *at, *copy;

	if (run.left == 0 || getline(&line, &room, run.lines) < 0)
		return false;
	run.left--;
	run.under_way++;
	req_reset(r);
	copy = at = arena_strdup(&r->arena, line);
	r->method_text = "PUT";
	r->content_type = "application/json";
	r->path = strsep(&at, "\t");
	r->authorization = strsep(&at, "\t");
	r->raw = strsep(&at, "\n");
	if (r->raw == NULL) {
		fprintf(stderr, "puts: no line of three parts: %s\n", copy);
		exit(1);
	}
	r->raw_len = strlen(r->raw);
	r->remote = "local";
	r->finish = on_finish;
	http_dispatch(h, r);
	return true;
}

/* Like a worker: everything that is due, then what can be sent anew. */
static void
resume_all(void)
{
	struct req *list;

	pthread_mutex_lock(&run.lock);
	while (run.due == NULL)
		pthread_cond_wait(&run.due_now, &run.lock);
	list = run.due;
	run.due = NULL;
	run.due_end = &run.due;
	pthread_mutex_unlock(&run.lock);
	while (list != NULL) {
		struct req *r = list;

		list = r->next;
		http_resume(r);
	}
}

static void
send_all(struct http *h, struct req *requests)
{
	bool more = true;

	while (more || run.under_way > 0) {
		for (int i = 0; more && i < TOGETHER; i++)
			if (atomic_load(&requests[i].parked) == 0)
				more = send_next(h, &requests[i]);
		if (run.under_way > 0)
			resume_all();
	}
}

static int
measure(struct http *h)
{
	struct req *requests = calloc(TOGETHER, sizeof(*requests));
	double cpu, wall;

	if (requests == NULL)
		abort();
	for (int i = 0; i < TOGETHER; i++)
		req_init(&requests[i]);
	http_set_wake(h, on_wake, NULL);
	cpu = clock_us_of(CLOCK_PROCESS_CPUTIME_ID);
	wall = clock_us_of(CLOCK_MONOTONIC);
	send_all(h, requests);
	cpu = clock_us_of(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	wall = clock_us_of(CLOCK_MONOTONIC) - wall;
	printf("%ld answers, %ld not 201, %.1f us of CPU, %.1f us\n",
	    run.answered, run.failed, cpu / (double)run.answered,
	    wall / (double)run.answered);
	for (int i = 0; i < TOGETHER; i++)
		req_fini(&requests[i]);
	free(requests);
	return run.failed == 0 ? 0 : -1;
}

static int
serve(struct cfg *cfg, struct err *e)
{
	struct app app = {0};
	struct store *store = store_open(cfg, e);
	int rc = -1;

	if (store == NULL)
		return -1;
	if (app_init(&app, cfg, store, e) == 0)
		rc = measure(app.http);
	app_fini(&app);
	store_close(store);
	return rc;
}

int
main(int argc, char **argv)
{
	struct cfg cfg;
	struct err e;
	int rc = 1;

	json_pool_use();
	err_init(&e);
	cfg_init(&cfg);
	if (cfg_load_args(&cfg, &argc, argv, &e) < 0)
		goto out;
	if (argc != 3 || (run.lines = fopen(argv[1], "r")) == NULL) {
		fputs("usage: puts FILE COUNT [--data=...]\n", stderr);
		goto out;
	}
	run.left = strtol(argv[2], NULL, 10);
	rc = serve(&cfg, &e) < 0 ? 1 : 0;
	fclose(run.lines);
out:
	if (e.code != ERR_NONE)
		fprintf(stderr, "puts: %s\n", e.detail);
	cfg_fini(&cfg);
	return rc;
}
