#ifndef PLAN_LIFECYCLE_H
#define PLAN_LIFECYCLE_H

#include <jansson.h>

#include "base/civil.h"
#include "base/err.h"
#include "base/hash.h"

/*
 * What may become of a plan and its tasks: pure transitions of documents,
 * done in place.  The caller stores the result; after -1 the documents are
 * as they were.  Instants are `now` unless the body says otherwise.
 *
 * A refused transition is ERR_STATE with the current state and what to do
 * instead.
 */

/*
 * Make `plan` a draft that may take the place of `old` (NULL: a new one):
 * status draft, no issue.  ERR_STATE when old is not a draft any more.
 */
int lifecycle_draft_plan(
    json_t *plan, const json_t *old, struct err *e) MUST_CHECK;

/*
 * Make `task` a draft of the plan: planId, division, year and _id (where it
 * has none) from the plan, status draft, no amendments, no baseline, and the
 * dispositions of `old` (NULL: none) instead of its own.
 */
void lifecycle_draft_task(json_t *task, const json_t *plan, const json_t *old);
/*
 * The same for one task alone: ERR_STATE when the plan is not a draft, and
 * lifecycle_check_task.
 */
int lifecycle_put_task(json_t *task, const json_t *plan, const json_t *old,
    struct err *e) MUST_CHECK;

/*
 * Record what was decided about a finding of the doctor (body:
 * schemas/disposition.json) under discrepancies; again to change it.
 * `finding` is the doctor's.  ERR_STATE when the task is done or cancelled.
 */
int lifecycle_dispose(json_t *task, const json_t *finding, const json_t *body,
    instant_t now, struct err *e) MUST_CHECK;

/*
 * Issue the plan (body: schemas/issue.json): its tasks get their baseline,
 * the plan its date, its hash and the list of findings that stay open.
 * `findings` are the doctor's about exactly these documents.
 * ERR_UNRESOLVED with one item for each finding without a disposition,
 * unless body.leaveOpen; ERR_INVALID for a plan without tasks or for a phrase
 * whose members are not known (an empty list would oblige the wrong unit).
 */
int lifecycle_issue_plan(json_t *plan, json_t *tasks, const json_t *findings,
    const json_t *body, instant_t now, struct err *e) MUST_CHECK;

/*
 * Change an issued task (body: schemas/amendment.json).  What it was goes to
 * `amendments`, whole; the baseline stays.  ERR_STATE for a draft (edit it),
 * and for a task that is done or cancelled; ERR_INVALID when nothing changes,
 * when a phrase comes without its members (`orgs`), and lifecycle_check_task.
 */
int lifecycle_amend_task(
    json_t *task, const json_t *body, instant_t now, struct err *e) MUST_CHECK;

/* Issued and not over: ERR_STATE else. */
int lifecycle_check_open(const json_t *task, struct err *e) MUST_CHECK;
/*
 * Terminate an issued task (body: docNo, reason, by, changeId).  What it was
 * goes to `amendments`; nobody owes anything any more: its quotas and
 * milestones end.  `status` is cancelled.  ERR_STATE as an amendment,
 * ERR_INVALID without a docNo.
 */
int lifecycle_cancel_task(
    json_t *task, const json_t *body, instant_t now, struct err *e) MUST_CHECK;

/*
 * What a schema cannot say: within a task every id is there once, a milestone
 * of a percentage and a subtask with a target name an indicator of the task,
 * and a unit has one quota of an indicator.  ERR_INVALID with an item each.
 */
int lifecycle_check_task(const json_t *task, struct err *e) MUST_CHECK;

/*
 * A phrase whose members are not known must not be frozen: an empty list
 * would oblige the lead unit instead.  Adds an item (ERR_INVALID) for each,
 * at `place` and its pointer within the task.
 */
void lifecycle_check_members(
    const json_t *task, const char *place, struct err *e);

/* SHA-256 of what a task means: its sections, in canonical JSON. */
void lifecycle_task_hash(const json_t *task, char out[SHA256_HEX + 1]);

#endif
