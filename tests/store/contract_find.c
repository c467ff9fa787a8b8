/* Lists and their pages. */
#include "store/contract.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"

void
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

void
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
void
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

void
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

void
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
