#ifndef BASE_SECRETS_H
#define BASE_SECRETS_H

#include <jansson.h>
#include <stddef.h>

#include "base/civil.h"
#include "base/err.h"

struct seal;

/* Hexadecimal digits of a secret for signing: what is given to the OA. */
#define SIGN_SECRET_TEXT 64

/*
 * A list of sealed secrets, the newest first: [{sealed, createdAt,
 * expiresAt}].  Make a new one in front (`text` is sealed for `context`, the
 * _id of what it belongs to); the one before lives on for keep_ms, older ones
 * are gone.  new: the list; NULL with *e set.
 */
json_t *secrets_rotate(const json_t *old, struct seal *seal,
    const char *context, const char *text, instant_t now, int64_t keep_ms,
    struct err *e) MUST_CHECK;

/*
 * The secrets that live at this instant, at most `most`: new texts.  -1:
 * ERR_CONFIG.
 */
int secrets_open(const json_t *list, struct seal *seal, const char *context,
    instant_t now, char **out, size_t most, size_t *n,
    struct err *e) MUST_CHECK;
/* Forget them. */
void secrets_free(char **secrets, size_t n);

/* A random secret for signing; out holds SIGN_SECRET_TEXT + 1 bytes. */
void sign_secret_make(char *out);

#endif
