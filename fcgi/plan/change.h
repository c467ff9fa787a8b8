#ifndef PLAN_CHANGE_H
#define PLAN_CHANGE_H

#include <jansson.h>
#include <stdbool.h>

#include "base/civil.h"
#include "base/err.h"
#include "base/hash.h"

/*
 * Requests to extend, adjust or terminate (schemas/change.json): what they
 * are about, whether they come in time, and what an approval does.  Pure.
 * Until then the task is not touched at all, so a refusal has nothing to undo.
 */

/*
 * Can this be asked of the task as it is?  ERR_STATE for a task that is a
 * draft or over; ERR_INVALID with items: a milestone or unit it does not
 * have, a day that is not later, a percent milestone for one unit only (the
 * pace is everybody's), a proposal that the task could not become or that
 * moves a milestone whose day has passed.
 */
int change_check(const json_t *task, const json_t *change, civil_t today,
    struct err *e) MUST_CHECK;

/*
 * Asked after the due day of its milestone: an explanation.  *due is set
 * when it has one (*dated).
 */
bool change_is_late(const json_t *task, const json_t *change, civil_t today,
    bool *dated, civil_t *due);

/* Hash of what it would change, as the task has it now. */
void change_basis(
    const json_t *task, const json_t *change, char out[SHA256_HEX + 1]);

/* What an approval does beside the task, to the states of milestones. */
struct change_effect {
	const char *name;    /* none, amended, waived, cancelled */
	char moved_to[17];   /* the unit's own milestone, "" when not split */
	json_t *waived_orgs; /* owned: units that were let off; or NULL */
};
void change_effect_fini(struct change_effect *x);

/*
 * Carry out an approval: amend the task in place (docNo and by of `decision`
 * say why).  Units of `met` (an array of ids) have done what they should and
 * keep their milestone; one that asked for itself is ERR_STATE.  A late one
 * does nothing.  ERR_CONFLICT when the task is no longer what it was when
 * this was asked; ERR_INVALID for a termination without docNo.
 */
int change_apply(json_t *task, const json_t *change, const json_t *decision,
    const json_t *met, instant_t now, struct change_effect *out,
    struct err *e) MUST_CHECK;

#endif
