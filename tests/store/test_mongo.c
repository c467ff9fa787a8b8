/*
 * What only the MongoDB engine has: layouts, addresses, documents of others.
 *
 *   test_mongo open URI    opens a store and closes it, for the layout test
 */
#include <mongoc/mongoc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "store/bson_tree.h"
#include "store/contract.h"
#include "store/mongo.h"
#include "store/mongo_server.h"

#define OPENERS 4

static enum mongo_kind kind;

static int
setup(void **state)
{
	struct fixture *f = malloc(sizeof(*f));

	assert_non_null(f);
	fixture_init(f, &contract_engines[kind == MONGO_SINGLE ? 1 : 2]);
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

static void
close_store(struct fixture *f)
{
	store_close(f->s);
	f->s = NULL;
}

/* ---- without a server ---- */

static const char *const texts[] = {
    "{}",
    "{\"a\":1,\"b\":-9223372036854775808,\"c\":9223372036854775807}",
    "{\"a\":1.0,\"b\":0.1,\"c\":1e300,\"d\":-0.0}",
    "{\"a\":[],\"b\":{},\"c\":[[1,\"x\"],{\"y\":null}],\"d\":true}",
    "{\"z\":1,\"a\":2,\"\":3}",
    "{\"a\":\"\\u0001\\u001f\x7f \\\"\\\\/\\b\\f\\n\\r\\t运城𠮷\"}",
    "{\"a\":[0,1,2,3,4,5,6,7,8,9,10,11]}",
};

/* Through the tree and back: the same bytes as the tree itself prints. */
static void
test_trees(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		json_t *v = json_loads(texts[i], 0, NULL);
		bson_t b = BSON_INITIALIZER;
		struct buf got, want;
		struct err e;

		assert_non_null(v);
		err_init(&e);
		buf_init(&got, 0);
		buf_init(&want, 0);
		assert_int_equal(bson_append_members(&b, v, &e), 0);
		assert_int_equal(bson_print(&got, &b), 0);
		json_print(&want, v);
		assert_string_equal(got.data, want.data);
		buf_fini(&got);
		buf_fini(&want);
		bson_destroy(&b);
		json_decref(v);
	}
}

/* What would be more than text to a database. */
static void
test_bad_trees(void **state)
{
	json_t *bad[] = {json_pack("{s:i}", "$where", 1),
	    json_pack("{s:i}", "a.b", 1),
	    json_pack("{s:[{s:{s:i}}]}", "a", "b", "$oid", 1),
	    json_pack("{s:o}", "a", json_stringn_nocheck("\xC0\x80", 2)),
	    json_pack("{s:o}", "a", json_stringn_nocheck("a\0b", 3))};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		bson_t b = BSON_INITIALIZER;
		struct err e;

		err_init(&e);
		assert_int_equal(bson_append_members(&b, bad[i], &e), -1);
		assert_int_equal(e.code, ERR_INVALID);
		bson_destroy(&b);
		json_decref(bad[i]);
	}
}

static const struct {
	uint32_t domain;
	uint32_t code;
	const char *message;
	const char *label;
	enum mongo_class want;
} errors[] = {
    {MONGOC_ERROR_SERVER, 11000, "", NULL, MONGO_DUPLICATE},
    {MONGOC_ERROR_SERVER, 11001, "", NULL, MONGO_DUPLICATE},
    {MONGOC_ERROR_SERVER, 12582, "", NULL, MONGO_DUPLICATE},
    {MONGOC_ERROR_SERVER, 1, "violates unique constraint \"x\"", NULL,
	MONGO_DUPLICATE},
    {MONGOC_ERROR_SERVER, 1, "conflicting exclusion constraint", NULL,
	MONGO_DUPLICATE},
    {MONGOC_ERROR_SERVER, 1, "something else", NULL, MONGO_OTHER},
    {MONGOC_ERROR_SERVER, 121, "", NULL, MONGO_INVALID},
    {MONGOC_ERROR_SERVER, 525074461, "", NULL, MONGO_INVALID},
    {MONGOC_ERROR_SERVER, 112, "", NULL, MONGO_CONFLICT},
    {MONGOC_ERROR_SERVER, 251, "", NULL, MONGO_CONFLICT},
    {MONGOC_ERROR_SERVER, 9999, "", "TransientTransactionError",
	MONGO_CONFLICT},
    {MONGOC_ERROR_STREAM, 4, "", "TransientTransactionError", MONGO_GONE},
    {MONGOC_ERROR_SERVER, 50, "", NULL, MONGO_TIMEOUT},
    {MONGOC_ERROR_SERVER, 262, "", NULL, MONGO_TIMEOUT},
    {MONGOC_ERROR_SERVER, 10107, "", NULL, MONGO_GONE},
    {MONGOC_ERROR_SERVER_SELECTION, 13053, "", NULL, MONGO_GONE},
    {MONGOC_ERROR_SERVER, 14031, "", NULL, MONGO_NOSPACE},
    {MONGOC_ERROR_SERVER, 18, "", NULL, MONGO_AUTH},
    {MONGOC_ERROR_CLIENT, MONGOC_ERROR_CLIENT_AUTHENTICATE, "", NULL,
	MONGO_AUTH},
    {MONGOC_ERROR_SERVER, 96, "", NULL, MONGO_OTHER},
};

static void
test_errors_by_class(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(errors); i++) {
		bson_error_t why;
		bson_t reply = BSON_INITIALIZER;

		bson_set_error(&why, errors[i].domain, errors[i].code, "%s",
		    errors[i].message);
		if (errors[i].label != NULL) {
			bson_t *b = BCON_NEW("errorLabels", "[",
			    BCON_UTF8(errors[i].label), "]");

			bson_concat(&reply, b);
			bson_destroy(b);
		}
		if (mongo_classify(&why, &reply) != errors[i].want)
			fail_msg("%u/%u", errors[i].domain, errors[i].code);
		bson_destroy(&reply);
	}
}

static void
test_bad_addresses(void **state)
{
	static const char *const bad[] = {"mongodb", "mongodb://",
	    "mongodb+srv://", "mongo://u:hunter2@h", "mongodb://u:hunter2@",
	    "mongodb://u:hunter2@h:99999", "mongodbs://h", "oracle",
	    "mongodb://h/?w=0&nonsense=%"};
	struct cfg cfg;

	(void)state;
	cfg_init(&cfg);
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct err e;

		err_init(&e);
		fixture_set(&cfg.store, bad[i]);
		if (store_open(&cfg, &e) != NULL)
			fail_msg("%s was opened", bad[i]);
		assert_int_equal(e.code, ERR_CONFIG);
		assert_null(strstr(e.detail, "hunter2"));
	}
	/* A good one, where nobody is. */
	struct err e;

	err_init(&e);
	fixture_set(&cfg.store, "mongodb://127.0.0.1:1/x");
	cfg.mongodb_wait = 300;
	assert_null(store_open(&cfg, &e));
	assert_int_equal(e.code, ERR_UNAVAILABLE);
	cfg_fini(&cfg);
}

/* ---- with one ---- */

struct beside {
	mongoc_client_t *client;
	mongoc_database_t *db;
};

static void
beside_init(struct beside *b, const struct fixture *f)
{
	mongoc_uri_t *uri = mongoc_uri_new(f->cfg.store);

	b->client = mongoc_client_new_from_uri(uri);
	mongoc_client_set_error_api(b->client, 2);
	b->db =
	    mongoc_client_get_database(b->client, mongoc_uri_get_database(uri));
	mongoc_uri_destroy(uri);
}

static void
beside_fini(struct beside *b)
{
	mongoc_database_destroy(b->db);
	mongoc_client_destroy(b->client);
}

/* Run a command; its answer as text: new. */
static char *
run(struct beside *b, const char *json)
{
	bson_error_t why;
	bson_t reply;
	bson_t *command = bson_new_from_json((const uint8_t *)json, -1, &why);

	assert_non_null(command);
	if (!mongoc_database_command_simple(b->db, command, NULL, &reply, &why))
		fail_msg("%s: %s", json, why.message);
	char *text = bson_as_relaxed_extended_json(&reply, NULL);

	bson_destroy(&reply);
	bson_destroy(command);
	return text;
}

static void
run_quietly(struct beside *b, const char *json)
{
	bson_free(run(b, json));
}

static bool
answer_has(struct beside *b, const char *json, const char *part)
{
	char *text = run(b, json);
	bool found = strstr(text, part) != NULL;

	bson_free(text);
	return found;
}

static void
check_layout(struct beside *b)
{
	static const struct {
		const char *command;
		const char *part;
	} wanted[] = {
	    {"{\"listIndexes\":\"tasks\"}", "\"f_planId\""},
	    {"{\"listIndexes\":\"tasks\"}", "\"f_lead.orgId\""},
	    {"{\"listIndexes\":\"reports\"}", "\"s_value\""},
	    {"{\"listIndexes\":\"milestoneStates\"}", "\"s_met\""},
	    {"{\"listIndexes\":\"intents\"}", "\"i_keys\""},
	    {"{\"find\":\"meta\"}", "\"version\" : 1"},
	    {"{\"find\":\"stamps\"}", "\"_id\" : \"\""},
	    {"{\"listCollections\":1,\"filter\":{\"name\":\"orgs\"}}",
		"$jsonSchema"},
	};

	for (size_t i = 0; i < COUNT(wanted); i++)
		if (!answer_has(b, wanted[i].command, wanted[i].part))
			fail_msg(
			    "%s: no %s", wanted[i].command, wanted[i].part);
}

static void
test_layout(void **state)
{
	struct fixture *f = *state;
	struct beside b;
	struct err e;

	f->cfg.mongodb_validators = true;
	beside_init(&b, f);
	fixture_open(f);
	check_layout(&b);
	/* What somebody took away comes back. */
	run_quietly(&b, "{\"dropIndexes\":\"reports\",\"index\":\"s_value\"}");
	run_quietly(&b, "{\"collMod\":\"orgs\",\"validator\":{}}");
	run_quietly(&b, "{\"dropIndexes\":\"tasks\",\"index\":\"f_planId\"}");
	run_quietly(&b,
	    "{\"createIndexes\":\"tasks\",\"indexes\":[{\"key\":{\"no\":1},"
	    "\"name\":\"f_planId\"}]}");
	err_init(&e);
	if (store_migrate(f->s, &e) < 0)
		fail_msg("%s", e.detail);
	check_layout(&b);
	assert_true(
	    answer_has(&b, "{\"listIndexes\":\"tasks\"}", "\"planId\" : 1"));
	/* An older program's is brought up, a newer one's left alone. */
	close_store(f);
	run_quietly(&b, "{\"update\":\"meta\",\"updates\":[{\"q\":{},\"u\":"
			"{\"$set\":{\"hash\":\"older\"}}}]}");
	run_quietly(&b, "{\"drop\":\"milestoneStates\"}");
	assert_null(store_open_reader(&f->cfg, &e));
	assert_int_equal(e.code, ERR_CONFIG);
	fixture_open(f);
	check_layout(&b);
	close_store(f);
	run_quietly(&b, "{\"update\":\"meta\",\"updates\":[{\"q\":{},\"u\":"
			"{\"$set\":{\"version\":99}}}]}");
	err_init(&e);
	assert_null(store_open(&f->cfg, &e));
	assert_int_equal(e.code, ERR_CONFIG);
	beside_fini(&b);
}

/* Programs that start at once make one layout together. */
static void
test_layout_race(void **state)
{
	struct fixture *f = *state;
	pid_t pids[OPENERS];
	int status;

	for (size_t i = 0; i < OPENERS; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			execl("/proc/self/exe", "test_mongo", "open",
			    f->cfg.store, (char *)NULL);
			_exit(9);
		}
	}
	for (size_t i = 0; i < OPENERS; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	f->cfg.mongodb_validators = true;
	struct beside b;

	beside_init(&b, f);
	check_layout(&b);
	beside_fini(&b);
	fixture_open(f);
}

static void
test_reader(void **state)
{
	const char *const plans[] = {"p"};
	struct fixture *f = *state;
	struct store_stamp v;
	struct err e;

	err_init(&e);
	assert_null(store_open_reader(&f->cfg, &e));
	assert_int_equal(e.code, ERR_CONFIG);
	fixture_open(f);
	assert_int_equal(put_new(f->s, COLL_TASKS, make_task("t", "p", 1)), 0);
	err_init(&e);
	struct store *r = store_open_reader(&f->cfg, &e);

	assert_non_null(r);
	assert_true(is_stored(r, COLL_TASKS, "t"));
	assert_int_equal(store_stamp_get(r, plans, 1, &v, &e), 0);
	assert_int_equal(verify_all(r, false, NULL), 0);
	assert_int_equal(
	    put_new(r, COLL_TASKS, make_task("x", "p", 1)), ERR_LOCKED);
	assert_int_equal(store_migrate(r, &e), -1);
	assert_int_equal(e.code, ERR_LOCKED);
	store_close(r);
}

/* Documents that somebody wrote around the program. */
static void
test_strangers(void **state)
{
	static const struct {
		const char *doc;
		bool reads;
	} docs[] = {
	    {"{\"_id\":\"a\",\"rev\":1,\"sortKey\":5}", true},
	    {"{\"_id\":\"b\",\"rev\":1.0,\"sortKey\":5.5}", true},
	    {"{\"_id\":\"c\",\"rev\":1,\"at\":{\"$date\":\"2019-04-04T00:00:"
	     "00Z\"}}",
		false},
	    {"{\"_id\":7,\"rev\":1}", false},
	};
	struct fixture *f = *state;
	struct beside b;
	struct arena a;
	struct err e;

	beside_init(&b, f);
	fixture_open(f);
	arena_init(&a);
	for (size_t i = 0; i < COUNT(docs); i++) {
		struct store_query q = {
		    .coll = COLL_ORGS, .sort = FIELD_ID, .limit = 10};
		struct store_page page;
		char command[256];

		snprintf(command, sizeof(command),
		    "{\"insert\":\"orgs\",\"documents\":[%s]}", docs[i].doc);
		run_quietly(&b, command);
		err_init(&e);
		assert_int_equal(store_find(f->s, &q, &a, &page, &e),
		    docs[i].reads ? 0 : -1);
		if (!docs[i].reads)
			assert_int_equal(e.code, ERR_INTERNAL);
		assert_true(verify_all(f->s, false, NULL) > 0);
		run_quietly(&b, "{\"delete\":\"orgs\",\"deletes\":[{\"q\":{},"
				"\"limit\":0}]}");
	}
	arena_fini(&a);
	beside_fini(&b);
}

/* Ids at the edges of what a prefix can be. */
static void
test_prefixes(void **state)
{
	static const char *const ids[] = {"a", "a\x7f", "ab", "a\xC2\x80",
	    "a\xED\x9F\xBF", "a\xED\x9F\xBFx", "a\xEE\x80\x80",
	    "a\xF4\x8F\xBF\xBF", "a\xF4\x8F\xBF\xBFz", "b", "\xF4\x8F\xBF\xBF",
	    "\xF4\x8F\xBF\xBF\xF4\x8F\xBF\xBF"};
	struct fixture *f = *state;

	fixture_open(f);
	for (size_t i = 0; i < COUNT(ids); i++)
		assert_int_equal(
		    put_new(f->s, COLL_ORGS, make_org(ids[i], NULL, 1)), 0);
	for (size_t i = 0; i < COUNT(ids); i++) {
		struct store_query q = {.coll = COLL_ORGS,
		    .filters = {{FIELD_ID, OP_PREFIX, ids[i], 0}},
		    .nfilters = 1,
		    .sort = FIELD_ID,
		    .limit = 10};
		size_t want = 0;
		struct err e;

		for (size_t k = 0; k < COUNT(ids); k++)
			want += strncmp(ids[k], ids[i], strlen(ids[i])) == 0;
		err_init(&e);
		json_t *list = store_find_json(f->s, &q, 100, &e);

		assert_int_equal(json_array_size(list), want);
		json_decref(list);
	}
}

/* No restart, no restore gives out a stamp again. */
static void
test_stamps_renew(void **state)
{
	const char *const plans[] = {"p"};
	struct fixture *f = *state;
	struct store_stamp before, after;
	struct beside b;
	struct err e;

	err_init(&e);
	beside_init(&b, f);
	fixture_open(f);
	assert_int_equal(put_new(f->s, COLL_TASKS, make_task("t", "p", 1)), 0);
	assert_int_equal(store_stamp_get(f->s, plans, 1, &before, &e), 0);
	close_store(f);
	run_quietly(&b, "{\"dropDatabase\":1}");
	fixture_open(f);
	assert_int_equal(store_stamp_get(f->s, plans, 1, &after, &e), 0);
	assert_true(after.seq > before.seq);
	before = after;
	verify_all(f->s, true, NULL);
	assert_int_equal(store_stamp_get(f->s, plans, 1, &after, &e), 0);
	assert_true(after.seq > before.seq);
	beside_fini(&b);
}

static int
open_main(const char *uri)
{
	struct cfg cfg;
	struct err e;

	cfg_init(&cfg);
	fixture_set(&cfg.store, uri);
	err_init(&e);
	struct store *s = store_open(&cfg, &e);

	if (s == NULL)
		print_error("%s\n", e.detail);
	store_close(s);
	cfg_fini(&cfg);
	return s != NULL ? 0 : 1;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(int argc, char **argv)
{
	const struct CMUnitTest pure[] = {
	    cmocka_unit_test(test_trees),
	    cmocka_unit_test(test_bad_trees),
	    cmocka_unit_test(test_errors_by_class),
	    cmocka_unit_test(test_bad_addresses),
	};
	const struct CMUnitTest tests[] = {
	    TEST(test_layout),
	    TEST(test_layout_race),
	    TEST(test_reader),
	    TEST(test_strangers),
	    TEST(test_prefixes),
	    TEST(test_stamps_renew),
	};
	int failed;

	if (argc == 3 && strcmp(argv[1], "open") == 0)
		return open_main(argv[2]);
	failed = cmocka_run_group_tests(pure, NULL, NULL);
	for (int k = 0; k < MONGO_KIND__MAX; k++) {
		kind = (enum mongo_kind)k;
		if (mongo_server(kind) != NULL)
			failed += cmocka_run_group_tests(tests, NULL, NULL);
	}
	return failed;
}
