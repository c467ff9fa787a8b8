#include <string.h>

#include "api/access.h"
#include "api/app.h"
#include "api/handlers.h"
#include "api/works.h"
#include "base/json.h"

static const struct work_kind checks = {COLL_CHECKS, MACHINE_CHECK, "核查"};
static const struct work_kind cases = {COLL_CASES, MACHINE_CASE, "问责线索"};

int
check_list(struct req *r, struct err *e)
{
	struct store_query q = {.coll = COLL_CHECKS, .sort = FIELD_ID};

	api_filter(r, &q, "plan", FIELD_CHECKS_PLAN, OP_EQ);
	api_filter(r, &q, "task", FIELD_CHECKS_TASK, OP_EQ);
	api_filter(r, &q, "org", FIELD_CHECKS_ORG, OP_EQ);
	api_filter(r, &q, "state", FIELD_CHECKS_STATE, OP_EQ);
	return api_answer_scoped(r, &q, e);
}

int
check_get(struct req *r, struct err *e)
{
	return job_get(r, &checks, NULL, e);
}

/* The unit has until statementDue to explain itself: that day included. */
static int
check_heard(struct req *r, const struct job *j, struct err *e)
{
	const char *due = json_peek_str(j->doc, "statementDue");
	civil_t day;

	if (json_object_get(j->doc, "statement") != NULL)
		return 0;
	if (due != NULL && civil_parse(due, &day) && r->today > day)
		return 0;
	return err_set(e, ERR_STATE,
	    "要先听取单位说明：单位还没有说明，期限（%s）也还没有过。",
	    due != NULL ? due : "未定");
}

int
check_put(struct req *r, struct err *e)
{
	struct job *j = job_new(r, &checks);
	bool ask = json_peek_bool(r->body, "submit", false);
	struct machine_step step = {
	    .by = api_who(r)->id, .name = api_who(r)->name, .at = r->now};
	int same = job_put_begin(r, j, e);

	if (same < 0 ||
	    job_about(r, j, json_peek_str(r->body, "taskId"),
		json_peek_str(r->body, "orgId"), e) < 0 ||
	    api_allow(r, j->org_id, j->lead_id, e) < 0)
		return -1;
	if (same > 0)
		return job_answer(r, j, 200, e);
	if (job_check_day(r, "checkedOn", e) < 0)
		return -1;
	if (j->old != NULL &&
	    machine_check(MACHINE_CHECK, "edit",
		machine_state(MACHINE_CHECK, j->old), e) == NULL)
		return -1;
	job_put_body(r, j);
	if (j->old == NULL) {
		machine_note(j->doc, NULL, "draft", &step);
		json_put_str(j->doc, "state", "draft");
	}
	if (ask && job_step(r, j, "ask", NULL, e) < 0)
		return -1;
	if (ask)
		job_stamp(r, j->doc, "submittedAt");
	j->again = check_put;
	return job_commit(r, j, api_write_set(r), e);
}

int
check_statement_post(struct req *r, struct err *e)
{
	struct job *j = job_new(r, &checks);

	if (job_load(r, j, r->segments[0], e) < 0 ||
	    job_step(r, j, "statement", NULL, e) < 0)
		return -1;
	json_put(j->doc, "statement", job_signed(r, r->body));
	j->again = check_statement_post;
	return job_commit(r, j, api_write_set(r), e);
}

int
check_conclude_post(struct req *r, struct err *e)
{
	struct job *j = job_new(r, &checks);
	const char *verdict;

	if (job_load(r, j, r->segments[0], e) < 0 ||
	    job_step(r, j, "conclude", NULL, e) < 0)
		return -1;
	verdict = json_peek_str(j->doc, "verdict");
	if (strcmp(verdict, "true") != 0 && check_heard(r, j, e) < 0)
		return -1;
	json_put(j->doc, "conclusion", job_signed(r, r->body));
	job_stamp(r, j->doc, "concludedAt");
	j->again = check_conclude_post;
	return job_commit(r, j, api_write_set(r), e);
}

/* ---- labels ---- */

int
case_list(struct req *r, struct err *e)
{
	struct store_query q = {.coll = COLL_CASES, .sort = FIELD_ID};

	api_filter(r, &q, "plan", FIELD_CASES_PLAN, OP_EQ);
	api_filter(r, &q, "task", FIELD_CASES_TASK, OP_EQ);
	api_filter(r, &q, "org", FIELD_CASES_ORG, OP_EQ);
	api_filter(r, &q, "state", FIELD_CASES_STATE, OP_EQ);
	return api_answer_scoped(r, &q, e);
}

int
case_get(struct req *r, struct err *e)
{
	return job_get(r, &cases, NULL, e);
}

/* Evidence that is said to be there is there. */
static int
check_evidence(struct req *r, const char *member, enum coll c, struct err *e)
{
	const json_t *ids =
	    json_peek_array(json_peek_object(r->body, "evidence"), member);
	const json_t *id;
	int64_t rev;
	size_t i;

	json_array_foreach (ids, i, id) {
		const char *s = json_string_value(id);

		if (store_get_rev(api_store(r), c, s, &rev, e) == 0)
			continue;
		if (e->code != ERR_NOTFOUND)
			return -1;
		err_init(e);
		return err_add(e, ERR_INVALID,
		    arena_printf(&r->arena, "/evidence/%s/%zu", member, i),
		    "reference", "没有这份材料：%s", s);
	}
	return 0;
}

int
case_put(struct req *r, struct err *e)
{
	struct job *j = job_new(r, &cases);
	struct machine_step step = {
	    .by = api_who(r)->id, .name = api_who(r)->name, .at = r->now};
	int same = job_put_begin(r, j, e);

	if (same < 0 ||
	    job_about(r, j, json_peek_str(r->body, "taskId"),
		json_peek_str(r->body, "orgId"), e) < 0 ||
	    api_allow(r, j->org_id, j->lead_id, e) < 0)
		return -1;
	if (same > 0)
		return job_answer(r, j, 200, e);
	if (j->old != NULL)
		return err_set(e, ERR_STATE,
		    "问责线索提出后不能修改；请不予认定后另提一份。");
	if (check_evidence(r, "checks", COLL_CHECKS, e) < 0 ||
	    check_evidence(r, "reports", COLL_REPORTS, e) < 0)
		return -1;
	job_put_body(r, j);
	machine_note(j->doc, NULL, machine_start(MACHINE_CASE), &step);
	json_put_str(j->doc, "state", machine_start(MACHINE_CASE));
	job_stamp(r, j->doc, "submittedAt");
	j->again = case_put;
	return job_commit(r, j, api_write_set(r), e);
}

int
case_statement_post(struct req *r, struct err *e)
{
	struct job *j = job_new(r, &cases);

	if (job_load(r, j, r->segments[0], e) < 0 ||
	    job_step(r, j, "statement", NULL, e) < 0)
		return -1;
	json_put(j->doc, "statement", job_signed(r, r->body));
	j->again = case_statement_post;
	return job_commit(r, j, api_write_set(r), e);
}

static int
decide(struct req *r, const char *verb,
    int (*again)(struct req *, struct err *), struct err *e)
{
	struct job *j = job_new(r, &cases);

	if (job_load(r, j, r->segments[0], e) < 0 ||
	    job_step(r, j, verb, NULL, e) < 0)
		return -1;
	if (strcmp(verb, "uphold") == 0 && check_heard(r, j, e) < 0)
		return -1;
	json_put(j->doc, "decision", job_signed(r, r->body));
	job_stamp(r, j->doc, "decidedAt");
	j->again = again;
	return job_commit(r, j, api_write_set(r), e);
}

int
case_uphold_post(struct req *r, struct err *e)
{
	return decide(r, "uphold", case_uphold_post, e);
}

int
case_dismiss_post(struct req *r, struct err *e)
{
	return decide(r, "dismiss", case_dismiss_post, e);
}
