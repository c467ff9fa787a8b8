#ifndef SCHEMA_MAP_H
#define SCHEMA_MAP_H

#include <stddef.h>

#include "base/arena.h"

/* A hash map from bytes to pointers; grows in its arena, never shrinks. */
struct map {
	struct map_entry **slots;
	size_t nslots;
	size_t n;
};

/* borrowed, or NULL. */
void *map_get(const struct map *m, const void *key, size_t len);
/* Copies the key; replaces what was there. */
void map_put(
    struct map *m, struct arena *a, const void *key, size_t len, void *value);

#endif
