#include <stdio.h>
#include <string.h>

#include "api/access.h"
#include "api/app.h"
#include "api/handlers.h"
#include "api/mask.h"
#include "base/json.h"
#include "plan/lifecycle.h"
#include "plan/orgs.h"
#include "schema/registry.h"
#include "schema/schema.h"

int
task_list(struct req *r, struct err *e)
{
	struct store_query q = {
	    .coll = COLL_TASKS,
	    .filters = {{.field = FIELD_TASKS_PLAN,
		.op = OP_EQ,
		.text = r->segments[0]}},
	    .nfilters = 1,
	    .sort = FIELD_TASKS_NO,
	};
	struct store_doc plan;
	struct store_page page;
	bool masked;

	if (store_get(api_store(r), COLL_PLANS, r->segments[0], &r->arena,
		&plan, e) < 0) {
		if (e->code == ERR_NOTFOUND)
			err_set(e, ERR_NOTFOUND, "没有这个计划：%s",
			    r->segments[0]);
		return -1;
	}
	if (api_find_page(r, &q, &page, e) < 0)
		return -1;
	for (size_t i = 0; i < page.ndocs; i++)
		if (mask_task(r, &page.docs[i], &masked, e) < 0)
			return -1;
	return api_print_page(r, &page, e);
}

/* Contacts are hidden from some; what they get has a tag of its own. */
int
task_get(struct req *r, struct err *e)
{
	struct store_doc task;
	char tag[32];
	bool masked;

	if (store_get(api_store(r), COLL_TASKS, r->segments[0], &r->arena,
		&task, e) < 0) {
		if (e->code == ERR_NOTFOUND)
			err_set(e, ERR_NOTFOUND, "没有这个事项：%s",
			    r->segments[0]);
		return -1;
	}
	if (mask_task(r, &task, &masked, e) < 0)
		return -1;
	snprintf(
	    tag, sizeof(tag), "%lld%s", (long long)task.rev, masked ? "m" : "");
	if (!res_etag(r, tag))
		res_text(r, 200, "application/json", task.text, task.len);
	return 0;
}

/* ---- contacts, for a reason ---- */

/* Does it concern a unit of who asks: by a quota, a milestone, a duty? */
static bool
concerns(struct req *r, const json_t *list, const char *key, const char *lead)
{
	size_t i, k;
	json_t *row, *org;

	json_array_foreach (list, i, row) {
		if (api_may(
			r, r->route->permission, json_peek_str(row, key), lead))
			return true;
		json_array_foreach (json_peek_array(row, "orgs"), k, org)
			if (api_may(r, r->route->permission,
				json_string_value(org), lead))
				return true;
		if (concerns(r, json_peek_array(row, "quotas"), key, lead))
			return true;
	}
	return false;
}

static int
check_concern(struct req *r, const json_t *task, struct err *e)
{
	static const char *const lists[] = {
	    "indicators", "milestones", "subtasks"};
	const char *lead =
	    json_peek_str(json_object_get(task, "lead"), "orgId");

	if (api_allow(r, NULL, lead, e) == 0)
		return 0;
	for (size_t i = 0; i < 3 && e->code == ERR_FORBIDDEN; i++) {
		if (!concerns(
			r, json_peek_array(task, lists[i]), "orgId", lead))
			continue;
		err_init(e);
		return 0;
	}
	return -1;
}

int
task_reveal_post(struct req *r, struct err *e)
{
	json_t *task = api_get(r, COLL_TASKS, r->segments[0], "事项", e);
	struct write_set *ws = api_write_set(r);
	json_t *answer;

	if (task == NULL || check_concern(r, task, e) < 0)
		return -1;
	api_reason(r, json_peek_str(r->body, "reason"));
	api_note(r, ws, COLL_TASKS, r->segments[0]);
	answer = json_pack("{s:O}", "contacts",
	    json_peek_array(json_object_get(task, "lead"), "contacts"));
	return api_commit(r, ws, 200, req_own_json(r, answer), e);
}

/* The task that is stored: owned by the request, NULL when there is none. */
static int
find_task(struct req *r, json_t **task, struct err *e)
{
	*task = store_get_json(api_store(r), COLL_TASKS, r->segments[0], e);
	if (*task != NULL)
		req_own_json(r, *task);
	else if (e->code != ERR_NOTFOUND)
		return -1;
	else
		err_init(e);
	return 0;
}

int
api_fill_task(struct req *r, const json_t *plan, json_t *task, struct err *e)
{
	struct org_index *index;
	json_t *orgs, *sets;
	int rc;

	if (api_plan_orgs(r, plan, &orgs, &sets, e) < 0)
		return -1;
	index = org_index_new(orgs, sets);
	rc = orgs_fill_task(task, index, e);
	org_index_free(index);
	return rc;
}

/* Tables and findings go by the number: a plan has it once. */
static int
check_number(struct req *r, const json_t *task, struct err *e)
{
	int64_t no = json_peek_int(task, "no", 0);
	struct store_page page;
	struct store_query q = {
	    .coll = COLL_TASKS,
	    .filters = {{.field = FIELD_TASKS_PLAN,
			    .op = OP_EQ,
			    .text = json_peek_str(task, "planId")},
		{.field = FIELD_TASKS_NO, .op = OP_EQ, .n = no}},
	    .nfilters = 2,
	    .sort = FIELD_ID,
	    .limit = 2,
	};

	if (store_find(api_store(r), &q, &r->arena, &page, e) < 0)
		return -1;
	for (size_t i = 0; i < page.ndocs; i++) {
		if (strcmp(page.docs[i].id, json_peek_str(task, "_id")) != 0)
			return err_add(e, ERR_CONFLICT, "/no", "unique",
			    "第%lld件已经是%s", (long long)no, page.docs[i].id);
	}
	return 0;
}

/*
 * Store a draft task.  A new one, or one of a new number, also makes a new
 * revision of the plan, so that it cannot slip in while the plan is being
 * issued, nor take a number together with another.
 */
static int
keep_draft(
    struct req *r, json_t *plan, json_t *task, const json_t *old, struct err *e)
{
	struct write_set *ws = api_write_set(r);
	bool renumbered = old == NULL || json_peek_int(old, "no", 0) !=
					     json_peek_int(task, "no", 0);

	if (api_fill_task(r, plan, task, e) < 0 ||
	    (renumbered && check_number(r, task, e) < 0))
		return -1;
	if (old != NULL)
		api_replace(r, ws, COLL_TASKS, old, task);
	else
		write_insert(ws, COLL_TASKS, task);
	if (renumbered)
		write_replace(
		    ws, COLL_PLANS, plan, json_peek_int(plan, "rev", 0));
	return api_commit(r, ws, old != NULL ? 200 : 201, task, e);
}

/* The plan of the task, when it is theirs to write; owned by the request. */
static json_t *
get_plan(struct req *r, const json_t *task, struct err *e)
{
	json_t *plan =
	    api_get(r, COLL_PLANS, json_peek_str(task, "planId"), "计划", e);

	if (plan == NULL ||
	    api_allow_division(r, json_peek_str(plan, "division"), e) < 0)
		return NULL;
	return plan;
}

int
task_put(struct req *r, struct err *e)
{
	json_t *plan, *old;

	if (find_task(r, &old, e) < 0)
		return -1;
	plan = get_plan(r, old != NULL ? old : r->body, e);
	if (plan == NULL || api_check_match(r, old, e) < 0)
		return -1;
	if (old != NULL && api_check_identity(old, r->body, "planId", e) < 0)
		return -1;
	if (api_check_id(r, e) < 0 ||
	    lifecycle_put_task(r->body, plan, old, e) < 0)
		return -1;
	return keep_draft(r, plan, r->body, old, e);
}

int
task_patch(struct req *r, struct err *e)
{
	json_t *plan, *task;
	json_t *old = api_get(r, COLL_TASKS, r->segments[0], "事项", e);

	plan = old != NULL ? get_plan(r, old, e) : NULL;
	if (plan == NULL || api_check_match(r, old, e) < 0)
		return -1;
	task = api_merge(r, old, e);
	if (task == NULL || api_check_identity(old, task, "_id", e) < 0 ||
	    api_check_identity(old, task, "planId", e) < 0 ||
	    schema_check(schema_registry_peek("task.json"), task, e) < 0)
		return -1;
	if (lifecycle_put_task(task, plan, old, e) < 0)
		return -1;
	return keep_draft(r, plan, task, old, e);
}

int
task_amend_post(struct req *r, struct err *e)
{
	json_t *task = api_get(r, COLL_TASKS, r->segments[0], "事项", e);
	struct write_set *ws;
	json_t *plan, *changes, *old;

	plan = task != NULL ? get_plan(r, task, e) : NULL;
	if (plan == NULL || api_check_match(r, task, e) < 0)
		return -1;
	old = req_own_json(r, json_deep_copy(task));
	changes = json_object_get(r->body, "changes");
	if (api_fill_task(r, plan, changes, e) < 0 ||
	    lifecycle_amend_task(task, r->body, r->now, e) < 0 ||
	    schema_check(schema_registry_peek("task.json"), task, e) < 0)
		return -1;
	ws = api_write_set(r);
	api_reason(r, json_peek_str(r->body, "reason"));
	api_replace(r, ws, COLL_TASKS, old, task);
	return api_commit(r, ws, 200, task, e);
}
