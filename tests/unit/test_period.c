#include <string.h>

#include "support.h"

#include "base/json.h"
#include "plan/period.h"
#include "plan_fixtures.h"

static civil_t
day(const char *s)
{
	civil_t d = 0;

	assert_true(civil_parse(s, &d));
	return d;
}

static period_t
month(const char *s)
{
	period_t p = 0;

	assert_true(period_parse(s, &p));
	return p;
}

static instant_t
at(const char *s)
{
	instant_t t = 0;

	assert_true(instant_parse(s, &t));
	return t;
}

static void
test_text(void **state)
{
	static const char *const bad[] = {"", "2019", "2019-", "2019-00",
	    "2019-13", "2019-1", "2019-011", "1999-12", "2200-01", "2019/05",
	    "2019-05 ", "-019-05", "2019-0x"};
	char out[PERIOD_LEN + 1];
	period_t p;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(period_parse(bad[i], &p));
	for (p = month("2000-01"); p <= month("2199-12"); p++)
		assert_int_equal(month(period_format(p, out)), p);
	assert_string_equal(
	    period_format(month("2019-12") + 1, out), "2020-01");
}

/* Each day belongs to one period, which begins and ends where it should. */
static void
test_days(void **state)
{
	(void)state;
	for (civil_t d = day("2018-12-01"); d <= day("2024-03-31"); d++) {
		period_t p = period_of(d);

		assert_true(period_start(p) <= d && d <= period_end(p));
		assert_int_equal(period_end(p) + 1, period_start(p + 1));
	}
	assert_int_equal(period_end(month("2019-02")), day("2019-02-28"));
	assert_int_equal(period_end(month("2020-02")), day("2020-02-29"));
	assert_int_equal(period_end(month("2019-12")), day("2019-12-31"));
	assert_int_equal(period_of(day("2020-01-01")), month("2020-01"));
}

static void
read_plan(struct reporting *x, const char *text)
{
	json_t *plan = quick_json(text);
	struct err e;

	err_init(&e);
	assert_int_equal(reporting_read(plan, x, &e), 0);
	json_decref(plan);
}

#define DAYS_2019                                                           \
	"'policy':{'calendar':{'holidays':['2019-05-01','2019-05-02',"      \
	"'2019-05-03','2019-06-07','2019-10-01','2019-10-02','2019-10-03'," \
	"'2019-10-04','2019-10-07','2020-01-01'],"                          \
	"'workdays':['2019-04-28','2019-05-05','2019-09-29','2019-10-12']}}"

/* The last day on time: by the calendar, with 调休, over ends of years. */
static void
test_due(void **state)
{
	static const struct {
		int due_day, grace;
		const char *period, *due;
	} rows[] = {
	    {5, 0, "2019-04", "2019-05-05"},
	    {5, 0, "2019-05", "2019-06-05"},
	    {5, 0, "2019-12", "2020-01-05"},
	    {28, 0, "2020-01", "2020-02-28"},
	    {1, 0, "2019-02", "2019-03-01"},
	    /* 5 May 2019 was a Sunday that was worked. */
	    {4, 1, "2019-04", "2019-05-05"},
	    {4, 2, "2019-04", "2019-05-06"},
	    {30 - 2, 1, "2019-03", "2019-04-29"},
	    /* The National Day week: 1 to 7 October off, 12 worked. */
	    {1, 1, "2019-09", "2019-10-08"},
	    {1, 4, "2019-09", "2019-10-11"},
	    {1, 5, "2019-09", "2019-10-12"},
	    {1, 6, "2019-09", "2019-10-14"},
	    /* New Year's Day is no working day of grace. */
	    {1, 1, "2019-12", "2020-01-02"},
	};
	struct reporting x;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		read_plan(
		    &x, "{'year':2019,'issuedOn':'2019-04-04'," DAYS_2019 "}");
		x.due_day = rows[i].due_day;
		x.grace_workdays = rows[i].grace;
		if (reporting_due(&x, month(rows[i].period)) !=
		    day(rows[i].due))
			fail_msg("row %zu", i);
	}
	read_plan(&x, "{'year':2019,'issuedOn':'2019-04-04'}");
	assert_int_equal(
	    reporting_due(&x, month("2019-05")), day("2019-06-05"));
}

/*
 * The off-by-a-day deadline of DHIS2 (dhis2-core #19866): the last day counts
 * to its last millisecond, in Shanghai; the next midnight is one day late.
 */
static void
test_late(void **state)
{
	static const struct {
		const char *at;
		int late;
	} rows[] = {
	    {"2019-06-04T15:59:59.999Z", 0},
	    {"2019-06-05T00:00:00+08:00", 0},
	    {"2019-06-05T00:00:00Z", 0},
	    {"2019-06-05T23:59:59.999+08:00", 0},
	    {"2019-06-05T15:59:59.999Z", 0},
	    {"2019-06-05T16:00:00.000Z", 1},
	    {"2019-06-06T00:00:00+08:00", 1},
	    {"2019-06-06T15:59:59.999Z", 1},
	    {"2019-06-06T16:00:00Z", 2},
	    {"2019-07-05T16:00:00Z", 31},
	    {"2020-06-05T15:59:59Z", 366},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(
		    reporting_days_late(day("2019-06-05"), at(rows[i].at)),
		    rows[i].late);
	assert_int_equal(reporting_days_late(
			     day("2020-01-05"), at("2020-01-05T15:59:59.999Z")),
	    0);
	assert_int_equal(reporting_days_late(
			     day("2019-12-31"), at("2019-12-31T16:00:00.000Z")),
	    1);
}

static void
test_range(void **state)
{
	static const struct {
		const char *plan, *first, *last;
	} rows[] = {
	    {"{'year':2019,'issuedOn':'2019-04-04'}", "2019-04", "2019-12"},
	    {"{'year':2019,'issuedOn':'2019-04-30'}", "2019-04", "2019-12"},
	    {"{'year':2019,'issuedOn':'2019-01-01'}", "2019-01", "2019-12"},
	    {"{'year':2019,'issuedOn':'2018-12-31'}", "2018-12", "2019-12"},
	    {"{'year':2019,'issuedOn':null}", "2019-01", "2019-12"},
	    {"{'year':2019,'issuedOn':'2020-02-01'}", "2020-02", "2019-12"},
	};
	struct reporting x;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		read_plan(&x, rows[i].plan);
		assert_int_equal(x.first, month(rows[i].first));
		assert_int_equal(x.last, month(rows[i].last));
	}
}

/* What can be reported, and what is overdue, as the days go by. */
static void
test_newest(void **state)
{
	static const struct {
		const char *day, *newest, *overdue;
	} rows[] = {
	    {"2019-03-31", "2019-03", "2019-03"},
	    {"2019-04-29", "2019-03", "2019-03"},
	    {"2019-04-30", "2019-04", "2019-03"},
	    {"2019-05-05", "2019-04", "2019-03"},
	    {"2019-05-06", "2019-04", "2019-04"},
	    {"2019-05-31", "2019-05", "2019-04"},
	    {"2019-06-05", "2019-05", "2019-04"},
	    {"2019-06-06", "2019-05", "2019-05"},
	    {"2019-12-31", "2019-12", "2019-11"},
	    {"2020-01-05", "2019-12", "2019-11"},
	    {"2020-01-06", "2019-12", "2019-12"},
	    {"2021-07-01", "2019-12", "2019-12"},
	};
	struct reporting x;

	(void)state;
	read_plan(&x, "{'year':2019,'issuedOn':'2019-04-04'}");
	for (size_t i = 0; i < COUNT(rows); i++) {
		civil_t d = day(rows[i].day);

		if (reporting_newest(&x, d) != month(rows[i].newest) ||
		    reporting_overdue(&x, d) != month(rows[i].overdue))
			fail_msg("%s", rows[i].day);
	}
}

static int
count(void *arg, const struct obligation *o, struct err *e)
{
	int *n = arg;

	(void)e;
	assert_non_null(o->org_id);
	assert_non_null(o->indicator_id);
	(*n)++;
	return 0;
}

/* Who owes reports on the ten tasks of 2019. */
static void
test_obliged(void **state)
{
	static const int expected[] = {1, 1, 5, 13, 1, 16, 0, 0, 14, 0};
	struct sample s;
	struct err e;

	(void)state;
	sample_load(&s, "140800-2019");
	err_init(&e);
	for (int no = 1; no <= 10; no++) {
		int n = 0;

		assert_int_equal(
		    obligation_walk(sample_task(&s, no), count, &n, &e), 0);
		if (n != expected[no - 1])
			fail_msg("task %d: %d obliged", no, n);
	}
	assert_true(obligation_has(sample_task(&s, 3), "i1", "140823"));
	assert_false(obligation_has(sample_task(&s, 3), "i1", "140802"));
	assert_false(obligation_has(sample_task(&s, 3), "i1", "140800-fulian"));
	assert_false(obligation_has(sample_task(&s, 3), "i2", "140823"));
	assert_true(obligation_has(sample_task(&s, 5), "i1",
	    json_peek_str(
		json_peek_object(sample_task(&s, 5), "lead"), "orgId")));
	sample_free(&s);
}

static void
test_skips(void **state)
{
	json_t *plan =
	    quick_json("{'reporting':{'skipUnitConfirm':['a','b']}}");
	json_t *none = quick_json("{}");

	(void)state;
	assert_true(reporting_skips_unit(plan, "b"));
	assert_false(reporting_skips_unit(plan, "c"));
	assert_false(reporting_skips_unit(none, "a"));
	json_decref(plan);
	json_decref(none);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_text),
	    cmocka_unit_test(test_days),
	    cmocka_unit_test(test_due),
	    cmocka_unit_test(test_late),
	    cmocka_unit_test(test_range),
	    cmocka_unit_test(test_newest),
	    cmocka_unit_test(test_obliged),
	    cmocka_unit_test(test_skips),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
