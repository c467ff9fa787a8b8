#include <string.h>

#include "api/access.h"
#include "api/app.h"
#include "api/handlers.h"
#include "api/works.h"
#include "base/json.h"
#include "plan/flow.h"

static const struct work_kind flows = {
    COLL_FUNDFLOWS, MACHINE__MAX, "资金记录"};

int
fund_flow_list(struct req *r, struct err *e)
{
	struct store_query q = {
	    .coll = COLL_FUNDFLOWS, .sort = FIELD_FUNDFLOWS_ASOF, .desc = true};

	api_filter(r, &q, "plan", FIELD_FUNDFLOWS_PLAN, OP_EQ);
	api_filter(r, &q, "task", FIELD_FUNDFLOWS_TASK, OP_EQ);
	api_filter(r, &q, "org", FIELD_FUNDFLOWS_ORG, OP_EQ);
	api_filter(r, &q, "stage", FIELD_FUNDFLOWS_STAGE, OP_EQ);
	api_filter(r, &q, "asOf", FIELD_FUNDFLOWS_ASOF, OP_LE);
	return api_answer_scoped(r, &q, e);
}

/* NULL with ERR_NONE: the series is new. */
static json_t *
find_series(struct req *r, const json_t *flow, struct err *e)
{
	char id[200];
	json_t *series = store_get_json(
	    api_store(r), COLL_FUNDSERIES, fund_series_id(flow, id), e);

	if (series == NULL && e->code == ERR_NOTFOUND)
		err_init(e);
	return series != NULL ? req_own_json(r, series) : NULL;
}

/* The figures of the series that stand, and what looks wrong with them. */
static int
derive(struct req *r, const struct job *j, json_t *view, struct err *e)
{
	json_t *series = find_series(r, j->doc, e);

	if (series == NULL)
		return e->code == ERR_NONE ? 0 : -1;
	json_put(
	    view, "stages", json_incref(json_object_get(series, "stages")));
	json_put(view, "warnings", fund_series_warnings(series));
	return 0;
}

int
fund_flow_get(struct req *r, struct err *e)
{
	return job_get(r, &flows, derive, e);
}

/* An item of the task's funding has the level it is recorded under. */
static int
check_item(const struct job *j, const json_t *body, struct err *e)
{
	const char *id = json_peek_str(body, "fundingId");
	const char *level = json_peek_str(body, "level");
	const json_t *item;
	size_t i;

	if (id == NULL)
		return 0;
	json_array_foreach (json_peek_array(j->task, "funding"), i, item) {
		if (strcmp(json_peek_str(item, "id"), id) != 0)
			continue;
		if (strcmp(json_peek_str(item, "level"), level) == 0)
			return 0;
		return err_add(e, ERR_INVALID, "/level", "reference",
		    "这笔资金（%s）的级次是%s。", id,
		    json_peek_str(item, "level"));
	}
	return err_add(e, ERR_INVALID, "/fundingId", "reference",
	    "这项任务没有编号为“%s”的资金。", id);
}

static int
keep(struct req *r, struct job *j, struct err *e)
{
	struct write_set *ws = api_write_set(r);
	const json_t *old = find_series(r, j->doc, e);
	json_t *series;

	if (e->code != ERR_NONE)
		return -1;
	series = req_own_json(
	    r, old != NULL ? json_deep_copy(old) : fund_series_new(j->doc));
	if (fund_series_put(series, j->doc, e) < 0)
		return -1;
	if (old != NULL)
		api_replace(r, ws, COLL_FUNDSERIES, old, series);
	else
		write_insert(ws, COLL_FUNDSERIES, series);
	return job_commit(r, j, ws, e);
}

int
fund_flow_put(struct req *r, struct err *e)
{
	static const char *const nulls[] = {"fundingId", "orgId"};
	struct job *j = job_new(r, &flows);
	int same = job_put_begin(r, j, e);

	j->derive = derive;
	if (same < 0 ||
	    job_about(r, j, json_peek_str(r->body, "taskId"),
		json_peek_str(r->body, "orgId"), e) < 0 ||
	    api_allow(r, j->org_id, j->lead_id, e) < 0)
		return -1;
	if (same > 0)
		return job_answer(r, j, 200, e);
	if (j->old != NULL)
		return err_set(e, ERR_STATE,
		    "资金记录不能修改；要更正请另记一笔，写明supersedes和"
		    "原因。");
	if (job_check_day(r, "asOf", e) < 0 || check_item(j, r->body, e) < 0)
		return -1;
	job_put_body(r, j);
	for (size_t i = 0; i < sizeof(nulls) / sizeof(nulls[0]); i++)
		json_put_str(j->doc, nulls[i], json_peek_str(j->doc, nulls[i]));
	job_stamp(r, j->doc, "recordedAt");
	j->again = fund_flow_put;
	return keep(r, j, e);
}
