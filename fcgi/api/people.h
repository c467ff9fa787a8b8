#ifndef API_PEOPLE_H
#define API_PEOPLE_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"

struct req;
struct write_set;

/*
 * How people and keys are shown: without secrets, phones masked for who may
 * not read contacts.
 */

/* new: a user as who asks may see it. */
json_t *people_view(const struct req *r, const json_t *user);
/* new: a key without its secret. */
json_t *people_view_key(const json_t *key);

/* The user the path names, owned by the request, and may it be touched? */
json_t *people_get(struct req *r, struct err *e) MUST_CHECK;

/*
 * Give the user (changed in place) a new password.  temporary: to be changed
 * when it is first used.  -1: ERR_INVALID at pointer.  Takes a while.
 */
int people_set_password(struct req *r, json_t *user, const char *text,
    bool temporary, const char *pointer, struct err *e) MUST_CHECK;

/*
 * The user's sessions end with this set, but for the one that asks.  Keys live
 * on: they have secrets of their own.
 */
int people_end_sessions(struct req *r, struct write_set *ws, const json_t *user,
    struct err *e) MUST_CHECK;

/*
 * Sign the user in: a session in the set, the cookie, the answer.  The set is
 * carried out.
 */
int people_begin_session(struct req *r, struct write_set *ws,
    const json_t *user, struct err *e) MUST_CHECK;

#endif
