#ifndef OUTBOX_OUTBOX_H
#define OUTBOX_OUTBOX_H

#include <jansson.h>
#include <stdbool.h>

#include "base/civil.h"
#include "base/err.h"
#include "store/store.h"

struct buf;
struct cfg;
struct guard;
struct seal;

/*
 * Events are documents of the collection `outbox`, written with the change
 * that causes them.  A worker delivers them to the webhooks: at least once,
 * in order for each object and receiver, whatever breaks in between
 * (docs/adr/0013-oa.md).
 */

/*
 * The event of an action ("report.accept", outbox/events.def) on a document
 * {coll, id, rev, planId, orgId}: new, for write_append.  NULL: this action
 * is nobody's business.
 */
json_t *event_make(const char *action, const json_t *target, instant_t at);
/* Append what a receiver and GET /events see of a stored event. */
void event_print(struct buf *out, const json_t *event);
/* Is the type on the list of patterns ("*", "task.*", "task.amended")? */
bool event_listed(const json_t *patterns, const char *type);
/* The i-th type there is, and its title; NULL past the last. */
const char *event_type(size_t i, const char **title);
/* The number of the newest event, 0 when there is none.  -1. */
int event_last(struct store *s, int64_t *seq, struct err *e) MUST_CHECK;

/* What a webhook without a history has got: new, for write_insert. */
json_t *hook_state_new(const char *id, int64_t cursor);

/* A delivery's _id: the webhook's and the event's number; out holds 80. */
void delivery_id(const char *hook, int64_t seq, char out[80]);

/*
 * A worker: a thread of its own in this process.  Any number of workers may
 * share a store; all is borrowed for its life.
 */
struct outbox;

/* new, or NULL: ERR_CONFIG. */
struct outbox *outbox_start(struct store *store, const struct cfg *cfg,
    struct seal *seal, struct err *e) MUST_CHECK;
/* Give back what it holds, end the thread.  NULL is fine. */
void outbox_stop(struct outbox *o);

/* For /metrics: append Prometheus text about all webhooks. */
int outbox_metrics(struct store *s, struct buf *out, struct err *e) MUST_CHECK;

#endif
