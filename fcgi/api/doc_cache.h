#ifndef API_DOC_CACHE_H
#define API_DOC_CACHE_H

#include <jansson.h>

#include "base/err.h"
#include "store/store.h"

/*
 * Parsed documents that many requests look at and few change: the tasks and
 * plans that every report is checked against.  What is found is never older
 * than the last write that was acknowledged before the call.  Safe from any
 * thread.
 */
struct doc_cache;

/* new. */
struct doc_cache *doc_cache_new(void);
void doc_cache_free(struct doc_cache *c);

/*
 * A reference of the caller's own to a document that others read too, so
 * nobody changes it.  NULL with *e set, as store_get_json.
 */
json_t *doc_cache_get(struct doc_cache *c, struct store *store, enum coll coll,
    const char *id, struct err *e) MUST_CHECK;

#endif
