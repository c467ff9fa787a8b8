#include "stats/judge.h"

#include <string.h>

#include "base/json.h"
#include "plan/percent.h"

/* Has the indicator as a whole reached the percentage? */
static bool
is_reached(const struct frame_task *t, const char *indicator, int64_t percent)
{
	const struct figure *g = figure_find(t, indicator);
	int64_t target;

	return g != NULL && figure_target(g, &target) &&
	       rate_at_least(g->done, percent, target);
}

static void
set_due(struct duty *d, const char *due)
{
	const struct frame_plan *p = d->task->plan;

	d->dated = due != NULL && civil_parse(due, &d->due);
	if (d->dated)
		d->evaluation =
		    policy_evaluation_day(&p->policy, d->due, p->issued);
}

void
judge_duty(const struct frame *f, const struct frame_task *t, size_t row,
    struct duty *d)
{
	const struct stats_rows *m = &f->rows[PART_MILESTONE];

	memset(d, 0, sizeof(*d));
	d->row = row;
	d->task = t;
	d->percent =
	    strcmp(rows_text(m, row, COL_MILESTONE_rule), "percent") == 0;
	d->obliged = rows_int(m, row, COL_MILESTONE_obliged);
	d->met = rows_int(m, row, COL_MILESTONE_verified);
	if (d->percent) {
		d->reached =
		    is_reached(t, rows_text(m, row, COL_MILESTONE_indicator_id),
			rows_int(m, row, COL_MILESTONE_percent));
		d->met = rows_int(m, row, COL_MILESTONE_own_met);
		if (d->reached)
			d->met +=
			    d->obliged - rows_int(m, row, COL_MILESTONE_own);
	}
	set_due(d, rows_text(m, row, COL_MILESTONE_due));
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

/* The columns that parts with milestones share. */
struct milestone_columns {
	enum stats_part_id part;
	enum stats_column rule;
	enum stats_column indicator;
	enum stats_column due;
	enum stats_column percent;
};

static const struct milestone_columns whole = {PART_MILESTONE,
    COL_MILESTONE_rule, COL_MILESTONE_indicator_id, COL_MILESTONE_due,
    COL_MILESTONE_percent};

/*
 * The pace of an indicator.  With more milestones than a pace can carry there
 * is none: better no statement than a wrong one.
 */
static struct ratio
pace_now(const struct frame *f, const struct frame_task *t, const char *id,
    const struct milestone_columns *c)
{
	const struct stats_rows *m = &f->rows[c->part];
	const struct frame_run *run = &t->runs[c->part];
	struct pace pace;
	struct err ignored;

	err_init(&ignored);
	pace_init(&pace, t->plan->issued);
	for (size_t i = run->first; i < run->first + run->n; i++) {
		const char *of = rows_text(m, i, c->indicator);
		const char *due = rows_text(m, i, c->due);
		civil_t day;

		if (strcmp(rows_text(m, i, c->rule), "percent") != 0)
			continue;
		if (of == NULL || strcmp(of, id) != 0)
			continue;
		if (due == NULL || !civil_parse(due, &day))
			continue;
		if (pace_add(&pace, day, (int)rows_int(m, i, c->percent),
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
	const struct frame_run *run = &t->runs[PART_MILESTONE];
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
	if (t->nfigures > 0) {
		const struct figure *g = &t->figures[0];

		facts.has_target =
		    figure_target(g, &facts.target) && facts.target > 0;
		facts.done = g->done;
		facts.pace = pace_now(f, t, g->id, &whole);
	}
	assess(&facts, &t->plan->policy, r);
}

/* Has the unit of a percent duty reached it? */
static bool
unit_reached(const struct frame *f, const struct duty *d, const char *org_id)
{
	const struct stats_rows *r = &f->rows[PART_DUTY];
	const struct stats_rows *u = &f->rows[PART_UNIT];
	const struct figure *g =
	    figure_find(d->task, rows_text(r, d->row, COL_DUTY_indicator_id));
	size_t row;

	if (g == NULL || !figure_unit(f, g, org_id, &row) ||
	    rows_null(u, row, COL_UNIT_qty))
		return d->reached;
	return rate_at_least(rows_int(u, row, COL_UNIT_n),
	    rows_int(r, d->row, COL_DUTY_percent),
	    rows_int(u, row, COL_UNIT_qty));
}

/* What the units of a milestone have in common. */
static void
judge_common(const struct frame *f, const struct frame_task *t, size_t row,
    struct duty *d)
{
	const struct stats_rows *r = &f->rows[PART_DUTY];

	memset(d, 0, sizeof(*d));
	d->task = t;
	d->obliged = 1;
	d->percent = strcmp(rows_text(r, row, COL_DUTY_rule), "percent") == 0;
	if (d->percent)
		d->reached =
		    is_reached(t, rows_text(r, row, COL_DUTY_indicator_id),
			rows_int(r, row, COL_DUTY_percent));
	set_due(d, rows_text(r, row, COL_DUTY_due));
}

static void
units_of_task(
    const struct frame *f, const struct frame_task *t, unit_fn fn, void *arg)
{
	const struct stats_rows *r = &f->rows[PART_DUTY];
	const struct frame_run *run = &t->runs[PART_DUTY];
	int64_t last = -1;
	struct duty d;

	for (size_t i = run->first; i < run->first + run->n; i++) {
		const char *org_id = rows_text(r, i, COL_DUTY_org_id);

		if (rows_int(r, i, COL_DUTY_pos) != last)
			judge_common(f, t, i, &d);
		last = rows_int(r, i, COL_DUTY_pos);
		d.row = i;
		d.met = d.percent ? unit_reached(f, &d, org_id)
				  : !rows_null(r, i, COL_DUTY_met_on);
		fn(arg, org_id, &d);
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
