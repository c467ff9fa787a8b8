/*
 * The same GET again and again inside one process, without a web server: what
 * the program itself spends on a request, for callgrind, perf and strace, and
 * for machines that are too busy for the clock.
 *
 *	inside COUNT TARGET [--same] [--data=... and other settings]
 *
 * asks as the operator, or with what INSIDE_AUTHORIZATION says, and prints the
 * CPU time of one request.  --same: the answer is asked for again
 * with its ETag, so that it is 304.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "api/app.h"
#include "base/buf.h"
#include "base/cfg.h"
#include "base/json_pool.h"
#include "http/local.h"
#include "http/server.h"
#include "store/store.h"

#define ROUNDS 5

static double
cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* new: the ETag of an answer, or NULL. */
static char *
take_etag(const struct buf *answer)
{
	const char *at = strstr(answer->data, "ETag: ");

	if (at == NULL)
		return NULL;
	at += strlen("ETag: ");
	return strndup(at, strcspn(at, "\r\n"));
}

static int
ask(struct http *h, const struct local_request *q, struct buf *answer)
{
	buf_reset(answer);
	return local_request(h, q, answer);
}

/* The least of some rounds: others only ever add to it. */
static int
measure(struct http *h, long count, const char *target, bool same)
{
	struct local_request q = {
	    .method = "GET",
	    .target = target,
	    .authorization = getenv("INSIDE_AUTHORIZATION"),
	    .local = true,
	};
	struct buf answer;
	double least = 0;
	char *tag = NULL;
	int status, first;

	buf_init(&answer, 0);
	first = ask(h, &q, &answer);
	if (same && first == 200) {
		q.if_none_match = tag = take_etag(&answer);
		first = ask(h, &q, &answer);
	}
	for (int round = 0; round < ROUNDS; round++) {
		double start = cpu_us();

		for (long i = 0; i < count; i++)
			if ((status = ask(h, &q, &answer)) != first)
				first = status;
		double took = (cpu_us() - start) / (double)count;

		if (round == 0 || took < least)
			least = took;
	}
	printf("%d %zu bytes %.2f us\n", first, answer.len, least);
	buf_fini(&answer);
	free(tag);
	return first == 200 || first == 304 ? 0 : -1;
}

static int
run(struct cfg *cfg, long count, const char *target, bool same, struct err *e)
{
	struct app app = {0};
	struct store *store = store_open(cfg, e);
	int rc = -1;

	if (store == NULL)
		return -1;
	if (app_init(&app, cfg, store, e) == 0)
		rc = measure(app.http, count, target, same);
	app_fini(&app);
	store_close(store);
	return rc;
}

int
main(int argc, char **argv)
{
	struct cfg cfg;
	struct err e;
	int rc = 2;
	bool same;

	json_pool_use();
	err_init(&e);
	cfg_init(&cfg);
	if (cfg_load_args(&cfg, &argc, argv, &e) < 0)
		goto out;
	same = argc == 4 && strcmp(argv[3], "--same") == 0;

	if (argc != 3 + same) {
		fputs("usage: inside COUNT TARGET [--same] [--data=...]\n",
		    stderr);
		goto out;
	}
	rc =
	    run(&cfg, strtol(argv[1], NULL, 10), argv[2], same, &e) < 0 ? 1 : 0;
out:
	if (e.code != ERR_NONE)
		fprintf(stderr, "inside: %s\n", e.detail);
	cfg_fini(&cfg);
	return rc;
}
