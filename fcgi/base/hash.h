#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>

#define SHA256_HEX 64

/* Lower-case hex of SHA-256.  This folder is the door to OpenSSL. */
void sha256_hex(const void *data, size_t n, char out[SHA256_HEX + 1]);

#endif
