#ifndef STORE_MONGO_H
#define STORE_MONGO_H

/* Inside of the MongoDB engine: docs/adr/0005-mongodb-engine.md. */

#include <mongoc/mongoc.h>
#include <pthread.h>

#include "base/arena.h"
#include "base/id.h"
#include "stats/parts.h"
#include "store/chain.h"
#include "store/engine.h"

#define MONGO_STRIPES 64
#define MONGO_WRITERS 4

/* Collections beside those of collections.def. */
#define MONGO_STAMPS "stamps"
#define MONGO_INTENTS "intents"
#define MONGO_META "meta"
#define MONGO_CHAINS "chains"
#define MONGO_CHAINS_MAX 4
/* GridFS. */
#define MONGO_FILES "fs.files"
#define MONGO_CHUNKS "fs.chunks"

/* One thread of the writers. */
struct mongo_writer {
	pthread_t thread;
	struct mongo *m;
	char intent[UUID_LEN + 1]; /* what it is at, "" for nothing */
};

struct mongo {
	struct store base;
	mongoc_uri_t *uri;
	mongoc_client_pool_t *pool;
	char *db;
	char describe[160];
	char owner[160]; /* this process, for intents */
	bool reader;     /* writes are refused */
	bool transactions;
	bool validators; /* wanted */
	int64_t timeout_ms;
	_Atomic int64_t down_until; /* mongo_clock_ms: refuse until then */
	json_t *templates[PART__MAX];

	/* Sets of this process that touch the same things wait here. */
	pthread_mutex_t stripes[MONGO_STRIPES];

	struct mongo_writer writers[MONGO_WRITERS];
	size_t nwriters;
	pthread_mutex_t lock; /* of all below, and of writers[].intent */
	pthread_cond_t work;
	struct write_set *head;
	struct write_set **tail;
	size_t nqueued;
	size_t queue_max;
	bool stopping;
	bool owing; /* an intent of ours was left behind */
};

/* ---- mongo_err.c ---- */

enum mongo_class {
	MONGO_OTHER,
	MONGO_DUPLICATE,
	MONGO_INVALID,  /* refused by a validator */
	MONGO_CONFLICT, /* of transactions: try the whole again */
	MONGO_TIMEOUT,
	MONGO_NOSPACE,
	MONGO_AUTH,
	MONGO_GONE, /* no connection, no server, no primary */
	MONGO_CLASS__MAX
};

/* How an attempt to write ended. */
enum mongo_end { MONGO_DONE, MONGO_AGAIN, MONGO_FAILED };

/* reply may be NULL. */
enum mongo_class mongo_classify(const bson_error_t *why, const bson_t *reply);
/*
 * Our error for the driver's, its own words to the log.  Always -1.  When no
 * server was found, calls are refused at once for a moment (mongo_take).
 */
int mongo_fail(struct mongo *m, const char *what, const bson_error_t *why,
    const bson_t *reply, struct err *e);
/* The same for an attempt: MONGO_AGAIN after a conflict, else FAILED. */
enum mongo_end mongo_fail_end(struct mongo *m, const char *what,
    const bson_error_t *why, const bson_t *reply, struct err *e);
int64_t mongo_clock_ms(void); /* monotonic */
void mongo_log_driver(
    mongoc_log_level_t level, const char *domain, const char *text, void *arg);

/* ---- mongo_open.c ---- */

/* A client for one call; -> NULL with ERR_UNAVAILABLE. */
mongoc_client_t *mongo_take(struct mongo *m, struct err *e) MUST_CHECK;
void mongo_put(struct mongo *m, mongoc_client_t *client);
/* new: destroy it. */
mongoc_collection_t *mongo_coll(
    struct mongo *m, mongoc_client_t *client, const char *name);

/* ---- mongo_layout.c ---- */

/* Bring collections, validators and indexes up to this program. */
int mongo_layout(
    struct mongo *m, mongoc_client_t *client, struct err *e) MUST_CHECK;
/* Is it this program's?  -1: ERR_CONFIG when it is a newer one's. */
int mongo_layout_check(struct mongo *m, mongoc_client_t *client, bool *same,
    struct err *e) MUST_CHECK;

/* No stamp that was ever given out is met again: as after a restore. */
int mongo_stamps_renew(
    struct mongo *m, mongoc_client_t *client, struct err *e) MUST_CHECK;

/* ---- mongo_read.c ---- */

int mongo_get(struct store *s, enum coll c, const char *id, struct arena *a,
    struct store_doc *out, struct err *e) MUST_CHECK;
int mongo_head(struct store *s, enum coll c, const char *id,
    struct store_head *out, struct err *e) MUST_CHECK;
int mongo_find(struct store *s, const struct store_query *q,
    const struct store_key *after, struct arena *a, struct store_page *out,
    struct store_key *last, struct err *e) MUST_CHECK;
/* A stored document as the contract hands it out; arena. */
int mongo_doc(const bson_t *doc, struct arena *a, struct store_doc *out,
    struct err *e) MUST_CHECK;
/* The text of a path's value; NULL when it has none; borrowed from doc. */
const char *mongo_peek_text(const bson_t *doc, const char *path);
int64_t mongo_peek_int(const bson_t *doc, const char *path, int64_t dflt);

/* ---- mongo_write.c: sets in transactions, and what intents share ---- */

/* The chain that a set adds to, before (old) and after (doc) it. */
struct mongo_chain {
	enum coll coll;
	struct chain_head head;
	int64_t rev; /* of old; 0: it is not written down yet */
	bson_t *old; /* NULL: the same */
	bson_t *doc;
};

/* One set on its way. */
struct mongo_set {
	struct mongo *m;
	mongoc_client_t *client;
	mongoc_client_session_t *session; /* NULL: no transaction */
	struct write_set *ws;
	struct arena arena;
	const char **plans; /* whose stamps it bumps */
	size_t nplans;
	size_t plans_cap;
	struct mongo_chain chains[MONGO_CHAINS_MAX];
	size_t nchains;
};

/* What is stored before a write. */
struct mongo_before {
	bool there;
	int64_t rev;
	char created_at[INSTANT_LEN + 1];
	const char *plan; /* arena; '' for every, NULL for none */
	bson_t *doc;      /* owned; NULL unless asked for */
};

int mongo_prepare(struct store *s, struct write *w, struct err *e) MUST_CHECK;
void mongo_discard(struct write *w);
/* Remember that a plan changes; borrowed text, NULL: none does. */
void mongo_touch(struct mongo_set *s, const char *plan);
/* The plan of the document that w stores, '' for every plan, or NULL. */
const char *mongo_plan_of(const struct write *w);
enum mongo_end mongo_look_up(struct mongo_set *s, const struct write *w,
    bool whole, struct mongo_before *out, struct err *e) MUST_CHECK;
/* -1 when w does not fit what is stored: NOTFOUND, STALE, EXISTS. */
int mongo_check(const struct write *w, const struct mongo_before *before,
    struct err *e) MUST_CHECK;
int mongo_refuse_existing(const struct write *w, struct err *e);
/* Complete the document again over another revision. */
int mongo_complete(struct mongo_set *s, struct write *w,
    const struct mongo_before *before, struct err *e) MUST_CHECK;
/* Bump the stamps of the touched plans. */
enum mongo_end mongo_bump(struct mongo_set *s, struct err *e);
enum mongo_end mongo_write_txn(struct mongo_set *s, struct err *e);
/* What a command of the set must carry in a transaction. */
void mongo_add_session(const struct mongo_set *s, bson_t *opts);

/* ---- mongo_chain.c: places in chains ---- */

bool mongo_has_chain(const struct write_set *ws);
/*
 * Give the set's documents their places behind the chain's end as it is
 * stored; again before every attempt.  mongo_unlink releases s->chains.
 */
enum mongo_end mongo_link(struct mongo_set *s, struct err *e);
void mongo_unlink(struct mongo_set *s);
/* Store the new ends, unless somebody was there since mongo_link. */
enum mongo_end mongo_put_heads(struct mongo_set *s, struct err *e);
/* MONGO_AGAIN: somebody was. */
enum mongo_end mongo_look_at_heads(struct mongo_set *s, struct err *e);

/* ---- mongo_intent.c: sets without transactions ---- */

enum mongo_end mongo_write_intent(
    struct mongo_set *s, struct mongo_writer *w, struct err *e);
/* Finish what others, or we, left half done, unless its owner lives. */
int mongo_recover(struct mongo_set *s, struct err *e) MUST_CHECK;

/* ---- mongo_carry.c: the steps of an intent ---- */

/* Its states; see mongo_intent.c. */
#define INTENT_NEW "new"
#define INTENT_GO "go"
#define INTENT_BACK "back"

struct mongo_intent {
	char id[UUID_LEN + 1];
	int64_t until; /* mongo_clock_ms: its owner stops */
	bool again;    /* somebody may have done some of it already */
};

/* done: how many of its writes are carried out. */
enum mongo_end mongo_turn_intent(struct mongo_set *s, const char *id,
    const char *state, size_t done, struct err *e);
enum mongo_end mongo_drop_intent(
    struct mongo_set *s, const char *id, struct err *e);
/*
 * From "go" or "back" to the end.  *over: it is gone, and the result is that
 * of the set; otherwise it stays, for later.
 */
enum mongo_end mongo_finish_intent(struct mongo_set *s, const bson_t *intent,
    const struct mongo_intent *in, bool *over, struct err *e);

/* ---- mongo_owner.c ---- */

/* Fill in who this process is. */
void mongo_owner(char *out, size_t n);
/* Is it sure that this owner, which is not us, is gone? */
bool mongo_owner_is_dead(const char *owner);

/* ---- mongo_queue.c ---- */

int mongo_queue_start(struct mongo *m, struct err *e) MUST_CHECK;
/* Waits until everything queued is written. */
void mongo_queue_stop(struct mongo *m);
int mongo_submit(
    struct store *s, struct write_set *ws, struct err *e) MUST_CHECK;

/* ---- mongo_stats.c ---- */

int mongo_templates_load(struct mongo *m, struct err *e) MUST_CHECK;
void mongo_templates_free(struct mongo *m);
int mongo_stats(struct store *s, const struct stats_part *part,
    const struct stats_args *args, struct arena *a, struct stats_rows *out,
    struct err *e) MUST_CHECK;
int mongo_stamp(struct store *s, const char *const *plans, size_t nplans,
    struct store_stamp *out, struct err *e) MUST_CHECK;

/* ---- mongo_blob.c ---- */

struct mongo_blob {
	struct mongo *m;
	mongoc_client_t *client;
	const char *sha256;
};

int mongo_blob_put(struct store *s, const char *sha256, const void *data,
    size_t len, struct err *e) MUST_CHECK;
int mongo_blob_get(struct store *s, const char *sha256, struct arena *a,
    const void **data, size_t *len, struct err *e) MUST_CHECK;
/* 1: its file is there, with this length; 0: it is not. */
int mongo_blob_find(
    const struct mongo_blob *b, int64_t *len, struct err *e) MUST_CHECK;

/* ---- mongo_blob_care.c ---- */

int mongo_blobs_verify(struct mongo *m, mongoc_client_t *client,
    void (*tell)(void *arg, const char *line), void *arg,
    struct store_verdict *out, struct err *e) MUST_CHECK;
/* Remove what puts that were broken off left. */
int mongo_blobs_repair(
    struct mongo *m, mongoc_client_t *client, struct err *e) MUST_CHECK;

/* ---- mongo_care.c ---- */

int mongo_backup(struct store *s, const char *path, struct err *e) MUST_CHECK;
int mongo_restore(const struct cfg *cfg, const char *path, bool force,
    struct err *e) MUST_CHECK;
int mongo_verify(struct store *s, bool repair,
    void (*tell)(void *arg, const char *line), void *arg,
    struct store_verdict *out, struct err *e) MUST_CHECK;

#endif
