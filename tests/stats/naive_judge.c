#include "naive.h"

#include "plan/assess.h"
#include "plan/pace.h"

/* The newest concluded check of a unit in the task, or NULL. */
const json_t *
naive_check(const struct view *v, const char *org)
{
	const json_t *c, *best = NULL;
	size_t i;

	json_array_foreach (v->checks, i, c) {
		int later = 1;

		if (!SAME(c, "orgId", org) || STR(c, "concludedAt") == NULL ||
		    strcmp(STR(c, "concludedAt"), v->known_at) > 0 ||
		    strcmp(STR(c, "checkedOn"), v->as_of) > 0)
			continue;
		if (best != NULL)
			later =
			    strcmp(STR(c, "checkedOn"), STR(best, "checkedOn"));
		if (later == 0)
			later = strcmp(
			    STR(c, "concludedAt"), STR(best, "concludedAt"));
		if (later == 0)
			later = strcmp(STR(c, "_id"), STR(best, "_id"));
		if (later > 0)
			best = c;
	}
	return best;
}

static void
count_checks(const struct view *v, const char *org, struct assess_facts *f)
{
	json_t *seen = json_object();
	const json_t *c, *newest;
	size_t i;

	json_array_foreach (v->checks, i, c) {
		const char *id = STR(c, "orgId");

		if (json_object_get(seen, id) != NULL ||
		    (org != NULL && strcmp(org, id) != 0))
			continue;
		json_put_int(seen, id, 1);
		newest = naive_check(v, id);
		f->checks_false +=
		    newest != NULL && SAME(newest, "verdict", "false");
	}
	json_decref(seen);
}

static void
count_reports(const struct view *v, const char *org, struct assess_facts *f)
{
	const json_t *ind, *o;
	size_t i, k;

	json_array_foreach (LIST(v->now, "indicators"), i, ind) {
		json_t *owing = naive_reporters(v, ind);

		json_array_foreach (owing, k, o) {
			const char *id = json_string_value(o);
			struct naive_series s;

			if (org != NULL && strcmp(org, id) != 0)
				continue;
			naive_series(v, STR(ind, "id"), id, &s);
			f->reports_overdue += s.overdue;
			f->periods_missing += s.twice;
			f->flagged += s.flagged;
		}
		json_decref(owing);
	}
}

/* The indicator and the quota of it that a unit is judged by. */
const json_t *
naive_share(const struct view *v, const char *org, const json_t **quota)
{
	const json_t *ind, *q;
	size_t i, k;

	json_array_foreach (LIST(v->now, "indicators"), i, ind) {
		json_array_foreach (LIST(ind, "quotas"), k, q) {
			if (!SAME(q, "orgId", org))
				continue;
			*quota = q;
			return ind;
		}
	}
	return NULL;
}

/* A task, or with org a unit's part of it. */
void
naive_judge(const struct view *v, const char *org, struct assess_result *r)
{
	const json_t *q = NULL;
	const json_t *ind = org != NULL
				? naive_share(v, org, &q)
				: json_array_get(LIST(v->now, "indicators"), 0);
	struct assess_facts f = {0};
	struct count m = {0}, ignored = {0};
	struct pace pace;
	struct err e;
	int64_t reported = 0;

	naive_count_unit(v, org, &m, &ignored, &reported);
	f.milestones.total = m.total;
	f.milestones.met = m.met;
	f.milestones.due = m.due;
	f.milestones.overdue = m.overdue;
	f.milestones.due_soon = m.soon;
	f.milestones.in_grace = m.grace;
	if (ind != NULL) {
		const char *id = STR(ind, "id");

		f.target = INT(q, "qty");
		f.done = org != NULL ? naive_number(v, id, org)
				     : naive_total_done(v, id);
		f.has_target =
		    (org != NULL || naive_find_target(ind, &f.target)) &&
		    f.target > 0;
		err_init(&e);
		if (pace_read(v->now, id, v->issued, &pace, &e) == 0)
			f.pace = pace_at(&pace, v->today);
	}
	count_reports(v, org, &f);
	count_checks(v, org, &f);
	assess(&f, &v->policy, r);
}
