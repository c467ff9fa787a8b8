#ifndef AUTH_AUTH_H
#define AUTH_AUTH_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "auth/permits.h"
#include "auth/who.h"
#include "base/err.h"

struct auth;
struct cfg;
struct req;
struct route;
struct seal;
struct store;

/*
 * Who may do what: who a request is from, and the matrix of permissions.  One
 * for the program; safe from any thread.
 */

/*
 * The matrix is docs/permissions.csv as it was when the program was built.
 * Every permission of the routes and of `others` (NULL ends them) has its
 * row, and every row is used.  new, or NULL: ERR_CONFIG.  All is borrowed.
 */
struct auth *auth_new(struct store *store, const struct cfg *cfg,
    const struct route *routes, size_t nroutes, const char *const *others,
    struct err *e) MUST_CHECK;
void auth_free(struct auth *a);
const struct permits *auth_permits(const struct auth *a);
/* What the secrets of keys and webhooks are sealed with. */
struct seal *auth_seal(const struct auth *a);

/*
 * May this request come in at all?  Finds out who asks (r->who) unless the
 * route is public.  -1: ERR_UNAUTHORIZED (nobody), ERR_FORBIDDEN.
 */
int auth_enter(struct auth *a, struct req *r, const struct route *route,
    struct err *e) MUST_CHECK;

/*
 * Who a user would be: for work that is done on behalf of many.  What is in
 * *who is borrowed from the user, and from `division`, of DIVISION_LEN + 1.
 */
int auth_who_of(struct auth *a, const json_t *user, char *division,
    struct who *who, struct err *e) MUST_CHECK;

/* What is to be touched; what is NULL gives no right to it. */
struct auth_object {
	const char *org_id;   /* whose it is */
	const char *lead_id;  /* the lead unit of its task */
	const char *division; /* NULL: that of org_id, or of lead_id */
};

/*
 * THE authorisation: may who do this to the object?  NULL: to any object at
 * all.  0, or -1: ERR_FORBIDDEN with a sentence for people.
 */
int auth_allow(const struct who *who, const char *permission,
    const struct auth_object *o, struct err *e) MUST_CHECK;

/* How far the permission reaches for who: REACH_ bits. */
unsigned auth_reach(const struct who *who, const char *permission);

#endif
