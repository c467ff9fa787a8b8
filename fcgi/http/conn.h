#ifndef HTTP_CONN_H
#define HTTP_CONN_H

#include <fcgiapp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "http/req.h"

struct conn;
struct http;

/* What a request needs while it runs; idle connections have none. */
struct job {
	struct req req;
	struct buf head;
	char *raw;
	size_t raw_cap;
	struct conn *conn;
	struct job *next;
};

/* A connection from the web server. */
struct conn {
	FCGX_Request fcgi;
	struct conns *all;
	struct job *job; /* NULL: idle, and registered with the epoll */
	bool used;       /* has answered once */
	struct conn *prev;
	struct conn *next;
};

/*
 * All connections of a server, and the jobs at rest.  `lock` guards the
 * lists and conn.job; everything else of a conn belongs to the one worker
 * that was given its event.
 */
struct conns {
	struct http *http;
	int epoll;
	size_t max_body;
	bool tcp;
	pthread_mutex_t lock;
	struct conn *head;
	size_t count;
	struct job *rest;
	atomic_bool closing; /* answer, then close */
};

void conns_init(struct conns *all, struct http *h, int epoll, size_t max_body);
/* Close what is idle and free the jobs at rest. */
void conns_fini(struct conns *all);
size_t conns_count(struct conns *all);
/*
 * For the stop: make idle connections end.  What was sent before is still
 * read and answered.  Those that have not asked anything yet are spared.
 */
void conns_cut(struct conns *all, bool spare_new);

/* Take over an accepted socket and wait for requests on it. */
void conn_start(struct conns *all, int fd);
/*
 * There is something to read: carry out one request.  c is gone afterwards
 * (answered and waiting again, parked, or closed).
 */
void conn_serve(struct conn *c);

#endif
