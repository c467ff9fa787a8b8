#include <string.h>

#include "base/json.h"
#include "stats/finish.h"
#include "stats/series.h"

/* Reports that were owed, of the periods that have ended. */
struct filings {
	const char *org_id; /* where it is a unit's row */
	int64_t n[TIMING__MAX];
	int64_t none; /* came, with nothing to report */
};

/* How the filings are spread over rows. */
struct spread {
	struct frame *f;
	struct org_table *orgs; /* by unit, or NULL */
	struct filings *one;    /* by task: this row, or NULL */
	struct filings *months; /* by month, from `first` on, or NULL */
	period_t first;
};

static struct filings *
row_of(struct spread *to, const struct series *s, size_t period)
{
	if (to->orgs != NULL)
		return org_table_row(to->orgs, s->org_id);
	if (to->one != NULL)
		return to->one;
	return &to->months[s->task->plan->first - to->first + (period_t)period];
}

static void
add_series(void *arg, const struct series *s)
{
	struct spread *to = arg;
	struct frame *f = to->f;
	const struct frame_plan *p = s->task->plan;
	struct filing *all = p->scratch;

	if (f->q->org != NULL && strcmp(f->q->org, s->org_id) != 0)
		return;
	series_filings(f, s, all);
	for (size_t i = 0; i < p->nperiods; i++) {
		struct filings *row = row_of(to, s, i);

		row->n[all[i].timing]++;
		row->none += all[i].none;
	}
}

static int64_t
obliged(const struct filings *row)
{
	int64_t sum = 0;

	for (size_t i = 0; i < TIMING__MAX; i++)
		sum += row->n[i];
	return sum;
}

static void
put_filings(json_t *o, const struct filings *row)
{
	json_put_int(o, "obliged", obliged(row));
	json_put_int(o, "onTime", row->n[TIMING_ON_TIME]);
	json_put_int(o, "late", row->n[TIMING_LATE]);
	json_put_int(o, "missing", row->n[TIMING_MISSING]);
	json_put_int(o, "open", row->n[TIMING_OPEN]);
	json_put_int(o, "none", row->none);
}

/* The same question for one unit or one task, in another grouping. */
static void
drill_into(json_t *row, struct frame *f, const char *plan, const char *by,
    const char *what, const char *id)
{
	json_put_str(row, "drill",
	    arena_printf(&f->arena,
		"/api/v1/stats/timeliness?plan=%s&by=%s&%s=%s&asOf=%s"
		"&knownAt=%s",
		plan, by, what, id, f->args.as_of, f->args.known_at));
}

static void
by_org(struct frame *f, json_t *rows)
{
	struct org_table orgs;
	struct spread to = {.f = f, .orgs = &orgs};

	org_table_init(&orgs, f, sizeof(struct filings));
	for (size_t i = 0; i < f->ntasks; i++)
		series_walk(f, f->order[i], add_series, &to);
	org_table_sort(&orgs);
	for (size_t i = 0; i < orgs.n; i++) {
		const struct filings *o = orgs.rows[i];
		json_t *row = org_row(f, o->org_id, true);

		put_filings(row, o);
		if (f->nplans == 1)
			drill_into(
			    row, f, f->plans[0].id, "task", "org", o->org_id);
		else
			drill_reports(row, f, NULL, o->org_id);
		json_push(rows, row);
	}
}

static void
by_task(struct frame *f, json_t *rows)
{
	for (size_t i = 0; i < f->ntasks; i++) {
		const struct frame_task *t = f->order[i];
		struct filings sum = {.none = 0};
		struct spread to = {.f = f, .one = &sum};
		json_t *row;

		series_walk(f, t, add_series, &to);
		if (obliged(&sum) == 0)
			continue;
		row = task_row(t);
		put_filings(row, &sum);
		drill_into(row, f, t->plan->id, "org", "task", t->id);
		json_push(rows, row);
	}
}

/* Plans of one year may be issued in different months. */
static void
by_month(struct frame *f, json_t *rows)
{
	struct spread to = {.f = f};
	period_t end;
	char text[PERIOD_LEN + 1], day[CIVIL_LEN + 1];

	frame_months(f, &to.first, &end);
	if (end < to.first)
		return;
	to.months = arena_alloc(
	    &f->arena, (size_t)(end + 1 - to.first) * sizeof(*to.months));
	for (size_t i = 0; i < f->ntasks; i++)
		series_walk(f, f->order[i], add_series, &to);
	for (period_t p = to.first; p <= end; p++) {
		const struct filings *sum = &to.months[p - to.first];
		json_t *row;

		if (obliged(sum) == 0)
			continue;
		row = json_object();
		json_put_str(row, "month", period_format(p, text));
		put_filings(row, sum);
		json_put_str(row, "drill",
		    f->nplans > 1
			? NULL
			: arena_printf(&f->arena,
			      "/api/v1/reports?plan=%s&asOf=%s", f->plans[0].id,
			      civil_format(period_end(p), day)));
		json_push(rows, row);
	}
}

int
finish_timeliness(struct frame *f, json_t *answer, struct err *e)
{
	json_t *rows = json_array();

	json_put(answer, "rows", rows);
	if (figures_fetch(f, e) < 0 || frame_fetch(f, PART_SUBMISSION, e) < 0)
		return -1;
	if (strcmp(f->q->by, "org") == 0)
		by_org(f, rows);
	else if (strcmp(f->q->by, "task") == 0)
		by_task(f, rows);
	else
		by_month(f, rows);
	return 0;
}
