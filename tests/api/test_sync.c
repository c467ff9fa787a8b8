/* Two thousand people from an OA, also by several at once. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "api/world.h"
#include "base/buf.h"
#include "base/json.h"

#define PEOPLE 2000
#define PAGE 1000
#define THREADS 4

static struct world world;

static void
put(const char *target, json_t *body, int status, struct answer *out)
{
	struct local_request in = {.method = "PUT",
	    .target = target,
	    .content_type = "application/json"};
	struct buf b;

	buf_init(&b, 0);
	json_print(&b, body);
	json_decref(body);
	in.body = b.data;
	in.body_len = b.len;
	world_ask(&world, &in, out);
	if (out->status != status)
		fail_msg("%d, not %d: %.400s", out->status, status, out->text);
	buf_fini(&b);
}

/* People first .. last - 1, all with the same telephone. */
static json_t *
rows(int first, int last)
{
	json_t *list = json_array();
	char oa[32], name[32];

	for (int i = first; i < last; i++) {
		snprintf(oa, sizeof(oa), "U%05d", i);
		snprintf(name, sizeof(name), "同志%d", i);
		json_push(
		    list, json_pack("{s:s, s:s, s:s, s:s}", "oaId", oa, "name",
			      name, "orgOaId", i % 2 ? "D1" : "D2", "phone",
			      "0359-2660909"));
	}
	return list;
}

static json_t *
delta(int first, int last)
{
	return json_pack("{s:s, s:[s], s:o}", "mode", "delta", "newRoles",
	    "reporter", "rows", rows(first, last));
}

static json_t *
full(const char *id, int page, int first, int last)
{
	return json_pack("{s:s, s:s, s:i, s:i, s:[s], s:o}", "mode", "full",
	    "syncId", id, "page", page, "pages", 2, "newRoles", "reporter",
	    "rows", rows(first, last));
}

static int64_t
count_of(const struct answer *a, const char *result)
{
	return json_peek_int(json_object_get(a->json, "counts"), result, 0);
}

/* How many people are there, and how many can still sign in? */
static void
census(int64_t *all, int64_t *live)
{
	json_t *dump = world_dump(&world), *users, *user;
	size_t i;

	*all = *live = 0;
	users = json_object_get(dump, "users");
	json_array_foreach (users, i, user) {
		if (json_peek_str(user, "oaId") == NULL)
			continue;
		++*all;
		*live += !json_peek_bool(user, "disabled", false);
	}
	json_decref(dump);
}

static void *
send_all(void *arg)
{
	int64_t *created = arg;
	struct answer a;

	*created = 0;
	for (int i = 0; i < PEOPLE; i += PAGE) {
		put("/api/v1/users:sync", delta(i, i + PAGE), 200, &a);
		*created += count_of(&a, "created");
		assert_int_equal(
		    count_of(&a, "created") + count_of(&a, "same"), PAGE);
		answer_free(&a);
	}
	return NULL;
}

static void
put_units(void)
{
	struct answer a;

	put("/api/v1/orgs:sync",
	    json_pack("{s:s, s:[{s:s, s:s, s:s}, {s:s, s:s, s:s}]}", "mode",
		"delta", "rows", "oaId", "D1", "name", "市财政局", "division",
		"140800", "oaId", "D2", "name", "市人社局", "division",
		"140800"),
	    200, &a);
	assert_int_equal(count_of(&a, "created"), 2);
	answer_free(&a);
}

/* The same people by several at once: each is made once. */
static void
test_race(void **state)
{
	pthread_t threads[THREADS];
	int64_t created[THREADS], sum = 0, all, live;

	(void)state;
	put_units();
	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, send_all, &created[i]);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		sum += created[i];
	}
	census(&all, &live);
	assert_int_equal(sum, PEOPLE);
	assert_int_equal(all, PEOPLE);
	assert_int_equal(live, PEOPLE);
}

static void
sync_all(const char *id, int last, const char *state, int64_t disabled)
{
	const json_t *finish;
	struct answer a;

	put("/api/v1/users:sync", full(id, 1, 0, PAGE), 200, &a);
	assert_int_equal(count_of(&a, "same"), PAGE);
	answer_free(&a);
	put("/api/v1/users:sync", full(id, 2, PAGE, last), 200, &a);
	assert_int_equal(count_of(&a, "same"), last - PAGE);
	finish = json_object_get(a.json, "finish");
	assert_string_equal(json_peek_str(finish, "state"), state);
	assert_int_equal(json_peek_int(finish, "disabled", -1), disabled);
	answer_free(&a);
}

static void
test_full(void **state)
{
	int64_t all, live;

	(void)state;
	sync_all("whole", PEOPLE, "done", 0);
	sync_all("half", PAGE + 1, "held", 0);
	census(&all, &live);
	assert_int_equal(live, PEOPLE);
	sync_all("less", PEOPLE - 100, "done", 100);
	census(&all, &live);
	assert_int_equal(all, PEOPLE);
	assert_int_equal(live, PEOPLE - 100);
	assert_int_equal(world_differences(&world), 0);
}

/* Of everybody there is an entry, and of who was disabled two. */
static void
test_audit(void **state)
{
	json_t *dump = world_dump(&world), *entry;
	int64_t n = 0;
	size_t i;

	(void)state;
	json_array_foreach (json_object_get(dump, "audit"), i, entry) {
		const json_t *target = json_object_get(entry, "target");

		n += strcmp(json_peek_str(entry, "action"), "user.sync") == 0 &&
		     strcmp(json_peek_str(target, "coll"), "users") == 0;
	}
	assert_int_equal(n, PEOPLE + 100);
	json_decref(dump);
}

static int
setup(void **state)
{
	(void)state;
	world_open(&world, world_engine, NULL);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	world_close(&world);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_race),
	    cmocka_unit_test(test_full),
	    cmocka_unit_test(test_audit),
	};

	return world_run_tests(
	    tests, sizeof(tests) / sizeof(tests[0]), true, setup, teardown);
}
