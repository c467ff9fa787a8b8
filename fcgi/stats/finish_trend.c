#include <string.h>

#include "base/json.h"
#include "plan/percent.h"
#include "stats/finish.h"
#include "stats/judge.h"

/*
 * What was done by the end of each month: the newest figure of each unit,
 * which is cumulative, so months are never added up.
 */
struct line {
	struct frame *f;
	const struct frame_task *task;
	const struct figure *figure;
	period_t first;
	size_t nmonths;
	int64_t *done;     /* one for each month */
	int64_t *reported; /* units with a figure by then */
};

static civil_t
month_day(const struct frame *f, period_t p)
{
	civil_t end = period_end(p);

	return end < f->q->as_of ? end : f->q->as_of;
}

/* The rows of one unit, [at, end): its newest figure at each month's end. */
static int
add_unit(struct line *l, size_t at, size_t end, struct err *e)
{
	const struct stats_rows *r = &l->f->rows[PART_SERIES];
	size_t first = at;

	for (size_t m = 0; m < l->nmonths; m++) {
		char day[CIVIL_LEN + 1];

		(void)civil_format(
		    month_day(l->f, l->first + (period_t)m), day);
		while (at < end &&
		       strcmp(rows_text(r, at, COL_SERIES_as_of), day) <= 0)
			at++;
		if (at == first)
			continue;
		l->reported[m]++;
		if (__builtin_add_overflow(l->done[m],
			rows_int(r, at - 1, COL_SERIES_n), &l->done[m]))
			return err_set(e, ERR_INVALID,
			    "数量合计超出可以计算的范围，请核对数字。");
	}
	return 0;
}

static bool
wanted(const struct line *l, const char *org_id)
{
	const char *org = l->f->q->org;

	return org == NULL || strcmp(org, org_id) == 0;
}

static int
add_figure(struct line *l, struct err *e)
{
	const struct stats_rows *r = &l->f->rows[PART_SERIES];
	const struct frame_run *run = &l->task->runs[PART_SERIES];
	size_t i = run->first, end = run->first + run->n;

	while (i < end) {
		const char *id = rows_text(r, i, COL_SERIES_indicator_id);
		const char *org = rows_text(r, i, COL_SERIES_org_id);
		size_t k = i;

		while (
		    k < end &&
		    strcmp(rows_text(r, k, COL_SERIES_indicator_id), id) == 0 &&
		    strcmp(rows_text(r, k, COL_SERIES_org_id), org) == 0)
			k++;
		if (strcmp(id, l->figure->id) == 0 && wanted(l, org) &&
		    add_unit(l, i, k, e) < 0)
			return -1;
		i = k;
	}
	return 0;
}

static json_t *
point_json(const struct line *l, size_t m, bool known, int64_t target)
{
	period_t p = l->first + (period_t)m;
	struct ratio pace =
	    judge_pace(l->f, l->task, l->figure->id, month_day(l->f, p));
	char month[PERIOD_LEN + 1], day[CIVIL_LEN + 1], text[PERCENT_TEXT];
	json_t *o = json_object();

	json_put_str(o, "month", period_format(p, month));
	json_put_str(o, "asOf", civil_format(month_day(l->f, p), day));
	json_put_int(o, "done", l->done[m]);
	json_put_str(o, "percent",
	    known ? percent_text(l->done[m], target, text) : NULL);
	json_put_str(o, "pace",
	    pace.den > 0 ? percent_tenths_text(pace.num * 10 / pace.den, text)
			 : NULL);
	json_put_int(o, "reported", l->reported[m]);
	return o;
}

/* What the line is measured by: the task's target, or the unit's quota. */
static bool
find_target(const struct line *l, int64_t *target)
{
	struct share s;

	if (l->f->q->org == NULL)
		return figure_target(l->figure, target);
	if (!figure_share(l->f, l->figure, l->f->q->org, &s) || !s.set)
		return false;
	*target = s.qty;
	return true;
}

static json_t *
line_json(struct line *l)
{
	json_t *row = task_row(l->task), *points = json_array();
	int64_t target = 0;
	bool known = find_target(l, &target);

	json_put_str(row, "indicatorId", l->figure->id);
	json_put_str(row, "indicator", l->figure->name);
	json_put_str(row, "unit", l->figure->unit);
	json_put(row, "target", known ? json_integer(target) : json_null());
	for (size_t m = 0; m < l->nmonths; m++)
		json_push(points, point_json(l, m, known, target));
	json_put(row, "points", points);
	drill_reports(row, l->f, l->task->id, l->f->q->org);
	return row;
}

/* With a unit asked for, only what it has a part in. */
static bool
has_line(const struct line *l)
{
	const char *org = l->f->q->org;
	struct share s;

	return org == NULL || figure_share(l->f, l->figure, org, &s);
}

static int
add_line(struct line *l, json_t *rows, struct err *e)
{
	size_t size = (l->nmonths + 1) * sizeof(*l->done);

	if (!has_line(l))
		return 0;
	l->done = arena_alloc(&l->f->arena, size);
	l->reported = arena_alloc(&l->f->arena, size);
	if (add_figure(l, e) < 0)
		return -1;
	json_push(rows, line_json(l));
	return 0;
}

int
finish_trend(struct frame *f, json_t *answer, struct err *e)
{
	json_t *rows = json_array();
	struct line l = {.f = f};
	period_t end;

	json_put(answer, "rows", rows);
	if (figures_fetch(f, e) < 0 || frame_fetch(f, PART_DUTY, e) < 0 ||
	    frame_fetch(f, PART_SERIES, e) < 0)
		return -1;
	frame_months(f, &l.first, &end);
	if (end < l.first)
		return 0;
	l.nmonths = (size_t)(end + 1 - l.first);
	for (size_t i = 0; i < f->ntasks; i++) {
		l.task = f->order[i];
		if (l.task->nfigures == 0)
			continue;
		l.figure = &l.task->figures[0];
		if (add_line(&l, rows, e) < 0)
			return -1;
	}
	return 0;
}
