#include <stdio.h>
#include <string.h>

#include "api/import.h"
#include "api/world.h"
#include "base/buf.h"
#include "base/json.h"

/* What requests may mean: small rules that need a plan to show. */
#define SAMPLE "scripts/sample/second-city"

static json_t *
open_sample(struct world *w)
{
	json_t *bundle = source_bundle(SAMPLE);
	json_t *summary = NULL;
	struct write_set ws;
	struct err e;

	world_open(w, world_engine, "2021-06-01");
	err_init(&e);
	write_set_init(&ws, instant_now());
	assert_int_equal(
	    import_plan(w->store, bundle, NULL, &ws, &summary, &e), 0);
	assert_int_equal(store_write(w->store, &ws, &e), 0);
	write_set_fini(&ws);
	json_decref(summary);
	return bundle;
}

static int
ask(struct world *w, struct local_request in, const json_t *body)
{
	struct answer a;
	struct buf b;
	int status;

	buf_init(&b, 0);
	if (body != NULL) {
		json_print(&b, body);
		in.body = b.data;
		in.body_len = b.len;
		in.content_type = "application/json";
	}
	world_ask(w, &in, &a);
	status = a.status;
	answer_free(&a);
	buf_fini(&b);
	return status;
}

static void
test_a_number_belongs_to_one_task(void **state)
{
	struct world w;
	json_t *bundle = open_sample(&w);
	json_t *tasks = json_object_get(bundle, "tasks");
	json_t *first = json_array_get(tasks, 0);
	json_t *second = json_deep_copy(json_array_get(tasks, 1));
	json_t *patch = json_object();
	char target[96];

	(void)state;
	snprintf(target, sizeof(target), "/api/v1/tasks/%s",
	    json_peek_str(second, "_id"));
	json_put(patch, "no", json_incref(json_object_get(first, "no")));
	assert_int_equal(
	    ask(&w,
		(struct local_request){
		    .method = "PATCH", .target = target, .if_match = "*"},
		patch),
	    409);
	json_put_int(patch, "no", 88);
	assert_int_equal(
	    ask(&w,
		(struct local_request){
		    .method = "PATCH", .target = target, .if_match = "*"},
		patch),
	    200);
	json_put_str(second, "_id", "another");
	json_put_int(second, "no", 88);
	assert_int_equal(ask(&w,
			     (struct local_request){.method = "PUT",
				 .target = "/api/v1/tasks/another",
				 .if_none_match = "*"},
			     second),
	    409);
	json_put_int(second, "no", 89);
	assert_int_equal(ask(&w,
			     (struct local_request){.method = "PUT",
				 .target = "/api/v1/tasks/another",
				 .if_none_match = "*"},
			     second),
	    201);
	json_decref(patch);
	json_decref(second);
	json_decref(bundle);
	world_close(&w);
}

/* If-None-Match: * asks whether there is something at all. */
static void
test_a_star_is_no_answer_for_what_is_not_there(void **state)
{
	static const char *const targets[] = {
	    "/api/v1/stats/headline?plan=nowhere-2021",
	    "/api/v1/stats/completion?plan=nowhere-2021",
	    "/api/v1/stats/funding?plan=nowhere-2021",
	    "/api/v1/stats/milestones?plan=nowhere-2021",
	};
	struct world w;

	(void)state;
	world_open(&w, world_engine, "2021-06-01");
	for (size_t i = 0; i < COUNT(targets); i++)
		assert_int_equal(ask(&w,
				     (struct local_request){.method = "GET",
					 .target = targets[i],
					 .if_none_match = "*"},
				     NULL),
		    404);
	world_close(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_number_belongs_to_one_task),
	    cmocka_unit_test(test_a_star_is_no_answer_for_what_is_not_there),
	};

	return world_run_tests(tests, COUNT(tests), true, NULL, NULL);
}
