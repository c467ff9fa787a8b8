#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

#include "base/err.h"

struct arena_block;

/*
 * Memory that lives and dies together, usually with a request.  Running out
 * of memory aborts: every size from outside has met its limit before.
 */
struct arena {
	struct arena_block *head;
};

void arena_init(struct arena *a);
/* Free everything but the newest block (unless it is large), for reuse. */
void arena_reset(struct arena *a);
void arena_fini(struct arena *a);

/* Zeroed, aligned for any type; borrowed until arena_reset or arena_fini. */
void *arena_alloc(struct arena *a, size_t n);
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_printf(struct arena *a, const char *fmt, ...) PRINTF(2, 3);

#endif
