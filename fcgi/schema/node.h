#ifndef SCHEMA_NODE_H
#define SCHEMA_NODE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "schema/schema.h"

/*
 * The compiled tree, for the files of this folder.  Everything here is made
 * by set.c and the compile functions, lives in the set's arena and is only
 * read afterwards.
 */
struct check;
struct format;
struct regex;
struct seen;
struct key;

enum vocab {
#define VOCAB(name, uri, dflt) VOCAB_##name,
#include "schema/vocab.def"
#undef VOCAB
	VOCAB__MAX
};

/* What stands in a keyword's value: no schema, one, a list, a map. */
enum shape { SHAPE_NONE, SHAPE_ONE, SHAPE_LIST, SHAPE_MAP };

/* What a failure says about a branch of anyOf: see branch.c. */
enum tells { TELLS_LITTLE, TELLS_MEMBER, TELLS_CHOICE, TELLS_SHAPE };

typedef int (*keyword_compile_fn)(
    struct schema_set *set, struct key *k, struct err *e);
typedef bool (*keyword_check_fn)(
    struct check *c, const struct key *k, const json_t *v, struct seen *seen);

struct keyword {
	const char *name;
	enum vocab vocab;
	enum shape shape;
	enum tells tells;
	keyword_compile_fn compile;
	keyword_check_fn check;
};

/* A "$dynamicAnchor" of a resource. */
struct anchor {
	struct anchor *next;
	const char *name;
	struct schema *schema;
};

/* A schema with its own base URI: a document or an embedded "$id". */
struct resource {
	const char *uri; /* absolute, no fragment */
	const json_t *root;
	struct resource *parent; /* the one it is embedded in, or NULL */
	struct anchor *dynamic;
	unsigned vocabs; /* bits of enum vocab, 0 until known */
	bool reached;
};

/* One keyword of one schema.  What is filled depends on the keyword. */
struct key {
	const struct keyword *kw;
	const struct schema *owner;
	const json_t *value; /* as written */
	const struct schema **nodes;
	const char **names; /* of the nodes, for SHAPE_MAP */
	struct regex **regexes;
	size_t n; /* of nodes, names, regexes */
	size_t min;
	size_t max;
	unsigned types;
	const char *anchor;  /* of a $dynamicRef that is really dynamic */
	const json_t *named; /* additionalProperties: the "properties" */
	const struct key *patterns; /* additionalProperties: the other ones */
	const struct format *format;
};

struct schema {
	struct schema *next; /* in the set's work list */
	struct resource *res;
	const json_t *src;
	const char *where; /* JSON pointer inside the resource */
	const char *title;
	const char *message; /* "x-message": our sentence for a failure */
	struct key *keys;
	size_t nkeys;
	int8_t fixed; /* boolean schemas: 0 or 1; else -1 */
	bool queued;
	bool unevaluated; /* has unevaluatedItems or -Properties */
};

extern const struct schema schema_true, schema_false;
extern const struct keyword schema_keywords[];

/* Jansson iterates non-const values only; it does not change them. */
static inline json_t *
json_lend(const json_t *v)
{
	return (json_t *)(uintptr_t)v;
}

/* From set.c, for compile functions. */

/* Zeroed, lives as long as the set. */
void *set_alloc(struct schema_set *set, size_t n);
bool set_uses(const struct schema *s, enum vocab v);
/* The registered subschema written at this value; queued for compiling. */
const struct schema *set_schema_at(struct schema_set *set, const json_t *v);
/*
 * The schema a reference from `from` leads to, queued; NULL with *e.
 * *anchor is set when the target carries that $dynamicAnchor.
 */
const struct schema *set_resolve(struct schema_set *set,
    const struct schema *from, const char *ref, const char **anchor,
    struct err *e);
/* Compile a pattern that is freed with the set; NULL with *e. */
struct regex *set_regex(
    struct schema_set *set, const struct key *k, const char *s, struct err *e);
/* "schema X, keyword Y: ..." under ERR_CONFIG; returns -1. */
int set_fail(const struct key *k, struct err *e, const char *fmt, ...)
    PRINTF(3, 4);

#endif
