#ifndef OUTBOX_HOOK_SIGN_H
#define OUTBOX_HOOK_SIGN_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct buf;

/*
 * Standard Webhooks: webhook-signature is "v1," and the base64 of
 * HMAC-SHA256 over  id "." seconds "." body  with the bytes behind "whsec_".
 * While a secret is being changed there are two signatures, a blank between.
 */
#define HOOK_SECRET_PREFIX "whsec_"
#define HOOK_SECRET_BYTES 32
#define HOOK_SECRET_TEXT 64

/* A new secret as text; out holds HOOK_SECRET_TEXT bytes. */
void hook_secret_make(char out[HOOK_SECRET_TEXT]);

/* Append the signatures.  -1: ERR_CONFIG, a secret that is none. */
int hook_sign(struct buf *out, const char *const *secrets, size_t nsecrets,
    const char *id, int64_t seconds, const char *body,
    struct err *e) MUST_CHECK;

#endif
