#ifndef API_IMPORT_RUN_H
#define API_IMPORT_RUN_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"
#include "store/store.h"

/* The inside of an import: import.c plans and tasks, import_records.c. */

/* An import under way. */
struct import {
	struct store *store;
	json_t *bundle;
	json_t *plan;         /* borrowed: the bundle's, or the stored one */
	json_t *stored_plan;  /* owned, may be NULL */
	json_t *stored_tasks; /* owned, by _id */
	json_t *tasks;        /* owned, by _id: the bundle's, or the stored */
	json_t *orgs;         /* owned arrays: the bundle's over the store's */
	json_t *orgsets;
	struct org_index *index;
	json_t *series; /* owned, by _id: those that reports enter */
	struct write_set *ws;
	json_t *summary;
};

enum outcome { ADDED, CHANGED, REMOVED, SAME };

/* One more of `what` came out so. */
void import_count(struct import *im, const char *what, enum outcome o);
/* Equal but for what the store itself sets. */
bool import_same(const json_t *a, const json_t *b);
/* The stored document old (borrowed, may be NULL) becomes doc. */
void import_put(struct import *im, enum coll c, const json_t *old, json_t *doc);
/* *doc is new: the stored document, or NULL where there is none. */
int import_fetch(struct import *im, enum coll c, const char *id, json_t **doc,
    struct err *e) MUST_CHECK;

/*
 * The bundle's reports and milestone states: each refers to what is there and
 * is stored once.  -1 is a failure or a conflict; faults are items of *e.
 */
int import_records(struct import *im, struct err *e) MUST_CHECK;

#endif
