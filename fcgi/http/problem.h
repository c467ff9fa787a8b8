#ifndef HTTP_PROBLEM_H
#define HTTP_PROBLEM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct buf;
struct req;

#define PROBLEM_TYPE "application/problem+json"
#define PROBLEM_BASE "https://minsheng.gov.example/problems/"

/*
 * Answer with the story of a failure (RFC 9457): status, type, title, detail,
 * code, traceId and errors; ERR_STALE also r->current, the copy that a stale
 * client needs.  What the handler made so far is dropped.
 */
void res_problem(struct req *r, const struct err *e);

/* May this text stand in a header: no byte below 0x20, no 0x7F? */
bool header_safe(const char *s);
/* [A-Za-z0-9._-]{1,64}: a request id we echo. */
bool request_id_safe(const char *s);
/* W3C trace context, version 00, not all zero. */
bool traceparent_valid(const char *s);

#endif
