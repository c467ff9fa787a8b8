#include "stats/judge.h"

#include <string.h>

#include "base/json.h"
#include "plan/percent.h"

bool
judge_target(const struct frame *f, size_t indicator, int64_t *target)
{
	const struct stats_rows *r = &f->rows[PART_INDICATOR];
	const char *state = rows_text(r, indicator, COL_INDICATOR_target_state);

	if (!rows_null(r, indicator, COL_INDICATOR_target)) {
		*target = rows_int(r, indicator, COL_INDICATOR_target);
		return true;
	}
	*target = rows_int(r, indicator, COL_INDICATOR_quota);
	return strcmp(state, "derived") == 0 &&
	       rows_int(r, indicator, COL_INDICATOR_obliged) > 0 &&
	       rows_int(r, indicator, COL_INDICATOR_unset) == 0;
}

/* Has the indicator as a whole reached the milestone's percentage? */
static bool
is_reached(const struct frame *f, const struct frame_task *t, size_t milestone)
{
	const struct stats_rows *m = &f->rows[PART_MILESTONE];
	const struct stats_rows *r = &f->rows[PART_INDICATOR];
	const struct frame_run *run = &t->runs[PART_INDICATOR];
	const char *id = rows_text(m, milestone, COL_MILESTONE_indicator_id);
	int64_t target;

	for (size_t i = run->first; id != NULL && i < run->first + run->n;
	     i++) {
		if (strcmp(rows_text(r, i, COL_INDICATOR_indicator_id), id) !=
		    0)
			continue;
		return judge_target(f, i, &target) &&
		       rate_at_least(rows_int(r, i, COL_INDICATOR_done),
			   rows_int(m, milestone, COL_MILESTONE_percent),
			   target);
	}
	return false;
}

void
judge_duty(const struct frame *f, const struct frame_task *t, size_t row,
    struct duty *d)
{
	const struct stats_rows *m = &f->rows[PART_MILESTONE];
	const char *due = rows_text(m, row, COL_MILESTONE_due);

	memset(d, 0, sizeof(*d));
	d->row = row;
	d->task = t;
	d->percent =
	    strcmp(rows_text(m, row, COL_MILESTONE_rule), "percent") == 0;
	d->obliged = rows_int(m, row, COL_MILESTONE_obliged);
	d->met = rows_int(m, row, COL_MILESTONE_verified);
	if (d->percent) {
		d->reached = is_reached(f, t, row);
		d->met = rows_int(m, row, COL_MILESTONE_own_met);
		if (d->reached)
			d->met +=
			    d->obliged - rows_int(m, row, COL_MILESTONE_own);
	}
	d->dated = due != NULL && civil_parse(due, &d->due);
	if (d->dated)
		d->evaluation = policy_evaluation_day(
		    &t->plan->policy, d->due, t->plan->issued);
}

const char *
judge_duty_state(const struct frame *f, const struct duty *d)
{
	const struct frame_plan *p = d->task->plan;
	civil_t today = f->q->as_of;

	if (d->met >= d->obliged)
		return "met";
	if (!d->dated)
		return "undated";
	if (today > d->evaluation)
		return "overdue";
	if (d->due < p->issued)
		return "due_before_issue";
	if (today + p->policy.soon_days >= d->due)
		return "due_soon";
	return d->met > 0 ? "partly_met" : "not_due";
}

void
tally_add(struct tally *t, const struct frame *f, const struct duty *d,
    int64_t obliged, int64_t met)
{
	const struct frame_plan *p = d->task->plan;
	int64_t unmet = obliged - met;
	civil_t today = f->q->as_of;

	t->total += obliged;
	t->met += met;
	if (!d->dated)
		return;
	if (today > d->evaluation)
		t->overdue += unmet;
	else if (d->due < p->issued)
		t->in_grace += unmet;
	if (today >= d->due) {
		t->due += obliged;
		t->due_met += met;
	}
	if (today <= d->due && today + p->policy.soon_days >= d->due)
		t->due_soon += unmet;
}

void
tally_add_quotas(struct tally *t, const struct frame *f,
    const struct frame_plan *p, int64_t quotas, int64_t met)
{
	t->total += quotas;
	t->met += met;
	if (f->q->as_of >= p->end) {
		t->due += quotas;
		t->due_met += met;
	}
}

/*
 * The pace of the headline indicator.  With more milestones than a pace can
 * carry there is none: better no statement than a wrong one.
 */
static struct ratio
pace_now(const struct frame *f, const struct frame_task *t, const char *id)
{
	const struct stats_rows *m = &f->rows[PART_MILESTONE];
	const struct frame_run *run = &t->runs[PART_MILESTONE];
	struct pace pace;
	struct err ignored;

	err_init(&ignored);
	pace_init(&pace, t->plan->issued);
	for (size_t i = run->first; i < run->first + run->n; i++) {
		const char *of = rows_text(m, i, COL_MILESTONE_indicator_id);
		const char *due = rows_text(m, i, COL_MILESTONE_due);
		civil_t day;

		if (strcmp(rows_text(m, i, COL_MILESTONE_rule), "percent") != 0)
			continue;
		if (of == NULL || strcmp(of, id) != 0)
			continue;
		if (due == NULL || !civil_parse(due, &day))
			continue;
		if (pace_add(&pace, day,
			(int)rows_int(m, i, COL_MILESTONE_percent),
			&ignored) < 0)
			return (struct ratio){0, 0};
	}
	return pace_at(&pace, f->q->as_of);
}

static void
take_tally(struct assess_facts *facts, const struct tally *t)
{
	facts->milestones.total = t->total;
	facts->milestones.met = t->met;
	facts->milestones.due = t->due;
	facts->milestones.overdue = t->overdue;
	facts->milestones.due_soon = t->due_soon;
	facts->milestones.in_grace = t->in_grace;
}

void
judge_task(const struct frame *f, const struct frame_task *t,
    struct assess_result *r, struct tally *all)
{
	const struct stats_rows *ind = &f->rows[PART_INDICATOR];
	const struct frame_run *run = &t->runs[PART_MILESTONE];
	size_t first = t->runs[PART_INDICATOR].first;
	struct tally tally = {0};
	struct assess_facts facts;
	struct duty d;

	memset(&facts, 0, sizeof(facts));
	for (size_t i = run->first; i < run->first + run->n; i++) {
		judge_duty(f, t, i, &d);
		tally_add(&tally, f, &d, d.obliged, d.met);
		if (all != NULL)
			tally_add(all, f, &d, d.obliged, d.met);
	}
	take_tally(&facts, &tally);
	if (t->runs[PART_INDICATOR].n > 0) {
		facts.has_target =
		    judge_target(f, first, &facts.target) && facts.target > 0;
		facts.done = rows_int(ind, first, COL_INDICATOR_done);
		facts.pace = pace_now(
		    f, t, rows_text(ind, first, COL_INDICATOR_indicator_id));
	}
	assess(&facts, &t->plan->policy, r);
}

/* The row of a task's milestone; false: not known then. */
static bool
find_milestone(const struct frame *f, const struct frame_task *t,
    const char *id, size_t *row)
{
	const struct stats_rows *m = &f->rows[PART_MILESTONE];
	const struct frame_run *run = &t->runs[PART_MILESTONE];

	for (size_t i = run->first; i < run->first + run->n; i++) {
		if (strcmp(rows_text(m, i, COL_MILESTONE_milestone_id), id) ==
		    0) {
			*row = i;
			return true;
		}
	}
	return false;
}

static bool
unit_met(const struct stats_rows *r, size_t row, const struct duty *d)
{
	if (!d->percent)
		return rows_int(r, row, COL_ORG_MILESTONE_verified) > 0;
	if (rows_int(r, row, COL_ORG_MILESTONE_own) > 0)
		return rows_int(r, row, COL_ORG_MILESTONE_own_met) > 0;
	return d->reached;
}

static void
units_of_task(
    const struct frame *f, const struct frame_task *t, unit_fn fn, void *arg)
{
	const struct stats_rows *r = &f->rows[PART_ORG_MILESTONE];
	const struct frame_run *run = &t->runs[PART_ORG_MILESTONE];
	const char *last = NULL;
	struct duty d;
	size_t row;

	for (size_t i = run->first; i < run->first + run->n; i++) {
		const char *id =
		    rows_text(r, i, COL_ORG_MILESTONE_milestone_id);

		if (last == NULL || strcmp(last, id) != 0) {
			if (!find_milestone(f, t, id, &row))
				continue;
			judge_duty(f, t, row, &d);
			last = id;
		}
		fn(arg, rows_text(r, i, COL_ORG_MILESTONE_org_id), &d,
		    unit_met(r, i, &d));
	}
}

void
judge_units(const struct frame *f, unit_fn fn, void *arg)
{
	for (size_t i = 0; i < f->ntasks; i++)
		units_of_task(f, f->order[i], fn, arg);
}

json_t *
class_counts(const int64_t n[CLASS__MAX])
{
	json_t *o = json_object();

	for (size_t i = 0; i < CLASS__MAX; i++)
		json_put_int(o, class_text((enum assess_class)i), n[i]);
	return o;
}
