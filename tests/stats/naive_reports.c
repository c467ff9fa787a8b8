#include "naive.h"

/* What was known of a report: false, nothing was submitted yet. */
struct heard {
	const char *first; /* when something was, the first time */
	const char *state;
	const char *kind; /* as it was submitted, the last time */
	bool flagged;
};

static void
hear(struct heard *h, const json_t *report, const json_t *step)
{
	const char *problems = STR(report, "problems");

	if (h->first == NULL)
		h->first = STR(step, "at");
	h->kind = STR(step, "kind");
	h->flagged = json_is_true(json_object_get(step, "flagged"));
	if (h->kind == NULL) {
		h->kind = STR(json_peek_object(report, "value"), "kind");
		h->flagged = problems != NULL && problems[0] != '\0';
	}
}

static bool
listen(const struct view *v, const json_t *report, struct heard *h)
{
	const json_t *step, *history = json_object_get(report, "history");
	size_t i;

	*h = (struct heard){.first = NULL};
	if (history == NULL) {
		h->state = "accepted";
		if (STR(report, "acceptedAt") == NULL ||
		    strcmp(STR(report, "acceptedAt"), v->known_at) > 0)
			return false;
		hear(h, report, NULL);
		h->first = STR(report, "acceptedAt");
		return true;
	}
	json_array_foreach (history, i, step) {
		if (strcmp(STR(step, "at"), v->known_at) > 0)
			break;
		h->state = STR(step, "to");
		if (SAME(step, "to", "submitted") ||
		    SAME(step, "to", "accepted"))
			hear(h, report, step);
	}
	return h->first != NULL;
}

/* Later in time, or the later revision of the same day. */
static bool
after(const json_t *a, const json_t *b)
{
	int c = strcmp(STR(a, "asOf"), STR(b, "asOf"));

	if (c == 0)
		c = (int)(INT(a, "revision") - INT(b, "revision"));
	return c > 0 || (c == 0 && strcmp(STR(a, "_id"), STR(b, "_id")) > 0);
}

/* The day in Shanghai: eight hours on. */
static civil_t
day_of(const char *instant)
{
	instant_t t;

	return instant_parse(instant, &t)
		   ? (civil_t)((t + 8 * 3600000) / 86400000)
		   : 0;
}

/* "on_time", "late", "open" or "missing"; *none: came, nothing to report. */
const char *
naive_filing(const struct view *v, const char *ind, const char *org,
    const char *month, civil_t due, int *late, bool *none)
{
	const json_t *r, *newest = NULL;
	const char *first = NULL;
	struct heard h;
	size_t i;

	*late = 0;
	*none = false;
	json_array_foreach (v->reports, i, r) {
		if (!SAME(r, "indicatorId", ind) || !SAME(r, "orgId", org) ||
		    strncmp(STR(r, "asOf"), month, 7) != 0 ||
		    strcmp(STR(r, "asOf"), v->as_of) > 0 || !listen(v, r, &h))
			continue;
		if (first == NULL || strcmp(h.first, first) < 0)
			first = h.first;
		if (newest == NULL || after(r, newest)) {
			newest = r;
			*none = h.kind != NULL && strcmp(h.kind, "none") == 0;
		}
	}
	if (first == NULL || day_of(first) > v->today) {
		*none = false;
		return due < v->today ? "missing" : "open";
	}
	if (day_of(first) <= due)
		return "on_time";
	*late = day_of(first) - due;
	return "late";
}

/* Call for each month of the plan that has ended, with its due day. */
void
naive_months(const struct view *v, naive_month_fn fn, void *arg)
{
	const json_t *rules = json_peek_object(v->plan, "reporting");
	int year, month, day, due_day = (int)json_peek_int(rules, "dueDay", 5);
	int grace = (int)INT(rules, "graceWorkdays");
	char text[CIVIL_LEN + 1];

	for (civil_split(v->issued, &year, &month, &day);
	     year <= INT(v->plan, "year"); month++) {
		civil_t next;

		if (month == 13) {
			month = 0;
			year++;
			continue;
		}
		next = civil_make(month < 12 ? year : year + 1,
		    month < 12 ? month + 1 : 1, 1);
		if (next - 1 > v->today)
			return;
		(void)civil_format(civil_make(year, month, 1), text);
		text[7] = '\0';
		fn(arg, text,
		    policy_add_workdays(&v->policy, next + due_day - 1, grace));
	}
}

/* Who owes reports on an indicator: new. */
json_t *
naive_reporters(const struct view *v, const json_t *ind)
{
	json_t *list = json_array();
	const json_t *q;
	size_t i;

	if (STR(v->plan, "status") == NULL ||
	    SAME(v->plan, "status", "draft") ||
	    SAME(v->now, "kind", "milestone"))
		return list;
	if (json_array_size(LIST(ind, "quotas")) == 0)
		json_push(
		    list, json_string(
			      STR(json_peek_object(v->now, "lead"), "orgId")));
	json_array_foreach (LIST(ind, "quotas"), i, q)
		json_push(list, json_string(STR(q, "orgId")));
	return list;
}

struct look {
	const struct view *v;
	const char *ind;
	const char *org;
	struct naive_series *s;
	int missing; /* of those that are due, running */
};

static void
look_at(void *arg, const char *month, civil_t due)
{
	struct look *l = arg;
	int late;
	bool none;
	const char *how =
	    naive_filing(l->v, l->ind, l->org, month, due, &late, &none);

	if (due < l->v->today) {
		l->missing = strcmp(how, "missing") == 0 ? l->missing + 1 : 0;
		l->s->overdue = l->missing > 0;
		l->s->twice = l->missing > 1;
	}
	if (strcmp(how, "open") == 0 && l->s->how != NULL)
		return;
	l->s->how = how;
	l->s->late = late;
	(void)snprintf(l->s->month, sizeof(l->s->month), "%s", month);
}

void
naive_series(const struct view *v, const char *ind, const char *org,
    struct naive_series *s)
{
	static const char *const proofs[][2] = {{"submitted", "self"},
	    {"unit_confirmed", "unit"}, {"lead_confirmed", "lead"},
	    {"accepted", "office"}, {"superseded", "office"}};
	struct look l = {v, ind, org, s, 0};
	const json_t *r, *newest = NULL;
	struct heard h;
	size_t i;

	*s = (struct naive_series){.evidence = "none"};
	naive_months(v, look_at, &l);
	json_array_foreach (v->reports, i, r) {
		if (!SAME(r, "indicatorId", ind) || !SAME(r, "orgId", org) ||
		    strcmp(STR(r, "asOf"), v->as_of) > 0 || !listen(v, r, &h) ||
		    (newest != NULL && !after(r, newest)))
			continue;
		newest = r;
		s->flagged = h.flagged;
		s->evidence = "none";
		for (size_t k = 0; k < 5; k++)
			if (strcmp(proofs[k][0], h.state) == 0)
				s->evidence = proofs[k][1];
	}
}
