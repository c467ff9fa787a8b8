#ifndef BASE_JSON_POOL_H
#define BASE_JSON_POOL_H

#include <stddef.h>

/*
 * Let jansson take its memory from lists of small pieces that each thread
 * keeps for itself: a tree is hundreds of them, and most requests make some
 * trees and drop them again.  Before anything of jansson's is used; what
 * json_dumps returns must not be given to free() then.  With sanitizers
 * nothing changes, so that they see each piece.
 */
void json_pool_use(void);

/* What json_pool_use makes jansson call, for tests. */
void *json_pool_take(size_t n);
void json_pool_give(void *p);

#endif
