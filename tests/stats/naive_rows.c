#include "naive.h"

#include <stdlib.h>

#include "plan/assess.h"
#include "plan/pace.h"
#include "plan/percent.h"

static json_t *
percent(int64_t done, bool known, int64_t whole)
{
	char text[PERCENT_TEXT];

	return known && whole > 0 ? json_string(percent_text(done, whole, text))
				  : json_null();
}

static json_t *
indicator(const struct view *v, const json_t *ind)
{
	int64_t goal, done = naive_total_done(v, STR(ind, "id")), quota = 0,
		      most = 0;
	int64_t over = 0, n[5] = {0}; /* units, set, reported, none, complete */
	bool known = naive_find_target(ind, &goal);
	const json_t *q, *last;
	size_t i_q;

	json_array_foreach (LIST(ind, "quotas"), i_q, q) {
		int64_t a = naive_number(v, STR(ind, "id"), STR(q, "orgId"));
		int64_t qty = INT(q, "qty");

		last = naive_newest(v, STR(ind, "id"), STR(q, "orgId"), true);
		n[0]++;
		n[2] += last != NULL;
		n[3] += last != NULL && naive_is_none(last);
		if (json_is_null(json_object_get(q, "qty")))
			continue;
		n[1]++;
		n[4] += a >= qty;
		quota += qty;
		most += a < qty ? a : qty;
		over += a > qty ? a - qty : 0;
	}
	return json_pack("{s:s, s:{s:o, s:s}, s:I, s:o, s:{s:o, s:o, s:o}, "
			 "s:I, s:{s:I, s:I, s:I, s:I, s:I, s:I}}",
	    "id", STR(ind, "id"), "target", "qty",
	    known ? json_integer(goal) : json_null(), "state",
	    STR(json_peek_object(ind, "target"), "state"), "done",
	    (json_int_t)done, "percent", percent(done, known, goal), "quota",
	    "qty", n[1] > 0 ? json_integer(quota) : json_null(), "done",
	    n[1] > 0 ? json_integer(most) : json_null(), "percent",
	    percent(most, n[1] > 0, quota), "over", (json_int_t)over, "units",
	    "obliged", n[0], "reported", n[2], "none", n[3], "missing",
	    n[0] - n[2], "complete", n[4], "unset", n[0] - n[1]);
}

/* Whole milestones: met when all obliged units met them. */
static json_t *
milestone(const struct view *v, const json_t *m, int64_t *met, int64_t *all)
{
	json_t *units = naive_obliged(v, m);
	civil_t due, end;
	const char *state = "undated";
	int64_t late = 0;
	const json_t *o;
	json_t *row;
	size_t i_o;

	*met = 0;
	*all = (int64_t)json_array_size(units);
	json_array_foreach (units, i_o, o) {
		const char *org = json_string_value(o);
		bool is_met = naive_has_met(v, m, org);

		*met += is_met;
		late += is_met && naive_is_late(v, m, org);
	}
	json_decref(units);
	if (STR(m, "to") != NULL && civil_parse(STR(m, "to"), &due)) {
		end = policy_evaluation_day(&v->policy, due, v->issued);
		state = v->today > end    ? "overdue"
			: due < v->issued ? "due_before_issue"
			: due - v->today <= v->policy.soon_days ? "due_soon"
			: *met > 0                              ? "partly_met"
								: "not_due";
	}
	row = json_pack("{s:s, s:I, s:I, s:s}", "id", STR(m, "id"), "obliged",
	    *all, "met", *met, "state", *met == *all ? "met" : state);
	if (SAME(json_peek_object(m, "rule"), "type", "event"))
		json_put_int(row, "late", late);
	return row;
}

static json_t *
milestones_row(const struct view *v)
{
	json_t *list = json_array(), *rate = json_null();
	__extension__ __int128 num = 0, den = 1;
	const json_t *m;
	char text[PERCENT_TEXT];
	size_t i_m;

	json_array_foreach (LIST(v->now, "milestones"), i_m, m) {
		int64_t met, all;

		json_push(list, milestone(v, m, &met, &all));
		num = num * all + met * den;
		den *= all;
	}
	if (json_array_size(list) > 0)
		rate = json_string(percent_tenths_text(
		    (int64_t)(num * 1000 /
			      (den * (int64_t)json_array_size(list))),
		    text));
	return json_pack("{s:s, s:o, s:o}", "taskId", STR(v->task, "_id"),
	    "nodeRate", rate, "milestones", list);
}

static json_t *
completion_row(const struct view *v)
{
	json_t *list = json_array(), *units;
	struct count all = {0};
	struct assess_result r;
	const json_t *ind, *m;
	size_t i_ind, i_m;

	naive_judge(v, NULL, &r);
	json_array_foreach (LIST(v->now, "indicators"), i_ind, ind)
		json_push(list, indicator(v, ind));
	json_array_foreach (LIST(v->now, "milestones"), i_m, m) {
		int64_t met, n;
		civil_t due;
		bool dated = STR(m, "to") != NULL &&
			     civil_parse(STR(m, "to"), &due) && due <= v->today;

		json_decref(milestone(v, m, &met, &n));
		all.total++;
		all.met += met == n;
		all.due += dated;
		all.due_met += dated && met == n;
	}
	units = json_pack("{s:I, s:I, s:I, s:I}", "due", all.due, "met",
	    all.due_met, "early", all.met - all.due_met, "total", all.total);
	return json_pack("{s:s, s:{s:s}, s:o, s:o, s:s, s:s}", "taskId",
	    STR(v->task, "_id"), "lead", "orgId",
	    STR(json_peek_object(v->now, "lead"), "orgId"), "indicators", list,
	    "milestones", units, "class", class_text(r.class), "light",
	    light_text(r.light));
}

/* The units that have obligations (as keys), or the leads. */
static json_t *
find_orgs(const struct view *views, size_t n, bool leads, bool quotas)
{
	json_t *found = json_object();
	const json_t *m, *ind, *q, *o;
	size_t i_m, i_ind, i_q, i_o;

	for (size_t i = 0; i < n; i++) {
		const json_t *now = views[i].now;

		if (leads) {
			json_put_int(found,
			    STR(json_peek_object(now, "lead"), "orgId"), 1);
			continue;
		}
		json_array_foreach (LIST(now, "milestones"), i_m, m) {
			json_t *units = naive_obliged(&views[i], m);

			json_array_foreach (units, i_o, o)
				json_put_int(found, json_string_value(o), 1);
			json_decref(units);
		}
		json_array_foreach (LIST(now, "indicators"), i_ind, ind) {
			json_array_foreach (LIST(ind, "quotas"), i_q, q) {
				if (quotas)
					json_put_int(found, STR(q, "orgId"), 1);
			}
		}
	}
	return found;
}

static json_t *
lead_row(const char *lead, const struct view *views, size_t n)
{
	struct count m = {0}, q = {0};
	int64_t classes[CLASS__MAX] = {0}, tasks = 0, reported = 0;
	json_t *counts = json_object();
	struct assess_result r;

	for (size_t i = 0; i < n; i++) {
		if (!SAME(
			json_peek_object(views[i].now, "lead"), "orgId", lead))
			continue;
		naive_judge(&views[i], NULL, &r);
		tasks++;
		classes[r.class]++;
		naive_count_unit(&views[i], NULL, &m, &q, &reported);
	}
	for (size_t c = 0; c < CLASS__MAX; c++)
		json_put_int(
		    counts, class_text((enum assess_class)c), classes[c]);
	return json_pack("{s:s, s:I, s:o, s:{s:I, s:I}}", "orgId", lead,
	    "tasks", tasks, "counts", counts, "obligations", "due",
	    m.due + q.due, "met", m.due_met + q.due_met);
}

static json_t *
unit_row(const char *org, const struct view *views, size_t n, bool completion)
{
	struct count m = {0}, q = {0};
	int64_t reported = 0;

	for (size_t i = 0; i < n; i++)
		naive_count_unit(&views[i], org, &m, &q, &reported);
	if (!completion)
		return json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I}", "orgId",
		    org, "due", m.due, "met", m.due_met, "early",
		    m.met - m.due_met, "overdue", m.overdue, "dueSoon", m.soon,
		    "total", m.total);
	return json_pack(
	    "{s:s, s:{s:I, s:I, s:I, s:I}, s:{s:I, s:I}, s:{s:I, s:I}}",
	    "orgId", org, "quotas", "total", q.total, "met", q.met, "reported",
	    reported, "missing", q.total - reported, "milestones", "due", m.due,
	    "met", m.due_met, "obligations", "due", m.due + q.due, "met",
	    m.due_met + q.due_met);
}

static json_t *
headline(const struct view *views, size_t n)
{
	json_t *tasks = json_array(), *counts = json_object();
	struct assess_result r;

	for (size_t c = 0; c < CLASS__MAX; c++)
		json_put_int(counts, class_text((enum assess_class)c), 0);
	for (size_t i = 0; i < n; i++) {
		json_t *judged;

		naive_judge(&views[i], NULL, &r);
		judged = assess_json(&r);
		json_put_int(counts, class_text(r.class),
		    INT(counts, class_text(r.class)) + 1);
		json_push(tasks,
		    json_pack("{s:s, s:s, s:s, s:O}", "taskId",
			STR(views[i].task, "_id"), "class", class_text(r.class),
			"light", light_text(r.light), "reasons",
			json_object_get(judged, "reasons")));
		json_decref(judged);
	}
	return json_pack("{s:o, s:I, s:o}", "counts", counts, "total",
	    (json_int_t)n, "tasks", tasks);
}

/* Rows of money under their keys, as the rows of the answer. */
static json_t *
money_rows(const struct view *views, size_t n, const char *by)
{
	json_t *found = json_object(), *rows = json_array(), *row;
	const char *name = "orgId", *key;

	if (strcmp(by, "level") == 0)
		name = "level";
	else if (strcmp(by, "task") == 0)
		name = "taskId";
	for (size_t i = 0; i < n; i++) {
		naive_funding(found, by, &views[i]);
		if (strcmp(by, "org") != 0)
			naive_flows(found, by, &views[i]);
	}
	json_object_foreach (found, key, row) {
		json_put_str(row, name, key[0] != '\0' ? key : NULL);
		if (strcmp(by, "org") != 0)
			naive_rates(row);
		if (strcmp(by, "level") != 0 || INT(row, "highFen") > 0 ||
		    json_object_get(row, "moved") != NULL ||
		    json_array_size(LIST(row, "unknown")) > 0)
			json_array_append(rows, row);
		json_object_del(row, "moved");
	}
	json_decref(found);
	return rows;
}

static json_t *
rows_of(const struct view *views, size_t n, const char *family, const char *by)
{
	bool completion = strcmp(family, "completion") == 0;
	bool leads = strcmp(by, "lead") == 0;
	json_t *rows = json_array(), *found, *ignored;
	const char *org;

	for (size_t i = 0; i < n && strcmp(by, "task") == 0; i++)
		json_push(rows, completion ? completion_row(&views[i])
					   : milestones_row(&views[i]));
	if (strcmp(by, "task") == 0)
		return rows;
	found = find_orgs(views, n, leads, completion);
	json_object_foreach (found, org, ignored)
		json_push(rows, leads ? lead_row(org, views, n)
				      : unit_row(org, views, n, completion));
	json_decref(found);
	return rows;
}

/* The documents that are about a task. */
static json_t *
about(const json_t *docs, const json_t *task)
{
	json_t *list = json_array(), *doc;
	size_t i;

	json_array_foreach (docs, i, doc) {
		if (SAME(doc, "taskId", STR(task, "_id")))
			json_array_append(list, doc);
	}
	return list;
}

static void
look(struct view *v, const struct world *w, const json_t *plan,
    const json_t *task, const char *as_of, const char *known_at)
{
	const json_t *amendment;
	struct err e;
	size_t i;

	err_init(&e);
	*v = (struct view){.as_of = as_of, .known_at = known_at};
	v->reports = about(w->reports, task);
	v->states = about(w->states, task);
	v->checks = about(w->checks, task);
	v->flows = about(w->flows, task);
	v->plan = plan;
	v->task = v->now = task;
	json_array_foreach (LIST(task, "amendments"), i, amendment) {
		if (v->now == task &&
		    strcmp(known_at, STR(amendment, "at")) < 0)
			v->now = json_object_get(amendment, "before");
	}
	v->issued = pace_start(plan);
	v->year_end = civil_make((int)INT(plan, "year"), 12, 31);
	if (policy_read(plan, &v->policy, &e) < 0 ||
	    !civil_parse(as_of, &v->today))
		abort();
}

/* new: the tasks as they were known on that day, *n of them. */
static struct view *
look_all(
    const struct world *w, const char *as_of, const char *known_at, size_t *n)
{
	struct view *views =
	    calloc(json_array_size(w->tasks) + 1, sizeof(*views));
	const json_t *plan, *task;
	size_t i, k;

	*n = 0;
	json_array_foreach (w->plans, i, plan) {
		for (int64_t no = 1; no < 20; no++) {
			json_array_foreach (w->tasks, k, task) {
				if (INT(task, "no") == no &&
				    SAME(task, "planId", STR(plan, "_id")))
					look(&views[(*n)++], w, plan, task,
					    as_of, known_at);
			}
		}
	}
	return views;
}

static void
forget(struct view *views, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		json_decref(views[i].reports);
		json_decref(views[i].states);
		json_decref(views[i].checks);
		json_decref(views[i].flows);
	}
	free(views);
}

/* Month by month: each is a question of its own. */
static json_t *
monthly(
    const struct world *w, bool trend, const char *as_of, const char *known_at)
{
	naive_day_t days[NAIVE_DAYS];
	size_t ndays = naive_ends(w, as_of, days);
	json_t *lines = json_object(), *rows = json_array(), *line;
	const char *key;

	for (size_t d = 0; d < ndays; d++) {
		size_t n;
		struct view *views = look_all(w, days[d], known_at, &n);

		if (trend)
			naive_trend(lines, views, n);
		else
			json_push(rows, naive_month(views, n, days[d]));
		forget(views, n);
	}
	json_object_foreach (lines, key, line)
		json_array_append(rows, line);
	json_decref(lines);
	return json_pack("{s:o}", "rows", rows);
}

/* Units with any obligation, and leads, who owe reports where nobody else. */
static json_t *
matrix(const struct view *views, size_t n)
{
	json_t *orgs = find_orgs(views, n, false, true);
	json_t *leads = find_orgs(views, n, true, false), *answer;

	json_object_update(orgs, leads);
	answer = naive_matrix(views, n, orgs);
	json_decref(leads);
	json_decref(orgs);
	return answer;
}

json_t *
naive_answer(const struct world *w, const char *family, const char *by,
    const char *as_of, const char *known_at)
{
	struct view *views;
	json_t *answer;
	size_t n;

	if (strcmp(family, "trend") == 0 ||
	    (strcmp(family, "completion") == 0 && strcmp(by, "month") == 0))
		return monthly(w, by[0] == '\0', as_of, known_at);
	views = look_all(w, as_of, known_at, &n);
	if (strcmp(family, "headline") == 0)
		answer = headline(views, n);
	else if (strcmp(family, "matrix") == 0)
		answer = matrix(views, n);
	else if (strcmp(family, "timeliness") == 0)
		answer = naive_timeliness(views, n, by);
	else
		answer = json_pack("{s:o}", "rows",
		    strcmp(family, "funding") == 0
			? money_rows(views, n, by)
			: rows_of(views, n, family, by));
	forget(views, n);
	return answer;
}
