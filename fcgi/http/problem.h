#ifndef HTTP_PROBLEM_H
#define HTTP_PROBLEM_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct buf;
struct req;

#define PROBLEM_TYPE "application/problem+json"
#define PROBLEM_BASE "https://minsheng.gov.example/problems/"

/*
 * Answer with the story of a failure (RFC 9457): status, type, title, detail,
 * code, traceId and errors.  What the handler made so far is dropped.
 * `name` and `extra` (borrowed) add one member, e.g. "current" with the copy
 * a stale client needs; both NULL for none.
 */
void res_problem(
    struct req *r, const struct err *e, const char *name, const json_t *extra);

/* May this text stand in a header: no byte below 0x20, no 0x7F? */
bool header_safe(const char *s);
/* [A-Za-z0-9._-]{1,64}: a request id we echo. */
bool request_id_safe(const char *s);
/* W3C trace context, version 00, not all zero. */
bool traceparent_valid(const char *s);

#endif
