#include "plan/series.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "plan/workflow.h"

int
series_id(const json_t *report, char out[SERIES_ID_MAX + 1], struct err *e)
{
	int n = snprintf(out, SERIES_ID_MAX + 1, "%s.%s.%s",
	    json_peek_str(report, "taskId"),
	    json_peek_str(report, "indicatorId"),
	    json_peek_str(report, "orgId"));

	if (n > SERIES_ID_MAX)
		return err_set(
		    e, ERR_INVALID, "事项、指标和单位的编号合起来太长");
	return 0;
}

json_t *
series_new(const json_t *report, const char *id)
{
	static const char *const keys[] = {
	    "planId", "taskId", "indicatorId", "orgId"};
	json_t *series = json_object();

	json_put_str(series, "_id", id);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		json_put_str(series, keys[i], json_peek_str(report, keys[i]));
	json_put(series, "periods", json_object());
	return series;
}

const json_t *
series_entry(const json_t *series, const char *period)
{
	const json_t *periods = json_peek_object(series, "periods");

	return json_object_get(periods, period);
}

int
series_claim(const json_t *series, const json_t *report, struct err *e)
{
	const char *period = json_peek_str(report, "period");
	const json_t *entry = series_entry(series, period);
	const char *holder = json_peek_str(entry, "reportId");
	enum workflow_state s;

	if (holder == NULL || strcmp(holder, json_peek_str(report, "_id")) == 0)
		return 0;
	s = workflow_state(json_peek_str(entry, "state"));
	if (s == WORKFLOW_ACCEPTED)
		return err_set(e, ERR_CONFLICT,
		    "%s的数已经认定（填报%s），要改请对它做更正", period,
		    holder);
	return err_set(e, ERR_CONFLICT,
	    "%s已经有一份填报，状态是“%s”，请在那一份上改：%s", period,
	    s < WORKFLOW__MAX ? workflow_title(s) : "?", holder);
}

/* The number that an entry stands for: accepted, or under review. */
static bool
entry_value(const char *period, const json_t *entry, struct series_value *out)
{
	const json_t *from = entry;
	const char *kind;

	out->accepted = false;
	if (!workflow_under_review(
		workflow_state(json_peek_str(entry, "state")))) {
		from = json_object_get(entry, "accepted");
		out->accepted = true;
	}
	kind = json_peek_str(from, "kind");
	if (kind == NULL || strcmp(kind, "number") != 0)
		return false;
	out->period = period;
	out->report_id = json_peek_str(from, "reportId");
	out->n = json_peek_int(from, "n", 0);
	return true;
}

/* The nearest number before (sign -1) or after (1) a month. */
static bool
nearest(const json_t *series, const char *period, int sign,
    struct series_value *out)
{
	const json_t *periods = json_peek_object(series, "periods");
	struct series_value v;
	bool found = false;
	const char *key;
	json_t *entry;

	json_object_foreach (json_iterable(periods), key, entry) {
		if (strcmp(key, period) * sign <= 0)
			continue;
		if (found && strcmp(key, out->period) * sign >= 0)
			continue;
		if (!entry_value(key, entry, &v))
			continue;
		*out = v;
		found = true;
	}
	return found;
}

bool
series_before(
    const json_t *series, const char *period, struct series_value *out)
{
	return nearest(series, period, -1, out);
}

int
series_check(const json_t *series, const json_t *report, struct err *e)
{
	const json_t *value = json_peek_object(report, "value");
	const char *period = json_peek_str(report, "period");
	const char *kind = json_peek_str(value, "kind");
	int64_t n = json_peek_int(value, "n", 0);
	struct series_value near;

	if (kind == NULL || strcmp(kind, "number") != 0 ||
	    json_peek_int(report, "revision", 1) > 1)
		return 0;
	if (nearest(series, period, -1, &near) && n < near.n)
		return err_add(e, ERR_INVALID, "/value/n", "cumulative",
		    "累计数不能比%s的%" PRId64 "小（%s）；如果那个数错了，"
		    "请先更正它",
		    near.period, near.n, near.accepted ? "已认定" : "审核中");
	if (nearest(series, period, 1, &near) && n > near.n)
		return err_add(e, ERR_INVALID, "/value/n", "cumulative",
		    "累计数不能比后面%s的%" PRId64 "大（%s）；如果那个数错了，"
		    "请先更正它",
		    near.period, near.n, near.accepted ? "已认定" : "审核中");
	return 0;
}

static void
put_value(json_t *o, const json_t *report)
{
	const json_t *value = json_object_get(report, "value");
	const json_t *n = json_object_get(value, "n");

	json_put_str(o, "reportId", json_peek_str(report, "_id"));
	if (value != NULL)
		json_put_str(o, "kind", json_peek_str(value, "kind"));
	if (n != NULL)
		json_put_int(o, "n", json_integer_value(n));
	json_put_int(o, "revision", json_peek_int(report, "revision", 1));
}

static json_t *
accepted_entry(const json_t *report)
{
	json_t *o = json_object();

	put_value(o, report);
	json_put_str(o, "acceptedAt", json_peek_str(report, "acceptedAt"));
	return o;
}

void
series_put(json_t *series, const json_t *report)
{
	json_t *periods = json_object_get(series, "periods");
	const char *period = json_peek_str(report, "period");
	const json_t *old = json_object_get(periods, period);
	const char *first = json_peek_str(old, "firstSubmittedAt");
	const char *state = json_peek_str(report, "state");
	json_t *entry = json_object();

	if (first == NULL)
		first = json_peek_str(report, "submittedAt");
	put_value(entry, report);
	json_put_str(entry, "state", state);
	if (first != NULL)
		json_put_str(entry, "firstSubmittedAt", first);
	if (workflow_state(state) == WORKFLOW_ACCEPTED)
		json_put(entry, "accepted", accepted_entry(report));
	else if (json_object_get(old, "accepted") != NULL)
		json_put(entry, "accepted",
		    json_deep_copy(json_object_get(old, "accepted")));
	json_put(periods, period, entry);
}
