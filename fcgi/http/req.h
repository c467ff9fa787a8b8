#ifndef HTTP_REQ_H
#define HTTP_REQ_H

#include <jansson.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/civil.h"
#include "base/err.h"

struct http;
struct route;
struct idem;
struct who;

enum method {
	METHOD_GET,
	METHOD_HEAD,
	METHOD_OPTIONS,
	METHOD_POST,
	METHOD_PUT,
	METHOD_PATCH,
	METHOD_DELETE,
	METHOD__MAX /* also: a method nobody knows */
};

/* "GET"; "?" for METHOD__MAX. */
const char *method_name(enum method m);

#define REQ_HEADERS 12
#define REQ_SEGMENTS 4
#define REQ_PARAMS 16

/* What match_rev says besides a revision. */
#define MATCH_ANY 0    /* If-Match: *, or the route wants none */
#define MATCH_NEW (-1) /* If-None-Match: * on a ROUTE_PUT_NEW route */

struct name_value {
	const char *name;
	const char *value;
};

/* The headers of a signed request (auth/sign.h), as they came; NULL: none. */
struct req_sign {
	const char *key;
	const char *timestamp;
	const char *nonce;
	const char *signature;
};

/* The answer under construction. */
struct res {
	int status;       /* 200 until said otherwise */
	const char *type; /* Content-Type; "application/json" by default */
	struct name_value headers[REQ_HEADERS];
	size_t nheaders;
	struct buf body;      /* what is built, or ... */
	const char *borrowed; /* ... what is passed on, when not NULL */
	size_t borrowed_len;
};

/*
 * One request, without knowing what it is about.  It owns what is made for
 * it: handlers never free.  Transports fill the first part (all borrowed for
 * the life of the request), the dispatcher the second, handlers the answer.
 */
struct req {
	/* from the transport */
	const char *method_text;
	const char *path;  /* as sent, still percent-encoded, without query */
	const char *query; /* "" when none */
	const char *content_type;
	const char *if_match;
	const char *if_none_match;
	const char *idempotency_key;
	const char *host;
	const char *origin;
	const char *fetch_site;     /* Sec-Fetch-Site */
	const char *requested_with; /* X-Requested-With */
	const char *authorization;
	const char *cookie;
	const char *accept;
	const char *request_id_in;
	const char *traceparent;
	struct req_sign sign;
	const char *remote; /* peer address for the log, "" unknown */
	const char *raw;    /* the body as sent */
	size_t raw_len;
	bool local;    /* asked on this machine, inside the process */
	bool raw_cut;  /* the transport stopped reading: over the limit */
	bool raw_lent; /* it is a large one, see http_lend */
	bool raw_busy; /* it would be a large one: too many are under way */
	bool https;    /* the web server was asked by TLS */

	/* from the dispatcher */
	struct http *http;
	void *app; /* what http_new was given */
	struct arena arena;
	const char *id;        /* request id: echoed, logged, in problems */
	const struct who *who; /* auth/who.h; NULL on a public route */
	enum method method;
	const struct route *route;
	const char *segments[REQ_SEGMENTS]; /* values of {..}, decoded */
	struct name_value params[REQ_PARAMS];
	size_t nparams;
	json_t *body;      /* parsed and checked against the route's schema */
	int64_t match_rev; /* If-Match: a revision, MATCH_ANY or MATCH_NEW */
	instant_t now;
	civil_t today;

	struct idem *idem;  /* api/idem.h; NULL: no Idempotency-Key */
	const char *reason; /* why, as the client said it: for the record */

	/* what a 412 shows beside the story: borrowed, may be NULL */
	const json_t *current;

	struct res res;

	/* parking, and what is owned */
	int (*resume)(struct req *r, struct err *e);
	void *parked_arg; /* the handler's, for resume */
	unsigned tries;   /* how often its write was overtaken */
	atomic_int parked;
	struct owned *owned;
	int64_t started_us;            /* monotonic, for the measures */
	void (*finish)(struct req *r); /* the transport's */
	void *transport;
	struct req *next;
};

/* Is there any header of a signed request? */
bool req_is_signed(const struct req *r);

/* ---- for handlers ---- */

/* A query parameter's text, or NULL.  Types were checked by the route. */
const char *req_param(const struct req *r, const char *name);
/* The default as well for a text that is no number, or too long for one. */
int64_t req_param_int(const struct req *r, const char *name, int64_t dflt);

/*
 * Hand a reference over: released after the answer is sent, the last first.
 */
void req_own(struct req *r, void *thing, void (*release)(void *));
/* The same for JSON; returns v, so  doc = req_own_json(r, make()). */
json_t *req_own_json(struct req *r, json_t *v);

/*
 * Answer with a body.  res_json prints v (borrowed) now.  res_text passes
 * bytes on; they must live as long as the request (arena or cache pin).
 */
void res_json(struct req *r, int status, const json_t *v);
void res_text(
    struct req *r, int status, const char *type, const char *text, size_t len);
/*
 * Set a header (again); name is a literal, value is copied and refused
 * (assert) with control characters: outside text is never put here
 * unchecked; see header_safe() in http/problem.h.
 */
void res_header(struct req *r, const char *name, const char *value);
/* Borrowed, or NULL; names are compared exactly. */
const char *res_header_peek(const struct req *r, const char *name);
/*
 * Set the strong ETag ("rev" or a hash, without quotes; copied).  true: the
 * client has it already (If-None-Match on GET/HEAD) and the answer is 304;
 * the handler returns 0 at once without making a body.
 */
bool res_etag(struct req *r, const char *tag);

/*
 * What follows may take a while (over 0.2 ms or so): let another worker take
 * over the waiting for requests.  Cheap, may be called again; handlers that
 * compute or wait call it, those that only fetch need not.
 */
void req_slow(struct req *r);

/*
 * Park: the handler has queued a write and returns 0; somebody calls
 * req_unpark exactly once, from any thread, maybe before the handler
 * returned.  Then `resume` runs in a worker (0 with an answer, or -1 and *e)
 * and the answer is sent.
 */
void req_park(struct req *r, int (*resume)(struct req *r, struct err *e));
void req_unpark(struct req *r);
/* The handler failed to queue after req_park: it goes on as not parked. */
void req_park_cancel(struct req *r);

#endif
