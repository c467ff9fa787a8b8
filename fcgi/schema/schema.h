#ifndef SCHEMA_SCHEMA_H
#define SCHEMA_SCHEMA_H

#include <jansson.h>

#include "base/err.h"

/*
 * JSON Schema, draft 2020-12.  A set holds documents by URI; compiling turns
 * what an address reaches into a tree that never changes again, so any number
 * of threads may check against it at once.  Adding and compiling belong to
 * one thread, before the others start.
 *
 * `format` is an annotation unless the dialect ("$schema") asks for the
 * format-assertion vocabulary, as SCHEMA_DIALECT does.
 */
#define SCHEMA_DRAFT "https://json-schema.org/draft/2020-12/schema"
#define SCHEMA_BASE "https://minsheng.gov.example/schemas/"
/*
 * Our own dialect: formats are asserted, and a keyword that is neither known
 * nor spelled "x-..." is an error instead of a silent nothing.  "x-message" is
 * the sentence for a value that does not fit the pattern, format, not,
 * contains, anyOf or oneOf beside it; other keywords have exact sentences of
 * their own.
 */
#define SCHEMA_DIALECT SCHEMA_BASE "dialect"

struct schema_set;
struct schema;

/* new: a set that already knows the meta-schemas and our dialect. */
struct schema_set *schema_set_new(void);
/* Every schema compiled in the set is gone with it. */
void schema_set_free(struct schema_set *set);

/*
 * Register a document under `uri`, its "$id", or both (either may be absent,
 * not both).  The set keeps a reference to doc; nobody may change it later.
 * ERR_CONFIG: not a schema, or an address that is taken.
 */
int schema_set_add(struct schema_set *set, const char *uri, json_t *doc,
    struct err *e) MUST_CHECK;

/*
 * Compile the schema at an absolute URI, "#fragment" (pointer or anchor)
 * allowed, with everything it reaches.  borrowed: lives as long as the set.
 * NULL with ERR_CONFIG (where and what): unknown address or vocabulary, bad
 * keyword value, bad pattern.  After a failure the set is only good to free.
 */
const struct schema *schema_set_compile(
    struct schema_set *set, const char *uri, struct err *e) MUST_CHECK;

/*
 * 0 when value fits, else -1 with ERR_INVALID and one item for each thing
 * that is wrong (the first ERR_ITEMS are kept).  `e` must be initialised.
 */
int schema_check(
    const struct schema *s, const json_t *value, struct err *e) MUST_CHECK;

#endif
