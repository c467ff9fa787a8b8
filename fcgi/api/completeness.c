#include <string.h>

#include "api/access.h"
#include "api/app.h"
#include "api/handlers.h"
#include "api/report_run.h"
#include "api/report_table.h"
#include "base/json.h"
#include "store/store.h"

/*
 * The office's working list of one month: everything that is owed, with what
 * has become of it.  The denominator is what was promised, so a unit that
 * never wrote is a row like any other.
 */
struct listing {
	struct req *r;
	const char *period;
	civil_t due;
	json_t *rows;
	int64_t counts[WORKFLOW__MAX + 1]; /* the last: missing */
	int64_t obliged, none, late;
};

static void
put_entry(struct listing *l, json_t *row, const json_t *entry)
{
	enum workflow_state s = workflow_state(json_peek_str(entry, "state"));
	const char *first = json_peek_str(entry, "firstSubmittedAt");
	const char *kind = json_peek_str(entry, "kind");
	const json_t *n = json_object_get(entry, "n");
	instant_t t;
	int days;

	l->counts[s]++;
	json_put_str(
	    row, "state", s < WORKFLOW__MAX ? workflow_text(s) : "missing");
	if (entry == NULL)
		return;
	json_put_str(row, "reportId", json_peek_str(entry, "reportId"));
	json_put_int(row, "revision", json_peek_int(entry, "revision", 1));
	json_put_str(row, "kind", kind);
	if (n != NULL)
		json_put_int(row, "n", json_integer_value(n));
	l->none +=
	    s != WORKFLOW_DRAFT && kind != NULL && strcmp(kind, "none") == 0;
	if (first == NULL || !instant_parse(first, &t))
		return;
	days = reporting_days_late(l->due, t);
	json_put_str(row, "submittedAt", first);
	json_put_int(row, "daysLate", days);
	l->late += days > 0;
}

static int
add_row(void *arg, const struct report_row *from, struct err *e)
{
	struct listing *l = arg;
	json_t *row;

	(void)e;
	if (!api_may(
		l->r, l->r->route->permission, from->org_id, from->lead_id))
		return 0;
	l->obliged++;
	row = json_object();
	report_row_name(row, from);
	put_entry(l, row, series_entry(from->series, l->period));
	json_put(row, "previous", report_previous(from->series, l->period));
	json_push(l->rows, row);
	return 0;
}

static void
put_counts(json_t *answer, const struct listing *l)
{
	json_t *counts = json_object();

	json_put_int(counts, "obliged", l->obliged);
	for (enum workflow_state s = 0; s < WORKFLOW__MAX; s++) {
		if (s != WORKFLOW_SUPERSEDED)
			json_put_int(counts, workflow_text(s), l->counts[s]);
	}
	json_put_int(counts, "missing", l->counts[WORKFLOW__MAX]);
	json_put_int(counts, "none", l->none);
	json_put_int(counts, "late", l->late);
	json_put(answer, "counts", counts);
}

/* The month asked for, else the newest that can be reported. */
static int
choose_period(
    struct req *r, const struct reporting *x, period_t *p, struct err *e)
{
	const char *text = req_param(r, "period");
	char first[PERIOD_LEN + 1], last[PERIOD_LEN + 1];

	*p = reporting_newest(x, r->today);
	if (*p < x->first)
		*p = x->first;
	if (text == NULL)
		return 0;
	if (!period_parse(text, p))
		return err_add(e, ERR_BADQUERY, "/period", "format",
		    "月份写成“年-月”，例如2019-05");
	if (*p < x->first || *p > x->last)
		return err_add(e, ERR_BADQUERY, "/period", "range",
		    "这个计划填报%s到%s各月", period_format(x->first, first),
		    period_format(x->last, last));
	return 0;
}

int
completeness_get(struct req *r, struct err *e)
{
	json_t *plan = api_get(r, COLL_PLANS, r->segments[0], "计划", e);
	json_t *answer = req_own_json(r, json_object());
	char period[PERIOD_LEN + 1], due[CIVIL_LEN + 1];
	struct listing l = {.r = r, .period = period};
	struct report_table t;
	period_t p;

	req_slow(r);
	if (plan == NULL || report_table_load(r, &t, plan, e) < 0 ||
	    choose_period(r, &t.reporting, &p, e) < 0)
		return -1;
	period_format(p, period);
	l.due = reporting_due(&t.reporting, p);
	l.rows = json_array();
	json_put_str(answer, "plan", r->segments[0]);
	json_put_str(answer, "period", period);
	json_put_str(answer, "dueOn", civil_format(l.due, due));
	json_put(answer, "overdue", json_boolean(r->today > l.due));
	json_put(answer, "rows", l.rows);
	if (report_table_walk(&t, add_row, &l, e) < 0)
		return -1;
	put_counts(answer, &l);
	res_json(r, 200, answer);
	return 0;
}
