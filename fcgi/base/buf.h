#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/*
 * A growing byte string.  Nothing is checked on the way: once it would pass
 * `limit` it stops growing and buf_ok() says so at the end.  `data` is always
 * NUL-terminated (after buf_init).
 */
struct buf {
	char *data;
	size_t len;
	size_t cap;
	size_t limit;
	bool full;
};

/* limit 0 means 64 MiB. */
void buf_init(struct buf *b, size_t limit);
void buf_fini(struct buf *b);
/* Empty it, keep the memory. */
void buf_reset(struct buf *b);
bool buf_ok(const struct buf *b);

void buf_add(struct buf *b, const char *s);
void buf_addn(struct buf *b, const char *s, size_t n);
void buf_addc(struct buf *b, char c);
void buf_addf(struct buf *b, const char *fmt, ...) PRINTF(2, 3);
/*
 * A JSON string with its quotes, escaped as jansson does in compact mode.
 * A byte that is not UTF-8 becomes U+FFFD: the result is always JSON.
 */
void buf_add_json_string(struct buf *b, const char *s, size_t n);

/* new: the bytes (free() them); the buffer is empty afterwards. */
char *buf_take(struct buf *b);

#endif
