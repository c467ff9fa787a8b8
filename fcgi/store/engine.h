#ifndef STORE_ENGINE_H
#define STORE_ENGINE_H

#include "plan/facts.h"
#include "store/store.h"

/*
 * What an engine is.  store.c checks and completes what callers hand in, so
 * an engine may believe its arguments; every slot is mandatory.  An engine's
 * store begins with a struct store.
 */
struct store {
	const struct store_engine *engine;
};

/* What a write must know of the stored document before it is made. */
struct store_head {
	int64_t rev;
	char created_at[INSTANT_LEN + 1];
};

/* A place in an ordered list of documents: what a cursor holds. */
struct store_key {
	struct fact_cell sort;
	const char *id; /* NULL: no place, the beginning or the end */
};

struct store_engine {
	/* cfg->store is this, or an address that begins with it: "name://". */
	const char *name;
	/* Library and version: "sqlite 3.40.1"; borrowed. */
	const char *(*version)(void);
	struct store *(*open)(
	    const struct cfg *cfg, bool reader, struct err *e);
	void (*close)(struct store *s);
	int (*migrate)(struct store *s, struct err *e);
	int (*ping)(struct store *s, struct err *e);
	const char *(*describe)(const struct store *s);

	int (*get)(struct store *s, enum coll c, const char *id,
	    struct arena *a, struct store_doc *out, struct err *e);
	int (*head)(struct store *s, enum coll c, const char *id,
	    struct store_head *out, struct err *e);
	/*
	 * Documents after the place `after` (NULL: from the beginning).
	 * last: the place of the page's last document when more follow, else
	 * its id is NULL; arena.
	 */
	int (*find)(struct store *s, const struct store_query *q,
	    const struct store_key *after, struct arena *a,
	    struct store_page *out, struct store_key *last, struct err *e);

	/*
	 * The expensive part of a write, in the caller's thread: sets
	 * w->prepared.  discard undoes it; the engine does so itself before
	 * done is called.  discard of what was not prepared does nothing.
	 */
	int (*prepare)(struct store *s, struct write *w, struct err *e);
	void (*discard)(struct write *w);
	/*
	 * Queue a prepared set.  When a revision of 0 (any) turns out to be
	 * another one than was prepared, the engine completes the document
	 * again with write_complete.
	 */
	int (*submit)(struct store *s, struct write_set *ws, struct err *e);

	int (*stamp)(struct store *s, const char *const *plans, size_t nplans,
	    struct store_stamp *out, struct err *e);
	int (*stats)(struct store *s, const struct stats_part *part,
	    const struct stats_args *args, struct arena *a,
	    struct stats_rows *out, struct err *e);
	/*
	 * Whole and durable, or not there; two that are equal may come at
	 * once.  What get gives is checked by store.h's function.
	 */
	int (*blob_put)(struct store *s, const char *sha256, const void *data,
	    size_t len, struct err *e);
	bool blobs_are_files; /* see store_blobs_are_files */
	int (*blob_get)(struct store *s, const char *sha256, struct arena *a,
	    const void **data, size_t *len, struct err *e);
	int (*backup)(struct store *s, const char *path, struct err *e);
	int (*restore)(
	    const struct cfg *cfg, const char *path, bool force, struct err *e);
	int (*verify)(struct store *s, bool repair,
	    void (*tell)(void *arg, const char *line), void *arg,
	    struct store_verdict *out, struct err *e);
};

extern const struct store_engine sqlite_engine;
extern const struct store_engine mongodb_engine;

/* ---- the tables of collections.def ---- */

enum field_type { FIELD_TYPE_TEXT, FIELD_TYPE_INT };

/* Not of FIELD_ID, which every collection has. */
enum coll field_coll(enum field f);
const char *field_path(enum field f);
enum field_type field_type(enum field f);
unsigned field_flags(enum field f);
/* The field's value in a document, CELL_NULL when it has none; borrowed. */
struct fact_cell field_value(enum field f, const json_t *doc);

/*
 * The field that names the plan a document belongs to; FIELD__MAX when its
 * collection concerns every plan, FIELD_NO_PLAN when it concerns none.
 */
#define FIELD_NO_PLAN ((enum field)(FIELD__MAX + 1))
enum field coll_plan_field(enum coll c);
/* The field that numbers a chain; FIELD__MAX when the collection is none. */
enum field coll_chain_field(enum coll c);
/* Call fn for each fact row of a document; nothing for most collections. */
int coll_walk_facts(enum coll c, const json_t *doc, fact_fn fn, void *arg,
    struct err *e) MUST_CHECK;
/* Do the rows of t come from documents of c? */
bool coll_has_facts(enum coll c, enum fact_table t);

/* ---- writes ---- */

/*
 * Set rev, createdAt and updatedAt of the document that w will store over
 * `head` (NULL: nothing is there).
 */
void write_complete(
    struct write *w, const struct store_head *head, instant_t now);

/* Does it add a document?  Then it has no plan before. */
static inline bool
write_adds(const struct write *w)
{
	return w->op == WRITE_INSERT || w->op == WRITE_APPEND;
}

/* ---- blobs ---- */

/* 64 digits of hexadecimal, lower case. */
bool blob_is_name(const char *s);
/* Always -1: ERR_INTERNAL, and a line in the log. */
int blob_damaged(const char *sha256, struct err *e);
/*
 * Read one for store_verify: a damaged one is told and counted, what is none
 * of ours is passed over.  a is emptied.
 */
int blob_verify(struct store *s, const char *sha256, struct arena *a,
    void (*tell)(void *arg, const char *line), void *arg,
    struct store_verdict *out, struct err *e) MUST_CHECK;

/* ---- cursors ---- */

/* The opaque text of a place in the answers to q; arena. */
const char *cursor_print(
    const struct store_query *q, const struct store_key *key, struct arena *a);
/* -1: ERR_BADQUERY when text is no cursor of q's. */
int cursor_parse(const struct store_query *q, const char *text, struct arena *a,
    struct store_key *out, struct err *e) MUST_CHECK;

#endif
