#include "plan/percent.h"

#include <inttypes.h>
#include <stdio.h>

__extension__ typedef __int128 wide_t;

bool
rate_at_least(int64_t done, int64_t pct, int64_t target)
{
	return (wide_t)done * 100 >= (wide_t)pct * target;
}

/*
 * The quotient can pass 64 bits (int64 of 1), its thousandth part cannot
 * pass 74: print the whole number in two halves.
 */
const char *
percent_text(int64_t done, int64_t target, char out[PERCENT_TEXT])
{
	const wide_t half = 1000000000000;
	wide_t tenths, whole;
	const char *sign;
	int digit;

	if (target <= 0)
		return NULL;
	tenths = (wide_t)done * 1000 / target;
	sign = tenths < 0 ? "-" : "";
	if (tenths < 0)
		tenths = -tenths;
	whole = tenths / 10;
	digit = (int)(tenths % 10);
	if (whole < half)
		(void)snprintf(out, PERCENT_TEXT, "%s%" PRId64 ".%d", sign,
		    (int64_t)whole, digit);
	else
		(void)snprintf(out, PERCENT_TEXT,
		    "%s%" PRId64 "%012" PRId64 ".%d", sign,
		    (int64_t)(whole / half), (int64_t)(whole % half), digit);
	return out;
}

const char *
percent_tenths_text(int64_t tenths, char out[PERCENT_TEXT])
{
	return percent_text(tenths, 1000, out);
}
