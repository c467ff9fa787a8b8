#ifndef TESTS_SCHEMA_SUPPORT_H
#define TESTS_SCHEMA_SUPPORT_H

#include <jansson.h>
#include <stddef.h>

/* What the tests of this folder share. */

/* new: the file parsed with jansson's rules; the test fails otherwise. */
json_t *load_json(const char *path);
/* new: the text, with ' for "; the test fails when it is not JSON. */
json_t *parse_json(const char *text);

typedef void (*file_fn)(const char *path, const char *name, void *arg);
/*
 * Call fn for each *.json in a folder, by name; with `deep`, below it too
 * (name is then relative, "a/b.json").  Returns how many there were.
 */
size_t each_json(const char *dir, int deep, file_fn fn, void *arg);

#endif
