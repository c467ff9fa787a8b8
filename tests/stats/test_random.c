#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "check.h"
#include "naive.h"
#include "store/store.h"
#include "world.h"

#define WORLD_PLANS 9 /* at most: plans that are asked about together */
#define QUESTIONS 2   /* about each world, of each kind */

static const char *const keys[] = {"taskId", "orgId", "level", "month"};

/* The row of `rows` that has the same key as this one. */
static const json_t *
find_row(const json_t *rows, const json_t *like)
{
	const json_t *row;
	size_t i;

	for (size_t k = 0; k < COUNT(keys); k++) {
		const json_t *id = json_object_get(like, keys[k]);

		if (id == NULL)
			continue;
		json_array_foreach (rows, i, row) {
			if (json_equal(json_object_get(row, keys[k]), id))
				return row;
		}
		return NULL;
	}
	return NULL;
}

/*
 * Does `got` have all that `want` says?  Rows are found by their key, other
 * lists by place; no list is longer than expected.
 */
static bool
agrees(const json_t *want, const json_t *got, bool rows)
{
	const char *key;
	json_t *v;
	size_t i;

	if (json_is_object(want)) {
		json_object_foreach (json_iterable(want), key, v) {
			bool list = strcmp(key, "rows") == 0;

			if (!agrees(v, json_object_get(got, key), list))
				return false;
		}
		return json_is_object(got);
	}
	if (!json_is_array(want))
		return json_equal(want, got) == 1;
	if (json_array_size(want) != json_array_size(got))
		return false;
	json_array_foreach (want, i, v) {
		if (!agrees(v, rows ? find_row(got, v) : json_array_get(got, i),
			false))
			return false;
	}
	return true;
}

static void
print_all(const struct world *w, const json_t *want, const json_t *got)
{
	char *text[3] = {json_dumps(want, JSON_INDENT(1)),
	    json_dumps(got, JSON_INDENT(1)),
	    json_dumps(w->tasks, JSON_INDENT(1))};

	printf(
	    "expected:\n%s\ngot:\n%s\ntasks:\n%s\n", text[0], text[1], text[2]);
	for (size_t i = 0; i < COUNT(text); i++)
		free(text[i]);
}

static void
check_question(struct world_stores *all, const struct world *w,
    enum stats_family f, const char *by, const char *as_of,
    const char *known_at)
{
	json_t *want =
	    naive_answer(w, stats_family_name(f), by, as_of, known_at);
	json_t *got = world_ask_all(all, w, f, by, as_of, known_at);

	if (!agrees(want, got, false)) {
		print_all(w, want, got);
		fail_msg("%s by %s, asOf %s, knownAt %s", stats_family_name(f),
		    by, as_of, known_at);
	}
	json_decref(want);
	json_decref(got);
}

/* All families and groupings of the table. */
static void
check_world(struct world_stores *all, const struct world *w, struct rnd *r)
{
	char as_of[CIVIL_LEN + 1], known_at[INSTANT_LEN + 1], by[16];

	for (int n = 0; n < QUESTIONS; n++) {
		gen_question(w, r, as_of, known_at);
		for (enum stats_family f = 0; f < STAT__MAX; f++) {
			const char *p = stats_family_bys(f);

			do {
				size_t len = strcspn(p, " ");

				(void)snprintf(
				    by, sizeof(by), "%.*s", (int)len, p);
				check_question(all, w, f, by, as_of, known_at);
				p += len + (p[len] == ' ');
			} while (*p != '\0');
		}
	}
}

/*
 * PLANS of them, on every engine; the others in the store must not be noticed.
 * 500 are a long round since a dozen families are asked, so fewer are the rule.
 */
static void
test_random_plans(void **state)
{
	const char *given = getenv("PLANS");
	int plans = given != NULL ? atoi(given) : 100;
	struct world_stores all;
	struct rnd r;

	(void)state;
	world_stores_open(&all);
	rnd_seed(&r, "test_random");
	for (int n = 0; n < plans;) {
		int end = n + 1 + (int)rnd_below(&r, WORLD_PLANS);
		struct world w;

		world_init(&w);
		while (n < end)
			gen_plan(&w, &r, n++);
		for (size_t i = 0; i < all.n; i++)
			world_put(all.v[i].s, &w);
		check_world(&all, &w, &r);
		world_fini(&w);
	}
	world_stores_close(&all);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_random_plans),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
