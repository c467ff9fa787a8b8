#ifndef PLAN_MONEY_H
#define PLAN_MONEY_H

#include <stddef.h>
#include <stdint.h>

/* Money is int64 分; these are the two ways in which officials read it. */
#define MONEY_TEXT 40
#define FEN_PER_WAN INT64_C(1000000)

/* "568.32万元", "25万元"; below one 万元 as money_yuan_text.  Returns out. */
const char *money_wan_text(int64_t fen, char out[MONEY_TEXT]);
/* "128.00元"; returns out. */
const char *money_yuan_text(int64_t fen, char out[MONEY_TEXT]);

/*
 * Read a decimal number of 万元 ("568.32") at s, at most n bytes, exactly.
 * The bytes read, or 0: no digits, more than six decimals, too large.
 */
size_t money_wan_parse(const char *s, size_t n, int64_t *fen);

#endif
