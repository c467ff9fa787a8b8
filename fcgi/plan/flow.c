#include "plan/flow.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* In the order in which money moves. */
static const struct {
	const char *name;
	const char *title;
} stages[] = {
    {"plan", "计划"},
    {"issued", "下达"},
    {"received", "到位"},
    {"paid", "支付"},
};

static const char *
item_of(const json_t *flow)
{
	const char *item = json_peek_str(flow, "fundingId");

	return item != NULL ? item : json_peek_str(flow, "level");
}

const char *
fund_series_id(const json_t *flow, char out[200])
{
	const char *org = json_peek_str(flow, "orgId");

	(void)snprintf(out, 200, "%s.%s.%s", json_peek_str(flow, "taskId"),
	    item_of(flow), org != NULL ? org : "all");
	return out;
}

json_t *
fund_series_new(const json_t *flow)
{
	static const char *const copied[] = {
	    "planId", "taskId", "fundingId", "orgId", "level"};
	json_t *series = json_object();
	char id[200];

	json_put_str(series, "_id", fund_series_id(flow, id));
	for (size_t i = 0; i < COUNT(copied); i++)
		json_put_str(series, copied[i], json_peek_str(flow, copied[i]));
	json_put(series, "stages", json_object());
	return series;
}

/* The points of a stage, by day: made on first use. */
static json_t *
points_of(json_t *series, const char *stage)
{
	json_t *all = json_object_get(series, "stages");
	json_t *points = json_object_get(all, stage);

	if (points == NULL) {
		points = json_array();
		json_put(all, stage, points);
	}
	return points;
}

/* How many points lie before a day. */
static size_t
points_before(const json_t *points, const char *day)
{
	size_t i = 0;

	while (
	    i < json_array_size(points) &&
	    strcmp(json_peek_str(json_array_get(points, i), "asOf"), day) < 0)
		i++;
	return i;
}

static bool
is_day(const json_t *point, const char *day)
{
	const char *own = json_peek_str(point, "asOf");

	return own != NULL && strcmp(own, day) == 0;
}

static int
check_correction(const json_t *old, const json_t *flow, struct err *e)
{
	const char *replaced = json_peek_str(flow, "supersedes");
	const char *standing = json_peek_str(old, "flowId");

	if (old == NULL && replaced != NULL)
		return err_add(e, ERR_INVALID, "/supersedes", "reference",
		    "这一天没有可以更正的数。");
	if (old == NULL)
		return 0;
	if (replaced == NULL)
		return err_add(e, ERR_CONFLICT, "/asOf", "unique",
		    "%s已经有数（%s）；要更正请写明supersedes和原因。",
		    json_peek_str(old, "asOf"), standing);
	if (strcmp(replaced, standing) != 0)
		return err_add(e, ERR_CONFLICT, "/supersedes", "reference",
		    "这一天现在的数是%s，不是%s。", standing, replaced);
	if (json_peek_str(flow, "reason") == NULL)
		return err_add(
		    e, ERR_INVALID, "/reason", "required", "更正要写明原因。");
	return 0;
}

/* Cumulative figures rise from day to day; else somebody says why. */
static int
check_order(const json_t *earlier, const json_t *later, const json_t *flow,
    struct err *e)
{
	int64_t n = json_peek_int(flow, "amountFen", 0);

	if (json_peek_str(flow, "reason") != NULL)
		return 0;
	if (earlier != NULL && n < json_peek_int(earlier, "n", 0))
		return err_add(e, ERR_INVALID, "/amountFen", "cumulative",
		    "这是累计数，比%s的%" PRId64 "分少了；如确实减少，请写明"
		    "原因（reason）。",
		    json_peek_str(earlier, "asOf"),
		    json_peek_int(earlier, "n", 0));
	if (later != NULL && n > json_peek_int(later, "n", 0))
		return err_add(e, ERR_INVALID, "/amountFen", "cumulative",
		    "这是累计数，比后来%s的%" PRId64 "分还多；如确实如此，请"
		    "写明原因（reason）。",
		    json_peek_str(later, "asOf"), json_peek_int(later, "n", 0));
	return 0;
}

int
fund_series_put(json_t *series, json_t *flow, struct err *e)
{
	const char *day = json_peek_str(flow, "asOf");
	const char *stage = json_peek_str(flow, "stage");
	const json_t *standing =
	    json_peek_array(json_peek_object(series, "stages"), stage);
	size_t at = points_before(standing, day);
	const json_t *old = json_array_get(standing, at);
	bool same = is_day(old, day);
	json_t *point, *points;
	int64_t revision;

	if (check_correction(same ? old : NULL, flow, e) < 0 ||
	    check_order(at > 0 ? json_array_get(standing, at - 1) : NULL,
		json_array_get(standing, same ? at + 1 : at), flow, e) < 0)
		return -1;
	revision = same ? json_peek_int(old, "revision", 1) + 1 : 1;
	point = json_object();
	json_put_str(point, "asOf", day);
	json_put_int(point, "n", json_peek_int(flow, "amountFen", 0));
	json_put_str(point, "flowId", json_peek_str(flow, "_id"));
	json_put_int(point, "revision", revision);
	points = points_of(series, stage);
	if (same)
		(void)json_array_remove(points, at);
	(void)json_array_insert_new(points, at, point);
	json_put_int(flow, "revision", revision);
	return 0;
}

/* The newest point of a stage, or NULL. */
static const json_t *
newest(const json_t *series, size_t stage)
{
	const json_t *points = json_peek_array(
	    json_peek_object(series, "stages"), stages[stage].name);
	size_t n = json_array_size(points);

	return n > 0 ? json_array_get(points, n - 1) : NULL;
}

static void
warn(json_t *list, const char *code, size_t stage, size_t before, int64_t over)
{
	json_t *o = json_object();
	char text[200];

	if (over < 0)
		(void)snprintf(text, sizeof(text), "已有%s数，但没有%s数。",
		    stages[stage].title, stages[before].title);
	else
		(void)snprintf(text, sizeof(text),
		    "%s比%s多%" PRId64 "分，请核对。", stages[stage].title,
		    stages[before].title, over);
	json_put_str(o, "code", code);
	json_put_str(o, "stage", stages[stage].name);
	json_put_str(o, "text", text);
	json_push(list, o);
}

json_t *
fund_series_warnings(const json_t *series)
{
	json_t *list = json_array();

	for (size_t i = 1; i < COUNT(stages); i++) {
		const json_t *here = newest(series, i);
		const json_t *before = newest(series, i - 1);
		int64_t n = json_peek_int(here, "n", 0);
		int64_t limit = json_peek_int(before, "n", 0);

		/* Plans stand in the task; their flows are only revisions. */
		if (here == NULL || (before == NULL && i == 1))
			continue;
		if (before == NULL)
			warn(list, "previous_missing", i, i - 1, -1);
		else if (n > limit)
			warn(list, "over_previous", i, i - 1, n - limit);
	}
	return list;
}
