#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/world.h"
#include "base/buf.h"
#include "base/json.h"

/*
 * Many threads ask one program at once.  Each answer must be one that some
 * order of the requests explains; ThreadSanitizer watches the rest.
 */
#define SAMPLE "scripts/sample/second-city"
#define THREADS 8
#define ROUNDS 40

struct crowd {
	struct world *w;
	const char *plan;
	char *small, *large; /* bundles: all tasks, and one more */
	int64_t ntasks;
	atomic_int seen[600]; /* answers by status */
	atomic_int torn;
	atomic_int over;
};

static int
ask(struct crowd *c, const struct local_request *in, struct answer *out)
{
	struct local_request r = *in;

	if (r.body != NULL) {
		r.body_len = strlen(r.body);
		r.content_type = "application/json";
	}
	world_ask(c->w, &r, out);
	atomic_fetch_add(&c->seen[out->status], 1);
	return out->status;
}

static void
ask_only(struct crowd *c, const struct local_request *in)
{
	struct answer a;

	ask(c, in, &a);
	answer_free(&a);
}

/* Counts of an answer that agree neither with n tasks nor with n + 1. */
static void
check_counts(struct crowd *c, const json_t *v)
{
	int64_t total = json_peek_int(v, "total", -1), sum = 0;
	const char *key;
	json_t *n;

	json_object_foreach (json_object_get(v, "counts"), key, n)
		sum += json_integer_value(n);
	if (total < c->ntasks || total > c->ntasks + 1 || sum != total)
		atomic_fetch_add(&c->torn, 1);
}

/* The same question, then again with the tag it was answered with. */
static void
read_stats(struct crowd *c)
{
	char target[160], *tag;
	struct local_request in = {.method = "GET", .target = target};
	struct answer a;

	snprintf(
	    target, sizeof(target), "/api/v1/stats/headline?plan=%s", c->plan);
	ask(c, &in, &a);
	check_counts(c, a.json);
	tag = answer_header(&a, "ETag");
	answer_free(&a);
	in.if_none_match = tag;
	ask_only(c, &in);
	free(tag);
}

static void
put_org(struct crowd *c, int who)
{
	char target[64], body[160];
	struct local_request in = {
	    .method = "PUT",
	    .target = target,
	    .if_none_match = "*",
	    .body = body,
	};

	/* Two threads each want the same org. */
	snprintf(target, sizeof(target), "/api/v1/orgs/race-%d", who / 2);
	snprintf(body, sizeof(body),
	    "{\"_id\":\"race-%d\",\"name\":\"某单位%d\",\"division\":"
	    "\"440300\",\"kind\":\"department\"}",
	    who / 2, who);
	ask_only(c, &in);
	in.if_none_match = NULL;
	in.if_match = "*";
	ask_only(c, &in);
}

static void
import(struct crowd *c, const char *bundle)
{
	char target[96];
	struct local_request in = {
	    .method = "POST",
	    .target = target,
	    .body = bundle,
	};

	snprintf(target, sizeof(target), "/api/v1/plans/%s:import", c->plan);
	ask_only(c, &in);
}

struct member {
	struct crowd *c;
	int who;
	pthread_t thread;
};

static void *
live(void *arg)
{
	struct member *m = arg;

	for (int i = 0; i < ROUNDS; i++) {
		read_stats(m->c);
		if (m->who < 4)
			put_org(m->c, m->who);
		else if (m->who < 6)
			import(m->c, i % 2 ? m->c->small : m->c->large);
	}
	return NULL;
}

static char *
bundle_text(bool large)
{
	json_t *bundle = source_bundle(SAMPLE);
	json_t *tasks = json_object_get(bundle, "tasks");
	json_t *task;
	struct buf b;

	if (large) {
		task = json_deep_copy(json_array_get(tasks, 0));
		json_put_str(task, "_id", "one-more");
		json_put_int(task, "no", 77);
		json_push(tasks, task);
	}
	buf_init(&b, 0);
	json_print(&b, bundle);
	json_decref(bundle);
	return buf_take(&b);
}

static void
crowd_open(struct crowd *c, struct world *w)
{
	static char id[65];
	json_t *bundle = source_bundle(SAMPLE);

	memset(c, 0, sizeof(*c));
	world_open(w, world_engine, "2021-06-01");
	c->w = w;
	strcpy(id, json_peek_str(json_object_get(bundle, "plan"), "_id"));
	c->plan = id;
	c->ntasks = (int64_t)json_array_size(json_object_get(bundle, "tasks"));
	json_decref(bundle);
	c->small = bundle_text(false);
	c->large = bundle_text(true);
	import(c, c->small);
	assert_int_equal(c->seen[200], 1);
}

static void
crowd_close(struct crowd *c)
{
	free(c->small);
	free(c->large);
	world_close(c->w);
}

static void
test_a_crowd(void **state)
{
	static const int expected[] = {200, 201, 304, 409, 412};
	struct world w;
	struct crowd c;
	struct member all[THREADS];
	int n = 0;

	(void)state;
	crowd_open(&c, &w);
	for (int i = 0; i < THREADS; i++) {
		all[i] = (struct member){.c = &c, .who = i};
		assert_int_equal(
		    pthread_create(&all[i].thread, NULL, live, &all[i]), 0);
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(all[i].thread, NULL);
	for (size_t i = 0; i < COUNT(expected); i++)
		n += c.seen[expected[i]];
	for (int i = 0; i < 600; i++)
		if (c.seen[i] > 0)
			print_message("%d: %d\n", i, c.seen[i]);
	/* Each answered, nothing else answered. */
	assert_int_equal(n, 1 + ROUNDS * (THREADS * 2 + 4 * 2 + 2));
	assert_int_equal(c.seen[201], 2);
	assert_true(c.seen[304] > 0);
	assert_int_equal(c.torn, 0);
	assert_int_equal(world_differences(&w), 0);
	crowd_close(&c);
}

/*
 * New tasks of one plan at once: each in, or told to try again.  412 would
 * send the client looking for a revision that nobody has.
 */
static void *
put_tasks(void *arg)
{
	struct member *m = arg;
	json_t *task = json_loads(m->c->small, 0, NULL);
	struct buf body;
	char id[32], target[64];

	for (int i = 0; i < 10; i++) {
		json_t *doc = json_array_get(json_object_get(task, "tasks"), 0);
		struct local_request in = {
		    .method = "PUT",
		    .target = target,
		    .if_none_match = "*",
		};

		snprintf(id, sizeof(id), "t-%d-%d", m->who, i);
		snprintf(target, sizeof(target), "/api/v1/tasks/%s", id);
		json_put_str(doc, "_id", id);
		json_put_int(doc, "no", 100 + m->who * 10 + i);
		buf_init(&body, 0);
		json_print(&body, doc);
		in.body = body.data;
		ask_only(m->c, &in);
		buf_fini(&body);
	}
	json_decref(task);
	return NULL;
}

static void
test_new_tasks_at_once(void **state)
{
	struct world w;
	struct crowd c;
	struct member all[THREADS];

	(void)state;
	crowd_open(&c, &w);
	for (int i = 0; i < THREADS; i++) {
		all[i] = (struct member){.c = &c, .who = i};
		assert_int_equal(
		    pthread_create(&all[i].thread, NULL, put_tasks, &all[i]),
		    0);
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(all[i].thread, NULL);
	for (int i = 0; i < 600; i++)
		if (c.seen[i] > 0)
			print_message("%d: %d\n", i, c.seen[i]);
	assert_int_equal(c.seen[201] + c.seen[409], THREADS * 10);
	assert_true(c.seen[409] > 0);
	crowd_close(&c);
}

/* Statistics of other days, so that the orgs are read again and again. */
static void *
ask_for_leads(void *arg)
{
	struct member *m = arg;
	char target[160];
	struct local_request in = {.method = "GET", .target = target};

	for (int i = 0; !atomic_load(&m->c->over); i++) {
		snprintf(target, sizeof(target),
		    "/api/v1/stats/completion?plan=%s&by=lead"
		    "&asOf=2021-05-%02d",
		    m->c->plan, 1 + (i + m->who) % 28);
		ask_only(m->c, &in);
	}
	return NULL;
}

/* new: a unit that leads a task. */
static json_t *
find_lead(struct crowd *c)
{
	json_t *bundle = json_loads(c->small, 0, NULL);
	json_t *task = json_array_get(json_object_get(bundle, "tasks"), 0);
	const char *id = json_peek_str(json_peek_object(task, "lead"), "orgId");
	json_t *found = NULL, *org;
	size_t i;

	json_array_foreach (json_object_get(bundle, "orgs"), i, org) {
		if (strcmp(json_peek_str(org, "_id"), id) == 0)
			found = json_incref(org);
	}
	json_decref(bundle);
	assert_non_null(found);
	return found;
}

static void
rename_org(struct crowd *c, json_t *org, const char *name)
{
	char target[128];
	struct local_request in = {
	    .method = "PUT", .target = target, .if_match = "*"};
	struct answer a;
	struct buf body;

	snprintf(target, sizeof(target), "/api/v1/orgs/%s",
	    json_peek_str(org, "_id"));
	json_put_str(org, "name", name);
	buf_init(&body, 0);
	json_print(&body, org);
	in.body = body.data;
	assert_int_equal(ask(c, &in, &a), 200);
	answer_free(&a);
	buf_fini(&body);
}

/* What was acknowledged shows in the next answer, whoever asks meanwhile. */
static void
test_names_are_fresh(void **state)
{
	struct world w;
	struct crowd c;
	struct member all[3];
	char name[32], target[128];
	struct local_request in = {.method = "GET", .target = target};
	struct answer a;
	json_t *org;

	(void)state;
	crowd_open(&c, &w);
	org = find_lead(&c);
	snprintf(target, sizeof(target),
	    "/api/v1/stats/completion?plan=%s&by=lead", c.plan);
	for (int i = 0; i < (int)COUNT(all); i++) {
		all[i] = (struct member){.c = &c, .who = i};
		assert_int_equal(pthread_create(&all[i].thread, NULL,
				     ask_for_leads, &all[i]),
		    0);
	}
	for (int i = 0; i < ROUNDS; i++) {
		snprintf(name, sizeof(name), "改名%d局", i);
		rename_org(&c, org, name);
		assert_int_equal(ask(&c, &in, &a), 200);
		if (strstr(a.body, name) == NULL)
			fail_msg("round %d: %s is not in %s", i, name, a.body);
		answer_free(&a);
	}
	atomic_store(&c.over, 1);
	for (size_t i = 0; i < COUNT(all); i++)
		pthread_join(all[i].thread, NULL);
	json_decref(org);
	crowd_close(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_crowd),
	    cmocka_unit_test(test_new_tasks_at_once),
	    cmocka_unit_test(test_names_are_fresh),
	};

	return world_run_tests(tests, COUNT(tests), true, NULL, NULL);
}
