#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/log.h"
#include "store/bson_tree.h"
#include "store/mongo.h"
#include "store/mongo_schema.h"

/* Grows when documents change in a way that older programs misread. */
#define LAYOUT_VERSION 1

#define CODE_EXISTS 48
#define CODE_INDEX_OPTIONS 85
#define CODE_INDEX_KEYS 86

#define PATIENCE_MS 30000
#define PAUSE_MS 50L

#define KEYS_MAX 6

/* Indexes beside those of the declared fields. */
struct index {
	const char *coll;
	const char *name;
	bool unique;
	struct {
		const char *path;
		int way;
	} keys[KEYS_MAX];
};

/* clang-format off */
static const struct index indexes[] = {
	/* The newest figure of a unit comes first. */
	{"reports", "s_value", false, {{"planId", 1}, {"taskId", 1},
	    {"indicatorId", 1}, {"orgId", 1}, {"asOf", -1},
	    {"acceptedAt", -1}}},
	{"milestoneStates", "s_met", false, {{"planId", 1}, {"taskId", 1},
	    {"milestoneId", 1}, {"orgId", 1}}},
	{MONGO_INTENTS, "i_keys", true, {{"keys", 1}}},
	/* As every driver makes them. */
	{MONGO_FILES, "filename_1_uploadDate_1", false,
	    {{"filename", 1}, {"uploadDate", 1}}},
	{MONGO_CHUNKS, "files_id_1_n_1", true, {{"files_id", 1}, {"n", 1}}},
};
/* clang-format on */

#define NINDEXES (sizeof(indexes) / sizeof(indexes[0]))

static const char *const others[] = {MONGO_STAMPS, MONGO_INTENTS, MONGO_META,
    MONGO_CHAINS, MONGO_FILES, MONGO_CHUNKS};

#define NCOLLS (COLL__MAX + sizeof(others) / sizeof(others[0]))

static const char *
name_of(size_t i)
{
	return i < COLL__MAX ? coll_name((enum coll)i) : others[i - COLL__MAX];
}

/* The validator of a collection: new; empty for none. */
static bson_t *
make_validator(const struct mongo *m, size_t i, struct err *e)
{
	json_t *schema;
	bson_t *b, inner;

	if (!m->validators || i >= COLL__MAX)
		return bson_new();
	schema = mongo_schema(coll_schema((enum coll)i), e);
	if (schema == NULL)
		return NULL;
	b = bson_new();
	BSON_APPEND_DOCUMENT_BEGIN(b, "$jsonSchema", &inner);
	int rc = bson_append_members(&inner, schema, e);

	bson_append_document_end(b, &inner);
	json_decref(schema);
	if (rc < 0) {
		bson_destroy(b);
		b = NULL;
	}
	return b;
}

/* ---- commands ---- */

/* Refusals that the callers deal with. */
static bool
is_expected(uint32_t code)
{
	return code == CODE_EXISTS || code == CODE_INDEX_OPTIONS ||
	       code == CODE_INDEX_KEYS;
}

/* Run a command; *code: the server's, when it refuses. */
static int
run(struct mongo *m, mongoc_client_t *client, const bson_t *command,
    uint32_t *code, struct err *e)
{
	bson_error_t why = {.code = 0};
	bson_t reply;
	int rc = 0;

	*code = 0;
	if (!mongoc_client_command_simple(
		client, m->db, command, NULL, &reply, &why)) {
		*code = why.domain == MONGOC_ERROR_SERVER ? why.code : 0;
		rc = is_expected(*code)
			 ? err_set(e, ERR_CONFLICT, "数据库的结构已经存在")
			 : mongo_fail(m, "layout", &why, &reply, e);
	}
	bson_destroy(&reply);
	return rc;
}

static int
create(struct mongo *m, mongoc_client_t *client, const char *name,
    const bson_t *validator, struct err *e)
{
	bson_t *command = BCON_NEW("create", BCON_UTF8(name));
	uint32_t code;
	int rc;

	if (!bson_empty(validator))
		BSON_APPEND_DOCUMENT(command, "validator", validator);
	rc = run(m, client, command, &code, e);
	if (rc < 0 && code == CODE_EXISTS) {
		err_init(e); /* another process was faster */
		rc = 0;
	}
	bson_destroy(command);
	return rc;
}

static int
set_validator(struct mongo *m, mongoc_client_t *client, const char *name,
    const bson_t *validator, struct err *e)
{
	bson_t *command = BCON_NEW("collMod", BCON_UTF8(name), "validator",
	    BCON_DOCUMENT(validator), "validationLevel", "strict",
	    "validationAction", "error");
	uint32_t code;
	int rc = run(m, client, command, &code, e);

	bson_destroy(command);
	return rc;
}

/* ---- what is there ---- */

struct stored {
	bool there[NCOLLS];
	struct buf validator[NCOLLS]; /* as text */
};

static void
stored_fini(struct stored *st)
{
	for (size_t i = 0; i < NCOLLS; i++)
		buf_fini(&st->validator[i]);
}

static void
keep_stored(struct stored *st, const bson_t *doc)
{
	const char *name = mongo_peek_text(doc, "name");
	bson_iter_t iter, at;
	const uint8_t *data;
	uint32_t n;
	bson_t validator;
	size_t i = 0;

	while (name != NULL && i < NCOLLS && strcmp(name_of(i), name) != 0)
		i++;
	if (name == NULL || i == NCOLLS)
		return;
	st->there[i] = true;
	if (!bson_iter_init(&iter, doc) ||
	    !bson_iter_find_descendant(&iter, "options.validator", &at) ||
	    !BSON_ITER_HOLDS_DOCUMENT(&at))
		return;
	bson_iter_document(&at, &n, &data);
	if (bson_init_static(&validator, data, n) && !bson_empty(&validator) &&
	    bson_print(&st->validator[i], &validator) < 0)
		buf_reset(&st->validator[i]);
}

static int
read_stored(
    struct mongo *m, mongoc_client_t *client, struct stored *st, struct err *e)
{
	mongoc_database_t *db = mongoc_client_get_database(client, m->db);
	mongoc_cursor_t *cursor =
	    mongoc_database_find_collections_with_opts(db, NULL);
	const bson_t *doc, *reply;
	bson_error_t why;
	int rc = 0;

	for (size_t i = 0; i < NCOLLS; i++) {
		st->there[i] = false;
		buf_init(&st->validator[i], 0);
	}
	while (mongoc_cursor_next(cursor, &doc))
		keep_stored(st, doc);
	if (mongoc_cursor_error_document(cursor, &why, &reply))
		rc = mongo_fail(m, "collections", &why, reply, e);
	mongoc_cursor_destroy(cursor);
	mongoc_database_destroy(db);
	return rc;
}

/* ---- collections ---- */

static bool
has_validator(const struct stored *st, size_t i, const bson_t *want)
{
	struct buf b;
	bool same;

	buf_init(&b, 0);
	same = bson_empty(want) || bson_print(&b, want) == 0;
	same = same && strcmp(b.data, st->validator[i].data) == 0;
	buf_fini(&b);
	return same;
}

static int
make_coll(struct mongo *m, mongoc_client_t *client, const struct stored *st,
    size_t i, struct err *e)
{
	bson_t *validator = make_validator(m, i, e);
	int rc = 0;

	if (validator == NULL)
		return -1;
	if (!st->there[i])
		rc = create(m, client, name_of(i), validator, e);
	else if (!has_validator(st, i, validator))
		rc = set_validator(m, client, name_of(i), validator, e);
	bson_destroy(validator);
	return rc;
}

/*
 * Does the server keep the validators?  Some take them and forget them: the
 * program checks every document itself, so this is worth a line in the log.
 */
static int
read_back(struct mongo *m, mongoc_client_t *client, struct err *e)
{
	struct stored st;
	int rc = read_stored(m, client, &st, e);

	for (size_t i = 0; rc == 0 && i < COLL__MAX; i++) {
		bson_t *want = make_validator(m, i, e);

		if (want == NULL)
			rc = -1;
		else if (!has_validator(&st, i, want))
			log_line(LOG_LEVEL_WARN, "validator not kept",
			    "coll=%s", name_of(i));
		bson_destroy(want);
	}
	stored_fini(&st);
	return rc;
}

static int
make_colls(struct mongo *m, mongoc_client_t *client, struct err *e)
{
	struct stored st;
	int rc = read_stored(m, client, &st, e);

	for (size_t i = 0; i < NCOLLS && rc == 0; i++)
		rc = make_coll(m, client, &st, i, e);
	stored_fini(&st);
	return rc == 0 ? read_back(m, client, e) : -1;
}

/* ---- indexes ---- */

static void
add_index(
    bson_t *list, uint32_t *n, const struct index *ix, const bson_t *partial)
{
	char text[16];
	const char *key;
	bson_t item, keys;

	bson_uint32_to_string((*n)++, &key, text, sizeof(text));
	BSON_APPEND_DOCUMENT_BEGIN(list, key, &item);
	BSON_APPEND_DOCUMENT_BEGIN(&item, "key", &keys);
	for (size_t i = 0; i < KEYS_MAX && ix->keys[i].path != NULL; i++)
		BSON_APPEND_INT32(&keys, ix->keys[i].path, ix->keys[i].way);
	bson_append_document_end(&item, &keys);
	BSON_APPEND_UTF8(&item, "name", ix->name);
	if (ix->unique)
		BSON_APPEND_BOOL(&item, "unique", true);
	if (partial != NULL)
		BSON_APPEND_DOCUMENT(&item, "partialFilterExpression", partial);
	bson_append_document_end(list, &item);
}

/*
 * A unique field may be absent from any number of documents; but that of a
 * chain never is, and a list that is sorted by it wants the index.
 */
static void
add_field(bson_t *list, uint32_t *n, enum field f)
{
	bool chain = (field_flags(f) & FIELD_CHAIN) != 0;
	bool unique = (field_flags(f) & FIELD_UNIQUE) != 0;
	char name[80];
	struct index ix = {coll_name(field_coll(f)), name, unique,
	    {{field_path(f), 1}, {unique ? NULL : "_id", 1}}};
	bson_t *partial = NULL;

	if (!unique && (field_flags(f) & FIELD_INDEX) == 0)
		return;
	snprintf(name, sizeof(name), "f_%s", field_path(f));
	if (unique && !chain)
		partial = BCON_NEW(field_path(f), "{", "$type",
		    BCON_UTF8(
			field_type(f) == FIELD_TYPE_TEXT ? "string" : "long"),
		    "}");
	add_index(list, n, &ix, partial);
	bson_destroy(partial);
}

/* The indexes of the i-th collection: new; *n of them. */
static bson_t *
make_indexes(size_t i, uint32_t *n)
{
	bson_t *command = BCON_NEW("createIndexes", BCON_UTF8(name_of(i)));
	bson_t list;

	*n = 0;
	BSON_APPEND_ARRAY_BEGIN(command, "indexes", &list);
	for (enum field f = FIELD_ID + 1; f < FIELD__MAX; f++)
		if ((size_t)field_coll(f) == i)
			add_field(&list, n, f);
	for (size_t k = 0; k < NINDEXES; k++)
		if (strcmp(indexes[k].coll, name_of(i)) == 0)
			add_index(&list, n, &indexes[k], NULL);
	bson_append_array_end(command, &list);
	return command;
}

/* An index of ours that was made otherwise by an older program. */
static int
drop_indexes(struct mongo *m, mongoc_client_t *client, size_t i, struct err *e)
{
	bson_t *command = BCON_NEW(
	    "dropIndexes", BCON_UTF8(name_of(i)), "index", BCON_UTF8("*"));
	uint32_t code;
	int rc;

	log_line(LOG_LEVEL_WARN, "making indexes again", "coll=%s", name_of(i));
	rc = run(m, client, command, &code, e);
	bson_destroy(command);
	return rc;
}

static int
make_index(struct mongo *m, mongoc_client_t *client, size_t i, struct err *e)
{
	uint32_t code, n;
	bson_t *command = make_indexes(i, &n);
	int rc = n > 0 ? run(m, client, command, &code, e) : 0;

	if (rc < 0 && (code == CODE_INDEX_OPTIONS || code == CODE_INDEX_KEYS)) {
		err_init(e);
		rc = drop_indexes(m, client, i, e);
		if (rc == 0)
			rc = run(m, client, command, &code, e);
	}
	bson_destroy(command);
	return rc;
}

/* ---- the version ---- */

/* What this program's layout is known by. */
static int
print_hash(struct mongo *m, char out[SHA256_HEX + 1], struct err *e)
{
	struct buf b;
	int rc = 0;

	buf_init(&b, 0);
	for (size_t i = 0; i < NCOLLS && rc == 0; i++) {
		uint32_t n;
		bson_t *list = make_indexes(i, &n);
		bson_t *validator = make_validator(m, i, e);

		if (validator == NULL || bson_print(&b, list) < 0 ||
		    bson_print(&b, validator) < 0)
			rc = -1;
		bson_destroy(validator);
		bson_destroy(list);
	}
	sha256_hex(b.data, b.len, out);
	buf_fini(&b);
	return rc;
}

/* Change one document, or make it. */
static int
put_one(struct mongo *m, mongoc_client_t *client, const char *coll,
    const char *id, const bson_t *update, struct err *e)
{
	mongoc_collection_t *c = mongo_coll(m, client, coll);
	bson_t *filter = BCON_NEW("_id", BCON_UTF8(id));
	bson_t *opts = BCON_NEW("upsert", BCON_BOOL(true));
	bson_error_t why;
	bson_t reply;
	int rc = 0;

	/* Another process that makes the same one is as good. */
	if (!mongoc_collection_update_one(
		c, filter, update, opts, &reply, &why) &&
	    mongo_classify(&why, &reply) != MONGO_DUPLICATE)
		rc = mongo_fail(m, "layout", &why, &reply, e);
	bson_destroy(&reply);
	bson_destroy(opts);
	bson_destroy(filter);
	mongoc_collection_destroy(c);
	return rc;
}

int
mongo_stamps_renew(struct mongo *m, mongoc_client_t *client, struct err *e)
{
	bson_t *update =
	    BCON_NEW("$max", "{", "seq", BCON_INT64(instant_now() * 1000), "at",
		BCON_INT64(instant_now()), "}");
	int rc = put_one(m, client, MONGO_STAMPS, "", update, e);

	bson_destroy(update);
	return rc;
}

static int
put_version(struct mongo *m, mongoc_client_t *client, struct err *e)
{
	char hash[SHA256_HEX + 1];

	if (print_hash(m, hash, e) < 0)
		return -1;
	bson_t *update = BCON_NEW("$set", "{", "version",
	    BCON_INT64(LAYOUT_VERSION), "hash", BCON_UTF8(hash), "}");
	int rc = put_one(m, client, MONGO_META, "layout", update, e);

	bson_destroy(update);
	return rc;
}

int
mongo_layout_check(
    struct mongo *m, mongoc_client_t *client, bool *same, struct err *e)
{
	mongoc_collection_t *c = mongo_coll(m, client, MONGO_META);
	bson_t *filter = BCON_NEW("_id", BCON_UTF8("layout"));
	mongoc_cursor_t *cursor =
	    mongoc_collection_find_with_opts(c, filter, NULL, NULL);
	char hash[SHA256_HEX + 1];
	const bson_t *doc, *reply;
	bson_error_t why;
	int rc = print_hash(m, hash, e);

	*same = false;
	if (rc == 0 && mongoc_cursor_next(cursor, &doc)) {
		const char *text = mongo_peek_text(doc, "hash");

		*same = text != NULL && strcmp(text, hash) == 0;
		if (mongo_peek_int(doc, "version", 0) > LAYOUT_VERSION)
			rc = err_set(e, ERR_CONFIG,
			    "数据由更新版本的程序写成，"
			    "本程序不能打开，请升级程序");
	} else if (rc == 0 &&
		   mongoc_cursor_error_document(cursor, &why, &reply)) {
		rc = mongo_fail(m, "layout", &why, reply, e);
	}
	mongoc_cursor_destroy(cursor);
	bson_destroy(filter);
	mongoc_collection_destroy(c);
	return rc;
}

static int
try_layout(struct mongo *m, mongoc_client_t *client, struct err *e)
{
	bool same;

	if (mongo_layout_check(m, client, &same, e) < 0 ||
	    make_colls(m, client, e) < 0)
		return -1;
	for (size_t i = 0; i < NCOLLS; i++)
		if (make_index(m, client, i, e) < 0)
			return -1;
	if (same)
		return 0;
	log_line(
	    LOG_LEVEL_INFO, "layout migrated", "version=%d", LAYOUT_VERSION);
	return mongo_stamps_renew(m, client, e) < 0 ? -1
						    : put_version(m, client, e);
}

/* Two that make the same collection at once may be in each other's way. */
int
mongo_layout(struct mongo *m, mongoc_client_t *client, struct err *e)
{
	int64_t until = mongo_clock_ms() + PATIENCE_MS;
	struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000};

	while (try_layout(m, client, e) < 0) {
		if (e->code != ERR_UNAVAILABLE || mongo_clock_ms() >= until)
			return -1;
		err_init(e);
		nanosleep(&pause, NULL);
	}
	return 0;
}
