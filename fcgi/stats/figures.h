#ifndef STATS_FIGURES_H
#define STATS_FIGURES_H

#include "plan/pace.h"
#include "stats/frame.h"

/* What is promised and done: an indicator and its units (PART_UNIT). */
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
	int64_t capped;        /* sum of min(figure, quota) */
	int64_t over;          /* sum of max(figure - quota, 0) */
	int64_t reported;      /* obliged units that reported */
	int64_t none;          /* ... nothing, the last time */
	int64_t complete;      /* ... figure >= quota */
	struct ratio pace;     /* on the day (judge_fetch); den 0: none */
	struct frame_run rows; /* of its units in PART_UNIT, by org id */
};

/*
 * Fetch PART_UNIT into the tasks' figures.  0, or -1 with *e set: ERR_INVALID
 * for sums that leave int64.
 */
int figures_fetch(struct frame *f, struct err *e) MUST_CHECK;

/*
 * The total of an indicator: printed, or the sum of its quotas where it is
 * derived.  false: unknown; so is a sum that lacks the quota of a unit.
 */
bool figure_target(const struct figure *g, int64_t *target);

/* borrowed, or NULL; id may be NULL. */
const struct figure *figure_find(const struct frame_task *t, const char *id);
/* A unit's part in an indicator. */
struct share {
	const char *org_id;
	bool obliged; /* has a quota row */
	bool set;     /* whose quantity is known */
	int64_t qty;
	int64_t n; /* newest figure; 0 without */
	bool reported;
	bool none; /* the newest report has nothing to report */
};

/* The share in a row of PART_UNIT. */
void share_read(const struct frame *f, size_t row, struct share *out);
/* false: the unit has no part in the indicator. */
bool figure_share(const struct frame *f, const struct figure *g,
    const char *org_id, struct share *out);

#endif
