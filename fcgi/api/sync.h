#ifndef API_SYNC_H
#define API_SYNC_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "store/store.h"

struct req;
struct sync;
struct write_set;

/*
 * Units and people as an OA knows them, keyed by its id (oaId).  The rows of a
 * request are judged one by one; those that are good are kept, in small sets,
 * whatever becomes of the others.
 */

/* One row, and what has become of it.  All is the request's. */
struct sync_row {
	const json_t *in;
	const json_t *old; /* as it is stored; NULL: there is none */
	json_t *doc;       /* as it is to be stored; NULL: it stays */
	const char *oa_id; /* NULL: the row has none */
	const char *id;
	const char *result; /* "created" ...; NULL: not judged yet */
	const char *code;   /* of a refusal */
	const char *detail;
};

/* What the two kinds of rows have not in common. */
struct sync_kind {
	const char *name; /* "users" */
	const char *what; /* "人员" */
	enum coll coll;
	enum field oa_id;
	const char *schema; /* of a row */
	/* Judge: fill doc, id and result, or refuse.  -1: the store fails. */
	int (*judge)(struct sync *s, struct sync_row *row, struct err *e);
	/* Does the document count as there: has it not ended? */
	bool (*is_live)(const struct sync *s, const json_t *doc);
	/* End it: the document as it is to be.  Changed in place. */
	void (*end)(const struct sync *s, json_t *doc);
	/* What else ends with it goes into the set. */
	int (*ended)(struct sync *s, struct write_set *ws, const json_t *doc,
	    struct err *e);
};

struct sync {
	struct req *r;
	const struct sync_kind *kind;
	json_t *orgs;       /* all units by _id */
	json_t *orgs_by_oa; /* the same by oaId */
	json_t *guard;      /* as it is stored, or NULL */
	struct sync_row *rows;
	size_t nrows;
};

/* Carry out the request and answer. */
int sync_run(
    struct req *r, const struct sync_kind *kind, struct err *e) MUST_CHECK;

/* Refuse a row; always 0: the others go on. */
int sync_refuse(struct sync *s, struct sync_row *row, const char *code,
    const char *fmt, ...) PRINTF(4, 5);

/* The unit that the row names by `oa` or `id` members; NULL: there is none. */
const json_t *sync_org(const struct sync *s, const json_t *row,
    const char *oa_member, const char *id_member);

/* "<prefix>" and digits made from the oaId: the same each time; arena. */
const char *sync_make_id(
    const struct sync *s, const char *prefix, const char *oa_id);

#endif
