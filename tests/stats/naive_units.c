#include "naive.h"

#include "plan/assess.h"
#include "plan/percent.h"

/* ---- matrix ---- */

static int
rank(const char *word, const char *const *order)
{
	int n = 0;

	while (order[n] != NULL && strcmp(order[n], word) != 0)
		n++;
	return n;
}

/* The worst of the unit's series; how: NULL when it owes nothing. */
static void
worst(const struct view *v, const char *org, struct naive_series *w)
{
	static const char *const bad[] = {
	    "on_time", "late", "open", "missing", NULL};
	static const char *const proof[] = {
	    "none", "self", "unit", "lead", "office", NULL};
	const json_t *ind, *o;
	size_t i, k;

	*w = (struct naive_series){.evidence = NULL};
	json_array_foreach (LIST(v->now, "indicators"), i, ind) {
		json_t *owing = naive_reporters(v, ind);

		json_array_foreach (owing, k, o) {
			const char *least = w->evidence;
			struct naive_series s;

			if (strcmp(json_string_value(o), org) != 0)
				continue;
			naive_series(v, STR(ind, "id"), org, &s);
			if (least == NULL ||
			    rank(s.evidence, proof) < rank(least, proof))
				least = s.evidence;
			if (w->how == NULL ||
			    (s.how != NULL &&
				rank(s.how, bad) > rank(w->how, bad)))
				*w = s;
			w->evidence = least;
		}
		json_decref(owing);
	}
}

static json_t *
figure(const struct view *v, const char *org)
{
	const json_t *q = NULL, *ind = naive_share(v, org, &q), *last;
	char text[PERCENT_TEXT];
	int64_t n;

	if (ind == NULL)
		return json_null();
	n = naive_number(v, STR(ind, "id"), org);
	last = naive_newest(v, STR(ind, "id"), org, true);
	return json_pack("{s:s, s:O, s:I, s:o, s:s}", "indicatorId",
	    STR(ind, "id"), "qty", json_object_get(q, "qty"), "done",
	    (json_int_t)n, "percent",
	    INT(q, "qty") > 0
		? json_string(percent_text(n, INT(q, "qty"), text))
		: json_null(),
	    "reported",
	    last == NULL          ? "missing"
	    : naive_is_none(last) ? "none"
				  : "number");
}

static json_t *
evidence(const struct view *v, const char *org, const char *reports,
    const struct count *m)
{
	const json_t *check = naive_check(v, org);
	const char *lamp = reports != NULL ? reports
			   : m->met > 0    ? "office"
					   : "none";

	if (check != NULL && SAME(check, "verdict", "true"))
		lamp = "checked";
	return json_pack("{s:s, s:s?, s:s?}", "lamp", lamp, "verdict",
	    STR(check, "verdict"), "checkedOn", STR(check, "checkedOn"));
}

static json_t *
cell(const struct view *v, const char *org)
{
	struct count m = {0}, q = {0};
	struct assess_result r;
	struct naive_series s;
	int64_t reported = 0;
	json_t *o;

	naive_judge(v, org, &r);
	naive_count_unit(v, org, &m, &q, &reported);
	worst(v, org, &s);
	o = assess_json(&r);
	json_object_del(o, "policyVersion");
	json_put_str(o, "taskId", STR(v->task, "_id"));
	json_put(o, "evidence", evidence(v, org, s.evidence, &m));
	json_put(o, "timeliness",
	    s.how == NULL ? json_null()
			  : json_pack("{s:s, s:s, s:i}", "lamp", s.how,
				"period", s.month, "daysLate", s.late));
	json_put(o, "figure", figure(v, org));
	json_put(o, "milestones",
	    m.total == 0
		? json_null()
		: json_pack("{s:I, s:I, s:I, s:I}", "due", m.due, "met",
		      m.due_met, "overdue", m.overdue, "total", m.total));
	return o;
}

/* Has the unit any part in the task? */
static bool
has_part(const struct view *v, const char *org)
{
	struct count m = {0}, q = {0};
	struct naive_series s;
	int64_t reported = 0;

	naive_count_unit(v, org, &m, &q, &reported);
	worst(v, org, &s);
	return m.total > 0 || q.total > 0 || s.evidence != NULL;
}

json_t *
naive_matrix(const struct view *views, size_t n, const json_t *orgs)
{
	json_t *rows = json_array(), *tasks = json_array(), *ignored;
	const char *org;

	for (size_t i = 0; i < n; i++) {
		struct assess_result r;
		json_t *row;

		naive_judge(&views[i], NULL, &r);
		row = assess_json(&r);
		json_object_del(row, "policyVersion");
		json_put_str(row, "taskId", STR(views[i].task, "_id"));
		json_push(tasks, row);
	}
	json_object_foreach (json_iterable(orgs), org, ignored) {
		json_t *cells = json_array();

		for (size_t i = 0; i < n; i++)
			if (has_part(&views[i], org))
				json_push(cells, cell(&views[i], org));
		if (json_array_size(cells) > 0)
			json_push(rows, json_pack("{s:s, s:O}", "orgId", org,
					    "cells", cells));
		json_decref(cells);
	}
	return json_pack("{s:o, s:o}", "tasks", tasks, "rows", rows);
}

/* ---- timeliness ---- */

struct tallying {
	json_t *rows; /* by org, task or month */
	const char *by;
	const struct view *v;
	const char *ind;
	const char *org;
};

static void
add(json_t *row, const char *key, int64_t n)
{
	json_put_int(row, key, INT(row, key) + n);
}

static void
add_month(void *arg, const char *month, civil_t due)
{
	struct tallying *t = arg;
	bool none;
	int late;
	const char *how =
	    naive_filing(t->v, t->ind, t->org, month, due, &late, &none);
	const char *key = strcmp(t->by, "org") == 0    ? t->org
			  : strcmp(t->by, "task") == 0 ? STR(t->v->task, "_id")
						       : month;
	json_t *row = json_object_get(t->rows, key);

	if (row == NULL) {
		row = json_pack("{s:i, s:i, s:i, s:i, s:i, s:i}", "obliged", 0,
		    "onTime", 0, "late", 0, "missing", 0, "open", 0, "none", 0);
		json_put(t->rows, key, row);
	}
	add(row, "obliged", 1);
	add(row, strcmp(how, "on_time") == 0 ? "onTime" : how, 1);
	add(row, "none", none);
}

static void
add_task(struct tallying *t)
{
	const json_t *ind, *o;
	size_t i, k;

	json_array_foreach (LIST(t->v->now, "indicators"), i, ind) {
		json_t *owing = naive_reporters(t->v, ind);

		json_array_foreach (owing, k, o) {
			t->ind = STR(ind, "id");
			t->org = json_string_value(o);
			naive_months(t->v, add_month, t);
		}
		json_decref(owing);
	}
}

/* Units that owe nothing yet have a row of zeros, if any at all. */
json_t *
naive_timeliness(const struct view *views, size_t n, const char *by)
{
	struct tallying t = {.rows = json_object(), .by = by};
	const char *names[] = {"org", "orgId", "task", "taskId", "month"};
	const char *name = "month", *key;
	json_t *list = json_array(), *row;

	for (size_t i = 0; i < 4; i += 2)
		if (strcmp(names[i], by) == 0)
			name = names[i + 1];
	for (size_t i = 0; i < n; i++) {
		t.v = &views[i];
		add_task(&t);
	}
	json_object_foreach (t.rows, key, row) {
		json_put_str(row, name, key);
		json_array_append(list, row);
	}
	json_decref(t.rows);
	return json_pack("{s:o}", "rows", list);
}
