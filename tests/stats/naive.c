#include "naive.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "plan/policy.h"

__extension__ typedef __int128 wide_t;

static bool
newer(const json_t *a, const json_t *b)
{
	int c = strcmp(STR(a, "asOf"), STR(b, "asOf"));

	if (c == 0)
		c = strcmp(STR(a, "acceptedAt"), STR(b, "acceptedAt"));
	if (c == 0)
		c = (int)(INT(a, "revision") - INT(b, "revision"));
	return c > 0 || (c == 0 && strcmp(STR(a, "_id"), STR(b, "_id")) > 0);
}

bool
naive_is_none(const json_t *report)
{
	return SAME(json_peek_object(report, "value"), "kind", "none");
}

/* The newest report of a unit that counts; numbers only unless any. */
const json_t *
naive_newest(const struct view *v, const char *ind, const char *org, bool any)
{
	const json_t *r, *best = NULL;
	size_t i_r;

	json_array_foreach (v->reports, i_r, r) {
		if (!SAME(r, "indicatorId", ind) || !SAME(r, "orgId", org) ||
		    STR(r, "acceptedAt") == NULL ||
		    strcmp(STR(r, "acceptedAt"), v->known_at) > 0 ||
		    strcmp(STR(r, "asOf"), v->as_of) > 0 ||
		    (!any && naive_is_none(r)))
			continue;
		if (best == NULL || newer(r, best))
			best = r;
	}
	return best;
}

int64_t
naive_number(const struct view *v, const char *ind, const char *org)
{
	return INT(
	    json_peek_object(naive_newest(v, ind, org, false), "value"), "n");
}

int64_t
naive_total_done(const struct view *v, const char *ind)
{
	const json_t *r;
	int64_t sum = 0;
	size_t i_r;

	json_array_foreach (v->reports, i_r, r) {
		if (SAME(r, "indicatorId", ind) &&
		    naive_newest(v, ind, STR(r, "orgId"), false) == r)
			sum += INT(json_peek_object(r, "value"), "n");
	}
	return sum;
}

static const json_t *
find(const json_t *list, const char *key, const char *id)
{
	const json_t *o;
	size_t i_o;

	json_array_foreach (list, i_o, o) {
		if (SAME(o, key, id))
			return o;
	}
	return NULL;
}

bool
naive_find_target(const json_t *ind, int64_t *total)
{
	const json_t *target = json_peek_object(ind, "target"), *q;
	bool known = json_array_size(LIST(ind, "quotas")) > 0;
	size_t i_q;

	*total = INT(target, "qty");
	if (!SAME(target, "state", "derived"))
		return SAME(target, "state", "given");
	json_array_foreach (LIST(ind, "quotas"), i_q, q) {
		known = known && json_is_integer(json_object_get(q, "qty"));
		*total += INT(q, "qty");
	}
	return known;
}

bool
naive_has_met(const struct view *v, const json_t *m, const char *org)
{
	const json_t *rule = json_peek_object(m, "rule"), *ind, *q, *s;
	int64_t done, goal;
	size_t i_s;

	if (SAME(rule, "type", "event")) {
		json_array_foreach (v->states, i_s, s) {
			if (SAME(s, "milestoneId", STR(m, "id")) &&
			    SAME(s, "orgId", org) &&
			    SAME(s, "state", "verified"))
				return strcmp(STR(s, "metOn"), v->as_of) <= 0 &&
				       strcmp(STR(s, "verifiedAt"),
					   v->known_at) <= 0;
		}
		return false;
	}
	ind = find(LIST(v->now, "indicators"), "id", STR(rule, "indicator"));
	if (ind == NULL)
		return false;
	q = find(LIST(ind, "quotas"), "orgId", org);
	if (json_is_integer(json_object_get(q, "qty"))) {
		done = naive_number(v, STR(ind, "id"), org);
		goal = INT(q, "qty");
	} else {
		done = naive_total_done(v, STR(ind, "id"));
		if (!naive_find_target(ind, &goal))
			return false;
	}
	return (wide_t)done * 100 >= (wide_t)goal * INT(rule, "percent");
}

/* Of an event milestone that was met: after its due day? */
bool
naive_is_late(const struct view *v, const json_t *m, const char *org)
{
	const json_t *s;
	size_t i_s;

	json_array_foreach (v->states, i_s, s) {
		if (SAME(s, "milestoneId", STR(m, "id")) &&
		    SAME(s, "orgId", org))
			return STR(m, "to") != NULL &&
			       strcmp(STR(s, "metOn"), STR(m, "to")) > 0;
	}
	return false;
}

/* The units obliged by a milestone: the named ones, or the lead. */
json_t *
naive_obliged(const struct view *v, const json_t *m)
{
	if (json_array_size(LIST(m, "orgs")) > 0)
		return json_deep_copy(LIST(m, "orgs"));
	return json_pack("[s]", STR(json_peek_object(v->now, "lead"), "orgId"));
}

static void
count_one(struct count *c, const struct view *v, const json_t *m, bool met)
{
	civil_t due, end;

	c->total++;
	c->met += met;
	if (STR(m, "to") == NULL || !civil_parse(STR(m, "to"), &due))
		return;
	end = policy_evaluation_day(&v->policy, due, v->issued);
	c->due += due <= v->today;
	c->due_met += met && due <= v->today;
	c->overdue += !met && v->today > end;
	c->soon +=
	    !met && due >= v->today && due - v->today <= v->policy.soon_days;
	c->grace += !met && due < v->issued && v->today <= end;
}

/* Add the quotas of one unit, or of all (NULL), and its milestones. */
void
naive_count_unit(const struct view *v, const char *org,
    struct count *milestones, struct count *quotas, int64_t *reported)
{
	const json_t *ind, *q, *m, *o;
	size_t i_ind, i_q, i_m, i_o;

	json_array_foreach (LIST(v->now, "milestones"), i_m, m) {
		json_t *units = naive_obliged(v, m);

		json_array_foreach (units, i_o, o) {
			const char *id = json_string_value(o);

			if (org == NULL || strcmp(id, org) == 0)
				count_one(
				    milestones, v, m, naive_has_met(v, m, id));
		}
		json_decref(units);
	}
	json_array_foreach (LIST(v->now, "indicators"), i_ind, ind) {
		json_array_foreach (LIST(ind, "quotas"), i_q, q) {
			const char *id = STR(q, "orgId");
			bool met = json_is_integer(json_object_get(q, "qty")) &&
				   naive_number(v, STR(ind, "id"), id) >=
				       INT(q, "qty");

			if (org != NULL && strcmp(id, org) != 0)
				continue;
			*reported +=
			    naive_newest(v, STR(ind, "id"), id, true) != NULL;
			quotas->total++;
			quotas->met += met;
			quotas->due += v->today >= v->year_end;
			quotas->due_met += met && v->today >= v->year_end;
		}
	}
}
