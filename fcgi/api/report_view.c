#include <string.h>

#include "api/access.h"
#include "api/app.h"
#include "api/report_run.h"
#include "base/json.h"
#include "store/store.h"

/* May this person take this step?  Nobody reviews what they wrote. */
static bool
may_do(struct req *r, const struct report_run *run, enum workflow_action a)
{
	const struct workflow_rule *rule = workflow_rule(a);
	const json_t *report = run->report;

	if (workflow_next(a, report_state(report),
		report_skips(&run->frame, report)) == WORKFLOW__MAX)
		return false;
	if (!api_may(r, rule->permission, json_peek_str(report, "orgId"),
		run->lead_id))
		return false;
	return !rule->differ || !report_wrote(report, api_who(r)->id);
}

static json_t *
list_may(struct req *r, const struct report_run *run)
{
	const char *period = json_peek_str(run->report, "period");
	const json_t *entry =
	    period != NULL ? series_entry(run->series, period) : NULL;
	const char *live = json_peek_str(entry, "reportId");
	json_t *may = json_array();

	/* What a newer revision speaks for is at rest. */
	if (live == NULL ||
	    strcmp(live, json_peek_str(run->report, "_id")) != 0)
		return may;
	for (enum workflow_action a = 0; a < WORKFLOW_DO__MAX; a++) {
		if (may_do(r, run, a))
			json_push(may, json_string(workflow_rule(a)->verb));
	}
	return may;
}

json_t *
report_previous(const json_t *series, const char *period)
{
	struct series_value v;
	json_t *o;

	if (period == NULL || !series_before(series, period, &v))
		return json_null();
	o = json_object();
	json_put_str(o, "period", v.period);
	json_put_str(o, "reportId", v.report_id);
	json_put_int(o, "n", v.n);
	json_put(o, "accepted", json_boolean(v.accepted));
	return o;
}

/* Numbers only: nothing to report is no increment of zero. */
static void
put_increment(json_t *view, const struct report_run *run)
{
	const char *period = json_peek_str(run->report, "period");
	const json_t *value = json_peek_object(run->report, "value");
	const json_t *n = json_object_get(value, "n");
	struct series_value v;

	json_put(view, "previous", report_previous(run->series, period));
	if (n == NULL || period == NULL)
		json_put(view, "increment", json_null());
	else if (series_before(run->series, period, &v))
		json_put_int(view, "increment", json_integer_value(n) - v.n);
	else
		json_put_int(view, "increment", json_integer_value(n));
}

/* On time or late: by the month's first submission, whoever corrected it. */
static void
put_due(json_t *view, const struct report_run *run)
{
	const char *period = json_peek_str(run->report, "period");
	const json_t *entry;
	const char *at;
	char text[CIVIL_LEN + 1];
	instant_t t;
	civil_t due;
	period_t p;

	if (period == NULL || !period_parse(period, &p))
		return;
	due = reporting_due(&run->frame.reporting, p);
	json_put_str(view, "dueOn", civil_format(due, text));
	entry = series_entry(run->series, period);
	at = json_peek_str(entry, "firstSubmittedAt");
	if (at != NULL && instant_parse(at, &t))
		json_put_int(view, "daysLate", reporting_days_late(due, t));
}

json_t *
report_view(struct req *r, const struct report_run *run, struct err *e)
{
	json_t *missing =
	    report_missing(r, json_peek_array(run->report, "attachments"), e);
	json_t *view;

	if (missing == NULL)
		return NULL;
	view = json_copy((json_t *)json_iterable(run->report));
	json_put(view, "receipt", report_receipt(run->report));
	json_put(view, "may", list_may(r, run));
	put_due(view, run);
	put_increment(view, run);
	json_put(view, "missing", json_incref(missing));
	return view;
}

int
report_answer(
    struct req *r, const struct report_run *run, int status, struct err *e)
{
	json_t *view = report_view(r, run, e);

	if (view == NULL)
		return -1;
	req_own_json(r, view);
	/* Not for 304: what may be done depends on who asks. */
	res_header(r, "ETag",
	    arena_printf(&r->arena, "\"%lld\"",
		(long long)json_peek_int(run->report, "rev", 1)));
	res_json(r, status, view);
	return 0;
}
