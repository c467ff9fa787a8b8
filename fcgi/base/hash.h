#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_HEX 64

/* Lower-case hex of SHA-256.  This folder is the door to OpenSSL. */
void sha256_hex(const void *data, size_t n, char out[SHA256_HEX + 1]);

/*
 * FNV-1a, 64 bits: for tables and tags, never against an adversary.
 * hash_more goes on from h, which is HASH_START at first.
 */
#define HASH_START 14695981039346656037U
uint64_t hash_more(uint64_t h, const void *data, size_t n);
uint64_t hash_text(const char *s);

#endif
