#include <string.h>

#include "api/access.h"
#include "api/app.h"
#include "api/todos.h"
#include "base/json.h"
#include "plan/machine.h"
#include "plan/pace.h"
#include "plan/policy.h"
#include "plan/standing.h"
#include "store/store.h"

#define DOCS_MAX 20000

/* A state that waits for somebody to use a verb. */
struct waiting {
	enum coll coll;
	enum field plan;
	enum field state;
	enum machine machine;
	const char *text; /* of the state */
	const char *verb;
	const char *kind;
	const char *title;
	const char *due;  /* the member with the last day, or NULL */
	const char *path; /* of the link, before the id; NULL: a milestone's */
};

/* clang-format off */
static const struct waiting all[] = {
	{COLL_MILESTONESTATES, FIELD_MILESTONESTATES_PLAN,
	 FIELD_MILESTONESTATES_STATE, MACHINE_MILESTONE,
	 "returned", "claim", "milestone_returned", "节点被退回", NULL, NULL},
	{COLL_MILESTONESTATES, FIELD_MILESTONESTATES_PLAN,
	 FIELD_MILESTONESTATES_STATE, MACHINE_MILESTONE,
	 "claimed", "verify", "milestone_verify", "节点待核实", NULL, NULL},
	{COLL_CHANGES, FIELD_CHANGES_PLAN, FIELD_CHANGES_STATE, MACHINE_CHANGE,
	 "submitted", "opinion", "change_opinion", "变更申请待签意见", NULL,
	 "changes"},
	{COLL_CHANGES, FIELD_CHANGES_PLAN, FIELD_CHANGES_STATE, MACHINE_CHANGE,
	 "lead_opinion", "approve", "change_decide", "变更申请待审批", NULL,
	 "changes"},
	{COLL_NOTICES, FIELD_NOTICES_PLAN, FIELD_NOTICES_STATE, MACHINE_NOTICE,
	 "open", "answer", "notice_answer", "通知待答复", "dueOn", "notices"},
	{COLL_NOTICES, FIELD_NOTICES_PLAN, FIELD_NOTICES_STATE, MACHINE_NOTICE,
	 "answered", "close", "notice_close", "通知已答复，待办结", NULL,
	 "notices"},
	{COLL_CHECKS, FIELD_CHECKS_PLAN, FIELD_CHECKS_STATE, MACHINE_CHECK,
	 "asked", "statement", "check_statement", "核查待说明", "statementDue",
	 "checks"},
	{COLL_CHECKS, FIELD_CHECKS_PLAN, FIELD_CHECKS_STATE, MACHINE_CHECK,
	 "answered", "conclude", "check_conclude", "核查待认定", NULL, "checks"},
	{COLL_CASES, FIELD_CASES_PLAN, FIELD_CASES_STATE, MACHINE_CASE,
	 "proposed", "statement", "case_statement", "问责线索待说明",
	 "statementDue", "cases"},
	{COLL_CASES, FIELD_CASES_PLAN, FIELD_CASES_STATE, MACHINE_CASE,
	 "answered", "uphold", "case_decide", "问责线索待认定", NULL, "cases"},
};
/* clang-format on */

/* One plan, its tasks by id, and how it is judged. */
struct scan {
	struct todos *t;
	const json_t *plan;
	json_t *tasks;
	json_t *by_id;
	struct policy policy;
};

static const json_t *
task_of(const struct scan *s, const json_t *doc)
{
	const char *id = json_peek_str(doc, "taskId");

	return id != NULL ? json_object_get(s->by_id, id) : NULL;
}

static const char *
lead_of(const json_t *task)
{
	return json_peek_str(json_peek_object(task, "lead"), "orgId");
}

/* The address of a document; of a milestone it is that of its unit. */
static const char *
link_of(const struct scan *s, const char *path, const json_t *doc)
{
	struct arena *a = &s->t->r->arena;

	if (path != NULL)
		return arena_printf(
		    a, "/api/v1/%s/%s", path, json_peek_str(doc, "_id"));
	return arena_printf(a, "/api/v1/tasks/%s/milestones/%s/orgs/%s",
	    json_peek_str(doc, "taskId"), json_peek_str(doc, "milestoneId"),
	    json_peek_str(doc, "orgId"));
}

/* What is to be done, of several milestones of one task. */
static void
put_milestone(json_t *item, const json_t *task, const char *id)
{
	const json_t *milestone =
	    id != NULL && task != NULL ? milestone_find(task, id) : NULL;

	if (milestone != NULL)
		json_put_str(item, "text", json_peek_str(milestone, "text"));
}

static json_t *
make_item(const struct scan *s, const char *kind, const char *what,
    const json_t *doc, const char *path)
{
	static const char *const copied[] = {"taskId", "orgId", "milestoneId"};
	const json_t *task = task_of(s, doc);
	const char *about = json_peek_str(doc, "title");
	json_t *item;

	if (about == NULL)
		about = json_peek_str(task, "title");
	item = todo_new(
	    kind, arena_printf(&s->t->r->arena, "%s：%s", what,
		      about != NULL ? about : json_peek_str(s->plan, "title")));
	json_put_str(item, "planId", json_peek_str(s->plan, "_id"));
	for (size_t i = 0; i < sizeof(copied) / sizeof(copied[0]); i++) {
		json_t *v = json_object_get(doc, copied[i]);

		if (v != NULL)
			json_put(item, copied[i], json_incref(v));
	}
	put_milestone(item, task, json_peek_str(doc, "milestoneId"));
	json_put_str(item, "link", link_of(s, path, doc));
	return item;
}

/* ---- what is in a state that waits ---- */

static bool
is_mine(const struct scan *s, const struct waiting *w, const json_t *doc)
{
	const struct machine_move *move =
	    machine_find(w->machine, w->verb, w->text);
	const char *began = machine_beginner(w->machine, doc);

	if ((move->rules & MACHINE_OTHER) != 0 && began != NULL &&
	    strcmp(began, api_who(s->t->r)->id) == 0)
		return false;
	return api_may(s->t->r, move->permission, json_peek_str(doc, "orgId"),
	    lead_of(task_of(s, doc)));
}

static int
scan_waiting(const struct scan *s, const struct waiting *w, struct err *e)
{
	struct store_query q = {
	    .coll = w->coll,
	    .filters = {{.field = w->plan,
			    .op = OP_EQ,
			    .text = json_peek_str(s->plan, "_id")},
		{.field = w->state, .op = OP_EQ, .text = w->text}},
	    .nfilters = 2,
	    .sort = FIELD_ID,
	    .limit = STORE_LIMIT_MAX,
	};
	json_t *docs, *doc;
	civil_t due = 0;
	size_t i;

	if (api_scope(s->t->r,
		machine_find(w->machine, w->verb, w->text)->permission) == 0)
		return 0;
	docs = store_find_json(api_store(s->t->r), &q, DOCS_MAX, e);
	if (docs == NULL)
		return -1;
	req_own_json(s->t->r, docs);
	json_array_foreach (docs, i, doc) {
		const char *day =
		    w->due != NULL ? json_peek_str(doc, w->due) : NULL;
		bool dated = day != NULL && civil_parse(day, &due);

		if (is_mine(s, w, doc))
			todo_add(s->t,
			    make_item(s, w->kind, w->title, doc, w->path),
			    dated ? &due : NULL);
	}
	return 0;
}

/* ---- milestones that nobody has claimed ---- */

static const char *
urgency(enum standing x)
{
	switch (x) {
	case STANDING_OVERDUE:
		return "节点逾期";
	case STANDING_DUE_SOON:
	case STANDING_AWAITING_REPORT:
	case STANDING_DUE_BEFORE_ISSUE:
		return "节点到期";
	default:
		return NULL;
	}
}

/* The unit's state: 1 there is none, so it is to be claimed; 0; -1. */
static int
is_unclaimed(const struct scan *s, const char *id, struct err *e)
{
	int64_t rev;

	if (store_get_rev(
		api_store(s->t->r), COLL_MILESTONESTATES, id, &rev, e) == 0)
		return 0;
	if (e->code != ERR_NOTFOUND)
		return -1;
	err_init(e);
	return 1;
}

static int
scan_unit(const struct scan *s, const json_t *task, const json_t *milestone,
    const char *org, const char *what, civil_t due, struct err *e)
{
	struct req *r = s->t->r;
	const char *id = json_peek_str(milestone, "id");
	json_t *doc;
	int waits;

	if (!api_may(r, "milestone.claim", org, lead_of(task)))
		return 0;
	waits = is_unclaimed(s,
	    arena_printf(
		&r->arena, "%s.%s.%s", json_peek_str(task, "_id"), id, org),
	    e);
	if (waits <= 0)
		return waits;
	doc = req_own_json(r, json_object());
	json_put_str(doc, "taskId", json_peek_str(task, "_id"));
	json_put_str(doc, "milestoneId", id);
	json_put_str(doc, "orgId", org);
	todo_add(s->t,
	    make_item(s,
		strcmp(what, "节点逾期") == 0 ? "milestone_overdue"
					      : "milestone_due",
		what, doc, NULL),
	    &due);
	return 0;
}

static int
scan_milestone(const struct scan *s, const json_t *task,
    const json_t *milestone, struct err *e)
{
	struct standing_facts f = {.issued = pace_start(s->plan)};
	json_t *units;
	const json_t *unit;
	const char *what;
	size_t i;
	int late;

	f.dated = milestone_due(milestone, &f.due);
	what = urgency(standing_of(&f, &s->policy, s->t->r->today, &late));
	if (what == NULL || milestone_is_percent(milestone))
		return 0;
	units = req_own_json(s->t->r, milestone_units(task, milestone));
	json_array_foreach (units, i, unit) {
		if (scan_unit(s, task, milestone, json_string_value(unit), what,
			f.due, e) < 0)
			return -1;
	}
	return 0;
}

/* Who is to decide on the closing of a task. */
static void
scan_closing(const struct scan *s, const json_t *task)
{
	const char *by = machine_beginner(MACHINE_TASK, task);
	json_t *doc;

	if (strcmp(machine_state(MACHINE_TASK, task), "completing") != 0 ||
	    !api_may(s->t->r, "task.finish", lead_of(task), lead_of(task)) ||
	    (by != NULL && strcmp(by, api_who(s->t->r)->id) == 0))
		return;
	doc = req_own_json(s->t->r, json_object());
	json_put_str(doc, "_id",
	    arena_printf(
		&s->t->r->arena, "%s/steps", json_peek_str(task, "_id")));
	json_put_str(doc, "taskId", json_peek_str(task, "_id"));
	todo_add(s->t,
	    make_item(s, "task_finish", "申请办结，待销号", doc, "tasks"),
	    NULL);
}

static int
scan_tasks(const struct scan *s, struct err *e)
{
	const json_t *task, *milestone;
	size_t i, k;

	json_array_foreach (s->tasks, i, task) {
		scan_closing(s, task);
		json_array_foreach (
		    json_peek_array(task, "milestones"), k, milestone) {
			if (scan_milestone(s, task, milestone, e) < 0)
				return -1;
		}
	}
	return 0;
}

static int
scan_plan(struct scan *s, struct err *e)
{
	json_t *task;
	size_t i;

	s->tasks = api_plan_tasks(s->t->r, json_peek_str(s->plan, "_id"), e);
	if (s->tasks == NULL || policy_read(s->plan, &s->policy, e) < 0)
		return -1;
	s->by_id = req_own_json(s->t->r, json_object());
	json_array_foreach (s->tasks, i, task)
		json_put(
		    s->by_id, json_peek_str(task, "_id"), json_incref(task));
	for (size_t k = 0; k < sizeof(all) / sizeof(all[0]); k++) {
		if (scan_waiting(s, &all[k], e) < 0)
			return -1;
	}
	return scan_tasks(s, e);
}

int
todo_works(struct todos *t, struct err *e)
{
	struct scan *s = arena_alloc(&t->r->arena, sizeof(*s));
	const json_t *plan;
	size_t i;

	json_array_foreach (t->plans, i, plan) {
		*s = (struct scan){.t = t, .plan = plan};
		if (scan_plan(s, e) < 0)
			return -1;
	}
	return 0;
}
