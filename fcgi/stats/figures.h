#ifndef STATS_FIGURES_H
#define STATS_FIGURES_H

#include "stats/frame.h"

/*
 * What is promised and done: the totals of each indicator, whichever part
 * they were read from.
 */
struct figure {
	const char *id;
	const char *name;
	const char *unit;
	const char *state; /* of the target: given, derived, missing */
	bool printed;      /* the target is */
	int64_t target;    /* when printed */
	int64_t pos;
	int64_t done;
	int64_t obliged;       /* units with a quota row */
	int64_t unset;         /* ... whose quantity is missing */
	int64_t quota;         /* sum of quotas */
	struct frame_run rows; /* of its units in PART_UNIT, by org id */
};

/*
 * Fetch the indicators into the tasks' figures: the totals alone
 * (PART_INDICATOR, whose rows are the figures), or with each unit's part
 * (PART_UNIT).  0, or -1 with *e set: ERR_INVALID for sums that leave int64.
 */
int figures_fetch(struct frame *f, struct err *e) MUST_CHECK;
int figures_fetch_units(struct frame *f, struct err *e) MUST_CHECK;

/*
 * The total of an indicator: printed, or the sum of its quotas where it is
 * derived.  false: unknown; so is a sum that lacks the quota of a unit.
 */
bool figure_target(const struct figure *g, int64_t *target);

/* borrowed, or NULL; id may be NULL. */
const struct figure *figure_find(const struct frame_task *t, const char *id);
/* The row of a unit in PART_UNIT; false: it has no part in the indicator. */
bool figure_unit(const struct frame *f, const struct figure *g,
    const char *org_id, size_t *row);

#endif
