#ifndef HTTP_LOOP_H
#define HTTP_LOOP_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "http/conn.h"
#include "http/listener.h"

struct loop;

struct worker {
	struct loop *loop;
	pthread_t thread;
	bool leads; /* guarded by loop.lock */
	atomic_bool leads_hint;
	atomic_uint turns; /* odd: at work since the last step */
	unsigned seen;     /* the watch's */
};

/*
 * Worker threads around one epoll.  Few of them poll (lead): one that gets
 * quick work does it itself, which wakes nobody; before slow work it lets
 * another one lead.
 */
struct loop {
	struct conns conns;
	struct listener *listener;
	int epoll;
	int woken; /* eventfd: there are due requests */
	int stop;  /* eventfd: workers end */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct worker *workers;
	size_t nworkers;
	size_t started;
	size_t leaders;
	size_t leaders_max;
	bool done;
	pthread_mutex_t due_lock;
	struct req *due;
	struct req **due_end;
};

/* -1: ERR_CONFIG, when the system refuses threads or descriptors. */
int loop_start(struct loop *l, struct listener *listener, struct http *h,
    size_t max_body, size_t workers, struct err *e) MUST_CHECK;
/*
 * Call it every now and then: takes the lead from a worker that has been at
 * one request since the last call.
 */
void loop_watch(struct loop *l);
/* No new connections; true once every request is answered. */
bool loop_drain(struct loop *l, bool first, bool spare_new);
/* End the threads (they are idle) and free everything. */
void loop_end(struct loop *l);

#endif
