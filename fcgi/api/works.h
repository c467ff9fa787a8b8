#ifndef API_WORKS_H
#define API_WORKS_H

#include <jansson.h>
#include <stdint.h>

#include "base/err.h"
#include "plan/machine.h"
#include "store/store.h"

struct req;
struct write_set;

/*
 * What the handlers of milestones, changes, money, checks, cases and notices
 * share.  One document of theirs, on its way through a request; the request
 * owns everything.
 */
struct work_kind {
	enum coll coll;
	enum machine machine; /* MACHINE__MAX: it has no states */
	const char *what;     /* "变更申请" */
};

struct job {
	const struct work_kind *kind;
	json_t *doc;         /* as it is being made or changed */
	const json_t *old;   /* as it is stored; NULL: it is new */
	json_t *task;        /* NULL: about a plan as a whole */
	const char *org_id;  /* whose it is; NULL: nobody's alone */
	const char *lead_id; /* the lead of its task, or NULL */
	int status;          /* of the answer when it is kept */
	/* Adds what is derived to an answer; NULL: nothing. */
	int (*derive)(
	    struct req *r, const struct job *j, json_t *view, struct err *e);
	/* Begins anew when somebody came between; NULL: ERR_CONFLICT. */
	int (*again)(struct req *r, struct err *e);
};

/* A job in the request's arena. */
struct job *job_new(struct req *r, const struct work_kind *kind);

/*
 * What it is about: the task and its lead.  ERR_INVALID at /taskId when there
 * is none; org_id (may be NULL) must be a unit: ERR_INVALID at /orgId.
 */
int job_about(struct req *r, struct job *j, const char *task_id,
    const char *org_id, struct err *e) MUST_CHECK;
/* Load the stored document and its task.  ERR_NOTFOUND. */
int job_load(
    struct req *r, struct job *j, const char *id, struct err *e) MUST_CHECK;

/*
 * A PUT under the client's id: j->doc is what is stored, or NULL.  1: it is
 * there already with the same content, answer with it; 0: go on; -1: not a
 * UUID (ERR_BADPATH), other content (ERR_CONFLICT), what If-Match asks.
 */
int job_put_begin(struct req *r, struct job *j, struct err *e) MUST_CHECK;
/*
 * Make the document of the body (a new one, or over the stored draft: its
 * `keep` members and history stay), with author and contentHash.
 */
void job_put_body(struct req *r, struct job *j);

/*
 * Take a step: the state must have it (ERR_STATE), who asks must be allowed
 * to (ERR_FORBIDDEN) and not be who began it, and a reason there where one is
 * wanted.  reason may be NULL.
 */
int job_step(struct req *r, struct job *j, const char *verb, const char *reason,
    struct err *e) MUST_CHECK;
/* new: {by: {userId, name}, at} and the members of body. */
json_t *job_signed(const struct req *r, const json_t *body);
/* The same stamp as text: `at` of this request. */
void job_stamp(const struct req *r, json_t *doc, const char *member);
/* new: {userId, name} of who asks. */
json_t *job_person(const struct req *r);

/* Answer with the document, what is derived, and `may`. */
int job_answer(
    struct req *r, const struct job *j, int status, struct err *e) MUST_CHECK;
/* Put the document in the set, carry the set out, answer. */
int job_commit(struct req *r, struct job *j, struct write_set *ws,
    struct err *e) MUST_CHECK;

/* GET of one document, by the route's permission. */
int job_get(struct req *r, const struct work_kind *kind,
    int (*derive)(
	struct req *r, const struct job *j, json_t *view, struct err *e),
    struct err *e) MUST_CHECK;
/* ERR_INVALID when the day lies ahead. */
int job_check_day(struct req *r, const char *member, struct err *e) MUST_CHECK;

#endif
