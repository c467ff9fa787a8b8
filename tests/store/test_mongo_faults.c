/*
 * A database that breaks: connections dropped between any two steps of a set,
 * programs killed there, servers that stop, freeze, cut and crawl.
 *
 *   test_mongo_faults write URI    carries out the set, for the kill test
 */
#include <mongoc/mongoc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/json.h"
#include "store/contract.h"
#include "store/mongo_server.h"

#define STEPS_MAX 60
#define HEAL_S 10.0

#define ALL 5 /* effects of the set */

static enum mongo_kind kind;

static double
now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
pause_ms(long ms)
{
	struct timespec t = {
	    .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

	nanosleep(&t, NULL);
}

/* ---- the server's strings ---- */

static mongoc_client_t *control;

static void
send_control(const char *json, bson_t *reply)
{
	bson_error_t why;
	bson_t *command = bson_new_from_json((const uint8_t *)json, -1, &why);

	assert_non_null(command);
	if (!mongoc_client_command_simple(
		control, "admin", command, NULL, reply, &why))
		fail_msg("%s: %s", json, why.message);
	bson_destroy(command);
}

/* Forget all faults, then set one; NULL for none. */
static void
inject(const char *json)
{
	bson_t reply;

	send_control("{\"minshengInject\":0}", &reply);
	bson_destroy(&reply);
	if (json == NULL)
		return;
	send_control(json, &reply);
	bson_destroy(&reply);
}

/* Did the fault hit? */
static bool
was_hit(void)
{
	bson_iter_t iter, at;
	bson_t reply;
	bool hit;

	send_control("{\"minshengStatus\":1}", &reply);
	hit = bson_iter_init(&iter, &reply) &&
	      bson_iter_find_descendant(&iter, "faults.0.hits", &at) &&
	      bson_iter_as_int64(&at) > 0;
	bson_destroy(&reply);
	return hit;
}

/* Nothing was sent that the portability contract forbids. */
static void
check_contract(void)
{
	bson_iter_t iter, at;
	bson_t reply;

	send_control("{\"minshengStatus\":1}", &reply);
	assert_true(bson_iter_init(&iter, &reply));
	if (bson_iter_find_descendant(&iter, "violations.0", &at))
		fail_msg("violation: %s", bson_iter_utf8(&at, NULL));
	bson_destroy(&reply);
}

/* ---- the set ---- */

/* An engine word in what a client gets to see? */
static void
check_words(const struct err *e)
{
	static const char *const words[] = {"mongo", "bson", "E11000", "index",
	    "socket", "server", "minsheng-", "timeout", "connection", "{"};

	for (size_t i = 0; i < COUNT(words); i++)
		if (strcasestr(e->detail, words[i]) != NULL)
			fail_msg("\"%s\" in: %s", words[i], e->detail);
}

static void
seed(struct store *s)
{
	json_t *entry = make_entry("first", 1);
	struct write_set ws;
	struct err e;

	err_init(&e);
	write_set_init(&ws, instant_now());
	write_append(&ws, COLL_AUDIT, entry);
	assert_int_equal(store_write(s, &ws, &e), 0);
	write_set_fini(&ws);
	json_decref(entry);
	assert_int_equal(put_new(s, COLL_ORGS, make_org("a", NULL, 1)), 0);
	assert_int_equal(put_new(s, COLL_TASKS, make_task("t", "p", 1)), 0);
}

/* Insert, replace, remove, insert, append: over five collections. */
static enum err_code
write_all(struct store *s)
{
	json_t *docs[] = {make_plan("n"), make_org("a", NULL, 2),
	    make_report("r", "p", "t", "140829", 1), make_entry("e", 2)};
	struct write_set ws;
	struct err e;

	err_init(&e);
	write_set_init(&ws, instant_now());
	write_insert(&ws, COLL_PLANS, docs[0]);
	write_replace(&ws, COLL_ORGS, docs[1], 1);
	write_remove(&ws, COLL_TASKS, "t", 1);
	write_insert(&ws, COLL_REPORTS, docs[2]);
	write_append(&ws, COLL_AUDIT, docs[3]);
	if (store_write(s, &ws, &e) == 0)
		e.code = ERR_NONE;
	write_set_fini(&ws);
	for (size_t i = 0; i < COUNT(docs); i++)
		json_decref(docs[i]);
	check_words(&e);
	return e.code;
}

/* How many of the five have happened; -1 while the store cannot be read. */
static int
count_effects(struct store *s)
{
	static const struct {
		enum coll coll;
		const char *id;
		int64_t rev; /* afterwards; 0: gone */
	} want[] = {{COLL_PLANS, "n", 1}, {COLL_ORGS, "a", 2},
	    {COLL_TASKS, "t", 0}, {COLL_REPORTS, "r", 1}, {COLL_AUDIT, "e", 1}};
	int n = 0;

	for (size_t i = 0; i < COUNT(want); i++) {
		struct err e;

		err_init(&e);
		json_t *doc = store_get_json(s, want[i].coll, want[i].id, &e);

		if (doc == NULL && e.code != ERR_NOTFOUND)
			return -1;
		n += json_peek_int(doc, "rev", 0) == want[i].rev;
		json_decref(doc);
	}
	return n;
}

/* Nothing is on its way any more. */
static bool
is_settled(const struct fixture *f)
{
	mongoc_uri_t *uri = mongoc_uri_new(f->cfg.store);
	mongoc_collection_t *c = mongoc_client_get_collection(
	    control, mongoc_uri_get_database(uri), "intents");
	bson_t all = BSON_INITIALIZER;
	bson_error_t why;
	int64_t n =
	    mongoc_collection_count_documents(c, &all, NULL, NULL, NULL, &why);

	mongoc_collection_destroy(c);
	mongoc_uri_destroy(uri);
	return n == 0;
}

/* Wait for an end: all, or none; the chain is whole.  The number. */
static int
settle(const struct fixture *f)
{
	double end = now_s() + HEAL_S;
	int n;

	while (!is_settled(f) || (n = count_effects(f->s)) < 0) {
		if (now_s() > end)
			fail_msg("not settled within %g s", HEAL_S);
		pause_ms(50);
	}
	assert_int_equal(chain_walk(f->s, NULL), n == ALL ? 2 : 1);
	return n;
}

/* ---- fixture ---- */

static const struct contract_engine *
engine_of(enum mongo_kind k)
{
	return &contract_engines[k == MONGO_SINGLE ? 1 : 2];
}

static int
setup(void **state)
{
	struct fixture *f = malloc(sizeof(*f));

	assert_non_null(f);
	fixture_init(f, engine_of(kind));
	f->cfg.mongodb_wait = 1000;
	f->cfg.mongodb_timeout = 1500;
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	inject(NULL);
	fixture_fini(*state);
	free(*state);
	return 0;
}

static void
again(void **state)
{
	teardown(state);
	setup(state);
}

/* ---- gaps ---- */

static int64_t
stamp_of(struct store *s)
{
	const char *const plans[] = {"p"};
	struct store_stamp v = {.seq = 0};
	struct err e;

	err_init(&e);
	assert_int_equal(store_stamp_get(s, plans, 1, &v, &e), 0);
	return v.seq;
}

/* One run with the connection lost at a step: was there such a step? */
static bool
drop_at(void **state, int step, const char *when)
{
	struct fixture *f = *state;
	char fault[160];

	fixture_open(f);
	seed(f->s);
	int64_t before = stamp_of(f->s);

	snprintf(fault, sizeof(fault),
	    "{\"minshengInject\":1,\"op\":\"*\",\"skip\":%d,"
	    "\"when\":\"%s\",\"action\":\"drop\"}",
	    step, when);
	inject(fault);
	enum err_code code = write_all(f->s);
	bool hit = was_hit();

	inject(NULL);
	assert_true(code == ERR_NONE || code == ERR_UNAVAILABLE);
	int n = settle(f);

	if (n != 0 && n != ALL)
		fail_msg("step %d %s: %d of 5", step, when, n);
	if (code == ERR_NONE)
		assert_int_equal(n, ALL);
	if (n == ALL)
		assert_true(stamp_of(f->s) > before);
	/* The same again is told what is there, and changes nothing. */
	code = write_all(f->s);
	assert_int_equal(code, n == ALL ? ERR_EXISTS : ERR_NONE);
	assert_int_equal(settle(f), ALL);
	assert_int_equal(verify_all(f->s, false, NULL), 0);
	return hit;
}

static void
test_gaps_dropped(void **state)
{
	static const char *const when[] = {"before", "after"};
	int steps = 0;

	for (size_t k = 0; k < COUNT(when); k++) {
		int step = 0;

		while (step < STEPS_MAX && drop_at(state, step, when[k])) {
			again(state);
			step++;
			steps++;
		}
		again(state);
	}
	print_message("%d gaps\n", steps);
	assert_true(steps > 12);
	check_contract();
}

/* Run the set in another process, which hangs at a step and is killed. */
static bool
kill_at(void **state, int step)
{
	struct fixture *f = *state;
	double end = now_s() + 20;
	char fault[160];
	bool hit = false;
	int status = 0;

	fixture_open(f);
	seed(f->s);
	store_close(f->s);
	f->s = NULL;
	/* Beyond what opening a store sends: one look at the intents. */
	snprintf(fault, sizeof(fault),
	    "{\"minshengInject\":1,\"op\":\"*\",\"skip\":%d,"
	    "\"when\":\"after\",\"action\":\"hang\"}",
	    step);
	inject(fault);
	pid_t pid = fork();

	if (pid == 0) {
		execl("/proc/self/exe", "test_mongo_faults", "write",
		    f->cfg.store, (char *)NULL);
		_exit(9);
	}
	while (waitpid(pid, &status, WNOHANG) == 0 && !hit) {
		assert_true(now_s() < end);
		hit = was_hit();
		pause_ms(5);
	}
	if (hit) {
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
	}
	inject(NULL);
	fixture_open(f);
	int n = settle(f);

	if (n != 0 && n != ALL)
		fail_msg("killed at step %d: %d of 5", step, n);
	if (!hit)
		assert_int_equal(n, ALL);
	assert_int_equal(verify_all(f->s, false, NULL), 0);
	return hit;
}

static void
test_gaps_killed(void **state)
{
	int step = 0;

	while (step < STEPS_MAX && kill_at(state, step)) {
		again(state);
		step++;
	}
	print_message("%d gaps\n", step);
	assert_true(step > 8);
}

/* ---- a server that is not well ---- */

/* Reads and writes are refused in time. */
static void
check_refused(struct store *s)
{
	double start = now_s();
	struct err e;

	err_init(&e);
	assert_null(store_get_json(s, COLL_ORGS, "a", &e));
	assert_int_equal(e.code, ERR_UNAVAILABLE);
	check_words(&e);
	err_init(&e);
	assert_int_equal(store_ping(s, &e), -1);
	assert_int_equal(e.code, ERR_UNAVAILABLE);
	assert_int_equal(
	    put_new(s, COLL_ORGS, make_org("x", NULL, 1)), ERR_UNAVAILABLE);
	assert_true(now_s() - start < 12);
	/* From now on nobody waits for a server that is not there. */
	start = now_s();
	for (int i = 0; i < 20; i++) {
		err_init(&e);
		assert_null(store_get_json(s, COLL_ORGS, "a", &e));
		assert_int_equal(e.code, ERR_UNAVAILABLE);
	}
	assert_true(now_s() - start < 5);
}

static void
check_heals(struct fixture *f)
{
	double start = now_s();

	while (put_again(f->s, COLL_ORGS, make_org("a", NULL, 7), 0) != 0) {
		assert_true(now_s() - start < HEAL_S);
		pause_ms(100);
	}
	print_message("healed after %.1f s\n", now_s() - start);
	json_t *doc = fetch(f->s, COLL_ORGS, "a");

	assert_int_equal(json_peek_int(doc, "rev", 0), 2);
	json_decref(doc);
	settle(f);
	assert_int_equal(verify_all(f->s, false, NULL), 0);
}

static void
test_stopped(void **state)
{
	struct fixture *f = *state;

	fixture_open(f);
	seed(f->s);
	assert_int_equal(mongo_control(kind, "stop"), 0);
	check_refused(f->s);
	assert_int_equal(mongo_control(kind, "start --inject --txn-seconds 2%s",
			     kind == MONGO_SET ? " --replset rs0" : ""),
	    0);
	check_heals(f);
}

static void
test_frozen(void **state)
{
	struct fixture *f = *state;

	fixture_open(f);
	seed(f->s);
	assert_int_equal(mongo_control(kind, "freeze"), 0);
	check_refused(f->s);
	assert_int_equal(mongo_control(kind, "unfreeze"), 0);
	check_heals(f);
}

static const char *const ills[] = {
    "\"op\":\"find\",\"when\":\"after\",\"action\":\"cut\",\"count\":2",
    "\"op\":\"find\",\"action\":\"drop\",\"count\":2",
    "\"op\":\"find\",\"action\":\"delay\",\"ms\":2500,\"count\":2",
    "\"op\":\"find\",\"action\":\"error\",\"code\":91,\"count\":2",
    "\"op\":\"find\",\"action\":\"error\",\"code\":50,\"count\":2",
    "\"op\":\"find\",\"action\":\"error\",\"code\":13,\"count\":2",
};

/* The driver tries a read again once by itself; twice is too much. */
static void
test_ill_reads(void **state)
{
	struct fixture *f = *state;

	fixture_open(f);
	seed(f->s);
	for (size_t i = 0; i < COUNT(ills); i++) {
		double start = now_s();
		char fault[200];
		struct err e;

		snprintf(
		    fault, sizeof(fault), "{\"minshengInject\":1,%s}", ills[i]);
		inject(fault);
		err_init(&e);
		json_t *doc = store_get_json(f->s, COLL_ORGS, "a", &e);

		if (doc != NULL)
			fail_msg("no error for %s", ills[i]);
		assert_int_equal(e.code, ERR_UNAVAILABLE);
		check_words(&e);
		assert_true(now_s() - start < 6);
		inject(NULL);
		pause_ms(1100);
		assert_true(is_stored(f->s, COLL_ORGS, "a"));
	}
}

/* A commit whose answer is lost is asked for again: it happened once. */
static void
test_lost_answers(void **state)
{
	static const char *const ops[] = {
	    "insert", "update", "findAndModify", "commitTransaction", "delete"};
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(ops); i++) {
		char fault[160];

		fixture_open(f);
		seed(f->s);
		snprintf(fault, sizeof(fault),
		    "{\"minshengInject\":1,\"op\":\"%s\",\"when\":\"after\","
		    "\"action\":\"cut\"}",
		    ops[i]);
		inject(fault);
		enum err_code code = write_all(f->s);

		inject(NULL);
		int n = settle(f);

		assert_true(code == ERR_NONE || code == ERR_UNAVAILABLE);
		assert_true(n == ALL || (n == 0 && code != ERR_NONE));
		again(state);
		f = *state;
	}
}

/* A put that is broken off anywhere is no blob, or a whole one. */
static void
test_blob_gaps(void **state)
{
	static const char *const gaps[] = {
	    "\"op\":\"update\",\"coll\":\"fs.chunks\",\"action\":\"drop\"",
	    "\"op\":\"update\",\"coll\":\"fs.chunks\",\"action\":\"cut\","
	    "\"when\":\"after\"",
	    "\"op\":\"insert\",\"coll\":\"fs.files\",\"action\":\"drop\"",
	    "\"op\":\"insert\",\"coll\":\"fs.files\",\"action\":\"cut\","
	    "\"when\":\"after\""};
	static char bytes[300 * 1024];
	struct fixture *f = *state;
	struct arena a;

	fixture_open(f);
	arena_init(&a);
	for (size_t i = 0; i < COUNT(gaps); i++) {
		char fault[200], sha256[SHA256_HEX + 1];
		const void *data;
		size_t n;
		struct err e;

		bytes[0]++;
		sha256_hex(bytes, sizeof(bytes), sha256);
		snprintf(
		    fault, sizeof(fault), "{\"minshengInject\":1,%s}", gaps[i]);
		inject(fault);
		err_init(&e);
		assert_int_equal(
		    store_blob_put(f->s, sha256, bytes, sizeof(bytes), &e), -1);
		assert_int_equal(e.code, ERR_UNAVAILABLE);
		check_words(&e);
		assert_true(was_hit());
		inject(NULL);
		pause_ms(1100);
		int rc = store_blob_get(f->s, sha256, &a, &data, &n, &e);

		/* Only the last gap is after the file's entry. */
		assert_int_equal(rc, i + 1 == COUNT(gaps) ? 0 : -1);
		assert_true(rc == 0 || e.code == ERR_NOTFOUND);
		assert_int_equal(
		    store_blob_put(f->s, sha256, bytes, sizeof(bytes), &e), 0);
		assert_int_equal(blob_count(&f->cfg), 3 * (i + 1));
	}
	arena_fini(&a);
	assert_int_equal(verify_all(f->s, true, NULL), 0);
}

/* ---- main ---- */

static int
write_main(const char *uri)
{
	struct cfg cfg;
	struct err e;
	enum err_code code = ERR_INTERNAL;

	cfg_init(&cfg);
	fixture_set(&cfg.store, uri);
	cfg.mongodb_validators = false;
	err_init(&e);
	struct store *s = store_open(&cfg, &e);

	if (s != NULL)
		code = write_all(s);
	store_close(s);
	cfg_fini(&cfg);
	return code == ERR_NONE ? 0 : 1;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static int
run_kind(enum mongo_kind k)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_gaps_dropped),
	    TEST(test_gaps_killed),
	    TEST(test_lost_answers),
	    TEST(test_blob_gaps),
	    TEST(test_ill_reads),
	    TEST(test_frozen),
	    TEST(test_stopped),
	};
	int failed;

	kind = k;
	if (!mongo_controlled(k))
		return 0;
	mongoc_init();
	control = mongoc_client_new(mongo_server(k));
	mongoc_client_set_error_api(control, 2);
	failed = cmocka_run_group_tests_name(
	    k == MONGO_SET ? "replica set" : "standalone", tests, NULL, NULL);
	mongoc_client_destroy(control);
	return failed;
}

int
main(int argc, char **argv)
{
	int failed = 0;

	if (argc == 3 && strcmp(argv[1], "write") == 0)
		return write_main(argv[2]);
	for (int k = 0; k < MONGO_KIND__MAX; k++)
		failed += run_kind((enum mongo_kind)k);
	return failed;
}
