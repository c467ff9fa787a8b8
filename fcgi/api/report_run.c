#include "api/report_run.h"

#include <string.h>

#include "api/access.h"
#include "api/app.h"
#include "api/doc_cache.h"
#include "api/evidence.h"
#include "base/json.h"
#include "store/store.h"

struct report_actor
report_actor_of(const struct req *r)
{
	const struct who *who = api_who(r);

	return (struct report_actor){
	    .id = who->id, .name = who->name, .now = r->now};
}

/* ---- loading ---- */

static int
load_series(
    struct req *r, struct report_run *run, const json_t *about, struct err *e)
{
	if (series_id(about, run->series_id, e) < 0)
		return -1;
	run->series =
	    store_get_json(api_store(r), COLL_SERIES, run->series_id, e);
	if (run->series == NULL && e->code != ERR_NOTFOUND)
		return -1;
	if (run->series == NULL) {
		err_init(e);
		run->series = series_new(about, run->series_id);
		json_put_str(run->series, "planId",
		    json_peek_str(run->frame.task, "planId"));
	}
	req_own_json(r, run->series);
	run->series_rev = json_peek_int(run->series, "rev", 0);
	return 0;
}

/* borrowed until the request ends: nobody changes it. */
static const json_t *
look_at(struct req *r, enum coll c, const char *id, struct err *e)
{
	const struct app *app = r->app;

	return req_own_json(r, doc_cache_get(app->docs, app->store, c, id, e));
}

static int
no_task(const char *id, struct err *e)
{
	if (e->code != ERR_NOTFOUND)
		return -1;
	err_init(e);
	return err_add(
	    e, ERR_INVALID, "/taskId", "reference", "没有这件实事：%s", id);
}

static bool
is_of(const json_t *doc, const char *id)
{
	const char *have = json_peek_str(doc, "_id");

	return have != NULL && strcmp(have, id) == 0;
}

static int
load_plan(struct req *r, struct report_frame *f, struct err *e)
{
	const char *id = json_peek_str(f->task, "planId");

	if (is_of(f->plan, id))
		return 0;
	f->plan = look_at(r, COLL_PLANS, id, e);
	if (f->plan == NULL)
		return -1;
	return reporting_read(f->plan, &f->reporting, e);
}

int
report_run_load(
    struct req *r, struct report_run *run, const json_t *about, struct err *e)
{
	const char *task_id = json_peek_str(about, "taskId");

	if (!is_of(run->frame.task, task_id)) {
		run->frame.task = look_at(r, COLL_TASKS, task_id, e);
		if (run->frame.task == NULL)
			return no_task(task_id, e);
	}
	run->lead_id =
	    json_peek_str(json_peek_object(run->frame.task, "lead"), "orgId");
	if (load_plan(r, &run->frame, e) < 0)
		return -1;
	return load_series(r, run, about, e);
}

json_t *
report_missing(struct req *r, const json_t *attachments, struct err *e)
{
	json_t *missing = evidence_missing(api_store(r), attachments, e);

	return missing != NULL ? req_own_json(r, missing) : NULL;
}

/* ---- keeping ---- */

/* schemas/report.json: a report does not go round for ever. */
#define HISTORY_MAX 200

/* A report on its way into the store. */
struct keeping {
	struct report_run *run;
	int status;
	int (*again)(struct req *r, struct err *e);
};

static int
kept(struct req *r, void *arg, struct err *e)
{
	struct keeping *k = arg;

	return report_answer(r, k->run, k->status, e);
}

static int
overtaken(struct req *r, void *arg, struct err *e)
{
	struct keeping *k = arg;

	return k->again(r, e);
}

/* Which photographs it names now is kept with it. */
static int
keep_evidence(struct req *r, const struct report_run *run, struct write_set *ws,
    const json_t *old, struct err *e)
{
	const struct evidence_target t = {
	    .kind = coll_name(COLL_REPORTS),
	    .id = json_peek_str(run->report, "_id"),
	    .plan_id = json_peek_str(run->report, "planId"),
	    .task_id = json_peek_str(run->report, "taskId"),
	    .org_id = json_peek_str(run->report, "orgId"),
	    .indicator_id = json_peek_str(run->report, "indicatorId"),
	    .as_of = json_peek_str(run->report, "asOf"),
	};

	return evidence_use(r, ws, &t,
	    old != NULL ? json_peek_array(old, "attachments") : NULL,
	    json_peek_array(run->report, "attachments"), e);
}

int
report_run_commit(struct req *r, struct report_run *run, struct write_set *ws,
    const json_t *old, int status, int (*again)(struct req *r, struct err *e),
    struct err *e)
{
	struct keeping *k = arena_alloc(&r->arena, sizeof(*k));
	struct api_outcome then = {kept, overtaken, k};

	*k = (struct keeping){run, status, again};
	if (json_array_size(json_peek_array(run->report, "history")) >
	    HISTORY_MAX)
		return err_set(e, ERR_CONFLICT,
		    "这份填报已经流转了%d次，不能再改；请认定后再更正",
		    HISTORY_MAX);
	if (old != NULL)
		api_replace(r, ws, COLL_REPORTS, old, run->report);
	else
		write_insert(ws, COLL_REPORTS, run->report);
	series_put(run->series, run->report);
	if (keep_evidence(r, run, ws, old, e) < 0)
		return -1;
	if (run->series_rev > 0)
		write_replace(ws, COLL_SERIES, run->series, run->series_rev);
	else
		write_insert(ws, COLL_SERIES, run->series);
	return api_commit_then(r, ws, run->report, &then, e);
}
