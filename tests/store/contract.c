#include "store/contract.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "stats/parts.h"

static const struct contract_engine *engine;

static int
setup(void **state)
{
	struct fixture *f = malloc(sizeof(*f));

	assert_non_null(f);
	fixture_init(f, engine);
	fixture_open(f);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	fixture_fini(*state);
	free(*state);
	return 0;
}

#define STORE(state) (((struct fixture *)*(state))->s)

/* ---- one document ---- */

static void
test_insert_get(void **state)
{
	struct store *s = STORE(state);
	json_t *doc = make_task("p-01", "p", 1);
	struct write_set ws;
	struct store_doc d;
	struct arena a;
	struct err e;
	instant_t now;

	assert_true(instant_parse("2019-04-04T01:02:03.456Z", &now));
	json_put_str(doc, "createdAt", "1999-01-01T00:00:00.000Z");
	json_put_int(doc, "rev", 77);
	write_set_init(&ws, now);
	write_insert(&ws, COLL_TASKS, doc);
	err_init(&e);
	assert_int_equal(store_write(s, &ws, &e), 0);
	write_set_fini(&ws);
	assert_int_equal(json_peek_int(doc, "rev", 0), 1);
	assert_string_equal(
	    json_peek_str(doc, "createdAt"), "2019-04-04T01:02:03.456Z");
	assert_string_equal(
	    json_peek_str(doc, "updatedAt"), "2019-04-04T01:02:03.456Z");

	arena_init(&a);
	assert_int_equal(store_get(s, COLL_TASKS, "p-01", &a, &d, &e), 0);
	char *text = json_dumps(doc, JSON_COMPACT);

	/* Exactly the document, members in their order. */
	assert_string_equal(d.text, text);
	assert_int_equal(d.len, strlen(text));
	assert_int_equal(d.rev, 1);
	assert_string_equal(d.id, "p-01");
	free(text);
	arena_fini(&a);
	json_decref(doc);
}

static void
test_errors(void **state)
{
	struct store *s = STORE(state);
	struct arena a;
	struct store_doc d;
	struct err e;

	assert_int_equal(put_new(s, COLL_ORGS, make_org("a", NULL, 1)), 0);
	assert_int_equal(
	    put_new(s, COLL_ORGS, make_org("a", NULL, 2)), ERR_EXISTS);
	assert_int_equal(
	    put_again(s, COLL_ORGS, make_org("b", NULL, 1), 1), ERR_NOTFOUND);
	assert_int_equal(
	    put_again(s, COLL_ORGS, make_org("b", NULL, 1), 0), ERR_NOTFOUND);
	assert_int_equal(
	    put_again(s, COLL_ORGS, make_org("a", NULL, 1), 2), ERR_STALE);
	assert_int_equal(take_away(s, COLL_ORGS, "b", 0), ERR_NOTFOUND);
	assert_int_equal(take_away(s, COLL_ORGS, "a", 9), ERR_STALE);
	/* Ids are by collection. */
	assert_int_equal(put_new(s, COLL_PLANS, make_plan("a")), 0);
	err_init(&e);
	arena_init(&a);
	assert_int_equal(store_get(s, COLL_ORGS, "A", &a, &d, &e), -1);
	assert_int_equal(e.code, ERR_NOTFOUND);
	arena_fini(&a);
}

static void
test_replace(void **state)
{
	struct store *s = STORE(state);
	json_t *doc;

	assert_int_equal(put_new(s, COLL_ORGS, make_org("a", NULL, 1)), 0);
	doc = fetch(s, COLL_ORGS, "a");
	char *created = strdup(json_peek_str(doc, "createdAt"));

	json_decref(doc);
	assert_int_equal(put_again(s, COLL_ORGS, make_org("a", "x", 5), 1), 0);
	assert_int_equal(
	    put_again(s, COLL_ORGS, make_org("a", "x", 6), 1), ERR_STALE);
	assert_int_equal(put_again(s, COLL_ORGS, make_org("a", "x", 7), 0), 0);
	doc = fetch(s, COLL_ORGS, "a");
	assert_int_equal(json_peek_int(doc, "rev", 0), 3);
	assert_int_equal(json_peek_int(doc, "sortKey", 0), 7);
	assert_string_equal(json_peek_str(doc, "createdAt"), created);
	json_decref(doc);
	free(created);
}

static void
test_remove(void **state)
{
	struct store *s = STORE(state);

	assert_int_equal(put_new(s, COLL_TASKS, make_task("t", "p", 1)), 0);
	assert_int_equal(take_away(s, COLL_TASKS, "t", 1), 0);
	assert_false(is_stored(s, COLL_TASKS, "t"));
	assert_int_equal(take_away(s, COLL_TASKS, "t", 1), ERR_NOTFOUND);
	assert_int_equal(put_new(s, COLL_TASKS, make_task("t", "p", 1)), 0);
	assert_int_equal(verify_all(s, false, NULL), 0);
}

/* Texts that engines are known to stumble over come back as they were. */
static void
test_texts(void **state)
{
	static const char *const texts[] = {"", "'; DROP TABLE orgs; --",
	    "$where", "{\"$gt\":\"\"}", "%_", "a\"b\\c/\b\f\n\r\t\x01\x1f\x7f",
	    "运城市“两癌”𠮷🐉", "\xC3\xA9 e\xCC\x81",
	    "\xEF\xBF\xBF\xF4\x8F\xBF\xBF", "9223372036854775807", "null"};
	struct store *s = STORE(state);

	for (size_t i = 0; i < COUNT(texts); i++) {
		char id[24];

		snprintf(id, sizeof(id), "o%zu", i);
		json_t *doc = make_org(id, texts[i], 1);

		json_put_str(doc, "name", texts[i]);
		assert_int_equal(put_new(s, COLL_ORGS, json_incref(doc)), 0);
		json_t *back = fetch(s, COLL_ORGS, id);

		assert_true(json_equal(doc, back));
		json_decref(back);
		json_decref(doc);
	}
	struct store_query q = {.coll = COLL_ORGS,
	    .filters = {{FIELD_ORGS_PARENT, OP_EQ, texts[1], 0}},
	    .nfilters = 1,
	    .sort = FIELD_ID,
	    .limit = 10};
	struct err e;

	err_init(&e);
	json_t *list = store_find_json(s, &q, 10, &e);

	assert_int_equal(json_array_size(list), 1);
	json_decref(list);
	assert_int_equal(verify_all(s, false, NULL), 0);
}

static void
test_big_numbers(void **state)
{
	static const int64_t numbers[] = {
	    INT64_MIN, -1, 0, (1LL << 53) + 1, INT64_MAX};
	struct store *s = STORE(state);

	for (size_t i = 0; i < COUNT(numbers); i++) {
		char id[24];

		snprintf(id, sizeof(id), "o%zu", i);
		json_t *doc = make_org(id, NULL, 0);

		json_put_int(doc, "sortKey", numbers[i]);
		assert_int_equal(put_new(s, COLL_ORGS, doc), 0);
	}
	struct store_query q = {.coll = COLL_ORGS,
	    .filters = {{FIELD_ORGS_SORT, OP_GE, NULL, (1LL << 53) + 1}},
	    .nfilters = 1,
	    .sort = FIELD_ORGS_SORT,
	    .limit = 1};
	struct err e;

	err_init(&e);
	json_t *list = store_find_json(s, &q, 10, &e);

	assert_int_equal(json_array_size(list), 2);
	assert_true(
	    json_peek_int(json_array_get(list, 1), "sortKey", 0) == INT64_MAX);
	json_decref(list);
}

/* ---- find ---- */

/* 40 orgs: parents a (30, one in three), b (10) or none; sort keys tie. */
static void
fill_orgs(struct store *s)
{
	struct write_set ws;
	struct err e;

	err_init(&e);
	write_set_init(&ws, instant_now());
	for (int i = 0; i < 40; i++) {
		char id[16];

		snprintf(id, sizeof(id), "org-%02d", i);
		json_t *o = make_org(id,
		    i % 4 == 0   ? NULL
		    : i % 4 == 1 ? "b"
				 : "a",
		    i / 7);

		if (i % 10 == 9)
			json_object_del(o, "sortKey");
		write_insert(&ws, COLL_ORGS, o);
		json_decref(o);
	}
	assert_int_equal(store_write(s, &ws, &e), 0);
	write_set_fini(&ws);
}

/* The order of the contract: no value first, then the value, then the id. */
static int
compare_docs(const json_t *x, const json_t *y)
{
	const json_t *a = json_object_get(x, "sortKey");
	const json_t *b = json_object_get(y, "sortKey");

	if ((a == NULL) != (b == NULL))
		return a == NULL ? -1 : 1;
	json_int_t d = json_integer_value(a) - json_integer_value(b);

	if (d != 0)
		return d < 0 ? -1 : 1;
	return strcmp(json_peek_str(x, "_id"), json_peek_str(y, "_id"));
}

static void
check_paging(struct store *s, struct store_query *q, size_t want)
{
	struct arena a;
	struct store_page page;
	struct err e;
	size_t n = 0;
	json_t *before = NULL;

	err_init(&e);
	arena_init(&a);
	q->after = NULL;
	do {
		assert_int_equal(store_find(s, q, &a, &page, &e), 0);
		assert_true(page.ndocs <= q->limit);
		assert_true(page.next == NULL || page.ndocs == q->limit);
		for (size_t i = 0; i < page.ndocs; i++, n++) {
			json_t *d = json_read_own(
			    page.docs[i].text, page.docs[i].len, &e);
			int cmp = before == NULL ? -1 : compare_docs(before, d);

			if (q->sort == FIELD_ID && before != NULL)
				cmp = strcmp(json_peek_str(before, "_id"),
				    page.docs[i].id);
			if (before != NULL)
				assert_true(q->desc ? cmp > 0 : cmp < 0);
			assert_string_equal(
			    json_peek_str(d, "_id"), page.docs[i].id);
			json_decref(before);
			before = d;
		}
		q->after = page.next;
	} while (page.next != NULL);
	assert_int_equal(n, want);
	json_decref(before);
	arena_fini(&a);
}

static void
test_paging(void **state)
{
	static const struct {
		enum field sort;
		struct store_filter filter;
		size_t nfilters;
		size_t want;
	} cases[] = {
	    {FIELD_ID, {FIELD_ID, OP_EQ, NULL, 0}, 0, 40},
	    {FIELD_ORGS_SORT, {FIELD_ID, OP_EQ, NULL, 0}, 0, 40},
	    {FIELD_ORGS_SORT, {FIELD_ORGS_PARENT, OP_EQ, "a", 0}, 1, 20},
	    {FIELD_ORGS_SORT, {FIELD_ORGS_PARENT, OP_EQ, NULL, 0}, 1, 10},
	    {FIELD_ORGS_SORT, {FIELD_ORGS_SORT, OP_EQ, NULL, 2}, 1, 6},
	    {FIELD_ORGS_SORT, {FIELD_ORGS_SORT, OP_GE, NULL, 2}, 1, 23},
	    {FIELD_ORGS_SORT, {FIELD_ORGS_SORT, OP_LE, NULL, 1}, 1, 13},
	    {FIELD_ID, {FIELD_ID, OP_PREFIX, "org-1", 0}, 1, 10},
	    {FIELD_ORGS_SORT, {FIELD_ID, OP_PREFIX, "org-3", 0}, 1, 10},
	    {FIELD_ID, {FIELD_ID, OP_PREFIX, "", 0}, 1, 40},
	    {FIELD_ID, {FIELD_ID, OP_PREFIX, "org-%", 0}, 1, 0},
	    {FIELD_ID, {FIELD_ID, OP_GE, "org-35", 0}, 1, 5},
	    {FIELD_ID, {FIELD_ORGS_PARENT, OP_EQ, "none", 0}, 1, 0},
	};
	static const size_t limits[] = {1, 3, 7, 39, 40, 41, 1000};
	struct store *s = STORE(state);

	fill_orgs(s);
	for (size_t i = 0; i < COUNT(cases); i++)
		for (size_t k = 0; k < COUNT(limits); k++)
			for (int desc = 0; desc < 2; desc++) {
				struct store_query q = {.coll = COLL_ORGS,
				    .filters = {cases[i].filter},
				    .nfilters = cases[i].nfilters,
				    .sort = cases[i].sort,
				    .desc = desc,
				    .limit = limits[k]};

				check_paging(s, &q, cases[i].want);
			}
}

/* Documents written between two pages neither repeat nor hide others. */
static void
test_paging_writes(void **state)
{
	struct store *s = STORE(state);
	struct store_query q = {
	    .coll = COLL_ORGS, .sort = FIELD_ORGS_SORT, .limit = 10};
	struct store_page page;
	struct arena a;
	struct err e;

	err_init(&e);
	arena_init(&a);
	fill_orgs(s);
	assert_int_equal(store_find(s, &q, &a, &page, &e), 0);
	const char *last = page.docs[9].id;

	assert_int_equal(take_away(s, COLL_ORGS, last, 0), 0);
	assert_int_equal(put_new(s, COLL_ORGS, make_org("first", NULL, -1)), 0);
	q.after = page.next;
	q.limit = 1000;
	assert_int_equal(store_find(s, &q, &a, &page, &e), 0);
	assert_int_equal(page.ndocs, 30);
	assert_null(page.next);
	arena_fini(&a);
}

static void
test_cursor_of_another(void **state)
{
	static const char *const forged[] = {
	    "", "A", "====", "AAAAAAAAAAAAAAAAAAAA", "运城", "../../x"};
	struct store *s = STORE(state);
	struct store_query q = {
	    .coll = COLL_ORGS, .sort = FIELD_ORGS_SORT, .limit = 10};
	struct store_page page;
	struct arena a;
	struct err e;

	err_init(&e);
	arena_init(&a);
	fill_orgs(s);
	assert_int_equal(store_find(s, &q, &a, &page, &e), 0);
	const char *next = page.next;
	struct store_query others[] = {q, q, q, q};

	others[0].desc = true;
	others[1].sort = FIELD_ID;
	others[2].filters[0] =
	    (struct store_filter){FIELD_ORGS_PARENT, OP_EQ, "a", 0};
	others[2].nfilters = 1;
	others[3].coll = COLL_TASKS;
	others[3].sort = FIELD_TASKS_NO;
	for (size_t i = 0; i < COUNT(others); i++) {
		others[i].after = next;
		assert_int_equal(store_find(s, &others[i], &a, &page, &e), -1);
		assert_int_equal(e.code, ERR_BADQUERY);
	}
	for (size_t i = 0; i < COUNT(forged); i++) {
		q.after = forged[i];
		assert_int_equal(store_find(s, &q, &a, &page, &e), -1);
		assert_int_equal(e.code, ERR_BADQUERY);
	}
	/* A part of a cursor is none; the page size does not matter. */
	char *part = arena_strdup(&a, next);

	part[strlen(part) / 2] = '\0';
	q.after = part;
	assert_int_equal(store_find(s, &q, &a, &page, &e), -1);
	q.after = next;
	q.limit = 5;
	assert_int_equal(store_find(s, &q, &a, &page, &e), 0);
	arena_fini(&a);
}

static void
test_find_json(void **state)
{
	struct store *s = STORE(state);
	struct store_query q = {
	    .coll = COLL_ORGS, .sort = FIELD_ID, .limit = 1};
	struct err e;

	err_init(&e);
	fill_orgs(s);
	json_t *list = store_find_json(s, &q, 40, &e);

	assert_int_equal(json_array_size(list), 40);
	json_decref(list);
	assert_null(store_find_json(s, &q, 39, &e));
	assert_int_equal(e.code, ERR_TOOBIG);
}

/* ---- sets ---- */

/* A set that fails at any place leaves nothing. */
static void
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
static void
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

static void
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

static void
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
static void
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

static void
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

/* ---- stamps ---- */

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

static void
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

static void
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
static void
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

static void
test_care(void **state)
{
	struct fixture *f = *state;
	int64_t documents = 0;
	struct err e;

	err_init(&e);
	assert_int_equal(store_ping(f->s, &e), 0);
	assert_non_null(strstr(store_describe(f->s), f->engine->name));
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

static void
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
contract_run(const struct contract_engine *which)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_insert_get),
	    TEST(test_errors),
	    TEST(test_replace),
	    TEST(test_remove),
	    TEST(test_texts),
	    TEST(test_big_numbers),
	    TEST(test_paging),
	    TEST(test_paging_writes),
	    TEST(test_cursor_of_another),
	    TEST(test_find_json),
	    TEST(test_atomic),
	    TEST(test_batch_mates),
	    TEST(test_empty_set),
	    TEST(test_guarded_increments),
	    TEST(test_any_revision),
	    TEST(test_equal_inserts),
	    TEST(test_stamps),
	    TEST(test_many_stamps),
	    TEST(test_stats),
	    TEST(test_care),
	    TEST(test_backup_restore),
	};

	engine = which;
	return cmocka_run_group_tests_name(which->name, tests, NULL, NULL);
}
