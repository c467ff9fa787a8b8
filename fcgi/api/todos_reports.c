#include <string.h>

#include "api/access.h"
#include "api/app.h"
#include "api/report_run.h"
#include "api/report_table.h"
#include "api/todos.h"
#include "base/json.h"
#include "store/store.h"

/* What the states of a report ask of somebody, and of whom. */
struct asking {
	enum workflow_action action;
	const char *kind;
	const char *what;
};

static const struct asking reviews[] = {
    {WORKFLOW_DO_CONFIRM, "report_confirm", "待单位确认"},
    {WORKFLOW_DO_LEAD_CONFIRM, "report_lead_confirm", "待牵头审核"},
    {WORKFLOW_DO_ACCEPT, "report_accept", "待认定"},
};

struct scan {
	struct todos *t;
	const struct report_table *table;
};

static json_t *
make_item(const struct scan *s, const struct report_row *row,
    const char *period, const char *kind, const char *what)
{
	struct arena *a = &s->t->r->arena;
	const char *title = arena_printf(a, "%s：%s %s（%s）", what, period,
	    json_peek_str(row->indicator, "name"), row->org_name);
	json_t *item = todo_new(kind, title);

	json_put_str(item, "planId", json_peek_str(s->table->plan, "_id"));
	report_row_name(item, row);
	json_put_str(item, "period", period);
	return item;
}

static void
put_link(const struct scan *s, json_t *item, const char *report_id)
{
	json_put_str(item, "reportId", report_id);
	json_put_str(item, "link",
	    report_id != NULL
		? arena_printf(&s->t->r->arena, "/api/v1/reports/%s", report_id)
		: NULL);
}

/* Nothing has been submitted for the month yet, or it came back. */
static int
ask_author(const struct scan *s, const struct report_row *row, period_t p,
    const json_t *entry, struct err *e)
{
	enum workflow_state state =
	    workflow_state(json_peek_str(entry, "state"));
	civil_t due = reporting_due(&s->table->reporting, p);
	const char *id = json_peek_str(entry, "reportId");
	char period[PERIOD_LEN + 1];
	bool late = s->t->r->today > due;
	json_t *item, *report;

	if (!api_may(s->t->r, "report.write", row->org_id, row->lead_id))
		return 0;
	period_format(p, period);
	if (state == WORKFLOW_RETURNED) {
		report = api_get(s->t->r, COLL_REPORTS, id, "填报", e);
		if (report == NULL)
			return -1;
		item =
		    make_item(s, row, period, "report_returned", "填报被退回");
		json_put_str(
		    item, "reason", json_peek_str(report, "returnReason"));
	} else {
		item = make_item(s, row, period,
		    late ? "report_overdue" : "report_due",
		    late ? "填报逾期" : "待填报");
	}
	json_put(item, "previous", report_previous(row->series, period));
	put_link(s, item, id);
	todo_add(s->t, item, &due);
	return 0;
}

/* May this person take the next step with it? */
static int
ask_reviewer(const struct scan *s, const struct report_row *row, period_t p,
    const json_t *entry, struct err *e)
{
	const char *id = json_peek_str(entry, "reportId");
	enum workflow_state state =
	    workflow_state(json_peek_str(entry, "state"));
	struct req *r = s->t->r;
	char period[PERIOD_LEN + 1];
	unsigned skips = s->table->reporting.skip_lead ? WORKFLOW_SKIP_LEAD : 0;
	json_t *item, *report;

	if (reporting_skips_unit(s->table->plan, row->org_id))
		skips |= WORKFLOW_SKIP_UNIT;
	for (size_t i = 0; i < sizeof(reviews) / sizeof(reviews[0]); i++) {
		enum workflow_action a = reviews[i].action;

		if (workflow_next(a, state, skips) == WORKFLOW__MAX ||
		    !api_may(r, workflow_rule(a)->permission, row->org_id,
			row->lead_id))
			continue;
		report = api_get(r, COLL_REPORTS, id, "填报", e);
		if (report == NULL)
			return -1;
		if (report_wrote(report, api_who(r)->id))
			continue;
		item = make_item(s, row, period_format(p, period),
		    reviews[i].kind, reviews[i].what);
		put_link(s, item, id);
		todo_add(s->t, item, NULL);
		return 0;
	}
	return 0;
}

static int
scan_row(void *arg, const struct report_row *row, struct err *e)
{
	const struct scan *s = arg;
	const struct reporting *x = &s->table->reporting;
	period_t newest = reporting_newest(x, s->t->r->today);
	char period[PERIOD_LEN + 1];

	for (period_t p = x->first; p <= newest; p++) {
		const json_t *entry =
		    series_entry(row->series, period_format(p, period));
		enum workflow_state state =
		    workflow_state(json_peek_str(entry, "state"));
		int rc = 0;

		if (workflow_under_review(state))
			rc = ask_reviewer(s, row, p, entry, e);
		else if (state != WORKFLOW_ACCEPTED)
			rc = ask_author(s, row, p, entry, e);
		if (rc < 0)
			return -1;
	}
	return 0;
}

int
todo_reports(struct todos *t, struct err *e)
{
	const json_t *plan;
	size_t i;

	json_array_foreach (t->plans, i, plan) {
		struct report_table *table =
		    arena_alloc(&t->r->arena, sizeof(*table));
		struct scan s = {t, table};

		if (report_table_load(t->r, table, plan, e) < 0 ||
		    report_table_walk(table, scan_row, &s, e) < 0)
			return -1;
	}
	return 0;
}
