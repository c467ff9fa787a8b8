#ifndef STATS_JUDGE_H
#define STATS_JUDGE_H

#include "plan/assess.h"
#include "stats/figures.h"

/*
 * What the parts mean on the day of the question: when a milestone is met,
 * due, overdue, and how a task stands.  Wants the figures fetched, and
 * PART_MILESTONE (whole milestones) or PART_DUTY (each obliged unit).
 */

/* A milestone and where it stands. */
struct duty {
	size_t row; /* in PART_MILESTONE, or the unit's in PART_DUTY */
	const struct frame_task *task;
	bool percent; /* rule percent, else event */
	/*
	 * The task as a whole has reached the percentage: it decides for units
	 * that have no quantity of their own.
	 */
	bool reached;
	bool dated;
	civil_t due; /* when dated */
	civil_t evaluation;
	int64_t obliged; /* units; 1 where the duty is one unit's */
	int64_t met;
};

void judge_duty(const struct frame *f, const struct frame_task *t, size_t row,
    struct duty *d);
/* not_due, due_soon, overdue, met, due_before_issue, undated, partly_met. */
const char *judge_duty_state(const struct frame *f, const struct duty *d);

/* How obligations stand: one for each obliged unit of a milestone. */
struct tally {
	int64_t total;
	int64_t met;
	int64_t due;     /* due day has come, met or not */
	int64_t due_met; /* ... of them met */
	int64_t overdue;
	int64_t due_soon;
	int64_t in_grace; /* from before the notice, in grace, not met */
};

/* Add `obliged` units of the milestone, of which `met` met it. */
void tally_add(struct tally *t, const struct frame *f, const struct duty *d,
    int64_t obliged, int64_t met);
/* Add quotas: they fall due with the year of the plan. */
void tally_add_quotas(struct tally *t, const struct frame *f,
    const struct frame_plan *p, int64_t quotas, int64_t met);

/* Judge a task; its milestones are added to `all`, unless that is NULL. */
void judge_task(const struct frame *f, const struct frame_task *t,
    struct assess_result *r, struct tally *all);

/*
 * Call fn for each obliged unit of each milestone.  Wants PART_DUTY and the
 * figures of units (figures_fetch_units).
 */
typedef void (*unit_fn)(void *arg, const char *org_id, const struct duty *d);
void judge_units(const struct frame *f, unit_fn fn, void *arg);

/* new: {done, ahead, on_pace, behind, unassessable}. */
json_t *class_counts(const int64_t n[CLASS__MAX]);

#endif
