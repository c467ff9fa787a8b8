#include "plan/change.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "plan/lifecycle.h"
#include "plan/standing.h"

#define LOCAL_ID_MAX 16

static bool
is_kind(const json_t *change, const char *kind)
{
	const char *own = json_peek_str(change, "kind");

	return own != NULL && strcmp(own, kind) == 0;
}

/* The milestone it is about, as the task has it: borrowed, or NULL. */
static const json_t *
target_of(const json_t *task, const json_t *change)
{
	const char *id = json_peek_str(change, "milestoneId");

	return id != NULL ? milestone_find(task, id) : NULL;
}

/* ---- what may be asked ---- */

static int
check_unit(const json_t *task, const json_t *milestone, const json_t *change,
    struct err *e)
{
	const char *org = json_peek_str(change, "orgId");

	if (org == NULL)
		return 0;
	if (!milestone_obliges(task, milestone, org))
		return err_add(e, ERR_INVALID, "/orgId", "reference",
		    "节点%s没有要求单位%s完成。",
		    json_peek_str(milestone, "id"), org);
	if (is_kind(change, "extend") && milestone_is_percent(milestone))
		return err_add(e, ERR_INVALID, "/orgId", "percent",
		    "比例节点是全部单位共同的进度安排，不能只给一个单位延期；"
		    "请对整个节点申请延期，或申请调整。");
	return 0;
}

static int
check_new_due(const json_t *milestone, const json_t *change, struct err *e)
{
	civil_t due, wanted;

	if (!is_kind(change, "extend"))
		return 0;
	if (!milestone_due(milestone, &due))
		return err_add(e, ERR_INVALID, "/milestoneId", "undated",
		    "这个节点没有规定日期，不用延期。");
	if (!civil_parse(json_peek_str(change, "newDue"), &wanted) ||
	    wanted <= due)
		return err_add(e, ERR_INVALID, "/newDue", "minimum",
		    "新的日期要晚于现在规定的%s。",
		    json_peek_str(milestone, "to"));
	return 0;
}

/* Does the new milestone ask the same of the same units by the same day? */
static bool
keeps_duty(
    const json_t *task, const json_t *old, const json_t *new, civil_t due)
{
	json_t *units = milestone_units(task, old);
	const json_t *unit;
	civil_t day;
	bool keeps = new != NULL &&milestone_due(new, &day) && day <= due;
	size_t i;

	json_array_foreach (units, i, unit)
		keeps = keeps &&
			milestone_obliges(task, new, json_string_value(unit));
	json_decref(units);
	return keeps;
}

/* A day that has passed is not moved by the back door. */
static void
check_passed(
    const json_t *task, const json_t *wanted, civil_t today, struct err *e)
{
	json_t *as_task = json_object();
	const json_t *old;
	civil_t due;
	size_t i;

	json_put(as_task, "milestones", json_deep_copy(wanted));
	json_array_foreach (json_peek_array(task, "milestones"), i, old) {
		const char *id = json_peek_str(old, "id");

		if (!milestone_due(old, &due) || due >= today ||
		    keeps_duty(task, old, milestone_find(as_task, id), due))
			continue;
		err_add(e, ERR_INVALID, "/proposal/milestones", "passed",
		    "节点%s的期限%s已过，不能再调整日期、单位或取消。", id,
		    json_peek_str(old, "to"));
	}
	json_decref(as_task);
}

static int
check_proposal(
    const json_t *task, const json_t *change, civil_t today, struct err *e)
{
	const json_t *proposal = json_object_get(change, "proposal");
	const json_t *milestones = json_object_get(proposal, "milestones");
	json_t *trial = json_deep_copy(task);
	json_t *body = json_object();
	int rc;

	json_put(body, "changes", json_deep_copy(proposal));
	json_put_str(body, "reason", json_peek_str(change, "reason"));
	rc = lifecycle_amend_task(trial, body, 0, e);
	if (milestones != NULL)
		check_passed(task, milestones, today, e);
	json_decref(trial);
	json_decref(body);
	return rc < 0 || e->code != ERR_NONE ? -1 : 0;
}

int
change_check(
    const json_t *task, const json_t *change, civil_t today, struct err *e)
{
	const char *id = json_peek_str(change, "milestoneId");
	const json_t *milestone = target_of(task, change);

	if (lifecycle_check_open(task, e) < 0)
		return -1;
	if (id != NULL && milestone == NULL)
		return err_add(e, ERR_INVALID, "/milestoneId", "reference",
		    "这项任务没有编号为“%s”的节点。", id);
	if (milestone != NULL)
		return check_unit(task, milestone, change, e) < 0 ||
			       check_new_due(milestone, change, e) < 0
			   ? -1
			   : 0;
	return is_kind(change, "adjust")
		   ? check_proposal(task, change, today, e)
		   : 0;
}

bool
change_is_late(const json_t *task, const json_t *change, civil_t today,
    bool *dated, civil_t *due)
{
	const json_t *milestone = target_of(task, change);

	*dated = milestone != NULL && milestone_due(milestone, due);
	return *dated && today > *due;
}

void
change_basis(const json_t *task, const json_t *change, char out[SHA256_HEX + 1])
{
	const json_t *milestone = target_of(task, change);
	json_t *what = json_object();
	const char *key;
	json_t *section;
	struct buf b;

	if (milestone != NULL)
		json_put(what, "milestone", json_deep_copy(milestone));
	json_object_foreach (
	    json_object_get(change, "proposal"), key, section) {
		const json_t *now = json_object_get(task, key);

		if (now != NULL)
			json_put(what, key, json_deep_copy(now));
	}
	buf_init(&b, 0);
	json_print_canonical(&b, what);
	sha256_hex(b.data, b.len, out);
	buf_fini(&b);
	json_decref(what);
}

/* ---- what an approval does ---- */

void
change_effect_fini(struct change_effect *x)
{
	json_decref(x->waived_orgs);
	x->waived_orgs = NULL;
}

static bool
has_text(const json_t *array, const char *s)
{
	const json_t *v;
	size_t i;

	json_array_foreach (array, i, v) {
		if (strcmp(json_string_value(v), s) == 0)
			return true;
	}
	return false;
}

/* An id like m1x1 that the milestones do not have yet. */
static void
free_id(const json_t *milestones, const char *id, char out[LOCAL_ID_MAX + 1])
{
	json_t *as_task = json_object();
	unsigned char n = 1;

	json_put(as_task, "milestones", json_deep_copy(milestones));
	do {
		snprintf(out, LOCAL_ID_MAX + 1, "%.11sx%u", id, n++);
	} while (milestone_find(as_task, out) != NULL);
	json_decref(as_task);
}

/* The milestone of an array copy with this id, and its place. */
static json_t *
take_out(json_t *milestones, const char *id, size_t *place)
{
	json_t *row;
	size_t i;

	json_array_foreach (milestones, i, row) {
		*place = i;
		if (strcmp(json_peek_str(row, "id"), id) == 0)
			return row;
	}
	return NULL;
}

/* The units by name, so that taking one away leaves the right ones. */
static json_t *
name_units(const json_t *task, json_t *milestone)
{
	json_t *units = milestone_units(task, milestone);

	json_put(milestone, "orgs", units);
	json_put(milestone, "orgSet", json_null());
	return units;
}

static void
remove_text(json_t *array, const char *s)
{
	for (size_t i = json_array_size(array); i-- > 0;) {
		if (strcmp(json_string_value(json_array_get(array, i)), s) == 0)
			(void)json_array_remove(array, i);
	}
}

/* One unit of several gets a milestone of its own with another day. */
static void
split(const json_t *task, json_t *milestones, json_t *milestone,
    const json_t *change, struct change_effect *out)
{
	const char *org = json_peek_str(change, "orgId");
	json_t *own = json_deep_copy(milestone);
	json_t *units = name_units(task, milestone);
	json_t *only = json_array();

	remove_text(units, org);
	free_id(milestones, json_peek_str(milestone, "id"), out->moved_to);
	json_push(only, json_string(org));
	json_put_str(own, "id", out->moved_to);
	json_put_str(own, "to", json_peek_str(change, "newDue"));
	json_put(own, "orgs", only);
	json_put(own, "orgSet", json_null());
	json_push(milestones, own);
}

static void
extend(const json_t *task, json_t *milestones, const json_t *change,
    struct change_effect *out)
{
	const char *org = json_peek_str(change, "orgId");
	size_t place;
	json_t *milestone =
	    take_out(milestones, json_peek_str(change, "milestoneId"), &place);
	json_t *units = milestone_units(task, milestone);

	if (org != NULL && json_array_size(units) > 1)
		split(task, milestones, milestone, change, out);
	else
		json_put_str(milestone, "to", json_peek_str(change, "newDue"));
	out->name = "amended";
	json_decref(units);
}

/* The units that are let off go; those that have done it stay. */
static void
waive(const json_t *task, json_t *milestones, const json_t *change,
    const json_t *met, struct change_effect *out)
{
	const char *org = json_peek_str(change, "orgId");
	size_t place, i;
	json_t *milestone =
	    take_out(milestones, json_peek_str(change, "milestoneId"), &place);
	json_t *units = name_units(task, milestone);
	json_t *all = json_deep_copy(units);
	const json_t *unit;

	out->name = "waived";
	out->waived_orgs = json_array();
	json_array_foreach (all, i, unit) {
		const char *id = json_string_value(unit);

		if ((org != NULL && strcmp(org, id) != 0) || has_text(met, id))
			continue;
		remove_text(units, id);
		json_push(out->waived_orgs, json_string(id));
	}
	if (json_array_size(units) == 0)
		(void)json_array_remove(milestones, place);
	json_decref(all);
}

/* new: the sections that the approval puts in place. */
static json_t *
sections_of(const json_t *task, const json_t *change, const json_t *met,
    struct change_effect *out)
{
	json_t *sections, *milestones;

	if (json_peek_str(change, "milestoneId") == NULL) {
		out->name = "amended";
		return json_deep_copy(json_object_get(change, "proposal"));
	}
	sections = json_object();
	milestones = json_deep_copy(json_peek_array(task, "milestones"));
	json_put(sections, "milestones", milestones);
	if (is_kind(change, "extend"))
		extend(task, milestones, change, out);
	else
		waive(task, milestones, change, met, out);
	return sections;
}

/* new: the body of an amendment. */
static json_t *
amendment(const json_t *change, const json_t *decision)
{
	json_t *body = json_object();
	const char *doc_no = json_peek_str(decision, "docNo");

	json_put_str(body, "by",
	    json_peek_str(json_peek_object(decision, "by"), "name"));
	if (doc_no != NULL)
		json_put_str(body, "docNo", doc_no);
	json_put_str(body, "reason", json_peek_str(change, "reason"));
	json_put_str(body, "changeId", json_peek_str(change, "_id"));
	return body;
}

static int
check_still(
    const json_t *task, const json_t *change, const json_t *met, struct err *e)
{
	const char *basis = json_peek_str(change, "basis");
	const char *org = json_peek_str(change, "orgId");
	char now[SHA256_HEX + 1];

	change_basis(task, change, now);
	if (basis == NULL || strcmp(basis, now) != 0)
		return err_set(e, ERR_CONFLICT,
		    "提出申请以后任务已经另有调整，不能再按原申请批准；"
		    "请不批准，由申请单位重新提出。");
	if (org != NULL && has_text(met, org))
		return err_set(
		    e, ERR_STATE, "这个单位的节点已经核实完成，不用再变更。");
	return 0;
}

int
change_apply(json_t *task, const json_t *change, const json_t *decision,
    const json_t *met, instant_t now, struct change_effect *out, struct err *e)
{
	json_t *body = NULL;
	int rc;

	*out = (struct change_effect){.name = "none"};
	if (json_peek_bool(change, "late", false))
		return 0;
	if (lifecycle_check_open(task, e) < 0 ||
	    check_still(task, change, met, e) < 0)
		return -1;
	body = amendment(change, decision);
	if (is_kind(change, "terminate")) {
		out->name = "cancelled";
		rc = lifecycle_cancel_task(task, body, now, e);
	} else {
		json_put(body, "changes", sections_of(task, change, met, out));
		rc = lifecycle_amend_task(task, body, now, e);
	}
	json_decref(body);
	return rc;
}
