#include "api/access.h"
#include "api/app.h"
#include "api/handlers.h"
#include "api/works.h"
#include "base/json.h"

static const struct work_kind notices = {COLL_NOTICES, MACHINE_NOTICE, "通知"};

int
notice_list(struct req *r, struct err *e)
{
	struct store_query q = {.coll = COLL_NOTICES, .sort = FIELD_ID};

	api_filter(r, &q, "plan", FIELD_NOTICES_PLAN, OP_EQ);
	api_filter(r, &q, "task", FIELD_NOTICES_TASK, OP_EQ);
	api_filter(r, &q, "org", FIELD_NOTICES_ORG, OP_EQ);
	api_filter(r, &q, "kind", FIELD_NOTICES_KIND, OP_EQ);
	api_filter(r, &q, "state", FIELD_NOTICES_STATE, OP_EQ);
	return api_answer_scoped(r, &q, e);
}

int
notice_get(struct req *r, struct err *e)
{
	return job_get(r, &notices, NULL, e);
}

/* The plan is there, and the task is of it. */
static int
check_plan(struct req *r, const struct job *j, struct err *e)
{
	const char *plan = json_peek_str(r->body, "planId");
	int64_t rev;

	if (j->task != NULL)
		return api_check_identity(j->task, r->body, "planId", e);
	if (store_get_rev(api_store(r), COLL_PLANS, plan, &rev, e) == 0)
		return 0;
	if (e->code != ERR_NOTFOUND)
		return -1;
	err_init(e);
	return err_add(
	    e, ERR_INVALID, "/planId", "reference", "没有这个计划：%s", plan);
}

int
notice_put(struct req *r, struct err *e)
{
	struct job *j = job_new(r, &notices);
	struct machine_step step = {
	    .by = api_who(r)->id, .name = api_who(r)->name, .at = r->now};
	int same = job_put_begin(r, j, e);

	if (same < 0 ||
	    job_about(r, j, json_peek_str(r->body, "taskId"),
		json_peek_str(r->body, "orgId"), e) < 0 ||
	    check_plan(r, j, e) < 0 ||
	    api_allow(r, j->org_id, j->lead_id, e) < 0)
		return -1;
	if (same > 0)
		return job_answer(r, j, 200, e);
	if (j->old != NULL)
		return err_set(
		    e, ERR_STATE, "通知发出后不能修改；请办结后另发一份。");
	job_put_body(r, j);
	machine_note(j->doc, NULL, machine_start(MACHINE_NOTICE), &step);
	json_put_str(j->doc, "state", machine_start(MACHINE_NOTICE));
	job_stamp(r, j->doc, "submittedAt");
	j->again = notice_put;
	return job_commit(r, j, api_write_set(r), e);
}

int
notice_answer_post(struct req *r, struct err *e)
{
	struct job *j = job_new(r, &notices);

	if (job_load(r, j, r->segments[0], e) < 0 ||
	    job_step(r, j, "answer", NULL, e) < 0)
		return -1;
	json_put(j->doc, "answer", job_signed(r, r->body));
	j->again = notice_answer_post;
	return job_commit(r, j, api_write_set(r), e);
}

int
notice_close_post(struct req *r, struct err *e)
{
	struct job *j = job_new(r, &notices);

	if (job_load(r, j, r->segments[0], e) < 0 ||
	    job_step(r, j, "close", json_peek_str(r->body, "text"), e) < 0)
		return -1;
	job_stamp(r, j->doc, "closedAt");
	j->again = notice_close_post;
	return job_commit(r, j, api_write_set(r), e);
}

int
notice_reopen_post(struct req *r, struct err *e)
{
	struct job *j = job_new(r, &notices);

	if (job_load(r, j, r->segments[0], e) < 0 ||
	    job_step(r, j, "reopen", json_peek_str(r->body, "reason"), e) < 0)
		return -1;
	j->again = notice_reopen_post;
	return job_commit(r, j, api_write_set(r), e);
}
