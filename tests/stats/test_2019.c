#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "check.h"
#include "naive.h"
#include "store/store.h"
#include "world.h"

#define KNOWN "2030-01-01T00:00:00.000Z"

static struct world world;
static struct world_stores stores;

static int
setup(void **state)
{
	(void)state;
	world_init(&world);
	if (world_read(&world, MS_SOURCE_DIR "/scripts/sample/140800-2019") < 0)
		return -1;
	world_stores_open(&stores);
	for (size_t i = 0; i < stores.n; i++)
		world_put(stores.v[i].s, &world);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	world_stores_close(&stores);
	world_fini(&world);
	return 0;
}

/* All engines answer the same bytes: new, the first one's. */
static json_t *
ask(enum stats_family f, const char *by, const char *as_of)
{
	return world_ask_all(&stores, &world, f, by, as_of, KNOWN);
}

static const json_t *
row(const json_t *answer, size_t i)
{
	return json_array_get(json_object_get(answer, "rows"), i);
}

static void
test_funding_by_level(void **state)
{
	static const struct {
		const char *level;
		int64_t stated, low, high;
		size_t unknown;
	} want[] = {
	    {"central", 464900000, 464900000, 464900000, 0},
	    {"province", 5368320000, 5368320000, 5368320000, 0},
	    {"city", 952000000, 952000000, 952000000, 0},
	    {"county", 780000000, 805000000, 1105000000, 3},
	    {"self", 280000000, 280000000, 280000000, 0},
	};
	static const int64_t unknown[] = {2, 7, 9};
	json_t *answer = ask(STAT_FUNDING, "level", "2019-04-04");
	const json_t *list;

	(void)state;
	assert_int_equal(json_array_size(json_object_get(answer, "rows")), 5);
	for (size_t i = 0; i < COUNT(want); i++) {
		const json_t *r = row(answer, i);

		assert_string_equal(json_peek_str(r, "level"), want[i].level);
		assert_int_equal(
		    json_peek_int(r, "statedFen", -1), want[i].stated);
		assert_int_equal(json_peek_int(r, "lowFen", -1), want[i].low);
		assert_int_equal(json_peek_int(r, "highFen", -1), want[i].high);
		assert_int_equal(json_array_size(json_peek_array(r, "unknown")),
		    want[i].unknown);
	}
	list = json_peek_array(row(answer, 3), "unknown");
	for (size_t i = 0; i < COUNT(unknown); i++)
		assert_int_equal(
		    json_peek_int(json_array_get(list, i), "no", 0),
		    unknown[i]);
	json_decref(answer);
}

static void
test_funding_totals(void **state)
{
	static const char *const bys[] = {"level", "task", "lead", "org"};

	(void)state;
	for (size_t i = 0; i < COUNT(bys); i++) {
		json_t *answer = ask(STAT_FUNDING, bys[i], "2019-04-04");
		const json_t *total = json_peek_object(answer, "total");

		assert_int_equal(
		    json_peek_int(total, "statedFen", 0), 7845220000);
		assert_int_equal(json_peek_int(total, "lowFen", 0), 7870220000);
		assert_int_equal(
		    json_peek_int(total, "highFen", 0), 8170220000);
		assert_int_equal(json_peek_int(total, "unknown", 0), 3);
		json_decref(answer);
	}
}

static void
test_unit_costs(void **state)
{
	/* T2, T8: money not certain; T7, T9, T10: no money or no target. */
	static const char *const want[10] = {"200.00", NULL, "128.00", "113.63",
	    "100000.00", "6300.00", NULL, NULL, NULL, NULL};
	json_t *answer = ask(STAT_FUNDING, "task", "2019-04-04");

	(void)state;
	for (size_t i = 0; i < COUNT(want); i++) {
		const char *got = json_peek_str(row(answer, i), "unitCost");

		if (want[i] == NULL)
			assert_null(got);
		else
			assert_string_equal(got, want[i]);
	}
	json_decref(answer);
}

/* Nobody has reported: the denominators are there all the same. */
static void
test_completion_without_reports(void **state)
{
	static const struct {
		int64_t target; /* 0: no indicators */
		const char *state;
		const char *percent;
		int64_t units;
		int64_t unset;
	} want[10] = {
	    {200000, "given", "0.0", 0, 0},
	    {7285, "given", "0.0", 0, 0},
	    {44400, "given", "0.0", 5, 1},
	    {44000, "given", "0.0", 13, 0},
	    {60, "given", "0.0", 0, 0},
	    {2000, "given", "0.0", 16, 0},
	    {0, NULL, NULL, 0, 0},
	    {0, NULL, NULL, 0, 0},
	    {186, "derived", "0.0", 14, 0},
	    {0, NULL, NULL, 0, 0},
	};
	json_t *answer = ask(STAT_COMPLETION, "task", "2019-04-04");

	(void)state;
	for (size_t i = 0; i < COUNT(want); i++) {
		const json_t *list =
		    json_peek_array(row(answer, i), "indicators");
		const json_t *ind = json_array_get(list, 0);
		const json_t *target = json_peek_object(ind, "target");
		const json_t *units = json_peek_object(ind, "units");

		assert_int_equal(
		    json_array_size(list), want[i].target > 0 ? 1 : 0);
		if (want[i].target == 0)
			continue;
		assert_int_equal(
		    json_peek_int(target, "qty", 0), want[i].target);
		assert_string_equal(
		    json_peek_str(target, "state"), want[i].state);
		assert_int_equal(json_peek_int(ind, "done", -1), 0);
		assert_string_equal(
		    json_peek_str(ind, "percent"), want[i].percent);
		assert_int_equal(
		    json_peek_int(units, "obliged", -1), want[i].units);
		assert_int_equal(
		    json_peek_int(units, "missing", -1), want[i].units);
		assert_int_equal(
		    json_peek_int(units, "unset", -1), want[i].unset);
	}
	json_decref(answer);
}

/*
 * The notice is of Thursday 4 April; the 5th is a holiday, so what was due in
 * March is late from the 13th on (five working days: to Friday the 12th).
 */
static void
test_headline_by_day(void **state)
{
	static const struct {
		const char *as_of;
		int64_t n[5]; /* done, ahead, on_pace, behind, unassessable */
	} want[] = {
	    {"2019-04-04", {0, 0, 3, 0, 7}},
	    {"2019-04-12", {0, 0, 3, 0, 7}},
	    {"2019-04-13", {0, 0, 3, 3, 4}},
	    {"2019-04-25", {0, 0, 0, 6, 4}},
	    {"2019-05-10", {0, 0, 0, 8, 2}},
	    {"2019-06-25", {0, 0, 0, 9, 1}},
	    {"2019-07-05", {0, 0, 1, 9, 0}},
	    {"2019-07-06", {0, 0, 0, 10, 0}},
	    {"2020-01-20", {0, 0, 0, 10, 0}},
	};
	static const char *const names[] = {
	    "done", "ahead", "on_pace", "behind", "unassessable"};

	(void)state;
	for (size_t i = 0; i < COUNT(want); i++) {
		json_t *answer = ask(STAT_HEADLINE, "", want[i].as_of);
		const json_t *counts = json_peek_object(answer, "counts");
		int64_t sum = 0;

		for (size_t k = 0; k < COUNT(names); k++) {
			int64_t n = json_peek_int(counts, names[k], -1);

			if (n != want[i].n[k])
				fail_msg("%s: %s is %d", want[i].as_of,
				    names[k], (int)n);
			sum += n;
		}
		assert_int_equal(sum, 10);
		assert_int_equal(json_peek_int(answer, "total", 0), 10);
		json_decref(answer);
	}
}

static void
test_nothing_red_on_the_first_day(void **state)
{
	json_t *answer = ask(STAT_HEADLINE, "", "2019-04-04");
	const json_t *task;
	size_t i;

	(void)state;
	json_array_foreach (json_peek_array(answer, "tasks"), i, task)
		assert_string_not_equal(json_peek_str(task, "light"), "red");
	json_decref(answer);
}

/* By unit and by lead the same obligations are counted. */
static void
test_obligations_add_up(void **state)
{
	static const char *const bys[] = {"org", "lead"};
	int64_t due[2] = {0, 0};

	(void)state;
	for (size_t b = 0; b < COUNT(bys); b++) {
		json_t *answer = ask(STAT_COMPLETION, bys[b], "2019-12-31");
		const json_t *r;
		size_t i;

		json_array_foreach (json_peek_array(answer, "rows"), i, r)
			due[b] += json_peek_int(
			    json_peek_object(r, "obligations"), "due", 0);
		json_decref(answer);
	}
	assert_int_equal(due[0], due[1]);
	assert_true(due[0] > 200);
}

static void
add_report_pair(
    struct world *w, const json_t *task, const json_t *ind, const json_t *quota)
{
	static const int months[] = {5, 8};
	int64_t qty = json_peek_int(quota, "qty", 0);

	for (size_t i = 0; i < COUNT(months); i++)
		json_push(w->reports,
		    json_pack(
			"{s:o, s:s, s:s, s:s, s:s, s:o, s:{s:s, s:I}, s:s,"
			" s:o, s:i}",
			"_id",
			json_sprintf("r%zu", json_array_size(w->reports)),
			"planId", json_peek_str(task, "planId"), "taskId",
			json_peek_str(task, "_id"), "indicatorId",
			json_peek_str(ind, "id"), "orgId",
			json_peek_str(quota, "orgId"), "asOf",
			json_sprintf("2019-%02d-31", months[i]), "value",
			"kind", "number", "n",
			(json_int_t)(qty * months[i] / 12), "state", "accepted",
			"acceptedAt",
			json_sprintf(
			    "2019-%02d-04T02:00:00.000Z", months[i] + 1),
			"revision", 1));
}

/* Accepted figures of the ends of May and August, for every quota. */
static void
add_reports(struct world *w)
{
	const json_t *task, *ind, *quota;
	size_t i, k, n;

	json_array_foreach (w->tasks, i, task)
		json_array_foreach (json_peek_array(task, "indicators"), k, ind)
			json_array_foreach (
			    json_peek_array(ind, "quotas"), n, quota)
				add_report_pair(w, task, ind, quota);
}

static const char *const six_days[] = {"2019-04-04", "2019-05-31", "2019-06-30",
    "2019-08-31", "2019-12-31", "2020-01-20"};

static void
ask_everything(struct world_stores *all, const struct world *w)
{
	static const char *const known[] = {"2019-07-01T00:00:00.000Z", KNOWN};
	size_t n = 0;

	for (size_t day = 0; day < COUNT(six_days); day++)
		for (enum stats_family f = 0; f < STAT__MAX; f++)
			for (size_t k = 0; k < COUNT(known); k++)
				n += world_ask_bys(
				    all, w, f, six_days[day], known[k]);
	print_message("%zu questions, %zu engines\n", n, all->n);
	assert_int_equal(n, COUNT(six_days) * COUNT(known) * 16);
}

/* All groupings of all families at six days, known then and later. */
static void
test_engines_agree(void **state)
{
	struct world_stores all;
	struct world reported;

	(void)state;
	ask_everything(&stores, &world);
	world_init(&reported);
	assert_int_equal(
	    world_read(&reported, MS_SOURCE_DIR "/scripts/sample/140800-2019"),
	    0);
	add_reports(&reported);
	world_stores_open(&all);
	for (size_t i = 0; i < all.n; i++)
		world_put(all.v[i].s, &reported);
	ask_everything(&all, &reported);
	world_stores_close(&all);
	world_fini(&reported);
}

/* The same question, the same bytes. */
static void
test_same_bytes(void **state)
{
	(void)state;
	for (enum stats_family f = 0; f < STAT__MAX; f++) {
		json_t *a = ask(f, NULL, "2019-08-31");
		json_t *b = ask(f, NULL, "2019-08-31");
		char *ta = json_dumps(a, JSON_COMPACT);
		char *tb = json_dumps(b, JSON_COMPACT);

		assert_string_equal(ta, tb);
		free(ta);
		free(tb);
		json_decref(a);
		json_decref(b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_funding_by_level),
	    cmocka_unit_test(test_funding_totals),
	    cmocka_unit_test(test_unit_costs),
	    cmocka_unit_test(test_completion_without_reports),
	    cmocka_unit_test(test_headline_by_day),
	    cmocka_unit_test(test_nothing_red_on_the_first_day),
	    cmocka_unit_test(test_obligations_add_up),
	    cmocka_unit_test(test_same_bytes),
	    cmocka_unit_test(test_engines_agree),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
