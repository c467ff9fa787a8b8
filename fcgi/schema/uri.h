#ifndef SCHEMA_URI_H
#define SCHEMA_URI_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/* new in the arena: `ref` made absolute against `base` (RFC 3986, 5.2). */
char *uri_resolve(struct arena *a, const char *base, const char *ref);
/*
 * Cut *uri at its '#'.  Returns the fragment, percent-decoded in place, ""
 * when there is none.
 */
char *uri_cut_fragment(char *uri);
/* Has a scheme and only what RFC 3986 allows where it allows it. */
bool uri_valid(const char *s, size_t n);

#endif
