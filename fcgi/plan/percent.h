#ifndef PLAN_PERCENT_H
#define PLAN_PERCENT_H

#include <stdbool.h>
#include <stdint.h>

/* Holds any percentage of two int64. */
#define PERCENT_TEXT 32

/* Is done at least pct per cent of target?  Exact for all int64. */
bool rate_at_least(int64_t done, int64_t pct, int64_t target);

/*
 * done of target in per cent, cut (never rounded) to one decimal: "0.0",
 * "99.9", "113.3"; so "100.0" and more appear only when done >= target.
 * Returns out, or NULL where there is no percentage (target <= 0).
 */
const char *percent_text(int64_t done, int64_t target, char out[PERCENT_TEXT]);

/* 123 tenths of a per cent as "12.3", -5 as "-0.5"; returns out. */
const char *percent_tenths_text(int64_t tenths, char out[PERCENT_TEXT]);

#endif
