#ifndef OUTBOX_SENDER_H
#define OUTBOX_SENDER_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct guard;

/*
 * Requests under way, any number at once, in one thread: the only place that
 * knows libcurl.  No redirects, no proxies of the environment, nothing but
 * http and https, connections are kept for the next request.
 */
struct sender;

enum sent {
	SENT_OK,      /* 2xx */
	SENT_STATUS,  /* another status; redirects too */
	SENT_TIMEOUT, /* no whole answer in time */
	SENT_TOOBIG,  /* the answer does not end */
	SENT_REFUSED, /* the guard: an address inside */
	SENT_FAILED,  /* no connection, or broken off */
};

struct sent_result {
	enum sent how;
	int status; /* 0: there was no answer */
};

struct sender_request {
	const char *url;
	const char *id;
	int64_t seconds;
	const char *signature;
	const char *body;
};

typedef void sender_fn(void *arg, const struct sent_result *result);

/* new; guard is borrowed for its life. */
struct sender *sender_new(const struct guard *guard, int64_t timeout_ms);
/* What is under way is broken off; nobody is told. */
void sender_free(struct sender *s);

/*
 * Send; what is in q is copied.  done(arg, ...) is called once, from
 * sender_run.  The handle is for sender_cancel, valid until then.
 */
struct sending;
struct sending *sender_start(struct sender *s, const struct sender_request *q,
    sender_fn *done, void *arg);
/* Break it off: done is not called. */
void sender_cancel(struct sender *s, struct sending *t);

/* Work for at most wait_ms, or until something has happened. */
void sender_run(struct sender *s, int wait_ms);
/* End sender_run's wait; from any thread. */
void sender_wake(struct sender *s);

/*
 * For tests: where a name leads, "host:port:address", as CURLOPT_RESOLVE
 * takes it; from the next request on.
 */
void sender_resolve(struct sender *s, const char *entry);

#endif
