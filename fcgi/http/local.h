#ifndef HTTP_LOCAL_H
#define HTTP_LOCAL_H

#include <stdbool.h>
#include <stddef.h>

#include "http/req.h"

struct buf;
struct http;

/* A request made inside the process: `minsheng request`, tests. */
struct local_request {
	const char *method; /* "GET" */
	const char *target; /* "/api/v1/plans?limit=1" */
	const char *accept;
	const char *content_type;
	const char *if_match;
	const char *if_none_match;
	const char *idempotency_key;
	const char *authorization;
	const char *cookie;
	const char *host;
	const char *origin;
	const char *fetch_site;
	const char *requested_with;
	bool https;
	const char *request_id;
	const char *traceparent;
	struct req_sign sign;
	const char *remote; /* NULL: "local" */
	const char *body;
	size_t body_len;
	/* The operator of this machine asks, unless credentials say who. */
	bool local;
};

/*
 * Carry it out (waiting where it is parked) and append the answer to out as
 * on the wire of CGI: "Status: 200 OK\r\n", headers, an empty line, body.
 * Returns the status.
 */
int local_request(
    struct http *h, const struct local_request *in, struct buf *out);

#endif
