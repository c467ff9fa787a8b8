#ifndef API_AUDIT_H
#define API_AUDIT_H

#include <jansson.h>

#include "store/store.h"

struct req;
struct who;

/*
 * The record of changes: one entry for each set, in the set itself, so that
 * there is no change without its entry and none without a change.  Handlers
 * do not write entries: api_commit does.
 */

/* What the entry says besides the documents. */
struct audit_act {
	const struct who *who;  /* NULL: the operator of this machine */
	const char *action;     /* "plan.issue" */
	const char *reason;     /* may be NULL */
	const char *request_id; /* may be NULL */
};

/*
 * Add the entry about all other writes of the set; answer is the document
 * that was meant (NULL: the first).  A set that has its entry, or is empty,
 * stays as it is.
 */
void audit_add(
    struct write_set *ws, const struct audit_act *act, const json_t *answer);
/*
 * Add an entry about something that changes no document: what was looked at,
 * or done elsewhere.  id may be NULL.
 */
void audit_note(struct write_set *ws, const struct audit_act *act, enum coll c,
    const char *id);
/*
 * An entry, and an event, for each document of the set that is somebody's
 * own: where one request changes many things that have nothing to do with
 * each other.  Before writes that nobody is to be told of.
 */
void audit_each(struct write_set *ws, const struct audit_act *act);
/* Of a request: who, the route's action, the reason. */
void audit_act_of(struct req *r, struct audit_act *act);

/*
 * What may be written down of a value: secrets are ***, phone numbers are
 * masked.  key: the member's name, or NULL.  new, perhaps the same.
 */
json_t *audit_clean(const char *key, const json_t *v);

#endif
