#include "plan/lifecycle.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* What a task means, and what an amendment may replace. */
static const struct {
	const char *name;
	json_type type;
} sections[] = {
    {"title", JSON_STRING},
    {"kind", JSON_STRING},
    {"lead", JSON_OBJECT},
    {"indicators", JSON_ARRAY},
    {"funding", JSON_ARRAY},
    {"subtasks", JSON_ARRAY},
    {"milestones", JSON_ARRAY},
};

/* States of plans and tasks as people say them. */
static const struct {
	const char *name;
	const char *title;
	bool over; /* nothing may be changed any more */
} states[] = {
    {"draft", "草案", false},
    {"issued", "已印发", false},
    {"in_progress", "推进中", false},
    {"completing", "申请办结", false},
    {"done", "已销号", true},
    {"cancelled", "已终止", true},
    {"closed", "已办结", true},
    {"archived", "已归档", true},
};

static const char *
status_of(const json_t *doc)
{
	const char *s = json_peek_str(doc, "status");

	return s != NULL ? s : "draft";
}

static bool
is_draft(const json_t *doc)
{
	return strcmp(status_of(doc), "draft") == 0;
}

static size_t
state_of(const json_t *doc)
{
	size_t i = 0;

	while (i + 1 < COUNT(states) &&
	       strcmp(states[i].name, status_of(doc)) != 0)
		i++;
	return i;
}

static int
refuse(const json_t *doc, const char *advice, struct err *e)
{
	return err_set(e, ERR_STATE, "当前状态是“%s”，%s",
	    states[state_of(doc)].title, advice);
}

/* new: the sections of a task, absent ones as empty. */
static json_t *
meaning(const json_t *task)
{
	json_t *o = json_object();
	const json_t *v;

	for (size_t i = 0; i < COUNT(sections); i++) {
		v = json_object_get(task, sections[i].name);
		if (v == NULL && sections[i].type == JSON_ARRAY)
			json_put(o, sections[i].name, json_array());
		else if (v != NULL)
			json_put(o, sections[i].name, json_deep_copy(v));
	}
	return o;
}

static void
hash_json(const json_t *v, char out[SHA256_HEX + 1])
{
	struct buf b;

	buf_init(&b, 0);
	json_print_canonical(&b, v);
	sha256_hex(b.data, b.len, out);
	buf_fini(&b);
}

void
lifecycle_task_hash(const json_t *task, char out[SHA256_HEX + 1])
{
	json_t *o = meaning(task);

	hash_json(o, out);
	json_decref(o);
}

/* ---- drafts ---- */

int
lifecycle_draft_plan(json_t *plan, const json_t *old, struct err *e)
{
	if (old != NULL && !is_draft(old))
		return refuse(old,
		    "计划不能再作为草案改写；要调整任务，请按变更程序办理。",
		    e);
	json_put_str(plan, "status", "draft");
	json_object_del(plan, "issue");
	return 0;
}

/* The place of a member in `old` decides, not the body. */
static void
keep_member(json_t *task, const json_t *old, const char *key)
{
	json_t *v = json_object_get(old, key);

	if (v != NULL)
		json_put(task, key, json_deep_copy(v));
	else
		json_object_del(task, key);
}

void
lifecycle_draft_task(json_t *task, const json_t *plan, const json_t *old)
{
	const char *plan_id = json_peek_str(plan, "_id");
	char id[96];

	if (json_object_get(task, "_id") == NULL) {
		(void)snprintf(id, sizeof(id), "%s-%02" PRId64, plan_id,
		    json_peek_int(task, "no", 0));
		json_put_str(task, "_id", id);
	}
	json_put_str(task, "planId", plan_id);
	json_put_str(task, "division", json_peek_str(plan, "division"));
	json_put_int(task, "year", json_peek_int(plan, "year", 0));
	json_put_str(task, "status", "draft");
	json_object_del(task, "amendments");
	json_object_del(task, "history");
	json_object_del(task, "baseline");
	keep_member(task, old, "discrepancies");
}

int
lifecycle_put_task(
    json_t *task, const json_t *plan, const json_t *old, struct err *e)
{
	if (!is_draft(plan))
		return refuse(plan,
		    "任务不能直接改写；请用变更（:amend）并写明依据，"
		    "原内容会保留。",
		    e);
	if (lifecycle_check_task(task, e) < 0)
		return -1;
	lifecycle_draft_task(task, plan, old);
	return 0;
}

/* ---- dispositions ---- */

static bool
is_open(const json_t *finding)
{
	const char *status =
	    json_peek_str(json_peek_object(finding, "disposition"), "status");

	return status == NULL || strcmp(status, "open") == 0;
}

/* new */
static json_t *
make_disposition(const json_t *finding, const json_t *body, instant_t now)
{
	const char *doc_no = json_peek_str(body, "docNo");
	json_t *entry = json_object();
	json_t *decision = json_object();
	char at[INSTANT_LEN + 1];

	json_put_str(decision, "by", json_peek_str(body, "by"));
	json_put_str(decision, "at", instant_format(now, at));
	json_put_str(decision, "text", json_peek_str(body, "text"));
	if (doc_no != NULL)
		json_put_str(decision, "docNo", doc_no);
	json_put_str(entry, "id", json_peek_str(finding, "id"));
	json_put_str(entry, "code", json_peek_str(finding, "code"));
	json_put_str(entry, "detail", json_peek_str(finding, "text"));
	json_put_str(entry, "status", json_peek_str(body, "status"));
	json_put(entry, "decision", decision);
	return entry;
}

int
lifecycle_dispose(json_t *task, const json_t *finding, const json_t *body,
    instant_t now, struct err *e)
{
	const char *id = json_peek_str(finding, "id");
	json_t *list, *entry;
	const char *other;
	size_t i;

	if (states[state_of(task)].over)
		return refuse(task, "不能再处置体检发现的问题。", e);
	list = json_object_get(task, "discrepancies");
	if (list == NULL) {
		list = json_array();
		json_put(task, "discrepancies", list);
	}
	json_array_foreach (list, i, entry) {
		other = json_peek_str(entry, "id");
		if (other != NULL && strcmp(other, id) == 0) {
			(void)json_array_remove(list, i);
			break;
		}
	}
	json_push(list, make_disposition(finding, body, now));
	return 0;
}

/* ---- issue ---- */

/* new: ids of the findings that stay open. */
static json_t *
open_findings(const json_t *findings)
{
	json_t *ids = json_array();
	const json_t *finding;
	size_t i;

	json_array_foreach (findings, i, finding) {
		if (is_open(finding))
			json_push(
			    ids, json_string(json_peek_str(finding, "id")));
	}
	return ids;
}

static int
refuse_open(const json_t *findings, size_t nopen, struct err *e)
{
	const json_t *finding;
	char pointer[192];
	size_t i;

	err_set(e, ERR_UNRESOLVED,
	    "体检发现的问题还有%zu个没有处置，不能印发。请逐个处置，"
	    "或者注明保留（leaveOpen）。",
	    nopen);
	json_array_foreach (findings, i, finding) {
		if (!is_open(finding))
			continue;
		(void)snprintf(pointer, sizeof(pointer), "/findings/%s",
		    json_peek_str(finding, "id"));
		err_add(e, ERR_UNRESOLVED, pointer,
		    json_peek_str(finding, "code"), "%s",
		    json_peek_str(finding, "text"));
	}
	return -1;
}

static int
check_tasks(const json_t *tasks, struct err *e)
{
	size_t before = e->nitems + e->nmore;
	const json_t *task;
	char place[64];
	size_t i;

	if (json_array_size(tasks) == 0)
		return err_set(e, ERR_INVALID, "计划里还没有任务，不能印发。");
	json_array_foreach (tasks, i, task) {
		(void)snprintf(place, sizeof(place), "/tasks/%zu", i);
		lifecycle_check_members(task, place, e);
	}
	return e->nitems + e->nmore > before ? -1 : 0;
}

/* The instant of the body, or now; it cannot lie ahead. */
static int
issue_instant(const json_t *body, instant_t now, instant_t *at, struct err *e)
{
	const char *given = json_peek_str(body, "at");

	*at = now;
	if (given == NULL)
		return 0;
	if (!instant_parse(given, at))
		return err_add(e, ERR_INVALID, "/at", "format",
		    "时间应写作2019-04-05T01:00:00.000Z。");
	if (*at > now)
		return err_add(
		    e, ERR_INVALID, "/at", "maximum", "印发时间不能晚于现在。");
	return 0;
}

static void
freeze_task(json_t *task)
{
	char hash[SHA256_HEX + 1];
	json_t *baseline = json_object();

	lifecycle_task_hash(task, hash);
	json_put_int(baseline, "rev", json_peek_int(task, "rev", 1));
	json_put_str(baseline, "hash", hash);
	json_put(task, "baseline", baseline);
	json_put_str(task, "status", "issued");
}

/* One hash over all tasks, whatever order they come in. */
static void
hash_tasks(const json_t *tasks, char out[SHA256_HEX + 1])
{
	json_t *all = json_object();
	const json_t *task;
	size_t i;

	json_array_foreach (tasks, i, task)
		json_put(all, json_peek_str(task, "_id"), meaning(task));
	hash_json(all, out);
	json_decref(all);
}

/* new: the plan's `issue` member; takes open. */
static json_t *
make_issue(const json_t *tasks, const json_t *body, instant_t at, json_t *open)
{
	static const char *const copied[] = {"by", "docNo"};
	json_t *issue = json_object();
	char text[INSTANT_LEN + 1], hash[SHA256_HEX + 1];
	const char *s;

	hash_tasks(tasks, hash);
	json_put_str(issue, "at", instant_format(at, text));
	for (size_t i = 0; i < COUNT(copied); i++) {
		s = json_peek_str(body, copied[i]);
		if (s != NULL)
			json_put_str(issue, copied[i], s);
	}
	json_put_str(issue, "hash", hash);
	json_put(issue, "open", open);
	return issue;
}

int
lifecycle_issue_plan(json_t *plan, json_t *tasks, const json_t *findings,
    const json_t *body, instant_t now, struct err *e)
{
	json_t *open = NULL;
	json_t *task;
	char day[CIVIL_LEN + 1];
	instant_t at;
	int rc = -1;
	size_t i;

	if (!is_draft(plan))
		return refuse(plan, "计划不能再次印发。", e);
	if (check_tasks(tasks, e) < 0 || issue_instant(body, now, &at, e) < 0)
		return -1;
	open = open_findings(findings);
	if (json_array_size(open) > 0 &&
	    !json_peek_bool(body, "leaveOpen", false)) {
		refuse_open(findings, json_array_size(open), e);
		goto out;
	}
	json_array_foreach (tasks, i, task)
		freeze_task(task);
	if (json_peek_str(plan, "issuedOn") == NULL)
		json_put_str(
		    plan, "issuedOn", civil_format(instant_civil(at), day));
	json_put(plan, "issue", make_issue(tasks, body, at, json_incref(open)));
	json_put_str(plan, "status", "issued");
	rc = 0;
out:
	json_decref(open);
	return rc;
}

/* ---- amendments ---- */

/* new: the task as the changes would make it, sections only. */
static json_t *
apply_changes(const json_t *before, const json_t *changes)
{
	json_t *after = json_deep_copy(before);
	json_t *v;

	for (size_t i = 0; i < COUNT(sections); i++) {
		v = json_object_get(changes, sections[i].name);
		if (v != NULL)
			json_put(after, sections[i].name, json_deep_copy(v));
	}
	return after;
}

/* Versions follow each other in time, even if the clock does not. */
static instant_t
after_last(const json_t *list, instant_t now)
{
	size_t n = json_array_size(list);
	const char *s;
	instant_t last;

	if (n == 0)
		return now;
	s = json_peek_str(json_array_get(list, n - 1), "at");
	if (s != NULL && instant_parse(s, &last) && last >= now)
		return last + 1;
	return now;
}

/* takes before. */
static void
push_amendment(json_t *task, json_t *before, const json_t *body, instant_t now)
{
	static const char *const copied[] = {
	    "by", "docNo", "reason", "changeId"};
	json_t *list = json_object_get(task, "amendments");
	json_t *entry = json_object();
	char at[INSTANT_LEN + 1];
	const char *s;

	if (list == NULL) {
		list = json_array();
		json_put(task, "amendments", list);
	}
	json_put_int(entry, "n", (json_int_t)json_array_size(list) + 1);
	json_put_str(entry, "at", instant_format(after_last(list, now), at));
	for (size_t i = 0; i < COUNT(copied); i++) {
		s = json_peek_str(body, copied[i]);
		if (s != NULL)
			json_put_str(entry, copied[i], s);
	}
	json_put_str(before, "status", status_of(task));
	json_put(entry, "before", before);
	json_push(list, entry);
}

int
lifecycle_check_open(const json_t *task, struct err *e)
{
	if (is_draft(task))
		return refuse(task, "草案请直接修改，不用办理变更。", e);
	if (states[state_of(task)].over)
		return refuse(task, "任务不能再变更。", e);
	return 0;
}

int
lifecycle_amend_task(
    json_t *task, const json_t *body, instant_t now, struct err *e)
{
	json_t *before = NULL, *after = NULL;
	int rc = -1;

	if (lifecycle_check_open(task, e) < 0)
		return -1;
	before = meaning(task);
	after = apply_changes(before, json_peek_object(body, "changes"));
	if (json_equal(before, after)) {
		err_add(e, ERR_INVALID, "/changes", "minProperties",
		    "变更后的内容与现在完全一样。");
		goto out;
	}
	lifecycle_check_members(after, "/changes", e);
	if (lifecycle_check_task(after, e) < 0 || e->code != ERR_NONE)
		goto out;
	push_amendment(task, json_incref(before), body, now);
	(void)json_object_update(task, after);
	rc = 0;
out:
	json_decref(before);
	json_decref(after);
	return rc;
}

int
lifecycle_cancel_task(
    json_t *task, const json_t *body, instant_t now, struct err *e)
{
	json_t *indicator;
	size_t i;

	if (lifecycle_check_open(task, e) < 0)
		return -1;
	if (json_peek_str(body, "docNo") == NULL)
		return err_add(e, ERR_INVALID, "/docNo", "required",
		    "终止任务要写明依据的文号。");
	push_amendment(task, meaning(task), body, now);
	json_array_foreach (json_object_get(task, "indicators"), i, indicator)
		json_put(indicator, "quotas", json_array());
	json_put(task, "milestones", json_array());
	json_put_str(task, "status", "cancelled");
	return 0;
}
