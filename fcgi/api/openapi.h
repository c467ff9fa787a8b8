#ifndef API_OPENAPI_H
#define API_OPENAPI_H

#include <jansson.h>

#include "base/err.h"

/*
 * The interface as OpenAPI 3.1: new, or NULL with ERR_INTERNAL.  Made from
 * what the program itself works with (the route table, the parameter table,
 * the schema files, err.def), so it cannot say anything else.
 */
json_t *openapi_new(struct err *e) MUST_CHECK;

#endif
