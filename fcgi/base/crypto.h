#ifndef BASE_CRYPTO_H
#define BASE_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct buf;

/*
 * Digests, message authentication, base64 and comparing without telling how
 * much was right.  Together with hash.c the door to OpenSSL.
 */
enum digest { DIGEST_SHA256, DIGEST_SM3, DIGEST__MAX };

#define DIGEST_LEN 32
#define DIGEST_HEX 64

/* out holds DIGEST_LEN bytes. */
void digest_make(enum digest d, const void *data, size_t n, unsigned char *out);
void hmac_make(enum digest d, const void *key, size_t key_len, const void *data,
    size_t n, unsigned char *out);

/* Lower case; out holds 2 * n + 1 bytes. */
void hex_print(const unsigned char *data, size_t n, char *out);

/* Are n bytes equal?  Takes as long for any answer. */
bool secret_equal(const void *a, const void *b, size_t n);

/* RFC 4648 section 4: with '+', '/' and padding. */
void base64_add(struct buf *out, const void *data, size_t n);
/*
 * The bytes of strict base64 (no blanks, padded) at out, which holds cap of
 * them.  false: it is none, or too long.
 */
bool base64_read(const char *s, unsigned char *out, size_t cap, size_t *n);

#endif
