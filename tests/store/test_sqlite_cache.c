/* Documents in memory: never older than the last acknowledged write. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/json.h"
#include "store/contract.h"
#include "store/sqlite.h"

static int
setup(void **state)
{
	struct fixture *f = malloc(sizeof(*f));

	assert_non_null(f);
	fixture_init(f, &contract_engines[0]);
	assert_string_equal(f->engine->name, "sqlite");
	/* Thousands of writes: nothing here is about the disk. */
	fixture_set(&f->cfg.sqlite_sync, "NORMAL");
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

static struct cache *
cache_of(struct store *s)
{
	return ((struct sqlite *)s)->cache;
}

static uint64_t
hits_of(struct store *s)
{
	size_t bytes;
	uint64_t hits;

	cache_count(cache_of(s), &bytes, &hits);
	return hits;
}

/* The stored revision and, when wanted, the text: 0 when nothing is there. */
static int64_t
rev_of(struct store *s, const char *id, char *text, size_t size)
{
	struct store_doc d;
	struct arena a;
	struct err e;

	err_init(&e);
	arena_init(&a);
	if (store_get(s, COLL_TASKS, id, &a, &d, &e) < 0)
		d.rev = e.code == ERR_NOTFOUND ? 0 : -1;
	else if (text != NULL)
		snprintf(text, size, "%s", d.text);
	arena_fini(&a);
	return d.rev;
}

static int64_t
head_of(struct store *s, const char *id)
{
	int64_t rev;
	struct err e;

	err_init(&e);
	return store_get_rev(s, COLL_TASKS, id, &rev, &e) < 0 ? 0 : rev;
}

static void
test_hit(void **state)
{
	struct fixture *f = *state;
	char first[4096], second[4096];

	assert_int_equal(put_new(f->s, COLL_TASKS, make_task("t", "p", 1)), 0);
	assert_int_equal(rev_of(f->s, "t", first, sizeof(first)), 1);
	assert_int_equal(hits_of(f->s), 0);
	assert_int_equal(rev_of(f->s, "t", second, sizeof(second)), 1);
	assert_int_equal(head_of(f->s, "t"), 1);
	assert_int_equal(hits_of(f->s), 2);
	assert_string_equal(first, second);
	/* The same id of another collection is another document. */
	assert_false(is_stored(f->s, COLL_PLANS, "t"));
}

/* A replacement keeps createdAt, which the head in memory tells. */
static void
test_writes_are_seen(void **state)
{
	struct fixture *f = *state;
	char before[4096], after[4096], fresh[4096];

	assert_int_equal(rev_of(f->s, "t", NULL, 0), 0);
	assert_int_equal(put_new(f->s, COLL_TASKS, make_task("t", "p", 1)), 0);
	assert_int_equal(rev_of(f->s, "t", before, sizeof(before)), 1);
	assert_int_equal(
	    put_again(f->s, COLL_TASKS, make_task("t", "p", 2), 1), 0);
	uint64_t hits = hits_of(f->s);

	assert_int_equal(rev_of(f->s, "t", after, sizeof(after)), 2);
	assert_int_equal(hits_of(f->s), hits + 1);
	assert_string_not_equal(before, after);
	cache_clear(cache_of(f->s));
	assert_int_equal(rev_of(f->s, "t", fresh, sizeof(fresh)), 2);
	assert_string_equal(after, fresh);
	json_t *doc = fetch(f->s, COLL_TASKS, "t");
	const char *created = strstr(before, "\"createdAt\":\"");

	assert_non_null(created);
	assert_memory_equal(created + strlen("\"createdAt\":\""),
	    json_peek_str(doc, "createdAt"), INSTANT_LEN);
	json_decref(doc);
	assert_int_equal(take_away(f->s, COLL_TASKS, "t", 2), 0);
	assert_int_equal(rev_of(f->s, "t", NULL, 0), 0);
	assert_int_equal(head_of(f->s, "t"), 0);
	assert_int_equal(put_new(f->s, COLL_TASKS, make_task("t", "p", 3)), 0);
	assert_int_equal(rev_of(f->s, "t", NULL, 0), 1);
}

/* Nothing of a set that fails shows, not of its good part either. */
static void
test_failed_set(void **state)
{
	struct fixture *f = *state;
	char before[4096], after[4096];
	struct write_set ws;
	struct err e;

	assert_int_equal(put_new(f->s, COLL_TASKS, make_task("t", "p", 1)), 0);
	assert_int_equal(put_new(f->s, COLL_TASKS, make_task("u", "p", 2)), 0);
	assert_int_equal(rev_of(f->s, "t", before, sizeof(before)), 1);
	write_set_init(&ws, instant_now());
	for (int i = 0; i < 2; i++) {
		json_t *doc = make_task(i == 0 ? "t" : "u", "p", 9);

		write_replace(&ws, COLL_TASKS, doc, i == 0 ? 1 : 7);
		json_decref(doc);
	}
	err_init(&e);
	assert_int_equal(store_write(f->s, &ws, &e), -1);
	assert_int_equal(e.code, ERR_STALE);
	write_set_fini(&ws);
	assert_int_equal(rev_of(f->s, "t", after, sizeof(after)), 1);
	assert_string_equal(before, after);
}

/* A repair is done because the file may be another one than we think. */
static void
test_repair_forgets(void **state)
{
	struct fixture *f = *state;
	struct sqlite *s = (struct sqlite *)f->s;
	char before[4096], after[4096];
	sqlite3 *db = NULL;

	assert_int_equal(put_new(f->s, COLL_TASKS, make_task("t", "p", 1)), 0);
	assert_int_equal(rev_of(f->s, "t", before, sizeof(before)), 1);
	assert_int_equal(sqlite3_open(s->path, &db), SQLITE_OK);
	assert_int_equal(
	    sqlite3_exec(db,
		"UPDATE tasks SET doc = replace(doc, '\"no\":1', '\"no\":8')",
		NULL, NULL, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	verify_all(f->s, true, NULL);
	assert_int_equal(rev_of(f->s, "t", after, sizeof(after)), 1);
	assert_null(strstr(before, "\"no\":8"));
	assert_non_null(strstr(after, "\"no\":8"));
}

/* What was read before a write is not kept after it. */
static void
test_late_put(void **state)
{
	static const struct {
		const char *label;
		bool write;
		bool clear;
	} rows[] = {
	    {"nothing happened", false, false},
	    {"written", true, false},
	    {"cleared", false, true},
	};
	const struct stored doc = {.rev = 1, .text = "{}", .len = 2};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct cache *k = cache_new();
		uint64_t gen;

		assert_null(cache_take(k, COLL_TASKS, "t", &gen));
		if (rows[i].write)
			cache_settle(k, COLL_TASKS, "t", NULL);
		if (rows[i].clear)
			cache_clear(k);
		cache_put(k, COLL_TASKS, "t", gen, &doc);
		const struct stored *d = cache_take(k, COLL_TASKS, "t", &gen);

		if ((d != NULL) != (i == 0))
			fail_msg("%s", rows[i].label);
		if (d != NULL)
			cache_drop(d);
		cache_free(k);
	}
}

/* What a reader holds stays whole when it is replaced. */
static void
test_held(void **state)
{
	const struct stored one = {.rev = 1, .text = "one", .len = 3};
	const struct stored two = {.rev = 2, .text = "two", .len = 3};
	struct cache *k = cache_new();
	uint64_t gen;

	(void)state;
	assert_null(cache_take(k, COLL_TASKS, "t", &gen));
	cache_put(k, COLL_TASKS, "t", gen, &one);
	const struct stored *d = cache_take(k, COLL_TASKS, "t", &gen);

	assert_non_null(d);
	cache_settle(k, COLL_TASKS, "t", &two);
	assert_string_equal(d->text, "one");
	cache_free(k);
	assert_string_equal(d->text, "one");
	cache_drop(d);
}

/* ---- memory ---- */

static void
test_bounded(void **state)
{
	static char text[CACHE_DOC_MAX + 1];
	struct stored doc = {.text = text};
	struct cache *k = cache_new();
	uint64_t gen, hits;
	size_t bytes, most = 0;

	(void)state;
	memset(text, 'x', sizeof(text));
	for (int i = 0; i < 10000; i++) {
		char id[16];

		snprintf(id, sizeof(id), "t%d", i);
		assert_null(cache_take(k, COLL_TASKS, id, &gen));
		doc.len = 4096;
		cache_put(k, COLL_TASKS, id, gen, &doc);
		/* Growing where it is must make room as well. */
		doc.len = 4096 + (size_t)i % 3 * 20000;
		cache_settle(k, COLL_TASKS, id, &doc);
		cache_count(k, &bytes, &hits);
		assert_true(bytes <= CACHE_BYTES);
		most = bytes > most ? bytes : most;
	}
	assert_true(most > CACHE_BYTES / 2);
	/* Too large: what was there before is gone all the same. */
	cache_clear(k);
	assert_null(cache_take(k, COLL_TASKS, "t", &gen));
	doc.len = 10;
	cache_put(k, COLL_TASKS, "t", gen, &doc);
	doc.len = CACHE_DOC_MAX;
	cache_settle(k, COLL_TASKS, "t", &doc);
	assert_null(cache_take(k, COLL_TASKS, "t", &gen));
	cache_count(k, &bytes, &hits);
	assert_int_equal(bytes, 0);
	cache_free(k);
}

/* ---- at the same time ---- */

#define READERS 6
#define REPLACEMENTS 2000

struct race {
	struct store *s;
	_Atomic int64_t acknowledged;
	atomic_bool stop;
	_Atomic int64_t older; /* reads that were */
};

static void
read_once(struct race *r)
{
	int64_t known = r->acknowledged;

	if (rev_of(r->s, "t", NULL, 0) < known)
		r->older++;
	known = r->acknowledged;
	if (head_of(r->s, "t") < known)
		r->older++;
}

/* Only a document that is not here is read from the file: drop it often. */
static void *
run_reader(void *arg)
{
	struct race *r = arg;

	for (unsigned i = 0; !r->stop; i++) {
		read_once(r);
		if (i % 4 == 0)
			cache_clear(cache_of(r->s));
	}
	return NULL;
}

static void
test_race(void **state)
{
	struct fixture *f = *state;
	struct race r = {.s = f->s};
	pthread_t readers[READERS];

	assert_int_equal(put_new(f->s, COLL_TASKS, make_task("t", "p", 1)), 0);
	r.acknowledged = 1;
	for (size_t i = 0; i < READERS; i++)
		assert_int_equal(
		    pthread_create(&readers[i], NULL, run_reader, &r), 0);
	for (int64_t rev = 1; rev <= REPLACEMENTS; rev++) {
		enum err_code code = put_again(
		    f->s, COLL_TASKS, make_task("t", "p", (int)rev), rev);

		if (code != ERR_NONE)
			break;
		r.acknowledged = rev + 1;
		read_once(&r);
	}
	r.stop = true;
	for (size_t i = 0; i < READERS; i++)
		pthread_join(readers[i], NULL);
	assert_int_equal(r.acknowledged, REPLACEMENTS + 1);
	assert_int_equal(r.older, 0);
	assert_int_equal(rev_of(f->s, "t", NULL, 0), REPLACEMENTS + 1);
}

/* ---- another process ---- */

static int
read_beside(const struct fixture *f, int in, int out)
{
	struct err e;
	char c;

	err_init(&e);
	struct store *s = store_open_reader(&f->cfg, &e);

	if (s == NULL || cache_of(s) != NULL)
		return 2;
	while (read(in, &c, 1) == 1) {
		c = (char)rev_of(s, "t", NULL, 0);
		if (write(out, &c, 1) != 1)
			break;
	}
	store_close(s);
	return 0;
}

static void
test_reader_beside(void **state)
{
	struct fixture *f = *state;
	int down[2], up[2], status;
	char c = 0;

	/* No threads of the owner's when the process is made. */
	store_close(f->s);
	f->s = NULL;
	assert_int_equal(pipe(down), 0);
	assert_int_equal(pipe(up), 0);
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		close(down[1]);
		close(up[0]);
		/* The owner is there. */
		_exit(read(down[0], &c, 1) == 1 ? read_beside(f, down[0], up[1])
						: 3);
	}
	close(down[0]);
	close(up[1]);
	fixture_open(f);
	assert_int_equal(put_new(f->s, COLL_TASKS, make_task("t", "p", 1)), 0);
	assert_int_equal(write(down[1], "o", 1), 1);
	for (int rev = 1; rev < 5; rev++) {
		assert_int_equal(write(down[1], "r", 1), 1);
		assert_int_equal(read(up[0], &c, 1), 1);
		assert_int_equal(c, rev);
		assert_int_equal(
		    put_again(f->s, COLL_TASKS, make_task("t", "p", rev), rev),
		    0);
	}
	close(down[1]);
	close(up[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_hit),
	    TEST(test_writes_are_seen),
	    TEST(test_failed_set),
	    TEST(test_repair_forgets),
	    cmocka_unit_test(test_late_put),
	    cmocka_unit_test(test_held),
	    cmocka_unit_test(test_bounded),
	    TEST(test_race),
	    TEST(test_reader_beside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
