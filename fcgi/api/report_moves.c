#include <assert.h>
#include <string.h>

#include "api/access.h"
#include "api/app.h"
#include "api/handlers.h"
#include "api/report_run.h"
#include "base/json.h"
#include "store/store.h"

/* The action of a route "/api/v1/reports/{report}:lead-confirm". */
static enum workflow_action
route_action(const struct req *r)
{
	const char *verb = strrchr(r->route->pattern, ':') + 1;
	enum workflow_action a = 0;

	while (strcmp(workflow_rule(a)->verb, verb) != 0) {
		a++;
		assert(a < WORKFLOW_DO__MAX);
	}
	return a;
}

/* The report of the address with its frame, and the right to this step. */
static struct report_run *
open_run(struct req *r, struct err *e)
{
	struct report_run *run = arena_alloc(&r->arena, sizeof(*run));

	*run = (struct report_run){0};
	run->report = api_get(r, COLL_REPORTS, r->segments[0], "填报", e);
	if (run->report == NULL || report_run_load(r, run, run->report, e) < 0)
		return NULL;
	if (api_allow(r, json_peek_str(run->report, "orgId"), run->lead_id, e) <
	    0)
		return NULL;
	if (r->if_match != NULL && api_check_match(r, run->report, e) < 0)
		return NULL;
	return run;
}

/* Is this the report that speaks for its month? */
static int
check_live(const struct report_run *run, struct err *e)
{
	if (json_peek_str(run->report, "period") == NULL)
		return err_set(
		    e, ERR_STATE, "这份填报是导入的，没有月份，不能更正");
	return series_claim(run->series, run->report, e);
}

/* The accepted revision that this one replaces gives way. */
static int
supersede(struct req *r, const struct report_run *run, struct write_set *ws,
    const struct report_actor *who, struct err *e)
{
	const char *id = json_peek_str(run->report, "supersedes");
	json_t *old, *now;

	if (id == NULL)
		return 0;
	old = api_get(r, COLL_REPORTS, id, "填报", e);
	if (old == NULL)
		return -1;
	now = req_own_json(r, json_deep_copy(old));
	report_move(now, WORKFLOW_SUPERSEDED, "supersededAt",
	    json_peek_str(
		json_peek_object(run->report, "correction"), "reason"),
	    who);
	api_replace(r, ws, COLL_REPORTS, old, now);
	return 0;
}

/* Neighbours may have been corrected since it was submitted. */
static int
check_acceptance(const struct report_run *run, struct err *e)
{
	char why[sizeof(e->detail)];

	if (series_check(run->series, run->report, e) == 0)
		return 0;
	snprintf(why, sizeof(why), "%s", e->items[0].detail);
	return err_set(e, ERR_CONFLICT, "不能认定：%s；或者退回", why);
}

static int
check_move(struct req *r, const struct report_run *run, enum workflow_action a,
    enum workflow_state *to, struct err *e)
{
	const struct workflow_rule *rule = workflow_rule(a);

	if (workflow_check(a, report_state(run->report),
		report_skips(&run->frame, run->report), to, e) < 0)
		return -1;
	if (rule->differ && report_wrote(run->report, api_who(r)->id))
		return err_set(
		    e, ERR_FORBIDDEN, "%s须由填报人以外的人来做", rule->title);
	return a == WORKFLOW_DO_ACCEPT ? check_acceptance(run, e) : 0;
}

static int
move_once(struct req *r, struct err *e)
{
	struct report_run *run = open_run(r, e);
	enum workflow_action a = route_action(r);
	struct report_actor who = report_actor_of(r);
	const char *reason = json_peek_str(r->body, "reason");
	struct write_set *ws;
	enum workflow_state to;
	json_t *old;

	if (run == NULL || check_move(r, run, a, &to, e) < 0)
		return -1;
	old = run->report;
	ws = api_write_set(r);
	api_reason(r, reason);
	run->report = req_own_json(r, json_deep_copy(old));
	report_move(run->report, to, workflow_rule(a)->stamp, reason, &who);
	if (to == WORKFLOW_ACCEPTED && supersede(r, run, ws, &who, e) < 0)
		return -1;
	return report_run_commit(r, run, ws, old, 200, move_once, e);
}

int
report_move_post(struct req *r, struct err *e)
{
	return move_once(r, e);
}

/* ---- corrections ---- */

/* The correction is there: the same again, or another under its id. */
static int
revise_again(struct req *r, struct report_run *run, json_t *made, struct err *e)
{
	const char *from = json_peek_str(made, "supersedes");

	if (from == NULL || strcmp(from, r->segments[0]) != 0)
		return err_set(e, ERR_CONFLICT, "编号%s已经是另一份填报",
		    json_peek_str(made, "_id"));
	run->report = made;
	return report_answer(r, run, 200, e);
}

static int
revise_once(struct req *r, struct err *e)
{
	const char *id = json_peek_str(r->body, "clientId");
	struct report_run *run = open_run(r, e);
	struct report_actor who = report_actor_of(r);
	enum workflow_state to;
	json_t *made;

	if (run == NULL)
		return -1;
	made = store_get_json(api_store(r), COLL_REPORTS, id, e);
	if (made != NULL)
		return revise_again(r, run, req_own_json(r, made), e);
	if (e->code != ERR_NOTFOUND)
		return -1;
	err_init(e);
	if (check_move(r, run, WORKFLOW_DO_REVISE, &to, e) < 0 ||
	    check_live(run, e) < 0)
		return -1;
	api_reason(r, json_peek_str(r->body, "reason"));
	run->report =
	    req_own_json(r, report_revise(run->report, id,
				json_peek_str(r->body, "reason"), &who));
	return report_run_commit(
	    r, run, api_write_set(r), NULL, 201, revise_once, e);
}

int
report_revise_post(struct req *r, struct err *e)
{
	return revise_once(r, e);
}
