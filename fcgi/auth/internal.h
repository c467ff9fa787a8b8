#ifndef AUTH_INTERNAL_H
#define AUTH_INTERNAL_H

/* What the files of this folder share; nobody else includes it. */

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "auth/auth.h"
#include "auth/units.h"
#include "auth/who.h"
#include "base/civil.h"
#include "base/hash.h"

struct arena;
struct known;
struct seal;

struct auth {
	struct store *store;
	const struct cfg *cfg;
	const struct route *routes;
	const struct permit **permit_of; /* by the route's place */
	struct permits *permits;
	struct units *units;
	struct known *known;
	struct seal *seal;
};

/*
 * Who a credential stands for, as it was found in the store: the documents
 * and their revisions, which are looked at again on every request.
 */
struct proof {
	char token[SHA256_HEX + 1]; /* the hash of what was shown */
	enum who_via via;
	char *credential; /* _id of the session or key */
	int64_t credential_rev;
	char *user; /* _id; NULL: the key of a program */
	int64_t user_rev;
	instant_t until; /* when it ends; INT64_MAX: never */
	instant_t seen;  /* when it was last used, to the minute or so */
	bool password_due;
	char *ips; /* "10.0.0.1 10.0.0.2"; NULL: from anywhere */
	char *name;
	char *org_id;
	unsigned roles;
};

/* The strings are the proof's own. */
void proof_fini(struct proof *p);
/* The same with strings in the arena: not for proof_fini. */
void proof_copy(const struct proof *p, struct arena *a, struct proof *out);

/* known.c: proofs remembered in the process, by the hash of the token. */
struct known *known_new(void);
void known_free(struct known *k);
/* A copy in the arena (not for proof_fini); false: not known. */
bool known_get(
    struct known *k, const char *token, struct arena *a, struct proof *out);
/* Takes what is in p. */
void known_put(struct known *k, struct proof *p);
void known_forget(struct known *k, const char *token);
/* It was used now; false: somebody has said so already within `every`. */
bool known_seen(
    struct known *k, const char *token, instant_t now, instant_t every);

/*
 * A way to show who one is: what stands in the request.  `identify` fills
 * *who (arena) or fails with ERR_UNAUTHORIZED.
 */
struct scheme {
	bool (*present)(const struct req *r);
	int (*identify)(
	    struct auth *a, struct req *r, struct who *who, struct err *e);
};
extern const struct scheme scheme_key;     /* Authorization: Bearer msk_... */
extern const struct scheme scheme_sign;    /* X-MS-Key, ... */
extern const struct scheme scheme_session; /* the cookie */

/* -1: 401, with the one sentence that says nothing to who guesses. */
int refuse_credential(struct err *e);
/* Read a proof from the store; what it fills is released by the caller. */
typedef int (*proof_fn)(struct auth *a, struct req *r, const void *arg,
    struct proof *p, struct err *e);
/*
 * The proof for this hash of a token (strings in the request's arena): the
 * one that is known while its documents stay as they are, else fn's.  It is
 * usable now.
 */
int proof_find(struct auth *a, struct req *r, const char *token, proof_fn fn,
    const void *arg, struct proof *out, struct err *e) MUST_CHECK;
/*
 * Write into the credential's document when it was used, at most once in
 * `every`; nobody waits for it.
 */
void proof_touch(struct auth *a, const struct req *r, const struct proof *p,
    const char *member, instant_t every);
/* May it be used now, from here?  -1: 401. */
int proof_usable(
    const struct proof *p, const struct req *r, struct err *e) MUST_CHECK;
/* Are its documents still at their revisions?  -1: 401. */
int proof_current(
    struct auth *a, const struct proof *p, struct err *e) MUST_CHECK;
/* Fill who (arena) from a proof that was checked. */
int proof_who(struct auth *a, const struct proof *p, struct req *r,
    struct who *who, struct err *e) MUST_CHECK;
/* Take the user's name, unit and roles.  -1: 401 when it is disabled. */
int proof_take_user(struct auth *a, struct proof *p, const char *user,
    struct err *e) MUST_CHECK;
/*
 * What the document of a key says: expiry, addresses, whose it is.  -1: 401
 * when it, or its user, is disabled.
 */
int proof_take_key(struct auth *a, struct proof *p, const json_t *key,
    struct err *e) MUST_CHECK;
/* Is the peer one of the addresses of "10.0.0.1 10.0.0.2"? */
bool ip_listed(const char *ips, const char *remote);
/* Roles of a document as bits; words nobody knows give nothing. */
unsigned roles_of(const json_t *doc);

#endif
