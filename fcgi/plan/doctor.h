#ifndef PLAN_DOCTOR_H
#define PLAN_DOCTOR_H

#include <jansson.h>

#include "base/err.h"

/* What the plan doctor looks for: findings.def. */
enum finding {
#define FINDING(code, rule, title) FINDING_##code,
#include "plan/findings.def"
#undef FINDING
	FINDING__MAX
};

/*
 * Examine a plan before it is issued: what its own numbers, dates, names and
 * money do not agree on.  A pure function of valid documents: the plan, its
 * tasks (orgSets filled), and all orgs and orgSets they may name.
 *
 * new: an array, by task number, then code (findings.def), then place in the
 * document, of
 *   {id, code, title, taskId, taskNo, pointer, params, text, lines,
 *    disposition}
 * id        "05.QUOTA_MISSING.i1": task, code and the id of the part; stable
 *           while that part stays, and safe in an address
 * pointer   into the task document
 * params    the numbers of the text
 * lines     the source lines it is about
 * disposition  the task's entry for this id under discrepancies, or null
 * or NULL with *e set when the plan's policy or a sum is out of range.
 */
json_t *doctor_examine(const json_t *plan, const json_t *tasks,
    const json_t *orgs, const json_t *orgsets, struct err *e) MUST_CHECK;

#endif
