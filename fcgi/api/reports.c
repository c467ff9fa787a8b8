#include "api/app.h"

#include <string.h>

#include "api/access.h"
#include "api/handlers.h"
#include "api/report_run.h"
#include "base/id.h"
#include "base/json.h"
#include "store/store.h"

/* ---- reading ---- */

/* One report of a page, with what is derived; 0 when not for these eyes. */
static int
add_item(struct req *r, struct report_run *run, const struct store_doc *d,
    json_t *items, struct err *e)
{
	json_t *view;

	run->report = req_own_json(r, json_read_own(d->text, d->len, e));
	if (run->report == NULL || report_run_load(r, run, run->report, e) < 0)
		return -1;
	if (!api_may(r, r->route->permission,
		json_peek_str(run->report, "orgId"), run->lead_id))
		return 0;
	view = report_view(r, run, e);
	if (view == NULL)
		return -1;
	json_push(items, view);
	return 0;
}

/* Pages until there is something to show, or nothing more. */
static int
list_seen(struct req *r, struct store_query *q, json_t *answer, struct err *e)
{
	json_t *items = json_array();
	struct report_run run = {0};
	struct store_page page;

	json_put(answer, "items", items);
	if (api_find_page(r, q, &page, e) < 0)
		return -1;
	for (;;) {
		for (size_t i = 0; i < page.ndocs; i++) {
			if (add_item(r, &run, &page.docs[i], items, e) < 0)
				return -1;
		}
		if (json_array_size(items) > 0 || page.next == NULL)
			break;
		q->after = page.next;
		if (store_find(api_store(r), q, &r->arena, &page, e) < 0)
			return -1;
	}
	json_put_str(answer, "nextCursor", page.next);
	return 0;
}

int
report_list(struct req *r, struct err *e)
{
	struct store_query q = {
	    .coll = COLL_REPORTS,
	    .sort = FIELD_REPORTS_ASOF,
	    .desc = true,
	};
	json_t *answer = req_own_json(r, json_object());

	req_slow(r);
	api_filter(r, &q, "plan", FIELD_REPORTS_PLAN, OP_EQ);
	api_filter(r, &q, "task", FIELD_REPORTS_TASK, OP_EQ);
	api_filter(r, &q, "org", FIELD_REPORTS_ORG, OP_EQ);
	api_filter(r, &q, "state", FIELD_REPORTS_STATE, OP_EQ);
	api_filter(r, &q, "period", FIELD_REPORTS_PERIOD, OP_EQ);
	api_filter(r, &q, "asOf", FIELD_REPORTS_ASOF, OP_LE);
	if (list_seen(r, &q, answer, e) < 0)
		return -1;
	res_json(r, 200, answer);
	return 0;
}

int
report_get(struct req *r, struct err *e)
{
	struct report_run run = {0};

	run.report = api_get(r, COLL_REPORTS, r->segments[0], "填报", e);
	if (run.report == NULL || report_run_load(r, &run, run.report, e) < 0)
		return -1;
	if (api_allow(r, json_peek_str(run.report, "orgId"), run.lead_id, e) <
	    0)
		return -1;
	return report_answer(r, &run, 200, e);
}

/* ---- writing ---- */

/* What is there under this id: owned by the request, NULL when nothing is. */
static int
find_report(struct req *r, json_t **report, struct err *e)
{
	*report = store_get_json(api_store(r), COLL_REPORTS, r->segments[0], e);
	if (*report != NULL)
		req_own_json(r, *report);
	else if (e->code != ERR_NOTFOUND)
		return -1;
	else
		err_init(e);
	return 0;
}

/* Without If-Match a body makes a report; the same again is no second one. */
static int
put_again(struct req *r, const struct report_run *run, struct err *e)
{
	const char *id = r->segments[0];

	if (report_is_same(run->report, r->body))
		return report_answer(r, run, 200, e);
	if (report_state(run->report) == WORKFLOW_DRAFT)
		return err_set(e, ERR_CONFLICT,
		    "编号%s已经是一份草稿，要修改或上报请带If-"
		    "Match（所见的版本号）",
		    id);
	return err_set(e, ERR_CONFLICT,
	    "编号%s已经有内容不同的填报，要修改请带If-Match，另报请换编号", id);
}

/*
 * Was this change made already, and only the answer got lost?  Then the
 * report has gone on from the revision the client names.
 */
static bool
is_done(const struct req *r, const json_t *old, const json_t *body)
{
	enum workflow_state s = report_state(old);
	bool moved = r->match_rev != json_peek_int(old, "rev", 0) &&
		     r->match_rev != MATCH_ANY;
	bool submit = json_peek_bool(body, "submit", false);
	char hash[SHA256_HEX + 1];

	if (!moved && (s == WORKFLOW_DRAFT || s == WORKFLOW_RETURNED))
		return false;
	report_hash(body, hash);
	if (strcmp(hash, json_peek_str(old, "contentHash") != NULL
			     ? json_peek_str(old, "contentHash")
			     : "") != 0)
		return false;
	return submit ? s != WORKFLOW_DRAFT && s != WORKFLOW_RETURNED
		      : s == WORKFLOW_DRAFT || s == WORKFLOW_RETURNED;
}

static int
check_change(struct req *r, const struct report_run *run, const json_t *old,
    struct err *e)
{
	static const char *const fixed[] = {
	    "taskId", "indicatorId", "orgId", "asOf"};
	enum workflow_action a = json_peek_bool(r->body, "submit", false)
				     ? WORKFLOW_DO_SUBMIT
				     : WORKFLOW_DO_EDIT;
	enum workflow_state to;

	if (api_check_match(r, old, e) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
		if (api_check_identity(old, r->body, fixed[i], e) < 0)
			return -1;
	}
	return workflow_check(
	    a, report_state(old), report_skips(&run->frame, old), &to, e);
}

/* What is submitted must be whole: its evidence too. */
static int
check_evidence(struct req *r, const json_t *report, struct err *e)
{
	const json_t *all = json_peek_array(report, "attachments");
	json_t *missing = report_missing(r, all, e);
	const json_t *blob, *gone;
	char pointer[48];
	size_t i, k;

	if (missing == NULL)
		return -1;
	json_array_foreach (missing, k, gone) {
		json_array_foreach (all, i, blob) {
			if (!json_equal(blob, gone))
				continue;
			snprintf(
			    pointer, sizeof(pointer), "/attachments/%zu", i);
			err_add(e, ERR_INVALID, pointer, "missing",
			    "这份附件还没有传上来：%s",
			    json_string_value(blob));
		}
	}
	return json_array_size(missing) > 0 ? -1 : 0;
}

static int
check_submission(struct req *r, const struct report_run *run, struct err *e)
{
	if (series_check(run->series, run->report, e) < 0)
		return -1;
	return check_evidence(r, run->report, e);
}

/* May they write for the unit of the body, and for that of what is there? */
static int
check_units(struct req *r, const struct report_run *run, const json_t *old,
    struct err *e)
{
	if (api_allow(r, json_peek_str(r->body, "orgId"), run->lead_id, e) < 0)
		return -1;
	if (old == NULL)
		return 0;
	return api_allow(r, json_peek_str(old, "orgId"), run->lead_id, e);
}

static int
put_once(struct req *r, struct err *e)
{
	struct report_run *run = arena_alloc(&r->arena, sizeof(*run));
	bool submit = json_peek_bool(r->body, "submit", false);
	struct report_actor who = report_actor_of(r);
	json_t *old;

	*run = (struct report_run){0};
	if (find_report(r, &old, e) < 0 ||
	    report_run_load(r, run, r->body, e) < 0 ||
	    check_units(r, run, old, e) < 0)
		return -1;
	run->report = old;
	if (old != NULL && r->if_match == NULL)
		return put_again(r, run, e);
	if (old != NULL && is_done(r, old, r->body))
		return report_answer(r, run, 200, e);
	if (r->if_match != NULL && check_change(r, run, old, e) < 0)
		return -1;
	if (report_check(&run->frame, r->body, r->today, e) < 0)
		return -1;
	run->report = old != NULL
			  ? json_deep_copy(old)
			  : report_new(r->segments[0], r->body, &run->frame);
	req_own_json(r, run->report);
	report_write(run->report, r->body, &who);
	if (submit || old == NULL)
		report_move(run->report,
		    submit ? WORKFLOW_SUBMITTED : WORKFLOW_DRAFT, NULL, NULL,
		    &who);
	if (series_claim(run->series, run->report, e) < 0 ||
	    (submit && check_submission(r, run, e) < 0))
		return -1;
	return report_run_commit(r, run, api_write_set(r), old,
	    old != NULL ? 200 : 201, put_once, e);
}

int
report_put(struct req *r, struct err *e)
{
	if (!uuid_valid(r->segments[0]))
		return err_set(e, ERR_BADPATH,
		    "填报的编号由客户端生成，须是UUID：%s", r->segments[0]);
	return put_once(r, e);
}
