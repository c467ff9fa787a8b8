#ifndef PLAN_FLOW_H
#define PLAN_FLOW_H

#include <jansson.h>

#include "base/err.h"

/*
 * Money that moved (schemas/fundFlow.json) against the figures that stand
 * (schemas/fundSeries.json): one series for an item (or a level that is not
 * itemised) and a unit, with the newest figure of each stage and day.  Pure.
 */

/* new: the series a flow begins; with _id. */
json_t *fund_series_new(const json_t *flow);
/* The _id of the series a flow belongs to; out holds 200 bytes. */
const char *fund_series_id(const json_t *flow, char out[200]);

/*
 * Put a flow in its series; the flow gets its `revision`.  A second figure of
 * a stage and day must name the one it `supersedes` (ERR_CONFLICT) and a
 * reason; so must, a reason, one that is lower than an earlier day's or higher
 * than a later day's (ERR_INVALID).  After -1 both are as they were.
 */
int fund_series_put(json_t *series, json_t *flow, struct err *e) MUST_CHECK;

/*
 * new: what looks wrong with the newest figures, [{code, stage, text}]: money
 * received beyond what was issued, paid beyond what was received ...  It is
 * shown, not refused: papers do not arrive in the order of the money.
 */
json_t *fund_series_warnings(const json_t *series);

#endif
