#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "world.h"

#define UNITS 9  /* ids exist for as many; not all have a document */
#define DAYS 420 /* the days of a plan: from 1 December before its year */

void
rnd_seed(struct rnd *r, const char *name)
{
	const char *given = getenv("MINSHENG_TEST_SEED");

	r->state =
	    given != NULL ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
	printf("%s: MINSHENG_TEST_SEED=%llu\n", name,
	    (unsigned long long)r->state);
}

uint64_t
rnd_next(struct rnd *r)
{
	uint64_t z = (r->state += 0x9E3779B97F4A7C15U);

	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
	z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
	return z ^ (z >> 31);
}

int64_t
rnd_below(struct rnd *r, int64_t n)
{
	return (int64_t)(rnd_next(r) % (uint64_t)n);
}

static bool
chance(struct rnd *r, int percent)
{
	return rnd_below(r, 100) < percent;
}

/* What is being made. */
struct gen {
	struct rnd *r;
	struct world *w;
	int plan;
	civil_t first; /* the first of its days */
	char plan_id[32];
	char division[16];
};

static json_t *
day(const struct gen *g)
{
	char text[CIVIL_LEN + 1];

	return json_string(
	    civil_format(g->first + (civil_t)rnd_below(g->r, DAYS), text));
}

static void
random_instant(const struct gen *g, char text[INSTANT_LEN + 1])
{
	instant_t ms = rnd_below(g->r, (int64_t)DAYS * 86400000);

	/* Few different ones, so that they meet. */
	if (chance(g->r, 50))
		ms -= ms % (7 * (instant_t)86400000);
	(void)instant_format((instant_t)g->first * 86400000 + ms, text);
}

static json_t *
instant(const struct gen *g)
{
	char text[INSTANT_LEN + 1];

	random_instant(g, text);
	return json_string(text);
}

/* Mostly the end of a month, as units report. */
static json_t *
report_day(const struct gen *g)
{
	civil_t d = g->first + (civil_t)rnd_below(g->r, DAYS);
	char text[CIVIL_LEN + 1];
	int year, month, ignored;

	civil_split(d, &year, &month, &ignored);
	if (chance(g->r, 80))
		d = civil_make(year, month, civil_month_days(year, month));
	return json_string(civil_format(d, text));
}

static json_t *
unit(const struct gen *g, int64_t n)
{
	return json_sprintf("u%d.%02d", g->plan, (int)n);
}

/* Mostly small, sometimes nothing, sometimes huge (all units of them fit). */
static int64_t
quantity(const struct gen *g)
{
	switch (rnd_below(g->r, 12)) {
	case 0:
		return 0;
	case 1:
		return rnd_below(g->r, (int64_t)1 << 58);
	case 2:
		return rnd_below(g->r, 50000);
	default:
		return rnd_below(g->r, 200);
	}
}

static json_t *
some_units(const struct gen *g, int percent)
{
	json_t *list = json_array();

	for (int i = 0; i < UNITS; i++)
		if (chance(g->r, percent))
			json_push(list, unit(g, i));
	return list;
}

static json_t *
gen_quotas(const struct gen *g)
{
	int percent = (int)rnd_below(g->r, 4) * 30;
	json_t *list = json_array();

	for (int i = 0; i < UNITS; i++) {
		bool missing = chance(g->r, 7);

		if (!chance(g->r, percent))
			continue;
		json_push(list,
		    json_pack("{s:o, s:o, s:s}", "orgId", unit(g, i), "qty",
			missing ? json_null() : json_integer(quantity(g)),
			"state", missing ? "missing" : "given"));
	}
	return list;
}

static json_t *
gen_indicators(const struct gen *g)
{
	static const char *const states[] = {"given", "derived", "missing"};
	json_t *list = json_array();
	int64_t n = rnd_below(g->r, 3);

	for (int i = 1; i <= n; i++) {
		size_t state = (size_t)rnd_below(g->r, 3);

		json_push(list,
		    json_pack("{s:o, s:s, s:s, s:{s:o, s:s}, s:o}", "id",
			json_sprintf("i%d", i), "name", "数量", "unit", "个",
			"target", "qty",
			state > 0 ? json_null() : json_integer(quantity(g) * 8),
			"state", states[state], "quotas", gen_quotas(g)));
	}
	return list;
}

static json_t *
gen_funding(const struct gen *g)
{
	static const char *const levels[] = {
	    "central", "province", "city", "county", "self"};
	static const char *const certain[] = {
	    "given", "given", "ambiguous", "holder_unknown", "unknown"};
	json_t *list = json_array();
	int64_t n = rnd_below(g->r, 5);

	for (int i = 1; i <= n; i++) {
		size_t kind = (size_t)rnd_below(g->r, 5);
		bool each = chance(g->r, 40);

		json_push(list,
		    json_pack("{s:o, s:s, s:o, s:s, s:s, s:o, s:s}", "id",
			json_sprintf("f%d", i), "level",
			levels[rnd_below(g->r, 5)], "amountFen",
			kind == 4
			    ? json_null()
			    : json_integer(rnd_below(g->r,
				  (int64_t)1 << (chance(g->r, 2) ? 50 : 30))),
			"per", each ? "each" : "total", "certainty",
			certain[kind], "orgs", some_units(g, 40), "srcText",
			"资金"));
	}
	return list;
}

static json_t *
gen_milestones(const struct gen *g)
{
	json_t *list = json_array();
	int64_t n = rnd_below(g->r, 6);

	for (int i = 1; i <= n; i++) {
		json_t *rule = json_pack("{s:s}", "type", "event");

		if (chance(g->r, 50)) {
			json_decref(rule);
			rule = json_pack("{s:s, s:s, s:I}", "type", "percent",
			    "indicator", chance(g->r, 80) ? "i1" : "i2",
			    "percent", (json_int_t)rnd_below(g->r, 101));
		}
		json_push(
		    list, json_pack("{s:o, s:o, s:o, s:s, s:o, s:o}", "id",
			      json_sprintf("m%d", i), "from",
			      chance(g->r, 50) ? json_null() : day(g), "to",
			      chance(g->r, 10) ? json_null() : day(g), "text",
			      "节点", "rule", rule, "orgs",
			      some_units(g, (int)rnd_below(g->r, 3) * 45)));
	}
	return list;
}

/* What an amendment keeps of the past, and what a task has now. */
static json_t *
gen_sections(const struct gen *g)
{
	return json_pack("{s:s, s:s, s:{s:o}, s:o, s:o, s:[], s:o}", "title",
	    "工作任务", "kind", chance(g->r, 10) ? "milestone" : "mixed",
	    "lead", "orgId", unit(g, rnd_below(g->r, UNITS)), "indicators",
	    gen_indicators(g), "funding", gen_funding(g), "subtasks",
	    "milestones", gen_milestones(g));
}

static json_t *
gen_amendments(const struct gen *g)
{
	json_t *list = json_array();
	instant_t at = (instant_t)g->first * 86400000;
	char text[INSTANT_LEN + 1];

	for (int n = 1; chance(g->r, 20); n++) {
		at += rnd_below(g->r, (int64_t)DAYS / 2 * 86400000);
		json_push(list,
		    json_pack("{s:i, s:s, s:o}", "n", n, "at",
			instant_format(at, text), "before", gen_sections(g)));
	}
	return list;
}

/* A life of a report, up to any state; content may change on the way. */
static json_t *
gen_history(const struct gen *g, const char **end)
{
	static const char *const states[] = {"draft", "submitted", "returned",
	    "submitted", "unit_confirmed", "lead_confirmed", "accepted",
	    "superseded"};
	json_t *list = json_array();
	instant_t at = (instant_t)g->first * 86400000 +
		       rnd_below(g->r, (int64_t)DAYS * 86400000);
	char text[INSTANT_LEN + 1];

	for (size_t i = 0; i < 8 && chance(g->r, 85); i++) {
		json_t *step = json_pack("{s:s, s:s, s:s}", "by", "u", "at",
		    instant_format(at, text), "to", states[i]);

		*end = states[i];
		json_push(list, step);
		if (strcmp(states[i], "submitted") == 0 && chance(g->r, 70)) {
			json_put_str(
			    step, "kind", chance(g->r, 20) ? "none" : "number");
			if (chance(g->r, 30))
				json_put(step, "flagged", json_true());
		}
		at += rnd_below(g->r, 20 * (int64_t)86400000);
		if (chance(g->r, 20)) /* midnight in Shanghai */
			at += (57600000 - at % 86400000 + 86400000) % 86400000;
	}
	return list;
}

/* Give some a history; what it ends with is the state. */
static void
gen_life(const struct gen *g, json_t *report)
{
	const char *state = "draft";
	json_t *history, *last;

	if (chance(g->r, 30))
		json_put_str(report, "problems", "资金未到位");
	if (chance(g->r, 40))
		return;
	history = gen_history(g, &state);
	last = json_array_get(history, json_array_size(history) - 1);
	json_put_str(report, "state", state);
	json_object_del(report, "acceptedAt");
	if (strcmp(state, "accepted") == 0)
		json_put_str(report, "acceptedAt", json_peek_str(last, "at"));
	json_put(report, "history", history);
}

/* Of some the next revision is there as well, accepted at the same time. */
static void
gen_report(const struct gen *g, const char *task, int n)
{
	json_t *value =
	    chance(g->r, 15)
		? json_pack("{s:s, s:s}", "kind", "none", "reason", "尚未启动")
		: json_pack("{s:s, s:I}", "kind", "number", "n",
		      (json_int_t)quantity(g));
	json_t *report =
	    json_pack("{s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:s, s:o, s:i}",
		"_id", json_sprintf("%s.r%d", task, 100 - n), "planId",
		g->plan_id, "taskId", task, "indicatorId",
		json_sprintf("i%d", 1 + (int)rnd_below(g->r, 2)), "orgId",
		unit(g, rnd_below(g->r, 4)), "asOf", report_day(g), "value",
		value, "state", "accepted", "acceptedAt",
		chance(g->r, 8) ? json_null() : instant(g), "revision", 1);

	json_push(g->w->reports, report);
	if (!chance(g->r, 25)) {
		gen_life(g, report);
		return;
	}
	report = json_copy(report);
	json_put(report, "_id", json_sprintf("%s.c%d", task, 100 - n));
	json_put_int(report, "revision", 2);
	json_put(report, "value",
	    json_pack(
		"{s:s, s:I}", "kind", "number", "n", (json_int_t)quantity(g)));
	json_push(g->w->reports, report);
}

static void
gen_states(const struct gen *g, const char *task)
{
	for (int m = 1; m <= 5; m++) {
		int percent = (int)rnd_below(g->r, 4) * 33;

		for (int i = 0; i < UNITS; i++) {
			if (!chance(g->r, percent))
				continue;
			json_push(g->w->states,
			    json_pack("{s:o, s:s, s:s, s:o, s:o, s:s, s:o, "
				      "s:o}",
				"_id", json_sprintf("%s.m%d.%d", task, m, i),
				"planId", g->plan_id, "taskId", task,
				"milestoneId", json_sprintf("m%d", m), "orgId",
				unit(g, i), "state",
				chance(g->r, 85) ? "verified" : "claimed",
				"metOn", day(g), "verifiedAt", instant(g)));
		}
	}
}

static void
gen_checks(const struct gen *g, const char *task)
{
	static const char *const verdicts[] = {"true", "partly", "false"};

	for (int64_t n = rnd_below(g->r, 4); n > 0; n--) {
		json_t *check = json_pack("{s:o, s:s, s:s, s:o, s:o, s:s}",
		    "_id", json_sprintf("%s.k%d", task, (int)n), "planId",
		    g->plan_id, "taskId", task, "orgId",
		    unit(g, rnd_below(g->r, 4)), "checkedOn", day(g), "verdict",
		    verdicts[rnd_below(g->r, 3)]);

		if (chance(g->r, 80))
			json_put(check, "concludedAt", instant(g));
		json_push(g->w->checks, check);
	}
}

static void
gen_flows(const struct gen *g, const char *task)
{
	static const char *const levels[] = {"central", "city", "county"};
	static const char *const stages[] = {
	    "plan", "issued", "received", "paid"};

	for (int64_t n = rnd_below(g->r, 10); n > 0; n--) {
		json_t *flow = json_pack("{s:o, s:s, s:s, s:o, s:o, s:s, s:s}",
		    "_id", json_sprintf("%s.w%d", task, (int)n), "planId",
		    g->plan_id, "taskId", task, "fundingId",
		    chance(g->r, 30) ? json_null() : json_string("f1"), "orgId",
		    chance(g->r, 60) ? json_null()
				     : unit(g, rnd_below(g->r, 2)),
		    "level", levels[rnd_below(g->r, 3)], "stage",
		    stages[rnd_below(g->r, 4)]);

		json_put_int(flow, "amountFen", rnd_below(g->r, 100000));
		json_put_int(flow, "revision", 1 + rnd_below(g->r, 2));
		json_put(flow, "asOf", report_day(g));
		json_put(flow, "recordedAt", instant(g));
		json_push(g->w->flows, flow);
	}
}

static void
gen_task(const struct gen *g, int no)
{
	json_t *task = gen_sections(g);
	char id[64];

	(void)snprintf(id, sizeof(id), "%s-%02d", g->plan_id, no);
	json_put_str(task, "_id", id);
	json_put_str(task, "planId", g->plan_id);
	json_put_str(task, "division", g->division);
	json_put_int(task, "no", no);
	json_put_str(task, "status", "issued");
	json_put(task, "amendments", gen_amendments(g));
	json_push(g->w->tasks, task);
	for (int64_t n = rnd_below(g->r, 12); n > 0; n--)
		gen_report(g, id, (int)n);
	gen_states(g, id);
	gen_checks(g, id);
	gen_flows(g, id);
}

static json_t *
gen_policy(const struct gen *g)
{
	json_t *days = json_array();

	for (int64_t n = rnd_below(g->r, 20); n > 0; n--)
		json_push(days, day(g));
	return json_pack("{s:s, s:I, s:I, s:I, s:i, s:i, s:i, s:{s:o, s:[]}}",
	    "id", "p", "version", (json_int_t)(1 + rnd_below(g->r, 2)),
	    "graceWorkdays", (json_int_t)rnd_below(g->r, 10), "soonDays",
	    (json_int_t)rnd_below(g->r, 20), "behindYellow", 10, "behindRed",
	    30, "aheadPoints", 10, "calendar", "holidays", days, "workdays");
}

void
gen_plan(struct world *w, struct rnd *r, int n)
{
	int year = 2019 + (int)rnd_below(r, 3);
	struct gen g = {r, w, n, civil_make(year - 1, 12, 1), "", ""};
	json_t *plan;

	(void)snprintf(g.division, sizeof(g.division), "%06d", 100000 + n);
	(void)snprintf(g.plan_id, sizeof(g.plan_id), "%s-%d", g.division, year);
	plan = json_pack("{s:s, s:s, s:i, s:s}", "_id", g.plan_id, "division",
	    g.division, "year", year, "title", "民生实事");
	json_put(plan, "issuedOn", chance(r, 10) ? json_null() : day(&g));
	if (chance(r, 50))
		json_put(plan, "policy", gen_policy(&g));
	if (chance(r, 90))
		json_put_str(
		    plan, "status", chance(r, 80) ? "issued" : "draft");
	if (chance(r, 50))
		json_put(plan, "reporting",
		    json_pack("{s:s, s:i, s:i}", "period", "month", "dueDay",
			1 + (int)rnd_below(r, 28), "graceWorkdays",
			(int)rnd_below(r, 5)));
	json_push(w->plans, plan);
	for (int i = UNITS; i-- > 0;) {
		if (chance(r, 10))
			continue;
		json_push(
		    w->orgs, json_pack("{s:o, s:s, s:s, s:I}", "_id",
				 unit(&g, i), "name", "单位", "kind", "county",
				 "sortKey", (json_int_t)rnd_below(r, 8)));
	}
	for (int64_t i = rnd_below(r, 13); i > 0; i--)
		gen_task(&g, (int)i);
}

/* A random instant that a document of the world carries, or NULL. */
static const char *
some_instant(const struct world *w, struct rnd *r)
{
	const json_t *list = rnd_below(r, 3) > 0 ? w->reports : w->states;
	const char *key = list == w->reports ? "acceptedAt" : "verifiedAt";
	const json_t *doc;

	if (rnd_below(r, 3) == 0) {
		doc = json_array_get(w->tasks, 0);
		list = json_peek_array(doc, "amendments");
		key = "at";
	}
	if (json_array_size(list) == 0)
		return NULL;
	doc = json_array_get(
	    list, (size_t)rnd_below(r, (int64_t)json_array_size(list)));
	return json_peek_str(doc, key);
}

void
gen_question(const struct world *w, struct rnd *r, char as_of[CIVIL_LEN + 1],
    char known_at[INSTANT_LEN + 1])
{
	const json_t *plan = json_array_get(w->plans, 0);
	int year = (int)json_peek_int(plan, "year", 2019);
	struct gen g = {r, NULL, 0, civil_make(year - 1, 12, 1), "", ""};
	const char *at = chance(r, 50) ? some_instant(w, r) : NULL;

	(void)civil_format(g.first + (civil_t)rnd_below(r, DAYS + 30), as_of);
	random_instant(&g, known_at);
	if (at != NULL)
		(void)snprintf(known_at, INSTANT_LEN + 1, "%s", at);
	else if (chance(r, 60))
		(void)snprintf(known_at, INSTANT_LEN + 1, "%s",
		    "2030-01-01T00:00:00.000Z");
}
