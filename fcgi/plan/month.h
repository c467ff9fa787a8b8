#ifndef PLAN_MONTH_H
#define PLAN_MONTH_H

#include <jansson.h>

#include "base/err.h"
#include "plan/period.h"

/*
 * A month that was reported and stays as it was.  What is found wrong with
 * it later is said beside it ("上月数已更正 x→y"), never changed in it.
 */

/*
 * May the month be frozen on this day?  It belongs to the plan's reporting
 * (from the month of issue to December) and is over, the plan was issued.
 * 0, or -1: ERR_STATE, ERR_INVALID at /month.
 */
int month_check_freeze(const json_t *plan, period_t month, civil_t today,
    struct err *e) MUST_CHECK;

/*
 * The figures that differ between two answers of completion by task for the
 * same day: as it was frozen, and as it is known now.  new: [{month, taskId,
 * no, title, indicatorId, name, unit, was, now, text}]; a figure that only
 * one of them has counts as null there.
 */
json_t *month_corrections(
    const char *month, const json_t *frozen, const json_t *now);

#endif
