#ifndef PLAN_PACE_H
#define PLAN_PACE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/civil.h"
#include "base/err.h"

/*
 * What should be done by a day, E(D), in per cent: piecewise linear through
 * the start of the plan (0 %) and its percent milestones, level after the
 * last.  Without percent milestones there is no pace: a half year is never
 * taken for 50 %.
 *
 * The plan starts on the day its notice was issued: nobody can be behind a
 * plan that did not exist yet.  Percent milestones that were due by then
 * stay points of the curve (T1: 10 % on 31 March, notice of 4 April); such a
 * curve begins with its first milestone.  T1 on 2019-08-31 is
 * 50 + 40 * 62/92.
 */
#define PACE_POINTS_MAX 32

struct pace {
	civil_t start;
	size_t npoints; /* 0: no pace */
	struct pace_point {
		civil_t day;
		int percent;
	} points[PACE_POINTS_MAX]; /* by day, percentages never fall */
};

/* A percentage num/den, exact; den 0 stands for none. */
struct ratio {
	int64_t num;
	int64_t den;
};

/* The start of a plan: issuedOn, or 1 January of its year while unknown. */
civil_t pace_start(const json_t *plan);

void pace_init(struct pace *p, civil_t start);
/*
 * Add a percent milestone (0 to 100), in any order.  Of two on a day, and of
 * an earlier one that asks for more, the higher percentage counts.  -1 with
 * ERR_INVALID beyond PACE_POINTS_MAX days.
 */
int pace_add(
    struct pace *p, civil_t day, int percent, struct err *e) MUST_CHECK;
/* The percent milestones of a task for one of its indicators. */
int pace_read(const json_t *task, const char *indicator, civil_t start,
    struct pace *p, struct err *e) MUST_CHECK;

/* E(day); {0, 0} when there is no pace. */
struct ratio pace_at(const struct pace *p, civil_t day);

/*
 * Compare done of target with the expected percentage, shifted by `points`:
 * the sign of  100 * done / target - (expected + points).  target > 0.
 */
int pace_compare(
    int64_t done, int64_t target, struct ratio expected, int points);
/*
 * How far done of target is behind the expected percentage, in tenths of a
 * point, cut towards zero; negative: ahead.  target > 0.
 */
int64_t pace_behind_tenths(int64_t done, int64_t target, struct ratio expected);

#endif
