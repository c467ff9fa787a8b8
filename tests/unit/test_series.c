#include <stdio.h>
#include <string.h>

#include "support.h"

#include "base/json.h"
#include "plan/report.h"
#include "plan/series.h"
#include "plan_fixtures.h"

static json_t *
empty(void)
{
	json_t *about = quick_json(
	    "{'planId':'p','taskId':'t','indicatorId':'i1','orgId':'o'}");
	json_t *series = series_new(about, "t.i1.o");

	json_decref(about);
	return series;
}

/* new: n < 0 is nothing to report. */
static json_t *
make(const char *id, const char *period, int n, const char *state, int revision)
{
	json_t *r = json_pack("{s:s, s:s, s:s, s:i, s:s}", "_id", id, "period",
	    period, "state", state, "revision", revision, "submittedAt",
	    "2019-06-03T02:00:00.000Z");

	if (n < 0)
		json_put(r, "value",
		    json_pack("{s:s, s:s}", "kind", "none", "reason", "无"));
	else
		json_put(r, "value",
		    json_pack("{s:s, s:i}", "kind", "number", "n", n));
	if (strcmp(state, "accepted") == 0)
		json_put_str(r, "acceptedAt", "2019-06-05T02:00:00.000Z");
	return r;
}

static void
put(json_t *series, const char *id, const char *period, int n,
    const char *state, int revision)
{
	json_t *r = make(id, period, n, state, revision);

	series_put(series, r);
	json_decref(r);
}

static int
check(json_t *series, const char *period, int n, int revision)
{
	json_t *r = make("new", period, n, "submitted", revision);
	struct err e;
	int rc;

	err_init(&e);
	rc = series_check(series, r, &e);
	if (rc < 0) {
		assert_int_equal(e.code, ERR_INVALID);
		assert_string_equal(e.items[0].pointer, "/value/n");
		assert_string_equal(e.items[0].keyword, "cumulative");
	}
	json_decref(r);
	return rc;
}

/* Neighbours may be months away; none and drafts stand for nothing. */
static void
test_cumulative(void **state)
{
	static const struct {
		const char *period;
		int n, revision, rc;
	} rows[] = {
	    {"2019-04", 0, 1, 0},
	    {"2019-04", 100, 1, 0},
	    {"2019-04", 101, 1, -1}, /* over May */
	    {"2019-06", 99, 1, -1},
	    {"2019-06", 100, 1, 0},
	    {"2019-06", 250, 1, 0},
	    {"2019-06", 251, 1, -1}, /* over September */
	    {"2019-06", -1, 1, 0},
	    {"2019-10", 249, 1, -1},
	    {"2019-10", 250, 1, 0},
	    {"2019-10", 1000000, 1, 0},
	    {"2019-06", 1, 2, 0}, /* a correction says why */
	    {"2019-06", 9999, 2, 0},
	};
	json_t *series = empty();

	(void)state;
	put(series, "a", "2019-05", 100, "accepted", 1);
	put(series, "b", "2019-07", -1, "accepted", 1);
	put(series, "c", "2019-08", 7, "draft", 1);
	put(series, "d", "2019-09", 250, "submitted", 1);
	put(series, "f", "2019-11", 3, "returned", 1);
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (check(series, rows[i].period, rows[i].n,
			rows[i].revision) != rows[i].rc)
			fail_msg("row %zu", i);
	}
	json_decref(series);
}

/*
 * A correction under way: the accepted number stands until it is submitted,
 * the submitted one from then on, the accepted one again when it is returned.
 */
static void
test_correction(void **state)
{
	json_t *series = empty();
	struct series_value v;

	(void)state;
	put(series, "a", "2019-05", 100, "accepted", 1);
	put(series, "b", "2019-05", 80, "draft", 2);
	assert_true(series_before(series, "2019-06", &v));
	assert_int_equal(v.n, 100);
	assert_string_equal(v.report_id, "a");
	assert_true(v.accepted);
	put(series, "b", "2019-05", 80, "submitted", 2);
	assert_true(series_before(series, "2019-06", &v));
	assert_int_equal(v.n, 80);
	assert_false(v.accepted);
	put(series, "b", "2019-05", 80, "returned", 2);
	assert_true(series_before(series, "2019-06", &v));
	assert_int_equal(v.n, 100);
	put(series, "b", "2019-05", 80, "accepted", 2);
	assert_true(series_before(series, "2019-06", &v));
	assert_int_equal(v.n, 80);
	assert_true(v.accepted);
	assert_false(series_before(series, "2019-05", &v));
	json_decref(series);
}

static void
test_claim(void **state)
{
	static const char *const states[] = {
	    "draft", "submitted", "returned", "accepted"};
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(states); i++) {
		json_t *series = empty();
		json_t *other = make("b", "2019-05", 1, "draft", 1);
		json_t *same = make("a", "2019-05", 1, "draft", 1);

		put(series, "a", "2019-05", 1, states[i], 1);
		err_init(&e);
		assert_int_equal(series_claim(series, same, &e), 0);
		assert_int_equal(series_claim(series, other, &e), -1);
		assert_int_equal(e.code, ERR_CONFLICT);
		json_put_str(other, "period", "2019-06");
		assert_int_equal(series_claim(series, other, &e), 0);
		json_decref(series);
		json_decref(other);
		json_decref(same);
	}
}

/* On time or late is the first submission's, whatever is corrected later. */
static void
test_first(void **state)
{
	json_t *series = empty();
	json_t *late = make("b", "2019-05", 3, "submitted", 2);
	const json_t *entry;

	(void)state;
	put(series, "3f2c8e1a-5b7d-4c9e-8a10-2b4d6f8091a3", "2019-05", 1,
	    "accepted", 1);
	json_put_str(late, "_id", "3f2c8e1a-5b7d-4c9e-8a10-2b4d6f8091a4");
	json_put_str(late, "submittedAt", "2019-09-03T02:00:00.000Z");
	series_put(series, late);
	entry = series_entry(series, "2019-05");
	assert_string_equal(json_peek_str(entry, "firstSubmittedAt"),
	    "2019-06-03T02:00:00.000Z");
	check_schema("reportSeries.json", series);
	json_decref(series);
	json_decref(late);
}

static void
test_id(void **state)
{
	char id[SERIES_ID_MAX + 1], long_task[300];
	json_t *about = quick_json("{'taskId':'t','indicatorId':'i1',"
				   "'orgId':'o'}");
	struct err e;

	(void)state;
	err_init(&e);
	assert_int_equal(series_id(about, id, &e), 0);
	assert_string_equal(id, "t.i1.o");
	memset(long_task, 'x', sizeof(long_task) - 1);
	long_task[sizeof(long_task) - 1] = '\0';
	json_put_str(about, "taskId", long_task);
	assert_int_equal(series_id(about, id, &e), -1);
	json_decref(about);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_cumulative),
	    cmocka_unit_test(test_correction),
	    cmocka_unit_test(test_claim),
	    cmocka_unit_test(test_first),
	    cmocka_unit_test(test_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
