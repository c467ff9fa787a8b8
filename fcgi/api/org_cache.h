#ifndef API_ORG_CACHE_H
#define API_ORG_CACHE_H

#include <jansson.h>

#include "base/err.h"

struct store;

/*
 * The parsed orgs of divisions, for statistics: parsing them costs more than
 * some questions.  What is found is never older than the last write that was
 * acknowledged before the call.  Safe from any thread.
 */
struct org_cache;

/* new. */
struct org_cache *org_cache_new(void);
void org_cache_free(struct org_cache *c);

/*
 * The orgs that plans of a division may name (import_known_orgs): a reference
 * of the caller's own to an array that others read too, so nobody changes it
 * or what is in it.  NULL with *e set.
 */
json_t *org_cache_get(struct org_cache *c, struct store *store,
    const char *division, struct err *e) MUST_CHECK;

#endif
