#include "unit/support.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "plan/flow.h"
#include "unit/plan_fixtures.h"

#define ROUNDS 300
#define DAYS 9

/* new */
static json_t *
make_flow(const char *id, const char *stage, int day, int64_t n)
{
	json_t *flow = quick_json("{'planId':'p','taskId':'t','level':'city',"
				  "'fundingId':null,'orgId':null}");
	char text[32];

	snprintf(text, sizeof(text), "2019-05-%02d", day);
	json_put_str(flow, "_id", id);
	json_put_str(flow, "stage", stage);
	json_put_str(flow, "asOf", text);
	json_put_int(flow, "amountFen", n);
	return flow;
}

static void
test_ids(void **state)
{
	json_t *flow = make_flow("a", "plan", 1, 0);
	char id[200];

	(void)state;
	assert_string_equal(fund_series_id(flow, id), "t.city.all");
	json_put_str(flow, "fundingId", "f1");
	json_put_str(flow, "orgId", "140829");
	assert_string_equal(fund_series_id(flow, id), "t.f1.140829");
	json_decref(flow);
}

static void
test_warnings(void **state)
{
	static const struct {
		const char *stage;
		int64_t n;
		const char *codes;
	} rows[] = {
	    {"paid", 5, "previous_missing@paid "},
	    {"received", 4, "previous_missing@received over_previous@paid "},
	    {"issued", INT64_C(9000000000000000), "over_previous@paid "},
	    {"plan", 1, "over_previous@issued over_previous@paid "},
	};
	json_t *first = make_flow("x", "paid", 1, 0);
	json_t *series = fund_series_new(first);

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		json_t *flow = make_flow("a", rows[i].stage, 1, rows[i].n);
		json_t *list, *w;
		char codes[200] = "";
		struct err e;
		size_t k;

		err_init(&e);
		assert_int_equal(fund_series_put(series, flow, &e), 0);
		list = fund_series_warnings(series);
		json_array_foreach (list, k, w) {
			strcat(codes, json_peek_str(w, "code"));
			strcat(codes, "@");
			strcat(codes, json_peek_str(w, "stage"));
			strcat(codes, " ");
		}
		assert_string_equal(codes, rows[i].codes);
		json_decref(list);
		json_decref(flow);
	}
	json_decref(series);
	json_decref(first);
}

/* Sorted by day, no day twice, and rising unless somebody said why. */
static void
check_series(const json_t *series, bool fell)
{
	const json_t *points =
	    json_peek_array(json_peek_object(series, "stages"), "paid");
	const json_t *last = NULL, *point;
	size_t i;

	json_array_foreach (points, i, point) {
		if (last != NULL) {
			assert_true(strcmp(json_peek_str(last, "asOf"),
					json_peek_str(point, "asOf")) < 0);
			assert_true(fell || json_peek_int(last, "n", 0) <=
						json_peek_int(point, "n", 0));
		}
		last = point;
	}
}

static void
one_round(struct rnd *r)
{
	json_t *first = make_flow("x", "paid", 1, 0);
	json_t *series = fund_series_new(first);
	int64_t shown[DAYS + 1];
	bool fell = false;

	memset(shown, -1, sizeof(shown));
	for (int i = 0; i < 40; i++) {
		int day = 1 + (int)rnd_below(r, DAYS);
		int64_t n = (int64_t)rnd_below(r, 1000);
		json_t *flow = make_flow("y", "paid", day, n);
		json_t *before = json_deep_copy(series);
		bool reason = rnd_below(r, 5) == 0;
		struct err e;

		err_init(&e);
		if (reason)
			json_put_str(flow, "reason", "x");
		if (rnd_below(r, 2) == 0)
			json_put_str(flow, "supersedes", "y");
		if (fund_series_put(series, flow, &e) < 0) {
			assert_true(json_equal(series, before));
		} else {
			assert_int_equal(json_peek_int(flow, "revision", 0),
			    shown[day] < 0 ? 1 : shown[day] + 1);
			shown[day] = json_peek_int(flow, "revision", 0);
			fell = fell || reason;
		}
		check_series(series, fell);
		json_decref(before);
		json_decref(flow);
	}
	json_decref(series);
	json_decref(first);
}

static void
test_random_figures(void **state)
{
	struct rnd r;

	(void)state;
	rnd_init(&r, "flows");
	for (size_t i = 0; i < ROUNDS; i++)
		one_round(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_ids),
	    cmocka_unit_test(test_warnings),
	    cmocka_unit_test(test_random_figures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
