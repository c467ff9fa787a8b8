#ifndef STORE_SQLITE_H
#define STORE_SQLITE_H

/* Inside of the SQLite engine: docs/adr/0002-sqlite-settings.md. */

#include <pthread.h>
#include <sqlite3.h>

#include "store/chain.h"
#include "store/engine.h"

struct buf;

/* ---- sqlite_sql.c: the statements ---- */

/* One statement for each collection or fact table, or one at all. */
enum sql_kind {
	/* coll: id -> rev, doc, created_at */
	SQL_GET,
	/* coll: id -> rev, created_at, plan ('' for every plan) */
	SQL_HEAD,
	/* coll: id, rev, created_at, doc, fields... */
	SQL_INSERT,
	/* coll: the same by id */
	SQL_UPDATE,
	/* coll: the same, but only the fields are set */
	SQL_REFIELD,
	/* coll: id */
	SQL_REMOVE,
	/* coll: id -> the next one's id, rev, created_at, doc, fields... */
	SQL_NEXT,
	/* coll, a chain: -> doc of the last one, its number */
	SQL_LAST,
	/* fact: seq, columns... (facts.def order) */
	SQL_FACT_INSERT,
	/* fact: plan_id, doc_id */
	SQL_FACT_DELETE,
	/* fact: plan_id, doc_id -> columns... in the order of seq */
	SQL_FACT_LIST,
	/* enum sql_plain */
	SQL_PLAIN,
	SQL_KIND__MAX
};

enum sql_plain {
	PLAIN_BEGIN,
	PLAIN_BEGIN_READ,
	PLAIN_COMMIT,
	PLAIN_ROLLBACK,
	PLAIN_SAVE,
	PLAIN_UNDO,
	PLAIN_KEEP,
	PLAIN_STAMP_BUMP, /* plan_id, at -> seq, at */
	PLAIN_STAMP_LIST, /* -> plan_id, seq, at */
	PLAIN_STAMP_GET,  /* plan_id -> seq, at */
	PLAIN_PING,
	PLAIN__MAX
};

#define SQL_SLOTS 32
_Static_assert(SQL_SLOTS >= (int)COLL__MAX, "a slot for each collection");
_Static_assert(SQL_SLOTS >= (int)FACT__MAX, "a slot for each fact table");
_Static_assert(SQL_SLOTS >= (int)PLAIN__MAX, "a slot for each statement");

void sql_print(struct buf *b, enum sql_kind kind, size_t which);
/* "f_lead_orgId", or "id". */
void sql_add_field(struct buf *b, enum field f);
/* The first parameter of SQL_INSERT that is a field. */
#define SQL_FIELDS_AT 5

/* ---- sqlite_conn.c: one connection and its statements ---- */

#define CONN_CACHE 48

struct conn {
	sqlite3 *db;
	struct conn *next;
	sqlite3_stmt *fixed[SQL_KIND__MAX][SQL_SLOTS];
	struct conn_cached {
		uint64_t hash;
		sqlite3_stmt *st;
	} cache[CONN_CACHE];
	size_t victim;
	int wal_pages; /* after the last commit; the writer's */
};

/* flags: those of sqlite3_open_v2.  NULL with *e set. */
struct conn *conn_open(const char *path, int flags, struct err *e) MUST_CHECK;
void conn_close(struct conn *c);
/* Run SQL that gives no rows. */
int conn_exec(struct conn *c, const char *sql, struct err *e) MUST_CHECK;
/* borrowed, reset: give it back with sqlite3_reset as soon as possible. */
sqlite3_stmt *conn_stmt(
    struct conn *c, enum sql_kind kind, size_t which, struct err *e) MUST_CHECK;
/* The same for any text; kept for the next time. */
sqlite3_stmt *conn_stmt_text(
    struct conn *c, const char *sql, struct err *e) MUST_CHECK;
/* Step a statement that gives no rows, and reset it. */
int conn_run(struct conn *c, sqlite3_stmt *st, struct err *e) MUST_CHECK;
/* The plain statement. */
int conn_plain(struct conn *c, enum sql_plain p, struct err *e) MUST_CHECK;
/*
 * Our error for the connection's last failure, its own words to the log.
 * Always -1.
 */
int conn_fail(struct conn *c, const char *what, struct err *e);
void conn_bind_text(sqlite3_stmt *st, int at, const char *s);
void conn_bind_cell(sqlite3_stmt *st, int at, const struct fact_cell *v);
/* The cell of a row; borrowed until the next step. */
struct fact_cell conn_cell(sqlite3_stmt *st, int at);
bool cell_equal(const struct fact_cell *a, const struct fact_cell *b);

/* ---- sqlite_layout.c: tables and their versions ---- */

/*
 * Bring the layout up to this program: ERR_CONFIG when it is a newer
 * program's.  Wants the connection that may write, no transaction open.
 */
int layout_migrate(struct conn *c, struct err *e) MUST_CHECK;
/* -1: ERR_CONFIG when the layout is not this program's. */
int layout_check(struct conn *c, struct err *e) MUST_CHECK;

/* -1 when the file is no store, a newer one or holds foreign things. */
int layout_upgradable(struct conn *c, struct err *e) MUST_CHECK;

/* ---- sqlite_facts.c: documents as rows ---- */

/* What the caller's thread makes of a document, for the writer's. */
struct prepared {
	char *text;
	size_t len;
	int64_t rev;
	struct fact_cell *cells; /* borrowed texts, of the document */
	size_t ncells;
	size_t cells_cap;
	struct prepared_row {
		enum fact_table table;
		size_t first; /* cell */
		size_t ncells;
	} * rows;
	size_t nrows;
	size_t rows_cap;
};

/* new, or NULL with *e set. */
struct prepared *prepared_new(
    enum coll c, const json_t *doc, struct err *e) MUST_CHECK;
/* Print the document again: its revision changed. */
void prepared_print(struct prepared *p, const json_t *doc);
/* Add the link to what was printed. */
void prepared_link(struct prepared *p, const struct chain_link *link);
void prepared_free(struct prepared *p);
/* Put the rows into their tables. */
int facts_insert(
    struct conn *c, const struct prepared *p, struct err *e) MUST_CHECK;
/* Remove the rows made from a document of a plan. */
int facts_delete(struct conn *c, enum coll coll, const char *plan,
    const char *id, struct err *e) MUST_CHECK;
/*
 * Make fields and facts of every document again, inside the caller's
 * transaction.  Documents that do not read are counted and left alone.
 */
int facts_rebuild(struct conn *c, int64_t *broken, struct err *e) MUST_CHECK;
/* Bind the declared fields of a document from SQL_FIELDS_AT on. */
void fields_bind(sqlite3_stmt *st, enum coll c, const json_t *doc);

/* ---- sqlite_stamps.c: change stamps in memory ---- */

struct stamps {
	pthread_rwlock_t lock;
	struct stamp *slots;
	size_t nslots; /* a power of two */
	size_t used;
};

void stamps_init(struct stamps *t);
void stamps_fini(struct stamps *t);
void stamps_put(
    struct stamps *t, const char *plan, const struct store_stamp *v);
/*
 * Set the stamp of every plan beyond all that were ever given out: it begins
 * at the clock's microseconds, so that those of one store are never met again
 * in another that takes its place, where a client still holds an answer.
 */
int stamps_renew(struct conn *c, struct err *e) MUST_CHECK;
int stamps_load(struct stamps *t, struct conn *c, struct err *e) MUST_CHECK;
/* Add up the given plans and ''. */
void stamps_get(struct stamps *t, const char *const *plans, size_t nplans,
    struct store_stamp *out);
/* The same from the file, for a reader beside an owner. */
int stamps_read(struct conn *c, const char *const *plans, size_t nplans,
    struct store_stamp *out, struct err *e) MUST_CHECK;

/* ---- sqlite_cache.c: hot documents in memory ---- */

/* Texts, ids and their book-keeping, all together. */
#define CACHE_BYTES (8 * 1024 * 1024)
/* A larger one is not kept. */
#define CACHE_DOC_MAX (64 * 1024)

/* A stored document, borrowed. */
struct stored {
	int64_t rev;
	char created_at[INSTANT_LEN + 1];
	const char *text;
	size_t len;
};

/*
 * Only the process that writes can keep documents.  Another one has none:
 * NULL, with which all of these do nothing.
 */
struct cache;

struct cache *cache_new(void) MUST_CHECK;
void cache_free(struct cache *k);
/*
 * The document, until cache_drop; NULL when it is not here: read it and offer
 * it with cache_put and the same gen.
 */
const struct stored *cache_take(
    struct cache *k, enum coll c, const char *id, uint64_t *gen);
void cache_drop(const struct stored *doc);
/* Ignored when anything near was written since cache_take. */
void cache_put(struct cache *k, enum coll c, const char *id, uint64_t gen,
    const struct stored *doc);
/*
 * The document is another one now, or gone (NULL): the writer thread says so
 * after the commit, before anybody learns of it.
 */
void cache_settle(
    struct cache *k, enum coll c, const char *id, const struct stored *doc);
/* Forget everything. */
void cache_clear(struct cache *k);
/* Bytes kept now, and how often a document was here. */
void cache_count(struct cache *k, size_t *bytes, uint64_t *hits);

/* ---- sqlite_queue.c: the writer thread ---- */

/* Something else the writer thread must do, between batches. */
struct job {
	int (*run)(struct conn *writer, void *arg, struct err *e);
	void *arg;
	struct err *e;
	int rc;
	bool finished;
	struct job *next;
};

struct sqlite {
	struct store base;
	char *dir;
	char *path;
	char describe[64];
	int lock_fd; /* -1: a reader beside an owner */

	pthread_mutex_t idle_lock;
	struct conn *idle; /* readers nobody uses now */

	struct conn *writer; /* the writer thread's; NULL for a reader */
	pthread_t thread;
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t work;
	pthread_cond_t job_done;
	struct write_set *head;
	struct write_set **tail;
	size_t nqueued;
	size_t queue_max;
	size_t batch_max;
	struct job *jobs;
	bool stopping;

	struct stamps stamps;
	struct cache *cache; /* NULL for a reader */
	/* The writer thread's: what the next documents stand behind. */
	struct chain_state {
		bool known; /* false: as the file says */
		struct chain_head head;
	} chains[COLL__MAX];
};

int queue_start(struct sqlite *s, struct err *e) MUST_CHECK;
/* Waits until everything queued is written. */
void queue_stop(struct sqlite *s);
int queue_push(
    struct sqlite *s, struct write_set *ws, struct err *e) MUST_CHECK;
/* Run in the writer thread and wait. */
int queue_run(struct sqlite *s,
    int (*run)(struct conn *writer, void *arg, struct err *e), void *arg,
    struct err *e) MUST_CHECK;

/* ---- sqlite_write.c: a batch of sets ---- */

/* Carry out all sets of the list; every one of them is done afterwards. */
void batch_write(struct sqlite *s, struct write_set *list);

/* ---- sqlite_open.c ---- */

#define SQLITE_FILE "minsheng.db"
#define SQLITE_LOCK "lock"

/* new: "dir/name". */
char *path_join(const char *dir, const char *name);
/* The descriptor that holds the lock, or -1: ERR_LOCKED names the owner. */
int lock_take(const char *dir, struct err *e) MUST_CHECK;
int dir_sync(const char *dir, struct err *e) MUST_CHECK;
/* Make an empty file that only the owner may read, unless it is there. */
int file_create(const char *path, int flags, struct err *e) MUST_CHECK;
/* A connection that reads; put it back when done. */
struct conn *reader_take(struct sqlite *s, struct err *e) MUST_CHECK;
void reader_put(struct sqlite *s, struct conn *c);

/* ---- the slots of the engine ---- */

int sqlite_get(struct store *s, enum coll c, const char *id, struct arena *a,
    struct store_doc *out, struct err *e) MUST_CHECK;
int sqlite_head(struct store *s, enum coll c, const char *id,
    struct store_head *out, struct err *e) MUST_CHECK;
int sqlite_find(struct store *s, const struct store_query *q,
    const struct store_key *after, struct arena *a, struct store_page *out,
    struct store_key *last, struct err *e) MUST_CHECK;
int sqlite_stats(struct store *s, const struct stats_part *part,
    const struct stats_args *args, struct arena *a, struct stats_rows *out,
    struct err *e) MUST_CHECK;
int sqlite_backup(struct store *s, const char *path, struct err *e) MUST_CHECK;
int sqlite_restore(const struct cfg *cfg, const char *path, bool force,
    struct err *e) MUST_CHECK;
int sqlite_verify(struct store *s, bool repair,
    void (*tell)(void *arg, const char *line), void *arg,
    struct store_verdict *out, struct err *e) MUST_CHECK;

/* ---- sqlite_blob.c ---- */

/* The folder of blobs; names that are not finished begin so. */
#define SQLITE_BLOBS "blobs"
#define BLOB_UNFINISHED ".new-"

int sqlite_blob_put(struct store *s, const char *sha256, const void *data,
    size_t len, struct err *e) MUST_CHECK;
int sqlite_blob_get(struct store *s, const char *sha256, struct arena *a,
    const void **data, size_t *len, struct err *e) MUST_CHECK;
/* new: the folder of blobs whose hash begins with these two digits. */
char *blob_folder(const struct sqlite *s, const char *digits);
/* Our error for errno, its own words to the log.  Always -1. */
int blob_fail(const char *what, struct err *e);

/* ---- sqlite_blob_care.c ---- */

/* Make the folder, remove what a crash left.  The owner's. */
int sqlite_blobs_open(struct sqlite *s, struct err *e) MUST_CHECK;
int sqlite_blobs_verify(struct sqlite *s,
    void (*tell)(void *arg, const char *line), void *arg,
    struct store_verdict *out, struct err *e) MUST_CHECK;

/* ---- sqlite_verify.c ---- */

/* Read everything on one connection, in one snapshot. */
int verify_conn(struct conn *c, void (*tell)(void *arg, const char *line),
    void *arg, struct store_verdict *out, struct err *e) MUST_CHECK;

#endif
