#include "api/import.h"

#include <string.h>

#include "api/world.h"
#include "base/json.h"

#define SAMPLE "scripts/sample/second-city"

/* What an import of the sample, changed by fn, would write. */
struct attempt {
	json_t *bundle;
	json_t *summary;
	struct write_set ws;
	struct err e;
	int rc;
};

static void
attempt(struct world *w, void (*change)(json_t *bundle), struct attempt *a)
{
	a->bundle = source_bundle(SAMPLE);
	a->summary = NULL;
	if (change != NULL)
		change(a->bundle);
	err_init(&a->e);
	write_set_init(&a->ws, instant_now());
	a->rc =
	    import_plan(w->store, a->bundle, NULL, &a->ws, &a->summary, &a->e);
}

static int
carry_out(struct world *w, struct attempt *a)
{
	return store_write(w->store, &a->ws, &a->e);
}

static void
attempt_fini(struct attempt *a)
{
	write_set_fini(&a->ws);
	json_decref(a->summary);
	json_decref(a->bundle);
}

/* A world with the sample in it; returns its plan's id. */
static const char *
open_sample(struct world *w)
{
	static char id[65];
	struct attempt a;

	world_open(w, world_engine, "2021-06-01");
	attempt(w, NULL, &a);
	assert_int_equal(a.rc, 0);
	assert_int_equal(carry_out(w, &a), 0);
	strcpy(id, json_peek_str(json_object_get(a.bundle, "plan"), "_id"));
	attempt_fini(&a);
	return id;
}

static int64_t
plan_rev(struct world *w, const char *id)
{
	struct err e;
	json_t *plan;
	int64_t rev;

	err_init(&e);
	plan = store_get_json(w->store, COLL_PLANS, id, &e);
	assert_non_null(plan);
	rev = json_peek_int(plan, "rev", 0);
	json_decref(plan);
	return rev;
}

static void
add_task(json_t *bundle)
{
	json_t *tasks = json_object_get(bundle, "tasks");
	json_t *task = json_deep_copy(json_array_get(tasks, 0));

	json_put_str(task, "_id", "one-more");
	json_put_int(task, "no", 77);
	json_push(tasks, task);
}

static void
drop_task(json_t *bundle)
{
	/* The second: nothing was reported about it. */
	json_array_remove(json_object_get(bundle, "tasks"), 1);
	json_object_del(bundle, "reports");
	json_object_del(bundle, "milestoneStates");
}

static void
repeat_number(json_t *bundle)
{
	json_t *tasks = json_object_get(bundle, "tasks");

	json_put(json_array_get(tasks, 1), "no",
	    json_incref(json_object_get(json_array_get(tasks, 0), "no")));
}

/* A task that an import adds while the plan is issued is not in its baseline,
 * so one of the two must give way. */
static void
test_no_task_slips_past_an_issue(void **state)
{
	static void (*const changes[])(json_t *) = {add_task, drop_task};

	(void)state;
	for (size_t i = 0; i < COUNT(changes); i++) {
		struct local_request issue = {
		    .method = "POST",
		    .content_type = "application/json",
		    .body = "{\"by\":\"王某\",\"leaveOpen\":true}",
		};
		char target[128];
		struct world w;
		const char *id = open_sample(&w);
		struct attempt a;
		struct answer answer;

		attempt(&w, changes[i], &a);
		assert_int_equal(a.rc, 0);
		snprintf(target, sizeof(target), "/api/v1/plans/%s:issue", id);
		issue.target = target;
		issue.body_len = strlen(issue.body);
		world_ask(&w, &issue, &answer);
		assert_int_equal(answer.status, 200);
		answer_free(&answer);
		assert_int_equal(carry_out(&w, &a), -1);
		assert_int_equal(a.e.code, ERR_STALE);
		attempt_fini(&a);
		world_close(&w);
	}
}

static void
test_the_plan_moves_with_its_tasks(void **state)
{
	struct world w;
	const char *id = open_sample(&w);
	int64_t rev = plan_rev(&w, id);
	struct attempt a;

	(void)state;
	attempt(&w, NULL, &a);
	assert_int_equal(a.rc, 0);
	assert_int_equal(a.ws.n, 0);
	attempt_fini(&a);

	attempt(&w, add_task, &a);
	assert_int_equal(a.rc, 0);
	assert_int_equal(carry_out(&w, &a), 0);
	assert_int_equal(plan_rev(&w, id), rev + 1);
	attempt_fini(&a);
	world_close(&w);
}

/* The doctor and every table go by the number. */
static void
test_numbers_are_unique(void **state)
{
	struct world w;
	struct attempt a;

	(void)state;
	world_open(&w, world_engine, "2021-06-01");
	attempt(&w, repeat_number, &a);
	assert_int_equal(a.rc, -1);
	assert_int_equal(a.e.code, ERR_IMPORT);
	assert_string_equal(a.e.items[0].pointer, "/tasks/1/no");
	attempt_fini(&a);
	world_close(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_no_task_slips_past_an_issue),
	    cmocka_unit_test(test_the_plan_moves_with_its_tasks),
	    cmocka_unit_test(test_numbers_are_unique),
	};

	return world_run_tests(tests, COUNT(tests), true, NULL, NULL);
}
