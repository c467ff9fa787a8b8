#include "plan/period.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "plan/pace.h"

#define YEAR_MIN 2000
#define YEAR_MAX 2199

static period_t
make(int year, int month)
{
	return year * 12 + month - 1;
}

bool
period_parse(const char *s, period_t *p)
{
	int year = 0, month = 0;

	for (int i = 0; i < PERIOD_LEN; i++) {
		if (i == 4 ? s[i] != '-' : s[i] < '0' || s[i] > '9')
			return false;
		if (i < 4)
			year = year * 10 + (s[i] - '0');
		else if (i > 4)
			month = month * 10 + (s[i] - '0');
	}
	if (s[PERIOD_LEN] != '\0' || month < 1 || month > 12)
		return false;
	if (year < YEAR_MIN || year > YEAR_MAX)
		return false;
	*p = make(year, month);
	return true;
}

const char *
period_format(period_t p, char out[PERIOD_LEN + 1])
{
	char day[CIVIL_LEN + 1];

	civil_format(period_start(p), day);
	memcpy(out, day, PERIOD_LEN);
	out[PERIOD_LEN] = '\0';
	return out;
}

period_t
period_of(civil_t d)
{
	int year, month, day;

	civil_split(d, &year, &month, &day);
	return make(year, month);
}

civil_t
period_start(period_t p)
{
	return civil_make(p / 12, p % 12 + 1, 1);
}

civil_t
period_end(period_t p)
{
	return period_start(p + 1) - 1;
}

int
reporting_read(const json_t *plan, struct reporting *out, struct err *e)
{
	const json_t *o = json_peek_object(plan, "reporting");
	int year = (int)json_peek_int(plan, "year", YEAR_MIN);

	out->due_day = (int)json_peek_int(o, "dueDay", 5);
	out->grace_workdays = (int)json_peek_int(o, "graceWorkdays", 0);
	out->skip_lead = json_peek_bool(o, "skipLeadConfirm", false);
	out->first = period_of(pace_start(plan));
	out->last = make(year, 12);
	return policy_read(plan, &out->policy, e);
}

bool
reporting_skips_unit(const json_t *plan, const char *org_id)
{
	const json_t *o = json_peek_object(plan, "reporting");
	const json_t *org;
	size_t i;

	json_array_foreach (json_peek_array(o, "skipUnitConfirm"), i, org) {
		const char *id = json_string_value(org);

		if (id != NULL && strcmp(id, org_id) == 0)
			return true;
	}
	return false;
}

civil_t
reporting_due(const struct reporting *x, period_t p)
{
	civil_t day = period_start(p + 1) + x->due_day - 1;

	return policy_add_workdays(&x->policy, day, x->grace_workdays);
}

int
reporting_days_late(civil_t due, instant_t submitted)
{
	civil_t day = instant_civil(submitted);

	return day > due ? day - due : 0;
}

static period_t
limit(const struct reporting *x, period_t p)
{
	if (p < x->first)
		return x->first - 1;
	return p < x->last ? p : x->last;
}

period_t
reporting_newest(const struct reporting *x, civil_t day)
{
	period_t p = period_of(day);

	return limit(x, period_end(p) <= day ? p : p - 1);
}

period_t
reporting_overdue(const struct reporting *x, civil_t day)
{
	period_t p = limit(x, period_of(day) - 1);

	while (p >= x->first && reporting_due(x, p) >= day)
		p--;
	return limit(x, p);
}

static int
walk_indicator(const json_t *indicator, const char *lead, obligation_fn fn,
    void *arg, struct err *e)
{
	const json_t *quotas = json_peek_array(indicator, "quotas");
	struct obligation o = {
	    .indicator_id = json_peek_str(indicator, "id"),
	    .org_id = lead,
	    .indicator = indicator,
	};
	const json_t *quota;
	size_t i;

	if (json_array_size(quotas) == 0)
		return lead != NULL ? fn(arg, &o, e) : 0;
	json_array_foreach (quotas, i, quota) {
		o.org_id = json_peek_str(quota, "orgId");
		if (fn(arg, &o, e) < 0)
			return -1;
	}
	return 0;
}

int
obligation_walk(const json_t *task, obligation_fn fn, void *arg, struct err *e)
{
	const char *lead =
	    json_peek_str(json_peek_object(task, "lead"), "orgId");
	const char *kind = json_peek_str(task, "kind");
	const json_t *indicator;
	size_t i;

	if (kind != NULL && strcmp(kind, "milestone") == 0)
		return 0;
	json_array_foreach (json_peek_array(task, "indicators"), i, indicator) {
		if (walk_indicator(indicator, lead, fn, arg, e) < 0)
			return -1;
	}
	return 0;
}

struct wanted {
	const char *indicator_id;
	const char *org_id;
	bool found;
};

static int
compare(void *arg, const struct obligation *o, struct err *e)
{
	struct wanted *w = arg;

	(void)e;
	w->found |= strcmp(o->indicator_id, w->indicator_id) == 0 &&
		    strcmp(o->org_id, w->org_id) == 0;
	return 0;
}

bool
obligation_has(const json_t *task, const char *indicator_id, const char *org_id)
{
	struct wanted w = {.indicator_id = indicator_id, .org_id = org_id};
	struct err e;

	err_init(&e);
	return obligation_walk(task, compare, &w, &e) == 0 && w.found;
}
