#ifndef TESTS_SCHEMA_SUPPORT_H
#define TESTS_SCHEMA_SUPPORT_H

#include <jansson.h>
#include <stddef.h>

#include "base/err.h"

struct schema;
struct schema_set;

#define HERE "https://example.org/schemas/here.json"

/* What the tests of this folder share. */

/* new: the file parsed with jansson's rules; the test fails otherwise. */
json_t *load_json(const char *path);
/* new: the text, with ' for "; the test fails when it is not JSON. */
json_t *parse_json(const char *text);

/*
 * Add the schema at HERE and compile it; in our dialect unless it names
 * another one.  NULL with *e.
 */
const struct schema *compile_text(
    struct schema_set *set, const char *text, struct err *e);
/* Compile in a set of its own and check; a bad schema fails the test. */
int check_text(const char *schema, const char *value, struct err *e);

typedef void (*file_fn)(const char *path, const char *name, void *arg);
/*
 * Call fn for each *.json in a folder, by name; with `deep`, below it too
 * (name is then relative, "a/b.json").  Returns how many there were.
 */
size_t each_json(const char *dir, int deep, file_fn fn, void *arg);

#endif
