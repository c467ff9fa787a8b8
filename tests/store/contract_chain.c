/* Chained collections: places in the order of commits. */
#include "store/contract.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "store/chain.h"

static enum err_code
append(struct store *s, json_t *entry, json_t *org)
{
	struct write_set ws;
	struct err e;

	err_init(&e);
	write_set_init(&ws, instant_now());
	write_append(&ws, COLL_AUDIT, entry);
	if (org != NULL)
		write_insert(&ws, COLL_ORGS, org);
	json_decref(org);
	if (store_write(s, &ws, &e) == 0)
		e.code = ERR_NONE;
	write_set_fini(&ws);
	return e.code;
}

/* What is stored is what the caller's document says, link and all. */
void
test_chain(void **state)
{
	struct fixture *f = *state;
	struct chain_head head, again;

	assert_int_equal(chain_walk(f->s, &head), 0);
	assert_string_equal(head.hash, CHAIN_START);
	for (int i = 1; i <= 3; i++) {
		char id[16];

		snprintf(id, sizeof(id), "e%d", i);
		json_t *entry = make_entry(id, i);

		assert_int_equal(append(f->s, entry, NULL), ERR_NONE);
		assert_int_equal(json_peek_int(entry, "seq", 0), i);
		assert_int_equal(json_peek_int(entry, "rev", 0), 1);
		assert_string_equal(json_peek_str(entry, "alg"), CHAIN_ALG);
		json_t *stored = fetch(f->s, COLL_AUDIT, id);

		assert_true(json_equal(stored, entry));
		json_decref(stored);
		json_decref(entry);
	}
	assert_int_equal(chain_walk(f->s, &head), 3);
	/* An id that is there: no number is used up. */
	json_t *twice = make_entry("e2", 9);

	assert_int_equal(append(f->s, twice, NULL), ERR_EXISTS);
	json_decref(twice);
	assert_int_equal(chain_walk(f->s, &again), 3);
	assert_string_equal(again.hash, head.hash);
	/* A store that is opened again goes on behind its last document. */
	store_close(f->s);
	fixture_open(f);
	json_t *next = make_entry("e4", 4);

	assert_int_equal(append(f->s, next, NULL), ERR_NONE);
	assert_string_equal(json_peek_str(next, "prev"), head.hash);
	json_decref(next);
	assert_int_equal(chain_walk(f->s, NULL), 4);
	assert_int_equal(verify_all(f->s, false, NULL), 0);
}

/* ---- many at once ---- */

#define APPENDERS 8
#define EACH 60

struct appender {
	struct store *s;
	int no;
	size_t refused;
};

/* Every third set fails, before or after its entry has got a number. */
static void *
append_on(void *arg)
{
	struct appender *a = arg;

	for (int i = 0; i < EACH; i++) {
		char id[32];
		enum err_code code;

		snprintf(id, sizeof(id), "e-%d-%d", a->no, i);
		json_t *entry = make_entry(id, i);
		json_t *org = make_org(i % 3 == 0 ? "kept" : id, NULL, i);

		code = append(a->s, entry, org);
		if (code != (i % 3 == 0 ? ERR_EXISTS : ERR_NONE))
			a->refused = 1000;
		else if (code != ERR_NONE)
			a->refused++;
		json_decref(entry);
	}
	return NULL;
}

void
test_chain_of_many(void **state)
{
	struct store *s = STORE(state);
	struct appender appenders[APPENDERS];
	pthread_t threads[APPENDERS];

	assert_int_equal(put_new(s, COLL_ORGS, make_org("kept", NULL, 1)), 0);
	for (int i = 0; i < APPENDERS; i++) {
		appenders[i] = (struct appender){s, i, 0};
		assert_int_equal(
		    pthread_create(&threads[i], NULL, append_on, &appenders[i]),
		    0);
	}
	for (int i = 0; i < APPENDERS; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(appenders[i].refused, EACH / 3);
	}
	assert_int_equal(chain_walk(s, NULL), APPENDERS * EACH * 2 / 3);
	assert_int_equal(verify_all(s, false, NULL), 0);
}

/* ---- documents of another store ---- */

/* A chain that is moved goes on where it ended. */
void
test_chain_load(void **state)
{
	struct fixture *f = *state;
	json_t *docs[3];
	struct write_set ws;
	struct err e;

	for (int i = 0; i < 3; i++) {
		char id[16];

		snprintf(id, sizeof(id), "e%d", i);
		docs[i] = make_entry(id, i);
		assert_int_equal(append(f->s, docs[i], NULL), ERR_NONE);
	}
	struct fixture other;

	fixture_init(&other, f->engine);
	fixture_open(&other);
	err_init(&e);
	write_set_init(&ws, instant_now());
	for (int i = 0; i < 3; i++)
		write_load(&ws, COLL_AUDIT, docs[i]);
	assert_int_equal(store_write(other.s, &ws, &e), 0);
	write_set_fini(&ws);
	assert_int_equal(chain_walk(other.s, NULL), 3);
	json_t *next = make_entry("next", 9);

	assert_int_equal(append(other.s, next, NULL), ERR_NONE);
	assert_string_equal(
	    json_peek_str(next, "prev"), json_peek_str(docs[2], "hash"));
	json_decref(next);
	assert_int_equal(chain_walk(other.s, NULL), 4);
	/* A number that is taken. */
	json_put_str(docs[0], "_id", "another");
	write_set_init(&ws, instant_now());
	write_load(&ws, COLL_AUDIT, docs[0]);
	assert_int_equal(store_write(other.s, &ws, &e), -1);
	assert_int_equal(e.code, ERR_EXISTS);
	write_set_fini(&ws);
	assert_int_equal(chain_walk(other.s, NULL), 4);
	fixture_fini(&other);
	for (int i = 0; i < 3; i++)
		json_decref(docs[i]);
}

/* What is written down about changes changes no figure. */
void
test_chain_stamps(void **state)
{
	struct store *s = STORE(state);
	static const char *const plans[] = {"p"};
	struct store_stamp before, after;
	json_t *entry = make_entry("e", 1);
	struct err e;

	err_init(&e);
	assert_int_equal(put_new(s, COLL_TASKS, make_task("t", "p", 1)), 0);
	assert_int_equal(store_stamp_get(s, plans, 1, &before, &e), 0);
	assert_int_equal(append(s, entry, NULL), ERR_NONE);
	assert_int_equal(store_stamp_get(s, plans, 1, &after, &e), 0);
	assert_int_equal(before.seq, after.seq);
	json_decref(entry);
}

/* A set may add to two chains: each has its own numbers. */
void
test_two_chains(void **state)
{
	struct store *s = STORE(state);
	struct chain_head events;
	struct err e;

	err_init(&e);
	for (int i = 0; i < 3; i++) {
		char id[16];
		struct write_set ws;

		snprintf(id, sizeof(id), "x%d", i);
		json_t *entry = make_entry(id, i);
		json_t *event = make_entry(id, i);

		write_set_init(&ws, instant_now());
		if (i > 0)
			write_append(&ws, COLL_OUTBOX, event);
		write_append(&ws, COLL_AUDIT, entry);
		assert_int_equal(store_write(s, &ws, &e), 0);
		assert_int_equal(json_peek_int(entry, "seq", 0), i + 1);
		if (i > 0)
			assert_int_equal(json_peek_int(event, "seq", 0), i);
		write_set_fini(&ws);
		json_decref(entry);
		json_decref(event);
	}
	assert_int_equal(chain_walk(s, NULL), 3);
	assert_int_equal(chain_head_read(s, COLL_OUTBOX, &events, &e), 0);
	assert_int_equal(events.seq, 2);
}
