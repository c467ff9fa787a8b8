#ifndef PLAN_SERIES_H
#define PLAN_SERIES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/*
 * One unit on one indicator over the months (docs/model.md, reportSeries):
 * which report speaks for each month, and the rule that cumulative values do
 * not fall.  Pure.  Whoever stores a report stores its series with it, under
 * the revision it was read in.
 */
#define SERIES_ID_MAX 160

/*
 * "<taskId>.<indicatorId>.<orgId>" of a report or a body.  -1: ERR_INVALID,
 * too long.
 */
int series_id(const json_t *report, char out[SERIES_ID_MAX + 1],
    struct err *e) MUST_CHECK;
/* new: without months. */
json_t *series_new(const json_t *report, const char *id);

/* borrowed: the entry of a month ("2019-05"), or NULL. */
const json_t *series_entry(const json_t *series, const char *period);

/*
 * Is the month free for this report?  ERR_CONFLICT names the one that has it.
 */
int series_claim(
    const json_t *series, const json_t *report, struct err *e) MUST_CHECK;
/*
 * The cumulative rule, for a report that is submitted or accepted: a number
 * is not below the newest one before it nor above the next one after it, of
 * the reports that are accepted or under review.  `none` leaves the last
 * number standing; a correction (revision 2 and up) says why it differs and
 * is not held back.  -1: ERR_INVALID at /value/n.
 */
int series_check(
    const json_t *series, const json_t *report, struct err *e) MUST_CHECK;

/* The report as it is now stands for its month. */
void series_put(json_t *series, const json_t *report);

/*
 * The newest number before a month, of reports accepted or under review:
 * false when there is none.  *period is borrowed.
 */
struct series_value {
	const char *period;
	const char *report_id;
	int64_t n;
	bool accepted;
};
bool series_before(
    const json_t *series, const char *period, struct series_value *out);

#endif
