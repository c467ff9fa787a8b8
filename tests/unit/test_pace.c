#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "plan/pace.h"
#include "plan/percent.h"
#include "plan/policy.h"
#include "plan_fixtures.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static civil_t
day(const char *s)
{
	civil_t d = 0;

	assert_true(civil_parse(s, &d));
	return d;
}

static const char *
text(civil_t d)
{
	static char out[CIVIL_LEN + 1];

	return civil_format(d, out);
}

/* E(D) of tasks of the 2019 plan, issued on 4 April. */
static const struct {
	int task;
	const char *day;
	int64_t num, den;
} expected[] = {
    {1, "2019-03-30", 0, 1},
    {1, "2019-03-31", 10, 1},
    {1, "2019-04-04", 10 * 91 + 40 * 4, 91},
    {1, "2019-06-30", 50, 1},
    {1, "2019-08-31", 50 * 92 + 40 * 62, 92}, /* 76.9 % */
    {1, "2019-10-31", 100, 1},
    {1, "2020-05-05", 100, 1},
    {3, "2019-01-01", 0, 1},
    {3, "2019-04-04", 0, 1},
    {3, "2019-04-05", 50, 87},
    {3, "2019-08-15", 50 * 92 + 25 * 46, 92},
    {5, "2019-06-30", 0, 0}, /* no percentages: no pace */
    {9, "2019-12-31", 0, 0},
};

static void
test_sample(void **state)
{
	struct sample s;
	struct pace p;
	struct ratio r;
	struct err e;

	(void)state;
	sample_load(&s, "140800-2019");
	err_init(&e);
	for (size_t i = 0; i < COUNT(expected); i++) {
		assert_int_equal(pace_read(sample_task(&s, expected[i].task),
				     "i1", pace_start(s.plan), &p, &e),
		    0);
		r = pace_at(&p, day(expected[i].day));
		if (r.num * (expected[i].den + !expected[i].den) !=
			expected[i].num * (r.den + !r.den) ||
		    !r.den != !expected[i].den)
			fail_msg("task %d on %s: %d/%d", expected[i].task,
			    expected[i].day, (int)r.num, (int)r.den);
	}
	sample_free(&s);
}

static void
test_start(void **state)
{
	json_t *issued = quick_json("{'year':2020,'issuedOn':'2019-12-20'}");
	json_t *draft = quick_json("{'year':2020,'issuedOn':null}");

	(void)state;
	assert_string_equal(text(pace_start(issued)), "2019-12-20");
	assert_string_equal(text(pace_start(draft)), "2020-01-01");
	json_decref(issued);
	json_decref(draft);
}

/* Points in any order, twice on a day, falling: the higher counts. */
static void
test_points(void **state)
{
	struct pace p;
	struct err e;
	civil_t d = day("2019-06-30");

	(void)state;
	err_init(&e);
	pace_init(&p, day("2019-01-01"));
	assert_int_equal(pace_add(&p, d + 30, 40, &e), 0);
	assert_int_equal(pace_add(&p, d, 50, &e), 0);
	assert_int_equal(pace_add(&p, d, 30, &e), 0);
	assert_int_equal(pace_add(&p, d + 60, 80, &e), 0);
	assert_int_equal(p.npoints, 3);
	assert_int_equal(pace_at(&p, d).num, 50);
	assert_int_equal(pace_at(&p, d + 30).num, 50);
	assert_int_equal(pace_at(&p, d + 45).num, 65 * 30);
	for (int i = 3; i < PACE_POINTS_MAX; i++)
		assert_int_equal(pace_add(&p, d + 100 + i, 90, &e), 0);
	assert_int_equal(pace_add(&p, d + 500, 90, &e), -1);
	assert_int_equal(e.code, ERR_INVALID);
}

static void
test_compare(void **state)
{
	static const struct {
		int64_t done, target;
		struct ratio e;
		int points;
		int sign;
		int64_t tenths;
	} rows[] = {
	    {50, 100, {50, 1}, 0, 0, 0},
	    {49, 100, {50, 1}, 0, -1, 10},
	    {40, 100, {50, 1}, -10, 0, 100},
	    {3642, 7285, {50, 1}, 0, -1, 0}, /* 3642.5 is half */
	    {3643, 7285, {50, 1}, 0, 1, 0},
	    {1, 3, {100, 3}, 0, 0, 0},
	    {60, 100, {50, 1}, 10, 0, -100},
	    {INT64_MAX, 1, {50, 1}, 0, 1, INT64_MIN / 2},
	    {0, INT64_MAX, {100, 1}, -30, -1, 1000},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(pace_compare(rows[i].done, rows[i].target,
				     rows[i].e, rows[i].points),
		    rows[i].sign);
		assert_int_equal(
		    pace_behind_tenths(rows[i].done, rows[i].target, rows[i].e),
		    rows[i].tenths);
	}
}

static void
test_percent(void **state)
{
	static const struct {
		int64_t done, target;
		const char *text;
	} rows[] = {
	    {0, 44400, "0.0"},
	    {1, 44400, "0.0"},
	    {999999, 1000000, "99.9"},
	    {1000000, 1000000, "100.0"},
	    {34, 30, "113.3"},
	    {2, 3, "66.6"},
	    {INT64_MAX, INT64_MAX, "100.0"},
	    {INT64_MAX - 1, INT64_MAX, "99.9"},
	    {INT64_MAX, 1, "922337203685477580700.0"},
	    {-1, 3, "-33.3"},
	    {5, 0, NULL},
	    {5, -1, NULL},
	};
	char out[PERCENT_TEXT];
	const char *s;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		s = percent_text(rows[i].done, rows[i].target, out);
		if (rows[i].text == NULL)
			assert_null(s);
		else
			assert_string_equal(s, rows[i].text);
	}
	assert_string_equal(percent_tenths_text(123, out), "12.3");
	assert_string_equal(percent_tenths_text(-5, out), "-0.5");
	assert_false(rate_at_least(3642, 50, 7285));
	assert_true(rate_at_least(3643, 50, 7285));
	assert_true(rate_at_least(INT64_MAX, 100, INT64_MAX));
	assert_false(rate_at_least(INT64_MAX - 1, 100, INT64_MAX));
}

/* The calendar of 2019: 5 April off, 28 April and 5 May worked. */
static void
test_workdays(void **state)
{
	static const struct {
		const char *from;
		int n;
		const char *to;
	} rows[] = {
	    {"2019-04-04", 0, "2019-04-04"},
	    {"2019-04-04", 1, "2019-04-08"}, /* Qingming, weekend */
	    {"2019-04-04", 5, "2019-04-12"},
	    {"2019-04-26", 1, "2019-04-28"}, /* a working Sunday */
	    {"2019-04-30", 1, "2019-05-05"}, /* four days off */
	    {"2019-06-29", 0, "2019-06-29"}, /* a Saturday stays */
	    {"2019-09-30", 1, "2019-10-08"},
	    {"2019-12-31", 5, "2020-01-07"},
	};
	struct sample s;
	struct policy p;
	struct err e;

	(void)state;
	sample_load(&s, "140800-2019");
	err_init(&e);
	assert_int_equal(policy_read(s.plan, &p, &e), 0);
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_string_equal(
		    text(policy_add_workdays(&p, day(rows[i].from), rows[i].n)),
		    rows[i].to);
	/* Due before the notice: counted from the notice. */
	assert_string_equal(text(policy_evaluation_day(
				&p, day("2019-03-31"), day("2019-04-04"))),
	    "2019-04-12");
	assert_string_equal(text(policy_evaluation_day(
				&p, day("2019-06-30"), day("2019-04-04"))),
	    "2019-07-05");
	sample_free(&s);
}

static void
test_policy(void **state)
{
	static const struct {
		const char *plan;
		const char *pointer; /* NULL: fine */
	} rows[] = {
	    {"{}", NULL},
	    {"{'policy':{'graceWorkdays':0}}", NULL},
	    {"{'policy':{'graceWorkdays':-1}}", "/policy/graceWorkdays"},
	    {"{'policy':{'soonDays':61}}", "/policy/soonDays"},
	    {"{'policy':{'behindYellow':40}}", "/policy/behindYellow"},
	    {"{'policy':{'calendar':{'holidays':['2019-02-29']}}}",
		"/policy/calendar/holidays/0"},
	    {"{'policy':{'calendar':{'workdays':['2019-02-28',3]}}}",
		"/policy/calendar/workdays/1"},
	};
	struct policy p;
	struct err e;
	json_t *plan;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		plan = quick_json(rows[i].plan);
		err_init(&e);
		assert_int_equal(policy_read(plan, &p, &e),
		    rows[i].pointer == NULL ? 0 : -1);
		if (rows[i].pointer != NULL)
			assert_string_equal(
			    e.items[0].pointer, rows[i].pointer);
		json_decref(plan);
	}
	policy_init(&p);
	assert_int_equal(p.grace_workdays, 5);
	assert_int_equal(p.behind_red, 30);
	assert_int_equal(p.unit_cost_max_fen, 50000000000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_sample),
	    cmocka_unit_test(test_start),
	    cmocka_unit_test(test_points),
	    cmocka_unit_test(test_compare),
	    cmocka_unit_test(test_percent),
	    cmocka_unit_test(test_workdays),
	    cmocka_unit_test(test_policy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
