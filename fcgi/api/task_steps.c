#include <string.h>

#include "api/access.h"
#include "api/app.h"
#include "api/handlers.h"
#include "api/works.h"
#include "base/json.h"

/* 启动, 申请办结, 销号: the steps of an issued task. */
static const struct work_kind tasks = {COLL_TASKS, MACHINE_TASK, "事项"};

/* Only the steps: the task itself has an address of its own. */
static int
derive(struct req *r, const struct job *j, json_t *view, struct err *e)
{
	static const char *const kept[] = {
	    "_id", "rev", "planId", "no", "title", "status", "history"};

	(void)r;
	(void)e;
	json_object_clear(view);
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		json_t *v = json_object_get(j->doc, kept[i]);

		if (v != NULL)
			json_put(view, kept[i], json_incref(v));
	}
	return 0;
}

static int
load(struct req *r, struct job *j, struct err *e)
{
	if (job_load(r, j, r->segments[0], e) < 0)
		return -1;
	j->lead_id = json_peek_str(json_peek_object(j->doc, "lead"), "orgId");
	j->org_id = j->lead_id;
	j->derive = derive;
	return 0;
}

static int
step(struct req *r, const char *verb, int (*again)(struct req *, struct err *),
    struct err *e)
{
	const char *reason = json_peek_str(r->body, "reason");
	struct job *j = job_new(r, &tasks);

	if (load(r, j, e) < 0 ||
	    job_step(r, j, verb,
		reason != NULL ? reason : json_peek_str(r->body, "text"),
		e) < 0)
		return -1;
	j->again = again;
	return job_commit(r, j, api_write_set(r), e);
}

int
task_steps_get(struct req *r, struct err *e)
{
	struct job *j = job_new(r, &tasks);

	return load(r, j, e) < 0 ? -1 : job_answer(r, j, 200, e);
}

int
task_start_post(struct req *r, struct err *e)
{
	return step(r, "start", task_start_post, e);
}

int
task_complete_post(struct req *r, struct err *e)
{
	return step(r, "complete", task_complete_post, e);
}

int
task_resume_post(struct req *r, struct err *e)
{
	return step(r, "resume", task_resume_post, e);
}

/* ---- 销号 ---- */

/* What the figures say is not done yet, an item each. */
static void
add_unmet(const json_t *row, struct err *e)
{
	const json_t *m;
	size_t i;

	json_array_foreach (json_peek_array(row, "milestones"), i, m) {
		int64_t obliged = json_peek_int(m, "obliged", 0);
		int64_t met = json_peek_int(m, "met", 0);

		if (met < obliged)
			err_add(e, ERR_STATE, "/milestones", "unmet",
			    "节点%s：%lld个单位中完成%lld个",
			    json_peek_str(m, "milestoneId"), (long long)obliged,
			    (long long)met);
	}
}

static void
add_short(const json_t *row, struct err *e)
{
	const json_t *first =
	    json_array_get(json_peek_array(row, "indicators"), 0);
	int64_t done = json_peek_int(first, "done", 0);
	int64_t target =
	    json_peek_int(json_peek_object(first, "target"), "qty", 0);

	if (done < target)
		err_add(e, ERR_STATE, "/indicators/0", "short",
		    "任务数%lld，已认定完成%lld", (long long)target,
		    (long long)done);
}

static int
check_figures(struct req *r, const json_t *task, struct err *e)
{
	const json_t *done = api_task_figures(r, task, STAT_COMPLETION, e);
	const json_t *met =
	    done != NULL ? api_task_figures(r, task, STAT_MILESTONES, e) : NULL;

	if (met == NULL)
		return -1;
	add_short(done, e);
	add_unmet(met, e);
	if (e->nitems == 0)
		return 0;
	snprintf(e->detail, sizeof(e->detail),
	    "还有没完成的内容，不能销号；不再做的请先办理变更。");
	return -1;
}

int
task_finish_post(struct req *r, struct err *e)
{
	struct job *j = job_new(r, &tasks);

	if (load(r, j, e) < 0 ||
	    job_step(r, j, "finish", json_peek_str(r->body, "text"), e) < 0 ||
	    check_figures(r, j->old, e) < 0)
		return -1;
	j->again = task_finish_post;
	return job_commit(r, j, api_write_set(r), e);
}
