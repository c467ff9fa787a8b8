#ifndef BASE_EMBED_H
#define BASE_EMBED_H

#include <stddef.h>

/*
 * Files that are part of the program: the build puts them into the binary
 * (embed() in CMakeLists.txt), so it runs from anywhere without them.
 */
struct embed_file {
	const char *name; /* relative to its folder, "task.json" */
	const char *data; /* NUL-terminated */
	size_t len;
};

/* Each table ends with a NULL name. */
extern const struct embed_file embed_schemas[];   /* schemas/ (no examples) */
extern const struct embed_file embed_sql[];       /* SQL templates */
extern const struct embed_file embed_pipelines[]; /* their twins */
extern const struct embed_file embed_docs[];      /* docs/permissions.csv */
extern const struct embed_file embed_adapters[];  /* docs/oa/adapters/ */
extern const struct embed_file embed_meta[];      /* fcgi/schema/meta/ */

/* borrowed, or NULL. */
const struct embed_file *embed_find(
    const struct embed_file *table, const char *name);

#endif
