#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "check.h"
#include "stats/stats.h"

/*
 * Rows made by hand: a part's rows are text, cells separated by '|' and rows
 * by a line feed; "-" is null.
 */
struct hand {
	const char *rows[PART__MAX];
};

static void
read_cell(const char *text, size_t n, char type, struct arena *a,
    struct stats_cell *out)
{
	out->null = n == 1 && text[0] == '-';
	if (type == 's')
		out->s = arena_strndup(a, text, n);
	else if (!out->null)
		out->n = strtoll(text, NULL, 10);
}

static int
fetch(void *store, const struct stats_part *part, const struct stats_args *args,
    struct arena *a, struct stats_rows *out, struct err *e)
{
	const struct hand *hand = store;
	const char *p = hand->rows[part - stats_parts];

	(void)args;
	(void)e;
	out->part = part;
	out->nrows = 0;
	out->cells = arena_alloc(a, 64 * part->ncolumns * sizeof(*out->cells));
	while (p != NULL && *p != '\0') {
		for (size_t i = 0; i < part->ncolumns; i++) {
			size_t n = strcspn(p, "|\n");

			read_cell(p, n, part->columns[i].type, a,
			    &out->cells[out->nrows * part->ncolumns + i]);
			p += n + (p[n] != '\0');
		}
		out->nrows++;
	}
	return 0;
}

static const char *const plan =
    "{\"_id\":\"p\",\"year\":2019,\"issuedOn\":\"2019-04-04\"}";
static const char *const orgs =
    "[{\"_id\":\"u1\",\"name\":\"甲\",\"kind\":\"county\",\"sortKey\":20},"
    "{\"_id\":\"u3\",\"name\":\"丙\",\"kind\":\"county\",\"sortKey\":10},"
    "{\"_id\":\"u2\",\"name\":\"乙\",\"kind\":\"county\",\"sortKey\":10}]";

static json_t *
answer(const struct hand *hand, enum stats_family f, const char *by,
    const char *as_of, struct err *e)
{
	struct stats_query q = {.family = f, .by = stats_by_check(f, by)};
	struct hand copy = *hand;
	json_t *plans = json_array();
	json_t *units = json_loads(orgs, 0, NULL);
	json_t *got;

	err_init(e);
	json_array_append_new(plans, json_loads(plan, 0, NULL));
	q.plans = plans;
	q.orgs = units;
	assert_non_null(q.by);
	assert_true(civil_parse(as_of, &q.as_of));
	if (copy.rows[PART_TASK] == NULL)
		copy.rows[PART_TASK] = "t|p|1|题|mixed|issued|u1";
	got = stats_answer(&q, fetch, &copy, e);
	json_decref(plans);
	json_decref(units);
	return got;
}

/* The text of a member of the first row, at a path such as "a.0.b". */
static const char *
member(const json_t *v, const char *path)
{
	static char text[64];
	char step[32];

	for (;;) {
		size_t n = strcspn(path, ".");

		(void)snprintf(step, sizeof(step), "%.*s", (int)n, path);
		v = json_is_array(v) ? json_array_get(v, (size_t)atoi(step))
				     : json_object_get(v, step);
		if (path[n] == '\0')
			break;
		path += n + 1;
	}
	if (json_is_integer(v)) {
		(void)snprintf(text, sizeof(text), "%lld",
		    (long long)json_integer_value(v));
		return text;
	}
	return json_is_string(v) ? json_string_value(v)
	       : json_is_null(v) ? "null"
				 : "absent";
}

static void
test_percent(void **state)
{
	/* target, state; units: qty, obliged, figure, none */
	static const struct {
		const char *head;
		const char *units[2];
		const char *target;
		const char *percent;
	} cases[] = {
	    {"3|given", {"-|0|1|0"}, "3", "33.3"},
	    {"1000|given", {"-|0|999|0"}, "1000", "99.9"},
	    {"100000|given", {"-|0|99999|0"}, "100000", "99.9"},
	    {"1000|given", {"-|0|999|0", "-|0|1|0"}, "1000", "100.0"},
	    {"3|given", {"-|0|4|0"}, "3", "133.3"},
	    {"44400|given", {"34400|1|0|-", "-|1|0|-"}, "44400", "0.0"},
	    {"0|given", {"-|0|5|0"}, "0", "null"},
	    {"-|missing", {"10|1|5|0", "0|1|0|-"}, "null", "null"},
	    {"-|derived", {"8|1|5|0", "2|1|0|-"}, "10", "50.0"},
	    {"-|derived", {"10|1|5|0", "-|1|0|-"}, "null", "null"},
	    {"-|derived", {"-|0|5|0"}, "null", "null"},
	    {"9223372036854775807|given", {"-|0|9223372036854775807|0"},
		"9223372036854775807", "100.0"},
	    {"9223372036854775807|given", {"-|0|9223372036854775806|0"},
		"9223372036854775807", "99.9"},
	};
	char rows[512];
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct hand hand = {{[PART_UNIT] = rows}};
		json_t *got;
		int len = snprintf(rows, sizeof(rows),
		    "t|i1|-|0|量|个|%s|-|0|0|-", cases[i].head);

		for (int k = 0; k < 2 && cases[i].units[k] != NULL; k++)
			len += snprintf(rows + len, sizeof(rows) - (size_t)len,
			    "\nt|i1|u%d|-|-|-|-|-|%s", k + 1,
			    cases[i].units[k]);
		got = answer(&hand, STAT_COMPLETION, "task", "2019-06-01", &e);
		assert_string_equal(
		    member(got, "rows.0.indicators.0.target.qty"),
		    cases[i].target);
		assert_string_equal(member(got, "rows.0.indicators.0.percent"),
		    cases[i].percent);
		json_decref(got);
	}
}

static void
test_quota_view(void **state)
{
	static const struct hand hand = {
	    {[PART_UNIT] = "t|i1|-|0|量|个|100|given|-|0|0|-\n"
			   "t|i1|u1|-|-|-|-|-|30|1|70|0\n"
			   "t|i1|u2|-|-|-|-|-|60|1|30|1\n"
			   "t|i1|u3|-|-|-|-|-|-|1|0|-\n"
			   "t|i1|u4|-|-|-|-|-|-|0|30|0\n"
			   "t|i9|u4|-|-|-|-|-|-|0|7|0",
		[PART_TASK] = "t|p|1|题|quantity|issued|u1"}};
	static const char *const want[][2] = {
	    {"done", "130"},
	    {"percent", "130.0"},
	    {"quota.qty", "90"},
	    {"quota.done", "60"},
	    {"quota.percent", "66.6"},
	    {"over", "40"},
	    {"units.obliged", "3"},
	    {"units.reported", "2"},
	    {"units.none", "1"},
	    {"units.missing", "1"},
	    {"units.complete", "1"},
	    {"units.unset", "1"},
	    {"drill", "/api/v1/reports?task=t&asOf=2019-06-01"},
	};
	char path[64];
	struct err e;
	json_t *got = answer(&hand, STAT_COMPLETION, "task", "2019-06-01", &e);

	(void)state;
	for (size_t i = 0; i < COUNT(want); i++) {
		(void)snprintf(
		    path, sizeof(path), "rows.0.indicators.0.%s", want[i][0]);
		assert_string_equal(member(got, path), want[i][1]);
	}
	json_decref(got);
}

/* The mean of fractions is exact: 1/7 + 2/7 + 4/7 is a third of three. */
static void
test_node_rate(void **state)
{
	static const struct {
		int pairs[4][2]; /* verified, obliged */
		const char *rate;
	} cases[] = {
	    {{{0, 0}}, "null"},
	    {{{0, 5}}, "0.0"},
	    {{{5, 5}}, "100.0"},
	    {{{2, 3}}, "66.6"},
	    {{{1, 2}, {1, 3}}, "41.6"},
	    {{{1, 3}, {2, 3}}, "50.0"},
	    {{{1, 7}, {2, 7}, {4, 7}}, "33.3"},
	    {{{1, 14}, {13, 14}, {1, 3}, {2, 3}}, "50.0"},
	    {{{13, 14}, {1, 1}, {1, 1}, {1, 1}}, "98.2"},
	    {{{999, 1000}, {1, 1}}, "99.9"},
	};
	char rows[512];
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct hand hand = {{[PART_MILESTONE] = rows}};
		size_t len = 0;
		json_t *got;

		rows[0] = '\0';
		for (int k = 0; k < 4 && cases[i].pairs[k][1] > 0; k++)
			len += (size_t)snprintf(rows + len, sizeof(rows) - len,
			    "t|%d|m%d|节点|-|-|event|-|-|%d|%d|0|0|0\n", k, k,
			    cases[i].pairs[k][1], cases[i].pairs[k][0]);
		got = answer(&hand, STAT_MILESTONES, "task", "2019-06-01", &e);
		assert_string_equal(
		    member(got, "rows.0.nodeRate"), cases[i].rate);
		json_decref(got);
	}
}

static void
test_milestone_states(void **state)
{
	/* due, obliged, verified; asOf; the default policy: 5 and 7 days */
	static const struct {
		const char *due;
		int verified; /* of 2 */
		const char *as_of;
		const char *state;
	} cases[] = {
	    {"-", 0, "2019-06-01", "undated"},
	    {"-", 2, "2019-06-01", "met"},
	    {"2019-06-28", 0, "2019-06-20", "not_due"},
	    {"2019-06-28", 1, "2019-06-20", "partly_met"},
	    {"2019-06-28", 1, "2019-06-21", "due_soon"},
	    {"2019-06-28", 0, "2019-06-28", "due_soon"},
	    {"2019-06-28", 0, "2019-07-05", "due_soon"},
	    {"2019-06-28", 1, "2019-07-06", "overdue"},
	    {"2019-06-28", 2, "2019-07-06", "met"},
	    {"2019-03-31", 0, "2019-04-04", "due_before_issue"},
	    {"2019-03-31", 1, "2019-04-11", "due_before_issue"},
	    {"2019-03-31", 0, "2019-04-12", "overdue"},
	};
	char rows[256];
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct hand hand = {{[PART_MILESTONE] = rows}};
		json_t *got;

		(void)snprintf(rows, sizeof(rows),
		    "t|0|m|节点|-|%s|event|-|-|2|%d|0|0|0", cases[i].due,
		    cases[i].verified);
		got =
		    answer(&hand, STAT_MILESTONES, "task", cases[i].as_of, &e);
		if (strcmp(member(got, "rows.0.milestones.0.state"),
			cases[i].state) != 0)
			fail_msg("%s on %s: %s", cases[i].due, cases[i].as_of,
			    member(got, "rows.0.milestones.0.state"));
		json_decref(got);
	}
}

/* A unit without a quantity of its own is judged by the whole task. */
static void
test_percent_milestone(void **state)
{
	static const struct {
		const char *done;
		const char *met; /* of 3: two with quotas, one of them met */
	} cases[] = {{"49", "1"}, {"50", "2"}, {"200", "2"}};
	char rows[256];
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct hand hand = {{[PART_UNIT] = rows,
		    [PART_MILESTONE] = "t|0|m|过半|-|2019-06-28|percent|i1|"
				       "50|3|0|0|2|1"}};
		json_t *got;

		(void)snprintf(rows, sizeof(rows),
		    "t|i1|-|0|量|个|100|given|-|0|0|-\n"
		    "t|i1|u1|-|-|-|-|-|-|0|%s|0",
		    cases[i].done);
		got = answer(&hand, STAT_MILESTONES, "task", "2019-06-01", &e);
		assert_string_equal(
		    member(got, "rows.0.milestones.0.met"), cases[i].met);
		json_decref(got);
	}
}

/* sortKey, then id; unknown units after all others, "not named" last. */
static void
test_order(void **state)
{
	static const struct hand hand = {
	    {[PART_TASK] =
		    "a|p|2|二|mixed|issued|u1\nb|p|10|十|mixed|issued|u1\n"
		    "c|p|1|一|mixed|issued|u1",
		[PART_FUNDING] = "a|0|-|f1|self|x|5|5|5|0\n"
				 "a|1|a9|f2|county|x|1|1|1|0\n"
				 "a|1|u1|f2|county|x|1|1|1|0\n"
				 "a|1|u2|f2|county|x|1|1|1|0\n"
				 "a|1|u3|f2|county|x|1|1|1|0"}};
	static const char *const units[] = {"u2", "u3", "u1", "a9", "null"};
	static const char *const tasks[] = {"c", "a", "b"};
	char path[32];
	struct err e;
	json_t *got = answer(&hand, STAT_FUNDING, "org", "2019-06-01", &e);

	(void)state;
	for (size_t i = 0; i < COUNT(units); i++) {
		(void)snprintf(path, sizeof(path), "rows.%zu.orgId", i);
		assert_string_equal(member(got, path), units[i]);
	}
	json_decref(got);
	got = answer(&hand, STAT_HEADLINE, NULL, "2019-06-01", &e);
	for (size_t i = 0; i < COUNT(tasks); i++) {
		(void)snprintf(path, sizeof(path), "tasks.%zu.taskId", i);
		assert_string_equal(member(got, path), tasks[i]);
	}
	json_decref(got);
}

static void
test_money_never_wraps(void **state)
{
	static const struct hand hand = {
	    {[PART_FUNDING] = "t|0|-|f1|self|x|5|5|9223372036854775807|0\n"
			      "t|1|-|f2|self|x|5|5|1|0"}};
	struct err e;

	(void)state;
	assert_null(answer(&hand, STAT_FUNDING, "level", "2019-06-01", &e));
	assert_int_equal(e.code, ERR_INVALID);
}

static void
test_quantities_never_wrap(void **state)
{
	static const struct hand hand = {
	    {[PART_UNIT] = "t|i1|-|0|量|个|1|given|-|0|0|-\n"
			   "t|i1|u1|-|-|-|-|-|-|0|9223372036854775807|0\n"
			   "t|i1|u2|-|-|-|-|-|-|0|1|0"}};
	struct err e;

	(void)state;
	assert_null(answer(&hand, STAT_COMPLETION, "task", "2019-06-01", &e));
	assert_int_equal(e.code, ERR_INVALID);
}

static void
test_groupings(void **state)
{
	(void)state;
	assert_int_equal(stats_family_by_name("funding"), STAT_FUNDING);
	assert_int_equal(stats_family_by_name("fund"), -1);
	assert_string_equal(stats_by_check(STAT_FUNDING, NULL), "level");
	assert_string_equal(stats_by_check(STAT_FUNDING, ""), "level");
	assert_string_equal(stats_by_check(STAT_FUNDING, "org"), "org");
	assert_string_equal(stats_by_check(STAT_HEADLINE, NULL), "");
	assert_null(stats_by_check(STAT_HEADLINE, "task"));
	assert_null(stats_by_check(STAT_COMPLETION, "level"));
	assert_null(stats_by_check(STAT_COMPLETION, "tas"));
	assert_null(stats_by_check(STAT_COMPLETION, "task org"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_percent),
	    cmocka_unit_test(test_quota_view),
	    cmocka_unit_test(test_node_rate),
	    cmocka_unit_test(test_milestone_states),
	    cmocka_unit_test(test_percent_milestone),
	    cmocka_unit_test(test_order),
	    cmocka_unit_test(test_money_never_wraps),
	    cmocka_unit_test(test_quantities_never_wrap),
	    cmocka_unit_test(test_groupings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
