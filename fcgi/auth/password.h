#ifndef AUTH_PASSWORD_H
#define AUTH_PASSWORD_H

#include <jansson.h>
#include <stdbool.h>

#include "base/civil.h"
#include "base/err.h"

/*
 * Passwords: yescrypt by libcrypt.  One hash takes about 25 ms and 16 MiB, so
 * only a few are made at once and all others wait: call req_slow before.
 */
#define PASSWORD_HASH 200
#define PASSWORD_MAX 128 /* bytes */

enum profile {
#define PROFILE(name, word, length, kinds, history, days) PROFILE_##name,
#include "auth/profiles.def"
#undef PROFILE
	PROFILE__MAX
};

/* By the setting password_profile. */
enum profile profile_by_word(const char *word);
/* How many former hashes are kept. */
int profile_history(enum profile p);
/* Must it be changed by now?  changed: when it was set. */
bool profile_overdue(enum profile p, instant_t changed, instant_t now);

/* -1: ERR_UNAVAILABLE. */
int password_hash(
    const char *text, char out[PASSWORD_HASH], struct err *e) MUST_CHECK;
/*
 * Is it the password?  A NULL hash (nobody by that name, or no password)
 * takes as long as any other and is never right.
 */
bool password_matches(const char *text, const char *hash);

/*
 * May it be the new password of this user (the document: name, and the
 * present and former hashes)?  -1: ERR_INVALID with everything that is wrong.
 */
int password_check(enum profile p, const char *text, const json_t *user,
    const char *pointer, struct err *e) MUST_CHECK;

#endif
