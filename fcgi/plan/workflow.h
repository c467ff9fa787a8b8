#ifndef PLAN_WORKFLOW_H
#define PLAN_WORKFLOW_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/*
 * The life of a report as a table (workflow.def): which action leads from
 * which state to which, what it takes to do it, and who must not.  Pure.
 */
enum workflow_state {
#define WORKFLOW_STATE(name, text, title) WORKFLOW_##name,
#define WORKFLOW_ACTION(name, verb, permission, stamp, reason, differ, title)
#define WORKFLOW_MOVE(action, from, to, skips)
#include "plan/workflow.def"
#undef WORKFLOW_STATE
#undef WORKFLOW_ACTION
	WORKFLOW__MAX
};

enum workflow_action {
#define WORKFLOW_STATE(name, text, title)
#define WORKFLOW_ACTION(name, verb, permission, stamp, reason, differ, title) \
	WORKFLOW_DO_##name,
#include "plan/workflow.def"
#undef WORKFLOW_STATE
#undef WORKFLOW_ACTION
#undef WORKFLOW_MOVE
	WORKFLOW_DO__MAX
};

/* Steps that a plan leaves out (plan.reporting). */
#define WORKFLOW_SKIP_UNIT 1U
#define WORKFLOW_SKIP_LEAD 2U

struct workflow_rule {
	const char *verb;       /* "lead-confirm" */
	const char *permission; /* "report.lead" */
	const char *stamp;      /* "leadConfirmedAt", or NULL */
	bool reason;            /* one must be given */
	bool differ;            /* never the author */
	const char *title;      /* Chinese */
};

const struct workflow_rule *workflow_rule(enum workflow_action a);

/* "draft" and so on; WORKFLOW__MAX when there is no such state. */
const char *workflow_text(enum workflow_state s);
const char *workflow_title(enum workflow_state s);
enum workflow_state workflow_state(const char *text);

/* Is the report with the reviewers: after submission, before acceptance? */
bool workflow_under_review(enum workflow_state s);

/* Where the action leads, or WORKFLOW__MAX: not from here. */
enum workflow_state workflow_next(
    enum workflow_action a, enum workflow_state from, unsigned skips);
/*
 * The same for a request: ERR_STATE says in which state the report is and
 * what could be done.
 */
int workflow_check(enum workflow_action a, enum workflow_state from,
    unsigned skips, enum workflow_state *to, struct err *e) MUST_CHECK;

#endif
