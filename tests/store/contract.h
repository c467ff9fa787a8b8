#ifndef STORE_CONTRACT_H
#define STORE_CONTRACT_H

#include <stdbool.h>

#include "base/cfg.h"
#include "store/fixture.h"
#include "store/store.h"
#include "unit/support.h"

/* The contract of store/store.h, executed. */

/* The number of tests that failed. */
int contract_run(const struct contract_engine *engine);

/* Of a contract test's state. */
#define STORE(state) (((struct fixture *)*(state))->s)

#define CONTRACT(name) void name(void **state);
#include "store/contract.def"
#undef CONTRACT

/* ---- blobs from outside, on every engine (blob_traces.c) ---- */

/* Change a blob behind the store's back, or make it shorter. */
void blob_damage(const struct cfg *cfg, const char *sha256, bool cut);
/* Leave what a put that was broken off long ago leaves. */
void blob_leave(const struct cfg *cfg, const char *sha256);
/* The files, or documents, that blobs are made of. */
size_t blob_count(const struct cfg *cfg);

/* ---- what tests of stores share (fixture.c) ---- */

/* new: valid documents, small. */
json_t *make_plan(const char *id);
json_t *make_task(const char *id, const char *plan, int no);
json_t *make_org(const char *id, const char *parent, int sort);
json_t *make_report(
    const char *id, const char *plan, const char *task, const char *org, int n);

/*
 * 40 orgs: org-00 ... org-39; 20 with the parent a, 10 with b, 10 without;
 * sort keys that tie, four without any.
 */
void fill_orgs(struct store *s);

json_t *make_entry(const char *id, int n);

/* Insert into any collection: a chain's is appended. */
void add_new(struct write_set *ws, enum coll c, json_t *doc);
/* One write, waited for: ERR_NONE or the error.  Takes doc. */
enum err_code put_new(struct store *s, enum coll c, json_t *doc);
enum err_code put_again(struct store *s, enum coll c, json_t *doc, int64_t rev);
enum err_code take_away(
    struct store *s, enum coll c, const char *id, int64_t rev);
/* new: the stored document, or NULL. */
json_t *fetch(struct store *s, enum coll c, const char *id);
bool is_stored(struct store *s, enum coll c, const char *id);
/*
 * The chain of audit entries is whole, from 1 to the number of documents;
 * tells how many, and unless head is NULL where it ends.
 */
struct chain_head;
int64_t chain_walk(struct store *s, struct chain_head *head);
/* A full verification: differences + broken; *documents unless NULL. */
int64_t verify_all(struct store *s, bool repair, int64_t *documents);

#endif
