/*
 * Idempotency-Key: one effect, however often and however much at once it is
 * asked for, before and after a restart.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/idem.h"
#include "api/world.h"
#include "base/json.h"

#define AT_ONCE 50

static const char body[] =
    "{\"division\":\"140800\",\"year\":2019,\"title\":\"2019年民生实事\","
    "\"docNo\":\"运政办发〔2019〕7号\",\"issuedOn\":\"2019-04-04\"}";

static void
post_plan(struct world *w, const char *key, struct answer *a)
{
	struct local_request in = {
	    .method = "POST",
	    .target = "/api/v1/plans",
	    .idempotency_key = key,
	    .content_type = "application/json",
	    .body = body,
	    .body_len = sizeof(body) - 1,
	};

	world_ask(w, &in, a);
}

static size_t
count(struct world *w, enum coll c)
{
	json_t *all = world_dump(w);
	size_t n = json_array_size(json_object_get(all, coll_name(c)));

	json_decref(all);
	return n;
}

/* ---- at once ---- */

struct crowd {
	struct world w;
	pthread_barrier_t gate;
	atomic_int made, again, busy, others;
};

static void *
ask_on(void *arg)
{
	struct crowd *c = arg;
	struct answer a;

	pthread_barrier_wait(&c->gate);
	for (;;) {
		char *replayed;

		post_plan(&c->w, "same", &a);
		replayed = answer_header(&a, "Idempotency-Replayed");
		if (a.status == 201)
			atomic_fetch_add(
			    replayed != NULL ? &c->again : &c->made, 1);
		else if (a.status == 409)
			atomic_fetch_add(&c->busy, 1);
		else
			atomic_fetch_add(&c->others, 1);
		free(replayed);
		/* Who is told to come again does so. */
		bool over = a.status != 409;

		answer_free(&a);
		if (over)
			return NULL;
	}
}

static void
test_at_once(void **state)
{
	pthread_t threads[AT_ONCE];
	struct crowd c = {.made = 0};

	(void)state;
	world_open(&c.w, world_engine, NULL);
	world_key(&c.w, WORLD_MASTER);
	pthread_barrier_init(&c.gate, NULL, AT_ONCE);
	for (size_t i = 0; i < AT_ONCE; i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, ask_on, &c), 0);
	for (size_t i = 0; i < AT_ONCE; i++)
		pthread_join(threads[i], NULL);
	print_message(
	    "made %d, again %d, told to wait %d\n", c.made, c.again, c.busy);
	assert_int_equal(c.made, 1);
	assert_int_equal(c.again, AT_ONCE - 1);
	assert_int_equal(c.others, 0);
	assert_int_equal(count(&c.w, COLL_PLANS), 1);
	assert_int_equal(count(&c.w, COLL_AUDIT), 1);
	assert_int_equal(count(&c.w, COLL_IDEMPOTENCY), 1);
	pthread_barrier_destroy(&c.gate);
	world_close(&c.w);
}

/* ---- a restart ---- */

static void
restart(struct world *w)
{
	struct err e;

	err_init(&e);
	app_fini(&w->app);
	store_close(w->store);
	w->store = store_open(&w->cfg, &e);
	assert_non_null(w->store);
	assert_int_equal(app_init(&w->app, &w->cfg, w->store, &e), 0);
}

static void
test_restart(void **state)
{
	struct answer first, second;
	struct world w;

	(void)state;
	world_open(&w, world_engine, NULL);
	post_plan(&w, "k", &first);
	assert_int_equal(first.status, 201);
	restart(&w);
	post_plan(&w, "k", &second);
	assert_int_equal(second.status, 201);
	assert_string_equal(first.body, second.body);
	answer_free(&first);
	answer_free(&second);
	assert_int_equal(count(&w, COLL_AUDIT), 1);
	world_close(&w);
}

/* ---- a day later ---- */

static void
test_expiry(void **state)
{
	struct write_set ws;
	struct answer a;
	struct world w;
	struct err e;
	json_t *all, *doc;

	(void)state;
	err_init(&e);
	world_open(&w, world_engine, NULL);
	post_plan(&w, "k", &a);
	answer_free(&a);
	assert_int_equal(idem_expire(w.store, &e), 0);
	assert_int_equal(count(&w, COLL_IDEMPOTENCY), 1);
	all = world_dump(&w);
	doc = json_array_get(json_object_get(all, "idempotency"), 0);
	json_put_str(doc, "expiresAt", "2019-04-04T00:00:00.000Z");
	write_set_init(&ws, instant_now());
	write_replace(&ws, COLL_IDEMPOTENCY, doc, 1);
	assert_int_equal(store_write(w.store, &ws, &e), 0);
	write_set_fini(&ws);
	json_decref(all);
	/* The key is as good as new, before and after it is removed. */
	post_plan(&w, "k", &a);
	assert_int_equal(a.status, 409);
	answer_free(&a);
	assert_int_equal(idem_expire(w.store, &e), 0);
	assert_int_equal(count(&w, COLL_IDEMPOTENCY), 0);
	post_plan(&w, "k", &a);
	assert_int_equal(a.status, 409);
	answer_free(&a);
	world_close(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_at_once),
	    cmocka_unit_test(test_restart),
	    cmocka_unit_test(test_expiry),
	};

	return world_run_tests(tests, COUNT(tests), true, NULL, NULL);
}
