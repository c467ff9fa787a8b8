/*
 * The validators in the database: never stricter than the program's own
 * check, and in the way of whoever writes around the program.
 */
#include <dirent.h>
#include <mongoc/mongoc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/id.h"
#include "base/json.h"
#include "schema/registry.h"
#include "store/contract.h"
#include "store/mongo_schema.h"
#include "store/mongo_server.h"

#define DEFAULT_DOCS 3000
#define BATCH 200
#define CHANGES_MAX 4

static enum mongo_kind kind;

/* ---- what is derived ---- */

/* Keywords that some servers refuse or read in another way. */
static const char *const unknown[] = {"title", "additionalProperties",
    "patternProperties", "dependencies", "minProperties", "maxProperties",
    "allOf", "anyOf", "oneOf", "not", "const", "$ref", "$defs", "format",
    "default", "$schema", "$id", "examples", "if", "then", "else", "type",
    "description", "readOnly", "x-message"};

static void
check_keywords(const json_t *schema)
{
	const json_t *v;
	const char *key;
	json_t *item;

	for (size_t i = 0; i < COUNT(unknown); i++)
		if (json_object_get(schema, unknown[i]) != NULL)
			fail_msg("keyword %s", unknown[i]);
	v = json_object_get(schema, "required");
	assert_true(v == NULL || json_array_size(v) > 0);
	v = json_object_get(schema, "enum");
	assert_true(v == NULL || json_array_size(v) > 0);
	v = json_object_get(schema, "items");
	if (v != NULL)
		check_keywords(v);
	json_object_foreach (
	    json_iterable(json_peek_object(schema, "properties")), key, item)
		check_keywords(item);
}

static void
test_derived(void **state)
{
	(void)state;
	for (enum coll c = 0; c < COLL__MAX; c++) {
		struct err e;
		struct buf b;

		err_init(&e);
		json_t *schema = mongo_schema(coll_schema(c), &e);

		if (schema == NULL)
			fail_msg("%s: %s", coll_schema(c), e.detail);
		check_keywords(schema);
		assert_non_null(json_object_get(schema, "required"));
		buf_init(&b, 0);
		json_print(&b, schema);
		print_message("%s: %zu bytes\n", coll_name(c), b.len);
		assert_true(b.len > 300 && b.len < 10000);
		buf_fini(&b);
		json_decref(schema);
	}
	struct err e;

	err_init(&e);
	assert_null(mongo_schema("none.json", &e));
	assert_int_equal(e.code, ERR_INTERNAL);
}

/* ---- documents that the program accepts ---- */

/* The examples of a collection's schema, and the sample data: new. */
static json_t *
read_examples(enum coll c)
{
	static const char *const samples[COLL__MAX] = {
	    [COLL_PLANS] = "plan",
	    [COLL_TASKS] = "tasks",
	    [COLL_ORGS] = "orgs",
	    [COLL_ORGSETS] = "orgSets",
	};
	json_t *list = json_array();
	char path[512];

	snprintf(path, sizeof(path), "%s/schemas/examples/%.*s/valid",
	    MS_SOURCE_DIR, (int)strcspn(coll_schema(c), "."), coll_schema(c));
	DIR *dir = opendir(path);

	assert_non_null(dir);
	for (struct dirent *d; (d = readdir(dir)) != NULL;) {
		char file[1024];

		if (d->d_name[0] == '.')
			continue;
		snprintf(file, sizeof(file), "%s/%s", path, d->d_name);
		json_push(list, json_load_file(file, 0, NULL));
	}
	closedir(dir);
	if (samples[c] != NULL) {
		snprintf(path, sizeof(path),
		    "%s/scripts/sample/140800-2019/%s.json", MS_SOURCE_DIR,
		    samples[c]);
		json_t *v = json_load_file(path, 0, NULL);

		assert_non_null(v);
		if (json_is_array(v))
			json_array_extend(list, v);
		else
			json_array_append(list, v);
		json_decref(v);
	}
	assert_true(json_array_size(list) > 0);
	return list;
}

/* ---- changing them ---- */

static json_t *
random_value(struct rnd *r)
{
	static const char *const texts[] = {"", "a", "140800", "140823",
	    "两癌检查", "2019-12-31", "2019-04-05T01:00:00.000Z", "i1", "given",
	    "missing", "numbers\n", "\xF0\x9F\x90\x89", "A_B", "139****0100",
	    "a.b-c_d"};
	static const int64_t numbers[] = {0, 1, -1, 28, 100, 2199, 999, 1000000,
	    9000000000000, 9000000000000000, INT64_MAX};
	char text[2200];
	size_t n;

	switch (rnd_below(r, 8)) {
	case 0:
		return json_null();
	case 1:
		return json_boolean(rnd_below(r, 2));
	case 2:
		return json_array();
	case 3:
		return json_object();
	case 4: /* long, of characters that are long themselves */
		n = rnd_below(r, 700) * 3;
		for (size_t i = 0; i < n; i += 3)
			memcpy(text + i, "事", 3);
		return json_stringn(text, n);
	case 5:
		return json_string(texts[rnd_below(r, COUNT(texts))]);
	default:
		return json_integer(numbers[rnd_below(r, COUNT(numbers))]);
	}
}

static void change(struct rnd *r, json_t *v);

static void
change_object(struct rnd *r, json_t *o)
{
	size_t n = rnd_below(r, json_object_size(o) + 1);
	void *at = json_object_iter(o);

	while (n > 0 && at != NULL) {
		at = json_object_iter_next(o, at);
		n--;
	}
	if (at == NULL)
		return;
	json_t *v = json_object_iter_value(at);
	size_t what = rnd_below(r, 10);

	if (what == 0) {
		char *key = strdup(json_object_iter_key(at));

		json_object_del(o, key);
		free(key);
	} else if (what < 4 || !(json_is_object(v) || json_is_array(v))) {
		json_object_iter_set_new(o, at, random_value(r));
	} else {
		change(r, v);
	}
}

static void
change_array(struct rnd *r, json_t *a)
{
	size_t n = json_array_size(a);

	if (n == 0) {
		json_push(a, random_value(r));
		return;
	}
	size_t i = rnd_below(r, n);

	switch (rnd_below(r, 6)) {
	case 0:
		json_array_remove(a, i);
		break;
	case 1:
		json_push(a, json_deep_copy(json_array_get(a, i)));
		break;
	default:
		change(r, json_array_get(a, i));
	}
}

static void
change(struct rnd *r, json_t *v)
{
	if (json_is_object(v))
		change_object(r, v);
	else if (json_is_array(v))
		change_array(r, v);
}

/* new: a document that the program accepts, or NULL. */
/* Of the same form as an example's: a UUID, a hash, or any. */
static void
new_id(const char *like, int n, char id[SHA256_HEX + 1])
{
	snprintf(id, SHA256_HEX + 1, "x-%d", n);
	if (strlen(like) == SHA256_HEX)
		sha256_hex(id, strlen(id), id);
	else if (strlen(like) == UUID_LEN)
		uuid_random(id);
}

static json_t *
random_doc(struct rnd *r, enum coll c, const json_t *examples, int n)
{
	size_t i = rnd_below(r, json_array_size(examples));
	json_t *doc = json_deep_copy(json_array_get(examples, i));
	size_t changes = rnd_below(r, CHANGES_MAX + 1);
	char id[SHA256_HEX + 1];
	struct err e;

	for (size_t k = 0; k < changes; k++)
		change(r, doc);
	new_id(json_peek_str(json_array_get(examples, i), "_id"), n, id);
	json_put_str(doc, "_id", id);
	err_init(&e);
	if (schema_check(schema_registry_peek(coll_schema(c)), doc, &e) == 0)
		return doc;
	json_decref(doc);
	return NULL;
}

/* ---- in the database ---- */

static int
setup(void **state)
{
	struct fixture *f = malloc(sizeof(*f));

	assert_non_null(f);
	fixture_init(f, &contract_engines[kind == MONGO_SINGLE ? 1 : 2]);
	f->cfg.mongodb_validators = true;
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
store_batch(struct store *s, struct write_set *ws)
{
	struct err e;

	err_init(&e);
	if (store_write(s, ws, &e) < 0) {
		char *text = json_dumps(ws->v[ws->failed].doc, JSON_COMPACT);

		print_message("%s\n", text);
		free(text);
		fail_msg("%s: %s", coll_name(ws->v[ws->failed].coll), e.detail);
	}
	write_set_fini(ws);
	write_set_init(ws, instant_now());
}

/* What the program accepts, the database accepts. */
static void
test_never_stricter(void **state)
{
	const char *given = getenv("DOCS");
	int wanted = given != NULL ? atoi(given) : DEFAULT_DOCS;
	struct fixture *f = *state;
	json_t *examples[COLL__MAX];
	size_t counts[COLL__MAX] = {0};
	struct write_set ws;
	struct rnd r;
	int n = 0;

	fixture_open(f);
	rnd_init(&r, "test_never_stricter");
	for (enum coll c = 0; c < COLL__MAX; c++)
		examples[c] = read_examples(c);
	write_set_init(&ws, instant_now());
	while (n < wanted) {
		enum coll c = (enum coll)rnd_below(&r, COLL__MAX);
		json_t *doc = random_doc(&r, c, examples[c], n);

		if (doc == NULL)
			continue;
		add_new(&ws, c, doc);
		json_decref(doc);
		counts[c]++;
		if (++n % BATCH == 0)
			store_batch(f->s, &ws);
	}
	write_set_fini(&ws);
	for (enum coll c = 0; c < COLL__MAX; c++) {
		assert_true(counts[c] > (size_t)wanted / (4 * COLL__MAX));
		json_decref(examples[c]);
	}
	assert_int_equal(verify_all(f->s, false, NULL), 0);
}

/* ---- around the program ---- */

/* $set or $unset what stands here, in a document that is stored. */
static const struct {
	enum coll coll;
	const char *update; /* NULL: insert `doc` */
	const char *doc;
} around[] = {
    {COLL_TASKS, "{\"$set\":{\"no\":\"three\"}}", NULL},
    {COLL_TASKS, "{\"$set\":{\"no\":0}}", NULL},
    {COLL_TASKS, "{\"$set\":{\"no\":1.5}}", NULL},
    {COLL_TASKS, "{\"$set\":{\"kind\":\"other\"}}", NULL},
    {COLL_TASKS, "{\"$set\":{\"status\":\"overdue\"}}", NULL},
    {COLL_TASKS, "{\"$set\":{\"planId\":\"a b\"}}", NULL},
    {COLL_TASKS, "{\"$set\":{\"title\":\"\"}}", NULL},
    {COLL_TASKS, "{\"$set\":{\"year\":1999}}", NULL},
    {COLL_TASKS, "{\"$set\":{\"indicators\":{}}}", NULL},
    {COLL_TASKS, "{\"$set\":{\"indicators.0.target.qty\":-1}}", NULL},
    {COLL_TASKS, "{\"$set\":{\"indicators.0.target.state\":\"x\"}}", NULL},
    {COLL_TASKS, "{\"$set\":{\"indicators.0.quotas.0.qty\":\"many\"}}", NULL},
    {COLL_TASKS, "{\"$set\":{\"indicators.0.quotas.0.qty\":2.5}}", NULL},
    {COLL_TASKS, "{\"$set\":{\"funding.0.amountFen\":0.5}}", NULL},
    {COLL_TASKS, "{\"$set\":{\"funding.0.level\":\"moon\"}}", NULL},
    {COLL_TASKS, "{\"$set\":{\"milestones.0.to\":\"June\"}}", NULL},
    {COLL_TASKS, "{\"$set\":{\"milestones.0.orgs\":[\"a\",\"a\"]}}", NULL},
    {COLL_TASKS, "{\"$set\":{\"rev\":\"2\"}}", NULL},
    {COLL_TASKS, "{\"$unset\":{\"lead\":1}}", NULL},
    {COLL_TASKS, "{\"$unset\":{\"lead.orgId\":1}}", NULL},
    {COLL_TASKS, "{\"$unset\":{\"indicators.0.target\":1}}", NULL},
    {COLL_REPORTS, "{\"$set\":{\"value.n\":-5}}", NULL},
    {COLL_REPORTS, "{\"$set\":{\"value.kind\":\"maybe\"}}", NULL},
    {COLL_REPORTS, "{\"$set\":{\"asOf\":\"31.5.2019\"}}", NULL},
    {COLL_REPORTS, "{\"$set\":{\"state\":\"done\"}}", NULL},
    {COLL_REPORTS, "{\"$unset\":{\"orgId\":1}}", NULL},
    {COLL_REPORTS, NULL, "{\"_id\":\"x\",\"n\":1}"},
    {COLL_ORGS, "{\"$set\":{\"division\":\"14082\"}}", NULL},
    {COLL_ORGS, "{\"$set\":{\"aliases\":\"闻喜\"}}", NULL},
    {COLL_ORGS, NULL,
	"{\"_id\":7,\"division\":\"140800\",\"name\":\"x\","
	"\"kind\":\"county\"}"},
    {COLL_PLANS, "{\"$set\":{\"status\":\"forgotten\"}}", NULL},
    {COLL_PLANS, "{\"$set\":{\"policy.soonDays\":61}}", NULL},
    {COLL_MILESTONESTATES, "{\"$set\":{\"state\":\"late\"}}", NULL},
    {COLL_ORGSETS, "{\"$set\":{\"members\":\"all\"}}", NULL},
};

static bson_t *
parse(const char *json)
{
	bson_error_t why;
	bson_t *b = bson_new_from_json((const uint8_t *)json, -1, &why);

	if (b == NULL)
		fail_msg("%s: %s", json, why.message);
	return b;
}

/* What the server says to a write from anybody: its code, 0 when taken. */
static uint32_t
write_around(mongoc_client_t *client, const char *db, size_t i)
{
	mongoc_collection_t *c =
	    mongoc_client_get_collection(client, db, coll_name(around[i].coll));
	bson_error_t why = {.code = 0};
	bool ok;

	if (around[i].update != NULL) {
		bson_t *update = parse(around[i].update);
		bson_t all = BSON_INITIALIZER;

		ok = mongoc_collection_update_one(
		    c, &all, update, NULL, NULL, &why);
		bson_destroy(update);
	} else {
		bson_t *doc = parse(around[i].doc);

		ok = mongoc_collection_insert_one(c, doc, NULL, NULL, &why);
		bson_destroy(doc);
	}
	mongoc_collection_destroy(c);
	return ok ? 0 : why.code;
}

static void
test_around(void **state)
{
	struct fixture *f = *state;
	mongoc_uri_t *uri = mongoc_uri_new(f->cfg.store);
	mongoc_client_t *client = mongoc_client_new_from_uri(uri);
	struct write_set ws;

	mongoc_client_set_error_api(client, 2);
	fixture_open(f);
	write_set_init(&ws, instant_now());
	for (enum coll c = 0; c < COLL__MAX; c++) {
		json_t *examples = read_examples(c);
		json_t *doc = json_array_get(examples, 0);

		if (c == COLL_TASKS) {
			json_decref(examples);
			examples = json_array();
			json_push(examples,
			    make_task("140800-2019-03", "140800-2019", 3));
			doc = json_array_get(examples, 0);
		}
		if (c == COLL_REPORTS)
			for (size_t i = 0; i < json_array_size(examples); i++)
				if (json_object_get(
					json_peek_object(
					    json_array_get(examples, i),
					    "value"),
					"n") != NULL)
					doc = json_array_get(examples, i);
		add_new(&ws, c, doc);
		json_decref(examples);
	}
	store_batch(f->s, &ws);
	write_set_fini(&ws);
	for (size_t i = 0; i < COUNT(around); i++) {
		uint32_t code =
		    write_around(client, mongoc_uri_get_database(uri), i);

		if (code != 121)
			fail_msg("%u: %s %s", code, coll_name(around[i].coll),
			    around[i].update != NULL ? around[i].update
						     : around[i].doc);
	}
	assert_int_equal(verify_all(f->s, false, NULL), 0);
	mongoc_client_destroy(client);
	mongoc_uri_destroy(uri);
}

/* The same through the program is told in our words. */
static void
test_told(void **state)
{
	struct fixture *f = *state;
	struct write_set ws;
	struct err e;

	fixture_open(f);
	json_t *doc = make_org("140829", NULL, -1);

	err_init(&e);
	write_set_init(&ws, instant_now());
	write_insert(&ws, COLL_ORGS, doc);
	json_decref(doc);
	assert_int_equal(store_write(f->s, &ws, &e), -1);
	assert_int_equal(e.code, ERR_INVALID);
	assert_null(strstr(e.detail, "alid"));
	write_set_fini(&ws);
	assert_false(is_stored(f->s, COLL_ORGS, "140829"));
	assert_int_equal(
	    put_new(f->s, COLL_ORGS, make_org("140829", NULL, 1)), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest pure[] = {cmocka_unit_test(test_derived)};
	const struct CMUnitTest tests[] = {
	    TEST(test_never_stricter),
	    TEST(test_around),
	    TEST(test_told),
	};
	struct err e;
	int failed;

	err_init(&e);
	if (schema_registry_init(&e) < 0)
		return 1;
	failed = cmocka_run_group_tests(pure, NULL, NULL);
	for (int k = 0; k < MONGO_KIND__MAX; k++) {
		kind = (enum mongo_kind)k;
		if (mongo_server(kind) != NULL)
			failed += cmocka_run_group_tests(tests, NULL, NULL);
	}
	schema_registry_fini();
	return failed;
}
