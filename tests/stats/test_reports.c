#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "check.h"
#include "world.h"

#define LATER "2030-01-01T00:00:00.000Z"

/*
 * Two units with a quota of 100 each, one percent milestone, on the default
 * rules: the report of a month is due on the 5th of the next.
 */
static const char *const plan =
    "{'_id':'100000-2019','division':'100000','year':2019,'title':'T',"
    "'status':'issued','issuedOn':'2019-04-04'}";
static const char *const task =
    "{'_id':'100000-2019-01','planId':'100000-2019','division':'100000',"
    "'year':2019,'no':1,'title':'T','kind':'quantity','status':'issued',"
    "'lead':{'orgId':'L'},'funding':[],'subtasks':[],'indicators':[{'id':'i1',"
    "'name':'N','unit':'U','target':{'qty':200,'state':'given'},'quotas':["
    "{'orgId':'a','qty':100,'state':'given'},"
    "{'orgId':'b','qty':100,'state':'given'}]}],'milestones':[{'id':'m1',"
    "'from':null,'to':'2019-12-31','text':'M','orgs':['a','b'],'rule':"
    "{'type':'percent','indicator':'i1','percent':100}}]}";

static json_t *
quick(const char *text)
{
	char *s = strdup(text);
	json_t *v;

	for (char *p = s; *p != '\0'; p++)
		*p = *p == '\'' ? '"' : *p;
	v = json_loads(s, 0, NULL);
	assert_non_null(v);
	free(s);
	return v;
}

/* "a 2019-05 120 2019-06-03T02:00:00.000Z": unit, month, figure (or "none",
 * "12!" with a problem), when it was submitted; accepted a second later. */
static json_t *
report(const char *text, int n)
{
	char unit[8], month[16], figure[24], at[32], accepted[32];
	json_t *r, *value;
	instant_t t;
	int year, m;

	assert_int_equal(
	    sscanf(text, "%7s %15s %23s %31s", unit, month, figure, at), 4);
	assert_int_equal(sscanf(month, "%d-%d", &year, &m), 2);
	assert_true(instant_parse(at, &t));
	(void)instant_format(t + 1000, accepted);
	value = strcmp(figure, "none") == 0
		    ? json_pack("{s:s, s:s}", "kind", "none", "reason", "x")
		    : json_pack("{s:s, s:I}", "kind", "number", "n",
			  (json_int_t)atoll(figure));
	r = json_pack("{s:o, s:s, s:s, s:s, s:s, s:o, s:o, s:i, s:s, s:s, s:s,"
		      " s:[{s:s, s:s, s:s, s:o, s:b}, {s:s, s:s, s:s}]}",
	    "_id", json_sprintf("r%d", n), "planId", "100000-2019", "taskId",
	    "100000-2019-01", "indicatorId", "i1", "orgId", unit, "asOf",
	    json_sprintf("%s-%02d", month, civil_month_days(year, m)), "value",
	    value, "revision", n + 1, "state", "accepted", "submittedAt", at,
	    "acceptedAt", accepted, "history", "at", at, "by", "u", "to",
	    "submitted", "kind", json_string(json_peek_str(value, "kind")),
	    "flagged", strchr(figure, '!') != NULL, "at", accepted, "by", "v",
	    "to", "accepted");
	assert_non_null(r);
	if (strchr(figure, '!') != NULL)
		json_put_str(r, "problems", "x");
	return r;
}

/* Ask every engine; new: the answer. */
static json_t *
ask(const char *const *reports, const char *check, enum stats_family f,
    const char *by, const char *as_of, const char *known_at)
{
	struct world_stores all;
	struct world w;
	json_t *got;

	world_init(&w);
	json_push(w.plans, quick(plan));
	json_push(w.tasks, quick(task));
	for (int i = 0; reports[i] != NULL; i++)
		json_push(w.reports, report(reports[i], i));
	if (check != NULL)
		json_push(w.checks, quick(check));
	world_stores_open(&all);
	for (size_t i = 0; i < all.n; i++)
		world_put(all.v[i].s, &w);
	got = world_ask_all(&all, &w, f, by, as_of, known_at);
	world_stores_close(&all);
	world_fini(&w);
	return got;
}

/* What stands at a path such as "rows.0.done", as text. */
static void
expect(const json_t *v, const char *path, const char *want)
{
	const char *p = path;
	char step[32], *text;

	while (*p != '\0') {
		size_t n = strcspn(p, ".");

		(void)snprintf(step, sizeof(step), "%.*s", (int)n, p);
		v = json_is_array(v) ? json_array_get(v, (size_t)atoi(step))
				     : json_object_get(v, step);
		p += n + (p[n] == '.');
	}
	text = v != NULL ? json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT)
			 : strdup("absent");
	if (strcmp(text, want) != 0)
		fail_msg("%s: %s, not %s", path, text, want);
	free(text);
}

/* 23:59:59.999 of the due day in Shanghai is on time, the next is a day late.
 */
static void
test_deadline(void **state)
{
	static const struct {
		const char *at;
		const char *as_of;
		const char *lamp;
		const char *days;
	} cases[] = {
	    {"2019-06-05T15:59:59.999Z", "2019-06-06", "\"on_time\"", "0"},
	    {"2019-06-05T16:00:00.000Z", "2019-06-06", "\"late\"", "1"},
	    {"2019-06-06T15:59:59.999Z", "2019-06-06", "\"late\"", "1"},
	    {"2019-06-06T16:00:00.000Z", "2019-06-07", "\"late\"", "2"},
	    /* On a day nothing is there that came later. */
	    {"2019-06-05T16:00:00.000Z", "2019-06-05", "\"missing\"", "0"},
	    {"2019-06-06T16:00:00.000Z", "2019-06-06", "\"missing\"", "0"},
	};
	char text[64];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *reports[] = {text, NULL};
		json_t *got;

		(void)snprintf(
		    text, sizeof(text), "a 2019-05 50 %s", cases[i].at);
		got = ask(
		    reports, NULL, STAT_MATRIX, NULL, cases[i].as_of, LATER);
		expect(got, "rows.0.cells.0.timeliness.lamp", cases[i].lamp);
		expect(
		    got, "rows.0.cells.0.timeliness.daysLate", cases[i].days);
		json_decref(got);
	}
}

/* On the due day what is not there is open; the day after it is missing. */
static void
test_open_until_due(void **state)
{
	static const char *const none[] = {NULL};
	json_t *got =
	    ask(none, NULL, STAT_TIMELINESS, "month", "2019-06-05", LATER);

	(void)state;
	expect(got, "rows.0.month", "\"2019-04\"");
	expect(got, "rows.0.missing", "2");
	expect(got, "rows.1.open", "2");
	expect(got, "rows.1.missing", "0");
	expect(got, "rows.2", "absent");
	json_decref(got);
	got = ask(none, NULL, STAT_TIMELINESS, "month", "2019-06-06", LATER);
	expect(got, "rows.1.open", "0");
	expect(got, "rows.1.missing", "2");
	json_decref(got);
}

/* Cumulative: the newest counts, months are never added up. */
static void
test_months_are_not_added(void **state)
{
	static const char *const reports[] = {
	    "a 2019-04 10 2019-05-02T02:00:00.000Z",
	    "a 2019-05 30 2019-06-02T02:00:00.000Z",
	    "b 2019-05 7 2019-06-02T02:00:00.000Z",
	    /* A late correction of an old month leaves the newer one. */
	    "a 2019-04 90 2019-07-20T02:00:00.000Z", NULL};
	json_t *got = ask(reports, NULL, STAT_TREND, NULL, "2019-06-30", LATER);

	(void)state;
	expect(got, "rows.0.points.0.done", "90");
	expect(got, "rows.0.points.1.done", "37");
	expect(got, "rows.0.points.2.done", "37");
	expect(got, "rows.0.points.2.percent", "\"18.5\"");
	expect(got, "rows.0.points.2.reported", "2");
	json_decref(got);
	/* As it was known before the correction. */
	got = ask(reports, NULL, STAT_TREND, NULL, "2019-06-30",
	    "2019-07-01T00:00:00.000Z");
	expect(got, "rows.0.points.0.done", "10");
	json_decref(got);
	got = ask(reports, NULL, STAT_COMPLETION, "task", "2019-06-30", LATER);
	expect(got, "rows.0.indicators.0.done", "37");
	json_decref(got);
}

/* Zero, nothing to report and no report are three things. */
static void
test_zero_none_missing(void **state)
{
	static const char *const reports[] = {
	    "a 2019-04 5 2019-05-02T02:00:00.000Z",
	    "a 2019-05 none 2019-06-02T02:00:00.000Z",
	    "b 2019-05 0 2019-06-02T02:00:00.000Z", NULL};
	static const char *const nobody[] = {NULL};
	json_t *got =
	    ask(reports, NULL, STAT_MATRIX, NULL, "2019-06-10", LATER);

	(void)state;
	expect(got, "rows.0.cells.0.figure.done", "5");
	expect(got, "rows.0.cells.0.figure.reported", "\"none\"");
	expect(got, "rows.1.cells.0.figure.done", "0");
	expect(got, "rows.1.cells.0.figure.reported", "\"number\"");
	json_decref(got);
	got = ask(reports, NULL, STAT_TIMELINESS, "org", "2019-06-10", LATER);
	expect(got, "rows.0.obliged", "2");
	expect(got, "rows.0.onTime", "2");
	expect(got, "rows.0.none", "1");
	expect(got, "rows.1.onTime", "1");
	expect(got, "rows.1.missing", "1");
	expect(got, "rows.1.none", "0");
	json_decref(got);
	got = ask(nobody, NULL, STAT_MATRIX, NULL, "2019-06-10", LATER);
	expect(got, "rows.0.cells.0.figure.reported", "\"missing\"");
	expect(got, "rows.0.cells.0.light", "\"red\"");
	expect(got, "rows.0.cells.0.reasons.0.code", "\"periods_missing\"");
	json_decref(got);
}

/* The inputs of lights, from reports and a check. */
static void
test_reasons(void **state)
{
	static const char *const late[] = {
	    "a 2019-04 90 2019-05-02T02:00:00.000Z",
	    "b 2019-04 90 2019-05-02T02:00:00.000Z", NULL};
	static const char *const told[] = {
	    "a 2019-04 90! 2019-05-02T02:00:00.000Z",
	    "b 2019-04 90 2019-05-02T02:00:00.000Z", NULL};
	static const char *const check =
	    "{'_id':'k','planId':'100000-2019','taskId':'100000-2019-01',"
	    "'orgId':'a','checkedOn':'2019-05-10','verdict':'false',"
	    "'concludedAt':'2019-05-20T00:00:00.000Z'}";
	json_t *got = ask(late, NULL, STAT_MATRIX, NULL, "2019-06-06", LATER);

	(void)state;
	expect(got, "rows.0.cells.0.light", "\"yellow\"");
	expect(got, "rows.0.cells.0.reasons.0.code", "\"report_overdue\"");
	expect(got, "tasks.0.reasons.0.params.count", "2");
	json_decref(got);
	got = ask(late, NULL, STAT_MATRIX, NULL, "2019-07-06", LATER);
	expect(got, "rows.0.cells.0.reasons.0.code", "\"periods_missing\"");
	expect(got, "rows.0.cells.0.light", "\"red\"");
	json_decref(got);
	got = ask(told, NULL, STAT_MATRIX, NULL, "2019-05-10", LATER);
	expect(got, "rows.0.cells.0.reasons.0.code", "\"unit_flagged\"");
	expect(got, "rows.1.cells.0.light", "\"green\"");
	json_decref(got);
	got = ask(late, check, STAT_MATRIX, NULL, "2019-05-10", LATER);
	expect(got, "rows.0.cells.0.reasons.0.code", "\"check_false\"");
	expect(got, "rows.0.cells.0.evidence.verdict", "\"false\"");
	expect(got, "rows.0.cells.0.evidence.lamp", "\"office\"");
	json_decref(got);
	/* Not concluded then. */
	got = ask(late, check, STAT_MATRIX, NULL, "2019-05-10",
	    "2019-05-19T00:00:00.000Z");
	expect(got, "rows.0.cells.0.evidence.verdict", "null");
	json_decref(got);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_deadline),
	    cmocka_unit_test(test_open_until_due),
	    cmocka_unit_test(test_months_are_not_added),
	    cmocka_unit_test(test_zero_none_missing),
	    cmocka_unit_test(test_reasons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
