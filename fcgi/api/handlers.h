#ifndef API_HANDLERS_H
#define API_HANDLERS_H

#include "base/err.h"
#include "http/req.h"

/*
 * Every handler of the route table: fetch, check, make, keep, answer.  The
 * dispatcher has checked method, path, parameters, conditions, body and
 * permission before; 0 with an answer (or parked), or -1 with the story.
 */
#define ROUTE(method, pattern, handler, ...) \
	int handler(struct req *r, struct err *e);
#include "api/routes.def"
#undef ROUTE

#endif
