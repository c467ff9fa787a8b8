#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cfg.h"
#include "base/log.h"
#include "store/mongo.h"

#define DEFAULT_DB "minsheng"
#define HEARTBEAT_MS 5000

static pthread_once_t once = PTHREAD_ONCE_INIT;

/*
 * As it is loaded, the driver makes a shared segment of counters for a tool
 * of its own, and leaves it behind when the program ends.  Nobody reads ours:
 * unlinked at once it goes with the process.
 */
static void __attribute__((constructor)) unlink_counters(void)
{
	char name[32];

	snprintf(name, sizeof(name), "/mongoc-%d", (int)getpid());
	(void)shm_unlink(name);
}

static void
init_driver(void)
{
	mongoc_log_set_handler(mongo_log_driver, NULL);
	mongoc_init();
}

mongoc_client_t *
mongo_take(struct mongo *m, struct err *e)
{
	mongoc_client_t *client;

	if (mongo_clock_ms() < m->down_until) {
		err_set(e, ERR_UNAVAILABLE, "数据库暂时连接不上，请稍后再试");
		return NULL;
	}
	client = mongoc_client_pool_pop(m->pool);
	if (client == NULL)
		err_set(e, ERR_UNAVAILABLE, "数据库连接已用完，请稍后再试");
	return client;
}

void
mongo_put(struct mongo *m, mongoc_client_t *client)
{
	if (client != NULL)
		mongoc_client_pool_push(m->pool, client);
}

mongoc_collection_t *
mongo_coll(struct mongo *m, mongoc_client_t *client, const char *name)
{
	return mongoc_client_get_collection(client, m->db, name);
}

/* What the address leaves open.  What it says is the operator's choice. */
static void
complete_uri(mongoc_uri_t *uri, const struct cfg *cfg)
{
	const struct {
		const char *name;
		int64_t ms;
	} limits[] = {
	    {MONGOC_URI_SERVERSELECTIONTIMEOUTMS, cfg->mongodb_wait},
	    {MONGOC_URI_CONNECTTIMEOUTMS, cfg->mongodb_wait},
	    {MONGOC_URI_WAITQUEUETIMEOUTMS, cfg->mongodb_wait},
	    {MONGOC_URI_SOCKETTIMEOUTMS, cfg->mongodb_timeout},
	    {MONGOC_URI_HEARTBEATFREQUENCYMS, HEARTBEAT_MS},
	};

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		if (!mongoc_uri_has_option(uri, limits[i].name))
			mongoc_uri_set_option_as_int32(
			    uri, limits[i].name, (int32_t)limits[i].ms);
	if (!mongoc_uri_has_option(uri, MONGOC_URI_RETRYWRITES))
		mongoc_uri_set_option_as_bool(
		    uri, MONGOC_URI_RETRYWRITES, false);
	if (!mongoc_uri_has_option(uri, MONGOC_URI_READCONCERNLEVEL)) {
		mongoc_read_concern_t *rc = mongoc_read_concern_new();

		mongoc_read_concern_set_level(
		    rc, MONGOC_READ_CONCERN_LEVEL_MAJORITY);
		mongoc_uri_set_read_concern(uri, rc);
		mongoc_read_concern_destroy(rc);
	}
	if (!mongoc_uri_has_option(uri, MONGOC_URI_APPNAME))
		mongoc_uri_set_appname(uri, "minsheng");
}

/* An answer means: on a majority of servers, on their disks. */
static void
set_durable(mongoc_uri_t *uri)
{
	mongoc_write_concern_t *wc = mongoc_write_concern_new();

	mongoc_write_concern_set_wmajority(wc, 0);
	mongoc_write_concern_set_journal(wc, true);
	mongoc_uri_set_write_concern(uri, wc);
	mongoc_write_concern_destroy(wc);
}

static int
parse_uri(struct mongo *m, const struct cfg *cfg, struct err *e)
{
	bson_error_t why;
	const char *db;

	m->uri = mongoc_uri_new_with_error(cfg->store, &why);
	if (m->uri == NULL) {
		log_line(
		    LOG_LEVEL_ERROR, "bad address", "reason=%s", why.message);
		return err_set(e, ERR_CONFIG,
		    "store：数据库地址写得不对，应如"
		    "“mongodb://主机:27017/minsheng”");
	}
	complete_uri(m->uri, cfg);
	set_durable(m->uri);
	db = mongoc_uri_get_database(m->uri);
	m->db = strdup(db != NULL ? db : DEFAULT_DB);
	if (m->db == NULL)
		abort();
	m->pool = mongoc_client_pool_new_with_error(m->uri, &why);
	if (m->pool == NULL) {
		log_line(LOG_LEVEL_ERROR, "no connections", "reason=%s",
		    why.message);
		return err_set(
		    e, ERR_CONFIG, "store：这个数据库地址不能用，原因见日志");
	}
	mongoc_client_pool_set_error_api(m->pool, 2);
	return 0;
}

/* The version the server gives itself; "?" when it does not say. */
static void
ask_version(mongoc_client_t *client, char out[32])
{
	bson_t *command = BCON_NEW("buildInfo", BCON_INT32(1));
	bson_error_t why;
	bson_t reply;
	bson_iter_t iter;

	snprintf(out, 32, "?");
	if (mongoc_client_command_simple(
		client, "admin", command, NULL, &reply, &why) &&
	    bson_iter_init_find(&iter, &reply, "version") &&
	    BSON_ITER_HOLDS_UTF8(&iter))
		snprintf(out, 32, "%s", bson_iter_utf8(&iter, NULL));
	bson_destroy(&reply);
	bson_destroy(command);
}

/* What kind of server is there, and what can it do? */
static int
probe(struct mongo *m, mongoc_client_t *client, struct err *e)
{
	bson_error_t why;
	mongoc_server_description_t *sd =
	    mongoc_client_select_server(client, true, NULL, &why);
	char version[32];

	if (sd == NULL)
		return mongo_fail(m, "select", &why, NULL, e);
	const bson_t *hello = mongoc_server_description_hello_response(sd);
	const char *set = mongo_peek_text(hello, "setName");
	const char *msg = mongo_peek_text(hello, "msg");
	bool router = msg != NULL && strcmp(msg, "isdbgrid") == 0;

	m->transactions = set != NULL || router;
	ask_version(client, version);
	snprintf(m->describe, sizeof(m->describe), "mongodb %s %s%s, %s",
	    version,
	    set != NULL ? "replica set "
	    : router    ? "sharded cluster"
			: "standalone",
	    set != NULL ? set : "",
	    m->transactions ? "transactions" : "intents");
	mongoc_server_description_destroy(sd);
	return 0;
}

static void
free_all(struct mongo *m)
{
	mongo_templates_free(m);
	if (m->pool != NULL)
		mongoc_client_pool_destroy(m->pool);
	mongoc_uri_destroy(m->uri);
	for (size_t i = 0; i < MONGO_STRIPES; i++)
		pthread_mutex_destroy(&m->stripes[i]);
	pthread_cond_destroy(&m->work);
	pthread_mutex_destroy(&m->lock);
	free(m->db);
	free(m);
}

static void
mongo_close(struct store *store)
{
	struct mongo *m = (struct mongo *)store;

	mongo_queue_stop(m);
	free_all(m);
}

static struct mongo *
make(const struct cfg *cfg, bool reader)
{
	struct mongo *m = calloc(1, sizeof(*m));

	if (m == NULL)
		abort();
	m->base.engine = &mongodb_engine;
	m->reader = reader;
	m->validators = cfg->mongodb_validators;
	m->timeout_ms = cfg->mongodb_timeout;
	m->queue_max = (size_t)cfg->write_queue;
	m->tail = &m->head;
	mongo_owner(m->owner, sizeof(m->owner));
	pthread_mutex_init(&m->lock, NULL);
	pthread_cond_init(&m->work, NULL);
	for (size_t i = 0; i < MONGO_STRIPES; i++)
		pthread_mutex_init(&m->stripes[i], NULL);
	return m;
}

/* A writer brings the layout up and finishes what a dead one left. */
static int
make_ready(struct mongo *m, mongoc_client_t *client, struct err *e)
{
	struct mongo_set s = {.m = m, .client = client};
	bool same;
	int rc;

	if (mongo_layout_check(m, client, &same, e) < 0)
		return -1;
	if (m->reader)
		return same ? 0
			    : err_set(e, ERR_CONFIG,
				  "数据由另一版本的程序写成，"
				  "请先用本程序升级数据");
	if (!same && mongo_layout(m, client, e) < 0)
		return -1;
	arena_init(&s.arena);
	rc = mongo_recover(&s, e);
	arena_fini(&s.arena);
	return rc < 0 ? -1 : 0;
}

static struct store *
mongo_open(const struct cfg *cfg, bool reader, struct err *e)
{
	struct mongo *m = make(cfg, reader);
	mongoc_client_t *client = NULL;

	pthread_once(&once, init_driver);
	if (parse_uri(m, cfg, e) < 0 || mongo_templates_load(m, e) < 0)
		goto fail;
	client = mongo_take(m, e);
	if (client == NULL || probe(m, client, e) < 0 ||
	    make_ready(m, client, e) < 0)
		goto fail;
	mongo_put(m, client);
	client = NULL;
	if (!reader && mongo_queue_start(m, e) < 0)
		goto fail;
	log_line(LOG_LEVEL_INFO, "store", "engine=%s", m->describe);
	return &m->base;
fail:
	mongo_put(m, client);
	free_all(m);
	return NULL;
}

static int
mongo_migrate(struct store *store, struct err *e)
{
	struct mongo *m = (struct mongo *)store;
	mongoc_client_t *client;
	int rc;

	if (m->reader)
		return err_set(e, ERR_LOCKED, "这里只能读取，不能升级数据");
	client = mongo_take(m, e);
	if (client == NULL)
		return -1;
	rc = mongo_layout(m, client, e);
	mongo_put(m, client);
	return rc;
}

static int
mongo_ping(struct store *store, struct err *e)
{
	struct mongo *m = (struct mongo *)store;
	mongoc_client_t *client = mongo_take(m, e);
	bson_t *command;
	bson_error_t why;
	int rc = 0;

	if (client == NULL)
		return -1;
	command = BCON_NEW("ping", BCON_INT32(1));
	if (!mongoc_client_command_simple(
		client, m->db, command, NULL, NULL, &why))
		rc = mongo_fail(m, "ping", &why, NULL, e);
	bson_destroy(command);
	mongo_put(m, client);
	return rc;
}

static const char *
mongo_describe(const struct store *store)
{
	return ((const struct mongo *)store)->describe;
}

static const char *
mongo_version(void)
{
	return "libmongoc " MONGOC_VERSION_S;
}

const struct store_engine mongodb_engine = {
    .name = "mongodb",
    .version = mongo_version,
    .open = mongo_open,
    .close = mongo_close,
    .migrate = mongo_migrate,
    .ping = mongo_ping,
    .describe = mongo_describe,
    .get = mongo_get,
    .head = mongo_head,
    .find = mongo_find,
    .prepare = mongo_prepare,
    .discard = mongo_discard,
    .submit = mongo_submit,
    .stamp = mongo_stamp,
    .stats = mongo_stats,
    .blob_put = mongo_blob_put,
    .blob_get = mongo_blob_get,
    .backup = mongo_backup,
    .restore = mongo_restore,
    .verify = mongo_verify,
};
