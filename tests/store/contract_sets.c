/* Sets, batches and races. */
#include "store/contract.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"

/* A set that fails at any place leaves nothing. */
void
test_atomic(void **state)
{
	struct store *s = STORE(state);

	assert_int_equal(put_new(s, COLL_ORGS, make_org("kept", NULL, 1)), 0);
	assert_int_equal(put_new(s, COLL_TASKS, make_task("old", "p", 1)), 0);
	for (size_t bad = 0; bad < 5; bad++) {
		struct write_set ws;
		struct err e;

		err_init(&e);
		write_set_init(&ws, instant_now());
		for (size_t i = 0; i < 5; i++) {
			char id[16];

			snprintf(id, sizeof(id), "new-%zu", i);
			json_t *d = i == bad ? make_org("kept", NULL, 2)
					     : make_org(id, NULL, 1);

			write_insert(&ws, COLL_ORGS, d);
			json_decref(d);
			if (i == 2)
				write_remove(&ws, COLL_TASKS, "old", 1);
		}
		assert_int_equal(store_write(s, &ws, &e), -1);
		assert_int_equal(e.code, ERR_EXISTS);
		assert_int_equal(ws.failed, bad > 2 ? bad + 1 : bad);
		write_set_fini(&ws);
		for (size_t i = 0; i < 5; i++) {
			char id[16];

			snprintf(id, sizeof(id), "new-%zu", i);
			assert_false(is_stored(s, COLL_ORGS, id));
		}
		assert_true(is_stored(s, COLL_TASKS, "old"));
	}
	json_t *kept = fetch(s, COLL_ORGS, "kept");

	assert_int_equal(json_peek_int(kept, "rev", 0), 1);
	json_decref(kept);
	assert_int_equal(verify_all(s, false, NULL), 0);
}

struct tally {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	size_t ok;
	size_t failed[ERR__MAX];
	size_t finished;
};

static void
tally_init(struct tally *t)
{
	memset(t, 0, sizeof(*t));
	pthread_mutex_init(&t->lock, NULL);
	pthread_cond_init(&t->changed, NULL);
}

static void
tally_done(void *arg, const struct err *e)
{
	struct tally *t = arg;

	pthread_mutex_lock(&t->lock);
	if (e == NULL)
		t->ok++;
	else
		t->failed[e->code]++;
	t->finished++;
	pthread_cond_signal(&t->changed);
	pthread_mutex_unlock(&t->lock);
}

static void
tally_wait(struct tally *t, size_t n)
{
	pthread_mutex_lock(&t->lock);
	while (t->finished < n)
		pthread_cond_wait(&t->changed, &t->lock);
	pthread_mutex_unlock(&t->lock);
}

/* Sets that fail do not disturb those that are committed with them. */
void
test_batch_mates(void **state)
{
	struct store *s = STORE(state);
	struct write_set sets[200];
	struct tally t;
	struct err e;

	tally_init(&t);
	assert_int_equal(put_new(s, COLL_ORGS, make_org("kept", NULL, 1)), 0);
	for (size_t i = 0; i < COUNT(sets); i++) {
		char id[16];

		snprintf(id, sizeof(id), "t-%zu", i);
		json_t *task = make_task(id, "p", (int)i);
		json_t *org = make_org(i % 3 == 0 ? "kept" : id, NULL, 1);

		err_init(&e);
		write_set_init(&sets[i], instant_now());
		write_insert(&sets[i], COLL_TASKS, task);
		write_insert(&sets[i], COLL_ORGS, org);
		json_decref(task);
		json_decref(org);
		assert_int_equal(
		    store_submit(s, &sets[i], tally_done, &t, &e), 0);
	}
	tally_wait(&t, COUNT(sets));
	assert_int_equal(t.ok, 133);
	assert_int_equal(t.failed[ERR_EXISTS], 67);
	for (size_t i = 0; i < COUNT(sets); i++) {
		char id[16];

		write_set_fini(&sets[i]);
		snprintf(id, sizeof(id), "t-%zu", i);
		assert_int_equal(is_stored(s, COLL_TASKS, id), i % 3 != 0);
		assert_int_equal(is_stored(s, COLL_ORGS, id), i % 3 != 0);
	}
	assert_int_equal(verify_all(s, false, NULL), 0);
}

void
test_empty_set(void **state)
{
	struct write_set ws;
	struct err e;

	err_init(&e);
	write_set_init(&ws, instant_now());
	assert_int_equal(store_write(STORE(state), &ws, &e), 0);
	write_set_fini(&ws);
}

/* ---- races ---- */

#define RACERS 8
#define ROUNDS 500

struct racer {
	struct store *s;
	size_t wins;
	size_t losses;
	size_t others;
};

static void *
increment(void *arg)
{
	struct racer *r = arg;

	for (int i = 0; i < ROUNDS; i++) {
		struct err e;

		err_init(&e);
		json_t *doc = store_get_json(r->s, COLL_ORGS, "counter", &e);

		json_put_int(
		    doc, "sortKey", json_peek_int(doc, "sortKey", 0) + 1);
		enum err_code code = put_again(
		    r->s, COLL_ORGS, doc, json_peek_int(doc, "rev", 0));

		if (code == ERR_NONE)
			r->wins++;
		else if (code == ERR_STALE)
			r->losses++;
		else
			r->others++;
	}
	return NULL;
}

void
test_guarded_increments(void **state)
{
	struct store *s = STORE(state);
	struct racer racers[RACERS] = {0};
	pthread_t threads[RACERS];
	size_t wins = 0;

	assert_int_equal(
	    put_new(s, COLL_ORGS, make_org("counter", NULL, 0)), 0);
	for (size_t i = 0; i < RACERS; i++) {
		racers[i].s = s;
		assert_int_equal(
		    pthread_create(&threads[i], NULL, increment, &racers[i]),
		    0);
	}
	for (size_t i = 0; i < RACERS; i++) {
		pthread_join(threads[i], NULL);
		wins += racers[i].wins;
		assert_int_equal(racers[i].others, 0);
		assert_int_equal(racers[i].wins + racers[i].losses, ROUNDS);
	}
	json_t *doc = fetch(s, COLL_ORGS, "counter");

	assert_int_equal(json_peek_int(doc, "sortKey", 0), wins);
	assert_int_equal(json_peek_int(doc, "rev", 0), wins + 1);
	json_decref(doc);
	assert_true(wins > 0);
}

/* Replacements of any revision never fail and never lose a number. */
void
test_any_revision(void **state)
{
	struct store *s = STORE(state);
	struct write_set sets[100];
	struct tally t;
	struct err e;

	tally_init(&t);
	assert_int_equal(put_new(s, COLL_ORGS, make_org("o", NULL, 0)), 0);
	for (size_t i = 0; i < COUNT(sets); i++) {
		json_t *doc = make_org("o", NULL, (int)i);

		err_init(&e);
		write_set_init(&sets[i], instant_now());
		write_replace(&sets[i], COLL_ORGS, doc, 0);
		json_decref(doc);
		assert_int_equal(
		    store_submit(s, &sets[i], tally_done, &t, &e), 0);
	}
	tally_wait(&t, COUNT(sets));
	assert_int_equal(t.ok, COUNT(sets));
	for (size_t i = 0; i < COUNT(sets); i++)
		write_set_fini(&sets[i]);
	json_t *doc = fetch(s, COLL_ORGS, "o");

	assert_int_equal(json_peek_int(doc, "rev", 0), COUNT(sets) + 1);
	json_decref(doc);
	assert_int_equal(verify_all(s, false, NULL), 0);
}

void
test_equal_inserts(void **state)
{
	struct store *s = STORE(state);
	struct write_set sets[50];
	struct tally t;
	struct err e;

	tally_init(&t);
	for (size_t i = 0; i < COUNT(sets); i++) {
		json_t *doc = make_report("r", "p", "t", "140829", (int)i);

		err_init(&e);
		write_set_init(&sets[i], instant_now());
		write_insert(&sets[i], COLL_REPORTS, doc);
		json_decref(doc);
		assert_int_equal(
		    store_submit(s, &sets[i], tally_done, &t, &e), 0);
	}
	tally_wait(&t, COUNT(sets));
	assert_int_equal(t.ok, 1);
	assert_int_equal(t.failed[ERR_EXISTS], 49);
	for (size_t i = 0; i < COUNT(sets); i++)
		write_set_fini(&sets[i]);
	assert_int_equal(verify_all(s, false, NULL), 0);
}
