#ifndef API_IDEM_H
#define API_IDEM_H

#include "base/err.h"
#include "store/store.h"

struct app;
struct req;

/*
 * Idempotency-Key of POST: the same request under the same key (of the same
 * actor, on the same route) is carried out once.  Its answer is kept for a day
 * in the change's own set, so nothing comes between the two, and given again
 * with "Idempotency-Replayed: true".  Another payload under the key is
 * ERR_INVALID, one that is still being carried out here ERR_CONFLICT.
 */
#define IDEM_KEPT_MS ((instant_t)24 * 60 * 60 * 1000)

/* The requests under way in this process. */
struct idem_table;
struct idem_table *idem_table_new(void) MUST_CHECK;
void idem_table_free(struct idem_table *t);

/* Carry out the handler of a request, once for each key. */
int idem_handle(struct req *r, struct err *e) MUST_CHECK;
/*
 * Add the record to the set, first, when the request has a key; the answer
 * stands in r->res as it will be.
 */
void idem_keep(struct req *r, struct write_set *ws);
/*
 * The request failed with *e (-1 comes back): unless an equal one was faster,
 * whose answer is given (0).
 */
int idem_failed(struct req *r, struct err *e) MUST_CHECK;
/* Remove what is older than a day. */
int idem_expire(struct store *s, struct err *e) MUST_CHECK;

#endif
