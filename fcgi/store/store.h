#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/civil.h"
#include "base/err.h"

struct arena;
struct buf;
struct cfg;
struct stats_part;
struct stats_args;
struct stats_rows;

/*
 * A store of documents, not a query language.  Documents go in as json_t,
 * come out as the stored text (compact JSON, members in their order), so what
 * is only passed on is never parsed.  No BSON, SQL or engine message leaves
 * this folder.  Every function may be called from any thread.
 *
 * Errors common to all: ERR_UNAVAILABLE (engine down or overloaded: retry),
 * ERR_NOSPACE (disk full), ERR_INTERNAL (our bug; the log has the story).
 */
struct store;

enum coll {
#define COLLECTION(name, text, schema) COLL_##name,
#define FIELD(coll, name, path, type, flags)
#include "store/collections.def"
#undef COLLECTION
#undef FIELD
	COLL__MAX
};

/* The declared fields, over all collections; FIELD_ID is "_id" of any. */
enum field {
	FIELD_ID,
#define COLLECTION(name, text, schema)
#define FIELD(coll, name, path, type, flags) FIELD_##name,
#include "store/collections.def"
#undef COLLECTION
#undef FIELD
	FIELD__MAX
};

#define FIELD_INDEX 1U
#define FIELD_UNIQUE 2U
#define FIELD_CHAIN 4U

/* "tasks" and so on, for messages and exports; -1 when there is none. */
const char *coll_name(enum coll c);
int coll_by_name(const char *name);
/* The schema file that governs the collection: "task.json". */
const char *coll_schema(enum coll c);

/*
 * Open the engine that cfg->store names ("sqlite": files under cfg->data).
 * new, or NULL: ERR_LOCKED when another process owns the files, ERR_CONFIG.
 * A fresh store is created; an older one wants store_migrate first (done by
 * open when only this process can see it).
 */
struct store *store_open(const struct cfg *cfg, struct err *e) MUST_CHECK;
/*
 * Open for reading beside a process that owns the store: get, find, stats,
 * backup, verify.  Writes are ERR_LOCKED.
 */
struct store *store_open_reader(
    const struct cfg *cfg, struct err *e) MUST_CHECK;
/* Waits for queued writes, then closes.  NULL is fine. */
void store_close(struct store *s);
/* Bring the layout to this program's version; safe to run twice. */
int store_migrate(struct store *s, struct err *e) MUST_CHECK;
/* Can it answer now?  Cheap: for /readyz. */
int store_ping(struct store *s, struct err *e) MUST_CHECK;
/* Name and facts for the log and /readyz: "sqlite 3.40.1 wal full". */
const char *store_describe(const struct store *s);
/* The i-th engine this program has: "sqlite 3.40.1"; NULL past the last. */
const char *store_engine_version(size_t i);

/* ---- reading ---- */

/* One stored document; id and text are borrowed from the arena. */
struct store_doc {
	const char *id;
	int64_t rev;
	const char *text;
	size_t len;
};

/* 0, or -1: ERR_NOTFOUND. */
int store_get(struct store *s, enum coll c, const char *id, struct arena *a,
    struct store_doc *out, struct err *e) MUST_CHECK;
/* The same as a parsed document: new. */
json_t *store_get_json(
    struct store *s, enum coll c, const char *id, struct err *e) MUST_CHECK;
/* The revision alone, for who may have the text already. */
int store_get_rev(struct store *s, enum coll c, const char *id, int64_t *rev,
    struct err *e) MUST_CHECK;

enum store_op { OP_EQ, OP_PREFIX, OP_GE, OP_LE };

struct store_filter {
	enum field field;
	enum store_op op;
	/* For TEXT fields and _id; NULL with OP_EQ: that have no value. */
	const char *text;
	int64_t n; /* for INT fields */
};

#define STORE_FILTERS 8
#define STORE_LIMIT_MAX 1000

struct store_query {
	enum coll coll;
	struct store_filter filters[STORE_FILTERS];
	size_t nfilters;
	/*
	 * Ties by _id; FIELD_ID: by _id only.  Documents without a value come
	 * before all others; desc turns the whole order round.
	 */
	enum field sort;
	bool desc;
	size_t limit;      /* 1..STORE_LIMIT_MAX */
	const char *after; /* cursor of an earlier page, or NULL */
};

struct store_page {
	struct store_doc *docs;
	size_t ndocs;
	const char *next; /* cursor, NULL on the last page; arena */
};

/*
 * A page of documents.  0, or -1: ERR_BADQUERY for a cursor that was not
 * made by the same query.
 */
int store_find(struct store *s, const struct store_query *q, struct arena *a,
    struct store_page *out, struct err *e) MUST_CHECK;
/* All of them (at most max, else ERR_TOOBIG) as a new array of documents. */
json_t *store_find_json(struct store *s, const struct store_query *q,
    size_t max, struct err *e) MUST_CHECK;

/* ---- writing ---- */

enum write_op { WRITE_INSERT, WRITE_REPLACE, WRITE_REMOVE, WRITE_APPEND };

struct write {
	enum write_op op;
	enum coll coll;
	const char *id; /* borrowed from doc */
	json_t *doc;    /* a reference of the set's; REMOVE: the id, copied */
	int64_t rev;    /* REPLACE, REMOVE: the expected revision; 0: any */
	void *prepared; /* the engine's; made before queueing */
	bool as_is;     /* INSERT: rev and instants are the document's own */
	char *digest;   /* APPEND: of the document's content; owned */
	json_t *before; /* see write_keep_old; a reference, or NULL */
};

/*
 * Writes that hold together: all of them, or none.  A set names a document
 * at most once.  The caller fills it; the store completes the documents (_id
 * stays; rev, createdAt and updatedAt are set in place), so afterwards they
 * are what is stored.
 */
struct write_set {
	struct write *v;
	size_t n;
	size_t cap;
	instant_t now;
	struct write_set *next; /* the queue's */
	void (*done)(void *arg, const struct err *e);
	void *arg;
	struct err e;
	size_t failed; /* index of the write that failed, when e is set */
};

/* now: the instant for createdAt and updatedAt. */
void write_set_init(struct write_set *ws, instant_t now);
void write_set_fini(struct write_set *ws);
/* doc carries _id; the set takes a reference of its own. */
void write_insert(struct write_set *ws, enum coll c, json_t *doc);
void write_replace(struct write_set *ws, enum coll c, json_t *doc, int64_t rev);
void write_remove(
    struct write_set *ws, enum coll c, const char *id, int64_t rev);
/* Let the set's last write be its first. */
void write_last_first(struct write_set *ws);
/*
 * Give the documents of the set, before it is written, the rev and instants
 * that they will have: unless somebody comes between, or any revision is
 * replaced.
 */
void write_foresee(struct write_set *ws);
/* Keep what the set's last write replaces, for the caller's own records. */
void write_keep_old(struct write_set *ws, const json_t *old);
/*
 * Insert a document of another store as it was there: its rev (1 or more),
 * createdAt and updatedAt are kept.  Engines see an insert of a document that
 * is complete already; the change stamps tell the set's own instant.
 */
void write_load(struct write_set *ws, enum coll c, json_t *doc);
/*
 * Add a document to a chained collection (store/chain.h), which takes only
 * these and write_load: the store gives it `alg` and, in the order of the
 * commits, `seq`, `prev` and `hash`.  A set that fails takes no number.
 */
void write_append(struct write_set *ws, enum coll c, json_t *doc);

/*
 * Carry out the set and wait until it is durable.  -1: ERR_EXISTS (insert of
 * an id, or a unique field, that is there), ERR_NOTFOUND, ERR_STALE (another
 * revision).  After -1 nothing of the set is stored; after ERR_UNAVAILABLE it
 * is unknown, ask again by id.
 */
int store_write(
    struct store *s, struct write_set *ws, struct err *e) MUST_CHECK;
/*
 * The same without waiting: done(arg, NULL or the error) is called exactly
 * once, from a thread of the store's, after the outcome is durable.  -1 when
 * it could not be queued (done is not called): ERR_UNAVAILABLE when
 * cfg->write_queue sets already wait, or an error of store_write's that
 * shows before.  ws stays alive until done; write_set_fini is the caller's.
 * done must not wait: all writes wait with it.
 */
int store_submit(struct store *s, struct write_set *ws,
    void (*done)(void *arg, const struct err *e), void *arg,
    struct err *e) MUST_CHECK;

/* ---- statistics ---- */

/*
 * The change stamp of some plans: grows with every acknowledged write that
 * touches one of them or any org.  `at` is the instant of the last one.  A
 * figure made after reading a stamp is never older than that stamp.
 */
struct store_stamp {
	int64_t seq;
	instant_t at;
};
int store_stamp_get(struct store *s, const char *const *plans, size_t nplans,
    struct store_stamp *out, struct err *e) MUST_CHECK;

/* Rows of one additive part (stats/parts.h), in the part's order; arena. */
int store_stats(struct store *s, const struct stats_part *part,
    const struct stats_args *args, struct arena *a, struct stats_rows *out,
    struct err *e) MUST_CHECK;

/* ---- blobs ---- */

/*
 * Bytes that are known by their content: sha256 is their hash in lower-case
 * hexadecimal.  They never change and are never removed.
 */
#define STORE_BLOB_MAX (8 * 1024 * 1024)

/*
 * Durable when it returns.  What is there already is not written again, so
 * repeating it, also at the same time, is harmless.  -1: ERR_INVALID (not the
 * hash of these bytes), ERR_TOOBIG, ERR_LOCKED (a reader).
 */
int store_blob_put(struct store *s, const char *sha256, const void *data,
    size_t len, struct err *e) MUST_CHECK;
/*
 * The bytes, in the arena.  -1: ERR_NOTFOUND; ERR_INTERNAL when they are no
 * longer what was put.
 */
int store_blob_get(struct store *s, const char *sha256, struct arena *a,
    const void **data, size_t *len, struct err *e) MUST_CHECK;

/*
 * Does the engine keep a blob as the file blobs/<first two digits>/<sha256>
 * below cfg->data, which a web server may send by itself?
 */
bool store_blobs_are_files(const struct store *s);

/* ---- care ---- */

/*
 * Copy a consistent state, while others write, to a new file: the documents.
 * Blobs, files that never change, are any tool's to copy, afterwards;
 * store_restore leaves them alone.
 */
int store_backup(struct store *s, const char *path, struct err *e) MUST_CHECK;
/*
 * Replace the store under cfg by a backup file, which is verified first.
 * Wants the store closed (takes the lock); refuses to overwrite unless force.
 */
int store_restore(const struct cfg *cfg, const char *path, bool force,
    struct err *e) MUST_CHECK;

struct store_verdict {
	int64_t documents;
	int64_t facts;
	int64_t differences; /* facts missing, extra or different */
	int64_t broken;      /* documents, pages, blobs that do not read */
};
/*
 * Read everything: engine check, every document parses and has its fields,
 * every fact row equals the one made again from its document, every blob has
 * its hash.  repair: make the facts again, remove what was never finished.  0
 * even when there are differences: look at the verdict; each is reported to
 * tell(arg, line) in Chinese.
 */
int store_verify(struct store *s, bool repair,
    void (*tell)(void *arg, const char *line), void *arg,
    struct store_verdict *out, struct err *e) MUST_CHECK;

#endif
