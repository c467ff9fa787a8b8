#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct buf;

#define JSON_DEPTH_MAX 32

/*
 * Seed the hashing of member names.  Call it before threads start; json_read
 * and json_read_own see to it by themselves.
 */
void json_init(void);

/*
 * Parse JSON from outside.  new, or NULL with ERR_BADJSON (position and
 * reason in Chinese) or ERR_TOOBIG.  Refused before parsing: bytes over
 * `limit`, depth over JSON_DEPTH_MAX, bytes that are not UTF-8, a byte-order
 * mark.  Refused after: duplicate members, keys with '$' first, '.' or NUL,
 * \u0000 in strings, numbers beyond int64 and non-finite numbers.
 */
json_t *json_read(
    const char *s, size_t n, size_t limit, struct err *e) MUST_CHECK;

/*
 * Parse JSON that this program ships or stored itself (schemas, documents):
 * jansson's rules only, any key.  new, or NULL with ERR_INTERNAL.
 */
json_t *json_read_own(const char *s, size_t n, struct err *e) MUST_CHECK;

/* Append compact JSON, members in their order. */
void json_print(struct buf *b, const json_t *v);
/* Append compact JSON with sorted members: equal values, equal bytes. */
void json_print_canonical(struct buf *b, const json_t *v);

/* Look-ups that do not fail: borrowed, or NULL / the given default. */
const char *json_peek_str(const json_t *o, const char *key);
int64_t json_peek_int(const json_t *o, const char *key, int64_t dflt);
bool json_peek_bool(const json_t *o, const char *key, bool dflt);
/* The array or object under key; an empty borrowed one when absent. */
const json_t *json_peek_array(const json_t *o, const char *key);
const json_t *json_peek_object(const json_t *o, const char *key);

/*
 * borrowed: the same value for json_object_foreach, whose iterator wants to
 * be able to write.  Walk it, do not change it.
 */
json_t *json_iterable(const json_t *v);

/*
 * Set a member; takes value.  Out of memory or a bad string is our bug:
 * asserts.  json_put_str(NULL) puts null.
 */
void json_put(json_t *o, const char *key, json_t *value);
void json_put_str(json_t *o, const char *key, const char *s);
void json_put_int(json_t *o, const char *key, int64_t n);
void json_push(json_t *array, json_t *value);

/* RFC 7396 merge patch: new. */
json_t *json_merge_patch(const json_t *target, const json_t *patch);

#endif
