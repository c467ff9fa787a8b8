#include <stdio.h>
#include <string.h>

#include "api/import_run.h"
#include "base/json.h"
#include "plan/orgs.h"

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

/* Once in, a report stays as it is: the same again is fine, else not. */
static int
put_once(struct import *im, enum coll c, json_t *doc, struct err *e)
{
	const char *id = json_peek_str(doc, "_id");
	json_t *old;

	if (import_fetch(im, c, id, &old, e) < 0)
		return -1;
	if (old != NULL && !import_same(old, doc)) {
		json_decref(old);
		return err_set(
		    e, ERR_CONFLICT, "编号%s已经有内容不同的记录", id);
	}
	import_put(im, c, old, doc);
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
	return 0;
}
