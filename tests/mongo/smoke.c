/*
 * Does the test server do what the tests need of it?  Run by ./smoke,
 * which passes the URI and the command that ends a freeze; prints one row
 * per check, fails if any does.
 */
#include <netdb.h>

#include <mongoc/mongoc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DB "smoke"
#define NWRITERS 8
#define NROUNDS 25
#define TIMEOUTS                                               \
	"&serverSelectionTimeoutMS=2000&connectTimeoutMS=2000" \
	"&socketTimeoutMS=1500&waitQueueTimeoutMS=2000"        \
	"&w=majority&journal=true"

/* A command and what must come back. */
struct row {
	const char *what;
	const char *command; /* extended JSON */
	uint32_t code;       /* 0: success */
	const char *part;    /* must occur in the answer, or NULL */
};

/* A failure, the command that meets it, and what is true afterwards. */
struct fault_row {
	const char *what;
	const char *fault;
	const char *command;
	bool succeeds;
	int64_t n; /* value of counter "f" after it */
};

static mongoc_client_pool_t *pool;
static int failures;

/* clang-format off */
static const struct row rows[] = {
	{"create with validator", "{'create':'c','validator':{'$jsonSchema':"
	    "{'bsonType':'object','required':['n'],'properties':{'n':"
	    "{'bsonType':['int','long']}}}},'validationLevel':'strict'}", 0, NULL},
	{"create again", "{'create':'c'}", 48, NULL},
	{"listCollections reads it back", "{'listCollections':1}", 0,
	    "\"required\" : [ \"n\" ]"},
	{"insert", "{'insert':'c','documents':[{'_id':'f','n':0},"
	    "{'_id':'g','n':1,'k':'a'}]}", 0, "\"n\" : 2"},
	{"insert duplicate _id", "{'insert':'c','documents':"
	    "[{'_id':'f','n':0}]}", 11000, "_id_"},
	{"insert refused by validator", "{'insert':'c','documents':"
	    "[{'_id':'h','n':'x'}]}", 121, NULL},
	{"update refused by validator", "{'update':'c','updates':"
	    "[{'q':{'_id':'f'},'u':{'$set':{'n':'x'}}}]}", 121, NULL},
	{"createIndexes", "{'createIndexes':'c','indexes':[{'key':{'k':1},"
	    "'name':'c_k_unique','unique':true,'partialFilterExpression':"
	    "{'k':{'$exists':true}}},{'key':{'n':1},'name':'c_n'}]}", 0, NULL},
	{"createIndexes twice", "{'createIndexes':'c','indexes':[{'key':"
	    "{'n':1},'name':'c_n'}]}", 0, NULL},
	{"listIndexes", "{'listIndexes':'c'}", 0, "c_k_unique"},
	{"duplicate names the index", "{'insert':'c','documents':"
	    "[{'_id':'i','n':1,'k':'a'}]}", 11000, "c_k_unique"},
	{"update with inc", "{'update':'c','updates':[{'q':{'_id':'f'},"
	    "'u':{'$inc':{'n':1}}}]}", 0, "\"nModified\" : 1"},
	{"upsert", "{'update':'c','updates':[{'q':{'_id':'u'},'u':{'$set':"
	    "{'n':5}},'upsert':true}]}", 0, "upserted"},
	{"findAndModify", "{'findAndModify':'c','query':{'_id':'f','n':1},"
	    "'update':{'$inc':{'n':1}},'new':true}", 0, "\"n\" : 2"},
	{"findAndModify, no match", "{'findAndModify':'c','query':"
	    "{'_id':'f','n':99},'update':{'$inc':{'n':1}}}", 0,
	    "\"value\" : null"},
	{"findAndModify refused by validator", "{'findAndModify':'c','query':"
	    "{'_id':'f'},'update':{'$set':{'n':'x'}}}", 121, NULL},
	{"find sorted with limit", "{'find':'c','filter':{},'sort':"
	    "{'n':-1,'_id':1},'limit':1}", 0, "\"u\""},
	{"aggregate", "{'aggregate':'c','pipeline':[{'$group':{'_id':null,"
	    "'n':{'$sum':1}}}],'cursor':{}}", 0, "\"n\" : 3"},
	{"explain uses the index", "{'explain':{'find':'c','filter':"
	    "{'k':'a'}}}", 0, "c_k_unique"},
	{"explain aggregate", "{'explain':{'aggregate':'c','pipeline':"
	    "[{'$match':{'_id':'f'}}],'cursor':{}}}", 0, "IXSCAN"},
	{"count", "{'count':'c','query':{}}", 0, "\"n\" : 3"},
	{"distinct", "{'distinct':'c','key':'n'}", 0, "values"},
	{"collMod validator", "{'collMod':'c','validator':{'$jsonSchema':"
	    "{'bsonType':'object','required':['n']}},'validationLevel':"
	    "'moderate'}", 0, NULL},
	{"listCollections after collMod", "{'listCollections':1}", 0,
	    "\"validationLevel\" : \"moderate\""},
	{"delete", "{'delete':'c','deletes':[{'q':{'_id':'u'},'limit':1}]}",
	    0, "\"n\" : 1"},
	{"unknown command", "{'nonsense':1}", 59, NULL},
	{"contract: $dateTrunc", "{'aggregate':'c','pipeline':[{'$project':"
	    "{'d':{'$dateTrunc':{'date':'$d','unit':'day'}}}}],'cursor':{}}",
	    96, NULL},
	{"contract: implicit collection", "{'insert':'nobody','documents':"
	    "[{'_id':1}]}", 96, NULL},
	{"contract: capped", "{'create':'k','capped':true,'size':1000}", 96,
	    NULL},
	{"contract: hidden index", "{'createIndexes':'c','indexes':[{'key':"
	    "{'z':1},'name':'z','hidden':true}]}", 96, NULL},
	{"contract: validator keyword", "{'collMod':'c','validator':"
	    "{'$jsonSchema':{'properties':{'a':{'title':'x'}}}}}", 96, NULL},
	{"property may be called title", "{'collMod':'c','validator':"
	    "{'$jsonSchema':{'properties':{'title':{'bsonType':'string'}}}}}",
	    0, NULL},
	{"contract: update let", "{'update':'c','let':{'a':1},'updates':"
	    "[{'q':{},'u':{'$set':{'n':1}}}]}", 96, NULL},
	{"maxTimeMS", "{'find':'c','filter':{},'maxTimeMS':1000}", 0, NULL},
};

#define INC "{'update':'c','updates':[{'q':{'_id':'f'}," \
	    "'u':{'$inc':{'n':{'$numberLong':'1'}}}}]}"
#define FAM "{'findAndModify':'c','query':{'_id':'f'}," \
	    "'update':{'$inc':{'n':{'$numberLong':'1'}}}}"
static const struct fault_row fault_rows[] = {
	{"drop before", "{'op':'update','when':'before','action':'drop'}",
	    INC, false, 0},
	{"drop after", "{'op':'update','when':'after','action':'drop'}",
	    INC, false, 1},
	{"cut mid-reply", "{'op':'findAndModify','when':'after',"
	    "'action':'cut'}", FAM, false, 1},
	{"delay", "{'op':'update','when':'before','action':'delay',"
	    "'ms':200}", INC, true, 1},
	{"hang before", "{'op':'update','when':'before','action':'hang'}",
	    INC, false, 0},
	{"hang after", "{'op':'update','when':'after','action':'hang'}",
	    INC, false, 1},
	{"error", "{'op':'update','action':'error','code':112}", INC, false,
	    0},
	{"skip one, other collection", "{'op':'update','coll':'d',"
	    "'action':'drop'}", INC, true, 1},
};
/* clang-format on */

static void
report(const char *what, bool ok, const char *detail)
{
	printf("%-4s %s%s%s\n", ok ? "ok" : "FAIL", what, ok ? "" : ": ",
	    ok ? "" : detail);
	fflush(stdout);
	failures += !ok;
}

static bson_t *
parse(const char *text)
{
	char *json = bson_strdup(text);
	bson_error_t error;
	bson_t *doc;

	for (char *p = json; *p; p++)
		if (*p == '\'')
			*p = '"';
	doc = bson_new_from_json((const uint8_t *)json, -1, &error);
	if (!doc) {
		fprintf(stderr, "%s: %s\n", text, error.message);
		exit(1);
	}
	bson_free(json);
	return doc;
}

/* Run one command; returns the code of its error, of either kind, or 0. */
static uint32_t
run(mongoc_client_t *c, const char *text, char **answer)
{
	bson_t *command = parse(text), reply;
	bson_error_t error = {0};
	bson_iter_t it, code;
	uint32_t rc = 0;

	if (!mongoc_client_command_simple(c, DB, command, NULL, &reply, &error))
		rc = error.code ? error.code : 1;
	else if (bson_iter_init(&it, &reply) &&
		 bson_iter_find_descendant(&it, "writeErrors.0.code", &code))
		rc = (uint32_t)bson_iter_as_int64(&code);
	*answer = bson_as_json(&reply, NULL);
	bson_destroy(&reply);
	bson_destroy(command);
	return rc;
}

static bool
control(mongoc_client_t *c, const char *text)
{
	char *answer, *json = bson_strdup_printf(
			  "{'minshengInject':1,%s", text ? text + 1 : "");
	uint32_t rc = run(c, text ? json : "{'minshengInject':0}", &answer);

	bson_free(answer);
	bson_free(json);
	return rc == 0;
}

static int64_t
counter(mongoc_client_t *c)
{
	mongoc_collection_t *coll = mongoc_client_get_collection(c, DB, "c");
	bson_t *filter = parse("{'_id':'f'}");
	mongoc_cursor_t *cursor =
	    mongoc_collection_find_with_opts(coll, filter, NULL, NULL);
	const bson_t *doc;
	bson_iter_t it;
	int64_t n = -1;

	if (mongoc_cursor_next(cursor, &doc) &&
	    bson_iter_init_find(&it, doc, "n"))
		n = bson_iter_as_int64(&it);
	mongoc_cursor_destroy(cursor);
	bson_destroy(filter);
	mongoc_collection_destroy(coll);
	return n;
}

static void
check_rows(mongoc_client_t *c)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct row *r = &rows[i];
		char *answer;
		uint32_t code = run(c, r->command, &answer);
		bool ok =
		    code == r->code && (!r->part || strstr(answer, r->part));

		report(r->what, ok, answer);
		bson_free(answer);
	}
}

static void
check_faults(mongoc_client_t *c)
{
	for (size_t i = 0; i < sizeof fault_rows / sizeof *fault_rows; i++) {
		const struct fault_row *r = &fault_rows[i];
		int64_t before = counter(c);
		char detail[128], *answer;
		uint32_t code;

		if (!control(c, r->fault))
			report(r->what, false, "not injected");
		code = run(c, r->command, &answer);
		bson_free(answer);
		control(c, NULL);
		int64_t grown = counter(c) - before;
		snprintf(detail, sizeof detail, "code %u, grown by %d", code,
		    (int)grown);
		report(r->what, (code == 0) == r->succeeds && grown == r->n,
		    detail);
	}
}

/* A retried write: the driver's own second try must not apply it twice. */
static void
check_retry(mongoc_client_t *c)
{
	mongoc_collection_t *coll = mongoc_client_get_collection(c, DB, "c");
	bson_t *q = parse("{'_id':'f'}"), *u = parse("{'$inc':{'n':1}}");
	static const char *const faults[] = {
	    "{'op':'update','when':'before','action':'drop'}",
	    "{'op':'update','when':'after','action':'drop'}"};

	for (size_t i = 0; i < 2; i++) {
		int64_t before = counter(c);
		bson_error_t error = {0};

		control(c, faults[i]);
		bool ok = mongoc_collection_update_one(
		    coll, q, u, NULL, NULL, &error);
		report(i ? "retryable write, drop after"
			 : "retryable write, drop before",
		    ok && counter(c) == before + 1, error.message);
		control(c, NULL);
	}
	bson_destroy(q);
	bson_destroy(u);
	mongoc_collection_destroy(coll);
}

/* One transaction that adds 1; commits, or aborts. */
static bool
transaction(mongoc_client_t *c, bool commit, bson_error_t *error)
{
	mongoc_collection_t *coll = mongoc_client_get_collection(c, DB, "c");
	mongoc_client_session_t *s =
	    mongoc_client_start_session(c, NULL, error);
	bson_t *q = parse("{'_id':'f'}"), *u = parse("{'$inc':{'n':1}}");
	bson_t opts = BSON_INITIALIZER, reply = BSON_INITIALIZER;
	bool ok = s &&
		  mongoc_client_session_start_transaction(s, NULL, error) &&
		  mongoc_client_session_append(s, &opts, error) &&
		  mongoc_collection_update_one(coll, q, u, &opts, NULL, error);

	if (ok && commit) {
		bson_destroy(&reply);
		ok = mongoc_client_session_commit_transaction(s, &reply, error);
	} else if (ok) {
		ok = mongoc_client_session_abort_transaction(s, error);
	}
	bson_destroy(&reply);
	bson_destroy(&opts);
	bson_destroy(q);
	bson_destroy(u);
	mongoc_client_session_destroy(s);
	mongoc_collection_destroy(coll);
	return ok;
}

/* Two transactions on one document: the second must be told to retry. */
static void
check_conflict(mongoc_client_t *c)
{
	static const char *const begin =
	    "{'update':'c','updates':[{'q':{'_id':'f'},'u':{'$inc':{'n':1}}}]}";
	mongoc_client_t *clients[2] = {c, mongoc_client_pool_pop(pool)};
	mongoc_client_session_t *sessions[2];
	bson_t *command = parse(begin), reply;
	bson_error_t error = {0};
	bool ok[2], transient = false;

	for (size_t i = 0; i < 2; i++) {
		bson_t opts = BSON_INITIALIZER;
		sessions[i] =
		    mongoc_client_start_session(clients[i], NULL, &error);
		mongoc_client_session_start_transaction(
		    sessions[i], NULL, &error);
		mongoc_client_session_append(sessions[i], &opts, &error);
		ok[i] = mongoc_client_command_with_opts(
		    clients[i], DB, command, NULL, &opts, &reply, &error);
		transient =
		    mongoc_error_has_label(&reply, "TransientTransactionError");
		bson_destroy(&reply);
		bson_destroy(&opts);
	}
	report("conflict of two transactions",
	    ok[0] && !ok[1] && error.code == 112 && transient, error.message);
	for (size_t i = 0; i < 2; i++)
		mongoc_client_session_destroy(sessions[i]);
	mongoc_client_pool_push(pool, clients[1]);
	bson_destroy(command);
}

/* Blobs: what mongoc_gridfs_bucket writes is read back. */
static void
check_gridfs(mongoc_client_t *c)
{
	char *answer, *data = bson_malloc0(700000), *back = bson_malloc(700000);
	mongoc_database_t *db = mongoc_client_get_database(c, DB);
	bson_error_t error = {0};
	bson_value_t id;
	ssize_t got = -1;

	run(c, "{'create':'fs.files'}", &answer);
	bson_free(answer);
	run(c, "{'create':'fs.chunks'}", &answer);
	bson_free(answer);
	memset(data, 'x', 700000);
	mongoc_gridfs_bucket_t *b =
	    mongoc_gridfs_bucket_new(db, NULL, NULL, &error);
	mongoc_stream_t *s =
	    mongoc_gridfs_bucket_open_upload_stream(b, "a", NULL, &id, &error);
	bool ok = s && mongoc_stream_write(s, data, 700000, 0) == 700000 &&
		  mongoc_stream_close(s) == 0;
	mongoc_gridfs_bucket_stream_error(s, &error);
	mongoc_stream_destroy(s);
	s = ok ? mongoc_gridfs_bucket_open_download_stream(b, &id, &error)
	       : NULL;
	if (s)
		got = mongoc_stream_read(s, back, 700000, 700000, 0);
	report("GridFS", ok && got == 700000 && memcmp(data, back, 700000) == 0,
	    error.message);
	if (ok)
		bson_value_destroy(&id);
	mongoc_stream_destroy(s);
	mongoc_gridfs_bucket_destroy(b);
	mongoc_database_destroy(db);
	bson_free(data);
	bson_free(back);
}

static void
check_transactions(mongoc_client_t *c)
{
	static const struct {
		const char *what, *fault;
		bool commit;
		int64_t n;
	} cases[] = {{"transaction commits", NULL, true, 1},
	    {"transaction aborts", NULL, false, 0},
	    {"commit retried after a drop after it",
		"{'op':'commitTransaction','when':'after','action':'drop'}",
		true, 1},
	    {"commit retried after a drop before it",
		"{'op':'commitTransaction','when':'before','action':'drop'}",
		true, 1}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int64_t before = counter(c);
		bson_error_t error = {0};

		if (cases[i].fault)
			control(c, cases[i].fault);
		bool ok = transaction(c, cases[i].commit, &error);
		control(c, NULL);
		report(cases[i].what, ok && counter(c) == before + cases[i].n,
		    error.message);
	}
}

static void
check_cursor(mongoc_client_t *c)
{
	mongoc_collection_t *coll = mongoc_client_get_collection(c, DB, "many");
	bson_t *none = bson_new(),
	       *opts = parse("{'sort':{'_id':1},'batchSize':10}");
	const bson_t *doc;
	char *answer, detail[64];
	int n = 0;

	run(c, "{'create':'many'}", &answer);
	bson_free(answer);
	for (int i = 0; i < 95; i++) {
		bson_t d = BSON_INITIALIZER;
		BSON_APPEND_INT32(&d, "_id", i);
		mongoc_collection_insert_one(coll, &d, NULL, NULL, NULL);
		bson_destroy(&d);
	}
	mongoc_cursor_t *cursor =
	    mongoc_collection_find_with_opts(coll, none, opts, NULL);
	while (mongoc_cursor_next(cursor, &doc))
		n++;
	snprintf(detail, sizeof detail, "%d of 95", n);
	report("cursor over ten pages", n == 95, detail);
	mongoc_cursor_destroy(cursor);
	bson_destroy(none);
	bson_destroy(opts);
	mongoc_collection_destroy(coll);
}

static void *
writer(void *unused)
{
	mongoc_client_t *c = mongoc_client_pool_pop(pool);
	mongoc_collection_t *coll = mongoc_client_get_collection(c, DB, "c");
	int done = 0;

	(void)unused;
	while (done < NROUNDS) {
		int64_t n = counter(c);
		bson_t *q = BCON_NEW("_id", BCON_UTF8("f"), "n", BCON_INT64(n));
		bson_t *u = parse("{'$inc':{'n':1}}"), reply;
		bson_iter_t it;

		if (mongoc_collection_update_one(
			coll, q, u, NULL, &reply, NULL) &&
		    bson_iter_init_find(&it, &reply, "modifiedCount") &&
		    bson_iter_as_int64(&it) == 1)
			done++;
		bson_destroy(&reply);
		bson_destroy(q);
		bson_destroy(u);
	}
	mongoc_collection_destroy(coll);
	mongoc_client_pool_push(pool, c);
	return NULL;
}

static void
check_writers(mongoc_client_t *c)
{
	pthread_t threads[NWRITERS];
	int64_t before = counter(c);
	char detail[64];

	for (size_t i = 0; i < NWRITERS; i++)
		pthread_create(&threads[i], NULL, writer, NULL);
	for (size_t i = 0; i < NWRITERS; i++)
		pthread_join(threads[i], NULL);
	int64_t grown = counter(c) - before;
	snprintf(detail, sizeof detail, "grown by %d", (int)grown);
	report("guarded increments of 8 writers", grown == NWRITERS * NROUNDS,
	    detail);
}

/* Nothing answers, then all is as before: within the time-outs. */
static void
check_freeze(mongoc_client_t *c, const char *unfreeze)
{
	char *answer, detail[64];
	uint32_t frozen, after;

	run(c, "{'minshengFreeze':1}", &answer);
	bson_free(answer);
	int64_t start = bson_get_monotonic_time();
	frozen = run(c, "{'count':'c'}", &answer);
	bson_free(answer);
	int64_t ms = (bson_get_monotonic_time() - start) / 1000;
	if (system(unfreeze) != 0)
		report("unfreeze", false, unfreeze);
	after = run(c, "{'count':'c'}", &answer);
	bson_free(answer);
	snprintf(detail, sizeof detail, "%u after %d ms, then %u", frozen,
	    (int)ms, after);
	report("freeze times out, unfreeze heals",
	    frozen != 0 && ms < 4000 && after == 0, detail);
}

int
main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	mongoc_init();
	char *text = bson_strdup_printf("%s" TIMEOUTS, argv[1]);
	mongoc_uri_t *uri = mongoc_uri_new(text);
	pool = mongoc_client_pool_new(uri);
	mongoc_client_pool_set_error_api(pool, MONGOC_ERROR_API_VERSION_2);
	mongoc_client_t *c = mongoc_client_pool_pop(pool);
	char *answer;

	run(c, "{'dropDatabase':1}", &answer);
	bson_free(answer);
	check_rows(c);
	check_cursor(c);
	check_gridfs(c);
	check_faults(c);
	if (strstr(argv[1], "replicaSet=")) {
		check_retry(c);
		check_transactions(c);
		check_conflict(c);
	}
	check_writers(c);
	check_freeze(c, argv[2]);
	mongoc_client_pool_push(pool, c);
	mongoc_client_pool_destroy(pool);
	mongoc_uri_destroy(uri);
	bson_free(text);
	mongoc_cleanup();
	return failures != 0;
}
