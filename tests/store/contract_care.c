/* Stamps, statistics, care. */
#include "store/contract.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "stats/parts.h"

static int64_t
stamp_of(struct store *s, const char *plan)
{
	const char *const plans[] = {plan};
	struct store_stamp v;
	struct err e;

	err_init(&e);
	assert_int_equal(store_stamp_get(s, plans, 1, &v, &e), 0);
	return v.seq;
}

void
test_stamps(void **state)
{
	struct fixture *f = *state;
	struct store *s = f->s;
	int64_t a, b;

	a = stamp_of(s, "a");
	b = stamp_of(s, "b");
	assert_int_equal(put_new(s, COLL_TASKS, make_task("t", "a", 1)), 0);
	assert_true(stamp_of(s, "a") > a);
	assert_int_equal(stamp_of(s, "b"), b);

	/* A failed write changes nothing. */
	a = stamp_of(s, "a");
	assert_int_equal(
	    put_new(s, COLL_TASKS, make_task("t", "a", 1)), ERR_EXISTS);
	assert_int_equal(stamp_of(s, "a"), a);

	/* A task that moves concerns both plans, an org every plan. */
	assert_int_equal(
	    put_again(s, COLL_TASKS, make_task("t", "b", 1), 1), 0);
	assert_true(stamp_of(s, "a") > a);
	assert_true(stamp_of(s, "b") > b);
	a = stamp_of(s, "a");
	b = stamp_of(s, "b");
	assert_int_equal(put_new(s, COLL_ORGS, make_org("o", NULL, 1)), 0);
	assert_true(stamp_of(s, "a") > a);
	assert_true(stamp_of(s, "b") > b);
	b = stamp_of(s, "b");
	assert_int_equal(take_away(s, COLL_TASKS, "t", 2), 0);
	assert_true(stamp_of(s, "b") > b);
	assert_int_equal(put_new(s, COLL_PLANS, make_plan("b")), 0);

	/* They outlive the process. */
	a = stamp_of(s, "a");
	b = stamp_of(s, "b");
	store_close(f->s);
	f->s = NULL;
	fixture_open(f);
	assert_int_equal(stamp_of(f->s, "a"), a);
	assert_int_equal(stamp_of(f->s, "b"), b);
}

void
test_many_stamps(void **state)
{
	struct store *s = STORE(state);
	struct write_set ws;
	struct err e;
	char id[16];

	err_init(&e);
	write_set_init(&ws, instant_now());
	for (int i = 0; i < 300; i++) {
		snprintf(id, sizeof(id), "p%d", i);
		json_t *doc = make_plan(id);

		write_insert(&ws, COLL_PLANS, doc);
		json_decref(doc);
	}
	int64_t none = stamp_of(s, "other");

	assert_int_equal(store_write(s, &ws, &e), 0);
	write_set_fini(&ws);
	for (int i = 0; i < 300; i++) {
		snprintf(id, sizeof(id), "p%d", i);
		assert_int_equal(stamp_of(s, id), none + 1);
	}
	const char *const two[] = {"p1", "p2"};
	struct store_stamp v;

	assert_int_equal(store_stamp_get(s, two, 2, &v, &e), 0);
	assert_int_equal(v.seq, none + 2);
}

/* ---- statistics ---- */

/* Every part answers, and only with what belongs to the plans asked for. */
void
test_stats(void **state)
{
	static const char *const plans[] = {"p", "q\"'"};
	struct store *s = STORE(state);
	struct stats_args args = {.plans = plans, .nplans = 1};
	struct stats_part none = {.name = "none", .ncolumns = 1};
	struct stats_rows rows;
	struct arena a;
	struct err e;

	err_init(&e);
	arena_init(&a);
	strcpy(args.as_of, "2019-12-31");
	strcpy(args.known_at, "2020-01-01T00:00:00.000Z");
	for (size_t i = 0; i < PART__MAX; i++) {
		if (store_stats(s, &stats_parts[i], &args, &a, &rows, &e) < 0)
			fail_msg("%s: %s", stats_parts[i].name, e.detail);
		assert_int_equal(rows.nrows, 0);
	}
	assert_int_equal(put_new(s, COLL_TASKS, make_task("t1", "p", 1)), 0);
	assert_int_equal(put_new(s, COLL_TASKS, make_task("t2", "p", 2)), 0);
	assert_int_equal(put_new(s, COLL_TASKS, make_task("t3", "o", 1)), 0);
	assert_int_equal(put_new(s, COLL_TASKS, make_task("t4", "q\"'", 1)), 0);
	for (size_t n = 1; n <= 2; n++) {
		args.nplans = n;
		const struct stats_part *part = &stats_parts[PART_TASK];

		assert_int_equal(store_stats(s, part, &args, &a, &rows, &e), 0);
		assert_int_equal(rows.nrows, n + 1);
		assert_ptr_equal(rows.part, part);
		assert_string_equal(rows.cells[0].s, "t1");
		assert_string_equal(rows.cells[part->ncolumns].s, "t2");
	}
	assert_int_equal(store_stats(s, &none, &args, &a, &rows, &e), -1);
	assert_int_equal(e.code, ERR_INTERNAL);
	arena_fini(&a);
}

/* ---- care ---- */

void
test_care(void **state)
{
	struct fixture *f = *state;
	int64_t documents = 0;
	char kind[16];
	struct err e;

	err_init(&e);
	assert_int_equal(store_ping(f->s, &e), 0);
	/* "mongodb-set" is MongoDB as well. */
	snprintf(kind, sizeof(kind), "%.*s", (int)strcspn(f->engine->name, "-"),
	    f->engine->name);
	assert_non_null(strstr(store_describe(f->s), kind));
	assert_int_equal(store_migrate(f->s, &e), 0);
	assert_int_equal(put_new(f->s, COLL_TASKS, make_task("t", "p", 1)), 0);
	assert_int_equal(store_migrate(f->s, &e), 0);
	assert_true(is_stored(f->s, COLL_TASKS, "t"));
	assert_int_equal(verify_all(f->s, true, &documents), 0);
	assert_int_equal(documents, 1);
	assert_int_equal(verify_all(f->s, false, &documents), 0);
}

struct busy {
	struct store *s;
	bool stop;
	pthread_mutex_t lock;
	int n;
};

static void *
keep_writing(void *arg)
{
	struct busy *b = arg;
	bool stop = false;

	while (!stop) {
		char id[16];

		snprintf(id, sizeof(id), "w-%d", b->n++);
		put_new(b->s, COLL_TASKS, make_task(id, "p", b->n));
		pthread_mutex_lock(&b->lock);
		stop = b->stop;
		pthread_mutex_unlock(&b->lock);
	}
	return NULL;
}

void
test_backup_restore(void **state)
{
	struct fixture *f = *state;
	struct busy b = {.s = f->s};
	char path[128];
	int64_t documents = 0, stamp;
	pthread_t t;
	struct err e;

	err_init(&e);
	pthread_mutex_init(&b.lock, NULL);
	snprintf(path, sizeof(path), "%s/backup", f->dir);
	if (f->engine->no_backup) {
		assert_int_equal(store_backup(f->s, path, &e), -1);
		assert_int_equal(e.code, ERR_CONFIG);
		assert_int_equal(store_restore(&f->cfg, path, true, &e), -1);
		assert_int_equal(e.code, ERR_CONFIG);
		return;
	}
	fill_orgs(f->s);
	assert_int_equal(pthread_create(&t, NULL, keep_writing, &b), 0);
	assert_int_equal(store_backup(f->s, path, &e), 0);
	assert_int_equal(store_backup(f->s, path, &e), -1);
	assert_int_equal(e.code, ERR_EXISTS);
	pthread_mutex_lock(&b.lock);
	b.stop = true;
	pthread_mutex_unlock(&b.lock);
	pthread_join(t, NULL);
	assert_int_equal(
	    put_new(f->s, COLL_ORGS, make_org("later", NULL, 1)), 0);

	/* Not while somebody uses it, not over data without being told. */
	assert_int_equal(store_restore(&f->cfg, path, true, &e), -1);
	assert_int_equal(e.code, ERR_LOCKED);
	stamp = stamp_of(f->s, "p");
	store_close(f->s);
	f->s = NULL;
	assert_int_equal(store_restore(&f->cfg, path, false, &e), -1);
	assert_int_equal(e.code, ERR_EXISTS);
	if (store_restore(&f->cfg, path, true, &e) < 0)
		fail_msg("restore: %s", e.detail);
	fixture_open(f);
	assert_false(is_stored(f->s, COLL_ORGS, "later"));
	assert_int_equal(verify_all(f->s, false, &documents), 0);
	assert_true(documents >= 40);
	/* No stamp of the store that was replaced is met again. */
	assert_true(stamp_of(f->s, "p") > stamp);
}
