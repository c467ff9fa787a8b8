#ifndef API_APP_H
#define API_APP_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "http/req.h"
#include "http/route.h"
#include "stats/stats.h"
#include "store/store.h"

struct auth;
struct cfg;
struct idem_table;
struct clock;
struct guard;
struct doc_cache;
struct org_cache;
struct stats_cache;

/* What all handlers share; they reach it through req->app. */
struct app {
	const struct cfg *cfg;
	struct store *store;
	struct stats_cache *cache;
	struct org_cache *orgs;
	struct doc_cache *docs;
	struct auth *auth;
	struct idem_table *idem;
	struct media *media;
	struct guard *guard; /* where webhooks may go */
	struct http *http;
	struct clock *clock; /* of a demonstration, else NULL */
	/* The interface, as text, made at start; its hash is the ETag. */
	char *openapi;
	size_t openapi_len;
	char openapi_tag[SHA256_HEX + 1];
};

/*
 * Put the program together on an open store (borrowed): schemas, routes,
 * cache.  -1: ERR_CONFIG.  app_fini undoes it; a zeroed app is fine.
 */
int app_init(struct app *app, const struct cfg *cfg, struct store *store,
    struct err *e) MUST_CHECK;
void app_fini(struct app *app);

/* THE route table and its query parameters (routes.def, params.def). */
extern const struct route api_routes[];
extern const size_t api_nroutes;
extern const struct param api_params[];
extern const size_t api_nparams;

/* ---- what handlers share (common.c) ---- */

static inline struct store *
api_store(const struct req *r)
{
	return ((struct app *)r->app)->store;
}

/*
 * Answer with the stored text of a document and its ETag (304 where the
 * client has it).  -1: ERR_NOTFOUND naming `what` ("事项").
 */
int api_answer_doc(struct req *r, enum coll c, const char *id, const char *what,
    struct err *e) MUST_CHECK;

/*
 * Answer with a page of documents: {"items": [...], "nextCursor": ...}.  The
 * caller sets coll, filters and sort; limit and cursor come from the request.
 */
int api_answer_page(
    struct req *r, struct store_query *q, struct err *e) MUST_CHECK;
/* Its two halves, for who looks at the documents in between. */
int api_find_page(struct req *r, struct store_query *q, struct store_page *page,
    struct err *e) MUST_CHECK;
int api_print_page(
    struct req *r, const struct store_page *page, struct err *e) MUST_CHECK;

/* Add a filter for a query parameter, if it was given. */
void api_filter(const struct req *r, struct store_query *q, const char *param,
    enum field field, enum store_op op);

/* A parsed document the request owns; NULL: ERR_NOTFOUND naming `what`. */
json_t *api_get(struct req *r, enum coll c, const char *id, const char *what,
    struct err *e) MUST_CHECK;

/* All tasks of a plan in their order: an array the request owns. */
json_t *api_plan_tasks(
    struct req *r, const char *plan_id, struct err *e) MUST_CHECK;
/* The orgs and org sets that a plan may name: arrays the request owns. */
int api_plan_orgs(struct req *r, const json_t *plan, json_t **orgs,
    json_t **orgsets, struct err *e) MUST_CHECK;

/*
 * Fill the members of the phrases of a task, or of sections of one; a phrase
 * nobody knows refuses it: ERR_INVALID.
 */
int api_fill_task(
    struct req *r, const json_t *plan, json_t *task, struct err *e) MUST_CHECK;
/*
 * A task's row of the statistics as they are today, owned by the request.
 * NULL: the store failed, or ERR_NOTFOUND.
 */
json_t *api_task_figures(struct req *r, const json_t *task,
    enum stats_family family, struct err *e) MUST_CHECK;

/* A write set in the request's arena, released with the request. */
struct write_set *api_write_set(struct req *r);

/*
 * Replace or remove the document that was read as `old`, which must still be
 * there: the entry in the audit shows it.  doc is another document, not old
 * changed in place.
 */
void api_replace(struct req *r, struct write_set *ws, enum coll c,
    const json_t *old, json_t *doc);
void api_remove(
    struct req *r, struct write_set *ws, enum coll c, const json_t *old);
/* Why, for the audit; copied.  NULL is fine. */
void api_reason(struct req *r, const char *text);
/*
 * Write down that the document was looked at, or used, where nothing is
 * changed; before api_commit.  id may be NULL.
 */
void api_note(struct req *r, struct write_set *ws, enum coll c, const char *id);

/*
 * Add the entry of the audit, queue the set and park; when it is durable answer
 * `status` with `answer` (owned by the request; when it is one of the set's
 * documents the store has completed it, and it gets its ETag).  Overtaken
 * meanwhile: 412 with the current document where the client named its revision,
 * else ERR_CONFLICT.
 */
int api_commit(struct req *r, struct write_set *ws, int status, json_t *answer,
    struct err *e) MUST_CHECK;

/*
 * The same about `target`, answered by `done` once it is durable.  When
 * somebody came between, `again` begins anew from what is there then (NULL, or
 * too often: ERR_CONFLICT).  What the client itself asked for is for `again` to
 * judge.
 */
struct api_outcome {
	int (*done)(struct req *r, void *arg, struct err *e);
	int (*again)(struct req *r, void *arg, struct err *e);
	void *arg;
};
int api_commit_then(struct req *r, struct write_set *ws, json_t *target,
    const struct api_outcome *then, struct err *e) MUST_CHECK;

/*
 * Check If-Match / If-None-Match of a PUT against what is stored, before
 * meaning is looked at.  doc may be NULL (there is none yet).  -1: ERR_STALE,
 * ERR_EXISTS, ERR_NEEDMATCH.
 */
int api_check_match(struct req *r, const json_t *doc, struct err *e) MUST_CHECK;
/* The body's _id is the one of the address; it is put where left out. */
int api_check_id(struct req *r, struct err *e) MUST_CHECK;
/*
 * The stored document with the body merged into it (RFC 7396), owned by the
 * request.  NULL: ERR_INVALID, the body is no object.
 */
json_t *api_merge(struct req *r, const json_t *old, struct err *e) MUST_CHECK;
/* A member that says what a document is must stay: ERR_INVALID else. */
int api_check_identity(const json_t *old, const json_t *doc, const char *key,
    struct err *e) MUST_CHECK;

#endif
