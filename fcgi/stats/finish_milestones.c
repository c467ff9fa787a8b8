#include <string.h>

#include "base/json.h"
#include "plan/percent.h"
#include "stats/finish.h"
#include "stats/judge.h"

__extension__ typedef unsigned __int128 wide_t;

/* Beyond it a mean of fractions cannot be kept exactly. */
#define COMMON_MAX ((wide_t)1 << 90)

static wide_t
gcd(wide_t a, wide_t b)
{
	while (b != 0) {
		wide_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

/*
 * The mean, with equal weight, of met / obliged over a task's milestones, in
 * tenths of a per cent, cut; exact, over the common denominator.  -1: there
 * is none.
 */
static int64_t
node_rate(const struct duty *duties, size_t n)
{
	wide_t common = 1, sum = 0;

	for (size_t i = 0; i < n; i++) {
		wide_t obliged = (wide_t)duties[i].obliged;

		common = common / gcd(common, obliged) * obliged;
		if (common > COMMON_MAX)
			return -1;
	}
	for (size_t i = 0; i < n; i++)
		sum +=
		    (wide_t)duties[i].met * common / (wide_t)duties[i].obliged;
	return n > 0 ? (int64_t)(sum * 1000 / (common * n)) : -1;
}

static json_t *
milestone_json(const struct frame *f, const struct duty *d)
{
	const struct stats_rows *m = &f->rows[PART_MILESTONE];
	char day[CIVIL_LEN + 1];
	json_t *o = json_object();

	json_put_str(o, "id", rows_text(m, d->row, COL_MILESTONE_milestone_id));
	json_put_str(o, "text", rows_text(m, d->row, COL_MILESTONE_text));
	json_put_str(o, "from", rows_text(m, d->row, COL_MILESTONE_starts));
	json_put_str(o, "to", rows_text(m, d->row, COL_MILESTONE_due));
	json_put_str(o, "evaluationDay",
	    d->dated ? civil_format(d->evaluation, day) : NULL);
	json_put_str(o, "rule", rows_text(m, d->row, COL_MILESTONE_rule));
	if (d->percent)
		json_put_int(
		    o, "percent", rows_int(m, d->row, COL_MILESTONE_percent));
	json_put_int(o, "obliged", d->obliged);
	json_put_int(o, "met", d->met);
	if (!d->percent)
		json_put_int(
		    o, "late", rows_int(m, d->row, COL_MILESTONE_late));
	json_put_str(o, "state", judge_duty_state(f, d));
	return o;
}

static json_t *
milestones_task(struct frame *f, const struct frame_task *t)
{
	const struct frame_run *run = &t->runs[PART_MILESTONE];
	struct duty *duties =
	    arena_alloc(&f->arena, (run->n + 1) * sizeof(*duties));
	json_t *row = task_row(t);
	json_t *list = json_array();
	char text[PERCENT_TEXT];
	int64_t rate;

	for (size_t i = 0; i < run->n; i++) {
		judge_duty(f, t, run->first + i, &duties[i]);
		json_push(list, milestone_json(f, &duties[i]));
	}
	rate = node_rate(duties, run->n);
	json_put_str(row, "nodeRate",
	    rate >= 0 ? percent_tenths_text(rate, text) : NULL);
	json_put(row, "milestones", list);
	drill_task(row, f, t);
	return row;
}

struct org_milestones {
	const char *org_id;
	struct tally all;
};

static void
collect_unit(void *arg, const char *org_id, const struct duty *d)
{
	struct org_table *orgs = arg;
	struct org_milestones *o = org_table_row(orgs, org_id);

	tally_add(&o->all, orgs->f, d, 1, d->met);
}

static json_t *
milestones_org(struct frame *f, const struct org_milestones *o)
{
	json_t *row = org_row(f, o->org_id, true);

	json_put_int(row, "due", o->all.due);
	json_put_int(row, "met", o->all.due_met);
	json_put_int(row, "early", o->all.met - o->all.due_met);
	json_put_int(row, "overdue", o->all.overdue);
	json_put_int(row, "dueSoon", o->all.due_soon);
	json_put_int(row, "total", o->all.total);
	drill_stats(row, f, STAT_MILESTONES, "task");
	return row;
}

static int
by_org(struct frame *f, json_t *rows, struct err *e)
{
	struct org_table orgs;

	if (figures_fetch(f, e) < 0 || frame_fetch(f, PART_DUTY, e) < 0)
		return -1;
	org_table_init(&orgs, f, sizeof(struct org_milestones));
	for (size_t i = 0; i < f->ntasks; i++)
		judge_units(f, f->order[i], collect_unit, &orgs);
	org_table_sort(&orgs);
	for (size_t i = 0; i < orgs.n; i++)
		json_push(rows, milestones_org(f, orgs.rows[i]));
	return 0;
}

int
finish_milestones(struct frame *f, json_t *answer, struct err *e)
{
	json_t *rows = json_array();

	json_put(answer, "rows", rows);
	if (strcmp(f->q->by, "org") == 0)
		return by_org(f, rows, e);
	if (figures_fetch(f, e) < 0 || frame_fetch(f, PART_MILESTONE, e) < 0)
		return -1;
	for (size_t i = 0; i < f->ntasks; i++)
		json_push(rows, milestones_task(f, f->order[i]));
	return 0;
}
