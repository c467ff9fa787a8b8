#include <stdio.h>
#include <string.h>

#include "api/access.h"
#include "api/app.h"
#include "api/handlers.h"
#include "api/import.h"
#include "base/json.h"
#include "plan/doctor.h"
#include "plan/lifecycle.h"
#include "plan/orgs.h"
#include "schema/registry.h"
#include "schema/schema.h"

int
plan_list(struct req *r, struct err *e)
{
	struct store_query q = {.coll = COLL_PLANS, .sort = FIELD_ID};

	api_filter(r, &q, "division", FIELD_PLANS_DIVISION, OP_PREFIX);
	api_filter(r, &q, "year", FIELD_PLANS_YEAR, OP_EQ);
	api_filter(r, &q, "status", FIELD_PLANS_STATUS, OP_EQ);
	return api_answer_page(r, &q, e);
}

int
plan_get(struct req *r, struct err *e)
{
	return api_answer_doc(r, COLL_PLANS, r->segments[0], "计划", e);
}

static const char *
default_plan_id(struct req *r, const json_t *plan)
{
	return arena_printf(&r->arena, "%s-%lld",
	    json_peek_str(plan, "division"),
	    (long long)json_peek_int(plan, "year", 0));
}

/* Is it for the division of who asks to write this plan? */
static int
allow_plan(struct req *r, const json_t *plan, struct err *e)
{
	return api_allow_division(r, json_peek_str(plan, "division"), e);
}

int
plan_post(struct req *r, struct err *e)
{
	struct write_set *ws = api_write_set(r);

	if (allow_plan(r, r->body, e) < 0)
		return -1;
	if (json_peek_str(r->body, "_id") == NULL)
		json_put_str(r->body, "_id", default_plan_id(r, r->body));
	if (lifecycle_draft_plan(r->body, NULL, e) < 0)
		return -1;
	write_insert(ws, COLL_PLANS, r->body);
	res_header(r, "Location",
	    arena_printf(
		&r->arena, "/api/v1/plans/%s", json_peek_str(r->body, "_id")));
	return api_commit(r, ws, 201, r->body, e);
}

int
plan_patch(struct req *r, struct err *e)
{
	json_t *old = api_get(r, COLL_PLANS, r->segments[0], "计划", e);
	struct write_set *ws;
	json_t *plan;

	if (old == NULL || allow_plan(r, old, e) < 0 ||
	    api_check_match(r, old, e) < 0)
		return -1;
	plan = api_merge(r, old, e);
	if (plan == NULL || api_check_identity(old, plan, "_id", e) < 0 ||
	    api_check_identity(old, plan, "division", e) < 0 ||
	    api_check_identity(old, plan, "year", e) < 0 ||
	    schema_check(schema_registry_peek("plan.json"), plan, e) < 0 ||
	    lifecycle_draft_plan(plan, old, e) < 0)
		return -1;
	ws = api_write_set(r);
	api_replace(r, ws, COLL_PLANS, old, plan);
	return api_commit(r, ws, 200, plan, e);
}

/* ---- import ---- */

/* The plan that is there is theirs to write over. */
static int
allow_stored(struct req *r, struct err *e)
{
	json_t *plan =
	    store_get_json(api_store(r), COLL_PLANS, r->segments[0], e);

	if (plan != NULL)
		return allow_plan(r, req_own_json(r, plan), e);
	if (e->code != ERR_NOTFOUND)
		return -1;
	err_init(e);
	return 0;
}

/* A bundle brings units too, and records have ids of their own choosing. */
static int
allow_write(struct req *r, const struct write *w, struct err *e)
{
	const json_t *docs[] = {w->before, w->doc};
	const char *plan = json_peek_str(w->before, "planId");

	if (plan != NULL && strcmp(plan, r->segments[0]) != 0)
		return err_set(
		    e, ERR_CONFLICT, "编号%s已经属于计划%s", w->id, plan);
	if (w->coll != COLL_ORGS && w->coll != COLL_ORGSETS &&
	    w->coll != COLL_PLANS)
		return 0;
	for (size_t i = 0; i < 2; i++)
		if (docs[i] != NULL && allow_plan(r, docs[i], e) < 0)
			return -1;
	return 0;
}

static int
allow_writes(struct req *r, const struct write_set *ws, struct err *e)
{
	for (size_t i = 0; i < ws->n; i++)
		if (allow_write(r, &ws->v[i], e) < 0)
			return -1;
	return 0;
}

int
plan_import(struct req *r, struct err *e)
{
	struct write_set *ws = api_write_set(r);
	json_t *bundle = r->body;
	json_t *summary = NULL;

	req_slow(r);
	if (allow_stored(r, e) < 0)
		return -1;
	if (bundle == NULL)
		bundle = req_own_json(r, import_table(api_store(r), r->raw,
					     r->raw_len, r->segments[0], e));
	if (bundle == NULL || import_plan(api_store(r), bundle, r->segments[0],
				  ws, &summary, e) < 0)
		return -1;
	req_own_json(r, summary);
	if (allow_writes(r, ws, e) < 0)
		return -1;
	if (ws->n == 0) {
		res_json(r, 200, summary);
		return 0;
	}
	return api_commit(r, ws, 200, summary, e);
}

/* ---- the plan doctor ---- */

/* A plan with all that the doctor looks at; owned by the request. */
struct chart {
	json_t *plan;
	json_t *tasks;
	json_t *findings;
};

/* While it is a draft, phrases mean what the org sets say today. */
static void
fill_phrases(json_t *tasks, const json_t *orgs, const json_t *orgsets)
{
	struct org_index *index = org_index_new(orgs, orgsets);
	struct err unresolved;
	size_t i;
	json_t *task;

	json_array_foreach (tasks, i, task) {
		/* The doctor reports what is not known. */
		err_init(&unresolved);
		if (orgs_fill_task(task, index, &unresolved) < 0)
			continue;
	}
	org_index_free(index);
}

static json_t *
find_member(const json_t *docs, const char *key, const char *value)
{
	size_t i;
	json_t *doc;

	json_array_foreach (docs, i, doc) {
		const char *s = json_peek_str(doc, key);

		if (s != NULL && strcmp(s, value) == 0)
			return doc;
	}
	return NULL;
}

/* A decision is kept in the task: each finding says of which revision. */
static void
put_revisions(const struct chart *c)
{
	size_t i;
	json_t *f;

	json_array_foreach (c->findings, i, f) {
		const json_t *task =
		    find_member(c->tasks, "_id", json_peek_str(f, "taskId"));

		json_put_int(f, "rev", json_peek_int(task, "rev", 0));
	}
}

static int
examine(struct req *r, const char *plan_id, struct chart *c, struct err *e)
{
	json_t *orgs, *sets;

	req_slow(r);
	c->plan = api_get(r, COLL_PLANS, plan_id, "计划", e);
	if (c->plan == NULL)
		return -1;
	c->tasks = api_plan_tasks(r, plan_id, e);
	if (c->tasks == NULL || api_plan_orgs(r, c->plan, &orgs, &sets, e) < 0)
		return -1;
	if (strcmp(json_peek_str(c->plan, "status"), "draft") == 0)
		fill_phrases(c->tasks, orgs, sets);
	c->findings = doctor_examine(c->plan, c->tasks, orgs, sets, e);
	if (c->findings == NULL)
		return -1;
	req_own_json(r, c->findings);
	put_revisions(c);
	return 0;
}

static int64_t
count_open(const json_t *findings)
{
	int64_t n = 0;
	size_t i;
	json_t *f;

	json_array_foreach (findings, i, f)
		n += json_is_null(json_object_get(f, "disposition"));
	return n;
}

int
finding_list(struct req *r, struct err *e)
{
	struct chart c = {0};
	json_t *answer;

	if (examine(r, r->segments[0], &c, e) < 0)
		return -1;
	answer = req_own_json(r, json_object());
	json_put_str(answer, "plan", r->segments[0]);
	json_put(
	    answer, "status", json_incref(json_object_get(c.plan, "status")));
	json_put_int(answer, "open", count_open(c.findings));
	json_put(answer, "items", json_incref(c.findings));
	res_json(r, 200, answer);
	return 0;
}

int
finding_patch(struct req *r, struct err *e)
{
	struct chart c = {0};
	struct write_set *ws;
	json_t *finding, *task, *old;

	if (examine(r, r->segments[0], &c, e) < 0 ||
	    allow_plan(r, c.plan, e) < 0)
		return -1;
	finding = find_member(c.findings, "id", r->segments[1]);
	if (finding == NULL)
		return err_set(
		    e, ERR_NOTFOUND, "体检没有这个问题：%s", r->segments[1]);
	task = find_member(c.tasks, "_id", json_peek_str(finding, "taskId"));
	old = req_own_json(r, json_deep_copy(task));
	if (api_check_match(r, task, e) < 0 ||
	    lifecycle_dispose(task, finding, r->body, r->now, e) < 0)
		return -1;
	ws = api_write_set(r);
	api_reason(r, json_peek_str(r->body, "text"));
	api_replace(r, ws, COLL_TASKS, old, task);
	return api_commit(r, ws, 200, task, e);
}

/* ---- issue ---- */

int
plan_issue_post(struct req *r, struct err *e)
{
	struct chart c = {0};
	json_t *task, *plan, *tasks;
	struct write_set *ws;
	size_t i;

	if (examine(r, r->segments[0], &c, e) < 0 ||
	    allow_plan(r, c.plan, e) < 0)
		return -1;
	plan = req_own_json(r, json_deep_copy(c.plan));
	tasks = req_own_json(r, json_deep_copy(c.tasks));
	if (lifecycle_issue_plan(
		c.plan, c.tasks, c.findings, r->body, r->now, e) < 0)
		return -1;
	ws = api_write_set(r);
	api_replace(r, ws, COLL_PLANS, plan, c.plan);
	json_array_foreach (c.tasks, i, task)
		api_replace(r, ws, COLL_TASKS, json_array_get(tasks, i), task);
	return api_commit(r, ws, 200, c.plan, e);
}
