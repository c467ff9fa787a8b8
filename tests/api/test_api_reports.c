#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/world.h"
#include "base/buf.h"
#include "base/json.h"

/*
 * Reports of one series, sent by many at once: each effect happens once, and
 * everybody gets an answer that says what is so.
 */
#define EQUAL 50
#define MONTHS 9
#define REPORTS "/api/v1/reports/"
#define UUID "5eed2019-0150-4000-8000-0000000000%02d"

struct call {
	struct world *w;
	const char *as; /* an Authorization header */
	const char *if_match;
	char method[8];
	char target[96];
	char body[400];
	int status;
	json_t *json;
	pthread_t thread;
};

static void
ask(struct call *c)
{
	struct local_request in = {
	    .method = c->method,
	    .target = c->target,
	    .authorization = c->as,
	    .if_match = c->if_match,
	};
	struct answer a;

	if (c->body[0] != '\0') {
		in.body = c->body;
		in.body_len = strlen(c->body);
		in.content_type = "application/json";
	}
	world_ask(c->w, &in, &a);
	c->status = a.status;
	c->json = json_incref(a.json);
	answer_free(&a);
}

static void *
ask_in_thread(void *arg)
{
	ask(arg);
	return NULL;
}

static void
ask_all(struct call *calls, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert_int_equal(pthread_create(&calls[i].thread, NULL,
				     ask_in_thread, &calls[i]),
		    0);
	for (size_t i = 0; i < n; i++)
		pthread_join(calls[i].thread, NULL);
}

static size_t
count(const struct call *calls, size_t n, int status)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++)
		found += calls[i].status == status;
	return found;
}

static void
free_calls(struct call *calls, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		json_decref(calls[i].json);
		calls[i].json = NULL;
	}
}

static void
must(struct world *w, const char *method, const char *target, json_t *body)
{
	struct call c = {.w = w, .as = world_key(w, WORLD_MASTER)};
	char *text = json_dumps(body, JSON_COMPACT);
	struct local_request in = {
	    .method = method,
	    .target = target,
	    .authorization = c.as,
	    .body = text,
	    .body_len = strlen(text),
	    .content_type = "application/json",
	};
	struct answer a;

	world_ask(w, &in, &a);
	if (a.status != 200)
		fail_msg("%s: %s", target, a.text);
	answer_free(&a);
	free(text);
	json_decref(body);
}

static int
set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	if (w == NULL)
		abort();
	world_open(w, world_engine, NULL);
	world_set_now(w, "2020-01-02T02:00:00Z");
	must(w, "POST", "/api/v1/plans/140800-2019:import",
	    source_bundle("scripts/sample/140800-2019"));
	must(w, "POST", "/api/v1/plans/140800-2019:issue",
	    json_pack("{s:s, s:b, s:s}", "by", "市政府督查室", "leaveOpen", 1,
		"at", "2019-04-04T01:00:00.000Z"));
	*state = w;
	return 0;
}

static int
tear_down(void **state)
{
	world_close(*state);
	free(*state);
	return 0;
}

static void
make_put(struct call *c, struct world *w, int id, int month, int n)
{
	static const int days[] = {
	    31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	*c = (struct call){.w = w, .as = world_key(w, "reporter@140829")};
	snprintf(c->method, sizeof(c->method), "PUT");
	snprintf(c->target, sizeof(c->target), REPORTS UUID, id);
	snprintf(c->body, sizeof(c->body),
	    "{\"taskId\":\"140800-2019-03\",\"indicatorId\":\"i1\","
	    "\"orgId\":\"140829\",\"asOf\":\"2019-%02d-%02d\",\"value\":"
	    "{\"kind\":\"number\",\"n\":%d},\"submit\":true}",
	    month, days[month - 1], n);
}

static void
make_step(struct call *c, struct world *w, const char *as, int id,
    const char *verb, const char *body)
{
	*c = (struct call){.w = w, .as = world_key(w, as)};
	snprintf(c->method, sizeof(c->method), "POST");
	snprintf(c->target, sizeof(c->target), REPORTS UUID ":%s", id, verb);
	snprintf(c->body, sizeof(c->body), "%s", body);
}

static size_t
stored(struct world *w, enum coll c)
{
	json_t *all = world_dump(w);
	size_t n = json_array_size(json_object_get(all, coll_name(c)));

	json_decref(all);
	return n;
}

/* The same submission fifty times at once: one report, equal receipts. */
static void
test_equal(void **state)
{
	struct world *w = *state;
	struct call calls[EQUAL];

	for (int i = 0; i < EQUAL; i++)
		make_put(&calls[i], w, 1, 4, 1000);
	ask_all(calls, EQUAL);
	assert_int_equal(count(calls, EQUAL, 201), 1);
	assert_int_equal(count(calls, EQUAL, 200), EQUAL - 1);
	for (int i = 1; i < EQUAL; i++)
		assert_true(
		    json_equal(json_object_get(calls[0].json, "receipt"),
			json_object_get(calls[i].json, "receipt")));
	free_calls(calls, EQUAL);
	for (int i = 0; i < 10; i++) {
		make_put(&calls[0], w, 1, 4, 1000);
		ask(&calls[0]);
		assert_int_equal(calls[0].status, 200);
		free_calls(calls, 1);
	}
	assert_int_equal(stored(w, COLL_REPORTS), 1);
	assert_int_equal(stored(w, COLL_SERIES), 1);
	make_put(&calls[0], w, 1, 4, 1001);
	ask(&calls[0]);
	assert_int_equal(calls[0].status, 409);
	free_calls(calls, 1);
}

/*
 * A telephone that was out of reach sends all its months at once: they meet
 * in one series, and none is sent away because of another.
 */
static void
test_months(void **state)
{
	struct world *w = *state;
	struct call calls[MONTHS];

	for (int i = 0; i < MONTHS; i++)
		make_put(&calls[i], w, i, 4 + i, 100 * (i + 1));
	ask_all(calls, MONTHS);
	assert_int_equal(count(calls, MONTHS, 201), MONTHS);
	assert_int_equal(stored(w, COLL_REPORTS), MONTHS);
	assert_int_equal(stored(w, COLL_SERIES), 1);
	free_calls(calls, MONTHS);
}

/* Two people report the same month: one is told about the other. */
static void
test_one_month(void **state)
{
	struct world *w = *state;
	struct call calls[8];

	for (int i = 0; i < 8; i++)
		make_put(&calls[i], w, 10 + i, 5, 100 + i);
	ask_all(calls, 8);
	assert_int_equal(count(calls, 8, 201), 1);
	assert_int_equal(count(calls, 8, 409), 7);
	assert_int_equal(stored(w, COLL_REPORTS), 1);
	free_calls(calls, 8);
}

/* Values that cannot both stand do not both get in. */
static void
test_falling(void **state)
{
	struct world *w = *state;
	struct call calls[2];
	size_t in;

	for (int round = 0; round < 4; round++) {
		make_put(&calls[0], w, 20 + round, 4 + 2 * round,
		    1000 * (round + 1) + 500);
		make_put(&calls[1], w, 30 + round, 5 + 2 * round,
		    1000 * (round + 1));
		ask_all(calls, 2);
		in = count(calls, 2, 201);
		assert_int_equal(in, 1);
		assert_int_equal(count(calls, 2, 422), 1);
		free_calls(calls, 2);
	}
}

/* Of a confirmation and returns at once exactly one happens. */
static void
test_steps(void **state)
{
	struct world *w = *state;
	struct call calls[8];

	make_put(&calls[0], w, 1, 4, 1000);
	ask(&calls[0]);
	assert_int_equal(calls[0].status, 201);
	free_calls(calls, 1);
	for (int i = 0; i < 8; i++)
		make_step(&calls[i], w, "confirmer@140829", 1,
		    i % 2 == 0 ? "confirm" : "return",
		    i % 2 == 0 ? "" : "{\"reason\":\"核对\"}");
	ask_all(calls, 8);
	/* A confirmed report may still be returned; then it is over. */
	assert_in_range(count(calls, 8, 200), 1, 2);
	assert_int_equal(count(calls, 8, 200) + count(calls, 8, 409), 8);
	free_calls(calls, 8);
	assert_int_equal(world_differences(w), 0);
}

/* A report that goes round for ever stops before it is too large. */
static void
test_rounds(void **state)
{
	struct world *w = *state;
	char rev[16];
	struct call c;
	int n = 0;

	make_put(&c, w, 1, 4, 1000);
	for (ask(&c); c.status < 300; ask(&c)) {
		snprintf(rev, sizeof(rev), "\"%d\"", ++n);
		free_calls(&c, 1);
		if (n % 2 == 1) {
			make_step(&c, w, "confirmer@140829", 1, "return",
			    "{\"reason\":\"核对\"}");
			continue;
		}
		make_put(&c, w, 1, 4, 1000 + n);
		c.if_match = rev;
	}
	assert_int_equal(c.status, 409);
	assert_int_equal(n, 200);
	free_calls(&c, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_equal, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_months, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_one_month, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_falling, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_steps, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_rounds, set_up, tear_down),
	};

	return world_run_tests(tests, COUNT(tests), true, NULL, NULL);
}
