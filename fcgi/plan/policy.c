#include "plan/policy.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"

static const struct policy defaults = {
    .id = "default",
    .version = 1,
    .grace_workdays = 5,
    .soon_days = 7,
    .behind_yellow = 10,
    .behind_red = 30,
    .ahead_points = 10,
    .unit_cost_min_fen = 100,
    .unit_cost_max_fen = 50000000000,
};

void
policy_init(struct policy *p)
{
	*p = defaults;
}

static void
read_int(const json_t *o, const char *key, int max, int *out, struct err *e)
{
	int64_t n = json_peek_int(o, key, *out);
	char pointer[64];

	if (n >= 0 && n <= max) {
		*out = (int)n;
		return;
	}
	(void)snprintf(pointer, sizeof(pointer), "/policy/%s", key);
	err_add(e, ERR_INVALID, pointer, "maximum", "应在0到%d之间。", max);
}

static int
refuse_day(const char *key, size_t i, const char *keyword, const char *why,
    struct err *e)
{
	char pointer[64];

	(void)snprintf(
	    pointer, sizeof(pointer), "/policy/calendar/%s/%zu", key, i);
	return err_add(e, ERR_INVALID, pointer, keyword, "%s", why);
}

static void
read_days(const json_t *calendar, const char *key, civil_t *days, size_t *n,
    struct err *e)
{
	const json_t *list = json_peek_array(calendar, key);
	const json_t *day;
	size_t i;

	*n = 0;
	json_array_foreach (list, i, day) {
		if (i == POLICY_DAYS_MAX) {
			char why[64];

			(void)snprintf(why, sizeof(why), "日历最多列%d天。",
			    POLICY_DAYS_MAX);
			refuse_day(key, i, "maxItems", why, e);
			return;
		}
		if (!json_is_string(day) ||
		    !civil_parse(json_string_value(day), &days[*n]))
			refuse_day(key, i, "format",
			    "不是有效的日期，应写作2019-05-01。", e);
		else
			(*n)++;
	}
}

int
policy_read(const json_t *plan, struct policy *p, struct err *e)
{
	const json_t *o = json_peek_object(plan, "policy");
	const json_t *calendar = json_peek_object(o, "calendar");
	const char *id = json_peek_str(o, "id");
	size_t before = e->nitems + e->nmore;

	policy_init(p);
	if (id != NULL)
		(void)snprintf(p->id, sizeof(p->id), "%s", id);
	read_int(o, "version", 1000000, &p->version, e);
	read_int(o, "graceWorkdays", 60, &p->grace_workdays, e);
	read_int(o, "soonDays", 60, &p->soon_days, e);
	read_int(o, "behindYellow", 100, &p->behind_yellow, e);
	read_int(o, "behindRed", 100, &p->behind_red, e);
	read_int(o, "aheadPoints", 100, &p->ahead_points, e);
	p->unit_cost_min_fen =
	    json_peek_int(o, "unitCostMinFen", p->unit_cost_min_fen);
	p->unit_cost_max_fen =
	    json_peek_int(o, "unitCostMaxFen", p->unit_cost_max_fen);
	read_days(calendar, "holidays", p->holidays, &p->nholidays, e);
	read_days(calendar, "workdays", p->workdays, &p->nworkdays, e);
	if (p->behind_yellow > p->behind_red)
		err_add(e, ERR_INVALID, "/policy/behindYellow", "maximum",
		    "黄灯的落后幅度不能大于红灯的。");
	return e->nitems + e->nmore > before ? -1 : 0;
}

static bool
listed(const civil_t *days, size_t n, civil_t d)
{
	for (size_t i = 0; i < n; i++) {
		if (days[i] == d)
			return true;
	}
	return false;
}

/* The calendar wins over the weekday. */
static bool
is_workday(const struct policy *p, civil_t d)
{
	if (listed(p->workdays, p->nworkdays, d))
		return true;
	if (listed(p->holidays, p->nholidays, d))
		return false;
	return civil_weekday(d) <= 5;
}

civil_t
policy_add_workdays(const struct policy *p, civil_t d, int n)
{
	while (n > 0) {
		d++;
		if (is_workday(p, d))
			n--;
	}
	return d;
}

civil_t
policy_evaluation_day(const struct policy *p, civil_t due, civil_t issued_on)
{
	civil_t from = due > issued_on ? due : issued_on;

	return policy_add_workdays(p, from, p->grace_workdays);
}
