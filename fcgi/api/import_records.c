#include <stdio.h>
#include <string.h>

#include "api/evidence.h"
#include "api/import_run.h"
#include "base/json.h"
#include "plan/orgs.h"
#include "plan/period.h"
#include "plan/series.h"

static bool
has_child(const json_t *task, const char *list, const char *id)
{
	size_t i;
	json_t *child;

	json_array_foreach (json_object_get(task, list), i, child) {
		if (strcmp(json_peek_str(child, "id"), id) == 0)
			return true;
	}
	return false;
}

/* What a report or a milestone state refers to, beside its task and org. */
struct reference {
	enum coll coll;
	const char *member;  /* of the bundle */
	const char *key;     /* "indicatorId" */
	const char *list;    /* "indicators" */
	const char *instant; /* since when it counts */
	const char *what;
};

static const struct reference references[] = {
    {COLL_REPORTS, "reports", "indicatorId", "indicators", "acceptedAt",
	"指标"},
    {COLL_MILESTONESTATES, "milestoneStates", "milestoneId", "milestones",
	"verifiedAt", "节点"},
};

/* "/reports/3/orgId": where a fault of a record stands; returns out. */
static const char *
place(char out[96], const struct reference *ref, size_t i, const char *key)
{
	snprintf(out, 96, "/%s/%zu/%s", ref->member, i, key);
	return out;
}

/* Nothing can have been accepted later than now. */
static void
check_instant(struct import *im, const struct reference *ref, size_t i,
    const json_t *doc, struct err *e)
{
	const char *at = json_peek_str(doc, ref->instant);
	char now[INSTANT_LEN + 1], at_place[96];

	if (at != NULL && strcmp(at, instant_format(im->ws->now, now)) > 0)
		err_add(e, ERR_IMPORT, place(at_place, ref, i, ref->instant),
		    "maximum", "认定时间%s晚于现在", at);
}

static void
check_reference(struct import *im, const struct reference *ref, size_t i,
    const json_t *doc, struct err *e)
{
	const char *plan_id = json_peek_str(im->plan, "_id");
	const char *task_id = json_peek_str(doc, "taskId");
	const char *org_id = json_peek_str(doc, "orgId");
	const char *child = json_peek_str(doc, ref->key);
	const json_t *task = json_object_get(im->tasks, task_id);
	char at[96];

	if (strcmp(json_peek_str(doc, "planId"), plan_id) != 0)
		err_add(e, ERR_IMPORT, place(at, ref, i, "planId"), "plan",
		    "记录属于计划%s，而导入的是计划%s",
		    json_peek_str(doc, "planId"), plan_id);
	if (task == NULL) {
		err_add(e, ERR_IMPORT, place(at, ref, i, "taskId"), "reference",
		    "计划%s里没有事项%s", plan_id, task_id);
		return;
	}
	if (!has_child(task, ref->list, child))
		err_add(e, ERR_IMPORT, place(at, ref, i, ref->key), "reference",
		    "事项%s里没有%s%s", task_id, ref->what, child);
	if (org_index_unit(im->index, org_id) == NULL)
		err_add(e, ERR_IMPORT, place(at, ref, i, "orgId"), "reference",
		    "没有单位%s", org_id);
	check_instant(im, ref, i, doc, e);
}

/* ---- the series of imported reports ---- */

/* borrowed: the series of a report, as this import leaves it. */
static json_t *
open_series(struct import *im, const json_t *report, struct err *e)
{
	char id[SERIES_ID_MAX + 1];
	json_t *series;

	if (series_id(report, id, e) < 0)
		return NULL;
	series = json_object_get(im->series, id);
	if (series != NULL)
		return series;
	if (import_fetch(im, COLL_SERIES, id, &series, e) < 0)
		return NULL;
	if (series == NULL)
		series = series_new(report, id);
	json_put(im->series, id, series);
	return series;
}

/*
 * A new accepted report speaks for its month from now on, unless a newer
 * revision does.  What people are working on is not pushed aside.
 */
static int
enter_series(struct import *im, const json_t *report, struct err *e)
{
	const char *period = json_peek_str(report, "period");
	const char *state = json_peek_str(report, "state");
	const json_t *entry;
	json_t *series;

	if (strcmp(state, "accepted") != 0)
		return 0;
	series = open_series(im, report, e);
	if (series == NULL)
		return -1;
	entry = series_entry(series, period);
	if (entry != NULL &&
	    strcmp(json_peek_str(entry, "state"), "accepted") != 0)
		return series_claim(series, report, e);
	if (json_peek_int(entry, "revision", 0) <=
	    json_peek_int(report, "revision", 1))
		series_put(series, report);
	return 0;
}

static void
write_series(struct import *im)
{
	const char *id;
	json_t *series;

	json_object_foreach (im->series, id, series) {
		int64_t rev = json_peek_int(series, "rev", 0);

		if (rev > 0)
			write_replace(im->ws, COLL_SERIES, series, rev);
		else
			write_insert(im->ws, COLL_SERIES, series);
	}
}

/* The month follows from asOf; who says another one is not heard. */
static void
put_period(json_t *report)
{
	char period[PERIOD_LEN + 1];
	civil_t d;

	if (civil_parse(json_peek_str(report, "asOf"), &d))
		json_put_str(
		    report, "period", period_format(period_of(d), period));
}

/* The photographs that a new record names. */
static void
enter_evidence(struct import *im, enum coll c, const json_t *doc)
{
	bool report = c == COLL_REPORTS;
	const struct evidence_target t = {
	    .kind = coll_name(c),
	    .id = json_peek_str(doc, "_id"),
	    .plan_id = json_peek_str(doc, "planId"),
	    .task_id = json_peek_str(doc, "taskId"),
	    .org_id = json_peek_str(doc, "orgId"),
	    .indicator_id = json_peek_str(doc, "indicatorId"),
	    .as_of = json_peek_str(doc, report ? "asOf" : "metOn"),
	};

	evidence_enter(im->ws, &t, json_peek_array(doc, "attachments"));
}

/* Once in, a report stays as it is: the same again is fine, else not. */
static int
put_once(struct import *im, enum coll c, json_t *doc, struct err *e)
{
	const char *id = json_peek_str(doc, "_id");
	json_t *old;

	if (c == COLL_REPORTS)
		put_period(doc);
	if (import_fetch(im, c, id, &old, e) < 0)
		return -1;
	if (old != NULL && !import_same(old, doc)) {
		json_decref(old);
		return err_set(
		    e, ERR_CONFLICT, "编号%s已经有内容不同的记录", id);
	}
	import_put(im, c, old, doc);
	if (old == NULL)
		enter_evidence(im, c, doc);
	if (old == NULL && c == COLL_REPORTS && enter_series(im, doc, e) < 0)
		return -1;
	json_decref(old);
	return 0;
}

static int
put_references(struct import *im, const struct reference *ref, struct err *e)
{
	size_t i;
	json_t *doc;

	json_array_foreach (json_object_get(im->bundle, ref->member), i, doc) {
		check_reference(im, ref, i, doc, e);
		if (put_once(im, ref->coll, doc, e) < 0)
			return -1;
	}
	return 0;
}

int
import_records(struct import *im, struct err *e)
{
	for (size_t i = 0; i < sizeof(references) / sizeof(*references); i++) {
		if (put_references(im, &references[i], e) < 0)
			return -1;
	}
	write_series(im);
	return 0;
}
