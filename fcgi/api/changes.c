#include <string.h>

#include "api/access.h"
#include "api/app.h"
#include "api/handlers.h"
#include "api/works.h"
#include "base/json.h"
#include "plan/change.h"
#include "plan/standing.h"
#include "schema/registry.h"
#include "schema/schema.h"

static const struct work_kind changes = {
    COLL_CHANGES, MACHINE_CHANGE, "变更申请"};

#define STATES_MAX 20000

int
change_list(struct req *r, struct err *e)
{
	struct store_query q = {.coll = COLL_CHANGES, .sort = FIELD_ID};

	api_filter(r, &q, "plan", FIELD_CHANGES_PLAN, OP_EQ);
	api_filter(r, &q, "task", FIELD_CHANGES_TASK, OP_EQ);
	api_filter(r, &q, "org", FIELD_CHANGES_ORG, OP_EQ);
	api_filter(r, &q, "kind", FIELD_CHANGES_KIND, OP_EQ);
	api_filter(r, &q, "state", FIELD_CHANGES_STATE, OP_EQ);
	return api_answer_scoped(r, &q, e);
}

int
change_get(struct req *r, struct err *e)
{
	return job_get(r, &changes, NULL, e);
}

/* ---- asking ---- */

/* What counts when it is asked: the due day, and the task as it is. */
static int
submit(struct req *r, struct job *j, struct err *e)
{
	char basis[SHA256_HEX + 1], day[CIVIL_LEN + 1];
	civil_t due = 0;
	bool dated, late;

	if (change_check(j->task, j->doc, r->today, e) < 0)
		return -1;
	late = change_is_late(j->task, j->doc, r->today, &dated, &due);
	change_basis(j->task, j->doc, basis);
	json_put(j->doc, "late", json_boolean(late));
	json_put_str(j->doc, "dueWas", dated ? civil_format(due, day) : NULL);
	json_put_str(j->doc, "basis", basis);
	job_stamp(r, j->doc, "submittedAt");
	return job_step(r, j, "submit", NULL, e);
}

/* Phrases of a proposal mean what the org sets say today. */
static int
fill_proposal(struct req *r, struct job *j, struct err *e)
{
	json_t *proposal = json_object_get(j->doc, "proposal");
	const json_t *plan;

	if (proposal == NULL)
		return 0;
	plan =
	    api_get(r, COLL_PLANS, json_peek_str(j->task, "planId"), "计划", e);
	return plan != NULL ? api_fill_task(r, plan, proposal, e) : -1;
}

int
change_put(struct req *r, struct err *e)
{
	struct job *j = job_new(r, &changes);
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
	if (j->old != NULL &&
	    (api_check_identity(j->old, r->body, "taskId", e) < 0 ||
		machine_check(MACHINE_CHANGE, "edit",
		    machine_state(MACHINE_CHANGE, j->old), e) == NULL))
		return -1;
	job_put_body(r, j);
	json_put_str(j->doc, "authorOrg", api_who(r)->org_id);
	if (fill_proposal(r, j, e) < 0)
		return -1;
	if (j->old == NULL) {
		machine_note(j->doc, NULL, "draft", &step);
		json_put_str(j->doc, "state", "draft");
	}
	if (json_peek_bool(r->body, "submit", false) && submit(r, j, e) < 0)
		return -1;
	j->again = change_put;
	return job_commit(r, j, api_write_set(r), e);
}

/* ---- deciding ---- */

int
change_opinion_post(struct req *r, struct err *e)
{
	struct job *j = job_new(r, &changes);

	if (job_load(r, j, r->segments[0], e) < 0 ||
	    job_step(r, j, "opinion", NULL, e) < 0)
		return -1;
	json_put(j->doc, "opinion", job_signed(r, r->body));
	j->again = change_opinion_post;
	return job_commit(r, j, api_write_set(r), e);
}

static void
sign_decision(struct req *r, struct job *j, const char *effect)
{
	json_put(j->doc, "decision", job_signed(r, r->body));
	json_put_str(j->doc, "docNo", json_peek_str(r->body, "docNo"));
	json_put_str(j->doc, "effect", effect);
	job_stamp(r, j->doc, "decidedAt");
}

int
change_refuse_post(struct req *r, struct err *e)
{
	struct job *j = job_new(r, &changes);

	if (job_load(r, j, r->segments[0], e) < 0 ||
	    job_step(r, j, "refuse", json_peek_str(r->body, "text"), e) < 0)
		return -1;
	sign_decision(r, j, "none");
	j->again = change_refuse_post;
	return job_commit(r, j, api_write_set(r), e);
}

/* ---- approving ---- */

/* The states of the milestone it is about, owned by the request. */
static json_t *
states_of(struct req *r, const struct job *j, struct err *e)
{
	struct store_query q = {
	    .coll = COLL_MILESTONESTATES,
	    .filters = {{.field = FIELD_MILESTONESTATES_TASK,
		.op = OP_EQ,
		.text = json_peek_str(j->task, "_id")}},
	    .nfilters = 1,
	    .sort = FIELD_ID,
	    .limit = STORE_LIMIT_MAX,
	};
	const char *id = json_peek_str(j->doc, "milestoneId");
	json_t *all = store_find_json(api_store(r), &q, STATES_MAX, e);
	json_t *found = req_own_json(r, json_object());
	json_t *doc;
	size_t i;

	if (all == NULL)
		return NULL;
	req_own_json(r, all);
	json_array_foreach (all, i, doc) {
		if (id != NULL &&
		    strcmp(json_peek_str(doc, "milestoneId"), id) == 0)
			json_put(found, json_peek_str(doc, "orgId"),
			    json_incref(doc));
	}
	return found;
}

/* The units that have done what they should. */
static json_t *
met_of(struct req *r, json_t *states)
{
	json_t *met = req_own_json(r, json_array());
	const char *org;
	json_t *doc;

	json_object_foreach (states, org, doc) {
		if (strcmp(json_peek_str(doc, "state"), "verified") == 0)
			json_push(met, json_string(org));
	}
	return met;
}

static struct machine_step
step_of(const struct req *r, const struct job *j)
{
	return (struct machine_step){
	    .by = api_who(r)->id,
	    .name = api_who(r)->name,
	    .reason = json_peek_str(j->doc, "reason"),
	    .at = r->now,
	};
}

/* What a unit has claimed moves with its milestone. */
static void
move_state(struct req *r, struct write_set *ws, const json_t *old,
    const char *milestone)
{
	json_t *doc;

	if (old == NULL)
		return;
	doc = req_own_json(r, json_deep_copy(old));
	json_put_str(doc, "milestoneId", milestone);
	json_put_str(doc, "_id",
	    arena_printf(&r->arena, "%s.%s.%s", json_peek_str(old, "taskId"),
		milestone, json_peek_str(old, "orgId")));
	json_object_del(doc, "rev");
	api_remove(r, ws, COLL_MILESTONESTATES, old);
	write_insert(ws, COLL_MILESTONESTATES, doc);
}

/* new: the state of a unit that has none. */
static json_t *
pending_state(struct req *r, const struct job *j, const char *org)
{
	const char *milestone = json_peek_str(j->doc, "milestoneId");
	json_t *doc = json_object();

	json_put_str(doc, "_id",
	    arena_printf(&r->arena, "%s.%s.%s", json_peek_str(j->task, "_id"),
		milestone, org));
	json_put_str(doc, "planId", json_peek_str(j->task, "planId"));
	json_put_str(doc, "taskId", json_peek_str(j->task, "_id"));
	json_put_str(doc, "milestoneId", milestone);
	json_put_str(doc, "orgId", org);
	json_put_str(doc, "state", machine_start(MACHINE_MILESTONE));
	return doc;
}

static int
waive(struct req *r, const struct job *j, struct write_set *ws,
    const json_t *old, const char *org, struct err *e)
{
	struct machine_step step = step_of(r, j);
	const struct machine_move *move;
	json_t *doc = req_own_json(
	    r, old != NULL ? json_deep_copy(old) : pending_state(r, j, org));

	move = machine_check(MACHINE_MILESTONE, "waive",
	    machine_state(MACHINE_MILESTONE, doc), e);
	if (move == NULL)
		return -1;
	machine_take(doc, move, &step);
	job_stamp(r, doc, "waivedAt");
	json_put_str(doc, "waivedBy", json_peek_str(j->doc, "_id"));
	if (old != NULL)
		api_replace(r, ws, COLL_MILESTONESTATES, old, doc);
	else
		write_insert(ws, COLL_MILESTONESTATES, doc);
	return 0;
}

/* The task as the approval makes it, and the states that go with it. */
static int
put_effect(struct req *r, struct job *j, struct write_set *ws,
    const json_t *states, const json_t *was, const struct change_effect *x,
    struct err *e)
{
	struct machine_step step = step_of(r, j);
	const char *org = json_peek_str(j->doc, "orgId");
	const json_t *unit;
	size_t i;

	if (strcmp(x->name, "none") == 0)
		return 0;
	if (strcmp(x->name, "cancelled") == 0)
		machine_note(
		    j->task, json_peek_str(was, "status"), "cancelled", &step);
	if (schema_check(schema_registry_peek("task.json"), j->task, e) < 0)
		return -1;
	api_replace(r, ws, COLL_TASKS, was, j->task);
	if (x->moved_to[0] != '\0')
		move_state(r, ws, json_object_get(states, org), x->moved_to);
	json_array_foreach (x->waived_orgs, i, unit) {
		const char *id = json_string_value(unit);

		if (waive(r, j, ws, json_object_get(states, id), id, e) < 0)
			return -1;
	}
	return 0;
}

static void
release_effect(void *x)
{
	change_effect_fini(x);
}

int
change_approve_post(struct req *r, struct err *e)
{
	struct job *j = job_new(r, &changes);
	struct change_effect *x = arena_alloc(&r->arena, sizeof(*x));
	struct write_set *ws = api_write_set(r);
	const json_t *was;
	json_t *states;

	*x = (struct change_effect){.name = "none"};
	req_own(r, x, release_effect);
	if (job_load(r, j, r->segments[0], e) < 0 ||
	    job_step(r, j, "approve", NULL, e) < 0)
		return -1;
	sign_decision(r, j, "none");
	was = j->task;
	j->task = req_own_json(r, json_deep_copy(was));
	states = states_of(r, j, e);
	if (states == NULL ||
	    change_apply(j->task, j->doc, json_object_get(j->doc, "decision"),
		met_of(r, states), r->now, x, e) < 0 ||
	    put_effect(r, j, ws, states, was, x, e) < 0)
		return -1;
	json_put_str(j->doc, "effect", x->name);
	j->again = change_approve_post;
	return job_commit(r, j, ws, e);
}
