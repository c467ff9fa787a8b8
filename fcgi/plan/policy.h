#ifndef PLAN_POLICY_H
#define PLAN_POLICY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/civil.h"
#include "base/err.h"
#include "base/id.h"

/*
 * How a plan is judged: data with a version (docs/model.md, plan.policy),
 * so the same facts under the same policy always give the same lights.
 */
#define POLICY_DAYS_MAX 128

struct policy {
	char id[ID_MAX + 1];
	int version;
	int grace_workdays; /* working days after a due day before it counts */
	int soon_days;      /* calendar days before a due day */
	int behind_yellow;  /* percentage points */
	int behind_red;
	int ahead_points;
	int64_t unit_cost_min_fen;
	int64_t unit_cost_max_fen;
	size_t nholidays; /* weekdays off */
	civil_t holidays[POLICY_DAYS_MAX];
	size_t nworkdays; /* weekend days worked: 调休 */
	civil_t workdays[POLICY_DAYS_MAX];
};

/* The policy of a plan that states none. */
void policy_init(struct policy *p);

/*
 * The policy of a plan document: its members over the defaults.  ERR_INVALID
 * with one item for each member that is out of range, and for a yellow
 * threshold above the red one.
 */
int policy_read(const json_t *plan, struct policy *p, struct err *e) MUST_CHECK;

/* The n-th working day after d; d itself for n = 0, whatever day it is. */
civil_t policy_add_workdays(const struct policy *p, civil_t d, int n);

/*
 * The last day on which a milestone that is not met is not yet late: the
 * later of its due day and the day the notice was issued, plus the grace.
 */
civil_t policy_evaluation_day(
    const struct policy *p, civil_t due, civil_t issued_on);

#endif
