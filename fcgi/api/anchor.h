#ifndef API_ANCHOR_H
#define API_ANCHOR_H

#include <stddef.h>

#include "base/civil.h"
#include "store/chain.h"

struct cfg;

/*
 * The end of the audit chain, written down where the store does not reach:
 * a line "instant seq hash" at the end of data/audit/YYYY-MM-DD.txt, and a
 * line in the log.  Whoever makes the whole chain again, or cuts its tail,
 * does not fit them; copies of the files elsewhere protect them as well.
 */
struct anchor {
	int64_t seq;
	char hash[SHA256_HEX + 1];
	char at[INSTANT_LEN + 1];
};

/* Durable when it returns.  -1: ERR_NOSPACE, ERR_UNAVAILABLE. */
int anchor_write(const struct cfg *cfg, const struct chain_head *head,
    instant_t now, struct err *e) MUST_CHECK;
/*
 * All that were written, in the order of seq: new (free it), *n of them; NULL
 * with *n 0 when there are none.  -1: a file does not read.  Lines that are
 * none of ours are counted in *odd.
 */
int anchor_read(const struct cfg *cfg, struct anchor **out, size_t *n,
    size_t *odd, struct err *e) MUST_CHECK;

#endif
