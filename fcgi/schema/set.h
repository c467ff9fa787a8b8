#ifndef SCHEMA_SET_H
#define SCHEMA_SET_H

#include <jansson.h>

#include "base/arena.h"
#include "schema/map.h"
#include "schema/node.h"

struct regex_list;

/* The inside of a set, for set.c, scan.c and resolve.c. */
struct schema_set {
	struct arena arena;
	json_t *docs;         /* keeps the documents alive */
	struct map resources; /* URI -> struct resource */
	struct map anchors;   /* "URI#name" -> struct schema */
	struct map nodes;     /* json_t * -> struct schema */
	struct regex_list *regexes;
	struct schema *queue; /* known, not yet compiled */
};

/*
 * Find every subschema below v (a document, or a value that a pointer led
 * to) and register it, its anchors and its embedded resources.
 */
int set_scan(struct schema_set *set, struct resource *res, const json_t *v,
    const char *where, struct err *e) MUST_CHECK;
/* The resource of a whole document at an absolute URI; NULL with *e. */
struct resource *set_new_resource(struct schema_set *set, const char *uri,
    const json_t *root, struct err *e) MUST_CHECK;
struct schema *set_find_node(const struct schema_set *set, const json_t *v);
/* Put it, and what its resource may be asked for later, on the work list. */
void set_queue(struct schema_set *set, struct schema *s);
/* The schema at an absolute URI with fragment, queued; NULL with *e. */
const struct schema *set_lookup(
    struct schema_set *set, const char *uri, struct err *e) MUST_CHECK;
/* Learn which vocabularies the resource's dialect has. */
int set_read_dialect(
    struct schema_set *set, struct resource *res, struct err *e) MUST_CHECK;

#endif
