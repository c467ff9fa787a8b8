#ifndef PLAN_REPORT_H
#define PLAN_REPORT_H

#include <jansson.h>
#include <stdbool.h>

#include "base/civil.h"
#include "base/err.h"
#include "base/hash.h"
#include "plan/period.h"
#include "plan/workflow.h"

/*
 * Reports as documents (docs/model.md): made, written and moved on, in
 * place.  Pure; the caller stores the result.
 */
struct report_actor {
	const char *id;
	const char *name; /* may be NULL */
	instant_t now;
};

/* What a report is about, beside itself: borrowed documents. */
struct report_frame {
	const json_t *plan;
	const json_t *task;
	struct reporting reporting;
};

/* SHA-256 of what the unit wrote: of a body, or of the report made of it. */
void report_hash(const json_t *content, char out[SHA256_HEX + 1]);
/*
 * Is `body` the very request that made this report, or the content it has
 * now?  A draft is not what asks to be submitted.
 */
bool report_is_same(const json_t *report, const json_t *body);

/*
 * May this be reported at all?  The task is issued and running, it has the
 * indicator, the unit owes reports on it, asOf is the last day of a month of
 * the plan.  Submitted: that day has come.  -1: ERR_STATE, or ERR_INVALID
 * with an item for each fault.
 */
int report_check(const struct report_frame *f, const json_t *body,
    civil_t today, struct err *e) MUST_CHECK;

/* new: revision 1, a draft without content, of what body names. */
json_t *report_new(
    const char *id, const json_t *body, const struct report_frame *f);
/*
 * new: the next revision of an accepted report, a draft with its content,
 * that says why.
 */
json_t *report_revise(const json_t *old, const char *id, const char *reason,
    const struct report_actor *who);
/* Take over what body says: content, hash, author, when it arrived. */
void report_write(
    json_t *report, const json_t *body, const struct report_actor *who);
/*
 * Put it into a state: the instant of the step (`stamp`, may be NULL), the
 * first submission, the reason of a return, the history.
 */
void report_move(json_t *report, enum workflow_state to, const char *stamp,
    const char *reason, const struct report_actor *who);

/* Did this person write the report, or a part of it, at some time? */
bool report_wrote(const json_t *report, const char *user_id);

/*
 * The steps the plan leaves out for this report's unit, and its state.
 */
unsigned report_skips(const struct report_frame *f, const json_t *report);
enum workflow_state report_state(const json_t *report);

/* new: {no, clientId, contentHash, receivedAt, state}. */
json_t *report_receipt(const json_t *report);

#endif
