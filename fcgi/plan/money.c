#include "plan/money.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

#define WAN_DECIMALS 6

const char *
money_yuan_text(int64_t fen, char out[MONEY_TEXT])
{
	const char *sign = fen < 0 ? "-" : "";
	uint64_t abs = fen < 0 ? -(uint64_t)fen : (uint64_t)fen;

	(void)snprintf(out, MONEY_TEXT, "%s%" PRIu64 ".%02" PRIu64 "元", sign,
	    abs / 100, abs % 100);
	return out;
}

const char *
money_wan_text(int64_t fen, char out[MONEY_TEXT])
{
	int64_t whole = fen / FEN_PER_WAN;
	int64_t rest = fen % FEN_PER_WAN;
	int digits = WAN_DECIMALS;

	if (whole <= 0)
		return money_yuan_text(fen, out);
	if (rest == 0) {
		(void)snprintf(out, MONEY_TEXT, "%" PRId64 "万元", whole);
		return out;
	}
	while (rest % 10 == 0) {
		rest /= 10;
		digits--;
	}
	(void)snprintf(out, MONEY_TEXT, "%" PRId64 ".%0*" PRId64 "万元", whole,
	    digits, rest);
	return out;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

size_t
money_wan_parse(const char *s, size_t n, int64_t *fen)
{
	int64_t value = 0;
	int decimals = -1; /* -1: before the point */
	size_t i, digits = 0;

	for (i = 0; i < n && (is_digit(s[i]) || s[i] == '.'); i++) {
		if (s[i] == '.') {
			if (decimals >= 0)
				return 0;
			decimals = 0;
			continue;
		}
		digits++;
		if (decimals >= 0 && ++decimals > WAN_DECIMALS)
			return 0;
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, s[i] - '0', &value))
			return 0;
	}
	if (digits == 0 || decimals == 0)
		return 0;
	for (int k = decimals < 0 ? 0 : decimals; k < WAN_DECIMALS; k++) {
		if (__builtin_mul_overflow(value, 10, &value))
			return 0;
	}
	*fen = value;
	return i;
}
