#include "base/civil.h"

#include <string.h>
#include <time.h>

#include "unit/support.h"

static void
days_that_exist(void **state)
{
	static const struct {
		const char *s;
		bool ok;
	} cases[] = {
	    {"2019-04-04", true},
	    {"2000-01-01", true},
	    {"2199-12-31", true},
	    {"2020-02-29", true},
	    {"2000-02-29", true},
	    {"2019-02-29", false},
	    {"2100-02-29", false},
	    {"2019-04-31", false},
	    {"2019-00-10", false},
	    {"2019-13-10", false},
	    {"2019-01-00", false},
	    {"2019-01-32", false},
	    {"1999-12-31", false},
	    {"2200-01-01", false},
	    {"2019-4-4", false},
	    {"2019-04-04 ", false},
	    {" 2019-04-04", false},
	    {"2019-04-04T00:00:00Z", false},
	    {"2019/04/04", false},
	    {"20190404", false},
	    {"2019-04-0", false},
	    {"2019-", false},
	    {"", false},
	    {"２０１９-04-04", false},
	    {"+019-04-04", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char out[CIVIL_LEN + 1];
		civil_t d = -1;

		if (civil_parse(cases[i].s, &d) != cases[i].ok)
			fail_msg("%s", cases[i].s);
		if (cases[i].ok)
			assert_string_equal(civil_format(d, out), cases[i].s);
		else
			assert_int_equal(d, -1);
	}
}

/* Every day from 1970 to 2199 against the C library's calendar. */
static void
calendar_agrees_with_libc(void **state)
{
	civil_t last = civil_make(2199, 12, 31);

	(void)state;
	assert_int_equal(civil_make(1970, 1, 1), 0);
	for (civil_t d = 0; d <= last; d++) {
		time_t t = (time_t)d * 86400;
		struct tm tm;
		int y, m, day;

		gmtime_r(&t, &tm);
		civil_split(d, &y, &m, &day);
		int weekday = tm.tm_wday == 0 ? 7 : tm.tm_wday;

		if (y != tm.tm_year + 1900 || m != tm.tm_mon + 1 ||
		    day != tm.tm_mday || civil_weekday(d) != weekday ||
		    civil_make(y, m, day) != d || day > civil_month_days(y, m))
			fail_msg("day %d", d);
	}
}

static void
before_1970(void **state)
{
	int y, m, d;

	(void)state;
	civil_split(-1, &y, &m, &d);
	assert_int_equal(y * 10000 + m * 100 + d, 19691231);
	assert_int_equal(civil_weekday(-1), 3);
	assert_int_equal(civil_weekday(-4), 7);
	assert_int_equal(civil_weekday(civil_make(2019, 4, 4)), 4);
}

static void
month_lengths(void **state)
{
	(void)state;
	assert_int_equal(civil_month_days(2019, 2), 28);
	assert_int_equal(civil_month_days(2020, 2), 29);
	assert_int_equal(civil_month_days(2100, 2), 28);
	assert_int_equal(civil_month_days(2000, 2), 29);
	assert_int_equal(civil_month_days(2019, 4), 30);
	assert_int_equal(civil_month_days(2019, 12), 31);
}

static void
instants(void **state)
{
	/* want NULL: refused. */
	static const struct {
		const char *s, *want;
	} cases[] = {
	    {"2019-04-04T00:00:00.000Z", "2019-04-04T00:00:00.000Z"},
	    {"2019-04-04T00:00:00Z", "2019-04-04T00:00:00.000Z"},
	    {"2019-04-04t00:00:00z", "2019-04-04T00:00:00.000Z"},
	    {"2019-04-04T08:00:00+08:00", "2019-04-04T00:00:00.000Z"},
	    {"2019-04-04T00:00:00+08:00", "2019-04-03T16:00:00.000Z"},
	    {"2019-12-31T23:30:00-00:30", "2020-01-01T00:00:00.000Z"},
	    {"2019-04-04T23:59:59-00:00", "2019-04-04T23:59:59.000Z"},
	    {"2019-04-04T00:00:00.5Z", "2019-04-04T00:00:00.500Z"},
	    {"2019-04-04T00:00:00.05Z", "2019-04-04T00:00:00.050Z"},
	    {"2019-04-04T00:00:00.999999999Z", "2019-04-04T00:00:00.999Z"},
	    {"1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"},
	    {"9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"},
	    {"2019-04-04T00:00:00.0000000001Z", NULL},
	    {"2019-04-04T00:00:00.Z", NULL},
	    {"2019-04-04T23:59:60Z", NULL},
	    {"2016-12-31T23:59:60Z", NULL},
	    {"2019-04-04T24:00:00Z", NULL},
	    {"2019-04-04T23:60:00Z", NULL},
	    {"2019-04-04T00:00:00", NULL},
	    {"2019-04-04T00:00Z", NULL},
	    {"2019-04-04 00:00:00Z", NULL},
	    {"2019-04-04T00:00:00+24:00", NULL},
	    {"2019-04-04T00:00:00+08:60", NULL},
	    {"2019-04-04T00:00:00+0800", NULL},
	    {"2019-04-04T00:00:00+8:00", NULL},
	    {"2019-04-04T00:00:00Z ", NULL},
	    {"2019-02-29T00:00:00Z", NULL},
	    {"2019-04-04", NULL},
	    {"1970-01-01T00:00:00+08:00", NULL},
	    {"9999-12-31T23:59:59-00:01", NULL},
	    {"0000-01-01T00:00:00Z", NULL},
	    {"", NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char out[INSTANT_LEN + 1];
		instant_t t = -7;
		bool ok = instant_parse(cases[i].s, &t);

		if (ok != (cases[i].want != NULL))
			fail_msg("%s", cases[i].s);
		if (ok)
			assert_string_equal(
			    instant_format(t, out), cases[i].want);
		else
			assert_int_equal(t, -7);
	}
}

static void
instants_round_trip(void **state)
{
	struct rnd r;

	(void)state;
	rnd_init(&r, "instants_round_trip");
	for (int i = 0; i < 20000; i++) {
		char out[INSTANT_LEN + 1];
		instant_t t = (instant_t)rnd_below(&r, 253402300800000), u;

		assert_int_equal(strlen(instant_format(t, out)), INSTANT_LEN);
		assert_true(instant_parse(out, &u));
		assert_int_equal(t, u);
	}
}

/* The day changes at midnight in China, which is 16:00 UTC. */
static void
china_day(void **state)
{
	char out[CIVIL_LEN + 1];
	instant_t t;

	(void)state;
	assert_true(instant_parse("2019-04-04T15:59:59.999Z", &t));
	assert_string_equal(civil_format(instant_civil(t), out), "2019-04-04");
	assert_string_equal(
	    civil_format(instant_civil(t + 1), out), "2019-04-05");
	assert_int_equal(instant_civil(0), 0);
	assert_int_equal(instant_civil(-28800001), -1);
	assert_in_range(instant_now() / 1000, time(NULL) - 2, time(NULL) + 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(days_that_exist),
	    cmocka_unit_test(calendar_agrees_with_libc),
	    cmocka_unit_test(before_1970),
	    cmocka_unit_test(month_lengths),
	    cmocka_unit_test(instants),
	    cmocka_unit_test(instants_round_trip),
	    cmocka_unit_test(china_day),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
