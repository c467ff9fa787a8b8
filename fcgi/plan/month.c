#include "plan/month.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"

int
month_check_freeze(
    const json_t *plan, period_t month, civil_t today, struct err *e)
{
	struct reporting reporting;
	char first[PERIOD_LEN + 1], last[PERIOD_LEN + 1];

	if (strcmp(json_peek_str(plan, "status"), "draft") == 0)
		return err_set(
		    e, ERR_STATE, "计划还没有印发，没有可以封存的月份");
	if (reporting_read(plan, &reporting, e) < 0)
		return -1;
	if (month < reporting.first || month > reporting.last)
		return err_add(e, ERR_INVALID, "/month", "range",
		    "这个计划的报送月份从%s到%s",
		    period_format(reporting.first, first),
		    period_format(reporting.last, last));
	if (period_end(month) >= today)
		return err_set(e, ERR_STATE, "%s还没有过完，月底之后才能封存",
		    period_format(month, first));
	return 0;
}

static const json_t *
find(const json_t *list, const char *key, const char *value)
{
	size_t i;
	json_t *v;

	json_array_foreach (list, i, v) {
		const char *s = json_peek_str(v, key);

		if (s != NULL && strcmp(s, value) == 0)
			return v;
	}
	return NULL;
}

static void
print_figure(const json_t *n, char out[32])
{
	if (json_is_integer(n))
		snprintf(out, 32, "%lld", (long long)json_integer_value(n));
	else
		snprintf(out, 32, "（无此项）");
}

static json_t *
correction(const char *month, const json_t *row, const json_t *indicator,
    const json_t *was, const json_t *now)
{
	const char *name = json_peek_str(indicator, "name");
	const char *unit = json_peek_str(indicator, "unit");
	char before[32], after[32], text[512];
	json_t *c = json_object();

	print_figure(was, before);
	print_figure(now, after);
	snprintf(text, sizeof(text), "%s的数已更正：%s（%s）%s→%s", month, name,
	    unit, before, after);
	json_put_str(c, "month", month);
	json_put_str(c, "taskId", json_peek_str(row, "taskId"));
	json_put_int(c, "no", json_peek_int(row, "no", 0));
	json_put_str(c, "title", json_peek_str(row, "title"));
	json_put_str(c, "indicatorId", json_peek_str(indicator, "id"));
	json_put_str(c, "name", name);
	json_put_str(c, "unit", unit);
	json_put(c, "was",
	    was != NULL ? json_incref(json_iterable(was)) : json_null());
	json_put(c, "now",
	    now != NULL ? json_incref(json_iterable(now)) : json_null());
	json_put_str(c, "text", text);
	return c;
}

/*
 * Figures of `rows` beside those of `other`.  Looking from the frozen side
 * every difference shows; from the other only what was not there then.
 */
static void
compare(json_t *out, const char *month, const json_t *rows, const json_t *other,
    bool frozen_side)
{
	size_t i, k;
	json_t *row, *indicator;

	json_array_foreach (rows, i, row) {
		const json_t *peer =
		    find(other, "taskId", json_peek_str(row, "taskId"));

		json_array_foreach (
		    json_object_get(row, "indicators"), k, indicator) {
			const json_t *twin =
			    find(json_peek_array(peer, "indicators"), "id",
				json_peek_str(indicator, "id"));
			const json_t *n = json_object_get(indicator, "done");
			const json_t *m = json_object_get(twin, "done");

			if (!frozen_side && twin == NULL)
				json_push(out,
				    correction(month, row, indicator, NULL, n));
			else if (frozen_side &&
				 (m == NULL || !json_equal(n, m)))
				json_push(out,
				    correction(month, row, indicator, n, m));
		}
	}
}

json_t *
month_corrections(const char *month, const json_t *frozen, const json_t *now)
{
	json_t *out = json_array();
	const json_t *was = json_peek_array(frozen, "rows");
	const json_t *is = json_peek_array(now, "rows");

	compare(out, month, was, is, true);
	compare(out, month, is, was, false);
	return out;
}
