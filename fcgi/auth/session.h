#ifndef AUTH_SESSION_H
#define AUTH_SESSION_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"
#include "base/hash.h"

struct auth;
struct req;

/*
 * Sessions of browsers.  The cookie holds 256 random bits; the store has
 * their hash as _id.  Named __Host-ms, so a browser sends it back by TLS
 * only; "ms" on plain http on this machine itself (development).
 */
#define SESSION_TOKEN 64 /* digits */

/*
 * Is this the password of this user?  The answer to a wrong name, a wrong
 * password, and a user who is locked or disabled is the same, and takes as
 * long.  new: the user's document with its counting of failures cleared
 * (store it where `changed` is set); NULL: ERR_UNAUTHORIZED, ERR_TOOMANY
 * (Retry-After is set).  Takes a while.
 */
json_t *session_sign_in(struct auth *a, struct req *r, const char *user,
    const char *password, bool *changed, struct err *e) MUST_CHECK;

/* new: the document of a new session; sets the cookie. */
json_t *session_begin(struct auth *a, struct req *r, const char *user);
/* Make the browser forget its cookie. */
void session_end(struct req *r);

/*
 * A change asked for by cookie, or signing in, comes from our own pages: 403
 * when it was begun by another site.
 */
int session_check_origin(const struct req *r, struct err *e) MUST_CHECK;

/* Must the user of this document change the password before anything else? */
bool session_password_due(
    const struct auth *a, const struct req *r, const json_t *user);

#endif
