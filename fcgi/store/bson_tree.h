#ifndef STORE_BSON_TREE_H
#define STORE_BSON_TREE_H

#include <bson/bson.h>
#include <jansson.h>

#include "base/err.h"

struct buf;

/*
 * Documents between their two shapes, tree to tree: no text is parsed, so no
 * text can turn into types or operators.  Members keep their order.
 */

/*
 * Append the members of object o to out.  Integers become int64.  -1:
 * ERR_INVALID for a name that the database reads as more than a name ('$'
 * first, '.') and for bytes that are not UTF-8.
 */
int bson_append_members(bson_t *out, const json_t *o, struct err *e) MUST_CHECK;
/* One value under key. */
int bson_append_json(
    bson_t *out, const char *key, const json_t *v, struct err *e) MUST_CHECK;

/*
 * Append a document as compact JSON, byte for byte as json_print prints the
 * same tree.  -1 when it holds a type that JSON does not have: somebody wrote
 * it around the program.
 */
int bson_print(struct buf *b, const bson_t *doc) MUST_CHECK;

#endif
