#ifndef HTTP_INTERNAL_H
#define HTTP_INTERNAL_H

/* What the files of this folder share; nobody else includes it. */

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http/req.h"
#include "http/route.h"

#define PATH_MAX_BYTES 1024
#define PATH_SEGMENTS 8

struct metrics;

/* A row of the route table, ready for matching. */
struct row {
	const struct route *route;
	const struct schema *schema;
	uint64_t params; /* a bit for each row of the parameter table */
	size_t nsegments;
	const char *segments[PATH_SEGMENTS]; /* NULL: {..} */
	const char *verb;                    /* "" when none */
	char *text;                          /* owns the strings above */
};

/* A path in pieces, decoded. */
struct path {
	size_t nsegments;
	const char *segments[PATH_SEGMENTS];
	const char *verb; /* "" when none */
};

/* The rows a path leads to, by method. */
struct match {
	const struct row *rows[METHOD__MAX];
	bool any;
};

struct http {
	struct row *rows; /* by number of segments */
	size_t nrows;
	/* rows with n segments are [first[n], first[n + 1]) */
	size_t first[PATH_SEGMENTS + 2];
	const struct route *routes;
	const struct param *params;
	size_t nparams;
	struct http_limits limits;
	struct http_hooks hooks;
	void *app;
	atomic_int today;
	atomic_int raw_now;            /* large bodies under way */
	instant_t (*clock)(void *arg); /* NULL: the system's */
	void *clock_arg;
	struct metrics *metrics;
	void (*wake)(void *arg, struct req *r);
	void *wake_arg;
	void (*slow)(struct req *r);
};

/* The states of req.parked. */
enum park {
	PARK_NONE,
	PARK_ASKED,   /* req_park was called, the handler still runs */
	PARK_DUE,     /* req_unpark came before the handler returned */
	PARK_WAITING, /* the worker has gone on */
};

/* req.c */
const char *method_name(enum method m);
/* "OK", or "Unknown" for a number that status.def does not have. */
const char *status_phrase(int status);
/* Forget the answer made so far, but for headers that errors keep. */
void res_restart(struct req *r);
/* Append "Status: ..." and all headers with the empty line. */
void res_print_head(const struct req *r, struct buf *out);
/* borrowed: the bytes to send behind them; none for HEAD, 204 and 304. */
const char *res_bytes(const struct req *r, size_t *n);

/* path.c */
/* Decode %XX once, in place; false: malformed, or a NUL. */
bool percent_decode(char *s);
/* Cut text (changed, must live on) into *p.  -1: ERR_BADPATH, ERR_NOROUTE */
int path_split(char *text, struct path *p, struct err *e);

/* route.c */
void route_match(const struct http *h, const struct path *p, struct match *m);

/* query.c: fill r->params, all errors at once.  -1: ERR_BADQUERY */
int query_read(struct req *r, const struct row *row, struct err *e);

/* headers.c */
/* If-Match, If-None-Match: * and Idempotency-Key as the route wants them. */
int headers_check(struct req *r, struct err *e);
/*
 * Does Accept (NULL: it was not sent) take an answer of this type?  Who takes
 * problems only takes JSON as well; a range of q=0 is as if it was not there.
 */
bool accept_takes(const char *accept, const char *type);
/* Does If-None-Match (a list, W/ or *) name this tag? */
bool etag_listed(const char *list, const char *tag);
bool media_is(const char *content_type, const char *type);

/* body.c: content type, size, JSON and schema; fills r->body. */
int body_read(struct req *r, const struct row *row, struct err *e);

/* metrics.c */
struct metrics *metrics_new(size_t nroutes);
void metrics_free(struct metrics *m);
void metrics_begin(struct metrics *m);
void metrics_end(struct metrics *m, size_t route, int status, int64_t us);
void metrics_park(struct metrics *m, int by);
int64_t clock_us(void);

#endif
