#include <stdio.h>
#include <string.h>

#include "api/access.h"
#include "api/app.h"
#include "api/handlers.h"
#include "api/works.h"
#include "base/json.h"
#include "plan/lifecycle.h"
#include "plan/pace.h"
#include "plan/policy.h"
#include "plan/standing.h"

static const struct work_kind states = {
    COLL_MILESTONESTATES, MACHINE_MILESTONE, "节点"};

#define STATES_MAX 20000

/* ---- what is derived ---- */

/* A civil day of a document; false: there is none. */
static bool
read_day(const json_t *doc, const char *member, civil_t *day)
{
	const char *s = json_peek_str(doc, member);

	return s != NULL && civil_parse(s, day);
}

static int
stand(struct req *r, const struct job *j, const json_t *plan, json_t *view,
    struct err *e)
{
	const json_t *milestone =
	    milestone_find(j->task, json_peek_str(view, "milestoneId"));
	const char *state = json_peek_str(view, "state");
	struct standing_facts f = {.issued = pace_start(plan)};
	struct policy policy;
	enum standing s;
	int late;

	if (policy_read(plan, &policy, e) < 0)
		return -1;
	f.dated = milestone != NULL && milestone_due(milestone, &f.due);
	f.waived = strcmp(state, "waived") == 0;
	f.met = strcmp(state, "verified") == 0 &&
		read_day(view, "metOn", &f.met_on);
	s = standing_of(&f, &policy, r->today, &late);
	json_put_str(view, "text", json_peek_str(milestone, "text"));
	json_put_str(view, "dueOn", json_peek_str(milestone, "to"));
	json_put_str(view, "standing", standing_text(s));
	json_put_str(view, "standingTitle", standing_title(s));
	json_put_int(view, "lateDays", late);
	return 0;
}

static int
derive(struct req *r, const struct job *j, json_t *view, struct err *e)
{
	const json_t *plan =
	    api_get(r, COLL_PLANS, json_peek_str(j->task, "planId"), "计划", e);

	return plan != NULL ? stand(r, j, plan, view, e) : -1;
}

/* ---- one unit ---- */

static json_t *
new_state(struct req *r, const json_t *task, const char *id,
    const char *milestone, const char *org)
{
	json_t *doc = req_own_json(r, json_object());

	json_put_str(doc, "_id", id);
	json_put_str(doc, "planId", json_peek_str(task, "planId"));
	json_put_str(doc, "taskId", json_peek_str(task, "_id"));
	json_put_str(doc, "milestoneId", milestone);
	json_put_str(doc, "orgId", org);
	json_put_str(doc, "state", machine_start(MACHINE_MILESTONE));
	return doc;
}

/* By what is reported: there is nothing to claim. */
static int
refuse_percent(const json_t *milestone, struct err *e)
{
	return err_set(e, ERR_STATE,
	    "节点%s是比例节点，按填报的数自动判断，不用申报和核实。",
	    json_peek_str(milestone, "id"));
}

/*
 * The unit of the address.  Who owes nothing and never did is not found; who
 * was let off still has a state to show.
 */
static int
open_unit(struct req *r, struct job *j, bool write, struct err *e)
{
	const char *org = r->segments[2];
	const json_t *milestone;
	const char *id;
	json_t *old;

	j->task = api_get(r, COLL_TASKS, r->segments[0], "事项", e);
	if (j->task == NULL)
		return -1;
	j->lead_id = json_peek_str(json_peek_object(j->task, "lead"), "orgId");
	j->org_id = org;
	j->derive = derive;
	milestone = milestone_find(j->task, r->segments[1]);
	id = arena_printf(
	    &r->arena, "%s.%s.%s", r->segments[0], r->segments[1], org);
	old = store_get_json(api_store(r), COLL_MILESTONESTATES, id, e);
	if (old == NULL && e->code != ERR_NOTFOUND)
		return -1;
	err_init(e);
	if (old == NULL &&
	    (milestone == NULL || !milestone_obliges(j->task, milestone, org)))
		return err_set(e, ERR_NOTFOUND,
		    "第%lld件没有要求单位%s完成节点%s",
		    (long long)json_peek_int(j->task, "no", 0), org,
		    r->segments[1]);
	j->old = old != NULL ? req_own_json(r, old) : NULL;
	j->doc = old != NULL ? req_own_json(r, json_deep_copy(old))
			     : new_state(r, j->task, id, r->segments[1], org);
	if (!write)
		return 0;
	if (milestone != NULL && milestone_is_percent(milestone))
		return refuse_percent(milestone, e);
	return lifecycle_check_open(j->task, e);
}

int
milestone_org_get(struct req *r, struct err *e)
{
	struct job *j = job_new(r, &states);

	if (open_unit(r, j, false, e) < 0)
		return -1;
	return job_answer(r, j, 200, e);
}

int
milestone_claim_post(struct req *r, struct err *e)
{
	static const char *const copied[] = {"metOn", "note", "attachments"};
	struct job *j = job_new(r, &states);

	if (open_unit(r, j, true, e) < 0 ||
	    job_step(r, j, "claim", json_peek_str(r->body, "note"), e) < 0 ||
	    job_check_day(r, "metOn", e) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(copied) / sizeof(copied[0]); i++) {
		json_t *v = json_object_get(r->body, copied[i]);

		if (v != NULL)
			json_put(j->doc, copied[i], json_incref(v));
		else
			json_object_del(j->doc, copied[i]);
	}
	job_stamp(r, j->doc, "claimedAt");
	json_put(j->doc, "claimedBy", job_person(r));
	j->again = milestone_claim_post;
	return job_commit(r, j, api_write_set(r), e);
}

int
milestone_verify_post(struct req *r, struct err *e)
{
	struct job *j = job_new(r, &states);

	if (open_unit(r, j, true, e) < 0 ||
	    job_step(r, j, "verify", json_peek_str(r->body, "text"), e) < 0)
		return -1;
	job_stamp(r, j->doc, "verifiedAt");
	json_put(j->doc, "verifiedBy", job_person(r));
	j->again = milestone_verify_post;
	return job_commit(r, j, api_write_set(r), e);
}

int
milestone_return_post(struct req *r, struct err *e)
{
	const char *reason = json_peek_str(r->body, "reason");
	struct job *j = job_new(r, &states);

	if (open_unit(r, j, true, e) < 0 ||
	    job_step(r, j, "return", reason, e) < 0)
		return -1;
	job_stamp(r, j->doc, "returnedAt");
	json_put_str(j->doc, "returnReason", reason);
	j->again = milestone_return_post;
	return job_commit(r, j, api_write_set(r), e);
}

/* ---- all units ---- */

/* The stored states of a milestone, by unit. */
static json_t *
states_by_unit(
    struct req *r, const char *task, const char *milestone, struct err *e)
{
	struct store_query q = {
	    .coll = COLL_MILESTONESTATES,
	    .filters = {{.field = FIELD_MILESTONESTATES_TASK,
		.op = OP_EQ,
		.text = task}},
	    .nfilters = 1,
	    .sort = FIELD_ID,
	    .limit = STORE_LIMIT_MAX,
	};
	json_t *all = store_find_json(api_store(r), &q, STATES_MAX, e);
	json_t *found = req_own_json(r, json_object());
	json_t *doc;
	size_t i;

	if (all == NULL)
		return NULL;
	req_own_json(r, all);
	json_array_foreach (all, i, doc) {
		if (strcmp(json_peek_str(doc, "milestoneId"), milestone) == 0)
			json_put(found, json_peek_str(doc, "orgId"),
			    json_incref(doc));
	}
	return found;
}

/* Obliged units that have no state yet are pending. */
static void
add_pending(
    struct req *r, const json_t *task, const json_t *milestone, json_t *found)
{
	json_t *units = req_own_json(r, milestone_units(task, milestone));
	const char *id = json_peek_str(milestone, "id");
	const json_t *unit;
	size_t i;

	json_array_foreach (units, i, unit) {
		const char *org = json_string_value(unit);

		if (json_object_get(found, org) != NULL)
			continue;
		json_put(found, org,
		    json_incref(new_state(r, task,
			arena_printf(&r->arena, "%s.%s.%s",
			    json_peek_str(task, "_id"), id, org),
			id, org)));
	}
}

static int
add_view(struct req *r, const struct job *about, const json_t *plan,
    const json_t *doc, json_t *items, struct err *e)
{
	json_t *view = json_deep_copy(doc);

	json_push(items, view);
	return stand(r, about, plan, view, e);
}

int
milestone_org_list(struct req *r, struct err *e)
{
	struct job *j = job_new(r, &states);
	json_t *answer = req_own_json(r, json_object());
	json_t *items = json_array();
	const json_t *milestone;
	json_t *plan, *found, *doc;
	const char *org;

	json_put(answer, "items", items);
	j->task = api_get(r, COLL_TASKS, r->segments[0], "事项", e);
	if (j->task == NULL)
		return -1;
	plan =
	    api_get(r, COLL_PLANS, json_peek_str(j->task, "planId"), "计划", e);
	found = states_by_unit(r, r->segments[0], r->segments[1], e);
	if (plan == NULL || found == NULL)
		return -1;
	milestone = milestone_find(j->task, r->segments[1]);
	if (milestone != NULL)
		add_pending(r, j->task, milestone, found);
	else if (json_object_size(found) == 0)
		return err_set(
		    e, ERR_NOTFOUND, "没有这个节点：%s", r->segments[1]);
	json_object_foreach (found, org, doc) {
		if (add_view(r, j, plan, doc, items, e) < 0)
			return -1;
	}
	res_json(r, 200, answer);
	return 0;
}
