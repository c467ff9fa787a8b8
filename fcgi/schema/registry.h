#ifndef SCHEMA_REGISTRY_H
#define SCHEMA_REGISTRY_H

#include "base/err.h"
#include "schema/schema.h"

/*
 * The schemas this program ships (schemas/, embedded), compiled once at
 * start and shared by all threads.  File F has the "$id" SCHEMA_BASE F, so
 * one file refers to another as "task.json#/$defs/x".
 */

/* Compile them all; -1 with ERR_CONFIG.  Before any thread starts. */
int schema_registry_init(struct err *e) MUST_CHECK;
void schema_registry_fini(void);

/* borrowed, by file name ("task.json"); NULL when there is none. */
const struct schema *schema_registry_peek(const char *file);

#endif
