/*
 * Streams of a store where something goes wrong between two documents;
 * tests/e2e/moving.sh has the rest.
 */
#include "cli/stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "schema/registry.h"
#include "store/contract.h"

#define PLAN "140800-2019"

/* 40 orgs that fit their schema: more than one, fewer than all of a set. */
static void
fill(struct store *s)
{
	char id[16];

	for (int i = 10; i < 50; i++) {
		snprintf(id, sizeof(id), "1408%02d", i);
		assert_int_equal(
		    put_new(s, COLL_ORGS, make_org(id, "140800", i)), 0);
	}
	assert_int_equal(put_new(s, COLL_PLANS, make_plan(PLAN)), 0);
	assert_int_equal(
	    put_new(s, COLL_TASKS, make_task(PLAN "-01", PLAN, 1)), 0);
}

static void
open_two(struct fixture *a, struct fixture *b)
{
	struct err e;

	err_init(&e);
	assert_int_equal(schema_registry_init(&e), 0);
	fixture_init(a, &contract_engines[0]);
	fixture_init(b, &contract_engines[0]);
	fixture_open(a);
	fixture_open(b);
	fill(a->s);
}

static void
close_two(struct fixture *a, struct fixture *b)
{
	fixture_fini(a);
	fixture_fini(b);
	schema_registry_fini();
}

static int64_t
total(const struct stream_tally tally[COLL__MAX], bool added)
{
	int64_t n = 0;

	for (size_t c = 0; c < COLL__MAX; c++)
		n += added ? tally[c].added : tally[c].same;
	return n;
}

/* ---- a store that changes while it is exported ---- */

struct meddler {
	struct store *s;
	json_t *doc;
	enum coll coll;
	FILE *copy;
};

/* With the first bytes, a change. */
static ssize_t
meddle(void *cookie, const char *data, size_t n)
{
	struct meddler *m = cookie;

	if (m->doc != NULL)
		assert_int_equal(put_new(m->s, m->coll, m->doc), 0);
	m->doc = NULL;
	return (ssize_t)fwrite(data, 1, n, m->copy);
}

/* Export through a meddler, then import what came out. */
static void
move_meddled(struct fixture *a, struct fixture *b, enum coll c, json_t *doc,
    enum err_code want)
{
	cookie_io_functions_t io = {.write = meddle};
	struct meddler m = {a->s, doc, c, tmpfile()};
	struct stream_tally tally[COLL__MAX];
	FILE *out = fopencookie(&m, "w", io);
	struct err e;

	assert_non_null(out);
	assert_non_null(m.copy);
	setvbuf(out, NULL, _IONBF, 0);
	err_init(&e);
	assert_int_equal(
	    stream_export(a->s, NULL, out, &e), want == ERR_NONE ? 0 : -1);
	assert_int_equal(e.code, want);
	fclose(out);
	err_init(&e);
	if (want == ERR_NONE) {
		if (stream_import(b->s, m.copy, tally, &e) < 0)
			fail_msg("%s: %s", e.detail, e.items[0].detail);
		assert_int_equal(total(tally, true), 42);
	} else {
		/* Without its last line a stream is not taken. */
		assert_int_equal(stream_import(b->s, m.copy, tally, &e), -1);
		assert_int_equal(e.code, ERR_IMPORT);
		assert_false(is_stored(b->s, COLL_ORGS, "140810"));
	}
	fclose(m.copy);
}

static void
test_changed_under_way(void **state)
{
	struct fixture a, b;

	(void)state;
	open_two(&a, &b);
	move_meddled(
	    &a, &b, COLL_TASKS, make_task(PLAN "-02", PLAN, 2), ERR_CONFLICT);
	move_meddled(
	    &a, &b, COLL_ORGS, make_org("140899", NULL, 1), ERR_CONFLICT);
	move_meddled(
	    &a, &b, COLL_PLANS, make_plan("140800-2020"), ERR_CONFLICT);
	assert_int_equal(take_away(a.s, COLL_TASKS, PLAN "-02", 0), 0);
	assert_int_equal(take_away(a.s, COLL_ORGS, "140899", 0), 0);
	assert_int_equal(take_away(a.s, COLL_PLANS, "140800-2020", 0), 0);
	move_meddled(&a, &b, COLL_TASKS, NULL, ERR_NONE);
	close_two(&a, &b);
}

/* ---- a store that fails while it is loaded ---- */

/*
 * Beside its owner a store can only be read, so everything is checked and
 * nothing is loaded; as its owner, the same stream goes in, and goes on where
 * a part of it is already.
 */
static void
test_goes_on(void **state)
{
	struct stream_tally tally[COLL__MAX];
	struct fixture a, b;
	struct store *reader;
	FILE *f = tmpfile();
	struct err e;

	(void)state;
	assert_non_null(f);
	open_two(&a, &b);
	err_init(&e);
	assert_int_equal(stream_export(a.s, NULL, f, &e), 0);
	reader = store_open_reader(&b.cfg, &e);
	assert_non_null(reader);
	assert_int_equal(stream_import(reader, f, tally, &e), -1);
	assert_int_equal(e.code, ERR_LOCKED);
	store_close(reader);
	assert_false(is_stored(b.s, COLL_ORGS, "140810"));

	err_init(&e);
	assert_int_equal(stream_import(b.s, f, tally, &e), 0);
	assert_int_equal(total(tally, true), 42);
	assert_int_equal(take_away(b.s, COLL_ORGS, "140817", 0), 0);
	assert_int_equal(take_away(b.s, COLL_PLANS, PLAN, 0), 0);
	assert_int_equal(stream_import(b.s, f, tally, &e), 0);
	assert_int_equal(total(tally, true), 2);
	assert_int_equal(total(tally, false), 40);
	assert_int_equal(stream_import(b.s, f, tally, &e), 0);
	assert_int_equal(total(tally, true), 0);
	assert_int_equal(verify_all(b.s, false, NULL), 0);
	fclose(f);
	close_two(&a, &b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_changed_under_way),
	    cmocka_unit_test(test_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
