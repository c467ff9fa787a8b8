#include "naive.h"

#include "plan/assess.h"
#include "plan/pace.h"
#include "plan/percent.h"

/* The days to which months are told: their ends, and asOf itself. */
size_t
naive_ends(const struct world *w, const char *as_of, naive_day_t *days)
{
	const json_t *plan;
	civil_t first = 0, day, today, last = 0;
	size_t i, n = 0;
	int y, m, d;

	json_array_foreach (w->plans, i, plan) {
		civil_t end = civil_make((int)INT(plan, "year"), 12, 31);

		day = pace_start(plan);
		first = i == 0 || day < first ? day : first;
		last = i == 0 || end > last ? end : last;
	}
	(void)civil_parse(as_of, &today);
	civil_split(first, &y, &m, &d);
	for (day = civil_make(y, m, 1); day <= today && day <= last;) {
		civil_t end = day + civil_month_days(y, m) - 1;

		(void)civil_format(end < today ? end : today, days[n++]);
		day = end + 1;
		civil_split(day, &y, &m, &d);
	}
	return n;
}

static json_t *
point(const struct view *v, const json_t *ind)
{
	int64_t goal, done = naive_total_done(v, STR(ind, "id"));
	bool known = naive_find_target(ind, &goal) && goal > 0;
	char text[PERCENT_TEXT], month[8];
	struct ratio r = {0, 0};
	json_t *seen = json_object(), *o;
	const json_t *report;
	struct pace pace;
	struct err e;
	size_t i;

	err_init(&e);
	if (pace_read(v->now, STR(ind, "id"), v->issued, &pace, &e) == 0)
		r = pace_at(&pace, v->today);
	json_array_foreach (v->reports, i, report)
		if (SAME(report, "indicatorId", STR(ind, "id")) &&
		    naive_newest(
			v, STR(ind, "id"), STR(report, "orgId"), false) != NULL)
			json_put_int(seen, STR(report, "orgId"), 1);
	(void)snprintf(month, sizeof(month), "%s", v->as_of);
	o = json_pack("{s:s, s:s, s:I, s:I}", "month", month, "asOf", v->as_of,
	    "done", (json_int_t)done, "reported",
	    (json_int_t)json_object_size(seen));
	json_put_str(
	    o, "percent", known ? percent_text(done, goal, text) : NULL);
	json_put_str(o, "pace",
	    r.den > 0 ? percent_tenths_text(r.num * 10 / r.den, text) : NULL);
	json_decref(seen);
	return o;
}

/* Add the points of one day to the rows of the tasks. */
void
naive_trend(json_t *rows, const struct view *views, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *id = STR(views[i].task, "_id");
		const json_t *ind =
		    json_array_get(LIST(views[i].now, "indicators"), 0);
		json_t *row = json_object_get(rows, id);

		if (ind == NULL)
			continue;
		if (row == NULL) {
			row = json_pack("{s:s, s:[]}", "taskId", id, "points");
			json_put(rows, id, row);
		}
		json_push(
		    json_object_get(row, "points"), point(&views[i], ind));
	}
}

json_t *
naive_month(const struct view *views, size_t n, const char *day)
{
	json_t *counts = json_object();
	struct count m = {0}, q = {0};
	struct assess_result r;
	int64_t reported = 0;
	char month[8];

	for (size_t c = 0; c < CLASS__MAX; c++)
		json_put_int(counts, class_text((enum assess_class)c), 0);
	for (size_t i = 0; i < n; i++) {
		naive_judge(&views[i], NULL, &r);
		json_put_int(counts, class_text(r.class),
		    INT(counts, class_text(r.class)) + 1);
		naive_count_unit(&views[i], NULL, &m, &q, &reported);
	}
	(void)snprintf(month, sizeof(month), "%s", day);
	return json_pack("{s:s, s:s, s:I, s:o, s:{s:I, s:I}}", "month", month,
	    "asOf", day, "tasks", (json_int_t)n, "counts", counts,
	    "obligations", "due", m.due + q.due, "met", m.due_met + q.due_met);
}
