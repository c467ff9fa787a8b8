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

/* Has the unit of a percent duty reached it? */
static bool
unit_reached(const struct frame *f, const struct duty *d, const char *org_id)
{
	const struct stats_rows *r = &f->rows[PART_DUTY];
	const struct figure *g =
	    figure_find(d->task, rows_text(r, d->row, COL_DUTY_indicator_id));
	struct share s;

	if (g == NULL || !figure_share(f, g, org_id, &s) || !s.set)
		return d->reached;
	return rate_at_least(s.n, rows_int(r, d->row, COL_DUTY_percent), s.qty);
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

/* The unit in the row, whose milestone is in d already. */
static void
judge_unit(const struct frame *f, size_t row, struct duty *d)
{
	const struct stats_rows *r = &f->rows[PART_DUTY];

	d->row = row;
	d->met = d->percent
		     ? unit_reached(f, d, rows_text(r, row, COL_DUTY_org_id))
		     : !rows_null(r, row, COL_DUTY_met_on);
}

bool
judge_whole(const struct frame *f, const struct frame_task *t, size_t *row,
    struct duty *d)
{
	const struct stats_rows *r = &f->rows[PART_DUTY];
	const struct frame_run *run = &t->runs[PART_DUTY];
	size_t i = *row, end = run->first + run->n;
	int64_t pos, obliged = 0, met = 0;

	if (i >= end)
		return false;
	pos = rows_int(r, i, COL_DUTY_pos);
	judge_common(f, t, i, d);
	for (; i < end && rows_int(r, i, COL_DUTY_pos) == pos; i++) {
		judge_unit(f, i, d);
		obliged++;
		met += d->met;
	}
	d->row = *row;
	d->obliged = obliged;
	d->met = met;
	*row = i;
	return true;
}

void
judge_units(
    const struct frame *f, const struct frame_task *t, unit_fn fn, void *arg)
{
	const struct stats_rows *r = &f->rows[PART_DUTY];
	const struct frame_run *run = &t->runs[PART_DUTY];
	int64_t last = -1;
	struct duty d;

	for (size_t i = run->first; i < run->first + run->n; i++) {
		if (rows_int(r, i, COL_DUTY_pos) != last)
			judge_common(f, t, i, &d);
		last = rows_int(r, i, COL_DUTY_pos);
		judge_unit(f, i, &d);
		fn(arg, rows_text(r, i, COL_DUTY_org_id), &d);
	}
}

/*
 * The pace of an indicator.  With more milestones than a pace can carry there
 * is none: better no statement than a wrong one.
 */
struct ratio
judge_pace(const struct frame *f, const struct frame_task *t,
    const char *indicator, civil_t on)
{
	const struct stats_rows *r = &f->rows[PART_DUTY];
	const struct frame_run *run = &t->runs[PART_DUTY];
	int64_t last = -1;
	struct pace pace;
	struct err ignored;

	err_init(&ignored);
	pace_init(&pace, t->plan->issued);
	for (size_t i = run->first; i < run->first + run->n; i++) {
		const char *of = rows_text(r, i, COL_DUTY_indicator_id);
		const char *due = rows_text(r, i, COL_DUTY_due);
		civil_t day;

		if (rows_int(r, i, COL_DUTY_pos) == last)
			continue;
		last = rows_int(r, i, COL_DUTY_pos);
		if (strcmp(rows_text(r, i, COL_DUTY_rule), "percent") != 0)
			continue;
		if (of == NULL || strcmp(of, indicator) != 0)
			continue;
		if (due == NULL || !civil_parse(due, &day))
			continue;
		if (pace_add(&pace, day, (int)rows_int(r, i, COL_DUTY_percent),
			&ignored) < 0)
			return (struct ratio){0, 0};
	}
	return pace_at(&pace, on);
}

int
judge_fetch(struct frame *f, struct err *e)
{
	if (figures_fetch(f, e) < 0 || frame_fetch(f, PART_DUTY, e) < 0 ||
	    frame_fetch(f, PART_SUBMISSION, e) < 0 ||
	    frame_fetch(f, PART_CHECK, e) < 0)
		return -1;
	for (size_t i = 0; i < f->ntasks; i++) {
		struct frame_task *t = &f->tasks[i];

		for (size_t k = 0; k < t->nfigures; k++)
			t->figures[k].pace =
			    judge_pace(f, t, t->figures[k].id, f->q->as_of);
	}
	return 0;
}

void
standing_add(struct standing *s, const struct series_state *state)
{
	s->overdue += state->overdue;
	s->twice += state->twice;
	s->flagged += state->flagged;
}

void
judge_standing(const struct frame_task *t, const struct standing *s,
    const struct figure *g, int64_t done, int64_t target,
    struct assess_result *r)
{
	const struct tally *m = &s->milestones;
	struct assess_facts facts;

	memset(&facts, 0, sizeof(facts));
	facts.milestones.total = m->total;
	facts.milestones.met = m->met;
	facts.milestones.due = m->due;
	facts.milestones.overdue = m->overdue;
	facts.milestones.due_soon = m->due_soon;
	facts.milestones.in_grace = m->in_grace;
	facts.reports_overdue = s->overdue;
	facts.periods_missing = s->twice;
	facts.flagged = s->flagged;
	facts.checks_false = s->falsehoods;
	if (g != NULL) {
		facts.has_target = target > 0;
		facts.target = target;
		facts.done = done;
		facts.pace = g->pace;
	}
	assess(&facts, &t->plan->policy, r);
}

bool
judge_check(const struct frame *f, const struct frame_task *t,
    const char *org_id, size_t *row)
{
	const struct stats_rows *r = &f->rows[PART_CHECK];
	const struct frame_run *run = &t->runs[PART_CHECK];

	for (size_t i = run->first; i < run->first + run->n; i++) {
		if (strcmp(rows_text(r, i, COL_CHECK_org_id), org_id) == 0) {
			*row = i;
			return true;
		}
	}
	return false;
}

bool
judge_is_false(const struct frame *f, size_t check)
{
	return strcmp(rows_text(&f->rows[PART_CHECK], check, COL_CHECK_verdict),
		   "false") == 0;
}

struct task_walk {
	const struct frame *f;
	struct standing standing;
};

static void
add_duty(void *arg, const char *org_id, const struct duty *d)
{
	struct task_walk *w = arg;

	(void)org_id;
	tally_add(&w->standing.milestones, w->f, d, 1, d->met);
}

static void
add_series(void *arg, const struct series *s)
{
	struct task_walk *w = arg;
	struct series_state state;

	series_judge(w->f, s, &state);
	standing_add(&w->standing, &state);
}

static void
tally_sum(struct tally *to, const struct tally *t)
{
	to->total += t->total;
	to->met += t->met;
	to->due += t->due;
	to->due_met += t->due_met;
	to->overdue += t->overdue;
	to->due_soon += t->due_soon;
	to->in_grace += t->in_grace;
}

void
judge_task(const struct frame *f, const struct frame_task *t,
    struct assess_result *r, struct tally *all)
{
	const struct frame_run *checks = &t->runs[PART_CHECK];
	const struct figure *g = t->nfigures > 0 ? &t->figures[0] : NULL;
	struct task_walk w = {.f = f};
	int64_t target = 0;

	judge_units(f, t, add_duty, &w);
	series_walk(f, t, add_series, &w);
	for (size_t i = 0; i < checks->n; i++)
		w.standing.falsehoods += judge_is_false(f, checks->first + i);
	if (all != NULL)
		tally_sum(all, &w.standing.milestones);
	if (g != NULL && !figure_target(g, &target))
		target = 0;
	judge_standing(t, &w.standing, g, g != NULL ? g->done : 0, target, r);
}

json_t *
class_counts(const int64_t n[CLASS__MAX])
{
	json_t *o = json_object();

	for (size_t i = 0; i < CLASS__MAX; i++)
		json_put_int(o, class_text((enum assess_class)i), n[i]);
	return o;
}
