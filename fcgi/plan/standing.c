#include "plan/standing.h"

#include <string.h>

#include "base/json.h"

static const struct {
	const char *text;
	const char *title;
} names[] = {
    [STANDING_UNDATED] = {"undated", "没有规定日期"},
    [STANDING_NOT_DUE] = {"not_due", "未到期"},
    [STANDING_DUE_SOON] = {"due_soon", "即将到期"},
    [STANDING_AWAITING_REPORT] = {"awaiting_report", "已到期，等待报送"},
    [STANDING_DUE_BEFORE_ISSUE] = {"due_before_issue", "期限早于发文日期"},
    [STANDING_OVERDUE] = {"overdue", "逾期未完成"},
    [STANDING_MET_ON_TIME] = {"met_on_time", "按期完成"},
    [STANDING_MET_LATE] = {"met_late", "逾期完成"},
    [STANDING_WAIVED] = {"waived", "已批准免除"},
};

const char *
standing_text(enum standing s)
{
	return names[s].text;
}

const char *
standing_title(enum standing s)
{
	return names[s].title;
}

enum standing
standing_of(const struct standing_facts *f, const struct policy *p,
    civil_t today, int *days_late)
{
	*days_late = 0;
	if (f->waived)
		return STANDING_WAIVED;
	if (f->met && (!f->dated || f->met_on <= f->due))
		return STANDING_MET_ON_TIME;
	if (f->met) {
		*days_late = f->met_on - f->due;
		return STANDING_MET_LATE;
	}
	if (!f->dated)
		return STANDING_UNDATED;
	if (today > policy_evaluation_day(p, f->due, f->issued)) {
		*days_late = today - f->due;
		return STANDING_OVERDUE;
	}
	if (f->due < f->issued)
		return STANDING_DUE_BEFORE_ISSUE;
	if (today > f->due)
		return STANDING_AWAITING_REPORT;
	return today + p->soon_days >= f->due ? STANDING_DUE_SOON
					      : STANDING_NOT_DUE;
}

const json_t *
milestone_find(const json_t *task, const char *id)
{
	const json_t *row;
	const char *own;
	size_t i;

	json_array_foreach (json_peek_array(task, "milestones"), i, row) {
		own = json_peek_str(row, "id");
		if (own != NULL && strcmp(own, id) == 0)
			return row;
	}
	return NULL;
}

json_t *
milestone_units(const json_t *task, const json_t *milestone)
{
	const json_t *orgs = json_peek_array(milestone, "orgs");
	json_t *units;

	if (json_array_size(orgs) > 0)
		return json_deep_copy(orgs);
	units = json_array();
	json_push(units, json_string(json_peek_str(
			     json_peek_object(task, "lead"), "orgId")));
	return units;
}

bool
milestone_obliges(
    const json_t *task, const json_t *milestone, const char *org_id)
{
	json_t *units = milestone_units(task, milestone);
	const json_t *unit;
	bool found = false;
	size_t i;

	json_array_foreach (units, i, unit)
		found = found || strcmp(json_string_value(unit), org_id) == 0;
	json_decref(units);
	return found;
}

bool
milestone_is_percent(const json_t *milestone)
{
	const char *type =
	    json_peek_str(json_peek_object(milestone, "rule"), "type");

	return type != NULL && strcmp(type, "percent") == 0;
}

bool
milestone_due(const json_t *milestone, civil_t *due)
{
	const char *to = json_peek_str(milestone, "to");

	return to != NULL && civil_parse(to, due);
}
