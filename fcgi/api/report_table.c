#include "api/report_table.h"

#include <stdio.h>
#include <string.h>

#include "api/app.h"
#include "api/org_cache.h"
#include "base/json.h"
#include "plan/series.h"
#include "store/store.h"

#define SERIES_MAX 20000

static int
load_series(struct req *r, struct report_table *t, struct err *e)
{
	struct store_query q = {
	    .coll = COLL_SERIES,
	    .filters = {{.field = FIELD_SERIES_PLAN,
		.op = OP_EQ,
		.text = json_peek_str(t->plan, "_id")}},
	    .nfilters = 1,
	    .sort = FIELD_ID,
	    .limit = STORE_LIMIT_MAX,
	};
	json_t *all = store_find_json(api_store(r), &q, SERIES_MAX, e);
	json_t *doc;
	size_t i;

	if (all == NULL)
		return -1;
	req_own_json(r, all);
	t->series = req_own_json(r, json_object());
	json_array_foreach (all, i, doc)
		json_put(
		    t->series, json_peek_str(doc, "_id"), json_incref(doc));
	return 0;
}

static int
load_names(struct req *r, struct report_table *t, struct err *e)
{
	struct app *app = r->app;
	json_t *all = org_cache_get(
	    app->orgs, api_store(r), json_peek_str(t->plan, "division"), e);
	json_t *doc;
	size_t i;

	if (all == NULL)
		return -1;
	req_own_json(r, all);
	t->orgs = req_own_json(r, json_object());
	json_array_foreach (all, i, doc)
		json_put_str(t->orgs, json_peek_str(doc, "_id"),
		    json_peek_str(doc, "name"));
	return 0;
}

int
report_table_load(
    struct req *r, struct report_table *t, const json_t *plan, struct err *e)
{
	t->plan = plan;
	if (reporting_read(plan, &t->reporting, e) < 0)
		return -1;
	t->tasks = api_plan_tasks(r, json_peek_str(plan, "_id"), e);
	if (t->tasks == NULL || load_series(r, t, e) < 0)
		return -1;
	return load_names(r, t, e);
}

struct walk {
	const struct report_table *table;
	const json_t *task;
	report_row_fn fn;
	void *arg;
};

static int
walk_one(void *arg, const struct obligation *o, struct err *e)
{
	const struct walk *w = arg;
	struct report_row row = {
	    .task = w->task,
	    .indicator = o->indicator,
	    .lead_id =
		json_peek_str(json_peek_object(w->task, "lead"), "orgId"),
	    .org_id = o->org_id,
	    .org_name = json_peek_str(w->table->orgs, o->org_id),
	};
	char id[SERIES_ID_MAX + 1];

	if (row.org_name == NULL)
		row.org_name = o->org_id;
	if (snprintf(id, sizeof(id), "%s.%s.%s", json_peek_str(w->task, "_id"),
		o->indicator_id, o->org_id) < (int)sizeof(id))
		row.series = json_object_get(w->table->series, id);
	return w->fn(w->arg, &row, e);
}

int
report_table_walk(
    const struct report_table *t, report_row_fn fn, void *arg, struct err *e)
{
	struct walk w = {.table = t, .fn = fn, .arg = arg};
	const json_t *task;
	size_t i;

	json_array_foreach (t->tasks, i, task) {
		w.task = task;
		if (obligation_walk(task, walk_one, &w, e) < 0)
			return -1;
	}
	return 0;
}

void
report_row_name(json_t *o, const struct report_row *row)
{
	json_put_str(o, "taskId", json_peek_str(row->task, "_id"));
	json_put_int(o, "no", json_peek_int(row->task, "no", 0));
	json_put_str(o, "taskTitle", json_peek_str(row->task, "title"));
	json_put_str(o, "indicatorId", json_peek_str(row->indicator, "id"));
	json_put_str(o, "indicator", json_peek_str(row->indicator, "name"));
	json_put_str(o, "unit", json_peek_str(row->indicator, "unit"));
	json_put_str(o, "orgId", row->org_id);
	json_put_str(o, "orgName", row->org_name);
}
