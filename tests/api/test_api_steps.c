#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/world.h"
#include "base/buf.h"
#include "base/json.h"
#include "plan/machine.h"

/* ---- the table of steps and the table of routes ---- */

static const char *const places[MACHINE__MAX] = {
    [MACHINE_MILESTONE] =
	"/api/v1/tasks/{task}/milestones/{milestone}/orgs/{org}",
    [MACHINE_TASK] = "/api/v1/tasks/{task}",
    [MACHINE_CHANGE] = "/api/v1/changes/{change}",
    [MACHINE_CHECK] = "/api/v1/checks/{check}",
    [MACHINE_CASE] = "/api/v1/cases/{case}",
    [MACHINE_NOTICE] = "/api/v1/notices/{notice}",
};

static const struct route *
find_route(enum method m, const char *pattern)
{
	for (size_t i = 0; i < api_nroutes; i++) {
		if (api_routes[i].method == m &&
		    strcmp(api_routes[i].pattern, pattern) == 0)
			return &api_routes[i];
	}
	return NULL;
}

/* Written with PUT, and taken further by `submit` in it. */
static bool
is_put(const char *verb)
{
	static const char *const verbs[] = {"edit", "submit", "ask"};

	for (size_t i = 0; i < COUNT(verbs); i++) {
		if (strcmp(verbs[i], verb) == 0)
			return true;
	}
	return false;
}

/* Each step has its address, which asks for the step's permission. */
static void
test_steps_have_routes(void **state)
{
	const struct machine_move *move;
	const struct route *route;
	char pattern[128];

	(void)state;
	for (size_t i = 0; (move = machine_move_at(i)) != NULL; i++) {
		snprintf(pattern, sizeof(pattern), "%s:%s",
		    places[move->machine], move->verb);
		route = is_put(move->verb)
			    ? find_route(METHOD_PUT, places[move->machine])
			    : find_route(METHOD_POST, pattern);
		if ((move->rules & MACHINE_INNER) != 0) {
			assert_null(route);
			continue;
		}
		if (route == NULL) {
			fail_msg("no route %s", pattern);
			continue;
		}
		if (strcmp(route->permission, move->permission) != 0)
			fail_msg("%s asks for %s, the step for %s", pattern,
			    route->permission, move->permission);
	}
}

static bool
is_step(enum machine m, const char *verb)
{
	const struct machine_move *move;

	for (size_t i = 0; (move = machine_move_at(i)) != NULL; i++) {
		if (move->machine == m && strcmp(move->verb, verb) == 0)
			return true;
	}
	return false;
}

/* Each address below such a document is a step of its table. */
static void
test_routes_are_steps(void **state)
{
	size_t seen = 0;

	(void)state;
	for (size_t i = 0; i < api_nroutes; i++) {
		const struct route *route = &api_routes[i];

		for (enum machine m = 0; m < MACHINE__MAX; m++) {
			size_t n = strlen(places[m]);
			const char *verb = route->pattern + n + 1;

			if (strncmp(route->pattern, places[m], n) != 0 ||
			    route->pattern[n] != ':' ||
			    strcmp(verb, "amend") == 0 ||
			    strcmp(verb, "reveal") == 0)
				continue;
			if (!is_step(m, verb))
				fail_msg("%s is no step", route->pattern);
			seen++;
		}
	}
	assert_true(seen > 15);
}

/* ---- two at once ---- */

#define PLAN "140800-2019"
#define ASKERS 6
#define UNITS 6

static const char *const units[UNITS] = {
    "140802", "140881", "140882", "140821", "140822", "140823"};

struct asker {
	struct world *w;
	pthread_barrier_t *start;
	const char *key;
	const char *target;
	const char *body;
	int status;
	pthread_t thread;
};

static int
ask(struct world *w, const char *as, const char *method, const char *target,
    const char *body, json_t **answer)
{
	struct local_request in = {
	    .method = method,
	    .target = target,
	    .body = body,
	    .body_len = body != NULL ? strlen(body) : 0,
	    .content_type = body != NULL ? "application/json" : NULL,
	};
	struct answer a;
	int status;

	if (as != NULL)
		world_ask_as(w, as, &in, &a);
	else
		world_ask(w, &in, &a);
	status = a.status;
	if (answer != NULL)
		*answer = json_incref(a.json);
	else if (status >= 300)
		print_message("%s %s: %d %s\n", method, target, status, a.body);
	answer_free(&a);
	return status;
}

static void
open_year(struct world *w)
{
	json_t *bundle = source_bundle("scripts/sample/" PLAN);
	struct buf b;

	world_open(w, world_engine, "2019-06-25");
	buf_init(&b, 0);
	json_print(&b, bundle);
	json_decref(bundle);
	assert_int_equal(
	    ask(w, NULL, "POST", "/api/v1/plans/" PLAN ":import", b.data, NULL),
	    200);
	buf_fini(&b);
	assert_int_equal(ask(w, NULL, "POST", "/api/v1/plans/" PLAN ":issue",
			     "{\"by\":\"督查室\",\"leaveOpen\":true,"
			     "\"at\":\"2019-04-04T01:00:00.000Z\"}",
			     NULL),
	    200);
}

static void *
ask_once(void *arg)
{
	struct asker *a = arg;
	struct local_request in = {
	    .method = "POST",
	    .target = a->target,
	    .content_type = "application/json",
	    .authorization = a->key,
	    .body = a->body,
	    .body_len = strlen(a->body),
	};
	struct answer answer;

	pthread_barrier_wait(a->start);
	world_ask(a->w, &in, &answer);
	a->status = answer.status;
	answer_free(&answer);
	return NULL;
}

/*
 * All of them at the same time; who of them was answered 200.  Everybody else
 * was told 409.
 */
static int
ask_together(struct world *w, const char *const *who,
    const char *const *targets, const char *body)
{
	struct asker all[ASKERS];
	pthread_barrier_t start;
	int winner = -1;

	pthread_barrier_init(&start, NULL, ASKERS);
	for (int i = 0; i < ASKERS; i++)
		all[i] = (struct asker){.w = w,
		    .start = &start,
		    .key = world_key(w, who[i % 2]),
		    .target = targets[i % 2],
		    .body = body};
	for (int i = 0; i < ASKERS; i++)
		assert_int_equal(
		    pthread_create(&all[i].thread, NULL, ask_once, &all[i]), 0);
	for (int i = 0; i < ASKERS; i++)
		pthread_join(all[i].thread, NULL);
	pthread_barrier_destroy(&start);
	for (int i = 0; i < ASKERS; i++) {
		if (all[i].status == 409)
			continue;
		assert_int_equal(all[i].status, 200);
		assert_int_equal(winner, -1);
		winner = i;
	}
	assert_int_not_equal(winner, -1);
	return winner;
}

/* How often the audit tells of an action. */
static size_t
count_audit(struct world *w, const char *action)
{
	char target[96];
	json_t *answer;
	size_t n;

	snprintf(target, sizeof(target), "/api/v1/audit?limit=200&action=%s",
	    action);
	assert_int_equal(ask(w, NULL, "GET", target, NULL, &answer), 200);
	n = json_array_size(json_object_get(answer, "items"));
	json_decref(answer);
	return n;
}

/* How many lines of the history lead to a state. */
static int
count_steps(const json_t *doc, const char *to)
{
	const json_t *step;
	size_t i;
	int n = 0;

	json_array_foreach (json_object_get(doc, "history"), i, step)
		n += strcmp(json_peek_str(step, "to"), to) == 0;
	return n;
}

static void
test_verifiers_at_once(void **state)
{
	static const char *const who[] = {
	    "lead@140800-mzj", "office@140800-dcs"};
	struct world w;

	(void)state;
	open_year(&w);
	for (size_t i = 0; i < UNITS; i++) {
		char target[128], claim[160], verify[160], as[32];
		const char *targets[] = {verify, verify};
		json_t *doc;

		snprintf(target, sizeof(target),
		    "/api/v1/tasks/" PLAN "-05/milestones/m2/orgs/%s",
		    units[i]);
		snprintf(claim, sizeof(claim), "%s:claim", target);
		snprintf(verify, sizeof(verify), "%s:verify", target);
		snprintf(as, sizeof(as), "reporter@%s", units[i]);
		assert_true(ask(&w, as, "POST", claim,
				"{\"metOn\":\"2019-04-28\"}", NULL) < 300);
		(void)ask_together(&w, who, targets, "{\"text\":\"核实\"}");
		assert_int_equal(ask(&w, NULL, "GET", target, NULL, &doc), 200);
		assert_string_equal(json_peek_str(doc, "state"), "verified");
		assert_int_equal(count_steps(doc, "verified"), 1);
		json_decref(doc);
		assert_int_equal(count_audit(&w, "milestone.verify"), i + 1);
	}
	world_close(&w);
}

/* Half of them approve, half refuse: the task says what became of it. */
static void
decide(struct world *w, size_t i, size_t *approved)
{
	static const char *const who[] = {
	    "office@140800-dcs", "office+leader@140800-dcs"};
	char target[96], opinion[112], yes[112], no[112], body[320], as[32];
	const char *targets[] = {yes, no};
	json_t *doc;
	bool won;

	snprintf(target, sizeof(target),
	    "/api/v1/changes/0b1e2019-0000-4000-8000-%012zu", i + 1);
	snprintf(opinion, sizeof(opinion), "%s:opinion", target);
	snprintf(yes, sizeof(yes), "%s:approve", target);
	snprintf(no, sizeof(no), "%s:refuse", target);
	snprintf(body, sizeof(body),
	    "{\"taskId\":\"" PLAN "-07\",\"milestoneId\":\"m3\","
	    "\"orgId\":\"%s\",\"kind\":\"extend\","
	    "\"newDue\":\"2019-08-%02zu\",\"reason\":\"汛期\","
	    "\"submit\":true}",
	    units[i], 10 + i);
	snprintf(as, sizeof(as), "reporter@%s", units[i]);
	assert_int_equal(ask(w, as, "PUT", target, body, NULL), 201);
	assert_int_equal(ask(w, "lead@140800-mzj", "POST", opinion,
			     "{\"support\":true,\"text\":\"属实\"}", NULL),
	    200);
	won = ask_together(w, who, targets,
		  "{\"text\":\"研究决定\",\"docNo\":\"运政办函〔2019〕1号\"}") %
		  2 ==
	      0;
	*approved += won;
	assert_int_equal(ask(w, NULL, "GET", target, NULL, &doc), 200);
	assert_string_equal(
	    json_peek_str(doc, "state"), won ? "approved" : "refused");
	assert_int_equal(count_steps(doc, "approved"), won);
	assert_int_equal(count_steps(doc, "refused"), !won);
	json_decref(doc);
}

static void
test_approvers_at_once(void **state)
{
	struct world w;
	size_t approved = 0;
	json_t *task;

	(void)state;
	open_year(&w);
	for (size_t i = 0; i < UNITS; i++) {
		decide(&w, i, &approved);
		assert_int_equal(ask(&w, NULL, "GET",
				     "/api/v1/tasks/" PLAN "-07", NULL, &task),
		    200);
		assert_int_equal(
		    json_array_size(json_object_get(task, "amendments")),
		    approved);
		json_decref(task);
		assert_int_equal(count_audit(&w, "change.approve"), approved);
		assert_int_equal(
		    count_audit(&w, "change.refuse"), i + 1 - approved);
	}
	print_message("%zu of %d approved\n", approved, UNITS);
	world_close(&w);
}

static int
run_tables(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_steps_have_routes),
	    cmocka_unit_test(test_routes_are_steps),
	};

	return cmocka_run_group_tests_name("tables", tests, NULL, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_verifiers_at_once),
	    cmocka_unit_test(test_approvers_at_once),
	};

	return run_tables() +
	       world_run_tests(tests, COUNT(tests), false, NULL, NULL);
}
