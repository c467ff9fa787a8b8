#include <string.h>

#include "base/arena.h"
#include "fuzz/fuzz.h"

/*
 * The first byte picks the query, the rest is the cursor: a page of the same
 * list, or ERR_BADQUERY.  With the high bit the rest stands behind the part
 * of a real cursor that says which query it is for.  A cursor that the store
 * gave always works.
 */
const char *const fuzz_seeds[] = {
    "tests/fuzz/corpus/cursor",
    NULL,
};

static const struct store_query queries[] = {
    {.coll = COLL_TASKS,
	.filters = {{.field = FIELD_TASKS_PLAN,
	    .op = OP_EQ,
	    .text = "140800-2019"}},
	.nfilters = 1,
	.sort = FIELD_TASKS_NO},
    {.coll = COLL_ORGS, .sort = FIELD_ORGS_SORT},
    {.coll = COLL_ORGS, .sort = FIELD_ORGS_KIND, .desc = true},
    {.coll = COLL_REPORTS, .sort = FIELD_REPORTS_ASOF, .desc = true},
    {.coll = COLL_PLANS, .sort = FIELD_ID},
};
/* All of them are of the hash, the next one half. */
#define HASH_CHARS 10
#define NQUERIES (sizeof(queries) / sizeof(queries[0]))

static struct store *store;

static void
ask(const struct store_query *like, const char *after)
{
	struct store_query q = *like;
	struct store_page page;
	struct arena a;
	struct err e;

	arena_init(&a);
	err_init(&e);
	q.limit = 2;
	q.after = after;
	if (store_find(store, &q, &a, &page, &e) < 0) {
		FUZZ_CHECK(e.code == ERR_BADQUERY);
	} else {
		q.after = page.next;
		FUZZ_CHECK(q.after == NULL ||
			   store_find(store, &q, &a, &page, &e) == 0);
	}
	arena_fini(&a);
}

/* The beginning of the query's own cursor; 0 when it has one page only. */
static size_t
begin(const struct store_query *like, char *out)
{
	struct store_query q = *like;
	struct store_page page;
	struct arena a;
	struct err e;
	size_t n = 0;

	arena_init(&a);
	err_init(&e);
	q.limit = 1;
	FUZZ_CHECK(store_find(store, &q, &a, &page, &e) == 0);
	if (page.next != NULL) {
		memcpy(out, page.next, HASH_CHARS);
		n = HASH_CHARS;
	}
	arena_fini(&a);
	return n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct cfg cfg;
	const struct store_query *q;
	char text[600];
	size_t len = n > 1 ? n - 1 : 0, at = 0;

	if (store == NULL)
		store = fuzz_store(&cfg);
	if (n == 0)
		return 0;
	q = &queries[(data[0] & 0x7F) % NQUERIES];
	if ((data[0] & 0x80) != 0)
		at = begin(q, text);
	if (len >= sizeof(text) - at)
		len = sizeof(text) - at - 1;
	memcpy(text + at, data + 1, len);
	text[at + len] = '\0';
	ask(q, text);
	return 0;
}
