#ifndef PLAN_PERIOD_H
#define PLAN_PERIOD_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/civil.h"
#include "base/err.h"
#include "plan/policy.h"

/*
 * Reporting periods: civil months in Asia/Shanghai, printed "2019-05" and
 * counted so that the next month is the next number.  All is by civil days:
 * an instant is late by the day it falls on, never by hours that are left of
 * one.
 */
typedef int32_t period_t;

#define PERIOD_LEN 7

/* Strict: exactly YYYY-MM, 2000 to 2199. */
bool period_parse(const char *s, period_t *p);
/* out holds PERIOD_LEN + 1 bytes; returns out. */
const char *period_format(period_t p, char out[PERIOD_LEN + 1]);
/* The period that contains a day, its first day and its last. */
period_t period_of(civil_t d);
civil_t period_start(period_t p);
civil_t period_end(period_t p);

/* How a plan is reported on (plan.reporting), and which months. */
struct reporting {
	int due_day;          /* of the month after the period */
	int grace_workdays;   /* working days after it that are still on time */
	bool skip_lead;       /* accepted without the lead unit's word */
	period_t first;       /* the month of issue */
	period_t last;        /* December of the plan's year */
	struct policy policy; /* for its calendar */
};

/*
 * Read a plan document: its members over the defaults (day 5, no grace).
 * first is the month of issuedOn; a plan without that day is reported on from
 * January of its year.  first > last: there is no period.  -1 as policy_read.
 */
int reporting_read(
    const json_t *plan, struct reporting *out, struct err *e) MUST_CHECK;
/* Does nobody confirm for this unit (plan.reporting.skipUnitConfirm)? */
bool reporting_skips_unit(const json_t *plan, const char *org_id);

/* The last day on which the report of a period is on time. */
civil_t reporting_due(const struct reporting *x, period_t p);
/*
 * How many days after `due` the instant falls, in Asia/Shanghai: 0 until
 * 23:59:59.999 of that day, 1 from the next midnight on.
 */
int reporting_days_late(civil_t due, instant_t submitted);
/*
 * The newest period whose report can be made on that day (its last day is
 * not in the future), and the newest that is overdue once that day has come
 * (its due day is before it).  first - 1: none yet; never beyond last.
 */
period_t reporting_newest(const struct reporting *x, civil_t day);
period_t reporting_overdue(const struct reporting *x, civil_t day);

/*
 * Who owes reports on a task: each unit with a quota of an indicator; the
 * lead unit for an indicator without quotas; nobody for a task that has only
 * milestones.  The task's current version.  fn's -1 stops the walk.
 */
struct obligation {
	const char *indicator_id; /* borrowed from the task */
	const char *org_id;
	const json_t *indicator;
};
typedef int (*obligation_fn)(
    void *arg, const struct obligation *o, struct err *e);

int obligation_walk(
    const json_t *task, obligation_fn fn, void *arg, struct err *e) MUST_CHECK;
/* Does this unit owe reports on this indicator? */
bool obligation_has(
    const json_t *task, const char *indicator_id, const char *org_id);

#endif
