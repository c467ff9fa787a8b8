#ifndef HTTP_ROUTE_H
#define HTTP_ROUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "http/req.h"

struct schema;

enum param_type {
	PARAM_ID,      /* id_valid */
	PARAM_DATE,    /* civil date */
	PARAM_INSTANT, /* RFC 3339; rewritten to the fixed-width UTC form */
	PARAM_INT,     /* min..max */
	PARAM_WORD,    /* [A-Za-z][A-Za-z0-9_-]{0,31} */
	PARAM_DIGITS,  /* 1..12 digits: a division prefix */
	PARAM_CURSOR   /* opaque, <= 512 characters of base64url */
};

struct param {
	const char *name;
	enum param_type type;
	int64_t min;
	int64_t max;
	const char *title; /* Chinese, for messages and OpenAPI */
};

#define ROUTE_PUBLIC 1U      /* answers without a session */
#define ROUTE_IF_MATCH 2U    /* 428 without If-Match; r->match_rev is set */
#define ROUTE_CSV 4U         /* the body may also be text/csv: r->raw */
#define ROUTE_NO_LOG 8U      /* only in the debug log (health checks) */
#define ROUTE_PATCH 16U      /* accepts application/merge-patch+json too */
#define ROUTE_PUT_NEW 32U    /* If-Match, or If-None-Match: * to create */
#define ROUTE_RAW 64U        /* the body is a picture: r->raw, to limits.raw */
#define ROUTE_SECRET 4096U   /* body or answer hold secrets: never kept */
#define ROUTE_MAY_MATCH 256U /* If-Match is heeded when it is there */

/* 0 with an answer (or parked), or -1 with the story. */
typedef int (*handler_fn)(struct req *r, struct err *e);

/*
 * One row of THE route table.  Patterns: literal segments and {name}; the
 * last segment may be {name}:verb or name:verb.  params: space-separated
 * names from the parameter table; others are errors.  A request matches one
 * row at most: two rows of one method whose patterns overlap are refused.
 */
struct route {
	enum method method;
	const char *pattern;
	handler_fn handler;
	const char *permission; /* "task.read": permissions.csv */
	const char *schema;     /* of the body, "task.json", or NULL: none */
	const char *params;
	unsigned flags;
	const char *title; /* Chinese, for `minsheng routes` and OpenAPI */
};

/* What the layers above lend to this one. */
struct http_hooks {
	/* May this request do this?  0, or -1: ERR_UNAUTHORIZED, FORBIDDEN */
	int (*authorize)(
	    struct req *r, const struct route *route, struct err *e);
	/* Carry out the route's handler; NULL: just call it. */
	int (*handle)(struct req *r, struct err *e);
	/* The compiled schema of a file of the table, borrowed. */
	const struct schema *(*schema)(const char *file);
	/* Check a body.  0, or -1: ERR_INVALID with items. */
	int (*check)(const struct schema *s, const json_t *v, struct err *e);
};

struct http_limits {
	size_t body;
	size_t query;
	/* Bodies of ROUTE_RAW; of those over `body`, so many at once. */
	size_t raw;
	int raw_at_once;
};

/*
 * A dispatcher over a table of routes (borrowed for its life).  new, or NULL:
 * ERR_CONFIG names the row that is wrong (bad pattern, two rows for one
 * request, unknown parameter, missing schema).
 */
struct http *http_new(const struct route *routes, size_t nroutes,
    const struct param *params, size_t nparams, struct http_limits limits,
    const struct http_hooks *hooks, void *app, struct err *e) MUST_CHECK;
void http_free(struct http *h);
/* Pin the day (tests, demonstrations); 0 lets it run. */
void http_set_today(struct http *h, civil_t today);
/*
 * What time requests come in at (tests, demonstrations); NULL: the system's.
 * Called from any thread; set before the first request.
 */
void http_set_clock(struct http *h, instant_t (*clock)(void *arg), void *arg);

/*
 * Make r ready: everything zero but the transport's part, which the caller
 * fills afterwards.  req_reset makes it ready for the next request of a kept
 * connection; req_fini releases all.
 */
void req_init(struct req *r);
void req_reset(struct req *r);
void req_fini(struct req *r);

/*
 * Carry out one request: route, limits, parameters, conditional headers,
 * body, permission, handler; errors become problem+json; HEAD and OPTIONS
 * everywhere.  Calls r->finish(r) exactly once when the answer is complete,
 * now or (parked) later from http_resume.
 */
void http_dispatch(struct http *h, struct req *r);
/*
 * For transports, before they read a body of len bytes, which is more than
 * limits.body: may it be read whole?  method_text and path are set.  true: it
 * counts against limits.raw_at_once until the request is reset.
 */
bool http_lend(struct http *h, struct req *r, size_t len);
/*
 * Where parked requests go when they are due: the transport's queue.  Called
 * by req_unpark from any thread; it must get http_resume(r) called by a
 * worker.  NULL: http_resume runs in the unparking thread.
 */
void http_set_wake(
    struct http *h, void (*wake)(void *arg, struct req *r), void *arg);
void http_resume(struct req *r);
/* What req_slow calls, with the request's transport; NULL: nothing. */
void http_set_slow(struct http *h, void (*slow)(struct req *r));

/* For /metrics: append Prometheus text (requests by route and status ...). */
void http_metrics(struct http *h, struct buf *out);

#endif
