#ifndef STORE_MONGO_SCHEMA_H
#define STORE_MONGO_SCHEMA_H

#include <jansson.h>

#include "base/err.h"

/*
 * The $jsonSchema that a database checks writes with, made of one of the very
 * files in schemas/ ("task.json").  new, or NULL.
 *
 * It says less than the file, never more: what servers do not know alike is
 * left out (conditions, additionalProperties, formats, patterns that are more
 * than ASCII), and the innermost levels too when it would pass 10 KB.  The
 * program's own check of every document is what counts; this one is for those
 * who write around the program.
 */
json_t *mongo_schema(const char *file, struct err *e) MUST_CHECK;

#endif
