#ifndef API_STATS_H
#define API_STATS_H

#include <jansson.h>

#include "stats/stats.h"

struct req;

/*
 * The answer of one statistic of one plan, for handlers that make something
 * of it: owned by the request.  as_of and known_at are checked dates.  NULL:
 * ERR_NOTFOUND, or the store's.
 */
json_t *api_stats(struct req *r, enum stats_family family, const char *by,
    const char *plan, const char *as_of, const char *known_at,
    struct err *e) MUST_CHECK;

/*
 * The parameter knownAt, NULL when it was not given.  -1: ERR_BADQUERY, it is
 * in the future.
 */
int api_known_at(
    struct req *r, const char **known_at, struct err *e) MUST_CHECK;

#endif
