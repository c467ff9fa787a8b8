/* One document. */
#include "store/contract.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"

void
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

/* Wherever a client put its _id: all engines give the same text. */
void
test_id_first(void **state)
{
	struct store *s = STORE(state);
	struct arena a;
	struct store_doc d;
	struct err e;

	err_init(&e);
	arena_init(&a);
	for (int i = 0; i < 2; i++) {
		json_t *doc = json_pack("{s:s, s:i, s:s, s:s}", "name", "x",
		    "sortKey", i, "_id", "o", "kind", "county");
		enum err_code code = i == 0 ? put_new(s, COLL_ORGS, doc)
					    : put_again(s, COLL_ORGS, doc, 1);

		assert_int_equal(code, ERR_NONE);
		assert_int_equal(store_get(s, COLL_ORGS, "o", &a, &d, &e), 0);
		char *want = arena_printf(&a,
		    "{\"_id\":\"o\",\"name\":\"x\",\"sortKey\":%d,"
		    "\"kind\":\"county\",\"rev\":%d,\"createdAt\":",
		    i, i + 1);

		assert_memory_equal(d.text, want, strlen(want));
	}
	arena_fini(&a);
}

void
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

void
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

void
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

/* What load is given: a task that has a life behind it. */
static json_t *
make_old_task(const char *id, int rev)
{
	json_t *doc = make_task(id, "p", 1);

	json_put_int(doc, "rev", rev);
	json_put_str(doc, "createdAt", "2019-04-04T01:02:03.456Z");
	json_put_str(doc, "updatedAt", "2019-07-08T09:10:11.000Z");
	return doc;
}

static enum err_code
load(struct store *s, json_t *doc, instant_t now)
{
	struct write_set ws;
	struct err e;

	err_init(&e);
	write_set_init(&ws, now);
	write_load(&ws, COLL_TASKS, doc);
	json_decref(doc);
	if (store_write(s, &ws, &e) == 0)
		e.code = ERR_NONE;
	write_set_fini(&ws);
	return e.code;
}

/* A loaded document is what it was; from then on it is like any other. */
void
test_load(void **state)
{
	static const char *const plans[] = {"p"};
	struct store *s = STORE(state);
	json_t *want = make_old_task("t", 7);
	struct store_stamp stamp;
	struct store_doc d;
	struct arena a;
	struct err e;
	instant_t now;

	err_init(&e);
	assert_true(instant_parse("2026-01-02T03:04:05.678Z", &now));
	assert_int_equal(load(s, make_old_task("t", 7), now), ERR_NONE);
	assert_int_equal(store_stamp_get(s, plans, 1, &stamp, &e), 0);
	assert_true(stamp.at >= now);

	char *text = json_dumps(want, JSON_COMPACT);

	arena_init(&a);
	assert_int_equal(store_get(s, COLL_TASKS, "t", &a, &d, &e), 0);
	assert_string_equal(d.text, text);
	assert_int_equal(d.rev, 7);
	arena_fini(&a);
	free(text);
	assert_int_equal(verify_all(s, false, NULL), 0);

	/* Nothing is overwritten, be it the same or not. */
	assert_int_equal(load(s, make_old_task("t", 7), now), ERR_EXISTS);
	assert_int_equal(load(s, make_old_task("t", 8), now), ERR_EXISTS);
	assert_int_equal(
	    put_again(s, COLL_TASKS, json_deep_copy(want), 6), ERR_STALE);
	assert_int_equal(
	    put_again(s, COLL_TASKS, json_deep_copy(want), 7), ERR_NONE);
	json_t *doc = fetch(s, COLL_TASKS, "t");

	assert_int_equal(json_peek_int(doc, "rev", 0), 8);
	assert_string_equal(
	    json_peek_str(doc, "createdAt"), "2019-04-04T01:02:03.456Z");
	json_decref(doc);
	json_decref(want);
}

/* Texts that engines are known to stumble over come back as they were. */
void
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

void
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
