#include "unit/support.h"

#include <string.h>

#include "base/json.h"
#include "plan/change.h"
#include "plan/lifecycle.h"
#include "plan/standing.h"
#include "unit/plan_fixtures.h"

#define NOW INT64_C(1561428000000) /* 2019-06-25T02:00:00.000Z */
/* Each round is a dozen requests; ROUNDS=n asks for more. */
#define ROUNDS 20
#define ID "0b1e2019-0000-4000-8000-000000000001"

static struct sample sample;

/* new: a task of the 2019 plan, issued. */
static json_t *
issued(int no)
{
	json_t *task = json_deep_copy(sample_task(&sample, no));

	json_put_str(task, "status", "issued");
	return task;
}

/* new: a request with its basis. */
static json_t *
asked(const json_t *task, const char *text)
{
	json_t *change = quick_json(text);
	char basis[SHA256_HEX + 1];

	change_basis(task, change, basis);
	json_put_str(change, "basis", basis);
	return change;
}

static enum err_code
check(const json_t *task, const char *text, const char *today)
{
	json_t *change = quick_json(text);
	json_t *before = json_deep_copy(task);
	struct err e;
	civil_t d = 0;

	err_init(&e);
	assert_true(civil_parse(today, &d));
	if (change_check(task, change, d, &e) == 0)
		assert_int_equal(e.code, ERR_NONE);
	assert_true(json_equal(task, before));
	json_decref(before);
	json_decref(change);
	return e.code;
}

#define EXTEND(m, org, due)                                   \
	"{'kind':'extend','milestoneId':'" m "','orgId':" org \
	",'newDue':'" due "','reason':'x','_id':'" ID "'}"

static void
test_what_may_be_asked(void **state)
{
	json_t *seven = issued(7), *three = issued(3);

	(void)state;
	assert_int_equal(
	    check(seven, EXTEND("m3", "'140829'", "2019-08-31"), "2019-06-25"),
	    ERR_NONE);
	assert_int_equal(
	    check(seven, EXTEND("m3", "null", "2019-07-31"), "2019-06-25"),
	    ERR_INVALID);
	assert_int_equal(
	    check(seven, EXTEND("m9", "null", "2019-08-31"), "2019-06-25"),
	    ERR_INVALID);
	assert_int_equal(
	    check(seven, EXTEND("m3", "'140800'", "2019-08-31"), "2019-06-25"),
	    ERR_INVALID);
	assert_int_equal(
	    check(three, EXTEND("m1", "'140829'", "2019-08-31"), "2019-06-25"),
	    ERR_INVALID);
	assert_int_equal(
	    check(three, EXTEND("m1", "null", "2019-08-31"), "2019-06-25"),
	    ERR_NONE);
	json_put_str(seven, "status", "draft");
	assert_int_equal(
	    check(seven, EXTEND("m3", "null", "2019-08-31"), "2019-06-25"),
	    ERR_STATE);
	json_decref(seven);
	json_decref(three);
}

/* The day itself is in time, the next is not. */
static void
test_late(void **state)
{
	json_t *task = issued(7);
	json_t *change = quick_json(EXTEND("m3", "'140829'", "2019-08-31"));
	civil_t due = 0, today = 0;
	bool dated;

	(void)state;
	assert_true(civil_parse("2019-07-31", &today));
	assert_false(change_is_late(task, change, today, &dated, &due));
	assert_true(dated && due == today);
	assert_true(change_is_late(task, change, today + 1, &dated, &due));
	json_decref(change);
	json_decref(task);
}

static int
apply(json_t *task, const json_t *change, const char *met,
    struct change_effect *x, struct err *e)
{
	json_t *decision = quick_json("{'docNo':'1号','by':{'name':'督查室'}}");
	json_t *done = quick_json(met);
	int rc;

	err_init(e);
	rc = change_apply(task, change, decision, done, NOW, x, e);
	json_decref(decision);
	json_decref(done);
	return rc;
}

static void
test_split(void **state)
{
	json_t *task = issued(7);
	json_t *change = asked(task, EXTEND("m3", "'140829'", "2019-08-31"));
	struct change_effect x;
	struct err e;

	(void)state;
	assert_int_equal(apply(task, change, "[]", &x, &e), 0);
	assert_string_equal(x.name, "amended");
	assert_string_equal(x.moved_to, "m3x1");
	assert_false(
	    milestone_obliges(task, milestone_find(task, "m3"), "140829"));
	assert_true(
	    milestone_obliges(task, milestone_find(task, "m3x1"), "140829"));
	assert_string_equal(
	    json_peek_str(milestone_find(task, "m3"), "to"), "2019-07-31");
	check_schema("task.json", task);
	/* What it was about is not there any more. */
	assert_int_equal(apply(task, change, "[]", &x, &e), -1);
	assert_int_equal(e.code, ERR_CONFLICT);
	json_decref(change);
	json_decref(task);
}

static void
test_who_has_done_it_stays(void **state)
{
	json_t *task = issued(7);
	json_t *change =
	    asked(task, "{'kind':'adjust','milestoneId':'m3','orgId':null,"
			"'reason':'x','_id':'" ID "'}");
	json_t *own =
	    asked(task, "{'kind':'adjust','milestoneId':'m3','orgId':'140829',"
			"'reason':'x','_id':'" ID "'}");
	struct change_effect x;
	struct err e;

	(void)state;
	assert_int_equal(apply(task, own, "['140829']", &x, &e), -1);
	assert_int_equal(e.code, ERR_STATE);
	assert_int_equal(apply(task, change, "['140829']", &x, &e), 0);
	assert_string_equal(x.name, "waived");
	assert_int_equal(json_array_size(x.waived_orgs), 12);
	assert_int_equal(json_array_size(json_peek_array(
			     milestone_find(task, "m3"), "orgs")),
	    1);
	change_effect_fini(&x);
	json_decref(change);
	json_decref(own);
	json_decref(task);
}

static void
test_end(void **state)
{
	json_t *task = issued(3);
	json_t *change =
	    asked(task, "{'kind':'terminate','reason':'x','_id':'" ID "'}");
	const json_t *before;
	struct change_effect x;
	struct err e;

	(void)state;
	assert_int_equal(apply(task, change, "[]", &x, &e), 0);
	assert_string_equal(x.name, "cancelled");
	assert_string_equal(json_peek_str(task, "status"), "cancelled");
	assert_int_equal(
	    json_array_size(json_peek_array(task, "milestones")), 0);
	before = json_peek_object(
	    json_array_get(json_peek_array(task, "amendments"), 0), "before");
	assert_string_equal(json_peek_str(before, "status"), "issued");
	assert_int_equal(
	    json_array_size(json_peek_array(before, "milestones")), 3);
	check_schema("task.json", task);
	json_decref(change);
	json_decref(task);
}

/* ---- random requests ---- */

/* new: a request about anything, sensible or not. */
static json_t *
random_change(struct rnd *r)
{
	static const char *const kinds[] = {"extend", "adjust", "terminate"};
	static const char *const ids[] = {"m1", "m2", "m3", "m4", "m3x1", "m9"};
	static const char *const orgs[] = {"140829", "140823", "140800-mzj"};
	static const char *const days[] = {
	    "2019-05-31", "2019-08-31", "2019-12-31", "2020-03-31"};
	const char *kind = kinds[rnd_below(r, COUNT(kinds))];
	json_t *change = json_object();

	json_put_str(change, "_id", ID);
	json_put_str(change, "kind", kind);
	json_put_str(change, "reason", "x");
	if (strcmp(kind, "terminate") == 0 && rnd_below(r, 10) > 0)
		json_put_str(change, "kind", "extend");
	if (strcmp(kind, "terminate") != 0 || rnd_below(r, 2) > 0) {
		json_put_str(
		    change, "milestoneId", ids[rnd_below(r, COUNT(ids))]);
		if (rnd_below(r, 3) > 0)
			json_put_str(
			    change, "orgId", orgs[rnd_below(r, COUNT(orgs))]);
		json_put_str(change, "newDue", days[rnd_below(r, COUNT(days))]);
	}
	if (json_peek_str(change, "milestoneId") == NULL) {
		json_put_str(change, "kind", "adjust");
		json_put(change, "proposal", quick_json("{'title':'新名称'}"));
	}
	return change;
}

/*
 * Requests one after another: what is refused, or late, leaves the task the
 * same bytes; what is approved leaves a valid task that keeps what it was.
 */
static void
one_round(struct rnd *r)
{
	json_t *task = issued(7);
	size_t versions = 0;

	for (size_t i = 0; i < 12; i++) {
		json_t *change = random_change(r);
		json_t *before = json_deep_copy(task);
		char basis[SHA256_HEX + 1];
		bool late = rnd_below(r, 4) == 0, changed;
		struct change_effect x = {.name = "none"};
		struct err e;
		civil_t today = 0;

		assert_true(civil_parse("2019-06-25", &today));
		err_init(&e);
		change_basis(task, change, basis);
		json_put_str(change, "basis", basis);
		json_put(change, "late", json_boolean(late));
		changed = change_check(task, change, today, &e) == 0 &&
			  rnd_below(r, 3) > 0 &&
			  apply(task, change, "['140823']", &x, &e) == 0 &&
			  strcmp(x.name, "none") != 0;
		if (!changed)
			assert_true(json_equal(task, before));
		if (changed && !late)
			versions++;
		assert_int_equal(
		    json_array_size(json_peek_array(task, "amendments")),
		    versions);
		check_schema("task.json", task);
		change_effect_fini(&x);
		json_decref(before);
		json_decref(change);
	}
	json_decref(task);
}

static void
test_random_requests(void **state)
{
	struct rnd r;

	const char *given = getenv("ROUNDS");
	size_t rounds = given != NULL ? strtoul(given, NULL, 10) : ROUNDS;

	(void)state;
	rnd_init(&r, "changes");
	for (size_t i = 0; i < rounds; i++)
		one_round(&r);
}

static int
setup(void **state)
{
	(void)state;
	sample_load(&sample, "140800-2019");
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	sample_free(&sample);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_what_may_be_asked),
	    cmocka_unit_test(test_late),
	    cmocka_unit_test(test_split),
	    cmocka_unit_test(test_who_has_done_it_stays),
	    cmocka_unit_test(test_end),
	    cmocka_unit_test(test_random_requests),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
