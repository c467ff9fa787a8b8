#ifndef STATS_JUDGE_H
#define STATS_JUDGE_H

#include "plan/assess.h"
#include "stats/series.h"

/*
 * What the parts mean on the day of the question: when a milestone is met,
 * due, overdue, and how a task or a unit's part of it stands.
 */

/* Fetch what judging wants: units, duties, submissions and checks. */
int judge_fetch(struct frame *f, struct err *e) MUST_CHECK;

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

/* The milestone in a row of PART_MILESTONE. */
void judge_duty(const struct frame *f, const struct frame_task *t, size_t row,
    struct duty *d);
/*
 * The milestone whose units begin at *row of PART_DUTY; *row moves behind
 * them.  false: the task has no more.
 */
bool judge_whole(const struct frame *f, const struct frame_task *t, size_t *row,
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

/* Call fn for each obliged unit of each milestone of a task. */
typedef void (*unit_fn)(void *arg, const char *org_id, const struct duty *d);
void judge_units(
    const struct frame *f, const struct frame_task *t, unit_fn fn, void *arg);

/* The pace of an indicator on a day; den 0: none. */
struct ratio judge_pace(const struct frame *f, const struct frame_task *t,
    const char *indicator, civil_t day);

/* How a task, or a unit's part of it, stands but for its figure. */
struct standing {
	struct tally milestones;
	int64_t overdue; /* series, see series_judge */
	int64_t twice;
	int64_t flagged;
	int64_t falsehoods; /* units of which a check says so */
};
void standing_add(struct standing *s, const struct series_state *state);

/* Done of target (0: unknown) at the pace of the task's indicator. */
void judge_standing(const struct frame_task *t, const struct standing *s,
    const struct figure *g, int64_t done, int64_t target,
    struct assess_result *r);

/* Judge a task; its milestones are added to `all`, unless that is NULL. */
void judge_task(const struct frame *f, const struct frame_task *t,
    struct assess_result *r, struct tally *all);

/* The newest check of a unit, as a row of PART_CHECK; false: there is none. */
bool judge_check(const struct frame *f, const struct frame_task *t,
    const char *org_id, size_t *row);
bool judge_is_false(const struct frame *f, size_t check);

/* new: {done, ahead, on_pace, behind, unassessable}. */
json_t *class_counts(const int64_t n[CLASS__MAX]);

#endif
