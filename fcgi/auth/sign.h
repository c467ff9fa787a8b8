#ifndef AUTH_SIGN_H
#define AUTH_SIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/crypto.h"
#include "base/err.h"

struct buf;

/*
 * Signed requests of OA systems.  What is signed (docs/oa/README.md has the
 * words for other people's programs, docs/oa/vectors.json the examples):
 *
 *	METHOD \n PATH \n SORTED_QUERY \n TIMESTAMP \n NONCE \n
 *	hex(digest(body))
 *
 * PATH and the names and values of the query are written in one way: bytes
 * that are unreserved in RFC 3986 stand for themselves, all others are %XX
 * with upper-case digits; '/' parts the segments of the path, and an encoded
 * one stays encoded.  Pairs are sorted by name, then by value, bytewise as
 * written; a name without '=' has an empty value; empty pairs are left out.
 */
#define SIGN_SKEW_S 300
#define SIGN_NONCE_MIN 16
#define SIGN_NONCE_MAX 64
#define SIGN_SECRETS 2

/* All borrowed, as they came. */
struct sign_request {
	const char *method;
	const char *path;
	const char *query; /* "" when none */
	const char *timestamp;
	const char *nonce;
	const void *body;
	size_t body_len;
};

/* Append the string that is signed. */
void sign_canonical(
    struct buf *out, const struct sign_request *q, enum digest d);

/* "v1=" and the digits of the signature; out holds SIGN_TEXT bytes. */
#define SIGN_TEXT (3 + DIGEST_HEX + 1)
void sign_make(const struct sign_request *q, enum digest d, const char *secret,
    char out[SIGN_TEXT]);

/*
 * The form of the headers: 0, or -1 with ERR_SIGNHEADERS.  *at: the seconds of
 * the timestamp.
 */
int sign_check_form(const struct sign_request *q, const char *key,
    const char *signature, int64_t *at, struct err *e) MUST_CHECK;

/* Was the request signed with one of the n secrets (at most SIGN_SECRETS)? */
bool sign_matches(const struct sign_request *q, enum digest d,
    const char *const *secrets, size_t n, const char *signature);

/* "HMAC-SHA256", "HMAC-SM3"; -1 for other words. */
int sign_algorithm(const char *name);
const char *sign_algorithm_name(enum digest d);

#endif
