#ifndef API_ACCESS_H
#define API_ACCESS_H

#include <stdbool.h>

#include "auth/permits.h"
#include "auth/who.h"
#include "base/err.h"
#include "store/store.h"

struct req;

/*
 * Who asks, and what they may do: the words handlers use.  The dispatcher has
 * asked already whether the route's permission is there at all; a handler
 * that touches an object asks about this object.
 */

/* Never NULL in a handler of a route that is not public. */
const struct who *api_who(const struct req *r);

/*
 * May they, by the route's permission, do it to something that belongs to the
 * unit org_id and to a task led by lead_id (NULL: to none)?  0, or -1 with
 * ERR_FORBIDDEN.  api_allow_as asks about another permission.
 */
int api_allow(struct req *r, const char *org_id, const char *lead_id,
    struct err *e) MUST_CHECK;
int api_allow_as(struct req *r, const char *permission, const char *org_id,
    const char *lead_id, struct err *e) MUST_CHECK;
/* The same of something that is a division's own: a plan, say. */
int api_allow_division(
    struct req *r, const char *division, struct err *e) MUST_CHECK;
/* For `may` in answers: no story. */
bool api_may(const struct req *r, const char *permission, const char *org_id,
    const char *lead_id);
bool api_may_division(
    const struct req *r, const char *permission, const char *division);

/*
 * How far a permission reaches for who asks: REACH_ bits of auth/permits.h.
 * REACH_ALL, too, ends at the border of the division.
 */
unsigned api_scope(const struct req *r, const char *permission);

/*
 * api_answer_page, narrowed by the route's permission: of documents with an
 * orgId and a taskId those that who asks may see.  A page may be shorter than
 * `limit`, or empty only at the end.
 */
int api_answer_scoped(
    struct req *r, struct store_query *q, struct err *e) MUST_CHECK;

/*
 * The lead unit of a task: arena, NULL when there is no such task.  -1 when
 * the store fails.
 */
int api_task_lead(struct req *r, const char *task_id, const char **lead_id,
    struct err *e) MUST_CHECK;

#endif
