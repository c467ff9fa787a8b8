#include "plan/pace.h"

#include <assert.h>
#include <string.h>

#include "base/json.h"

__extension__ typedef __int128 wide_t;

civil_t
pace_start(const json_t *plan)
{
	const char *issued = json_peek_str(plan, "issuedOn");
	civil_t d;

	if (issued != NULL && civil_parse(issued, &d))
		return d;
	return civil_make((int)json_peek_int(plan, "year", 2000), 1, 1);
}

void
pace_init(struct pace *p, civil_t start)
{
	memset(p, 0, sizeof(*p));
	p->start = start;
}

/* The index of the first point on or after the day. */
static size_t
find_point(const struct pace *p, civil_t day)
{
	size_t i = 0;

	while (i < p->npoints && p->points[i].day < day)
		i++;
	return i;
}

int
pace_add(struct pace *p, civil_t day, int percent, struct err *e)
{
	size_t at = find_point(p, day);
	int floor = at > 0 ? p->points[at - 1].percent : 0;

	if (at == p->npoints || p->points[at].day != day) {
		if (p->npoints == PACE_POINTS_MAX)
			return err_set(e, ERR_INVALID,
			    "一个指标最多有%d个百分比节点。", PACE_POINTS_MAX);
		memmove(&p->points[at + 1], &p->points[at],
		    (p->npoints - at) * sizeof(p->points[0]));
		p->points[at] = (struct pace_point){day, floor};
		p->npoints++;
	}
	for (size_t i = at; i < p->npoints; i++) {
		if (p->points[i].percent < percent)
			p->points[i].percent = percent;
	}
	return 0;
}

/* Is it a percent milestone of the indicator with a due day? */
static bool
is_point(const json_t *milestone, const char *indicator, civil_t *day)
{
	const json_t *rule = json_peek_object(milestone, "rule");
	const char *type = json_peek_str(rule, "type");
	const char *of = json_peek_str(rule, "indicator");
	const char *to = json_peek_str(milestone, "to");

	if (type == NULL || strcmp(type, "percent") != 0)
		return false;
	if (of == NULL || strcmp(of, indicator) != 0)
		return false;
	return to != NULL && civil_parse(to, day);
}

int
pace_read(const json_t *task, const char *indicator, civil_t start,
    struct pace *p, struct err *e)
{
	const json_t *milestone;
	int64_t percent;
	civil_t day;
	size_t i;

	pace_init(p, start);
	json_array_foreach (json_peek_array(task, "milestones"), i, milestone) {
		if (!is_point(milestone, indicator, &day))
			continue;
		percent = json_peek_int(
		    json_peek_object(milestone, "rule"), "percent", 0);
		if (pace_add(p, day, (int)percent, e) < 0)
			return -1;
	}
	return 0;
}

struct ratio
pace_at(const struct pace *p, civil_t day)
{
	struct pace_point a = {p->start, 0};
	struct pace_point b;
	size_t next = find_point(p, day);

	if (p->npoints == 0)
		return (struct ratio){0, 0};
	if (next == p->npoints)
		return (struct ratio){p->points[next - 1].percent, 1};
	b = p->points[next];
	if (b.day == day)
		return (struct ratio){b.percent, 1};
	if (next > 0)
		a = p->points[next - 1];
	if (day <= a.day || b.day <= a.day)
		return (struct ratio){0, 1};
	return (struct ratio){
	    (int64_t)a.percent * (b.day - a.day) +
		(int64_t)(b.percent - a.percent) * (day - a.day),
	    b.day - a.day,
	};
}

/* (100 done / target - expected) scaled by target * den, which is > 0. */
static wide_t
lead_scaled(int64_t done, int64_t target, struct ratio expected)
{
	assert(target > 0 && expected.den > 0);
	return (wide_t)done * 100 * expected.den -
	       (wide_t)expected.num * target;
}

int
pace_compare(int64_t done, int64_t target, struct ratio expected, int points)
{
	wide_t lead = lead_scaled(done, target, expected) -
		      (wide_t)points * expected.den * target;

	return (lead > 0) - (lead < 0);
}

int64_t
pace_behind_tenths(int64_t done, int64_t target, struct ratio expected)
{
	wide_t lead = lead_scaled(done, target, expected);
	wide_t tenths = -lead * 10 / ((wide_t)target * expected.den);

	if (tenths < INT64_MIN / 2)
		return INT64_MIN / 2;
	return (int64_t)tenths;
}
