#ifndef PLAN_STANDING_H
#define PLAN_STANDING_H

#include <jansson.h>
#include <stdbool.h>

#include "base/civil.h"
#include "plan/policy.h"

/*
 * How one unit stands with one milestone on a day: derived, never stored.
 * Days late count from the due day, in calendar days.
 */
enum standing {
	STANDING_UNDATED, /* no due day, not met */
	STANDING_NOT_DUE,
	STANDING_DUE_SOON,         /* due within soonDays */
	STANDING_AWAITING_REPORT,  /* past the due day, still in the grace */
	STANDING_DUE_BEFORE_ISSUE, /* due before the notice, in the grace */
	STANDING_OVERDUE,
	STANDING_MET_ON_TIME,
	STANDING_MET_LATE,
	STANDING_WAIVED,
};

struct standing_facts {
	bool dated;
	civil_t due;
	civil_t issued; /* pace_start() */
	bool met;
	civil_t met_on; /* when met */
	bool waived;
};

/* days_late: of what is overdue or was met late; else 0. */
enum standing standing_of(const struct standing_facts *f,
    const struct policy *p, civil_t today, int *days_late);

/* "met_late", "逾期完成". */
const char *standing_text(enum standing s);
const char *standing_title(enum standing s);

/*
 * A task's milestone and its obliged units: borrowed.  milestone_units is new:
 * the unit ids, the lead unit where none is named.
 */
const json_t *milestone_find(const json_t *task, const char *id);
json_t *milestone_units(const json_t *task, const json_t *milestone);
bool milestone_obliges(
    const json_t *task, const json_t *milestone, const char *org_id);
/* "percent": met by what is reported, never claimed. */
bool milestone_is_percent(const json_t *milestone);
/* false: undated. */
bool milestone_due(const json_t *milestone, civil_t *due);

#endif
